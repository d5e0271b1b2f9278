from __future__ import annotations

from typing import Any

import aws_cdk as cdk
import pytest
from aws_cdk import aws_iam, aws_ivs
from aws_cdk.assertions import Annotations, Match
from syrupy.assertion import SnapshotAssertion

import ivs_constructs as ivs
from ivs_constructs.testing import Synthesized, synthesize
from tests.constructs.refusals import found, refused, report

ARN = "arn:aws:ivs:eu-central-1:123456789012:ingest-configuration/AbCdEfGhIjKl"
CUSTOM, NATIVE = "Custom::IVSIngestConfiguration", "AWS::IVS::IngestConfiguration"


def properties_of(made: Synthesized, cfn_type: str) -> dict[str, Any]:
    """The properties of the only resource of a type, without what every custom one has."""
    common = ("ServiceToken", "ServiceTimeout", "ConstructPath")
    properties = made.one(cfn_type).properties
    return {name: value for name, value in properties.items() if name not in common}


def statements(made: Synthesized) -> dict[str, dict[str, Any]]:
    """The statements of the policies of the provider's role, by their Sid."""
    return {
        statement["Sid"]: statement
        for policy in made.resources("AWS::IAM::Policy")
        for statement in policy.properties["PolicyDocument"]["Statement"]
    }


def logical_id(stack: cdk.Stack, construct: Any) -> str:  # noqa: ANN401 (any construct)
    return str(stack.get_logical_id(construct.node.default_child))


@pytest.fixture
def stage(stack: cdk.Stack) -> aws_ivs.CfnStage:
    return aws_ivs.CfnStage(stack, "Stage")


def test_ingest_minimal(stack: cdk.Stack, snapshot_json: SnapshotAssertion) -> None:
    ivs.IngestConfiguration(stack, "Ingest")
    rendered = synthesize(stack)
    assert properties_of(rendered, NATIVE) == {"IngestProtocol": "RTMPS"}
    assert rendered == snapshot_json


def test_ingest_full_of_cloudformation(
    stack: cdk.Stack,
    stage: aws_ivs.CfnStage,
    snapshot_json: SnapshotAssertion,
) -> None:
    role = aws_iam.Role(stack, "Role", assumed_by=aws_iam.AccountRootPrincipal())
    ingest = ivs.IngestConfiguration(
        stack,
        "Ingest",
        stage=stage,
        ingest_protocol=ivs.IngestProtocol.RTMP,
        insecure_ingest=True,
        user_id="studio",
        ingest_configuration_name="studio-1",
        tags={"team": "video"},
    )
    ingest.secret.grant_read(role)
    cdk.CfnOutput(stack, "Participant", value=ingest.participant_id)
    rendered = synthesize(stack)
    assert properties_of(rendered, NATIVE) == {
        "StageArn": stack.resolve(stage.ref),
        "IngestProtocol": "RTMP",
        "InsecureIngest": True,
        "UserId": "studio",
        "Name": "studio-1",
        "Tags": [{"Key": "team", "Value": "video"}],
    }
    rendered.lacks("AWS::Lambda::Function")
    assert rendered == snapshot_json


def test_ingest_full_of_a_custom_resource(
    stack: cdk.Stack,
    stage: aws_ivs.CfnStage,
    snapshot_json: SnapshotAssertion,
) -> None:
    ingest = ivs.IngestConfiguration(
        stack,
        "Ingest",
        stage=stage,
        ingest_protocol="RTMPS",
        insecure_ingest=False,
        user_id="studio",
        attributes={"role": "host", "größe": ""},
        redundant_ingest=True,
        ingest_configuration_name="studio-1",
        in_use=ivs.InUse.STOP,
        tags={"team": "video"},
    )
    cdk.Tags.of(ingest).add("stage", "test")
    cdk.CfnOutput(stack, "Participant", value=ingest.participant_id)
    rendered = synthesize(stack)
    assert properties_of(rendered, CUSTOM) == {
        "StageArn": stack.resolve(stage.ref),
        "IngestProtocol": "RTMPS",
        "InsecureIngest": False,
        "UserId": "studio",
        "Attributes": {"role": "host", "größe": ""},
        "RedundantIngest": True,
        "Name": "studio-1",
        "InUse": "STOP",
        "Tags": [{"Key": "stage", "Value": "test"}, {"Key": "team", "Value": "video"}],
    }
    assert rendered == snapshot_json


@pytest.mark.parametrize(
    ("custom_only", "rendered"),
    [
        ({"attributes": {"role": "host"}}, {"Attributes": {"role": "host"}}),
        ({"redundant_ingest": True}, {"RedundantIngest": True}),
        ({"in_use": "WAIT"}, {"InUse": "WAIT"}),
    ],
)
def test_custom_resource_has_the_properties_of_cloudformation(
    stack: cdk.Stack,
    stage: aws_ivs.CfnStage,
    custom_only: dict[str, Any],
    rendered: dict[str, Any],
) -> None:
    same: dict[str, Any] = {
        "stage": stage,
        "user_id": "studio",
        "insecure_ingest": True,
        "ingest_protocol": "RTMP",
        "ingest_configuration_name": "studio",
        "tags": {"team": "video"},
    }
    ivs.IngestConfiguration(stack, "Native", **same)
    ivs.IngestConfiguration(stack, "Custom", **same, **custom_only)
    both = synthesize(stack)
    assert properties_of(both, CUSTOM) == {**properties_of(both, NATIVE), **rendered}


def test_ingest_tokens(stack: cdk.Stack, snapshot_json: SnapshotAssertion) -> None:
    text = cdk.CfnParameter(stack, "Text").value_as_string
    attributes = {"long": f"{text}{'z' * 1024}"}  # how long it will be is not known
    arn = f"arn:aws:ivs:us-east-1:111111111111:stage/{text}"
    ivs.IngestConfiguration(
        stack,
        "Ingest",
        stage=ivs.Stage.from_stage_arn(stack, "Stage", arn),
        ingest_protocol=text,
        insecure_ingest=False,
        user_id=text,
        attributes=attributes,
        ingest_configuration_name=text,
    )
    rendered = synthesize(stack)
    properties = properties_of(rendered, CUSTOM)
    assert properties["IngestProtocol"] == properties["UserId"] == {"Ref": "Text"}
    assert rendered == snapshot_json


def test_ingest_imported(stack: cdk.Stack) -> None:
    ingest = ivs.IngestConfiguration.from_ingest_configuration_arn(stack, "Ingest", ARN)
    assert ingest.ingest_configuration_arn == ARN
    assert ingest.ingest_configuration_id == "AbCdEfGhIjKl"
    assert ingest.ingest_configuration_ref.ingest_configuration_arn == ARN
    assert ingest.env.region == "eu-central-1"


def test_ingest_arn_and_id_are_references(stack: cdk.Stack) -> None:
    ingest = ivs.IngestConfiguration(stack, "Ingest")
    arn = {"Fn::GetAtt": [logical_id(stack, ingest), "Arn"]}
    assert stack.resolve(ingest.ingest_configuration_arn) == arn
    assert stack.resolve(ingest.ingest_configuration_id) == {
        "Fn::Select": [1, {"Fn::Split": ["/", arn]}]
    }
    reference = ingest.ingest_configuration_ref
    assert reference.ingest_configuration_arn == ingest.ingest_configuration_arn


# The provider's role


def test_role_may_do_what_the_type_needs(stack: cdk.Stack, stage: aws_ivs.CfnStage) -> None:
    ivs.IngestConfiguration(stack, "Ingest", stage=stage, redundant_ingest=True)
    allowed = statements(synthesize(stack))
    assert {sid: each["Action"] for sid, each in allowed.items()} == {
        "CreateWithStackTag": ["ivs:CreateIngestConfiguration", "ivs:TagResource"],
        "ListByType": "ivs:ListTagsForResource",
        "ListWithoutArn": "ivs:ListIngestConfigurations",
        "ManageByStackTag": [
            "ivs:DeleteIngestConfiguration",
            "ivs:GetIngestConfiguration",
            "ivs:TagResource",
            "ivs:UntagResource",
            "ivs:UpdateIngestConfiguration",
        ],
    }


def test_role_may_disconnect_from_that_stage_alone(
    stack: cdk.Stack, stage: aws_ivs.CfnStage
) -> None:
    ivs.IngestConfiguration(stack, "Ingest", stage=stage, in_use="STOP")
    assert statements(synthesize(stack))["Publishers"] == {
        "Sid": "Publishers",
        "Effect": "Allow",
        "Action": "ivs:DisconnectParticipant",
        "Resource": stack.resolve(stage.ref),
    }


@pytest.mark.parametrize("in_use", ["FAIL", "WAIT", "STOP"])
def test_role_may_disconnect_from_no_other(
    stack: cdk.Stack, stage: aws_ivs.CfnStage, in_use: str
) -> None:
    wanted = None if in_use == "STOP" else stage
    ivs.IngestConfiguration(stack, "Ingest", stage=wanted, in_use=in_use)
    assert "ivs:DisconnectParticipant" not in str(synthesize(stack))


# The stream key


def test_secret_keeps_the_stream_key(stack: cdk.Stack, stage: aws_ivs.CfnStage) -> None:
    ingest = ivs.IngestConfiguration(stack, "Ingest", stage=stage)
    assert ingest.secret is ingest.secret
    secret = synthesize(stack).one("AWS::SecretsManager::Secret")
    assert secret.properties == {
        "Description": "Stream key of an Amazon IVS ingest configuration",
        "SecretString": {"Fn::GetAtt": [logical_id(stack, ingest), "StreamKey"]},
    }


@pytest.mark.parametrize("custom_only", [{}, {"redundant_ingest": True}])
def test_ingest_without_reading_its_secret_makes_none(
    stack: cdk.Stack, custom_only: dict[str, Any]
) -> None:
    ivs.IngestConfiguration(stack, "Ingest", **custom_only)
    rendered = synthesize(stack)
    rendered.lacks("AWS::SecretsManager::Secret")
    assert "StreamKey" not in str(rendered)


def test_fails_when_the_secret_of_a_custom_resource_is_read(stack: cdk.Stack) -> None:
    ingest = ivs.IngestConfiguration(stack, "Ingest", attributes={}, in_use="FAIL")
    with pytest.raises(ivs.UnsupportedError) as caught:
        _ = ingest.secret
    assert str(caught.value) == (
        "secret of IngestConfiguration 'Stack/Ingest' requires CloudFormation's own type, got a "
        "custom resource because of attributes and in_use, which never returns the stream key; "
        "drop attributes and in_use, or read the key after the deployment with: aws ivs-realtime "
        "get-ingest-configuration --arn <ARN>"
    )
    synthesize(stack).lacks("AWS::SecretsManager::Secret")


def test_fails_when_the_secret_of_an_import_is_read(stack: cdk.Stack) -> None:
    ingest: Any = ivs.IngestConfiguration.from_ingest_configuration_arn(stack, "Ingest", ARN)
    with pytest.raises(ivs.UnknownAttributeError) as caught:
        _ = ingest.secret
    assert str(caught.value) == (
        "secret of the imported IngestConfiguration 'Stack/Ingest' is unknown; import the secret "
        "itself with aws_secretsmanager.Secret.from_secret_complete_arn(self, 'Secret', ...)"
    )


@pytest.mark.parametrize("custom_only", [{}, {"redundant_ingest": True}])
def test_fails_when_the_stream_key_is_read(stack: cdk.Stack, custom_only: dict[str, Any]) -> None:
    ingest: Any = ivs.IngestConfiguration(stack, "Ingest", **custom_only)
    with pytest.raises(ivs.SecretAttributeError) as caught:
        _ = ingest.stream_key
    assert str(caught.value) == (
        "stream_key would put the stream key in plain text into templates and outputs; use "
        "IngestConfiguration.secret, which keeps it in AWS Secrets Manager"
    )
    assert not hasattr(ingest, "stream_key")
    with pytest.raises(
        AttributeError, match="'IngestConfiguration' object has no attribute 'nothing'"
    ):
        _ = ingest.nothing


# What is legal but risky


def test_ingest_without_stage_is_warned_about(stack: cdk.Stack) -> None:
    ivs.IngestConfiguration(stack, "Ingest")
    Annotations.from_stack(stack).has_warning(
        "/Stack/Ingest",
        "the ingest configuration has no stage, so nothing can be published with its stream key; "
        "pass stage=... [ack: ivs-constructs:ingest-without-stage]",
    )


def test_insecure_ingest_is_warned_about(stack: cdk.Stack, stage: aws_ivs.CfnStage) -> None:
    ivs.IngestConfiguration(stack, "Ingest", stage=stage, insecure_ingest=True)
    Annotations.from_stack(stack).has_warning(
        "/Stack/Ingest",
        "insecure_ingest opens RTMP without encryption; drop it unless an encoder cannot do RTMPS "
        "[ack: ivs-constructs:insecure-ingest]",
    )


def test_secure_ingest_to_a_stage_is_not_warned_about(
    stack: cdk.Stack, stage: aws_ivs.CfnStage
) -> None:
    ivs.IngestConfiguration(stack, "Ingest", stage=stage)
    ivs.IngestConfiguration(stack, "Other", stage=stage, insecure_ingest=False, attributes={})
    Annotations.from_stack(stack).has_no_warning("*", Match.any_value())


# What is refused


@pytest.mark.parametrize(("given", "got"), [(None, "false (the default)"), (False, "False")])
def test_ingest_refuses_rtmp_unless_insecure(
    stack: cdk.Stack, given: bool | None, got: str
) -> None:
    error = refused(ivs.IngestConfiguration, stack, ingest_protocol="RTMP", insecure_ingest=given)
    assert str(error) == report(
        "IngestConfiguration",
        f"ingest_protocol RTMP requires insecure_ingest True, got {got}; use RTMPS, or set "
        "insecure_ingest=True if an encoder cannot encrypt",
    )
    assert found(error) == [("ingest_protocol", "ingest-protocol")]


def test_ingest_leaves_deploy_time_security_unjudged(stack: cdk.Stack) -> None:
    insecure: Any = cdk.Fn.condition_if("Condition", True, False)
    ivs.IngestConfiguration(stack, "Ingest", ingest_protocol="RTMP", insecure_ingest=insecure)


def test_ingest_refuses_another_protocol(stack: cdk.Stack) -> None:
    assert str(refused(ivs.IngestConfiguration, stack, ingest_protocol="rtmps")) == report(
        "IngestConfiguration",
        "ingest_protocol must be one of RTMP, RTMPS, got 'rtmps'; did you mean 'RTMPS'?",
    )


@pytest.mark.parametrize("length", [0, 1, 127, 128])
def test_ingest_accepts_user_ids(stack: cdk.Stack, length: int) -> None:
    ivs.IngestConfiguration(stack, "Ingest", user_id="ü" * length)


def test_ingest_refuses_a_long_user_id(stack: cdk.Stack) -> None:
    error = refused(ivs.IngestConfiguration, stack, user_id="a" * 129)
    assert str(error) == report(
        "IngestConfiguration",
        "user_id must have at most 128 characters, got 129 characters; shorten it by 1",
    )
    assert found(error) == [("user_id", "length")]


@pytest.mark.parametrize(
    "attributes",
    [{}, {"": ""}, {"a": "b" * 1022}, {"a": "b" * 1023}, {"ab": "b" * 511, "c" * 511: ""}],
)
def test_ingest_accepts_attributes(stack: cdk.Stack, attributes: dict[str, str]) -> None:
    ivs.IngestConfiguration(stack, "Ingest", attributes=attributes)


@pytest.mark.parametrize(
    ("attributes", "size"),
    [
        ({"a": "b" * 1024}, 1025),
        ({"a" * 1025: ""}, 1025),
        ({"a": "ü" * 512}, 1025),
        ({"a": "b" * 512, "c": "\ud800" * 171}, 1027),
    ],
)
def test_ingest_refuses_large_attributes(
    stack: cdk.Stack, attributes: dict[str, str], size: int
) -> None:
    error = refused(ivs.IngestConfiguration, stack, attributes=attributes)
    assert str(error) == report(
        "IngestConfiguration",
        "attributes must have at most 1024 bytes of UTF-8 in total, names and values together, got "
        f"{size} bytes; shorten them",
    )
    assert found(error) == [("attributes", "attributes-size")]


@pytest.mark.parametrize(
    ("attributes", "message"),
    [
        ("host", "attributes must be a dict of strings, such as {'role': 'host'}, got 'host'"),
        ({"seat": 5}, "attributes must hold strings, got 5 (int); write '5'"),
        ({5: "seat"}, "attributes must hold strings, got 5 (int)"),
    ],
)
def test_ingest_refuses_what_are_no_attributes(
    stack: cdk.Stack, attributes: object, message: str
) -> None:
    error = refused(ivs.IngestConfiguration, stack, attributes=attributes)
    assert str(error) == report("IngestConfiguration", message)
    assert found(error) == [("attributes", "type")]


@pytest.mark.parametrize(
    ("stage", "message"),
    [
        (
            "arn:aws:ivs:us-east-1:111111111111:stage/AbCd",
            "stage must be a Stage, got the string 'arn:aws:ivs:us-east-1:111111111111:stage/AbCd'"
            "; import it with Stage.from_stage_arn(self, 'Imported', ...)",
        ),
        (5, "stage must be a Stage, got 5 (int)"),
    ],
)
def test_ingest_refuses_what_is_no_stage(stack: cdk.Stack, stage: object, message: str) -> None:
    error = refused(ivs.IngestConfiguration, stack, stage=stage)
    assert str(error) == report("IngestConfiguration", message)
    assert found(error) == [("stage", "type")]


def test_ingest_refuses_another_policy(stack: cdk.Stack) -> None:
    assert str(refused(ivs.IngestConfiguration, stack, in_use="STOPP")) == report(
        "IngestConfiguration",
        "in_use must be one of FAIL, WAIT, STOP, got 'STOPP'; did you mean 'STOP'?",
    )


def test_ingest_refuses_a_custom_resource_where_none_is_wanted(app: cdk.App) -> None:
    app.node.set_context("ivs_constructs:provisioning", "CLOUDFORMATION")
    stack = cdk.Stack(app, "Stack")
    error = refused(ivs.IngestConfiguration, stack, attributes={"role": "host"}, in_use="FAIL")
    assert str(error) == report(
        "IngestConfiguration",
        "attributes requires a custom resource, got CLOUDFORMATION as context "
        "ivs_constructs:provisioning; drop attributes or the context",
        "in_use requires a custom resource, got CLOUDFORMATION as context "
        "ivs_constructs:provisioning; drop in_use or the context",
    )
    assert found(error) == [("attributes", "custom-only"), ("in_use", "custom-only")]
    ivs.IngestConfiguration(stack, "Ingest")


def test_ingest_reports_all_at_once(stack: cdk.Stack) -> None:
    error = refused(
        ivs.IngestConfiguration,
        stack,
        stage=5,
        ingest_protocol="RTMP",
        user_id="a" * 129,
        attributes={"a": "b" * 1024},
        ingest_configuration_name="my studio",
    )
    assert found(error) == [
        ("stage", "type"),
        ("ingest_configuration_name", "pattern"),
        ("user_id", "length"),
        ("ingest_protocol", "ingest-protocol"),
        ("attributes", "attributes-size"),
    ]


def test_ingest_refuses_the_arn_of_something_else(stack: cdk.Stack) -> None:
    arn = ARN.replace("ingest-configuration", "stage")
    with pytest.raises(ivs.InvalidPropertyError) as caught:
        ivs.IngestConfiguration.from_ingest_configuration_arn(stack, "It", arn)
    assert str(caught.value) == report(
        "IngestConfiguration",
        "ingest_configuration_arn must be "
        f"arn:<partition>:ivs:<region>:<account>:ingest-configuration/<id>, got '{arn}'; that "
        "is a stage",
    )
