"""What a playback key pair refuses, without showing a private key."""

from __future__ import annotations

from pathlib import Path

import aws_cdk as cdk
import pytest

from ivs_constructs import (
    PlaybackKeyPair,
)
from tests.constructs.deploy_time import Tokens, text_token
from tests.constructs.refusals import GUIDE, defined, found, refused, report
from tests.public_keys import P256, P384, PRIVATE_PEM

EXPORT = "openssl ec -in private.pem -pubout -out public.pem"


@pytest.mark.parametrize(
    ("pem", "message"),
    [
        (
            PRIVATE_PEM,
            "public_key_material must be a public key, got a private key; keep it out of code and "
            f"templates, and pass the public half: {EXPORT}",
        ),
        (
            "public.pem",
            "public_key_material must be the PEM text of a public key, got text without a PEM "
            "block; pass the file's content, as in Path('public.pem').read_text()",
        ),
        (
            P256,
            "public_key_material must be a P-384 (secp384r1) key, got a P-256 key; make one with: "
            "openssl ecparam -name secp384r1 -genkey -noout -out private.pem, then: "
            f"{EXPORT}",
        ),
        (
            P384 * 2,
            "public_key_material must hold one PEM block, got 2; keep the PUBLIC KEY block only",
        ),
        (
            P384.replace("MHYw", "MHYé"),
            "public_key_material must hold base64 text, got something else in the PEM block; "
            "export it again",
        ),
    ],
    ids=["private", "path", "P-256", "two", "not ASCII"],
)
def test_key_pair_refuses(stack: cdk.Stack, pem: str, message: str) -> None:
    error = refused(PlaybackKeyPair, stack, public_key_material=pem)

    assert str(error) == report("PlaybackKeyPair", message)
    assert found(error) == [("public_key_material", "public-key")]
    assert error.failures[0].source == f"{GUIDE}/private-channels-create-key.html"


def test_key_pair_asks_for_its_key(stack: cdk.Stack) -> None:
    error = refused(PlaybackKeyPair, stack, public_key_material=None)

    assert str(error) == report(
        "PlaybackKeyPair",
        "one of signing_key and public_key_material is required, got neither; pass "
        "signing_key=TokenSigningKey(self, 'SigningKey')",
    )
    assert found(error) == [("public_key_material", "key-missing")]


@pytest.mark.parametrize(
    "value",
    [
        Path("private.pem"),
        PRIVATE_PEM.encode(),
        bytearray(PRIVATE_PEM.encode()),
        PRIVATE_PEM.splitlines(),
        {"key": PRIVATE_PEM},
        5,
    ],
    ids=["path", "bytes", "bytearray", "lines", "dict", "number"],
)
def test_key_pair_refuses_another_thing_without_showing_it(stack: cdk.Stack, value: object) -> None:
    error = refused(PlaybackKeyPair, stack, public_key_material=value)

    assert found(error) == [("public_key_material", "type")]
    assert str(error).startswith(
        report("PlaybackKeyPair", "public_key_material must be a string, got ")
    )
    # Bytes are what Path.read_bytes() gives: of a private key, possibly.
    assert "MIGk" not in str(error)


@pytest.mark.parametrize(
    "token", [text_token, lambda _: cdk.SecretValue.ssm_secure("/key").unsafe_unwrap()]
)
def test_key_pair_leaves_a_token_unjudged(stack: cdk.Stack, token: Tokens) -> None:
    defined(PlaybackKeyPair, stack, public_key_material=token(stack))


def test_failed_key_pair_does_not_count_as_a_key(stack: cdk.Stack) -> None:
    for _ in range(4):
        refused(PlaybackKeyPair, stack, public_key_material="k")

    key_pair = defined(PlaybackKeyPair, stack)

    assert not key_pair.node.metadata
