"""Nobody reaches the local cloud but who has its key: each way in, over real connections."""

from __future__ import annotations

import asyncio
import http.client
import re
import socket
import ssl
from typing import Any

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from tools.local_cloud.addon.guard import Guard
from tools.local_cloud.bench import Bench
from tools.local_cloud.cloud import REPLY_HOST, Cloud

Headers = list[tuple[str, str]]

BUCKETS = "/"
FORM = ("Content-Type", "text/plain")


def signed(key: str, service: str = "s3") -> tuple[str, str]:
    scope = f"{key}/20261129/us-east-1/{service}/aws4_request"
    return (
        "Authorization",
        f"AWS4-HMAC-SHA256 Credential={scope}, SignedHeaders=host, Signature=0",
    )


def ask(
    cloud: Cloud, headers: Headers, method: str = "GET", path: str = BUCKETS
) -> tuple[int, str]:
    """Send just these headers; answers status and body, and which headers came with it."""
    connection = http.client.HTTPConnection("127.0.0.1", cloud.port, timeout=120)
    try:
        connection.putrequest(method, path, skip_host=True, skip_accept_encoding=True)
        for name, value in headers:
            connection.putheader(name, value)
        connection.putheader("Content-Length", "0")
        connection.endheaders()
        answer = connection.getresponse()
        body = answer.read().decode("utf-8", "replace")
        if answer.status == 403:
            assert answer.getheader("Access-Control-Allow-Origin") is None
        return answer.status, body
    finally:
        connection.close()


def own_host(cloud: Cloud) -> tuple[str, str]:
    return ("Host", f"127.0.0.1:{cloud.port}")


def own_key(cloud: Cloud) -> tuple[str, str]:
    return signed(cloud.credentials["AWS_ACCESS_KEY_ID"])


def test_own_key_is_let_in(bench: Bench) -> None:
    cloud = bench.cloud
    for name in ("127.0.0.1", "localhost", "LOCALHOST"):
        status, body = ask(cloud, [("Host", f"{name}:{cloud.port}"), own_key(cloud)])
        assert status == 200, body


@pytest.mark.parametrize(
    "headers",
    [
        pytest.param([("Origin", "https://evil.example")], id="a page"),
        pytest.param([("Origin", "null")], id="a sandboxed page"),
        pytest.param([("Origin", "")], id="no text"),
        pytest.param([("Origin", "http://127.0.0.1")], id="a page of this machine"),
        pytest.param([("Origin", "https://a"), FORM], id="a form, which asks for no preflight"),
        pytest.param([("Sec-Fetch-Site", "cross-site")], id="an image or a link of a page"),
        pytest.param([("Sec-Fetch-Site", "same-site")], id="a page of another port"),
        pytest.param([("Sec-Fetch-Site", "same-origin")], id="a page out of a bucket"),
    ],
)
@pytest.mark.parametrize("method", ["GET", "POST", "PUT", "DELETE"])
def test_web_pages_are_refused_even_with_the_key(
    bench: Bench, headers: Headers, method: str
) -> None:
    cloud = bench.cloud

    status, body = ask(cloud, [own_host(cloud), own_key(cloud), *headers], method)

    assert (status, body) == (403, "requests of web pages are refused; use an SDK or the AWS CLI")


@pytest.mark.parametrize(
    "host",
    [
        "evil.example",
        "evil.example:{port}",
        "127.0.0.1",
        "127.0.0.1:1",
        "localhost.evil.example:{port}",
        "127.0.0.1:{port}.evil.example",
        "evil@127.0.0.1:{port}",
        "127.0.0.2:{port}",
        "0.0.0.0:{port}",
        "[::1]:{port}",
        "iam.us-east-1.amazonaws.com",
        "",
    ],
)
def test_foreign_hosts_are_refused_even_with_the_key(bench: Bench, host: str) -> None:
    cloud = bench.cloud

    status, body = ask(cloud, [("Host", host.format(port=cloud.port)), own_key(cloud)])

    assert status == 403
    assert (
        body == f"Host must be 127.0.0.1:{cloud.port} or localhost:{cloud.port}; use that address"
    )


def test_preflights_are_refused(bench: Bench) -> None:
    cloud = bench.cloud
    preflight = [("Origin", "https://evil.example"), ("Access-Control-Request-Method", "PUT")]

    assert ask(cloud, [own_host(cloud), *preflight], "OPTIONS")[0] == 403
    assert ask(cloud, [own_host(cloud), own_key(cloud)], "OPTIONS")[0] == 403


@pytest.mark.parametrize(
    "key",
    [
        None,
        "",
        "test",
        "123456789012",
        "000000000000",
        "AKIAIOSFODNN7EXAMPLE",
        # What MiniStack would call the first function of somebody who knows its ARN.
        "ASIA0123456789ABCDEF",
        "ключ",
    ],
)
@pytest.mark.parametrize("path", [BUCKETS, "/_ministack/reset", "/2015-03-31/functions", "/?a=%ff"])
def test_unknown_keys_are_refused(bench: Bench, key: str | None, path: str) -> None:
    cloud = bench.cloud
    headers = [] if key is None else [signed(key.encode().decode("latin-1"))]

    for method in ("GET", "POST"):
        status, body = ask(cloud, [own_host(cloud), *headers], method, path)
        assert (status, body) == (
            403,
            "the access key is not one of this cloud's; use the printed one",
        )


def test_key_in_a_presigned_url_is_judged_too(bench: Bench) -> None:
    cloud = bench.cloud

    for key, expected in (("test", 403), (cloud.credentials["AWS_ACCESS_KEY_ID"], 200)):
        scope = f"{key}%2F20261129%2Fus-east-1%2Fs3%2Faws4_request"
        path = f"/?X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Credential={scope}"
        assert ask(cloud, [own_host(cloud)], path=path)[0] == expected


def test_keys_of_sessions_are_known(bench: Bench) -> None:
    name = "cdk-hnb659fds-file-publishing-role-123456789012-us-east-1"
    role = f"arn:aws:iam::123456789012:role/{name}"
    session = bench.cloud.client("sts").assume_role(RoleArn=role, RoleSessionName="known")

    found = bench.cloud.client("sts", session["Credentials"]).get_caller_identity()

    assert f"assumed-role/{name}/known" in found["Arn"]


@pytest.mark.parametrize(
    ("method", "headers", "body", "status"),
    [
        ("PUT", {}, b"{}", 403),
        ("PUT", {"Host": "localhost"}, b"{}", 403),
        ("PUT", {"Origin": "https://evil.example"}, b"{}", 403),
        ("PUT", {}, b"no JSON", 403),
        ("PUT", {}, b"[]", 403),
        ("PUT", {"Content-Length": "9" * 5000}, b"", 400),
        ("PUT", {"Content-Length": "-1"}, b"", 400),
        ("GET", {}, b"", 501),
        ("OPTIONS", {"Origin": "https://evil.example"}, b"", 501),
    ],
)
def test_replies_that_nobody_waits_for_are_refused(
    bench: Bench, method: str, headers: dict[str, str], body: bytes, status: int
) -> None:
    cloud = bench.cloud
    trust = ssl.create_default_context(cafile=str(cloud.folder / "replies.pem"))
    with (
        socket.create_connection(("127.0.0.1", cloud.reply_port), timeout=120) as plain,
        trust.wrap_socket(plain, server_hostname=REPLY_HOST) as connection,
    ):
        sent = {"Host": REPLY_HOST, "Content-Length": str(len(body)), **headers}
        lines = [f"{method} /1234 HTTP/1.1", *(f"{name}: {text}" for name, text in sent.items())]
        connection.sendall("\r\n".join([*lines, "", ""]).encode() + body)
        answer = connection.recv(4096).decode()

    assert answer.startswith(f"HTTP/1.0 {status} ")
    assert "Access-Control" not in answer


def test_headers_that_come_twice_are_refused(bench: Bench) -> None:
    cloud = bench.cloud
    for twice in (own_key(cloud), ("Origin", "a")):
        status, body = ask(cloud, [own_host(cloud), own_key(cloud), twice, twice])
        assert status == 403
        assert "must be given once" in body
    # The server itself answers two Hosts, before anybody else sees them.
    assert ask(cloud, [own_host(cloud), ("Host", "evil.example"), own_key(cloud)])[0] in (400, 403)


def test_each_cloud_has_a_key_of_its_own() -> None:
    keys = {Cloud().credentials["AWS_ACCESS_KEY_ID"] for _ in range(20)}

    assert len(keys) == 20
    assert all(re.fullmatch(r"AKIA[0-9A-F]{32}", each) for each in keys)


def judged(scope: dict[str, Any]) -> tuple[bool, list[dict[str, Any]]]:
    """Tell whether a request comes through a guard, and what is answered if it does not."""
    passed: list[object] = []
    sent: list[dict[str, Any]] = []

    async def app(scope: object, *_: object) -> None:
        passed.append(scope)

    async def receive() -> dict[str, Any]:
        return {}

    async def send(message: dict[str, Any]) -> None:
        sent.append(message)

    def access_key(headers: dict[str, str], _query: object) -> str:
        return headers.get("authorization", "")

    guard = Guard(app, 4566, access_key, lambda key: key == "known")
    asyncio.run(guard(scope, receive, send))
    return bool(passed), sent


GOOD = {b"host": b"localhost:4566", b"authorization": b"known"}
names = st.sampled_from(
    [b"host", b"Host", b"ORIGIN", b"origin", b"sec-fetch-site", b"authorization", b"x"]
)
values = st.binary(max_size=12) | st.sampled_from(
    [b"localhost:4566", b"127.0.0.1:4566", b"known", b"none", b"cross-site", b"null"]
)
methods = st.sampled_from(["GET", "PUT", "POST", "OPTIONS"])
paths = st.sampled_from(["/", "/_ministack/cfn-response/given", "/_ministack/ready"])


@settings(derandomize=True, database=None, deadline=None, max_examples=400)
@given(st.lists(st.tuples(names, values), max_size=6), methods, paths, st.binary(max_size=8))
@example(list(GOOD.items()), "GET", "/", b"")
@example([*GOOD.items(), (b"origin", b"null")], "GET", "/", b"")
@example([*GOOD.items(), (b"Host", b"localhost:4566")], "GET", "/", b"")
def test_only_what_is_good_in_every_way_comes_through(
    headers: list[tuple[bytes, bytes]], method: str, path: str, query: bytes
) -> None:
    passed, sent = judged(
        {"type": "http", "method": method, "path": path, "headers": headers, "query_string": query}
    )

    given_names = [name.lower() for name, _ in headers]
    one = {name.lower(): value.strip() for name, value in headers}
    good = (
        all(given_names.count(name) <= 1 for name in set(given_names) - {b"x"})
        and one.get(b"host") in (b"localhost:4566", b"127.0.0.1:4566")
        and b"origin" not in one
        and one.get(b"sec-fetch-site", b"none") == b"none"
        and method != "OPTIONS"
        and (
            (method, path) == ("GET", "/_ministack/ready") or one.get(b"authorization") == b"known"
        )
    )
    assert passed == good
    if not good:
        assert sent[0]["status"] == 403
        assert sent[1]["body"]


def test_web_sockets_are_closed() -> None:
    passed, sent = judged({"type": "websocket", "path": "/", "headers": list(GOOD.items())})

    assert not passed
    assert sent == [{"type": "websocket.close", "code": 1008}]
