"""The page on functions and roles: its programs run, and its claims are true."""

from __future__ import annotations

import inspect
import re
from pathlib import Path

import pytest

from ivs_constructs import FunctionSettings
from ivs_constructs._provider import policy_plan

PAGE = (Path(__file__).parents[2] / "docs" / "provider-settings.md").read_text(encoding="utf-8")


@pytest.mark.parametrize("title", ["settings", "precreated roles"])
def test_program_runs(title: str) -> None:
    [program] = re.findall(rf'^```python title="{title}"\n(.*?)^```$', PAGE, re.M | re.S)

    exec(program, {})  # noqa: S102 (the project's own documentation)


def test_every_setting_is_told() -> None:
    table = PAGE.partition("| Setting |")[2].partition("\n\n")[0]
    told = set(re.findall(r"`(\w+)`", table))

    assert inspect.signature(FunctionSettings.set).parameters.keys() - {"self"} <= told


def test_figures_are_those_of_the_code() -> None:
    for figure in (
        policy_plan.INLINE_OF_A_ROLE,
        policy_plan.INLINE,
        policy_plan.MANAGED_CHARACTERS,
    ):
        assert f"{figure:,}" in PAGE
    assert f"up to {policy_plan.MANAGED} of" in PAGE
