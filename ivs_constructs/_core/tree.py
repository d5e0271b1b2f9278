"""Finds what is still in the tree: constructs can be removed after they were defined."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import TypeVar, cast

import jsii
from constructs import Construct

from ivs_constructs._core.by_name import Reference, attribute_of, key_of, reference, references

_Construct = TypeVar("_Construct", bound=Construct)


def all_in(construct: object, type_: str = "") -> list[Reference]:
    """Return a construct and all constructs below it, as references: one question to Node.

    Args:
        construct: The construct.
        type_: The class of those that are wanted, such as `aws_ivs.CfnStreamKey`. Default: any.
    """
    found = references(reference(construct, "node"), "findAll")
    return [each for each in found if not type_ or each.type == f"aws-cdk-lib.{type_}"]


def app_of(construct: object) -> Reference | None:
    """Return the root of a construct's tree; one that was removed still knows where it was."""
    return reference(reference(construct, "node"), "root")


def as_construct(found: Reference) -> object:
    """Return a construct as an object of its true class, whose module is loaded now."""
    node = reference(found, "node")
    beside = reference(reference(node, "scope"), "node")
    find = cast("Callable[..., object]", jsii.invoke)  # pyright: ignore[reportUnknownMemberType] (see render)
    return find(beside, "findChild", [attribute_of(node, "id")])


def construct_in(made: object) -> Construct | None:
    """Return the construct that an object of the AWS CDK is; None if it is none.

    jsii returns an import, such as a role's, as a proxy for several types. In Python, the proxy is
    no Construct, but one of the objects in it is.
    """
    parts: Iterable[object] = getattr(made, "_delegates", ())
    return next((each for each in (made, *parts) if isinstance(each, Construct)), None)


def living(constructs: Sequence[_Construct]) -> list[_Construct]:
    """Return those constructs that are still in the tree of their app.

    Searches the whole app, so call it only when it matters.
    """
    if not constructs:
        return []
    keys = {each.key for each in all_in(app_of(constructs[0]))}
    return [each for each in constructs if key_of(each) in keys]
