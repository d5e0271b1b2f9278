"""How long a token is valid, and values that are often mistaken for that."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from ivs_constructs.tokens._check import Check

MILLISECONDS = 10**11
"""A Unix time in seconds reaches this in the year 5138, one in milliseconds did in 1973."""

_SECONDS = 10**9
"""Nobody wants a token for 31 years; a Unix time is larger since 2001."""

_CLOCK = "https://docs.python.org/3/library/datetime.html#aware-and-naive-objects"


def unix_time(now: object, subject: str) -> int:
    """Return a time in whole seconds since 1970, as in tokens."""
    if now is None:
        now = datetime.now(UTC)
    if isinstance(now, datetime) and now.utcoffset() is not None:
        return int(now.timestamp())
    check = Check(subject, _CLOCK)
    if isinstance(now, datetime):
        check.fail(
            "now",
            "time-zone",
            "must have a time zone, got a naive datetime; write datetime.now(UTC)",
        )
    else:
        check.wrong_type("now", "a datetime", now)
    raise check.error()


def check_lifetime(
    check: Check, value: object, maximum: timedelta | None, condition: str = ""
) -> timedelta:
    """Check how long a token is to be valid."""
    if not check.known("expires_in", value):
        return timedelta()
    if not isinstance(value, timedelta):
        _judge_type(check, value)
        return timedelta()
    seconds = value // timedelta(seconds=1)
    if seconds >= _SECONDS:
        check.fail(
            "expires_in",
            "unix-time",
            f"must count from now, got {seconds} seconds, which {_kind_of_time(seconds)}; "
            "write timedelta(minutes=5)",
        )
    elif maximum is not None and seconds > (longest := maximum // timedelta(seconds=1)):
        check.fail(
            "expires_in",
            "range",
            f"must be at most {longest} seconds ({_in_words(maximum)}){condition}, got {seconds} "
            f"seconds; shorten it by {seconds - longest}",
        )
    elif seconds < 1:
        check.fail(
            "expires_in",
            "range",
            f"must be at least 1 second, got {value.total_seconds():.15g} seconds; lengthen it",
        )
    return timedelta(seconds=seconds)


def _judge_type(check: Check, value: object) -> None:
    if isinstance(value, datetime):
        advice = "; subtract the present from it: expires_at - datetime.now(UTC)"
    elif isinstance(value, int | float) and not isinstance(value, bool):
        if value >= _SECONDS:
            advice = f", which {_kind_of_time(value)}; write timedelta(minutes=5)"
        else:
            advice = f"; write timedelta(seconds={value})"
    else:
        advice = ""
    check.wrong_type("expires_in", "a timedelta", value, advice)


def _kind_of_time(number: float) -> str:
    unit = "milliseconds" if number >= MILLISECONDS else "seconds"
    return f"looks like a Unix time in {unit}"


def _in_words(time: timedelta) -> str:
    return f"{time.days} days" if time.days else f"{time // timedelta(minutes=1)} minutes"
