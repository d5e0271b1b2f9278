"""Rules about playback keys and public keys that span the whole app.

Nobody can play a private channel without a playback key. Keys and channels may be defined in
any order and in different stacks, so these rules run once the app is complete.
"""

from __future__ import annotations

from collections.abc import Iterable
from functools import partial

from aws_cdk import Stage
from constructs import Construct

from ivs_constructs._core.annotate import annotate
from ivs_constructs._core.at_synth import at_synth
from ivs_constructs._core.by_name import key_of, reference
from ivs_constructs._core.check import is_token
from ivs_constructs._core.key_material import defined_key
from ivs_constructs._core.resource import IvsResource
from ivs_constructs._core.rules import Advice, Severity
from ivs_constructs._core.stack_facts import AppRegistry, StackFacts, recall
from ivs_constructs._core.tree import all_in, app_of, living

USUAL_QUOTA = 3
"""An account's usual quota of playback keys in a Region; accounts differ."""


def note_playback_key(
    key: Construct,
    stack_facts: StackFacts,
    material: str | None = None,
    signing_key: object = None,
) -> None:
    """Register a playback key, and warn about what will most likely fail at deploy time.

    Args:
        key: The key pair.
        stack_facts: The facts of its stack.
        material: The PEM text, None for an imported key pair.
        signing_key: Its TokenSigningKey, None if there is none.
    """
    registry, place = stack_facts.registry, stack_facts.place
    known = material is not None and signing_key is None and not is_token(material)
    registry.keyed_places[place][key] = (
        "" if known else None if signing_key is None else defined_key(signing_key)
    )
    if material is None:
        return
    same = registry.key_materials[_identity(stack_facts, material)]
    same.append(key)
    keys = registry.playback_keys[place]
    keys.append(key)
    if len(keys) > USUAL_QUOTA or len(same) > 1:
        _watch_keys(stack_facts)


def note_foreign_playback_key(user: Construct, stack_facts: StackFacts) -> None:
    """Register a playback key about which nothing is known."""
    stack_facts.registry.keyed_places[stack_facts.place][user] = None


def note_public_key(key: Construct, stack_facts: StackFacts, material: str) -> None:
    """Register a public key for participants' tokens, and warn about a repeated one."""
    same = stack_facts.registry.public_key_materials[_identity(stack_facts, material)]
    same.append(key)
    if len(same) > 1:
        _watch_keys(stack_facts)


def _watch_keys(stack_facts: StackFacts) -> None:
    registry, stage = stack_facts.registry, stack_facts.stage
    if stage not in registry.keys_watched:
        registry.keys_watched.add(stage)
        at_synth(stage, partial(_count_keys, stage, registry))


def expect_playback_key(channel: Construct, stack_facts: StackFacts) -> None:
    """Warn on a private channel if the finished app has no playback key."""
    registry, stage = stack_facts.registry, stack_facts.stage
    if stage not in registry.unkeyed:
        registry.unkeyed[stage] = []
        at_synth(stage, partial(_warn_of_missing_key, stage, registry))
    registry.unkeyed[stage].append((channel, stack_facts))


def expect_playback_key_of(
    signing_key: object, issuer: Construct, channels: Iterable[object]
) -> None:
    """Warn on an issuer if the finished app has no playback key for the key it signs with.

    Args:
        signing_key: The TokenSigningKey. Nothing is known about an imported one.
        issuer: The issuer.
        channels: The channels it signs for. Nothing is known about imported ones.
    """
    arn = defined_key(signing_key)
    private = [
        recall(each)
        for each in channels
        if isinstance(each, IvsResource) and getattr(each, "authorized", None) is True
    ]
    if arn is not None and private:
        at_synth(issuer, partial(_warn_of_unknown_key, issuer, arn, private))


def _identity(stack_facts: StackFacts, material: str) -> tuple[object, str]:
    """Return what distinguishes a key from the others of the app."""
    return stack_facts.whereabouts, "".join(material.split())


_TOO_MANY_KEYS = Advice(
    Severity.WARNING,
    "ivs-constructs:playback-key-quota",
    f"this is playback key {USUAL_QUOTA + 1} of the app in its Region, and the quota is usually "
    f"{USUAL_QUOTA}; one key serves many channels, so share a key or request a quota increase",
)


def _same_key_advice(first: str, advice: str) -> Advice:
    return Advice(
        Severity.WARNING,
        "ivs-constructs:same-key-twice",
        f"'{first}' has the same public key, and Amazon IVS imports a key only once per Region; "
        f"{advice}",
    )


def _count_keys(stage: Stage, registry: AppRegistry) -> None:
    """Warn about keys in the tree that exceed the quota or are there twice."""
    found: list[tuple[Construct, Advice]] = []
    # Reported once: later keys would only repeat it.
    for keys in map(living, registry.playback_keys.values()):
        for key in keys[USUAL_QUOTA : USUAL_QUOTA + 1]:
            found.append((key, _TOO_MANY_KEYS))
    for groups, remedy in (
        (registry.key_materials, "share that key pair, one serves all private channels"),
        (registry.public_key_materials, "share that one, it serves all stages"),
    ):
        for group in groups.values():
            there = living(group) if len(group) > 1 else []
            for key in there[1:]:
                found.append((key, _same_key_advice(there[0].node.path, remedy)))
    for key, advice in found:
        # Constructs of another stage are checked with that stage.
        if Stage.of(key) is stage:
            annotate(key, advice)


def _warn_of_missing_key(stage: Stage, registry: AppRegistry) -> None:
    keyed = _keyed_places(registry)
    # A key in a stack without Region may be meant for any Region.
    anywhere = any(None in place for place in keyed) or (
        not keyed and _holds_a_level1_key(stage, registry)
    )
    for channel, stack_facts in registry.unkeyed[stage]:
        if not (anywhere or stack_facts.place in keyed or (None in stack_facts.place and keyed)):
            annotate(channel, _WITHOUT_KEY)


def _warn_of_unknown_key(issuer: Construct, arn: str, private: list[StackFacts]) -> None:
    unknown = [each for each in private if not _may_be_known(arn, each)]
    if unknown and not _holds_a_level1_key(issuer, unknown[0].registry):
        annotate(issuer, _UNKNOWN_KEY)


def _may_be_known(arn: str, channels: StackFacts) -> bool:
    return any(
        not keys.isdisjoint((arn, None))
        for place, keys in _keyed_places(channels.registry).items()
        if all(
            None in (one, other) or one == other
            for one, other in zip(place, channels.place, strict=True)
        )
    )


def _keyed_places(registry: AppRegistry) -> dict[tuple[str | None, str | None], set[str | None]]:
    """Return the places that still have a playback key, with the AWS KMS keys behind it."""
    told = [key for keys in registry.keyed_places.values() for key in keys]
    there = set(living(told))
    return {
        place: {arn for key, arn in keys.items() if key in there}
        for place, keys in registry.keyed_places.items()
        if not there.isdisjoint(keys)
    }


def _holds_a_level1_key(construct: Construct, registry: AppRegistry) -> bool:
    """Whether an app has a playback key from another library, about which nothing is known."""
    own = {key_of(each) for keys in registry.keyed_places.values() for each in keys}
    scopes = (
        reference(reference(each, "node"), "scope")
        for each in all_in(app_of(construct), "aws_ivs.CfnPlaybackKeyPair")
    )
    return any(scope is not None and scope.key not in own for scope in scopes)


_UNKNOWN_KEY = Advice(
    Severity.WARNING,
    "ivs-constructs:issuer-key-unknown",
    "no PlaybackKeyPair of the app in the channels' Region belongs to the key that signs here, so "
    "Amazon IVS refuses every token; define PlaybackKeyPair(self, 'KeyPair', signing_key=...) "
    "with the same TokenSigningKey",
)
_WITHOUT_KEY = Advice(
    Severity.WARNING,
    "ivs-constructs:private-without-key",
    "this channel is private (authorized) but the app neither defines nor imports a "
    "PlaybackKeyPair for its Region, and nobody can watch without one; define one, or import the "
    "account's existing one",
)
