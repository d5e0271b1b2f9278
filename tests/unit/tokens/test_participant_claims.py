"""The claims of participant tokens: every rule at its edges, with the whole message."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from ivs_constructs.errors import InvalidPropertyError
from ivs_constructs.tokens import Capability, ParticipantClaims

STAGE = "arn:aws:ivs:eu-west-1:123456789012:stage/AbCdEfGh1234"
EVENTS = "wss://global.events.live-video.net"
WHIP = "https://1a2b3c4d5e6f.global-bm.whip.live-video.net"
SOURCE = "https://docs.aws.amazon.com/ivs/latest/RealTimeUserGuide/getting-started-distribute-tokens.html"
NOW = datetime(2026, 11, 21, 12, tzinfo=UTC)
UNIX = 1795262400

DEPLOY_TIME = (
    "must be known when the token is made, got a deploy-time value; pass it to the program that "
    "makes tokens in an environment variable"
)


def claims(**given: Any) -> ParticipantClaims:  # noqa: ANN401 (wrong types are the point)
    needed = {"stage_arn": STAGE, "events_url": EVENTS, "whip_url": WHIP}
    return ParticipantClaims(**{**needed, **given})


def problem(**given: Any) -> str:  # noqa: ANN401 (wrong types are the point)
    """The one line that tells what is wrong."""
    with pytest.raises(InvalidPropertyError) as caught:
        claims(**given)
    text = str(caught.value)
    start = "ParticipantClaims has 1 invalid property:\n  - "
    assert text.startswith(start)
    assert caught.value.failures[0].source == SOURCE
    return text.removeprefix(start)


# The payload


def test_payload_of_the_smallest_claims() -> None:
    assert claims(participant_id="p-1").payload(NOW) == {
        "exp": UNIX + 12 * 60 * 60,
        "iat": UNIX,
        "jti": "p-1",
        "resource": STAGE,
        "topic": "AbCdEfGh1234",
        "events_url": EVENTS,
        "whip_url": WHIP,
        "capabilities": {"allow_publish": True, "allow_subscribe": True},
        "version": "1.0",
    }


def test_payload_of_all_claims() -> None:
    full = claims(
        participant_id="p-1",
        expires_in=timedelta(minutes=30),
        user_id="host",
        attributes={"role": "moderator"},
        capabilities=[Capability.SUBSCRIBE],
    ).payload(NOW + timedelta(seconds=0.999))

    assert full["iat"] == UNIX
    assert full["exp"] == UNIX + 1800
    assert full["user_id"] == "host"
    assert full["attributes"] == {"role": "moderator"}
    assert full["capabilities"] == {"allow_subscribe": True}


def test_participant_ids_differ() -> None:
    one, other = claims().participant_id, claims().participant_id

    assert one != other
    assert re.fullmatch(r"[0-9a-f-]{36}", one)


def test_payload_keeps_an_empty_user_id() -> None:
    assert claims(user_id="").payload(NOW)["user_id"] == ""
    assert "attributes" not in claims(attributes={}).payload(NOW)


def test_fails_when_now_is_naive() -> None:
    with pytest.raises(InvalidPropertyError) as caught:
        claims().payload(NOW.replace(tzinfo=None))

    assert str(caught.value) == (
        "ParticipantClaims has 1 invalid property:\n"
        "  - now must have a time zone, got a naive datetime; write datetime.now(UTC)"
    )


# As a value


def test_repr_does_not_tell_who_takes_part() -> None:
    text = repr(claims(user_id="u-of-it", attributes={"k-of-it": "v-of-it"}, participant_id="p-1"))

    assert "of-it" not in text
    assert "p-1" in text


def test_claims_keep_no_collection_of_the_caller() -> None:
    attributes, capabilities = {"role": "host"}, ["PUBLISH"]
    made = claims(attributes=attributes, capabilities=capabilities)
    attributes["role"] = "x" * 2000
    capabilities.append("RULE")

    assert made.attributes == {"role": "host"}
    assert made.capabilities == (Capability.PUBLISH,)


# Stage and addresses


@pytest.mark.parametrize(
    "arn",
    [
        "AbCdEfGh1234",
        "arn:aws:ivs:eu-west-1:123456789012:channel/AbCdEfGh1234",
        "arn:aws:ivs:eu-west-1:123456789012:stage/",
    ],
)
def test_fails_when_stage_arn_is_none(arn: str) -> None:
    assert problem(stage_arn=arn) == (
        f"stage_arn must be an ARN arn:aws:ivs:<region>:<account>:stage/<id>, got {arn!r}"
    )


SCHEMES = pytest.mark.parametrize(
    ("name", "scheme"), [("events_url", "wss"), ("whip_url", "https")]
)


@SCHEMES
@pytest.mark.parametrize("rest", ["a", "a/b?c", "a" * 2040])
def test_addresses_are_urls(name: str, scheme: str, rest: str) -> None:
    url = f"{scheme}://{rest}"
    assert getattr(claims(**{name: url}), name) == url


def test_swapped_addresses_are_seen() -> None:
    made = claims()
    with pytest.raises(InvalidPropertyError) as error:
        claims(events_url=made.whip_url, whip_url=made.events_url)
    assert [each.message for each in error.value.failures] == [
        f"{name} must be a URL {scheme}://host, got something else; pass it as GetStage returns it"
        for name, scheme in (("events_url", "wss"), ("whip_url", "https"))
    ]


@SCHEMES
@pytest.mark.parametrize(
    ("url", "end"),
    [
        ("", "have at least 1 character, got none; add some"),
        (
            "https://" + "a" * 2041,
            "have at most 2048 characters, got 2049 characters; shorten it by 1",
        ),
        (None, "be a string, got None"),
        *(
            (url, "be a URL {}://host, got something else; pass it as GetStage returns it")
            for url in ("global.events.live-video.net", "{}://", "{}:///a", "{}://a b", "{}://a\n")
        ),
    ],
)
def test_fails_when_address_is_none(name: str, scheme: str, url: object, end: str) -> None:
    given = url.format(scheme) if isinstance(url, str) else url
    assert problem(**{name: given}) == f"{name} must {end.format(scheme)}"


# Time


@pytest.mark.parametrize(
    "time", [timedelta(seconds=1), timedelta(days=14), timedelta(days=14, microseconds=999_999)]
)
def test_token_lives_up_to_14_days(time: timedelta) -> None:
    made = claims(expires_in=time)

    assert made.expires_in == timedelta(seconds=int(time.total_seconds()))
    assert made.payload(NOW)["exp"] == UNIX + int(time.total_seconds())


@pytest.mark.parametrize(
    ("time", "end"),
    [
        (timedelta(0), "be at least 1 second, got 0 seconds; lengthen it"),
        (
            timedelta(days=14, seconds=1),
            "be at most 1209600 seconds (14 days), got 1209601 seconds; shorten it by 1",
        ),
        (
            timedelta(seconds=UNIX),
            f"count from now, got {UNIX} seconds, which looks like a Unix time in seconds; "
            "write timedelta(minutes=5)",
        ),
        (720, "be a timedelta, got a value of type int; write timedelta(seconds=720)"),
    ],
)
def test_fails_when_token_lives_too_short_or_long(time: object, end: str) -> None:
    assert problem(expires_in=time) == f"expires_in must {end}"


# Who takes part


@pytest.mark.parametrize("value", ["p", "A-z_09", "p" * 64])
def test_participant_id_has_1_to_64_characters(value: str) -> None:
    assert claims(participant_id=value).payload(NOW)["jti"] == value


@pytest.mark.parametrize(
    ("value", "end"),
    [
        ("", "have at least 1 character, got none; add some"),
        ("p" * 65, "have at most 64 characters, got 65 characters; shorten it by 1"),
        (
            "ann.example",
            "have only letters A-Z and a-z, digits, - and _, got 1 other character; replace it",
        ),
        (
            "é日\n",
            "have only letters A-Z and a-z, digits, - and _, got 3 other characters; replace them",
        ),
        (7, "be a string, got a value of type int"),
    ],
)
def test_fails_when_participant_id_is_none(value: object, end: str) -> None:
    assert problem(participant_id=value) == f"participant_id must {end}"


@pytest.mark.parametrize("value", ["u", "日" * 128])
def test_user_id_has_up_to_128_characters(value: str) -> None:
    assert claims(user_id=value).payload(NOW)["user_id"] == value


@pytest.mark.parametrize(
    ("value", "end"),
    [
        ("u" * 129, "have at most 128 characters, got 129 characters; shorten it by 1"),
        (b"u", "be a string, got a value of type bytes"),
    ],
)
def test_fails_when_user_id_is_none(value: object, end: str) -> None:
    assert problem(user_id=value) == f"user_id must {end}"


@pytest.mark.parametrize(
    "attributes", [{"k": ""}, {"k" * 512: "v" * 512}, {"日": "日" * 340 + "x"}]
)
def test_attributes_have_up_to_1024_bytes(attributes: dict[str, str]) -> None:
    assert claims(attributes=attributes).payload(NOW)["attributes"] == attributes


@pytest.mark.parametrize(
    ("attributes", "end"),
    [
        (
            {"k": "v" * 1024},
            "have at most 1024 bytes of UTF-8, keys and values together, got 1025 bytes; "
            "shorten it by 1",
        ),
        (
            {"日": "日" * 341},
            "have at most 1024 bytes of UTF-8, keys and values together, got 1026 bytes; "
            "shorten it by 2",
        ),
        ({"k": True}, "hold strings, got a value of type bool; write a str"),
        ("role=host", "be a dict of strings, got a value of type str"),
    ],
)
def test_fails_when_attributes_are_wrong(attributes: object, end: str) -> None:
    assert problem(attributes=attributes) == f"attributes must {end}"


# Capabilities


@pytest.mark.parametrize(
    ("given", "kept", "told"),
    [
        ([], (), {}),
        (["PUBLISH"], ("PUBLISH",), {"allow_publish": True}),
        ({Capability.SUBSCRIBE}, ("SUBSCRIBE",), {"allow_subscribe": True}),
        (
            ("SUBSCRIBE", "PUBLISH", "SUBSCRIBE"),
            ("PUBLISH", "SUBSCRIBE"),
            {"allow_publish": True, "allow_subscribe": True},
        ),
        (
            frozenset(Capability),
            ("PUBLISH", "SUBSCRIBE"),
            {"allow_publish": True, "allow_subscribe": True},
        ),
    ],
)
def test_capabilities_come_in_one_order(
    given: object, kept: tuple[str, ...], told: dict[str, bool]
) -> None:
    made = claims(capabilities=given)

    assert made.capabilities == kept
    assert made.payload(NOW)["capabilities"] == told


@pytest.mark.parametrize(
    ("given", "end"),
    [
        (
            "PUBLISH",
            "be a list of PUBLISH and SUBSCRIBE, got a value of type str; put it in a list",
        ),
        (None, "be a list of PUBLISH and SUBSCRIBE, got None"),
        (["publish"], "hold one of PUBLISH, SUBSCRIBE, got 'publish'; did you mean 'PUBLISH'?"),
        ([1], "hold one of PUBLISH, SUBSCRIBE, got a value of type int"),
    ],
)
def test_fails_when_capabilities_are_unknown(given: object, end: str) -> None:
    assert problem(capabilities=given) == f"capabilities must {end}"


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("stage_arn", "${Token[TOKEN.1]}"),
        ("events_url", "${Token[TOKEN.1]}"),
        ("whip_url", "${Token[TOKEN.1]}"),
        ("participant_id", "${Token[TOKEN.1]}"),
        ("user_id", "${Token[TOKEN.1]}"),
        ("attributes", {"a": "${Token[TOKEN.1]}"}),
        ("capabilities", "${Token[TOKEN.1]}"),
        ("capabilities", ["#{Token[TOKEN.1]}"]),
    ],
)
def test_fails_when_value_is_known_at_deploy_time_only(name: str, value: object) -> None:
    assert problem(**{name: value}) == f"{name} {DEPLOY_TIME}"
