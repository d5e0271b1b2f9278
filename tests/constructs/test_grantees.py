"""Who can be granted something: nobody gets it by mistake, and nothing is granted to no effect.

Walks over every public method of the library that grants something, so that it judges new ones too.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterator
from typing import Any

import aws_cdk as cdk
import pytest
from aws_cdk import aws_iam, aws_ivs
from aws_cdk.assertions import Annotations, Match

import ivs_constructs
from ivs_constructs import (
    ApiCall,
    Channel,
    ChannelFleet,
    CompositionAutomation,
    EncoderConfiguration,
    IamAuthorizer,
    InvalidPropertyError,
    LiveChannel,
    ParticipantTokenIssuer,
    PlaybackTokenIssuer,
    PublicKey,
    RecordingConfiguration,
    Stage,
    StageFleet,
    StreamKey,
    TokenApi,
    TokenSigningKey,
)
from ivs_constructs.operate import grants as facades
from ivs_constructs.operate.grants import StageGrants
from ivs_constructs.testing import synthesize

PRINCIPALS: dict[str, Callable[[], aws_iam.IGrantable]] = {
    "everybody": aws_iam.AnyPrincipal,
    "everybody by a star": aws_iam.StarPrincipal,
    "everybody by an ARN": lambda: aws_iam.ArnPrincipal("*"),
    "everybody by part of an ARN": lambda: aws_iam.ArnPrincipal("arn:aws:iam::*:role/backend"),
    "everybody under a condition": lambda: aws_iam.AnyPrincipal().with_conditions(
        {"StringLike": {"aws:PrincipalOrgID": "o-*"}}
    ),
    "a service of every account": lambda: aws_iam.ServicePrincipal("apigateway.amazonaws.com"),
    "several at once": lambda: aws_iam.CompositePrincipal(
        aws_iam.AccountPrincipal("111122223333"), aws_iam.AnyPrincipal()
    ),
    "whoever signs in somewhere": lambda: aws_iam.WebIdentityPrincipal("cognito-identity"),
}

ARGUMENTS: dict[tuple[str, str], tuple[object, ...]] = {
    ("TokenApi", "grant_invoke"): ("/watch",),
    ("ChannelGrants", "actions"): ("GetChannel",),
    ("StageGrants", "actions"): ("GetStage",),
    ("StreamKeyGrants", "actions"): ("GetStreamKey",),
    ("RecordingConfigurationGrants", "actions"): ("GetRecordingConfiguration",),
    ("CompositionGrants", "actions"): ("GetComposition",),
}
"""What a method takes after the grantee."""


def makers(stack: cdk.Stack) -> dict[str, Any]:
    """Make one object of each class that grants something."""
    channel = Channel(stack, "Channel", authorized=True)
    stage = Stage(stack, "Stage")
    key = TokenSigningKey(stack, "SigningKey")
    public = PublicKey(stack, "PublicKey", signing_key=key)
    viewers = PlaybackTokenIssuer(stack, "Viewers", signing_key=key, channels=[channel])
    talk = ParticipantTokenIssuer(
        stack,
        "Talk",
        signing_key=key,
        public_key=public,
        stages=[stage],
        exchange_capabilities=["SUBSCRIBE"],
    )
    automation = CompositionAutomation(
        stack,
        "Automation",
        stage=stage,
        destinations=[
            ivs_constructs.ChannelDestination(
                channel=channel, encoder_configuration=EncoderConfiguration(stack, "Encoder")
            )
        ],
    )
    return {
        "ApiCall": ApiCall("ivs", "ListStreams"),
        "ChannelGrants": channel.grants,
        "StageGrants": stage.grants,
        "StreamKeyGrants": StreamKey(stack, "Key", channel=Channel(stack, "Other")).grants,
        "RecordingConfigurationGrants": RecordingConfiguration(stack, "Recording").grants,
        "CompositionGrants": automation.grants,
        "FleetGrants": StageFleet(stack, "Rooms", max_size=9, token_issuer=True).grants,
        "FleetGrants of channels": ChannelFleet(
            stack, "Creators", max_size=9, authorized=True, token_issuer=True
        ).grants,
        "PlaybackTokenIssuer": viewers,
        "ParticipantTokenIssuer": talk,
        "TokenSigningKey": key,
        "TokenApi": TokenApi(stack, "Api", routes={"/watch": viewers}, authorizer=IamAuthorizer()),
    }


def granting(cls: type) -> list[str]:
    """Name the methods of a class that take a grantee, but those of the AWS CDK."""
    found = []
    for name, method in inspect.getmembers(cls, callable):
        own = getattr(method, "__module__", "") or ""
        if name.startswith("_") or not own.startswith("ivs_constructs"):
            continue
        if "grantee" in inspect.signature(method).parameters:
            found.append(name)
    return found


def classes() -> Iterator[type]:
    """Return all public classes, and the facades that attributes lead to."""
    seen = [getattr(ivs_constructs, name) for name in ivs_constructs.__all__]
    seen += [each for _, each in inspect.getmembers(facades, inspect.isclass)]
    for each in dict.fromkeys(each for each in seen if inspect.isclass(each)):
        if each.__module__.startswith("ivs_constructs"):
            yield each


def test_every_class_that_grants_is_tried(stack: cdk.Stack) -> None:
    named = {name.partition(" ")[0] for name in makers(stack)}
    abstract = {"Grants", "TokenIssuer"}
    assert {each.__name__ for each in classes() if granting(each)} - abstract == named


def test_nobody_is_granted_anything_by_mistake(app: cdk.App, stack: cdk.Stack) -> None:
    made, other = makers(stack), Stage(stack, "Destination")
    channel = Channel(stack, "Out")
    principals = {name: make() for name, make in PRINCIPALS.items()}
    before = app.synth().get_stack_by_name("Stack").template
    wrong = []
    for noun, each in made.items():
        for method in granting(type(each)):
            if "of channels" not in noun and "stream_key" in method and noun == "FleetGrants":
                continue
            known = ARGUMENTS.get((noun.partition(" ")[0], method), ())
            more = (other,) if method == "replicate" else known
            options = {"channel": channel} if method == "start_composition" else {}
            for name, principal in principals.items():
                try:
                    getattr(each, method)(principal, *more, **options)
                except InvalidPropertyError as error:
                    if [failure.property for failure in error.failures] == ["grantee"]:
                        continue
                    wrong.append(f"{noun}.{method} to {name}: {error}")
                else:
                    wrong.append(f"{noun}.{method} to {name}")
    assert not wrong, "\n".join(wrong)
    assert app.synth(force=True).get_stack_by_name("Stack").template == before


def test_message_says_what_to_do(stack: cdk.Stack) -> None:
    with pytest.raises(InvalidPropertyError) as raised:
        Stage(stack, "Stage").grants.create_participant_token(aws_iam.AnyPrincipal())
    assert [each.message for each in raised.value.failures] == [
        "grantee must be something that policies can be attached to, such as a role, a user, a "
        "group or a function, got an AnyPrincipal; grant it to the role that makes the calls"
    ]
    rooms = StageFleet(stack, "Rooms", max_size=9)
    with pytest.raises(InvalidPropertyError) as raised:
        rooms.grants.acquire(aws_iam.ServicePrincipal("events.amazonaws.com"))
    assert "source_arn" not in raised.value.failures[0].message
    assert "add the condition {'StringEquals'" in raised.value.failures[0].message


def test_import_from_another_account_gets_a_warning() -> None:
    stack = cdk.Stack(cdk.App(), "Stack", env=cdk.Environment(account="123456789012"))
    stage = Stage(stack, "Stage")
    arns = {
        "Own": "arn:aws:iam::123456789012:role/backend",
        "Unknown": cdk.Fn.import_value("backend"),
        "Other": "arn:aws:iam::111122223333:role/backend",
    }
    for name, arn in arns.items():
        stage.grants.create_participant_token(aws_iam.Role.from_role_arn(stack, name, arn))

    [warning] = Annotations.from_stack(stack).find_warning("*", Match.any_value())
    assert warning.entry.data == (
        "'Stack/Other' is in account 111122223333, but its stack is in 123456789012, so grants "
        "have no effect on it; grant them to a role in the stack's account that it may assume "
        "[ack: ivs-constructs:grantee-elsewhere]"
    )


GRANTS: dict[str, Callable[[cdk.Stack, aws_iam.IGrantable], object]] = {
    "own": lambda s, to: Stage(s, "Stage").grants.read(to),
    "imported": lambda s, to: Channel.from_channel_arn(s, "Import", CHANNEL).grants.read(to),
    "L1": lambda s, to: StageGrants.from_stage(aws_ivs.CfnStage(s, "L1")).read(to),
    "call": lambda _, to: ApiCall("ivs", "GetChannel", arn=CHANNEL).grant(to),
    "members": lambda s, to: StageFleet(s, "Rooms", max_size=9).grants.manage(to),
    "api": lambda s, to: TokenApi(
        s,
        "Api",
        routes={"/watch": LiveChannel(s, "Live", private=True, token_issuer=True).token_issuer},
        authorizer=IamAuthorizer(),
    ).grant_invoke(to, "/watch"),
}
HERE = cdk.Environment(account="123456789012", region="eu-west-1")
CHANNEL = "arn:aws:ivs:eu-west-1:123456789012:channel/AbCdEfGhIjKl"


@pytest.mark.parametrize("name", GRANTS)
def test_grant_to_another_account_gets_a_warning(app: cdk.App, name: str) -> None:
    accounts = {"Neighbor": HERE.account, "Other": "111122223333"}
    env = {id: cdk.Environment(account=each, region=HERE.region) for id, each in accounts.items()}
    where = {id: cdk.Stack(app, id, env=each) for id, each in env.items()}
    for id, each in where.items():
        role = aws_iam.Role(each, "Role", assumed_by=aws_iam.ServicePrincipal("ec2.amazonaws.com"))
        GRANTS[name](cdk.Stack(app, f"For{id}", env=HERE), role)

    service = "an HTTP API" if name == "api" else "Amazon IVS"
    expected = (
        "'Other/Role' is in account 111122223333, and was granted something in 123456789012: this "
        f"has no effect, because {service} has no resource policies, which another account needs; "
        "grant it to a role in 123456789012 that 'Other/Role' may assume [ack: "
        "ivs-constructs:grant-across-accounts]"
    )
    found = {id: Annotations.from_stack(each) for id, each in where.items()}
    ours = Match.string_like_regexp("ivs-constructs:")
    assert [each.entry.data for each in found["Other"].find_warning("*", ours)] == [expected]
    assert found["Neighbor"].find_warning("*", ours) == []


@pytest.mark.parametrize(
    "make",
    [
        lambda s: aws_iam.Role.from_role_name(s, "Who", "backend"),
        lambda s: aws_iam.User.from_user_name(s, "Who", "encoder"),
        lambda s: aws_iam.Group.from_group_name(s, "Who", "encoders"),
        lambda s: aws_iam.ManagedPolicy(s, "Who"),
    ],
)
def test_reason_of_a_wildcard_is_told_whoever_is_granted_it(
    make: Callable[[cdk.Stack], aws_iam.IGrantable], stack: cdk.Stack
) -> None:
    Channel(stack, "Channel").grants.reset_stream_key(make(stack))

    made = synthesize(stack).template["Resources"].values()
    [policy] = [each for each in made if "Policy" in each["Type"]]
    statements = policy["Properties"]["PolicyDocument"]["Statement"]
    assert {each["Sid"] for each in statements} == policy["Metadata"]["ivs-constructs"].keys()


def test_reasons_follow_statements_that_the_role_has_no_room_for(stack: cdk.Stack) -> None:
    role = aws_iam.Role(stack, "Role", assumed_by=aws_iam.AccountRootPrincipal())
    for number in range(40):
        Channel(stack, f"Channel{number}").grants.reset_stream_key(role)

    made = [
        each
        for each in synthesize(stack).template["Resources"].values()
        if "Policy" in each["Type"]
    ]
    assert {each["Type"] for each in made} == {"AWS::IAM::Policy", "AWS::IAM::ManagedPolicy"}
    for policy in made:
        statements = policy["Properties"]["PolicyDocument"]["Statement"]
        assert {each["Sid"] for each in statements} <= policy["Metadata"]["ivs-constructs"].keys()


def test_who_has_a_policy_is_granted_it(stack: cdk.Stack) -> None:
    stage = Stage(stack, "Stage")
    for each in (
        aws_iam.Role(stack, "Role", assumed_by=aws_iam.AccountRootPrincipal()),
        aws_iam.User(stack, "User"),
        aws_iam.Group(stack, "Group"),
        aws_iam.Role.from_role_name(stack, "Imported", "backend"),
    ):
        assert stage.grants.create_participant_token(each).success
