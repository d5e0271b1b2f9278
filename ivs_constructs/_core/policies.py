"""Roles and policies made by the AWS CDK's own rules, with a reason for each wildcard.

All are L2 constructs, made by name, so that `Role.customize_roles`, property injectors,
aspects and permissions boundaries reach them. Nothing here relies on an L1 child: a role that was
created beforehand has none.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from enum import Enum
from functools import cache
from typing import Any, cast

import aws_cdk as cdk
from constructs import Construct

from ivs_constructs._core.by_name import (
    Reference,
    call,
    define_by_name,
    reference,
    static_call,
    value_by_name,
)
from ivs_constructs._core.check import is_token
from ivs_constructs._core.statements import (
    STACK_ID,
    Statement,
    finding,
    pseudo_parameters,
    resources_of,
    shown_resource,
)

_CUSTOMIZED = "@aws-cdk/iam:customizeRoles"
"""The context key under which the AWS CDK keeps the options of `Role.customize_roles`."""

METADATA = "ivs-constructs"
"""The metadata key in the template that holds the reasons, by statement id."""


def define_role(
    scope: Construct,
    id: str,
    *,
    service: str,
    description: str,
    statements: Mapping[str, Sequence[Statement]],
    reasons: Mapping[str, str],
    conditions: Mapping[str, Any] | None = None,
) -> cdk.Resource:
    """Make a role that a service assumes.

    Args:
        scope: The scope.
        id: The id.
        service: The service, such as `lambda.amazonaws.com`.
        description: What the role is for.
        statements: What it may do, by the names of its inline policies.
        reasons: Why a statement names no single resource, by the statements' ids.
        conditions: What must hold when the service assumes it.
    """
    options = [{"conditions": dict(conditions)}] if conditions else []
    role = define_by_name(
        cdk.Resource,
        "aws_iam.Role",
        scope,
        id,
        {
            "description": description,
            "assumedBy": value_by_name("aws_iam.ServicePrincipal", service, *options),
            "inlinePolicies": {name: _document(scope, each) for name, each in statements.items()},
        },
    )
    explain(role, [each for group in statements.values() for each in group], reasons)
    return role


def define_policy(
    scope: Construct,
    id: str,
    role: object,
    statements: Sequence[Statement],
    reasons: Mapping[str, str],
    *,
    name: str | None = None,
) -> cdk.Resource:
    """Make an inline policy, attached if the role allows it: a role that is passed in may not.

    Args:
        scope: The scope.
        id: The id.
        role: The role.
        statements: What it allows.
        reasons: Why a statement names no single resource, by the statements' ids.
        name: The policy's name. Default: its logical id.
    """
    named = {} if name is None else {"policyName": name}
    properties = {"document": _document(scope, statements), **named}
    policy = define_by_name(cdk.Resource, "aws_iam.Policy", scope, id, properties)
    if _customized(scope) is _Customized.REPORTED:
        # The role would only add it to its report.
        call(policy, "attachToRole", role)
    else:
        # Not as an argument of the policy, which would attach it even to a role that must not
        # change.
        call(role, "attachInlinePolicy", policy)
    explain(policy, statements, reasons)
    return policy


def define_managed_policy(
    scope: Construct,
    id: str,
    role: object,
    statements: Sequence[Statement],
    reasons: Mapping[str, str],
) -> cdk.Resource:
    """Make a managed policy that is attached to one role.

    Args:
        scope: The scope.
        id: The id.
        role: The role.
        statements: What it allows.
        reasons: Why a statement names no single resource, by the statements' ids.
    """
    properties = {"document": _document(scope, statements), "roles": [role]}
    policy = define_by_name(cdk.Resource, "aws_iam.ManagedPolicy", scope, id, properties)
    explain(policy, statements, reasons)
    return policy


def explain(
    construct: Construct, statements: Sequence[Statement], reasons: Mapping[str, str]
) -> None:
    """Write the reasons into the template, and those for wildcards in cdk-nag's form as well.

    Args:
        construct: The role or policy that has the statements.
        statements: The statements.
        reasons: The reasons, by the statements' ids.
    """
    told = {each["Sid"]: reasons[each["Sid"]] for each in statements if each["Sid"] in reasons}
    if not told:
        return
    level1 = level1_of(construct)
    if level1 is not None:
        by_finding = {
            finding(on): told[each["Sid"]]
            for each in statements
            if each["Sid"] in told
            for on in resources_of(each)
            if "*" in shown_resource(on)
        }
        give_reasons(level1, told, by_finding)


def give_reasons(level1: object, by_sid: Mapping[str, str], by_finding: Mapping[str, str]) -> None:
    """Put reasons beside a policy in the template.

    Args:
        level1: The policy, or the role with the policy inside.
        by_sid: The reasons, by the statements' ids.
        by_finding: The reasons of wildcards, by what cdk-nag finds.
    """
    call(level1, "addMetadata", METADATA, dict(by_sid))
    if by_finding and hasattr(cdk, "Validations"):  # aws-cdk-lib has it since 2.250
        acknowledged = [{"id": id, "reason": reason} for id, reason in by_finding.items()]
        call(static_call("Validations", "of", level1), "acknowledge", *acknowledged)


def level1_of(construct: object) -> Reference | None:
    """Return the template resource of a construct, None if it has none."""
    node = reference(construct, "node")
    return reference(node, "defaultChild")


class _Customized(Enum):
    """What an app does with its roles."""

    NO = "makes them"
    REPORTED = "makes them and writes a report"
    PRECREATED = "takes those that were created beforehand and writes a report"


def _customized(scope: Construct) -> _Customized:
    known: _Customized | None = vars(scope).get(_ATTRIBUTE)
    if known is None:
        options: dict[str, object] | None = scope.node.try_get_context(_CUSTOMIZED)
        known = _Customized.NO
        if options is not None:
            prevented = options.get("preventSynthesis") is not False
            known = _Customized.PRECREATED if prevented else _Customized.REPORTED
        vars(scope)[_ATTRIBUTE] = known
    return known


_ATTRIBUTE = "_ivs_constructs_customized_roles"
"""The scope's attribute that keeps the answer."""


def _document(scope: Construct, statements: Sequence[Statement]) -> Reference:
    customized = _customized(scope)
    stack = stack_pattern(cdk.Stack.of(scope)) if customized is _Customized.PRECREATED else ""
    written = [_written(each, customized, stack) for each in statements]
    policy = {"Version": "2012-10-17", "Statement": written}
    return static_call("aws_iam.PolicyDocument", "fromJson", policy)


def stack_pattern(stack: cdk.Stack) -> str:
    """Write a pattern for a stack's id, for a role that was created before the stack."""
    name = "*" if is_token(stack.stack_name) else stack.stack_name
    return (
        f"arn:{cdk.Aws.PARTITION}:cloudformation:{cdk.Aws.REGION}:{cdk.Aws.ACCOUNT_ID}:"
        f"stack/{name}/*"
    )


def _written(statement: Statement, customized: _Customized, stack: str) -> Statement:
    resources = [_resource(on, customized, stack) for on in resources_of(statement)]
    written = {**statement, "Resource": resources}
    if stack and "Condition" in statement:
        written["Condition"] = {
            operator.replace("Equals", "Like") if STACK_ID in keys.values() else operator: {
                key: stack if value == STACK_ID else value for key, value in keys.items()
            }
            for operator, keys in statement["Condition"].items()
        }
    return written


def _resource(on: object, customized: _Customized, stack: str) -> object:
    if on == STACK_ID:
        return stack or cdk.Aws.STACK_ID
    if not isinstance(on, dict):
        return on
    text = shown_resource(cast("object", on))
    # The AWS CDK's report can read these, but not an `Fn::Sub`.
    return _substituted(text) if customized is _Customized.NO else _joined(text)


@cache
def _substituted(text: str) -> str:
    return cdk.Fn.sub(text)


def _joined(text: str) -> str:
    for token, name in pseudo_parameters():
        text = text.replace(name, token)
    return text
