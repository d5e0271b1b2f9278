"""The public half of a key that signs in AWS KMS, as Amazon IVS takes it."""

from __future__ import annotations

import base64
import textwrap
from typing import Any

KEY_SPEC = "ECC_NIST_P384"
KEY_USAGE = "SIGN_VERIFY"

# SubjectPublicKeyInfo { id-ecPublicKey, secp384r1 }, followed by an uncompressed point.
_PREFIX = bytes.fromhex("3076301006072a8648ce3d020106052b8104002203620004")
_LENGTH = 120


def pem_of(answer: dict[str, Any]) -> str:
    """Write the answer of GetPublicKey as PEM text.

    Raises:
        ValueError: It is a key of another kind.
    """
    spec, usage, der = answer["KeySpec"], answer["KeyUsage"], answer["PublicKey"]
    if (spec, usage) != (KEY_SPEC, KEY_USAGE):
        raise ValueError(f"the key must be {KEY_SPEC} for {KEY_USAGE}, got {spec} for {usage}")
    if len(der) != _LENGTH or not der.startswith(_PREFIX):
        raise ValueError(f"the public key must be {_LENGTH} bytes of P-384, got {len(der)} bytes")
    lines = textwrap.wrap(base64.b64encode(der).decode(), 64)
    return "\n".join(("-----BEGIN PUBLIC KEY-----", *lines, "-----END PUBLIC KEY-----", ""))
