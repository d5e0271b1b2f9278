"""App-wide settings for roles and functions, and changes to them after a deployment."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import Any

import aws_cdk as cdk
from aws_cdk import aws_ec2, aws_iam, aws_logs

import ivs_constructs as ivs
from tests.deploy.scenarios import Scenario, Steps
from tools.local_cloud.bench import Bench, Define
from tools.local_cloud.cloud import ACCOUNT, REGION

STACK = "Citizen"
ROLE = "made-before"

_ASSUMED = {
    "Version": "2012-10-17",
    "Statement": [
        {
            "Effect": "Allow",
            "Action": "sts:AssumeRole",
            "Principal": {"Service": "lambda.amazonaws.com"},
        }
    ],
}

Prepare = Callable[[cdk.App], None]
Fill = Callable[[cdk.Stack], object]


def _app(fill: Fill, prepare: Prepare = lambda _: None, arrange: Fill = lambda _: None) -> Define:
    def define(app: cdk.App) -> None:
        prepare(app)
        stack = cdk.Stack(app, STACK, tags={"team": "video"})
        arrange(stack)
        fill(stack)

    return define


def _parts(stack: cdk.Stack, name: str = "talk") -> None:
    """Define what needs the function by type, and what needs it for one resource."""
    ivs.Stage(stack, "Stage", stage_name=name)
    policy = ivs.PlaybackRestrictionPolicy(stack, "Policy", allowed_countries=["DE"])
    ivs.Channel(stack, "Channel", playback_restriction_policy=policy)


def _settle(
    bench: Bench,
    check: Callable[[Bench], None],
    *,
    prepare: Prepare = lambda _: None,
    arrange: Fill = lambda _: None,
) -> Steps:
    """Deploy, update and destroy under some settings, of the app or of its stack."""
    app = partial(_app, prepare=prepare, arrange=arrange)

    yield "deploy"
    bench.deploy(app(_parts))
    check(bench)
    assert bench.only("Stage").tags["team"] == "video"
    assert bench.only("Channel").data["playbackRestrictionPolicyArn"]

    yield "update"
    stage = bench.only("Stage").arn
    bench.deploy(app(lambda stack: _parts(stack, "another")))
    assert bench.only("Stage").arn == stage
    assert bench.only("Stage").data["name"] == "another"

    yield "destroy"
    bench.destroy(app(lambda stack: _parts(stack, "another")))


def _function(bench: Bench) -> dict[str, Any]:
    [found] = bench.cloud.client("lambda").list_functions()["Functions"]
    function: dict[str, Any] = found
    return function


# Roles


@contextmanager
def _role(bench: Bench, statements: list[dict[str, Any]]) -> Iterator[None]:
    """Have a role that no stack makes."""
    iam = bench.cloud.client("iam")
    iam.create_role(RoleName=ROLE, AssumeRolePolicyDocument=json.dumps(_ASSUMED))
    if statements:
        document = {"Version": "2012-10-17", "Statement": statements}
        iam.put_role_policy(RoleName=ROLE, PolicyName="Before", PolicyDocument=json.dumps(document))
    yield
    names = iam.list_role_policies(RoleName=ROLE)["PolicyNames"]
    assert names == (["Before"] if statements else []), names
    for name in names:
        iam.delete_role_policy(RoleName=ROLE, PolicyName=name)
    iam.delete_role(RoleName=ROLE)


def _given_role(bench: Bench) -> Steps:
    def arrange(stack: cdk.Stack) -> None:
        arn = f"arn:aws:iam::{ACCOUNT}:role/{ROLE}"
        role = aws_iam.Role.from_role_arn(stack, "Role", arn)
        ivs.FunctionSettings.of(stack).set(provider_role=role)

    def check(bench: Bench) -> None:
        assert _function(bench)["Role"].endswith(f":role/{ROLE}")
        names = bench.cloud.client("iam").list_role_policies(RoleName=ROLE)["PolicyNames"]
        assert len(names) == 3, names

    with _role(bench, []):
        yield from _settle(bench, check, arrange=arrange)


def _reported(bench: Bench, prepare: Prepare) -> list[dict[str, Any]]:
    """Read a role's needs from the AWS CDK's report, and fill in the gaps."""
    assembly = Path(bench.assembly(_app(_parts, prepare)))
    [role] = json.loads((assembly / "iam-policy-report.json").read_text("utf-8"))["roles"]
    text = json.dumps(role["identityPolicyStatements"])
    for word, value in (
        ("(PARTITION)", "aws"),
        ("(REGION)", REGION),
        ("(ACCOUNT)", ACCOUNT),
        # What the stack is still to make.
        (f"({STACK}/IvsConstructs/LogGroup/Resource.Arn)", f"arn:aws:logs:{REGION}:{ACCOUNT}:*"),
        (f"({STACK}/Channel/Resource.Arn)", f"arn:aws:ivs:{REGION}:{ACCOUNT}:channel/*"),
    ):
        text = text.replace(word, value)
    statements: list[dict[str, Any]] = json.loads(text)
    return statements


def _precreated_role(bench: Bench) -> Steps:
    def prepare(app: cdk.App) -> None:
        names = {f"{STACK}/IvsConstructs/Role": ROLE}
        aws_iam.Role.customize_roles(app, use_precreated_roles=names)

    def check(bench: Bench) -> None:
        assert _function(bench)["Role"].endswith(f":role/{ROLE}")
        resources = bench.cloud.client("cloudformation").describe_stack_resources(StackName=STACK)
        types = {each["ResourceType"] for each in resources["StackResources"]}
        assert not [each for each in types if each.startswith("AWS::IAM::")]

    with _role(bench, _reported(bench, prepare)):
        yield from _settle(bench, check, prepare=prepare)


# Functions


def _logs(bench: Bench) -> Steps:
    def prepare(app: cdk.App) -> None:
        ivs.FunctionSettings.of(app).set(
            log_retention=aws_logs.RetentionDays.ONE_WEEK,
            architecture="x86_64",
            tracing=False,
            reserved_concurrent_executions=5,
        )

    def check(bench: Bench) -> None:
        groups = bench.cloud.client("logs").describe_log_groups()["logGroups"]
        assert [each.get("retentionInDays") for each in groups] == [7]
        assert _function(bench)["Architectures"] == ["x86_64"]
        assert _function(bench).get("TracingConfig", {}).get("Mode") != "Active"

    yield from _settle(bench, check, prepare=prepare)


def _vpc(bench: Bench) -> Steps:
    def arrange(stack: cdk.Stack) -> None:
        vpc = aws_ec2.Vpc.from_vpc_attributes(
            stack,
            "Vpc",
            vpc_id="vpc-0123456789abcdef0",
            availability_zones=[f"{REGION}a"],
            private_subnet_ids=["subnet-0123456789abcdef0"],
        )
        group = aws_ec2.SecurityGroup.from_security_group_id(stack, "Group", "sg-0123456789abcdef0")
        ivs.FunctionSettings.of(stack).set(vpc=vpc, security_groups=[group])

    def check(bench: Bench) -> None:
        # The local cloud has no network; it can only show that the function may join one.
        iam = bench.cloud.client("iam")
        role = _function(bench)["Role"].rpartition("/")[2]
        allowed = json.dumps(
            [
                iam.get_role_policy(RoleName=role, PolicyName=name)["PolicyDocument"]
                for name in iam.list_role_policies(RoleName=role)["PolicyNames"]
            ]
        )
        assert "ec2:CreateNetworkInterface" in allowed

    yield from _settle(bench, check, arrange=arrange)


# What changes between two deployments


def _condition(bench: Bench) -> Steps:
    def app(state: str) -> Define:
        def fill(stack: cdk.Stack) -> None:
            condition = cdk.CfnCondition(
                stack, "IsOn", expression=cdk.Fn.condition_equals(state, "on")
            )
            _parts(stack)
            # The local cloud sees no change in a condition alone.
            ivs.EncoderConfiguration(stack, "Encoder", tags={"state": state})
            for path in ("Stage/Custom", "Channel/Resource", "Channel/Associations/Resource"):
                found: Any = stack
                for name in path.split("/"):
                    found = found.node.find_child(name)
                found.cfn_options.condition = condition

        return _app(fill)

    def there() -> list[str]:
        return sorted(each.type for each in bench.resources())

    yield "deploy"
    bench.deploy(app("on"))
    everything = there()
    assert {"Stage", "Channel", "EncoderConfiguration"} <= set(everything)

    yield "switch off"
    # Nothing is allowed any more but by the policies that go with it.
    bench.deploy(app("off"))
    assert there() == ["EncoderConfiguration", "PlaybackRestrictionPolicy"]
    assert bench.failures(STACK) == {}

    yield "switch on"
    bench.deploy(app("on"))
    assert there() == everything

    yield "destroy"
    bench.destroy(app("on"))


def _many(bench: Bench) -> Steps:
    def app(number: int) -> Define:
        def fill(stack: cdk.Stack) -> None:
            policy = ivs.PlaybackRestrictionPolicy(stack, "Policy", allowed_countries=["DE"])
            for index in range(number):
                ivs.Channel(stack, f"Channel{index}", playback_restriction_policy=policy)

        return _app(fill)

    def managed() -> set[str]:
        # Those that the stack has, and no others: this account has none.
        resources = bench.cloud.client("cloudformation").describe_stack_resources(StackName=STACK)
        return {
            each["LogicalResourceId"]
            for each in resources["StackResources"]
            if each["ResourceType"] == "AWS::IAM::ManagedPolicy"
        }

    def restricted() -> int:
        return sum(
            bool(each.data["playbackRestrictionPolicyArn"]) for each in bench.resources("Channel")
        )

    yield "deploy few"
    bench.deploy(app(2))
    assert managed() == set()

    yield "deploy many"
    bench.deploy(app(36))
    assert len(managed()) == 1
    assert restricted() == 36

    yield "few again"
    bench.deploy(app(2))
    assert managed() == set()
    assert restricted() == len(bench.resources("Channel")) == 2

    yield "destroy"
    bench.destroy(app(2))


SCENARIOS = (
    Scenario("role given", _given_role),
    Scenario("role created before", _precreated_role),
    Scenario("logs, processor, traces", _logs),
    Scenario("VPC", _vpc),
    Scenario("condition switches off", _condition),
    Scenario("many channels", _many),
)
"""Every case."""
