"""One fleet in the bench: its settings, its table, Amazon IVS, and what was asked and answered."""

from __future__ import annotations

import copy
import itertools
import math
import random
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

from ivs_constructs.fleets.function import closing, tending, verbs
from ivs_constructs.fleets.function.rows import CLAIMED, READY, row_in
from ivs_constructs.fleets.function.settings import (
    ANSWER_SECONDS,
    ANSWER_TIMEOUT,
    CALL_SECONDS,
    CLAIM_TAG,
    FLEET_TAG,
    TEND_TIMEOUT,
    Settings,
)
from ivs_constructs.fleets.function.steps import Call, CallError, Steps, World
from tests.faults.fleets_clock import KilledError, Scheduler, Task
from tests.faults.fleets_ivs import Ivs
from tests.faults.fleets_table import Item, Place, Table

FLEET = "f47ac10b-58cc-4372-a567-0e02b2c3d479/c8a1"
IDLE = 3600

NAMES_A_MEMBER = ("acquire", "get", "touch")


@dataclass
class Asked:
    """A request, and what became of it."""

    verb: str
    request: dict[str, Any]
    task: Task

    @property
    def arn(self) -> str | None:
        """The ARN that was answered, None if none was."""
        reply = self.task.result
        if self.verb in NAMES_A_MEMBER and isinstance(reply, dict):
            found: str | None = reply.get("arn")
            return found
        return None

    @property
    def refusal(self) -> str:
        error = self.task.error
        return error.refusal["code"] if isinstance(error, verbs.RefusedError) else ""


@dataclass
class Ended:
    """Something after which a key may have another member.

    Attributes:
        since: From when on it may have had its effect.
        key: The key, None for all.
        arn: The member, None for any.
    """

    since: float
    key: str | None = None
    arn: str | None = None


class FleetWorld:
    """Everything that a scenario plays with."""

    def __init__(
        self,
        kind: str,
        seed: int,
        *,
        page: int = 3,
        lag: float = 10,
        skew: float = 0,
        **settings: object,
    ) -> None:
        self.table = Table(page)
        self.scheduler = Scheduler(self._serve, seed)
        self.ivs = Ivs(lambda: self.scheduler.now, lag)
        given: dict[str, Any] = {"max_size": 100, "idle_after": IDLE, **settings}
        self.settings = Settings(
            kind=kind,
            fleet=FLEET,
            name="Stack/Rooms",
            table="table",
            create={"name": "one"},
            update={"name": "one"},
            tags={"team": "video"},
            **given,
        )
        self.skew = skew
        self._offsets = random.Random(f"skew {seed}")  # noqa: S311 (no secret)
        self._backup: dict[Place, Item] = {}
        self._restored = math.inf
        self.asked: list[Asked] = []
        self.ends: list[Ended] = []
        self.faults: dict[tuple[int, int], tuple[str, bool]] = {}
        self.fired: set[tuple[int, int]] = set()
        self.wrong: list[str] = []
        self.outside: set[str] = set()
        self.most = 0
        self.adopts = False
        self.published: set[str] = set()
        self.table_calls = 0
        self._ids = itertools.count(1)
        self._creators: dict[str, Task] = {}
        self._running: Task | None = None
        self._persistent: dict[int, tuple[str, str]] = {}
        self.scheduler.on_call = self._fault
        self.foreign = [
            self.ivs.make(kind, {}),
            self.ivs.make(kind, {FLEET_TAG: "another/fleet", CLAIM_TAG: "0-1"}),
            self.ivs.make(kind, {"team": "video"}),
        ]
        for each in self.foreign:
            each.made = 0

    @property
    def own(self) -> dict[str, str]:
        """The tag of the fleet's members."""
        return {FLEET_TAG: FLEET}

    # What is done

    def open(self) -> None:
        self.simply(lambda world: closing.begin(world), "open")

    def ask(
        self,
        verb: str,
        after: float = 0,
        deployed: Settings | None = None,
        **request: Any,  # noqa: ANN401 (as JSON has it)
    ) -> Asked:
        """Ask for something, some seconds from now; by default of what is deployed then."""
        # Not from the table of verbs: it would not know of a mutation.
        work = getattr(verbs, verbs.VERBS[verb].__name__)
        asked = Asked(
            verb,
            request,
            self._begin(
                f"{verb} {request.get('key', '')}",
                lambda world: work(world, request),
                after,
                ANSWER_SECONDS - CALL_SECONDS,
                ANSWER_TIMEOUT,
                deployed,
            ),
        )
        self.asked.append(asked)
        if verb == "release":
            self.ends.append(Ended(asked.task.began, request["key"], request["arn"]))
        return asked

    def tend(self, after: float = 0, deployed: Settings | None = None) -> Task:
        return self._begin("tend", tending.tend, after, TEND_TIMEOUT, TEND_TIMEOUT, deployed)

    def change(self, after: float = 0) -> Task:
        return self._begin("change", closing.change, after, 840, TEND_TIMEOUT)

    def close(self, in_use: str, after: float = 0, *, last: bool = True) -> Task:
        def work(world: World) -> Steps[Any]:
            return closing.close(world, in_use, last=last)

        self.ends.append(Ended(self.scheduler.now + after))
        return self._begin("close", work, after, 840, TEND_TIMEOUT)

    def simply(self, work: Callable[[World], Steps[Any]], name: str) -> Any:  # noqa: ANN401 (any result)
        """Do something without faults, now."""
        faults, self.faults = self.faults, {}
        task = self._begin(name, work, 0, 600, TEND_TIMEOUT)
        self.scheduler.run()
        self.faults = faults
        self.scheduler.tasks.remove(task)
        if task.error is not None:
            raise task.error
        return task.result

    def at(self, after: float, action: Callable[[], None]) -> None:
        self.scheduler.at(self.scheduler.now + after, action)

    def run(self) -> None:
        self.scheduler.run()

    def wait(self, seconds: float) -> None:
        """Let time pass in which nothing happens."""
        self.scheduler.now += seconds

    def go_live(self, key: str) -> None:
        arn = self.member(key)
        if arn:
            self.ivs.go_live(arn)

    def member(self, key: str) -> str:
        """Look up the member of a key in the table."""
        for row in map(row_in, self.table.items.values()):
            if row is not None and row.key == key and row.state == READY:
                return row.arn
        return ""

    def delete_outside(self, key: str) -> None:
        """Let somebody delete a member who does not know the fleet."""
        arn = self.member(key)
        if arn:
            self.ivs.made[arn].gone = self.scheduler.now
            self.ends.append(Ended(self.scheduler.now, key, arn))
            self.outside.add(arn)

    def throttle_table(self, seconds: float) -> None:
        """Let the table refuse everything for a while."""
        end = self.scheduler.now + seconds
        self.table.is_throttled = lambda: self.scheduler.now < end

    def back_up(self) -> None:
        """Note what stands in the table."""
        self._backup = copy.deepcopy(self.table.items)

    def restore(self) -> None:
        """Let the table say what it said when it was backed up.

        No key need have the member that it has had, and rows may name what is not there any more.
        """
        self.table.items = copy.deepcopy(self._backup)
        self._restored = self.scheduler.now
        self.ends.append(Ended(self.scheduler.now))
        self.outside |= {arn for arn, made in self.ivs.made.items() if made.gone is not None}

    def lose_row(self, key: str) -> None:
        """Let somebody delete the row of a key."""
        for place, item in list(self.table.items.items()):
            if item.get("key") == {"S": key}:
                del self.table.items[place]
                self.ends.append(Ended(self.scheduler.now, key))

    def copy_tags(self, key: str) -> None:
        """Let somebody give another member all the tags that the member of a key has."""
        arn = self.member(key)
        if arn:
            self.ivs.make(self.settings.kind, self.ivs.made[arn].tags)

    def lose_stream_key(self, key: str) -> None:
        """Let somebody delete the stream key of a key's channel."""
        arn = self.member(key)
        if arn and self.ivs.made[arn].key:
            self.ivs.made[self.ivs.made[arn].key].gone = self.scheduler.now

    def new_template(self, name: str) -> None:
        self.settings = replace(self.settings, create={"name": name}, update={"name": name})
        # It is kept with the instance once it was asked for.
        self.settings.__dict__.pop("template", None)

    def _begin(
        self,
        name: str,
        work: Callable[[World], Steps[Any]],
        after: float,
        seconds: float,
        limit: float,
        deployed: Settings | None = None,
    ) -> Task:
        # Two machines never have quite the same time.
        offset = self._offsets.uniform(-self.skew, self.skew)

        def make() -> Steps[Any]:
            scheduler = self.scheduler
            return work(
                World(
                    settings=deployed or self.settings,
                    now=lambda: scheduler.now + offset,
                    end=scheduler.now + offset + seconds,
                    new_id=lambda: f"{next(self._ids):06d}",
                    random=scheduler.random.random,
                )
            )

        return self.scheduler.begin(name, make, after=after, limit=limit)

    # What happens to it

    def _fault(self, task: Task, call: Call) -> str:
        if call.operation.startswith("Delete") and "Key" not in call.operation:
            self._judge_deletion(task, call)
        place = (self.scheduler.tasks.index(task), len(task.calls) - 1)
        known = self.faults.get(place)
        if known is not None:
            name, persistent = known
            self.fired.add(place)
            if persistent:
                self._persistent[place[0]] = (call.operation, name)
            return name
        operation, name = self._persistent.get(place[0], ("", ""))
        return name if operation == call.operation else ""

    def _judge_deletion(self, task: Task, call: Call) -> None:
        """An invocation that answers deletes only what it made itself, or is to release."""
        if (
            task.name.startswith("acquire")
            and self._creators.get(call.parameters["arn"]) is not task
        ):
            self.wrong.append(f"{task.name} deletes {call.parameters['arn']}")

    def _serve(self, call: Call) -> dict[str, Any]:
        if call.service == "dynamodb":
            self.table_calls += 1
            answer = self.table.serve(call)
            if call.operation not in ("GetItem", "Query", "Scan"):
                self._watch()
            return answer
        answer = self.ivs.serve(call)
        if call.operation.startswith("Create"):
            made: dict[str, Any] = next(iter(answer.values()))
            maker = next(
                (
                    each
                    for each in self.scheduler.tasks
                    if each.calls and any(past is call for past in each.calls)
                ),
                None,
            )
            if maker is not None:
                self._creators[made["arn"]] = maker
        return answer

    def _watch(self) -> None:
        """Look at the table after each write."""
        ready = 0
        for place, item in self.table.items.items():
            if item.get("state") == {"S": READY}:
                self.published.add(item["arn"]["S"])
                ready += place[0] != "own"
        self.most = max(self.most, ready)
        size = float(self.table.items.get(("fleet", "-"), {}).get("size", {"N": "0"})["N"])
        if size < ready:
            self.wrong.append(f"the size is {size}, but {ready} members are ready")

    # What must hold

    def judge_answers(self) -> list[str]:
        """Hold all answers against the promise, whatever the table says."""
        wrong = list(self.wrong)
        answers = [each for each in self.asked if each.arn]
        for one in answers:
            made = self.ivs.made[str(one.arn)]
            if made.arn in self.outside:
                # Nobody can know before the next run that gets through; see `judge_rest`.
                continue
            began, ended = one.task.began, one.task.ended or 0
            if made.made > ended or (made.gone is not None and made.gone < began):
                wrong.append(f"{one.task.name} is told of {made.arn}, which is not there")
            if made.gone is not None and not self._may_end(one, made.gone):
                wrong.append(f"{made.arn} was deleted, and {one.request['key']!r} has it")
        by_key: dict[str, list[Asked]] = {}
        for one in answers:
            by_key.setdefault(one.request["key"], []).append(one)
        for one in answers:
            for other in by_key[one.request["key"]]:
                if one.arn == other.arn:
                    continue
                if (one.task.ended or 0) < other.task.began and not self._may_end(
                    one, other.task.ended or 0
                ):
                    wrong.append(f"{one.request['key']!r} names {one.arn}, then {other.arn}")
        for each in self.asked:
            if each.verb == "release" and isinstance(each.task.result, dict):
                for one in answers:
                    if one.task.began >= self._restored:
                        continue
                    if one.arn == each.request["arn"] and one.task.began > (each.task.ended or 0):
                        wrong.append(f"{one.task.name} is told of {one.arn}, which was released")
        wrong += self._judge_resets()
        for task in self.scheduler.tasks:
            if task.name == "close" and task.over and task.error is None and task.result is None:
                wrong += [
                    f"{made.arn} is there after the fleet was closed"
                    for made in self.ivs.made.values()
                    if made.tags.get(FLEET_TAG) == FLEET
                    and "stream-key" not in made.arn
                    and (made.gone is None or made.gone > (task.ended or 0))
                ]
        keys: dict[str, str] = {}
        for each in answers:
            key = keys.setdefault(str(each.arn), each.request["key"])
            if key != each.request["key"]:
                wrong.append(f"{each.arn} is told to {key!r} and to {each.request['key']!r}")
        if self.settings.max_size < self.most and not self.adopts:
            wrong.append(f"there were {self.most} members")
        for made in self.foreign:
            if made.gone is not None or made.touched:
                wrong.append(f"the foreign {made.arn} was touched: {made.touched}")
        for task in self.scheduler.tasks:
            allowed = (CallError, KilledError, verbs.RefusedError, closing.FailedError)
            if task.error is not None and not isinstance(task.error, allowed):
                wrong.append(f"{task.name} raised {task.error!r}")
            if task.name.split()[0] in verbs.VERBS and not isinstance(task.error, KilledError):
                took = (task.ended or 0) - task.began
                if took > ANSWER_SECONDS + 0.5:
                    wrong.append(f"{task.name} took {took:.1f} s")
        return wrong

    def _judge_resets(self) -> list[str]:
        """Hold the answers to resets against the stream keys that there were."""
        wrong = []
        for each in self.asked:
            if each.verb != "reset_stream_key" or not isinstance(each.task.result, dict):
                continue
            began, answered = each.task.began, each.task.result["streamKey"].removeprefix("sk_")
            if self.ivs.made[answered].made < began:
                wrong.append(f"{each.task.name} answers with a stream key that was there before")
            keys = self.ivs.keys_of(each.task.result["arn"])
            wrong += [
                f"{each.task.name} leaves {key.arn}"
                for key in keys
                if key.made < began and (key.gone is None or key.gone > (each.task.ended or 0))
            ]
        return wrong

    def _may_end(self, one: Asked, latest: float) -> bool:
        """Whether a key may have lost the member that was answered, until some time."""
        key = one.request["key"]
        for end in self.ends:
            named = (end.key is None or end.key == key) and end.arn in (None, one.arn)
            if named and end.since <= latest:
                return True
        uses = [
            each.task.began for each in self.asked if each.arn == one.arn and each.verb != "get"
        ]
        uses.append(self.ivs.made[str(one.arn)].ended)
        return latest - max(uses, default=0) >= IDLE - 2 * self.skew

    def judge_rest(self) -> list[str]:
        """Hold what is left, after everything has come to rest, against what should be."""
        wrong = []
        rows = [row for row in map(row_in, self.table.items.values()) if row is not None]
        wrong += [f"row {row.pk} is {row.state}" for row in rows if row.state != READY]
        arns = [row.arn for row in rows]
        there = {each.arn for each in self.ivs.own(FLEET)}
        wrong += [f"{arn} is nobody's" for arn in sorted(there - set(arns))]
        wrong += [f"the row of {arn} has no member" for arn in sorted(set(arns) - there)]
        wrong += [f"{arn} has two rows" for arn in set(arns) if arns.count(arn) > 1]
        size = self.table.items.get(("fleet", "-"), {}).get("size", {"N": "0"})["N"]
        if float(size) != len(rows):
            wrong.append(f"the size is {size}, but there are {len(rows)} rows")
        wanted = self.settings.create["name"]
        for row in rows:
            made = self.ivs.there(row.arn)
            if row.pk != "own" and made is not None and made.data["name"] != wanted:
                wrong.append(f"{row.arn} has an older template")
        return wrong

    def judge_surplus(self) -> list[str]:
        """Hold what was made against what was published: where nothing fails it is the same."""
        return [
            f"{made.arn} was made for nothing"
            for made in self.ivs.made.values()
            if CLAIM_TAG in made.tags
            and made.tags.get(FLEET_TAG) == FLEET
            and made.arn not in self.published
        ]

    def judge_gone(self) -> list[str]:
        """Hold what is left after the fleet was closed against nothing."""
        rows = [place for place in self.table.items if place[0] != "fleet"]
        left = [each.arn for each in self.ivs.own(FLEET)]
        return [f"{each} is left" for each in [*map(str, rows), *left]]

    def own_code_makes(self, after: float = 0) -> None:
        """Let the user's own code make a member with the fleet's tags."""

        def make() -> None:
            self.ivs.make(self.settings.kind, {FLEET_TAG: FLEET})

        self.adopts = True
        self.at(after, make)


__all__ = ["CLAIMED", "FLEET", "IDLE", "Asked", "FleetWorld"]
