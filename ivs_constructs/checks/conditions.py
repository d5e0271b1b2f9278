"""Reads whether the condition of a policy's statement limits what the statement allows."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, cast

from ivs_constructs.checks.assembly import listed, text_of

_EVERYTHING = ("*", "**", "0.0.0.0/0", "::/0")
"""Values that match whatever a request has."""


def limits(
    condition: Mapping[str, Any], is_wanted: Callable[[str], bool], *, keys_only: bool = False
) -> bool:
    """Whether a condition demands a value of certain keys.

    An operator that negates, that holds without the key (`IfExists`, `ForAllValues:`), or that asks
    only whether there is a key (`Null`) demands none.

    Args:
        condition: The condition.
        is_wanted: Whether a key counts, in lower case.
        keys_only: Whether the keys list the tags of a request, for which any operator but `Null`
            counts: a request without tags sets none.
    """
    for operator, given in condition.items():
        name = operator.lower()
        if name == "null" or not isinstance(given, Mapping):
            continue
        negates = "not" in name or name.endswith("ifexists") or name.startswith("forallvalues:")
        if negates and not keys_only:
            continue
        for key, value in cast("Mapping[str, object]", given).items():
            texts = [text_of(each) for each in listed(value)]
            if is_wanted(key.lower()) and texts and not set(texts) & {*_EVERYTHING}:
                return True
    return False


def is_tag_of_resource(key: str) -> bool:
    """Whether a key, in lower case, is a tag of the resource or of one to be made."""
    return key.startswith(("aws:resourcetag/", "aws:requesttag/"))
