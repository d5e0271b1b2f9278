"""What the models of both APIs allow, without the AWS CDK."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta, timezone
from enum import Enum
from types import SimpleNamespace
from typing import Any

import pytest

from ivs_constructs._core.check import Check
from ivs_constructs._core.misnamed import snake_case
from ivs_constructs.operate._models import SERVICES, TYPES, operations
from ivs_constructs.operate._parameters import (
    NamedArn,
    Parameters,
    is_known_later,
    pascal_case,
)
from ivs_constructs.operate.permissions import PERMISSIONS

ARN = "arn:aws:ivs:us-west-2:123456789012"
CHANNEL = f"{ARN}:channel/AbCd"
STAGE = f"{ARN}:stage/AbCd"
LATER_TEXT = "${Token[TOKEN.7]}"
LATER_NUMBER = -1.8881545897087626e289


def read(service: str, operation: str, **given: object) -> tuple[dict[str, Any], list[str]]:
    """What becomes of parameters, and what is wrong with them."""
    check = Check("https://docs.aws.amazon.com")
    reader = Parameters(operations(service)[operation], check)
    wire = reader.read(given)
    failures = [f"{each.code}: {each.message}" for each in check.failures]
    return wire, [*failures, *(f"missing: {name}" for name in reader.missing)]


def good(service: str, operation: str, **given: object) -> dict[str, Any]:
    wire, failures = read(service, operation, **given)
    assert failures == []
    return wire


def wrong(service: str, operation: str, **given: object) -> list[str]:
    return read(service, operation, **given)[1]


def ad_break(**given: object) -> dict[str, Any]:
    return {"channel_arn": CHANNEL, "duration_seconds": 30, **given}


# The models


def test_models_have_all_operations() -> None:
    assert {service: len(operations(service)) for service in SERVICES} == {
        "ivs": 46,
        "ivs-realtime": 40,
    }


def test_models_are_read_once() -> None:
    assert operations("ivs") is operations("ivs")


def test_operation_knows_what_it_takes_and_answers() -> None:
    found = operations("ivs")["PutMetadata"]

    assert (found.service, found.name, found.output) == ("ivs", "PutMetadata", None)
    assert sorted(found.input.required) == ["channelArn", "metadata"]


def test_leaves_are_named_by_their_path() -> None:
    found = operations("ivs-realtime")["StartComposition"].input

    paths = dict(found.leaves())
    assert {"stageArn", "layout.grid.gridGap", "tags{}"} <= paths.keys()
    assert paths["tags{}"].name == "TagValue"
    assert paths["destinations[].s3.encoderConfigurationArns[]"].name == "EncoderConfigurationArn"


@pytest.mark.parametrize("service", SERVICES)
def test_first_letter_is_all_that_pascal_case_changes(service: str) -> None:
    # Step Functions names parameters as the Java SDK does, which also lowers the later letters of
    # abbreviations (DBName to DbName) and raises what follows a digit. No parameter has either.
    paths = [path for each in operations(service).values() for path, _ in each.input.leaves()]
    names = {name for path in paths for name in re.split(r"[.\[\]{}]+", path) if name}

    assert "channelArn" in names or "stageArn" in names
    assert [name for name in names if not re.fullmatch(r"[a-z]+([A-Z][a-z]+)*[0-9]?", name)] == []


@pytest.mark.parametrize("service", SERVICES)
def test_every_pattern_is_one_of_python(service: str) -> None:
    for each in operations(service).values():
        for path, leaf in each.input.leaves():
            pattern = leaf.facts.get("pattern")
            if pattern is not None and "arn:" not in pattern:
                assert re.compile(pattern.replace(r"\p{L}\p{Z}\p{N}", r"\w")), path


@pytest.mark.parametrize(
    ("api", "python", "pascal"),
    [
        ("arn", "arn", "Arn"),
        ("channelArn", "channel_arn", "ChannelArn"),
        ("s3", "s3", "S3"),
        (
            "viewerSessionVersionsLessThanOrEqualTo",
            "viewer_session_versions_less_than_or_equal_to",
            "ViewerSessionVersionsLessThanOrEqualTo",
        ),
    ],
)
def test_names(api: str, python: str, pascal: str) -> None:
    assert (snake_case(api), pascal_case(api)) == (python, pascal)


# Permissions


def test_every_operation_has_its_permission() -> None:
    assert list(PERMISSIONS) == sorted({name for each in SERVICES for name in operations(each)})


@pytest.mark.parametrize("name", PERMISSIONS)
def test_permission_names_types_or_says_why_not(name: str) -> None:
    permission = PERMISSIONS[name]
    types = {*permission.types, *permission.also}

    assert types <= set(TYPES)
    assert bool(types) != bool(permission.reason)


def test_types_are_those_of_the_models() -> None:
    patterns = {
        leaf.facts["pattern"]
        for service in SERVICES
        for each in operations(service).values()
        for _, leaf in each.input.leaves()
        if "arn:aws:ivs" in leaf.facts.get("pattern", "")
    }
    types = {re.split(r"\[0-9\]\+:|/", pattern)[1] for pattern in patterns}

    assert sorted(types - {"[a-z-]"}) == list(TYPES)


# Names of parameters


def test_names_of_python_and_of_the_api_are_the_same() -> None:
    expected = {"ChannelArn": CHANNEL, "ViewerId": "ann"}

    python = good("ivs", "StartViewerSessionRevocation", channel_arn=CHANNEL, viewer_id="ann")
    api = good("ivs", "StartViewerSessionRevocation", channelArn=CHANNEL, viewerId="ann")

    assert python == api == expected


def test_names_inside_are_either_too() -> None:
    sessions = [
        {"channel_arn": CHANNEL, "viewer_id": "ann"},
        {"channelArn": CHANNEL, "viewerId": "bob", "viewerSessionVersionsLessThanOrEqualTo": 0},
    ]

    assert good("ivs", "BatchStartViewerSessionRevocation", viewer_sessions=sessions) == {
        "ViewerSessions": [
            {"ChannelArn": CHANNEL, "ViewerId": "ann"},
            {
                "ChannelArn": CHANNEL,
                "ViewerId": "bob",
                "ViewerSessionVersionsLessThanOrEqualTo": 0,
            },
        ]
    }


def test_names_of_the_users_own_keep_their_case() -> None:
    tags = {"team_name": "video", "teamName": "video", "TEAM": ""}

    assert good("ivs", "CreateChannel", tags=tags) == {"Tags": tags}


def test_none_is_not_given() -> None:
    assert good("ivs", "CreateChannel", name=None) == {}
    assert wrong("ivs", "StopStream", channel_arn=None) == ["missing: channel_arn"]


def test_fails_when_a_name_is_unknown() -> None:
    assert wrong("ivs", "StopStream", channel=CHANNEL) == [
        "unknown: channel is not a parameter of StopStream, which has channel_arn; did you mean "
        "'channel_arn'?",
    ]


def test_fails_when_a_name_inside_is_unknown() -> None:
    destinations: list[dict[object, object]] = [{"chanel": {}, 7: {}}]

    assert wrong(
        "ivs-realtime", "StartComposition", stage_arn=STAGE, destinations=destinations
    ) == [
        "unknown: destinations[0].chanel is not a member of destinations[0], which has "
        "channel, name, s3; did you mean 'channel'?",
        "unknown: destinations[0].7 is not a member of destinations[0], which has channel, "
        "name, s3",
    ]


def test_fails_when_a_parameter_is_given_twice() -> None:
    assert wrong("ivs", "StopStream", channel_arn=CHANNEL, channelArn=CHANNEL) == [
        "duplicate: channelArn is channel_arn again; drop one of them"
    ]


def test_fails_when_something_required_inside_is_missing() -> None:
    destinations = [{"s3": {"storageConfigurationArn": f"{ARN}:storage-configuration/a"}}]

    assert wrong(
        "ivs-realtime", "StartComposition", stage_arn=STAGE, destinations=destinations
    ) == ["required: destinations[0].s3.encoder_configuration_arns is required; give a value"]


# Values


@pytest.mark.parametrize("seconds", [1, 300, LATER_TEXT, LATER_NUMBER, "{% $states.input.s %}"])
def test_number_in_range_or_known_later(seconds: object) -> None:
    wire = good("ivs", "InsertAdBreak", **ad_break(duration_seconds=seconds))

    assert wire["DurationSeconds"] == seconds


@pytest.mark.parametrize(
    ("seconds", "message"),
    [
        (0, "range: duration_seconds must be 1-300, got 0; raise it"),
        (301, "range: duration_seconds must be 1-300, got 301; lower it"),
        (30.0, "type: duration_seconds must be a whole number, got 30.0 (float)"),
        (True, "type: duration_seconds must be a whole number, got True (bool)"),
        ("30", "type: duration_seconds must be a whole number, got '30'"),
    ],
)
def test_fails_when_a_whole_number_is_wrong(seconds: object, message: str) -> None:
    assert wrong("ivs", "InsertAdBreak", **ad_break(duration_seconds=seconds)) == [message]


def test_number_without_maximum() -> None:
    session = {"channel_arn": CHANNEL, "viewer_id": "a"}
    name = "viewer_session_versions_less_than_or_equal_to"

    assert good("ivs", "StartViewerSessionRevocation", **session, **{name: 10**9})
    assert wrong("ivs", "StartViewerSessionRevocation", **session, **{name: -1}) == [
        f"range: {name} must be at least 0, got -1; raise it"
    ]


@pytest.mark.parametrize("framerate", [1, 29.97, 60])
def test_fraction_in_range(framerate: object) -> None:
    wire = good("ivs-realtime", "CreateEncoderConfiguration", video={"framerate": framerate})

    assert wire == {"Video": {"Framerate": framerate}}


@pytest.mark.parametrize(
    ("framerate", "message"),
    [
        (60.1, "range: video.framerate must be 1-60, got 60.1; lower it"),
        (0.5, "range: video.framerate must be 1-60, got 0.5; raise it"),
        (float("nan"), "range: video.framerate must be 1-60, got nan; lower it"),
        ("30", "type: video.framerate must be a number, got '30'"),
    ],
)
def test_fails_when_a_fraction_is_wrong(framerate: object, message: str) -> None:
    video = {"framerate": framerate}

    assert wrong("ivs-realtime", "CreateEncoderConfiguration", video=video) == [message]


@pytest.mark.parametrize("length", [0, 128])
def test_text_of_a_good_length(length: int) -> None:
    assert good("ivs", "CreateChannel", name="a" * length) == {"Name": "a" * length}


@pytest.mark.parametrize(
    ("operation", "given", "message"),
    [
        (
            "CreateChannel",
            {"name": "a" * 130},
            "length: name must have at most 128 characters, got 130; drop 2",
        ),
        (
            "CreateChannel",
            {"name": "my channel"},
            "pattern: name must match [a-zA-Z0-9-_]*, got 'my channel'",
        ),
        (
            "CreateChannel",
            {"name": "$.name"},
            "pattern: name must match [a-zA-Z0-9-_]*, got '$.name'; write "
            "sfn.JsonPath.string_at('$.name')",
        ),
        ("CreateChannel", {"name": 5}, "type: name must be a string, got 5 (int)"),
        (
            "CreateChannel",
            {"type": "STANDART"},
            "choice: type must be one of BASIC, STANDARD, ADVANCED_SD, ADVANCED_HD, got "
            "'STANDART'; did you mean 'STANDARD'?",
        ),
        (
            "CreateChannel",
            {"latency_mode": 1},
            "choice: latency_mode must be one of NORMAL, LOW, got 1 (int)",
        ),
        (
            "CreateChannel",
            {"authorized": "yes"},
            "type: authorized must be True or False, got 'yes'",
        ),
        (
            "CreateChannel",
            {"multitrack_input_configuration": True},
            "type: multitrack_input_configuration must be a dict, got True (bool)",
        ),
        (
            "CreateChannel",
            {"tags": ["team"]},
            "type: tags must be a dict of strings, got ['team'] (list)",
        ),
        (
            "CreateChannel",
            {"tags": {"team": 1}},
            "type: tags['team'] must be a string, got 1 (int)",
        ),
        (
            "CreateChannel",
            {"tags": {"": "x"}},
            "length: key of tags must have at least 1 character, got 0; add 1",
        ),
        (
            "CreateChannel",
            {"tags": {str(n): "" for n in range(51)}},
            "items: tags must have at most 50 entries, got 51; drop 1",
        ),
        (
            "BatchGetChannel",
            {"arns": CHANNEL},
            f"type: arns must be a list, got '{CHANNEL}'; write ['{CHANNEL}']",
        ),
        ("BatchGetChannel", {"arns": 1}, "type: arns must be a list, got 1 (int)"),
        (
            "BatchGetChannel",
            {"arns": []},
            "items: arns must have at least 1 item, got 0; add 1",
        ),
        (
            "BatchGetChannel",
            {"arns": [CHANNEL] * 51},
            "items: arns must have at most 50 items, got 51; drop 1",
        ),
        (
            "BatchGetChannel",
            {"arns": [CHANNEL, None]},
            "arn: arns[1] must be arn:<partition>:ivs:<region>:<account>:channel/<id>, got None",
        ),
    ],
)
def test_fails_when_a_value_is_wrong(operation: str, given: dict[str, Any], message: str) -> None:
    assert wrong("ivs", operation, **given) == [message]


def test_fails_with_all_that_is_wrong() -> None:
    assert len(wrong("ivs", "CreateChannel", name=1, type="X", nothing=2)) == 3


@pytest.mark.parametrize(
    ("metadata", "advice"),
    [({"secret": "hunter2"}, "; write json.dumps(...) around it"), (1, "")],
)
def test_secret_values_are_not_told(metadata: object, advice: str) -> None:
    kind = type(metadata).__name__

    assert wrong("ivs", "PutMetadata", channel_arn=CHANNEL, metadata=metadata) == [
        f"type: metadata must be a string, got a value of type {kind}{advice}"
    ]


@pytest.mark.parametrize("text", ["größe", "サイズ", "a b\xa0c", "x=1+2@y:z/._-"])
def test_tags_of_all_languages(text: str) -> None:
    assert good("ivs", "CreateChannel", tags={text: text}) == {"Tags": {text: text}}


@pytest.mark.parametrize("text", ["a\tb", "a!b", "\u200b"])
def test_fails_when_a_tag_has_a_wrong_character(text: str) -> None:
    (first, second) = wrong("ivs", "CreateChannel", tags={text: text})

    assert first.startswith("pattern: key of tags must match ")
    assert second.startswith(f"pattern: tags[{text!r}] must match ")


class Mode(Enum):
    LOW = "LOW"


def test_enum_members_are_their_values() -> None:
    assert good("ivs", "CreateChannel", latency_mode=Mode.LOW) == {"LatencyMode": "LOW"}


# Times


@pytest.mark.parametrize(
    "moment",
    [
        datetime(2026, 11, 21, 20, 15, tzinfo=UTC),
        datetime(2026, 11, 21, 21, 15, tzinfo=timezone(timedelta(hours=1))),
        "2026-11-21T20:15:00Z",
        "2026-11-21T21:15+01:00",
    ],
)
def test_times_are_written_in_utc(moment: object) -> None:
    wire = good("ivs", "InsertAdBreak", **ad_break(target_start_at=moment))

    assert wire["TargetStartAt"] == "2026-11-21T20:15:00Z"


def test_time_may_be_filled_in_by_the_scheduler() -> None:
    wire = good(
        "ivs", "InsertAdBreak", **ad_break(target_start_at="<aws.scheduler.scheduled-time>")
    )

    assert wire["TargetStartAt"] == "<aws.scheduler.scheduled-time>"


@pytest.mark.parametrize(
    ("moment", "message"),
    [
        (
            "soon",
            "type: target_start_at must be a datetime, or its text such as "
            "'2026-11-21T20:15:00Z', got 'soon'",
        ),
        (
            1795292100,
            "type: target_start_at must be a datetime, or its text such as "
            "'2026-11-21T20:15:00Z', got 1795292100 (int)",
        ),
        (
            "2026-11-21T20:15:00",
            "time-zone: target_start_at must have a time zone, got '2026-11-21T20:15:00'; add "
            "one, such as +00:00",
        ),
        (
            datetime(2026, 11, 21, 20, 15),
            "time-zone: target_start_at must have a time zone, got '2026-11-21 20:15:00'; add "
            "one, such as +00:00",
        ),
    ],
)
def test_fails_when_a_time_is_wrong(moment: object, message: str) -> None:
    assert wrong("ivs", "InsertAdBreak", **ad_break(target_start_at=moment)) == [message]


# ARNs


def arns(service: str, operation: str, **given: object) -> list[NamedArn]:
    check = Check("")
    reader = Parameters(operations(service)[operation], check)
    reader.read(given)
    assert check.failures == []
    return reader.arns


@pytest.mark.parametrize(
    "arn",
    [CHANNEL, "arn:aws-cn:ivs:cn-north-1:1:channel/a-B", LATER_TEXT, f"arn:aws:ivs:{LATER_TEXT}"],
)
def test_arn_is_noted(arn: str) -> None:
    assert arns("ivs", "StopStream", channel_arn=arn) == [NamedArn(("channel",), arn)]


@pytest.mark.parametrize(
    ("arn", "advice"),
    [
        ("AbCd", "; that is only the id, write the whole ARN"),
        (STAGE, "; that is a stage"),
        (CHANNEL.replace(":ivs:", ":s3:"), "; that is an ARN of the service s3, not of ivs"),
        (f"{CHANNEL}/x", ""),
        (f"x{CHANNEL}", ""),
        ("arn:aws:ivs", ""),
        ("", ""),
        (5, ""),
    ],
)
def test_fails_when_an_arn_is_wrong(arn: object, advice: str) -> None:
    shown = repr(arn) if isinstance(arn, str) else "5 (int)"

    assert wrong("ivs", "StopStream", channel_arn=arn) == [
        "arn: channel_arn must be arn:<partition>:ivs:<region>:<account>:channel/<id>, got "
        f"{shown}{advice}"
    ]


def test_fails_when_a_path_is_not_marked() -> None:
    assert wrong("ivs", "StopStream", channel_arn="$.channel") == [
        "arn: channel_arn must be arn:<partition>:ivs:<region>:<account>:channel/<id>, got "
        "'$.channel'; write sfn.JsonPath.string_at('$.channel')"
    ]


@pytest.mark.parametrize(
    ("noun", "operation", "arn"),
    [
        ("channel", "GetChannel", CHANNEL),
        ("playback_key_pair", "GetPlaybackKeyPair", f"{ARN}:playback-key/a"),
        (
            "recording_configuration",
            "GetRecordingConfiguration",
            f"{ARN}:recording-configuration/a",
        ),
    ],
)
def test_construct_stands_for_its_arn(noun: str, operation: str, arn: str) -> None:
    construct = SimpleNamespace(**{f"{noun}_ref": SimpleNamespace(**{f"{noun}_arn": arn})})

    assert good("ivs", operation, arn=construct) == {"Arn": arn}
    assert good("ivs", "TagResource", resource_arn=construct, tags={})["ResourceArn"] == arn


def test_construct_of_mediatailor_stands_for_its_arn() -> None:
    arn = "arn:aws:mediatailor:us-west-2:123456789012:playbackConfiguration/ads"
    reference = SimpleNamespace(playback_configuration_arn=arn)
    given = [
        {"playback_configuration_arn": SimpleNamespace(playback_configuration_ref=reference)},
        {"playback_configuration_arn": arn},
    ]
    wire = good("ivs", "CreateAdConfiguration", media_tailor_playback_configurations=given)

    expected = [{"PlaybackConfigurationArn": arn}] * 2
    assert wire == {"MediaTailorPlaybackConfigurations": expected}


@pytest.mark.parametrize("arn", ["arn:aws:mediatailor:a:1:playbackConfiguration/a", LATER_TEXT])
def test_arns_of_other_services_are_not_noted(arn: str) -> None:
    given = [{"playback_configuration_arn": arn}]

    assert arns("ivs", "CreateAdConfiguration", media_tailor_playback_configurations=given) == []


def test_fails_when_a_construct_is_of_another_type() -> None:
    stage = SimpleNamespace(stage_ref=SimpleNamespace(stage_arn=STAGE))

    (message,) = wrong("ivs", "StopStream", channel_arn=stage)
    assert message.startswith("arn: channel_arn must be arn:<partition>:ivs:")


@pytest.mark.parametrize("kind", TYPES)
def test_tags_go_to_every_type(kind: str) -> None:
    arn = f"{ARN}:{kind}/a"

    assert arns("ivs", "TagResource", resource_arn=arn, tags={}) == [NamedArn(TYPES, arn)]


def test_fails_when_no_type_has_such_an_arn() -> None:
    assert wrong("ivs", "TagResource", resource_arn=f"{ARN}:room/a", tags={}) == [
        "arn: resource_arn must be arn:<partition>:ivs:<region>:<account>:<type>/<id>, got "
        f"'{ARN}:room/a'; that is a room"
    ]


def test_arn_may_be_empty_where_that_detaches() -> None:
    given = {"arn": CHANNEL, "recording_configuration_arn": ""}

    assert good("ivs", "UpdateChannel", **given) == {
        "Arn": CHANNEL,
        "RecordingConfigurationArn": "",
    }
    assert arns("ivs", "UpdateChannel", **given) == [NamedArn(("channel",), CHANNEL)]


def test_arns_inside_what_is_known_later_are_noted_by_type() -> None:
    given = {"stage_arn": STAGE, "destinations": "{% $states.input.destinations %}"}

    noted = arns("ivs-realtime", "StartComposition", **given)
    assert {each.types for each in noted if each.arn is None} == {
        ("channel",),
        ("encoder-configuration",),
        ("storage-configuration",),
    }
    assert [each for each in noted if each.arn] == [NamedArn(("stage",), STAGE)]


def test_list_of_arns_known_later_names_none() -> None:
    noted = arns("ivs", "BatchGetChannel", arns="{% $states.input.arns %}")

    assert noted == [NamedArn(("channel",), None)]


# Known later


@pytest.mark.parametrize(
    "value",
    [
        LATER_TEXT,
        LATER_NUMBER,
        ["#{Token[TOKEN.7]}"],
        "{% $x %}",
        "at <aws.scheduler.attempt-number>",
    ],
)
def test_known_later(value: object) -> None:
    assert is_known_later(value)


@pytest.mark.parametrize("value", ["$.x", "{% $x", "%}", "<aws.scheduler>", 1, None, [], {}])
def test_known_now(value: object) -> None:
    assert not is_known_later(value)
