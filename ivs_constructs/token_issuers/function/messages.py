"""Requests and responses of the functions that issue tokens, for the programs that call them.

Names are as in JSON. In a request, null means omitted.
"""

from __future__ import annotations

from typing import NotRequired, TypedDict


class PlaybackTokenRequest(TypedDict, total=False):
    """The request for a PlaybackTokenIssuer's function. A field can only ask for less.

    Attributes:
        channelArn: The channel, one of the issuer's. Needed only if it has several.
        viewerId: The viewer, 1-40 characters, needed to revoke the session. Required,
            unless the issuer was deployed with `require_viewer=False`; without it the session
            cannot be revoked.
        expiresInSeconds: How long the token can be used to start playback, from 1 to the issuer's
            maximum. Default: the maximum; at most 600 with `viewerId`.
        origins: Some of the issuer's origins; any, if it has none. Default: all of them.
        maximumResolution: The issuer's maximum resolution or a lower one. Default: the issuer's.
    """

    channelArn: str | None
    viewerId: str | None
    expiresInSeconds: int | None
    origins: list[str] | None
    maximumResolution: str | None


class PlaybackTokenResponse(TypedDict):
    """The response of a PlaybackTokenIssuer's function.

    Attributes:
        token: The token: treat it as a password until it expires.
        expiresAt: When it expires, such as `2026-11-21T08:30:00Z`.
        playbackUrl: The URL for the player, including the token; omitted for a channel that was
            imported without its URL.
    """

    token: str
    expiresAt: str
    playbackUrl: NotRequired[str]


class ParticipantTokenRequest(TypedDict, total=False):
    """The request for a ParticipantTokenIssuer's function. A field can only ask for less.

    Attributes:
        stageArn: The stage, one of the issuer's. Needed only if it has several.
        userId: Your own name for the participant, at most 128 characters; all participants see
            it. Default: none.
        attributes: More about the participant, at most 1 KB; all participants see it.
            Default: none.
        capabilities: One or more of the issuer's capabilities. Default: all of them.
        expiresInSeconds: How long the token can be used to join, from 1 to the issuer's maximum.
            Default: the maximum.
    """

    stageArn: str | None
    userId: str | None
    attributes: dict[str, str] | None
    capabilities: list[str] | None
    expiresInSeconds: int | None


class TokenExchangeRequest(TypedDict, total=False):
    """The request for a ParticipantTokenIssuer's alias for exchanges.

    The new token is for the same participant on the same stage.

    Attributes:
        token: The participant's current token, which this issuer signed. Required.
        participantId: The participant. The request is refused if the token belongs to another one.
            Default: the token's participant.
        userId: Your own name for the participant, checked in the same way. Default: the token's
            user id.
        attributes: More about the participant, at most 1 KB; all participants see it. Default:
            unchanged.
        capabilities: One or more of the issuer's `exchange_capabilities`. Default: unchanged, if
            the issuer allows them.
        expiresInSeconds: How long the token can be used, from 1 to the issuer's maximum. Default:
            the maximum.
    """

    token: str | None
    participantId: str | None
    userId: str | None
    attributes: dict[str, str] | None
    capabilities: list[str] | None
    expiresInSeconds: int | None


class ParticipantTokenResponse(TypedDict):
    """The response of a ParticipantTokenIssuer's function.

    Attributes:
        token: The token: treat it as a password until it expires.
        participantId: The participant, for DisconnectParticipant.
        expiresAt: When the token expires, such as `2026-11-21T08:30:00Z`.
    """

    token: str
    participantId: str
    expiresAt: str


class TokenProblem(TypedDict):
    """One problem with a request.

    Attributes:
        field: The field, or `request` for the whole request.
        code: Stable identifier of the rule, for programs.
        message: What is allowed and what was given. Contains nothing from the request.
    """

    field: str
    code: str
    message: str


class TokenRefusal(TypedDict):
    """Why a request was refused, in the response's only field `error`.

    Attributes:
        code: `InvalidRequest`; from an HTTP API also `Unauthenticated` (401) and `Forbidden` (403).
        message: All problems in one text.
        problems: The problems one by one.
    """

    code: str
    message: str
    problems: list[TokenProblem]


class RefusedResponse(TypedDict):
    """The response of both functions to a refused request.

    Attributes:
        error: Why.
    """

    error: TokenRefusal


class HttpResponse(TypedDict):
    """What the functions return to an HTTP API.

    Attributes:
        statusCode: 200, 400, 401 or 403.
        headers: The content type, and the instruction not to cache the body.
        body: One of the responses above, as JSON.
        isBase64Encoded: False.
    """

    statusCode: int
    headers: dict[str, str]
    body: str
    isBase64Encoded: bool
