"""Who may ask an issuer for tokens, and where its parts must be."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import aws_cdk as cdk
import pytest
from aws_cdk import aws_iam, aws_kms, aws_lambda

from ivs_constructs import (
    Channel,
    InvalidPropertyError,
    LiveChannel,
    LiveStage,
    ParticipantTokenIssuer,
    PlaybackKeyPair,
    PlaybackTokenIssuer,
    PublicKey,
    Stage,
    StageFleet,
    TokenSigningKey,
)
from ivs_constructs.testing import Synthesized, synthesize
from tests.constructs.templates import of_type
from tests.constructs.test_warnings import told

ACCOUNT = "123456789012"
API = f"arn:aws:execute-api:eu-west-1:{ACCOUNT}:a1b2c3/*/POST/watch"
ORGANIZATION = "o-a1b2c3d4e5"
SERVICE = "apigateway.amazonaws.com"
METHODS = ("grant_invoke", "grant_exchange")


def issuer_in(stack: cdk.Stack) -> ParticipantTokenIssuer:
    key = TokenSigningKey(stack, "SigningKey")
    return ParticipantTokenIssuer(
        stack,
        "Issuer",
        signing_key=key,
        public_key=PublicKey(stack, "PublicKey", signing_key=key),
        stages=[Stage(stack, "Stage")],
        exchange_capabilities=["PUBLISH", "SUBSCRIBE"],
    )


def permissions(made: Synthesized) -> list[dict[str, Any]]:
    return [
        each["Properties"]
        for each in made.template["Resources"].values()
        if each["Type"] == "AWS::Lambda::Permission"
    ]


def everyone() -> aws_iam.AnyPrincipal:
    return aws_iam.AnyPrincipal()


def of(operator: str, key: str, value: object) -> dict[str, Any]:
    return {operator: {key: value}}


EVERYBODY: dict[str, Callable[[], Any]] = {
    "any": everyone,
    "star": aws_iam.StarPrincipal,
    "arn": lambda: aws_iam.ArnPrincipal("*"),
    "account": lambda: aws_iam.AccountPrincipal("*"),
    "root-of-all": lambda: aws_iam.ArnPrincipal("arn:aws:iam::*:root"),
    "role-of-all": lambda: aws_iam.ArnPrincipal("arn:aws:iam::*:role/backend"),
    "some-roles": lambda: aws_iam.ArnPrincipal(f"arn:aws:iam::{ACCOUNT}:role/*"),
    "services": lambda: aws_iam.ServicePrincipal("*"),
    "conditioned": lambda: everyone().with_conditions(
        of("StringEquals", "aws:SourceAccount", ACCOUNT)
    ),
    "sourced": lambda: everyone().with_conditions(of("ArnLike", "aws:SourceArn", API)),
    "any-organization": lambda: everyone().with_conditions(
        of("StringLike", "aws:PrincipalOrgID", "o-*")
    ),
    "no-organization": lambda: everyone().with_conditions(
        of("StringEquals", "aws:PrincipalOrgID", "*")
    ),
    "not-organization": lambda: everyone().with_conditions(
        of("StringNotEquals", "aws:PrincipalOrgID", ORGANIZATION)
    ),
    "session": lambda: aws_iam.SessionTagsPrincipal(aws_iam.AnyPrincipal()),
    "joined": lambda: aws_iam.ArnPrincipal(
        cdk.Fn.join("", ["arn:aws:iam::", cdk.Aws.ACCOUNT_ID, ":role/*"])
    ),
    "substituted": lambda: aws_iam.ArnPrincipal(
        cdk.Fn.sub("arn:aws:iam::${AWS::AccountId}:role/${any}", {"any": "*"})
    ),
    "conditional": lambda: aws_iam.ArnPrincipal(
        cdk.Fn.condition_if("Open", "*", f"arn:aws:iam::{ACCOUNT}:role/backend").to_string()
    ),
    "selected": lambda: aws_iam.ArnPrincipal(cdk.Fn.select(0, ["*", cdk.Aws.REGION])),
    "variable": lambda: aws_iam.ArnPrincipal(f"arn:aws:iam::{ACCOUNT}:user/${{aws:username}}"),
}


@pytest.mark.parametrize("method", METHODS)
@pytest.mark.parametrize("make", EVERYBODY.values(), ids=EVERYBODY.keys())
def test_everybody_gets_no_token(make: Callable[[], Any], method: str, stack: cdk.Stack) -> None:
    issuer = issuer_in(stack)

    with pytest.raises(InvalidPropertyError) as caught:
        getattr(issuer, method)(make())

    [failure] = caught.value.failures
    assert failure.code == "everybody"
    assert failure.message.startswith("grantee must not be everybody, got '")


def test_several_in_one_are_refused(stack: cdk.Stack) -> None:
    both = aws_iam.CompositePrincipal(
        aws_iam.AccountPrincipal(ACCOUNT), aws_iam.ServicePrincipal(SERVICE)
    )

    with pytest.raises(InvalidPropertyError, match="must be one principal, got 2 in one"):
        issuer_in(stack).grant_invoke(both)


@pytest.mark.parametrize(
    "make",
    [
        lambda: aws_iam.WebIdentityPrincipal("cognito-identity.amazonaws.com"),
        lambda: aws_iam.CanonicalUserPrincipal("a1"),
    ],
)
def test_kind_that_invokes_no_function_is_refused(
    make: Callable[[], Any], stack: cdk.Stack
) -> None:
    with pytest.raises(InvalidPropertyError, match="must be a role, a user, an account or an AWS"):
        issuer_in(stack).grant_invoke(make())


UNBOUND: dict[str, dict[str, Any]] = {
    "nothing": {},
    "any-account": of("StringEquals", "aws:SourceAccount", "*"),
    "accounts-like": of("StringLike", "aws:SourceAccount", "1*"),
    "not-account": of("StringNotEquals", "aws:SourceAccount", ACCOUNT),
    "all-arns": of("ArnLike", "aws:SourceArn", "*"),
    "all-accounts": of("ArnLike", "aws:SourceArn", "arn:aws:execute-api:eu-west-1:*:a1b2c3/*"),
    "no-account": of("ArnLike", "aws:SourceArn", "arn:aws:s3:::films"),
    "all-regions": of("ArnLike", "aws:SourceArn", f"arn:aws:execute-api:*:{ACCOUNT}:a1b2c3/*"),
    "variable": of(
        "ArnLike", "aws:SourceArn", "arn:aws:execute-api:eu-west-1:${aws:SourceAccount}:a1b2c3/*"
    ),
    "no-number": of("ArnLike", "aws:SourceArn", "arn:aws:execute-api:eu-west-1: :a1b2c3/*"),
    "one-open": of("ArnLike", "aws:SourceArn", [API, "*"]),
    "other-key": of("StringEquals", "aws:PrincipalAccount", ACCOUNT),
    "not-arn": of("ArnNotLike", "aws:SourceArn", API),
    "sometimes": of(
        "StringEquals", "aws:SourceAccount", cdk.Fn.condition_if("Open", "*", ACCOUNT).to_string()
    ),
}


@pytest.mark.parametrize("method", METHODS)
@pytest.mark.parametrize("conditions", UNBOUND.values(), ids=UNBOUND.keys())
def test_service_needs_a_source(conditions: dict[str, Any], method: str, stack: cdk.Stack) -> None:
    service = aws_iam.ServicePrincipal(SERVICE, conditions=conditions)

    with pytest.raises(InvalidPropertyError) as caught:
        getattr(issuer_in(stack), method)(service)

    [failure] = caught.value.failures
    assert failure.code == "service-source"
    assert failure.message.startswith(f"grantee '{SERVICE}' must be limited to its source, got no")


@pytest.mark.parametrize(
    "arn",
    [
        "*",
        "arn:aws:s3:::films",
        f"arn:aws:execute-api:*:{ACCOUNT}:a/*",
        "arn:aws:execute-api:eu-west-1:${aws:SourceAccount}:a/*",
        f"{cdk.Aws.PARTITION}${{aws:SourceAccount}}",
        f"arn:aws:execute-api:{cdk.Aws.REGION}:${{aws:SourceAccount}}:a/*",
    ],
)
def test_source_arn_needs_an_account(arn: str, stack: cdk.Stack) -> None:
    service = aws_iam.ServicePrincipal(SERVICE)

    with pytest.raises(InvalidPropertyError, match="must be limited to its source"):
        issuer_in(stack).grant_invoke(service, source_arn=arn)


def test_source_arn_is_for_services(stack: cdk.Stack) -> None:
    issuer = issuer_in(stack)

    with pytest.raises(InvalidPropertyError, match="source_arn is for AWS services, got it with"):
        issuer.grant_invoke(aws_iam.AccountPrincipal(ACCOUNT), source_arn=API)
    with pytest.raises(InvalidPropertyError, match="source_arn must be a string, got 7"):
        issuer.grant_invoke(aws_iam.ServicePrincipal(SERVICE), source_arn=7)  # type: ignore[arg-type]  # the mistake


def test_service_with_a_source_may_invoke(stack: cdk.Stack) -> None:
    issuer = issuer_in(stack)
    bucket = aws_kms.Key(stack, "Any")  # whatever has an ARN that is known later
    issuer.grant_invoke(aws_iam.ServicePrincipal(SERVICE), source_arn=API)
    issuer.grant_invoke(aws_iam.ServicePrincipal("events.amazonaws.com"), source_arn=bucket.key_arn)
    issuer.grant_invoke(
        aws_iam.ServicePrincipal(
            "s3.amazonaws.com",
            conditions={
                "StringEquals": {"aws:SourceAccount": cdk.Aws.ACCOUNT_ID},
                "ArnLike": {"aws:SourceArn": "arn:aws:s3:::films"},
            },
        )
    )
    issuer.grant_exchange(
        aws_iam.ServicePrincipal("lex.amazonaws.com"),
        source_arn=stack.format_arn(service="lex", resource="bot", resource_name="*"),
    )

    found = permissions(synthesize(stack))

    assert [each["Principal"] for each in found] == [
        SERVICE,
        "events.amazonaws.com",
        "s3.amazonaws.com",
        "lex.amazonaws.com",
    ]
    assert found[0]["SourceArn"] == API
    assert "Fn::GetAtt" in found[1]["SourceArn"]
    assert found[2]["SourceAccount"] == {"Ref": "AWS::AccountId"}
    assert "SourceArn" in found[3]


def test_account_and_organization_may_be_granted(stack: cdk.Stack) -> None:
    issuer = issuer_in(stack)
    issuer.grant_invoke(aws_iam.AccountPrincipal("210987654321"))
    issuer.grant_invoke(aws_iam.OrganizationPrincipal(ORGANIZATION))

    account, organization = permissions(synthesize(stack))

    assert account["Principal"] == "210987654321"
    assert (organization["Principal"], organization["PrincipalOrgID"]) == ("*", ORGANIZATION)


def test_exchange_is_a_grant_of_its_own(stack: cdk.Stack) -> None:
    issuer = issuer_in(stack)
    roles = {
        name: aws_iam.Role(stack, name, assumed_by=aws_iam.ServicePrincipal("lambda.amazonaws.com"))
        for name in ("Asks", "Exchanges")
    }
    assert issuer.grant_invoke(roles["Asks"]).success
    assert issuer.grant_exchange(roles["Exchanges"]).success

    rendered = synthesize(stack)

    allowed = {
        name[:4]: json.dumps(each["Properties"]["PolicyDocument"])
        for name, each in rendered.template["Resources"].items()
        if each["Type"] == "AWS::IAM::Policy" and name.startswith(("Asks", "Exchanges"))
    }
    [alias] = [
        name
        for name, each in rendered.template["Resources"].items()
        if each["Type"] == "AWS::Lambda::Alias"
    ]
    assert rendered.template["Resources"][alias]["Properties"]["Name"] == "exchange"
    assert rendered.template["Resources"][alias]["Properties"]["FunctionVersion"] == "$LATEST"
    # Each of them reaches its own qualifier only.
    assert alias in allowed["Exch"]
    assert "$LATEST" not in allowed["Exch"]
    assert alias not in allowed["Asks"]
    assert "$LATEST" in allowed["Asks"]


def test_issuer_that_exchanges_nothing_has_no_alias(stack: cdk.Stack) -> None:
    live = LiveStage(stack, "Live", token_issuer=True)

    with pytest.raises(AttributeError, match="requires exchange_capabilities, got none; pass what"):
        live.token_issuer.grant_exchange(aws_iam.AccountPrincipal(ACCOUNT))
    with pytest.raises(
        AttributeError, match="exchange_alias of ParticipantTokenIssuer 'Stack/Live"
    ):
        _ = live.token_issuer.exchange_alias


# Region and account


def stack_in(app: cdk.App, region: str, account: str = ACCOUNT) -> cdk.Stack:
    env = cdk.Environment(region=region, account=account)
    return cdk.Stack(app, f"{region}-{account}", env=env, cross_region_references=True)


def signing_kms_key(stack: cdk.Stack) -> aws_kms.Key:
    return aws_kms.Key(
        stack,
        "Own",
        key_spec=aws_kms.KeySpec.ECC_NIST_P384,
        key_usage=aws_kms.KeyUsage.SIGN_VERIFY,
    )


FAR = [("eu-west-1", ACCOUNT, "Region"), ("us-east-1", "210987654321", "account")]


@pytest.mark.parametrize(("region", "account", "noun"), FAR)
def test_issuer_is_where_its_key_is(region: str, account: str, noun: str, app: cdk.App) -> None:
    here, there = stack_in(app, "us-east-1"), stack_in(app, region, account)
    key = TokenSigningKey(there, "Key")
    wrapped = TokenSigningKey.from_key(here, "Wrapped", signing_kms_key(there))
    imported = TokenSigningKey.from_key(
        here,
        "Found",
        aws_kms.Key.from_key_arn(here, "Imported", f"arn:aws:kms:{region}:{account}:key/1a2b3c4d"),
    )
    channel = Channel(there, "Channel", authorized=True)
    found = []
    for number, each in enumerate((key, wrapped, imported)):
        with pytest.raises(InvalidPropertyError) as caught:
            PlaybackTokenIssuer(here, f"I{number}", signing_key=each, channels=[channel])
        found.append([(failure.property, failure.code) for failure in caught.value.failures])
        with pytest.raises(
            InvalidPropertyError, match=f"signing_key must be in the stack's {noun}"
        ):
            PlaybackKeyPair(here, f"K{number}", signing_key=each)
        with pytest.raises(
            InvalidPropertyError, match=f"signing_key must be in the stack's {noun}"
        ):
            PublicKey(here, f"P{number}", signing_key=each)
        for bundle in (LiveChannel, LiveStage):
            with pytest.raises(
                InvalidPropertyError, match=f"signing_key must be in the stack's {noun}"
            ):
                bundle(here, f"{bundle.__name__}{number}", signing_key=each, token_issuer=True)

    code = f"other-{noun.lower()}"
    # The channels may be elsewhere: the key that verifies a token is where its channel is.
    assert found == [[("signing_key", code)]] * 3


def test_key_of_another_region_is_told_in_words(app: cdk.App) -> None:
    here, there = stack_in(app, "us-east-1"), stack_in(app, "eu-west-1")

    with pytest.raises(InvalidPropertyError) as caught:
        PlaybackKeyPair(here, "KeyPair", signing_key=TokenSigningKey(there, "Key"))

    assert [each.message for each in caught.value.failures] == [
        "signing_key must be in the stack's Region us-east-1, got one in eu-west-1; the signer "
        "calls AWS KMS in its own Region, so use one from there"
    ]


def test_participant_issuer_is_where_its_stages_are(app: cdk.App) -> None:
    here, there = stack_in(app, "us-east-1"), stack_in(app, "eu-west-1")
    key = TokenSigningKey(there, "Key")

    with pytest.raises(InvalidPropertyError) as caught:
        ParticipantTokenIssuer(
            here,
            "Issuer",
            signing_key=key,
            public_key=PublicKey(there, "PublicKey", signing_key=key),
            stages=[Stage(there, "Stage")],
        )

    assert [each.property for each in caught.value.failures] == [
        "signing_key",
        "public_key",
        "stages",
    ]


def test_places_that_are_not_known_pass(app: cdk.App) -> None:
    anywhere, here = cdk.Stack(app, "Anywhere"), stack_in(app, "us-east-1")
    key = TokenSigningKey(here, "Key")

    issuer = PlaybackTokenIssuer(
        here, "Issuer", signing_key=key, channels=[Channel(here, "Channel", authorized=True)]
    )
    PlaybackKeyPair(here, "KeyPair", signing_key=key)

    assert isinstance(issuer.function, aws_lambda.Function)
    assert PlaybackKeyPair(
        anywhere, "KeyPair", signing_key=TokenSigningKey(anywhere, "Key")
    ).playback_key_pair_arn


# A viewer


def test_viewer_is_required_unless_said_otherwise(stack: cdk.Stack) -> None:
    live = LiveChannel(stack, "Live", private=True, recording=False)
    for id, given in (("A", None), ("B", True), ("C", False)):
        PlaybackTokenIssuer(
            stack,
            id,
            signing_key=live.signing_key,
            channels=[live.channel],
            max_lifetime=cdk.Duration.hours(24),
            require_viewer=given,
        )

    rendered = synthesize(stack)

    texts = [
        json.loads(each["Properties"]["Environment"]["Variables"]["TOKEN_ISSUER"])
        for each in rendered.template["Resources"].values()
        if "TOKEN_ISSUER" in json.dumps(each)
    ]
    assert [each["require_viewer"] for each in texts] == [True, True, False]
    warned = [path for _, path, text in told(stack) if "lifetime-of-viewers" in text]
    assert warned == ["/Stack/A", "/Stack/B"]


@pytest.mark.parametrize("fleet", [False, True])
def test_role_of_another_account_may_invoke(app: cdk.App, fleet: bool) -> None:
    here = cdk.Stack(app, "Here", env=cdk.Environment(account=ACCOUNT, region="eu-west-1"))
    there = cdk.Stack(app, "There", env=cdk.Environment(account="222222222222", region="us-east-1"))
    role = aws_iam.Role(
        there, "Role", role_name="back-end", assumed_by=aws_iam.ServicePrincipal(SERVICE)
    )

    if fleet:
        StageFleet(here, "Rooms", max_size=2).grants.acquire(role)
    else:
        issuer_in(here).grant_invoke(role)

    template = synthesize(here).template
    [name] = [
        each["Properties"]["FunctionName"]
        for each in template["Resources"].values()
        if each["Type"] == "AWS::Lambda::Function" and "FunctionName" in each["Properties"]
    ]
    allowed = json.dumps(permissions(synthesize(here)))
    assert ":iam::222222222222:role/back-end" in allowed
    [policy] = of_type(synthesize(there), "AWS::IAM::Policy").values()
    assert f":lambda:eu-west-1:{ACCOUNT}:function:{name}" in json.dumps(policy)


def test_functions_have_no_names_otherwise(stack: cdk.Stack) -> None:
    issuer_in(stack).grant_invoke(
        aws_iam.Role(stack, "Role", assumed_by=aws_iam.ServicePrincipal(SERVICE))
    )

    made = of_type(synthesize(stack), "AWS::Lambda::Function")
    assert not any("FunctionName" in each["Properties"] for each in made.values())
