"""Closed sets of values. Every parameter that takes one also accepts the plain string."""

from __future__ import annotations

from enum import StrEnum


class ChannelType(StrEnum):
    """What a channel does with the input; determines the permitted resolution and bitrate.

    Input above the limit will probably end the stream at once.
    See: https://docs.aws.amazon.com/ivs/latest/LowLatencyUserGuide/streaming-config.html
    """

    STANDARD = "STANDARD"
    """Transcoded into several qualities. The service's default."""
    BASIC = "BASIC"
    """Delivered as it arrives, in one quality."""
    ADVANCED_SD = "ADVANCED_SD"
    """Transcoded into several qualities, up to SD (480p)."""
    ADVANCED_HD = "ADVANCED_HD"
    """Transcoded into several qualities, up to HD (720p)."""


class LatencyMode(StrEnum):
    """How far viewers are behind the broadcaster."""

    LOW = "LOW"
    """Near real time, for interaction with viewers. The service's default."""
    NORMAL = "NORMAL"
    """For broadcasts without interaction with viewers."""


class Preset(StrEnum):
    """The bitrates to which an ADVANCED_SD or ADVANCED_HD channel is transcoded."""

    HIGHER_BANDWIDTH_DELIVERY = "HIGHER_BANDWIDTH_DELIVERY"
    """More bits for each quality. The service's default for these two types."""
    CONSTRAINED_BANDWIDTH_DELIVERY = "CONSTRAINED_BANDWIDTH_DELIVERY"
    """Fewer bits for each quality, for viewers on slow connections."""


class ContainerFormat(StrEnum):
    """How the video is packaged for viewers."""

    TS = "TS"
    """MPEG-TS. The service's default."""
    FRAGMENTED_MP4 = "FRAGMENTED_MP4"
    """Fragmented MP4; multitrack input needs it, ad insertion cannot use it."""


class MaximumResolution(StrEnum):
    """Largest resolution that multitrack input may have."""

    FULL_HD = "FULL_HD"
    """1080p."""
    HD = "HD"
    """720p."""
    SD = "SD"
    """480p."""


class Policy(StrEnum):
    """Whether a broadcaster may or must send several tracks."""

    ALLOW = "ALLOW"
    """One track or several."""
    REQUIRE = "REQUIRE"
    """Several tracks only."""


class RecordingMode(StrEnum):
    """Whether thumbnails are made while a stream is recorded."""

    INTERVAL = "INTERVAL"
    """One thumbnail per interval."""
    DISABLED = "DISABLED"
    """No thumbnails."""


class RenditionSelection(StrEnum):
    """Which renditions of a stream are recorded."""

    ALL = "ALL"
    """Every available rendition. The service's default."""
    NONE = "NONE"
    """No video, for example to record thumbnails only."""
    CUSTOM = "CUSTOM"
    """The listed renditions."""


class Resolution(StrEnum):
    """Size of a rendition or of a thumbnail."""

    FULL_HD = "FULL_HD"
    """1080p."""
    HD = "HD"
    """720p."""
    SD = "SD"
    """480p."""
    LOWEST_RESOLUTION = "LOWEST_RESOLUTION"
    """The smallest rendition of the stream."""


class Storage(StrEnum):
    """How thumbnails are kept."""

    SEQUENTIAL = "SEQUENTIAL"
    """All of them, numbered. The service's default."""
    LATEST = "LATEST"
    """The newest only, always under the same key."""


class MediaType(StrEnum):
    """What is recorded of a stage's participants."""

    AUDIO_VIDEO = "AUDIO_VIDEO"
    """Sound and picture. The service's default."""
    AUDIO_ONLY = "AUDIO_ONLY"
    """Sound only."""
    NONE = "NONE"
    """Neither, for example when only thumbnails are wanted."""


class IngestProtocol(StrEnum):
    """How an encoder that speaks RTMP publishes to a stage."""

    RTMPS = "RTMPS"
    """Encrypted. This library's default."""
    RTMP = "RTMP"
    """Unencrypted; needs `insecure_ingest=True`."""


class Provisioning(StrEnum):
    """What realizes a resource: this library's custom resource, or CloudFormation's own type."""

    CUSTOM = "CUSTOM"
    """A custom resource with everything the API offers. This library's default."""
    CLOUDFORMATION = "CLOUDFORMATION"
    """CloudFormation's own resource type, which offers less."""


class InUse(StrEnum):
    """What a deployment does when a resource that it has to delete or change is in use.

    A channel is in use while it is live.
    """

    FAIL = "FAIL"
    """The deployment fails and says what uses the resource. This library's default."""
    WAIT = "WAIT"
    """The deployment waits up to 13 minutes until the resource is free, then fails."""
    STOP = "STOP"
    """The deployment stops what uses the resource: compositions end, participants are disconnected,
    a live stream ends; an encoder that reconnects is live again at once."""
