"""Rules for all resources that a composition names."""

from __future__ import annotations

import re
from dataclasses import dataclass

from ivs_constructs._core.arn import arn_of
from ivs_constructs._core.check import Check
from ivs_constructs._core.stack_facts import StackFacts
from ivs_constructs._specs import ResourceSpec


@dataclass(frozen=True, slots=True)
class Part:
    """A resource that the user named.

    Attributes:
        label: Where it was named, such as `destinations[0].channel`. arn: Its ARN, None if it has
        none.
    """

    label: str
    arn: str | None

    @property
    def argument(self) -> str:
        """The argument in which it was named."""
        return re.split(r"[.\[]", self.label)[0]


def part_of(
    check: Check, beside: StackFacts | None, spec: ResourceSpec, label: str, given: object
) -> Part:
    """Check a resource that the user named; None is ignored."""
    # Reported under the argument's own name; the message says where in it.
    inner = Check(check.source)
    part = Part(label, arn_of(inner, spec, label, given, beside=beside))
    for failure in inner.failures:
        check.fail(part.argument, failure.code, failure.message)
    return part
