"""A key pair on P-384, made anew for each run, a signer with it, and a key in AWS KMS."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA384
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from moto import mock_aws

from ivs_constructs.token_issuers.function import issuing
from tests.unit.tokens.issuers import Key


@pytest.fixture(scope="session")
def private_key() -> ec.EllipticCurvePrivateKey:
    return ec.generate_private_key(ec.SECP384R1())


@pytest.fixture(scope="session")
def pem_of() -> Callable[[ec.EllipticCurvePrivateKey], str]:
    def pem_of(key: ec.EllipticCurvePrivateKey) -> str:
        encoded = key.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
        return encoded.decode()

    return pem_of


@pytest.fixture(scope="session")
def public_key_material(
    private_key: ec.EllipticCurvePrivateKey, pem_of: Callable[[ec.EllipticCurvePrivateKey], str]
) -> str:
    return pem_of(private_key)


@pytest.fixture(scope="session")
def signer(private_key: ec.EllipticCurvePrivateKey) -> Callable[[bytes], bytes]:
    return lambda message: private_key.sign(message, ec.ECDSA(SHA384()))


@pytest.fixture(scope="module")
def kms() -> Iterator[None]:
    with mock_aws(), pytest.MonkeyPatch.context() as patch:
        patch.setenv("AWS_DEFAULT_REGION", "eu-west-1")
        issuing._kms.cache_clear()
        yield
    issuing._kms.cache_clear()


@pytest.fixture(scope="module")
def key(kms: None) -> Key:  # noqa: ARG001 (where it is made)
    return Key()
