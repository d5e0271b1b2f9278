"""Thumbnails, post-rolls and other values: what needs a real Duration."""

from __future__ import annotations

import aws_cdk as cdk
import pytest

from ivs_constructs import (
    InvalidPropertyError,
    PostRollConfiguration,
    ThumbnailConfiguration,
)
from tests.constructs.deploy_time import number_token
from tests.constructs.refusals import found


@pytest.mark.parametrize(
    "interval", [cdk.Duration.seconds(1), cdk.Duration.seconds(59), cdk.Duration.minutes(1)]
)
def test_thumbnails_accept_an_interval(interval: cdk.Duration) -> None:
    assert ThumbnailConfiguration.interval(target_interval=interval).target_interval is interval


@pytest.mark.parametrize(
    ("interval", "message", "code"),
    [
        (cdk.Duration.seconds(0), "1-60 seconds, got 0 seconds; lengthen the interval", "range"),
        (cdk.Duration.seconds(61), "1-60 seconds, got 61 seconds; shorten the interval", "range"),
        (cdk.Duration.hours(1), "1-60 seconds, got 3600 seconds; shorten the interval", "range"),
        (
            cdk.Duration.millis(999),
            "a whole number of seconds, got 999 milliseconds; round it",
            "whole-seconds",
        ),
    ],
)
def test_thumbnails_refuse_an_interval(interval: cdk.Duration, message: str, code: str) -> None:
    with pytest.raises(InvalidPropertyError) as caught:
        ThumbnailConfiguration.interval(target_interval=interval)

    assert str(caught.value) == (
        f"ThumbnailConfiguration has 1 invalid property:\n  - target_interval must be {message}"
    )
    assert found(caught.value) == [("target_interval", code)]
    assert caught.value.path is None


@pytest.mark.parametrize("duration", [cdk.Duration.seconds(1), cdk.Duration.minutes(5)])
def test_post_roll_accepts_a_duration(duration: cdk.Duration) -> None:
    assert PostRollConfiguration(duration=duration).enabled is True


@pytest.mark.parametrize(
    ("duration", "message"),
    [
        (cdk.Duration.seconds(0), "0 seconds; lengthen the post-roll"),
        (cdk.Duration.seconds(301), "301 seconds; shorten the post-roll"),
    ],
)
def test_post_roll_refuses_a_duration(duration: cdk.Duration, message: str) -> None:
    with pytest.raises(InvalidPropertyError) as caught:
        PostRollConfiguration(duration=duration)

    assert str(caught.value) == (
        "PostRollConfiguration has 1 invalid property:\n"
        f"  - duration must be 1-300 seconds, got {message}"
    )


def test_values_refuse_a_token_in_another_unit(stack: cdk.Stack) -> None:
    minutes = cdk.Duration.minutes(number_token(stack))

    with pytest.raises(InvalidPropertyError) as caught:
        PostRollConfiguration(duration=minutes)

    assert str(caught.value) == (
        "PostRollConfiguration has 1 invalid property:\n"
        "  - duration comes from a deploy-time value and must be made by Duration.seconds, got "
        "minutes; CloudFormation cannot convert units"
    )
