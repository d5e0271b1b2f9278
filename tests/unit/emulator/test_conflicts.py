"""What holds what, what is gone, quotas, and the account that is not verified."""

from __future__ import annotations

from typing import Any

import pytest

from ivs_constructs.testing.emulator import Emulator
from ivs_constructs.testing.emulator.backend.kinds import KINDS
from ivs_constructs.testing.emulator.backend.operations import OPERATIONS
from ivs_constructs.testing.emulator.models import load

# boto3 ships no types, and classes of conftest.py cannot be imported.
Untyped = Any


CONFLICT = ("ConflictException", 409)
GONE = ("ResourceNotFoundException", 404)
OVER_QUOTA = ("ServiceQuotaExceededException", 402)


def snake(operation: str) -> str:
    return "".join(f"_{c.lower()}" if c.isupper() else c for c in operation).lstrip("_")


def test_live_channel_is_neither_updated_nor_deleted(
    ivs: Untyped, emulator: Emulator, make: Untyped, refused: Untyped
) -> None:
    arn = make.channel(name="old")
    emulator.go_live(arn)

    for call, more in ((ivs.update_channel, {"name": "new"}), (ivs.delete_channel, {})):
        code, message, status = refused(call, arn=arn, **more)
        assert (code, status) == CONFLICT
        assert message == f"Channel {arn} is live; stop the stream first"
    assert emulator.resources("Channel")[0].data["name"] == "old"

    # Attempts count as looks, so that the stream ends for who only tries again.
    ivs.stop_stream(channelArn=arn)
    assert refused(ivs.delete_channel, arn=arn)[0] == "ConflictException"
    ivs.delete_channel(arn=arn)
    assert emulator.resources() == []


@pytest.mark.parametrize(
    ("name", "member"),
    [
        ("recording_configuration", "recordingConfigurationArn"),
        ("playback_restriction_policy", "playbackRestrictionPolicyArn"),
        ("ad_configuration", "adConfigurationArn"),
        ("failover_slate_configuration", "failoverSlateConfigurationArn"),
    ],
)
def test_what_a_channel_uses_is_not_deleted(
    ivs: Untyped,
    emulator: Emulator,
    make: Untyped,
    refused: Untyped,
    name: str,
    member: str,
) -> None:
    arn = getattr(make, name)()
    channel = make.channel(**{member: arn})
    delete = getattr(ivs, f"delete_{name}")

    code, message, status = refused(delete, arn=arn)
    assert (code, status) == CONFLICT
    assert message == f"{arn} is in use by {channel}"
    ivs.update_channel(arn=channel, **{member: ""})
    delete(arn=arn)
    assert [each.type for each in emulator.resources()] == ["Channel", "StreamKey"]
    assert refused(ivs.update_channel, arn=channel, **{member: arn})[0] == GONE[0]
    assert refused(ivs.create_channel, **{member: arn})[0] == GONE[0]


def test_what_a_running_composition_uses_is_not_deleted(
    realtime: Untyped, make: Untyped, refused: Untyped
) -> None:
    destination = make.s3_destination()
    arn = make.composition(make.stage(), destinations=[destination])
    storage = destination["s3"]["storageConfigurationArn"]
    encoder = destination["s3"]["encoderConfigurationArns"][0]

    for call, held in (
        (realtime.delete_storage_configuration, storage),
        (realtime.delete_encoder_configuration, encoder),
    ):
        code, message, status = refused(call, arn=held)
        assert (code, status) == CONFLICT
        assert message == f"{held} is in use by {arn}"
    realtime.stop_composition(arn=arn)
    assert refused(realtime.delete_storage_configuration, arn=storage)[0] == "ConflictException"
    realtime.delete_storage_configuration(arn=storage)
    realtime.delete_encoder_configuration(arn=encoder)


def test_storage_of_a_stage_is_deleted(realtime: Untyped, make: Untyped, refused: Untyped) -> None:
    # The documentation speaks of compositions only.
    storage = make.storage_configuration()
    stage = make.stage(autoParticipantRecordingConfiguration={"storageConfigurationArn": storage})
    realtime.delete_storage_configuration(arn=storage)

    recording = {"storageConfigurationArn": storage}
    refusal = refused(
        realtime.update_stage, arn=stage, autoParticipantRecordingConfiguration=recording
    )
    assert refusal[0] == GONE[0]


def test_composition_needs_a_channel_that_is_not_live(
    ivs: Untyped, realtime: Untyped, emulator: Emulator, make: Untyped, refused: Untyped
) -> None:
    channel, stage, encoder = make.channel(), make.stage(), make.encoder_configuration()
    wanted = {"channel": {"channelArn": channel, "encoderConfigurationArn": encoder}}
    asked = {"stageArn": stage, "destinations": [wanted]}
    emulator.go_live(channel)
    assert refused(realtime.start_composition, **asked)[0] == "ConflictException"
    emulator.end_stream(channel)

    arn = realtime.start_composition(**asked)["composition"]["arn"]
    assert ivs.get_stream(channelArn=channel)["stream"]["state"] == "LIVE"
    assert refused(ivs.delete_channel, arn=channel)[0] == "ConflictException"
    emulator.states.polls = 0
    realtime.stop_composition(arn=arn)
    ivs.delete_channel(arn=channel)


@pytest.mark.parametrize("part", ["stage", "encoder", "storage", "channel"])
def test_composition_needs_what_exists(
    realtime: Untyped, make: Untyped, refused: Untyped, part: str
) -> None:
    stage, encoder, storage, channel = (
        make.stage(),
        make.encoder_configuration(),
        make.storage_configuration(),
        make.channel(),
    )
    arns = {"stage": stage, "encoder": encoder, "storage": storage, "channel": channel}
    arns[part] += "0"
    place = {
        "storageConfigurationArn": arns["storage"],
        "encoderConfigurationArns": [arns["encoder"]],
    }
    code, message, status = refused(
        realtime.start_composition,
        stageArn=arns["stage"],
        destinations=[{"s3": place}, {"channel": {"channelArn": arns["channel"]}}],
    )
    assert (code, status) == GONE
    assert message == f"Resource {arns[part]} not found"


def test_publishing_ingest_configuration_is_deleted_by_force_only(
    realtime: Untyped, emulator: Emulator, make: Untyped, refused: Untyped
) -> None:
    stage = make.stage()
    arn = make.ingest_configuration(stageArn=stage)
    emulator.start_publishing(stage, ingest_configuration_arn=arn)

    for call, more in (
        (realtime.update_ingest_configuration, {"stageArn": ""}),
        (realtime.delete_ingest_configuration, {}),
        (realtime.delete_ingest_configuration, {"force": False}),
    ):
        assert refused(call, arn=arn, **more)[0] == "ConflictException"
    realtime.delete_ingest_configuration(arn=arn, force=True)
    assert [each.type for each in emulator.resources()] == ["Stage"]
    assert "activeSessionId" not in realtime.get_stage(arn=stage)["stage"]


@pytest.mark.parametrize(
    ("service", "call", "member"),
    [
        ("ivs", "import_playback_key_pair", "keyPair"),
        ("ivs-realtime", "import_public_key", "publicKey"),
    ],
)
def test_key_is_imported_once(
    clients: dict[str, Any],
    emulator: Emulator,
    pem: str,
    another_pem: str,
    refused: Untyped,
    service: str,
    call: str,
    member: str,
) -> None:
    client = clients[service]
    first = getattr(client, call)(publicKeyMaterial=pem)[member]
    # The same key, however it is written.
    same = pem.strip().replace("\n", "\r\n")
    code, message, status = refused(getattr(client, call), publicKeyMaterial=same)
    assert (code, status) == CONFLICT
    assert first["arn"] in message

    second = getattr(client, call)(publicKeyMaterial=another_pem)[member]
    assert second["fingerprint"] != first["fingerprint"]
    getattr(client, call.replace("import", "delete"))(arn=first["arn"])
    getattr(client, call)(publicKeyMaterial=pem)
    assert len(emulator.resources()) == 2


@pytest.mark.parametrize("kind", KINDS.values(), ids=lambda kind: kind.name)
def test_what_is_gone_is_not_found(
    emulator: Emulator,
    clients: dict[str, Any],
    refused: Untyped,
    kind: Untyped,
) -> None:
    client = clients[kind.service]
    arn = f"arn:aws:ivs:us-east-1:123456789012:{kind.arn_type}/gone"
    names = [kind.get, kind.update, kind.delete or "StopComposition"]
    for name in filter(None, names):
        code, message, status = refused(getattr(client, snake(name)), arn=arn)
        assert (code, status, message) == (*GONE, f"Resource {arn} not found")
    for name, more in (
        ("TagResource", {"tags": {"a": "b"}}),
        ("UntagResource", {"tagKeys": ["a"]}),
        ("ListTagsForResource", {}),
    ):
        code, _, status = refused(getattr(client, snake(name)), resourceArn=arn, **more)
        assert (code, status) == GONE
    assert not any(call.effect for call in emulator.calls)


def test_low_latency_calls_need_their_channel(
    ivs: Untyped, emulator: Emulator, make: Untyped, refused: Untyped
) -> None:
    missing = "arn:aws:ivs:us-east-1:123456789012:channel/gone"
    idle, live = make.channel(), make.channel()
    emulator.go_live(live)
    broadcast: dict[Untyped, dict[str, Any]] = {
        ivs.stop_stream: {},
        ivs.get_stream: {},
        ivs.put_metadata: {"metadata": "x"},
        ivs.insert_ad_break: {"durationSeconds": 1},
    }
    others: dict[Untyped, dict[str, Any]] = {
        ivs.list_stream_keys: {},
        ivs.create_stream_key: {},
        ivs.start_viewer_session_revocation: {"viewerId": "v"},
    }
    for call, more in {**broadcast, **others}.items():
        assert refused(call, channelArn=missing, **more)[::2] == GONE
    for call, more in broadcast.items():
        assert refused(call, channelArn=idle, **more)[::2] == ("ChannelNotBroadcasting", 404)
    code, message, _ = refused(ivs.put_metadata, channelArn=live, metadata="ä" * 513)
    assert (code, message) == ("ValidationException", "metadata must have at most 1024 bytes")
    assert refused(ivs.insert_ad_break, channelArn=live, durationSeconds=1)[0] == CONFLICT[0]


def test_deleted_channel_takes_its_key_along(
    ivs: Untyped, emulator: Emulator, make: Untyped
) -> None:
    first, second = make.channel(), make.channel()
    ivs.delete_channel(arn=first)

    assert [each.data["channelArn"] for each in emulator.resources("StreamKey")] == [second]


def test_channel_has_one_stream_key(
    ivs: Untyped, emulator: Emulator, make: Untyped, refused: Untyped
) -> None:
    arn = make.channel()
    make.channel()
    assert refused(ivs.create_stream_key, channelArn=arn)[::2] == OVER_QUOTA

    emulator.set_quota("StreamKey", 2)
    ivs.create_stream_key(channelArn=arn)
    assert len(ivs.list_stream_keys(channelArn=arn, maxResults=5)["streamKeys"]) == 2


def test_default_quotas_are_the_documented_ones(
    realtime: Untyped, make: Untyped, refused: Untyped, pem: str
) -> None:
    for _ in range(5):
        make.storage_configuration()
    code, message, status = refused(realtime.create_storage_configuration, s3={"bucketName": "abc"})
    assert (code, status) == OVER_QUOTA
    assert message == "The quota of 5 storageConfigurations is used up"
    assert {name: kind.quota for name, kind in KINDS.items() if kind.quota is not None} == {
        "StreamKey": 1,
        "Stage": 1000,
        "EncoderConfiguration": 20,
        "StorageConfiguration": 5,
        "IngestConfiguration": 100,
        "PublicKey": 3,
        "Composition": 20,
    }
    assert pem


def test_quotas_are_settable(
    ivs: Untyped, realtime: Untyped, emulator: Emulator, make: Untyped, refused: Untyped
) -> None:
    emulator.set_quota("Channel", 0)
    assert refused(ivs.create_channel)[::2] == OVER_QUOTA
    emulator.set_quota("Channel", None)
    make.channel()

    stage, other = make.stage(), make.stage()
    destinations = [make.s3_destination()]
    emulator.set_quota("CompositionPerStage", 1)
    emulator.set_quota("Composition", 2)
    first = make.composition(stage, destinations=destinations)
    make.composition(other, destinations=destinations)
    asked = {"stageArn": stage, "destinations": destinations}
    assert refused(realtime.start_composition, **asked)[::2] == OVER_QUOTA
    emulator.set_quota("CompositionPerStage", None)
    assert refused(realtime.start_composition, **asked)[::2] == OVER_QUOTA
    # What has stopped does not count.
    emulator.end_composition(first)
    realtime.start_composition(**asked)


def test_unverified_account_is_refused_where_the_model_says_so(
    clients: dict[str, Any],
    emulator: Emulator,
    make: Untyped,
    refused: Untyped,
) -> None:
    stage = make.stage()
    emulator.account_unverified = True
    assert emulator.account_unverified
    assert refused(clients["ivs-realtime"].create_stage)[::2] == ("PendingVerification", 403)
    assert refused(clients["ivs"].create_channel)[::2] == ("PendingVerification", 403)
    clients["ivs-realtime"].get_stage(arn=stage)
    emulator.account_unverified = False
    make.channel()


def test_every_refusal_is_one_that_the_operation_models() -> None:
    # The others are answered as crashes; here is what the operations above can say at most.
    conflicts = {
        each.name
        for each in load().operations
        if "ConflictException" in each.errors and each.name in OPERATIONS
    }
    assert {
        "DeleteChannel",
        "UpdateChannel",
        "DeleteEncoderConfiguration",
        "DeleteStorageConfiguration",
        "DeleteIngestConfiguration",
        "UpdateIngestConfiguration",
        "ImportPublicKey",
        "ImportPlaybackKeyPair",
        "StartComposition",
        "StopComposition",
        "InsertAdBreak",
        "UpdateFailoverSlateConfiguration",
    } <= conflicts
