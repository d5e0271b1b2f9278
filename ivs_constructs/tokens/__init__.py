"""Tokens that let viewers watch private channels and participants join stages.

For the program that hands them out, such as a Lambda function: this package needs the standard
library only, and boto3 where AWS KMS signs. Describe what a token allows by `PlaybackClaims`,
`ParticipantClaims` or `ConnectionClaims`, and turn that into text by `sign`. `verify` is for tests.

Amazon IVS checks a token when a viewer or participant comes with it, far from the code that made
it; so every rule that AWS documents is checked here, where the mistake is.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from ivs_constructs.tokens._connection import ConnectionClaims
from ivs_constructs.tokens._jws import Signer, sign
from ivs_constructs.tokens._kms import KmsSigner
from ivs_constructs.tokens._participant import Capability, ParticipantClaims
from ivs_constructs.tokens._playback import AdsReportingMode, PlaybackClaims

if TYPE_CHECKING:
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
    "verify",
]

if not TYPE_CHECKING:

    def __getattr__(name: str) -> object:
        # When first used: programs that make tokens start without what verifies them.
        if name not in ("InvalidTokenError", "verify"):
            raise AttributeError(f"module '{__name__}' has no attribute '{name}'")
        from ivs_constructs.tokens import _verification

        return getattr(_verification, name)
