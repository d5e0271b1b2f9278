"""All single faults of all lives, and pairs of them; runs them on all cores."""

from __future__ import annotations

import atexit
import functools
import multiprocessing
import os
import random
from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace

import botocore.session  # type: ignore[import-untyped]  # no types
import pytest

from tests.faults import mutations
from tests.faults.cases import CASES, HELD_LIVES
from tests.faults.engine import Engine
from tests.faults.faults import (
    API_MODES,
    FOR_EVER,
    HANGS,
    KILLS,
    MODELLED,
    PUT_MODES,
    TRIES,
    TWINS,
    Fault,
    Mode,
)
from tests.faults.run import Plan, Verdict, run
from tests.faults.settings import HELD, LAGGING, PAGED, PLAIN, Setting

_A_FEW = 3
_READS = ("Get", "List", "Describe")
_AFTER_EFFECT = (Mode.ERROR_AFTER, Mode.RESET_AFTER, Mode.HANGS_AFTER)
_OF_SETTINGS = (
    Mode.DENIED,
    Mode.CONFLICT,
    Mode.RESET_BEFORE,
    Mode.ERROR_AFTER,
    Mode.HANGS_BEFORE,
    Mode.KILLED_AFTER,
    Mode.PUT_TAKEN,
    Mode.TWIN_AFTER,
    Mode.SEQUENTIAL,
    Mode.LATE,
)
"""One mode of each kind."""

_RETURNING = ("create-delete-create-delete", "create-replace-back-delete")
"""The lives in which an id comes back; all but duplicates meet there what they meet elsewhere."""

_SHORT = ("create-delete", "create-replace-delete")
"""The lives in which what grows with the calls squared is tried."""


def singles(engine: Engine, case: str, lifecycle: str, setting: Setting = PLAIN) -> list[Plan]:
    """Plan one run for each fault that a life can meet; a life without faults shows where."""
    dry = run(engine, Plan(case, lifecycle, (), setting))
    if not dry.clean:
        raise AssertionError(f"not even a run without faults is clean: {dry}")
    faults = [
        replace(fault, beyond=True) if _beyond(case, lifecycle, dry.operations, fault) else fault
        for fault in _faults(dry.operations)
    ]
    if setting is not PLAIN:
        faults = [each for each in faults if each.mode in _OF_SETTINGS and each.times == 1]
    elif lifecycle in _RETURNING:
        faults = [
            each for each in faults if each.mode in (Mode.DURING, Mode.OVERTAKEN) or each.again >= 0
        ]
    elif lifecycle in _SHORT:
        faults += _interleavings(dry.operations)
    if case != "FailoverSlateConfiguration":
        faults = [each for each in faults if each.mode is not Mode.SLATE_FAILS]
    found = [Plan(case, lifecycle, (fault,), setting) for fault in faults]
    if lifecycle == "create-delete-create-delete":
        # The first Delete has an id that CloudFormation invented.
        unheard = Fault(Mode.PUT_REFUSED, 0, len(dry.operations[0]) - 1, FOR_EVER)
        found.append(Plan(case, lifecycle, (unheard, Fault(Mode.SEQUENTIAL, 2, again=1)), setting))
    return found


def _faults(operations: list[list[str]]) -> Iterator[Fault]:
    for event, calls in enumerate(operations):
        reply = len(calls) - 1
        for call, operation in enumerate(calls[:reply]):
            for mode in API_MODES:
                if _possible(mode, operation):
                    yield Fault(mode, event, call)
                    yield Fault(mode, event, call, FOR_EVER)
            yield Fault(Mode.DENIED, event, call, _A_FEW)
            for mode in HANGS:
                if _possible(mode, operation):
                    yield Fault(mode, event, call)
                    yield Fault(mode, event, call, TRIES)
            if operation == "CreateFailoverSlateConfiguration":
                yield Fault(Mode.SLATE_FAILS, event)
        for mode in PUT_MODES:
            yield Fault(mode, event, reply, FOR_EVER if mode is Mode.PUT_REFUSED else 1)
        for call in range(len(calls)):
            for mode in KILLS:
                yield Fault(mode, event, call)
                yield Fault(mode, event, call, TRIES)
            for mode in TWINS:
                yield Fault(mode, event, call)
            yield Fault(Mode.OVERTAKEN, event, call)
            for later in range(event + 1, len(operations) - 1):
                yield Fault(Mode.OVERTAKEN, event, call, resume=later)
            for again in range(event):
                yield Fault(Mode.DURING, event, call, again=again)
        yield Fault(Mode.SEQUENTIAL, event)
        for again in range(event):
            yield Fault(Mode.SEQUENTIAL, event, again=again)
        yield Fault(Mode.LATE, event)


def _beyond(case: str, lifecycle: str, operations: list[list[str]], fault: Fault) -> bool:
    """Whether nothing in the APIs allows a defence.

    Neither API has conditional writes. A write that is under way while CloudFormation goes through
    a whole later operation therefore takes place after that one's, whatever was looked at before
    it. What was created so is deleted again; of members and tags nobody knows what they were to be.

    A channel is not the handler's: it bears no tag that names the requests. A duplicate of an
    Update in place that comes when the next one has written but not answered finds all as the
    first delivery may have found it.
    """
    calls = operations[fault.event]
    if fault.mode is Mode.OVERTAKEN and fault.resume >= 0:
        return calls[fault.call].startswith(("Update", "TagResource", "UntagResource"))
    if case == "ChannelAssociations" and fault.mode is Mode.DURING and "replace" not in lifecycle:
        return fault.again > 0 and "UpdateChannel" in calls[: fault.call]
    return False


def _possible(mode: Mode, operation: str) -> bool:
    if mode in MODELLED:
        return MODELLED[mode] in _errors().get(operation, ())
    # To read has no effect: the answer is lost either way.
    return mode not in _AFTER_EFFECT or not operation.startswith(_READS)


@functools.cache
def _errors() -> dict[str, set[str]]:
    """Read from the models what each operation may be refused with."""
    session = botocore.session.get_session()
    models = [session.get_service_model(name) for name in ("ivs", "ivs-realtime")]
    return {
        name: {shape.name for shape in model.operation_model(name).error_shapes}
        for model in models
        for name in model.operation_names
    }


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
            for lifecycle, setting in lives(case)
            for plan in singles(engine, case, lifecycle, setting)
        ]


def lives(case: str) -> Iterator[tuple[str, Setting]]:
    """Tell the lives of a type with their settings."""
    yield from ((lifecycle, PLAIN) for lifecycle in CASES[case].lifecycles)
    for setting in HELD:
        if setting.policy != "STOP" or CASES[case].stoppable:
            yield from ((lifecycle, setting) for lifecycle in HELD_LIVES)
    if case != "ChannelAssociations":  # which lists nothing
        yield [each for each in _SHORT if each in CASES[case].lifecycles][-1], LAGGING
        yield "create-delete", PAGED


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
    found: dict[tuple[str, str], list[Fault]] = {}
    for plan in matrix:
        if plan.setting is PLAIN:
            faults = [each for each in plan.faults if not each.beyond]
            found.setdefault((plan.case, plan.lifecycle), []).extend(faults)
    keys = sorted(found)
    chosen: list[Plan] = []
    while len(chosen) < count:
        case, lifecycle = rng.choice(keys)
        first, second = rng.sample(found[case, lifecycle], 2)
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
