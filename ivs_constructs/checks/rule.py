"""Rules and their matches."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Literal

from ivs_constructs.checks.assembly import Assembly, Resource, StackTemplate

Level = Literal["error", "warning", "info"]


@dataclass(frozen=True)
class Spot:
    """Where a rule is broken.

    Attributes:
        stack: The stack.
        logical_id: The element in which the rule is broken.
        location: The place in it, such as `Properties.InsecureIngest`.
        detail: What is there, to be read after the rule's summary.
    """

    stack: StackTemplate
    logical_id: str
    location: str
    detail: str = ""


@dataclass(frozen=True)
class Rule:
    """A mistake that templates should not have.

    Attributes:
        id: Its name; acknowledge it as `IvsChecks::<id>`.
        level: `error` stops a deployment; `warning` and `info` are printed.
        summary: What is wrong, in one line.
        reason: Why that is so.
        fix: What to do.
        source: Where AWS says so.
        find: Finds where it is broken. Values that are not known at synth are never checked.
    """

    id: str
    level: Level
    summary: str
    reason: str
    fix: str
    source: str
    find: Callable[[Assembly], Iterator[Spot]]

    @property
    def row(self) -> str:
        """Its row in the documentation's table."""
        about = f"{self.summary}: {self.reason}"
        return f"| `{self.id}` | {self.level} | {about} | {self.fix} | {self.source} |"


def spot(resource: Resource, *location: str, detail: str = "") -> Spot:
    """A place in a resource."""
    return Spot(resource.stack, resource.logical_id, ".".join(location), detail)
