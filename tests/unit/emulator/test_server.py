"""The server itself: where it listens, what HTTP it speaks, threads, the program, the fixture."""

from __future__ import annotations

import contextlib
import os
import re
import signal
import socket
import subprocess
import sys
import threading
import time
from pathlib import Path
from typing import Any

import boto3  # type: ignore[import-untyped]  # no types
import pytest

from ivs_constructs.testing.emulator import Delay, Emulator, EmulatorError, server
from ivs_constructs.testing.emulator.__main__ import main

# boto3 ships no types, and classes of conftest.py cannot be imported.
Untyped = Any


ROOT = Path(__file__).resolve().parents[3]
PROGRAM = [sys.executable, "-m", "ivs_constructs.testing.emulator"]


@pytest.mark.parametrize("host", ["0.0.0.0", "::", "10.0.0.1", "example.com", ""])  # noqa: S104 (must be refused)
def test_fails_when_the_host_is_not_loopback(host: str) -> None:
    with pytest.raises(EmulatorError) as caught:
        Emulator(host=host).start()
    assert str(caught.value) == (
        f"host must be a loopback address such as 127.0.0.1 or ::1, got {host!r}; the emulator "
        "checks no signatures and must never be reachable from another machine"
    )


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost", "::1", "127.1.2.3"])
def test_loopback_is_served(host: str) -> None:
    emulator = Emulator(host=host)
    try:
        emulator.start()
    except EmulatorError:
        pytest.skip(f"this machine has no {host}")
    with pytest.raises(EmulatorError, match="already started"):
        emulator.start()
    client = boto3.client("ivs", **emulator.client_options)
    assert client.list_channels()["channels"] == []
    client.close()
    emulator.stop()
    emulator.stop()
    with pytest.raises(EmulatorError, match="not started"):
        _ = emulator.url


def test_fails_when_the_port_is_taken(running: Emulator) -> None:
    port = int(running.url.rpartition(":")[2])
    with pytest.raises(EmulatorError, match=f"port {port} on 127.0.0.1 cannot be used: "):
        Emulator(port=port).start()


def test_state_outlives_a_stop() -> None:
    emulator = Emulator()
    for expected in (0, 1):
        with emulator:
            client = boto3.client("ivs", **emulator.client_options)
            assert len(client.list_channels()["channels"]) == expected
            client.create_channel()
            client.close()


def talk(emulator: Emulator, *parts: bytes) -> bytes:
    host, _, port = emulator.url.removeprefix("http://").rpartition(":")
    received = b""
    with socket.create_connection((host, int(port)), timeout=5) as connection:
        for part in parts:
            connection.sendall(part)
            time.sleep(0.02)
        connection.shutdown(socket.SHUT_WR)
        while chunk := connection.recv(65536):
            received += chunk
    return received


def own_host(emulator: Emulator) -> bytes:
    return b"Host: " + emulator.url.removeprefix("http://").encode() + b"\r\n"


def test_requests_may_come_in_pieces_or_together(emulator: Emulator) -> None:
    head = b"POST /ListStages HTTP/1.1\r\n" + own_host(emulator)
    request = head + b"Content-Length: 2\r\n\r\n{}"
    for parts in ((request[:10], request[10:-1], request[-1:]), (request + request,)):
        received = talk(emulator, *parts)
        assert received.count(b"HTTP/1.1 200 OK\r\n") == (1 if len(parts) > 1 else 2)
        assert received.endswith(b'{"stages": []}')
    assert len(emulator.calls) == 3


@pytest.mark.parametrize(
    ("request_bytes", "expected"),
    [
        (b"hello\r\n\r\n", b"400 Bad Request"),
        (b"POST / HTTP/1.1\r\n%sTransfer-Encoding: chunked\r\n\r\n", b"411 Length Required"),
        (b"POST / HTTP/1.1\r\n%sContent-Length: x\r\n\r\n", b"400 "),
        (b"POST / HTTP/1.1\r\n%sContent-Length: \xb2\r\n\r\n", b"400 "),
        (b"POST / HTTP/1.1\r\n%sContent-Length: -1\r\n\r\n", b"400 "),
        (b"POST / HTTP/1.1\r\n%sContent-Length: \r\n\r\n", b"400 "),
        (b"POST / HTTP/1.1\r\n%sContent-Length: 1\r\nContent-Length: 2\r\n\r\n", b"400 "),
        (b"POST / HTTP/1.1\r\n%sContent-Length: 99999999\r\n\r\n", b"413 "),
        (b"POST / HTTP/1.1\r\n%sContent-Length: " + b"9" * 5000 + b"\r\n\r\n", b"413 "),
        (b"x" * 70000, b"431 Request Header Fields Too Large"),
        (b"POST /ListStages HTTP/1.0\r\n%s\r\n", b"200 OK"),
        (b"POST /ListStages HTTP/1.1\r\n%sConnection: close\r\n\r\n", b"200 OK"),
        (b"POST /ListStages HTTP/1.0\r\n%sContent-Length: " + b"0" * 5000 + b"\r\n\r\n", b"200"),
    ],
)
def test_odd_requests_are_answered_and_the_connection_closed(
    emulator: Emulator, request_bytes: bytes, expected: bytes
) -> None:
    received = talk(emulator, request_bytes.replace(b"%s", own_host(emulator)))

    assert received.startswith(b"HTTP/1.1 " + expected)
    assert b"Connection: close" in received


@pytest.mark.parametrize(
    "headers",
    [
        pytest.param(b"Host: evil.example\r\n", id="a rebound name"),
        pytest.param(b"Host: 127.0.0.1\r\n", id="another port"),
        pytest.param(b"Host: 127.0.0.1:1\r\n", id="a wrong port"),
        pytest.param(b"", id="no Host"),
        pytest.param(b"%sHost: evil.example\r\n", id="two Hosts"),
        pytest.param(b"%sOrigin: https://evil.example\r\n", id="a page"),
        pytest.param(b"%sOrigin: null\r\n", id="a sandboxed page"),
        pytest.param(b"%sORIGIN:\r\n", id="an empty Origin"),
        pytest.param(b"%sSec-Fetch-Site: cross-site\r\n", id="an image of a page"),
        pytest.param(b"%sSec-Fetch-Site: same-origin\r\n", id="an own page, which it has not"),
    ],
)
@pytest.mark.parametrize("method", [b"POST", b"OPTIONS", b"GET"])
def test_web_pages_are_refused(emulator: Emulator, headers: bytes, method: bytes) -> None:
    head = method + b" /ListStages HTTP/1.1\r\n" + headers.replace(b"%s", own_host(emulator))

    received = talk(emulator, head + b"\r\n")

    assert received.startswith(b"HTTP/1.1 400 Bad Request\r\n")
    assert b"Access-Control" not in received
    assert emulator.calls == []


def test_localhost_is_a_name_of_its_own(emulator: Emulator) -> None:
    port = emulator.url.rpartition(":")[2].encode()

    received = talk(emulator, b"POST /ListStages HTTP/1.1\r\nHost: LocalHost:" + port + b"\r\n\r\n")

    assert received.startswith(b"HTTP/1.1 200 OK")


@pytest.mark.parametrize(
    "header", [b"Origin : https://a", b" Origin: https://a", b"Transfer-Encoding\t: chunked", b"x"]
)
def test_headers_that_programs_read_differently_are_refused(
    emulator: Emulator, header: bytes
) -> None:
    head = b"POST /ListStages HTTP/1.1\r\n" + own_host(emulator)

    received = talk(emulator, head + header + b"\r\n\r\n")

    assert received.startswith(b"HTTP/1.1 400 Bad Request\r\n")
    assert emulator.calls == []


@pytest.mark.parametrize(
    "deep",
    [
        b"[" * 100_000,
        b'{"a":' * 100_000,
        # Not too deep for Python's reader; whether it is for what follows depends on the version.
        *(b'{"a":' * depth + b"null" + b"}" * depth for depth in (300, 600, 900)),
    ],
    ids=lambda deep: str(len(deep)),
)
def test_json_nested_deep_is_refused_and_the_connection_goes_on(
    emulator: Emulator, deep: bytes
) -> None:
    head = b"POST /ListStages HTTP/1.1\r\n" + own_host(emulator)
    first = head + b"Content-Length: %d\r\n\r\n" % len(deep) + deep

    received = talk(emulator, first + head + b"\r\n")

    assert received.startswith(b"HTTP/1.1 400 Bad Request\r\n")
    if len(deep) > 100_000:
        assert b"SerializationException" in received
    assert received.endswith(b'{"stages": []}')
    assert emulator.mismatches == []


@pytest.mark.parametrize(
    ("limit", "sent"),
    [
        ("IDLE_SECONDS", b""),
        ("REQUEST_SECONDS", b"POST /"),
        ("REQUEST_SECONDS", b"POST /ListStages HTTP/1.1\r\n%sContent-Length: 9\r\n\r\n{"),
    ],
)
def test_idle_connections_are_closed(
    monkeypatch: pytest.MonkeyPatch, limit: str, sent: bytes
) -> None:
    monkeypatch.setattr(server, limit, 0.2)
    with Emulator() as emulator:
        host, _, port = emulator.url.removeprefix("http://").rpartition(":")
        with socket.create_connection((host, int(port)), timeout=30) as connection:
            connection.sendall(sent.replace(b"%s", own_host(emulator)))
            assert connection.recv(1) == b""


def test_connections_have_a_limit(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(server, "_MOST_CONNECTIONS", 2)
    with Emulator() as emulator, contextlib.ExitStack() as stack:
        host, _, port = emulator.url.removeprefix("http://").rpartition(":")
        made = [
            stack.enter_context(socket.create_connection((host, int(port)), timeout=30))
            for _ in range(3)
        ]
        assert made[2].recv(1) == b""
        made[0].sendall(b"POST /ListStages HTTP/1.1\r\n" + own_host(emulator) + b"\r\n")
        assert made[0].recv(12) == b"HTTP/1.1 200"


@pytest.mark.parametrize(
    "sent", [b"", b"POST /List", b"POST /ListStages HTTP/1.1\r\n%sContent-Length: 5\r\n\r\n{}"]
)
def test_clients_that_leave_are_not_answered(emulator: Emulator, sent: bytes) -> None:
    assert talk(emulator, sent.replace(b"%s", own_host(emulator))) == b""
    assert emulator.calls == []


def test_eight_threads_at_once(emulator: Emulator) -> None:
    emulator.set_quota("Stage", None)
    errors: list[Exception] = []

    def work(name: str) -> None:
        client = boto3.session.Session().client("ivs-realtime", **emulator.client_options)
        try:
            for number in range(20):
                arn = client.create_stage(name=f"{name}-{number}")["stage"]["arn"]
                assert client.get_stage(arn=arn)["stage"]["name"] == f"{name}-{number}"
                client.tag_resource(resourceArn=arn, tags={"a": "b"})
                client.list_stages(maxResults=5)
                if number % 2:
                    client.delete_stage(arn=arn)
        except Exception as error:
            errors.append(error)
        finally:
            client.close()

    threads = [threading.Thread(target=work, args=(f"t{number}",)) for number in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert errors == []
    assert len(emulator.resources("Stage")) == 80
    assert len({each.arn for each in emulator.resources("Stage")}) == 80
    assert sorted(call.index for call in emulator.calls) == list(range(1, 8 * 90 + 1))


def test_calls_do_not_wait_for_slow_ones(
    realtime: Untyped, emulator: Emulator, clients: dict[str, Any]
) -> None:
    fault = emulator.faults.add("CreateStage", Delay(60))
    slow = threading.Thread(target=realtime.create_stage)
    slow.start()
    assert fault.reached.wait(5)
    assert clients["ivs"].list_channels()["channels"] == []
    assert slow.is_alive()
    fault.release()
    slow.join(5)
    assert not slow.is_alive()


def run(*arguments: str) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [*PROGRAM, *arguments],
        cwd=ROOT,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
    )


def read_environment(program: subprocess.Popen[str]) -> dict[str, str]:
    assert program.stdout is not None
    first = program.stdout.readline()
    assert re.fullmatch(r"IVS emulator at http://127\.0\.0\.1:\d+; stop it with Ctrl-C\n", first)
    lines = [program.stdout.readline() for _ in range(2)]
    return dict(line.removeprefix("export ").strip().split("=", 1) for line in lines)


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_program_serves_until_it_is_stopped(number: int) -> None:
    with run("--region", "eu-west-1", "--account", "000000000001", "--list-lag", "1") as program:
        environment = read_environment(program)
        assert set(environment) == {"AWS_ENDPOINT_URL_IVS", "AWS_ENDPOINT_URL_IVS_REALTIME"}
        client = boto3.client(
            "ivs",
            endpoint_url=environment["AWS_ENDPOINT_URL_IVS"],
            region_name="eu-west-1",
            aws_access_key_id="x",
            aws_secret_access_key="x",  # noqa: S106 (nobody checks it)
        )
        arn = client.create_channel()["channel"]["arn"]
        assert arn.startswith("arn:aws:ivs:eu-west-1:000000000001:")
        assert [len(client.list_channels()["channels"]) for _ in range(2)] == [0, 1]
        client.close()
        program.send_signal(number)
        output, errors = program.communicate(timeout=10)
    assert (program.returncode, output, errors) == (0, "", "")


def test_program_says_in_one_line_that_the_port_is_taken(running: Emulator) -> None:
    port = running.url.rpartition(":")[2]
    with run("--port", port) as program:
        output, errors = program.communicate(timeout=10)

    assert (program.returncode, output) == (1, "")
    assert errors.startswith(f"error: port {port} on 127.0.0.1 cannot be used: ")
    assert errors.count("\n") == 1


def test_program_refuses_other_hosts(capsys: pytest.CaptureFixture[str]) -> None:
    before = {number: signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM)}
    try:
        assert main(["--host", "0.0.0.0"]) == 1  # noqa: S104 (must be refused)
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
    assert capsys.readouterr().err.startswith("error: host must be a loopback address")


def test_program_runs_in_this_process(capsys: pytest.CaptureFixture[str]) -> None:
    before = {number: signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM)}
    timer = threading.Timer(0.2, signal.raise_signal, [signal.SIGTERM])
    timer.start()
    try:
        assert main(["--port", "0"]) == 0
    finally:
        timer.join()
        for number, handler in before.items():
            signal.signal(number, handler)
    assert capsys.readouterr().out.count("export ") == 2
