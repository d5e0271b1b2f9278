"""The Lambda's entry point: handles a request from CloudFormation, and always replies."""

from __future__ import annotations

import hashlib
import threading
import traceback
from collections.abc import Mapping
from functools import partial
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
                wire.log(self._request, "reply", "", error.problem)
                raise
            self._sent = True
            wire.log(self._request, "reply", "", outcome)


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
    clock = lifecycle.Clock(seconds)
    answer = Answer(request)
    last_call = threading.Timer(
        max(seconds - LAST_CALL_SECONDS, seconds / 2), _give_up, (answer, spec, request)
    )
    last_call.daemon = True
    last_call.start()
    clients = Clients(partial(wire.log, request))
    nonce = hashlib.sha256(context.aws_request_id.encode()).hexdigest()[:12]
    time_left = lifecycle.Clock(seconds - REPLY_SECONDS)
    job = lifecycle.Job(spec, request, clients, time_left, nonce) if spec else None
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
        # The text of an unexpected exception can contain anything, even secrets.
        kind = type(error).__name__
        place = traceback.extract_tb(error.__traceback__)[-1]
        wire.log(request, f"{place.name}:{place.lineno}", "", kind)
        cause = f"internal error {kind}; see the log of the Lambda"
    spec = job.spec if job else None
    failed_id = lifecycle.failed_id(spec, request, job.arn if job else "")
    return wire.reply(request, failed_id, reason=_reason(spec, request, cause)), "FAILED"


def _confirm(job: lifecycle.Job, *, answered: bool) -> None:
    """After the reply, check that the stack owns what was created; failures are only logged."""
    try:
        lifecycle.confirm(job, answered=answered)
    except (lifecycle.FailedError, ApiError) as error:
        # What remains has the stack's tags: it is deleted with the resource.
        wire.log(job.request, "confirm", job.made, type(error).__name__)


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
