"""The emulator as a program, for other languages and for the shell."""

from __future__ import annotations

import argparse
import signal
import sys
import threading
from types import FrameType

from ivs_constructs.testing.emulator.emulator import Emulator
from ivs_constructs.testing.emulator.errors import EmulatorError

_SECONDS_TO_NOTICE = 0.5


def main(arguments: list[str] | None = None) -> int:
    """Serve until interrupted.

    Args:
        arguments: The command line. Default: the process's own.

    Returns:
        The exit status.
    """
    parser = argparse.ArgumentParser(
        prog="python -m ivs_constructs.testing.emulator",
        description="Emulate the APIs ivs and ivs-realtime on this machine.",
    )
    parser.add_argument(
        "--host", default="127.0.0.1", help="loopback address (default: %(default)s)"
    )
    parser.add_argument("--port", type=int, default=0, help="port; the default, 0, is any free one")
    parser.add_argument(
        "--region", default="us-east-1", help="Region of all ARNs (default: %(default)s)"
    )
    parser.add_argument(
        "--account", default="123456789012", help="account of all ARNs (default: %(default)s)"
    )
    parser.add_argument(
        "--list-lag", type=int, default=0, help="how many lists miss a change (%(default)s)"
    )
    options = parser.parse_args(arguments)
    stop = threading.Event()

    def interrupt(_number: int, _frame: FrameType | None) -> None:
        stop.set()

    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, interrupt)
    # For people at a shell: errors carry their text in every SDK.
    try:
        emulator = Emulator(
            host=options.host,
            port=options.port,
            region=options.region,
            account=options.account,
            list_lag=options.list_lag,
            plain_messages=True,
        )
        emulator.start()
    except EmulatorError as error:
        print(f"error: {error}", file=sys.stderr)
        return 1
    print(f"IVS emulator at {emulator.url}; stop it with Ctrl-C")
    for name, value in emulator.environment.items():
        print(f"export {name}={value}")
    sys.stdout.flush()
    # With a timeout, so that signals are noticed whichever thread they reach, also on Windows.
    while not stop.wait(_SECONDS_TO_NOTICE):
        pass
    emulator.stop()
    return 0


if __name__ == "__main__":
    sys.exit(main())
