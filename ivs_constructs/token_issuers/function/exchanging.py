"""Reads a participant's current token, which is exchanged for another one.

Amazon IVS accepts a token in an exchange only if topic, resource, jti, whip_url and events_url are
the same as in the current one. All of them are copied from it, so it must have been signed here.

See: https://docs.aws.amazon.com/ivs/latest/RealTimeUserGuide/broadcast-mobile-token-exchange.html
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any, cast

from ivs_constructs.errors import IvsConstructsError
from ivs_constructs.token_issuers.function.issuing import Log, kms_client, signing_error
from ivs_constructs.token_issuers.function.settings import ParticipantSettings
from ivs_constructs.tokens._check import Check
from ivs_constructs.tokens._kms import digest_or_message
from ivs_constructs.tokens._participant import ParticipantClaims
from ivs_constructs.tokens._reading import PARTICIPANT, SignedParts, read, signed_parts
from ivs_constructs.tokens._signature import der_signature
from ivs_constructs.tokens._times import unix_time

LONGEST_TOKEN = 16_384
"""Characters. The longest issued token has fewer: 1 KB of attributes, up to six times as long in
JSON, two URLs of 2 KB, and a third more for base64."""

_SENTENCE = (
    "must be the participant's current token, signed by this issuer for one of its stages and not "
    "expired, got something else; request a new token and join with it"
)


def current_claims(
    check: Check,
    settings: ParticipantSettings,
    given: Mapping[str, object],
    log: Log,
    now: datetime,
) -> ParticipantClaims | None:
    """Read the current token, and check it against the request."""
    token = given.get("token")
    if token is None:
        check.fail("token", "required", "must be the participant's current token, got none")
        return None
    if check.text("token", token, minimum=1, maximum=LONGEST_TOKEN) is None:
        return None
    claims = _verified(settings, cast("str", token), log, now)
    if claims is None:
        # The same sentence for every failure, so that guessing tokens reveals nothing about them.
        check.fail("token", "not-allowed", _SENTENCE)
        return None
    for field, own in (("participantId", claims.participant_id), ("userId", claims.user_id)):
        if field in given and given[field] != own:
            check.fail(
                field, "not-allowed", "must be that of the current token, got something else"
            )
    return None if check.failures else claims


def _verified(
    settings: ParticipantSettings, token: str, log: Log, now: datetime
) -> ParticipantClaims | None:
    try:
        parts = signed_parts(token, ParticipantClaims, settings.public_key_arn)
        claims = cast(
            "ParticipantClaims", read(parts.payload, PARTICIPANT, unix_time(now, "verify"))
        )
    except IvsConstructsError:
        return None
    # Last, because only this check calls another service.
    if claims.stage_arn not in [each["stage_arn"] for each in settings.stages]:
        return None
    return claims if _is_signed(settings.signing_key_arn, parts, log) else None


def _is_signed(key_arn: str, parts: SignedParts, log: Log) -> bool:
    message, message_type = digest_or_message(parts.signed)
    try:
        answer: Mapping[str, Any] = kms_client().verify(
            KeyId=key_arn,
            Message=message,
            MessageType=message_type,
            Signature=der_signature(parts.signature),
            SigningAlgorithm="ECDSA_SHA_384",
        )
    except Exception as error:
        if type(error).__name__ == "KMSInvalidSignatureException":
            return False
        raise signing_error(error, log) from None
    return answer["SignatureValid"] is True
