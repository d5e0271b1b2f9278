"""What is refused and with which words, and that the values just inside the limits are not."""

from __future__ import annotations

import traceback
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import aws_cdk as cdk
import jsii
import pytest
from aws_cdk import aws_ivs, aws_s3
from aws_cdk.assertions import Template
from aws_cdk.interfaces import aws_ivs as references
from constructs import Construct

from ivs_constructs import (
    AdConfiguration,
    Channel,
    ChannelAssociations,
    ChannelType,
    ContainerFormat,
    FailoverSlateConfiguration,
    InvalidPropertyError,
    InvalidScopeError,
    IvsConstructsError,
    LatencyMode,
    LiveChannel,
    MultitrackInputConfiguration,
    PlaybackKeyPair,
    PlaybackRestrictionPolicy,
    PostRollConfiguration,
    Preset,
    RecordingBucket,
    RecordingConfiguration,
    RenditionConfiguration,
    Resolution,
    Storage,
    StreamKey,
    ThumbnailConfiguration,
    UnknownAttributeError,
    UnsupportedError,
)

P384 = """-----BEGIN PUBLIC KEY-----
MHYwEAYHKoZIzj0CAQYFK4EEACIDYgAEoJ3K+1gWlTkC9NIy5xbv2cz3MWGqrXNA
LdGiH9EgianL/kAqWJrB2hmR5gc44OZp+zAMcJAUn5BsZQQcVwlL9Yt6/ejzecPr
3Xp32Dt+gHi4ir5YfW5XFW68zYjpqNf3
-----END PUBLIC KEY-----
"""
P256 = """-----BEGIN PUBLIC KEY-----
MFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAEVrqyn1MLxNVXKVu3o46Cbr6m3pTM
mX7XVJqp7MaoU2UdO6lqYqc9CQXxKzgv8C1APuWcIYBpw45jPbSQbaYrrA==
-----END PUBLIC KEY-----
"""
PRIVATE_PEM = """-----BEGIN EC PRIVATE KEY-----
MIGkAgEBBDCthisIsJunkAndMustNeverBeRepeatedInAnyMessageOfAnyError
-----END EC PRIVATE KEY-----
"""

CHANNEL_ARN = "arn:aws:ivs:us-east-1:111111111111:channel/AbCdEfGhIjKl"
RECORDING_ARN = "arn:aws:ivs:us-east-1:111111111111:recording-configuration/AbCdEfGhIjKl"
ADS_ARN = "arn:aws:mediatailor:us-east-1:111111111111:playbackConfiguration/main"

API = "https://docs.aws.amazon.com/ivs/latest/LowLatencyAPIReference"
GUIDE = "https://docs.aws.amazon.com/ivs/latest/LowLatencyUserGuide"

HERE = cdk.Environment(region="us-east-1", account="111111111111")

Make = Callable[..., object]
Tokens = Callable[[cdk.Stack], object]

NEEDED: dict[Make, dict[str, object]] = {
    PlaybackKeyPair: {"public_key_material": P384},
    AdConfiguration: {"media_tailor_playback_configurations": [ADS_ARN]},
    ChannelAssociations: {"channel": SimpleNamespace(channel_arn=CHANNEL_ARN)},
}
"""What a construct cannot do without."""

needs_ads = pytest.mark.skipif(
    not hasattr(aws_ivs, "CfnAdConfiguration"), reason="aws-cdk-lib before 2.274.0 has no such type"
)


def text_token(stack: cdk.Stack) -> str:
    return cdk.CfnParameter(stack, "Text").value_as_string


def number_token(stack: cdk.Stack) -> float:
    return cdk.CfnParameter(stack, "Number", type="Number").value_as_number


def list_token(stack: cdk.Stack) -> list[str]:
    return cdk.CfnParameter(stack, "List", type="CommaDelimitedList").value_as_list


def object_token(_: cdk.Stack) -> cdk.IResolvable:
    return cdk.Fn.condition_if("Condition", "one", "other")


def report(subject: str, *lines: str, path: str = "Stack/It") -> str:
    count = "1 invalid property" if len(lines) == 1 else f"{len(lines)} invalid properties"
    return f"{subject} '{path}' has {count}:" + "".join(f"\n  - {line}" for line in lines)


def assert_short_and_ours(error: BaseException) -> None:
    trace = "".join(traceback.format_exception(error))
    assert "jsii-kernel" not in trace
    assert "at new " not in trace
    assert trace.count("\n") <= 40


def refused(make: Make, scope: Construct, **properties: object) -> InvalidPropertyError:
    """The error, after a look at its traceback and for things left behind."""
    before = [child.node.id for child in scope.node.children]
    with pytest.raises(InvalidPropertyError) as caught:
        make(scope, "It", **{**NEEDED.get(make, {}), **properties})
    assert_short_and_ours(caught.value)
    assert [child.node.id for child in scope.node.children] == before
    assert all(failure.source.startswith("https://") for failure in caught.value.failures)
    return caught.value


def found(error: InvalidPropertyError) -> list[tuple[str, str]]:
    return [(failure.property, failure.code) for failure in error.failures]


def defined(make: Make, scope: Construct, **properties: object) -> Any:  # noqa: ANN401 (any construct)
    return make(scope, "It", **{**NEEDED.get(make, {}), **properties})


def imported_ads(stack: cdk.Stack) -> object:
    arn = "arn:aws:ivs:us-east-1:111111111111:ad-configuration/AbCdEfGhIjKl"
    return AdConfiguration.from_ad_configuration_arn(stack, "Ads", arn)


def rendered(stack: cdk.Stack, cfn_type: str) -> dict[str, Any]:
    [resource] = Template.from_stack(stack).find_resources(cfn_type).values()
    properties: dict[str, Any] = resource["Properties"]
    return properties


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


def located(**env: str) -> cdk.Stack:
    return cdk.Stack(
        cdk.App(analytics_reporting=False), "Stack", env=cdk.Environment(**env) if env else None
    )


# names

NAMES = [
    pytest.param(Channel, "channel_name", id="channel"),
    pytest.param(RecordingConfiguration, "recording_configuration_name", id="recording"),
    pytest.param(PlaybackKeyPair, "playback_key_pair_name", id="key pair"),
    pytest.param(PlaybackRestrictionPolicy, "playback_restriction_policy_name", id="policy"),
    pytest.param(
        FailoverSlateConfiguration, "failover_slate_configuration_name", id="failover slate"
    ),
    pytest.param(AdConfiguration, "ad_configuration_name", id="ads"),
]


@pytest.mark.parametrize(("make", "prop"), NAMES)
@pytest.mark.parametrize(
    ("name", "message", "code"),
    [
        ("a" * 129, "at most 128 characters, got 129 characters; shorten it by 1", "length"),
        ("my channel!", "only letters, digits, - and _, got 'my channel!'; drop ' !'", "pattern"),
        ("größe", "only letters, digits, - and _, got 'größe'; drop 'öß'", "pattern"),
        ("a\n", r"only letters, digits, - and _, got 'a\n'; drop '\n'", "pattern"),
    ],
)
def test_name_refuses(
    stack: cdk.Stack, make: Make, prop: str, name: str, message: str, code: str
) -> None:
    error = refused(make, stack, **{prop: name})

    assert str(error) == report(make.__name__, f"{prop} must have {message}")
    assert found(error) == [(prop, code)]


@pytest.mark.parametrize(("make", "prop"), NAMES)
@pytest.mark.parametrize(
    ("name", "got"),
    [
        (5, "5 (int)"),
        (True, "True (bool)"),
        (b"main", "b'main' (bytes); give its text"),
        (["a"], "['a'] (list)"),
    ],
)
def test_name_refuses_what_is_no_text(
    stack: cdk.Stack, make: Make, prop: str, name: object, got: str
) -> None:
    error = refused(make, stack, **{prop: name})

    assert str(error) == report(make.__name__, f"{prop} must be a string, got {got}")
    assert found(error) == [(prop, "type")]


@pytest.mark.parametrize(("make", "prop"), NAMES[:-1])
@pytest.mark.parametrize("length", [0, 1, 127, 128])
def test_name_accepts_lengths(stack: cdk.Stack, make: Make, prop: str, length: int) -> None:
    defined(make, stack, **{prop: "a" * length})


@pytest.mark.parametrize(
    "token",
    [
        text_token,
        lambda stack: f"live-{text_token(stack)}!",
        lambda _: cdk.Fn.import_value("Name"),
        lambda _: cdk.Fn.select(0, cdk.Fn.split(",", cdk.Fn.ref("AWS::StackName"))),
        lambda _: cdk.Aws.STACK_NAME * 9,
        lambda _: cdk.Token.as_string({"Ref": "AWS::StackName"}),
    ],
)
def test_name_leaves_tokens_unjudged(stack: cdk.Stack, token: Tokens) -> None:
    assert defined(Channel, stack, channel_name=token(stack)).channel_name


def test_lazy_values_are_unjudged(stack: cdk.Stack) -> None:
    text = cdk.Lazy.string(LazyText())
    items = cdk.Lazy.list(LazyList())
    window = cdk.Duration.seconds(cdk.Lazy.number(LazyNumber()))

    Channel(stack, "One", channel_name=text, type=text, tags={"k": text, text: "v"})
    PlaybackRestrictionPolicy(stack, "Two", allowed_countries=items, allowed_origins=items)
    RecordingConfiguration(stack, "Three", recording_reconnect_window=window)


# choices

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


# flags


@pytest.mark.parametrize(
    ("make", "prop"),
    [
        (Channel, "authorized"),
        (Channel, "insecure_ingest"),
        (PlaybackRestrictionPolicy, "enable_strict_origin_enforcement"),
    ],
)
@pytest.mark.parametrize(
    ("value", "got"),
    [
        (1, "1 (int)"),
        (0, "0 (int)"),
        ("true", "'true'"),
        ("", "''"),
        (
            cdk.Fn.ref("Flag"),
            "a deploy-time value (str); give the token itself, such as the attribute value of a "
            "CfnParameter",
        ),
    ],
)
def test_flag_refuses_what_is_no_bool(
    stack: cdk.Stack, make: Make, prop: str, value: object, got: str
) -> None:
    error = refused(make, stack, **{prop: value})

    assert str(error) == report(make.__name__, f"{prop} must be True or False, got {got}")
    assert found(error) == [(prop, "type")]


# rules on channels


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


TRACKS = MultitrackInputConfiguration(maximum_resolution="HD", policy="ALLOW")


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
        "maximum_resolution is required while multitrack input is enabled, got None; give one of "
        "SD, HD, FULL_HD",
        "policy is required while multitrack input is enabled, got None; give one of ALLOW, "
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
        f"{prop} must be {article} {cls}, got the string '{CHANNEL_ARN}'; import it by "
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


IMPORT_RECORDING = "import it by RecordingConfiguration.from_arn(self, 'Imported', ...)"


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


# stream keys


@pytest.mark.parametrize(
    ("value", "message", "code"),
    [
        (None, "channel is required; give a value", "required"),
        (
            CHANNEL_ARN,
            f"channel must be a Channel, got the string '{CHANNEL_ARN}'; import it by "
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
    "other",
    [
        lambda stack: RecordingConfiguration(stack, "Other"),
        lambda stack: LiveChannel(stack, "Other"),
        lambda stack: aws_ivs.CfnStreamKey(stack, "Other", channel_arn=CHANNEL_ARN),
        lambda stack: aws_s3.Bucket(stack, "Other"),
        lambda stack: stack,
    ],
    ids=["recording", "bundle", "L1 stream key", "bucket", "stack"],
)
def test_stream_key_refuses_another_construct(stack: cdk.Stack, other: Tokens) -> None:
    error = refused(StreamKey, stack, channel=other(stack))

    assert found(error) == [("channel", "type")]
    assert error.failures[0].message.startswith("channel must be a Channel, got <")


def one_key(path: str) -> str:
    return (
        f"channel has a stream key already, '{path}'; use that one, Amazon IVS allows one for each "
        "channel"
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
    # The same text stands for two channels, since each stack has a Region of its own.
    arn = f"arn:aws:ivs:{cdk.Aws.REGION}:{cdk.Aws.ACCOUNT_ID}:channel/AbCdEfGhIjKl"
    for region in ("us-east-1", "us-west-2"):
        stack = cdk.Stack(app, region, env=cdk.Environment(region=region))
        Channel.from_channel_arn(stack, "Channel", arn).add_stream_key("StreamKey")


def test_stream_key_can_be_made_after_a_failed_one(stack: cdk.Stack) -> None:
    channel = Channel(stack, "Channel")
    refused(StreamKey, stack, channel=channel, tags={"aws:k": "v"})

    defined(StreamKey, stack, channel=channel)


# recording configurations


@pytest.mark.parametrize(
    "window",
    [
        cdk.Duration.seconds(0),
        cdk.Duration.seconds(1),
        cdk.Duration.seconds(299),
        cdk.Duration.minutes(5),
        cdk.Duration.millis(300_000),
        cdk.Duration.minutes(0.5),
        cdk.Duration.parse("PT5M"),
    ],
)
def test_recording_accepts_a_window(stack: cdk.Stack, window: cdk.Duration) -> None:
    defined(RecordingConfiguration, stack, recording_reconnect_window=window)


WINDOW = "recording_reconnect_window must be"


@pytest.mark.parametrize(
    ("window", "message", "code"),
    [
        (
            cdk.Duration.seconds(301),
            f"{WINDOW} 0-300 seconds, got 301 seconds; shorten the window",
            "range",
        ),
        (
            cdk.Duration.days(1),
            f"{WINDOW} 0-300 seconds, got 86400 seconds; shorten the window",
            "range",
        ),
        (
            cdk.Duration.millis(1),
            f"{WINDOW} a whole number of seconds, got 1 milliseconds; round it",
            "whole-seconds",
        ),
        (
            cdk.Duration.millis(300_001),
            f"{WINDOW} a whole number of seconds, got 300001 milliseconds; round it",
            "whole-seconds",
        ),
        (
            cdk.Duration.millis(86_400_001),
            f"{WINDOW} a whole number of seconds, got 86400001 milliseconds; round it",
            "whole-seconds",
        ),
        (
            cdk.Duration.seconds(1.5),
            f"{WINDOW} a whole number of seconds, got 1500 milliseconds; round it",
            "whole-seconds",
        ),
        (
            30,
            f"{WINDOW} a Duration of aws_cdk, got 30 (int); write Duration.seconds(30)",
            "type",
        ),
        ("30", f"{WINDOW} a Duration of aws_cdk, got '30'", "type"),
        (
            cdk.Token.as_number({"Ref": "Number"}),
            f"{WINDOW} a Duration of aws_cdk, got a deploy-time value (float); write "
            "Duration.seconds(...) around it",
            "type",
        ),
        (True, f"{WINDOW} a Duration of aws_cdk, got True (bool)", "type"),
        (
            cdk.Size,
            f"{WINDOW} a Duration of aws_cdk, got <class 'aws_cdk.Size'> (JSIIMeta)",
            "type",
        ),
    ],
    ids=lambda value: "" if isinstance(value, cdk.Duration) else str(value),
)
def test_recording_refuses_a_window(
    stack: cdk.Stack, window: object, message: str, code: str
) -> None:
    error = refused(RecordingConfiguration, stack, recording_reconnect_window=window)

    assert str(error) == report("RecordingConfiguration", message)
    assert found(error) == [("recording_reconnect_window", code)]
    assert error.failures[0].source == f"{API}/API_CreateRecordingConfiguration.html"


@pytest.mark.parametrize("number", [number_token, lambda _: cdk.Token.as_number({"Ref": "Number"})])
def test_recording_leaves_a_window_in_seconds_unjudged(
    stack: cdk.Stack, number: Callable[[cdk.Stack], float]
) -> None:
    window = cdk.Duration.seconds(number(stack))

    defined(RecordingConfiguration, stack, recording_reconnect_window=window)

    recording = rendered(stack, "AWS::IVS::RecordingConfiguration")
    assert recording["RecordingReconnectWindowSeconds"] == {"Ref": "Number"}


@pytest.mark.parametrize("unit", ["millis", "minutes", "hours", "days"])
def test_recording_refuses_a_token_in_another_unit(stack: cdk.Stack, unit: str) -> None:
    stack_number = number_token(stack)

    error = refused(
        RecordingConfiguration,
        stack,
        recording_reconnect_window=getattr(cdk.Duration, unit)(stack_number),
    )

    assert str(error) == report(
        "RecordingConfiguration",
        "recording_reconnect_window comes from a deploy-time value and must be made by "
        f"Duration.seconds, got {unit}; CloudFormation cannot convert units",
    )
    assert found(error) == [("recording_reconnect_window", "token-unit")]


def test_recording_renders_edges(stack: cdk.Stack) -> None:
    defined(
        RecordingConfiguration,
        stack,
        bucket=aws_s3.Bucket.from_bucket_name(stack, "Bucket", "a" * 63),
        recording_configuration_name="a" * 128,
        recording_reconnect_window=cdk.Duration.minutes(5),
        rendition_configuration=RenditionConfiguration.custom(list(Resolution)),
        thumbnail_configuration=ThumbnailConfiguration.interval(
            Resolution.LOWEST_RESOLUTION, list(Storage), cdk.Duration.minutes(1)
        ),
        tags={"k" * 128: "v" * 256},
    )

    assert rendered(stack, "AWS::IVS::RecordingConfiguration") == {
        "DestinationConfiguration": {"S3": {"BucketName": "a" * 63}},
        "Name": "a" * 128,
        "RecordingReconnectWindowSeconds": 300,
        "RenditionConfiguration": {
            "RenditionSelection": "CUSTOM",
            "Renditions": ["FULL_HD", "HD", "SD", "LOWEST_RESOLUTION"],
        },
        "ThumbnailConfiguration": {
            "RecordingMode": "INTERVAL",
            "Resolution": "LOWEST_RESOLUTION",
            "Storage": ["SEQUENTIAL", "LATEST"],
            "TargetIntervalSeconds": 60,
        },
        "Tags": [{"Key": "k" * 128, "Value": "v" * 256}],
    }


def test_recording_renders_tokens(stack: cdk.Stack) -> None:
    text, items, number = text_token(stack), list_token(stack), number_token(stack)

    defined(
        RecordingConfiguration,
        stack,
        bucket=aws_s3.Bucket.from_bucket_name(stack, "Bucket", text),
        recording_configuration_name=text,
        rendition_configuration=RenditionConfiguration(text, items),
        thumbnail_configuration=ThumbnailConfiguration(
            text, text, items, cdk.Duration.seconds(number)
        ),
        tags={text: text},
    )

    assert rendered(stack, "AWS::IVS::RecordingConfiguration") == {
        "DestinationConfiguration": {"S3": {"BucketName": {"Ref": "Text"}}},
        "Name": {"Ref": "Text"},
        "RenditionConfiguration": {
            "RenditionSelection": {"Ref": "Text"},
            "Renditions": {"Ref": "List"},
        },
        "ThumbnailConfiguration": {
            "RecordingMode": {"Ref": "Text"},
            "Resolution": {"Ref": "Text"},
            "Storage": {"Ref": "List"},
            "TargetIntervalSeconds": {"Ref": "Number"},
        },
        "Tags": [{"Key": {"Ref": "Text"}, "Value": {"Ref": "Text"}}],
    }


@pytest.mark.parametrize(
    ("bucket", "message"),
    [
        (
            "my-bucket",
            "bucket must be an S3 bucket, got the string 'my-bucket'; import it by "
            "aws_s3.Bucket.from_bucket_name(self, 'Imported', 'my-bucket')",
        ),
        (5, "bucket must be an S3 bucket, got 5 (int)"),
        (True, "bucket must be an S3 bucket, got True (bool)"),
        ({"bucket_name": "b"}, "bucket must be an S3 bucket, got {'bucket_name': 'b'} (dict)"),
    ],
)
def test_recording_refuses_another_thing_for_a_bucket(
    stack: cdk.Stack, bucket: object, message: str
) -> None:
    error = refused(RecordingConfiguration, stack, bucket=bucket)

    assert str(error) == report("RecordingConfiguration", message)
    assert found(error) == [("bucket", "type")]


def test_recording_refuses_another_construct_for_a_bucket(stack: cdk.Stack) -> None:
    other = Channel(stack, "Other")

    assert str(refused(RecordingConfiguration, stack, bucket=other)) == report(
        "RecordingConfiguration",
        "bucket must be an S3 bucket, got <ivs_constructs.Channel 'Stack/Other'> (Channel)",
    )


def test_recording_refuses_a_bucket_of_an_old_name(stack: cdk.Stack) -> None:
    # S3 once allowed such names, and the AWS CDK imports them.
    bucket = aws_s3.Bucket.from_bucket_name(stack, "Bucket", "My_Bucket")

    error = refused(RecordingConfiguration, stack, bucket=bucket)

    assert found(error) == [("bucket", "pattern")]
    assert error.failures[0].message.endswith(
        " only lower-case letters, digits, - and ., got 'My_Bucket'; drop 'M_B'"
    )


@pytest.mark.parametrize(
    "name", [None, "my-bucket"], ids=["named by CloudFormation", "named by the user"]
)
def test_recording_refers_to_an_l1_bucket(stack: cdk.Stack, name: str | None) -> None:
    # By reference, so that CloudFormation makes the bucket first.
    defined(
        RecordingConfiguration, stack, bucket=aws_s3.CfnBucket(stack, "Bucket", bucket_name=name)
    )

    assert rendered(stack, "AWS::IVS::RecordingConfiguration") == {
        "DestinationConfiguration": {"S3": {"BucketName": {"Ref": "Bucket"}}}
    }


BUCKET_REGION = (
    "bucket must be in the stack's Region us-east-1, got one in eu-west-1; Amazon IVS records "
    "within a Region, so take a bucket there"
)
BUCKET_ACCOUNT = (
    "bucket must be in the stack's account 111111111111, got one in 222222222222; Amazon IVS "
    "records within an account, so take a bucket there"
)


@pytest.mark.parametrize(
    ("place", "messages", "codes"),
    [
        ({"region": "eu-west-1"}, [BUCKET_REGION], ["bucket-region"]),
        ({"account": "222222222222"}, [BUCKET_ACCOUNT], ["bucket-account"]),
        (
            {"region": "eu-west-1", "account": "222222222222"},
            [BUCKET_REGION, BUCKET_ACCOUNT],
            ["bucket-region", "bucket-account"],
        ),
    ],
)
def test_recording_refuses_a_bucket_elsewhere(
    place: dict[str, Any], messages: list[str], codes: list[str]
) -> None:
    stack = located(region="us-east-1", account="111111111111")
    bucket = aws_s3.Bucket.from_bucket_attributes(stack, "Bucket", bucket_name="abc", **place)

    error = refused(RecordingConfiguration, stack, bucket=bucket)

    assert str(error) == report("RecordingConfiguration", *messages)
    assert [code for _, code in found(error)] == codes
    # The argument that the user wrote.
    assert {prop for prop, _ in found(error)} == {"bucket"}
    assert {failure.source for failure in error.failures} == {
        f"{API}/API_CreateRecordingConfiguration.html"
    }


def test_recording_refuses_a_bucket_of_a_stack_elsewhere() -> None:
    app = cdk.App(analytics_reporting=False)
    other = cdk.Stack(app, "Other", env=cdk.Environment(region="eu-west-1"))
    stack = cdk.Stack(app, "Stack", env=cdk.Environment(region="us-east-1"))

    error = refused(RecordingConfiguration, stack, bucket=RecordingBucket(other, "Bucket"))

    assert str(error) == report("RecordingConfiguration", BUCKET_REGION)


@pytest.mark.parametrize(
    ("stack_place", "bucket_place"),
    [
        ({"region": "us-east-1", "account": "111111111111"}, {"region": "us-east-1"}),
        ({"region": "us-east-1", "account": "111111111111"}, {"account": "111111111111"}),
        ({"region": "us-east-1"}, {"region": "us-east-1", "account": "222222222222"}),
        ({}, {"region": "eu-west-1", "account": "222222222222"}),
    ],
)
def test_recording_accepts_a_bucket_that_may_be_here(
    stack_place: dict[str, str], bucket_place: dict[str, Any]
) -> None:
    stack = located(**stack_place)
    bucket = aws_s3.Bucket.from_bucket_attributes(
        stack, "Bucket", bucket_name="abc", **bucket_place
    )

    defined(RecordingConfiguration, stack, bucket=bucket)


@pytest.mark.parametrize("place", [{"region": cdk.Aws.REGION}, {"account": cdk.Aws.ACCOUNT_ID}])
def test_recording_leaves_the_place_of_a_bucket_unjudged(place: dict[str, Any]) -> None:
    stack = located(region="us-east-1", account="111111111111")
    bucket = aws_s3.Bucket.from_bucket_attributes(stack, "Bucket", bucket_name="abc", **place)

    defined(RecordingConfiguration, stack, bucket=bucket)


def test_recording_accepts_a_bucket_of_another_stack(app: cdk.App, stack: cdk.Stack) -> None:
    bucket = RecordingBucket(cdk.Stack(app, "Other"), "Bucket")

    defined(RecordingConfiguration, stack, bucket=bucket)

    destination = rendered(stack, "AWS::IVS::RecordingConfiguration")["DestinationConfiguration"]
    assert list(destination["S3"]["BucketName"]) == ["Fn::ImportValue"]


@pytest.mark.parametrize(
    ("prop", "class_name"),
    [
        ("thumbnail_configuration", "ThumbnailConfiguration"),
        ("rendition_configuration", "RenditionConfiguration"),
    ],
)
@pytest.mark.parametrize(
    "value",
    [
        "HD",
        5,
        {},
        {"recording_mode": "INTERVAL"},
        {"rendition_selection": "CUSTOM"},
        {"nonsense": 1},
        MultitrackInputConfiguration(enabled=False),
        ThumbnailConfiguration,
        RenditionConfiguration.custom,
    ],
    ids=str,
)
def test_recording_refuses_another_thing_for_a_value(
    stack: cdk.Stack, prop: str, class_name: str, value: object
) -> None:
    error = refused(RecordingConfiguration, stack, **{prop: value})

    assert found(error) == [(prop, "type")]
    assert error.failures[0].message.startswith(f"{prop} must be a {class_name}, got ")


def test_recording_refuses_one_value_for_another(stack: cdk.Stack) -> None:
    error = refused(
        RecordingConfiguration, stack, thumbnail_configuration=RenditionConfiguration.all()
    )

    assert found(error) == [("thumbnail_configuration", "type")]


# thumbnails and post-rolls: what needs a real Duration


@pytest.mark.parametrize(
    "interval", [cdk.Duration.seconds(1), cdk.Duration.seconds(59), cdk.Duration.minutes(1)]
)
def test_thumbnails_accept_an_interval(interval: cdk.Duration) -> None:
    assert ThumbnailConfiguration.interval(target_interval=interval).target_interval is interval


@pytest.mark.parametrize(
    ("interval", "message", "code"),
    [
        (cdk.Duration.seconds(0), "1-60 seconds, got 0 seconds; lengthen the interval", "range"),
        (cdk.Duration.seconds(61), "1-60 seconds, got 61 seconds; shorten the interval", "range"),
        (cdk.Duration.hours(1), "1-60 seconds, got 3600 seconds; shorten the interval", "range"),
        (
            cdk.Duration.millis(999),
            "a whole number of seconds, got 999 milliseconds; round it",
            "whole-seconds",
        ),
    ],
)
def test_thumbnails_refuse_an_interval(interval: cdk.Duration, message: str, code: str) -> None:
    with pytest.raises(InvalidPropertyError) as caught:
        ThumbnailConfiguration.interval(target_interval=interval)

    assert str(caught.value) == (
        f"ThumbnailConfiguration has 1 invalid property:\n  - target_interval must be {message}"
    )
    assert found(caught.value) == [("target_interval", code)]
    assert caught.value.path is None


@pytest.mark.parametrize("duration", [cdk.Duration.seconds(1), cdk.Duration.minutes(5)])
def test_post_roll_accepts_a_duration(duration: cdk.Duration) -> None:
    assert PostRollConfiguration(duration=duration).enabled is True


@pytest.mark.parametrize(
    ("duration", "message"),
    [
        (cdk.Duration.seconds(0), "0 seconds; lengthen the post-roll"),
        (cdk.Duration.seconds(301), "301 seconds; shorten the post-roll"),
    ],
)
def test_post_roll_refuses_a_duration(duration: cdk.Duration, message: str) -> None:
    with pytest.raises(InvalidPropertyError) as caught:
        PostRollConfiguration(duration=duration)

    assert str(caught.value) == (
        "PostRollConfiguration has 1 invalid property:\n"
        f"  - duration must be 1-300 seconds, got {message}"
    )


def test_values_refuse_a_token_in_another_unit(stack: cdk.Stack) -> None:
    minutes = cdk.Duration.minutes(number_token(stack))

    with pytest.raises(InvalidPropertyError) as caught:
        PostRollConfiguration(duration=minutes)

    assert str(caught.value) == (
        "PostRollConfiguration has 1 invalid property:\n"
        "  - duration comes from a deploy-time value and must be made by Duration.seconds, got "
        "minutes; CloudFormation cannot convert units"
    )


# restriction policies

COUNTRIES = "allowed_countries must hold ISO 3166-1 alpha-2 country codes, got"
ORIGINS = "allowed_origins must hold origins scheme://host[:port] as browsers send them, got"
WRITE = "write the scheme and the host, such as"
POLICY_SOURCE = f"{API}/API_CreatePlaybackRestrictionPolicy.html"


@pytest.mark.parametrize(
    ("countries", "messages"),
    [
        (["de"], [f"{COUNTRIES} 'de'; write 'DE'"]),
        (["DE", "UK"], [f"{COUNTRIES} 'UK'; write 'GB'"]),
        (
            ["ZZ", "el", "FR"],
            [
                f"{COUNTRIES} 'ZZ'; look it up in the ISO 3166-1 list",
                f"{COUNTRIES} 'el'; write 'GR'",
            ],
        ),
        # Shortening these by so many characters would make them other countries.
        (["Germany"], [f"{COUNTRIES} 'Germany'; look it up in the ISO 3166-1 list"]),
        (["DEU"], [f"{COUNTRIES} 'DEU'; look it up in the ISO 3166-1 list"]),
        (["D"], [f"{COUNTRIES} 'D'; look it up in the ISO 3166-1 list"]),
        ([""], [f"{COUNTRIES} ''; look it up in the ISO 3166-1 list"]),
        (["DE,FR"], [f"{COUNTRIES} 'DE,FR'; look it up in the ISO 3166-1 list"]),
    ],
)
def test_policy_refuses_countries(
    stack: cdk.Stack, countries: list[str], messages: list[str]
) -> None:
    error = refused(PlaybackRestrictionPolicy, stack, allowed_countries=countries)

    assert str(error) == report("PlaybackRestrictionPolicy", *messages)
    assert set(found(error)) == {("allowed_countries", "country")}
    assert error.failures[0].source == POLICY_SOURCE


@pytest.mark.parametrize(
    ("origins", "messages"),
    [
        (
            ["https://example.com/"],
            [
                f"{ORIGINS} 'https://example.com/'; drop what follows the host: "
                "'https://example.com'"
            ],
        ),
        (
            ["https://example.com", "*", "example.org"],
            [
                f"{ORIGINS} '*'; name each origin, wildcards are for playback tokens only",
                f"{ORIGINS} 'example.org'; {WRITE} 'https://example.org'",
            ],
        ),
        ([""], [f"{ORIGINS} ''; {WRITE} 'https://example.com'"]),
    ],
)
def test_policy_refuses_origins(stack: cdk.Stack, origins: list[str], messages: list[str]) -> None:
    error = refused(PlaybackRestrictionPolicy, stack, allowed_origins=origins)

    assert str(error) == report("PlaybackRestrictionPolicy", *messages)
    assert set(found(error)) == {("allowed_origins", "origin")}
    assert error.failures[0].source == (
        "https://developer.mozilla.org/en-US/docs/Web/HTTP/Reference/Headers/Origin"
    )


def origin_of(length: int) -> str:
    return f"https://{'b' * (length - len('https://.com'))}.com"


@pytest.mark.parametrize("length", [127, 128])
def test_policy_accepts_a_long_origin(stack: cdk.Stack, length: int) -> None:
    defined(PlaybackRestrictionPolicy, stack, allowed_origins=[origin_of(length)])


def test_policy_tells_which_origin_is_too_long(stack: cdk.Stack) -> None:
    error = refused(
        PlaybackRestrictionPolicy,
        stack,
        allowed_origins=["https://example.com", origin_of(129), "https://example.org"],
    )

    assert found(error) == [("allowed_origins", "length")]
    message = error.failures[0].message
    assert message.startswith("allowed_origins must ")
    assert "at most 128 characters, got 129 characters" in message
    assert "'https://bbbb" in message


def test_parameter_itself_is_no_text(stack: cdk.Stack) -> None:
    error = refused(Channel, stack, channel_name=cdk.CfnParameter(stack, "Name"))

    assert str(error) == report(
        "Channel",
        "channel_name must be a string, got a deploy-time value (object); give its attribute "
        "value_as_string",
    )


@pytest.mark.parametrize("prop", ["allowed_countries", "allowed_origins"])
@pytest.mark.parametrize(
    ("value", "message"),
    [
        ("DE", "must be a list, got 'DE'; write ['DE']"),
        ("DE, FR,", "must be a list, got 'DE, FR,'; write ['DE', 'FR']"),
        (cdk.Fn.ref("DE"), "must be a list, got a deploy-time value (str); put it in [ ]"),
        (5, "must be a list, got 5 (int)"),
        ({"DE": 1}, "must be a list, got {'DE': 1} (dict)"),
        (True, "must be a list, got True (bool)"),
    ],
)
def test_policy_refuses_what_is_no_list(
    stack: cdk.Stack, prop: str, value: object, message: str
) -> None:
    error = refused(PlaybackRestrictionPolicy, stack, **{prop: value})

    assert str(error) == report("PlaybackRestrictionPolicy", f"{prop} {message}")
    assert found(error) == [(prop, "type")]


def test_policy_refuses_a_generator(stack: cdk.Stack) -> None:
    error = refused(PlaybackRestrictionPolicy, stack, allowed_countries=(code for code in ["DE"]))

    assert found(error) == [("allowed_countries", "type")]


@pytest.mark.parametrize("prop", ["allowed_countries", "allowed_origins"])
@pytest.mark.parametrize(
    ("item", "got"), [(5, "5 (int)"), (None, "None"), (["DE"], "['DE'] (list)")]
)
def test_policy_refuses_items_that_are_no_texts(
    stack: cdk.Stack, prop: str, item: object, got: str
) -> None:
    error = refused(PlaybackRestrictionPolicy, stack, **{prop: [item]})

    assert found(error) == [(prop, "type")]
    message = error.failures[0].message
    assert message.endswith(f", got {got}")
    # The list itself must not become a text.
    assert message != f"{prop} must be a string, got {got}"


@pytest.mark.parametrize(
    ("prop", "items", "repeated", "count"),
    [
        ("allowed_countries", ["DE", "FR", "DE"], "DE", 2),
        ("allowed_countries", ("FR", "FR", "FR"), "FR", 3),
        ("allowed_origins", ["https://a.example"] * 2, "https://a.example", 2),
    ],
)
def test_policy_refuses_duplicates(
    stack: cdk.Stack, prop: str, items: object, repeated: str, count: int
) -> None:
    error = refused(PlaybackRestrictionPolicy, stack, **{prop: items})

    assert str(error) == report(
        "PlaybackRestrictionPolicy",
        f"{prop} must not repeat {repeated}, got it {count} times; drop the duplicate",
    )
    assert found(error) == [(prop, "duplicate")]


@pytest.mark.parametrize("origins", [None, []])
def test_policy_refuses_strictness_without_origins(
    stack: cdk.Stack, origins: list[str] | None
) -> None:
    error = refused(
        PlaybackRestrictionPolicy,
        stack,
        enable_strict_origin_enforcement=True,
        allowed_origins=origins,
    )

    assert str(error) == report(
        "PlaybackRestrictionPolicy",
        "enable_strict_origin_enforcement requires allowed_origins, got none; name the origins or "
        "drop it",
    )
    assert found(error) == [("enable_strict_origin_enforcement", "strict-origins")]
    assert error.failures[0].source == POLICY_SOURCE


@pytest.mark.parametrize(
    "options",
    [
        {"enable_strict_origin_enforcement": False},
        {"enable_strict_origin_enforcement": True, "allowed_origins": ["null"]},
        {"allowed_countries": [], "allowed_origins": []},
        {"allowed_countries": ("DE", "FR")},
    ],
)
def test_policy_accepts(stack: cdk.Stack, options: dict[str, object]) -> None:
    defined(PlaybackRestrictionPolicy, stack, **options)


def test_policy_leaves_tokens_unjudged(stack: cdk.Stack) -> None:
    text, items, flag = text_token(stack), list_token(stack), object_token(stack)
    make = PlaybackRestrictionPolicy

    make(stack, "One", allowed_countries=items, allowed_origins=cdk.Fn.split(",", text))
    make(stack, "Two", allowed_countries=["DE", text, text], allowed_origins=[text, text])
    make(stack, "Three", allowed_origins=items, enable_strict_origin_enforcement=True)
    make(stack, "Four", allowed_origins=[text], enable_strict_origin_enforcement=True)
    make(stack, "Five", enable_strict_origin_enforcement=flag)  # type: ignore[arg-type]  # the AWS CDK takes it
    make(stack, "Six", allowed_countries=tuple(items))


def test_policy_renders_a_set_in_an_order_of_its_own(stack: cdk.Stack) -> None:
    # Texts are hashed anew in each run: the template must not change with that.
    countries = ["AT", "CH", "DE", "ES", "FR", "GB", "IT", "JP", "KR", "US"]

    defined(
        PlaybackRestrictionPolicy,
        stack,
        allowed_countries=set(countries),
        allowed_origins=[f"https://{'a' * 63}.example", "https://[::1]:8443", "null"],
        enable_strict_origin_enforcement=True,
    )

    assert rendered(stack, "AWS::IVS::PlaybackRestrictionPolicy") == {
        "AllowedCountries": countries,
        "AllowedOrigins": [f"https://{'a' * 63}.example", "https://[::1]:8443", "null"],
        "EnableStrictOriginEnforcement": True,
    }


# key pairs

EXPORT = "openssl ec -in private.pem -pubout -out public.pem"


@pytest.mark.parametrize(
    ("pem", "message"),
    [
        (
            PRIVATE_PEM,
            "public_key_material must be a public key, got a private key; keep that one out of "
            f"code and templates, and give the public half: {EXPORT}",
        ),
        (
            "public.pem",
            "public_key_material must be the PEM text of a public key, got text without a PEM "
            "block; give the file's content, as in Path('public.pem').read_text()",
        ),
        (
            P256,
            "public_key_material must be a P-384 (secp384r1) key, got a P-256 key; make one by: "
            "openssl ecparam -name secp384r1 -genkey -noout -out private.pem, then: "
            f"{EXPORT}",
        ),
        (
            P384 * 2,
            "public_key_material must hold one PEM block, got 2; keep the PUBLIC KEY block only",
        ),
        (
            P384.replace("MHYw", "MHYé"),
            "public_key_material must hold base64 text, got something else in the PEM block; "
            "export it again",
        ),
    ],
    ids=["private", "path", "P-256", "two", "not ASCII"],
)
def test_key_pair_refuses(stack: cdk.Stack, pem: str, message: str) -> None:
    error = refused(PlaybackKeyPair, stack, public_key_material=pem)

    assert str(error) == report("PlaybackKeyPair", message)
    assert found(error) == [("public_key_material", "public-key")]
    assert error.failures[0].source == f"{GUIDE}/private-channels-create-key.html"


def test_key_pair_asks_for_its_key(stack: cdk.Stack) -> None:
    error = refused(PlaybackKeyPair, stack, public_key_material=None)

    assert str(error) == report(
        "PlaybackKeyPair",
        "one of signing_key and public_key_material is required, got neither; give "
        "signing_key=TokenSigningKey(self, 'SigningKey')",
    )
    assert found(error) == [("public_key_material", "key-missing")]


@pytest.mark.parametrize(
    "value",
    [
        Path("private.pem"),
        PRIVATE_PEM.encode(),
        bytearray(PRIVATE_PEM.encode()),
        PRIVATE_PEM.splitlines(),
        {"key": PRIVATE_PEM},
        5,
    ],
    ids=["path", "bytes", "bytearray", "lines", "dict", "number"],
)
def test_key_pair_refuses_another_thing_without_showing_it(stack: cdk.Stack, value: object) -> None:
    error = refused(PlaybackKeyPair, stack, public_key_material=value)

    assert found(error) == [("public_key_material", "type")]
    assert str(error).startswith(
        report("PlaybackKeyPair", "public_key_material must be a string, got ")
    )
    # Bytes are what Path.read_bytes() gives: of a private key, possibly.
    assert "MIGk" not in str(error)


@pytest.mark.parametrize(
    "token", [text_token, lambda _: cdk.SecretValue.ssm_secure("/key").unsafe_unwrap()]
)
def test_key_pair_leaves_a_token_unjudged(stack: cdk.Stack, token: Tokens) -> None:
    defined(PlaybackKeyPair, stack, public_key_material=token(stack))


# ad configurations

ADS = "media_tailor_playback_configurations"
ADS_SOURCE = f"{API}/API_CreateAdConfiguration.html"


@pytest.mark.parametrize(
    ("value", "message", "code"),
    [
        (None, "is required; give a value", "required"),
        ([], "must have at least 1 item, got none; add one", "items"),
        (
            [f"{ADS_ARN}{n}" for n in range(4)],
            "must have at most 3 items, got 4; drop 1",
            "items",
        ),
        (ADS_ARN, f"must be a list, got '{ADS_ARN}'; write ['{ADS_ARN}']", "type"),
        (5, "must be a list, got 5 (int)", "type"),
    ],
)
def test_ads_refuse_a_number_of_configurations(
    stack: cdk.Stack, value: object, message: str, code: str
) -> None:
    error = refused(AdConfiguration, stack, **{ADS: value})

    assert str(error) == report("AdConfiguration", f"{ADS} {message}")
    assert found(error) == [(ADS, code)]
    assert error.failures[0].source == ADS_SOURCE


@pytest.mark.parametrize(
    ("item", "code"),
    [
        (f"{ADS_ARN}_1", "pattern"),
        ("main", "pattern"),
        (ADS_ARN.replace("mediatailor", "ivs"), "pattern"),
        pytest.param(ADS_ARN + "x" * (129 - len(ADS_ARN)), "length", id="129 characters"),
        (5, "type"),
        (None, "type"),
        ({"playback_configuration_arn": ADS_ARN}, "type"),
    ],
)
def test_ads_refuse_a_configuration(stack: cdk.Stack, item: object, code: str) -> None:
    error = refused(AdConfiguration, stack, **{ADS: [item]})

    # By the argument's name: nobody wrote playback_configuration_arn.
    assert found(error) == [(ADS, code)]
    assert error.failures[0].message.startswith(f"{ADS} must ")


def test_ads_tell_the_form_of_an_arn(stack: cdk.Stack) -> None:
    message = refused(AdConfiguration, stack, **{ADS: [f"{ADS_ARN}_1"]}).failures[0].message

    assert message.endswith(
        "an ARN arn:aws:mediatailor:<region>:<account>:playbackConfiguration/<name> whose name "
        f"has only letters, digits and -, got '{ADS_ARN}_1'"
    )


@needs_ads
@pytest.mark.parametrize(
    "items",
    [
        [ADS_ARN],
        (f"{ADS_ARN}1", f"{ADS_ARN}2"),
        [f"{ADS_ARN}{n}" for n in range(3)],
        {ADS_ARN},
        [ADS_ARN + "x" * (128 - len(ADS_ARN))],
    ],
    ids=["1", "2", "3", "set", "long"],
)
def test_ads_accept_configurations(stack: cdk.Stack, items: object) -> None:
    defined(AdConfiguration, stack, **{ADS: items})


@needs_ads
def test_ads_render_edges_and_tokens(stack: cdk.Stack) -> None:
    text, number = text_token(stack), number_token(stack)

    defined(
        AdConfiguration,
        stack,
        media_tailor_playback_configurations=[ADS_ARN, text],
        post_roll_configuration=PostRollConfiguration(duration=cdk.Duration.seconds(number)),
    )

    assert rendered(stack, "AWS::IVS::AdConfiguration") == {
        "MediaTailorPlaybackConfigurations": [
            {"PlaybackConfigurationArn": ADS_ARN},
            {"PlaybackConfigurationArn": {"Ref": "Text"}},
        ],
        "PostRollConfiguration": {"DurationSeconds": {"Ref": "Number"}, "Enabled": True},
    }


@pytest.mark.parametrize(
    "value",
    [
        5,
        "30s",
        cdk.Duration.seconds(30),
        {"duration": cdk.Duration.seconds(30)},
        {"duration": cdk.Duration.seconds(30), "enabled": True},
        ThumbnailConfiguration.disable(),
    ],
    ids=["number", "text", "duration", "dict", "full dict", "thumbnails"],
)
def test_ads_refuse_another_thing_for_a_post_roll(stack: cdk.Stack, value: object) -> None:
    error = refused(AdConfiguration, stack, post_roll_configuration=value)

    assert found(error) == [("post_roll_configuration", "type")]
    assert error.failures[0].message.startswith(
        "post_roll_configuration must be a PostRollConfiguration, got "
    )


@pytest.mark.parametrize("region", ["ap-northeast-1", "ap-northeast-2", "eu-west-1"])
def test_ads_refuse_a_region_without_the_type(region: str) -> None:
    error = refused(AdConfiguration, located(region=region))

    assert str(error) == report(
        "AdConfiguration",
        f"CloudFormation has no AWS::IVS::AdConfiguration in {region}; deploy the stack in "
        "us-east-1, us-west-2, eu-central-1 or ap-south-1",
    )
    assert found(error) == [("region", "ads-region")]
    assert error.failures[0].source == ADS_SOURCE


@needs_ads
@pytest.mark.parametrize("region", ["us-east-1", "us-west-2", "eu-central-1", "ap-south-1"])
def test_ads_accept_the_other_regions(region: str) -> None:
    defined(AdConfiguration, located(region=region))


def test_ads_leave_nothing_behind_where_the_type_is_missing(
    stack: cdk.Stack, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delattr(references, "IAdConfigurationRef", raising=False)

    with pytest.raises(UnsupportedError) as caught:
        defined(AdConfiguration, stack)

    assert str(caught.value) == (
        "AdConfiguration needs a newer aws-cdk-lib, one that has aws_ivs.CfnAdConfiguration "
        "(2.274.0 or later); upgrade with: pip install --upgrade aws-cdk-lib"
    )
    assert stack.node.try_find_child("It") is None


# Regions

REGIONS = [
    "us-east-1",
    "us-west-2",
    "eu-west-1",
    "eu-central-1",
    "ap-south-1",
    "ap-northeast-1",
    "ap-northeast-2",
]


def wrong_region(region: str) -> str:
    return (
        f"the stack's Region must be one of {', '.join(REGIONS)}, got {region}; change the stack's "
        "env, or, if Amazon IVS is there now, set the context "
        f"ivs_constructs:additionalRegions={region}"
    )


@pytest.mark.parametrize(
    "make",
    [Channel, RecordingConfiguration, PlaybackKeyPair, PlaybackRestrictionPolicy, AdConfiguration],
)
@pytest.mark.parametrize("region", ["sa-east-1", "us-gov-west-1", "eu-west-2"])
def test_region_is_refused(make: Make, region: str) -> None:
    error = refused(make, located(region=region))

    assert str(error) == report(make.__name__, wrong_region(region))
    assert found(error) == [("region", "region")]
    assert error.failures[0].source == "https://docs.aws.amazon.com/general/latest/gr/ivs.html"


def test_region_is_refused_once_for_the_bundle() -> None:
    error = refused(
        LiveChannel,
        located(region="sa-east-1"),
        allowed_countries=["DE"],
        public_key_material=P384,
    )

    assert str(error) == report("LiveChannel", wrong_region("sa-east-1"))


@pytest.mark.parametrize("region", REGIONS)
def test_region_is_accepted(region: str) -> None:
    defined(Channel, located(region=region))


def test_region_known_at_deploy_time_is_unjudged() -> None:
    defined(Channel, located(region=cdk.Aws.REGION))


@pytest.mark.parametrize(
    "context",
    [
        ["sa-east-1"],
        ["eu-west-2", "sa-east-1"],
        # What `cdk synth --context ivs_constructs:additionalRegions=...` gives.
        "sa-east-1",
        "eu-west-2,sa-east-1",
    ],
)
def test_region_is_accepted_by_context(context: object) -> None:
    app = cdk.App(analytics_reporting=False, context={"ivs_constructs:additionalRegions": context})

    defined(Channel, cdk.Stack(app, "Stack", env=cdk.Environment(region="sa-east-1")))


@pytest.mark.parametrize("context", [["eu-west-2"], [], "eu-west-2", 5, True, {"eu-west-2": True}])
def test_region_is_refused_by_other_context(context: object) -> None:
    app = cdk.App(analytics_reporting=False, context={"ivs_constructs:additionalRegions": context})
    stack = cdk.Stack(app, "Stack", env=cdk.Environment(region="sa-east-1"))

    refused(Channel, stack)


# tags


@pytest.mark.parametrize(
    "make",
    [Channel, RecordingConfiguration, PlaybackKeyPair, PlaybackRestrictionPolicy, LiveChannel],
)
@pytest.mark.parametrize(
    ("tags", "message", "code"),
    [
        (
            {f"key{n}": "value" for n in range(51)},
            "must have at most 50 entries, got 51; drop 1",
            "items",
        ),
        (
            {"": "v"},
            "must have a key of 1-128 characters, got 0 characters as key; lengthen it",
            "length",
        ),
        (
            {"k" * 129: "v"},
            "must have a key of 1-128 characters, got 129 characters as key; shorten it",
            "length",
        ),
        (
            {"k": "v" * 257},
            "must have a value of 0-256 characters, got 257 characters as value of 'k'; shorten it",
            "length",
        ),
        (
            {"aws:k": "v"},
            "must not have keys that start with aws:, got 'aws:k'; rename it",
            "tag-prefix",
        ),
        (
            {"k": "a&b"},
            "must hold only letters, digits, spaces and _ . : / = + - @, got '&' in value of 'k'; "
            "drop it",
            "pattern",
        ),
        ({"k": 5}, "must hold strings, got 5 (int) as value of 'k'; write a str", "type"),
        (
            ["k"],
            "must be a dict of strings, such as {'team': 'video'}, got ['k'] (list)",
            "type",
        ),
    ],
    ids=["51", "key 0", "key 129", "value 257", "aws:", "character", "number", "list"],
)
def test_tags_are_refused(
    stack: cdk.Stack, make: Make, tags: object, message: str, code: str
) -> None:
    error = refused(make, stack, tags=tags)

    assert str(error) == report(make.__name__, f"tags {message}")
    assert found(error) == [("tags", code)]


def test_tags_render_edges_and_tokens(stack: cdk.Stack) -> None:
    text = text_token(stack)
    many = {f"key{n:02}": "" for n in range(48)}

    defined(Channel, stack, channel_name="n", tags={**many, text: "v" * 256, "k" * 128: text})

    # In the order that the AWS CDK gives them.
    tags = rendered(stack, "AWS::IVS::Channel")["Tags"]
    assert {"Key": {"Ref": "Text"}, "Value": "v" * 256} in tags
    assert {"Key": "k" * 128, "Value": {"Ref": "Text"}} in tags
    assert {"Key": "key47", "Value": ""} in tags
    assert len(tags) == 50


# buckets


@pytest.mark.parametrize(
    ("name", "message", "code"),
    [
        ("ab", "must have at least 3 characters, got 2 characters; lengthen it", "length"),
        ("a" * 64, "must have at most 63 characters, got 64 characters; shorten it by 1", "length"),
        (
            "My_bucket",
            "must have only lower-case letters, digits, - and ., got 'My_bucket'; drop 'M_'",
            "pattern",
        ),
        (5, "must be a string, got 5 (int)", "type"),
    ],
)
def test_bucket_refuses_a_name(stack: cdk.Stack, name: object, message: str, code: str) -> None:
    error = refused(RecordingBucket, stack, bucket_name=name)

    assert found(error) == [("bucket_name", code)]
    assert error.failures[0].source == f"{GUIDE}/record-to-s3.html"
    assert str(error) == report("RecordingBucket", f"bucket_name {message}")


@pytest.mark.parametrize("name", ["-abc", "abc-", ".abc", "a..b", "a.-b", "192.168.1.1"])
def test_bucket_refuses_a_name_that_s3_refuses(stack: cdk.Stack, name: str) -> None:
    error = refused(RecordingBucket, stack, bucket_name=name)

    assert str(error) == report(
        "RecordingBucket",
        "bucket_name must begin and end with a letter or digit, have no . beside . or -, and not "
        f"look like an IP address, got '{name}'; use other characters there",
    )
    assert found(error) == [("bucket_name", "bucket-name")]


@pytest.mark.parametrize("name", ["abc", "a" * 63, "my.bucket-1"])
def test_bucket_accepts_a_name(stack: cdk.Stack, name: str) -> None:
    defined(RecordingBucket, stack, bucket_name=name)


def test_bucket_leaves_a_name_known_at_deploy_time_unjudged(stack: cdk.Stack) -> None:
    defined(RecordingBucket, stack, bucket_name=text_token(stack))


def test_bucket_refuses_a_prefix_of_logs_without_a_bucket_for_them(stack: cdk.Stack) -> None:
    error = refused(RecordingBucket, stack, server_access_logs_prefix="x y")

    assert str(error) == report(
        "RecordingBucket",
        "server_access_logs_prefix has no use without server_access_logs_bucket; give "
        "server_access_logs_bucket",
    )


@pytest.mark.parametrize("policy", [cdk.RemovalPolicy.RETAIN, cdk.RemovalPolicy.SNAPSHOT, None])
def test_bucket_refuses_to_empty_what_is_kept(
    stack: cdk.Stack, policy: cdk.RemovalPolicy | None
) -> None:
    error = refused(RecordingBucket, stack, auto_delete_objects=True, removal_policy=policy)

    got = "RETAIN_ON_UPDATE_OR_DELETE (the default)" if policy is None else policy.name
    assert str(error) == report(
        "RecordingBucket",
        f"auto_delete_objects requires removal_policy RemovalPolicy.DESTROY, got {got}; drop "
        "auto_delete_objects or set removal_policy",
    )
    assert found(error) == [("auto_delete_objects", "bucket-kept")]


@pytest.mark.parametrize(
    ("prop", "value"),
    [
        ("expiration", 30),
        ("expiration", "30 days"),
        ("expiration", cdk.Duration.hours(5)),
        ("expiration", cdk.Duration.days(0)),
        ("removal_policy", "destroy"),
        ("auto_delete_objects", "yes"),
        ("server_access_logs_bucket", "logs"),
        ("server_access_logs_prefix", 5),
    ],
)
def test_bucket_refuses_another_thing(stack: cdk.Stack, prop: str, value: object) -> None:
    error = refused(RecordingBucket, stack, **{prop: value})

    assert [name for name, _ in found(error)] == [prop]
    assert error.failures[0].message.startswith(f"{prop} must be ")


EXPIRATION = "expiration must be a Duration of whole days, at least one"


@pytest.mark.parametrize(
    ("value", "tail", "code"),
    [
        (30, "30 (int); write Duration.days(30)", "type"),
        (True, "True (bool)", "type"),
        (cdk.Duration.days(0), "0 hours; round it up", "range"),
        (cdk.Duration.hours(23), "23 hours; round it up", "range"),
        (cdk.Duration.hours(25), "25 hours; round it up", "range"),
    ],
    ids=["number", "flag", "0 days", "23 hours", "25 hours"],
)
def test_bucket_refuses_an_expiration(
    stack: cdk.Stack, value: object, tail: str, code: str
) -> None:
    error = refused(RecordingBucket, stack, expiration=value)

    assert str(error) == report("RecordingBucket", f"{EXPIRATION}, got {tail}")
    assert found(error) == [("expiration", code)]


@pytest.mark.parametrize(
    "expiration",
    [cdk.Duration.days(1), cdk.Duration.hours(48), cdk.Duration.minutes(1440), None],
    ids=["1 day", "48 hours", "1440 minutes", "none"],
)
def test_bucket_accepts_an_expiration(stack: cdk.Stack, expiration: cdk.Duration | None) -> None:
    defined(RecordingBucket, stack, expiration=expiration)


def test_bucket_leaves_an_expiration_known_at_deploy_time_unjudged(stack: cdk.Stack) -> None:
    defined(RecordingBucket, stack, expiration=cdk.Duration.days(number_token(stack)))


def test_bucket_refuses_an_expiration_by_a_token_in_another_unit(stack: cdk.Stack) -> None:
    # The AWS CDK refuses it as well, but at synth and without a name.
    error = refused(RecordingBucket, stack, expiration=cdk.Duration.hours(number_token(stack)))

    assert [prop for prop, _ in found(error)] == ["expiration"]
    assert "Duration.days" in error.failures[0].message


# imports

IMPORTS = [
    pytest.param(Channel.from_channel_arn, "Channel", "channel_arn", "channel", id="channel"),
    pytest.param(
        StreamKey.from_stream_key_arn, "StreamKey", "stream_key_arn", "stream-key", id="stream key"
    ),
    pytest.param(
        RecordingConfiguration.from_arn,
        "RecordingConfiguration",
        "recording_configuration_arn",
        "recording-configuration",
        id="recording",
    ),
    pytest.param(
        PlaybackKeyPair.from_playback_key_pair_arn,
        "PlaybackKeyPair",
        "playback_key_pair_arn",
        "playback-key",
        id="key pair",
    ),
    pytest.param(
        PlaybackRestrictionPolicy.from_playback_restriction_policy_arn,
        "PlaybackRestrictionPolicy",
        "playback_restriction_policy_arn",
        "playback-restriction-policy",
        id="policy",
    ),
    pytest.param(
        AdConfiguration.from_ad_configuration_arn,
        "AdConfiguration",
        "ad_configuration_arn",
        "ad-configuration",
        id="ads",
    ),
    pytest.param(
        FailoverSlateConfiguration.from_failover_slate_configuration_arn,
        "FailoverSlateConfiguration",
        "failover_slate_configuration_arn",
        "failover-slate-configuration",
        id="failover slate",
    ),
]


@pytest.mark.parametrize(("make", "subject", "prop", "arn_type"), IMPORTS)
@pytest.mark.parametrize(
    ("arn", "got"),
    [
        ("", "''"),
        ("AbCdEfGhIjKl", "'AbCdEfGhIjKl'; that is an id alone, give the whole ARN"),
        (
            "arn:aws:ivs:us-east-1:111111111111:stage/AbC",
            "'arn:aws:ivs:us-east-1:111111111111:stage/AbC'; that is a stage",
        ),
        ("arn:aws:ivs:us-east-1:111111111111:{}/", None),
        ("arn:aws:ivs:us-east-1:111111111111:{}/a_b", None),
        ("arn:aws:ivs:us-east-1:111111111111:{}/abc\n", None),
        ("arn:aws:ivs::111111111111:{}/abc", None),
        ("arn:aws:ivs:us-east-1::{}/abc", None),
        ("arn:aws:ivschat:us-east-1:111111111111:{}/abc", None),
        (None, "None"),
        (5, "5 (int)"),
        (["arn"], "['arn'] (list)"),
    ],
)
def test_import_refuses_another_arn(
    stack: cdk.Stack,
    make: Make,
    subject: str,
    prop: str,
    arn_type: str,
    arn: object,
    got: str | None,
) -> None:
    if isinstance(arn, str):
        arn = arn.format(arn_type)
    with pytest.raises(InvalidPropertyError) as caught:
        make(stack, "It", arn)

    assert_short_and_ours(caught.value)
    assert stack.node.try_find_child("It") is None
    shown = got if got is not None else repr(arn)
    shown = shown if len(shown) <= 80 or got is not None else f"{shown[:80]}…"
    assert str(caught.value) == report(
        subject,
        f"{prop} must be arn:<partition>:ivs:<region>:<account>:{arn_type}/<id>, got {shown}",
    )
    assert found(caught.value) == [(prop, "arn")]


@pytest.mark.parametrize(("make", "subject", "prop", "arn_type"), IMPORTS)
@pytest.mark.parametrize(
    "arn",
    [
        "arn:aws:ivs:us-east-1:111111111111:{}/AbCdEfGhIjKl",
        "arn:aws-cn:ivs:cn-north-1:111111111111:{}/a-b",
    ],
)
def test_import_accepts_its_arn(
    stack: cdk.Stack, make: Make, subject: str, prop: str, arn_type: str, arn: str
) -> None:
    imported = make(stack, "It", arn.format(arn_type))

    assert getattr(imported, prop) == arn.format(arn_type)
    assert subject in repr(imported)


@pytest.mark.parametrize(("make", "subject", "prop", "arn_type"), IMPORTS)
def test_import_leaves_tokens_unjudged(
    stack: cdk.Stack, make: Make, subject: str, prop: str, arn_type: str
) -> None:
    text = text_token(stack)

    for number, arn in enumerate(
        [text, f"arn:aws:ivs:{text}:{arn_type}", cdk.Fn.import_value(subject)]
    ):
        assert getattr(make(stack, f"It{number}", arn), prop) == arn


@pytest.mark.parametrize(
    ("value", "message", "code"),
    [
        ("a/b", "must have only letters, digits and -, got 'a/b'; drop '/'", "pattern"),
        (5, "must be a string, got 5 (int)", "type"),
        (None, "must be a string, got None", "type"),
    ],
)
def test_import_refuses_another_id(
    stack: cdk.Stack, value: object, message: str, code: str
) -> None:
    with pytest.raises(InvalidPropertyError) as caught:
        RecordingConfiguration.from_recording_configuration_id(stack, "It", value)  # type: ignore[arg-type]  # the point

    assert str(caught.value) == report(
        "RecordingConfiguration", f"recording_configuration_id {message}"
    )
    assert found(caught.value) == [("recording_configuration_id", code)]
    assert stack.node.try_find_child("It") is None


def test_import_refuses_an_empty_id(stack: cdk.Stack) -> None:
    with pytest.raises(InvalidPropertyError) as caught:
        RecordingConfiguration.from_recording_configuration_id(stack, "It", "")

    # There is nothing that could be dropped.
    assert not caught.value.failures[0].message.endswith("drop ''")


@pytest.mark.parametrize("name", ["channel_playback_url", "channel_ingest_endpoint"])
def test_import_names_the_way_to_an_unknown_attribute(stack: cdk.Stack, name: str) -> None:
    channel = Channel.from_channel_arn(stack, "It", CHANNEL_ARN)

    with pytest.raises(UnknownAttributeError) as caught:
        getattr(channel, name)

    assert str(caught.value) == (
        f"{name} of the imported Channel 'Stack/It' is unknown; give it to "
        f"Channel.from_channel_attributes(..., {name}=...)"
    )


# the bundle


Options = Callable[[cdk.Stack], dict[str, object]]

CONTRADICTIONS: list[tuple[str, Options, str]] = [
    *(
        (
            prop,
            lambda stack, prop=prop, value=value: {
                "channel": Channel(stack, "Channel"),
                prop: value,
            },
            f"cannot be combined with channel; give {instead} to that Channel instead",
        )
        for prop, value, instead in (
            ("channel_name", "main", "channel_name"),
            ("type", "BASIC", "type"),
            ("latency_mode", "LOW", "latency_mode"),
            ("preset", "HIGHER_BANDWIDTH_DELIVERY", "preset"),
            ("insecure_ingest", False, "insecure_ingest"),
            ("container_format", "TS", "container_format"),
            ("multitrack_input_configuration", TRACKS, "multitrack_input_configuration"),
            ("private", False, "authorized"),
            ("recording", True, "recording_configuration"),
            ("recording", False, "recording_configuration"),
        )
    ),
    *(
        (
            prop,
            lambda stack, prop=prop, value=value: {
                "restriction_policy": PlaybackRestrictionPolicy(stack, "Policy"),
                prop: value,
            },
            f"cannot be combined with restriction_policy; give {prop} to that policy instead",
        )
        for prop, value in (
            ("allowed_countries", ["DE"]),
            ("allowed_origins", ["null"]),
            ("enable_strict_origin_enforcement", False),
        )
    ),
    (
        "bucket",
        lambda stack: {
            "channel": Channel(stack, "Channel"),
            "bucket": RecordingBucket(stack, "Bucket"),
        },
        "cannot be combined with channel; give recording_configuration to that Channel instead",
    ),
    (
        "bucket",
        lambda stack: {"recording": False, "bucket": RecordingBucket(stack, "Bucket")},
        "has no use while recording is False; drop one of them",
    ),
    (
        "bucket",
        lambda stack: {
            "recording": RecordingConfiguration(stack, "Recording"),
            "bucket": RecordingBucket(stack, "Bucket"),
        },
        "has no use while a ready recording is given; drop one of them",
    ),
    (
        "public_key_material",
        lambda stack: {
            "key_pair": PlaybackKeyPair(stack, "KeyPair", public_key_material=P384),
            "public_key_material": P384,
        },
        "cannot be combined with key_pair; give one of the two",
    ),
]


@pytest.mark.parametrize(
    ("prop", "options", "message"),
    [pytest.param(*row, id=f"{row[0]}-{number}") for number, row in enumerate(CONTRADICTIONS)],
)
def test_bundle_refuses_what_contradicts_a_ready_part(
    stack: cdk.Stack, prop: str, options: Options, message: str
) -> None:
    error = refused(LiveChannel, stack, **options(stack))

    assert str(error) == report("LiveChannel", f"{prop} {message}")
    assert found(error) == [(prop, "exclusive")]


@pytest.mark.parametrize(
    ("options", "message", "pair"),
    [
        (
            {"private": False, "public_key_material": P384},
            "private is False although public_key_material is given; drop one of them",
            ("private", "public-with-key"),
        ),
        (
            {"private": "yes"},
            "private must be True or False, got 'yes'",
            ("private", "type"),
        ),
        ({"private": 1}, "private must be True or False, got 1 (int)", ("private", "type")),
    ],
)
def test_bundle_refuses_a_wrong_privacy(
    stack: cdk.Stack, options: dict[str, object], message: str, pair: tuple[str, str]
) -> None:
    error = refused(LiveChannel, stack, **options)

    assert str(error) == report("LiveChannel", message)
    assert found(error) == [pair]


def test_bundle_refuses_a_text_for_a_bucket(stack: cdk.Stack) -> None:
    error = refused(LiveChannel, stack, bucket="my-bucket")

    assert str(error) == report(
        "LiveChannel",
        "bucket must be an S3 bucket, got the string 'my-bucket'; import it by "
        "aws_s3.Bucket.from_bucket_name(self, 'Imported', 'my-bucket')",
    )


def test_bundle_refuses_a_bucket_elsewhere() -> None:
    stack = located(region="us-east-1", account="111111111111")
    bucket = aws_s3.Bucket.from_bucket_attributes(
        stack, "Bucket", bucket_name="abc", region="eu-west-1"
    )

    assert str(refused(LiveChannel, stack, bucket=bucket)) == report("LiveChannel", BUCKET_REGION)


def test_bundle_refuses_a_second_stream_key(stack: cdk.Stack) -> None:
    channel = Channel(stack, "Channel")
    channel.add_stream_key("StreamKey")

    error = refused(LiveChannel, stack, channel=channel)

    assert [code for _, code in found(error)] == ["one-key"]
    # "use that one" is done by this argument.
    assert "stream_key" in error.failures[0].message


@pytest.mark.parametrize(
    ("prop", "value"),
    [
        ("channel", CHANNEL_ARN),
        ("channel", 5),
        ("recording", RECORDING_ARN),
        ("recording", 1),
        ("recording", {}),
        ("stream_key", "yes"),
        ("stream_key", 1),
        ("key_pair", "arn:aws:ivs:us-east-1:111111111111:playback-key/AbC"),
        ("key_pair", 5),
        ("restriction_policy", "arn:aws:ivs:us-east-1:111111111111:playback-restriction-policy/A"),
        ("restriction_policy", 5),
        ("ad_configuration", "arn:aws:ivs:us-east-1:111111111111:ad-configuration/A"),
        ("failover_slate_configuration", 5),
    ],
)
def test_bundle_refuses_another_thing_for_a_part(
    stack: cdk.Stack, prop: str, value: object
) -> None:
    error = refused(LiveChannel, stack, **{prop: value})

    assert found(error) == [(prop, "type")]
    assert error.failures[0].message.startswith(f"{prop} must be ")


def test_bundle_refuses_a_channel_for_its_key_pair(stack: cdk.Stack) -> None:
    error = refused(LiveChannel, stack, key_pair=Channel(stack, "Channel"))

    assert found(error) == [("key_pair", "type")]


def test_bundle_hands_out_an_imported_stream_key(stack: cdk.Stack) -> None:
    arn = "arn:aws:ivs:us-east-1:111111111111:stream-key/AbC"
    imported = StreamKey.from_stream_key_arn(stack, "Key", arn)

    live = defined(LiveChannel, stack, stream_key=imported)

    assert live.stream_key is imported


@pytest.mark.parametrize(
    ("part", "options", "remedy"),
    [
        ("stream_key", {"stream_key": False}, "stream_key=True"),
        ("recording_configuration", {"recording": False}, "recording=True"),
        ("bucket", {"recording": False}, "recording=True"),
        ("restriction_policy", {}, "allowed_countries or allowed_origins"),
        ("key_pair", {}, "private=True"),
    ],
)
def test_bundle_names_the_way_to_a_part_that_was_left_out(
    stack: cdk.Stack, part: str, options: dict[str, object], remedy: str
) -> None:
    live = defined(LiveChannel, stack, **options)

    with pytest.raises(UnknownAttributeError) as caught:
        getattr(live, part)

    assert str(caught.value) == f"LiveChannel 'Stack/It' has no {part}; give it {remedy}"


def test_bundle_takes_no_text_for_its_tags_even_with_ready_parts(stack: cdk.Stack) -> None:
    error = refused(LiveChannel, stack, channel=Channel(stack, "Channel"), tags={"aws:k": "v"})

    assert str(error) == report(
        "LiveChannel", "tags must not have keys that start with aws:, got 'aws:k'; rename it"
    )


# several failures, and what is left of a construct that failed


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


def test_failures_come_in_the_same_order_however_they_are_written(stack: cdk.Stack) -> None:
    one = refused(Channel, stack, type="X", latency_mode="Y", channel_name="!")
    other = refused(Channel, stack, channel_name="!", latency_mode="Y", type="X")

    assert str(one) == str(other)


def test_failures_of_the_bundle_come_together(stack: cdk.Stack) -> None:
    error = refused(
        LiveChannel,
        stack,
        private=True,
        channel_name="a b",
        type="GOLD",
        recording=False,
        bucket="my-bucket",
        allowed_countries=["uk"],
        allowed_origins=["example.com"],
        enable_strict_origin_enforcement=1,
        public_key_material="public.pem",
        tags={"aws:k": "v"},
    )

    assert {pair for pair in found(error) if pair[0] != "bucket"} == {
        ("channel_name", "pattern"),
        ("type", "choice"),
        ("allowed_countries", "country"),
        ("allowed_origins", "origin"),
        ("enable_strict_origin_enforcement", "type"),
        ("public_key_material", "public-key"),
        ("tags", "tag-prefix"),
    }
    assert ("bucket", "exclusive") in found(error)
    assert str(error).startswith("LiveChannel 'Stack/It' has ")


@pytest.mark.parametrize(
    ("make", "wrong", "right"),
    [
        (Channel, {"type": "GOLD"}, {"type": "BASIC"}),
        (RecordingConfiguration, {"bucket": "b"}, {}),
        (RecordingBucket, {"bucket_name": "B"}, {"bucket_name": "bbb"}),
        (PlaybackKeyPair, {"public_key_material": "k"}, {"public_key_material": P384}),
        (PlaybackRestrictionPolicy, {"allowed_countries": ["uk"]}, {"allowed_countries": ["GB"]}),
        (LiveChannel, {"type": "GOLD"}, {"type": "BASIC"}),
        (LiveChannel, {"bucket": "b"}, {}),
        (LiveChannel, {"recording": "b"}, {}),
        (LiveChannel, {"channel": "c"}, {}),
        (Channel, {"channel_name": Path("n")}, {}),
        (Channel, {"channel_name": cdk.Fn.condition_if("C", "a", "b")}, {}),
    ],
)
def test_id_can_be_used_again_after_a_failure(
    stack: cdk.Stack, make: Make, wrong: dict[str, object], right: dict[str, object]
) -> None:
    with pytest.raises(IvsConstructsError):
        defined(make, stack, **wrong)

    defined(make, stack, **right)


def test_failed_key_pair_does_not_count_as_a_key(stack: cdk.Stack) -> None:
    for _ in range(4):
        refused(PlaybackKeyPair, stack, public_key_material="k")

    key_pair = defined(PlaybackKeyPair, stack)

    assert not key_pair.node.metadata


def test_failure_names_the_path_inside_other_constructs(stack: cdk.Stack) -> None:
    inner = Construct(Construct(stack, "Outer"), "Inner")

    assert str(refused(Channel, inner, channel_name="!")) == report(
        "Channel",
        "channel_name must have only letters, digits, - and _, got '!'; drop '!'",
        path="Stack/Outer/Inner/It",
    )


# scopes, ids and keywords

CONSTRUCTS: list[Make] = [
    Channel,
    StreamKey,
    RecordingConfiguration,
    RecordingBucket,
    PlaybackKeyPair,
    PlaybackRestrictionPolicy,
    AdConfiguration,
    FailoverSlateConfiguration,
    ChannelAssociations,
    LiveChannel,
]


def scope_error(make: Make, scope: object, id: object) -> str:
    needed: dict[str, object] = {"channel": None} if make is StreamKey else NEEDED.get(make, {})
    with pytest.raises(InvalidScopeError) as caught:
        make(scope, id, **needed)
    assert_short_and_ours(caught.value)
    assert isinstance(caught.value, TypeError)
    assert isinstance(caught.value, ValueError)
    return str(caught.value)


@pytest.mark.parametrize("make", CONSTRUCTS)
@pytest.mark.parametrize(
    ("scope", "got"),
    [
        (None, "None"),
        ("Stack", "'Stack'"),
        (5, "5 (int)"),
        (cdk.Stack, "<class 'aws_cdk.Stack'> (JSIIMeta)"),
    ],
)
def test_scope_refuses_what_is_no_construct(make: Make, scope: object, got: str) -> None:
    assert scope_error(make, scope, "It") == (
        f"{make.__name__}: scope must be a construct inside a stack (usually self), got {got}"
    )


@pytest.mark.parametrize("make", CONSTRUCTS)
def test_scope_refuses_an_app_and_a_stage(app: cdk.App, make: Make) -> None:
    advice = "make a Stack in it and define the construct there"

    assert scope_error(make, app, "It") == (
        f"{make.__name__} 'It': scope must be inside a stack, got App; {advice}"
    )
    assert scope_error(make, cdk.Stage(app, "Stage"), "It") == (
        f"{make.__name__} 'It': scope must be inside a stack, got Stage; {advice}"
    )


@pytest.mark.parametrize("make", CONSTRUCTS)
def test_scope_refuses_a_construct_outside_of_stacks(app: cdk.App, make: Make) -> None:
    message = scope_error(make, Construct(app, "Group"), "It")

    assert message.startswith(f"{make.__name__} 'It': scope must be inside a stack, got ")


@pytest.mark.parametrize("make", CONSTRUCTS)
@pytest.mark.parametrize(
    ("id", "got"), [("", "''"), (None, "None"), (5, "5 (int)"), (["It"], "['It'] (list)")]
)
def test_id_must_be_a_text(stack: cdk.Stack, make: Make, id: object, got: str) -> None:
    assert scope_error(make, stack, id) == (
        f"{make.__name__}: id must be a string that is not empty, got {got}"
    )


def test_id_must_be_known(stack: cdk.Stack) -> None:
    # The AWS CDK finds that out at synth, far from the line that wrote it.
    assert scope_error(Channel, stack, text_token(stack)).startswith("Channel: id must be ")


def test_import_refuses_scopes_and_ids(app: cdk.App, stack: cdk.Stack) -> None:
    make = Channel.from_channel_arn

    for scope, id in [(None, "It"), (app, "It"), (stack, "")]:
        with pytest.raises(InvalidScopeError, match=r"^Channel"):
            make(scope, id, CHANNEL_ARN)  # type: ignore[arg-type]  # the point


@pytest.mark.parametrize("make", [Channel, RecordingBucket, LiveChannel])
def test_id_that_is_taken_is_refused_in_python(stack: cdk.Stack, make: Make) -> None:
    defined(Channel, stack)

    with pytest.raises(IvsConstructsError, match=r"\bIt\b") as caught:
        defined(make, stack)

    assert_short_and_ours(caught.value)


@pytest.mark.parametrize(
    ("make", "keyword", "advice"),
    [
        (Channel, "name", "did you mean 'channel_name'?"),
        (Channel, "recording", "did you mean 'recording_configuration'?"),
        (Channel, "private", "write authorized=True"),
        (Channel, "authorised", "did you mean 'authorized'?"),
        (LiveChannel, "name", "did you mean 'channel_name'?"),
        (LiveChannel, "authorized", "write private=True"),
        (
            LiveChannel,
            "max_lifetime",
            "define a PlaybackTokenIssuer with it, and leave out token_issuer",
        ),
        (RecordingBucket, "name", "did you mean 'bucket_name'?"),
    ],
)
def test_unknown_keyword_is_put_right(
    stack: cdk.Stack, make: Make, keyword: str, advice: str
) -> None:
    with pytest.raises(TypeError) as caught:
        make(stack, "It", **{keyword: "x"})

    name = getattr(make, "__name__", "")
    assert str(caught.value) == (
        f"{name}.__init__() got an unexpected keyword argument '{keyword}'; {advice}"
    )


@pytest.mark.parametrize(
    ("make", "keyword"),
    [
        (Channel, "authorised"),
        (Channel, "channelName"),
        (Channel, "latencyMode"),
        (StreamKey, "stream_key_name"),
        (RecordingConfiguration, "recordingReconnectWindow"),
        (RecordingBucket, "bucketName"),
        (PlaybackKeyPair, "publicKeyMaterial"),
        (PlaybackRestrictionPolicy, "allowedCountries"),
        (AdConfiguration, "name"),
        (LiveChannel, "authorized"),
    ],
)
def test_unknown_keyword_is_named(stack: cdk.Stack, make: Make, keyword: str) -> None:
    with pytest.raises(TypeError, match=f"unexpected keyword argument '{keyword}'") as caught:
        make(stack, "It", **{keyword: "x"})

    assert_short_and_ours(caught.value)
    assert stack.node.try_find_child("It") is None


@pytest.mark.parametrize(
    ("make", "keyword"),
    [
        (StreamKey, "channel"),
        (AdConfiguration, ADS),
    ],
)
def test_missing_keyword_is_named(stack: cdk.Stack, make: Make, keyword: str) -> None:
    with pytest.raises(TypeError, match=f"'{keyword}'"):
        make(stack, "It")


# tokens that stand for another kind of value


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


# advice for what beginners do


@pytest.mark.parametrize(
    ("make", "options", "message"),
    [
        (
            StreamKey,
            lambda stack: {"channel": LiveChannel(stack, "Live", stream_key=False)},
            "channel must be a Channel, got <ivs_constructs.LiveChannel 'Stack/Live'> "
            "(LiveChannel); give its attribute channel",
        ),
        (
            StreamKey,
            lambda _: {"channel": Channel},
            "channel must be a Channel, got the class Channel; make one of it and give that",
        ),
        (
            RecordingConfiguration,
            lambda _: {"bucket": "arn:aws:s3:::talks"},
            "bucket must be an S3 bucket, got the string 'arn:aws:s3:::talks'; import it by "
            "aws_s3.Bucket.from_bucket_arn(self, 'Imported', 'arn:aws:s3:::talks')",
        ),
        (
            PlaybackKeyPair,
            lambda _: {"public_key_material": P384.replace("\n", "\\n")},
            "public_key_material must have line breaks, got \\n as two characters, as environment "
            "variables have it; add .replace('\\\\n', '\\n')",
        ),
        (
            PlaybackKeyPair,
            lambda _: {"public_key_material": Path("public.pem")},
            "public_key_material must be a string, got a value of type PosixPath; give its text",
        ),
        (
            LiveChannel,
            lambda _: {"recording": "yes"},
            "recording must be True, False or a RecordingConfiguration, got 'yes'; give a "
            "bucket as bucket",
        ),
        (
            LiveChannel,
            lambda _: {"stream_key": "no"},
            "stream_key must be True, False or a StreamKey, got 'no'",
        ),
    ],
    ids=["bundle", "class", "bucket ARN", "escaped PEM", "path", "recording", "stream key"],
)
def test_beginner_is_told_what_to_do(
    stack: cdk.Stack, make: Make, options: Callable[[cdk.Stack], dict[str, Any]], message: str
) -> None:
    assert str(refused(make, stack, **options(stack))) == report(make.__name__, message)
