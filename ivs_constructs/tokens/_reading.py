"""Reads the payload of a token back into claims."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, cast

from ivs_constructs.errors import IvsConstructsError
from ivs_constructs.tokens._claims import VERSION, Claims
from ivs_constructs.tokens._connection import EVENTS_URL, ConnectionClaims
from ivs_constructs.tokens._participant import CAPABILITY_NAMES, ParticipantClaims, stage_id
from ivs_constructs.tokens._playback import CLAIM_NAMES, PlaybackClaims
from ivs_constructs.tokens._times import MILLISECONDS


class InvalidTokenError(IvsConstructsError):
    """A token that Amazon IVS would refuse. The message repeats no text of the token."""

    code = "InvalidToken"


def read(payload: Mapping[str, object], kind: type[Claims], now: int) -> Claims:
    """Read the claims of one kind of token.

    Args:
        payload: The claims by their names in the token.
        kind: The class of the claims.
        now: The Unix time in seconds.

    Raises:
        InvalidTokenError: If a claim is missing, unknown, without value or contradicts another, or
            the token has expired.
        InvalidPropertyError: If a claim breaks a rule of the class.
    """
    form = _FORMS[kind]
    missing = sorted(form.required - payload.keys())
    if missing:
        raise InvalidTokenError(f"token must have the claim {missing[0]}, got none")
    # A name may hold anything, so an unknown one is counted and not shown.
    unknown = len(payload.keys() - form.required - form.optional)
    if unknown:
        raise InvalidTokenError(
            f"token must have claims of {kind.__name__} only, got {unknown} that "
            f"{'is' if unknown == 1 else 'are'} unknown"
        )
    empty = sorted(name for name, value in payload.items() if value is None)
    if empty:
        raise InvalidTokenError(f"{empty[0]} must have a value or be left out, got null")
    for name, expected in form.fixed.items():
        if payload[name] != expected:
            raise InvalidTokenError(f"{name} must be {expected}, got another value")
    expiry = _time(payload, "exp")
    if expiry <= now:
        raise InvalidTokenError(
            f"token must be used before it expires, got it {now - expiry} seconds late"
        )
    return form.make(payload, expiry, now)


def _time(payload: Mapping[str, object], name: str) -> int:
    value = payload[name]
    if not isinstance(value, int) or isinstance(value, bool) or value < 0:
        raise InvalidTokenError(
            f"{name} must be a whole number of seconds since 1970, got something else"
        )
    if value >= MILLISECONDS:
        raise InvalidTokenError(
            f"{name} must be in seconds since 1970, got {value}, which looks like milliseconds; "
            "divide it by 1000"
        )
    return value


def _playback(payload: Mapping[str, object], expiry: int, now: int) -> PlaybackClaims:
    given = {name: payload[claim] for name, claim in CLAIM_NAMES.items() if claim in payload}
    origins = given.get("access_control_allow_origin")
    if isinstance(origins, str):
        given["access_control_allow_origin"] = tuple(origins.split(","))
    # The class checks all types; a token does not say when it was issued.
    return PlaybackClaims(
        **cast("dict[str, Any]", given), expires_in=timedelta(seconds=expiry - now)
    )


def _participant(payload: Mapping[str, object], expiry: int, _now: int) -> ParticipantClaims:
    claims = cast("Mapping[str, Any]", payload)
    made = ParticipantClaims(
        stage_arn=claims["resource"],
        events_url=claims["events_url"],
        whip_url=claims["whip_url"],
        expires_in=timedelta(seconds=expiry - _time(payload, "iat")),
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


def _connection(payload: Mapping[str, object], expiry: int, _now: int) -> ConnectionClaims:
    claims = cast("Mapping[str, Any]", payload)
    return ConnectionClaims(
        account_id=claims["account_id"],
        region=claims["region"],
        expires_in=timedelta(seconds=expiry - _time(payload, "iat")),
        token_id=claims["jti"],
    )


@dataclass(frozen=True, slots=True)
class _Form:
    """What the payload of one kind of token looks like.

    Attributes:
        make: Turns it into claims.
        required: The claims that it must have.
        optional: The claims that it may have.
        fixed: The claims that have one value only.
    """

    make: Callable[[Mapping[str, object], int, int], Claims]
    required: frozenset[str]
    optional: frozenset[str]
    fixed: Mapping[str, str]


_ISSUED = {"exp", "iat", "jti", "events_url", "version"}

_FORMS: Mapping[type[Claims], _Form] = {
    PlaybackClaims: _Form(
        make=_playback,
        required=frozenset({"exp", CLAIM_NAMES["channel_arn"]}),
        optional=frozenset(CLAIM_NAMES.values()),
        fixed={},
    ),
    ParticipantClaims: _Form(
        make=_participant,
        required=frozenset(_ISSUED | {"resource", "topic", "whip_url", "capabilities"}),
        optional=frozenset({"user_id", "attributes"}),
        fixed={"version": VERSION},
    ),
    ConnectionClaims: _Form(
        make=_connection,
        required=frozenset(_ISSUED | {"account_id", "region"}),
        optional=frozenset(),
        fixed={"version": VERSION, "events_url": EVENTS_URL},
    ),
}

KINDS = tuple(_FORMS)
"""The classes of claims, one a kind of token."""
