"""Every operation once, by boto3 over HTTP, and what is not emulated."""

from __future__ import annotations

from datetime import datetime
from http.client import HTTPConnection
from typing import Any

import pytest

from ivs_constructs.testing.emulator import Emulator
from ivs_constructs.testing.emulator.backend.kinds import KINDS
from ivs_constructs.testing.emulator.backend.operations import OPERATIONS
from ivs_constructs.testing.emulator.models import Operation, load

# boto3 ships no types, and classes of conftest.py cannot be imported.
Untyped = Any


MODELS = load()

# Known of a resource, but answered by no operation.
PRIVATE = {
    "PlaybackKeyPair": {"publicKeyMaterial"},
    "IngestConfiguration": {"insecureIngest"},
}

# Other operations make no sense for custom resources and grants, or need media.
NOT_EMULATED = {
    "GetStreamSession",
    "ListParticipantEvents",
    "ListParticipantReplicas",
    "RevokeConnectionToken",
    "StartParticipantReplication",
    "StopParticipantReplication",
}


def low_latency(ivs: Untyped, emulator: Emulator, make: Untyped, pem: str) -> None:
    emulator.states.polls = 0
    recording = make.recording_configuration()
    policy = make.playback_restriction_policy()
    ads = make.ad_configuration()
    slate = make.failover_slate_configuration()
    made = ivs.create_channel(
        name="live",
        recordingConfigurationArn=recording,
        playbackRestrictionPolicyArn=policy,
        adConfigurationArn=ads,
        failoverSlateConfigurationArn=slate,
        tags={"team": "video"},
    )
    channel, key = made["channel"], made["streamKey"]
    assert key["channelArn"] == channel["arn"]
    assert key["value"].startswith("sk_us-east-1_")
    assert ivs.get_channel(arn=channel["arn"])["channel"] == channel
    assert ivs.get_stream_key(arn=key["arn"])["streamKey"] == key
    assert ivs.list_channels()["channels"][0]["adConfigurationArn"] == ads
    assert ivs.list_stream_keys(channelArn=channel["arn"])["streamKeys"][0]["arn"] == key["arn"]
    missing = f"{channel['arn']}0"
    batch = ivs.batch_get_channel(arns=[channel["arn"], missing])
    assert [each["arn"] for each in batch["channels"]] == [channel["arn"]]
    assert [each["arn"] for each in batch["errors"]] == [missing]
    assert ivs.batch_get_stream_key(arns=[key["arn"]])["streamKeys"] == [key]

    stream_id = emulator.go_live(channel["arn"])
    stream = ivs.get_stream(channelArn=channel["arn"])["stream"]
    assert (stream["streamId"], stream["state"]) == (stream_id, "LIVE")
    assert isinstance(stream["startTime"], datetime)
    assert ivs.list_streams()["streams"][0]["streamId"] == stream_id
    assert ivs.list_streams(filterBy={"health": "STARVING"})["streams"] == []
    ivs.put_metadata(channelArn=channel["arn"], metadata="goal")
    asked = datetime.fromisoformat("2026-01-02T03:04:05+00:00")
    inserted = ivs.insert_ad_break(
        channelArn=channel["arn"], durationSeconds=30, targetStartAt=asked
    )
    assert len(inserted["adBreakId"]) == 12
    assert inserted["targetStartAt"] == asked
    ivs.start_viewer_session_revocation(channelArn=channel["arn"], viewerId="v")
    session = {"channelArn": channel["arn"], "viewerId": "v"}
    answer = ivs.batch_start_viewer_session_revocation(
        viewerSessions=[session, {**session, "channelArn": missing}]
    )
    assert [each["channelArn"] for each in answer["errors"]] == [missing]
    [session] = ivs.list_stream_sessions(channelArn=channel["arn"])["streamSessions"]
    assert session["streamId"] == stream_id
    assert "endTime" not in session
    ivs.stop_stream(channelArn=channel["arn"])
    newest = emulator.go_live(channel["arn"])
    emulator.end_stream(channel["arn"])
    sessions = ivs.list_stream_sessions(channelArn=channel["arn"])["streamSessions"]
    assert [each["streamId"] for each in sessions] == [newest, stream_id]
    assert all("endTime" in each for each in sessions)

    ivs.delete_stream_key(arn=key["arn"])
    ivs.create_stream_key(channelArn=channel["arn"])
    cleared = ivs.update_channel(
        arn=channel["arn"],
        recordingConfigurationArn="",
        playbackRestrictionPolicyArn="",
        adConfigurationArn="",
        failoverSlateConfigurationArn="",
    )["channel"]
    assert (cleared["name"], cleared["adConfigurationArn"]) == ("live", "")

    state = ivs.get_recording_configuration(arn=recording)["recordingConfiguration"]["state"]
    assert state == "ACTIVE"
    assert len(ivs.list_recording_configurations()["recordingConfigurations"]) == 1
    changed = ivs.update_playback_restriction_policy(arn=policy, allowedCountries=["DE"])
    assert changed["playbackRestrictionPolicy"]["allowedCountries"] == ["DE"]
    assert (
        ivs.get_playback_restriction_policy(arn=policy)["playbackRestrictionPolicy"]["name"] == ""
    )
    assert len(ivs.list_playback_restriction_policies()["playbackRestrictionPolicies"]) == 1
    off = {"enabled": False, "durationSeconds": 15}
    assert ivs.get_ad_configuration(arn=ads)["adConfiguration"]["postRollConfiguration"] == off
    assert ivs.update_ad_configuration(arn=ads, name="ads")["adConfiguration"]["name"] == "ads"
    assert len(ivs.list_ad_configurations()["adConfigurations"]) == 1
    changed = ivs.update_failover_slate_configuration(arn=slate, maxSlateDisplaySeconds=90)
    assert changed["failoverSlateConfiguration"]["maxSlateDisplaySeconds"] == 90
    found = ivs.get_failover_slate_configuration(arn=slate)["failoverSlateConfiguration"]
    assert (found["state"], found["minSlateDisplaySeconds"]) == ("CREATED", 3)
    assert len(ivs.list_failover_slate_configurations()["failoverSlateConfigurations"]) == 1
    pair = ivs.import_playback_key_pair(publicKeyMaterial=pem, name="key")["keyPair"]
    assert "publicKeyMaterial" not in pair
    assert len(pair["fingerprint"].split(":")) == 16
    assert ivs.get_playback_key_pair(arn=pair["arn"])["keyPair"] == pair
    assert [each["arn"] for each in ivs.list_playback_key_pairs()["keyPairs"]] == [pair["arn"]]

    ivs.tag_resource(resourceArn=channel["arn"], tags={"stage": "test"})
    tags = ivs.list_tags_for_resource(resourceArn=channel["arn"])["tags"]
    assert tags == {"team": "video", "stage": "test"}
    ivs.untag_resource(resourceArn=channel["arn"], tagKeys=["team", "none"])
    assert ivs.get_channel(arn=channel["arn"])["channel"]["tags"] == {"stage": "test"}


def delete_low_latency(ivs: Untyped) -> None:
    ivs.delete_channel(arn=ivs.list_channels()["channels"][0]["arn"])
    for listed, members, delete in (
        (ivs.list_recording_configurations, "recordingConfigurations", "recording_configuration"),
        (ivs.list_playback_key_pairs, "keyPairs", "playback_key_pair"),
        (
            ivs.list_playback_restriction_policies,
            "playbackRestrictionPolicies",
            "playback_restriction_policy",
        ),
        (ivs.list_ad_configurations, "adConfigurations", "ad_configuration"),
        (
            ivs.list_failover_slate_configurations,
            "failoverSlateConfigurations",
            "failover_slate_configuration",
        ),
    ):
        getattr(ivs, f"delete_{delete}")(arn=listed()[members][0]["arn"])


def real_time(realtime: Untyped, emulator: Emulator, make: Untyped, pem: str) -> None:
    made = realtime.create_stage(
        name="talk",
        participantTokenConfigurations=[{"userId": "u", "duration": 5}],
        tags={"team": "video"},
    )
    stage = made["stage"]
    assert set(stage["endpoints"]) == {"events", "whip", "rtmp", "rtmps"}
    token = made["participantTokens"][0]
    assert (token["userId"], token["duration"]) == ("u", 5)
    assert token["capabilities"] == ["PUBLISH", "SUBSCRIBE"]
    assert realtime.get_stage(arn=stage["arn"])["stage"] == stage
    assert realtime.update_stage(arn=stage["arn"], name="new")["stage"]["name"] == "new"

    ingest = realtime.create_ingest_configuration(
        ingestProtocol="RTMP", insecureIngest=True, stageArn=stage["arn"], redundantIngest=True
    )["ingestConfiguration"]
    assert len(ingest["redundantIngestCredentials"]) == 2
    changed = realtime.update_ingest_configuration(arn=ingest["arn"], redundantIngest=False)
    assert "redundantIngestCredentials" not in changed["ingestConfiguration"]
    got = realtime.get_ingest_configuration(arn=ingest["arn"])["ingestConfiguration"]
    assert got["streamKey"] == ingest["streamKey"]
    listed = realtime.list_ingest_configurations(filterByState="INACTIVE")["ingestConfigurations"]
    assert [each["arn"] for each in listed] == [ingest["arn"]]
    assert "tags" not in listed[0]

    emulator.start_publishing(stage["arn"], participant_id=token["participantId"], user_id="u")
    by_ingest = emulator.start_publishing(stage["arn"], ingest_configuration_arn=ingest["arn"])
    assert by_ingest == ingest["participantId"]
    session_id = realtime.list_stages()["stages"][0]["activeSessionId"]
    place = {"stageArn": stage["arn"], "sessionId": session_id}
    assert realtime.get_stage_session(**place)["stageSession"]["sessionId"] == session_id
    assert len(realtime.list_stage_sessions(stageArn=stage["arn"])["stageSessions"]) == 1
    assert len(realtime.list_participants(**place)["participants"]) == 2
    someone = realtime.list_participants(**place, filterByUserId="u")["participants"][0]
    assert someone["participantId"] == token["participantId"]
    participant = realtime.get_participant(**place, participantId=by_ingest)["participant"]
    assert participant["protocol"] == "RTMP"
    another = realtime.create_participant_token(stageArn=stage["arn"])["participantToken"]
    realtime.disconnect_participant(
        stageArn=stage["arn"], participantId=another["participantId"], reason="never came"
    )
    realtime.disconnect_participant(stageArn=stage["arn"], participantId=by_ingest)
    got = realtime.get_ingest_configuration(arn=ingest["arn"])["ingestConfiguration"]
    assert (got["stageArn"], got["state"]) == ("", "INACTIVE")

    storage, encoder = make.storage_configuration(), make.encoder_configuration()
    found = realtime.get_storage_configuration(arn=storage)["storageConfiguration"]
    assert found["s3"] == {"bucketName": "compositions"}
    assert len(realtime.list_storage_configurations()["storageConfigurations"]) == 1
    found = realtime.get_encoder_configuration(arn=encoder)["encoderConfiguration"]
    assert found["video"] == {"width": 1280, "height": 720, "framerate": 30.0, "bitrate": 2500000}
    assert len(realtime.list_encoder_configurations()["encoderConfigurations"]) == 1
    composition = realtime.start_composition(
        stageArn=stage["arn"],
        destinations=[
            {"s3": {"storageConfigurationArn": storage, "encoderConfigurationArns": [encoder]}}
        ],
        layout={"pip": {"gridGap": 4}},
    )["composition"]
    assert composition["layout"]["pip"]["gridGap"] == 4
    assert composition["layout"]["pip"]["pipPosition"] == "BOTTOM_RIGHT"
    got = realtime.get_composition(arn=composition["arn"])["composition"]
    assert got["destinations"][0]["detail"]["s3"]["recordingPrefix"]
    for query in (
        {"filterByStageArn": stage["arn"]},
        {"filterByEncoderConfigurationArn": encoder},
    ):
        assert len(realtime.list_compositions(**query)["compositions"]) == 1
    query = {"filterByEncoderConfigurationArn": f"{encoder}0"}
    assert realtime.list_compositions(**query)["compositions"] == []
    realtime.stop_composition(arn=composition["arn"])

    key = realtime.import_public_key(publicKeyMaterial=pem)["publicKey"]
    assert key["publicKeyMaterial"] == pem
    assert realtime.get_public_key(arn=key["arn"])["publicKey"] == key
    assert [each["arn"] for each in realtime.list_public_keys()["publicKeys"]] == [key["arn"]]

    realtime.tag_resource(resourceArn=stage["arn"], tags={"team": "audio"})
    tags = realtime.list_tags_for_resource(resourceArn=stage["arn"])["tags"]
    assert tags == {"team": "audio"}
    realtime.untag_resource(resourceArn=stage["arn"], tagKeys=["team"])


def delete_real_time(realtime: Untyped) -> None:
    for listed, members, delete in (
        (realtime.list_stages, "stages", "stage"),
        (realtime.list_encoder_configurations, "encoderConfigurations", "encoder_configuration"),
        (realtime.list_storage_configurations, "storageConfigurations", "storage_configuration"),
        (realtime.list_ingest_configurations, "ingestConfigurations", "ingest_configuration"),
        (realtime.list_public_keys, "publicKeys", "public_key"),
    ):
        getattr(realtime, f"delete_{delete}")(arn=listed()[members][0]["arn"])


def test_every_operation_works(
    ivs: Untyped,
    realtime: Untyped,
    emulator: Emulator,
    make: Untyped,
    pem: str,
) -> None:
    low_latency(ivs, emulator, make, pem)
    real_time(realtime, emulator, make, pem)

    # Whatever is known of a resource is answered: no member is misspelt.
    for resource in emulator.resources():
        kind = KINDS[resource.type]
        get = next(each for each in MODELS.operations if each.name == kind.get)
        assert get.output is not None
        known = set(get.output.members[kind.member].members) | PRIVATE.get(resource.type, set())
        assert set(resource.data) <= known, resource.type
    assert {resource.type for resource in emulator.resources()} == set(KINDS)

    delete_low_latency(ivs)
    delete_real_time(realtime)
    assert [resource.type for resource in emulator.resources()] == ["Composition"]
    done = {(call.service, call.operation) for call in emulator.calls if call.effect}
    assert done == {
        (each.service, each.name) for each in MODELS.operations if each.name in OPERATIONS
    }


def test_not_emulated_are_the_ones_that_are_named() -> None:
    assert MODELS.names() - OPERATIONS.keys() == NOT_EMULATED
    assert OPERATIONS.keys() <= MODELS.names()


@pytest.mark.parametrize(
    "operation", MODELS.operations, ids=lambda each: f"{each.service}-{each.name}"
)
def test_operation_is_emulated_or_says_that_it_is_not(
    emulator: Emulator, operation: Operation
) -> None:
    path = operation.path
    if path == "/tags/":
        kind = "channel" if operation.service == "ivs" else "stage"
        path += f"arn:aws:ivs:us-east-1:123456789012:{kind}/x"
    connection = HTTPConnection(emulator.url.removeprefix("http://"))
    connection.request(operation.method, path, "{}")
    answer = connection.getresponse()
    body = answer.read().decode()
    connection.close()

    assert (emulator.calls[0].service, emulator.calls[0].operation) == (
        operation.service,
        operation.name,
    )
    if operation.name in OPERATIONS:
        assert answer.status in (200, 400, 404)
    else:
        assert answer.status == 501
        assert answer.headers["x-amzn-ErrorType"] == "NotEmulatedException"
        assert f"{operation.name} of {operation.service} is not emulated" in body


@pytest.mark.parametrize("kind", KINDS.values(), ids=lambda kind: kind.name)
def test_page_size_is_the_documented_one(kind: Untyped) -> None:
    import botocore.session  # type: ignore[import-untyped]  # no types

    model = botocore.session.Session().get_service_model(kind.service).operation_model(kind.list)
    text = model.input_shape.members["maxResults"].documentation

    assert f" {kind.page}" in text.partition("Default:")[2]
