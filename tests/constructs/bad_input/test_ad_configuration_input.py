"""What an ad configuration refuses, and where it exists."""

from __future__ import annotations

import aws_cdk as cdk
import pytest
from aws_cdk.interfaces import aws_ivs as references

from ivs_constructs import (
    AdConfiguration,
    PostRollConfiguration,
    ThumbnailConfiguration,
    UnsupportedError,
)
from tests.constructs.deploy_time import number_token, text_token
from tests.constructs.refusals import (
    ADS_ARN,
    API,
    defined,
    found,
    located,
    needs_ads,
    refused,
    rendered,
    report,
)

ADS = "media_tailor_playback_configurations"
ADS_SOURCE = f"{API}/API_CreateAdConfiguration.html"


@pytest.mark.parametrize(
    ("value", "message", "code"),
    [
        (None, "is required; give a value", "required"),
        ([], "must have at least 1 item, got none; add one", "items"),
        (
            [f"{ADS_ARN}{n}" for n in range(4)],
            "must have at most 3 items, got 4; drop 1",
            "items",
        ),
        (ADS_ARN, f"must be a list, got '{ADS_ARN}'; write ['{ADS_ARN}']", "type"),
        (5, "must be a list, got 5 (int)", "type"),
    ],
)
def test_ads_refuse_a_number_of_configurations(
    stack: cdk.Stack, value: object, message: str, code: str
) -> None:
    error = refused(AdConfiguration, stack, **{ADS: value})

    assert str(error) == report("AdConfiguration", f"{ADS} {message}")
    assert found(error) == [(ADS, code)]
    assert error.failures[0].source == ADS_SOURCE


@pytest.mark.parametrize(
    ("item", "code"),
    [
        (f"{ADS_ARN}_1", "pattern"),
        ("main", "pattern"),
        (ADS_ARN.replace("mediatailor", "ivs"), "pattern"),
        pytest.param(ADS_ARN + "x" * (129 - len(ADS_ARN)), "length", id="129 characters"),
        (5, "type"),
        (None, "type"),
        ({"playback_configuration_arn": ADS_ARN}, "type"),
    ],
)
def test_ads_refuse_a_configuration(stack: cdk.Stack, item: object, code: str) -> None:
    error = refused(AdConfiguration, stack, **{ADS: [item]})

    # By the argument's name: nobody wrote playback_configuration_arn.
    assert found(error) == [(ADS, code)]
    assert error.failures[0].message.startswith(f"{ADS} must ")


def test_ads_tell_the_form_of_an_arn(stack: cdk.Stack) -> None:
    message = refused(AdConfiguration, stack, **{ADS: [f"{ADS_ARN}_1"]}).failures[0].message

    assert message.endswith(
        "an ARN arn:aws:mediatailor:<region>:<account>:playbackConfiguration/<name> whose name "
        f"has only letters, digits and -, got '{ADS_ARN}_1'"
    )


@needs_ads
@pytest.mark.parametrize(
    "items",
    [
        [ADS_ARN],
        (f"{ADS_ARN}1", f"{ADS_ARN}2"),
        [f"{ADS_ARN}{n}" for n in range(3)],
        {ADS_ARN},
        [ADS_ARN + "x" * (128 - len(ADS_ARN))],
    ],
    ids=["1", "2", "3", "set", "long"],
)
def test_ads_accept_configurations(stack: cdk.Stack, items: object) -> None:
    defined(AdConfiguration, stack, **{ADS: items})


@needs_ads
def test_ads_render_edges_and_tokens(stack: cdk.Stack) -> None:
    text, number = text_token(stack), number_token(stack)

    defined(
        AdConfiguration,
        stack,
        media_tailor_playback_configurations=[ADS_ARN, text],
        post_roll_configuration=PostRollConfiguration(duration=cdk.Duration.seconds(number)),
    )

    assert rendered(stack, "AWS::IVS::AdConfiguration") == {
        "MediaTailorPlaybackConfigurations": [
            {"PlaybackConfigurationArn": ADS_ARN},
            {"PlaybackConfigurationArn": {"Ref": "Text"}},
        ],
        "PostRollConfiguration": {"DurationSeconds": {"Ref": "Number"}, "Enabled": True},
    }


@pytest.mark.parametrize(
    "value",
    [
        5,
        "30s",
        cdk.Duration.seconds(30),
        {"duration": cdk.Duration.seconds(30)},
        {"duration": cdk.Duration.seconds(30), "enabled": True},
        ThumbnailConfiguration.disable(),
    ],
    ids=["number", "text", "duration", "dict", "full dict", "thumbnails"],
)
def test_ads_refuse_another_thing_for_a_post_roll(stack: cdk.Stack, value: object) -> None:
    error = refused(AdConfiguration, stack, post_roll_configuration=value)

    assert found(error) == [("post_roll_configuration", "type")]
    assert error.failures[0].message.startswith(
        "post_roll_configuration must be a PostRollConfiguration, got "
    )


@pytest.mark.parametrize("region", ["ap-northeast-1", "ap-northeast-2", "eu-west-1"])
def test_ads_refuse_a_region_without_the_type(region: str) -> None:
    error = refused(AdConfiguration, located(region=region))

    assert str(error) == report(
        "AdConfiguration",
        f"CloudFormation has no AWS::IVS::AdConfiguration in {region}; deploy the stack in "
        "us-east-1, us-west-2, eu-central-1 or ap-south-1",
    )
    assert found(error) == [("region", "ads-region")]
    assert error.failures[0].source == ADS_SOURCE


@needs_ads
@pytest.mark.parametrize("region", ["us-east-1", "us-west-2", "eu-central-1", "ap-south-1"])
def test_ads_accept_the_other_regions(region: str) -> None:
    defined(AdConfiguration, located(region=region))


def test_ads_leave_nothing_behind_where_the_type_is_missing(
    stack: cdk.Stack, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delattr(references, "IAdConfigurationRef", raising=False)

    with pytest.raises(UnsupportedError) as caught:
        defined(AdConfiguration, stack)

    assert str(caught.value) == (
        "AdConfiguration needs a newer aws-cdk-lib, one that has aws_ivs.CfnAdConfiguration "
        "(2.274.0 or later); upgrade with: pip install --upgrade aws-cdk-lib"
    )
    assert stack.node.try_find_child("It") is None
