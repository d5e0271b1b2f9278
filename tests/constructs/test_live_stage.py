"""The bundle around a stage."""

from __future__ import annotations

import inspect
import json
import re
from pathlib import Path
from typing import Any

import aws_cdk as cdk
import pytest
from aws_cdk import aws_ivs, aws_s3
from aws_cdk.assertions import Annotations, Match
from syrupy.assertion import SnapshotAssertion

import ivs_constructs
from ivs_constructs import (
    AutoParticipantRecording,
    Channel,
    CompositionAutomation,
    EncoderConfiguration,
    GridLayout,
    InvalidPropertyError,
    LiveChannel,
    LiveStage,
    MediaType,
    PipLayout,
    RecordingBucket,
    Stage,
    StorageConfiguration,
    TokenSigningKey,
    UnknownAttributeError,
    Video,
)
from ivs_constructs.testing import synthesize
from tests.constructs.templates import of_type

ARN = "arn:aws:ivs:us-east-1:123456789012"
VIDEO = "write Video.hd_720p() or Video(width=..., height=...)"


def test_minimal(stack: cdk.Stack) -> None:
    live = LiveStage(stack, "Live")

    synthesize(stack).one("Custom::IVSStage")
    assert isinstance(live.stage, Stage)
    assert repr(live) == "<ivs_constructs.LiveStage 'Stack/Live'>"


def test_everything(stack: cdk.Stack, snapshot_json: SnapshotAssertion) -> None:
    live = LiveStage(
        stack,
        "Live",
        stage_name="talk",
        recording=True,
        encoder=Video.hd_720p(),
        in_use="WAIT",
        tags={"team": "video"},
    )

    assert synthesize(stack) == snapshot_json
    assert isinstance(live.bucket, RecordingBucket)
    assert isinstance(live.storage_configuration, StorageConfiguration)
    assert isinstance(live.encoder_configuration, EncoderConfiguration)


def test_as_types_of_cloudformation(stack: cdk.Stack) -> None:
    LiveStage(stack, "Live", recording=True, encoder=Video.hd_720p(), provisioning="CLOUDFORMATION")

    found = {each["Type"] for each in synthesize(stack).template["Resources"].values()}

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
        stack, "Recorded", recording=True, storage_configuration=storage, encoder=encoder
    )
    ready = LiveStage(stack, "Ready", stage=stage)
    in_bucket = LiveStage(stack, "InBucket", recording=True, bucket=bucket)

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
        recording=AutoParticipantRecording(
            storage_configuration=storage, media_types=[MediaType.AUDIO_ONLY]
        ),
    )

    assert live.storage_configuration is storage
    found = synthesize(stack).one("Custom::IVSStage").definition
    recording = found["Properties"]["AutoParticipantRecordingConfiguration"]
    assert recording["MediaTypes"] == ["AUDIO_ONLY"]


@pytest.mark.parametrize(
    ("name", "remedy"),
    [
        ("storage_configuration", "recording=True or record_composition=True"),
        ("bucket", "recording=True or record_composition=True"),
        ("encoder_configuration", "encoder=Video.hd_720p()"),
        ("composition", "broadcast_to or record_composition=True"),
        ("token_issuer", "token_issuer=True"),
        ("signing_key", "token_issuer=True"),
        ("public_key", "token_issuer=True"),
    ],
)
def test_parts_left_out(stack: cdk.Stack, name: str, remedy: str) -> None:
    live = LiveStage(stack, "Live")

    with pytest.raises(UnknownAttributeError) as error:
        getattr(live, name)

    assert str(error.value) == f"LiveStage 'Stack/Live' has no {name}; pass it {remedy}"


@pytest.mark.parametrize(
    ("options", "messages"),
    [
        (
            {"recording": "yes"},
            ["recording must be True, False or an AutoParticipantRecording, got 'yes'; write True"],
        ),
        (
            {"stage_name": "a b"},
            ["stage_name must have only letters, digits, - and _, got 'a b'; drop ' '"],
        ),
        (
            {"token_issuer": 1},
            [
                "token_issuer must be True, False or ParticipantTokenLimits, got 1 (int); write "
                "True, or ParticipantTokenLimits(...)"
            ],
        ),
        (
            {"encoder": "hd"},
            [f"encoder must be a Video or an EncoderConfiguration, got 'hd'; {VIDEO}"],
        ),
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
            {"token_issuer": True, "provisioning": "CLOUDFORMATION"},
            [
                "token_issuer requires provisioning CUSTOM, got CLOUDFORMATION as provisioning; "
                "drop token_issuer or drop provisioning"
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
        "stage": {"stage": stage, "stage_name": "x", "recording": True},
        "unused": {"bucket": bucket},
        "own": {"recording": own, "storage_configuration": storage},
        "both": {"recording": True, "bucket": bucket, "storage_configuration": storage},
    }.items():
        with pytest.raises(InvalidPropertyError) as error:
            LiveStage(stack, "Live", **options)  # type: ignore[arg-type]  # the types differ by name
        found[name] = [failure.message for failure in error.value.failures]

    assert found == {
        "stage": [
            "stage_name cannot be combined with stage; pass stage_name to that Stage instead",
            "recording cannot be combined with stage; pass auto_participant_recording to that "
            "Stage instead",
        ],
        "unused": [
            "bucket has no effect while nothing is recorded; set recording=True or "
            "record_composition=True"
        ],
        "own": [
            "storage_configuration has no effect while recording has its own "
            "storage_configuration; drop one of them"
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
        LiveStage(here, "Live", recording=True, bucket=elsewhere)

    assert [child.node.id for child in here.node.children] == []


def test_help_shows_the_arguments() -> None:
    arguments = list(inspect.signature(LiveStage).parameters)

    assert arguments[:4] == ["scope", "id", "stage", "stage_name"]


def test_token_issuer_brings_its_key(stack: cdk.Stack) -> None:
    live = LiveStage(stack, "Live", token_issuer=True)

    found = synthesize(stack)

    found.one("AWS::KMS::Key")
    found.one("AWS::IVS::PublicKey")
    assert len(found.resources("AWS::Lambda::Function")) == 2
    assert live.token_issuer.node.path == "Stack/Live/TokenIssuer"
    assert live.public_key.node.path == "Stack/Live/PublicKey"


def test_token_issuer_wants_endpoints(stack: cdk.Stack) -> None:
    other = cdk.Stack(stack, "Other")
    needs = "stage must have endpoints for a token issuer"
    for stage, message in (
        (
            Stage.from_stage_arn(other, "Imported", f"{ARN}:stage/abc"),
            f"{needs}: events_endpoint of the imported Stage 'Stack/Other/Imported' is unknown; "
            "pass it to Stage.from_stage_attributes(..., events_endpoint=...)",
        ),
        (
            aws_ivs.CfnStage(other, "Level1"),
            f"{needs}, got 'Stack/Other/Level1', which has none; import it with "
            "Stage.from_stage_attributes(self, 'Imported', ...)",
        ),
    ):
        with pytest.raises(InvalidPropertyError) as error:
            LiveStage(stack, "Live", stage=stage, token_issuer=True)

        assert [each.message for each in error.value.failures] == [message]
        assert [child.node.id for child in stack.node.children] == ["Other"]
    ready = Stage(other, "Stage")
    assert LiveStage(stack, "Live", stage=ready, token_issuer=True).stage is ready


def test_stages_share_a_signing_key(stack: cdk.Stack) -> None:
    signing_key = TokenSigningKey(stack, "SigningKey")
    live = LiveStage(stack, "Live", token_issuer=True, signing_key=signing_key)

    assert live.signing_key is signing_key
    synthesize(stack).one("AWS::KMS::Key")


def test_signing_key_without_use_is_refused(stack: cdk.Stack) -> None:
    signing_key = TokenSigningKey(stack, "SigningKey")
    with pytest.raises(InvalidPropertyError) as error:
        LiveStage(stack, "Live", signing_key=signing_key)

    assert str(error.value) == (
        "LiveStage 'Stack/Live' has 1 invalid property:\n"
        "  - signing_key has no effect while token_issuer is False; set token_issuer=True"
    )


# Compositions


@pytest.fixture
def live(stack: cdk.Stack) -> LiveChannel:
    return LiveChannel(stack, "Live", recording=False)


def requests(stack: cdk.Stack) -> list[dict[str, Any]]:
    """What each state machine asks StartComposition for, with deploy-time values as `<name>`."""
    found = []
    template = synthesize(stack)
    for machine in of_type(template, "AWS::StepFunctions::StateMachine").values():
        written = "".join(
            part if isinstance(part, str) else f"<{part.get('Ref') or part['Fn::GetAtt'][0]}>"
            for part in machine["Properties"]["DefinitionString"]["Fn::Join"][1]
        )
        request = json.loads(written)["States"]["Start a composition"]["Arguments"]
        del request["IdempotencyToken"], request["Tags"]["ivs-constructs:automation"]
        found.append(request)
    return found


def logical_id(stack: cdk.Stack, token: str) -> str:
    """How `requests` shows an ARN."""
    reference = stack.resolve(token)
    return f"<{reference.get('Ref') or reference['Fn::GetAtt'][0]}>"


def warnings(stack: cdk.Stack) -> list[str]:
    """What this library warns of; the AWS CDK has its own to say about references."""
    found = Annotations.from_stack(stack).find_warning("*", Match.any_value())
    texts = [str(each.entry.data) for each in found]
    return [text for text in texts if "[ack: ivs-constructs:" in text]


def test_one_line_broadcasts(stack: cdk.Stack, live: LiveChannel) -> None:
    talk = LiveStage(stack, "Talk", broadcast_to=live.channel)

    assert isinstance(talk.composition, CompositionAutomation)
    assert talk.composition.node.path == "Stack/Talk/Composition"
    channel = logical_id(stack, live.channel.channel_arn)
    assert requests(stack) == [
        {
            "StageArn": logical_id(stack, talk.stage.stage_arn),
            "Destinations": [{"Channel": {"ChannelArn": channel}}],
            "Tags": {},
        }
    ]
    # The stream key is the bundle's, so there is nothing to warn of.
    assert warnings(stack) == []


def test_one_line_records_the_composition(stack: cdk.Stack) -> None:
    talk = LiveStage(stack, "Talk", record_composition=True)

    [request] = requests(stack)
    assert request["Destinations"] == [
        {
            "S3": {
                "StorageConfigurationArn": logical_id(
                    stack, talk.storage_configuration.storage_configuration_arn
                ),
                "EncoderConfigurationArns": [
                    logical_id(stack, talk.encoder_configuration.encoder_configuration_arn)
                ],
            }
        }
    ]
    assert isinstance(talk.bucket, RecordingBucket)
    found = synthesize(stack)
    # Amazon IVS says how it is encoded, and participants are not recorded.
    encoder = found.one("Custom::IVSEncoderConfiguration").definition
    assert "Video" not in encoder["Properties"]
    stage = found.one("Custom::IVSStage").definition
    assert "AutoParticipantRecordingConfiguration" not in stage["Properties"]


@pytest.mark.parametrize("provisioning", ["CUSTOM", "CLOUDFORMATION"])
def test_everything_composed(
    stack: cdk.Stack,
    snapshot_json: SnapshotAssertion,
    live: LiveChannel,
    provisioning: str,
) -> None:
    talk = LiveStage(
        stack,
        "Talk",
        recording=True,
        encoder=Video.hd_720p(),
        compose=GridLayout(featured_participant_attribute="host"),
        broadcast_to=live.channel,
        record_composition=True,
        provisioning=provisioning,
        tags={"team": "video"},
    )

    assert synthesize(stack) == snapshot_json
    encoder = logical_id(stack, talk.encoder_configuration.encoder_configuration_arn)
    storage = logical_id(stack, talk.storage_configuration.storage_configuration_arn)
    assert requests(stack) == [
        {
            "StageArn": logical_id(stack, talk.stage.stage_arn),
            "Layout": {"Grid": {"FeaturedParticipantAttribute": "host"}},
            "Destinations": [
                {
                    "Channel": {
                        "ChannelArn": logical_id(stack, live.channel.channel_arn),
                        "EncoderConfigurationArn": encoder,
                    }
                },
                {
                    "S3": {
                        "StorageConfigurationArn": storage,
                        "EncoderConfigurationArns": [encoder],
                    }
                },
            ],
            "Tags": {"team": "video"},
        }
    ]
    assert warnings(stack) == []


@pytest.mark.parametrize(
    ("compose", "layout"),
    [(None, None), (True, None), (GridLayout(), {"Grid": {}}), (PipLayout(), {"Pip": {}})],
)
def test_layouts(
    stack: cdk.Stack,
    live: LiveChannel,
    compose: bool | GridLayout | PipLayout | None,
    layout: dict[str, Any] | None,
) -> None:
    LiveStage(stack, "Talk", compose=compose, broadcast_to=live.channel)

    [request] = requests(stack)
    assert request.get("Layout") == layout


def test_composition_of_ready_parts(stack: cdk.Stack) -> None:
    stage = Stage.from_stage_arn(stack, "Stage", f"{ARN}:stage/Stage")
    channel = Channel.from_channel_arn(stack, "Channel", f"{ARN}:channel/Channel")
    storage = StorageConfiguration.from_storage_configuration_arn(
        stack, "Storage", f"{ARN}:storage-configuration/Storage"
    )
    encoder = EncoderConfiguration.from_encoder_configuration_arn(
        stack, "Encoder", f"{ARN}:encoder-configuration/Encoder"
    )

    LiveStage(
        stack,
        "Talk",
        stage=stage,
        storage_configuration=storage,
        encoder=encoder,
        broadcast_to=channel,
        record_composition=True,
    )

    [request] = requests(stack)
    assert request["StageArn"] == f"{ARN}:stage/Stage"
    assert request["Destinations"] == [
        {
            "Channel": {
                "ChannelArn": f"{ARN}:channel/Channel",
                "EncoderConfigurationArn": f"{ARN}:encoder-configuration/Encoder",
            }
        },
        {
            "S3": {
                "StorageConfigurationArn": f"{ARN}:storage-configuration/Storage",
                "EncoderConfigurationArns": [f"{ARN}:encoder-configuration/Encoder"],
            }
        },
    ]
    synthesize(stack).lacks("Custom::IVSStage")


def test_composition_of_level1_parts(stack: cdk.Stack) -> None:
    level1 = aws_ivs.CfnEncoderConfiguration(
        stack,
        "Encoder",
        video=aws_ivs.CfnEncoderConfiguration.VideoProperty(bitrate=8_500_000),
    )
    channel = aws_ivs.CfnChannel(stack, "Channel", type="BASIC")
    aws_ivs.CfnStreamKey(stack, "Key", channel_arn=channel.attr_arn)

    LiveStage(
        stack,
        "Talk",
        stage=aws_ivs.CfnStage(stack, "Stage"),
        encoder=level1,
        broadcast_to=channel,
    )

    [request] = requests(stack)
    assert request["StageArn"] == "<Stage>"
    assert request["Destinations"] == [
        {"Channel": {"ChannelArn": "<Channel>", "EncoderConfigurationArn": "<Encoder>"}}
    ]
    # The bundle hands on the encoder itself, whose bitrate is known.
    [warning] = warnings(stack)
    assert "ivs-constructs:composition-above-basic" in warning


def test_composition_goes_where_participants_are_recorded(stack: cdk.Stack) -> None:
    storage = StorageConfiguration(stack, "Storage")

    talk = LiveStage(
        stack,
        "Talk",
        recording=AutoParticipantRecording(storage_configuration=storage),
        record_composition=True,
    )

    assert talk.storage_configuration is storage
    [request] = requests(stack)
    [to] = request["Destinations"]
    arn = logical_id(stack, storage.storage_configuration_arn)
    assert to["S3"]["StorageConfigurationArn"] == arn
    synthesize(stack).one("Custom::IVSStorageConfiguration")


def test_bundles_share_a_bucket(stack: cdk.Stack) -> None:
    bucket = RecordingBucket(stack, "Bucket")
    talks = [
        LiveStage(stack, name, record_composition=True, bucket=bucket) for name in ("One", "Two")
    ]

    assert [talk.bucket for talk in talks] == [bucket, bucket]
    assert len(requests(stack)) == 2
    synthesize(stack).one("AWS::S3::Bucket")


def test_channel_of_another_stack(app: cdk.App, stack: cdk.Stack, live: LiveChannel) -> None:
    elsewhere = cdk.Stack(app, "Elsewhere")
    LiveStage(elsewhere, "Talk", broadcast_to=live.channel)

    assert warnings(elsewhere) == []
    assert "Fn::ImportValue" in json.dumps(synthesize(elsewhere).template)
    assert synthesize(stack).template["Outputs"]


def test_channel_without_stream_key_is_told(stack: cdk.Stack) -> None:
    live = LiveChannel(stack, "Live", recording=False, stream_key=False)
    LiveStage(stack, "Talk", broadcast_to=live.channel)

    [warning] = warnings(stack)
    assert warning.endswith("[ack: ivs-constructs:composition-without-stream-key]")


def test_further_composition_as_documented(stack: cdk.Stack) -> None:
    page = Path(__file__).parents[2] / "docs" / "compositions.md"
    blocks = re.findall(r"```python\n(.*?)```", page.read_text(encoding="utf-8"), re.DOTALL)
    [code] = [block for block in blocks if "talk.storage_configuration" in block]
    names = {name: getattr(ivs_constructs, name) for name in ivs_constructs.__all__}
    talk = LiveStage(stack, "Talk", record_composition=True)

    exec(code, {**names, "cdk": cdk, "self": stack, "talk": talk})  # noqa: S102 (the project's own documentation)

    archive, _ = sorted(requests(stack), key=lambda each: "Layout" not in each)
    [to] = archive["Destinations"]
    assert archive["Layout"] == {"Pip": {"PipPosition": "TOP_LEFT"}}
    assert to["S3"]["RecordingConfiguration"] == {
        "HlsConfiguration": {"TargetSegmentDurationSeconds": 6}
    }


BAD_COMPOSITIONS: dict[str, tuple[dict[str, Any], list[str]]] = {
    "layout": (
        {"compose": "grid", "record_composition": True},
        [
            "compose must be True, False, a GridLayout or a PipLayout, got 'grid'; write "
            "GridLayout() or PipLayout()"
        ],
    ),
    "nowhere": (
        {"compose": True},
        [
            "compose requires a destination, got none; pass broadcast_to, "
            "record_composition=True, or both"
        ],
    ),
    "participants are not the composition": (
        {"compose": GridLayout(), "recording": True},
        [
            "compose requires a destination, got none; pass broadcast_to, "
            "record_composition=True, or both"
        ],
    ),
    "not composed": (
        {"compose": False, "broadcast_to": "channel", "record_composition": True},
        [
            "broadcast_to has no effect while compose is False; drop one of them",
            "record_composition has no effect while compose is False; drop one of them",
            "broadcast_to must be a Channel, got the string 'channel'; import it with "
            "Channel.from_channel_arn(self, 'Imported', ...)",
        ],
    ),
    "recording": (
        {"record_composition": "yes"},
        ["record_composition must be True or False, got 'yes'; write True"],
    ),
    "None as recording": (
        {"record_composition": None},
        ["record_composition must be True or False, got None"],
    ),
    "own tag": (
        {"record_composition": True, "tags": {"ivs-constructs:automation": ""}},
        [
            "tags must not have keys that start with ivs-constructs:, which are reserved for this "
            "library, got 'ivs-constructs:automation'; rename it"
        ],
    ),
    "too many tags": (
        {"record_composition": True, "tags": {f"t{n}": "" for n in range(47)}},
        ["tags must have at most 46 entries, got 47; drop 1"],
    ),
    "storage of a recording": (
        {"recording": AutoParticipantRecording(storage_configuration=GridLayout)},  # type: ignore[arg-type]  # wrong on purpose
        [
            "recording.storage_configuration must be a StorageConfiguration, got the class "
            "GridLayout; make an instance of it and pass that"
        ],
    ),
    "all at once": (
        {"compose": 1, "record_composition": 1, "encoder": "hd", "stage_name": "a b"},
        [
            "compose must be True, False, a GridLayout or a PipLayout, got 1 (int); write "
            "GridLayout() or PipLayout()",
            "record_composition must be True or False, got 1 (int); write True",
            "stage_name must have only letters, digits, - and _, got 'a b'; drop ' '",
            f"encoder must be a Video or an EncoderConfiguration, got 'hd'; {VIDEO}",
        ],
    ),
}


@pytest.mark.parametrize("case", BAD_COMPOSITIONS)
def test_bad_composition(stack: cdk.Stack, case: str) -> None:
    options, messages = BAD_COMPOSITIONS[case]

    with pytest.raises(InvalidPropertyError) as error:
        LiveStage(stack, "Talk", **options)

    assert [failure.message for failure in error.value.failures] == messages
    plural = "y" if len(messages) == 1 else "ies"
    assert str(error.value).startswith(
        f"LiveStage 'Stack/Talk' has {len(messages)} invalid propert{plural}:\n  - "
    )
    assert [child.node.id for child in stack.node.children] == []


def test_bundle_as_channel(stack: cdk.Stack, live: LiveChannel) -> None:
    untyped: Any = live
    with pytest.raises(InvalidPropertyError) as error:
        LiveStage(stack, "Talk", broadcast_to=untyped)

    [failure] = error.value.failures
    assert failure.message.startswith("broadcast_to must be a Channel, got ")
    assert failure.message.endswith("; pass its attribute channel")


def test_parts_from_elsewhere(app: cdk.App) -> None:
    here = cdk.Stack(app, "Here", env=cdk.Environment(region="eu-west-1", account="123456789012"))
    storage = StorageConfiguration.from_storage_configuration_arn(
        here, "Storage", f"{ARN}:storage-configuration/Storage"
    )
    children = len(here.node.children)
    found = {}
    for name, options in {
        "all": {
            "stage": Stage.from_stage_arn(here, "Stage", f"{ARN}:stage/Stage"),
            "encoder": EncoderConfiguration.from_encoder_configuration_arn(
                here, "Encoder", f"{ARN}:encoder-configuration/Encoder"
            ),
            "broadcast_to": Channel.from_channel_arn(
                here, "Channel", "arn:aws:ivs:eu-west-1:111111111111:channel/Channel"
            ),
            "record_composition": True,
            "storage_configuration": storage,
        },
        "recording": {
            "recording": AutoParticipantRecording(storage_configuration=storage),
            "record_composition": True,
        },
    }.items():
        children = len(here.node.children)
        with pytest.raises(InvalidPropertyError) as error:
            LiveStage(here, "Talk", **options)  # type: ignore[arg-type]  # the types differ by name
        assert len(here.node.children) == children
        found[name] = [(each.property, each.code, each.message) for each in error.value.failures]

    end = "got one in us-east-1; Amazon IVS connects what is in one Region, so use one from there"
    region = "must be in the stack's Region eu-west-1, " + end
    assert found == {
        "all": [
            ("stage", "other-region", f"stage {region}"),
            (
                "storage_configuration",
                "other-region",
                f"storage_configuration {region}",
            ),
            ("encoder", "other-region", f"encoder {region}"),
            (
                "broadcast_to",
                "other-account",
                "broadcast_to must be in the stack's account 123456789012, got one in "
                "111111111111; Amazon IVS connects what is in one account, so use one from there",
            ),
        ],
        "recording": [
            ("recording", "other-region", f"recording.storage_configuration {region}"),
        ],
    }


def test_what_is_not_composed_may_be_elsewhere(app: cdk.App) -> None:
    here = cdk.Stack(app, "Here", env=cdk.Environment(region="eu-west-1"))
    encoder = EncoderConfiguration.from_encoder_configuration_arn(
        here, "Encoder", f"{ARN}:encoder-configuration/Encoder"
    )

    assert LiveStage(here, "Talk", encoder=encoder).encoder_configuration is encoder


def test_recording_that_only_a_custom_resource_can_do(stack: cdk.Stack) -> None:
    storage = StorageConfiguration(stack, "Storage", provisioning="CLOUDFORMATION")
    with pytest.raises(InvalidPropertyError) as error:
        LiveStage(
            stack,
            "Talk",
            recording=AutoParticipantRecording(
                storage_configuration=storage, record_participant_replicas=True
            ),
            provisioning="CLOUDFORMATION",
        )

    assert str(error.value) == (
        "LiveStage 'Stack/Talk' has 1 invalid property:\n"
        "  - record_participant_replicas requires provisioning CUSTOM, got CLOUDFORMATION as "
        "provisioning; drop record_participant_replicas or drop provisioning"
    )
    assert [child.node.id for child in stack.node.children] == ["Storage"]


@pytest.mark.parametrize(
    ("name", "part"),
    [
        ("whip_endpoint", "stage"),
        ("grants", "stage"),
        ("state_machine", "composition"),
        ("bucket_name", "bucket"),
    ],
)
def test_attribute_of_a_part_is_told(name: str, part: str, stack: cdk.Stack) -> None:
    talk = LiveStage(stack, "Talk", record_composition=True)

    with pytest.raises(UnknownAttributeError) as caught:
        getattr(talk, name)

    assert str(caught.value) == f"LiveStage 'Stack/Talk' has no {name}; use {part}.{name}"
