"""The functions that issue tokens: what they are made of, and what they may do."""

from __future__ import annotations

import doctest
import json
import os
import re
import shutil
import subprocess
import sys
import textwrap
from collections.abc import Callable
from pathlib import Path
from typing import Any

import aws_cdk as cdk
import pytest
from aws_cdk import aws_apigateway, aws_cognito, aws_iam, aws_ivs, aws_kms, aws_lambda, aws_logs
from syrupy.assertion import SnapshotAssertion

import ivs_constructs
from benchmarks.handler import zipped_size
from ivs_constructs import (
    Channel,
    InvalidPropertyError,
    InvalidScopeError,
    LiveChannel,
    LiveStage,
    PlaybackKeyPair,
    Provisioning,
    PublicKey,
    Stage,
    TokenSigningKey,
)
from ivs_constructs._core import functions
from ivs_constructs.testing import Synthesized, synthesize
from ivs_constructs.token_issuers.participant_token_issuer import ParticipantTokenIssuer
from ivs_constructs.token_issuers.playback_token_issuer import PlaybackTokenIssuer

ACCOUNT = "arn:aws:ivs:eu-west-1:123456789012"
CHANNEL = f"{ACCOUNT}:channel/AbCdEfGh1234"
KMS = "arn:aws:kms:eu-west-1:123456789012"
URL = "https://1a2b3c.eu-west-1.playback.live-video.net/channel.AbCdEf.m3u8"
STAGE = f"{ACCOUNT}:stage/AbCdEfGh1234"
PUBLIC_KEY = f"{ACCOUNT}:public-key/f99cde61"
ENDPOINTS = {
    "events_endpoint": "wss://global.events.live-video.net",
    "whip_endpoint": "https://1a2b3c4d5e6f.global-bm.whip.live-video.net",
}
REASON = "IAM has no resource type for AWS X-Ray traces"

ISSUERS = ["playback", "participant"]


def channel(stack: cdk.Stack, id: str = "Channel") -> Channel:
    return Channel(stack, id, authorized=True)


def playback(stack: cdk.Stack, **options: Any) -> PlaybackTokenIssuer:  # noqa: ANN401 (any option)
    given = {"signing_key": None, "channels": None, **options}
    given["signing_key"] = given["signing_key"] or TokenSigningKey(stack, "SigningKey")
    if "channels" not in options:
        given["channels"] = [channel(stack)]
    return PlaybackTokenIssuer(stack, "Issuer", **given)


def participant(stack: cdk.Stack, **options: Any) -> ParticipantTokenIssuer:  # noqa: ANN401 (any option)
    given = {**options}
    if "signing_key" not in given:
        given["signing_key"] = TokenSigningKey(stack, "SigningKey")
    if "public_key" not in given:
        given["public_key"] = PublicKey.from_public_key_arn(stack, "PublicKey", PUBLIC_KEY)
    if "stages" not in given:
        given["stages"] = [Stage(stack, "Stage")]
    return ParticipantTokenIssuer(stack, "Issuer", **given)


def issuer_in(stack: cdk.Stack, kind: str) -> PlaybackTokenIssuer | ParticipantTokenIssuer:
    return playback(stack) if kind == "playback" else participant(stack)


def of_issuer(made: Synthesized, cfn_type: str, path: str = "Issuer") -> dict[str, Any]:
    [found] = [
        each
        for name, each in made.template["Resources"].items()
        if each["Type"] == cfn_type and name.startswith(path)
    ]
    assert isinstance(found, dict)
    return found


def settings_of(made: Synthesized, path: str = "Issuer") -> dict[str, Any]:
    """What the function is told, with deploy-time values as `<logical id>.<attribute>`."""
    variables = variables_of(made, path)
    # Complete at synth: no deploy-time value can change it.
    settings: dict[str, Any] = json.loads(variables["TOKEN_ISSUER"])
    count = settings.pop("values")
    numbered = [f"TOKEN_ISSUER_{number}" for number in range(1, count + 1)]
    assert variables.keys() - {"TOKEN_ISSUER_HTTP"} == {"TOKEN_ISSUER", *numbered}

    def filled(node: Any) -> Any:  # noqa: ANN401 (JSON)
        if isinstance(node, dict):
            if node.keys() == {"value"}:
                return _written(variables[numbered[node["value"] - 1]])
            return {name: filled(each) for name, each in node.items()}
        return [*map(filled, node)] if isinstance(node, list) else node

    found: dict[str, Any] = filled(settings)
    return found


def variables_of(made: Synthesized, path: str = "Issuer") -> dict[str, Any]:
    function = of_issuer(made, "AWS::Lambda::Function", path)["Properties"]
    variables: dict[str, Any] = function["Environment"]["Variables"]
    return variables


def _written(part: object) -> str:
    if isinstance(part, dict):
        [value] = part.values()
        if "Fn::Join" in part:
            return "".join(map(_written, value[1]))
        return ".".join(value) if isinstance(value, list) else str(value)
    return str(part)


def id_of(made: Synthesized, cfn_type: str) -> str:
    [found] = [
        name for name, each in made.template["Resources"].items() if each["Type"] == cfn_type
    ]
    return str(found)


# What is defined


def test_playback_minimal(stack: cdk.Stack, snapshot_json: SnapshotAssertion) -> None:
    playback(stack)

    rendered = synthesize(stack)

    key, live = id_of(rendered, "AWS::KMS::Key"), id_of(rendered, "AWS::IVS::Channel")
    assert settings_of(rendered) == {
        "signing_key_arn": f"{key}.Arn",
        "max_lifetime": 300,
        "channels": [{"channel_arn": f"{live}.Arn", "playback_url": f"{live}.PlaybackUrl"}],
        "strict_origin_enforcement": False,
        "single_use": False,
        "require_viewer": True,
    }
    assert rendered == snapshot_json


def test_playback_full(stack: cdk.Stack, snapshot_json: SnapshotAssertion) -> None:
    distribution = cdk.CfnParameter(stack, "Site")
    playback(
        stack,
        channels=[
            Channel.from_channel_arn(stack, "Imported", CHANNEL),
            Channel.from_channel_attributes(
                stack, "Known", channel_arn=f"{CHANNEL}5", channel_playback_url=URL
            ),
            aws_ivs.CfnChannel(stack, "Level1", authorized=True),
        ],
        max_lifetime=cdk.Duration.minutes(10),
        allowed_origins=["https://*.example.com", f"https://{distribution.value_as_string}"],
        enable_strict_origin_enforcement=True,
        maximum_resolution=ivs_constructs.MaximumResolution.HD,
        single_use=True,
        log_retention=aws_logs.RetentionDays.ONE_WEEK,
    )

    rendered = synthesize(stack)

    assert settings_of(rendered) == {
        "signing_key_arn": f"{id_of(rendered, 'AWS::KMS::Key')}.Arn",
        "max_lifetime": 600,
        "channels": [
            {"channel_arn": CHANNEL},
            {"channel_arn": f"{CHANNEL}5", "playback_url": URL},
            {"channel_arn": "Level1", "playback_url": "Level1.PlaybackUrl"},
        ],
        "allowed_origins": ["https://*.example.com", "https://Site"],
        "strict_origin_enforcement": True,
        "maximum_resolution": "HD",
        "single_use": True,
        "require_viewer": True,
    }
    assert of_issuer(rendered, "AWS::Logs::LogGroup")["Properties"] == {"RetentionInDays": 7}
    assert rendered == snapshot_json


def test_participant_minimal(stack: cdk.Stack, snapshot_json: SnapshotAssertion) -> None:
    signing_key = TokenSigningKey(stack, "SigningKey")
    public_key = PublicKey(stack, "PublicKey", signing_key=signing_key)
    participant(stack, signing_key=signing_key, public_key=public_key)

    rendered = synthesize(stack)

    stage = id_of(rendered, "Custom::IVSStage")
    assert settings_of(rendered) == {
        "signing_key_arn": f"{id_of(rendered, 'AWS::KMS::Key')}.Arn",
        "max_lifetime": 43200,
        "public_key_arn": f"{id_of(rendered, 'AWS::IVS::PublicKey')}.Arn",
        "stages": [
            {
                "stage_arn": f"{stage}.Arn",
                "events_url": f"{stage}.EventsEndpoint",
                "whip_url": f"{stage}.WhipEndpoint",
            }
        ],
        "capabilities": ["PUBLISH", "SUBSCRIBE"],
    }
    assert rendered == snapshot_json


def test_participant_full(stack: cdk.Stack, snapshot_json: SnapshotAssertion) -> None:
    participant(
        stack,
        stages=[Stage.from_stage_attributes(stack, "Imported", stage_arn=STAGE, **ENDPOINTS)],
        max_lifetime=cdk.Duration.days(14),
        capabilities={"SUBSCRIBE"},
        log_retention=aws_logs.RetentionDays.INFINITE,
    )

    rendered = synthesize(stack)

    assert settings_of(rendered) == {
        "signing_key_arn": f"{id_of(rendered, 'AWS::KMS::Key')}.Arn",
        "max_lifetime": 1_209_600,
        "public_key_arn": PUBLIC_KEY,
        "stages": [
            {
                "stage_arn": STAGE,
                "events_url": ENDPOINTS["events_endpoint"],
                "whip_url": ENDPOINTS["whip_endpoint"],
            }
        ],
        "capabilities": ["SUBSCRIBE"],
    }
    assert rendered == snapshot_json


@pytest.mark.parametrize("kind", ISSUERS)
def test_role_may_log_trace_and_sign(kind: str, stack: cdk.Stack) -> None:
    issuer_in(stack, kind)

    rendered = synthesize(stack)

    role = of_issuer(rendered, "AWS::IAM::Role")
    [policy] = role["Properties"]["Policies"]
    [log_group] = [
        name
        for name, each in rendered.template["Resources"].items()
        if each["Type"] == "AWS::Logs::LogGroup" and name.startswith("Issuer")
    ]
    assert policy["PolicyDocument"]["Statement"] == [
        {
            "Sid": "Log",
            "Effect": "Allow",
            "Action": ["logs:CreateLogStream", "logs:PutLogEvents"],
            "Resource": {"Fn::GetAtt": [log_group, "Arn"]},
        },
        {
            "Sid": "Traces",
            "Effect": "Allow",
            "Action": ["xray:PutTelemetryRecords", "xray:PutTraceSegments"],
            "Resource": "*",
        },
        {
            "Sid": "Sign",
            "Effect": "Allow",
            "Action": "kms:Sign",
            "Resource": {"Fn::GetAtt": [id_of(rendered, "AWS::KMS::Key"), "Arn"]},
            "Condition": {"StringEquals": {"kms:SigningAlgorithm": "ECDSA_SHA_384"}},
        },
    ]
    assert "ManagedPolicyArns" not in role["Properties"]
    assert role["Metadata"]["ivs-constructs"] == {"Traces": REASON}
    # Nothing else was attached to it.
    assert not [
        name
        for name, each in rendered.template["Resources"].items()
        if each["Type"] == "AWS::IAM::Policy" and name.startswith("Issuer")
    ]


@pytest.mark.parametrize("kind", ISSUERS)
def test_function_is_like_the_provider(kind: str, stack: cdk.Stack) -> None:
    issuer_in(stack, kind)

    function = of_issuer(synthesize(stack), "AWS::Lambda::Function")["Properties"]

    assert function["Runtime"] == functions.RUNTIME
    assert function["Architectures"] == ["arm64"]
    assert function["TracingConfig"] == {"Mode": "Active"}
    assert function["Handler"] == f"ivs_constructs.token_issuers.function.issue_{kind}.handler"
    assert function["Timeout"] < 29  # what API Gateway waits
    assert "TOKEN_ISSUER" in function["Environment"]["Variables"]


@pytest.mark.parametrize("kind", ISSUERS)
def test_grant_invoke_is_for_this_function(kind: str, stack: cdk.Stack) -> None:
    issuer = issuer_in(stack, kind)
    backend = aws_iam.Role(
        stack, "Backend", assumed_by=aws_iam.ServicePrincipal("ecs-tasks.amazonaws.com")
    )

    assert issuer.grant_invoke(backend).success

    rendered = synthesize(stack)
    [policy] = [
        each["Properties"]["PolicyDocument"]
        for name, each in rendered.template["Resources"].items()
        if name.startswith("BackendDefaultPolicy")
    ]
    [function] = [
        name
        for name, each in rendered.template["Resources"].items()
        if each["Type"] == "AWS::Lambda::Function" and name.startswith("Issuer")
    ]
    arn = {"Fn::GetAtt": [function, "Arn"]}
    [statement] = policy["Statement"]
    assert statement["Action"] == "lambda:InvokeFunction"
    assert arn in statement["Resource"]
    assert {"Fn::Join": ["", [arn, ":$LATEST"]]} in statement["Resource"]
    assert len(statement["Resource"]) == 2


@pytest.mark.parametrize("kind", ISSUERS)
def test_function_is_for_integrations(kind: str, stack: cdk.Stack) -> None:
    issuer = issuer_in(stack, kind)

    assert isinstance(issuer.function, aws_lambda.Function)
    assert issuer.function.metric_errors().metric_name == "Errors"
    assert repr(issuer) == f"<ivs_constructs.{kind.title()}TokenIssuer 'Stack/Issuer'>"


def test_lifetime_can_be_known_at_deploy(stack: cdk.Stack) -> None:
    seconds = cdk.CfnParameter(stack, "Seconds", type="Number")

    playback(stack, max_lifetime=cdk.Duration.seconds(seconds.value_as_number))

    assert settings_of(synthesize(stack))["max_lifetime"] == "Seconds"


def test_bundles_channel_will_do(stack: cdk.Stack) -> None:
    live = LiveChannel(stack, "Live", private=True, recording=False)

    playback(stack, signing_key=live.signing_key, channels=[live.channel])

    assert settings_of(synthesize(stack))["channels"][0]["channel_arn"].startswith("Live")


def test_reason_for_the_wildcard_is_told_to_the_validation(
    stack: cdk.Stack, monkeypatch: pytest.MonkeyPatch
) -> None:
    # aws-cdk-lib before 2.250 has none; the metadata has to do there.
    monkeypatch.delattr(cdk, "Validations", raising=False)
    playback(stack)

    role = of_issuer(synthesize(stack), "AWS::IAM::Role")
    assert role["Metadata"]["ivs-constructs"] == {"Traces": REASON}


@pytest.mark.parametrize("name", ["PlaybackTokenIssuer", "ParticipantTokenIssuer"])
def test_example_in_the_docstring_runs(name: str, stack: cdk.Stack) -> None:
    cls = {each.__name__: each for each in (PlaybackTokenIssuer, ParticipantTokenIssuer)}[name]
    backend = aws_iam.Role.from_role_arn(stack, "Backend", "arn:aws:iam::123456789012:role/api")
    names = {each: getattr(ivs_constructs, each) for each in ivs_constructs.__all__}
    names |= {name: cls, "stack": stack, "backend_role": backend}

    for example in doctest.DocTestParser().get_examples(cls.__doc__ or ""):
        exec(example.source, names)  # noqa: S102 (the project's own documentation)

    assert names["grant"].success


# What is invalid


def refusal(make: Callable[[], object]) -> list[str]:
    with pytest.raises(InvalidPropertyError) as caught:
        make()
    assert caught.value.path == "Stack/Issuer"
    return [each.message for each in caught.value.failures]


ONE_TO_A_DAY = "max_lifetime must be 1-86400 seconds, got"


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"max_lifetime": cdk.Duration.seconds(0)},
         f"{ONE_TO_A_DAY} 0 seconds; lengthen max_lifetime"),
        ({"max_lifetime": cdk.Duration.seconds(86_401)},
         f"{ONE_TO_A_DAY} 86401 seconds; shorten max_lifetime"),
        ({"max_lifetime": cdk.Duration.seconds(86_401), "single_use": True},
         f"{ONE_TO_A_DAY} 86401 seconds; shorten max_lifetime"),
        ({"max_lifetime": cdk.Duration.seconds(601), "single_use": True},
         "max_lifetime must be 1-600 seconds with single_use, got 601 seconds; shorten "
         "max_lifetime or drop single_use"),
        ({"max_lifetime": 300},
         "max_lifetime must be a Duration of aws_cdk, got 300 (int); write Duration.seconds(300)"),
        ({"max_lifetime": cdk.Duration.millis(1500)},
         "max_lifetime must be a whole number of seconds, got 1500 milliseconds; round it"),
        ({"channels": []},
         "channels must have at least 1 item, got none; pass what to sign tokens for"),
        ({"channels": None}, "channels must be a list of Channels, got None; write [channel]"),
        ({"channels": [None]}, "channels must hold Channels, got None; drop it"),
        ({"channels": [CHANNEL]},
         f"channels must be a Channel, got the string '{CHANNEL}'; import it with "
         "Channel.from_channel_arn(self, 'Imported', ...)"),
        ({"signing_key": 5}, "signing_key must be a TokenSigningKey, got 5 (int)"),
        ({"allowed_origins": []},
         "allowed_origins must name an origin, got none; drop it if all are meant"),
        ({"allowed_origins": "https://a.example"},
         "allowed_origins must be a list of strings, got 'https://a.example'; write "
         "['https://a.example']"),
        ({"allowed_origins": 5}, "allowed_origins must be a list of strings, got 5 (int)"),
        ({"allowed_origins": [5]}, "allowed_origins must hold strings, got 5 (int)"),
        ({"allowed_origins": ["https://a.example/"]},
         "allowed_origins must hold origins scheme://host[:port] as browsers send them, got "
         "'https://a.example/'; write 'https://a.example'"),
        ({"allowed_origins": ["https://" + "a" * 506, "https://" + "a" * 503]},
         "allowed_origins must have at most 1024 characters together, got 1025 characters; write "
         "a wildcard"),
        ({"allowed_origins": [f"https://{name}.example" for name in "abcdef"],
          "enable_strict_origin_enforcement": True},
         "allowed_origins must have at most 5 items with enable_strict_origin_enforcement, got 6; "
         "drop 1, or write a wildcard"),
        ({"enable_strict_origin_enforcement": True},
         "enable_strict_origin_enforcement requires allowed_origins, got none; name the origins "
         "or drop it"),
        ({"enable_strict_origin_enforcement": "yes"},
         "enable_strict_origin_enforcement must be True or False, got 'yes'; write True"),
        ({"single_use": 1}, "single_use must be True or False, got 1 (int); write True"),
        ({"maximum_resolution": "4K"},
         "maximum_resolution must be one of FULL_HD, HD, SD, got '4K'"),
        ({"maximum_resolution": cdk.Aws.REGION},
         "maximum_resolution must be known at synth, got a deploy-time value (str); write the "
         "value itself"),
        ({"log_retention": 7},
         "log_retention must be a RetentionDays of aws_cdk.aws_logs, got 7 (int); write "
         "aws_logs.RetentionDays.ONE_WEEK"),
    ],
)  # fmt: skip
def test_fails_when_a_playback_property_is_no_good(
    options: dict[str, Any], message: str, stack: cdk.Stack
) -> None:
    assert refusal(lambda: playback(stack, **options)) == [message]
    assert stack.node.try_find_child("Issuer") is None


@pytest.mark.parametrize("seconds", [1, 600, 601, 86_400])
def test_lifetime_of_playback_tokens_is_allowed(seconds: int, stack: cdk.Stack) -> None:
    playback(stack, max_lifetime=cdk.Duration.seconds(seconds), single_use=seconds <= 600)


def test_fails_when_a_channel_is_public(stack: cdk.Stack) -> None:
    public = [
        Channel(stack, "Public"),
        Channel(stack, "Open", authorized=False),
        aws_ivs.CfnChannel(stack, "Level1"),
    ]

    found = refusal(lambda: playback(stack, channels=[channel(stack), *public]))

    assert found == [
        f"channels must hold private ones, got 'Stack/{name}', which plays without a token; pass "
        "authorized=True to that Channel, or private=True to its LiveChannel"
        for name in ("Public", "Open", "Level1")
    ]


@pytest.mark.parametrize(("count", "good"), [(1, True), (10, True), (11, False)])
def test_number_of_channels(count: int, good: bool, stack: cdk.Stack) -> None:
    channels = [channel(stack, f"Channel{index}") for index in range(count)]

    if good:
        playback(stack, channels=channels)
    else:
        assert refusal(lambda: playback(stack, channels=channels)) == [
            "channels must have at most 10 items, got 11; make another issuer for the rest"
        ]


def test_fails_when_a_channel_is_repeated(stack: cdk.Stack) -> None:
    one = channel(stack)

    assert refusal(lambda: playback(stack, channels=[one, one])) == [
        "channels must not repeat 'Stack/Channel'; drop the duplicate"
    ]


def test_fails_when_a_channel_stands_alone(stack: cdk.Stack) -> None:
    [message] = refusal(lambda: playback(stack, channels=channel(stack)))

    assert message.startswith("channels must be a list of Channels, got <ivs_constructs.Channel")
    assert message.endswith("; write [channel]")


def test_fails_when_it_is_the_bundle(stack: cdk.Stack) -> None:
    live = LiveChannel(stack, "Live", private=True, recording=False)

    [message] = refusal(lambda: playback(stack, channels=[live]))

    assert message.endswith("; pass its attribute channel")


def test_fails_when_it_is_a_key_of_kms(stack: cdk.Stack) -> None:
    key = TokenSigningKey(stack, "Key").key

    [message] = refusal(lambda: playback(stack, signing_key=key))

    assert message.endswith("; write TokenSigningKey.from_key(self, 'SigningKey', ...) around it")


def test_fails_when_a_flag_is_known_at_deploy_only(stack: cdk.Stack) -> None:
    flag = cdk.Lazy.any(cdk.Token.as_any({"Ref": "P"}))  # type: ignore[arg-type]  # never resolved

    assert refusal(lambda: playback(stack, single_use=flag)) == [
        "single_use must be known at synth, got a deploy-time value (object); write the value "
        "itself"
    ]


def test_all_that_is_wrong_is_told_at_once(stack: cdk.Stack) -> None:
    found = refusal(
        lambda: PlaybackTokenIssuer(
            stack,
            "Issuer",
            signing_key=None,  # type: ignore[arg-type]  # the mistake
            channels=[],
            max_lifetime=cdk.Duration.days(2),
            allowed_origins=["*.example.com"],
            maximum_resolution="HQ",
        )
    )

    assert [each.partition(" ")[0] for each in found] == [
        "signing_key",
        "channels",
        "max_lifetime",
        "allowed_origins",
        "maximum_resolution",
    ]


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"max_lifetime": cdk.Duration.seconds(0)},
         "max_lifetime must be 1-1209600 seconds, got 0 seconds; lengthen max_lifetime"),
        ({"max_lifetime": cdk.Duration.days(15)},
         "max_lifetime must be 1-1209600 seconds, got 1296000 seconds; shorten max_lifetime"),
        ({"public_key": None},
         "public_key is required; pass PublicKey(self, 'PublicKey', signing_key=...)"),
        ({"public_key": PUBLIC_KEY},
         f"public_key must be a PublicKey, got the string '{PUBLIC_KEY}'; import it with "
         "PublicKey.from_public_key_arn(self, 'Imported', ...)"),
        ({"signing_key": None}, "signing_key must be a TokenSigningKey, got None"),
        ({"stages": []},
         "stages must have at least 1 item, got none; pass what to sign tokens for"),
        ({"capabilities": []}, "capabilities must have at least 1 item, got none; add one"),
        ({"capabilities": "PUBLISH"},
         "capabilities must be a list, got 'PUBLISH'; write ['PUBLISH']"),
        ({"capabilities": ["SUBSCRIBED"]},
         "capabilities must be one of PUBLISH, SUBSCRIBE, got 'SUBSCRIBED'; did you mean "
         "'SUBSCRIBE'?"),
        ({"capabilities": ["PUBLISH", "PUBLISH"]},
         "capabilities must not repeat PUBLISH, got it 2 times; drop the duplicate"),
        ({"capabilities": cdk.Token.as_list({"Ref": "P"})},
         "capabilities must be known at synth, got a deploy-time value (list); write the value "
         "itself"),
        ({"log_retention": "7"},
         "log_retention must be a RetentionDays of aws_cdk.aws_logs, got '7'; write "
         "aws_logs.RetentionDays.ONE_WEEK"),
    ],
)  # fmt: skip
def test_fails_when_a_participant_property_is_no_good(
    options: dict[str, Any], message: str, stack: cdk.Stack
) -> None:
    assert refusal(lambda: participant(stack, **options)) == [message]
    assert stack.node.try_find_child("Issuer") is None


def test_fails_when_a_stage_does_not_tell_its_endpoints(stack: cdk.Stack) -> None:
    stages = [
        Stage.from_stage_arn(stack, "Imported", STAGE),
        Stage(stack, "Native", provisioning=Provisioning.CLOUDFORMATION),
        aws_ivs.CfnStage(stack, "Level1"),
    ]

    assert refusal(lambda: participant(stack, stages=stages)) == [
        "stages must have known endpoints: events_endpoint of the imported Stage 'Stack/Imported' "
        "is unknown; pass it to Stage.from_stage_attributes(..., events_endpoint=...)",
        "stages must have known endpoints: events_endpoint of Stage 'Stack/Native' requires "
        "provisioning CUSTOM, got CLOUDFORMATION, whose type has no such attribute; set "
        "provisioning=Provisioning.CUSTOM",
        "stages must have known endpoints, got 'Stack/Level1', which has none; import it with "
        "Stage.from_stage_attributes(self, 'Imported', ...)",
    ]


def test_fails_when_the_scope_is_no_good(app: cdk.App, stack: cdk.Stack) -> None:
    key = TokenSigningKey(stack, "SigningKey")
    imported = PublicKey.from_public_key_arn(stack, "PublicKey", PUBLIC_KEY)

    with pytest.raises(InvalidScopeError, match="scope must be inside a stack"):
        PlaybackTokenIssuer(app, "Issuer", signing_key=key, channels=[channel(stack)])
    with pytest.raises(InvalidScopeError, match="scope must be inside a stack"):
        ParticipantTokenIssuer(
            app, "Issuer", signing_key=key, public_key=imported, stages=[Stage(stack, "Stage")]
        )


# The asset


def asset_of(app: cdk.App, stack: cdk.Stack) -> Path:
    """What is sent to Lambda."""
    function = of_issuer(synthesize(stack), "AWS::Lambda::Function")
    digest = function["Properties"]["Code"]["S3Key"].removesuffix(".zip")
    return Path(app.outdir, f"asset.{digest}")


def in_lambda(asset: Path, code: str, folder: Path) -> str:
    """What a program prints where only the asset and boto3 are there."""
    path = os.pathsep.join([str(asset), *(each for each in sys.path if "site-packages" in each)])
    done = subprocess.run(
        # -P and another folder: the project itself must not be found.
        [sys.executable, "-P", "-B", "-c", code],
        cwd=folder,
        env={"PYTHONPATH": path},
        capture_output=True,
        text=True,
        check=False,
        timeout=900,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_asset_holds_what_the_functions_import_and_no_more(
    app: cdk.App, stack: cdk.Stack, tmp_path: Path
) -> None:
    playback(stack)
    asset = asset_of(app, stack)

    imported: set[str] = set()
    # The last one is imported by the first exchange.
    for name in ("issue_playback", "issue_participant", "exchanging"):
        module = f"ivs_constructs.token_issuers.function.{name}"
        code = f"import sys, {module}; print(*sys.modules)"
        imported |= set(in_lambda(asset, code, tmp_path).split())

    files = [each.relative_to(asset) for each in asset.rglob("*") if each.is_file()]
    modules = {
        ".".join(each.with_suffix("").parts).removesuffix(".__init__")
        for each in files
        if each.suffix == ".py"
    }
    assert modules == {name for name in imported if name.partition(".")[0] == "ivs_constructs"}
    assert [each.parts[1:] for each in files if each.suffix != ".py"] == [
        ("token_issuers", "function", "models", "kms", "2014-11-01", "service-2.json")
    ]


def test_asset_is_small(app: cdk.App, stack: cdk.Stack) -> None:
    playback(stack)

    assert zipped_size(asset_of(app, stack)) <= 50 * 1024


def test_hash_of_the_asset_depends_on_what_is_in_it_only(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    root = tmp_path / "site-packages"
    shutil.copytree(
        Path(ivs_constructs.__file__).parent,
        root / "ivs_constructs",
        ignore=shutil.ignore_patterns("__pycache__"),
    )
    monkeypatch.setattr(functions, "_PACKAGE", root / "ivs_constructs")

    def name() -> str:
        app = cdk.App()
        stack = cdk.Stack(app, "Stack")
        playback(stack)
        return asset_of(app, stack).name

    package = root / "ivs_constructs"
    before = name()
    for path in (
        root / "other.py",
        root / "other" / "_module.py",
        root / "tokens" / "_more.py",
        package / "__pycache__" / "_node.cpython-311.pyc",
        package / "tokens" / "__pycache__" / "_jws.cpython-311.pyc",
        package / "token_issuers" / "new_construct.py",
        package / "token_issuers" / "function" / "__pycache__" / "issuing.cpython-311.pyc",
        package / "realtime" / "_new.py",
        package / "_new.py",
        package / ".DS_Store",
    ):
        path.parent.mkdir(exist_ok=True)
        path.write_text("x = 1\n")
    for path in (package / "_specs.py", package / "token_issuers" / "token_signing_key.py"):
        path.write_text("x = 1\n")
    assert name() == before

    (package / "tokens" / "_jws.py").write_text("x = 1\n")
    assert name() != before


def test_linked_modules_are_sent_as_files(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, app: cdk.App, stack: cdk.Stack
) -> None:
    # uv and Bazel can install this way.
    original = Path(ivs_constructs.__file__).parents[1]
    for path in (original / "ivs_constructs").rglob("*.py"):
        link = tmp_path / path.relative_to(original)
        link.parent.mkdir(parents=True, exist_ok=True)
        link.symlink_to(path)
    monkeypatch.setattr(functions, "_PACKAGE", tmp_path / "ivs_constructs")
    playback(stack)

    files = [each for each in asset_of(app, stack).rglob("*") if each.is_file()]

    assert files
    assert not any(each.is_symlink() for each in files)


# The documentation


def programs(title: str) -> str:
    """A program on the page on tokens."""
    page = Path(__file__).parents[2] / "docs" / "tokens.md"
    text = page.read_text(encoding="utf-8")
    [found] = re.findall(rf'^ *```python title="{title}"\n(.*?)^ *```$', text, re.M | re.S)
    return textwrap.dedent(found)


def test_page_puts_api_gateway_in_front(stack: cdk.Stack) -> None:
    names = {
        "self": stack,
        "apigateway": aws_apigateway,
        "api": aws_apigateway.RestApi(stack, "Api"),
        "issuer": playback(stack),
        "authorizer": aws_apigateway.CognitoUserPoolsAuthorizer(
            stack, "Authorizer", cognito_user_pools=[aws_cognito.UserPool(stack, "Users")]
        ),
    }

    exec(programs("API Gateway"), names)  # noqa: S102 (the project's own documentation)

    rendered = synthesize(stack)
    [method] = [
        each["Properties"]
        for each in rendered.template["Resources"].values()
        if each["Type"] == "AWS::ApiGateway::Method"
    ]
    assert method["AuthorizationType"] == "COGNITO_USER_POOLS"
    integration = method["Integration"]
    assert integration["Type"] == "AWS"
    # Nothing of the request gets through.
    assert integration["PassthroughBehavior"] == "NEVER"
    written = integration["RequestTemplates"]["application/json"]
    for sub in ("4f1c2a", "it's", '","viewerId":"admin', "a\\\\'b/\n\u2028ü"):
        assert json.loads(mapped(written, sub)) == {"viewerId": sub}


def mapped(written: str, sub: str) -> str:
    """What API Gateway makes of a mapping template that escapes the claim `sub`."""
    form = (
        r"(.*)\$util\.escapeJavaScript\(\$context\.authorizer\.claims\.sub\)"
        r'\.replaceAll\("(.*?)", "(.*?)"\)(.*)'
    )
    found = re.fullmatch(form, written)
    assert found is not None
    before, pattern, replacement, after = found.groups()
    # As Apache Commons does it: JSON, but ' and / with a backslash too.
    escaped = re.sub("(['/])", r"\\\1", json.dumps(sub)[1:-1])
    return f"{before}{re.sub(pattern, replacement, escaped)}{after}"


def test_page_tells_the_limits_of_the_bundles(stack: cdk.Stack) -> None:
    names = {
        "self": stack,
        "backend": aws_iam.Role(stack, "Backend", assumed_by=aws_iam.AccountRootPrincipal()),
        "LiveChannel": LiveChannel,
        "LiveStage": LiveStage,
    }

    exec(programs("Bundles"), names)  # noqa: S102 (the project's own documentation)

    rendered = synthesize(stack)
    for_viewers = settings_of(rendered, "LiveTokenIssuer")
    for_participants = settings_of(rendered, "TalkTokenIssuer")
    assert for_viewers["max_lifetime"] == 300
    assert for_viewers.keys().isdisjoint({"allowed_origins", "maximum_resolution"})
    assert for_viewers["single_use"] is False
    assert for_viewers["require_viewer"] is True
    assert for_participants["max_lifetime"] == 12 * 3600
    assert for_participants["capabilities"] == ["PUBLISH", "SUBSCRIBE"]


def test_page_gives_bundles_other_limits(stack: cdk.Stack) -> None:
    names = {each: getattr(ivs_constructs, each) for each in ivs_constructs.__all__}

    exec(programs("Limits"), {**names, "self": stack})  # noqa: S102 (the project's own documentation)

    rendered = synthesize(stack)
    assert settings_of(rendered, "LiveTokenIssuer")["single_use"] is True
    assert settings_of(rendered, "TalkTokenIssuer")["capabilities"] == ["SUBSCRIBE"]


def test_page_gives_an_issuer_limits_of_its_own(stack: cdk.Stack) -> None:
    names = {
        "self": stack,
        "cdk": cdk,
        "LiveChannel": LiveChannel,
        "PlaybackTokenIssuer": PlaybackTokenIssuer,
    }

    exec(programs("Own limits"), names)  # noqa: S102 (the project's own documentation)

    settings = settings_of(synthesize(stack))
    assert settings["max_lifetime"] == 120
    assert settings["allowed_origins"] == ["https://*.example.com"]
    assert settings["maximum_resolution"] == "HD"


def test_page_changes_the_key_of_a_bundle() -> None:
    names = {each: getattr(ivs_constructs, each) for each in ivs_constructs.__all__}
    both = programs("Bundle, step 2")
    one = re.sub(r"live = .*\n", programs("Bundle, step 3"), both)
    found = []
    for id, program in (
        ("Before", 'LiveChannel(self, "Live", private=True, token_issuer=True)'),
        ("Step2", both),
        ("Step3", one),
    ):
        stack = cdk.Stack(cdk.App(), id)
        exec(program, {**names, "self": stack})  # noqa: S102 (the project's own documentation)
        rendered = synthesize(stack)
        found.append({each.logical_id for each in rendered.resources("AWS::IVS::PlaybackKeyPair")})

    before, step_2, step_3 = found
    # The bundle's own pair stays while tokens of its key are valid, and then goes.
    assert len(before) == len(step_3) == 1
    assert step_2 == before | step_3


@pytest.mark.parametrize("step", ["Step 1", "Step 2"])
def test_page_changes_the_key(step: str, stack: cdk.Stack) -> None:
    keys, issuer = programs("Step 1").rsplit("PlaybackTokenIssuer", 1)
    names = {
        "self": stack,
        "channel": channel(stack),
        "TokenSigningKey": TokenSigningKey,
        "PlaybackKeyPair": PlaybackKeyPair,
        "PlaybackTokenIssuer": PlaybackTokenIssuer,
    }
    if step == "Step 2":
        issuer = programs(step).removeprefix("PlaybackTokenIssuer")

    exec(f"{keys}PlaybackTokenIssuer{issuer}", names)  # noqa: S102 (the project's own documentation)

    rendered = synthesize(stack)
    signs = settings_of(rendered)["signing_key_arn"].partition(".")[0]
    assert signs.startswith("SigningKey2") == (step == "Step 2")
    pairs = [
        each for each in rendered.template["Resources"].values() if each["Type"].endswith("KeyPair")
    ]
    assert len(pairs) == 2


def test_public_key_must_be_of_the_key_that_signs(stack: cdk.Stack) -> None:
    other = PublicKey(stack, "Other", signing_key=TokenSigningKey(stack, "OtherKey"))

    with pytest.raises(InvalidPropertyError) as caught:
        participant(stack, public_key=other)

    assert [(each.code, each.message) for each in caught.value.failures] == [
        (
            "other-key",
            "public_key must belong to the signing_key 'Stack/SigningKey', got 'Stack/Other', "
            "which belongs to another key, so Amazon IVS would refuse every token; pass "
            "PublicKey(self, 'PublicKey', signing_key=...) with the same key",
        )
    ]


@pytest.mark.parametrize(
    "define",
    [
        lambda stack, key: PublicKey(stack, "Key", signing_key=key),
        lambda stack, key: PublicKey(
            stack, "Key", signing_key=TokenSigningKey.from_key(stack, "Same", key.key)
        ),
        lambda stack, _: PublicKey(
            stack,
            "Key",
            signing_key=TokenSigningKey.from_key(
                stack,
                "Found",
                aws_kms.Key.from_key_arn(stack, "Imported", f"{KMS}:key/1a2b3c4d"),
            ),
        ),
        lambda stack, _: aws_ivs.CfnPublicKey(stack, "Key"),
    ],
    ids=["same", "same-key", "import", "level1"],
)
def test_public_key_that_may_be_of_the_key_that_signs(
    stack: cdk.Stack, define: Callable[[cdk.Stack, TokenSigningKey], Any]
) -> None:
    key = TokenSigningKey(stack, "SigningKey")

    assert participant(stack, signing_key=key, public_key=define(stack, key)).function


def test_public_key_beside_an_imported_key_is_not_judged(stack: cdk.Stack) -> None:
    imported = aws_kms.Key.from_key_arn(stack, "Imported", f"{KMS}:key/1a2b3c4d")
    signing_key = TokenSigningKey.from_key(stack, "SigningKey", imported)
    public_key = PublicKey(stack, "Key", signing_key=TokenSigningKey(stack, "Other"))

    assert participant(stack, signing_key=signing_key, public_key=public_key).function
