"""What is fixed when a fleet is deployed.

The construct writes it as JSON into one environment variable. What is known only at deploy time
travels in variables of its own, so that no value can rewrite another one.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, cast

VARIABLE = "FLEET"
"""The environment variable; deploy-time values stand in `FLEET_0`, `FLEET_1` and so on."""

HTTP_VARIABLE = "FLEET_HTTP"
"""The environment variable with the routes of HTTP APIs, which a fleet behind none lacks."""

DEPLOY_TIME = "deployTime"
"""Marks a value that stands in a variable of its own, by its number."""

OWN_TAGS = "ivs-constructs:"
FLEET_TAG = f"{OWN_TAGS}fleet"
"""Names the fleet: whatever has this tag belongs to it."""
CLAIM_TAG = f"{OWN_TAGS}claim"
"""Names the claim that a member was made under; members without it come from the user's code."""
KEY_TAG = f"{OWN_TAGS}key"
"""A hash of the key that a member was made for, to be read by people; empty for ready members."""
TEMPLATE_TAG = f"{OWN_TAGS}template"
"""A hash of the template that a member was made from, to be read by people."""

CALL_SECONDS = 5
"""How long a call to AWS may take at most."""

ANSWER_SECONDS = 25
"""How long a caller waits for an answer at most: the last call begins so much earlier."""

ANSWER_TIMEOUT = 28
"""When AWS Lambda ends the function that answers."""

TEND_TIMEOUT = 900
"""When AWS Lambda ends the function that tends: its longest."""

CLOSE_SECONDS = 3600
"""How long CloudFormation waits for the custom resource: its longest."""

IN_USE = ("FAIL", "WAIT", "STOP")


class SettingsError(Exception):
    """The function was deployed without its settings, or with others than the construct writes."""


@dataclass(frozen=True, kw_only=True)
class Settings:
    """What is fixed when a fleet is deployed.

    Attributes:
        kind: `stage` or `channel`.
        fleet: The value of the fleet's tag.
        name: What the fleet is called in metrics.
        table: The table's name.
        stack: The id of the stack that owns the fleet.
        members: The logical id of the custom resource that stands for its members.
        max_size: How many members there may be.
        ready: How many members are kept made ahead.
        idle_after: After how many seconds without use a member is removed; None for never.
        create: Parameters of the operation that makes a member.
        update: Parameters of the operation that gives a member all properties of the template.
        tags: The user's tags of members.
        issuer: What tokens may be signed, None where the fleet has no issuer.
    """

    kind: str
    fleet: str
    name: str
    table: str
    max_size: int
    stack: str = ""
    members: str = ""
    ready: int = 0
    idle_after: int | None = None
    create: Mapping[str, Any] = field(default_factory=dict[str, Any])
    update: Mapping[str, Any] = field(default_factory=dict[str, Any])
    tags: Mapping[str, str] = field(default_factory=dict[str, str])
    issuer: Mapping[str, Any] | None = None

    @cached_property
    def template(self) -> str:
        """A hash of all that members are made from."""
        text = json.dumps([self.create, self.update, self.tags], sort_keys=True)
        return hashlib.sha256(text.encode()).hexdigest()[:16]


def read_settings(environment: Mapping[str, str]) -> Settings:
    """Read the settings from the environment.

    Raises:
        SettingsError: They are not there, or not what the construct writes.
    """
    try:
        literal: object = json.loads(environment[VARIABLE])
        return Settings(**cast("dict[str, Any]", _resolved(literal, environment)))
    except (KeyError, TypeError, ValueError):
        # What somebody else wrote there may be anything, so it is not shown.
        raise SettingsError(
            f"environment variable {VARIABLE} must hold what the fleet's construct writes there; "
            "deploy the function by that construct"
        ) from None


def _resolved(node: object, environment: Mapping[str, str]) -> object:
    if isinstance(node, dict):
        members = cast("dict[str, object]", node)
        if members.keys() == {DEPLOY_TIME, "as"}:
            text = environment[f"{VARIABLE}_{members[DEPLOY_TIME]}"]
            # Numbers and booleans are JSON; texts stay what they are, whatever they look like.
            return text if members["as"] == "text" else json.loads(text)
        return {name: _resolved(each, environment) for name, each in members.items()}
    if isinstance(node, list):
        return [_resolved(each, environment) for each in cast("list[object]", node)]
    return node
