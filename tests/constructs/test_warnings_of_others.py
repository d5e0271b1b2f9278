"""Warnings that read what another resource was given, whichever library defined that."""

from collections.abc import Callable
from typing import Any

import aws_cdk as cdk
import aws_cdk.aws_ivs_alpha as alpha
import pytest
from aws_cdk import aws_ivs, aws_s3
from aws_cdk.assertions import Annotations, Match

import ivs_constructs as ivs

ARN = "arn:aws:ivs:us-east-1:123456789012"


def ids(stack: cdk.Stack) -> set[str]:
    annotations = Annotations.from_stack(stack)
    found = annotations.find_warning("*", Match.any_value()) + annotations.find_info(
        "*", Match.any_value()
    )
    return {
        str(each.entry.data).partition("[ack: ivs-constructs:")[2].rstrip("]") for each in found
    }


def bucket(stack: cdk.Stack) -> aws_s3.Bucket:
    return aws_s3.Bucket(stack, "Bucket")


RECORDINGS: dict[str, Callable[[cdk.Stack], Any]] = {
    "own": lambda stack: ivs.RecordingConfiguration(
        stack,
        "Recording",
        rendition_configuration=ivs.RenditionConfiguration.custom(["HD"]),
        thumbnail_configuration=ivs.ThumbnailConfiguration.interval(),
    ),
    "level1": lambda stack: aws_ivs.CfnRecordingConfiguration(
        stack,
        "Recording",
        destination_configuration={"s3": {"bucketName": "recordings"}},
        rendition_configuration=aws_ivs.CfnRecordingConfiguration.RenditionConfigurationProperty(
            rendition_selection="CUSTOM", renditions=["HD"]
        ),
        thumbnail_configuration=aws_ivs.CfnRecordingConfiguration.ThumbnailConfigurationProperty(
            recording_mode="INTERVAL"
        ),
    ),
    "alpha": lambda stack: alpha.RecordingConfiguration(
        stack,
        "Recording",
        bucket=bucket(stack),
        rendition_configuration=alpha.RenditionConfiguration.custom([alpha.Resolution.HD]),
        thumbnail_configuration=alpha.ThumbnailConfiguration.interval(),
    ),
    "import": lambda stack: ivs.RecordingConfiguration.from_arn(
        stack, "Recording", f"{ARN}:recording-configuration/AbC"
    ),
}


@pytest.mark.parametrize("kind", RECORDINGS)
@pytest.mark.parametrize("make", [ivs.Channel, ivs.LiveChannel])
def test_recording_that_a_basic_channel_cannot_make(
    stack: cdk.Stack, make: Callable[..., object], kind: str
) -> None:
    recording = RECORDINGS[kind](stack)
    name = "recording" if make is ivs.LiveChannel else "recording_configuration"
    make(stack, "Channel", type="BASIC", **{name: recording})

    known = {"renditions-ignored", "thumbnails-not-guaranteed"}
    assert ids(stack) & known == (set() if kind == "import" else known)


CHANNELS: dict[str, Callable[[cdk.Stack], Any]] = {
    "own": lambda stack: ivs.Channel(stack, "Channel", type="BASIC"),
    "bundle": lambda stack: ivs.LiveChannel(stack, "Live", type="BASIC").channel,
    "level1": lambda stack: aws_ivs.CfnChannel(stack, "Channel", type="BASIC"),
    "alpha": lambda stack: alpha.Channel(stack, "Channel", type=alpha.ChannelType.BASIC),
    "import": lambda stack: ivs.Channel.from_channel_arn(stack, "Channel", f"{ARN}:channel/AbC"),
}
MUCH = ivs.Video(width=1280, height=720, bitrate=5_000_000)
ENCODERS: dict[str, Callable[[cdk.Stack], Any]] = {
    "own": lambda stack: ivs.EncoderConfiguration(stack, "Encoder", video=MUCH),
    "default": lambda stack: ivs.EncoderConfiguration(stack, "Encoder"),
    "level1": lambda stack: aws_ivs.CfnEncoderConfiguration(
        stack,
        "Encoder",
        video=aws_ivs.CfnEncoderConfiguration.VideoProperty(
            width=1280, height=720, bitrate=5_000_000
        ),
    ),
    "video": lambda _: MUCH,
    "import": lambda stack: ivs.EncoderConfiguration.from_encoder_configuration_arn(
        stack, "Encoder", f"{ARN}:encoder-configuration/AbC"
    ),
}


@pytest.mark.parametrize("channel", CHANNELS)
@pytest.mark.parametrize("encoder", ENCODERS)
def test_composition_that_does_not_fit(stack: cdk.Stack, channel: str, encoder: str) -> None:
    ivs.LiveStage(
        stack,
        "Talk",
        broadcast_to=CHANNELS[channel](stack),
        encoder=ENCODERS[encoder](stack),
        compose=ivs.PipLayout(pip_width=1282),
    )

    expected = set()
    if encoder != "import":
        expected.add("pip-larger-than-picture")
        if "import" not in (channel, encoder) and encoder != "default":
            expected.add("composition-above-basic")
    assert ids(stack) & {"pip-larger-than-picture", "composition-above-basic"} == expected
