"""Run checks in a real AWS account, which cost money.

Nothing runs unless you name an account and a Region; see docs/real-account.md.
"""

from __future__ import annotations

import argparse
import os
import secrets
import shutil
import sys
import tempfile
import time
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from tests.integ import sweep
from tests.integ.outside import Outside
from tests.integ.target import Account, RefusedError, Target
from tools.local_cloud.boot import begin
from tools.local_cloud.failures import SetupError
from tools.local_cloud.signals import Ended, ending, undisturbed

if TYPE_CHECKING:
    from tests.integ.checks import Check

_LINE = "{:24} {:14} {:>8}"


def new_id() -> str:
    """Name a run: by its time, and no other one has the same."""
    # Part of bucket names, so lower case.
    return f"ivs-integ-{datetime.now(UTC):%Y%m%d-%H%M%S}-{secrets.token_hex(2)}"


def perform(account: Account, outside: Outside, run_id: str, chosen: Sequence[Check]) -> bool:
    """Do checks and print how they end; answers whether all hold and nothing is left."""
    from tests.integ.run import Run

    good = True
    print(_LINE.format("check", "outcome", "seconds"), flush=True)
    try:
        run = Run(account, run_id, outside)
        for check in chosen:
            begun = time.monotonic()
            outcome = run.go_through(check)
            seconds = time.monotonic() - begun
            print(_LINE.format(check.name, outcome.word, f"{seconds:.0f}").rstrip())
            for holds, claim in outcome.claims:
                print(f"    {'yes' if holds else 'NO ':3} {claim}")
            for note in outcome.notes:
                print(f"    saw {note}")
            if outcome.problem:
                print(f"    {outcome.problem}")
            sys.stdout.flush()
            good = good and outcome.word == "holds"
    except Ended:
        print("ended before it was done; what was made is taken away", flush=True)
        good = False
    finally:
        good = clean(account, run_id) and good
    return good


def clean(account: Account, run: str) -> bool:
    """Delete what is left of a run; answers whether nothing was that should not have been."""
    gone: list[sweep.Item] = []
    kept: list[sweep.Item] = []
    # Stacks first: what was theirs need not be looked for any more.
    for stacks in (True, False):
        items = [each for each in sweep.find(account, run) if each.is_stack == stacks]
        done = sweep.delete(account, items, lambda text: print(text, flush=True))
        gone += done[0]
        kept += done[1]
    for each in gone:
        print(f"swept {each.arn} of {each.run}")
    if kept:
        print(f"{len(kept)} left: look at them, then run: make integ ARGS='--sweep {run}'")
    else:
        print("nothing is left")
    sys.stdout.flush()
    return not kept and not gone


def _choose(names: Sequence[str]) -> list[Check]:
    from tests.integ.checks import CHECKS

    every = {each.name: each for each in CHECKS}
    unknown = sorted(set(names) - every.keys())
    if unknown:
        raise RefusedError(f"checks are {', '.join(every)}; got {', '.join(unknown)}")
    return [every[name] for name in names] or list(every.values())


def _listing() -> None:
    for each in _choose(()):
        print(each.name)
        print(f"    shows: {each.establishes}")
        print(f"    costs: {each.costs}")
        if each.broadcasts:
            print("    needs: ffmpeg")


def _do(options: argparse.Namespace, account: Account) -> bool:
    account.verify()
    if options.left:
        for item in sweep.find(account):
            print(f"{item.run}  {item.arn}")
        return True
    if options.sweep:
        clean(account, options.sweep)
        return not sweep.find(account, options.sweep)
    chosen = _choose(options.name)
    broadcasting = [each.name for each in chosen if each.broadcasts]
    if broadcasting and (lacks := Outside.lacks_encoder()):
        raise RefusedError(
            f"{', '.join(broadcasting)} need {lacks}; install it, or name the other checks"
        )
    run_id = new_id()
    target = account.target
    print(f"{run_id} in account {target.account}, {target.region}", flush=True)
    return perform(account, Outside(account.folder), run_id, chosen)


def main(arguments: list[str] | None = None) -> int:
    """Do what is asked for: 1 if something does not hold or is left, 2 if it was refused."""
    parser = argparse.ArgumentParser(prog="python -m tests.integ", description=__doc__)
    parser.add_argument("name", nargs="*", help="only these checks")
    parser.add_argument("--list", action="store_true", help="list the checks, and what they cost")
    parser.add_argument("--left", action="store_true", help="list what runs have left behind")
    parser.add_argument("--sweep", metavar="RUN", help="delete what a run left; all: every run")
    options = parser.parse_args(arguments)
    folder: Path | None = None
    with ending():
        try:
            if options.list:
                _listing()
                return 0
            target = Target.named(os.environ)
            with undisturbed():
                folder = Path(tempfile.mkdtemp(prefix="ivs-integ-"))
            return 0 if _do(options, Account(target, folder)) else 1
        except RefusedError as error:
            print(f"error: {error}", file=sys.stderr)
            return 2
        except SetupError as error:
            print(f"error: {error}", file=sys.stderr)
            return 1
        except Ended:
            return 1
        finally:
            if folder is not None:
                shutil.rmtree(folder, ignore_errors=True)


if __name__ == "__main__":
    begin()
    sys.exit(main())
