"""How late AWS's answers are, and how many it gives: what is seen, and what follows from that."""

from __future__ import annotations

import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class Seen:
    """What a question was answered.

    Attributes:
        asked: When it was asked, in seconds since the epoch.
        state: The answer; empty if there was none yet.
    """

    asked: float
    state: str


@dataclass(frozen=True, slots=True)
class Change:
    """A change, as the record of the service itself tells it.

    Attributes:
        at: When it came, in seconds since the epoch.
        state: What is so from then on.
    """

    at: float
    state: str


def latest_lag(seen: Sequence[Seen], changes: Sequence[Change]) -> float:
    """Tell for how many seconds after a change a question was still answered as before it.

    Only answers that were true before count: a state that was never seen has passed too soon.

    Args:
        seen: The answers, oldest first.
        changes: The changes, oldest first.
    """
    lag = 0.0
    for each in seen:
        if each.state not in {change.state for change in changes} | {""}:
            continue
        # What was so when it was asked, and since when something else than the answer.
        since: float | None = None
        for change in changes:
            if change.at > each.asked:
                break
            if change.state == each.state:
                since = None
            elif since is None:
                since = change.at
        if since is not None:
            lag = max(lag, each.asked - since)
    return lag


@contextmanager
def watching(ask: Callable[[], str], pause: float) -> Iterator[list[Seen]]:
    """Ask again and again meanwhile, in a thread of its own.

    Args:
        ask: Asks; an error counts as no answer.
        pause: Seconds between two questions: few enough for the API's quota.
    """
    seen: list[Seen] = []
    ended = threading.Event()

    def watch() -> None:
        while not ended.is_set():
            asked = time.time()
            try:
                state = ask()
            except Exception:
                # Nothing there yet or any more, or a throttled question: others follow.
                state = ""
            seen.append(Seen(asked, state))
            ended.wait(pause)

    thread = threading.Thread(target=watch, daemon=True)
    thread.start()
    try:
        yield seen
    finally:
        ended.set()
        thread.join()


def seconds_until(
    look: Callable[[], bool],
    limit: float,
    pause: float,
    *,
    clock: Callable[[], float] = time.monotonic,
    sleep: Callable[[float], object] = time.sleep,
) -> float | None:
    """Look until something is so; answers how long it took, None if it was not within the limit.

    Args:
        look: Looks.
        limit: The most seconds.
        pause: Seconds between two looks.
        clock: Tells the time.
        sleep: Waits.
    """
    begun = clock()
    while True:
        asked = clock()
        if look():
            return asked - begun
        if asked - begun > limit:
            return None
        sleep(pause)


@dataclass(frozen=True, slots=True)
class Burst:
    """What came of calls as fast as they go.

    Attributes:
        seconds: How long it took.
        answered: How many calls were answered.
        refused: How many were refused, by the error's code.
    """

    seconds: float
    answered: int
    refused: dict[str, int]

    @property
    def rate(self) -> float:
        """Answered calls a second."""
        return self.answered / self.seconds


def burst(
    call: Callable[[], object],
    seconds: float,
    code_of: Callable[[Exception], str],
    *,
    clock: Callable[[], float] = time.monotonic,
) -> Burst:
    """Call as fast as it goes, and count.

    Args:
        call: Calls, without any retry.
        seconds: For how long.
        code_of: Tells an error's code; raises it again if it is none of the service.
        clock: Tells the time.
    """
    begun = clock()
    answered, refused = 0, Counter[str]()
    while (now := clock()) - begun < seconds:
        try:
            call()
            answered += 1
        except Exception as error:
            refused[code_of(error)] += 1
    return Burst(now - begun, answered, dict(refused))


def changes_of(events: Sequence[dict[str, Any]], logical_id: str) -> list[Change]:
    """Read from the events of a stack how a resource changed, oldest first.

    Args:
        events: The events, as CloudFormation describes them.
        logical_id: The resource.
    """
    found = [
        Change(each["Timestamp"].timestamp(), each["ResourceStatus"])
        for each in events
        if each["LogicalResourceId"] == logical_id
    ]
    return sorted(found, key=lambda each: each.at)
