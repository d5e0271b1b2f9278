"""The state machine as a text, and the descriptors beside the API's model."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import botocore.session  # type: ignore[import-untyped]  # no types
import pytest
from cfnlint.api import ManualArgs, lint_by_config  # type: ignore[import-untyped]  # no types

from ivs_constructs import _specs as specs
from ivs_constructs._specs import Kind, Prop
from ivs_constructs.realtime.composition import _states
from ivs_constructs.realtime.composition._states import definition

ARN = "arn:aws:ivs:us-east-1:123456789012"


def machine_states(**request: Any) -> dict[str, Any]:  # noqa: ANN401 (JSON)
    found = definition("aws", f"{ARN}:stage/Stage", {"Destinations": [], **request})
    return dict(found["States"])


def following(state: dict[str, Any]) -> Iterator[str]:
    for part in (state, *state.get("Choices", ()), *state.get("Catch", ())):
        if "Next" in part:
            yield part["Next"]
    if "Default" in state:
        yield state["Default"]


def test_every_state_is_reached_and_goes_on() -> None:
    states = machine_states()
    reached, waiting = set(), ["Begin"]
    while waiting:
        name = waiting.pop()
        if name not in reached:
            reached.add(name)
            waiting += following(states[name])

    assert reached == set(states)
    for state in states.values():
        ends = state["Type"] in ("Succeed", "Fail")
        assert ends != bool(list(following(state)))


def test_page_fits_into_a_state() -> None:
    # Step Functions fails what receives more, with an error that no state can catch.
    model = botocore.session.get_session().get_service_model("ivs-realtime")
    summary = model.shape_for("CompositionSummary").members
    tags = summary["tags"]
    assert tags.metadata["max"] == 50
    arn, time = "a" * summary["arn"].metadata["max"], "2026-11-29T20:00:00.000Z"
    destination = {"Id": "i" * 64, "State": "RECONNECTING", "StartTime": time, "EndTime": time}
    longest = {
        "Arn": arn,
        "StageArn": arn,
        "State": "STOPPING",
        "StartTime": time,
        "EndTime": time,
        "Destinations": [destination] * 2,
        "Tags": {
            f"{index:0{tags.key.metadata['max']}}": "v" * tags.value.metadata["max"]
            for index in range(50)
        },
    }

    listed = machine_states()["List compositions"]["Arguments"]["MaxResults"]

    assert len(json.dumps({"Compositions": [longest] * listed, "NextToken": "n" * 1024})) < 262_144


def test_fields_are_those_of_the_language() -> None:
    # https://states-language.net and Step Functions' guide on JSONata
    fields = {
        "Pass": {"Type", "Assign", "Next"},
        "Task": {
            "Type",
            "Resource",
            "Arguments",
            "TimeoutSeconds",
            "Retry",
            "Assign",
            "Catch",
            "Next",
        },
        "Choice": {"Type", "Choices", "Default"},
        "Wait": {"Type", "Seconds", "Assign", "Next"},
        "Succeed": {"Type"},
        "Fail": {"Type", "Error", "Cause"},
    }
    for name, state in machine_states().items():
        assert len(name) <= 80
        assert set(state) <= fields[state["Type"]]
        for retrier in state.get("Retry", ()):
            alone = "States.ALL" not in retrier["ErrorEquals"] or len(retrier["ErrorEquals"]) == 1
            assert alone
        assert (
            "States.ALL"
            in [*state.get("Retry", [{"ErrorEquals": ["States.ALL"]}])][-1]["ErrorEquals"]
        )


def test_waiting_leaves_room_for_calls() -> None:
    # Of the 300 seconds that an execution may take.
    assert _states.WAIT_SECONDS * _states.MOST_WAITS <= 200
    assert _states.TASK_SECONDS < 60


def test_cfn_lint_accepts_the_states(tmp_path: Path) -> None:
    written = definition(
        "aws",
        f"{ARN}:stage/Stage",
        {"StageArn": f"{ARN}:stage/Stage", "Destinations": [{"Channel": {"ChannelArn": "x"}}]},
    )
    template = {
        "Resources": {
            "Machine": {
                "Type": "AWS::StepFunctions::StateMachine",
                "Properties": {
                    "RoleArn": "arn:aws:iam::123456789012:role/machine",
                    "StateMachineType": "EXPRESS",
                    "DefinitionString": json.dumps(written),
                },
            }
        }
    }

    def found() -> list[str]:
        path = tmp_path / "template.json"
        path.write_text(json.dumps(template), encoding="utf-8")
        matches = lint_by_config(ManualArgs(templates=[str(path)], regions=["us-east-1"]))
        return [match.rule.id for match in matches]

    assert found() == []
    # It does look into the definition.
    del written["States"]["Wait"]["Type"]
    machine: dict[str, Any] = template["Resources"]["Machine"]
    machine["Properties"]["DefinitionString"] = json.dumps(written)
    assert found() == ["E3601"]


# Descriptors beside the API's model


def sites(prop: Prop, shape: Any, path: str) -> Iterator[tuple[str, Prop, Any]]:  # noqa: ANN401 (boto3 ships no types)
    yield path, prop, shape
    if prop.item is not None:
        yield from sites(prop.item, shape.member, f"{path}[]")
    for member in prop.members:
        yield from sites(member, shape.members[member.api], f"{path}.{member.api}".strip("."))


def model_sites() -> list[tuple[str, Prop, Any]]:
    model = botocore.session.get_session().get_service_model("ivs-realtime")
    shape = model.operation_model("StartComposition").input_shape
    return [
        site
        for prop in specs.COMPOSITION.props
        if prop.kind is not Kind.TAGS
        for site in sites(prop, shape.members[prop.api], prop.api)
    ]


@pytest.mark.parametrize(
    ("path", "prop", "shape"), [pytest.param(*s, id=s[0]) for s in model_sites()]
)
def test_descriptor_is_the_models(path: str, prop: Prop, shape: Any) -> None:  # noqa: ANN401 (boto3 ships no types)
    is_arn = path.rstrip("[]").endswith(("Arn", "Arns"))
    if shape.type_name == "structure":
        assert {each.api for each in prop.members} == set(shape.members)
        assert {each.api for each in prop.members if each.required} == set(shape.required_members)
        assert [each.cfn for each in prop.members] == [
            f"{each.api[0].upper()}{each.api[1:]}" for each in prop.members
        ]
        return
    # The form of ARNs is judged by arn_of; most are tokens.
    assert prop.maximum == shape.metadata.get("max")
    if not is_arn or shape.type_name == "list":
        assert prop.minimum == shape.metadata.get("min")
        assert prop.pattern == shape.metadata.get("pattern")
    assert set(prop.choices) == set(shape.metadata.get("enum", ()))


def test_operation_has_nothing_else() -> None:
    model = botocore.session.get_session().get_service_model("ivs-realtime")
    shape = model.operation_model("StartComposition").input_shape

    known = {prop.api for prop in specs.COMPOSITION.props} | set(specs.COMPOSITION.unreachable)
    assert known == set(shape.members)
