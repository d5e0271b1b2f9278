"""Private channels without a key for tokens."""

from __future__ import annotations

import json
from collections.abc import Iterator

from ivs_constructs.checks.assembly import Assembly, alternatives
from ivs_constructs.checks.rule import Rule, Spot, spot
from ivs_constructs.checks.types import CHANNEL, PLAYBACK_KEY_PAIR


def _find(assembly: Assembly) -> Iterator[Spot]:
    if any(assembly.resources(PLAYBACK_KEY_PAIR)):
        return
    # A key that was made elsewhere and is used here.
    if any(":playback-key/" in json.dumps(stack.template) for stack in assembly.stacks):
        return
    for channel in assembly.resources(CHANNEL):
        given = alternatives(channel.properties.get("Authorized"))
        if any(each in (True, "true") for each in given):
            yield spot(channel, "Properties.Authorized")


RULE = Rule(
    id="PrivateWithoutKey",
    level="warning",
    summary="the channel is private, and the app has no playback key",
    reason="without a key pair in the account and Region, nobody can watch it",
    fix="add a PlaybackKeyPair, or acknowledge this if the key was made elsewhere",
    source="IVS user guide, private channels",
    find=_find,
)
