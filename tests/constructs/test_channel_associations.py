"""What a custom resource gives a channel, and what the provider's role may do for it."""

from __future__ import annotations

from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

import aws_cdk as cdk
import pytest
from aws_cdk import aws_ivs
from constructs import Construct
from syrupy.assertion import SnapshotAssertion

from ivs_constructs import (
    AdConfiguration,
    Channel,
    ChannelAssociations,
    FailoverSlateConfiguration,
    InUse,
    InvalidPropertyError,
    LiveChannel,
    PlaybackRestrictionPolicy,
)
from ivs_constructs.testing import Synthesized, synthesize
from tests.constructs.refusals import refused
from tests.constructs.templates import of_type

CFN_TYPE = "Custom::IVSChannelAssociations"
HERE = "arn:aws:ivs:eu-west-1:123456789012"
CHANNEL_ARN = f"{HERE}:channel/abcdABCDefgh"
POLICY_ARN = f"{HERE}:playback-restriction-policy/abcdABCDefgh"
ADS_ARN = f"{HERE}:ad-configuration/abcdABCDefgh"
SLATE_ARN = f"{HERE}:failover-slate-configuration/abcdABCDefgh"

PARTS = ("playback_restriction_policy", "ad_configuration", "failover_slate_configuration")


def imported(scope: cdk.Stack) -> dict[str, Any]:
    """One of each of what a channel can be associated with, made elsewhere."""
    return {
        "playback_restriction_policy": (
            PlaybackRestrictionPolicy.from_playback_restriction_policy_arn(
                scope, "Policy", POLICY_ARN
            )
        ),
        "ad_configuration": AdConfiguration.from_ad_configuration_arn(scope, "Ads", ADS_ARN),
        "failover_slate_configuration": (
            FailoverSlateConfiguration.from_failover_slate_configuration_arn(
                scope, "Slate", SLATE_ARN
            )
        ),
    }


def imported_channel(scope: cdk.Stack) -> Any:  # noqa: ANN401 (an interface, with more)
    return Channel.from_channel_arn(scope, "Channel", CHANNEL_ARN)


def only(made: Synthesized) -> dict[str, Any]:
    """What the only association of a stack has besides what every custom resource has."""
    [found] = of_type(made, CFN_TYPE).values()
    common = {"ServiceToken", "ServiceTimeout", "ConstructPath"}
    assert common <= found["Properties"].keys()
    return {name: each for name, each in found["Properties"].items() if name not in common}


def statements_of(made: Synthesized) -> list[dict[str, Any]]:
    """What the provider's role may do in IVS."""
    policies = of_type(made, "AWS::IAM::Policy").values()
    return [
        statement
        for policy in policies
        for statement in policy["Properties"]["PolicyDocument"]["Statement"]
    ]


# what is made


def test_imported_channel(stack: cdk.Stack, snapshot_json: SnapshotAssertion) -> None:
    associations = ChannelAssociations(
        stack, "Associations", channel=imported_channel(stack), **imported(stack)
    )

    assert only(synthesize(stack)) == {
        "ChannelArn": CHANNEL_ARN,
        "PlaybackRestrictionPolicyArn": POLICY_ARN,
        "AdConfigurationArn": ADS_ARN,
        "FailoverSlateConfigurationArn": SLATE_ARN,
    }
    assert repr(associations) == "<ivs_constructs.ChannelAssociations 'Stack/Associations'>"
    assert synthesize(stack) == snapshot_json


@pytest.mark.parametrize("part", PARTS)
def test_each_part_alone(stack: cdk.Stack, part: str) -> None:
    given: dict[str, Any] = {part: imported(stack)[part]}
    ChannelAssociations(stack, "Associations", channel=imported_channel(stack), **given)

    names = ("PlaybackRestrictionPolicyArn", "AdConfigurationArn", "FailoverSlateConfigurationArn")
    arns = (POLICY_ARN, ADS_ARN, SLATE_ARN)
    number = PARTS.index(part)
    assert only(synthesize(stack)) == {"ChannelArn": CHANNEL_ARN, names[number]: arns[number]}


def test_level1_types(stack: cdk.Stack) -> None:
    ChannelAssociations(
        stack,
        "Associations",
        channel=aws_ivs.CfnChannel(stack, "Channel"),
        playback_restriction_policy=aws_ivs.CfnPlaybackRestrictionPolicy(stack, "Policy"),
    )

    # What these two types are referred to by is their ARN.
    assert only(synthesize(stack)) == {
        "ChannelArn": {"Ref": "Channel"},
        "PlaybackRestrictionPolicyArn": {"Ref": "Policy"},
    }


def test_objects_of_other_libraries(stack: cdk.Stack) -> None:
    # As those of aws_ivs_alpha, which have the ARN and no reference.
    channel: Any = SimpleNamespace(channel_arn=CHANNEL_ARN)
    slate: Any = SimpleNamespace(failover_slate_configuration_arn=SLATE_ARN)
    ChannelAssociations(stack, "It", channel=channel, failover_slate_configuration=slate)

    assert only(synthesize(stack)) == {
        "ChannelArn": CHANNEL_ARN,
        "FailoverSlateConfigurationArn": SLATE_ARN,
    }


def test_tokens(stack: cdk.Stack) -> None:
    channel = Channel.from_channel_arn(
        stack, "Channel", cdk.CfnParameter(stack, "ChannelArn").value_as_string
    )
    slate = FailoverSlateConfiguration.from_failover_slate_configuration_arn(
        stack, "Slate", cdk.Fn.import_value("SlateArn")
    )
    ChannelAssociations(stack, "It", channel=channel, failover_slate_configuration=slate)

    rendered = synthesize(stack)
    assert only(rendered) == {
        "ChannelArn": {"Ref": "ChannelArn"},
        "FailoverSlateConfigurationArn": {"Fn::ImportValue": "SlateArn"},
    }
    assert [each["Resource"] for each in statements_of(rendered)] == [{"Ref": "ChannelArn"}]


def test_child_is_called_like_that_of_all_others(stack: cdk.Stack) -> None:
    associations = ChannelAssociations(
        stack, "It", channel=imported_channel(stack), **imported(stack)
    )

    child = associations.node.default_child
    assert isinstance(child, cdk.CfnResource)
    assert child.node.id == "Resource"
    assert child.cfn_resource_type == CFN_TYPE


def test_can_be_kept_when_the_stack_goes(stack: cdk.Stack) -> None:
    associations = ChannelAssociations(
        stack, "It", channel=imported_channel(stack), **imported(stack)
    )
    associations.apply_removal_policy(cdk.RemovalPolicy.RETAIN)

    [found] = of_type(synthesize(stack), CFN_TYPE).values()
    assert found["DeletionPolicy"] == "Retain"


def test_tags_of_the_stack_stay_out(stack: cdk.Stack) -> None:
    # The provider would refuse a property that the type does not have.
    cdk.Tags.of(stack).add("team", "video")
    policy = PlaybackRestrictionPolicy(stack, "Policy")
    Channel(stack, "Channel", playback_restriction_policy=policy)

    rendered = synthesize(stack)
    assert "Tags" not in only(rendered)
    [channel] = of_type(rendered, "AWS::IVS::Channel").values()
    assert channel["Properties"]["Tags"] == [{"Key": "team", "Value": "video"}]


# the provider


@pytest.mark.parametrize("on_live", [*InUse, "FAIL", "WAIT", "STOP", None])
def test_role_may_change_that_channel_alone(stack: cdk.Stack, on_live: InUse | str | None) -> None:
    ChannelAssociations(
        stack, "It", channel=imported_channel(stack), in_use=on_live, **imported(stack)
    )

    rendered = synthesize(stack)
    assert only(rendered).get("OnLive") == (None if on_live is None else str(on_live))
    stops = on_live == "STOP"
    assert statements_of(rendered) == [
        {
            "Sid": "ChannelsAndStreams" if stops else "Channels",
            "Effect": "Allow",
            "Action": [
                "ivs:GetChannel",
                "ivs:UpdateChannel",
                "ivs:GetStream",
                *(["ivs:StopStream"] if stops else []),
            ],
            "Resource": CHANNEL_ARN,
        }
    ]


def test_custom_resource_waits_for_its_rights_and_goes_before_them(stack: cdk.Stack) -> None:
    policy = PlaybackRestrictionPolicy(stack, "Policy")
    channel = Channel(stack, "Channel", playback_restriction_policy=policy)

    rendered = synthesize(stack)
    [rights] = of_type(rendered, "AWS::IAM::Policy")
    [associations] = of_type(rendered, CFN_TYPE).values()
    assert associations["DependsOn"] == [rights]
    assert only(rendered)["ChannelArn"] == stack.resolve(channel.channel_arn)
    assert statements_of(rendered)[0]["Resource"] == stack.resolve(channel.channel_arn)


def test_stack_has_one_provider_for_all_channels(stack: cdk.Stack) -> None:
    policy = PlaybackRestrictionPolicy(stack, "Policy")
    channels = [
        Channel(stack, f"Channel{number}", playback_restriction_policy=policy, in_use=on_live)
        for number, on_live in enumerate(("FAIL", "WAIT", "STOP"))
    ]

    rendered = synthesize(stack)
    assert len(of_type(rendered, "AWS::Lambda::Function")) == 1
    arns = [stack.resolve(channel.channel_arn) for channel in channels]
    assert {each["Sid"]: each["Resource"] for each in statements_of(rendered)} == {
        "Channels": arns[:2],
        "ChannelsAndStreams": arns[2],
    }


def test_channel_of_another_stack(app: cdk.App) -> None:
    producer, consumer = cdk.Stack(app, "Producer"), cdk.Stack(app, "Consumer")
    policy = PlaybackRestrictionPolicy(consumer, "Policy")
    channel = Channel(producer, "Channel")
    ChannelAssociations(consumer, "It", channel=channel, playback_restriction_policy=policy)

    rendered = synthesize(consumer)
    [export] = synthesize(producer).template["Outputs"].values()
    there = {"Fn::ImportValue": export["Export"]["Name"]}
    assert only(rendered)["ChannelArn"] == there
    assert statements_of(rendered)[0]["Resource"] == there
    # The provider is where the association is.
    assert not of_type(synthesize(producer), "AWS::Lambda::Function")
    assert consumer.dependencies == [producer]


@pytest.mark.parametrize("ready", [True, False])
def test_bundle_waits_for_the_end_of_a_stream_to_restrict(stack: cdk.Stack, ready: bool) -> None:
    channel = imported_channel(stack) if ready else None
    LiveChannel(stack, "Live", channel=channel, allowed_countries=["DE"], in_use="WAIT")

    assert only(synthesize(stack))["OnLive"] == "WAIT"


# what is refused


def test_nothing_to_associate_is_refused(stack: cdk.Stack) -> None:
    error = refused(ChannelAssociations, stack, channel=imported_channel(stack), in_use="WAIT")

    assert str(error) == (
        "ChannelAssociations 'Stack/It' has 1 invalid property:\n"
        "  - one of playback_restriction_policy, ad_configuration, failover_slate_configuration is "
        "required, got none; pass at least one"
    )
    assert error.failures[0].code == "no-association"


@pytest.mark.parametrize(
    ("channel", "line"),
    [
        (None, "channel is required; give a value"),
        (
            CHANNEL_ARN,
            f"channel must be a Channel, got the string '{CHANNEL_ARN}'; import it with "
            "Channel.from_channel_arn(self, 'Imported', ...)",
        ),
        (5, "channel must be a Channel, got 5 (int)"),
    ],
)
def test_another_thing_for_a_channel_is_refused(
    stack: cdk.Stack, channel: object, line: str
) -> None:
    error = refused(ChannelAssociations, stack, channel=channel, **imported(stack))

    assert str(error) == f"ChannelAssociations 'Stack/It' has 1 invalid property:\n  - {line}"


@pytest.mark.skipif(
    not hasattr(aws_ivs, "CfnAdConfiguration"), reason="aws-cdk-lib before 2.274.0 has no such type"
)
@pytest.mark.parametrize(
    ("env", "message"),
    [
        (
            {"region": "us-east-1"},
            "channel must be in the stack's Region us-east-1, got one in eu-west-1; Amazon IVS "
            "connects what is in one Region, so use one from there",
        ),
        (
            {"account": "999999999999"},
            "channel must be in the stack's account 999999999999, got one in 123456789012; Amazon "
            "IVS connects what is in one account, so use one from there",
        ),
    ],
)
@pytest.mark.parametrize("make", [ChannelAssociations, LiveChannel])
def test_channel_elsewhere_is_refused(
    app: cdk.App, env: dict[str, str], message: str, make: Callable[..., object]
) -> None:
    stack = cdk.Stack(app, "There", env=cdk.Environment(**env))
    part = aws_ivs.CfnAdConfiguration(stack, "Ads", media_tailor_playback_configurations=[])

    with pytest.raises(InvalidPropertyError) as caught:
        make(stack, "It", channel=imported_channel(stack), ad_configuration=part)

    assert [each.message for each in caught.value.failures] == [message]
    assert caught.value.failures[0].property == "channel"


def test_channel_in_the_stacks_place_is_accepted(app: cdk.App) -> None:
    env = cdk.Environment(region="eu-west-1", account="123456789012")
    stack = cdk.Stack(app, "There", env=env)
    parts = imported(stack)

    ChannelAssociations(stack, "It", channel=imported_channel(stack), **parts)
    # Where the ARN does not tell the place, there is nothing to judge.
    other: Any = SimpleNamespace(channel_arn="channel/abc")
    ChannelAssociations(stack, "Other", channel=other, **parts)


@pytest.mark.parametrize("container", [None, "TS", "FRAGMENTED_MP4", "token"])
@pytest.mark.parametrize("level", [1, 2])
def test_ads_are_refused_where_the_container_is_known_to_be_another(
    stack: cdk.Stack, container: str | None, level: int
) -> None:
    if container == "token":
        container = cdk.CfnParameter(stack, "Container").value_as_string
    channel: Any = (Channel if level == 2 else aws_ivs.CfnChannel)(
        stack, "Channel", container_format=container
    )
    parts = imported(stack)
    if container != "FRAGMENTED_MP4":
        ChannelAssociations(stack, "It", channel=channel, **parts)
        return

    error = refused(ChannelAssociations, stack, channel=channel, **parts)

    assert str(error) == (
        "ChannelAssociations 'Stack/It' has 1 invalid property:\n"
        "  - ad_configuration requires a channel of container_format TS, got FRAGMENTED_MP4; drop "
        "ad_configuration, or the channel's container_format and multitrack_input_configuration"
    )
    del parts["ad_configuration"]
    ChannelAssociations(stack, "It", channel=channel, **parts)


# the same twice


def test_second_one_of_a_channel_is_refused(stack: cdk.Stack) -> None:
    parts = imported(stack)
    policy = parts["playback_restriction_policy"]
    channel = Channel(stack, "Channel", playback_restriction_policy=policy)

    error = refused(ChannelAssociations, stack, channel=channel, **parts)

    assert str(error) == (
        "ChannelAssociations 'Stack/It' has 1 invalid property:\n"
        "  - channel already has its associations from 'Stack/Channel/Associations'; pass all of "
        "them there"
    )
    assert error.failures[0].code == "one-association"


@pytest.mark.parametrize("option", ["restriction_policy", "allowed_countries"])
def test_second_one_of_a_channel_is_refused_by_the_bundle(stack: cdk.Stack, option: str) -> None:
    policy = PlaybackRestrictionPolicy(stack, "Policy")
    channel = Channel(stack, "Channel", playback_restriction_policy=policy)
    options: dict[str, Any] = {option: policy if option == "restriction_policy" else ["DE"]}

    with pytest.raises(InvalidPropertyError) as caught:
        LiveChannel(stack, "Live", channel=channel, **options)

    assert str(caught.value) == (
        "LiveChannel 'Stack/Live' has 1 invalid property:\n"
        "  - channel already has its associations from 'Stack/Channel/Associations'; pass all of "
        "them there"
    )
    assert stack.node.try_find_child("Live") is None


def test_logical_id_is_that_of_the_channel(app: cdk.App) -> None:
    # With a different one, CloudFormation would clear what it just set.
    ids = []
    for index in range(4):
        stack = cdk.Stack(app, f"Stack{index}")
        policy = PlaybackRestrictionPolicy(stack, "Policy", allowed_countries=["DE"])
        options: dict[str, Any] = {"playback_restriction_policy": policy}
        channel = Channel(stack, "Channel", **(options if index == 0 else {}))
        if index:
            scope = Construct(stack, "Below") if index == 2 else stack
            ChannelAssociations(scope, f"Id{index}", channel=channel, **options)
        ids.append(stack)

    found = [set(of_type(synthesize(stack), CFN_TYPE)) for stack in ids]

    assert found == [found[0]] * 4


def test_channels_have_different_ones(stack: cdk.Stack) -> None:
    parts = imported(stack)
    for name in ("One", "Two"):
        channel = Channel.from_channel_arn(stack, name, f"{CHANNEL_ARN}{name}")
        ChannelAssociations(stack, f"{name}It", channel=channel, **parts)

    assert len(of_type(synthesize(stack), CFN_TYPE)) == 2


def test_two_imports_of_one_channel_are_the_same_channel(app: cdk.App) -> None:
    one, two = cdk.Stack(app, "One"), cdk.Stack(app, "Two")
    ChannelAssociations(one, "It", channel=imported_channel(one), **imported(one))

    error = refused(ChannelAssociations, two, channel=imported_channel(two), **imported(two))

    assert [each.code for each in error.failures] == ["one-association"]
    assert "already has its associations from 'One/It'" in error.failures[0].message


def test_imports_by_deploy_time_values_of_two_stacks_are_two_channels(app: cdk.App) -> None:
    for name in ("One", "Two"):
        stack = cdk.Stack(app, name)
        arn = f"arn:aws:ivs:{cdk.Aws.REGION}:{cdk.Aws.ACCOUNT_ID}:channel/abc"
        channel = Channel.from_channel_arn(stack, "Channel", arn)
        ChannelAssociations(stack, "It", channel=channel, **imported(stack))


def test_refused_association_does_not_count(stack: cdk.Stack) -> None:
    parts = imported(stack)
    channel = imported_channel(stack)
    refused(ChannelAssociations, stack, channel=channel, in_use="NEVER", **parts)

    ChannelAssociations(stack, "It", channel=channel, **parts)


def test_channels_without_associations_have_no_provider(stack: cdk.Stack) -> None:
    Channel(stack, "Plain")
    LiveChannel(stack, "Live")
    LiveChannel(stack, "Around", channel=imported_channel(stack), in_use=None)

    types = {each["Type"] for each in synthesize(stack).template["Resources"].values()}
    assert not [each for each in types if each.startswith(("Custom::", "AWS::Lambda::"))]
