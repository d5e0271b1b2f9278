"""What the checks for a real account make of what they see, without an account."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime

import pytest

from tests.integ.timing import (
    Burst,
    Change,
    Seen,
    burst,
    changes_of,
    latest_lag,
    seconds_until,
    watching,
)

CHANGES = [Change(10, "CREATING"), Change(20, "CREATED"), Change(30, "UPDATING")]


@pytest.mark.parametrize(
    ("seen", "lag"),
    [
        ([], 0),
        ([Seen(11, "CREATING"), Seen(21, "CREATED")], 0),
        # Before anything has happened nothing is late.
        ([Seen(9, "")], 0),
        ([Seen(10.5, "")], 0.5),
        ([Seen(12, ""), Seen(13, "CREATING")], 2),
        ([Seen(20.75, "CREATING"), Seen(31.5, "CREATED")], 1.5),
        # Two changes late.
        ([Seen(33, "CREATING")], 13),
        # Of what the record does not know nothing follows.
        ([Seen(25, "DELETED")], 0),
    ],
)
def test_lag_is_the_longest_of_an_outdated_answer(seen: list[Seen], lag: float) -> None:
    assert latest_lag(seen, CHANGES) == pytest.approx(lag)


def test_changes_are_read_from_the_events_of_a_stack() -> None:
    def event(name: str, status: str, second: int) -> dict[str, object]:
        at = datetime.fromtimestamp(second, UTC)
        return {"LogicalResourceId": name, "ResourceStatus": status, "Timestamp": at}

    events = [event("A", "CREATED", 3), event("B", "CREATED", 2), event("A", "CREATING", 1)]

    assert changes_of(events, "A") == [Change(1, "CREATING"), Change(3, "CREATED")]


def test_watching_notes_answers_and_errors() -> None:
    answers = iter(["one", "two"])
    # An iterator that has ended is an error like any other.
    with watching(lambda: next(answers), 0) as seen:
        while len(seen) < 3:
            pass

    assert [each.state for each in seen[:3]] == ["one", "two", ""]
    assert [each.asked for each in seen] == sorted(each.asked for each in seen)


class Clock:
    """A clock that goes by what is waited, and by a tick a question."""

    def __init__(self, tick: float = 0) -> None:
        self.now, self._tick = 0.0, tick

    def __call__(self) -> float:
        self.now += self._tick
        return self.now

    def sleep(self, seconds: float) -> None:
        self.now += seconds


@pytest.mark.parametrize(("looks", "seconds"), [(0, 0), (3, 1.5), (99, None)])
def test_looking_takes_as_long_as_it_takes(looks: int, seconds: float | None) -> None:
    def answers() -> Iterator[bool]:
        yield from [False] * looks
        yield True

    clock, left = Clock(), answers()

    found = seconds_until(lambda: next(left), 10, 0.5, clock=clock, sleep=clock.sleep)

    assert found == seconds


def test_burst_counts_what_is_refused() -> None:
    count = 0

    def call() -> None:
        nonlocal count
        count += 1
        if count % 3:
            raise RuntimeError("Throttled" if count % 3 == 1 else "Denied")

    found = burst(call, 9, str, clock=Clock(tick=1))

    assert found == Burst(9, 2, {"Throttled": 3, "Denied": 3})
    assert found.rate == pytest.approx(2 / 9)
