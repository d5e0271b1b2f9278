"""IAM policy statements in their own form: ARNs, conditions, and the names of wildcards."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from functools import cache
from typing import TYPE_CHECKING, Any, TypeAlias, cast

from aws_cdk import Aws

from ivs_constructs._core.check import is_token
from ivs_constructs._specs import OWN_TAGS

if TYPE_CHECKING:
    from ivs_constructs._core.stack_facts import Place

Statement = dict[str, Any]
"""A statement in IAM's own form. A resource may be a string, an `Fn::Sub` or the stack's id."""

Conditions: TypeAlias = Mapping[str, Mapping[str, object]]
"""What must hold for a statement: keys and values, by the operators."""

STACK_ID = {"Ref": "AWS::StackId"}
"""The stack's id, as a resource of a statement or the value of a condition."""

REASONS = {
    "Traces": "IAM has no resource type for AWS X-Ray traces",
    "NetworkInterfaces": "AWS Lambda connects the function to the VPC with this role, and requires "
    "these operations on every resource",
}
"""Why a statement names no single resource."""

TRACES: Statement = {
    "Sid": "Traces",
    "Effect": "Allow",
    "Action": ["xray:PutTelemetryRecords", "xray:PutTraceSegments"],
    "Resource": ["*"],
}

NETWORK_INTERFACES: Statement = {
    "Sid": "NetworkInterfaces",
    "Effect": "Allow",
    "Action": [
        "ec2:AssignPrivateIpAddresses",
        "ec2:CreateNetworkInterface",
        "ec2:DeleteNetworkInterface",
        "ec2:DescribeNetworkInterfaces",
        "ec2:DescribeSubnets",
        "ec2:UnassignPrivateIpAddresses",
    ],
    "Resource": ["*"],
}
"""What AWS Lambda requires in the role of a function in a VPC.

See: https://docs.aws.amazon.com/lambda/latest/dg/configuration-vpc.html
"""


OWN_STACK: Statement = {
    "Sid": "OwnStack",
    "Effect": "Allow",
    "Action": ["cloudformation:DescribeStackResource"],
    "Resource": [STACK_ID],
}
"""Lets a handler of custom resources ask whether CloudFormation waits for it."""


def sign_with(key_arn: str, *, verify: bool = False) -> Statement:
    """Write the statement that lets a function sign tokens with a key in AWS KMS.

    Args:
        key_arn: The key.
        verify: Whether it also verifies tokens.
    """
    return {
        "Sid": "Sign",
        "Effect": "Allow",
        "Action": ["kms:Sign", *(["kms:Verify"] if verify else [])],
        "Resource": [key_arn],
        "Condition": FOR_TOKENS,
    }


FOR_TOKENS = {"StringEquals": {"kms:SigningAlgorithm": "ECDSA_SHA_384"}}
"""The condition on a signing key: the one algorithm that tokens are signed with."""


def own_account(resource: str) -> dict[str, str]:
    """Write an Amazon IVS ARN in the stack's account so that it is readable in the template.

    Args:
        resource: Type and id, such as `stage/*`.
    """
    return {
        "Fn::Sub": f"arn:${{AWS::Partition}}:ivs:${{AWS::Region}}:${{AWS::AccountId}}:{resource}"
    }


def all_of(kind: str, place: Place = (None, None)) -> str:
    """Name all resources of a type in a Region and account.

    Args:
        kind: The type.
        place: The Region and account. Default: those of the stack that has the policy.
    """
    region, account = place
    return f"arn:{Aws.PARTITION}:ivs:{region or Aws.REGION}:{account or Aws.ACCOUNT_ID}:{kind}/*"


NOT_OUR_TAGS: Conditions = {
    "ForAllValues:StringNotLike": {"aws:TagKeys": [f"{OWN_TAGS}*"]},
    # Like those of aws:ResourceTag, the names of these condition keys are case-insensitive.
    "Null": {
        f"aws:RequestTag/{OWN_TAGS}{name}": "true" for name in ("automation", "fleet", "stack")
    },
}
"""For setting and removing tags that are not named.

This library's tags determine which stack a resource belongs to.
"""


def these_tags(keys: Iterable[str], values: Mapping[str, str]) -> Conditions:
    """Return the conditions under which the named tags may be set or removed.

    Args:
        keys: The keys.
        values: The values that are known when the policy is deployed.
    """
    conditions: dict[str, dict[str, object]] = {
        "ForAllValues:StringEquals": {"aws:TagKeys": sorted(map(_literal, keys))}
    }
    if values:
        conditions["StringEquals"] = {
            f"aws:RequestTag/{key}": _literal(value) for key, value in values.items()
        }
    return conditions


def _literal(text: str) -> str:
    """Keep a text from being read as a variable of IAM."""
    return _VARIABLE.sub("${$}{", text)


_VARIABLE = re.compile(r"\$\{(?!Token\[)")
"""The start of a variable, not of the AWS CDK's text for a deploy-time value."""


def log_to(log_group_arn: str) -> Statement:
    """Write the statement that lets a function write to its log group."""
    return {
        "Sid": "Log",
        "Effect": "Allow",
        "Action": ["logs:CreateLogStream", "logs:PutLogEvents"],
        "Resource": [log_group_arn],
    }


def resources_of(statement: Statement) -> list[object]:
    """Return the resources of a statement."""
    on: object = statement["Resource"]
    return cast("list[object]", on) if isinstance(on, list) else [on]


def shown_resource(on: object) -> str:
    """Return a statement's resource as text, with references to parameters as in `Fn::Sub`."""
    if isinstance(on, dict):
        return cast("dict[str, str]", on).get("Fn::Sub", "")
    text = str(on)
    if is_token(text):
        for token, name in pseudo_parameters():
            text = text.replace(token, name)
    return text


@cache
def pseudo_parameters() -> tuple[tuple[str, str], ...]:
    """Return what stands for a stack's place: the AWS CDK's token, and how `Fn::Sub` writes it."""
    return (
        (Aws.PARTITION, "${AWS::Partition}"),
        (Aws.REGION, "${AWS::Region}"),
        (Aws.ACCOUNT_ID, "${AWS::AccountId}"),
    )


def finding(on: object) -> str:
    """Name cdk-nag's finding for a statement that allows something on a wildcard."""
    text = shown_resource(on)
    return f"AwsSolutions-IAM5[Resource::{text.replace('${', '<').replace('}', '>')}]"
