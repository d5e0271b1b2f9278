"""The public half of a signing key, read from AWS KMS (as emulated by moto)."""

from __future__ import annotations

import base64
import json
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any

import boto3  # type: ignore[import-untyped]  # no types
import botocore.session  # type: ignore[import-untyped]  # no types
import pytest
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
    load_der_public_key,
)
from moto import mock_aws
from moto.kms.models import kms_backends

from ivs_constructs._provider.permissions import Use, of_targets, of_types
from ivs_constructs._specs import SIGNING_KEY

if TYPE_CHECKING:
    from ivs_constructs._lambda.ivs_handler import clients, lifecycle, signing_key
    from tests.unit.handler.conftest import CloudFormation
    from tests.unit.handler.conftest import Stack as StackType
else:
    from ivs_handler import clients, lifecycle, signing_key

    from tests.unit.handler.conftest import Stack as StackType

from tests.unit.handler.conftest import SIGNATURE

# boto3 ships no types.
Untyped = Any


@pytest.fixture
def kms(monkeypatch: pytest.MonkeyPatch) -> Iterator[Untyped]:
    for name, value in {
        "AWS_DEFAULT_REGION": "us-east-1",
        "AWS_ACCESS_KEY_ID": "emulator",
        "AWS_SECRET_ACCESS_KEY": "emulator",
    }.items():
        monkeypatch.setenv(name, value)
    for name in ("AWS_ENDPOINT_URL", "AWS_ENDPOINT_URL_KMS"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setattr(lifecycle, "FIRST_PAUSE", 0.001)
    monkeypatch.setattr(lifecycle, "LONGEST_PAUSE", 0.002)
    kept = dict(clients._clients)
    clients._clients.clear()
    with mock_aws():
        # moto reaches sessions that are made after it only.
        monkeypatch.setattr(clients, "_session", botocore.session.Session())
        yield boto3.client("kms")
    clients._clients.clear()
    clients._clients.update(kept)


@pytest.fixture
def stack(cloudformation: CloudFormation) -> StackType:
    stack = StackType(cloudformation)
    stack.type = SIGNING_KEY.custom_type
    return stack


@pytest.fixture
def key(kms: Untyped) -> Callable[..., str]:
    def make(spec: str = "ECC_NIST_P384", usage: str = "SIGN_VERIFY") -> str:
        return str(kms.create_key(KeySpec=spec, KeyUsage=usage)["KeyMetadata"]["Arn"])

    return make


def test_pem_is_that_of_the_key(stack: StackType, kms: Untyped, key: Callable[..., str]) -> None:
    arn = key()

    reply = stack.create(KeyArn=arn)

    der = kms.get_public_key(KeyId=arn)["PublicKey"]
    pem = load_der_public_key(der).public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
    assert reply["Status"] == "SUCCESS"
    assert reply["Data"] == {"PublicKey": pem.decode()}
    assert reply["PhysicalResourceId"].startswith("ivsc1-")


def test_another_key_is_another_resource(stack: StackType, key: Callable[..., str]) -> None:
    first = stack.create(KeyArn=key())
    again = stack.update({"KeyArn": "before"}, **stack.delivered["ResourceProperties"])
    other = stack.update({"KeyArn": "before"}, KeyArn=key())

    assert again["PhysicalResourceId"] == first["PhysicalResourceId"]
    assert other["PhysicalResourceId"] != first["PhysicalResourceId"]
    assert other["Data"] != first["Data"]


def test_delete_needs_no_key(stack: StackType, kms: Untyped) -> None:
    gone = "arn:aws:kms:us-east-1:123456789012:key/00000000-0000-0000-0000-000000000000"

    reply = stack.delete("ivsc1-0123", KeyArn=gone)

    assert (reply["Status"], reply["PhysicalResourceId"]) == ("SUCCESS", "ivsc1-0123")
    assert kms is not None


@pytest.mark.parametrize(
    ("spec", "usage", "found"),
    [
        ("ECC_NIST_P256", "SIGN_VERIFY", "this signs with ECDSA_SHA_256"),
        ("RSA_2048", "ENCRYPT_DECRYPT", "this does not sign"),
    ],
)
def test_key_of_another_kind_is_refused(
    stack: StackType, key: Callable[..., str], spec: str, usage: str, found: str
) -> None:
    reply = stack.create(KeyArn=key(spec, usage))

    assert reply["Status"] == "FAILED"
    assert reply["Reason"] == (
        "TokenSigningKey 'App/Live/It': the key must be of the kind ECC_NIST_P384 and for signing; "
        f"{found}"
    )


def test_key_that_is_gone_is_told(stack: StackType, kms: Untyped) -> None:
    gone = "arn:aws:kms:us-east-1:123456789012:key/00000000-0000-0000-0000-000000000000"

    reply = stack.create(KeyArn=gone)

    assert reply["Status"] == "FAILED"
    assert "GetPublicKey failed: NotFoundException" in reply["Reason"]
    assert kms is not None


def test_neither_log_nor_reply_tells_a_secret(
    stack: StackType, kms: Untyped, key: Callable[..., str], capsys: pytest.CaptureFixture[str]
) -> None:
    good = key()
    private = vars(kms_backends["123456789012"]["us-east-1"].keys[good.partition("/")[2]])
    secret: ec.EllipticCurvePrivateKey = vars(private["private_key"])["private_key"]
    der = secret.private_bytes(Encoding.DER, PrivateFormat.PKCS8, NoEncryption())
    assert kms is not None

    outcomes = [
        stack.create(KeyArn=good)["Status"],
        stack.update({"KeyArn": "before"}, KeyArn=key("RSA_2048", "ENCRYPT_DECRYPT"))["Status"],
        stack.create(KeyArn=f"{good}0")["Status"],
        stack.create(KeyArn=good, Unknown="x")["Status"],
        stack.delete(KeyArn=good)["Status"],
    ]

    assert outcomes == ["SUCCESS", "FAILED", "FAILED", "FAILED", "SUCCESS"]
    replies = [
        {name: each for name, each in reply.items() if name != "at"}  # the stand-in's own note
        for reply in stack.cloudformation.replies
    ]
    told = "".join(capsys.readouterr()) + json.dumps(replies)
    assert "Custom::IVSSigningKey" in told
    for planted in (
        SIGNATURE,
        str(secret.private_numbers().private_value),
        f"{secret.private_numbers().private_value:x}",
        der.hex(),
        # Behind what stands at the start of every such key.
        base64.b64encode(der).decode()[24:],
    ):
        assert planted not in told


@pytest.mark.parametrize("der", [b"", b"\x30" * 120, b"\x30\x76" + b"\0" * 119])
def test_answer_that_is_no_p384_key_is_refused(der: bytes) -> None:
    answer = {"SigningAlgorithms": ["ECDSA_SHA_384"], "PublicKey": der}

    with pytest.raises(ValueError, match=r"the public key must be 120 bytes of P-384, got \d+ by"):
        signing_key.pem_of(answer)


def test_text_has_lines_of_64_characters(kms: Untyped, key: Callable[..., str]) -> None:
    pem = signing_key.pem_of(kms.get_public_key(KeyId=key()))

    first, *body, last, end = pem.split("\n")
    assert (first, last, end) == ("-----BEGIN PUBLIC KEY-----", "-----END PUBLIC KEY-----", "")
    assert [len(line) for line in body] == [64, 64, 32]
    assert len(base64.b64decode("".join(body))) == 120


def test_role_may_read_that_key_alone() -> None:
    use = Use(SIGNING_KEY, "FAIL")

    assert of_types([use]) == []
    assert json.dumps(
        of_targets([(use, "arn:aws:kms:us-east-1:123456789012:key/x")])
    ) == json.dumps(
        [
            {
                "Sid": "PublicKeys",
                "Effect": "Allow",
                "Action": ["kms:GetPublicKey"],
                "Resource": ["arn:aws:kms:us-east-1:123456789012:key/x"],
            }
        ]
    )
