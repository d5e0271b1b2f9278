"""What a fleet answers: one function for each verb.

The promise: between `acquire` and `release`, every answer for a key names the same ARN. It relies
on the table alone. A key has one row; one write publishes an ARN in it, on condition of the claim
that the member was created under; and one irreversible write removes it.
"""

from __future__ import annotations

import base64
import json
import math
from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any, cast

from ivs_constructs.fleets.function import rows
from ivs_constructs.fleets.function.members import Channels, Made, Members, members_of
from ivs_constructs.fleets.function.messages import ListedMember, ListReply, Refusal, Reply
from ivs_constructs.fleets.function.rows import (
    CLAIMED,
    CLOSED,
    LEASE_SECONDS,
    READY,
    REMOVING,
    LostError,
    Row,
)
from ivs_constructs.fleets.function.steps import NOT_FOUND, QUOTA, CallError, Pause, Steps, World

LONGEST_KEY = 256
_LONGEST_PLACE = 1024
"""Characters of a key in the table, as DynamoDB allows."""

PAGE = 100
"""Rows per page of a list."""

POLL_SECONDS = 0.5
"""How often a caller checks whether another one has created the member."""

CREATE_TIME = 3.0
"""With less time left, no operation that takes several calls begins."""

REMOVAL_SECONDS = 5.0
"""How long `acquire` waits for a removal that has just begun, before it creates a new member."""

_TRIES = 3
"""How many ready members to try."""


class RefusedError(Exception):
    """Nothing was done.

    Attributes:
        refusal: The answer to the caller.
    """

    def __init__(self, code: str, message: str, **facts: Any) -> None:  # noqa: ANN401 (JSON-like)
        super().__init__(message)
        self.refusal = cast("Refusal", {"code": code, "message": message, **facts})


# The verbs


def acquire(world: World, request: Mapping[str, object]) -> Steps[Reply]:
    """Return the member of a key, and create it if there is none."""
    key = key_of(request)
    while True:
        seen = yield from rows.touch(world, key)
        if seen is not None and seen.state == READY:
            return {**_told(world, seen), "created": False}
        now = world.now()
        wait = 0.0
        if seen is not None and seen.state == CLAIMED:
            wait = seen.lease - now
        elif seen is not None and seen.state == REMOVING:
            wait = seen.since + REMOVAL_SECONDS - now
        if wait > 0:
            # Another caller is about to finish.
            if world.left() < CREATE_TIME:
                raise busy(min(wait, 2.0))
            yield Pause(min(wait, POLL_SECONDS * (0.5 + world.random())))
            continue
        made = yield from _take_or_make(world, key, seen)
        if made is not None:
            return {**_told(world, made), "created": True}
        if world.left() < CREATE_TIME:
            raise busy(1.0)


def get(world: World, request: Mapping[str, object]) -> Steps[Reply]:
    """Return the member of a key, without counting as a use."""
    row = ready((yield from rows.row_of(world, key_of(request))))
    return _told(world, row)


def touch(world: World, request: Mapping[str, object]) -> Steps[Reply]:
    """Return the member of a key, and count as a use."""
    row = ready((yield from rows.touch(world, key_of(request))))
    return _told(world, row)


def release(world: World, request: Mapping[str, object]) -> Steps[Reply]:
    """Detach a member from its key and delete it."""
    key = key_of(request, "arn", "force")
    arn = request.get("arn")
    if not isinstance(arn, str):
        raise invalid("arn", "arn must be the ARN that acquire returned for the key")
    force = request.get("force", False)
    if not isinstance(force, bool):
        raise invalid("force", "force must be true or false")
    row = ready((yield from rows.row_of(world, key)))
    if row.arn != arn:
        raise unknown()
    members = members_of(world)
    if not force and (yield from members.look(arn)).live:
        raise RefusedError(
            "InUse", f"the {world.settings.kind} is live; wait until it is over, or set force"
        )
    try:
        row = yield from rows.begin_removal(world, row, forced=force)
    except LostError:
        raise unknown() from None
    # From here on the key is free. The function that tends the fleet finishes the rest.
    deleted = False
    try:
        deleted = yield from members.delete(arn, row.info, stop=force)
        if deleted:
            yield from rows.drop(world, row)
    except CallError as error:
        world.note(error)
    return {"released": True, "deleted": deleted}


def list_members(world: World, request: Mapping[str, object]) -> Steps[Reply]:
    """Return a page of members."""
    _only(request, "page")
    start = _start(request.get("page"))
    found, following = yield from rows.scan_page(world, start, PAGE)
    members: list[ListedMember] = []
    for row in found:
        if row.state == READY and row.pk != "ready":
            listed: ListedMember = {
                "arn": row.arn,
                "usedAt": f"{datetime.fromtimestamp(row.used, UTC):%Y-%m-%dT%H:%M:%SZ}",
            }
            if row.key is not None:
                listed["key"] = row.key
            members.append(listed)
    reply: ListReply = {"members": members}
    if following is not None:
        reply["nextPage"] = base64.urlsafe_b64encode(json.dumps(following).encode()).decode()
    return cast("Reply", reply)


def stream_key(world: World, request: Mapping[str, object]) -> Steps[Reply]:
    """Return the stream key of a key's channel; counts as a use."""
    row = ready((yield from rows.touch(world, key_of(request))))
    value = yield from cast("Channels", members_of(world)).stream_key(row.arn, row.info)
    if value is None:
        raise RefusedError(
            "UnknownKey", "the channel no longer has a stream key; create one with reset_stream_key"
        )
    return _with_stream_key(row, value)


def reset_stream_key(world: World, request: Mapping[str, object]) -> Steps[Reply]:
    """Replace the stream key of a key's channel; counts as a use."""
    key = key_of(request, "stop")
    stop = request.get("stop", False)
    if not isinstance(stop, bool):
        raise invalid("stop", "stop must be true or false")
    row = ready((yield from rows.touch(world, key)))
    channels = cast("Channels", members_of(world))
    try:
        value = yield from channels.reset_stream_key(row.arn, row.info, stop=stop)
    except CallError as error:
        if error.code == NOT_FOUND:
            raise unknown() from None
        raise
    if value is None:
        raise busy(1.0)
    return _with_stream_key(row, value)


Verb = Callable[[World, Mapping[str, object]], Steps[Reply]]

VERBS: Mapping[str, Verb] = {
    "acquire": acquire,
    "get": get,
    "touch": touch,
    "release": release,
    "list": list_members,
    "stream_key": stream_key,
    "reset_stream_key": reset_stream_key,
}
"""Verbs by the name of their alias; `token` has its own module."""

KINDS_OF = {"stream_key": ("channel",), "reset_stream_key": ("channel",)}
"""The kinds of members that a verb supports, if not all."""


# Creating members


def _take_or_make(world: World, key: str, seen: Row | None) -> Steps[Row | None]:
    """Take a ready member, or create one.

    Returns:
        The row; None if another caller came first.
    """
    if world.settings.ready:
        taken = yield from _take(world, key, seen)
        if taken is not None:
            return taken
    pk, sk = rows.place_of(world, key)
    wanted = Row(
        pk=pk,
        sk=sk,
        state=CLAIMED,
        claim=claim_id(world),
        key=key,
        lease=world.now() + LEASE_SECONDS,
        since=world.now(),
    )
    try:
        yield from rows.claim(world, wanted, seen)
    except LostError:
        return None
    return (yield from make(world, wanted, world.left() - CREATE_TIME))


def _take(world: World, key: str, seen: Row | None) -> Steps[Row | None]:
    pk, sk = rows.place_of(world, key)
    found = yield from rows.ready_rows(world)
    fresh = [row for row in found if row.state == READY and row.template == world.settings.template]
    for _ in range(_TRIES):
        if not fresh:
            break
        # Not always the first: all concurrent callers would try the same one.
        made = fresh.pop(int(world.random() * len(fresh)))
        wanted = replace(made, pk=pk, sk=sk, key=key, used=world.now())
        try:
            yield from rows.take_ready(world, made, wanted, seen)
        except LostError:
            continue
        return wanted
    return None


def make(world: World, claimed: Row, patience: float) -> Steps[Row | None]:
    """Create a member under an existing claim, and publish it.

    Args:
        world: The context of the invocation.
        claimed: The claim's row.
        patience: The maximum wait for a turn, in seconds.

    Returns:
        The row; None if the claim no longer exists.

    Raises:
        RefusedError: No member may be created; the claim is given up.
        CallError: A call failed; the claim is given up unless the outcome is unknown.
    """
    turn = yield from _reserve(world, claimed, patience)
    if turn > world.now():
        yield Pause(turn - world.now())
    members = members_of(world)
    try:
        made = yield from members.create(claimed.claim, claimed.pk.partition("#")[2])
    except CallError as error:
        # If a member was created nevertheless, it is an orphan once the claim is gone.
        yield from rows.drop(world, claimed)
        if error.code == QUOTA:
            raise RefusedError(
                "QuotaReached",
                f"the account has as many {world.settings.kind}s as its quota allows",
            ) from None
        if error.throttled or error.ambiguous:
            raise busy(2.0) from None
        raise
    return (yield from _publish(world, claimed, members, made))


def _reserve(world: World, claimed: Row, patience: float) -> Steps[float]:
    try:
        turn = yield from rows.reserve(world, patience)
    except CallError:
        yield from rows.drop(world, claimed, counted=False)
        raise
    if isinstance(turn, float | int):
        return turn
    yield from rows.drop(world, claimed, counted=False)
    if turn.fleet.state == CLOSED:
        raise RefusedError("Closed", "the fleet is being deleted, or is not deployed yet")
    if turn.wait is not None:
        # Spread out the retries, so that callers do not meet again.
        raise busy(turn.wait * (0.5 + world.random()))
    raise RefusedError(
        "Full",
        f"the fleet has {turn.fleet.size} members, which is its max_size",
        size=turn.fleet.size,
    )


def _publish(world: World, claimed: Row, members: Members, made: Made) -> Steps[Row | None]:
    try:
        return (yield from rows.publish(world, claimed, made.arn, made.info))
    except LostError:
        # No caller got this member, and none will.
        yield from members.delete(made.arn, made.info, stop=False)
        return None


def claim_id(world: World) -> str:
    """Make the id of a claim, which begins with the time."""
    return f"{int(world.now()):010x}-{world.new_id()}"


def claimed_at(claim: str) -> float:
    """Return when a claim was made, 0 if its id does not say."""
    try:
        return float(int(claim.partition("-")[0], 16))
    except ValueError:
        return 0.0


# Answers


def _told(world: World, row: Row) -> Reply:
    if world.settings.kind == "stage":
        return {"arn": row.arn, "endpoints": dict(row.info)}
    return {
        "arn": row.arn,
        "playbackUrl": row.info["playbackUrl"],
        "ingestEndpoint": row.info["ingestEndpoint"],
    }


def _with_stream_key(row: Row, value: str) -> Reply:
    return {"arn": row.arn, "streamKey": value, "ingestEndpoint": row.info["ingestEndpoint"]}


def ready(row: Row | None) -> Row:
    """Return a row that has a member, or refuse."""
    if row is not None and row.state == READY:
        return row
    raise unknown()


def unknown() -> RefusedError:
    """Return the refusal for a key without a member."""
    return RefusedError("UnknownKey", "the key has no such member")


def busy(seconds: float) -> RefusedError:
    """Return the refusal that asks the caller to retry."""
    return RefusedError(
        "Busy",
        "members are being created; try again later",
        retryAfterSeconds=max(1, math.ceil(seconds)),
    )


def invalid(name: str, message: str) -> RefusedError:
    """Return the refusal for an invalid field."""
    return RefusedError("InvalidRequest", message, field=name)


# Requests


def _only(request: Mapping[str, object], *names: str) -> None:
    unknown = len(request.keys() - set(names))
    if unknown:
        raise invalid(
            "request",
            f"the request must have only the fields {', '.join(names)}, got {unknown} more",
        )


def key_of(request: Mapping[str, object], *others: str) -> str:
    """Read the key of a request, which may also have other fields."""
    _only(request, "key", *others)
    key = request.get("key")
    if not isinstance(key, str):
        raise invalid("key", f"key must be a text of 1-{LONGEST_KEY} characters")
    if not 1 <= len(key) <= LONGEST_KEY:
        raise invalid("key", f"key must have 1-{LONGEST_KEY} characters, got {len(key)}")
    try:
        key.encode()
    except UnicodeEncodeError:
        raise invalid(
            "key", "key must be text that UTF-8 can hold, got half of a surrogate pair"
        ) from None
    return key


def _start(page: object) -> rows.Item | None:
    if page is None:
        return None
    try:
        item: object = json.loads(base64.urlsafe_b64decode(cast("str", page)))
        place = cast("dict[str, dict[str, Any]]", item)
        texts = {name: place[name]["S"] for name in ("pk", "sk")}
        if place == {name: {"S": text} for name, text in texts.items()} and all(
            isinstance(each, str) and 0 < len(each) <= _LONGEST_PLACE and each.isascii()
            for each in texts.values()
        ):
            return place
    except (ValueError, TypeError, LookupError, RecursionError):
        pass
    raise invalid("page", "page must be the nextPage of an earlier reply")
