"""The bundle: creating its parts, passing in existing ones, and using them."""

from pathlib import Path

import aws_cdk as cdk
from aws_cdk import aws_iam as iam
from aws_cdk import aws_s3 as s3
from constructs import Construct

from ivs_constructs import (
    Channel,
    FailoverSlateConfiguration,
    LiveChannel,
    PlaybackKeyPair,
    PlaybackRestrictionPolicy,
    RecordingConfiguration,
    StreamKey,
)

PUBLIC_KEY = Path(__file__).with_name("public_key.pem")


class Bundle(cdk.Stack):
    """All of it by one statement."""

    def __init__(self, scope: Construct, id: str) -> None:
        super().__init__(scope, id)
        live = LiveChannel(
            self,
            "Live",
            private=True,
            public_key_material=PUBLIC_KEY.read_text(),
            recording=True,
            allowed_countries=["DE", "FR"],
            allowed_origins=("https://example.com",),
            tags={"team": "video"},
        )
        role = iam.Role.from_role_arn(self, "Encoder", "arn:aws:iam::123456789012:role/encoder")
        live.bucket.grant_read(role)
        live.stream_key.secret.grant_read(role)
        channel: Channel = live.channel
        arns: list[str] = [
            channel.channel_arn,
            live.recording_configuration.recording_configuration_ref.recording_configuration_arn,
            live.restriction_policy.playback_restriction_policy_ref.playback_restriction_policy_arn,
            live.key_pair.playback_key_pair_ref.playback_key_pair_arn,
        ]
        cdk.CfnOutput(self, "Arns", value=cdk.Fn.join(",", arns))


class ReadyParts(cdk.Stack):
    """Each part made by the program itself."""

    def __init__(self, scope: Construct, id: str) -> None:
        super().__init__(scope, id)
        channel = Channel(self, "Channel")
        LiveChannel(self, "AroundChannel", channel=channel, stream_key=False)
        other = Channel.from_channel_arn(
            self, "Imported", "arn:aws:ivs:us-east-1:123456789012:channel/AbCd"
        )
        LiveChannel(self, "AroundImport", channel=other)
        LiveChannel(
            self,
            "WithParts",
            recording=RecordingConfiguration(self, "Recording"),
            restriction_policy=PlaybackRestrictionPolicy(self, "Policy", allowed_countries=["DE"]),
            key_pair=PlaybackKeyPair(self, "Pair", public_key_material=PUBLIC_KEY.read_text()),
            stream_key=False,
        )
        LiveChannel(
            self,
            "WithKey",
            channel=channel,
            stream_key=StreamKey(self, "Key", channel=channel),
        )
        LiveChannel(
            self,
            "Associated",
            channel=other,
            stream_key=False,
            failover_slate_configuration=FailoverSlateConfiguration(self, "Slate"),
            in_use="WAIT",
        )
        LiveChannel(self, "WithBucket", bucket=s3.Bucket(self, "Bucket"))
        LiveChannel(self, "Unrecorded", recording=False)
