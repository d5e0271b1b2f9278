"""The API operations behind CloudFormation's own `AWS::IVS::*` types."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True, kw_only=True)
class Operations:
    """The operations of one type; no `update` if nothing changes in place."""

    create: str
    read: str
    delete: str
    update: str = ""


def _operations(name: str, verb: str = "Create", *, changes: bool = True) -> Operations:
    return Operations(
        create=f"{verb}{name}",
        read=f"Get{name}",
        delete=f"Delete{name}",
        update=f"Update{name}" if changes else "",
    )


OPERATIONS = {
    "AdConfiguration": _operations("AdConfiguration", changes=False),
    "Channel": _operations("Channel"),
    "EncoderConfiguration": _operations("EncoderConfiguration", changes=False),
    "IngestConfiguration": _operations("IngestConfiguration"),
    "PlaybackKeyPair": _operations("PlaybackKeyPair", "Import", changes=False),
    "PlaybackRestrictionPolicy": _operations("PlaybackRestrictionPolicy"),
    "PublicKey": _operations("PublicKey", "Import", changes=False),
    "RecordingConfiguration": _operations("RecordingConfiguration", changes=False),
    "Stage": _operations("Stage"),
    "StorageConfiguration": _operations("StorageConfiguration", changes=False),
    "StreamKey": _operations("StreamKey", changes=False),
}
"""By the end of the type's name."""


def tags_of(properties: dict[str, Any]) -> dict[str, str]:
    """Read the tags among properties."""
    return {tag["Key"]: tag["Value"] for tag in properties.get("Tags", [])}


def api_name(name: str) -> str:
    """Return the API's name of a property."""
    return name[0].lower() + name[1:]


def members_of(value: Any) -> Any:  # noqa: ANN401 (JSON-like)
    """Convert properties to API members: the names differ only in the first letter."""
    if isinstance(value, list):
        return [members_of(each) for each in value]
    if not isinstance(value, dict):
        return value
    members = {api_name(name): members_of(each) for name, each in value.items()}
    # The one structure that CloudFormation wraps twice.
    wrapped = members.get("hlsConfiguration", {}).get("participantRecordingHlsConfiguration")
    if wrapped is not None:
        members["hlsConfiguration"] = wrapped
    return members


def current(wanted: Any, shown: Any, name: str) -> Any:  # noqa: ANN401 (JSON-like)
    """Find the current value of a property, with as much in it as the template sets.

    Args:
        wanted: The template's value.
        shown: What the API returns of the structure that has it.
        name: The property's name.
    """
    # Not there for the one structure that CloudFormation wraps twice.
    found = shown.get(api_name(name)) if name != _WRAPPED else shown
    if not isinstance(wanted, dict) or not isinstance(found, dict):
        return found
    return {each: current(value, found, each) for each, value in wanted.items()}


_WRAPPED = "ParticipantRecordingHlsConfiguration"
