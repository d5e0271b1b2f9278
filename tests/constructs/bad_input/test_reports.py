"""How an error reads: its order, its path and its advice."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import aws_cdk as cdk
import pytest
from constructs import Construct

from ivs_constructs import (
    Channel,
    LiveChannel,
    PlaybackKeyPair,
    RecordingConfiguration,
    StreamKey,
)
from tests.constructs.refusals import Make, refused, report
from tests.public_keys import P384


def test_failures_come_in_the_same_order_however_they_are_written(stack: cdk.Stack) -> None:
    one = refused(Channel, stack, type="X", latency_mode="Y", channel_name="!")
    other = refused(Channel, stack, channel_name="!", latency_mode="Y", type="X")

    assert str(one) == str(other)


def test_failure_names_the_path_inside_other_constructs(stack: cdk.Stack) -> None:
    inner = Construct(Construct(stack, "Outer"), "Inner")

    assert str(refused(Channel, inner, channel_name="!")) == report(
        "Channel",
        "channel_name must have only letters, digits, - and _, got '!'; drop '!'",
        path="Stack/Outer/Inner/It",
    )


@pytest.mark.parametrize(
    ("make", "options", "message"),
    [
        (
            StreamKey,
            lambda stack: {"channel": LiveChannel(stack, "Live", stream_key=False)},
            "channel must be a Channel, got <ivs_constructs.LiveChannel 'Stack/Live'> "
            "(LiveChannel); pass its attribute channel",
        ),
        (
            StreamKey,
            lambda _: {"channel": Channel},
            "channel must be a Channel, got the class Channel; make an instance of it and "
            "pass that",
        ),
        (
            RecordingConfiguration,
            lambda _: {"bucket": "arn:aws:s3:::talks"},
            "bucket must be an S3 bucket, got the string 'arn:aws:s3:::talks'; import it with "
            "aws_s3.Bucket.from_bucket_arn(self, 'Imported', 'arn:aws:s3:::talks')",
        ),
        (
            PlaybackKeyPair,
            lambda _: {"public_key_material": P384.replace("\n", "\\n")},
            "public_key_material must have line breaks, got \\n as two characters, as environment "
            "variables have it; add .replace('\\\\n', '\\n')",
        ),
        (
            PlaybackKeyPair,
            lambda _: {"public_key_material": Path("public.pem")},
            "public_key_material must be a string, got a value of type PosixPath; pass its "
            "content with .read_text()",
        ),
        (
            LiveChannel,
            lambda _: {"recording": "yes"},
            "recording must be True, False or a RecordingConfiguration, got 'yes'; write True",
        ),
        (
            LiveChannel,
            lambda _: {"stream_key": "no"},
            "stream_key must be True, False or a StreamKey, got 'no'; write False",
        ),
    ],
    ids=["bundle", "class", "bucket ARN", "escaped PEM", "path", "recording", "stream key"],
)
def test_beginner_is_told_what_to_do(
    stack: cdk.Stack, make: Make, options: Callable[[cdk.Stack], dict[str, Any]], message: str
) -> None:
    assert str(refused(make, stack, **options(stack))) == report(make.__name__, message)
