"""A stand-in for CloudFormation's two doors: the presigned address and DescribeStackResource."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any
from urllib.parse import parse_qs
from xml.sax.saxutils import escape

from ivs_constructs.testing.emulator.server import Answer, Request, Server
from tests.faults.faults import Mode

LARGEST_REPLY = 4096

# What the query protocol answers; "after effect" is the same where nothing is changed.
_DESCRIBE: dict[Mode, tuple[int, str] | None] = {
    Mode.DENIED: (403, "AccessDenied"),
    Mode.THROTTLED: (400, "Throttling"),
    Mode.ERROR_BEFORE: (500, "InternalFailure"),
    Mode.ERROR_AFTER: (500, "InternalFailure"),
    Mode.RESET_BEFORE: None,
    Mode.RESET_AFTER: None,
}


def nothing_struck() -> Mode | None:
    """Let everything go well."""
    return None


class CloudFormation:
    """Takes replies, and tells what it shows of the resource.

    Attributes:
        shown: Status and physical id of the resource; None: there is no such stack.
        strike: Tells what goes wrong with the request that is being answered.
        on_reply: Is told of each reply that got through.
        complaints: What was wrong with replies.
    """

    def __init__(self) -> None:
        self._server = Server(self._answer, "127.0.0.1", 0)
        self.url = self._server.url
        self.reset()

    def reset(self) -> None:
        """Forget the stack."""
        self.shown: tuple[str, str] | None = None
        self.strike: Callable[[], Mode | None] = nothing_struck
        self.on_reply: Callable[[dict[str, Any]], None] = lambda _: None
        self.complaints: list[str] = []

    def stop(self) -> None:
        """Listen no more."""
        self._server.stop()

    def _answer(self, request: Request) -> Answer | None:
        return self._take(request.body) if request.method == "PUT" else self._describe(request.body)

    def _take(self, body: bytes) -> Answer | None:
        mode = self.strike()
        if mode is Mode.PUT_ERROR:
            return Answer(500)
        if mode is Mode.PUT_REFUSED:
            return Answer(403)
        if mode is Mode.PUT_LOST:
            return None
        if len(body) > LARGEST_REPLY:
            self.complaints.append(f"a reply has {len(body)} bytes")
            return Answer(400)
        self.on_reply(json.loads(body))
        return None if mode is Mode.PUT_TAKEN else Answer(200)

    def _describe(self, body: bytes) -> Answer | None:
        asked = parse_qs(body.decode())
        if asked["Action"] != ["DescribeStackResource"]:
            self.complaints.append(f"CloudFormation was asked for {asked['Action']}")
        mode = self.strike()
        failure = _DESCRIBE[mode] if mode else (400, "ValidationError")
        if mode and failure is None:
            return None
        if mode or self.shown is None:
            assert failure is not None
            status, code = failure
            text = f"<ErrorResponse><Error><Code>{code}</Code></Error></ErrorResponse>"
            return Answer(status, text.encode())
        status_text, physical_id = self.shown
        text = (
            "<DescribeStackResourceResponse><DescribeStackResourceResult><StackResourceDetail>"
            f"<LogicalResourceId>{asked['LogicalResourceId'][0]}</LogicalResourceId>"
            f"<PhysicalResourceId>{escape(physical_id)}</PhysicalResourceId>"
            f"<ResourceStatus>{status_text}</ResourceStatus></StackResourceDetail>"
            "</DescribeStackResourceResult></DescribeStackResourceResponse>"
        )
        return Answer(200, text.encode())
