"""Tokens are not judged, but must be of the right kind."""

from __future__ import annotations

import aws_cdk as cdk
import jsii
import pytest

from ivs_constructs import (
    Channel,
    LiveChannel,
    PlaybackKeyPair,
    PlaybackRestrictionPolicy,
    RecordingBucket,
    RecordingConfiguration,
)
from tests.constructs.deploy_time import Tokens, list_token, number_token, object_token, text_token
from tests.constructs.refusals import Make, found, refused


@jsii.implements(cdk.IStableStringProducer)
class LazyText:
    def produce(self) -> str:
        return "my channel!"


@jsii.implements(cdk.IStableNumberProducer)
class LazyNumber:
    def produce(self) -> float:
        return 1000


@jsii.implements(cdk.IStableListProducer)
class LazyList:
    def produce(self) -> list[str]:
        return ["uk", "uk"]


def test_lazy_values_are_unjudged(stack: cdk.Stack) -> None:
    text = cdk.Lazy.string(LazyText())
    items = cdk.Lazy.list(LazyList())
    window = cdk.Duration.seconds(cdk.Lazy.number(LazyNumber()))

    Channel(stack, "One", channel_name=text, type=text, tags={"k": text, text: "v"})
    PlaybackRestrictionPolicy(stack, "Two", allowed_countries=items, allowed_origins=items)
    RecordingConfiguration(stack, "Three", recording_reconnect_window=window)


@pytest.mark.parametrize(
    ("make", "prop", "token"),
    [
        (Channel, "channel_name", number_token),
        (Channel, "channel_name", list_token),
        (Channel, "channel_name", object_token),
        (Channel, "channel_name", lambda stack: cdk.CfnParameter(stack, "Text")),
        (Channel, "type", list_token),
        (Channel, "authorized", text_token),
        (Channel, "authorized", number_token),
        (Channel, "tags", text_token),
        (Channel, "tags", object_token),
        (LiveChannel, "tags", text_token),
        (LiveChannel, "channel_name", object_token),
        (Channel, "multitrack_input_configuration", text_token),
        (PlaybackRestrictionPolicy, "allowed_countries", text_token),
        (PlaybackRestrictionPolicy, "allowed_origins", number_token),
        (RecordingConfiguration, "recording_reconnect_window", text_token),
        (RecordingConfiguration, "recording_reconnect_window", list_token),
        (RecordingConfiguration, "thumbnail_configuration", text_token),
        (RecordingConfiguration, "thumbnail_configuration", lambda stack: stack),
        (RecordingConfiguration, "bucket", text_token),
        (RecordingBucket, "bucket_name", number_token),
        (PlaybackKeyPair, "public_key_material", list_token),
    ],
)
def test_token_of_another_kind_is_refused(
    stack: cdk.Stack, make: Make, prop: str, token: Tokens
) -> None:
    value = token(stack)

    error = refused(make, stack, **{prop: value})

    assert found(error) == [(prop, "type")]
    assert error.failures[0].message.startswith(f"{prop} ")
