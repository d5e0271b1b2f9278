"""The public half of a key that signs in AWS KMS, in the form that Amazon IVS accepts."""

from __future__ import annotations

import base64
import textwrap
from typing import Any

ALGORITHM = "ECDSA_SHA_384"
"""The only algorithm for tokens; only signing keys with the spec ECC_NIST_P384 have it."""

# SubjectPublicKeyInfo { id-ecPublicKey, secp384r1 }, followed by an uncompressed point.
_PREFIX = bytes.fromhex("3076301006072a8648ce3d020106052b8104002203620004")
_LENGTH = 120


def pem_of(answer: dict[str, Any]) -> str:
    """Convert the answer of GetPublicKey to PEM text.

    Raises:
        ValueError: The key has another spec or usage.
    """
    algorithms, der = answer.get("SigningAlgorithms", []), answer["PublicKey"]
    if ALGORITHM not in algorithms:
        found = f"signs with {', '.join(algorithms)}" if algorithms else "does not sign"
        raise ValueError(f"the key must be of the kind ECC_NIST_P384 and for signing; this {found}")
    if len(der) != _LENGTH or not der.startswith(_PREFIX):
        raise ValueError(f"the public key must be {_LENGTH} bytes of P-384, got {len(der)} bytes")
    lines = textwrap.wrap(base64.b64encode(der).decode(), 64)
    return "\n".join(("-----BEGIN PUBLIC KEY-----", *lines, "-----END PUBLIC KEY-----", ""))
