"""The events that Amazon IVS sends.

They are sent on a best-effort basis, may be late and arrive in any order. Their resource's ARN is
in `resources`; a filter on `detail.channel_arn` never matches, because there is no such field.

See: https://docs.aws.amazon.com/ivs/latest/LowLatencyUserGuide/eventbridge.html
See: https://docs.aws.amazon.com/ivs/latest/RealTimeUserGuide/eventbridge.html
See: https://docs.aws.amazon.com/eventbridge/latest/ref/events-ref-ivs.html
"""

from __future__ import annotations

from typing import NamedTuple


class EventKind(NamedTuple):
    """Events that share a detail-type.

    Attributes:
        detail_type: The detail-type.
        names: What can happen.
        name_field: The field of the detail that says what happened.
        arn_field: The field of the detail with the ARN that rules look for; None if it is in
            `resources`.
        fields: The other fields of the detail, as far as AWS documents them; not every event has
            all.
        shapes: The structures in the API's answers with the same content and some of these fields.
    """

    detail_type: str
    names: tuple[str, ...]
    name_field: str = "event_name"
    arn_field: str | None = None
    fields: tuple[str, ...] = ("channel_name", "stream_id")
    shapes: tuple[str, ...] = ()


STREAM = EventKind(
    "IVS Stream State Change",
    names=(
        "Session Created",
        "Session Ended",
        "Stream Start",
        "Stream End",
        "Stream Failure",
        "Stream Takeover",
        "Stream Takeover Failure",
    ),
    fields=("channel_name", "stream_id", "code", "reason"),
    shapes=("Stream", "StreamSession", "StreamSessionSummary", "StreamSummary"),
)
HEALTH = EventKind("IVS Stream Health Change", names=("Starvation Start", "Starvation End"))
LIMIT = EventKind(
    "IVS Limit Breach",
    names=("Ingest Bitrate", "Ingest Resolution", "Concurrent Broadcasts", "Concurrent Viewers"),
    name_field="limit_name",
    fields=("channel_name", "stream_id", "limit_value", "exceeded_by", "limit_unit"),
)
RECORDING = EventKind(
    "IVS Recording State Change",
    names=("Recording Start", "Recording End", "Recording Start Failure", "Recording End Failure"),
    name_field="recording_status",
    fields=(
        "channel_name",
        "stream_id",
        "recording_status_reason",
        "recording_s3_bucket_name",
        "recording_s3_key_prefix",
        "recording_duration_ms",
        "recording_session_id",
        "recording_session_stream_ids",
    ),
)
AD_BREAK = EventKind(
    "IVS Ad Break State Change",
    names=("Ad Break Inserted",),
    fields=("channel_name", "stream_id", "ad_break_id", "duration_seconds", "target_start_time"),
    shapes=("InsertAdBreakResponse",),
)
STAGE = EventKind(
    "IVS Stage Update",
    names=(
        "Participant Published",
        "Participant Unpublished",
        "Participant Publish Error",
        "Token Exchanged",
    ),
    fields=("session_id", "event_time", "user_id", "participant_id"),
    shapes=("Participant", "ParticipantSummary", "StageSession", "StageSessionSummary"),
)
PARTICIPANT_RECORDING = EventKind(
    "IVS Participant Recording State Change",
    names=("Recording Start", "Recording End", "Recording Start Failure", "Recording End Failure"),
    fields=("session_id", "participant_id", "recording_s3_bucket_name", "recording_s3_key_prefix"),
    shapes=("Participant",),
)
# Here `resources` contains the composition's ARN, which is not known before it starts.
COMPOSITION = EventKind(
    "IVS Composition State Change",
    names=(
        "Session Start",
        "Session End",
        "Session Failure",
        "Destination Start",
        "Destination End",
        "Destination Failure",
        "Destination Reconnecting",
    ),
    arn_field="stage_arn",
    fields=("stage_arn",),
    shapes=("Composition", "CompositionSummary"),
)

OF_CHANNELS = (STREAM, HEALTH, LIMIT, RECORDING, AD_BREAK)
OF_STAGES = (STAGE, PARTICIPANT_RECORDING)
"""The kinds that have a stage in `resources`; compositions are resources of their own."""

ALL = (*OF_CHANNELS, *OF_STAGES, COMPOSITION)
