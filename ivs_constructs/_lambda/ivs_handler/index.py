"""The Lambda's entry: takes a request of CloudFormation, and answers it in every case."""

from __future__ import annotations

import threading
import time
import traceback
from collections.abc import Mapping
from typing import Protocol

from . import lifecycle, wire
from .clients import ApiError, Clients
from .specs import CUSTOM_RESOURCES
from .specs.low_latency import SIGNING_KEY
from .specs.prop import CustomResourceSpec

SPECS = {spec.custom_type: spec for spec in (*CUSTOM_RESOURCES, SIGNING_KEY)}

REPLY_SECONDS = 10.0
"""What is kept of the time for the reply."""

LAST_CALL_SECONDS = 5.0
"""When a reply is sent although the work still hangs, before the Lambda dies."""

_EXPECTED = (wire.InvalidError, lifecycle.FailedError, ApiError)


class Context(Protocol):
    """What Lambda tells of an invocation."""

    def get_remaining_time_in_millis(self) -> int:
        """Tell how long it may still run."""
        ...


class Clock:
    """Counts down the time that a request may take."""

    def __init__(self, seconds: float) -> None:
        self._end = time.monotonic() + seconds

    def remaining(self) -> float:
        """Tell how many seconds are left."""
        return self._end - time.monotonic()

    def sleep(self, seconds: float) -> None:
        """Wait."""
        time.sleep(seconds)


class Answer:
    """The one reply to a request, whichever comes first."""

    def __init__(self, request: wire.Request) -> None:
        self._request = request
        self._lock = threading.Lock()
        self._sent = False

    def send(self, body: bytes, outcome: str, seconds: float) -> None:
        """Deliver the answer, unless one was delivered already.

        Raises:
            UndeliveredError: It could not be.
        """
        with self._lock:
            if self._sent:
                return
            try:
                wire.deliver(self._request.response_url, body, seconds)
            except wire.UndeliveredError:
                wire.log(self._request, operation="reply", outcome="undelivered")
                raise
            self._sent = True
            wire.log(self._request, operation="reply", outcome=outcome)


def handler(event: Mapping[str, object], context: Context) -> None:
    """Deal with a request of CloudFormation.

    Raises:
        InvalidError: There is nowhere to reply to.
        UndeliveredError: The reply could not be delivered, so that Lambda tries again.
    """
    request = wire.read(event)
    if not request.response_url:
        raise wire.InvalidError("the event has no ResponseURL: it is no request of CloudFormation")
    spec = SPECS.get(request.type)
    seconds = _seconds(request, context)
    answer = Answer(request)
    last_call = threading.Timer(
        max(seconds - LAST_CALL_SECONDS, seconds / 2), _give_up, (answer, spec, request)
    )
    last_call.daemon = True
    last_call.start()
    try:
        body, outcome = _work(spec, request, Clock(seconds - REPLY_SECONDS))
        answer.send(body, outcome, REPLY_SECONDS)
    finally:
        last_call.cancel()


def _seconds(request: wire.Request, context: Context) -> float:
    """Tell how long there is: the Lambda's time, or CloudFormation's if that is shorter."""
    seconds = context.get_remaining_time_in_millis() / 1000
    timeout = str(request.properties.get("ServiceTimeout", ""))
    return min(seconds, int(timeout)) if timeout.isascii() and timeout.isdecimal() else seconds


def _work(
    spec: CustomResourceSpec | None, request: wire.Request, clock: lifecycle.Clock
) -> tuple[bytes, str]:
    """Do what is asked for; whatever happens there is a reply, and how it is to be logged."""
    failed_id = lifecycle.id_of_failure(spec, request)
    try:
        done = _do(spec, request, clock)
        return wire.reply(request, done.physical_id, data=done.data), "SUCCESS"
    except _EXPECTED as error:
        reason = _reason(spec, request, str(error))
        return wire.reply(request, failed_id, reason=reason), "FAILED"
    except Exception as error:
        # The text of an exception that nobody foresaw may hold anything, secrets too.
        kind = type(error).__name__
        place = traceback.extract_tb(error.__traceback__)[-1]
        wire.log(request, operation=f"{place.name}:{place.lineno}", outcome=kind)
        reason = _reason(spec, request, f"internal error {kind}; see the log of the Lambda")
        return wire.reply(request, failed_id, reason=reason), "FAILED"


def _do(
    spec: CustomResourceSpec | None, request: wire.Request, clock: lifecycle.Clock
) -> lifecycle.Outcome:
    def note(operation: str, arn: str, outcome: str) -> None:
        wire.log(request, operation=operation, arn=arn, outcome=outcome)

    wire.check(request)
    if spec is not None:
        return lifecycle.run(spec, request, Clients(note), clock)
    if request.kind == "Delete":
        # Nothing of a type that is not known was ever made.
        return lifecycle.Outcome(lifecycle.id_of_failure(spec, request), {})
    raise wire.InvalidError(f"ResourceType must be one of {', '.join(SPECS)}, got {request.type!r}")


def _reason(spec: CustomResourceSpec | None, request: wire.Request, cause: str) -> str:
    subject = f"{spec.name if spec else 'Resource'} '{request.construct}'"
    return cause if cause.startswith(subject) else f"{subject}: {cause}"


def _give_up(answer: Answer, spec: CustomResourceSpec | None, request: wire.Request) -> None:
    reason = _reason(spec, request, "the time ran out while a call to AWS was not answered")
    body = wire.reply(request, lifecycle.id_of_failure(spec, request), reason=reason)
    try:
        answer.send(body, "FAILED", LAST_CALL_SECONDS)
    except wire.UndeliveredError:
        # The work may still end in time and have another try.
        return
