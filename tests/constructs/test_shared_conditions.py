"""What belongs to a conditional resource shares its condition."""

from __future__ import annotations

import aws_cdk as cdk
import pytest
from aws_cdk import aws_ivs

from ivs_constructs import (
    Channel,
    ChannelAssociations,
    IngestConfiguration,
    PlaybackRestrictionPolicy,
    StreamKey,
    TokenSigningKey,
)
from ivs_constructs.testing import synthesize


@pytest.fixture
def condition(stack: cdk.Stack) -> cdk.CfnCondition:
    return cdk.CfnCondition(stack, "Wanted", expression=cdk.Fn.condition_equals("a", "b"))


def conditions(stack: cdk.Stack) -> dict[str, str | None]:
    """The condition of each resource, by type and without the provider."""
    made = synthesize(stack).template["Resources"].items()
    return {each["Type"]: each.get("Condition") for name, each in made if "LogGroup" not in name}


def level1(construct: cdk.Resource | TokenSigningKey) -> cdk.CfnResource:
    found = construct.node.default_child
    assert isinstance(found, cdk.CfnResource)
    return found


def restriction(stack: cdk.Stack) -> PlaybackRestrictionPolicy:
    return PlaybackRestrictionPolicy(stack, "Policy", allowed_countries=["DE"])


def test_channel_takes_along_what_belongs_to_it(
    stack: cdk.Stack, condition: cdk.CfnCondition
) -> None:
    channel = Channel(stack, "Channel", playback_restriction_policy=restriction(stack))
    _ = channel.add_stream_key("Key").secret
    level1(channel).cfn_options.condition = condition

    assert {name for name, wanted in conditions(stack).items() if wanted} == {
        "AWS::IVS::Channel",
        "AWS::IVS::StreamKey",
        "AWS::SecretsManager::Secret",
        "Custom::IVSChannelAssociations",
        "AWS::IAM::Policy",
    }


def test_level_1_channel_does_too(stack: cdk.Stack, condition: cdk.CfnCondition) -> None:
    channel = aws_ivs.CfnChannel(stack, "Channel")
    channel.cfn_options.condition = condition
    StreamKey(stack, "Key", channel=channel)
    policy = restriction(stack)
    ChannelAssociations(stack, "Parts", channel=channel, playback_restriction_policy=policy)

    found = conditions(stack)
    assert found["AWS::IVS::StreamKey"] == found["Custom::IVSChannelAssociations"] == "Wanted"


def test_keys_take_along_what_is_read_from_them(
    stack: cdk.Stack, condition: cdk.CfnCondition
) -> None:
    signing = TokenSigningKey(stack, "SigningKey")
    assert cdk.Token.is_unresolved(signing.public_key_material)
    ingest = IngestConfiguration(stack, "Ingest", ingest_protocol="RTMPS")
    _ = ingest.secret
    for each in (level1(signing.key), level1(ingest)):  # type: ignore[arg-type]  # an IKey
        each.cfn_options.condition = condition

    found = conditions(stack)
    assert found["Custom::IVSSigningKey"] == found["AWS::SecretsManager::Secret"] == "Wanted"


def test_own_condition_stays(stack: cdk.Stack, condition: cdk.CfnCondition) -> None:
    other = cdk.CfnCondition(stack, "Other", expression=cdk.Fn.condition_equals("a", "c"))
    channel = Channel(stack, "Channel")
    key = channel.add_stream_key("Key")
    level1(channel).cfn_options.condition = condition
    level1(key).cfn_options.condition = other

    assert conditions(stack)["AWS::IVS::StreamKey"] == "Other"


def test_condition_of_another_stack_does_not_count(
    app: cdk.App, stack: cdk.Stack, condition: cdk.CfnCondition
) -> None:
    channel = Channel(stack, "Channel")
    level1(channel).cfn_options.condition = condition
    there = cdk.Stack(app, "There")
    StreamKey(there, "Key", channel=channel)

    assert conditions(there) == {"AWS::IVS::StreamKey": None}
