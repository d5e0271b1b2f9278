"""A channel that is defined elsewhere: imported by its ARN, with a stream key in this stack."""

import aws_cdk as cdk
from constructs import Construct

from ivs_constructs import Channel

CHANNEL_ARN = "arn:aws:ivs:eu-west-1:123456789012:channel/AbCdEfGhIjKl"


class ImportedChannel(cdk.Stack):
    """A stream key for an existing channel."""

    def __init__(self, scope: Construct, id: str, *, env: cdk.Environment | None = None) -> None:
        super().__init__(scope, id, env=env)

        channel = Channel.from_channel_arn(self, "Channel", CHANNEL_ARN)
        key = channel.add_stream_key("StreamKey")

        cdk.CfnOutput(self, "StreamKeySecret", value=key.secret.secret_arn)


if __name__ == "__main__":
    app = cdk.App()
    ImportedChannel(app, "ImportedChannel")
    app.synth()
