"""Builds the documentation into site/: ``python -m tools.website``."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from tools.website.build import ROOT, build


def main() -> int:
    """Build the site.

    Returns:
        The exit status: that of zensical.
    """
    parser = argparse.ArgumentParser(prog="tools.website", description=__doc__)
    parser.add_argument("--to", type=Path, default=ROOT / "site", help="the folder for the site")
    parser.add_argument(
        "--without-pictures",
        action="store_true",
        help="omit the pictures of what each construct makes, which take about 15 seconds",
    )
    arguments = parser.parse_args()
    return build(arguments.to.resolve(), pictured=not arguments.without_pictures)


if __name__ == "__main__":
    sys.exit(main())
