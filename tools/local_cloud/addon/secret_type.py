"""`AWS::SecretsManager::Secret` as in CloudFormation.

MiniStack refers to a secret by name, CloudFormation by ARN. From the ARN, the AWS CDK's
`secret_name` extracts the name that CloudFormation makes: the logical id, a dash, and letters.
"""

from __future__ import annotations

import uuid
from collections.abc import Callable
from typing import Any

from tools.local_cloud.addon.ministack import provisioners

_SUFFIX = len("-abcdef")
"""What Secrets Manager appends to the name in the ARN."""

_type: dict[str, Callable[..., Any]] = provisioners.types["AWS::SecretsManager::Secret"]
Properties = dict[str, Any]


def registered() -> dict[str, Any]:
    """The entry for MiniStack's registry of types."""
    return {"create": create, "update": update, "update_with_logical_id": True, "delete": delete}


def create(logical_id: str, properties: Properties, stack: str) -> tuple[str, Properties]:
    """Make a secret."""
    name = properties.get("Name") or f"{logical_id}-{uuid.uuid4().hex[:12]}"
    _, attributes = _type["create"](logical_id, {**properties, "Name": name}, stack)
    return attributes["Id"], attributes


def update(
    arn: str, old: Properties, new: Properties, stack: str, logical_id: str
) -> tuple[str, Properties]:
    """Change a secret, or make a new one if its name changes."""
    if old.get("Name") != new.get("Name"):
        made = create(logical_id, new, stack)
        provisioners.delete_predecessor(delete, arn, old)
        return made
    name = _name(arn)
    named = ({**each, "Name": name} for each in (old, new))
    _, attributes = _type["update"](name, *named, stack, logical_id)
    return arn, attributes


def delete(arn: str, properties: Properties) -> None:
    """Delete a secret immediately."""
    _type["delete"](_name(arn), properties)


def _name(arn: str) -> str:
    return arn.rpartition(":")[2][:-_SUFFIX]
