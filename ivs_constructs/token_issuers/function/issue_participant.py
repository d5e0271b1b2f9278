"""The code of the function that issues participant tokens."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import cast

from ivs_constructs.token_issuers.function.answering import answered, is_exchange
from ivs_constructs.token_issuers.function.deployed import settings_of
from ivs_constructs.token_issuers.function.issuing import (
    SECOND,
    Log,
    chosen,
    expiry,
    lifetime_of,
    signer_of,
    some_of,
)
from ivs_constructs.token_issuers.function.messages import (
    ParticipantTokenRequest,
    ParticipantTokenResponse,
    TokenExchangeRequest,
)
from ivs_constructs.token_issuers.function.settings import ParticipantSettings
from ivs_constructs.tokens._check import Check
from ivs_constructs.tokens._ids import LONGEST_USER_ID
from ivs_constructs.tokens._jws import sign
from ivs_constructs.tokens._participant import (
    LARGEST_ATTRIBUTES,
    Capability,
    ParticipantClaims,
)


def handler(event: object, context: object) -> object:
    """Issue a participant token, or exchange one.

    Args:
        event: A ParticipantTokenRequest, or an HTTP API's event for one of its routes. A
            TokenExchangeRequest if the alias for exchanges is invoked.
        context: Lambda's facts about the invocation.

    Returns:
        A ParticipantTokenResponse or a RefusedResponse; for an HTTP API, its response.

    Raises:
        SettingsError: The function was not deployed by a ParticipantTokenIssuer.
        SigningError: AWS KMS refused, or could not be reached.
    """
    settings = settings_of(ParticipantSettings)
    log, now = Log("participant", context), datetime.now(UTC)
    exchanges = is_exchange(context)

    def issue(fields: Mapping[str, object], check: Check) -> ParticipantTokenResponse | None:
        if exchanges:
            claims = _exchanged_claims(check, settings, fields, log, now)
        else:
            claims = _participant_claims(check, settings, fields)
        if claims is None:
            return None
        signer = signer_of(settings.signing_key_arn, log)
        token = sign(claims, signer, public_key_arn=settings.public_key_arn, now=now)
        outcome = "exchanged" if exchanges else "issued"
        log.write(outcome, resource=claims.stage_arn, seconds=claims.expires_in // SECOND)
        return {
            "token": token,
            "participantId": claims.participant_id,
            "expiresAt": expiry(claims.expires_in, now),
        }

    request = TokenExchangeRequest if exchanges else ParticipantTokenRequest
    return answered(event, context, log, request, "userId", issue)


def _participant_claims(
    check: Check, settings: ParticipantSettings, given: Mapping[str, object]
) -> ParticipantClaims | None:
    stage = chosen(check, "stageArn", given, settings.stages, "stage_arn")
    user = given.get("userId")
    if user is not None:
        check.text("userId", user, maximum=LONGEST_USER_ID)
    attributes = _attributes(check, given)
    lifetime = lifetime_of(check, given, settings.max_lifetime)
    # An empty list does not mean fewer: AWS does not document what such a token allows.
    capabilities = _capabilities(check, given, settings.capabilities)
    if stage is None or check.failures:
        return None
    return ParticipantClaims(
        **stage,
        expires_in=lifetime,
        user_id=cast("str | None", user),
        attributes=attributes,
        capabilities=capabilities or [Capability(each) for each in settings.capabilities],
    )


def _exchanged_claims(
    check: Check,
    settings: ParticipantSettings,
    given: Mapping[str, object],
    log: Log,
    now: datetime,
) -> ParticipantClaims | None:
    allowed = settings.exchange_capabilities
    if allowed is None:
        check.fail("request", "not-allowed", "must ask for a new token: none is exchanged here")
        return None
    # Imported lazily: most functions exchange no tokens, and the import slows down the start.
    from ivs_constructs.token_issuers.function.exchanging import current_claims

    attributes = _attributes(check, given)
    lifetime = lifetime_of(check, given, settings.max_lifetime)
    capabilities = _capabilities(check, given, allowed)
    if check.failures:
        return None
    current = current_claims(check, settings, given, log, now)
    if current is None:
        return None
    if capabilities is None:
        # If omitted, they stay the same, and must be allowed here like new ones.
        capabilities = _capabilities(check, {"capabilities": [*current.capabilities]}, allowed)
        if check.failures:
            return None
    return ParticipantClaims(
        stage_arn=current.stage_arn,
        events_url=current.events_url,
        whip_url=current.whip_url,
        participant_id=current.participant_id,
        user_id=current.user_id,
        expires_in=lifetime,
        attributes=current.attributes if attributes is None else attributes,
        capabilities=capabilities or (),
    )


def _attributes(check: Check, given: Mapping[str, object]) -> Mapping[str, str] | None:
    attributes = given.get("attributes")
    if attributes is not None:
        check.string_map("attributes", attributes, LARGEST_ATTRIBUTES)
    return cast("Mapping[str, str] | None", attributes)


def _capabilities(
    check: Check, given: Mapping[str, object], allowed: Sequence[str]
) -> list[Capability] | None:
    """Return the requested value; None if there is none."""
    wanted = given.get("capabilities")
    if wanted is None:
        return None
    return [Capability(each) for each in some_of(check, "capabilities", wanted, allowed)]
