"""Immutable values that constructs take: groups of settings that belong together.

They are checked when they are made, so an error points at the line that wrote them.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, fields
from typing import TYPE_CHECKING, Any

from ivs_constructs._core.check import Check
from ivs_constructs.token_issuers._limits import (
    PARTICIPANT_SOURCE,
    PLAYBACK_SOURCE,
    participant_limits,
    playback_limits,
)

if TYPE_CHECKING:
    from aws_cdk import Duration

    from ivs_constructs.enums import MaximumResolution
    from ivs_constructs.tokens._participant import Capability


@dataclass(frozen=True, kw_only=True, slots=True)
class PlaybackTokenLimits:
    """What the tokens of a LiveChannel's issuer may allow: the arguments of PlaybackTokenIssuer.

    Attributes:
        max_lifetime: How long a token can be used to start playback at most, 1 second to 24 hours
            (set by this library); 10 minutes for one viewer or one use (set by IVS).
            Default: 5 minutes (set by this library).
        allowed_origins: Sites whose pages may play the channel, see PlaybackTokenIssuer.
            Default: all sites (set by IVS).
        enable_strict_origin_enforcement: Whether the origin is asked for with every request, and of
            every client. Default: False (set by IVS).
        maximum_resolution: The largest resolution that viewers get. Default: no limit (set by IVS).
        single_use: Whether a token is worth nothing after its first use. Default: False (set by
            IVS).
        require_viewer: Whether a request must name the viewer. Default: True (set by this
            library).

    Raises:
        InvalidPropertyError: If a value is not allowed.

    Example:
        >>> limits = PlaybackTokenLimits(maximum_resolution="HD", single_use=True)

    See: https://docs.aws.amazon.com/ivs/latest/LowLatencyUserGuide/private-channels-generate-tokens.html
    """

    max_lifetime: Duration | None = None
    allowed_origins: Sequence[str] | None = None
    enable_strict_origin_enforcement: bool | None = None
    maximum_resolution: MaximumResolution | str | None = None
    single_use: bool | None = None
    require_viewer: bool | None = None

    def __post_init__(self) -> None:
        check = Check(PLAYBACK_SOURCE)
        playback_limits(check, **arguments_of(self))
        check.raise_for("PlaybackTokenLimits")


@dataclass(frozen=True, kw_only=True, slots=True)
class ParticipantTokenLimits:
    """What the tokens of a LiveStage's issuer may allow: the arguments of ParticipantTokenIssuer.

    Attributes:
        max_lifetime: How long a token can be used to join at most, 1 second to 14 days.
            Default: 12 hours (set by this library, recommended by AWS).
        capabilities: What participants may be allowed. Default: PUBLISH and SUBSCRIBE (set by this
            library).
        exchange_capabilities: What a token that is issued in exchange may allow.
            Default: none is exchanged.

    Raises:
        InvalidPropertyError: If a value is not allowed.

    Example:
        >>> limits = ParticipantTokenLimits(capabilities=["SUBSCRIBE"])

    See: https://docs.aws.amazon.com/ivs/latest/RealTimeUserGuide/getting-started-distribute-tokens.html
    """

    max_lifetime: Duration | None = None
    capabilities: Collection[Capability | str] | None = None
    exchange_capabilities: Collection[Capability | str] | None = None

    def __post_init__(self) -> None:
        check = Check(PARTICIPANT_SOURCE)
        participant_limits(check, **arguments_of(self))
        check.raise_for("ParticipantTokenLimits")


def arguments_of(limits: PlaybackTokenLimits | ParticipantTokenLimits) -> dict[str, Any]:
    """Return limits as the arguments of an issuer."""
    return {each.name: getattr(limits, each.name) for each in fields(limits)}
