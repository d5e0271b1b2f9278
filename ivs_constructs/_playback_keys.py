"""Rules on playback keys and public keys that need a view of the whole app.

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


def note_playback_key(
    key: Construct, surroundings: Surroundings, material: str | None = None
) -> None:
    """Take note of a playback key, and warn of what will most likely fail at deploy.

    Args:
        key: The key pair.
        surroundings: What holds for its stack.
        material: The PEM text, None for an imported key pair.
    """
    inventory, place = surroundings.inventory, surroundings.place
    inventory.keyed_places.add(place)
    if material is None:
        return
    inventory.playback_keys[place] += 1
    # Said once: the keys after the first that is too many would only repeat it.
    if inventory.playback_keys[place] == USUAL_QUOTA + 1:
        annotate(key, _quota_advice(inventory.playback_keys[place]))
    first = inventory.key_materials.setdefault(_identity(surroundings, material), key)
    if first is not key:
        advice = "share that key pair, one serves all private channels"
        annotate(key, _same_key_advice(first.node.path, advice))


def public_keys_beside(surroundings: Surroundings) -> int:
    """Return how many public keys for participants' tokens a stack's Region and account has."""
    return surroundings.inventory.public_keys[_where(surroundings)]


def note_public_key(key: Construct, surroundings: Surroundings, material: str) -> None:
    """Take note of a public key for participants' tokens, and warn of a repeated one.

    Args:
        key: The public key.
        surroundings: What holds for its stack.
        material: The PEM text.
    """
    inventory = surroundings.inventory
    inventory.public_keys[_where(surroundings)] += 1
    first = inventory.public_key_materials.setdefault(_identity(surroundings, material), key)
    if first is not key:
        advice = "share that one, it serves all stages"
        annotate(key, _same_key_advice(first.node.path, advice))


def expect_playback_key(channel: Construct, surroundings: Surroundings) -> None:
    """Have a warning put on a private channel if the app turns out to hold no playback key."""
    inventory, stage = surroundings.inventory, surroundings.stage
    if stage not in inventory.unkeyed:
        inventory.unkeyed[stage] = []
        stage.node.add_validation(_KeyWatch(stage, inventory))
    inventory.unkeyed[stage].append((channel, surroundings))


def _where(surroundings: Surroundings) -> object:
    """Return what stands for a stack's Region and account."""
    # Stacks without Region may end up in different ones, so each of them counts for itself.
    return surroundings if None in surroundings.place else surroundings.place


def _identity(surroundings: Surroundings, material: str) -> tuple[object, str]:
    """Return what tells a key from others of the app."""
    return _where(surroundings), "".join(material.split())


def _quota_advice(count: int) -> Advice:
    return Advice(
        Severity.WARNING,
        "ivs-constructs:playback-key-quota",
        f"this is playback key {count} of the app in its Region; accounts usually may have "
        f"{USUAL_QUOTA}, and one key serves many channels; share a key or ask for a higher quota",
    )


def _same_key_advice(first: str, advice: str) -> Advice:
    return Advice(
        Severity.WARNING,
        "ivs-constructs:same-key-twice",
        f"'{first}' has the same public key, and Amazon IVS imports a key once in a Region; "
        f"{advice}",
    )


@jsii.implements(IValidation)
class _KeyWatch:
    """Asked once per synth of a stage, when the app is complete."""

    def __init__(self, stage: Stage, inventory: AppInventory) -> None:
        self._stage = stage
        self._inventory = inventory

    def validate(self) -> list[str]:
        """Put the warnings; there is never an error to report."""
        keyed = self._inventory.keyed_places
        # A key in a stack without Region may be meant for any Region.
        anywhere = any(None in place for place in keyed) or self._holds_a_level1_key()
        for channel, surroundings in self._inventory.unkeyed[self._stage]:
            if anywhere or surroundings.place in keyed or (None in surroundings.place and keyed):
                continue
            annotate(channel, _WITHOUT_KEY)
        return []

    def _holds_a_level1_key(self) -> bool:
        level1 = aws_ivs.CfnPlaybackKeyPair
        return not self._inventory.keyed_places and any(
            isinstance(node, level1) for node in self._stage.node.root.node.find_all()
        )


_WITHOUT_KEY = Advice(
    Severity.WARNING,
    "ivs-constructs:private-without-key",
    "this channel is private (authorized) but the app neither defines nor imports a "
    "PlaybackKeyPair for its Region, and nobody can watch without one; define one, or import the "
    "one that the account has",
)
