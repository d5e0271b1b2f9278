"""Takes a token apart, and holds its header against what AWS documents."""

from __future__ import annotations

import base64
import json
import re
from dataclasses import dataclass
from typing import NoReturn, cast

from ivs_constructs.tokens._check import is_arn
from ivs_constructs.tokens._claims import Claims
from ivs_constructs.tokens._jws import HEADER, PUBLIC_KEY, encode
from ivs_constructs.tokens._reading import InvalidTokenError
from ivs_constructs.tokens._signature import RAW_SIZE


@dataclass(frozen=True, slots=True)
class SignedParts:
    """A token in parts, none of which is trusted before the signature was verified.

    Attributes:
        signed: What the signature is of.
        signature: The numbers r and s side by side.
        encoded: The claims as JSON.
    """

    signed: bytes
    signature: bytes
    encoded: bytes

    @property
    def payload(self) -> dict[str, object]:
        """The claims by their names in the token.

        Raises:
            InvalidTokenError: If it is no JSON object that has each name once.
        """
        return _object("payload", self.encoded)


def signed_parts(token: str, kind: type[Claims], public_key_arn: str | None) -> SignedParts:
    """Take a token apart.

    Args:
        token: The token.
        kind: The class of the claims that it has to have.
        public_key_arn: The public key that it has to name, None for any.

    Raises:
        InvalidTokenError: If it is not of the documented form.
    """
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
    signed = token.rpartition(".")[0].encode("ascii")
    return SignedParts(signed, signature, payload)


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
    names = {*HEADER, "kid"} if kind.names_key else {*HEADER}
    if header.keys() != names:
        raise InvalidTokenError(
            f"header of {kind.__name__} must have {', '.join(sorted(names))}, got other members"
        )
    if kind.names_key and not is_arn(header["kid"], PUBLIC_KEY):
        raise InvalidTokenError(
            "kid in the header must be an ARN "
            "arn:aws:ivs:<region>:<account>:public-key/<id>, got another text"
        )
    if public_key_arn is not None and header.get("kid") != public_key_arn:
        raise InvalidTokenError("kid in the header must be the given public_key_arn, got another")
