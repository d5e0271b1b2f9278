"""CloudFormation's own `AWS::IVS::*` types, realized by the emulator as AWS's are by Amazon IVS."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

from tools.local_cloud.addon.api import Api, ApiError
from tools.local_cloud.addon.ministack import jsonschema, provisioners
from tools.local_cloud.addon.native_calls import OPERATIONS, api_name, current, members_of, tags_of

_PAUSE = 0.05
_LOOKS = 100


class Schema:
    """A type's schema in CloudFormation's registry.

    Args:
        name: The type's name.
        schema: The schema.

    Attributes:
        read_only: The properties that are attributes.
        create_only: The properties that cannot change in place.
        compared: The properties in which drift is detected.
    """

    def __init__(self, name: str, schema: dict[str, Any]) -> None:
        self._name = name
        self.read_only = _first_names(schema.get("readOnlyProperties", []))
        self.create_only = _first_names(schema.get("createOnlyProperties", []))
        unread = self.read_only | _first_names(schema.get("writeOnlyProperties", [])) | {"Tags"}
        self.compared = frozenset(schema["properties"].keys() - unread)
        self._validator: Any = jsonschema.Draft7Validator(
            {key: schema[key] for key in _RULES if key in schema}
        )

    def check(self, properties: dict[str, Any]) -> None:
        """Validate properties.

        Raises:
            ValueError: They are invalid.
        """
        problems = [
            f"{'/'.join(map(str, each.absolute_path)) or '#'}: {each.message}"
            for each in self._validator.iter_errors(properties)
        ]
        problems += [
            f"#: property {name} is read-only" for name in self.read_only if name in properties
        ]
        if problems:
            raise ValueError(f"Properties validation failed for {self._name}: {problems}")


class NativeType:
    """One type.

    Args:
        name: Its name, such as `AWS::IVS::Channel`.
        schema: Its schema in CloudFormation's registry.
        api: The emulator.
    """

    def __init__(self, name: str, schema: dict[str, Any], api: Api) -> None:
        self._name = name
        self._schema = schema
        self._api = api
        self._operations = OPERATIONS[name.rpartition("::")[2]]
        self._rules = Schema(name, schema)

    def registered(self) -> dict[str, Callable[..., Any]]:
        """The entry for MiniStack's registry of types."""
        return {
            "create": self.create,
            "update": self.update,
            "delete": self.delete,
            "import": self.take_over,
        }

    def reader(self) -> tuple[Callable[..., Any], frozenset[str]]:
        """The entry for MiniStack's registry of what detects drift."""
        return self.read, self._rules.compared

    def create(
        self, _logical_id: str, properties: dict[str, Any], _stack: str
    ) -> tuple[str, dict[str, Any]]:
        """Make a resource, and return its physical id and its attributes."""
        self._rules.check(properties)
        members = {name: value for name, value in properties.items() if name != "Tags"}
        answer = self._api.call(
            self._operations.create, **members_of(members), tags=tags_of(properties)
        )
        # Amazon IVS makes a stream key with each channel, and a channel has at most one. So
        # CloudFormation must delete it, because otherwise a stack could not have an
        # AWS::IVS::StreamKey.
        if "streamKey" in answer and "channel" in answer:
            self._api.call("DeleteStreamKey", arn=answer.pop("streamKey")["arn"])
        [made] = answer.values()
        return made["arn"], self._settled(made["arn"])

    def take_over(self, identifier: dict[str, str]) -> tuple[str, dict[str, Any]]:
        """Return the physical id and the attributes of an existing resource."""
        arn = identifier["Arn"]
        return arn, self._settled(arn)

    def read(self, arn: str, properties: dict[str, Any]) -> dict[str, Any] | None:
        """Read the current values of what the template sets; None if the resource is gone."""
        try:
            [shown] = self._api.call(self._operations.read, arn=arn).values()
        except ApiError as error:
            if error.code != "ResourceNotFoundException":
                raise
            return None
        return {name: current(value, shown, name) for name, value in properties.items()}

    def update(
        self, arn: str, old: dict[str, Any], new: dict[str, Any], stack: str
    ) -> tuple[str, dict[str, Any]]:
        """Change a resource in place, or make a new one if it cannot be changed."""
        self._rules.check(new)
        if any(old.get(name) != new.get(name) for name in self._rules.create_only):
            made = self.create("", new, stack)
            provisioners.delete_predecessor(self.delete, arn, old)
            return made
        changed = {name for name in old | new if old.get(name) != new.get(name)} - {"Tags"}
        if changed:
            wanted = {name: new.get(name, self._default(name)) for name in changed}
            self._api.call(self._operations.update, arn=arn, **members_of(wanted))
        had, has = tags_of(old), tags_of(new)
        if has.items() - had.items():
            self._api.call("TagResource", resourceArn=arn, tags=has)
        if had.keys() - has.keys():
            self._api.call(
                "UntagResource", resourceArn=arn, tagKeys=sorted(had.keys() - has.keys())
            )
        return arn, self._settled(arn)

    def delete(self, arn: str, _properties: dict[str, Any]) -> None:
        """Delete a resource, unless it is already gone."""
        try:
            self._api.call(self._operations.delete, arn=arn)
        except ApiError as error:
            if error.code != "ResourceNotFoundException":
                raise

    def _default(self, name: str) -> Any:  # noqa: ANN401 (JSON-like)
        """The default that a property returns to when it is no longer given."""
        facts = self._schema["properties"][name]
        return facts.get("default", [] if facts.get("type") == "array" else "")

    def _settled(self, arn: str) -> dict[str, Any]:
        """Wait until a resource is made, and return its attributes."""
        for _ in range(_LOOKS):
            [shown] = self._api.call(self._operations.read, arn=arn).values()
            if shown.get("state") not in ("CREATING", "UPDATING"):
                break
            time.sleep(_PAUSE)
        if shown.get("state") == "CREATE_FAILED":
            raise ValueError(f"{self._name} {arn} did not stabilize: CREATE_FAILED")
        members = {api_name(name): name for name in self._rules.read_only}
        return {name: shown[member] for member, name in members.items() if member in shown}


_RULES = (
    "type",
    "properties",
    "definitions",
    "required",
    "additionalProperties",
    "allOf",
    "anyOf",
    "oneOf",
    "if",
    "then",
    "else",
    "dependencies",
)
"""The parts of a schema that are rules for properties."""


def types(schemas: dict[str, Any], api: Api) -> dict[str, NativeType]:
    """Make every Amazon IVS type whose schema is available."""
    return {
        name: NativeType(name, schema, api)
        for name, schema in schemas.items()
        if name.startswith("AWS::IVS::")
    }


def _first_names(pointers: list[str]) -> set[str]:
    return {pointer.split("/")[2] for pointer in pointers}
