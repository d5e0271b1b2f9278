"""All single faults of all lives, and pairs of them; runs them on all cores."""

from __future__ import annotations

import atexit
import multiprocessing
import os
import random
from collections.abc import Callable, Iterable, Iterator

import pytest

from tests.faults import mutations
from tests.faults.cases import CASES
from tests.faults.engine import Engine
from tests.faults.faults import API_MODES, KILLS, PUT_MODES, TRIES, TWINS, Fault, Mode
from tests.faults.run import Plan, Verdict, run

FOR_EVER = 1000
_READS = ("Get", "List", "Describe")
_AFTER_EFFECT = (Mode.ERROR_AFTER, Mode.RESET_AFTER)


def singles(engine: Engine, case: str, lifecycle: str) -> list[Plan]:
    """Plan one run for each fault that a life can meet; a life without faults shows where."""
    dry = run(engine, Plan(case, lifecycle))
    if not dry.clean:
        raise AssertionError(f"not even a run without faults is clean: {dry}")
    faults = list(_faults(dry.operations))
    if lifecycle in ("create-delete", "create-replace-delete"):
        # As many as the calls squared: in the shortest lives only.
        faults += _interleavings(dry.operations)
    return [Plan(case, lifecycle, (fault,)) for fault in faults]


def _faults(operations: list[list[str]]) -> Iterator[Fault]:
    for event, calls in enumerate(operations):
        reply = len(calls) - 1
        for call, operation in enumerate(calls[:reply]):
            for mode in API_MODES:
                # To read has no effect: the answer is lost either way.
                if mode not in _AFTER_EFFECT or not operation.startswith(_READS):
                    yield Fault(mode, event, call)
                    yield Fault(mode, event, call, FOR_EVER)
        for mode in PUT_MODES:
            yield Fault(mode, event, reply, FOR_EVER if mode is Mode.PUT_REFUSED else 1)
        for call in range(len(calls)):
            for mode in KILLS:
                yield Fault(mode, event, call)
                yield Fault(mode, event, call, TRIES)
            for mode in TWINS:
                yield Fault(mode, event, call)
            yield Fault(Mode.OVERTAKEN, event, call)
            for again in range(event):
                yield Fault(Mode.DURING, event, call, again=again)
        yield Fault(Mode.SEQUENTIAL, event)
        yield Fault(Mode.LATE, event)


def _interleavings(operations: list[list[str]]) -> Iterator[Fault]:
    for event, calls in enumerate(operations):
        for call in range(len(calls)):
            # A twin that meets another has more to do than a request alone.
            for halt in range(len(calls) + 3):
                yield Fault(Mode.INTERLEAVED, event, call, halt=halt)
            if calls[call].startswith("Create"):
                # Both have made one and know of both: each must decide for the same.
                for resume in range(call + 1, len(calls) + 3):
                    yield Fault(Mode.INTERLEAVED, event, call, halt=call + 1, resume=resume)


def plans(types: Iterable[str]) -> list[Plan]:
    """Plan the whole matrix of some types."""
    with Engine() as engine:
        return [
            plan
            for case in types
            for lifecycle in CASES[case].lifecycles
            for plan in singles(engine, case, lifecycle)
        ]


def sampled(matrix: list[Plan], count: int, seed: int) -> list[Plan]:
    """Take some of the plans, of every class of every type about equally many."""
    rng = random.Random(seed)  # noqa: S311 (no secret)
    cells: dict[tuple[str, str], list[Plan]] = {}
    for plan in rng.sample(matrix, len(matrix)):
        cells.setdefault((plan.case, plan.group), []).append(plan)
    waiting = sorted(cells.items())
    taken: list[Plan] = []
    while waiting and len(taken) < count:
        taken += [cell.pop() for _, cell in waiting]
        waiting = [(key, cell) for key, cell in waiting if cell]
    return taken[:count]


def pairs(matrix: list[Plan], count: int, seed: int) -> list[Plan]:
    """Plan runs with two faults each."""
    rng = random.Random(seed)  # noqa: S311 (no secret)
    lives: dict[tuple[str, str], list[Fault]] = {}
    for plan in matrix:
        lives.setdefault((plan.case, plan.lifecycle), []).extend(plan.faults)
    keys = sorted(lives)
    chosen: list[Plan] = []
    while len(chosen) < count:
        case, lifecycle = rng.choice(keys)
        first, second = rng.sample(lives[case, lifecycle], 2)
        if not {Mode.OVERTAKEN, Mode.INTERLEAVED} & {first.mode, second.mode}:
            chosen.append(Plan(case, lifecycle, (first, second)))
    return chosen


# Processes

_engine: Engine | None = None


def _begin(mutation: str) -> None:
    """Start what one process needs, and stop it when the process ends."""
    global _engine  # one for each process
    if mutation:
        mutations.MUTATIONS[mutation](pytest.MonkeyPatch())
    _engine = Engine()
    _engine.__enter__()
    atexit.register(_engine.__exit__, None, None, None)


def _run(plan: Plan) -> Verdict:
    assert _engine is not None
    return run(_engine, plan)


def verdicts(
    chosen: list[Plan],
    *,
    mutation: str = "",
    processes: int | None = None,
    enough: Callable[[Verdict], bool] = lambda _: False,
) -> Iterator[Verdict]:
    """Run plans on several cores, until there is enough."""
    context = multiprocessing.get_context("spawn")
    with context.Pool(processes or os.cpu_count(), _begin, (mutation,)) as pool:
        for verdict in pool.imap_unordered(_run, chosen, chunksize=8):
            yield verdict
            if enough(verdict):
                return
