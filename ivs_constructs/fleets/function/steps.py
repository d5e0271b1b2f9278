"""How the functions of a fleet call AWS: as steps that their caller carries out.

All decisions are made in generators. They yield a `Call` or a `Pause`, and receive the answer or
the error. In AWS Lambda, `aws.py` carries out the steps; the fault bench does so on its own clock,
and stops, repeats and interleaves them at will.
"""

from __future__ import annotations

from collections.abc import Callable, Generator
from dataclasses import dataclass, field
from typing import Any, TypeAlias, TypeVar

from ivs_constructs.fleets.function.settings import Settings

FIRST_PAUSE = 0.2
LONGEST_PAUSE = 5.0
"""Pauses between attempts double from the first value to the second, in seconds."""

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
    """A call that failed.

    Attributes:
        operation: The operation.
        code: The error's code, such as `ConflictException`.
        throttled: Whether it was refused, without effect, because there were too many calls.
        ambiguous: Whether it may have taken effect nevertheless.
        denied: Whether the role may not do it, or not yet.
        item: The row in the table if a condition did not hold; None if there was none.
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
    """Spaces out the calls of one operation.

    Args:
        seconds: The interval.
    """

    def __init__(self, seconds: float) -> None:
        self._seconds = seconds
        self._next: dict[str, float] = {}

    def wait(self, operation: str, now: float) -> float:
        """Take the next turn of an operation.

        Returns:
            How many seconds to wait for it.
        """
        turn = max(now, self._next.get(operation, now))
        self._next[operation] = turn + self._seconds
        return turn - now


@dataclass(slots=True)
class World:
    """The context of one invocation.

    Attributes:
        settings: The settings fixed at deployment.
        now: Returns the time, in seconds since 1970.
        end: When the invocation must end.
        new_id: Makes a unique id.
        random: Returns a random number from 0 to 1.
        pace: Spaces out calls to Amazon IVS; None for no spacing.
        patient_until: Until when to retry denied calls: IAM takes time to propagate a deployment's
            permissions.
        failures: Failures left to the next run, by code.
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
        """Return how many seconds are left."""
        return self.end - self.now()

    def call(
        self, service: str, operation: str, parameters: dict[str, Any], *, repeat: bool = True
    ) -> Steps[dict[str, Any]]:
        """Call an operation, and retry it while it is throttled and there is time.

        Args:
            service: The API.
            operation: The operation.
            parameters: Its parameters.
            repeat: Whether it is safe to send it again after an answer that leaves open whether it
                took effect.

        Raises:
            CallError: It failed.
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
            # Jitter: callers refused together must not retry together.
            delay = pause * (0.5 + self.random())
            if not again or delay > self.left():
                raise outcome
            yield Pause(delay)
            pause = min(2 * pause, LONGEST_PAUSE)

    def note(self, error: CallError) -> None:
        """Count a failure that is left to the next run."""
        self.failures[error.code] = self.failures.get(error.code, 0) + 1
