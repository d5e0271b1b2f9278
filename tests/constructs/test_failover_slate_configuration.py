"""Failover slate configurations, which exist as custom resources only."""

from __future__ import annotations

from typing import Any

import aws_cdk as cdk
import pytest
from syrupy.assertion import SnapshotAssertion

from ivs_constructs import Channel, FailoverSlateConfiguration, InUse
from ivs_constructs.testing import synthesize
from tests.constructs.refusals import refused, report
from tests.constructs.templates import of_type

CFN_TYPE = "Custom::IVSFailoverSlateConfiguration"
ARN = "arn:aws:ivs:eu-west-1:123456789012:failover-slate-configuration/abcdABCDefgh"

RANGES = [
    ("activation_threshold", "ActivationThresholdSeconds", 3, 5, "the threshold"),
    ("min_slate_display", "MinSlateDisplaySeconds", 3, 10, "the display"),
    ("max_slate_display", "MaxSlateDisplaySeconds", 60, 180, "the display"),
]


def properties_of(stack: cdk.Stack) -> dict[str, Any]:
    """What the only slate of a stack has besides what every custom resource has."""
    found = synthesize(stack).one(CFN_TYPE).definition
    common = {"ServiceToken", "ServiceTimeout", "ConstructPath"}
    assert common <= found["Properties"].keys()
    return {name: each for name, each in found["Properties"].items() if name not in common}


def test_minimal_leaves_everything_to_the_service(stack: cdk.Stack) -> None:
    FailoverSlateConfiguration(stack, "Slate")

    assert properties_of(stack) == {}


def test_full(stack: cdk.Stack, snapshot_json: SnapshotAssertion) -> None:
    slate = FailoverSlateConfiguration(
        stack,
        "Slate",
        activation_threshold=cdk.Duration.seconds(4),
        min_slate_display=cdk.Duration.seconds(8),
        max_slate_display=cdk.Duration.minutes(2),
        failover_slate_configuration_name="pause",
        in_use=InUse.WAIT,
        tags={"team": "video"},
    )
    for name in ("failover_slate_configuration_arn", "failover_slate_configuration_id"):
        cdk.CfnOutput(stack, name.title().replace("_", ""), value=getattr(slate, name))

    assert properties_of(stack) == {
        "Name": "pause",
        "ActivationThresholdSeconds": 4,
        "MinSlateDisplaySeconds": 8,
        "MaxSlateDisplaySeconds": 120,
        "InUse": "WAIT",
        "Tags": [{"Key": "team", "Value": "video"}],
    }
    assert synthesize(stack) == snapshot_json


@pytest.mark.parametrize(("prop", "cfn", "least", "most", "_noun"), RANGES)
def test_edges_of_the_ranges_are_accepted(
    stack: cdk.Stack, prop: str, cfn: str, least: int, most: int, _noun: str
) -> None:
    for seconds in (least, most):
        options: dict[str, Any] = {prop: cdk.Duration.seconds(seconds)}
        FailoverSlateConfiguration(stack, f"Of{seconds}", **options)

    found = of_type(synthesize(stack), CFN_TYPE).values()
    assert [each["Properties"][cfn] for each in found] == [least, most]


@pytest.mark.parametrize(("prop", "_cfn", "least", "most", "noun"), RANGES)
def test_seconds_outside_the_ranges_are_refused(
    stack: cdk.Stack, prop: str, _cfn: str, least: int, most: int, noun: str
) -> None:
    for seconds, verb in ((least - 1, "lengthen"), (most + 1, "shorten")):
        error = refused(FailoverSlateConfiguration, stack, **{prop: cdk.Duration.seconds(seconds)})
        assert str(error) == report(
            "FailoverSlateConfiguration",
            f"{prop} must be {least}-{most} seconds, got {seconds} seconds; {verb} {noun}",
        )


def test_all_that_is_wrong_comes_together(stack: cdk.Stack) -> None:
    error = refused(
        FailoverSlateConfiguration,
        stack,
        activation_threshold=4,
        min_slate_display=cdk.Duration.millis(3500),
        failover_slate_configuration_name="a b",
        in_use="STOP",
        tags={f"tag{number}": "" for number in range(47)},
    )

    assert str(error) == report(
        "FailoverSlateConfiguration",
        "in_use must be one of FAIL, WAIT, got 'STOP'",
        "failover_slate_configuration_name must have only letters, digits, - and _, got 'a b'; "
        "drop ' '",
        "activation_threshold must be a Duration of aws_cdk, got 4 (int); write "
        "Duration.seconds(4)",
        "min_slate_display must be a whole number of seconds, got 3500 milliseconds; round it",
        "tags must have at most 46 entries, got 47; drop 1",
    )
    assert {each.source for each in error.failures} == {
        "https://docs.aws.amazon.com/ivs/latest/LowLatencyAPIReference/"
        "API_CreateFailoverSlateConfiguration.html"
    }


@pytest.mark.parametrize("in_use", [InUse.FAIL, "FAIL", InUse.WAIT, "WAIT"])
def test_channels_that_have_it_can_be_waited_for(stack: cdk.Stack, in_use: InUse | str) -> None:
    FailoverSlateConfiguration(stack, "Slate", in_use=in_use)

    assert properties_of(stack) == {"InUse": str(in_use)}


def test_tokens_pass_unjudged(stack: cdk.Stack) -> None:
    seconds = cdk.CfnParameter(stack, "Seconds", type="Number").value_as_number
    name = cdk.CfnParameter(stack, "Name").value_as_string
    FailoverSlateConfiguration(
        stack,
        "Slate",
        activation_threshold=cdk.Duration.seconds(seconds),
        failover_slate_configuration_name=name,
    )

    assert properties_of(stack) == {
        "Name": {"Ref": "Name"},
        "ActivationThresholdSeconds": {"Ref": "Seconds"},
    }


def test_imported(stack: cdk.Stack) -> None:
    slate: Any = FailoverSlateConfiguration.from_failover_slate_configuration_arn(
        stack, "Slate", ARN
    )

    assert slate.failover_slate_configuration_arn == ARN
    assert slate.failover_slate_configuration_id == "abcdABCDefgh"
    assert slate.env.region == "eu-west-1"
    assert repr(slate).endswith("FailoverSlateConfiguration 'Stack/Slate'>")


def test_serves_a_channel_of_another_stack(app: cdk.App) -> None:
    producer, consumer = cdk.Stack(app, "Producer"), cdk.Stack(app, "Consumer")
    slate = FailoverSlateConfiguration(producer, "Slate")
    Channel(consumer, "Channel", failover_slate_configuration=slate)

    [export] = synthesize(producer).template["Outputs"].values()
    [associations] = [
        each
        for each in synthesize(consumer).template["Resources"].values()
        if each["Type"] == "Custom::IVSChannelAssociations"
    ]
    assert export["Value"] == producer.resolve(slate.failover_slate_configuration_arn)
    assert associations["Properties"]["FailoverSlateConfigurationArn"] == {
        "Fn::ImportValue": export["Export"]["Name"]
    }
