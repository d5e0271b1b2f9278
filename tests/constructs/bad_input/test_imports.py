"""What imports refuse: ARNs, IDs and unknown attributes."""

from __future__ import annotations

import aws_cdk as cdk
import pytest

from ivs_constructs import (
    AdConfiguration,
    Channel,
    FailoverSlateConfiguration,
    InvalidPropertyError,
    InvalidScopeError,
    PlaybackKeyPair,
    PlaybackRestrictionPolicy,
    RecordingConfiguration,
    StreamKey,
    UnknownAttributeError,
)
from tests.constructs.deploy_time import text_token
from tests.constructs.refusals import CHANNEL_ARN, Make, assert_short_and_ours, found, report

IMPORTS = [
    pytest.param(Channel.from_channel_arn, "Channel", "channel_arn", "channel", id="channel"),
    pytest.param(
        StreamKey.from_stream_key_arn, "StreamKey", "stream_key_arn", "stream-key", id="stream key"
    ),
    pytest.param(
        RecordingConfiguration.from_arn,
        "RecordingConfiguration",
        "recording_configuration_arn",
        "recording-configuration",
        id="recording",
    ),
    pytest.param(
        PlaybackKeyPair.from_playback_key_pair_arn,
        "PlaybackKeyPair",
        "playback_key_pair_arn",
        "playback-key",
        id="key pair",
    ),
    pytest.param(
        PlaybackRestrictionPolicy.from_playback_restriction_policy_arn,
        "PlaybackRestrictionPolicy",
        "playback_restriction_policy_arn",
        "playback-restriction-policy",
        id="policy",
    ),
    pytest.param(
        AdConfiguration.from_ad_configuration_arn,
        "AdConfiguration",
        "ad_configuration_arn",
        "ad-configuration",
        id="ads",
    ),
    pytest.param(
        FailoverSlateConfiguration.from_failover_slate_configuration_arn,
        "FailoverSlateConfiguration",
        "failover_slate_configuration_arn",
        "failover-slate-configuration",
        id="failover slate",
    ),
]


@pytest.mark.parametrize(("make", "subject", "prop", "arn_type"), IMPORTS)
@pytest.mark.parametrize(
    ("arn", "got"),
    [
        ("", "''"),
        ("AbCdEfGhIjKl", "'AbCdEfGhIjKl'; that is only the id, write the whole ARN"),
        (
            "arn:aws:ivs:us-east-1:111111111111:stage/AbC",
            "'arn:aws:ivs:us-east-1:111111111111:stage/AbC'; that is a stage",
        ),
        ("arn:aws:ivs:us-east-1:111111111111:{}/", None),
        ("arn:aws:ivs:us-east-1:111111111111:{}/a_b", None),
        ("arn:aws:ivs:us-east-1:111111111111:{}/abc\n", None),
        ("arn:aws:ivs::111111111111:{}/abc", None),
        ("arn:aws:ivs:us-east-1::{}/abc", None),
        ("arn:aws:ivschat:us-east-1:111111111111:{}/abc", None),
        (None, "None"),
        (5, "5 (int)"),
        (["arn"], "['arn'] (list)"),
    ],
)
def test_import_refuses_another_arn(
    stack: cdk.Stack,
    make: Make,
    subject: str,
    prop: str,
    arn_type: str,
    arn: object,
    got: str | None,
) -> None:
    if isinstance(arn, str):
        arn = arn.format(arn_type)
    with pytest.raises(InvalidPropertyError) as caught:
        make(stack, "It", arn)

    assert_short_and_ours(caught.value)
    assert stack.node.try_find_child("It") is None
    shown = got if got is not None else repr(arn)
    shown = shown if len(shown) <= 80 or got is not None else f"{shown[:80]}…"
    if isinstance(arn, str) and arn != arn.strip():
        shown += "; drop the whitespace around it"
    elif isinstance(arn, str) and arn.startswith("arn:aws:ivschat:"):
        shown += "; that is an ARN of the service ivschat, not of ivs"
    assert str(caught.value) == report(
        subject,
        f"{prop} must be arn:<partition>:ivs:<region>:<account>:{arn_type}/<id>, got {shown}",
    )
    assert found(caught.value) == [(prop, "arn")]


@pytest.mark.parametrize(("make", "subject", "prop", "arn_type"), IMPORTS)
@pytest.mark.parametrize(
    "arn",
    [
        "arn:aws:ivs:us-east-1:111111111111:{}/AbCdEfGhIjKl",
        "arn:aws-cn:ivs:cn-north-1:111111111111:{}/a-b",
    ],
)
def test_import_accepts_its_arn(
    stack: cdk.Stack, make: Make, subject: str, prop: str, arn_type: str, arn: str
) -> None:
    imported = make(stack, "It", arn.format(arn_type))

    assert getattr(imported, prop) == arn.format(arn_type)
    assert subject in repr(imported)


@pytest.mark.parametrize(("make", "subject", "prop", "arn_type"), IMPORTS)
def test_import_leaves_tokens_unjudged(
    stack: cdk.Stack, make: Make, subject: str, prop: str, arn_type: str
) -> None:
    text = text_token(stack)

    for number, arn in enumerate(
        [text, f"arn:aws:ivs:{text}:{arn_type}", cdk.Fn.import_value(subject)]
    ):
        assert getattr(make(stack, f"It{number}", arn), prop) == arn


@pytest.mark.parametrize(
    ("value", "message", "code"),
    [
        ("a/b", "must have only letters, digits and -, got 'a/b'; drop '/'", "pattern"),
        (5, "must be a string, got 5 (int); write '5'", "type"),
        (None, "must be a string, got None", "type"),
    ],
)
def test_import_refuses_another_id(
    stack: cdk.Stack, value: object, message: str, code: str
) -> None:
    with pytest.raises(InvalidPropertyError) as caught:
        RecordingConfiguration.from_recording_configuration_id(stack, "It", value)  # type: ignore[arg-type]  # the point

    assert str(caught.value) == report(
        "RecordingConfiguration", f"recording_configuration_id {message}"
    )
    assert found(caught.value) == [("recording_configuration_id", code)]
    assert stack.node.try_find_child("It") is None


def test_import_refuses_an_empty_id(stack: cdk.Stack) -> None:
    with pytest.raises(InvalidPropertyError) as caught:
        RecordingConfiguration.from_recording_configuration_id(stack, "It", "")

    # There is nothing that could be dropped.
    assert not caught.value.failures[0].message.endswith("drop ''")


@pytest.mark.parametrize("name", ["channel_playback_url", "channel_ingest_endpoint"])
def test_import_names_the_way_to_an_unknown_attribute(stack: cdk.Stack, name: str) -> None:
    channel = Channel.from_channel_arn(stack, "It", CHANNEL_ARN)

    with pytest.raises(UnknownAttributeError) as caught:
        getattr(channel, name)

    assert str(caught.value) == (
        f"{name} of the imported Channel 'Stack/It' is unknown; pass it to "
        f"Channel.from_channel_attributes(..., {name}=...)"
    )


def test_import_refuses_scopes_and_ids(app: cdk.App, stack: cdk.Stack) -> None:
    make = Channel.from_channel_arn

    for scope, id in [(None, "It"), (app, "It"), (stack, "")]:
        with pytest.raises(InvalidScopeError, match=r"^Channel"):
            make(scope, id, CHANNEL_ARN)  # type: ignore[arg-type]  # the point
