"""Permissions for every action of Amazon IVS."""

from __future__ import annotations

from collections.abc import Iterator

from ivs_constructs.checks.assembly import Assembly
from ivs_constructs.checks.conditions import is_tag_of_resource, limits
from ivs_constructs.checks.rule import Rule, Spot, spot
from ivs_constructs.checks.statements import IDENTITIES, allowed, is_pattern, texts_of

_ALL_OF_IVS = ("AdministratorAccess", "IVSFullAccess", "PowerUserAccess")
"""Managed policies of AWS that allow every action of Amazon IVS."""


def _find(assembly: Assembly) -> Iterator[Spot]:
    for statement in allowed(assembly):
        patterns = [action for action in statement.actions if is_pattern(action)]
        if patterns and not limits(statement.condition, is_tag_of_resource):
            yield spot(statement.resource, statement.location, detail=", ".join(patterns))
    for identity in assembly.resources(*IDENTITIES):
        for prop in ("ManagedPolicyArns", "ManagedPolicies"):
            arns = texts_of(identity.properties.get(prop))
            names = [name for each in arns if (name := each.rpartition("/")[2]) in _ALL_OF_IVS]
            if names:
                yield spot(identity, f"Properties.{prop}", detail=", ".join(names))


RULE = Rule(
    id="WildcardAction",
    level="warning",
    summary="actions are allowed by a pattern",
    reason="it covers actions that delete, read stream keys and make tokens, now and in the future",
    fix="name the actions, or use the grants of the constructs",
    source="IAM user guide, least privilege",
    find=_find,
)
