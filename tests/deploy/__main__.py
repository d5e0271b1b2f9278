"""Deploy the examples and other cases to clouds on this machine."""

from __future__ import annotations

import argparse
import os
import signal
import sys
import time
from collections.abc import Iterable

from tools.local_cloud.boot import begin

if __name__ == "__main__" and "--worker" not in sys.argv:
    # Before what is imported below starts Node. A worker is apart already.
    begin()

from tests.deploy import cases, citizen, examples, running, workers
from tests.deploy.scenarios import Row, Scenario
from tools.local_cloud import toolchain
from tools.local_cloud.failures import SetupError

_LINE = "{:34} {:34} {:>6} {:>8} {:>5} {:>8}"

# While the CLI waits for one cloud, another one can have the processor.
_WORKERS = (os.cpu_count() or 1) + 1

_MOST_SECONDS = 1800.0


def scenarios() -> dict[str, Scenario]:
    """All scenarios, by name."""
    lives = map(examples.scenario, examples.names())
    every = [*lives, *cases.SCENARIOS, *citizen.SCENARIOS, *running.SCENARIOS]
    return {each.name: each for each in every}


def line(row: Row) -> str:
    """Write a line of the table."""
    left = "" if row.left is None else row.left
    passed = "yes" if row.passed else "NO"
    return _LINE.format(
        row.scenario, row.step, passed, f"{row.seconds:.1f}", left, row.retained or ""
    ).rstrip()


def print_table(done: Iterable[Iterable[Row]]) -> list[Row]:
    """Print what is done as it comes; answers all of it."""
    print(_LINE.format("example or case", "scenario", "passed", "seconds", "left", "retained"))
    rows: list[Row] = []
    for scenario in done:
        for row in scenario:
            rows.append(row)
            print(line(row), flush=True)
            if row.problem:
                print(row.problem, flush=True)
    return rows


def _stop(*_: object) -> None:
    # As an exception, so that everything is ended that was started.
    raise SystemExit(1)


def main(arguments: list[str] | None = None) -> int:
    """Run what is asked for; 1 if anything is not as it must be."""
    parser = argparse.ArgumentParser(prog="python -m tests.deploy", description=__doc__)
    every = scenarios()
    parser.add_argument("name", nargs="*", help=f"only these: {'; '.join(every)}")
    parser.add_argument(
        "--workers", type=int, default=_WORKERS, help="how many clouds run at once (%(default)s)"
    )
    parser.add_argument(workers.ARGUMENT, action="store_true", help=argparse.SUPPRESS)
    options = parser.parse_args(arguments)
    unknown = set(options.name) - every.keys()
    if unknown:
        parser.error(f"name must be of {', '.join(every)}; got {', '.join(sorted(unknown))}")
    if options.workers < 1:
        parser.error(f"workers must be at least 1, got {options.workers}")
    if options.worker:
        signal.signal(signal.SIGTERM, _stop)
        try:
            return workers.work(every)
        finally:
            # It ends anyway, and its Node with it.
            signal.signal(signal.SIGTERM, lambda *_: None)
    begun = time.monotonic()
    try:
        # Once, before all of them would do it.
        toolchain.cli()
        toolchain.ministack()
        rows = print_table(workers.run_all(options.name or every, options.workers, _MOST_SECONDS))
    except SetupError as error:
        print(f"error: {error}", file=sys.stderr)
        return 1
    failed = sum(not row.passed for row in rows)
    seconds = time.monotonic() - begun
    print(f"{len(rows) - failed} of {len(rows)} scenarios passed in {seconds:.0f} s")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
