"""Descriptors of the resource types: the one home of every name, limit and allowed value.

The synth validates and renders with them, the documentation prints them, and a contract test holds
them against the API models. This module knows nothing of the rest and imports the standard library
only, since the Lambda ships it.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from enum import StrEnum

API = "https://docs.aws.amazon.com/ivs/latest/LowLatencyAPIReference"
"""Where the figures below come from; each descriptor names its page."""


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
        item: The descriptor of a list's items.
        members: The descriptors of a structure's members.
        replaces: Whether a change makes CloudFormation replace the resource.
        default: What happens when the value is left out, and who decides it.
        noun: How a message's advice calls the value.
        value_class: The class that the user makes a structure with; empty where the construct
            makes it.
        confidential: Whether messages must not show what was given.
        judged_by_rule: Whether a rule looks at the length, with better words.
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
    item: Prop | None = None
    members: tuple[Prop, ...] = ()
    replaces: bool = False
    default: str = ""
    noun: str = "it"
    value_class: str = ""
    confidential: bool = False
    judged_by_rule: bool = False


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


def _name(py: str, *, replaces: bool = False, default: str = "none") -> Prop:
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
        "playbackRestrictionPolicyArn": "playback_restriction_policy, not attachable yet",
        "adConfigurationArn": "ad_configuration, not attachable yet",
        "failoverSlateConfigurationArn": "not attachable yet",
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
        Prop(
            py="public_key_material",
            cfn="PublicKeyMaterial",
            api="publicKeyMaterial",
            required=True,
            replaces=True,
            confidential=True,  # a private key may have been given by mistake
        ),
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

RESOURCES: tuple[ResourceSpec, ...] = (
    CHANNEL,
    STREAM_KEY,
    RECORDING_CONFIGURATION,
    PLAYBACK_KEY_PAIR,
    PLAYBACK_RESTRICTION_POLICY,
    AD_CONFIGURATION,
)
