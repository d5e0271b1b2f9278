"""CloudFormation's own types wherever a construct is taken, and the other way round."""

import aws_cdk as cdk
from aws_cdk import aws_ivs as ivs
from aws_cdk import aws_mediatailor as mediatailor
from aws_cdk import aws_s3 as s3
from aws_cdk.interfaces.aws_ivs import (
    IChannelRef,
    IPlaybackKeyPairRef,
    IPlaybackRestrictionPolicyRef,
    IRecordingConfigurationRef,
    IStreamKeyRef,
)
from constructs import Construct

from ivs_constructs import (
    AdConfiguration,
    Channel,
    ChannelAssociations,
    InUse,
    LiveChannel,
    PlaybackKeyPair,
    PlaybackRestrictionPolicy,
    RecordingConfiguration,
    StreamKey,
)

NAME = "recordings"


class Level1Given(cdk.Stack):
    """L1 objects as arguments."""

    def __init__(self, scope: Construct, id: str, *, public_key: str) -> None:
        super().__init__(scope, id)
        recording = ivs.CfnRecordingConfiguration(
            self,
            "Recording",
            destination_configuration=ivs.CfnRecordingConfiguration.DestinationConfigurationProperty(
                s3=ivs.CfnRecordingConfiguration.S3DestinationConfigurationProperty(
                    bucket_name=NAME
                )
            ),
        )
        Channel(self, "Recorded", recording_configuration=recording)
        channel = ivs.CfnChannel(self, "Channel")
        StreamKey(self, "Key", channel=channel)
        policy = ivs.CfnPlaybackRestrictionPolicy(self, "ForChannels")
        ChannelAssociations(self, "Its", channel=channel, playback_restriction_policy=policy)
        Channel(self, "Restricted", playback_restriction_policy=policy, in_use=InUse.WAIT)
        RecordingConfiguration(self, "ToLevel1", bucket=s3.CfnBucket(self, "Bucket"))
        AdConfiguration(
            self,
            "Ads",
            media_tailor_playback_configurations=[
                mediatailor.CfnPlaybackConfiguration(
                    self,
                    "Tailor",
                    ad_decision_server_url="https://example.com/ads",
                    name="main",
                    video_content_source_url="https://example.com/video",
                )
            ],
        )
        LiveChannel(
            self,
            "Live",
            recording=recording,
            restriction_policy=ivs.CfnPlaybackRestrictionPolicy(self, "Policy"),
            key_pair=ivs.CfnPlaybackKeyPair(self, "Pair", public_key_material=public_key),
        )


class ReferencesTaken(cdk.Stack):
    """Our constructs where the AWS CDK's reference interfaces are asked for."""

    def __init__(self, scope: Construct, id: str, *, public_key: str) -> None:
        super().__init__(scope, id)
        channel = Channel(self, "Channel")
        referred: IChannelRef = channel
        key: IStreamKeyRef = StreamKey(self, "Key", channel=referred)
        recording: IRecordingConfigurationRef = RecordingConfiguration(self, "Recording")
        pair: IPlaybackKeyPairRef = PlaybackKeyPair(self, "Pair", public_key_material=public_key)
        policy: IPlaybackRestrictionPolicyRef = PlaybackRestrictionPolicy(self, "Policy")
        Channel(self, "Recorded", recording_configuration=recording)
        arns = [
            referred.channel_ref.channel_arn,
            key.stream_key_ref.stream_key_arn,
            pair.playback_key_pair_ref.playback_key_pair_arn,
            policy.playback_restriction_policy_ref.playback_restriction_policy_arn,
        ]
        cdk.CfnOutput(self, "Arns", value=cdk.Fn.join(",", arns))
        ivs.CfnStreamKey(self, "Level1Key", channel_arn=channel.channel_arn)


class EscapeHatch(cdk.Stack):
    """The L1 object behind a construct."""

    def __init__(self, scope: Construct, id: str) -> None:
        super().__init__(scope, id)
        channel = Channel(self, "Channel")
        level1 = channel.node.default_child
        assert isinstance(level1, ivs.CfnChannel)
        level1.add_property_override("Tags", [])
