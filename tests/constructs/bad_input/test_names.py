"""Names, of every construct that has one."""

from __future__ import annotations

import aws_cdk as cdk
import pytest

from ivs_constructs import (
    AdConfiguration,
    Channel,
    FailoverSlateConfiguration,
    PlaybackKeyPair,
    PlaybackRestrictionPolicy,
    RecordingConfiguration,
)
from tests.constructs.deploy_time import Tokens, text_token
from tests.constructs.refusals import Make, defined, found, refused, report

NAMES = [
    pytest.param(Channel, "channel_name", id="channel"),
    pytest.param(RecordingConfiguration, "recording_configuration_name", id="recording"),
    pytest.param(PlaybackKeyPair, "playback_key_pair_name", id="key pair"),
    pytest.param(PlaybackRestrictionPolicy, "playback_restriction_policy_name", id="policy"),
    pytest.param(
        FailoverSlateConfiguration, "failover_slate_configuration_name", id="failover slate"
    ),
    pytest.param(AdConfiguration, "ad_configuration_name", id="ads"),
]


@pytest.mark.parametrize(("make", "prop"), NAMES)
@pytest.mark.parametrize(
    ("name", "message", "code"),
    [
        ("a" * 129, "at most 128 characters, got 129 characters; shorten it by 1", "length"),
        ("my channel!", "only letters, digits, - and _, got 'my channel!'; drop ' !'", "pattern"),
        ("größe", "only letters, digits, - and _, got 'größe'; drop 'öß'", "pattern"),
        ("a\n", r"only letters, digits, - and _, got 'a\n'; drop '\n'", "pattern"),
    ],
)
def test_name_refuses(
    stack: cdk.Stack, make: Make, prop: str, name: str, message: str, code: str
) -> None:
    error = refused(make, stack, **{prop: name})

    assert str(error) == report(make.__name__, f"{prop} must have {message}")
    assert found(error) == [(prop, code)]


@pytest.mark.parametrize(("make", "prop"), NAMES)
@pytest.mark.parametrize(
    ("name", "got"),
    [
        (5, "5 (int); write '5'"),
        (True, "True (bool); write 'true'"),
        (b"main", "b'main' (bytes); pass its text with .decode()"),
        (["a"], "['a'] (list)"),
    ],
)
def test_name_refuses_what_is_no_text(
    stack: cdk.Stack, make: Make, prop: str, name: object, got: str
) -> None:
    error = refused(make, stack, **{prop: name})

    assert str(error) == report(make.__name__, f"{prop} must be a string, got {got}")
    assert found(error) == [(prop, "type")]


@pytest.mark.parametrize(("make", "prop"), NAMES[:-1])
@pytest.mark.parametrize("length", [0, 1, 127, 128])
def test_name_accepts_lengths(stack: cdk.Stack, make: Make, prop: str, length: int) -> None:
    defined(make, stack, **{prop: "a" * length})


@pytest.mark.parametrize(
    "token",
    [
        text_token,
        lambda stack: f"live-{text_token(stack)}!",
        lambda _: cdk.Fn.import_value("Name"),
        lambda _: cdk.Fn.select(0, cdk.Fn.split(",", cdk.Fn.ref("AWS::StackName"))),
        lambda _: cdk.Aws.STACK_NAME * 9,
        lambda _: cdk.Token.as_string({"Ref": "AWS::StackName"}),
    ],
)
def test_name_leaves_tokens_unjudged(stack: cdk.Stack, token: Tokens) -> None:
    assert defined(Channel, stack, channel_name=token(stack)).channel_name


def test_parameter_itself_is_no_text(stack: cdk.Stack) -> None:
    error = refused(Channel, stack, channel_name=cdk.CfnParameter(stack, "Name"))

    assert str(error) == report(
        "Channel",
        "channel_name must be a string, got a deploy-time value (object); pass its attribute "
        "value_as_string",
    )


@pytest.mark.parametrize(("make", "prop"), NAMES)
def test_name_is_not_generated_if_needed(stack: cdk.Stack, make: Make, prop: str) -> None:
    error = refused(make, stack, **{prop: cdk.PhysicalName.GENERATE_IF_NEEDED})

    assert str(error) == report(
        make.__name__,
        f"{prop} must not be PhysicalName.GENERATE_IF_NEEDED, because no ARN of Amazon IVS "
        "contains a name; omit it, or write a name",
    )
