"""Warnings of more resources than an account may usually have."""

from collections.abc import Callable

import aws_cdk as cdk
import pytest
from aws_cdk.assertions import Annotations, Match

import ivs_constructs as ivs
from ivs_constructs._core import quotas

MAKERS: dict[str, Callable[[cdk.Stack, str], object]] = {
    "Channel": ivs.Channel,
    "EncoderConfiguration": ivs.EncoderConfiguration,
    "IngestConfiguration": ivs.IngestConfiguration,
    "RecordingConfiguration": ivs.RecordingConfiguration,
    "Stage": ivs.Stage,
    "StorageConfiguration": ivs.StorageConfiguration,
}


def warned(stack: cdk.Stack, noun: str) -> list[tuple[str, str]]:
    found = Annotations.from_stack(stack).find_warning("*", Match.string_like_regexp("-quota\\]"))
    return [(each.id, str(each.entry.data)) for each in found if noun in str(each.entry.data)]


def test_every_quota_is_tried() -> None:
    assert MAKERS.keys() == quotas.QUOTAS.keys()


@pytest.mark.parametrize("name", MAKERS)
def test_first_that_is_too_many_is_warned_of(
    app: cdk.App, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    # The great ones are made small: what counts is the edge.
    quota = min(quotas.QUOTAS[name], 5)
    monkeypatch.setitem(quotas.QUOTAS, name, quota)
    env = cdk.Environment(region="us-east-1", account="123456789012")
    stack = cdk.Stack(app, "Stack", env=env)
    for number in range(quota - 1):
        MAKERS[name](stack, f"It{number}")
    beside = cdk.Stack(app, "Beside", env=env)
    MAKERS[name](beside, "Last")
    noun = "".join(f" {c.lower()}" if c.isupper() else c for c in name).strip()
    assert warned(beside, noun) == []

    MAKERS[name](stack, "TooMany")
    MAKERS[name](stack, "More")
    MAKERS[name](cdk.Stack(app, "Elsewhere", env=cdk.Environment(region="eu-west-1")), "It")

    assert warned(stack, noun) == [
        (
            "/Stack/TooMany",
            f"this is {noun} {quota + 1} of the app in its Region and account, and the quota is "
            f"usually {quota}; share one, or request a quota increase "
            f"[ack: ivs-constructs:{noun.replace(' ', '-')}-quota]",
        )
    ]


def test_quotas_as_they_are() -> None:
    stack = cdk.Stack(cdk.App(), "Stack")
    for number in range(6):
        ivs.LiveStage(stack, f"Talk{number}", recording=True)
    for number in range(21):
        ivs.EncoderConfiguration(stack, f"Encoder{number}")

    assert {path for path, _ in warned(stack, "")} == {
        "/Stack/Talk5/StorageConfiguration",
        "/Stack/Encoder20",
    }


def test_what_has_left_the_app_is_forgotten(stack: cdk.Stack) -> None:
    for number in range(5):
        ivs.StorageConfiguration(stack, f"It{number}")
    stack.node.try_remove_child("It0")
    ivs.StorageConfiguration(stack, "Sixth")
    channel = ivs.Channel(stack, "Channel")
    channel.add_stream_key("Key")
    channel.node.try_remove_child("Key")
    channel.add_stream_key("Key2")

    assert warned(stack, "") == []
