"""Restriction policies that allow players without an origin."""

from __future__ import annotations

from collections.abc import Iterator

from ivs_constructs.checks.assembly import Assembly
from ivs_constructs.checks.rule import Rule, Spot, spot
from ivs_constructs.checks.types import RESTRICTION_POLICY


def _find(assembly: Assembly) -> Iterator[Spot]:
    for policy in assembly.resources(RESTRICTION_POLICY):
        origins = policy.properties.get("AllowedOrigins")
        enforced = policy.properties.get("EnableStrictOriginEnforcement", False)
        if origins and origins != ["*"] and enforced in (False, "false"):
            yield spot(policy, "Properties.EnableStrictOriginEnforcement")


RULE = Rule(
    id="OriginNotEnforced",
    level="info",
    summary="origins are given but not strictly enforced",
    reason="requests without an origin pass, and later playlists are not checked",
    fix="set EnableStrictOriginEnforcement, unless native players need to watch as well",
    source="IVS API, CreatePlaybackRestrictionPolicy: enableStrictOriginEnforcement",
    find=_find,
)
