"""State machines that call Amazon IVS, and events of AWS services that start them.

MiniStack's Step Functions cannot call Amazon IVS, and its calls to other services check no policy;
its EventBridge rejects events with an AWS service as their source, and checks no policy either.
"""

from __future__ import annotations

from collections.abc import Callable
from contextvars import ContextVar
from functools import partial
from typing import Any

from tools.local_cloud.addon.access import unguessable_key
from tools.local_cloud.addon.api import Api, ApiError
from tools.local_cloud.addon.ministack import events, iam, machines
from tools.local_cloud.addon.service import Service

# Step Functions' prefix of an error's name, by its name for the API.
_PREFIXES = {"ivs": "Ivs", "ivsrealtime": "IvsRealTime"}

_caller: ContextVar[str] = ContextVar("caller")
"""The access key of the role of the state machine whose task is running."""


class Machines:
    """Makes the calls of state machines, each with the permissions of its own role.

    Args:
        api: The emulator.
        service: The service that checks IAM, then calls the emulator.
        region: The Region of the account.
    """

    def __init__(self, api: Api, service: Service, region: str) -> None:
        self._api = api
        self._service = service
        self._region = region

    def install(self) -> None:
        """Replace MiniStack's own functions."""
        machines.module._execute_task = self.run_task
        machines.module._invoke_aws_sdk_integration = self.call
        events.module._put_events = partial(events.put, allow_aws_source=True)
        events.module._invoke_target = self._asking_first(events.module._invoke_target)

    def run_task(
        self,
        state: dict[str, Any],
        data: object,
        execution: dict[str, Any],
        context: dict[str, Any],
    ) -> Any:  # noqa: ANN401 (MiniStack ships no types)
        """Run a task of a state machine."""
        machine = machines.found[execution["stateMachineArn"]]
        token = _caller.set(_access_key(machine["roleArn"], machine["name"]))
        try:
            return machines.run_task(state, data, execution, context)
        finally:
            _caller.reset(token)

    def call(self, resource: str, arguments: dict[str, Any]) -> Any:  # noqa: ANN401 (JSON-like)
        """Call an operation that a task names, `arn:…:aws-sdk:<service>:<action>`."""
        service, action = resource.split(":")[-2:]
        if service not in _PREFIXES:
            return machines.call(resource, arguments)
        name = action[0].upper() + action[1:]
        operation = self._api.find(name)
        members = _renamed(operation.shapes, operation.input, arguments, str.lower)
        try:
            answer = self._service.call(_caller.get(), name, members)
        except ApiError as error:
            raise machines.failed(f"{_PREFIXES[service]}.{error.code}", str(error)) from None
        return _renamed(operation.shapes, operation.output, answer, str.upper)

    def _asking_first(self, invoke: Callable[..., None]) -> Callable[..., None]:
        """Let a rule start only the state machines that its target's role may start."""

        def asking(target: dict[str, Any], *rest: Any) -> None:  # noqa: ANN401 (no types)
            arn = target["Arn"]
            if arn.split(":")[2] == "states":
                key = _access_key(target["RoleArn"], "rule")
                action = "states:StartExecution"
                # The callee records refusals.
                if iam.module.enforce(key, action, "states", self._region, resource_arn=arn):
                    return
            invoke(target, *rest)

        return asking


def _access_key(role: str, name: str) -> str:
    """Start a session of a role for its owner, and return the access key."""
    account, _, role_name = role.removeprefix("arn:aws:iam::").partition(":role/")
    key = unguessable_key(f"{role} {name}")
    secret = {"SecretAccessKey": "of the service's own", "SessionToken": "likewise"}
    arn = f"arn:aws:sts::{account}:assumed-role/{role_name}/{name}"
    iam.begin_session(key, {"Arn": arn, "UserId": f"{role_name}:{name}", **secret})
    return key


def _renamed(
    shapes: dict[str, Any],
    name: str,
    value: Any,  # noqa: ANN401 (JSON-like)
    turn: Callable[[str], str],
) -> Any:  # noqa: ANN401 (JSON-like)
    """Change the case of the first letter of each member's name; keys of maps stay."""
    shape = shapes.get(name, {})
    match shape.get("type"):
        case "structure":
            parts = {each.lower(): part["shape"] for each, part in shape["members"].items()}
            return {
                turn(each[0]) + each[1:]: _renamed(shapes, parts[each.lower()], part, turn)
                for each, part in value.items()
            }
        case "list":
            return [_renamed(shapes, shape["member"]["shape"], each, turn) for each in value]
        case "map":
            part = shape["value"]["shape"]
            return {key: _renamed(shapes, part, each, turn) for key, each in value.items()}
        case _:
            return value
