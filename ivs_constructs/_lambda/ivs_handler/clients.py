"""Calls to AWS: each is sent once; errors say what they mean, and whether to retry."""

from __future__ import annotations

import threading
from collections.abc import Callable
from importlib import import_module
from typing import Any

# botocore ships no types: from here on its objects are converted to typed ones.
_botocore: Any = import_module("botocore")
_config: Any = import_module("botocore.config")
_exceptions: Any = import_module("botocore.exceptions")
# boto3's client is botocore's; using botocore directly saves boto3's own imports at a cold start.
_session: Any = import_module("botocore.session").Session()

CONNECT_SECONDS = 5
READ_SECONDS = 15

# Codes of calls that were throttled before they had any effect. The real-time API's model contains
# no throttling errors, so the models do not help.
_THROTTLED_CODES = {"ThrottlingException", "Throttling", "TooManyRequestsException"}
_TOO_MANY = 429

_TIMED_OUT = 408
"""The only status below 500 after which a call may have taken effect."""

_DENIED_CODES = {"AccessDenied", "AccessDeniedException", "UnauthorizedOperation"}
_FORBIDDEN = 403
_UNVERIFIED = "PendingVerification"
"""The only code with status 403 that does not concern permissions."""

# Errors that boto3 raises itself, before it sends anything.
_NOT_SENT: Any = (_exceptions.ParamValidationError, _exceptions.NoCredentialsError)

_ADVICE = {
    _UNVERIFIED: "; the account is not verified for Amazon IVS yet: ask AWS Support",
    "ServiceQuotaExceededException": "; delete what is not needed or ask for a higher quota",
}

CONFLICT = "ConflictException"
NOT_FOUND = "ResourceNotFoundException"

Log = Callable[[str, str, str], None]
"""Logs an operation, its ARN and its outcome."""

_clients: dict[str, Any] = {}
_lock = threading.Lock()


class ApiError(Exception):
    """A call that failed.

    Attributes:
        code: The error's code, such as `ConflictException`.
        ambiguous: Whether the operation may have taken effect nevertheless.
        denied: Whether it was not permitted, and had no effect.
        throttled: Whether there were too many calls, and it had no effect.
    """

    def __init__(
        self,
        operation: str,
        code: str,
        message: str,
        *,
        ambiguous: bool,
        denied: bool = False,
        throttled: bool = False,
    ) -> None:
        advice = _ADVICE.get(code, "")
        if denied:
            advice = (
                f"; the role of this resource's provider lacks a permission that {operation} needs"
            )
        super().__init__(f"{operation} failed: {code}: {message}{advice}")
        self.code = code
        self.ambiguous = ambiguous
        self.denied = denied
        self.throttled = throttled


class Clients:
    """The APIs, for one request.

    Args:
        log: Logs every call that can change something, and every failure.
    """

    def __init__(self, log: Log) -> None:
        self._log = log

    def call(self, service: str, operation: str, parameters: dict[str, Any]) -> dict[str, Any]:
        """Call an operation, once.

        Args:
            service: The API, as boto3 calls it.
            operation: The operation, such as `GetStage`.
            parameters: Its parameters.

        Raises:
            ApiError: It failed.
        """
        outcome = "ok"
        arn = _arn_in(parameters)
        sent = False
        try:
            method = getattr(_client(service), _botocore.xform_name(operation))
            sent = True
            answer: dict[str, Any] = method(**parameters)
            arn = arn or _arn_in(answer)
        except Exception as error:
            failure = _judge(operation, error, sent=sent)
            outcome = failure.code
            raise failure from None
        finally:
            if outcome != "ok" or not operation.startswith(("Get", "List", "Describe")):
                self._log(operation, arn, outcome)
        return answer


def _client(service: str) -> Any:  # noqa: ANN401 (boto3 ships no types)
    # Two threads must not make clients of one session at once.
    with _lock:
        if service not in _clients:
            # Only the handler knows what to retry, and for how long.
            config = _config.Config(
                retries={"mode": "standard", "total_max_attempts": 1},
                connect_timeout=CONNECT_SECONDS,
                read_timeout=READ_SECONDS,
            )
            _clients[service] = _session.create_client(service, config=config)
        return _clients[service]


def _judge(operation: str, error: Any, *, sent: bool) -> ApiError:  # noqa: ANN401 (no types)
    """Classify an exception of boto3; its message contains only what is safe to show."""
    kind = type(error).__name__
    if isinstance(error, _NOT_SENT) or not sent:
        return ApiError(operation, kind, str(error), ambiguous=False)
    if isinstance(error, _exceptions.ClientError):
        response: dict[str, Any] = error.response
        code = response["Error"].get("Code", "Unknown")
        # Both APIs name the text exceptionMessage, which botocore does not look for.
        message = response.get("exceptionMessage") or response["Error"].get("Message") or "no text"
        status = response["ResponseMetadata"].get("HTTPStatusCode", 500)
        throttled = status == _TOO_MANY or code in _THROTTLED_CODES
        return ApiError(
            operation,
            code,
            message,
            ambiguous=not throttled and (status >= 500 or status == _TIMED_OUT),
            denied=code in _DENIED_CODES or (status == _FORBIDDEN and code != _UNVERIFIED),
            throttled=throttled,
        )
    # Broken connections and unreadable answers; the exception's text may contain an answer.
    return ApiError(operation, kind, "no answer that could be read", ambiguous=True)


def _arn_in(members: dict[str, Any]) -> str:
    """Find the ARN of a call, in its parameters or one level into its answer."""
    for name in ("arn", "resourceArn", "channelArn"):
        if isinstance(members.get(name), str):
            return str(members[name])
    inner: list[Any] = [value for value in members.values() if isinstance(value, dict)]
    return next((str(value["arn"]) for value in inner if "arn" in value), "")
