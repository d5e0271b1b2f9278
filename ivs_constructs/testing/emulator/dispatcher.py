"""From a request to an answer: route, log, fault, check, operate, check again."""

from __future__ import annotations

import json
import logging
import threading
from collections import deque
from collections.abc import Callable
from typing import Any, cast
from urllib.parse import parse_qs

from ivs_constructs.testing.emulator.backend.account import Account, Params, service_of
from ivs_constructs.testing.emulator.backend.operations import OPERATIONS
from ivs_constructs.testing.emulator.backend.refusals import Refusal
from ivs_constructs.testing.emulator.calls import Call
from ivs_constructs.testing.emulator.faults import (
    Delay,
    Fault,
    Faults,
    Hang,
    Refuse,
    Reset,
    ServerError,
    Throttle,
)
from ivs_constructs.testing.emulator.models import TAGS_PATH, Models, Operation
from ivs_constructs.testing.emulator.server import Answer, Request
from ivs_constructs.testing.emulator.shapes import mask, problems, select, without_nulls

_LOG = logging.getLogger(__name__)

# Errors that belong to the protocol or to the emulator, with the status of each.
_UNMODELLED = {
    "UnknownOperationException": 404,
    "SerializationException": 400,
    "NotEmulatedException": 501,
}

_LONGEST_LOG = 100_000

Hook = Callable[[Call], object]
"""Runs before a call is handled."""


class _LostError(Exception):
    """The connection is reset instead of sending the answer."""


class Dispatcher:
    """Handles requests, one at a time where they touch the state.

    Attributes:
        account: The state.
        faults: The injected faults.
        hooks: What runs before each call is handled.
        calls: The log, without the oldest calls if there are very many.
        count: The number of calls so far.
        mismatches: Answers that the models do not allow, and crashes: bugs in the emulator.
        lock: Guards all of these.
    """

    def __init__(
        self, models: Models, faults: Faults, account: Account, *, plain_messages: bool
    ) -> None:
        self.account = account
        self.faults = faults
        self.hooks: list[Hook] = []
        self.calls: deque[Call] = deque(maxlen=_LONGEST_LOG)
        self.count = 0
        self.mismatches: list[str] = []
        self.lock = threading.RLock()
        self._models = models
        self._plain_messages = plain_messages

    def handle(self, request: Request) -> Answer | None:
        """Answer a request; None to reset the connection."""
        try:
            operation, params = self._decode(request)
        except Refusal as refusal:
            return self._refusal(None, refusal.code, str(refusal))
        with self.lock:
            account = self.account
            self.count += 1
            call = Call(
                index=self.count,
                request_id=f"00000000-0000-4000-8000-{self.count:012x}",
                service=operation.service,
                operation=operation.name,
                parameters=cast("dict[str, object]", mask(operation.input, params)),
                started=account.clock(),
            )
            self.calls.append(call)
        try:
            answer = self._call(account, operation, params, call)
        except _LostError:
            answer = None
        except Exception as crash:
            # A failure in here must not look like an answer of the service.
            _LOG.exception("%s crashed", operation.name)
            answer = self._mismatch(operation, call, f"{type(crash).__name__}: {crash}")
        call.status = answer.status if answer else None
        call.finished = account.clock()
        return answer

    def _decode(self, request: Request) -> tuple[Operation, Params]:
        candidates = self._models.route(request.method, request.path)
        if not candidates:
            raise Refusal(
                "UnknownOperationException", f"No operation at {request.method} {request.path}"
            )
        operation = next(iter(candidates.values()))
        try:
            decoded: object = json.loads(request.body) if request.body else {}
            if b"null" in request.body:
                decoded = without_nulls(decoded)
        except (ValueError, RecursionError):
            # JSON nested too deep for Python is invalid for this service too.
            raise Refusal("SerializationException", "The body is not JSON") from None
        if not isinstance(decoded, dict):
            raise Refusal("SerializationException", "The body is not a JSON object")
        params = cast("Params", decoded)
        if operation.path == TAGS_PATH:
            arn = request.path.removeprefix(TAGS_PATH)
            operation = candidates.get(service_of(arn) or "", operation)
            params |= {**parse_qs(request.query), "resourceArn": arn}
        return operation, params

    def _call(self, account: Account, operation: Operation, params: Params, call: Call) -> Answer:
        for hook in tuple(self.hooks):
            hook(call)
        fault = self.faults.take(call)
        if fault is not None:
            call.fault = type(fault.kind).__name__
            answer = self._injected(fault, operation, call, effect=False)
            if answer is not None:
                return answer
        answer = self._operate(account, operation, params, call)
        if fault is not None:
            answer = self._injected(fault, operation, call, effect=True) or answer
        return answer

    def _injected(
        self, fault: Fault, operation: Operation, call: Call, *, effect: bool
    ) -> Answer | None:
        """Apply a fault before or after the effect; its answer replaces the real one."""
        kind = fault.kind
        if getattr(kind, "after_effect", False) != effect:
            return None
        match kind:
            case Refuse():
                return self._refusal(operation, kind.code, kind.message, call, status=kind.status)
            case Throttle():
                return self._refusal(operation, "ThrottlingException", "Rate exceeded", call)
            case ServerError():
                message = "Internal server error"
                return self._refusal(operation, "InternalServerException", message, call)
            case Reset():
                raise _LostError
            case Delay():
                fault.wait(kind.seconds)
            case Hang():
                fault.wait(None)
        return None

    def _operate(
        self, account: Account, operation: Operation, params: Params, call: Call
    ) -> Answer:
        operate = OPERATIONS.get(operation.name)
        if operate is None:
            message = f"{operation.name} of {operation.service} is not emulated"
            return self._refusal(operation, "NotEmulatedException", message, call)
        wrong = problems(operation.input, params)
        if wrong:
            return self._refusal(operation, "ValidationException", "; ".join(wrong), call)
        with self.lock:
            if account.unverified and "PendingVerification" in operation.errors:
                message = "Your account is pending verification"
                return self._refusal(operation, "PendingVerification", message, call)
            try:
                result = operate(account, params)
            except Refusal as refusal:
                return self._refused(operation, refusal, call)
            call.effect = True
            return self._success(operation, result, call)

    def _refused(self, operation: Operation, refusal: Refusal, call: Call) -> Answer:
        code = refusal.code
        if code == "ResourceNotFoundException" and code not in operation.errors:
            # Operations that cannot return "not found" return that the reference is invalid.
            code = "ValidationException"
        if code not in operation.errors:
            return self._mismatch(operation, call, f"{code} is not modelled: {refusal}")
        return self._refusal(operation, code, str(refusal), call)

    def _success(self, operation: Operation, result: Params, call: Call) -> Answer:
        headers = {"x-amzn-RequestId": call.request_id}
        if operation.output is None:
            return Answer(operation.status, headers=headers)
        body = select(operation.output, result)
        wrong = problems(operation.output, body, answer=True)
        if wrong:
            return self._mismatch(operation, call, "; ".join(wrong))
        return Answer(operation.status, json.dumps(body).encode(), headers)

    def _mismatch(self, operation: Operation, call: Call, message: str) -> Answer:
        text = f"{operation.service} {operation.name}: {message}"
        with self.lock:
            self.mismatches.append(text)
        answer = f"The emulator is wrong, not your program: {text}"
        return self._refusal(operation, "InternalServerException", answer, call)

    def _refusal(
        self,
        operation: Operation | None,
        code: str,
        message: str,
        call: Call | None = None,
        status: int | None = None,
    ) -> Answer:
        modelled = operation is not None and code in operation.errors
        body: dict[str, Any] = {"exceptionMessage": message} if modelled else {"message": message}
        if self._plain_messages:
            body["message"] = message
        headers = {"x-amzn-ErrorType": code}
        if call is not None:
            call.error = code
            headers["x-amzn-RequestId"] = call.request_id
        status = status or self._models.errors.get(code) or _UNMODELLED.get(code, 400)
        return Answer(status, json.dumps(body).encode(), headers)
