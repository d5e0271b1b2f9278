"""Checks the resources that a composition names."""

from __future__ import annotations

import re

from ivs_constructs._core.arn import arn_of
from ivs_constructs._core.check import Check
from ivs_constructs._core.stack_facts import StackFacts
from ivs_constructs._specs import ResourceSpec


def part_arn(
    check: Check, beside: StackFacts | None, spec: ResourceSpec, label: str, given: object
) -> str | None:
    """Return the ARN of a resource that the user named, None if it is not a valid one.

    Args:
        check: Collects the failures, under the argument's own name; the messages say where in it.
        beside: The facts of the stack that the resource must be in the Region and account of.
        spec: The type that it must have.
        label: Where it was named, such as `destinations[0].channel`.
        given: What the user passed; None is ignored.
    """
    inner = Check(check.source)
    arn = arn_of(inner, spec, label, given, beside=beside)
    for failure in inner.failures:
        check.fail(re.split(r"[.\[]", label)[0], failure.code, failure.message)
    return arn
