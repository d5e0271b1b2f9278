"""What the functions that issue tokens share.

Their limits are fixed at deployment; a request can only ask for less. If it asks for more, or for
something unknown, the answer says what is wrong. A failure on this side raises an exception, so
that it counts as the function's error.

Neither the log nor an answer repeats what may identify a viewer or participant.
"""

from __future__ import annotations

import json
import os
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from functools import cache
from importlib import import_module
from pathlib import Path
from typing import Any, TypeVar, cast

from ivs_constructs.token_issuers.function.messages import RefusedResponse, TokenProblem
from ivs_constructs.token_issuers.function.settings import VARIABLE
from ivs_constructs.tokens._check import Check
from ivs_constructs.tokens._jws import Signer
from ivs_constructs.tokens._kms import KmsSigner

# boto3 ships no types. Its client is botocore's; using botocore directly saves boto3's own imports
# at a cold start.
_config: Any = import_module("botocore.config")
_session: Any = import_module("botocore.session")

_MODELS = Path(__file__).with_name("models")

SOURCE = "https://docs.aws.amazon.com/ivs/latest/LowLatencyUserGuide/private-channels-generate-tokens.html"

ATTEMPTS = 3
CONNECT_SECONDS = 1
READ_SECONDS = 2
"""In total less than the function's timeout."""

SECOND = timedelta(seconds=1)

_Entry = TypeVar("_Entry", bound=Mapping[str, object])


class SettingsError(Exception):
    """The function was deployed without valid settings."""


class SigningError(Exception):
    """A token could not be signed. Only the log says why."""


class Log:
    """Logs what happened to one request, as a line of JSON.

    Args:
        issuer: The kind of token.
        context: Lambda's facts about the invocation.
    """

    def __init__(self, issuer: str, context: object) -> None:
        self._issuer = issuer
        self._request_id = getattr(context, "aws_request_id", None)

    def write(self, outcome: str, **facts: object) -> None:
        """Write a line."""
        line = {"issuer": self._issuer, "requestId": self._request_id, "outcome": outcome, **facts}
        print(json.dumps(line), flush=True)


def fields_of(check: Check, kind: type, event: object) -> Mapping[str, object]:
    """Read the given fields."""
    names = tuple(kind.__annotations__)
    if not isinstance(event, dict):
        check.wrong_type("request", "a JSON object", event)
        return {}
    request = cast("dict[object, object]", event)
    unknown = len(request.keys() - set(names))
    if unknown:
        # Otherwise a typo in a field's name could allow more than intended.
        check.fail(
            "request",
            "unknown-field",
            f"must have no fields but {', '.join(names)}, got {unknown} of "
            f"{'another name' if unknown == 1 else 'other names'}; correct the spelling",
        )
    return {name: request[name] for name in names if request.get(name) is not None}


def chosen(
    check: Check, field: str, given: Mapping[str, object], entries: Sequence[_Entry], key: str
) -> _Entry | None:
    """Find the channel or stage that a request is about."""
    if field not in given:
        if len(entries) == 1:
            return entries[0]
        check.fail(
            field, "required", f"must name one of the {len(entries)} of this issuer, got none"
        )
        return None
    for entry in entries:
        if entry[key] == given[field]:
            return entry
    check.fail(field, "not-allowed", "must be one that this issuer signs for, got something else")
    return None


def lifetime_of(check: Check, given: Mapping[str, object], longest: float) -> timedelta:
    """Return the token's lifetime: as requested, up to a maximum."""
    field, most = "expiresInSeconds", int(longest)
    wanted = given.get(field, most)
    if not isinstance(wanted, int) or isinstance(wanted, bool):
        check.wrong_type(field, "a whole number of seconds", wanted)
    elif not 1 <= wanted <= most:
        # The number itself could be too long to print.
        got = "more" if wanted > most else "less"
        check.fail(field, "range", f"must be 1-{most} seconds, got {got}")
    else:
        return timedelta(seconds=wanted)
    return timedelta()


def some_of(check: Check, field: str, wanted: object, allowed: Sequence[str]) -> Sequence[str]:
    """Return the requested part of a list, in its order and without duplicates."""
    texts = set(texts_in(check, field, wanted))
    others = len(texts - set(allowed))
    if others:
        check.fail(
            field, "not-allowed", f"must hold some of {', '.join(allowed)}, got {others} other"
        )
    return [each for each in allowed if each in texts]


def texts_in(check: Check, field: str, wanted: object) -> Sequence[str]:
    """Return a list of strings, or an empty list for any other value."""
    if not isinstance(wanted, list):
        check.wrong_type(field, "a list of strings", wanted)
        return []
    items = cast("list[object]", wanted)
    if not items:
        check.fail(field, "items", "must hold at least one, got none; drop it if all are meant")
    if not all(check.holds_text(field, each) for each in items):
        return []
    return cast("list[str]", items)


def refusal(check: Check, log: Log) -> RefusedResponse:
    """Make the answer to an invalid request."""
    problems: list[TokenProblem] = [
        {"field": each.property, "code": each.code, "message": each.message}
        for each in check.failures
    ]
    log.write("refused", problems=[f"{each['field']}: {each['code']}" for each in problems])
    message = "; ".join(each["message"] for each in problems)
    return {"error": {"code": "InvalidRequest", "message": message, "problems": problems}}


def expiry(lifetime: timedelta, now: datetime) -> str:
    """Format a token's expiry."""
    return f"{now + lifetime:%Y-%m-%dT%H:%M:%SZ}"


def signer_of(key_arn: str, log: Log) -> Signer:
    """Return a signer whose failures reveal nothing to the caller."""
    kms_signer = KmsSigner(key_arn, _kms())

    def signed(message: bytes) -> bytes:
        try:
            return kms_signer(message)
        except Exception as error:
            raise signing_error(error, log) from None

    return signed


def signing_error(error: Exception, log: Log) -> SigningError:
    """Log why AWS KMS refused, and return the error for the caller.

    AWS's message names roles and keys, and callers may pass it on to browsers.
    """
    answer = getattr(error, "response", {})
    log.write("failed", error=type(error).__name__, code=answer.get("Error", {}).get("Code"))
    return SigningError("the token could not be signed; see the function's log")


def kms_client() -> Any:  # noqa: ANN401 (boto3 ships no types)
    """Return the AWS KMS client."""
    return _kms()


@cache
def _kms() -> Any:  # noqa: ANN401 (boto3 ships no types)
    """Make the client once, so that its connection is reused."""
    config = _config.Config(
        connect_timeout=CONNECT_SECONDS,
        read_timeout=READ_SECONDS,
        retries={"mode": "standard", "total_max_attempts": ATTEMPTS},
    )
    session = _session.Session()
    # Only the two operations used: loading the complete API model takes longer than this package.
    session.get_component("data_loader").search_paths.insert(0, str(_MODELS))
    return session.create_client("kms", config=config)


if VARIABLE in os.environ:
    # The CPU is fastest while Lambda starts the function.
    _kms()
