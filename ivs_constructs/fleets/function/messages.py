"""What the functions of a fleet take and return, for the programs that call them.

Names are those of JSON.
"""

from __future__ import annotations

from typing import Any, NotRequired, TypedDict


class MemberReply(TypedDict):
    """The member of a key: what `acquire`, `get` and `touch` return.

    Attributes:
        arn: The stage's or channel's ARN.
        endpoints: Of a stage: its endpoints, by the names that Amazon IVS gives them (`events`,
            `whip`, `rtmp`, `rtmps`).
        playbackUrl: Of a channel: where players fetch the stream.
        ingestEndpoint: Of a channel: the host that encoders broadcast to.
        created: From `acquire`: whether the key had no member before.
    """

    arn: str
    endpoints: NotRequired[dict[str, str]]
    playbackUrl: NotRequired[str]
    ingestEndpoint: NotRequired[str]
    created: NotRequired[bool]


class ReleaseReply(TypedDict):
    """What `release` returns.

    Attributes:
        released: True: the key has no member any more.
        deleted: Whether the member is deleted already. If not, that follows by itself.
    """

    released: bool
    deleted: bool


class ListedMember(TypedDict):
    """One member in a list.

    Attributes:
        arn: Its ARN.
        key: Its key; left out for what the user's own code made.
        usedAt: When it was asked for last, such as `2026-11-21T08:30:00Z`.
    """

    arn: str
    key: NotRequired[str]
    usedAt: str


class ListReply(TypedDict):
    """What `list` returns.

    Attributes:
        members: Some of the members, in no order.
        nextPage: What to ask for next; left out on the last page. A page may be empty and not the
            last one.
    """

    members: list[ListedMember]
    nextPage: NotRequired[str]


class StreamKeyReply(TypedDict):
    """What `stream_key` returns.

    Attributes:
        arn: The channel's ARN.
        streamKey: The stream key, a password: whoever has it can broadcast.
        ingestEndpoint: The host that encoders broadcast to.
    """

    arn: str
    streamKey: str
    ingestEndpoint: str


class TokenReply(TypedDict):
    """What `token` returns.

    Attributes:
        arn: The stage's or channel's ARN.
        token: The token: a password until it expires.
        expiresAt: When it expires, such as `2026-11-21T08:30:00Z`.
        participantId: Of a stage: the participant, which DisconnectParticipant takes.
        playbackUrl: Of a channel: where the player fetches the stream, with the token in it.
    """

    arn: str
    token: str
    expiresAt: str
    participantId: NotRequired[str]
    playbackUrl: NotRequired[str]


class Refusal(TypedDict):
    """Why nothing was done.

    Attributes:
        code: `InvalidRequest`, `UnknownKey`, `Full`, `Busy`, `QuotaReached`, `InUse` or `Closed`.
        message: The reason in words. Repeats nothing of the request.
        field: With `InvalidRequest`: the field.
        size: With `Full`: how many members there are.
        retryAfterSeconds: With `Busy`: when to ask again.
    """

    code: str
    message: str
    field: NotRequired[str]
    size: NotRequired[int]
    retryAfterSeconds: NotRequired[int]


class RefusedReply(TypedDict):
    """What every verb returns where it does nothing.

    Attributes:
        error: Why.
    """

    error: Refusal


Reply = dict[str, Any]
"""One of the above, as JSON."""
