"""Reads what the roles of a template may do."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple, cast

from ivs_constructs.checks.assembly import Json, listed, text_of

_POLICIES = ("AWS::IAM::Policy", "AWS::IAM::ManagedPolicy")


class Permission(NamedTuple):
    """One permission of a role.

    Attributes:
        effect: `Allow`, `Deny`, or `ManagedPolicy` for an attached one from outside this stack.
        action: The action, `not ` before it for NotAction; the name of a managed policy.
        resource: The resource, written as in `Fn::Sub`; `not ` before it for NotResource.
        condition: The statement's condition, None without one.

    Example:
        >>> Permission("Allow", "ivs:PutMetadata", "${Channel.Arn}").condition is None
        True
    """

    effect: str
    action: str
    resource: str
    condition: Mapping[str, Any] | None = None


def permissions_of(template: Json, role: str) -> Iterator[Permission]:
    """The permissions that a template's policies give one of its roles."""
    resources: dict[str, Json] = template.get("Resources", {})
    properties: Json = resources[role].get("Properties", {}) if role in resources else {}
    for policy in listed(properties.get("Policies")):
        if isinstance(policy, dict):
            yield from _statements(cast("Json", policy).get("PolicyDocument"))
    own: set[str] = set()
    for name, resource in resources.items():
        of = resource.get("Properties", {})
        wanted: list[object] = [{"Ref": role}, role]
        attached = any(each in wanted for each in listed(of.get("Roles")))
        attached |= resource.get("Type") == "AWS::IAM::RolePolicy" and of.get("RoleName") in wanted
        if resource.get("Type") in _POLICIES and {"Ref": name} in listed(
            properties.get("ManagedPolicyArns")
        ):
            attached = True
            own.add(f"${{{name}}}")
        if attached:
            yield from _statements(of.get("PolicyDocument"))
    for arn in listed(properties.get("ManagedPolicyArns")):
        text = text_of(arn)
        if text not in own:
            yield Permission("ManagedPolicy", text.rpartition(":policy/")[2], "")


def _statements(document: object) -> Iterator[Permission]:
    if not isinstance(document, dict):
        return
    for each in listed(cast("Json", document).get("Statement")):
        statement = cast("Json", each)
        for action in _named(statement, "Action"):
            for resource in _named(statement, "Resource"):
                effect = str(statement.get("Effect", "Allow"))
                yield Permission(effect, action, resource, statement.get("Condition"))


def _named(statement: Json, name: str) -> list[str]:
    unless = [f"not {text_of(each)}" for each in listed(statement.get(f"Not{name}"))]
    return [*(text_of(each) for each in listed(statement.get(name))), *unless]
