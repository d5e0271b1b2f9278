"""Recording to an existing bucket: two renditions, a thumbnail every ten seconds."""

import aws_cdk as cdk
from aws_cdk import aws_s3 as s3
from constructs import Construct

from ivs_constructs import (
    Channel,
    RecordingConfiguration,
    RenditionConfiguration,
    Resolution,
    Storage,
    ThumbnailConfiguration,
)


class RecordedChannelExistingBucket(cdk.Stack):
    """A channel whose streams are recorded to an existing bucket."""

    def __init__(self, scope: Construct, id: str, *, env: cdk.Environment | None = None) -> None:
        super().__init__(scope, id, env=env)

        bucket = s3.Bucket.from_bucket_name(self, "Archive", "example-archive")
        recording = RecordingConfiguration(
            self,
            "Recording",
            bucket=bucket,
            recording_reconnect_window=cdk.Duration.minutes(2),
            rendition_configuration=RenditionConfiguration.custom([Resolution.HD, Resolution.SD]),
            thumbnail_configuration=ThumbnailConfiguration.interval(
                Resolution.SD, [Storage.SEQUENTIAL, Storage.LATEST], cdk.Duration.seconds(10)
            ),
        )
        channel = Channel(self, "Channel", recording_configuration=recording)
        channel.add_stream_key("StreamKey")

        cdk.CfnOutput(self, "PlaybackUrl", value=channel.playback_url)


if __name__ == "__main__":
    app = cdk.App()
    RecordedChannelExistingBucket(app, "RecordedChannelExistingBucket")
    app.synth()
