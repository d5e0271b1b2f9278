"""Finds values that a deployment's parameters can rewrite once they stand in JSON.

Step Functions, EventBridge Scheduler and CloudWatch take JSON as one text. CloudFormation puts it
together from what is known at synth and what is not, and escapes nothing. Neither can the AWS CDK:
it would escape whatever escapes a quote. So a value with a quote in it ends the text that it stands
in, and adds members of its own. Attributes of resources hold no quotes; parameters, imported values
and dynamic references can hold anything.
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
    """Warn of values that can rewrite the JSON which they become a part of.

    Args:
        stack: The stack.
        named: The values' names, for the message, and the values.
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
    """Name what a value refers to; empty for what can be any text."""
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
