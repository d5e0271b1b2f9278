"""A scheduler on a virtual clock: carries out the steps of many invocations, one after the other.

A call takes time, takes effect somewhere in it, and is answered at its end. A task can be killed at
any of its calls, before the effect or after it.
"""

from __future__ import annotations

import heapq
import itertools
import random
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from ivs_constructs.fleets.function.steps import Call, CallError, Pause, Steps

Serve = Callable[[Call], dict[str, Any]]
"""Lets a call take effect: returns the answer or raises a CallError."""


class KilledError(Exception):
    """A task was killed, as AWS Lambda kills what runs too long."""


@dataclass(eq=False)
class Task:
    """One invocation.

    Attributes:
        name: What it is, for people.
        steps: What it does.
        began: When.
        limit: When it is killed, in seconds after it began.
        calls: The calls that it made.
        ended: When it ended; None while it runs.
        result: What it returned.
        error: What it raised.
    """

    name: str
    steps: Steps[Any]
    began: float
    limit: float
    calls: list[Call] = field(default_factory=list)
    ended: float | None = None
    result: Any = None
    error: BaseException | None = None

    @property
    def over(self) -> bool:
        return self.ended is not None


class Scheduler:
    """Runs tasks on its own clock.

    Args:
        serve: Lets calls take effect.
        seed: Of how long calls take.
        start: The time at the beginning.
    """

    def __init__(self, serve: Serve, seed: int, start: float = 1_800_000_000.0) -> None:
        self.now = start
        self.random = random.Random(seed)  # noqa: S311 (no secret)
        self.tasks: list[Task] = []
        self._serve = serve
        self._queue: list[tuple[float, int, Callable[[], None]]] = []
        self._count = itertools.count()
        self.on_call: Callable[[Task, Call], str] = lambda _task, _call: ""
        """Tells what is to go wrong with a call, a name of `FAULTS`."""

    def at(self, when: float, action: Callable[[], None]) -> None:
        heapq.heappush(self._queue, (when, next(self._count), action))

    def begin(
        self, name: str, make: Callable[[], Steps[Any]], *, after: float, limit: float
    ) -> Task:
        """Let an invocation begin some seconds from now."""
        task = Task(name, iter(()), self.now + after, limit)  # type: ignore[arg-type]  # set below
        self.tasks.append(task)

        def start() -> None:
            task.steps = make()
            self._resume(task, None, None)

        self.at(task.began, start)
        self.at(task.began + limit, lambda: self._end(task, error=KilledError()))
        return task

    def run(self) -> None:
        """Run until nothing is left to do."""
        while self._queue:
            when, _, action = heapq.heappop(self._queue)
            self.now = max(self.now, when)
            action()

    def _resume(self, task: Task, answer: object, failure: CallError | None) -> None:
        if task.over:
            return
        try:
            step = task.steps.send(answer if failure is None else failure)
        except StopIteration as end:
            self._end(task, result=end.value)
            return
        except Exception as error:
            self._end(task, error=error)
            return
        if isinstance(step, Pause):
            self.at(self.now + max(step.seconds, 0.001), lambda: self._resume(task, None, None))
            return
        task.calls.append(step)
        self._send(task, step, self.on_call(task, step))

    def _send(self, task: Task, call: Call, fault: str) -> None:
        slow = call.service != "dynamodb"
        seconds = self.random.uniform(0.05, 0.3) if slow else self.random.uniform(0.003, 0.02)
        mode = FAULTS[fault]
        before, after = mode.before, mode.after
        effect_at = self.now + seconds / 2 + mode.late
        answer_at = self.now + (mode.answers if mode.answers else seconds)
        outcome: dict[str, Any] = {}

        def effect() -> None:
            try:
                outcome["answer"] = self._serve(call)
            except CallError as error:
                outcome["error"] = error

        def answered() -> None:
            failure = before or after
            if failure is not None:
                self._resume(task, None, failure(call))
            else:
                self._resume(task, outcome.get("answer"), outcome.get("error"))

        if before is None:
            self.at(effect_at, effect)
        if mode.kills:
            self.at(answer_at, lambda: self._end(task, error=KilledError()))
        else:
            self.at(answer_at, answered)

    def _end(
        self, task: Task, *, result: object = None, error: BaseException | None = None
    ) -> None:
        if task.over:
            return
        task.ended, task.result, task.error = self.now, result, error
        if isinstance(error, KilledError):
            task.steps.close()


@dataclass(frozen=True)
class Mode:
    """What goes wrong with a call.

    Attributes:
        before: The error that is answered without an effect.
        after: The error that is answered in place of the answer.
        kills: Whether the task dies instead of being answered.
        late: How much later the effect comes, in seconds.
        answers: After how many seconds the answer comes, 0 for the usual time.
    """

    before: Callable[[Call], CallError] | None = None
    after: Callable[[Call], CallError] | None = None
    kills: bool = False
    late: float = 0
    answers: float = 0


def _throttled(call: Call) -> CallError:
    code = "TransactionConflictException" if call.service == "dynamodb" else "ThrottlingException"
    return CallError(call.operation, code, throttled=True)


def _unclear(call: Call) -> CallError:
    return CallError(call.operation, "InternalServerError", ambiguous=True)


def _denied(call: Call) -> CallError:
    return CallError(call.operation, "AccessDeniedException", denied=True)


def _no_answer(call: Call) -> CallError:
    return CallError(call.operation, "ReadTimeoutError", ambiguous=True)


def _cancelled(call: Call) -> CallError:
    # As aws.judge reads it: nothing was wrong with the conditions.
    reasons = ("TransactionConflict", "None")
    return CallError(
        call.operation, "TransactionCanceledException", throttled=True, reasons=reasons
    )


def _quota(call: Call) -> CallError:
    return CallError(call.operation, "ServiceQuotaExceededException")


def _conflict(call: Call) -> CallError:
    return CallError(call.operation, "ConflictException")


FAULTS = {
    "": Mode(),
    "throttled": Mode(before=_throttled),
    "failed": Mode(before=_unclear),
    "denied": Mode(before=_denied),
    "answer lost": Mode(after=_unclear),
    "late effect": Mode(after=_no_answer, late=7, answers=5),
    "slow": Mode(late=4, answers=4.5),
    "killed before": Mode(before=_unclear, kills=True),
    "killed after": Mode(kills=True),
    "killed, late effect": Mode(kills=True, late=20),
    "killed, very late effect": Mode(kills=True, late=90),
    "cancelled": Mode(before=_cancelled),
    "quota": Mode(before=_quota),
    "conflict": Mode(before=_conflict),
}
"""By name; the last three are refusals that only some operations know."""

VERY_LATE = "killed, very late effect"
"""Later than any claim holds. Only writes to the table: a create that comes after a fleet was
deleted is beyond any defence."""

ANY_CALL = tuple(
    name for name in FAULTS if name not in ("", "cancelled", "quota", "conflict", VERY_LATE)
)
