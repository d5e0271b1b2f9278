"""Permissions to tag any resource."""

from __future__ import annotations

from collections.abc import Iterator

from ivs_constructs.checks.assembly import Assembly
from ivs_constructs.checks.conditions import is_tag_of_resource, limits
from ivs_constructs.checks.rule import Rule, Spot, spot
from ivs_constructs.checks.statements import allowed, names_several


def _find(assembly: Assembly) -> Iterator[Spot]:
    for statement in allowed(assembly):
        tags = any(action.lower().endswith(":tagresource") for action in statement.actions)
        wide = any(map(names_several, statement.on))
        limited = limits(statement.condition, is_tag_of_resource) or limits(
            statement.condition, "aws:tagkeys".__eq__, keys_only=True
        )
        if tags and wide and not limited:
            yield spot(statement.resource, statement.location)


RULE = Rule(
    id="TaggingUnconditioned",
    level="warning",
    summary="TagResource is allowed without a condition on tags",
    reason="tags determine who may delete what, so free tagging can take over any resource",
    fix="add a condition on aws:RequestTag or aws:TagKeys",
    source="Service authorization reference, Amazon Interactive Video Service",
    find=_find,
)
