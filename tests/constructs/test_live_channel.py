import inspect
from typing import Any

import aws_cdk as cdk
import pytest
from aws_cdk import aws_iam, aws_ivs, aws_kms, aws_s3
from syrupy.assertion import SnapshotAssertion

import ivs_constructs as ivs
from ivs_constructs.testing import Synthesized, synthesize
from tests.public_keys import SNAPSHOT_P384

ACCOUNT = "arn:aws:ivs:ap-south-1:123456789012"
PROVIDER = (
    "AWS::IAM::Policy",
    "AWS::IAM::Role",
    "AWS::Lambda::Function",
    "AWS::Logs::LogGroup",
)


def types(made: Synthesized) -> list[str]:
    return sorted(each["Type"] for each in made.template.get("Resources", {}).values())


def test_live_channel_minimal_is_public_and_recorded(
    stack: cdk.Stack, snapshot_json: SnapshotAssertion
) -> None:
    live = ivs.LiveChannel(stack, "Live")
    rendered = synthesize(stack)
    assert types(rendered) == [
        "AWS::IVS::Channel",
        "AWS::IVS::RecordingConfiguration",
        "AWS::IVS::StreamKey",
        "AWS::S3::Bucket",
        "AWS::S3::BucketPolicy",
        "AWS::SecretsManager::Secret",
    ]
    channel = rendered.one("AWS::IVS::Channel").properties
    assert "Authorized" not in channel
    assert channel["RecordingConfigurationArn"] == stack.resolve(
        live.recording_configuration.recording_configuration_ref.recording_configuration_arn
    )
    assert isinstance(live.bucket, ivs.RecordingBucket)
    assert rendered == snapshot_json


def test_live_channel_full(stack: cdk.Stack, snapshot_json: SnapshotAssertion) -> None:
    live = ivs.LiveChannel(
        stack,
        "Live",
        channel_name="talks",
        type=ivs.ChannelType.STANDARD,
        latency_mode=ivs.LatencyMode.LOW,
        insecure_ingest=False,
        multitrack_input_configuration={"maximum_resolution": "HD", "policy": "ALLOW"},
        private=True,
        public_key_material=SNAPSHOT_P384,
        recording=True,
        allowed_countries=["DE", "FR"],
        allowed_origins=["https://example.com"],
        enable_strict_origin_enforcement=True,
        failover_slate_configuration=ivs.FailoverSlateConfiguration(stack, "Slate"),
        in_use="WAIT",
        tags={"team": "video"},
    )
    rendered = synthesize(stack)
    assert [each for each in types(rendered) if each not in PROVIDER] == [
        "AWS::IVS::Channel",
        "AWS::IVS::PlaybackKeyPair",
        "AWS::IVS::PlaybackRestrictionPolicy",
        "AWS::IVS::RecordingConfiguration",
        "AWS::IVS::StreamKey",
        "AWS::S3::Bucket",
        "AWS::S3::BucketPolicy",
        "AWS::SecretsManager::Secret",
        "Custom::IVSChannelAssociations",
        "Custom::IVSFailoverSlateConfiguration",
    ]
    assert rendered.one("AWS::IVS::Channel").properties["Authorized"] is True
    given = rendered.one("Custom::IVSChannelAssociations").properties
    assert given["OnLive"] == "WAIT"
    assert given["PlaybackRestrictionPolicyArn"] == stack.resolve(
        live.restriction_policy.playback_restriction_policy_arn
    )
    assert rendered.one("AWS::IVS::PlaybackRestrictionPolicy").properties["AllowedCountries"] == [
        "DE",
        "FR",
    ]
    tagged = {
        resource["Type"]
        for resource in rendered.template["Resources"].values()
        if {"Key": "team", "Value": "video"} in resource["Properties"].get("Tags", [])
    }
    # The other resources are not the bundle's, or cannot have tags.
    assert tagged == {
        each
        for each in types(rendered)
        if each.startswith("AWS") and each not in (*PROVIDER, "AWS::S3::BucketPolicy")
    }
    assert live.key_pair.playback_key_pair_ref.playback_key_pair_arn
    assert live.restriction_policy.playback_restriction_policy_ref
    assert live.stream_key.secret.secret_arn
    assert rendered == snapshot_json


def test_live_channel_of_ready_parts(stack: cdk.Stack, snapshot_json: SnapshotAssertion) -> None:
    channel = ivs.Channel(stack, "Channel", authorized=True)
    key = channel.add_stream_key("StreamKey")
    policy = ivs.PlaybackRestrictionPolicy(stack, "Policy", allowed_countries=["DE"])
    pair = ivs.PlaybackKeyPair(stack, "KeyPair", public_key_material=SNAPSHOT_P384)
    live = ivs.LiveChannel(
        stack, "Live", channel=channel, stream_key=key, restriction_policy=policy, key_pair=pair
    )
    assert live.channel is channel
    assert live.stream_key is key
    assert live.restriction_policy is policy
    assert live.key_pair is pair
    assert [child.node.id for child in live.node.children] == ["Associations"]
    rendered = synthesize(stack)
    given = rendered.one("Custom::IVSChannelAssociations").properties
    assert given["ChannelArn"] == stack.resolve(channel.channel_arn)
    assert given["PlaybackRestrictionPolicyArn"] == stack.resolve(
        policy.playback_restriction_policy_arn
    )
    assert rendered == snapshot_json


@pytest.mark.parametrize("ready", [True, False])
def test_live_channel_passes_associations_on(stack: cdk.Stack, ready: bool) -> None:
    parts: dict[str, str] = {
        "PlaybackRestrictionPolicyArn": f"{ACCOUNT}:playback-restriction-policy/AbCd",
        "AdConfigurationArn": f"{ACCOUNT}:ad-configuration/AbCd",
        "FailoverSlateConfigurationArn": f"{ACCOUNT}:failover-slate-configuration/AbCd",
    }
    policy, ads, slate = parts.values()
    live = ivs.LiveChannel(
        stack,
        "Live",
        channel=ivs.Channel(stack, "Ready") if ready else None,
        restriction_policy=ivs.PlaybackRestrictionPolicy.from_playback_restriction_policy_arn(
            stack, "Policy", policy
        ),
        ad_configuration=ivs.AdConfiguration.from_ad_configuration_arn(stack, "Ads", ads),
        failover_slate_configuration=(
            ivs.FailoverSlateConfiguration.from_failover_slate_configuration_arn(
                stack, "Slate", slate
            )
        ),
        in_use=ivs.InUse.STOP,
    )
    given = synthesize(stack).one("Custom::IVSChannelAssociations").properties
    assert given == {
        **parts,
        "ChannelArn": stack.resolve(live.channel.channel_arn),
        "OnLive": "STOP",
        "ConstructPath": f"Stack/Live/{'' if ready else 'Channel/'}Associations",
        "ServiceTimeout": 900,
        "ServiceToken": given["ServiceToken"],
    }


def test_live_channel_takes_a_ready_recording_and_key_pair(stack: cdk.Stack) -> None:
    recording = ivs.RecordingConfiguration(stack, "Recording")
    pair = ivs.PlaybackKeyPair.from_playback_key_pair_arn(
        stack, "KeyPair", "arn:aws:ivs:us-east-1:123456789012:playback-key/AbCd"
    )
    live = ivs.LiveChannel(stack, "Live", recording=recording, key_pair=pair)
    assert live.recording_configuration is recording
    assert live.bucket is recording.bucket
    channel = synthesize(stack).one("AWS::IVS::Channel").properties
    assert channel["Authorized"] is True
    assert channel["RecordingConfigurationArn"] == stack.resolve(
        recording.recording_configuration_arn
    )


def test_live_channel_hands_out_level1_parts_as_its_own(stack: cdk.Stack) -> None:
    policy = aws_ivs.CfnPlaybackRestrictionPolicy(
        stack, "Policy", allowed_countries=["DE"], allowed_origins=[]
    )
    pair = aws_ivs.CfnPlaybackKeyPair(stack, "KeyPair", public_key_material=SNAPSHOT_P384)
    bucket = aws_s3.CfnBucket(stack, "Bucket")
    live = ivs.LiveChannel(stack, "Live", restriction_policy=policy, key_pair=pair, bucket=bucket)
    arns = [
        live.restriction_policy.playback_restriction_policy_arn,
        live.key_pair.playback_key_pair_arn,
    ]
    # What these two types are referred to by is their ARN.
    assert stack.resolve(arns) == [{"Ref": "Policy"}, {"Ref": "KeyPair"}]
    assert stack.resolve(live.bucket.bucket_name) == {"Ref": "Bucket"}
    live.bucket.grant_read(aws_iam.Role(stack, "Role", assumed_by=aws_iam.AccountRootPrincipal()))


def test_fails_when_the_secret_of_an_imported_key_is_read(stack: cdk.Stack) -> None:
    key = ivs.StreamKey.from_stream_key_arn(
        stack, "Key", "arn:aws:ivs:us-east-1:123456789012:stream-key/AbCd"
    )
    live = ivs.LiveChannel(stack, "Live", stream_key=key)
    with pytest.raises(ivs.UnknownAttributeError) as caught:
        _ = live.stream_key.secret
    assert str(caught.value) == (
        "secret of the imported StreamKey 'Stack/Key' is unknown; import the secret itself with "
        "aws_secretsmanager.Secret.from_secret_complete_arn(self, 'Secret', ...)"
    )


def test_fails_when_a_public_channel_gets_a_key(stack: cdk.Stack) -> None:
    channel = ivs.Channel(stack, "Channel")
    with pytest.raises(ivs.InvalidPropertyError) as caught:
        ivs.LiveChannel(stack, "Live", channel=channel, public_key_material=SNAPSHOT_P384)
    assert str(caught.value) == (
        "LiveChannel 'Stack/Live' has 1 invalid property:\n"
        "  - channel is public although public_key_material is given; pass authorized=True to that "
        "Channel"
    )


def test_live_channel_records_to_a_given_bucket(stack: cdk.Stack) -> None:
    bucket = aws_s3.Bucket.from_bucket_name(stack, "Archive", "example-archive")
    live = ivs.LiveChannel(stack, "Live", bucket=bucket)
    assert live.bucket is bucket
    rendered = synthesize(stack)
    recording = rendered.one("AWS::IVS::RecordingConfiguration").properties
    assert recording["DestinationConfiguration"] == {"S3": {"BucketName": "example-archive"}}
    assert "AWS::S3::Bucket" not in types(rendered)


def test_none_is_as_good_as_left_out(app: cdk.App) -> None:
    parameters = inspect.signature(ivs.LiveChannel).parameters.values()
    none: dict[str, Any] = {each.name: None for each in parameters if each.default is None}
    assert "stream_key" in none
    made = []
    for name, options in {"Given": none, "LeftOut": {}}.items():
        stack = cdk.Stack(cdk.Stage(app, name), "Stack")
        ivs.LiveChannel(stack, "Live", **options)
        made.append(types(synthesize(stack)))

    assert "AWS::IVS::StreamKey" in made[0]
    assert made[0] == made[1]


def test_live_channel_leaves_parts_out(stack: cdk.Stack, snapshot_json: SnapshotAssertion) -> None:
    ivs.LiveChannel(stack, "Live", recording=False, stream_key=False)
    rendered = synthesize(stack)
    assert types(rendered) == ["AWS::IVS::Channel"]
    assert rendered == snapshot_json


@pytest.mark.parametrize(
    ("part", "remedy"),
    [
        ("stream_key", "stream_key=True"),
        ("recording_configuration", "recording=True"),
        ("bucket", "recording=True"),
        ("restriction_policy", "allowed_countries or allowed_origins"),
        ("key_pair", "private=True"),
        ("signing_key", "private=True"),
        ("token_issuer", "token_issuer=True"),
    ],
)
def test_fails_when_a_part_that_was_left_out_is_read(
    stack: cdk.Stack, part: str, remedy: str
) -> None:
    live = ivs.LiveChannel(stack, "Live", recording=False, stream_key=False)
    with pytest.raises(ivs.UnknownAttributeError) as caught:
        getattr(live, part)
    path = f"{stack.node.path}/Live"
    assert str(caught.value) == f"LiveChannel '{path}' has no {part}; pass it {remedy}"


def test_live_channel_repr_shows_the_path(stack: cdk.Stack) -> None:
    live = ivs.LiveChannel(stack, "Live", recording=False, stream_key=False)
    assert repr(live) == f"<ivs_constructs.LiveChannel '{stack.node.path}/Live'>"


def test_private_channel_has_its_key_in_kms(
    stack: cdk.Stack, snapshot_json: SnapshotAssertion
) -> None:
    live = ivs.LiveChannel(stack, "Live", private=True, recording=False, stream_key=False)

    made = synthesize(stack)

    assert made == snapshot_json
    assert made.one("AWS::IVS::Channel").properties["Authorized"] is True
    key_id = next(k for k, r in made.template["Resources"].items() if r["Type"] == "AWS::KMS::Key")
    assert made.one("Custom::IVSSigningKey").properties["KeyArn"] == {"Fn::GetAtt": [key_id, "Arn"]}
    assert stack.resolve(live.signing_key.key_arn) == {"Fn::GetAtt": [key_id, "Arn"]}


def test_two_bundles_share_a_signing_key(stack: cdk.Stack) -> None:
    signing_key = ivs.TokenSigningKey(stack, "SigningKey")
    first = ivs.LiveChannel(stack, "First", signing_key=signing_key)
    second = ivs.LiveChannel(stack, "Second", key_pair=first.key_pair)

    made = types(synthesize(stack))

    assert first.signing_key is signing_key
    assert second.key_pair is first.key_pair
    assert [made.count(each) for each in ("AWS::KMS::Key", "AWS::IVS::PlaybackKeyPair")] == [1, 1]


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (
            {"public_key_material": SNAPSHOT_P384},
            "signing_key cannot be combined with public_key_material; pass one of the two",
        ),
        ({"private": False}, "private is False although signing_key is given; drop one of them"),
    ],
)
def test_signing_key_and_what_contradicts_it(
    stack: cdk.Stack, options: dict[str, Any], message: str
) -> None:
    signing_key = ivs.TokenSigningKey(stack, "SigningKey")
    with pytest.raises(ivs.InvalidPropertyError) as caught:
        ivs.LiveChannel(stack, "Live", signing_key=signing_key, **options)

    assert str(caught.value) == (f"LiveChannel 'Stack/Live' has 1 invalid property:\n  - {message}")


def test_kms_key_is_no_signing_key(stack: cdk.Stack) -> None:
    key = aws_kms.Key(stack, "Key")
    with pytest.raises(ivs.InvalidPropertyError) as caught:
        ivs.LiveChannel(stack, "Live", signing_key=key)  # type: ignore[arg-type]  # the mistake

    assert "write TokenSigningKey.from_key(self, 'SigningKey', ...) around it" in str(caught.value)


def test_token_issuer_signs_for_the_channel(stack: cdk.Stack) -> None:
    live = ivs.LiveChannel(stack, "Live", private=True, token_issuer=True, recording=False)

    made = types(synthesize(stack))

    assert made.count("AWS::KMS::Key") == 1
    assert made.count("AWS::Lambda::Function") == 2
    assert live.token_issuer.node.path == "Stack/Live/TokenIssuer"


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (
            {"token_issuer": True},
            "token_issuer requires a signing key in AWS KMS, got none; pass private=True alone, or "
            "signing_key",
        ),
        (
            {"token_issuer": True, "private": True, "public_key_material": SNAPSHOT_P384},
            "token_issuer requires a signing key in AWS KMS, got none; pass private=True alone, or "
            "signing_key",
        ),
        (
            {"token_issuer": "yes"},
            "token_issuer must be True, False or PlaybackTokenLimits, got 'yes'; write True, or "
            "PlaybackTokenLimits(...)",
        ),
    ],
)
def test_token_issuer_without_a_key_is_refused(
    stack: cdk.Stack, options: dict[str, Any], message: str
) -> None:
    with pytest.raises(ivs.InvalidPropertyError) as caught:
        ivs.LiveChannel(stack, "Live", **options)

    assert str(caught.value) == (f"LiveChannel 'Stack/Live' has 1 invalid property:\n  - {message}")


@pytest.mark.parametrize(
    ("name", "advice"),
    [
        ("playback_url", "use channel.playback_url"),
        ("channel_arn", "use channel.channel_arn"),
        ("grants", "use channel.grants"),
        ("on_stream_start", "use channel.on_stream_start"),
        ("secret", "use stream_key.secret"),
        ("bucket_arn", "use bucket.bucket_arn"),
    ],
)
def test_attribute_of_a_part_is_told(name: str, advice: str, stack: cdk.Stack) -> None:
    live = ivs.LiveChannel(stack, "Live")

    with pytest.raises(ivs.UnknownAttributeError) as caught:
        getattr(live, name)

    assert str(caught.value) == f"LiveChannel 'Stack/Live' has no {name}; {advice}"


def test_attribute_of_no_part_is_an_attribute_error(stack: cdk.Stack) -> None:
    live = ivs.LiveChannel(stack, "Live")

    with pytest.raises(AttributeError) as caught:
        _ = live.chanel  # type: ignore[attr-defined]  # the slip itself

    assert str(caught.value) == (
        "'LiveChannel' object has no attribute 'chanel'; did you mean 'channel'?"
    )
    # With `obj` too, Python would add a suggestion of its own.
    assert (caught.value.name, caught.value.obj) == ("chanel", None)
    assert not hasattr(live, "signing_key_arn")  # of a part that was left out


def test_bucket_as_recording_is_put_right(stack: cdk.Stack) -> None:
    bucket: Any = aws_s3.Bucket(stack, "Bucket")

    with pytest.raises(ivs.InvalidPropertyError) as caught:
        ivs.LiveChannel(stack, "Live", recording=bucket)

    assert [each.message for each in caught.value.failures] == [
        "recording must be True, False or a RecordingConfiguration, got a Bucket; pass a bucket as "
        "bucket"
    ]


def test_public_said_is_written(stack: cdk.Stack) -> None:
    ivs.LiveChannel(stack, "Live", private=False)

    channel = synthesize(stack).one("AWS::IVS::Channel").properties
    assert channel["Authorized"] is False
