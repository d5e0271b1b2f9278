"""Stages: as custom resources, as CloudFormation's own type, and imported."""

from __future__ import annotations

from typing import Any

import aws_cdk as cdk
import pytest
from aws_cdk import aws_ivs
from syrupy.assertion import SnapshotAssertion

from ivs_constructs import (
    AutoParticipantRecording,
    InUse,
    InvalidPropertyError,
    MediaType,
    ParticipantThumbnailConfiguration,
    Provisioning,
    Stage,
    Storage,
    UnknownAttributeError,
    UnsupportedError,
)
from ivs_constructs.testing import synthesize

ARN = "arn:aws:ivs:eu-west-1:123456789012:stage/abcdABCDefgh"
STORAGE = "arn:aws:ivs:us-east-1:123456789012:storage-configuration/abc"
ENDPOINTS = ("events_endpoint", "whip_endpoint", "rtmp_endpoint", "rtmps_endpoint")


@pytest.fixture
def storage(stack: cdk.Stack) -> aws_ivs.CfnStorageConfiguration:
    return aws_ivs.CfnStorageConfiguration(stack, "Storage", s3={"bucketName": "recordings"})


def full(storage: aws_ivs.CfnStorageConfiguration) -> AutoParticipantRecording:
    return AutoParticipantRecording(
        storage_configuration=storage,
        media_types=[MediaType.AUDIO_ONLY],
        thumbnail_configuration=ParticipantThumbnailConfiguration.interval(
            storage=[Storage.LATEST, Storage.SEQUENTIAL],
            target_interval=cdk.Duration.minutes(2),
        ),
        recording_reconnect_window=cdk.Duration.seconds(30),
        target_segment_duration=cdk.Duration.seconds(4),
    )


def properties_of(stack: cdk.Stack, cfn_type: str) -> dict[str, Any]:
    found = synthesize(stack).one(cfn_type).definition
    return dict(found["Properties"])


def message_of(error: pytest.ExceptionInfo[InvalidPropertyError]) -> str:
    return str(error.value)


def test_minimal(stack: cdk.Stack, snapshot_json: SnapshotAssertion) -> None:
    Stage(stack, "Stage")

    assert synthesize(stack) == snapshot_json


def test_full(
    stack: cdk.Stack,
    storage: aws_ivs.CfnStorageConfiguration,
    snapshot_json: SnapshotAssertion,
) -> None:
    stage = Stage(
        stack,
        "Stage",
        stage_name="talk",
        auto_participant_recording=full(storage),
        in_use=InUse.WAIT,
        tags={"team": "video"},
    )
    for name in ("stage_arn", "stage_id", "active_session_id", *ENDPOINTS):
        cdk.CfnOutput(stack, name.title().replace("_", ""), value=getattr(stage, name))

    assert synthesize(stack) == snapshot_json


def test_both_kinds_have_the_same_properties(
    stack: cdk.Stack, storage: aws_ivs.CfnStorageConfiguration
) -> None:
    for provisioning in Provisioning:
        Stage(
            stack,
            str(provisioning),
            stage_name="talk",
            auto_participant_recording=full(storage),
            tags={"team": "video"},
            provisioning=provisioning,
        )

    native = properties_of(stack, "AWS::IVS::Stage")
    custom = properties_of(stack, "Custom::IVSStage")

    assert custom == {
        **native,
        "ConstructPath": "Stack/CUSTOM",
        "ServiceTimeout": 900,
        "ServiceToken": custom["ServiceToken"],
    }


@pytest.mark.parametrize("context", ["CLOUDFORMATION", Provisioning.CLOUDFORMATION])
def test_context_sets_the_provisioning(context: str) -> None:
    app = cdk.App(context={"ivs_constructs:provisioning": context}, analytics_reporting=False)
    stack = cdk.Stack(app, "Stack")
    Stage(stack, "Native")
    Stage(stack, "Custom", provisioning="CUSTOM")

    found = synthesize(stack)

    found.one("AWS::IVS::Stage")
    found.one("Custom::IVSStage")


def test_wrong_context_is_told() -> None:
    app = cdk.App(context={"ivs_constructs:provisioning": "NATIVE"}, analytics_reporting=False)

    with pytest.raises(InvalidPropertyError) as error:
        Stage(cdk.Stack(app, "Stack"), "Stage")

    assert message_of(error) == (
        "Stage 'Stack/Stage' has 1 invalid property:\n"
        "  - context ivs_constructs:provisioning must be one of CUSTOM, CLOUDFORMATION, got "
        "'NATIVE'; did you mean 'CLOUDFORMATION'?"
    )


def test_what_only_a_custom_resource_can_do(
    stack: cdk.Stack, storage: aws_ivs.CfnStorageConfiguration
) -> None:
    with pytest.raises(InvalidPropertyError) as error:
        Stage(
            stack,
            "Stage",
            in_use=InUse.STOP,
            auto_participant_recording=AutoParticipantRecording(
                storage_configuration=storage,
                media_types=["NONE"],
                thumbnail_configuration=ParticipantThumbnailConfiguration.interval(),
                record_participant_replicas=False,
            ),
            provisioning=Provisioning.CLOUDFORMATION,
        )

    assert message_of(error) == (
        "Stage 'Stack/Stage' has 3 invalid properties:\n"
        "  - in_use requires provisioning CUSTOM, got CLOUDFORMATION as provisioning; drop in_use "
        "or drop provisioning\n"
        "  - record_participant_replicas requires provisioning CUSTOM, got CLOUDFORMATION as "
        "provisioning; drop record_participant_replicas or drop provisioning\n"
        "  - media_types [NONE] requires provisioning CUSTOM, got CLOUDFORMATION as provisioning; "
        "drop media_types [NONE] or drop provisioning"
    )


def test_custom_only_under_a_context_tells_the_context() -> None:
    context = {"ivs_constructs:provisioning": "CLOUDFORMATION"}
    stack = cdk.Stack(cdk.App(context=context, analytics_reporting=False), "Stack")

    with pytest.raises(InvalidPropertyError) as error:
        Stage(stack, "Stage", in_use="WAIT")

    assert message_of(error) == (
        "Stage 'Stack/Stage' has 1 invalid property:\n"
        "  - in_use requires provisioning CUSTOM, got CLOUDFORMATION as context "
        "ivs_constructs:provisioning; drop in_use or give provisioning=Provisioning.CUSTOM"
    )


def test_what_only_a_custom_resource_can_do_is_rendered(
    stack: cdk.Stack, storage: aws_ivs.CfnStorageConfiguration
) -> None:
    Stage(
        stack,
        "Stage",
        in_use="STOP",
        auto_participant_recording=AutoParticipantRecording(
            storage_configuration=storage,
            media_types=["NONE"],
            thumbnail_configuration=ParticipantThumbnailConfiguration.interval(),
            record_participant_replicas=False,
        ),
    )

    found = properties_of(stack, "Custom::IVSStage")

    assert found["InUse"] == "STOP"
    assert found["AutoParticipantRecordingConfiguration"] == {
        "StorageConfigurationArn": {"Ref": "Storage"},
        "MediaTypes": ["NONE"],
        "ThumbnailConfiguration": {
            "ParticipantThumbnailConfiguration": {"RecordingMode": "INTERVAL"}
        },
        "RecordParticipantReplicas": False,
    }


@pytest.mark.parametrize("name", ENDPOINTS)
def test_native_type_tells_no_endpoint(stack: cdk.Stack, name: str) -> None:
    stage = Stage(stack, "Stage", provisioning=Provisioning.CLOUDFORMATION)

    with pytest.raises(UnsupportedError) as error:
        getattr(stage, name)

    assert str(error.value) == (
        f"{name} of Stage 'Stack/Stage' requires provisioning CUSTOM, got CLOUDFORMATION, whose "
        "type has no such attribute; set provisioning=Provisioning.CUSTOM"
    )


def test_level1_types_take_it(stack: cdk.Stack) -> None:
    stage = Stage(stack, "Stage")
    aws_ivs.CfnIngestConfiguration(stack, "Ingest", stage_arn=stage.stage_ref.stage_arn)

    found = properties_of(stack, "AWS::IVS::IngestConfiguration")

    assert found["StageArn"]["Fn::GetAtt"][1] == "Arn"


@pytest.mark.parametrize("name", ENDPOINTS)
def test_imported(stack: cdk.Stack, name: str) -> None:
    bare = Stage.from_stage_arn(stack, "Bare", ARN)
    whole = Stage.from_stage_attributes(stack, "Whole", stage_arn=ARN, **{name: "https://x"})

    assert (bare.stage_arn, bare.stage_id) == (ARN, "abcdABCDefgh")
    assert (bare.env.region, bare.env.account) == ("eu-west-1", "123456789012")
    assert bare.stage_ref.stage_arn == ARN
    assert getattr(whole, name) == "https://x"
    with pytest.raises(UnknownAttributeError) as error:
        getattr(bare, name)
    assert str(error.value) == (
        f"{name} of the imported Stage 'Stack/Bare' is unknown; pass it to "
        f"Stage.from_stage_attributes(..., {name}=...)"
    )


def test_imported_from_a_token(stack: cdk.Stack) -> None:
    parameter = cdk.CfnParameter(stack, "Arn")
    stage = Stage.from_stage_arn(stack, "Stage", parameter.value_as_string)

    assert stack.resolve(stage.stage_id) == {
        "Fn::Select": [1, {"Fn::Split": ["/", {"Ref": "Arn"}]}]
    }


def test_tokens_pass_unjudged(stack: cdk.Stack, storage: aws_ivs.CfnStorageConfiguration) -> None:
    name = cdk.CfnParameter(stack, "Name")
    seconds = cdk.CfnParameter(stack, "Seconds", type="Number")
    Stage(
        stack,
        "Stage",
        stage_name=name.value_as_string,
        auto_participant_recording=AutoParticipantRecording(
            storage_configuration=storage,
            recording_reconnect_window=cdk.Duration.seconds(seconds.value_as_number),
        ),
    )

    found = properties_of(stack, "Custom::IVSStage")

    assert found["Name"] == {"Ref": "Name"}
    recording = found["AutoParticipantRecordingConfiguration"]
    assert recording["RecordingReconnectWindowSeconds"] == {"Ref": "Seconds"}


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (
            {"stage_name": "a b"},
            "stage_name must have only letters, digits, - and _, got 'a b'; drop ' '",
        ),
        (
            {"auto_participant_recording": True},
            "auto_participant_recording must be an AutoParticipantRecording, got True (bool); "
            "write AutoParticipantRecording(storage_configuration=...)",
        ),
        (
            {"in_use": "KILL"},
            "in_use must be one of FAIL, WAIT, STOP, got 'KILL'; did you mean 'FAIL'?",
        ),
        (
            {"provisioning": "CUSTOMISED"},
            "provisioning must be one of CUSTOM, CLOUDFORMATION, got 'CUSTOMISED'; did you mean "
            "'CUSTOM'?",
        ),
        (
            {"tags": {str(number): "" for number in range(47)}},
            "tags must have at most 46 entries, got 47; drop 1",
        ),
        (
            {"tags": {"ivs-constructs:stack": "x"}},
            "tags must not have keys that start with ivs-constructs:, which are reserved for this "
            "library, got 'ivs-constructs:stack'; rename it",
        ),
    ],
)
def test_bad_input(stack: cdk.Stack, options: dict[str, Any], message: str) -> None:
    with pytest.raises(InvalidPropertyError) as error:
        Stage(stack, "Stage", **options)

    assert message_of(error) == f"Stage 'Stack/Stage' has 1 invalid property:\n  - {message}"


def test_storage_must_be_a_storage_configuration(stack: cdk.Stack) -> None:
    recording = AutoParticipantRecording(storage_configuration=STORAGE)  # type: ignore[arg-type]  # the mistake

    with pytest.raises(InvalidPropertyError) as error:
        Stage(stack, "Stage", auto_participant_recording=recording)

    assert message_of(error) == (
        "Stage 'Stack/Stage' has 1 invalid property:\n"
        f"  - storage_configuration must be a StorageConfiguration, got the string '{STORAGE}'; "
        "import it with StorageConfiguration.from_storage_configuration_arn(self, 'Imported', ...)"
    )


# Values


@pytest.mark.parametrize("seconds", [0, 300])
def test_reconnect_window_in_range(storage: aws_ivs.CfnStorageConfiguration, seconds: int) -> None:
    window = cdk.Duration.seconds(seconds)

    AutoParticipantRecording(storage_configuration=storage, recording_reconnect_window=window)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (
            {"recording_reconnect_window": cdk.Duration.seconds(301)},
            "recording_reconnect_window must be 0-300 seconds, got 301 seconds; shorten the window",
        ),
        (
            {"target_segment_duration": cdk.Duration.seconds(1)},
            "target_segment_duration must be 2-10 seconds, got 1 seconds; lengthen the segment",
        ),
        (
            {"target_segment_duration": cdk.Duration.seconds(11)},
            "target_segment_duration must be 2-10 seconds, got 11 seconds; shorten the segment",
        ),
        (
            {"media_types": ["AUDIO_ONLY", "AUDIO_VIDEO"]},
            "media_types must have at most 1 item, got 2; drop 1",
        ),
        (
            {"media_types": ["VIDEO"]},
            "media_types must be one of AUDIO_VIDEO, AUDIO_ONLY, NONE, got 'VIDEO'; did you mean "
            "'AUDIO_VIDEO'?",
        ),
        (
            {"media_types": ["NONE"]},
            "media_types [NONE] requires thumbnails, or nothing is recorded, got none; pass "
            "thumbnail_configuration=ParticipantThumbnailConfiguration.interval() or another "
            "media type",
        ),
        (
            {"thumbnail_configuration": "INTERVAL"},
            "thumbnail_configuration must be a ParticipantThumbnailConfiguration, got 'INTERVAL'; "
            "write ParticipantThumbnailConfiguration.interval(...) or .disable()",
        ),
        (
            {"record_participant_replicas": "no"},
            "record_participant_replicas must be True or False, got 'no'; write False",
        ),
    ],
)
def test_bad_recording(
    storage: aws_ivs.CfnStorageConfiguration, options: dict[str, Any], message: str
) -> None:
    with pytest.raises(InvalidPropertyError) as error:
        AutoParticipantRecording(storage_configuration=storage, **options)

    assert message_of(error) == (f"AutoParticipantRecording has 1 invalid property:\n  - {message}")


@pytest.mark.parametrize("seconds", [1, 86400])
def test_thumbnail_interval_in_range(seconds: int) -> None:
    ParticipantThumbnailConfiguration.interval(target_interval=cdk.Duration.seconds(seconds))


@pytest.mark.parametrize(("seconds", "advice"), [(0, "lengthen"), (86401, "shorten")])
def test_thumbnail_interval_out_of_range(seconds: int, advice: str) -> None:
    with pytest.raises(InvalidPropertyError) as error:
        ParticipantThumbnailConfiguration.interval(target_interval=cdk.Duration.seconds(seconds))

    assert message_of(error) == (
        "ParticipantThumbnailConfiguration has 1 invalid property:\n"
        f"  - target_interval must be 1-86400 seconds, got {seconds} seconds; {advice} the interval"
    )


def test_disabled_thumbnails_take_no_settings() -> None:
    assert ParticipantThumbnailConfiguration.disable().recording_mode == "DISABLED"
    with pytest.raises(InvalidPropertyError) as error:
        ParticipantThumbnailConfiguration(recording_mode="DISABLED", storage=["LATEST"])

    assert message_of(error) == (
        "ParticipantThumbnailConfiguration has 1 invalid property:\n"
        "  - storage requires recording_mode INTERVAL, got DISABLED; use "
        "ParticipantThumbnailConfiguration.interval(...) or drop storage"
    )
