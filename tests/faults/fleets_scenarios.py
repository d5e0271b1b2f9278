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
        skew: By how many seconds the clocks of two invocations may be apart from the true time.
        surplus: Whether members may be made for nothing although no single call goes wrong.
    """

    play: Callable[[FleetWorld], None]
    settings: Mapping[str, Any] = field(default_factory=dict)
    ready: bool = False
    closes: str = ""
    lag: float = 10
    page: int = 3
    live_on: bool = False
    skew: float = 0
    surplus: bool = False


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


def _moves_early(world: FleetWorld) -> None:
    """The same, shortly after they were made, so that no list shows them."""
    world.tend()
    for number in range(20):
        world.ask("acquire", after=0.1 + number * 0.025, key=f"key {number}")


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


def _throttled_table(world: FleetWorld) -> None:
    """The table refuses everything for minutes, while members are made, asked for and released."""
    world.ask("acquire", key="a")
    world.run()
    arn = world.member("a") or "none"
    world.ask("acquire", key="b")
    world.at(0.1, lambda: world.throttle_table(180))
    for after in (0.05, 0.2, 5, 60):
        world.ask("acquire", after=after, key="a")
        world.ask("acquire", after=after, key="c")
    world.ask("release", after=10, key="a", arn=arn)
    world.tend(after=20)
    world.tend(after=170)
    for key in "abc":
        world.ask("acquire", after=300, key=key)


def _skewed(world: FleetWorld) -> None:
    """The clocks of the functions are some seconds apart."""
    for after in (0, 0.2, 1, 3, 61, 63):
        world.ask("acquire", after=after, key="a")
    world.tend(after=2)
    world.tend(after=2.2)
    world.run()
    world.wait(IDLE - 100)
    world.ask("touch", key="a")
    world.tend(after=0.1)
    world.tend(after=IDLE)
    world.ask("acquire", after=IDLE + 0.3, key="a")


def _restored(world: FleetWorld) -> None:
    """The table is restored from a backup."""
    for key in "ab":
        world.ask("acquire", key=key)
    world.run()
    arn = world.member("a") or "none"
    world.back_up()
    world.ask("release", key="a", arn=arn)
    world.ask("acquire", after=5, key="a")
    world.ask("acquire", after=5, key="c")
    world.run()
    world.wait(30)
    world.restore()
    world.tend()
    world.ask("acquire", after=0.1, key="c")
    world.ask("acquire", after=100, key="a")
    world.ask("acquire", after=100, key="b")


def _rows_deleted(world: FleetWorld) -> None:
    """Somebody deletes rows: of a member, and of one that is being made."""
    world.ask("acquire", key="a")
    world.run()
    world.at(0.15, lambda: world.lose_row("b"))
    world.ask("acquire", key="b")
    world.lose_row("a")
    world.ask("acquire", after=1, key="a")
    world.tend(after=30)
    world.ask("acquire", after=60, key="b")


def _copied_tags(world: FleetWorld) -> None:
    """Somebody copies all tags of a member to another stage or channel, which joins the fleet."""
    world.ask("acquire", key="a")
    world.run()
    world.copy_tags("a")
    world.wait(30)
    world.tend()
    world.ask("acquire", after=0.2, key="a")
    world.ask("get", after=60, key="a")


def _without_stream_key(world: FleetWorld) -> None:
    """Somebody deletes the stream key of a channel that is live, which is then released."""
    world.ask("acquire", key="a")
    world.run()
    arn = world.member("a") or "none"
    world.go_live("a")
    world.lose_stream_key("a")
    world.ask("release", key="a", arn=arn, force=True)
    world.ask("acquire", after=70, key="a")
    world.tend(after=90)


def _reset(world: FleetWorld) -> None:
    """A stream key is reset and read by several callers."""
    world.ask("acquire", key="a")
    world.run()
    if world.settings.kind == "channel":
        world.go_live("a")
        world.ask("reset_stream_key", key="a")
        world.ask("reset_stream_key", after=0.07, key="a", stop=True)
        world.ask("stream_key", after=0.2, key="a")
        world.ask("reset_stream_key", after=40, key="a")
        world.ask("stream_key", after=70, key="a")


def _two_deployments(world: FleetWorld) -> None:
    """Functions of the former deployment still answer and tend while the new one is rolled out."""
    former = world.settings
    world.ask("acquire", key="a")
    world.run()
    world.wait(30)
    world.tend(deployed=former)
    world.new_template("two")
    world.change(after=0.3)
    for after in (0.1, 0.5, 1, 2):
        world.ask("acquire", after=after, key=f"former {after}", deployed=former)
        world.ask("acquire", after=after, key=f"former {after}")
        world.ask("acquire", after=after, key="a", deployed=former)
    world.tend(after=3, deployed=former)
    world.tend(after=120)


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
    "made ahead, given away early": Scenario(_moves, {"ready": 20}, ready=True, page=1, lag=1500),
    "lists without lag": Scenario(_listed_early, lag=0),
    "own code": Scenario(_own_code),
    "deleted by others": Scenario(_deleted_outside),
    "full": Scenario(_full, {"max_size": 2}),
    "template changes": Scenario(_template, {"ready": 1}, ready=True),
    "closing, FAIL": Scenario(_closing("FAIL"), closes="FAIL"),
    "closing, WAIT": Scenario(_closing("WAIT"), {"ready": 1}, ready=True, closes="WAIT"),
    "closing, STOP": Scenario(_closing("STOP"), {"ready": 1}, ready=True, closes="STOP"),
    "closing twice": Scenario(_closing_twice, closes="FAIL"),
    "table throttled for minutes": Scenario(_throttled_table, surplus=True),
    "clocks apart": Scenario(_skewed, skew=4),
    "clocks apart, closing": Scenario(_closing("STOP"), closes="STOP", skew=2),
    "table restored": Scenario(_restored),
    "rows deleted": Scenario(_rows_deleted, surplus=True),
    "tags copied": Scenario(_copied_tags, surplus=True),
    "stream key deleted": Scenario(_without_stream_key, live_on=True),
    "stream key reset": Scenario(_reset, live_on=True),
    "two deployments": Scenario(_two_deployments, {"ready": 2}, ready=True),
}

CROWDS: Mapping[str, Scenario] = {
    f"{callers} callers": Scenario(_crowd(callers)) for callers in (20, 50)
}
"""Too many calls to put a fault on each: a sample is taken."""
