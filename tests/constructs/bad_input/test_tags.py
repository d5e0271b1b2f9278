"""Tags, of every construct that takes them."""

from __future__ import annotations

import aws_cdk as cdk
import pytest

from ivs_constructs import (
    Channel,
    LiveChannel,
    PlaybackKeyPair,
    PlaybackRestrictionPolicy,
    RecordingConfiguration,
)
from tests.constructs.deploy_time import text_token
from tests.constructs.refusals import Make, defined, found, refused, rendered, report


@pytest.mark.parametrize(
    "make",
    [Channel, RecordingConfiguration, PlaybackKeyPair, PlaybackRestrictionPolicy, LiveChannel],
)
@pytest.mark.parametrize(
    ("tags", "message", "code"),
    [
        (
            {f"key{n}": "value" for n in range(51)},
            "must have at most 50 entries, got 51; drop 1",
            "items",
        ),
        (
            {"": "v"},
            "must have a key of 1-128 characters, got 0 characters as key; lengthen it",
            "length",
        ),
        (
            {"k" * 129: "v"},
            "must have a key of 1-128 characters, got 129 characters as key; shorten it",
            "length",
        ),
        (
            {"k": "v" * 257},
            "must have a value of 0-256 characters, got 257 characters as value of 'k'; shorten it",
            "length",
        ),
        (
            {"aws:k": "v"},
            "must not have keys that start with aws:, got 'aws:k'; rename it",
            "tag-prefix",
        ),
        # A fleet deletes what has its tag.
        (
            {"IVS-constructs:fleet": "Rooms"},
            "must not have keys that start with ivs-constructs:, which are reserved for this "
            "library, got 'IVS-constructs:fleet'; rename it",
            "tag-prefix",
        ),
        (
            {"k": "a&b"},
            "must hold only letters, digits, spaces and _ . : / = + - @, got '&' in value of 'k'; "
            "drop it",
            "pattern",
        ),
        ({"k": 5}, "must hold strings, got 5 (int) as value of 'k'; write '5'", "type"),
        (
            ["k"],
            "must be a dict of strings, such as {'team': 'video'}, got ['k'] (list)",
            "type",
        ),
    ],
    ids=["51", "key 0", "key 129", "value 257", "aws:", "reserved", "character", "number", "list"],
)
def test_tags_are_refused(
    stack: cdk.Stack, make: Make, tags: object, message: str, code: str
) -> None:
    error = refused(make, stack, tags=tags)

    assert str(error) == report(make.__name__, f"tags {message}")
    assert found(error) == [("tags", code)]


def test_tags_render_edges_and_tokens(stack: cdk.Stack) -> None:
    text = text_token(stack)
    many = {f"key{n:02}": "" for n in range(48)}

    defined(Channel, stack, channel_name="n", tags={**many, text: "v" * 256, "k" * 128: text})

    # In the order that the AWS CDK gives them.
    tags = rendered(stack, "AWS::IVS::Channel")["Tags"]
    assert {"Key": {"Ref": "Text"}, "Value": "v" * 256} in tags
    assert {"Key": "k" * 128, "Value": {"Ref": "Text"}} in tags
    assert {"Key": "key47", "Value": ""} in tags
    assert len(tags) == 50
