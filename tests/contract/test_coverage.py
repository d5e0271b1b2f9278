"""Where operations and members are covered: all are, what is not is told, and answers are true."""

from __future__ import annotations

import ast
import copy
import inspect
import re
import subprocess
import sys
from collections.abc import Callable
from dataclasses import is_dataclass
from pathlib import Path
from typing import Any

import botocore.session  # type: ignore[import-untyped]  # no types
import pytest

import ivs_constructs
from ivs_constructs import tokens
from ivs_constructs._core.misnamed import snake_case
from ivs_constructs.operate import _event_kinds, permissions
from ivs_constructs.operate._models import SERVICES, operations, operations_of
from tools.coverage.__main__ import main
from tools.coverage.answers import Way
from tools.coverage.calls import accepted
from tools.coverage.covered import Covered, Member, coverage
from tools.coverage.sources import construct, event_methods
from tools.write_models import installed

ROOT = Path(__file__).resolve().parents[2]
MODELS: dict[str, dict[str, Any]] = {
    name: model for name, versions in installed().items() for model in versions.values()
}
FOUND = coverage(MODELS)

Model = dict[str, dict[str, Any]]


def covered(service: str, operation: str, found: list[Covered] = FOUND) -> Covered:
    [each] = [one for one in found if (one.service, one.name) == (service, operation)]
    return each


def member(service: str, operation: str, side: str, path: str) -> Member:
    members = covered(service, operation).members
    [found] = [one for one in members if one.path == path and one.is_input == (side == "in")]
    return found


def structures(shape: Any, path: str = "") -> list[str]:  # noqa: ANN401 (botocore ships no types)
    """The paths of all members, read by botocore itself."""
    if shape is None:
        return []
    if shape.type_name == "list":
        return structures(shape.member, f"{path}[]")
    own = [path] if path else []
    inside = shape.members.items() if shape.type_name == "structure" else ()
    return own + [
        each for name, one in inside for each in structures(one, f"{path}.{name}".lstrip("."))
    ]


# All are covered


def test_all_of_the_installed_botocore_is_covered(capsys: pytest.CaptureFixture[str]) -> None:
    assert main([]) == 0

    last = capsys.readouterr().out.splitlines()[-1]
    members = sum(len(each.members) for each in FOUND)
    start = f"{len(FOUND)} operations, {members} members: 100 % covered, 0 unknown ("
    assert last.startswith(start)
    by_way = [int(number) for number in re.findall(r"(\d+) by ", last)]
    assert sum(by_way) == members


@pytest.mark.parametrize("service", SERVICES)
def test_operations_and_members_are_those_that_botocore_reads(service: str) -> None:
    model = botocore.session.get_session().get_service_model(service)
    theirs = {
        name: (structures(each.input_shape), structures(each.output_shape))
        for name in model.operation_names
        for each in [model.operation_model(name)]
    }

    ours = {
        each.name: (
            [one.path for one in each.members if one.is_input],
            [one.path for one in each.members if not one.is_input],
        )
        for each in FOUND
        if each.service == service
    }
    assert ours == theirs


# What is not covered is told


def new_operation(models: Model) -> None:
    models["ivs"]["operations"]["RewindStream"] = {
        "name": "RewindStream",
        "input": {"shape": "StopStreamRequest"},
    }


def new_input(models: Model) -> None:
    add(models["ivs"], "PutMetadataRequest", "language")


def new_input_of_a_construct(models: Model) -> None:
    add(models["ivs-realtime"], "AutoParticipantRecordingConfiguration", "watermark")


def new_output(models: Model) -> None:
    add(models["ivs"], "Stream", "rewound")


def new_structure(models: Model) -> None:
    # What was a text is now a structure.
    shapes = models["ivs"]["shapes"]
    shapes["Told"] = {"type": "structure", "members": {"text": {"shape": "String"}}}
    shapes["PutMetadataRequest"]["members"]["metadata"] = {"shape": "Told"}


def new_list(models: Model) -> None:
    shapes = models["ivs"]["shapes"]
    shapes["AllMetadata"] = {"type": "list", "member": {"shape": "String"}}
    shapes["PutMetadataRequest"]["members"]["metadata"] = {"shape": "AllMetadata"}


def new_structure_in_a_list(models: Model) -> None:
    shapes = models["ivs-realtime"]["shapes"]
    shapes["Disc"] = {"type": "structure", "members": {"label": {"shape": "String"}}}
    shapes["DestinationConfiguration"]["members"]["disc"] = {"shape": "Disc"}


def add(model: dict[str, Any], shape: str, name: str) -> None:
    model["shapes"][shape]["members"][name] = {"shape": "String"}


RECORDING = "autoParticipantRecordingConfiguration.watermark"


@pytest.mark.parametrize(
    ("change", "lacking"),
    [
        (new_operation, ["ivs RewindStream", "ivs RewindStream in channelArn"]),
        (new_input, ["ivs PutMetadata in language"]),
        (
            new_input_of_a_construct,
            [
                f"ivs-realtime {operation} {path}"
                for operation, path in (
                    ("CreateStage", f"in {RECORDING}"),
                    ("CreateStage", f"out stage.{RECORDING}"),
                    ("GetStage", f"out stage.{RECORDING}"),
                    ("UpdateStage", f"in {RECORDING}"),
                    ("UpdateStage", f"out stage.{RECORDING}"),
                )
            ],
        ),
        (new_output, ["ivs GetStream out stream.rewound"]),
        (new_structure, ["ivs PutMetadata in metadata", "ivs PutMetadata in metadata.text"]),
        (new_list, ["ivs PutMetadata in metadata[]"]),
        (
            new_structure_in_a_list,
            [
                f"ivs-realtime {operation} {path}"
                for operation, way in (
                    ("GetComposition", "out composition.destinations[].configuration"),
                    ("StartComposition", "in destinations[]"),
                    ("StartComposition", "out composition.destinations[].configuration"),
                )
                for path in (f"{way}.disc", f"{way}.disc.label")
            ],
        ),
    ],
)
def test_what_botocore_knows_alone_is_unknown(
    change: Callable[[Model], None], lacking: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    models = copy.deepcopy(MODELS)
    change(models)

    status = main([], models)

    assert status == 1
    told = capsys.readouterr().out
    assert told.split("Nothing covers:\n")[1].split("\n\n")[0].splitlines() == [
        f"  {each}" for each in lacking
    ]
    *_, last = told.splitlines()
    # Not rounded up, for as long as anything is unknown.
    assert f": 99 % covered, {len(lacking)} unknown (" in last
    assert told.count(" UNKNOWN\n") == len(lacking)


def test_operation_without_permission_is_unknown(monkeypatch: pytest.MonkeyPatch) -> None:
    # ApiCall could not tell what to allow for it.
    without = {each: one for each, one in permissions.PERMISSIONS.items() if each != "ListStreams"}
    monkeypatch.setattr("tools.coverage.calls.PERMISSIONS", without)

    assert covered("ivs", "ListStreams", coverage(MODELS)).answers == ()


def test_older_botocore_has_less_to_be_covered(capsys: pytest.CaptureFixture[str]) -> None:
    models = copy.deepcopy(MODELS)
    del models["ivs"]["operations"]["InsertAdBreak"]

    assert main([], models) == 0
    assert capsys.readouterr().out.splitlines()[-1].startswith(f"{len(FOUND) - 1} operations, ")


def test_parameters_are_tried_out_with_the_reader_of_api_call() -> None:
    known = operations("ivs")["PutMetadata"]
    models = copy.deepcopy(MODELS["ivs"])
    add(models, "PutMetadataRequest", "language")
    given = operations_of("ivs", models)["PutMetadata"].input

    assert accepted(known, given) == {"channelArn", "metadata"}


# The answers


@pytest.mark.parametrize(
    ("service", "operation", "side", "path", "expected"),
    [
        ("ivs", "CreateChannel", "in", "name", "Channel(channel_name=...)"),
        (
            "ivs",
            "UpdateChannel",
            "in",
            "adConfigurationArn",
            "Channel(ad_configuration=...) (set by Custom::IVSChannelAssociations)",
        ),
        (
            "ivs",
            "CreateRecordingConfiguration",
            "in",
            "destinationConfiguration.s3.bucketName",
            "RecordingConfiguration(bucket=...)",
        ),
        (
            "ivs-realtime",
            "CreateStage",
            "in",
            "autoParticipantRecordingConfiguration.mediaTypes[]",
            "Stage(auto_participant_recording=AutoParticipantRecording(media_types=...))",
        ),
        (
            "ivs-realtime",
            "UpdateStage",
            "in",
            "autoParticipantRecordingConfiguration.hlsConfiguration.targetSegmentDurationSeconds",
            "Stage(auto_participant_recording=AutoParticipantRecording(target_segment_duration=...))",
        ),
        (
            "ivs-realtime",
            "StartComposition",
            "in",
            "layout.pip.gridGap",
            "CompositionAutomation(layout=PipLayout(grid_gap=...))",
        ),
        (
            "ivs-realtime",
            "StartComposition",
            "in",
            "destinations[].channel.encoderConfigurationArn",
            "CompositionAutomation(destinations=[ChannelDestination(encoder_configuration=...)])",
        ),
        (
            "ivs-realtime",
            "StartComposition",
            "in",
            "destinations[].s3.thumbnailConfigurations[].storage[]",
            "CompositionAutomation(destinations=[S3Destination(thumbnail_configuration="
            "CompositionThumbnailConfiguration(storage=...))])",
        ),
        (
            "ivs-realtime",
            "DeleteIngestConfiguration",
            "in",
            "force",
            "IngestConfiguration(in_use=InUse.STOP)",
        ),
        (
            "ivs-realtime",
            "CreateParticipantToken",
            "in",
            "duration",
            "tokens.ParticipantClaims(expires_in=...)",
        ),
        ("ivs", "PutMetadata", "in", "metadata", "metadata=..."),
        ("ivs-realtime", "DisconnectParticipant", "in", "participantId", "participant_id=..."),
        ("ivs-realtime", "GetStage", "out", "stage.endpoints.whip", "Stage.whip_endpoint"),
        ("ivs", "GetChannel", "out", "channel.playbackUrl", "Channel.channel_playback_url"),
        ("ivs", "BatchGetStreamKey", "out", "streamKeys[].value", "StreamKey.secret"),
        (
            "ivs",
            "GetChannel",
            "out",
            "channel.srt.passphrase",
            "Channel.grants.read (secret: read it in a function)",
        ),
        ("ivs", "GetChannel", "out", "channel.srt", "$.Channel.Srt (holds a secret)"),
        ("ivs", "ListChannels", "out", "channels[].name", "$.Channels[*].Name"),
        (
            "ivs",
            "GetStreamSession",
            "out",
            "streamSession.streamId",
            "Channel.on_stream_state_change (detail.stream_id)",
        ),
        # A code as well, but not that of the event.
        ("ivs", "BatchGetChannel", "out", "errors[].code", "$.Errors[*].Code"),
        (
            "ivs-realtime",
            "CreateParticipantToken",
            "out",
            "participantToken.token",
            "tokens.sign(ParticipantClaims(...))",
        ),
    ],
)
def test_best_answer(service: str, operation: str, side: str, path: str, expected: str) -> None:
    best = member(service, operation, side, path).answers[0]

    assert f"{best.code}{f' ({best.note})' if best.note else ''}" == expected


def test_verbs_are_told() -> None:
    codes = [each.code for each in covered("ivs", "GetStream").answers]

    assert codes == ["Channel.grants.read", 'ApiCall("ivs", "GetStream", ...)']


def test_grants_without_a_verb_are_told() -> None:
    codes = [each.code for each in covered("ivs", "DeleteChannel").answers]

    assert 'Channel.grants.actions(..., "DeleteChannel")' in codes
    # What it makes has no ARN before.
    assert not any(
        "grants.actions" in each.code for each in covered("ivs", "CreateChannel").answers
    )


@pytest.mark.parametrize(
    ("operation", "ways"),
    [("GetStream", "as_state, grant"), ("StopStream", "as_state, as_schedule_target, grant")],
)
def test_ways_of_calling_are_told(operation: str, ways: str) -> None:
    assert covered("ivs", operation).answers[-1].note == ways


def test_answers_of_a_kind_are_the_best_first() -> None:
    order = list(Way)

    for each in FOUND:
        for one in each.members:
            places = [order.index(answer.way) for answer in one.answers]
            assert places == sorted(places)


def test_every_member_can_be_reached_by_api_call() -> None:
    # Also where there is something better.
    lacking = [
        (each.name, one.path)
        for each in FOUND
        for one in each.members
        if Way.API_CALL not in {answer.way for answer in one.answers}
    ]

    assert lacking == []


def test_secrets_are_never_answered_by_a_state_first() -> None:
    secrets = [
        one.answers
        for each in FOUND
        for one in each.members
        if any("stays in" in answer.note for answer in one.answers)
    ]

    assert secrets
    assert [each for each in secrets if each[0].way is Way.API_CALL] == []


# What answers name is there


ANSWERS = {
    answer.code: answer
    for each in FOUND
    for answers in (each.answers, *(one.answers for one in each.members))
    for answer in answers
    if answer.way is not Way.API_CALL
}


@pytest.fixture(scope="module")
def named() -> dict[str, Any]:
    ivs_constructs.ensure_node()
    public = {name: getattr(ivs_constructs, name) for name in ivs_constructs.__all__}
    return {**public, "tokens": tokens, "ParticipantClaims": tokens.ParticipantClaims}


def resolved(node: ast.expr, named: dict[str, Any]) -> Any:  # noqa: ANN401 (whatever there is)
    """What an expression names, as far as it can be told without making constructs."""
    if isinstance(node, ast.Name):
        return named[node.id]
    if isinstance(node, ast.Attribute):
        inner = resolved(node.value, named)
        found = inspect.getattr_static(inner, node.attr, None) if isinstance(inner, type) else None
        found = found or getattr(inner, node.attr)
        if node.attr == "grants":
            # The facade that the construct's attribute is annotated with.
            return named[found.fget.__annotations__["return"]]
        return found
    assert isinstance(node, ast.Call)
    function = resolved(node.func, named)
    takes = inspect.signature(function).parameters
    for keyword in node.keywords:
        assert keyword.arg in takes, f"{ast.unparse(node)} has no such argument"
        for part in ast.walk(keyword.value):
            if isinstance(part, ast.Call):
                resolved(part, named)
    for argument in node.args:
        if isinstance(argument, ast.Call):
            resolved(argument, named)
    return function


@pytest.mark.parametrize("code", [each for each in ANSWERS if each != "tags=..."])
def test_answer_names_what_there_is(code: str, named: dict[str, Any]) -> None:
    found = resolved(ast.parse(code, mode="eval").body, named)

    if ANSWERS[code].way is Way.ATTRIBUTE:
        assert not inspect.isfunction(found), "an attribute, not a method"


@pytest.mark.parametrize("code", ["Stage(stage_nam=...)", "Stage.stage_arnn", "Stage.grants.write"])
def test_answer_that_names_nothing_is_found(code: str, named: dict[str, Any]) -> None:
    with pytest.raises((AssertionError, AttributeError)):
        resolved(ast.parse(code, mode="eval").body, named)


def test_source_tells_what_the_classes_have(named: dict[str, Any]) -> None:
    read = 0
    for name, cls in named.items():
        source = construct(name) if isinstance(cls, type) and not is_dataclass(cls) else None
        if source is None or not source.parameters or name == "Bundle":
            continue
        read += 1
        signature = inspect.signature(cls).parameters.values()
        names = [each.name for each in signature if each.kind is inspect.Parameter.KEYWORD_ONLY]
        assert list(source.parameters) == names
        assert all(hasattr(cls, each) for each in source.properties)
    assert read >= len(SERVICES) * 5


def test_source_tells_the_methods_for_events(named: dict[str, Any]) -> None:
    told = {f"{each.owner}.{each.name}" for each in event_methods() if each.owner}

    assert told == {
        f"{owner}.{name}"
        for owner, names in (
            ("Channel", dir(named["ChannelEvents"])),
            ("Stage", dir(named["StageEvents"])),
            # It has those of channels and stages besides.
            ("Account", vars(named["AccountEvents"])),
        )
        for name in names
        if name.startswith("on_") and name != "on_event"
    }
    methods = {each.name for each in event_methods() if each.owner}
    assert methods <= set(dir(named["AccountEvents"]))


@pytest.mark.parametrize("kind", [each.kind for each in event_methods() if each.kind])
def test_events_describe_what_the_api_answers(kind: str) -> None:
    event: _event_kinds.EventKind = getattr(_event_kinds, kind)
    shapes = {name: each for model in MODELS.values() for name, each in model["shapes"].items()}

    for name in event.shapes:
        members = {snake_case(each) for each in shapes[name]["members"]}
        assert members & set(event.fields), f"{name} has nothing of {kind}"


def test_unknown_construct_has_no_source() -> None:
    assert construct("Chanel") is None


# The command


def test_names_choose_operations(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["ivs-realtime", "CreateStage", "GetStage"]) == 0

    told = capsys.readouterr().out
    blocks = [line for line in told.splitlines() if line.startswith("ivs")]
    assert blocks == ["ivs-realtime CreateStage", "ivs-realtime GetStage"]
    assert told.splitlines()[-1].startswith("2 operations, ")


def test_operation_of_both_apis_is_chosen_from_both(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["TagResource"]) == 0

    assert [each for each in capsys.readouterr().out.splitlines() if each.startswith("ivs")] == [
        "ivs TagResource",
        "ivs-realtime TagResource",
    ]


@pytest.mark.parametrize("text", ["replication", "Replications"])
def test_member_is_found_in_the_names_of_operations(
    text: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["ivs-realtime", "--member", text]) == 0

    told = capsys.readouterr().out
    assert "ivs-realtime StartParticipantReplication\n" in told
    assert "ivs-realtime StopParticipantReplication\n" in told
    # All that it takes and answers, since the name is that of the whole.
    assert "  in   reconnectWindowSeconds" in told


@pytest.mark.parametrize("text", ["mediaTypes", "media_types", "MEDIATYPES[]"])
def test_member_is_found_in_any_spelling(text: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["CreateStage", "--member", text]) == 0

    assert capsys.readouterr().out == (
        "ivs-realtime CreateStage\n"
        "  construct: Stage\n"
        '  ApiCall: ApiCall("ivs-realtime", "CreateStage", ...) '
        "(as_state, as_schedule_target, grant)\n"
        "  in   autoParticipantRecordingConfiguration.mediaTypes[]        "
        "Stage(auto_participant_recording=AutoParticipantRecording(media_types=...))\n"
        "  out  stage.autoParticipantRecordingConfiguration.mediaTypes[]  "
        "ApiCall $.Stage.AutoParticipantRecordingConfiguration.MediaTypes[*]\n"
        "\n"
        "1 operation, 2 members: 100 % covered, 0 unknown (1 by construct argument, 1 by ApiCall)\n"
    )


@pytest.mark.parametrize(
    ("arguments", "messages"),
    [
        (
            ["CreatStage"],
            ["name must be an API or an operation, got 'CreatStage'; did you mean 'CreateStage'?"],
        ),
        (
            ["ivs", "CreateStage", "StopStreams"],
            [
                "name must be an operation of ivs, got 'CreateStage'; ivs-realtime has it",
                "name must be an operation of ivs, got 'StopStreams'; did you mean 'StopStream'?",
            ],
        ),
        (
            ["ivs-real-time"],
            [
                "name must be an API or an operation, got 'ivs-real-time'; did you mean "
                "'ivs-realtime'?"
            ],
        ),
        (
            ["ivs", "--member", "pasphrase"],
            [
                "member must be a part of the name of an operation or a member, got 'pasphrase'; "
                "did you mean 'passphrase'?"
            ],
        ),
        (
            ["replication"],
            [
                "name must be an API or an operation, got 'replication'; --member replication "
                "finds it as a part of names"
            ],
        ),
        (
            ["thumbnails"],
            [
                "name must be an API or an operation, got 'thumbnails'; --member thumbnails finds "
                "it as a part of names"
            ],
        ),
    ],
)
def test_unknown_name_fails_with_the_whole_message(
    arguments: list[str], messages: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    assert main([*arguments]) == 2

    out, err = capsys.readouterr()
    amount = "1 invalid property" if len(messages) == 1 else f"{len(messages)} invalid properties"
    lines = "".join(f"  - {each}\n" for each in messages)
    assert (out, err) == ("", f"InvalidPropertyError: coverage has {amount}:\n{lines}")


@pytest.mark.parametrize("arguments", [["--help"], ["coverage", "--help"]])
def test_help_tells_the_command(arguments: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as caught:
        main(arguments)

    assert caught.value.code == 0
    assert "coverage" in capsys.readouterr().out


def run(*arguments: str, code: str = "") -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, *(["-c", code] if code else ["-m", "tools.coverage"]), *arguments],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
        timeout=900,
    )


def test_command_runs_as_a_module() -> None:
    done = run("ivs", "StopStream")

    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.splitlines()[0] == "ivs StopStream"


def test_command_fails_as_a_module() -> None:
    assert run("Stopp").returncode == 2


def test_command_needs_neither_node_nor_the_cdk() -> None:
    code = (
        "import sys\n"
        "for name in ('aws_cdk', 'constructs', 'jsii', 'boto3'):\n"
        "    sys.modules[name] = None\n"
        "from tools.coverage.__main__ import main\n"
        "sys.exit(main([]))"
    )

    done = run(code=code)

    assert (done.returncode, done.stderr) == (0, "")
    assert "100 % covered, 0 unknown" in done.stdout


def test_reader_may_stop_early() -> None:
    # As in a pipe to head.
    with subprocess.Popen(
        [sys.executable, "-m", "tools.coverage"],
        cwd=ROOT,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    ) as process:
        assert process.stdout is not None
        assert process.stderr is not None
        assert process.stdout.readline() == "ivs BatchGetChannel\n"
        process.stdout.close()
        assert process.stderr.read() == ""
