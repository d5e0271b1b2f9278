"""The code of the functions that issue tokens.

What they may sign was fixed when they were deployed; a request can only ask for less. One that asks
for more, or for something unknown, is answered with what is wrong with it. What fails on this side
ends in an exception, so that it counts as the function's error.

Neither log nor answers repeat what may tell who watches or takes part.
"""

from __future__ import annotations

import json
import os
from collections.abc import Collection, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from functools import cache
from importlib import import_module
from pathlib import Path
from typing import Any, TypeVar, cast
from uuid import uuid4

from ivs_constructs.enums import MaximumResolution
from ivs_constructs.tokens._check import Check
from ivs_constructs.tokens._jws import Signer, sign
from ivs_constructs.tokens._kms import KmsSigner
from ivs_constructs.tokens._messages import (
    ParticipantTokenRequest,
    ParticipantTokenResponse,
    PlaybackTokenRequest,
    PlaybackTokenResponse,
    RefusedResponse,
    TokenProblem,
)
from ivs_constructs.tokens._origins import ALL, origin_problem
from ivs_constructs.tokens._participant import (
    LARGEST_ATTRIBUTES,
    LONGEST_USER_ID,
    Capability,
    ParticipantClaims,
)
from ivs_constructs.tokens._playback import LONGEST_VIEWER_ID, LONGEST_WITH_VIEWER, PlaybackClaims
from ivs_constructs.tokens._settings import (
    LONGEST_ORIGINS,
    VARIABLE,
    ParticipantSettings,
    PlaybackSettings,
)

# boto3 ships no types. Its client is botocore's; going there at once saves a cold start boto3's own
# imports.
_config: Any = import_module("botocore.config")
_session: Any = import_module("botocore.session")

_MODELS = Path(__file__).with_name("models")

_SOURCE = "https://docs.aws.amazon.com/ivs/latest/LowLatencyUserGuide/private-channels-generate-tokens.html"

ATTEMPTS = 3
CONNECT_SECONDS = 1
READ_SECONDS = 2
"""Together less than the time that the function has."""

# From low to high; a request may name the highest that is allowed or one before it.
_RESOLUTIONS = tuple(
    each.value for each in (MaximumResolution.SD, MaximumResolution.HD, MaximumResolution.FULL_HD)
)

SECOND = timedelta(seconds=1)

_Settings = TypeVar("_Settings", PlaybackSettings, ParticipantSettings)
_Entry = TypeVar("_Entry", bound=Mapping[str, object])


class SettingsError(Exception):
    """The function was deployed without what it may sign."""


class SigningError(Exception):
    """A token could not be signed. Why that is stands in the log only."""


def playback(event: object, context: object) -> PlaybackTokenResponse | RefusedResponse:
    """Issue a playback token.

    Args:
        event: A PlaybackTokenRequest.
        context: What Lambda tells of the invocation.

    Raises:
        SettingsError: The function was not deployed by a PlaybackTokenIssuer.
        SigningError: AWS KMS refused, or could not be reached.
    """
    settings = _settings(PlaybackSettings)
    log, check, now = _Log("playback", context), Check("request", _SOURCE), datetime.now(UTC)
    made = _playback_claims(check, settings, _fields(check, PlaybackTokenRequest, event), now)
    if made is None:
        return _refusal(check, log)
    claims, url = made
    token = sign(claims, _signer(settings.signing_key_arn, log), now=now)
    log.write("issued", resource=claims.channel_arn, seconds=claims.expires_in // SECOND)
    answer: PlaybackTokenResponse = {"token": token, "expiresAt": _expiry(claims.expires_in, now)}
    if url is not None:
        answer["playbackUrl"] = f"{url}?token={token}"
    return answer


def participant(event: object, context: object) -> ParticipantTokenResponse | RefusedResponse:
    """Issue a participant token.

    Args:
        event: A ParticipantTokenRequest.
        context: What Lambda tells of the invocation.

    Raises:
        SettingsError: The function was not deployed by a ParticipantTokenIssuer.
        SigningError: AWS KMS refused, or could not be reached.
    """
    settings = _settings(ParticipantSettings)
    log, check, now = _Log("participant", context), Check("request", _SOURCE), datetime.now(UTC)
    claims = _participant_claims(check, settings, _fields(check, ParticipantTokenRequest, event))
    if claims is None:
        return _refusal(check, log)
    signer = _signer(settings.signing_key_arn, log)
    token = sign(claims, signer, public_key_arn=settings.public_key_arn, now=now)
    log.write("issued", resource=claims.stage_arn, seconds=claims.expires_in // SECOND)
    return {
        "token": token,
        "participantId": claims.participant_id,
        "expiresAt": _expiry(claims.expires_in, now),
    }


class _Log:
    """Writes what happened to one request, as a line of JSON.

    Args:
        issuer: The kind of token.
        context: What Lambda tells of the invocation.
    """

    def __init__(self, issuer: str, context: object) -> None:
        self._issuer = issuer
        self._request_id = getattr(context, "aws_request_id", None)

    def write(self, outcome: str, **facts: object) -> None:
        """Write a line.

        Args:
            outcome: `issued`, `refused` or `failed`.
            facts: More about it, which must not tell who asked or what the token says of them.
        """
        line = {"issuer": self._issuer, "requestId": self._request_id, "outcome": outcome, **facts}
        print(json.dumps(line), flush=True)


def _settings(kind: type[_Settings]) -> _Settings:
    try:
        return kind(**json.loads(os.environ.get(VARIABLE, "")))
    except (TypeError, ValueError):
        # What was written there by somebody else may be anything, so it is not shown.
        raise SettingsError(
            f"environment variable {VARIABLE} must hold what {kind.construct} writes there; deploy "
            "the function by that construct"
        ) from None


def _fields(check: Check, kind: type, event: object) -> Mapping[str, object]:
    """Read the fields that are given."""
    names = tuple(kind.__annotations__)
    if not isinstance(event, dict):
        check.wrong_type("request", "a JSON object", event)
        return {}
    request = cast("dict[object, object]", event)
    unknown = len(request.keys() - set(names))
    if unknown:
        # A misspelt field that went unnoticed would give away more than was meant.
        check.fail(
            "request",
            "unknown-field",
            f"must have no fields but {', '.join(names)}, got {unknown} of "
            f"{'another name' if unknown == 1 else 'other names'}; correct the spelling",
        )
    return {name: request[name] for name in names if request.get(name) is not None}


def _playback_claims(
    check: Check, settings: PlaybackSettings, given: Mapping[str, object], now: datetime
) -> tuple[PlaybackClaims, str | None] | None:
    channel = _chosen(check, "channelArn", given, settings.channels, "channel_arn")
    viewer = given.get("viewerId")
    if viewer is not None:
        check.text("viewerId", viewer, minimum=1, maximum=LONGEST_VIEWER_ID)
    longest = settings.max_lifetime
    if viewer is not None or settings.single_use:
        longest = min(longest, LONGEST_WITH_VIEWER.total_seconds())
    lifetime = _lifetime(check, given, longest)
    origins = _origins(check, given.get("origins"), settings.allowed_origins)
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
        # So that revoking a viewer up to a moment leaves later tokens alone.
        viewer_session_version=None if viewer is None else int(now.timestamp()),
        maximum_resolution=cast("str | None", resolution),
    )
    return claims, channel.get("playback_url")


def _participant_claims(
    check: Check, settings: ParticipantSettings, given: Mapping[str, object]
) -> ParticipantClaims | None:
    stage = _chosen(check, "stageArn", given, settings.stages, "stage_arn")
    user, attributes = given.get("userId"), given.get("attributes")
    if user is not None:
        check.text("userId", user, maximum=LONGEST_USER_ID)
    if attributes is not None:
        check.string_map("attributes", attributes, LARGEST_ATTRIBUTES)
    lifetime = _lifetime(check, given, settings.max_lifetime)
    capabilities: Collection[str] = settings.capabilities
    wanted = given.get("capabilities")
    if wanted is not None:
        # None at all is no way to ask for less: AWS does not say what such a token allows.
        capabilities = _some(check, "capabilities", wanted, settings.capabilities)
    if stage is None or check.failures:
        return None
    return ParticipantClaims(
        **stage,
        expires_in=lifetime,
        user_id=cast("str | None", user),
        attributes=cast("Mapping[str, str] | None", attributes),
        capabilities=[Capability(each) for each in capabilities],
    )


def _chosen(
    check: Check, field: str, given: Mapping[str, object], entries: Sequence[_Entry], key: str
) -> _Entry | None:
    """Find the channel or stage that a request is about."""
    if field not in given:
        if len(entries) == 1:
            return entries[0]
        check.fail(
            field, "required", f"must name one of the {len(entries)} of this issuer, got none"
        )
        return None
    for entry in entries:
        if entry[key] == given[field]:
            return entry
    check.fail(field, "not-allowed", "must be one that this issuer signs for, got something else")
    return None


def _lifetime(check: Check, given: Mapping[str, object], longest: float) -> timedelta:
    field, most = "expiresInSeconds", int(longest)
    wanted = given.get(field, most)
    if not isinstance(wanted, int) or isinstance(wanted, bool):
        check.wrong_type(field, "a whole number of seconds", wanted)
    elif not 1 <= wanted <= most:
        # The number itself may be too long to be written.
        got = "more" if wanted > most else "less"
        check.fail(field, "range", f"must be 1-{most} seconds, got {got}")
    else:
        return timedelta(seconds=wanted)
    return timedelta()


def _origins(check: Check, wanted: object, allowed: Sequence[str] | None) -> Sequence[str] | None:
    if wanted is None:
        return allowed
    # Only an origin that was allowed as it stands is surely no wider than what was allowed: how
    # many labels a wildcard covers is not documented.
    if allowed is not None and ALL not in allowed:
        return _some(check, "origins", wanted, allowed)
    origins = _texts(check, "origins", wanted)
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
    return origins


def _some(check: Check, field: str, wanted: object, allowed: Sequence[str]) -> Sequence[str]:
    """Return what is wanted of a list, in its order and each once."""
    texts = set(_texts(check, field, wanted))
    others = len(texts - set(allowed))
    if others:
        check.fail(
            field, "not-allowed", f"must hold some of {', '.join(allowed)}, got {others} other"
        )
    return [each for each in allowed if each in texts]


def _texts(check: Check, field: str, wanted: object) -> Sequence[str]:
    """Return a list of strings, empty if it is none."""
    if not isinstance(wanted, list):
        check.wrong_type(field, "a list of strings", wanted)
        return []
    items = cast("list[object]", wanted)
    if not items:
        check.fail(field, "items", "must hold at least one, got none; drop it if all are meant")
    if not all(check.holds_text(field, each) for each in items):
        return []
    return cast("list[str]", items)


def _refusal(check: Check, log: _Log) -> RefusedResponse:
    problems: list[TokenProblem] = [
        {"field": each.property, "code": each.code, "message": each.message}
        for each in check.failures
    ]
    log.write("refused", problems=[f"{each['field']}: {each['code']}" for each in problems])
    message = "; ".join(each["message"] for each in problems)
    return {"error": {"code": "InvalidRequest", "message": message, "problems": problems}}


def _expiry(lifetime: timedelta, now: datetime) -> str:
    return f"{now + lifetime:%Y-%m-%dT%H:%M:%SZ}"


def _signer(key_arn: str, log: _Log) -> Signer:
    """Return a signer whose failures say nothing to the caller of what is behind it."""
    kms_signer = KmsSigner(key_arn, _kms())

    def signed(message: bytes) -> bytes:
        try:
            return kms_signer(message)
        except Exception as error:
            # What AWS says names roles and keys, and callers may pass it on to browsers.
            answer = getattr(error, "response", {})
            code = answer.get("Error", {}).get("Code")
            log.write("failed", error=type(error).__name__, code=code)
            raise SigningError("the token could not be signed; see the function's log") from None

    return signed


@cache
def _kms() -> Any:  # noqa: ANN401 (boto3 ships no types)
    """Make the client, once, so that its connection is kept."""
    config = _config.Config(
        connect_timeout=CONNECT_SECONDS,
        read_timeout=READ_SECONDS,
        retries={"mode": "standard", "total_max_attempts": ATTEMPTS},
    )
    session = _session.Session()
    # The one operation that is called: reading all of the API takes longer than this package.
    session.get_component("data_loader").search_paths.insert(0, str(_MODELS))
    return session.create_client("kms", config=config)


if VARIABLE in os.environ:
    # While Lambda starts the function the processor is at its fastest.
    _kms()
