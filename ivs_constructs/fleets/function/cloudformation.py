"""Checks and answers CloudFormation's requests for the custom resource of a fleet.

Anyone who may invoke the function can send it an event. So a request counts only if it is about the
fleet's own resource, and while CloudFormation itself reports that it waits for that request.
"""

from __future__ import annotations

import http.client
import json
import random
import re
import time
from collections.abc import Mapping
from typing import Any
from urllib.parse import urlsplit, urlunsplit

from ivs_constructs.fleets.function.steps import CallError, Pause, Steps, World

LARGEST_REPLY = 4096
"""CloudFormation's size limit for a reply, in bytes."""

_S3 = re.compile(
    r"https://([a-z0-9-]+\.)?s3(-fips)?(\.dualstack)?([.-][a-z]{2}(-[a-z]+)+-[0-9])?"
    r"\.amazonaws\.com(\.cn)?/[!-~]*"
)
"""Where CloudFormation expects replies: an Amazon S3 address, over TLS. The same as in the
provider's function, which ships separately; a test compares them."""

LAG_SECONDS = 15.0
"""How long CloudFormation may show a past state."""

_LOOK_SECONDS = 1.0
"""How often to ask during that time."""

_AWAITED = {
    "Create": ("CREATE_IN_PROGRESS",),
    "Update": ("UPDATE_IN_PROGRESS", "UPDATE_ROLLBACK_IN_PROGRESS", "ROLLBACK_IN_PROGRESS"),
    "Delete": ("DELETE_IN_PROGRESS",),
}
"""The states that CloudFormation shows for a resource while it waits for a reply."""

_NO_SUCH_THING = "ValidationError"

_ATTEMPT_SECONDS = 10
_LONGEST_REASON = 1500


class AddressError(Exception):
    """A request contains an address that CloudFormation would not send."""


class ForeignError(Exception):
    """A request is not about the custom resource of this fleet."""


class UndeliveredError(Exception):
    """The reply could not be delivered; Lambda should retry the whole request."""


def is_request(event: object) -> bool:
    """Whether an event is a request from CloudFormation."""
    return isinstance(event, dict) and "RequestType" in event and "ResponseURL" in event


def check_address(request: Mapping[str, Any]) -> None:
    """Reject a request whose reply would go anywhere but to Amazon S3 over TLS.

    Raises:
        AddressError: The reply would go elsewhere.
    """
    url: object = request["ResponseURL"]
    if not isinstance(url, str) or not _S3.fullmatch(url):
        raise AddressError("the event has no ResponseURL that CloudFormation would send")


def check_resource(request: Mapping[str, Any], stack: str, members: str) -> None:
    """Reject a request that is not about the fleet's own custom resource.

    Raises:
        ForeignError: The request is about another resource.
    """
    if (request.get("StackId"), request.get("LogicalResourceId")) != (stack, members):
        raise ForeignError("the event is about a resource that is not this fleet's")


def is_awaited(world: World, request: Mapping[str, Any]) -> Steps[bool]:
    """Ask CloudFormation whether it waits for the reply to a request.

    Its answer can be late, so this keeps asking for a while. If a policy denies the question, the
    request counts: otherwise no such stack could ever be deleted. Any other failure leaves it open:
    somebody can bring about throttling.

    Raises:
        CallError: CloudFormation did not answer.
    """
    awaited = _AWAITED.get(request["RequestType"])
    if awaited is None:
        return True  # the code that handles it reports what is wrong
    where = {"StackName": world.settings.stack, "LogicalResourceId": world.settings.members}
    end = world.now() + LAG_SECONDS
    while True:
        status = ""
        try:
            answer = yield from world.call("cloudformation", "DescribeStackResource", where)
            status = answer["StackResourceDetail"]["ResourceStatus"]
        except CallError as error:
            if error.denied:
                return True
            if error.code != _NO_SUCH_THING:
                raise
        if status in awaited:
            return True
        if world.now() > end:
            return False
        yield Pause(_LOOK_SECONDS)


def body(
    request: Mapping[str, Any], physical_id: str, reason: str, data: Mapping[str, str]
) -> bytes:
    """Make a reply: SUCCESS unless there is a reason for a failure."""
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
    """Deliver a reply to CloudFormation.

    Args:
        url: The presigned address: anyone who has it can answer, so no message shows it.
        reply: The reply.
        seconds: How long to try.

    Raises:
        UndeliveredError: No attempt succeeded.
    """
    end = time.monotonic() + seconds
    pause = 0.5
    while not _put(url, reply):
        # Jitter: many replies can run into the same problem at once.
        delay = pause * (0.5 + random.random())  # noqa: S311 (no secret)
        if time.monotonic() + delay > end:
            raise UndeliveredError("the reply could not be delivered")
        time.sleep(delay)
        pause = min(2 * pause, 10.0)


def _put(url: str, reply: bytes) -> bool:
    try:
        parts = urlsplit(url)
        connection = http.client.HTTPSConnection(parts.netloc, timeout=_ATTEMPT_SECONDS)
        try:
            # The signature in the address covers an empty content type.
            target = urlunsplit(("", "", parts.path, parts.query, ""))
            connection.request("PUT", target, reply, {"Content-Type": ""})
            return 200 <= connection.getresponse().status < 300
        finally:
            connection.close()
    except (OSError, http.client.HTTPException, ValueError):
        return False
