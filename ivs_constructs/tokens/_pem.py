"""Checks the PEM text of a public key without a cryptography package.

Amazon IVS accepts only public keys on the curve P-384 (secp384r1), for playback tokens and
participant tokens alike. The text is never repeated in a message, because it may contain a private
key.

The form is that of RFC 7468 without its leniency, so that OpenSSL can read whatever passes: each
boundary on a line of its own, only base64 text between them, lines that end with LF or CR LF. Lines
may have any length, as the RFC permits, and blank lines may surround the block.

See: https://www.rfc-editor.org/rfc/rfc7468#section-3
"""

from __future__ import annotations

import base64
import re
from itertools import pairwise

MOST_CHARACTERS = 8192
"""More than any file with another kind of public key, for which there is a helpful message."""

_BOUNDARY = re.compile(r"-----(BEGIN|END) ([A-Z0-9 ]{1,64})-----")
_LINES = re.compile(r"\r?\n(?:[A-Za-z0-9+/=]+\r?\n)+")
_BLANK_LINES_BEFORE = re.compile(r"(?:\r?\n)*")
_ASCII_BLANKS = re.compile(r"[ \t\r\n]*")
_BASE64_AND_BLANKS = re.compile(r"[A-Za-z0-9+/= \t\r\n]*")

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

_NOT_BASE64 = "must hold base64 text, got something else in the PEM block; export it again"
STRAY_BLANKS = (
    "must have each line of the PEM block on its own, without spaces around it or empty lines "
    "around the block; pass the file's content as openssl wrote it, or clean it with: "
    "'\\n'.join(line.strip() for line in text.strip().splitlines())"
)

_MAKE = "openssl ecparam -name secp384r1 -genkey -noout -out private.pem"
_EXPORT = "openssl ec -in private.pem -pubout -out public.pem"


def public_key_problem(pem: str) -> str | None:
    """Return what is wrong with a public key's PEM text, or None.

    Returns:
        The end of a sentence that starts with the property's name.
    """
    if "PRIVATE KEY" in pem:
        return (
            "must be a public key, got a private key; keep it out of code and templates, and pass "
            f"the public half: {_EXPORT}"
        )
    if "-----BEGIN" in pem and "\\n" in pem:
        return (
            "must have line breaks, got \\n as two characters, as environment variables have it; "
            "add .replace('\\\\n', '\\n')"
        )
    if len(pem) > MOST_CHARACTERS:
        return (
            f"must have at most {MOST_CHARACTERS} characters, got {len(pem)}; keep the PUBLIC KEY "
            "block only"
        )
    blocks = [
        (begin, end)
        for begin, end in pairwise(_BOUNDARY.finditer(pem))
        if (begin[1], end[1]) == ("BEGIN", "END") and begin[2] == end[2]
    ]
    if not blocks:
        return (
            "must be the PEM text of a public key, got text without a PEM block; pass the file's "
            "content, as in Path('public.pem').read_text()"
        )
    if len(blocks) > 1:
        return f"must hold one PEM block, got {len(blocks)}; keep the PUBLIC KEY block only"
    begin, end = blocks[0]
    label = begin[2]
    if label != "PUBLIC KEY":
        # Only known words are repeated, because the text could be anything.
        kind = f"of {label}" if label in _OTHER_BLOCKS else "of another kind"
        is_rsa = "RSA" in label
        remedy = f"make a P-384 key with: {_MAKE}" if is_rsa else f"export it with: {_EXPORT}"
        return f"must be a PUBLIC KEY block, got a block {kind}; {remedy}"
    before, body, after = pem[: begin.start()], pem[begin.end() : end.start()], pem[end.end() :]
    problem = _form_problem(before, body, after)
    if problem is not None:
        return problem
    try:
        der = base64.b64decode("".join(body.split()), validate=True)
    except ValueError:
        return _NOT_BASE64
    return _point_problem(der)


def _form_problem(before: str, body: str, after: str) -> str | None:
    """Check the text around and between a block's boundaries against the strict form."""
    if not _ASCII_BLANKS.fullmatch(before) or not _ASCII_BLANKS.fullmatch(after):
        return "must hold the PEM block alone, got text around it; drop that text"
    lines = body.split("\n")
    if len(lines) == 1 or lines[0].strip(" \t\r") or lines[-1].strip(" \t"):
        return (
            "must have BEGIN and END on lines of their own that end with \\n or \\r\\n, got "
            "another form; pass the file's content, as in Path('public.pem').read_text()"
        )
    well_formed = _BLANK_LINES_BEFORE.fullmatch(before) and _LINES.fullmatch(body)
    # An empty block has a better message, which says how long it should be.
    if well_formed or _ASCII_BLANKS.fullmatch(body):
        return None
    return STRAY_BLANKS if _BASE64_AND_BLANKS.fullmatch(body) else _NOT_BASE64


def _point_problem(der: bytes) -> str | None:
    for identifier, name in _OTHER_KEYS.items():
        if identifier in der[:32]:
            return (
                f"must be a P-384 (secp384r1) key, got {name}; make one with: {_MAKE}, "
                f"then: {_EXPORT}"
            )
    if len(der) != len(_PREFIX) + 2 * _COORDINATE or not der.startswith(_PREFIX):
        return (
            "must be an uncompressed P-384 (secp384r1) key of 120 bytes, got something else of "
            f"{len(der)} bytes; export it with: {_EXPORT}"
        )
    point = der[len(_PREFIX) :]
    x, y = (int.from_bytes(half) for half in (point[:_COORDINATE], point[_COORDINATE:]))
    if x >= _P or y >= _P or (y * y - (x * x * x - 3 * x + _B)) % _P:
        return "must be a point on the curve P-384, got a damaged key; export it again"
    return None
