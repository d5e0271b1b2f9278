"""Channels that are public because nobody said otherwise."""

from __future__ import annotations

from collections.abc import Iterator

from ivs_constructs.checks.assembly import Assembly
from ivs_constructs.checks.rule import Rule, Spot, spot
from ivs_constructs.checks.types import CHANNEL


def _find(assembly: Assembly) -> Iterator[Spot]:
    for channel in assembly.resources(CHANNEL):
        if "Authorized" not in channel.properties:
            yield spot(channel, "Properties.Authorized")


RULE = Rule(
    id="PublicByOmission",
    level="warning",
    summary="the channel is public and does not say that it is meant to be",
    reason="everybody with its URL can watch it",
    fix="say Authorized: false for a public channel, or true for a private one",
    source="IVS API, CreateChannel: authorized",
    find=_find,
)
