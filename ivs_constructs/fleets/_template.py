"""Converts a template's checked properties into the parameters that the functions send."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any, cast

import aws_cdk as cdk

from ivs_constructs._core.check import Check, is_token, is_token_object
from ivs_constructs._specs import Kind, Prop
from ivs_constructs.fleets.function.settings import DEPLOY_TIME, VARIABLE

LARGEST_LITERAL = 3000
"""Maximum template size in characters: AWS Lambda limits environment variables to 4 KB.

See: https://docs.aws.amazon.com/lambda/latest/dg/configuration-envvars.html
"""


def check_literal(check: Check, create: object, update: object, tags: object) -> None:
    """Reject a template that does not fit into the functions' environment."""
    try:
        length = len(json.dumps([create, update, tags], default=str))
    except (TypeError, ValueError):
        return
    if length > LARGEST_LITERAL:
        check.fail(
            "tags",
            "length",
            f"the template must have at most {LARGEST_LITERAL} characters with its tags, got "
            f"{length}; drop tags or shorten them",
            "https://docs.aws.amazon.com/lambda/latest/dg/configuration-envvars.html",
        )


def parameters(props: tuple[Prop, ...], values: Mapping[str, Any]) -> dict[str, Any]:
    """Convert values to the API's names, without tags.

    Args:
        props: The descriptors.
        values: The checked values, by the user's names.
    """
    return {
        prop.api: _parameter(prop, values[prop.py])
        for prop in props
        if prop.kind is not Kind.TAGS and values.get(prop.py) is not None
    }


def _parameter(prop: Prop, value: Any) -> Any:  # noqa: ANN401 (JSON-like)
    if prop.kind is Kind.STRUCT and prop.members and not is_token(value):
        return parameters(prop.members, value)
    return value


def in_full(props: tuple[Prop, ...], values: Mapping[str, Any]) -> dict[str, Any]:
    """Return every property for an update: properties that are not set must be cleared."""
    found = {
        prop.api: _target(prop, values.get(prop.api))
        for prop in props
        if prop.kind is not Kind.TAGS
    }
    return {name: value for name, value in found.items() if value is not None}


def _target(prop: Prop, value: Any) -> Any:  # noqa: ANN401 (JSON-like)
    if value is None:
        return prop.cleared
    if prop.kind is Kind.STRUCT and prop.members and not is_token(value):
        return in_full(prop.members, value)
    return value


class Environment:
    """Environment variables for the settings; each deploy-time value gets its own variable.

    Args:
        stack: The stack.
    """

    def __init__(self, stack: cdk.Stack) -> None:
        self._stack = stack
        self._values: dict[str, str] = {}

    def variables(self, settings: Mapping[str, Any]) -> dict[str, str]:
        """Return the settings as environment variables."""
        literal = json.dumps(self._literal(settings), sort_keys=True, separators=(",", ":"))
        return {VARIABLE: literal, **self._values}

    def _literal(self, value: Any) -> Any:  # noqa: ANN401 (JSON-like)
        if is_token(value) or is_token_object(value):
            return self._variable(value)
        if isinstance(value, Mapping):
            members = cast("Mapping[str, Any]", value)
            return {name: self._literal(each) for name, each in members.items()}
        if isinstance(value, list | tuple):
            return [self._literal(each) for each in cast("list[Any]", value)]
        return value

    def _variable(self, value: Any) -> dict[str, object]:  # noqa: ANN401 (a token)
        number = len(self._values)
        is_text = isinstance(value, str)
        text = value if is_text else self._stack.to_json_string(value)
        self._values[f"{VARIABLE}_{number}"] = text
        return {DEPLOY_TIME: number, "as": "text" if is_text else "json"}
