"""The fleet's table: its rows, and the conditions for changing them.

| row | partition key | sort key |
|---|---|---|
| the fleet itself | `fleet` | `-` |
| the member of a key | `key#<hash of the key>` | `-` |
| a ready member, created in advance | `ready` | its claim |
| a member that the user's own code created | `own` | the id in its ARN |

A member's row goes from CLAIMED (its creation may be under way) to READY (the ARN is published) to
REMOVING (callers no longer get it), and never back. Each transition is one conditional write.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Any, cast

from ivs_constructs.fleets.function.steps import CANCELED, CONDITION, CallError, Steps, World

CLAIMED, READY, REMOVING = "CLAIMED", "READY", "REMOVING"
OPEN, CLOSED = "OPEN", "CLOSED"

LEASE_SECONDS = 60
"""How long a claim holds: longer than the function that answers can run."""

CREATE_SECONDS = 0.2
"""Between two creates of the whole fleet: Amazon IVS allows five a second.

See: https://docs.aws.amazon.com/ivs/latest/RealTimeUserGuide/service-quotas.html
"""

_READY_PAGE = 25
"""How many ready members are read in order to take one."""

_FLEET = {"pk": {"S": "fleet"}, "sk": {"S": "-"}}

Item = dict[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """The row of a member.

    Attributes:
        pk: The partition key.
        sk: The sort key.
        state: CLAIMED, READY or REMOVING.
        claim: The claim; for members that the user's own code created, the one at their adoption.
        key: The key; None for members without one.
        lease: When a claim expires.
        arn: The member's ARN; empty while it is claimed.
        info: Other details for callers.
        used: When it was last requested.
        live_until: Until when it was known to be live, or a token could make it so.
        template: The hash of its template.
        since: When it was claimed, or its removal began.
        forced: 1 if what is live on it is to be ended, 0 otherwise.
    """

    pk: str
    sk: str
    state: str
    claim: str = ""
    key: str | None = None
    lease: float = 0
    arn: str = ""
    info: Mapping[str, str] = field(default_factory=dict[str, str])
    used: float = 0
    live_until: float = 0
    template: str = ""
    since: float = 0
    forced: float = 0

    @property
    def where(self) -> Item:
        """The row's key in the table."""
        return {"pk": {"S": self.pk}, "sk": {"S": self.sk}}


@dataclass(frozen=True, slots=True, kw_only=True)
class Fleet:
    """The row of the fleet itself.

    Attributes:
        state: OPEN or CLOSED; also CLOSED if there is no row yet.
        closed: When it was closed.
        size: An upper bound on the number of members.
        removals: How many rows were ever dropped, plus how often the size was corrected: two runs
            that counted the same rows must not both correct it.
        next: When the next member may be created.
        tender: The run that tends the fleet.
        tender_until: When that run's turn expires.
    """

    state: str = CLOSED
    closed: float = 0
    size: int = 0
    removals: int = 0
    next: float = 0
    tender: str = ""
    tender_until: float = 0


class LostError(Exception):
    """A condition did not hold.

    Attributes:
        item: The current row; None if there is none.
    """

    def __init__(self, item: Item | None) -> None:
        super().__init__("the row has changed")
        self.item = item


def hash_of(fleet: str, key: str) -> str:
    """Hash a key, so that it fits into a tag and is not revealed."""
    return hashlib.sha256(f"{fleet}\n{key}".encode()).hexdigest()


def place_of(world: World, key: str) -> tuple[str, str]:
    """Return the location of a key's row."""
    return f"key#{hash_of(world.settings.fleet, key)}", "-"


# Reading


def fleet_row(world: World) -> Steps[Fleet]:
    """Read the row of the fleet."""
    answer = yield from _table(world, "GetItem", Key=_FLEET, ConsistentRead=True)
    return _fleet(answer.get("Item"))


def row_of(world: World, key: str) -> Steps[Row | None]:
    """Read the row of a key."""
    pk, sk = place_of(world, key)
    where = {"pk": {"S": pk}, "sk": {"S": sk}}
    answer = yield from _table(world, "GetItem", Key=where, ConsistentRead=True)
    return row_in(answer.get("Item"))


def scan(world: World) -> Steps[list[Row]]:
    """Read the rows of all members."""
    rows: list[Row] = []
    start: Item | None = None
    while True:
        page, start = yield from scan_page(world, start)
        rows += page
        if start is None:
            return rows


def scan_page(
    world: World, start: Item | None, limit: int | None = None
) -> Steps[tuple[list[Row], Item | None]]:
    """Read a page of rows.

    Args:
        world: The context of the invocation.
        start: Where to continue; None for the beginning.
        limit: The maximum number of rows. Default: as many as fit into an answer.

    Returns:
        The members' rows, and where to continue, None at the end.
    """
    more: dict[str, Any] = {} if start is None else {"ExclusiveStartKey": start}
    if limit is not None:
        more["Limit"] = limit
    answer = yield from _table(world, "Scan", ConsistentRead=True, **more)
    found = [row_in(item) for item in answer["Items"] if item["pk"] != _FLEET["pk"]]
    return [row for row in found if row is not None], answer.get("LastEvaluatedKey")


def ready_rows(world: World) -> Steps[list[Row]]:
    """Read some of the rows of ready members."""
    answer = yield from _table(
        world,
        "Query",
        ConsistentRead=True,
        Limit=_READY_PAGE,
        **_expressions(("KeyConditionExpression", "#pk = :pk"), pk="ready"),
    )
    return [row for row in map(row_in, answer["Items"]) if row is not None]


# Writing the rows of members


def touch(world: World, key: str) -> Steps[Row | None]:
    """Record that a member was requested.

    Returns:
        The row: READY if this was recorded; None if there is none.
    """
    pk, sk = place_of(world, key)
    try:
        return (
            yield from _update(
                world, {"pk": pk, "sk": sk}, "SET #used = :now", "#state = :ready", now=world.now()
            )
        )
    except LostError as lost:
        return row_in(lost.item)


def expect_until(world: World, row: Row, until: float) -> Steps[bool]:
    """Record until when a member may be, or was, live.

    Returns:
        Whether the member is still READY.
    """
    try:
        yield from _update(
            world,
            row,
            "SET #used = :now, #live_until = :until",
            "#state = :ready AND #claim = :claim AND #live_until < :until",
            now=world.now(),
            until=until,
            claim=row.claim,
        )
    except LostError as lost:
        now = row_in(lost.item)
        return now is not None and now.state == READY and now.claim == row.claim
    return True


def note_live(world: World, row: Row, until: float) -> Steps[None]:
    """Record when a member was last live, without counting as a request."""
    yield from _update_if(
        world,
        row,
        "SET #live_until = :until",
        "#state = :ready AND #claim = :claim AND #live_until < :until",
        until=until,
        claim=row.claim,
    )


def claim(world: World, wanted: Row, seen: Row | None) -> Steps[None]:
    """Write a claim in an empty place, or in place of exactly the row that was read.

    Raises:
        LostError: Another writer came first.
    """
    condition, values = _unchanged(seen)
    try:
        yield from _table(
            world,
            "PutItem",
            Item=_item(wanted),
            ReturnValuesOnConditionCheckFailure="ALL_OLD",
            **_expressions(("ConditionExpression", condition), **values),
        )
    except CallError as error:
        if error.code != CONDITION:
            raise
        # An earlier attempt of this very write can have succeeded without an answer.
        there = row_in(error.item)
        if there is None or there.claim != wanted.claim:
            raise LostError(error.item) from None


def publish(world: World, row: Row, arn: str, info: Mapping[str, str]) -> Steps[Row]:
    """Publish the ARN that was created under a claim.

    Raises:
        LostError: The claim no longer exists.
    """
    now = world.now()
    published = replace(
        row, state=READY, arn=arn, info=info, used=now, template=world.settings.template, lease=0
    )
    try:
        yield from _table(
            world,
            "PutItem",
            Item=_item(published),
            ReturnValuesOnConditionCheckFailure="ALL_OLD",
            **_expressions(
                ("ConditionExpression", "#state = :claimed AND #claim = :claim"), claim=row.claim
            ),
        )
    except CallError as error:
        if error.code != CONDITION:
            raise
        there = row_in(error.item)
        if there is None or (there.arn, there.state) != (arn, READY):
            raise LostError(error.item) from None
    return published


def take_ready(world: World, ready: Row, wanted: Row, seen: Row | None) -> Steps[None]:
    """Assign a ready member to a key, in one transaction.

    Raises:
        LostError: Another writer changed one of the two rows first.
    """
    condition, values = _unchanged(seen)
    yield from _transact(
        world,
        {
            "Delete": {
                "Key": ready.where,
                **_expressions(("ConditionExpression", "#state = :ready")),
            }
        },
        {
            "Put": {
                "Item": _item(wanted),
                **_expressions(("ConditionExpression", condition), **values),
            }
        },
    )


def begin_removal(
    world: World, row: Row, *, unused: bool = False, forced: bool = False
) -> Steps[Row]:
    """Detach a member from its key permanently.

    Args:
        world: The context of the invocation.
        row: Its row, READY.
        unused: Whether to stop if it was requested, or got a token, since the row was read.
        forced: Whether to end what is live on it.

    Raises:
        LostError: The row has changed.
    """
    condition = "#state = :ready AND #claim = :claim AND #arn = :arn"
    values: dict[str, Any] = {"claim": row.claim, "arn": row.arn, "now": world.now()}
    if unused:
        condition += " AND #used = :used AND #live_until = :until"
        values |= {"used": row.used, "until": row.live_until}
    try:
        yield from _update(
            world,
            row,
            "SET #state = :removing, #since = :now, #forced = :forced",
            condition,
            forced=int(forced),
            **values,
        )
    except LostError as lost:
        there = row_in(lost.item)
        if there is None or (there.state, there.arn) != (REMOVING, row.arn):
            raise
    return replace(row, state=REMOVING, forced=int(forced))


def drop(world: World, row: Row, *, counted: bool = True) -> Steps[bool]:
    """Delete a row if it is unchanged, and count one member less.

    Args:
        world: The context of the invocation.
        row: The row.
        counted: Whether the fleet's size counts it.

    Returns:
        Whether it was deleted; a changed row is not.
    """
    condition, values = _unchanged(row)
    delete = {
        "Delete": {"Key": row.where, **_expressions(("ConditionExpression", condition), **values)}
    }
    count = {
        "Update": {
            "Key": _FLEET,
            **_expressions(("UpdateExpression", "ADD #size :less, #removals :one"), less=-1, one=1),
        }
    }
    try:
        yield from _transact(world, delete, *([count] if counted else []))
    except LostError:
        return False
    return True


def set_template(world: World, row: Row) -> Steps[None]:
    """Record that a member has the current template."""
    yield from _update_if(
        world,
        row,
        "SET #template = :template",
        "#state = :ready AND #claim = :claim AND #template = :old",
        template=world.settings.template,
        claim=row.claim,
        old=row.template,
    )


def adopt(world: World, arn: str) -> Steps[None]:
    """Adopt a member that the user's own code created; if another run did, that is as good."""
    row = Row(
        pk="own",
        sk=arn.rpartition("/")[2],
        state=READY,
        # Distinguishes this attempt from another run's, which has counted the member.
        claim=world.new_id(),
        arn=arn,
        used=world.now(),
        template=world.settings.template,
    )
    try:
        yield from claim(world, row, None)
    except LostError:
        return
    # The row comes first, so that the size is never too small.
    yield from _update(world, _FLEET_ROW, "ADD #size :one", "", one=1)


# Writing the row of the fleet


@dataclass(frozen=True, slots=True)
class Refused:
    """Why no member may be created.

    Attributes:
        fleet: The fleet's current row.
        wait: Seconds until the next turn, if that is the reason.
    """

    fleet: Fleet
    wait: float | None = None


def reserve(world: World, patience: float) -> Steps[float | Refused]:
    """Reserve room for one member, and the next turn to create it.

    Args:
        world: The context of the invocation.
        patience: The maximum wait for the turn, in seconds.

    Returns:
        When the turn is, or why there is none.
    """
    room = "#state = :open AND #size < :most"
    most = world.settings.max_size
    while True:
        now = world.now()
        try:
            yield from _update(
                world,
                _FLEET_ROW,
                "SET #size = #size + :one, #next = :after",
                f"{room} AND #next <= :now",
                one=1,
                after=now + CREATE_SECONDS,
                most=most,
                now=now,
            )
        except LostError as lost:
            fleet = _fleet(lost.item)
        else:
            return now
        if fleet.state != OPEN or fleet.size >= most:
            return Refused(fleet)
        if fleet.next - now > patience:
            return Refused(fleet, fleet.next - now)
        try:
            item = yield from _update_item(
                world,
                _FLEET_ROW,
                "SET #size = #size + :one, #next = #next + :step",
                f"{room} AND #next > :now AND #next <= :latest",
                one=1,
                step=CREATE_SECONDS,
                most=most,
                now=now,
                latest=now + patience,
            )
        except LostError:
            # The row has changed: read it again.
            continue
        return _fleet(item).next - CREATE_SECONDS


def correct_size(world: World, before: Fleet, counted: int) -> Steps[None]:
    """Correct the size to match the rows.

    It changes by the difference from its value before the rows were counted. A claim's row is
    written before it is counted, so this never makes the size too small. If a row was dropped or
    the size corrected since then, the count is invalid and nothing changes.
    """
    if counted == before.size:
        return
    # Sent once: a write that may have taken effect must not be repeated.
    yield from _update_if(
        world,
        _FLEET_ROW,
        "ADD #size :difference, #removals :one",
        "#removals = :removals",
        repeat=False,
        difference=counted - before.size,
        one=1,
        removals=before.removals,
    )


def open_fleet(world: World) -> Steps[None]:
    """Allow members to be created."""
    yield from _update(
        world,
        _FLEET_ROW,
        "SET #state = :open, #size = if_not_exists(#size, :zero), "
        "#removals = if_not_exists(#removals, :zero), #next = if_not_exists(#next, :zero)",
        "",
        zero=0,
    )


def close_fleet(world: World) -> Steps[float]:
    """Prevent members from being created.

    Returns:
        Since when the fleet is closed.
    """
    try:
        yield from _update(
            world,
            _FLEET_ROW,
            "SET #state = :closed, #closed = :now, #size = if_not_exists(#size, :zero), "
            "#removals = if_not_exists(#removals, :zero), #next = if_not_exists(#next, :zero)",
            "attribute_not_exists(#state) OR #state <> :closed",
            now=world.now(),
            zero=0,
        )
    except LostError as lost:
        return _fleet(lost.item).closed
    return world.now()


def lead(world: World, run: str, seconds: float) -> Steps[bool]:
    """Become, or remain, the only run that tends the fleet.

    Returns:
        Whether this is that run.
    """
    now = world.now()
    return (
        yield from _update_if(
            world,
            _FLEET_ROW,
            "SET #tender = :run, #tender_until = :until",
            "attribute_not_exists(#tender) OR #tender = :run OR #tender_until < :now",
            run=run,
            until=now + seconds,
            now=now,
        )
    )


def step_down(world: World, run: str) -> Steps[None]:
    """Let another run tend the fleet."""
    yield from _update_if(
        world, _FLEET_ROW, "SET #tender_until = :zero", "#tender = :run", zero=0, run=run
    )


# Requests to the table


_FLEET_ROW = {"pk": "fleet", "sk": "-"}

_WORDS = {"ready": READY, "claimed": CLAIMED, "removing": REMOVING, "open": OPEN, "closed": CLOSED}
"""The values that expressions use by default."""


def _table(world: World, operation: str, *, repeat: bool = True, **more: Any) -> Steps[Item]:  # noqa: ANN401 (JSON-like)
    parameters = {"TableName": world.settings.table, **more}
    return (yield from world.call("dynamodb", operation, parameters, repeat=repeat))


def _update(
    world: World,
    row: Row | Mapping[str, str],
    change: str,
    condition: str,
    *,
    repeat: bool = True,
    **values: object,
) -> Steps[Row | None]:
    item = yield from _update_item(world, row, change, condition, repeat=repeat, **values)
    return row_in(item)


def _update_if(
    world: World,
    row: Row | Mapping[str, str],
    change: str,
    condition: str,
    *,
    repeat: bool = True,
    **values: object,
) -> Steps[bool]:
    """Update a row; returns whether the condition held."""
    try:
        yield from _update(world, row, change, condition, repeat=repeat, **values)
    except LostError:
        return False
    return True


def _update_item(
    world: World,
    row: Row | Mapping[str, str],
    change: str,
    condition: str,
    *,
    repeat: bool = True,
    **values: object,
) -> Steps[Item]:
    where = row.where if isinstance(row, Row) else {k: {"S": v} for k, v in row.items()}
    parts = [("UpdateExpression", change)]
    more: dict[str, Any] = {}
    if condition:
        parts.append(("ConditionExpression", condition))
        more["ReturnValuesOnConditionCheckFailure"] = "ALL_OLD"
    try:
        answer = yield from _table(
            world,
            "UpdateItem",
            repeat=repeat,
            Key=where,
            ReturnValues="ALL_NEW",
            **more,
            **_expressions(*parts, **values),
        )
    except CallError as error:
        if error.code == CONDITION:
            raise LostError(error.item) from None
        raise
    return cast("Item", answer["Attributes"])


def _transact(world: World, *writes: Item) -> Steps[None]:
    named = [
        {kind: {"TableName": world.settings.table, **write}}
        for each in writes
        for kind, write in each.items()
    ]
    try:
        # The token makes it safe to repeat the transaction.
        yield from world.call(
            "dynamodb",
            "TransactWriteItems",
            {"TransactItems": named, "ClientRequestToken": world.new_id()},
        )
    except CallError as error:
        if error.code == CANCELED and "ConditionalCheckFailed" in error.reasons:
            raise LostError(None) from None
        raise


def _unchanged(seen: Row | None) -> tuple[str, dict[str, str]]:
    if seen is None:
        return "attribute_not_exists(#pk)", {}
    return (
        "#state = :seen AND #claim = :seen_claim AND #arn = :seen_arn",
        {"seen": seen.state, "seen_claim": seen.claim, "seen_arn": seen.arn},
    )


def _expressions(*parts: tuple[str, str], **values: object) -> dict[str, Any]:
    """Return expressions with the names and values that they use."""
    text = " ".join(expression for _, expression in parts)
    names = {f"#{name}": name for name in _words(r"#(\w+)", text)}
    known = {**_WORDS, **values}
    used = {f":{name}": _typed(known[name]) for name in _words(r":(\w+)", text)}
    found: dict[str, Any] = {**dict(parts), "ExpressionAttributeNames": names}
    return {**found, "ExpressionAttributeValues": used} if used else found


def _words(pattern: str, text: str) -> Iterator[str]:
    return iter(sorted(set(re.findall(pattern, text))))


def _typed(value: object) -> Item:
    if isinstance(value, str):
        return {"S": value}
    if isinstance(value, Mapping):
        members = cast("Mapping[str, object]", value)
        return {"M": {name: _typed(each) for name, each in members.items()}}
    # Milliseconds are enough, and make equal numbers look the same.
    return {"N": f"{cast('float', value):.3f}".rstrip("0").rstrip(".")}


def _item(row: Row) -> Item:
    values = {name: getattr(row, name) for name in Row.__slots__}
    return {name: _typed(value) for name, value in values.items() if value is not None}


def _plain(typed: Item) -> Any:  # noqa: ANN401 (JSON-like)
    [(kind, value)] = typed.items()
    match kind:
        case "N":
            return float(value)
        case "M":
            return {name: _plain(each) for name, each in value.items()}
        case _:
            return value


def row_in(item: Item | None) -> Row | None:
    """Read a member's row."""
    if item is None or item["pk"] == _FLEET["pk"]:
        return None
    return Row(**{name: _plain(each) for name, each in item.items() if name in Row.__slots__})


def _fleet(item: Item | None) -> Fleet:
    values = {name: _plain(each) for name, each in (item or {}).items()}
    known = {name: values[name] for name in Fleet.__slots__ if name in values}
    for name in ("size", "removals"):
        known[name] = int(known.get(name, 0))
    return Fleet(**known)
