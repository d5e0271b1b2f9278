"""The tags of a stack, which CloudFormation gives to its own types of resources only."""

from __future__ import annotations

import aws_cdk as cdk

STACK_TAG_PRIORITY = 10
"""Below that of tags which a construct was given: as in CloudFormation, these win."""


def tags_of_stack(stack: cdk.Stack) -> dict[str, str]:
    """Return the tags that a stack gives to what is in it."""
    tags: dict[str, str] = {}
    outer: cdk.Stack | None = stack
    while outer is not None:
        tags = {**outer.tags.tag_values(), **tags}
        # An outer stack's tags reach what is in a nested one.
        outer = outer.nested_stack_parent
    return tags
