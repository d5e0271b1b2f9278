"""Defined and imported resources are of one class."""

from __future__ import annotations

from collections.abc import Callable

import aws_cdk as cdk
import pytest
from constructs import Construct

from ivs_constructs import (
    Channel,
    EncoderConfiguration,
    IngestConfiguration,
    PlaybackKeyPair,
    RecordingConfiguration,
    Stage,
    StorageConfiguration,
    StreamKey,
    UnknownAttributeError,
)
from ivs_constructs._core.resource import IvsResource

ARN = "arn:aws:ivs:us-east-1:123456789012"

Importer = Callable[[Construct, str, str], IvsResource]

IMPORTS: list[tuple[Importer, str]] = [
    (Channel.from_channel_arn, "channel"),
    (EncoderConfiguration.from_encoder_configuration_arn, "encoder-configuration"),
    (IngestConfiguration.from_ingest_configuration_arn, "ingest-configuration"),
    (PlaybackKeyPair.from_playback_key_pair_arn, "playback-key"),
    (RecordingConfiguration.from_arn, "recording-configuration"),
    (Stage.from_stage_arn, "stage"),
    (StorageConfiguration.from_storage_configuration_arn, "storage-configuration"),
    (StreamKey.from_stream_key_arn, "stream-key"),
]


class OwnChannel(Channel):
    """A subclass whose constructor an import must not run."""

    def __init__(self, scope: Construct, id: str, *, team: str) -> None:
        raise AssertionError(f"{scope} {id} {team}")


@pytest.mark.parametrize(("importer", "kind"), IMPORTS)
def test_import_is_of_the_class(importer: Importer, kind: str, stack: cdk.Stack) -> None:
    found = importer(stack, "Found", f"{ARN}:{kind}/AbCdEfGh1234")

    assert type(found) is getattr(importer, "__self__")  # noqa: B009 (mypy knows a callable only)
    assert found.is_imported


def test_definition_is_no_import(stack: cdk.Stack) -> None:
    assert not Channel(stack, "Channel").is_imported


def test_constructor_of_a_subclass_does_not_run(stack: cdk.Stack) -> None:
    found = OwnChannel.from_channel_arn(stack, "Found", f"{ARN}:channel/AbCdEfGh1234")

    assert type(found) is Channel


@pytest.mark.parametrize(
    ("importer", "kind", "name"),
    [
        (Channel.from_channel_arn, "channel", "channel_name"),
        (Channel.from_channel_arn, "channel", "type"),
        (Channel.from_channel_arn, "channel", "authorized"),
        (Channel.from_channel_arn, "channel", "container_format"),
        (Channel.from_channel_arn, "channel", "is_recorded"),
        (EncoderConfiguration.from_encoder_configuration_arn, "encoder-configuration", "video"),
        (IngestConfiguration.from_ingest_configuration_arn, "ingest-configuration", "secret"),
        (
            PlaybackKeyPair.from_playback_key_pair_arn,
            "playback-key",
            "playback_key_pair_fingerprint",
        ),
        (RecordingConfiguration.from_arn, "recording-configuration", "bucket"),
        (RecordingConfiguration.from_arn, "recording-configuration", "rendition_configuration"),
        (Stage.from_stage_arn, "stage", "active_session_id"),
        (Stage.from_stage_arn, "stage", "is_recorded"),
        (Stage.from_stage_arn, "stage", "whip_endpoint"),
        (StorageConfiguration.from_storage_configuration_arn, "storage-configuration", "bucket"),
        (StreamKey.from_stream_key_arn, "stream-key", "secret"),
    ],
)
def test_what_an_arn_does_not_tell_is_unknown(
    importer: Importer, kind: str, name: str, stack: cdk.Stack
) -> None:
    found = importer(stack, "Found", f"{ARN}:{kind}/AbCdEfGh1234")

    with pytest.raises(UnknownAttributeError, match=r"of the imported \w+ 'Stack/Found' is "):
        getattr(found, name)
    assert getattr(found, name, None) is None


def test_construct_keeps_what_was_given(stack: cdk.Stack) -> None:
    channel = Channel(stack, "Channel", type="BASIC", authorized=True)

    assert (channel.type, channel.authorized, channel.is_recorded) == ("BASIC", True, False)
