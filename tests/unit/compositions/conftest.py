"""A stage in the emulator, and the automation that was synthesized for it."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import aws_cdk as cdk
import boto3  # type: ignore[import-untyped]  # no types
import pytest
from aws_cdk.assertions import Template
from botocore.config import Config  # type: ignore[import-untyped]  # no types

from ivs_constructs import Channel, EncoderConfiguration, Stage, StorageConfiguration
from ivs_constructs.realtime.composition.composition_automation import CompositionAutomation
from ivs_constructs.realtime.values import ChannelDestination, GridLayout, PipLayout, S3Destination
from ivs_constructs.testing.emulator import Emulator, SteppingClock
from tests.unit.compositions.machine import Machine
from tests.unit.compositions.studio import Studio

NAMES = ("StageArn", "ChannelArn", "StorageArn", "EncoderArn")
MACHINE = "arn:aws:states:us-east-1:123456789012:stateMachine"


def resolved(node: Any, values: dict[str, str]) -> Any:  # noqa: ANN401 (JSON)
    """Put values where a template has Ref and Fn::Join."""
    match node:
        case {"Ref": name}:
            return values[name]
        case {"Fn::Split": [glue, text]}:
            return resolved(text, values).split(glue)
        case {"Fn::Join": [glue, parts]}:
            return glue.join(resolved(parts, values))
        case dict():
            return {name: resolved(each, values) for name, each in node.items()}
        case list():
            return [resolved(each, values) for each in node]
        case _:
            return node


@pytest.fixture(scope="session")
def templates() -> dict[str, dict[str, Any]]:
    """A template for each set of destinations, with the ARNs as parameters."""
    app = cdk.App(analytics_reporting=False)
    stacks = {}
    for name in ("Broadcast", "Recording", "Both"):
        stack = stacks[name] = cdk.Stack(app, name)
        arns = [cdk.CfnParameter(stack, each).value_as_string for each in NAMES]
        channel = Channel.from_channel_arn(stack, "Channel", arns[1])
        storage = StorageConfiguration.from_storage_configuration_arn(stack, "Storage", arns[2])
        encoder = EncoderConfiguration.from_encoder_configuration_arn(stack, "Encoder", arns[3])
        broadcast = ChannelDestination(channel=channel, encoder_configuration=encoder, name="air")
        recording = S3Destination(storage_configuration=storage, encoder_configuration=encoder)
        destinations: dict[str, list[ChannelDestination | S3Destination]] = {
            "Broadcast": [broadcast],
            "Recording": [recording],
            "Both": [broadcast, recording],
        }
        CompositionAutomation(
            stack,
            "Automation",
            stage=Stage.from_stage_arn(stack, "Stage", arns[0]),
            layout=PipLayout(pip_width=320) if name == "Recording" else GridLayout(grid_gap=4),
            destinations=destinations[name],
            tags={"team": "video"},
        )
    return {name: dict(Template.from_stack(stack).to_json()) for name, stack in stacks.items()}


@pytest.fixture(scope="session")
def running() -> Iterator[Emulator]:
    with Emulator(clock=SteppingClock()) as emulator:
        yield emulator


@pytest.fixture
def emulator(running: Emulator) -> Iterator[Emulator]:
    running.reset()
    yield running
    assert running.mismatches == []


@pytest.fixture
def realtime(emulator: Emulator) -> Iterator[Any]:
    # Step Functions makes each attempt of its own.
    config = Config(retries={"total_max_attempts": 1}, read_timeout=10)
    client = boto3.client("ivs-realtime", config=config, **emulator.client_options)
    yield client
    client.close()


@pytest.fixture
def studio(emulator: Emulator, realtime: Any, templates: dict[str, dict[str, Any]]) -> Studio:  # noqa: ANN401 (boto3 has no types)
    """The resources, made, and an automation for each set of destinations."""
    ivs = boto3.client("ivs", **emulator.client_options)
    arns = {
        "StageArn": realtime.create_stage()["stage"]["arn"],
        "ChannelArn": ivs.create_channel()["channel"]["arn"],
        "StorageArn": realtime.create_storage_configuration(s3={"bucketName": "recordings"})[
            "storageConfiguration"
        ]["arn"],
        "EncoderArn": realtime.create_encoder_configuration()["encoderConfiguration"]["arn"],
    }
    ivs.close()
    machines, rules = {}, {}
    for name, template in templates.items():
        values = {**arns, "AWS::Partition": "aws"}
        [machine] = found(template, "AWS::StepFunctions::StateMachine")
        definition = json.loads(resolved(machine["DefinitionString"], values))
        machines[name] = Machine(definition, f"{MACHINE}:{name}", realtime)
        [rule] = found(template, "AWS::Events::Rule")
        rules[name] = (
            resolved(rule["EventPattern"], values),
            rule["Targets"][0],
        )
    return Studio(emulator, arns, machines, rules)


def found(template: dict[str, Any], cfn_type: str) -> list[dict[str, Any]]:
    return [r["Properties"] for r in template["Resources"].values() if r["Type"] == cfn_type]
