"""Settings, errors of AWS, tokens, and what the functions may do against what they do."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from botocore.exceptions import (  # type: ignore[import-untyped]  # no types
    ClientError,
    EndpointConnectionError,
    NoCredentialsError,
    ParamValidationError,
)

from ivs_constructs.fleets.function import answer, aws
from ivs_constructs.fleets.function.settings import SettingsError, read_settings
from ivs_constructs.fleets.function.steps import Call, CallError, Pause, Steps
from ivs_constructs.tokens import ParticipantClaims, PlaybackClaims, verify
from tests.faults.fleets_table import Table
from tests.unit.fleets.conftest import ANSWERS, REGION, TABLE, Cloud, Context

ROOT = Path(__file__).parents[3]
PUBLIC_KEY = "arn:aws:ivs:us-east-1:123456789012:public-key/f99cde61"


# Settings


@pytest.mark.parametrize(
    "environment",
    [
        {},
        {"FLEET": "no JSON"},
        {"FLEET": "[]"},
        {"FLEET": "{}"},
        {"FLEET": '{"kind": {"deployTime": 0, "as": "text"}}'},
        {"FLEET": '{"kind": {"deployTime": 0, "as": "json"}}', "FLEET_0": "no JSON"},
        {"FLEET": '{"secret": 1}'},
    ],
)
def test_settings_of_others_are_refused(environment: dict[str, str]) -> None:
    with pytest.raises(SettingsError, match="deploy the function by that construct") as raised:
        read_settings(environment)
    assert "secret" not in str(raised.value)


def test_texts_stay_texts() -> None:
    literal = {
        "kind": "stage",
        "fleet": {"deployTime": 0, "as": "text"},
        "name": "n",
        "table": "t",
        "max_size": {"deployTime": 1, "as": "json"},
        "create": {"list": [{"deployTime": 0, "as": "text"}]},
    }
    found = read_settings({"FLEET": json.dumps(literal), "FLEET_0": "7", "FLEET_1": "7"})
    assert (found.fleet, found.max_size, found.create) == ("7", 7, {"list": ["7"]})


# What AWS answers


def client_error(status: int, code: str = "Some", **more: object) -> ClientError:
    response = {"Error": {"Code": code}, "ResponseMetadata": {"HTTPStatusCode": status}, **more}
    return ClientError(response, "Operation")


@pytest.mark.parametrize(
    ("error", "throttled", "ambiguous", "denied"),
    [
        (client_error(429), True, False, False),
        (client_error(400, "ThrottlingException"), True, False, False),
        (client_error(400, "TransactionConflictException"), True, False, False),
        (client_error(400, "ValidationException"), False, False, False),
        (client_error(403, "AccessDeniedException"), False, False, True),
        (client_error(408), False, True, False),
        (client_error(500), False, True, False),
        (client_error(503), False, True, False),
        (
            client_error(
                400,
                "TransactionCanceledException",
                CancellationReasons=[{"Code": "None"}, {"Code": "TransactionConflict"}],
            ),
            True,
            False,
            False,
        ),
        (
            client_error(
                400,
                "TransactionCanceledException",
                CancellationReasons=[
                    {"Code": "ConditionalCheckFailed"},
                    {"Code": "TransactionConflict"},
                ],
            ),
            False,
            False,
            False,
        ),
        (
            client_error(
                400,
                "TransactionCanceledException",
                CancellationReasons=[{"Code": "ValidationError"}],
            ),
            False,
            False,
            False,
        ),
        (EndpointConnectionError(endpoint_url="https://a"), False, True, False),
        (NoCredentialsError(), False, False, False),
        (ParamValidationError(report="secret"), False, False, False),
        (RuntimeError("secret"), False, True, False),
    ],
)
def test_errors_are_judged(
    error: Exception, throttled: bool, ambiguous: bool, denied: bool
) -> None:
    found = aws.judge("Operation", error)
    assert (found.throttled, found.ambiguous, found.denied) == (throttled, ambiguous, denied)
    assert "secret" not in str(found)


def test_steps_are_carried_out(monkeypatch: pytest.MonkeyPatch) -> None:
    waited: list[float] = []
    monkeypatch.setattr("ivs_constructs.fleets.function.aws.time.sleep", waited.append)

    def refuse(call: Call) -> dict[str, Any]:
        raise CallError(call.operation, "No")

    monkeypatch.setattr(aws, "send", refuse)

    def work() -> Steps[str]:
        yield Pause(-1)
        outcome = yield Call("ivs", "GetStream", {})
        assert isinstance(outcome, CallError)
        return outcome.code

    assert aws.carry_out(work()) == "No"
    assert waited == [0]


# The bench's table against moto's


TOUCH: dict[str, Any] = {
    "Key": {"pk": {"S": "a"}, "sk": {"S": "-"}},
    "UpdateExpression": "SET #used = :now",
    "ConditionExpression": "#state = :ready",
    "ExpressionAttributeNames": {"#used": "used", "#state": "state"},
    "ExpressionAttributeValues": {":now": {"N": "7"}, ":ready": {"S": "READY"}},
    "ReturnValues": "ALL_NEW",
    "ReturnValuesOnConditionCheckFailure": "ALL_OLD",
}
READY = {"pk": {"S": "a"}, "sk": {"S": "-"}, "state": {"S": "READY"}, "n": {"N": "1"}}


def put(**more: Any) -> dict[str, Any]:  # noqa: ANN401 (JSON)
    return {"Item": READY, "ReturnValuesOnConditionCheckFailure": "ALL_OLD", **more}


def change(expression: str, condition: str = "", **values: str) -> dict[str, Any]:
    more: dict[str, Any] = {"ConditionExpression": condition} if condition else {}
    names = {
        f"#{each}": each
        for each in ("state", "n", "m", "o")
        if f"#{each}" in f"{expression} {condition}"
    }
    return {
        **TOUCH,
        **more,
        "UpdateExpression": expression,
        "ExpressionAttributeNames": names,
        "ExpressionAttributeValues": {
            f":{name}": {"S" if each.isalpha() else "N": each}
            for name, each in values.items()
            if f":{name}" in f"{expression} {condition}"
        },
        **({} if condition else {"ConditionExpression": "attribute_exists(#n)"}),
    }


def transaction(token: str, **more: Any) -> dict[str, Any]:  # noqa: ANN401 (JSON)
    delete = {
        "Key": TOUCH["Key"],
        "ConditionExpression": "#state = :ready",
        "ExpressionAttributeNames": {"#state": "state"},
        "ExpressionAttributeValues": {":ready": {"S": "READY"}},
    }
    other = {"Item": {**READY, "pk": {"S": "b"}}, "ConditionExpression": "attribute_not_exists(pk)"}
    other["ConditionExpression"] = "attribute_not_exists(#pk)"
    other["ExpressionAttributeNames"] = {"#pk": "pk"}
    return {
        "TransactItems": [{"Delete": delete}, {"Put": other}],
        "ClientRequestToken": token,
        **more,
    }


GET = {"Key": TOUCH["Key"], "ConsistentRead": True}
PLAYS = {
    "touch nothing": [("UpdateItem", TOUCH), ("GetItem", GET)],
    "touch": [("PutItem", put()), ("UpdateItem", TOUCH), ("GetItem", GET)],
    "touch another state": [
        ("PutItem", put(Item={**READY, "state": {"S": "CLAIMED"}})),
        ("UpdateItem", TOUCH),
    ],
    "put once": [
        (
            "PutItem",
            put(
                ConditionExpression="attribute_not_exists(#pk)",
                ExpressionAttributeNames={"#pk": "pk"},
            ),
        )
    ]
    * 2,
    "compare": [
        ("PutItem", put()),
        *(
            ("UpdateItem", change("SET #m = :one", f"#n {operator} :{name}", one="1", two="2"))
            for operator in ("=", "<>", "<", "<=", ">", ">=")
            for name in ("one", "two")
        ),
        ("UpdateItem", change("SET #m = :one", "#o = :one", one="1")),
        ("UpdateItem", change("SET #m = :one", "#o <> :one", one="1")),
        ("UpdateItem", change("SET #m = :one", "#o < :one", one="1")),
        # Neither takes what is not used.
        (
            "UpdateItem",
            {**TOUCH, "ExpressionAttributeNames": {"#used": "used", "#state": "state", "#n": "n"}},
        ),
    ],
    "and, or": [
        ("PutItem", put()),
        (
            "UpdateItem",
            change("SET #m = :one", "#n = :two AND #n = :one OR #n = :one", one="1", two="2"),
        ),
        ("UpdateItem", change("SET #m = :one", "#n = :one AND #n = :two", one="1", two="2")),
        (
            "UpdateItem",
            change("SET #m = :one", "attribute_not_exists(#o) OR #n = :two", one="1", two="2"),
        ),
    ],
    "count": [
        ("PutItem", put()),
        ("UpdateItem", change("SET #n = #n + :one, #m = :two", one="1", two="2")),
        (
            "UpdateItem",
            change("SET #n = if_not_exists(#n, :two), #o = if_not_exists(#o, :two)", two="2"),
        ),
        ("UpdateItem", change("ADD #n :two, #m :two", two="-2")),
        ("UpdateItem", change("SET #n = #n + :one, #state = :b", one="0.5", b="B")),
    ],
    "transaction": [
        ("PutItem", put()),
        # Not twice with one token: moto does not know what AWS documents of that.
        ("TransactWriteItems", transaction("t" * 36)),
        ("TransactWriteItems", transaction("u" * 36)),
        ("GetItem", GET),
    ],
    "query": [
        ("PutItem", put(Item={**READY, "sk": {"S": "2"}})),
        ("PutItem", put(Item={**READY, "sk": {"S": "1"}})),
        ("PutItem", put(Item={**READY, "pk": {"S": "b"}})),
        (
            "Query",
            {
                "ConsistentRead": True,
                "Limit": 5,
                "KeyConditionExpression": "#pk = :pk",
                "ExpressionAttributeNames": {"#pk": "pk"},
                "ExpressionAttributeValues": {":pk": {"S": "a"}},
            },
        ),
    ],
}


def told(answered: Any) -> Any:  # noqa: ANN401 (JSON)
    """What fleets read of an answer, numbers as numbers."""
    if isinstance(answered, CallError):
        return answered.code, told(answered.item), answered.reasons
    if isinstance(answered, dict):
        if answered.keys() == {"N"}:
            return float(answered["N"])
        known = {
            k: v
            for k, v in answered.items()
            if k
            not in (
                "ResponseMetadata",
                "Count",
                "ScannedCount",
                "LastEvaluatedKey",
                "ConsumedCapacity",
                "ItemCollectionMetrics",
            )
        }
        return {name: told(each) for name, each in known.items()}
    if isinstance(answered, list):
        return [told(each) for each in answered]
    return answered


@pytest.mark.parametrize("play", PLAYS)
def test_double_of_the_table_is_like_moto(cloud: Cloud, play: str) -> None:
    double = Table(page=100)
    dynamodb = cloud.client("dynamodb")
    for operation, parameters in PLAYS[play]:
        given = json.loads(json.dumps(parameters))
        for each in given.get("TransactItems", ()):
            for write in each.values():
                write["TableName"] = TABLE
        if operation != "TransactWriteItems":
            given["TableName"] = TABLE
        answers: list[Any] = []
        for send in (
            lambda: double.serve(Call("dynamodb", operation, given)),  # noqa: B023 (called at once)
            lambda: getattr(dynamodb, _snake(operation))(**given),  # noqa: B023 (called at once)
        ):
            try:
                answers.append(told(send()))
            except CallError as error:
                answers.append(told(error))
            except ClientError as error:
                answers.append(told(aws.judge(operation, error)))
        assert answers[0] == answers[1], operation


def _snake(name: str) -> str:
    return "".join(f"_{each.lower()}" if each.isupper() else each for each in name).strip("_")


# Tokens


def signing(cloud: Cloud) -> tuple[str, str]:
    """Make a key in AWS KMS; returns its ARN and its public half."""
    made = cloud.client("kms").create_key(KeySpec="ECC_NIST_P384", KeyUsage="SIGN_VERIFY")[
        "KeyMetadata"
    ]
    from cryptography.hazmat.primitives import serialization

    der = cloud.client("kms").get_public_key(KeyId=made["KeyId"])["PublicKey"]
    pem = serialization.load_der_public_key(der).public_bytes(
        serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo
    )
    return made["Arn"], pem.decode()


@pytest.fixture
def stage_pem(cloud: Cloud) -> str:
    arn, pem = signing(cloud)
    issuer = {
        "signing_key_arn": arn,
        "public_key_arn": PUBLIC_KEY,
        "max_lifetime": 7200,
        "capabilities": ["PUBLISH", "SUBSCRIBE"],
    }
    cloud.deploy(issuer=issuer)
    return pem


@pytest.fixture
def channel_pem(cloud: Cloud) -> str:
    arn, pem = signing(cloud)
    issuer = {
        "signing_key_arn": arn,
        "max_lifetime": 600,
        "allowed_origins": ["https://example.com"],
        "strict_origin_enforcement": True,
        "maximum_resolution": "HD",
    }
    cloud.deploy("channel", issuer=issuer)
    return pem


def test_participant_token(cloud: Cloud, stage_pem: str) -> None:
    made = cloud.ask("acquire", key="a")
    reply = cloud.ask(
        "token",
        key="a",
        userId="ada",
        attributes={"role": "host"},
        capabilities=["SUBSCRIBE"],
        expiresInSeconds=60,
    )
    claims = json.loads(_payload(reply["token"]))
    assert verify(reply["token"], stage_pem, ParticipantClaims, now=_now(cloud))
    assert claims["resource"] == reply["arn"] == made["arn"]
    assert claims["jti"] == reply["participantId"]
    assert (claims["user_id"], claims["attributes"]) == ("ada", {"role": "host"})
    assert claims["capabilities"] == {"allow_subscribe": True}
    assert claims["whip_url"] == made["endpoints"]["whip"]
    assert claims["exp"] - claims["iat"] == 60


def test_playback_token(cloud: Cloud, channel_pem: str) -> None:
    made = cloud.ask("acquire", key="a")
    reply = cloud.ask("token", key="a", viewerId="v1")
    claims = json.loads(_payload(reply["token"]))
    assert verify(reply["token"], channel_pem, PlaybackClaims, now=_now(cloud))
    assert claims["aws:channel-arn"] == made["arn"]
    assert claims["aws:viewer-id"] == "v1"
    assert claims["aws:access-control-allow-origin"] == "https://example.com"
    assert claims["aws:strict-origin-enforcement"] is True
    assert claims["aws:maximum-resolution"] == "HD"
    assert reply["playbackUrl"] == f"{made['playbackUrl']}?token={reply['token']}"


def _payload(token: str) -> bytes:
    import base64

    part = token.split(".")[1]
    return base64.urlsafe_b64decode(part + "=" * (-len(part) % 4))


def _now(cloud: Cloud) -> Any:  # noqa: ANN401 (a time)
    from datetime import UTC, datetime

    return datetime.fromtimestamp(cloud.time.now, UTC)


@pytest.mark.usefixtures("stage_pem")
def test_member_lives_as_long_as_its_tokens(cloud: Cloud) -> None:
    cloud.ask("acquire", key="a")
    cloud.ask("token", key="a", expiresInSeconds=7200)
    cloud.ask("token", key="a", expiresInSeconds=60)
    cloud.time.now += 7200 + 3500
    cloud.tend()
    assert len(cloud.members()) == 1
    cloud.time.now += 200
    cloud.tend()
    assert cloud.members() == []


@pytest.mark.parametrize(
    ("request_", "field"),
    [
        ({"userId": "x" * 129}, "userId"),
        ({"userId": 7}, "userId"),
        ({"attributes": {"a": "x" * 1100}}, "attributes"),
        ({"attributes": []}, "attributes"),
        ({"capabilities": []}, "capabilities"),
        ({"capabilities": "PUBLISH"}, "capabilities"),
        ({"capabilities": ["ALL"]}, "capabilities"),
        ({"expiresInSeconds": 0}, "expiresInSeconds"),
        ({"expiresInSeconds": 7201}, "expiresInSeconds"),
        ({"expiresInSeconds": True}, "expiresInSeconds"),
        ({"viewerId": "v"}, "request"),
    ],
)
@pytest.mark.usefixtures("stage_pem")
def test_wrong_requests_for_participants(
    cloud: Cloud, request_: dict[str, Any], field: str
) -> None:
    cloud.ask("acquire", key="a")
    reply = cloud.ask("token", key="a", **request_)
    assert reply["error"]["code"] == "InvalidRequest"
    assert reply["error"]["field"] == field


@pytest.mark.usefixtures("channel_pem")
def test_wrong_requests_for_viewers(cloud: Cloud) -> None:
    cloud.ask("acquire", key="a")
    for request in ({}, {"viewerId": "x" * 41}, {"viewerId": ""}, {"viewerId": 7}):
        reply = cloud.ask("token", key="a", **request)
        assert reply["error"]["field"] == "viewerId"
    assert cloud.ask("token", key="b", viewerId="v")["error"]["code"] == "UnknownKey"


@pytest.mark.usefixtures("stage_pem")
def test_token_of_a_member_that_is_just_released(cloud: Cloud) -> None:
    made = cloud.ask("acquire", key="a")
    real = aws.send

    def send(call: Call) -> dict[str, Any]:
        if ":until" in call.parameters.get("UpdateExpression", ""):
            cloud.monkeypatch.setattr(aws, "send", real)
            cloud.ask("release", key="a", arn=made["arn"])
        return real(call)

    cloud.monkeypatch.setattr(aws, "send", send)
    assert cloud.ask("token", key="a")["error"]["code"] == "UnknownKey"


@pytest.mark.usefixtures("stage_pem")
def test_token_is_in_no_log_and_no_row(cloud: Cloud, capsys: pytest.CaptureFixture[str]) -> None:
    cloud.ask("acquire", key="a")
    token = cloud.ask("token", key="a", userId="canary")["token"]
    written = capsys.readouterr().out + json.dumps(cloud.rows())
    assert token not in written
    assert "canary" not in written


def test_function_without_settings_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("FLEET", raising=False)
    aws.deployed.cache_clear()
    with pytest.raises(SettingsError):
        answer.handler({"key": "a"}, Context(f"{ANSWERS}:get"))


def test_clients_are_made_while_the_function_starts() -> None:
    code = (
        "import ivs_constructs.fleets.function.answer, sys\n"
        "from ivs_constructs.fleets.function import aws\n"
        "print(aws.client_of.cache_info().currsize)\n"
        "print(*sorted(each for each in ('aws_cdk', 'boto3', 'jsii') if each in sys.modules))"
    )
    for variables, made in ((("FLEET", "{}"), "1"), (("OTHER", ""), "0")):
        environment = {**os.environ, "AWS_DEFAULT_REGION": REGION, **dict([variables])}
        if variables[0] != "FLEET":
            environment.pop("FLEET", None)
        done = subprocess.run(
            [sys.executable, "-c", code],
            env=environment,
            capture_output=True,
            text=True,
            check=True,
            timeout=300,
            cwd=ROOT,
        )
        assert done.stdout.splitlines() == [made, ""]
