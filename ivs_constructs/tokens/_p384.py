"""Verifies ECDSA signatures on the curve P-384 with SHA-384.

For tests only. It takes milliseconds, and the time depends on the numbers. That is harmless in
verification, where all of them are public; never sign this way.

See: https://nvlpubs.nist.gov/nistpubs/FIPS/NIST.FIPS.186-5.pdf
"""

from __future__ import annotations

import hashlib
from typing import TypeAlias

from ivs_constructs.tokens._signature import N

_P = 2**384 - 2**128 - 2**96 + 2**32 - 1

Point: TypeAlias = tuple[int, int] | None
"""A point by its coordinates; None is the point at infinity, the zero of addition."""

_G = (
    int(
        "aa87ca22be8b05378eb1c71ef320ad746e1d3b628ba79b9859f741e082542a38"
        "5502f25dbf55296c3a545e3872760ab7",
        16,
    ),
    int(
        "3617de4a96262c6f5d9e98bf9292dc29f8f41dbd289a147ce9da3113b5f0b8c0"
        "0a60b1ce1d7e819d7a431d7c90ea0e5f",
        16,
    ),
)


def is_signature(public_key: tuple[int, int], message: bytes, r: int, s: int) -> bool:
    """Whether r and s are a signature of the message by the key's private half.

    Args:
        public_key: A point on the curve.
        message: What was signed.
        r: The first number of the signature.
        s: The second number.
    """
    if not (0 < r < N and 0 < s < N):
        return False
    # SHA-384 has as many bits as N, so nothing is truncated.
    hashed = int.from_bytes(hashlib.sha384(message).digest())
    inverse = pow(s, -1, N)
    point = _combine(hashed * inverse % N, r * inverse % N, public_key)
    return point is not None and point[0] % N == r


def _combine(times_g: int, times_key: int, key: tuple[int, int]) -> Point:
    """Add multiples of the generator and of the key, in one pass over the bits."""
    summands: tuple[Point, ...] = (None, _G, key, _add(_G, key))
    total: Point = None
    for bit in reversed(range(N.bit_length())):
        total = _add(total, total)
        total = _add(total, summands[(times_g >> bit & 1) + 2 * (times_key >> bit & 1)])
    return total


def _add(one: Point, other: Point) -> Point:
    if one is None:
        return other
    if other is None:
        return one
    (x1, y1), (x2, y2) = one, other
    if x1 != x2:
        slope = (y2 - y1) * pow(x2 - x1, -1, _P)
    elif y1 == y2:
        # No point has y = 0, since the number of points is odd.
        slope = 3 * (x1 * x1 - 1) * pow(2 * y1, -1, _P)
    else:
        return None
    x3 = (slope * slope - x1 - x2) % _P
    return x3, (slope * (x1 - x3) - y1) % _P
