"""Permissions on every channel and stage of the account."""

from __future__ import annotations

from collections.abc import Iterator

from ivs_constructs.checks.assembly import Assembly
from ivs_constructs.checks.conditions import is_tag_of_resource, limits
from ivs_constructs.checks.rule import Rule, Spot, spot
from ivs_constructs.checks.statements import allowed, is_pattern, names_several

_UNNAMED = ("list", "batchget", "create", "import", "startcomposition")
"""Reading a list changes nothing, and a resource that is not made yet has no ARN."""


def _find(assembly: Assembly) -> Iterator[Spot]:
    for statement in allowed(assembly):
        wide = [on for on in statement.on if names_several(on)]
        named = [
            action
            for action in statement.actions
            if not is_pattern(action) and _needs_a_name(action.lower().partition(":")[2])
        ]
        if wide and named and not limits(statement.condition, is_tag_of_resource):
            detail = f"{', '.join(named)} on {', '.join(wide)}"
            yield spot(statement.resource, statement.location, detail=detail)


def _needs_a_name(operation: str) -> bool:
    return operation == "createparticipanttoken" or not (
        operation in ("tagresource", "untagresource") or operation.startswith(_UNNAMED)
    )


RULE = Rule(
    id="WildcardResource",
    level="warning",
    summary="actions are allowed on resources by a pattern",
    reason="it covers the channels and stages of other stacks in the account",
    fix="name the ARNs, or add a condition on aws:ResourceTag",
    source="Service authorization reference, Amazon Interactive Video Service",
    find=_find,
)
