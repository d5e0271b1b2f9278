"""CloudFormation's `AWS::IVSChat::*` types, kept as declared: there is no local API behind them."""

from __future__ import annotations

import uuid
from typing import Any

from tools.local_cloud.addon.ministack import iam
from tools.local_cloud.addon.native_types import Schema

_ARN_TYPES = {
    "AWS::IVSChat::LoggingConfiguration": "logging-configuration",
    "AWS::IVSChat::Room": "room",
}


class KeptType:
    """One type: its properties are validated, and it has its schema's attributes.

    Args:
        name: Its name, such as `AWS::IVSChat::Room`.
        schema: Its schema in CloudFormation's registry.
        region: The Region in the ARNs.
    """

    def __init__(self, name: str, schema: dict[str, Any], region: str) -> None:
        self._schema = Schema(name, schema)
        self._arn_type = _ARN_TYPES[name]
        self._region = region

    def registered(self) -> dict[str, Any]:
        """The entry for MiniStack's registry of types."""
        return {"create": self.create, "update": self.update, "delete": self.delete}

    def create(
        self, _logical_id: str, properties: dict[str, Any], _stack: str
    ) -> tuple[str, dict[str, Any]]:
        """Make a resource, and return its physical id and its attributes."""
        self._schema.check(properties)
        account = iam.account()
        made = f"{self._arn_type}/{uuid.uuid4().hex[:12]}"
        return self._shown(f"arn:aws:ivschat:{self._region}:{account}:{made}")

    def update(
        self, arn: str, _old: dict[str, Any], new: dict[str, Any], _stack: str
    ) -> tuple[str, dict[str, Any]]:
        """Change a resource in place, as all properties allow."""
        self._schema.check(new)
        return self._shown(arn)

    def delete(self, _arn: str, _properties: dict[str, Any]) -> None:
        """Delete a resource: only the stack keeps anything."""

    @staticmethod
    def _shown(arn: str) -> tuple[str, dict[str, Any]]:
        return arn, {"Arn": arn, "Id": arn.rpartition("/")[2], "State": "ACTIVE"}


def registered(schemas: dict[str, Any], region: str) -> dict[str, Any]:
    """Make every Amazon IVS Chat type whose schema is available."""
    return {
        name: KeptType(name, schema, region).registered()
        for name, schema in schemas.items()
        if name in _ARN_TYPES
    }
