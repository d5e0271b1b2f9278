"""States that pass, sessions, streams, and what a token starts once."""

from __future__ import annotations

from typing import Any

import pytest

from ivs_constructs.testing.emulator import Emulator, EmulatorError

# boto3 ships no types, and classes of conftest.py cannot be imported.
Untyped = Any


def recording_state(ivs: Untyped, arn: str) -> str:
    return str(ivs.get_recording_configuration(arn=arn)["recordingConfiguration"]["state"])


def slate_state(ivs: Untyped, arn: str) -> str:
    return str(ivs.get_failover_slate_configuration(arn=arn)["failoverSlateConfiguration"]["state"])


def composition_state(realtime: Untyped, arn: str) -> str:
    return str(realtime.get_composition(arn=arn)["composition"]["state"])


@pytest.mark.parametrize("polls", [0, 1, 3])
def test_recording_configuration_becomes_active(
    ivs: Untyped, emulator: Emulator, make: Untyped, polls: int
) -> None:
    emulator.states.polls = polls
    arn = make.recording_configuration()

    states = [recording_state(ivs, arn) for _ in range(polls + 2)]
    assert states == ["CREATING"] * polls + ["ACTIVE"] * 2


def test_next_recording_configuration_fails(
    ivs: Untyped, emulator: Emulator, make: Untyped
) -> None:
    emulator.states.fail_next("RecordingConfiguration")
    arns = [make.recording_configuration(), make.recording_configuration()]

    assert [recording_state(ivs, arn) for arn in arns] == ["CREATING"] * 2
    assert [recording_state(ivs, arn) for arn in arns] == ["CREATE_FAILED", "ACTIVE"]
    # What failed exists until it is deleted.
    ivs.delete_recording_configuration(arn=arns[0])


def test_lists_make_states_pass_too(ivs: Untyped, make: Untyped) -> None:
    make.recording_configuration()

    states = [
        ivs.list_recording_configurations()["recordingConfigurations"][0]["state"] for _ in range(2)
    ]
    assert states == ["CREATING", "ACTIVE"]


def test_slate_is_made_and_updated_in_time(
    ivs: Untyped, emulator: Emulator, make: Untyped, refused: Untyped
) -> None:
    emulator.states.polls = 0
    emulator.states.set_polls("FailoverSlateConfiguration", 2)
    arn = make.failover_slate_configuration()

    code, _, status = refused(ivs.update_failover_slate_configuration, arn=arn, name="new")
    assert (code, status) == ("ConflictException", 409)
    assert [slate_state(ivs, arn) for _ in range(2)] == ["CREATING", "CREATED"]
    updated = ivs.update_failover_slate_configuration(arn=arn, name="new")
    assert updated["failoverSlateConfiguration"]["state"] == "UPDATING"
    assert [slate_state(ivs, arn) for _ in range(3)] == ["UPDATING", "UPDATING", "CREATED"]


def test_looking_from_outside_makes_nothing_pass(
    ivs: Untyped, emulator: Emulator, make: Untyped
) -> None:
    arn = make.recording_configuration()
    for _ in range(3):
        assert emulator.resources("RecordingConfiguration")[0].data["state"] == "CREATING"
    assert recording_state(ivs, arn) == "CREATING"


def test_composition_starts_and_stops(
    realtime: Untyped, emulator: Emulator, make: Untyped, refused: Untyped
) -> None:
    arn = make.composition(make.stage())
    assert [composition_state(realtime, arn) for _ in range(2)] == ["STARTING", "ACTIVE"]
    assert "startTime" in realtime.get_composition(arn=arn)["composition"]["destinations"][0]

    realtime.stop_composition(arn=arn)
    realtime.stop_composition(arn=arn)
    assert composition_state(realtime, arn) == "STOPPED"
    stopped = realtime.get_composition(arn=arn)["composition"]
    assert stopped["destinations"][0]["state"] == "STOPPED"
    assert stopped["endTime"] >= stopped["startTime"]
    assert refused(realtime.stop_composition, arn=arn)[0] == "ConflictException"

    emulator.states.forget_stopped = True
    emulator.states.polls = 0
    arn = make.composition(make.stage())
    realtime.stop_composition(arn=arn)
    assert refused(realtime.get_composition, arn=arn)[0] == "ResourceNotFoundException"


def test_composition_vanishes_when_it_is_looked_at(
    realtime: Untyped, emulator: Emulator, make: Untyped, refused: Untyped
) -> None:
    emulator.states.forget_stopped = True
    arn = make.composition(make.stage())
    realtime.stop_composition(arn=arn)

    assert composition_state(realtime, arn) == "STOPPING"
    assert refused(realtime.get_composition, arn=arn)[0] == "ResourceNotFoundException"


@pytest.mark.parametrize(("failed", "state"), [(False, "STOPPED"), (True, "FAILED")])
def test_composition_ends_by_itself(
    realtime: Untyped, emulator: Emulator, make: Untyped, failed: bool, state: str
) -> None:
    arn = make.composition(make.stage())
    emulator.end_composition(arn, failed=failed)

    assert [composition_state(realtime, arn) for _ in range(2)] == [state] * 2


def test_next_composition_fails(
    realtime: Untyped, emulator: Emulator, make: Untyped, ivs: Untyped, refused: Untyped
) -> None:
    emulator.states.polls = 0
    emulator.states.fail_next("Composition")
    channel = make.channel()
    arn = make.composition(make.stage(), destinations=[{"channel": {"channelArn": channel}}])

    assert composition_state(realtime, arn) == "FAILED"
    assert refused(ivs.get_stream, channelArn=channel)[0] == "ChannelNotBroadcasting"


def test_composition_is_started_once_a_token(
    realtime: Untyped, emulator: Emulator, make: Untyped, refused: Untyped
) -> None:
    asked = {"stageArn": make.stage(), "destinations": [make.s3_destination()]}
    first = realtime.start_composition(**asked, idempotencyToken="t")["composition"]["arn"]
    again = realtime.start_composition(**asked, idempotencyToken="t")["composition"]["arn"]
    other = realtime.start_composition(**asked, idempotencyToken="u")["composition"]["arn"]

    assert first == again != other
    code, _, _ = refused(realtime.start_composition, **asked, idempotencyToken="t", tags={"a": "b"})
    assert code == "ConflictException"

    emulator.states.forget_stopped = True
    emulator.end_composition(first)
    new = realtime.start_composition(**asked, idempotencyToken="t")["composition"]["arn"]
    assert new not in (first, other)


def test_stream_ends_some_time_after_it_was_stopped(
    ivs: Untyped, emulator: Emulator, make: Untyped, refused: Untyped
) -> None:
    arn = make.channel()
    assert refused(ivs.get_stream, channelArn=arn)[0] == "ChannelNotBroadcasting"
    emulator.go_live(arn)
    assert emulator.states.polls == 1
    ivs.stop_stream(channelArn=arn)
    assert ivs.get_stream(channelArn=arn)["stream"]["state"] == "LIVE"
    code, _, status = refused(ivs.get_stream, channelArn=arn)
    assert (code, status) == ("ChannelNotBroadcasting", 404)

    emulator.go_live(arn)
    ivs.stop_stream(channelArn=arn)
    assert len(ivs.list_streams()["streams"]) == 1
    assert ivs.list_streams()["streams"] == []

    emulator.states.set_polls("Stream", 0)
    emulator.go_live(arn)
    ivs.stop_stream(channelArn=arn)
    assert refused(ivs.stop_stream, channelArn=arn)[0] == "ChannelNotBroadcasting"

    emulator.go_live(arn)
    emulator.end_stream(arn)
    assert ivs.list_streams()["streams"] == []


def test_encoder_comes_back_while_there_is_a_key(
    ivs: Untyped, emulator: Emulator, make: Untyped, refused: Untyped
) -> None:
    emulator.states.polls = 0
    arn = make.channel()
    first = emulator.go_live(arn, reconnects=True)
    ivs.stop_stream(channelArn=arn)
    assert ivs.get_stream(channelArn=arn)["stream"]["streamId"] != first

    ivs.delete_stream_key(arn=ivs.list_stream_keys(channelArn=arn)["streamKeys"][0]["arn"])
    ivs.stop_stream(channelArn=arn)
    assert refused(ivs.get_stream, channelArn=arn)[0] == "ChannelNotBroadcasting"


def test_session_lasts_from_the_first_participant_to_the_last(
    realtime: Untyped, emulator: Emulator, make: Untyped
) -> None:
    stage = make.stage()
    assert "activeSessionId" not in realtime.get_stage(arn=stage)["stage"]
    someone = emulator.start_publishing(stage, attributes={"role": "host"})
    another = emulator.start_publishing(stage)
    session = realtime.get_stage(arn=stage)["stage"]["activeSessionId"]
    emulator.stop_publishing(stage, someone)
    assert realtime.get_stage(arn=stage)["stage"]["activeSessionId"] == session

    emulator.stop_publishing(stage, another)
    assert "activeSessionId" not in realtime.get_stage(arn=stage)["stage"]
    ended = realtime.get_stage_session(stageArn=stage, sessionId=session)["stageSession"]
    assert ended["endTime"] >= ended["startTime"]
    emulator.start_publishing(stage)
    assert realtime.get_stage(arn=stage)["stage"]["activeSessionId"] != session
    assert len(realtime.list_stage_sessions(stageArn=stage)["stageSessions"]) == 2


def test_ingest_configuration_is_active_while_publishing(
    realtime: Untyped, emulator: Emulator, make: Untyped
) -> None:
    stage = make.stage()
    arn = make.ingest_configuration(stageArn=stage, userId="studio")

    def state() -> tuple[str, str]:
        found = realtime.get_ingest_configuration(arn=arn)["ingestConfiguration"]
        return found["state"], found["stageArn"]

    participant = emulator.start_publishing(stage, ingest_configuration_arn=arn)
    assert state() == ("ACTIVE", stage)
    emulator.stop_publishing(stage, participant)
    assert state() == ("INACTIVE", stage)

    emulator.start_publishing(stage, ingest_configuration_arn=arn)
    realtime.delete_stage(arn=stage)
    assert state() == ("INACTIVE", "")


def test_deleting_a_stage_stops_its_compositions(realtime: Untyped, make: Untyped) -> None:
    stage, other = make.stage(), make.stage()
    arn, kept = make.composition(stage), make.composition(other)
    realtime.delete_stage(arn=stage)

    assert composition_state(realtime, arn) == "STOPPING"
    assert composition_state(realtime, kept) == "STARTING"


def test_unknown_participants_and_sessions_are_not_found(
    realtime: Untyped, emulator: Emulator, make: Untyped, refused: Untyped
) -> None:
    stage = make.stage()
    emulator.start_publishing(stage)
    session = realtime.get_stage(arn=stage)["stage"]["activeSessionId"]
    for call, parameters, code in (
        (realtime.disconnect_participant, {"participantId": "x"}, "ResourceNotFoundException"),
        (
            realtime.get_participant,
            {"participantId": "x", "sessionId": session},
            "ResourceNotFoundException",
        ),
        (realtime.get_stage_session, {"sessionId": f"{session[:-1]}_"}, "ValidationException"),
        (
            realtime.get_stage_session,
            {"sessionId": "st-0000000000000"},
            "ResourceNotFoundException",
        ),
        # This operation models no "not found".
        (realtime.list_participants, {"sessionId": "st-0000000000000"}, "ValidationException"),
    ):
        assert refused(call, stageArn=stage, **parameters)[0] == code

    # An ingest configuration's participant is known before it publishes.
    arn = make.ingest_configuration(stageArn=stage)
    ingest = realtime.get_ingest_configuration(arn=arn)["ingestConfiguration"]
    realtime.disconnect_participant(stageArn=stage, participantId=ingest["participantId"])


def test_controls_say_what_is_wrong(emulator: Emulator, make: Untyped) -> None:
    channel, stage = make.channel(), make.stage()
    ingest = make.ingest_configuration()
    emulator.go_live(channel)
    for control, message in (
        (lambda: emulator.go_live("x"), "there is no Channel x"),
        (lambda: emulator.go_live(channel), "is already live"),
        (lambda: emulator.end_stream("x"), "channel x is not live"),
        (lambda: emulator.start_publishing("x"), "there is no Stage x"),
        (lambda: emulator.start_publishing(stage, ingest_configuration_arn=ingest), "is not for"),
        (lambda: emulator.stop_publishing(stage, "x"), "participant x is not in"),
        (lambda: emulator.end_composition("x"), "there is no Composition x"),
        (lambda: emulator.set_quota("Stages", 1), "got 'Stages'"),
        (lambda: emulator.resources("Stages"), "got 'Stages'"),
        (lambda: emulator.states.fail_next("Stage"), "got 'Stage'"),
        (lambda: emulator.states.set_polls("Stage", 1), "got 'Stage'"),
    ):
        with pytest.raises(EmulatorError) as caught:
            control()
        assert message in str(caught.value)
