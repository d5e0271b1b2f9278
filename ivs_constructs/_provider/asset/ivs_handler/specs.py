"""Descriptors of the resource types: the one home of every name, limit and allowed value.

The synth validates and renders with them, the documentation prints them, and a contract test holds
them against the API models. This module knows nothing of the rest and imports the standard library
only, since the Lambda ships it.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field, replace
from enum import StrEnum

API = "https://docs.aws.amazon.com/ivs/latest/LowLatencyAPIReference"
"""Where the figures below come from; each descriptor names its page."""

REALTIME_API = "https://docs.aws.amazon.com/ivs/latest/RealTimeAPIReference"
"""The same for the types of the real-time API."""


class Kind(StrEnum):
    """What a value is; decides how it is checked and rendered."""

    STRING = "string"
    INTEGER = "integer"
    SECONDS = "seconds"
    BOOLEAN = "boolean"
    LIST = "list"
    STRUCT = "struct"
    TAGS = "tags"


@dataclass(frozen=True, slots=True, kw_only=True)
class Prop:
    """One property: its three names and its limits.

    Attributes:
        py: Name in this library, the user's own word.
        cfn: Name in CloudFormation's type.
        api: Name of the API's member.
        kind: What the value is.
        required: Whether the API refuses to work without it.
        minimum: Smallest value, number of characters or number of items.
        maximum: Largest value, number of characters or number of items.
        pattern: Regular expression that the whole value must match.
        form: The pattern in words, for messages.
        choices: The allowed values of a closed set.
        unique: Whether a list may not repeat an item.
        fractional: Whether a number may have a fraction.
        item: The descriptor of a list's items, or of the values of a structure whose members have
            names of the user's choice.
        members: The descriptors of a structure's members.
        nested: The one member in which CloudFormation's structure holds them, where it has such.
        replaces: Whether a change makes CloudFormation replace the resource.
        default: What happens when the value is left out, and who decides it.
        noun: How a message's advice calls the value.
        value_class: The class that the user makes a structure with; empty where the construct
            makes it.
        confidential: Whether messages must not show what was given.
        judged_by_rule: Whether a rule looks at the length, with better words.
        cleared: What an update sends when a value that can change is no longer wanted; IVS's own
            default, None where leaving the member out is enough.
    """

    py: str
    cfn: str
    api: str
    kind: Kind = Kind.STRING
    required: bool = False
    minimum: int | None = None
    maximum: int | None = None
    pattern: str | None = None
    form: str = ""
    choices: tuple[str, ...] = ()
    unique: bool = False
    fractional: bool = False
    item: Prop | None = None
    members: tuple[Prop, ...] = ()
    nested: str = ""
    replaces: bool = False
    default: str = ""
    noun: str = "it"
    value_class: str = ""
    confidential: bool = False
    judged_by_rule: bool = False
    cleared: object = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ResourceSpec:
    """One resource type of the API.

    Attributes:
        name: The AWS noun, also the construct's class name.
        cfn_type: CloudFormation's type.
        arn_type: What stands before the slash in the resource's ARN.
        service: The API, as boto3 calls it.
        create: The operation that makes the resource.
        update: The operation that changes it, None where every change replaces.
        read: The operation that describes it.
        delete: The operation that removes it.
        props: Its properties.
        attributes: CloudFormation's attributes.
        unreachable: API members that CloudFormation's type lacks, each with the reason or the way.
        importer: The construct's import method, where it is not `from_<noun>_arn`.
        source: The page that the figures come from.
    """

    name: str
    cfn_type: str
    arn_type: str
    service: str = "ivs"
    create: str
    update: str | None
    read: str
    delete: str
    props: tuple[Prop, ...]
    attributes: tuple[str, ...] = ("Arn",)
    unreachable: dict[str, str] = field(default_factory=dict[str, str])
    importer: str = ""
    source: str

    @property
    def noun(self) -> str:
        """The name in snake_case, as it stands in `<noun>_arn`."""
        return re.sub(r"(?<!^)(?=[A-Z])", "_", self.name).lower()


@dataclass(frozen=True, slots=True, kw_only=True)
class Holder:
    """Something that may keep a resource in use, and how it is found and stopped.

    It is found in a list, or it is the resource itself in a certain condition.

    Attributes:
        noun: What it is, for messages.
        advice: What the user can do, for messages.
        service: The API that knows it, as boto3 calls it.
        list: The operation that lists it; empty where it is the resource itself.
        member: The member of the list's answer.
        filter: The parameter of the list that takes the resource's ARN; empty where there is none.
        read: The operation that describes it, where the list cannot tell what it uses; for a
            resource itself, one that fails while it is not in use.
        read_with: The parameter of that operation that takes the ARN.
        idle: The error that this operation answers while nothing is in use.
        over: The states in which it holds nothing any more.
        condition: The member of the resource that shows that it is in use itself, and the value
            that shows it; an empty value stands for any.
        stop: The operation that stops it; empty where nothing can, or nothing needs to.
        stop_with: The parameters of that operation, each with the member that it comes from.
        ends_with_deletion: Whether deleting the resource ends it.
    """

    noun: str
    advice: str
    service: str
    list: str = ""
    member: str = ""
    filter: str = ""
    read: str = ""
    read_with: str = "arn"
    idle: str = ""
    over: tuple[str, ...] = ()
    condition: tuple[str, str] = ("", "")
    stop: str = ""
    stop_with: dict[str, str] = field(default_factory=dict[str, str])
    ends_with_deletion: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class CustomResourceSpec(ResourceSpec):
    """One type of custom resource, which the provider's Lambda realises.

    Attributes:
        custom_type: The type in the template.
        list: The operation that lists the resources; empty where nothing is created.
        summaries: The member of the list's answer.
        summaries_have_tags: Whether the list shows tags; otherwise they are asked for one by one.
        output: The member that holds the resource in answers.
        outputs: The custom resource's attributes, each with its path in the API's description.
            Never a secret.
        patch: Whether it only sets members of a resource that exists already.
        pending: The states that pass by themselves.
        failed: The state of a resource that could not be made; empty where there is none.
        holders: What may keep it in use.
        deletes_in_use: Whether the API deletes it although it is in use, so that it must be asked
            before.
        force: The parameter that makes the API delete it although it is in use.
        policy: The property that says what to do then.
    """

    custom_type: str
    list: str = ""
    summaries: str = ""
    summaries_have_tags: bool = True
    output: str
    outputs: dict[str, str] = field(default_factory=lambda: {"Arn": "arn"})
    patch: bool = False
    pending: tuple[str, ...] = ()
    failed: str = ""
    holders: tuple[Holder, ...] = ()
    deletes_in_use: bool = False
    force: str = ""
    policy: str = "InUse"

    @property
    def immutable(self) -> tuple[Prop, ...]:
        """The properties whose change replaces the resource; tags never do."""
        return tuple(
            prop
            for prop in self.props
            if prop.kind is not Kind.TAGS and (prop.replaces or self.update is None)
        )

    @property
    def mutable(self) -> tuple[Prop, ...]:
        """The properties that an update changes, tags apart."""
        return tuple(
            prop for prop in self.props if prop not in self.immutable and prop.kind is not Kind.TAGS
        )


def _name(
    py: str, *, replaces: bool = False, default: str = "none", cleared: object = None
) -> Prop:
    return Prop(
        py=py,
        cfn="Name",
        api="name",
        minimum=0,
        maximum=128,
        pattern="[a-zA-Z0-9-_]*",
        form="only letters, digits, - and _",
        replaces=replaces,
        default=default,
        cleared=cleared,
    )


def _arn(py: str, cfn: str, api: str, *, required: bool = False, replaces: bool = False) -> Prop:
    # The form of an ARN is judged where the user gives one (imports); here it is mostly a token.
    return Prop(py=py, cfn=cfn, api=api, maximum=128, required=required, replaces=replaces)


TAGS = Prop(py="tags", cfn="Tags", api="tags", kind=Kind.TAGS, minimum=0, maximum=50)
TAG_KEY = Prop(py="key", cfn="Key", api="key", minimum=1, maximum=128)
TAG_VALUE = Prop(py="value", cfn="Value", api="value", minimum=0, maximum=256)

MULTITRACK_INPUT_CONFIGURATION = Prop(
    py="multitrack_input_configuration",
    cfn="MultitrackInputConfiguration",
    api="multitrackInputConfiguration",
    kind=Kind.STRUCT,
    value_class="MultitrackInputConfiguration",
    default="no multitrack input (set by IVS)",
    members=(
        Prop(
            py="enabled",
            cfn="Enabled",
            api="enabled",
            kind=Kind.BOOLEAN,
            default="true (set by this library)",
        ),
        Prop(
            py="maximum_resolution",
            cfn="MaximumResolution",
            api="maximumResolution",
            choices=("SD", "HD", "FULL_HD"),
        ),
        Prop(py="policy", cfn="Policy", api="policy", choices=("ALLOW", "REQUIRE")),
    ),
)

CHANNEL = ResourceSpec(
    name="Channel",
    cfn_type="AWS::IVS::Channel",
    arn_type="channel",
    create="CreateChannel",
    update="UpdateChannel",
    read="GetChannel",
    delete="DeleteChannel",
    attributes=("Arn", "IngestEndpoint", "PlaybackUrl"),
    source=f"{API}/API_CreateChannel.html",
    props=(
        _name("channel_name", default="a unique name made from the path (set by this library)"),
        Prop(
            py="type",
            cfn="Type",
            api="type",
            choices=("BASIC", "STANDARD", "ADVANCED_SD", "ADVANCED_HD"),
            default="STANDARD (set by IVS)",
        ),
        Prop(
            py="latency_mode",
            cfn="LatencyMode",
            api="latencyMode",
            choices=("NORMAL", "LOW"),
            default="LOW (set by IVS)",
        ),
        Prop(
            py="preset",
            cfn="Preset",
            api="preset",
            choices=("HIGHER_BANDWIDTH_DELIVERY", "CONSTRAINED_BANDWIDTH_DELIVERY"),
            default="HIGHER_BANDWIDTH_DELIVERY for ADVANCED_SD and ADVANCED_HD (set by IVS)",
        ),
        Prop(
            py="authorized",
            cfn="Authorized",
            api="authorized",
            kind=Kind.BOOLEAN,
            default="false (set by IVS)",
        ),
        Prop(
            py="insecure_ingest",
            cfn="InsecureIngest",
            api="insecureIngest",
            kind=Kind.BOOLEAN,
            default="false (set by IVS)",
        ),
        Prop(
            py="container_format",
            cfn="ContainerFormat",
            api="containerFormat",
            choices=("TS", "FRAGMENTED_MP4"),
            default="TS (set by IVS); FRAGMENTED_MP4 with multitrack input (set by this library)",
        ),
        MULTITRACK_INPUT_CONFIGURATION,
        _arn("recording_configuration", "RecordingConfigurationArn", "recordingConfigurationArn"),
        TAGS,
    ),
    unreachable={
        "playbackRestrictionPolicyArn": "playback_restriction_policy, by ChannelAssociations",
        "adConfigurationArn": "ad_configuration, by ChannelAssociations",
        "failoverSlateConfigurationArn": "failover_slate_configuration, by ChannelAssociations",
    },
)

STREAM_KEY = ResourceSpec(
    name="StreamKey",
    cfn_type="AWS::IVS::StreamKey",
    arn_type="stream-key",
    create="CreateStreamKey",
    update=None,
    read="GetStreamKey",
    delete="DeleteStreamKey",
    attributes=("Arn", "Value"),
    source=f"{API}/API_CreateStreamKey.html",
    props=(_arn("channel", "ChannelArn", "channelArn", required=True, replaces=True), TAGS),
)

_RESOLUTIONS = ("SD", "HD", "FULL_HD", "LOWEST_RESOLUTION")

RENDITION_CONFIGURATION = Prop(
    py="rendition_configuration",
    cfn="RenditionConfiguration",
    api="renditionConfiguration",
    kind=Kind.STRUCT,
    value_class="RenditionConfiguration",
    replaces=True,
    default="ALL (set by IVS)",
    members=(
        Prop(
            py="rendition_selection",
            cfn="RenditionSelection",
            api="renditionSelection",
            choices=("ALL", "NONE", "CUSTOM"),
        ),
        Prop(
            py="renditions",
            cfn="Renditions",
            api="renditions",
            kind=Kind.LIST,
            maximum=4,
            unique=True,
            item=Prop(py="renditions", cfn="", api="", choices=_RESOLUTIONS),
        ),
    ),
)

THUMBNAIL_CONFIGURATION = Prop(
    py="thumbnail_configuration",
    cfn="ThumbnailConfiguration",
    api="thumbnailConfiguration",
    kind=Kind.STRUCT,
    value_class="ThumbnailConfiguration",
    replaces=True,
    default="INTERVAL, 60 seconds (set by IVS)",
    members=(
        Prop(
            py="recording_mode",
            cfn="RecordingMode",
            api="recordingMode",
            choices=("DISABLED", "INTERVAL"),
        ),
        Prop(
            py="resolution",
            cfn="Resolution",
            api="resolution",
            choices=_RESOLUTIONS,
            default="the input's resolution (set by IVS)",
        ),
        Prop(
            py="storage",
            cfn="Storage",
            api="storage",
            kind=Kind.LIST,
            maximum=2,
            unique=True,
            default="SEQUENTIAL (set by IVS)",
            item=Prop(py="storage", cfn="", api="", choices=("SEQUENTIAL", "LATEST")),
        ),
        Prop(
            py="target_interval",
            cfn="TargetIntervalSeconds",
            api="targetIntervalSeconds",
            kind=Kind.SECONDS,
            minimum=1,
            maximum=60,
            default="60 seconds (set by CloudFormation)",
            noun="the interval",
        ),
    ),
)

BUCKET = Prop(
    py="bucket",
    cfn="BucketName",
    api="bucketName",
    required=True,
    minimum=3,
    maximum=63,
    pattern="[a-z0-9-.]+",
    form="only lower-case letters, digits, - and .",
    default="a new RecordingBucket (set by this library)",
)

RECORDING_CONFIGURATION = ResourceSpec(
    name="RecordingConfiguration",
    cfn_type="AWS::IVS::RecordingConfiguration",
    arn_type="recording-configuration",
    create="CreateRecordingConfiguration",
    update=None,
    read="GetRecordingConfiguration",
    delete="DeleteRecordingConfiguration",
    attributes=("Arn", "State"),
    importer="from_arn",  # the name that aws_ivs_alpha chose
    source=f"{API}/API_CreateRecordingConfiguration.html",
    props=(
        _name("recording_configuration_name", replaces=True),
        Prop(
            py="destination_configuration",
            cfn="DestinationConfiguration",
            api="destinationConfiguration",
            kind=Kind.STRUCT,
            required=True,
            replaces=True,
            default=BUCKET.default,
            members=(
                Prop(
                    py="s3",
                    cfn="S3",
                    api="s3",
                    kind=Kind.STRUCT,
                    members=(BUCKET,),
                ),
            ),
        ),
        Prop(
            py="recording_reconnect_window",
            cfn="RecordingReconnectWindowSeconds",
            api="recordingReconnectWindowSeconds",
            kind=Kind.SECONDS,
            minimum=0,
            maximum=300,
            replaces=True,
            default="0 seconds, no merging (set by IVS)",
            noun="the window",
        ),
        RENDITION_CONFIGURATION,
        THUMBNAIL_CONFIGURATION,
        TAGS,
    ),
)

PUBLIC_KEY_MATERIAL = Prop(
    py="public_key_material",
    cfn="PublicKeyMaterial",
    api="publicKeyMaterial",
    required=True,
    replaces=True,
    default="the public half of `signing_key` (set by this library)",
    confidential=True,  # a private key may have been given by mistake
)

PLAYBACK_KEY_PAIR = ResourceSpec(
    name="PlaybackKeyPair",
    cfn_type="AWS::IVS::PlaybackKeyPair",
    arn_type="playback-key",
    create="ImportPlaybackKeyPair",
    update=None,
    read="GetPlaybackKeyPair",
    delete="DeletePlaybackKeyPair",
    attributes=("Arn", "Fingerprint"),
    source=f"{API}/API_ImportPlaybackKeyPair.html",
    props=(
        PUBLIC_KEY_MATERIAL,
        _name("playback_key_pair_name", replaces=True),
        TAGS,
    ),
)

PLAYBACK_RESTRICTION_POLICY = ResourceSpec(
    name="PlaybackRestrictionPolicy",
    cfn_type="AWS::IVS::PlaybackRestrictionPolicy",
    arn_type="playback-restriction-policy",
    create="CreatePlaybackRestrictionPolicy",
    update="UpdatePlaybackRestrictionPolicy",
    read="GetPlaybackRestrictionPolicy",
    delete="DeletePlaybackRestrictionPolicy",
    source=f"{API}/API_CreatePlaybackRestrictionPolicy.html",
    props=(
        _name("playback_restriction_policy_name"),
        Prop(
            py="allowed_countries",
            cfn="AllowedCountries",
            api="allowedCountries",
            kind=Kind.LIST,
            unique=True,
            default="all countries (set by IVS)",
            # The ISO list is a rule of its own; two characters is the API's limit.
            item=Prop(
                py="allowed_countries", cfn="", api="", minimum=2, maximum=2, judged_by_rule=True
            ),
        ),
        Prop(
            py="allowed_origins",
            cfn="AllowedOrigins",
            api="allowedOrigins",
            kind=Kind.LIST,
            unique=True,
            default="all origins (set by IVS)",
            item=Prop(py="allowed_origins", cfn="", api="", minimum=0, maximum=128),
        ),
        Prop(
            py="enable_strict_origin_enforcement",
            cfn="EnableStrictOriginEnforcement",
            api="enableStrictOriginEnforcement",
            kind=Kind.BOOLEAN,
            default="false (set by IVS)",
        ),
        TAGS,
    ),
)

AD_CONFIGURATION = ResourceSpec(
    name="AdConfiguration",
    cfn_type="AWS::IVS::AdConfiguration",
    arn_type="ad-configuration",
    create="CreateAdConfiguration",
    update="UpdateAdConfiguration",
    read="GetAdConfiguration",
    delete="DeleteAdConfiguration",
    source=f"{API}/API_CreateAdConfiguration.html",
    props=(
        _name("ad_configuration_name"),
        Prop(
            py="media_tailor_playback_configurations",
            cfn="MediaTailorPlaybackConfigurations",
            api="mediaTailorPlaybackConfigurations",
            kind=Kind.LIST,
            required=True,
            minimum=1,
            maximum=3,
            item=Prop(
                py="media_tailor_playback_configurations",
                cfn="",
                api="",
                kind=Kind.STRUCT,
                members=(
                    Prop(
                        py="media_tailor_playback_configurations",
                        cfn="PlaybackConfigurationArn",
                        api="playbackConfigurationArn",
                        minimum=0,
                        maximum=128,
                        pattern=(
                            "arn:aws:mediatailor:[a-z0-9-]+:[0-9]+:"
                            "playbackConfiguration/[a-zA-Z0-9-]+"
                        ),
                        form=(
                            "an ARN arn:aws:mediatailor:<region>:<account>:playbackConfiguration/"
                            "<name> whose name has only letters, digits and -"
                        ),
                    ),
                ),
            ),
        ),
        Prop(
            py="post_roll_configuration",
            cfn="PostRollConfiguration",
            api="postRollConfiguration",
            kind=Kind.STRUCT,
            value_class="PostRollConfiguration",
            default="no post-roll (set by IVS)",
            members=(
                Prop(
                    py="duration",
                    cfn="DurationSeconds",
                    api="durationSeconds",
                    kind=Kind.SECONDS,
                    required=True,
                    minimum=1,
                    maximum=300,
                    noun="the post-roll",
                ),
                Prop(
                    py="enabled",
                    cfn="Enabled",
                    api="enabled",
                    kind=Kind.BOOLEAN,
                    required=True,
                    default="true (set by this library)",
                ),
            ),
        ),
        TAGS,
    ),
)

PUBLIC_KEY = ResourceSpec(
    name="PublicKey",
    cfn_type="AWS::IVS::PublicKey",
    arn_type="public-key",
    service="ivs-realtime",
    create="ImportPublicKey",
    update=None,
    read="GetPublicKey",
    delete="DeletePublicKey",
    attributes=("Arn", "Fingerprint"),
    source=f"{REALTIME_API}/API_ImportPublicKey.html",
    props=(
        PUBLIC_KEY_MATERIAL,
        _name("public_key_name", replaces=True),
        TAGS,
    ),
)

RESOURCES: tuple[ResourceSpec, ...] = (
    CHANNEL,
    STREAM_KEY,
    RECORDING_CONFIGURATION,
    PLAYBACK_KEY_PAIR,
    PLAYBACK_RESTRICTION_POLICY,
    AD_CONFIGURATION,
    PUBLIC_KEY,
)

# Custom resources

OWN_TAGS = "ivs-constructs:"
"""How the keys of the tags begin that this library sets."""

CUSTOM_TAGS = replace(TAGS, maximum=46)
"""IVS takes 50; four are the provider's own."""

_COMPOSITION = Holder(
    noun="composition",
    advice="stop it, or set in_use to WAIT or STOP",
    service="ivs-realtime",
    list="ListCompositions",
    member="compositions",
    over=("STOPPED", "FAILED"),
    stop="StopComposition",
    stop_with={"arn": "arn"},
)

THUMBNAIL_STORAGE = Prop(
    py="storage",
    cfn="Storage",
    api="storage",
    kind=Kind.LIST,
    minimum=0,
    maximum=2,
    unique=True,
    default="SEQUENTIAL (set by IVS)",
    item=Prop(py="storage", cfn="", api="", choices=("SEQUENTIAL", "LATEST")),
    cleared=["SEQUENTIAL"],
)

PARTICIPANT_THUMBNAILS = Prop(
    py="thumbnail_configuration",
    cfn="ThumbnailConfiguration",
    api="thumbnailConfiguration",
    kind=Kind.STRUCT,
    default="no thumbnails (set by IVS)",
    value_class="ParticipantThumbnailConfiguration",
    nested="ParticipantThumbnailConfiguration",
    cleared={"recordingMode": "DISABLED"},
    members=(
        Prop(
            py="target_interval",
            cfn="TargetIntervalSeconds",
            api="targetIntervalSeconds",
            kind=Kind.SECONDS,
            minimum=1,
            maximum=86400,
            default="60 seconds (set by IVS)",
            noun="the interval",
        ),
        THUMBNAIL_STORAGE,
        Prop(
            py="recording_mode",
            cfn="RecordingMode",
            api="recordingMode",
            choices=("INTERVAL", "DISABLED"),
            default="DISABLED (set by IVS)",
            cleared="DISABLED",
        ),
    ),
)

AUTO_PARTICIPANT_RECORDING = Prop(
    py="auto_participant_recording",
    cfn="AutoParticipantRecordingConfiguration",
    api="autoParticipantRecordingConfiguration",
    kind=Kind.STRUCT,
    default="participants are not recorded (set by IVS)",
    # Without a place to record to, IVS gives all other members their defaults.
    cleared={"storageConfigurationArn": ""},
    members=(
        _arn(
            "storage_configuration",
            "StorageConfigurationArn",
            "storageConfigurationArn",
            required=True,
        ),
        Prop(
            py="media_types",
            cfn="MediaTypes",
            api="mediaTypes",
            kind=Kind.LIST,
            minimum=0,
            maximum=1,
            unique=True,
            default="AUDIO_VIDEO (set by IVS)",
            item=Prop(
                py="media_types", cfn="", api="", choices=("AUDIO_VIDEO", "AUDIO_ONLY", "NONE")
            ),
            cleared=["AUDIO_VIDEO"],
        ),
        PARTICIPANT_THUMBNAILS,
        Prop(
            py="recording_reconnect_window",
            cfn="RecordingReconnectWindowSeconds",
            api="recordingReconnectWindowSeconds",
            kind=Kind.SECONDS,
            minimum=0,
            maximum=300,
            default="0 seconds, no merging (set by IVS)",
            noun="the window",
            cleared=0,
        ),
        Prop(
            py="hls_configuration",
            cfn="HlsConfiguration",
            api="hlsConfiguration",
            kind=Kind.STRUCT,
            nested="ParticipantRecordingHlsConfiguration",
            default="6 seconds a segment (set by IVS)",
            cleared={"targetSegmentDurationSeconds": 6},
            members=(
                Prop(
                    py="target_segment_duration",
                    cfn="TargetSegmentDurationSeconds",
                    api="targetSegmentDurationSeconds",
                    kind=Kind.SECONDS,
                    minimum=2,
                    maximum=10,
                    default="6 seconds (set by IVS)",
                    noun="the segment",
                    cleared=6,
                ),
            ),
        ),
        Prop(
            py="record_participant_replicas",
            cfn="RecordParticipantReplicas",
            api="recordParticipantReplicas",
            kind=Kind.BOOLEAN,
            default="true (set by IVS)",
            cleared=True,
        ),
    ),
)

STAGE = CustomResourceSpec(
    name="Stage",
    cfn_type="AWS::IVS::Stage",
    custom_type="Custom::IVSStage",
    arn_type="stage",
    service="ivs-realtime",
    create="CreateStage",
    update="UpdateStage",
    read="GetStage",
    delete="DeleteStage",
    list="ListStages",
    summaries="stages",
    output="stage",
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
    source=f"{REALTIME_API}/API_CreateStage.html",
    props=(_name("stage_name", cleared=""), AUTO_PARTICIPANT_RECORDING, CUSTOM_TAGS),
    unreachable={
        "participantTokenConfigurations": "a token in a template is a leaked secret; make tokens "
        "at run time",
    },
)

VIDEO = Prop(
    py="video",
    cfn="Video",
    api="video",
    kind=Kind.STRUCT,
    value_class="Video",
    replaces=True,
    default="1280x720, 30 frames a second, 2500000 bits a second (set by IVS)",
    members=(
        Prop(
            py="width",
            cfn="Width",
            api="width",
            kind=Kind.INTEGER,
            minimum=2,
            maximum=1920,
            default="1280 (set by IVS)",
            noun="the width",
        ),
        Prop(
            py="height",
            cfn="Height",
            api="height",
            kind=Kind.INTEGER,
            minimum=2,
            maximum=1920,
            default="720 (set by IVS)",
            noun="the height",
        ),
        Prop(
            py="framerate",
            cfn="Framerate",
            api="framerate",
            kind=Kind.INTEGER,
            fractional=True,
            minimum=1,
            maximum=60,
            default="30 (set by IVS)",
            noun="the frame rate",
        ),
        Prop(
            py="bitrate",
            cfn="Bitrate",
            api="bitrate",
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
    cfn_type="AWS::IVS::EncoderConfiguration",
    custom_type="Custom::IVSEncoderConfiguration",
    arn_type="encoder-configuration",
    service="ivs-realtime",
    create="CreateEncoderConfiguration",
    update=None,
    read="GetEncoderConfiguration",
    delete="DeleteEncoderConfiguration",
    list="ListEncoderConfigurations",
    summaries="encoderConfigurations",
    output="encoderConfiguration",
    holders=(replace(_COMPOSITION, filter="filterByEncoderConfigurationArn"),),
    source=f"{REALTIME_API}/API_CreateEncoderConfiguration.html",
    props=(_name("encoder_configuration_name", replaces=True), VIDEO, CUSTOM_TAGS),
)

STORAGE_CONFIGURATION = CustomResourceSpec(
    name="StorageConfiguration",
    cfn_type="AWS::IVS::StorageConfiguration",
    custom_type="Custom::IVSStorageConfiguration",
    arn_type="storage-configuration",
    service="ivs-realtime",
    create="CreateStorageConfiguration",
    update=None,
    read="GetStorageConfiguration",
    delete="DeleteStorageConfiguration",
    list="ListStorageConfigurations",
    summaries="storageConfigurations",
    output="storageConfiguration",
    # The list of compositions has no filter for storage.
    holders=(replace(_COMPOSITION, read="GetComposition"),),
    source=f"{REALTIME_API}/API_CreateStorageConfiguration.html",
    props=(
        _name("storage_configuration_name", replaces=True),
        Prop(
            py="s3",
            cfn="S3",
            api="s3",
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
    cfn_type="AWS::IVS::IngestConfiguration",
    custom_type="Custom::IVSIngestConfiguration",
    arn_type="ingest-configuration",
    service="ivs-realtime",
    create="CreateIngestConfiguration",
    update="UpdateIngestConfiguration",
    read="GetIngestConfiguration",
    delete="DeleteIngestConfiguration",
    list="ListIngestConfigurations",
    summaries="ingestConfigurations",
    summaries_have_tags=False,
    output="ingestConfiguration",
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
    source=f"{REALTIME_API}/API_CreateIngestConfiguration.html",
    props=(
        _name("ingest_configuration_name", replaces=True),
        Prop(
            py="stage",
            cfn="StageArn",
            api="stageArn",
            maximum=128,
            default="no stage: the stream key is of no use (set by IVS)",
            cleared="",
        ),
        Prop(
            py="user_id",
            cfn="UserId",
            api="userId",
            minimum=0,
            maximum=128,
            replaces=True,
            default="none",
        ),
        Prop(
            py="attributes",
            cfn="Attributes",
            api="attributes",
            kind=Kind.STRUCT,
            replaces=True,
            default="none",
            item=Prop(py="attributes", cfn="", api=""),
        ),
        Prop(
            py="ingest_protocol",
            cfn="IngestProtocol",
            api="ingestProtocol",
            required=True,
            choices=("RTMP", "RTMPS"),
            replaces=True,
            default="RTMPS (set by this library)",
        ),
        Prop(
            py="insecure_ingest",
            cfn="InsecureIngest",
            api="insecureIngest",
            kind=Kind.BOOLEAN,
            replaces=True,
            default="false (set by IVS)",
        ),
        Prop(
            py="redundant_ingest",
            cfn="RedundantIngest",
            api="redundantIngest",
            kind=Kind.BOOLEAN,
            default="false (set by IVS)",
            cleared=False,
        ),
        CUSTOM_TAGS,
    ),
)

FAILOVER_SLATE_CONFIGURATION = CustomResourceSpec(
    name="FailoverSlateConfiguration",
    cfn_type="",  # CloudFormation has no such type
    custom_type="Custom::IVSFailoverSlateConfiguration",
    arn_type="failover-slate-configuration",
    create="CreateFailoverSlateConfiguration",
    update="UpdateFailoverSlateConfiguration",
    read="GetFailoverSlateConfiguration",
    delete="DeleteFailoverSlateConfiguration",
    list="ListFailoverSlateConfigurations",
    summaries="failoverSlateConfigurations",
    output="failoverSlateConfiguration",
    pending=("CREATING", "UPDATING"),
    failed="CREATE_FAILED",
    holders=(
        Holder(
            noun="channel",
            advice="take the configuration off the channel",
            service="ivs",
            list="ListChannels",
            member="channels",
            filter="filterByFailoverSlateConfigurationArn",
        ),
    ),
    source=f"{API}/API_CreateFailoverSlateConfiguration.html",
    props=(
        _name("failover_slate_configuration_name", cleared=""),
        Prop(
            py="activation_threshold",
            cfn="ActivationThresholdSeconds",
            api="activationThresholdSeconds",
            kind=Kind.SECONDS,
            minimum=3,
            maximum=5,
            default="3 seconds (set by IVS)",
            noun="the threshold",
            cleared=3,
        ),
        Prop(
            py="min_slate_display",
            cfn="MinSlateDisplaySeconds",
            api="minSlateDisplaySeconds",
            kind=Kind.SECONDS,
            minimum=3,
            maximum=10,
            default="3 seconds (set by IVS)",
            noun="the display",
            cleared=3,
        ),
        Prop(
            py="max_slate_display",
            cfn="MaxSlateDisplaySeconds",
            api="maxSlateDisplaySeconds",
            kind=Kind.SECONDS,
            minimum=60,
            maximum=180,
            default="60 seconds (set by IVS)",
            noun="the display",
            cleared=60,
        ),
        CUSTOM_TAGS,
    ),
)


def _association(py: str, cfn: str, api: str) -> Prop:
    return Prop(py=py, cfn=cfn, api=api, maximum=128, default="none", cleared="")


CHANNEL_ASSOCIATIONS = CustomResourceSpec(
    name="ChannelAssociations",
    cfn_type="",  # CloudFormation's channel lacks these members
    custom_type="Custom::IVSChannelAssociations",
    arn_type="channel",
    create="UpdateChannel",
    update="UpdateChannel",
    read="GetChannel",
    delete="UpdateChannel",
    output="channel",
    patch=True,
    policy="OnLive",
    holders=(
        Holder(
            noun="stream",
            advice="stop the stream, or set on_live to WAIT or STOP",
            service="ivs",
            read="GetStream",
            read_with="channelArn",
            idle="ChannelNotBroadcasting",
            stop="StopStream",
            stop_with={"channelArn": "arn"},
        ),
    ),
    source=f"{API}/API_UpdateChannel.html",
    props=(
        _arn("channel", "ChannelArn", "arn", required=True, replaces=True),
        _association(
            "playback_restriction_policy",
            "PlaybackRestrictionPolicyArn",
            "playbackRestrictionPolicyArn",
        ),
        _association("ad_configuration", "AdConfigurationArn", "adConfigurationArn"),
        _association(
            "failover_slate_configuration",
            "FailoverSlateConfigurationArn",
            "failoverSlateConfigurationArn",
        ),
    ),
)

SIGNING_KEY = CustomResourceSpec(
    name="TokenSigningKey",
    cfn_type="",  # CloudFormation does not tell the public half of a key
    custom_type="Custom::IVSSigningKey",
    arn_type="key",
    service="kms",
    create="GetPublicKey",
    update="GetPublicKey",
    read="GetPublicKey",
    delete="",  # it only reads
    output="",
    outputs={"PublicKey": "PublicKey"},
    patch=True,
    source="https://docs.aws.amazon.com/kms/latest/APIReference/API_GetPublicKey.html",
    props=(Prop(py="key", cfn="KeyArn", api="KeyId", required=True, maximum=2048, replaces=True),),
)


def _attribute_key(py: str, cfn: str, api: str, default: str) -> Prop:
    return Prop(
        py=py,
        cfn=cfn,
        api=api,
        minimum=0,
        maximum=128,
        pattern="[a-zA-Z0-9-_]*",
        form="only letters, digits, - and _",
        default=default,
    )


def _grid_gap(default: str) -> Prop:
    return Prop(
        py="grid_gap",
        cfn="GridGap",
        api="gridGap",
        kind=Kind.INTEGER,
        minimum=0,
        default=default,
        noun="the gap",
    )


_FEATURED = _attribute_key(
    "featured_participant_attribute",
    "FeaturedParticipantAttribute",
    "featuredParticipantAttribute",
    "nobody is featured (set by IVS)",
)
_ORDER = _attribute_key(
    "participant_order_attribute",
    "ParticipantOrderAttribute",
    "participantOrderAttribute",
    "the order of arrival (set by IVS)",
)
_OMIT_STOPPED_VIDEO = Prop(
    py="omit_stopped_video",
    cfn="OmitStoppedVideo",
    api="omitStoppedVideo",
    kind=Kind.BOOLEAN,
    default="false (set by IVS)",
)
_VIDEO_FILL_MODE = Prop(
    py="video_fill_mode",
    cfn="VideoFillMode",
    api="videoFillMode",
    choices=("FILL", "COVER", "CONTAIN"),
    default="COVER (set by IVS)",
)

GRID_LAYOUT = Prop(
    py="grid",
    cfn="Grid",
    api="grid",
    kind=Kind.STRUCT,
    value_class="GridLayout",
    members=(
        _FEATURED,
        _OMIT_STOPPED_VIDEO,
        Prop(
            py="video_aspect_ratio",
            cfn="VideoAspectRatio",
            api="videoAspectRatio",
            choices=("AUTO", "VIDEO", "SQUARE", "PORTRAIT"),
            default="VIDEO (set by IVS)",
        ),
        replace(_VIDEO_FILL_MODE, default="COVER, CONTAIN for who is featured (set by IVS)"),
        _grid_gap("2 pixels (set by IVS)"),
        _ORDER,
    ),
)

PIP_LAYOUT = Prop(
    py="pip",
    cfn="Pip",
    api="pip",
    kind=Kind.STRUCT,
    value_class="PipLayout",
    members=(
        _FEATURED,
        _OMIT_STOPPED_VIDEO,
        _VIDEO_FILL_MODE,
        _grid_gap("0 pixels (set by IVS)"),
        _attribute_key(
            "pip_participant_attribute",
            "PipParticipantAttribute",
            "pipParticipantAttribute",
            "nobody is in the window (set by IVS)",
        ),
        Prop(
            py="pip_behavior",
            cfn="PipBehavior",
            api="pipBehavior",
            choices=("STATIC", "DYNAMIC"),
            default="STATIC (set by IVS)",
        ),
        Prop(
            py="pip_offset",
            cfn="PipOffset",
            api="pipOffset",
            kind=Kind.INTEGER,
            minimum=0,
            default="0 pixels (set by IVS)",
            noun="the offset",
        ),
        Prop(
            py="pip_position",
            cfn="PipPosition",
            api="pipPosition",
            choices=("TOP_LEFT", "TOP_RIGHT", "BOTTOM_LEFT", "BOTTOM_RIGHT"),
            default="BOTTOM_RIGHT (set by IVS)",
        ),
        Prop(
            py="pip_width",
            cfn="PipWidth",
            api="pipWidth",
            kind=Kind.INTEGER,
            minimum=1,
            default="from the composition's size (set by IVS)",
            noun="the width",
        ),
        Prop(
            py="pip_height",
            cfn="PipHeight",
            api="pipHeight",
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
    cfn="",
    api="",
    kind=Kind.STRUCT,
    value_class="CompositionThumbnailConfiguration",
    members=(
        Prop(
            py="target_interval",
            cfn="TargetIntervalSeconds",
            api="targetIntervalSeconds",
            kind=Kind.SECONDS,
            minimum=1,
            maximum=86400,
            default="60 seconds (set by IVS)",
            noun="the interval",
        ),
        THUMBNAIL_STORAGE,
    ),
)

_ENCODER_ARN = _arn("encoder_configuration", "EncoderConfigurationArn", "encoderConfigurationArn")

CHANNEL_DESTINATION = Prop(
    py="channel",
    cfn="Channel",
    api="channel",
    kind=Kind.STRUCT,
    members=(_arn("channel", "ChannelArn", "channelArn", required=True), _ENCODER_ARN),
)

COMPOSITION_RECORDING = Prop(
    py="recording_configuration",
    cfn="RecordingConfiguration",
    api="recordingConfiguration",
    kind=Kind.STRUCT,
    members=(
        Prop(
            py="hls_configuration",
            cfn="HlsConfiguration",
            api="hlsConfiguration",
            kind=Kind.STRUCT,
            members=(
                Prop(
                    py="target_segment_duration",
                    cfn="TargetSegmentDurationSeconds",
                    api="targetSegmentDurationSeconds",
                    kind=Kind.SECONDS,
                    minimum=2,
                    maximum=10,
                    default="2 seconds (set by IVS)",
                    noun="the segment",
                ),
            ),
        ),
        Prop(
            py="recording_format",
            cfn="Format",
            api="format",
            choices=("HLS",),
            default="HLS (set by IVS)",
        ),
    ),
)

S3_DESTINATION = Prop(
    py="s3",
    cfn="S3",
    api="s3",
    kind=Kind.STRUCT,
    members=(
        _arn(
            "storage_configuration",
            "StorageConfigurationArn",
            "storageConfigurationArn",
            required=True,
        ),
        Prop(
            py="encoder_configurations",
            cfn="EncoderConfigurationArns",
            api="encoderConfigurationArns",
            kind=Kind.LIST,
            required=True,
            minimum=1,
            maximum=1,
            item=_ENCODER_ARN,
        ),
        COMPOSITION_RECORDING,
        Prop(
            py="thumbnail_configurations",
            cfn="ThumbnailConfigurations",
            api="thumbnailConfigurations",
            kind=Kind.LIST,
            minimum=0,
            maximum=1,
            default="no thumbnails (set by IVS)",
            item=COMPOSITION_THUMBNAILS,
        ),
    ),
)

DESTINATION_NAME = _name("name")

COMPOSITION = ResourceSpec(
    name="Composition",
    cfn_type="",  # a composition comes and goes at run time
    arn_type="composition",
    service="ivs-realtime",
    create="StartComposition",
    update=None,
    read="GetComposition",
    delete="StopComposition",
    source=f"{REALTIME_API}/API_StartComposition.html",
    props=(
        _arn("stage", "StageArn", "stageArn", required=True),
        Prop(
            py="layout",
            cfn="Layout",
            api="layout",
            kind=Kind.STRUCT,
            default="a grid (set by IVS)",
            members=(GRID_LAYOUT, PIP_LAYOUT),
        ),
        Prop(
            py="destinations",
            cfn="Destinations",
            api="destinations",
            kind=Kind.LIST,
            required=True,
            minimum=1,
            maximum=2,
            item=Prop(
                py="destinations",
                cfn="",
                api="",
                kind=Kind.STRUCT,
                members=(DESTINATION_NAME, CHANNEL_DESTINATION, S3_DESTINATION),
            ),
        ),
        replace(TAGS, maximum=49),  # one of the 50 is this library's own
    ),
    unreachable={
        "idempotencyToken": "made from the stage's session, so that one event starts one "
        "composition",
    },
)

CUSTOM_RESOURCES: tuple[CustomResourceSpec, ...] = (
    STAGE,
    ENCODER_CONFIGURATION,
    STORAGE_CONFIGURATION,
    INGEST_CONFIGURATION,
    FAILOVER_SLATE_CONFIGURATION,
    CHANNEL_ASSOCIATIONS,
)
