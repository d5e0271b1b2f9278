"""Regions without Amazon IVS are refused, unless the context adds them."""

from __future__ import annotations

import aws_cdk as cdk
import pytest

from ivs_constructs import (
    AdConfiguration,
    Channel,
    LiveChannel,
    PlaybackKeyPair,
    PlaybackRestrictionPolicy,
    RecordingConfiguration,
)
from tests.constructs.refusals import Make, defined, found, located, refused, report
from tests.public_keys import P384

REGIONS = [
    "us-east-1",
    "us-west-2",
    "eu-west-1",
    "eu-central-1",
    "ap-south-1",
    "ap-northeast-1",
    "ap-northeast-2",
]


def wrong_region(region: str) -> str:
    return (
        f"the stack's Region must be one of {', '.join(REGIONS)}, got {region}; change the stack's "
        "env, or, if Amazon IVS is there now, set the context "
        f"ivs_constructs:additionalRegions={region}"
    )


@pytest.mark.parametrize(
    "make",
    [Channel, RecordingConfiguration, PlaybackKeyPair, PlaybackRestrictionPolicy, AdConfiguration],
)
@pytest.mark.parametrize("region", ["sa-east-1", "us-gov-west-1", "eu-west-2"])
def test_region_is_refused(make: Make, region: str) -> None:
    error = refused(make, located(region=region))

    assert str(error) == report(make.__name__, wrong_region(region))
    assert found(error) == [("region", "region")]
    assert error.failures[0].source == "https://docs.aws.amazon.com/general/latest/gr/ivs.html"


def test_region_is_refused_once_for_the_bundle() -> None:
    error = refused(
        LiveChannel,
        located(region="sa-east-1"),
        allowed_countries=["DE"],
        public_key_material=P384,
    )

    assert str(error) == report("LiveChannel", wrong_region("sa-east-1"))


@pytest.mark.parametrize("region", REGIONS)
def test_region_is_accepted(region: str) -> None:
    defined(Channel, located(region=region))


def test_region_known_at_deploy_time_is_unjudged() -> None:
    defined(Channel, located(region=cdk.Aws.REGION))


@pytest.mark.parametrize(
    "context",
    [
        ["sa-east-1"],
        ["eu-west-2", "sa-east-1"],
        # What `cdk synth --context ivs_constructs:additionalRegions=...` gives.
        "sa-east-1",
        "eu-west-2,sa-east-1",
    ],
)
def test_region_is_accepted_by_context(context: object) -> None:
    app = cdk.App(analytics_reporting=False, context={"ivs_constructs:additionalRegions": context})

    defined(Channel, cdk.Stack(app, "Stack", env=cdk.Environment(region="sa-east-1")))


@pytest.mark.parametrize("context", [["eu-west-2"], [], "eu-west-2", 5, True, {"eu-west-2": True}])
def test_region_is_refused_by_other_context(context: object) -> None:
    app = cdk.App(analytics_reporting=False, context={"ivs_constructs:additionalRegions": context})
    stack = cdk.Stack(app, "Stack", env=cdk.Environment(region="sa-east-1"))

    refused(Channel, stack)
