"""Errors name unknown and missing keywords, and suggest the right one."""

from __future__ import annotations

import aws_cdk as cdk
import pytest

from ivs_constructs import (
    AdConfiguration,
    Channel,
    LiveChannel,
    PlaybackKeyPair,
    PlaybackRestrictionPolicy,
    RecordingBucket,
    RecordingConfiguration,
    StreamKey,
)
from tests.constructs.refusals import Make, assert_short_and_ours


@pytest.mark.parametrize(
    ("make", "keyword", "advice"),
    [
        (Channel, "name", "did you mean 'channel_name'?"),
        (Channel, "recording", "did you mean 'recording_configuration'?"),
        (Channel, "private", "write authorized=True"),
        (Channel, "authorised", "did you mean 'authorized'?"),
        (LiveChannel, "name", "did you mean 'channel_name'?"),
        (LiveChannel, "authorized", "write private=True"),
        (
            LiveChannel,
            "max_lifetime",
            "define a PlaybackTokenIssuer with it, and leave out token_issuer",
        ),
        (RecordingBucket, "name", "did you mean 'bucket_name'?"),
    ],
)
def test_unknown_keyword_is_put_right(
    stack: cdk.Stack, make: Make, keyword: str, advice: str
) -> None:
    with pytest.raises(TypeError) as caught:
        make(stack, "It", **{keyword: "x"})

    name = getattr(make, "__name__", "")
    assert str(caught.value) == (
        f"{name}.__init__() got an unexpected keyword argument '{keyword}'; {advice}"
    )


@pytest.mark.parametrize(
    ("make", "keyword"),
    [
        (Channel, "authorised"),
        (Channel, "channelName"),
        (Channel, "latencyMode"),
        (StreamKey, "stream_key_name"),
        (RecordingConfiguration, "recordingReconnectWindow"),
        (RecordingBucket, "bucketName"),
        (PlaybackKeyPair, "publicKeyMaterial"),
        (PlaybackRestrictionPolicy, "allowedCountries"),
        (AdConfiguration, "name"),
        (LiveChannel, "authorized"),
    ],
)
def test_unknown_keyword_is_named(stack: cdk.Stack, make: Make, keyword: str) -> None:
    with pytest.raises(TypeError, match=f"unexpected keyword argument '{keyword}'") as caught:
        make(stack, "It", **{keyword: "x"})

    assert_short_and_ours(caught.value)
    assert stack.node.try_find_child("It") is None


@pytest.mark.parametrize(
    ("make", "keyword"),
    [
        (StreamKey, "channel"),
        (AdConfiguration, "media_tailor_playback_configurations"),
    ],
)
def test_missing_keyword_is_named(stack: cdk.Stack, make: Make, keyword: str) -> None:
    with pytest.raises(TypeError, match=f"'{keyword}'"):
        make(stack, "It")
