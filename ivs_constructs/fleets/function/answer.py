"""The function that answers: acquire, get, touch, release, list, stream_key and token.

IAM cannot see what a request says, so each verb has an alias of its own that callers are allowed
to invoke. The function trusts only the alias that it was invoked by.
"""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from typing import Any, Protocol, cast

from ivs_constructs.fleets.function import aws, over_http, tokens, verbs
from ivs_constructs.fleets.function.members import KINDS
from ivs_constructs.fleets.function.messages import Reply
from ivs_constructs.fleets.function.settings import ANSWER_SECONDS, CALL_SECONDS, Settings
from ivs_constructs.fleets.function.steps import CallError, World
from ivs_constructs.token_issuers.function.http_api import RejectionError

_QUALIFIED = 8
"""How many parts the ARN of a function with an alias has."""


class Context(Protocol):
    """What Lambda tells of an invocation."""

    invoked_function_arn: str
    aws_request_id: str


class FleetError(Exception):
    """Something failed on this side; what it was stands in the function's log only."""


def handler(event: object, context: Context) -> Reply:
    """Answer a request.

    Raises:
        FleetError: Something failed that the caller can do nothing about.
    """
    settings = aws.deployed()
    verb = verb_of(settings, context)
    world = aws.world_of(settings, ANSWER_SECONDS - CALL_SECONDS)
    # Others than the verb `token` have no routes, and refuse what is no request.
    is_http = verb == "token" and over_http.is_event(event, os.environ)
    outcome = "failed"
    try:
        reply = _answer_over_http(world, event) if is_http else answer(world, verb, event)
        outcome = reply.get("error", {}).get("code", "ok")
    except CallError as error:
        # What AWS says names roles and tables, and callers may pass it on to browsers.
        _log(context, verb, outcome, str(error), world)
        raise FleetError("the request failed; see the log of the fleet's function") from None
    _log(context, verb, outcome, "", world)
    return over_http.response_to(reply) if is_http else reply


def _answer_over_http(world: World, event: object) -> Reply:
    try:
        request = over_http.request_of(cast("dict[str, object]", event), world.settings, os.environ)
    except RejectionError as rejection:
        return over_http.rejected(rejection)
    return answer(world, "token", request)


def answer(world: World, verb: str, event: object) -> Reply:
    """Answer a request, or say why not.

    Raises:
        CallError: Something failed that does not pass by itself.
    """
    if not isinstance(event, dict):
        return {"error": verbs.invalid("request", "the request must be a JSON object").refusal}
    try:
        work = tokens.token if verb == "token" else verbs.VERBS[verb]
        return aws.carry_out(work(world, cast("dict[str, object]", event)))
    except verbs.RefusedError as refused:
        return {"error": refused.refusal}
    except CallError as error:
        if not (error.throttled or error.ambiguous):
            raise
        return {"error": verbs.busy(2.0).refusal}


def verb_of(settings: Settings, context: Context) -> str:
    """Tell which verb a function was invoked for.

    Raises:
        FleetError: For none: it was not invoked by one of its aliases.
    """
    parts = context.invoked_function_arn.split(":")
    verb = parts[-1] if len(parts) == _QUALIFIED else ""
    if verb not in verbs_of(settings):
        raise FleetError("the function must be invoked by the alias of a verb")
    return verb


def verbs_of(settings: Settings) -> tuple[str, ...]:
    """Tell the verbs that a fleet has."""
    found = [
        name for name in verbs.VERBS if settings.kind in verbs.KINDS_OF.get(name, tuple(KINDS))
    ]
    return (*found, "token") if settings.issuer is not None else tuple(found)


def _log(context: Context, verb: str, outcome: str, error: str, world: World) -> None:
    line: Mapping[str, Any] = {
        "fleet": world.settings.name,
        "requestId": context.aws_request_id,
        "verb": verb,
        "outcome": outcome,
        "error": error,
        "leftUndone": world.failures,
    }
    # Neither keys, which may tell who somebody is, nor anything of an answer.
    print(json.dumps({name: each for name, each in line.items() if each}), flush=True)


aws.warm("dynamodb")
