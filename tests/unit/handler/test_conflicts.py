"""What is in use, and states that pass."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import pytest

from ivs_constructs.testing.emulator import Call, Emulator, Refuse

if TYPE_CHECKING:
    from ivs_constructs._lambda.ivs_handler import lifecycle
    from tests.unit.handler.conftest import Stack
else:
    from ivs_handler import lifecycle

# boto3 ships no types.
Untyped = Any

Operations = Callable[[], list[str]]
POLICIES = ("FAIL", "WAIT", "STOP")


@pytest.fixture
def composition(realtime: Untyped) -> Callable[..., str]:
    """Start a composition with the stack's resource as one of its parts."""

    def start(**parts: str) -> str:
        arns: dict[str, Callable[[], str]] = {
            "stage": lambda: realtime.create_stage()["stage"]["arn"],
            "encoder": lambda: realtime.create_encoder_configuration()["encoderConfiguration"][
                "arn"
            ],
            "storage": lambda: realtime.create_storage_configuration(s3={"bucketName": "other"})[
                "storageConfiguration"
            ]["arn"],
        }
        found = {name: parts.get(name) or make() for name, make in arns.items()}
        destination = {
            "storageConfigurationArn": found["storage"],
            "encoderConfigurationArns": [found["encoder"]],
        }
        made = realtime.start_composition(
            stageArn=found["stage"], destinations=[{"s3": destination}]
        )
        return str(made["composition"]["arn"])

    return start


COMPOSED: dict[str, tuple[str, dict[str, Any]]] = {
    "stage": ("Custom::IVSStage", {}),
    "encoder": ("Custom::IVSEncoderConfiguration", {}),
    "storage": ("Custom::IVSStorageConfiguration", {"S3": {"BucketName": "recordings"}}),
}
by_part = pytest.mark.parametrize("part", COMPOSED)


def after(emulator: Emulator, count: int, operation: str, act: Callable[[], object]) -> None:
    """Do something when an operation is called for the so-manieth time."""
    seen: list[int] = []

    def hook(call: Call) -> None:
        if call.operation == operation:
            seen.append(call.index)
            if len(seen) == count:
                forget()
                act()

    forget = emulator.on_call(hook)


@by_part
@pytest.mark.parametrize("policy", [None, "FAIL", "SOMETIMES"])
def test_fail_names_the_composition(
    stack: Stack,
    emulator: Emulator,
    composition: Callable[..., str],
    part: str,
    policy: str | None,
) -> None:
    stack.type, properties = COMPOSED[part]
    arn = stack.create(**properties)["Data"]["Arn"]
    running = composition(**{part: arn})

    more = {} if policy is None else {"InUse": policy}
    reply = stack.delete(**properties, **more)

    assert reply["Status"] == "FAILED"
    assert arn in reply["Reason"]
    assert f"held by composition {running}: stop it, or set in_use to WAIT" in reply["Reason"]
    assert any(each.arn == arn for each in emulator.resources())


@by_part
def test_wait_lasts_until_the_composition_is_over(
    stack: Stack, emulator: Emulator, composition: Callable[..., str], part: str
) -> None:
    stack.type, properties = COMPOSED[part]
    arn = stack.create(**properties)["Data"]["Arn"]
    running = composition(**{part: arn})
    composition()
    after(emulator, 5, "ListCompositions", lambda: emulator.end_composition(running))

    reply = stack.delete(**properties, InUse="WAIT")

    assert reply["Status"] == "SUCCESS", reply
    assert "StopComposition" not in [call.operation for call in emulator.calls]
    assert not any(each.arn == arn for each in emulator.resources())


@by_part
def test_composition_that_is_stopping_is_waited_for(
    stack: Stack, emulator: Emulator, composition: Callable[..., str], realtime: Untyped, part: str
) -> None:
    stack.type, properties = COMPOSED[part]
    arn = stack.create(**properties)["Data"]["Arn"]
    running = composition(**{part: arn})
    emulator.states.set_polls("Composition", 4)
    realtime.stop_composition(arn=running)
    assert realtime.get_composition(arn=running)["composition"]["state"] == "STOPPING"

    reply = stack.delete(**properties, InUse="FAIL")

    assert reply["Status"] == "SUCCESS", reply
    assert not any(each.arn == arn for each in emulator.resources())


@by_part
def test_stop_stops_this_composition_alone(
    stack: Stack, emulator: Emulator, composition: Callable[..., str], part: str
) -> None:
    stack.type, properties = COMPOSED[part]
    arn = stack.create(**properties)["Data"]["Arn"]
    running = composition(**{part: arn})
    other = composition()

    reply = stack.delete(**properties, InUse="STOP")

    assert reply["Status"] == "SUCCESS", reply
    stopped = [call.parameters for call in emulator.calls if call.operation == "StopComposition"]
    assert {str(each["arn"]) for each in stopped} == {running}
    states = {each.arn: each.data["state"] for each in emulator.resources("Composition")}
    assert states[other] in ("STARTING", "ACTIVE")


@pytest.mark.parametrize("code", ["ResourceNotFoundException", "ConflictException"])
def test_composition_may_stop_by_itself(
    stack: Stack, emulator: Emulator, composition: Callable[..., str], code: str
) -> None:
    composition(stage=stack.create()["Data"]["Arn"])
    emulator.faults.add("StopComposition", Refuse(code))

    assert stack.delete(InUse="STOP")["Status"] == "SUCCESS"


@pytest.mark.parametrize("code", ["AccessDeniedException", "ValidationException"])
def test_stop_that_is_refused_is_told(
    stack: Stack, emulator: Emulator, composition: Callable[..., str], code: str
) -> None:
    composition(stage=stack.create()["Data"]["Arn"])
    emulator.faults.add("StopComposition", Refuse(code), forever=True)

    assert f"StopComposition failed: {code}" in stack.delete(InUse="STOP")["Reason"]


@pytest.mark.parametrize("code", ["ResourceNotFoundException", "ValidationException"])
def test_composition_that_cannot_be_read(
    stack: Stack, emulator: Emulator, composition: Callable[..., str], code: str
) -> None:
    stack.type, properties = COMPOSED["storage"]
    running = composition(storage=stack.create(**properties)["Data"]["Arn"])
    emulator.faults.add("GetComposition", Refuse(code))
    after(emulator, 2, "ListCompositions", lambda: emulator.end_composition(running))

    reply = stack.delete(**properties)

    # One that has vanished holds nothing; not to be told is an error.
    assert (reply["Status"] == "SUCCESS") == (code == "ResourceNotFoundException")


@pytest.mark.parametrize("policy", ["WAIT", "STOP"])
def test_waiting_ends_with_the_time(
    stack: Stack, emulator: Emulator, composition: Callable[..., str], policy: str
) -> None:
    running = composition(stage=stack.create()["Data"]["Arn"])
    emulator.states.set_polls("Composition", 100_000)
    if policy == "STOP":
        emulator.faults.add("StopComposition", Refuse("ConflictException"), forever=True)
    stack.seconds = 10.5

    reply = stack.delete(InUse=policy)

    assert reply["Status"] == "FAILED"
    assert "the time ran out" in reply["Reason"] or "no time was left" in reply["Reason"]
    assert running in reply["Reason"] or "no time" in reply["Reason"]


@pytest.mark.parametrize("policy", POLICIES)
def test_stage_with_participants(stack: Stack, emulator: Emulator, policy: str) -> None:
    arn = stack.create()["Data"]["Arn"]
    participant = emulator.start_publishing(arn)
    after(emulator, 8, "GetStage", lambda: emulator.stop_publishing(arn, participant))

    reply = stack.delete(InUse=policy)

    assert (reply["Status"] == "SUCCESS") == (policy != "FAIL"), reply
    if policy == "FAIL":
        assert f"held by session with participants {arn}" in reply["Reason"]
    # To wait is not to throw anybody out.
    calls = [call.operation for call in emulator.calls]
    assert (calls.count("GetStage") >= 8) == (policy == "WAIT")


@pytest.mark.parametrize("policy", POLICIES)
def test_deleting_a_publishing_ingest(
    stack: Stack,
    emulator: Emulator,
    realtime: Untyped,
    policy: str,
) -> None:
    stack.type = "Custom::IVSIngestConfiguration"
    stage = realtime.create_stage()["stage"]["arn"]
    properties = {"IngestProtocol": "RTMPS", "StageArn": stage, "InUse": policy}
    arn = stack.create(**properties)["Data"]["Arn"]
    participant = emulator.start_publishing(stage, ingest_configuration_arn=arn)
    if policy == "WAIT":
        after(
            emulator,
            3,
            "DeleteIngestConfiguration",
            lambda: emulator.stop_publishing(stage, participant),
        )

    reply = stack.delete(**properties)

    assert (reply["Status"] == "SUCCESS") == (policy != "FAIL"), reply
    if policy == "FAIL":
        assert f"held by publisher {arn}: stop publishing, or set in_use" in reply["Reason"]
    forced = [
        call.parameters.get("force")
        for call in emulator.calls
        if call.operation == "DeleteIngestConfiguration"
    ]
    assert set(forced) == {True if policy == "STOP" else None}


@pytest.mark.parametrize("policy", POLICIES)
def test_changing_a_publishing_ingest(
    stack: Stack,
    emulator: Emulator,
    realtime: Untyped,
    policy: str,
) -> None:
    stack.type = "Custom::IVSIngestConfiguration"
    stage = realtime.create_stage()["stage"]["arn"]
    properties = {"IngestProtocol": "RTMPS", "StageArn": stage, "InUse": policy}
    arn = stack.create(**properties)["Data"]["Arn"]
    participant = emulator.start_publishing(stage, ingest_configuration_arn=arn)
    if policy == "WAIT":
        after(
            emulator,
            3,
            "UpdateIngestConfiguration",
            lambda: emulator.stop_publishing(stage, participant),
        )

    reply = stack.update(properties, **properties, RedundantIngest="true")

    assert (reply["Status"] == "SUCCESS") == (policy != "FAIL"), reply
    [ingest] = emulator.resources("IngestConfiguration")
    # Who throws a publisher out must give the stage back to the configuration.
    assert ingest.data["stageArn"] == stage
    assert ingest.data["redundantIngest"] == (policy != "FAIL")


@pytest.mark.parametrize("operation", ["DeleteStage", "UpdateStage"])
def test_conflict_that_passes_is_met_with_patience(
    stack: Stack, emulator: Emulator, operation: str
) -> None:
    stack.create(Name="a")
    emulator.faults.add(operation, Refuse("ConflictException"))

    assert stack.update({"Name": "a"}, Name="b")["Status"] == "SUCCESS"
    assert stack.delete()["Status"] == "SUCCESS"


def test_conflict_that_stays_is_told(
    stack: Stack, emulator: Emulator, operations: Operations
) -> None:
    stack.create()
    emulator.faults.add("DeleteStage", Refuse("ConflictException", "the moon"), forever=True)

    assert "ConflictException: the moon" in stack.delete()["Reason"]
    assert operations().count("DeleteStage") == lifecycle.PATIENCE + 1


# Failover slates


@pytest.fixture
def slate(stack: Stack) -> Stack:
    stack.type = "Custom::IVSFailoverSlateConfiguration"
    return stack


def test_slate_is_waited_for(slate: Stack, emulator: Emulator) -> None:
    emulator.states.set_polls("FailoverSlateConfiguration", 4)

    assert slate.create()["Status"] == "SUCCESS"
    assert emulator.resources()[0].data["state"] == "CREATED"
    assert slate.update({}, MaxSlateDisplaySeconds="90", Name="s")["Status"] == "SUCCESS"
    [resource] = emulator.resources()
    assert (resource.data["state"], resource.data["maxSlateDisplaySeconds"]) == ("CREATED", 90)
    assert slate.update({"Name": "s"})["Status"] == "SUCCESS"
    [resource] = emulator.resources()
    assert (resource.data["name"], resource.data["maxSlateDisplaySeconds"]) == ("", 60)


def test_failed_slate_is_told_and_deleted_in_the_rollback(slate: Stack, emulator: Emulator) -> None:
    emulator.states.fail_next("FailoverSlateConfiguration")

    reply = slate.create()

    assert reply["Status"] == "FAILED"
    assert "became CREATE_FAILED" in reply["Reason"]
    assert slate.delete()["Status"] == "SUCCESS"
    assert emulator.resources() == []


def test_slate_that_takes_too_long_is_told(slate: Stack, emulator: Emulator) -> None:
    emulator.states.set_polls("FailoverSlateConfiguration", 100_000)
    slate.seconds = 60

    assert "is still CREATING" in slate.create()["Reason"]


@pytest.mark.parametrize("policy", POLICIES)
def test_slate_held_by_a_channel(
    slate: Stack,
    emulator: Emulator,
    ivs: Untyped,
    policy: str,
) -> None:
    arn = slate.create()["Data"]["Arn"]
    channel = ivs.create_channel(failoverSlateConfigurationArn=arn)["channel"]["arn"]
    ivs.create_channel()
    after(
        emulator,
        3,
        "ListChannels",
        lambda: ivs.update_channel(arn=channel, failoverSlateConfigurationArn=""),
    )

    reply = slate.delete(InUse=policy)

    assert (reply["Status"] == "SUCCESS") == (policy != "FAIL"), reply
    if policy == "FAIL":
        assert f"held by channel {channel}: take the configuration off" in reply["Reason"]
