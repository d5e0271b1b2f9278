"""Injected faults: which call is hit, and what happens to it.

```python
emulator.faults.add("CreateStage", Reset(after_effect=True))
emulator.faults.add("ListStages", Throttle(), nth=2, forever=True)
emulator.faults.add(lambda call: call.index == 7, ServerError())
```
"""

from __future__ import annotations

import difflib
import threading
from collections.abc import Callable, Collection
from dataclasses import dataclass
from typing import cast, get_args

from ivs_constructs._core.misnamed import advise_arguments, advise_methods
from ivs_constructs.testing.emulator.calls import Call
from ivs_constructs.testing.emulator.errors import EmulatorError


@dataclass(frozen=True, slots=True)
class Refuse:
    """Return an error; the operation does not take place.

    Attributes:
        code: The error's code, such as `ConflictException`.
        message: What the error says.
        status: The HTTP status. Default: the model's status for that code, otherwise 400.
    """

    code: str
    message: str = "refused by an injected fault"
    status: int | None = None


@dataclass(frozen=True, slots=True)
class Throttle:
    """Return 429 ThrottlingException; the operation does not take place."""


@dataclass(frozen=True, slots=True)
class ServerError:
    """Return 500 InternalServerException.

    Attributes:
        after_effect: Whether the operation takes place anyway.
    """

    after_effect: bool = False


@dataclass(frozen=True, slots=True)
class Reset:
    """Reset the connection instead of answering.

    Attributes:
        after_effect: Whether the operation takes place anyway: the answer is lost.
    """

    after_effect: bool = False


@dataclass(frozen=True, slots=True)
class Delay:
    """Answer late.

    Attributes:
        seconds: How late.
        after_effect: Whether the operation takes place before the wait instead of after it.
    """

    seconds: float
    after_effect: bool = False

    def __post_init__(self) -> None:
        """Reject what is no time.

        Raises:
            EmulatorError: `seconds` is not a number, or is below 0.
        """
        seconds = cast("object", self.seconds)
        if isinstance(seconds, bool) or not isinstance(seconds, int | float) or not seconds >= 0:
            raise EmulatorError(f"seconds must be a number, 0 or more, got {seconds!r}")


@dataclass(frozen=True, slots=True)
class Hang:
    """Answer only when the fault is released, or the emulator is reset or stopped.

    Attributes:
        after_effect: Whether the operation takes place before the wait instead of after it.
    """

    after_effect: bool = False


FaultKind = Refuse | Throttle | ServerError | Reset | Delay | Hang
"""What can happen to a call."""


class Fault:
    """An injected fault.

    Attributes:
        kind: What happens.
        hits: How many calls it has hit.
        reached: Set as soon as it has hit a call; wait for it to catch a hanging call.
    """

    def __init__(
        self, matches: Callable[[Call], bool], kind: FaultKind, nth: int, forever: bool
    ) -> None:
        self.kind = kind
        self.hits = 0
        self.reached = threading.Event()
        self._matches = matches
        self._nth = nth
        self._forever = forever
        self._seen = 0
        self._released = threading.Event()

    def release(self) -> None:
        """Let hanging or waiting calls continue, now and later."""
        self._released.set()

    def wait(self, seconds: float | None) -> None:
        """Hold a call until the fault is released, or for a number of seconds."""
        self._released.wait(seconds)

    def strikes(self, call: Call) -> bool:
        """Count a call, and return whether to hit it."""
        if not self._matches(call):
            return False
        self._seen += 1
        return self._seen >= self._nth and (self._forever or not self.hits)

    def hit(self) -> None:
        """Record that a call was hit."""
        self.hits += 1
        self.reached.set()


class Faults:
    """The faults that an emulator injects. If several match a call, the oldest hits it."""

    def __init__(self, operations: Collection[str]) -> None:
        self._operations = operations
        self._lock = threading.Lock()
        self._faults: list[Fault] = []

    def add(
        self,
        match: str | Callable[[Call], bool],
        kind: FaultKind,
        *,
        nth: int = 1,
        forever: bool = False,
    ) -> Fault:
        """Add a fault.

        Args:
            match: The name of the operation to hit, or a function that selects calls.
            kind: What happens to the call.
            nth: Which of the matching calls is the first to hit, counted from 1 and from now on.
            forever: Whether all later matching calls are hit too. Default: only that call.

        Returns:
            The fault, to inspect, release or remove.

        Raises:
            EmulatorError: The operation does not exist, `kind` is not a fault, or `nth` is below 1.
        """
        # Anything else would hit its call and do nothing: a test that cannot fail.
        if not isinstance(cast("object", kind), FaultKind):
            raise EmulatorError(_no_fault(kind))
        if isinstance(nth, bool) or not isinstance(cast("object", nth), int) or nth < 1:
            raise EmulatorError(f"nth must be a whole number, 1 or more, got {nth!r}")
        if isinstance(match, str):
            name = match
            if name not in self._operations:
                close = difflib.get_close_matches(name, self._operations, n=1)
                advice = f"; did you mean {close[0]!r}?" if close else ""
                raise EmulatorError(f"neither API has an operation {name!r}{advice}")
            matches: Callable[[Call], bool] = lambda call: call.operation == name  # noqa: E731 (one of two)
        else:
            matches = match
        fault = Fault(matches, kind, nth, forever)
        with self._lock:
            self._faults.append(fault)
        return fault

    def remove(self, fault: Fault) -> None:
        """Remove a fault, releasing the calls it holds."""
        with self._lock:
            self._faults.remove(fault)
        fault.release()

    def clear(self) -> None:
        """Remove all faults, releasing the calls they hold."""
        with self._lock:
            faults, self._faults = self._faults, []
        for fault in faults:
            fault.release()

    def take(self, call: Call) -> Fault | None:
        """Find the fault that hits a call, and use it up."""
        if not self._faults:
            return None
        with self._lock:
            # Every fault counts every call that it matches, even if another fault hits it.
            striking = [fault for fault in self._faults if fault.strikes(call)]
            if striking:
                striking[0].hit()
        return striking[0] if striking else None


def _no_fault(given: object) -> str:
    """Say that something is not a fault, and what to write instead of a fault's class."""
    kinds: tuple[type, ...] = get_args(FaultKind)
    for kind in kinds:
        if given is kind:
            argument = {Refuse: "'ConflictException'", Delay: "5"}.get(kind, "")
            name = kind.__name__
            return f"kind must be a fault, got the class {name}; write {name}({argument})"
    names = ", ".join(kind.__name__ for kind in kinds)
    return f"kind must be a fault of the kind {names}, got {given!r}"


_REFUSAL = dict.fromkeys(("error", "error_code", "exception"), "write code=...")
_EFFECT: dict[str, str] = dict.fromkeys(("after", "late", "lost"), "write after_effect=True")
for _kind, _instead in (
    (Refuse, {**_REFUSAL, "status_code": "write status=..."}),
    (ServerError, _EFFECT),
    (Reset, _EFFECT),
    (Delay, {**_EFFECT, "delay": "write seconds=..."}),
    (Hang, _EFFECT),
):
    advise_arguments(_kind, instead=_instead)
advise_methods(
    Faults,
    {
        "add": {
            **dict.fromkeys(("call", "operation"), "write match=..."),
            **dict.fromkeys(("always", "times", "count"), "write forever=True, or add several"),
            "fault": "write kind=...",
        }
    },
)
