"""Finds Node.js before any test imports the AWS CDK, and frees hypothesis from the clock."""

import pytest
from hypothesis import HealthCheck, settings

import ivs_constructs

# Their assertions show values too, as those in test modules do.
pytest.register_assert_rewrite("tests.constructs.refusals")

ivs_constructs.ensure_node()

# The same examples in every run, nothing kept on disk, and no verdict that a busy machine changes.
settings.register_profile(
    "repeatable",
    derandomize=True,
    database=None,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow],
)
settings.load_profile("repeatable")
