"""A channel that anyone can watch, with its stream key in AWS Secrets Manager."""

import aws_cdk as cdk
from constructs import Construct

from ivs_constructs import Channel


class PublicChannel(cdk.Stack):
    """One channel and its key."""

    def __init__(self, scope: Construct, id: str, *, env: cdk.Environment | None = None) -> None:
        super().__init__(scope, id, env=env)

        channel = Channel(self, "Channel")
        key = channel.add_stream_key("StreamKey")

        cdk.CfnOutput(self, "PlaybackUrl", value=channel.playback_url)
        cdk.CfnOutput(self, "IngestUrl", value=channel.ingest_url)
        cdk.CfnOutput(self, "StreamKeySecret", value=key.secret.secret_arn)


if __name__ == "__main__":
    app = cdk.App()
    PublicChannel(app, "PublicChannel")
    app.synth()
