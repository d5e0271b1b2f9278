"""The claims of participant tokens."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from typing import cast
from uuid import uuid4

from ivs_constructs.tokens._check import Check
from ivs_constructs.tokens._claims import TWELVE_HOURS, VERSION, Claims
from ivs_constructs.tokens._ids import LONGEST_USER_ID
from ivs_constructs.tokens._times import check_lifetime, unix_time

_SOURCE = "https://docs.aws.amazon.com/ivs/latest/RealTimeUserGuide/getting-started-distribute-tokens.html"

LONGEST = timedelta(days=14)
LARGEST_ATTRIBUTES = 1024


class Capability(StrEnum):
    """What a participant may do on a stage."""

    PUBLISH = "PUBLISH"
    """Send audio and video."""
    SUBSCRIBE = "SUBSCRIBE"
    """Receive the audio and video of others."""


CAPABILITY_NAMES = {
    Capability.PUBLISH: "allow_publish",
    Capability.SUBSCRIBE: "allow_subscribe",
}
"""The names of the capabilities in the token."""

OPERATION = "CreateParticipantToken"
"""The operation with which Amazon IVS makes such a token."""

OPERATION_NAMES = {"duration": "expires_in", "expirationTime": "expires_in"}
"""The claims that have other names in that operation."""


def stage_id(stage_arn: str) -> str:
    """Return the id of a stage, which the token repeats as `topic`."""
    return stage_arn.partition("/")[2]


@dataclass(frozen=True, kw_only=True, slots=True)
class ParticipantClaims(Claims):
    """What a participant token allows: joining one stage.

    Attributes:
        stage_arn: The stage.
        events_url: The stage's events endpoint, as GetStage returns it; it can be kept for 14 days.
        whip_url: The stage's WHIP endpoint, from GetStage as well.
        expires_in: How long the token can be used to join after it is signed: 1 second to 14 days.
            Fractions of a second are dropped. Default: 12 hours (set by this library,
            recommended by AWS).
        participant_id: The participant, a new id for each token: 1-64 letters A-Z and a-z, digits,
            - and _. DisconnectParticipant needs it. Default: a random UUID.
        user_id: Your own name for the participant, at most 128 characters; all participants see
            it. Default: none.
        attributes: More about the participant, at most 1 KB of UTF-8, keys and values together; all
            participants see it. Default: none.
        capabilities: What the participant may do. Default: PUBLISH and SUBSCRIBE.

    Raises:
        InvalidPropertyError: If Amazon IVS would refuse a value.

    Example:
        >>> claims = ParticipantClaims(
        ...     stage_arn="arn:aws:ivs:eu-west-1:123456789012:stage/AbCdEfGh1234",
        ...     events_url="wss://global.events.live-video.net",
        ...     whip_url="https://1a2b3c4d5e6f.global-bm.whip.live-video.net",
        ...     capabilities=[Capability.SUBSCRIBE],
        ... )

    See: https://docs.aws.amazon.com/ivs/latest/RealTimeUserGuide/getting-started-distribute-tokens.html
    """

    stage_arn: str
    events_url: str
    whip_url: str
    expires_in: timedelta = TWELVE_HOURS
    participant_id: str = field(default_factory=lambda: str(uuid4()))
    # What may identify a participant stays out of logs.
    user_id: str | None = field(default=None, repr=False)
    attributes: Mapping[str, str] | None = field(default=None, repr=False)
    capabilities: Collection[Capability | str] = tuple(Capability)

    def __post_init__(self) -> None:
        check = Check("ParticipantClaims", _SOURCE)
        check.arn("stage_arn", self.stage_arn, "stage")
        check.address("events_url", self.events_url, "wss")
        check.address("whip_url", self.whip_url, "https")
        lifetime = check_lifetime(check, self.expires_in, LONGEST)
        object.__setattr__(self, "expires_in", lifetime)
        check.identifier("participant_id", self.participant_id)
        if self.user_id is not None:
            check.text("user_id", self.user_id, maximum=LONGEST_USER_ID)
        if self.attributes is not None:
            attributes = check.string_map("attributes", self.attributes, LARGEST_ATTRIBUTES)
            object.__setattr__(self, "attributes", attributes or None)
        self._check_capabilities(check)
        check.raise_failures()

    def _check_capabilities(self, check: Check) -> None:
        given: object = self.capabilities
        if not check.known("capabilities", given):
            return
        if not isinstance(given, list | tuple | set | frozenset):
            advice = "; put it in a list" if isinstance(given, str) else ""
            check.wrong_type("capabilities", "a list of PUBLISH and SUBSCRIBE", given, advice)
            return
        capabilities = list(cast("Collection[object]", given))
        for capability in capabilities:
            check.choice("capabilities", capability, Capability, "hold")
        # Sorted and without duplicates, so that equal claims look and compare the same.
        ordered = tuple(each for each in Capability if each in capabilities)
        object.__setattr__(self, "capabilities", ordered)

    @property
    def key_region(self) -> str:
        """The Region of the stage."""
        return self.stage_arn.split(":")[3]

    def payload(self, now: datetime | None = None) -> dict[str, object]:
        """Return the claims as the token contains them, by their names there.

        Args:
            now: When the token is made, with time zone. Default: the present.
        """
        issued = unix_time(now, "ParticipantClaims")
        claims: dict[str, object] = {
            "exp": issued + self.expires_in // timedelta(seconds=1),
            "iat": issued,
            "jti": self.participant_id,
            "resource": self.stage_arn,
            "topic": stage_id(self.stage_arn),
            "events_url": self.events_url,
            "whip_url": self.whip_url,
            "capabilities": {
                name: True for each, name in CAPABILITY_NAMES.items() if each in self.capabilities
            },
            "version": VERSION,
        }
        if self.user_id is not None:
            claims["user_id"] = self.user_id
        if self.attributes is not None:
            claims["attributes"] = dict(self.attributes)
        return claims
