"""A channel for two countries and one site, with a slate for interrupted broadcasts."""

import aws_cdk as cdk
from constructs import Construct

from ivs_constructs import Channel, FailoverSlateConfiguration, InUse, PlaybackRestrictionPolicy


class ChannelWithRestriction(cdk.Stack):
    """A channel with settings that CloudFormation's channel type lacks."""

    def __init__(self, scope: Construct, id: str, *, env: cdk.Environment | None = None) -> None:
        super().__init__(scope, id, env=env)

        policy = PlaybackRestrictionPolicy(
            self,
            "Restriction",
            allowed_countries=["DE", "FR"],
            allowed_origins=["https://example.com"],
        )
        slate = FailoverSlateConfiguration(
            self,
            "Slate",
            activation_threshold=cdk.Duration.seconds(5),
            max_slate_display=cdk.Duration.minutes(2),
        )
        channel = Channel(
            self,
            "Channel",
            playback_restriction_policy=policy,
            failover_slate_configuration=slate,
            in_use=InUse.WAIT,
        )
        key = channel.add_stream_key("StreamKey")

        cdk.CfnOutput(self, "PlaybackUrl", value=channel.playback_url)
        cdk.CfnOutput(self, "IngestUrl", value=channel.ingest_url)
        cdk.CfnOutput(self, "StreamKeySecret", value=key.secret.secret_arn)


if __name__ == "__main__":
    app = cdk.App()
    ChannelWithRestriction(app, "ChannelWithRestriction")
    app.synth()
