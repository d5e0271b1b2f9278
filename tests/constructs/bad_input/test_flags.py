"""Flags must be True, False or a token."""

from __future__ import annotations

import aws_cdk as cdk
import pytest

from ivs_constructs import (
    Channel,
    PlaybackRestrictionPolicy,
)
from tests.constructs.refusals import Make, found, refused, report


@pytest.mark.parametrize(
    ("make", "prop"),
    [
        (Channel, "authorized"),
        (Channel, "insecure_ingest"),
        (PlaybackRestrictionPolicy, "enable_strict_origin_enforcement"),
    ],
)
@pytest.mark.parametrize(
    ("value", "got"),
    [
        (1, "1 (int); write True"),
        (0, "0 (int); write False"),
        ("true", "'true'; write True"),
        ("", "''"),
        (
            cdk.Fn.ref("Flag"),
            "a deploy-time value (str); pass the token itself, such as the attribute value of a "
            "CfnParameter",
        ),
    ],
)
def test_flag_refuses_what_is_no_bool(
    stack: cdk.Stack, make: Make, prop: str, value: object, got: str
) -> None:
    error = refused(make, stack, **{prop: value})

    assert str(error) == report(make.__name__, f"{prop} must be True or False, got {got}")
    assert found(error) == [(prop, "type")]
