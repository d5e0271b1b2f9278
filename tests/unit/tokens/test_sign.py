"""Making tokens: header, encoding, key ARN, and what is said about a wrong argument."""

from __future__ import annotations

import base64
import json
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import pytest

from ivs_constructs.errors import InvalidPropertyError
from ivs_constructs.tokens import ConnectionClaims, ParticipantClaims, PlaybackClaims, sign
from ivs_constructs.tokens._claims import Claims

NOW = datetime(2026, 11, 21, 12, tzinfo=UTC)
ACCOUNT = "arn:aws:ivs:eu-west-1:123456789012"
KEY = f"{ACCOUNT}:public-key/f99cde61-c2b0-4df3-8941-ca7d38acca1a"

PLAYBACK = PlaybackClaims(channel_arn=f"{ACCOUNT}:channel/AbCdEfGh1234")
PARTICIPANT = ParticipantClaims(
    stage_arn=f"{ACCOUNT}:stage/AbCdEfGh1234",
    events_url="wss://global.events.live-video.net",
    whip_url="https://1a2b3c4d5e6f.global-bm.whip.live-video.net",
    user_id="日本",
)
CONNECTION = ConnectionClaims(account_id="123456789012", region="eu-west-1")

Signer = Callable[[bytes], bytes]
any_sign: Any = sign


def decoded(part: str) -> bytes:
    return base64.urlsafe_b64decode(part + "=" * (-len(part) % 4))


def refusal(*positional: object, **given: object) -> InvalidPropertyError:
    with pytest.raises(InvalidPropertyError) as caught:
        any_sign(*positional, **given)
    return caught.value


def test_playback_token_names_no_key(signer: Signer) -> None:
    header, payload, signature = sign(PLAYBACK, signer, now=NOW).split(".")

    assert decoded(header) == b'{"alg":"ES384","typ":"JWT"}'
    assert json.loads(decoded(payload)) == PLAYBACK.payload(NOW)
    assert len(decoded(signature)) == 96


@pytest.mark.parametrize("claims", [PARTICIPANT, CONNECTION], ids=["participant", "connection"])
def test_real_time_token_names_its_key(
    claims: ParticipantClaims | ConnectionClaims, signer: Signer
) -> None:
    header, payload, _ = sign(claims, signer, public_key_arn=KEY, now=NOW).split(".")

    assert decoded(header) == b'{"alg":"ES384","typ":"JWT","kid":"%s"}' % KEY.encode()
    assert json.loads(decoded(payload)) == claims.payload(NOW)


def test_payload_is_utf8_without_blanks(signer: Signer) -> None:
    payload = decoded(sign(PARTICIPANT, signer, public_key_arn=KEY, now=NOW).split(".")[1])

    assert '"user_id":"日本"'.encode() in payload
    assert b" " not in payload


def test_signer_gets_header_and_payload() -> None:
    messages: list[bytes] = []

    def signer(message: bytes) -> bytes:
        messages.append(message)
        return bytes.fromhex("3006020101020102")

    token = sign(PLAYBACK, signer, now=NOW)

    assert messages == [token.rpartition(".")[0].encode()]
    assert decoded(token.rpartition(".")[2]) == bytes(47) + b"\1" + bytes(47) + b"\2"


def test_present_is_the_default(signer: Signer) -> None:
    begun = int(datetime.now(UTC).timestamp())
    payload = json.loads(decoded(sign(PLAYBACK, signer).split(".")[1]))

    assert begun <= payload["exp"] - 300 <= datetime.now(UTC).timestamp()


def test_errors_of_the_signer_come_through() -> None:
    def signer(_message: bytes) -> bytes:
        raise PermissionError("denied")

    with pytest.raises(PermissionError, match=r"^denied$"):
        sign(PLAYBACK, signer)


def test_fails_when_signer_returns_no_signature() -> None:
    assert str(refusal(PLAYBACK, lambda message: message[:5])) == (
        "sign has 1 invalid property:\n"
        "  - signer must return a signature in DER, got 5 bytes of another form; return what AWS "
        "KMS does for ECDSA_SHA_384"
    )


@pytest.mark.parametrize("claims", [PARTICIPANT, CONNECTION], ids=["participant", "connection"])
@pytest.mark.parametrize(
    ("arn", "end"),
    [
        (None, "be a string, got None"),
        (
            "${Token[TOKEN.1]}",
            "be known when the token is made, got a deploy-time value; pass it to the program that "
            "makes tokens in an environment variable",
        ),
        (
            "arn:aws:ivs:123456789012:us-east-1:public-key/abcdefg12345",
            "be an ARN arn:aws:ivs:<region>:<account>:public-key/<id>, got "
            "'arn:aws:ivs:123456789012:us-east-1:public-key/abcdefg12345'",
        ),
        (
            f"{ACCOUNT}:playback-key/abc",
            "be an ARN arn:aws:ivs:<region>:<account>:public-key/<id>, got "
            f"'{ACCOUNT}:playback-key/abc'",
        ),
        (
            f"{ACCOUNT}:public-key/{'a' * 83}",
            "have at most 128 characters, got 129 characters; shorten it by 1",
        ),
    ],
)
def test_fails_when_public_key_arn_is_none(
    claims: Claims, arn: object, end: str, signer: Signer
) -> None:
    error = refusal(claims, signer, public_key_arn=arn)

    assert str(error) == f"sign has 1 invalid property:\n  - public_key_arn must {end}"
    assert error.failures[0].source.endswith("/getting-started-distribute-tokens.html")


def test_public_key_arn_has_up_to_128_characters(signer: Signer) -> None:
    arn = f"{ACCOUNT}:public-key/{'a' * 82}"
    assert len(arn) == 128

    assert sign(PARTICIPANT, signer, public_key_arn=arn)


def test_fails_when_key_of_a_connection_is_in_another_region(signer: Signer) -> None:
    key = KEY.replace("eu-west-1", "us-east-1")

    assert str(refusal(CONNECTION, signer, public_key_arn=key)) == (
        "sign has 1 invalid property:\n"
        "  - public_key_arn must be of the claims' region eu-west-1, got a key in us-east-1; "
        "change one of them"
    )


def test_fails_when_playback_token_names_a_key(signer: Signer) -> None:
    assert str(refusal(PLAYBACK, signer, public_key_arn=KEY)) == (
        "sign has 1 invalid property:\n"
        "  - public_key_arn is for participant and connection tokens, got it with PlaybackClaims; "
        "drop it"
    )


def test_fails_when_claims_are_a_dict(signer: Signer) -> None:
    assert str(refusal({"exp": 1}, signer, public_key_arn=KEY)) == (
        "sign has 1 invalid property:\n"
        "  - claims must be PlaybackClaims, ParticipantClaims or ConnectionClaims, got a value of "
        "type dict"
    )


def test_fails_when_claims_are_a_dict_without_asking_for_a_key(signer: Signer) -> None:
    # Nobody knows which kind of token is meant.
    [failure] = refusal({"exp": 1}, signer).failures

    assert failure.property == "claims"


@pytest.mark.parametrize(("given", "kind"), [("-----BEGIN PRIVATE KEY-----", "str"), (5, "int")])
def test_fails_when_the_signer_is_no_function(given: object, kind: str) -> None:
    # A key in the clear is not repeated.
    assert str(refusal(PLAYBACK, given)) == (
        "sign has 1 invalid property:\n"
        f"  - signer must be a function that takes and returns bytes, got a value of type {kind}; "
        "pass a KmsSigner, or a function of your own that signs with the key"
    )


def test_fails_when_now_is_naive(signer: Signer) -> None:
    assert str(refusal(PLAYBACK, signer, now=NOW.replace(tzinfo=None))) == (
        "PlaybackClaims has 1 invalid property:\n"
        "  - now must have a time zone, got a naive datetime; write datetime.now(UTC)"
    )
