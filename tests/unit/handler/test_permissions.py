"""What the role of the provider allows, against what the handler really calls."""

from __future__ import annotations

import fnmatch
import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import pytest

from ivs_constructs._provider.permissions import REASONS, STACK_TAG, Use, of_targets, of_types
from ivs_constructs._specs import CUSTOM_RESOURCES, CustomResourceSpec
from ivs_constructs.testing.emulator import Call, Emulator
from tests.unit.handler.conftest import STACK

if TYPE_CHECKING:
    from ivs_constructs._lambda.ivs_handler import lifecycle
    from tests.unit.handler.conftest import Stack
else:
    from ivs_handler import lifecycle

# boto3 ships no types.
Untyped = Any

SPECS = {spec.name: spec for spec in CUSTOM_RESOURCES}
ACCOUNT = "arn:aws:ivs:us-east-1:123456789012:"
BUCKET = "arn:aws:s3:::recordings"

# What Lambda leaves of time, in seconds: too little to wait for long, and enough for everything.
SHORT, LONG = 60, 600

by_policy = pytest.mark.parametrize("policy", ["FAIL", "WAIT", "STOP"])


def test_tag_is_the_one_of_the_lifecycle() -> None:
    assert STACK_TAG == lifecycle.STACK_TAG


# A small part of IAM


def statements_of(use: Use, target: str) -> list[dict[str, Any]]:
    """The statements of one use, with the texts that CloudFormation fills in."""
    statements = [*of_types([use]), *of_targets([(use, target)])]
    text = json.dumps(statements).replace('{"Ref": "AWS::StackId"}', json.dumps(STACK))
    filled: list[dict[str, Any]] = json.loads(text)
    for statement in filled:
        statement["Resource"] = [
            on if isinstance(on, str) else f"{ACCOUNT}{on['Fn::Sub'].rpartition(':')[2]}"
            for on in statement["Resource"]
        ]
    return filled


def allows(statements: list[dict[str, Any]], call: Call, emulator: Emulator) -> bool:
    """Whether a call is allowed, as IAM's reference of the service tells."""
    action, parameters = f"ivs:{call.operation}", call.parameters
    if call.operation.startswith("List") and call.operation != "ListTagsForResource":
        # Which types a list can be scoped to stands in IAM's reference, copied by hand.
        scopes = {"ListStages": f"{ACCOUNT}stage/x", "ListChannels": f"{ACCOUNT}channel/x"}
        arn = scopes.get(call.operation, "*")
    else:
        named = [parameters.get(name) for name in ("resourceArn", "arn", "channelArn", "stageArn")]
        arn = str(next((each for each in named if each), ""))
    tags = {each.arn: each.tags for each in emulator.resources()}.get(arn, {})
    creates = call.operation.startswith("Create")
    if creates:
        types = {spec.create: spec.arn_type for spec in CUSTOM_RESOURCES}
        arn = f"{ACCOUNT}{types[call.operation]}/new"
    known = {f"aws:ResourceTag/{key}": value for key, value in tags.items()}
    given = parameters.get("tags")
    if isinstance(given, dict):
        known |= {f"aws:RequestTag/{key}": value for key, value in given.items()}
    return any(
        action in statement["Action"]
        and any(fnmatch.fnmatchcase(arn, on) for on in statement["Resource"])
        and all(
            known.get(key) == value or (operator == "StringEqualsIfExists" and key not in known)
            for operator, keys in statement.get("Condition", {}).items()
            for key, value in keys.items()
        )
        for statement in statements
    )


@contextmanager
def watched(emulator: Emulator, statements: list[dict[str, Any]], ours: set[str]) -> Iterator[None]:
    """Collect the handler's calls, each of which has to be allowed."""
    denied: list[str] = []

    def hook(call: Call) -> None:
        ours.add(call.operation)
        arn = call.parameters.get("arn")
        if call.operation.startswith("Get") and arn not in [
            each.arn for each in emulator.resources()
        ]:
            return  # IAM may deny what is about something gone: the handler looks in the list then
        if not allows(statements, call, emulator):
            denied.append(f"{call.operation} {call.parameters}")

    forget = emulator.on_call(hook)
    yield
    forget()
    assert denied == []


# Lives that take every way through the handler


def properties_of(name: str, realtime: Untyped, ivs: Untyped) -> list[dict[str, Any]]:
    """The properties at first, after an update in place, and after a replacement."""
    match name:
        case "Stage":
            return [{"Name": "a"}, {"Name": "b"}]
        case "EncoderConfiguration":
            return [{"Name": "a"}, {"Name": "a"}, {"Name": "b"}]
        case "StorageConfiguration":
            return [{"S3": {"BucketName": "recordings"}}] * 2
        case "IngestConfiguration":
            stage = realtime.create_stage()["stage"]["arn"]
            first = {"IngestProtocol": "RTMPS", "StageArn": stage}
            return [first, {**first, "RedundantIngest": "true"}, {**first, "UserId": "x"}]
        case "FailoverSlateConfiguration":
            return [{"Name": "a"}, {"Name": "b"}]
        case _:
            channel = ivs.create_channel()["channel"]["arn"]
            policies = [
                ivs.create_playback_restriction_policy()["playbackRestrictionPolicy"]["arn"]
                for _ in range(2)
            ]
            return [
                {"ChannelArn": channel, "PlaybackRestrictionPolicyArn": policy}
                for policy in policies
            ]


def hold(
    name: str, arn: str, realtime: Untyped, ivs: Untyped, emulator: Emulator
) -> Callable[[], None]:
    """Put the resource into use; what comes back ends that."""
    if name in ("Stage", "EncoderConfiguration", "StorageConfiguration"):
        stage = arn if name == "Stage" else realtime.create_stage()["stage"]["arn"]
        destination = {
            "storageConfigurationArn": arn
            if name == "StorageConfiguration"
            else realtime.create_storage_configuration(s3={"bucketName": "other"})[
                "storageConfiguration"
            ]["arn"],
            "encoderConfigurationArns": [
                arn
                if name == "EncoderConfiguration"
                else realtime.create_encoder_configuration()["encoderConfiguration"]["arn"]
            ],
        }
        composition = realtime.start_composition(
            stageArn=stage, destinations=[{"s3": destination}]
        )["composition"]["arn"]
        return lambda: emulator.end_composition(composition)
    if name == "IngestConfiguration":
        stage = realtime.get_ingest_configuration(arn=arn)["ingestConfiguration"]["stageArn"]
        participant = emulator.start_publishing(stage, ingest_configuration_arn=arn)
        return lambda: emulator.stop_publishing(stage, participant)
    if name == "FailoverSlateConfiguration":
        channel = ivs.create_channel(failoverSlateConfigurationArn=arn)["channel"]["arn"]

        def take_off() -> None:
            ivs.update_channel(arn=channel, failoverSlateConfigurationArn="")

        return take_off
    emulator.go_live(arn)
    return lambda: emulator.end_stream(arn)


@by_policy
@pytest.mark.parametrize("name", SPECS)
def test_role_allows_what_is_called_and_nothing_else(
    name: str, policy: str, stack: Stack, emulator: Emulator, realtime: Untyped, ivs: Untyped
) -> None:
    spec = SPECS[name]
    stack.type = spec.custom_type
    lives = properties_of(name, realtime, ivs)
    target = next(
        (str(lives[0][key]) for key in ("ChannelArn", "StageArn") if key in lives[0]), BUCKET
    )
    statements = statements_of(Use(spec, policy), target)
    common = {spec.policy: policy}
    tags = {} if spec.patch else {"Tags": [{"Key": "team", "Value": "video"}]}
    called: set[str] = set()

    with watched(emulator, statements, called):
        reply = stack.create(**lives[0], **common, **tags)
    arn = reply["Data"].get("Arn") or lives[0]["ChannelArn"]
    before = {**lives[0], **common, **tags}
    for properties in lives[1:]:
        release = hold(name, arn, realtime, ivs, emulator)
        stack.seconds = SHORT
        with watched(emulator, statements, called):
            stack.update(before, **properties, **common)
        stopped = policy == "STOP" and name in ("IngestConfiguration", "ChannelAssociations")
        if not stopped:
            release()
        before = {**properties, **common}
        stack.seconds = LONG
        with watched(emulator, statements, called):
            done = stack.update(before, **properties, **common)
        assert done["Status"] == "SUCCESS"
        arn = done["Data"].get("Arn") or properties["ChannelArn"]
    release = hold(name, arn, realtime, ivs, emulator)
    stack.seconds = SHORT
    with watched(emulator, statements, called):
        refused = stack.delete(**before)
    if refused["Status"] == "FAILED":
        release()
        stack.seconds = LONG
        with watched(emulator, statements, called):
            assert stack.delete(**before)["Status"] == "SUCCESS"

    granted = {
        action.removeprefix("ivs:")
        for statement in statements
        for action in statement["Action"]
        if action.startswith("ivs:")
    }
    assert called - granted == set()
    assert granted - called == set()


@by_policy
@pytest.mark.parametrize("spec", CUSTOM_RESOURCES, ids=lambda spec: spec.name)
def test_every_wildcard_has_its_reason(spec: CustomResourceSpec, policy: str) -> None:
    for statement in [*of_types([Use(spec, policy)]), *of_targets([(Use(spec, policy), "arn:x")])]:
        wild = [on for on in statement["Resource"] if "*" in str(on)]
        assert (statement["Sid"] in REASONS) == bool(wild)


@pytest.mark.parametrize(
    ("tags", "allowed"),
    [
        # Nobody's: what cannot be told from something that is being created.
        ({}, True),
        ({"team": "video"}, True),
        ({STACK_TAG: STACK}, True),
        ({STACK_TAG: f"{STACK}-other"}, False),
    ],
)
def test_what_is_another_stacks_cannot_be_adopted(
    tags: dict[str, str], allowed: bool, emulator: Emulator, realtime: Untyped
) -> None:
    arn = realtime.create_stage(tags=tags)["stage"]["arn"]
    seen = []
    statements = statements_of(Use(SPECS["Stage"], "FAIL"), "")
    emulator.on_call(lambda call: seen.append(allows(statements, call, emulator)))

    realtime.tag_resource(resourceArn=arn, tags={STACK_TAG: STACK})

    assert seen == [allowed]
