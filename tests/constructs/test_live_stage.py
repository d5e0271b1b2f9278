"""The bundle around a stage."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from typing import Any

import aws_cdk as cdk
import pytest
from aws_cdk import aws_ivs, aws_s3
from aws_cdk.assertions import Template
from syrupy.assertion import SnapshotAssertion

from ivs_constructs import (
    AutoParticipantRecording,
    EncoderConfiguration,
    InvalidPropertyError,
    LiveStage,
    MediaType,
    RecordingBucket,
    Stage,
    StorageConfiguration,
    TokenSigningKey,
    UnknownAttributeError,
    Video,
)

TemplateOf = Callable[[cdk.Stack], dict[str, Any]]


def test_minimal(stack: cdk.Stack) -> None:
    live = LiveStage(stack, "Live")

    Template.from_stack(stack).resource_count_is("Custom::IVSStage", 1)
    assert isinstance(live.stage, Stage)
    assert repr(live) == "<ivs_constructs.LiveStage 'Stack/Live'>"


def test_everything(
    stack: cdk.Stack, template: TemplateOf, snapshot_json: SnapshotAssertion
) -> None:
    live = LiveStage(
        stack,
        "Live",
        stage_name="talk",
        record=True,
        encoder=Video.hd_720p(),
        in_use="WAIT",
        tags={"team": "video"},
    )

    assert template(stack) == snapshot_json
    assert isinstance(live.bucket, RecordingBucket)
    assert isinstance(live.storage_configuration, StorageConfiguration)
    assert isinstance(live.encoder_configuration, EncoderConfiguration)


def test_as_types_of_cloudformation(stack: cdk.Stack) -> None:
    LiveStage(stack, "Live", record=True, encoder=Video.hd_720p(), provisioning="CLOUDFORMATION")

    found = {each["Type"] for each in Template.from_stack(stack).to_json()["Resources"].values()}

    assert found == {
        "AWS::IVS::EncoderConfiguration",
        "AWS::IVS::Stage",
        "AWS::IVS::StorageConfiguration",
        "AWS::S3::Bucket",
        "AWS::S3::BucketPolicy",
    }


def test_ready_parts(stack: cdk.Stack) -> None:
    bucket = RecordingBucket(stack, "Bucket")
    storage = StorageConfiguration(stack, "Storage", bucket=bucket)
    encoder = EncoderConfiguration(stack, "Encoder")
    stage = Stage(stack, "Stage")

    recorded = LiveStage(
        stack, "Recorded", record=True, storage_configuration=storage, encoder=encoder
    )
    ready = LiveStage(stack, "Ready", stage=stage)
    in_bucket = LiveStage(stack, "InBucket", record=True, bucket=bucket)

    assert recorded.storage_configuration is storage
    assert recorded.bucket is bucket
    assert recorded.encoder_configuration is encoder
    assert ready.stage is stage
    assert in_bucket.bucket is bucket


def test_level1_parts_come_as_ours(stack: cdk.Stack) -> None:
    stage = aws_ivs.CfnStage(stack, "Stage")
    encoder = aws_ivs.CfnEncoderConfiguration(stack, "Encoder")
    live = LiveStage(stack, "Live", stage=stage, encoder=encoder)

    assert stack.resolve(live.stage.stage_arn) == {"Ref": "Stage"}
    assert stack.resolve(live.encoder_configuration.encoder_configuration_arn) == {"Ref": "Encoder"}


def test_recording_of_its_own_making(stack: cdk.Stack) -> None:
    storage = StorageConfiguration(stack, "Storage")
    live = LiveStage(
        stack,
        "Live",
        record=AutoParticipantRecording(
            storage_configuration=storage, media_types=[MediaType.AUDIO_ONLY]
        ),
    )

    assert live.storage_configuration is storage
    [found] = Template.from_stack(stack).find_resources("Custom::IVSStage").values()
    recording = found["Properties"]["AutoParticipantRecordingConfiguration"]
    assert recording["MediaTypes"] == ["AUDIO_ONLY"]


@pytest.mark.parametrize(
    ("name", "remedy"),
    [
        ("storage_configuration", "record=True"),
        ("bucket", "record=True"),
        ("encoder_configuration", "encoder=Video.hd_720p()"),
        ("token_issuer", "token_issuer=True"),
        ("signing_key", "token_issuer=True"),
        ("public_key", "token_issuer=True"),
    ],
)
def test_parts_left_out(stack: cdk.Stack, name: str, remedy: str) -> None:
    live = LiveStage(stack, "Live")

    with pytest.raises(UnknownAttributeError) as error:
        getattr(live, name)

    assert str(error.value) == f"LiveStage 'Stack/Live' has no {name}; give it {remedy}"


@pytest.mark.parametrize(
    ("options", "messages"),
    [
        (
            {"record": "yes"},
            ["record must be True, False or an AutoParticipantRecording, got 'yes'"],
        ),
        (
            {"stage_name": "a b"},
            ["stage_name must have only letters, digits, - and _, got 'a b'; drop ' '"],
        ),
        ({"token_issuer": 1}, ["token_issuer must be True or False, got 1 (int)"]),
        ({"encoder": "hd"}, ["encoder must be a Video or an EncoderConfiguration, got 'hd'"]),
        (
            {"in_use": "STOPP", "provisioning": "CUSTOM"},
            ["in_use must be one of FAIL, WAIT, STOP, got 'STOPP'; did you mean 'STOP'?"],
        ),
        (
            {"in_use": "STOP", "provisioning": "CLOUDFORMATION"},
            [
                "in_use requires provisioning CUSTOM, got CLOUDFORMATION as provisioning; drop "
                "in_use or drop provisioning"
            ],
        ),
        (
            {"tags": {"aws:x": "y"}},
            ["tags must not have keys that start with aws:, got 'aws:x'; rename it"],
        ),
    ],
)
def test_bad_input(stack: cdk.Stack, options: dict[str, Any], messages: list[str]) -> None:
    with pytest.raises(InvalidPropertyError) as error:
        LiveStage(stack, "Live", **options)

    lines = "".join(f"\n  - {message}" for message in messages)
    assert str(error.value) == f"LiveStage 'Stack/Live' has 1 invalid property:{lines}"
    assert [child.node.id for child in stack.node.children] == []


def test_contradictions(stack: cdk.Stack) -> None:
    bucket = aws_s3.Bucket(stack, "Bucket")
    storage = StorageConfiguration(stack, "Storage", bucket=bucket)
    stage = Stage(stack, "Stage")
    own = AutoParticipantRecording(storage_configuration=storage)
    found = {}
    for name, options in {
        "stage": {"stage": stage, "stage_name": "x", "record": True},
        "unused": {"bucket": bucket},
        "own": {"record": own, "storage_configuration": storage},
        "both": {"record": True, "bucket": bucket, "storage_configuration": storage},
    }.items():
        with pytest.raises(InvalidPropertyError) as error:
            LiveStage(stack, "Live", **options)  # type: ignore[arg-type]  # the types differ by name
        found[name] = [failure.message for failure in error.value.failures]

    assert found == {
        "stage": [
            "stage_name cannot be combined with stage; give stage_name to that Stage instead",
            "record cannot be combined with stage; give auto_participant_recording to that Stage "
            "instead",
        ],
        "unused": ["bucket has no use while record is False; set record=True"],
        "own": [
            "storage_configuration has no use while record has its own storage_configuration; "
            "drop one of them"
        ],
        "both": [
            "bucket cannot be combined with storage_configuration, which has one; drop one of them"
        ],
    }


def test_bad_bucket_leaves_nothing_behind(stack: cdk.Stack) -> None:
    elsewhere = aws_s3.Bucket.from_bucket_attributes(
        stack, "Elsewhere", bucket_name="recordings", region="eu-west-1"
    )
    here = cdk.Stack(cdk.App(), "Here", env=cdk.Environment(region="us-east-1"))

    with pytest.raises(InvalidPropertyError, match="bucket must be in the stack's Region"):
        LiveStage(here, "Live", record=True, bucket=elsewhere)

    assert [child.node.id for child in here.node.children] == []


def test_help_shows_the_arguments() -> None:
    arguments = list(inspect.signature(LiveStage).parameters)

    assert arguments[:4] == ["scope", "id", "stage", "stage_name"]


def test_token_issuer_brings_its_key(stack: cdk.Stack) -> None:
    live = LiveStage(stack, "Live", token_issuer=True)

    found = Template.from_stack(stack)

    found.resource_count_is("AWS::KMS::Key", 1)
    found.resource_count_is("AWS::IVS::PublicKey", 1)
    found.resource_count_is("AWS::Lambda::Function", 2)
    assert live.token_issuer.node.path == "Stack/Live/TokenIssuer"
    assert live.public_key.node.path == "Stack/Live/PublicKey"


def test_stages_share_a_signing_key(stack: cdk.Stack) -> None:
    signing_key = TokenSigningKey(stack, "SigningKey")
    live = LiveStage(stack, "Live", token_issuer=True, signing_key=signing_key)

    assert live.signing_key is signing_key
    Template.from_stack(stack).resource_count_is("AWS::KMS::Key", 1)


def test_signing_key_without_use_is_refused(stack: cdk.Stack) -> None:
    signing_key = TokenSigningKey(stack, "SigningKey")
    with pytest.raises(InvalidPropertyError) as error:
        LiveStage(stack, "Live", signing_key=signing_key)

    assert str(error.value) == (
        "LiveStage 'Stack/Live' has 1 invalid property:\n"
        "  - signing_key has no use while token_issuer is False; set token_issuer=True"
    )
