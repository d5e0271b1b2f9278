import aws_cdk as cdk
import pytest
from aws_cdk import aws_ivs
from aws_cdk.interfaces import aws_ivs as references
from syrupy.assertion import SnapshotAssertion

import ivs_constructs as ivs
from ivs_constructs.testing import synthesize
from tests.public_keys import SNAPSHOT_P384

MEDIA_TAILOR = "arn:aws:mediatailor:us-east-1:123456789012:playbackConfiguration/main"
ACCOUNT = "arn:aws:ivs:ap-south-1:123456789012"

needs_ad_configuration = pytest.mark.skipif(
    not hasattr(aws_ivs, "CfnAdConfiguration"),
    reason="aws-cdk-lib before 2.274 has no such type; what happens then has its own test",
)


def test_key_pair_minimal_has_no_name(stack: cdk.Stack, snapshot_json: SnapshotAssertion) -> None:
    ivs.PlaybackKeyPair(stack, "KeyPair", public_key_material=SNAPSHOT_P384)
    rendered = synthesize(stack)
    assert rendered.one("AWS::IVS::PlaybackKeyPair").properties == {
        "PublicKeyMaterial": SNAPSHOT_P384
    }
    assert rendered == snapshot_json


def test_key_pair_full(stack: cdk.Stack, snapshot_json: SnapshotAssertion) -> None:
    pair = ivs.PlaybackKeyPair(
        stack,
        "KeyPair",
        public_key_material=SNAPSHOT_P384,
        playback_key_pair_name="viewers",
        tags={"team": "video"},
    )
    cdk.CfnOutput(stack, "Fingerprint", value=pair.playback_key_pair_fingerprint)
    rendered = synthesize(stack)
    assert rendered.one("AWS::IVS::PlaybackKeyPair").properties == {
        "PublicKeyMaterial": SNAPSHOT_P384,
        "Name": "viewers",
        "Tags": [{"Key": "team", "Value": "video"}],
    }
    assert pair.playback_key_pair_ref.playback_key_pair_arn == pair.playback_key_pair_arn
    assert rendered == snapshot_json


def test_key_pair_tokens(stack: cdk.Stack, snapshot_json: SnapshotAssertion) -> None:
    ivs.PlaybackKeyPair(
        stack, "KeyPair", public_key_material=cdk.CfnParameter(stack, "Pem").value_as_string
    )
    rendered = synthesize(stack)
    assert rendered.one("AWS::IVS::PlaybackKeyPair").properties == {
        "PublicKeyMaterial": {"Ref": "Pem"}
    }
    assert rendered == snapshot_json


def test_key_pair_imported(stack: cdk.Stack) -> None:
    arn = f"{ACCOUNT}:playback-key/AbCd"
    pair = ivs.PlaybackKeyPair.from_playback_key_pair_arn(stack, "KeyPair", arn)
    assert pair.playback_key_pair_arn == arn
    assert pair.playback_key_pair_ref.playback_key_pair_arn == arn
    assert pair.env.region == "ap-south-1"


def test_policy_minimal(stack: cdk.Stack, snapshot_json: SnapshotAssertion) -> None:
    ivs.PlaybackRestrictionPolicy(stack, "Policy")
    rendered = synthesize(stack)
    assert rendered.one("AWS::IVS::PlaybackRestrictionPolicy").properties == {}
    assert rendered == snapshot_json


def test_policy_full(stack: cdk.Stack, snapshot_json: SnapshotAssertion) -> None:
    policy = ivs.PlaybackRestrictionPolicy(
        stack,
        "Policy",
        allowed_countries=["DE", "GB"],
        allowed_origins=["https://example.com", "http://localhost:3000"],
        enable_strict_origin_enforcement=True,
        playback_restriction_policy_name="europe",
        tags={"team": "video"},
    )
    cdk.CfnOutput(stack, "Arn", value=policy.playback_restriction_policy_arn)
    rendered = synthesize(stack)
    assert rendered.one("AWS::IVS::PlaybackRestrictionPolicy").properties == {
        "AllowedCountries": ["DE", "GB"],
        "AllowedOrigins": ["https://example.com", "http://localhost:3000"],
        "EnableStrictOriginEnforcement": True,
        "Name": "europe",
        "Tags": [{"Key": "team", "Value": "video"}],
    }
    reference = policy.playback_restriction_policy_ref
    assert reference.playback_restriction_policy_arn == policy.playback_restriction_policy_arn
    assert rendered == snapshot_json


def test_policy_tokens(stack: cdk.Stack, snapshot_json: SnapshotAssertion) -> None:
    country = cdk.CfnParameter(stack, "Country").value_as_string
    origins = cdk.CfnParameter(stack, "Origins", type="CommaDelimitedList").value_as_list
    ivs.PlaybackRestrictionPolicy(
        stack,
        "Policy",
        allowed_countries=["DE", country],
        allowed_origins=origins,
        enable_strict_origin_enforcement=True,
    )
    rendered = synthesize(stack)
    assert rendered.one("AWS::IVS::PlaybackRestrictionPolicy").properties == {
        "AllowedCountries": ["DE", {"Ref": "Country"}],
        "AllowedOrigins": {"Ref": "Origins"},
        "EnableStrictOriginEnforcement": True,
    }
    assert rendered == snapshot_json


def test_policy_imported(stack: cdk.Stack) -> None:
    arn = f"{ACCOUNT}:playback-restriction-policy/AbCd"
    policy = ivs.PlaybackRestrictionPolicy.from_playback_restriction_policy_arn(
        stack, "Policy", arn
    )
    assert policy.playback_restriction_policy_arn == arn
    assert policy.playback_restriction_policy_ref.playback_restriction_policy_arn == arn
    assert policy.env.account == "123456789012"


@needs_ad_configuration
def test_ads_minimal(stack: cdk.Stack, snapshot_json: SnapshotAssertion) -> None:
    ivs.AdConfiguration(stack, "Ads", media_tailor_playback_configurations=[MEDIA_TAILOR])
    rendered = synthesize(stack)
    assert rendered.one("AWS::IVS::AdConfiguration").properties == {
        "MediaTailorPlaybackConfigurations": [{"PlaybackConfigurationArn": MEDIA_TAILOR}]
    }
    assert rendered == snapshot_json


@needs_ad_configuration
def test_ads_full(stack: cdk.Stack, snapshot_json: SnapshotAssertion) -> None:
    from aws_cdk import aws_mediatailor

    level1 = aws_mediatailor.CfnPlaybackConfiguration(
        stack,
        "MediaTailor",
        name="other",
        ad_decision_server_url="https://ads.example.com",
        video_content_source_url="https://example.com",
    )
    ads = ivs.AdConfiguration(
        stack,
        "Ads",
        media_tailor_playback_configurations=[MEDIA_TAILOR, level1],
        post_roll_configuration=ivs.PostRollConfiguration(duration=cdk.Duration.minutes(5)),
        ad_configuration_name="breaks",
        tags={"team": "video"},
    )
    rendered = synthesize(stack)
    assert rendered.one("AWS::IVS::AdConfiguration").properties == {
        "MediaTailorPlaybackConfigurations": [
            {"PlaybackConfigurationArn": MEDIA_TAILOR},
            {
                "PlaybackConfigurationArn": stack.resolve(
                    level1.playback_configuration_ref.playback_configuration_arn
                )
            },
        ],
        "PostRollConfiguration": {"DurationSeconds": 300, "Enabled": True},
        "Name": "breaks",
        "Tags": [{"Key": "team", "Value": "video"}],
    }
    assert ads.ad_configuration_ref.ad_configuration_arn == ads.ad_configuration_arn
    assert rendered == snapshot_json


@needs_ad_configuration
def test_ads_tokens(stack: cdk.Stack, snapshot_json: SnapshotAssertion) -> None:
    ivs.AdConfiguration(
        stack,
        "Ads",
        media_tailor_playback_configurations=[cdk.CfnParameter(stack, "Arn").value_as_string],
        post_roll_configuration=ivs.PostRollConfiguration(
            duration=cdk.Duration.seconds(
                cdk.CfnParameter(stack, "Seconds", type="Number").value_as_number
            ),
            enabled=False,
        ),
    )
    rendered = synthesize(stack)
    assert rendered.one("AWS::IVS::AdConfiguration").properties == {
        "MediaTailorPlaybackConfigurations": [{"PlaybackConfigurationArn": {"Ref": "Arn"}}],
        "PostRollConfiguration": {"DurationSeconds": {"Ref": "Seconds"}, "Enabled": False},
    }
    assert rendered == snapshot_json


@needs_ad_configuration
def test_ads_imported(stack: cdk.Stack) -> None:
    arn = f"{ACCOUNT}:ad-configuration/AbCd"
    ads = ivs.AdConfiguration.from_ad_configuration_arn(stack, "Ads", arn)
    assert ads.ad_configuration_arn == arn
    assert ads.ad_configuration_ref.ad_configuration_arn == arn
    assert ads.env.region == "ap-south-1"


def test_fails_when_the_cdk_has_no_ad_configuration(
    stack: cdk.Stack, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delattr(references, "IAdConfigurationRef", raising=False)
    with pytest.raises(ivs.UnsupportedError) as caught:
        ivs.AdConfiguration(stack, "Ads", media_tailor_playback_configurations=[MEDIA_TAILOR])
    assert str(caught.value) == (
        "AdConfiguration needs a newer aws-cdk-lib, one that has aws_ivs.CfnAdConfiguration "
        "(2.274.0 or later); upgrade with: pip install --upgrade aws-cdk-lib"
    )
