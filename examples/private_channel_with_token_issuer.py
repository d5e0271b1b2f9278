"""A private channel, and the function that makes tokens for its viewers."""

import aws_cdk as cdk
from aws_cdk import aws_iam
from constructs import Construct

from ivs_constructs import LiveChannel, MaximumResolution, PlaybackTokenIssuer


class PrivateChannelWithTokenIssuer(cdk.Stack):
    """A channel whose viewers get their tokens from a program of yours."""

    def __init__(self, scope: Construct, id: str, *, env: cdk.Environment | None = None) -> None:
        super().__init__(scope, id, env=env)

        live = LiveChannel(self, "Live", private=True, recording=False)
        issuer = PlaybackTokenIssuer(
            self,
            "Issuer",
            signing_key=live.signing_key,
            channels=[live.channel],
            max_lifetime=cdk.Duration.minutes(2),
            allowed_origins=["https://*.example.com"],
            maximum_resolution=MaximumResolution.HD,
        )

        # The program that knows who may watch: it asks for a token and hands it on.
        backend = aws_iam.Role(
            self, "Backend", assumed_by=aws_iam.ServicePrincipal("ecs-tasks.amazonaws.com")
        )
        issuer.grant_invoke(backend)

        cdk.CfnOutput(self, "IssuerFunction", value=issuer.function.function_name)


if __name__ == "__main__":
    app = cdk.App()
    PrivateChannelWithTokenIssuer(app, "PrivateChannelWithTokenIssuer")
    app.synth()
