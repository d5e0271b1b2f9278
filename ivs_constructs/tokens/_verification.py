"""Checks tokens as Amazon IVS does, for tests."""

from __future__ import annotations

import base64
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any, TypeVar, cast

from ivs_constructs.tokens._check import Check
from ivs_constructs.tokens._claims import EVENTS_URL, VERSION, Claims
from ivs_constructs.tokens._connection import ConnectionClaims
from ivs_constructs.tokens._p384 import is_signature
from ivs_constructs.tokens._participant import ParticipantClaims
from ivs_constructs.tokens._pem import public_key_problem
from ivs_constructs.tokens._playback import CLAIM_NAMES, PlaybackClaims
from ivs_constructs.tokens._reading import (
    ISSUED,
    PARTICIPANT,
    Form,
    InvalidTokenError,
    read,
    signed_parts,
    time_of,
)
from ivs_constructs.tokens._signature import COORDINATE, RAW_SIZE
from ivs_constructs.tokens._times import unix_time

_SOURCE = (
    "https://docs.aws.amazon.com/ivs/latest/LowLatencyUserGuide/private-channels-create-key.html"
)

KINDS = (PlaybackClaims, ParticipantClaims, ConnectionClaims)
"""The classes of claims, one for each kind of token."""

MOST_SKEW = 300
"""How far ahead, in seconds, the clock of the program that made a token may be; set by this
library, as AWS names no limit."""

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
        InvalidTokenError: If the token does not have the documented form, has expired, was made in
            the future, or is not signed with the key's private half.
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
    payload = parts.payload
    claims = read(payload, _FORMS[kind], seconds)
    # `read` has checked its type. Clocks differ a little.
    if cast("int", payload.get("iat", 0)) > seconds + MOST_SKEW:
        raise InvalidTokenError(
            f"iat must not be in the future, got a time more than {MOST_SKEW} seconds from now; "
            "set the clock of the program that makes tokens"
        )
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


def _playback(payload: Mapping[str, object], expiry: int, now: int) -> PlaybackClaims:
    given = {name: payload[claim] for name, claim in CLAIM_NAMES.items() if claim in payload}
    name = "access_control_allow_origin"
    if name in given:
        origins = given[name]
        if not isinstance(origins, str):
            raise InvalidTokenError(
                f"{CLAIM_NAMES[name]} must be a text of origins with commas between, got something "
                "else"
            )
        given[name] = tuple(origins.split(","))
    # The class checks all types; a token does not say when it was issued.
    return PlaybackClaims(
        **cast("dict[str, Any]", given), expires_in=timedelta(seconds=expiry - now)
    )


def _connection(payload: Mapping[str, object], expiry: int, _now: int) -> Claims:
    claims = cast("Mapping[str, Any]", payload)
    return ConnectionClaims(
        account_id=claims["account_id"],
        region=claims["region"],
        expires_in=timedelta(seconds=expiry - time_of(payload, "iat")),
        token_id=claims["jti"],
    )


# Here, because the functions that issue tokens read those of participants only.
_FORMS: Mapping[type[Claims], Form] = {
    PlaybackClaims: Form(
        kind="PlaybackClaims",
        make=_playback,
        required=frozenset({"exp", CLAIM_NAMES["channel_arn"]}),
        optional=frozenset(CLAIM_NAMES.values()),
        fixed={},
    ),
    ParticipantClaims: PARTICIPANT,
    ConnectionClaims: Form(
        kind="ConnectionClaims",
        make=_connection,
        required=frozenset(ISSUED | {"account_id", "region"}),
        optional=frozenset(),
        fixed={"version": VERSION, "events_url": EVENTS_URL},
    ),
}
