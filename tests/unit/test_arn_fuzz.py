"""The judge of ARNs, whatever it is given: an error of this library, or an ARN of one channel."""

from __future__ import annotations

import re

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from ivs_constructs import InvalidPropertyError
from ivs_constructs.operate.grants import ChannelGrants

CHANNEL = "arn:aws:ivs:us-west-2:123456789012:channel/AbCdEfGhIjKl"
PARTS = CHANNEL.split(":")
FORM = re.compile(r"arn:aws[a-z-]*:ivs:[a-z0-9-]+:[0-9]+:channel/[A-Za-z0-9_-]+")

PLACES = ("", "*", "?", "arn", "aws", "aws-cn", "AWS", "ivs", "s3", "us-west-2", "us-*", "12345")
RESOURCES = (
    "channel/a",
    "channel/*",
    "channel/",
    "channel",
    "stage/a",
    "channel/a/b",
    "channel/a*",
)
STRANGE = ("channel/a\n", "channel/\u0430", "\uff11" * 12, " ", "channel/a:b", "\x00")

pieces = st.sampled_from((*PLACES, *RESOURCES, *STRANGE))


@st.composite
def arns(draw: st.DrawFn) -> str:
    """An ARN some parts of which are others, or are missing, or are there twice."""
    parts = [draw(pieces) if draw(st.booleans()) else part for part in PARTS]
    for _ in range(draw(st.integers(0, 2))):
        index = draw(st.integers(0, len(parts) - 1))
        parts[index : index + 1] = draw(st.lists(pieces, max_size=2))
        parts = parts or [""]
    return ":".join(parts)


@settings(max_examples=1500)
@given(arns() | st.text())
@example(CHANNEL)
@example(f"{CHANNEL}\n")
@example("arn:aws:ivs:us-west-2:123456789012:channel/*")
def test_what_passes_names_one_channel(text: str) -> None:
    try:
        ChannelGrants(text)
    except InvalidPropertyError:
        return
    assert FORM.fullmatch(text), text


@pytest.mark.parametrize("text", ["${Token[", "#{Token[*", "${Token[a.1]}:", "${Token[a.1]}*"])
def test_long_text_takes_linear_time(text: str) -> None:
    # So long that the test would not end in quadratic time.
    with pytest.raises(InvalidPropertyError):
        ChannelGrants(f"arn:{text * 500_000}")
