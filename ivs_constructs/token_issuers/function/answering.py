"""Answers the callers of a function that issues tokens, whether direct or through an HTTP API.

An HTTP API sends the request in the body of its own event (payload format 2.0), together with its
authorizer's result. Only routes that a TokenApi set up are answered.

See: https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-develop-integrations-lambda.html
"""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Mapping
from functools import lru_cache
from typing import cast

from ivs_constructs.token_issuers.function.deployed import unique
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
from ivs_constructs.tokens._ids import user_id_of, viewer_id_of

LARGEST_BODY = 32_768
"""Characters: the longest request that can be granted has fewer, even one to exchange a token."""

_ARN_PARTS_WITH_QUALIFIER = 8

_IDS = {"viewerId": viewer_id_of, "userId": user_id_of}


Issue = Callable[[Mapping[str, object], Check], object]
"""Takes the fields of a request, and returns the answer, or None if it recorded failures."""


def is_exchange(context: object) -> bool:
    """Whether the alias for exchanges was invoked, which needs a permission of its own."""
    parts = str(getattr(context, "invoked_function_arn", "")).split(":")
    return len(parts) == _ARN_PARTS_WITH_QUALIFIER and parts[-1] == EXCHANGE


def answered(
    event: object, context: object, log: Log, request: type, person: str, issue: Issue
) -> object:
    """Answer one invocation.

    Args:
        event: The event.
        context: Lambda's facts about the invocation.
        log: The log.
        request: The TypedDict with the fields of a request.
        person: The field that says who the token is for.
        issue: Issues a token for a request.
    """
    text, members = os.environ.get(HTTP_VARIABLE), _object(event)
    if text is not None and "requestContext" in members:
        return _http_answer(members, _routes(text), context, log, request, person, issue)
    check = Check("request", SOURCE)
    # Both record failures, so that all of them are reported at once.
    answer = issue(fields_of(check, request, event), check)
    return refusal(check, log) if answer is None else answer


class _RejectionError(Exception):
    """Why an event gets no token.

    Args:
        status: The HTTP status.
        field: What is wrong.
        code: Stable identifier of the rule.
        message: One sentence, which continues the field.
    """

    def __init__(self, status: int, field: str, code: str, message: str) -> None:
        super().__init__(message)
        self.status = status
        self.field = field
        self.code = code
        self.message = message


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
    except _RejectionError as rejection:
        check.fail(rejection.field, rejection.code, rejection.message)
        return _refused(rejection.status, refusal(check, log))
    answer = issue(fields, check)
    if answer is not None:
        return _response(200, answer)
    # A forbidden value is not a mistake of form; a mistake of form has to be fixed first.
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
    if event.get("version") != "2.0":
        raise _RejectionError(400, "request", "version", "must come in payload format version 2.0")
    route = routes.get(str(event.get("routeKey")))
    if route is None or route.get("exchange", False) is not is_exchange(context):
        raise _RejectionError(
            403, "request", "not-allowed", "must come by a route that was set up for this issuer"
        )
    name = _name(event, route)
    body = _body(event)
    if person in body:
        raise _RejectionError(
            400,
            person,
            "exclusive",
            "is taken from who is signed in; leave it out of the body",
        )
    return {**fields_of(check, request, body), person: _IDS[person](name)}


def _name(event: dict[str, object], route: RouteSettings) -> str:
    """Return who is signed in.

    Raises:
        _RejectionError: Nobody is, or the sign-in does not name the person.
    """
    context = _object(event.get("requestContext"))
    authorizer = _object(context.get("authorizer"))
    if "claim" in route:
        jwt = _object(authorizer.get("jwt"))
        claims, found = jwt.get("claims"), _object(jwt.get("claims")).get(route["claim"])
    else:
        claims = authorizer.get("iam")
        caller = _object(claims)
        # All users of an identity pool have the same role, but each has their own identity.
        identity = caller.get("cognitoIdentity")
        found = caller.get("userArn") if identity is None else _object(identity).get("identityId")
    if not isinstance(claims, dict):
        raise _RejectionError(401, "request", "not-signed-in", "must be signed in")
    # HTTP APIs write lists as [a b] and objects as JSON: neither names one person.
    text = Check("request", SOURCE).text("request", found, minimum=1) or ""
    if not text.strip() or text[0] in "[{":
        raise _RejectionError(
            403,
            "request",
            "claim",
            "must be signed in with a token that names the person by one non-empty string",
        )
    return text


def _body(event: dict[str, object]) -> dict[str, object]:
    """Read the request in the body; a missing body is an empty request.

    Raises:
        _RejectionError: It is not a JSON object.
    """
    body = event.get("body")
    if body is None or body == "":
        return {}
    if event.get("isBase64Encoded", False) is not False:
        raise _RejectionError(
            400, "request", "body", "must be JSON with the header Content-Type: application/json"
        )
    if isinstance(body, str) and len(body) <= LARGEST_BODY:
        try:
            found: object = json.loads(body, object_pairs_hook=unique)
        except (ValueError, RecursionError):
            found = None
        if isinstance(found, dict):
            return cast("dict[str, object]", found)
    raise _RejectionError(
        400,
        "request",
        "body",
        f"must be a JSON object of at most {LARGEST_BODY} characters that has each name once",
    )


def _object(value: object) -> dict[str, object]:
    return cast("dict[str, object]", value) if isinstance(value, dict) else {}


_CODES = {400: "InvalidRequest", 401: "Unauthenticated", 403: "Forbidden"}


def _refused(status: int, answer: RefusedResponse) -> HttpResponse:
    return _response(status, {"error": {**answer["error"], "code": _CODES[status]}})


def _response(status: int, answer: object) -> HttpResponse:
    return {
        "statusCode": status,
        # A token is for one person, and a cache in between would give it to the next.
        "headers": {"Content-Type": "application/json", "Cache-Control": "no-store"},
        "body": json.dumps(answer),
        "isBase64Encoded": False,
    }


@lru_cache(maxsize=1)
def _routes(text: str) -> Mapping[str, RouteSettings]:
    """Read the routes that were set up.

    Raises:
        SettingsError: The variable was not written by a TokenApi.
    """
    try:
        found: object = json.loads(text, object_pairs_hook=unique)
    except (ValueError, RecursionError):
        found = None
    if not isinstance(found, dict):
        raise SettingsError(
            f"environment variable {HTTP_VARIABLE} must hold what TokenApi writes there"
        )
    return cast("Mapping[str, RouteSettings]", found)
