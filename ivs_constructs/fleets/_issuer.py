"""Checks whether a fleet issues tokens."""

from __future__ import annotations

from collections.abc import Mapping

from ivs_constructs._core.check import Check, quoted


def check_issuer(check: Check, token_issuer: object, given: Mapping[str, object]) -> bool:
    """Check whether a fleet signs tokens, and reject options that only make sense if it does.

    Returns:
        Whether the fleet signs tokens.
    """
    if token_issuer is not None and not isinstance(token_issuer, bool):
        limits = ", ".join(name for name in given if not name.endswith("_key"))
        check.fail(
            "token_issuer",
            "type",
            f"token_issuer must be True or False, got {quoted(token_issuer)}; write True, and "
            f"limit the tokens with {limits}",
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
