"""What wrong names of `ivs_constructs.tokens` and of the fleets' client are answered."""

from __future__ import annotations

import sys
from collections.abc import Callable
from typing import Any

import pytest

from ivs_constructs import tokens
from ivs_constructs.fleets.client import FleetClient

SLIPS: Any = tokens
"""Type checkers find these slips too."""


class Lambda:
    """Has what a boto3 client has."""

    def invoke(self) -> None:
        raise NotImplementedError


CLIENT: Any = FleetClient("rooms", client=Lambda())


@pytest.mark.parametrize(
    ("call", "message"),
    [
        # Names of claims, of the AWS SDKs, and of the constructs.
        (lambda: SLIPS.PlaybackClaims(**{"aws:channel-arn": "a"}), "; write channel_arn=..."),
        (lambda: SLIPS.PlaybackClaims(channelArn="a"), "; did you mean 'channel_arn'?"),
        (lambda: SLIPS.PlaybackClaims(exp=1), "; write expires_in=timedelta(minutes=...)"),
        (
            lambda: SLIPS.PlaybackClaims(allowed_origins=[]),
            "; write access_control_allow_origin=[...]",
        ),
        (lambda: SLIPS.ParticipantClaims(stageArn="a"), "; did you mean 'stage_arn'?"),
        (lambda: SLIPS.ParticipantClaims(jti="a"), "; write participant_id=..."),
        (lambda: SLIPS.ParticipantClaims(duration=5), "; write expires_in=timedelta(minutes=...)"),
        (lambda: SLIPS.ConnectionClaims(jti="a"), "; write token_id=..."),
        (lambda: SLIPS.KmsSigner(key_arn="a"), "; write key_id=..."),
        (
            lambda: SLIPS.sign(None, private_key="a"),
            "; write signer=KmsSigner(key_id), or a function of your own",
        ),
        (lambda: SLIPS.verify("a", public_key="b"), "; write public_key_material=..."),
        (lambda: SLIPS.viewer_id_of(user="a"), "; it takes name"),
        # Missing and surplus arguments.
        (
            lambda: SLIPS.ParticipantClaims(),
            "'stage_arn'; write ParticipantClaims(stage_arn=..., events_url=..., whip_url=...)",
        ),
        (
            lambda: SLIPS.PlaybackClaims("arn"),
            "too many positional arguments; write PlaybackClaims(channel_arn=...)",
        ),
        (lambda: SLIPS.sign(), "'claims'; write sign(claims=..., signer=...)"),
        # The client of fleets.
        (lambda: FleetClient(functionName="rooms"), "; did you mean 'function_name'?"),  # type: ignore[call-arg]  # the mistake
        (lambda: CLIENT.acquire(room="a"), "; it takes key"),
        (lambda: CLIENT.release("a"), "; write FleetClient.release(key=..., arn=...)"),
        (lambda: CLIENT.release("a", "b", stop=True), "; write force=True"),
        (lambda: CLIENT.token("a", user_id="b"), "user_id is no field of a request; write userId"),
        (lambda: CLIENT.token("a", expires_in=5), "; write expiresInSeconds, in seconds"),
        (lambda: CLIENT.token("a", capabilites=[]), "; did you mean 'capabilities'?"),
        (lambda: CLIENT.token("a", stageArn="b"), "; drop it: the key names the member"),
    ],
)
def test_argument(call: Callable[[], object], message: str) -> None:
    with pytest.raises(TypeError) as error:
        call()
    assert str(error.value).endswith(message)
    assert error.value.__context__ is None or error.value.__suppress_context__


@pytest.mark.parametrize(
    ("name", "advice"),
    [
        ("resetStreamKey", "; did you mean 'reset_stream_key'?"),
        ("create_stage", "; call acquire(key)"),
        (
            "stop_stream",
            "; call StopStream of boto3.client('ivs') with the arn that get(key) returns",
        ),
    ],
)
def test_attribute_of_the_client(name: str, advice: str) -> None:
    with pytest.raises(AttributeError) as error:
        getattr(CLIENT, name)
    assert str(error.value).endswith(advice)


def test_name_of_the_package() -> None:
    with pytest.raises(AttributeError, match="; did you mean 'ParticipantClaims'"):
        SLIPS.ParticipantClaim  # noqa: B018 (the mistake)
    with pytest.raises(ImportError, match="; did you mean 'ParticipantClaims'"):
        exec("from ivs_constructs.tokens import ParticipantClaim")  # noqa: S102 (the mistake)


def test_error_inside_stays_as_it_is() -> None:
    def signer(_: bytes) -> bytes:
        raise TypeError("the signer failed")

    claims = tokens.PlaybackClaims(channel_arn="arn:aws:ivs:eu-west-1:123456789012:channel/a")
    with pytest.raises(TypeError, match=r"\Athe signer failed\Z"):
        tokens.sign(claims, signer)


def test_package_that_is_shipped_alone_says_what_python_says(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setitem(sys.modules, "ivs_constructs._core.token_names", None)
    with pytest.raises(TypeError, match=r"unexpected keyword argument 'channelArn'\Z"):
        SLIPS.PlaybackClaims(channelArn="a", channel_arn="a")
