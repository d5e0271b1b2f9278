"""Encoder configurations and the Video that they take."""

from __future__ import annotations

from typing import Any

import aws_cdk as cdk
import pytest
from aws_cdk.assertions import Annotations, Match
from syrupy.assertion import SnapshotAssertion

from ivs_constructs import (
    EncoderConfiguration,
    InUse,
    InvalidPropertyError,
    Provisioning,
    Video,
)
from ivs_constructs.testing import synthesize

ARN = "arn:aws:ivs:eu-west-1:123456789012:encoder-configuration/abcdABCDefgh"


def properties_of(stack: cdk.Stack, cfn_type: str) -> dict[str, Any]:
    found = synthesize(stack).one(cfn_type).definition
    return dict(found["Properties"])


@pytest.mark.parametrize("provisioning", Provisioning)
def test_minimal(
    stack: cdk.Stack,
    snapshot_json: SnapshotAssertion,
    provisioning: Provisioning,
) -> None:
    EncoderConfiguration(stack, "Encoder", provisioning=provisioning)

    assert synthesize(stack) == snapshot_json


def test_full(stack: cdk.Stack, snapshot_json: SnapshotAssertion) -> None:
    encoder = EncoderConfiguration(
        stack,
        "Encoder",
        video=Video(width=1080, height=1920, framerate=29.97, bitrate=8_500_000),
        encoder_configuration_name="portrait",
        in_use=InUse.STOP,
        tags={"team": "video"},
    )
    for name in ("encoder_configuration_arn", "encoder_configuration_id"):
        cdk.CfnOutput(stack, name.title().replace("_", ""), value=getattr(encoder, name))

    assert synthesize(stack) == snapshot_json


def test_both_kinds_have_the_same_properties(stack: cdk.Stack) -> None:
    for provisioning in Provisioning:
        EncoderConfiguration(
            stack,
            str(provisioning),
            video=Video.hd_720p(),
            encoder_configuration_name="hd",
            tags={"team": "video"},
            provisioning=provisioning,
        )

    native = properties_of(stack, "AWS::IVS::EncoderConfiguration")
    custom = properties_of(stack, "Custom::IVSEncoderConfiguration")

    assert native["Video"] == {
        "Width": 1280,
        "Height": 720,
        "Framerate": 30,
        "Bitrate": 2_500_000,
    }
    assert custom == {
        **native,
        "ConstructPath": "Stack/CUSTOM",
        "ServiceTimeout": 900,
        "ServiceToken": custom["ServiceToken"],
    }


def test_native_type_cannot_wait(stack: cdk.Stack) -> None:
    with pytest.raises(InvalidPropertyError) as error:
        EncoderConfiguration(stack, "Encoder", in_use="WAIT", provisioning="CLOUDFORMATION")

    assert str(error.value) == (
        "EncoderConfiguration 'Stack/Encoder' has 1 invalid property:\n"
        "  - in_use requires provisioning CUSTOM, got CLOUDFORMATION as provisioning; drop in_use "
        "or drop provisioning"
    )


def test_imported(stack: cdk.Stack) -> None:
    encoder = EncoderConfiguration.from_encoder_configuration_arn(stack, "Encoder", ARN)

    assert encoder.encoder_configuration_arn == ARN
    assert encoder.encoder_configuration_id == "abcdABCDefgh"
    assert encoder.encoder_configuration_ref.encoder_configuration_arn == ARN
    assert encoder.env.region == "eu-west-1"


def test_imported_from_another_arn(stack: cdk.Stack) -> None:
    arn = "arn:aws:ivs:eu-west-1:123456789012:stage/abc"
    with pytest.raises(InvalidPropertyError, match="encoder_configuration_arn must be arn:"):
        EncoderConfiguration.from_encoder_configuration_arn(stack, "Encoder", arn)


def test_tokens_pass_unjudged(stack: cdk.Stack) -> None:
    width = cdk.CfnParameter(stack, "Width", type="Number").value_as_number
    EncoderConfiguration(stack, "Encoder", video=Video(width=width, height=1920))

    found = properties_of(stack, "Custom::IVSEncoderConfiguration")

    assert found["Video"] == {"Width": {"Ref": "Width"}, "Height": 1920}


# Video


@pytest.mark.parametrize(
    "options",
    [
        {},
        {"width": 2, "height": 2, "framerate": 1, "bitrate": 1},
        {"width": 1920, "height": 1080, "framerate": 60, "bitrate": 8_500_000},
        {"height": 1620},
        {"framerate": 23.976},
    ],
)
def test_good_video(options: dict[str, Any]) -> None:
    Video(**options)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"width": 1}, "width must be 2-1920, got 1; raise the width"),
        ({"height": 1921}, "height must be 2-1920, got 1921; lower the height"),
        ({"width": 1279}, "width must be an even number of pixels, got 1279; use 1278 or 1280"),
        (
            {"width": 1280, "height": 1622},
            "width times height must be at most 2073600 pixels (1920 times 1080), got 1280 times "
            "1622; make the picture smaller",
        ),
        (
            {"height": 1622},
            "width times height must be at most 2073600 pixels (1920 times 1080), got 1280 times "
            "1622; make the picture smaller",
        ),
        ({"framerate": 0.5}, "framerate must be 1-60, got 0.5; raise the frame rate"),
        ({"framerate": 60.1}, "framerate must be 1-60, got 60.1; lower the frame rate"),
        ({"framerate": float("nan")}, "framerate must be 1-60, got nan; raise the frame rate"),
        ({"framerate": "30"}, "framerate must be a number, got '30'; write 30"),
        ({"bitrate": 0}, "bitrate must be 1-8500000, got 0; raise the bitrate"),
        ({"bitrate": 8_500_001}, "bitrate must be 1-8500000, got 8500001; lower the bitrate"),
        (
            {"bitrate": 2.5e6},
            "bitrate must be a whole number, got 2500000.0 (float); write 2500000",
        ),
    ],
)
def test_bad_video(options: dict[str, Any], message: str) -> None:
    with pytest.raises(InvalidPropertyError) as error:
        Video(**options)

    assert str(error.value) == f"Video has 1 invalid property:\n  - {message}"


def test_bitrate_in_kilobits_is_told(stack: cdk.Stack) -> None:
    EncoderConfiguration(stack, "Encoder", video=Video(bitrate=9_999))

    Annotations.from_stack(stack).has_warning(
        "/Stack/Encoder",
        "the video has 9999 bits a second, which is too little for any picture; if kilobits are "
        "meant, multiply the bitrate by 1000 [ack: ivs-constructs:bitrate-unit]",
    )


@pytest.mark.parametrize("bitrate", [10_000, None, cdk.Token.as_number(cdk.Fn.ref("Bitrate"))])
def test_bitrate_that_may_be_meant(stack: cdk.Stack, bitrate: float | None) -> None:
    EncoderConfiguration(stack, "Encoder", video=Video(bitrate=bitrate))

    assert Annotations.from_stack(stack).find_warning("*", Match.any_value()) == []


def test_video_must_be_a_video(stack: cdk.Stack) -> None:
    with pytest.raises(InvalidPropertyError) as error:
        EncoderConfiguration(stack, "Encoder", video={"width": 1280})  # type: ignore[arg-type]  # the mistake

    assert str(error.value) == (
        "EncoderConfiguration 'Stack/Encoder' has 1 invalid property:\n"
        "  - video must be a Video, got {'width': 1280} (dict); write Video(...)"
    )
