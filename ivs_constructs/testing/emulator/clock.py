"""Clocks: the emulator asks one for every time that it answers or logs."""

from __future__ import annotations

import threading
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

Clock = Callable[[], datetime]
"""Tells the time, with a time zone."""


def wall_clock() -> datetime:
    """Tell the real time."""
    return datetime.now(UTC)


class SteppingClock:
    """A clock that depends on nothing: it goes on by one step whenever it is asked.

    Args:
        start: The first time it tells.
        step: How far it goes on each time.
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
        """Tell the time."""
        with self._lock:
            now = self._next
            self._next += self._step
        return now
