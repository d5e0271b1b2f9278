"""What happens to fleets in the bench: each scenario is a small play of invocations."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from tests.faults.fleets_world import IDLE, FleetWorld


@dataclass(frozen=True)
class Scenario:
    """One play.

    Attributes:
        play: Lets invocations begin; the bench runs them.
        settings: What the fleet is deployed with.
        ready: Whether a run fills up the members made ahead before the play begins.
        closes: How the fleet is closed in the end; empty: it is not.
        lag: How many seconds lists lag.
        page: How many rows a page of a scan holds.
        live_on: Whether what is live stays so to the end.
    """

    play: Callable[[FleetWorld], None]
    settings: Mapping[str, Any] = field(default_factory=dict)
    ready: bool = False
    closes: str = ""
    lag: float = 10
    page: int = 3
    live_on: bool = False


def _new(world: FleetWorld) -> None:
    world.ask("acquire", key="a")
    world.ask("acquire", after=1, key="a")
    world.ask("get", after=30, key="a")
    # After the lease of a dead claim, and after what comes even later.
    world.ask("acquire", after=70, key="a")
    world.ask("acquire", after=95, key="a")


def _known(world: FleetWorld) -> None:
    world.ask("acquire", key="a")
    world.run()
    for after, verb in enumerate(("acquire", "get", "touch", "acquire")):
        world.ask(verb, after=after, key="a")


def _pair(world: FleetWorld) -> None:
    world.ask("acquire", key="a")
    world.ask("acquire", after=0.01, key="a")
    world.ask("get", after=2, key="a")
    world.ask("acquire", after=95, key="a")


def _crowd(callers: int) -> Callable[[FleetWorld], None]:
    def play(world: FleetWorld) -> None:
        for caller in range(callers):
            world.ask("acquire", after=caller * 0.003, key="a")
        world.ask("acquire", after=95, key="a")

    return play


def _release(world: FleetWorld) -> None:
    world.ask("acquire", key="a")
    world.run()
    arn = world.member("a") or "none"
    world.ask("release", key="a", arn=arn)
    world.ask("acquire", after=0.1, key="a")
    world.ask("get", after=1, key="a")
    world.ask("acquire", after=100, key="a")


def _release_and_acquire(world: FleetWorld) -> None:
    world.ask("acquire", key="a")
    world.run()
    arn = world.member("a") or "none"
    for after in (0.0, 0.15, 0.3, 0.45):
        world.ask("acquire", after=after, key="a")
    world.ask("release", after=0.1, key="a", arn=arn)
    world.ask("release", after=0.12, key="a", arn=arn)
    world.ask("release", after=60, key="a", arn=arn)
    world.ask("acquire", after=90, key="a")


def _release_live(world: FleetWorld) -> None:
    world.ask("acquire", key="a")
    world.run()
    arn = world.member("a") or "none"
    world.go_live("a")
    world.ask("release", key="a", arn=arn)
    world.ask("acquire", after=6, key="a")
    world.ask("release", after=12, key="a", arn=arn, force=True)
    world.ask("acquire", after=13, key="a")
    world.tend(after=30)


def _release_by_force(world: FleetWorld) -> None:
    world.ask("acquire", key="a")
    world.run()
    arn = world.member("a") or "none"
    world.go_live("a")
    world.ask("release", key="a", arn=arn, force=True)
    world.tend(after=30)


def _idle(world: FleetWorld) -> None:
    world.ask("acquire", key="a")
    world.ask("acquire", key="b")
    world.run()
    world.wait(IDLE + 1)
    world.go_live("b")
    world.tend()
    world.ask("get", after=200, key="a")
    world.ask("acquire", after=201, key="a")


def _idle_and_acquire(world: FleetWorld) -> None:
    world.ask("acquire", key="a")
    world.run()
    world.wait(IDLE + 1)
    world.tend()
    for after in (0.2, 0.5, 0.8, 1.1, 1.4, 1.7):
        world.ask("acquire", after=after, key="a")


def _was_live(world: FleetWorld) -> None:
    """A session that no list has ever shown keeps a member from being idle."""
    world.ask("acquire", key="a")
    world.run()
    world.wait(IDLE - 60)
    world.go_live("a")
    world.wait(30)
    arn = world.member("a")
    if arn:
        world.ivs.end(arn)
    world.wait(300)
    world.tend()
    # It must be the same as before.
    world.ask("acquire", after=100, key="a")


def _two_runs(world: FleetWorld) -> None:
    world.ask("acquire", key="a")
    world.own_code_makes()
    world.run()
    world.wait(30)
    world.tend()
    world.tend(after=0.05)
    world.tend(after=60)
    world.ask("acquire", after=0.2, key="b")


def _ready(world: FleetWorld) -> None:
    world.ask("acquire", key="a")
    world.ask("acquire", after=0.01, key="b")
    world.ask("acquire", after=0.02, key="a")
    world.tend(after=0.05)
    world.ask("acquire", after=30, key="c")
    world.ask("acquire", after=95, key="a")


def _moves(world: FleetWorld) -> None:
    """Members made ahead are given to keys while a run reads the table."""
    world.tend()
    for number in range(20):
        world.ask("acquire", after=0.25 + number * 0.02, key=f"key {number}")


def _listed_early(world: FleetWorld) -> None:
    """Lists show at once what is made, before it is published."""
    world.ask("acquire", key="a")
    world.ask("acquire", after=0.05, key="b")
    world.tend(after=0.2)
    world.ask("acquire", after=10, key="a")
    world.ask("acquire", after=100, key="b")


def _own_code(world: FleetWorld) -> None:
    world.own_code_makes()
    world.own_code_makes(after=3)
    world.tend(after=20)
    world.ask("acquire", after=21, key="a")
    world.run()
    world.wait(IDLE + 100)
    world.tend()


def _deleted_outside(world: FleetWorld) -> None:
    world.ask("acquire", key="a")
    world.run()
    world.wait(60)
    world.delete_outside("a")
    world.tend()
    world.tend(after=30)
    # Known from then on.
    world.ask("acquire", after=200, key="a")


def _full(world: FleetWorld) -> None:
    for after, key in enumerate("abcab"):
        world.ask("acquire", after=after * 0.02, key=key)
    world.tend(after=80)
    world.ask("acquire", after=180, key="c")


def _template(world: FleetWorld) -> None:
    world.ask("acquire", key="a")
    world.ask("acquire", key="b")
    world.run()
    world.go_live("b")
    world.wait(30)
    world.new_template("two")
    world.change()
    world.ask("acquire", after=0.5, key="c")
    world.ask("acquire", after=1, key="a")
    world.tend(after=2)


def _closing(in_use: str) -> Callable[[FleetWorld], None]:
    def play(world: FleetWorld) -> None:
        for key in "abc":
            world.ask("acquire", key=key)
        world.run()
        world.go_live("b")
        world.own_code_makes()
        world.wait(20)
        world.close(in_use)
        for after in (0.05, 0.2, 0.4, 1, 5, 30, 60):
            world.ask("acquire", after=after, key="d")
            world.ask("acquire", after=after, key="a")
        world.tend(after=0.3)
        arn = world.member("b")
        if in_use != "STOP" and arn:
            world.at(130, lambda: world.ivs.end(arn))

    return play


def _closing_twice(world: FleetWorld) -> None:
    for key in "abc":
        world.ask("acquire", key=key)
    world.run()
    world.close("FAIL")
    world.close("FAIL", after=0.5)
    world.ask("acquire", after=0.3, key="e")


SCENARIOS: Mapping[str, Scenario] = {
    "a new key": Scenario(_new),
    "a known key": Scenario(_known),
    "two callers": Scenario(_pair),
    "five callers": Scenario(_crowd(5)),
    "release": Scenario(_release),
    "release against acquire": Scenario(_release_and_acquire),
    "release of a live member": Scenario(_release_live, live_on=True),
    "release by force": Scenario(_release_by_force, live_on=True),
    "idle": Scenario(_idle),
    "idle against acquire": Scenario(_idle_and_acquire),
    "a session that lists missed": Scenario(_was_live),
    "two runs": Scenario(_two_runs),
    "made ahead": Scenario(_ready, {"ready": 2}, ready=True),
    "made ahead, five callers": Scenario(_crowd(5), {"ready": 2}, ready=True),
    "made ahead, given away meanwhile": Scenario(_moves, {"ready": 20}, ready=True, page=1),
    "lists without lag": Scenario(_listed_early, lag=0),
    "own code": Scenario(_own_code),
    "deleted by others": Scenario(_deleted_outside),
    "full": Scenario(_full, {"max_size": 2}),
    "template changes": Scenario(_template, {"ready": 1}, ready=True),
    "closing, FAIL": Scenario(_closing("FAIL"), closes="FAIL"),
    "closing, WAIT": Scenario(_closing("WAIT"), {"ready": 1}, ready=True, closes="WAIT"),
    "closing, STOP": Scenario(_closing("STOP"), {"ready": 1}, ready=True, closes="STOP"),
    "closing twice": Scenario(_closing_twice, closes="FAIL"),
}

CROWDS: Mapping[str, Scenario] = {
    f"{callers} callers": Scenario(_crowd(callers)) for callers in (20, 50)
}
"""Too many calls to put a fault on each: a sample is taken."""
