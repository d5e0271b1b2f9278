"""What the documentation and the code of aws_ivs_alpha promise, as its users write programs."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import aws_cdk as cdk
import pytest
from aws_cdk import aws_ivs as level1
from aws_cdk import aws_s3 as s3
from aws_cdk.assertions import Template
from constructs import Construct

import ivs_constructs as ivs
from tests.public_keys import P384

CHANNEL_ARN = "arn:aws:ivs:us-west-2:123456789012:channel/abcdABCDefgh"
RECORDING_ARN = "arn:aws:ivs:us-west-2:123456789012:recording-configuration/abcd1234"


@pytest.fixture
def stack(tmp_path: Path) -> cdk.Stack:
    return cdk.Stack(cdk.App(outdir=str(tmp_path)), "Stack")


@pytest.fixture
def bucket(stack: cdk.Stack) -> s3.IBucket:
    return s3.Bucket.from_bucket_name(stack, "RecordingBucket", "recordings")


def properties(stack: cdk.Stack, type: str) -> dict[str, Any]:
    """The properties of the stack's only resource of a type."""
    found = Template.from_stack(stack).find_resources(f"AWS::IVS::{type}")
    assert len(found) == 1
    only: dict[str, Any] = next(iter(found.values()))["Properties"]
    return only


def get_att(construct: Construct, attribute: str) -> dict[str, list[str]]:
    """The reference to an attribute of a construct's CloudFormation resource."""
    resource = construct.node.default_child
    assert isinstance(resource, cdk.CfnResource)
    logical_id = cdk.Stack.of(construct).get_logical_id(resource)
    return {"Fn::GetAtt": [logical_id, attribute]}


def tracks() -> ivs.MultitrackInputConfiguration:
    return ivs.MultitrackInputConfiguration(
        maximum_resolution=ivs.MaximumResolution.HD, policy=ivs.Policy.ALLOW
    )


def test_channel_needs_nothing_but_an_id(stack: cdk.Stack) -> None:
    ivs.Channel(stack, "Channel")

    assert list(properties(stack, "Channel")) == ["Name"]


def test_channel_name_is_made_from_the_path(stack: cdk.Stack) -> None:
    channel = ivs.Channel(Construct(stack, "Show"), "Channel")

    assert properties(stack, "Channel")["Name"] == cdk.Names.unique_resource_name(
        channel, max_length=128, allowed_special_characters="-_"
    )
    assert re.fullmatch("StackShowChannel[0-9A-F]{8}", properties(stack, "Channel")["Name"])


def test_channel_name_made_from_a_long_path_fits(stack: cdk.Stack) -> None:
    ivs.Channel(Construct(stack, "Deep" * 20), "Channel" * 20)

    assert re.fullmatch("[a-zA-Z0-9-_]{128}", properties(stack, "Channel")["Name"])


def test_channel_name_is_what_was_given(stack: cdk.Stack) -> None:
    ivs.Channel(stack, "Channel", channel_name="CarrotsAreTasty_2-you")

    assert properties(stack, "Channel")["Name"] == "CarrotsAreTasty_2-you"


def test_channel_name_with_other_characters_is_refused(stack: cdk.Stack) -> None:
    with pytest.raises(ivs.InvalidPropertyError) as caught:
        ivs.Channel(stack, "Channel", channel_name="carrot channel!")

    assert str(caught.value) == (
        "Channel 'Stack/Channel' has 1 invalid property:\n"
        "  - channel_name must have only letters, digits, - and _, got 'carrot channel!'; "
        "drop ' !'"
    )


def test_channel_name_known_only_at_deploy_time_is_not_judged(stack: cdk.Stack) -> None:
    ivs.Channel(stack, "Channel", channel_name=cdk.Fn.import_value("ChannelName"))

    assert properties(stack, "Channel")["Name"] == {"Fn::ImportValue": "ChannelName"}


@pytest.mark.parametrize("type", ["STANDARD", "BASIC", "ADVANCED_SD", "ADVANCED_HD"])
def test_channel_type_is_set(stack: cdk.Stack, type: str) -> None:
    ivs.Channel(stack, "Channel", type=ivs.ChannelType[type])

    assert properties(stack, "Channel")["Type"] == type


@pytest.mark.parametrize("type", ["ADVANCED_SD", "ADVANCED_HD"])
@pytest.mark.parametrize("preset", ["CONSTRAINED_BANDWIDTH_DELIVERY", "HIGHER_BANDWIDTH_DELIVERY"])
def test_channel_preset_is_set_for_advanced_types(stack: cdk.Stack, type: str, preset: str) -> None:
    ivs.Channel(stack, "Channel", type=ivs.ChannelType[type], preset=ivs.Preset[preset])

    found = properties(stack, "Channel")
    assert (found["Type"], found["Preset"]) == (type, preset)


@pytest.mark.parametrize("type", ["STANDARD", "BASIC", "ADVANCED_SD", "ADVANCED_HD"])
def test_channel_without_preset_leaves_it_to_the_service(stack: cdk.Stack, type: str) -> None:
    ivs.Channel(stack, "Channel", type=ivs.ChannelType[type])

    assert "Preset" not in properties(stack, "Channel")


@pytest.mark.parametrize("type", ["STANDARD", "BASIC"])
@pytest.mark.parametrize("preset", ["CONSTRAINED_BANDWIDTH_DELIVERY", "HIGHER_BANDWIDTH_DELIVERY"])
def test_channel_preset_of_other_types_is_refused_not_blanked(
    stack: cdk.Stack, type: str, preset: str
) -> None:
    with pytest.raises(ivs.InvalidPropertyError) as caught:
        ivs.Channel(stack, "Channel", type=ivs.ChannelType[type], preset=ivs.Preset[preset])

    assert str(caught.value) == (
        "Channel 'Stack/Channel' has 1 invalid property:\n"
        f"  - preset requires type ADVANCED_SD or ADVANCED_HD, got {type}; "
        "drop preset or change type"
    )


@pytest.mark.parametrize("mode", ["LOW", "NORMAL"])
def test_channel_latency_mode_is_set(stack: cdk.Stack, mode: str) -> None:
    ivs.Channel(stack, "Channel", latency_mode=ivs.LatencyMode[mode])

    assert properties(stack, "Channel")["LatencyMode"] == mode


@pytest.mark.parametrize("insecure", [True, False])
def test_channel_insecure_ingest_is_set(stack: cdk.Stack, insecure: bool) -> None:
    ivs.Channel(stack, "Channel", type=ivs.ChannelType.STANDARD, insecure_ingest=insecure)

    assert properties(stack, "Channel")["InsecureIngest"] is insecure


@pytest.mark.parametrize("authorized", [True, False])
def test_channel_authorized_is_set(stack: cdk.Stack, authorized: bool) -> None:
    ivs.Channel(stack, "Channel", authorized=authorized)

    assert properties(stack, "Channel")["Authorized"] is authorized


@pytest.mark.parametrize("container", ["TS", "FRAGMENTED_MP4"])
def test_channel_container_format_is_set(stack: cdk.Stack, container: str) -> None:
    ivs.Channel(stack, "Channel", container_format=ivs.ContainerFormat[container])

    assert properties(stack, "Channel")["ContainerFormat"] == container


@pytest.mark.parametrize("resolution", ["FULL_HD", "HD", "SD"])
@pytest.mark.parametrize("policy", ["ALLOW", "REQUIRE"])
def test_channel_multitrack_input_is_set(stack: cdk.Stack, resolution: str, policy: str) -> None:
    ivs.Channel(
        stack,
        "ChannelWithMultitrackVideo",
        type=ivs.ChannelType.STANDARD,
        container_format=ivs.ContainerFormat.FRAGMENTED_MP4,
        multitrack_input_configuration=ivs.MultitrackInputConfiguration(
            maximum_resolution=ivs.MaximumResolution[resolution], policy=ivs.Policy[policy]
        ),
    )

    found = properties(stack, "Channel")
    del found["Name"]
    assert found == {
        "Type": "STANDARD",
        "ContainerFormat": "FRAGMENTED_MP4",
        "MultitrackInputConfiguration": {
            "Enabled": True,
            "MaximumResolution": resolution,
            "Policy": policy,
        },
    }


def test_channel_multitrack_input_brings_its_container_format(stack: cdk.Stack) -> None:
    ivs.Channel(stack, "Channel", multitrack_input_configuration=tracks())

    assert properties(stack, "Channel")["ContainerFormat"] == "FRAGMENTED_MP4"


def test_channel_multitrack_input_needs_no_explicit_type(stack: cdk.Stack) -> None:
    ivs.Channel(stack, "Channel", multitrack_input_configuration=tracks())

    assert "Type" not in properties(stack, "Channel")


def test_channel_multitrack_input_may_be_a_dict(stack: cdk.Stack) -> None:
    ivs.Channel(
        stack,
        "Channel",
        multitrack_input_configuration={
            "maximum_resolution": ivs.MaximumResolution.FULL_HD,
            "policy": ivs.Policy.REQUIRE,
        },
    )

    assert properties(stack, "Channel")["MultitrackInputConfiguration"] == {
        "Enabled": True,
        "MaximumResolution": "FULL_HD",
        "Policy": "REQUIRE",
    }


@pytest.mark.parametrize("type", ["BASIC", "ADVANCED_SD", "ADVANCED_HD"])
def test_channel_multitrack_input_of_other_types_is_refused(stack: cdk.Stack, type: str) -> None:
    with pytest.raises(ivs.InvalidPropertyError) as caught:
        ivs.Channel(
            stack,
            "Channel",
            type=ivs.ChannelType[type],
            multitrack_input_configuration=tracks(),
        )

    assert str(caught.value) == (
        "Channel 'Stack/Channel' has 1 invalid property:\n"
        f"  - multitrack_input_configuration requires type STANDARD, got {type}; "
        "drop multitrack_input_configuration or change type"
    )


def test_channel_multitrack_input_in_ts_is_refused(stack: cdk.Stack) -> None:
    with pytest.raises(ivs.InvalidPropertyError) as caught:
        ivs.Channel(
            stack,
            "Channel",
            container_format=ivs.ContainerFormat.TS,
            multitrack_input_configuration=tracks(),
        )

    assert str(caught.value) == (
        "Channel 'Stack/Channel' has 1 invalid property:\n"
        "  - multitrack_input_configuration requires container_format FRAGMENTED_MP4, got TS; "
        "drop container_format"
    )


def test_multitrack_input_needs_resolution_and_policy() -> None:
    with pytest.raises(ivs.InvalidPropertyError) as caught:
        ivs.MultitrackInputConfiguration()

    assert str(caught.value) == (
        "MultitrackInputConfiguration has 2 invalid properties:\n"
        "  - maximum_resolution is required while multitrack input is enabled, got None; pass one "
        "of SD, HD, FULL_HD\n"
        "  - policy is required while multitrack input is enabled, got None; pass one "
        "of ALLOW, REQUIRE"
    )


def test_multitrack_input_tells_what_it_was_given() -> None:
    configuration = tracks()

    assert configuration.maximum_resolution is ivs.MaximumResolution.HD
    assert configuration.policy is ivs.Policy.ALLOW


def test_channel_attributes_refer_to_the_resource(stack: cdk.Stack) -> None:
    channel = ivs.Channel(stack, "Channel")

    assert stack.resolve(channel.channel_arn) == get_att(channel, "Arn")
    assert stack.resolve(channel.channel_ingest_endpoint) == get_att(channel, "IngestEndpoint")
    assert stack.resolve(channel.channel_playback_url) == get_att(channel, "PlaybackUrl")


def test_channel_is_recorded_by_the_given_configuration(
    stack: cdk.Stack, bucket: s3.IBucket
) -> None:
    recording = ivs.RecordingConfiguration(stack, "RecordingConfiguration", bucket=bucket)
    ivs.Channel(stack, "Channel", recording_configuration=recording)

    arn = properties(stack, "Channel")["RecordingConfigurationArn"]
    assert arn == get_att(recording, "Arn")


def test_channel_is_recorded_by_an_imported_configuration(stack: cdk.Stack) -> None:
    recording = ivs.RecordingConfiguration.from_arn(stack, "Imported", RECORDING_ARN)
    ivs.Channel(stack, "Channel", recording_configuration=recording)

    assert properties(stack, "Channel")["RecordingConfigurationArn"] == RECORDING_ARN


def test_channel_child_is_the_level1_type(stack: cdk.Stack) -> None:
    child = ivs.Channel(stack, "Channel").node.default_child

    assert isinstance(child, level1.CfnChannel)
    assert child.node.id == "Resource"


def test_channel_is_a_resource_of_its_stack(stack: cdk.Stack) -> None:
    channel = ivs.Channel(stack, "Channel")

    assert cdk.Resource.is_resource(channel)
    assert channel.stack is stack


def test_channel_can_be_subclassed(stack: cdk.Stack) -> None:
    class BasicChannel(ivs.Channel):
        def __init__(self, scope: Construct, id: str) -> None:
            super().__init__(scope, id, type=ivs.ChannelType.BASIC)

    BasicChannel(stack, "Channel")

    assert properties(stack, "Channel")["Type"] == "BASIC"


def test_channel_takes_tags_of_the_cdk(stack: cdk.Stack) -> None:
    cdk.Tags.of(ivs.Channel(stack, "Channel")).add("team", "video")

    assert properties(stack, "Channel")["Tags"] == [{"Key": "team", "Value": "video"}]


def test_imported_channel_keeps_its_arn(stack: cdk.Stack) -> None:
    channel = ivs.Channel.from_channel_arn(stack, "Channel", CHANNEL_ARN)

    assert channel.channel_arn == CHANNEL_ARN


def test_imported_channel_is_not_in_the_template(stack: cdk.Stack) -> None:
    ivs.Channel.from_channel_arn(stack, "Channel", CHANNEL_ARN)

    Template.from_stack(stack).resource_count_is("AWS::IVS::Channel", 0)


def test_imported_channel_takes_an_arn_known_only_at_deploy_time(stack: cdk.Stack) -> None:
    arn = cdk.Fn.import_value("ChannelArn")
    channel = ivs.Channel.from_channel_arn(stack, "Channel", arn)

    assert stack.resolve(channel.channel_arn) == {"Fn::ImportValue": "ChannelArn"}


def test_imported_channel_takes_an_arn_of_the_stack_it_is_in(stack: cdk.Stack) -> None:
    arn = stack.format_arn(service="ivs", resource="channel", resource_name="abcd")
    channel = ivs.Channel.from_channel_arn(stack, "Channel", arn)

    assert channel.channel_arn == arn


@pytest.mark.parametrize(
    ("arn", "advice"),
    [
        ("this is not an arn", ""),
        ("arn:aws:ivs:us-west-2:123456789012", ""),
        (
            "arn:aws:ec2:us-west-2:123456789012:channel/abcdABCDefgh",
            "; that is an ARN of the service ec2, not of ivs",
        ),
        ("arn:aws:ivs:us-west-2:123456789012:stream-key/abcdABCDefgh", "; that is a stream key"),
    ],
    ids=["no-arn", "cut", "other-service", "other-type"],
)
def test_imported_channel_refuses_another_arn(stack: cdk.Stack, arn: str, advice: str) -> None:
    with pytest.raises(ivs.InvalidPropertyError) as caught:
        ivs.Channel.from_channel_arn(stack, "Channel", arn)

    assert str(caught.value) == (
        "Channel 'Stack/Channel' has 1 invalid property:\n"
        "  - channel_arn must be arn:<partition>:ivs:<region>:<account>:channel/<id>, "
        f"got '{arn}'{advice}"
    )


@pytest.mark.parametrize(
    ("service", "resource", "advice"),
    [
        ("ec2", "channel", "; that is an ARN of the service ec2, not of ivs"),
        ("ivs", "stream-key", "; that is a stream key"),
    ],
    ids=["other-service", "other-type"],
)
def test_imported_channel_refuses_another_arn_of_the_stack_it_is_in(
    stack: cdk.Stack, service: str, resource: str, advice: str
) -> None:
    arn = f"arn:aws:{service}:{stack.region}:{stack.account}:{resource}/abcd"

    with pytest.raises(ivs.InvalidPropertyError) as caught:
        ivs.Channel.from_channel_arn(stack, "Channel", arn)

    # How the message writes the parts that are not known is up to it.
    message = re.escape(
        "Channel 'Stack/Channel' has 1 invalid property:\n"
        "  - channel_arn must be arn:<partition>:ivs:<region>:<account>:channel/<id>, got '"
    )
    assert re.fullmatch(
        rf"{message}arn:aws:{service}:.*:{resource}/abcd'{advice}", str(caught.value)
    )


def test_stream_key_belongs_to_its_channel(stack: cdk.Stack) -> None:
    channel = ivs.Channel(stack, "Channel")
    ivs.StreamKey(stack, "StreamKey", channel=channel)

    assert properties(stack, "StreamKey") == {"ChannelArn": get_att(channel, "Arn")}


def test_stream_key_may_belong_to_an_imported_channel(stack: cdk.Stack) -> None:
    channel = ivs.Channel.from_channel_arn(stack, "Channel", CHANNEL_ARN)
    ivs.StreamKey(stack, "StreamKey", channel=channel)

    assert properties(stack, "StreamKey") == {"ChannelArn": CHANNEL_ARN}


def test_add_stream_key_defines_a_key_below_the_channel(stack: cdk.Stack) -> None:
    channel = ivs.Channel(stack, "Channel")
    key = channel.add_stream_key("StreamKey")

    assert isinstance(key, ivs.StreamKey)
    assert key.node.scope is channel
    assert properties(stack, "StreamKey") == {"ChannelArn": get_att(channel, "Arn")}


def test_add_stream_key_works_on_an_imported_channel(stack: cdk.Stack) -> None:
    channel = ivs.Channel.from_channel_arn(stack, "Channel", CHANNEL_ARN)
    key = channel.add_stream_key("StreamKey")

    assert key.node.path == "Stack/Channel/StreamKey"
    assert properties(stack, "StreamKey") == {"ChannelArn": CHANNEL_ARN}


def test_stream_key_arn_refers_to_the_resource(stack: cdk.Stack) -> None:
    key = ivs.Channel(stack, "Channel").add_stream_key("StreamKey")

    assert stack.resolve(key.stream_key_arn) == get_att(key, "Arn")


def test_stream_key_value_is_not_handed_out(stack: cdk.Stack) -> None:
    key = ivs.Channel(stack, "Channel").add_stream_key("StreamKey")

    with pytest.raises(ivs.SecretAttributeError) as caught:
        _ = key.stream_key_value  # type: ignore[attr-defined] # that is what is shown

    assert str(caught.value) == (
        "stream_key_value would put the stream key in plain text into templates and outputs; "
        "use StreamKey.secret, which keeps it in AWS Secrets Manager"
    )


def test_stream_key_secret_holds_the_value(stack: cdk.Stack) -> None:
    key = ivs.Channel(stack, "Channel").add_stream_key("StreamKey")
    _ = key.secret

    Template.from_stack(stack).has_resource_properties(
        "AWS::SecretsManager::Secret", {"SecretString": get_att(key, "Value")}
    )


def test_playback_key_pair_holds_the_public_key(stack: cdk.Stack) -> None:
    ivs.PlaybackKeyPair(stack, "PlaybackKeyPair", public_key_material=P384)

    assert properties(stack, "PlaybackKeyPair") == {"PublicKeyMaterial": P384}


def test_playback_key_pair_name_is_what_was_given(stack: cdk.Stack) -> None:
    ivs.PlaybackKeyPair(
        stack,
        "PlaybackKeyPair",
        public_key_material=P384,
        playback_key_pair_name="CarrotsAreTasty_2-you",
    )

    assert properties(stack, "PlaybackKeyPair")["Name"] == "CarrotsAreTasty_2-you"


def test_playback_key_pair_name_with_other_characters_is_refused(stack: cdk.Stack) -> None:
    with pytest.raises(ivs.InvalidPropertyError) as caught:
        ivs.PlaybackKeyPair(
            stack,
            "PlaybackKeyPair",
            public_key_material=P384,
            playback_key_pair_name="Would you like a carrot?",
        )

    assert str(caught.value) == (
        "PlaybackKeyPair 'Stack/PlaybackKeyPair' has 1 invalid property:\n"
        "  - playback_key_pair_name must have only letters, digits, - and _, "
        "got 'Would you like a carrot?'; drop ' ?'"
    )


def test_playback_key_pair_values_known_only_at_deploy_time_are_not_judged(
    stack: cdk.Stack,
) -> None:
    ivs.PlaybackKeyPair(
        stack,
        "PlaybackKeyPair",
        public_key_material=cdk.Fn.import_value("PublicKey"),
        playback_key_pair_name=cdk.Fn.import_value("Name"),
    )

    assert properties(stack, "PlaybackKeyPair") == {
        "PublicKeyMaterial": {"Fn::ImportValue": "PublicKey"},
        "Name": {"Fn::ImportValue": "Name"},
    }


def test_playback_key_pair_attributes_refer_to_the_resource(stack: cdk.Stack) -> None:
    pair = ivs.PlaybackKeyPair(stack, "PlaybackKeyPair", public_key_material=P384)

    assert stack.resolve(pair.playback_key_pair_arn) == get_att(pair, "Arn")
    assert stack.resolve(pair.playback_key_pair_fingerprint) == get_att(pair, "Fingerprint")


def test_recording_goes_to_the_given_bucket(stack: cdk.Stack) -> None:
    recording_bucket = s3.Bucket(stack, "RecordingBucket")
    ivs.RecordingConfiguration(stack, "RecordingConfiguration", bucket=recording_bucket)

    child = recording_bucket.node.default_child
    assert isinstance(child, s3.CfnBucket)
    assert properties(stack, "RecordingConfiguration") == {
        "DestinationConfiguration": {"S3": {"BucketName": {"Ref": stack.get_logical_id(child)}}}
    }


def test_recording_goes_to_an_imported_bucket(stack: cdk.Stack, bucket: s3.IBucket) -> None:
    ivs.RecordingConfiguration(stack, "RecordingConfiguration", bucket=bucket)

    assert properties(stack, "RecordingConfiguration") == {
        "DestinationConfiguration": {"S3": {"BucketName": "recordings"}}
    }


def test_recording_goes_to_a_bucket_of_the_level1_type(stack: cdk.Stack) -> None:
    ivs.RecordingConfiguration(
        stack, "RecordingConfiguration", bucket=s3.CfnBucket(stack, "Level1")
    )

    assert properties(stack, "RecordingConfiguration") == {
        "DestinationConfiguration": {"S3": {"BucketName": {"Ref": "Level1"}}}
    }


@pytest.mark.parametrize("name", ["a", "Recording-Configuration_1", "a" * 128])
def test_recording_configuration_name_is_what_was_given(
    stack: cdk.Stack, bucket: s3.IBucket, name: str
) -> None:
    ivs.RecordingConfiguration(
        stack, "RecordingConfiguration", bucket=bucket, recording_configuration_name=name
    )

    assert properties(stack, "RecordingConfiguration")["Name"] == name


def test_recording_configuration_name_known_only_at_deploy_time_is_not_judged(
    stack: cdk.Stack, bucket: s3.IBucket
) -> None:
    ivs.RecordingConfiguration(
        stack,
        "RecordingConfiguration",
        bucket=bucket,
        recording_configuration_name=cdk.Fn.import_value("Name"),
    )

    name = properties(stack, "RecordingConfiguration")["Name"]
    assert name == {"Fn::ImportValue": "Name"}


def test_recording_configuration_name_with_other_characters_is_refused(
    stack: cdk.Stack, bucket: s3.IBucket
) -> None:
    with pytest.raises(ivs.InvalidPropertyError) as caught:
        ivs.RecordingConfiguration(
            stack,
            "RecordingConfiguration",
            bucket=bucket,
            recording_configuration_name="invalid name%",
        )

    assert str(caught.value) == (
        "RecordingConfiguration 'Stack/RecordingConfiguration' has 1 invalid property:\n"
        "  - recording_configuration_name must have only letters, digits, - and _, "
        "got 'invalid name%'; drop ' %'"
    )


def test_recording_configuration_name_of_129_characters_is_refused(
    stack: cdk.Stack, bucket: s3.IBucket
) -> None:
    with pytest.raises(ivs.InvalidPropertyError) as caught:
        ivs.RecordingConfiguration(
            stack, "RecordingConfiguration", bucket=bucket, recording_configuration_name="a" * 129
        )

    assert str(caught.value) == (
        "RecordingConfiguration 'Stack/RecordingConfiguration' has 1 invalid property:\n"
        "  - recording_configuration_name must have at most 128 characters, got 129 characters; "
        "shorten it by 1"
    )


@pytest.mark.parametrize(
    ("window", "seconds"),
    [
        (cdk.Duration.seconds(0), 0),
        (cdk.Duration.seconds(1), 1),
        (cdk.Duration.millis(2000), 2),
        (cdk.Duration.seconds(60), 60),
        (cdk.Duration.seconds(300), 300),
        (cdk.Duration.minutes(5), 300),
    ],
    ids=["0s", "1s", "2000ms", "60s", "300s", "5min"],
)
def test_recording_reconnect_window_is_set_in_seconds(
    stack: cdk.Stack, bucket: s3.IBucket, window: cdk.Duration, seconds: int
) -> None:
    ivs.RecordingConfiguration(
        stack, "RecordingConfiguration", bucket=bucket, recording_reconnect_window=window
    )

    found = properties(stack, "RecordingConfiguration")
    assert found["RecordingReconnectWindowSeconds"] == seconds


@pytest.mark.parametrize(
    ("window", "problem"),
    [
        (cdk.Duration.seconds(301), "0-300 seconds, got 301 seconds; shorten the window"),
        (cdk.Duration.minutes(6), "0-300 seconds, got 360 seconds; shorten the window"),
        (
            cdk.Duration.millis(1),
            "a whole number of seconds, got 1 milliseconds; round it",
        ),
        (
            cdk.Duration.millis(999),
            "a whole number of seconds, got 999 milliseconds; round it",
        ),
        (
            cdk.Duration.millis(1500),
            "a whole number of seconds, got 1500 milliseconds; round it",
        ),
    ],
    ids=["301s", "6min", "1ms", "999ms", "1500ms"],
)
def test_recording_reconnect_window_outside_the_limits_is_refused(
    stack: cdk.Stack, bucket: s3.IBucket, window: cdk.Duration, problem: str
) -> None:
    with pytest.raises(ivs.InvalidPropertyError) as caught:
        ivs.RecordingConfiguration(
            stack, "RecordingConfiguration", bucket=bucket, recording_reconnect_window=window
        )

    assert str(caught.value) == (
        "RecordingConfiguration 'Stack/RecordingConfiguration' has 1 invalid property:\n"
        f"  - recording_reconnect_window must be {problem}"
    )


@pytest.mark.parametrize(
    ("configuration", "expected"),
    [
        (ivs.RenditionConfiguration.all(), {"RenditionSelection": "ALL"}),
        (ivs.RenditionConfiguration.none(), {"RenditionSelection": "NONE"}),
        (
            ivs.RenditionConfiguration.custom([ivs.Resolution.HD, ivs.Resolution.SD]),
            {"RenditionSelection": "CUSTOM", "Renditions": ["HD", "SD"]},
        ),
        (
            ivs.RenditionConfiguration.custom(
                [
                    ivs.Resolution.LOWEST_RESOLUTION,
                    ivs.Resolution.FULL_HD,
                    ivs.Resolution.SD,
                    ivs.Resolution.HD,
                ]
            ),
            {
                "RenditionSelection": "CUSTOM",
                "Renditions": ["LOWEST_RESOLUTION", "FULL_HD", "SD", "HD"],
            },
        ),
    ],
    ids=["all", "none", "custom-two", "custom-four"],
)
def test_rendition_configuration_is_set(
    stack: cdk.Stack,
    bucket: s3.IBucket,
    configuration: ivs.RenditionConfiguration,
    expected: dict[str, Any],
) -> None:
    ivs.RecordingConfiguration(
        stack, "RecordingConfiguration", bucket=bucket, rendition_configuration=configuration
    )

    found = properties(stack, "RecordingConfiguration")
    assert found["RenditionConfiguration"] == expected


@pytest.mark.parametrize(
    ("configuration", "expected"),
    [
        (ivs.ThumbnailConfiguration.disable(), {"RecordingMode": "DISABLED"}),
        (ivs.ThumbnailConfiguration.interval(), {"RecordingMode": "INTERVAL"}),
        (
            ivs.ThumbnailConfiguration.interval(ivs.Resolution.SD),
            {"RecordingMode": "INTERVAL", "Resolution": "SD"},
        ),
        (
            ivs.ThumbnailConfiguration.interval(storage=[ivs.Storage.LATEST]),
            {"RecordingMode": "INTERVAL", "Storage": ["LATEST"]},
        ),
        (
            ivs.ThumbnailConfiguration.interval(target_interval=cdk.Duration.seconds(1)),
            {"RecordingMode": "INTERVAL", "TargetIntervalSeconds": 1},
        ),
        (
            ivs.ThumbnailConfiguration.interval(target_interval=cdk.Duration.minutes(1)),
            {"RecordingMode": "INTERVAL", "TargetIntervalSeconds": 60},
        ),
        (
            ivs.ThumbnailConfiguration.interval(
                ivs.Resolution.HD,
                [ivs.Storage.LATEST, ivs.Storage.SEQUENTIAL],
                cdk.Duration.seconds(30),
            ),
            {
                "RecordingMode": "INTERVAL",
                "Resolution": "HD",
                "Storage": ["LATEST", "SEQUENTIAL"],
                "TargetIntervalSeconds": 30,
            },
        ),
    ],
    ids=["disable", "interval", "resolution", "storage", "1s", "1min", "everything"],
)
def test_thumbnail_configuration_is_set(
    stack: cdk.Stack,
    bucket: s3.IBucket,
    configuration: ivs.ThumbnailConfiguration,
    expected: dict[str, Any],
) -> None:
    ivs.RecordingConfiguration(
        stack, "RecordingConfiguration", bucket=bucket, thumbnail_configuration=configuration
    )

    found = properties(stack, "RecordingConfiguration")
    assert found["ThumbnailConfiguration"] == expected


@pytest.mark.parametrize(
    ("interval", "problem"),
    [
        (cdk.Duration.seconds(0), "1-60 seconds, got 0 seconds; lengthen the interval"),
        (cdk.Duration.seconds(61), "1-60 seconds, got 61 seconds; shorten the interval"),
        (cdk.Duration.minutes(2), "1-60 seconds, got 120 seconds; shorten the interval"),
        (
            cdk.Duration.millis(999),
            "a whole number of seconds, got 999 milliseconds; round it",
        ),
        (
            cdk.Duration.millis(1500),
            "a whole number of seconds, got 1500 milliseconds; round it",
        ),
    ],
    ids=["0s", "61s", "2min", "999ms", "1500ms"],
)
def test_thumbnail_interval_outside_the_limits_is_refused(
    interval: cdk.Duration, problem: str
) -> None:
    with pytest.raises(ivs.InvalidPropertyError) as caught:
        ivs.ThumbnailConfiguration.interval(target_interval=interval)

    assert str(caught.value) == (
        f"ThumbnailConfiguration has 1 invalid property:\n  - target_interval must be {problem}"
    )


def test_rendition_configuration_tells_what_it_was_given() -> None:
    configuration = ivs.RenditionConfiguration.custom([ivs.Resolution.HD])

    assert configuration.rendition_selection is ivs.RenditionSelection.CUSTOM
    assert configuration.renditions == [ivs.Resolution.HD]


def test_rendition_configuration_without_a_list_has_no_renditions() -> None:
    assert ivs.RenditionConfiguration.all().renditions is None
    assert ivs.RenditionConfiguration.none().renditions is None


def test_thumbnail_configuration_tells_what_it_was_given() -> None:
    configuration = ivs.ThumbnailConfiguration.interval(
        ivs.Resolution.HD, [ivs.Storage.LATEST], cdk.Duration.seconds(30)
    )

    assert configuration.recording_mode is ivs.RecordingMode.INTERVAL
    assert configuration.resolution is ivs.Resolution.HD
    assert configuration.storage == [ivs.Storage.LATEST]
    assert configuration.target_interval is not None
    assert configuration.target_interval.to_seconds() == 30


def test_disabled_thumbnails_have_no_settings() -> None:
    configuration = ivs.ThumbnailConfiguration.disable()

    assert configuration.recording_mode is ivs.RecordingMode.DISABLED
    assert configuration.resolution is None
    assert configuration.storage is None
    assert configuration.target_interval is None


def test_recording_configuration_arn_refers_to_the_resource(
    stack: cdk.Stack, bucket: s3.IBucket
) -> None:
    recording = ivs.RecordingConfiguration(stack, "RecordingConfiguration", bucket=bucket)

    assert stack.resolve(recording.recording_configuration_arn) == get_att(recording, "Arn")


def test_recording_configuration_id_is_the_last_part_of_the_arn(
    stack: cdk.Stack, bucket: s3.IBucket
) -> None:
    recording = ivs.RecordingConfiguration(stack, "RecordingConfiguration", bucket=bucket)

    assert stack.resolve(recording.recording_configuration_id) == {
        "Fn::Select": [1, {"Fn::Split": ["/", get_att(recording, "Arn")]}]
    }


def test_recording_configuration_imported_by_arn_tells_arn_and_id(stack: cdk.Stack) -> None:
    recording = ivs.RecordingConfiguration.from_arn(stack, "Imported", RECORDING_ARN)

    assert recording.recording_configuration_arn == RECORDING_ARN
    assert recording.recording_configuration_id == "abcd1234"


def test_recording_configuration_imported_by_id_is_where_the_stack_is(
    stack: cdk.Stack,
) -> None:
    recording = ivs.RecordingConfiguration.from_recording_configuration_id(
        stack, "Imported", "abcd1234"
    )

    assert recording.recording_configuration_id == "abcd1234"
    assert stack.resolve(recording.recording_configuration_arn) == {
        "Fn::Join": [
            "",
            [
                "arn:",
                {"Ref": "AWS::Partition"},
                ":ivs:",
                {"Ref": "AWS::Region"},
                ":",
                {"Ref": "AWS::AccountId"},
                ":recording-configuration/abcd1234",
            ],
        ]
    }


def test_recording_configuration_id_may_be_known_only_at_deploy_time(stack: cdk.Stack) -> None:
    recording = ivs.RecordingConfiguration.from_recording_configuration_id(
        stack, "Imported", cdk.Fn.import_value("Id")
    )

    assert stack.resolve(recording.recording_configuration_id) == {"Fn::ImportValue": "Id"}


def test_recording_configuration_import_refuses_what_is_no_arn(stack: cdk.Stack) -> None:
    with pytest.raises(ivs.InvalidPropertyError) as caught:
        ivs.RecordingConfiguration.from_arn(stack, "Imported", "abcd1234")

    assert str(caught.value) == (
        "RecordingConfiguration 'Stack/Imported' has 1 invalid property:\n"
        "  - recording_configuration_arn must be "
        "arn:<partition>:ivs:<region>:<account>:recording-configuration/<id>, got 'abcd1234'; "
        "that is only the id, write the whole ARN"
    )


@pytest.mark.parametrize(
    ("name", "members"),
    [
        ("ChannelType", "STANDARD BASIC ADVANCED_SD ADVANCED_HD"),
        ("ContainerFormat", "TS FRAGMENTED_MP4"),
        ("LatencyMode", "LOW NORMAL"),
        ("MaximumResolution", "FULL_HD HD SD"),
        ("Policy", "ALLOW REQUIRE"),
        ("Preset", "CONSTRAINED_BANDWIDTH_DELIVERY HIGHER_BANDWIDTH_DELIVERY"),
        ("RecordingMode", "INTERVAL DISABLED"),
        ("RenditionSelection", "ALL NONE CUSTOM"),
        ("Resolution", "FULL_HD HD SD LOWEST_RESOLUTION"),
        ("Storage", "SEQUENTIAL LATEST"),
    ],
)
def test_enum_has_these_members(name: str, members: str) -> None:
    found = {member.name: member.value for member in getattr(ivs, name)}

    assert found == {member: member for member in members.split()}


def test_names_of_interfaces_annotate_what_is_defined_and_imported(
    stack: cdk.Stack, bucket: s3.IBucket
) -> None:
    channels: list[ivs.Channel] = [
        ivs.Channel(stack, "Channel"),
        ivs.Channel.from_channel_arn(stack, "ImportedChannel", CHANNEL_ARN),
    ]
    keys: list[ivs.StreamKey] = [channel.add_stream_key("StreamKey") for channel in channels]
    pairs: list[ivs.PlaybackKeyPair] = [
        ivs.PlaybackKeyPair(stack, "PlaybackKeyPair", public_key_material=P384)
    ]
    recordings: list[ivs.RecordingConfiguration] = [
        ivs.RecordingConfiguration(stack, "RecordingConfiguration", bucket=bucket),
        ivs.RecordingConfiguration.from_arn(stack, "ImportedRecording", RECORDING_ARN),
    ]

    arns = [
        *(channel.channel_arn for channel in channels),
        *(key.stream_key_arn for key in keys),
        *(pair.playback_key_pair_arn for pair in pairs),
        *(recording.recording_configuration_arn for recording in recordings),
    ]
    assert all(isinstance(arn, str) for arn in arns)


def test_every_resource_can_be_retained(stack: cdk.Stack, bucket: s3.IBucket) -> None:
    channel = ivs.Channel(stack, "Channel")
    resources: list[cdk.Resource] = [
        channel,
        channel.add_stream_key("StreamKey"),
        ivs.PlaybackKeyPair(stack, "PlaybackKeyPair", public_key_material=P384),
        ivs.RecordingConfiguration(stack, "RecordingConfiguration", bucket=bucket),
    ]
    for resource in resources:
        resource.apply_removal_policy(cdk.RemovalPolicy.RETAIN)

    template = Template.from_stack(stack).to_json()["Resources"].values()
    assert [resource["DeletionPolicy"] for resource in template] == ["Retain"] * 4
    assert [resource["UpdateReplacePolicy"] for resource in template] == ["Retain"] * 4


def test_tree_holds_the_python_objects(stack: cdk.Stack) -> None:
    channel = ivs.Channel(stack, "Channel")
    key = channel.add_stream_key("StreamKey")

    found = [node for node in stack.node.find_all() if isinstance(node, cdk.Resource)]
    assert found == [channel, key]


def test_recording_configuration_of_another_stack_is_referred_to(tmp_path: Path) -> None:
    app = cdk.App(outdir=str(tmp_path))
    first, second = cdk.Stack(app, "First"), cdk.Stack(app, "Second")
    bucket = s3.Bucket(first, "RecordingBucket")
    recording = ivs.RecordingConfiguration(first, "RecordingConfiguration", bucket=bucket)
    ivs.Channel(second, "Channel", recording_configuration=recording)

    exports = Template.from_stack(first).to_json()["Outputs"].values()
    names = [export["Export"]["Name"] for export in exports]
    assert [export["Value"] for export in exports] == [get_att(recording, "Arn")]
    assert properties(second, "Channel")["RecordingConfigurationArn"] == {
        "Fn::ImportValue": names[0]
    }
