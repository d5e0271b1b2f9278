"""The function that tends: started by a schedule, and by CloudFormation when the stack changes.

It runs for at most 15 minutes, but CloudFormation sends one request and waits an hour. To continue
a longer request, the function invokes itself with the same event.
"""

from __future__ import annotations

import json
import traceback
from collections.abc import Mapping
from typing import Any, Protocol, cast

from ivs_constructs.fleets.function import aws, closing, cloudformation, tending
from ivs_constructs.fleets.function.closing import FailedError, Unfinished
from ivs_constructs.fleets.function.settings import CLOSE_SECONDS, IN_USE
from ivs_constructs.fleets.function.steps import Call, CallError, World
from ivs_constructs.fleets.function.tending import Tally

NAMESPACE = "IvsConstructs/Fleets"
"""The namespace of the metrics in Amazon CloudWatch."""

BEGAN = "IvsConstructsBegan"
"""The field of a continued event: when CloudFormation's request arrived."""

REPLY_SECONDS = 30.0
"""Time reserved for the reply."""

PATIENCE_SECONDS = 90.0
"""How long to retry denied calls at the beginning of a deployment."""


class Context(Protocol):
    """Lambda's facts about an invocation."""

    invoked_function_arn: str
    aws_request_id: str

    def get_remaining_time_in_millis(self) -> int:
        """Return the remaining time."""
        ...


def handler(event: object, context: Context) -> None:
    """Tend the fleet, or handle a request from CloudFormation.

    Raises:
        AddressError: The event asks for a reply to an address that CloudFormation would not send.
        ForeignError: The event is about a resource of another fleet or stack.
        UndeliveredError: A reply could not be delivered; Lambda then retries.
    """
    if cloudformation.is_request(event):
        # Before anything else: the sender is not CloudFormation.
        cloudformation.check_address(cast("dict[str, Any]", event))
    settings = aws.deployed()
    world = aws.world_of(settings, context.get_remaining_time_in_millis() / 1000)
    if cloudformation.is_request(event):
        request = cast("dict[str, Any]", event)
        cloudformation.check_resource(request, settings.stack, settings.members)
        _answer({BEGAN: world.now(), **request}, context, world)
        return
    report(world, aws.carry_out(tending.tend(world)))


def _answer(request: dict[str, Any], context: Context, world: World) -> None:
    world.end -= REPLY_SECONDS
    reason = ""
    data: Mapping[str, str] = {}
    try:
        done = _deal_with(request, world)
        if isinstance(done, Unfinished):
            _hand_on(request, context)
            return
        data = done
    except (FailedError, CallError) as error:
        reason = str(error)
    except Exception as error:
        # The text of an unexpected exception can contain anything.
        place = traceback.extract_tb(error.__traceback__)[-1]
        _print(world, error=f"{type(error).__name__} in {place.name}:{place.lineno}")
        reason = f"internal error {type(error).__name__}; see the log of the fleet's function"
    _print(world, request=str(request.get("RequestType")), failure=reason)
    if reason:
        reason = f"fleet '{world.settings.name}': {reason}"
    physical_id = str(request.get("PhysicalResourceId") or world.settings.fleet)
    reply = cloudformation.body(request, physical_id, reason, data)
    cloudformation.deliver(request["ResponseURL"], reply, REPLY_SECONDS)
    if request["RequestType"] == "Create" and not reason:
        # The deployment need not wait for it.
        report(world, aws.carry_out(tending.tend(world)))


def _deal_with(request: Mapping[str, Any], world: World) -> Mapping[str, str] | Unfinished:
    if not aws.carry_out(cloudformation.is_awaited(world, request)):
        raise FailedError(
            f"CloudFormation does not wait for this {request['RequestType']}; nothing was changed"
        )
    began = float(request[BEGAN])
    world.patient_until = began + PATIENCE_SECONDS
    properties: Mapping[str, Any] = request.get("ResourceProperties") or {}
    over = began + CLOSE_SECONDS - 2 * REPLY_SECONDS
    last = over < world.end
    world.end = min(world.end, over)
    match request["RequestType"]:
        case "Create":
            aws.carry_out(closing.begin(world))
            return {}
        case "Update":
            tally = aws.carry_out(closing.change(world))
            if isinstance(tally, Tally):
                report(world, tally)
                return {"Stale": str(len(tally.stale))}
            # Live members, or those that time runs out for, follow later.
            return {} if last else tally
        case "Delete":
            in_use = properties.get("InUse")
            policy = in_use if in_use in IN_USE else IN_USE[0]
            closed = aws.carry_out(closing.close(world, policy, last=last))
            return {} if closed is None else closed
        case other:
            raise FailedError(f"RequestType must be Create, Update or Delete, got {other!r}")


def _hand_on(request: Mapping[str, Any], context: Context) -> None:
    parameters = {
        "FunctionName": context.invoked_function_arn,
        "InvocationType": "Event",
        "Payload": json.dumps(request).encode(),
    }
    aws.send(Call("lambda", "Invoke", parameters))


def report(world: World, tally: Tally | None) -> None:
    """Report a run: as a log line that CloudWatch reads metrics from."""
    if tally is None:
        _print(world, outcome="nothing to do: closed, or another run is at it")
        return
    metrics = {
        "Size": (tally.size, "Count"),
        "Fullness": (100 * tally.size / world.settings.max_size, "Percent"),
        "Live": (tally.live, "Count"),
        "Failures": (sum(world.failures.values()), "Count"),
        "OldestOrphan": (tally.oldest_orphan, "Seconds"),
        "Stale": (len(tally.stale), "Count"),
    }
    embedded = {
        "Timestamp": int(world.now() * 1000),
        "CloudWatchMetrics": [
            {
                "Namespace": NAMESPACE,
                "Dimensions": [["Fleet"]],
                "Metrics": [{"Name": name, "Unit": unit} for name, (_, unit) in metrics.items()],
            }
        ],
    }
    _print(
        world,
        _aws=embedded,
        Fleet=world.settings.name,
        **{name: value for name, (value, _) in metrics.items()},
        stale=tally.stale[:100],
        removed=tally.removed,
        orphans=tally.orphans,
        adopted=tally.adopted,
        forgotten=tally.forgotten,
        updated=tally.updated,
        refilled=tally.refilled,
        complete=tally.complete,
        failures=world.failures,
    )


def _print(world: World, **facts: object) -> None:
    print(json.dumps({"fleet": world.settings.name, **facts}), flush=True)


aws.warm("dynamodb")
