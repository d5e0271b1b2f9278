"""What a scenario is: steps, one after the other, with a name each."""

from __future__ import annotations

import time
import traceback
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from tools.local_cloud.bench import Bench
from tools.local_cloud.failures import SetupError

Steps = Iterator[str]
"""Yields the name of each step before the step."""


@dataclass(frozen=True, slots=True)
class Scenario:
    """Something that happens to one stack or more, from nothing to nothing.

    Attributes:
        name: Its name.
        steps: Goes through it.
    """

    name: str
    steps: Callable[[Bench], Steps]


@dataclass(frozen=True, slots=True)
class Row:
    """How a step ended.

    Attributes:
        scenario: The scenario.
        step: The step.
        passed: Whether it went as it must.
        seconds: How long it took.
        left: What was there after the last step that was not before the first; None in between.
        retained: What of that was to be retained; it is not in `left`.
        problem: What went wrong.
    """

    scenario: str
    step: str
    passed: bool
    seconds: float
    left: int | None = None
    retained: int = 0
    problem: str = ""


def run(bench: Bench, scenario: Scenario) -> Iterator[Row]:
    """Go through a scenario; the first step that fails is the last one."""
    bench.begin()
    steps = scenario.steps(bench)
    step, begun = "", time.monotonic()
    while True:
        name, problem = None, ""
        retained: list[str] = []
        left: list[str] = []
        try:
            name = next(steps, None)
            if name is None:
                bench.check()
                retained = bench.take_retained()
                left = bench.left()
                assert left == [], f"left behind: {', '.join(left)}"
        except Exception as error:
            where = traceback.extract_tb(error.__traceback__)[-1]
            problem = f"{type(error).__name__} at {where.name}: {where.line}\n{error}".rstrip()
            if isinstance(error, SetupError):
                # Nothing of the test: the message says all there is to say.
                problem = str(error)
        now = time.monotonic()
        if step or problem:
            yield Row(
                scenario.name,
                step or "begin",
                not problem,
                now - begun,
                None if name or (problem and not left) else len(left),
                len(retained),
                problem,
            )
        if problem or name is None:
            if problem:
                bench.restart()
            return
        step, begun = name, now
