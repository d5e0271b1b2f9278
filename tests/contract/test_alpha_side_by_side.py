"""The same programs with aws_ivs_alpha and with this library: the same templates.

Where the two differ on purpose, `DIFFERENCES` says how, and docs/migrating-from-aws-ivs-alpha.md
tells the user.
"""

from __future__ import annotations

import inspect
import itertools
import json
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType
from typing import Any

import aws_cdk as cdk
import aws_cdk.aws_ivs_alpha as alpha
import jsii
import pytest
from aws_cdk import aws_ivs as level1
from aws_cdk import aws_s3 as s3
from aws_cdk.assertions import Annotations, Match, Template
from constructs import Construct

import ivs_constructs as ours
from tests.public_keys import DAMAGED_P384, P384

Ivs = Any  # one of the two modules, which no type describes both
Build = Callable[[Ivs, cdk.Stack], None]
Options = Callable[[Ivs], dict[str, Any]]

PAGE = Path(__file__).resolve().parents[2] / "docs" / "migrating-from-aws-ivs-alpha.md"

CHANNEL_ARN = "arn:aws:ivs:us-west-2:123456789012:channel/abcdABCDefgh"
RECORDING_ARN = "arn:aws:ivs:us-west-2:123456789012:recording-configuration/abcd1234"

FRANKFURT = cdk.Environment(region="eu-central-1", account="111111111111")

ENUMS = (
    "ChannelType",
    "ContainerFormat",
    "LatencyMode",
    "MaximumResolution",
    "Policy",
    "Preset",
    "RecordingMode",
    "RenditionSelection",
    "Resolution",
    "Storage",
)
RESOURCES = ("Channel", "StreamKey", "PlaybackKeyPair", "RecordingConfiguration")
NAMES = tuple(name for name in alpha.__all__ if not name.endswith("Props"))


def tracks(ivs: Ivs) -> Any:  # noqa: ANN401 (the type belongs to the module)
    return ivs.MultitrackInputConfiguration(
        maximum_resolution=ivs.MaximumResolution.HD, policy=ivs.Policy.ALLOW
    )


def stage_of(stack: cdk.Stack) -> cdk.Stage:
    stage = cdk.Stage.of(stack)
    assert stage is not None
    return stage


def bucket_in(scope: Construct) -> s3.IBucket:
    return s3.Bucket.from_bucket_name(scope, "RecordingBucket", "recordings")


@jsii.implements(cdk.IStableStringProducer)
class Late:
    """A text that is known only when the template is written."""

    def __init__(self, text: str) -> None:
        self._text = text

    def produce(self) -> str:
        return self._text


PROGRAMS: dict[str, Build] = {}


def program(build: Build) -> Build:
    """Add a program under its own name."""
    PROGRAMS[build.__name__.replace("_", "-")] = build
    return build


def channels(name: str, *variants: Options) -> None:
    """Add a program that defines a channel for each set of options."""

    def build(ivs: Ivs, stack: cdk.Stack) -> None:
        for number, options in enumerate(variants):
            ivs.Channel(stack, f"Channel{number}", **options(ivs))

    PROGRAMS[name] = build


def recordings(name: str, *variants: Options) -> None:
    """Add a program that defines a recording configuration for each set of options."""

    def build(ivs: Ivs, stack: cdk.Stack) -> None:
        bucket = bucket_in(stack)
        for number, options in enumerate(variants):
            ivs.RecordingConfiguration(stack, f"Recording{number}", bucket=bucket, **options(ivs))

    PROGRAMS[name] = build


def members(option: str, enum: str) -> list[Options]:
    """An option with each member of an enum, and without."""

    def option_of(name: str | None) -> Options:
        return lambda ivs: {option: None if name is None else getattr(ivs, enum)[name]}

    return [option_of(name) for name in (None, *getattr(alpha, enum).__members__)]


def flags(option: str) -> list[Options]:
    """An option that is on, off, and left out."""

    def option_of(value: bool | None) -> Options:
        return lambda ivs: {option: value}  # noqa: ARG005 (options are functions of the module)

    return [option_of(value) for value in (None, True, False)]


def every(*axes: list[Options]) -> list[Options]:
    """Each combination of options."""

    def merged(parts: tuple[Options, ...]) -> Options:
        return lambda ivs: {name: value for part in parts for name, value in part(ivs).items()}

    return [merged(parts) for parts in itertools.product(*axes)]


def subsets(names: list[str]) -> list[tuple[str, ...]]:
    return [
        subset
        for size in range(1, len(names) + 1)
        for subset in itertools.permutations(names, size)
    ]


# Everything that alpha's documentation shows.


@program
def readme_channel(ivs: Ivs, stack: cdk.Stack) -> None:
    ivs.Channel(stack, "Channel")


@program
def readme_advanced_channel(ivs: Ivs, stack: cdk.Stack) -> None:
    ivs.Channel(
        stack,
        "myChannel",
        type=ivs.ChannelType.ADVANCED_HD,
        preset=ivs.Preset.CONSTRAINED_BANDWIDTH_DELIVERY,
    )


@program
def readme_rtmp_channel(ivs: Ivs, stack: cdk.Stack) -> None:
    ivs.Channel(stack, "myRtmpChannel", type=ivs.ChannelType.STANDARD, insecure_ingest=True)


@program
def readme_multitrack_channel(ivs: Ivs, stack: cdk.Stack) -> None:
    ivs.Channel(
        stack,
        "ChannelWithMultitrackVideo",
        type=ivs.ChannelType.STANDARD,
        container_format=ivs.ContainerFormat.FRAGMENTED_MP4,
        multitrack_input_configuration=ivs.MultitrackInputConfiguration(
            maximum_resolution=ivs.MaximumResolution.HD, policy=ivs.Policy.ALLOW
        ),
    )


@program
def readme_imported_channel_with_stream_key(ivs: Ivs, stack: cdk.Stack) -> None:
    my_channel = ivs.Channel.from_channel_arn(stack, "Channel", CHANNEL_ARN)
    my_channel.add_stream_key("StreamKey")


@program
def readme_private_channel(ivs: Ivs, stack: cdk.Stack) -> None:
    ivs.PlaybackKeyPair(stack, "PlaybackKeyPair", public_key_material=P384)
    ivs.Channel(stack, "Channel", authorized=True)


@program
def readme_recorded_channel(ivs: Ivs, stack: cdk.Stack) -> None:
    recording_bucket = s3.Bucket(stack, "RecordingBucket")
    recording_configuration = ivs.RecordingConfiguration(
        stack, "RecordingConfiguration", bucket=recording_bucket
    )
    ivs.Channel(stack, "Channel", recording_configuration=recording_configuration)


@program
def readme_renditions(ivs: Ivs, stack: cdk.Stack) -> None:
    ivs.RecordingConfiguration(
        stack,
        "RecordingConfiguration",
        bucket=s3.Bucket(stack, "RecordingBucket"),
        rendition_configuration=ivs.RenditionConfiguration.custom(
            [ivs.Resolution.HD, ivs.Resolution.SD]
        ),
    )


@program
def readme_thumbnails(ivs: Ivs, stack: cdk.Stack) -> None:
    ivs.RecordingConfiguration(
        stack,
        "RecordingConfiguration",
        bucket=s3.Bucket(stack, "RecordingBucket"),
        thumbnail_configuration=ivs.ThumbnailConfiguration.interval(
            ivs.Resolution.HD,
            [ivs.Storage.LATEST, ivs.Storage.SEQUENTIAL],
            cdk.Duration.seconds(30),
        ),
    )


@program
def readme_reconnect_window(ivs: Ivs, stack: cdk.Stack) -> None:
    ivs.RecordingConfiguration(
        stack,
        "RecordingConfiguration",
        bucket=s3.Bucket(stack, "RecordingBucket"),
        recording_reconnect_window=cdk.Duration.seconds(60),
    )


# Every option of a channel, alone and with the others.

channels("type", *members("type", "ChannelType"))
channels("latency-mode", *members("latency_mode", "LatencyMode"))
channels("container-format", *members("container_format", "ContainerFormat"))
channels("authorized", *flags("authorized"))
channels("insecure-ingest", *flags("insecure_ingest"))
channels(
    "preset",
    *every(
        [
            lambda ivs: {"type": ivs.ChannelType.ADVANCED_SD},
            lambda ivs: {"type": ivs.ChannelType.ADVANCED_HD},
        ],
        members("preset", "Preset"),
    ),
)
channels(
    "every-channel-without-preset",
    *every(
        members("type", "ChannelType"),
        members("latency_mode", "LatencyMode"),
        members("container_format", "ContainerFormat"),
        flags("authorized"),
        flags("insecure_ingest"),
    ),
)


def multitrack(as_dict: bool) -> list[Options]:
    def option_of(resolution: str, policy: str) -> Options:
        def options(ivs: Ivs) -> dict[str, Any]:
            values = {
                "maximum_resolution": ivs.MaximumResolution[resolution],
                "policy": ivs.Policy[policy],
            }
            value = values if as_dict else ivs.MultitrackInputConfiguration(**values)
            return {"multitrack_input_configuration": value}

        return options

    return [
        option_of(resolution, policy)
        for resolution in alpha.MaximumResolution.__members__
        for policy in alpha.Policy.__members__
    ]


for spelling, as_dict in {"value": False, "dict": True}.items():
    channels(
        f"multitrack-as-{spelling}",
        *every(
            multitrack(as_dict),
            [lambda _: {}, lambda ivs: {"type": ivs.ChannelType.STANDARD}],
            [
                lambda _: {},
                lambda ivs: {"container_format": ivs.ContainerFormat.FRAGMENTED_MP4},
            ],
            flags("authorized"),
        ),
    )

channels(
    "given-channel-names",
    lambda _: {"channel_name": ""},
    lambda _: {"channel_name": "a"},
    lambda _: {"channel_name": "Main-Channel_1"},
    lambda _: {"channel_name": "a" * 128},
    lambda _: {"channel_name": None},
)
channels(
    "channel-name-tokens",
    lambda _: {"channel_name": cdk.Fn.import_value("Name")},
    lambda _: {"channel_name": f"live-{cdk.Fn.import_value('Name')}"},
    lambda _: {"channel_name": cdk.Aws.STACK_NAME},
    lambda _: {"channel_name": cdk.Lazy.string(Late("late"))},
)


@program
def generated_channel_names(ivs: Ivs, stack: cdk.Stack) -> None:
    scopes = [
        stack,
        Construct(stack, "With Space"),
        Construct(stack, "Ünï/cödé €"),
        Construct(stack, "Long" * 40),
        Construct(Construct(Construct(stack, "A"), "Deep"), "Path"),
        Construct(stack, "under_score-and-dash"),
        cdk.NestedStack(stack, "Nested"),
    ]
    for scope in scopes:
        for id in ("Channel", "Default", "Resource", "with space", "x" * 130, "ä_ö-ü"):
            ivs.Channel(scope, id)


@program
def generated_channel_names_in_named_stacks(ivs: Ivs, stack: cdk.Stack) -> None:
    ivs.Channel(cdk.Stack(stage_of(stack), "Named", stack_name="my-own-name"), "Channel")
    ivs.Channel(cdk.Stack(cdk.Stage(stage_of(stack), "Inner"), "Stack"), "Channel")
    ivs.Channel(cdk.Stack(stage_of(stack), "Other", suppress_template_indentation=True), "Channel")


@program
def channel_attributes(ivs: Ivs, stack: cdk.Stack) -> None:
    channel = ivs.Channel(stack, "Channel")
    key = channel.add_stream_key("StreamKey")
    cdk.CfnOutput(stack, "Arn", value=channel.channel_arn)
    cdk.CfnOutput(stack, "IngestEndpoint", value=channel.channel_ingest_endpoint)
    cdk.CfnOutput(stack, "PlaybackUrl", value=channel.channel_playback_url, export_name="Url")
    cdk.CfnOutput(stack, "StreamKeyArn", value=key.stream_key_arn)


# Stream keys.


@program
def stream_keys(ivs: Ivs, stack: cdk.Stack) -> None:
    first, second = ivs.Channel(stack, "First"), ivs.Channel(stack, "Second")
    first.add_stream_key("StreamKey")
    ivs.StreamKey(stack, "StreamKey", channel=second)
    ivs.Channel(stack, "Third").add_stream_key(id="Key")
    ivs.StreamKey(scope=Construct(stack, "Scope"), id="Key", channel=ivs.Channel(stack, "Fourth"))


@program
def stream_keys_of_imports(ivs: Ivs, stack: cdk.Stack) -> None:
    first = ivs.Channel.from_channel_arn(stack, "First", f"{CHANNEL_ARN}1")
    second = ivs.Channel.from_channel_arn(scope=stack, id="Second", channel_arn=f"{CHANNEL_ARN}2")
    first.add_stream_key("StreamKey")
    ivs.StreamKey(stack, "StreamKey", channel=second)


# Playback key pairs.


@program
def playback_key_pairs(ivs: Ivs, stack: cdk.Stack) -> None:
    names = [None, "", "a", "Key-Pair_1", "a" * 128, cdk.Fn.import_value("Name")]
    for number, name in enumerate(names):
        pair = ivs.PlaybackKeyPair(
            stack, f"Pair{number}", public_key_material=P384, playback_key_pair_name=name
        )
        cdk.CfnOutput(stack, f"Arn{number}", value=pair.playback_key_pair_arn)
        cdk.CfnOutput(stack, f"Fingerprint{number}", value=pair.playback_key_pair_fingerprint)


@program
def playback_key_pair_tokens(ivs: Ivs, stack: cdk.Stack) -> None:
    parameter = cdk.CfnParameter(stack, "PublicKey")
    ivs.PlaybackKeyPair(stack, "Parameter", public_key_material=parameter.value_as_string)
    ivs.PlaybackKeyPair(stack, "Import", public_key_material=cdk.Fn.import_value("PublicKey"))


# Every option of a recording configuration, alone and with the others.


def rendition_variants() -> list[Options]:
    def option_of(names: tuple[str, ...]) -> Options:
        return lambda ivs: {
            "rendition_configuration": ivs.RenditionConfiguration.custom(
                [ivs.Resolution[name] for name in names]
            )
        }

    return [
        lambda _: {"rendition_configuration": None},
        lambda ivs: {"rendition_configuration": ivs.RenditionConfiguration.all()},
        lambda ivs: {"rendition_configuration": ivs.RenditionConfiguration.none()},
        *(option_of(names) for names in subsets(list(alpha.Resolution.__members__))),
    ]


def thumbnail_variants() -> list[Options]:
    def option_of(
        resolution: str | None, storage: tuple[str, ...] | None, interval: cdk.Duration | None
    ) -> Options:
        return lambda ivs: {
            "thumbnail_configuration": ivs.ThumbnailConfiguration.interval(
                None if resolution is None else ivs.Resolution[resolution],
                None if storage is None else [ivs.Storage[name] for name in storage],
                interval,
            )
        }

    def by_name(interval: cdk.Duration) -> Options:
        return lambda ivs: {
            "thumbnail_configuration": ivs.ThumbnailConfiguration.interval(
                target_interval=interval,
                storage=[ivs.Storage.LATEST],
                resolution=ivs.Resolution.SD,
            )
        }

    seconds = cdk.Duration.seconds
    return [
        lambda ivs: {"thumbnail_configuration": ivs.ThumbnailConfiguration.disable()},
        lambda ivs: {"thumbnail_configuration": ivs.ThumbnailConfiguration.interval()},
        *(
            option_of(*values)
            for values in itertools.product(
                (None, *alpha.Resolution.__members__),
                (None, (), *subsets(list(alpha.Storage.__members__))),
                (None, seconds(1), seconds(60)),
            )
        ),
        *map(by_name, (seconds(59), cdk.Duration.millis(2000), cdk.Duration.minutes(1))),
    ]


def window_variants() -> list[Options]:
    def option_of(window: cdk.Duration | None) -> Options:
        return lambda _: {"recording_reconnect_window": window}

    seconds = cdk.Duration.seconds
    windows = (
        None,
        *map(seconds, (0, 1, 60, 299, 300)),
        cdk.Duration.millis(3000),
        cdk.Duration.minutes(0),
        cdk.Duration.minutes(5),
    )
    return [option_of(window) for window in windows]


recordings("renditions", *rendition_variants())
recordings("thumbnails", *thumbnail_variants())
recordings("reconnect-windows", *window_variants())
recordings(
    "every-recording",
    *every(rendition_variants()[:5], thumbnail_variants()[:7], window_variants()[::3]),
)
recordings(
    "recording-names",
    lambda _: {"recording_configuration_name": None},
    lambda _: {"recording_configuration_name": ""},
    lambda _: {"recording_configuration_name": "a"},
    lambda _: {"recording_configuration_name": "My-Recording_1"},
    lambda _: {"recording_configuration_name": "a" * 128},
    lambda _: {"recording_configuration_name": cdk.Fn.import_value("Name")},
    lambda _: {"recording_configuration_name": f"r-{cdk.Aws.STACK_NAME}"},
)


@program
def recording_buckets(ivs: Ivs, stack: cdk.Stack) -> None:
    buckets = [
        s3.Bucket(stack, "Own"),
        s3.Bucket(stack, "Named", bucket_name="my-recordings"),
        s3.CfnBucket(stack, "Level1"),
        s3.Bucket.from_bucket_name(stack, "ByName", "recordings"),
        s3.Bucket.from_bucket_arn(stack, "ByArn", "arn:aws:s3:::recordings"),
        s3.Bucket.from_bucket_name(stack, "ByToken", cdk.Fn.import_value("Bucket")),
        s3.Bucket.from_bucket_attributes(stack, "ByAttributes", bucket_name="recordings"),
    ]
    for number, bucket in enumerate(buckets):
        ivs.RecordingConfiguration(stack, f"Recording{number}", bucket=bucket)


@program
def recording_to_a_named_level1_bucket(ivs: Ivs, stack: cdk.Stack) -> None:
    bucket = s3.CfnBucket(stack, "Bucket", bucket_name="my-recordings")
    ivs.RecordingConfiguration(stack, "Recording", bucket=bucket)


@program
def recording_attributes(ivs: Ivs, stack: cdk.Stack) -> None:
    recording = ivs.RecordingConfiguration(stack, "Recording", bucket=bucket_in(stack))
    cdk.CfnOutput(stack, "Arn", value=recording.recording_configuration_arn)


@program
def imported_recordings(ivs: Ivs, stack: cdk.Stack) -> None:
    by_arn = ivs.RecordingConfiguration.from_arn(stack, "ByArn", RECORDING_ARN)
    by_id = ivs.RecordingConfiguration.from_recording_configuration_id(stack, "ById", "abcd1234")
    by_token = ivs.RecordingConfiguration.from_recording_configuration_id(
        scope=stack, id="ByToken", recording_configuration_id=cdk.Fn.import_value("Id")
    )
    for number, recording in enumerate((by_arn, by_id, by_token)):
        ivs.Channel(stack, f"Channel{number}", recording_configuration=recording)
        arn, id = recording.recording_configuration_arn, recording.recording_configuration_id
        cdk.CfnOutput(stack, f"Arn{number}", value=arn)
        cdk.CfnOutput(stack, f"Id{number}", value=id)


@program
def imported_recordings_of_a_known_place(ivs: Ivs, stack: cdk.Stack) -> None:
    placed = cdk.Stack(stage_of(stack), "Placed", env=FRANKFURT)
    recording = ivs.RecordingConfiguration.from_recording_configuration_id(
        placed, "ById", "abcd1234"
    )
    ivs.Channel(placed, "Channel", recording_configuration=recording)


@program
def imported_channels(ivs: Ivs, stack: cdk.Stack) -> None:
    arns = {
        "Literal": f"{CHANNEL_ARN}3",
        "China": "arn:aws-cn:ivs:us-west-2:123456789012:channel/abcdABCDefgh",
        "Token": cdk.Fn.import_value("ChannelArn"),
        "Parameter": cdk.CfnParameter(stack, "ChannelArn").value_as_string,
        "Parts": f"arn:aws:ivs:{stack.region}:{stack.account}:channel/abcdABCDefgh",
        "Formatted": stack.format_arn(service="ivs", resource="channel", resource_name="abcd"),
        "LastPart": f"arn:aws:ivs:us-west-2:123456789012:channel/{cdk.Fn.import_value('Id')}",
    }
    for id, arn in arns.items():
        channel = ivs.Channel.from_channel_arn(stack, id, arn)
        channel.add_stream_key("StreamKey")
        cdk.CfnOutput(stack, f"{id}Arn", value=channel.channel_arn)


# Several stacks.


@program
def parts_in_several_stacks(ivs: Ivs, stack: cdk.Stack) -> None:
    recording = ivs.RecordingConfiguration(stack, "Recording", bucket=s3.Bucket(stack, "Bucket"))
    second = cdk.Stack(stage_of(stack), "Second")
    channel = ivs.Channel(second, "Channel", recording_configuration=recording)
    third = cdk.Stack(stage_of(stack), "Third")
    ivs.StreamKey(third, "StreamKey", channel=channel)
    cdk.CfnOutput(third, "Url", value=channel.channel_playback_url)
    fourth = cdk.Stack(stage_of(stack), "Fourth")
    ivs.RecordingConfiguration(fourth, "Recording", bucket=recording_bucket_of(stack))


def recording_bucket_of(stack: cdk.Stack) -> s3.IBucket:
    bucket = stack.node.find_child("Bucket")
    assert isinstance(bucket, s3.Bucket)
    return bucket


@program
def parts_in_a_nested_stack(ivs: Ivs, stack: cdk.Stack) -> None:
    nested = cdk.NestedStack(stack, "Nested")
    recording = ivs.RecordingConfiguration(nested, "Recording", bucket=s3.Bucket(stack, "Bucket"))
    channel = ivs.Channel(stack, "Channel", recording_configuration=recording)
    ivs.StreamKey(nested, "StreamKey", channel=channel)


@program
def parts_in_a_known_place(ivs: Ivs, stack: cdk.Stack) -> None:
    placed = cdk.Stack(stage_of(stack), "Placed", env=FRANKFURT)
    recording = ivs.RecordingConfiguration(placed, "Recording", bucket=s3.Bucket(placed, "Bucket"))
    ivs.Channel(placed, "Channel", recording_configuration=recording).add_stream_key("Key")


# What the AWS CDK does to any construct.


def one_of_each(ivs: Ivs, scope: Construct) -> list[cdk.Resource]:
    recording = ivs.RecordingConfiguration(scope, "Recording", bucket=bucket_in(scope))
    channel = ivs.Channel(scope, "Channel", recording_configuration=recording)
    pair = ivs.PlaybackKeyPair(scope, "KeyPair", public_key_material=P384)
    return [recording, channel, channel.add_stream_key("StreamKey"), pair]


@program
def tags(ivs: Ivs, stack: cdk.Stack) -> None:
    for resource in one_of_each(ivs, stack):
        cdk.Tags.of(resource).add("team", "video")
    cdk.Tags.of(stack).add("everywhere", "yes", priority=50)


@program
def removal_policies(ivs: Ivs, stack: cdk.Stack) -> None:
    for resource in one_of_each(ivs, stack):
        resource.apply_removal_policy(cdk.RemovalPolicy.RETAIN)


@program
def dependencies(ivs: Ivs, stack: cdk.Stack) -> None:
    first, *others = one_of_each(ivs, stack)
    for resource in others:
        resource.node.add_dependency(first)
    s3.Bucket(stack, "After").node.add_dependency(*others)


@program
def escape_hatches(ivs: Ivs, stack: cdk.Stack) -> None:
    for resource in one_of_each(ivs, stack):
        child = resource.node.default_child
        assert isinstance(child, cdk.CfnResource)
        child.add_property_override("Name", "overridden")
        child.add_metadata("checked", True)
        child.override_logical_id(f"Own{resource.node.id}")


@program
def aspects(ivs: Ivs, stack: cdk.Stack) -> None:
    @jsii.implements(cdk.IAspect)
    class NameChannels:
        def visit(self, node: Any) -> None:  # noqa: ANN401 (jsii's own signature)
            if isinstance(node, ivs.Channel):
                child = node.node.default_child
                assert isinstance(child, level1.CfnChannel)
                child.name = "named-by-aspect"

    cdk.Aspects.of(stack).add(NameChannels())
    one_of_each(ivs, stack)


@program
def subclasses(ivs: Ivs, stack: cdk.Stack) -> None:
    base: Any = ivs.Channel

    class BasicChannel(base):  # type: ignore[misc] # the base is one of two
        def __init__(self, scope: Construct, id: str, **options: object) -> None:
            super().__init__(scope, id, type=ivs.ChannelType.BASIC, **options)
            self.key = self.add_stream_key("StreamKey")

    BasicChannel(stack, "Channel", authorized=False)


@program
def dicts_of_options(ivs: Ivs, stack: cdk.Stack) -> None:
    options = {
        "channel_name": "main",
        "type": ivs.ChannelType.STANDARD,
        "latency_mode": ivs.LatencyMode.NORMAL,
        "preset": None,
        "authorized": True,
        "insecure_ingest": False,
        "container_format": ivs.ContainerFormat.FRAGMENTED_MP4,
        "multitrack_input_configuration": tracks(ivs),
        "recording_configuration": ivs.RecordingConfiguration.from_arn(stack, "R", RECORDING_ARN),
    }
    ivs.Channel(scope=stack, id="Channel", **options)


Templates = dict[str, Any]


def synthesized(ivs: ModuleType, outdir: Path) -> dict[str, Templates | Exception]:
    """Build every program, each in a stage of its own, and write all templates at once."""
    app = cdk.App(outdir=str(outdir))
    failures: dict[str, Exception] = {}
    for name, build in PROGRAMS.items():
        stack = cdk.Stack(cdk.Stage(app, name), "Stack")
        try:
            build(ivs, stack)
        except Exception as error:
            failures[name] = error
    app.synth()
    return {
        name: failures.get(name)
        or {
            path.name: json.loads(path.read_text())
            for path in (outdir / f"assembly-{name}").rglob("*.template.json")
        }
        for name in PROGRAMS
    }


@pytest.fixture(scope="module")
def with_alpha(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Templates | Exception]:
    return synthesized(alpha, tmp_path_factory.mktemp("alpha"))


@pytest.fixture(scope="module")
def with_ours(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Templates | Exception]:
    return synthesized(ours, tmp_path_factory.mktemp("ours"))


@pytest.mark.parametrize("name", PROGRAMS)
def test_program_gives_the_same_templates(
    with_alpha: dict[str, Templates | Exception],
    with_ours: dict[str, Templates | Exception],
    name: str,
) -> None:
    assert isinstance(with_alpha[name], dict), with_alpha[name]
    assert "AWS::IVS::" in json.dumps(with_alpha[name])
    assert with_ours[name] == with_alpha[name]


@pytest.mark.parametrize("type", RESOURCES)
def test_programs_define_every_resource_with_every_property(
    with_alpha: dict[str, Templates | Exception], type: str
) -> None:
    known = {
        "Channel": {
            *("Name", "Type", "LatencyMode", "Preset", "Authorized", "InsecureIngest"),
            *("ContainerFormat", "MultitrackInputConfiguration", "RecordingConfigurationArn"),
        },
        "StreamKey": {"ChannelArn"},
        "PlaybackKeyPair": {"PublicKeyMaterial", "Name"},
        "RecordingConfiguration": {
            *("Name", "DestinationConfiguration", "RecordingReconnectWindowSeconds"),
            *("RenditionConfiguration", "ThumbnailConfiguration"),
        },
    }
    seen = {
        name
        for templates in with_alpha.values()
        if isinstance(templates, dict)
        for template in templates.values()
        for resource in template.get("Resources", {}).values()
        if resource["Type"] == f"AWS::IVS::{type}"
        for name in resource["Properties"]
    }

    assert seen >= known[type]


# What neither accepts.

Attempt = Callable[[Ivs, cdk.Stack], object]


def recorded(**options: object) -> Attempt:
    """An attempt at a recording configuration."""
    return lambda ivs, stack: ivs.RecordingConfiguration(
        stack, "Recording", bucket=bucket_in(stack), **options
    )


def multitrack_with(option: str, enum: str, name: str) -> Attempt:
    """An attempt at a channel with multitrack input and another option."""
    return lambda ivs, stack: ivs.Channel(
        stack,
        "Channel",
        multitrack_input_configuration=tracks(ivs),
        **{option: getattr(ivs, enum)[name]},
    )


def thumbnails_every(interval: cdk.Duration) -> Attempt:
    """An attempt at thumbnails."""
    return lambda ivs, _: ivs.ThumbnailConfiguration.interval(target_interval=interval)


def imported_from(arn: str) -> Attempt:
    """An attempt at an import."""
    return lambda ivs, stack: ivs.Channel.from_channel_arn(stack, "Imported", arn)


REFUSED: dict[str, Attempt] = {
    "channel-name": lambda ivs, stack: ivs.Channel(stack, "C", channel_name="my channel"),
    "multitrack-basic": multitrack_with("type", "ChannelType", "BASIC"),
    "multitrack-sd": multitrack_with("type", "ChannelType", "ADVANCED_SD"),
    "multitrack-hd": multitrack_with("type", "ChannelType", "ADVANCED_HD"),
    "multitrack-ts": multitrack_with("container_format", "ContainerFormat", "TS"),
    "multitrack-incomplete": lambda ivs, _: ivs.MultitrackInputConfiguration(
        policy=ivs.Policy.ALLOW
    ),
    "key-pair-name": lambda ivs, stack: ivs.PlaybackKeyPair(
        stack, "K", public_key_material=P384, playback_key_pair_name="my key"
    ),
    "recording-name": recorded(recording_configuration_name="my recording"),
    "recording-name-129": recorded(recording_configuration_name="a" * 129),
    "window-301-s": recorded(recording_reconnect_window=cdk.Duration.seconds(301)),
    "window-6-min": recorded(recording_reconnect_window=cdk.Duration.minutes(6)),
    "window-999-ms": recorded(recording_reconnect_window=cdk.Duration.millis(999)),
    "window-1500-ms": recorded(recording_reconnect_window=cdk.Duration.millis(1500)),
    "interval-0-s": thumbnails_every(cdk.Duration.seconds(0)),
    "interval-61-s": thumbnails_every(cdk.Duration.seconds(61)),
    "interval-999-ms": thumbnails_every(cdk.Duration.millis(999)),
    "import-no-arn": imported_from("abcd"),
    "import-other-service": imported_from(CHANNEL_ARN.replace(":ivs:", ":ec2:")),
    "import-other-type": imported_from(CHANNEL_ARN.replace(":channel/", ":stream-key/")),
    "import-tokens-other-service": imported_from(
        f"arn:aws:ec2:{cdk.Aws.REGION}:{cdk.Aws.ACCOUNT_ID}:channel/abcd"
    ),
    "import-tokens-other-type": imported_from(
        f"arn:aws:ivs:{cdk.Aws.REGION}:{cdk.Aws.ACCOUNT_ID}:stream-key/abcd"
    ),
    "import-recording-no-arn": lambda ivs, stack: ivs.RecordingConfiguration.from_arn(
        stack, "R", "abcd"
    ),
    "wrong-type": lambda ivs, stack: ivs.Channel(stack, "C", authorized="yes"),
    "wrong-enum-value": lambda ivs, stack: ivs.Channel(stack, "C", type="basic"),
}


def place(tmp_path: Path) -> cdk.Stack:
    """An empty stack whose Region and account are known."""
    app = cdk.App(outdir=str(tmp_path / "cdk.out"))
    return cdk.Stack(app, "Stack", env=FRANKFURT)


@pytest.mark.parametrize("attempt", REFUSED.values(), ids=REFUSED)
def test_what_alpha_refuses_is_refused(tmp_path: Path, attempt: Attempt) -> None:
    with pytest.raises((RuntimeError, TypeError)) as by_alpha:
        attempt(alpha, place(tmp_path / "alpha"))
    with pytest.raises(ours.InvalidPropertyError):
        attempt(ours, place(tmp_path / "ours"))

    # No error of alpha is one of ours: a program that catches them has to be changed.
    assert not isinstance(by_alpha.value, ours.InvalidPropertyError | ValueError)


MISTAKES: dict[str, tuple[Attempt, type[Exception] | tuple[type[Exception], ...]]] = {
    "unknown-option": (lambda ivs, stack: ivs.Channel(stack, "C", name="main"), TypeError),
    "missing-channel": (lambda ivs, stack: ivs.StreamKey(stack, "K"), TypeError),
    "missing-key": (
        lambda ivs, stack: ivs.PlaybackKeyPair(stack, "K"),
        (TypeError, ours.InvalidPropertyError),
    ),
    "positional-option": (lambda ivs, stack: ivs.Channel(stack, "C", "main"), TypeError),
    "id-in-use": (
        lambda ivs, stack: [ivs.Channel(stack, "C"), ivs.Channel(stack, "C")],
        (RuntimeError, ours.IvsConstructsError),
    ),
    "url-of-an-import": (
        lambda ivs, stack: (
            ivs.Channel.from_channel_arn(stack, "C", CHANNEL_ARN).channel_playback_url
        ),
        AttributeError,
    ),
}


@pytest.mark.parametrize(("attempt", "error"), MISTAKES.values(), ids=MISTAKES)
@pytest.mark.parametrize("ivs", [alpha, ours], ids=["alpha", "ours"])
def test_mistake_in_python_raises_as_expected(
    tmp_path: Path,
    ivs: ModuleType,
    attempt: Attempt,
    error: type[Exception] | tuple[type[Exception], ...],
) -> None:
    with pytest.raises(error):
        attempt(ivs, place(tmp_path))


# What differs on purpose.


@dataclass(frozen=True, kw_only=True)
class Difference:
    """One intended difference, which must be one.

    Attributes:
        topic: The row of the page for users that tells of it.
        attempt: The program; its return values are compared.
        alpha: What comes of it there.
        ours: What comes of it here.
    """

    topic: str
    attempt: Attempt
    alpha: object
    ours: object


def properties(stack: cdk.Stack, construct: Construct) -> dict[str, Any]:
    """The properties in the template, without the generated name."""
    resource = construct.node.default_child
    assert isinstance(resource, cdk.CfnResource)
    template = Template.from_stack(stack).to_json()["Resources"]
    found: dict[str, Any] = template[stack.resolve(resource.logical_id)]["Properties"]
    return {name: value for name, value in found.items() if name != "Name" or value == LONG}


def channel(**options: object) -> Attempt:
    """The properties of a channel."""
    return lambda ivs, stack: properties(stack, ivs.Channel(stack, "Channel", **options))


def preset_of(type: str | None) -> Attempt:
    """The properties of a channel with a preset."""
    return lambda ivs, stack: properties(
        stack,
        ivs.Channel(
            stack,
            "Channel",
            type=type and ivs.ChannelType[type],
            preset=ivs.Preset.CONSTRAINED_BANDWIDTH_DELIVERY,
        ),
    )


def recording(options: Options) -> Attempt:
    """The properties of a recording configuration, but for its bucket."""

    def attempt(ivs: Ivs, stack: cdk.Stack) -> object:
        made = ivs.RecordingConfiguration(
            stack, "Recording", bucket=bucket_in(stack), **options(ivs)
        )
        found = properties(stack, made)
        del found["DestinationConfiguration"]
        return found

    return attempt


def env_of(imported: Callable[[Ivs, cdk.Stack], Any]) -> Attempt:
    """Where an import says that it is."""

    def attempt(ivs: Ivs, stack: cdk.Stack) -> object:
        env = imported(ivs, stack).env
        return env.region, env.account

    return attempt


def number_token() -> Any:  # noqa: ANN401 (a number at deploy time)
    return cdk.Token.as_number(cdk.Fn.ref("Seconds"))


def keys_of_one_channel(ivs: Ivs, stack: cdk.Stack) -> object:
    made = ivs.Channel(stack, "Channel")
    return [made.add_stream_key(id).node.id for id in ("First", "Second")]


def key_pair_of(material: str) -> Attempt:
    """The properties of a playback key pair."""
    return lambda ivs, stack: properties(
        stack, ivs.PlaybackKeyPair(stack, "KeyPair", public_key_material=material)
    )


def in_another_region(ivs: Ivs, stack: cdk.Stack) -> object:
    elsewhere = cdk.Stack(stack, "Ohio", env=cdk.Environment(region="us-east-2"))
    return properties(elsewhere, ivs.Channel(elsewhere, "Channel"))


def bucket_of_another(region: str | None = None, account: str | None = None) -> Attempt:
    """The properties of a recording configuration whose bucket is elsewhere."""

    def attempt(ivs: Ivs, stack: cdk.Stack) -> object:
        bucket = s3.Bucket.from_bucket_attributes(
            stack, "Bucket", bucket_name="recordings", region=region, account=account
        )
        return properties(stack, ivs.RecordingConfiguration(stack, "Recording", bucket=bucket))

    return attempt


def key_of_a_channel_elsewhere(ivs: Ivs, stack: cdk.Stack) -> object:
    channel = ivs.Channel.from_channel_arn(stack, "Channel", CHANNEL_ARN)
    return properties(stack, ivs.StreamKey(stack, "Key", channel=channel))


def level1_recording(ivs: Ivs, stack: cdk.Stack) -> object:
    part = level1.CfnRecordingConfiguration(
        stack,
        "Level1",
        destination_configuration=level1.CfnRecordingConfiguration.DestinationConfigurationProperty(
            s3=level1.CfnRecordingConfiguration.S3DestinationConfigurationProperty(
                bucket_name="recordings"
            )
        ),
    )
    return properties(stack, ivs.Channel(stack, "Channel", recording_configuration=part))


def level1_channel(ivs: Ivs, stack: cdk.Stack) -> object:
    part = level1.CfnChannel(stack, "Level1")
    return properties(stack, ivs.StreamKey(stack, "StreamKey", channel=part))


def recording_without_bucket(ivs: Ivs, stack: cdk.Stack) -> object:
    return properties(stack, ivs.RecordingConfiguration(stack, "Recording"))


def has(*names: str) -> Attempt:
    """Whether the module has a name, or a class of it has an attribute."""
    *outer, last = names

    def attempt(ivs: Ivs, _: cdk.Stack) -> object:
        for name in outer:
            ivs = getattr(ivs, name)
        return hasattr(ivs, last)

    return attempt


def invalid(subject: str, *messages: str) -> str:
    """The whole text of our error."""
    count = "1 invalid property" if len(messages) == 1 else f"{len(messages)} invalid properties"
    lines = "".join(f"\n  - {message}" for message in messages)
    return f"InvalidPropertyError: {subject} has {count}:{lines}"


LONG = "a" * 200
TWICE = "got it 2 times; drop the duplicate"
NO_PEM = (
    "public_key_material must be the PEM text of a public key, got text without a PEM block; pass "
    "the file's content, as in Path('public.pem').read_text()"
)
CANNOT_CONVERT = (
    "Duration must be specified as 'Duration.millis()' here since its value comes from a token "
    "and cannot be converted (got Duration.seconds)"
)

DIFFERENCES = {
    "preset-basic": Difference(
        topic="A preset without an advanced type",
        attempt=preset_of("BASIC"),
        alpha={"Type": "BASIC", "Preset": ""},
        ours=invalid(
            "Channel 'Stack/Channel'",
            "preset requires type ADVANCED_SD or ADVANCED_HD, got BASIC; "
            "drop preset or change type",
        ),
    ),
    "preset-standard": Difference(
        topic="A preset without an advanced type",
        attempt=preset_of("STANDARD"),
        alpha={"Type": "STANDARD", "Preset": ""},
        ours=invalid(
            "Channel 'Stack/Channel'",
            "preset requires type ADVANCED_SD or ADVANCED_HD, got STANDARD; "
            "drop preset or change type",
        ),
    ),
    "preset-default-type": Difference(
        topic="A preset without an advanced type",
        attempt=preset_of(None),
        alpha={"Preset": "CONSTRAINED_BANDWIDTH_DELIVERY"},
        ours=invalid(
            "Channel 'Stack/Channel'",
            "preset requires type ADVANCED_SD or ADVANCED_HD, got STANDARD (the default); "
            "drop preset or change type",
        ),
    ),
    "stream-key-value": Difference(
        topic="`stream_key_value`",
        attempt=lambda ivs, stack: (
            ivs.Channel(stack, "Channel").add_stream_key("Key").stream_key_value
        ),
        alpha={"Fn::GetAtt": ["ChannelKey24C306D7", "Value"]},
        ours=(
            "SecretAttributeError: stream_key_value would put the stream key in plain text into "
            "templates and outputs; use StreamKey.secret, which keeps it in AWS Secrets Manager"
        ),
    ),
    "recording-configuration-id": Difference(
        topic="`recording_configuration_id`",
        attempt=lambda ivs, stack: (
            ivs.RecordingConfiguration(
                stack, "Recording", bucket=bucket_in(stack)
            ).recording_configuration_id
        ),
        alpha={"Ref": "Recording2AAEC332"},
        ours={
            "Fn::Select": [1, {"Fn::Split": ["/", {"Fn::GetAtt": ["Recording2AAEC332", "Arn"]}]}]
        },
    ),
    "two-stream-keys": Difference(
        topic="Two stream keys of one channel",
        attempt=keys_of_one_channel,
        alpha=["First", "Second"],
        ours=invalid(
            "StreamKey 'Stack/Channel/Second'",
            "channel already has a stream key, 'Stack/Channel/First'; use that one, because Amazon "
            "IVS allows one per channel",
        ),
    ),
    "channel-env": Difference(
        topic="`env` of an import",
        attempt=env_of(
            lambda ivs, stack: ivs.Channel.from_channel_arn(stack, "Imported", CHANNEL_ARN)
        ),
        alpha=("eu-central-1", "111111111111"),
        ours=("us-west-2", "123456789012"),
    ),
    "recording-env": Difference(
        topic="`env` of an import",
        attempt=env_of(
            lambda ivs, stack: ivs.RecordingConfiguration.from_arn(stack, "Imported", RECORDING_ARN)
        ),
        alpha=("eu-central-1", "111111111111"),
        ours=("us-west-2", "123456789012"),
    ),
    "import-recording-token": Difference(
        topic="`RecordingConfiguration.from_arn` with a token",
        attempt=lambda ivs, stack: (
            ivs.RecordingConfiguration.from_arn(
                stack, "Imported", cdk.Fn.import_value("Arn")
            ).recording_configuration_id
        ),
        alpha="RuntimeError: Error: Unexpected ARN format: <token>",
        ours={"Fn::Select": [1, {"Fn::Split": ["/", {"Fn::ImportValue": "Arn"}]}]},
    ),
    "import-channel-place": Difference(
        topic="An ARN or id in another form",
        attempt=lambda ivs, stack: (
            ivs.Channel.from_channel_arn(
                stack, "Imported", "arn:aws:ivs:::channel/abcd"
            ).channel_arn
        ),
        alpha="arn:aws:ivs:::channel/abcd",
        ours=invalid(
            "Channel 'Stack/Imported'",
            "channel_arn must be arn:<partition>:ivs:<region>:<account>:channel/<id>, "
            "got 'arn:aws:ivs:::channel/abcd'",
        ),
    ),
    "import-recording-type": Difference(
        topic="An ARN or id in another form",
        attempt=lambda ivs, stack: (
            ivs.RecordingConfiguration.from_arn(
                stack, "Imported", CHANNEL_ARN
            ).recording_configuration_arn
        ),
        alpha=CHANNEL_ARN,
        ours=invalid(
            "RecordingConfiguration 'Stack/Imported'",
            "recording_configuration_arn must be "
            "arn:<partition>:ivs:<region>:<account>:recording-configuration/<id>, "
            f"got '{CHANNEL_ARN}'; that is a channel",
        ),
    ),
    "import-recording-id": Difference(
        topic="An ARN or id in another form",
        attempt=lambda ivs, stack: (
            ivs.RecordingConfiguration.from_recording_configuration_id(
                stack, "Imported", "my recording"
            ).recording_configuration_id
        ),
        alpha="my recording",
        ours=invalid(
            "RecordingConfiguration 'Stack/Imported'",
            "recording_configuration_id must have only letters, digits and -, "
            "got 'my recording'; drop ' '",
        ),
    ),
    "window-token": Difference(
        topic="A `Duration` of a token",
        attempt=recording(
            lambda _: {"recording_reconnect_window": cdk.Duration.seconds(number_token())}
        ),
        alpha=f"RuntimeError: {CANNOT_CONVERT}",
        ours={"RecordingReconnectWindowSeconds": {"Ref": "Seconds"}},
    ),
    "interval-token": Difference(
        topic="A `Duration` of a token",
        attempt=recording(
            lambda ivs: {
                "thumbnail_configuration": ivs.ThumbnailConfiguration.interval(
                    target_interval=cdk.Duration.seconds(number_token())
                )
            }
        ),
        alpha=f"RuntimeError: MustBeDurationSpecifiedDuration: {CANNOT_CONVERT}",
        ours={
            "ThumbnailConfiguration": {
                "RecordingMode": "INTERVAL",
                "TargetIntervalSeconds": {"Ref": "Seconds"},
            }
        },
    ),
    "public-key-nonsense": Difference(
        topic="A text that is not a public key",
        attempt=key_pair_of("my public key"),
        alpha={"PublicKeyMaterial": "my public key"},
        ours=invalid("PlaybackKeyPair 'Stack/KeyPair'", NO_PEM),
    ),
    "public-key-empty": Difference(
        topic="A text that is not a public key",
        attempt=key_pair_of(""),
        alpha={"PublicKeyMaterial": ""},
        ours=invalid("PlaybackKeyPair 'Stack/KeyPair'", NO_PEM),
    ),
    "public-key-damaged": Difference(
        topic="A text that is not a public key",
        attempt=key_pair_of(DAMAGED_P384),
        alpha={"PublicKeyMaterial": DAMAGED_P384},
        ours=invalid(
            "PlaybackKeyPair 'Stack/KeyPair'",
            "public_key_material must be a point on the curve P-384, got a damaged key; "
            "export it again",
        ),
    ),
    "channel-name-200": Difference(
        topic="A name that is too long",
        attempt=channel(channel_name=LONG),
        alpha={"Name": LONG},
        ours=invalid(
            "Channel 'Stack/Channel'",
            "channel_name must have at most 128 characters, got 200 characters; shorten it by 72",
        ),
    ),
    "key-pair-name-200": Difference(
        topic="A name that is too long",
        attempt=lambda ivs, stack: properties(
            stack,
            ivs.PlaybackKeyPair(
                stack, "KeyPair", public_key_material=P384, playback_key_pair_name=LONG
            ),
        ),
        alpha={"Name": LONG, "PublicKeyMaterial": P384},
        ours=invalid(
            "PlaybackKeyPair 'Stack/KeyPair'",
            "playback_key_pair_name must have at most 128 characters, got 200 characters; "
            "shorten it by 72",
        ),
    ),
    "renditions-none": Difference(
        topic="Renditions or storage that IVS refuses",
        attempt=recording(
            lambda ivs: {"rendition_configuration": ivs.RenditionConfiguration.custom([])}
        ),
        alpha={"RenditionConfiguration": {"RenditionSelection": "CUSTOM", "Renditions": []}},
        ours=invalid(
            "RenditionConfiguration",
            "renditions must name at least one of FULL_HD, HD, SD, LOWEST_RESOLUTION, got none; "
            "name one, or use RenditionConfiguration.none() to record no video",
        ),
    ),
    "renditions-twice": Difference(
        topic="Renditions or storage that IVS refuses",
        attempt=recording(
            lambda ivs: {
                "rendition_configuration": ivs.RenditionConfiguration.custom(
                    [ivs.Resolution.HD, ivs.Resolution.HD]
                )
            }
        ),
        alpha={
            "RenditionConfiguration": {"RenditionSelection": "CUSTOM", "Renditions": ["HD", "HD"]}
        },
        ours=invalid("RenditionConfiguration", f"renditions must not repeat HD, {TWICE}"),
    ),
    "storage-twice": Difference(
        topic="Renditions or storage that IVS refuses",
        attempt=recording(
            lambda ivs: {
                "thumbnail_configuration": ivs.ThumbnailConfiguration.interval(
                    storage=[ivs.Storage.LATEST, ivs.Storage.LATEST]
                )
            }
        ),
        alpha={
            "ThumbnailConfiguration": {"RecordingMode": "INTERVAL", "Storage": ["LATEST", "LATEST"]}
        },
        ours=invalid("ThumbnailConfiguration", f"storage must not repeat LATEST, {TWICE}"),
    ),
    "region": Difference(
        topic="A Region without IVS",
        attempt=in_another_region,
        alpha={},
        ours=invalid(
            "Channel 'Stack/Ohio/Channel'",
            "the stack's Region must be one of us-east-1, us-west-2, eu-west-1, eu-central-1, "
            "ap-south-1, ap-northeast-1, ap-northeast-2, got us-east-2; change the stack's env, "
            "or, if Amazon IVS is there now, set the context "
            "ivs_constructs:additionalRegions=us-east-2",
        ),
    ),
    "bucket-region": Difference(
        topic="A bucket that IVS cannot record to",
        attempt=bucket_of_another(region="us-west-2"),
        alpha={"DestinationConfiguration": {"S3": {"BucketName": "recordings"}}},
        ours=invalid(
            "RecordingConfiguration 'Stack/Recording'",
            "bucket must be in the stack's Region eu-central-1, got one in us-west-2; "
            "Amazon IVS records within a Region, so use a bucket there",
        ),
    ),
    "bucket-account": Difference(
        topic="A bucket that IVS cannot record to",
        attempt=bucket_of_another(account="123456789012"),
        alpha={"DestinationConfiguration": {"S3": {"BucketName": "recordings"}}},
        ours=invalid(
            "RecordingConfiguration 'Stack/Recording'",
            "bucket must be in the stack's account 111111111111, got one in 123456789012; "
            "Amazon IVS records within an account, so use a bucket there",
        ),
    ),
    "elsewhere": Difference(
        topic="A channel or recording configuration in another Region or account",
        attempt=key_of_a_channel_elsewhere,
        alpha={"ChannelArn": CHANNEL_ARN},
        ours=invalid(
            "StreamKey 'Stack/Key'",
            "channel must be in the stack's Region eu-central-1, got one in us-west-2; Amazon IVS "
            "connects what is in one Region, so use one from there",
            "channel must be in the stack's account 111111111111, got one in 123456789012; Amazon "
            "IVS connects what is in one account, so use one from there",
        ),
    ),
    "no-bucket": Difference(
        topic="A recording configuration without a bucket",
        attempt=recording_without_bucket,
        alpha=(
            "TypeError: RecordingConfiguration.__init__() missing 1 required keyword-only "
            "argument: 'bucket'"
        ),
        ours={
            "DestinationConfiguration": {"S3": {"BucketName": {"Ref": "RecordingBucket11901DEF"}}}
        },
    ),
    "level1-recording": Difference(
        topic="L1s as parts",
        attempt=level1_recording,
        alpha={},
        ours={"RecordingConfigurationArn": {"Ref": "Level1"}},
    ),
    "level1-channel": Difference(
        topic="L1s as parts",
        attempt=level1_channel,
        alpha=(
            "RuntimeError: Stack/StreamKey/Resource [AWS::IVS::StreamKey] is missing required "
            "property: channelArn"
        ),
        ours={"ChannelArn": {"Ref": "Level1"}},
    ),
    "enum-as-string": Difference(
        topic="Strings for enum members",
        attempt=channel(type="BASIC"),
        alpha=(
            "TypeError: type of argument type must be one of "
            "(aws_cdk.aws_ivs_alpha.ChannelType, NoneType); got str instead"
        ),
        ours={"Type": "BASIC"},
    ),
    "flag-token": Difference(
        topic="Tokens for flags and enum members",
        attempt=channel(authorized=cdk.Token.as_any({"Fn::Equals": ["a", "b"]})),
        alpha=(
            "TypeError: type of argument authorized must be one of (bool, NoneType); "
            "got aws_cdk.Intrinsic instead"
        ),
        ours={"Authorized": {"Fn::Equals": ["a", "b"]}},
    ),
    "enum-token": Difference(
        topic="Tokens for flags and enum members",
        attempt=channel(type=cdk.Fn.import_value("Type")),
        alpha=(
            "TypeError: type of argument type must be one of "
            "(aws_cdk.aws_ivs_alpha.ChannelType, NoneType); got str instead"
        ),
        ours={"Type": {"Fn::ImportValue": "Type"}},
    ),
    "property-error": Difference(
        topic="Error types",
        attempt=channel(channel_name="my channel"),
        alpha=(
            "RuntimeError: channelName must contain only numbers, letters, hyphens and "
            "underscores, got: 'my channel'"
        ),
        ours=invalid(
            "Channel 'Stack/Channel'",
            "channel_name must have only letters, digits, - and _, got 'my channel'; drop ' '",
        ),
    ),
    "type-error": Difference(
        topic="Error types",
        attempt=channel(authorized="yes"),
        alpha=(
            "TypeError: type of argument authorized must be one of (bool, NoneType); "
            "got str instead"
        ),
        ours=invalid(
            "Channel 'Stack/Channel'", "authorized must be True or False, got 'yes'; write True"
        ),
    ),
    **{
        name: Difference(
            topic="`ChannelProps` and the other `Props`",
            attempt=has(name),
            alpha=True,
            ours=False,
        )
        for name in alpha.__all__
        if name.endswith("Props")
    },
    **{
        f"{name}-injection": Difference(
            topic="Property injection",
            attempt=has(name, "PROPERTY_INJECTION_ID"),
            alpha=True,
            ours=False,
        )
        for name in RESOURCES
    },
}


def outcome(ivs: ModuleType, attempt: Attempt, stack: cdk.Stack) -> object:
    """What a program returns, or its error as text."""
    try:
        found = attempt(ivs, stack)
    except Exception as error:  # any error is an outcome
        return re.sub(r"\$\{Token\[[^]]*\]\}", "<token>", f"{type(error).__name__}: {error}")
    return stack.resolve(found) if isinstance(found, str) else found


@pytest.mark.parametrize("difference", DIFFERENCES.values(), ids=DIFFERENCES)
def test_intended_difference_is_one(tmp_path: Path, difference: Difference) -> None:
    by_alpha = outcome(alpha, difference.attempt, place(tmp_path / "alpha"))
    by_ours = outcome(ours, difference.attempt, place(tmp_path / "ours"))

    assert by_alpha == difference.alpha
    assert by_ours == difference.ours
    assert difference.alpha != difference.ours


def test_page_for_users_lists_the_intended_differences() -> None:
    table = PAGE.read_text().partition("\n## Differences\n")[2].partition("\n## ")[0]
    rows = [line.split("|")[1].strip() for line in table.splitlines() if line.startswith("|")]

    assert rows[2:] == list(dict.fromkeys(each.topic for each in DIFFERENCES.values()))


# The same names.


@pytest.mark.parametrize("name", NAMES)
def test_name_exists(name: str) -> None:
    assert name in ours.__all__
    assert hasattr(ours, name)


@pytest.mark.parametrize("name", ENUMS)
def test_enum_has_the_same_members(name: str) -> None:
    members_of = [
        {member.name: member.value for member in getattr(ivs, name)} for ivs in (alpha, ours)
    ]

    assert members_of[1] == members_of[0]


def test_list_of_enums_is_complete() -> None:
    found = [name for name in NAMES if hasattr(getattr(alpha, name), "__members__")]

    assert found == list(ENUMS)


LEFT_OUT = {
    ("StreamKey", "stream_key_value"),
    *((name, "PROPERTY_INJECTION_ID") for name in RESOURCES),
}


def members_of_classes() -> Iterator[tuple[str, str]]:
    """What alpha's classes offer, inherited or not, but for what is a difference."""
    for name in NAMES:
        for cls in getattr(alpha, name).__mro__ if name not in ENUMS else ():
            if cls.__module__.partition(".")[0] in ("aws_cdk", "constructs"):
                for member in vars(cls):
                    if not member.startswith("_") and (name, member) not in LEFT_OUT:
                        yield name, member


@pytest.mark.parametrize(("name", "member"), dict.fromkeys(members_of_classes()))
def test_member_exists(name: str, member: str) -> None:
    assert hasattr(getattr(ours, name), member)


def signatures_of_classes() -> Iterator[tuple[str, str]]:
    """The constructors and methods that alpha's classes define themselves."""
    for name in NAMES:
        cls = getattr(alpha, name)
        for member in vars(cls) if name not in ENUMS else ():
            constructor = member == "__init__" and not name.startswith("I")
            if constructor or not member.startswith("_"):
                value = inspect.getattr_static(cls, member)
                if inspect.isfunction(value) or isinstance(value, classmethod):
                    yield name, member


SIGNATURES = tuple(signatures_of_classes())


def test_list_of_signatures_is_complete() -> None:
    assert sorted(SIGNATURES) == [
        ("Channel", "__init__"),
        ("Channel", "add_stream_key"),
        ("Channel", "from_channel_arn"),
        ("IChannel", "add_stream_key"),
        ("MultitrackInputConfiguration", "__init__"),
        ("PlaybackKeyPair", "__init__"),
        ("RecordingConfiguration", "__init__"),
        ("RecordingConfiguration", "from_arn"),
        ("RecordingConfiguration", "from_recording_configuration_id"),
        ("RenditionConfiguration", "all"),
        ("RenditionConfiguration", "custom"),
        ("RenditionConfiguration", "none"),
        ("StreamKey", "__init__"),
        ("ThumbnailConfiguration", "disable"),
        ("ThumbnailConfiguration", "interval"),
    ]


def parameters(ivs: Ivs, name: str, member: str) -> dict[str, inspect.Parameter]:
    return dict(inspect.signature(getattr(getattr(ivs, name), member)).parameters)


def by_position(found: dict[str, inspect.Parameter]) -> list[str]:
    return [name for name, each in found.items() if each.kind is each.POSITIONAL_OR_KEYWORD]


@pytest.mark.parametrize(("name", "member"), SIGNATURES)
def test_parameters_of_alpha_are_taken(name: str, member: str) -> None:
    theirs, mine = parameters(alpha, name, member), parameters(ours, name, member)

    assert theirs.keys() <= mine.keys()
    assert by_position(mine)[: len(by_position(theirs))] == by_position(theirs)


@pytest.mark.parametrize(("name", "member"), SIGNATURES)
def test_parameters_that_alpha_does_not_require_may_be_left_out(name: str, member: str) -> None:
    theirs, mine = parameters(alpha, name, member), parameters(ours, name, member)
    required = {key for key, each in mine.items() if each.default is each.empty}

    assert required <= {key for key, each in theirs.items() if each.default is each.empty}


# Objects of both in one program. Any for alpha, as type checkers see no relation between the two.

THEIRS: Any = alpha


@pytest.fixture
def stack(tmp_path: Path) -> cdk.Stack:
    return place(tmp_path)


def test_recording_configuration_of_alpha_records_our_channel(stack: cdk.Stack) -> None:
    part = THEIRS.RecordingConfiguration(stack, "Recording", bucket=bucket_in(stack))
    made = ours.Channel(stack, "Channel", recording_configuration=part)

    arn = properties(stack, made)["RecordingConfigurationArn"]
    assert arn == stack.resolve(part.recording_configuration_arn)


def test_recording_configuration_imported_by_alpha_records_our_channel(stack: cdk.Stack) -> None:
    arn = f"arn:aws:ivs:{stack.region}:{stack.account}:recording-configuration/abcd1234"
    part = THEIRS.RecordingConfiguration.from_arn(stack, "Imported", arn)
    made = ours.Channel(stack, "Channel", recording_configuration=part)

    assert properties(stack, made)["RecordingConfigurationArn"] == arn


def test_channel_of_alpha_takes_our_stream_key(stack: cdk.Stack) -> None:
    part = THEIRS.Channel(stack, "Channel")
    made = ours.StreamKey(stack, "StreamKey", channel=part)

    assert properties(stack, made)["ChannelArn"] == stack.resolve(part.channel_arn)


def test_channel_imported_by_alpha_takes_our_stream_key(stack: cdk.Stack) -> None:
    arn = f"arn:aws:ivs:{stack.region}:{stack.account}:channel/abcdABCDefgh"
    part = THEIRS.Channel.from_channel_arn(stack, "Channel", arn)
    made = ours.StreamKey(stack, "StreamKey", channel=part)

    assert properties(stack, made)["ChannelArn"] == arn


def test_channel_of_alpha_takes_one_of_our_stream_keys(stack: cdk.Stack) -> None:
    part = THEIRS.Channel(stack, "Channel")
    ours.StreamKey(stack, "First", channel=part)

    with pytest.raises(ours.InvalidPropertyError, match="channel already has a stream key"):
        ours.StreamKey(stack, "Second", channel=part)


def test_channel_of_alpha_may_be_in_a_live_channel(stack: cdk.Stack) -> None:
    part = THEIRS.Channel(stack, "Channel")
    live = ours.LiveChannel(stack, "Live", channel=part)

    key = properties(stack, live.stream_key)
    assert key["ChannelArn"] == stack.resolve(part.channel_arn)


def test_key_pair_of_alpha_serves_our_private_channel(stack: cdk.Stack) -> None:
    THEIRS.PlaybackKeyPair(stack, "KeyPair", public_key_material=P384)
    ours.Channel(stack, "Channel", authorized=True)

    warnings = Annotations.from_stack(stack).find_warning("*", Match.any_value())
    assert warnings == []


@pytest.mark.parametrize("wrong", [False, True], ids=["allowed", "refused"])
def test_enum_members_of_alpha_are_judged_as_ours(stack: cdk.Stack, wrong: bool) -> None:
    type = THEIRS.ChannelType.BASIC if wrong else THEIRS.ChannelType.ADVANCED_HD

    def made() -> ours.Channel:
        return ours.Channel(
            stack,
            "Channel",
            type=type,
            preset=THEIRS.Preset.HIGHER_BANDWIDTH_DELIVERY,
            latency_mode=THEIRS.LatencyMode.NORMAL,
            container_format=THEIRS.ContainerFormat.TS,
        )

    if wrong:
        with pytest.raises(ours.InvalidPropertyError, match="preset requires type"):
            made()
    else:
        assert properties(stack, made()) == {
            "Type": "ADVANCED_HD",
            "Preset": "HIGHER_BANDWIDTH_DELIVERY",
            "LatencyMode": "NORMAL",
            "ContainerFormat": "TS",
        }


def test_multitrack_input_of_alpha_is_taken(stack: cdk.Stack) -> None:
    made = ours.Channel(stack, "Channel", multitrack_input_configuration=tracks(THEIRS))

    assert properties(stack, made) == {
        "ContainerFormat": "FRAGMENTED_MP4",
        "MultitrackInputConfiguration": {
            "Enabled": True,
            "MaximumResolution": "HD",
            "Policy": "ALLOW",
        },
    }


def test_multitrack_input_takes_enum_members_of_alpha(stack: cdk.Stack) -> None:
    value = ours.MultitrackInputConfiguration(
        maximum_resolution=THEIRS.MaximumResolution.SD, policy=THEIRS.Policy.REQUIRE
    )
    made = ours.Channel(stack, "Channel", multitrack_input_configuration=value)

    assert properties(stack, made)["MultitrackInputConfiguration"] == {
        "Enabled": True,
        "MaximumResolution": "SD",
        "Policy": "REQUIRE",
    }


@pytest.mark.parametrize(
    ("options", "expected"),
    {
        "custom": (
            lambda: {
                "rendition_configuration": ours.RenditionConfiguration.custom(
                    [THEIRS.Resolution.HD, THEIRS.Resolution.SD]
                )
            },
            {
                "RenditionConfiguration": {
                    "RenditionSelection": "CUSTOM",
                    "Renditions": ["HD", "SD"],
                }
            },
        ),
        "constructor": (
            lambda: {
                "rendition_configuration": ours.RenditionConfiguration(
                    THEIRS.RenditionSelection.CUSTOM, [THEIRS.Resolution.HD]
                )
            },
            {"RenditionConfiguration": {"RenditionSelection": "CUSTOM", "Renditions": ["HD"]}},
        ),
        "thumbnails": (
            lambda: {
                "thumbnail_configuration": ours.ThumbnailConfiguration.interval(
                    THEIRS.Resolution.HD, [THEIRS.Storage.LATEST]
                )
            },
            {
                "ThumbnailConfiguration": {
                    "RecordingMode": "INTERVAL",
                    "Resolution": "HD",
                    "Storage": ["LATEST"],
                }
            },
        ),
    }.values(),
    ids=["custom", "constructor", "thumbnails"],
)
def test_recording_takes_enum_members_of_alpha(
    stack: cdk.Stack, options: Callable[[], dict[str, Any]], expected: dict[str, Any]
) -> None:
    bucket = bucket_in(stack)
    made = ours.RecordingConfiguration(stack, "Recording", bucket=bucket, **options())

    found = properties(stack, made)
    del found["DestinationConfiguration"]
    assert found == expected


def test_values_with_enum_members_of_alpha_are_judged_as_ours() -> None:
    with pytest.raises(ours.InvalidPropertyError, match="renditions must name at least one"):
        ours.RenditionConfiguration(THEIRS.RenditionSelection.CUSTOM)
    with pytest.raises(ours.InvalidPropertyError, match="resolution requires recording_mode"):
        ours.ThumbnailConfiguration(THEIRS.RecordingMode.DISABLED, THEIRS.Resolution.HD)
    with pytest.raises(ours.InvalidPropertyError, match="renditions must not repeat HD"):
        ours.RenditionConfiguration.custom([THEIRS.Resolution.HD, ours.Resolution.HD])


def test_recording_settings_of_alpha_are_taken(stack: cdk.Stack) -> None:
    made = ours.RecordingConfiguration(
        stack,
        "Recording",
        rendition_configuration=THEIRS.RenditionConfiguration.custom([THEIRS.Resolution.HD]),
        thumbnail_configuration=THEIRS.ThumbnailConfiguration.interval(
            THEIRS.Resolution.SD, [THEIRS.Storage.LATEST], cdk.Duration.seconds(5)
        ),
    )

    rendered = properties(stack, made)
    assert rendered["RenditionConfiguration"] == {
        "RenditionSelection": "CUSTOM",
        "Renditions": ["HD"],
    }
    assert rendered["ThumbnailConfiguration"] == {
        "RecordingMode": "INTERVAL",
        "Resolution": "SD",
        "Storage": ["LATEST"],
        "TargetIntervalSeconds": 5,
    }


def test_channels_of_alpha_are_given_what_they_lack(stack: cdk.Stack) -> None:
    channel = THEIRS.Channel(stack, "Channel")
    policy = ours.PlaybackRestrictionPolicy(stack, "Policy")
    made = ours.ChannelAssociations(
        stack, "Associations", channel=channel, playback_restriction_policy=policy
    )

    found = properties(stack, made)
    assert found["ChannelArn"] == stack.resolve(channel.channel_arn)
    assert found["PlaybackRestrictionPolicyArn"] == stack.resolve(
        policy.playback_restriction_policy_arn
    )


def test_alpha_does_not_see_our_parts(stack: cdk.Stack) -> None:
    part: Any = ours.RecordingConfiguration(stack, "Recording", bucket=bucket_in(stack))
    made = THEIRS.Channel(stack, "Channel", recording_configuration=part)

    assert properties(stack, made) == {}
    with pytest.raises(RuntimeError, match="missing required property: channelArn"):
        THEIRS.StreamKey(stack, "StreamKey", channel=ours.Channel(stack, "Ours"))
