"""Answers an HTTP API whose authorizer has let somebody in: the verb `token` alone is behind one.

Who the token is for, and for which member, is what the authorizer found or the route says, never
what the body says. Only routes that a TokenApi set up are answered.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, cast

from ivs_constructs.fleets.function.messages import Reply
from ivs_constructs.fleets.function.settings import HTTP_VARIABLE, Settings, SettingsError
from ivs_constructs.token_issuers.function.http_api import (
    CODES,
    IDS,
    RejectionError,
    body_of,
    caller_of,
    check_absent,
    key_of,
    response,
    route_of,
)

if TYPE_CHECKING:
    from ivs_constructs.token_issuers.function.settings import RouteSettings

STATUSES = {
    "InvalidRequest": 400,
    "Unauthenticated": 401,
    "Forbidden": 403,
    "UnknownKey": 404,
    "Busy": 429,
}
"""By the code of a refusal: all that the verb `token` knows, and those of the sign-in."""

_PERSON = {"stage": "userId", "channel": "viewerId"}


def is_event(event: object, environment: Mapping[str, str]) -> bool:
    """Whether an HTTP API sent an event, and is one that may."""
    return HTTP_VARIABLE in environment and isinstance(event, dict) and "requestContext" in event


def request_of(
    event: Mapping[str, object], settings: Settings, environment: Mapping[str, str]
) -> dict[str, object]:
    """Turn an event into a request for a token.

    Raises:
        RejectionError: The sign-in, the route or the body is not what is needed.
    """
    route = route_of(event, _routes(environment), "fleet")
    person = _PERSON[settings.kind]
    name = caller_of(event, route)
    key = key_of(event, route)
    body = body_of(event)
    check_absent(body, person, "who is signed in")
    check_absent(body, "key", "the sign-in" if "key_claim" in route else "the path")
    given = {field: value for field, value in body.items() if value is not None}
    return {**given, "key": key, person: IDS[person](name)}


def rejected(rejection: RejectionError) -> Reply:
    """Write the reply to an event that was no request for a token."""
    message = f"{rejection.field} {rejection.message}"
    code = CODES[rejection.status]
    return {"error": {"code": code, "message": message, "field": rejection.field}}


def response_to(reply: Reply) -> dict[str, Any]:
    """Write a reply as the HTTP API returns it."""
    refusal = reply.get("error")
    if refusal is None:
        return cast("dict[str, Any]", response(200, reply))
    again = refusal.get("retryAfterSeconds")
    headers = None if again is None else {"Retry-After": str(again)}
    return cast("dict[str, Any]", response(STATUSES[refusal["code"]], reply, headers))


def _routes(environment: Mapping[str, str]) -> Mapping[str, RouteSettings]:
    try:
        found: object = json.loads(environment[HTTP_VARIABLE])
    except ValueError:
        found = None
    if not isinstance(found, dict):
        raise SettingsError(
            f"environment variable {HTTP_VARIABLE} must hold what TokenApi writes there"
        )
    return cast("Mapping[str, RouteSettings]", found)
