"""Splits a token, checks it against AWS's documentation, and reads its claims."""

from __future__ import annotations

import base64
import json
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, NoReturn, cast

from ivs_constructs.errors import IvsConstructsError
from ivs_constructs.tokens._check import is_arn
from ivs_constructs.tokens._claims import VERSION, Claims
from ivs_constructs.tokens._failures import shortened
from ivs_constructs.tokens._jws import HEADER, PUBLIC_KEY, encode
from ivs_constructs.tokens._participant import CAPABILITY_NAMES, ParticipantClaims, stage_id
from ivs_constructs.tokens._signature import RAW_SIZE
from ivs_constructs.tokens._times import MILLISECONDS


class InvalidTokenError(IvsConstructsError):
    """A token that Amazon IVS would refuse. The message contains no text of the token."""

    code = "InvalidToken"


@dataclass(frozen=True, slots=True)
class SignedParts:
    """The parts of a token, none of which is trusted before the signature is verified.

    `signature` is the numbers r and s, `encoded` the claims as JSON.
    """

    signed: bytes
    signature: bytes
    encoded: bytes
    key_region: str | None

    @property
    def payload(self) -> dict[str, object]:
        """The claims by their names in the token."""
        return _object("payload", self.encoded)


def signed_parts(token: str, kind: type[Claims], public_key_arn: str | None) -> SignedParts:
    """Split a token."""
    parts = token.split(".")
    if len(parts) != 3:
        raise InvalidTokenError(f"token must have 3 parts with dots between, got {len(parts)}")
    header, payload, signature = (
        _decode(name, part)
        for name, part in zip(("header", "payload", "signature"), parts, strict=True)
    )
    members = _object("header", header)
    _check_header(members, kind, public_key_arn)
    if len(signature) != RAW_SIZE:
        raise InvalidTokenError(
            f"signature must have r and s side by side in {RAW_SIZE} bytes, got {len(signature)} "
            "bytes"
        )
    signed = token.rpartition(".")[0].encode("ascii")
    region = str(members["kid"]).split(":")[3] if kind.names_key else None
    return SignedParts(signed, signature, payload, region)


def _decode(name: str, part: str) -> bytes:
    if re.fullmatch(r"[A-Za-z0-9_-]+", part) and len(part) % 4 != 1:
        data = base64.urlsafe_b64decode(part + "=" * (-len(part) % 4))
        # The last letter may carry bits that belong to no byte; these must be zero.
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
    """Reject repeated names: which one counts depends on the reader."""
    found = dict(pairs)
    if len(found) != len(pairs):
        raise ValueError
    return found


def _refuse(_constant: str) -> NoReturn:
    """Reject NaN and infinities, which only Python accepts as JSON."""
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


def read(payload: Mapping[str, object], form: Form, now: int) -> Claims:
    """Read the claims of one kind of token."""
    missing = sorted(form.required - payload.keys())
    if missing:
        raise InvalidTokenError(f"token must have the claim {missing[0]}, got none")
    # A name may contain anything, so unknown ones are counted and not shown.
    unknown = len(payload.keys() - form.required - form.optional)
    if unknown:
        raise InvalidTokenError(
            f"token must have claims of {form.kind} only, got {unknown} that "
            f"{'is' if unknown == 1 else 'are'} unknown"
        )
    empty = sorted(name for name, value in payload.items() if value is None)
    if empty:
        raise InvalidTokenError(f"{empty[0]} must have a value or be left out, got null")
    for name, expected in form.fixed.items():
        if payload[name] != expected:
            raise InvalidTokenError(f"{name} must be {expected}, got another value")
    expiry = time_of(payload, "exp")
    if expiry <= now:
        raise InvalidTokenError(
            f"token must be used before it expires, got it {now - expiry} seconds late"
        )
    return form.make(payload, expiry, now)


def time_of(payload: Mapping[str, object], name: str) -> int:
    value = payload[name]
    if not isinstance(value, int) or isinstance(value, bool) or value < 0:
        raise InvalidTokenError(
            f"{name} must be a whole number of seconds since 1970, got something else"
        )
    if value >= MILLISECONDS:
        raise InvalidTokenError(
            f"{name} must be in seconds since 1970, got {shortened(str(value))}, which looks like "
            "milliseconds; divide it by 1000"
        )
    return value


def _participant(payload: Mapping[str, object], expiry: int, _now: int) -> ParticipantClaims:
    claims = cast("Mapping[str, Any]", payload)
    made = ParticipantClaims(
        stage_arn=claims["resource"],
        events_url=claims["events_url"],
        whip_url=claims["whip_url"],
        expires_in=timedelta(seconds=expiry - time_of(payload, "iat")),
        participant_id=claims["jti"],
        user_id=claims.get("user_id"),
        attributes=claims.get("attributes"),
        capabilities=_capabilities(payload["capabilities"]),
    )
    if payload["topic"] != stage_id(made.stage_arn):
        raise InvalidTokenError("topic must be the id in the stage's ARN, got another value")
    return made


def _capabilities(value: object) -> Sequence[str]:
    if isinstance(value, dict):
        flags = cast("dict[str, object]", value)
        if flags.keys() <= set(CAPABILITY_NAMES.values()) and all(
            isinstance(flag, bool) for flag in flags.values()
        ):
            return [each for each, name in CAPABILITY_NAMES.items() if flags.get(name)]
    raise InvalidTokenError(
        "capabilities must be an object with allow_publish and allow_subscribe as true or false, "
        "got something else"
    )


@dataclass(frozen=True, slots=True)
class Form:
    """The form of the payload of one kind of token."""

    kind: str
    make: Callable[[Mapping[str, object], int, int], Claims]
    required: frozenset[str]
    optional: frozenset[str]
    fixed: Mapping[str, str]


ISSUED = {"exp", "iat", "jti", "events_url", "version"}

PARTICIPANT = Form(
    kind="ParticipantClaims",
    make=_participant,
    required=frozenset(ISSUED | {"resource", "topic", "whip_url", "capabilities"}),
    optional=frozenset({"user_id", "attributes"}),
    fixed={"version": VERSION},
)
