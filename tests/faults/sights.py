"""Where each mutation is seen: a class of runs, or runs of its own."""

from __future__ import annotations

from collections.abc import Iterable

from tests.faults.faults import FOR_EVER, TRIES, Fault, Mode
from tests.faults.matrix import REST, Plan
from tests.faults.stack import PATCH
from tests.faults.world import Weather

CLASSES = {
    "wait when throttled": "throttled",
    "look for what iam denies": "all is late",
    "take back what a killed try made": "killed",
    "patience with late views": "all is late",
    "take back what lost": "duplicates, at rest",
    "sweep by tags": "killed before effect, all tries",
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
    "patience with conflicts": "duplicates, at rest",
    "all pages": "a full account",
    "adopt what an earlier try made": "killed after effect, once",
    "patience with late descriptions": "descriptions are late, too",
    "send what may be described late": "descriptions are late, too",
    "make what is gone but described": "descriptions are late, too",
    "ask again for tags that are late": "descriptions are late, and answers are lost",
    "patience with what is new": "denied for a minute",
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
    for first, spread in ((45, 20), (97, 10)):
        late = Weather(deliveries=4, shown_lag=10, spread=spread)
        for seed in range(first, first + 8):
            plan = Plan(PATCH, "create-replace-back", "", late, seed=seed)
            yield "remember the newest view", plan
    for seed in range(60):
        # The twin's resource counts, and a later request waits when the first one tries again.
        killed = (Fault(Mode.TWIN, 1, 4), Fault(Mode.KILLED_AFTER, 1, 4))
        waits = Weather(queued=120, list_lag=10)
        name, life = "take back what an earlier try made", "create-replace-back"
        yield name, Plan("EncoderConfiguration", life, "", waits, killed, seed)
    for call in range(8):
        # Nobody answers with the replacement, and the rollback has to find it.
        silent = (Fault(Mode.KILLED_BEFORE, 1, call, TRIES),)
        for type_ in ("EncoderConfiguration", "IngestConfiguration"):
            yield "sweep of old orphan", Plan(type_, "create-replace-back", "", REST, silent)
    stopped = (Fault(Mode.PAUSED, 1, 4, later=2), Fault(Mode.TIMEOUT_BEFORE, 1, 4))
    life = "create-update-back"
    for type_ in ("Stage", "FailoverSlateConfiguration"):
        plan = Plan(type_, life, "", Weather(), stopped, overcome=True)
        yield "ask before a change is sent again", plan


OWN: dict[str, list[Plan]] = {}
for _name, _plan in _own():
    OWN.setdefault(_name, []).append(_plan)


def of(name: str, plans: list[Plan]) -> list[Plan]:
    """Choose the runs that see a mutation soon."""
    return OWN.get(name) or [plan for plan in plans if plan.group == CLASSES[name]]
