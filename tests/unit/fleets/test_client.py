"""The client of fleets, and what the functions may do against what they do."""

from __future__ import annotations

import io
import json
from typing import Any

import pytest

from ivs_constructs.fleets import _permissions
from ivs_constructs.fleets.client import FleetClient, FleetFailedError, FleetRefusedError
from tests.faults.fleets import KINDS, Plan, run
from tests.faults.fleets_scenarios import SCENARIOS
from tests.unit.fleets.conftest import Cloud


class Lambda:
    """Invokes the function of a fleet in place of AWS Lambda."""

    def __init__(self, cloud: Cloud) -> None:
        self._cloud = cloud
        self.fails = False
        self.asked: list[str] = []

    def invoke(self, **given: Any) -> dict[str, Any]:  # noqa: ANN401 (JSON)
        assert given["FunctionName"] == "rooms"
        self.asked.append(given["Qualifier"])
        if self.fails:
            text = json.dumps({"errorMessage": "see the log", "errorType": "FleetError"})
            return {"FunctionError": "Unhandled", "Payload": io.BytesIO(text.encode())}
        reply = self._cloud.ask(given["Qualifier"], **json.loads(given["Payload"]))
        return {"Payload": io.BytesIO(json.dumps(reply).encode())}


def test_client_asks_every_verb(cloud: Cloud) -> None:
    rooms = FleetClient("rooms", client=Lambda(cloud))
    made = rooms.acquire("a")

    assert made["created"]
    assert rooms.get("a")["arn"] == rooms.touch("a")["arn"] == made["arn"]
    assert [each["key"] for each in rooms.list()] == ["a"]
    assert rooms.release("a", made["arn"])["released"]
    with pytest.raises(FleetRefusedError, match="UnknownKey: ") as raised:
        rooms.get("a")
    assert raised.value.code == "UnknownKey"
    assert repr(rooms) == "FleetClient('rooms')"


@pytest.mark.parametrize(
    ("wrong", "message"),
    [
        ({"function_name": ""}, "pass the construct's function_name to the program"),
        ({"function_name": None}, "pass the construct's function_name to the program"),
        ({"function_name": "${Token[TOKEN.12]}"}, "must be known when the program runs"),
        ({"wait": "20"}, "wait must be a number of seconds, 0 or more, got '20'"),
        ({"wait": -1}, "wait must be a number of seconds, 0 or more, got -1"),
        ({"wait": float("inf")}, "wait must be a number of seconds"),
        ({"wait": True}, "wait must be a number of seconds"),
        ({"client": object()}, "client must be a boto3 client for AWS Lambda"),
    ],
)
def test_client_refuses_wrong_settings(cloud: Cloud, wrong: dict[str, Any], message: str) -> None:
    settings: dict[str, Any] = {"function_name": "rooms", "client": Lambda(cloud), **wrong}
    with pytest.raises(TypeError, match=message):
        FleetClient(**settings)


def test_client_names_the_field_of_a_token(cloud: Cloud) -> None:
    rooms = FleetClient("rooms", client=Lambda(cloud))
    slip: dict[str, Any] = {"expires_in_seconds": 60}
    with pytest.raises(TypeError, match=r"expires_in_seconds is no field.*; write expiresInSec"):
        rooms.token("a", **slip)


def test_client_reads_stream_keys(cloud: Cloud) -> None:
    cloud.deploy("channel")
    creators = FleetClient("rooms", client=Lambda(cloud))
    creators.acquire("a")
    first = creators.stream_key("a")["streamKey"]
    assert first.startswith("sk_")
    reset = creators.reset_stream_key("a", stop=True)
    assert reset == creators.stream_key("a")
    assert reset["streamKey"] != first


def test_client_waits_for_a_busy_fleet(cloud: Cloud, monkeypatch: pytest.MonkeyPatch) -> None:
    waits: list[float] = []
    lambdas = Lambda(cloud)
    replies = [{"error": {"code": "Busy", "message": "m", "retryAfterSeconds": 3}}] * 2
    ask = cloud.ask
    monkeypatch.setattr(cloud, "ask", lambda *a, **k: replies.pop() if replies else ask(*a, **k))
    monkeypatch.setattr("ivs_constructs.fleets.client.time.sleep", waits.append)
    assert FleetClient("rooms", client=lambdas, wait=10).acquire("a")["created"]
    assert len(waits) == 2
    replies[:] = [{"error": {"code": "Busy", "message": "m", "retryAfterSeconds": 3}}]
    with pytest.raises(FleetRefusedError, match="Busy"):
        FleetClient("rooms", client=lambdas).acquire("a")


def test_client_tells_of_failures(cloud: Cloud) -> None:
    lambdas = Lambda(cloud)
    lambdas.fails = True
    with pytest.raises(FleetFailedError, match="token failed: see the log"):
        FleetClient("rooms", client=lambdas).token("a")


def test_client_makes_its_own(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_DEFAULT_REGION", "eu-west-1")
    made = FleetClient("rooms")._client
    assert made.meta.service_model.service_name == "lambda"


@pytest.mark.parametrize("kind", KINDS)
def test_functions_may_do_exactly_what_they_do(kind: str) -> None:
    """Every operation that the bench saw is allowed, and every one that is allowed was seen."""
    seen: dict[str, set[str]] = {"answer": set(), "tend": set()}
    for name in SCENARIOS:
        verdict = run(Plan(kind, name))
        for task, calls in zip(verdict.tasks, verdict.calls, strict=True):
            side = "tend" if task.split()[0] in ("tend", "change", "close", "fill") else "answer"
            seen[side] |= set(calls)
    table = {"PutItem", "UpdateItem", "Query", "Scan", "GetItem"}
    # A transaction needs what is in it; only the function that answers takes members made ahead.
    for side, statements in (
        ("answer", _permissions.of_answer(kind, "f", "arn")),
        ("tend", _permissions.of_tend(kind, "f", "arn")),
    ):
        allowed = {
            action.partition(":")[2]
            for each in statements
            for action in ([each["Action"]] if isinstance(each["Action"], str) else each["Action"])
            if action.startswith("ivs:")
        }
        used = seen[side] - table - {"TransactWriteItems"}
        assert used <= allowed, (side, used - allowed)
        assert allowed - used <= {"TagResource"}, (side, allowed - used)
