"""Finds deploy-time values that could change the JSON around them.

Step Functions, EventBridge Scheduler and CloudWatch accept JSON as one string. CloudFormation puts
it together at deploy time and escapes nothing, and the AWS CDK cannot escape a value that it does
not know. So a value with a quote in it can end its JSON string and add members. What AWS assigns,
such as an ARN, contains no quotes; parameters, imported values, dynamic references, and attributes
of custom resources, nested stacks and Systems Manager parameters can contain anything.
"""

from __future__ import annotations

import re
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
            named = members["Fn::GetAtt"]
            yield named.partition(".")[0] if isinstance(named, str) else str(named[0])
        elif [*members] == ["Fn::Sub"]:
            text, *variables = _listed(members["Fn::Sub"])
            yield from _open_parts([text, *variables])
            # A name with a dot is that of an attribute.
            yield from (name for name in _VARIABLE.findall(str(text)) if "::" not in name)
        else:
            for each in members.values():
                yield from _open_parts(each)


def _listed(value: object) -> list[object]:
    return cast("list[object]", value) if isinstance(value, list) else [value]


_VARIABLE = re.compile(r"\$\{\s*([^!.}\s][^.}\s]*)[^}]*\}")
"""A variable in the text of `Fn::Sub`: the logical id before a dot."""

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
    if attribute_of(parameter, "type") == "Number":
        return False
    values: object = attribute_of(parameter, "allowedValues")
    if isinstance(values, list):
        return any(map(_REWRITES.search, cast("list[str]", values)))
    pattern = attribute_of(parameter, "allowedPattern")
    return not pattern or _lets_through(pattern)


_REWRITES = re.compile(r'["\\\x00-\x1f]')
"""A character that is not itself in a JSON string."""

_PROBES = [
    f"{before}{wrong}{after}" for wrong in '"\\' for before in ("", "a") for after in ("", "a")
]
"""Texts that no pattern should accept which is to keep JSON as it is."""


def _lets_through(pattern: str) -> bool:
    """Whether a pattern accepts a text with a quote or a backslash, as far as Python can tell."""
    try:
        return any(re.fullmatch(pattern, each) for each in _PROBES)
    except re.error:  # CloudFormation's patterns are those of Java
        return False
