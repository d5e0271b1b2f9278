from typing import Any

import aws_cdk as cdk
import pytest
from aws_cdk import aws_ivs, aws_s3
from syrupy.assertion import SnapshotAssertion

import ivs_constructs as ivs
from ivs_constructs.testing import Synthesized, synthesize

ARN = "arn:aws:ivs:eu-central-1:123456789012:recording-configuration/AbCdEfGhIjKl"


def recording_properties(made: Synthesized) -> dict[str, Any]:
    return made.one("AWS::IVS::RecordingConfiguration").properties


def test_recording_minimal_makes_a_bucket(
    stack: cdk.Stack, snapshot_json: SnapshotAssertion
) -> None:
    recording = ivs.RecordingConfiguration(stack, "Recording")
    assert isinstance(recording.bucket, ivs.RecordingBucket)
    rendered = synthesize(stack)
    assert recording_properties(rendered) == {
        "DestinationConfiguration": {
            "S3": {"BucketName": stack.resolve(recording.bucket.bucket_name)}
        }
    }
    assert rendered == snapshot_json


def test_recording_full(stack: cdk.Stack, snapshot_json: SnapshotAssertion) -> None:
    bucket = aws_s3.Bucket.from_bucket_name(stack, "Bucket", "example-archive")
    recording = ivs.RecordingConfiguration(
        stack,
        "Recording",
        bucket=bucket,
        recording_configuration_name="talks",
        recording_reconnect_window=cdk.Duration.minutes(5),
        rendition_configuration=ivs.RenditionConfiguration.custom(
            [ivs.Resolution.FULL_HD, "HD", ivs.Resolution.SD, ivs.Resolution.LOWEST_RESOLUTION]
        ),
        thumbnail_configuration=ivs.ThumbnailConfiguration.interval(
            ivs.Resolution.SD,
            [ivs.Storage.LATEST, ivs.Storage.SEQUENTIAL],
            cdk.Duration.seconds(1),
        ),
        tags={"team": "video"},
    )
    assert recording.bucket is bucket
    rendered = synthesize(stack)
    assert recording_properties(rendered) == {
        "Name": "talks",
        "DestinationConfiguration": {"S3": {"BucketName": "example-archive"}},
        "RecordingReconnectWindowSeconds": 300,
        "RenditionConfiguration": {
            "RenditionSelection": "CUSTOM",
            "Renditions": ["FULL_HD", "HD", "SD", "LOWEST_RESOLUTION"],
        },
        "ThumbnailConfiguration": {
            "RecordingMode": "INTERVAL",
            "Resolution": "SD",
            "Storage": ["LATEST", "SEQUENTIAL"],
            "TargetIntervalSeconds": 1,
        },
        "Tags": [{"Key": "team", "Value": "video"}],
    }
    assert rendered == snapshot_json


def test_recording_tokens(stack: cdk.Stack, snapshot_json: SnapshotAssertion) -> None:
    window = cdk.CfnParameter(stack, "Window", type="Number").value_as_number
    interval = cdk.CfnParameter(stack, "Interval", type="Number").value_as_number
    storage = cdk.CfnParameter(stack, "Storage", type="CommaDelimitedList").value_as_list
    resolution = cdk.CfnParameter(stack, "Resolution").value_as_string
    ivs.RecordingConfiguration(
        stack,
        "Recording",
        bucket=aws_s3.Bucket.from_bucket_name(
            stack, "Bucket", cdk.CfnParameter(stack, "Name").value_as_string
        ),
        recording_reconnect_window=cdk.Duration.seconds(window),
        rendition_configuration=ivs.RenditionConfiguration.custom([resolution, "HD"]),
        thumbnail_configuration=ivs.ThumbnailConfiguration.interval(
            resolution, storage, cdk.Duration.seconds(interval)
        ),
    )
    rendered = synthesize(stack)
    assert recording_properties(rendered) == {
        "DestinationConfiguration": {"S3": {"BucketName": {"Ref": "Name"}}},
        "RecordingReconnectWindowSeconds": {"Ref": "Window"},
        "RenditionConfiguration": {
            "RenditionSelection": "CUSTOM",
            "Renditions": [{"Ref": "Resolution"}, "HD"],
        },
        "ThumbnailConfiguration": {
            "RecordingMode": "INTERVAL",
            "Resolution": {"Ref": "Resolution"},
            "Storage": {"Ref": "Storage"},
            "TargetIntervalSeconds": {"Ref": "Interval"},
        },
    }
    assert rendered == snapshot_json


@pytest.mark.parametrize(
    ("renditions", "rendered"),
    [
        (ivs.RenditionConfiguration.all(), {"RenditionSelection": "ALL"}),
        (ivs.RenditionConfiguration.none(), {"RenditionSelection": "NONE"}),
    ],
)
def test_recording_of_all_or_no_renditions(
    stack: cdk.Stack,
    renditions: ivs.RenditionConfiguration,
    rendered: dict[str, str],
) -> None:
    ivs.RecordingConfiguration(
        stack,
        "Recording",
        rendition_configuration=renditions,
        thumbnail_configuration=ivs.ThumbnailConfiguration.disable(),
    )
    properties = recording_properties(synthesize(stack))
    assert properties["RenditionConfiguration"] == rendered
    assert properties["ThumbnailConfiguration"] == {"RecordingMode": "DISABLED"}


def test_recording_takes_a_level1_bucket(stack: cdk.Stack) -> None:
    bucket = aws_s3.CfnBucket(stack, "Bucket")
    ivs.RecordingConfiguration(stack, "Recording", bucket=bucket)
    s3 = recording_properties(synthesize(stack))["DestinationConfiguration"]["S3"]
    assert s3["BucketName"] == stack.resolve(bucket.ref)


def test_recording_imported(stack: cdk.Stack) -> None:
    recording = ivs.RecordingConfiguration.from_arn(stack, "Recording", ARN)
    assert recording.recording_configuration_arn == ARN
    assert recording.recording_configuration_id == "AbCdEfGhIjKl"
    assert recording.env.region == "eu-central-1"
    ivs.Channel(stack, "Channel", recording_configuration=recording)
    channel = synthesize(stack).one("AWS::IVS::Channel")
    assert channel.properties["RecordingConfigurationArn"] == ARN


def test_recording_imported_by_id(stack: cdk.Stack) -> None:
    recording = ivs.RecordingConfiguration.from_recording_configuration_id(
        stack, "Recording", "AbCdEfGhIjKl"
    )
    assert recording.recording_configuration_id == "AbCdEfGhIjKl"
    assert stack.resolve(recording.recording_configuration_arn) == {
        "Fn::Join": [
            "",
            [
                "arn:",
                {"Ref": "AWS::Partition"},
                ":ivs:",
                {"Ref": "AWS::Region"},
                ":",
                {"Ref": "AWS::AccountId"},
                ":recording-configuration/AbCdEfGhIjKl",
            ],
        ]
    }
    reference = recording.recording_configuration_ref
    assert reference.recording_configuration_arn == recording.recording_configuration_arn


def test_recording_id_is_not_the_arn(stack: cdk.Stack) -> None:
    recording = ivs.RecordingConfiguration(stack, "Recording")
    arn = stack.resolve(recording.recording_configuration_arn)
    assert stack.resolve(recording.recording_configuration_id) == {
        "Fn::Select": [1, {"Fn::Split": ["/", arn]}]
    }
    level1 = recording.node.default_child
    assert isinstance(level1, aws_ivs.CfnRecordingConfiguration)
    assert recording.recording_configuration_ref.recording_configuration_arn


def test_bucket_minimal_passes_a_review(stack: cdk.Stack, snapshot_json: SnapshotAssertion) -> None:
    ivs.RecordingBucket(stack, "Bucket")
    rendered = synthesize(stack)
    bucket = rendered.one("AWS::S3::Bucket")
    policy = rendered.one("AWS::S3::BucketPolicy")
    (encryption,) = bucket.properties["BucketEncryption"]["ServerSideEncryptionConfiguration"]
    assert encryption == {"ServerSideEncryptionByDefault": {"SSEAlgorithm": "AES256"}}
    assert bucket.properties["OwnershipControls"]["Rules"] == [
        {"ObjectOwnership": "BucketOwnerEnforced"}
    ]
    assert set(bucket.properties["PublicAccessBlockConfiguration"].values()) == {True}
    # Kept, unless the deployment that makes it fails.
    assert bucket.definition["DeletionPolicy"] == "RetainExceptOnCreate"
    assert bucket.definition["UpdateReplacePolicy"] == "Retain"
    (statement,) = policy.properties["PolicyDocument"]["Statement"]
    assert statement["Effect"] == "Deny"
    assert statement["Condition"] == {"Bool": {"aws:SecureTransport": "false"}}
    assert rendered == snapshot_json


def test_bucket_full(stack: cdk.Stack, snapshot_json: SnapshotAssertion) -> None:
    logs = aws_s3.Bucket(stack, "Logs")
    ivs.RecordingBucket(
        stack,
        "Bucket",
        bucket_name="example-recordings",
        removal_policy=cdk.RemovalPolicy.DESTROY,
        expiration=cdk.Duration.days(90),
        server_access_logs_bucket=logs,
        server_access_logs_prefix="recordings/",
    )
    rendered = synthesize(stack)
    named = [
        resource
        for resource in rendered.resources("AWS::S3::Bucket")
        if resource.properties.get("BucketName") == "example-recordings"
    ]
    assert named[0].definition["DeletionPolicy"] == "Delete"
    assert named[0].properties["LifecycleConfiguration"]["Rules"] == [
        {
            "AbortIncompleteMultipartUpload": {"DaysAfterInitiation": 7},
            "Id": "DropIncompleteUploads",
            "Status": "Enabled",
        },
        {"ExpirationInDays": 90, "Id": "ExpireRecordings", "Status": "Enabled"},
    ]
    assert rendered == snapshot_json


def test_bucket_empties_itself_on_request(stack: cdk.Stack) -> None:
    # No snapshot: the function that does it comes from the AWS CDK and changes with it.
    ivs.RecordingBucket(
        stack, "Bucket", removal_policy=cdk.RemovalPolicy.DESTROY, auto_delete_objects=True
    )
    rendered = synthesize(stack)
    bucket = rendered.one("AWS::S3::Bucket")
    assert bucket.definition["DeletionPolicy"] == "Delete"
    assert len(rendered.resources("Custom::S3AutoDeleteObjects")) == 1


def test_bucket_is_a_bucket_of_the_cdk(stack: cdk.Stack) -> None:
    bucket = ivs.RecordingBucket(stack, "Bucket")
    assert isinstance(bucket, aws_s3.Bucket)
    bucket.add_cors_rule(allowed_methods=[aws_s3.HttpMethods.GET], allowed_origins=["https://a.b"])
    resource = synthesize(stack).one("AWS::S3::Bucket")
    assert resource.properties["CorsConfiguration"]["CorsRules"] == [
        {"AllowedMethods": ["GET"], "AllowedOrigins": ["https://a.b"]}
    ]
