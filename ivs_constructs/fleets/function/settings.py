"""Settings that are fixed when a fleet is deployed.

The construct writes them as JSON to one environment variable. Deploy-time values have their own
variables, so that no value can change another one.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, cast

VARIABLE = "FLEET"
"""The environment variable; deploy-time values are in `FLEET_0`, `FLEET_1` and so on."""

HTTP_VARIABLE = "FLEET_HTTP"
"""The environment variable with the routes of HTTP APIs, if the fleet has any."""

DEPLOY_TIME = "deployTime"
"""Marks a value with its own variable, by number."""

OWN_TAGS = "ivs-constructs:"
FLEET_TAG = f"{OWN_TAGS}fleet"
"""Names the fleet: every resource with this tag belongs to it."""
CLAIM_TAG = f"{OWN_TAGS}claim"
"""Names the claim that a member was created under; the user's own members have none."""
KEY_TAG = f"{OWN_TAGS}key"
"""A hash of the member's key, for people to read; empty for ready members."""
TEMPLATE_TAG = f"{OWN_TAGS}template"
"""A hash of the member's template, for people to read."""

CALL_SECONDS = 5
"""The maximum duration of a call to AWS."""

ANSWER_SECONDS = 25
"""The maximum time until an answer: the last call begins CALL_SECONDS before that."""

ANSWER_TIMEOUT = 28
"""The timeout of the function that answers."""

TEND_TIMEOUT = 900
"""The timeout of the function that tends: Lambda's maximum."""

CLOSE_SECONDS = 3600
"""The timeout of the custom resource: CloudFormation's maximum."""

IN_USE = ("FAIL", "WAIT", "STOP")


class SettingsError(Exception):
    """The function was deployed without the settings that the construct writes."""


@dataclass(frozen=True, kw_only=True)
class Settings:
    """Settings that are fixed when a fleet is deployed.

    Attributes:
        kind: `stage` or `channel`.
        fleet: The value of the fleet's tag.
        name: The fleet's name in metrics.
        table: The table's name.
        stack: The id of the stack that owns the fleet.
        members: The logical id of the custom resource that represents its members.
        max_size: The maximum number of members.
        ready: How many members to create in advance.
        idle_after: How many seconds without use until a member is removed; None for never.
        create: Parameters of the operation that creates a member.
        update: Parameters of the operation that applies all of the template to a member.
        tags: The user's tags for members.
        issuer: Which tokens may be signed; None if the fleet has no issuer.
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
        """A hash of everything that members are created from."""
        text = json.dumps([self.create, self.update, self.tags], sort_keys=True)
        return hashlib.sha256(text.encode()).hexdigest()[:16]


def read_settings(environment: Mapping[str, str]) -> Settings:
    """Read the settings from the environment.

    Raises:
        SettingsError: They are missing, or the construct did not write them.
    """
    try:
        literal: object = json.loads(environment[VARIABLE])
        return Settings(**cast("dict[str, Any]", _resolved(literal, environment)))
    except (KeyError, TypeError, ValueError):
        # Text from another writer could be anything, so it is not shown.
        raise SettingsError(
            f"environment variable {VARIABLE} must hold what the fleet's construct writes there; "
            "deploy the function by that construct"
        ) from None


def _resolved(node: object, environment: Mapping[str, str]) -> object:
    if isinstance(node, dict):
        members = cast("dict[str, object]", node)
        if members.keys() == {DEPLOY_TIME, "as"}:
            text = environment[f"{VARIABLE}_{members[DEPLOY_TIME]}"]
            # Numbers and booleans are JSON; strings stay unchanged, even if they look like JSON.
            return text if members["as"] == "text" else json.loads(text)
        return {name: _resolved(each, environment) for name, each in members.items()}
    if isinstance(node, list):
        return [_resolved(each, environment) for each in cast("list[object]", node)]
    return node
