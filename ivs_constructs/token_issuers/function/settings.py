"""What is fixed when a function that issues tokens is deployed.

The construct writes it into an environment variable as JSON, and the function reads it there.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar, NotRequired, TypedDict

VARIABLE = "TOKEN_ISSUER"
"""The environment variable."""

MOST_RESOURCES = 10
"""Channels or stages of one function. AWS Lambda takes 4 KB of environment variables, and each of
these needs about 200 bytes for its ARN and its addresses."""

LONGEST_ORIGINS = 1024
"""Characters of all origins together, for the same reason."""


class ChannelEntry(TypedDict):
    """A channel and, where it is known, its URL for players."""

    channel_arn: str
    playback_url: NotRequired[str]


class StageEntry(TypedDict):
    """A stage and what its tokens repeat of it."""

    stage_arn: str
    events_url: str
    whip_url: str


@dataclass(frozen=True, slots=True, kw_only=True)
class PlaybackSettings:
    """What the function of a PlaybackTokenIssuer may sign.

    Attributes:
        signing_key_arn: The key in AWS KMS.
        max_lifetime: Seconds.
        channels: The channels.
        strict_origin_enforcement: Whether every token asks for that.
        single_use: Whether every token is worthless after its first use.
        allowed_origins: The origins of every token; None for all sites.
        maximum_resolution: The largest resolution, None for no limit.
    """

    construct: ClassVar[str] = "PlaybackTokenIssuer"

    signing_key_arn: str
    max_lifetime: float
    channels: Sequence[ChannelEntry]
    strict_origin_enforcement: bool
    single_use: bool
    # The AWS CDK leaves None out of JSON.
    allowed_origins: Sequence[str] | None = None
    maximum_resolution: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ParticipantSettings:
    """What the function of a ParticipantTokenIssuer may sign.

    Attributes:
        signing_key_arn: The key in AWS KMS.
        max_lifetime: Seconds.
        public_key_arn: The public key that tokens name.
        stages: The stages.
        capabilities: What participants may be allowed.
    """

    construct: ClassVar[str] = "ParticipantTokenIssuer"

    signing_key_arn: str
    max_lifetime: float
    public_key_arn: str
    stages: Sequence[StageEntry]
    capabilities: Sequence[str]
