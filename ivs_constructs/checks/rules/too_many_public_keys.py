"""More public keys than an account can have."""

from __future__ import annotations

from ivs_constructs.checks.places import beyond
from ivs_constructs.checks.rule import Rule
from ivs_constructs.checks.types import PUBLIC_KEY

_QUOTA = 3


RULE = Rule(
    id="TooManyPublicKeys",
    level="error",
    summary=f"more than {_QUOTA} public keys in a Region",
    reason="that is the quota, which cannot be raised: deploying the next one fails",
    fix="share one key among stages",
    source="IVS real-time guide, service quotas",
    find=lambda assembly: beyond(assembly, _QUOTA, PUBLIC_KEY),
)
