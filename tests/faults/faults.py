"""What can go wrong in one run, as data: a run can be named, repeated and sent to a process."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from ivs_constructs.testing.emulator import Refuse, Reset, ServerError, Throttle
from ivs_constructs.testing.emulator.faults import FaultKind


class Mode(StrEnum):
    """What happens at a call, at a reply or to a whole request."""

    DENIED = "permission not there yet"
    OVER_QUOTA = "refused: quota"
    UNVERIFIED = "refused: account not verified"
    CONFLICT = "refused: conflict"
    THROTTLED = "throttled"
    ERROR_BEFORE = "500 before effect"
    RESET_BEFORE = "reset before effect"
    ERROR_AFTER = "effect, then 500"
    RESET_AFTER = "effect, then reset"
    PUT_ERROR = "reply answered 500"
    PUT_REFUSED = "reply answered 403"
    PUT_LOST = "reply dropped before delivery"
    PUT_TAKEN = "reply dropped after delivery"
    HANGS_BEFORE = "hangs before effect"
    HANGS_AFTER = "hangs after effect"
    SLATE_FAILS = "slate becomes CREATE_FAILED"
    KILLED_BEFORE = "killed before effect"
    KILLED_AFTER = "killed after effect"
    TWIN_BEFORE = "twin before effect"
    TWIN_AFTER = "twin after effect"
    SEQUENTIAL = "duplicate in sequence"
    LATE = "duplicate after the stack is gone"
    DURING = "duplicate during another request"
    INTERLEAVED = "twin halts inside the request"
    OVERTAKEN = "overtaken by its twin"


API_MODES: dict[Mode, FaultKind] = {
    Mode.DENIED: Refuse("AccessDeniedException", status=403),
    Mode.OVER_QUOTA: Refuse("ServiceQuotaExceededException"),
    Mode.UNVERIFIED: Refuse("PendingVerification"),
    Mode.CONFLICT: Refuse("ConflictException"),
    Mode.THROTTLED: Throttle(),
    Mode.ERROR_BEFORE: ServerError(),
    Mode.RESET_BEFORE: Reset(),
    Mode.ERROR_AFTER: ServerError(after_effect=True),
    Mode.RESET_AFTER: Reset(after_effect=True),
}
MODELLED = {
    mode: kind.code
    for mode, kind in API_MODES.items()
    if isinstance(kind, Refuse) and mode is not Mode.DENIED
}
"""What an operation is refused with only if its model says so."""

PUT_MODES = (Mode.PUT_ERROR, Mode.PUT_REFUSED, Mode.PUT_LOST, Mode.PUT_TAKEN)
KILLS = (Mode.KILLED_BEFORE, Mode.KILLED_AFTER)
HANGS = (Mode.HANGS_BEFORE, Mode.HANGS_AFTER)
TWINS = (Mode.TWIN_BEFORE, Mode.TWIN_AFTER)
DUPLICATES = (*TWINS, Mode.SEQUENTIAL, Mode.LATE, Mode.DURING, Mode.INTERLEAVED, Mode.OVERTAKEN)

TRIES = 3
"""Lambda tries an asynchronous invocation once, and twice more on error."""

BEYOND = "beyond any defence"
"""What such faults are counted under, apart from all others; `matrix` says which they are."""

FOR_EVER = 1000
"""So many times as no request tries."""


@dataclass(frozen=True, slots=True)
class Fault:
    """One fault.

    Attributes:
        mode: What happens.
        event: The number of the request that it hits.
        call: The number of the call in that request; the reply comes after the last one.
        times: How often: so many of the calls or replies from there on, of kills and hangs so
            many of the tries.
        again: The number of the request that is delivered once more during this one or after it;
            without one it is this one.
        halt: The number of the twin's call before which it halts.
        resume: The number of this request's call before which the twin goes on to its end; without
            one it does so when this request is over. Of what is overtaken: the number of the later
            request after which it goes on; without one when the stack is gone.
        beyond: Whether nothing that the handler can see or do tells it from what is in order.
    """

    mode: Mode
    event: int
    call: int = 0
    times: int = 1
    again: int = -1
    halt: int = -1
    resume: int = -1
    beyond: bool = False

    @property
    def group(self) -> str:
        """The class of faults that it is counted under."""
        if self.beyond:
            return f"{BEYOND}: {self.mode}"
        often = "once" if self.times == 1 else "persistent"
        if self.mode in (Mode.ERROR_AFTER, Mode.RESET_AFTER):
            return f"ambiguous, {often}"
        if self.mode in (Mode.ERROR_BEFORE, Mode.RESET_BEFORE):
            return f"failed before effect, {often}"
        if self.mode is Mode.DENIED:
            return f"{self.mode}, {often if self.times in (1, FOR_EVER) else 'a few times'}"
        if self.mode in (Mode.CONFLICT, Mode.THROTTLED):
            return f"{self.mode}, {often}"
        if self.mode in PUT_MODES:
            return "reply refused for ever" if self.mode is Mode.PUT_REFUSED else "reply lost"
        if self.mode in (*KILLS, *HANGS):
            return f"{self.mode}, {'once' if self.times == 1 else 'all tries'}"
        if self.mode in TWINS:
            return "duplicate, concurrent"
        if self.mode is Mode.SEQUENTIAL and self.again >= 0:
            return "duplicate after a later request"
        if self.mode is Mode.INTERLEAVED:
            return "duplicate, interleaved" + (" twice" if self.resume >= 0 else "")
        if self.mode is Mode.OVERTAKEN:
            return "overtaken by its twin and " + (
                "a later request" if self.resume >= 0 else "the rest of the stack's life"
            )
        return str(self.mode)

    @property
    def overcome(self) -> bool:
        """Whether the request that it hits must succeed all the same."""
        if self.mode in (Mode.PUT_REFUSED, *MODELLED, *HANGS, Mode.SLATE_FAILS):
            return False
        if self.mode is Mode.INTERLEAVED:
            return False  # the one that is answered first may have met the other one's end
        return self.times == 1 or (self.mode is Mode.DENIED and self.times < FOR_EVER)

    @property
    def passes(self) -> bool:
        """Whether no operator needs to delete again after it."""
        return (
            self.overcome
            or self.mode is Mode.INTERLEAVED
            or (self.times == 1 and self.mode is Mode.CONFLICT)
        )

    def __str__(self) -> str:
        often = "" if self.times == 1 else f" x{self.times}"
        again = "" if self.again < 0 else f" again={self.again}"
        resume = "" if self.resume < 0 else f" resume={self.resume}"
        halt = "" if self.halt < 0 else f" halt={self.halt}"
        return f"{self.mode}{often} at request {self.event}, call {self.call}{again}{halt}{resume}"
