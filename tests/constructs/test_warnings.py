"""What is legal but risky: who is told, in which words, and who is not."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import aws_cdk as cdk
import pytest
from aws_cdk import aws_ivs, aws_ivs_alpha, aws_kms
from aws_cdk.interfaces import aws_ivs as references
from constructs import Construct, IConstruct

from ivs_constructs import (
    Channel,
    ChannelAssociations,
    FailoverSlateConfiguration,
    InvalidPropertyError,
    LiveChannel,
    MultitrackInputConfiguration,
    PlaybackKeyPair,
    PlaybackRestrictionPolicy,
    PlaybackTokenIssuer,
    RecordingConfiguration,
    RenditionConfiguration,
    RenditionSelection,
    Resolution,
    ThumbnailConfiguration,
    TokenSigningKey,
)
from tests.public_keys import P384

KEY_ARN = "arn:aws:ivs:us-east-1:111111111111:playback-key/AbCdEfGhIjKl"

Message = tuple[str, str, str]


def told(*stacks: cdk.Stack) -> list[Message]:
    """Level, construct and text of all messages in the stacks, as the app's synth writes them.

    Read from the assembly, as the CDK CLI does. The AWS CDK's own assertions synthesize a stage
    instead of the app, and the Python ones of aws-cdk-lib 2.224 cannot hand out messages.
    """
    messages: list[Message] = []
    for stack in stacks:
        app = stack.node.root
        assert isinstance(app, cdk.App)
        for path, entries in metadata_of(stack, Path(app.synth().directory)).items():
            for entry in entries:
                kind, _, level = entry["type"].rpartition(":")
                if kind == "aws:cdk" and level in ("error", "warning", "info"):
                    messages.append((level, path, entry["data"]))
    return messages


def metadata_of(stack: cdk.Stack, assembly: Path) -> dict[str, list[dict[str, Any]]]:
    for manifest in assembly.rglob("manifest.json"):
        artifact = json.loads(manifest.read_text())["artifacts"].get(stack.artifact_id)
        if artifact is not None:
            # Newer versions of the AWS CDK have a file for it, where there is any.
            apart = artifact.get("additionalMetadataFile")
            metadata: dict[str, list[dict[str, Any]]] = (
                json.loads(manifest.with_name(apart).read_text())
                if apart
                else artifact.get("metadata", {})
            )
            return metadata
    raise AssertionError(f"{assembly} has no stack {stack.artifact_id}")


def said(level: str, path: str, id: str, text: str) -> Message:
    return level, path, f"{text} [ack: ivs-constructs:{id}]"


INSECURE = (
    "insecure-ingest",
    "insecure_ingest opens RTMP without encryption and SRT without a passphrase; drop it unless an "
    "encoder cannot do RTMPS",
)
RENDITIONS = (
    "renditions-ignored",
    "a channel of type BASIC has one rendition, so the recording configuration's "
    "RenditionConfiguration.custom has no effect; drop it or change type",
)
THUMBNAILS = (
    "thumbnails-not-guaranteed",
    "thumbnails at the recording configuration's interval are not guaranteed for a channel of type "
    "BASIC or with multitrack input",
)
UNKEYED = (
    "private-without-key",
    "this channel is private (authorized) but the app neither defines nor imports a "
    "PlaybackKeyPair for its Region, and nobody can watch without one; define one, or import the "
    "account's existing one",
)
QUOTA = (
    "playback-key-quota",
    "this is playback key 4 of the app in its Region, and the quota is usually 3; one key serves "
    "many channels, so share a key or request a quota increase",
)


def flag() -> Any:  # noqa: ANN401 (the AWS CDK takes a token where the type says bool)
    return cdk.Fn.condition_if("Condition", True, False)


# nothing to tell


def test_plain_constructs_say_nothing(stack: cdk.Stack) -> None:
    Channel(stack, "Channel").add_stream_key("StreamKey")
    LiveChannel(stack, "Live")
    PlaybackRestrictionPolicy(stack, "Policy", allowed_countries=["DE"])
    PlaybackKeyPair(stack, "KeyPair", public_key_material=P384)

    assert told(stack) == []


def test_full_bundle_says_nothing(stack: cdk.Stack) -> None:
    LiveChannel(stack, "Live", public_key_material=P384, allowed_countries=["DE"])

    assert told(stack) == []


# insecure ingest


def test_insecure_ingest_is_warned_about(stack: cdk.Stack) -> None:
    Channel(stack, "Channel", insecure_ingest=True)

    assert told(stack) == [said("warning", "/Stack/Channel", *INSECURE)]


def test_insecure_ingest_of_the_bundle_is_warned_about_once(stack: cdk.Stack) -> None:
    LiveChannel(stack, "Live", insecure_ingest=True)

    assert told(stack) == [said("warning", "/Stack/Live/Channel", *INSECURE)]


def test_secure_ingest_is_not_warned_about(stack: cdk.Stack) -> None:
    Channel(stack, "One", insecure_ingest=False)
    Channel(stack, "Two", insecure_ingest=flag())

    assert told(stack) == []


def test_warning_can_be_acknowledged_by_its_id(stack: cdk.Stack) -> None:
    channel = Channel(stack, "Channel", insecure_ingest=True)
    cdk.Annotations.of(channel).acknowledge_warning("ivs-constructs:insecure-ingest")

    assert told(stack) == []


# recordings


def record(
    stack: cdk.Stack,
    *,
    renditions: RenditionConfiguration | None = None,
    thumbnails: ThumbnailConfiguration | None = None,
) -> RecordingConfiguration:
    return RecordingConfiguration(
        stack,
        "Recording",
        rendition_configuration=renditions,
        thumbnail_configuration=thumbnails,
    )


def test_renditions_of_a_basic_channel_are_warned_about(stack: cdk.Stack) -> None:
    recording = record(stack, renditions=RenditionConfiguration.custom([Resolution.HD]))

    Channel(stack, "Channel", type="BASIC", recording_configuration=recording)

    assert told(stack) == [said("warning", "/Stack/Channel", *RENDITIONS)]


def test_renditions_as_plain_text_are_warned_about(stack: cdk.Stack) -> None:
    recording = record(stack, renditions=RenditionConfiguration("CUSTOM", ["HD"]))

    Channel(stack, "Channel", type="BASIC", recording_configuration=recording)

    assert told(stack) == [said("warning", "/Stack/Channel", *RENDITIONS)]


def test_other_renditions_are_not_warned_about(stack: cdk.Stack) -> None:
    token = cdk.CfnParameter(stack, "Text").value_as_string
    group = Construct(stack, "Group")
    for number, renditions in enumerate(
        [
            None,
            RenditionConfiguration.all(),
            RenditionConfiguration.none(),
            RenditionConfiguration(token, ["HD"]),
        ]
    ):
        recording = RecordingConfiguration(
            group, f"Recording{number}", rendition_configuration=renditions
        )
        Channel(group, f"Basic{number}", type="BASIC", recording_configuration=recording)
    custom = record(stack, renditions=RenditionConfiguration.custom(["HD"]))
    for number, type_ in enumerate([None, "STANDARD", "ADVANCED_SD", token]):
        Channel(stack, f"Channel{number}", type=type_, recording_configuration=custom)
    imported = RecordingConfiguration.from_recording_configuration_id(stack, "Imported", "abc")
    Channel(stack, "Channel", type="BASIC", recording_configuration=imported)

    assert told(stack) == []


def test_thumbnails_of_a_basic_channel_are_noted(stack: cdk.Stack) -> None:
    recording = record(stack, thumbnails=ThumbnailConfiguration.interval())

    Channel(stack, "Channel", type="BASIC", recording_configuration=recording)

    assert told(stack) == [said("info", "/Stack/Channel", *THUMBNAILS)]


def test_thumbnails_with_multitrack_input_are_noted(stack: cdk.Stack) -> None:
    recording = record(stack, thumbnails=ThumbnailConfiguration.interval())

    Channel(
        stack,
        "Channel",
        recording_configuration=recording,
        multitrack_input_configuration={"maximum_resolution": "HD", "policy": "ALLOW"},
    )

    assert told(stack) == [said("info", "/Stack/Channel", *THUMBNAILS)]


def test_thumbnails_without_a_mode_are_noted(stack: cdk.Stack) -> None:
    # Amazon IVS takes INTERVAL where no mode is given.
    recording = record(
        stack, thumbnails=ThumbnailConfiguration(target_interval=cdk.Duration.seconds(10))
    )

    Channel(stack, "Channel", type="BASIC", recording_configuration=recording)

    assert told(stack) == [said("info", "/Stack/Channel", *THUMBNAILS)]


def test_other_thumbnails_are_not_noted(stack: cdk.Stack) -> None:
    off = MultitrackInputConfiguration(enabled=False)
    disabled = RecordingConfiguration(
        stack, "Disabled", thumbnail_configuration=ThumbnailConfiguration.disable()
    )
    Channel(stack, "One", type="BASIC", recording_configuration=disabled)
    interval = record(stack, thumbnails=ThumbnailConfiguration.interval())
    Channel(stack, "Two", recording_configuration=interval)
    Channel(stack, "Three", type="ADVANCED_HD", recording_configuration=interval)
    Channel(
        stack,
        "Four",
        recording_configuration=interval,
        multitrack_input_configuration=off,
    )
    plain = RecordingConfiguration(stack, "Plain")
    Channel(stack, "Five", type="BASIC", recording_configuration=plain)

    assert told(stack) == []


def test_renditions_and_thumbnails_are_told_together(stack: cdk.Stack) -> None:
    recording = record(
        stack,
        renditions=RenditionConfiguration(RenditionSelection.CUSTOM, [Resolution.SD]),
        thumbnails=ThumbnailConfiguration.interval(),
    )

    LiveChannel(stack, "Live", type="BASIC", recording=recording)

    assert told(stack) == [
        said("warning", "/Stack/Live/Channel", *RENDITIONS),
        said("info", "/Stack/Live/Channel", *THUMBNAILS),
    ]


# private channels


def test_private_channel_without_a_key_is_warned_about(stack: cdk.Stack) -> None:
    Channel(stack, "Channel", authorized=True)

    assert told(stack) == [said("warning", "/Stack/Channel", *UNKEYED)]


def test_every_private_channel_without_a_key_is_warned_about(
    app: cdk.App, stack: cdk.Stack
) -> None:
    other = cdk.Stack(app, "Other")
    Channel(stack, "One", authorized=True)
    Channel(stack, "Two", authorized=True)
    Channel(other, "Three", authorized=True)
    Channel(other, "Public")

    assert told(stack, other) == [
        said("warning", "/Stack/One", *UNKEYED),
        said("warning", "/Stack/Two", *UNKEYED),
        said("warning", "/Other/Three", *UNKEYED),
    ]


def test_private_channel_is_warned_about_once_however_often_the_app_is_synthesized(
    app: cdk.App, stack: cdk.Stack
) -> None:
    Channel(stack, "Channel", authorized=True)
    app.synth()
    app.synth(force=True)

    assert told(stack) == [said("warning", "/Stack/Channel", *UNKEYED)]


def test_private_channel_in_a_stage_is_warned_about(app: cdk.App) -> None:
    # A stage is synthesized by itself, before the app around it.
    stack = cdk.Stack(cdk.Stage(app, "Stage"), "Stack")
    Channel(stack, "Channel", authorized=True)

    assert told(stack) == [said("warning", "/Stage/Stack/Channel", *UNKEYED)]


@pytest.mark.parametrize("authorized", [None, False, "token"])
def test_public_channel_is_not_warned_about(
    stack: cdk.Stack, authorized: bool | str | None
) -> None:
    given: Any = flag() if authorized == "token" else authorized

    Channel(stack, "Channel", authorized=given)

    assert told(stack) == []


def define_key(scope: Construct) -> IConstruct:
    return PlaybackKeyPair(scope, "KeyPair", public_key_material=P384)


def import_key(scope: Construct) -> IConstruct:
    imported: Any = PlaybackKeyPair.from_playback_key_pair_arn(scope, "KeyPair", KEY_ARN)
    key: IConstruct = imported
    return key


def define_level1_key(scope: Construct) -> IConstruct:
    return aws_ivs.CfnPlaybackKeyPair(scope, "KeyPair", public_key_material=P384)


@pytest.mark.parametrize("key", [define_key, import_key, define_level1_key])
@pytest.mark.parametrize("first", ["key", "channel"])
@pytest.mark.parametrize("place", ["same stack", "other stack", "stage"])
def test_private_channel_with_a_key_is_not_warned_about(
    app: cdk.App, stack: cdk.Stack, key: Callable[[Construct], IConstruct], first: str, place: str
) -> None:
    def scope() -> Construct:
        if place == "same stack":
            return stack
        return cdk.Stack(app if place == "other stack" else cdk.Stage(app, "Stage"), "Other")

    if first == "key":
        key(scope())
    Channel(stack, "Channel", authorized=True)
    if first == "channel":
        key(scope())

    assert told(stack) == []


def test_private_bundle_is_not_warned_about(stack: cdk.Stack) -> None:
    LiveChannel(stack, "One", public_key_material=P384)
    LiveChannel(stack, "Two", key_pair=define_level1_key(stack))  # type: ignore[arg-type]  # the L1 has the reference

    assert told(stack) == []


class ForeignKey:
    """A key pair as another library may hand it out: it has the AWS CDK's reference."""

    playback_key_pair_ref = references.PlaybackKeyPairReference(playback_key_pair_arn=KEY_ARN)


def test_private_bundle_with_a_foreign_key_is_not_warned_about(stack: cdk.Stack) -> None:
    # Whoever gives a key pair has one, even if this library has never seen its construct.
    key: Any = ForeignKey()

    LiveChannel(stack, "Live", private=True, key_pair=key)

    assert told(stack) == []


def test_key_of_another_app_is_no_help(stack: cdk.Stack) -> None:
    define_key(cdk.Stack(cdk.App(analytics_reporting=False), "Elsewhere"))
    Channel(stack, "Channel", authorized=True)

    assert told(stack) == [said("warning", "/Stack/Channel", *UNKEYED)]


# quota of playback keys


def keys(stack: cdk.Stack, count: int, prefix: str = "Key") -> None:
    for number in range(count):
        pem = cdk.CfnParameter(stack, f"{prefix}{number}Pem").value_as_string
        PlaybackKeyPair(stack, f"{prefix}{number}", public_key_material=pem)


def test_three_playback_keys_are_fine(stack: cdk.Stack) -> None:
    keys(stack, 3)

    assert told(stack) == []


def test_fourth_playback_key_is_warned_about(stack: cdk.Stack) -> None:
    keys(stack, 4)

    assert told(stack) == [said("warning", "/Stack/Key3", *QUOTA)]


def test_playback_keys_beyond_the_fourth_do_not_repeat_the_warning(stack: cdk.Stack) -> None:
    keys(stack, 6)

    assert told(stack) == [said("warning", "/Stack/Key3", *QUOTA)]


def test_playback_keys_are_counted_over_the_stacks_of_a_region(app: cdk.App) -> None:
    one, two, elsewhere = (
        cdk.Stack(app, name, env=cdk.Environment(region=region))
        for name, region in [("One", "us-east-1"), ("Two", "us-east-1"), ("Three", "eu-west-1")]
    )
    keys(one, 2)
    keys(elsewhere, 3)
    keys(two, 2)

    assert told(one, two, elsewhere) == [said("warning", "/Two/Key1", *QUOTA)]


def test_playback_keys_of_other_accounts_are_counted_apart(app: cdk.App) -> None:
    stacks = [
        cdk.Stack(app, name, env=cdk.Environment(account=account, region="us-east-1"))
        for name, account in [("One", "111111111111"), ("Two", "222222222222")]
    ]
    for stack in stacks:
        keys(stack, 3)

    assert told(*stacks) == []


def test_imported_playback_keys_do_not_count(stack: cdk.Stack) -> None:
    keys(stack, 3)
    import_key(stack)

    assert told(stack) == []


SAME_KEY = (
    "same-key-twice",
    "'{path}' has the same public key, and Amazon IVS imports a key only once per Region; share "
    "that key pair, one serves all private channels",
)


def test_same_key_twice_is_warned_about(stack: cdk.Stack) -> None:
    LiveChannel(stack, "One", public_key_material=P384, recording=False, stream_key=False)
    LiveChannel(stack, "Two", public_key_material=P384 + "\n", recording=False, stream_key=False)

    code, text = SAME_KEY
    assert told(stack) == [
        said("warning", "/Stack/Two/KeyPair", code, text.format(path="Stack/One/KeyPair"))
    ]


def test_same_key_in_two_regions_is_fine(app: cdk.App) -> None:
    stacks = [
        cdk.Stack(app, name, env=cdk.Environment(account="111111111111", region=region))
        for name, region in [("One", "us-east-1"), ("Two", "us-west-2")]
    ]
    for stack in stacks:
        PlaybackKeyPair(stack, "KeyPair", public_key_material=P384)

    assert told(*stacks) == []


def test_key_of_another_region_is_no_help(app: cdk.App) -> None:
    here, there = (
        cdk.Stack(app, name, env=cdk.Environment(account="111111111111", region=region))
        for name, region in [("Here", "us-east-1"), ("There", "us-west-2")]
    )
    Channel(here, "Channel", authorized=True)
    PlaybackKeyPair(there, "KeyPair", public_key_material=P384)

    assert told(here, there) == [said("warning", "/Here/Channel", *UNKEYED)]


# restriction policies


@pytest.mark.parametrize(
    ("prop", "what"), [("allowed_countries", "countries"), ("allowed_origins", "origins")]
)
def test_empty_list_that_allows_everything_is_warned_about(
    stack: cdk.Stack, prop: str, what: str
) -> None:
    lists: dict[str, Any] = {prop: []}
    PlaybackRestrictionPolicy(stack, "Policy", **lists)

    assert told(stack) == [
        said(
            "warning",
            "/Stack/Policy",
            f"all-{what}",
            f"{prop} is an empty list, which allows all {what}; name some, or drop it if all are "
            "meant",
        )
    ]


def test_associations_say_nothing(stack: cdk.Stack) -> None:
    policy = PlaybackRestrictionPolicy(stack, "Policy", allowed_countries=["DE"])
    slate = FailoverSlateConfiguration(stack, "Slate")
    Channel(stack, "Slated", failover_slate_configuration=slate)
    channel = Channel(stack, "Channel")

    ChannelAssociations(stack, "Associations", channel=channel, playback_restriction_policy=policy)

    assert told(stack) == []


def test_refused_constructs_leave_no_warning(stack: cdk.Stack) -> None:
    with pytest.raises(InvalidPropertyError):
        Channel(stack, "Channel", channel_name="!", insecure_ingest=True, authorized=True)

    assert told(stack) == []


ISSUER_KEY = (
    "no PlaybackKeyPair of the app in the channels' Region belongs to the key that signs here, so "
    "Amazon IVS refuses every token; define PlaybackKeyPair(self, 'KeyPair', signing_key=...) "
    "with the same TokenSigningKey"
)
ISSUER_WARNING = said("warning", "/Stack/Issuer", "issuer-key-unknown", ISSUER_KEY)


def issuer_warnings(stack: cdk.Stack) -> list[Message]:
    return [each for each in told(stack) if "issuer-key-unknown" in each[2]]


def issue(stack: cdk.Stack, key: TokenSigningKey | None = None) -> TokenSigningKey:
    """Define a private channel, and an issuer for it that signs with a key of its own."""
    key = key or TokenSigningKey(stack, "SigningKey")
    channel = Channel(stack, "Private", authorized=True)
    PlaybackTokenIssuer(stack, "Issuer", signing_key=key, channels=[channel])
    return key


@pytest.mark.parametrize(
    "define",
    [
        lambda _: None,
        lambda stack: PlaybackKeyPair(stack, "KeyPair", public_key_material=P384),
        lambda stack: PlaybackKeyPair(
            stack, "KeyPair", signing_key=TokenSigningKey(stack, "OtherKey")
        ),
        lambda stack: LiveChannel(stack, "Live", private=True, recording=False),
    ],
    ids=["none", "text", "other-key", "bundle"],
)
def test_issuer_whose_key_no_key_pair_is_of(
    stack: cdk.Stack, define: Callable[[cdk.Stack], object]
) -> None:
    issue(stack)
    define(stack)

    assert issuer_warnings(stack) == [ISSUER_WARNING]


def import_pair(stack: cdk.Stack, _: TokenSigningKey) -> None:
    PlaybackKeyPair.from_playback_key_pair_arn(stack, "KeyPair", KEY_ARN)


@pytest.mark.parametrize(
    "define",
    [
        lambda stack, key: PlaybackKeyPair(stack, "KeyPair", signing_key=key),
        lambda stack, key: PlaybackKeyPair(
            stack, "KeyPair", signing_key=TokenSigningKey.from_key(stack, "Same", key.key)
        ),
        lambda stack, key: PlaybackKeyPair(
            stack, "KeyPair", public_key_material=key.public_key_material
        ),
        lambda stack, key: LiveChannel(stack, "Live", signing_key=key, recording=False),
        import_pair,
        lambda stack, _: aws_ivs.CfnPlaybackKeyPair(stack, "Level1", public_key_material=P384),
        lambda stack, _: aws_ivs_alpha.PlaybackKeyPair(stack, "Alpha", public_key_material=P384),
        lambda stack, _: LiveChannel(
            stack,
            "Live",
            key_pair=aws_ivs.CfnPlaybackKeyPair(stack, "Level1", public_key_material=P384),
            recording=False,
        ),
    ],
    ids=["key", "same", "token", "bundle", "import", "level1", "alpha", "ready"],
)
def test_issuer_whose_key_a_key_pair_may_be_of(
    stack: cdk.Stack, define: Callable[[cdk.Stack, TokenSigningKey], object]
) -> None:
    define(stack, issue(stack))

    assert issuer_warnings(stack) == []


@pytest.mark.parametrize(
    "arn", ["arn:aws:kms:eu-west-1:123456789012:key/1a2b3c4d", cdk.Fn.import_value("Key")]
)
def test_issuer_of_an_imported_key_is_not_judged(stack: cdk.Stack, arn: str) -> None:
    key = aws_kms.Key.from_key_arn(stack, "Imported", arn)
    issue(stack, TokenSigningKey.from_key(stack, "SigningKey", key))

    assert issuer_warnings(stack) == []


def test_issuer_for_imported_channels_is_not_judged(stack: cdk.Stack) -> None:
    arn = "arn:aws:ivs:us-east-1:111111111111:channel/AbCdEfGhIjKl"
    PlaybackTokenIssuer(
        stack,
        "Issuer",
        signing_key=TokenSigningKey(stack, "SigningKey"),
        channels=[Channel.from_channel_arn(stack, "Imported", arn)],
    )

    assert issuer_warnings(stack) == []


@pytest.mark.parametrize(
    ("region", "other", "warned"),
    [
        ("us-east-1", "us-east-1", False),
        ("us-east-1", "eu-west-1", True),
        (None, None, False),
    ],
)
def test_key_pair_counts_where_the_channel_is(
    app: cdk.App, region: str | None, other: str | None, *, warned: bool
) -> None:
    stack, there = (
        cdk.Stack(
            app,
            id,
            env=cdk.Environment(region=each),
            cross_region_references=True if each else None,
        )
        for id, each in (("Stack", region), ("There", other))
    )
    key = issue(stack)
    # A key of another Region cannot be given to a key pair.
    PlaybackKeyPair(there, "KeyPair", signing_key=TokenSigningKey(there, "Own") if warned else key)

    assert issuer_warnings(stack) == ([ISSUER_WARNING] if warned else [])
