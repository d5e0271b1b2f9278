"""What the library remembers of an app forgets what was removed from the tree."""

from __future__ import annotations

import aws_cdk as cdk
import pytest
from aws_cdk.assertions import Annotations, Match
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from ivs_constructs import (
    Channel,
    ChannelAssociations,
    InvalidPropertyError,
    PlaybackKeyPair,
    PlaybackRestrictionPolicy,
    PlaybackTokenIssuer,
    PublicKey,
    StreamKey,
    TokenSigningKey,
)


def material() -> str:
    key = ec.generate_private_key(ec.SECP384R1()).public_key()
    return key.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo).decode()


def warnings_of(stack: cdk.Stack, path: str, about: str) -> int:
    pattern = Match.string_like_regexp(about)
    return len(Annotations.from_stack(stack).find_warning(path, pattern))


def test_stream_key_can_be_made_anew(stack: cdk.Stack) -> None:
    channel = Channel(stack, "Channel")
    channel.add_stream_key("Key")
    with pytest.raises(InvalidPropertyError, match="channel already has a stream key"):
        StreamKey(stack, "Another", channel=channel)

    channel.node.try_remove_child("Key")

    assert StreamKey(stack, "Another", channel=channel)
    with pytest.raises(InvalidPropertyError, match="already has a stream key, 'Stack/Another'"):
        StreamKey(stack, "Third", channel=channel)


def test_associations_can_be_made_anew(stack: cdk.Stack) -> None:
    channel = Channel(stack, "Channel")
    policy = PlaybackRestrictionPolicy(stack, "Policy", allowed_countries=["DE"])

    def associate(id: str) -> ChannelAssociations:
        return ChannelAssociations(stack, id, channel=channel, playback_restriction_policy=policy)

    associate("One")
    with pytest.raises(InvalidPropertyError, match="already has its associations from 'Stack/One'"):
        associate("Two")

    stack.node.try_remove_child("One")

    assert associate("Two")


def test_what_holds_it_is_removed(app: cdk.App) -> None:
    outer = cdk.Stack(app, "Outer")
    channel = Channel.from_channel_arn(
        outer, "Channel", "arn:aws:ivs:us-east-1:123456789012:channel/abc"
    )
    policy = "arn:aws:ivs:us-east-1:123456789012:playback-restriction-policy/abc"
    for name in ("One", "Two"):
        stack = cdk.Stack(app, name)
        found = PlaybackRestrictionPolicy.from_playback_restriction_policy_arn(
            stack, "Policy", policy
        )
        assert ChannelAssociations(stack, "It", channel=channel, playback_restriction_policy=found)
        # A whole stack goes.
        app.node.try_remove_child(name)


def test_public_keys_count_no_longer(stack: cdk.Stack) -> None:
    for index in range(3):
        PublicKey(stack, f"Key{index}", public_key_material=material())
    with pytest.raises(InvalidPropertyError):
        PublicKey(stack, "Fourth", public_key_material=material())

    stack.node.try_remove_child("Key1")

    assert PublicKey(stack, "Fourth", public_key_material=material())


@pytest.mark.parametrize("removed", ["Key0", "Key3"])
def test_playback_keys_count_no_longer(removed: str, stack: cdk.Stack) -> None:
    for index in range(4):
        PlaybackKeyPair(stack, f"Key{index}", public_key_material=material())

    assert stack.node.try_remove_child(removed)

    assert warnings_of(stack, "*", "playback key 4") == 0


def test_playback_keys_that_are_there_count(stack: cdk.Stack) -> None:
    for index in range(5):
        PlaybackKeyPair(stack, f"Key{index}", public_key_material=material())
    stack.node.try_remove_child("Key1")

    assert warnings_of(stack, "*", "playback key 4") == 1
    assert warnings_of(stack, "/Stack/Key4", "playback key 4") == 1


@pytest.mark.parametrize("cls", [PlaybackKeyPair, PublicKey])
def test_same_key_twice(cls: type[PlaybackKeyPair | PublicKey], app: cdk.App) -> None:
    pem = material()
    for name, removed in (("Both", ""), ("First", "One"), ("Second", "Two")):
        env = cdk.Environment(region="us-east-1", account=f"{len(name):012}")
        stack = cdk.Stack(app, name, env=env)
        for each in ("One", "Two"):
            cls(stack, each, public_key_material=pem)
        if removed:
            stack.node.try_remove_child(removed)

    found = {
        name: warnings_of(app.node.find_child(name), "*", "has the same public key")  # type: ignore[arg-type]  # it is a stack
        for name in ("Both", "First", "Second")
    }

    assert found == {"Both": 1, "First": 0, "Second": 0}


def test_key_of_private_channels_was_removed(stack: cdk.Stack) -> None:
    PlaybackKeyPair(stack, "Key", public_key_material=material())
    Channel(stack, "Channel", authorized=True)

    stack.node.try_remove_child("Key")

    assert warnings_of(stack, "/Stack/Channel", "neither defines nor imports") == 1


def test_key_of_an_issuer_was_removed(stack: cdk.Stack) -> None:
    signing_key = TokenSigningKey(stack, "SigningKey")
    PlaybackKeyPair(stack, "Key", signing_key=signing_key)
    channel = Channel(stack, "Channel", authorized=True)
    PlaybackTokenIssuer(stack, "Issuer", signing_key=signing_key, channels=[channel])

    stack.node.try_remove_child("Key")

    assert warnings_of(stack, "/Stack/Issuer", "no PlaybackKeyPair of the app") == 1
