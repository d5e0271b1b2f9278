"""What the bundle refuses: contradictions and wrong parts."""

from __future__ import annotations

from collections.abc import Callable

import aws_cdk as cdk
import pytest
from aws_cdk import aws_s3

from ivs_constructs import (
    Channel,
    LiveChannel,
    PlaybackKeyPair,
    PlaybackRestrictionPolicy,
    RecordingBucket,
    RecordingConfiguration,
    StreamKey,
    UnknownAttributeError,
)
from tests.constructs.refusals import (
    BUCKET_REGION,
    CHANNEL_ARN,
    RECORDING_ARN,
    TRACKS,
    defined,
    found,
    located,
    refused,
    report,
)
from tests.public_keys import P384

Options = Callable[[cdk.Stack], dict[str, object]]

CONTRADICTIONS: list[tuple[str, Options, str]] = [
    *(
        (
            prop,
            lambda stack, prop=prop, value=value: {
                "channel": Channel(stack, "Channel"),
                prop: value,
            },
            f"cannot be combined with channel; pass {instead} to that Channel instead",
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
            f"cannot be combined with restriction_policy; pass {prop} to that policy instead",
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
        "cannot be combined with channel; pass recording_configuration to that Channel instead",
    ),
    (
        "bucket",
        lambda stack: {"recording": False, "bucket": RecordingBucket(stack, "Bucket")},
        "has no effect while recording is False; drop one of them",
    ),
    (
        "bucket",
        lambda stack: {
            "recording": RecordingConfiguration(stack, "Recording"),
            "bucket": RecordingBucket(stack, "Bucket"),
        },
        "has no effect while an existing recording is given; drop one of them",
    ),
    (
        "public_key_material",
        lambda stack: {
            "key_pair": PlaybackKeyPair(stack, "KeyPair", public_key_material=P384),
            "public_key_material": P384,
        },
        "cannot be combined with key_pair; pass one of the two",
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
            "private must be True or False, got 'yes'; write True",
            ("private", "type"),
        ),
        (
            {"private": 1},
            "private must be True or False, got 1 (int); write True",
            ("private", "type"),
        ),
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
        "bucket must be an S3 bucket, got the string 'my-bucket'; import it with "
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

    assert str(caught.value) == f"LiveChannel 'Stack/It' has no {part}; pass it {remedy}"


def test_bundle_takes_no_text_for_its_tags_even_with_ready_parts(stack: cdk.Stack) -> None:
    error = refused(LiveChannel, stack, channel=Channel(stack, "Channel"), tags={"aws:k": "v"})

    assert str(error) == report(
        "LiveChannel", "tags must not have keys that start with aws:, got 'aws:k'; rename it"
    )


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
