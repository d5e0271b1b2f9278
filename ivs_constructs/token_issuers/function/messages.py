"""What the functions that issue tokens take and return, for the programs that call them.

Names are those of JSON. In a request, null counts as left out.
"""

from __future__ import annotations

from typing import NotRequired, TypedDict


class PlaybackTokenRequest(TypedDict, total=False):
    """What the function of a PlaybackTokenIssuer takes. A field can only ask for less.

    Attributes:
        channelArn: The channel, one of the issuer's. Needed only if it has several.
        viewerId: The viewer, 1-40 characters, by which the session can be revoked. Required,
            unless the issuer was deployed with `require_viewer=False`; without it the session
            cannot be revoked.
        expiresInSeconds: How long the token can be used to start playback, from 1 to what the
            issuer allows. Default: that; 600 at most with `viewerId`.
        origins: Some of the issuer's origins; any, if it has none. Default: all of them.
        maximumResolution: The issuer's maximum resolution or a lower one. Default: the issuer's.
    """

    channelArn: str | None
    viewerId: str | None
    expiresInSeconds: int | None
    origins: list[str] | None
    maximumResolution: str | None


class PlaybackTokenResponse(TypedDict):
    """What the function of a PlaybackTokenIssuer returns.

    Attributes:
        token: The token: a password until it expires.
        expiresAt: When it expires, such as `2026-11-21T08:30:00Z`.
        playbackUrl: Where the player fetches the stream, with the token in it; left out for a
            channel that was imported without its URL.
    """

    token: str
    expiresAt: str
    playbackUrl: NotRequired[str]


class ParticipantTokenRequest(TypedDict, total=False):
    """What the function of a ParticipantTokenIssuer takes. A field can only ask for less.

    Attributes:
        stageArn: The stage, one of the issuer's. Needed only if it has several.
        userId: Your own name for the participant, at most 128 characters; all participants see
            it. Default: none.
        attributes: More about the participant, at most 1 KB; all participants see it.
            Default: none.
        capabilities: One or more of the issuer's capabilities. Default: all of them.
        expiresInSeconds: How long the token can be used to join, from 1 to what the issuer allows.
            Default: that.
    """

    stageArn: str | None
    userId: str | None
    attributes: dict[str, str] | None
    capabilities: list[str] | None
    expiresInSeconds: int | None


class TokenExchangeRequest(TypedDict, total=False):
    """What the alias of a ParticipantTokenIssuer for exchanges takes.

    The new token is for the same participant on the same stage.

    Attributes:
        token: The participant's present token, which this issuer signed. Required.
        participantId: The participant that is meant. The request is refused if the token is
            another one's. Default: whose token it is.
        userId: Likewise your own name for the participant. Default: whose token it is.
        attributes: More about the participant, at most 1 KB; all participants see it.
            Default: as they are.
        capabilities: One or more of the issuer's `exchange_capabilities`. Default: as they are,
            if the issuer allows these.
        expiresInSeconds: How long the token can be used, from 1 to what the issuer allows.
            Default: that.
    """

    token: str | None
    participantId: str | None
    userId: str | None
    attributes: dict[str, str] | None
    capabilities: list[str] | None
    expiresInSeconds: int | None


class ParticipantTokenResponse(TypedDict):
    """What the function of a ParticipantTokenIssuer returns.

    Attributes:
        token: The token: a password until it expires.
        participantId: The participant, which DisconnectParticipant takes.
        expiresAt: When the token expires, such as `2026-11-21T08:30:00Z`.
    """

    token: str
    participantId: str
    expiresAt: str


class TokenProblem(TypedDict):
    """One thing that is wrong with a request.

    Attributes:
        field: The field, or `request` for the whole.
        code: Stable identifier of the rule, for programs.
        message: What is allowed and what was given. Repeats nothing of the request.
    """

    field: str
    code: str
    message: str


class TokenRefusal(TypedDict):
    """What both functions return for a request that is not granted, as the only field `error`.

    Attributes:
        code: `InvalidRequest`; from an HTTP API also `Unauthenticated` (401) and `Forbidden` (403).
        message: All problems in one text.
        problems: The problems one by one.
    """

    code: str
    message: str
    problems: list[TokenProblem]


class RefusedResponse(TypedDict):
    """What both functions return for a request that is not granted.

    Attributes:
        error: Why.
    """

    error: TokenRefusal


class HttpResponse(TypedDict):
    """What the functions return to an HTTP API.

    Attributes:
        statusCode: 200, 400, 401 or 403.
        headers: The type of the body, and that nobody may keep it.
        body: A response as above, as JSON.
        isBase64Encoded: False.
    """

    statusCode: int
    headers: dict[str, str]
    body: str
    isBase64Encoded: bool
