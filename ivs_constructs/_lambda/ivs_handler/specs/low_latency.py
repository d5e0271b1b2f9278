"""Descriptors of the low-latency API's resource types.

Each limit and each name is defined only here. Custom resources use the names of CloudFormation's
own types.
"""

from __future__ import annotations

from .prop import (
    API,
    CUSTOM_TAGS,
    TAGS,
    CustomResourceSpec,
    Holder,
    Kind,
    Prop,
    ResourceSpec,
    arn_prop,
    name_prop,
)

MULTITRACK_INPUT_CONFIGURATION = Prop(
    py="multitrack_input_configuration",
    kind=Kind.STRUCT,
    value_class="MultitrackInputConfiguration",
    default="no multitrack input (set by IVS)",
    members=(
        Prop(
            py="enabled",
            kind=Kind.BOOLEAN,
            default="true (set by this library)",
        ),
        Prop(
            py="maximum_resolution",
            choices=("SD", "HD", "FULL_HD"),
        ),
        Prop(py="policy", choices=("ALLOW", "REQUIRE")),
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
        name_prop("channel_name", default="a unique name made from the path (set by this library)"),
        Prop(
            py="type",
            choices=("BASIC", "STANDARD", "ADVANCED_SD", "ADVANCED_HD"),
            default="STANDARD (set by IVS)",
        ),
        Prop(
            py="latency_mode",
            choices=("NORMAL", "LOW"),
            default="LOW (set by IVS)",
        ),
        Prop(
            py="preset",
            choices=("HIGHER_BANDWIDTH_DELIVERY", "CONSTRAINED_BANDWIDTH_DELIVERY"),
            may_be_empty=True,
            default="HIGHER_BANDWIDTH_DELIVERY for ADVANCED_SD and ADVANCED_HD (set by IVS)",
        ),
        Prop(
            py="authorized",
            kind=Kind.BOOLEAN,
            default="false (set by IVS)",
        ),
        Prop(
            py="insecure_ingest",
            kind=Kind.BOOLEAN,
            default="false (set by IVS)",
        ),
        Prop(
            py="container_format",
            choices=("TS", "FRAGMENTED_MP4"),
            default="TS (set by IVS); FRAGMENTED_MP4 with multitrack input (set by this library)",
        ),
        MULTITRACK_INPUT_CONFIGURATION,
        arn_prop("recording_configuration", "RecordingConfigurationArn"),
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
    props=(arn_prop("channel", "ChannelArn", required=True, replaces=True), TAGS),
)

RESOLUTIONS = ("SD", "HD", "FULL_HD", "LOWEST_RESOLUTION")

RENDITION_CONFIGURATION = Prop(
    py="rendition_configuration",
    kind=Kind.STRUCT,
    value_class="RenditionConfiguration",
    replaces=True,
    default="ALL (set by IVS)",
    members=(
        Prop(
            py="rendition_selection",
            choices=("ALL", "NONE", "CUSTOM"),
        ),
        Prop(
            py="renditions",
            kind=Kind.LIST,
            maximum=4,
            unique=True,
            item=Prop(py="renditions", choices=RESOLUTIONS),
        ),
    ),
)

THUMBNAIL_CONFIGURATION = Prop(
    py="thumbnail_configuration",
    kind=Kind.STRUCT,
    value_class="ThumbnailConfiguration",
    replaces=True,
    default="INTERVAL, 60 seconds (set by IVS)",
    members=(
        Prop(
            py="recording_mode",
            choices=("DISABLED", "INTERVAL"),
        ),
        Prop(
            py="resolution",
            choices=RESOLUTIONS,
            default="the input's resolution (set by IVS)",
        ),
        Prop(
            py="storage",
            kind=Kind.LIST,
            maximum=2,
            unique=True,
            default="SEQUENTIAL (set by IVS)",
            item=Prop(py="storage", choices=("SEQUENTIAL", "LATEST")),
        ),
        Prop(
            py="target_interval",
            cfn="TargetIntervalSeconds",
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
        name_prop("recording_configuration_name", replaces=True),
        Prop(
            py="destination_configuration",
            kind=Kind.STRUCT,
            required=True,
            replaces=True,
            default=BUCKET.default,
            members=(
                Prop(
                    py="s3",
                    kind=Kind.STRUCT,
                    members=(BUCKET,),
                ),
            ),
        ),
        Prop(
            py="recording_reconnect_window",
            cfn="RecordingReconnectWindowSeconds",
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
    required=True,
    replaces=True,
    default="the public half of `signing_key` (set by this library)",
    confidential=True,  # it could be a private key by mistake
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
        name_prop("playback_key_pair_name", replaces=True),
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
        name_prop("playback_restriction_policy_name"),
        Prop(
            py="allowed_countries",
            kind=Kind.LIST,
            unique=True,
            default="all countries (set by IVS)",
            # The ISO list has its own rule; two characters is the API's limit.
            item=Prop(py="allowed_countries", minimum=2, maximum=2, judged_by_rule=True),
        ),
        Prop(
            py="allowed_origins",
            kind=Kind.LIST,
            unique=True,
            default="all origins (set by IVS)",
            item=Prop(py="allowed_origins", minimum=0, maximum=128),
        ),
        Prop(
            py="enable_strict_origin_enforcement",
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
        name_prop("ad_configuration_name"),
        Prop(
            py="media_tailor_playback_configurations",
            kind=Kind.LIST,
            required=True,
            minimum=1,
            maximum=3,
            item=Prop(
                py="media_tailor_playback_configurations",
                kind=Kind.STRUCT,
                members=(
                    Prop(
                        py="media_tailor_playback_configurations",
                        cfn="PlaybackConfigurationArn",
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
            kind=Kind.STRUCT,
            value_class="PostRollConfiguration",
            default="no post-roll (set by IVS)",
            members=(
                Prop(
                    py="duration",
                    cfn="DurationSeconds",
                    kind=Kind.SECONDS,
                    required=True,
                    minimum=1,
                    maximum=300,
                    noun="the post-roll",
                ),
                Prop(
                    py="enabled",
                    kind=Kind.BOOLEAN,
                    required=True,
                    default="true (set by this library)",
                ),
            ),
        ),
        TAGS,
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
        name_prop("failover_slate_configuration_name", cleared=""),
        Prop(
            py="activation_threshold",
            cfn="ActivationThresholdSeconds",
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


def _association(py: str, cfn: str) -> Prop:
    return Prop(py=py, cfn=cfn, maximum=128, default="none", cleared="")


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
            advice="stop the stream, or set in_use to WAIT or STOP",
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
        arn_prop("channel", "ChannelArn", "arn", required=True, replaces=True),
        _association("playback_restriction_policy", "PlaybackRestrictionPolicyArn"),
        _association("ad_configuration", "AdConfigurationArn"),
        _association("failover_slate_configuration", "FailoverSlateConfigurationArn"),
    ),
)

SIGNING_KEY = CustomResourceSpec(
    name="TokenSigningKey",
    cfn_type="",  # CloudFormation does not return a key's public half
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
