"""Whatever happens in whatever order, what exists is what the stack says.

`FAULTS_EXAMPLES` and `FAULTS_STEPS` make it larger than in an ordinary run.
"""

from __future__ import annotations

import os
from typing import Any

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

from tests.faults.cases import CASES, api
from tests.faults.engine import Engine
from tests.faults.faults import (
    API_MODES,
    FOR_EVER,
    HANGS,
    KILLS,
    PUT_MODES,
    TRIES,
    TWINS,
    Fault,
    Mode,
)
from tests.faults.run import Account, Plan, Verdict
from tests.faults.stack import Stack

EXAMPLES = int(os.environ.get("FAULTS_EXAMPLES", "12"))
STEPS = int(os.environ.get("FAULTS_STEPS", "12"))

MODES = (*API_MODES, *PUT_MODES, *KILLS, *HANGS, *TWINS, Mode.SEQUENTIAL, Mode.DURING)
LONGEST = 14
"""Calls of a request; a fault at a later one would find nothing to hit."""


class Operations(RuleBasedStateMachine):
    """One stack after the other in one account, operated by anybody."""

    engine: Engine

    def __init__(self) -> None:
        super().__init__()
        self.verdict = Verdict(Plan("", ""))

    @initialize(name=st.sampled_from(sorted(CASES)))
    def begin(self, name: str) -> None:
        case = CASES[name]
        self.engine.begin()
        self.account = Account(self.engine, case)
        self.stack = Stack(self.engine, case.custom_type)
        self.verdict = Verdict(Plan(name, "any"))

    def _order(self, fault: tuple[Mode, int, bool] | None) -> None:
        if fault is None:
            self.engine.order(())
            return
        mode, call, persistent = fault
        if mode is Mode.DURING:
            self._order_during(call, again=len(self.engine.events) - 1 if persistent else 0)
            return
        # Of a reply more than one loss would be a loss for ever, as a refusal is.
        often = {Mode.PUT_REFUSED: FOR_EVER, Mode.PUT_LOST: 1, Mode.PUT_ERROR: 1, Mode.PUT_TAKEN: 1}
        times = often.get(
            mode, (TRIES if mode in (*KILLS, *HANGS) else FOR_EVER) if persistent else 1
        )
        self.engine.order((Fault(mode, len(self.engine.events), call, times),))

    def _order_during(self, call: int, again: int) -> None:
        if again < 0 or again >= len(self.engine.events):
            self.engine.order(())
            return
        kind = self.engine.events[again].body["RequestType"]
        if "arn" in self.account.versions["a"].members and kind == "Update":
            self.engine.order(())  # on a channel there is no defence: see `matrix`
            return
        self.engine.order((Fault(Mode.DURING, len(self.engine.events), call, again=again),))

    FAULTS = st.none() | st.tuples(st.sampled_from(MODES), st.integers(0, LONGEST), st.booleans())

    @precondition(lambda self: self.stack.version is None)
    @rule(fault=FAULTS)
    def create(self, fault: tuple[Mode, int, bool] | None) -> None:
        self._order(fault)
        self.stack.create(self.account.versions["a"])

    @precondition(lambda self: self.stack.version is not None and not self.stack.trying)
    @rule(data=st.data(), elsewhere=st.booleans(), fault=FAULTS)
    def update(
        self, data: st.DataObject, elsewhere: bool, fault: tuple[Mode, int, bool] | None
    ) -> None:
        names = [
            name
            for name, version in sorted(self.account.versions.items())
            if version is not self.stack.version
        ]
        version = self.account.versions[data.draw(st.sampled_from(names))]
        self._order(fault)
        self.stack.update(version, fails_elsewhere=elsewhere)

    @precondition(lambda self: self.stack.trying)
    @rule(fault=FAULTS)
    def roll_back(self, fault: tuple[Mode, int, bool] | None) -> None:
        self._order(fault)
        self.stack.rollback()

    @precondition(lambda self: self.stack.version is not None and not self.stack.trying)
    @rule(fault=FAULTS)
    def delete(self, fault: tuple[Mode, int, bool] | None) -> None:
        self._order(fault)
        self.stack.delete()

    @precondition(lambda self: self.engine.events)
    @rule(data=st.data())
    def deliver_again(self, data: st.DataObject) -> None:
        number = data.draw(st.integers(0, len(self.engine.events) - 1))
        self._order(None)
        self.engine.deliver(self.engine.events[number], duplicate=True)

    @precondition(lambda self: self.stack.arn and not self.stack.trying and self.stack.settled)
    @rule(key=st.sampled_from(["Team", "Cost"]), value=st.text("xyz", max_size=3))
    def edit_tag_and_update(self, key: str, value: str) -> None:
        assert self.stack.version is not None
        if "arn" in self.stack.version.members:
            return  # the channel is not the stack's: its tags are somebody else's
        tagging = api(self.engine.emulator, "ivs")
        tagging.tag_resource(resourceArn=self.stack.arn, tags={key: value})
        others = [each for each in self.account.versions.values() if each != self.stack.version]
        self._order(None)
        self.stack.update(others[0])

    @invariant()
    def account_is_as_the_stack_says(self) -> None:
        if self.verdict.plan.case and not self.stack.trying:
            self.account.judge(self.stack, self.verdict, gone=False)
            assert self.verdict.clean, (self.verdict, [each.body for each in self.engine.events])
            assert self.engine.unanswered == 0
            assert self.engine.complaints == self.engine.cloudformation.complaints == []
            assert self.engine.emulator.mismatches == []

    def teardown(self) -> None:
        if not self.verdict.plan.case:
            return
        self._order(None)
        if self.stack.trying:
            self.stack.rollback()
        self.stack.delete()
        self.account.judge(self.stack, self.verdict, gone=True)
        assert self.verdict.clean, self.verdict


def test_any_order_of_operations_and_faults(
    engine: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Operations, "engine", engine, raising=False)
    profile: dict[str, Any] = {"max_examples": EXAMPLES, "stateful_step_count": STEPS}
    run_state_machine_as_test(
        Operations,
        settings=settings(
            **profile,
            deadline=None,
            derandomize="FAULTS_EXAMPLES" not in os.environ,
            database=None,
            suppress_health_check=list(HealthCheck),
        ),
    )
