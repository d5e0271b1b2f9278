from typing import Any

import aws_cdk as cdk
import pytest
from aws_cdk import aws_iam, aws_ivs
from syrupy.assertion import SnapshotAssertion

import ivs_constructs as ivs
from ivs_constructs.testing import synthesize

ARN = "arn:aws:ivs:us-west-2:123456789012:stream-key/AbCdEfGhIjKl"


def test_stream_key_minimal(stack: cdk.Stack, snapshot_json: SnapshotAssertion) -> None:
    channel = ivs.Channel(stack, "Channel")
    key = channel.add_stream_key("StreamKey")
    assert key.node.scope is channel
    rendered = synthesize(stack)
    resource = rendered.one("AWS::IVS::StreamKey")
    assert resource.properties == {"ChannelArn": stack.resolve(channel.channel_arn)}
    assert rendered == snapshot_json


def test_stream_key_without_reading_its_secret_makes_none(stack: cdk.Stack) -> None:
    ivs.Channel(stack, "Channel").add_stream_key("StreamKey")
    synthesize(stack).lacks("AWS::SecretsManager::Secret")


def test_stream_key_full(stack: cdk.Stack, snapshot_json: SnapshotAssertion) -> None:
    role = aws_iam.Role(stack, "Role", assumed_by=aws_iam.AccountRootPrincipal())
    key = ivs.StreamKey(
        stack, "StreamKey", channel=ivs.Channel(stack, "Channel"), tags={"team": "video"}
    )
    assert key.secret is key.secret
    key.secret.grant_read(role)
    rendered = synthesize(stack)
    secret = rendered.one("AWS::SecretsManager::Secret")
    resource = rendered.one("AWS::IVS::StreamKey")
    logical_id = stack.get_logical_id(key.node.default_child)  # type: ignore[arg-type]  # IConstruct
    assert secret.properties["SecretString"] == {"Fn::GetAtt": [logical_id, "Value"]}
    assert resource.properties["Tags"] == [{"Key": "team", "Value": "video"}]
    policy = rendered.one("AWS::IAM::Policy")
    (statement,) = policy.properties["PolicyDocument"]["Statement"]
    assert statement["Action"] == [
        "secretsmanager:GetSecretValue",
        "secretsmanager:DescribeSecret",
    ]
    assert statement["Resource"] == stack.resolve(key.secret.secret_arn)
    assert rendered == snapshot_json


@pytest.mark.parametrize("imported", [True, False])
def test_stream_key_of_a_level1_or_imported_channel(stack: cdk.Stack, imported: bool) -> None:
    channel = (
        ivs.Channel.from_channel_arn(
            stack, "Channel", "arn:aws:ivs:us-west-2:123456789012:channel/AbCd"
        )
        if imported
        else aws_ivs.CfnChannel(stack, "Channel")
    )
    ivs.StreamKey(stack, "StreamKey", channel=channel)
    resource = synthesize(stack).one("AWS::IVS::StreamKey")
    assert resource.properties["ChannelArn"] == stack.resolve(channel.channel_ref.channel_arn)


def test_stream_key_imported(stack: cdk.Stack) -> None:
    key = ivs.StreamKey.from_stream_key_arn(stack, "StreamKey", ARN)
    assert key.stream_key_arn == ARN
    assert key.stream_key_ref.stream_key_arn == ARN
    assert key.env.region == "us-west-2"


def test_stream_key_arn_is_a_reference(stack: cdk.Stack) -> None:
    key = ivs.Channel(stack, "Channel").add_stream_key("StreamKey")
    assert stack.resolve(key.stream_key_arn)["Fn::GetAtt"][1] == "Arn"
    assert key.stream_key_ref.stream_key_arn == key.stream_key_arn


def test_fails_when_the_stream_key_value_is_read(stack: cdk.Stack) -> None:
    key: Any = ivs.Channel(stack, "Channel").add_stream_key("StreamKey")
    with pytest.raises(ivs.SecretAttributeError) as caught:
        _ = key.stream_key_value
    assert str(caught.value) == (
        "stream_key_value would put the stream key in plain text into templates and outputs; use "
        "StreamKey.secret, which keeps it in AWS Secrets Manager"
    )
    assert not hasattr(key, "stream_key_value")
    with pytest.raises(AttributeError, match="'StreamKey' object has no attribute 'nothing'"):
        _ = key.nothing
