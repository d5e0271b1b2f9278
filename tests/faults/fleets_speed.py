"""How fast fleets are at the real quotas: `python -m tests.faults.fleets_speed`.

Times are those of the virtual clock, but for those of cold starts: seconds of the processor.
"""

from __future__ import annotations

import os
import statistics
import subprocess
import sys
from collections import Counter
from dataclasses import dataclass, replace

from ivs_constructs.fleets.function import rows
from ivs_constructs.fleets.function.settings import CLAIM_TAG
from tests.faults.fleets_world import FleetWorld


@dataclass(frozen=True)
class Burst:
    """How many keys were asked for at once, and how that went.

    Attributes:
        keys: How many keys.
        rounds: How often those that were told to come again had to.
        longest: How many seconds the longest answer took.
        seconds: How many seconds it took until all had a member.
    """

    keys: int
    rounds: int
    longest: float
    seconds: float


@dataclass(frozen=True)
class Tended:
    """What a run took.

    Attributes:
        members: How many members the fleet has.
        calls: Calls of Amazon IVS.
        table_calls: Calls of Amazon DynamoDB.
        seconds: How long it took.
    """

    members: int
    calls: int
    table_calls: int
    seconds: float


def burst(keys: int) -> Burst:
    """Ask for many keys at once, and again for those that were told to come again."""
    world = FleetWorld("stage", 1, page=1000, max_size=2 * keys)
    world.ivs.quota = 2 * keys
    world.open()
    began = world.scheduler.now
    waiting = dict.fromkeys((f"key {number}" for number in range(keys)), 0.0)
    rounds, longest = 0, 0.0
    while waiting:
        rounds += 1
        asked = [world.ask("acquire", after=after, key=key) for key, after in waiting.items()]
        world.run()
        longest = max(longest, *((each.task.ended or 0) - each.task.began for each in asked))
        refused = Counter(each.refusal for each in asked if not each.arn)
        assert refused.keys() <= {"Busy"}, refused
        ended = max(each.task.ended or 0 for each in asked)
        waiting = {
            each.request["key"]: max(0, (each.task.ended or 0) + _wait(each.task.error) - ended)
            for each in asked
            if not each.arn
        }
    assert world.judge_answers() == []
    return Burst(keys, rounds, longest, world.scheduler.now - began)


def _wait(error: object) -> float:
    seconds: float = error.refusal["retryAfterSeconds"]  # type: ignore[attr-defined]  # a refusal
    return seconds


def tended(members: int) -> Tended:
    """Tend a fleet in which everybody has what they need."""
    world = FleetWorld("stage", 1, page=1000, max_size=2 * members)
    world.ivs.quota = 2 * members
    world.open()
    template = rows.Row(pk="", sk="-", state=rows.READY, template=world.settings.template)
    for number in range(members):
        claim = f"{number:010x}-x"
        made = world.ivs.make("stage", {CLAIM_TAG: claim, **world.own})
        row = replace(template, pk=f"key#{number}", key=str(number), arn=made.arn, claim=claim)
        row = replace(row, used=world.scheduler.now)
        world.table.items[row.pk, row.sk] = rows._item(row)
    world.table.items["fleet", "-"]["size"] = {"N": str(members)}
    world.wait(60)
    before = world.ivs.calls, world.table_calls
    task = world.tend()
    world.run()
    assert (task.result.size, task.result.complete) == (members, True)
    return Tended(
        members,
        world.ivs.calls - before[0],
        world.table_calls - before[1],
        (task.ended or 0) - task.began,
    )


_SPENT = "; import resource; r = resource.getrusage(resource.RUSAGE_SELF); print(r[0] + r[1])"
_STARTS = {
    "boto3": "import boto3; boto3.client('dynamodb')",
    "answer": "import ivs_constructs.fleets.function.answer",
    "tend": "import ivs_constructs.fleets.function.tend",
}


def cold_starts(rounds: int = 15) -> dict[str, float]:
    """Start Python with the modules of a function, and a client of Amazon DynamoDB.

    Returns:
        How much of the processor's time that takes, as ratios to boto3's client alone.
    """
    environment = {
        **os.environ,
        "AWS_DEFAULT_REGION": "eu-west-1",
        # Lets the functions make their client when they are imported.
        "FLEET": "{}",
    }
    spent: dict[str, list[float]] = {name: [] for name in _STARTS}
    for _ in range(rounds):
        for name, program in _STARTS.items():
            done = subprocess.run(
                [sys.executable, "-c", program + _SPENT],
                env=environment,
                capture_output=True,
                text=True,
                check=True,
            )
            spent[name].append(float(done.stdout))
    middle = {name: statistics.median(each) for name, each in spent.items()}
    return {name: round(each / middle["boto3"], 2) for name, each in middle.items()}


if __name__ == "__main__":
    print(cold_starts())
    for each in (burst(1000), *map(tended, (1000, 10_000))):
        print(each)
