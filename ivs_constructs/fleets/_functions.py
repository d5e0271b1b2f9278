"""Makes a function of a fleet with its log group and its role."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import cast

import aws_cdk as cdk
from aws_cdk import aws_iam, aws_lambda, aws_logs
from constructs import Construct

from ivs_constructs._provider.permissions import REASONS
from ivs_constructs._provider.provider import MEMORY_MEGABYTES, RUNTIME
from ivs_constructs.fleets._permissions import Statement, finding


def define_function(
    scope: Construct,
    *,
    description: str,
    role_description: str,
    code: aws_lambda.Code,
    handler: str,
    seconds: int,
    environment: Mapping[str, str],
    statements: Sequence[Statement],
    reasons: Mapping[str, str],
    log_retention: aws_logs.RetentionDays | None,
) -> aws_lambda.Function:
    """Make a function below a construct: `Function`, `LogGroup` and `Role`.

    Args:
        scope: The construct that has the function.
        description: What the function does.
        role_description: What the role is for.
        code: The code.
        handler: The handler.
        seconds: How long it may run.
        environment: Its environment variables.
        statements: What it may do, besides logs and traces.
        reasons: Why a statement names no single resource, by the statements' ids.
        log_retention: How long its log is kept, as given.
    """
    log_group = aws_logs.LogGroup(
        scope,
        "LogGroup",
        retention=log_retention or aws_logs.RetentionDays.ONE_MONTH,
        removal_policy=cdk.RemovalPolicy.DESTROY,
    )
    wanted: list[Statement] = [
        {
            "Sid": "Log",
            "Effect": "Allow",
            "Action": ["logs:CreateLogStream", "logs:PutLogEvents"],
            "Resource": [log_group.log_group_arn],
        },
        {
            "Sid": "Traces",
            "Effect": "Allow",
            "Action": ["xray:PutTelemetryRecords", "xray:PutTraceSegments"],
            "Resource": ["*"],
        },
        *statements,
    ]
    role = aws_iam.Role(
        scope,
        "Role",
        description=role_description,
        # To type checkers jsii's classes and interfaces are strangers.
        assumed_by=cast("aws_iam.IPrincipal", aws_iam.ServicePrincipal("lambda.amazonaws.com")),
        inline_policies={
            "Function": aws_iam.PolicyDocument(
                statements=[aws_iam.PolicyStatement.from_json(each) for each in wanted]
            )
        },
    )
    explain(role, wanted, {**REASONS, **reasons})
    function = aws_lambda.Function(
        scope,
        "Function",
        description=description,
        code=code,
        # By name: not every aws-cdk-lib that will do has a constant for it.
        runtime=aws_lambda.Runtime(RUNTIME, aws_lambda.RuntimeFamily.PYTHON),
        handler=handler,
        architecture=aws_lambda.Architecture.ARM_64,
        role=cast("aws_iam.IRole", role),
        timeout=cdk.Duration.seconds(seconds),
        memory_size=MEMORY_MEGABYTES,
        environment=dict(environment),
        log_group=cast("aws_logs.ILogGroup", log_group),
    )
    level1 = function.node.default_child
    if isinstance(level1, aws_lambda.CfnFunction):
        # Not by the constructor, which would add a statement without a reason to the role.
        level1.tracing_config = aws_lambda.CfnFunction.TracingConfigProperty(mode="Active")
    return function


def explain(owner: Construct, statements: Sequence[Statement], reasons: Mapping[str, str]) -> None:
    """Give the reasons of wildcards to who reads the template, and to cdk-nag."""
    level1 = owner.node.default_child
    if not isinstance(level1, cdk.CfnResource):
        # A role that was created beforehand is no part of the template.
        return
    given = {each["Sid"]: reasons[each["Sid"]] for each in statements if each["Sid"] in reasons}
    level1.add_metadata("ivs-constructs", given)
    if hasattr(cdk, "Validations"):  # aws-cdk-lib has it since 2.250
        found = {
            finding(on): given[each["Sid"]]
            for each in statements
            if each["Sid"] in given
            for on in each["Resource"]
        }
        cdk.Validations.of(level1).acknowledge(
            *(cdk.Acknowledgment(id=id, reason=reason) for id, reason in found.items())
        )
