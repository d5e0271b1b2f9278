"""How a program ends when somebody wants it to: once, completely, whatever comes meanwhile."""

from __future__ import annotations

import contextlib
import os
import signal
import sys
import threading
from collections.abc import Callable, Iterator
from types import FrameType

ENDINGS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
"""What Ctrl-C, `kill` and a terminal that is closed send."""


class Ended(BaseException):
    """Somebody wants the program to end."""


def apart() -> None:
    """Go on in a process in a session of its own; returns there, and never here.

    Ctrl-C reaches all programs in a terminal at once, the AWS CDK's Node among them, which then
    leaves a folder behind. Here one process stays in the terminal; the other one, which does the
    work, hears of an end as SIGTERM, also when the first one is killed.
    """
    ours, theirs = os.pipe()
    signal.pthread_sigmask(signal.SIG_BLOCK, ENDINGS)
    sys.stdout.flush()
    worker = os.fork()
    if worker == 0:
        os.setsid()
        os.close(theirs)
        signal.pthread_sigmask(signal.SIG_UNBLOCK, ENDINGS)

        def wait() -> None:
            os.read(ours, 1)
            os.kill(os.getpid(), signal.SIGTERM)

        threading.Thread(target=wait, daemon=True).start()
        return
    os.close(ours)

    passed = False

    def pass_on(_number: int, _frame: FrameType | None) -> None:
        nonlocal passed
        # Once: at its very end the other one has no handler any more.
        if not passed:
            passed = True
            with contextlib.suppress(ProcessLookupError):
                os.kill(worker, signal.SIGTERM)

    for each in ENDINGS:
        signal.signal(each, pass_on)
    signal.pthread_sigmask(signal.SIG_UNBLOCK, ENDINGS)
    status = os.waitstatus_to_exitcode(os.waitpid(worker, 0)[1])
    # At once: whatever comes now comes too late.
    os._exit(status if status >= 0 else 128 - status)


@contextlib.contextmanager
def ending() -> Iterator[Callable[[], bool]]:
    """Raise Ended when somebody wants an end; whatever comes after that is too late.

    Yields:
        Tells whether somebody wanted it.
    """
    wanted = False

    def end(_number: int, _frame: FrameType | None) -> None:
        # No lock of any kind: another signal may come in the middle of this.
        nonlocal wanted
        if not wanted:
            wanted = True
            raise Ended

    before = {each: signal.signal(each, end) for each in ENDINGS}
    try:
        yield lambda: wanted
    finally:
        if not wanted:
            for each, handler in before.items():
                signal.signal(each, handler)


@contextlib.contextmanager
def undisturbed() -> Iterator[None]:
    """Put off what handlers of signals do.

    A handler that raises while something is made would leave it with nobody to take it away.
    """
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    came: list[int] = []
    handlers = {each: signal.getsignal(each) for each in ENDINGS}
    handlers = {each: handler for each, handler in handlers.items() if callable(handler)}
    for number in handlers:
        signal.signal(number, lambda number, _: came.append(number))
    try:
        yield
    finally:
        for number, handler in handlers.items():
            signal.signal(number, handler)
        if came:
            signal.raise_signal(came[0])
