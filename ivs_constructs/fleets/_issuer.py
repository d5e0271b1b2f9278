"""Checks the token options of a fleet, as given."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, cast

from ivs_constructs._core.check import Check, is_token, quoted
from ivs_constructs._specs import Kind, Prop
from ivs_constructs.enums import MaximumResolution
from ivs_constructs.tokens._origins import origin_problem
from ivs_constructs.tokens._participant import Capability

if TYPE_CHECKING:
    from aws_cdk import Duration

_LIFETIME = Prop(py="token_max_lifetime", kind=Kind.SECONDS, minimum=1, noun="token_max_lifetime")
_CAPABILITIES = Prop(
    py="token_capabilities",
    kind=Kind.LIST,
    minimum=1,
    unique=True,
    item=Prop(py="token_capabilities", choices=tuple(Capability)),
)
_RESOLUTION = Prop(py="maximum_resolution", choices=tuple(MaximumResolution))

_MOST_STRICT_ORIGINS = 5
_LONGEST_ORIGINS = 1024


def check_issuer(check: Check, token_issuer: object, given: Mapping[str, object]) -> bool:
    """Check whether a fleet signs tokens, and reject options that only make sense if it does.

    Returns:
        Whether the fleet signs tokens.
    """
    if token_issuer is not None and not isinstance(token_issuer, bool):
        check.fail(
            "token_issuer",
            "type",
            f"token_issuer must be True or False, got {quoted(token_issuer)}",
        )
    if token_issuer is True:
        return True
    for name, value in given.items():
        if value is not None:
            check.fail(
                name,
                "without-issuer",
                f"{name} requires token_issuer=True; set that or drop {name}",
            )
    return False


def lifetime_of(check: Check, given: Duration | None, default: int, most: int) -> float:
    """Check the maximum lifetime of tokens, in seconds."""
    if given is None:
        return default
    return cast("float", check.value(replace(_LIFETIME, maximum=most), given) or 0)


def capabilities_of(check: Check, given: Collection[Capability | str] | None) -> list[str]:
    """Check the capabilities that participants can get."""
    if given is None:
        return [each.value for each in Capability]
    return cast("list[str]", check.value(_CAPABILITIES, given) or [])


def check_resolution(check: Check, given: object) -> str | None:
    """Check the maximum resolution."""
    return None if given is None else cast("str", check.value(_RESOLUTION, given))


def origins_of(check: Check, given: Sequence[str] | None, *, strict: bool) -> list[str] | None:
    """Check the allowed origins of tokens."""
    name = "allowed_origins"
    if given is None:
        if strict:
            check.fail(
                "enable_strict_origin_enforcement",
                "strict-origins",
                f"enable_strict_origin_enforcement requires {name}, got none; name the origins or "
                "drop it",
            )
        return None
    if is_token(given) or not isinstance(cast("object", given), list | tuple) or not given:
        check.fail(name, "type", f"{name} must be a list of origins, got {quoted(given)}")
        return None
    for origin in given:
        problem = None if is_token(origin) else origin_problem(origin)
        if problem is not None:
            check.fail(name, "origin", f"{name} {problem}")
    if strict and len(given) > _MOST_STRICT_ORIGINS:
        check.fail(
            name,
            "strict-origins",
            f"{name} must have at most {_MOST_STRICT_ORIGINS} items with "
            f"enable_strict_origin_enforcement, got {len(given)}; drop some, or write a wildcard",
        )
    if sum(len(str(each)) for each in given) > _LONGEST_ORIGINS:
        check.fail(
            name,
            "length",
            f"{name} must have at most {_LONGEST_ORIGINS} characters together; write a wildcard",
        )
    return list(given)
