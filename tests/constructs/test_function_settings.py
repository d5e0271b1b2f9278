"""What an app or a stack says of the functions that this library makes in it."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from typing import Any, cast

import aws_cdk as cdk
import pytest
from aws_cdk import aws_ec2, aws_iam, aws_kms, aws_lambda, aws_logs
from aws_cdk.assertions import Annotations, Match

from ivs_constructs import (
    Channel,
    FunctionSettings,
    IamAuthorizer,
    InvalidPropertyError,
    InvalidScopeError,
    LiveChannel,
    LiveStage,
    PlaybackRestrictionPolicy,
    Stage,
    StageFleet,
    TokenApi,
    UnsupportedError,
)
from ivs_constructs.testing import Synthesized, synthesize

ENI = {
    "ec2:AssignPrivateIpAddresses",
    "ec2:CreateNetworkInterface",
    "ec2:DeleteNetworkInterface",
    "ec2:DescribeNetworkInterfaces",
    "ec2:DescribeSubnets",
    "ec2:UnassignPrivateIpAddresses",
}


def properties(made: Synthesized, cfn_type: str) -> dict[str, Any]:
    return made.one(cfn_type).properties


def listed(value: object) -> list[Any]:
    return value if isinstance(value, list) else [value]


def statements(made: Synthesized) -> list[dict[str, Any]]:
    """All that the provider's function may do, wherever it stands."""
    documents = [
        each["Properties"]["PolicyDocument"]
        for each in made.template["Resources"].values()
        if each["Type"] in ("AWS::IAM::Policy", "AWS::IAM::ManagedPolicy")
    ]
    documents += [
        policy["PolicyDocument"]
        for each in made.template["Resources"].values()
        if each["Type"] == "AWS::IAM::Role"
        for policy in each["Properties"].get("Policies", ())
    ]
    return [each for document in documents for each in document["Statement"]]


def actions(made: Synthesized) -> set[str]:
    return {action for each in statements(made) for action in listed(each["Action"])}


def test_settings_are_those_of_the_function(app: cdk.App, stack: cdk.Stack) -> None:
    key = aws_kms.Key(stack, "Key")
    FunctionSettings.of(app).set(
        log_retention=aws_logs.RetentionDays.ONE_YEAR,
        log_encryption_key=cast("aws_kms.IKey", key),
        architecture="x86_64",
        tracing=False,
        reserved_concurrent_executions=2,
    )
    Stage(stack, "Stage")

    made = synthesize(stack)

    function = properties(made, "AWS::Lambda::Function")
    assert function["Architectures"] == ["x86_64"]
    assert function["ReservedConcurrentExecutions"] == 2
    assert "TracingConfig" not in function
    log_group = properties(made, "AWS::Logs::LogGroup")
    assert log_group["RetentionInDays"] == 365
    assert log_group["KmsKeyId"]["Fn::GetAtt"][1] == "Arn"
    assert not [each for each in actions(made) if each.startswith("xray:")]


def test_logs_and_traces_of_all_that_runs(stack: cdk.Stack) -> None:
    key = aws_kms.Key(stack, "Key")
    FunctionSettings.of(stack).set(
        log_retention=aws_logs.RetentionDays.ONE_YEAR,
        log_encryption_key=cast("aws_kms.IKey", key),
        tracing=False,
    )
    live = LiveChannel(stack, "Live", private=True, recording=False, token_issuer=True)
    LiveStage(stack, "Talk", broadcast_to=live.channel)
    StageFleet(stack, "Rooms", max_size=5)
    TokenApi(stack, "Api", routes={"/watch": live.token_issuer}, authorizer=IamAuthorizer())

    made = synthesize(stack)
    of_type: dict[str, list[dict[str, Any]]] = {}
    for each in made.template["Resources"].values():
        of_type.setdefault(each["Type"], []).append(each["Properties"])
    # The provider's, the issuer's, two of the fleet, the composition's, and the API's.
    assert [
        (each["RetentionInDays"], each["KmsKeyId"]) for each in of_type["AWS::Logs::LogGroup"]
    ] == [(365, stack.resolve(key.key_arn))] * 6
    assert not any("TracingConfig" in each for each in of_type["AWS::Lambda::Function"])
    [machine] = of_type["AWS::StepFunctions::StateMachine"]
    assert machine["TracingConfiguration"] == {"Enabled": False}
    assert not any(each.get("Sid") == "Traces" for each in statements(made))


def test_what_an_api_takes_itself_wins(stack: cdk.Stack) -> None:
    FunctionSettings.of(stack).set(log_retention=aws_logs.RetentionDays.ONE_YEAR)
    live = LiveChannel(stack, "Live", private=True, recording=False, token_issuer=True)
    TokenApi(
        stack,
        "Api",
        routes={"/watch": live.token_issuer},
        authorizer=IamAuthorizer(),
        log_retention=aws_logs.RetentionDays.ONE_DAY,
    )

    kept = {
        name: each["Properties"]["RetentionInDays"]
        for name, each in synthesize(stack).template["Resources"].items()
        if each["Type"] == "AWS::Logs::LogGroup"
    }
    assert [days for name, days in kept.items() if name.startswith("ApiAccessLog")] == [1]


def test_architecture_of_the_aws_cdk(stack: cdk.Stack) -> None:
    FunctionSettings.of(stack).set(architecture=aws_lambda.Architecture.X86_64)
    Stage(stack, "Stage")

    found = properties(synthesize(stack), "AWS::Lambda::Function")

    assert found["Architectures"] == ["x86_64"]


def test_nearest_setting_wins_one_by_one(app: cdk.App, stack: cdk.Stack) -> None:
    FunctionSettings.of(app).set(tracing=False, architecture="x86_64")
    FunctionSettings.of(stack).set(architecture="arm64")
    other = cdk.Stack(app, "Other")
    for each in (stack, other):
        Stage(each, "Stage")

    found = [properties(synthesize(each), "AWS::Lambda::Function") for each in (stack, other)]

    assert [each["Architectures"] for each in found] == [["arm64"], ["x86_64"]]
    assert ["TracingConfig" in each for each in found] == [False, False]


def test_setting_again_adds(stack: cdk.Stack) -> None:
    FunctionSettings.of(stack).set(tracing=False).set(architecture="x86_64")
    Stage(stack, "Stage")

    found = properties(synthesize(stack), "AWS::Lambda::Function")

    assert (found["Architectures"], "TracingConfig" in found) == (["x86_64"], False)


def test_settings_that_come_too_late(app: cdk.App, stack: cdk.Stack) -> None:
    Stage(stack, "Stage")
    Stage(cdk.Stack(app, "Other"), "Stage")

    for scope in (app, stack):
        with pytest.raises(UnsupportedError) as caught:
            FunctionSettings.of(scope).set(tracing=False)
        assert str(caught.value) == (
            f"FunctionSettings of '{scope.node.path}' were set too late: 'Stack' already has a "
            "function without them; set them before the first construct that has a function"
        )
    # What was made in one stack is no concern of another's.
    FunctionSettings.of(cdk.Stack(app, "Third")).set(tracing=False)


def test_every_wrong_setting_is_told(stack: cdk.Stack) -> None:
    wrong: Any = {
        "provider_role": "arn:aws:iam::123456789012:role/it",
        "vpc": "vpc-1",
        "vpc_subnets": ["subnet-1"],
        "security_groups": [],
        "log_retention": 30,
        "log_encryption_key": "alias/it",
        "architecture": "arm",
        "tracing": "off",
        "reserved_concurrent_executions": 0,
    }

    with pytest.raises(InvalidPropertyError) as caught:
        FunctionSettings.of(stack).set(**wrong)

    assert str(caught.value).splitlines() == [
        "FunctionSettings 'Stack' has 9 invalid properties:",
        "  - provider_role must be a role of aws_cdk.aws_iam, got "
        "'arn:aws:iam::123456789012:role/it'; import it with aws_iam.Role.from_role_arn(self, "
        "'Imported', ...)",
        "  - vpc must be a VPC of aws_cdk.aws_ec2, got 'vpc-1'; import it with "
        "aws_ec2.Vpc.from_lookup(self, 'Imported', ...)",
        "  - log_encryption_key must be a key of aws_cdk.aws_kms, got 'alias/it'; import it with "
        "aws_kms.Key.from_key_arn(self, 'Imported', ...)",
        "  - security_groups must have 1-5 items, got 0; drop it for a new one",
        "  - vpc_subnets must be a SubnetSelection of aws_cdk.aws_ec2, got ['subnet-1'] (list); "
        "write SubnetSelection(subnet_type=...)",
        "  - log_retention must be a RetentionDays of aws_cdk.aws_logs, got 30 (int); write "
        "aws_logs.RetentionDays.ONE_MONTH",
        "  - architecture must be one of arm64, x86_64, got 'arm'; did you mean 'arm64'?",
        "  - tracing must be True or False, got 'off'; write False",
        "  - reserved_concurrent_executions must be an integer of at least 1, got 0 (int); with 0 "
        "the function never runs",
    ]
    # Nothing of it was kept.
    assert "_ivs_constructs_function_settings" not in vars(stack)


@pytest.mark.parametrize("name", ["vpc_subnets", "security_groups"])
def test_network_needs_its_vpc(name: str, stack: cdk.Stack) -> None:
    group = aws_ec2.SecurityGroup.from_security_group_id(stack, "Group", "sg-1")
    value: Any = aws_ec2.SubnetSelection() if name == "vpc_subnets" else [group]

    with pytest.raises(InvalidPropertyError, match=f"{name} requires vpc, got none"):
        FunctionSettings.of(stack).set(**{name: value})


@pytest.mark.parametrize(
    ("groups", "message"),
    [
        ("sg-1", "security_groups must be a list, got 'sg-1'; write [security_group]"),
        (["sg-1"], "security_groups must be security groups of aws_cdk.aws_ec2, got 'sg-1'"),
    ],
)
def test_wrong_security_groups(groups: Any, message: str, stack: cdk.Stack) -> None:  # noqa: ANN401 (wrong on purpose)
    with pytest.raises(InvalidPropertyError) as caught:
        FunctionSettings.of(stack).set(
            vpc=cast("aws_ec2.IVpc", aws_ec2.Vpc(stack, "Vpc")), security_groups=groups
        )

    assert [each.message for each in caught.value.failures] == [message]


def test_settings_of_nothing() -> None:
    nothing: Any = "app"
    with pytest.raises(InvalidScopeError, match="scope must be an app, a stack or another const"):
        FunctionSettings.of(nothing)


def test_each_setting_is_documented_and_checked() -> None:
    names = inspect.signature(FunctionSettings.set).parameters.keys() - {"self"}
    text = inspect.getdoc(FunctionSettings.set) or ""

    assert all(f"\n    {name}: " in text for name in names)


# A role that is given


def test_given_role_gets_policies_of_its_own(app: cdk.App, stack: cdk.Stack) -> None:
    arn = "arn:aws:iam::123456789012:role/ours"
    FunctionSettings.of(app).set(
        provider_role=aws_iam.Role.from_role_arn(stack, "Ours", arn),
    )
    Stage(stack, "Stage")

    made = synthesize(stack)

    assert "AWS::IAM::Role" not in {each["Type"] for each in made.template["Resources"].values()}
    function = made.one("AWS::Lambda::Function").definition
    assert function["Properties"]["Role"] == arn
    policies = {
        name: each
        for name, each in made.template["Resources"].items()
        if each["Type"] == "AWS::IAM::Policy"
    }
    assert {each["Properties"]["Roles"][0] for each in policies.values()} == {"ours"}
    assert {"logs:PutLogEvents", "ivs:CreateStage", "xray:PutTraceSegments"} <= actions(made)
    # What the function needs by itself is there before it, what the stage needs before the stage.
    [own] = [name for name in policies if "FunctionPolicy" in name]
    assert function["DependsOn"] == [own]
    [other] = policies.keys() - {own}
    assert made.one("Custom::IVSStage").definition["DependsOn"] == [other]
    # Other stacks that share the role have policies of other names.
    for each in policies.values():
        assert {"Fn::Split": ["/", {"Ref": "AWS::StackId"}]} in each["Properties"]["PolicyName"][
            "Fn::Join"
        ][1][1]["Fn::Select"]


def test_role_that_must_not_change_stays(stack: cdk.Stack) -> None:
    role = aws_iam.Role.from_role_arn(
        stack, "Ours", "arn:aws:iam::123456789012:role/ours", mutable=False
    )
    FunctionSettings.of(stack).set(provider_role=role)
    Stage(stack, "Stage")

    made = synthesize(stack)

    assert sorted(each["Type"] for each in made.template["Resources"].values()) == [
        "AWS::Lambda::Function",
        "AWS::Logs::LogGroup",
        "Custom::IVSStage",
    ]
    assert "DependsOn" not in made.one("Custom::IVSStage").definition


# A VPC


def network(stack: cdk.Stack, kind: aws_ec2.SubnetType) -> aws_ec2.IVpc:
    more = (
        [aws_ec2.SubnetConfiguration(name="Public", subnet_type=aws_ec2.SubnetType.PUBLIC)]
        if kind is aws_ec2.SubnetType.PRIVATE_WITH_EGRESS
        else []
    )
    vpc = aws_ec2.Vpc(
        stack,
        "Vpc",
        max_azs=1,
        subnet_configuration=[aws_ec2.SubnetConfiguration(name="It", subnet_type=kind), *more],
    )
    return cast("aws_ec2.IVpc", vpc)


def test_vpc_and_what_lambda_needs_for_it(stack: cdk.Stack) -> None:
    vpc = network(stack, aws_ec2.SubnetType.PRIVATE_WITH_EGRESS)
    group = aws_ec2.SecurityGroup.from_security_group_id(stack, "Group", "sg-0123")
    FunctionSettings.of(stack).set(
        vpc=vpc,
        vpc_subnets=aws_ec2.SubnetSelection(subnet_type=aws_ec2.SubnetType.PRIVATE_WITH_EGRESS),
        security_groups=[group],
    )
    Stage(stack, "Stage")

    made = synthesize(stack)

    function = made.one("AWS::Lambda::Function").definition
    config = function["Properties"]["VpcConfig"]
    assert config["SecurityGroupIds"] == ["sg-0123"]
    assert len(config["SubnetIds"]) == 1
    [found] = [each for each in statements(made) if each["Sid"] == "NetworkInterfaces"]
    assert set(found["Action"]) == ENI
    # Without its route the function reaches nothing, also when the stack goes.
    [route] = [
        name
        for name, each in made.template["Resources"].items()
        if each["Type"] == "AWS::EC2::Route" and "NatGatewayId" in each["Properties"]
    ]
    assert route in function["DependsOn"]
    # Without these permissions AWS Lambda refuses to make the function.
    [name] = [
        name
        for name, each in made.template["Resources"].items()
        if each["Type"] == "AWS::IAM::Policy" and "FunctionPolicy" in name
    ]
    assert name in function["DependsOn"]
    assert made.template["Resources"][name]["Metadata"]["ivs-constructs"].keys() == {
        "NetworkInterfaces"
    }
    Annotations.from_stack(stack).has_no_warning("*", Match.any_value())


def test_vpc_of_a_stack_replaces_the_whole_network(app: cdk.App, stack: cdk.Stack) -> None:
    vpc = network(stack, aws_ec2.SubnetType.PRIVATE_WITH_EGRESS)
    group = aws_ec2.SecurityGroup.from_security_group_id(stack, "Group", "sg-0123")
    FunctionSettings.of(app).set(vpc=vpc, security_groups=[group])
    FunctionSettings.of(stack).set(vpc=vpc)
    Stage(stack, "Stage")

    groups = properties(synthesize(stack), "AWS::Lambda::Function")["VpcConfig"]["SecurityGroupIds"]

    assert groups != ["sg-0123"]


WARNING = (
    "the function behind the custom resources runs in the isolated subnet "
    "'Stack/Vpc/ItSubnet1', which has no route to the APIs of CloudFormation and Amazon IVS"
)


def test_vpc_without_a_way_out_is_warned_of(stack: cdk.Stack) -> None:
    FunctionSettings.of(stack).set(vpc=network(stack, aws_ec2.SubnetType.PRIVATE_ISOLATED))
    policy = PlaybackRestrictionPolicy(stack, "Policy", allowed_countries=["DE"])
    Channel(stack, "Channel", playback_restriction_policy=policy)

    Annotations.from_stack(stack).has_warning(
        "/Stack/IvsConstructs", Match.string_like_regexp(WARNING)
    )


@pytest.mark.parametrize(
    ("name", "make", "message"),
    [
        (
            "vpc",
            lambda stack: aws_ec2.Vpc(stack, "Vpc"),
            "the function's Region us-west-2, got one in eu-west-1",
        ),
        (
            "log_encryption_key",
            lambda stack: aws_kms.Key(stack, "Key"),
            "the function's Region us-west-2, got one in eu-west-1",
        ),
        (
            "provider_role",
            lambda stack: aws_iam.Role.from_role_arn(
                stack, "Role", "arn:aws:iam::210987654321:role/ours"
            ),
            "the function's account 123456789012, got one in 210987654321",
        ),
    ],
)
def test_setting_for_another_place_is_refused(
    name: str, make: Callable[[cdk.Stack], object], message: str, app: cdk.App
) -> None:
    here, there = (
        cdk.Stack(app, region, env=cdk.Environment(region=region, account="123456789012"))
        for region in ("us-west-2", "eu-west-1")
    )
    setting: dict[str, Any] = {name: make(there)}
    FunctionSettings.of(app).set(**setting)

    with pytest.raises(InvalidPropertyError) as caught:
        Stage(here, "Stage")

    assert [each.message for each in caught.value.failures] == [
        f"{name} must be in {message}; set another for that stack: "
        f"FunctionSettings.of(stack).set({name}=...)"
    ]
