"""Tokens held against PyJWT, ecdsa and the KMS of moto, none of which know this package."""

from __future__ import annotations

import string
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import jwt
import pytest
from cryptography.hazmat.primitives.asymmetric import ec
from hypothesis import given, settings
from hypothesis import strategies as st

from benchmarks.tokens import claims_by_others, tokens_of
from ivs_constructs.enums import MaximumResolution
from ivs_constructs.tokens import (
    AdsReportingMode,
    Capability,
    ConnectionClaims,
    ParticipantClaims,
    PlaybackClaims,
    sign,
    verify,
)

Signer = Callable[[bytes], bytes]

ACCOUNT = "arn:aws:ivs:eu-west-1:123456789012"
KEY = f"{ACCOUNT}:public-key/f99cde61"

few = settings(derandomize=True, database=None, deadline=None, max_examples=40)

texts = st.text(max_size=20).filter(lambda text: "{Token[" not in text)
ids = st.text(string.ascii_letters + string.digits + "-_", min_size=1, max_size=64)
names = st.text(string.ascii_letters + string.digits + "-", min_size=1, max_size=60)
# The seconds that a token can live, up to a limit.
times = st.integers(1, 600).map(lambda seconds: timedelta(seconds=seconds))
presents = st.datetimes(datetime(2020, 1, 1), datetime(2100, 1, 1), timezones=st.just(UTC))
maps = st.none() | st.dictionaries(texts, texts, min_size=1, max_size=4)

playback_claims = st.builds(
    PlaybackClaims,
    channel_arn=names.map(lambda name: f"{ACCOUNT}:channel/{name}"),
    expires_in=times,
    access_control_allow_origin=st.none()
    | st.lists(st.sampled_from(["https://a.example", "https://*.b.example:8443", "*"]), min_size=1),
    single_use_uuid=st.none() | st.uuids(),
    viewer_id=texts.filter(bool),
    viewer_session_version=st.none() | st.integers(0, 2**63 - 1),
    maximum_resolution=st.none() | st.sampled_from(MaximumResolution),
    ads_playback_config_name=st.none() | names,
    ads_opt_out=st.booleans(),
    ads_player_params=maps,
    ads_reporting_mode=st.none() | st.sampled_from(AdsReportingMode),
)
participant_claims = st.builds(
    ParticipantClaims,
    stage_arn=names.map(lambda name: f"{ACCOUNT}:stage/{name}"),
    events_url=st.just("wss://global.events.live-video.net"),
    whip_url=st.just("https://1a2b3c4d5e6f.global-bm.whip.live-video.net"),
    expires_in=times,
    participant_id=ids,
    user_id=st.none() | texts,
    attributes=maps,
    capabilities=st.sets(st.sampled_from(Capability)),
)
connection_claims = st.builds(
    ConnectionClaims,
    account_id=st.text(string.digits, min_size=12, max_size=12),
    region=st.just("eu-west-1"),
    expires_in=times,
    token_id=ids,
)


def signed(claims: Any, signer: Signer, now: datetime) -> str:  # noqa: ANN401 (any kind)
    if isinstance(claims, PlaybackClaims):
        return sign(claims, signer, now=now)
    return sign(claims, signer, public_key_arn=KEY, now=now)


@few
@given(claims=playback_claims | participant_claims | connection_claims, now=presents)
def test_pyjwt_and_verify_read_what_was_signed(
    claims: PlaybackClaims | ParticipantClaims | ConnectionClaims,
    now: datetime,
    signer: Signer,
    public_key_material: str,
) -> None:
    token = signed(claims, signer, now)

    # The time is made up; whether a token has expired is asked of the other side below.
    options: Any = {"verify_exp": False, "verify_iat": False}
    found = jwt.decode_complete(token, public_key_material, algorithms=["ES384"], options=options)
    assert found["payload"] == claims.payload(now)
    kid = {} if isinstance(claims, PlaybackClaims) else {"kid": KEY}
    assert found["header"] == {"alg": "ES384", "typ": "JWT", **kid}
    assert verify(token, public_key_material, type(claims), now=now) == claims


def test_pyjwt_finds_the_times_in_order(signer: Signer, public_key_material: str) -> None:
    claims = ConnectionClaims(account_id="123456789012", region="eu-west-1")
    token = sign(claims, signer, public_key_arn=KEY)
    late = sign(claims, signer, public_key_arn=KEY, now=datetime.now(UTC) - timedelta(hours=13))

    required: Any = {"require": ["exp", "iat", "jti"]}
    assert jwt.decode(token, public_key_material, algorithms=["ES384"], options=required)
    with pytest.raises(jwt.ExpiredSignatureError):
        jwt.decode(late, public_key_material, algorithms=["ES384"])


@few
@given(payload=st.dictionaries(texts, texts, max_size=3), now=presents)
def test_verify_reads_what_pyjwt_has_signed(
    payload: dict[str, str],
    now: datetime,
    private_key: ec.EllipticCurvePrivateKey,
    public_key_material: str,
) -> None:
    claims = PlaybackClaims(
        channel_arn=f"{ACCOUNT}:channel/AbCdEf", ads_player_params=payload or None
    )
    token = jwt.encode(claims.payload(now), private_key, algorithm="ES384")

    assert verify(token, public_key_material, PlaybackClaims, now=now) == claims


def test_tokens_of_many_keys_verify_with_two_libraries_and_verify() -> None:
    """Of 25 new keys in AWS KMS; of 400 in `python -m benchmarks.tokens`, which takes a while."""
    now = datetime.now(UTC)
    for token, pem, claims in tokens_of(25, now):
        assert claims_by_others(token, pem) == claims.payload(now)
        assert verify(token, pem, type(claims), now=now) == claims
