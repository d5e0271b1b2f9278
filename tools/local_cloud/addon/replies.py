"""Where functions reply to CloudFormation: HTTPS under the name of Amazon S3.

A handler that checks its reply address finds the same here as in AWS. The functions'
runtime (`tools/local_cloud/runtime`) resolves the name to this machine and trusts its certificate.
"""

from __future__ import annotations

import datetime
import json
import ssl
import threading
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

_MOST_BYTES = 4096
"""CloudFormation's own limit."""

_SECONDS = 30.0
_DAYS = 2


def serve(
    host: str, port: int, certificate: Path, deliver: Callable[[str, dict[str, Any]], bool]
) -> None:
    """Receive replies on a loopback port, as long as the process lives.

    Args:
        host: Amazon S3's name.
        port: The port.
        certificate: Where to write the certificate that functions are to trust.
        deliver: Takes a token and a reply; returns False if nobody is waiting for it.
    """

    class Handler(BaseHTTPRequestHandler):
        timeout = _SECONDS

        def do_PUT(self) -> None:
            length = self.headers.get("Content-Length", "")
            size = int(length) if length.isdecimal() and len(length) < 6 else _MOST_BYTES + 1
            # A web page cannot know a token and must not send anything here.
            if self.headers.get("Origin") or self.headers.get("Host") != host:
                self._answer(403)
            elif size > _MOST_BYTES:
                self._answer(400)
            else:
                self._answer(200 if self._taken(self.rfile.read(size)) else 403)

        def _taken(self, body: bytes) -> bool:
            try:
                reply = json.loads(body)
            except ValueError:
                return False
            return isinstance(reply, dict) and deliver(self.path.removeprefix("/"), reply)

        def _answer(self, status: int) -> None:
            self.send_response(status)
            self.send_header("Content-Length", "0")
            self.end_headers()

        def log_message(self, *_: object) -> None:
            """Log nothing, because the path authorizes a reply."""

    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    key = certificate.with_suffix(".key")
    _write_certificate(host, certificate, key)
    context.load_cert_chain(certificate, key)
    key.unlink()
    server = ThreadingHTTPServer(("127.0.0.1", port), Handler)
    # The handshake happens with the first read, in the connection's own thread.
    server.socket = context.wrap_socket(
        server.socket, server_side=True, do_handshake_on_connect=False
    )
    threading.Thread(target=server.serve_forever, daemon=True).start()


def _write_certificate(host: str, certificate: Path, key: Path) -> None:
    private = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, host[:63])])
    now = datetime.datetime.now(datetime.UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(private.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - datetime.timedelta(days=_DAYS))
        .not_valid_after(now + datetime.timedelta(days=_DAYS))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName(host)]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .sign(private, hashes.SHA256())
    )
    pem = serialization.Encoding.PEM
    key.touch(mode=0o600)
    key.write_bytes(
        private.private_bytes(pem, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    )
    certificate.write_bytes(made.public_bytes(pem))
