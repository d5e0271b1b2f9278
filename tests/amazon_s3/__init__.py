"""A stand-in for Amazon S3 over TLS: the handler replies nowhere else."""

from __future__ import annotations

import datetime
import re
import socket
import ssl
import threading
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from tests.amazon_s3 import sitecustomize

if TYPE_CHECKING:
    import pytest

HOST = "cloudformation-custom-resource-response-useast1.s3.us-east-1.amazonaws.com"
"""The bucket in which CloudFormation waits for replies."""

_SECONDS = 30.0
_CHUNK = 65536


class AmazonS3:
    """Ends TLS under the bucket's name, and passes what comes on to an HTTP server of this machine.

    Args:
        url: The address of that server.
        folder: Where the certificate and its key are put.
    """

    def __init__(self, url: str, folder: Path) -> None:
        parts = urlsplit(url)
        self._behind = (str(parts.hostname), int(parts.port or 80))
        self._certificate = folder / "amazon-s3.pem"
        self._certificate.write_bytes(_certificate())
        self._tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        self._tls.load_cert_chain(self._certificate)
        self._socket = socket.create_server(("127.0.0.1", 0), backlog=64)
        self.url = f"https://{HOST}"
        threading.Thread(target=self._accept, daemon=True).start()

    @property
    def environment(self) -> dict[str, str]:
        """What leads a Python process that begins with these variables here."""
        folder = str(Path(sitecustomize.__file__).parent)
        return {**self._variables, "PYTHONPATH": folder}

    @property
    def _variables(self) -> dict[str, str]:
        return {
            "SSL_CERT_FILE": str(self._certificate),
            sitecustomize.PORT: str(self._socket.getsockname()[1]),
        }

    def lead_here(self, patch: pytest.MonkeyPatch) -> None:
        """Lead this process here; the patch takes it back."""
        for name, value in self._variables.items():
            patch.setenv(name, value)
        patch.setattr(socket, "create_connection", sitecustomize.connect)

    def stop(self) -> None:
        """Listen no more."""
        self._socket.close()

    def _accept(self) -> None:
        while True:
            try:
                connection, _ = self._socket.accept()
            except OSError:
                return
            threading.Thread(target=self._serve, args=(connection,), daemon=True).start()

    def _serve(self, connection: socket.socket) -> None:
        """Pass one request on, and its answer back."""
        connection.settimeout(_SECONDS)
        try:
            with (
                self._tls.wrap_socket(connection, server_side=True) as outside,
                socket.socket() as inside,
            ):
                inside.settimeout(_SECONDS)
                inside.connect(self._behind)
                request = _request(lambda: outside.recv(_CHUNK))
                host = b"Host: %s:%d" % (self._behind[0].encode(), self._behind[1])
                inside.sendall(
                    re.sub(rb"(?mi)^host:[^\r]*", host + b"\r\nConnection: close", request, count=1)
                )
                while chunk := inside.recv(_CHUNK):
                    outside.sendall(chunk)
        except OSError:
            # One of both has hung up: so does the other.
            return


def _request(receive: Callable[[], bytes]) -> bytes:
    """Read one request with all of its body."""
    data = b""
    while b"\r\n\r\n" not in data:
        chunk = receive()
        if not chunk:
            return data
        data += chunk
    head, _, body = data.partition(b"\r\n\r\n")
    length = re.search(rb"(?mi)^content-length: *(\d+)", head)
    while length and len(body) < int(length[1]) and (chunk := receive()):
        body += chunk
    return b"%s\r\n\r\n%s" % (head, body)


def _certificate() -> bytes:
    """Make a certificate of its own for the bucket, with its key, as PEM."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "a stand-in for Amazon S3")])
    now = datetime.datetime.now(datetime.UTC)
    usage = x509.KeyUsage(
        digital_signature=True,
        key_cert_sign=True,
        content_commitment=False,
        key_encipherment=False,
        data_encipherment=False,
        key_agreement=False,
        crl_sign=False,
        encipher_only=False,
        decipher_only=False,
    )
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - datetime.timedelta(days=1))
        .not_valid_after(now + datetime.timedelta(days=2))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName(HOST)]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .add_extension(usage, critical=True)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
        .sign(key, hashes.SHA256())
    )
    return made.public_bytes(serialization.Encoding.PEM) + key.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    )


__all__ = ["HOST", "AmazonS3"]
