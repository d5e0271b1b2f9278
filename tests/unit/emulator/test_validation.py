"""What is refused, by the shapes and by the rules that only the documentation states."""

from __future__ import annotations

import base64
import json
from http.client import HTTPConnection
from typing import Any

import pytest

from ivs_constructs.testing.emulator import Emulator
from ivs_constructs.testing.emulator.models import load
from ivs_constructs.testing.emulator.shapes import mask, problems

# boto3 ships no types, and classes of conftest.py cannot be imported.
Untyped = Any


STAGE = "arn:aws:ivs:us-east-1:123456789012:stage/abc"
CHANNEL = "arn:aws:ivs:us-east-1:123456789012:channel/abc"
SLATE = "CreateFailoverSlateConfiguration"


def send(emulator: Emulator, path: str, body: str, method: str = "POST") -> tuple[int, str, Any]:
    connection = HTTPConnection(emulator.url.removeprefix("http://"))
    connection.request(method, path, body)
    answer = connection.getresponse()
    text = answer.read()
    connection.close()
    return answer.status, answer.headers["x-amzn-ErrorType"], json.loads(text or "{}")


@pytest.mark.parametrize(
    ("operation", "parameters", "message"),
    [
        ("CreateChannel", {"name": 1}, "name must be a string"),
        ("CreateChannel", {"name": "x" * 129}, "name must have at most 128 characters, got 129"),
        ("CreateChannel", {"name": "a b"}, "name must match [a-zA-Z0-9-_]*"),
        ("CreateChannel", {"name": "ab\n"}, "name must match [a-zA-Z0-9-_]*"),
        ("CreateChannel", {"authorized": "yes"}, "authorized must be true or false"),
        (
            "CreateChannel",
            {"type": "GOLD"},
            "type must be one of BASIC, STANDARD, ADVANCED_SD, ADVANCED_HD",
        ),
        ("CreateChannel", {"color": "red"}, "color is unknown to CreateChannelRequest"),
        (
            "CreateChannel",
            {"multitrackInputConfiguration": {"enable": True}},
            "multitrackInputConfiguration.enable is unknown to MultitrackInputConfiguration",
        ),
        (
            "CreateChannel",
            {"multitrackInputConfiguration": "no"},
            "multitrackInputConfiguration must be a structure",
        ),
        ("CreateChannel", {"tags": ["a"]}, "tags must be a map"),
        (
            "CreateChannel",
            {"tags": {"": "a"}},
            "a key of tags must have at least 1 characters, got 0; a key of tags must match",
        ),
        ("CreateChannel", {"tags": {"a": "\t"}}, "a value of tags must match"),
        (
            "CreateChannel",
            {"tags": {str(n): "" for n in range(51)}},
            "tags must have at most 50 entries, got 51",
        ),
        (
            "CreateChannel",
            {"recordingConfigurationArn": "no"},
            "recordingConfigurationArn must match ^$|^arn",
        ),
        ("GetChannel", {}, "arn is required"),
        ("GetChannel", {"arn": None}, "arn is required"),
        ("BatchGetChannel", {"arns": []}, "arns must have at least 1 items, got 0"),
        ("BatchGetChannel", {"arns": [CHANNEL] * 51}, "arns must have at most 50 items, got 51"),
        ("BatchGetChannel", {"arns": CHANNEL}, "arns must be a list"),
        ("BatchGetChannel", {"arns": [CHANNEL, "no"]}, "arns[1] must match arn"),
        (SLATE, {"activationThresholdSeconds": 2}, "activationThresholdSeconds must be at least 3"),
        (SLATE, {"maxSlateDisplaySeconds": 181}, "maxSlateDisplaySeconds must be at most 180"),
        (SLATE, {"maxSlateDisplaySeconds": "x"}, "maxSlateDisplaySeconds must be a whole number"),
        (SLATE, {"name": "a b", "color": 1}, "name must match [a-zA-Z0-9-_]*; color is unknown"),
        ("ListChannels", {"maxResults": 101}, "maxResults must be at most 100"),
        ("ListChannels", {"nextToken": "bm8="}, "nextToken is not one that this list gave"),
        ("ListChannels", {"nextToken": "a"}, "nextToken is not one that this list gave"),
        (
            "CreateEncoderConfiguration",
            {"video": {"width": 0, "framerate": 61.0}},
            "video.width must be at least 2; video.framerate must be at most 60",
        ),
        ("CreateStorageConfiguration", {}, "s3 is required"),
        ("CreateStorageConfiguration", {"s3": {}}, "s3.bucketName is required"),
        ("ImportPublicKey", {"publicKeyMaterial": "x"}, "publicKeyMaterial must match"),
        # Rules of the documentation.
        ("CreateChannel", {"preset": "HIGHER_BANDWIDTH_DELIVERY"}, "preset can be chosen"),
        (
            "CreateChannel",
            {"type": "BASIC", "multitrackInputConfiguration": {"enabled": True}},
            "multitrack input can be enabled only for the type STANDARD",
        ),
        (
            "CreateChannel",
            {"multitrackInputConfiguration": {"enabled": True}},
            "multitrack input requires the containerFormat FRAGMENTED_MP4",
        ),
        (
            "CreateChannel",
            {
                "multitrackInputConfiguration": {"enabled": True, "policy": "ALLOW"},
                "containerFormat": "FRAGMENTED_MP4",
            },
            "multitrack input requires policy and maximumResolution",
        ),
        (
            "CreateChannel",
            {
                "adConfigurationArn": CHANNEL.replace("channel", "ad-configuration"),
                "containerFormat": "FRAGMENTED_MP4",
            },
            "an ad configuration requires the containerFormat TS",
        ),
        ("CreateChannel", {"tags": {"aws:x": "y"}}, "tags must not have keys that start"),
        (
            "CreateRecordingConfiguration",
            {"destinationConfiguration": {}},
            "destinationConfiguration.s3 is required",
        ),
        (
            "CreateRecordingConfiguration",
            {
                "destinationConfiguration": {"s3": {"bucketName": "abc"}},
                "thumbnailConfiguration": {"recordingMode": "DISABLED", "targetIntervalSeconds": 5},
            },
            "targetIntervalSeconds requires recordingMode INTERVAL",
        ),
        (
            "CreateRecordingConfiguration",
            {
                "destinationConfiguration": {"s3": {"bucketName": "abc"}},
                "renditionConfiguration": {"renditionSelection": "CUSTOM", "renditions": []},
            },
            "renditionSelection CUSTOM requires renditions",
        ),
        ("CreatePlaybackRestrictionPolicy", {"allowedCountries": ["UK"]}, "allowedCountries must"),
        ("ImportPlaybackKeyPair", {"publicKeyMaterial": "no"}, "publicKeyMaterial must be"),
        (
            "ImportPublicKey",
            {"publicKeyMaterial": "-----BEGIN PUBLIC KEY-----\nabc\n-----END PUBLIC KEY-----"},
            "publicKeyMaterial must be",
        ),
        ("CreateEncoderConfiguration", {"video": {"width": 3}}, "must be even"),
        (
            "CreateEncoderConfiguration",
            {"video": {"width": 1920, "height": 1920}},
            "video.width times video.height must be at most 2073600",
        ),
        (
            "CreateStage",
            {
                "autoParticipantRecordingConfiguration": {
                    "storageConfigurationArn": STAGE.replace("stage", "storage-configuration"),
                    "thumbnailConfiguration": {"targetIntervalSeconds": 5},
                }
            },
            "not found",
        ),
        (
            "CreateStage",
            {"participantTokenConfigurations": [{"attributes": {"a": "x" * 1024}}]},
            "attributes must have at most 1024 bytes in total",
        ),
        (
            "CreateIngestConfiguration",
            {"ingestProtocol": "RTMP"},
            "ingestProtocol RTMP requires insecureIngest true",
        ),
        (
            "CreateIngestConfiguration",
            {"ingestProtocol": "RTMPS", "attributes": {"a": "x" * 1024}},
            "attributes must have at most 1024 bytes in total",
        ),
        ("CreateIngestConfiguration", {"ingestProtocol": "RTMPS", "stageArn": STAGE}, "not found"),
        (
            "ListIngestConfigurations",
            {"filterByState": "ACTIVE", "filterByStageArn": STAGE},
            "only one of filterByStageArn, filterByState can be given",
        ),
        (
            "StartComposition",
            {"stageArn": STAGE, "destinations": [{}], "layout": {"grid": {}, "pip": {}}},
            "layout must hold one of grid and pip",
        ),
        (
            "StartComposition",
            {"stageArn": STAGE, "destinations": [{}]},
            "each of destinations must hold one of channel and s3",
        ),
    ],
)
def test_fails_when_the_input_is_bad(
    emulator: Emulator, operation: str, parameters: dict[str, Any], message: str
) -> None:
    # Not by boto3, which refuses some of these itself.
    status, code, body = send(emulator, f"/{operation}", json.dumps(parameters))

    assert (code, status) == ("ValidationException", 400)
    assert message in body["exceptionMessage"]
    assert emulator.resources() == []


def test_thumbnail_interval_needs_thumbnails_on_a_stage(
    realtime: Untyped, make: Untyped, refused: Untyped
) -> None:
    recording = {
        "storageConfigurationArn": make.storage_configuration(),
        "thumbnailConfiguration": {"targetIntervalSeconds": 5},
    }
    _, message, _ = refused(realtime.create_stage, autoParticipantRecordingConfiguration=recording)
    assert "targetIntervalSeconds requires" in message

    recording["thumbnailConfiguration"]["recordingMode"] = "INTERVAL"
    arn = make.stage(autoParticipantRecordingConfiguration=recording)
    kept = realtime.get_stage(arn=arn)["stage"]["autoParticipantRecordingConfiguration"]
    assert kept["thumbnailConfiguration"]["targetIntervalSeconds"] == 5
    assert kept["hlsConfiguration"] == {"targetSegmentDurationSeconds": 6}

    off = {**recording, "storageConfigurationArn": ""}
    stage = realtime.update_stage(arn=arn, autoParticipantRecordingConfiguration=off)["stage"]
    kept = stage["autoParticipantRecordingConfiguration"]
    assert kept["thumbnailConfiguration"]["recordingMode"] == "DISABLED"


def test_preset_follows_the_type(ivs: Untyped, make: Untyped) -> None:
    arn = make.channel(type="ADVANCED_HD")
    assert ivs.get_channel(arn=arn)["channel"]["preset"] == "HIGHER_BANDWIDTH_DELIVERY"
    assert ivs.update_channel(arn=arn, type="BASIC")["channel"]["preset"] == ""


def test_passphrase_is_there_unless_ingest_is_insecure(ivs: Untyped, make: Untyped) -> None:
    arn = make.channel(
        multitrackInputConfiguration={
            "enabled": True,
            "policy": "ALLOW",
            "maximumResolution": "HD",
        },
        containerFormat="FRAGMENTED_MP4",
    )
    assert "passphrase" in ivs.get_channel(arn=arn)["channel"]["srt"]
    assert "passphrase" not in ivs.update_channel(arn=arn, insecureIngest=True)["channel"]["srt"]


def test_thumbnails_that_are_off_have_no_interval(ivs: Untyped) -> None:
    made = ivs.create_recording_configuration(
        destinationConfiguration={"s3": {"bucketName": "abc"}},
        thumbnailConfiguration={"recordingMode": "DISABLED"},
    )["recordingConfiguration"]

    assert made["thumbnailConfiguration"] == {
        "recordingMode": "DISABLED",
        "storage": ["SEQUENTIAL"],
    }


@pytest.mark.parametrize("service", ["ivs", "ivs-realtime"])
def test_key_must_be_on_the_right_curve(
    clients: dict[str, Any], emulator: Emulator, refused: Untyped, service: str
) -> None:
    other = base64.b64encode(b"\x30" * 91).decode()
    material = f"-----BEGIN PUBLIC KEY-----\n{other}\n-----END PUBLIC KEY-----\n"
    name = "import_playback_key_pair" if service == "ivs" else "import_public_key"
    code, message, _ = refused(getattr(clients[service], name), publicKeyMaterial=material)

    assert code == "ValidationException"
    assert other not in message
    assert emulator.resources() == []


def test_unknown_member_is_refused_by_name(emulator: Emulator) -> None:
    # A client of boto3 that checks parameters would not even send it.
    status, code, body = send(emulator, "/CreateStage", '{"nmae": "secret"}')

    assert (status, code) == (400, "ValidationException")
    assert body == {"exceptionMessage": "nmae is unknown to CreateStageRequest"}


def test_members_that_are_null_count_as_left_out(emulator: Emulator) -> None:
    destination = json.dumps(
        {
            "destinationConfiguration": {"s3": {"bucketName": "abc"}},
            "name": None,
            "renditionConfiguration": {"renditions": [None], "renditionSelection": None},
        }
    )
    status, _, body = send(emulator, "/CreateRecordingConfiguration", destination)
    assert status == 400
    wrong = "renditionConfiguration.renditions[0] must be a string"
    assert body == {"exceptionMessage": wrong}

    status, _, body = send(emulator, "/CreateStage", '{"name": null, "tags": null}')
    assert (status, body["stage"]["name"]) == (200, "")


@pytest.mark.parametrize(
    ("path", "body", "expected"),
    [
        ("/CreateStage", "{", (400, "SerializationException", "The body is not JSON")),
        ("/CreateStage", "[]", (400, "SerializationException", "The body is not a JSON object")),
        ("/MakeStage", "{}", (404, "UnknownOperationException", "No operation at POST /MakeStage")),
    ],
)
def test_what_reaches_no_operation_is_answered_but_not_logged(
    emulator: Emulator, path: str, body: str, expected: tuple[int, str, str]
) -> None:
    status, code, answer = send(emulator, path, body)

    assert (status, code, answer["message"]) == expected
    assert emulator.calls == []


def test_empty_body_is_an_empty_request(emulator: Emulator) -> None:
    assert send(emulator, "/ListStages", "")[2] == {"stages": []}


def test_tags_of_what_is_nothing_are_not_found(emulator: Emulator) -> None:
    status, code, body = send(emulator, "/tags/nothing", "", "GET")
    assert (status, code) == (400, "ValidationException")
    assert "resourceArn must match" in body["exceptionMessage"]

    arn = CHANNEL.replace("channel", "thing")
    status, code, _ = send(emulator, f"/tags/{arn}", "", "GET")
    assert (status, code) == (404, "ResourceNotFoundException")

    status, _, body = send(emulator, f"/tags/{CHANNEL}?color=red", "", "GET")
    assert (status, body["exceptionMessage"]) == (
        400,
        "color is unknown to ListTagsForResourceRequest",
    )


def test_tags_are_limited_in_total(ivs: Untyped, make: Untyped, refused: Untyped) -> None:
    arn = make.channel(tags={f"a{n}": "" for n in range(50)})
    code, message, _ = refused(ivs.tag_resource, resourceArn=arn, tags={"b": ""})
    assert (code, message) == ("ValidationException", "tags must have at most 50 entries")
    ivs.tag_resource(resourceArn=arn, tags={"a0": "changed"})


def test_tag_characters_are_those_of_the_model() -> None:
    form = next(each for each in load().operations if each.name == "CreateChannel").input
    for text in ("Straße", "名前", "a b", "x_.:/=+-@", "٣"):
        assert problems(form, {"tags": {text: text}}) == []
    for text in ("a\tb", "a&b", "a\nb", "😀"):
        assert len(problems(form, {"tags": {text: ""}})) == 1


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("2026-01-02T03:04:05Z", []),
        ("tomorrow", ["targetStartAt must be a time in ISO 8601"]),
        (5, ["targetStartAt must be a time in ISO 8601"]),
    ],
)
def test_times_are_checked(value: object, expected: list[str]) -> None:
    form = next(each for each in load().operations if each.name == "InsertAdBreak").input
    given = {"channelArn": CHANNEL, "durationSeconds": 1, "targetStartAt": value}

    assert problems(form, given) == expected


def test_body_itself_must_be_a_structure() -> None:
    form = next(each for each in load().operations if each.name == "CreateChannel").input

    assert problems(form, []) == ["the body must be a structure"]


def test_mask_hides_what_has_no_known_form() -> None:
    form = next(each for each in load().operations if each.name == "CreateChannel").input
    masked = mask(form, {"name": ["x"], "secret": "x", "tags": {"a": "b"}, "srt": 1})

    assert masked == {"name": "***", "secret": "***", "tags": {"a": "b"}, "srt": "***"}
    batch = next(each for each in load().operations if each.name == "BatchGetChannel").input
    assert mask(batch, {"arns": ["a", {"b": "c"}]}) == {"arns": ["a", "***"]}
    assert mask(batch, {"arns": "a"}) == {"arns": "a"}
