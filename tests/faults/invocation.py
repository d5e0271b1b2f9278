"""The handler in this process, led to the stand-ins, with each of its calls watched."""

from __future__ import annotations

import sys
import threading
from collections.abc import Callable
from functools import partial
from pathlib import Path
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any, Protocol

import pytest
from botocore.retries.standard import (  # type: ignore[import-untyped]  # no types
    ExponentialBackoff,
)

# Lambda's root is this directory; the modules must be loaded once, by that name.
ASSET = Path(__file__).resolve().parents[2] / "ivs_constructs" / "_lambda"
if str(ASSET) not in sys.path:
    sys.path.insert(0, str(ASSET))

if TYPE_CHECKING:
    from ivs_constructs._lambda.ivs_handler import clients, index, lifecycle, wire
else:
    from ivs_handler import clients, index, lifecycle, wire

__all__ = ["Context", "Watch", "clients", "index", "lifecycle", "wire", "wired"]

REPLY = "reply"
"""What the PUT of a reply is called among the calls."""


class Watch(Protocol):
    """Is told of every call of the handler, and may interfere.

    Attributes:
        page_size: How many items the pages of lists have; None: as many as the API gives.
    """

    page_size: int | None

    def before(self, operation: str) -> None:
        """A call is about to take place."""
        ...

    def after(self, operation: str, *, ended: bool) -> None:
        """A call is over; ended: with an answer."""
        ...

    def slept(self, seconds: float) -> None:
        """The handler has waited."""
        ...

    def last_call(self, give_up: Callable[[], None]) -> None:
        """The handler has begun; this answers in its place if it hangs."""
        ...


class Context:
    """What Lambda gives to the handler: as much time as it takes."""

    def get_remaining_time_in_millis(self) -> int:
        return 300_000


def wired(patch: pytest.MonkeyPatch, environment: dict[str, str], watch: Watch) -> None:
    """Lead the handler to the stand-ins; the patch takes it back."""
    for name, value in {
        **environment,
        "AWS_DEFAULT_REGION": "us-east-1",
        "AWS_ACCESS_KEY_ID": "emulator",
        "AWS_SECRET_ACCESS_KEY": "emulator",
        "AWS_EC2_METADATA_DISABLED": "true",
    }.items():
        patch.setenv(name, value)
    for name in ("AWS_PROFILE", "AWS_SESSION_TOKEN", "AWS_IGNORE_CONFIGURED_ENDPOINT_URLS"):
        patch.delenv(name, raising=False)
    # The SDK's own pauses between retries of safe calls.
    backoff = ExponentialBackoff._DEFAULT_BACKOFF_CONFIG
    for name in ("throttling_base_scale", "non_throttling_base_scale"):
        patch.setitem(backoff, name, 0.0001)
    patch.setattr(wire, "REPLY_PAUSE", 0.0)
    patch.setattr(wire, "print", lambda *_, **__: None, raising=False)
    patch.setattr(clients, "_clients", {})

    class WatchedClients(clients.Clients):
        def call(
            self, service: str, operation: str, parameters: dict[str, Any], *, once: bool = False
        ) -> dict[str, Any]:
            watch.before(operation)
            ended = False
            if watch.page_size and operation.startswith("List") and operation.endswith("s"):
                parameters = {**parameters, "maxResults": watch.page_size}
            try:
                answer = super().call(service, operation, parameters, once=once)
                ended = True
            except clients.ApiError:
                watch.after(operation, ended=ended)
                raise
            watch.after(operation, ended=ended)
            return answer

    class Countdown:
        """The handler's clock without its waits: they only count."""

        def __init__(self, seconds: float) -> None:
            self._left = seconds

        def remaining(self) -> float:
            return self._left

        def sleep(self, seconds: float) -> None:
            self._left -= seconds
            watch.slept(seconds)

    class LastCall:
        """The timer that answers for a handler that hangs: it rings when the watch says so."""

        daemon = False

        def __init__(self, _: float, function: Callable[..., None], args: tuple[Any, ...]) -> None:
            self._act = partial(function, *args)

        def start(self) -> None:
            watch.last_call(self._act)

        def cancel(self) -> None:
            pass

    put = wire._put

    def watched_put(url: str, body: bytes) -> str:
        watch.before(REPLY)
        problem = put(url, body)
        watch.after(REPLY, ended=not problem)
        return problem

    patch.setattr(index, "Clock", Countdown)
    patch.setattr(index, "threading", SimpleNamespace(Lock=threading.Lock, Timer=LastCall))
    patch.setattr(index, "Clients", WatchedClients)
    patch.setattr(wire, "_put", watched_put)


def closed() -> None:
    """Close the connections that the handler keeps."""
    for client in clients._clients.values():
        client.close()
    clients._clients.clear()
