"""Channels that are public only by default."""

from __future__ import annotations

from collections.abc import Iterator

from ivs_constructs.checks.assembly import NO_VALUE, Assembly, alternatives
from ivs_constructs.checks.rule import Rule, Spot, spot
from ivs_constructs.checks.types import CHANNEL


def _find(assembly: Assembly) -> Iterator[Spot]:
    for channel in assembly.resources(CHANNEL):
        if NO_VALUE in alternatives(channel.properties.get("Authorized", NO_VALUE)):
            yield spot(channel, "Properties.Authorized")


RULE = Rule(
    id="PublicByOmission",
    level="warning",
    summary="the channel is public, and the template does not say that this is intended",
    reason="anyone with its URL can watch it",
    fix="set Authorized to false for a public channel, or to true for a private one",
    source="IVS API, CreateChannel: authorized",
    find=_find,
)
