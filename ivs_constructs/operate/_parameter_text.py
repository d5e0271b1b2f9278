"""Finds deploy-time values that could change the JSON around them.

Step Functions, EventBridge Scheduler and CloudWatch accept JSON as one string. CloudFormation puts
it together at deploy time and escapes nothing, and the AWS CDK cannot escape a value that it does
not know. So a value with a quote in it can end its JSON string and add members. What AWS assigns,
such as an ARN, contains no quotes; parameters, imported values, dynamic references, and attributes
of custom resources, nested stacks and Systems Manager parameters can contain anything.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any, cast

import aws_cdk as cdk

from ivs_constructs._core.by_name import Reference, attribute_of
from ivs_constructs._core.check import DYNAMIC_REFERENCE, is_token
from ivs_constructs._core.rules import Advice, Severity
from ivs_constructs._core.tree import all_in


def rewriting_advice(stack: cdk.Stack, named: Iterable[tuple[str, object]]) -> list[Advice]:
    """Return warnings about values that could change the JSON that they become part of.

    Args:
        stack: The stack.
        named: The values, each after its name in the message.
    """
    found: list[Advice] = []
    open_ids: set[str] | None = None
    for name, value in named:
        if isinstance(value, str) and not is_token(value):
            continue
        resolved: object = stack.resolve(value)
        refs = set(_open_parts(resolved))
        if open_ids is None and refs - {""}:
            open_ids = _open_ids(stack)
        if "" in refs or refs & (open_ids or set()):
            found.append(
                Advice(
                    Severity.WARNING,
                    "ivs-constructs:parameter-in-json",
                    f"{name} comes from a parameter, an import, another stack or a custom "
                    "resource, and becomes part of JSON unescaped: a quote in it can change the "
                    "JSON around it; limit a parameter with allowed_pattern or allowed_values, or "
                    "pass the value at run time",
                )
            )
    return found


def _open_parts(node: object) -> Iterator[str]:
    """Yield the logical ids that a value refers to; an empty string if it can be any text."""
    if isinstance(node, str):
        if DYNAMIC_REFERENCE in node:
            yield ""
    elif isinstance(node, list):
        for each in cast("list[object]", node):
            yield from _open_parts(each)
    elif isinstance(node, Mapping):
        members = cast("Mapping[str, Any]", node)
        if members.keys() & {"Fn::ImportValue", "Fn::FindInMap", "Fn::Transform"}:
            yield ""
        elif [*members] == ["Ref"]:
            yield from () if members["Ref"].startswith("AWS::") else (str(members["Ref"]),)
        elif [*members] == ["Fn::GetAtt"]:
            yield str(members["Fn::GetAtt"][0])
        else:
            for each in members.values():
                yield from _open_parts(each)


_OPEN_CLASSES = {
    f"aws-cdk-lib.{name}"
    for name in ("CfnCustomResource", "CfnResource", "CfnStack", "aws_ssm.CfnParameter")
}
"""The classes that the open types can have."""

_OPEN_TYPES = ("Custom::", "AWS::CloudFormation::", "AWS::SSM::Parameter")
_OUR_TYPES = "Custom::IVS"


def _open_ids(stack: cdk.Stack) -> set[str]:
    """Return the logical ids of parameters and resources whose values can be any text."""
    return {
        str(stack.resolve(attribute_of(each, "logicalId")))
        for each in all_in(stack)
        if (each.type == "aws-cdk-lib.CfnParameter" and _takes_anything(each))
        or (each.type in _OPEN_CLASSES and _is_open(attribute_of(each, "cfnResourceType")))
    }


def _is_open(cfn_type: str) -> bool:
    return cfn_type.startswith(_OPEN_TYPES) and not cfn_type.startswith(_OUR_TYPES)


def _takes_anything(parameter: Reference) -> bool:
    limits = (attribute_of(parameter, "allowedPattern"), attribute_of(parameter, "allowedValues"))
    return not any(limits)
