"""A template as CloudFormation reads it: what comes before what, and intrinsic functions."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from graphlib import TopologicalSorter
from typing import Any

_REFERENCE = re.compile(r"\$\{([^!}][^}]*)\}")


@dataclass(frozen=True, slots=True)
class Made:
    """A resource that exists.

    Attributes:
        type: Its type.
        properties: Its properties, resolved.
        physical_id: What `Ref` tells.
        attributes: What `Fn::GetAtt` tells.
        retained: Whether it is left alone when it leaves the stack.
    """

    type: str
    properties: dict[str, Any]
    physical_id: str
    attributes: dict[str, Any]
    retained: bool


class Template:
    """A template.

    Args:
        content: The template itself.
        pseudo: The pseudo parameters, such as `AWS::Region`.
    """

    def __init__(self, content: dict[str, Any], pseudo: Mapping[str, str]) -> None:
        unknown = content.keys() - {"Resources", "Outputs", "Parameters", "Rules", "Description"}
        if unknown:
            raise ValueError(f"sections that are unknown here: {sorted(unknown)}")
        self.resources: dict[str, dict[str, Any]] = content["Resources"]
        self._pseudo = pseudo

    def ordered(self) -> list[str]:
        """Name the resources, each behind those that it needs."""
        graph = {
            name: {*_names_in(resource.get("Properties", {})), *_listed(resource.get("DependsOn"))}
            & self.resources.keys()
            for name, resource in self.resources.items()
        }
        return list(TopologicalSorter(graph).static_order())

    def resolved(self, value: Any, made: Mapping[str, Made]) -> Any:  # noqa: ANN401 (JSON-like)
        """Replace intrinsic functions by what they tell.

        Args:
            value: A value of the template.
            made: The resources that exist.
        """
        if isinstance(value, list):
            return [self.resolved(each, made) for each in value]
        if not isinstance(value, dict):
            return value
        if len(value) == 1:
            [(name, argument)] = value.items()
            if name == "Ref" or name.startswith("Fn::"):
                return self._told(name, argument, made)
        return {name: self.resolved(each, made) for name, each in value.items()}

    def _told(self, name: str, argument: Any, made: Mapping[str, Made]) -> Any:  # noqa: ANN401 (JSON-like)
        match name:
            case "Ref":
                return self._referred(argument, made)
            case "Fn::GetAtt":
                logical_id, attribute = argument
                return made[logical_id].attributes[attribute]
            case "Fn::Join":
                separator, parts = argument
                return separator.join(self.resolved(parts, made))
            case "Fn::Sub" if isinstance(argument, str):
                return _REFERENCE.sub(lambda found: self._substituted(found[1], made), argument)
            case _:
                raise ValueError(f"a function that is unknown here: {name}")

    def _referred(self, name: str, made: Mapping[str, Made]) -> str:
        return self._pseudo[name] if name in self._pseudo else made[name].physical_id

    def _substituted(self, name: str, made: Mapping[str, Made]) -> str:
        logical_id, dot, attribute = name.partition(".")
        if dot:
            return str(made[logical_id].attributes[attribute])
        return self._referred(logical_id, made)


def _listed(value: str | list[str] | None) -> list[str]:
    return [value] if isinstance(value, str) else value or []


def _names_in(value: Any) -> Iterator[str]:  # noqa: ANN401 (JSON-like)
    """Find the names that intrinsic functions mention."""
    if isinstance(value, list):
        for each in value:
            yield from _names_in(each)
    elif isinstance(value, dict):
        for name, each in value.items():
            if name == "Ref":
                yield each
            elif name == "Fn::GetAtt":
                yield each[0]
            elif name == "Fn::Sub":
                yield from (found.partition(".")[0] for found in _REFERENCE.findall(each))
            else:
                yield from _names_in(each)
