"""Answers an HTTP API after its authorizer has admitted the caller; only the verb `token`.

The authorizer or the route determines the person and the member, never the body. Only routes that a
TokenApi set up are answered.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, cast

from ivs_constructs.fleets.function.messages import Reply
from ivs_constructs.fleets.function.settings import HTTP_VARIABLE, Settings, SettingsError
from ivs_constructs.fleets.function.verbs import LONGEST_KEY
from ivs_constructs.token_issuers.function.http_api import (
    CODES,
    IDS,
    RejectionError,
    body_of,
    caller_of,
    check_absent,
    claim_of,
    object_in,
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
"""Status by the code of a refusal: those of the verb `token` and of the sign-in."""

# Clients and proxies encode and decode all other characters in a path, each in its own way.
_PATH_KEY = re.compile(rf"[A-Za-z0-9._~-]{{1,{LONGEST_KEY}}}")

_PERSON = {"stage": "userId", "channel": "viewerId"}


def is_event(event: object, environment: Mapping[str, str]) -> bool:
    """Whether an event comes from an HTTP API that may send it."""
    return HTTP_VARIABLE in environment and isinstance(event, dict) and "requestContext" in event


def request_of(
    event: Mapping[str, object], settings: Settings, environment: Mapping[str, str]
) -> dict[str, object]:
    """Convert an event to a request for a token.

    Raises:
        RejectionError: The sign-in, the route or the body is invalid.
    """
    route = route_of(event, _routes(environment), "fleet")
    person = _PERSON[settings.kind]
    name = caller_of(event, route)
    key = _key_of(event, route)
    body = body_of(event)
    check_absent(body, person, "who is signed in")
    check_absent(body, "key", "the sign-in" if "key_claim" in route else "the path")
    given = {field: value for field, value in body.items() if value is not None}
    return {**given, "key": key, person: IDS[person](name)}


def _key_of(event: Mapping[str, object], route: RouteSettings) -> str:
    """Return the key of the fleet's member that a request is about.

    Raises:
        RejectionError: The sign-in does not contain it, or the key in the path is invalid.
    """
    if "key_claim" in route:
        return claim_of(event, route["key_claim"], "names the key by")
    found = object_in(event.get("pathParameters")).get("key")
    if not isinstance(found, str) or not _PATH_KEY.fullmatch(found):
        raise RejectionError(
            400,
            "key",
            "key",
            f"must be 1-{LONGEST_KEY} letters, digits, '.', '_', '~' and '-' in the path",
        )
    return found


def rejected(rejection: RejectionError) -> Reply:
    """Make the reply to an event that is no valid request for a token."""
    message = f"{rejection.field} {rejection.message}"
    code = CODES[rejection.status]
    return {"error": {"code": code, "message": message, "field": rejection.field}}


def response_to(reply: Reply) -> dict[str, Any]:
    """Convert a reply to the form that an HTTP API returns."""
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
