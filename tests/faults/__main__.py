"""Run the fault bench: `python -m tests.faults --help`."""

from __future__ import annotations

import argparse
import sys
import time
from collections import Counter
from collections.abc import Iterable

from tests.faults import matrix, mutations
from tests.faults.cases import CASES
from tests.faults.faults import BEYOND
from tests.faults.run import Plan, Verdict

_COLUMNS = (
    "leaked",
    "extra",
    "lost",
    "wrong",
    "touched",
    "unanswered",
    "doubled",
    "abandoned",
    "failed",
    "delete_failed",
    "second_deletes",
    "unfired",
)


def table(results: Iterable[Verdict]) -> str:
    """Count how runs ended, by class of faults; what is beyond any defence is not in the sum."""
    rows: dict[str, Counter[str]] = {}
    for result in results:
        for name in (result.plan.group, *(() if result.plan.beyond else ("all",))):
            row = rows.setdefault(name, Counter())
            row["runs"] += 1
            row["clean"] += result.clean
            for column in _COLUMNS:
                row[column] += getattr(result, column)
    width = max(map(len, rows), default=0)
    names = ("runs", "clean", *_COLUMNS)
    lines = [" ".join([f"{'class of faults':{width}}", *(f"{name:>14}" for name in names)])]
    for name in sorted(rows, key=lambda name: (name.startswith(BEYOND), name == "all", name)):
        counts = (f"{rows[name][column]:>14}" for column in names)
        lines.append(" ".join([f"{name:{width}}", *counts]))
    return "\n".join(lines)


def _measure(chosen: list[Plan], shown: int) -> bool:
    begun = time.monotonic()
    results = list(matrix.verdicts(chosen))
    seconds = time.monotonic() - begun
    print(table(results))
    print(f"{len(results)} runs in {seconds:.0f} s: {len(results) / seconds:.1f} runs a second")
    unclean = sorted(
        (each for each in results if not each.clean and not each.plan.beyond),
        key=lambda each: str(each.plan),
    )
    for result in unclean[:shown]:
        counts = {name: getattr(result, name) for name in _COLUMNS if getattr(result, name)}
        print(f"not clean: {result.plan} {counts} {'; '.join(result.complaints)}")
    if len(unclean) > shown:
        print(f"and {len(unclean) - shown} more that are not clean; see --show")
    return not unclean


def _mutate(chosen: list[Plan]) -> bool:
    """Switch off one defence after the other, until a run is not clean that is so with all on."""
    missed = 0
    for name in mutations.MUTATIONS:
        runs = 0
        found = ""
        for result in matrix.verdicts(chosen, mutation=name, enough=lambda each: not each.clean):
            runs += 1
            if not result.clean and all(each.clean for each in matrix.verdicts([result.plan])):
                found = str(result.plan)
        missed += not found
        print(f"{'found' if found else 'MISSED':7} {name} ({runs} runs) {found}", flush=True)
    print(f"{len(mutations.MUTATIONS) - missed} of {len(mutations.MUTATIONS)} mutations found")
    return not missed


def main() -> int:
    """Run what is asked for; 1 if anything is not as it must be."""
    parser = argparse.ArgumentParser(prog="python -m tests.faults", description=__doc__)
    parser.add_argument("--type", action="append", choices=sorted(CASES), help="only this type")
    parser.add_argument("--sample", type=int, help="only so many runs")
    parser.add_argument("--pairs", type=int, help="so many runs with two faults each instead")
    parser.add_argument("--seed", type=int, default=0, help="for samples and pairs")
    parser.add_argument("--show", type=int, default=20, help="how many unclean runs to print")
    parser.add_argument("--mutations", action="store_true", help="switch off the defences")
    arguments = parser.parse_args()
    chosen = matrix.plans(arguments.type or CASES)
    if arguments.pairs:
        chosen = matrix.pairs(chosen, arguments.pairs, arguments.seed)
    elif arguments.sample or arguments.mutations:
        # Of every class some come early: a mutation is mostly found by one of the first.
        chosen = [plan for plan in chosen if not plan.beyond or not arguments.mutations]
        chosen = matrix.sampled(chosen, arguments.sample or len(chosen), arguments.seed)
    good = _mutate(chosen) if arguments.mutations else _measure(chosen, arguments.show)
    return 0 if good else 1


if __name__ == "__main__":
    sys.exit(main())
