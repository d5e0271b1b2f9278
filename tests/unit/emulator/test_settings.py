"""What an emulator refuses to be started with, and what wrong names are answered."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any

import pytest

from ivs_constructs.testing import emulator as kit
from ivs_constructs.testing.emulator import (
    Delay,
    Emulator,
    EmulatorError,
    Refuse,
    SteppingClock,
    Throttle,
)

SLIPS: Any = kit
"""Type checkers find most of these slips too."""


@pytest.fixture(scope="module")
def emulator() -> Any:  # noqa: ANN401 (asked for what it has not)
    return Emulator()


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ({"region": "us-east1"}, "'us-east-1', got 'us-east1'; did you mean 'us-east-1'?"),
        ({"region": "*"}, "region must be a Region such as 'us-east-1', got '*'"),
        ({"region": None}, "region must be a Region such as 'us-east-1', got None"),
        ({"account": 123456789012}, "12 digits, got 123456789012; write it as a string"),
        ({"account": "12"}, "account must have 12 digits, got '12'"),
        ({"port": 65_536}, "port must be 0-65535, got 65536"),
        ({"port": "80"}, "port must be a whole number, 0-65535, got '80'"),
        ({"seed": "a"}, "seed must be a whole number, got 'a'"),
        ({"clock": datetime(2026, 1, 1)}, "; write SteppingClock(start=...)"),
        ({"clock": 5}, "clock must be a function that returns the time, got 5"),
        ({"list_lag": -1}, "list_lag must be 0 or more, got -1"),
        ({"account_unverified": "no"}, "account_unverified must be True or False, got 'no'"),
        ({"plain_messages": None}, "plain_messages must be True or False, got None"),
    ],
)
def test_setting(given: dict[str, Any], message: str) -> None:
    with pytest.raises(EmulatorError) as error:
        Emulator(**given)
    assert str(error.value).endswith(message)


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda e: e.set_quota("Stage", -1), "limit must be 0 or more, got -1"),
        (lambda e: e.states.set_polls("stream", 1), "; did you mean 'Stream'?"),
        (lambda e: e.states.set_polls("Stream", True), "polls must be a whole number, 0 or more"),
        (lambda e: setattr(e, "list_lag", "a"), "list_lag must be a whole number, 0 or more"),
        (lambda e: setattr(e, "account_unverified", 1), "must be True or False, got 1"),
        (lambda e: e.faults.add("CreateStage", Throttle(), nth=True), "1 or more, got True"),
        (lambda _: SteppingClock(datetime(2026, 1, 1)), "must be a datetime with a time zone"),
        (lambda _: SLIPS.SteppingClock(step=1), "got 1; write timedelta(seconds=...)"),
        (lambda _: SLIPS.Delay("5"), "seconds must be a number, 0 or more, got '5'"),
        (lambda _: Delay(float("nan")), "seconds must be a number, 0 or more, got nan"),
    ],
)
def test_value(emulator: Any, call: Callable[[Any], object], message: str) -> None:  # noqa: ANN401 (as above)
    with pytest.raises(EmulatorError) as error:
        call(emulator)
    assert message in str(error.value)


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda _: SLIPS.Emulator(account_id="1"), "; write account=..."),
        (lambda e: e.create_channel, "; call boto3.client('ivs', **emulator.client_options), or "),
        (lambda e: e.goLive, "; did you mean 'go_live'?"),
        (lambda e: e.go_live(channelArn="a"), "; did you mean 'channel_arn'?"),
        (lambda _: SLIPS.Refuse(error_code="a"), "; write code=..."),
        (lambda e: e.faults.add("CreateStage", Refuse("a"), times=3), "; write forever=True, or "),
    ],
)
def test_name(emulator: Any, call: Callable[[Any], object], message: str) -> None:  # noqa: ANN401 (as above)
    with pytest.raises((AttributeError, TypeError)) as error:
        call(emulator)
    assert message in str(error.value)
