"""Recorded stages that an application makes at run time, one for each meeting, with tokens."""

import aws_cdk as cdk
from aws_cdk import aws_iam
from constructs import Construct

from ivs_constructs import (
    AutoParticipantRecording,
    JwtAuthorizer,
    RecommendedAlarms,
    StageFleet,
    StorageConfiguration,
    TokenApi,
    TokenRoute,
)


class MeetingRooms(cdk.Stack):
    """Up to 200 rooms; those unused for two hours are deleted."""

    def __init__(self, scope: Construct, id: str, *, env: cdk.Environment | None = None) -> None:
        super().__init__(scope, id, env=env)

        recordings = StorageConfiguration(self, "Recordings")
        rooms = StageFleet(
            self,
            "Rooms",
            max_size=200,
            idle_after=cdk.Duration.hours(2),
            in_use="STOP",
            auto_participant_recording=AutoParticipantRecording(storage_configuration=recordings),
            token_issuer=True,
            token_max_lifetime=cdk.Duration.hours(1),
        )
        RecommendedAlarms(self, "Alarms", fleet=rooms)

        # Everyone in the company may join any meeting; the sign-in says who they are.
        api = TokenApi(
            self,
            "Api",
            routes={
                "/rooms/{key}": TokenRoute(issuer=rooms, any_key=True, scopes=["rooms/join"]),
            },
            authorizer=JwtAuthorizer(
                issuer="https://login.example.com", audience=["a1b2c3"], claim="sub"
            ),
            allowed_origins=["https://www.example.com"],
        )

        # The back end that begins and ends meetings. It may do these two things and nothing else.
        backend = aws_iam.Role(
            self, "Backend", assumed_by=aws_iam.ServicePrincipal("ecs-tasks.amazonaws.com")
        )
        rooms.grants.acquire(backend)
        rooms.grants.release(backend)

        cdk.CfnOutput(self, "RoomsFunction", value=rooms.function_name)
        cdk.CfnOutput(self, "TokenUrl", value=api.url_of("/rooms/{key}"))


if __name__ == "__main__":
    app = cdk.App()
    MeetingRooms(app, "MeetingRooms")
    app.synth()
