"""A program written for aws_cdk.aws_ivs_alpha, with only its import changed."""

import aws_cdk as cdk
from aws_cdk import aws_s3 as s3
from constructs import Construct

import ivs_constructs as ivs

ARN = "arn:aws:ivs:us-east-1:123456789012"


class Alpha(cdk.Stack):
    """What that module's own documentation shows."""

    def __init__(self, scope: Construct, id: str) -> None:
        super().__init__(scope, id)
        channel = ivs.Channel(
            self,
            "Channel",
            channel_name="main",
            latency_mode=ivs.LatencyMode.LOW,
            type=ivs.ChannelType.ADVANCED_SD,
            preset=ivs.Preset.CONSTRAINED_BANDWIDTH_DELIVERY,
            authorized=False,
            insecure_ingest=False,
        )
        channel.add_stream_key("StreamKey")
        ivs.Channel(
            self,
            "Multitrack",
            type=ivs.ChannelType.STANDARD,
            container_format=ivs.ContainerFormat.FRAGMENTED_MP4,
            multitrack_input_configuration=ivs.MultitrackInputConfiguration(
                maximum_resolution=ivs.MaximumResolution.HD, policy=ivs.Policy.ALLOW
            ),
        )
        recording = ivs.RecordingConfiguration(
            self,
            "Recording",
            bucket=s3.Bucket(self, "Bucket"),
            recording_configuration_name="archive",
            recording_reconnect_window=cdk.Duration.seconds(60),
            rendition_configuration=ivs.RenditionConfiguration.custom([ivs.Resolution.HD]),
            thumbnail_configuration=ivs.ThumbnailConfiguration.interval(
                ivs.Resolution.HD, [ivs.Storage.LATEST], cdk.Duration.seconds(30)
            ),
        )
        ivs.Channel(self, "Recorded", recording_configuration=recording)
        imported = ivs.Channel.from_channel_arn(self, "Imported", f"{ARN}:channel/AbCd")
        ivs.StreamKey(self, "ImportedKey", channel=imported)
        by_id = ivs.RecordingConfiguration.from_recording_configuration_id(self, "ById", "AbCd")
        ivs.Channel(self, "RecordedById", recording_configuration=by_id)
        outputs(self, channel, recording)


def outputs(stack: cdk.Stack, channel: ivs.Channel, recording: ivs.RecordingConfiguration) -> None:
    """Write what that module's attributes hold."""
    cdk.CfnOutput(stack, "Arn", value=channel.channel_arn)
    cdk.CfnOutput(stack, "RecordingArn", value=recording.recording_configuration_arn)
    cdk.CfnOutput(stack, "RecordingId", value=recording.recording_configuration_id)


class PrivateAlpha(cdk.Stack):
    """Its private channel."""

    def __init__(self, scope: Construct, id: str, *, public_key: str) -> None:
        super().__init__(scope, id)
        pair = ivs.PlaybackKeyPair(
            self, "Pair", public_key_material=public_key, playback_key_pair_name="viewers"
        )
        cdk.CfnOutput(self, "Fingerprint", value=pair.playback_key_pair_fingerprint)
        channel = ivs.Channel(self, "Channel", authorized=True)
        cdk.CfnOutput(self, "PlaybackUrl", value=channel.channel_playback_url)
        cdk.CfnOutput(self, "Ingest", value=channel.channel_ingest_endpoint)
