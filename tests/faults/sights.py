"""Where each mutation is seen: a class of runs, or runs of its own."""

from __future__ import annotations

from collections.abc import Iterable

from tests.faults.faults import FOR_EVER, Fault, Mode
from tests.faults.matrix import WEATHERS, Plan
from tests.faults.stack import PATCH
from tests.faults.world import Weather

CLASSES = {
    "wait when throttled": "throttled",
    "look for what iam denies": "all is late",
    "take back what a killed try made": "killed",
    "patience with late views": "all is late",
    "take back what lost": "duplicates, at rest",
    "sweep by tags": "killed before effect, all tries",
    "sweep of old orphan": "killed before effect, all tries",
    "same id on failed": "effect, no answer, for ever",
    "return to what was replaced": "duplicates, at rest",
    "stale guard": "delivered again later, after all",
    "status of reply": "no reply taken for minutes",
    "error when undelivered": "no reply taken for minutes",
    "stack tag": "a full account",
    "logical tag": "a full account",
    "gone is deleted": "denied for a minute",
    "answer to unforeseen": "500 before effect, for ever",
    "convergence": "duplicates, at rest",
    "take back": "duplicates, at rest",
    "take back own": "duplicates, at rest",
    "grace for permissions": "500 before effect",
    "patience with conflicts": "errors in bursts",
    "all pages": "a full account",
    "adopt what an earlier try made": "killed after effect, once",
    "patience with late descriptions": "descriptions are late, too",
    "send what may be described late": "descriptions are late, too",
}
"""The class of runs in which each is seen soon."""


def _own() -> Iterable[tuple[str, Plan]]:
    """Plan runs for what is seen in few others."""
    for seed in range(12):
        for moment in range(5):
            again = Fault(Mode.AGAIN, 1, moment, later=2)
            life = "create-update-rollback-delete"
            calm = Weather(moves_on=False)
            yield "refuse what was rolled back", Plan("Stage", life, "", calm, (again,), seed)
        throttled = Fault(Mode.THROTTLED, 0, 2, FOR_EVER)
        waits = Weather(queued=400)
        yield (
            "end before cloudformation does",
            Plan("Stage", "create-delete", "", waits, (throttled,), seed),
        )
        late = Weather(list_lag=10, shown_lag=10, read_lag=10, gone_is_denied=bool(seed % 2))
        life = "create-update-rollback-delete"
        yield "wait until a channel shows what was set", Plan(PATCH, life, "", late, seed=seed)
    for seed in range(90, 110):
        late = WEATHERS["answers of creates are lost"]
        for name in ("remember the newest view", "certainty before a channel is overwritten"):
            yield name, Plan(PATCH, "create-update-clear-delete", "", late, seed=seed)


OWN: dict[str, list[Plan]] = {}
for _name, _plan in _own():
    OWN.setdefault(_name, []).append(_plan)


def of(name: str, plans: list[Plan]) -> list[Plan]:
    """Choose the runs that see a mutation soon."""
    return OWN.get(name) or [plan for plan in plans if plan.group == CLASSES[name]]
