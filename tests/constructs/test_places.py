"""What a construct is given must be in the Region and account of its stack."""

from collections.abc import Callable
from typing import Any, cast

import aws_cdk as cdk
import pytest
from aws_cdk import aws_ivs, aws_ivs_alpha

from ivs_constructs import (
    AdConfiguration,
    AutoParticipantRecording,
    Channel,
    ChannelAssociations,
    FailoverSlateConfiguration,
    IngestConfiguration,
    InvalidPropertyError,
    LiveChannel,
    LiveStage,
    PlaybackKeyPair,
    PlaybackRestrictionPolicy,
    PlaybackTokenIssuer,
    RecordingConfiguration,
    Stage,
    StorageConfiguration,
    StreamKey,
    TokenSigningKey,
)

HERE = cdk.Environment(region="eu-west-1", account="111111111111")
THERE = "arn:aws:ivs:us-east-1:111111111111"

Make = Callable[[cdk.Stack], object]


@pytest.fixture
def here(app: cdk.App) -> cdk.Stack:
    return cdk.Stack(app, "Here", env=HERE)


def import_channel(stack: cdk.Stack, arn: str = f"{THERE}:channel/Found") -> Any:  # noqa: ANN401 (an import, whichever library's)
    return Channel.from_channel_arn(stack, "Channel", arn)


def import_policy(stack: cdk.Stack) -> Any:  # noqa: ANN401 (as above)
    importer = PlaybackRestrictionPolicy.from_playback_restriction_policy_arn
    return importer(stack, "Policy", f"{THERE}:playback-restriction-policy/Found")


def import_ads(stack: cdk.Stack) -> Any:  # noqa: ANN401 (as above)
    importer = AdConfiguration.from_ad_configuration_arn
    return importer(stack, "Ads", f"{THERE}:ad-configuration/Found")


def import_slate(stack: cdk.Stack) -> Any:  # noqa: ANN401 (as above)
    importer = FailoverSlateConfiguration.from_failover_slate_configuration_arn
    return importer(stack, "Slate", f"{THERE}:failover-slate-configuration/Found")


def import_recording(stack: cdk.Stack) -> Any:  # noqa: ANN401 (as above)
    arn = f"{THERE}:recording-configuration/Found"
    return RecordingConfiguration.from_arn(stack, "Recording", arn)


def import_key_pair(stack: cdk.Stack) -> Any:  # noqa: ANN401 (as above)
    arn = f"{THERE}:playback-key/Found"
    return PlaybackKeyPair.from_playback_key_pair_arn(stack, "KeyPair", arn)


def import_stream_key(stack: cdk.Stack) -> Any:  # noqa: ANN401 (as above)
    return StreamKey.from_stream_key_arn(stack, "Key", f"{THERE}:stream-key/Found")


def import_stage(stack: cdk.Stack) -> Any:  # noqa: ANN401 (as above)
    return Stage.from_stage_arn(stack, "Stage", f"{THERE}:stage/Found")


def record(stack: cdk.Stack) -> AutoParticipantRecording:
    importer = StorageConfiguration.from_storage_configuration_arn
    storage = importer(stack, "Storage", f"{THERE}:storage-configuration/Found")
    return AutoParticipantRecording(storage_configuration=storage)


@pytest.mark.parametrize(
    ("prop", "make"),
    [
        ("channel", lambda s: StreamKey(s, "It", channel=import_channel(s))),
        (
            "recording_configuration",
            lambda s: Channel(s, "It", recording_configuration=import_recording(s)),
        ),
        (
            "playback_restriction_policy",
            lambda s: Channel(s, "It", playback_restriction_policy=import_policy(s)),
        ),
        (
            "failover_slate_configuration",
            lambda s: Channel(s, "It", failover_slate_configuration=import_slate(s)),
        ),
        (
            "ad_configuration",
            lambda s: ChannelAssociations(
                s,
                "It",
                channel=import_channel(s, "arn:aws:ivs:eu-west-1:111111111111:channel/Found"),
                ad_configuration=import_ads(s),
            ),
        ),
        ("stage", lambda s: IngestConfiguration(s, "It", stage=import_stage(s))),
        ("storage_configuration", lambda s: Stage(s, "It", auto_participant_recording=record(s))),
        ("channel", lambda s: LiveChannel(s, "It", channel=import_channel(s))),
        ("recording", lambda s: LiveChannel(s, "It", recording=import_recording(s))),
        ("restriction_policy", lambda s: LiveChannel(s, "It", restriction_policy=import_policy(s))),
        ("key_pair", lambda s: LiveChannel(s, "It", key_pair=import_key_pair(s))),
        ("stream_key", lambda s: LiveChannel(s, "It", stream_key=import_stream_key(s))),
        ("stage", lambda s: LiveStage(s, "It", stage=import_stage(s))),
        ("recording.storage_configuration", lambda s: LiveStage(s, "It", recording=record(s))),
    ],
)
def test_import_from_elsewhere(here: cdk.Stack, prop: str, make: Make) -> None:
    with pytest.raises(InvalidPropertyError) as caught:
        make(here)

    assert [(each.code, each.message) for each in caught.value.failures] == [
        (
            "other-region",
            f"{prop} must be in the stack's Region eu-west-1, got one in us-east-1; Amazon IVS "
            "connects what is in one Region, so use one from there",
        )
    ]
    assert here.node.try_find_child("It") is None


@pytest.mark.parametrize(
    "define",
    [
        lambda s: Channel(s, "Channel"),
        lambda s: aws_ivs.CfnChannel(s, "Channel"),
        lambda s: aws_ivs_alpha.Channel(s, "Channel"),
    ],
    ids=["ours", "level1", "alpha"],
)
def test_construct_of_a_stack_elsewhere(
    app: cdk.App, here: cdk.Stack, define: Callable[[cdk.Stack], Any]
) -> None:
    env = cdk.Environment(region="us-east-1", account="222222222222")
    channel = define(cdk.Stack(app, "There", env=env))

    with pytest.raises(InvalidPropertyError) as caught:
        StreamKey(here, "Key", channel=channel)

    assert str(caught.value) == (
        "StreamKey 'Here/Key' has 2 invalid properties:\n"
        "  - channel must be in the stack's Region eu-west-1, got one in us-east-1; Amazon IVS "
        "connects what is in one Region, so use one from there\n"
        "  - channel must be in the stack's account 111111111111, got one in 222222222222; Amazon "
        "IVS connects what is in one account, so use one from there"
    )


@pytest.mark.parametrize(
    "env",
    [
        None,
        HERE,
        cdk.Environment(region="eu-west-1"),
        cdk.Environment(account="111111111111"),
    ],
    ids=["nowhere", "place", "region", "account"],
)
def test_construct_of_another_stack_in_the_same_place(
    app: cdk.App, here: cdk.Stack, env: cdk.Environment | None
) -> None:
    channel = Channel(cdk.Stack(app, "Other", env=env), "Channel")

    key = StreamKey(here, "Key", channel=channel)

    assert here.resolve(key.stream_key_arn)


@pytest.mark.parametrize(
    "arn",
    [
        cdk.Aws.NO_VALUE,
        f"arn:{cdk.Aws.PARTITION}:ivs:{cdk.Aws.REGION}:{cdk.Aws.ACCOUNT_ID}:channel/Found",
        f"arn:aws:ivs:eu-west-1:{cdk.Aws.ACCOUNT_ID}:channel/Found",
    ],
)
def test_import_whose_place_is_not_known(app: cdk.App, here: cdk.Stack, arn: str) -> None:
    # A token may stand for any Region, wherever it was imported.
    there = cdk.Stack(app, "There", env=cdk.Environment(region="us-east-1"))

    StreamKey(here, "Key", channel=import_channel(there, arn))


def test_place_that_is_known_within_an_arn_that_is_not(here: cdk.Stack) -> None:
    channel = import_channel(here, f"arn:aws:ivs:us-east-1:{cdk.Aws.ACCOUNT_ID}:channel/Found")

    with pytest.raises(InvalidPropertyError, match="got one in us-east-1"):
        StreamKey(here, "Key", channel=channel)


def test_what_a_stack_does_not_know_is_not_compared(app: cdk.App) -> None:
    stack = cdk.Stack(app, "Here", env=cdk.Environment(region="us-east-1"))

    StreamKey(stack, "Key", channel=import_channel(stack))


def test_stack_without_a_place_takes_what_is_anywhere(stack: cdk.Stack) -> None:
    StreamKey(stack, "Key", channel=import_channel(stack))


def test_issuer_may_sign_for_another_region(here: cdk.Stack) -> None:
    # A token says which channel it is for, and the key that verifies it is there, not here.
    issuer = PlaybackTokenIssuer(
        here,
        "Issuer",
        signing_key=TokenSigningKey(here, "SigningKey"),
        channels=[import_channel(here)],
    )

    assert issuer.function


def test_own_constructs_are_not_asked_where_they_are(
    here: cdk.Stack, monkeypatch: pytest.MonkeyPatch
) -> None:
    channel = Channel(here, "Channel")

    def asked(self: object) -> None:
        raise AssertionError(f"{self!r} was asked, which is a round trip to Node")

    monkeypatch.setattr(Channel, "env", property(asked), raising=False)

    StreamKey(here, "Key", channel=cast("Any", channel))
