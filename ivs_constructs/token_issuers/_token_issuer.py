"""What the constructs for functions that issue tokens have in common."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import asdict, replace
from pathlib import Path
from typing import cast

import aws_cdk as cdk
from aws_cdk import aws_iam, aws_lambda, aws_logs
from constructs import Construct

from ivs_constructs._core.arn import arn_of
from ivs_constructs._core.check import Check, is_concrete, is_token, quoted
from ivs_constructs._core.functions import MEMORY_MEGABYTES, RUNTIME
from ivs_constructs._core.policies import define_role
from ivs_constructs._core.render import create
from ivs_constructs._core.resource import check_grantee
from ivs_constructs._core.stack_facts import StackFacts, remember
from ivs_constructs._core.statements import REASONS, TRACES, Statement, log_to
from ivs_constructs._specs import Kind, Prop, ResourceSpec
from ivs_constructs.token_issuers.function.settings import (
    MOST_RESOURCES,
    VARIABLE,
    ParticipantSettings,
    PlaybackSettings,
)

ROOT = Path(__file__).parents[2]
"""The directory above this package, which the function's asset is cut out of: in the function the
modules have the names that they have here."""

# In the order of a .gitignore: a folder is left out with all in it, then some of it taken back.
# Nothing outside counts, and nothing that Python leaves beside its modules.
EXCLUDE = [
    "/*",
    "!/ivs_constructs",
    "/ivs_constructs/*",
    "!/ivs_constructs/__init__.py",
    "!/ivs_constructs/enums.py",
    "!/ivs_constructs/errors.py",
    "!/ivs_constructs/token_issuers",
    "/ivs_constructs/token_issuers/*",
    "!/ivs_constructs/token_issuers/__init__.py",
    "!/ivs_constructs/token_issuers/function",
    "/ivs_constructs/token_issuers/function/*",
    "!/ivs_constructs/token_issuers/function/*.py",
    "!/ivs_constructs/token_issuers/function/models",
    "!/ivs_constructs/tokens",
    "/ivs_constructs/tokens/*",
    "!/ivs_constructs/tokens/_*.py",
    # Tokens are verified in tests, and connection tokens are issued by nobody.
    "/ivs_constructs/tokens/_connection.py",
    "/ivs_constructs/tokens/_p384.py",
    "/ivs_constructs/tokens/_pem.py",
    "/ivs_constructs/tokens/_reading.py",
    "/ivs_constructs/tokens/_verification.py",
]

FUNCTION_SECONDS = 15
"""Longer than all attempts to reach AWS KMS, and shorter than what API Gateway and AppSync wait."""

_LIFETIME = Prop(
    py="max_lifetime", cfn="", api="", kind=Kind.SECONDS, minimum=1, noun="max_lifetime"
)


class TokenIssuer(Construct):
    """A function that issues tokens, with its role and its log group."""

    _function: aws_lambda.Function

    @property
    def function(self) -> aws_lambda.Function:
        """The function: for integrations with API Gateway and AppSync, its metrics and alarms."""
        return self._function

    def grant_invoke(self, grantee: aws_iam.IGrantable) -> aws_iam.Grant:
        """Let somebody ask for tokens.

        Who may do that gets a token for whatever viewer or participant they name: it belongs to
        the back end that knows who is asking.

        Args:
            grantee: Who, such as a role, a function or an AWS service.

        Raises:
            InvalidPropertyError: If the grantee cannot be granted permissions.
        """
        check = Check(
            "https://docs.aws.amazon.com/lambda/latest/dg/access-control-resource-based.html"
        )
        check_grantee(check, grantee)
        check.raise_for(type(self).__name__, lambda: self.node.path)
        # Older versions of the function might be less strict.
        return self._function.grant_invoke_latest_version(grantee)

    def __repr__(self) -> str:
        """Name the class and the construct's path."""
        return f"<ivs_constructs.{type(self).__name__} '{self.node.path}'>"

    def _define(
        self,
        scope: Construct,
        id: str,
        stack_facts: StackFacts,
        settings: PlaybackSettings | ParticipantSettings,
        *,
        kind: str,
        log_retention: aws_logs.RetentionDays | None,
    ) -> None:
        """Define the function.

        Args:
            scope: The scope.
            id: The id.
            stack_facts: What holds for the stack.
            settings: What the function may sign.
            kind: The kind of token.
            log_retention: How long its log is kept, as given.
        """
        create(Construct, self, scope, id)
        remember(self, stack_facts)
        log_group = aws_logs.LogGroup(
            self,
            "LogGroup",
            retention=log_retention or aws_logs.RetentionDays.ONE_MONTH,
            removal_policy=cdk.RemovalPolicy.DESTROY,
        )
        self._function = aws_lambda.Function(
            self,
            "Function",
            description=f"Issues {kind} tokens of Amazon IVS",
            code=aws_lambda.Code.from_asset(
                str(ROOT),
                exclude=EXCLUDE,
                ignore_mode=cdk.IgnoreMode.GIT,
                # Some installers link modules instead of copying them.
                follow_symlinks=cdk.SymlinkFollowMode.ALWAYS,
            ),
            # By name: not every aws-cdk-lib that will do has a constant for it.
            runtime=aws_lambda.Runtime(RUNTIME, aws_lambda.RuntimeFamily.PYTHON),
            handler=f"ivs_constructs.token_issuers.function.issue_{kind}.handler",
            architecture=aws_lambda.Architecture.ARM_64,
            # To type checkers jsii's classes and interfaces are strangers.
            role=cast("aws_iam.IRole", self._role(kind, settings.signing_key_arn, log_group)),
            timeout=cdk.Duration.seconds(FUNCTION_SECONDS),
            memory_size=MEMORY_MEGABYTES,
            environment={VARIABLE: cdk.Stack.of(self).to_json_string(asdict(settings))},
            log_group=cast("aws_logs.ILogGroup", log_group),
        )
        # Not by the constructor, which would add a statement without a reason to the role.
        level1 = cast("aws_lambda.CfnFunction", self._function.node.default_child)
        level1.tracing_config = aws_lambda.CfnFunction.TracingConfigProperty(mode="Active")

    def _role(self, kind: str, key_arn: str, log_group: aws_logs.LogGroup) -> cdk.Resource:
        """Define the role: to log, to trace, and to sign with the one key."""
        sign: Statement = {
            "Sid": "Sign",
            "Effect": "Allow",
            "Action": ["kms:Sign"],
            "Resource": [key_arn],
            "Condition": {"StringEquals": {"kms:SigningAlgorithm": "ECDSA_SHA_384"}},
        }
        return define_role(
            self,
            "Role",
            service="lambda.amazonaws.com",
            description=f"What the function that issues {kind} tokens may do",
            statements={"Function": [log_to(log_group.log_group_arn), TRACES, sign]},
            reasons=REASONS,
        )


def check_log_retention(check: Check, log_retention: object) -> None:
    """Check how long a log is kept."""
    if log_retention is not None and not isinstance(log_retention, aws_logs.RetentionDays):
        check.fail(
            "log_retention",
            "type",
            "log_retention must be a RetentionDays of aws_cdk.aws_logs, got "
            f"{quoted(log_retention)}; write RetentionDays.ONE_WEEK",
        )


def seconds_of(check: Check, max_lifetime: object, default: int, maximum: int) -> float:
    """Check how long tokens may be valid.

    Args:
        check: Takes what is wrong.
        max_lifetime: What was given.
        default: The seconds where nothing was.
        maximum: The most seconds.
    """
    if max_lifetime is None:
        return default
    return cast("float", check.value(replace(_LIFETIME, maximum=maximum), max_lifetime) or 0)


def check_known(check: Check, prop: str, value: object) -> bool:
    """Check that a value is known at synth: the function has to tell its type."""
    if is_concrete(value):
        return True
    check.fail(
        prop,
        "token",
        f"{prop} must be known at synth, got {quoted(value)}; write the value itself",
    )
    return False


def resources_of(
    check: Check, spec: ResourceSpec, prop: str, given: object
) -> Iterator[tuple[object, str]]:
    """Check the channels or stages of an issuer.

    Returns:
        Each that is one, with its ARN.
    """
    if is_token(given) or not isinstance(given, list | tuple):
        check.fail(
            prop,
            "type",
            f"{prop} must be a list of {spec.name}s, got {quoted(given)}; write [{spec.noun}]",
        )
        return
    items = cast("list[object]", given)
    if not items:
        check.fail(
            prop,
            "items",
            f"{prop} must have at least 1 item, got none; give what tokens are to be signed for",
        )
    if len(items) > MOST_RESOURCES:
        check.fail(
            prop,
            "items",
            f"{prop} must have at most {MOST_RESOURCES} items, got {len(items)}; make another "
            "issuer for the rest",
            "https://docs.aws.amazon.com/lambda/latest/dg/configuration-envvars.html",
        )
    seen: set[str] = set()
    for item in items:
        if item is None:
            check.fail(prop, "type", f"{prop} must hold {spec.name}s, got None; drop it")
            continue
        arn = arn_of(check, spec, prop, item)
        if arn is None:
            continue
        if arn in seen:
            check.fail(
                prop, "duplicate", f"{prop} must not repeat {where(item)}; drop the duplicate"
            )
        seen.add(arn)
        yield item, arn


def where(item: object) -> str:
    """Name a construct by its path, for messages."""
    return f"'{cast('Construct', item).node.path}'"
