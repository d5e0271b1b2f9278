"""A cut of the fault bench of fleets; all of it runs with `python -m tests.faults.fleets`."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from ivs_constructs.fleets.function import tending
from tests.faults import fleets
from tests.faults.fleets import ALL, KINDS, Plan, run
from tests.faults.fleets_mutations import MUTATIONS, Mutation, mutated
from tests.faults.fleets_scenarios import SCENARIOS
from tests.faults.fleets_world import FleetWorld

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
    verdicts = [run(plan) for plan in fleets.sampled(plans, 250, seed=7)]
    assert [str(each) for each in verdicts if not each.clean] == []
    assert sum(each.fired for each in verdicts) > 240


def test_pairs_of_faults_end_clean(plans: list[Plan]) -> None:
    verdicts = [run(plan) for plan in fleets.pairs(plans, 80, seed=7)]
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


def test_burst_of_a_thousand_keys_is_served() -> None:
    world = FleetWorld("stage", 1, page=1000, max_size=2000)
    world.ivs.quota = 2000
    world.open()
    waiting = {f"key {number}" for number in range(1000)}
    rounds = 0
    while waiting:
        rounds += 1
        asked = [
            world.ask("acquire", after=0.0005 * n, key=k) for n, k in enumerate(sorted(waiting))
        ]
        began = world.scheduler.now
        world.run()
        for each in asked:
            assert (each.task.ended or 0) - each.task.began <= 25
            assert each.arn or each.refusal == "Busy"
        waiting -= {each.request["key"] for each in asked if each.arn}
        assert world.scheduler.now >= began
    assert rounds <= 20
    assert world.judge_answers() == []


def tended(members: int) -> tuple[int, int, float]:
    """Tend a fleet; tells the calls of Amazon IVS, of the table, and the seconds it took."""
    world = FleetWorld("stage", 1, page=1000, max_size=20_000)
    world.ivs.quota = 20_000
    world.open()
    fill(world, members)
    before = world.ivs.calls, world.table_calls
    task = world.tend()
    world.run()
    assert task.result.size == members
    assert task.result.complete
    took = (task.ended or 0) - task.began
    return world.ivs.calls - before[0], world.table_calls - before[1], took


def fill(world: FleetWorld, members: int) -> None:
    """Put members into a fleet, without asking for them."""
    from dataclasses import replace

    from ivs_constructs.fleets.function import rows

    template = rows.Row(pk="", sk="-", state=rows.READY, template=world.settings.template)
    for number in range(members):
        claim = f"{number:010x}-x"
        made = world.ivs.make(
            "stage", {**world.settings.tags, tending.CLAIM_TAG: claim, **world.own}
        )
        row = replace(template, pk=f"key#{number}", key=str(number), arn=made.arn, claim=claim)
        row = replace(row, used=world.scheduler.now)
        world.table.items[row.pk, row.sk] = rows._item(row)  # noqa: SLF001 (as it is written)
    world.table.items["fleet", "-"]["size"] = {"N": str(members)}
    world.wait(60)


def test_tending_is_linear() -> None:
    calls, table, seconds = tended(1000)
    calls_of_more, table_of_more, seconds_of_more = tended(4000)

    assert calls_of_more <= 4.2 * calls
    assert table_of_more <= 4.2 * table + 10
    assert seconds_of_more <= 4.2 * seconds
