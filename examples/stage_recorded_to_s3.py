"""A stage whose participants' audio and video is recorded to a bucket in the stack."""

import aws_cdk as cdk
from constructs import Construct

from ivs_constructs import LiveStage, Video


class StageRecordedToS3(cdk.Stack):
    """A stage, its recording, and an encoder for compositions of it."""

    def __init__(self, scope: Construct, id: str, *, env: cdk.Environment | None = None) -> None:
        super().__init__(scope, id, env=env)

        talk = LiveStage(self, "Talk", recording=True, encoder=Video.hd_720p())

        cdk.CfnOutput(self, "StageArn", value=talk.stage.stage_arn)
        cdk.CfnOutput(self, "WhipEndpoint", value=talk.stage.whip_endpoint)
        cdk.CfnOutput(self, "Recordings", value=talk.bucket.bucket_name)
        encoder = talk.encoder_configuration.encoder_configuration_arn
        cdk.CfnOutput(self, "EncoderConfigurationArn", value=encoder)


if __name__ == "__main__":
    app = cdk.App()
    StageRecordedToS3(app, "StageRecordedToS3")
    app.synth()
