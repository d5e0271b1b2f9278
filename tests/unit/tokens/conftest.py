"""A key pair on P-384, made anew for each run, and a signer with it."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA384
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat


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
