"""The handler as Lambda runs it, against the emulator and a stand-in for CloudFormation."""

from __future__ import annotations

import http.server
import json
import sys
import threading
from collections.abc import Callable, Iterator
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qs

import boto3  # type: ignore[import-untyped]  # no types
import pytest

from ivs_constructs.testing.emulator import Emulator
from tests.amazon_s3 import HOST, AmazonS3

# Lambda's root is this directory; the modules must be loaded once, by that name.
sys.path.insert(0, str(Path(__file__).resolve().parents[3] / "ivs_constructs" / "_lambda"))

if TYPE_CHECKING:
    from ivs_constructs._lambda.ivs_handler import clients, index, lifecycle, wire
else:
    from ivs_handler import clients, index, lifecycle, wire

STACK = (
    "arn:aws:cloudformation:us-east-1:123456789012:stack/Live/0f1e2d3c-0000-4000-8000-000000000000"
)
BEGAN = "2026-11-29T00:00:00Z"
SIGNATURE = "X-Amz-Signature=5ec12e7"


class CloudFormation:
    """Takes replies by PUT, and answers DescribeStackResource.

    Attributes:
        shown: What it shows of the resource: status and physical id; None: there is no such stack.
        began: Since when it shows that.
        puts: What the next PUTs are answered, a status or None for a reset; later ones succeed.
        describes: Status and error code that the next questions are answered.
        replies: The replies that were delivered.
    """

    def __init__(self) -> None:
        self.shown: tuple[str, str] | None = None
        self.began = BEGAN
        self.puts: list[int | None] = []
        self.describes: list[tuple[int, str]] = []
        self.replies: list[dict[str, Any]] = []
        self.headers: list[dict[str, str]] = []
        self.attempts = 0
        self.asked: list[dict[str, str]] = []
        self.on_reply: Callable[[], object] = lambda: None
        self.on_question: Callable[[object], object] = lambda _: None
        outer = self

        class Handler(http.server.BaseHTTPRequestHandler):
            def do_PUT(self) -> None:
                body = self.rfile.read(int(self.headers["Content-Length"]))
                outer.attempts += 1
                status = outer.puts.pop(0) if outer.puts else 200
                if status is None:
                    self.close_connection = True
                    return
                if status == 200:
                    outer.take(json.loads(body))
                    outer.headers.append(dict(self.headers))
                    outer.replies.append({**json.loads(body), "size": len(body), "at": self.path})
                    outer.on_reply()
                self.send_response(status)
                self.send_header("Content-Length", "0")
                self.end_headers()

            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["Content-Length"]))
                asked = {name: values[0] for name, values in parse_qs(body.decode()).items()}
                outer.asked.append(asked)
                outer.on_question(asked)
                status, code = outer.describes.pop(0) if outer.describes else (200, "")
                if not code and outer.shown is None:
                    status, code = 400, "ValidationError"
                if code:
                    text = f"<ErrorResponse><Error><Code>{code}</Code></Error></ErrorResponse>"
                else:
                    assert outer.shown is not None
                    text = (
                        "<DescribeStackResourceResponse><DescribeStackResourceResult>"
                        "<StackResourceDetail><LogicalResourceId>R</LogicalResourceId>"
                        f"<PhysicalResourceId>{outer.shown[1]}</PhysicalResourceId>"
                        f"<ResourceStatus>{outer.shown[0]}</ResourceStatus>"
                        f"<LastUpdatedTimestamp>{outer.began}</LastUpdatedTimestamp>"
                        "</StackResourceDetail>"
                        "</DescribeStackResourceResult></DescribeStackResourceResponse>"
                    )
                payload = text.encode()
                self.send_response(status)
                self.send_header("Content-Length", str(len(payload)))
                self.end_headers()
                self.wfile.write(payload)

            def log_message(self, *_: object) -> None:
                pass

        self._server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self._server.server_address[1]}"
        threading.Thread(target=self._server.serve_forever, args=(0.01,), daemon=True).start()

    def take(self, reply: dict[str, Any]) -> None:
        """Show what the first reply to a Create or Update leads to."""
        kind, _, rest = (self.shown or ("", ""))[0].partition("_")
        if kind in ("CREATE", "UPDATE") and rest == "IN_PROGRESS":
            ending = "COMPLETE" if reply["Status"] == "SUCCESS" else "FAILED"
            self.shown = (f"{kind}_{ending}", reply["PhysicalResourceId"])

    def reset(self) -> None:
        self.shown = None
        self.began = BEGAN
        self.puts = []
        self.describes = []
        self.replies = []
        self.headers = []
        self.asked = []
        self.attempts = 0
        self.on_reply = lambda: None
        self.on_question = lambda _: None

    def stop(self) -> None:
        self._server.shutdown()
        self._server.server_close()


class Context:
    """What Lambda gives to the handler."""

    def __init__(self, seconds: float = 300.0, delivery: str = "delivery") -> None:
        self._seconds = seconds
        self.aws_request_id = delivery

    def get_remaining_time_in_millis(self) -> int:
        return int(self._seconds * 1000)


class Countdown(lifecycle.Clock):
    """The handler's clock, whose pauses take no time: they only count.

    Attributes:
        latest: The last one of those that were made.
    """

    latest: Countdown

    def __init__(self, seconds: float) -> None:
        super().__init__(seconds)
        self._slept = 0.0
        Countdown.latest = self

    def now(self) -> float:
        return datetime.fromisoformat(BEGAN).timestamp() + self._slept

    def remaining(self) -> float:
        return super().remaining() - self._slept

    def sleep(self, seconds: float) -> None:
        self._slept += seconds

    def limit(self, seconds: float) -> None:
        super().limit(seconds + self._slept)


class Pauses:
    """The time between attempts at a reply: it passes in pauses only.

    Attributes:
        taken: The pauses.
    """

    def __init__(self) -> None:
        self.taken: list[float] = []

    def monotonic(self) -> float:
        return sum(self.taken)

    def sleep(self, seconds: float) -> None:
        self.taken.append(seconds)


class Stack:
    """A stack with one custom resource, which CloudFormation's requests lead through its life.

    Attributes:
        physical_id: What CloudFormation knows of the resource.
        seconds: What Lambda leaves of time.
        type: The resource's type.
        logical_id: The resource's name.
        delivered: The last event.
    """

    def __init__(self, cloudformation: CloudFormation) -> None:
        self.cloudformation = cloudformation
        self.physical_id = ""
        self.seconds = 300.0
        self.type = "Custom::IVSStage"
        self.logical_id = "R"
        self.delivered: dict[str, Any] = {}
        self._requests = 0
        self._deliveries = 0

    def event(self, kind: str, properties: dict[str, Any], **more: Any) -> dict[str, Any]:  # noqa: ANN401 (JSON)
        self._requests += 1
        event = {
            "RequestType": kind,
            "ResponseURL": f"https://{HOST}/reply?{SIGNATURE}",
            "StackId": STACK,
            "RequestId": f"request-{self._requests}",
            "ResourceType": self.type,
            "LogicalResourceId": self.logical_id,
            "ResourceProperties": {
                "ServiceToken": "arn:aws:lambda:us-east-1:123456789012:function:provider",
                "ConstructPath": "App/Live/It",
                **properties,
            },
        }
        if kind != "Create":
            event["PhysicalResourceId"] = self.physical_id
        return {**event, **more}

    def retry(self) -> dict[str, Any]:
        """Try the last delivery again, as Lambda does."""
        self._deliveries -= 1
        return self.deliver(self.delivered)

    def deliver(self, event: dict[str, Any]) -> dict[str, Any]:
        """Call the handler as Lambda does, and hand out the reply."""
        before = len(self.cloudformation.replies)
        self.delivered = event
        self._deliveries += 1
        context = Context(self.seconds, f"delivery-{self._deliveries}")
        index.handler(json.loads(json.dumps(event)), context)
        [reply] = self.cloudformation.replies[before:]
        assert reply["size"] <= 4096
        assert {name: reply[name] for name in ("StackId", "RequestId", "LogicalResourceId")} == {
            name: event.get(name, "") for name in ("StackId", "RequestId", "LogicalResourceId")
        }
        return reply

    def create(self, **properties: Any) -> dict[str, Any]:  # noqa: ANN401 (JSON)
        self.cloudformation.shown = ("CREATE_IN_PROGRESS", "")
        return self._done(self.deliver(self.event("Create", properties)), "CREATE")

    def update(self, old: dict[str, Any] | None, **properties: Any) -> dict[str, Any]:  # noqa: ANN401 (JSON)
        self.cloudformation.shown = ("UPDATE_IN_PROGRESS", self.physical_id)
        more = {} if old is None else {"OldResourceProperties": old}
        return self._done(self.deliver(self.event("Update", properties, **more)), "UPDATE")

    def delete(self, physical_id: str | None = None, **properties: Any) -> dict[str, Any]:  # noqa: ANN401 (JSON)
        if physical_id is not None:
            more = {"PhysicalResourceId": physical_id}
        else:
            more = {}
            self.cloudformation.shown = ("DELETE_IN_PROGRESS", self.physical_id)
        return self.deliver(self.event("Delete", properties, **more))

    def _done(self, reply: dict[str, Any], kind: str) -> dict[str, Any]:
        self.physical_id = reply["PhysicalResourceId"]
        ending = "COMPLETE" if reply["Status"] == "SUCCESS" else "FAILED"
        self.cloudformation.shown = (f"{kind}_{ending}", self.physical_id)
        return reply


@pytest.fixture(scope="session")
def running() -> Iterator[Emulator]:
    with Emulator() as emulator:
        yield emulator


@pytest.fixture(scope="session")
def serving() -> Iterator[CloudFormation]:
    server = CloudFormation()
    yield server
    server.stop()


@pytest.fixture(scope="session")
def replies(
    serving: CloudFormation, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[AmazonS3]:
    server = AmazonS3(serving.url, tmp_path_factory.mktemp("certificate"))
    yield server
    server.stop()


@pytest.fixture(scope="session")
def environment(running: Emulator, serving: CloudFormation, replies: AmazonS3) -> Iterator[None]:
    """Lead boto3 to the stand-ins, as its own variables do, for the clients that are kept."""
    with pytest.MonkeyPatch.context() as patch:
        for name, value in {
            **running.environment,
            "AWS_ENDPOINT_URL_CLOUDFORMATION": serving.url,
            "AWS_DEFAULT_REGION": "us-east-1",
            "AWS_ACCESS_KEY_ID": "emulator",
            "AWS_SECRET_ACCESS_KEY": "emulator",
            "AWS_EC2_METADATA_DISABLED": "true",
        }.items():
            patch.setenv(name, value)
        for name in ("AWS_PROFILE", "AWS_SESSION_TOKEN", "AWS_IGNORE_CONFIGURED_ENDPOINT_URLS"):
            patch.delenv(name, raising=False)
        replies.lead_here(patch)
        yield
    for client in clients._clients.values():
        client.close()
    clients._clients.clear()


@pytest.fixture
def emulator(
    running: Emulator,
    environment: None,  # noqa: ARG001 (it must be set)
    monkeypatch: pytest.MonkeyPatch,
) -> Iterator[Emulator]:
    running.reset()
    monkeypatch.setattr(lifecycle, "Clock", Countdown)
    monkeypatch.setattr(wire, "time", Pauses())
    yield running
    assert running.mismatches == []


@pytest.fixture
def cloudformation(
    serving: CloudFormation,
    environment: None,  # noqa: ARG001 (it must be set)
) -> CloudFormation:
    serving.reset()
    return serving


@pytest.fixture
def stack(emulator: Emulator, cloudformation: CloudFormation) -> Stack:
    assert emulator.resources() == []
    return Stack(cloudformation)


@pytest.fixture
def ivs(running: Emulator) -> Any:  # noqa: ANN401 (boto3 ships no types)
    return boto3.client("ivs", **running.client_options)


@pytest.fixture
def realtime(running: Emulator) -> Any:  # noqa: ANN401 (boto3 ships no types)
    return boto3.client("ivs-realtime", **running.client_options)


@pytest.fixture
def operations(emulator: Emulator) -> Callable[[], list[str]]:
    return lambda: [call.operation for call in emulator.calls]
