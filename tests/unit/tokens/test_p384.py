"""Verification on P-384, against cryptography and at the edges of the arithmetic."""

from __future__ import annotations

import hashlib

import pytest
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature
from cryptography.hazmat.primitives.hashes import SHA384
from hypothesis import given, settings
from hypothesis import strategies as st

from ivs_constructs.tokens._p384 import is_signature
from ivs_constructs.tokens._signature import N

few = settings(derandomize=True, database=None, deadline=None, max_examples=25)

CURVE = ec.SECP384R1()
MESSAGE = b"message"
HASHED = int.from_bytes(hashlib.sha384(MESSAGE).digest())


def point(secret: int) -> tuple[int, int]:
    numbers = ec.derive_private_key(secret, CURVE).public_key().public_numbers()
    return numbers.x, numbers.y


def signature(secret: int, message: bytes) -> tuple[int, int]:
    key = ec.derive_private_key(secret, CURVE)
    return decode_dss_signature(key.sign(message, ec.ECDSA(SHA384())))


# With 1 the key is the generator, with N - 1 its mirror image: sums of both are special cases.
secrets = st.sampled_from([1, 2, 3, N - 2, N - 1]) | st.integers(1, N - 1)


@few
@given(secrets, st.binary(max_size=200))
def test_signatures_are_recognised(secret: int, message: bytes) -> None:
    assert is_signature(point(secret), message, *signature(secret, message))


@few
@given(secrets, st.binary(max_size=200), st.integers(0, 383))
def test_changes_are_noticed(secret: int, message: bytes, bit: int) -> None:
    key = point(secret)
    r, s = signature(secret, message)

    assert not is_signature(key, message + b"\0", r, s)
    assert not is_signature(key, message, r ^ 1 << bit, s)
    assert not is_signature(key, message, r, s ^ 1 << bit)
    assert not is_signature(key, message, s, r)
    assert not is_signature(point((secret + 1) % N or 1), message, r, s)


def test_the_other_s_is_one_too() -> None:
    # Of each signature there is a second one; that is so with ECDSA, and JWTs allow both.
    r, s = signature(7, MESSAGE)

    assert is_signature(point(7), MESSAGE, r, N - s)


@pytest.mark.parametrize(
    ("r", "s"), [(0, 1), (1, 0), (0, 0), (N, 1), (1, N), (2**384 - 1, 1), (-1, 1), (1, -1)]
)
def test_numbers_off_the_curve_sign_nothing(r: int, s: int) -> None:
    assert not is_signature(point(1), MESSAGE, r, s)


@pytest.mark.parametrize("number", ["r", "s"])
def test_number_of_the_curve_must_be_smaller(number: str) -> None:
    r, s = signature(7, MESSAGE)

    assert not is_signature(
        point(7), MESSAGE, r + N if number == "r" else r, s + N if number == "s" else s
    )


@pytest.mark.parametrize("secret", [1, 5, N - 1])
def test_point_at_infinity_signs_nothing(secret: int) -> None:
    # Chosen so that the sum of both points is infinity.
    r = -HASHED * pow(secret, -1, N) % N

    assert not is_signature(point(secret), MESSAGE, r, 1)
