"""What happens to a fleet when its stack makes, changes or deletes it.

To delete it is to close it, to wait until no function that answers can still be at work, and to
delete members until neither the table nor the lists show any. Every step can be repeated, so a run
that ends half-way is continued by the next one, and a second Delete goes on where the first failed.
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
"""Pauses between two rounds double from the first to the longest."""

_NAMED = 5
"""How many of the members that are left a failure names."""


class FailedError(Exception):
    """What CloudFormation asked for could not be done; the message says why and what helps."""


@dataclass(frozen=True, slots=True)
class Unfinished:
    """The time was over before the work was."""


@dataclass(slots=True)
class _Left:
    """What a round has left.

    Attributes:
        live: Members that are live and must not be stopped.
        others: Members that are not gone yet for another reason.
        why: The last failure.
    """

    live: list[str] = field(default_factory=list[str])
    others: list[str] = field(default_factory=list[str])
    why: str = ""

    def __bool__(self) -> bool:
        return bool(self.live or self.others)


def begin(world: World) -> Steps[None]:
    """Open a fleet that was just made, or is made again after a deletion that failed."""
    yield from rows.open_fleet(world)


def change(world: World) -> Steps[Tally | Unfinished]:
    """Let the members follow a change of the template.

    Returns:
        What was done, or that there is more to do.
    """
    yield from rows.open_fleet(world)
    while True:
        tally = yield from tend(world)
        if tally is not None and tally.complete and not world.failures:
            return tally
        if world.left() < MARGIN_SECONDS + _ROUND_SECONDS:
            return Unfinished()
        world.failures.clear()
        # Another run is at it, or something failed that the next round may do.
        yield Pause(_ROUND_SECONDS)


def close(world: World, in_use: str, *, last: bool) -> Steps[Unfinished | None]:
    """Close a fleet, and delete all its members.

    Args:
        world: What the invocation works with.
        in_use: What to do about live members: FAIL, WAIT or STOP.
        last: Whether no other invocation goes on with it.

    Raises:
        FailedError: Members are left.
    """
    world.pace = Pace(CALLS_SECONDS)
    members = members_of(world)
    before = yield from rows.fleet_row(world)
    never_open = before.state == CLOSED and not before.closed
    pause = _ROUND_SECONDS
    while True:
        began = world.now()
        # Each time: a Create that comes twice may have opened the fleet again.
        closed = yield from rows.close_fleet(world)
        # From then on lists show whatever was made before, or never will.
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
    infos: Mapping[str, Mapping[str, str]] = {row.arn: row.info for row in known if row.arn}
    by_arn = {row.arn: row for row in known if row.arn}
    for arn in [*by_arn, *(each for each in inventory.members if each not in by_arn)]:
        if world.left() < MARGIN_SECONDS:
            left.others.append(arn)
            continue
        try:
            gone = yield from _delete(
                world, members, arn, infos.get(arn, {}), by_arn.get(arn), in_use
            )
        except CallError as error:
            left.why = str(error)
            left.others.append(arn)
            continue
        if not gone:
            left.live.append(arn)
    for row in known:
        if not row.arn:
            # Its function has ended, or will lose what it makes. It may never have been counted.
            yield from rows.drop(world, row, counted=False)
    return left


def _delete(
    world: World,
    members: Members,
    arn: str,
    info: Mapping[str, str],
    row: Row | None,
    in_use: str,
) -> Steps[bool]:
    """Delete a member.

    Returns:
        Whether it is gone.
    """
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
        return "the time was over before it was certain that nothing is left; delete again"
    why = f"{len(left.live)} in use" if left.live else left.why or "the time was over"
    return (
        f"{count} of the fleet left ({why}): {named}{more}. Delete the stack again when they are "
        "free, or set in_use to WAIT or STOP; what is gone stays gone"
    )
