"""The findings of checks in an app."""

from __future__ import annotations

import difflib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from ivs_constructs.checks.assembly import ACKNOWLEDGED, Assembly
from ivs_constructs.checks.rule import Level
from ivs_constructs.checks.rules import RULES

PLUGIN = "IvsChecks"

MISSPELT = "UnknownAcknowledgement"
"""The id of the finding for an acknowledgment without a rule."""


@dataclass(frozen=True)
class Finding:
    """Something that a check found in a construct.

    Attributes:
        id: What `Validations.of(construct).acknowledge` takes, such as `IvsChecks::InsecureIngest`.
        level: `error`, `warning` or `info`.
        path: The construct's path.
        message: What is wrong, and why.
        fix: What to do, empty if the message says it.
        location: Where in the resource; empty if unknown.
        logical_id: The template's element; empty if unknown.
        template: The template's file, None where it is not known.

    Example:
        >>> print(Finding("IvsChecks::InsecureIngest", "warning", "App/Channel", "ingest is open"))
        warning IvsChecks::InsecureIngest: App/Channel: ingest is open
    """

    id: str
    level: Level
    path: str
    message: str
    fix: str = ""
    location: str = ""
    logical_id: str = ""
    template: Path | None = None

    def __str__(self) -> str:
        fix = f"; {self.fix}" if self.fix else ""
        return f"{self.level} {self.id}: {self.path}: {self.message}{fix}"


def find(assembly: Assembly) -> Iterator[Finding]:
    """The findings of all rules, acknowledged or not."""
    for rule in RULES:
        for spot in rule.find(assembly):
            detail = f" ({spot.detail})" if spot.detail else ""
            yield Finding(
                id=f"{PLUGIN}::{rule.id}",
                level=rule.level,
                path=spot.stack.path_of(spot.logical_id),
                message=f"{rule.summary}{detail}: {rule.reason}",
                fix=rule.fix,
                location=spot.location,
                logical_id=spot.logical_id,
                template=spot.stack.file,
            )


def misspelt(assembly: Assembly, acknowledged: dict[str, set[str]]) -> Iterator[Finding]:
    """Find acknowledgments that name no existing rule, and so acknowledge nothing."""
    known = [f"{PLUGIN}::{rule.id}" for rule in RULES]
    for name, paths in sorted(acknowledged.items()):
        # The AWS CDK puts a prefix of its own before acknowledged annotations.
        if not name.startswith(f"{PLUGIN}::") or name in known:
            continue
        near = difflib.get_close_matches(name, known, n=1)
        advice = f"; did you mean '{near[0]}'?" if near else ""
        for path in sorted(paths):
            stack = next((each for each in assembly.stacks if f"/{path}" in each.metadata), None)
            yield Finding(
                id=f"{PLUGIN}::{MISSPELT}",
                level="warning",
                path=path,
                message=f"there is no rule {name}{advice}",
                fix="correct the id, or drop the acknowledgment",
                template=(stack or assembly.stacks[0]).file,
            )


def acknowledged_in(assembly: Assembly) -> dict[str, set[str]]:
    """The acknowledgments in the stacks: paths by id."""
    found: dict[str, set[str]] = {}
    for stack in assembly.stacks:
        for path, entries in stack.metadata.items():
            for entry in entries:
                if entry["type"] == ACKNOWLEDGED:
                    for name in entry["data"]:
                        found.setdefault(name, set()).add(path.removeprefix("/"))
    return found


def is_acknowledged(finding: Finding, acknowledged: dict[str, set[str]]) -> bool:
    """Whether a finding is acknowledged, on its construct or on one around it."""
    at = acknowledged.get(finding.id, set())
    return any(path == "" or f"{finding.path}/".startswith(f"{path}/") for path in at)
