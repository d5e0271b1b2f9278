"""A stage with people who publish, and the automations that are told of it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from ivs_constructs.testing.emulator import Emulator
from tests.unit.compositions.events import matches, stage_update, transformed
from tests.unit.compositions.machine import Execution, Machine


@dataclass
class Studio:
    """What a test acts on.

    Attributes:
        emulator: Amazon IVS.
        arns: Those of the stage, the channel, the storage and the encoder configuration.
        machines: The state machines, by their destinations.
        rules: The pattern and the target of each one's rule.
    """

    emulator: Emulator
    arns: dict[str, str]
    machines: dict[str, Machine]
    rules: dict[str, tuple[dict[str, Any], dict[str, Any]]]

    @property
    def stage(self) -> str:
        return self.arns["StageArn"]

    @property
    def channel(self) -> str:
        return self.arns["ChannelArn"]

    def publish(self) -> dict[str, Any]:
        """Let somebody publish, and write the event."""
        participant = self.emulator.start_publishing(self.stage)
        return stage_update(self.stage, self.session(), participant, "Participant Published")

    def leave(self, event: dict[str, Any]) -> dict[str, Any]:
        """Let who published leave, and write the event."""
        participant = event["detail"]["participant_id"]
        self.emulator.stop_publishing(self.stage, participant)
        session = event["detail"]["session_id"]
        return stage_update(self.stage, session, participant, "Participant Unpublished")

    def session(self) -> str:
        [stage] = self.emulator.resources("Stage")
        return str(stage.data["activeSessionId"])

    def send(self, event: dict[str, Any], to: str = "Broadcast") -> Execution | None:
        """Have EventBridge and Step Functions act on an event; None if no rule matches."""
        pattern, target = self.rules[to]
        if not matches(pattern, event):
            return None
        return self.machines[to].execute(transformed(target, event))

    def compositions(self, *states: str) -> list[str]:
        """The ARNs of the compositions, of those in certain states if any are given."""
        return [
            each.arn
            for each in self.emulator.resources("Composition")
            if not states or each.data["state"] in states
        ]

    def calls(self, operation: str) -> int:
        return sum(call.operation == operation for call in self.emulator.calls)
