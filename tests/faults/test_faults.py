"""A small cut of the fault bench; all of it runs with `python -m tests.faults`."""

from __future__ import annotations

import pytest

from tests.faults import matrix, mutations
from tests.faults.__main__ import table
from tests.faults.cases import CASES
from tests.faults.engine import Engine
from tests.faults.faults import API_MODES, BEYOND, FOR_EVER, MODELLED, Fault, Mode
from tests.faults.run import Plan, Verdict, run

CUT = ("Stage", "EncoderConfiguration")


@pytest.fixture(scope="module")
def plans(engine: Engine) -> list[Plan]:
    return [
        plan
        for case in CUT
        for lifecycle, setting in matrix.lives(case)
        for plan in matrix.singles(engine, case, lifecycle, setting)
    ]


@pytest.mark.parametrize("case", CASES)
def test_lives_without_faults_are_clean(engine: Engine, case: str) -> None:
    for lifecycle, setting in matrix.lives(case):
        verdict = run(engine, Plan(case, lifecycle, (), setting))
        assert verdict.clean, verdict
        # What is held is refused once; then an operator ends what holds it.
        assert bool(verdict.failed) == (setting.policy == "FAIL")


def test_every_class_of_faults_ends_clean(engine: Engine, plans: list[Plan]) -> None:
    chosen = matrix.sampled(plans, 150, seed=1)
    assert {plan.group for plan in chosen} == {plan.group for plan in plans}
    verdicts = [run(engine, plan) for plan in chosen]
    assert [str(each) for each in verdicts if not each.clean and not each.plan.beyond] == []
    assert sum(each.unfired for each in verdicts) == 0


def test_pairs_of_faults_end_clean(engine: Engine, plans: list[Plan]) -> None:
    verdicts = [run(engine, plan) for plan in matrix.pairs(plans, 50, seed=1)]
    assert [str(each) for each in verdicts if not each.clean] == []


@pytest.mark.parametrize("mode", [mode for mode in API_MODES if mode not in MODELLED])
def test_no_transient_fault_makes_an_operator_delete_again(engine: Engine, mode: Mode) -> None:
    for call in range(6):
        verdict = run(engine, Plan("Stage", "create-delete", (Fault(mode, 1, call),)))
        assert not verdict.second_deletes, verdict


@pytest.mark.parametrize("case", CASES)
@pytest.mark.parametrize("times", [1, 3, FOR_EVER])
def test_permission_may_come_late_but_must_come(engine: Engine, case: str, times: int) -> None:
    dry = run(engine, Plan(case, "create-delete"))
    for event, calls in enumerate(dry.operations):
        for call in range(len(calls) - 1):
            fault = Fault(Mode.DENIED, event, call, times)
            verdict = run(engine, Plan(case, "create-delete", (fault,)))
            assert verdict.clean, verdict
            assert bool(verdict.failed) == (times == FOR_EVER), verdict
            assert not verdict.unanswered


def test_same_plan_ends_the_same(engine: Engine, plans: list[Plan]) -> None:
    [plan] = matrix.sampled(plans, 1, seed=2)
    assert run(engine, plan) == run(engine, plan)


def test_bench_notices_a_defence_that_is_off(
    engine: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    mutations.MUTATIONS["adopt by tag"](monkeypatch)
    killed = Plan("Stage", "create-delete", (Fault(Mode.KILLED_AFTER, 0, 2),))
    assert not run(engine, killed).clean


def test_table_counts_by_class() -> None:
    plan = Plan("Stage", "create-delete", (Fault(Mode.THROTTLED, 0),))
    printed = table([Verdict(plan), Verdict(plan, leaked=2)])
    [line] = [line for line in printed.splitlines() if line.startswith("throttled, once")]
    assert line.split()[2:5] == ["2", "1", "2"]


def test_table_sets_apart_what_is_beyond_any_defence() -> None:
    faults = (Fault(Mode.OVERTAKEN, 0, resume=1, beyond=True),)
    plans = [Plan("Stage", "create-delete", (Fault(Mode.LATE, 0),)), Plan("Stage", "any", faults)]
    *_, total, apart = table(Verdict(plan) for plan in plans).splitlines()
    assert total.split()[:2] == ["all", "1"]
    assert apart.startswith(f"{BEYOND}: overtaken by its twin")
