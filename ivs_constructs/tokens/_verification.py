"""Checks tokens as Amazon IVS does, for tests."""

from __future__ import annotations

import base64
import json
import re
from datetime import datetime
from typing import NoReturn, TypeVar, cast

from ivs_constructs.tokens._check import Check, is_arn
from ivs_constructs.tokens._claims import Claims
from ivs_constructs.tokens._jws import HEADER, PUBLIC_KEY, encode
from ivs_constructs.tokens._p384 import is_signature
from ivs_constructs.tokens._pem import public_key_problem
from ivs_constructs.tokens._playback import PlaybackClaims
from ivs_constructs.tokens._reading import KINDS, InvalidTokenError, read
from ivs_constructs.tokens._signature import COORDINATE, RAW_SIZE
from ivs_constructs.tokens._times import unix_time

_SOURCE = (
    "https://docs.aws.amazon.com/ivs/latest/LowLatencyUserGuide/private-channels-create-key.html"
)

C = TypeVar("C", bound=Claims)


def verify(
    token: str,
    public_key_material: str,
    kind: type[C],
    *,
    public_key_arn: str | None = None,
    now: datetime | None = None,
) -> C:
    """Check a token and read its claims: for your unit tests, since Amazon IVS checks by itself.

    Holds the token against what AWS documents: header, signature, names and values of the claims,
    time. It does not know what was revoked or used already, and it is slow (milliseconds).

    Args:
        token: The token.
        public_key_material: The PEM text of the public key.
        kind: The class of the claims that the token has to have.
        public_key_arn: The public key that a participant or connection token has to name. Default:
            any.
        now: When the token is used, with time zone. Default: the present.

    Returns:
        The claims. A playback token does not say when it was made, so that `expires_in` of its
        claims is the time left.

    Raises:
        InvalidTokenError: If the token is not of the documented form, has expired, or is not signed
            with the key's private half.
        InvalidPropertyError: If a claim breaks a rule of its class, or an argument is not what is
            needed.

    Example:
        >>> claims = verify(token, public_key_material, PlaybackClaims)
    """
    _check_arguments(token, public_key_material, kind)
    seconds = unix_time(now, "verify")
    parts = token.split(".")
    if len(parts) != 3:
        raise InvalidTokenError(f"token must have 3 parts with dots between, got {len(parts)}")
    header, payload, signature = (
        _decode(name, part)
        for name, part in zip(("header", "payload", "signature"), parts, strict=True)
    )
    _check_header(_object("header", header), kind, public_key_arn)
    if len(signature) != RAW_SIZE:
        raise InvalidTokenError(
            f"signature must have r and s side by side in {RAW_SIZE} bytes, got {len(signature)} "
            "bytes"
        )
    key = _halves(base64.b64decode(public_key_material.split("-----")[2])[-RAW_SIZE:])
    signed = token.rpartition(".")[0].encode("ascii")
    if not is_signature(key, signed, *_halves(signature)):
        raise InvalidTokenError(
            "signature must be made with the private half of the given public key over this very "
            "header and payload, got another one"
        )
    return cast("C", read(_object("payload", payload), kind, seconds))


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
    """Read two numbers that stand side by side, as in signatures and at the end of public keys."""
    return int.from_bytes(data[:COORDINATE]), int.from_bytes(data[COORDINATE:])


def _decode(name: str, part: str) -> bytes:
    if re.fullmatch(r"[A-Za-z0-9_-]+", part) and len(part) % 4 != 1:
        data = base64.urlsafe_b64decode(part + "=" * (-len(part) % 4))
        # The last letter may carry bits that belong to no byte; only zeros there are proper.
        if encode(data) == part:
            return data
    raise InvalidTokenError(f"{name} must be base64url without padding, got something else")


def _object(name: str, data: bytes) -> dict[str, object]:
    try:
        value: object = json.loads(data.decode(), object_pairs_hook=_unique, parse_constant=_refuse)
    except (ValueError, RecursionError):
        value = None
    if not isinstance(value, dict):
        raise InvalidTokenError(
            f"{name} must be a JSON object with each name once, got something else"
        )
    return cast("dict[str, object]", value)


def _unique(pairs: list[tuple[str, object]]) -> dict[str, object]:
    """Refuse names that stand twice: which one counts depends on the reader."""
    found = dict(pairs)
    if len(found) != len(pairs):
        raise ValueError
    return found


def _refuse(_constant: str) -> NoReturn:
    """Refuse NaN and infinities, which only Python takes for JSON."""
    raise ValueError


def _check_header(
    header: dict[str, object], kind: type[Claims], public_key_arn: str | None
) -> None:
    for name, expected in HEADER.items():
        if header.get(name) != expected:
            raise InvalidTokenError(f"{name} in the header must be {expected}, got another value")
    names = {*HEADER} if kind is PlaybackClaims else {*HEADER, "kid"}
    if header.keys() != names:
        raise InvalidTokenError(
            f"header of {kind.__name__} must have {', '.join(sorted(names))}, got other members"
        )
    if kind is not PlaybackClaims and not is_arn(header["kid"], PUBLIC_KEY):
        raise InvalidTokenError(
            "kid in the header must be an ARN "
            "arn:aws:ivs:<region>:<account>:public-key/<id>, got another text"
        )
    if public_key_arn is not None and header.get("kid") != public_key_arn:
        raise InvalidTokenError("kid in the header must be the given public_key_arn, got another")
