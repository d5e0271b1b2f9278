"""A stage for browsers and phones, and one encoder that publishes to it over RTMPS."""

import aws_cdk as cdk
from constructs import Construct

from ivs_constructs import IngestConfiguration, InUse, Stage


class RealtimeStage(cdk.Stack):
    """A stage, and a stream key for the studio's encoder."""

    def __init__(self, scope: Construct, id: str, *, env: cdk.Environment | None = None) -> None:
        super().__init__(scope, id, env=env)

        # A deployment that deletes the stage waits until everybody has left it.
        stage = Stage(self, "Stage", stage_name="talk", in_use=InUse.WAIT)
        studio = IngestConfiguration(self, "Studio", stage=stage, user_id="studio")

        cdk.CfnOutput(self, "WhipEndpoint", value=stage.whip_endpoint)
        cdk.CfnOutput(self, "RtmpsEndpoint", value=stage.rtmps_endpoint)
        cdk.CfnOutput(self, "StudioKeySecret", value=studio.secret.secret_name)


if __name__ == "__main__":
    app = cdk.App()
    RealtimeStage(app, "RealtimeStage")
    app.synth()
