"""The function that answers, with one alias for each verb.

IAM cannot see what a request says, so callers are allowed to invoke the alias of a verb. The
function trusts only the alias through which it was invoked.
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
"""The number of parts in the ARN of a function with an alias."""


class Context(Protocol):
    """Lambda's facts about an invocation."""

    invoked_function_arn: str
    aws_request_id: str


class FleetError(Exception):
    """Something failed on this side; only the function's log says what."""


def handler(event: object, context: Context) -> Reply:
    """Answer a request.

    Raises:
        FleetError: Something failed that the caller cannot fix.
    """
    settings = aws.deployed()
    verb = verb_of(settings, context)
    world = aws.world_of(settings, ANSWER_SECONDS - CALL_SECONDS)
    # Only the verb `token` has routes; the others reject such an event as an invalid request.
    is_http = verb == "token" and over_http.is_event(event, os.environ)
    outcome = "failed"
    try:
        reply = _answer_over_http(world, event) if is_http else answer(world, verb, event)
        outcome = reply.get("error", {}).get("code", "ok")
    except CallError as error:
        # AWS's message names roles and tables, and callers may pass it on to browsers.
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
    """Answer a request, or refuse it with a reason.

    Raises:
        CallError: A call failed, and retrying later would not help.
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
    """Return the verb that a function was invoked for.

    Raises:
        FleetError: The function was not invoked by one of its aliases.
    """
    parts = context.invoked_function_arn.split(":")
    verb = parts[-1] if len(parts) == _QUALIFIED else ""
    if verb not in verbs_of(settings):
        raise FleetError("the function must be invoked by the alias of a verb")
    return verb


def verbs_of(settings: Settings) -> tuple[str, ...]:
    """Return the verbs of a fleet."""
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
    # No keys, since they may identify a person, and nothing from an answer.
    print(json.dumps({name: each for name, each in line.items() if each}), flush=True)


aws.warm("dynamodb")
