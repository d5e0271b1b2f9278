"""Checks whether a fleet issues tokens."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from ivs_constructs._core.check import Check, quoted


def check_issuer(check: Check, given: Mapping[str, object], names: Sequence[str]) -> bool:
    """Check whether a fleet signs tokens, and reject options that only make sense if it does.

    Args:
        check: Collects the failures.
        given: The fleet's arguments.
        names: Those that are about tokens.

    Returns:
        Whether the fleet signs tokens.
    """
    token_issuer = given["token_issuer"]
    if token_issuer is not None and not isinstance(token_issuer, bool):
        limits = ", ".join(name for name in names if not name.endswith("_key"))
        check.fail(
            "token_issuer",
            "type",
            f"token_issuer must be True or False, got {quoted(token_issuer)}; write True, and "
            f"limit the tokens with {limits}",
        )
    if token_issuer is True:
        return True
    for name in names:
        if given[name] is not None:
            check.fail(
                name,
                "without-issuer",
                f"{name} requires token_issuer=True; set that or drop {name}",
            )
    return False
