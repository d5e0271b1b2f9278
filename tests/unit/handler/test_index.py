"""Lambda's entry: an answer in every case, and one only."""

from __future__ import annotations

import json
import subprocess
import sys
import threading
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from botocore.exceptions import ClientError  # type: ignore[import-untyped]  # no types

from ivs_constructs.testing.emulator import Emulator, Hang, Reset

if TYPE_CHECKING:
    from ivs_constructs._lambda.ivs_handler import clients, index, lifecycle, wire
    from tests.unit.handler.conftest import CloudFormation, Stack
else:
    from ivs_handler import clients, index, lifecycle, wire

from tests.unit.handler.conftest import Context


def test_unknown_type(stack: Stack, emulator: Emulator) -> None:
    stack.type = "Custom::Other"

    made = stack.create()
    gone = stack.delete()

    assert made["Status"] == "FAILED"
    assert "ResourceType must be one of Custom::IVSStage" in made["Reason"]
    assert "got 'Custom::Other'" in made["Reason"]
    assert gone["Status"] == "SUCCESS"
    assert gone["PhysicalResourceId"] == made["PhysicalResourceId"]
    assert emulator.calls == []


def test_malformed_properties_of_something_never_made(stack: Stack) -> None:
    made = stack.create(Name=["a"], X="MAYBE")
    gone = stack.delete(Name=["a"], X="MAYBE")

    assert made["Reason"].startswith("Stage 'App/Live/It' has 2 invalid properties:\n  - X is not")
    assert gone["Status"] == "SUCCESS"
    assert made["PhysicalResourceId"] == gone["PhysicalResourceId"]


def test_malformed_update_keeps_what_there_is(stack: Stack, emulator: Emulator) -> None:
    made = stack.create(Name="a")
    failed = stack.update({"Name": "a"}, Name="a b")
    back = stack.update({"Name": "a b"}, Name="a")

    assert failed["Status"] == "FAILED"
    assert failed["PhysicalResourceId"] == made["PhysicalResourceId"]
    assert back["Data"] == made["Data"]
    assert len(emulator.resources()) == 1


@pytest.mark.parametrize("field", ["StackId", "LogicalResourceId", "RequestId", "RequestType"])
@pytest.mark.parametrize("value", [None, 5, [], {}])
def test_missing_field_is_answered(
    stack: Stack, emulator: Emulator, cloudformation: CloudFormation, field: str, value: object
) -> None:
    event = {**stack.event("Create", {}), field: value}

    index.handler(event, Context())

    [reply] = cloudformation.replies
    assert reply["Status"] == "FAILED"
    assert field in reply["Reason"]
    assert reply["PhysicalResourceId"].startswith("ivsc1-")
    assert emulator.calls == []


@pytest.mark.parametrize("properties", [None, [], "no", 5])
@pytest.mark.parametrize("kind", ["Create", "Update", "Delete"])
def test_properties_of_another_form(stack: Stack, properties: object, kind: str) -> None:
    stack.cloudformation.shown = (f"{kind.upper()}_IN_PROGRESS", "")
    event = stack.event(kind, {}, ResourceProperties=properties, OldResourceProperties=properties)

    assert stack.deliver(event)["Status"] == "SUCCESS"


def nested(depth: int) -> dict[str, object]:
    value: dict[str, object] = {}
    for _ in range(depth):
        value = {"Name": value}
    return value


CRAFTED: dict[str, Callable[[], dict[str, object]]] = {
    "nested properties": lambda: {"ResourceProperties": nested(3000)},
    "nested old properties": lambda: {"OldResourceProperties": nested(3000)},
    "nested list": lambda: {"ResourceProperties": {"Tags": [nested(3000)]}},
    "nested path": lambda: {"ResourceProperties": {"ConstructPath": nested(3000)}},
    "long time": lambda: {"ResourceProperties": {"ServiceTimeout": 10**5000}},
    "long time as text": lambda: {"ResourceProperties": {"ServiceTimeout": "9" * 5000}},
    "long number": lambda: {"ResourceProperties": {"X": 10**5000}},
    "no number": lambda: {"ResourceProperties": {"ServiceTimeout": float("nan")}},
    "lone surrogate": lambda: {"StackId": "\ud800", "LogicalResourceId": "\udfff"},
    "lone surrogate in a name": lambda: {"ResourceProperties": {"Name": "\ud800"}},
    "long id": lambda: {"PhysicalResourceId": "x" * 3000},
    "id of something else": lambda: {"PhysicalResourceId": f"ivsc1-{'0' * 24}:{'x' * 300}"},
    "another kind": lambda: {"RequestType": ["Create"]},
    "another type": lambda: {"ResourceType": "Custom::" + "x" * 3000},
    "no policy": lambda: {"ResourceProperties": {"InUse": nested(3000)}},
}


@pytest.mark.parametrize("kind", ["Create", "Update", "Delete"])
@pytest.mark.parametrize("type_", [*index.SPECS, "Custom::Other"])
@pytest.mark.parametrize("crafted", CRAFTED)
def test_crafted_event_is_answered(
    stack: Stack,
    emulator: Emulator,
    ivs: Any,  # noqa: ANN401 (boto3 ships no types)
    crafted: str,
    type_: str,
    kind: str,
) -> None:
    foreign = ivs.create_channel()["channel"]["arn"]
    stack.type = type_
    more = CRAFTED[crafted]()
    stack.cloudformation.shown = (
        f"{kind.upper()}_IN_PROGRESS",
        str(more.get("PhysicalResourceId")),
    )

    index.handler({**stack.event(kind, {}), **more}, Context())

    [reply] = stack.cloudformation.replies
    assert reply["Status"] in ("SUCCESS", "FAILED")
    assert reply["size"] <= wire.LARGEST_REPLY
    assert foreign in [each.arn for each in emulator.resources()]


@pytest.mark.parametrize(
    "url", [None, 5, "", "http://bucket.s3.amazonaws.com/a", "https://example.com/a"]
)
def test_event_with_no_address_that_cloudformation_would_send(
    stack: Stack, emulator: Emulator, url: object
) -> None:
    with pytest.raises(wire.InvalidError) as caught:
        index.handler({**stack.event("Create", {}), "ResponseURL": url}, Context())

    assert str(caught.value) == "the event has no ResponseURL that CloudFormation would send"
    assert emulator.calls == []
    assert stack.cloudformation.attempts == 0


def test_construct_without_a_path_is_called_by_its_logical_id(stack: Stack) -> None:
    event = stack.event("Create", {}, ResourceProperties={"Name": [" "]})

    assert stack.deliver(event)["Reason"].startswith("Stage 'R' has 1 invalid property")


def test_unforeseen_exception_is_answered_without_its_text(
    stack: Stack,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    def crash(*_: object) -> None:
        raise RuntimeError("rt_secret")

    monkeypatch.setattr(lifecycle, "run", crash)

    reply = stack.create()

    assert reply["Status"] == "FAILED"
    assert "internal error RuntimeError" in reply["Reason"]
    printed = capsys.readouterr().out
    assert '"operation": "crash:' in printed
    assert "rt_secret" not in printed + json.dumps(reply)


@pytest.mark.parametrize("kind", ["Create", "Update", "Delete"])
def test_undelivered_reply_makes_lambda_try_again(
    stack: Stack, emulator: Emulator, cloudformation: CloudFormation, kind: str
) -> None:
    properties: dict[str, Any] = {"Name": "a"}
    if kind != "Create":
        stack.create()
    event = stack.event(kind, properties)
    cloudformation.shown = (f"{kind.upper()}_IN_PROGRESS", stack.physical_id)
    cloudformation.puts = [500] * 999

    with pytest.raises(wire.UndeliveredError):
        index.handler(event, Context())
    cloudformation.puts = []
    cloudformation.shown = (f"{kind.upper()}_IN_PROGRESS", stack.physical_id)
    again = stack.deliver(event)

    assert again["Status"] == "SUCCESS"
    assert len(emulator.resources()) == (0 if kind == "Delete" else 1)


def test_nothing_confidential_is_printed(
    stack: Stack,
    emulator: Emulator,
    cloudformation: CloudFormation,
    capsys: pytest.CaptureFixture[str],
) -> None:
    stack.type = "Custom::IVSIngestConfiguration"
    properties = {"IngestProtocol": "RTMPS", "UserId": "canary-user", "RedundantIngest": "true"}
    emulator.faults.add("CreateIngestConfiguration", Reset(after_effect=True))
    cloudformation.puts = [500]

    stack.create(**properties)
    [ingest] = emulator.resources()
    stack.update(properties, **properties, StageArn="nowhere")
    stack.delete()

    keys = [each["streamKey"] for each in ingest.data["redundantIngestCredentials"]]
    secrets = [ingest.data["streamKey"], *keys, "5ec12e7", "/reply", "canary-user"]
    printed = capsys.readouterr()
    shown = printed.out + printed.err + json.dumps(cloudformation.replies)
    shown = shown.replace('"at": "/reply?X-Amz-Signature=5ec12e7"', "")
    assert [secret for secret in secrets if secret in shown] == []
    lines = [json.loads(line) for line in printed.out.splitlines()]
    assert {tuple(line) for line in lines} == {
        ("type", "logicalId", "requestId", "operation", "arn", "outcome")
    }
    told = [(line["operation"], line["outcome"]) for line in lines]
    assert told[:2] == [
        ("CreateIngestConfiguration", "ConnectionClosedError"),
        ("reply", "SUCCESS"),
    ]
    assert ("UpdateIngestConfiguration", "ValidationException") in told
    assert ("reply", "FAILED") in told
    assert ("DeleteIngestConfiguration", "ok") in told
    assert ingest.arn in [line["arn"] for line in lines]


# The last call


@pytest.fixture
def hurry(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(index, "REPLY_SECONDS", 0.1)
    monkeypatch.setattr(index, "LAST_CALL_SECONDS", 0.3)


@pytest.mark.usefixtures("hurry")
@pytest.mark.parametrize("kind", ["Create", "Update", "Delete"])
def test_hanging_call_is_answered_before_the_end(
    stack: Stack, emulator: Emulator, cloudformation: CloudFormation, kind: str
) -> None:
    if kind != "Create":
        stack.create()
    before = len(cloudformation.replies)
    first = {"Create": "ListStages", "Update": "GetStage", "Delete": "GetStage"}[kind]
    fault = emulator.faults.add(first, Hang())
    cloudformation.shown = (f"{kind.upper()}_IN_PROGRESS", stack.physical_id)
    stack.seconds = 0.6
    event = stack.event(kind, {})
    done = threading.Thread(target=stack.deliver, args=(event,))

    done.start()
    assert fault.reached.wait(5)
    for _ in range(500):
        if len(cloudformation.replies) > before:
            break
        threading.Event().wait(0.01)
    [reply] = cloudformation.replies[before:]
    fault.release()
    done.join(10)

    assert reply["Status"] == "FAILED"
    assert "the time ran out while a call to AWS was not answered" in reply["Reason"]
    expected = stack.physical_id or lifecycle.failed_id(index.SPECS[stack.type], wire.read(event))
    assert reply["PhysicalResourceId"] == expected
    # What ended late does not answer a second time.
    assert len(cloudformation.replies) == before + 1


@pytest.mark.usefixtures("hurry")
def test_last_call_that_is_not_delivered_leaves_it_to_the_work(
    stack: Stack, emulator: Emulator, cloudformation: CloudFormation
) -> None:
    fault = emulator.faults.add("ListStages", Hang())
    cloudformation.puts = [500]
    cloudformation.shown = ("CREATE_IN_PROGRESS", "")
    stack.seconds = 0.6
    done = threading.Thread(target=stack.deliver, args=(stack.event("Create", {}),))

    done.start()
    for _ in range(500):
        if cloudformation.attempts:
            break
        threading.Event().wait(0.01)
    assert cloudformation.replies == []
    fault.release()
    done.join(10)

    assert len(cloudformation.replies) == 1


def test_work_in_time_cancels_the_last_call(stack: Stack, monkeypatch: pytest.MonkeyPatch) -> None:
    cancelled: list[bool] = []
    delays: list[float] = []

    class Timer:
        daemon = False

        def __init__(self, seconds: float, *_: object) -> None:
            delays.append(seconds)

        def start(self) -> None:
            assert self.daemon

        def cancel(self) -> None:
            cancelled.append(True)

    monkeypatch.setattr("ivs_handler.index.threading.Timer", Timer)

    stack.create()
    stack.seconds = 6
    stack.create(ServiceTimeout="400")
    stack.seconds = 500
    stack.create(ServiceTimeout="100")
    stack.create(ServiceTimeout="soon")

    assert cancelled == [True] * 8
    assert delays == [295, 3, 95, 495]


def test_clock_counts_down(monkeypatch: pytest.MonkeyPatch) -> None:
    slept: list[float] = []
    now = [100.0]
    monkeypatch.setattr("ivs_handler.lifecycle.time.monotonic", lambda: now[0])
    monkeypatch.setattr("ivs_handler.lifecycle.time.sleep", slept.append)
    clock = lifecycle.Clock(20)

    now[0] = 105.0
    clock.sleep(3)

    assert clock.remaining() == 15
    assert slept == [3]


# Clients


def test_calls_are_sent_once(emulator: Emulator) -> None:
    told: list[tuple[str, str, str]] = []
    api = clients.Clients(lambda *line: told.append(line))
    emulator.faults.add(lambda _: True, Reset(), forever=True)

    with pytest.raises(clients.ApiError) as create:
        api.call("ivs-realtime", "CreateStage", {})
    assert len(emulator.calls) == 1
    with pytest.raises(clients.ApiError):
        api.call("ivs-realtime", "GetStage", {"arn": "arn:aws:ivs:a:1:stage/a"})
    assert len(emulator.calls) == 2
    assert create.value.ambiguous
    assert told[1] == ("GetStage", "arn:aws:ivs:a:1:stage/a", "ConnectionClosedError")


@pytest.mark.parametrize(
    ("service", "operation", "parameters", "code"),
    [
        ("ivs-realtime", "CreateStage", {"name": 5}, "ParamValidationError"),
        ("ivs-realtime", "CreateMoon", {}, "AttributeError"),
        ("moon", "CreateStage", {}, "UnknownServiceError"),
    ],
)
def test_what_is_never_sent_is_not_ambiguous(
    emulator: Emulator, service: str, operation: str, parameters: dict[str, Any], code: str
) -> None:
    with pytest.raises(clients.ApiError) as caught:
        clients.Clients(lambda *_: None).call(service, operation, parameters)

    assert caught.value.code == code
    assert not caught.value.ambiguous
    assert emulator.calls == []


def test_advice_is_given(stack: Stack, emulator: Emulator) -> None:
    emulator.set_quota("Stage", 0)
    assert "ask for a higher quota" in stack.create()["Reason"]
    emulator.account_unverified = True
    assert "ask AWS Support" in stack.create()["Reason"]


def test_answer_without_text() -> None:
    error = ClientError({"Error": {}, "ResponseMetadata": {}}, "CreateStage")
    judged = clients._judge("CreateStage", error, sent=True)

    assert judged.ambiguous
    assert str(judged) == "CreateStage failed: Unknown: no text"


def test_import_does_no_more_than_it_must() -> None:
    asset = Path(str(index.__file__)).resolve().parents[1]
    code = (
        "import sys, boto3, http.client, random, traceback, botocore.config, botocore.exceptions;"
        "before = set(sys.modules); from ivs_handler import clients, index;"
        "fresh = {name for name in set(sys.modules) - before};"
        "assert {name.partition('.')[0] for name in fresh} == {'ivs_handler'}, fresh;"
        "assert clients._clients == {}; assert boto3.DEFAULT_SESSION is None"
    )

    done = subprocess.run(
        [sys.executable, "-c", code],
        env={"PYTHONPATH": str(asset)},
        capture_output=True,
        text=True,
        check=False,
        timeout=900,
    )

    assert done.returncode == 0, done.stderr
