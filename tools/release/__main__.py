"""Check dist/: its content and metadata, whether it works, and whether it may be released."""

from __future__ import annotations

import argparse
import sys

from tools.release import api, checks
from tools.release.checks import Packages


def main() -> int:
    """Run all checks, and print the failures.

    Returns:
        The exit status: 1 if a check fails.
    """
    parser = argparse.ArgumentParser(prog="tools.release", description=__doc__)
    parser.add_argument(
        "--refuse",
        action="store_true",
        help="fail on what must be done before a release: placeholders, a version without a tag, "
        "fragments that are not in CHANGELOG.md, an API that broke",
    )
    arguments = parser.parse_args()
    packages = Packages.of_dist()
    wrong: list[str] = []
    for check in (
        checks.content,
        checks.metadata,
        checks.rebuilt,
        checks.works_elsewhere,
    ):
        found = list(check(packages))
        print(f"{check.__name__:16} {'ok' if not found else 'WRONG'}", flush=True)
        wrong += found
    before = [*checks.before_a_release(packages), *api.breakages(packages)]
    for each in wrong:
        print(f"wrong: {each}", file=sys.stderr)
    for each in before:
        print(f"before a release: {each}", file=sys.stderr)
    checks.write_notes(packages)
    return int(bool(wrong or (arguments.refuse and before)))


if __name__ == "__main__":
    sys.exit(main())
