"""Reads the output of `app.synth()` for checks: templates, their places, construct paths."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any, cast

ACKNOWLEDGED = "aws:cdk:acknowledged-rules"

Json = dict[str, Any]


@dataclass(frozen=True)
class StackTemplate:
    """The template of one stack.

    Attributes:
        file: Its file.
        template: Its content.
        region: The stack's Region, None if it is known only at deploy time.
        account: The stack's account, None if it is known only at deploy time.
        metadata: The AWS CDK's metadata of each construct, by path.
        nested: Whether this stack is nested in another one.
    """

    file: Path
    template: Json
    region: str | None = None
    account: str | None = None
    metadata: Mapping[str, list[Json]] = field(default_factory=dict[str, list[Json]])
    nested: bool = False

    @cached_property
    def paths(self) -> Mapping[str, str]:
        """The construct path of each element, by its logical id."""
        found: dict[str, str] = {}
        for path, entries in self.metadata.items():
            for entry in entries:
                if entry["type"] == "aws:cdk:logicalId":
                    logical_id, path = entry["data"], path.removeprefix("/")
                    # A stack and one nested in it share their metadata and may share an id; the
                    # nested one is deeper.
                    before = found.get(logical_id)
                    if before is None or (len(path) > len(before)) == self.nested:
                        found[logical_id] = path
        return found

    def resources(self, *types: str) -> Iterator[Resource]:
        """The resources of some types, or all."""
        for logical_id, definition in _entries(self.template.get("Resources", {})):
            if not types or definition.get("Type") in types:
                yield Resource(self, logical_id, definition)

    def path_of(self, logical_id: str) -> str:
        """The construct path of an element, or its logical id if there is none."""
        return self.paths.get(logical_id, logical_id)


@dataclass(frozen=True, eq=False)
class Resource:
    """One resource of a template."""

    stack: StackTemplate
    logical_id: str
    definition: Json

    @property
    def type(self) -> str:
        """Its CloudFormation type."""
        return str(self.definition.get("Type", ""))

    @property
    def properties(self) -> Json:
        """Its properties."""
        return cast("Json", self.definition.get("Properties") or {})


@dataclass(frozen=True)
class Assembly:
    """All templates of an app, so that references between stacks can be followed."""

    stacks: tuple[StackTemplate, ...]

    def resources(self, *types: str) -> Iterator[Resource]:
        """The resources of some types, of all stacks."""
        for stack in self.stacks:
            yield from stack.resources(*types)

    @cached_property
    def _exports(self) -> Mapping[str, tuple[StackTemplate, object]]:
        return {
            output["Export"]["Name"]: (stack, output.get("Value"))
            for stack in self.stacks
            for _, output in _entries(stack.template.get("Outputs", {}))
            if isinstance(output.get("Export", {}).get("Name"), str)
        }

    def target(self, stack: StackTemplate, value: object) -> Resource | None:
        """The resource that a value in a stack refers to, None if it is not known."""
        match value:
            case {"Ref": str(name)} | {"Fn::GetAtt": [str(name), str()]}:
                definition = stack.template.get("Resources", {}).get(name)
                if definition is None and stack.nested:
                    return self._passed(stack, name)
                return Resource(stack, name, definition) if definition else None
            case {"Fn::GetAtt": str(text)}:
                return self.target(stack, {"Ref": text.partition(".")[0]})
            case {"Fn::ImportValue": str(name)} if name in self._exports:
                return self.target(*self._exports[name])
            case _:
                return None

    def _passed(self, stack: StackTemplate, parameter: str) -> Resource | None:
        """The resource that a nested stack gets as a parameter, whose name the AWS CDK makes."""
        others = tuple(each for each in self.stacks if each is not stack)
        for other in others:
            for inner in other.resources("AWS::CloudFormation::Stack"):
                given = inner.properties.get("Parameters")
                if isinstance(given, dict) and parameter in given:
                    # Without this stack, so that the search ends.
                    found = Assembly(others).target(other, cast("Json", given)[parameter])
                    if found is not None:
                        return found
        return None


def _entries(section: Json) -> Iterator[tuple[str, Json]]:
    """The entries of a section of a template; those of a `Fn::ForEach` once, with its variables."""
    for name, entry in section.items():
        if isinstance(entry, dict):
            yield name, cast("Json", entry)
        elif name.startswith("Fn::ForEach") and isinstance(entry, list):
            for part in cast("list[object]", entry):
                if isinstance(part, dict):
                    yield from _entries(cast("Json", part))


def walk(node: object, path: tuple[str, ...] = ()) -> Iterator[tuple[tuple[str, ...], object]]:
    """Every part of a template with its path."""
    yield path, node
    if isinstance(node, dict):
        for name, value in cast("Json", node).items():
            yield from walk(value, (*path, name))
    elif isinstance(node, list):
        for index, value in enumerate(cast("list[object]", node)):
            yield from walk(value, (*path, str(index)))


def text_of(value: object) -> str:
    """A value as text, with deploy-time values as in Fn::Sub.

    Example:
        >>> text_of({"Fn::Join": ["", [{"Fn::GetAtt": ["Bucket", "Arn"]}, "/*"]]})
        '${Bucket.Arn}/*'
    """
    match value:
        case str():
            return value
        case {"Ref": str(name)}:
            return f"${{{name}}}"
        case {"Fn::GetAtt": [str(name), str(attribute)]}:
            return f"${{{name}.{attribute}}}"
        case {"Fn::GetAtt": str(name)}:
            return f"${{{name}}}"
        case {"Fn::Join": [str(between), list() as parts]}:  # pyright: ignore[reportUnknownVariableType] (JSON)
            return between.join(text_of(part) for part in cast("list[object]", parts))
        case {"Fn::Sub": str(text)}:
            return text
        case {"Fn::Sub": [str(text), dict() as given]}:  # pyright: ignore[reportUnknownVariableType] (JSON)
            for name, part in cast("Json", given).items():
                text = text.replace(f"${{{name}}}", text_of(part))
            return text
        case _:
            return json.dumps(value, sort_keys=True)


NO_VALUE = {"Ref": "AWS::NoValue"}
"""What removes a property at deploy time."""


def alternatives(value: object) -> Iterator[object]:
    """Everything that a value may be, whatever the template's conditions are."""
    match value:
        case {"Fn::If": [_, one, other]}:  # pyright: ignore[reportUnknownVariableType] (JSON)
            yield from alternatives(cast("object", one))
            yield from alternatives(cast("object", other))
        case _:
            yield value


def listed(value: object) -> list[object]:
    """A policy's single value or list, always as a list."""
    if value is None:
        return []
    return cast("list[object]", value) if isinstance(value, list) else [value]


def read_assembly(directories: Iterable[Path]) -> Assembly:
    """Read the templates in cloud assemblies, including the assemblies of their stages."""
    stacks: dict[Path, StackTemplate] = {}
    for directory in directories:
        for stack in _read(directory):
            stacks.setdefault(stack.file, stack)
    return Assembly(tuple(stacks.values()))


def _read(directory: Path) -> Iterator[StackTemplate]:
    for artifact in _load(directory / "manifest.json").get("artifacts", {}).values():
        properties = artifact.get("properties", {})
        if artifact["type"] == "cdk:cloud-assembly":
            yield from _read(directory / properties["directoryName"])
        if artifact["type"] != "aws:cloudformation:stack":
            continue
        # aws://123456789012/eu-west-1, or unknown-account and unknown-region
        account, _, region = artifact["environment"].removeprefix("aws://").partition("/")
        extra = artifact.get("additionalMetadataFile")
        stack = StackTemplate(
            directory / properties["templateFile"],
            _load(directory / properties["templateFile"]),
            region=None if region.startswith("unknown") else region,
            account=None if account.startswith("unknown") else account,
            # Newer releases of the AWS CDK keep it in a file of its own.
            metadata=artifact.get("metadata") or (_load(directory / extra) if extra else {}),
        )
        yield stack
        yield from _nested(stack, stack.file)


def _nested(stack: StackTemplate, file: Path) -> Iterator[StackTemplate]:
    """The stacks nested in one: templates that are its assets."""
    assets = file.with_name(file.name.removesuffix(".template.json") + ".assets.json")
    for asset in (_load(assets) if assets.is_file() else {}).get("files", {}).values():
        name = asset.get("source", {}).get("path") or ""
        if name.endswith(".nested.template.json"):
            inner = file.with_name(name)
            yield StackTemplate(
                inner, _load(inner), stack.region, stack.account, stack.metadata, nested=True
            )


def _load(path: Path) -> Json:
    return cast("Json", json.loads(path.read_text(encoding="utf-8")))
