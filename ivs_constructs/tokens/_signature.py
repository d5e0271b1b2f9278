"""ES384 signatures in their two forms.

Signers such as AWS KMS and the package cryptography return the numbers r and s as DER; a JWT has
them side by side, in 48 bytes each. See: https://www.rfc-editor.org/rfc/rfc7518#section-3.4
"""

from __future__ import annotations

from ivs_constructs.tokens._check import Check

_SOURCE = "https://docs.aws.amazon.com/kms/latest/APIReference/API_Sign.html"

N = int(
    "ffffffffffffffffffffffffffffffffffffffffffffffffc7634d81f4372ddf"
    "581a0db248b0a77aecec196accc52973",
    16,
)
"""The order of the curve P-384; r and s are smaller."""

COORDINATE = 48
"""Bytes of a number."""

RAW_SIZE = 2 * COORDINATE

# Two numbers, each with a tag, a length, and a leading zero if it would look negative; so the
# length of the sequence around them fits in one byte.
_LARGEST_DER = 2 + 2 * (2 + 1 + COORDINATE)

_SEQUENCE = 0x30
_INTEGER = 0x02


def raw_signature(der: object) -> bytes:
    """Convert a signer's result to the form in a JWT."""
    check = Check("sign", _SOURCE)
    if not isinstance(der, bytes | bytearray):
        check.wrong_type("signer", "a function that returns a signature in DER as bytes", der)
        raise check.error()
    numbers = _numbers(bytes(der))
    if numbers is None:
        advice = (
            "; leave r and s in DER, because they are converted here"
            if len(der) == RAW_SIZE
            else "; return what AWS KMS does for ECDSA_SHA_384"
        )
        check.fail(
            "signer",
            "der",
            f"must return a signature in DER, got {len(der)} bytes of another form{advice}",
        )
    elif not all(0 < number < N for number in numbers):
        check.fail(
            "signer",
            "curve",
            "must sign with a key on the curve P-384, got a signature that no such key makes; use "
            "a key of the spec ECC_NIST_P384",
        )
    else:
        return b"".join(number.to_bytes(COORDINATE) for number in numbers)
    raise check.error()


def _numbers(der: bytes) -> tuple[int, int] | None:
    if not 2 <= len(der) <= _LARGEST_DER or der[0] != _SEQUENCE or der[1] != len(der) - 2:
        return None
    first = _number(der[2:])
    if first is None:
        return None
    second = _number(first[1])
    if second is None or second[1]:
        return None
    return first[0], second[0]


def _number(data: bytes) -> tuple[int, bytes] | None:
    """Read a non-negative number, and return it with what follows."""
    if len(data) < 3 or data[0] != _INTEGER:  # tag, length and at least one byte
        return None
    end = 2 + data[1]
    body = data[2:end]
    if len(body) != data[1] or not body or body[0] & 0x80:
        return None
    if len(body) > 1 and body[0] == 0 and not body[1] & 0x80:
        return None  # an unnecessary leading zero: the same number in a second form
    return int.from_bytes(body), data[end:]


def der_signature(raw: bytes) -> bytes:
    """Convert the form in a JWT to the one that verifiers such as AWS KMS accept."""
    numbers = b""
    for half in (raw[:COORDINATE], raw[COORDINATE:]):
        # The first bit is the sign, so a zero byte precedes one that is set.
        body = half.lstrip(b"\0") or b"\0"
        body = b"\0" + body if body[0] & 0x80 else body
        numbers += bytes((_INTEGER, len(body))) + body
    return bytes((_SEQUENCE, len(numbers))) + numbers
