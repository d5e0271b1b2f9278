"""The HTTP API in front of token issuers: its resources, and the input it rejects."""

from __future__ import annotations

import doctest
import json
from collections.abc import Callable
from typing import Any

import aws_cdk as cdk
import pytest
from aws_cdk import aws_apigatewayv2, aws_cognito, aws_iam, aws_logs
from syrupy.assertion import SnapshotAssertion

import ivs_constructs
from ivs_constructs import (
    Channel,
    IamAuthorizer,
    InvalidPropertyError,
    InvalidScopeError,
    JwtAuthorizer,
    LiveChannel,
    LiveStage,
    ParticipantTokenIssuer,
    ParticipantTokenLimits,
    PlaybackTokenIssuer,
    PlaybackTokenLimits,
    StageFleet,
    TokenApi,
    TokenRoute,
    TokenSigningKey,
)
from ivs_constructs.testing import Synthesized, synthesize
from tests.programs import loaded_by

PROVIDER = "https://login.example.com"
JWT = JwtAuthorizer(issuer=PROVIDER, audience=["a1b2c3"], claim="sub")
SITE = "https://www.example.com"


def viewers_in(stack: cdk.Stack, id: str = "Live") -> PlaybackTokenIssuer:
    live = LiveChannel(stack, id, private=True, recording=False, token_issuer=True)
    return live.token_issuer


def hosts_in(stack: cdk.Stack, **limits: Any) -> ParticipantTokenIssuer:  # noqa: ANN401 (any)
    return LiveStage(stack, "Talk", token_issuer=ParticipantTokenLimits(**limits)).token_issuer


def api_in(stack: cdk.Stack, **options: Any) -> TokenApi:  # noqa: ANN401 (any option)
    given = {"authorizer": JWT, **options}
    if "routes" not in given:
        given["routes"] = {"/watch": viewers_in(stack)}
    return TokenApi(stack, "Api", **given)


def rooms_in(stack: cdk.Stack, **options: Any) -> StageFleet:  # noqa: ANN401 (any option)
    return StageFleet(stack, "Rooms", max_size=10, **{"token_issuer": True, **options})


def of_type(made: Synthesized, name: str) -> list[dict[str, Any]]:
    return [
        each["Properties"]
        for each in made.template["Resources"].values()
        if each["Type"] == f"AWS::{name}"
    ]


def routes_told(made: Synthesized) -> list[dict[str, Any]]:
    """What the functions are told of the routes."""
    texts = [
        each["Environment"]["Variables"].get("TOKEN_ISSUER_HTTP")
        for each in of_type(made, "Lambda::Function")
    ]
    return [json.loads(each) for each in texts if each]


# What is defined


def test_minimal(stack: cdk.Stack, snapshot_json: SnapshotAssertion) -> None:
    api = api_in(stack)

    rendered = synthesize(stack)

    assert routes_told(rendered) == [{"POST /watch": {"claim": "sub"}}]
    own = {
        name: each
        for name, each in rendered.template["Resources"].items()
        if name.startswith("Api")
    }
    assert len(own) <= 8
    assert own == snapshot_json
    assert repr(api) == "<ivs_constructs.TokenApi 'Stack/Api'>"


def test_full(stack: cdk.Stack, snapshot_json: SnapshotAssertion) -> None:
    hosts = hosts_in(stack, exchange_capabilities=["PUBLISH", "SUBSCRIBE"])
    pool = aws_cognito.UserPool.from_user_pool_id(stack, "Users", "eu-west-1_AbCdEf")
    client = aws_cognito.UserPoolClient.from_user_pool_client_id(stack, "Client", "1a2b3c")
    site = cdk.CfnParameter(stack, "Site")
    api = api_in(
        stack,
        routes={
            "/watch": viewers_in(stack),
            "/talk/join": TokenRoute(issuer=hosts, scopes=["talk/host"]),
            "/talk/promote": TokenRoute(issuer=hosts, scopes=["talk/host"], exchange=True),
        },
        authorizer=JwtAuthorizer.for_user_pool(pool, [client], claim="sub"),
        allowed_origins=[SITE, f"https://{site.value_as_string}"],
        throttling_rate_limit=0.5,
        throttling_burst_limit=1,
        log_retention=aws_logs.RetentionDays.ONE_WEEK,
    )
    cdk.CfnOutput(stack, "Url", value=api.url_of("/talk/join"))

    rendered = synthesize(stack)

    assert routes_told(rendered) == [
        {"POST /watch": {"claim": "sub"}},
        {
            "POST /talk/join": {"claim": "sub"},
            "POST /talk/promote": {"claim": "sub", "exchange": True},
        },
    ] or routes_told(rendered)[::-1] == [
        {"POST /watch": {"claim": "sub"}},
        {
            "POST /talk/join": {"claim": "sub"},
            "POST /talk/promote": {"claim": "sub", "exchange": True},
        },
    ]
    routes = of_type(rendered, "ApiGatewayV2::Route")
    assert {each["AuthorizationType"] for each in routes} == {"JWT"}
    assert [each.get("AuthorizationScopes") for each in routes].count(["talk/host"]) == 2
    own = {
        name: each
        for name, each in rendered.template["Resources"].items()
        if name.startswith("Api")
    }
    assert own == snapshot_json
    # The exchange invokes the alias, and only its own route may.
    [alias] = [
        name
        for name, each in rendered.template["Resources"].items()
        if each["Type"] == "AWS::Lambda::Alias"
    ]
    invoked = [json.dumps(each["FunctionName"]) for each in of_type(rendered, "Lambda::Permission")]
    assert sum(alias in each for each in invoked) == 1


def test_callers_of_another_region_name_that_of_the_api(app: cdk.App) -> None:
    def stack_in(region: str) -> cdk.Stack:
        env = cdk.Environment(account="123456789012", region=region)
        return cdk.Stack(app, region, env=env, cross_region_references=True)

    api = api_in(stack_in("us-west-2"), authorizer=IamAuthorizer(), allowed_origins=[SITE])
    there = stack_in("eu-west-1")
    role = aws_iam.Role(there, "Users", assumed_by=aws_iam.AccountRootPrincipal())

    api.grant_invoke(role, "/watch")

    [policy] = of_type(synthesize(there), "IAM::Policy")
    [statement] = policy["PolicyDocument"]["Statement"]
    assert statement["Resource"]["Fn::Join"][1][:3] == [
        "arn:",
        {"Ref": "AWS::Partition"},
        ":execute-api:us-west-2:",
    ]


def test_callers_with_credentials(stack: cdk.Stack) -> None:
    api = api_in(stack, authorizer=IamAuthorizer(), allowed_origins=[SITE])
    role = aws_iam.Role(
        stack, "Users", assumed_by=aws_iam.ServicePrincipal("ecs-tasks.amazonaws.com")
    )
    assert api.grant_invoke(role, "/watch").success

    rendered = synthesize(stack)

    assert routes_told(rendered) == [{"POST /watch": {}}]
    [route] = of_type(rendered, "ApiGatewayV2::Route")
    assert route["AuthorizationType"] == "AWS_IAM"
    assert of_type(rendered, "ApiGatewayV2::Authorizer") == []
    [cors] = [each["CorsConfiguration"] for each in of_type(rendered, "ApiGatewayV2::Api")]
    assert "x-amz-date" in cors["AllowHeaders"]
    [statement] = [
        each["PolicyDocument"]["Statement"][0]
        for name, each in (
            (name, each["Properties"])
            for name, each in rendered.template["Resources"].items()
            if each["Type"] == "AWS::IAM::Policy" and name.startswith("Users")
        )
    ]
    assert statement["Action"] == "execute-api:Invoke"
    assert json.dumps(statement["Resource"]).endswith('"/*/POST/watch"]]}')


def test_access_log_tells_nothing_of_people(stack: cdk.Stack) -> None:
    api_in(stack)

    [made] = of_type(synthesize(stack), "ApiGatewayV2::Stage")

    logged = json.loads(made["AccessLogSettings"]["Format"])
    variables = " ".join(logged.values())
    for part in ("authorizer", "identity", "error", "path", "header", "body", "domain"):
        assert part not in variables
    assert logged["status"] == "$context.status"


def test_api_may_stand_in_another_stack(app: cdk.App, stack: cdk.Stack) -> None:
    issuer = viewers_in(stack)
    front = cdk.Stack(app, "Front", env=cdk.Environment(region=stack.region, account=stack.account))

    TokenApi(front, "Api", routes={"/watch": issuer}, authorizer=JWT)

    rendered = synthesize(front)
    assert len(rendered.template["Resources"]) == 7
    assert routes_told(synthesize(stack)) == [{"POST /watch": {"claim": "sub"}}]


def test_one_issuer_serves_several_apis(stack: cdk.Stack) -> None:
    issuer = viewers_in(stack)
    for id, path, authorizer in (
        ("One", "/watch", JWT),
        ("Two", "/watch", JWT),
        ("Three", "/see", IamAuthorizer()),
    ):
        TokenApi(stack, id, routes={path: issuer}, authorizer=authorizer)

    assert routes_told(synthesize(stack)) == [{"POST /watch": {"claim": "sub"}, "POST /see": {}}]


def test_fleet_can_stand_behind(stack: cdk.Stack) -> None:
    """Whatever has the two methods can, such as what makes stages at run time."""
    served = []

    class Fleet(Channel):
        def check_route(self, check: object, key: str, route: object) -> None:
            served.append(("checked", key, check is not None, route))

        def serve_route(self, key: str, route: object) -> str:
            served.append(("served", key, True, route))
            return "arn:aws:lambda:eu-west-1:123456789012:function:fleet"

    api_in(stack, routes={"/rooms": Fleet(stack, "Fleet")})

    assert served == [
        (step, "POST /rooms", True, {"claim": "sub"}) for step in ("checked", "served")
    ]
    assert len(of_type(synthesize(stack), "ApiGatewayV2::Route")) == 1


def test_fleet_stands_behind(stack: cdk.Stack, snapshot_json: SnapshotAssertion) -> None:
    rooms = rooms_in(stack)
    api_in(
        stack,
        routes={
            "/room": TokenRoute(issuer=rooms, key_claim="room"),
            "/rooms/{key}/host": TokenRoute(issuer=rooms, any_key=True, scopes=["rooms/host"]),
        },
    )

    rendered = synthesize(stack)

    told = [
        each["Environment"]["Variables"].get("FLEET_HTTP")
        for each in of_type(rendered, "Lambda::Function")
    ]
    assert [json.loads(each) for each in told if each] == [
        {
            "POST /room": {"claim": "sub", "key_claim": "room"},
            "POST /rooms/{key}/host": {"claim": "sub", "path_key": True},
        }
    ]
    own = {
        name: each
        for name, each in rendered.template["Resources"].items()
        if name.startswith("Api")
    }
    assert own == snapshot_json
    # The API may invoke the alias of the verb `token`, and nothing else of the fleet.
    [token] = [
        name
        for name, each in rendered.template["Resources"].items()
        if each["Type"] == "AWS::Lambda::Alias" and each["Properties"]["Name"] == "token"
    ]
    permissions = of_type(rendered, "Lambda::Permission")
    by_api = [each for each in permissions if each["Principal"].startswith("apigateway")]
    assert [each["FunctionName"] for each in by_api] == [{"Ref": token}] * 2
    assert all("SourceArn" in each for each in by_api)
    assert json.dumps(by_api[1]["SourceArn"]).endswith('/*/POST/rooms/{key}/host"]]}')
    integrations = of_type(rendered, "ApiGatewayV2::Integration")
    assert [each["IntegrationUri"] for each in integrations] == [{"Ref": token}] * 2


def test_callers_with_credentials_may_ask_for_any_key(stack: cdk.Stack) -> None:
    rooms = rooms_in(stack)
    api = api_in(
        stack,
        routes={"/rooms/{key}": TokenRoute(issuer=rooms, any_key=True)},
        authorizer=IamAuthorizer(),
    )
    role = aws_iam.Role(stack, "Users", assumed_by=aws_iam.AccountRootPrincipal())
    api.grant_invoke(role, "/rooms/{key}")

    policies = of_type(synthesize(stack), "IAM::Policy")
    [statement] = [
        statement
        for each in policies
        for statement in each["PolicyDocument"]["Statement"]
        if statement["Action"] == "execute-api:Invoke"
    ]
    assert json.dumps(statement["Resource"]).endswith('"/*/POST/rooms/*"]]}')


def test_permission_for_one_path_is_none_for_another(stack: cdk.Stack) -> None:
    rooms = rooms_in(stack)
    api = api_in(
        stack,
        routes={
            path: TokenRoute(issuer=rooms, any_key=True)
            for path in ("/rooms/{key}", "/rooms/{key}/host", "/halls/{key}")
        },
        authorizer=IamAuthorizer(),
    )
    role = aws_iam.Role(stack, "Users", assumed_by=aws_iam.AccountRootPrincipal())

    [message] = refusal(lambda: api.grant_invoke(role, "/rooms/{key}"))
    assert "IAM would take '/rooms/{key}' for /rooms/{key}/host as well" in message
    api.grant_invoke(role, "/rooms/{key}/host")
    api.grant_invoke(role, "/halls/{key}")


@pytest.mark.parametrize(
    ("path", "options", "message"),
    [
        ("/rooms", {}, "routes must say which member of 'Stack/Rooms' a caller of 'POST /rooms'"),
        ("/rooms/{key}", {}, "routes must have {key} in the path if any_key=True, and only"),
        (
            "/rooms",
            {"any_key": True},
            "routes must have {key} in the path if any_key=True, and only",
        ),
        ("/{key}/{key}", {"any_key": True}, "routes must have {key} once in a path"),
        ("/rooms", {"any_key": "yes"}, "routes must have True or False as any_key, got 'yes'"),
        (
            "/rooms/{key}",
            {"any_key": True, "key_claim": "room"},
            "routes must name the key by key_claim or in the path, got both",
        ),
        ("/rooms", {"key_claim": ""}, "routes must have as key_claim one name of 1-128"),
        ("/rooms", {"key_claim": 7}, "routes must have as key_claim a string that is known"),
        (
            "/rooms",
            {"key_claim": "room", "exchange": True},
            "routes must not exchange tokens of 'Stack/Rooms': fleets cannot",
        ),
        (
            "/rooms",
            {"key_claim": "room", "authorizer": IamAuthorizer()},
            "routes must have no key_claim with an IamAuthorizer",
        ),
    ],
)
def test_which_member_a_caller_may_reach_is_said(
    path: str, options: dict[str, Any], message: str, stack: cdk.Stack
) -> None:
    rooms = rooms_in(stack)
    more = {"authorizer": options.pop("authorizer")} if "authorizer" in options else {}
    route = TokenRoute(issuer=rooms, **options)

    [found] = refusal(lambda: api_in(stack, routes={path: route}, **more))
    assert found.startswith(message)
    assert stack.node.try_find_child("Api") is None


def test_bare_fleet_says_what_to_give(stack: cdk.Stack) -> None:
    [message] = refusal(lambda: api_in(stack, routes={"/rooms": rooms_in(stack)}))
    assert "TokenRoute(issuer=..., key_claim='...')" in message


def test_fleet_without_an_issuer(stack: cdk.Stack) -> None:
    rooms = StageFleet(stack, "Rooms", max_size=1)
    route = TokenRoute(issuer=rooms, key_claim="room")
    [message] = refusal(lambda: api_in(stack, routes={"/room": route}))
    assert "issues none; give the fleet token_issuer=True" in message


def test_fleet_serves_a_path_of_two_apis_only_in_one_way(stack: cdk.Stack) -> None:
    rooms = rooms_in(stack)
    TokenApi(
        stack,
        "One",
        routes={"/room": TokenRoute(issuer=rooms, key_claim="room")},
        authorizer=JWT,
    )
    [message] = refusal(
        lambda: api_in(stack, routes={"/room": TokenRoute(issuer=rooms, key_claim="sub")})
    )
    assert "could not tell them apart" in message


@pytest.mark.parametrize(
    ("path", "options"),
    [("/watch/{key}", {"any_key": True}), ("/watch", {"key_claim": "room"})],
)
def test_issuer_of_known_channels_takes_no_key(
    path: str, options: dict[str, Any], stack: cdk.Stack
) -> None:
    route = TokenRoute(issuer=viewers_in(stack), **options)
    [message] = refusal(lambda: api_in(stack, routes={path: route}))
    assert message.startswith("routes must name a key only where they lead to a fleet")


def test_issuers_alone_load_nothing_of_api_gateway() -> None:
    loaded = loaded_by("import ivs_constructs.patterns.live_stage")

    assert [each for each in loaded if "token_api" in each or "aws_lambda" in each] == []


@pytest.mark.parametrize("cls", [TokenApi, TokenRoute, JwtAuthorizer, IamAuthorizer])
def test_example_in_the_docstring_runs(cls: type, stack: cdk.Stack) -> None:
    names = {each: getattr(ivs_constructs, each) for each in ivs_constructs.__all__}
    names |= {"stack": stack, "issuer": viewers_in(stack, "Other")}
    names["rooms_with_tokens"] = rooms_in(stack)

    for example in doctest.DocTestParser().get_examples(cls.__doc__ or ""):
        exec(example.source, names)  # noqa: S102 (the project's own documentation)


# What is invalid


def refusal(make: Callable[[], object]) -> list[str]:
    with pytest.raises(InvalidPropertyError) as caught:
        make()
    return [each.message for each in caught.value.failures]


GIVE = "pass JwtAuthorizer(issuer=..., audience=[...], claim='sub') or IamAuthorizer()"


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"authorizer": None},
         f"authorizer is required, because without one everybody would get tokens; {GIVE}"),
        ({"authorizer": "NONE"},
         f"authorizer must be a JwtAuthorizer or an IamAuthorizer, got 'NONE'; {GIVE}"),
        ({"routes": {}}, "routes must lead to an issuer, got none; pass one"),
        ({"routes": None},
         "routes must be a dict of paths and issuers, got None; write {'/watch': issuer}"),
        ({"routes": {"/watch": None}},
         "routes must lead to a PlaybackTokenIssuer, a ParticipantTokenIssuer, a fleet or a "
         "TokenRoute, got None"),
        ({"allowed_origins": SITE},
         f"allowed_origins must be a list of strings, got '{SITE}'; write ['{SITE}']"),
        ({"allowed_origins": []},
         "allowed_origins must name an origin, got none; drop it if none is meant"),
        ({"allowed_origins": ["*"]},
         "allowed_origins must hold origins scheme://host[:port] without wildcards, got '*'; write "
         "one such as 'https://www.example.com'"),
        ({"allowed_origins": ["https://*.example.com"]},
         "allowed_origins must hold origins scheme://host[:port] without wildcards, got "
         "'https://*.example.com'; write one such as 'https://www.example.com'"),
        ({"allowed_origins": ["null"]},
         "allowed_origins must hold origins scheme://host[:port] without wildcards, got 'null'; "
         "write one such as 'https://www.example.com'"),
        ({"allowed_origins": [f"{SITE}/"]},
         "allowed_origins must hold origins scheme://host[:port] without wildcards, got "
         f"'{SITE}/'; write one such as 'https://www.example.com'"),
        ({"throttling_rate_limit": 0},
         "throttling_rate_limit must be a number above 0, got 0 (int); drop it for the default"),
        ({"throttling_rate_limit": True},
         "throttling_rate_limit must be a number above 0, got True (bool); drop it for the "
         "default"),
        ({"throttling_rate_limit": float("inf")},
         "throttling_rate_limit must be a number above 0, got inf (float); drop it for the "
         "default"),
        ({"throttling_burst_limit": 0.5},
         "throttling_burst_limit must be a whole number of 1 or more, got 0.5 (float); drop it for "
         "the default"),
        ({"throttling_burst_limit": -1},
         "throttling_burst_limit must be a whole number of 1 or more, got -1 (int); drop it for "
         "the default"),
        ({"log_retention": 7},
         "log_retention must be a RetentionDays of aws_cdk.aws_logs, got 7 (int); write "
         "aws_logs.RetentionDays.ONE_WEEK"),
    ],
)  # fmt: skip
def test_invalid_property(options: dict[str, Any], message: str, stack: cdk.Stack) -> None:
    assert refusal(lambda: api_in(stack, **options)) == [message]
    assert stack.node.try_find_child("Api") is None


@pytest.mark.parametrize(
    "path", ["watch", "/", "", "/watch/", "//", "POST /watch", "$default", "/{proxy+}", "/a b", 7,
             "/*", "/wätch", "/watch?x=1"],
)  # fmt: skip
def test_invalid_path(path: Any, stack: cdk.Stack) -> None:  # noqa: ANN401 (the mistake)
    [message] = refusal(lambda: api_in(stack, routes={path: viewers_in(stack)}))

    assert message.startswith("routes must have paths of letters, digits, '.', '_', '~' and '-'")


def test_invalid_routes(stack: cdk.Stack) -> None:
    live = LiveChannel(stack, "Bundle", private=True, recording=False, token_issuer=True)
    viewers, none = live.token_issuer, hosts_in(stack)

    assert refusal(
        lambda: api_in(
            stack,
            routes={
                "/a": live,
                "/b": TokenRoute(issuer=viewers, scopes=[]),
                "/c": TokenRoute(issuer=viewers, scopes="host"),
                "/d": TokenRoute(issuer=viewers, exchange=None),  # type: ignore[arg-type]  # the mistake
                "/e": TokenRoute(issuer=viewers, exchange=True),
                "/f": TokenRoute(issuer=none, exchange=True),
            },
        )
    ) == [
        "routes must lead to a PlaybackTokenIssuer, a ParticipantTokenIssuer, a fleet or a "
        "TokenRoute, got <ivs_constructs.LiveChannel 'Stack/Bundle'> (LiveChannel); pass its "
        "attribute token_issuer",
        "scopes of a route must be a list of at least one string, got [] (list); drop them if any "
        "sign-in is enough",
        "scopes of a route must be a list of at least one string, got 'host'; drop them if any "
        "sign-in is enough",
        "exchange of a route must be True or False, got None",
        "routes must not exchange tokens of 'Stack/Bundle/TokenIssuer', which does not; pass "
        "exchange_capabilities to a ParticipantTokenIssuer",
        "routes must not exchange tokens of 'Stack/Talk/TokenIssuer', which does not; pass "
        "exchange_capabilities to a ParticipantTokenIssuer",
    ]


def test_scopes_need_a_jwt(stack: cdk.Stack) -> None:
    route = TokenRoute(issuer=viewers_in(stack), scopes=["talk/host"])

    assert refusal(lambda: api_in(stack, routes={"/a": route}, authorizer=IamAuthorizer())) == [
        "routes must have no scopes with an IamAuthorizer, whose callers have no JWT; grant them "
        "single paths with grant_invoke"
    ]


def test_route_cannot_have_two_claims(stack: cdk.Stack) -> None:
    issuer = viewers_in(stack)
    api_in(stack, routes={"/watch": issuer})
    other = JwtAuthorizer(issuer=PROVIDER, audience=["a1b2c3"], claim="email")

    for authorizer in (other, IamAuthorizer()):
        [message] = refusal(
            lambda: TokenApi(stack, "Other", routes={"/watch": issuer}, authorizer=authorizer)  # noqa: B023 (called at once)
        )
        assert message.startswith("routes must not lead 'POST /watch' to 'Stack/Live/TokenIssuer'")


@pytest.mark.parametrize(
    ("region", "account", "noun"),
    [("us-west-2", "123456789012", "Region"), ("us-east-1", "210987654321", "account")],
)
def test_issuer_is_beside_its_api(region: str, account: str, noun: str, app: cdk.App) -> None:
    there = cdk.Stack(app, "There", env=cdk.Environment(region=region, account=account))
    here = cdk.Stack(app, "Here", env=cdk.Environment(region="us-east-1", account="123456789012"))

    [message] = refusal(lambda: api_in(here, routes={"/watch": viewers_in(there)}))

    assert message.startswith(f"routes must be in the stack's {noun} ")
    assert message.endswith(
        f"the API of '/watch' invokes functions in its own {noun}, so use one from there"
    )


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"claim": None},
         "claim must name the claim that says who is signed in, got none; write claim='sub' if "
         "the provider's sub never changes"),
        ({"claim": ""},
         "claim must be one name of 1-128 characters without spaces around it, got ''"),
        ({"claim": " sub"},
         "claim must be one name of 1-128 characters without spaces around it, got ' sub'"),
        ({"claim": ["sub"]},
         "claim must be a string that is known at synth, got ['sub'] (list)"),
        ({"claim": "aud"},
         "claim must name the person, got 'aud', which many people share or which changes with "
         "each sign-in; write claim='sub'"),
        ({"issuer": "http://login.example.com"},
         "issuer must be the URL https://host[/path] that tokens name as iss, got "
         "'http://login.example.com'; write 'https://login.example.com'"),
        ({"issuer": "https://"},
         "issuer must be the URL https://host[/path] that tokens name as iss, got 'https://'; "
         "write the URL in the iss of the provider's tokens"),
        ({"issuer": "https://*.example.com"},
         "issuer must be the URL https://host[/path] that tokens name as iss, got "
         "'https://*.example.com'; write the URL in the iss of the provider's tokens"),
        ({"issuer": None},
         "issuer must be the URL https://host[/path] that tokens name as iss, got None"),
        ({"audience": []},
         "audience must name a client, got none, which would admit everybody the provider knows; "
         "pass the ids of the clients that people sign in with"),
        ({"audience": "a1b2c3"},
         "audience must be a list of strings, got 'a1b2c3'; write ['a1b2c3']"),
        ({"audience": None}, "audience must be a list of strings, got None"),
        ({"audience": ["*"]}, "audience must hold the ids of clients, got '*'"),
        ({"audience": [""]}, "audience must hold the ids of clients, got ''"),
    ],
)  # fmt: skip
def test_invalid_jwt_authorizer(changes: dict[str, Any], message: str) -> None:
    given = {"issuer": PROVIDER, "audience": ["a1b2c3"], "claim": "sub", **changes}

    assert refusal(lambda: JwtAuthorizer(**given)) == [message]


def test_no_claim_named_is_told_with_the_rest() -> None:
    assert len(refusal(lambda: JwtAuthorizer(issuer="x", audience=[]))) == 3


def test_deploy_time_provider_is_taken(stack: cdk.Stack) -> None:
    parameter = cdk.CfnParameter(stack, "Provider").value_as_string

    assert JwtAuthorizer(issuer=parameter, audience=[parameter], claim="sub").issuer == parameter
    [message] = refusal(
        lambda: JwtAuthorizer(issuer=f"http://{parameter}", audience=["a"], claim="sub")
    )
    assert message.startswith("issuer must be the URL")


def test_user_pool_and_clients_are_judged(stack: cdk.Stack) -> None:
    pool = aws_cognito.UserPool(stack, "Users")
    client: Any = pool.add_client("Web")

    made = JwtAuthorizer.for_user_pool(pool, [client], claim="sub")
    assert made.audience == [client.user_pool_client_id]
    assert made.issuer.startswith("https://cognito-idp.")
    wrong: Any = "eu-west-1_AbCdEf"
    [first, second] = refusal(lambda: JwtAuthorizer.for_user_pool(wrong, client, claim="sub"))
    assert first == (
        "user_pool must be a UserPool, got 'eu-west-1_AbCdEf'; import it with "
        "aws_cognito.UserPool.from_user_pool_id(self, 'Users', ...)"
    )
    assert second.startswith("clients must be a list of UserPoolClients, got")
    [third] = refusal(lambda: JwtAuthorizer.for_user_pool(pool, ["a"], claim="sub"))  # type: ignore[list-item]  # the mistake
    assert third == (
        "clients must hold UserPoolClients, got 'a'; import it with "
        "aws_cognito.UserPoolClient.from_user_pool_client_id(self, 'Client', ...)"
    )
    [fourth] = refusal(lambda: JwtAuthorizer.for_user_pool(pool, [], claim="sub"))
    assert fourth.startswith("audience must name a client, got none")


def test_other_authorizers_are_told_what_to_give(stack: cdk.Stack) -> None:
    none: Any = aws_apigatewayv2.HttpNoneAuthorizer()

    [message] = refusal(lambda: api_in(stack, authorizer=none))

    assert message.startswith(
        "authorizer must be a JwtAuthorizer or an IamAuthorizer, got a HttpNoneAuthorizer; "
    )


def test_paths_and_grants_are_judged(stack: cdk.Stack) -> None:
    api = api_in(stack)
    role = aws_iam.Role(stack, "Role", assumed_by=aws_iam.AccountRootPrincipal())

    assert refusal(lambda: api.url_of("/see")) == ["path must be one of /watch, got '/see'"]
    assert refusal(lambda: api.grant_invoke(role, "/see")) == [
        "path must be one of /watch, got '/see'"
    ]
    [message] = refusal(lambda: api.grant_invoke(role, "/watch"))
    assert message.startswith("grantee needs no permission for an API with a JwtAuthorizer")
    assert api.api_id != api.api_endpoint


def test_scope_is_judged(app: cdk.App, stack: cdk.Stack) -> None:
    with pytest.raises(InvalidScopeError, match="scope must be inside a stack"):
        TokenApi(app, "Api", routes={"/watch": viewers_in(stack)}, authorizer=JWT)


# Limits of the bundles


def settings_of(made: Synthesized, prefix: str) -> dict[str, Any]:
    [text] = [
        each["Properties"]["Environment"]["Variables"]["TOKEN_ISSUER"]
        for name, each in made.template["Resources"].items()
        if each["Type"] == "AWS::Lambda::Function" and name.startswith(prefix)
    ]
    found: dict[str, Any] = json.loads(text)
    return found


def test_bundles_take_limits(stack: cdk.Stack) -> None:
    LiveChannel(
        stack,
        "Live",
        private=True,
        recording=False,
        token_issuer=PlaybackTokenLimits(
            max_lifetime=cdk.Duration.seconds(5),
            allowed_origins=[SITE],
            enable_strict_origin_enforcement=True,
            maximum_resolution="SD",
            single_use=True,
            require_viewer=False,
        ),
    )
    hosts_in(
        stack,
        max_lifetime=cdk.Duration.seconds(5),
        capabilities=["SUBSCRIBE"],
        exchange_capabilities=["PUBLISH"],
    )

    rendered = synthesize(stack)

    viewers = settings_of(rendered, "LiveTokenIssuer")
    assert {name: viewers[name] for name in viewers.keys() - {"channels", "signing_key_arn"}} == {
        "max_lifetime": 5,
        "allowed_origins": [SITE],
        "strict_origin_enforcement": True,
        "maximum_resolution": "SD",
        "single_use": True,
        "require_viewer": False,
        "values": 3,
    }
    talk = settings_of(rendered, "TalkTokenIssuer")
    assert talk["max_lifetime"] == 5
    assert talk["capabilities"] == ["SUBSCRIBE"]
    assert talk["exchange_capabilities"] == ["PUBLISH"]


def test_limits_are_judged_where_they_are_written() -> None:
    assert refusal(
        lambda: PlaybackTokenLimits(
            max_lifetime=cdk.Duration.days(2),
            allowed_origins=["www.example.com"],
            maximum_resolution="4K",
            single_use="yes",  # type: ignore[arg-type]  # the mistake
        )
    ) == [
        "single_use must be True or False, got 'yes'; write True",
        "max_lifetime must be 1-86400 seconds, got 172800 seconds; shorten max_lifetime",
        "allowed_origins must hold origins scheme://host[:port] as browsers send them, got "
        "'www.example.com'; write 'https://www.example.com'",
        "maximum_resolution must be one of FULL_HD, HD, SD, got '4K'",
    ]
    assert refusal(
        lambda: ParticipantTokenLimits(capabilities=[], exchange_capabilities=["PUBLISHER"])
    ) == [
        "capabilities must have at least 1 item, got none; add one",
        "exchange_capabilities must be one of PUBLISH, SUBSCRIBE, got 'PUBLISHER'; did you mean "
        "'PUBLISH'?",
    ]


def test_bundle_refuses_limits_of_the_other_kind(stack: cdk.Stack) -> None:
    wrong: Any = ParticipantTokenLimits()
    key = TokenSigningKey(stack, "Key")

    [message] = refusal(
        lambda: LiveChannel(stack, "Live", private=True, signing_key=key, token_issuer=wrong)
    )
    assert message.startswith("token_issuer must be True, False or PlaybackTokenLimits, got")
