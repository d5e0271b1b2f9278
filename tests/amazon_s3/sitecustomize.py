"""Leads connections to Amazon S3 to a stand-in on this machine.

Python runs a module of this name as it starts, if it finds one: so this reaches other processes.
"""

from __future__ import annotations

import os
import socket
from typing import Any

PORT = "AMAZON_S3_STAND_IN_PORT"
"""The variable that says where the stand-in listens."""

_connect = socket.create_connection


def connect(address: tuple[str, int], *rest: Any, **more: Any) -> socket.socket:  # noqa: ANN401 (as the original)
    """Connect as `socket.create_connection` does, but never to Amazon S3 itself."""
    if address[0].endswith(".amazonaws.com") and PORT in os.environ:
        address = ("127.0.0.1", int(os.environ[PORT]))
    return _connect(address, *rest, **more)


if PORT in os.environ:
    setattr(socket, "create_connection", connect)  # noqa: B010 (of the same form, to mypy another type)
