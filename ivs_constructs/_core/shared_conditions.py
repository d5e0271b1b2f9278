"""Gives what belongs to a resource the condition of that resource.

CloudFormation rejects a template in which an unconditional resource refers to one whose condition
is false. So a channel's stream key, its secret and its associations share the channel's condition.
"""

from __future__ import annotations

from collections.abc import Iterable
from functools import partial
from typing import TYPE_CHECKING, cast

import aws_cdk as cdk

from ivs_constructs._core.arn import Ready
from ivs_constructs._core.at_synth import at_synth
from ivs_constructs._core.by_name import key_of, put, reference
from ivs_constructs._core.draft import Draft
from ivs_constructs._core.policies import level1_of
from ivs_constructs._core.tree import all_in

if TYPE_CHECKING:
    from ivs_constructs._core.stack_facts import StackFacts


def share_condition(stack_facts: StackFacts, part: object, whole: object) -> None:
    """Give a part the condition of what it belongs to, at synth, unless it has one of its own.

    Args:
        stack_facts: The facts of the part's stack.
        part: The construct that belongs to another one.
        whole: The other one, as the user passed it. Conditions of other stacks do not count.
    """
    parts, stage = stack_facts.registry.conditional_parts, stack_facts.stage
    if stage not in parts:
        parts[stage] = []
        at_synth(stage, partial(_settle_if_conditional, stage, parts[stage]))
    parts[stage].append((part, whole))


def settle_conditions(parts: Iterable[tuple[object, object]]) -> None:
    """Set the conditions; can be repeated.

    Args:
        parts: The parts, each with what it belongs to, in the order in which they were defined.
    """
    for part, whole in parts:
        inner, outer = _level1(part), _level1(whole)
        if inner is None or outer is None:
            continue
        condition = reference(reference(outer, "cfnOptions"), "condition")
        options = reference(inner, "cfnOptions")
        if condition is None or reference(options, "condition") is not None:
            continue
        if key_of(reference(inner, "stack")) == key_of(reference(outer, "stack")):
            put(options, "condition", condition)


def _level1(given: object) -> object:
    if isinstance(given, Ready):
        given = given.resource
    if isinstance(given, Draft):
        # Whatever its class is, it has been made by now.
        return level1_of(cast("object", given.made))  # pyright: ignore[reportUnknownMemberType] (of its class)
    return given if isinstance(given, cdk.CfnElement) else level1_of(given)


def _settle_if_conditional(stage: cdk.Stage, parts: list[tuple[object, object]]) -> None:
    if all_in(stage, "CfnCondition"):
        settle_conditions(parts)
