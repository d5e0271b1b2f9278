"""What a channel refuses, in which words, and values just inside the limits."""

from __future__ import annotations

import aws_cdk as cdk
import pytest
from aws_cdk import aws_ivs

from ivs_constructs import (
    Channel,
    ChannelAssociations,
    ChannelType,
    ContainerFormat,
    LatencyMode,
    LiveChannel,
    MultitrackInputConfiguration,
    Preset,
    RecordingConfiguration,
    Resolution,
)
from tests.constructs.deploy_time import object_token, text_token
from tests.constructs.refusals import (
    API,
    CHANNEL_ARN,
    GUIDE,
    RECORDING_ARN,
    TRACKS,
    Make,
    defined,
    found,
    imported_ads,
    refused,
    rendered,
    report,
)

CHOICES = [
    ("type", "BASIC, STANDARD, ADVANCED_SD, ADVANCED_HD"),
    ("latency_mode", "NORMAL, LOW"),
    ("preset", "HIGHER_BANDWIDTH_DELIVERY, CONSTRAINED_BANDWIDTH_DELIVERY"),
    ("container_format", "TS, FRAGMENTED_MP4"),
]


@pytest.mark.parametrize(("prop", "choices"), CHOICES)
@pytest.mark.parametrize(
    ("value", "got"),
    [
        ("GOLD!", "'GOLD!'"),
        ("", "''"),
        (5, "5 (int)"),
        (True, "True (bool)"),
        (Resolution.HD, "'HD'"),
        (cdk.RemovalPolicy.DESTROY, "'DESTROY'"),
        (["BASIC"], "['BASIC'] (list)"),
        ({"BASIC"}, "{'BASIC'} (set)"),
    ],
)
def test_channel_refuses_another_choice(
    stack: cdk.Stack, prop: str, choices: str, value: object, got: str
) -> None:
    if (prop, value) == ("preset", ""):
        pytest.skip("Amazon IVS has this as preset of a channel that needs none")
    error = refused(Channel, stack, **{prop: value})

    assert str(error) == report("Channel", f"{prop} must be one of {choices}, got {got}")
    assert found(error) == [(prop, "choice")]
    assert error.failures[0].source == f"{API}/API_CreateChannel.html"


@pytest.mark.parametrize(
    ("prop", "value", "meant"),
    [
        ("type", "standard", "STANDARD"),
        ("type", "ADVANCED-HD", "ADVANCED_HD"),
        ("latency_mode", "low", "LOW"),
        ("preset", "CONSTRAINED", "CONSTRAINED_BANDWIDTH_DELIVERY"),
        ("container_format", "FRAGMENTED_MPEG4", "FRAGMENTED_MP4"),
    ],
)
def test_channel_names_the_choice_that_was_meant(
    stack: cdk.Stack, prop: str, value: str, meant: str
) -> None:
    message = refused(Channel, stack, **{prop: value}).failures[0].message

    assert message == (
        f"{prop} must be one of {dict(CHOICES)[prop]}, got '{value}'; did you mean '{meant}'?"
    )


class Elementwise:
    """Compares as an array does: with no answer to yes or no."""

    def __eq__(self, other: object) -> bool:
        raise ValueError("the truth value of an array is ambiguous")

    def __hash__(self) -> int:
        return 0

    def __repr__(self) -> str:
        return "array(['BASIC'])"


def test_channel_refuses_an_array_for_a_choice(stack: cdk.Stack) -> None:
    assert str(refused(Channel, stack, type=Elementwise())) == report(
        "Channel",
        "type must be one of BASIC, STANDARD, ADVANCED_SD, ADVANCED_HD, got array(['BASIC']) "
        "(Elementwise)",
    )


@pytest.mark.parametrize("type_", [*ChannelType, "BASIC"])
@pytest.mark.parametrize("latency_mode", [*LatencyMode, "LOW"])
def test_channel_accepts_choices(stack: cdk.Stack, type_: str, latency_mode: str) -> None:
    defined(Channel, stack, type=type_, latency_mode=latency_mode)


def test_channel_renders_choices_and_tokens(stack: cdk.Stack) -> None:
    type_, authorized = text_token(stack), object_token(stack)

    defined(
        Channel,
        stack,
        channel_name="main",
        type=type_,
        preset=Preset.CONSTRAINED_BANDWIDTH_DELIVERY,
        latency_mode="NORMAL",
        authorized=authorized,
        insecure_ingest=False,
        container_format=ContainerFormat.TS,
    )

    assert rendered(stack, "AWS::IVS::Channel") == {
        "Name": "main",
        "Type": {"Ref": "Text"},
        "Preset": "CONSTRAINED_BANDWIDTH_DELIVERY",
        "LatencyMode": "NORMAL",
        "Authorized": {"Fn::If": ["Condition", "one", "other"]},
        "InsecureIngest": False,
        "ContainerFormat": "TS",
    }


@pytest.mark.parametrize("preset", [*Preset, "HIGHER_BANDWIDTH_DELIVERY"])
@pytest.mark.parametrize(
    ("type_", "got"),
    [(None, "STANDARD (the default)"), ("STANDARD", "STANDARD"), (ChannelType.BASIC, "BASIC")],
)
def test_channel_refuses_a_preset(
    stack: cdk.Stack, preset: str, type_: str | None, got: str
) -> None:
    error = refused(Channel, stack, preset=preset, type=type_)

    assert str(error) == report(
        "Channel",
        f"preset requires type ADVANCED_SD or ADVANCED_HD, got {got}; drop preset or change type",
    )
    assert found(error) == [("preset", "preset-type")]
    assert error.failures[0].source == f"{API}/API_CreateChannel.html"


@pytest.mark.parametrize("type_", ["ADVANCED_SD", ChannelType.ADVANCED_HD])
def test_channel_accepts_a_preset(stack: cdk.Stack, type_: str) -> None:
    defined(Channel, stack, preset="HIGHER_BANDWIDTH_DELIVERY", type=type_)


def test_channel_leaves_a_preset_with_tokens_unjudged(stack: cdk.Stack) -> None:
    token = text_token(stack)

    Channel(stack, "One", preset=token)
    Channel(stack, "Two", preset="HIGHER_BANDWIDTH_DELIVERY", type=token)


def test_channel_does_not_judge_a_preset_by_a_wrong_type(stack: cdk.Stack) -> None:
    error = refused(Channel, stack, preset="HIGHER_BANDWIDTH_DELIVERY", type="GOLD")

    assert found(error) == [("type", "choice")]


@pytest.mark.parametrize("type_", ["BASIC", ChannelType.ADVANCED_SD, "ADVANCED_HD"])
@pytest.mark.parametrize("tracks", [TRACKS, {"maximum_resolution": "HD", "policy": "ALLOW"}])
def test_channel_refuses_multitrack_input_for_other_types(
    stack: cdk.Stack, type_: str, tracks: object
) -> None:
    error = refused(Channel, stack, type=type_, multitrack_input_configuration=tracks)

    assert str(error) == report(
        "Channel",
        f"multitrack_input_configuration requires type STANDARD, got {type_}; drop "
        "multitrack_input_configuration or change type",
    )
    assert found(error) == [("multitrack_input_configuration", "multitrack-type")]
    assert error.failures[0].source == f"{GUIDE}/multitrack-video.html"


@pytest.mark.parametrize("container", ["TS", ContainerFormat.TS])
def test_channel_refuses_multitrack_input_in_ts(stack: cdk.Stack, container: str) -> None:
    error = refused(
        Channel, stack, container_format=container, multitrack_input_configuration=TRACKS
    )

    assert str(error) == report(
        "Channel",
        "multitrack_input_configuration requires container_format FRAGMENTED_MP4, got TS; drop "
        "container_format",
    )
    assert found(error) == [("multitrack_input_configuration", "multitrack-container")]
    assert error.failures[0].source == f"{GUIDE}/multitrack-video.html"


def test_channel_accepts_multitrack_input(stack: cdk.Stack) -> None:
    defined(Channel, stack, type="STANDARD", multitrack_input_configuration=TRACKS)

    channel = rendered(stack, "AWS::IVS::Channel")
    assert channel["ContainerFormat"] == "FRAGMENTED_MP4"
    assert channel["MultitrackInputConfiguration"] == {
        "Enabled": True,
        "MaximumResolution": "HD",
        "Policy": "ALLOW",
    }


@pytest.mark.parametrize(
    "options",
    [
        {"type": "BASIC", "container_format": "TS"},
        {"type": "ADVANCED_HD"},
        {"container_format": "TS"},
    ],
)
def test_channel_accepts_anything_with_multitrack_input_off(
    stack: cdk.Stack, options: dict[str, str]
) -> None:
    off = MultitrackInputConfiguration(enabled=False)

    defined(Channel, stack, multitrack_input_configuration=off, **options)


def test_channel_leaves_multitrack_input_with_tokens_unjudged(stack: cdk.Stack) -> None:
    token, flag = text_token(stack), object_token(stack)

    Channel(stack, "One", type=token, multitrack_input_configuration=TRACKS)
    Channel(stack, "Two", container_format=token, multitrack_input_configuration=TRACKS)
    Channel(
        stack,
        "Three",
        type="BASIC",
        container_format="TS",
        multitrack_input_configuration={"enabled": flag},
    )


KEYS = "multitrack_input_configuration must have the keys maximum_resolution, policy, enabled, got"


def test_channel_refuses_unknown_keys_of_multitrack_input_in_the_order_given(
    stack: cdk.Stack,
) -> None:
    error = refused(
        Channel,
        stack,
        multitrack_input_configuration={
            "zzzz": 1,
            "maximumResolution": "HD",
            "polcy": "ALLOW",
            "aaaa": 2,
            5: 3,
            "xxxx": 4,
            "enabled": False,
        },
    )

    assert str(error) == report(
        "Channel",
        f"{KEYS} 'zzzz'",
        f"{KEYS} 'maximumResolution'; did you mean 'maximum_resolution'?",
        f"{KEYS} 'polcy'; did you mean 'policy'?",
        f"{KEYS} 'aaaa'",
        f"{KEYS} 5 (int)",
        f"{KEYS} 'xxxx'",
    )
    assert found(error) == [("multitrack_input_configuration", "unknown-key")] * 6


def test_channel_reports_what_is_missing_for_multitrack_input(stack: cdk.Stack) -> None:
    error = refused(Channel, stack, multitrack_input_configuration={})

    assert str(error) == report(
        "Channel",
        "maximum_resolution is required while multitrack input is enabled, got None; pass one of "
        "SD, HD, FULL_HD",
        "policy is required while multitrack input is enabled, got None; pass one of ALLOW, "
        "REQUIRE",
    )
    assert {code for _, code in found(error)} == {"multitrack-missing"}


@pytest.mark.parametrize("enabled", [None, "yes"])
def test_channel_refuses_another_flag_for_multitrack_input(
    stack: cdk.Stack, enabled: object
) -> None:
    refused(Channel, stack, multitrack_input_configuration={"enabled": enabled})


@pytest.mark.parametrize(
    ("value", "got"),
    [
        (True, "True (bool)"),
        ("HD", "'HD'"),
        (["HD"], "['HD'] (list)"),
        (
            MultitrackInputConfiguration,
            "<class 'ivs_constructs.low_latency.values.MultitrackInputConfiguration'> (type)",
        ),
    ],
)
def test_channel_refuses_another_thing_for_multitrack_input(
    stack: cdk.Stack, value: object, got: str
) -> None:
    error = refused(Channel, stack, multitrack_input_configuration=value)

    assert str(error) == report(
        "Channel",
        f"multitrack_input_configuration must be a MultitrackInputConfiguration, got {got}",
    )
    assert found(error) == [("multitrack_input_configuration", "type")]


@pytest.mark.parametrize(
    ("prop", "article", "cls"),
    [
        ("playback_restriction_policy", "a", "PlaybackRestrictionPolicy"),
        ("ad_configuration", "an", "AdConfiguration"),
        ("failover_slate_configuration", "a", "FailoverSlateConfiguration"),
    ],
)
@pytest.mark.parametrize("make", [Channel, ChannelAssociations])
def test_channel_refuses_another_thing_for_an_association(
    stack: cdk.Stack, make: Make, prop: str, article: str, cls: str
) -> None:
    error = refused(make, stack, **{prop: CHANNEL_ARN})

    assert error.failures[0].message == (
        f"{prop} must be {article} {cls}, got the string '{CHANNEL_ARN}'; import it with "
        f"{cls}.from_{prop}_arn(self, 'Imported', ...)"
    )
    assert found(error) == [(prop, "type")]
    other = Channel(stack, "Other")
    assert found(refused(make, stack, **{prop: other})) == [(prop, "type")]


@pytest.mark.parametrize(
    "options",
    [{"container_format": "FRAGMENTED_MP4"}, {"multitrack_input_configuration": TRACKS}],
)
@pytest.mark.parametrize("make", [Channel, LiveChannel])
def test_channel_refuses_ads_in_fragmented_mp4(
    stack: cdk.Stack, make: Make, options: dict[str, object]
) -> None:
    error = refused(make, stack, ad_configuration=imported_ads(stack), **options)

    assert found(error) == [("ad_configuration", "ads-container")]
    assert error.failures[0].message == (
        "ad_configuration requires container_format TS, got FRAGMENTED_MP4; drop "
        "ad_configuration, or container_format and multitrack_input_configuration"
    )
    assert error.failures[0].source == f"{GUIDE}/server-side-ad-insertion.html"


@pytest.mark.parametrize("container", [None, "TS", "token"])
def test_channel_has_nothing_against_ads_in_ts(stack: cdk.Stack, container: str | None) -> None:
    container = text_token(stack) if container == "token" else container

    defined(Channel, stack, ad_configuration=imported_ads(stack), container_format=container)


@pytest.mark.parametrize("make", [Channel, LiveChannel])
def test_channel_refuses_to_know_what_to_do_when_live_for_nothing(
    stack: cdk.Stack, make: Make
) -> None:
    error = refused(make, stack, in_use="WAIT")

    assert found(error) == [("in_use", "on-live-without-association")]
    assert error.failures[0].message == (
        "in_use is for a restriction policy, ad configuration or failover slate configuration "
        "that changes while the channel is live, got none of them; drop in_use"
    )
    assert error.failures[0].source == f"{API}/API_UpdateChannel.html"


@pytest.mark.parametrize("make", [Channel, ChannelAssociations, LiveChannel])
def test_channel_refuses_another_choice_for_when_it_is_live(stack: cdk.Stack, make: Make) -> None:
    error = refused(make, stack, ad_configuration=imported_ads(stack), in_use="wait")

    assert found(error) == [("in_use", "choice")]
    assert error.failures[0].message == (
        "in_use must be one of FAIL, WAIT, STOP, got 'wait'; did you mean 'WAIT'?"
    )


IMPORT_RECORDING = "import it with RecordingConfiguration.from_arn(self, 'Imported', ...)"


def test_channel_refuses_a_text_for_a_recording_configuration(stack: cdk.Stack) -> None:
    error = refused(Channel, stack, recording_configuration=RECORDING_ARN)

    assert str(error) == report(
        "Channel",
        "recording_configuration must be a RecordingConfiguration, got the string "
        f"'{RECORDING_ARN}'; {IMPORT_RECORDING}",
    )
    assert found(error) == [("recording_configuration", "type")]


def test_channel_refuses_another_construct_for_a_recording_configuration(
    stack: cdk.Stack,
) -> None:
    other = Channel(stack, "Other")

    assert str(refused(Channel, stack, recording_configuration=other)) == report(
        "Channel",
        "recording_configuration must be a RecordingConfiguration, got <ivs_constructs.Channel "
        "'Stack/Other'> (Channel)",
    )


def test_channel_refuses_an_l1_channel_for_a_recording_configuration(stack: cdk.Stack) -> None:
    # It has an attribute of the name that a recording configuration's ARN has.
    other = aws_ivs.CfnChannel(stack, "Other", recording_configuration_arn=RECORDING_ARN)

    assert found(refused(Channel, stack, recording_configuration=other)) == [
        ("recording_configuration", "type")
    ]


@pytest.mark.parametrize("length", [127, 128])
def test_channel_accepts_a_long_recording_configuration_arn(stack: cdk.Stack, length: int) -> None:
    arn = RECORDING_ARN + "x" * (length - len(RECORDING_ARN))

    imported = RecordingConfiguration.from_arn(stack, "Recording", arn)
    defined(Channel, stack, recording_configuration=imported)


def test_channel_refuses_a_recording_configuration_arn_that_is_too_long(
    stack: cdk.Stack,
) -> None:
    arn = RECORDING_ARN + "x" * (129 - len(RECORDING_ARN))
    imported = RecordingConfiguration.from_arn(stack, "Recording", arn)

    error = refused(Channel, stack, recording_configuration=imported)

    assert str(error) == report(
        "Channel",
        "recording_configuration must have at most 128 characters, got 129 characters; shorten it "
        "by 1",
    )


def test_failures_of_a_channel_come_together(stack: cdk.Stack) -> None:
    error = refused(
        Channel,
        stack,
        channel_name="a b" + "c" * 126,
        type="BASIC",
        latency_mode="FAST",
        preset="HIGHER_BANDWIDTH_DELIVERY",
        authorized="yes",
        multitrack_input_configuration=TRACKS,
        container_format="TS",
        recording_configuration="arn",
        playback_restriction_policy="arn",
        tags={"aws:k": 5},
    )

    assert found(error) == [
        ("playback_restriction_policy", "type"),
        ("recording_configuration", "type"),
        ("channel_name", "pattern"),
        ("channel_name", "length"),
        ("latency_mode", "choice"),
        ("authorized", "type"),
        ("tags", "type"),
        ("tags", "tag-prefix"),
        ("preset", "preset-type"),
        ("multitrack_input_configuration", "multitrack-type"),
        ("multitrack_input_configuration", "multitrack-container"),
    ]
    assert str(error).startswith("Channel 'Stack/It' has 11 invalid properties:\n  - ")
    assert str(error).count("\n") == 11
