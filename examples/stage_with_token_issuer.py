"""A stage, and an HTTP API where signed-in users get tokens for it: hosts, audience, co-hosts."""

import aws_cdk as cdk
from aws_cdk import aws_cognito
from constructs import Construct

from ivs_constructs import (
    JwtAuthorizer,
    ParticipantTokenIssuer,
    PublicKey,
    Stage,
    TokenApi,
    TokenRoute,
    TokenSigningKey,
)

# Replace these with your application's.
USER_POOL_ID = "us-east-1_AbCdEfGhI"
USER_POOL_CLIENT_ID = "1a2b3c4d5e6f7g8h9i0j1k2l3m"


class StageWithTokenIssuer(cdk.Stack):
    """A stage for the users of an Amazon Cognito user pool."""

    def __init__(self, scope: Construct, id: str, *, env: cdk.Environment | None = None) -> None:
        super().__init__(scope, id, env=env)

        stage = Stage(self, "Stage", stage_name="talk")
        signing_key = TokenSigningKey(self, "SigningKey")
        public_key = PublicKey(self, "PublicKey", signing_key=signing_key)

        hosts = ParticipantTokenIssuer(
            self, "Hosts", signing_key=signing_key, public_key=public_key, stages=[stage]
        )
        # Its new tokens never allow publishing, whatever the request. It exchanges such a token for
        # one that does, which makes a listener a co-host.
        audience = ParticipantTokenIssuer(
            self,
            "Audience",
            signing_key=signing_key,
            public_key=public_key,
            stages=[stage],
            capabilities=["SUBSCRIBE"],
            exchange_capabilities=["PUBLISH", "SUBSCRIBE"],
            max_lifetime=cdk.Duration.hours(1),
        )

        users = aws_cognito.UserPool.from_user_pool_id(self, "Users", USER_POOL_ID)
        web = aws_cognito.UserPoolClient.from_user_pool_client_id(self, "Web", USER_POOL_CLIENT_ID)
        api = TokenApi(
            self,
            "Api",
            routes={
                "/host": TokenRoute(issuer=hosts, scopes=["talk/host"]),
                "/listen": audience,
                "/promote": TokenRoute(issuer=audience, scopes=["talk/co-host"], exchange=True),
            },
            authorizer=JwtAuthorizer.for_user_pool(users, [web], claim="sub"),
            allowed_origins=["https://www.example.com"],
        )

        cdk.CfnOutput(self, "ApiUrl", value=api.api_endpoint)
        cdk.CfnOutput(self, "HostsFunction", value=hosts.function.function_name)
        cdk.CfnOutput(self, "AudienceFunction", value=audience.function.function_name)
        cdk.CfnOutput(self, "ExchangeAlias", value=audience.exchange_alias.function_arn)


if __name__ == "__main__":
    app = cdk.App()
    StageWithTokenIssuer(app, "StageWithTokenIssuer")
    app.synth()
