"""A channel and a stage with alarms, and one dashboard for both."""

import aws_cdk as cdk
from aws_cdk import aws_cloudwatch_actions as actions
from aws_cdk import aws_events_targets as targets
from aws_cdk import aws_iam, aws_kms
from aws_cdk import aws_sns as sns
from constructs import Construct

from ivs_constructs import AccountEvents, Channel, OperationsDashboard, RecommendedAlarms, Stage


class Operations(cdk.Stack):
    """Alarms, event rules and a dashboard."""

    def __init__(self, scope: Construct, id: str, *, env: cdk.Environment | None = None) -> None:
        super().__init__(scope, id, env=env)

        channel = Channel(self, "Show")
        stage = Stage(self, "Backstage")
        crew = self._topic_of_the_crew()

        on_air = RecommendedAlarms(self, "OnAir", channel=channel, minimum_ingest_bitrate=1_500_000)
        in_talk = RecommendedAlarms(self, "InTalk", stage=stage)
        # The account's limit, from Service Quotas.
        limits = RecommendedAlarms(self, "Limits", concurrent_views_limit=15_000)
        for alarms in (on_air, in_talk, limits):
            alarms.add_alarm_action(actions.SnsAction(crew))

        # By its ARN: otherwise the AWS CDK would also allow EventBridge from any account.
        told = targets.SnsTopic(sns.Topic.from_topic_arn(self, "Told", crew.topic_arn))
        channel.on_stream_start("Started", target=told)
        channel.on_stream_failure("Failed", target=told)
        stage.on_participant_publish_error("CannotPublish", target=told)
        AccountEvents(self).on_concurrent_viewers_limit_breach("TooManyViewers", target=told)

        OperationsDashboard(
            self,
            "Dashboard",
            channels=[channel],
            stages=[stage],
            alarms=[on_air, in_talk, limits],
        )

    def _topic_of_the_crew(self) -> sns.Topic:
        """Make an encrypted topic that alarms and rules of this account may publish to.

        The topic's policy allows only the services that it names, and so does the key's. With an
        AWS managed key, neither CloudWatch nor EventBridge could publish.
        """
        services = [
            aws_iam.ServicePrincipal(f"{name}.amazonaws.com") for name in ("cloudwatch", "events")
        ]
        key = aws_kms.Key(
            self,
            "CrewKey",
            enable_key_rotation=True,
            # No stored data is encrypted with it.
            removal_policy=cdk.RemovalPolicy.DESTROY,
        )
        key.add_to_resource_policy(
            aws_iam.PolicyStatement(
                principals=services,
                actions=["kms:Decrypt", "kms:GenerateDataKey*"],
                resources=["*"],
                # AWS does not document that every service sends it to AWS KMS.
                conditions={"StringEqualsIfExists": {"aws:SourceAccount": self.account}},
            )
        )
        topic = sns.Topic(self, "Crew", enforce_ssl=True, master_key=key)
        topic.add_to_resource_policy(
            aws_iam.PolicyStatement(
                principals=services,
                actions=["sns:Publish"],
                resources=[topic.topic_arn],
                conditions={"StringEquals": {"aws:SourceAccount": self.account}},
            )
        )
        return topic


if __name__ == "__main__":
    app = cdk.App()
    Operations(app, "Operations")
    app.synth()
