"""Small slips in arguments: each ends in one clear error, before anything is made."""

from __future__ import annotations

import itertools
from collections.abc import Callable
from decimal import Decimal
from enum import Enum
from typing import Any

import aws_cdk as cdk
import pytest

import ivs_constructs as ivs
from ivs_constructs.errors import InvalidPropertyError

Made = dict[str, Any]


class Color(Enum):
    """An enum of somebody else."""

    RED = "red"


class Int64:
    """A whole number of another library."""

    def __init__(self, value: int) -> None:
        self._value = value

    def __int__(self) -> int:
        return self._value

    def __eq__(self, other: object) -> bool:
        return self._value == other

    def __hash__(self) -> int:
        return self._value

    def __repr__(self) -> str:
        return f"int64({self._value})"


class Elementwise:
    """Compares as an array does: with no answer to yes or no."""

    def __eq__(self, other: object) -> bool:
        raise ValueError("the truth value of an array is ambiguous")

    def __hash__(self) -> int:
        return 0

    def __repr__(self) -> str:
        return "array([1])"


@pytest.fixture(scope="module")
def made() -> Made:
    """Things to pass, made once: a construct that refuses its arguments leaves nothing behind."""
    app = cdk.App()
    stack = cdk.Stack(app, "Stack")
    return {
        "app": app,
        "stack": stack,
        "channel": ivs.Channel(stack, "Channel", authorized=True),
        "stage": ivs.Stage(stack, "Stage"),
        "text": cdk.CfnParameter(stack, "Text").value_as_string,
        "number": cdk.CfnParameter(stack, "Number", type="Number"),
        "token": cdk.Token.as_any({"Ref": "Text"}),
    }


ids = itertools.count()


def define(made: Made, name: str, /, **given: object) -> object:
    return getattr(ivs, name)(made["stack"], f"It{next(ids)}", **given)


REFUSED: list[tuple[str, Callable[[Made], dict[str, object]], str]] = [
    # numbers
    (
        "StageFleet",
        lambda _: {"max_size": Int64(3)},
        "a whole number, got int64(3) (Int64); write 3",
    ),
    (
        "StageFleet",
        lambda _: {"max_size": Decimal("3.5")},
        "got Decimal('3.5') (Decimal); round it",
    ),
    ("StageFleet", lambda _: {"max_size": True}, "must be a whole number, got True (bool)"),
    (
        "RecommendedAlarms",
        lambda m: {"channel": m["channel"], "minimum_ingest_bitrate": "300000"},
        "minimum_ingest_bitrate must be a number, got '300000'; write 300000",
    ),
    (
        "RecommendedAlarms",
        lambda m: {"channel": m["channel"], "minimum_ingest_bitrate": m["text"]},
        "got a deploy-time value (str); write Token.as_number(...) around it",
    ),
    (
        "RecommendedAlarms",
        lambda m: {"channel": m["channel"], "minimum_ingest_framerate": m["number"]},
        "got a deploy-time value (object); pass its attribute value_as_number",
    ),
    (
        "RecommendedAlarms",
        lambda m: {"channel": m["channel"], "concurrent_views_limit": Int64(4)},
        "must be a whole number, got int64(4) (Int64); write 4",
    ),
    # classes
    (
        "RecommendedAlarms",
        lambda _: {"channel": ivs.Channel},
        "channel must be a Channel, got the class Channel; make an instance of it and pass that",
    ),
    # what compares as an array does
    ("StageFleet", lambda _: {"max_size": 3, "removal_policy": Elementwise()}, "got array([1])"),
    ("Channel", lambda _: {"preset": Elementwise()}, "got array([1]) (Elementwise)"),
    # duplicates, and values without effect
    (
        "OperationsDashboard",
        lambda m: {"channels": [m["channel"], m["channel"]]},
        "channels must not repeat 'Stack/Channel'; drop the duplicate",
    ),
    (
        "RecommendedAlarms",
        lambda m: {"channel": m["channel"], "near_limit": 50},
        "near_limit has no effect without a limit; pass a limit of the account, such as "
        "concurrent_views_limit, or a stage or fleet",
    ),
    # durations
    (
        "OperationsDashboard",
        lambda _: {"default_interval": cdk.Duration.seconds(0)},
        "default_interval must be 60-39312000 seconds, got 0 seconds; lengthen the interval",
    ),
    (
        "OperationsDashboard",
        lambda m: {"default_interval": cdk.Duration.seconds(m["number"].value_as_number)},
        "default_interval must be known at synth, got a deploy-time value; write the Duration "
        "itself",
    ),
    # names and flags
    (
        "TokensLayer",
        lambda _: {"layer_version_name": "my tokens"},
        "layer_version_name must have only letters, digits, - and _, got 'my tokens'; drop ' '",
    ),
    ("TokensLayer", lambda _: {"layer_version_name": 7}, "must be a string, got 7 (int)"),
    (
        "RecordingBucket",
        lambda m: {"auto_delete_objects": m["token"]},
        "auto_delete_objects must be known at synth, got a deploy-time value (object); write True "
        "or False",
    ),
]


@pytest.mark.parametrize(("name", "given", "message"), REFUSED)
def test_slip_is_one_error(
    made: Made, name: str, given: Callable[[Made], dict[str, object]], message: str
) -> None:
    with pytest.raises(InvalidPropertyError) as error:
        define(made, name, **given(made))
    [failure] = error.value.failures
    assert message in failure.message


@pytest.mark.parametrize(
    ("name", "given"),
    [
        ("OperationsDashboard", {"dashboard_name": Color.RED}),
        ("TokenSigningKey", {"alias": Color.RED}),
        ("RecordingBucket", {"bucket_name": Color.RED}),
        ("Channel", {"channel_name": Color.RED}),
        ("RecommendedAlarms", {"concurrent_views_limit": 10, "near_limit": 50}),
    ],
)
def test_what_fits_is_taken(made: Made, name: str, given: dict[str, object]) -> None:
    define(made, name, **given)
