"""The claims of playback tokens."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from typing import cast
from uuid import UUID

from ivs_constructs.enums import MaximumResolution
from ivs_constructs.tokens._check import Check
from ivs_constructs.tokens._claims import Claims
from ivs_constructs.tokens._ids import LONGEST_VIEWER_ID
from ivs_constructs.tokens._origins import origin_problem
from ivs_constructs.tokens._times import check_lifetime, unix_time

_GUIDE = "https://docs.aws.amazon.com/ivs/latest/LowLatencyUserGuide"
_SOURCE = f"{_GUIDE}/private-channels-generate-tokens.html"
_ADS = f"{_GUIDE}/server-side-ad-insertion.html"

LONGEST_WITH_VIEWER = timedelta(minutes=10)
"""The longest validity of a token for one viewer or one use."""

MOST_STRICT_ORIGINS = 5
LARGEST_VERSION = 2**63 - 1
LARGEST_ADS_PLAYER_PARAMS = 1000

CLAIM_NAMES = {
    "channel_arn": "aws:channel-arn",
    "access_control_allow_origin": "aws:access-control-allow-origin",
    "strict_origin_enforcement": "aws:strict-origin-enforcement",
    "single_use_uuid": "aws:single-use-uuid",
    "viewer_id": "aws:viewer-id",
    "viewer_session_version": "aws:viewer-session-version",
    "maximum_resolution": "aws:maximum-resolution",
    "ads_playback_config_name": "aws:ads-playback-config-name",
    "ads_opt_out": "aws:ads-opt-out",
    "ads_player_params": "aws:ads-player-params",
    "ads_reporting_mode": "aws:ads-reporting-mode",
}
"""The names in the token by those in `PlaybackClaims`; the expiry is `exp` there."""


class AdsReportingMode(StrEnum):
    """Who reports to the ad server how much of an ad was watched."""

    CLIENT = "CLIENT"
    """The player."""
    SERVER = "SERVER"
    """AWS Elemental MediaTailor. The service's default."""


@dataclass(frozen=True, kw_only=True, slots=True)
class PlaybackClaims(Claims):
    """What a playback token allows: starting to watch one private channel.

    Attributes:
        channel_arn: The channel.
        expires_in: How long the token can be used to start playback after it is signed; a viewer
            who is watching by then keeps watching. At least 1 second; at most 10 minutes with
            `viewer_id` or `single_use_uuid`. Fractions of a second are dropped. Default: 5 minutes
            (set by this library).
        access_control_allow_origin: Sites whose pages may play the channel, as origins
            `scheme://host[:port]`; the first label of the host may be `*`. It binds browsers only.
            Default: all sites (set by IVS).
        strict_origin_enforcement: Whether every request of every client must have an allowed
            origin, instead of only the first request. Allows at most 5 origins. Default: False (set
            by IVS).
        single_use_uuid: A new UUID, which makes the token valid for one use only. Default: none;
            the token can be used again until it expires.
        viewer_id: The viewer, 1-40 characters, needed to revoke the session; an id that does not
            identify the person. Default: none; the session cannot be revoked.
        viewer_session_version: A whole number from 0 to 2**63 - 1, such as the Unix time; you can
            revoke a viewer's sessions up to a version. Only with `viewer_id`.
            Default: 0 (set by IVS).
        maximum_resolution: The highest resolution that the viewer gets. Default: no limit.
        ads_playback_config_name: Which of the ad configuration's MediaTailor configurations serves
            the ads. Default: the first (set by IVS).
        ads_opt_out: Whether the viewer sees no ads. Default: False (set by IVS).
        ads_player_params: What MediaTailor fills in for `[player_params.<key>]`; at most 1000 bytes
            of UTF-8, keys and values together. Default: none.
        ads_reporting_mode: Who reports to the ad server how much of an ad was watched. Default:
            SERVER (set by IVS).

    Raises:
        InvalidPropertyError: If Amazon IVS would refuse a value or a combination of values.

    Example:
        >>> claims = PlaybackClaims(
        ...     channel_arn="arn:aws:ivs:eu-west-1:123456789012:channel/AbCdEfGh1234",
        ...     viewer_id="4f1c2a",
        ...     access_control_allow_origin=["https://*.example.com"],
        ...     maximum_resolution="HD",
        ... )

    See: https://docs.aws.amazon.com/ivs/latest/LowLatencyUserGuide/private-channels-generate-tokens.html
    """

    names_key = False

    channel_arn: str
    expires_in: timedelta = timedelta(minutes=5)
    access_control_allow_origin: Sequence[str] | None = None
    strict_origin_enforcement: bool = False
    single_use_uuid: UUID | str | None = None
    # What may identify a viewer stays out of logs.
    viewer_id: str | None = field(default=None, repr=False)
    viewer_session_version: int | None = None
    maximum_resolution: MaximumResolution | str | None = None
    ads_playback_config_name: str | None = None
    ads_opt_out: bool = False
    ads_player_params: Mapping[str, str] | None = field(default=None, repr=False)
    ads_reporting_mode: AdsReportingMode | str | None = None

    def __post_init__(self) -> None:
        check = Check("PlaybackClaims", _SOURCE)
        check.arn("channel_arn", self.channel_arn, "channel")
        self._check_lifetime(check)
        self._check_origins(check)
        self._check_use(check)
        self._check_viewer(check)
        if self.maximum_resolution is not None:
            check.choice("maximum_resolution", self.maximum_resolution, MaximumResolution)
        # The claims for ads have a page of their own.
        ads = Check("PlaybackClaims", _ADS, check.failures)
        if self.ads_playback_config_name is not None:
            ads.text("ads_playback_config_name", self.ads_playback_config_name, minimum=1)
        ads.boolean("ads_opt_out", self.ads_opt_out)
        if self.ads_player_params is not None:
            params = ads.string_map(
                "ads_player_params", self.ads_player_params, LARGEST_ADS_PLAYER_PARAMS
            )
            object.__setattr__(self, "ads_player_params", params or None)
        if self.ads_reporting_mode is not None:
            ads.choice("ads_reporting_mode", self.ads_reporting_mode, AdsReportingMode)
        check.raise_failures()

    def _check_lifetime(self, check: Check) -> None:
        limited = self.viewer_id is not None or self.single_use_uuid is not None
        lifetime = check_lifetime(
            check,
            self.expires_in,
            LONGEST_WITH_VIEWER if limited else None,
            condition=" with viewer_id or single_use_uuid",
        )
        object.__setattr__(self, "expires_in", lifetime)

    def _check_origins(self, check: Check) -> None:
        name = "access_control_allow_origin"
        check.boolean("strict_origin_enforcement", self.strict_origin_enforcement)
        given: object = self.access_control_allow_origin
        if given is None:
            if self.strict_origin_enforcement is True:
                check.fail(
                    "strict_origin_enforcement",
                    "strict-origins",
                    f"requires {name}, got none; name the origins or drop it",
                )
            return
        if not check.known(name, given):
            return
        if not isinstance(given, list | tuple):
            advice = "; put it in a list" if isinstance(given, str) else ""
            check.wrong_type(name, "a list of strings", given, advice)
            return
        origins = tuple(cast("Sequence[str]", given))
        if not origins:
            check.fail(name, "items", "must name an origin, got none; drop it if all are meant")
        for origin in origins:
            if check.holds_text(name, origin):
                problem = origin_problem(origin)
                if problem is not None:
                    check.fail(name, "origin", problem)
        if self.strict_origin_enforcement is True and len(origins) > MOST_STRICT_ORIGINS:
            check.fail(
                name,
                "strict-origins",
                f"must have at most {MOST_STRICT_ORIGINS} origins with strict_origin_enforcement, "
                f"got {len(origins)}; drop {len(origins) - MOST_STRICT_ORIGINS}, or write a "
                "wildcard",
            )
        object.__setattr__(self, name, origins)

    def _check_use(self, check: Check) -> None:
        given = self.single_use_uuid
        if isinstance(given, UUID):
            object.__setattr__(self, "single_use_uuid", str(given))
        elif given is not None and check.text("single_use_uuid", given) is not None:
            if re.fullmatch(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", given.lower()):
                object.__setattr__(self, "single_use_uuid", given.lower())
            else:
                check.fail(
                    "single_use_uuid",
                    "uuid",
                    "must be a UUID of 8-4-4-4-12 hexadecimal digits, got another text of "
                    f"{len(given)} characters; write uuid4()",
                )

    def _check_viewer(self, check: Check) -> None:
        if self.viewer_id is not None:
            check.text("viewer_id", self.viewer_id, minimum=1, maximum=LONGEST_VIEWER_ID)
        name, version = "viewer_session_version", cast("object", self.viewer_session_version)
        if version is None or not check.known(name, version):
            return
        if not isinstance(version, int) or isinstance(version, bool):
            check.wrong_type(name, "a whole number", version)
        elif not 0 <= version <= LARGEST_VERSION:
            size = "less than 0" if version < 0 else "a larger number"
            check.fail(name, "range", f"must be 0-{LARGEST_VERSION}, got {size}")
        if self.viewer_id is None:
            check.fail(
                name, "viewer-missing", "requires viewer_id, got none; name the viewer or drop it"
            )

    def payload(self, now: datetime | None = None) -> dict[str, object]:
        """Return the claims as the token contains them, by their names there.

        Args:
            now: When the token is made, with time zone. Default: the present.
        """
        claims = {claim: getattr(self, name) for name, claim in CLAIM_NAMES.items()}
        origins = self.access_control_allow_origin
        claims[CLAIM_NAMES["access_control_allow_origin"]] = ",".join(origins) if origins else None
        params = self.ads_player_params
        claims[CLAIM_NAMES["ads_player_params"]] = dict(params) if params else None
        expiry = unix_time(now, "PlaybackClaims") + self.expires_in // timedelta(seconds=1)
        # By identity: version 0 equals False but must be included.
        given = {
            name: each for name, each in claims.items() if each is not None and each is not False
        }
        return {**given, "exp": expiry}
