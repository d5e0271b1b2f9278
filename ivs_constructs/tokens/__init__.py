"""Tokens that let viewers watch private channels and participants join stages.

For the program that issues them, such as a Lambda function: this package needs only the standard
library, and boto3 if AWS KMS signs. Describe what a token allows with `PlaybackClaims`,
`ParticipantClaims` or `ConnectionClaims`, and turn the claims into a token with `sign`. `verify` is
for tests.

Amazon IVS checks a token when a viewer or participant presents it, far from the code that made it.
So every rule that AWS documents is checked here, where the mistake is.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from ivs_constructs.tokens._connection import ConnectionClaims
    from ivs_constructs.tokens._ids import user_id_of, viewer_id_of
    from ivs_constructs.tokens._jws import Signer, sign
    from ivs_constructs.tokens._kms import KmsSigner
    from ivs_constructs.tokens._participant import Capability, ParticipantClaims
    from ivs_constructs.tokens._playback import AdsReportingMode, PlaybackClaims
    from ivs_constructs.tokens._reading import InvalidTokenError
    from ivs_constructs.tokens._verification import verify

__all__ = [
    "AdsReportingMode",
    "Capability",
    "ConnectionClaims",
    "InvalidTokenError",
    "KmsSigner",
    "ParticipantClaims",
    "PlaybackClaims",
    "Signer",
    "sign",
    "user_id_of",
    "verify",
    "viewer_id_of",
]

# Loaded lazily, so that a Lambda function starts faster.
_HOMES = {
    "AdsReportingMode": "_playback",
    "Capability": "_participant",
    "ConnectionClaims": "_connection",
    "InvalidTokenError": "_reading",
    "KmsSigner": "_kms",
    "ParticipantClaims": "_participant",
    "PlaybackClaims": "_playback",
    "Signer": "_jws",
    "sign": "_jws",
    "user_id_of": "_ids",
    "verify": "_verification",
    "viewer_id_of": "_ids",
}

if not TYPE_CHECKING:

    def __getattr__(name: str) -> object:
        if name not in _HOMES:
            raise import_module("ivs_constructs")._unknown(name, __name__, __all__)
        found = getattr(import_module(f"{__name__}.{_HOMES[name]}"), name)
        found = import_module(f"{__name__}._misnamed").advising(name, found)
        globals()[name] = found
        return found


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
