"""Identity policy statements that allow calls to Amazon IVS, each wildcard with its reason.

A statement that covers more than the named resources has a Sid, and its policy gives the reason
under that Sid: for people who read the template, for `IvsChecks`, and for cdk-nag.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import partial
from typing import TYPE_CHECKING, Any, cast

import aws_cdk as cdk
from constructs import Construct

from ivs_constructs._core.at_synth import at_synth
from ivs_constructs._core.policies import METADATA, give_reasons
from ivs_constructs._core.stack_facts import policy_holder, stack_of
from ivs_constructs._core.statements import Conditions, finding
from ivs_constructs._core.tree import all_in, as_construct
from ivs_constructs.operate.permissions import reason_for

if TYPE_CHECKING:
    from aws_cdk import aws_iam

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
    # Imported here because aws_iam is slow to load.
    from aws_cdk import aws_iam

    granted: aws_iam.Grant | None = None
    for each in allowed:
        one = aws_iam.Grant.add_to_principal(
            grantee=grantee,
            actions=each.actions,
            resource_arns=list(each.resources),
            conditions=cast("Any", _plain(each.conditions) or None),
        )
        holder = policy_holder(grantee)
        if one.principal_statement is not None and holder is not None:
            sids = give_sids(stack_of(holder), [(each, one.principal_statement)])
            tell_reasons(holder, sids)
            _tell_again(holder, sids)
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
    kinds = [f"aws-cdk-lib.aws_iam.{name}" for name in ("CfnPolicy", "CfnManagedPolicy")]
    for each in all_in(scope):
        if each.type not in kinds:
            continue
        policy = cast("aws_iam.CfnPolicy | aws_iam.CfnManagedPolicy", as_construct(each))
        document = policy.stack.resolve(policy.policy_document)
        sids = {statement.get("Sid") for statement in document["Statement"]}
        metadata: object = policy.get_metadata(METADATA)
        # Users could have written something else there.
        known = cast("Mapping[str, str]", metadata if isinstance(metadata, Mapping) else {})
        here = {sid: each for sid, each in wide.items() if sid in sids and sid not in known}
        if here:
            give_reasons(
                policy,
                {**known, **{sid: allowed.reason for sid, allowed in here.items()}},
                {
                    finding(on): allowed.reason
                    for allowed in here.values()
                    for on in allowed.resources
                    if "*" in on
                },
            )


def _tell_again(holder: Construct, sids: Mapping[str, Allowed]) -> None:
    """Tell the reasons again at synth: the AWS CDK moves what a role's policy cannot hold."""
    wide: dict[str, Allowed] = vars(holder).setdefault(_ATTRIBUTE, {})
    if sids and not wide:
        at_synth(holder, partial(tell_reasons, holder, wide))
    wide.update(sids)


_ATTRIBUTE = "_ivs_constructs_reasons"
"""The attribute of a construct with a policy that keeps the statements with a reason, by Sid."""


def _plain(conditions: Conditions) -> dict[str, dict[str, object]]:
    """Return conditions in jsii's form."""
    return {operator: dict(each) for operator, each in conditions.items()}
