"""Keys whose private half is outside AWS KMS."""

from __future__ import annotations

from collections.abc import Iterator

from ivs_constructs.checks.assembly import Assembly
from ivs_constructs.checks.rule import Rule, Spot, spot
from ivs_constructs.checks.types import PLAYBACK_KEY_PAIR, PUBLIC_KEY


def _find(assembly: Assembly) -> Iterator[Spot]:
    for key in assembly.resources(PLAYBACK_KEY_PAIR, PUBLIC_KEY):
        # A key from AWS KMS is known only at deploy time.
        if isinstance(key.properties.get("PublicKeyMaterial"), str):
            yield spot(key, "Properties.PublicKeyMaterial")


RULE = Rule(
    id="KeyOutsideKms",
    level="info",
    summary="the key was made outside AWS KMS",
    reason="anyone with its private half can watch or join everything that the key is valid for",
    fix="use the public key of a KMS key (ECC_NIST_P384), as TokenSigningKey does",
    source="IVS user guide, private channels; real-time guide, distribute tokens",
    find=_find,
)
