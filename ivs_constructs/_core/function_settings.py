"""Settings of an app or a stack for the functions that this library makes in it."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, cast

from constructs import Construct

from ivs_constructs._core.check import (
    Check,
    bool_advice,
    closest,
    did_you_mean,
    enum_value,
    is_duration,
    quoted,
)
from ivs_constructs._core.resource import check_member
from ivs_constructs._core.stack_facts import concrete, stack_facts_of
from ivs_constructs.errors import InvalidScopeError, UnsupportedError

if TYPE_CHECKING:
    from aws_cdk import aws_ec2, aws_iam, aws_kms, aws_lambda, aws_logs

_SOURCE = "https://docs.aws.amazon.com/lambda/latest/dg/lambda-functions.html"
_SETTINGS = "_ivs_constructs_function_settings"
_USED = "_ivs_constructs_functions"
"""Attributes of a scope: its settings, and the path of the first function that used them."""

ARCHITECTURES = {"arm64": "ARM_64", "x86_64": "X86_64"}
"""AWS Lambda's names of processors, and the AWS CDK's."""

_MOST_GROUPS = 5
"""See: https://docs.aws.amazon.com/lambda/latest/dg/configuration-vpc.html"""


class FunctionSettings:
    """Settings of the AWS Lambda functions that this library makes in an app or a stack.

    These are the function behind the custom resources (one for each stack that has any) and the
    functions of token issuers. Call `of` and then `set`, before the constructs are defined:

    Example:
        >>> quiet = cdk.Stack(cdk.App(), "Quiet")
        >>> settings = FunctionSettings.of(quiet).set(architecture="x86_64", tracing=False)
        >>> stage = Stage(quiet, "Stage")

    Settings of a stack win over those of its app, one by one. `vpc`, `vpc_subnets` and
    `security_groups` belong together: setting `vpc` again sets all three. An argument of a
    construct, such as the `log_retention` of a token issuer, wins over both.

    See: https://docs.aws.amazon.com/lambda/latest/dg/lambda-functions.html
    """

    _scope: Construct

    @classmethod
    def of(cls, scope: Construct) -> FunctionSettings:
        """Return the settings of an app, a stage, a stack or any other construct.

        Args:
            scope: The construct; its settings hold for all functions inside it.

        Raises:
            InvalidScopeError: If it is not a construct.
        """
        if not isinstance(cast("object", scope), Construct):
            raise InvalidScopeError(
                f"FunctionSettings: scope must be an app, a stack or another construct, got "
                f"{quoted(scope)}"
            )
        settings = cls()
        settings._scope = scope
        return settings

    def set(
        self,
        *,
        provider_role: aws_iam.IRole | None = None,
        vpc: aws_ec2.IVpc | None = None,
        vpc_subnets: aws_ec2.SubnetSelection | None = None,
        security_groups: Sequence[aws_ec2.ISecurityGroup] | None = None,
        log_retention: aws_logs.RetentionDays | None = None,
        log_encryption_key: aws_kms.IKey | None = None,
        architecture: aws_lambda.Architecture | str | None = None,
        tracing: bool | None = None,
        reserved_concurrent_executions: int | None = None,
    ) -> FunctionSettings:
        """Set the given settings, and leave the rest as they are.

        Args:
            provider_role: The role of the function behind the custom resources. The permissions it
                needs are attached to it as policies; a role that must not change, such as
                `role.without_policy_updates()`, needs to have them already.
                Default: a role for each stack (made by this library).
            vpc: Runs the functions in this VPC. The function behind the custom resources needs to
                reach the APIs of CloudFormation and Amazon IVS, and Amazon S3. Default: no VPC.
            vpc_subnets: The subnets; needs `vpc`. Default: private ones with egress, else isolated
                ones (set by the AWS CDK).
            security_groups: 1 to 5 security groups; needs `vpc`. Default: a new one for each
                function, which allows all outbound traffic (set by the AWS CDK).
            log_retention: How long logs are kept, also those of a CompositionAutomation and of a
                TokenApi. Default: one month (set by this library).
            log_encryption_key: Encrypts the logs; the key's policy must let the service
                `logs.<region>.amazonaws.com` use it. Default: none (CloudWatch Logs encrypts with
                a key of its own).
            architecture: The processor, `arm64` or `x86_64`. Default: arm64 (set by this library).
            tracing: Whether AWS X-Ray traces the functions, and the state machine of a
                CompositionAutomation. Default: True (set by this library).
            reserved_concurrent_executions: How many of each function may run at once, at least 1.
                A limit below the number of custom resources makes deployments slower. Default: no
                limit but the account's (set by AWS Lambda).

        Returns:
            These settings.

        Raises:
            InvalidPropertyError: If a setting is invalid.
            UnsupportedError: If a function inside the scope was made already.

        """
        given = {name: value for name, value in locals().items() if name != "self"}
        given = {name: value for name, value in given.items() if value is not None}
        check = Check(_SOURCE)
        _check(check, given)
        check.raise_for("FunctionSettings", lambda: self._scope.node.path)
        used = vars(self._scope).get(_USED)
        if used is not None:
            raise UnsupportedError(
                f"FunctionSettings of '{self._scope.node.path}' were set too late: '{used}' "
                "already has a function without them; set them before the first construct that "
                "has a function"
            )
        known = vars(self._scope).setdefault(_SETTINGS, {})
        _merge(known, given)
        return self


def settings_for(scope: Construct) -> dict[str, Any]:
    """Return the settings for a function by name, and fix them from now on.

    Raises:
        InvalidPropertyError: If a setting of the app is for another Region or account.
    """
    found: dict[str, Any] = {}
    path = ""
    for each in scope.node.scopes:
        own = vars(each)
        if _USED not in own:
            path = path or scope.node.path
            own[_USED] = path
        _merge(found, own.get(_SETTINGS, {}))
    check = Check(_SOURCE)
    _check_places(check, scope, found)
    check.raise_for("FunctionSettings", lambda: path)
    return found


_PLACES = {"vpc": "region", "log_encryption_key": "region", "provider_role": "account"}
"""Where a setting's resource must be for a function to use it."""


def _check_places(check: Check, scope: Construct, found: Mapping[str, Any]) -> None:
    given = {name: found[name].env for name in _PLACES if hasattr(found.get(name), "env")}
    own = stack_facts_of("FunctionSettings", scope, "Default") if given else None
    for name, env in given.items():
        place = _PLACES[name]
        wanted, there = getattr(own, place), concrete(getattr(env, place))
        if wanted is not None and there is not None and wanted != there:
            noun = place.replace("region", "Region")
            check.fail(
                name,
                f"other-{place}",
                f"{name} must be in the function's {noun} {wanted}, got one in {there}; set "
                f"another for that stack: FunctionSettings.of(stack).set({name}=...)",
            )


_NETWORK = ("vpc", "vpc_subnets", "security_groups")


def _merge(known: dict[str, Any], given: Mapping[str, Any]) -> None:
    if "vpc" in given:
        for name in _NETWORK:
            known.pop(name, None)
    known.update(given)


def _check(check: Check, given: Mapping[str, Any]) -> None:
    for name, member, kind, importer in (
        ("provider_role", "role_arn", "a role of aws_cdk.aws_iam", "aws_iam.Role.from_role_arn"),
        ("vpc", "vpc_id", "a VPC of aws_cdk.aws_ec2", "aws_ec2.Vpc.from_lookup"),
        ("log_encryption_key", "key_arn", "a key of aws_cdk.aws_kms", "aws_kms.Key.from_key_arn"),
    ):
        if name in given:
            advice = f"; import it with {importer}(self, 'Imported', ...)"
            check_member(
                check, name, member, kind, given[name], advice if type(given[name]) is str else ""
            )
    for name in _NETWORK[1:]:
        if name in given and "vpc" not in given:
            check.fail(name, "without-vpc", f"{name} requires vpc, got none; pass the VPC as well")
    if "security_groups" in given:
        _check_groups(check, given["security_groups"])
    if "vpc_subnets" in given:
        example = "SubnetSelection(subnet_type=...)"
        _check_kind(check, "vpc_subnets", "aws_ec2.SubnetSelection", example, given["vpc_subnets"])
    check_log_retention(check, given.get("log_retention"))
    architecture = given.get("architecture")
    if architecture is not None and architecture_name(architecture) not in ARCHITECTURES:
        check.fail(
            "architecture",
            "choice",
            f"architecture must be one of {', '.join(ARCHITECTURES)}, got {quoted(architecture)}"
            f"{did_you_mean(architecture, ARCHITECTURES)}",
        )
    tracing = given.get("tracing")
    if tracing is not None and not isinstance(tracing, bool):
        check.fail(
            "tracing",
            "type",
            f"tracing must be True or False, got {quoted(tracing)}"
            f"{bool_advice(tracing) or '; write True or False'}",
        )
    reserved = given.get("reserved_concurrent_executions")
    if reserved is not None and (type(reserved) is not int or reserved < 1):
        check.fail(
            "reserved_concurrent_executions",
            "range",
            "reserved_concurrent_executions must be an integer of at least 1, got "
            f"{quoted(reserved)}; with 0 the function never runs",
        )


def check_log_retention(check: Check, log_retention: object) -> None:
    """Check how long to keep a log."""
    if log_retention is None:
        return
    given: Any = log_retention
    days: Any = given.to_days(integral=False) if is_duration(given) else given
    name = _RETENTIONS.get(days, "ONE_WEEK") if isinstance(days, int | float) else "ONE_WEEK"
    if isinstance(given, str) and re.fullmatch("[A-Z][A-Z_]*", given.upper()):
        name = closest(given, (*_RETENTIONS.values(), "INFINITE")) or name
    example = f"aws_logs.RetentionDays.{name}"
    _check_kind(check, "log_retention", "aws_logs.RetentionDays", example, given)


_RETENTIONS: Mapping[float, str] = {
    **{1: "ONE_DAY", 3: "THREE_DAYS", 5: "FIVE_DAYS", 7: "ONE_WEEK", 14: "TWO_WEEKS"},
    **{30: "ONE_MONTH", 60: "TWO_MONTHS", 90: "THREE_MONTHS", 120: "FOUR_MONTHS"},
    **{150: "FIVE_MONTHS", 180: "SIX_MONTHS", 365: "ONE_YEAR"},
}
"""The members of RetentionDays that people mean by a number of days."""


def _check_kind(check: Check, name: str, kind: str, example: str, given: object) -> None:
    """Check an object by its jsii name, so that only programs that use its module load it."""
    if getattr(type(given), "__jsii_type__", "") != f"aws-cdk-lib.{kind}":
        module, _, class_name = kind.rpartition(".")
        check.fail(
            name,
            "type",
            f"{name} must be a {class_name} of aws_cdk.{module}, got {quoted(given)}; "
            f"write {example}",
        )


def _check_groups(check: Check, groups: object) -> None:
    name = "security_groups"
    if isinstance(groups, str) or not isinstance(groups, list | tuple):
        check.fail(
            name, "type", f"{name} must be a list, got {quoted(groups)}; write [security_group]"
        )
        return
    items = cast("Sequence[object]", groups)
    if not 1 <= len(items) <= _MOST_GROUPS:
        check.fail(
            name,
            "items",
            f"{name} must have 1-{_MOST_GROUPS} items, got {len(items)}; drop it for a new one",
        )
    for each in items:
        check_member(check, name, "security_group_id", "security groups of aws_cdk.aws_ec2", each)


def architecture_name(architecture: object) -> str:
    """Return AWS Lambda's name of a processor, given as an object or as a string."""
    value = enum_value(architecture)
    return value if isinstance(value, str) else str(getattr(value, "name", ""))
