"""The fixtures of the pytest plugin."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

import aws_cdk as cdk
import pytest

if TYPE_CHECKING:
    # For pytest to rewrite its assertions it has to load the plugin first.
    from ivs_constructs.testing.pytest_plugin import Synthesize

pytest_plugins = ["ivs_constructs.testing.pytest_plugin"]


def test_same_stack_is_synthesized_once(synthesize: Synthesize) -> None:
    assert synthesize(cdk.Stack) is synthesize(cdk.Stack)
    assert synthesize(cdk.Stack, description="a") is synthesize(cdk.Stack, description="a")
    assert synthesize(cdk.Stack, description="a") is not synthesize(cdk.Stack, description="b")


def test_made_stack_is_synthesized_each_time(synthesize: Synthesize) -> None:
    stack = cdk.Stack(cdk.App(analytics_reporting=False), "Stack")

    before = synthesize(stack)
    cdk.CfnOutput(stack, "Output", value="x")

    assert before.outputs == {}
    assert synthesize(stack).outputs == {"Output": "x"}


def test_snapshot_needs_syrupy(
    monkeypatch: pytest.MonkeyPatch, request: pytest.FixtureRequest
) -> None:
    monkeypatch.setitem(sys.modules, "syrupy.extensions.json", None)

    with pytest.raises(pytest.fail.Exception, match="needs syrupy"):
        request.getfixturevalue("ivs_snapshot")
