"""Run the handler of custom resources against every fault."""

from __future__ import annotations

import argparse
import sys
import time
from collections import Counter
from collections.abc import Iterable

from tests.faults import matrix, mutations, sights
from tests.faults.matrix import Plan, Verdict
from tests.faults.stack import LIVES, VERSIONS, run
from tests.faults.world import Weather

_COLUMNS = ("leaked", "extra", "lost", "wrong", "touched", "unanswered", "failed", "unfired")
_SEEDS = 8
_PAIRS = 2400
_AT_ONCE = 30


def table(verdicts: Iterable[Verdict]) -> str:
    """Count how runs ended, by class; what no handler can tell apart is not in the sum."""
    rows: dict[str, Counter[str]] = {}
    for verdict in verdicts:
        apart = verdict.result.apart if not verdict.clean else ""
        for name in (
            (apart and f"apart: {apart}") or verdict.plan.group,
            *(() if apart else ("all",)),
        ):
            row = rows.setdefault(name, Counter())
            row["runs"] += 1
            row["clean"] += verdict.clean
            for column in _COLUMNS:
                found = getattr(verdict.result, column)
                row[column] += found if isinstance(found, int) else len(found)
    width = max(map(len, rows), default=0)
    names = ("runs", "clean", *_COLUMNS)
    lines = [" ".join([f"{'class':{width}}", *(f"{name:>10}" for name in names)])]
    for name in sorted(rows, key=lambda name: (name.startswith("apart"), name == "all", name)):
        counts = (f"{rows[name][column]:>10}" for column in names)
        lines.append(" ".join([f"{name:{width}}", *counts]))
    return "\n".join(lines)


def _measure(plans: list[Plan], shown: int) -> bool:
    begun = time.monotonic()
    done = list(matrix.verdicts(plans))
    seconds = time.monotonic() - begun
    print(table(done))
    print(f"{len(done)} runs in {seconds:.0f} s: {len(done) / seconds:.1f} runs a second")
    unclean = sorted(
        (each for each in done if not each.clean and not each.result.apart),
        key=lambda each: str(each.plan),
    )
    for each in unclean[:shown]:
        print(f"not clean: {each.plan} {each.result}")
    apart = sum(not each.clean for each in done) - len(unclean)
    if apart * 200 > len(done):
        print(f"{apart} runs are set apart: more than one in 200")
    return not unclean and apart * 200 <= len(done)


def _at_once() -> bool:
    """Let many stages of one stack meet the quotas, and print how long that takes."""
    steps = LIVES["create-update-rollback-delete"]
    result = run("Stage", steps, Weather(quotas=True), 0, count=_AT_ONCE)
    for step, seconds in result.seconds.items():
        print(f"{_AT_ONCE} stages at once, {step}: {seconds:.0f} s on the virtual clock")
    return result.clean and not result.failed


def _mutate(plans: list[Plan], names: list[str]) -> bool:
    """Switch off one defence after the other, until a run is not clean that is so with all on."""
    missed = 0
    for name in names:
        runs = 0
        found = ""
        mine = sights.of(name, plans)
        for verdict in matrix.verdicts(mine, mutation=name, enough=_is_noticed):
            runs += 1
            if _is_noticed(verdict):
                found = str(verdict.plan)
        missed += not found
        print(f"{'found' if found else 'MISSED':7} {name} ({runs} runs) {found}", flush=True)
    print(f"{len(names) - missed} of {len(names)} mutations found")
    return not missed


def _is_noticed(verdict: Verdict) -> bool:
    return _is_unclean(verdict) and not _is_unclean(matrix.judge(verdict.plan))


def _is_unclean(verdict: Verdict) -> bool:
    return not verdict.clean and not verdict.result.apart


def main() -> int:
    """Run what is asked for; 1 if anything is not as it must be."""
    parser = argparse.ArgumentParser(prog="python -m tests.faults", description=__doc__)
    parser.add_argument("--type", action="append", choices=sorted(VERSIONS), help="only this type")
    parser.add_argument("--sample", type=int, help="only so many runs")
    parser.add_argument("--pairs", type=int, default=_PAIRS, help="runs with two faults each")
    parser.add_argument("--seeds", type=int, default=_SEEDS, help="runs of each life and weather")
    parser.add_argument("--seed", type=int, default=0, help="the first seed")
    parser.add_argument("--show", type=int, default=20, help="how many unclean runs to print")
    parser.add_argument("--mutations", nargs="*", help="switch off these defences, or all")
    arguments = parser.parse_args()
    types = arguments.type or list(VERSIONS)
    plans = list(matrix.singles(types))
    pairs = list(matrix.pairs(plans, arguments.pairs, arguments.seed))
    seeds = range(arguments.seed, arguments.seed + arguments.seeds)
    plans += [*pairs, *matrix.weathers(types, seeds)]
    if arguments.sample or arguments.mutations is not None:
        # Of every class some come early: a mutation is mostly found by one of the first.
        plans = matrix.sampled(plans, arguments.sample or len(plans), arguments.seed)
    if arguments.mutations is not None:
        good = _mutate(plans, arguments.mutations or list(mutations.MUTATIONS))
    else:
        good = _measure(plans, arguments.show)
        good = _at_once() and good
    return 0 if good else 1


if __name__ == "__main__":
    sys.exit(main())
