"""Checks what an emulator is started with."""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import datetime
from difflib import get_close_matches

from ivs_constructs._core.rules import REGIONS
from ivs_constructs.testing.emulator.errors import EmulatorError

_HIGHEST_PORT = 65_535


def check_settings(
    *, port: object, region: object, account: object, seed: object, clock: object
) -> None:
    """Reject settings that no account and no machine has.

    Raises:
        EmulatorError: One of them is invalid.
    """
    check_count("port", port, _HIGHEST_PORT)
    if not isinstance(region, str) or not re.fullmatch(r"[a-z]{2}(-[a-z]+)+-[0-9]+", region):
        raise EmulatorError(
            f"region must be a Region such as 'us-east-1', got {region!r}{meant(region, REGIONS)}"
        )
    if not isinstance(account, str) or not re.fullmatch("[0-9]{12}", account):
        digits = "" if isinstance(account, str) else "; write it as a string"
        raise EmulatorError(f"account must have 12 digits, got {account!r}{digits}")
    if isinstance(seed, bool) or not isinstance(seed, int):
        raise EmulatorError(f"seed must be a whole number, got {seed!r}")
    if clock is not None and not callable(clock):
        advice = "; write SteppingClock(start=...)" if isinstance(clock, datetime) else ""
        raise EmulatorError(
            f"clock must be a function that returns the time, got {clock!r}{advice}"
        )


def check_count(name: str, count: object, highest: int | None = None) -> None:
    """Reject what is no number of things.

    Raises:
        EmulatorError: It is no whole number, or out of range.
    """
    allowed = "0 or more" if highest is None else f"0-{highest}"
    if isinstance(count, bool) or not isinstance(count, int):
        raise EmulatorError(f"{name} must be a whole number, {allowed}, got {count!r}")
    if count < 0 or (highest is not None and count > highest):
        raise EmulatorError(f"{name} must be {allowed}, got {count}")


def check_flag(name: str, flag: object) -> None:
    """Reject what is neither True nor False.

    Raises:
        EmulatorError: It is neither.
    """
    if not isinstance(flag, bool):
        raise EmulatorError(f"{name} must be True or False, got {flag!r}")


def meant(name: object, names: Iterable[str]) -> str:
    """Suggest the name that was probably meant."""
    by_lower = {each.lower(): each for each in names}
    close = get_close_matches(str(name).lower(), by_lower, n=1)
    return f"; did you mean {by_lower[close[0]]!r}?" if close else ""
