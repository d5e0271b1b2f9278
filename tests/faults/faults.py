"""What can go wrong at one call or with one request, as data: a run can be named and repeated."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

TRIES = 3
"""Lambda tries an asynchronous invocation once, and twice more on error."""

FOR_EVER = 1000


class Mode(StrEnum):
    """What happens at a call, at the reply or to a request."""

    DENIED = "denied"
    THROTTLED = "throttled"
    CONFLICT = "conflict"
    OVER_QUOTA = "over its quota"
    UNVERIFIED = "account not verified"
    ERROR_BEFORE = "500 before effect"
    RESET_BEFORE = "reset before effect"
    TIMEOUT_BEFORE = "no answer, no effect"
    ERROR_AFTER = "effect, then 500"
    RESET_AFTER = "effect, then reset"
    TIMEOUT_AFTER = "effect, no answer"
    HUNG_BEFORE = "hangs till the end, no effect"
    HUNG_AFTER = "effect, then hangs till the end"
    KILLED_BEFORE = "killed before effect"
    KILLED_AFTER = "killed after effect"
    TWIN = "twin at the call"
    PAUSED = "stopped until the stack has moved on"
    REPLY_LOST = "reply lost before delivery"
    REPLY_TAKEN = "reply taken, but its answer lost"
    REPLY_REFUSED = "reply refused"
    AGAIN = "delivered again later"


AMBIGUOUS = {
    Mode.ERROR_BEFORE: ("InternalServerException", 0.0),
    Mode.RESET_BEFORE: ("", 0.0),
    Mode.TIMEOUT_BEFORE: ("", 15.0),
    Mode.ERROR_AFTER: ("InternalServerException", 0.0),
    Mode.RESET_AFTER: ("", 0.0),
    Mode.TIMEOUT_AFTER: ("", 15.0),
}
"""The error's code, empty for a broken connection, and how many seconds it takes to come."""

REFUSALS = {
    Mode.DENIED: ("AccessDeniedException", 403),
    Mode.THROTTLED: ("ThrottlingException", 429),
    Mode.CONFLICT: ("ConflictException", 409),
    Mode.OVER_QUOTA: ("ServiceQuotaExceededException", 402),
    Mode.UNVERIFIED: ("PendingVerification", 403),
}
SOMETIMES = (Mode.CONFLICT, Mode.OVER_QUOTA, Mode.UNVERIFIED)
"""Refusals that only some operations know."""
HANGS = (Mode.HUNG_BEFORE, Mode.HUNG_AFTER)
AFTER = (Mode.ERROR_AFTER, Mode.RESET_AFTER, Mode.TIMEOUT_AFTER, Mode.KILLED_AFTER, Mode.HUNG_AFTER)
KILLS = (Mode.KILLED_BEFORE, Mode.KILLED_AFTER)
REPLIES = (Mode.REPLY_LOST, Mode.REPLY_TAKEN, Mode.REPLY_REFUSED)
PASSING = (*AMBIGUOUS, Mode.DENIED, Mode.THROTTLED, Mode.TWIN, Mode.AGAIN, *KILLS)
"""What a request overcomes, if it comes once."""


@dataclass(frozen=True, slots=True)
class Fault:
    """One fault.

    Attributes:
        mode: What happens.
        request: The number of the request whose first delivery it hits.
        call: The number of the call in a try of that delivery.
        times: How many calls from there on it hits, of kills how many tries.
        later: During which later request a delivery comes again, or goes on; none: after all.
    """

    mode: Mode
    request: int
    call: int = 0
    times: int = 1
    later: int = -1

    @property
    def group(self) -> str:
        """The class of faults that it is counted under."""
        if self.mode in KILLS:
            return f"{self.mode}, {'once' if self.times == 1 else 'all tries'}"
        if self.mode in (Mode.PAUSED, Mode.AGAIN):
            return f"{self.mode}, {'after all' if self.later < 0 else 'during another request'}"
        if self.mode is Mode.TWIN or self.times == 1:
            return f"{self.mode}"
        return f"{self.mode}, for ever"

    @property
    def overcome(self) -> bool:
        """Whether every request must succeed all the same."""
        return self.mode in (*PASSING, *REPLIES[:2], Mode.PAUSED) and self.times == 1

    def __str__(self) -> str:
        often = "" if self.times == 1 else f" x{self.times}"
        later = "" if self.later < 0 else f" later={self.later}"
        return f"{self.mode}{often} at request {self.request}, call {self.call}{later}"
