"""Recorded stages that an application makes at run time, one for each meeting, with tokens."""

import aws_cdk as cdk
from aws_cdk import aws_iam
from constructs import Construct

from ivs_constructs import (
    AutoParticipantRecording,
    RecommendedAlarms,
    StageFleet,
    StorageConfiguration,
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

        # The back end that authenticates users. It may do these three things and nothing else.
        backend = aws_iam.Role(
            self, "Backend", assumed_by=aws_iam.ServicePrincipal("ecs-tasks.amazonaws.com")
        )
        rooms.grants.acquire(backend)
        rooms.grants.token(backend)
        rooms.grants.release(backend)

        cdk.CfnOutput(self, "RoomsFunction", value=rooms.function_name)


if __name__ == "__main__":
    app = cdk.App()
    MeetingRooms(app, "MeetingRooms")
    app.synth()
