"""A cut of the fault bench of fleets; all of it runs with `python -m tests.faults.fleets`."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.faults import fleets
from tests.faults.fleets import ALL, KINDS, Plan, run
from tests.faults.fleets_mutations import MUTATIONS, Mutation, mutated
from tests.faults.fleets_scenarios import SCENARIOS
from tests.faults.fleets_speed import burst, tended

SEEDS = range(1, 9)


@pytest.mark.parametrize("scenario", ALL)
@pytest.mark.parametrize("kind", KINDS)
def test_scenarios_without_faults_are_clean(kind: str, scenario: str) -> None:
    for seed in (1, 2):
        assert str(run(Plan(kind, scenario, seed=seed))).endswith("clean")


@pytest.fixture(scope="module")
def plans() -> list[Plan]:
    return [plan for kind in KINDS for name in SCENARIOS for plan in fleets.singles(kind, name)]


def test_faults_end_clean(plans: list[Plan]) -> None:
    verdicts = [run(plan) for plan in fleets.sampled(plans, 150, seed=7)]
    assert [str(each) for each in verdicts if not each.clean] == []
    assert sum(each.fired for each in verdicts) > 140


def test_pairs_of_faults_end_clean(plans: list[Plan]) -> None:
    verdicts = [run(plan) for plan in fleets.pairs(plans, 50, seed=7)]
    assert [str(each) for each in verdicts if not each.clean] == []


def test_same_plan_ends_the_same(plans: list[Plan]) -> None:
    [plan] = fleets.sampled(plans, 1, seed=3)
    assert run(plan) == run(plan)


def candidates(mutation: Mutation) -> Iterator[Plan]:
    for kind in KINDS:
        for scenario in mutation.scenarios:
            if mutation.fault is None:
                yield from (Plan(kind, scenario, seed=seed) for seed in SEEDS)
                continue
            operation, name = mutation.fault
            calls = run(Plan(kind, scenario)).calls
            for plan in fleets.singles(kind, scenario):
                [fault] = plan.faults
                task, call = fault.place
                if (calls[task][call], fault.name) == (operation, name) and not fault.persistent:
                    yield plan


@pytest.mark.parametrize("name", MUTATIONS)
def test_bench_notices_a_defence_that_is_off(name: str) -> None:
    mutation = MUTATIONS[name]
    tried = list(candidates(mutation))
    assert tried
    assert all(run(plan).clean for plan in tried[:3])
    with mutated(mutation):
        assert any(not run(plan).clean for plan in tried)


# Speed, at the real quotas


def test_burst_is_served() -> None:
    found = burst(150)
    assert found.longest <= 25
    assert found.rounds <= 10


def test_tending_is_linear() -> None:
    some, more = tended(500), tended(2000)
    assert more.calls <= 4.2 * some.calls
    assert more.table_calls <= 4.2 * some.table_calls + 10
    assert more.seconds <= 4.2 * some.seconds
