"""A stand-in for CloudFormation's two doors: the presigned address and DescribeStackResource."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any
from urllib.parse import parse_qs
from xml.sax.saxutils import escape

from ivs_constructs.testing.emulator.server import Answer, Request, Server

LARGEST_REPLY = 4096


class CloudFormation:
    """Receives replies, and reports the resource as CloudFormation shows it.

    Attributes:
        shown: Status and physical id of the resource; None: there is no such stack.
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
        self.on_reply: Callable[[dict[str, Any]], None] = lambda _: None
        self.complaints: list[str] = []

    def stop(self) -> None:
        """Listen no more."""
        self._server.stop()

    def _answer(self, request: Request) -> Answer:
        return self._take(request.body) if request.method == "PUT" else self._describe(request.body)

    def _take(self, body: bytes) -> Answer:
        if len(body) > LARGEST_REPLY:
            self.complaints.append(f"a reply has {len(body)} bytes")
            return Answer(400)
        reply = json.loads(body)
        kind, _, rest = (self.shown or ("", ""))[0].partition("_")
        if rest == "IN_PROGRESS":
            ending = "COMPLETE" if reply["Status"] == "SUCCESS" else "FAILED"
            self.shown = (f"{kind}_{ending}", reply["PhysicalResourceId"])
        self.on_reply(reply)
        return Answer(200)

    def _describe(self, body: bytes) -> Answer:
        asked = parse_qs(body.decode())
        if asked["Action"] != ["DescribeStackResource"]:
            self.complaints.append(f"CloudFormation was asked for {asked['Action']}")
        if self.shown is None:
            text = "<ErrorResponse><Error><Code>ValidationError</Code></Error></ErrorResponse>"
            return Answer(400, text.encode())
        status_text, physical_id = self.shown
        text = (
            "<DescribeStackResourceResponse><DescribeStackResourceResult><StackResourceDetail>"
            f"<LogicalResourceId>{asked['LogicalResourceId'][0]}</LogicalResourceId>"
            f"<PhysicalResourceId>{escape(physical_id)}</PhysicalResourceId>"
            f"<ResourceStatus>{status_text}</ResourceStatus></StackResourceDetail>"
            "</DescribeStackResourceResult></DescribeStackResourceResponse>"
        )
        return Answer(200, text.encode())
