"""A private channel whose moderators can stop the stream and disconnect its viewers in one go."""

import aws_cdk as cdk
from aws_cdk import aws_stepfunctions as sfn
from constructs import Construct

from ivs_constructs import ApiCall, Channel, PlaybackKeyPair, TokenSigningKey


class ModeratedChannel(cdk.Stack):
    """A channel, and a state machine that takes it off the air.

    Its input is `{"viewers": ["viewer-1", "viewer-2"]}`, the viewer ids in the playback tokens.
    """

    def __init__(self, scope: Construct, id: str, *, env: cdk.Environment | None = None) -> None:
        super().__init__(scope, id, env=env)

        # The private half stays in AWS KMS.
        PlaybackKeyPair(self, "KeyPair", signing_key=TokenSigningKey(self, "SigningKey"))
        channel = Channel(self, "Channel", authorized=True)

        stop = ApiCall("ivs", "StopStream", channel_arn=channel).as_state(
            self, "StopStream", result_path=sfn.JsonPath.DISCARD
        )
        revoke = ApiCall(
            "ivs",
            "StartViewerSessionRevocation",
            channel_arn=channel,
            viewer_id=sfn.JsonPath.string_at("$"),
        ).as_state(self, "RevokeViewer", result_path=sfn.JsonPath.DISCARD)
        # The API allows 5 such calls a second.
        revoke.add_retry(errors=["Ivs.ThrottlingException"], max_attempts=5)
        revoke_all = sfn.Map(
            self, "RevokeViewers", items_path="$.viewers", max_concurrency=5
        ).item_processor(revoke)
        # Even if the stream has already ended, revoke the viewers' sessions.
        stop.add_catch(
            revoke_all,
            errors=["Ivs.ChannelNotBroadcastingException"],
            result_path=sfn.JsonPath.DISCARD,
        )

        machine = sfn.StateMachine(
            self,
            "TakeOffAir",
            definition_body=sfn.DefinitionBody.from_chainable(stop.next(revoke_all)),
            timeout=cdk.Duration.minutes(15),
        )
        cdk.CfnOutput(self, "TakeOffAirArn", value=machine.state_machine_arn)


if __name__ == "__main__":
    app = cdk.App()
    ModeratedChannel(app, "ModeratedChannel")
    app.synth()
