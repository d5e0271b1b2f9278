"""Clocks: the source of every time that the emulator returns or logs."""

from __future__ import annotations

import threading
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

Clock = Callable[[], datetime]
"""Returns the time, with a time zone."""


def wall_clock() -> datetime:
    """Return the real time."""
    return datetime.now(UTC)


class SteppingClock:
    """A reproducible clock: it advances by one step whenever it is read.

    Args:
        start: The first time it returns.
        step: How far it advances each time.
    """

    def __init__(
        self,
        start: datetime = datetime(2026, 1, 1, tzinfo=UTC),
        step: timedelta = timedelta(seconds=1),
    ) -> None:
        self._next = start
        self._step = step
        self._lock = threading.Lock()

    def __call__(self) -> datetime:
        """Return the time."""
        with self._lock:
            now = self._next
            self._next += self._step
        return now
