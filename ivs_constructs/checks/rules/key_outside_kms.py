"""Keys whose private half lies about somewhere."""

from __future__ import annotations

from collections.abc import Iterator

from ivs_constructs.checks.assembly import Assembly
from ivs_constructs.checks.rule import Rule, Spot, spot
from ivs_constructs.checks.types import PLAYBACK_KEY_PAIR, PUBLIC_KEY


def _find(assembly: Assembly) -> Iterator[Spot]:
    for key in assembly.resources(PLAYBACK_KEY_PAIR, PUBLIC_KEY):
        # What comes from AWS KMS is known at deployment only.
        if isinstance(key.properties.get("PublicKeyMaterial"), str):
            yield spot(key, "Properties.PublicKeyMaterial")


RULE = Rule(
    id="KeyOutsideKms",
    level="info",
    summary="the key was made outside of AWS KMS",
    reason="who gets at its private half can watch, or join, all that the key is good for",
    fix="take the public key of a KMS key (ECC_NIST_P384), as TokenSigningKey does",
    source="IVS user guide, private channels; real-time guide, distribute tokens",
    find=_find,
)
