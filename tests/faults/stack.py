"""A stack with one custom resource: the requests that an operator's wishes lead to."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from tests.faults.engine import CLEANUPS, INVENTED_ID, Engine, Event


@dataclass(frozen=True, slots=True)
class Version:
    """One version of the resource in the template.

    Attributes:
        properties: Its properties.
        members: What the API must show of it then.
        tags: The user's tags that it must have then.
    """

    properties: dict[str, Any]
    members: dict[str, Any]
    tags: dict[str, str]


@dataclass(slots=True)
class Old:
    """What an update leaves for the clean-up, or a rollback to go back to."""

    version: Version
    physical_id: str
    arn: str


class Stack:
    """The stack.

    Attributes:
        version: What there is by CloudFormation's lights; None: nothing.
        arn: The resource's ARN as the template's other resources see it.
        settled: Whether the last wish ended in a state that CloudFormation calls complete.
        delete_failed: How often a Delete failed.
        second_deletes: How often an operator had to ask for a Delete again.
        abandoned: How often CloudFormation gave up deleting what was replaced, with nothing wrong
            at those requests.
    """

    def __init__(self, engine: Engine, resource_type: str) -> None:
        self._engine = engine
        self._type = resource_type
        self.version: Version | None = None
        self.physical_id = ""
        self.arn = ""
        self.settled = True
        self.delete_failed = 0
        self.second_deletes = 0
        self.abandoned = 0
        self._before: Old | None = None

    @property
    def trying(self) -> bool:
        """Whether an update has neither been cleaned up nor rolled back."""
        return self._before is not None

    def create(self, version: Version) -> None:
        """Make the resource; if that fails it is rolled back."""
        self._engine.cloudformation.shown = ("CREATE_IN_PROGRESS", "")
        event = self._engine.request("Create", self._type, version.properties)
        self.physical_id = _id_in(event)
        if event.succeeded:
            self._now(version, event)
            return
        self._engine.cloudformation.shown = ("CREATE_FAILED", self.physical_id)
        self.version = version
        self.delete()

    def update(self, version: Version, *, fails_elsewhere: bool = False) -> None:
        """Change the resource; if that fails it is rolled back.

        Args:
            version: What to change it to.
            fails_elsewhere: Whether another resource fails then, so that a rollback will follow.
        """
        assert self.version is not None
        self._before = Old(self.version, self.physical_id, self.arn)
        event = self._update(version, self.version)
        if event.succeeded:
            self._now(version, event)
            if not fails_elsewhere:
                self._clean_up(self._before)
                self._before = None
            return
        self.rollback(failed=version)

    def rollback(self, failed: Version | None = None) -> None:
        """Go back to what was before the update.

        Args:
            failed: What the resource could not become; None: it became it, another one failed.
        """
        before, left = self._before, failed or self.version
        assert before is not None
        assert left is not None
        for _ in range(2):  # the second time an operator continues the rollback
            abandoned = Old(left, self.physical_id, self.arn)
            event = self._update(before.version, left)
            if event.succeeded:
                self._now(before.version, event)
                self._clean_up(abandoned)
                self._before = None
                return
        self._before = None
        self.settled = False

    def delete(self) -> None:
        """Delete the stack; an operator tries once more if that fails."""
        if self.version is None:
            return
        # What may be held is refused once before: the operator is to end what holds it.
        for turn in range(3 if self._engine.refuses else 2):
            self.second_deletes += turn > 0
            self._engine.cloudformation.shown = ("DELETE_IN_PROGRESS", self.physical_id)
            event = self._delete(self.version, self.physical_id)
            if event.succeeded:
                self._engine.cloudformation.shown = ("DELETE_COMPLETE", self.physical_id)
                self.version, self.arn, self.settled = None, "", True
                return
            self._engine.cloudformation.shown = ("DELETE_FAILED", self.physical_id)
            self.settled = False

    def _update(self, version: Version, old: Version) -> Event:
        self._engine.cloudformation.shown = ("UPDATE_IN_PROGRESS", self.physical_id)
        event = self._engine.request(
            "Update", self._type, version.properties, self.physical_id, old.properties
        )
        if event.reply is not None:
            self.physical_id = str(event.reply["PhysicalResourceId"])
        if not event.succeeded:
            self._engine.cloudformation.shown = ("UPDATE_FAILED", self.physical_id)
        return event

    def _clean_up(self, old: Old) -> None:
        if old.physical_id == self.physical_id:
            return
        troubled = {fault.event for fault in self._engine.faults}
        first = len(self._engine.events)
        for _ in range(CLEANUPS):
            if self._delete(old.version, old.physical_id).succeeded:
                return
        self.abandoned += troubled.isdisjoint(range(first, first + CLEANUPS))

    def _delete(self, version: Version, physical_id: str) -> Event:
        event = self._engine.request("Delete", self._type, version.properties, physical_id)
        self.delete_failed += not event.succeeded
        return event

    def _now(self, version: Version, event: Event) -> None:
        assert event.reply is not None
        self.version, self.arn, self.settled = version, str(event.reply["Data"]["Arn"]), True


def _id_in(event: Event) -> str:
    return INVENTED_ID if event.reply is None else str(event.reply["PhysicalResourceId"])
