"""What all constructs that issue tokens share."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import asdict
from typing import TYPE_CHECKING, ClassVar, cast

import aws_cdk as cdk
from constructs import Construct

from ivs_constructs._core.arn import arn_of
from ivs_constructs._core.by_name import attribute_of, call, typed
from ivs_constructs._core.check import Check, is_token, quoted
from ivs_constructs._core.composite import Composite
from ivs_constructs._core.function_settings import settings_for
from ivs_constructs._core.functions import code_of_package, define_function
from ivs_constructs._core.grantees import check_invoker
from ivs_constructs._core.stack_facts import StackFacts
from ivs_constructs._core.statements import sign_with
from ivs_constructs._specs import ResourceSpec
from ivs_constructs.token_issuers.function.settings import (
    COUNT,
    HTTP_VARIABLE,
    MOST_RESOURCES,
    VALUE,
    VARIABLE,
    ParticipantSettings,
    PlaybackSettings,
    RouteSettings,
)

if TYPE_CHECKING:
    from aws_cdk import aws_iam, aws_lambda, aws_logs

# AWS KMS verifies tokens for an exchange, and no issuer issues connection tokens.
_UNUSED = [
    f"tokens/{name}.py" for name in ("_connection", "_misnamed", "_p384", "_pem", "_verification")
]

FUNCTION_SECONDS = 15
"""Longer than all attempts to reach AWS KMS, and shorter than API Gateway and AppSync wait."""


_AT_RUN_TIME = "tokens are issued at run time: allow that with grant_invoke(grantee)"
"""What to do instead of calling the construct."""


class TokenIssuer(Composite):
    """A function that issues tokens, with its role and its log group."""

    _attributes_instead: ClassVar[Mapping[str, str]] = dict.fromkeys(
        ("create_token", "get_token", "invoke", "issue", "sign", "token"), _AT_RUN_TIME
    )
    _function: cdk.Resource
    _routes: dict[str, RouteSettings]
    _exchanges: bool = False

    @property
    def function(self) -> aws_lambda.Function:
        """The function: for integrations with API Gateway or AppSync, metrics and alarms."""
        return cast("aws_lambda.Function", typed(self._function))

    def grant_invoke(
        self, grantee: aws_iam.IGrantable, *, source_arn: str | None = None
    ) -> aws_iam.Grant:
        """Allows the grantee to ask for tokens.

        Anyone with this permission can get a token for any viewer or participant; grant it only to
        the back end that authenticates them. `TokenApi` needs no grant.

        Args:
            grantee: The grantee, such as a role or a function. An AWS service needs `source_arn`,
                or the condition `aws:SourceAccount` of its principal; without either, other
                accounts' resources could invoke the function through it.
            source_arn: The AWS resource that may ask through a service, such as the ARN of one API
                method. Only for a service principal. Default: none.

        Raises:
            InvalidPropertyError: If the grantee cannot be granted permissions, or means everybody.

        Example:
            >>> grant = issuer.grant_invoke(backend_role)
        """
        invoker = self._invoker(grantee, source_arn)
        # Older versions of the function could be less strict.
        return self.function.grant_invoke_latest_version(invoker)

    def _invoker(self, grantee: aws_iam.IGrantable, source_arn: str | None) -> aws_iam.IGrantable:
        """Check the grantee, and bind a service to its source."""
        check = Check(
            "https://docs.aws.amazon.com/lambda/latest/dg/access-control-resource-based.html"
        )
        stack = cdk.Stack.of(self)
        invoker = check_invoker(check, stack, grantee, source_arn, takes_source=True)
        check.raise_for(type(self).__name__, lambda: self.node.path)
        return invoker

    def check_route(self, check: Check, key: str, route: RouteSettings) -> None:
        """Check a route of an HTTP API before it is created; required by RouteTarget.

        Args:
            check: Collects the failures.
            key: The route's key, such as `POST /watch`.
            route: The route's settings.
        """
        if self._routes.get(key, route) != route:
            check.fail(
                "routes",
                "duplicate",
                f"routes must not lead '{key}' to {where(self)}, which serves that key of another "
                "TokenApi with another claim or authorizer and could not distinguish them; choose "
                "another path",
            )
        if "key_claim" in route or route.get("path_key"):
            check.fail(
                "routes",
                "key",
                f"routes must name a key only where they lead to a fleet, got one with "
                f"{where(self)}; drop key_claim and any_key, and {{key}} in the path",
            )
        if route.get("exchange") and not self._exchanges:
            check.fail(
                "routes",
                "exchange",
                f"routes must not exchange tokens of {where(self)}, which does not; pass "
                "exchange_capabilities to a ParticipantTokenIssuer",
            )

    def serve_route(self, key: str, route: RouteSettings) -> str:
        """Connect the function to a route of an HTTP API; required by RouteTarget.

        Args:
            key: The route's key.
            route: The route's settings.

        Returns:
            The ARN of the function or alias that the API invokes.
        """
        self._routes[key] = route
        call(self._function, "addEnvironment", HTTP_VARIABLE, _json(self._routes))
        return self._route_target(route)

    def _route_target(self, route: RouteSettings) -> str:
        del route  # only exchanges have their own target
        return attribute_of(self._function, "functionArn")

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
        """Define the function."""
        self._begin(scope, id, stack_facts)
        self._routes = {}
        exchanges = getattr(settings, "exchange_capabilities", None) is not None
        made = define_function(
            self,
            settings_for(self),
            description=f"Issues {kind} tokens of Amazon IVS",
            role_description=f"What the function that issues {kind} tokens may do",
            code=code_of_package(
                *("__init__.py", "enums.py", "errors.py", "token_issuers/__init__.py"),
                *("token_issuers/function/*.py", "token_issuers/function/models"),
                "tokens/_*.py",
                without=_UNUSED,
            ),
            handler=f"ivs_constructs.token_issuers.function.issue_{kind}.handler",
            seconds=FUNCTION_SECONDS,
            environment=_environment(settings),
            statements=[sign_with(settings.signing_key_arn, verify=exchanges)],
            reasons={},
            log_retention=log_retention,
        )
        self._function = made.function


def _environment(settings: PlaybackSettings | ParticipantSettings) -> dict[str, str]:
    """Return the settings: one text with the known values, and each deploy-time value."""
    values: list[str] = []

    def written(node: object) -> object:
        if isinstance(node, dict):
            members = cast("dict[str, object]", node)
            return {name: written(each) for name, each in members.items() if each is not None}
        if isinstance(node, list):
            return [written(each) for each in cast("list[object]", node)]
        if is_token(node):
            values.append(node if isinstance(node, str) else cdk.Token.as_string(node))
            return {VALUE: len(values)}
        return node

    text = _json({**cast("dict[str, object]", written(asdict(settings))), COUNT: len(values)})
    numbered = {f"{VARIABLE}_{number}": each for number, each in enumerate(values, start=1)}
    return {VARIABLE: text, **numbered}


def _json(value: object) -> str:
    return json.dumps(value, separators=(",", ":"))


def resources_of(
    check: Check, spec: ResourceSpec, prop: str, given: object, beside: StackFacts | None = None
) -> Iterator[tuple[object, str]]:
    """Check the channels or stages of an issuer.

    Args:
        check: Collects the failures.
        spec: Their type.
        prop: The argument.
        given: What the user passed.
        beside: The stack whose Region and account they must be in. Default: no restriction.

    Returns:
        The valid ones, each with its ARN.
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
            f"{prop} must have at least 1 item, got none; pass what to sign tokens for",
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
        arn = arn_of(check, spec, prop, item, beside=beside)
        if arn is None:
            continue
        if arn in seen:
            check.fail(
                prop, "duplicate", f"{prop} must not repeat {where(item)}; drop the duplicate"
            )
        seen.add(arn)
        yield item, arn


def where(item: object) -> str:
    """Return a construct's path, for messages."""
    return f"'{cast('Construct', item).node.path}'"
