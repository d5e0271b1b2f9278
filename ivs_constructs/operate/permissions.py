"""The permissions that IAM requires for each operation, as data.

Both APIs have the prefix `ivs` in IAM. An action is authorized on certain resources, which are not
always those in the parameters: a new stream key is authorized as a stream key, not as its channel.

See: https://docs.aws.amazon.com/service-authorization/latest/reference/list_interactive-video-service.html
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from ivs_constructs.operate._models import TYPES


@dataclass(frozen=True, slots=True, kw_only=True)
class Permission:
    """The resources that one operation is authorized on.

    Types are those in ARNs: the part before the slash.

    Attributes:
        types: Types of which the operation always affects one.
        also: Types that it affects if its parameters name one.
        tags: Types that it makes and tags, if they are not `types`.
        makes: Whether it makes the resource that it is authorized on, so the ARN is not known yet.
        reason: Why it cannot be restricted to a resource, if it cannot.
    """

    types: tuple[str, ...] = ()
    also: tuple[str, ...] = ()
    tags: tuple[str, ...] = ()
    makes: bool = False
    reason: str = ""


def _on(*types: str) -> Permission:
    return Permission(types=types)


def _new(*types: str) -> Permission:
    return Permission(types=types, makes=True)


_UNLISTED = Permission(reason="IAM has no resource type for this action")
_CHANNEL = _on("channel")
_STAGE = _on("stage")
# The stream key comes and goes with its channel.
_CHANNEL_AND_KEY = _on("channel", "stream-key")
_WHATEVER_IS_NAMED = Permission(also=TYPES)

PERMISSIONS: Mapping[str, Permission] = {
    "BatchGetChannel": _CHANNEL,
    "BatchGetStreamKey": _on("stream-key"),
    "BatchStartViewerSessionRevocation": _CHANNEL,
    "CreateAdConfiguration": _new("ad-configuration"),
    "CreateChannel": _new("channel", "stream-key"),
    "CreateEncoderConfiguration": _new("encoder-configuration"),
    "CreateFailoverSlateConfiguration": _new("failover-slate-configuration"),
    "CreateIngestConfiguration": _new("ingest-configuration"),
    "CreateParticipantToken": _STAGE,
    "CreatePlaybackRestrictionPolicy": _new("playback-restriction-policy"),
    "CreateRecordingConfiguration": _new("recording-configuration"),
    "CreateStage": _new("stage"),
    "CreateStorageConfiguration": _new("storage-configuration"),
    # Not the channel that its parameter names.
    "CreateStreamKey": _new("stream-key"),
    "DeleteAdConfiguration": _on("ad-configuration"),
    "DeleteChannel": _CHANNEL_AND_KEY,
    "DeleteEncoderConfiguration": _on("encoder-configuration"),
    "DeleteFailoverSlateConfiguration": _on("failover-slate-configuration"),
    "DeleteIngestConfiguration": _on("ingest-configuration"),
    "DeletePlaybackKeyPair": _on("playback-key"),
    "DeletePlaybackRestrictionPolicy": _on("playback-restriction-policy"),
    "DeletePublicKey": _on("public-key"),
    "DeleteRecordingConfiguration": _on("recording-configuration"),
    "DeleteStage": _STAGE,
    "DeleteStorageConfiguration": _on("storage-configuration"),
    "DeleteStreamKey": _on("stream-key"),
    "DisconnectParticipant": _STAGE,
    "GetAdConfiguration": _on("ad-configuration"),
    "GetChannel": _CHANNEL,
    "GetComposition": _on("composition"),
    "GetEncoderConfiguration": _on("encoder-configuration"),
    "GetFailoverSlateConfiguration": _on("failover-slate-configuration"),
    "GetIngestConfiguration": _on("ingest-configuration"),
    "GetParticipant": _STAGE,
    "GetPlaybackKeyPair": _on("playback-key"),
    "GetPlaybackRestrictionPolicy": _on("playback-restriction-policy"),
    "GetPublicKey": _on("public-key"),
    "GetRecordingConfiguration": _on("recording-configuration"),
    "GetStage": _STAGE,
    "GetStageSession": _STAGE,
    "GetStorageConfiguration": _on("storage-configuration"),
    "GetStream": _CHANNEL,
    "GetStreamKey": _on("stream-key"),
    "GetStreamSession": _CHANNEL,
    "ImportPlaybackKeyPair": _new("playback-key"),
    "ImportPublicKey": _new("public-key"),
    "InsertAdBreak": _CHANNEL,
    "ListAdConfigurations": _UNLISTED,
    "ListChannels": _CHANNEL,
    "ListCompositions": Permission(also=("encoder-configuration", "stage")),
    "ListEncoderConfigurations": _UNLISTED,
    "ListFailoverSlateConfigurations": Permission(
        reason="not in AWS's reference yet; the action for ad configurations knows no resource"
    ),
    "ListIngestConfigurations": _UNLISTED,
    "ListParticipantEvents": _STAGE,
    "ListParticipantReplicas": _STAGE,
    "ListParticipants": _STAGE,
    "ListPlaybackKeyPairs": _on("playback-key"),
    "ListPlaybackRestrictionPolicies": _UNLISTED,
    "ListPublicKeys": _UNLISTED,
    "ListRecordingConfigurations": _on("recording-configuration"),
    "ListStageSessions": _STAGE,
    "ListStages": _STAGE,
    "ListStorageConfigurations": _UNLISTED,
    "ListStreamKeys": _CHANNEL_AND_KEY,
    "ListStreamSessions": _CHANNEL,
    "ListStreams": _CHANNEL,
    "ListTagsForResource": _WHATEVER_IS_NAMED,
    "PutMetadata": _CHANNEL,
    "RevokeConnectionToken": Permission(reason="a connection token has no ARN"),
    "StartComposition": Permission(
        types=("encoder-configuration", "stage"),
        also=("channel", "storage-configuration"),
        tags=("composition",),
    ),
    "StartParticipantReplication": _STAGE,
    "StartViewerSessionRevocation": _CHANNEL,
    "StopComposition": _on("composition"),
    "StopParticipantReplication": _STAGE,
    "StopStream": _CHANNEL,
    "TagResource": _WHATEVER_IS_NAMED,
    "UntagResource": _WHATEVER_IS_NAMED,
    # The only such update in AWS's reference.
    "UpdateAdConfiguration": _UNLISTED,
    "UpdateChannel": _CHANNEL,
    "UpdateFailoverSlateConfiguration": _on("failover-slate-configuration"),
    "UpdateIngestConfiguration": _on("ingest-configuration"),
    "UpdatePlaybackRestrictionPolicy": _on("playback-restriction-policy"),
    "UpdateStage": _STAGE,
}
"""By operation; operations in both APIs need the same permissions in both."""


_LISTED_FROM: Mapping[str, tuple[str, ...]] = {
    "ListParticipantEvents": ("stage",),
    "ListParticipantReplicas": ("stage",),
    "ListParticipants": ("stage",),
    "ListStageSessions": ("stage",),
    "ListStreamKeys": ("channel",),
    "ListStreamSessions": ("channel",),
}
"""The types of which a list shows the parts of one, which its parameters name."""


def reason_for(operation: str, kind: str | None) -> str:
    """Say why an operation is allowed on all resources of a type.

    Args:
        operation: The operation, by its name in the API.
        kind: The type; None for any resource.
    """
    permission = PERMISSIONS[operation]
    if kind is None:
        return permission.reason or f"the call of {operation} names no resource"
    noun = kind.replace("-", " ")
    if permission.makes or kind in permission.tags:
        return f"{operation} makes a new {noun}, whose ARN is not known before"
    if kind == "composition":
        return "compositions come and go at run time, so no ARN is known"
    if operation.startswith("List") and kind not in _LISTED_FROM.get(operation, ()):
        return f"{operation} looks at every {noun} of the account and Region"
    return f"which {noun} {operation} is for is known only when it is called"


VERBS: Mapping[str, Mapping[str, tuple[str, ...]]] = {
    "channel": {
        "insert_ad_break": ("InsertAdBreak",),
        "put_metadata": ("PutMetadata",),
        "read": (
            "BatchGetChannel",
            "GetChannel",
            "GetStream",
            "GetStreamSession",
            "ListStreamSessions",
        ),
        "reset_stream_key": ("CreateStreamKey", "DeleteStreamKey", "ListStreamKeys"),
        "revoke_viewers": ("BatchStartViewerSessionRevocation", "StartViewerSessionRevocation"),
        "stop_stream": ("StopStream",),
        "update": ("UpdateChannel",),
    },
    "composition": {
        "read": ("GetComposition", "ListCompositions"),
        "stop": ("ListCompositions", "StopComposition"),
    },
    "recording-configuration": {"read": ("GetRecordingConfiguration",)},
    "stage": {
        "create_participant_token": ("CreateParticipantToken",),
        "disconnect_participant": ("DisconnectParticipant",),
        "read": (
            "GetParticipant",
            "GetStage",
            "GetStageSession",
            "ListParticipantEvents",
            "ListParticipantReplicas",
            "ListParticipants",
            "ListStageSessions",
        ),
        "replicate": ("StartParticipantReplication", "StopParticipantReplication"),
        "start_composition": ("StartComposition",),
        "stop_composition": ("GetComposition", "ListCompositions", "StopComposition"),
        "update": ("UpdateStage",),
    },
    "stream-key": {
        "read": ("BatchGetStreamKey", "GetStreamKey"),
        "reset": ("CreateStreamKey", "DeleteStreamKey"),
    },
}
"""The operations that each verb of the grants allows, by the type of the resource."""
