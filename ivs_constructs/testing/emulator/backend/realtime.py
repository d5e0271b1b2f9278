"""The behavior of stages, participants, ingest configurations and compositions."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import timedelta

from ivs_constructs.testing.emulator.backend.account import OVER, Account, Params, Record, Session
from ivs_constructs.testing.emulator.backend.kinds import KINDS
from ivs_constructs.testing.emulator.backend.refusals import conflict, not_found
from ivs_constructs.testing.emulator.backend.resources import (
    Operate,
    check_one_filter,
    create,
    filled,
    page,
    update,
)
from ivs_constructs.testing.emulator.backend.rules import check_attributes, composition

_STAGE = KINDS["Stage"]
_INGEST = KINDS["IngestConfiguration"]
_COMPOSITION = KINDS["Composition"]

_A_PAGE = 50
_TOKEN_MINUTES = 720
_REDUNDANT_CREDENTIALS = 2

_LAYOUTS: Mapping[str, Params] = {
    "grid": {
        "featuredParticipantAttribute": "",
        "omitStoppedVideo": False,
        "videoAspectRatio": "VIDEO",
        "gridGap": 2,
    },
    "pip": {
        "featuredParticipantAttribute": "",
        "omitStoppedVideo": False,
        "videoFillMode": "COVER",
        "gridGap": 0,
        "pipParticipantAttribute": "",
        "pipBehavior": "STATIC",
        "pipOffset": 0,
        "pipPosition": "BOTTOM_RIGHT",
    },
}

_PARTICIPANT_FILTERS = {
    "filterByUserId": "userId",
    "filterByPublished": "published",
    "filterByState": "state",
    "filterByRecordingState": "recordingState",
}


def _check_recording(account: Account, params: Params) -> None:
    recording: Params = params.get("autoParticipantRecordingConfiguration") or {}
    if recording.get("storageConfigurationArn"):
        account.find(recording["storageConfigurationArn"], "StorageConfiguration")


def _create_stage(account: Account, params: Params) -> Params:
    _check_recording(account, params)
    configurations: list[Params] = params.get("participantTokenConfigurations") or []
    for configuration in configurations:
        check_attributes(configuration)
    asked = {k: v for k, v in params.items() if k != "participantTokenConfigurations"}
    record = create(account, _STAGE, asked)
    host = account.draw("host", 14).lower()
    record.data["endpoints"] = {
        "events": "wss://global.events.live-video.net",
        "whip": f"https://{host}.global-bm.whip.live-video.net",
        "rtmp": f"rtmp://{host}.global-contribute.live-video.net/app/",
        "rtmps": f"rtmps://{host}.global-contribute.live-video.net:443/app/",
    }
    answer: Params = {"stage": record.data}
    if configurations:
        answer["participantTokens"] = [
            _issue(account, record.arn, configuration) for configuration in configurations
        ]
    return answer


def _update_stage(account: Account, params: Params) -> Params:
    account.find(params["arn"], "Stage")
    _check_recording(account, params)
    return {"stage": update(account, _STAGE, params).data}


def _delete_stage(account: Account, params: Params) -> Params:
    record = account.find(params["arn"], "Stage")
    session = account.session_of(record.arn)
    for participant_id in connected(session) if session else []:
        disconnect(account, record.arn, participant_id)
    for other in account.of("Composition"):
        if other.refers_to(record.arn):
            _stop(account, other)
    account.sessions.pop(record.arn, None)
    account.tokens.pop(record.arn, None)
    account.remove(record)
    return {}


def connected(session: Session) -> list[str]:
    """Return the connected participants of a session."""
    return [
        participant_id
        for participant_id, participant in session.participants.items()
        if participant["state"] == "CONNECTED"
    ]


def join(account: Account, stage_arn: str, participant: Params) -> None:
    """Let a participant publish to a stage; the first one begins a session."""
    session = account.session_of(stage_arn)
    if session is None:
        session = Session(f"st-{account.draw('Session', 13)}", account.clock())
        account.sessions.setdefault(stage_arn, []).append(session)
        account.records[stage_arn].data["activeSessionId"] = session.id
    session.participants[participant["participantId"]] = {
        "state": "CONNECTED",
        "published": True,
        "firstJoinTime": account.clock(),
        "replicationType": "NONE",
        "recordingState": "DISABLED",
        **participant,
    }


def leave(account: Account, stage_arn: str, participant_id: str) -> Record | None:
    """Let a participant leave; the last one ends the session.

    Returns:
        The ingest configuration that the participant published with, if any.
    """
    session = account.session_of(stage_arn)
    if session is None or participant_id not in connected(session):
        return None
    participant = session.participants[participant_id]
    participant["state"] = "DISCONNECTED"
    if not connected(session):
        session.ended = account.clock()
        del account.records[stage_arn].data["activeSessionId"]
    ingest = account.records.get(participant.get("ingestConfigurationArn", ""))
    if ingest is not None:
        ingest.data["state"] = "INACTIVE"
    return ingest


def disconnect(account: Account, stage_arn: str, participant_id: str) -> None:
    """Disconnect a participant, whose ingest configuration then no longer has the stage."""
    ingest = leave(account, stage_arn, participant_id)
    if ingest is not None:
        ingest.data["stageArn"] = ""


def _issue(account: Account, stage_arn: str, asked: Params) -> Params:
    participant_id = account.draw("Participant", 12)
    account.tokens.setdefault(stage_arn, set()).add(participant_id)
    minutes: int = asked.get("duration") or _TOKEN_MINUTES
    return {
        "participantId": participant_id,
        "token": account.draw("token", 200),
        "userId": asked.get("userId") or "",
        "attributes": asked.get("attributes") or {},
        "duration": minutes,
        "capabilities": asked.get("capabilities") or ["PUBLISH", "SUBSCRIBE"],
        "expirationTime": account.clock() + timedelta(minutes=minutes),
    }


def _create_token(account: Account, params: Params) -> Params:
    account.find(params["stageArn"], "Stage")
    check_attributes(params)
    return {"participantToken": _issue(account, params["stageArn"], params)}


def _disconnect_participant(account: Account, params: Params) -> Params:
    stage_arn, participant_id = params["stageArn"], params["participantId"]
    account.find(stage_arn, "Stage")
    known = account.tokens.get(stage_arn, set()).union(
        *(session.participants for session in account.sessions.get(stage_arn, []))
    )
    known |= {
        ingest.data["participantId"]
        for ingest in account.of(_INGEST.name)
        if ingest.refers_to(stage_arn)
    }
    if participant_id not in known:
        raise not_found(f"{stage_arn} participant {participant_id}")
    disconnect(account, stage_arn, participant_id)
    return {}


def _session(account: Account, params: Params) -> Session:
    account.find(params["stageArn"], "Stage")
    for session in account.sessions.get(params["stageArn"], []):
        if session.id == params["sessionId"]:
            return session
    raise not_found(f"{params['stageArn']} session {params['sessionId']}")


def _shown_session(session: Session) -> Params:
    return {"sessionId": session.id, "startTime": session.started, "endTime": session.ended}


def _get_stage_session(account: Account, params: Params) -> Params:
    return {"stageSession": _shown_session(_session(account, params))}


def _list_stage_sessions(account: Account, params: Params) -> Params:
    account.find(params["stageArn"], "Stage")
    sessions = account.sessions.get(params["stageArn"], [])
    items = list(enumerate(map(_shown_session, sessions), start=1))
    shown, more = page(items, params, "ListStageSessions", _A_PAGE)
    return {"stageSessions": shown, **more}


def _get_participant(account: Account, params: Params) -> Params:
    participant = _session(account, params).participants.get(params["participantId"])
    if participant is None:
        raise not_found(f"{params['stageArn']} participant {params['participantId']}")
    return {"participant": participant}


def _list_participants(account: Account, params: Params) -> Params:
    check_one_filter(params, list(_PARTICIPANT_FILTERS))
    participants = _session(account, params).participants.values()
    items = [
        (place, participant)
        for place, participant in enumerate(participants, start=1)
        if all(
            params.get(name) is None or participant.get(member) == params[name]
            for name, member in _PARTICIPANT_FILTERS.items()
        )
    ]
    shown, more = page(items, params, "ListParticipants", _A_PAGE)
    return {"participants": shown, **more}


def _ingest_credential(account: Account, record: Record) -> Params:
    ingest_id = record.arn.rpartition("/")[2]
    secret = account.draw("ingest key", 32)
    return {
        "participantId": account.draw("Participant", 12),
        "streamKey": f"rt_{account.id}_{account.region}_{ingest_id}_{secret}",
    }


def _set_redundancy(account: Account, record: Record) -> None:
    if not record.data["redundantIngest"]:
        record.data.pop("redundantIngestCredentials", None)
    elif "redundantIngestCredentials" not in record.data:
        record.data["redundantIngestCredentials"] = [
            _ingest_credential(account, record) for _ in range(_REDUNDANT_CREDENTIALS)
        ]


def _create_ingest(account: Account, params: Params) -> Params:
    record = create(account, _INGEST, params)
    record.data["state"] = "INACTIVE"
    record.data.update(_ingest_credential(account, record))
    _set_redundancy(account, record)
    return {"ingestConfiguration": record.data}


def _update_ingest(account: Account, params: Params) -> Params:
    record = account.find(params["arn"], _INGEST.name)
    if record.data["state"] == "ACTIVE":
        raise conflict(f"{record.arn} is active")
    update(account, _INGEST, params)
    _set_redundancy(account, record)
    return {"ingestConfiguration": record.data}


def _delete_ingest(account: Account, params: Params) -> Params:
    record = account.find(params["arn"], _INGEST.name)
    if record.data["state"] == "ACTIVE":
        if not params.get("force"):
            raise conflict(f"{record.arn} is publishing; force deletes it anyway")
        disconnect(account, record.data["stageArn"], record.data["participantId"])
    account.remove(record)
    return {}


def _start_composition(account: Account, params: Params) -> Params:
    token: str | None = params.get("idempotencyToken")
    asked = json.dumps(params, sort_keys=True)
    if token is not None and token in account.started:
        before, arn = account.started[token]
        if before != asked:
            raise conflict("idempotencyToken was used for another request")
        if arn in account.records:
            return {"composition": account.look(account.records[arn])}
    record = _insert_composition(account, params)
    if token is not None:
        account.started[token] = (asked, record.arn)
    return {"composition": record.data}


def _insert_composition(account: Account, params: Params) -> Record:
    composition(params)
    account.find(params["stageArn"], "Stage")
    channels = [each["channel"] for each in params["destinations"] if "channel" in each]
    places = [each["s3"] for each in params["destinations"] if "s3" in each]
    encoders = [
        each["encoderConfigurationArn"] for each in channels if "encoderConfigurationArn" in each
    ]
    encoders += [arn for each in places for arn in each["encoderConfigurationArns"]]
    for arn in encoders:
        account.find(arn, "EncoderConfiguration")
    for place in places:
        account.find(place["storageConfigurationArn"], "StorageConfiguration")
    for channel in channels:
        account.find(channel["channelArn"], "Channel")
        if account.look_at_stream(channel["channelArn"]) is not None:
            raise conflict(f"Channel {channel['channelArn']} is already live")
    running = [
        each for each in account.of("Composition") if account.look(each)["state"] not in OVER
    ]
    here = sum(1 for each in running if each.refers_to(params["stageArn"]))
    account.check_quota("CompositionPerStage", here, "compositions of one stage")
    layout: Params = params.get("layout") or {"grid": {}}
    asked: Params = {
        "stageArn": params["stageArn"],
        "tags": params.get("tags", {}),
        "layout": {name: filled(_LAYOUTS[name], layout[name]) for name in layout},
        "destinations": [
            _destination(account, params["stageArn"], each) for each in params["destinations"]
        ],
        "startTime": account.clock(),
    }
    record = create(account, _COMPOSITION, asked, used=len(running))
    record.uses = frozenset(
        [
            *encoders,
            *(place["storageConfigurationArn"] for place in places),
            *(channel["channelArn"] for channel in channels),
        ]
    )
    if record.data["state"] not in OVER:
        # From now on, the composition broadcasts to its channels.
        for channel in channels:
            account.go_live(channel["channelArn"])
    return record


def _destination(account: Account, stage_arn: str, configuration: Params) -> Params:
    destination: Params = {
        "id": account.draw("Destination", 12),
        "state": "STARTING",
        "configuration": configuration,
    }
    if "s3" in configuration:
        prefix = f"{stage_arn.rpartition('/')[2]}/{destination['id']}/composite"
        destination["detail"] = {"s3": {"recordingPrefix": prefix}}
    return destination


def _stop(account: Account, record: Record) -> None:
    if account.look(record)["state"] in ("STARTING", "ACTIVE"):
        record.data["state"] = "STOPPING"
        for destination in record.data["destinations"]:
            destination["state"] = "STOPPING"
        account.pass_to(record, "STOPPED")


def _stop_composition(account: Account, params: Params) -> Params:
    record = account.find(params["arn"], "Composition")
    if account.look(record)["state"] in OVER:
        raise conflict(f"{record.arn} is {record.data['state']}")
    _stop(account, record)
    return {}


def end_composition(account: Account, record: Record, *, failed: bool) -> None:
    """Let a composition end by itself, as one minute after the last participant has left."""
    record.becomes = "FAILED" if failed else "STOPPED"
    account.arrive(record)


OPERATIONS: Mapping[str, Operate] = {
    "CreateStage": _create_stage,
    "UpdateStage": _update_stage,
    "DeleteStage": _delete_stage,
    "CreateParticipantToken": _create_token,
    "DisconnectParticipant": _disconnect_participant,
    "GetStageSession": _get_stage_session,
    "ListStageSessions": _list_stage_sessions,
    "GetParticipant": _get_participant,
    "ListParticipants": _list_participants,
    "CreateIngestConfiguration": _create_ingest,
    "UpdateIngestConfiguration": _update_ingest,
    "DeleteIngestConfiguration": _delete_ingest,
    "StartComposition": _start_composition,
    "StopComposition": _stop_composition,
}
"""The operations of the real-time API that are not regular."""
