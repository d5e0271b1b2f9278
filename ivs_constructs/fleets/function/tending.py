"""What tends a fleet: removes idle and orphaned members, and creates ready ones.

A run keeps no state for the next one. It reads everything, does as much as it has time for, and may
be stopped at any point.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from ivs_constructs.fleets.function import rows, verbs
from ivs_constructs.fleets.function.members import (
    Inventory,
    Listed,
    Members,
    is_made_by_fleet,
    members_of,
)
from ivs_constructs.fleets.function.rows import (
    CLAIMED,
    CREATE_SECONDS,
    LEASE_SECONDS,
    OPEN,
    READY,
    REMOVING,
    Fleet,
    LostError,
    Row,
)
from ivs_constructs.fleets.function.settings import CLAIM_TAG
from ivs_constructs.fleets.function.steps import CallError, Pace, Steps, World

CALLS_SECONDS = 0.4
"""Between two calls of an operation: half the quota of five a second.

See: https://docs.aws.amazon.com/ivs/latest/RealTimeUserGuide/service-quotas.html
"""

LAG_SECONDS = 15
"""How long lists may lag behind creations and deletions. AWS documents no limit; this is a careful
guess."""

LEAD_SECONDS = 90
"""How long a run has exclusive access, unless it renews it."""

RENEW_SECONDS = 20
"""How often it renews it."""

MARGIN_SECONDS = 20
"""How long before the function's timeout a run ends, to leave time for its report."""


@dataclass(slots=True)
class Tally:
    """What a run found and did.

    Attributes:
        size: How many members are in the table.
        live: How many of them are live.
        removed: How many idle members were removed.
        orphans: How many members were orphaned.
        oldest_orphan: The age of the oldest of these, in seconds.
        adopted: How many members created by the user's own code were adopted.
        forgotten: How many rows no longer had a member.
        updated: How many members got the current template.
        stale: The members that still have an older template, because they are live.
        refilled: How many ready members were created.
        pages: How many pages of lists were read.
        complete: Whether the run finished.
    """

    size: int = 0
    live: int = 0
    removed: int = 0
    orphans: int = 0
    oldest_orphan: float = 0
    adopted: int = 0
    forgotten: int = 0
    updated: int = 0
    stale: list[str] = field(default_factory=list[str])
    refilled: int = 0
    pages: int = 0
    complete: bool = False


class _StopError(Exception):
    """The run ends: its time is up, or another run has taken over."""


@dataclass(slots=True)
class Run:
    """One run.

    Attributes:
        world: The context of the invocation.
        id: The id of this run.
        members: The members in Amazon IVS.
        tally: What it found and did.
        renewed: When it last renewed its exclusive access.
    """

    world: World
    id: str
    members: Members
    tally: Tally = field(default_factory=Tally)
    renewed: float = 0

    def goes_on(self) -> Steps[None]:
        """Make sure that there is time left, and that this is still the only run.

        Raises:
            _StopError: Time is up, or another run has taken over.
        """
        if self.world.left() < MARGIN_SECONDS:
            raise _StopError
        if self.world.now() - self.renewed > RENEW_SECONDS:
            now = self.world.now()
            if not (yield from rows.lead(self.world, self.id, LEAD_SECONDS)):
                raise _StopError
            self.renewed = now

    def attempt(self, work: Steps[None]) -> Steps[None]:
        """Process one member, and leave failures to the next run."""
        yield from self.goes_on()
        try:
            yield from work
        except CallError as error:
            self.world.note(error)


def tend(world: World) -> Steps[Tally | None]:
    """Tend the fleet.

    Returns:
        What was found and done; None if another run is at work, or the fleet is closed.
    """
    world.pace = Pace(CALLS_SECONDS)
    run = Run(world, world.new_id(), members_of(world))
    if not (yield from rows.lead(world, run.id, LEAD_SECONDS)):
        return None
    run.renewed = world.now()
    try:
        if (yield from rows.fleet_row(world)).state != OPEN:
            return None
        yield from _pass(run)
        run.tally.complete = True
    except _StopError:
        pass
    except CallError as error:
        world.note(error)
    try:
        yield from rows.step_down(world, run.id)
    except CallError as error:
        world.note(error)
    return run.tally


def _pass(run: Run) -> Steps[None]:
    world, tally = run.world, run.tally
    # In this order: a listed member got its row, or its claim, before it was listed.
    inventory = yield from run.members.inventory()
    tally.pages = inventory.pages
    yield from run.goes_on()
    before = yield from rows.fleet_row(world)
    known = yield from rows.scan(world)
    known = yield from _without_expired(run, known)
    orphans, known = yield from _orphans(run, inventory, known)
    yield from _count(run, before, inventory, known)
    for row in known:
        yield from run.attempt(_look_after(run, row, inventory.members.get(row.arn)))
    for listed in orphans:
        yield from run.attempt(_deal_with(run, listed))
    yield from _refill(run, known)


def _without_expired(run: Run, known: Iterable[Row]) -> Steps[list[Row]]:
    """Drop abandoned claims.

    The size stays: a claim's function can end before it counts the claim. Any excess is found when
    the rows are counted.
    """
    kept: list[Row] = []
    for row in known:
        expired = row.state == CLAIMED and row.lease < run.world.now()
        if not expired or not (yield from rows.drop(run.world, row, counted=False)):
            kept.append(row)
    return kept


def _orphans(
    run: Run, inventory: Inventory, known: list[Row]
) -> Steps[tuple[list[Listed], list[Row]]]:
    """Find the members that have no row, and will not get one.

    A member's row moves once, when a ready member is assigned to a key. A scan can miss it only
    while it moves, so of two consecutive scans at least one sees it. And an ARN is published only
    under an existing claim: a member whose claim is gone will get no row.

    Returns:
        These members, and all rows that were seen.
    """
    suspects = _without_row(inventory.members.values(), known)
    if not suspects:
        return [], known
    again = yield from rows.scan(run.world)
    seen = {(row.pk, row.sk) for row in known}
    everything = [*known, *(row for row in again if (row.pk, row.sk) not in seen)]
    return _without_row(suspects, again), everything


def _without_row(members: Iterable[Listed], known: Iterable[Row]) -> list[Listed]:
    arns: set[str] = set()
    claims: set[str] = set()
    for row in known:
        if row.arn:
            arns.add(row.arn)
        else:
            claims.add(row.claim)
    return [
        each
        for each in members
        if each.arn not in arns and each.tags.get(CLAIM_TAG, "") not in claims
    ]


def _number_of(known: Iterable[Row]) -> int:
    return len({row.arn or row.claim for row in known})


def _count(run: Run, before: Fleet, inventory: Inventory, known: list[Row]) -> Steps[None]:
    counted = _number_of(known)
    if counted < before.size:
        # A scan can miss a moving row, and lists may not show its member yet; see `_orphans`.
        again = yield from rows.scan(run.world)
        counted = _number_of({(row.pk, row.sk): row for row in (*known, *again)}.values())
    run.tally.size = counted
    run.tally.live = sum(
        1 for row in known if row.arn in inventory.members and inventory.members[row.arn].live
    )
    try:
        yield from rows.correct_size(run.world, before, counted)
    except CallError as error:
        run.world.note(error)


def _look_after(run: Run, row: Row, listed: Listed | None) -> Steps[None]:
    world = run.world
    if row.state == REMOVING:
        yield from _finish_removal(run, row)
    elif row.state == READY and listed is None:
        yield from _forget(run, row)
    elif row.state == READY and listed is not None:
        # Members of the user's own code were not created from the template.
        stale = row.template != world.settings.template and row.pk != "own"
        if stale and listed.live:
            run.tally.stale.append(row.arn)
        elif stale:
            yield from _renew(run, row, listed.tags)
        elif not listed.live and row.pk != "ready":
            yield from _remove_idle(run, row)


def _finish_removal(run: Run, row: Row) -> Steps[None]:
    if (yield from run.members.delete(row.arn, row.info, stop=bool(row.forced))):
        yield from rows.drop(run.world, row)


def _forget(run: Run, row: Row) -> Steps[None]:
    """Drop the row of a member that was deleted outside the fleet."""
    if row.used + LAG_SECONDS > run.world.now():
        return
    if (yield from run.members.look(row.arn)).exists:
        return
    run.tally.forgotten += 1
    yield from _remove(run, row)


def _remove_idle(run: Run, row: Row) -> Steps[None]:
    world, idle_after = run.world, run.world.settings.idle_after
    if idle_after is None or max(row.used, row.live_until) + idle_after > world.now():
        return
    look = yield from run.members.look(row.arn, history=True)
    if look.live:
        return
    if look.ended + idle_after > world.now():
        # Recorded, so that the next runs need not ask again.
        yield from rows.note_live(world, row, look.ended)
        return
    run.tally.removed += 1
    yield from _remove(run, row)


def _remove(run: Run, row: Row) -> Steps[None]:
    try:
        row = yield from rows.begin_removal(run.world, row, unused=True)
    except LostError:
        # It was requested at the last moment.
        return
    yield from _finish_removal(run, row)


def _renew(run: Run, row: Row, tags: Mapping[str, str]) -> Steps[None]:
    """Apply the current template to a member that is not live."""
    if row.pk == "ready":
        # It was never used, so it is not worth an update; a new one replaces it.
        yield from _remove(run, row)
    elif (yield from run.members.look(row.arn)).live:
        run.tally.stale.append(row.arn)
    elif (yield from run.members.update(row.arn, tags)):
        run.tally.updated += 1
        yield from rows.set_template(run.world, row)
    else:
        run.tally.stale.append(row.arn)


def _deal_with(run: Run, listed: Listed) -> Steps[None]:
    if not is_made_by_fleet(listed):
        run.tally.adopted += 1
        yield from rows.adopt(run.world, listed.arn)
        return
    age = run.world.now() - verbs.claimed_at(listed.tags[CLAIM_TAG])
    run.tally.orphans += 1
    run.tally.oldest_orphan = max(run.tally.oldest_orphan, age)
    # End any stream or session: its key was released by force and may have a new member.
    yield from run.members.delete(listed.arn, {}, stop=True)


def _refill(run: Run, known: Iterable[Row]) -> Steps[None]:
    """Create ready members, as long as no caller waits for a turn."""
    world = run.world
    template = world.settings.template
    fresh = [row for row in known if row.pk == "ready" and row.template in ("", template)]
    for surplus in fresh[world.settings.ready :]:
        if surplus.state == READY:
            yield from run.attempt(_remove(run, surplus))
    there = len(fresh)
    while there < world.settings.ready:
        there += 1
        yield from run.goes_on()
        claim = verbs.claim_id(world)
        wanted = Row(
            pk="ready",
            sk=claim,
            state=CLAIMED,
            claim=claim,
            lease=world.now() + LEASE_SECONDS,
            since=world.now(),
        )
        try:
            yield from rows.claim(world, wanted, None)
            if (yield from verbs.make(world, wanted, CREATE_SECONDS)) is not None:
                run.tally.refilled += 1
        except CallError as error:
            world.note(error)
            return
        except verbs.RefusedError:
            # Full, closed, at the quota, or others wait: callers come first.
            return
