"""Admits only requests with the local cloud's key.

MiniStack accepts any signature, and functions run on the host. A web page that reaches it could run
code as the developer: from its own origin, through DNS rebinding to the loopback address, or with a
form that needs no preflight. So every request is checked before MiniStack sees it.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterable, Mapping
from typing import Any
from urllib.parse import parse_qs

Scope = Mapping[str, Any]
Receive = Callable[[], Awaitable[dict[str, Any]]]
Send = Callable[[dict[str, Any]], Awaitable[None]]
App = Callable[[Scope, Receive, Send], Awaitable[None]]

READY = "/_ministack/ready"

_ONCE = ("host", "origin", "authorization", "sec-fetch-site")
"""Headers that must not be repeated, because programs differ in which one they read."""


class Guard:
    """Answers 403 to requests that must not reach the app behind it.

    Args:
        app: The guarded app.
        port: Its port on the loopback address.
        access_key: Reads the access key of a request's signature; empty if it has none.
        is_known: Whether an access key is known.
    """

    def __init__(
        self,
        app: App,
        port: int,
        access_key: Callable[[dict[str, str], dict[str, list[str]]], str],
        is_known: Callable[[str], bool],
    ) -> None:
        self._app = app
        names = ("127.0.0.1", "localhost")
        self._hosts = {f"{name}:{port}" for name in names} | {*(names if port == 80 else ())}
        self._access_key = access_key
        self._is_known = is_known

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass on a request, or refuse it."""
        if scope["type"] == "lifespan":
            await self._app(scope, receive, send)
            return
        if scope["type"] != "http":
            # Nothing deployed here uses WebSockets, and browsers open them without a preflight.
            await send({"type": "websocket.close", "code": 1008})
            return
        problem = self._problem(scope)
        if not problem:
            await self._app(scope, receive, send)
            return
        body = problem.encode()
        # Without the headers that would let a page read the answer.
        headers = [
            (b"content-type", b"text/plain; charset=utf-8"),
            (b"content-length", str(len(body)).encode()),
            (b"connection", b"close"),
        ]
        await send({"type": "http.response.start", "status": 403, "headers": headers})
        await send({"type": "http.response.body", "body": body})

    def _problem(self, scope: Scope) -> str:
        """Say why a request is refused; empty if it is not."""
        headers = _headers(scope["headers"])
        repeated = [name for name in _ONCE if len(headers.get(name, [])) > 1]
        if repeated:
            return f"{repeated[0]} must be given once, got {len(headers[repeated[0]])}"
        one = {name: values[0] for name, values in headers.items()}
        if one.get("host", "").lower() not in self._hosts:
            return f"Host must be {' or '.join(sorted(self._hosts))}; use that address"
        if "origin" in one or one.get("sec-fetch-site", "none") != "none":
            return "requests of web pages are refused; use an SDK or the AWS CLI"
        method, path = scope["method"], scope["path"]
        if method == "OPTIONS":
            return "preflights are refused; use an SDK or the AWS CLI"
        if (method, path) == ("GET", READY):
            return ""
        query = parse_qs(
            scope.get("query_string", b"").decode("utf-8", "replace"), keep_blank_values=True
        )
        if not self._is_known(self._access_key(one, query)):
            return "the access key is not one of this cloud's; use the printed one"
        return ""


def _headers(pairs: Iterable[tuple[bytes, bytes]]) -> dict[str, list[str]]:
    """Collect headers by their names, in lower case."""
    found: dict[str, list[str]] = {}
    for name, value in pairs:
        found.setdefault(name.decode("latin-1").lower(), []).append(value.decode("latin-1").strip())
    return found
