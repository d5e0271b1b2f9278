"""Values known at deploy time, of each kind that the AWS CDK has."""

from __future__ import annotations

from collections.abc import Callable

import aws_cdk as cdk

Tokens = Callable[[cdk.Stack], object]


def text_token(stack: cdk.Stack) -> str:
    return cdk.CfnParameter(stack, "Text").value_as_string


def number_token(stack: cdk.Stack) -> float:
    return cdk.CfnParameter(stack, "Number", type="Number").value_as_number


def list_token(stack: cdk.Stack) -> list[str]:
    return cdk.CfnParameter(stack, "List", type="CommaDelimitedList").value_as_list


def object_token(_: cdk.Stack) -> cdk.IResolvable:
    return cdk.Fn.condition_if("Condition", "one", "other")
