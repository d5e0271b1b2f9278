"""AWS Lambda functions made by the AWS CDK's own rules, each with its role and log group."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Any

import aws_cdk as cdk
from constructs import Construct

from ivs_constructs._core.by_name import (
    attribute_of,
    call,
    define_by_name,
    key_of,
    member_by_name,
    put,
    reference,
    static_reference,
    value_by_name,
)
from ivs_constructs._core.check import generated_name
from ivs_constructs._core.function_settings import ARCHITECTURES, architecture_name
from ivs_constructs._core.policies import define_policy, define_role, level1_of
from ivs_constructs._core.stack_facts import path_of, stack_of
from ivs_constructs._core.statements import (
    NETWORK_INTERFACES,
    REASONS,
    TRACES,
    Statement,
    log_to,
)
from ivs_constructs.errors import UnsupportedError

_PACKAGE = Path(__file__).parents[1]

RUNTIME = "python3.14"
"""The newest Python in AWS Lambda; a test compares it with the AWS CDK's list."""

MEMORY_MEGABYTES = 256
"""Twice what the functions need: the share of the CPU grows with the memory."""


WITH_ASSETS = "use a synthesizer that supports them, such as DefaultStackSynthesizer"
"""What to do in a stack that cannot have assets."""


@dataclass(frozen=True, slots=True, eq=False)
class Function:
    """A function that was made.

    Attributes:
        function: The function, an `aws_lambda.Function`.
        role: The role that it runs with.
        has_own_role: Whether the role was made for this function alone.
        log_group: Where its log goes, an `aws_logs.LogGroup`.
        is_in_vpc: Whether it runs in a VPC.
    """

    function: cdk.Resource
    role: object
    has_own_role: bool
    log_group: cdk.Resource
    is_in_vpc: bool


def define_function(
    scope: Construct,
    settings: Mapping[str, Any],
    *,
    description: str,
    role_description: str,
    code: object,
    handler: str,
    seconds: int,
    environment: Mapping[str, str],
    statements: Sequence[Statement],
    reasons: Mapping[str, str],
    role: object = None,
    log_retention: object = None,
) -> Function:
    """Make a function with its log group and its role: `Function`, `LogGroup` and `Role`.

    Args:
        scope: The construct that has the function.
        settings: Its settings, from `settings_for`.
        description: What the function does.
        role_description: What the role is for.
        code: The code, a `Code` of `aws_lambda`.
        handler: The handler.
        seconds: How long it may run.
        environment: Its environment variables.
        statements: What it may do, besides logs and traces.
        reasons: Why a statement names no single resource, by statement id.
        role: The role, if one was given. Default: a new one.
        log_retention: How long its log is kept, an `aws_logs.RetentionDays`. Default: as in the
            settings, else 30 days.

    Raises:
        UnsupportedError: If the stack cannot have assets.
    """
    log_group = define_log_group(scope, settings, retention=log_retention)
    traced = settings.get("tracing", True)
    wanted = [
        log_to(attribute_of(log_group, "logGroupArn")),
        *([TRACES] if traced else []),
        *statements,
    ]
    known = {**REASONS, **reasons}
    processor = architecture_name(settings.get("architecture", "arm64"))
    own = None
    if role is None:
        role = own = define_role(
            scope,
            "Role",
            service="lambda.amazonaws.com",
            description=role_description,
            statements={"Function": wanted},
            reasons=known,
        )
    function = _defined(
        scope,
        {
            # Has no effect unless another account or Region uses the function.
            "functionName": generated_name(),
            "description": description,
            "code": code,
            # By name: not every supported aws-cdk-lib has a constant for it.
            "runtime": value_by_name(
                "aws_lambda.Runtime", RUNTIME, member_by_name("aws_lambda.RuntimeFamily", "PYTHON")
            ),
            "handler": handler,
            "architecture": static_reference("aws_lambda.Architecture", ARCHITECTURES[processor]),
            "role": role,
            "timeout": cdk.Duration.seconds(seconds),
            "memorySize": MEMORY_MEGABYTES,
            "environment": dict(environment),
            "logGroup": log_group,
            **{name: settings[key] for key, name in _AS_THEY_ARE.items() if key in settings},
        },
    )
    level1 = level1_of(function)
    if traced and level1 is not None:
        # Not through the constructor, which would add a statement without a reason to the role.
        put(level1, "tracingConfig", {"mode": "Active"})
    # A property injector may have given it another role, or a VPC, whose permissions the AWS CDK
    # grants only to roles that it makes itself.
    runs_with = reference(function, "role") or role
    has_own_role = own is not None and key_of(runs_with) == key_of(own)
    is_in_vpc = bool(attribute_of(function, "isBoundToVpc"))
    lacking = [*([] if has_own_role else wanted), *([NETWORK_INTERFACES] if is_in_vpc else [])]
    if lacking:
        name = None if has_own_role else policy_name(scope, "FunctionPolicy")
        policy = define_policy(scope, "FunctionPolicy", runs_with, lacking, known, name=name)
        call(reference(function, "node"), "addDependency", policy)
    return Function(function, runs_with, has_own_role, log_group, is_in_vpc)


def asset_error(
    error: RuntimeError, scope: Construct, id: str, noun: str = "function"
) -> Exception:
    """Say in the user's terms that a stack cannot have assets; other errors stay as they are.

    Args:
        error: What jsii makes of an error in JavaScript.
        scope: Where the asset was to be.
        id: The id of the construct with the asset.
        noun: What that is.
    """
    if "asset" not in str(error).lower():
        return error
    return UnsupportedError(
        f"the code of the {noun} '{path_of(scope, id)}' is an asset, and stack "
        f"'{stack_of(scope).node.path}' cannot have assets; {WITH_ASSETS}"
    )


def _defined(scope: Construct, properties: dict[str, Any]) -> cdk.Resource:
    try:
        return define_by_name(cdk.Resource, "aws_lambda.Function", scope, "Function", properties)
    except RuntimeError as error:
        raise asset_error(error, scope, "Function") from None


def code_in(folder: Path, exclude: Sequence[str]) -> object:
    """Return the code in a folder, a `Code` of `aws_lambda`.

    Args:
        folder: The folder.
        exclude: What is not part of it, as in a .gitignore.
    """
    options = {
        "exclude": exclude,
        "ignoreMode": cdk.IgnoreMode.GIT,
        # Some installers link modules instead of copying them.
        "followSymlinks": cdk.SymlinkFollowMode.ALWAYS,
    }
    return value_by_name("aws_lambda.AssetCode", str(folder), options)


def code_of_package(*kept: str, without: Iterable[str]) -> object:
    """Return some of this package as code; in the function, modules have the same names as here.

    Args:
        kept: The files, by their paths in the package; a name may be a pattern.
        without: Files among them that are left out.
    """
    # Ordered as in a .gitignore: exclude a whole folder, then include parts of it again.
    patterns = ["/*"]
    opened: set[str] = set()
    for path in (f"{_PACKAGE.name}/{each}" for each in kept):
        for folder in reversed([*PurePosixPath(path).parents][:-1]):
            if str(folder) not in opened:
                opened.add(str(folder))
                patterns += [f"!/{folder}", f"/{folder}/*"]
        patterns.append(f"!/{path}")
    patterns += [f"/{_PACKAGE.name}/{each}" for each in without]
    return code_in(_PACKAGE.parent, patterns)


def policy_name(scope: Construct, id: str) -> str:
    """Make a policy name that no other stack has, for a role that several stacks share."""
    uuid = cdk.Fn.select(2, cdk.Fn.split("/", cdk.Aws.STACK_ID))
    return f"{scope.node.id}-{id}-{uuid}"


_AS_THEY_ARE = {
    "vpc": "vpc",
    "vpc_subnets": "vpcSubnets",
    "security_groups": "securityGroups",
    "reserved_concurrent_executions": "reservedConcurrentExecutions",
}


def define_log_group(
    scope: Construct,
    settings: Mapping[str, Any],
    *,
    id: str = "LogGroup",
    name: str | None = None,
    retention: object = None,
) -> cdk.Resource:
    """Make a log group that goes with its scope.

    Args:
        scope: The construct whose log it is.
        settings: Its settings, from `settings_for`.
        id: Its id.
        name: Its name. Default: made by CloudFormation.
        retention: How long the log is kept. Default: as in the settings, else 30 days.
    """
    retention = retention or settings.get("log_retention")
    key = settings.get("log_encryption_key")
    return define_by_name(
        cdk.Resource,
        "aws_logs.LogGroup",
        scope,
        id,
        {
            "retention": retention or member_by_name("aws_logs.RetentionDays", "ONE_MONTH"),
            "removalPolicy": cdk.RemovalPolicy.DESTROY,
            **({} if key is None else {"encryptionKey": key}),
            **({} if name is None else {"logGroupName": name}),
        },
    )
