"""Signing with AWS KMS: what is asked of it, and when boto3 is needed."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from typing import Any

import boto3  # type: ignore[import-untyped]  # no types
import jwt
import pytest
from botocore.exceptions import ClientError  # type: ignore[import-untyped]  # no types
from botocore.stub import Stubber  # type: ignore[import-untyped]  # no types
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import Prehashed
from cryptography.hazmat.primitives.hashes import SHA384

from ivs_constructs.errors import InvalidPropertyError
from ivs_constructs.tokens import KmsSigner, PlaybackClaims, sign, verify

KEY = "arn:aws:kms:eu-west-1:123456789012:key/1a2b3c4d"
SIGNATURE = bytes.fromhex("3006020101020102")


@pytest.fixture
def client() -> Any:  # noqa: ANN401 (boto3 ships no types)
    return boto3.client(
        "kms",
        region_name="eu-west-1",
        aws_access_key_id="x",
        aws_secret_access_key="x",  # noqa: S106 (nobody checks it)
    )


@pytest.mark.parametrize("size", [1, 4095, 4096])
def test_short_message_is_sent_as_it_is(size: int, client: Any) -> None:  # noqa: ANN401 (boto3)
    message = b"m" * size
    with Stubber(client) as stubber:
        stubber.add_response(
            "sign",
            {"KeyId": KEY, "Signature": SIGNATURE, "SigningAlgorithm": "ECDSA_SHA_384"},
            {
                "KeyId": KEY,
                "Message": message,
                "MessageType": "RAW",
                "SigningAlgorithm": "ECDSA_SHA_384",
            },
        )

        assert KmsSigner(KEY, client)(message) == SIGNATURE


@pytest.mark.parametrize("size", [4097, 100_000])
def test_long_message_is_hashed_before(size: int, client: Any) -> None:  # noqa: ANN401 (boto3)
    message = b"m" * size
    with Stubber(client) as stubber:
        stubber.add_response(
            "sign",
            {"KeyId": KEY, "Signature": SIGNATURE, "SigningAlgorithm": "ECDSA_SHA_384"},
            {
                "KeyId": KEY,
                "Message": hashlib.sha384(message).digest(),
                "MessageType": "DIGEST",
                "SigningAlgorithm": "ECDSA_SHA_384",
            },
        )

        assert KmsSigner(KEY, client)(message) == SIGNATURE


@pytest.mark.parametrize(("letters", "size"), [(2911, 4096), (2912, 4097), (9000, 12215)])
def test_long_token_verifies_as_well(
    letters: int, size: int, private_key: ec.EllipticCurvePrivateKey, public_key_material: str
) -> None:
    """As KMS does it: a message is hashed there, a hash is taken as it is."""
    taken: list[tuple[str, int]] = []

    class Kms:
        def sign(self, *, Message: bytes, MessageType: str, **_: str) -> dict[str, bytes]:  # noqa: N803 (of KMS)
            taken.append((MessageType, len(Message)))
            raw = MessageType == "RAW"
            algorithm = ec.ECDSA(SHA384() if raw else Prehashed(SHA384()))
            return {"Signature": private_key.sign(Message, algorithm)}

    claims = PlaybackClaims(
        channel_arn="arn:aws:ivs:eu-west-1:123456789012:channel/AbCdEf",
        access_control_allow_origin=["https://" + "a" * letters],
    )
    token = sign(claims, KmsSigner(KEY, Kms()))

    assert len(token.rpartition(".")[0]) == size
    assert taken == [("RAW", size) if size <= 4096 else ("DIGEST", 48)]
    assert verify(token, public_key_material, PlaybackClaims).access_control_allow_origin
    assert jwt.decode(token, public_key_material, algorithms=["ES384"])


def test_client_is_made_for_the_first_signature_and_kept(
    monkeypatch: pytest.MonkeyPatch, signer: Callable[[bytes], bytes], public_key_material: str
) -> None:
    made: list[str] = []

    class Kms:
        def sign(self, *, Message: bytes, **_: str) -> dict[str, bytes]:  # noqa: N803 (of KMS)
            return {"Signature": signer(Message)}

    def make(service: str) -> Kms:
        made.append(service)
        return Kms()

    monkeypatch.setattr(boto3, "client", make)
    kms = KmsSigner("alias/playback-tokens")
    assert made == []

    claims = PlaybackClaims(channel_arn="arn:aws:ivs:eu-west-1:123456789012:channel/AbCdEf")
    for _ in range(2):
        token = sign(claims, kms)
        assert verify(token, public_key_material, PlaybackClaims)
    assert made == ["kms"]


def test_refusal_of_kms_does_not_show_the_message(client: Any) -> None:  # noqa: ANN401 (boto3)
    with Stubber(client) as stubber:
        stubber.add_client_error("sign", "AccessDeniedException", "denied", 400)
        with pytest.raises(ClientError) as caught:
            KmsSigner(KEY, client)(b"secret-message")

    assert "secret-message" not in str(caught.value)


def test_repr_names_the_key_only(client: Any) -> None:  # noqa: ANN401 (boto3)
    assert repr(KmsSigner("alias/a", client)) == "KmsSigner('alias/a')"


@pytest.mark.parametrize("key_id", ["k", "k" * 2048])
def test_key_id_has_1_to_2048_characters(key_id: str) -> None:
    assert repr(KmsSigner(key_id)) == f"KmsSigner({key_id!r})"


@pytest.mark.parametrize(
    ("key_id", "end"),
    [
        ("", "have at least 1 character, got none; add some"),
        ("k" * 2049, "have at most 2048 characters, got 2049 characters; shorten it by 1"),
        (None, "be a string, got None"),
        (
            "${Token[TOKEN.5]}",
            "be known when the token is made, got a deploy-time value; pass it to the program that "
            "makes tokens in an environment variable",
        ),
    ],
)
def test_fails_when_key_id_is_none(key_id: Any, end: str) -> None:  # noqa: ANN401 (wrong types)
    with pytest.raises(InvalidPropertyError) as caught:
        KmsSigner(key_id)

    assert str(caught.value) == f"KmsSigner has 1 invalid property:\n  - key_id must {end}"
