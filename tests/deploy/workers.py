"""Several local clouds at a time, each with a process of its own that goes through scenarios."""

from __future__ import annotations

import contextlib
import json
import os
import queue
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import asdict
from typing import IO

from tests.deploy.scenarios import Row, Scenario, run
from tools.local_cloud.bench import Bench
from tools.local_cloud.failures import SetupError
from tools.local_cloud.toolchain import ROOT

ARGUMENT = "--worker"
"""What makes `python -m tests.deploy` a worker: it reads names, and writes rows as JSON."""

_GRACE_SECONDS = 30.0


def work(scenarios: Mapping[str, Scenario]) -> int:
    """Go through the scenarios that are named on standard input, until it is closed."""
    try:
        with Bench() as bench:
            for line in sys.stdin:
                for row in run(bench, scenarios[line.strip()]):
                    _say(asdict(row))
                _say({})
    except SetupError as error:
        _say({"error": str(error)})
        return 1
    return 0


def _say(message: dict[str, object]) -> None:
    print(json.dumps(message), flush=True)


def run_all(names: Iterable[str], workers: int, seconds: float) -> Iterator[list[Row]]:
    """Go through scenarios, and yield the rows of each one when it is done.

    Args:
        names: The scenarios.
        workers: How many clouds there are at the same time.
        seconds: How long all of it may take.

    Raises:
        SetupError: A cloud does not start or breaks off, or the time is over.
    """
    waiting: queue.SimpleQueue[str] = queue.SimpleQueue()
    for name in names:
        waiting.put(name)
    number = waiting.qsize()
    done: queue.Queue[list[Row] | SetupError] = queue.Queue()
    crew = [_Worker(waiting, done) for _ in range(min(workers, number))]
    end = time.monotonic() + seconds
    try:
        for _ in range(number):
            try:
                found = done.get(timeout=max(end - time.monotonic(), 0))
            except queue.Empty:
                raise SetupError(f"not done after {seconds:.0f} s, and was ended") from None
            if isinstance(found, SetupError):
                raise found
            yield found
    finally:
        for worker in crew:
            worker.end()


class _Worker:
    """One of them.

    Args:
        waiting: Names of the scenarios to go through.
        done: Takes their rows.
    """

    def __init__(
        self, waiting: queue.SimpleQueue[str], done: queue.Queue[list[Row] | SetupError]
    ) -> None:
        self._process = subprocess.Popen(
            [sys.executable, "-m", "tests.deploy", ARGUMENT],
            cwd=ROOT,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            # Ctrl-C is for the process that started this one, which then ends it.
            start_new_session=True,
        )
        assert self._process.stdin
        assert self._process.stdout
        pipes = (self._process.stdin, self._process.stdout)
        self._thread = threading.Thread(target=self._run, args=(waiting, done, *pipes), daemon=True)
        self._thread.start()

    def end(self) -> None:
        """Ask it to stop everything it started, then stop it."""
        if self._process.poll() is None:
            self._process.terminate()
        try:
            self._process.wait(_GRACE_SECONDS)
        except subprocess.TimeoutExpired:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(self._process.pid, signal.SIGKILL)
            self._process.wait()
        self._thread.join()
        for pipe in (self._process.stdin, self._process.stdout):
            assert pipe
            with contextlib.suppress(OSError):
                pipe.close()

    def _run(
        self,
        waiting: queue.SimpleQueue[str],
        done: queue.Queue[list[Row] | SetupError],
        names: IO[str],
        messages: IO[str],
    ) -> None:
        try:
            with contextlib.suppress(queue.Empty):
                while True:
                    name = waiting.get_nowait()
                    names.write(f"{name}\n")
                    names.flush()
                    done.put(list(_rows(name, messages)))
        except SetupError as error:
            done.put(error)
        except OSError:
            # It was ended, or has said why before it took the name.
            done.put(SetupError(f"the process that was to go through '{name}' ended"))


def _rows(name: str, messages: IO[str]) -> Iterator[Row]:
    """Read the rows of one scenario.

    Raises:
        SetupError: There will be no more.
    """
    for line in messages:
        message = json.loads(line)
        if not message:
            return
        if "error" in message:
            raise SetupError(message["error"])
        yield Row(**message)
    raise SetupError(f"the process that went through '{name}' ended in the middle of it")
