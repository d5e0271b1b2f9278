"""Signatures in DER: strictly read, and written as r and s side by side."""

from __future__ import annotations

import pytest
from cryptography.hazmat.primitives.asymmetric.utils import encode_dss_signature
from hypothesis import example, given, settings
from hypothesis import strategies as st

from ivs_constructs.errors import InvalidPropertyError
from ivs_constructs.tokens._signature import N, raw_signature

numbers = st.integers(1, N - 1) | st.integers(1, 384).map(lambda bits: min(2**bits, N - 1))

# The same examples in every run, and nothing kept on disk.
repeatable = settings(derandomize=True, database=None, deadline=None)

KMS = "https://docs.aws.amazon.com/kms/latest/APIReference/API_Sign.html"
SIMILAR = "; return what AWS KMS does for ECDSA_SHA_384"


def number(body: str) -> str:
    return f"02{len(body) // 2:02x}{body}"


def sequence(*parts: str) -> bytes:
    body = "".join(parts)
    return bytes.fromhex(f"30{len(body) // 2:02x}{body}")


def problem(der: object) -> str:
    with pytest.raises(InvalidPropertyError) as caught:
        raw_signature(der)
    text = str(caught.value)
    start = "sign has 1 invalid property:\n  - signer must "
    assert text.startswith(start)
    assert caught.value.failures[0].source == KMS
    return text.removeprefix(start)


@repeatable
@given(numbers, numbers)
@example(1, N - 1)
@example(N - 1, 1)
@example(127, 128)
@example(2**376 - 1, 2**383)
def test_numbers_stand_side_by_side(r: int, s: int) -> None:
    raw = raw_signature(encode_dss_signature(r, s))

    assert len(raw) == 96
    assert int.from_bytes(raw[:48]) == r
    assert int.from_bytes(raw[48:]) == s


def test_signature_may_be_a_bytearray() -> None:
    assert (
        raw_signature(bytearray(encode_dss_signature(1, 2)))
        == bytes(47) + b"\1" + bytes(47) + b"\2"
    )


@pytest.mark.parametrize(
    "der",
    [
        pytest.param(b"", id="empty"),
        pytest.param(b"\x30", id="a tag alone"),
        pytest.param(sequence(), id="no numbers"),
        pytest.param(sequence(number("01")), id="one number"),
        pytest.param(sequence(number("01"), "02"), id="half a second number"),
        pytest.param(sequence(number("01"), "0201"), id="second number without body"),
        pytest.param(sequence(number("01"), number("01"), number("01")), id="three numbers"),
        pytest.param(sequence(number("01"), number("01"), "00"), id="something behind inside"),
        pytest.param(sequence(number("01"), number("01")) + b"\0", id="something behind"),
        pytest.param(sequence(number("01"), number("01"))[:-1], id="cut off"),
        pytest.param(b"\x31" + sequence(number("01"), number("01"))[1:], id="a set"),
        pytest.param(sequence("040101", number("01")), id="no number first"),
        pytest.param(sequence(number("01"), "030101"), id="no number second"),
        pytest.param(sequence(number(""), number("01")), id="number of no bytes"),
        pytest.param(sequence("0200", "0200", "0200"), id="numbers of no bytes"),
        pytest.param(sequence(number("81"), number("01")), id="negative first"),
        pytest.param(sequence(number("01"), number("81")), id="negative second"),
        pytest.param(sequence(number("0001"), number("01")), id="zeros in front of the first"),
        pytest.param(sequence(number("01"), number("007f")), id="zeros in front of the second"),
        pytest.param(sequence("020901", number("01")), id="number longer than the rest"),
        pytest.param(b"\x30\x81\x06" + sequence(number("01"), number("01"))[2:], id="long length"),
        pytest.param(b"\x30\x80" + bytes.fromhex("020101020101") + b"\0\0", id="open length"),
        pytest.param(encode_dss_signature(2**511, 2**511), id="as large as on P-521"),
    ],
)
def test_fails_when_signature_is_no_der(der: bytes) -> None:
    assert problem(der) == (
        f"return a signature in DER, got {len(der)} bytes of another form{SIMILAR}"
    )


def test_fails_when_numbers_stand_side_by_side_already() -> None:
    assert problem(b"\1" * 96) == (
        "return a signature in DER, got 96 bytes of another form; leave r and s in DER, because "
        "they are converted here"
    )


@pytest.mark.parametrize(
    ("r", "s"), [(0, 1), (1, 0), (N, 1), (1, N), (N - 1, 2**384 - 1), (2**391, 1)]
)
def test_fails_when_numbers_are_not_of_the_curve(r: int, s: int) -> None:
    assert problem(encode_dss_signature(r, s)) == (
        "sign with a key on the curve P-384, got a signature that no such key makes; use a key of "
        "the spec ECC_NIST_P384"
    )


@pytest.mark.parametrize(("value", "got"), [("MGQ=", "a value of type str"), (None, "None")])
def test_fails_when_signature_is_no_bytes(value: object, got: str) -> None:
    assert problem(value) == f"be a function that returns a signature in DER as bytes, got {got}"


@repeatable
@given(st.binary(max_size=110))
def test_any_bytes_are_read_or_refused(data: bytes) -> None:
    try:
        raw = raw_signature(data)
    except InvalidPropertyError:
        return
    r, s = int.from_bytes(raw[:48]), int.from_bytes(raw[48:])
    assert encode_dss_signature(r, s) == data


@repeatable
@given(numbers, numbers, st.integers(0), st.integers(1, 255))
def test_no_signature_has_a_second_form(r: int, s: int, place: int, change: int) -> None:
    der = bytearray(encode_dss_signature(r, s))
    der[place % len(der)] ^= change

    try:
        raw = raw_signature(der)
    except InvalidPropertyError:
        return
    assert raw != raw_signature(encode_dss_signature(r, s))
