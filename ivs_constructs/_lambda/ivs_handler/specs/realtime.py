"""Descriptors of the real-time API's resource types."""

from __future__ import annotations

from dataclasses import replace

from .low_latency import BUCKET, PUBLIC_KEY_MATERIAL
from .prop import (
    CUSTOM_TAGS,
    TAGS,
    CustomResourceSpec,
    Holder,
    Kind,
    Prop,
    ResourceSpec,
    arn_prop,
    flag_prop,
    name_prop,
    seconds_prop,
)

PUBLIC_KEY = ResourceSpec(
    name="PublicKey",
    service="ivs-realtime",
    create="ImportPublicKey",
    update=None,
    attributes=("Arn", "Fingerprint"),
    props=(PUBLIC_KEY_MATERIAL, name_prop("public_key_name", replaces=True), TAGS),
)


# Custom resources

_COMPOSITION = Holder(
    noun="composition",
    advice="stop it, or set in_use to WAIT or STOP",
    service="ivs-realtime",
    list="ListCompositions",
    member="compositions",
    over=("STOPPED", "FAILED"),
    passing=("STOPPING",),
    stop="StopComposition",
    stop_with={"arn": "arn"},
)

THUMBNAIL_STORAGE = Prop(
    py="storage",
    kind=Kind.LIST,
    minimum=0,
    maximum=2,
    unique=True,
    default="SEQUENTIAL (set by IVS)",
    item=Prop(py="storage", choices=("SEQUENTIAL", "LATEST")),
    cleared=["SEQUENTIAL"],
)

PARTICIPANT_THUMBNAILS = Prop(
    py="thumbnail_configuration",
    kind=Kind.STRUCT,
    default="no thumbnails (set by IVS)",
    value_class="ParticipantThumbnailConfiguration",
    nested="ParticipantThumbnailConfiguration",
    cleared={"recordingMode": "DISABLED"},
    members=(
        seconds_prop("target_interval", 1, 86400, "the interval", "60 seconds (set by IVS)"),
        THUMBNAIL_STORAGE,
        Prop(
            py="recording_mode",
            choices=("INTERVAL", "DISABLED"),
            default="DISABLED (set by IVS)",
            cleared="DISABLED",
        ),
    ),
)

AUTO_PARTICIPANT_RECORDING = Prop(
    py="auto_participant_recording",
    cfn="AutoParticipantRecordingConfiguration",
    kind=Kind.STRUCT,
    default="participants are not recorded (set by IVS)",
    # Without a recording destination, IVS gives all other members their defaults.
    cleared={"storageConfigurationArn": ""},
    members=(
        arn_prop("storage_configuration", "StorageConfigurationArn", required=True),
        Prop(
            py="media_types",
            kind=Kind.LIST,
            minimum=0,
            maximum=1,
            unique=True,
            default="AUDIO_VIDEO (set by IVS)",
            item=Prop(py="media_types", choices=("AUDIO_VIDEO", "AUDIO_ONLY", "NONE")),
            cleared=["AUDIO_VIDEO"],
        ),
        PARTICIPANT_THUMBNAILS,
        seconds_prop(
            "recording_reconnect_window",
            0,
            300,
            "the window",
            "0 seconds, no merging (set by IVS)",
            cleared=0,
        ),
        Prop(
            py="hls_configuration",
            kind=Kind.STRUCT,
            nested="ParticipantRecordingHlsConfiguration",
            default="6 seconds a segment (set by IVS)",
            cleared={"targetSegmentDurationSeconds": 6},
            members=(
                seconds_prop(
                    "target_segment_duration",
                    2,
                    10,
                    "the segment",
                    "6 seconds (set by IVS)",
                    cleared=6,
                ),
            ),
        ),
        flag_prop("record_participant_replicas", "true (set by IVS)", cleared=True),
    ),
)

STAGE = CustomResourceSpec(
    name="Stage",
    service="ivs-realtime",
    update="UpdateStage",
    attributes=("Arn", "ActiveSessionId"),
    outputs={
        "Arn": "arn",
        "ActiveSessionId": "activeSessionId",
        "EventsEndpoint": "endpoints.events",
        "WhipEndpoint": "endpoints.whip",
        "RtmpEndpoint": "endpoints.rtmp",
        "RtmpsEndpoint": "endpoints.rtmps",
    },
    deletes_in_use=True,
    holders=(
        Holder(
            noun="session with participants",
            advice="let them leave, or set in_use to WAIT or STOP",
            service="ivs-realtime",
            condition=("activeSessionId", ""),
            ends_with_deletion=True,
        ),
        replace(_COMPOSITION, filter="filterByStageArn"),
    ),
    props=(name_prop("stage_name", cleared=""), AUTO_PARTICIPANT_RECORDING, CUSTOM_TAGS),
    unreachable={
        "participantTokenConfigurations": "a token in a template is a leaked secret; make tokens "
        "at run time"
    },
)

VIDEO = Prop(
    py="video",
    kind=Kind.STRUCT,
    value_class="Video",
    replaces=True,
    default="1280x720, 30 frames a second, 2500000 bits a second (set by IVS)",
    members=(
        Prop(
            py="width",
            kind=Kind.INTEGER,
            minimum=2,
            maximum=1920,
            default="1280 (set by IVS)",
            noun="the width",
        ),
        Prop(
            py="height",
            kind=Kind.INTEGER,
            minimum=2,
            maximum=1920,
            default="720 (set by IVS)",
            noun="the height",
        ),
        Prop(
            py="framerate",
            kind=Kind.INTEGER,
            fractional=True,
            minimum=1,
            maximum=60,
            default="30 (set by IVS)",
            noun="the frame rate",
        ),
        Prop(
            py="bitrate",
            kind=Kind.INTEGER,
            minimum=1,
            maximum=8_500_000,
            default="2500000 bits a second (set by IVS)",
            noun="the bitrate",
        ),
    ),
)

ENCODER_CONFIGURATION = CustomResourceSpec(
    name="EncoderConfiguration",
    service="ivs-realtime",
    update=None,
    holders=(replace(_COMPOSITION, filter="filterByEncoderConfigurationArn"),),
    props=(name_prop("encoder_configuration_name", replaces=True), VIDEO, CUSTOM_TAGS),
)

STORAGE_CONFIGURATION = CustomResourceSpec(
    name="StorageConfiguration",
    service="ivs-realtime",
    update=None,
    # The list of compositions has no filter for storage.
    holders=(replace(_COMPOSITION, read="GetComposition"),),
    props=(
        name_prop("storage_configuration_name", replaces=True),
        Prop(
            py="s3",
            kind=Kind.STRUCT,
            required=True,
            replaces=True,
            default=BUCKET.default,
            members=(BUCKET,),
        ),
        CUSTOM_TAGS,
    ),
)

INGEST_CONFIGURATION = CustomResourceSpec(
    name="IngestConfiguration",
    service="ivs-realtime",
    update="UpdateIngestConfiguration",
    summaries_have_tags=False,
    attributes=("Arn", "ParticipantId", "State", "StreamKey"),
    outputs={"Arn": "arn", "ParticipantId": "participantId"},
    force="force",
    holders=(
        Holder(
            noun="publisher",
            advice="stop publishing, or set in_use to WAIT or STOP",
            service="ivs-realtime",
            condition=("state", "ACTIVE"),
            stop="DisconnectParticipant",
            stop_with={"stageArn": "stageArn", "participantId": "participantId"},
        ),
    ),
    props=(
        name_prop("ingest_configuration_name", replaces=True),
        Prop(
            py="stage",
            cfn="StageArn",
            maximum=128,
            default="no stage, so the stream key is useless (set by IVS)",
            cleared="",
        ),
        Prop(py="user_id", minimum=0, maximum=128, replaces=True, default="none"),
        Prop(
            py="attributes",
            kind=Kind.STRUCT,
            replaces=True,
            default="none",
            item=Prop(py="attributes"),
        ),
        Prop(
            py="ingest_protocol",
            required=True,
            choices=("RTMP", "RTMPS"),
            replaces=True,
            default="RTMPS (set by this library)",
        ),
        flag_prop("insecure_ingest", "false (set by IVS)", replaces=True),
        flag_prop("redundant_ingest", "false (set by IVS)", cleared=False),
        CUSTOM_TAGS,
    ),
)


def _attribute_key(py: str, default: str) -> Prop:
    return Prop(
        py=py,
        minimum=0,
        maximum=128,
        pattern="[a-zA-Z0-9-_]*",
        form="only letters, digits, - and _",
        default=default,
    )


def _grid_gap(default: str) -> Prop:
    return Prop(py="grid_gap", kind=Kind.INTEGER, minimum=0, default=default, noun="the gap")


_FEATURED = _attribute_key("featured_participant_attribute", "nobody is featured (set by IVS)")
_ORDER = _attribute_key("participant_order_attribute", "the order of arrival (set by IVS)")
_OMIT_STOPPED_VIDEO = flag_prop("omit_stopped_video", "false (set by IVS)")
_VIDEO_FILL_MODE = Prop(
    py="video_fill_mode", choices=("FILL", "COVER", "CONTAIN"), default="COVER (set by IVS)"
)

GRID_LAYOUT = Prop(
    py="grid",
    kind=Kind.STRUCT,
    value_class="GridLayout",
    members=(
        _FEATURED,
        _OMIT_STOPPED_VIDEO,
        Prop(
            py="video_aspect_ratio",
            choices=("AUTO", "VIDEO", "SQUARE", "PORTRAIT"),
            default="VIDEO (set by IVS)",
        ),
        replace(
            _VIDEO_FILL_MODE, default="COVER; CONTAIN for the featured participant (set by IVS)"
        ),
        _grid_gap("2 pixels (set by IVS)"),
        _ORDER,
    ),
)

PIP_LAYOUT = Prop(
    py="pip",
    kind=Kind.STRUCT,
    value_class="PipLayout",
    members=(
        _FEATURED,
        _OMIT_STOPPED_VIDEO,
        _VIDEO_FILL_MODE,
        _grid_gap("0 pixels (set by IVS)"),
        _attribute_key("pip_participant_attribute", "nobody is in the window (set by IVS)"),
        Prop(py="pip_behavior", choices=("STATIC", "DYNAMIC"), default="STATIC (set by IVS)"),
        Prop(
            py="pip_offset",
            kind=Kind.INTEGER,
            minimum=0,
            default="0 pixels (set by IVS)",
            noun="the offset",
        ),
        Prop(
            py="pip_position",
            choices=("TOP_LEFT", "TOP_RIGHT", "BOTTOM_LEFT", "BOTTOM_RIGHT"),
            default="BOTTOM_RIGHT (set by IVS)",
        ),
        Prop(
            py="pip_width",
            kind=Kind.INTEGER,
            minimum=1,
            default="from the composition's size (set by IVS)",
            noun="the width",
        ),
        Prop(
            py="pip_height",
            kind=Kind.INTEGER,
            minimum=1,
            default="from the composition's size (set by IVS)",
            noun="the height",
        ),
        _ORDER,
    ),
)

COMPOSITION_THUMBNAILS = Prop(
    py="thumbnail_configuration",
    kind=Kind.STRUCT,
    value_class="CompositionThumbnailConfiguration",
    members=(
        seconds_prop("target_interval", 1, 86400, "the interval", "60 seconds (set by IVS)"),
        THUMBNAIL_STORAGE,
    ),
)

_ENCODER_ARN = arn_prop("encoder_configuration", "EncoderConfigurationArn")

CHANNEL_DESTINATION = Prop(
    py="channel",
    kind=Kind.STRUCT,
    members=(arn_prop("channel", "ChannelArn", required=True), _ENCODER_ARN),
)

COMPOSITION_RECORDING = Prop(
    py="recording_configuration",
    kind=Kind.STRUCT,
    members=(
        Prop(
            py="hls_configuration",
            kind=Kind.STRUCT,
            members=(
                seconds_prop(
                    "target_segment_duration", 2, 10, "the segment", "2 seconds (set by IVS)"
                ),
            ),
        ),
        Prop(py="recording_format", cfn="Format", choices=("HLS",), default="HLS (set by IVS)"),
    ),
)

S3_DESTINATION = Prop(
    py="s3",
    kind=Kind.STRUCT,
    members=(
        arn_prop("storage_configuration", "StorageConfigurationArn", required=True),
        Prop(
            py="encoder_configurations",
            cfn="EncoderConfigurationArns",
            kind=Kind.LIST,
            required=True,
            minimum=1,
            maximum=1,
            item=_ENCODER_ARN,
        ),
        COMPOSITION_RECORDING,
        Prop(
            py="thumbnail_configurations",
            kind=Kind.LIST,
            minimum=0,
            maximum=1,
            default="no thumbnails (set by IVS)",
            item=COMPOSITION_THUMBNAILS,
        ),
    ),
)

DESTINATION_NAME = name_prop("name")

COMPOSITION = ResourceSpec(
    name="Composition",
    cfn_type="",  # a composition exists only at run time
    service="ivs-realtime",
    create="StartComposition",
    update=None,
    delete="StopComposition",
    props=(
        arn_prop("stage", "StageArn", required=True),
        Prop(
            py="layout",
            kind=Kind.STRUCT,
            default="a grid (set by IVS)",
            members=(GRID_LAYOUT, PIP_LAYOUT),
        ),
        Prop(
            py="destinations",
            kind=Kind.LIST,
            required=True,
            minimum=1,
            maximum=2,
            item=Prop(
                py="destinations",
                kind=Kind.STRUCT,
                members=(DESTINATION_NAME, CHANNEL_DESTINATION, S3_DESTINATION),
            ),
        ),
        replace(TAGS, maximum=49),  # one of the 50 is this library's own
    ),
    unreachable={
        "idempotencyToken": "made from the stage's session, so that one event starts one "
        "composition"
    },
)
