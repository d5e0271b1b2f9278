"""Clocks: the source of every time that the emulator returns or logs."""

from __future__ import annotations

import threading
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import cast

from ivs_constructs.testing.emulator.errors import EmulatorError

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

    Raises:
        EmulatorError: If `start` has no time zone, or `step` is no timedelta.
    """

    def __init__(
        self,
        start: datetime = datetime(2026, 1, 1, tzinfo=UTC),
        step: timedelta = timedelta(seconds=1),
    ) -> None:
        if not isinstance(cast("object", start), datetime) or start.tzinfo is None:
            raise EmulatorError(
                f"start must be a datetime with a time zone, got {start!r}; write "
                "datetime(2026, 1, 1, tzinfo=UTC)"
            )
        if not isinstance(cast("object", step), timedelta):
            raise EmulatorError(
                f"step must be a timedelta, got {step!r}; write timedelta(seconds=...)"
            )
        self._next = start
        self._step = step
        self._lock = threading.Lock()

    def __call__(self) -> datetime:
        """Return the time."""
        with self._lock:
            now = self._next
            self._next += self._step
        return now
