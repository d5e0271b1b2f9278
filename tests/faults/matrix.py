"""Every fault of every call, pairs of them, and every kind of weather; runs them on all cores."""

from __future__ import annotations

import functools
import multiprocessing
import os
import random
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace

import botocore.session  # type: ignore[import-untyped]  # no types
import pytest

from tests.faults import mutations
from tests.faults.faults import (
    AFTER,
    AMBIGUOUS,
    FOR_EVER,
    HANGS,
    KILLS,
    REFUSALS,
    REPLIES,
    SOMETIMES,
    TRIES,
    Fault,
    Mode,
)
from tests.faults.stack import LIVES, lives, run
from tests.faults.world import Result, Weather

REST = Weather(moves_on=False, gone_is_denied=True)
"""Nothing goes wrong by itself, and the account is judged after each operation of the stack."""

WEATHERS = {
    "duplicates": Weather(deliveries=4, seconds=(0.1, 2.0)),
    "duplicates, at rest": Weather(deliveries=4, seconds=(0.1, 2.0), moves_on=False),
    "all is late": Weather(deliveries=4, list_lag=10, shown_lag=10),
    "descriptions are late, too": Weather(list_lag=10, shown_lag=10, read_lag=10, moves_on=False),
    "descriptions are late, with duplicates": Weather(
        deliveries=3, list_lag=10, shown_lag=10, read_lag=10
    ),
    "descriptions are late, and answers are lost": Weather(list_lag=10, read_lag=10, lost=0.3),
    "calls hang": Weather(deliveries=3, hung=0.04),
    "answers of creates are lost": Weather(
        deliveries=4, list_lag=10, shown_lag=10, lost=0.4, before=0.1, spread=10
    ),
    "killed": Weather(deliveries=2, kills=0.6, list_lag=10, moves_on=False),
    "killed with twins": Weather(deliveries=3, kills=0.5, spread=10),
    "cancelled": Weather(deliveries=2, cancelled=0.5, list_lag=10, shown_lag=10),
    "cancelled, no id kept": Weather(
        deliveries=2, cancelled=0.5, quotas=True, adopts=False, rights_end=True
    ),
    "requests wait in line": Weather(deliveries=3, queued=400, spread=400, shown_lag=10),
    "errors in bursts": Weather(deliveries=2, burst=25, list_lag=10),
    "denied for a minute": Weather(deliveries=2, denied=60, read_lag=10),
    "no reply taken for minutes": Weather(deliveries=2, unheard=400),
    "a full account": Weather(deliveries=2, foreigners=100, quotas=True),
    "clocks differ": Weather(deliveries=3, skew=1.5, shown_lag=10, rolls_back="old"),
    "clocks differ the other way": Weather(deliveries=3, skew=-1.5, rolls_back="none"),
    "everything": Weather(
        deliveries=4,
        list_lag=10,
        shown_lag=10,
        lost=0.3,
        before=0.1,
        kills=0.3,
        spread=20,
        seconds=(0.1, 2.0),
        cancelled=0.1,
        rolls_back="old",
    ),
}


@dataclass(frozen=True, slots=True)
class Plan:
    """What a run does; it always ends the same way."""

    type: str
    life: str
    group: str
    weather: Weather = REST
    faults: tuple[Fault, ...] = ()
    seed: int = 0
    overcome: bool = False

    def __str__(self) -> str:
        faults = "; ".join(map(str, self.faults))
        return f"{self.type} {self.life}, {self.group}, seed {self.seed}: {faults}"


@dataclass(frozen=True, slots=True)
class Verdict:
    """A plan and its result."""

    plan: Plan
    result: Result

    @property
    def clean(self) -> bool:
        """Whether all is as the stack believes, and all succeeded that had to."""
        return self.result.clean and not (self.plan.overcome and self.result.failed)


def judge(plan: Plan) -> Verdict:
    """Do what a plan says."""
    result = run(plan.type, LIVES[plan.life], plan.weather, plan.seed, faults=plan.faults)
    return Verdict(plan, result)


# Plans


def weathers(types: Iterable[str], seeds: Iterable[int]) -> Iterator[Plan]:
    """Plan every life in every weather."""
    for seed in seeds:
        for name, weather in WEATHERS.items():
            for type_ in types:
                for life in lives(type_):
                    chosen = replace(weather, gone_is_denied=bool(seed % 2))
                    yield Plan(type_, life, name, chosen, seed=seed, overcome=True)


def singles(types: Iterable[str]) -> Iterator[Plan]:
    """Plan one run for each fault that a life can meet; a life without faults shows where."""
    for type_ in types:
        for life in lives(type_):
            dry = judge(Plan(type_, life, "no fault", overcome=True))
            if not dry.clean:
                raise AssertionError(f"not even a run without faults is clean: {dry}")
            for fault in _faults(dry.result.operations):
                yield Plan(type_, life, fault.group, faults=(fault,), overcome=fault.overcome)


def pairs(plans: list[Plan], count: int, seed: int) -> Iterator[Plan]:
    """Plan runs with two faults each."""
    rng = random.Random(seed)  # noqa: S311 (no secret)
    found: dict[tuple[str, str], list[Fault]] = {}
    for plan in plans:
        found.setdefault((plan.type, plan.life), []).extend(plan.faults)
    for _ in range(count):
        type_, life = rng.choice(sorted(found))
        yield Plan(
            type_, life, "two faults", faults=tuple(rng.sample(found[type_, life], 2)), seed=seed
        )


def _faults(operations: list[list[str]]) -> Iterator[Fault]:
    for request, calls in enumerate(operations):
        later = range(request + 1, len(operations))
        for call, operation in enumerate(calls):
            for mode in KILLS:
                yield Fault(mode, request, call)
                yield Fault(mode, request, call, TRIES)
            if operation == "reply":
                for mode in REPLIES:
                    yield Fault(mode, request, call, FOR_EVER if mode is REPLIES[-1] else 1)
                continue
            yield Fault(Mode.TWIN, request, call)
            for mode in (*REFUSALS, *AMBIGUOUS, *HANGS):
                if _possible(mode, operation):
                    yield Fault(mode, request, call)
                    if mode not in HANGS:
                        yield Fault(mode, request, call, FOR_EVER)
            for other in (*later[:1], -1):
                yield Fault(Mode.PAUSED, request, call, later=other)
        for other in (*later, -1):
            # At several moments of the later request.
            for moment in range(4 if other >= 0 else 1):
                yield Fault(Mode.AGAIN, request, moment, later=other)


def _possible(mode: Mode, operation: str) -> bool:
    if mode in SOMETIMES:
        return REFUSALS[mode][0] in _errors().get(operation, ())
    # To read has no effect: the answer is lost either way.
    return mode not in AFTER or not operation.startswith(("Get", "List", "Describe"))


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


def sampled(plans: list[Plan], count: int, seed: int) -> list[Plan]:
    """Take some of the plans, of every class of every type about equally many."""
    rng = random.Random(seed)  # noqa: S311 (no secret)
    cells: dict[tuple[str, str], list[Plan]] = {}
    for plan in rng.sample(plans, len(plans)):
        cells.setdefault((plan.type, plan.group), []).append(plan)
    waiting = sorted(cells.items())
    taken: list[Plan] = []
    while waiting and len(taken) < count:
        taken += [cell.pop() for _, cell in waiting]
        waiting = [(key, cell) for key, cell in waiting if cell]
    return taken[:count]


# Processes


def _begin(mutation: str) -> None:
    if mutation:
        mutations.MUTATIONS[mutation](pytest.MonkeyPatch())


def verdicts(
    plans: Iterable[Plan],
    *,
    mutation: str = "",
    enough: Callable[[Verdict], bool] = lambda _: False,
) -> Iterator[Verdict]:
    """Run plans on several cores, until there is enough."""
    context = multiprocessing.get_context("spawn")
    with context.Pool(os.cpu_count(), _begin, (mutation,)) as pool:
        for verdict in pool.imap_unordered(judge, plans, chunksize=8):
            yield verdict
            if enough(verdict):
                return
