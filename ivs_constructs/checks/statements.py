"""Reads what identity policies of an app allow in Amazon IVS."""

from __future__ import annotations

import json
from collections.abc import Iterator
from fnmatch import fnmatchcase
from typing import Any, NamedTuple, cast

from ivs_constructs.checks.assembly import (
    Assembly,
    Resource,
    alternatives,
    listed,
    text_of,
    walk,
)

SERVICES = ("ivs", "ivschat", "*")
"""Services whose actions may be of Amazon IVS."""

_RESOURCE = 5
"""Colons before the last part of an ARN."""

IDENTITIES = (
    "AWS::IAM::Group",
    "AWS::IAM::GroupPolicy",
    "AWS::IAM::ManagedPolicy",
    "AWS::IAM::Policy",
    "AWS::IAM::Role",
    "AWS::IAM::RolePolicy",
    "AWS::IAM::User",
    "AWS::IAM::UserPolicy",
    "AWS::SSO::PermissionSet",
    "AWS::Serverless::Function",
    "AWS::Serverless::StateMachine",
)
"""The types whose properties contain policies of a principal."""


class Allowed(NamedTuple):
    """One statement that allows something in Amazon IVS.

    Attributes:
        resource: The policy, or the role with the policy inside.
        location: Where in it the statement is.
        actions: Its actions that may be of Amazon IVS, as far as they are known at synth.
        on: The resources, as in `Fn::Sub`.
        condition: Its condition, if it has one.
    """

    resource: Resource
    location: str
    actions: tuple[str, ...]
    on: tuple[str, ...]
    condition: dict[str, Any]


def allowed(assembly: Assembly) -> Iterator[Allowed]:
    """What is allowed in Amazon IVS without a written reason.

    A statement of this library that cannot be narrower has its reason in the metadata of its
    policy, by Sid.
    """
    for resource in assembly.resources(*IDENTITIES):
        about = resource.definition.get("Metadata", {}).get("ivs-constructs", {})
        for path, node in _parts(resource.properties):
            if not (isinstance(node, dict) and path and path[-1] != "Condition"):
                continue
            statement = cast("dict[str, Any]", node)
            actions = tuple(filter(_may_be_ivs, _actions(statement)))
            explained = isinstance(about, dict) and bool(
                cast("dict[str, object]", about).get(str(statement.get("Sid")))
            )
            if statement.get("Effect") == "Allow" and actions and not explained:
                yield Allowed(
                    resource,
                    ".".join(("Properties", *path)),
                    actions,
                    tuple(texts_of(statement.get("Resource"))) or ("*",),
                    statement.get("Condition") or {},
                )


def is_pattern(text: str) -> bool:
    """Whether IAM reads a text as a pattern."""
    return "*" in text or "?" in text


def names_several(on: str) -> bool:
    """Whether a resource in a statement is more than one."""
    return is_pattern(on.split(":", _RESOURCE)[-1])


def _actions(statement: dict[str, Any]) -> Iterator[str]:
    yield from texts_of(statement.get("Action"))
    others = [each.lower() for each in texts_of(statement.get("NotAction"))]
    if others and not any(fnmatchcase("ivs:", each) for each in others):
        yield f"* but {', '.join(others)}"


def _parts(properties: object) -> Iterator[tuple[tuple[str, ...], object]]:
    """Walk through properties, and through policies in them that are written as JSON text."""
    for path, node in walk(properties):
        yield path, node
        if isinstance(node, str) and '"Effect"' in node:
            try:
                policy: object = json.loads(node)
            except (ValueError, RecursionError):
                continue
            for inner, part in walk(policy):
                yield (*path, *inner), part


def texts_of(value: object) -> Iterator[str]:
    """The texts that a single value or a list may hold, with deploy-time values as in Fn::Sub."""
    for several in alternatives(value):
        for one in listed(several):
            yield from map(text_of, alternatives(one))


def _may_be_ivs(action: str) -> bool:
    # IAM accepts no pattern for a service but the asterisk alone.
    return action.lower().partition(":")[0].partition(" ")[0] in SERVICES
