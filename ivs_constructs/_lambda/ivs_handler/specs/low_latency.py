"""Descriptors of the low-latency API's resource types.

Each limit and each name is defined only here. Custom resources use the names of CloudFormation's
own types.
"""

from __future__ import annotations

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

MULTITRACK_INPUT_CONFIGURATION = Prop(
    py="multitrack_input_configuration",
    kind=Kind.STRUCT,
    value_class="MultitrackInputConfiguration",
    default="no multitrack input (set by IVS)",
    members=(
        flag_prop("enabled", "true (set by this library)"),
        Prop(py="maximum_resolution", choices=("SD", "HD", "FULL_HD")),
        Prop(py="policy", choices=("ALLOW", "REQUIRE")),
    ),
)

CHANNEL = ResourceSpec(
    name="Channel",
    update="UpdateChannel",
    attributes=("Arn", "IngestEndpoint", "PlaybackUrl"),
    props=(
        name_prop("channel_name", default="a unique name made from the path (set by this library)"),
        Prop(
            py="type",
            choices=("BASIC", "STANDARD", "ADVANCED_SD", "ADVANCED_HD"),
            default="STANDARD (set by IVS)",
        ),
        Prop(py="latency_mode", choices=("NORMAL", "LOW"), default="LOW (set by IVS)"),
        Prop(
            py="preset",
            choices=("HIGHER_BANDWIDTH_DELIVERY", "CONSTRAINED_BANDWIDTH_DELIVERY"),
            may_be_empty=True,
            default="HIGHER_BANDWIDTH_DELIVERY for ADVANCED_SD and ADVANCED_HD (set by IVS)",
        ),
        flag_prop("authorized", "false (set by IVS)"),
        flag_prop("insecure_ingest", "false (set by IVS)"),
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
    update=None,
    attributes=("Arn", "Value"),
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
        Prop(py="rendition_selection", choices=("ALL", "NONE", "CUSTOM")),
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
        Prop(py="recording_mode", choices=("DISABLED", "INTERVAL")),
        Prop(py="resolution", choices=RESOLUTIONS, default="the input's resolution (set by IVS)"),
        Prop(
            py="storage",
            kind=Kind.LIST,
            maximum=2,
            unique=True,
            default="SEQUENTIAL (set by IVS)",
            item=Prop(py="storage", choices=("SEQUENTIAL", "LATEST")),
        ),
        seconds_prop(
            "target_interval", 1, 60, "the interval", "60 seconds (set by CloudFormation)"
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
    update=None,
    attributes=("Arn", "State"),
    importer="from_arn",  # the name that aws_ivs_alpha chose
    props=(
        name_prop("recording_configuration_name", replaces=True),
        Prop(
            py="destination_configuration",
            kind=Kind.STRUCT,
            required=True,
            replaces=True,
            default=BUCKET.default,
            members=(Prop(py="s3", kind=Kind.STRUCT, members=(BUCKET,)),),
        ),
        seconds_prop(
            "recording_reconnect_window",
            0,
            300,
            "the window",
            "0 seconds, no merging (set by IVS)",
            replaces=True,
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
    arn_type="playback-key",
    create="ImportPlaybackKeyPair",
    update=None,
    attributes=("Arn", "Fingerprint"),
    props=(PUBLIC_KEY_MATERIAL, name_prop("playback_key_pair_name", replaces=True), TAGS),
)

PLAYBACK_RESTRICTION_POLICY = ResourceSpec(
    name="PlaybackRestrictionPolicy",
    update="UpdatePlaybackRestrictionPolicy",
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
        flag_prop("enable_strict_origin_enforcement", "false (set by IVS)"),
        TAGS,
    ),
)

AD_CONFIGURATION = ResourceSpec(
    name="AdConfiguration",
    update="UpdateAdConfiguration",
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
                seconds_prop("duration", 1, 300, "the post-roll", required=True),
                flag_prop("enabled", "true (set by this library)", required=True),
            ),
        ),
        TAGS,
    ),
)

FAILOVER_SLATE_CONFIGURATION = CustomResourceSpec(
    name="FailoverSlateConfiguration",
    cfn_type="",  # CloudFormation has no such type
    update="UpdateFailoverSlateConfiguration",
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
    props=(
        name_prop("failover_slate_configuration_name", cleared=""),
        seconds_prop(
            "activation_threshold", 3, 5, "the threshold", "3 seconds (set by IVS)", cleared=3
        ),
        seconds_prop(
            "min_slate_display", 3, 10, "the display", "3 seconds (set by IVS)", cleared=3
        ),
        seconds_prop(
            "max_slate_display", 60, 180, "the display", "60 seconds (set by IVS)", cleared=60
        ),
        CUSTOM_TAGS,
    ),
)


def _association(py: str, cfn: str) -> Prop:
    return Prop(py=py, cfn=cfn, maximum=128, default="none", cleared="")


CHANNEL_ASSOCIATIONS = CustomResourceSpec(
    name="ChannelAssociations",
    list="",
    cfn_type="",  # CloudFormation's channel lacks these members
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
    list="",
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
