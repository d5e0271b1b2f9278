"""A cut of the bench, and that it sees what goes wrong without the handler's defences."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import pytest

from tests.faults import matrix, mutations, sights
from tests.faults.__main__ import table
from tests.faults.faults import FOR_EVER, Fault, Mode
from tests.faults.handlers import lifecycle
from tests.faults.matrix import Plan, Verdict, judge
from tests.faults.stack import ALIKE, LIVES, SWAP, VERSIONS, run
from tests.faults.world import Result, Weather

Switch = Callable[[pytest.MonkeyPatch], None]

CUT = ("Stage", "IngestConfiguration")
QUICK = (0.1, 0.5)


@pytest.fixture(scope="module")
def singles() -> list[Plan]:
    return list(matrix.singles(CUT))


def unclean(plans: list[Plan]) -> list[str]:
    verdicts = [judge(plan) for plan in plans]
    return [str(each) for each in verdicts if not each.clean and not each.result.apart]


def test_every_class_of_faults_ends_clean(singles: list[Plan]) -> None:
    chosen = matrix.sampled(singles, 250, seed=1)

    assert {plan.group for plan in chosen} == {plan.group for plan in singles}
    assert unclean(chosen) == []


def test_pairs_of_faults_end_clean(singles: list[Plan]) -> None:
    assert unclean(list(matrix.pairs(singles, 60, seed=1))) == []


@pytest.mark.parametrize("type_", VERSIONS)
def test_every_weather_ends_clean(type_: str) -> None:
    assert unclean(matrix.sampled(list(matrix.weathers([type_], [0, 1])), 30, seed=0)) == []


def test_same_plan_ends_the_same() -> None:
    [plan] = matrix.sampled(list(matrix.weathers(["Stage"], [3])), 1, seed=2)

    assert judge(plan) == judge(plan)


@pytest.fixture(scope="module")
def plans() -> list[Plan]:
    types = list(VERSIONS)
    return [*matrix.singles(types), *matrix.weathers(types, range(6))]


@pytest.mark.parametrize("name", mutations.MUTATIONS)
def test_bench_notices_a_defence_that_is_off(name: str, plans: list[Plan]) -> None:
    for plan in matrix.sampled(sights.of(name, plans), 150, 0):
        with pytest.MonkeyPatch.context() as patch:
            mutations.MUTATIONS[name](patch)
            noticed = unclean([plan])
        if noticed and not unclean([plan]):
            return
    pytest.fail("no run is worse without it")


def test_table_counts_by_class_and_sets_apart_what_nobody_can_tell() -> None:
    plan = Plan("Stage", "create-delete", "throttled")
    apart = Result(leaked=["a"], excuses={"leaked": "a reason"})
    printed = table(
        [Verdict(plan, Result()), Verdict(plan, Result(leaked=["a", "b"])), Verdict(plan, apart)]
    )

    *_, counted, total, last = printed.splitlines()
    assert counted.split()[1:4] == ["2", "1", "2"]
    assert total.split()[:2] == ["all", "2"]
    assert last.startswith("apart: a reason")


# Calls, and the quotas


def test_thirty_stages_at_once_meet_the_quotas() -> None:
    steps = LIVES["create-update-rollback-delete"]
    result = run("Stage", steps, Weather(quotas=True), 0, count=30)

    assert result.clean
    assert result.failed == []
    assert max(result.seconds.values()) < 60


MOST_CALLS = {
    "Stage": (4, 5, 5),
    "EncoderConfiguration": (4, 3, 4),
    "StorageConfiguration": (4, 6, 5),
    "IngestConfiguration": (4, 5, 4),
    "FailoverSlateConfiguration": (6, 7, 4),
    "ChannelAssociations": (4, 4, 4),
}
"""In a Create, an Update and a Delete soon after; a storage configuration is replaced."""


@pytest.mark.parametrize(("type_", "most"), MOST_CALLS.items())
@pytest.mark.parametrize("foreigners", [0, 90])
def test_calls_do_not_depend_on_the_account(
    type_: str, most: tuple[int, int, int], foreigners: int
) -> None:
    life = "create-replace-delete" if "b" not in VERSIONS[type_] else "create-update-delete"
    weather = Weather(foreigners=foreigners, seconds=QUICK, moves_on=False)
    result = run(type_, LIVES[life], weather, 0)
    made, changed, *_, gone = (
        [each for each in calls if each != "reply"] for calls in result.operations
    )

    # What looks the same is asked for its tags.
    more = ALIKE if foreigners and type_ == "IngestConfiguration" else 0
    for calls, limit in zip((made, changed, gone), most, strict=True):
        assert len(calls) <= limit + more, calls


# What each defence is for


def _off(*names: str) -> Switch:
    """Switch off some of the defences."""

    def switch(patch: pytest.MonkeyPatch) -> None:
        for name in names:
            mutations.MUTATIONS[name](patch)

    return switch


def _set(name: str, value: object) -> Switch:
    """Set a name of the handler's module to something careless."""
    return lambda patch: patch.setattr(lifecycle, name, value)


def _must_be_shown(job: lifecycle.Job) -> dict[str, Any]:
    """Depend on what CloudFormation shows."""
    parameters = {
        "StackName": job.request.stack_id,
        "LogicalResourceId": job.request.logical_id,
    }
    answer = job.call("DescribeStackResource", parameters, service="cloudformation")
    shown: dict[str, Any] = answer["StackResourceDetail"]
    return shown


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """Something that a handler can do wrong, and how the bench sees it.

    Attributes:
        without: Switches off what defends the handler against it.
        type: The type.
        steps: The life of the stack.
        weather: What it is like.
        faults: What goes wrong.
        count: How many resources there are.
        seeds: How often it is tried.
        most: How many calls a request may take.
    """

    without: Switch
    type: str
    steps: tuple[str, ...]
    weather: Weather = field(default_factory=Weather)
    faults: tuple[Fault, ...] = ()
    count: int = 1
    seeds: int = 1
    most: int = 1000

    def ends_badly(self) -> bool:
        """Whether a run is not clean, or a request failed or took too many calls."""
        for seed in range(self.seeds):
            result = run(
                self.type, self.steps, self.weather, seed, count=self.count, faults=self.faults
            )
            most = max(map(len, result.operations), default=0)
            if not result.clean or result.failed or most > self.most:
                return True
        return False


ENCODER, STAGE, SLATE = "EncoderConfiguration", "Stage", "FailoverSlateConfiguration"
CASES = {
    "throttled at the real quotas": Case(
        without=_off("wait when throttled"),
        type=STAGE,
        steps=LIVES["create-update-delete"],
        weather=Weather(quotas=True),
        count=20,
    ),
    "a twin deletes what was answered": Case(
        without=_off("take back what lost"),
        type=SLATE,
        steps=LIVES["create-delete"],
        weather=Weather(deliveries=2, moves_on=False, spread=0.6),
        seeds=40,
    ),
    "a duplicate works on in the rollback": Case(
        without=_off("stale guard"),
        type=STAGE,
        steps=LIVES["create-update-rollback-delete"],
        weather=Weather(deliveries=4, seconds=(0.1, 2.0), spread=20),
        seeds=40,
    ),
    "a create whose answer is lost is overtaken by the Delete": Case(
        without=_off("take back what lost"),
        type=STAGE,
        steps=LIVES["create-delete"],
        faults=(Fault(Mode.PAUSED, 0, 2), Fault(Mode.ERROR_AFTER, 0, 2)),
    ),
    "permissions come after a minute": Case(
        without=_off("grace for permissions"),
        type=STAGE,
        steps=LIVES["create-delete"],
        weather=Weather(denied=60),
    ),
    "DescribeStackResource is never permitted": Case(
        without=_set("_shown", _must_be_shown),
        type=STAGE,
        steps=LIVES["create-update-delete"],
        weather=Weather(never=frozenset({"DescribeStackResource"})),
    ),
    "46 tags are swapped for others": Case(
        without=_set("MOST_TAGS", 10**6), type=STAGE, steps=SWAP
    ),
    "a replacement stays behind when the stack goes": Case(
        without=_off("sweep by tags", "return to what was replaced"),
        type=ENCODER,
        steps=LIVES["create-replace-rollback-fails-delete"],
        weather=Weather(moves_on=False),
    ),
    "three deliveries at once": Case(
        without=_off("take back what lost"),
        type=STAGE,
        steps=LIVES["create-delete"],
        weather=Weather(deliveries=4, seconds=(0.1, 2.0), moves_on=False, spread=1.0),
        seeds=40,
    ),
    "no reply is taken for minutes": Case(
        without=_off("error when undelivered"),
        type=STAGE,
        steps=LIVES["create-delete"],
        weather=Weather(unheard=400),
    ),
    "what CloudFormation shows is late": Case(
        without=_off("patience with late views"),
        type=STAGE,
        steps=LIVES["create-update-delete"],
        weather=Weather(shown_lag=3),
        seeds=5,
    ),
    "lists are late": Case(
        without=_off("adopt what an earlier try made"),
        type=ENCODER,
        steps=LIVES["create-delete"],
        weather=Weather(deliveries=3, list_lag=10, kills=0.5),
        seeds=40,
    ),
    "a full account": Case(
        without=_set("_looks_alike", lambda *_: True),
        type="IngestConfiguration",
        steps=LIVES["create-delete"],
        weather=Weather(foreigners=20),
        most=9,
    ),
}


@pytest.mark.parametrize("case", CASES.values(), ids=CASES)
def test_case_ends_badly_without_its_defence_only(case: Case) -> None:
    with pytest.MonkeyPatch.context() as patch:
        case.without(patch)
        assert case.ends_badly()
    assert not case.ends_badly()


def test_one_permission_that_never_comes_leaves_nothing() -> None:
    for operation in ("ListStages", "CreateStage", "GetStage", "UpdateStage", "TagResource"):
        result = run(
            STAGE,
            LIVES["create-update-delete"],
            Weather(never=frozenset({operation}), moves_on=False),
            0,
        )
        assert result.clean or operation in ("ListStages", "GetStage"), (operation, result)
        assert all("lacks a permission" in each or "time" in each for each in result.failed)


def test_faults_for_ever_are_told() -> None:
    plan = Plan(STAGE, "create-delete", "", faults=(Fault(Mode.DENIED, 0, 2, FOR_EVER),))

    assert "lacks a permission that CreateStage needs" in str(judge(plan).result.failed)
