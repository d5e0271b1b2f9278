"""More storage configurations than an account has by default."""

from __future__ import annotations

from collections.abc import Iterator

from ivs_constructs.checks.assembly import Assembly
from ivs_constructs.checks.places import beyond
from ivs_constructs.checks.rule import Rule, Spot
from ivs_constructs.checks.types import STORAGES

_QUOTA = 5


def _find(assembly: Assembly) -> Iterator[Spot]:
    yield from beyond(assembly, _QUOTA, *STORAGES)


RULE = Rule(
    id="TooManyStorages",
    level="warning",
    summary=f"more than {_QUOTA} storage configurations in a Region",
    reason="that is the default quota, and deploying the next one fails",
    fix="share one among stages, or request a quota increase",
    source="IVS real-time guide, service quotas",
    find=_find,
)
