"""Checks grantees: who can have a policy, and who may invoke a function that trusts its callers."""

from __future__ import annotations

import re
import sys
from collections.abc import Callable, Mapping
from functools import partial
from typing import TYPE_CHECKING, Any, cast

import aws_cdk as cdk
from constructs import Construct

from ivs_constructs._core.annotate import annotate
from ivs_constructs._core.arn_text import ARN_PARTS
from ivs_constructs._core.check import Check, is_token, quoted, with_article
from ivs_constructs._core.intrinsics import LATER, readings
from ivs_constructs._core.parameters import wildcards_in
from ivs_constructs._core.resource import check_member
from ivs_constructs._core.rules import Advice, Severity
from ivs_constructs._core.stack_facts import (
    Place,
    concrete,
    own_path,
    policy_holder,
    stack_facts_of,
)
from ivs_constructs._core.statements import Conditions

if TYPE_CHECKING:
    from aws_cdk import aws_iam

_Read = Callable[[object], list[str]]
"""Returns the texts that a value may turn out to be."""

_ORGANIZATION = re.compile(r"o-[a-z0-9]{10,32}")
_ACCOUNT = re.compile(r"[0-9]{12}")
_OPEN = re.compile(r"[*?]|\$\{")
"""IAM's wildcards and variables, which match any text."""

_EVERYBODY = (
    "grantee must not be everybody, got {}: anyone could invoke the function, which trusts "
    "its caller for any viewer, participant or key; grant it to the back end's role"
)
_UNBOUND = (
    "grantee {} must be limited to its source, got no account: other accounts' resources could "
    "invoke the function through the service; {}add the condition {{'StringEquals': "
    "{{'aws:SourceAccount': self.account}}}} with with_conditions"
)
_OFFERED = "pass a source_arn with an account in it, or "


def check_identity(check: Check, grantee: object) -> None:
    """Reject a grantee that no policy can be attached to: the AWS CDK would allow it nothing.

    An import from another account gets a warning instead, because shared code may grant things to
    whatever it is passed.
    """
    # Whoever made a principal has loaded this.
    principals = sys.modules.get("aws_cdk.aws_iam")
    if not _is_grantee(check, grantee) or principals is None:
        return
    principal = cast("Any", grantee).grant_principal
    if isinstance(principal, principals.PrincipalBase):
        name = type(principal).__name__
        check.fail(
            "grantee",
            "no-policy",
            "grantee must be something that policies can be attached to, such as a role, a user, a "
            f"group or a function, got {with_article(name)}; grant it to the role that makes the "
            "calls",
        )
    elif not isinstance(principal, Construct):
        _warn_if_elsewhere(grantee, principal)


def _warn_if_elsewhere(grantee: object, principal: Any) -> None:  # noqa: ANN401 (an IPrincipal)
    """Warn about an import from another account, to which the AWS CDK attaches no policy."""
    holder = policy_holder(cast("aws_iam.IGrantable", grantee))
    if holder is None:
        return
    there = concrete(principal.principal_account or "")
    here = stack_facts_of("Grant", holder, "Default").account
    if there and here and there != here:
        text = (
            f"'{own_path(holder)}' is in account {there}, but its stack is in {here}, so grants "
            "have no effect on it; grant them to a role in the stack's account that it may assume"
        )
        annotate(holder, Advice(Severity.WARNING, "ivs-constructs:grantee-elsewhere", text))


def warn_across_accounts(
    grantee: aws_iam.IGrantable, place: Place, service: str = "Amazon IVS"
) -> None:
    """Warn about a grantee whose account is not that of the resources.

    Args:
        grantee: The grantee, checked.
        place: The Region and account of the resources, as far as they are known.
        service: A service that has no resource policies, which another account would need.
    """
    there = place[1]
    holder = policy_holder(grantee) if there else None
    if holder is None:
        return
    here = stack_facts_of("Grant", holder, "Default").account
    if here is not None and here != there:
        text = (
            f"'{own_path(holder)}' is in account {here}, and was granted something in {there}: "
            f"this has no effect, because {service} has no resource policies, which another "
            f"account needs; grant it to a role in {there} that '{own_path(holder)}' may assume"
        )
        annotate(holder, Advice(Severity.WARNING, "ivs-constructs:grant-across-accounts", text))


def check_invoker(
    check: Check,
    stack: cdk.Stack,
    grantee: aws_iam.IGrantable,
    source_arn: str | None = None,
    *,
    takes_source: bool = False,
) -> aws_iam.IGrantable:
    """Reject a grantee that would let others invoke the function: everybody, or any account.

    Args:
        check: Collects the failures.
        stack: The function's stack.
        grantee: The grantee.
        source_arn: The ARN of the AWS service's resource, as given.
        takes_source: Whether the caller's method has that argument.

    Returns:
        The grantee, with `source_arn` as its condition.
    """
    if not _is_grantee(check, grantee):
        return grantee
    principal = grantee.grant_principal
    try:
        fragment = principal.policy_fragment
        named = cast("dict[str, list[str]]", stack.resolve(fragment.principal_json))
        conditions = cast("dict[str, dict[str, Any]]", stack.resolve(fragment.conditions))
    except RuntimeError:  # jsii raises this for every error in JavaScript
        # A principal without any details, such as that of an imported resource without a role.
        return grantee
    if source_arn is not None:
        if not _is_service(named):
            check.fail(
                "source_arn",
                "service-only",
                "source_arn is for AWS services, got it with another grantee; drop it",
            )
            return grantee
        if not isinstance(cast("object", source_arn), str):
            check.fail(
                "source_arn", "type", f"source_arn must be a string, got {quoted(source_arn)}"
            )
            return grantee
        given = stack.resolve(source_arn)
        conditions = {**conditions, "ArnLike": {"aws:SourceArn": given}}
        bound = cast("aws_iam.PrincipalBase", principal).with_conditions(
            {"ArnLike": {"aws:SourceArn": source_arn}}
        )
        grantee = cast("aws_iam.IGrantable", bound)
    read = partial(readings, named=wildcards_in(stack))
    _judge(check, named, conditions, _OFFERED if takes_source else "", read)
    return grantee


def _is_service(named: Mapping[str, object]) -> bool:
    return [*named] == ["Service"]


def _judge(
    check: Check,
    named: Mapping[str, list[Any]],
    conditions: Conditions,
    offered: str,
    read: _Read,
) -> None:
    principals = [each for every in named.values() for each in every]
    texts = [text for each in principals for text in read(each)]
    open_ones = [each for each in texts if _OPEN.search(each)]
    if len(principals) > 1:
        check.fail(
            "grantee",
            "several",
            f"grantee must be one principal, got {len(principals)} in one; grant each one "
            "separately",
        )
    elif open_ones and not _is_organization(open_ones[0], conditions, read):
        check.fail("grantee", "everybody", _EVERYBODY.format(quoted(_legible(open_ones[0]))))
    elif _is_service(named) and not _is_bound(conditions, read):
        check.fail(
            "grantee", "service-source", _UNBOUND.format(quoted(_legible(texts[0])), offered)
        )
    elif not named.keys() <= {"AWS", "Service"}:
        check.fail(
            "grantee",
            "kind",
            "grantee must be a role, a user, an account or an AWS service, because nothing else "
            f"can invoke a function, got a principal of the kind {', '.join(named)}; grant it to "
            "the role that it assumes",
        )


def _is_organization(named: str, conditions: Conditions, read: _Read) -> bool:
    """Whether a grant to everybody is limited to one organization."""
    texts = _condition(conditions, "StringEquals", "aws:PrincipalOrgID", read)
    return named == "*" and _have_form(texts, _ORGANIZATION)


def _is_bound(conditions: Conditions, read: _Read) -> bool:
    """Whether a service acts only for resources of a known account."""
    accounts = _condition(conditions, "StringEquals", "aws:SourceAccount", read)
    arns = _condition(conditions, "ArnLike", "aws:SourceArn", read)
    return _have_form(accounts, _ACCOUNT) or all(map(_names_account, arns))


def _condition(conditions: Conditions, operator: str, key: str, read: _Read) -> list[str]:
    """Read a condition that a function's policy can express; it supports no others."""
    value = conditions.get(operator, {}).get(key, "")
    # Such a policy takes one value, not a list.
    return read("" if isinstance(value, list) else value)


def _have_form(texts: list[str], form: re.Pattern[str]) -> bool:
    return all(each == LATER or form.fullmatch(each) for each in texts)


def _names_account(arn: str) -> bool:
    parts = arn.split(":", ARN_PARTS - 1)
    if len(parts) < ARN_PARTS:
        # An attribute of a resource, whose account is known only at deploy time.
        return LATER in arn and not _OPEN.search(arn)
    return bool(_ACCOUNT.fullmatch(parts[4]) or LATER in parts[4]) and not _OPEN.search(
        "".join(parts[:5])
    )


def _legible(text: str) -> str:
    return text.replace(LATER, "<deploy-time value>")


def _is_grantee(check: Check, grantee: object) -> bool:
    """Reject an unusable grantee before jsii fails obscurely."""
    before = len(check.failures)
    advice = ""
    if isinstance(grantee, str) and not is_token(grantee):
        if grantee.endswith(".amazonaws.com"):
            advice = f"; write aws_iam.ServicePrincipal({quoted(grantee)})"
        else:
            name = "arn" if grantee.startswith("arn:") else "name"
            advice = (
                f"; import it with aws_iam.Role.from_role_{name}(self, 'Imported', "
                f"{quoted(grantee)})"
            )
    elif type(grantee) in (list, tuple):
        advice = "; call this once for each of them"
    expected = "a role, a function or another IGrantable of aws_cdk.aws_iam"
    check_member(check, "grantee", "grant_principal", expected, grantee, advice)
    return len(check.failures) == before
