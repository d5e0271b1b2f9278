"""Channels and their parts, by the words that the constructs use."""

import aws_cdk as cdk
from aws_cdk import aws_iam as iam
from aws_cdk import aws_s3 as s3
from constructs import Construct

from ivs_constructs import (
    AdConfiguration,
    Channel,
    ChannelType,
    InvalidPropertyError,
    LatencyMode,
    MaximumResolution,
    MultitrackInputConfiguration,
    PlaybackKeyPair,
    PlaybackRestrictionPolicy,
    Policy,
    PostRollConfiguration,
    RecordingBucket,
    RecordingConfiguration,
    RenditionConfiguration,
    Resolution,
    Storage,
    StreamKey,
    ThumbnailConfiguration,
)

ARN = "arn:aws:ivs:us-east-1:123456789012"


class Defined(cdk.Stack):
    """What a program defines."""

    def __init__(self, scope: Construct, id: str) -> None:
        super().__init__(scope, id)
        self.channel = Channel(self, "Minimal")
        role = iam.Role.from_role_arn(self, "Encoder", "arn:aws:iam::123456789012:role/encoder")
        key: StreamKey = self.channel.add_stream_key("Key", tags={"team": "video"})
        key.secret.grant_read(role)
        urls: list[str] = [
            self.channel.playback_url,
            self.channel.ingest_url,
            self.channel.ingest_endpoint,
            self.channel.channel_arn,
            self.channel.channel_name,
            self.channel.channel_id,
        ]
        cdk.CfnOutput(self, "Urls", value=cdk.Fn.join(" ", urls))

        bucket = RecordingBucket(self, "Bucket", expiration=cdk.Duration.days(90))
        bucket.grant_read(role)
        recording = RecordingConfiguration(
            self,
            "Recording",
            bucket=bucket,
            recording_reconnect_window=cdk.Duration.seconds(60),
            rendition_configuration=RenditionConfiguration.custom([Resolution.HD, "SD"]),
            thumbnail_configuration=ThumbnailConfiguration.interval(
                Resolution.SD, [Storage.LATEST], cdk.Duration.seconds(10)
            ),
        )
        Channel(
            self,
            "Enums",
            type=ChannelType.BASIC,
            latency_mode=LatencyMode.NORMAL,
            recording_configuration=recording,
            tags={"team": "video"},
        )
        Channel(self, "Strings", type="ADVANCED_HD", preset="CONSTRAINED_BANDWIDTH_DELIVERY")
        Channel(
            self,
            "Tracks",
            multitrack_input_configuration=MultitrackInputConfiguration(
                maximum_resolution=MaximumResolution.FULL_HD, policy=Policy.REQUIRE
            ),
        )
        Channel(
            self,
            "Dict",
            multitrack_input_configuration={"maximum_resolution": "HD", "policy": "ALLOW"},
        )
        AdConfiguration(
            self,
            "Ads",
            media_tailor_playback_configurations=[
                "arn:aws:mediatailor:us-east-1:123456789012:playbackConfiguration/main"
            ],
            post_roll_configuration=PostRollConfiguration(duration=cdk.Duration.seconds(30)),
        )


class Imported(cdk.Stack):
    """What a program imports, each as the interface that it also takes."""

    def __init__(self, scope: Construct, id: str) -> None:
        super().__init__(scope, id)

        channel: Channel = Channel.from_channel_arn(self, "Channel", f"{ARN}:channel/AbCd")
        known: Channel = Channel.from_channel_attributes(
            self,
            "Known",
            channel_arn=f"{ARN}:channel/EfGh",
            channel_playback_url="https://example.com/master.m3u8",
        )
        key: StreamKey = StreamKey.from_stream_key_arn(self, "Key", f"{ARN}:stream-key/AbCd")
        recording: RecordingConfiguration = RecordingConfiguration.from_arn(
            self, "Recording", f"{ARN}:recording-configuration/AbCd"
        )
        pair: PlaybackKeyPair = PlaybackKeyPair.from_playback_key_pair_arn(
            self, "Pair", f"{ARN}:playback-key/AbCd"
        )
        policy: PlaybackRestrictionPolicy = (
            PlaybackRestrictionPolicy.from_playback_restriction_policy_arn(
                self, "Policy", f"{ARN}:playback-restriction-policy/AbCd"
            )
        )
        ads: AdConfiguration = AdConfiguration.from_ad_configuration_arn(
            self, "Ads", f"{ARN}:ad-configuration/AbCd"
        )
        arns = [
            key.stream_key_arn,
            recording.recording_configuration_arn,
            pair.playback_key_pair_arn,
            policy.playback_restriction_policy_arn,
            ads.ad_configuration_arn,
            known.playback_url,
        ]
        cdk.CfnOutput(self, "Arns", value=",".join(arns))
        channel.add_stream_key("New")
        StreamKey(self, "Other", channel=known)
        Channel(self, "Recorded", recording_configuration=recording)
        existing = s3.Bucket.from_bucket_name(self, "Existing", "recordings")
        RecordingConfiguration(self, "ToExisting", bucket=existing)


class OfAnyKind(cdk.Stack):
    """What is defined is what its interface says, too."""

    def __init__(self, scope: Construct, id: str) -> None:
        super().__init__(scope, id)
        channels: list[Channel] = [
            Channel(self, "Defined"),
            Channel.from_channel_arn(self, "Imported", f"{ARN}:channel/AbCd"),
        ]
        for number, channel in enumerate(channels):
            watch(self, f"Watch{number}", channel)


def watch(stack: cdk.Stack, id: str, channel: Channel) -> cdk.CfnOutput:
    """Write an output for any channel, no matter which library defined it."""
    return cdk.CfnOutput(stack, id, value=channel.channel_arn)


def reasons(error: InvalidPropertyError) -> list[str]:
    """Tell what was wrong, for a program's own report."""
    return [f"{each.property} {each.code} {each.source}" for each in error.failures]
