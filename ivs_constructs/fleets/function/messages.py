"""What the functions of a fleet accept and return, for the programs that call them.

Names are as in JSON.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, NotRequired, TypedDict


class MemberReply(TypedDict):
    """The member of a key: what `acquire`, `get` and `touch` return.

    Attributes:
        arn: The stage's or channel's ARN.
        endpoints: For a stage: its endpoints, by Amazon IVS's names (`events`, `whip`, `rtmp`,
            `rtmps`).
        playbackUrl: For a channel: the URL for players.
        ingestEndpoint: For a channel: the host that encoders broadcast to.
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
        released: True: the key no longer has a member.
        deleted: Whether the member is already deleted. If not, the fleet deletes it later.
    """

    released: bool
    deleted: bool


class ListedMember(TypedDict):
    """One member in a list.

    Attributes:
        arn: Its ARN.
        key: Its key; omitted for members that your own code created.
        usedAt: When it was last requested, such as `2026-11-21T08:30:00Z`.
    """

    arn: str
    key: NotRequired[str]
    usedAt: str


class ListReply(TypedDict):
    """What `list` returns.

    Attributes:
        members: Some of the members, in no particular order.
        nextPage: The value for the next request; omitted on the last page. An empty page is not
            necessarily the last one.
    """

    members: list[ListedMember]
    nextPage: NotRequired[str]


class StreamKeyReply(TypedDict):
    """What `stream_key` and `reset_stream_key` return.

    Attributes:
        arn: The channel's ARN.
        streamKey: The stream key, a password: anyone who has it can broadcast.
        ingestEndpoint: The host that encoders broadcast to.
    """

    arn: str
    streamKey: str
    ingestEndpoint: str


class TokenRequest(TypedDict, total=False):
    """What `token` takes besides the key.

    Attributes:
        userId: For a stage: the participant's user.
        attributes: For a stage: the participant's attributes.
        capabilities: For a stage: `PUBLISH`, `SUBSCRIBE`, or both.
        viewerId: For a channel: the viewer, by whom the session can be revoked.
        expiresInSeconds: How long the token can be used.
    """

    userId: str
    attributes: Mapping[str, str]
    capabilities: Sequence[str]
    viewerId: str
    expiresInSeconds: int


class TokenReply(TypedDict):
    """What `token` returns.

    Attributes:
        arn: The stage's or channel's ARN.
        token: The token: a password until it expires.
        expiresAt: When it expires, such as `2026-11-21T08:30:00Z`.
        participantId: For a stage: the participant, for DisconnectParticipant.
        playbackUrl: For a channel: the URL for the player, including the token.
    """

    arn: str
    token: str
    expiresAt: str
    participantId: NotRequired[str]
    playbackUrl: NotRequired[str]


class Refusal(TypedDict):
    """Why the request was refused: the member `error` of every such reply.

    Attributes:
        code: `InvalidRequest`, `UnknownKey`, `Full`, `Busy`, `QuotaReached`, `InUse` or `Closed`.
        message: The reason in words. Contains nothing from the request.
        field: With `InvalidRequest`: the field.
        size: With `Full`: how many members there are.
        retryAfterSeconds: With `Busy`: how long to wait before the next request.
    """

    code: str
    message: str
    field: NotRequired[str]
    size: NotRequired[int]
    retryAfterSeconds: NotRequired[int]


Reply = dict[str, Any]
"""One of the above, as JSON."""
