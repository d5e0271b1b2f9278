"""Rules on playback keys that need a view of the whole app.

A private channel without any playback key plays for nobody. Keys and channels may be defined in
any order and in different stacks, so only the end of the app's construction tells.
"""

from __future__ import annotations

import jsii
from aws_cdk import Stage, aws_ivs
from constructs import Construct, IValidation

from ivs_constructs._annotate import annotate
from ivs_constructs._environment import AppInventory, Surroundings
from ivs_constructs._rules import Advice, Severity

USUAL_QUOTA = 3
"""Playback keys that an account may usually have in a Region; accounts differ."""


def note_playback_key(key: Construct, surroundings: Surroundings, *, imported: bool) -> None:
    """Take note of a playback key, and warn when a Region gets more than the usual quota."""
    inventory = surroundings.inventory
    inventory.has_playback_key = True
    if imported:
        return
    place = (surroundings.region, surroundings.account)
    inventory.playback_keys[place] += 1
    # Said once: the keys after the first that is too many would only repeat it.
    if inventory.playback_keys[place] == USUAL_QUOTA + 1:
        annotate(
            key,
            Advice(
                Severity.WARNING,
                "ivs-constructs:playback-key-quota",
                f"this is playback key {inventory.playback_keys[place]} of the app in its Region; "
                f"accounts usually may have {USUAL_QUOTA}, and one key serves many channels; "
                "share a key or ask for a higher quota",
            ),
        )


def expect_playback_key(channel: Construct, surroundings: Surroundings) -> None:
    """Have a warning put on a private channel if the app turns out to hold no playback key."""
    inventory, stage = surroundings.inventory, surroundings.stage
    if stage not in inventory.unkeyed:
        inventory.unkeyed[stage] = []
        stage.node.add_validation(_KeyWatch(stage, inventory))
    inventory.unkeyed[stage].append(channel)


@jsii.implements(IValidation)
class _KeyWatch:
    """Asked once per synth of a stage, when the app is complete."""

    def __init__(self, stage: Stage, inventory: AppInventory) -> None:
        self._stage = stage
        self._inventory = inventory

    def validate(self) -> list[str]:
        """Put the warnings; there is never an error to report."""
        inventory = self._inventory
        if not inventory.has_playback_key and not self._holds_a_level1_key():
            for channel in inventory.unkeyed[self._stage]:
                annotate(
                    channel,
                    Advice(
                        Severity.WARNING,
                        "ivs-constructs:private-without-key",
                        "this channel is private (authorized) but the app neither defines nor "
                        "imports a PlaybackKeyPair, and nobody can watch without one; define one, "
                        "or import the one that the account has",
                    ),
                )
        return []

    def _holds_a_level1_key(self) -> bool:
        level1 = aws_ivs.CfnPlaybackKeyPair
        return any(isinstance(node, level1) for node in self._stage.node.root.node.find_all())
