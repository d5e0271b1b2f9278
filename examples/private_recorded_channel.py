"""The bundle: viewers need a token and must be in one of two countries; streams are recorded."""

import aws_cdk as cdk
from constructs import Construct

from ivs_constructs import LiveChannel


class PrivateRecordedChannel(cdk.Stack):
    """A private, recorded, restricted channel."""

    def __init__(self, scope: Construct, id: str, *, env: cdk.Environment | None = None) -> None:
        super().__init__(scope, id, env=env)

        live = LiveChannel(
            self,
            "Live",
            private=True,
            recording=True,
            allowed_countries=["DE", "FR"],
            allowed_origins=["https://example.com"],
        )

        cdk.CfnOutput(self, "PlaybackUrl", value=live.channel.playback_url)
        cdk.CfnOutput(self, "IngestUrl", value=live.channel.ingest_url)
        cdk.CfnOutput(self, "StreamKeySecret", value=live.stream_key.secret.secret_arn)
        cdk.CfnOutput(self, "RecordingBucket", value=live.bucket.bucket_name)


if __name__ == "__main__":
    app = cdk.App()
    PrivateRecordedChannel(app, "PrivateRecordedChannel")
    app.synth()
