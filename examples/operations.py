"""A channel and a stage that tell when they are in trouble, and one dashboard for both."""

import aws_cdk as cdk
from aws_cdk import aws_cloudwatch_actions as actions
from aws_cdk import aws_events_targets as targets
from aws_cdk import aws_sns as sns
from constructs import Construct

from ivs_constructs import AccountEvents, Channel, OperationsDashboard, RecommendedAlarms, Stage


class Operations(cdk.Stack):
    """Alarms, rules for events and a dashboard."""

    def __init__(self, scope: Construct, id: str, *, env: cdk.Environment | None = None) -> None:
        super().__init__(scope, id, env=env)

        channel = Channel(self, "Show")
        stage = Stage(self, "Backstage")
        crew = sns.Topic(self, "Crew", enforce_ssl=True)

        on_air = RecommendedAlarms(self, "OnAir", channel=channel, minimum_ingest_bitrate=1_500_000)
        in_talk = RecommendedAlarms(self, "InTalk", stage=stage)
        # What the account may have, from Service Quotas.
        limits = RecommendedAlarms(self, "Limits", concurrent_views_limit=15_000)
        for alarms in (on_air, in_talk, limits):
            alarms.add_alarm_action(actions.SnsAction(crew))

        channel.on_stream_start("Started", target=targets.SnsTopic(crew))
        channel.on_stream_failure("Failed", target=targets.SnsTopic(crew))
        stage.on_participant_publish_error("CannotPublish", target=targets.SnsTopic(crew))
        AccountEvents(self).on_concurrent_viewers_limit_breach(
            "TooManyViewers", target=targets.SnsTopic(crew)
        )

        OperationsDashboard(
            self,
            "Dashboard",
            channels=[channel],
            stages=[stage],
            alarms=[on_air, in_talk, limits],
        )


if __name__ == "__main__":
    app = cdk.App()
    Operations(app, "Operations")
    app.synth()
