"""Calls to AWS: creates are sent once, other calls may be retried; errors say what they mean."""

from __future__ import annotations

import threading
from collections.abc import Callable
from importlib import import_module
from typing import Any

# botocore ships no types: from here on its objects are read into typed ones.
_botocore: Any = import_module("botocore")
_config: Any = import_module("botocore.config")
_exceptions: Any = import_module("botocore.exceptions")
# boto3's client is botocore's; going there at once saves a cold start boto3's own imports.
_session: Any = import_module("botocore.session").Session()

CONNECT_SECONDS = 5
READ_SECONDS = 15

# Codes and statuses after which a create may have taken place. The real-time API models no
# throttling, so the shapes of the models do not tell.
_MAYBE_CODES = {"ThrottlingException", "Throttling", "TooManyRequestsException", "RequestTimeout"}
_MAYBE_STATUS = {408, 429}

_DENIED_CODES = {"AccessDenied", "AccessDeniedException", "UnauthorizedOperation"}
_FORBIDDEN = 403
_UNVERIFIED = "PendingVerification"
"""The one code of status 403 that has nothing to do with permissions."""

# What boto3 finds out by itself, before anything travels.
_NOT_SENT: Any = (_exceptions.ParamValidationError, _exceptions.NoCredentialsError)

_ADVICE = {
    _UNVERIFIED: "; the account is not verified for Amazon IVS yet: ask AWS Support",
    "ServiceQuotaExceededException": "; delete what is not needed or ask for a higher quota",
}

CONFLICT = "ConflictException"
NOT_FOUND = "ResourceNotFoundException"

Log = Callable[[str, str, str], None]
"""Notes an operation, the ARN that it was about and how it ended."""

_clients: dict[tuple[str, bool], Any] = {}
_lock = threading.Lock()


class ApiError(Exception):
    """A call that failed.

    Attributes:
        code: The error's code, such as `ConflictException`.
        ambiguous: Whether the operation may have taken place all the same.
        denied: Whether it was not permitted, and had no effect.
    """

    def __init__(
        self, operation: str, code: str, message: str, *, ambiguous: bool, denied: bool = False
    ) -> None:
        super().__init__(f"{operation} failed: {code}: {message}{_ADVICE.get(code, '')}")
        self.code = code
        self.ambiguous = ambiguous
        self.denied = denied


class Clients:
    """The APIs, for one request.

    Args:
        log: Logs every call that may change something, and every failure.
    """

    def __init__(self, log: Log) -> None:
        self._log = log

    def call(
        self, service: str, operation: str, parameters: dict[str, Any], *, once: bool = False
    ) -> dict[str, Any]:
        """Call an operation.

        Args:
            service: The API, as boto3 calls it.
            operation: The operation, such as `GetStage`.
            parameters: Its parameters.
            once: Whether to send it once, whatever happens: for what must not happen twice.

        Raises:
            ApiError: It did not succeed.
        """
        outcome = "ok"
        arn = _arn_in(parameters)
        sent = False
        try:
            method = getattr(_client(service, once=once), _botocore.xform_name(operation))
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


def _client(service: str, *, once: bool) -> Any:  # noqa: ANN401 (boto3 ships no types)
    # Two threads must not make clients of one session at the same time.
    with _lock:
        key = (service, once)
        if key not in _clients:
            retries: dict[str, Any] = {"mode": "standard"}
            if once:
                retries["total_max_attempts"] = 1
            config = _config.Config(
                retries=retries, connect_timeout=CONNECT_SECONDS, read_timeout=READ_SECONDS
            )
            _clients[key] = _session.create_client(service, config=config)
        return _clients[key]


def _judge(operation: str, error: Any, *, sent: bool) -> ApiError:  # noqa: ANN401 (no types)
    """Say what an exception of boto3 means; only what is safe to show goes into the message."""
    kind = type(error).__name__
    if isinstance(error, _NOT_SENT) or not sent:
        return ApiError(operation, kind, str(error), ambiguous=False)
    if isinstance(error, _exceptions.ClientError):
        response: dict[str, Any] = error.response
        code = response["Error"].get("Code", "Unknown")
        # Both APIs call the text exceptionMessage, which botocore does not look for.
        message = response.get("exceptionMessage") or response["Error"].get("Message") or "no text"
        status = response["ResponseMetadata"].get("HTTPStatusCode", 500)
        ambiguous = status >= 500 or status in _MAYBE_STATUS or code in _MAYBE_CODES
        denied = code in _DENIED_CODES or (status == _FORBIDDEN and code != _UNVERIFIED)
        return ApiError(operation, code, message, ambiguous=ambiguous, denied=denied)
    # Connections that broke, and answers that could not be read; their text may hold an answer.
    return ApiError(operation, kind, "no answer that could be read", ambiguous=True)


def _arn_in(members: dict[str, Any]) -> str:
    """Find the ARN that a call is about, in its parameters or one level into its answer."""
    for name in ("arn", "resourceArn", "channelArn"):
        if isinstance(members.get(name), str):
            return str(members[name])
    inner: list[Any] = [value for value in members.values() if isinstance(value, dict)]
    return next((str(value["arn"]) for value in inner if "arn" in value), "")
