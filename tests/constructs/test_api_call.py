"""Calls of all operations as states, as targets of schedules and as grants."""

from __future__ import annotations

import doctest
import inspect
import json
from collections.abc import Callable, Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any, Literal

import aws_cdk as cdk
import pytest
from aws_cdk import aws_iam, aws_ivs, aws_scheduler, aws_sqs, aws_ssm
from aws_cdk import aws_stepfunctions as sfn
from aws_cdk import aws_stepfunctions_tasks as tasks
from aws_cdk.assertions import Annotations, Match, Template

import ivs_constructs as ivs
from ivs_constructs.operate._models import SERVICES, Operation, Shape, operations
from ivs_constructs.operate.api_call import ApiCall
from ivs_constructs.testing import Synthesized, synthesize
from tests.constructs.templates import of_type
from tests.programs import loaded_by

ROOT = Path(__file__).resolve().parents[2]
ARN = "arn:aws:ivs:us-west-2:123456789012"
CHANNEL = f"{ARN}:channel/AbCd"
STAGE = f"{ARN}:stage/AbCd"
ENCODER = f"{ARN}:encoder-configuration/AbCd"
STORAGE = f"{ARN}:storage-configuration/AbCd"
SCHEDULED = "<aws.scheduler.scheduled-time>"
PEM = "-----BEGIN PUBLIC KEY-----\nAAAA\n-----END PUBLIC KEY-----\n"

ALL = [each for service in SERVICES for each in operations(service).values()]
CHANGING = [each for each in ALL if not each.name.startswith(("Get", "List", "BatchGet"))]


def title(operation: Operation) -> str:
    return f"{operation.service} {operation.name}"


# Parameters from the model, written as the API has them and as they are expected in states


def sample(shape: Shape, *, full: bool) -> tuple[Any, Any]:
    """A value that the API takes, and the same with the names in PascalCase."""
    match shape.type:
        case "structure":
            names = shape.members if full else shape.required
            parts = {name: sample(shape.members[name], full=full) for name in names}
            return (
                {name: given for name, (given, _) in parts.items()},
                {name[0].upper() + name[1:]: wire for name, (_, wire) in parts.items()},
            )
        case "list":
            given, wire = sample(shape.part("member"), full=full)
            return [given], [wire]
        case "map":
            return {"myName": "my value"}, {"myName": "my value"}
        case "string":
            text = sample_text(shape.name, shape.facts)
            return text, text
        case "boolean":
            return True, True
        case "timestamp":
            return "2026-11-21T20:15:00Z", "2026-11-21T20:15:00Z"
        case _:
            return shape.facts.get("min", 1), shape.facts.get("min", 1)


def sample_text(name: str, facts: Any) -> str:  # noqa: ANN401 (JSON)
    pattern: str = facts.get("pattern", "")
    if "mediatailor" in pattern:
        return "arn:aws:mediatailor:us-west-2:123456789012:playbackConfiguration/ads"
    if "arn:" in pattern:
        kind = pattern.split("[0-9]+:")[1].split("/")[0]
        return f"{ARN}:{'channel' if kind == '[a-z-]' else kind}/AbCd"
    if "enum" in facts:
        return str(facts["enum"][0])
    if name == "PublicKeyMaterial":
        return PEM
    prefix = "st-" if pattern.startswith("st-") else ""
    length: int = facts.get("min", 1)
    return prefix + "a" * (max(length, 1) - len(prefix))


def call_of(operation: Operation, *, full: bool = False) -> tuple[ApiCall, dict[str, Any]]:
    given, wire = sample(operation.input, full=full)
    service: Any = operation.service
    return ApiCall(service, operation.name, **given), wire


# What stands in templates


def definition(stack: cdk.Stack, state: sfn.State) -> dict[str, Any]:
    """A state as Amazon States Language has it, with what is known only later as text."""
    text = cdk.Stack.of(stack).to_json_string(state.to_state_json())
    resolved: Any = stack.resolve(text)
    if isinstance(resolved, dict):
        parts = resolved["Fn::Join"][1]
        resolved = "".join(
            part if isinstance(part, str) else "<" + ".".join(flat(part)) + ">" for part in parts
        )
    written: dict[str, Any] = json.loads(resolved)
    return written


def flat(reference: Any) -> Iterator[str]:  # noqa: ANN401 (JSON)
    if isinstance(reference, str):
        yield reference
    else:
        values = reference.values() if isinstance(reference, dict) else reference
        for value in values:
            yield from flat(value)


def all_there(kind: str) -> dict[str, Any]:
    """All of a type in the Region and account of the ARNs that a call names."""
    place = ARN.removeprefix("arn:aws")
    return {"Fn::Join": ["", ["arn:", {"Ref": "AWS::Partition"}, f"{place}:{kind}/*"]]}


def all_of(kind: str) -> dict[str, Any]:
    parts = [
        "arn:",
        {"Ref": "AWS::Partition"},
        ":ivs:",
        {"Ref": "AWS::Region"},
        ":",
        {"Ref": "AWS::AccountId"},
        f":{kind}/*",
    ]
    return {"Fn::Join": ["", parts]}


SETS_TAGS = ("ivs:TagResource", "ivs:UntagResource")


def statements(template: Synthesized) -> list[tuple[Any, Any]]:
    """All actions of IVS that the policies allow, with the resources; wildcards with reasons."""
    found = []
    for policy in of_type(template, "AWS::IAM::Policy").values():
        reasons = policy.get("Metadata", {}).get("ivs-constructs", {})
        for each in policy["Properties"]["PolicyDocument"]["Statement"]:
            assert each["Effect"] == "Allow"
            assert ("Condition" in each) == (each["Action"] in SETS_TAGS)
            assert ("Sid" in each) == ("*" in json.dumps(each["Resource"]))
            assert "Sid" not in each or reasons[each["Sid"]]
            found.append((each["Action"], each["Resource"]))
    return found


def granted(call: ApiCall) -> list[tuple[Any, Any]]:
    """What a grant to a role of its own brings."""
    stack = cdk.Stack(cdk.App(), "Stack")
    grant = call.grant(aws_iam.Role(stack, "Role", assumed_by=aws_iam.AccountRootPrincipal()))
    assert grant.success
    return statements(synthesize(stack))


# Which types IAM asks for, from the service authorization reference, written from the type's side

ON = {
    "ad-configuration": "Create Delete Get",
    "composition": "Get Stop",
    "encoder-configuration": "Create Delete Get",
    "failover-slate-configuration": "Create Delete Get Update",
    "ingest-configuration": "Create Delete Get Update",
    "playback-key": "Delete Get Import List",
    "playback-restriction-policy": "Create Delete Get Update",
    "public-key": "Delete Get Import",
    "recording-configuration": "Create Delete Get List",
    "storage-configuration": "Create Delete Get",
}
NOUNS = {"playback-key": "playback-key-pair"}
OTHERS = {
    "channel": """
        BatchGetChannel BatchStartViewerSessionRevocation CreateChannel DeleteChannel GetChannel
        GetStream GetStreamSession InsertAdBreak ListChannels ListStreamKeys ListStreamSessions
        ListStreams PutMetadata StartViewerSessionRevocation StopStream UpdateChannel
    """,
    "stream-key": """
        BatchGetStreamKey CreateChannel CreateStreamKey DeleteChannel DeleteStreamKey GetStreamKey
        ListStreamKeys
    """,
    "stage": """
        CreateParticipantToken CreateStage DeleteStage DisconnectParticipant GetParticipant
        GetStage GetStageSession ListCompositions ListParticipantEvents ListParticipantReplicas
        ListParticipants ListStageSessions ListStages StartComposition StartParticipantReplication
        StopParticipantReplication UpdateStage
    """,
    "encoder-configuration": "ListCompositions StartComposition",
}
ANYTHING = {
    "ListAdConfigurations",
    "ListEncoderConfigurations",
    "ListFailoverSlateConfigurations",
    "ListIngestConfigurations",
    "ListPlaybackRestrictionPolicies",
    "ListPublicKeys",
    "ListStorageConfigurations",
    "RevokeConnectionToken",
    "UpdateAdConfiguration",
}
TAGGING = {"ListTagsForResource", "TagResource", "UntagResource"}


def types_of(name: str) -> list[str]:
    found = [kind for kind, names in OTHERS.items() if name in names.split()]
    for kind, verbs in ON.items():
        noun = "".join(word.capitalize() for word in NOUNS.get(kind, kind).split("-"))
        found += [kind for verb in verbs.split() if name in (f"{verb}{noun}", f"{verb}{noun}s")]
    return found


def expected_resources(name: str, given: dict[str, Any]) -> Any:  # noqa: ANN401 (JSON)
    if name in TAGGING:
        return CHANNEL
    if name in ANYTHING:
        return "*"
    named = json.dumps(given)
    others = all_there if f"{ARN}:" in named else all_of
    resources = [
        f"{ARN}:{kind}/AbCd" if f":{kind}/AbCd" in named else others(kind)
        for kind in types_of(name)
    ]
    return resources[0] if len(resources) == 1 else resources


def in_order(resources: Any) -> Any:  # noqa: ANN401 (JSON)
    return sorted(resources, key=str) if isinstance(resources, list) else resources


@pytest.mark.parametrize("name", sorted({each.name for each in ALL}))
def test_expectation_covers_every_operation(name: str) -> None:
    assert sum([name in TAGGING, name in ANYTHING, bool(types_of(name))]) == 1


# All operations


@pytest.fixture(scope="module")
def one_stack() -> cdk.Stack:
    return cdk.Stack(cdk.App(), "Stack")


@pytest.mark.parametrize("full", [False, True], ids=["minimal", "full"])
@pytest.mark.parametrize("operation", ALL, ids=title)
def test_state_of_every_operation(one_stack: cdk.Stack, operation: Operation, full: bool) -> None:
    call, wire = call_of(operation, full=full)

    state = call.as_state(one_stack, f"{title(operation)} {full}")

    name = operation.service.replace("-", "")
    action = operation.name[0].lower() + operation.name[1:]
    assert definition(one_stack, state) == {
        "Type": "Task",
        "End": True,
        "Resource": f"arn:<AWS::Partition>:states:::aws-sdk:{name}:{action}",
        "Parameters": wire,
    }


@pytest.fixture(scope="module")
def scheduled() -> dict[str, Any]:
    """The targets of all operations that a schedule can call, by the schedule's description."""
    stack = cdk.Stack(cdk.App(), "Stack")
    role = aws_iam.Role(stack, "Role", assumed_by=aws_iam.AccountRootPrincipal())
    for operation in CHANGING:
        aws_scheduler.Schedule(
            stack,
            title(operation),
            description=title(operation),
            schedule=aws_scheduler.ScheduleExpression.rate(cdk.Duration.hours(1)),
            target=call_of(operation)[0].as_schedule_target(role=role),
        )
    template = synthesize(stack)
    found = of_type(template, "AWS::Scheduler::Schedule").values()
    targets = {each["Properties"]["Description"]: each["Properties"]["Target"] for each in found}
    return {"allowed": statements(template), **targets}


@pytest.mark.parametrize("operation", CHANGING, ids=title)
def test_schedule_of_every_operation_that_changes_something(
    scheduled: dict[str, Any], operation: Operation
) -> None:
    target = scheduled[title(operation)]
    wire = call_of(operation)[1]

    name = operation.service.replace("-", "")
    action = operation.name[0].lower() + operation.name[1:]
    parts = ["arn:", {"Ref": "AWS::Partition"}, f":scheduler:::aws-sdk:{name}:{action}"]
    assert target["Arn"] == {"Fn::Join": ["", parts]}
    assert json.loads(target["Input"]) == wire


def test_schedules_may_do_what_they_call_and_nothing_else(scheduled: dict[str, Any]) -> None:
    assert {action for action, _ in scheduled["allowed"]} == {
        f"ivs:{each.name}" for each in CHANGING
    }
    assert {action for action, resources in scheduled["allowed"] if resources == "*"} == {
        "ivs:RevokeConnectionToken",
        "ivs:UpdateAdConfiguration",
    }


@pytest.mark.parametrize("operation", [each for each in ALL if each not in CHANGING], ids=title)
def test_fails_when_a_schedule_is_to_read(operation: Operation) -> None:
    call = call_of(operation)[0]

    with pytest.raises(ivs.InvalidPropertyError) as caught:
        call.as_schedule_target()
    assert str(caught.value) == (
        "ApiCall has 1 invalid property:\n"
        f"  - operation must change something to be called by a schedule, got '{operation.name}'; "
        "call it with as_state in a state machine"
    )


@pytest.mark.parametrize("operation", ALL, ids=title)
def test_grant_of_every_operation(operation: Operation) -> None:
    call, wire = call_of(operation)

    ((action, resources),) = granted(call)
    expected = expected_resources(operation.name, wire)
    assert action == f"ivs:{operation.name}"
    assert in_order(resources) == in_order(expected)


# States


def test_state_puts_metadata(stack: cdk.Stack) -> None:
    channel = ivs.Channel(stack, "Channel")
    call = ApiCall(
        "ivs", "PutMetadata", channel_arn=channel, metadata=sfn.JsonPath.string_at("$.text")
    )

    state = call.as_state(stack, "State", result_path=sfn.JsonPath.DISCARD, comment="why")
    sfn.StateMachine(stack, "Machine", definition_body=sfn.DefinitionBody.from_chainable(state))

    assert isinstance(state, tasks.CallAwsService)
    logical_id = stack.get_logical_id(channel.node.default_child)  # type: ignore[arg-type]  # IConstruct
    assert definition(stack, state) == {
        "Type": "Task",
        "End": True,
        "Comment": "why",
        "ResultPath": None,
        "Resource": "arn:<AWS::Partition>:states:::aws-sdk:ivs:putMetadata",
        "Parameters": {"ChannelArn": f"<{logical_id}.Arn>", "Metadata.$": "$.text"},
    }
    assert statements(synthesize(stack)) == [
        ("ivs:PutMetadata", {"Fn::GetAtt": [logical_id, "Arn"]})
    ]


def test_state_stops_a_stream_of_a_level1_channel(stack: cdk.Stack) -> None:
    channel = aws_ivs.CfnChannel(stack, "Channel")

    state = ApiCall("ivs", "StopStream", channel_arn=channel).as_state(stack, "State")

    assert definition(stack, state)["Parameters"] == {"ChannelArn": "<Channel>"}


def test_state_inserts_an_ad_break(stack: cdk.Stack) -> None:
    call = ApiCall(
        "ivs",
        "InsertAdBreak",
        channel_arn=CHANNEL,
        duration_seconds=sfn.JsonPath.number_at("$.seconds"),
        target_start_at="2026-11-21T21:15:00+01:00",
    )

    assert definition(stack, call.as_state(stack, "State"))["Parameters"] == {
        "ChannelArn": CHANNEL,
        "DurationSeconds.$": "$.seconds",
        "TargetStartAt": "2026-11-21T20:15:00Z",
    }


def test_state_revokes_sessions(stack: cdk.Stack) -> None:
    call = ApiCall(
        "ivs",
        "BatchStartViewerSessionRevocation",
        viewer_sessions=[
            {
                "channel_arn": CHANNEL,
                "viewer_id": sfn.JsonPath.string_at("$.viewer"),
                "viewerSessionVersionsLessThanOrEqualTo": 3,
            }
        ],
    )

    assert definition(stack, call.as_state(stack, "State"))["Parameters"] == {
        "ViewerSessions": [
            {
                "ChannelArn": CHANNEL,
                "ViewerId.$": "$.viewer",
                "ViewerSessionVersionsLessThanOrEqualTo": 3,
            }
        ]
    }


def composition(**more: object) -> ApiCall:
    return ApiCall(
        "ivs-realtime",
        "StartComposition",
        stage_arn=STAGE,
        layout={"pip": {"pip_position": "TOP_LEFT", "gridGap": 4}},
        destinations=[
            {"channel": {"channel_arn": CHANNEL, "encoder_configuration_arn": ENCODER}},
            {"s3": {"storageConfigurationArn": STORAGE, "encoderConfigurationArns": [ENCODER]}},
        ],
        **more,
    )


def test_state_starts_a_composition(stack: cdk.Stack) -> None:
    call = composition(idempotency_token=sfn.JsonPath.string_at("$$.Execution.Name"))

    assert definition(stack, call.as_state(stack, "State")) == {
        "Type": "Task",
        "End": True,
        "Resource": "arn:<AWS::Partition>:states:::aws-sdk:ivsrealtime:startComposition",
        "Parameters": {
            "StageArn": STAGE,
            "IdempotencyToken.$": "$$.Execution.Name",
            "Layout": {"Pip": {"PipPosition": "TOP_LEFT", "GridGap": 4}},
            "Destinations": [
                {"Channel": {"ChannelArn": CHANNEL, "EncoderConfigurationArn": ENCODER}},
                {"S3": {"StorageConfigurationArn": STORAGE, "EncoderConfigurationArns": [ENCODER]}},
            ],
        },
    }


def test_state_in_jsonata(stack: cdk.Stack) -> None:
    call = ApiCall("ivs", "StopStream", channel_arn="{% $states.input.channel %}")
    state = call.as_state(
        stack, "State", query_language=sfn.QueryLanguage.JSONATA, assign={"done": True}
    )
    sfn.StateMachine(stack, "Machine", definition_body=sfn.DefinitionBody.from_chainable(state))

    written = definition(stack, state)
    assert written["QueryLanguage"] == "JSONata"
    assert written["Arguments"] == {"ChannelArn": "{% $states.input.channel %}"}
    assert written["Assign"] == {"done": True}
    assert statements(synthesize(stack)) == [("ivs:StopStream", all_of("channel"))]


def test_state_takes_the_options_of_the_cdk(stack: cdk.Stack) -> None:
    role = aws_iam.Role(stack, "Role", assumed_by=aws_iam.AccountRootPrincipal())
    state = ApiCall("ivs", "StopStream", channel_arn=CHANNEL).as_state(
        stack,
        "State",
        state_name="Stop",
        input_path="$.in",
        output_path="$.out",
        result_selector={"Id.$": "$.Id"},
        credentials=sfn.Credentials(role=sfn.TaskRole.from_role(role)),
        task_timeout=sfn.Timeout.duration(cdk.Duration.seconds(9)),
        heartbeat_timeout=sfn.Timeout.duration(cdk.Duration.seconds(5)),
        integration_pattern=sfn.IntegrationPattern.WAIT_FOR_TASK_TOKEN,
    )

    written = definition(stack, state)
    assert state.state_id == "Stop"
    assert written.pop("Credentials")["RoleArn"].startswith("<Role")
    assert written == {
        "Type": "Task",
        "End": True,
        "InputPath": "$.in",
        "OutputPath": "$.out",
        "ResultSelector": {"Id.$": "$.Id"},
        "TimeoutSeconds": 9,
        "HeartbeatSeconds": 5,
        "Resource": "arn:<AWS::Partition>:states:::aws-sdk:ivs:stopStream.waitForTaskToken",
        "Parameters": {"ChannelArn": CHANNEL},
    }


def test_state_passes_outputs_on(stack: cdk.Stack) -> None:
    state = ApiCall("ivs", "StopStream", channel_arn=CHANNEL).as_state(
        stack, "State", query_language=sfn.QueryLanguage.JSONATA, outputs={"a": 1}
    )

    assert definition(stack, state)["Output"] == {"a": 1}


def test_state_has_all_options_of_the_cdk() -> None:
    ours = inspect.signature(ApiCall.as_state).parameters.keys() - {"self"}
    theirs = inspect.signature(tasks.CallAwsService.__init__).parameters.keys() - {"self"}

    of_this_class = {
        "action",
        "service",
        "parameters",
        "iam_action",
        "iam_resources",
        "additional_iam_statements",
    }
    replaced_by_others = {"heartbeat", "timeout"}
    assert ours == theirs - of_this_class - replaced_by_others


def test_fails_when_a_state_has_an_attribute_of_the_scheduler(stack: cdk.Stack) -> None:
    call = composition(tags={"at": SCHEDULED}, idempotency_token="<aws.scheduler.execution-id>")  # noqa: S106 (no secret, a name)

    with pytest.raises(ivs.InvalidPropertyError) as caught:
        call.as_state(stack, "State")
    assert str(caught.value) == (
        "ApiCall has 2 invalid properties:\n"
        f"  - tags must not have {SCHEDULED} in a state, because only EventBridge Scheduler fills "
        "it in; pass a value or a path\n"
        "  - idempotency_token must not have <aws.scheduler.execution-id> in a state, because only "
        "EventBridge Scheduler fills it in; pass a value or a path"
    )
    assert stack.node.try_find_child("State") is None


@pytest.mark.parametrize(
    ("service", "operation", "parameters", "told"),
    [
        (
            "ivs",
            "CreateChannel",
            {},
            "CreateChannel answers with a secret (Channel.Srt.Passphrase, StreamKey.Value)",
        ),
        (
            "ivs-realtime",
            "CreateParticipantToken",
            {"stage_arn": STAGE},
            "CreateParticipantToken answers with a secret (ParticipantToken.Token)",
        ),
        (
            "ivs",
            "BatchGetStreamKey",
            {"arns": [f"{ARN}:stream-key/a"]},
            "BatchGetStreamKey answers with a secret (StreamKeys[].Value)",
        ),
    ],
)
def test_state_warns_of_secrets(
    stack: cdk.Stack,
    service: Literal["ivs", "ivs-realtime"],
    operation: str,
    parameters: dict[str, Any],
    told: str,
) -> None:
    ApiCall(service, operation, **parameters).as_state(stack, "State")

    Annotations.from_stack(stack).has_warning(
        "/Stack/State",
        f"{told}, which stays in the execution history of the state machine; make the call in a "
        "function instead [ack: ivs-constructs:secret-in-execution-history]",
    )


def test_state_without_secrets_warns_of_nothing(stack: cdk.Stack) -> None:
    ApiCall("ivs", "PutMetadata", channel_arn=CHANNEL, metadata="x").as_state(stack, "Put")
    ApiCall("ivs", "GetStream", channel_arn=CHANNEL).as_state(stack, "Get")

    assert Annotations.from_stack(stack).find_warning("*", Match.any_value()) == []


@pytest.mark.parametrize("text", ["$.text", "$$.Execution.Id", "$['text']", "$[0]"])
def test_state_warns_of_a_path_that_is_not_marked(stack: cdk.Stack, text: str) -> None:
    ApiCall("ivs", "PutMetadata", channel_arn=CHANNEL, metadata=text).as_state(stack, "Put")

    Annotations.from_stack(stack).has_warning(
        "/Stack/Put",
        "metadata looks like a Step Functions path, but is sent literally; if a path is meant, "
        "write sfn.JsonPath.string_at(...) around it "
        "[ack: ivs-constructs:path-as-text]",
    )


@pytest.mark.parametrize(
    "text",
    [
        "$5.00",
        "$",
        "$.50 off",
        "only $.50",
        "{% $states.input.text %}",
        cdk.Aws.STACK_NAME,
        sfn.JsonPath.string_at("$.text"),
    ],
)
def test_state_does_not_warn_of_other_texts(stack: cdk.Stack, text: str) -> None:
    ApiCall("ivs", "PutMetadata", channel_arn=CHANNEL, metadata=text).as_state(stack, "Put")

    assert Annotations.from_stack(stack).find_warning("*", Match.any_value()) == []


@pytest.mark.parametrize(
    "text", ["x" * 1024, "ä" * 512, f"{cdk.Aws.STACK_NAME}{'x' * 2000}", f"{{% '{'x' * 2000}' %}}"]
)
def test_metadata_as_long_as_it_may_be(text: str) -> None:
    assert ApiCall("ivs", "PutMetadata", channel_arn=CHANNEL, metadata=text)


@pytest.mark.parametrize(("text", "size"), [("x" * 1025, 1025), ("ä" * 513, 1026)])
def test_metadata_that_is_too_long(text: str, size: int) -> None:
    with pytest.raises(ivs.InvalidPropertyError) as caught:
        ApiCall("ivs", "PutMetadata", channel_arn=CHANNEL, metadata=text)

    assert str(caught.value) == (
        "ApiCall has 1 invalid property:\n  - metadata must have at most 1024 bytes of UTF-8, got "
        f"{size} bytes; shorten it by {size - 1024}"
    )


# Schedules


def schedule(stack: cdk.Stack, call: ApiCall, **options: Any) -> Synthesized:  # noqa: ANN401 (any value will do)
    aws_scheduler.Schedule(
        stack,
        "Schedule",
        schedule=aws_scheduler.ScheduleExpression.rate(cdk.Duration.hours(1)),
        target=call.as_schedule_target(**options),
    )
    return synthesize(stack)


def target_of(template: Synthesized) -> dict[str, Any]:
    found = template.one("AWS::Scheduler::Schedule").definition
    target: dict[str, Any] = found["Properties"]["Target"]
    return target


def test_schedule_puts_metadata(stack: cdk.Stack) -> None:
    channel = ivs.Channel(stack, "Channel")
    call = ApiCall("ivs", "PutMetadata", channel_arn=channel, metadata=f"at {SCHEDULED}")

    template = schedule(stack, call)

    logical_id = stack.get_logical_id(channel.node.default_child)  # type: ignore[arg-type]  # IConstruct
    arn = {"Fn::GetAtt": [logical_id, "Arn"]}
    target = target_of(template)
    assert target["Input"] == {
        "Fn::Join": [
            "",
            ['{"ChannelArn":"', arn, f'","Metadata":"at {SCHEDULED}"}}'],
        ]
    }
    assert target["RetryPolicy"] == {"MaximumEventAgeInSeconds": 86400, "MaximumRetryAttempts": 185}
    assert statements(template) == [("ivs:PutMetadata", arn)]
    assert Annotations.from_stack(stack).find_warning("*", Match.any_value()) == []


def test_schedule_starts_a_composition_once(stack: cdk.Stack) -> None:
    call = composition(idempotency_token="<aws.scheduler.execution-id>")  # noqa: S106 (no secret, a name)

    target = target_of(schedule(stack, call))

    assert json.loads(target["Input"])["IdempotencyToken"] == "<aws.scheduler.execution-id>"


def test_schedule_takes_the_options_of_the_cdk(stack: cdk.Stack) -> None:
    role = aws_iam.Role(stack, "Role", assumed_by=aws_iam.AccountRootPrincipal())
    queue = aws_sqs.Queue(stack, "Queue")

    template = schedule(
        stack,
        ApiCall("ivs", "StopStream", channel_arn=CHANNEL),
        role=role,
        dead_letter_queue=queue,
        max_event_age=cdk.Duration.minutes(5),
        retry_attempts=2,
    )

    target = target_of(template)
    assert target["RoleArn"] == stack.resolve(role.role_arn)
    assert target["DeadLetterConfig"] == {"Arn": stack.resolve(queue.queue_arn)}
    assert target["RetryPolicy"] == {"MaximumEventAgeInSeconds": 300, "MaximumRetryAttempts": 2}
    assert statements(template) == [
        ("ivs:StopStream", CHANNEL),
        ("sqs:SendMessage", stack.resolve(queue.queue_arn)),
    ]


def test_fails_when_a_schedule_has_the_input_of_a_state_machine() -> None:
    call = ApiCall(
        "ivs",
        "BatchStartViewerSessionRevocation",
        viewer_sessions=[{"channel_arn": CHANNEL, "viewer_id": sfn.JsonPath.string_at("$.id")}],
    )
    other = ApiCall(
        "ivs", "PutMetadata", channel_arn=sfn.JsonPath.string_at("$.c"), metadata="{%x%}"
    )

    for each, names in ((call, ["viewer_sessions"]), (other, ["channel_arn", "metadata"])):
        with pytest.raises(ivs.InvalidPropertyError) as caught:
            each.as_schedule_target()
        assert [failure.message for failure in caught.value.failures] == [
            f"{name} must not come from the input of a state machine, which a schedule lacks; pass "
            "a value"
            for name in names
        ]


@pytest.mark.parametrize(
    "items",
    [sfn.JsonPath.list_at("$.arns"), sfn.JsonPath.object_at("$.arns"), [sfn.JsonPath.uuid()]],
    ids=["list", "object", "function"],
)
def test_fails_when_a_schedule_has_any_path(items: Any) -> None:  # noqa: ANN401 (tokens)
    call = ApiCall("ivs", "UntagResource", resource_arn=CHANNEL, tag_keys=items)

    with pytest.raises(ivs.InvalidPropertyError, match="tag_keys must not come from the input"):
        call.as_schedule_target()


def test_schedule_takes_deploy_time_values(stack: cdk.Stack) -> None:
    keys = cdk.CfnParameter(stack, "Keys", type="CommaDelimitedList").value_as_list
    call = ApiCall("ivs", "UntagResource", resource_arn=CHANNEL, tag_keys=keys)

    assert "Ref" in json.dumps(target_of(schedule(stack, call))["Input"])


# Grants


def test_grant_of_a_composition_names_all_four() -> None:
    assert granted(composition()) == [("ivs:StartComposition", [ENCODER, STAGE, CHANNEL, STORAGE])]


def test_grant_of_a_composition_to_a_channel_alone() -> None:
    call = ApiCall(
        "ivs-realtime",
        "StartComposition",
        stage_arn=STAGE,
        destinations=[{"channel": {"channel_arn": CHANNEL}}],
    )

    assert granted(call) == [
        ("ivs:StartComposition", [all_there("encoder-configuration"), STAGE, CHANNEL])
    ]


def test_grant_of_a_composition_with_destinations_from_the_input() -> None:
    call = ApiCall(
        "ivs-realtime",
        "StartComposition",
        stage_arn=STAGE,
        destinations=sfn.JsonPath.object_at("$.destinations"),
    )

    kinds = ("encoder-configuration", "stage", "channel", "storage-configuration")
    assert granted(call) == [
        ("ivs:StartComposition", [STAGE if kind == "stage" else all_there(kind) for kind in kinds])
    ]


def test_grant_with_tags_allows_tagging_what_is_made() -> None:
    tags = {"team": "video"}

    assert granted(composition(tags=tags))[1:] == [("ivs:TagResource", all_there("composition"))]
    both = [all_of("channel"), all_of("stream-key")]
    assert granted(ApiCall("ivs", "CreateChannel", tags=tags)) == [
        ("ivs:CreateChannel", both),
        ("ivs:TagResource", both),
    ]
    assert granted(ApiCall("ivs", "TagResource", resource_arn=CHANNEL, tags=tags)) == [
        ("ivs:TagResource", CHANNEL)
    ]


def conditions(stack: cdk.Stack, call: ApiCall) -> dict[str, Any]:
    """The condition of what allows to tag."""
    role = aws_iam.Role(stack, "Role", assumed_by=aws_iam.AccountRootPrincipal())
    call.grant(role)
    [found] = [
        each["Condition"]
        for policy in of_type(synthesize(stack), "AWS::IAM::Policy").values()
        for each in policy["Properties"]["PolicyDocument"]["Statement"]
        if each["Action"] in SETS_TAGS
    ]
    return dict(found)


NOT_OURS = {
    "ForAllValues:StringNotLike": {"aws:TagKeys": ["ivs-constructs:*"]},
    "Null": {
        "aws:RequestTag/ivs-constructs:automation": "true",
        "aws:RequestTag/ivs-constructs:fleet": "true",
        "aws:RequestTag/ivs-constructs:stack": "true",
    },
}


@pytest.mark.parametrize(
    ("call", "expected"),
    [
        pytest.param(
            lambda: ApiCall("ivs-realtime", "CreateStage", tags={"team": "video", "a": "${b}"}),
            {
                "ForAllValues:StringEquals": {"aws:TagKeys": ["a", "team"]},
                "StringEquals": {"aws:RequestTag/team": "video", "aws:RequestTag/a": "${$}{b}"},
            },
            id="given",
        ),
        pytest.param(
            lambda: ApiCall("ivs", "CreateChannel", tags={"a": f"${{b}}{cdk.Aws.REGION}"}),
            {
                "ForAllValues:StringEquals": {"aws:TagKeys": ["a"]},
                "StringEquals": {
                    "aws:RequestTag/a": {"Fn::Join": ["", ["${$}{b}", {"Ref": "AWS::Region"}]]}
                },
            },
            id="beside a deploy-time value",
        ),
        pytest.param(
            lambda: composition(tags={"by": sfn.JsonPath.string_at("$.user"), "at": SCHEDULED}),
            {"ForAllValues:StringEquals": {"aws:TagKeys": ["at", "by"]}},
            id="values at run time",
        ),
        pytest.param(
            lambda: composition(tags=sfn.JsonPath.object_at("$.tags")), NOT_OURS, id="unknown"
        ),
        pytest.param(
            lambda: ApiCall("ivs", "TagResource", resource_arn=CHANNEL), NOT_OURS, id="none told"
        ),
        pytest.param(
            lambda: ApiCall("ivs", "UntagResource", resource_arn=CHANNEL, tag_keys=["team"]),
            {"ForAllValues:StringEquals": {"aws:TagKeys": ["team"]}},
            id="removed",
        ),
        pytest.param(
            lambda: ApiCall(
                "ivs",
                "UntagResource",
                resource_arn=CHANNEL,
                tag_keys=[sfn.JsonPath.string_at("$.key")],
            ),
            NOT_OURS,
            id="removed at run time",
        ),
        pytest.param(
            lambda: ApiCall(
                "ivs", "UntagResource", resource_arn=CHANNEL, tag_keys=[cdk.Aws.REGION]
            ),
            {
                "ForAllValues:StringEquals": {"aws:TagKeys": [{"Ref": "AWS::Region"}]},
                **NOT_OURS,
            },
            id="removed by a key known at deploy time",
        ),
    ],
)
def test_tags_may_be_set_as_given(
    stack: cdk.Stack, call: Callable[[], ApiCall], expected: dict[str, Any]
) -> None:
    found = conditions(stack, call())
    # One key alone is written without a list.
    for each in found.values():
        if isinstance(each.get("aws:TagKeys"), str):
            each["aws:TagKeys"] = [each["aws:TagKeys"]]
    assert found == expected


@pytest.mark.parametrize(
    "key", ["ivs-constructs:stack", "IVS-Constructs:Automation", "ivs-con\u017ftructs:fleet"]
)
def test_tags_of_this_library_are_refused(key: str) -> None:
    message = "must not have keys that start with ivs-constructs:"
    with pytest.raises(ivs.InvalidPropertyError, match=f"tags {message}"):
        ApiCall("ivs-realtime", "CreateStage", tags={key: "x"})
    with pytest.raises(ivs.InvalidPropertyError, match=f"tag_keys {message}"):
        ApiCall("ivs", "UntagResource", resource_arn=CHANNEL, tag_keys=["team", key])


def test_keys_that_step_functions_evaluates_are_refused() -> None:
    with pytest.raises(ivs.InvalidPropertyError) as raised:
        ApiCall(
            "ivs-realtime",
            "CreateParticipantToken",
            stage_arn=STAGE,
            attributes={"name.$": "$.secret"},
        )

    assert str(raised.value).splitlines()[1:] == [
        "  - attributes must not have keys that end with .$, whose values Step Functions "
        "evaluates, got 'name.$'; rename it, and mark a path as sfn.JsonPath.string_at(...)"
    ]


def test_grant_needs_no_values_of_run_time(stack: cdk.Stack) -> None:
    assert granted(ApiCall("ivs-realtime", "CreateParticipantToken")) == [
        ("ivs:CreateParticipantToken", all_of("stage"))
    ]
    assert granted(ApiCall("ivs", "PutMetadata", channel_arn=CHANNEL)) == [
        ("ivs:PutMetadata", CHANNEL)
    ]
    call = ApiCall("ivs", "PutMetadata", channel_arn=CHANNEL)
    for use in (lambda: call.as_state(stack, "State"), call.as_schedule_target):
        with pytest.raises(ivs.InvalidPropertyError, match="metadata is required; give a value"):
            use()


def test_grant_of_a_list_has_its_reason(stack: cdk.Stack) -> None:
    role = aws_iam.Role(stack, "Role", assumed_by=aws_iam.AccountRootPrincipal())

    ApiCall("ivs", "ListStreams").grant(role)
    ApiCall("ivs-realtime", "ListPublicKeys").grant(role)

    policy = synthesize(stack).one("AWS::IAM::Policy").definition
    assert list(policy["Metadata"]["ivs-constructs"].values()) == [
        "ListStreams looks at every channel of the account and Region",
        "IAM has no resource type for this action",
    ]


def test_values_of_this_library_are_taken() -> None:
    storage, encoder = f"{ARN}:storage-configuration/S", f"{ARN}:encoder-configuration/E"
    stage_calls = ApiCall(
        "ivs-realtime",
        "CreateStage",
        auto_participant_recording_configuration=ivs.AutoParticipantRecording(
            storage_configuration=reference("storage_configuration", storage),
            recording_reconnect_window=cdk.Duration.seconds(60),
            target_segment_duration=cdk.Duration.seconds(4),
            thumbnail_configuration=ivs.ParticipantThumbnailConfiguration.interval(
                target_interval=cdk.Duration.seconds(5)
            ),
        ),
    )
    composed = ApiCall(
        "ivs-realtime",
        "StartComposition",
        stage_arn=STAGE,
        layout=ivs.GridLayout(featured_participant_attribute="host"),
        destinations=[
            ivs.ChannelDestination(channel=reference("channel", CHANNEL), name="air"),
            ivs.S3Destination(
                storage_configuration=reference("storage_configuration", storage),
                encoder_configuration=reference("encoder_configuration", encoder),
                target_segment_duration=cdk.Duration.seconds(3),
                thumbnail_configuration=ivs.CompositionThumbnailConfiguration(),
            ),
        ],
    )

    assert parameters(stage_calls)["AutoParticipantRecordingConfiguration"] == {
        "StorageConfigurationArn": storage,
        "RecordingReconnectWindowSeconds": 60,
        "HlsConfiguration": {"TargetSegmentDurationSeconds": 4},
        "ThumbnailConfiguration": {"RecordingMode": "INTERVAL", "TargetIntervalSeconds": 5},
    }
    assert parameters(composed) == {
        "StageArn": STAGE,
        "Layout": {"Grid": {"FeaturedParticipantAttribute": "host"}},
        "Destinations": [
            {"Name": "air", "Channel": {"ChannelArn": CHANNEL}},
            {
                "S3": {
                    "StorageConfigurationArn": storage,
                    "EncoderConfigurationArns": [encoder],
                    "RecordingConfiguration": {
                        "HlsConfiguration": {"TargetSegmentDurationSeconds": 3}
                    },
                    "ThumbnailConfigurations": [{}],
                }
            },
        ],
    }
    tracks = ivs.MultitrackInputConfiguration(maximum_resolution="HD", policy="ALLOW")
    channel = ApiCall("ivs", "CreateChannel", multitrack_input_configuration=tracks)
    assert parameters(channel)["MultitrackInputConfiguration"] == {
        "Enabled": True,
        "MaximumResolution": "HD",
        "Policy": "ALLOW",
    }


def test_values_of_this_library_fit_where_they_belong_only() -> None:
    with pytest.raises(ivs.InvalidPropertyError, match="is not a member of video"):
        ApiCall("ivs-realtime", "CreateEncoderConfiguration", video=ivs.GridLayout(grid_gap=2))


def parameters(call: ApiCall) -> dict[str, Any]:
    """What the call gives to the API."""
    stack = cdk.Stack(cdk.App(), "Values")
    return dict(definition(stack, call.as_state(stack, "State"))["Parameters"])


def reference(noun: str, arn: str) -> Any:  # noqa: ANN401 (one for each of the AWS CDK's interfaces)
    """What has the AWS CDK's reference interface."""
    return SimpleNamespace(**{f"{noun}_ref": SimpleNamespace(**{f"{noun}_arn": arn})})


def test_states_and_schedules_with_tags_may_tag(stack: cdk.Stack) -> None:
    call = composition(tags={"team": "video"})
    state = call.as_state(stack, "State")
    sfn.StateMachine(stack, "Machine", definition_body=sfn.DefinitionBody.from_chainable(state))

    allowed = statements(schedule(stack, call))

    expected = [
        ("ivs:StartComposition", [ENCODER, STAGE, CHANNEL, STORAGE]),
        ("ivs:TagResource", all_there("composition")),
    ]
    assert allowed == expected * 2


def test_grant_tells_all_that_it_allowed(stack: cdk.Stack) -> None:
    role = aws_iam.Role(stack, "Role", assumed_by=aws_iam.AccountRootPrincipal())

    grant = composition(tags={"team": "video"}).grant(role)

    actions = [each.actions for each in grant.principal_statements]
    assert actions == [["ivs:StartComposition"], ["ivs:TagResource"]]


def test_grant_of_a_new_stream_key_is_not_on_the_channel() -> None:
    call = ApiCall("ivs", "CreateStreamKey", channel_arn=CHANNEL)

    assert granted(call) == [("ivs:CreateStreamKey", all_there("stream-key"))]


def test_grant_of_deleting_a_channel_is_on_its_keys_too() -> None:
    call = ApiCall("ivs", "DeleteChannel", arn=CHANNEL)

    assert granted(call) == [("ivs:DeleteChannel", [CHANNEL, all_there("stream-key")])]


def test_grant_of_replication_is_on_both_stages() -> None:
    other = f"{ARN}:stage/Other"
    call = ApiCall(
        "ivs-realtime",
        "StopParticipantReplication",
        source_stage_arn=STAGE,
        destination_stage_arn=other,
        participant_id="p",
    )

    assert granted(call) == [("ivs:StopParticipantReplication", [STAGE, other])]


def test_grant_of_a_batch_is_on_each_once() -> None:
    other = f"{ARN}:channel/Other"

    assert granted(ApiCall("ivs", "BatchGetChannel", arns=[CHANNEL, other, CHANNEL])) == [
        ("ivs:BatchGetChannel", [CHANNEL, other])
    ]


def test_grant_of_a_batch_with_one_from_the_input_is_on_all() -> None:
    arns = [CHANNEL, sfn.JsonPath.string_at("$.channel")]

    assert granted(ApiCall("ivs", "BatchGetChannel", arns=arns)) == [
        ("ivs:BatchGetChannel", all_there("channel"))
    ]


def test_grant_on_what_the_scheduler_fills_in_is_on_all() -> None:
    call = ApiCall("ivs", "StopStream", channel_arn=f"{ARN}:channel/<aws.scheduler.execution-id>")

    assert granted(call) == [("ivs:StopStream", all_there("channel"))]


@pytest.mark.parametrize(
    "arn",
    [
        f"arn:aws:ivs:{cdk.Aws.REGION}:{cdk.Aws.ACCOUNT_ID}:channel/*",
        f"arn:aws:ivs:{cdk.Aws.REGION}:{cdk.Aws.ACCOUNT_ID}:stage/AbCd",
        cdk.Fn.sub("arn:aws:ivs:${AWS::Region}:${AWS::AccountId}:channel/*"),
        cdk.Fn.join(":", ["arn:aws:ivs", cdk.Aws.REGION, cdk.Aws.ACCOUNT_ID, "channel/*"]),
    ],
)
def test_text_around_deploy_time_values_is_judged(arn: str, stack: cdk.Stack) -> None:
    role = aws_iam.Role(stack, "Role", assumed_by=aws_iam.AccountRootPrincipal())
    with pytest.raises(ivs.InvalidPropertyError, match=r"channel_arn must be (one ARN|arn:)"):
        ApiCall("ivs", "StopStream", channel_arn=arn).grant(role)
    with pytest.raises(ivs.InvalidPropertyError, match=r"channel_arn must be (one ARN|arn:)"):
        ApiCall("ivs", "StopStream", channel_arn=arn).as_state(stack, "State")
    with pytest.raises(ivs.InvalidPropertyError, match=r"(channel_)?arn must be (one ARN|arn:)"):
        ivs.ChannelGrants(arn).stop_stream(role)
    with pytest.raises(ivs.InvalidPropertyError, match=r"channel_arn must be (one ARN|arn:)"):
        ivs.Channel.from_channel_arn(stack, "Channel", arn)
    with pytest.raises((ivs.InvalidPropertyError, RuntimeError), match=r"must be (one ARN|arn:)"):
        schedule(stack, ApiCall("ivs", "StopStream", channel_arn=arn))


def test_grant_of_listing_compositions_is_on_what_filters() -> None:
    name = "ListCompositions"

    assert granted(ApiCall("ivs-realtime", name, filter_by_stage_arn=STAGE)) == [
        (f"ivs:{name}", STAGE)
    ]
    assert granted(ApiCall("ivs-realtime", name)) == [
        (f"ivs:{name}", [all_of("encoder-configuration"), all_of("stage")])
    ]


def test_grant_of_updating_a_channel_is_not_on_what_it_gets() -> None:
    recording = f"{ARN}:recording-configuration/a"
    call = ApiCall("ivs", "UpdateChannel", arn=CHANNEL, recording_configuration_arn=recording)

    assert granted(call) == [("ivs:UpdateChannel", CHANNEL)]


def test_grant_of_tagging_something_from_the_input_is_on_all_types() -> None:
    arn = sfn.JsonPath.string_at("$.arn")
    call = ApiCall("ivs-realtime", "ListTagsForResource", resource_arn=arn)

    ((action, resources),) = granted(call)
    assert action == "ivs:ListTagsForResource"
    assert len(resources) == 13
    assert resources[0] == all_of("ad-configuration")


def test_grant_on_an_imported_channel_of_another_region(stack: cdk.Stack) -> None:
    channel = ivs.Channel.from_channel_arn(stack, "Channel", CHANNEL)
    call = ApiCall("ivs", "StopStream", channel_arn=channel)

    assert granted(call) == [("ivs:StopStream", CHANNEL)]


# What is wrong with a call


@pytest.mark.parametrize(
    ("service", "operation", "message"),
    [
        (
            "ivs_realtime",
            "StopComposition",
            "service must be one of ivs, ivs-realtime, got 'ivs_realtime'; did you mean "
            "'ivs-realtime'?",
        ),
        (None, "X", "service must be one of ivs, ivs-realtime, got None"),
        (
            "ivschat",
            "CreateChatToken",
            "service must be one of ivs, ivs-realtime, got 'ivschat'; for Amazon IVS Chat use the "
            "types of aws_cdk.aws_ivschat",
        ),
        (
            "ivs",
            "put_metadata",
            "operation must be an operation of ivs, got 'put_metadata'; did you mean "
            "'PutMetadata'?",
        ),
        (
            "ivs",
            "StopComposition",
            "operation must be an operation of ivs, got 'StopComposition'; ivs-realtime has it",
        ),
        (
            "ivs-realtime",
            "StopStream",
            "operation must be an operation of ivs-realtime, got 'StopStream'; ivs has it",
        ),
        ("ivs", ["StopStream"], "operation must be an operation of ivs, got ['StopStream'] (list)"),
        ("ivs", "Zzz", "operation must be an operation of ivs, got 'Zzz'"),
    ],
)
def test_fails_when_there_is_no_such_operation(
    service: object, operation: object, message: str
) -> None:
    call: Any = ApiCall
    with pytest.raises(ivs.InvalidPropertyError) as caught:
        call(service, operation)
    assert str(caught.value) == f"ApiCall has 1 invalid property:\n  - {message}"


def test_fails_with_all_that_is_wrong(stack: cdk.Stack) -> None:
    recording = ivs.RecordingConfiguration(stack, "Recording")
    with pytest.raises(ivs.InvalidPropertyError) as caught:
        ApiCall("ivs", "InsertAdBreak", chanel_arn=CHANNEL, duration_seconds=301, adBreakId="a b")
    assert str(caught.value) == (
        "ApiCall has 4 invalid properties:\n"
        "  - chanel_arn is not a parameter of InsertAdBreak, which has ad_break_id, channel_arn, "
        "duration_seconds, target_start_at; did you mean 'channel_arn'?\n"
        "  - duration_seconds must be 1-300, got 301; lower it\n"
        "  - adBreakId must have at least 12 characters, got 3; add 9\n"
        "  - adBreakId must match [a-zA-Z0-9]+, got 'a b'"
    )
    assert caught.value.path is None
    assert {each.source for each in caught.value.failures} == {
        "https://docs.aws.amazon.com/ivs/latest/LowLatencyAPIReference/API_InsertAdBreak.html"
    }
    with pytest.raises(ivs.InvalidPropertyError) as caught:
        ApiCall("ivs", "StopStream", channel_arn=recording)
    assert str(caught.value) == (
        "ApiCall has 1 invalid property:\n"
        "  - channel_arn must be arn:<partition>:ivs:<region>:<account>:channel/<id>, got "
        "<ivs_constructs.RecordingConfiguration 'Stack/Recording'> (RecordingConfiguration); "
        "pass a channel"
    )


def test_page_of_a_realtime_failure_is_of_that_api() -> None:
    with pytest.raises(ivs.InvalidPropertyError) as caught:
        ApiCall("ivs-realtime", "StopComposition").as_schedule_target()
    assert caught.value.failures[0].source == (
        "https://docs.aws.amazon.com/ivs/latest/RealTimeAPIReference/API_StopComposition.html"
    )


# The class itself


def test_call_shows_what_it_calls_and_no_parameters() -> None:
    call = ApiCall("ivs", "PutMetadata", channel_arn=CHANNEL, metadata="hunter2")

    assert (call.service, call.operation) == ("ivs", "PutMetadata")
    assert repr(call) == "<ivs_constructs.ApiCall ivs PutMetadata>"


def test_call_may_be_used_more_than_once(stack: cdk.Stack) -> None:
    call = ApiCall("ivs", "StopStream", channel_arn=CHANNEL)

    first, second = call.as_state(stack, "First"), call.as_state(stack, "Second")

    assert definition(stack, first) == definition(stack, second)


def test_example_runs(stack: cdk.Stack) -> None:
    given = {"ApiCall": ApiCall, "stack": stack, "channel": ivs.Channel(stack, "Channel")}
    examples = doctest.DocTestParser().get_examples(ApiCall.__doc__ or "")

    assert examples
    for example in examples:
        exec(example.source, given)  # noqa: S102 (the project's own documentation)
    assert definition(stack, given["state"])["Parameters"]["Metadata"] == "kick-off"  # type: ignore[arg-type]  # made by the example


def test_page_runs(stack: cdk.Stack) -> None:
    text = (ROOT / "docs" / "api-call.md").read_text(encoding="utf-8")
    blocks = text.split("```python\n")[1:]
    given: dict[str, Any] = {
        "self": stack,
        "channel": ivs.Channel(stack, "Channel"),
        "function": aws_iam.Role(stack, "Role", assumed_by=aws_iam.AccountRootPrincipal()),
        "stage_arn": STAGE,
    }

    for block in blocks:
        source = block.split("```")[0].replace("from ivs_constructs import ApiCall\n", "")
        exec(source, {**given, "ApiCall": ApiCall})  # noqa: S102 (the project's own documentation)
    template = synthesize(stack)
    assert len(blocks) == 4
    assert {"ivs:PutMetadata", "ivs:StopStream"} <= {each for each, _ in statements(template)}


def test_import_loads_no_large_module() -> None:
    loaded = loaded_by(
        "from ivs_constructs.operate import _models\n"
        "from ivs_constructs.operate.api_call import ApiCall\n"
        "assert _models.operations.cache_info().currsize == 0"
    )

    large = {"aws_iam", "aws_stepfunctions", "aws_stepfunctions_tasks", "aws_scheduler_targets"}
    assert "ivs_constructs.operate.api_call" in loaded
    assert loaded.isdisjoint(f"aws_cdk.{name}" for name in large)
    assert loaded.isdisjoint({"boto3", "botocore"})


# Values that a deployment's parameters can rewrite

PARAMETER_IN_JSON_MATCH = Match.string_like_regexp("parameter-in-json")


def text_parameter(stack: cdk.Stack, **limits: Any) -> str:  # noqa: ANN401 (any limit)
    return cdk.CfnParameter(stack, "Text", **limits).value_as_string


FUNCTION = "arn:aws:lambda:us-east-1:123456789012:function:f"


def custom(stack: cdk.Stack) -> cdk.CustomResource:
    return cdk.CustomResource(stack, "Custom", service_token=FUNCTION)


def after(_defined: str, text: str) -> str:
    """A text that names what was defined before it."""
    return text


OPEN_VALUES: dict[str, Callable[[cdk.Stack], str]] = {
    "parameter": text_parameter,
    "parameter in a text": lambda stack: f"a {text_parameter(stack)} b",
    "parameter in a function": lambda stack: cdk.Fn.join("-", ["a", text_parameter(stack)]),
    "parameter in Fn::Sub": lambda stack: after(text_parameter(stack), cdk.Fn.sub("a ${Text} b")),
    "attribute in Fn::Sub": lambda stack: after(custom(stack).ref, cdk.Fn.sub("${Custom.Text}")),
    "attribute by one name": lambda stack: after(
        custom(stack).ref, cdk.Token.as_string({"Fn::GetAtt": "Custom.Text"})
    ),
    "parameter with a pattern for all": lambda stack: text_parameter(stack, allowed_pattern=".*"),
    "parameter with a quote to choose": lambda stack: text_parameter(
        stack, allowed_values=["a", 'b"']
    ),
    "import": lambda _: cdk.Fn.import_value("Text"),
    "reference to Systems Manager": lambda _: "{{resolve:ssm:/text}}",
    "mapping": lambda _: cdk.Fn.find_in_map("Map", "a", "b"),
    "attribute of a custom resource": lambda stack: custom(stack).get_att_string("Text"),
    "id of a custom resource": lambda stack: custom(stack).ref,
    "attribute of an L1 custom resource": lambda stack: (
        cdk.CfnCustomResource(stack, "Custom", service_token=FUNCTION).get_att("Text").to_string()
    ),
    "output of a nested stack": lambda stack: (
        cdk.CfnStack(stack, "Inner", template_url="https://example.com/t.json")
        .get_att("Outputs.Text")
        .to_string()
    ),
    "parameter of Systems Manager": lambda stack: (
        aws_ssm.CfnParameter(stack, "Stored", type="String", value="x").attr_value
    ),
}
CLOSED_VALUES: dict[str, Callable[[cdk.Stack], str]] = {
    "literal": lambda _: 'a "quoted" text',
    "attribute": lambda stack: ivs.Channel(stack, "Named").channel_arn,
    "name": lambda stack: cdk.CfnResource(stack, "Any", type="AWS::SNS::Topic").ref,
    "pseudo parameter": lambda _: cdk.Aws.STACK_NAME,
    "path": lambda _: sfn.JsonPath.string_at("$.text"),
    "parameter with a pattern": lambda stack: text_parameter(stack, allowed_pattern="[a-z]*"),
    "pseudo parameter in Fn::Sub": lambda _: cdk.Fn.sub("${AWS::Region} ${!Text}"),
    "number": lambda stack: text_parameter(stack, type="Number"),
    "parameter with a pattern of Java": lambda stack: text_parameter(
        stack, allowed_pattern="\\p{Alpha}*"
    ),
    "parameter with a choice": lambda stack: text_parameter(stack, allowed_values=["a", "b"]),
}


@pytest.mark.parametrize("value", OPEN_VALUES)
def test_state_warns_of_what_can_rewrite_it(stack: cdk.Stack, value: str) -> None:
    text = OPEN_VALUES[value](stack)
    ApiCall("ivs", "PutMetadata", channel_arn=CHANNEL, metadata=text).as_state(stack, "State")

    [warning] = Annotations.from_stack(stack).find_warning("*", PARAMETER_IN_JSON_MATCH)
    assert warning.id == "/Stack/State"
    assert str(warning.entry.data).startswith("metadata comes from a parameter, an import, ")


@pytest.mark.parametrize("value", CLOSED_VALUES)
def test_state_warns_of_nothing_else(stack: cdk.Stack, value: str) -> None:
    text = CLOSED_VALUES[value](stack)
    ApiCall("ivs", "PutMetadata", channel_arn=CHANNEL, metadata=text).as_state(stack, "State")

    assert Annotations.from_stack(stack).find_warning("*", PARAMETER_IN_JSON_MATCH) == []


def test_schedule_and_dashboard_warn_likewise(stack: cdk.Stack) -> None:
    arn = text_parameter(stack)
    call = ApiCall("ivs", "StopStream", channel_arn=f"{CHANNEL}{arn}")
    aws_scheduler.Schedule(
        stack,
        "Schedule",
        schedule=aws_scheduler.ScheduleExpression.rate(cdk.Duration.hours(1)),
        target=call.as_schedule_target(),
    )
    named = f"arn:aws:ivs:eu-west-1:123456789012:channel/{arn}"
    ivs.OperationsDashboard(
        stack, "Dashboard", channels=[ivs.Channel.from_channel_arn(stack, "Imported", named)]
    )

    found = Annotations.from_stack(stack).find_warning("*", PARAMETER_IN_JSON_MATCH)
    assert sorted(each.id for each in found) == ["/Stack/Dashboard", "/Stack/Schedule"]


def test_why_it_warns(stack: cdk.Stack) -> None:
    """A value with quotes adds a parameter to the call: nothing escapes it on the way."""
    text = text_parameter(stack)
    call = ApiCall("ivs", "PutMetadata", channel_arn=CHANNEL, metadata=text)
    machine = sfn.StateMachine(
        stack,
        "Machine",
        definition_body=sfn.DefinitionBody.from_chainable(call.as_state(stack, "State")),
    )
    [made] = Template.from_stack(stack).find_resources("AWS::StepFunctions::StateMachine").values()
    _, parts = made["Properties"]["DefinitionString"]["Fn::Join"]
    hostile = 'x","ChannelArn":"another'
    written = "".join(each if isinstance(each, str) else hostile for each in parts)

    assert machine.node.path == "Stack/Machine"
    assert json.loads(written)["States"]["State"]["Parameters"]["ChannelArn"] == "another"
