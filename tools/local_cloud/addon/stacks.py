"""CloudFormation's handling of stacks, where MiniStack's differs.

When MiniStack compares templates, it treats references to different resources as equal; and when a
resource cannot be deleted, it still deletes what that one depends on, such as a function before its
custom resources.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Iterator
from typing import Any
from urllib.parse import parse_qs

from tools.local_cloud.addon.ministack import services, stacks

_PATIENCE = 20.0
"""How long an answer about a stack in progress may wait for its end, in seconds. The CLI polls
every 5 seconds; most deployments here take less than one."""

_PAUSE = 0.05


def install() -> None:
    """Replace MiniStack's own functions."""
    services.handlers["cloudformation"] = _patient(services.handlers["cloudformation"])
    stacks.changes.module._resolve_props_for_diff = _comparable
    stacks.module._delete_resource = _delete


def _patient(handle: Any) -> Any:  # noqa: ANN401 (MiniStack's own)
    async def answer(method: str, path: str, headers: Any, body: bytes, query: Any) -> Any:  # noqa: ANN401 (MiniStack ships no types)
        asked = parse_qs(body.decode(errors="replace"))
        if asked.get("Action") == ["DescribeStacks"] and "StackName" in asked:
            end = time.monotonic() + _PATIENCE
            while _in_progress(asked["StackName"][0]) and time.monotonic() < end:
                await asyncio.sleep(_PAUSE)
        return await handle(method, path, headers, body, query)

    return answer


def _in_progress(stack: str) -> bool:
    status = str((stacks.find(stack) or {}).get("StackStatus", ""))
    return status.endswith("_IN_PROGRESS") and not status.startswith("REVIEW_")


def _comparable(template: dict[str, Any], *rest: Any) -> dict[str, Any]:  # noqa: ANN401 (no types)
    """Resolve what can be resolved, and keep the references next to it."""
    found: dict[str, Any] = stacks.changes.resolve(template, *rest)
    for name, resource in found.get("Resources", {}).items():
        raw = template["Resources"][name].get("Properties") or {}
        resource["Properties"] = {
            each: [value, list(_references(raw.get(each)))]
            for each, value in (resource.get("Properties") or {}).items()
        }
    return found


def _references(value: object) -> Iterator[object]:
    if isinstance(value, list):
        for each in value:
            yield from _references(each)
    elif isinstance(value, dict):
        for name, each in value.items():
            if name in ("Ref", "Fn::GetAtt", "Fn::Sub"):
                yield each
            yield from _references(each)


def _delete(
    type_name: str,
    physical_id: str,
    properties: dict[str, Any],
    stack_name: str | None = None,
    logical_id: str | None = None,
) -> None:
    """Delete a resource, unless one that is still there depends on it."""
    stack = stacks.find(stack_name) or {}
    if stack.get("StackStatus") == "DELETE_IN_PROGRESS":
        definitions = stack.get("_template", {}).get("Resources", {})
        needing = [
            name
            for name in stack.get("_resources", {})
            if name != logical_id and logical_id in stacks.needs(definitions[name], {logical_id})
        ]
        if needing:
            raise RuntimeError(f"kept, because it is needed by {', '.join(needing)}")
    stacks.delete_resource(type_name, physical_id, properties, stack_name, logical_id)
