"""Finds what is still in the tree: constructs can be removed after they were defined."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TypeVar

from constructs import Construct

from ivs_constructs._core.by_name import Reference, key_of, reference, references

_Construct = TypeVar("_Construct", bound=Construct)


def all_in(construct: object) -> list[Reference]:
    """Return a construct and all constructs below it, as references: one question to Node.

    Args:
        construct: The construct.
    """
    return references(reference(construct, "node"), "findAll")


def living(constructs: Sequence[_Construct]) -> list[_Construct]:
    """Return those constructs that are still in the tree of their app.

    Searches the whole app, so call it only when it matters.

    Args:
        constructs: The constructs, all of one app.
    """
    if not constructs:
        return []
    # A removed construct still knows where it was.
    app = reference(reference(constructs[0], "node"), "root")
    keys = {each.key for each in all_in(app)}
    return [each for each in constructs if key_of(each) in keys]
