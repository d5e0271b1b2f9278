"""What a message advises after a name that does not exist here."""

from __future__ import annotations

import importlib
from collections.abc import Callable
from typing import Any

import aws_cdk as cdk
import pytest
from aws_cdk import aws_s3

import ivs_constructs as ivs
from ivs_constructs._core import misnamed

# Type checkers find these slips too.
SLIPS: Any = ivs
POLICY = "write playback_restriction_policy=PlaybackRestrictionPolicy(self, 'Policy', "


@pytest.mark.parametrize(
    ("name", "argument", "advice"),
    [
        # From the AWS CDK's own bucket.
        (
            "RecordingBucket",
            "lifecycle_rules",
            "call add_lifecycle_rule(...) on it; expiration deletes recordings",
        ),
        ("RecordingBucket", "cors", "call add_cors_rule(...) on it"),
        (
            "RecordingBucket",
            "versioned",
            "define an aws_s3.Bucket with it, and pass that where a bucket is asked for",
        ),
        # From CloudFormation, boto3 and Terraform.
        ("RecordingConfiguration", "destinationConfiguration", "write bucket=..."),
        ("StorageConfiguration", "s3", "write bucket=..."),
        ("Channel", "recordingConfigurationArn", "did you mean 'recording_configuration'?"),
        ("Channel", "recording_configuration_arn", "did you mean 'recording_configuration'?"),
        ("Channel", "is_private", "write authorized=True"),
        ("Channel", "removal_policy", "call apply_removal_policy(...) on it"),
        (
            "Stage",
            "autoParticipantRecordingConfiguration",
            "did you mean 'auto_participant_recording'?",
        ),
        ("RecommendedAlarms", "action", "call add_alarm_action(actions.SnsAction(...)) on it"),
        # From the AWS CDK's other Stage.
        ("Stage", "env", "a group of stacks, as in a pipeline, is an aws_cdk.Stage"),
        # From other constructs of this library.
        ("ChannelFleet", "allowed_countries", f"{POLICY}allowed_countries=[...])"),
        ("ChannelFleet", "stream_key", "each channel has one: read it with the verb stream_key"),
        ("StageFleet", "capabilities", "did you mean 'token_capabilities'?"),
        (
            "LiveStage",
            "layout",
            "write compose=GridLayout(...) or compose=PipLayout(...)",
        ),
        # From nowhere.
        ("TokenSigningKey", "key_spec", "it takes alias, removal_policy"),
        ("LiveChannel", "zebra", "help(LiveChannel) lists its arguments"),
        # Values.
        ("Video", "fps", "write framerate=..."),
        ("GridLayout", "gridGap", "did you mean 'grid_gap'?"),
        ("JwtAuthorizer", "issuer_url", "did you mean 'issuer'?"),
        ("TokenRoute", "scope", "write scopes=[...]"),
        ("AutoParticipantRecording", "storage", "did you mean 'storage_configuration'?"),
        ("PlaybackTokenLimits", "lifetime", "did you mean 'max_lifetime'?"),
    ],
)
def test_argument(name: str, argument: str, advice: str) -> None:
    made: Any = getattr(ivs, name)
    with pytest.raises(TypeError) as error:
        made(**{argument: "x"})
    assert str(error.value) == (
        f"{name}.__init__() got an unexpected keyword argument '{argument}'; {advice}"
    )


@pytest.mark.parametrize(
    ("make", "problem", "example"),
    [
        (
            lambda: SLIPS.LiveChannel("L"),
            "missing a required argument: 'id'",
            "LiveChannel(self, 'Id', ...)",
        ),
        (
            lambda: SLIPS.StageFleet("L", "F"),
            "missing a required argument: 'max_size'",
            "StageFleet(self, 'Id', max_size=...)",
        ),
        (
            lambda: SLIPS.StreamKey("L", "F", "C"),
            "too many positional arguments",
            "StreamKey(self, 'Id', channel=...)",
        ),
        (
            lambda: SLIPS.Video(1280, 720),
            "too many positional arguments",
            "Video(width=...)",
        ),
        (
            lambda: SLIPS.JwtAuthorizer("https://login.example.com", ["a"]),
            "too many positional arguments",
            "JwtAuthorizer(issuer=..., audience=...)",
        ),
        (
            lambda: SLIPS.RenditionConfiguration.custom("HD", "SD"),
            "too many positional arguments",
            "RenditionConfiguration.custom(renditions=...)",
        ),
        (
            lambda: SLIPS.Channel.from_channel_attributes("S", "I", "arn:aws:ivs:…"),
            "too many positional arguments",
            "Channel.from_channel_attributes(self, 'Id', channel_arn=...)",
        ),
    ],
)
def test_place_of_arguments(make: Callable[[], object], problem: str, example: str) -> None:
    with pytest.raises(TypeError) as error:
        make()
    assert str(error.value).partition(" ")[2] == f"{problem}; write {example}"


@pytest.fixture(scope="module")
def made() -> dict[str, Any]:
    """One of each construct whose attributes are misnamed below."""
    stack = cdk.Stack(cdk.App(), "Stack")
    rooms = ivs.StageFleet(stack, "Rooms", max_size=3)
    return {
        "channel": ivs.Channel(stack, "Channel"),
        "stage": ivs.Stage(stack, "Stage"),
        "key": ivs.StreamKey(stack, "Key", channel=ivs.Channel(stack, "Keyed")),
        "rooms": rooms,
        "grants": rooms.grants,
        "account": ivs.AccountEvents(stack),
        "bundle": ivs.LiveStage(stack, "Bundle"),
        "Stage": ivs.Stage,
    }


@pytest.mark.parametrize(
    ("owner", "name", "advice"),
    [
        ("channel", "arn", "did you mean 'channel_arn'?"),
        ("channel", "attr_arn", "did you mean 'channel_arn'?"),
        ("channel", "attrPlaybackUrl", "did you mean 'playback_url'?"),
        ("channel", "grant_put_metadata", "to allow it, write grants.put_metadata(grantee)"),
        ("channel", "on_stream_started", "did you mean 'on_stream_start'?"),
        ("channel", "on_participant_published", "that is an event of a stage"),
        ("channel", "metric_concurrent_viewers", "did you mean 'metric_concurrent_views'?"),
        ("stage", "whip_url", "it has whip_endpoint"),
        (
            "stage",
            "create_participant_token",
            "to allow it, write grants.create_participant_token(grantee)",
        ),
        ("stage", "on_stream_start", "that is an event of a channel"),
        ("key", "secret_arn", "did you mean 'secret'?"),
        (
            "rooms",
            "acquire",
            "allow it with grants.acquire(grantee), and at run time call FleetClient(...).acquire",
        ),
        (
            "grants",
            "disconnect_participant",
            "for all members, write StageGrants.by_tag(fleet.tags).disconnect_participant(grantee)",
        ),
        (
            "grants",
            "invoke",
            "it has acquire, create, get, list, manage, release, reset_stream_key, stream_key, "
            "token, touch",
        ),
        ("account", "on_recording_ended", "did you mean 'on_recording_end'?"),
        ("bundle", "stages", "did you mean 'stage'?"),
        ("Stage", "from_arn", "it has from_stage_arn, from_stage_attributes"),
    ],
)
def test_attribute(made: dict[str, Any], owner: str, name: str, advice: str) -> None:
    with pytest.raises(AttributeError) as error:
        getattr(made[owner], name)
    assert str(error.value).endswith(f"has no attribute '{name}'; {advice}")


def test_attribute_that_nobody_reads_costs_no_search(
    made: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    def search(*_: object) -> str:
        raise AssertionError("the message was not read")

    monkeypatch.setattr(misnamed, "_advice", search)
    assert not hasattr(made["channel"], "stage_ref")


def test_property_that_raises_says_why(made: dict[str, Any]) -> None:
    # Python asks for an attribute again after a property has raised an AttributeError.
    with pytest.raises(ivs.UnknownAttributeError, match="pass it token_issuer=True"):
        _ = made["rooms"].signing_key


@pytest.mark.parametrize(
    ("name", "home"), [(name, home) for home, names in misnamed._HOMES.items() for name in names]
)
def test_name_of_another_module_is_there(name: str, home: str) -> None:
    assert hasattr(importlib.import_module(home), name)
    with pytest.raises(AttributeError) as error:
        getattr(ivs, name)
    assert str(error.value).endswith(f"; write from {home} import {name}")


def test_class_in_the_place_of_its_instance(stack: cdk.Stack) -> None:
    slip: Any = ivs.RecordingConfiguration
    with pytest.raises(ivs.InvalidPropertyError) as error:
        ivs.Channel(stack, "It", recording_configuration=slip)
    assert str(error.value).endswith(
        "got the class RecordingConfiguration; make an instance of it and pass that"
    )


def test_resource_of_another_app(stack: cdk.Stack) -> None:
    other = cdk.Stack(cdk.App(), "Other")
    channel = ivs.Channel(other, "Channel")
    with pytest.raises(ivs.InvalidPropertyError) as error:
        ivs.StreamKey(stack, "It", channel=channel)
    assert str(error.value).endswith(
        "channel must be in the same App as this construct, got one of another App; define both in "
        "one App, or import it by its ARN"
    )
    arn = "arn:aws:ivs:us-east-1:123456789012:channel/AbCdEfGhIjKl"
    # An import has only its ARN, which is the same everywhere.
    ivs.StreamKey(stack, "Imported", channel=ivs.Channel.from_channel_arn(other, "I", arn))


def test_bucket_of_the_cdk_takes_what_is_advised(stack: cdk.Stack) -> None:
    bucket = ivs.RecordingBucket(stack, "Bucket")
    bucket.add_lifecycle_rule(expiration=cdk.Duration.days(3))
    bucket.add_cors_rule(allowed_methods=[aws_s3.HttpMethods.GET], allowed_origins=["*"])
