"""A private channel, and an HTTP API where signed-in users get their tokens."""

import aws_cdk as cdk
from aws_cdk import aws_cognito
from constructs import Construct

from ivs_constructs import (
    JwtAuthorizer,
    LiveChannel,
    MaximumResolution,
    PlaybackTokenIssuer,
    TokenApi,
)

# Replace these with your application's.
USER_POOL_ID = "us-east-1_AbCdEfGhI"
USER_POOL_CLIENT_ID = "1a2b3c4d5e6f7g8h9i0j1k2l3m"


class PrivateChannelWithTokenIssuer(cdk.Stack):
    """A channel for the users of an Amazon Cognito user pool."""

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

        users = aws_cognito.UserPool.from_user_pool_id(self, "Users", USER_POOL_ID)
        web = aws_cognito.UserPoolClient.from_user_pool_client_id(self, "Web", USER_POOL_CLIENT_ID)
        api = TokenApi(
            self,
            "Api",
            routes={"/watch": issuer},
            authorizer=JwtAuthorizer.for_user_pool(users, [web], claim="sub"),
            allowed_origins=["https://www.example.com"],
        )

        cdk.CfnOutput(self, "TokenUrl", value=api.url_of("/watch"))
        cdk.CfnOutput(self, "IssuerFunction", value=issuer.function.function_name)


if __name__ == "__main__":
    app = cdk.App()
    PrivateChannelWithTokenIssuer(app, "PrivateChannelWithTokenIssuer")
    app.synth()
