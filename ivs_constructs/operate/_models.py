"""Reads the models of both Amazon IVS APIs: their operations and parameters.

They are botocore's, without the documentation, and ship with this library for its Lambda. They are
read when first needed, because each is a file of a hundred kilobytes.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cache
from importlib.resources import files
from typing import Any

SERVICES = ("ivs", "ivs-realtime")
"""The APIs, by their names in boto3 and the AWS CLI."""

TYPES = (
    "ad-configuration",
    "channel",
    "composition",
    "encoder-configuration",
    "failover-slate-configuration",
    "ingest-configuration",
    "playback-key",
    "playback-restriction-policy",
    "public-key",
    "recording-configuration",
    "stage",
    "storage-configuration",
    "stream-key",
)
"""All types of resources, by their names in ARNs; each can have tags."""

_FILE = "_lambda/models/{service}/2020-07-14/service-2.json"


@dataclass(frozen=True, slots=True)
class Shape:
    """The form of a parameter or a part of one.

    Attributes:
        name: Its name in the model.
        facts: What the model says about it.
        shapes: What the model says about all shapes, by their names.
    """

    name: str
    facts: Mapping[str, Any]
    shapes: Mapping[str, Any] = field(repr=False, compare=False)

    @property
    def type(self) -> str:
        """The kind of value: string, integer, list, structure and so on."""
        kind: str = self.facts["type"]
        return kind

    @property
    def members(self) -> dict[str, Shape]:
        """The members of a structure, by the API's names."""
        return {
            name: _shape(self.shapes, member["shape"])
            for name, member in self.facts["members"].items()
        }

    @property
    def required(self) -> tuple[str, ...]:
        """The members that a structure must have."""
        return tuple(self.facts.get("required", ()))

    def part(self, role: str) -> Shape:
        """Return the shape of a list's `member`, or of a map's `key` or `value`."""
        return _shape(self.shapes, self.facts[role]["shape"])

    def leaves(self, path: str = "") -> Iterator[tuple[str, Shape]]:
        """Name every string, number and time in this form, by its path from here."""
        match self.type:
            case "structure":
                for name, member in self.members.items():
                    yield from member.leaves(f"{path}.{name}" if path else name)
            case "list":
                yield from self.part("member").leaves(f"{path}[]")
            case "map":
                yield from self.part("value").leaves(f"{path}{{}}")
            case _:
                yield path, self


@dataclass(frozen=True, slots=True)
class Operation:
    """One operation of an API.

    Attributes:
        service: The API that it belongs to.
        name: Its name, such as `PutMetadata`.
        input: Its parameters.
        output: Its answer; None if it has none.
    """

    service: str
    name: str
    input: Shape
    output: Shape | None

    @property
    def only_reads(self) -> bool:
        """Whether it only reads; EventBridge Scheduler refuses to call such operations."""
        return self.name.startswith(("Get", "List", "BatchGet"))


@cache
def operations(service: str) -> dict[str, Operation]:
    """Read the operations of an API, by their names.

    Args:
        service: One of `SERVICES`.
    """
    file = files("ivs_constructs").joinpath(_FILE.format(service=service))
    return operations_of(service, json.loads(file.read_text(encoding="utf-8")))


def operations_of(service: str, model: Mapping[str, Any]) -> dict[str, Operation]:
    """Read the operations of a model, by their names.

    Args:
        service: The API.
        model: The model, as in botocore.
    """
    shapes = model["shapes"]
    return {
        name: Operation(
            service=service,
            name=name,
            # An operation may have no parameters.
            input=_shape(shapes, facts["input"]["shape"])
            if "input" in facts
            else Shape("", {"type": "structure", "members": {}}, shapes),
            output=_shape(shapes, facts["output"]["shape"]) if "output" in facts else None,
        )
        for name, facts in model["operations"].items()
    }


def _shape(shapes: Mapping[str, Any], name: str) -> Shape:
    return Shape(name, shapes[name], shapes)
