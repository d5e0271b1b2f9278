"""Reads what identity policies of an app allow in Amazon IVS."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, NamedTuple, cast

from ivs_constructs.checks.assembly import Assembly, Resource, listed, text_of, walk

SERVICES = ("ivs:", "ivschat:")
_IDENTITIES = (
    "AWS::IAM::Group",
    "AWS::IAM::GroupPolicy",
    "AWS::IAM::ManagedPolicy",
    "AWS::IAM::Policy",
    "AWS::IAM::Role",
    "AWS::IAM::RolePolicy",
    "AWS::IAM::User",
    "AWS::IAM::UserPolicy",
)


class Allowed(NamedTuple):
    """One statement that allows something in Amazon IVS.

    Attributes:
        resource: The policy, or the role with the policy inside.
        location: Where in it the statement is.
        actions: Its Amazon IVS actions, without those that are not known at synth.
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
    for resource in assembly.resources(*_IDENTITIES):
        about = resource.definition.get("Metadata", {}).get("ivs-constructs", {})
        for path, node in walk(resource.properties):
            if not (isinstance(node, dict) and path and path[-1] != "Condition"):
                continue
            statement = cast("dict[str, Any]", node)
            actions = tuple(
                action
                for action in listed(statement.get("Action"))
                if isinstance(action, str) and action.lower().startswith(SERVICES)
            )
            explained = isinstance(about, dict) and bool(
                cast("dict[str, object]", about).get(str(statement.get("Sid")))
            )
            if statement.get("Effect") == "Allow" and actions and not explained:
                yield Allowed(
                    resource,
                    ".".join(("Properties", *path)),
                    actions,
                    tuple(text_of(each) for each in listed(statement.get("Resource"))),
                    statement.get("Condition") or {},
                )
