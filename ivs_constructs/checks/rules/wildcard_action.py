"""Permissions for every action of Amazon IVS."""

from __future__ import annotations

from collections.abc import Iterator

from ivs_constructs.checks.assembly import Assembly
from ivs_constructs.checks.rule import Rule, Spot, spot
from ivs_constructs.checks.statements import allowed, is_pattern


def _find(assembly: Assembly) -> Iterator[Spot]:
    for statement in allowed(assembly):
        patterns = [action for action in statement.actions if is_pattern(action)]
        if patterns and not statement.condition:
            yield spot(statement.resource, statement.location, detail=", ".join(patterns))


RULE = Rule(
    id="WildcardAction",
    level="warning",
    summary="actions are allowed by a pattern",
    reason="it covers actions that delete, read stream keys and make tokens, now and in the future",
    fix="name the actions, or use the grants of the constructs",
    source="IAM user guide, least privilege",
    find=_find,
)
