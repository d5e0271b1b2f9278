"""The state machine, executed against the emulator as events come."""

from __future__ import annotations

import re
import runpy
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from ivs_constructs.realtime.composition._states import PAGE
from ivs_constructs.testing.emulator import Refuse, Reset, ServerError, Throttle
from tests.unit.compositions.events import stage_update, transformed
from tests.unit.compositions.machine import evaluate
from tests.unit.compositions.studio import Studio

ALIVE = ("STARTING", "ACTIVE")
RUNS = "Composition is running"

DOCS = Path(__file__).parents[3] / "docs" / "compositions.md"

each_automation = pytest.mark.parametrize("to", ["Broadcast", "Recording", "Both"])


@each_automation
def test_first_publisher_starts_one(studio: Studio, to: str) -> None:
    run = studio.send(studio.publish(), to)

    assert run
    assert run.status == "SUCCEEDED"
    assert run.states == [
        "Begin",
        "Get the stage",
        "Is the session on?",
        "List compositions",
        "Is one running?",
        "Start a composition",
        "Has it started?",
        RUNS,
    ]
    assert len(studio.compositions()) == 1


def test_what_is_asked_for(studio: Studio) -> None:
    studio.send(studio.publish(), "Both")

    [composition] = studio.emulator.resources("Composition")
    assert composition.data["stageArn"] == studio.stage
    assert composition.data["layout"]["grid"]["gridGap"] == 4
    assert [each["configuration"] for each in composition.data["destinations"]] == [
        {
            "name": "air",
            "channel": {
                "channelArn": studio.channel,
                "encoderConfigurationArn": studio.arns["EncoderArn"],
            },
        },
        {
            "s3": {
                "storageConfigurationArn": studio.arns["StorageArn"],
                "encoderConfigurationArns": [studio.arns["EncoderArn"]],
            }
        },
    ]
    assert composition.tags == {
        "team": "video",
        "ivs-constructs:automation": studio.machines["Both"].arn,
    }


@each_automation
def test_same_event_again_starts_none(studio: Studio, to: str) -> None:
    event = studio.publish()
    studio.send(event, to)
    again = studio.send(event, to)

    assert again
    assert again.states[-1] == RUNS
    assert studio.calls("StartComposition") == 1


@each_automation
def test_second_publisher_starts_none(studio: Studio, to: str) -> None:
    studio.send(studio.publish(), to)
    second = studio.send(studio.publish(), to)

    assert second
    assert second.states[-1] == RUNS
    assert len(studio.compositions()) == 1


@each_automation
def test_events_at_the_same_time_start_one(studio: Studio, to: str) -> None:
    # Both have seen that none is running before either starts one.
    events = [studio.publish(), studio.publish()]
    meanwhile: list[object] = []

    def on_call(call: Any) -> None:  # noqa: ANN401 (a Call)
        if call.operation == "StartComposition" and not meanwhile:
            meanwhile.append(None)
            meanwhile[0] = studio.send(events[1], to)

    studio.emulator.on_call(on_call)
    studio.send(events[0], to)

    assert len(meanwhile) == 1
    assert studio.calls("StartComposition") == 2
    assert len(studio.compositions()) == 1


@each_automation
@pytest.mark.parametrize("forgotten", [False, True])
def test_new_session_starts_one_again(studio: Studio, to: str, forgotten: bool) -> None:
    studio.emulator.states.forget_stopped = forgotten
    first = studio.publish()
    studio.send(first, to)
    studio.leave(first)
    [old] = studio.compositions()
    studio.emulator.end_composition(old)

    run = studio.send(studio.publish(), to)

    assert run
    assert run.status == "SUCCEEDED"
    [new] = studio.compositions(*ALIVE)
    assert new != old


@each_automation
@pytest.mark.parametrize("forgotten", [False, True])
@pytest.mark.parametrize("failed", [False, True])
def test_publisher_comes_back_in_the_same_session(
    studio: Studio, to: str, forgotten: bool, failed: bool
) -> None:
    # The session goes on with a viewer, the composition does not.
    studio.emulator.states.forget_stopped = forgotten
    viewer, first = studio.publish(), studio.publish()
    studio.send(first, to)
    for _ in range(3):
        studio.leave(first)
        [running] = studio.compositions(*ALIVE)
        studio.emulator.end_composition(running, failed=failed)

        first = studio.publish()
        assert first["detail"]["session_id"] == viewer["detail"]["session_id"]
        run = studio.send(first, to)

        assert run
        assert run.status == "SUCCEEDED"
        assert len(studio.compositions(*ALIVE)) == 1


def test_running_one_is_not_in_the_list(studio: Studio) -> None:
    # Only a page is listed, and what has ended comes first there.
    studio.emulator.states.forget_stopped = False
    viewer = studio.publish()
    for _ in range(PAGE):
        studio.send(viewer)
        [running] = studio.compositions(*ALIVE)
        studio.emulator.end_composition(running)
    studio.send(viewer)
    before = studio.compositions()

    run = studio.send(studio.publish())

    assert run
    assert run.states[-1] == RUNS
    assert len(before) == PAGE + 1
    assert studio.compositions() == before


def test_other_automations_are_independent(studio: Studio) -> None:
    event = studio.publish()
    for to in ("Broadcast", "Recording"):
        studio.send(event, to)
        studio.send(event, to)

    assert len(studio.compositions(*ALIVE)) == 2


def test_composition_of_somebody_else_does_not_count(studio: Studio, realtime: Any) -> None:  # noqa: ANN401 (boto3 ships no types)
    event = studio.publish()
    realtime.start_composition(
        stageArn=studio.stage,
        destinations=[
            {
                "s3": {
                    "storageConfigurationArn": studio.arns["StorageArn"],
                    "encoderConfigurationArns": [studio.arns["EncoderArn"]],
                }
            }
        ],
    )

    studio.send(event, "Recording")

    assert len(studio.compositions(*ALIVE)) == 2


# What goes wrong


@each_automation
@pytest.mark.parametrize("operation", ["GetStage", "ListCompositions", "StartComposition"])
@pytest.mark.parametrize(
    "fault",
    [
        Throttle,
        ServerError,
        lambda: ServerError(after_effect=True),
        Reset,
        lambda: Reset(after_effect=True),
        # Permissions take a moment after a deployment.
        lambda: Refuse("AccessDeniedException", "not yet", 403),
    ],
    ids=["throttled", "error", "error-after", "reset", "reset-after", "denied"],
)
def test_passing_failure_is_tried_again(
    studio: Studio, to: str, operation: str, fault: Callable[[], Any]
) -> None:
    added = [studio.emulator.faults.add(operation, fault(), nth=nth) for nth in (1, 2)]

    run = studio.send(studio.publish(), to)

    assert [each.hits for each in added] == [1, 1]
    assert run
    assert run.status == "SUCCEEDED"
    assert run.seconds == 3  # after one second, after two more
    assert len(studio.compositions()) == 1


def test_lasting_throttling_ends_in_time(studio: Studio) -> None:
    studio.emulator.faults.add("StartComposition", Throttle(), forever=True)

    run = studio.send(studio.publish())

    assert run
    assert (run.status, run.error) == ("FAILED", "IvsRealTime.IvsRealTimeException")
    assert studio.calls("StartComposition") == 7
    assert run.seconds == 1 + 2 + 4 + 8 + 16 + 20
    assert studio.compositions() == []


@pytest.mark.parametrize(
    "code", ["ValidationException", "ResourceNotFoundException", "PendingVerification"]
)
def test_lasting_failure_is_told_at_once(studio: Studio, code: str) -> None:
    studio.emulator.faults.add("StartComposition", Refuse(code, "no", 400), forever=True)

    run = studio.send(studio.publish())

    assert run
    assert (run.status, run.seconds) == ("FAILED", 0)
    assert run.error == f"IvsRealTime.{code.removesuffix('Exception')}Exception"
    assert studio.calls("StartComposition") == 1


def test_stage_is_gone(studio: Studio, realtime: Any) -> None:  # noqa: ANN401 (boto3 ships no types)
    event = studio.publish()
    realtime.delete_stage(arn=studio.stage)

    run = studio.send(event)

    assert run
    assert run.error == "IvsRealTime.ResourceNotFoundException"


def test_channel_is_live_for_long(studio: Studio) -> None:
    studio.emulator.go_live(studio.channel)

    run = studio.send(studio.publish())

    assert run
    assert (run.status, run.error) == ("FAILED", "NoComposition")
    assert run.seconds == 150
    assert studio.calls("StartComposition") == 7
    assert studio.compositions() == []


def test_channel_is_live_for_a_moment(studio: Studio) -> None:
    studio.emulator.go_live(studio.channel)
    studio.machines["Broadcast"].after_wait = lambda: studio.emulator.end_stream(studio.channel)

    run = studio.send(studio.publish())

    assert run
    assert (run.status, run.seconds) == ("SUCCEEDED", 25)
    assert len(studio.compositions()) == 1


def test_former_composition_still_has_the_channel(studio: Studio, realtime: Any) -> None:  # noqa: ANN401 (boto3 ships no types)
    # As when it is stopped by hand, or the last one has just left.
    studio.emulator.states.set_polls("Composition", 3)
    first = studio.publish()
    studio.send(first)
    [old] = studio.compositions()
    realtime.stop_composition(arn=old)

    run = studio.send(studio.publish())

    assert run
    assert run.status == "SUCCEEDED"
    [new] = studio.compositions(*ALIVE)
    assert new != old


def test_deployed_anew_within_the_session(studio: Studio) -> None:
    # The token was used for another layout, which is a conflict; the next token will do.
    first = studio.publish()
    studio.send(first)
    [old] = studio.compositions()
    studio.emulator.end_composition(old)
    machine = studio.machines["Broadcast"]
    request = machine.definition["States"]["Start a composition"]["Arguments"]
    request["Layout"]["Grid"]["GridGap"] = 8

    run = studio.send(studio.publish())

    assert run
    assert (run.status, run.seconds) == ("SUCCEEDED", 25)
    [new] = studio.emulator.resources("Composition")[1:]
    assert new.data["layout"]["grid"]["gridGap"] == 8


def test_everybody_leaves_while_it_waits(studio: Studio) -> None:
    studio.emulator.go_live(studio.channel)
    event = studio.publish()
    studio.machines["Broadcast"].after_wait = lambda: studio.leave(event)

    run = studio.send(event)

    assert run
    assert (run.status, run.states[-1]) == ("SUCCEEDED", "Session is over")
    assert studio.calls("StartComposition") == 1


def test_stage_without_participants(studio: Studio) -> None:
    event = studio.publish()
    studio.leave(event)

    run = studio.send(event)

    assert run
    assert (run.status, run.states[-1], run.seconds) == ("SUCCEEDED", "Session is over", 25)
    assert studio.calls("StartComposition") == 0


def test_event_of_an_earlier_session(studio: Studio) -> None:
    late = studio.publish()
    studio.leave(late)
    studio.publish()

    run = studio.send(late)

    assert run
    assert run.states[-1] == "Session is over"
    assert studio.calls("StartComposition") == 0


def test_stage_is_behind_the_event(studio: Studio, realtime: Any) -> None:  # noqa: ANN401 (boto3 ships no types)
    behind = [True]

    def forget_session(parsed: dict[str, Any], **_: object) -> None:
        if behind:
            behind.pop()
            del parsed["stage"]["activeSessionId"]

    realtime.meta.events.register("after-call.ivs-realtime.GetStage", forget_session)

    run = studio.send(studio.publish())

    assert run
    assert (run.states[-1], run.seconds) == (RUNS, 25)


def test_quota_of_tokens_ends_in_time(studio: Studio) -> None:
    # Each token belongs to a composition that has ended already.
    studio.emulator.states.set_polls("Composition", 0)
    event = studio.publish()
    studio.send(event)
    machine = studio.machines["Broadcast"]
    for _ in range(24):
        for arn in studio.compositions(*ALIVE):
            studio.emulator.end_composition(arn)
        assert machine.execute({"session_id": studio.session()}).states[-1] == RUNS
    [last] = studio.compositions(*ALIVE)
    studio.emulator.end_composition(last)

    run = studio.send(event)

    assert run
    assert (run.status, run.error) == ("FAILED", "NoComposition")


# On request


@pytest.fixture
def stop(tmp_path: Path) -> Callable[..., None]:
    """What the documentation tells a back end to do."""
    blocks = re.findall(r"```python\n(.*?)```", DOCS.read_text(encoding="utf-8"), re.DOTALL)
    [code] = [block for block in blocks if "stop_composition" in block]
    path = tmp_path / "stop.py"
    path.write_text(code, encoding="utf-8")
    documented: Callable[..., None] = runpy.run_path(str(path))["stop"]
    return documented


def test_compositions_are_stopped_on_request(
    studio: Studio,
    realtime: Any,  # noqa: ANN401 (boto3 ships no types)
    stop: Callable[..., None],
) -> None:
    # One has ended, one is another automation's, one runs.
    first = studio.publish()
    studio.send(first)
    [ended] = studio.compositions()
    studio.emulator.end_composition(ended)
    second = studio.publish()
    studio.send(second, "Recording")
    [others] = studio.compositions(*ALIVE)
    studio.send(second)
    [own] = set(studio.compositions(*ALIVE)) - {others}
    before = len(studio.emulator.calls)

    stop(realtime, studio.stage, studio.machines["Broadcast"].arn)

    assert studio.compositions(*ALIVE) == [others]
    # What grants.stop allows, and no more.
    made = [each.operation for each in studio.emulator.calls[before:]]
    assert made == ["ListCompositions", "StopComposition"]
    # The next participant who publishes brings another one.
    studio.emulator.end_composition(own)
    studio.send(studio.publish())
    assert len(studio.compositions(*ALIVE)) == 2


# What is told to whom


def test_unpublishing_starts_nothing(studio: Studio) -> None:
    event = studio.publish()

    assert studio.send(studio.leave(event)) is None


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("resources", ["arn:aws:ivs:us-east-1:123456789012:stage/another"]),
        ("detail-type", "IVS Composition State Change"),
        ("source", "aws.ec2"),
    ],
)
def test_other_events_start_nothing(studio: Studio, name: str, value: object) -> None:
    assert studio.send({**studio.publish(), name: value}) is None


def test_nothing_of_the_participant_goes_on(studio: Studio) -> None:
    event = studio.publish()
    _, target = studio.rules["Broadcast"]

    assert transformed(target, event) == {"session_id": event["detail"]["session_id"]}


@pytest.mark.parametrize("session", ["st-AbCdEfGhIjKlM", "s", "st " * 60, "é"])
def test_token_is_one_whatever_the_session_is(studio: Studio, session: str) -> None:
    machine = studio.machines["Broadcast"]
    state = machine.definition["States"]["Start a composition"]

    def token(of: str, attempt: int = 0, arn: str = machine.arn) -> str:
        context = {"StateMachine": {"Id": arn}}
        variables = {"session": of, "attempt": attempt, "states": {"context": context}}
        found: str = evaluate(state["Arguments"]["IdempotencyToken"][2:-2], variables)
        return found

    assert re.fullmatch(r"[a-zA-Z0-9_-]{1,64}", token(session))
    assert token(session) == token(session)
    others = {token(session + "x"), token(session, 1), token(session, arn=machine.arn + "x")}
    assert len({token(session), *others}) == 4


def test_event_is_what_the_rule_waits_for(studio: Studio) -> None:
    event = stage_update(studio.stage, "st-1", "p", "Participant Published")

    assert studio.rules["Both"][0] == {
        "source": ["aws.ivs"],
        "detail-type": ["IVS Stage Update"],
        "resources": event["resources"],
        "detail": {"event_name": ["Participant Published"]},
    }
