"""Whether a statement's condition limits it."""

from __future__ import annotations

from typing import Any

import pytest

from ivs_constructs.checks.conditions import is_tag_of_resource, limits

TAG = "aws:ResourceTag/app"


@pytest.mark.parametrize(
    ("operator", "values", "expected"),
    [
        ("StringEquals", "talks", True),
        ("stringlike", ["talk*"], True),
        ("ForAnyValue:StringEquals", "talks", True),
        ("StringEquals", {"Ref": "App"}, True),
        ("StringLike", "*", False),
        ("StringLike", ["talks", "*"], False),
        ("StringEquals", [], False),
        ("StringNotEquals", "talks", False),
        ("StringEqualsIfExists", "talks", False),
        ("ForAllValues:StringEquals", "talks", False),
        ("Null", "true", False),
        ("Null", "false", False),
    ],
)
def test_only_a_demanded_value_limits(operator: str, values: object, expected: bool) -> None:
    assert limits({operator: {TAG.upper(): values}}, is_tag_of_resource) is expected


@pytest.mark.parametrize(
    "condition",
    [
        {},
        {"StringEquals": {}},
        {"StringEquals": {"aws:PrincipalTag/app": "talks"}},
        {"Bool": {"aws:SecureTransport": "true"}},
        {"Fn::If": ["C", {"StringEquals": {TAG: "talks"}}, {}]},
    ],
)
def test_other_conditions_do_not_limit(condition: dict[str, Any]) -> None:
    assert not limits(condition, is_tag_of_resource)
