"""Makes objects of the AWS CDK by their jsii names, without loading the modules of their classes.

Loading such a module takes longer than everything the program does with it: the one for AWS Secrets
Manager brings in all EC2 types. Node has the classes anyway and needs only a name.

Names of attributes, methods and properties are in the AWS CDK's own spelling.

Such an object is registered with jsii as untyped. Whatever meets it later (`typed`, an aspect,
`node.find_child`) gives it its true class; it stays the same object.

This is the one place that touches a private part of jsii, the map from references to objects. If a
jsii version handles that map differently, the true class is loaded and its object made in the
public way.
"""

from __future__ import annotations

import enum
import sys
from collections.abc import Callable, Hashable
from functools import cache, partial
from importlib import import_module
from types import SimpleNamespace
from typing import Any, TypeVar, cast

import jsii
from constructs import Construct

from ivs_constructs._core.render import create

_Base = TypeVar("_Base")

_waiting: dict[str, tuple[Any, Callable[[], type[object]]]] = {}
"""Objects that are still untyped, by reference, each with a function that returns its true
class."""


def define_by_name(
    base: type[_Base],
    name: str,
    scope: Construct,
    id: str,
    properties: dict[str, Any],
    *,
    true_class: Callable[[], type[object]] | None = None,
) -> _Base:
    """Make a construct whose class's module may not be loaded.

    To read what its base lacks, use `attribute_of`, or `typed`, which loads the module.

    Args:
        base: A class of the module `aws_cdk` itself that the true class inherits from.
        name: The class, such as `aws_s3.Bucket`.
        scope: The scope.
        id: The id.
        properties: The properties in the AWS CDK's own spelling, checked.
        true_class: Returns the class that Python sees, if that is a subclass that adds nothing for
            Node. Default: the named class.
    """
    return _make(base, name, true_class, lambda cls, made: create(cls, made, scope, id, properties))


class Reference:
    """An object in Node as a bare reference, whatever its class: to pass on, compare and query.

    Python makes no object of its class for it, so no module is loaded.

    Args:
        ref: Its jsii reference.
    """

    __jsii_type__ = "Object"

    def __init__(self, ref: Any) -> None:  # noqa: ANN401 (jsii's private part)
        self.__jsii_ref__ = ref

    @property
    def key(self) -> str:
        """Equal for two references to the same object."""
        return key_of(self)

    @property
    def type(self) -> str:
        """The nearest class that jsii knows, such as `aws-cdk-lib.CfnCondition`."""
        return self.key.rpartition("@")[0]


def key_of(made: object) -> str:
    """Return an object's identity in Node."""
    key: str = cast("Any", made).__jsii_ref__.ref
    return key


def value_by_name(name: str, *arguments: object) -> object:
    """Make an object that is not a construct and whose class's module may not be loaded.

    Args:
        name: The class, such as `aws_s3.BlockPublicAccess`.
        arguments: What its constructor takes, in the AWS CDK's own spelling.
    """

    def fill(cls: type[object], made: object) -> None:
        jsii.create(cls, made, list(arguments))  # pyright: ignore[reportUnknownMemberType] (see render)

    return _make(object, name, None, fill)


@cache
def member_by_name(name: str, member: str) -> object:
    """Return the jsii representation of an enum member, without loading the enum's module.

    Args:
        name: The enum, such as `aws_s3.BucketEncryption`.
        member: The member.
    """
    members = enum.Enum(name, {member: member})  # type: ignore[misc]  # the name is known only here
    vars_of = cast("Any", members)
    vars_of.__jsii_type__ = f"aws-cdk-lib.{name}"
    return vars_of[member]


def attribute_of(made: object, name: str) -> str:
    """Read a string from an object, whether its class is loaded or not."""
    get = cast("Callable[..., str]", jsii.get)  # pyright: ignore[reportUnknownMemberType] (see render)
    return get(made, name)


def put(made: object, name: str, value: object) -> None:
    """Set an attribute of an object, whether its class is loaded or not."""
    jsii.set(made, name, value)


def call(made: object, name: str, *arguments: object) -> Reference | None:
    """Call a method of an object, whether its class is loaded or not.

    Returns:
        The object that it returns; None if it returns none.
    """
    return _referred(_untyped(jsii.invoke)(made, name, list(arguments)))  # pyright: ignore[reportUnknownMemberType, reportUnknownArgumentType] (see render)


def reference(made: object, name: str) -> Reference | None:
    """Read an attribute that is an object, as a reference; None if it is not set."""
    return _referred(_untyped(jsii.get)(made, name))  # pyright: ignore[reportUnknownMemberType, reportUnknownArgumentType] (see render)


def references(made: object, name: str, *arguments: object) -> list[Reference]:
    """Call a method that returns a list of objects."""
    found = _untyped(jsii.invoke)(made, name, list(arguments))  # pyright: ignore[reportUnknownMemberType, reportUnknownArgumentType] (see render)
    return [each for each in map(_referred, found) if each is not None]


def static_reference(name: str, member: str) -> Reference:
    """Read a static member of a class, such as `aws_lambda.Architecture`'s `ARM_64`.

    Args:
        name: The class, whose module may not be loaded.
        member: The attribute in the AWS CDK's own spelling.
    """
    cls = _stand_in(cast("Hashable", object), name)
    found = _referred(_untyped(jsii.sget)(cls, member))  # pyright: ignore[reportUnknownMemberType, reportUnknownArgumentType] (see render)
    return cast("Reference", found)


def static_call(name: str, method: str, *arguments: object) -> Reference:
    """Call a static method that returns an object.

    Args:
        name: The class, whose module may not be loaded.
        method: The method in the AWS CDK's own spelling.
        arguments: What it takes.
    """
    cls = _stand_in(cast("Hashable", object), name)
    found = _referred(_untyped(jsii.sinvoke)(cls, method, list(arguments)))  # pyright: ignore[reportUnknownMemberType, reportUnknownArgumentType] (see render)
    return cast("Reference", found)


def static_text(name: str, method: str, *arguments: object) -> str:
    """Call a static method that returns a string.

    Args:
        name: The class, whose module may not be loaded.
        method: The method in the AWS CDK's own spelling.
        arguments: What it takes.
    """
    cls = _stand_in(cast("Hashable", object), name)
    return cast("str", jsii.sinvoke(cls, method, list(arguments)))  # pyright: ignore[reportUnknownMemberType] (see render)


def typed(made: object) -> Any:  # noqa: ANN401 (the class is not loaded until now)
    """Return an object with its true class, loading the module.

    Args:
        made: An object made here; any other is returned as it is.
    """
    reference = getattr(made, "__jsii_ref__", None)
    if reference is not None and reference.ref in _waiting:
        _reference_map()[reference.ref] = _met(reference.ref)
    return made


def _make(
    base: type[_Base],
    name: str,
    true_class: Callable[[], type[object]] | None,
    fill: Callable[[type[object], object], None],
) -> _Base:
    module, _, simple_name = name.partition(".")
    load = true_class or (lambda: _load(module, simple_name))
    # There is no point in waiting for what the program has already loaded.
    if f"aws_cdk.{module}" in sys.modules or not can_wait():
        cls = load()
        made = cast("Any", cls.__new__(cls))
        fill(_load(module, simple_name), made)
        return cast("_Base", made)
    stand_in = _stand_in(cast("Hashable", base), name)
    made = object.__new__(stand_in)
    fill(stand_in, made)
    reference: str = made.__jsii_ref__.ref
    _waiting[reference] = made, load
    del _reference_map()[reference]
    return cast("_Base", made)


def _untyped(ask: Callable[..., Any]) -> Callable[..., Any]:
    """Return the jsii layer that queries Node before answers become objects.

    Where jsii has no such layer, its objects are used instead.
    """
    inner = getattr(getattr(ask, "__func__", None), "__wrapped__", None)
    return ask if inner is None else partial(inner, cast("Any", ask).__self__)


def _referred(found: Any) -> Reference | None:  # noqa: ANN401 (jsii's private part)
    if found is None:
        return None
    return Reference(getattr(found, "__jsii_ref__", found))


def _load(module: str, name: str) -> type[object]:
    return cast("type[object]", getattr(import_module(f"aws_cdk.{module}"), name))


@cache
def _stand_in(base: Any, name: str) -> type[Any]:  # noqa: ANN401 (a class with jsii's metaclass)
    """Return a class that jsii takes for the one of that name."""
    # The type is not declared to jsii's metaclass, which would register this for the true class.
    attributes = {"__jsii_type__": f"aws-cdk-lib.{name}", "__module__": __name__}
    metaclass = cast("Callable[..., type[Any]]", type(base))
    return metaclass(name.rpartition(".")[2], (base,), attributes)


def _met(reference: str) -> object:
    """Give an object its true class; raises KeyError, as jsii expects, for others."""
    made, load = _waiting.pop(reference)
    made.__class__ = load()
    return made


class _References(dict[str, Any]):
    """jsii's map from references to objects, extended by the objects that are still untyped."""

    def __missing__(self, reference: str) -> object:
        met = self[reference] = _met(reference)
        return met


class _Probe:
    """What the start-up check has jsii look up."""

    __jsii_ref__ = SimpleNamespace(ref="ivs_constructs.Probe@0", interfaces=None)


def _private_part() -> Any:  # noqa: ANN401 (jsii promises nothing of it)
    return import_module("jsii._reference_map")


def _reference_map() -> dict[str, Any]:
    return cast("dict[str, Any]", _private_part()._refs._refs)


@cache
def can_wait() -> bool:
    """Whether this jsii uses its map of references as expected; found out by trying."""
    try:
        private = _private_part()
        holder = private._refs
        before = holder._refs
    except (ImportError, AttributeError):
        return False
    if type(before) is not dict:
        return False
    references = holder._refs = _References(cast("dict[str, Any]", before))
    fits = False
    try:
        fits = _answers(private, references)
    finally:
        if not fits:
            holder._refs = before
    return fits


def _answers(private: Any, references: _References) -> bool:  # noqa: ANN401 (jsii's private part)
    """Try both ways in which jsii looks something up, and the way in which it registers."""
    probe, wanted = _Probe(), _Probe.__jsii_ref__
    try:
        look_ups: tuple[Callable[[], object], ...] = (
            lambda: private.resolve_id(wanted.ref),
            lambda: private.resolve_reference(None, wanted),
        )
        for look_up in look_ups:
            _waiting[wanted.ref] = probe, lambda: _Probe
            if look_up() is not probe or references.pop(wanted.ref, None) is not probe:
                return False
        private.register_reference(probe)
        return references.get(wanted.ref) is probe
    except Exception:
        # Whatever another jsii does here, the public way remains.
        return False
    finally:
        _waiting.pop(wanted.ref, None)
        references.pop(wanted.ref, None)
