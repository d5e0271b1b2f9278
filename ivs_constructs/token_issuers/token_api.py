"""An HTTP API that issues tokens to signed-in users."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar, cast

import aws_cdk as cdk
from constructs import Construct

from ivs_constructs._core.arn import check_place
from ivs_constructs._core.by_name import attribute_of, define_by_name
from ivs_constructs._core.check import Check, bool_advice, did_you_mean, is_token, quoted
from ivs_constructs._core.composite import Composite
from ivs_constructs._core.function_settings import check_log_retention, settings_for
from ivs_constructs._core.functions import define_log_group
from ivs_constructs._core.grantees import check_identity, warn_across_accounts
from ivs_constructs._core.misnamed import advise_arguments
from ivs_constructs._core.stack_facts import (
    Place,
    elsewhere,
    path_of,
    recall,
    stack_facts_of,
)
from ivs_constructs.token_issuers.function.settings import RouteSettings
from ivs_constructs.token_issuers.values import (
    IamAuthorizer,
    JwtAuthorizer,
    check_claim_name,
)
from ivs_constructs.tokens._origins import is_origin

if TYPE_CHECKING:
    from aws_cdk import aws_iam, aws_logs

    from ivs_constructs.token_issuers._route_target import RouteTarget

_GUIDE = "https://docs.aws.amazon.com/apigateway/latest/developerguide"
_SOURCE = f"{_GUIDE}/http-api.html"

_METHOD = "POST"
"""POST, because no cache and no browser history may keep tokens."""

_RATE_LIMIT = 50
_BURST_LIMIT = 100
_MAX_AGE_SECONDS = 3600

_HEADERS = ["authorization", "content-type"]
_SIGNED_HEADERS = ["x-amz-content-sha256", "x-amz-date", "x-amz-security-token"]

_LOGGED = {
    "requestId": "$context.requestId",
    "requestTime": "$context.requestTime",
    "routeKey": "$context.routeKey",
    "status": "$context.status",
    "responseLength": "$context.responseLength",
    "integrationStatus": "$context.integrationStatus",
    "integrationLatency": "$context.integrationLatency",
}
"""No headers, no body, no claims, no addresses: nothing about who asked, and no token."""

_SCOPES = 10
"""The maximum number of scopes of a route.

See: https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-quotas.html
"""

_PATH_KEY = "{key}"
"""The placeholder in a path for the key of a fleet's member."""

_PATH = re.compile(r"(/([A-Za-z0-9._~-]+|\{key\}))+")


@dataclass(frozen=True, kw_only=True, slots=True)
class TokenRoute:
    """The target of a TokenApi's path, for targets that need more than an issuer.

    For a fleet, it determines which member a caller can reach: either the one whose key the sign-in
    contains (`key_claim`), or any (`any_key`).

    Attributes:
        issuer: The issuer, or a StageFleet or ChannelFleet with `token_issuer=True`.
        scopes: Scopes, such as `talk/host`; a JWT must have at least one of them. ID tokens have
            none, so only access tokens get in. Only with a JwtAuthorizer. Default: no scope is
            required.
        exchange: Whether the path exchanges participants' tokens; the issuer needs
            `exchange_capabilities`. Default: False (set by this library).
        key_claim: For a fleet: the claim of the JWT that is the key, so that callers reach only
            that member. It must be a single string that users cannot choose themselves.
            Only with a JwtAuthorizer. Default: none.
        any_key: For a fleet: whether callers name the key themselves, as `{key}` in the path:
            **everyone** who is signed in, and has one of the scopes, can reach every member whose
            key they know. Default: False (set by this library).

    Example:
        >>> route = TokenRoute(issuer=issuer, scopes=["talk/host"])
        >>> own_room = TokenRoute(issuer=rooms_with_tokens, key_claim="room")
    """

    issuer: RouteTarget
    scopes: Sequence[str] | None = None
    exchange: bool = False
    key_claim: str | None = None
    any_key: bool = False


advise_arguments(TokenRoute, instead={"scope": "write scopes=[...]"})


class TokenApi(Composite):
    """An HTTP API that issues tokens to signed-in users.

    Each path accepts POST requests for one token issuer, or for the members of one fleet. API
    Gateway verifies the caller; the issuer takes the viewer or user id from the sign-in, never from
    the request. No other function is involved.

    Args:
        scope: The construct to define this in, usually `self`.
        id: The id, unique within the scope.
        routes: Paths such as `/watch`, each with its PlaybackTokenIssuer, ParticipantTokenIssuer
            or TokenRoute. A fleet needs a TokenRoute, which says whose member a caller may reach.
        authorizer: Who gets in: a JwtAuthorizer or an IamAuthorizer.
        allowed_origins: Sites whose pages may ask for tokens, as origins `scheme://host[:port]`
            without wildcards (CORS). Default: none; programs other than web pages can still ask.
        throttling_rate_limit: Requests per second for each path, more than 0. Default: 50 (set by
            this library).
        throttling_burst_limit: Requests in one burst for each path, 1 or more. Default: 100 (set by
            this library).
        log_retention: How long to keep the access log. Default: one month (set by this library).

    Raises:
        InvalidPropertyError: If a property is invalid, if everybody could ask, or if an issuer is
            in another Region or account.
        InvalidScopeError: If the scope or the id is invalid.

    Example:
        >>> live = LiveChannel(stack, "Live", private=True, token_issuer=True)
        >>> api = TokenApi(
        ...     stack,
        ...     "Api",
        ...     routes={"/watch": live.token_issuer},
        ...     authorizer=JwtAuthorizer(
        ...         issuer="https://login.example.com", audience=["a1b2c3"], claim="sub"
        ...     ),
        ...     allowed_origins=["https://www.example.com"],
        ... )
        >>> url = api.url_of("/watch")

    It answers 200 with the token, 400 to a malformed request, 401 without a sign-in, and 403 to a
    request that is not allowed; for a fleet also 404 if the key has no member, and 429 with
    `Retry-After` while it is busy; always with `Cache-Control: no-store`. Its access log contains
    neither tokens nor anything about the caller.

    See: https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api.html
    """

    _instead: ClassVar[Mapping[str, str]] = {"cors": "write allowed_origins=[...]"}

    def __init__(
        self,
        scope: Construct,
        id: str,
        *,
        routes: Mapping[str, RouteTarget | TokenRoute],
        authorizer: JwtAuthorizer | IamAuthorizer,
        allowed_origins: Sequence[str] | None = None,
        throttling_rate_limit: float | None = None,
        throttling_burst_limit: int | None = None,
        log_retention: aws_logs.RetentionDays | None = None,
    ) -> None:
        """Define a TokenApi. Its arguments are those listed for the class."""
        stack_facts = stack_facts_of("TokenApi", scope, id)
        check = Check(_SOURCE)
        _check_authorizer(check, authorizer)
        found = _routes_of(check, routes, authorizer)
        for path, route in found.items():
            target = cast("Construct", route.issuer)
            check_place(
                check,
                stack_facts,
                "routes",
                recall(target).place,
                f"the API of '{path}' invokes functions in its own",
            )
            route.issuer.check_route(check, _key(path), _settings(route, authorizer))
        _check_origins(check, allowed_origins)
        _check_limit(check, "throttling_rate_limit", throttling_rate_limit, whole=False)
        _check_limit(check, "throttling_burst_limit", throttling_burst_limit, whole=True)
        check_log_retention(check, log_retention)
        check.raise_for("TokenApi", lambda: path_of(scope, id))

        self._begin(scope, id, stack_facts)
        self._paths = tuple(found)
        self._signed = isinstance(authorizer, IamAuthorizer)
        self._api = self._define_api(allowed_origins)
        authorizer_id = self._define_authorizer(authorizer)
        for path, route in found.items():
            arn = route.issuer.serve_route(_key(path), _settings(route, authorizer))
            self._define_route(path, arn, authorizer_id, route.scopes)
        self._define_stage(
            throttling_rate_limit or _RATE_LIMIT,
            throttling_burst_limit or _BURST_LIMIT,
            log_retention,
        )

    @property
    def api_id(self) -> str:
        """The API's id (a token)."""
        return self._api.ref

    @property
    def api_endpoint(self) -> str:
        """The API's URL without a path (a token)."""
        return attribute_of(self._api, "attrApiEndpoint")

    def url_of(self, path: str) -> str:
        """Return the URL to which clients send their POST requests for a path (a token).

        Args:
            path: One of the routes' paths.

        Raises:
            InvalidPropertyError: If the API has no such path.
        """
        self._check_path(path)
        return f"{self.api_endpoint}{path}"

    def grant_invoke(self, grantee: aws_iam.IGrantable, path: str) -> aws_iam.Grant:
        """Allows the grantee to ask for tokens at a path of an API with an IamAuthorizer.

        Args:
            grantee: The grantee, such as the role of an identity pool's users.
            path: One of the routes' paths.

        Raises:
            InvalidPropertyError: If the grantee cannot be granted permissions, the API has no such
                path, or it has a JwtAuthorizer.
        """
        self._check_path(path)
        check = Check(f"{_GUIDE}/http-api-access-control-iam.html")
        check_identity(check, grantee)
        covered = [each for each in self._paths if each != path and _covers(path, each)]
        if covered:
            check.fail(
                "path",
                "overlap",
                f"path must allow nothing else, but IAM would take '{path}' for {covered[0]} as "
                "well; choose another path for one of them",
            )
        if not self._signed:
            check.fail(
                "grantee",
                "jwt",
                "grantee needs no permission for an API with a JwtAuthorizer, which lets in "
                "everyone who is signed in; pass authorizer=IamAuthorizer() for callers with AWS "
                "credentials",
            )
        check.raise_for("TokenApi", lambda: self.node.path)
        # Imported lazily: aws_iam is slow to load.
        from aws_cdk import aws_iam

        warn_across_accounts(grantee, recall(self).place, "an HTTP API")
        # IAM sees the requested path, including the key.
        arn = self._arn_of(path.replace(_PATH_KEY, "*"), elsewhere(recall(self).place, grantee))
        return aws_iam.Grant.add_to_principal(
            grantee=grantee, actions=["execute-api:Invoke"], resource_arns=[arn]
        )

    def _check_path(self, path: object) -> None:
        if path not in self._paths:
            check = Check(_SOURCE)
            check.fail(
                "path",
                "unknown",
                f"path must be one of {', '.join(self._paths)}, got {quoted(path)}"
                f"{did_you_mean(path, self._paths) if isinstance(path, str) else ''}",
            )
            check.raise_for("TokenApi", lambda: self.node.path)

    def _define_api(self, allowed_origins: Sequence[str] | None) -> cdk.CfnResource:
        cors = {}
        if allowed_origins is not None:
            headers = [*_HEADERS, *(_SIGNED_HEADERS if self._signed else [])]
            cors["corsConfiguration"] = {
                "allowOrigins": [*allowed_origins],
                "allowMethods": [_METHOD],
                "allowHeaders": headers,
                "maxAge": _MAX_AGE_SECONDS,
            }
        return _resource(
            "aws_apigatewayv2.CfnApi",
            self,
            "Api",
            name=self.node.path.replace("/", "-")[-128:],
            description="Hands out tokens of Amazon IVS",
            protocolType="HTTP",
            **cors,
        )

    def _define_authorizer(self, authorizer: JwtAuthorizer | IamAuthorizer) -> str | None:
        if isinstance(authorizer, IamAuthorizer):
            return None
        made = _resource(
            "aws_apigatewayv2.CfnAuthorizer",
            self,
            "Authorizer",
            apiId=self._api.ref,
            name="SignedIn",
            authorizerType="JWT",
            identitySource=["$request.header.Authorization"],
            jwtConfiguration={"issuer": authorizer.issuer, "audience": [*authorizer.audience]},
        )
        return made.ref

    def _define_route(
        self, path: str, arn: str, authorizer_id: str | None, scopes: Sequence[str] | None
    ) -> None:
        part = Construct(self, _key(path))
        integration = _resource(
            "aws_apigatewayv2.CfnIntegration",
            part,
            "Integration",
            apiId=self._api.ref,
            integrationType="AWS_PROXY",
            integrationUri=arn,
            payloadFormatVersion="2.0",
        )
        access: dict[str, Any] = {"authorizationType": "AWS_IAM"}
        if authorizer_id is not None:
            access = {"authorizationType": "JWT", "authorizerId": authorizer_id}
            if scopes is not None:
                access["authorizationScopes"] = [*scopes]
        _resource(
            "aws_apigatewayv2.CfnRoute",
            part,
            "Route",
            apiId=self._api.ref,
            routeKey=_key(path),
            target=f"integrations/{integration.ref}",
            **access,
        )
        _resource(
            "aws_lambda.CfnPermission",
            part,
            "Permission",
            action="lambda:InvokeFunction",
            functionName=arn,
            principal="apigateway.amazonaws.com",
            sourceArn=self._arn_of(path),
        )

    def _define_stage(
        self, rate_limit: float, burst_limit: int, log_retention: aws_logs.RetentionDays | None
    ) -> None:
        log_group = define_log_group(
            self, settings_for(self), id="AccessLog", retention=log_retention
        )
        _resource(
            "aws_apigatewayv2.CfnStage",
            self,
            "Stage",
            apiId=self._api.ref,
            stageName="$default",
            autoDeploy=True,
            accessLogSettings={
                "destinationArn": attribute_of(log_group, "logGroupArn"),
                "format": json.dumps(_LOGGED),
            },
            defaultRouteSettings={
                "throttlingRateLimit": rate_limit,
                "throttlingBurstLimit": burst_limit,
            },
        )

    def _arn_of(self, path: str, at: Place = (None, None)) -> str:
        """Return the ARN of a path in this API's only stage."""
        region, account = at
        place = f"{region or cdk.Aws.REGION}:{account or cdk.Aws.ACCOUNT_ID}"
        return f"arn:{cdk.Aws.PARTITION}:execute-api:{place}:{self._api.ref}/*/{_METHOD}{path}"


def _resource(
    cls: str,
    scope: Construct,
    id: str,
    /,
    **properties: Any,  # noqa: ANN401 (JSON-like)
) -> cdk.CfnResource:
    # By name: importing aws_apigatewayv2 loads aws_lambda, aws_cloudwatch and others.
    return define_by_name(cdk.CfnResource, cls, scope, id, properties)


def _key(path: str) -> str:
    return f"{_METHOD} {path}"


def _settings(route: TokenRoute, authorizer: JwtAuthorizer | IamAuthorizer) -> RouteSettings:
    settings: RouteSettings = {}
    if isinstance(authorizer, JwtAuthorizer):
        settings["claim"] = str(authorizer.claim)
    if route.exchange:
        settings["exchange"] = True
    if route.key_claim is not None:
        settings["key_claim"] = route.key_claim
    if route.any_key:
        settings["path_key"] = True
    return settings


def _covers(path: str, other: str) -> bool:
    """Whether IAM reads a permission for one path as one for another path, too."""
    pattern = re.escape(path).replace(re.escape(_PATH_KEY), ".+")
    return re.fullmatch(pattern, other.replace(_PATH_KEY, "key")) is not None


def _check_authorizer(check: Check, authorizer: object) -> None:
    if isinstance(authorizer, JwtAuthorizer | IamAuthorizer):
        return
    advice = "pass JwtAuthorizer(issuer=..., audience=[...], claim='sub') or IamAuthorizer()"
    if authorizer is None:
        check.fail(
            "authorizer",
            "open-route",
            f"authorizer is required, because without one everybody would get tokens; {advice}",
        )
    else:
        check.fail(
            "authorizer",
            "type",
            f"authorizer must be a JwtAuthorizer or an IamAuthorizer, got {quoted(authorizer)}; "
            f"{advice}",
        )


def _routes_of(check: Check, given: object, authorizer: object) -> dict[str, TokenRoute]:
    """Check the routes, and return those that can be checked further."""
    if not isinstance(given, Mapping):
        check.fail(
            "routes",
            "type",
            f"routes must be a dict of paths and issuers, got {quoted(given)}; write "
            "{'/watch': issuer}",
        )
        return {}
    items = cast("Mapping[object, object]", given)
    if not items:
        check.fail("routes", "items", "routes must lead to an issuer, got none; pass one")
    found: dict[str, TokenRoute] = {}
    for path, value in items.items():
        fits = isinstance(path, str) and _PATH.fullmatch(path) is not None
        if not fits:
            check.fail(
                "routes",
                "path",
                "routes must have paths of letters, digits, '.', '_', '~' and '-' between "
                f"slashes, and {{key}} where a fleet's key stands, got {quoted(path)}; write one "
                "such as '/watch'",
            )
        route = value if isinstance(value, TokenRoute) else TokenRoute(issuer=cast("Any", value))
        if not hasattr(type(route.issuer), "serve_route"):
            check.fail(
                "routes",
                "type",
                "routes must lead to a PlaybackTokenIssuer, a ParticipantTokenIssuer, a fleet or a "
                f"TokenRoute, got {quoted(route.issuer)}{_bundle_advice(route.issuer)}",
            )
        elif _fine_details(check, path, route, authorizer) and fits:
            found[cast("str", path)] = route
    return found


def _bundle_advice(value: object) -> str:
    if hasattr(type(value), "token_issuer"):
        return "; pass its attribute token_issuer"
    if hasattr(type(value), "channel_arn"):
        return "; define a PlaybackTokenIssuer for it, or a LiveChannel with token_issuer=True"
    if hasattr(type(value), "stage_arn"):
        return "; define a ParticipantTokenIssuer for it, or a LiveStage with token_issuer=True"
    return ""


def _fine_details(check: Check, path: object, route: TokenRoute, authorizer: object) -> bool:
    before = len(check.failures)
    _check_key(check, str(path), route, authorizer)
    scopes = cast("object", route.scopes)
    if not isinstance(cast("object", route.exchange), bool):
        check.fail(
            "routes",
            "type",
            f"exchange of a route must be True or False, got {quoted(route.exchange)}"
            f"{bool_advice(route.exchange)}",
        )
    if scopes is None:
        return len(check.failures) == before
    if isinstance(authorizer, IamAuthorizer):
        check.fail(
            "routes",
            "scopes",
            "routes must have no scopes with an IamAuthorizer, whose callers have no JWT; grant "
            "them single paths with grant_invoke",
        )
    listed = list(cast("Sequence[object]", scopes)) if isinstance(scopes, list | tuple) else []
    if not listed or not all(isinstance(each, str) and each.strip() for each in listed):
        check.fail(
            "routes",
            "scopes",
            "scopes of a route must be a list of at least one string, got "
            f"{quoted(route.scopes)}; drop them if any sign-in is enough",
        )
    elif len(listed) > _SCOPES or len(set(listed)) < len(listed):
        check.fail(
            "routes",
            "scopes",
            f"scopes of a route must be at most {_SCOPES} different ones, got {len(listed)}; a JWT "
            "needs only one of them",
            "https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-quotas.html",
        )
    return len(check.failures) == before


def _check_key(check: Check, path: str, route: TokenRoute, authorizer: object) -> None:
    """Check how a route names a fleet's member; the fleet checks whether it must."""
    claim = cast("object", route.key_claim)
    if not isinstance(cast("object", route.any_key), bool):
        check.fail(
            "routes",
            "type",
            f"routes must have True or False as any_key, got {quoted(route.any_key)}",
        )
        return
    if route.any_key is not (_PATH_KEY in path):
        has = "has no" if route.any_key else "has"
        check.fail(
            "routes",
            "path-key",
            f"routes must have {{key}} in the path if any_key=True, and only then, but '{path}' "
            f"{has} {{key}}; everyone who is signed in then reaches every member whose key they "
            "know",
        )
    elif path.count(_PATH_KEY) > 1:
        check.fail("routes", "path-key", f"routes must have {{key}} once in a path, got '{path}'")
    if claim is None:
        return
    if route.any_key:
        check.fail(
            "routes",
            "exclusive",
            "routes must name the key by key_claim or in the path, got both; drop one of them",
        )
    if isinstance(authorizer, IamAuthorizer):
        check.fail(
            "routes",
            "key-claim",
            "routes must have no key_claim with an IamAuthorizer, as callers bring no JWT; use "
            "any_key, and allow single callers by grant_invoke",
        )
    check_claim_name(check, "routes", claim, "routes must have as key_claim")


def _check_origins(check: Check, given: object) -> None:
    name = "allowed_origins"
    if given is None:
        return
    if is_token(given) or not isinstance(given, list | tuple):
        advice = f"; write [{quoted(given)}]" if isinstance(given, str) else ""
        check.fail(name, "type", f"{name} must be a list of strings, got {quoted(given)}{advice}")
        return
    items = list(cast("Sequence[object]", given))
    if not items:
        check.fail(name, "items", f"{name} must name an origin, got none; drop it if none is meant")
    for item in items:
        if is_token(item) and isinstance(item, str):
            continue
        if not isinstance(item, str) or item == "null" or not is_origin(item, wildcards=False):
            check.fail(
                name,
                "origin",
                f"{name} must hold origins scheme://host[:port] without wildcards, got "
                f"{quoted(item)}; write one such as 'https://www.example.com'",
            )


def _check_limit(check: Check, name: str, value: object, *, whole: bool) -> None:
    if value is None or (is_token(value) and isinstance(value, float)):
        return
    number = isinstance(value, int if whole else int | float) and not isinstance(value, bool)
    if not number or not cast("float", value) > 0 or value == float("inf"):
        kind = "a whole number of 1 or more" if whole else "a number above 0"
        check.fail(
            name,
            "range",
            f"{name} must be {kind}, got {quoted(value)}; drop it for the default",
            f"{_GUIDE}/http-api-throttling.html",
        )
