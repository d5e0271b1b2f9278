"""A private channel for each creator, made when the creator first goes live."""

import aws_cdk as cdk
from aws_cdk import aws_iam
from constructs import Construct

from ivs_constructs import ChannelFleet, RecordingConfiguration


class CreatorChannels(cdk.Stack):
    """Up to 500 channels; those unused for a week are deleted."""

    def __init__(self, scope: Construct, id: str, *, env: cdk.Environment | None = None) -> None:
        super().__init__(scope, id, env=env)

        recording = RecordingConfiguration(self, "Recording")
        creators = ChannelFleet(
            self,
            "Creators",
            max_size=500,
            idle_after=cdk.Duration.days(7),
            in_use="STOP",
            type="BASIC",
            authorized=True,
            recording_configuration=recording,
            token_issuer=True,
            allowed_origins=["https://www.example.com"],
        )

        # Creators get their stream keys from one program, viewers their tokens from another.
        studio = aws_iam.Role(
            self, "Studio", assumed_by=aws_iam.ServicePrincipal("ecs-tasks.amazonaws.com")
        )
        creators.grants.acquire(studio)
        creators.grants.stream_key(studio)
        site = aws_iam.Role(
            self, "Site", assumed_by=aws_iam.ServicePrincipal("ecs-tasks.amazonaws.com")
        )
        creators.grants.get(site)
        creators.grants.token(site)

        cdk.CfnOutput(self, "CreatorsFunction", value=creators.function_name)


if __name__ == "__main__":
    app = cdk.App()
    CreatorChannels(app, "CreatorChannels")
    app.synth()
