"""Tests of the stack's essential properties."""

from __future__ import annotations

import aws_cdk as cdk
from talks.stack import Talks

from ivs_constructs.testing import synthesize


def test_viewers_need_a_token() -> None:
    synthesize(Talks).has("AWS::IVS::Channel", Authorized=True)


def test_recordings_stay_when_the_stack_goes() -> None:
    bucket = synthesize(Talks).one("AWS::S3::Bucket")

    assert "Retain" in bucket.definition["DeletionPolicy"]


def test_backend_asks_for_tokens_and_may_do_nothing_else() -> None:
    stack = Talks(cdk.App(), "Talks")

    rows = synthesize(stack).policies_of(stack.backend)

    assert {row.action for row in rows} == {"lambda:InvokeFunction"}


def test_nothing_is_found() -> None:
    findings = synthesize(Talks).findings()

    assert [each for each in findings if each.id.startswith("IvsChecks::")] == []
