"""An HTTP/1.1 server for local tests: loopback only, keep-alive, one thread per connection.

Requests from web pages are rejected: a page in a developer's browser can reach loopback addresses,
even through a domain of its own that points there.

The standard library's http.server parses headers like e-mail, which costs more than the rest of a
call; this server supports just what AWS clients send.
"""

from __future__ import annotations

import contextlib
import ipaddress
import json
import socket
import struct
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from http import HTTPStatus
from urllib.parse import unquote

from ivs_constructs.testing.emulator.errors import EmulatorError

_LARGEST_HEAD = 64 * 1024
_LARGEST_BODY = 16 * 1024 * 1024
_MOST_DIGITS = len(str(_LARGEST_BODY))
_MOST_CONNECTIONS = 512
_SECONDS_TO_STOP = 5.0

IDLE_SECONDS = 120.0
"""How long a connection may stay idle; longer than SDKs keep theirs."""

REQUEST_SECONDS = 30.0
"""How long a request may take to arrive in total."""


@dataclass(frozen=True, slots=True)
class Request:
    """What a client sent.

    Attributes:
        method: The HTTP method.
        path: The path, decoded.
        query: The query string, encoded.
        body: The body.
    """

    method: str
    path: str
    query: str
    body: bytes


@dataclass(frozen=True, slots=True)
class Answer:
    """What the client gets.

    Attributes:
        status: The HTTP status.
        body: The body, JSON or nothing.
        headers: Further headers.
    """

    status: int
    body: bytes = b""
    headers: dict[str, str] = field(default_factory=dict[str, str])

    def encode(self, *, close: bool) -> bytes:
        """Write the answer's bytes."""
        reason = HTTPStatus(self.status).phrase
        lines = [f"HTTP/1.1 {self.status} {reason}"]
        # A 204 has neither a body nor a length of one.
        if self.status != HTTPStatus.NO_CONTENT:
            lines += ["Content-Type: application/json", f"Content-Length: {len(self.body)}"]
        if close:
            lines.append("Connection: close")
        lines += [f"{name}: {value}" for name, value in self.headers.items()]
        return "\r\n".join([*lines, "", ""]).encode("latin-1") + self.body


Handler = Callable[[Request], Answer | None]
"""Answers a request; None means to reset the connection instead."""


class _RefusedError(Exception):
    """The request is not HTTP that this server supports."""

    def __init__(self, status: HTTPStatus, message: str) -> None:
        super().__init__(message)
        self.status = status


class Server:
    """Serves one handler on one loopback address.

    Attributes:
        url: Where it listens.
    """

    def __init__(self, handler: Handler, host: str, port: int) -> None:
        family = _loopback_family(host)
        try:
            self._listener = socket.create_server((host, port), family=family, backlog=128)
        except OSError as error:
            raise EmulatorError(
                f"port {port} on {host} cannot be used: {error.strerror}"
            ) from error
        self._address: tuple[str, int] = self._listener.getsockname()[:2]
        shown = f"[{self._address[0]}]" if family == socket.AF_INET6 else self._address[0]
        self.url = f"http://{shown}:{self._address[1]}"
        self._hosts = {f"{name}:{self._address[1]}" for name in (shown, "localhost")}
        self._handler = handler
        self._stopping = False
        self._lock = threading.Lock()
        self._connections: dict[socket.socket, threading.Thread] = {}
        self._acceptor = threading.Thread(target=self._accept, name="ivs-emulator", daemon=True)
        self._acceptor.start()

    def stop(self) -> None:
        """Close all connections and wait for what is still being answered."""
        self._stopping = True
        # Wakes the thread that waits for connections, on every operating system.
        with contextlib.suppress(OSError):
            socket.create_connection(self._address, timeout=_SECONDS_TO_STOP).close()
        self._acceptor.join(_SECONDS_TO_STOP)
        self._listener.close()
        with self._lock:
            waiting = dict(self._connections)
        for connection in waiting:
            with contextlib.suppress(OSError):
                connection.shutdown(socket.SHUT_RDWR)
        for thread in waiting.values():
            thread.join(_SECONDS_TO_STOP)

    def _accept(self) -> None:
        while True:
            connection, _ = self._listener.accept()
            if self._stopping:
                connection.close()
                return
            connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            thread = threading.Thread(
                target=self._serve, args=(connection,), name="ivs-emulator-call", daemon=True
            )
            with self._lock:
                full = len(self._connections) >= _MOST_CONNECTIONS
                if not full:
                    self._connections[connection] = thread
            if full:
                connection.close()
            else:
                thread.start()

    def _serve(self, connection: socket.socket) -> None:
        try:
            self._converse(connection)
        except _RefusedError as refused:
            body = json.dumps({"message": str(refused)}).encode()
            with contextlib.suppress(OSError):
                connection.sendall(Answer(refused.status, body).encode(close=True))
        except OSError:
            # The client is gone, or the server is stopping; there is nobody to notify.
            pass
        finally:
            with self._lock:
                del self._connections[connection]
            connection.close()

    def _converse(self, connection: socket.socket) -> None:
        buffer = bytearray()
        while (read := _read(connection, buffer, self._hosts)) is not None:
            request, close = read
            answer = self._handler(request)
            if answer is None:
                # With a linger time of 0, closing sends RST, and the client sees a reset.
                connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
                return
            connection.sendall(answer.encode(close=close))
            if close:
                return


def _loopback_family(host: str) -> socket.AddressFamily:
    if host == "localhost":
        return socket.AF_INET
    try:
        address = ipaddress.ip_address(host)
    except ValueError:
        address = None
    if address is None or not address.is_loopback:
        raise EmulatorError(
            f"host must be a loopback address such as 127.0.0.1 or ::1, got {host!r}; the emulator "
            "checks no signatures and must never be reachable from another machine"
        )
    return socket.AF_INET if address.version == 4 else socket.AF_INET6


def _read(
    connection: socket.socket, buffer: bytearray, hosts: set[str]
) -> tuple[Request, bool] | None:
    """Read one request; None if the client has closed the connection between requests."""
    if not buffer:
        connection.settimeout(IDLE_SECONDS)
        if not _receive(connection, buffer):
            return None
    late = time.monotonic() + REQUEST_SECONDS
    while (end := buffer.find(b"\r\n\r\n")) < 0:
        if len(buffer) > _LARGEST_HEAD:
            raise _RefusedError(HTTPStatus.REQUEST_HEADER_FIELDS_TOO_LARGE, "headers too large")
        if not _receive(connection, buffer, late):
            return None
    lines = buffer[:end].decode("latin-1").split("\r\n")
    try:
        method, target, version = lines[0].split(" ")
    except ValueError:
        raise _RefusedError(HTTPStatus.BAD_REQUEST, "not a request of HTTP/1.1") from None
    headers = _headers(lines[1:])
    _check_sender(headers, hosts)
    if "transfer-encoding" in headers:
        raise _RefusedError(HTTPStatus.LENGTH_REQUIRED, "give a Content-Length")
    stop = end + 4 + _length(headers.get("content-length", "0"))
    while len(buffer) < stop:
        if not _receive(connection, buffer, late):
            return None
    # An answer may take as long as a fault requires.
    connection.settimeout(None)
    body = bytes(buffer[end + 4 : stop])
    del buffer[:stop]
    path, _, query = target.partition("?")
    close = version != "HTTP/1.1" or headers.get("connection", "").lower() == "close"
    return Request(method, unquote(path), query, body), close


def _receive(connection: socket.socket, buffer: bytearray, late: float | None = None) -> bool:
    """Append what arrives next; returns whether anything did before the client closed.

    Raises:
        TimeoutError: Nothing came in time.
    """
    if late is not None:
        left = late - time.monotonic()
        if left <= 0:
            raise TimeoutError
        connection.settimeout(left)
    received = connection.recv(65536)
    buffer += received
    return bool(received)


def _headers(lines: list[str]) -> dict[str, str]:
    headers: dict[str, str] = {}
    for line in lines:
        name, colon, value = line.partition(":")
        name = name.lower()
        if not (name and colon) or name.strip() != name:
            raise _RefusedError(HTTPStatus.BAD_REQUEST, "a header must be name: value")
        if name in headers and name in ("host", "origin", "content-length", "sec-fetch-site"):
            raise _RefusedError(HTTPStatus.BAD_REQUEST, f"{name} must be given once")
        headers[name] = value.strip()
    return headers


def _check_sender(headers: dict[str, str], hosts: set[str]) -> None:
    """Reject requests from web pages, from their own address or through DNS rebinding."""
    if "origin" in headers or headers.get("sec-fetch-site", "none") != "none":
        raise _RefusedError(
            HTTPStatus.BAD_REQUEST, "requests of web pages are refused; use an SDK or the AWS CLI"
        )
    if headers.get("host", "").lower() not in hosts:
        raise _RefusedError(
            HTTPStatus.BAD_REQUEST,
            f"Host must be {' or '.join(sorted(hosts))}; use that address",
        )


def _length(text: str) -> int:
    # Python refuses to parse very many digits, and parses those of other scripts.
    if not (text.isascii() and text.isdecimal()):
        raise _RefusedError(HTTPStatus.BAD_REQUEST, "Content-Length must be a number of bytes")
    digits = text.lstrip("0") or "0"
    if len(digits) > _MOST_DIGITS or int(digits) > _LARGEST_BODY:
        raise _RefusedError(
            HTTPStatus.REQUEST_ENTITY_TOO_LARGE,
            f"Content-Length must be at most {_LARGEST_BODY}; send less",
        )
    return int(digits)
