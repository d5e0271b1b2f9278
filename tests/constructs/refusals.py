"""Defining a construct with bad input, and what its error must be like."""

from __future__ import annotations

import traceback
from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

import aws_cdk as cdk
import pytest
from aws_cdk import aws_ivs
from constructs import Construct

from ivs_constructs import (
    AdConfiguration,
    ChannelAssociations,
    InvalidPropertyError,
    MultitrackInputConfiguration,
    PlaybackKeyPair,
)
from ivs_constructs.testing import synthesize
from tests.public_keys import P384

CHANNEL_ARN = "arn:aws:ivs:us-east-1:111111111111:channel/AbCdEfGhIjKl"
RECORDING_ARN = "arn:aws:ivs:us-east-1:111111111111:recording-configuration/AbCdEfGhIjKl"
ADS_ARN = "arn:aws:mediatailor:us-east-1:111111111111:playbackConfiguration/main"
API = "https://docs.aws.amazon.com/ivs/latest/LowLatencyAPIReference"
GUIDE = "https://docs.aws.amazon.com/ivs/latest/LowLatencyUserGuide"
HERE = cdk.Environment(region="us-east-1", account="111111111111")
Make = Callable[..., object]

NEEDED: dict[Make, dict[str, object]] = {
    PlaybackKeyPair: {"public_key_material": P384},
    AdConfiguration: {"media_tailor_playback_configurations": [ADS_ARN]},
    ChannelAssociations: {"channel": SimpleNamespace(channel_arn=CHANNEL_ARN)},
}
"""What a construct cannot do without."""


needs_ads = pytest.mark.skipif(
    not hasattr(aws_ivs, "CfnAdConfiguration"), reason="aws-cdk-lib before 2.274.0 has no such type"
)


def report(subject: str, *lines: str, path: str = "Stack/It") -> str:
    count = "1 invalid property" if len(lines) == 1 else f"{len(lines)} invalid properties"
    return f"{subject} '{path}' has {count}:" + "".join(f"\n  - {line}" for line in lines)


def assert_short_and_ours(error: BaseException) -> None:
    trace = "".join(traceback.format_exception(error))
    assert "jsii-kernel" not in trace
    assert "at new " not in trace
    assert trace.count("\n") <= 40


def refused(make: Make, scope: Construct, **properties: object) -> InvalidPropertyError:
    """The error, after a look at its traceback and for things left behind."""
    before = [child.node.id for child in scope.node.children]
    with pytest.raises(InvalidPropertyError) as caught:
        make(scope, "It", **{**NEEDED.get(make, {}), **properties})
    assert_short_and_ours(caught.value)
    assert [child.node.id for child in scope.node.children] == before
    assert all(failure.source.startswith("https://") for failure in caught.value.failures)
    return caught.value


def found(error: InvalidPropertyError) -> list[tuple[str, str]]:
    return [(failure.property, failure.code) for failure in error.failures]


def defined(make: Make, scope: Construct, **properties: object) -> Any:  # noqa: ANN401 (any construct)
    return make(scope, "It", **{**NEEDED.get(make, {}), **properties})


def imported_ads(stack: cdk.Stack) -> object:
    arn = "arn:aws:ivs:us-east-1:111111111111:ad-configuration/AbCdEfGhIjKl"
    return AdConfiguration.from_ad_configuration_arn(stack, "Ads", arn)


def rendered(stack: cdk.Stack, cfn_type: str) -> dict[str, Any]:
    resource = synthesize(stack).one(cfn_type).definition
    properties: dict[str, Any] = resource["Properties"]
    return properties


def located(**env: str) -> cdk.Stack:
    return cdk.Stack(
        cdk.App(analytics_reporting=False), "Stack", env=cdk.Environment(**env) if env else None
    )


TRACKS = MultitrackInputConfiguration(maximum_resolution="HD", policy="ALLOW")

BUCKET_REGION = (
    "bucket must be in the stack's Region us-east-1, got one in eu-west-1; Amazon IVS records "
    "within a Region, so use a bucket there"
)
