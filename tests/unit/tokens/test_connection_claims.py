"""The claims of connection tokens: every rule at its edges, with the whole message."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from ivs_constructs.errors import InvalidPropertyError
from ivs_constructs.tokens import ConnectionClaims

NOW = datetime(2026, 11, 21, 12, tzinfo=UTC)
UNIX = 1795262400

DEPLOY_TIME = (
    "must be known when the token is made, got a deploy-time value; pass it to the program that "
    "makes tokens in an environment variable"
)


def claims(**given: Any) -> ConnectionClaims:  # noqa: ANN401 (wrong types are the point)
    return ConnectionClaims(**{"account_id": "123456789012", "region": "eu-west-1", **given})


def problem(**given: Any) -> str:  # noqa: ANN401 (wrong types are the point)
    """The one line that tells what is wrong."""
    with pytest.raises(InvalidPropertyError) as caught:
        claims(**given)
    text = str(caught.value)
    start = "ConnectionClaims has 1 invalid property:\n  - "
    assert text.startswith(start)
    assert caught.value.failures[0].source.endswith("/getting-started-distribute-tokens.html")
    return text.removeprefix(start)


def test_payload() -> None:
    made = claims()

    assert made.payload(NOW) == {
        "exp": UNIX + 12 * 60 * 60,
        "iat": UNIX,
        "jti": made.token_id,
        "account_id": "123456789012",
        "region": "eu-west-1",
        "events_url": "wss://global.events.live-video.net",
        "version": "1.0",
    }


def test_token_ids_differ() -> None:
    assert claims().token_id != claims().token_id


@pytest.mark.parametrize("seconds", [1, 1.9, 2419200])
def test_token_lives_up_to_4_weeks(seconds: float) -> None:
    made = claims(expires_in=timedelta(seconds=seconds))

    assert made.expires_in == timedelta(seconds=int(seconds))
    assert made.payload(NOW)["exp"] == UNIX + int(seconds)


@pytest.mark.parametrize(
    ("given", "message"),
    [
        (
            {"expires_in": timedelta(0)},
            "expires_in must be at least 1 second, got 0 seconds; lengthen it",
        ),
        (
            {"expires_in": timedelta(weeks=4, seconds=1)},
            "expires_in must be at most 2419200 seconds (28 days), got 2419201 seconds; "
            "shorten it by 1",
        ),
        ({"account_id": "12345678901"}, "account_id must have 12 digits, got '12345678901'"),
        ({"account_id": "1234567890123"}, "account_id must have 12 digits, got '1234567890123'"),
        ({"account_id": "12345678901a"}, "account_id must have 12 digits, got '12345678901a'"),
        (
            {"account_id": 123456789012},
            "account_id must be a string, got a value of type int",
        ),
        ({"account_id": "${Token[TOKEN.1]}"}, f"account_id {DEPLOY_TIME}"),
        ({"region": ""}, "region must be a Region such as 'eu-west-1', got ''"),
        ({"region": "Ireland"}, "region must be a Region such as 'eu-west-1', got 'Ireland'"),
        ({"region": None}, "region must be a string, got None"),
        ({"region": "${Token[TOKEN.1]}"}, f"region {DEPLOY_TIME}"),
        ({"token_id": ""}, "token_id must have at least 1 character, got none; add some"),
        (
            {"token_id": "t" * 65},
            "token_id must have at most 64 characters, got 65 characters; shorten it by 1",
        ),
        (
            {"token_id": "a b"},
            "token_id must have only letters A-Z and a-z, digits, - and _, got 1 other character; "
            "replace it",
        ),
    ],
)
def test_fails_when_value_is_wrong(given: dict[str, Any], message: str) -> None:
    assert problem(**given) == message


@pytest.mark.parametrize("value", ["t", "t" * 64])
def test_token_id_has_1_to_64_characters(value: str) -> None:
    assert claims(token_id=value).payload(NOW)["jti"] == value


def test_fails_when_now_is_naive() -> None:
    with pytest.raises(InvalidPropertyError) as caught:
        claims().payload(NOW.replace(tzinfo=None))

    assert str(caught.value) == (
        "ConnectionClaims has 1 invalid property:\n"
        "  - now must have a time zone, got a naive datetime; write datetime.now(UTC)"
    )
