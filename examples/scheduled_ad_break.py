"""A channel that shows a minute of ads at the same time every evening."""

import aws_cdk as cdk
from aws_cdk import aws_scheduler as scheduler
from aws_cdk import aws_sqs as sqs
from constructs import Construct

from ivs_constructs import AdConfiguration, ApiCall, Channel


class ScheduledAdBreak(cdk.Stack):
    """A channel with ads, and a schedule that inserts an ad break."""

    def __init__(self, scope: Construct, id: str, *, env: cdk.Environment | None = None) -> None:
        super().__init__(scope, id, env=env)

        # Defined elsewhere, for all channels; the id is the one in its ARN.
        ads = AdConfiguration.from_ad_configuration_arn(
            self,
            "Ads",
            self.format_arn(
                service="ivs", resource="ad-configuration", resource_name="AbCdEfGhIjKl"
            ),
        )
        channel = Channel(self, "News", ad_configuration=ads)

        # A very late ad break is worse than none.
        missed = sqs.Queue(self, "Missed", enforce_ssl=True, retention_period=cdk.Duration.days(14))
        ad_break = ApiCall("ivs", "InsertAdBreak", channel_arn=channel, duration_seconds=60)
        scheduler.Schedule(
            self,
            "EveningBreak",
            schedule=scheduler.ScheduleExpression.cron(
                hour="20", minute="15", time_zone=cdk.TimeZone.EUROPE_BERLIN
            ),
            target=ad_break.as_schedule_target(
                retry_attempts=2,
                max_event_age=cdk.Duration.minutes(1),
                dead_letter_queue=missed,
            ),
        )


if __name__ == "__main__":
    app = cdk.App()
    ScheduledAdBreak(app, "ScheduledAdBreak")
    app.synth()
