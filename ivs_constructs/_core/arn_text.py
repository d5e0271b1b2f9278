"""The text of ARNs, read where the AWS CDK need not be installed."""

from __future__ import annotations

import re
from collections.abc import Sequence

from ivs_constructs._core.check import DYNAMIC_REFERENCE, TOKEN, is_token

ARN_PARTS = 6
"""Parts of an ARN between its first five colons."""

ACCOUNT_DIGITS = 12
"""Digits of an account's id."""


def may_be_arn(arn: str, types: Sequence[str]) -> bool:
    """Whether a string can be an ARN of Amazon IVS, as far as it is known now.

    Args:
        arn: The string.
        types: The types that it may name, as they are in ARNs.
    """
    if "\0" in arn or DYNAMIC_REFERENCE in arn:
        return False  # the former stands for tokens below, the latter cannot be taken apart
    parts = TOKEN.sub("\0", arn).split(":", ARN_PARTS - 1)
    if len(parts) < ARN_PARTS:
        # A token may stand for several parts, but not for the text next to it.
        return is_token(arn) and not has_wildcard(arn)
    kind, slash, name = parts[5].partition("/")
    whole = "\0" in kind and not slash
    patterns = (
        "arn",
        "aws[a-z-]*",
        "ivs",
        "[a-z0-9-]+",
        f"[0-9]{{{ACCOUNT_DIGITS}}}",
        "|".join(types),
        "[a-zA-Z0-9-]+",
    )
    found = (*parts[:5], kind, "\0" if whole else name)
    return all(map(_may_match, patterns, found))


def _may_match(pattern: str, part: str) -> bool:
    """Whether a part of an ARN fits, or its literal text can fit once the tokens are known."""
    if "\0" not in part:
        return re.fullmatch(pattern, part) is not None
    return re.fullmatch(r"[a-zA-Z0-9\0-]*", part) is not None


def has_wildcard(arn: str) -> bool:
    """Whether the literal parts of an ARN contain an IAM wildcard, or a variable of IAM."""
    return re.search(r"[*?]|\$\{", TOKEN.sub("", arn)) is not None
