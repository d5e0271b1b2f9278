"""The log of calls: requests and results, never a secret."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime


@dataclass(slots=True, kw_only=True)
class Call:
    """One call that reached an operation.

    Attributes:
        index: Its number since the start or the last reset, from 1.
        request_id: The id that the client also got.
        service: `ivs` or `ivs-realtime`.
        operation: The operation, such as `CreateStage`.
        parameters: The request's parameters; sensitive values are masked.
        started: When it arrived.
        finished: When it was answered; None while it is in flight.
        status: The HTTP status of the answer; None if there is none (yet).
        error: The code of the error that was answered.
        effect: Whether the operation took place, whatever the client learned about it.
        fault: The kind of the fault that was injected.
    """

    index: int
    request_id: str
    service: str
    operation: str
    parameters: dict[str, object]
    started: datetime
    finished: datetime | None = None
    status: int | None = None
    error: str | None = None
    effect: bool = False
    fault: str | None = None
