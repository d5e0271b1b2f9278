"""Ends a program on request: once and completely, whatever signals arrive in the meantime."""

from __future__ import annotations

import contextlib
import os
import signal
import sys
import threading
from collections.abc import Callable, Iterator
from types import FrameType

ENDINGS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
"""The signals of Ctrl-C, `kill` and a closed terminal."""


class Ended(BaseException):
    """The user wants the program to end."""


def apart() -> None:
    """Continue in a child process with its own session; returns there, and never here.

    Ctrl-C reaches all programs in a terminal at once, including the AWS CDK's Node, which then
    leaves a folder behind. Here, one process stays in the terminal; the other one does the work and
    gets SIGTERM, even if the first one is killed.
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
        # Once, because at its very end the other process no longer has a handler.
        if not passed:
            passed = True
            with contextlib.suppress(ProcessLookupError):
                os.kill(worker, signal.SIGTERM)

    for each in ENDINGS:
        signal.signal(each, pass_on)
    signal.pthread_sigmask(signal.SIG_UNBLOCK, ENDINGS)
    status = os.waitstatus_to_exitcode(os.waitpid(worker, 0)[1])
    # Immediately; later signals are too late.
    os._exit(status if status >= 0 else 128 - status)


@contextlib.contextmanager
def ending() -> Iterator[Callable[[], bool]]:
    """Raise Ended when the user wants an end; later signals are ignored.

    Yields:
        A function that returns whether the user wanted it.
    """
    wanted = False

    def end(_number: int, _frame: FrameType | None) -> None:
        # No locks, because another signal may interrupt this.
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
    """Postpone signal handlers.

    A handler that raises while something is being made would leave it behind.
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
