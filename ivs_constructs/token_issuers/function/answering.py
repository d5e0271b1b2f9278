"""Answers the callers of a function that issues tokens, direct or through an HTTP API."""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Mapping
from functools import lru_cache
from typing import cast

from ivs_constructs.token_issuers.function.http_api import (
    CODES,
    IDS,
    RejectionError,
    body_of,
    caller_of,
    check_absent,
    no_route,
    object_in,
    response,
    route_of,
    unique,
)
from ivs_constructs.token_issuers.function.issuing import (
    SOURCE,
    Log,
    SettingsError,
    fields_of,
    refusal,
)
from ivs_constructs.token_issuers.function.messages import HttpResponse, RefusedResponse
from ivs_constructs.token_issuers.function.settings import (
    EXCHANGE,
    HTTP_VARIABLE,
    RouteSettings,
)
from ivs_constructs.tokens._check import Check

_ARN_PARTS_WITH_QUALIFIER = 8

Issue = Callable[[Mapping[str, object], Check], object]
"""Takes the fields of a request, and returns the answer, or None if it recorded failures."""


def is_exchange(context: object) -> bool:
    """Whether the alias for exchanges was invoked, which needs a permission of its own."""
    parts = str(getattr(context, "invoked_function_arn", "")).split(":")
    return len(parts) == _ARN_PARTS_WITH_QUALIFIER and parts[-1] == EXCHANGE


def answered(
    event: object, context: object, log: Log, request: type, person: str, issue: Issue
) -> object:
    """Answer one invocation."""
    text, members = os.environ.get(HTTP_VARIABLE), object_in(event)
    if text is not None and "requestContext" in members:
        return _http_answer(members, _routes(text), context, log, request, person, issue)
    check = Check("request", SOURCE)
    # Both record failures, so that all of them are reported at once.
    answer = issue(fields_of(check, request, event), check)
    return refusal(check, log) if answer is None else answer


def _http_answer(
    event: dict[str, object],
    routes: Mapping[str, RouteSettings],
    context: object,
    log: Log,
    request: type,
    person: str,
    issue: Issue,
) -> HttpResponse:
    check = Check("request", SOURCE)
    try:
        fields = _http_fields(event, routes, context, request, person, check)
    except RejectionError as rejection:
        check.fail(rejection.field, rejection.code, rejection.message)
        return _refused(rejection.status, refusal(check, log))
    answer = issue(fields, check)
    if answer is not None:
        return response(200, answer)
    # A malformed request takes precedence over a forbidden value: it must be fixed first.
    forbidden = all(each.code == "not-allowed" for each in check.failures)
    return _refused(403 if forbidden else 400, refusal(check, log))


def _http_fields(
    event: dict[str, object],
    routes: Mapping[str, RouteSettings],
    context: object,
    request: type,
    person: str,
    check: Check,
) -> Mapping[str, object]:
    route = route_of(event, routes, "issuer")
    if route.get("exchange", False) is not is_exchange(context):
        raise no_route("issuer")
    name = caller_of(event, route)
    body = body_of(event)
    check_absent(body, person, "who is signed in")
    return {**fields_of(check, request, body), person: IDS[person](name)}


def _refused(status: int, answer: RefusedResponse) -> HttpResponse:
    return response(status, {"error": {**answer["error"], "code": CODES[status]}})


@lru_cache(maxsize=1)
def _routes(text: str) -> Mapping[str, RouteSettings]:
    """Read the routes that were set up."""
    try:
        found: object = json.loads(text, object_pairs_hook=unique)
    except (ValueError, RecursionError):
        found = None
    if not isinstance(found, dict):
        raise SettingsError(
            f"environment variable {HTTP_VARIABLE} must hold what TokenApi writes there"
        )
    return cast("Mapping[str, RouteSettings]", found)
