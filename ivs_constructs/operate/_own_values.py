"""Accepts this library's own values where the API expects a structure.

Some names in the API differ from those in the values: ARNs end with `_arn`, times with `_seconds`.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import fields, is_dataclass
from typing import Any

_WRAPPED = {
    "GridLayout": "grid",
    "PipLayout": "pip",
    "ChannelDestination": "channel",
    "S3Destination": "s3",
}
"""The member of the API's structure that the whole value becomes."""


def structure_of(value: object, members: Mapping[str, object]) -> object:
    """Return a value of this library as a dict with the API's names; anything else as it is.

    Args:
        value: What the user passed.
        members: The members of the API's structure, by their Python names.
    """
    if not is_dataclass(value) or isinstance(value, type):
        return value
    given = {
        each.name: getattr(value, each.name)
        for each in fields(value)
        if getattr(value, each.name) is not None
    }
    wrapped = _WRAPPED.get(type(value).__name__)
    if wrapped in members:
        name = given.pop("name", None)
        return {wrapped: value} if name is None else {"name": name, wrapped: value}
    return _named({name: each for name, each in given.items() if name != "name"}, members)


def _named(given: dict[str, Any], members: Mapping[str, object]) -> dict[str, Any]:
    result: dict[str, Any] = {}
    for path, value in _placed(given, members):
        *outer, name = path
        inside = result
        for each in outer:
            inside = inside.setdefault(each, {})
        inside[name] = value
    return result


def _placed(
    given: dict[str, Any], members: Mapping[str, object]
) -> Iterator[tuple[tuple[str, ...], Any]]:
    """Return where each member of a value belongs."""
    recorded = ("recording_configuration",) if "recording_configuration" in members else ()
    for name, value in given.items():
        seconds = value.to_seconds() if hasattr(value, "to_seconds") else value
        if name == "target_segment_duration":
            yield (*recorded, "hls_configuration", "target_segment_duration_seconds"), seconds
        elif name == "recording_format":
            yield (*recorded, "format"), value
        elif name in members:
            yield (name,), value
        elif f"{name}_arn" in members:
            yield (f"{name}_arn",), value
        elif f"{name}_seconds" in members:
            yield (f"{name}_seconds",), seconds
        elif f"{name}_arns" in members:
            yield (f"{name}_arns",), [value]
        elif f"{name}s" in members:
            yield (f"{name}s",), [value]
        else:
            # The caller reports names that the API does not have.
            yield (name,), value
