"""Judging a public key's PEM text: what is accepted, and every sentence that refuses one."""

from __future__ import annotations

import base64
import re

import pytest
from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.serialization import load_pem_public_key
from hypothesis import example, given, settings
from hypothesis import strategies as st

from ivs_constructs.tokens._pem import MOST_CHARACTERS, public_key_problem
from tests.public_keys import ANOTHER_P384, ED25519, P256, P384, P521, RSA, SECP256K1

RSA_PKCS1 = """-----BEGIN RSA PUBLIC KEY-----
MIGJAoGBALVoN8UuWioUCtfRTyWR5q87Lyeeuon1M8T4g0CJTRkP1fAMhsReSN1F
0Aud/rRcLIejz9hS6PtuZDANDJZa77HuDnTvUhB4aqtkIUeO0YAMQODOP1+SVJXc
WejUgZjlpDZxkKdVlQ1PbR41yEhyD6UJOElxJ9u7hPQXvOtns5qFAgMBAAE=
-----END RSA PUBLIC KEY-----
"""

EXPORT = "openssl ec -in private.pem -pubout -out public.pem"
MAKE = "openssl ecparam -name secp384r1 -genkey -noout -out private.pem"

PRIVATE = (
    "must be a public key, got a private key; keep it out of code and templates, and pass the "
    f"public half: {EXPORT}"
)
NO_BLOCK = (
    "must be the PEM text of a public key, got text without a PEM block; pass the file's content, "
    "as in Path('public.pem').read_text()"
)
NOT_BASE64 = "must hold base64 text, got something else in the PEM block; export it again"
TEXT_AROUND = "must hold the PEM block alone, got text around it; drop that text"
DAMAGED = "must be a point on the curve P-384, got a damaged key; export it again"

BLANKS = (
    "must have each line of the PEM block on its own, without spaces around it or empty lines "
    "around the block; pass the file's content as openssl wrote it, or clean it with: "
    r"'\n'.join(line.strip() for line in text.strip().splitlines())"
)
ANOTHER_FORM = (
    "must have BEGIN and END on lines of their own that end with \\n or \\r\\n, got another form; "
    "pass the file's content, as in Path('public.pem').read_text()"
)

PRIME = 2**384 - 2**128 - 2**96 + 2**32 - 1


def other_curve(name: str) -> str:
    return f"must be a P-384 (secp384r1) key, got {name}; make one with: {MAKE}, then: {EXPORT}"


def other_size(size: int) -> str:
    return (
        "must be an uncompressed P-384 (secp384r1) key of 120 bytes, got something else of "
        f"{size} bytes; export it with: {EXPORT}"
    )


def block(body: str, label: str = "PUBLIC KEY") -> str:
    return f"-----BEGIN {label}-----\n{body}\n-----END {label}-----\n"


def is_read_elsewhere(pem: str) -> bool:
    """Whether OpenSSL, through the package cryptography, reads a public key."""
    try:
        load_pem_public_key(pem.encode())
    except (ValueError, UnsupportedAlgorithm):
        return False
    return True


def body(pem: str) -> str:
    return "".join(pem.splitlines()[1:-1])


def pem_of(der: bytes) -> str:
    return block(base64.b64encode(der).decode())


DER = base64.b64decode(body(P384))
POINT = 24  # where the coordinates begin, after the 04 of an uncompressed point


@pytest.mark.parametrize(
    "pem",
    [
        pytest.param(P384, id="as exported"),
        pytest.param(ANOTHER_P384, id="another key"),
        pytest.param(P384.rstrip(), id="no line break at the end"),
        pytest.param(f"\n\r\n{P384}\n  \t\n    ", id="blank lines around"),
        pytest.param(P384.replace("\n", "\r\n"), id="line breaks of Windows"),
        pytest.param(block(body(P384)), id="one line"),
        pytest.param(block("\n".join(body(P384))), id="one character a line"),
        pytest.param(block(re.sub("(.{76})", r"\1\n", body(P384))), id="76 characters a line"),
        pytest.param(P384 + " " * (MOST_CHARACTERS - len(P384)), id="as long as it may be"),
    ],
)
def test_public_key_problem_accepts_a_p384_key(pem: str) -> None:
    assert public_key_problem(pem) is None
    assert is_read_elsewhere(pem)


@pytest.mark.parametrize(
    ("pem", "problem"),
    [
        pytest.param(f"  {P384}", BLANKS, id="indented"),
        pytest.param(P384.replace("\n", "\n    "), BLANKS, id="indented but for BEGIN"),
        pytest.param(P384.replace("\n", " \n", 2), BLANKS, id="blank at a line's end"),
        pytest.param(P384.replace("\n-----END", "\n\n-----END"), BLANKS, id="empty line"),
        pytest.param(P384.replace("\n", "\n\n", 1), BLANKS, id="empty line first"),
        pytest.param(P384.replace("\n", ""), ANOTHER_FORM, id="all in one line"),
        pytest.param(P384.replace("\n", " "), ANOTHER_FORM, id="blanks for line breaks"),
        pytest.param(P384.replace("\n", "\r"), ANOTHER_FORM, id="line ends of old"),
        pytest.param(P384.replace("\n-----END", "-----END"), ANOTHER_FORM, id="END not alone"),
        pytest.param(block(body(P384)[:64] + "\r" + body(P384)[64:]), BLANKS, id="a lone CR"),
        pytest.param(f"\r{P384}", BLANKS, id="a lone CR before"),
    ],
)
def test_public_key_problem_refuses_another_form(pem: str, problem: str) -> None:
    assert public_key_problem(pem) == problem


@pytest.mark.parametrize(
    "blank", ["\x0b", "\x0c", "\x1c", "\x85", "\xa0", "\u2003", "\u2028", "\u2029", "\u3000"]
)
def test_public_key_problem_knows_ascii_line_ends_only(blank: str) -> None:
    assert public_key_problem(P384.replace("\n", blank)) is not None
    assert public_key_problem(P384.replace("\n", f"{blank}\n", 2)) is not None
    assert public_key_problem(block(body(P384)[:64] + blank + body(P384)[64:])) == NOT_BASE64
    assert public_key_problem(P384 + blank) == TEXT_AROUND
    assert public_key_problem(blank + P384) == TEXT_AROUND


@pytest.mark.parametrize(
    "text",
    [
        "-----BEGIN A-----\n" * 100_000,
        "-----BEGIN PUBLIC KEY-----" + " " * 3_000_000,
        "-----BEGIN " + "A" * 3_000_000,
        P384 + "\n" * MOST_CHARACTERS,
    ],
    ids=["headers", "blanks", "label", "a key"],
)
def test_public_key_problem_refuses_long_text_unread(text: str) -> None:
    assert public_key_problem(text) == (
        f"must have at most {MOST_CHARACTERS} characters, got {len(text)}; keep the PUBLIC KEY "
        "block only"
    )


def test_public_key_problem_knows_texts_of_environment_variables() -> None:
    assert public_key_problem(P384.replace("\n", "\\n")) == (
        "must have line breaks, got \\n as two characters, as environment variables have it; add "
        ".replace('\\\\n', '\\n')"
    )


def test_public_key_problem_finds_a_private_key_in_long_text() -> None:
    text = "x" * MOST_CHARACTERS + block("bm90IGEga2V5", "EC PRIVATE KEY")

    assert public_key_problem(text) == PRIVATE


@pytest.mark.parametrize(
    "label",
    ["EC PRIVATE KEY", "PRIVATE KEY", "RSA PRIVATE KEY", "ENCRYPTED PRIVATE KEY"],
)
def test_public_key_problem_refuses_a_private_key(label: str) -> None:
    assert public_key_problem(block("bm90IGEga2V5", label)) == PRIVATE


@pytest.mark.parametrize(
    "pem",
    [
        pytest.param(P384 + block("bm90IGEga2V5", "EC PRIVATE KEY"), id="after a public key"),
        pytest.param("-----BEGIN EC PRIVATE KEY-----\nMIGk", id="cut off"),
        pytest.param("-----BEGIN OPENSSH PRIVATE KEY-----", id="of SSH"),
    ],
)
def test_public_key_problem_finds_a_private_key_anywhere(pem: str) -> None:
    assert public_key_problem(pem) == PRIVATE


@pytest.mark.parametrize(
    "text",
    [
        "",
        " \n",
        "not a key",
        "public.pem",
        body(P384),
        P384.replace("-----END PUBLIC KEY-----", ""),
        P384.replace("END PUBLIC KEY", "END CERTIFICATE"),
        P384.replace("-----", "----"),
        '{"kty": "EC", "crv": "P-384", "x": "oJ3K", "y": "-zAM"}',
    ],
)
def test_public_key_problem_refuses_text_without_a_block(text: str) -> None:
    assert public_key_problem(text) == NO_BLOCK


@pytest.mark.parametrize("count", [2, 3])
def test_public_key_problem_refuses_several_blocks(count: int) -> None:
    assert public_key_problem(P384 * count) == (
        f"must hold one PEM block, got {count}; keep the PUBLIC KEY block only"
    )


@pytest.mark.parametrize(
    ("pem", "label"),
    [
        (RSA_PKCS1, "RSA PUBLIC KEY"),
        (block(body(P384), "CERTIFICATE"), "CERTIFICATE"),
        (block("BgUrgQQAIg==", "EC PARAMETERS"), "EC PARAMETERS"),
    ],
)
def test_public_key_problem_refuses_another_block(pem: str, label: str) -> None:
    remedy = f"make a P-384 key with: {MAKE}" if "RSA" in label else f"export it with: {EXPORT}"
    assert public_key_problem(pem) == (
        f"must be a PUBLIC KEY block, got a block of {label}; {remedy}"
    )


@pytest.mark.parametrize(
    "pem", [f"my key:\n{P384}", f"{P384}# do not lose", f"\ufeff{P384}", f"'{P384}'"]
)
def test_public_key_problem_refuses_text_around_the_block(pem: str) -> None:
    assert public_key_problem(pem) == TEXT_AROUND


@pytest.mark.parametrize(
    "inside",
    [
        pytest.param("not base64!", id="punctuation"),
        pytest.param(body(P384)[:-1], id="a character is missing"),
        pytest.param("Comment: mine\n\n" + body(P384), id="header"),
        pytest.param("schlüssel", id="not ASCII"),
        pytest.param(body(P384).replace("M", "М"), id="Cyrillic letter"),  # noqa: RUF001 (the point)
    ],
)
def test_public_key_problem_refuses_what_is_not_base64(inside: str) -> None:
    assert public_key_problem(block(inside)) == NOT_BASE64


@pytest.mark.parametrize(
    ("pem", "name"),
    [
        (RSA, "an RSA key"),
        (P256, "a P-256 key"),
        (P521, "a P-521 key"),
        (SECP256K1, "a secp256k1 key"),
        (ED25519, "an Ed25519 key"),
    ],
)
def test_public_key_problem_names_the_wrong_kind_of_key(pem: str, name: str) -> None:
    assert public_key_problem(pem) == other_curve(name)


COMPRESSED = (
    bytes.fromhex("3046301006072a8648ce3d020106052b81040022033200")
    + bytes([3])
    + DER[POINT : POINT + 48]
)


@pytest.mark.parametrize(
    "der",
    [
        pytest.param(b"", id="empty"),
        pytest.param(DER[:-1], id="119 bytes"),
        pytest.param(DER + b"\0", id="121 bytes"),
        pytest.param(COMPRESSED, id="compressed"),
        pytest.param(DER[: POINT - 1] + b"\x06" + DER[POINT:], id="hybrid"),
        pytest.param(b"\x31" + DER[1:], id="no sequence"),
    ],
)
def test_public_key_problem_refuses_another_encoding(der: bytes) -> None:
    assert public_key_problem(pem_of(der)) == other_size(len(der))


@pytest.mark.parametrize(
    "point",
    [
        pytest.param(bytes(96), id="zero"),
        pytest.param(PRIME.to_bytes(48) + DER[POINT + 48 :], id="x is the prime"),
        pytest.param(DER[POINT : POINT + 48] + PRIME.to_bytes(48), id="y is the prime"),
        pytest.param(b"\xff" * 96, id="largest"),
        pytest.param(DER[POINT + 48 :] + DER[POINT : POINT + 48], id="x and y swapped"),
    ],
)
def test_public_key_problem_refuses_a_point_off_the_curve(point: bytes) -> None:
    assert public_key_problem(pem_of(DER[:POINT] + point)) == DAMAGED


def test_public_key_problem_accepts_the_negated_point() -> None:
    y = int.from_bytes(DER[POINT + 48 :])

    assert public_key_problem(pem_of(DER[: POINT + 48] + (PRIME - y).to_bytes(48))) is None


# The same examples in every run, and nothing kept on disk.
repeatable = settings(derandomize=True, database=None, deadline=None, max_examples=150)


@repeatable
@given(st.integers(0, len(DER) * 8 - 1))
def test_public_key_problem_notices_every_flipped_bit(bit: int) -> None:
    der = bytearray(DER)
    der[bit // 8] ^= 1 << bit % 8

    assert public_key_problem(pem_of(bytes(der))) is not None


pieces = st.sampled_from(
    [
        *("-----BEGIN PUBLIC KEY-----", "-----END PUBLIC KEY-----", "-----", "PUBLIC KEY"),
        *("\n", "\r\n", "\r", " ", "\t", "\xa0", "\u2028", "\x0b", "=", "\ufeff", ": ", "A"),
        *(body(P384), body(P384)[:64], body(P384)[64:128], body(P384)[128:], P384),
    ]
)


@st.composite
def damaged(draw: st.DrawFn) -> str:
    """A public key's text into which some pieces were put, or from which some were cut."""
    text = P384
    for _ in range(draw(st.integers(0, 3))):
        start = draw(st.integers(0, len(text)))
        text = text[:start] + draw(pieces) + text[start + draw(st.integers(0, 3)) :]
    return text


@settings(repeatable, max_examples=1000)
@given(damaged() | st.lists(pieces, max_size=9).map("".join))
@example(P384)
def test_whatever_passes_is_read_elsewhere(text: str) -> None:
    assert public_key_problem(text) is not None or is_read_elsewhere(text)


def slices(text: str, length: int = 20) -> set[str]:
    return {text[i : i + length] for i in range(len(text) - length + 1)}


labels = st.sampled_from(["PUBLIC KEY", "EC PRIVATE KEY", "CERTIFICATE", "RSA PUBLIC KEY", "A"])
insides = st.text(max_size=300) | st.binary(max_size=200).map(
    lambda data: base64.b64encode(data).decode()
)
pem_like = st.lists(
    st.builds(block, insides, labels) | st.text(max_size=60), min_size=1, max_size=3
).map("".join)


@repeatable
@given(st.text() | insides | pem_like)
@example("-----BEGIN PUBLIC KEY-----\né\n-----END PUBLIC KEY-----")
@example("-----BEGIN EC PRIVATE KEY-----\nMIGkAgEBBDCq3bGJ0nAq3bGJ0nAq3bGJ0nA\n")
@example("MIGkAgEBBDCq3bGJ0nAq3bGJ0nAq3bGJ0nA=")
def test_public_key_problem_never_raises_nor_repeats_the_text(text: str) -> None:
    problem = public_key_problem(text)

    assert problem is not None
    assert not slices(problem) & slices(text)


def test_public_key_problem_does_not_repeat_a_long_label() -> None:
    text = block("", "THIS IS NO LABEL BUT SOMETHING ELSE THAT WAS PASTED IN THE WRONG PLACE")

    problem = public_key_problem(text)

    assert problem is not None
    assert not slices(problem) & slices(text)
