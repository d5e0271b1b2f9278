"""A stage that is broadcast to a channel, with a recording, as soon as somebody publishes."""

import aws_cdk as cdk
from constructs import Construct

from ivs_constructs import (
    ChannelDestination,
    CompositionAutomation,
    EncoderConfiguration,
    GridLayout,
    LiveChannel,
    S3Destination,
    Stage,
    StorageConfiguration,
    Video,
)


class BroadcastStageToChannel(cdk.Stack):
    """A few people talk on the stage, any number of viewers watch the channel."""

    def __init__(self, scope: Construct, id: str, *, env: cdk.Environment | None = None) -> None:
        super().__init__(scope, id, env=env)

        stage = Stage(self, "Stage")
        # The composition is recorded, so the channel need not be.
        live = LiveChannel(self, "Live", recording=False)
        archive = StorageConfiguration(self, "Archive")
        encoder = EncoderConfiguration(self, "Encoder", video=Video.hd_720p())

        CompositionAutomation(
            self,
            "Broadcast",
            stage=stage,
            # A participant whose token has the attribute host="true" gets the large tile.
            layout=GridLayout(featured_participant_attribute="host"),
            destinations=[
                ChannelDestination(channel=live.channel, encoder_configuration=encoder),
                S3Destination(storage_configuration=archive, encoder_configuration=encoder),
            ],
        )

        cdk.CfnOutput(self, "StageArn", value=stage.stage_arn)
        cdk.CfnOutput(self, "PlaybackUrl", value=live.channel.playback_url)
        cdk.CfnOutput(self, "Recordings", value=archive.bucket.bucket_name)


if __name__ == "__main__":
    app = cdk.App()
    BroadcastStageToChannel(app, "BroadcastStageToChannel")
    app.synth()
