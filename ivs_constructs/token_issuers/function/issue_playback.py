"""The code of the function that issues playback tokens."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import cast
from uuid import uuid4

from ivs_constructs.enums import MaximumResolution
from ivs_constructs.token_issuers.function.answering import answered
from ivs_constructs.token_issuers.function.deployed import settings_of
from ivs_constructs.token_issuers.function.issuing import (
    SECOND,
    Log,
    chosen,
    expiry,
    lifetime_of,
    signer_of,
    some_of,
    texts_in,
)
from ivs_constructs.token_issuers.function.messages import (
    PlaybackTokenRequest,
    PlaybackTokenResponse,
)
from ivs_constructs.token_issuers.function.settings import LONGEST_ORIGINS, PlaybackSettings
from ivs_constructs.tokens._check import Check
from ivs_constructs.tokens._ids import LONGEST_VIEWER_ID
from ivs_constructs.tokens._jws import sign
from ivs_constructs.tokens._origins import ALL, origin_problem
from ivs_constructs.tokens._playback import (
    LONGEST_WITH_VIEWER,
    MOST_STRICT_ORIGINS,
    PlaybackClaims,
)

# From low to high; a request may name the highest one allowed or a lower one.
_RESOLUTIONS = tuple(
    each.value for each in (MaximumResolution.SD, MaximumResolution.HD, MaximumResolution.FULL_HD)
)


def handler(event: object, context: object) -> object:
    """Issue a playback token.

    Args:
        event: A PlaybackTokenRequest, or an HTTP API's event for one of its routes.
        context: Lambda's facts about the invocation.

    Returns:
        A PlaybackTokenResponse or a RefusedResponse; for an HTTP API, its response.

    Raises:
        SettingsError: The function was not deployed by a PlaybackTokenIssuer.
        SigningError: AWS KMS refused, or could not be reached.
    """
    settings = settings_of(PlaybackSettings)
    log, now = Log("playback", context), datetime.now(UTC)

    def issue(fields: Mapping[str, object], check: Check) -> PlaybackTokenResponse | None:
        made = _playback_claims(check, settings, fields, now)
        if made is None:
            return None
        claims, url = made
        token = sign(claims, signer_of(settings.signing_key_arn, log), now=now)
        log.write("issued", resource=claims.channel_arn, seconds=claims.expires_in // SECOND)
        answer: PlaybackTokenResponse = {
            "token": token,
            "expiresAt": expiry(claims.expires_in, now),
        }
        if url is not None:
            answer["playbackUrl"] = f"{url}?token={token}"
        return answer

    return answered(event, context, log, PlaybackTokenRequest, "viewerId", issue)


def _playback_claims(
    check: Check, settings: PlaybackSettings, given: Mapping[str, object], now: datetime
) -> tuple[PlaybackClaims, str | None] | None:
    channel = chosen(check, "channelArn", given, settings.channels, "channel_arn")
    viewer = given.get("viewerId")
    if viewer is None and settings.require_viewer:
        check.fail(
            "viewerId",
            "required",
            "must name the viewer, got none; name one, or deploy the issuer with "
            "require_viewer=False",
        )
    elif viewer is not None:
        check.text("viewerId", viewer, minimum=1, maximum=LONGEST_VIEWER_ID)
    longest: float = settings.max_lifetime
    if viewer is not None or settings.single_use:
        longest = min(longest, LONGEST_WITH_VIEWER.total_seconds())
    lifetime = lifetime_of(check, given, longest)
    origins = _origins(check, given.get("origins"), settings)
    resolution = given.get("maximumResolution")
    if resolution is None:
        resolution = settings.maximum_resolution
    else:
        highest = settings.maximum_resolution or _RESOLUTIONS[-1]
        allowed = _RESOLUTIONS[: _RESOLUTIONS.index(highest) + 1]
        if resolution not in allowed:
            check.fail(
                "maximumResolution",
                "not-allowed",
                f"must be one of {', '.join(allowed)}, got something else",
            )
    if channel is None or check.failures:
        return None
    claims = PlaybackClaims(
        channel_arn=channel["channel_arn"],
        expires_in=lifetime,
        access_control_allow_origin=origins,
        strict_origin_enforcement=settings.strict_origin_enforcement,
        single_use_uuid=uuid4() if settings.single_use else None,
        viewer_id=cast("str | None", viewer),
        # Revoking a viewer's sessions up to a point in time then spares later tokens.
        viewer_session_version=None if viewer is None else int(now.timestamp()),
        maximum_resolution=cast("str | None", resolution),
    )
    return claims, channel.get("playback_url")


def _origins(check: Check, wanted: object, settings: PlaybackSettings) -> Sequence[str] | None:
    allowed = settings.allowed_origins
    if wanted is None:
        return allowed
    # Only an exact match certainly allows no more: AWS does not document how many labels a wildcard
    # covers.
    if allowed is not None and ALL not in allowed:
        return some_of(check, "origins", wanted, allowed)
    origins = texts_in(check, "origins", wanted)
    wrong = sum(origin_problem(each) is not None for each in origins)
    if wrong:
        check.fail(
            "origins",
            "origin",
            f"must hold origins scheme://host[:port] as browsers send them, got {wrong} other "
            f"text{'' if wrong == 1 else 's'}",
        )
    length = sum(map(len, origins))
    if length > LONGEST_ORIGINS:
        check.fail(
            "origins",
            "length",
            f"must have at most {LONGEST_ORIGINS} characters together, got {length}; drop some",
        )
    if settings.strict_origin_enforcement and len(origins) > MOST_STRICT_ORIGINS:
        check.fail(
            "origins",
            "items",
            f"must hold at most {MOST_STRICT_ORIGINS} origins, as the issuer enforces them "
            f"strictly, got {len(origins)}; drop some",
        )
    return origins
