"""Identity policy statements that allow calls to Amazon IVS, each wildcard with its reason.

A statement that covers more than the named resources has a Sid, and its policy gives the reason
under that Sid: for people who read the template, for `IvsChecks`, and for cdk-nag.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, cast

import aws_cdk as cdk
from aws_cdk import Aws
from constructs import Construct

from ivs_constructs._core.check import is_token
from ivs_constructs._core.policies import METADATA
from ivs_constructs._core.stack_facts import Place
from ivs_constructs._core.statements import finding
from ivs_constructs._specs import OWN_TAGS
from ivs_constructs.operate.permissions import reason_for

if TYPE_CHECKING:
    from aws_cdk import aws_iam

Conditions = Mapping[str, Mapping[str, object]]

_SID_DIGITS = 8


@dataclass(frozen=True, slots=True)
class Allowed:
    """What one statement allows.

    Attributes:
        operations: The operations, by their names in the API.
        resources: ARNs, some with a wildcard.
        wide: The types whose resources are all allowed; None means any resource.
        conditions: The conditions.
    """

    operations: tuple[str, ...]
    resources: tuple[str, ...]
    wide: tuple[str | None, ...] = ()
    conditions: Conditions = field(default_factory=dict[str, Mapping[str, object]])

    @property
    def reason(self) -> str:
        """Why it names no single resource; empty if it does."""
        reasons = (reason_for(name, kind) for name in self.operations for kind in self.wide)
        return "; ".join(dict.fromkeys(reasons))

    @property
    def actions(self) -> list[str]:
        """The operations by their IAM names."""
        return [f"ivs:{name}" for name in self.operations]

    def statement(self) -> aws_iam.PolicyStatement:
        """Write the statement, still without a Sid."""
        from aws_cdk import aws_iam

        return aws_iam.PolicyStatement(
            actions=self.actions,
            resources=list(self.resources),
            conditions=_plain(self.conditions) or None,
        )

    def sid(self, stack: cdk.Stack) -> str:
        """Make a Sid that no other statement of a policy has."""
        # Token numbers depend on the order of the program, but what tokens refer to is stable.
        content = stack.resolve(json.dumps([self.actions, self.resources, _plain(self.conditions)]))
        digest = hashlib.sha256(json.dumps(content, sort_keys=True).encode()).hexdigest()
        return f"{self.operations[0]}{digest[:_SID_DIGITS].upper()}"


def grant(grantee: aws_iam.IGrantable, allowed: Iterable[Allowed]) -> aws_iam.Grant:
    """Allow a grantee all of it."""
    # Imported lazily: aws_iam is slow to load.
    from aws_cdk import aws_iam

    granted: aws_iam.Grant | None = None
    for each in allowed:
        one = aws_iam.Grant.add_to_principal(
            grantee=grantee,
            actions=each.actions,
            resource_arns=list(each.resources),
            conditions=cast("Any", _plain(each.conditions) or None),
        )
        principal = grantee.grant_principal
        if one.principal_statement is not None and isinstance(principal, Construct):
            sids = give_sids(cdk.Stack.of(principal), [(each, one.principal_statement)])
            tell_reasons(principal, sids)
        granted = one if granted is None else granted.combine(one)
    assert granted is not None  # noqa: S101 (nobody allows nothing)
    return granted


def give_sids(
    stack: cdk.Stack, written: Iterable[tuple[Allowed, aws_iam.PolicyStatement]]
) -> dict[str, Allowed]:
    """Give each statement that names no single resource a Sid; return these by Sid."""
    wide: dict[str, Allowed] = {}
    for each, statement in written:
        if each.wide:
            statement.sid = each.sid(stack)
            wide[statement.sid] = each
    return wide


def tell_reasons(scope: Construct, wide: Mapping[str, Allowed]) -> None:
    """Add the reasons of statements to the policies that have them.

    Args:
        scope: Where the policies are.
        wide: The statements, by their Sids.
    """
    if not wide:
        return
    from aws_cdk import aws_iam

    for policy in scope.node.find_all():
        if not isinstance(policy, aws_iam.CfnPolicy):
            continue
        document = policy.stack.resolve(policy.policy_document)
        sids = {each.get("Sid") for each in document["Statement"]}
        here = {sid: each for sid, each in wide.items() if sid in sids}
        if here:
            give_reasons(
                policy,
                {sid: each.reason for sid, each in here.items()},
                {on: each.reason for each in here.values() for on in each.resources if "*" in on},
            )


def give_reasons(
    resource: cdk.CfnResource, by_sid: Mapping[str, str], by_wildcard: Mapping[str, str]
) -> None:
    """Write the reasons of wildcards, for readers of the template and for cdk-nag.

    Args:
        resource: The policy, or the role with the policy inside.
        by_sid: The reason of each statement.
        by_wildcard: The same by the statement's `Resource`.
    """
    known = cast("Mapping[str, str]", resource.get_metadata(METADATA) or {})
    resource.add_metadata(METADATA, {**known, **by_sid})
    if hasattr(cdk, "Validations"):  # aws-cdk-lib has it since 2.250
        cdk.Validations.of(resource).acknowledge(
            *(
                cdk.Acknowledgment(id=finding(on), reason=reason)
                for on, reason in by_wildcard.items()
            )
        )


def all_of(kind: str, place: Place = (None, None)) -> str:
    """Name all resources of a type in a Region and account.

    Args:
        kind: The type.
        place: The Region and account. Default: those of the stack that has the policy.
    """
    region, account = place
    return f"arn:{Aws.PARTITION}:ivs:{region or Aws.REGION}:{account or Aws.ACCOUNT_ID}:{kind}/*"


NOT_OUR_TAGS: Conditions = {
    "ForAllValues:StringNotLike": {"aws:TagKeys": [f"{OWN_TAGS}*"]},
    # Like those of aws:ResourceTag, the names of these condition keys are case-insensitive.
    "Null": {f"aws:RequestTag/{OWN_TAGS}{name}": "true" for name in ("automation", "stack")},
}
"""For setting and removing tags that are not named.

This library's tags determine which stack a resource belongs to.
"""


def these_tags(keys: Iterable[str], values: Mapping[str, str]) -> Conditions:
    """The conditions under which the named tags may be set or removed.

    Args:
        keys: The keys.
        values: The values that are known when the policy is deployed.
    """
    conditions: dict[str, dict[str, object]] = {
        "ForAllValues:StringEquals": {"aws:TagKeys": sorted(map(_literal, keys))}
    }
    if values:
        conditions["StringEquals"] = {
            f"aws:RequestTag/{key}": _literal(value) for key, value in values.items()
        }
    return conditions


def _plain(conditions: Conditions) -> dict[str, dict[str, object]]:
    """Return conditions in jsii's form."""
    return {operator: dict(each) for operator, each in conditions.items()}


def _literal(text: str) -> str:
    """Escape a string so that IAM does not read it as a variable."""
    return text if is_token(text) else text.replace("${", "${$}{")
