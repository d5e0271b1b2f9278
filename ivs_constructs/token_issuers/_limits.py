"""Checks what tokens may allow: the arguments that issuers, the bundles' limits and fleets share.

Nothing here needs the AWS CDK, because a bundle without an issuer must not load an issuer's
modules.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from typing import Any, cast

from ivs_constructs._core.check import Check, is_concrete, is_token, quoted
from ivs_constructs._specs import Kind, Prop
from ivs_constructs.enums import MaximumResolution
from ivs_constructs.token_issuers.function.settings import (
    LONGEST_LIFETIME,
    LONGEST_ORIGINS,
    ParticipantSettings,
    PlaybackSettings,
)
from ivs_constructs.tokens._claims import TWELVE_HOURS
from ivs_constructs.tokens._origins import origin_problem
from ivs_constructs.tokens._participant import Capability
from ivs_constructs.tokens._playback import LONGEST_WITH_VIEWER, MOST_STRICT_ORIGINS

PLAYBACK_SOURCE = "https://docs.aws.amazon.com/ivs/latest/LowLatencyUserGuide/private-channels-generate-tokens.html"
PARTICIPANT_SOURCE = "https://docs.aws.amazon.com/ivs/latest/RealTimeUserGuide/getting-started-distribute-tokens.html"

MOST_WITH_VIEWER = int(LONGEST_WITH_VIEWER.total_seconds())

_FIVE_MINUTES = timedelta(minutes=5)

_STRICT = "enable_strict_origin_enforcement"
_RESOLUTION = Prop(py="maximum_resolution", choices=tuple(MaximumResolution))


def playback_limits(
    check: Check,
    *,
    max_lifetime: object,
    allowed_origins: object,
    enable_strict_origin_enforcement: object,
    maximum_resolution: object,
    single_use: object,
    require_viewer: object,
) -> dict[str, Any]:
    """Check what playback tokens may allow, and return it in the form of PlaybackSettings."""
    once = _flag(check, "single_use", single_use, default=False)
    viewer = _flag(check, "require_viewer", require_viewer, default=True)
    longest = LONGEST_LIFETIME[PlaybackSettings]
    seconds = lifetime_of(check, "max_lifetime", max_lifetime, _FIVE_MINUTES, longest)
    if once and not is_token(seconds) and MOST_WITH_VIEWER < seconds <= longest:
        check.fail(
            "max_lifetime",
            "range",
            f"max_lifetime must be 1-{MOST_WITH_VIEWER} seconds with single_use, got "
            f"{seconds} seconds; shorten max_lifetime or drop single_use",
        )
    return {
        "max_lifetime": seconds,
        **viewing_limits(
            check, allowed_origins, enable_strict_origin_enforcement, maximum_resolution
        ),
        "single_use": once,
        "require_viewer": viewer,
    }


def viewing_limits(
    check: Check, origins: object, strict_origins: object, resolution: object
) -> dict[str, Any]:
    """Check where and how finely viewers may watch, and return it as PlaybackSettings do."""
    strict = _flag(check, _STRICT, strict_origins, default=False)
    allowed = _origins(check, origins, strict=strict)
    if not check_known(check, _RESOLUTION.py, resolution):
        resolution = None
    return {
        "allowed_origins": allowed,
        "strict_origin_enforcement": strict,
        "maximum_resolution": None if resolution is None else check.value(_RESOLUTION, resolution),
    }


def participant_limits(
    check: Check, *, max_lifetime: object, capabilities: object, exchange_capabilities: object
) -> dict[str, Any]:
    """Check what participant tokens may allow, and return it in the form of ParticipantSettings."""
    longest = LONGEST_LIFETIME[ParticipantSettings]
    return {
        "max_lifetime": lifetime_of(check, "max_lifetime", max_lifetime, TWELVE_HOURS, longest),
        "capabilities": capabilities_of(check, "capabilities", capabilities),
        "exchange_capabilities": None
        if exchange_capabilities is None
        else capabilities_of(check, "exchange_capabilities", exchange_capabilities),
    }


def capabilities_of(check: Check, name: str, given: object) -> list[str]:
    """Check what participants may do. Default: everything."""
    if given is None or not check_known(check, name, given):
        return [each.value for each in Capability]
    item = Prop(py=name, choices=tuple(Capability))
    prop = Prop(py=name, kind=Kind.LIST, minimum=1, unique=True, item=item)
    return cast("list[str]", check.value(prop, given))


def lifetime_of(check: Check, name: str, given: object, default: timedelta, longest: int) -> float:
    """Check the maximum lifetime of tokens; returns it in seconds."""
    if given is None:
        return int(default.total_seconds())
    prop = Prop(py=name, kind=Kind.SECONDS, minimum=1, maximum=longest, noun=name)
    return cast("float", check.value(prop, given) or 0)


def check_known(check: Check, prop: str, value: object) -> bool:
    """Check that a value is known at synth, because the function needs its type."""
    if is_concrete(value):
        return True
    check.fail(
        prop,
        "token",
        f"{prop} must be known at synth, got {quoted(value)}; write the value itself",
    )
    return False


def _flag(check: Check, name: str, value: object, *, default: bool) -> bool:
    if value is None:
        return default
    if check_known(check, name, value):
        check.value(Prop(py=name, kind=Kind.BOOLEAN), value)
    return value is True


def _origins(check: Check, given: object, *, strict: bool) -> list[str] | None:
    name = "allowed_origins"
    if given is None:
        if strict:
            check.fail(
                _STRICT,
                "strict-origins",
                f"{_STRICT} requires {name}, got none; name the origins or drop it",
            )
        return None
    if is_token(given) or not isinstance(given, list | tuple):
        advice = f"; write [{quoted(given)}]" if isinstance(given, str) else ""
        check.fail(name, "type", f"{name} must be a list of strings, got {quoted(given)}{advice}")
        return None
    origins = list(cast("Sequence[object]", given))
    if not origins:
        check.fail(name, "items", f"{name} must name an origin, got none; drop it if all are meant")
    for origin in origins:
        _check_origin(check, name, origin)
    if strict and len(origins) > MOST_STRICT_ORIGINS:
        check.fail(
            name,
            "strict-origins",
            f"{name} must have at most {MOST_STRICT_ORIGINS} items with {_STRICT}, got "
            f"{len(origins)}; drop {len(origins) - MOST_STRICT_ORIGINS}, or write a wildcard",
        )
    length = sum(len(each) for each in origins if isinstance(each, str) and not is_token(each))
    if length > LONGEST_ORIGINS:
        check.fail(
            name,
            "length",
            f"{name} must have at most {LONGEST_ORIGINS} characters together, got {length} "
            "characters; write a wildcard",
        )
    return cast("list[str]", origins)


def _check_origin(check: Check, name: str, origin: object) -> None:
    if not isinstance(origin, str):
        check.fail(name, "type", f"{name} must hold strings, got {quoted(origin)}")
        return
    # For example a distribution's domain, which is known only at deploy time.
    problem = None if is_token(origin) else origin_problem(origin)
    if problem is not None:
        check.fail(name, "origin", f"{name} {problem}")
