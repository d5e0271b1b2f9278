"""Switches off the defences of fleets, one at a time: the bench must notice each."""

from __future__ import annotations

import inspect
import textwrap
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from types import ModuleType
from typing import Any

from ivs_constructs.fleets.function import closing, members, rows, tending, verbs


@dataclass(frozen=True)
class Mutation:
    """One change of the code.

    Attributes:
        module: The module.
        name: The function, or class and method.
        old: What it says.
        new: What it says instead.
        scenarios: Where the bench is to look.
        fault: With what going wrong: an operation, and a fault. Default: nothing.
    """

    module: ModuleType
    name: str
    old: str
    new: str
    scenarios: tuple[str, ...]
    fault: tuple[str, str] | None = None


MUTATIONS = {
    "claims replace whatever is there": Mutation(
        rows,
        "claim",
        '("ConditionExpression", condition), **values',
        '("ConditionExpression", "attribute_exists(#pk) OR attribute_not_exists(#pk)")',
        ("five callers",),
    ),
    "a claim is taken over at once": Mutation(
        verbs, "acquire", "wait = seen.lease - now", "wait = 0.0", ("two callers",)
    ),
    "an ARN is published without its claim": Mutation(
        rows,
        "publish",
        '"#state = :claimed AND #claim = :claim"',
        '"attribute_exists(#pk) OR attribute_not_exists(#pk)"',
        ("a new key",),
        ("PutItem", "killed, very late effect"),
    ),
    "release takes whatever member there is": Mutation(
        verbs, "release", "if row.arn != arn:", "if not arn:", ("release against acquire",)
    ),
    "touch answers what is being removed": Mutation(
        verbs,
        "acquire",
        "seen.state == READY",
        "seen.state != CLAIMED",
        ("release", "release against acquire"),
    ),
    "a member made ahead is given away without looking": Mutation(
        rows,
        "take_ready",
        '"Key": ready.where,\n                '
        '**_expressions(("ConditionExpression", "#state = :ready")),',
        '"Key": ready.where,',
        ("made ahead",),
    ),
    "idle members are removed although asked for": Mutation(
        rows, "begin_removal", "if unused:", "if False:", ("idle against acquire",)
    ),
    "lists alone tell what is idle": Mutation(
        tending,
        "_remove_idle",
        "if look.ended + idle_after > world.now():",
        "if False:",
        ("a session that lists missed",),
    ),
    "one scan tells what is nobody's": Mutation(
        tending,
        "_orphans",
        "_without_row(suspects, again)",
        "_without_row(suspects, known)",
        ("made ahead, given away meanwhile",),
    ),
    "claims do not protect what is being made": Mutation(
        tending,
        "_without_row",
        'each.tags.get(CLAIM_TAG, "") not in claims',
        "True",
        ("lists without lag",),
        ("PutItem", "slow"),
    ),
    "what is nobody's stays": Mutation(
        tending,
        "_deal_with",
        "yield from run.members.delete(listed.arn, {}, stop=True)",
        "yield from ()",
        ("a new key",),
        ("CreateStage", "answer lost"),
    ),
    "own code is taken for nobody's": Mutation(
        tending, "_deal_with", "if not is_made_by_fleet(listed):", "if False:", ("own code",)
    ),
    "dead claims stay": Mutation(
        tending,
        "_without_expired",
        "row.lease < run.world.now()",
        "False",
        ("idle",),
        ("UpdateItem", "killed before"),
    ),
    "removals are not finished": Mutation(
        tending,
        "_look_after",
        "if row.state == REMOVING:",
        "if False:",
        ("own code",),
        ("DeleteStage", "denied"),
    ),
    "rows without a member stay": Mutation(
        tending,
        "_look_after",
        "row.state == READY and listed is None",
        "False",
        ("deleted by others",),
    ),
    "the size is never counted": Mutation(
        rows,
        "correct_size",
        "counted == before.size",
        "True",
        ("a new key",),
        ("UpdateItem", "answer lost"),
    ),
    "two runs correct the size by the same count": Mutation(
        rows,
        "correct_size",
        "ADD #size :difference, #removals :one",
        "ADD #size :difference",
        ("table throttled for minutes",),
        ("PutItem", "killed after"),
    ),
    "one scan tells that the size is too large": Mutation(
        tending,
        "_count",
        "if counted < before.size:",
        "if False:",
        ("made ahead, given away early",),
    ),
    "a row is dropped whatever it says": Mutation(
        rows,
        "drop",
        "condition, values = _unchanged(row)",
        'condition, values = "attribute_exists(#pk)", {}',
        ("release against acquire", "release", "a new key"),
    ),
    "there is always room": Mutation(
        rows,
        "reserve",
        'room = "#state = :open AND #size < :most"',
        'room = "#state = :open AND #size < :most OR #state = :open"',
        ("full",),
    ),
    "a closed fleet makes members": Mutation(
        rows,
        "reserve",
        'room = "#state = :open AND #size < :most"',
        'room = "#size < :most"',
        ("closing, FAIL", "closing, STOP"),
    ),
    "closing waits for nobody": Mutation(
        closing,
        "close",
        "settled = 0.0 if never_open",
        "settled = 0.0 if True",
        ("closing twice", "closing, STOP", "closing, FAIL"),
    ),
    "closing looks at the table alone": Mutation(
        closing,
        "_round",
        "*(each for each in inventory.members if each not in by_arn)",
        "*()",
        ("closing, STOP", "closing twice"),
    ),
    "whatever is listed is the fleet's": Mutation(
        members, "Members._own", 'each.get("tags", {}).get(FLEET_TAG) == fleet', "True", ("idle",)
    ),
    "a stream is stopped with its key in place": Mutation(
        members,
        "Channels._take_off_air",
        "yield from self._delete_keys((yield from self._key_arns(arn, info)))",
        "pass",
        ("release of a live member",),
    ),
    "a reset leaves the former stream key": Mutation(
        members,
        "Channels.reset_stream_key",
        "yield from self._delete_keys(old)",
        "old = ()",
        ("stream key reset",),
    ),
    "a forced removal is forgotten": Mutation(
        tending,
        "_finish_removal",
        "stop=bool(row.forced)",
        "stop=False",
        ("release by force",),
        ("UpdateItem", "killed after"),
    ),
    "templates do not reach members": Mutation(
        tending,
        "_renew",
        "yield from run.members.update(row.arn, tags)",
        "yield from run.members.look(row.arn)",
        ("template changes",),
    ),
}


@contextmanager
def mutated(mutation: Mutation) -> Iterator[None]:
    """Let the code say something else."""
    holder: Any = mutation.module
    *outer, name = mutation.name.split(".")
    for each in outer:
        holder = getattr(holder, each)
    true = getattr(holder, name)
    source = textwrap.dedent(inspect.getsource(true))
    assert mutation.old in source, f"{mutation.name} does not say {mutation.old!r} any more"
    scope = dict(vars(mutation.module))
    exec(source.replace(mutation.old, mutation.new), scope)  # noqa: S102 (the project's own code)
    changed = scope[name]
    # It must see what the module sees, also what is changed later.
    made = type(true)(
        changed.__code__, vars(mutation.module), name, changed.__defaults__, changed.__closure__
    )
    made.__kwdefaults__ = changed.__kwdefaults__
    setattr(holder, name, made)
    try:
        yield
    finally:
        setattr(holder, name, true)
