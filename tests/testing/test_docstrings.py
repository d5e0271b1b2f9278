"""The examples in the docstrings of the kit and the checks run."""

from __future__ import annotations

import doctest
from importlib import import_module

import pytest

MODULES = [
    "checks.assembly",
    "checks.finding",
    "checks.ivs_checks",
    "testing.permissions",
    "testing.synthesized",
]


@pytest.mark.parametrize("module", MODULES)
def test_examples_run(module: str) -> None:
    done = doctest.testmod(import_module(f"ivs_constructs.{module}"))

    assert done.attempted
    assert not done.failed
