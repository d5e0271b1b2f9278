"""Carries out steps in AWS Lambda: sends the calls and waits during the pauses."""

from __future__ import annotations

import os
import random
import time
import uuid
from collections.abc import Mapping
from functools import cache
from importlib import import_module
from pathlib import Path
from typing import Any, TypeVar

from ivs_constructs.fleets.function.settings import CALL_SECONDS, VARIABLE, Settings, read_settings
from ivs_constructs.fleets.function.steps import CANCELED, Call, CallError, Pause, Steps, World

# boto3 ships no types. Its client is botocore's; using botocore directly saves boto3's own imports
# at a cold start.
_botocore: Any = import_module("botocore")
_config: Any = import_module("botocore.config")
_exceptions: Any = import_module("botocore.exceptions")
_session: Any = import_module("botocore.session")

_MODELS = Path(__file__).with_name("models")

_CONNECT_SECONDS = 2

_THROTTLED_CODES = {
    "LimitExceededException",
    "ProvisionedThroughputExceededException",
    "RequestLimitExceeded",
    "Throttling",
    "ThrottlingException",
    "TooManyRequestsException",
    "TransactionConflictException",
    "TransactionInProgressException",
}
_THROTTLED_REASONS = {"ProvisionedThroughputExceeded", "ThrottlingError", "TransactionConflict"}
_DENIED_CODES = {"AccessDenied", "AccessDeniedException", "UnauthorizedOperation"}
_TOO_MANY = 429
_SERVER = 500
_TIMEOUT = 408

# Errors that boto3 raises itself, before it sends anything.
_NOT_SENT: Any = (_exceptions.ParamValidationError, _exceptions.NoCredentialsError)

_T = TypeVar("_T")


def world_of(settings: Settings, seconds: float) -> World:
    """Make the context of an invocation."""
    return World(
        settings=settings,
        now=time.time,
        end=time.time() + seconds,
        new_id=lambda: uuid.uuid4().hex,
        random=random.random,
    )


def carry_out(steps: Steps[_T]) -> _T:
    """Carry out steps to their end, and return the result."""
    outcome: object = None
    while True:
        try:
            step = steps.send(outcome)
        except StopIteration as end:
            result: _T = end.value
            return result
        outcome = None
        if isinstance(step, Pause):
            time.sleep(max(step.seconds, 0))
            continue
        try:
            outcome = send(step)
        except CallError as error:
            outcome = error


def send(call: Call) -> dict[str, Any]:
    """Send a call once.

    Raises:
        CallError: The call failed.
    """
    try:
        method = getattr(client_of(call.service), _botocore.xform_name(call.operation))
        answer: dict[str, Any] = method(**call.parameters)
    except Exception as error:
        raise judge(call.operation, error) from None
    return answer


@cache
def client_of(service: str) -> Any:  # noqa: ANN401 (boto3 ships no types)
    """Make a client once, so that its connection is reused."""
    config = _config.Config(
        connect_timeout=_CONNECT_SECONDS,
        read_timeout=CALL_SECONDS - _CONNECT_SECONDS,
        # The caller decides what to retry.
        retries={"mode": "standard", "total_max_attempts": 1},
    )
    return _made_session().create_client(service, config=config)


@cache
def _made_session() -> Any:  # noqa: ANN401 (boto3 ships no types)
    session = _session.Session()
    # Only the operations used: loading the complete API models takes longer than everything else.
    session.get_component("data_loader").search_paths.insert(0, str(_MODELS))
    return session


def judge(operation: str, error: Any) -> CallError:  # noqa: ANN401 (no types)
    """Classify an exception of boto3; its message contains only what is safe to show."""
    if isinstance(error, _exceptions.ClientError):
        return _of_answer(operation, error.response)
    kind = type(error).__name__
    if isinstance(error, _NOT_SENT):
        return CallError(operation, kind, "it was not sent")
    # Broken connections and unreadable answers; the exception's text may contain an answer.
    return CallError(operation, kind, "no answer that could be read", ambiguous=True)


def _of_answer(operation: str, response: Mapping[str, Any]) -> CallError:
    code: str = response["Error"].get("Code", "Unknown")
    # Both IVS APIs name the text exceptionMessage, which botocore does not look for.
    message = response.get("exceptionMessage") or response["Error"].get("Message") or ""
    status: int = response["ResponseMetadata"].get("HTTPStatusCode", _SERVER)
    reasons = tuple(each.get("Code", "") for each in response.get("CancellationReasons", ()))
    throttled = code in _THROTTLED_CODES or status == _TOO_MANY
    if code == CANCELED and "ConditionalCheckFailed" not in reasons:
        throttled = not _THROTTLED_REASONS.isdisjoint(reasons)
    return CallError(
        operation,
        code,
        message,
        throttled=throttled,
        ambiguous=status >= _SERVER or status == _TIMEOUT,
        denied=code in _DENIED_CODES,
        item=response.get("Item"),
        reasons=reasons,
    )


@cache
def deployed() -> Settings:
    """Read the settings once."""
    return read_settings(os.environ)


def warm(*services: str) -> None:
    """Make clients while AWS Lambda starts the function, when the CPU is fastest."""
    if VARIABLE in os.environ:
        for service in services:
            client_of(service)
