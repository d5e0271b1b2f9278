"""What is known about the values of a template's parameters."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import cast

import aws_cdk as cdk

from ivs_constructs._core.intrinsics import Named
from ivs_constructs._core.tree import all_in, as_construct

_OPEN = re.compile(r"[*?]")
"""IAM's wildcards."""


def wildcards_in(stack: cdk.Stack) -> Named:
    """Return a function that finds the texts with wildcards that a parameter's definition names.

    Args:
        stack: The stack whose parameters these are.
    """

    def find(logical_id: str) -> Iterator[str]:
        if logical_id.startswith("AWS::"):
            return
        for each in all_in(stack, "CfnParameter"):
            parameter = cast("cdk.CfnParameter", as_construct(each))
            # The default of such a parameter is the name of one in AWS Systems Manager.
            named = parameter.type.startswith("AWS::SSM::")
            if named or stack.resolve(parameter.logical_id) != logical_id:
                continue
            for text in (parameter.default, *(parameter.allowed_values or ())):
                if isinstance(text, str) and _OPEN.search(text):
                    yield text

    return find
