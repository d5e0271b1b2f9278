"""What a recording configuration refuses, and values just inside the limits."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import aws_cdk as cdk
import pytest
from aws_cdk import aws_s3

from ivs_constructs import (
    Channel,
    MultitrackInputConfiguration,
    RecordingBucket,
    RecordingConfiguration,
    RenditionConfiguration,
    Resolution,
    Storage,
    ThumbnailConfiguration,
)
from tests.constructs.deploy_time import list_token, number_token, text_token
from tests.constructs.refusals import (
    API,
    BUCKET_REGION,
    defined,
    found,
    located,
    refused,
    rendered,
    report,
)


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
        ("30", f"{WINDOW} a Duration of aws_cdk, got '30'; write Duration.seconds(30)", "type"),
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
            "bucket must be an S3 bucket, got the string 'my-bucket'; import it with "
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
        " only lower-case letters, digits, - and ., got 'My_Bucket'; write 'my-bucket'"
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


BUCKET_ACCOUNT = (
    "bucket must be in the stack's account 111111111111, got one in 222222222222; Amazon IVS "
    "records within an account, so use a bucket there"
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
