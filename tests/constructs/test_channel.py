import aws_cdk as cdk
import pytest
from aws_cdk import aws_ivs
from syrupy.assertion import SnapshotAssertion

import ivs_constructs as ivs
from ivs_constructs.testing import synthesize

ARN = "arn:aws:ivs:eu-west-1:123456789012:channel/AbCdEfGhIjKl"


def test_channel_minimal(stack: cdk.Stack, snapshot_json: SnapshotAssertion) -> None:
    channel = ivs.Channel(stack, "Channel")
    rendered = synthesize(stack)
    assert rendered.one("AWS::IVS::Channel").properties == {"Name": channel.channel_name}
    assert rendered == snapshot_json


def test_channel_full(stack: cdk.Stack, snapshot_json: SnapshotAssertion) -> None:
    recording = ivs.RecordingConfiguration(stack, "Recording")
    channel = ivs.Channel(
        stack,
        "Channel",
        channel_name="main-stage_1",
        type=ivs.ChannelType.ADVANCED_HD,
        latency_mode=ivs.LatencyMode.NORMAL,
        preset=ivs.Preset.CONSTRAINED_BANDWIDTH_DELIVERY,
        authorized=True,
        insecure_ingest=False,
        container_format=ivs.ContainerFormat.TS,
        recording_configuration=recording,
        tags={"team": "video"},
    )
    cdk.CfnOutput(stack, "Url", value=channel.playback_url)
    cdk.CfnOutput(stack, "Ingest", value=channel.ingest_url)
    cdk.CfnOutput(stack, "Id", value=channel.channel_id)
    rendered = synthesize(stack)
    assert rendered.one("AWS::IVS::Channel").properties == {
        "Name": "main-stage_1",
        "Type": "ADVANCED_HD",
        "LatencyMode": "NORMAL",
        "Preset": "CONSTRAINED_BANDWIDTH_DELIVERY",
        "Authorized": True,
        "InsecureIngest": False,
        "ContainerFormat": "TS",
        "RecordingConfigurationArn": stack.resolve(recording.recording_configuration_arn),
        "Tags": [{"Key": "team", "Value": "video"}],
    }
    assert rendered == snapshot_json


def test_channel_takes_plain_strings_for_enums(stack: cdk.Stack) -> None:
    ivs.Channel(stack, "Channel", type="BASIC", latency_mode="NORMAL", container_format="TS")
    properties = synthesize(stack).one("AWS::IVS::Channel").properties
    assert properties["Type"] == "BASIC"
    assert properties["LatencyMode"] == "NORMAL"


def test_channel_multitrack_sets_the_container(
    stack: cdk.Stack, snapshot_json: SnapshotAssertion
) -> None:
    ivs.Channel(
        stack,
        "Channel",
        multitrack_input_configuration=ivs.MultitrackInputConfiguration(
            maximum_resolution=ivs.MaximumResolution.FULL_HD, policy=ivs.Policy.REQUIRE
        ),
    )
    rendered = synthesize(stack)
    properties = rendered.one("AWS::IVS::Channel").properties
    assert properties["ContainerFormat"] == "FRAGMENTED_MP4"
    assert properties["MultitrackInputConfiguration"] == {
        "Enabled": True,
        "MaximumResolution": "FULL_HD",
        "Policy": "REQUIRE",
    }
    assert rendered == snapshot_json


def test_channel_associations(stack: cdk.Stack, snapshot_json: SnapshotAssertion) -> None:
    policy = ivs.PlaybackRestrictionPolicy(stack, "Policy", allowed_countries=["DE"])
    slate = ivs.FailoverSlateConfiguration(stack, "Slate")
    ads = ivs.AdConfiguration.from_ad_configuration_arn(
        stack, "Ads", "arn:aws:ivs:us-east-1:123456789012:ad-configuration/AbCd"
    )
    channel = ivs.Channel(
        stack,
        "Channel",
        playback_restriction_policy=policy,
        ad_configuration=ads,
        failover_slate_configuration=slate,
        in_use=ivs.InUse.STOP,
    )
    assert [child.node.id for child in channel.node.children] == ["Resource", "Associations"]
    rendered = synthesize(stack)
    # CloudFormation's type has none of it.
    assert rendered.one("AWS::IVS::Channel").properties == {"Name": channel.channel_name}
    given = rendered.one("Custom::IVSChannelAssociations").properties
    assert given == {
        "ServiceToken": given["ServiceToken"],
        "ServiceTimeout": 900,
        "ConstructPath": "Stack/Channel/Associations",
        "ChannelArn": stack.resolve(channel.channel_arn),
        "PlaybackRestrictionPolicyArn": stack.resolve(policy.playback_restriction_policy_arn),
        "AdConfigurationArn": ads.ad_configuration_arn,
        "FailoverSlateConfigurationArn": stack.resolve(slate.failover_slate_configuration_arn),
        "OnLive": "STOP",
    }
    assert rendered == snapshot_json


@pytest.mark.parametrize("given", [None, "TS", ivs.ContainerFormat.FRAGMENTED_MP4])
def test_channel_tells_its_container_format(stack: cdk.Stack, given: str | None) -> None:
    assert ivs.Channel(stack, "Channel", container_format=given).container_format == given


def test_channel_tells_the_container_format_that_multitrack_input_needs(stack: cdk.Stack) -> None:
    tracks = ivs.MultitrackInputConfiguration(maximum_resolution="HD", policy="ALLOW")
    channel = ivs.Channel(stack, "Channel", multitrack_input_configuration=tracks)
    assert channel.container_format == "FRAGMENTED_MP4"


def test_channel_multitrack_switched_off_leaves_the_container_alone(stack: cdk.Stack) -> None:
    ivs.Channel(
        stack,
        "Channel",
        type="BASIC",
        multitrack_input_configuration=ivs.MultitrackInputConfiguration(enabled=False),
    )
    properties = synthesize(stack).one("AWS::IVS::Channel").properties
    assert "ContainerFormat" not in properties
    assert properties["MultitrackInputConfiguration"] == {"Enabled": False}


def test_channel_tokens(stack: cdk.Stack, snapshot_json: SnapshotAssertion) -> None:
    def parameter(name: str) -> str:
        return cdk.CfnParameter(stack, name).value_as_string

    ivs.Channel(
        stack,
        "Channel",
        channel_name=parameter("Name"),
        type=parameter("Type"),
        latency_mode=parameter("Latency"),
        preset=parameter("Preset"),
        container_format=parameter("Container"),
        tags={"stage": parameter("Stage")},
    )
    rendered = synthesize(stack)
    assert rendered.one("AWS::IVS::Channel").properties == {
        "Name": {"Ref": "Name"},
        "Type": {"Ref": "Type"},
        "LatencyMode": {"Ref": "Latency"},
        "Preset": {"Ref": "Preset"},
        "ContainerFormat": {"Ref": "Container"},
        "Tags": [{"Key": "stage", "Value": {"Ref": "Stage"}}],
    }
    assert rendered == snapshot_json


def test_channel_imported(stack: cdk.Stack, snapshot_json: SnapshotAssertion) -> None:
    channel = ivs.Channel.from_channel_arn(stack, "Channel", ARN)
    assert channel.channel_arn == ARN
    assert channel.channel_id == "AbCdEfGhIjKl"
    assert (channel.env.region, channel.env.account) == ("eu-west-1", "123456789012")
    channel.add_stream_key("StreamKey")
    rendered = synthesize(stack)
    assert rendered.one("AWS::IVS::StreamKey").properties == {"ChannelArn": ARN}
    assert rendered == snapshot_json


def test_channel_imported_by_token(stack: cdk.Stack) -> None:
    arn = cdk.CfnParameter(stack, "Arn").value_as_string
    channel = ivs.Channel.from_channel_arn(stack, "Channel", arn)
    assert stack.resolve(channel.channel_id) == {
        "Fn::Select": [1, {"Fn::Split": ["/", {"Ref": "Arn"}]}]
    }


def test_channel_imported_with_attributes_knows_its_addresses(stack: cdk.Stack) -> None:
    channel = ivs.Channel.from_channel_attributes(
        stack,
        "Channel",
        channel_arn=ARN,
        channel_playback_url="https://a.playback.live-video.net/live.m3u8",
        channel_ingest_endpoint="b.global-contribute.live-video.net",
    )
    assert channel.playback_url == "https://a.playback.live-video.net/live.m3u8"
    assert channel.ingest_endpoint == "b.global-contribute.live-video.net"
    assert channel.ingest_url == "rtmps://b.global-contribute.live-video.net:443/app/"


def test_fails_when_an_imported_channel_is_asked_for_an_unknown_address(stack: cdk.Stack) -> None:
    channel = ivs.Channel.from_channel_arn(stack, "Channel", ARN)
    with pytest.raises(ivs.UnknownAttributeError) as caught:
        _ = channel.playback_url
    assert str(caught.value) == (
        f"channel_playback_url of the imported Channel '{stack.node.path}/Channel' is unknown; "
        "pass it to Channel.from_channel_attributes(..., channel_playback_url=...)"
    )


def test_channel_name_is_what_the_cdk_would_generate(stack: cdk.Stack) -> None:
    channel = ivs.Channel(stack, "Channel")
    assert channel.channel_name == cdk.Names.unique_resource_name(
        channel, max_length=128, allowed_special_characters="-_"
    )


def test_channel_default_child_is_the_level1_type(stack: cdk.Stack) -> None:
    channel = ivs.Channel(stack, "Channel")
    level1 = channel.node.default_child
    assert isinstance(level1, aws_ivs.CfnChannel)
    level1.add_property_override("LatencyMode", "NORMAL")
    assert synthesize(stack).one("AWS::IVS::Channel").properties["LatencyMode"] == "NORMAL"


def test_channel_removal_policy(stack: cdk.Stack) -> None:
    ivs.Channel(stack, "Channel").apply_removal_policy(cdk.RemovalPolicy.RETAIN)
    (resource,) = synthesize(stack).template["Resources"].values()
    assert resource["DeletionPolicy"] == "Retain"
    assert resource["UpdateReplacePolicy"] == "Retain"


def test_channel_tags_of_adds_to_given_tags(stack: cdk.Stack) -> None:
    channel = ivs.Channel(stack, "Channel", tags={"team": "video"})
    cdk.Tags.of(channel).add("cost", "live")
    cdk.Tags.of(stack).add("app", "talks")
    assert synthesize(stack).one("AWS::IVS::Channel").properties["Tags"] == [
        {"Key": "app", "Value": "talks"},
        {"Key": "cost", "Value": "live"},
        {"Key": "team", "Value": "video"},
    ]


def test_channel_can_be_subclassed(stack: cdk.Stack) -> None:
    class HouseChannel(ivs.Channel):
        def __init__(self, scope: cdk.Stack, id: str) -> None:
            super().__init__(scope, id, type=ivs.ChannelType.ADVANCED_SD)

    HouseChannel(stack, "Channel")
    assert synthesize(stack).one("AWS::IVS::Channel").properties["Type"] == "ADVANCED_SD"


def test_channel_repr_shows_the_path(stack: cdk.Stack) -> None:
    channel = ivs.Channel(stack, "Channel")
    assert repr(channel) == f"<ivs_constructs.Channel '{stack.node.path}/Channel'>"


def test_channel_is_a_reference_for_level1_types(stack: cdk.Stack) -> None:
    channel = ivs.Channel(stack, "Channel")
    aws_ivs.CfnStreamKey(stack, "Key", channel_arn=channel.channel_ref.channel_arn)
    assert synthesize(stack).one("AWS::IVS::StreamKey").properties["ChannelArn"] == stack.resolve(
        channel.channel_arn
    )


def test_channel_crosses_stacks(app: cdk.App) -> None:
    producer, consumer = cdk.Stack(app, "Producer"), cdk.Stack(app, "Consumer")
    recording = ivs.RecordingConfiguration(producer, "Recording")
    channel = ivs.Channel(consumer, "Channel", recording_configuration=recording)
    ivs.StreamKey(producer, "Unrelated", channel=ivs.Channel(producer, "Other"))
    assert channel.channel_arn
    (imported,) = (
        synthesize(consumer)
        .one("AWS::IVS::Channel")
        .properties["RecordingConfigurationArn"]
        .values()
    )
    exports = synthesize(producer).template["Outputs"].values()
    assert imported in [each["Export"]["Name"] for each in exports]
