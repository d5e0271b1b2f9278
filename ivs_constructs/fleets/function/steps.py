"""How the functions of a fleet call AWS: as steps that somebody else carries out.

All that decides is written as generators. They yield a `Call` or a `Pause`, and are sent the
answer or the error. In AWS Lambda `aws.py` carries the steps out; the fault bench does it on a
clock of its own, and stops, repeats and interleaves them as it likes.
"""

from __future__ import annotations

from collections.abc import Callable, Generator
from dataclasses import dataclass, field
from typing import Any, TypeAlias, TypeVar

from ivs_constructs.fleets.function.settings import Settings

FIRST_PAUSE = 0.2
LONGEST_PAUSE = 5.0
"""Pauses between attempts double from the first to the longest, in seconds."""

CONDITION = "ConditionalCheckFailedException"
CANCELED = "TransactionCanceledException"
NOT_FOUND = "ResourceNotFoundException"
CONFLICT = "ConflictException"
NOT_LIVE = "ChannelNotBroadcasting"
QUOTA = "ServiceQuotaExceededException"


@dataclass(frozen=True, slots=True)
class Call:
    """One call to AWS, sent once.

    Attributes:
        service: The API, as boto3 calls it.
        operation: The operation, such as `CreateStage`.
        parameters: Its parameters.
    """

    service: str
    operation: str
    parameters: dict[str, Any]


@dataclass(frozen=True, slots=True)
class Pause:
    """Wait, in seconds."""

    seconds: float


_T = TypeVar("_T")

Steps: TypeAlias = Generator[Call | Pause, Any, _T]
"""Steps that end with a result."""


class CallError(Exception):
    """A call that did not succeed.

    Attributes:
        operation: The operation.
        code: The error's code, such as `ConflictException`.
        throttled: Whether it was refused, without effect, only because there were too many calls.
        ambiguous: Whether it may have taken effect all the same.
        denied: Whether the role may not do it, or may not do it yet.
        item: What stood in the table where a condition did not hold; None where nothing did.
        reasons: Why a transaction was cancelled: one code for each of its writes.
    """

    def __init__(
        self,
        operation: str,
        code: str,
        message: str = "",
        *,
        throttled: bool = False,
        ambiguous: bool = False,
        denied: bool = False,
        item: dict[str, Any] | None = None,
        reasons: tuple[str, ...] = (),
    ) -> None:
        super().__init__(f"{operation} failed: {code}: {message or 'no text'}")
        self.operation = operation
        self.code = code
        self.throttled = throttled
        self.ambiguous = ambiguous
        self.denied = denied
        self.item = item
        self.reasons = reasons


class Pace:
    """Keeps calls of one operation apart.

    Args:
        seconds: By how much.
    """

    def __init__(self, seconds: float) -> None:
        self._seconds = seconds
        self._next: dict[str, float] = {}

    def wait(self, operation: str, now: float) -> float:
        """Take the next turn of an operation.

        Returns:
            How many seconds it is away.
        """
        turn = max(now, self._next.get(operation, now))
        self._next[operation] = turn + self._seconds
        return turn - now


@dataclass(slots=True)
class World:
    """What one invocation works with.

    Attributes:
        settings: What was fixed at deploy.
        now: Tells the time, in seconds since 1970.
        end: When the invocation has to be over.
        new_id: Makes an id that nobody else has.
        random: Draws a number from 0 to 1.
        pace: Keeps calls of Amazon IVS apart; None to call at once.
        patient_until: Until when a call that is denied is repeated: IAM takes its time to spread
            what a deployment has just allowed.
        failures: What went wrong and was left to the next run, by its code.
    """

    settings: Settings
    now: Callable[[], float]
    end: float
    new_id: Callable[[], str]
    random: Callable[[], float]
    pace: Pace | None = None
    patient_until: float = 0
    failures: dict[str, int] = field(default_factory=dict[str, int])

    def left(self) -> float:
        """Tell how many seconds are left."""
        return self.end - self.now()

    def call(
        self, service: str, operation: str, parameters: dict[str, Any], *, repeat: bool = True
    ) -> Steps[dict[str, Any]]:
        """Call an operation, as long as it is throttled and there is time.

        Args:
            service: The API.
            operation: The operation.
            parameters: Its parameters.
            repeat: Whether it does no harm to send it again after an answer that leaves open
                whether it took effect.

        Raises:
            CallError: It did not succeed.
        """
        pause = FIRST_PAUSE
        while True:
            if self.pace is not None and service != "dynamodb":
                wait = self.pace.wait(operation, self.now())
                if wait > 0:
                    yield Pause(wait)
            outcome: dict[str, Any] | CallError = yield Call(service, operation, parameters)
            if not isinstance(outcome, CallError):
                return outcome
            again = outcome.throttled or (outcome.ambiguous and repeat)
            again |= outcome.denied and self.now() < self.patient_until
            # Jitter: whoever was refused together must not come back together.
            delay = pause * (0.5 + self.random())
            if not again or delay > self.left():
                raise outcome
            yield Pause(delay)
            pause = min(2 * pause, LONGEST_PAUSE)

    def note(self, error: CallError) -> None:
        """Count a failure that the next run will meet again."""
        self.failures[error.code] = self.failures.get(error.code, 0) + 1
