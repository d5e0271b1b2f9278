"""The first step of a program that starts Node."""

from __future__ import annotations

import signal
import sys

import ivs_constructs
from tools.local_cloud.signals import apart


def begin() -> None:
    """Find Node, and continue where Ctrl-C in a terminal does not reach it.

    Call it before anything is imported that imports the AWS CDK. Without Node, it says so and
    exits. If the program is ended later, it says so as well, and removes what it made.
    """
    try:
        ivs_constructs.ensure_node()
    except ivs_constructs.MissingNodeError as error:
        sys.exit(f"error: {error}")
    apart()
    signal.signal(signal.SIGTERM, _stop)


def _stop(*_: object) -> None:
    # As an exception, so that everything that was started is ended.
    raise SystemExit("error: ended before it was done")
