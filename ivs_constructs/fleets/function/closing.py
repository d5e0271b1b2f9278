"""What happens to a fleet when its stack creates, changes or deletes it.

To delete a fleet, close it, wait until no answering function can still be running, and delete
members until neither the table nor the lists show any. Every step can be repeated: the next run
continues one that ended half-way, and a second Delete continues where the first failed.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from ivs_constructs.fleets.function import rows
from ivs_constructs.fleets.function.members import Members, members_of
from ivs_constructs.fleets.function.rows import CLOSED, REMOVING, Row
from ivs_constructs.fleets.function.settings import ANSWER_TIMEOUT
from ivs_constructs.fleets.function.steps import CallError, Pace, Pause, Steps, World
from ivs_constructs.fleets.function.tending import (
    CALLS_SECONDS,
    LAG_SECONDS,
    MARGIN_SECONDS,
    Tally,
    tend,
)

_ROUND_SECONDS = 5.0
_LONGEST_ROUND_SECONDS = 40.0
"""Pauses between two rounds double from the first value to the second."""

_NAMED = 5
"""How many of the remaining members a failure message names."""


class FailedError(Exception):
    """CloudFormation's request failed; the message says why and how to fix it."""


@dataclass(frozen=True, slots=True)
class Unfinished:
    """Time ran out before the work was done."""


@dataclass(slots=True)
class _Left:
    """What remains after a round.

    Attributes:
        live: Members that are live and must not be stopped.
        others: Members that still exist for another reason.
        why: The last failure.
    """

    live: list[str] = field(default_factory=list[str])
    others: list[str] = field(default_factory=list[str])
    why: str = ""

    def __bool__(self) -> bool:
        return bool(self.live or self.others)


def begin(world: World) -> Steps[None]:
    """Open a fleet after its creation, or after a deletion that failed."""
    yield from rows.open_fleet(world)


def change(world: World) -> Steps[Tally | Unfinished]:
    """Update the members after a change of the template.

    Returns:
        What was done, or that more remains.
    """
    yield from rows.open_fleet(world)
    while True:
        tally = yield from tend(world)
        if tally is not None and tally.complete and not world.failures:
            return tally
        if world.left() < MARGIN_SECONDS + _ROUND_SECONDS:
            return Unfinished()
        world.failures.clear()
        # Another run is at work, or something failed that the next round can do.
        yield Pause(_ROUND_SECONDS)


def close(world: World, in_use: str, *, last: bool) -> Steps[Unfinished | None]:
    """Close a fleet, and delete all its members.

    Args:
        world: The context of the invocation.
        in_use: What to do about live members: FAIL, WAIT or STOP.
        last: Whether no further invocation continues the work.

    Raises:
        FailedError: Members remain.
    """
    world.pace = Pace(CALLS_SECONDS)
    members = members_of(world)
    before = yield from rows.fleet_row(world)
    never_open = before.state == CLOSED and not before.closed
    pause = _ROUND_SECONDS
    while True:
        began = world.now()
        # In every round: a duplicate Create can open the fleet again.
        closed = yield from rows.close_fleet(world)
        # After this time, lists show everything that was created before.
        settled = 0.0 if never_open else closed + ANSWER_TIMEOUT + LAG_SECONDS
        left = yield from _round(world, members, in_use)
        if not left and began >= settled:
            return None
        if left.live and in_use == "FAIL" and began >= settled and not left.others:
            raise FailedError(_says(world, left))
        if world.left() < MARGIN_SECONDS + pause:
            if last:
                raise FailedError(_says(world, left))
            return Unfinished()
        yield Pause(min(pause, max(settled - world.now(), _ROUND_SECONDS)))
        pause = min(2 * pause, _LONGEST_ROUND_SECONDS)


def _round(world: World, members: Members, in_use: str) -> Steps[_Left]:
    left = _Left()
    inventory = yield from members.inventory()
    known = yield from rows.scan(world)
    by_arn = {row.arn: row for row in known if row.arn}
    for arn in [*by_arn, *(each for each in inventory.members if each not in by_arn)]:
        if world.left() < MARGIN_SECONDS:
            left.others.append(arn)
            continue
        try:
            gone = yield from _delete(world, members, arn, by_arn.get(arn), in_use)
        except CallError as error:
            left.why = str(error)
            left.others.append(arn)
            continue
        if not gone:
            left.live.append(arn)
    for row in known:
        if not row.arn:
            # Its function has ended, or cannot publish what it creates. It may be uncounted.
            yield from rows.drop(world, row, counted=False)
    return left


def _delete(world: World, members: Members, arn: str, row: Row | None, in_use: str) -> Steps[bool]:
    """Delete a member.

    Returns:
        Whether the member no longer exists.
    """
    info: Mapping[str, str] = {} if row is None else row.info
    if in_use != "STOP" and (yield from members.look(arn)).live:
        return False
    if row is not None and row.state != REMOVING:
        try:
            row = yield from rows.begin_removal(world, row, forced=in_use == "STOP")
        except rows.LostError:
            return False
    if not (yield from members.delete(arn, info, stop=in_use == "STOP")):
        return False
    if row is not None:
        yield from rows.drop(world, row)
    return True


def _says(world: World, left: _Left) -> str:
    noun = world.settings.kind
    arns = [*left.live, *left.others]
    named = ", ".join(arns[:_NAMED])
    more = f" and {len(arns) - _NAMED} more" if len(arns) > _NAMED else ""
    count = f"{len(arns)} {noun}{'' if len(arns) == 1 else 's'}"
    if not arns:
        return "time ran out before it was certain that nothing is left; delete the stack again"
    why = f"{len(left.live)} in use" if left.live else left.why or "time ran out"
    return (
        f"{count} of the fleet left ({why}): {named}{more}. Delete the stack again when they are "
        "free, or set in_use to WAIT or STOP; deleted ones stay deleted"
    )
