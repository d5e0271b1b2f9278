"""Deploy everything to a local cloud: `python -m tests.deploy --help`."""

from __future__ import annotations

import argparse
import signal
import sys
import time
from collections.abc import Iterable

from tests.deploy import examples, running, special
from tests.deploy.bench import Bench
from tests.deploy.failures import SetupError
from tests.deploy.journeys import Journey, Row, travel

_LINE = "{:34} {:34} {:>6} {:>8} {:>5} {:>8}"


def journeys() -> dict[str, Journey]:
    """All journeys, by name."""
    every = [*map(examples.journey, examples.names()), *special.JOURNEYS, *running.JOURNEYS]
    return {each.name: each for each in every}


def line(row: Row) -> str:
    """Write a line of the table."""
    left = "" if row.left is None else row.left
    passed = "yes" if row.passed else "NO"
    return _LINE.format(
        row.journey, row.step, passed, f"{row.seconds:.1f}", left, row.retained or ""
    ).rstrip()


def run(bench: Bench, chosen: Iterable[Journey]) -> list[Row]:
    """Go through journeys, and print the table meanwhile."""
    print(_LINE.format("example or case", "scenario", "passed", "seconds", "left", "retained"))
    rows: list[Row] = []
    for journey in chosen:
        for row in travel(bench, journey):
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
    every = journeys()
    parser.add_argument("name", nargs="*", help=f"only these: {', '.join(every)}")
    parser.add_argument("--short", action="store_true", help="one example, three steps")
    options = parser.parse_args(arguments)
    unknown = set(options.name) - every.keys()
    if unknown:
        parser.error(f"name must be of {', '.join(every)}; got {', '.join(sorted(unknown))}")
    chosen = [every[name] for name in options.name] or list(every.values())
    signal.signal(signal.SIGTERM, _stop)
    begun = time.monotonic()
    try:
        with Bench() as bench:
            rows = run(bench, [special.SHORT] if options.short else chosen)
    except SetupError as error:
        print(f"error: {error}", file=sys.stderr)
        return 1
    failed = sum(not row.passed for row in rows)
    seconds = time.monotonic() - begun
    print(f"{len(rows) - failed} of {len(rows)} scenarios passed in {seconds:.0f} s")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
