"""A stage, and two functions that make tokens for it: one for hosts, one for the audience."""

import aws_cdk as cdk
from aws_cdk import aws_iam
from constructs import Construct

from ivs_constructs import ParticipantTokenIssuer, PublicKey, Stage, TokenSigningKey


class StageWithTokenIssuer(cdk.Stack):
    """A stage whose participants get their tokens from a program of yours."""

    def __init__(self, scope: Construct, id: str, *, env: cdk.Environment | None = None) -> None:
        super().__init__(scope, id, env=env)

        stage = Stage(self, "Stage", stage_name="talk")
        signing_key = TokenSigningKey(self, "SigningKey")
        public_key = PublicKey(self, "PublicKey", signing_key=signing_key)

        hosts = ParticipantTokenIssuer(
            self, "Hosts", signing_key=signing_key, public_key=public_key, stages=[stage]
        )
        # Whatever it is asked for, this one lets nobody publish.
        audience = ParticipantTokenIssuer(
            self,
            "Audience",
            signing_key=signing_key,
            public_key=public_key,
            stages=[stage],
            capabilities=["SUBSCRIBE"],
            max_lifetime=cdk.Duration.hours(1),
        )

        # The program that knows who is who.
        backend = aws_iam.Role(
            self, "Backend", assumed_by=aws_iam.ServicePrincipal("ecs-tasks.amazonaws.com")
        )
        hosts.grant_invoke(backend)
        audience.grant_invoke(backend)

        cdk.CfnOutput(self, "HostsFunction", value=hosts.function.function_name)
        cdk.CfnOutput(self, "AudienceFunction", value=audience.function.function_name)


if __name__ == "__main__":
    app = cdk.App()
    StageWithTokenIssuer(app, "StageWithTokenIssuer")
    app.synth()
