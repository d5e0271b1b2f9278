"""The call log, hooks, snapshots, resets, and answers that are the same every time."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import boto3  # type: ignore[import-untyped]  # no types
import pytest

from ivs_constructs.testing.emulator import Call, Emulator, SteppingClock
from ivs_constructs.testing.emulator.backend.operations import OPERATIONS

# boto3 ships no types, and classes of conftest.py cannot be imported.
Untyped = Any


def test_calls_are_logged_as_they_ended(
    realtime: Untyped, emulator: Emulator, refused: Untyped
) -> None:
    answer = realtime.create_stage(name="talk", tags={"a": "b"})
    refused(realtime.get_stage, arn="arn:aws:ivs:us-east-1:123456789012:stage/x")
    first, second = emulator.calls

    assert first.request_id == answer["ResponseMetadata"]["RequestId"]
    assert (first.index, first.service, first.operation) == (1, "ivs-realtime", "CreateStage")
    assert first.parameters == {"name": "talk", "tags": {"a": "b"}}
    assert first.finished is not None
    assert first.finished > first.started
    assert (first.status, first.error, first.effect, first.fault) == (200, None, True, None)
    assert (second.index, second.status, second.error) == (2, 404, "ResourceNotFoundException")
    assert not second.effect


def test_log_holds_no_secret(
    ivs: Untyped, realtime: Untyped, emulator: Emulator, make: Untyped
) -> None:
    made = ivs.create_channel()
    ivs.get_stream_key(arn=made["streamKey"]["arn"])
    emulator.go_live(made["channel"]["arn"])
    ivs.put_metadata(channelArn=made["channel"]["arn"], metadata="canary-metadata")
    stage = make.stage(participantTokenConfigurations=[{}])
    token = realtime.create_participant_token(stageArn=stage)["participantToken"]["token"]
    ingest = realtime.create_ingest_configuration(ingestProtocol="RTMPS", redundantIngest=True)

    log = repr(emulator.calls)
    assert emulator.calls[2].parameters["metadata"] == "***"
    for secret in (
        "canary-metadata",
        made["streamKey"]["value"],
        made["channel"]["srt"]["passphrase"],
        token,
        ingest["ingestConfiguration"]["streamKey"],
        ingest["ingestConfiguration"]["redundantIngestCredentials"][0]["streamKey"],
    ):
        assert secret not in log


def test_hook_runs_while_the_call_is_in_flight(
    realtime: Untyped, emulator: Emulator, clients: dict[str, Any]
) -> None:
    seen: list[str] = []

    def twin(call: Call) -> None:
        seen.append(call.operation)
        if call.index == 1:
            # The emulator is called from within a call; the hook then runs for that call as well.
            assert clients["ivs-realtime"].list_stages()["stages"] == []
            clients["ivs-realtime"].create_stage(name="twin")

    take_back = emulator.on_call(twin)
    realtime.create_stage(name="first")
    take_back()
    realtime.create_stage(name="later")

    assert seen == ["CreateStage", "ListStages", "CreateStage"]
    names = [each.data["name"] for each in emulator.resources()]
    assert names == ["twin", "first", "later"]


def test_hook_that_fails_is_loud(
    running: Emulator, clients: dict[str, Any], refused: Untyped
) -> None:
    running.reset()

    def fails(call: Call) -> None:
        raise RuntimeError(call.operation)

    running.on_call(fails)
    code, message, status = refused(clients["ivs"].list_channels)
    assert (code, status) == ("InternalServerException", 500)
    assert "The emulator is wrong, not your program" in message
    assert running.mismatches == ["ivs ListChannels: RuntimeError: ListChannels"]


@pytest.mark.parametrize(
    ("planted", "found"),
    [
        ({"stages": [{}]}, "stages[0].arn is required"),
        ({"stages": [{"arn": "no"}]}, "stages[0].arn must match"),
        ({"stages": "none"}, "stages must be a list"),
        ({"stages": ["none"]}, "stages[0] must be a structure"),
        (None, "the body must be a structure"),
    ],
)
def test_answer_that_the_model_does_not_allow_is_loud(
    running: Emulator,
    clients: dict[str, Any],
    refused: Untyped,
    monkeypatch: pytest.MonkeyPatch,
    planted: Untyped,
    found: str,
) -> None:
    running.reset()
    monkeypatch.setitem(OPERATIONS, "ListStages", lambda _account, _params: planted)
    code, message, status = refused(clients["ivs-realtime"].list_stages)

    assert (code, status) == ("InternalServerException", 500)
    assert found in message
    assert len(running.mismatches) == 1
    assert found in running.mismatches[0]


def test_refusal_that_the_operation_does_not_model_is_loud(
    running: Emulator,
    clients: dict[str, Any],
    refused: Untyped,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    running.reset()
    monkeypatch.setitem(OPERATIONS, "GetStage", OPERATIONS["ImportPublicKey"])
    monkeypatch.setitem(OPERATIONS, "CreateStage", OPERATIONS["DeleteChannel"])
    assert refused(clients["ivs-realtime"].create_stage)[2] == 500
    assert running.mismatches == ["ivs-realtime CreateStage: KeyError: 'arn'"]
    running.set_quota("Stage", 0)
    monkeypatch.setitem(OPERATIONS, "ListStages", OPERATIONS["CreateEncoderConfiguration"])
    running.set_quota("EncoderConfiguration", 0)
    assert refused(clients["ivs-realtime"].list_stages)[2] == 500
    assert "ServiceQuotaExceededException is not modelled" in running.mismatches[1]


def test_resources_are_copies(emulator: Emulator, make: Untyped) -> None:
    make.stage(name="talk", tags={"a": "b"})
    make.channel()
    copied = emulator.resources("Stage")[0]
    copied.data["name"] = "changed"
    copied.tags["a"] = "changed"

    found = emulator.resources("Stage")[0]
    assert (found.type, found.tags, found.data["name"]) == ("Stage", {"a": "b"}, "talk")
    assert found.arn == found.data["arn"] == copied.arn
    # Secrets are here, so that tests can look for them elsewhere.
    assert emulator.resources("StreamKey")[0].data["value"].startswith("sk_")


def test_reset_forgets_everything(realtime: Untyped, emulator: Emulator, make: Untyped) -> None:
    first = make.stage()
    emulator.list_lag = 5
    emulator.states.polls = 5
    emulator.set_quota("Stage", 1)
    seen: list[Call] = []
    emulator.on_call(seen.append)
    emulator.reset()

    assert (emulator.resources(), emulator.calls) == ([], [])
    assert (emulator.list_lag, emulator.states.polls) == (0, 1)
    # Ids begin anew.
    assert make.stage() == first
    make.stage()
    assert emulator.calls[0].index == 1
    assert len(realtime.list_stages()["stages"]) == 2
    assert seen == []


def session(seed: int) -> list[Any]:
    """What one and the same program sees."""
    clock = SteppingClock(datetime(2026, 5, 1, tzinfo=UTC), timedelta(minutes=1))
    with Emulator(seed=seed, clock=clock, region="eu-west-1", account="000000000001") as emulator:
        ivs = boto3.client("ivs", **emulator.client_options)
        realtime = boto3.client("ivs-realtime", **emulator.client_options)
        seen = [ivs.create_channel()["channel"], ivs.create_channel()["streamKey"]]
        stage = realtime.create_stage(participantTokenConfigurations=[{}])
        seen += [stage["stage"], stage["participantTokens"]]
        emulator.start_publishing(stage["stage"]["arn"])
        seen += [realtime.get_stage(arn=stage["stage"]["arn"])["stage"], repr(emulator.calls)]
        ivs.close()
        realtime.close()
    return seen


def test_same_seed_gives_the_same_answers() -> None:
    first, again, other = session(1), session(1), session(2)

    assert first == again
    assert all(
        one != another for one, another in zip(first, other, strict=True) if one != first[-1]
    )
    assert first[0]["arn"].startswith("arn:aws:ivs:eu-west-1:000000000001:channel/")
    assert len({first[0]["arn"], first[1]["channelArn"]}) == 2
