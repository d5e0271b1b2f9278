"""`AWS::S3::Bucket`, where MiniStack's differs: a bucket has no tags there.

CloudFormation also refuses to delete a bucket with objects in it.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from tools.local_cloud.addon.ministack import buckets, provisioners
from tools.local_cloud.addon.native_calls import tags_of

_type: dict[str, Callable[..., Any]] = provisioners.types["AWS::S3::Bucket"]

Properties = dict[str, Any]


def registered() -> dict[str, Any]:
    """The entry for MiniStack's registry of types."""
    return {**_type, "create": create, "update": update, "delete": delete}


def create(logical_id: str, properties: Properties, stack: str) -> tuple[str, Properties]:
    """Make a bucket, with its tags."""
    name, attributes = _type["create"](logical_id, properties, stack)
    buckets.tags[name] = tags_of(properties)
    return name, attributes


def update(name: str, old: Properties, new: Properties, stack: str) -> tuple[str, Properties]:
    """Change a bucket and its tags."""
    name, attributes = _type["update"](name, old, new, stack)
    buckets.tags[name] = tags_of(new)
    return name, attributes


def delete(name: str, properties: Properties) -> None:
    """Delete an empty bucket.

    Raises:
        ValueError: It is not empty.
    """
    if buckets.all.get(name, {}).get("objects"):
        raise ValueError("The bucket you tried to delete is not empty")
    _type["delete"](name, properties)
