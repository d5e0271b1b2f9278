"""Finds deploy-time values that could change the JSON around them.

Step Functions, EventBridge Scheduler and CloudWatch accept JSON as one string. CloudFormation puts
it together at deploy time and escapes nothing, and the AWS CDK cannot escape a value that it does
not know. So a value with a quote in it can end its JSON string and add members. Attributes of
resources contain no quotes; parameters, imported values and dynamic references can contain
anything.
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
    parameters: set[str] | None = None
    for name, value in named:
        if isinstance(value, str) and not is_token(value):
            continue
        resolved: object = stack.resolve(value)
        refs = set(_open_parts(resolved))
        if parameters is None and refs - {""}:
            parameters = _parameters(stack)
        if "" in refs or refs & (parameters or set()):
            found.append(
                Advice(
                    Severity.WARNING,
                    "ivs-constructs:parameter-in-json",
                    f"{name} comes from a parameter or an imported value, which becomes a part of "
                    "JSON as it is: one with a quote in it can add to or replace what stands "
                    "around it; limit the parameter by allowed_pattern or allowed_values, or give "
                    "the value at run time",
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
        elif [*members] != ["Fn::GetAtt"]:
            for each in members.values():
                yield from _open_parts(each)


def _parameters(stack: cdk.Stack) -> set[str]:
    """Return the logical ids of the parameters that may hold any text."""
    return {
        str(stack.resolve(attribute_of(each, "logicalId")))
        for each in all_in(stack)
        if each.type == "aws-cdk-lib.CfnParameter" and _takes_anything(each)
    }


def _takes_anything(parameter: Reference) -> bool:
    limits = (attribute_of(parameter, "allowedPattern"), attribute_of(parameter, "allowedValues"))
    return not any(limits)
