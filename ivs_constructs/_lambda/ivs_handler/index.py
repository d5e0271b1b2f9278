"""The Lambda's entry point: handles a request from CloudFormation, and always replies."""

from __future__ import annotations

import hashlib
import threading
import time
import traceback
from collections.abc import Callable, Mapping
from typing import Protocol

from . import lifecycle, wire
from .clients import ApiError, Clients
from .specs import CUSTOM_RESOURCES
from .specs.low_latency import SIGNING_KEY
from .specs.prop import CustomResourceSpec

SPECS = {spec.custom_type: spec for spec in (*CUSTOM_RESOURCES, SIGNING_KEY)}

REPLY_SECONDS = 10.0
"""Time reserved for the reply; it can use more if there is more."""

PUT_SECONDS = 12.0
"""How long before the Lambda times out the last attempt at a reply begins."""

LAST_CALL_SECONDS = 5.0
"""How long before the Lambda times out a reply is sent although the work still hangs."""

_EXPECTED = (wire.InvalidError, lifecycle.FailedError, ApiError)


class Context(Protocol):
    """Lambda's facts about an invocation."""

    @property
    def aws_request_id(self) -> str:
        """The delivery's id; Lambda's retries have the same."""
        ...

    def get_remaining_time_in_millis(self) -> int:
        """Return the remaining time."""
        ...


class Clock:
    """Counts down the time for a request."""

    def __init__(self, seconds: float) -> None:
        self._latest = self._end = time.monotonic() + seconds

    def now(self) -> float:
        """Return the time, in seconds since 1970."""
        return time.time()

    def remaining(self) -> float:
        """Return how many seconds are left."""
        return self._end - time.monotonic()

    def sleep(self, seconds: float) -> None:
        """Wait."""
        time.sleep(seconds)

    def limit(self, seconds: float) -> None:
        """Reduce the time left to this many seconds, if it is longer."""
        self._end = min(self._latest, time.monotonic() + seconds)


class Answer:
    """The only reply to a request: the first one counts."""

    def __init__(self, request: wire.Request) -> None:
        self._request = request
        self._lock = threading.Lock()
        self._sent = False

    def send(self, body: bytes, outcome: str, seconds: float) -> None:
        """Deliver the answer, unless one has been delivered.

        Raises:
            UndeliveredError: It could not be delivered.
        """
        with self._lock:
            if self._sent:
                return
            try:
                wire.deliver(self._request.response_url, body, seconds)
            except wire.UndeliveredError as error:
                wire.log(self._request, operation="reply", outcome=error.problem)
                raise
            self._sent = True
            wire.log(self._request, operation="reply", outcome=outcome)


def handler(event: Mapping[str, object], context: Context) -> None:
    """Handle a request from CloudFormation.

    Raises:
        InvalidError: The request has no valid address for the reply.
        UndeliveredError: The reply could not be delivered; Lambda then retries.
    """
    request = wire.read(event)
    if not wire.is_address(request.response_url):
        raise wire.InvalidError("the event has no ResponseURL that CloudFormation would send")
    spec = SPECS.get(request.type)
    # The Lambda's time, or CloudFormation's if that is shorter.
    seconds = min(context.get_remaining_time_in_millis() / 1000, wire.timeout(request))
    clock = Clock(seconds)
    answer = Answer(request)
    last_call = threading.Timer(
        max(seconds - LAST_CALL_SECONDS, seconds / 2), _give_up, (answer, spec, request)
    )
    last_call.daemon = True
    last_call.start()
    job: lifecycle.Job | None = None
    if spec is not None:
        job = lifecycle.Job(
            spec,
            request,
            Clients(_note(request)),
            Clock(seconds - REPLY_SECONDS),
            hashlib.sha256(context.aws_request_id.encode()).hexdigest()[:12],
        )
    answered = False
    try:
        body, outcome = _work(job, request)
        last_call.cancel()
        kept = PUT_SECONDS + (lifecycle.CONFIRM_SECONDS if job and job.made else 0)
        answer.send(body, outcome, max(clock.remaining() - kept, 0))
        answered = True
    finally:
        last_call.cancel()
        if job is not None:
            _confirm(job, answered=answered)


def _work(job: lifecycle.Job | None, request: wire.Request) -> tuple[bytes, str]:
    """Do the work; always return a reply, and the outcome to log."""
    try:
        done = _do(job, request)
        return wire.reply(request, done.physical_id, data=done.data), "SUCCESS"
    except _EXPECTED as error:
        cause = str(error)
    except Exception as error:
        cause = _unforeseen(request, error)
    spec = job.spec if job else None
    failed_id = lifecycle.failed_id(spec, request, job.arn if job else "")
    return wire.reply(request, failed_id, reason=_reason(spec, request, cause)), "FAILED"


def _unforeseen(request: wire.Request, error: Exception) -> str:
    # The text of an unexpected exception can contain anything, even secrets.
    kind = type(error).__name__
    place = traceback.extract_tb(error.__traceback__)[-1]
    wire.log(request, operation=f"{place.name}:{place.lineno}", outcome=kind)
    return f"internal error {kind}; see the log of the Lambda"


def _confirm(job: lifecycle.Job, *, answered: bool) -> None:
    """After the reply, check that the stack owns what was created; failures are only logged."""
    try:
        lifecycle.confirm(job, answered=answered)
    except (lifecycle.FailedError, ApiError) as error:
        # What remains has the stack's tags: it is deleted with the resource.
        wire.log(job.request, operation="confirm", arn=job.made, outcome=type(error).__name__)


def _note(request: wire.Request) -> Callable[[str, str, str], None]:
    def note(operation: str, arn: str, outcome: str) -> None:
        wire.log(request, operation=operation, arn=arn, outcome=outcome)

    return note


def _do(job: lifecycle.Job | None, request: wire.Request) -> lifecycle.Outcome:
    wire.check(request)
    if job is not None:
        return lifecycle.run(job)
    if request.kind == "Delete":
        # An unknown type never created anything.
        return lifecycle.Outcome(lifecycle.failed_id(None, request), {})
    raise wire.InvalidError(f"ResourceType must be one of {', '.join(SPECS)}, got {request.type!r}")


def _reason(spec: CustomResourceSpec | None, request: wire.Request, cause: str) -> str:
    subject = f"{spec.name if spec else 'Resource'} '{request.construct}'"
    return cause if cause.startswith(subject) else f"{subject}: {cause}"


def _give_up(answer: Answer, spec: CustomResourceSpec | None, request: wire.Request) -> None:
    reason = _reason(spec, request, "the time ran out while a call to AWS was not answered")
    body = wire.reply(request, lifecycle.failed_id(spec, request), reason=reason)
    try:
        answer.send(body, "FAILED", LAST_CALL_SECONDS)
    except wire.UndeliveredError:
        # The work may still end in time and try again.
        return
