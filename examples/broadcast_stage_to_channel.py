"""A stage that is broadcast to a channel, with a recording, as soon as somebody publishes."""

import aws_cdk as cdk
from constructs import Construct

from ivs_constructs import GridLayout, LiveChannel, LiveStage, Video


class BroadcastStageToChannel(cdk.Stack):
    """A few people talk on the stage, and any number of viewers watch the channel."""

    def __init__(self, scope: Construct, id: str, *, env: cdk.Environment | None = None) -> None:
        super().__init__(scope, id, env=env)

        # The composition is recorded, so the channel need not be.
        live = LiveChannel(self, "Live", recording=False)
        talk = LiveStage(
            self,
            "Talk",
            encoder=Video.hd_720p(),
            # A participant whose token has the attribute host="true" gets the large tile.
            compose=GridLayout(featured_participant_attribute="host"),
            broadcast_to=live.channel,
            record_composition=True,
        )

        cdk.CfnOutput(self, "StageArn", value=talk.stage.stage_arn)
        cdk.CfnOutput(self, "PlaybackUrl", value=live.channel.playback_url)
        cdk.CfnOutput(self, "Recordings", value=talk.bucket.bucket_name)


if __name__ == "__main__":
    app = cdk.App()
    BroadcastStageToChannel(app, "BroadcastStageToChannel")
    app.synth()
