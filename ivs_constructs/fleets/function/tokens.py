"""The verb `token`: signs tokens for any member of the fleet.

A token's limits are fixed at deployment; a request can only ask for less. A member is not removed
as idle before its last token has expired.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any, cast

from ivs_constructs.errors import InvalidPropertyError
from ivs_constructs.fleets.function import aws, rows, verbs
from ivs_constructs.fleets.function.messages import Reply
from ivs_constructs.fleets.function.rows import Row
from ivs_constructs.fleets.function.steps import Steps, World
from ivs_constructs.tokens._jws import Signer, sign
from ivs_constructs.tokens._kms import KmsSigner
from ivs_constructs.tokens._participant import ParticipantClaims
from ivs_constructs.tokens._playback import PlaybackClaims

LONGEST_WITH_VIEWER = 600
"""The maximum lifetime of a playback token with a viewer id, in seconds.

See: https://docs.aws.amazon.com/ivs/latest/LowLatencyUserGuide/private-channels-generate-tokens.html
"""

_STAGE_FIELDS = ("userId", "attributes", "capabilities", "expiresInSeconds")
_CHANNEL_FIELDS = ("viewerId", "expiresInSeconds")

_NAMES = {
    "attributes": "attributes",
    "capabilities": "capabilities",
    "expires_in": "expiresInSeconds",
    "user_id": "userId",
    "viewer_id": "viewerId",
}
"""The fields of a request, by the names of the claims."""


def token(
    world: World, request: Mapping[str, object], signer: Signer | None = None
) -> Steps[Reply]:
    """Sign a token for the member of a key; counts as a use until the token expires.

    Raises:
        CallError: AWS KMS did not sign the token.
    """
    issuer = cast("Mapping[str, Any]", world.settings.issuer)
    stage = world.settings.kind == "stage"
    key = verbs.key_of(request, *(_STAGE_FIELDS if stage else _CHANNEL_FIELDS))
    longest = int(issuer["max_lifetime"])
    seconds = _seconds(request, longest if stage else min(longest, LONGEST_WITH_VIEWER))
    row = verbs.ready((yield from rows.touch(world, key)))
    now = datetime.fromtimestamp(world.now(), UTC)
    try:
        claims = (_participant if stage else _playback)(row, request, issuer, seconds)
    except InvalidPropertyError as error:
        first = error.failures[0]
        field = _NAMES.get(first.property, first.property)
        # The message could repeat what identifies a person.
        raise verbs.invalid(
            field, f"{field} is not one that Amazon IVS takes: {first.code}"
        ) from None
    # Before signing: a token that is not in the table could outlive its member.
    if not (yield from rows.expect_until(world, row, world.now() + seconds)):
        raise verbs.unknown()
    signer = signer or _kms_signer(issuer["signing_key_arn"])
    reply: Reply = {
        "arn": row.arn,
        "expiresAt": f"{now + timedelta(seconds=seconds):%Y-%m-%dT%H:%M:%SZ}",
    }
    if isinstance(claims, ParticipantClaims):
        text = sign(claims, signer, public_key_arn=issuer["public_key_arn"], now=now)
        return {**reply, "token": text, "participantId": claims.participant_id}
    text = sign(claims, signer, now=now)
    return {**reply, "token": text, "playbackUrl": f"{row.info['playbackUrl']}?token={text}"}


def _kms_signer(key_arn: str) -> Signer:
    """Return a signer that fails like every other call."""
    kms = KmsSigner(key_arn, aws.client_of("kms"))

    def signed(message: bytes) -> bytes:
        try:
            return kms(message)
        except Exception as error:
            # AWS's message names roles and keys, and callers may pass it on to browsers.
            raise aws.judge("Sign", error) from None

    return signed


def _participant(
    row: Row, request: Mapping[str, object], issuer: Mapping[str, Any], seconds: int
) -> ParticipantClaims:
    allowed = issuer["capabilities"]
    wanted = request.get("capabilities", allowed)
    given = cast("list[object]", wanted) if isinstance(wanted, list) else []
    if not given or not all(each in allowed for each in given):
        raise verbs.invalid("capabilities", f"capabilities must hold some of {', '.join(allowed)}")
    return ParticipantClaims(
        stage_arn=row.arn,
        events_url=row.info["events"],
        whip_url=row.info["whip"],
        expires_in=timedelta(seconds=seconds),
        user_id=cast("str | None", request.get("userId")),
        attributes=cast("Mapping[str, str] | None", request.get("attributes")),
        capabilities=cast("list[str]", wanted),
    )


def _playback(
    row: Row, request: Mapping[str, object], issuer: Mapping[str, Any], seconds: int
) -> PlaybackClaims:
    viewer = request.get("viewerId")
    if viewer is None:
        raise verbs.invalid(
            "viewerId", "viewerId must name the viewer, by whom the session can be revoked"
        )
    return PlaybackClaims(
        channel_arn=row.arn,
        expires_in=timedelta(seconds=seconds),
        viewer_id=cast("str", viewer),
        access_control_allow_origin=issuer.get("allowed_origins"),
        strict_origin_enforcement=issuer.get("strict_origin_enforcement", False),
        maximum_resolution=issuer.get("maximum_resolution"),
    )


def _seconds(request: Mapping[str, object], longest: int) -> int:
    wanted = request.get("expiresInSeconds", longest)
    if not isinstance(wanted, int) or isinstance(wanted, bool) or not 1 <= wanted <= longest:
        raise verbs.invalid(
            "expiresInSeconds", f"expiresInSeconds must be a whole number from 1 to {longest}"
        )
    return wanted
