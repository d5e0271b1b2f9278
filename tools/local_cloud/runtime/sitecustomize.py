"""Python functions in the local cloud: resolves Amazon S3's name for replies to this machine."""

import os
import socket
from typing import Any

_getaddrinfo: Any = socket.getaddrinfo


def _lookup(host: Any, port: Any, *rest: Any, **more: Any) -> Any:  # noqa: ANN401 (socket's own)
    if host == os.environ.get("LOCAL_CLOUD_REPLY_HOST"):
        host, port = "127.0.0.1", int(os.environ["LOCAL_CLOUD_REPLY_PORT"])
    return _getaddrinfo(host, port, *rest, **more)


setattr(socket, "getaddrinfo", _lookup)  # noqa: B010 (mypy knows the module's own signature)
