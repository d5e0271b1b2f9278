"""The bundle: viewers need a token, sit in two countries and on one site; streams are recorded."""

from pathlib import Path

import aws_cdk as cdk
from constructs import Construct

from ivs_constructs import LiveChannel

PUBLIC_KEY = Path(__file__).with_name("playback_public_key.pem")


class PrivateRecordedChannel(cdk.Stack):
    """A private, recorded, restricted channel."""

    def __init__(self, scope: Construct, id: str, *, env: cdk.Environment | None = None) -> None:
        super().__init__(scope, id, env=env)

        live = LiveChannel(
            self,
            "Live",
            private=True,
            public_key_material=PUBLIC_KEY.read_text(),
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
