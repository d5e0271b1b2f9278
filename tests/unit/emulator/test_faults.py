"""Every kind of fault, once and for ever, with and without effect."""

from __future__ import annotations

import threading
import time
from functools import partial
from typing import Any

import boto3  # type: ignore[import-untyped]  # no types
import pytest
from botocore.config import Config  # type: ignore[import-untyped]  # no types
from botocore.exceptions import (  # type: ignore[import-untyped]  # no types
    ClientError,
    ConnectionClosedError,
    HTTPClientError,
    ReadTimeoutError,
)

from ivs_constructs.testing.emulator import (
    Call,
    Delay,
    Emulator,
    EmulatorError,
    FaultKind,
    Hang,
    Refuse,
    Reset,
    ServerError,
    Throttle,
)

# boto3 ships no types, and classes of conftest.py cannot be imported.
Untyped = Any


LOST = (ConnectionClosedError, HTTPClientError)


def outcome(call: Untyped, **parameters: object) -> str:
    try:
        call(**parameters)
    except ClientError as error:
        status = error.response["ResponseMetadata"]["HTTPStatusCode"]
        return f"{status} {error.response['Error']['Code']}"
    except LOST:
        return "lost"
    return "done"


KINDS: list[tuple[FaultKind, str, bool]] = [
    (Refuse("ConflictException"), "409 ConflictException", False),
    (Refuse("ServiceQuotaExceededException"), "402 ServiceQuotaExceededException", False),
    (Refuse("PendingVerification"), "403 PendingVerification", False),
    (Refuse("Odd"), "400 Odd", False),
    (Refuse("Odd", status=418), "418 Odd", False),
    (Throttle(), "429 ThrottlingException", False),
    (ServerError(), "500 InternalServerException", False),
    (ServerError(after_effect=True), "500 InternalServerException", True),
    (Reset(), "lost", False),
    (Reset(after_effect=True), "lost", True),
    (Delay(0.01), "done", True),
    (Delay(0.01, after_effect=True), "done", True),
]


@pytest.mark.parametrize("forever", [False, True], ids=["once", "forever"])
@pytest.mark.parametrize(("kind", "expected", "effect"), KINDS, ids=lambda each: repr(each))
def test_fault_hits_as_ordered(
    realtime: Untyped,
    emulator: Emulator,
    kind: FaultKind,
    expected: str,
    effect: bool,
    forever: bool,
) -> None:
    fault = emulator.faults.add("CreateStage", kind, nth=2, forever=forever)
    outcomes = [outcome(realtime.create_stage, name=f"s{number}") for number in range(4)]

    hit = [False, True, forever, forever]
    assert outcomes == [expected if each else "done" for each in hit]
    names = [each.data["name"] for each in emulator.resources("Stage")]
    assert names == [f"s{number}" for number in range(4) if effect or not hit[number]]
    assert fault.hits == sum(hit)
    calls = emulator.calls
    assert [call.fault for call in calls] == [type(kind).__name__ if h else None for h in hit]
    assert [call.effect for call in calls] == [effect or not each for each in hit]
    assert [call.status is None for call in calls] == [expected == "lost" and each for each in hit]
    # Other operations are left alone.
    assert len(realtime.list_stages()["stages"]) == len(names)


@pytest.mark.parametrize("after_effect", [False, True])
def test_hang_lasts_until_it_is_released(
    realtime: Untyped, emulator: Emulator, after_effect: bool
) -> None:
    fault = emulator.faults.add("CreateStage", Hang(after_effect=after_effect))
    caller = threading.Thread(target=realtime.create_stage)
    caller.start()
    assert fault.reached.wait(5)
    while after_effect and not emulator.calls[0].effect:
        time.sleep(0.001)
    assert caller.is_alive()
    assert len(emulator.resources()) == after_effect
    assert emulator.calls[0].finished is None

    fault.release()
    caller.join(5)
    assert not caller.is_alive()
    assert len(emulator.resources()) == 1


def test_client_that_gives_up_does_not_undo_the_effect(emulator: Emulator) -> None:
    config = Config(retries={"total_max_attempts": 1}, read_timeout=0.1)
    client = boto3.client("ivs-realtime", config=config, **emulator.client_options)
    fault = emulator.faults.add("CreateStage", Hang())
    with pytest.raises(ReadTimeoutError):
        client.create_stage(name="late")
    client.close()
    assert emulator.resources() == []

    fault.release()
    for _ in range(1000):
        if emulator.resources():
            break
        time.sleep(0.005)
    assert emulator.resources()[0].data["name"] == "late"


def test_hanging_call_outlives_no_reset(realtime: Untyped, emulator: Emulator) -> None:
    fault = emulator.faults.add("CreateStage", Hang())
    caller = threading.Thread(target=realtime.create_stage)
    caller.start()
    assert fault.reached.wait(5)
    emulator.reset()
    caller.join(5)

    assert not caller.is_alive()
    # Its effect is on what was forgotten.
    assert (emulator.resources(), emulator.calls) == ([], [])


def test_client_that_retries_makes_two(emulator: Emulator) -> None:
    # Why creates must be sent once: no create in IVS is idempotent.
    client = boto3.client("ivs-realtime", **emulator.client_options)
    emulator.faults.add("CreateStage", Reset(after_effect=True))
    client.create_stage(name="twin")
    client.close()

    assert [each.data["name"] for each in emulator.resources()] == ["twin", "twin"]


def test_fault_picks_calls_by_a_function(realtime: Untyped, emulator: Emulator) -> None:
    def third(call: Call) -> bool:
        return call.index == 3

    emulator.faults.add(third, Throttle())
    emulator.faults.add(lambda call: call.parameters.get("name") == "bad", ServerError())
    outcomes = [outcome(realtime.create_stage, name=name) for name in ("a", "bad", "c", "bad")]

    assert outcomes == ["done", "500 InternalServerException", "429 ThrottlingException", "done"]


def test_pairs_of_faults_hit_one_call_each(realtime: Untyped, emulator: Emulator) -> None:
    emulator.faults.add("ListStages", Throttle(), nth=1)
    emulator.faults.add("ListStages", ServerError(), nth=2)
    emulator.faults.add("ListStages", Refuse("AccessDeniedException"), nth=2)
    outcomes = [outcome(realtime.list_stages) for _ in range(4)]

    assert outcomes == [
        "429 ThrottlingException",
        "500 InternalServerException",
        # Its turn was taken, so it hits the next one.
        "403 AccessDeniedException",
        "done",
    ]


def test_fault_hides_what_the_operation_answered(realtime: Untyped, emulator: Emulator) -> None:
    emulator.faults.add("DeleteStage", ServerError(after_effect=True))
    arn = "arn:aws:ivs:us-east-1:123456789012:stage/gone"

    assert outcome(realtime.delete_stage, arn=arn) == "500 InternalServerException"
    assert not emulator.calls[0].effect


def test_faults_are_taken_back(realtime: Untyped, emulator: Emulator) -> None:
    fault = emulator.faults.add("ListStages", Throttle(), forever=True)
    assert outcome(realtime.list_stages) != "done"
    emulator.faults.remove(fault)
    assert outcome(realtime.list_stages) == "done"


@pytest.mark.parametrize(
    ("match", "nth", "message"),
    [
        ("CreateStag", 1, "neither API has an operation 'CreateStag'; did you mean 'CreateStage'?"),
        ("Qqq", 1, "neither API has an operation 'Qqq'"),
        ("CreateStage", 0, "nth must be a whole number, 1 or more, got 0"),
    ],
)
def test_fails_when_the_fault_can_never_hit(
    emulator: Emulator, match: str, nth: int, message: str
) -> None:
    with pytest.raises(EmulatorError) as caught:
        emulator.faults.add(match, Throttle(), nth=nth)
    assert str(caught.value) == message


@pytest.mark.parametrize(
    ("kind", "message"),
    [
        (Throttle, "kind must be a fault, got the class Throttle; write Throttle()"),
        (Reset, "kind must be a fault, got the class Reset; write Reset()"),
        (
            Refuse,
            "kind must be a fault, got the class Refuse; write Refuse('ConflictException')",
        ),
        (Delay, "kind must be a fault, got the class Delay; write Delay(5)"),
        (
            "Throttle",
            "kind must be a fault of the kind Refuse, Throttle, ServerError, Reset, Delay, Hang, "
            "got 'Throttle'",
        ),
    ],
)
def test_fails_when_the_fault_would_do_nothing(
    emulator: Emulator, realtime: Untyped, kind: Untyped, message: str
) -> None:
    with pytest.raises(EmulatorError) as caught:
        emulator.faults.add("ListStages", kind)
    assert str(caught.value) == message
    assert outcome(realtime.list_stages) == "done"


@pytest.mark.parametrize("service", ["ivs", "ivs-realtime"])
def test_error_text_is_where_the_model_has_it(
    clients: dict[str, Any], emulator: Emulator, service: str
) -> None:
    # Only ivs models throttling; what is not modelled says "message", as other services do.
    arn = "arn:aws:ivs:us-east-1:123456789012:channel/x"
    if service == "ivs":
        emulator.faults.add("PutMetadata", Throttle())
        call = partial(clients[service].put_metadata, channelArn=arn, metadata="x")
    else:
        emulator.faults.add("ListStages", Throttle())
        call = clients[service].list_stages
    with pytest.raises(ClientError) as caught:
        call()
    modelled = service == "ivs"
    assert caught.value.response["Error"]["Message"] == ("" if modelled else "Rate exceeded")
    assert caught.value.response.get("exceptionMessage") == ("Rate exceeded" if modelled else None)
    assert caught.value.response["ResponseMetadata"]["RequestId"] == emulator.calls[0].request_id


def test_plain_messages_are_added_on_demand() -> None:
    with Emulator(plain_messages=True) as emulator:
        client = boto3.client("ivs", **emulator.client_options)
        arn = "arn:aws:ivs:us-east-1:123456789012:channel/x"
        with pytest.raises(client.exceptions.ResourceNotFoundException, match=f"{arn} not found"):
            client.get_channel(arn=arn)
        client.close()
