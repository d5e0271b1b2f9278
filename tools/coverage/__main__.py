"""Shows where the library covers the APIs: `make coverage`, or `python -m tools.coverage`."""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Mapping
from typing import Any

from ivs_constructs.errors import InvalidPropertyError
from tools.coverage.covered import coverage
from tools.coverage.report import choose, text, unknown
from tools.write_models import installed

USAGE_ERROR = 2


def main(
    arguments: list[str] | None = None, models: Mapping[str, Mapping[str, Any]] | None = None
) -> int:
    """Print the requested part.

    Args:
        arguments: The command line. Default: the process's own.
        models: The models of both APIs, by the API's name. Default: those of the installed
            botocore.

    Returns:
        The exit status: 1 if something is covered nowhere, 2 if there is no such name.
    """
    options = _parser().parse_args(arguments)
    if models is None:
        models = {
            name: model for name, versions in installed().items() for model in versions.values()
        }
    found = coverage(models)
    try:
        found = choose(found, options.names, options.member)
    except InvalidPropertyError as error:
        print(f"{type(error).__name__}: {error}", file=sys.stderr)
        return USAGE_ERROR
    print(*text(found), sep="\n")
    return 1 if unknown(found) else 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m tools.coverage",
        description="Print for each operation of the APIs ivs and ivs-realtime, and for each "
        "member of what it takes (in) and answers (out), where this library covers it. Operations "
        "and members are those of the installed botocore.",
        epilog="The exit status is 1 if something is covered nowhere, and 2 if there is no API, "
        "operation or member of that name.",
    )
    parser.add_argument(
        "names", nargs="*", metavar="NAME", help="an API or an operation; default: all"
    )
    parser.add_argument(
        "--member",
        metavar="TEXT",
        help="only operations and members with this in their name",
    )
    return parser


if __name__ == "__main__":
    try:
        status = main()
        sys.stdout.flush()
    except BrokenPipeError:
        # The reader has closed the pipe, as `head` does; Python itself would complain at exit.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        status = 1
    sys.exit(status)
