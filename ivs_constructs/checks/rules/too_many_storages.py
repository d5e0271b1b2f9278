"""More storage configurations than an account has by default."""

from __future__ import annotations

from ivs_constructs.checks.places import beyond
from ivs_constructs.checks.rule import Rule
from ivs_constructs.checks.types import STORAGES

_QUOTA = 5


RULE = Rule(
    id="TooManyStorages",
    level="warning",
    summary=f"more than {_QUOTA} storage configurations in a Region",
    reason="that is the default quota, and deploying the next one fails",
    fix="share one among stages, or request a quota increase",
    source="IVS real-time guide, service quotas",
    find=lambda assembly: beyond(assembly, _QUOTA, *STORAGES),
)
