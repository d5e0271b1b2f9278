"""Checks tokens as Amazon IVS does, for tests."""

from __future__ import annotations

import base64
from datetime import datetime
from typing import TypeVar, cast

from ivs_constructs.tokens._check import Check
from ivs_constructs.tokens._claims import Claims
from ivs_constructs.tokens._connection import ConnectionClaims
from ivs_constructs.tokens._p384 import is_signature
from ivs_constructs.tokens._participant import ParticipantClaims
from ivs_constructs.tokens._pem import public_key_problem
from ivs_constructs.tokens._playback import PlaybackClaims
from ivs_constructs.tokens._reading import InvalidTokenError, read, signed_parts
from ivs_constructs.tokens._signature import COORDINATE, RAW_SIZE
from ivs_constructs.tokens._times import unix_time

_SOURCE = (
    "https://docs.aws.amazon.com/ivs/latest/LowLatencyUserGuide/private-channels-create-key.html"
)

KINDS = (PlaybackClaims, ParticipantClaims, ConnectionClaims)
"""The classes of claims, one for each kind of token."""

C = TypeVar("C", bound=Claims)


def verify(
    token: str,
    public_key_material: str,
    kind: type[C],
    *,
    public_key_arn: str | None = None,
    now: datetime | None = None,
) -> C:
    """Check a token and read its claims, in your unit tests; Amazon IVS does its own checks.

    Checks the token against AWS's documentation: header, signature, names and values of the claims,
    time. It does not know what was revoked or already used, and it is slow (milliseconds).

    Args:
        token: The token.
        public_key_material: The PEM text of the public key.
        kind: The class of claims that the token must have.
        public_key_arn: The public key that a participant or connection token must name. Default:
            any.
        now: When the token is used, with time zone. Default: the present.

    Returns:
        The claims. A playback token does not say when it was made, so `expires_in` of its claims is
        the time left.

    Raises:
        InvalidTokenError: If the token does not have the documented form, has expired, or is not
            signed with the key's private half.
        InvalidPropertyError: If a claim breaks a rule of its class, or an argument is invalid.

    Example:
        >>> claims = verify(token, public_key_material, PlaybackClaims)
    """
    _check_arguments(token, public_key_material, kind)
    seconds = unix_time(now, "verify")
    parts = signed_parts(token, kind, public_key_arn)
    key = _halves(base64.b64decode(public_key_material.split("-----")[2])[-RAW_SIZE:])
    if not is_signature(key, parts.signed, *_halves(parts.signature)):
        raise InvalidTokenError(
            "signature must be made with the private half of the given public key over exactly "
            "this header and payload, got another one"
        )
    claims = read(parts.payload, kind, seconds)
    if claims.key_region not in (None, parts.key_region):
        raise InvalidTokenError(
            "kid in the header must be a key in the claims' region, got one in another"
        )
    return cast("C", claims)


def _check_arguments(token: object, public_key_material: object, kind: type) -> None:
    check = Check("verify", _SOURCE)
    check.text("token", token)
    pem = check.text("public_key_material", public_key_material)
    if pem is not None:
        problem = public_key_problem(pem)
        if problem is not None:
            check.fail("public_key_material", "public-key", problem)
    if kind not in KINDS:
        expected = ", ".join(each.__name__ for each in KINDS)
        check.fail("kind", "kind", f"must be one of the classes {expected}, got something else")
    check.raise_failures()


def _halves(data: bytes) -> tuple[int, int]:
    """Read two numbers side by side, as in signatures and at the end of public keys."""
    return int.from_bytes(data[:COORDINATE]), int.from_bytes(data[COORDINATE:])
