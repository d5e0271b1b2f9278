"""The kit: its answers, and its messages when an assertion fails."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any
from unittest.mock import ANY

import aws_cdk as cdk
import pytest
from aws_cdk import aws_iam, aws_ivs, aws_lambda
from aws_cdk.assertions import Match, Template
from constructs import Construct

from ivs_constructs import Channel, LiveChannel, Stage, StreamKey
from ivs_constructs.testing import Permission, Synthesized, synthesize
from ivs_constructs.testing.snapshot import normalized

MOST_LINES = 15


class Talks(cdk.Stack):
    """Two channels, of this library and of none."""

    def __init__(self, scope: Construct, id: str, *, latency: str = "LOW") -> None:
        super().__init__(scope, id)
        self.live = LiveChannel(self, "Live", private=True, recording=False)
        self.raw = aws_ivs.CfnChannel(
            self,
            "Raw",
            authorized=False,
            latency_mode=latency,
            name="raw",
            tags=[cdk.CfnTag(key="team", value="talks")],
        )
        cdk.CfnOutput(self, "Url", value=self.live.channel.playback_url)


@pytest.fixture(scope="module")
def talks() -> Synthesized:
    return synthesize(Talks)


def fails(what: Callable[[], object]) -> str:
    """The message of a failing assertion, which has to be short."""
    with pytest.raises(AssertionError) as failure:
        what()
    message = str(failure.value)
    assert type(failure.value) is AssertionError
    assert len(message.splitlines()) <= MOST_LINES
    return message


# What is there


def test_resources_are_found(talks: Synthesized) -> None:
    channels = talks.resources("AWS::IVS::Channel")

    assert [each.path for each in channels] == ["Talks/Live/Channel/Resource", "Talks/Raw"]
    assert channels[1].logical_id == "Raw"
    assert channels[1].type == "AWS::IVS::Channel"
    assert channels[1].properties["LatencyMode"] == "LOW"
    assert talks.resources("AWS::S3::Bucket") == []


def test_one_resource_is_found(talks: Synthesized) -> None:
    assert talks.one("AWS::IVS::StreamKey").definition["Type"] == "AWS::IVS::StreamKey"


def test_outputs_are_their_values(talks: Synthesized) -> None:
    assert talks.outputs == {"Url": {"Fn::GetAtt": [ANY, "PlaybackUrl"]}}


def test_raw_is_of_the_cdk(talks: Synthesized) -> None:
    assert isinstance(talks.raw, Template)
    assert talks.raw is talks.raw
    talks.raw.has_resource_properties("AWS::IVS::Channel", {"Name": Match.string_like_regexp("^r")})


def test_props_reach_the_stack() -> None:
    synthesize(Talks, latency="NORMAL").has("AWS::IVS::Channel", LatencyMode="NORMAL")


def test_has_takes_parts_tokens_and_any() -> None:
    app = cdk.App(analytics_reporting=False)
    stack = Talks(app, "Talks")
    talks = synthesize(stack)

    talks.has("AWS::IVS::Channel")
    talks.has("AWS::IVS::Channel", Name="raw", Tags=[{"Key": "team"}])
    talks.has("AWS::IVS::Channel", Name=ANY, LatencyMode=ANY)
    talks.has("AWS::IVS::StreamKey", ChannelArn=stack.live.channel.channel_arn)


def test_lacks_what_is_not_there(talks: Synthesized) -> None:
    talks.lacks("AWS::IVS::RecordingConfiguration")
    talks.lacks("AWS::IVS::Channel", Name="other")
    talks.lacks("AWS::IVS::Channel", InsecureIngest=True)
    talks.lacks("Custom::IVSStage")


def test_what_a_test_gets_is_its_own(talks: Synthesized) -> None:
    talks.one("AWS::IVS::StreamKey").properties.clear()
    talks.resources("AWS::IVS::Channel")[1].definition.clear()
    talks.template.clear()
    talks.outputs.clear()

    assert talks.one("AWS::IVS::StreamKey").properties
    assert talks.one("AWS::IVS::StreamKey").definition
    assert talks.outputs


# What a failure says


def test_failure_names_the_nearest_and_the_difference(talks: Synthesized) -> None:
    message = fails(
        lambda: talks.has(
            "AWS::IVS::Channel",
            Name="raw",
            LatencyMode="NORMAL",
            Preset="HIGHER_BANDWIDTH_DELIVERY",
        )
    )

    assert message.splitlines() == [
        "stack 'Talks' has no AWS::IVS::Channel like this;",
        "  closest of 2 is Raw (Talks/Raw):",
        '    LatencyMode: expected "NORMAL", found "LOW"',
        '    Preset: expected "HIGHER_BANDWIDTH_DELIVERY", is not set',
    ]


def test_failure_is_short_whatever_differs(talks: Synthesized) -> None:
    many = {f"Key{number}": "x" * 500 for number in range(40)}

    message = fails(lambda: talks.has("AWS::IVS::StreamKey", ChannelArn=many))

    assert all(len(line) < 400 for line in message.splitlines())


def test_failure_in_a_list_names_the_entry(talks: Synthesized) -> None:
    message = fails(lambda: talks.has("AWS::IVS::Channel", Tags=[{"Key": "tem"}]))

    assert 'Tags[0].Key: expected "tem", found "team"' in message
    assert "Tags: expected []" in fails(lambda: talks.has("AWS::IVS::Channel", Name="raw", Tags=[]))


def test_true_is_not_one(talks: Synthesized) -> None:
    assert "Authorized: expected 1, found" in fails(
        lambda: talks.has("AWS::IVS::Channel", Authorized=1)
    )


def test_what_is_there_and_should_not_be_is_named(talks: Synthesized) -> None:
    assert fails(lambda: talks.lacks("AWS::IVS::Channel", Name="raw")).splitlines() == [
        "stack 'Talks' has AWS::IVS::Channel with Name like this:",
        "    Raw (Talks/Raw)",
    ]
    assert "stack 'Talks' has AWS::IVS::StreamKey:" in fails(
        lambda: talks.lacks("AWS::IVS::StreamKey")
    )


def test_not_one(talks: Synthesized) -> None:
    assert "has 2 AWS::IVS::Channel, not one:\n    Live" in fails(
        lambda: talks.one("AWS::IVS::Channel")
    )
    assert "has no AWS::S3::Bucket\n  it has: 1 AWS::IAM::Policy" in fails(
        lambda: talks.one("AWS::S3::Bucket")
    )


@pytest.mark.parametrize(
    ("wrong", "meant"),
    [
        ("AWS::IVS::Chanel", "AWS::IVS::Channel"),
        ("AWS::Ivs::Channel", "AWS::IVS::Channel"),
        ("Channel", "AWS::IVS::Channel"),
        ("AWS::IVS::PlaybackKeypair", "AWS::IVS::PlaybackKeyPair"),
        ("Custom::IvsSigningKey", "Custom::IVSSigningKey"),
    ],
)
@pytest.mark.parametrize("method", ["has", "lacks", "one", "resources"])
def test_unknown_type_says_what_was_meant(
    method: str, wrong: str, meant: str, talks: Synthesized
) -> None:
    message = fails(lambda: getattr(talks, method)(wrong))

    assert message.startswith(f"there is no type {wrong}; did you mean {meant}?\n")


def test_names_of_the_cdk_say_what_was_meant(talks: Synthesized) -> None:
    slips: Any = talks
    for name, advice in (
        ("has_resource_properties", "; call has(type, **properties)"),
        ("findResources", "; call resources(type)"),
        ("normalised", "; did you mean 'normalized'?"),
    ):
        with pytest.raises(AttributeError) as error:
            getattr(slips, name)
        assert str(error.value).endswith(advice)
    with pytest.raises(TypeError, match="did you mean 'type'"):
        slips.resources(type_name="AWS::IVS::Channel")


@pytest.mark.parametrize(
    ("wrong", "meant"),
    [
        ("LatencyMod", "LatencyMode"),
        ("latency_mode", "LatencyMode"),
        ("authorised", "Authorized"),
        ("RecordingConfiguration", "RecordingConfigurationArn"),
    ],
)
@pytest.mark.parametrize("method", ["has", "lacks"])
def test_unknown_property_says_what_was_meant(
    method: str, wrong: str, meant: str, talks: Synthesized
) -> None:
    message = fails(lambda: getattr(talks, method)("AWS::IVS::Channel", **{wrong: "x"}))

    assert message == f"AWS::IVS::Channel has no property {wrong}; did you mean {meant}?"


def test_stack_without_such_a_resource_says_what_there_is() -> None:
    class Stages(cdk.Stack):
        def __init__(self, scope: Construct, id: str) -> None:
            super().__init__(scope, id)
            Stage(self, "Stage")

    stages = synthesize(Stages)

    message = fails(lambda: stages.has("AWS::IVS::Stage"))
    assert "stack 'Stages' has no AWS::IVS::Stage; did you mean Custom::IVSStage?" in message
    assert "1 Custom::IVSStage" in message
    assert "it has: nothing" in fails(lambda: synthesize(cdk.Stack).one("AWS::IVS::Stage"))


# Snapshots


class Coded(cdk.Stack):
    """A function of some code, a version of it, and what this library brings along."""

    def __init__(self, scope: Construct, id: str, *, code: str) -> None:
        super().__init__(scope, id)
        function = aws_lambda.Function(
            self,
            "Function",
            runtime=aws_lambda.Runtime.PYTHON_3_13,
            handler="index.handler",
            code=aws_lambda.Code.from_asset(code),
        )
        cdk.CfnOutput(self, "Version", value=function.current_version.version)
        Stage(self, "Stage")


def test_other_code_changes_no_snapshot(tmp_path: Path) -> None:
    found = []
    for text in ("one", "two"):
        folder = tmp_path / text
        folder.mkdir()
        (folder / "index.py").write_text(text, encoding="utf-8")
        found.append(synthesize(Coded, code=str(folder)))
    one, two = found

    assert one.template != two.template
    assert one.normalized() == two.normalized()
    assert "BootstrapVersion" not in json.dumps(one.normalized())


def test_other_code_changes_no_snapshot_of_the_older_synthesizer(tmp_path: Path) -> None:
    found = []
    for text in ("one", "two"):
        folder = tmp_path / text
        folder.mkdir()
        (folder / "index.py").write_text(text, encoding="utf-8")
        app = cdk.App(analytics_reporting=False)
        stack = cdk.Stack(app, "Stack", synthesizer=cdk.LegacyStackSynthesizer())
        aws_lambda.Function(
            stack,
            "Function",
            runtime=aws_lambda.Runtime.PYTHON_3_13,
            handler="index.handler",
            code=aws_lambda.Code.from_asset(str(folder)),
        )
        found.append(synthesize(stack))
    one, two = found

    assert one.template != two.template
    assert one.normalized() == two.normalized()


def test_names_made_of_hashes_are_masked() -> None:
    """Another version of this library may allow more, and only that is to be seen."""

    def policy(digest: str) -> dict[str, Any]:
        return {
            "Resources": {
                "IvsConstructsTypePolicyAAAAAAAA": {
                    "Metadata": {"ivs-constructs": {f"CreateStreamKey{digest.upper()}": "because"}},
                    "Properties": {
                        "PolicyName": f"IvsConstructsTypePolicy{digest}",
                        "PolicyDocument": {
                            "Statement": [{"Sid": f"CreateStreamKey{digest.upper()}"}]
                        },
                    },
                }
            }
        }

    assert normalized(policy("0a1b2c3d")) == normalized(policy("d3c2b1a0"))
    [kept] = normalized(policy("0a1b2c3d"))["Resources"]
    assert kept == "IvsConstructsTypePolicyAAAAAAAA"


def test_names_of_the_users_own_are_kept() -> None:
    template = {"Resources": {"P": {"Properties": {"PolicyName": "deadbeef", "Sid": "Traces"}}}}

    assert normalized(template) == template


def test_snapshot_of_the_masked_keeps_the_rest(talks: Synthesized) -> None:
    assert talks.normalized()["Resources"]["Raw"] == talks.template["Resources"]["Raw"]
    assert talks.normalized()["Outputs"] == talks.template["Outputs"]


# Permissions


class Allowed(cdk.Stack):
    """Roles with policies of all kinds."""

    def __init__(self, scope: Construct, id: str) -> None:
        super().__init__(scope, id)
        self.channel = Channel(self, "Channel")
        self.function = aws_lambda.Function(
            self,
            "Function",
            runtime=aws_lambda.Runtime.PYTHON_3_13,
            handler="index.handler",
            code=aws_lambda.Code.from_inline("pass"),
        )
        self.channel.grants.put_metadata(self.function)
        self.function.add_to_role_policy(
            aws_iam.PolicyStatement(
                effect=aws_iam.Effect.DENY, actions=["ivs:StopStream"], resources=["*"]
            )
        )
        self.role = aws_iam.Role(
            self, "Role", assumed_by=aws_iam.ServicePrincipal("ecs-tasks.amazonaws.com")
        )
        aws_iam.ManagedPolicy(
            self,
            "Managed",
            roles=[self.role],
            statements=[
                aws_iam.PolicyStatement(
                    not_actions=["ivs:GetStage"],
                    resources=["*"],
                    conditions={"Bool": {"aws:SecureTransport": "true"}},
                )
            ],
        )
        self.imported = aws_iam.Role.from_role_name(self, "Imported", "theirs")
        self.channel.grants.put_metadata(self.imported)


def test_permissions_are_rows() -> None:
    app = cdk.App(analytics_reporting=False)
    stack = Allowed(app, "Allowed")
    allowed = synthesize(stack)
    arn = f"${{{allowed.one('AWS::IVS::Channel').logical_id}.Arn}}"

    rows = allowed.policies_of(stack.function)

    assert set(rows[:2]) == {
        ("Allow", "ivs:PutMetadata", arn, None),
        ("Deny", "ivs:StopStream", "*", None),
    }
    assert rows[2:] == [Permission("ManagedPolicy", "service-role/AWSLambdaBasicExecutionRole", "")]
    assert allowed.policies_of(stack.role) == [
        ("Allow", "not ivs:GetStage", "*", {"Bool": {"aws:SecureTransport": "true"}})
    ]
    assert allowed.policies_of(stack.imported) == [("Allow", "ivs:PutMetadata", arn, None)]


def test_construct_without_a_role_is_told() -> None:
    app = cdk.App(analytics_reporting=False)
    stack = Allowed(app, "Allowed")
    allowed = synthesize(stack)

    assert "has no role for" in fails(lambda: allowed.policies_of(stack.channel))
    assert "Allowed/Role/Resource" in fails(lambda: allowed.policies_of(stack.channel))
    assert "has 2 roles, name one: " in fails(lambda: allowed.policies_of(stack))


# Findings


class Broken(cdk.Stack):
    """A stream key in an output."""

    def __init__(self, scope: Construct, id: str) -> None:
        super().__init__(scope, id)
        channel = aws_ivs.CfnChannel(self, "Channel", authorized=False)
        key = aws_ivs.CfnStreamKey(self, "Key", channel_arn=channel.attr_arn)
        cdk.CfnOutput(self, "StreamKey", value=key.attr_value)


class Annotated(cdk.Stack):
    """A warning, a note, and an error if wanted."""

    def __init__(self, scope: Construct, id: str, *, error: bool) -> None:
        super().__init__(scope, id)
        cdk.Annotations.of(self).add_warning_v2("talks:late", "It is late")
        cdk.Annotations.of(aws_ivs.CfnChannel(self, "Open")).add_info("Hello")
        if error:
            cdk.Annotations.of(self).add_error("It is broken")


def test_errors_raise() -> None:
    assert fails(lambda: synthesize(Broken)).startswith(
        "stack 'Broken' has errors:\n    error IvsChecks::StreamKeyExposed: Broken/StreamKey: "
    )
    assert "It is broken" in fails(lambda: synthesize(Annotated, error=True))


def test_findings_are_told() -> None:
    # cdk-nag, which is installed here, has nothing to say of channels.
    found = synthesize(Annotated, error=False).findings()

    assert [(each.level, each.id, each.path) for each in found] == [
        ("warning", "IvsChecks::PublicByOmission", "Annotated/Open"),
        ("warning", "talks:late", "Annotated"),
        ("info", "annotation", "Annotated/Open"),
    ]
    assert found[1].message == "It is late"


@pytest.mark.parametrize("where", ["channel", "stack", "app"])
def test_acknowledged_findings_are_gone(where: str) -> None:
    app = cdk.App(analytics_reporting=False)
    stack = cdk.Stack(app, "Stack")
    made = aws_ivs.CfnChannel(stack, "Channel")
    scopes: dict[str, Construct] = {"channel": made, "stack": stack, "app": app}
    cdk.Validations.of(scopes[where]).acknowledge(
        cdk.Acknowledgment(id="IvsChecks::PublicByOmission", reason="everybody may watch")
    )

    assert synthesize(stack).findings() == []


def test_nag_is_heard() -> None:
    found = synthesize(Talks).findings()

    assert "AwsSolutions-SMG4" in {each.id for each in found}


def test_lint_is_heard(talks: Synthesized) -> None:
    right = talks.lint()
    wrong = synthesize(Talks, latency="SLOW").lint()
    # The AWS CDK has each function depend on all that its role consists of.
    assert [each.partition(" ")[0] for each in right] == ["W3005"]
    assert len(wrong) == 2
    assert any(each.startswith("E3030 'SLOW' is not one of") for each in wrong)


def test_lint_says_what_it_needs(talks: Synthesized, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("ivs_constructs.testing.synthesized.find_spec", lambda _: None)

    with pytest.raises(ModuleNotFoundError, match="pip install cfn-lint"):
        talks.lint()


# Apps


def test_stack_is_synthesized_as_it_is_now() -> None:
    app = cdk.App(analytics_reporting=False)
    stack = cdk.Stack(app, "Stack")
    before = synthesize(stack)
    StreamKey(stack, "Key", channel=Channel(stack, "Channel"))
    after = synthesize(stack)

    before.lacks("AWS::IVS::Channel")
    after.has("AWS::IVS::StreamKey")
    assert after.normalized() == synthesize(stack).normalized()


def test_other_stacks_are_left_alone() -> None:
    app = cdk.App(analytics_reporting=False)
    broken = Broken(app, "Broken")
    aws_ivs.CfnChannel(cdk.Stack(app, "Other"), "Channel")
    inner = cdk.Stack(cdk.Stage(app, "Stage"), "Inner")
    aws_ivs.CfnChannel(inner, "Channel", name="inner")
    nested = cdk.NestedStack(inner, "Nested")
    aws_ivs.CfnChannel(nested, "Channel", name="nested")

    synthesize(inner).has("AWS::IVS::Channel", Name="inner")
    assert synthesize(nested).one("AWS::IVS::Channel").path == "Stage/Inner/Nested/Channel"
    assert {each.path for each in synthesize(inner).findings()} == {
        "Stage/Inner/Channel",
        "Stage/Inner/Nested/Channel",
    }
    fails(lambda: synthesize(broken))


@pytest.mark.parametrize("wrong", [None, "Stack", dict, lambda *_: "no stack"])
def test_what_is_no_stack_is_refused(wrong: object) -> None:
    with pytest.raises(TypeError):
        synthesize(wrong)  # type: ignore[arg-type]  # on purpose


def test_props_of_a_made_stack_are_refused() -> None:
    with pytest.raises(TypeError, match="this is a stack; drop latency"):
        synthesize(cdk.Stack(cdk.App(), "Stack"), latency="LOW")


def test_repr_tells_what_there_is(talks: Synthesized) -> None:
    assert repr(talks).startswith("<Synthesized Talks: 1 AWS::IAM::Policy")


def test_stack_in_stages_is_synthesized_as_it_is_now() -> None:
    outer = cdk.Stage(cdk.App(analytics_reporting=False), "Outer")
    stack = cdk.Stack(cdk.Stage(outer, "Inner"), "Stack")
    cdk.CfnOutput(stack, "First", value="1")
    assert [*synthesize(stack).template["Outputs"]] == ["First"]

    cdk.CfnOutput(stack, "Second", value="2")

    assert [*synthesize(stack).template["Outputs"]] == ["First", "Second"]
