"""Scopes and construct IDs, of every construct; a refused construct leaves its ID free."""

from __future__ import annotations

from pathlib import Path

import aws_cdk as cdk
import pytest
from constructs import Construct

from ivs_constructs import (
    AdConfiguration,
    Channel,
    ChannelAssociations,
    FailoverSlateConfiguration,
    InvalidScopeError,
    IvsConstructsError,
    LiveChannel,
    PlaybackKeyPair,
    PlaybackRestrictionPolicy,
    RecordingBucket,
    RecordingConfiguration,
    StreamKey,
)
from tests.constructs.deploy_time import text_token
from tests.constructs.refusals import NEEDED, Make, assert_short_and_ours, defined
from tests.public_keys import P384


@pytest.mark.parametrize(
    ("make", "wrong", "right"),
    [
        (Channel, {"type": "GOLD"}, {"type": "BASIC"}),
        (RecordingConfiguration, {"bucket": "b"}, {}),
        (RecordingBucket, {"bucket_name": "B"}, {"bucket_name": "bbb"}),
        (PlaybackKeyPair, {"public_key_material": "k"}, {"public_key_material": P384}),
        (PlaybackRestrictionPolicy, {"allowed_countries": ["uk"]}, {"allowed_countries": ["GB"]}),
        (LiveChannel, {"type": "GOLD"}, {"type": "BASIC"}),
        (LiveChannel, {"bucket": "b"}, {}),
        (LiveChannel, {"recording": "b"}, {}),
        (LiveChannel, {"channel": "c"}, {}),
        (Channel, {"channel_name": Path("n")}, {}),
        (Channel, {"channel_name": cdk.Fn.condition_if("C", "a", "b")}, {}),
    ],
)
def test_id_can_be_used_again_after_a_failure(
    stack: cdk.Stack, make: Make, wrong: dict[str, object], right: dict[str, object]
) -> None:
    with pytest.raises(IvsConstructsError):
        defined(make, stack, **wrong)

    defined(make, stack, **right)


CONSTRUCTS: list[Make] = [
    Channel,
    StreamKey,
    RecordingConfiguration,
    RecordingBucket,
    PlaybackKeyPair,
    PlaybackRestrictionPolicy,
    AdConfiguration,
    FailoverSlateConfiguration,
    ChannelAssociations,
    LiveChannel,
]


def scope_error(make: Make, scope: object, id: object) -> str:
    needed: dict[str, object] = {"channel": None} if make is StreamKey else NEEDED.get(make, {})
    with pytest.raises(InvalidScopeError) as caught:
        make(scope, id, **needed)
    assert_short_and_ours(caught.value)
    assert isinstance(caught.value, TypeError)
    assert isinstance(caught.value, ValueError)
    return str(caught.value)


@pytest.mark.parametrize("make", CONSTRUCTS)
@pytest.mark.parametrize(
    ("scope", "got"),
    [
        (None, "None"),
        ("Stack", "'Stack'"),
        (5, "5 (int)"),
        (cdk.Stack, "<class 'aws_cdk.Stack'> (JSIIMeta)"),
    ],
)
def test_scope_refuses_what_is_no_construct(make: Make, scope: object, got: str) -> None:
    assert scope_error(make, scope, "It") == (
        f"{make.__name__}: scope must be a construct inside a stack (usually self), got {got}"
    )


@pytest.mark.parametrize("make", CONSTRUCTS)
def test_scope_refuses_an_app_and_a_stage(app: cdk.App, make: Make) -> None:
    advice = "make a Stack in it and define the construct there"

    assert scope_error(make, app, "It") == (
        f"{make.__name__} 'It': scope must be inside a stack, got App; {advice}"
    )
    assert scope_error(make, cdk.Stage(app, "Stage"), "It") == (
        f"{make.__name__} 'It': scope must be inside a stack, got Stage; {advice}"
    )


@pytest.mark.parametrize("make", CONSTRUCTS)
def test_scope_refuses_a_construct_outside_of_stacks(app: cdk.App, make: Make) -> None:
    message = scope_error(make, Construct(app, "Group"), "It")

    assert message.startswith(f"{make.__name__} 'It': scope must be inside a stack, got ")


@pytest.mark.parametrize("make", CONSTRUCTS)
@pytest.mark.parametrize(
    ("id", "got"), [("", "''"), (None, "None"), (5, "5 (int)"), (["It"], "['It'] (list)")]
)
def test_id_must_be_a_text(stack: cdk.Stack, make: Make, id: object, got: str) -> None:
    assert scope_error(make, stack, id) == (
        f"{make.__name__}: id must be a non-empty string, got {got}"
    )


def test_id_must_be_known(stack: cdk.Stack) -> None:
    # The AWS CDK finds that out at synth, far from the line that wrote it.
    assert scope_error(Channel, stack, text_token(stack)).startswith("Channel: id must be ")


@pytest.mark.parametrize("make", [Channel, RecordingBucket, LiveChannel])
def test_id_that_is_taken_is_refused_in_python(stack: cdk.Stack, make: Make) -> None:
    defined(Channel, stack)

    with pytest.raises(IvsConstructsError, match=r"\bIt\b") as caught:
        defined(make, stack)

    assert_short_and_ours(caught.value)
