"""What is fixed when a function that issues tokens is deployed.

The construct writes it into an environment variable as JSON, complete at synth: a value that is
known only at deploy time has a variable of its own, which the JSON names by its number. So no such
value can end a string and add members.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar, NotRequired, TypedDict

VARIABLE = "TOKEN_ISSUER"
"""The environment variable. Deploy-time values stand in TOKEN_ISSUER_1, TOKEN_ISSUER_2, ..."""

HTTP_VARIABLE = "TOKEN_ISSUER_HTTP"
"""The environment variable with the routes of HTTP APIs, which an issuer behind none lacks."""

EXCHANGE = "exchange"
"""The alias to invoke for an exchange: permissions are for aliases, as IAM sees no payload."""

VALUE = "value"
"""The member by which an object in the text stands for a deploy-time value, by its number."""

COUNT = "values"
"""The member that tells how many deploy-time values there are."""

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


class RouteSettings(TypedDict, total=False):
    """What a route of an HTTP API is for, by its key such as `POST /watch`.

    Attributes:
        claim: The claim of the JWT that names the person. Without it, callers sign by IAM.
        exchange: Whether it exchanges tokens.
    """

    claim: str
    exchange: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class PlaybackSettings:
    """What the function of a PlaybackTokenIssuer may sign.

    Attributes:
        signing_key_arn: The key in AWS KMS.
        max_lifetime: Seconds.
        channels: The channels.
        strict_origin_enforcement: Whether every token asks for that.
        single_use: Whether every token is worthless after its first use.
        require_viewer: Whether a request must name the viewer.
        allowed_origins: The origins of every token; None for all sites.
        maximum_resolution: The largest resolution, None for no limit.
    """

    construct: ClassVar[str] = "PlaybackTokenIssuer"

    signing_key_arn: str
    max_lifetime: int
    channels: Sequence[ChannelEntry]
    strict_origin_enforcement: bool
    single_use: bool
    require_viewer: bool = True
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
        exchange_capabilities: What an exchanged token may allow, None where none may be exchanged.
    """

    construct: ClassVar[str] = "ParticipantTokenIssuer"

    signing_key_arn: str
    max_lifetime: int
    public_key_arn: str
    stages: Sequence[StageEntry]
    capabilities: Sequence[str]
    exchange_capabilities: Sequence[str] | None = None


LONGEST_LIFETIME: dict[type, int] = {PlaybackSettings: 86_400, ParticipantSettings: 1_209_600}
"""Seconds: 24 hours, set by this library, and 14 days, set by Amazon IVS."""
