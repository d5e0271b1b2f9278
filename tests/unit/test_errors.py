"""Each error has its code and its base classes."""

from __future__ import annotations

import pickle
from collections.abc import Callable

import pytest

from ivs_constructs import (
    ApiCall,
    InvalidPropertyError,
    InvalidScopeError,
    IvsConstructsError,
    MissingNodeError,
    SecretAttributeError,
    UnknownAttributeError,
    UnsupportedError,
)
from ivs_constructs.fleets.client import FleetRefusedError
from ivs_constructs.operate.grants import StreamKeyGrants
from ivs_constructs.tokens import PlaybackClaims


@pytest.mark.parametrize(
    ("error", "code", "bases"),
    [
        (IvsConstructsError, "Error", (ValueError,)),
        (InvalidPropertyError, "InvalidProperty", (IvsConstructsError,)),
        (InvalidScopeError, "InvalidScope", (IvsConstructsError, TypeError)),
        (UnsupportedError, "Unsupported", (IvsConstructsError,)),
        (SecretAttributeError, "SecretAttribute", (IvsConstructsError, AttributeError)),
        (UnknownAttributeError, "UnknownAttribute", (IvsConstructsError, AttributeError)),
        (MissingNodeError, "MissingNode", (IvsConstructsError,)),
    ],
)
def test_error_has_its_code_and_bases(
    error: type[IvsConstructsError], code: str, bases: tuple[type[Exception], ...]
) -> None:
    assert error.code == code
    assert error.__bases__ == bases


STREAM_KEY = "arn:aws:ivs:us-east-1:123456789012:stream-key/AbCdEfGhIjKl"


def raised(make: Callable[[], object], error: type[Exception]) -> Exception:
    with pytest.raises(error) as caught:
        make()
    return caught.value


@pytest.mark.parametrize(
    "error",
    [
        raised(lambda: PlaybackClaims(channel_arn="here", viewer_id=""), InvalidPropertyError),
        InvalidScopeError("scope"),
        FleetRefusedError({"code": "Full", "message": "size must be at most 2", "size": 2}),
        raised(lambda: StreamKeyGrants(STREAM_KEY).colour, AttributeError),  # type: ignore[attr-defined]
    ],
    ids=lambda error: type(error).__name__,
)
def test_errors_reach_another_process(error: Exception) -> None:
    # As multiprocessing passes them on: what cannot be unpickled breaks the pool.
    passed = pickle.loads(pickle.dumps(error))  # noqa: S301 (what was just pickled)

    assert str(passed) == str(error)
    assert isinstance(passed, type(error)) or type(error).__qualname__ == "AttributeError"
    for name in ("path", "failures", "code", "refusal"):
        assert getattr(passed, name, None) == getattr(error, name, None)


KEY = "sk_eu-west-1_AbCdEfGhIjKl"
PEM = "-----BEGIN EC PRIVATE KEY-----\nMIGkAgEBBDAbCdEf\n-----END EC PRIVATE KEY-----\n"


@pytest.mark.parametrize(
    "make",
    [
        lambda: StreamKeyGrants(KEY),
        lambda: StreamKeyGrants(f"rtmps://a.example/app/{KEY}"),
        lambda: ApiCall("ivs", "GetStreamKey", arn=KEY),
        lambda: ApiCall("ivs", "GetStreamKey", arn=[KEY]),
        lambda: ApiCall("ivs-realtime", "ImportPublicKey", public_key_material=PEM),
        lambda: ApiCall("ivs", "ImportPlaybackKeyPair", public_key_material=PEM, name=PEM),
        lambda: PlaybackClaims(channel_arn=KEY),
    ],
)
def test_messages_repeat_no_secret(make: Callable[[], object]) -> None:
    with pytest.raises(InvalidPropertyError) as caught:
        make()

    assert "AbCdEf" not in str(caught.value)
    assert "got" in str(caught.value)
