"""Checks what tokens may allow: the arguments that issuers and the bundles' limits share.

Nothing here needs the AWS CDK, because a bundle without an issuer must not load an issuer's
modules.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
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

_FIVE_MINUTES = 300
_TWELVE_HOURS = int(TWELVE_HOURS.total_seconds())

_LIFETIME = Prop(
    py="max_lifetime", cfn="", api="", kind=Kind.SECONDS, minimum=1, noun="max_lifetime"
)
_SINGLE_USE = Prop(py="single_use", cfn="", api="", kind=Kind.BOOLEAN)
_VIEWER = Prop(py="require_viewer", cfn="", api="", kind=Kind.BOOLEAN)
_STRICT = Prop(py="enable_strict_origin_enforcement", cfn="", api="", kind=Kind.BOOLEAN)
_RESOLUTION = Prop(py="maximum_resolution", cfn="", api="", choices=tuple(MaximumResolution))
_CAPABILITIES = Prop(
    py="capabilities",
    cfn="",
    api="",
    kind=Kind.LIST,
    minimum=1,
    unique=True,
    item=Prop(py="capabilities", cfn="", api="", choices=tuple(Capability)),
)


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
    once = _flag(check, _SINGLE_USE, single_use, default=False)
    viewer = _flag(check, _VIEWER, require_viewer, default=True)
    seconds = _seconds(check, max_lifetime, _FIVE_MINUTES, LONGEST_LIFETIME[PlaybackSettings])
    longest = LONGEST_LIFETIME[PlaybackSettings]
    if once and not is_token(seconds) and MOST_WITH_VIEWER < seconds <= longest:
        check.fail(
            "max_lifetime",
            "range",
            f"max_lifetime must be 1-{MOST_WITH_VIEWER} seconds with single_use, got "
            f"{seconds} seconds; shorten max_lifetime or drop single_use",
        )
    strict = _flag(check, _STRICT, enable_strict_origin_enforcement, default=False)
    origins = _origins(check, allowed_origins, strict=strict)
    resolution = None
    known = check_known(check, _RESOLUTION.py, maximum_resolution)
    if known and maximum_resolution is not None:
        resolution = check.value(_RESOLUTION, maximum_resolution)
    return {
        "max_lifetime": seconds,
        "allowed_origins": origins,
        "strict_origin_enforcement": strict,
        "maximum_resolution": resolution,
        "single_use": once,
        "require_viewer": viewer,
    }


def participant_limits(
    check: Check, *, max_lifetime: object, capabilities: object, exchange_capabilities: object
) -> dict[str, Any]:
    """Check what participant tokens may allow, and return it in the form of ParticipantSettings."""
    seconds = _seconds(check, max_lifetime, _TWELVE_HOURS, LONGEST_LIFETIME[ParticipantSettings])
    allowed: object = [each.value for each in Capability]
    if capabilities is not None and check_known(check, "capabilities", capabilities):
        allowed = check.value(_CAPABILITIES, capabilities)
    exchanged: object = None
    name = "exchange_capabilities"
    if exchange_capabilities is not None and check_known(check, name, exchange_capabilities):
        item = replace(cast("Prop", _CAPABILITIES.item), py=name)
        exchanged = check.value(replace(_CAPABILITIES, py=name, item=item), exchange_capabilities)
    return {
        "max_lifetime": seconds,
        "capabilities": allowed,
        "exchange_capabilities": exchanged,
    }


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


def _seconds(check: Check, max_lifetime: object, default: int, maximum: int) -> float:
    if max_lifetime is None:
        return default
    seconds = check.value(replace(_LIFETIME, maximum=maximum), max_lifetime)
    return cast("float", seconds or 0)


def _flag(check: Check, prop: Prop, value: object, *, default: bool) -> bool:
    if value is None:
        return default
    if check_known(check, prop.py, value):
        check.value(prop, value)
    return value is True


def _origins(check: Check, given: object, *, strict: bool) -> list[str] | None:
    name = "allowed_origins"
    if given is None:
        if strict:
            check.fail(
                _STRICT.py,
                "strict-origins",
                f"{_STRICT.py} requires {name}, got none; name the origins or drop it",
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
            f"{name} must have at most {MOST_STRICT_ORIGINS} items with {_STRICT.py}, got "
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
