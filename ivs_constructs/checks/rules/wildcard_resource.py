"""Permissions on every channel and stage of the account."""

from __future__ import annotations

from collections.abc import Iterator

from ivs_constructs.checks.assembly import Assembly
from ivs_constructs.checks.rule import Rule, Spot, spot
from ivs_constructs.checks.statements import allowed

_UNNAMED = ("List", "BatchGet", "Create", "Import", "StartComposition")
"""Reading a list changes nothing, and a resource that is not made yet has no ARN."""


def _find(assembly: Assembly) -> Iterator[Spot]:
    for statement in allowed(assembly):
        wide = [on for on in statement.on if on == "*" or on.endswith("/*")]
        named = [
            action
            for action in statement.actions
            if "*" not in action
            and action.partition(":")[2] not in ("TagResource", "UntagResource")
            and (
                action.endswith(":CreateParticipantToken")
                or not action.partition(":")[2].startswith(_UNNAMED)
            )
        ]
        if wide and named and not statement.condition:
            detail = f"{', '.join(named)} on {', '.join(wide)}"
            yield spot(statement.resource, statement.location, detail=detail)


RULE = Rule(
    id="WildcardResource",
    level="warning",
    summary="actions are allowed on resources by a pattern",
    reason="it covers the channels and stages of other stacks in the account",
    fix="name the ARNs, or add a condition on aws:ResourceTag",
    source="Service authorization reference, Amazon Interactive Video Service",
    find=_find,
)
