"""Makes a function of a fleet with its log group and its role."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, cast

from constructs import Construct

from ivs_constructs._core import functions
from ivs_constructs._core.by_name import typed
from ivs_constructs._core.function_settings import settings_for

if TYPE_CHECKING:
    from aws_cdk import aws_lambda, aws_logs

    from ivs_constructs.fleets._permissions import Statement


def define_function(
    scope: Construct,
    *,
    description: str,
    role_description: str,
    code: aws_lambda.Code,
    handler: str,
    seconds: int,
    environment: Mapping[str, str],
    statements: Sequence[Statement],
    reasons: Mapping[str, str],
    log_retention: aws_logs.RetentionDays | None,
) -> aws_lambda.Function:
    """Make a function below a construct: `Function`, `LogGroup` and `Role`.

    Args:
        scope: The construct that has the function.
        description: What the function does.
        role_description: What the role is for.
        code: The code.
        handler: The handler.
        seconds: How long it may run.
        environment: Its environment variables.
        statements: What it may do, besides logs and traces.
        reasons: Why a statement names no single resource, by the statements' ids.
        log_retention: How long its log is kept, as given.
    """
    made = functions.define_function(
        scope,
        settings_for(scope),
        description=description,
        role_description=role_description,
        code=code,
        handler=handler,
        seconds=seconds,
        environment=environment,
        statements=statements,
        reasons=reasons,
        log_retention=log_retention,
    )
    return cast("aws_lambda.Function", typed(made.function))
