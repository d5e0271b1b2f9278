"""Judges the PEM text of a public key without a cryptography package.

Amazon IVS takes public keys on the curve P-384 (secp384r1) only, for playback tokens and for
participant tokens alike. The text is never repeated in a message: it may hold a private key.
"""

from __future__ import annotations

import base64
import re

_BLOCK = re.compile(r"-----BEGIN ([A-Z0-9 ]+)-----(.*?)-----END \1-----", re.DOTALL)

# SubjectPublicKeyInfo { id-ecPublicKey, secp384r1 }, followed by an uncompressed point (04 x y).
_PREFIX = bytes.fromhex("3076301006072a8648ce3d020106052b8104002203620004")
_COORDINATE = 48
_P = 2**384 - 2**128 - 2**96 + 2**32 - 1
_B = int(
    "b3312fa7e23ee7e4988e056be3f82d19181d9c6efe8141120314088f5013875a"
    "c656398d8a2ed19d2a85c8edd3ec2aef",
    16,
)

_OTHER_KEYS = {
    bytes.fromhex("06092a864886f70d010101"): "an RSA key",
    bytes.fromhex("06082a8648ce3d030107"): "a P-256 key",
    bytes.fromhex("06052b81040023"): "a P-521 key",
    bytes.fromhex("06052b8104000a"): "a secp256k1 key",
    bytes.fromhex("06032b6570"): "an Ed25519 key",
}

_OTHER_BLOCKS = (
    "CERTIFICATE",
    "CERTIFICATE REQUEST",
    "DSA PARAMETERS",
    "EC PARAMETERS",
    "PGP PUBLIC KEY BLOCK",
    "RSA PUBLIC KEY",
    "SSH2 PUBLIC KEY",
)

_MAKE = "openssl ecparam -name secp384r1 -genkey -noout -out private.pem"
_EXPORT = "openssl ec -in private.pem -pubout -out public.pem"


def public_key_problem(pem: str) -> str | None:
    """Tell what is wrong with a public key's PEM text, or None if nothing is.

    Returns:
        The end of a sentence that starts with the property's name.
    """
    if "PRIVATE KEY" in pem:
        return (
            "must be a public key, got a private key; keep that one out of code and templates, "
            f"and give the public half: {_EXPORT}"
        )
    if "-----BEGIN" in pem and "\\n" in pem:
        return (
            "must have line breaks, got \\n as two characters, as environment variables have it; "
            "add .replace('\\\\n', '\\n')"
        )
    blocks = _BLOCK.findall(pem)
    if not blocks:
        return (
            "must be the PEM text of a public key, got text without a PEM block; give the file's "
            "content, as in Path('public.pem').read_text()"
        )
    if len(blocks) > 1:
        return f"must hold one PEM block, got {len(blocks)}; keep the PUBLIC KEY block only"
    label, body = blocks[0]
    if label != "PUBLIC KEY":
        # Only known words are repeated; anything might stand there.
        kind = f"of {label}" if label in _OTHER_BLOCKS else "of another kind"
        return f"must be a PUBLIC KEY block, got a block {kind}; export it by: {_EXPORT}"
    if _BLOCK.sub("", pem).strip():
        return "must hold the PEM block alone, got text around it; drop that text"
    try:
        der = base64.b64decode("".join(body.split()), validate=True)
    except ValueError:
        return "must hold base64 text, got something else in the PEM block; export it again"
    return _point_problem(der)


def _point_problem(der: bytes) -> str | None:
    for identifier, name in _OTHER_KEYS.items():
        if identifier in der[:32]:
            return (
                f"must be a P-384 (secp384r1) key, got {name}; make one by: {_MAKE}, "
                f"then: {_EXPORT}"
            )
    if len(der) != len(_PREFIX) + 2 * _COORDINATE or not der.startswith(_PREFIX):
        return (
            "must be an uncompressed P-384 (secp384r1) key of 120 bytes, got something else of "
            f"{len(der)} bytes; export it by: {_EXPORT}"
        )
    point = der[len(_PREFIX) :]
    x, y = (int.from_bytes(half) for half in (point[:_COORDINATE], point[_COORDINATE:]))
    if x >= _P or y >= _P or (y * y - (x * x * x - 3 * x + _B)) % _P:
        return "must be a point on the curve P-384, got a damaged key; export it again"
    return None
