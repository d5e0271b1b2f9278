"""Reads the API of constructs from their source, because loading them would start Node.js.

Tests compare the result with the classes themselves.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from ivs_constructs._specs import COMPOSITION, ResourceSpec

_PACKAGE = Path(__file__).parents[2] / "ivs_constructs"
_PROPERTIES = {"property", "cached_property"}


@dataclass(frozen=True, slots=True)
class ConstructSource:
    """One construct, read from its source.

    Attributes:
        name: The class.
        parameters: The constructor's named parameters, each with its annotation.
        properties: The public properties.
        attributes: The resource's attributes in snake_case, each with the property that returns it.
    """

    name: str
    parameters: Mapping[str, str]
    properties: frozenset[str]
    attributes: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class EventMethod:
    """One method that defines a rule of EventBridge.

    Attributes:
        owner: The construct that has it.
        name: The method.
        kind: The constant that describes the detail-type; empty for any.
        names: What happened; empty for all of the detail-type.
    """

    owner: str
    name: str
    kind: str
    names: tuple[str, ...]


def class_of(spec: ResourceSpec) -> str:
    """Return the construct's name for a resource type, which is the same with one exception."""
    return "CompositionAutomation" if spec is COMPOSITION else spec.name


@cache
def construct(name: str) -> ConstructSource | None:
    """Read a construct; None if it does not exist."""
    module = re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", name).lower()
    for path in _PACKAGE.rglob(f"{module}.py"):
        classes = _classes(path)
        if name in classes:
            return _read(name, classes)
    return None


@cache
def event_methods() -> tuple[EventMethod, ...]:
    """Read the methods that define rules, in the order of the source."""
    found: list[EventMethod] = []
    for module in ("_event_methods", "events"):
        for each in _classes(_PACKAGE / "operate" / f"{module}.py").values():
            found += _read_event_methods(each)
    return tuple(found)


def _read_event_methods(owner: ast.ClassDef) -> Iterator[EventMethod]:
    """The methods that end in `return self._rule(id, KIND, "Name", **options)`."""
    for function in owner.body:
        if not isinstance(function, ast.FunctionDef) or not function.name.startswith("on_"):
            continue
        [call] = (
            node
            for node in ast.walk(function.body[-1])
            if isinstance(node, ast.Call) and ast.unparse(node.func) == "self._rule"
        )
        _, *more = call.args
        kind, *names = more or [ast.Name("")]
        yield EventMethod(
            owner=re.sub(r"Event(Methods|s)$", "", owner.name),
            name=function.name,
            kind=ast.unparse(kind),
            names=tuple(str(ast.literal_eval(name)) for name in names),
        )


def _classes(path: Path) -> dict[str, ast.ClassDef]:
    tree = ast.parse(path.read_text(encoding="utf-8"))
    return {node.name: node for node in tree.body if isinstance(node, ast.ClassDef)}


def _read(name: str, classes: Mapping[str, ast.ClassDef]) -> ConstructSource:
    parameters: dict[str, str] = {}
    attributes: dict[str, str] = {}
    properties: set[str] = set()
    functions = list(_functions(name, classes))
    private = {each.name: each for each in functions if each.name.startswith("_")}
    for function in functions:
        if function.name == "__init__" and not parameters:
            parameters = {
                each.arg: ast.unparse(each.annotation) if each.annotation else ""
                for each in function.args.kwonlyargs
            }
        decorators = {ast.unparse(each) for each in function.decorator_list}
        if decorators & _PROPERTIES and not function.name.startswith("_"):
            properties.add(function.name)
            for source in (function, *_asked(function, private)):
                for attribute in _read_attributes(source):
                    attributes.setdefault(attribute, function.name)
    return ConstructSource(name, parameters, frozenset(properties), attributes)


def _functions(name: str, classes: Mapping[str, ast.ClassDef]) -> Iterator[ast.FunctionDef]:
    """All functions of a class, then those of its bases in the same module."""
    node = classes[name]
    for each in node.body:
        if isinstance(each, ast.FunctionDef):
            yield each
    for base in node.bases:
        if ast.unparse(base) in classes:
            yield from _functions(ast.unparse(base), classes)


def _asked(
    function: ast.FunctionDef, private: Mapping[str, ast.FunctionDef]
) -> Iterator[ast.FunctionDef]:
    """The private properties that a property returns, such as `self._secret`."""
    for node in ast.walk(function):
        if isinstance(node, ast.Attribute) and ast.unparse(node.value) == "self":
            found = private.get(node.attr)
            if found and _PROPERTIES & {ast.unparse(each) for each in found.decorator_list}:
                yield found


def _read_attributes(function: ast.FunctionDef) -> Iterator[str]:
    """The attributes that a property asks the resource for, such as `self._attribute("arn")`."""
    for node in ast.walk(function):
        if (
            isinstance(node, ast.Call)
            and ast.unparse(node.func).startswith("self._")
            and node.args
            and isinstance(node.args[0], ast.Constant)
            and isinstance(node.args[0].value, str)
        ):
            yield node.args[0].value
