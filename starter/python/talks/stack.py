"""One stack: a recorded private channel, and the function that signs its viewers' tokens."""

from __future__ import annotations

import aws_cdk as cdk
from aws_cdk import aws_iam
from constructs import Construct

from ivs_constructs import LiveChannel


class Talks(cdk.Stack):
    """A private channel with everything it needs."""

    def __init__(self, scope: Construct, id: str, *, env: cdk.Environment | None = None) -> None:
        super().__init__(scope, id, env=env)

        self.live = LiveChannel(self, "Live", private=True, token_issuer=True)

        # Your back end: it knows who may watch, requests tokens, and passes them on.
        self.backend = aws_iam.Role(
            self, "Backend", assumed_by=aws_iam.ServicePrincipal("lambda.amazonaws.com")
        )
        self.live.token_issuer.grant_invoke(self.backend)

        cdk.CfnOutput(self, "PlaybackUrl", value=self.live.channel.playback_url)
        cdk.CfnOutput(self, "IngestUrl", value=self.live.channel.ingest_url)
        cdk.CfnOutput(self, "StreamKeySecret", value=self.live.stream_key.secret.secret_arn)
        cdk.CfnOutput(self, "TokenIssuer", value=self.live.token_issuer.function.function_name)
