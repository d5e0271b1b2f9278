"""The function behind the custom resources: its resources and its permissions."""

from __future__ import annotations

import re
import shutil
from pathlib import Path
from typing import Any

import aws_cdk as cdk
import pytest
from aws_cdk import aws_lambda
from syrupy.assertion import SnapshotAssertion

from ivs_constructs import (
    Channel,
    ChannelAssociations,
    EncoderConfiguration,
    InUse,
    PlaybackRestrictionPolicy,
    Provisioning,
    Stage,
    Video,
)
from ivs_constructs._core import functions
from ivs_constructs._provider import provider
from ivs_constructs.testing import Synthesized, synthesize
from tests.programs import loaded_by

PROVIDER = (
    "AWS::IAM::Policy",
    "AWS::IAM::Role",
    "AWS::Lambda::Function",
    "AWS::Logs::LogGroup",
)


def types_of(made: Synthesized) -> list[str]:
    return sorted(each["Type"] for each in made.template["Resources"].values())


def only(made: Synthesized, cfn_type: str) -> tuple[str, dict[str, Any]]:
    [found] = [
        (name, each)
        for name, each in made.template["Resources"].items()
        if each["Type"] == cfn_type
    ]
    return found


def test_one_for_all_custom_resources_of_a_stack(stack: cdk.Stack) -> None:
    for index in range(3):
        Stage(stack, f"Stage{index}")
        EncoderConfiguration(stack, f"Encoder{index}")

    found = types_of(synthesize(stack))

    assert [each for each in found if not each.startswith("Custom::")] == sorted(PROVIDER)
    assert len(found) == 6 + len(PROVIDER)


def test_as_it_is(stack: cdk.Stack, snapshot_json: SnapshotAssertion) -> None:
    EncoderConfiguration(stack, "Encoder", video=Video.hd_720p())

    assert synthesize(stack) == snapshot_json


def test_each_stack_has_its_own(app: cdk.App, stack: cdk.Stack) -> None:
    other = cdk.Stack(app, "Other")
    nested = cdk.NestedStack(stack, "Nested")
    for scope in (stack, other, nested):
        Stage(scope, "Stage")

    for each in (stack, other, nested):
        assert types_of(synthesize(each)).count("AWS::Lambda::Function") == 1


def test_nobody_else_gets_one(stack: cdk.Stack) -> None:
    Stage(stack, "Stage", provisioning=Provisioning.CLOUDFORMATION)
    Stage.from_stage_arn(stack, "Imported", "arn:aws:ivs:us-east-1:123456789012:stage/abc")

    assert types_of(synthesize(stack)) == ["AWS::IVS::Stage"]


def test_programs_without_custom_resources_do_not_load_it() -> None:
    loaded = loaded_by(
        "stack = aws_cdk.Stack(aws_cdk.App(), 'S')\n"
        "ivs_constructs.Channel(stack, 'C')\n"
        "ivs_constructs.Stage(stack, 'T', provisioning='CLOUDFORMATION')"
    )

    assert "ivs_constructs.realtime.stage" in loaded
    assert loaded.isdisjoint(
        {"ivs_constructs._provider.provider", "aws_cdk.aws_lambda", "boto3", "botocore"}
    )


def test_custom_resources_wait_for_their_rights(stack: cdk.Stack) -> None:
    Stage(stack, "Stage")

    made = synthesize(stack)

    policy, _ = only(made, "AWS::IAM::Policy")
    _, stage = only(made, "Custom::IVSStage")
    assert stage["DependsOn"] == [policy]


def test_other_rights_are_another_policy(app: cdk.App) -> None:
    # CloudFormation then keeps the old one until what depends on it is deleted.
    stacks = {}
    for uses in ("stage", "stage encoder", "encoder", "encoder stage", "stopped"):
        stack = stacks[uses] = cdk.Stack(app, uses.title().replace(" ", ""))
        for use in uses.split():
            if use == "encoder":
                EncoderConfiguration(stack, "Encoder")
            else:
                Stage(stack, "Stage", in_use=InUse.STOP if use == "stopped" else None)

    names = {}
    for uses, stack in stacks.items():
        names[uses], policy = only(synthesize(stack), "AWS::IAM::Policy")
        assert policy["Properties"]["PolicyName"] == names[uses]

    assert names["stage encoder"] == names["encoder stage"]
    assert len(set(names.values())) == 4


def test_function_is_the_same_in_each_of_them(app: cdk.App) -> None:
    # CloudFormation refuses to change a custom resource's service token.
    stacks = [cdk.Stack(app, f"Stack{index}") for index in range(2)]
    for stack in stacks:
        Stage(stack, "Stage")
    EncoderConfiguration(stacks[1], "Encoder")

    first, second = (only(synthesize(stack), "AWS::Lambda::Function") for stack in stacks)

    assert first == second


def statements(made: Synthesized) -> dict[str, dict[str, Any]]:
    _, policy = only(made, "AWS::IAM::Policy")
    return {each["Sid"]: each for each in policy["Properties"]["PolicyDocument"]["Statement"]}


def on(kind: str) -> dict[str, str]:
    return {"Fn::Sub": f"arn:${{AWS::Partition}}:ivs:${{AWS::Region}}:${{AWS::AccountId}}:{kind}/*"}


def test_rights_are_those_of_the_types_in_use(stack: cdk.Stack) -> None:
    Stage(stack, "Stage")

    found = statements(synthesize(stack))

    own = {"Ref": "AWS::StackId"}
    assert found == {
        "CreateWithStackTag": {
            "Sid": "CreateWithStackTag",
            "Effect": "Allow",
            "Action": ["ivs:CreateStage", "ivs:TagResource"],
            "Resource": on("stage"),
            "Condition": {
                "StringEquals": {"aws:RequestTag/ivs-constructs:stack": own},
                "StringEqualsIfExists": {"aws:ResourceTag/ivs-constructs:stack": own},
            },
        },
        "ListByType": {
            "Sid": "ListByType",
            "Effect": "Allow",
            "Action": "ivs:ListStages",
            "Resource": on("stage"),
        },
        "ListWithoutArn": {
            "Sid": "ListWithoutArn",
            "Effect": "Allow",
            "Action": "ivs:ListCompositions",
            "Resource": "*",
        },
        "ManageByStackTag": {
            "Sid": "ManageByStackTag",
            "Effect": "Allow",
            "Action": [
                "ivs:DeleteStage",
                "ivs:GetStage",
                "ivs:TagResource",
                "ivs:UntagResource",
                "ivs:UpdateStage",
            ],
            "Resource": on("stage"),
            "Condition": {"StringEquals": {"aws:ResourceTag/ivs-constructs:stack": own}},
        },
    }


def test_stopping_compositions_is_allowed_where_it_was_asked_for(stack: cdk.Stack) -> None:
    EncoderConfiguration(stack, "Encoder", in_use=InUse.STOP)

    found = statements(synthesize(stack))["Compositions"]

    assert (found["Action"], found["Resource"]) == ("ivs:StopComposition", on("composition"))


def test_tags_reach_the_function_and_the_custom_resources(stack: cdk.Stack) -> None:
    Stage(stack, "Stage", tags={"team": "video"})
    cdk.Tags.of(stack).add("cost", "42")

    found = synthesize(stack)

    both = [{"Key": "cost", "Value": "42"}, {"Key": "team", "Value": "video"}]
    found.has("Custom::IVSStage", Tags=both)
    for cfn_type in ("AWS::Lambda::Function", "AWS::IAM::Role", "AWS::Logs::LogGroup"):
        found.has(cfn_type, Tags=both[:1])


def test_tags_from_outside_are_judged_at_synth(app: cdk.App, stack: cdk.Stack) -> None:
    Stage(stack, "Stage", tags={"team": "video"})
    # CloudFormation's own types have all of the service's fifty.
    Channel(stack, "Channel")
    for number in range(46):
        cdk.Tags.of(app).add(f"t{number}", "")
    cdk.Tags.of(stack).add("ivs-constructs:id", "x")

    with pytest.raises(RuntimeError) as caught:
        app.synth()

    assert str(caught.value).splitlines()[1:] == [
        "  [Stack/Stage] Stage 'Stack/Stage': tags must have at most 46 entries, got 48; drop 2",
        "  [Stack/Stage] Stage 'Stack/Stage': tags must not have keys that start with "
        "ivs-constructs:, which are reserved for this library, got 'ivs-constructs:id'; rename it",
    ]


def test_as_many_tags_from_outside_as_there_may_be(app: cdk.App, stack: cdk.Stack) -> None:
    Stage(stack, "Stage", tags={"team": "video"})
    for number in range(45):
        cdk.Tags.of(app).add(f"t{number}", cdk.Aws.STACK_NAME)

    assert app.synth()


def test_tag_of_the_stack_wins_over_none(stack: cdk.Stack) -> None:
    stage = Stage(stack, "Stage")
    cdk.Tags.of(stage).add("cost", "42")
    cdk.Tags.of(stage).remove("cost", priority=200)

    found = synthesize(stack).one("Custom::IVSStage").definition

    assert "Tags" not in found["Properties"]


def test_runtime_is_the_newest_that_lambda_has() -> None:
    known = [name for name in dir(aws_lambda.Runtime) if re.fullmatch(r"PYTHON_3_\d+", name)]
    newest = max(known, key=lambda name: int(name.rpartition("_")[2]))

    assert getattr(aws_lambda.Runtime, newest).name == functions.RUNTIME


def test_asset_holds_the_handler_and_the_models_alone(app: cdk.App, stack: cdk.Stack) -> None:
    Stage(stack, "Stage")

    directory = Path(app.synth().directory)
    [asset] = [path for path in directory.glob("asset.*") if (path / "ivs_handler").is_dir()]

    files = {str(path.relative_to(asset)) for path in asset.rglob("*") if path.is_file()}
    assert {"ivs_handler/index.py", "ivs_handler/specs/prop.py"} <= files
    assert all(
        re.fullmatch(r"ivs_handler/(specs/)?\w+\.py|models/[\w/.-]+\.json|__init__\.py", f)
        for f in files
    )


def test_what_python_leaves_behind_does_not_change_the_asset(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    copy = tmp_path / "asset"
    shutil.copytree(provider.ASSET, copy, ignore=shutil.ignore_patterns("__pycache__"))
    monkeypatch.setattr(provider, "ASSET", copy)

    def key() -> str:
        cdk.AssetStaging.clear_asset_hash_cache()
        stack = cdk.Stack(cdk.App(analytics_reporting=False), "Stack")
        Stage(stack, "Stage")
        _, function = only(synthesize(stack), "AWS::Lambda::Function")
        return str(function["Properties"]["Code"]["S3Key"])

    clean = key()
    for folder in (copy, copy / "ivs_handler"):
        (folder / "__pycache__").mkdir()
        (folder / "__pycache__" / "index.cpython-314.pyc").write_bytes(b"\0")
    (copy / "stray.pyc").write_bytes(b"\0")
    used = key()
    (copy / "ivs_handler" / "more.py").write_text("")

    assert used == clean
    assert key() != clean


def test_waiting_times_fit_together() -> None:
    # Lambda's limit, and the handler has to answer before CloudFormation gives up.
    assert provider.FUNCTION_SECONDS < provider.SERVICE_SECONDS <= 900


def test_no_policy_is_empty(stack: cdk.Stack) -> None:
    # IAM refuses a policy without statements.
    policy = PlaybackRestrictionPolicy(stack, "Policy", allowed_countries=["DE"])
    Channel(stack, "Channel", playback_restriction_policy=policy)

    _, found = only(synthesize(stack), "AWS::IAM::Policy")

    assert found["Properties"]["PolicyDocument"]["Statement"]


def test_another_channel_is_another_policy(app: cdk.App) -> None:
    # The right to clear the first one must outlive the association with it.
    stacks = [cdk.Stack(app, f"Stack{index}") for index in range(2)]
    for index, stack in enumerate(stacks):
        channels = [Channel(stack, name) for name in ("One", "Two")]
        policy = PlaybackRestrictionPolicy(stack, "Policy", allowed_countries=["DE"])
        ChannelAssociations(
            stack, "It", channel=channels[index], playback_restriction_policy=policy
        )

    names = [only(synthesize(stack), "AWS::IAM::Policy")[0] for stack in stacks]

    assert names[0] != names[1]
