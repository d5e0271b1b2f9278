"""The functions of a fleet, against Amazon IVS in the emulator and Amazon DynamoDB in moto.

Their calls are boto3's own, over HTTP. Only the clock is another one.
"""

from __future__ import annotations

import http.server
import json
import threading
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any
from urllib.parse import parse_qs

import boto3  # type: ignore[import-untyped]  # no types
import pytest
import requests
from moto import mock_aws

from ivs_constructs.fleets.function import answer, aws, cloudformation, tend
from ivs_constructs.fleets.function.settings import DEPLOY_TIME, FLEET_TAG, VARIABLE
from ivs_constructs.testing.emulator import Emulator
from tests.amazon_s3 import HOST, AmazonS3

REGION = "us-east-1"
FLEET = "f47ac10b-58cc-4372-a567-0e02b2c3d479/c8a1"
TABLE = "fleet-table"
KEYS = ("pk", "sk")
ANSWERS = f"arn:aws:lambda:{REGION}:123456789012:function:answers"
TENDS = f"arn:aws:lambda:{REGION}:123456789012:function:tends"
STACK = (
    f"arn:aws:cloudformation:{REGION}:123456789012:stack/Rooms/0f1e2d3c-0000-4000-8000-000000000000"
)

_DESCRIBED = """<DescribeStackResourceResponse xmlns="http://cloudformation.amazonaws.com/doc/2010-05-15/">
<DescribeStackResourceResult><StackResourceDetail>
<LogicalResourceId>Members</LogicalResourceId><ResourceType>Custom::IVSFleet</ResourceType>
<LastUpdatedTimestamp>2026-11-29T12:00:00.000Z</LastUpdatedTimestamp>
<ResourceStatus>{}</ResourceStatus>
</StackResourceDetail></DescribeStackResourceResult></DescribeStackResourceResponse>"""


class Time:
    """A clock that goes on when somebody waits."""

    def __init__(self) -> None:
        self.now = 1_800_000_000.0

    def time(self) -> float:
        self.now += 0.001
        return self.now

    def monotonic(self) -> float:
        return self.time()

    def sleep(self, seconds: float) -> None:
        self.now += seconds


class Door:
    """Listens on a port of this machine, and hands requests to a function.

    Attributes:
        asked: The operations that were called.
        next: What the next requests are answered instead, status and body; status 0: nothing.
    """

    def __init__(self, answer: Callable[[str, dict[str, str], bytes], tuple[int, bytes]]) -> None:
        self.asked: list[str] = []
        self.next: list[tuple[int, bytes]] = []
        outer = self

        class Handler(http.server.BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"  # connections are kept
            wbufsize = -1  # an answer is sent whole: its second part would wait for an ACK

            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["Content-Length"]))
                target = self.headers.get("X-Amz-Target", self.path).rpartition(".")[2]
                outer.asked.append(target)
                if outer.next:
                    status, text = outer.next.pop(0)
                else:
                    headers = {k: v for k, v in self.headers.items() if k != "Host"}
                    status, text = answer(self.path, headers, body)
                if not status:
                    self.close_connection = True
                    return
                self.send_response(status)
                self.send_header("Content-Length", str(len(text)))
                self.end_headers()
                self.wfile.write(text)

            do_PUT = do_POST  # noqa: N815 (as http.server wants it)

            def log_message(self, *_: object) -> None:
                pass

        self._server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        threading.Thread(target=self._server.serve_forever, args=(0.1,), daemon=True).start()
        self.url = f"http://127.0.0.1:{self._server.server_address[1]}"

    def stop(self) -> None:
        self._server.shutdown()
        self._server.server_close()


def to_moto(service: str) -> Callable[[str, dict[str, str], bytes], tuple[int, bytes]]:
    def forward(_: str, headers: dict[str, str], body: bytes) -> tuple[int, bytes]:
        answered = requests.post(
            f"https://{service}.{REGION}.amazonaws.com/", data=body, headers=headers, timeout=60
        )
        return answered.status_code, answered.content

    return forward


@dataclass
class Context:
    """What Lambda tells of an invocation."""

    invoked_function_arn: str
    aws_request_id: str = "request-1"
    seconds: float = 900

    def get_remaining_time_in_millis(self) -> int:
        return int(self.seconds * 1000)


@dataclass
class Cloud:
    """Everything that a fleet meets.

    Attributes:
        emulator: Amazon IVS.
        time: The clock.
        dynamodb: Where Amazon DynamoDB is; asked and hindered there.
        clients: The tests' own clients, by service.
        invoked: What AWS Lambda was asked to run.
        replies: What CloudFormation was told.
        kind: The kind of fleet.
        status: What CloudFormation shows of the resource, one after the other; empty: that it
            waits for what it sent.
    """

    emulator: Emulator
    time: Time
    dynamodb: Door
    lambdas: Door
    s3: Door
    kms_door: Door
    formation: Door
    shown: list[str]
    clients: dict[str, Any]
    monkeypatch: pytest.MonkeyPatch
    invoked: list[dict[str, Any]] = field(default_factory=list)
    replies: list[dict[str, Any]] = field(default_factory=list)
    kind: str = "stage"
    status: str | tuple[str, ...] = ""

    def deploy(self, kind: str = "stage", **settings: Any) -> None:  # noqa: ANN401 (JSON)
        """Deploy the functions with settings."""
        self.kind = kind
        given = {
            "kind": kind,
            "fleet": {DEPLOY_TIME: 0, "as": "text"},
            "name": "Stack/Rooms",
            "table": TABLE,
            "stack": STACK,
            "members": "Members",
            "max_size": {DEPLOY_TIME: 1, "as": "json"},
            "idle_after": 3600,
            "create": {"name": "one"},
            "update": {"name": "one"},
            "tags": {"team": "video"},
            **settings,
        }
        self.monkeypatch.setenv(VARIABLE, json.dumps(given))
        self.monkeypatch.setenv(f"{VARIABLE}_0", FLEET)
        self.monkeypatch.setenv(f"{VARIABLE}_1", "10")
        aws.deployed.cache_clear()

    def ask(self, verb: str, **request: Any) -> dict[str, Any]:  # noqa: ANN401 (JSON)
        """Invoke the function that answers by an alias."""
        return answer.handler(request, Context(f"{ANSWERS}:{verb}"))

    def tend(self) -> None:
        tend.handler({"source": "aws.events"}, Context(TENDS))

    def cloudformation(
        self, kind: str, *, in_use: str = "FAIL", seconds: float = 900, **more: object
    ) -> dict[str, Any] | None:
        """Let CloudFormation send a request; returns the reply, None where none came."""
        before = len(self.replies)
        status = self.status or f"{kind.upper()}_IN_PROGRESS"
        self.shown[:] = [status] if isinstance(status, str) else status
        event = {
            "RequestType": kind,
            "ResponseURL": f"https://{HOST}/reply?signature=secret",
            "StackId": STACK,
            "RequestId": "request",
            "LogicalResourceId": "Members",
            "ResourceProperties": {"InUse": in_use},
            **({} if kind == "Create" else {"PhysicalResourceId": FLEET}),
            **more,
        }
        self.send(event, seconds)
        return self.replies[-1] if len(self.replies) > before else None

    def send(self, event: dict[str, Any], seconds: float = 900) -> None:
        """Invoke the function that tends."""
        tend.handler(event, Context(TENDS, seconds=seconds))

    def client(self, service: str) -> Any:  # noqa: ANN401 (boto3 ships no types)
        return self.clients[service]

    def members(self) -> list[Any]:
        """The members that exist."""
        name = "Stage" if self.kind == "stage" else "Channel"
        return [each for each in self.emulator.resources(name) if each.tags.get(FLEET_TAG) == FLEET]

    def rows(self) -> list[dict[str, Any]]:
        """What stands in the table, without the fleet's own row."""
        items = self.clients["dynamodb"].scan(TableName=TABLE)["Items"]
        return [each for each in items if each["pk"]["S"] != "fleet"]

    def fleet(self) -> dict[str, Any]:
        found = self.clients["dynamodb"].get_item(
            TableName=TABLE, Key={"pk": {"S": "fleet"}, "sk": {"S": "-"}}
        )
        row: dict[str, Any] = found.get("Item", {})
        return row


@dataclass
class Machines:
    """What is started once for all tests."""

    time: Time
    emulator: Emulator
    doors: dict[str, Door]
    clients: dict[str, Any]
    invoked: list[dict[str, Any]]
    replies: list[dict[str, Any]]
    shown: list[str]


@pytest.fixture(scope="session")
def machines(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Machines]:
    time = Time()
    with ExitStack() as stack:
        monkeypatch = stack.enter_context(pytest.MonkeyPatch.context())
        for name, value in {
            "AWS_ACCESS_KEY_ID": "emulator",
            "AWS_SECRET_ACCESS_KEY": "emulator",
            "AWS_DEFAULT_REGION": REGION,
        }.items():
            monkeypatch.setenv(name, value)
        stack.enter_context(mock_aws())
        emulator = stack.enter_context(
            Emulator(region=REGION, clock=lambda: datetime.fromtimestamp(time.now, UTC))
        )
        invoked: list[dict[str, Any]] = []
        replies: list[dict[str, Any]] = []

        def invoke(path: str, headers: dict[str, str], body: bytes) -> tuple[int, bytes]:
            invoked.append({"path": path, "event": json.loads(body), "headers": headers})
            return 202, b""

        def reply(path: str, _: dict[str, str], body: bytes) -> tuple[int, bytes]:
            replies.append({**json.loads(body), "path": path, "size": len(body)})
            return 200, b""

        shown: list[str] = []

        def describe(path: str, headers: dict[str, str], body: bytes) -> tuple[int, bytes]:
            del path, headers
            asked = parse_qs(body.decode())
            assert asked["Action"] == ["DescribeStackResource"]
            assert (asked["StackName"], asked["LogicalResourceId"]) == ([STACK], ["Members"])
            # The last one stays.
            return 200, _DESCRIBED.format(shown.pop(0) if len(shown) > 1 else shown[0]).encode()

        # The tests' own, made once: making one takes longer than most tests.
        clients = {each: boto3.client(each, region_name=REGION) for each in ("dynamodb", "kms")}
        for service in ("ivs", "ivs-realtime"):
            clients[service] = boto3.client(service, **emulator.client_options)
        doors = {
            "cloudformation": Door(describe),
            "dynamodb": Door(to_moto("dynamodb")),
            "lambda": Door(invoke),
            "kms": Door(to_moto("kms")),
            "s3": Door(reply),
        }
        for door in doors.values():
            stack.callback(door.stop)
        # The functions' clients go through the doors, those of the tests do not.
        s3 = AmazonS3(doors["s3"].url, tmp_path_factory.mktemp("certificate"))
        stack.callback(s3.stop)
        s3.lead_here(monkeypatch)
        with pytest.MonkeyPatch.context() as leading:
            for service in ("cloudformation", "dynamodb", "lambda", "kms"):
                leading.setenv(f"AWS_ENDPOINT_URL_{service.upper()}", doors[service].url)
            for name, value in emulator.environment.items():
                leading.setenv(name, value)
            aws.client_of.cache_clear()
            for service in (*doors.keys() - {"s3"}, "ivs", "ivs-realtime"):
                aws.client_of(service)
        yield Machines(time, emulator, doors, clients, invoked, replies, shown)
        assert not emulator.mismatches
    aws.client_of.cache_clear()
    aws.deployed.cache_clear()


@pytest.fixture
def cloud(machines: Machines, monkeypatch: pytest.MonkeyPatch) -> Iterator[Cloud]:
    doors = machines.doors
    machines.emulator.reset()
    for each in (machines.invoked, machines.replies, machines.shown):
        each.clear()
    for door in doors.values():
        door.asked.clear()
        door.next.clear()
    monkeypatch.setattr(aws, "time", machines.time)
    monkeypatch.setattr(cloudformation, "time", machines.time)
    dynamodb = machines.clients["dynamodb"]
    dynamodb.create_table(
        TableName=TABLE,
        BillingMode="PAY_PER_REQUEST",
        AttributeDefinitions=[{"AttributeName": each, "AttributeType": "S"} for each in KEYS],
        KeySchema=[
            {"AttributeName": each, "KeyType": kind}
            for each, kind in zip(KEYS, ("HASH", "RANGE"), strict=True)
        ],
    )
    cloud = Cloud(
        machines.emulator,
        machines.time,
        doors["dynamodb"],
        doors["lambda"],
        doors["s3"],
        doors["kms"],
        doors["cloudformation"],
        machines.shown,
        machines.clients,
        monkeypatch,
        machines.invoked,
        machines.replies,
    )
    cloud.deploy()
    assert cloud.cloudformation("Create")
    yield cloud
    dynamodb.delete_table(TableName=TABLE)
