"""What a rule is, and what it finds."""

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
        stack: In which stack.
        logical_id: The element that the finding is about.
        location: Where in it, such as `Properties.InsecureIngest`.
        detail: What is there, to be read after the rule's summary.
    """

    stack: StackTemplate
    logical_id: str
    location: str
    detail: str = ""


@dataclass(frozen=True)
class Rule:
    """One thing that a template should not do.

    Attributes:
        id: Its name; it is acknowledged as `IvsChecks::<id>`.
        level: `error` stops a deployment; `warning` and `info` are printed.
        summary: What is wrong, in one line.
        reason: Why that is so.
        fix: What to do.
        source: Where AWS says so.
        find: Where it is broken. What is not known at synth is never judged.
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
