"""Plans the policies of the provider's role from the needs of the custom resources in the tree.

A policy never changes in place, because its id changes with its content. When a resource leaves the
stack, CloudFormation makes the new policy first, and deletes the old one after the resources that
depend on it. So the function may delete them until the end. The price is that old and new policies
coexist for a while and share IAM's limits.
"""

from __future__ import annotations

import hashlib
import json
from bisect import bisect_right
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

from ivs_constructs._core.check import is_token
from ivs_constructs._core.statements import Statement, resources_of
from ivs_constructs._provider.permissions import Use, of_targets, of_types

INLINE_OF_A_ROLE = 10_240
"""Characters that all inline policies of a role may have in total.

See: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html
"""

FUNCTION_CHARACTERS = 2_048
"""The most characters of what the function always needs; that policy changes in place."""

INLINE = (INLINE_OF_A_ROLE - FUNCTION_CHARACTERS) // 2
"""Characters of inline policies: half of what is left, because old and new coexist."""

MANAGED_CHARACTERS = 6_144
"""Characters that a managed policy may have (the same page)."""

MANAGED = 10 // 2
"""Managed policies: half of what a role may have by default (the same page)."""

_PARAMETERS = {
    "${AWS::Partition}": "aws-us-gov",
    "${AWS::Region}": "xx-xxxxxxxxx-1",
    "${AWS::AccountId}": "0" * 12,
}
"""The longest values of parts of ARNs."""

_LONGEST_ARNS = {
    # The APIs' own limit.
    "ivs": 128,
    # arn:<partition>:kms:<region>:<account>:key/mrk-<32 digits>
    "kms": len("arn:aws-us-gov:kms:xx-xxxxxxxxx-1:000000000000:key/mrk-") + 32,
    # arn:<partition>:s3:::<name of at most 63 characters>
    "s3": len("arn:aws-us-gov:s3:::") + 63,
    # arn:<partition>:logs:<region>:<account>:log-group:<name of at most 512 characters>:*
    "logs": len("arn:aws-us-gov:logs:xx-xxxxxxxxx-1:000000000000:log-group::*") + 512,
    # arn:<partition>:cloudformation:<region>:<account>:stack/<name>/<UUID>
    "cloudformation": len("arn:aws-us-gov:cloudformation:xx-xxxxxxxxx-1:000000000000:stack//")
    + 128
    + 36,
}


class TooMuchError(Exception):
    """The needs do not fit into the policies of a role."""


@dataclass(frozen=True, slots=True)
class Need:
    """What a custom resource needs.

    Attributes:
        path: Its path.
        use: Its type, and what to do when something uses it.
        target: The ARN of the resource that must be named for it, None if there is none.
        referred: What the ARN refers to, the same at each synth.
        condition: The path of the condition that governs it; empty if none does.
    """

    path: str
    use: Use
    target: str | None = None
    referred: str = ""
    condition: str = ""


@dataclass(frozen=True, slots=True)
class Policy:
    """A policy to be made.

    Attributes:
        id: Its id, which changes with the content.
        statements: What it allows.
        paths: The custom resources that need it.
        condition: The path of the condition that governs them; empty if none does.
        managed: Whether it is a managed policy.
    """

    id: str
    statements: list[Statement]
    paths: frozenset[str]
    condition: str
    managed: bool


@dataclass(slots=True)
class _Group:
    kind: str
    condition: str
    needs: list[Need] = field(default_factory=list[Need])

    def statements(self, needs: Sequence[Need]) -> list[Statement]:
        if self.kind == "Type":
            return of_types({each.use for each in needs})
        return of_targets((each.use, each.target or "") for each in needs)

    def policy(self, needs: Sequence[Need], *, managed: bool) -> Policy:
        statements = self.statements(needs)
        # Deploy-time ARNs are numbered in order.
        key: list[object] = [self.condition, managed]
        if self.kind == "Type":
            key += statements
        else:
            key += sorted((each.path, each.use.policy, each.referred) for each in needs)
        digest = hashlib.sha256(json.dumps(key, sort_keys=True).encode()).hexdigest()[:8]
        return Policy(
            f"{self.kind}{digest}",
            statements,
            frozenset(each.path for each in needs),
            self.condition,
            managed,
        )


def plan(needs: Iterable[Need], *, may_be_managed: bool = True) -> list[Policy]:
    """Distribute the needs over policies.

    Args:
        needs: The needs of the custom resources in the tree.
        may_be_managed: Whether managed policies may be attached to the role.

    Raises:
        TooMuchError: If they do not fit; the text says what would be needed.
    """
    policies: list[Policy] = []
    room = INLINE
    for group in _groups(list(needs)):
        length = characters(group.statements(group.needs))
        if length <= room:
            room -= length
            policies.append(group.policy(group.needs, managed=False))
        elif not may_be_managed:
            raise TooMuchError(
                f"{INLINE - room + length} characters of inline policies, and a role that you pass "
                f"gets at most {INLINE}"
            )
        else:
            policies += _split(group)
    managed = sum(each.managed for each in policies)
    if managed > MANAGED:
        raise TooMuchError(
            f"{managed} managed policies, and a role has room for {MANAGED} and as many new ones "
            "while a deployment replaces them"
        )
    return policies


def characters(statements: Sequence[Statement]) -> int:
    """Count the characters of a policy as IAM does, with deploy-time values at their longest."""
    written = [
        {
            **each,
            "Resource": [_longest(on, each) for on in resources_of(each)],
            "Condition": _conditions(each.get("Condition", {})),
        }
        for each in statements
    ]
    document = {"Version": "2012-10-17", "Statement": written}
    return len(json.dumps(document, separators=(",", ":")))


def _groups(needs: list[Need]) -> list[_Group]:
    """Sort the needs by kind and condition: first types, and first those without a condition."""
    # What is allowed without a condition need not be allowed with one.
    always = {each.use for each in needs if not each.condition}
    groups: dict[tuple[str, str], _Group] = {}
    for need in needs:
        kinds: list[tuple[str, str]] = []
        if of_types([need.use]):
            kinds.append(("Type", "" if need.use in always else need.condition))
        if need.target is not None and of_targets([(need.use, need.target)]):
            kinds.append(("Target", need.condition))
        for kind in kinds:
            groups.setdefault(kind, _Group(*kind)).needs.append(need)
    return sorted(groups.values(), key=lambda each: (each.kind != "Type", each.condition))


def _split(group: _Group) -> list[Policy]:
    """Make managed policies, each with as many needs as fit."""
    policies: list[Policy] = []
    rest = group.needs
    while rest:
        length = _length_of_first(group, rest)
        # The longest prefix that fits; a single need always does.
        number = max(1, bisect_right(range(1, len(rest) + 1), MANAGED_CHARACTERS, key=length))
        policies.append(group.policy(rest[:number], managed=True))
        rest = rest[number:]
    return policies


def _length_of_first(group: _Group, needs: Sequence[Need]) -> Callable[[int], int]:
    return lambda number: characters(group.statements(needs[:number]))


def _longest(on: object, statement: Statement) -> str:
    if isinstance(on, dict):
        text = str(on.get("Fn::Sub", ""))  # pyright: ignore[reportUnknownMemberType, reportUnknownArgumentType] (JSON-like)
        for parameter, value in _PARAMETERS.items():
            text = text.replace(parameter, value)
        return text or "x" * _LONGEST_ARNS["cloudformation"]
    text = str(on)
    actions = statement["Action"]
    action = actions if isinstance(actions, str) else actions[0]
    return "x" * _LONGEST_ARNS[action.partition(":")[0]] if is_token(text) else text


def _conditions(conditions: dict[str, Any]) -> dict[str, Any]:
    stack_id = "x" * _LONGEST_ARNS["cloudformation"]
    return {operator: dict.fromkeys(keys, stack_id) for operator, keys in conditions.items()}
