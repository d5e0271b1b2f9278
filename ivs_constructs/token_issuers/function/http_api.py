"""Reads an HTTP API's events, and makes the responses to its callers.

The event (payload format 2.0) has the request in its body, along with the authorizer's result.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import TYPE_CHECKING, cast

from ivs_constructs.tokens._check import Check
from ivs_constructs.tokens._ids import user_id_of, viewer_id_of

if TYPE_CHECKING:
    from ivs_constructs.token_issuers.function.messages import HttpResponse
    from ivs_constructs.token_issuers.function.settings import RouteSettings

LARGEST_BODY = 32_768
"""Characters: more than any valid request has, even one to exchange a token."""

CODES = {400: "InvalidRequest", 401: "Unauthenticated", 403: "Forbidden"}
"""The code that a rejected caller gets, by status."""

IDS = {"viewerId": viewer_id_of, "userId": user_id_of}
"""How to derive the person's field from the sign-in's name for them."""


class RejectionError(Exception):
    """Why an event gets no token; the message continues the field's name."""

    def __init__(self, status: int, field: str, code: str, message: str) -> None:
        super().__init__(message)
        self.status = status
        self.field = field
        self.code = code
        self.message = message


def unique(pairs: list[tuple[str, object]]) -> dict[str, object]:
    """Make a JSON object, and reject duplicate names: parsers differ in which one counts."""
    found = dict(pairs)
    if len(found) != len(pairs):
        raise ValueError("a name stands twice")
    return found


def object_in(value: object) -> dict[str, object]:
    """Return a value if it is a JSON object, or else an empty object."""
    return cast("dict[str, object]", value) if isinstance(value, dict) else {}


def route_of(
    event: Mapping[str, object], routes: Mapping[str, RouteSettings], target: str
) -> RouteSettings:
    """Find the route of an event."""
    if event.get("version") != "2.0":
        raise RejectionError(400, "request", "version", "must come in payload format version 2.0")
    route = routes.get(str(event.get("routeKey")))
    if route is None:
        raise no_route(target)
    return route


def no_route(target: str) -> RejectionError:
    """Return the error for an event whose route leads elsewhere."""
    message = f"must come by a route that was set up for this {target}"
    return RejectionError(403, "request", "not-allowed", message)


def caller_of(event: Mapping[str, object], route: RouteSettings) -> str:
    """Return the signed-in person."""
    if "claim" in route:
        return claim_of(event, route["claim"], "names the person by")
    authorizer = object_in(object_in(event.get("requestContext")).get("authorizer"))
    caller = authorizer.get("iam")
    known = object_in(caller)
    # All users of an identity pool have the same role, but each has their own identity.
    identity = known.get("cognitoIdentity")
    found = known.get("userArn") if identity is None else object_in(identity).get("identityId")
    return _text(caller, found, "names the person by")


def claim_of(event: Mapping[str, object], name: str, does: str) -> str:
    """Return a claim of the JWT that the caller signed in with."""
    authorizer = object_in(object_in(event.get("requestContext")).get("authorizer"))
    claims = object_in(authorizer.get("jwt")).get("claims")
    return _text(claims, object_in(claims).get(name), does)


def _text(signed_in: object, found: object, does: str) -> str:
    if not isinstance(signed_in, dict):
        raise RejectionError(401, "request", "not-signed-in", "must be signed in")
    # HTTP APIs write lists as [a b] and objects as JSON: neither is a single name.
    text = Check("request", "").text("request", found, minimum=1) or ""
    if not text.strip() or text[0] in "[{":
        raise RejectionError(
            403,
            "request",
            "claim",
            f"must be signed in with a token that {does} one non-empty string",
        )
    return text


def body_of(event: Mapping[str, object]) -> dict[str, object]:
    """Read the request in the body; a missing body is an empty request."""
    body = event.get("body")
    if body is None or body == "":
        return {}
    if event.get("isBase64Encoded", False) is not False:
        raise RejectionError(
            400, "request", "body", "must be JSON with the header Content-Type: application/json"
        )
    if isinstance(body, str) and len(body) <= LARGEST_BODY:
        try:
            found: object = json.loads(body, object_pairs_hook=unique)
        except (ValueError, RecursionError):
            found = None
        if isinstance(found, dict):
            return cast("dict[str, object]", found)
    raise RejectionError(
        400,
        "request",
        "body",
        f"must be a JSON object of at most {LARGEST_BODY} characters that has each name once",
    )


def check_absent(body: Mapping[str, object], field: str, source: str) -> None:
    """Reject a body with a field that the caller must not choose."""
    if field in body:
        raise RejectionError(
            400, field, "exclusive", f"is taken from {source}; leave it out of the body"
        )


def response(status: int, answer: object, headers: Mapping[str, str] | None = None) -> HttpResponse:
    """Make the HTTP API's response to the caller."""
    return {
        "statusCode": status,
        # A token is for one person; a cache could return it to another.
        "headers": {
            "Content-Type": "application/json",
            "Cache-Control": "no-store",
            **(headers or {}),
        },
        "body": json.dumps(answer),
        "isBase64Encoded": False,
    }
