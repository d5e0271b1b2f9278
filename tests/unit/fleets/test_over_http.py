"""A fleet behind an HTTP API: the events that it takes, who the token is for, and the statuses."""

from __future__ import annotations

import base64
import json
from typing import Any

import pytest

from ivs_constructs.fleets.function import answer, over_http
from ivs_constructs.fleets.function.settings import HTTP_VARIABLE, SettingsError
from tests.unit.fleets.conftest import ANSWERS, Cloud, Context

PERSON = "4f1c2a9e-7d3b"
ROUTES: dict[str, Any] = {
    "POST /room": {"claim": "sub", "key_claim": "room"},
    "POST /rooms/{key}": {"claim": "sub", "path_key": True},
    "POST /signed/{key}": {"path_key": True},
}


@pytest.fixture(autouse=True)
def fleet(cloud: Cloud, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(HTTP_VARIABLE, json.dumps(ROUTES))
    deploy(cloud, "stage")
    cloud.ask("acquire", key="standup")


def deploy(cloud: Cloud, kind: str) -> str:
    """Deploy a fleet that signs; returns its key."""
    key = cloud.client("kms").create_key(KeySpec="ECC_NIST_P384", KeyUsage="SIGN_VERIFY")[
        "KeyMetadata"
    ]
    public = "arn:aws:ivs:us-east-1:123456789012:public-key/AbCdEf"
    issuer = {"signing_key_arn": key["Arn"], "public_key_arn": public, "max_lifetime": 600}
    cloud.deploy(kind, issuer={**issuer, "capabilities": ["PUBLISH", "SUBSCRIBE"]})
    return str(key["Arn"])


def event(
    route: str = "POST /rooms/{key}",
    key: object = "standup",
    claims: dict[str, Any] | None = None,
    body: object = None,
    **more: object,
) -> dict[str, Any]:
    """What an HTTP API sends."""
    signed_in = {"sub": PERSON} if claims is None else claims
    return {
        "version": "2.0",
        "routeKey": route,
        "pathParameters": {"key": key},
        "requestContext": {"authorizer": {"jwt": {"claims": signed_in, "scopes": None}}},
        "body": None if body is None else json.dumps(body),
        "isBase64Encoded": False,
        **more,
    }


def ask(asked: dict[str, Any], verb: str = "token") -> tuple[int, dict[str, Any]]:
    """Invoke the alias as API Gateway does."""
    answered = answer.handler(asked, Context(f"{ANSWERS}:{verb}"))
    assert answered["headers"]["Cache-Control"] == "no-store"
    body: dict[str, Any] = json.loads(answered["body"])
    return answered["statusCode"], body


def payload(token: str) -> dict[str, Any]:
    part = token.split(".")[1]
    read: dict[str, Any] = json.loads(base64.urlsafe_b64decode(part + "=" * (-len(part) % 4)))
    return read


def test_participant_is_who_is_signed_in(cloud: Cloud) -> None:
    status, body = ask(event(body={"expiresInSeconds": 60, "capabilities": ["SUBSCRIBE"]}))

    claims = payload(body["token"])
    assert status == 200
    assert claims["resource"] == cloud.ask("get", key="standup")["arn"] == body["arn"]
    assert claims["user_id"] == PERSON
    assert claims["capabilities"] == {"allow_subscribe": True}


def test_viewer_is_who_is_signed_in(cloud: Cloud) -> None:
    deploy(cloud, "channel")
    cloud.ask("acquire", key="another")
    name = "x" * 200
    status, body = ask(event(key="another", claims={"sub": name}))

    claims = payload(body["token"])
    assert status == 200
    assert claims["aws:channel-arn"] == cloud.ask("get", key="another")["arn"]
    # Longer than Amazon IVS allows: hashed.
    assert claims["aws:viewer-id"].startswith("sha256_")


def test_caller_with_credentials() -> None:
    caller = {"iam": {"userArn": "arn:aws:sts::123456789012:assumed-role/Users/ada"}}
    status, body = ask(event("POST /signed/{key}", requestContext={"authorizer": caller}))

    assert status == 200
    assert payload(body["token"])["user_id"] == caller["iam"]["userArn"]


def test_key_is_what_the_sign_in_names(cloud: Cloud) -> None:
    """Neither the path nor the body can name another one."""
    cloud.ask("acquire", key="board")
    claims = {"sub": PERSON, "room": "standup"}
    status, body = ask(event("POST /room", key="board", claims=claims))

    assert status == 200
    assert body["arn"] == cloud.ask("get", key="standup")["arn"]
    assert ask(event("POST /room", claims=claims, body={"key": "board"}))[0] == 400


@pytest.mark.parametrize("room", ["ключ #1 🎥", "x" * 256, "#", "../standup"])
def test_sign_in_may_name_any_key(cloud: Cloud, room: str) -> None:
    made = cloud.ask("acquire", key=room)
    claims = {"sub": PERSON, "room": room}

    assert ask(event("POST /room", claims=claims))[1]["arn"] == made["arn"]


REFUSED: list[tuple[dict[str, Any], int, str]] = [
    (event(key="nobody"), 404, "UnknownKey"),
    (event(key=""), 400, "InvalidRequest"),
    (event(key=None), 400, "InvalidRequest"),
    (event(key="a b"), 400, "InvalidRequest"),
    (event(key="%73tandup"), 400, "InvalidRequest"),
    (event(key="standup\n"), 400, "InvalidRequest"),
    (event(key="x" * 257), 400, "InvalidRequest"),
    (event(pathParameters=None), 400, "InvalidRequest"),
    (event("POST /room"), 403, "Forbidden"),
    (event("POST /room", claims={"sub": PERSON, "room": ""}), 403, "Forbidden"),
    (event("POST /room", claims={"sub": PERSON, "room": "[standup board]"}), 403, "Forbidden"),
    (event("POST /room", claims={"sub": PERSON, "room": ["standup"]}), 403, "Forbidden"),
    (event("POST /room", claims={"room": "standup"}), 403, "Forbidden"),
    (event("POST /room", claims={"sub": PERSON, "room": "x" * 257}), 400, "InvalidRequest"),
    (event(claims={}), 403, "Forbidden"),
    (event(requestContext={}), 401, "Unauthenticated"),
    (event(requestContext={"authorizer": {"lambda": {"sub": PERSON}}}), 401, "Unauthenticated"),
    (event("POST /other/{key}"), 403, "Forbidden"),
    (event(routeKey=None), 403, "Forbidden"),
    (event(version="1.0"), 400, "InvalidRequest"),
    (event(body={"userId": "somebody"}), 400, "InvalidRequest"),
    (event(body={"userId": None}), 400, "InvalidRequest"),
    (event(body={"key": "standup"}), 400, "InvalidRequest"),
    (event(body={"viewerId": "somebody"}), 400, "InvalidRequest"),
    (event(body={"capabilities": ["ADMIN"]}), 400, "InvalidRequest"),
    (event(body={"expiresInSeconds": 601}), 400, "InvalidRequest"),
    (event(body=[]), 400, "InvalidRequest"),
    (event(isBase64Encoded=True, body="e30="), 400, "InvalidRequest"),
    (
        {**event(), "body": '{"capabilities":["SUBSCRIBE"],"capabilities":[]}'},
        400,
        "InvalidRequest",
    ),
]


@pytest.mark.parametrize(("asked", "status", "code"), REFUSED)
def test_refusals(asked: dict[str, Any], status: int, code: str) -> None:
    found, body = ask(asked)

    assert (found, body["error"]["code"]) == (status, code)
    assert "token" not in body


def test_refusals_repeat_nothing_of_the_request(capsys: pytest.CaptureFixture[str]) -> None:
    said = [ask(event(key="canary-key", claims={"sub": "canary-person"}))[1]]
    said.append(ask(event(body={"canary-field": "canary-value"}))[1])
    said.append(ask(event("POST /room", claims={"sub": "canary", "room": "[canary]"}))[1])

    assert "canary" not in json.dumps(said) + capsys.readouterr().out


def test_busy_says_when_to_come_again(cloud: Cloud) -> None:
    refusal = json.dumps({"__type": "ProvisionedThroughputExceededException"}).encode()
    cloud.dynamodb.next = [(400, refusal)] * 1000
    answered = answer.handler(event(), Context(f"{ANSWERS}:token"))
    cloud.dynamodb.next.clear()

    again = json.loads(answered["body"])["error"]["retryAfterSeconds"]
    assert answered["statusCode"] == 429
    assert answered["headers"]["Retry-After"] == str(again)


def test_every_refusal_of_the_verb_has_its_status() -> None:
    for code in over_http.STATUSES:
        assert over_http.response_to({"error": {"code": code}})["statusCode"] >= 400


@pytest.mark.parametrize("verb", ["acquire", "get", "touch", "release", "list"])
def test_only_the_verb_token_is_behind_an_api(cloud: Cloud, verb: str) -> None:
    """Whoever could route an API to another alias gets nothing there."""
    before = len(cloud.rows())
    reply = answer.handler(event(), Context(f"{ANSWERS}:{verb}"))

    assert reply["error"]["code"] == "InvalidRequest"
    assert len(cloud.rows()) == before


def test_fleet_behind_no_api_takes_no_event_of_one(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv(HTTP_VARIABLE)
    reply = answer.handler(event(), Context(f"{ANSWERS}:token"))

    assert reply["error"]["code"] == "InvalidRequest"


@pytest.mark.parametrize("text", ["", "[]", "{"])
def test_routes_that_no_api_wrote(monkeypatch: pytest.MonkeyPatch, text: str) -> None:
    monkeypatch.setenv(HTTP_VARIABLE, text)
    with pytest.raises(SettingsError, match="what TokenApi writes"):
        ask(event())


def test_back_end_can_still_ask_for_anybody(cloud: Cloud) -> None:
    assert payload(cloud.ask("token", key="standup", userId="ada")["token"])["user_id"] == "ada"


def test_what_kms_says_stands_in_the_log_only(
    cloud: Cloud, capsys: pytest.CaptureFixture[str]
) -> None:
    # moto signs with keys that are disabled.
    denied = {"__type": "DisabledException", "message": "arn:aws:kms:canary"}
    cloud.kms_door.next = [(400, json.dumps(denied).encode())]
    with pytest.raises(answer.FleetError, match="see the log") as raised:
        cloud.ask("token", key="standup", userId="ada")

    assert "canary" not in str(raised.value)
    assert "Sign failed: DisabledException: arn:aws:kms:canary" in capsys.readouterr().out


def test_kms_that_throttles_is_busy(cloud: Cloud) -> None:
    cloud.kms_door.next = [(400, json.dumps({"__type": "ThrottlingException"}).encode())]
    assert ask(event())[0] == 429
