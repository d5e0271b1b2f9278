"""What a stream key refuses, and that a channel has one."""

from __future__ import annotations

import aws_cdk as cdk
import pytest
from aws_cdk import aws_ivs, aws_s3

from ivs_constructs import (
    Channel,
    InvalidPropertyError,
    LiveChannel,
    RecordingConfiguration,
    StreamKey,
)
from tests.constructs.deploy_time import Tokens, text_token
from tests.constructs.refusals import API, CHANNEL_ARN, defined, found, refused, report


@pytest.mark.parametrize(
    ("value", "message", "code"),
    [
        (None, "channel is required; give a value", "required"),
        (
            CHANNEL_ARN,
            f"channel must be a Channel, got the string '{CHANNEL_ARN}'; import it with "
            "Channel.from_channel_arn(self, 'Imported', ...)",
            "type",
        ),
        (5, "channel must be a Channel, got 5 (int)", "type"),
    ],
)
def test_stream_key_refuses(stack: cdk.Stack, value: object, message: str, code: str) -> None:
    error = refused(StreamKey, stack, channel=value)

    assert str(error) == report("StreamKey", message)
    assert found(error) == [("channel", code)]
    assert error.failures[0].source == f"{API}/API_CreateStreamKey.html"


@pytest.mark.parametrize(
    ("other", "got"),
    [
        (
            lambda stack: RecordingConfiguration(stack, "Other"),
            "<ivs_constructs.RecordingConfiguration 'Stack/Other'>",
        ),
        (lambda stack: LiveChannel(stack, "Other"), "<ivs_constructs.LiveChannel 'Stack/Other'>"),
        (
            lambda stack: aws_ivs.CfnStreamKey(stack, "Other", channel_arn=CHANNEL_ARN),
            "a CfnStreamKey",
        ),
        (lambda stack: aws_s3.Bucket(stack, "Other"), "a Bucket"),
        (lambda stack: stack, "a Stack"),
    ],
    ids=["recording", "bundle", "L1 stream key", "bucket", "stack"],
)
def test_stream_key_refuses_another_construct(stack: cdk.Stack, other: Tokens, got: str) -> None:
    error = refused(StreamKey, stack, channel=other(stack))

    assert found(error) == [("channel", "type")]
    assert error.failures[0].message.startswith(f"channel must be a Channel, got {got}")


def one_key(path: str) -> str:
    return (
        f"channel already has a stream key, '{path}'; use that one, because Amazon IVS allows one "
        "per channel"
    )


@pytest.mark.parametrize(
    "channel",
    [
        lambda stack: Channel(stack, "Channel"),
        lambda stack: Channel.from_channel_arn(stack, "Channel", CHANNEL_ARN),
        lambda stack: Channel.from_channel_arn(stack, "Channel", text_token(stack)),
        lambda stack: aws_ivs.CfnChannel(stack, "Channel"),
    ],
    ids=["construct", "import", "import by a token", "L1"],
)
def test_stream_key_refuses_to_be_the_second(stack: cdk.Stack, channel: Tokens) -> None:
    shared = channel(stack)
    StreamKey(stack, "First", channel=shared)  # type: ignore[arg-type]  # a channel in each case

    error = refused(StreamKey, stack, channel=shared)

    assert str(error) == report("StreamKey", one_key("Stack/First"))
    assert found(error) == [("channel", "one-key")]
    assert error.failures[0].source == f"{API}/API_CreateStreamKey.html"


def test_stream_key_refuses_to_be_the_second_from_another_stack(
    app: cdk.App, stack: cdk.Stack
) -> None:
    channel = Channel(stack, "Channel")
    channel.add_stream_key("StreamKey")

    error = refused(StreamKey, cdk.Stack(app, "Other"), channel=channel)

    assert str(error) == report("StreamKey", one_key("Stack/Channel/StreamKey"), path="Other/It")


def test_stream_key_sees_two_imports_of_one_channel(app: cdk.App, stack: cdk.Stack) -> None:
    Channel.from_channel_arn(stack, "Channel", CHANNEL_ARN).add_stream_key("StreamKey")
    again = Channel.from_channel_arn(cdk.Stack(app, "Other"), "Channel", CHANNEL_ARN)

    with pytest.raises(InvalidPropertyError) as caught:
        again.add_stream_key("StreamKey")

    assert str(caught.value) == report(
        "StreamKey", one_key("Stack/Channel/StreamKey"), path="Other/Channel/StreamKey"
    )


def test_stream_key_is_accepted_once_for_each_channel(app: cdk.App, stack: cdk.Stack) -> None:
    other = cdk.Stack(app, "Other")
    for number, arn in enumerate([CHANNEL_ARN, CHANNEL_ARN.lower(), cdk.Fn.import_value("Arn")]):
        imported = Channel.from_channel_arn(other, f"Channel{number}", arn)
        StreamKey(stack, f"Key{number}", channel=imported)
    StreamKey(stack, "Key", channel=Channel(other, "Channel"))


def test_stream_key_leaves_places_known_at_deploy_time_unjudged(app: cdk.App) -> None:
    # The same text names two channels, because each stack has its own Region.
    arn = f"arn:aws:ivs:{cdk.Aws.REGION}:{cdk.Aws.ACCOUNT_ID}:channel/AbCdEfGhIjKl"
    for region in ("us-east-1", "us-west-2"):
        stack = cdk.Stack(app, region, env=cdk.Environment(region=region))
        Channel.from_channel_arn(stack, "Channel", arn).add_stream_key("StreamKey")


def test_stream_key_can_be_made_after_a_failed_one(stack: cdk.Stack) -> None:
    channel = Channel(stack, "Channel")
    refused(StreamKey, stack, channel=channel, tags={"aws:k": "v"})

    defined(StreamKey, stack, channel=channel)
