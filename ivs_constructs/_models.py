"""Reads the models of both APIs of Amazon IVS: which operations there are and what they take.

They are botocore's, without the texts for people, and travel with this library for its Lambda.
Read when first asked for, because each is a file of a hundred kilobytes.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any

SERVICES = ("ivs", "ivs-realtime")
"""The APIs, as boto3 and the AWS CLI call them."""

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
"""All types of resources, as their ARNs name them; each can have tags."""

_FILE = "_provider/asset/models/{service}/2020-07-14/service-2.json"


@dataclass(frozen=True, slots=True)
class Shape:
    """What a parameter, or a part of one, may be.

    Attributes:
        service: The API that it belongs to.
        name: Its name in the model.
        facts: What the model says about it.
    """

    service: str
    name: str
    facts: Mapping[str, Any]

    @property
    def type(self) -> str:
        """The kind of value: string, integer, list, structure and so on."""
        kind: str = self.facts["type"]
        return kind

    @property
    def members(self) -> dict[str, Shape]:
        """The members of a structure, by the API's names."""
        return {
            name: _shape(self.service, member["shape"])
            for name, member in self.facts["members"].items()
        }

    @property
    def required(self) -> tuple[str, ...]:
        """The members that a structure must have."""
        return tuple(self.facts.get("required", ()))

    def part(self, role: str) -> Shape:
        """Return the shape of a list's `member`, or of a map's `key` or `value`."""
        return _shape(self.service, self.facts[role]["shape"])

    def leaves(self, path: str = "") -> Iterator[tuple[str, Shape]]:
        """Name every text, number and time that this holds, by its path from here."""
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
        input: What it takes.
        output: What it answers; None where there is nothing.
    """

    service: str
    name: str
    input: Shape
    output: Shape | None


@cache
def operations(service: str) -> dict[str, Operation]:
    """Read the operations of an API, by their names.

    Args:
        service: One of `SERVICES`.
    """
    return {
        name: Operation(
            service=service,
            name=name,
            input=_shape(service, facts["input"]["shape"]),
            output=_shape(service, facts["output"]["shape"]) if "output" in facts else None,
        )
        for name, facts in _model(service)["operations"].items()
    }


@cache
def _shape(service: str, name: str) -> Shape:
    return Shape(service, name, _model(service)["shapes"][name])


@cache
def _model(service: str) -> dict[str, Any]:
    file = files("ivs_constructs").joinpath(_FILE.format(service=service))
    model: dict[str, Any] = json.loads(file.read_text(encoding="utf-8"))
    return model
