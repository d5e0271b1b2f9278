"""Answers requests of CloudFormation for the custom resource that stands for a fleet."""

from __future__ import annotations

import http.client
import json
import random
import time
from collections.abc import Mapping
from typing import Any
from urllib.parse import urlsplit, urlunsplit

LARGEST_REPLY = 4096
"""CloudFormation's limit of a reply, in bytes."""

_ATTEMPT_SECONDS = 10
_LONGEST_REASON = 1500


class UndeliveredError(Exception):
    """The reply could not be delivered; Lambda is to try the whole request again."""


def is_request(event: object) -> bool:
    """Whether an event is a request of CloudFormation."""
    return isinstance(event, dict) and "RequestType" in event and "ResponseURL" in event


def body(
    request: Mapping[str, Any], physical_id: str, reason: str, data: Mapping[str, str]
) -> bytes:
    """Write a reply: SUCCESS unless there is a reason."""
    reply: dict[str, object] = {
        "Status": "FAILED" if reason else "SUCCESS",
        "PhysicalResourceId": physical_id,
        "StackId": request.get("StackId"),
        "RequestId": request.get("RequestId"),
        "LogicalResourceId": request.get("LogicalResourceId"),
        "Reason": reason[:_LONGEST_REASON],
        "Data": dict(data),
    }
    return json.dumps(reply).encode()


def deliver(url: str, reply: bytes, seconds: float) -> None:
    """Put a reply where CloudFormation waits for it.

    Args:
        url: The presigned address: whoever has it can answer, so it appears in no message.
        reply: The reply.
        seconds: How long to try.

    Raises:
        UndeliveredError: No attempt was answered with success.
    """
    end = time.monotonic() + seconds
    pause = 0.5
    while not _put(url, reply):
        # Jitter: many replies may meet the same trouble at the same time.
        delay = pause * (0.5 + random.random())  # noqa: S311 (no secret)
        if time.monotonic() + delay > end:
            raise UndeliveredError("the reply could not be delivered")
        time.sleep(delay)
        pause = min(2 * pause, 10.0)


def _put(url: str, reply: bytes) -> bool:
    try:
        parts = urlsplit(url)
        secure = parts.scheme == "https"
        kind = http.client.HTTPSConnection if secure else http.client.HTTPConnection
        connection = kind(parts.netloc, timeout=_ATTEMPT_SECONDS)
        try:
            # The signature in the address is for an empty content type.
            target = urlunsplit(("", "", parts.path or "/", parts.query, ""))
            connection.request("PUT", target, reply, {"Content-Type": ""})
            return 200 <= connection.getresponse().status < 300
        finally:
            connection.close()
    except (OSError, http.client.HTTPException, ValueError):
        return False
