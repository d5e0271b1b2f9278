"""The thirteen resource types as data: names, operations, defaults, states, quotas, references.

Defaults and page sizes come from the documentation in the service models; the quotas come from the
Amazon IVS Real-Time Streaming User Guide, page "Service Quotas", and of CreateStreamKey
(one key a channel). Quotas of the low-latency API are not confirmed, so those types have none.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True, slots=True, kw_only=True)
class Life:
    """The states that a resource goes through.

    Attributes:
        starting: While it is being made.
        ready: Once it is made.
        failed: If that failed.
        updating: After an update, if an update takes time.
    """

    starting: str
    ready: str
    failed: str
    updating: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Kind:
    """One resource type.

    Attributes:
        name: The type's name, such as `Stage`.
        service: The service's name in boto3.
        arn_type: The type in the ARN, such as `stage`.
        member: The member of an answer that holds one resource.
        members: The member of an answer that holds a list.
        create: The operation that makes one.
        get: The operation that reads one.
        update: The operation that changes one, if there is one.
        delete: The operation that deletes one, if there is one.
        list: The operation that lists them.
        page: The default page size of the list.
        quota: How many may exist; None if that is not confirmed.
        defaults: Members that the service fills in; structures member by member.
        filters: Members of a list request, and the members of a resource that they must equal.
        one_filter: Whether a list request may have only one of the filters.
        references: Members that hold the ARN of another resource, with its type.
        unique: A member that no two resources may have the same value of, if there is one.
        held_by: Types that must not refer to a resource when it is deleted.
        life: Its states, if it has any.
    """

    name: str
    service: str
    arn_type: str
    member: str
    members: str
    create: str
    get: str
    update: str | None = None
    delete: str | None = None
    list: str
    page: int
    quota: int | None = None
    defaults: Mapping[str, Any] = field(default_factory=dict[str, Any])
    filters: Mapping[str, str] = field(default_factory=dict[str, str])
    one_filter: bool = False
    references: Mapping[str, str] = field(default_factory=dict[str, str])
    unique: str | None = None
    held_by: tuple[str, ...] = ()
    life: Life | None = None


def _kind(name: str, service: str, **facts: Any) -> Kind:  # noqa: ANN401 (typed by Kind)
    """Describe a type that everything is named after, which is the usual case."""
    member = name[0].lower() + name[1:]
    regular: dict[str, Any] = {
        "arn_type": re.sub(r"(?<!^)(?=[A-Z])", "-", name).lower(),
        "member": member,
        "members": f"{member}s",
        "create": f"Create{name}",
        "get": f"Get{name}",
        "delete": f"Delete{name}",
        "list": f"List{name}s",
    }
    return Kind(name=name, service=service, **{**regular, **facts})


KINDS: Mapping[str, Kind] = {
    kind.name: kind
    for kind in (
        _kind(
            "Channel",
            "ivs",
            update="UpdateChannel",
            page=100,
            defaults={
                "name": "",
                "latencyMode": "LOW",
                "type": "STANDARD",
                "authorized": False,
                "recordingConfigurationArn": "",
                "insecureIngest": False,
                "playbackRestrictionPolicyArn": "",
                "containerFormat": "TS",
                "adConfigurationArn": "",
                "failoverSlateConfigurationArn": "",
            },
            filters={
                "filterByName": "name",
                "filterByRecordingConfigurationArn": "recordingConfigurationArn",
                "filterByPlaybackRestrictionPolicyArn": "playbackRestrictionPolicyArn",
                "filterByAdConfigurationArn": "adConfigurationArn",
                "filterByFailoverSlateConfigurationArn": "failoverSlateConfigurationArn",
            },
            references={
                "recordingConfigurationArn": "RecordingConfiguration",
                "playbackRestrictionPolicyArn": "PlaybackRestrictionPolicy",
                "adConfigurationArn": "AdConfiguration",
                "failoverSlateConfigurationArn": "FailoverSlateConfiguration",
            },
        ),
        _kind(
            "StreamKey",
            "ivs",
            page=1,
            quota=1,
            filters={"channelArn": "channelArn"},
            references={"channelArn": "Channel"},
        ),
        _kind(
            "RecordingConfiguration",
            "ivs",
            page=100,
            defaults={
                "name": "",
                "thumbnailConfiguration": {
                    "recordingMode": "INTERVAL",
                    "targetIntervalSeconds": 60,
                    "storage": ["SEQUENTIAL"],
                },
                "recordingReconnectWindowSeconds": 0,
                "renditionConfiguration": {"renditionSelection": "ALL"},
            },
            held_by=("Channel",),
            life=Life(starting="CREATING", ready="ACTIVE", failed="CREATE_FAILED"),
        ),
        _kind(
            "PlaybackKeyPair",
            "ivs",
            arn_type="playback-key",
            member="keyPair",
            members="keyPairs",
            create="ImportPlaybackKeyPair",
            page=100,
            defaults={"name": ""},
            unique="fingerprint",
        ),
        _kind(
            "PlaybackRestrictionPolicy",
            "ivs",
            members="playbackRestrictionPolicies",
            update="UpdatePlaybackRestrictionPolicy",
            list="ListPlaybackRestrictionPolicies",
            page=1,
            defaults={
                "name": "",
                "allowedCountries": [],
                "allowedOrigins": [],
                "enableStrictOriginEnforcement": False,
            },
            held_by=("Channel",),
        ),
        _kind(
            "AdConfiguration",
            "ivs",
            update="UpdateAdConfiguration",
            page=100,
            defaults={
                "name": "",
                "postRollConfiguration": {"enabled": False, "durationSeconds": 15},
            },
            held_by=("Channel",),
        ),
        _kind(
            "FailoverSlateConfiguration",
            "ivs",
            update="UpdateFailoverSlateConfiguration",
            page=100,
            defaults={
                "name": "",
                "activationThresholdSeconds": 3,
                "minSlateDisplaySeconds": 3,
                "maxSlateDisplaySeconds": 60,
            },
            held_by=("Channel",),
            life=Life(
                starting="CREATING", ready="CREATED", failed="CREATE_FAILED", updating="UPDATING"
            ),
        ),
        _kind(
            "Stage",
            "ivs-realtime",
            update="UpdateStage",
            page=50,
            quota=1000,
            defaults={
                "name": "",
                "autoParticipantRecordingConfiguration": {
                    "storageConfigurationArn": "",
                    "mediaTypes": ["AUDIO_VIDEO"],
                    "thumbnailConfiguration": {
                        "targetIntervalSeconds": 60,
                        "storage": ["SEQUENTIAL"],
                        "recordingMode": "DISABLED",
                    },
                    "recordingReconnectWindowSeconds": 0,
                    "hlsConfiguration": {"targetSegmentDurationSeconds": 6},
                    "recordParticipantReplicas": True,
                },
            },
        ),
        _kind(
            "EncoderConfiguration",
            "ivs-realtime",
            page=100,
            quota=20,
            defaults={
                "name": "",
                "video": {"width": 1280, "height": 720, "framerate": 30, "bitrate": 2_500_000},
            },
            held_by=("Composition",),
        ),
        _kind(
            "StorageConfiguration",
            "ivs-realtime",
            page=100,
            quota=5,
            defaults={"name": ""},
            held_by=("Composition",),
        ),
        _kind(
            "IngestConfiguration",
            "ivs-realtime",
            update="UpdateIngestConfiguration",
            page=50,
            quota=100,
            defaults={"name": "", "stageArn": "", "userId": "", "redundantIngest": False},
            filters={"filterByStageArn": "stageArn", "filterByState": "state"},
            one_filter=True,
            references={"stageArn": "Stage"},
        ),
        _kind(
            "PublicKey",
            "ivs-realtime",
            create="ImportPublicKey",
            page=50,
            quota=3,
            defaults={"name": ""},
            unique="fingerprint",
        ),
        _kind(
            "Composition",
            "ivs-realtime",
            create="StartComposition",
            delete=None,
            page=100,
            quota=20,
            filters={"filterByStageArn": "stageArn"},
            references={"stageArn": "Stage"},
            life=Life(starting="STARTING", ready="ACTIVE", failed="FAILED"),
        ),
    )
}

BY_ARN_TYPE: Mapping[str, Kind] = {kind.arn_type: kind for kind in KINDS.values()}

QUOTAS: Mapping[str, int | None] = {
    **{name: kind.quota for name, kind in KINDS.items()},
    "CompositionPerStage": 5,
}
"""How many of each type may exist (stream keys: per channel); None for no limit."""


def kind_of(arn: str) -> Kind | None:
    """Find the type that an ARN names."""
    return BY_ARN_TYPE.get(arn.rpartition(":")[2].partition("/")[0])
