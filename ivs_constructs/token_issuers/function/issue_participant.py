"""The code of the function that issues participant tokens."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import UTC, datetime
from typing import cast

from ivs_constructs.token_issuers.function.issuing import (
    SECOND,
    SOURCE,
    Log,
    chosen,
    expiry,
    fields_of,
    lifetime_of,
    refusal,
    settings_of,
    signer_of,
    some_of,
)
from ivs_constructs.token_issuers.function.messages import (
    ParticipantTokenRequest,
    ParticipantTokenResponse,
    RefusedResponse,
)
from ivs_constructs.token_issuers.function.settings import ParticipantSettings
from ivs_constructs.tokens._check import Check
from ivs_constructs.tokens._jws import sign
from ivs_constructs.tokens._participant import (
    LARGEST_ATTRIBUTES,
    LONGEST_USER_ID,
    Capability,
    ParticipantClaims,
)


def handler(event: object, context: object) -> ParticipantTokenResponse | RefusedResponse:
    """Issue a participant token.

    Args:
        event: A ParticipantTokenRequest.
        context: What Lambda tells of the invocation.

    Raises:
        SettingsError: The function was not deployed by a ParticipantTokenIssuer.
        SigningError: AWS KMS refused, or could not be reached.
    """
    settings = settings_of(ParticipantSettings)
    log, check, now = Log("participant", context), Check("request", SOURCE), datetime.now(UTC)
    claims = _participant_claims(check, settings, fields_of(check, ParticipantTokenRequest, event))
    if claims is None:
        return refusal(check, log)
    signer = signer_of(settings.signing_key_arn, log)
    token = sign(claims, signer, public_key_arn=settings.public_key_arn, now=now)
    log.write("issued", resource=claims.stage_arn, seconds=claims.expires_in // SECOND)
    return {
        "token": token,
        "participantId": claims.participant_id,
        "expiresAt": expiry(claims.expires_in, now),
    }


def _participant_claims(
    check: Check, settings: ParticipantSettings, given: Mapping[str, object]
) -> ParticipantClaims | None:
    stage = chosen(check, "stageArn", given, settings.stages, "stage_arn")
    user, attributes = given.get("userId"), given.get("attributes")
    if user is not None:
        check.text("userId", user, maximum=LONGEST_USER_ID)
    if attributes is not None:
        check.string_map("attributes", attributes, LARGEST_ATTRIBUTES)
    lifetime = lifetime_of(check, given, settings.max_lifetime)
    capabilities: Collection[str] = settings.capabilities
    wanted = given.get("capabilities")
    if wanted is not None:
        # None at all is no way to ask for less: AWS does not say what such a token allows.
        capabilities = some_of(check, "capabilities", wanted, settings.capabilities)
    if stage is None or check.failures:
        return None
    return ParticipantClaims(
        **stage,
        expires_in=lifetime,
        user_id=cast("str | None", user),
        attributes=cast("Mapping[str, str] | None", attributes),
        capabilities=[Capability(each) for each in capabilities],
    )
