"""CloudFormation's handling of custom resources, where MiniStack's differs.

MiniStack shows nothing of a resource while it is being created, and its former state while it is
being updated; it accepts the last answer to a request instead of the first; it sends no Delete for
a failed Create, and no Update when a rollback restores a replaced resource.
"""

from __future__ import annotations

import threading
import time
import uuid
from dataclasses import dataclass, field
from typing import Any

from tools.local_cloud.addon import function_type
from tools.local_cloud.addon.ministack import custom_resources, functions, stacks
from tools.local_cloud.addon.settings import Record

_LONGEST = 3600
"""How long CloudFormation waits for an answer by default, in seconds."""


@dataclass(slots=True)
class _Shown:
    """DescribeStackResource's answer about a custom resource."""

    status: str
    physical_id: str
    type: str
    since: str = field(default_factory=lambda: time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime()))


@dataclass(slots=True)
class _Request:
    kind: str
    resource: tuple[str, str]
    answered: threading.Event = field(default_factory=threading.Event)
    answer: dict[str, Any] = field(default_factory=dict[str, Any])


class CustomResources:
    """Sends requests, receives answers, and shows what is in progress.

    Args:
        record: Where requests and answers are recorded.
        reply_host: Amazon S3's name for replies.
    """

    def __init__(self, record: Record, reply_host: str) -> None:
        self._record = record
        self._reply_host = reply_host
        self._lock = threading.Lock()
        self._by_token: dict[str, _Request] = {}
        self._tokens: set[str] = set()
        self._shown: dict[tuple[str, str], _Shown] = {}
        # The function and the old and new properties, by resource.
        self._replaced: dict[tuple[str, str], tuple[str, dict[str, Any], dict[str, Any]]] = {}

    def install(self) -> None:
        """Replace MiniStack's own functions."""
        custom_resources.module.invoke_custom_resource = self.invoke
        stacks.actions["DescribeStackResource"] = self.describe

    def invoke(
        self,
        kind: str,
        logical_id: str,
        properties: dict[str, Any],
        stack_name: str,
        stack_id: str,
        resource_type: str,
        physical_id: str | None = None,
        old_props: dict[str, Any] | None = None,
    ) -> tuple[str, dict[str, Any]]:
        """Let a function realize a custom resource, and wait for the answer.

        Raises:
            RuntimeError: The function reported a failure, or did not answer in time.
        """
        if kind == "Delete":
            self._go_back(logical_id, stack_name, stack_id, resource_type, physical_id)
        token = str(uuid.uuid4())
        event: dict[str, Any] = {
            "RequestType": kind,
            "RequestId": str(uuid.uuid4()),
            "StackId": stack_id,
            "ResponseURL": f"https://{self._reply_host}/{token}",
            "ResourceType": resource_type,
            "LogicalResourceId": logical_id,
            "ResourceProperties": custom_resources.as_sent(properties),
        }
        if physical_id is not None:
            event["PhysicalResourceId"] = physical_id
        if old_props is not None:
            event["OldResourceProperties"] = custom_resources.as_sent(old_props)
        resource = (stack_id, logical_id)
        request = _Request(kind, resource)
        with self._lock:
            self._by_token[token] = request
            self._tokens.add(token)
            shown = self._shown.get(resource)
            if kind != "Delete" or shown is None or shown.physical_id == physical_id:
                status = f"{kind.upper()}_IN_PROGRESS"
                self._shown[resource] = _Shown(status, physical_id or "", resource_type)
            # Otherwise the replaced resource is cleaned up, and the new one is shown.
        begun = time.monotonic()
        try:
            # The stack continues once there is an answer, whatever the function still does.
            threading.Thread(target=self._call, args=(event,), daemon=True).start()
            request.answered.wait(int(properties.get("ServiceTimeout", _LONGEST)))
        finally:
            with self._lock:
                del self._by_token[token]
        answer = request.answer
        self._record.note(
            "request",
            stack=stack_name,
            event={name: value for name, value in event.items() if name != "ResponseURL"},
            answer=answer,
            seconds=round(time.monotonic() - begun, 2),
        )
        if answer.get("Status") == "SUCCESS":
            made = answer["PhysicalResourceId"]
            if kind == "Update" and made != physical_id:
                self._replaced[resource] = (made, old_props or {}, properties)
            return made, answer.get("Data") or {}
        if kind == "Create" and answer:
            # The rollback would send it right now, because nothing was made after the failure.
            self.invoke(
                "Delete",
                logical_id,
                properties,
                stack_name,
                stack_id,
                resource_type,
                answer["PhysicalResourceId"],
            )
        raise RuntimeError(answer.get("Reason") or f"{logical_id}: no answer from the function")

    def _go_back(
        self,
        logical_id: str,
        stack_name: str,
        stack_id: str,
        resource_type: str,
        physical_id: str | None,
    ) -> None:
        """Send the Update that a rollback sends before it deletes a replacement."""
        status = (stacks.find(stack_name) or {}).get("StackStatus")
        made, old, new = self._replaced.get((stack_id, logical_id), (None, {}, {}))
        if str(status).startswith("UPDATE_ROLLBACK") and made == physical_id:
            del self._replaced[stack_id, logical_id]
            self.invoke(
                "Update", logical_id, old, stack_name, stack_id, resource_type, physical_id, new
            )

    def deliver(self, token: str, answer: dict[str, Any]) -> bool:
        """Receive an answer: the first one to a request counts.

        Returns:
            Whether the token was ever given to a function. The answer may be late.
        """
        with self._lock:
            request = self._by_token.get(token)
            if request is not None and not request.answered.is_set():
                request.answer = answer
                shown = self._shown[request.resource]
                if shown.status == f"{request.kind.upper()}_IN_PROGRESS":
                    ending = "COMPLETE" if answer.get("Status") == "SUCCESS" else "FAILED"
                    self._shown[request.resource] = _Shown(
                        f"{request.kind.upper()}_{ending}",
                        str(answer.get("PhysicalResourceId")),
                        shown.type,
                    )
                request.answered.set()
            return token in self._tokens

    def describe(self, parameters: dict[str, Any]) -> Any:  # noqa: ANN401 (MiniStack's own)
        """Answer DescribeStackResource, even about a custom resource that is in progress."""
        name = stacks.parameter(parameters, "StackName")
        logical_id = stacks.parameter(parameters, "LogicalResourceId")
        stack = stacks.find(name) or {}
        with self._lock:
            shown = self._shown.get((stack.get("StackId", ""), logical_id))
        if shown is None:
            return stacks.describe_resource(parameters)
        detail = "".join(
            f"<{tag}>{value}</{tag}>"
            for tag, value in (
                ("StackName", stack["StackName"]),
                ("StackId", stack["StackId"]),
                ("LogicalResourceId", logical_id),
                ("PhysicalResourceId", shown.physical_id),
                ("ResourceType", shown.type),
                ("ResourceStatus", shown.status),
                ("LastUpdatedTimestamp", shown.since),
            )
        )
        detail = f"<StackResourceDetail>{detail}</StackResourceDetail>"
        result = f"<DescribeStackResourceResult>{detail}</DescribeStackResourceResult>"
        return stacks.xml(200, "DescribeStackResourceResponse", result)

    def _call(self, event: dict[str, Any]) -> None:
        record, config, _ = functions.find(event["ResourceProperties"]["ServiceToken"])
        if record is None or config is None:
            missing = f"there is no {event['ResourceProperties']['ServiceToken']}"
            answer = {"Status": "FAILED", "Reason": missing, "PhysicalResourceId": "none"}
            self.deliver(event["ResponseURL"].rpartition("/")[2], answer)
            return
        result = functions.execute(functions.of_config(record, config), event)
        # The function may be deleted after the answer to its last request, before it has ended.
        name = event["ResourceProperties"]["ServiceToken"].rpartition(":")[2]
        if result.get("error") and name not in function_type.deleted:
            self._record.note("crash", logical_id=event["LogicalResourceId"], result=result)
