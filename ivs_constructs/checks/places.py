"""Counts resources in one account and Region."""

from __future__ import annotations

from collections.abc import Iterator

from ivs_constructs.checks.assembly import Assembly
from ivs_constructs.checks.rule import Spot, spot


def beyond(assembly: Assembly, quota: int, *types: str) -> Iterator[Spot]:
    """The resources beyond the quota in their place.

    Stacks whose account or Region is known only at deploy time may go anywhere, so each is counted
    separately.
    """
    counts: dict[object, int] = {}
    for resource in assembly.resources(*types):
        # It may never be made.
        if "Condition" in resource.definition:
            continue
        stack = resource.stack
        known = stack.account and stack.region
        place = (stack.account, stack.region) if known else stack.file
        counts[place] = counts.get(place, 0) + 1
        if counts[place] > quota:
            yield spot(resource, "", detail=f"number {counts[place]}")
