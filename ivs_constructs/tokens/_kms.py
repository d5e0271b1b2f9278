"""Signs with AWS KMS, so that no private key is in the program's memory."""

from __future__ import annotations

import hashlib
from importlib import import_module
from typing import Any, cast

from ivs_constructs.tokens._check import Check

_SOURCE = "https://docs.aws.amazon.com/kms/latest/APIReference/API_Sign.html"

LONGEST_KEY_ID = 2048

LARGEST_RAW = 4096
"""The longest message, in bytes, that KMS hashes itself; a longer one is sent as its hash."""


class KmsSigner:
    """A signer for `sign`: a signing key in AWS KMS with the spec ECC_NIST_P384.

    The program needs `kms:Sign` on the key and nothing else. Make the signer once, outside a Lambda
    function's handler, so that it keeps its connection.

    Args:
        key_id: The key's id, ARN, alias name or alias ARN.
        client: A boto3 KMS client. Default: one made for the first signature, with the program's
            own Region and credentials.

    Raises:
        InvalidPropertyError: If `key_id` is not a string that can name a key.

    Example:
        >>> signer = KmsSigner("alias/playback-tokens")

    See: https://docs.aws.amazon.com/kms/latest/APIReference/API_Sign.html
    """

    def __init__(self, key_id: str, client: object | None = None) -> None:
        check = Check("KmsSigner", _SOURCE)
        check.text("key_id", key_id, minimum=1, maximum=LONGEST_KEY_ID)
        check.raise_failures()
        self._key_id = key_id
        # boto3 ships no types.
        self._client = cast("Any", client)

    def __repr__(self) -> str:
        return f"KmsSigner({self._key_id!r})"

    def __call__(self, message: bytes) -> bytes:
        """Sign a message.

        Args:
            message: What to sign; KMS hashes it with SHA-384.

        Returns:
            The signature in DER.

        Raises:
            botocore.exceptions.ClientError: If KMS refuses to sign.
        """
        if self._client is None:
            # Not at the top: the rest of this package works without boto3.
            boto3: Any = import_module("boto3")
            self._client = boto3.client("kms")
        given, message_type = digest_or_message(message)
        answer = self._client.sign(
            KeyId=self._key_id,
            Message=given,
            MessageType=message_type,
            SigningAlgorithm="ECDSA_SHA_384",
        )
        return bytes(answer["Signature"])


def digest_or_message(message: bytes) -> tuple[bytes, str]:
    """Return what to send to AWS KMS for a message, and its message type."""
    if len(message) > LARGEST_RAW:
        return hashlib.sha384(message).digest(), "DIGEST"
    return message, "RAW"
