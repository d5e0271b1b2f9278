"""Small slips in arguments: each ends in one clear error, before anything is made."""

from __future__ import annotations

import itertools
from collections.abc import Callable
from decimal import Decimal
from enum import Enum
from typing import Any

import aws_cdk as cdk
import pytest
from aws_cdk import aws_iam, aws_kms
from constructs import Construct

import ivs_constructs as ivs
from ivs_constructs.errors import InvalidPropertyError

Made = dict[str, Any]


class Color(Enum):
    """An enum of somebody else."""

    RED = "red"


class Int64:
    """A whole number of another library."""

    def __init__(self, value: int) -> None:
        self._value = value

    def __int__(self) -> int:
        return self._value

    def __eq__(self, other: object) -> bool:
        return self._value == other

    def __hash__(self) -> int:
        return self._value

    def __repr__(self) -> str:
        return f"int64({self._value})"


class Elementwise:
    """Compares as an array does: with no answer to yes or no."""

    def __eq__(self, other: object) -> bool:
        raise ValueError("the truth value of an array is ambiguous")

    def __hash__(self) -> int:
        return 0

    def __repr__(self) -> str:
        return "array([1])"


LOGIN = ivs.JwtAuthorizer(issuer="https://login.example.com", audience=["a"], claim="sub")


@pytest.fixture(scope="module")
def made() -> Made:
    """Things to pass, made once: a construct that refuses its arguments leaves nothing behind."""
    app = cdk.App()
    stack = cdk.Stack(app, "Stack")
    channel = ivs.Channel(stack, "Channel", authorized=True)
    key = ivs.TokenSigningKey(stack, "Key")
    return {
        "app": app,
        "stack": stack,
        "channel": channel,
        "fleet": ivs.StageFleet(stack, "Fleet", max_size=3),
        "issuer": ivs.PlaybackTokenIssuer(stack, "Tokens", signing_key=key, channels=[channel]),
        "stage": ivs.Stage(stack, "Stage"),
        "text": cdk.CfnParameter(stack, "Text").value_as_string,
        "number": cdk.CfnParameter(stack, "Number", type="Number"),
        "token": cdk.Token.as_any({"Ref": "Text"}),
    }


ids = itertools.count()


def define(made: Made, name: str, /, **given: object) -> object:
    return getattr(ivs, name)(made["stack"], f"It{next(ids)}", **given)


REFUSED: list[tuple[str, Callable[[Made], dict[str, object]], str]] = [
    # numbers
    (
        "StageFleet",
        lambda _: {"max_size": Int64(3)},
        "a whole number, got int64(3) (Int64); write 3",
    ),
    (
        "StageFleet",
        lambda _: {"max_size": Decimal("3.5")},
        "got Decimal('3.5') (Decimal); round it",
    ),
    ("StageFleet", lambda _: {"max_size": True}, "must be a whole number, got True (bool)"),
    (
        "RecommendedAlarms",
        lambda m: {"channel": m["channel"], "minimum_ingest_bitrate": "300000"},
        "minimum_ingest_bitrate must be a number, got '300000'; write 300000",
    ),
    (
        "RecommendedAlarms",
        lambda m: {"channel": m["channel"], "minimum_ingest_bitrate": m["text"]},
        "got a deploy-time value (str); write Token.as_number(...) around it",
    ),
    (
        "RecommendedAlarms",
        lambda m: {"channel": m["channel"], "minimum_ingest_framerate": m["number"]},
        "got a deploy-time value (object); pass its attribute value_as_number",
    ),
    (
        "RecommendedAlarms",
        lambda m: {"channel": m["channel"], "concurrent_views_limit": Int64(4)},
        "must be a whole number, got int64(4) (Int64); write 4",
    ),
    # classes
    (
        "RecommendedAlarms",
        lambda _: {"channel": ivs.Channel},
        "channel must be a Channel, got the class Channel; make an instance of it and pass that",
    ),
    # what compares as an array does
    ("StageFleet", lambda _: {"max_size": 3, "removal_policy": Elementwise()}, "got array([1])"),
    ("Channel", lambda _: {"preset": Elementwise()}, "got array([1]) (Elementwise)"),
    # duplicates, and values without effect
    (
        "OperationsDashboard",
        lambda m: {"channels": [m["channel"], m["channel"]]},
        "channels must not repeat 'Stack/Channel'; drop the duplicate",
    ),
    (
        "RecommendedAlarms",
        lambda m: {"channel": m["channel"], "near_limit": 50},
        "near_limit has no effect without a limit; pass a limit of the account, such as "
        "concurrent_views_limit, or a stage or fleet",
    ),
    # durations
    (
        "OperationsDashboard",
        lambda _: {"default_interval": cdk.Duration.seconds(0)},
        "default_interval must be 60-39312000 seconds, got 0 seconds; lengthen the interval",
    ),
    (
        "OperationsDashboard",
        lambda m: {"default_interval": cdk.Duration.seconds(m["number"].value_as_number)},
        "default_interval must be known at synth, got a deploy-time value; write the Duration "
        "itself",
    ),
    # what is falsy, but given
    (
        "CompositionAutomation",
        lambda m: {
            "stage": m["stage"],
            "destinations": [
                ivs.ChannelDestination(channel=m["channel"], encoder_configuration="")  # type: ignore[arg-type]  # the mistake
            ],
        },
        "destinations[0].encoder_configuration must be an EncoderConfiguration, got the string ''",
    ),
    # quotas of HTTP APIs
    (
        "TokenApi",
        lambda m: {
            "routes": {"/watch": ivs.TokenRoute(issuer=m["issuer"], scopes=list("abcdefghijk"))},
            "authorizer": LOGIN,
        },
        "scopes of a route must be at most 10 different ones, got 11; a JWT needs only one of them",
    ),
    (
        "TokenApi",
        lambda m: {
            "routes": {"/watch": ivs.TokenRoute(issuer=m["issuer"], scopes=["a", "a"])},
            "authorizer": LOGIN,
        },
        "scopes of a route must be at most 10 different ones, got 2",
    ),
    # names and flags
    (
        "TokensLayer",
        lambda _: {"layer_version_name": "my tokens"},
        "layer_version_name must have only letters, digits, - and _, got 'my tokens'; drop ' '",
    ),
    ("TokensLayer", lambda _: {"layer_version_name": 7}, "must be a string, got 7 (int)"),
    (
        "RecordingBucket",
        lambda m: {"auto_delete_objects": m["token"]},
        "auto_delete_objects must be known at synth, got a deploy-time value (object); write True "
        "or False",
    ),
]


@pytest.mark.parametrize(("name", "given", "message"), REFUSED)
def test_slip_is_one_error(
    made: Made, name: str, given: Callable[[Made], dict[str, object]], message: str
) -> None:
    with pytest.raises(InvalidPropertyError) as error:
        define(made, name, **given(made))
    [failure] = error.value.failures
    assert message in failure.message


@pytest.mark.parametrize(
    ("name", "given"),
    [
        ("OperationsDashboard", {"dashboard_name": Color.RED}),
        ("TokenSigningKey", {"alias": Color.RED}),
        ("RecordingBucket", {"bucket_name": Color.RED}),
        ("Channel", {"channel_name": Color.RED}),
        ("RecommendedAlarms", {"concurrent_views_limit": 10, "near_limit": 50}),
    ],
)
def test_what_fits_is_taken(made: Made, name: str, given: dict[str, object]) -> None:
    define(made, name, **given)


@pytest.mark.parametrize(
    ("name", "prop"),
    [("Channel", "channel_name"), ("Stage", "stage_name"), ("TokenSigningKey", "alias")],
)
def test_generated_name_is_refused_where_nothing_makes_one(
    made: Made, name: str, prop: str
) -> None:
    with pytest.raises(InvalidPropertyError) as error:
        define(made, name, **{prop: cdk.PhysicalName.GENERATE_IF_NEEDED})
    assert [each.message for each in error.value.failures] == [
        f"{prop} must not be PhysicalName.GENERATE_IF_NEEDED, because no ARN of Amazon IVS "
        "contains a name; omit it, or write a name"
    ]


def test_generated_name_of_a_bucket_serves_other_regions() -> None:
    app = cdk.App()
    here, there = (
        cdk.Stack(app, name, env=cdk.Environment(region=name, account="123456789012"))
        for name in ("eu-west-1", "us-east-1")
    )
    bucket = ivs.RecordingBucket(
        here, "Recordings", bucket_name=cdk.PhysicalName.GENERATE_IF_NEEDED
    )
    ivs.OperationsDashboard(here, "Live", dashboard_name=cdk.PhysicalName.GENERATE_IF_NEEDED)
    cdk.CfnOutput(there, "Name", value=bucket.bucket_name)
    outputs = app.synth().get_stack_by_name("us-east-1").template["Outputs"]
    assert outputs["Name"]["Value"].startswith("eu-west-1uwest1recordings")


CALLS: list[tuple[Callable[[Made], object], str]] = [
    (
        lambda _: ivs.StageGrants.by_tag({"a": "b"}, region="us-east1"),
        "region must be a Region such as 'eu-west-1', got 'us-east1'; did you mean 'us-east-1'?",
    ),
    (
        lambda _: ivs.ChannelGrants.by_tag({"a": "b"}, region=5),  # type: ignore[arg-type]  # the mistake
        "region must be a Region such as 'eu-west-1', got 5 (int)",
    ),
    (lambda m: m["fleet"].alias(["acquire"]), "verb must be one of acquire, get"),
    (lambda m: m["channel"].on_stream_start(""), "id must be a non-empty string, got ''"),
    (
        lambda _: ivs.JwtAuthorizer(
            issuer="https://login.example.com", audience=[f"a{n}" for n in range(51)], claim="sub"
        ),
        "audience must have at most 50 clients, got 51; drop 1",
    ),
    (
        lambda _: ivs.JwtAuthorizer(
            issuer="https://login.example.com", audience=["a", "a"], claim="sub"
        ),
        "audience must not repeat 'a'; drop the duplicate",
    ),
]


def open_values(made: Made) -> dict[str, str]:
    """Values that are a wildcard at deploy time unless somebody gives another one."""
    stack = made["stack"]
    inner = Construct(stack, f"Inner{next(ids)}")
    by_default = cdk.CfnParameter(inner, "ByDefault", default="*").value_as_string
    among = cdk.CfnParameter(inner, "Among", allowed_values=["none", "*"]).value_as_string
    several = cdk.CfnParameter(inner, "Several", type="CommaDelimitedList", default="a,*")
    return {
        "default": by_default,
        "allowed value": among,
        "Fn::Sub": cdk.Fn.sub("${Given}", {"Given": by_default}),
        "Fn::Join": cdk.Fn.join("", [by_default, ""]),
        "Fn::Select": cdk.Fn.select(1, several.value_as_list),
        "Fn::If": cdk.Fn.condition_if("C", "a", by_default).to_string(),
    }


def test_wildcards_that_parameters_name_are_seen(made: Made) -> None:
    stack = made["stack"]
    for name, value in open_values(made).items():
        for call, message in (
            (lambda v: ivs.Channel.from_channel_arn(stack, "It", v), "must be one ARN, got '"),
            (lambda v: made["issuer"].grant_invoke(aws_iam.ArnPrincipal(v)), "everybody"),
            (
                lambda v: made["issuer"].grant_invoke(
                    aws_iam.ServicePrincipal("apigateway.amazonaws.com"), source_arn=v
                ),
                "must be limited to its source",
            ),
            (
                lambda v: ivs.TokenSigningKey.from_key(
                    stack, "It", aws_kms.Key.from_key_arn(stack, f"Key{next(ids)}", v)
                ),
                "key must be one ARN",
            ),
        ):
            if name == "Fn::Select" and "key" in message:
                continue  # the AWS CDK takes the ARN apart
            with pytest.raises(InvalidPropertyError) as error:
                call(value)
            assert message in str(error.value), name


def test_parameters_without_wildcards_are_taken(made: Made) -> None:
    stack = made["stack"]
    by_name = cdk.CfnParameter(
        stack, "ByName", type="AWS::SSM::Parameter::Value<String>", default="/live/*"
    )
    role = cdk.CfnParameter(stack, "Role", default="arn:aws:iam::123456789012:role/Backend")
    for parameter in (by_name, role):
        value = parameter.value_as_string
        made["issuer"].grant_invoke(aws_iam.ArnPrincipal(value))
        ivs.Channel.from_channel_arn(stack, f"It{next(ids)}", value)


CALLS += [
    (lambda _: ivs.ApiCall(Elementwise(), "ListStreams"), "must be one of ivs, ivs-realtime, got"),  # type: ignore[arg-type]  # the mistake
    (lambda _: ivs.ApiCall("ivs", Elementwise()), "must be an operation of ivs, got array([1])"),  # type: ignore[arg-type]  # the mistake
    (
        lambda _: ivs.ApiCall("ivs", "CreateChannel", type=Elementwise()),
        "type must be one of BASIC, STANDARD, ADVANCED_SD, ADVANCED_HD, got array([1])",
    ),
]


@pytest.mark.parametrize(("call", "message"), CALLS)
def test_slip_in_a_call(made: Made, call: Callable[[Made], object], message: str) -> None:
    with pytest.raises(InvalidPropertyError) as error:
        call(made)
    [failure] = error.value.failures
    assert message in failure.message


@pytest.mark.parametrize(
    ("name", "given", "id", "message"),
    [
        (
            "PlaybackRestrictionPolicy",
            {},
            "restricts-nothing",
            "neither allowed_countries nor allowed_origins is given, so the policy restricts",
        ),
        (
            "RecordingConfiguration",
            {
                "rendition_configuration": ivs.RenditionConfiguration.none(),
                "thumbnail_configuration": ivs.ThumbnailConfiguration.disable(),
            },
            "records-nothing",
            "neither renditions nor thumbnails are recorded",
        ),
    ],
)
def test_what_does_nothing_is_a_warning(
    made: Made, name: str, given: dict[str, object], id: str, message: str
) -> None:
    construct: Any = define(made, name, **given)
    [found] = [each for each in construct.node.metadata if each.type == "aws:cdk:warning"]
    assert message in found.data
    assert f"[ack: ivs-constructs:{id}]" in found.data
