"""The functions that issue tokens behind an HTTP API, and what they exchange."""

from __future__ import annotations

import base64
import json
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from types import SimpleNamespace
from typing import Any

import boto3  # type: ignore[import-untyped]  # no types
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ivs_constructs.token_issuers.function import (
    answering,
    issue_participant,
    issue_playback,
    issuing,
)
from ivs_constructs.token_issuers.function.issuing import SettingsError, SigningError
from ivs_constructs.token_issuers.function.messages import TokenExchangeRequest
from ivs_constructs.tokens import (
    KmsSigner,
    ParticipantClaims,
    PlaybackClaims,
    sign,
    user_id_of,
    verify,
    viewer_id_of,
)
from ivs_constructs.tokens._signature import der_signature, raw_signature
from tests.unit.tokens.issuers import (
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

FUNCTION = "arn:aws:lambda:eu-west-1:123456789012:function:Issuer"
PLAIN = SimpleNamespace(aws_request_id="8f5e-request", invoked_function_arn=FUNCTION)
LATEST = SimpleNamespace(aws_request_id="8f5e-request", invoked_function_arn=f"{FUNCTION}:$LATEST")
EXCHANGE = SimpleNamespace(
    aws_request_id="8f5e-request", invoked_function_arn=f"{FUNCTION}:exchange"
)
PERSON = "4f1c2a9e-7d3b-4f6a-9c1d-2b8e5a7f0c3d"
CANARY = "canary-4711"
ROUTES: Json = {"POST /watch": {"claim": "sub"}, "POST /signed": {}}
STAGE_ROUTES: Json = {
    "POST /join": {"claim": "sub"},
    "POST /promote": {"claim": "sub", "exchange": True},
}


@pytest.fixture
def deploy(key: Key, monkeypatch: pytest.MonkeyPatch) -> Deploy:
    def deploy(issuer: str, routes: object = None, **changes: object) -> None:
        more: Json = {"require_viewer": True}
        if issuer != "playback":
            allowed = ["PUBLISH", "SUBSCRIBE"]
            more = {"capabilities": ["SUBSCRIBE"], "exchange_capabilities": allowed}
        found = settings_of(issuer, key, **more)
        monkeypatch.setenv("TOKEN_ISSUER", json.dumps(found | changes))
        monkeypatch.setenv(
            "TOKEN_ISSUER_HTTP",
            routes if isinstance(routes, str) else json.dumps(routes or ROUTES | STAGE_ROUTES),
        )

    return deploy


def event(path: str = "/watch", body: object = None, **changes: Any) -> Json:  # noqa: ANN401 (JSON)
    """What an HTTP API sends, as AWS documents it for payload format version 2.0.

    See: https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-develop-integrations-lambda.html
    """
    made: Json = {
        "version": "2.0",
        "routeKey": f"POST {path}",
        "rawPath": path,
        "rawQueryString": "",
        "headers": {"authorization": "Bearer eyJ...", "content-type": "application/json"},
        "requestContext": {
            "accountId": "123456789012",
            "apiId": "a1b2c3",
            "authorizer": {
                "jwt": {
                    "claims": {
                        "exp": "1787996002",
                        "iss": "https://login.example.com",
                        "sub": PERSON,
                    },
                    "scopes": None,
                }
            },
            "domainName": "a1b2c3.execute-api.eu-west-1.amazonaws.com",
            "http": {"method": "POST", "path": path, "sourceIp": "192.0.2.7"},
            "requestId": "JKJaXmPLvHcESHA=",
            "routeKey": f"POST {path}",
            "stage": "$default",
        },
        "isBase64Encoded": False,
    }
    if body is not None:
        made["body"] = body if isinstance(body, str) else json.dumps(body)
    return made | changes


def signed_in(**authorizer: object) -> Json:
    found = event()["requestContext"]
    return {**found, "authorizer": authorizer}


def with_claim(value: object) -> Json:
    return event(requestContext=signed_in(jwt={"claims": {"sub": value}, "scopes": None}))


def watch(event: Json) -> tuple[int, Json]:
    return read(issue_playback.handler(event, PLAIN))


def join(event: Json) -> tuple[int, Json]:
    return read(issue_participant.handler(event, PLAIN))


def exchange(event: object) -> Json:
    found: Json = json.loads(json.dumps(issue_participant.handler(event, EXCHANGE)))
    return found


def promote(event: Json) -> tuple[int, Json]:
    return read(issue_participant.handler(event, EXCHANGE))


def read(answer: object) -> tuple[int, Json]:
    """Status and body, after a look at what every response has."""
    assert isinstance(answer, dict)
    assert answer.keys() == {"statusCode", "headers", "body", "isBase64Encoded"}
    assert answer["headers"] == {"Content-Type": "application/json", "Cache-Control": "no-store"}
    assert answer["isBase64Encoded"] is False
    body: Json = json.loads(answer["body"])
    status: int = answer["statusCode"]
    if status != 200:
        assert body.keys() == {"error"}
        code = {400: "InvalidRequest", 401: "Unauthenticated", 403: "Forbidden"}[status]
        assert body["error"]["code"] == code
        assert "\n" not in body["error"]["message"]
    return status, body


# Behind an HTTP API


@pytest.mark.parametrize("body", [None, "", "{}", {}])
def test_viewer_is_who_is_signed_in(body: object, deploy: Deploy, key: Key) -> None:
    deploy("playback")

    status, answer = watch(event(body=body))

    assert status == 200
    claims = verify(answer["token"], key.pem, PlaybackClaims)
    assert claims.viewer_id == PERSON
    assert claims.channel_arn == CHANNEL
    assert answer["playbackUrl"] == f"{URL}?token={answer['token']}"


def test_body_can_ask_for_less(deploy: Deploy, key: Key) -> None:
    deploy("playback")

    status, answer = watch(event(body={"maximumResolution": "SD", "expiresInSeconds": 60}))

    assert status == 200
    claims = verify(answer["token"], key.pem, PlaybackClaims)
    assert claims.maximum_resolution == "SD"
    assert claims.expires_in <= timedelta(seconds=60)


def test_participant_is_who_is_signed_in(deploy: Deploy, key: Key) -> None:
    deploy("participant")

    status, answer = join(event("/join", {"attributes": {"role": "guest"}}))

    assert status == 200
    claims = verify(answer["token"], key.pem, ParticipantClaims, public_key_arn=PUBLIC_KEY)
    assert claims.user_id == PERSON
    assert claims.participant_id == answer["participantId"]


IAM = {
    "accessKey": "ASIA",
    "accountId": "123456789012",
    "callerId": "AROA:session",
    "cognitoIdentity": None,
    "principalOrgId": "aws:PrincipalOrgID",
    "userArn": "arn:aws:sts::123456789012:assumed-role/R/s",
    "userId": "AROA:session",
}


@pytest.mark.parametrize(
    ("caller", "name"),
    [
        (IAM, IAM["userArn"]),
        ({**IAM, "cognitoIdentity": {"amr": ["authenticated"], "identityId": "eu-west-1:7d3b"}},
         "eu-west-1:7d3b"),
    ],
    ids=["role", "identity-pool"],
)  # fmt: skip
def test_caller_with_credentials(caller: Json, name: str, deploy: Deploy, key: Key) -> None:
    deploy("playback")

    status, answer = watch(event("/signed", requestContext=signed_in(iam=caller)))

    assert status == 200
    assert verify(answer["token"], key.pem, PlaybackClaims).viewer_id == viewer_id_of(name)


@pytest.mark.parametrize(
    "identity", [{}, {"identityId": None}, {"identityId": ""}, "eu-west-1:7d3b", []]
)
def test_identity_pool_without_identity_is_refused(identity: object, deploy: Deploy) -> None:
    deploy("playback")
    caller = {**IAM, "cognitoIdentity": identity}

    assert watch(event("/signed", requestContext=signed_in(iam=caller)))[0] == 403


@pytest.mark.parametrize("longest", [40, 128])
def test_long_names_are_hashed(longest: int) -> None:
    of = viewer_id_of if longest == 40 else user_id_of

    assert of("v" * longest) == "v" * longest
    hashed = of("v" * (longest + 1))
    assert len(hashed) == 40
    assert hashed.startswith("sha256_")
    assert of("v" * (longest + 1)) == hashed
    assert of("w" * (longest + 1)) != hashed
    # A name that looks like a hash is hashed itself, so nobody can choose another one's id.
    assert of(hashed) != hashed


def test_ids_of_nothing_are_refused() -> None:
    for bad in ("", None, 7):
        with pytest.raises(ValueError, match="name must"):
            viewer_id_of(bad)  # type: ignore[arg-type]  # the mistake
        with pytest.raises(ValueError, match="user_id_of has 1 invalid"):
            user_id_of(bad)  # type: ignore[arg-type]  # the mistake


@pytest.mark.parametrize(
    "value",
    [None, "", " ", "\t\n", 7, True, ["a"], {"a": "b"}, "[a b]", "[]", '{"a":"b"}', "\ud800",
     "${Token[TOKEN.1]}", 1.5],
)  # fmt: skip
def test_claim_that_names_nobody_is_refused(value: object, deploy: Deploy) -> None:
    deploy("playback")

    status, answer = watch(with_claim(value))

    assert status == 403
    assert answer["error"]["message"] == (
        "request must be signed in with a token that names the person by one non-empty string"
    )


def test_claim_that_is_missing_is_refused(deploy: Deploy) -> None:
    deploy("playback")
    nested = signed_in(jwt={"claims": {"user": {"sub": PERSON}}, "scopes": None})

    assert watch(event(requestContext=nested))[0] == 403


@pytest.mark.parametrize(
    "authorizer",
    [
        {},
        {"jwt": None},
        {"jwt": {}},
        {"jwt": {"claims": None}},
        {"jwt": {"claims": [["sub", PERSON]]}},
        {"jwt": PERSON},
        {"iam": IAM},
        {"lambda": {"sub": PERSON}},
        {"claims": {"sub": PERSON}},
    ],
)
def test_nobody_signed_in_is_refused(authorizer: Json, deploy: Deploy) -> None:
    deploy("playback")

    assert watch(event(requestContext=signed_in(**authorizer))) == (
        401,
        {
            "error": {
                "code": "Unauthenticated",
                "message": "request must be signed in",
                "problems": [
                    {
                        "field": "request",
                        "code": "not-signed-in",
                        "message": "request must be signed in",
                    }
                ],
            }
        },
    )


@pytest.mark.parametrize("context", [None, [], "x", {}, {"authorizer": None}])
def test_context_of_another_form_is_refused(context: object, deploy: Deploy) -> None:
    deploy("playback")

    assert watch(event(requestContext=context))[0] == 401


BODY = "request must be a JSON object of at most 32768 characters that has each name once"
UNKNOWN = (
    "request must have no fields but channelArn, viewerId, expiresInSeconds, origins, "
    "maximumResolution, got 1 of another name; correct the spelling"
)


@pytest.mark.parametrize(
    ("changes", "status", "message"),
    [
        ({"body": "not JSON"}, 400, BODY),
        ({"body": "[]"}, 400, BODY),
        ({"body": "null"}, 400, BODY),
        ({"body": "7"}, 400, BODY),
        ({"body": '{"origins":["a"],"origins":["b"]}'}, 400, BODY),
        ({"body": "[" * 30_000}, 400, BODY),
        ({"body": "{" + " " * 2**20 + "}"}, 400, BODY),
        ({"body": "x" * 2**20}, 400, BODY),
        ({"body": "viewerId=x&channelArn=y"}, 400, BODY),
        ({"body": base64.b64encode(b"{}").decode(), "isBase64Encoded": True}, 400,
         "request must be JSON with the header Content-Type: application/json"),
        ({"body": "{}", "isBase64Encoded": "false"}, 400,
         "request must be JSON with the header Content-Type: application/json"),
        ({"body": '{"viewerId":"me"}'}, 400,
         "viewerId is taken from who is signed in; leave it out of the body"),
        ({"body": '{"viewerId":null}'}, 400,
         "viewerId is taken from who is signed in; leave it out of the body"),
        ({"body": '{"viewerIdd":"me"}'}, 400, UNKNOWN),
        ({"version": "1.0"}, 400, "request must come in payload format version 2.0"),
        ({"version": None}, 400, "request must come in payload format version 2.0"),
        ({"version": 2.0}, 400, "request must come in payload format version 2.0"),
        ({"routeKey": "GET /watch"}, 403,
         "request must come by a route that was set up for this issuer"),
        ({"routeKey": "$default"}, 403,
         "request must come by a route that was set up for this issuer"),
        ({"routeKey": None}, 403,
         "request must come by a route that was set up for this issuer"),
        ({"routeKey": ["POST /watch"]}, 403,
         "request must come by a route that was set up for this issuer"),
        ({"body": json.dumps({"channelArn": OTHER_CHANNEL})}, 403,
         "channelArn must be one that this issuer signs for, got something else"),
        ({"body": '{"expiresInSeconds":301}'}, 400,
         "expiresInSeconds must be 1-300 seconds, got more"),
        ({"body": '{"expiresInSeconds":NaN}'}, 400,
         "expiresInSeconds must be a whole number of seconds, got a value of type float"),
        ({"body": json.dumps({"channelArn": OTHER_CHANNEL, "expiresInSeconds": 0})}, 400,
         "channelArn must be one that this issuer signs for, got something else; expiresInSeconds "
         "must be 1-300 seconds, got less"),
    ],
)  # fmt: skip
def test_bad_event(changes: Json, status: int, message: str, deploy: Deploy) -> None:
    deploy("playback")

    found, answer = watch(event(**changes))

    assert (found, answer["error"]["message"]) == (status, message)


def test_payload_of_version_1_is_refused(deploy: Deploy) -> None:
    deploy("playback")
    old = {
        "version": "1.0",
        "resource": "/watch",
        "path": "/watch",
        "httpMethod": "POST",
        "requestContext": {"authorizer": {"claims": {"sub": PERSON}}},
        "body": "{}",
    }

    assert watch(old)[0] == 400


def test_events_are_read_only_where_that_was_set_up(
    deploy: Deploy, monkeypatch: pytest.MonkeyPatch
) -> None:
    deploy("playback")
    monkeypatch.delenv("TOKEN_ISSUER_HTTP")

    answer: Any = issue_playback.handler(event(), PLAIN)

    assert ("request", "unknown-field") in problems(answer)


def test_direct_requests_go_on_beside_an_api(deploy: Deploy, key: Key) -> None:
    deploy("playback")

    answer: Any = issue_playback.handler({"viewerId": "v"}, LATEST)

    assert verify(answer["token"], key.pem, PlaybackClaims).viewer_id == "v"


@pytest.mark.parametrize("text", ["", "[]", "7", "{", '{"a":{},"a":{}}'])
def test_routes_that_nobody_wrote_so_are_an_error(text: str, deploy: Deploy) -> None:
    deploy("playback")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("TOKEN_ISSUER_HTTP", text)
        with pytest.raises(SettingsError, match="must hold what TokenApi writes there"):
            issue_playback.handler(event(), PLAIN)


def test_nothing_of_people_is_in_log_or_refusals(
    deploy: Deploy, capsys: pytest.CaptureFixture[str]
) -> None:
    deploy("playback")
    events = [with_claim(CANARY), with_claim([CANARY]), with_claim(f"[{CANARY}]")]
    events += [event(body=each) for each in (CANARY, {CANARY: 1}, {"viewerId": CANARY})]
    events += [event(body={"channelArn": CANARY}), event(routeKey=CANARY)]

    answers = [watch(each) for each in events]

    log = "".join(capsys.readouterr())
    assert [status for status, _ in answers] == [200, 403, 403, 400, 400, 400, 403, 403]
    token = answers[0][1]["token"]
    assert payload(token)["aws:viewer-id"] == CANARY
    assert CANARY not in log + json.dumps(answers[1:])
    assert not any(part in log for part in token.split("."))
    assert [json.loads(each)["outcome"] for each in log.splitlines()] == ["issued"] + [
        "refused"
    ] * 7


def test_failure_on_this_side_is_an_error_of_the_function(deploy: Deploy, key: Key) -> None:
    missing = f"{key.arn.partition('/')[0]}/00000000-0000-0000-0000-000000000000"
    deploy("playback", signing_key_arn=missing)

    with pytest.raises(SigningError):
        issue_playback.handler(event(), PLAIN)


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=50),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=5,
)
bodies = (
    st.none()
    | st.text(max_size=30)
    | json_values.map(json.dumps)
    | st.dictionaries(
        st.sampled_from(
            ["channelArn", "viewerId", "expiresInSeconds", "origins", "maximumResolution", "token",
             "userId", "participantId", "attributes", "capabilities"]
        ),
        json_values | st.sampled_from([CHANNEL, OTHER_CHANNEL, 300, 301, "SD", ["PUBLISH"]]),
        max_size=3,
    ).map(json.dumps)
)  # fmt: skip
few = settings(
    derandomize=True,
    database=None,
    deadline=None,
    max_examples=200,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)


@few
@given(
    body=bodies,
    claim=json_values | st.just(PERSON),
    changed=st.dictionaries(
        st.sampled_from(
            ["version", "routeKey", "isBase64Encoded", "requestContext", "body", "headers"]
        ),
        json_values,
        max_size=1,
    ),
)
def test_whatever_an_api_sends_is_answered(
    body: str | None, claim: object, changed: Json, deploy: Deploy, key: Key
) -> None:
    deploy("playback")

    status, answer = watch({**with_claim(claim), "body": body, **changed})

    if status == 200:
        claims = verify(answer["token"], key.pem, PlaybackClaims)
        assert isinstance(claim, str)
        assert claims.viewer_id == viewer_id_of(claim)
        assert claims.channel_arn == CHANNEL
    else:
        assert "token" not in answer


# Exchanges


FIVE = ("topic", "resource", "jti", "whip_url", "events_url")
"""What Amazon IVS wants unchanged.

See: https://docs.aws.amazon.com/ivs/latest/RealTimeUserGuide/broadcast-mobile-token-exchange.html
"""


def present(deploy: Deploy, **request: object) -> Json:
    deploy("participant")
    answer: Any = issue_participant.handler({"userId": PERSON, **request}, PLAIN)
    found: Json = answer
    return found


def test_exchange_repeats_what_must_stay(deploy: Deploy, key: Key) -> None:
    old = present(deploy, attributes={"role": "guest"})

    new = exchange({"token": old["token"], "capabilities": ["PUBLISH", "SUBSCRIBE"]})

    before, after = payload(old["token"]), payload(new["token"])
    assert [after[each] for each in FIVE] == [before[each] for each in FIVE]
    assert after["user_id"] == PERSON
    assert after["attributes"] == {"role": "guest"}
    assert before["capabilities"] == {"allow_subscribe": True}
    assert after["capabilities"] == {"allow_publish": True, "allow_subscribe": True}
    assert new["participantId"] == old["participantId"]
    claims = verify(new["token"], key.pem, ParticipantClaims, public_key_arn=PUBLIC_KEY)
    assert claims.expires_in == timedelta(hours=1)


def test_exchange_can_change_attributes_and_time(deploy: Deploy) -> None:
    old = present(deploy, attributes={"role": "guest"})

    new = exchange(
        {
            "token": old["token"],
            "attributes": {"role": "host"},
            "expiresInSeconds": 60,
            "participantId": old["participantId"],
            "userId": PERSON,
        }
    )

    after = payload(new["token"])
    assert after["attributes"] == {"role": "host"}
    assert after["capabilities"] == {"allow_subscribe": True}
    assert after["exp"] - after["iat"] == 60


def test_exchanged_token_can_be_exchanged(deploy: Deploy) -> None:
    old = present(deploy)
    host = exchange({"token": old["token"], "capabilities": ["PUBLISH"]})

    again = exchange({"token": host["token"], "capabilities": ["SUBSCRIBE"]})

    assert payload(again["token"])["capabilities"] == {"allow_subscribe": True}
    assert payload(again["token"])["jti"] == old["participantId"]


def test_longest_token_is_exchanged(deploy: Deploy) -> None:
    # AWS KMS takes the hash of such a message; moto would hash it again.
    long = {"a": "\x01" * 1023}
    old = present(deploy, attributes=long)
    taken: list[tuple[str, str]] = []

    def signed(**given: Any) -> Json:  # noqa: ANN401 (boto3's own)
        taken.append(("sign", given["MessageType"]))
        return {"Signature": bytes.fromhex("3064" + 2 * ("0230" + "5a" * 48))}

    def verified(**given: Any) -> Json:  # noqa: ANN401 (boto3's own)
        taken.append(("verify", given["MessageType"]))
        return {"SignatureValid": True}

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(issuing, "_kms", lambda: SimpleNamespace(sign=signed, verify=verified))
        new = exchange({"token": old["token"]})

    assert len(old["token"]) < 16_384
    assert payload(new["token"])["attributes"] == long
    assert taken == [("verify", "DIGEST"), ("sign", "DIGEST")]


def test_exchange_takes_one_signature(deploy: Deploy) -> None:
    old = present(deploy)
    calls: list[str] = []
    client = issuing._kms()
    client.meta.events.register(
        "before-call.kms", lambda model, **_: calls.append(model.name), unique_id="count"
    )

    exchange({"token": old["token"]})

    client.meta.events.unregister("before-call.kms", unique_id="count")
    assert calls == ["Verify", "Sign"]


ONE_SENTENCE = (
    "token must be the participant's current token, signed by this issuer for one of its stages "
    "and not expired, got something else; request a new token and join with it"
)


def signed_by(key: Key, **changes: Any) -> str:  # noqa: ANN401 (claims)
    given: Json = {"stage_arn": STAGE, **ENDPOINTS, "user_id": PERSON, **changes}
    now = given.pop("now", None)
    public_key_arn = given.pop("public_key_arn", PUBLIC_KEY)
    signer = KmsSigner(key.arn, boto3.client("kms"))
    return sign(ParticipantClaims(**given), signer, public_key_arn=public_key_arn, now=now)


def broken(token: str, part: int, **changes: object) -> str:
    """Change claims and leave the signature."""
    parts = token.split(".")
    data = json.loads(base64.urlsafe_b64decode(parts[part] + "=="))
    text = json.dumps({**data, **changes}).encode()
    parts[part] = base64.urlsafe_b64encode(text).rstrip(b"=").decode()
    return ".".join(parts)


FORGED: dict[str, Callable[[Key], str]] = {
    "text": lambda _: "token",
    "parts": lambda _: "a.b.c",
    "other-key": lambda _: signed_by(Key()),
    "other-kid": lambda key: signed_by(key, public_key_arn=f"{PUBLIC_KEY}5"),
    "expired": lambda key: signed_by(key, now=datetime.now(UTC) - timedelta(days=1)),
    "other-stage": lambda key: signed_by(key, stage_arn=OTHER_STAGE),
    "other-claims": lambda key: broken(signed_by(key), 1, jti="another"),
    "no-algorithm": lambda key: broken(signed_by(key), 0, alg="none"),
    "unsigned": lambda key: signed_by(key).rpartition(".")[0] + ".",
    "zeros": lambda key: signed_by(key).rpartition(".")[0] + "." + "A" * 128,
    "playback": lambda key: sign(
        PlaybackClaims(channel_arn=CHANNEL), KmsSigner(key.arn, boto3.client("kms"))
    ),
    "long": lambda key: broken(signed_by(key), 1, attributes={"a": "x" * 4000}),
}


@pytest.mark.parametrize("forge", FORGED.values(), ids=FORGED.keys())
def test_other_tokens_are_not_exchanged(
    forge: Callable[[Key], str], deploy: Deploy, key: Key
) -> None:
    deploy("participant")

    answer = exchange({"token": forge(key)})

    assert answer["error"]["message"] == ONE_SENTENCE
    assert problems(answer) == [("token", "not-allowed")]


@pytest.mark.parametrize(
    ("request_", "problem"),
    [
        ({}, ("token", "required")),
        ({"token": None}, ("token", "required")),
        ({"token": ""}, ("token", "length")),
        ({"token": 7}, ("token", "type")),
        ({"token": ["a.b.c"]}, ("token", "type")),
        ({"token": "x" * 2**20}, ("token", "length")),
        ({"stageArn": STAGE}, ("request", "unknown-field")),
        ({"capabilities": ["ADMIN"]}, ("capabilities", "not-allowed")),
        ({"capabilities": []}, ("capabilities", "items")),
        ({"attributes": {"a": "x" * 1024}}, ("attributes", "size")),
        ({"attributes": []}, ("attributes", "type")),
        ({"expiresInSeconds": 3601}, ("expiresInSeconds", "range")),
    ],
)
def test_bad_exchange(request_: Json, problem: tuple[str, str], deploy: Deploy) -> None:
    deploy("participant")

    assert problem in problems(exchange(request_))


@pytest.mark.parametrize(
    ("guard", "value"),
    [("participantId", "another"), ("userId", "another"), ("participantId", 7), ("userId", [])],
)
def test_exchange_for_another_participant_is_refused(
    guard: str, value: object, deploy: Deploy
) -> None:
    old = present(deploy)

    answer = exchange({"token": old["token"], guard: value})

    assert problems(answer) == [(guard, "not-allowed")]


@pytest.mark.parametrize("asked", [{"capabilities": ["PUBLISH"]}, {}])
def test_wider_capabilities_are_refused(asked: Json, deploy: Deploy, key: Key) -> None:
    deploy("participant", exchange_capabilities=["SUBSCRIBE"])
    token = signed_by(key, capabilities=["PUBLISH", "SUBSCRIBE"])

    answer = exchange({"token": token, **asked})

    assert problems(answer) == [("capabilities", "not-allowed")]


@pytest.mark.parametrize("context", [PLAIN, LATEST, SimpleNamespace(), None])
def test_only_the_alias_exchanges(context: object, deploy: Deploy) -> None:
    old = present(deploy)

    answer: Any = issue_participant.handler({"token": old["token"]}, context)

    assert problems(answer) == [("request", "unknown-field")]


def test_nothing_is_exchanged_that_was_not_allowed_at_deploy(deploy: Deploy) -> None:
    old = present(deploy)
    deploy("participant", exchange_capabilities=None)

    answer = exchange({"token": old["token"]})

    assert answer["error"]["message"] == (
        "request must ask for a new token: none is exchanged here"
    )


def test_alias_of_a_playback_issuer_changes_nothing(deploy: Deploy) -> None:
    deploy("playback")

    assert "token" in str(issue_playback.handler({"viewerId": "v"}, EXCHANGE))


def test_refusal_of_kms_is_an_error(deploy: Deploy, key: Key) -> None:
    token = signed_by(key)
    missing = f"{key.arn.partition('/')[0]}/00000000-0000-0000-0000-000000000000"
    deploy("participant", signing_key_arn=missing)

    with pytest.raises(SigningError) as caught:
        exchange({"token": token})

    assert caught.value.__suppress_context__


def test_kms_may_say_invalid_either_way(deploy: Deploy, key: Key) -> None:
    deploy("participant")
    token = signed_by(key)

    class KMSInvalidSignatureException(Exception):  # noqa: N818 (the name that AWS gave it)
        pass

    def refuse(**_: object) -> None:
        raise KMSInvalidSignatureException

    for verified in (refuse, lambda **_: {"SignatureValid": False}):
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(issuing, "_kms", lambda: SimpleNamespace(verify=verified))  # noqa: B023 (called at once)
            assert problems(exchange({"token": token})) == [("token", "not-allowed")]


def test_exchange_behind_an_api(deploy: Deploy) -> None:
    deploy("participant")
    _, old = join(event("/join"))

    status, new = promote(
        event("/promote", {"token": old["token"], "capabilities": ["PUBLISH", "SUBSCRIBE"]})
    )

    before, after = payload(old["token"]), payload(new["token"])
    assert status == 200
    assert [after[each] for each in FIVE] == [before[each] for each in FIVE]


def test_exchange_behind_an_api_is_for_oneself(deploy: Deploy, key: Key) -> None:
    deploy("participant")

    for user in ("somebody-else", None):
        status, answer = promote(event("/promote", {"token": signed_by(key, user_id=user)}))
        assert (status, problems_of(answer)) == (403, [("userId", "not-allowed")])
    status, answer = promote(event("/promote", {"token": "a.b.c"}))
    assert (status, problems_of(answer)) == (403, [("token", "not-allowed")])
    status, answer = promote(event("/promote", {"userId": PERSON}))
    assert (status, problems_of(answer)) == (400, [("userId", "exclusive")])
    status, answer = promote(event("/promote"))
    assert (status, problems_of(answer)) == (400, [("token", "required")])


def problems_of(answer: Json) -> list[tuple[str, str]]:
    return [(each["field"], each["code"]) for each in answer["error"]["problems"]]


def test_route_and_alias_must_agree(deploy: Deploy, key: Key) -> None:
    deploy("participant")
    token = signed_by(key)

    assert join(event("/promote", {"token": token}))[0] == 403
    assert promote(event("/join"))[0] == 403


def test_log_of_an_exchange(deploy: Deploy, capsys: pytest.CaptureFixture[str]) -> None:
    old = present(deploy)
    capsys.readouterr()

    exchange({"token": old["token"]})
    exchange({"token": f"{old['token']}x"})

    out = capsys.readouterr().out
    assert [json.loads(each)["outcome"] for each in out.splitlines()] == ["exchanged", "refused"]
    assert not any(part in out for part in (PERSON, *old["token"].split(".")))


@few
@given(
    request_=st.dictionaries(st.sampled_from([*TokenExchangeRequest.__annotations__]), json_values)
)
def test_no_exchange_gets_more_than_was_fixed(request_: Json, deploy: Deploy, key: Key) -> None:
    deploy("participant", exchange_capabilities=["SUBSCRIBE"])
    token = signed_by(key, capabilities=["SUBSCRIBE"])

    answer = exchange({"token": token, **request_})

    if "error" in answer:
        assert problems(answer)
        return
    claims = verify(answer["token"], key.pem, ParticipantClaims, public_key_arn=PUBLIC_KEY)
    assert claims.capabilities == ("SUBSCRIBE",)
    assert (claims.stage_arn, claims.user_id) == (STAGE, PERSON)


def test_form_of_signatures_goes_both_ways() -> None:
    half = 48
    for first in (1, 127, 128, 255, 256, 2**383):
        for second in (1, 2**376 - 1, 2**383 + 5):
            raw = first.to_bytes(half) + second.to_bytes(half)
            assert raw_signature(der_signature(raw)) == raw
    assert der_signature(bytes(96)) == bytes.fromhex("3006020100020100")


# What becomes known at deploy


def settings_text(**changes: object) -> str:
    found: Json = {
        "signing_key_arn": {"value": 1},
        "max_lifetime": {"value": 2},
        "channels": [{"channel_arn": {"value": 3}, "playback_url": {"value": 4}}],
        "allowed_origins": ["https://a.example.com", {"value": 5}],
        "strict_origin_enforcement": False,
        "single_use": False,
        "require_viewer": False,
        "values": 5,
    }
    return json.dumps(found | changes)


GOOD = ["", "60", CHANNEL, URL, "https://b.example.com"]


@pytest.fixture
def write(key: Key, monkeypatch: pytest.MonkeyPatch) -> Callable[..., Any]:
    def write(text: str, values: list[str]) -> Any:  # noqa: ANN401 (JSON)
        monkeypatch.setenv("TOKEN_ISSUER", text)
        for number, value in enumerate([key.arn, *values[1:]], start=1):
            monkeypatch.setenv(f"TOKEN_ISSUER_{number}", value)
        return issue_playback.handler({}, PLAIN)

    return write


def test_deploy_time_values_are_put_in(write: Callable[..., Any], key: Key) -> None:
    answer = write(settings_text(), GOOD)

    claims = verify(answer["token"], key.pem, PlaybackClaims)
    assert claims.channel_arn == CHANNEL
    assert claims.expires_in <= timedelta(seconds=60)
    assert claims.access_control_allow_origin == (
        "https://a.example.com",
        "https://b.example.com",
    )


@pytest.mark.parametrize(
    ("number", "value"),
    [
        (2, "86401"),
        (2, "0"),
        (2, "-1"),
        (2, "6e1"),
        (2, '60,"max_lifetime":86400'),
        (3, "arn:aws:ivs:eu-west-1:123456789012:stage/AbCd"),
        (3, '","channel_arn":"x'),
        (3, "arn:aws:ivs:eu-west-1:123456789012:channel/*"),
        (4, "javascript"),
        (4, 'https://a.example/" onload="x y'),
        (5, "https://b.example.com,https://evil.example"),
        (5, 'https://b.example.com","single_use":true,"x":"'),
        (5, "b.example.com"),
        (5, ""),
    ],
)
def test_deploy_time_value_cannot_change_more_than_itself(
    number: int, value: str, write: Callable[..., Any]
) -> None:
    values = [*GOOD]
    values[number - 1] = value

    with pytest.raises(SettingsError) as caught:
        write(settings_text(), values)

    assert "TOKEN_ISSUER_1 to TOKEN_ISSUER_5 hold a deploy-time value that" in str(caught.value)
    assert "evil" not in str(caught.value)


@pytest.mark.parametrize("arn", ["alias/x", "arn:aws:kms:eu-west-1:123456789012:alias/x", "*", ""])
def test_key_is_a_key(arn: str, write: Callable[..., Any]) -> None:
    with pytest.raises(SettingsError):
        write(settings_text(signing_key_arn=arn, values=4, max_lifetime=60), GOOD[:4])


@pytest.mark.parametrize(
    "changes",
    [
        {"values": 4},
        {"values": 6},
        {"allowed_origins": [{"value": 4}]},
        {"allowed_origins": [{"value": 5}, {"value": 5}]},
        {"allowed_origins": [{"value": 0}]},
        {"allowed_origins": [{"value": "5"}]},
        {"allowed_origins": []},
        {"allowed_origins": {"value": 5}},
        {"allowed_origins": [{"value": 5}, 7]},
        {"channels": []},
        {"channels": [{"channel_arn": {"value": 3}, "playback_url": {"value": 4}}] * 11},
        {"channels": ["x"]},
        {"channels": {"a": 1}},
        {"channels": [{"channel_arn": {"value": 3}, "url": {"value": 4}}]},
        {"channels": [{"playback_url": {"value": 4}}]},
        {"single_use": "no"},
        {"require_viewer": None},
        {"maximum_resolution": "4K"},
        {"max_lifetime": True},
        {"max_lifetime": [60]},
        {"more": 1},
    ],
)
def test_other_text_than_the_construct_writes(changes: Json, write: Callable[..., Any]) -> None:
    with pytest.raises(SettingsError):
        write(settings_text(**changes), GOOD)


def test_name_that_stands_twice_is_refused(write: Callable[..., Any]) -> None:
    text = settings_text()

    with pytest.raises(SettingsError):
        write(f'{text[:-1]},"single_use":true}}', GOOD)
    with pytest.raises(SettingsError):
        write("[" * 100_000, GOOD)


@pytest.mark.parametrize(
    "changes",
    [
        {"public_key_arn": "x"},
        {"stages": [{"stage_arn": STAGE}]},
        {"stages": [{"stage_arn": STAGE, **ENDPOINTS, "whip_url": "x"}]},
        {"max_lifetime": 1_209_601},
    ],
)
def test_settings_of_participants_are_judged(changes: Json, deploy: Deploy) -> None:
    deploy("participant", **changes)

    with pytest.raises(SettingsError):
        issue_participant.handler({}, PLAIN)


# Origins and viewers


def test_viewer_is_required(deploy: Deploy) -> None:
    deploy("playback", max_lifetime=86_400)

    answer: Any = issue_playback.handler({}, PLAIN)

    assert problems(answer) == [("viewerId", "required")]
    assert answer["error"]["message"] == (
        "viewerId must name the viewer, got none; name one, or deploy the issuer with "
        "require_viewer=False"
    )


@pytest.mark.parametrize("allowed", [None, ["*"], ["https://a.example.com", "*"]])
@pytest.mark.parametrize("count", [5, 6])
def test_strict_origins_are_five_at_most(count: int, allowed: object, deploy: Deploy) -> None:
    strict = allowed is not None
    deploy("playback", allowed_origins=allowed, strict_origin_enforcement=strict)
    origins = [f"https://{each}.example.com" for each in "abcdef"[:count]]

    answer: Any = issue_playback.handler({"viewerId": "v", "origins": origins}, PLAIN)

    if strict and count == 6:
        assert problems(answer) == [("origins", "items")]
    else:
        assert "token" in answer


def test_routes_are_read_once() -> None:
    assert answering._routes('{"a":{}}') is answering._routes('{"a":{}}')
