"""The special behavior of channels, their stream keys and their streams."""

from __future__ import annotations

from collections.abc import Mapping

from ivs_constructs.testing.emulator.backend.account import Account, Params, Record, Stream
from ivs_constructs.testing.emulator.backend.kinds import KINDS
from ivs_constructs.testing.emulator.backend.refusals import (
    Refusal,
    conflict,
    invalid,
    not_broadcasting,
)
from ivs_constructs.testing.emulator.backend.resources import (
    OPERATIONS as REGULAR,
)
from ivs_constructs.testing.emulator.backend.resources import (
    Operate,
    create,
    page,
    update,
)

_CHANNEL = KINDS["Channel"]
_STREAM_KEY = KINDS["StreamKey"]
_SLATE = KINDS["FailoverSlateConfiguration"]

_STREAMS_A_PAGE = 100
_MOST_METADATA_BYTES = 1024


def _create_channel(account: Account, params: Params) -> Params:
    record = create(account, _CHANNEL, params)
    channel_id = record.arn.rpartition("/")[2]
    host = account.draw("host", 12).lower()
    place = f"{account.region}.{account.id}.channel.{channel_id}"
    record.data["ingestEndpoint"] = f"{host}.global-contribute.live-video.net"
    record.data["playbackUrl"] = (
        f"https://{host}.{account.region}.playback.live-video.net/api/video/v1/{place}.m3u8"
    )
    record.data["srt"] = {"endpoint": f"{host}.srt.live-video.net"}
    _set_passphrase(account, record)
    key = _insert_stream_key(account, {"channelArn": record.arn})
    return {"channel": record.data, "streamKey": key.data}


def _set_passphrase(account: Account, record: Record) -> None:
    # Only channels that refuse insecure ingest encrypt SRT.
    srt: Params = record.data["srt"]
    if record.data["insecureIngest"]:
        srt.pop("passphrase", None)
    elif "passphrase" not in srt:
        srt["passphrase"] = account.draw("passphrase", 70)


def _look_at_idle_channel(account: Account, arn: str) -> Record:
    record = account.find(arn, "Channel")
    if account.look_at_stream(arn) is not None:
        raise conflict(f"Channel {arn} is live; stop the stream first")
    return record


def _update_channel(account: Account, params: Params) -> Params:
    _look_at_idle_channel(account, params["arn"])
    record = update(account, _CHANNEL, params)
    _set_passphrase(account, record)
    return {"channel": record.data}


def _delete_channel(account: Account, params: Params) -> Params:
    record = _look_at_idle_channel(account, params["arn"])
    for key in account.of("StreamKey"):
        if key.refers_to(record.arn):
            account.remove(key)
    account.remove(record)
    return {}


def _batch_get(type_name: str, members: str) -> Operate:
    def operate(account: Account, params: Params) -> Params:
        found: list[Params] = []
        errors: list[Params] = []
        for arn in params["arns"]:
            try:
                found.append(account.find(arn, type_name).data)
            except Refusal as refusal:
                errors.append({"arn": arn, "code": refusal.code, "message": str(refusal)})
        return {members: found, "errors": errors}

    return operate


def _insert_stream_key(account: Account, params: Params) -> Record:
    used = sum(1 for key in account.of("StreamKey") if key.refers_to(params["channelArn"]))
    record = create(account, _STREAM_KEY, params, used)
    key_id = record.arn.rpartition("/")[2]
    record.data["value"] = f"sk_{account.region}_{key_id}_{account.draw('stream key', 32)}"
    return record


def _create_stream_key(account: Account, params: Params) -> Params:
    return {"streamKey": _insert_stream_key(account, params).data}


def _list_stream_keys(account: Account, params: Params) -> Params:
    account.find(params["channelArn"], "Channel")
    return REGULAR["ListStreamKeys"](account, params)


def _update_slate(account: Account, params: Params) -> Params:
    record = account.find(params["arn"], _SLATE.name)
    if account.look(record)["state"] != "CREATED":
        raise conflict(f"{record.arn} is {record.data['state']}")
    update(account, _SLATE, params)
    record.data["state"] = "UPDATING"
    account.pass_to(record, "CREATED")
    return {_SLATE.member: record.data}


def _live(account: Account, channel_arn: str) -> Stream:
    account.find(channel_arn, "Channel")
    stream = account.look_at_stream(channel_arn)
    if stream is None:
        raise not_broadcasting(channel_arn)
    return stream


def _shown(account: Account, channel_arn: str, stream: Stream) -> Params:
    return {
        "channelArn": channel_arn,
        "streamId": stream.id,
        "playbackUrl": account.records[channel_arn].data["playbackUrl"],
        "startTime": stream.started,
        "state": "LIVE",
        "health": "HEALTHY",
        "viewerCount": 0,
    }


def _get_stream(account: Account, params: Params) -> Params:
    channel_arn = params["channelArn"]
    return {"stream": _shown(account, channel_arn, _live(account, channel_arn))}


def _list_streams(account: Account, params: Params) -> Params:
    wanted: Params = params.get("filterBy") or {}
    # Every emulated stream is healthy.
    shows = wanted.get("health") in (None, "HEALTHY")
    live = [(account.records[arn].sequence, arn) for arn in account.streams if shows]
    shown, more = page(sorted(live), params, "ListStreams", _STREAMS_A_PAGE)
    looked = [(arn, account.look_at_stream(arn)) for arn in shown]
    return {
        "streams": [_shown(account, arn, stream) for arn, stream in looked if stream is not None],
        **more,
    }


def _list_stream_sessions(account: Account, params: Params) -> Params:
    channel_arn = params["channelArn"]
    account.find(channel_arn, "Channel")
    live = account.look_at_stream(channel_arn)
    streams = [*account.past_streams.get(channel_arn, ()), *([] if live is None else [live])]
    # The newest first.
    newest = list(enumerate(reversed(streams), 1))
    shown, more = page(newest, params, f"ListStreamSessions/{channel_arn}", _STREAMS_A_PAGE)
    sessions: list[Params] = []
    for stream in shown:
        session: Params = {
            "streamId": stream.id,
            "startTime": stream.started,
            "hasErrorEvent": False,
        }
        if stream.ended is not None:
            session["endTime"] = stream.ended
        sessions.append(session)
    return {"streamSessions": sessions, **more}


def _stop_stream(account: Account, params: Params) -> Params:
    channel_arn = params["channelArn"]
    if _live(account, channel_arn).polls_left is None:
        account.stop_stream(channel_arn)
    return {}


def _put_metadata(account: Account, params: Params) -> Params:
    _live(account, params["channelArn"])
    if len(params["metadata"].encode()) > _MOST_METADATA_BYTES:
        raise invalid(f"metadata must have at most {_MOST_METADATA_BYTES} bytes")
    return {}


def _insert_ad_break(account: Account, params: Params) -> Params:
    channel_arn = params["channelArn"]
    _live(account, channel_arn)
    if not account.records[channel_arn].data["adConfigurationArn"]:
        raise conflict(f"Channel {channel_arn} has no ad configuration")
    return {
        "adBreakId": params.get("adBreakId") or account.draw("ad break", 12),
        "targetStartAt": params.get("targetStartAt") or account.clock(),
    }


def _revoke(account: Account, params: Params) -> Params:
    account.find(params["channelArn"], "Channel")
    return {}


def _batch_revoke(account: Account, params: Params) -> Params:
    errors: list[Params] = []
    for session in params["viewerSessions"]:
        try:
            _revoke(account, session)
        except Refusal as refusal:
            errors.append({**session, "code": refusal.code, "message": str(refusal)})
    return {"errors": errors}


OPERATIONS: Mapping[str, Operate] = {
    "CreateChannel": _create_channel,
    "UpdateChannel": _update_channel,
    "DeleteChannel": _delete_channel,
    "BatchGetChannel": _batch_get("Channel", "channels"),
    "BatchGetStreamKey": _batch_get("StreamKey", "streamKeys"),
    "CreateStreamKey": _create_stream_key,
    "ListStreamKeys": _list_stream_keys,
    "UpdateFailoverSlateConfiguration": _update_slate,
    "GetStream": _get_stream,
    "ListStreams": _list_streams,
    "ListStreamSessions": _list_stream_sessions,
    "StopStream": _stop_stream,
    "PutMetadata": _put_metadata,
    "InsertAdBreak": _insert_ad_break,
    "StartViewerSessionRevocation": _revoke,
    "BatchStartViewerSessionRevocation": _batch_revoke,
}
"""The operations of the low-latency API that are not regular."""
