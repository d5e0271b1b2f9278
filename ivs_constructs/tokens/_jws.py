"""Turns claims into signed tokens: JSON Web Tokens with the algorithm ES384."""

from __future__ import annotations

import base64
import json
from collections.abc import Callable, Mapping
from datetime import datetime
from typing import TYPE_CHECKING, TypeAlias, overload

from ivs_constructs.tokens._check import Check, is_arn
from ivs_constructs.tokens._claims import Claims
from ivs_constructs.tokens._signature import raw_signature

if TYPE_CHECKING:
    from ivs_constructs.tokens._connection import ConnectionClaims
    from ivs_constructs.tokens._participant import ParticipantClaims
    from ivs_constructs.tokens._playback import PlaybackClaims

_SOURCE = "https://docs.aws.amazon.com/ivs/latest/RealTimeUserGuide/getting-started-distribute-tokens.html"

HEADER = {"alg": "ES384", "typ": "JWT"}
"""The header of a playback token; the other kinds also name their public key."""

PUBLIC_KEY = "public-key"
"""What precedes the slash in the ARN of a public key."""

Signer: TypeAlias = Callable[[bytes], bytes]
"""Signs a message with ECDSA on P-384 and SHA-384, and returns the signature in DER."""


@overload
def sign(claims: PlaybackClaims, signer: Signer, *, now: datetime | None = None) -> str: ...


@overload
def sign(
    claims: ParticipantClaims | ConnectionClaims,
    signer: Signer,
    *,
    public_key_arn: str,
    now: datetime | None = None,
) -> str: ...


def sign(
    claims: Claims,
    signer: Signer,
    *,
    public_key_arn: str | None = None,
    now: datetime | None = None,
) -> str:
    """Make a token.

    Args:
        claims: What the token says.
        signer: Takes a message and returns its ECDSA signature on P-384 with SHA-384, in DER: a
            `KmsSigner`, or a function of your own.
        public_key_arn: The public key (`AWS::IVS::PublicKey`) that belongs to the signer. Only for
            participant and connection tokens, which name it; for playback tokens, Amazon IVS tries
            the account's playback keys.
        now: When the token is made, with time zone. Default: the present.

    Returns:
        The token. Treat it as a password until it expires, and keep it out of logs.

    Raises:
        InvalidPropertyError: If an argument is invalid, or the signer did not return a P-384
            signature in DER.

    Example:
        >>> token = sign(claims, signer)
    """
    header = _header(claims, signer, public_key_arn)
    signed = f"{_part(header)}.{_part(claims.payload(now))}"
    signature = raw_signature(signer(signed.encode("ascii")))
    return f"{signed}.{encode(signature)}"


def _header(claims: object, signer: object, public_key_arn: object) -> Mapping[str, object]:
    check = Check("sign", _SOURCE)
    if not callable(signer):
        advice = "; pass a KmsSigner, or a function of your own that signs with the key"
        check.wrong_type("signer", "a function that takes and returns bytes", signer, advice)
    if isinstance(claims, Claims) and not claims.names_key:
        if public_key_arn is not None:
            check.fail(
                "public_key_arn",
                "key-unused",
                "is for participant and connection tokens, got it with PlaybackClaims; drop it",
            )
        check.raise_failures()
        return HEADER
    if not isinstance(claims, Claims):
        check.wrong_type("claims", "PlaybackClaims, ParticipantClaims or ConnectionClaims", claims)
    elif claims.key_region is not None and is_arn(public_key_arn, PUBLIC_KEY):
        region = public_key_arn.split(":")[3]
        if claims.key_region != region:
            check.fail(
                "public_key_arn",
                "key-region",
                f"must be of the claims' region {claims.key_region}, got a key in {region}; "
                "change one of them",
            )
    # If the claims are not claims, their kind is unknown, and the key may not be needed.
    if isinstance(claims, Claims) or public_key_arn is not None:
        check.arn("public_key_arn", public_key_arn, PUBLIC_KEY)
    check.raise_failures()
    return {**HEADER, "kid": public_key_arn}


def _part(value: Mapping[str, object]) -> str:
    text = json.dumps(value, ensure_ascii=False, separators=(",", ":"))
    return encode(text.encode())


def encode(data: bytes) -> str:
    """Encode bytes in base64url, without padding."""
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode("ascii")
