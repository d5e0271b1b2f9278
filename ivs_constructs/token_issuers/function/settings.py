"""Settings that are fixed when a function that issues tokens is deployed.

The construct writes it to an environment variable as JSON that is complete at synth. A deploy-time
value has its own variable, which the JSON refers to by number, so no such value can end a
string and add members.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar, NotRequired, TypedDict

VARIABLE = "TOKEN_ISSUER"
"""The environment variable. Deploy-time values are in TOKEN_ISSUER_1, TOKEN_ISSUER_2, ..."""

HTTP_VARIABLE = "TOKEN_ISSUER_HTTP"
"""The environment variable with the routes of HTTP APIs, if the issuer has any."""

EXCHANGE = "exchange"
"""The alias to invoke for an exchange: permissions are per alias, because IAM does not see
payloads."""

VALUE = "value"
"""The member of an object in the text that refers to a deploy-time value by number."""

COUNT = "values"
"""The member with the number of deploy-time values."""

MOST_RESOURCES = 10
"""The maximum number of channels or stages per function. AWS Lambda allows 4 KB of environment
variables, and each channel or stage needs about 200 bytes for its ARN and addresses."""

LONGEST_ORIGINS = 1024
"""The maximum number of characters in all origins, for the same reason."""


class ChannelEntry(TypedDict):
    """A channel and, if it is known, its URL for players."""

    channel_arn: str
    playback_url: NotRequired[str]


class StageEntry(TypedDict):
    """A stage and the endpoints that its tokens repeat."""

    stage_arn: str
    events_url: str
    whip_url: str


class RouteSettings(TypedDict, total=False):
    """The settings of an HTTP API's route; routes are stored by keys such as `POST /watch`.

    Attributes:
        claim: The claim of the JWT that names the person. Without it, callers sign with IAM
            credentials.
        exchange: Whether it exchanges tokens.
        key_claim: For a fleet: the claim of the JWT that contains the key.
        path_key: For a fleet: whether the path contains the key.
    """

    claim: str
    exchange: bool
    key_claim: str
    path_key: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class PlaybackSettings:
    """What a PlaybackTokenIssuer's function may sign.

    Attributes:
        signing_key_arn: The key in AWS KMS.
        max_lifetime: In seconds.
        channels: The channels.
        strict_origin_enforcement: Whether every token enforces its origins.
        single_use: Whether every token is valid for one use only.
        require_viewer: Whether a request must name the viewer.
        allowed_origins: The origins of every token; None for all sites.
        maximum_resolution: The maximum resolution; None for no limit.
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
    """What a ParticipantTokenIssuer's function may sign.

    Attributes:
        signing_key_arn: The key in AWS KMS.
        max_lifetime: In seconds.
        public_key_arn: The public key that tokens name.
        stages: The stages.
        capabilities: The capabilities that participants can get.
        exchange_capabilities: The capabilities in an exchange; None if there is no exchange.
    """

    construct: ClassVar[str] = "ParticipantTokenIssuer"

    signing_key_arn: str
    max_lifetime: int
    public_key_arn: str
    stages: Sequence[StageEntry]
    capabilities: Sequence[str]
    exchange_capabilities: Sequence[str] | None = None


LONGEST_LIFETIME: dict[type, int] = {PlaybackSettings: 86_400, ParticipantSettings: 1_209_600}
"""In seconds: 24 hours, set by this library, and 14 days, set by Amazon IVS."""
