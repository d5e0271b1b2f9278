"""Compositions that start by themselves: the template, what is allowed, and bad input."""

from __future__ import annotations

import inspect
import json
from collections.abc import Callable
from typing import Any, NamedTuple

import aws_cdk as cdk
import pytest
from aws_cdk import aws_iam, aws_ivs
from aws_cdk.assertions import Annotations, Match
from syrupy.assertion import SnapshotAssertion

from ivs_constructs import (
    Channel,
    EncoderConfiguration,
    InvalidPropertyError,
    InvalidScopeError,
    Stage,
    Storage,
    StorageConfiguration,
    StreamKey,
    Video,
)
from ivs_constructs import _specs as specs
from ivs_constructs._specs import Kind, Prop
from ivs_constructs.realtime.composition.composition_automation import CompositionAutomation
from ivs_constructs.realtime.values import (
    ChannelDestination,
    CompositionThumbnailConfiguration,
    GridLayout,
    PipLayout,
    S3Destination,
)
from ivs_constructs.testing import synthesize
from tests.constructs.templates import of_type
from tests.programs import loaded_by
from tests.unit.compositions.machine import evaluate

ARN = "arn:aws:ivs:us-east-1:123456789012"
KEYLESS = "ivs-constructs:composition-without-stream-key"
MACHINE = {"Ref": "AutomationStateMachine5F93A9FC"}


class Parts(NamedTuple):
    """What a composition is made of, imported by ARNs."""

    stage: Any
    channel: Any
    storage: Any
    encoder: Any


def imported(stack: cdk.Stack, arn: str = ARN) -> Parts:
    """Parts of one Region and account."""
    found = EncoderConfiguration.from_encoder_configuration_arn
    stored = StorageConfiguration.from_storage_configuration_arn
    return Parts(
        Stage.from_stage_arn(stack, "Stage", f"{arn}:stage/Stage"),
        Channel.from_channel_arn(stack, "Channel", f"{arn}:channel/Channel"),
        stored(stack, "Storage", f"{arn}:storage-configuration/Storage"),
        found(stack, "Encoder", f"{arn}:encoder-configuration/Encoder"),
    )


@pytest.fixture
def parts(stack: cdk.Stack) -> Parts:
    return imported(stack)


@pytest.fixture
def ready(stack: cdk.Stack, parts: Parts) -> CompositionAutomation:
    return CompositionAutomation(
        stack,
        "Automation",
        stage=parts.stage,
        destinations=[
            ChannelDestination(channel=parts.channel),
            S3Destination(storage_configuration=parts.storage, encoder_configuration=parts.encoder),
        ],
    )


def resources(stack: cdk.Stack, cfn_type: str) -> list[dict[str, Any]]:
    found = of_type(synthesize(stack), cfn_type)
    return [each["Properties"] for each in found.values()]


def states_of(stack: cdk.Stack) -> dict[str, Any]:
    """The state machine's definition, with deploy-time values as `<their name>`."""
    [machine] = resources(stack, "AWS::StepFunctions::StateMachine")
    text = machine["DefinitionString"]
    _, parts = text["Fn::Join"]
    found: dict[str, Any] = json.loads("".join(_named(part) for part in parts))
    return found


def _named(part: Any) -> str:  # noqa: ANN401 (JSON)
    match part:
        case {"Ref": name} | {"Fn::GetAtt": [name, _]}:
            return f"<{name}>"
        case _:
            return str(part)


def statements_of(policy: dict[str, Any]) -> list[dict[str, Any]]:
    return [dict(each) for each in policy["Statement"]]


def without_sids(policy: dict[str, Any]) -> list[dict[str, Any]]:
    """The statements, of which each with a wildcard has a Sid of its own."""
    found = statements_of(policy)
    for each in found:
        assert ("Sid" in each) == ("*" in json.dumps(each["Resource"]))
        each.pop("Sid", None)
    return found


def request_of(stack: cdk.Stack) -> dict[str, Any]:
    """The parameters of StartComposition that come from the user."""
    arguments = states_of(stack)["States"]["Start a composition"]["Arguments"]
    return {name: each for name, each in arguments.items() if name != "IdempotencyToken"}


# What is made


def test_minimal(stack: cdk.Stack, snapshot_json: SnapshotAssertion) -> None:
    stage = Stage(stack, "Stage", provisioning="CLOUDFORMATION")
    channel = Channel(stack, "Channel")
    channel.add_stream_key("Key")

    automation = CompositionAutomation(
        stack, "Automation", stage=stage, destinations=[ChannelDestination(channel=channel)]
    )

    assert synthesize(stack) == snapshot_json
    assert repr(automation) == ("<ivs_constructs.CompositionAutomation 'Stack/Automation'>")
    Annotations.from_stack(stack).has_no_warning("*", Match.any_value())


def test_everything(stack: cdk.Stack, snapshot_json: SnapshotAssertion, parts: Parts) -> None:
    CompositionAutomation(
        stack,
        "Automation",
        stage=parts.stage,
        layout=PipLayout(
            featured_participant_attribute="host",
            omit_stopped_video=True,
            video_fill_mode="CONTAIN",
            grid_gap=4,
            pip_participant_attribute="camera",
            pip_behavior="DYNAMIC",
            pip_offset=10,
            pip_position="TOP_LEFT",
            pip_width=320,
            pip_height=180,
            participant_order_attribute="rank",
        ),
        destinations=[
            ChannelDestination(
                channel=parts.channel, encoder_configuration=parts.encoder, name="air"
            ),
            S3Destination(
                storage_configuration=parts.storage,
                encoder_configuration=parts.encoder,
                name="archive",
                recording_format="HLS",
                target_segment_duration=cdk.Duration.seconds(4),
                thumbnail_configuration=CompositionThumbnailConfiguration(
                    target_interval=cdk.Duration.minutes(5), storage=[Storage.LATEST]
                ),
            ),
        ],
        tags={"team": "video"},
    )

    assert synthesize(stack) == snapshot_json


def test_states(
    stack: cdk.Stack,
    ready: CompositionAutomation,  # noqa: ARG001 (it is in the stack)
    snapshot_json: SnapshotAssertion,
) -> None:
    assert states_of(stack) == snapshot_json


def test_grid(stack: cdk.Stack, parts: Parts) -> None:
    CompositionAutomation(
        stack,
        "Automation",
        stage=parts.stage,
        layout=GridLayout(
            featured_participant_attribute="host",
            omit_stopped_video=False,
            video_aspect_ratio="PORTRAIT",
            video_fill_mode="FILL",
            grid_gap=0,
            participant_order_attribute="rank",
        ),
        destinations=(ChannelDestination(channel=parts.channel),),
    )

    assert request_of(stack) == {
        "StageArn": f"{ARN}:stage/Stage",
        "Layout": {
            "Grid": {
                "FeaturedParticipantAttribute": "host",
                "OmitStoppedVideo": False,
                "VideoAspectRatio": "PORTRAIT",
                "VideoFillMode": "FILL",
                "GridGap": 0,
                "ParticipantOrderAttribute": "rank",
            }
        },
        "Destinations": [{"Channel": {"ChannelArn": f"{ARN}:channel/Channel"}}],
        "Tags": {"ivs-constructs:automation": "{% $states.context.StateMachine.Id %}"},
    }


def test_layout_that_says_nothing(stack: cdk.Stack, parts: Parts) -> None:
    destinations = [ChannelDestination(channel=parts.channel)]
    layouts: dict[str, GridLayout | PipLayout] = {"Grid": GridLayout(), "Pip": PipLayout()}
    inner = {
        name: CompositionAutomation(
            cdk.Stack(stack, name),
            "Automation",
            stage=parts.stage,
            layout=layout,
            destinations=destinations,
        )
        for name, layout in layouts.items()
    }

    for name, automation in inner.items():
        assert request_of(cdk.Stack.of(automation))["Layout"] == {name: {}}


def test_deploy_time_values(stack: cdk.Stack, parts: Parts) -> None:
    pixels = cdk.CfnParameter(stack, "Pixels", type="Number").value_as_number
    key = cdk.CfnParameter(stack, "Attribute").value_as_string
    CompositionAutomation(
        stack,
        "Automation",
        stage=parts.stage,
        layout=PipLayout(pip_width=pixels, pip_participant_attribute=key),
        destinations=[
            S3Destination(
                storage_configuration=parts.storage,
                encoder_configuration=parts.encoder,
                target_segment_duration=cdk.Duration.seconds(pixels),
            )
        ],
        tags={"team": key},
    )

    [machine] = resources(stack, "AWS::StepFunctions::StateMachine")
    written = "".join(_named(part) for part in machine["DefinitionString"]["Fn::Join"][1])
    assert '"PipWidth":<Pixels>' in written
    assert '"TargetSegmentDurationSeconds":<Pixels>' in written


def test_level1_parts(stack: cdk.Stack) -> None:
    storage = aws_ivs.CfnStorageConfiguration(stack, "Storage", s3={"bucketName": "recordings"})
    CompositionAutomation(
        stack,
        "Automation",
        stage=aws_ivs.CfnStage(stack, "Stage"),
        destinations=[
            S3Destination(
                storage_configuration=storage,
                encoder_configuration=aws_ivs.CfnEncoderConfiguration(stack, "Encoder"),
            )
        ],
    )

    assert request_of(stack)["Destinations"] == [
        {
            "S3": {
                "StorageConfigurationArn": "<Storage>",
                "EncoderConfigurationArns": ["<Encoder>"],
            }
        }
    ]


def test_several_of_one_stage(stack: cdk.Stack, parts: Parts, ready: CompositionAutomation) -> None:
    other = CompositionAutomation(
        stack,
        "Other",
        stage=parts.stage,
        destinations=[
            S3Destination(storage_configuration=parts.storage, encoder_configuration=parts.encoder)
        ],
    )

    names = {
        json.dumps(stack.resolve(each.log_group.log_group_physical_name()))
        for each in (ready, other)
    }
    assert len(names) == 2
    assert len(resources(stack, "AWS::Events::Rule")) == 2


def test_parts_are_at_hand(stack: cdk.Stack, ready: CompositionAutomation) -> None:
    assert ready.state_machine.metric_failed().metric_name == "ExecutionsFailed"
    assert stack.resolve(ready.state_machine.state_machine_arn) == MACHINE
    assert ready.rule.node.path == "Stack/Automation/Rule"
    assert ready.log_group.node.path == "Stack/Automation/LogGroup"


def test_tags_of_the_automation_are_not_the_compositions(
    stack: cdk.Stack, ready: CompositionAutomation
) -> None:
    cdk.Tags.of(ready).add("cost", "live")

    [machine] = resources(stack, "AWS::StepFunctions::StateMachine")
    assert machine["Tags"] == [{"Key": "cost", "Value": "live"}]
    assert "cost" not in request_of(stack)["Tags"]


# What is allowed


def test_role_may_do_this_and_no_more(
    stack: cdk.Stack,
    ready: CompositionAutomation,  # noqa: ARG001 (it is in the stack)
) -> None:
    [machine, events] = resources(stack, "AWS::IAM::Role")

    assert statements_of(machine["AssumeRolePolicyDocument"]) == [
        {
            "Action": "sts:AssumeRole",
            "Effect": "Allow",
            "Principal": {"Service": "states.amazonaws.com"},
            "Condition": {"StringEquals": {"aws:SourceAccount": {"Ref": "AWS::AccountId"}}},
        }
    ]
    [policy] = machine["Policies"]
    start, look, logs, traces = statements_of(policy["PolicyDocument"])
    assert start == {
        "Sid": "StartCompositions",
        "Effect": "Allow",
        "Action": "ivs:StartComposition",
        "Resource": [
            f"{ARN}:stage/Stage",
            f"{ARN}:channel/Channel",
            f"{ARN}:storage-configuration/Storage",
            f"{ARN}:encoder-configuration/Encoder",
        ],
    }
    assert look == {
        "Sid": "LookAtStage",
        "Effect": "Allow",
        "Action": ["ivs:GetStage", "ivs:ListCompositions"],
        "Resource": f"{ARN}:stage/Stage",
    }
    assert (logs["Sid"], traces["Sid"]) == ("DeliverLogs", "Traces")
    assert {each.partition(":")[0] for each in logs["Action"]} == {"logs"}
    assert {each.partition(":")[0] for each in traces["Action"]} == {"xray"}

    assert statements_of(events["AssumeRolePolicyDocument"]) == [
        {
            "Action": "sts:AssumeRole",
            "Effect": "Allow",
            "Principal": {"Service": "events.amazonaws.com"},
            "Condition": {"StringEquals": {"aws:SourceAccount": {"Ref": "AWS::AccountId"}}},
        }
    ]
    [policy] = events["Policies"]
    assert statements_of(policy["PolicyDocument"]) == [
        {
            "Sid": "Start",
            "Effect": "Allow",
            "Action": "states:StartExecution",
            "Resource": MACHINE,
        }
    ]
    [tagging] = resources(stack, "AWS::IAM::Policy")
    assert statements_of(tagging["PolicyDocument"]) == [
        {
            "Sid": "TagCompositions",
            "Effect": "Allow",
            "Action": "ivs:TagResource",
            "Resource": ALL_COMPOSITIONS,
            "Condition": {"StringEquals": {"aws:RequestTag/ivs-constructs:automation": MACHINE}},
        }
    ]


def test_nothing_starts_before_it_may_tag(
    stack: cdk.Stack,
    ready: CompositionAutomation,  # noqa: ARG001 (it is in the stack)
) -> None:
    template = synthesize(stack)
    [policy] = of_type(template, "AWS::IAM::Policy")
    rule = template.one("AWS::Events::Rule").definition
    assert policy in rule["DependsOn"]


HOSTILE = (
    '","Next":"Evil"},"Evil":{"Type":"Succeed"},"x":{"y":"',
    "{% $states.context.Execution.Id %}",
    '{% "a" %}',
    "\\",
    '\\"',
    "\\\\n",
    "it's {% % } ünïcode",
)


def evaluated(node: Any, parameters: dict[str, str]) -> str:  # noqa: ANN401 (JSON)
    """What CloudFormation makes of a text."""
    match node:
        case {"Fn::Join": [between, list(items)]}:
            return str(between).join(evaluated(each, parameters) for each in items)
        case {"Fn::Join": [between, items]}:
            delimiter, text = items["Fn::Split"]
            return str(between).join(evaluated(text, parameters).split(delimiter))
        case {"Ref": name} | {"Fn::GetAtt": [name, _]}:
            return parameters.get(name, f"<{name}>")
        case str():
            return node
        case _:
            raise AssertionError(node)


@pytest.mark.parametrize("value", HOSTILE)
def test_values_of_deploy_time_are_not_interpreted(stack: cdk.Stack, value: str) -> None:
    parts = imported(stack)
    given = cdk.CfnParameter(stack, "Given").value_as_string
    CompositionAutomation(
        stack,
        "Automation",
        stage=Stage.from_stage_arn(stack, "Elsewhere", given),
        layout=PipLayout(pip_participant_attribute=given),
        destinations=[
            S3Destination(storage_configuration=parts.storage, encoder_configuration=parts.encoder)
        ],
        tags={"team": given, f"{given}-key": "x", "plain": "y"},
    )

    [machine] = resources(stack, "AWS::StepFunctions::StateMachine")
    definition = json.loads(evaluated(machine["DefinitionString"], {"Given": value}))
    assert definition["States"].keys() == states_without_parameters().keys()
    arguments = definition["States"]["Start a composition"]["Arguments"]
    assert as_sent(arguments["StageArn"]) == value
    assert as_sent(arguments["Layout"]["Pip"]["PipParticipantAttribute"]) == value
    assert as_sent(arguments["Tags"]["team"]) == value
    assert arguments["Tags"][f"{value}-key"] == "x"
    assert as_sent(definition["States"]["Get the stage"]["Arguments"]["Arn"]) == value


@pytest.mark.parametrize("value", HOSTILE)
def test_attributes_whose_content_others_write_are_not_interpreted(
    stack: cdk.Stack, value: str
) -> None:
    parts = imported(stack)
    custom = cdk.CfnResource(stack, "Given", type="Custom::Lookup")
    CompositionAutomation(
        stack,
        "Automation",
        stage=parts.stage,
        destinations=[ChannelDestination(channel=parts.channel)],
        tags={"team": custom.get_att("Text").to_string()},
    )

    [machine] = resources(stack, "AWS::StepFunctions::StateMachine")
    definition = json.loads(evaluated(machine["DefinitionString"], {"Given": value}))
    assert definition["States"].keys() == states_without_parameters().keys()
    tags = definition["States"]["Start a composition"]["Arguments"]["Tags"]
    assert as_sent(tags["team"]) == value


def test_text_around_a_name_of_aws_is_not_interpreted(stack: cdk.Stack) -> None:
    parts = imported(stack)
    before, after = "{% $states.context.Execution.Id & '", "' %}"
    CompositionAutomation(
        stack,
        "Automation",
        stage=parts.stage,
        destinations=[ChannelDestination(channel=parts.channel)],
        tags={"team": f"{before}{cdk.Aws.REGION}{after}"},
    )

    [machine] = resources(stack, "AWS::StepFunctions::StateMachine")
    definition = json.loads(evaluated(machine["DefinitionString"], {"AWS::Region": "eu-west-1"}))
    tags = definition["States"]["Start a composition"]["Arguments"]["Tags"]
    assert as_sent(tags["team"]) == f"{before}eu-west-1{after}"


def states_without_parameters() -> dict[str, Any]:
    stack = cdk.Stack(cdk.App(), "Plain")
    parts = imported(stack)
    CompositionAutomation(
        stack,
        "Automation",
        stage=parts.stage,
        destinations=[
            S3Destination(storage_configuration=parts.storage, encoder_configuration=parts.encoder)
        ],
    )
    return dict(states_of(stack)["States"])


def as_sent(text: str) -> Any:  # noqa: ANN401 (JSON-like)
    """What Step Functions sends."""
    return evaluate(text[2:-2], {}) if text.startswith("{%") else text


ALL_COMPOSITIONS = {
    "Fn::Sub": "arn:${AWS::Partition}:ivs:${AWS::Region}:${AWS::AccountId}:composition/*"
}


def test_roles_that_were_created_beforehand_are_used() -> None:
    app = cdk.App(analytics_reporting=False)
    names = {f"Stack/Automation/{role}": role for role in ("Role", "EventsRole")}
    aws_iam.Role.customize_roles(app, use_precreated_roles=names)
    stack = cdk.Stack(app, "Stack")
    parts = imported(stack)
    CompositionAutomation(
        stack,
        "Automation",
        stage=parts.stage,
        destinations=[ChannelDestination(channel=parts.channel)],
    )

    made = synthesize(stack).template["Resources"].values()

    assert not [each for each in made if "::IAM::" in each["Type"]]
    text = json.dumps([*made])
    assert "role/Role" in text
    assert "role/EventsRole" in text


OWN = {"StringEquals": {"aws:ResourceTag/ivs-constructs:automation": MACHINE}}


def test_who_may_stop_compositions(stack: cdk.Stack, ready: CompositionAutomation) -> None:
    moderator = aws_iam.Role(
        stack, "Moderator", assumed_by=aws_iam.ServicePrincipal("lambda.amazonaws.com")
    )

    granted = ready.grants.stop(moderator)

    assert granted.success
    [_, policy] = resources(stack, "AWS::IAM::Policy")
    assert without_sids(policy["PolicyDocument"]) == [
        {
            "Action": "ivs:ListCompositions",
            "Effect": "Allow",
            "Resource": f"{ARN}:stage/Stage",
        },
        {
            "Action": "ivs:StopComposition",
            "Effect": "Allow",
            "Resource": f"{ARN}:composition/*",
            "Condition": OWN,
        },
    ]


def test_who_may_read_compositions(stack: cdk.Stack, ready: CompositionAutomation) -> None:
    viewer = aws_iam.Role(
        stack, "Viewer", assumed_by=aws_iam.ServicePrincipal("lambda.amazonaws.com")
    )

    ready.grants.read(viewer)

    [_, policy] = resources(stack, "AWS::IAM::Policy")
    assert without_sids(policy["PolicyDocument"]) == [
        {
            "Action": "ivs:GetComposition",
            "Effect": "Allow",
            "Resource": f"{ARN}:composition/*",
            "Condition": OWN,
        },
        {
            "Action": "ivs:ListCompositions",
            "Effect": "Allow",
            "Resource": f"{ARN}:stage/Stage",
        },
    ]


def test_nothing_of_participants_is_logged(
    stack: cdk.Stack,
    ready: CompositionAutomation,  # noqa: ARG001 (it is in the stack)
) -> None:
    [machine] = resources(stack, "AWS::StepFunctions::StateMachine")
    logging = machine["LoggingConfiguration"]

    assert (logging["Level"], logging["IncludeExecutionData"]) == ("ERROR", False)
    [group] = resources(stack, "AWS::Logs::LogGroup")
    assert group["RetentionInDays"] == 30


# Bad input


def message_of(error: pytest.ExceptionInfo[InvalidPropertyError]) -> str:
    return str(error.value).partition("\n")[2]


Make = Callable[[Parts], dict[str, Any]]


def on_air(parts: Parts) -> ChannelDestination:
    return ChannelDestination(channel=parts.channel)


def archive(parts: Parts) -> S3Destination:
    return S3Destination(storage_configuration=parts.storage, encoder_configuration=parts.encoder)


CLASS: Any = Stage

BAD: dict[str, tuple[Make, str]] = {
    "no stage": (
        lambda p: {"stage": None, "destinations": [on_air(p)]},
        "stage must be a Stage, got None",
    ),
    "stage as text": (
        lambda p: {"stage": p.stage.stage_arn, "destinations": [on_air(p)]},
        f"stage must be a Stage, got the string '{ARN}:stage/Stage'; import it with "
        "Stage.from_stage_arn(self, 'Imported', ...)",
    ),
    "stage of another type": (
        lambda p: {"stage": GridLayout, "destinations": [on_air(p)]},
        "stage must be a Stage, got the class GridLayout; make an instance of it and pass that",
    ),
    "no destination": (
        lambda _: {"destinations": []},
        "destinations must have at least 1 item, got none; add one",
    ),
    "destinations None": (
        lambda _: {"destinations": None},
        "destinations must be a list of ChannelDestination and S3Destination, got None",
    ),
    "single destination": (
        lambda p: {"destinations": on_air(p)},
        "destinations must be a list of ChannelDestination and S3Destination, got a single "
        "ChannelDestination; put it in [ ]",
    ),
    "destinations as text": (
        lambda _: {"destinations": "channel"},
        "destinations must be a list of ChannelDestination and S3Destination, got 'channel'",
    ),
    "text as destination": (
        lambda _: {"destinations": ["channel"]},
        "destinations[0] must be a ChannelDestination or an S3Destination, got 'channel'",
    ),
    "two channels": (
        lambda p: {"destinations": [on_air(p), on_air(p)]},
        "destinations must have at most one ChannelDestination, got 2; drop 1, or define another "
        "CompositionAutomation for it",
    ),
    "three destinations": (
        lambda p: {"destinations": [archive(p), on_air(p), archive(p)]},
        "destinations must have at most one S3Destination, got 2; drop 1, or define another "
        "CompositionAutomation for it",
    ),
    "channel of another type": (
        lambda p: {"destinations": [ChannelDestination(channel=p.stage.stage_arn)]},
        f"destinations[0].channel must be a Channel, got the string '{ARN}:stage/Stage'; import "
        "it with Channel.from_channel_arn(self, 'Imported', ...)",
    ),
    "encoder of another type": (
        lambda p: {
            "destinations": [
                on_air(p),
                S3Destination(storage_configuration=p.storage, encoder_configuration=CLASS),
            ]
        },
        "destinations[1].encoder_configuration must be an EncoderConfiguration, got the class "
        "Stage; make an instance of it and pass that",
    ),
    "layout": (
        lambda p: {"layout": "grid", "destinations": [on_air(p)]},
        "layout must be a GridLayout or a PipLayout, got 'grid'; write GridLayout(...) or "
        "PipLayout(...)",
    ),
    "too many tags": (
        lambda p: {"tags": {f"t{n}": "" for n in range(50)}, "destinations": [on_air(p)]},
        "tags must have at most 49 entries, got 50; drop 1",
    ),
    "own tag": (
        lambda p: {"tags": {"ivs-constructs:automation": ""}, "destinations": [on_air(p)]},
        "tags must not have keys that start with ivs-constructs:, which are reserved for this "
        "library, got 'ivs-constructs:automation'; rename it",
    ),
    "tags": (
        lambda p: {"tags": ["a"], "destinations": [on_air(p)]},
        "tags must be a dict of strings, such as {'team': 'video'}, got ['a'] (list)",
    ),
}  # fmt: skip


@pytest.mark.parametrize("case", BAD)
def test_bad_input(stack: cdk.Stack, parts: Parts, case: str) -> None:
    make, expected = BAD[case]
    children = len(stack.node.children)

    with pytest.raises(InvalidPropertyError) as caught:
        CompositionAutomation(stack, "Automation", **{"stage": parts.stage, **make(parts)})

    head = "CompositionAutomation 'Stack/Automation' has 1 invalid property:"
    assert str(caught.value) == f"{head}\n  - {expected}"
    assert len(stack.node.children) == children


def test_channel_as_destination(stack: cdk.Stack, parts: Parts) -> None:
    with pytest.raises(InvalidPropertyError) as caught:
        CompositionAutomation(
            stack,
            "Automation",
            stage=parts.stage,
            destinations=[parts.channel],
        )

    assert message_of(caught).startswith(
        "  - destinations[0] must be a ChannelDestination or an S3Destination, got "
    )
    assert message_of(caught).endswith("; write ChannelDestination(channel=...)")


def test_all_that_is_wrong_is_told_at_once(stack: cdk.Stack) -> None:
    wrong: Any = 1
    with pytest.raises(InvalidPropertyError) as caught:
        CompositionAutomation(stack, "Automation", stage=wrong, destinations=wrong, layout=wrong)

    assert [each.property for each in caught.value.failures] == ["stage", "layout", "destinations"]
    assert {each.source for each in caught.value.failures} == {specs.COMPOSITION.source}


def test_most_tags_there_may_be(stack: cdk.Stack, parts: Parts) -> None:
    CompositionAutomation(
        stack,
        "Automation",
        stage=parts.stage,
        destinations=[on_air(parts)],
        tags={f"t{n}": "" for n in range(49)},
    )

    assert len(request_of(stack)["Tags"]) == 50


def test_scope(stack: cdk.Stack, parts: Parts, ready: CompositionAutomation) -> None:
    untyped: Any = "scope"
    with pytest.raises(InvalidScopeError):
        CompositionAutomation(
            untyped, "Automation", stage=parts.stage, destinations=[on_air(parts)]
        )
    with pytest.raises(InvalidScopeError, match="choose another id"):
        CompositionAutomation(stack, ready.node.id, stage=parts.stage, destinations=[on_air(parts)])


@pytest.mark.parametrize(
    ("region", "account", "noun", "found"),
    [
        ("eu-west-1", "123456789012", "Region eu-west-1", "us-east-1"),
        ("us-east-1", "111111111111", "account 111111111111", "123456789012"),
    ],
)
def test_parts_from_elsewhere(
    app: cdk.App, region: str, account: str, noun: str, found: str
) -> None:
    stack = cdk.Stack(app, "Here", env=cdk.Environment(region=region, account=account))
    parts = imported(stack)

    with pytest.raises(InvalidPropertyError) as caught:
        CompositionAutomation(
            stack,
            "Automation",
            stage=parts.stage,
            destinations=[
                ChannelDestination(channel=parts.channel, encoder_configuration=parts.encoder),
                archive(parts),
            ],
        )

    labels = (
        "stage",
        "destinations[0].channel",
        "destinations[0].encoder_configuration",
        "destinations[1].storage_configuration",
        "destinations[1].encoder_configuration",
    )
    kind = noun.partition(" ")[0]
    assert message_of(caught).splitlines() == [
        f"  - {label} must be in the stack's {noun}, got one in {found}; Amazon IVS connects "
        f"what is in one {kind}, so use one from there"
        for label in labels
    ]


def test_channel_of_a_stack_elsewhere(app: cdk.App) -> None:
    there = cdk.Stack(app, "There", env=cdk.Environment(region="eu-west-1"))
    channel = Channel(there, "Channel")
    here = cdk.Stack(app, "Here", env=cdk.Environment(region="us-east-1"))

    with pytest.raises(InvalidPropertyError) as caught:
        CompositionAutomation(
            here,
            "Automation",
            stage=aws_ivs.CfnStage(here, "Stage"),
            destinations=[ChannelDestination(channel=channel)],
        )

    assert message_of(caught) == (
        "  - destinations[0].channel must be in the stack's Region us-east-1, got one in "
        "eu-west-1; Amazon IVS connects what is in one Region, so use one from there"
    )


def test_place_that_is_not_known_is_not_judged(app: cdk.App) -> None:
    class Reference:
        """What has the ARN, and is no construct."""

        channel_arn = "${Token[TOKEN.1]}"

    untyped: Any = Reference()
    stack = cdk.Stack(app, "Here", env=cdk.Environment(region="us-east-1"))

    CompositionAutomation(
        stack,
        "Automation",
        stage=Stage.from_stage_arn(stack, "Stage", f"{ARN}:stage/Stage"),
        destinations=[ChannelDestination(channel=untyped)],
    )


def test_region_without_ivs(app: cdk.App) -> None:
    stack = cdk.Stack(app, "Here", env=cdk.Environment(region="sa-east-1"))

    with pytest.raises(InvalidPropertyError, match="the stack's Region must be one of"):
        CompositionAutomation(
            stack,
            "Automation",
            stage=aws_ivs.CfnStage(stack, "Stage"),
            destinations=[ChannelDestination(channel=aws_ivs.CfnChannel(stack, "Channel"))],
        )


# Values


def values_of(prop: Prop) -> list[tuple[object, str]]:
    """Values that an integer's descriptor refuses, each with the message."""
    name, least = prop.py, prop.minimum or 0
    return [
        (least - 1, f"{name} must be at least {least}, got {least - 1}; raise {prop.noun}"),
        (True, f"{name} must be a whole number, got True (bool)"),
        (1.5, f"{name} must be a whole number, got 1.5 (float); round it"),
        ("4", f"{name} must be a whole number, got '4'; write 4"),
    ]


LAYOUTS = ((GridLayout, specs.GRID_LAYOUT), (PipLayout, specs.PIP_LAYOUT))
NUMBERS = [
    (cls, member, value, message)
    for cls, prop in LAYOUTS
    for member in prop.members
    if member.kind is Kind.INTEGER
    for value, message in values_of(member)
]
TEXTS = [
    (cls, member)
    for cls, prop in LAYOUTS
    for member in prop.members
    if member.kind is Kind.STRING and not member.choices
]
CHOICES = [(cls, member) for cls, prop in LAYOUTS for member in prop.members if member.choices]


def refusal(cls: Any, **values: object) -> str:  # noqa: ANN401 (any value class)
    with pytest.raises(InvalidPropertyError) as caught:
        cls(**values)
    assert caught.value.subject == cls.__name__
    return str(caught.value).partition("  - ")[2]


@pytest.mark.parametrize(("cls", "prop", "value", "message"), NUMBERS)
def test_wrong_number(cls: Any, prop: Prop, value: object, message: str) -> None:  # noqa: ANN401 (any value will do)
    assert refusal(cls, **{prop.py: value}) == message


@pytest.mark.parametrize(("cls", "prop"), {(c, p.py): (c, p) for c, p, *_ in NUMBERS}.values())
def test_smallest_number(cls: Any, prop: Prop) -> None:  # noqa: ANN401 (any value will do)
    assert getattr(cls(**{prop.py: prop.minimum}), prop.py) == prop.minimum


@pytest.mark.parametrize(("cls", "prop"), TEXTS)
def test_attribute_key(cls: Any, prop: Prop) -> None:  # noqa: ANN401 (any value will do)
    name = prop.py

    assert getattr(cls(**{name: "a-Z_9" + "x" * 123}), name)
    assert refusal(cls, **{name: "x" * 129}) == (
        f"{name} must have at most 128 characters, got 129 characters; shorten it by 1"
    )
    assert refusal(cls, **{name: "a b"}) == (
        f"{name} must have only letters, digits, - and _, got 'a b'; drop ' '"
    )


@pytest.mark.parametrize(("cls", "prop"), CHOICES)
def test_choice(cls: Any, prop: Prop) -> None:  # noqa: ANN401 (any value will do)
    for choice in prop.choices:
        assert getattr(cls(**{prop.py: choice}), prop.py) == choice
    listed = ", ".join(prop.choices)
    assert refusal(cls, **{prop.py: "nothing-like-it"}) == (
        f"{prop.py} must be one of {listed}, got 'nothing-like-it'"
    )


def test_all_of_a_layout_is_told_at_once() -> None:
    message = refusal(PipLayout, pip_width=0, omit_stopped_video="no")

    assert message == (
        "omit_stopped_video must be True or False, got 'no'; write False\n"
        "  - pip_width must be at least 1, got 0; raise the width"
    )


@pytest.mark.parametrize(
    ("values", "message"),
    [
        ({"channel": None}, "channel is required, got None; pass a Channel"),
        ({"channel": object(), "name": "a b"},
         "name must have only letters, digits, - and _, got 'a b'; drop ' '"),
        ({"channel": object(), "name": "x" * 129},
         "name must have at most 128 characters, got 129 characters; shorten it by 1"),
    ],
)  # fmt: skip
def test_wrong_channel_destination(values: dict[str, Any], message: str) -> None:
    assert refusal(ChannelDestination, **values) == message


GIVEN = {"storage_configuration": object(), "encoder_configuration": object()}


@pytest.mark.parametrize(
    ("values", "message"),
    [
        ({"storage_configuration": None},
         "storage_configuration is required, got None; pass a StorageConfiguration"),
        ({"encoder_configuration": None},
         "encoder_configuration is required, got None; pass an EncoderConfiguration"),
        ({"recording_format": "MP4"}, "recording_format must be one of HLS, got 'MP4'"),
        ({"target_segment_duration": cdk.Duration.seconds(1)},
         "target_segment_duration must be 2-10 seconds, got 1 seconds; lengthen the segment"),
        ({"target_segment_duration": cdk.Duration.seconds(11)},
         "target_segment_duration must be 2-10 seconds, got 11 seconds; shorten the segment"),
        ({"thumbnail_configuration": {"storage": []}},
         "thumbnail_configuration must be a CompositionThumbnailConfiguration, got "
         "{'storage': []} (dict); write CompositionThumbnailConfiguration(...)"),
    ],
)  # fmt: skip
def test_wrong_s3_destination(values: dict[str, Any], message: str) -> None:
    assert refusal(S3Destination, **{**GIVEN, **values}) == message


@pytest.mark.parametrize(
    ("values", "message"),
    [
        ({"target_interval": cdk.Duration.seconds(0)},
         "target_interval must be 1-86400 seconds, got 0 seconds; lengthen the interval"),
        ({"target_interval": cdk.Duration.seconds(86401)},
         "target_interval must be 1-86400 seconds, got 86401 seconds; shorten the interval"),
        ({"storage": ["LATEST", "LATEST"]},
         "storage must not repeat LATEST, got it 2 times; drop the duplicate"),
    ],
)  # fmt: skip
def test_wrong_thumbnails(values: dict[str, Any], message: str) -> None:
    assert refusal(CompositionThumbnailConfiguration, **values) == message


def test_limits_that_are_just_kept() -> None:
    for seconds in (2, 10):
        segment = cdk.Duration.seconds(seconds)
        assert S3Destination(**GIVEN, target_segment_duration=segment)  # type: ignore[arg-type] # only their presence is looked at
    for seconds in (1, 86400):
        assert CompositionThumbnailConfiguration(target_interval=cdk.Duration.seconds(seconds))


def test_values_have_the_descriptors_names() -> None:
    for cls, prop in (
        *LAYOUTS,
        (CompositionThumbnailConfiguration, specs.COMPOSITION_THUMBNAILS),
    ):
        assert set(inspect.signature(cls).parameters) == {each.py for each in prop.members}


# Warnings


def warnings(stack: cdk.Stack) -> list[str]:
    found = Annotations.from_stack(stack).find_warning("*", Match.any_value())
    return [str(each.entry.data) for each in found]


@pytest.mark.parametrize(
    ("width", "height", "bitrate", "allowed"),
    [
        (1280, 720, 3_500_000, None),
        (1280, 720, 3_500_001, 3_500_000),
        (852, 480, 1_500_000, None),
        (852, 480, 1_500_001, 1_500_000),
        (480, 852, 1_500_001, 1_500_000),
        (None, None, 3_500_001, 3_500_000),
    ],
)
@pytest.mark.parametrize("kind", ["BASIC", "STANDARD"])
def test_basic_channel(
    stack: cdk.Stack,
    kind: str,
    width: int | None,
    height: int | None,
    bitrate: int,
    allowed: int | None,
) -> None:
    video = {"width": width, "height": height, "bitrate": bitrate}
    encoder = aws_ivs.CfnEncoderConfiguration(
        stack, "Encoder", video=aws_ivs.CfnEncoderConfiguration.VideoProperty(**video)
    )
    channel = aws_ivs.CfnChannel(stack, "Channel", type=kind)
    StreamKey(stack, "Key", channel=channel)
    CompositionAutomation(
        stack,
        "Automation",
        stage=aws_ivs.CfnStage(stack, "Stage"),
        destinations=[ChannelDestination(channel=channel, encoder_configuration=encoder)],
    )

    expected = (
        f"the composition has {bitrate} bits a second, and a channel of type BASIC accepts "
        f"{allowed} for a picture of this "
        "size, so the broadcast will probably end at once; lower the "
        "encoder's bitrate, or use a channel of type STANDARD [ack: "
        "ivs-constructs:composition-above-basic]"
    )
    assert warnings(stack) == ([expected] if allowed and kind == "BASIC" else [])


@pytest.mark.parametrize(
    ("layout", "expected"),
    [
        (PipLayout(pip_width=640, pip_height=360), []),
        (PipLayout(pip_width=642), ["pip_width is 642 pixels, and the picture has a width of 640"]),
        (PipLayout(pip_height=722),
         ["pip_height is 722 pixels, and the picture has a height of 720"]),
        (PipLayout(), []),
        (GridLayout(grid_gap=2000), []),
    ],
)  # fmt: skip
def test_window_larger_than_the_picture(
    stack: cdk.Stack, layout: GridLayout | PipLayout, expected: list[str]
) -> None:
    # As an L1 type takes it as well; its default height is 720.
    encoder = aws_ivs.CfnEncoderConfiguration(stack, "Encoder", video={"width": 640})
    storage = aws_ivs.CfnStorageConfiguration(stack, "Storage", s3={"bucketName": "recordings"})
    CompositionAutomation(
        stack,
        "Automation",
        stage=aws_ivs.CfnStage(stack, "Stage"),
        layout=layout,
        destinations=[S3Destination(storage_configuration=storage, encoder_configuration=encoder)],
    )

    end = "; make the window smaller [ack: ivs-constructs:pip-larger-than-picture]"
    assert warnings(stack) == [f"{each}{end}" for each in expected]


@pytest.mark.parametrize("kind", ["own", "level1", "import"])
@pytest.mark.parametrize("width", [640, None])
def test_pictures_of_all_kinds_of_encoders(stack: cdk.Stack, kind: str, width: int | None) -> None:
    encoder: Any
    if kind == "own":
        video = None if width is None else Video(width=width)
        encoder = EncoderConfiguration(stack, "Encoder", video=video)
    elif kind == "level1":
        level1 = None if width is None else {"width": width}
        encoder = aws_ivs.CfnEncoderConfiguration(stack, "Encoder", video=level1)
    else:
        encoder = EncoderConfiguration.from_encoder_configuration_arn(
            stack, "Encoder", "arn:aws:ivs:us-east-1:123456789012:encoder-configuration/AbCd"
        )
    CompositionAutomation(
        stack,
        "Automation",
        stage=aws_ivs.CfnStage(stack, "Stage"),
        layout=PipLayout(pip_width=1282),
        destinations=[
            S3Destination(
                storage_configuration=aws_ivs.CfnStorageConfiguration(
                    stack, "Storage", s3={"bucketName": "recordings"}
                ),
                encoder_configuration=encoder,
            )
        ],
    )

    # What an import makes is not known.
    expected = f"pip_width is 1282 pixels, and the picture has a width of {width or 1280}"
    found = warnings(stack)
    assert [each.partition(";")[0] for each in found] == ([] if kind == "import" else [expected])


def test_video_known_at_deploy_time_is_not_judged(stack: cdk.Stack) -> None:
    pixels = cdk.CfnParameter(stack, "Pixels", type="Number").value_as_number
    encoder = aws_ivs.CfnEncoderConfiguration(stack, "Encoder", video={"width": pixels})
    later = aws_ivs.CfnEncoderConfiguration(stack, "Later", video=cdk.Token.as_any({"width": 640}))
    storage = aws_ivs.CfnStorageConfiguration(stack, "Storage", s3={"bucketName": "recordings"})
    for each in (encoder, later):
        CompositionAutomation(
            stack,
            f"{each.node.id}Automation",
            stage=aws_ivs.CfnStage(stack, f"{each.node.id}Stage"),
            layout=PipLayout(pip_width=5000),
            destinations=[S3Destination(storage_configuration=storage, encoder_configuration=each)],
        )

    assert warnings(stack) == []


def test_channel_without_stream_key(stack: cdk.Stack, parts: Parts) -> None:
    channel = Channel(stack, "Own")
    CompositionAutomation(
        stack,
        "Automation",
        stage=parts.stage,
        destinations=[ChannelDestination(channel=channel)],
    )

    assert warnings(stack) == [
        "the channel has no stream key in this app, and Amazon IVS cannot broadcast a composition "
        f"to a channel without one; define it with channel.add_stream_key(...) [ack: {KEYLESS}]"
    ]


@pytest.mark.parametrize("key", ["ours", "level 1"])
def test_channel_whose_stream_key_comes_later(stack: cdk.Stack, parts: Parts, key: str) -> None:
    channel = Channel(stack, "Own")
    aws_ivs.CfnStreamKey(stack, "OfAnother", channel_arn=f"{ARN}:channel/Channel")
    CompositionAutomation(
        stack,
        "Automation",
        stage=parts.stage,
        destinations=[ChannelDestination(channel=channel)],
    )
    if key == "ours":
        channel.add_stream_key("Key")
    else:
        aws_ivs.CfnStreamKey(stack, "Key", channel_arn=channel.channel_arn)

    assert warnings(stack) == []


def test_stream_key_of_an_imported_channel_is_not_known(
    stack: cdk.Stack,
    ready: CompositionAutomation,  # noqa: ARG001 (it is in the stack)
) -> None:
    arn = cdk.CfnParameter(stack, "Arn").value_as_string
    CompositionAutomation(
        stack,
        "Later",
        stage=Stage.from_stage_arn(stack, "LaterStage", f"{ARN}:stage/Later"),
        destinations=[
            ChannelDestination(channel=Channel.from_channel_arn(stack, "LaterChannel", arn))
        ],
    )

    assert warnings(stack) == []


# What it costs others

LARGE = ("aws_events", "aws_stepfunctions", "aws_iam")


@pytest.mark.parametrize(
    ("home", "unwanted"),
    [
        ("realtime.stage", LARGE),
        ("patterns.live_stage", LARGE),
        ("realtime.values", LARGE),
        (
            "realtime.composition.composition_automation",
            ("aws_stepfunctions_tasks", "aws_events_targets", "aws_lambda"),
        ),
    ],
)
def test_import_loads_nothing_large(home: str, unwanted: tuple[str, ...]) -> None:
    loaded = loaded_by(f"import ivs_constructs.{home}")

    assert f"ivs_constructs.{home}" in loaded
    assert loaded.isdisjoint(f"aws_cdk.{each}" for each in unwanted)
