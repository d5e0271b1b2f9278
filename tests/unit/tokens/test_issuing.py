"""The code of the functions that issue tokens, with the KMS of moto behind it."""

from __future__ import annotations

import inspect
import json
import re
import runpy
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import botocore.session  # type: ignore[import-untyped]  # no types
import jwt
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ivs_constructs.token_issuers.function import issue_participant, issue_playback, issuing
from ivs_constructs.token_issuers.function.issuing import SettingsError, SigningError
from ivs_constructs.token_issuers.function.messages import (
    ParticipantTokenRequest,
    PlaybackTokenRequest,
    TokenExchangeRequest,
)
from ivs_constructs.token_issuers.function.settings import VARIABLE
from ivs_constructs.tokens import (
    Capability,
    ParticipantClaims,
    PlaybackClaims,
    verify,
)
from tests.unit.tokens.issuers import (
    ACCOUNT,
    CHANNEL,
    ENDPOINTS,
    OTHER_CHANNEL,
    OTHER_STAGE,
    PUBLIC_KEY,
    STAGE,
    URL,
    Json,
    Key,
    payload,
    problems,
    settings_of,
)

pytestmark = pytest.mark.usefixtures("kms")

Deploy = Callable[..., None]

BOTH = ["PUBLISH", "SUBSCRIBE"]
CONTEXT = SimpleNamespace(aws_request_id="8f5e-request")

HANDLERS = {"playback": issue_playback.handler, "participant": issue_participant.handler}


@pytest.fixture
def deploy(key: Key, monkeypatch: pytest.MonkeyPatch) -> Deploy:
    """Write a function's settings, those of most tests and some others."""

    def deploy(issuer: str, **changes: object) -> None:
        more = {"require_viewer": False} if issuer == "playback" else {"capabilities": BOTH}
        settings = settings_of(issuer, key, **more)
        monkeypatch.setenv(VARIABLE, json.dumps(settings | changes))

    return deploy


def playback(event: object) -> Json:
    return as_json(issue_playback.handler(event, CONTEXT))


def participant(event: object) -> Json:
    return as_json(issue_participant.handler(event, CONTEXT))


def as_json(answer: object) -> Json:
    """What Lambda makes of an answer."""
    found: Json = json.loads(json.dumps(answer, allow_nan=False))
    return found


def time_of(text: str) -> float:
    return datetime.strptime(text, "%Y-%m-%dT%H:%M:%SZ").replace(tzinfo=UTC).timestamp()


def was_made(text: str, seconds: int, begun: float) -> bool:
    """Whether what expires at a time was made since `begun`, for so many seconds."""
    return int(begun) <= time_of(text) - seconds <= datetime.now(UTC).timestamp()


# Playback tokens


@pytest.mark.parametrize("event", [{}, {"viewerId": None, "channelArn": None, "origins": None}])
def test_playback_token_of_an_empty_request(event: Json, deploy: Deploy, key: Key) -> None:
    deploy("playback")
    begun = datetime.now(UTC).timestamp()

    answer = playback(event)

    token = answer["token"]
    assert verify(token, key.pem, PlaybackClaims).channel_arn == CHANNEL
    assert payload(token).keys() == {"aws:channel-arn", "exp"}
    assert answer == {
        "token": token,
        "expiresAt": answer["expiresAt"],
        "playbackUrl": f"{URL}?token={token}",
    }
    assert was_made(answer["expiresAt"], 300, begun)
    assert payload(token)["exp"] == time_of(answer["expiresAt"])


def test_playback_token_is_one_for_others_too(deploy: Deploy, key: Key) -> None:
    deploy("playback")

    token = playback({})["token"]

    assert jwt.decode(token, key.pem, algorithms=["ES384"])["aws:channel-arn"] == CHANNEL
    assert jwt.get_unverified_header(token) == {"alg": "ES384", "typ": "JWT"}


def test_playback_token_has_what_was_fixed(deploy: Deploy, key: Key) -> None:
    deploy(
        "playback",
        allowed_origins=["https://a.example.com", "https://*.example.org"],
        strict_origin_enforcement=True,
        maximum_resolution="HD",
        single_use=True,
    )

    first, second = (verify(playback({})["token"], key.pem, PlaybackClaims) for _ in range(2))

    assert first.access_control_allow_origin == ("https://a.example.com", "https://*.example.org")
    assert first.strict_origin_enforcement
    assert first.maximum_resolution == "HD"
    assert first.single_use_uuid is not None
    assert first.single_use_uuid != second.single_use_uuid


def test_playback_request_can_ask_for_less(deploy: Deploy, key: Key) -> None:
    deploy(
        "playback",
        allowed_origins=["https://a.example.com", "https://*.example.org"],
        maximum_resolution="HD",
    )

    answer = playback(
        {
            "channelArn": CHANNEL,
            "viewerId": "4f1c2a",
            "expiresInSeconds": 60,
            "origins": ["https://*.example.org"],
            "maximumResolution": "SD",
        }
    )

    claims = verify(answer["token"], key.pem, PlaybackClaims)
    assert claims.viewer_id == "4f1c2a"
    assert claims.access_control_allow_origin == ("https://*.example.org",)
    assert claims.maximum_resolution == "SD"
    assert 55 < claims.expires_in.total_seconds() <= 60


def test_version_of_a_viewers_session_is_the_time(deploy: Deploy, key: Key) -> None:
    deploy("playback")

    before = int(datetime.now(UTC).timestamp())
    claims = verify(playback({"viewerId": "v"})["token"], key.pem, PlaybackClaims)

    assert claims.viewer_session_version is not None
    assert before <= claims.viewer_session_version <= datetime.now(UTC).timestamp()


def test_origins_keep_their_order_and_come_once(deploy: Deploy, key: Key) -> None:
    allowed = [f"https://{name}.example.com" for name in "abc"]
    deploy("playback", allowed_origins=allowed)

    answer = playback({"origins": [allowed[2], allowed[0], allowed[2]]})

    claims = verify(answer["token"], key.pem, PlaybackClaims)
    assert claims.access_control_allow_origin == (allowed[0], allowed[2])


@pytest.mark.parametrize("allowed", [None, ["*"], ["https://a.example.com", "*"]])
def test_any_origin_is_less_than_all(allowed: object, deploy: Deploy, key: Key) -> None:
    deploy("playback", **({} if allowed is None else {"allowed_origins": allowed}))

    answer = playback({"origins": ["https://b.example.com"]})

    claims = verify(answer["token"], key.pem, PlaybackClaims)
    assert claims.access_control_allow_origin == ("https://b.example.com",)


@pytest.mark.parametrize(
    ("changes", "event", "seconds"),
    [
        ({"max_lifetime": 3600}, {}, 3600),
        ({"max_lifetime": 3600}, {"viewerId": "v"}, 600),
        ({"max_lifetime": 3600}, {"viewerId": "v", "expiresInSeconds": 600}, 600),
        ({"max_lifetime": 3600, "single_use": True}, {}, 600),
        ({"max_lifetime": 60}, {"viewerId": "v"}, 60),
        ({}, {"expiresInSeconds": 1}, 1),
        ({}, {"expiresInSeconds": 300}, 300),
    ],
)
def test_playback_lifetime(changes: Json, event: Json, seconds: int, deploy: Deploy) -> None:
    deploy("playback", **changes)
    begun = datetime.now(UTC).timestamp()

    assert was_made(playback(event)["expiresAt"], seconds, begun)


def test_issuer_of_several_channels_signs_for_each(deploy: Deploy, key: Key) -> None:
    deploy("playback", channels=[{"channel_arn": CHANNEL}, {"channel_arn": OTHER_CHANNEL}])

    for arn in (CHANNEL, OTHER_CHANNEL):
        answer = playback({"channelArn": arn})
        assert verify(answer["token"], key.pem, PlaybackClaims).channel_arn == arn
        assert "playbackUrl" not in answer
    assert playback({})["error"]["message"] == (
        "channelArn must name one of the 2 of this issuer, got none"
    )


ORIGIN = "https://a.example.com"
FIXED: Json = {
    "allowed_origins": [ORIGIN, "https://*.example.org"],
    "maximum_resolution": "HD",
    "max_lifetime": 3600,
}


@pytest.mark.parametrize(
    ("event", "message"),
    [
        ({"channelArn": OTHER_CHANNEL},
         "channelArn must be one that this issuer signs for, got something else"),
        ({"channelArn": f"{ACCOUNT}:channel/*"},
         "channelArn must be one that this issuer signs for, got something else"),
        ({"channelArn": CHANNEL.upper()},
         "channelArn must be one that this issuer signs for, got something else"),
        ({"channelArn": [CHANNEL]},
         "channelArn must be one that this issuer signs for, got something else"),
        ({"channelArn": ""},
         "channelArn must be one that this issuer signs for, got something else"),
        ({"expiresInSeconds": 3601}, "expiresInSeconds must be 1-3600 seconds, got more"),
        ({"expiresInSeconds": 10**5000}, "expiresInSeconds must be 1-3600 seconds, got more"),
        ({"expiresInSeconds": 601, "viewerId": "v"},
         "expiresInSeconds must be 1-600 seconds, got more"),
        ({"expiresInSeconds": 0}, "expiresInSeconds must be 1-3600 seconds, got less"),
        ({"expiresInSeconds": -(10**5000)}, "expiresInSeconds must be 1-3600 seconds, got less"),
        ({"expiresInSeconds": 60.0},
         "expiresInSeconds must be a whole number of seconds, got a value of type float"),
        ({"expiresInSeconds": float("nan")},
         "expiresInSeconds must be a whole number of seconds, got a value of type float"),
        ({"expiresInSeconds": True},
         "expiresInSeconds must be a whole number of seconds, got a value of type bool"),
        ({"expiresInSeconds": "60"},
         "expiresInSeconds must be a whole number of seconds, got a value of type str"),
        ({"origins": ["https://evil.example"]},
         "origins must hold some of https://a.example.com, https://*.example.org, got 1 other"),
        ({"origins": [ORIGIN, "*", "null"]},
         "origins must hold some of https://a.example.com, https://*.example.org, got 2 other"),
        # How far a wildcard reaches is not documented.
        ({"origins": ["https://b.example.org"]},
         "origins must hold some of https://a.example.com, https://*.example.org, got 1 other"),
        ({"origins": [f"{ORIGIN},https://evil.example"]},
         "origins must hold some of https://a.example.com, https://*.example.org, got 1 other"),
        ({"origins": []}, "origins must hold at least one, got none; drop it if all are meant"),
        ({"origins": ORIGIN}, "origins must be a list of strings, got a value of type str"),
        ({"origins": {ORIGIN: 1}}, "origins must be a list of strings, got a value of type dict"),
        ({"origins": [ORIGIN, None]}, "origins must hold strings, got None; write a str"),
        ({"origins": [[ORIGIN]]},
         "origins must hold strings, got a value of type list; write a str"),
        ({"maximumResolution": "FULL_HD"},
         "maximumResolution must be one of SD, HD, got something else"),
        ({"maximumResolution": "hd"},
         "maximumResolution must be one of SD, HD, got something else"),
        ({"maximumResolution": ["HD"]},
         "maximumResolution must be one of SD, HD, got something else"),
        ({"viewerId": ""}, "viewerId must have at least 1 character, got none; add some"),
        ({"viewerId": "v" * 41},
         "viewerId must have at most 40 characters, got 41 characters; shorten it by 1"),
        ({"viewerId": 7}, "viewerId must be a string, got a value of type int"),
        ({"viewerId": False}, "viewerId must be a string, got a value of type bool"),
        ({"viewerId": "\ud800"},
         "viewerId must be text that UTF-8 can hold, got half of a surrogate pair; decode it "
         "properly"),
        ({"expires_in": 60},
         "request must have no fields but channelArn, viewerId, expiresInSeconds, origins, "
         "maximumResolution, got 1 of another name; correct the spelling"),
        ({"strict_origin_enforcement": False, "single_use": False, "": {}},
         "request must have no fields but channelArn, viewerId, expiresInSeconds, origins, "
         "maximumResolution, got 3 of other names; correct the spelling"),
        ([], "request must be a JSON object, got a value of type list"),
        ("{}", "request must be a JSON object, got a value of type str"),
        (None, "request must be a JSON object, got None"),
    ],
)  # fmt: skip
def test_playback_request_cannot_ask_for_more(event: object, message: str, deploy: Deploy) -> None:
    deploy("playback", **FIXED)

    answer = playback(event)

    assert len(problems(answer)) == 1
    assert answer["error"]["message"] == message


def test_without_a_maximum_any_resolution_is_less(deploy: Deploy, key: Key) -> None:
    deploy("playback")

    for resolution in ("SD", "HD", "FULL_HD"):
        answer = playback({"maximumResolution": resolution})
        assert verify(answer["token"], key.pem, PlaybackClaims).maximum_resolution == resolution
    assert problems(playback({"maximumResolution": "4K"})) == [("maximumResolution", "not-allowed")]


@pytest.mark.parametrize(
    ("origins", "message"),
    [
        (["https://a.example/"],
         "origins must hold origins scheme://host[:port] as browsers send them, got 1 other text"),
        (["a", "https://a.example,b", ORIGIN],
         "origins must hold origins scheme://host[:port] as browsers send them, got 2 other texts"),
        (["https://" + "a" * 508] * 2 + ["https://a"],
         "origins must have at most 1024 characters together, got 1041; drop some"),
    ],
)  # fmt: skip
def test_free_origins_are_judged(origins: list[str], message: str, deploy: Deploy) -> None:
    deploy("playback")

    assert playback({"origins": origins})["error"]["message"] == message


def test_free_origins_have_1024_characters(deploy: Deploy) -> None:
    deploy("playback")

    assert "token" in playback({"origins": ["https://" + "a" * 504] * 2})


def test_all_that_is_wrong_is_told_at_once(deploy: Deploy) -> None:
    deploy("playback", **FIXED)

    answer = playback(
        {
            "channelArn": "a",
            "viewerId": "",
            "expiresInSeconds": 0,
            "origins": [],
            "maximumResolution": "",
            "other": 1,
        }
    )

    assert problems(answer) == [
        ("request", "unknown-field"),
        ("channelArn", "not-allowed"),
        ("viewerId", "length"),
        ("expiresInSeconds", "range"),
        ("origins", "items"),
        ("maximumResolution", "not-allowed"),
    ]


# Participant tokens


@pytest.mark.parametrize("event", [{}, {"stageArn": None, "capabilities": None}])
def test_participant_token_of_an_empty_request(event: Json, deploy: Deploy, key: Key) -> None:
    deploy("participant")
    begun = datetime.now(UTC).timestamp()

    answer = participant(event)

    claims = verify(answer["token"], key.pem, ParticipantClaims, public_key_arn=PUBLIC_KEY)
    assert claims == ParticipantClaims(
        stage_arn=STAGE,
        **ENDPOINTS,
        expires_in=timedelta(hours=1),
        participant_id=answer["participantId"],
    )
    assert answer.keys() == {"token", "participantId", "expiresAt"}
    assert was_made(answer["expiresAt"], 3600, begun)


def test_participant_token_is_one_for_others_too(deploy: Deploy, key: Key) -> None:
    deploy("participant")

    token = participant({})["token"]

    assert jwt.decode(token, key.pem, algorithms=["ES384"])["resource"] == STAGE
    assert jwt.get_unverified_header(token)["kid"] == PUBLIC_KEY


def test_participant_request_can_ask_for_less(deploy: Deploy, key: Key) -> None:
    deploy("participant", stages=[{"stage_arn": arn, **ENDPOINTS} for arn in (OTHER_STAGE, STAGE)])

    answer = participant(
        {
            "stageArn": STAGE,
            "userId": "Jürgen 🎥",
            "attributes": {"role": "listener", "Größe": "\u2028"},
            "capabilities": ["SUBSCRIBE"],
            "expiresInSeconds": 60,
        }
    )

    claims = verify(answer["token"], key.pem, ParticipantClaims)
    assert claims.stage_arn == STAGE
    assert claims.user_id == "Jürgen 🎥"
    assert claims.attributes == {"role": "listener", "Größe": "\u2028"}
    assert claims.capabilities == (Capability.SUBSCRIBE,)
    assert claims.expires_in == timedelta(minutes=1)


def test_each_participant_has_another_id(deploy: Deploy) -> None:
    deploy("participant")

    assert len({participant({"userId": "u"})["participantId"] for _ in range(5)}) == 5


@pytest.mark.parametrize(
    ("event", "message"),
    [
        ({"stageArn": OTHER_STAGE},
         "stageArn must be one that this issuer signs for, got something else"),
        ({"capabilities": ["PUBLISH"]}, "capabilities must hold some of SUBSCRIBE, got 1 other"),
        ({"capabilities": ["SUBSCRIBE", "PUBLISH", "ADMIN"]},
         "capabilities must hold some of SUBSCRIBE, got 2 other"),
        ({"capabilities": []},
         "capabilities must hold at least one, got none; drop it if all are meant"),
        ({"capabilities": "SUBSCRIBE"},
         "capabilities must be a list of strings, got a value of type str"),
        ({"capabilities": {"allow_publish": True}},
         "capabilities must be a list of strings, got a value of type dict"),
        ({"expiresInSeconds": 3601}, "expiresInSeconds must be 1-3600 seconds, got more"),
        ({"expiresInSeconds": -1}, "expiresInSeconds must be 1-3600 seconds, got less"),
        ({"userId": "u" * 129},
         "userId must have at most 128 characters, got 129 characters; shorten it by 1"),
        ({"userId": 5}, "userId must be a string, got a value of type int"),
        ({"attributes": {"a": "é" * 512}},
         "attributes must have at most 1024 bytes of UTF-8, keys and values together, got 1025 "
         "bytes; shorten it by 1"),
        ({"attributes": {"a": 1}},
         "attributes must hold strings, got a value of type int; write a str"),
        ({"attributes": ["a"]}, "attributes must be a dict of strings, got a value of type list"),
        ({"participantId": "me"},
         "request must have no fields but stageArn, userId, attributes, capabilities, "
         "expiresInSeconds, got 1 of another name; correct the spelling"),
        (7, "request must be a JSON object, got a value of type int"),
    ],
)  # fmt: skip
def test_participant_request_cannot_ask_for_more(
    event: object, message: str, deploy: Deploy
) -> None:
    deploy("participant", capabilities=["SUBSCRIBE"])

    answer = participant(event)

    assert len(problems(answer)) == 1
    assert answer["error"]["message"] == message


@pytest.mark.parametrize(
    ("event", "message"),
    [
        ({"stageArn": [STAGE]},
         "stageArn must be one that this issuer signs for, got something else"),
        ({"stageArn": ""}, "stageArn must be one that this issuer signs for, got something else"),
        ({"expiresInSeconds": 0}, "expiresInSeconds must be 1-3600 seconds, got less"),
        ({"expiresInSeconds": 60.0},
         "expiresInSeconds must be a whole number of seconds, got a value of type float"),
        ({"expiresInSeconds": "60"},
         "expiresInSeconds must be a whole number of seconds, got a value of type str"),
        ({"expiresInSeconds": True},
         "expiresInSeconds must be a whole number of seconds, got a value of type bool"),
        ({"userId": "\ud800"},
         "userId must be text that UTF-8 can hold, got half of a surrogate pair; decode it "
         "properly"),
        ({"attributes": {"a": None}}, "attributes must hold strings, got None; write a str"),
        ({"attributes": {"a": {"b": "c"}}},
         "attributes must hold strings, got a value of type dict; write a str"),
        ({"attributes": 1}, "attributes must be a dict of strings, got a value of type int"),
        ({"capabilities": ["publish"]},
         "capabilities must hold some of PUBLISH, SUBSCRIBE, got 1 other"),
        ({"capabilities": ["PUBLISH", None]}, "capabilities must hold strings, got None; write a "
         "str"),
        ({"user_id": "u", "jti": "j"},
         "request must have no fields but stageArn, userId, attributes, capabilities, "
         "expiresInSeconds, got 2 of other names; correct the spelling"),
        (None, "request must be a JSON object, got None"),
    ],
)  # fmt: skip
def test_participant_request_must_be_of_its_form(
    event: object, message: str, deploy: Deploy
) -> None:
    deploy("participant")

    answer = participant(event)

    assert len(problems(answer)) == 1
    assert answer["error"]["message"] == message


@pytest.mark.parametrize(
    ("event", "seconds"), [({"expiresInSeconds": 1}, 1), ({"expiresInSeconds": 3600}, 3600)]
)
def test_participant_lifetime(event: Json, seconds: int, deploy: Deploy, key: Key) -> None:
    deploy("participant")

    answer = participant(event)

    # When it was made: a token for one second may have expired by now.
    now = datetime.fromtimestamp(time_of(answer["expiresAt"]) - seconds, UTC)
    claims = verify(answer["token"], key.pem, ParticipantClaims, now=now)
    assert claims.expires_in == timedelta(seconds=seconds)


@pytest.mark.parametrize(
    ("attributes", "user"), [({"a": "é" * 511 + "e"}, "日" * 128), ({"a": "\1" * 1023}, "\0" * 128)]
)
def test_largest_request_is_granted(
    attributes: dict[str, str], user: str, deploy: Deploy, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Letters that JSON writes in six bytes make a token that KMS takes by its hash only."""
    taken: list[str] = []
    # moto hashes a hash once more, so nothing would verify.
    signature = bytes.fromhex("3006020101020102")

    def signed(**asked: Any) -> Json:  # noqa: ANN401 (of KMS)
        taken.append(asked["MessageType"])
        return {"Signature": signature}

    monkeypatch.setattr(issuing, "_kms", lambda: SimpleNamespace(sign=signed))
    deploy("participant")

    found = payload(participant({"attributes": attributes, "userId": user})["token"])

    assert (found["attributes"], found["user_id"]) == (attributes, user)
    assert taken == ["DIGEST" if "\1" in attributes["a"] else "RAW"]


# A megabyte of something


MEGABYTE = "x" * 2**20
FIELDS = "channelArn, viewerId, expiresInSeconds, origins, maximumResolution"


@pytest.mark.parametrize(
    ("issuer", "event", "message"),
    [
        ("participant", {"attributes": {"name": MEGABYTE}},
         "attributes must have at most 1024 bytes of UTF-8, keys and values together, got 1048580 "
         "bytes; shorten it by 1047556"),
        ("participant", {"attributes": {MEGABYTE: ""}},
         "attributes must have at most 1024 bytes of UTF-8, keys and values together, got 1048576 "
         "bytes; shorten it by 1047552"),
        ("participant", {"attributes": {f"{number:06}": "é" for number in range(2**17)}},
         "attributes must have at most 1024 bytes of UTF-8, keys and values together, got 1048576 "
         "bytes; shorten it by 1047552"),
        ("participant", {"attributes": {"name": [MEGABYTE]}},
         "attributes must hold strings, got a value of type list; write a str"),
        ("participant", {"userId": MEGABYTE},
         "userId must have at most 128 characters, got 1048576 characters; shorten it by 1048448"),
        ("participant", {"capabilities": [MEGABYTE]},
         "capabilities must hold some of PUBLISH, SUBSCRIBE, got 1 other"),
        ("participant", {"stageArn": MEGABYTE},
         "stageArn must be one that this issuer signs for, got something else"),
        ("playback", {"channelArn": MEGABYTE},
         "channelArn must be one that this issuer signs for, got something else"),
        ("playback", {"viewerId": MEGABYTE},
         "viewerId must have at most 40 characters, got 1048576 characters; shorten it by 1048536"),
        ("playback", {"origins": [f"https://{MEGABYTE}"]},
         "origins must have at most 1024 characters together, got 1048584; drop some"),
        ("playback", {"origins": [ORIGIN] * 2**15},
         "origins must have at most 1024 characters together, got 688128; drop some"),
        ("playback", {"origins": [f"https://a{'-' * 2**20}"]},
         "origins must hold origins scheme://host[:port] as browsers send them, got 1 other text; "
         "origins must have at most 1024 characters together, got 1048585; drop some"),
        ("playback", {"maximumResolution": MEGABYTE},
         "maximumResolution must be one of SD, HD, FULL_HD, got something else"),
        ("playback", {"expiresInSeconds": MEGABYTE},
         "expiresInSeconds must be a whole number of seconds, got a value of type str"),
        ("playback", {MEGABYTE: 1},
         f"request must have no fields but {FIELDS}, got 1 of another name; correct the spelling"),
        ("playback", MEGABYTE, "request must be a JSON object, got a value of type str"),
    ],
    ids=lambda value: value if value in ("participant", "playback") else "",
)  # fmt: skip
def test_megabyte_is_refused(
    issuer: str, event: object, message: str, deploy: Deploy, capsys: pytest.CaptureFixture[str]
) -> None:
    deploy(issuer)

    answer = as_json(HANDLERS[issuer](event, CONTEXT))

    assert answer["error"]["message"] == message
    assert problems(answer)
    # Neither the answer nor the log grows with the request.
    assert len(json.dumps(answer)) < 1000
    [line] = lines_of(capsys)
    assert line["outcome"] == "refused"
    assert len(json.dumps(line)) < 300


# Whatever the request


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=50),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=5,
)
hints = st.sampled_from(
    [CHANNEL, OTHER_CHANNEL, ORIGIN, [ORIGIN], ["*"], "SD", "FULL_HD", 1, 300, 301, STAGE,
     ["PUBLISH"], ["SUBSCRIBE"], {"a": "b"}, "viewer", None]
)  # fmt: skip
names = st.sampled_from(
    ["channelArn", "viewerId", "expiresInSeconds", "origins", "maximumResolution", "stageArn",
     "userId", "attributes", "capabilities", "single_use"]
)  # fmt: skip
events = st.dictionaries(names, hints | json_values, max_size=4) | json_values
few = settings(
    derandomize=True,
    database=None,
    deadline=None,
    max_examples=150,
    # The fixture writes the same environment for all examples.
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)


@few
@given(event=events)
def test_no_playback_request_gets_more_than_was_fixed(
    event: object, deploy: Deploy, key: Key
) -> None:
    deploy("playback", **FIXED | {"max_lifetime": 300})

    answer = playback(event)

    if "error" in answer:
        assert problems(answer)
        return
    claims = verify(answer["token"], key.pem, PlaybackClaims)
    assert claims.channel_arn == CHANNEL
    assert claims.expires_in <= timedelta(seconds=300)
    assert claims.access_control_allow_origin
    assert {*claims.access_control_allow_origin} <= {*FIXED["allowed_origins"]}
    assert claims.maximum_resolution in ("SD", "HD")


@few
@given(event=events)
def test_no_participant_request_gets_more_than_was_fixed(
    event: object,
    deploy: Deploy,
    key: Key,
) -> None:
    deploy("participant", capabilities=["SUBSCRIBE"])

    answer = participant(event)

    if "error" in answer:
        assert problems(answer)
        return
    claims = verify(answer["token"], key.pem, ParticipantClaims, public_key_arn=PUBLIC_KEY)
    assert claims.stage_arn == STAGE
    assert claims.expires_in <= timedelta(hours=1)
    assert claims.capabilities == (Capability.SUBSCRIBE,)


# Logs


def lines_of(capsys: pytest.CaptureFixture[str]) -> list[Json]:
    out, err = capsys.readouterr()
    assert err == ""
    return [json.loads(line) for line in out.splitlines()]


def test_log_of_a_playback_token(deploy: Deploy, capsys: pytest.CaptureFixture[str]) -> None:
    deploy("playback")

    playback({"viewerId": "v", "expiresInSeconds": 60})

    assert lines_of(capsys) == [
        {
            "issuer": "playback",
            "requestId": "8f5e-request",
            "outcome": "issued",
            "resource": CHANNEL,
            "seconds": 60,
        }
    ]


def test_log_of_a_participant_token(deploy: Deploy, capsys: pytest.CaptureFixture[str]) -> None:
    deploy("participant")

    issue_participant.handler({"userId": "u"}, None)

    assert lines_of(capsys) == [
        {
            "issuer": "participant",
            "requestId": None,
            "outcome": "issued",
            "resource": STAGE,
            "seconds": 3600,
        }
    ]


def test_log_of_a_refusal(deploy: Deploy, capsys: pytest.CaptureFixture[str]) -> None:
    deploy("playback")

    playback({"viewerId": "v" * 41, "ann@example.com": 1})

    assert lines_of(capsys) == [
        {
            "issuer": "playback",
            "requestId": "8f5e-request",
            "outcome": "refused",
            "problems": ["request: unknown-field", "viewerId: length"],
        }
    ]


CANARY = "canary-4711"


@pytest.mark.parametrize("rest", ["", "x" * 5000])
def test_neither_log_nor_refusal_repeats_the_request(
    rest: str,
    deploy: Deploy,
    capsys: pytest.CaptureFixture[str],
) -> None:
    planted = CANARY + rest
    answers = []
    deploy("playback", allowed_origins=[ORIGIN])
    for field in ("channelArn", "viewerId", "expiresInSeconds", "maximumResolution", CANARY):
        answers.append(playback({field: planted}))
    answers += [playback({"origins": each}) for each in (planted, [planted], {planted: planted})]
    deploy("playback")
    answers += [playback({"origins": [planted]}), playback(planted), playback({planted: 1})]
    deploy("participant")
    for field in ("stageArn", "userId", "attributes", "capabilities", "expiresInSeconds"):
        for value in (planted, [planted], {planted: planted}):
            answers.append(participant({field: value}))

    tokens = [each["token"] for each in answers if "token" in each]
    assert len(tokens) == (0 if rest else 3)  # a viewer, a user and an attribute
    assert CANARY not in json.dumps([each for each in answers if "error" in each])
    log = "".join(capsys.readouterr())
    assert CANARY not in log
    assert not any(part in log for token in tokens for part in token.split("."))


# What fails on this side


@pytest.mark.parametrize("issuer", ["playback", "participant"])
@pytest.mark.parametrize(
    "text", [None, "", "[]", "7", "{", "{}", '{"signing_key_arn": "arn", "secret": "canary"}']
)
def test_function_without_its_settings_says_so(
    issuer: str, text: str | None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv(VARIABLE, raising=False)
    if text is not None:
        monkeypatch.setenv(VARIABLE, text)

    with pytest.raises(SettingsError) as caught:
        HANDLERS[issuer]({}, CONTEXT)

    construct = f"{issuer.title()}TokenIssuer"
    assert str(caught.value) == (
        f"environment variable TOKEN_ISSUER must hold what {construct} writes there; deploy the "
        "function by that construct"
    )
    assert caught.value.__suppress_context__


@pytest.mark.parametrize("issuer", ["playback", "participant"])
def test_refusal_of_kms_is_told_to_the_log_only(
    issuer: str,
    deploy: Deploy,
    key: Key,
    capsys: pytest.CaptureFixture[str],
) -> None:
    missing = f"{key.arn.partition('/')[0]}/00000000-0000-0000-0000-000000000000"
    deploy(issuer, signing_key_arn=missing)

    with pytest.raises(SigningError) as caught:
        HANDLERS[issuer]({}, CONTEXT)

    assert str(caught.value) == "the token could not be signed; see the function's log"
    # Lambda writes causes into the answer, too.
    assert caught.value.__cause__ is None
    assert caught.value.__suppress_context__
    assert lines_of(capsys) == [
        {
            "issuer": issuer,
            "requestId": "8f5e-request",
            "outcome": "failed",
            "error": "NotFoundException",
            "code": "NotFoundException",
        }
    ]


def test_failure_without_an_answer_is_told_too(
    deploy: Deploy,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    def fail(**_: object) -> object:
        raise ConnectionError("canary")

    deploy("playback")
    monkeypatch.setattr(issuing, "_kms", lambda: SimpleNamespace(sign=fail))

    with pytest.raises(SigningError, match="could not be signed"):
        playback({})

    [line] = lines_of(capsys)
    assert line["error"] == "ConnectionError"
    assert line["code"] is None


def test_key_of_another_kind_is_an_error(
    deploy: Deploy, capsys: pytest.CaptureFixture[str]
) -> None:
    deploy("playback", signing_key_arn=Key("ECC_NIST_P256").arn)

    with pytest.raises(SigningError):
        playback({})

    assert lines_of(capsys)[0]["code"] == "ValidationException"


def test_client_waits_less_than_the_function_may_run() -> None:
    config = issuing._kms().meta.config

    assert config.retries["total_max_attempts"] == 3
    attempt = config.connect_timeout + config.read_timeout
    assert 3 * attempt < 15


def test_client_is_made_once() -> None:
    assert issuing._kms() is issuing._kms()


@pytest.mark.parametrize("deployed", [False, True])
def test_client_is_made_while_the_function_starts(
    deployed: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = []
    monkeypatch.setattr(
        botocore.session.Session, "create_client", lambda _, name, **__: made.append(name)
    )
    monkeypatch.delenv(VARIABLE, raising=False)
    if deployed:
        monkeypatch.setenv(VARIABLE, "{}")

    runpy.run_path(str(issuing.__file__))

    assert made == (["kms"] if deployed else [])


# The documentation


PAGE = (Path(__file__).resolve().parents[3] / "docs" / "tokens.md").read_text(encoding="utf-8")


def shown(title: str) -> Json:
    """A block of JSON on the page on tokens."""
    [text] = re.findall(rf'^```json title="{title}"\n(.*?)^```$', PAGE, re.MULTILINE | re.DOTALL)
    found: Json = json.loads(text)
    return found


def test_page_shows_requests_and_answers_of_today(deploy: Deploy, key: Key) -> None:
    deploy("playback", max_lifetime=120, maximum_resolution="HD")

    answer = playback(shown("Request"))

    claims = verify(answer["token"], key.pem, PlaybackClaims)
    assert claims.maximum_resolution == "SD"
    assert answer.keys() == shown("Response").keys()
    assert re.fullmatch(r"[-:TZ0-9]{20}", shown("Response")["expiresAt"])
    assert playback({"viewerId": "v", "expiresInSeconds": 121}) == shown("Refusal")


@pytest.mark.parametrize(
    ("heading", "request_type"),
    [
        ("Request for a playback token", PlaybackTokenRequest),
        ("Request for a participant token", ParticipantTokenRequest),
        ("Request to exchange a participant token", TokenExchangeRequest),
    ],
)
def test_page_tells_every_field(heading: str, request_type: type) -> None:
    table = PAGE.partition(f"| {heading} |")[2].partition("\n\n")[0]

    told = re.findall(r"^\| `(\w+)`", table, re.MULTILINE)
    assert told == [*request_type.__annotations__]
    entries = inspect.cleandoc(request_type.__doc__ or "").partition("Attributes:\n")[2]
    assert told == re.findall(r"^    (\w+): ", entries, re.MULTILINE)
