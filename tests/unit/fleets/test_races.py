"""What only races lead to: plays of the fault bench, with and without faults."""

from __future__ import annotations

import pytest

from tests.faults.fleets import ALL, KINDS, Plan, run, sampled, singles


@pytest.mark.parametrize("scenario", ALL)
@pytest.mark.parametrize("kind", KINDS)
def test_plays_are_clean(kind: str, scenario: str) -> None:
    plans = [Plan(kind, scenario, seed=seed) for seed in (1, 2, 3)]
    plans += sampled(list(singles(kind, scenario)), 12, seed=5)
    assert [str(each) for each in map(run, plans) if not each.clean] == []
