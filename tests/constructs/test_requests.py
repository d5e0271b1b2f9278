"""How many requests to Node a construct takes, which is what synthesis time is made of."""

from collections.abc import Callable
from importlib import import_module
from typing import Any

import aws_cdk as cdk
import pytest
from aws_cdk import aws_s3

import ivs_constructs as ivs
from tests.public_keys import P384


@pytest.fixture
def requests(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The kinds of the requests that were sent."""
    process: Any = import_module("jsii._kernel.providers.process")
    send = process._NodeProcess.send
    sent: list[str] = []

    def note(self: object, request: object, response_type: object) -> object:
        sent.append(type(request).__name__)
        return send(self, request, response_type)

    monkeypatch.setattr(process._NodeProcess, "send", note)
    return sent


def write_parts(stack: cdk.Stack, number: int) -> None:
    bucket = aws_s3.Bucket(stack, f"Bucket{number}")
    recording = ivs.RecordingConfiguration(
        stack,
        f"Recording{number}",
        bucket=bucket,
        thumbnail_configuration=ivs.ThumbnailConfiguration.interval(
            target_interval=cdk.Duration.seconds(30)
        ),
    )
    ivs.PlaybackRestrictionPolicy(stack, f"Policy{number}", allowed_countries=["DE"])
    channel = ivs.Channel(
        stack, f"Channel{number}", channel_name="talks", recording_configuration=recording
    )
    ivs.StreamKey(stack, f"Key{number}", channel=channel)


def test_one_more_bundle_in_parts(stack: cdk.Stack, requests: list[str]) -> None:
    write_parts(stack, 0)
    requests.clear()
    write_parts(stack, 1)

    # The user's bucket and Duration (2); its length and the bucket's name (2); a Resource and an L1
    # type for each of four (8); the ARNs that one part names another by (2).
    assert len(requests) == 14


@pytest.mark.parametrize(
    "make",
    [ivs.Stage, ivs.EncoderConfiguration, ivs.FailoverSlateConfiguration],
)
def test_one_more_custom_resource(
    stack: cdk.Stack, requests: list[str], make: Callable[[cdk.Stack, str], object]
) -> None:
    make(stack, "First")
    requests.clear()
    make(stack, "Second")

    assert len(requests) <= 7


def test_same_key_is_told_of_once(stack: cdk.Stack, requests: list[str]) -> None:
    for number in range(2):
        ivs.PlaybackKeyPair(stack, f"Key{number}", public_key_material=P384)
    requests.clear()
    ivs.PlaybackKeyPair(stack, "Key2", public_key_material=P384)
    assert len(requests) == 2


def test_nothing_more_is_asked_once_there_are_too_many(
    stack: cdk.Stack, requests: list[str]
) -> None:
    bucket = aws_s3.Bucket(stack, "Bucket")
    asked = []
    for number in range(24):
        requests.clear()
        ivs.RecordingConfiguration(stack, f"Recording{number}", bucket=bucket)
        asked.append(len(requests))

    # The 21st is the first that an account may not have, and gets a warning.
    assert asked[20] > asked[19]
    assert asked[19] == asked[21] == asked[23]
