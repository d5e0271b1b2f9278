"""The fault bench of fleets: `python -m tests.faults.fleets` runs all of it and prints a table."""

from __future__ import annotations

import argparse
import random
import sys
import time
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from ivs_constructs.fleets.function.rows import LEASE_SECONDS
from tests.faults.fleets_clock import ANY_CALL, VERY_LATE
from tests.faults.fleets_scenarios import CROWDS, SCENARIOS
from tests.faults.fleets_world import FleetWorld

KINDS = ("stage", "channel")

ALL = {**SCENARIOS, **CROWDS}

Place = tuple[int, int]
"""An invocation, by its number, and a call of it."""


@dataclass(frozen=True)
class Fault:
    """Something that goes wrong.

    Attributes:
        place: With which call.
        name: What.
        persistent: Whether with all later calls of that operation of that invocation as well.
    """

    place: Place
    name: str
    persistent: bool = False

    def __str__(self) -> str:
        return f"{self.name}{' for ever' if self.persistent else ''} at {self.place}"


@dataclass(frozen=True)
class Plan:
    """One run of the bench."""

    kind: str
    scenario: str
    faults: tuple[Fault, ...] = ()
    seed: int = 1

    def __str__(self) -> str:
        faults = " + ".join(map(str, self.faults)) or "no fault"
        return f"{self.kind}, {self.scenario}, {faults}, seed {self.seed}"


@dataclass
class Verdict:
    """How a run ended.

    Attributes:
        plan: The run.
        wrong: What should not be.
        tasks: The names of the invocations.
        calls: The operations that each of them called.
        fired: How many of the faults happened.
    """

    plan: Plan
    wrong: list[str]
    tasks: list[str]
    calls: list[list[str]]
    fired: int

    @property
    def clean(self) -> bool:
        return not self.wrong

    def __str__(self) -> str:
        return f"{self.plan}: {'; '.join(self.wrong) or 'clean'}"


def run(plan: Plan) -> Verdict:
    """Play a scenario with faults, let everything come to rest, and judge."""
    scenario = ALL[plan.scenario]
    world = FleetWorld(
        plan.kind,
        plan.seed,
        lag=scenario.lag,
        page=scenario.page,
        skew=scenario.skew,
        **scenario.settings,
    )
    world.open()
    if scenario.ready:
        from ivs_constructs.fleets.function import tending

        world.simply(tending.tend, "fill")
        world.wait(30)
    world.faults = {each.place: (each.name, each.persistent) for each in plan.faults}
    scenario.play(world)
    world.run()
    calls = [[call.operation for call in task.calls] for task in world.scheduler.tasks]
    tasks = [task.name for task in world.scheduler.tasks]
    fired = len(world.fired)
    world.faults.clear()
    world._persistent.clear()
    wrong = [] if plan.faults or scenario.surplus else world.judge_surplus()
    # Past every lease, and past the lag of lists.
    world.wait(LEASE_SECONDS + world.ivs.lag + 100)
    if not scenario.live_on:
        for made in world.ivs.own(world.settings.fleet):
            if made.live:
                world.ivs.end(made.arn)
        world.wait(world.ivs.lag + 1)
    if scenario.closes:
        world.close(scenario.closes)
        world.run()
        wrong += world.judge_answers() + world.judge_gone()
    else:
        world.tend()
        world.run()
        wrong += world.judge_answers() + world.judge_rest()
    return Verdict(plan, wrong, tasks, calls, fired)


def singles(kind: str, scenario: str, seed: int = 1) -> Iterator[Plan]:
    """Put every fault on every call of a scenario."""
    dry = run(Plan(kind, scenario, seed=seed))
    for task, operations in enumerate(dry.calls):
        for call, operation in enumerate(operations):
            names = [*ANY_CALL]
            if operation.startswith("Create"):
                names.append("quota")
            if operation.startswith(("Delete", "Update")) and operation != "UpdateItem":
                names.append("conflict")
            if operation == "TransactWriteItems":
                names.append("cancelled")
            if operation in ("PutItem", "UpdateItem", "TransactWriteItems"):
                names += [] if ALL[scenario].closes else [VERY_LATE]
            for name in names:
                yield Plan(kind, scenario, (Fault((task, call), name),), seed)
            for name in ("throttled", "failed", "answer lost"):
                yield Plan(kind, scenario, (Fault((task, call), name, persistent=True),), seed)


def sampled(plans: list[Plan], count: int, seed: int) -> list[Plan]:
    return random.Random(seed).sample(plans, min(count, len(plans)))  # noqa: S311 (no secret)


def pairs(plans: list[Plan], count: int, seed: int) -> Iterator[Plan]:
    """Put two faults on one scenario; the second may meet another call than it was chosen for."""
    draw = random.Random(seed)  # noqa: S311 (no secret)
    groups: dict[tuple[str, str], list[Plan]] = {}
    for plan in plans:
        groups.setdefault((plan.kind, plan.scenario), []).append(plan)
    for _ in range(count):
        one, other = draw.sample(draw.choice(list(groups.values())), 2)
        yield Plan(one.kind, one.scenario, (*one.faults, *other.faults), draw.randrange(1, 50))


def table(verdicts: Iterable[Verdict]) -> str:
    """Count runs and clean ones by scenario and by fault."""
    runs: Counter[str] = Counter()
    clean: Counter[str] = Counter()
    fired: Counter[str] = Counter()
    for each in verdicts:
        faults = each.plan.faults
        fault = faults[0].name if len(faults) == 1 else f"{len(faults) or 'no'} faults"
        for row in (f"  {each.plan.scenario}", f"  ~ {fault}", "all"):
            runs[row] += 1
            clean[row] += each.clean
            fired[row] += bool(each.fired)
    lines = [f"{'':34}{'runs':>8}{'clean':>8}{'fired':>8}"]
    lines += [f"{row:34}{runs[row]:>8}{clean[row]:>8}{fired[row]:>8}" for row in sorted(runs)]
    return "\n".join(lines)


def main() -> int:
    parser = argparse.ArgumentParser(description="Run fleets against every fault.")
    parser.add_argument("--pairs", type=int, default=1500)
    parser.add_argument("--singles", type=int, default=0, help="a sample; default: all")
    parser.add_argument("--scenario", default="")
    arguments = parser.parse_args()
    began = time.monotonic()
    plans = [
        plan
        for kind in KINDS
        for scenario in SCENARIOS
        if arguments.scenario in scenario
        for plan in singles(kind, scenario)
    ]
    for kind in KINDS:
        for scenario in CROWDS:
            if arguments.scenario in scenario:
                plans += sampled(list(singles(kind, scenario)), 100, 1)
    chosen = sampled(plans, arguments.singles, 1) if arguments.singles else plans
    chosen = [*chosen, *pairs(plans, arguments.pairs, 1)]
    verdicts = []
    for plan in chosen:
        verdict = run(plan)
        verdicts.append(verdict)
        if not verdict.clean:
            print(verdict, flush=True)
    print(table(verdicts))
    seconds = time.monotonic() - began
    print(f"{len(verdicts)} runs in {seconds:.0f} s; there are {len(plans)} with one fault")
    return 0 if all(each.clean for each in verdicts) else 1


if __name__ == "__main__":
    sys.exit(main())
