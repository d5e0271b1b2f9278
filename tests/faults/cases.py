"""The custom types, each with a few versions of a resource and what else is in the account."""

from __future__ import annotations

import contextlib
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import boto3  # type: ignore[import-untyped]  # no types

from ivs_constructs.testing.emulator import Emulator, EmulatorError
from tests.faults.engine import LOGICAL_ID, OTHER_STACK, STACK
from tests.faults.stack import Version

Names = dict[str, str]
"""What was there before, by name, with its ARN."""

_OTHER = {
    "another stack's": {
        "ivs-constructs:stack": OTHER_STACK,
        "ivs-constructs:logical": LOGICAL_ID,
        "ivs-constructs:id": "ivsc1-" + "0" * 24,
    },
    "another resource's": {
        "ivs-constructs:stack": STACK,
        "ivs-constructs:logical": "Other",
        "ivs-constructs:id": "ivsc1-" + "1" * 24,
    },
    "nobody's": {},
}


@dataclass(frozen=True, slots=True)
class Case:
    """A custom type.

    Attributes:
        name: The type's name in the emulator, also on the command line.
        custom_type: The type in the template.
        seed: Makes what is there before, and what looks alike.
        versions: Makes the versions of the resource.
        lifecycles: The lives of a stack, by name.
        hold: Lets something hold a resource in use; the result ends that.
        stoppable: Whether the handler can end it, too.
    """

    name: str
    custom_type: str
    seed: Callable[[Emulator], Names]
    versions: Callable[[Names], dict[str, Version]]
    lifecycles: dict[str, tuple[str, ...]]
    hold: Callable[[Emulator, str], Callable[[], None]]
    stoppable: bool = True


_IN_PLACE = {
    "create-delete-create-delete": ("create a", "delete", "create a", "delete"),
    "create-delete": ("create a", "delete"),
    "create-update-delete": ("create a", "update b", "delete"),
    "create-update-rollback-delete": ("create a", "try b", "rollback", "delete"),
}
_REPLACING = {
    **_IN_PLACE,
    "create-replace-back-delete": ("create a", "update c", "update a", "delete"),
    "create-replace-delete": ("create a", "update c", "delete"),
    "create-replace-rollback-delete": ("create a", "try c", "rollback", "delete"),
}
_SETTING = {
    **_REPLACING,
    "set-change-clear": ("create a", "update b", "update none", "delete"),
}

HELD_LIVES = {
    "create-hold-update-delete": ("create a", "hold", "update b", "delete"),
}
"""The lives of a stack whose resource is held in use."""

_clients: dict[tuple[str, str], Any] = {}


def api(emulator: Emulator, service: str) -> Any:  # noqa: ANN401 (boto3 ships no types)
    key = (emulator.url, service)
    if key not in _clients:
        _clients[key] = boto3.client(service, **emulator.client_options)
    return _clients[key]


def _tagged(value: str) -> list[dict[str, str]]:
    return [{"Key": "Team", "Value": value}]


def _alike(create: Callable[..., Any], **members: Any) -> None:  # noqa: ANN401 (JSON-like)
    for tags in _OTHER.values():
        create(**members, tags=tags)


def _seed_stage(emulator: Emulator) -> Names:
    client = api(emulator, "ivs-realtime")
    _alike(client.create_stage, name="talk")
    storage = client.create_storage_configuration(name="s", s3={"bucketName": "recordings"})
    return {"storage": storage["storageConfiguration"]["arn"]}


def _stage(names: Names) -> dict[str, Version]:
    recording = {"StorageConfigurationArn": names["storage"], "RecordingReconnectWindowSeconds": 60}
    return {
        "a": Version(
            {"Name": "talk", "Tags": _tagged("a")},
            {"name": "talk"},
            {"Team": "a"},
        ),
        "b": Version(
            {"Name": "talk-2", "AutoParticipantRecordingConfiguration": recording},
            {"name": "talk-2"},
            {},
        ),
    }


def _seed_encoder(emulator: Emulator) -> Names:
    create = api(emulator, "ivs-realtime").create_encoder_configuration
    _alike(create, name="hd", video={"width": 1280, "height": 720})
    return {}


def _encoder(_: Names) -> dict[str, Version]:
    def version(width: int, height: int, team: str) -> Version:
        return Version(
            {"Name": "hd", "Video": {"Width": width, "Height": height}, "Tags": _tagged(team)},
            {"name": "hd", "video": {"width": width, "height": height}},
            {"Team": team},
        )

    return {"a": version(1280, 720, "a"), "b": version(1280, 720, "b"), "c": version(640, 360, "a")}


def _seed_storage(emulator: Emulator) -> Names:
    # What is alike must not use up the quota.
    emulator.set_quota("StorageConfiguration", None)
    create = api(emulator, "ivs-realtime").create_storage_configuration
    _alike(create, name="talks", s3={"bucketName": "recordings"})
    return {}


def _storage(_: Names) -> dict[str, Version]:
    def version(bucket: str, team: str) -> Version:
        return Version(
            {"Name": "talks", "S3": {"BucketName": bucket}, "Tags": _tagged(team)},
            {"name": "talks", "s3": {"bucketName": bucket}},
            {"Team": team},
        )

    return {
        "a": version("recordings", "a"),
        "b": version("recordings", "b"),
        "c": version("other", "a"),
    }


def _seed_ingest(emulator: Emulator) -> Names:
    client = api(emulator, "ivs-realtime")
    stage = client.create_stage(name="talk")["stage"]["arn"]
    create = client.create_ingest_configuration
    _alike(create, name="obs", ingestProtocol="RTMPS", stageArn=stage)
    return {"stage": stage}


def _ingest(names: Names) -> dict[str, Version]:
    def version(user: str, stage: str, *, redundant: bool) -> Version:
        return Version(
            {
                "Name": "obs",
                "IngestProtocol": "RTMPS",
                "UserId": user,
                "Attributes": {"role": "host"},
                "RedundantIngest": redundant,
                **({"StageArn": stage} if stage else {}),
            },
            {"name": "obs", "userId": user, "stageArn": stage, "redundantIngest": redundant},
            {},
        )

    return {
        "a": version("ann", names["stage"], redundant=True),
        "b": version("ann", "", redundant=False),
        "c": version("bob", names["stage"], redundant=True),
    }


def _seed_slate(emulator: Emulator) -> Names:
    create = api(emulator, "ivs").create_failover_slate_configuration
    _alike(create, name="slate")
    return {}


def _slate(_: Names) -> dict[str, Version]:
    return {
        "a": Version(
            {"Name": "slate", "MinSlateDisplaySeconds": 5, "Tags": _tagged("a")},
            {"name": "slate", "minSlateDisplaySeconds": 5, "maxSlateDisplaySeconds": 60},
            {"Team": "a"},
        ),
        "b": Version(
            {"Name": "slate", "MaxSlateDisplaySeconds": 90, "Tags": _tagged("b")},
            {"name": "slate", "minSlateDisplaySeconds": 3, "maxSlateDisplaySeconds": 90},
            {"Team": "b"},
        ),
    }


def _seed_channels(emulator: Emulator) -> Names:
    client = api(emulator, "ivs")
    names: Names = {}
    for name in ("one", "two"):
        policy = client.create_playback_restriction_policy(name=name)
        names[f"policy {name}"] = policy["playbackRestrictionPolicy"]["arn"]
    slate = client.create_failover_slate_configuration(name="slate")
    names["slate"] = slate["failoverSlateConfiguration"]["arn"]
    # Somebody else's setting on the channels, which is to stay.
    playback = "arn:aws:mediatailor:us-east-1:123456789012:playbackConfiguration/ads"
    ads = client.create_ad_configuration(
        mediaTailorPlaybackConfigurations=[{"playbackConfigurationArn": playback}]
    )
    names["ads"] = ads["adConfiguration"]["arn"]
    for name in ("one", "two", "alike"):
        policy_arn = names["policy one"] if name == "alike" else ""
        channel = client.create_channel(
            name="live",
            adConfigurationArn=names["ads"],
            **({"playbackRestrictionPolicyArn": policy_arn} if policy_arn else {}),
        )
        names[f"channel {name}"] = channel["channel"]["arn"]
    return names


def _associations(names: Names) -> dict[str, Version]:
    def version(channel: str, policy: str = "", slate: str = "") -> Version:
        properties = {"ChannelArn": names[channel]}
        if policy:
            properties["PlaybackRestrictionPolicyArn"] = names[policy]
        if slate:
            properties["FailoverSlateConfigurationArn"] = names[slate]
        return Version(
            properties,
            {
                "arn": names[channel],
                "playbackRestrictionPolicyArn": names.get(policy, ""),
                "failoverSlateConfigurationArn": names.get(slate, ""),
                "adConfigurationArn": names["ads"],
            },
            {},
        )

    return {
        "a": version("channel one", "policy one"),
        "b": version("channel one", "policy two", "slate"),
        "c": version("channel two", "policy one"),
        "none": version("channel one"),
    }


def _composition(part: str) -> Callable[[Emulator, str], Callable[[], None]]:
    """Let a composition hold the resource, which is its stage, encoder or storage."""

    def hold(emulator: Emulator, arn: str) -> Callable[[], None]:
        client = api(emulator, "ivs-realtime")
        parts = {
            "stage": client.create_stage()["stage"]["arn"],
            "encoder": client.create_encoder_configuration()["encoderConfiguration"]["arn"],
            "storage": client.create_storage_configuration(s3={"bucketName": "other"})[
                "storageConfiguration"
            ]["arn"],
        } | {part: arn}
        destination = {
            "storageConfigurationArn": parts["storage"],
            "encoderConfigurationArns": [parts["encoder"]],
        }
        made = client.start_composition(stageArn=parts["stage"], destinations=[{"s3": destination}])
        return _ends(lambda: emulator.end_composition(made["composition"]["arn"]))

    return hold


def _ends(end: Callable[[], None]) -> Callable[[], None]:
    def release() -> None:
        # The handler may have ended it before.
        with contextlib.suppress(EmulatorError):
            end()

    return release


def _publisher(emulator: Emulator, arn: str) -> Callable[[], None]:
    [ingest] = [each for each in emulator.resources("IngestConfiguration") if each.arn == arn]
    stage = ingest.data["stageArn"]
    participant = emulator.start_publishing(stage, ingest_configuration_arn=arn)
    return _ends(lambda: emulator.stop_publishing(stage, participant))


def _channel_with_slate(emulator: Emulator, arn: str) -> Callable[[], None]:
    client = api(emulator, "ivs")
    channel = client.create_channel(failoverSlateConfigurationArn=arn)["channel"]["arn"]
    return lambda: client.update_channel(arn=channel, failoverSlateConfigurationArn="")


def _stream(emulator: Emulator, arn: str) -> Callable[[], None]:
    emulator.go_live(arn)
    return _ends(lambda: emulator.end_stream(arn))


CASES = {
    case.name: case
    for case in (
        Case("Stage", "Custom::IVSStage", _seed_stage, _stage, _IN_PLACE, _composition("stage")),
        Case(
            "EncoderConfiguration",
            "Custom::IVSEncoderConfiguration",
            _seed_encoder,
            _encoder,
            _REPLACING,
            _composition("encoder"),
        ),
        Case(
            "StorageConfiguration",
            "Custom::IVSStorageConfiguration",
            _seed_storage,
            _storage,
            _REPLACING,
            _composition("storage"),
        ),
        Case(
            "IngestConfiguration",
            "Custom::IVSIngestConfiguration",
            _seed_ingest,
            _ingest,
            _REPLACING,
            _publisher,
        ),
        Case(
            "FailoverSlateConfiguration",
            "Custom::IVSFailoverSlateConfiguration",
            _seed_slate,
            _slate,
            _IN_PLACE,
            _channel_with_slate,
            stoppable=False,
        ),
        Case(
            "ChannelAssociations",
            "Custom::IVSChannelAssociations",
            _seed_channels,
            _associations,
            _SETTING,
            _stream,
        ),
    )
}
