"""What covers all operations: `ApiCall`, grants and events."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from ivs_constructs._core.check import Check
from ivs_constructs._core.misnamed import snake_case
from ivs_constructs._specs import (
    COMPOSITION,
    CUSTOM_RESOURCES,
    RESOURCES,
)
from ivs_constructs.operate import _event_kinds
from ivs_constructs.operate._models import Operation, Shape
from ivs_constructs.operate._parameters import Parameters, pascal_case
from ivs_constructs.operate.permissions import PERMISSIONS, VERBS
from tools.coverage.answers import Answer, Way
from tools.coverage.members import Node, nodes
from tools.coverage.sources import class_of, event_methods

_EXPRESSION = "{% $value %}"


class Calls:
    """The answers of grants, events and `ApiCall` to one operation.

    Args:
        operation: The operation in botocore.
        known: The operation in this library's own models; None if it is not there.
    """

    def __init__(self, operation: Operation, known: Operation | None) -> None:
        self._operation = operation
        self._permission = PERMISSIONS.get(operation.name)
        self._can_call = known is not None and self._permission is not None
        self._inputs = accepted(known, operation.input) if known else set[str]()
        self._outputs = {each.plain_path: each for each in nodes(known.output)} if known else {}

    def of_operation(self) -> Iterator[Answer]:
        """Return the grants for the operation, and how to call it."""
        for kind, verbs in VERBS.items():
            for verb, allowed in verbs.items():
                if self._operation.name in allowed:
                    yield Answer(Way.GRANT, f"{_OWNERS[kind]}.grants.{verb}")
        yield from self._of_other_grants()
        if self._can_call:
            ways = ["as_state", "as_schedule_target", "grant"]
            if self._operation.only_reads:
                ways.remove("as_schedule_target")
            yield Answer(
                Way.API_CALL,
                f'ApiCall("{self._operation.service}", "{self._operation.name}", ...)',
                ", ".join(ways),
            )

    def of_member(self, node: Node, *, is_input: bool) -> Iterator[Answer]:
        """Return what provides a member, or sets it."""
        if is_input:
            if self._can_call and node.plain_path in self._inputs:
                name = ".".join(snake_case(each) for each in node.path.split("."))
                yield Answer(Way.API_CALL, f"{name}=...")
            return
        known = self._outputs.get(node.plain_path)
        if known is None:
            return
        yield from _of_events(node)
        if not self._can_call:
            return
        names = [pascal_case(each) for each in node.path.split(".")]
        path = ".".join(["$", *names]).replace("[]", "[*]")
        if node.shape.facts.get("sensitive"):
            yield Answer(Way.GRANT, self._grant(), "secret: read it in a function")
            note = "a secret, which stays in the execution history"
        elif any(leaf.facts.get("sensitive") for _, leaf in node.shape.leaves()):
            note = "holds a secret"
        else:
            note = ""
        yield Answer(Way.API_CALL, path, note)

    def _of_other_grants(self) -> Iterator[Answer]:
        """Return the facades that can grant an operation without a verb."""
        name, permission = self._operation.name, self._permission
        has_verb = any(name in allowed for each in VERBS.values() for allowed in each.values())
        if permission is None or permission.makes or has_verb:
            return
        for kind in VERBS:
            if kind in (*permission.types, *permission.also):
                yield Answer(Way.GRANT, f'{_OWNERS[kind]}.grants.actions(..., "{name}")')

    def _grant(self) -> str:
        verbs = [each.code for each in self.of_operation() if each.way is Way.GRANT]
        call = f'ApiCall("{self._operation.service}", "{self._operation.name}", ...)'
        return verbs[0] if verbs else f"{call}.grant"


def _of_events(node: Node) -> Iterator[Answer]:
    """Return the event with a member's value, if any: the most general one of its kind."""
    [around, *_] = [name for name, _ in node.around]
    field = snake_case(node.name)
    for method in sorted(event_methods(), key=lambda each: len(each.names)):
        kind: object = getattr(_event_kinds, method.kind, None)
        if (
            isinstance(kind, _event_kinds.EventKind)
            and field in kind.fields
            and around in kind.shapes
        ):
            yield Answer(Way.EVENT, f"{method.owner}.{method.name}", f"detail.{field}")
            return


_OWNERS = {each.arn_type: class_of(each) for each in (COMPOSITION, *CUSTOM_RESOURCES, *RESOURCES)}
"""The construct of each type of resource."""


def accepted(known: Operation, given: Shape) -> set[str]:
    """Find out which members `ApiCall`'s own reader accepts, by passing it all of them.

    Returns:
        Their paths, without the marks of lists.
    """
    check = Check("")
    Parameters(known, check).read(_sample(given))
    refused = {re.sub(r"\[.*?\]", "", each.property) for each in check.failures}
    return {
        node.plain_path
        for node in nodes(given)
        if not any(f"{node.plain_path}.".startswith(f"{path}.") for path in refused)
    }


def _sample(shape: Shape) -> Any:  # noqa: ANN401 (JSON-like, by shape)
    """Make a value for a member; strings with a pattern become deploy-time values."""
    match shape.type:
        case "structure":
            return {name: _sample(member) for name, member in shape.members.items()}
        case "list":
            return [_sample(shape.part("member"))] * max(1, shape.facts.get("min", 1))
        case "map":
            return {_EXPRESSION: _sample(shape.part("value"))}
        case "boolean":
            return True
        case "integer" | "long" | "float" | "double":
            return shape.facts.get("min", 1)
        case "timestamp":
            return "2026-11-21T20:15:00Z"
        case _:
            return _EXPRESSION
