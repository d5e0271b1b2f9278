"""Programs in process groups of their own, so that no process is left behind."""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import time
from pathlib import Path

from tools.local_cloud.signals import undisturbed

_GRACE_SECONDS = 5.0
_PAUSE = 0.05


class Group:
    """A program and all processes that it starts.

    Args:
        command: The program and its arguments.
        cwd: Where it runs.
        env: Its whole environment.
        log: The file for its output.
    """

    def __init__(self, command: list[str], *, cwd: Path, env: dict[str, str], log: Path) -> None:
        self.log = log
        try:
            with log.open("ab") as output, undisturbed():
                self._process = subprocess.Popen(
                    command,
                    cwd=cwd,
                    env=env,
                    # The server exits when this end is closed, however this process ended.
                    stdin=subprocess.PIPE,
                    stdout=output,
                    stderr=subprocess.STDOUT,
                    start_new_session=True,
                )
        except BaseException:
            # Nothing else knows about it yet.
            if hasattr(self, "_process"):
                self.end()
            raise

    def __enter__(self) -> Group:
        return self

    def __exit__(self, *_: object) -> None:
        self.end()

    @property
    def id(self) -> int:
        """The group's id, which is that of its first process."""
        return self._process.pid

    @property
    def status(self) -> int | None:
        """The program's exit status; None while it runs."""
        return self._process.poll()

    def wait(self, seconds: float) -> int | None:
        """Wait for the program's end; None if it does not end in time."""
        try:
            return self._process.wait(seconds)
        except subprocess.TimeoutExpired:
            return None

    def end(self) -> None:
        """End the program and all that it started, gracefully at first."""
        if self._process.stdin is not None:
            with contextlib.suppress(OSError):
                self._process.stdin.close()
        for number in (signal.SIGTERM, signal.SIGKILL):
            if not self.alive():
                break
            with contextlib.suppress(ProcessLookupError):
                os.killpg(self.id, number)
            end = time.monotonic() + _GRACE_SECONDS
            while self.alive() and time.monotonic() < end:
                time.sleep(_PAUSE)

    def alive(self) -> bool:
        """Whether any process of the group is left."""
        # A program that has ended stays in the group until its status is read.
        self._process.poll()
        return is_alive(self.id)


def is_alive(group: int) -> bool:
    """Whether any process of a group is left."""
    try:
        os.killpg(group, 0)
    except ProcessLookupError:
        return False
    return True
