"""CloudFormation's engine for one custom resource, and Lambda's asynchronous delivery.

Rules that are not checked on AWS: a FAILED reply's physical id is adopted and one is invented where
there was no reply; a rollback is an Update with the newest id; the first reply counts; a clean-up
Delete is tried three times.
"""

from __future__ import annotations

import json
import threading
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from types import TracebackType
from typing import Any, Self

import pytest

from ivs_constructs.testing.emulator import Emulator
from tests.faults import invocation
from tests.faults.cloudformation import CloudFormation
from tests.faults.faults import API_MODES, MODELLED, PUT_MODES, TRIES, Fault, Mode
from tests.faults.settings import PLAIN, Setting

STACK = "arn:aws:cloudformation:us-east-1:123456789012:stack/Live/0f1e2d3c-0000-4000-8000-00000000"
OTHER_STACK = f"{STACK[:-2]}99"
LOGICAL_ID = "It"
INVENTED_ID = "Live-It-1J0XQ8ZB4K2M"
CLEANUPS = 3
POLICY_NAMES = ("InUse", "OnLive")
"""What a policy is called; the handler overlooks the one that the type does not have."""

_SECONDS = 20.0


def _no_last_call() -> None:
    raise AssertionError("the handler has set no last call")


class KilledError(BaseException):
    """The process of the handler dies; nothing in it can prevent that."""


class TimedOutError(BaseException):
    """Lambda ends the process of the handler: its time is over, but its last call was heard."""


@dataclass(slots=True)
class Event:
    """One request of CloudFormation, however often it is delivered.

    Attributes:
        number: Its number in the run.
        body: What Lambda is given.
        reply: The first reply.
        killed: How many of its tries died without a word.
        unanswerable: Whether CloudFormation took no reply to it.
    """

    number: int
    body: dict[str, Any]
    reply: dict[str, Any] | None = None
    killed: int = 0
    unanswerable: bool = False

    @property
    def succeeded(self) -> bool:
        return self.reply is not None and self.reply["Status"] == "SUCCESS"


@dataclass(slots=True)
class Try:
    """One invocation of the handler.

    Attributes:
        event: The request.
        attempt: How many tries came before.
        duplicate: Whether it is of a delivery that should not have been.
        calls: How many calls it has made.
        last_call: Answers in the handler's place, as its timer does.
    """

    event: Event
    attempt: int
    duplicate: bool
    calls: int = 0
    last_call: Callable[[], None] = _no_last_call


class Engine:
    """Delivers requests, with the faults that are ordered for them.

    Attributes:
        emulator: Both IVS APIs.
        cloudformation: What the handler sees of CloudFormation.
        events: The requests so far.
        faults: What is to go wrong.
        fired: What of it has.
        operations: The calls of each request's first try.
        complaints: What CloudFormation or Lambda would never see in a good handler.
        page_size: How many items the pages of lists have; None: as many as the API gives.
        release: Ends what holds the resource in use.
    """

    def __init__(self) -> None:
        self.emulator = Emulator()
        self.cloudformation = CloudFormation()
        self._tries = threading.local()
        self._patch = pytest.MonkeyPatch()
        self.begin()

    def __enter__(self) -> Self:
        self.emulator.start()
        environment = {
            **self.emulator.environment,
            "AWS_ENDPOINT_URL_CLOUDFORMATION": self.cloudformation.url,
        }
        invocation.wired(self._patch, environment, self)
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        invocation.closed()
        self._patch.undo()
        self.cloudformation.stop()
        self.emulator.stop()

    def begin(self, setting: Setting = PLAIN) -> None:
        """Forget the last run."""
        self.emulator.reset()
        self.cloudformation.reset()
        self.cloudformation.strike = self._struck
        self.cloudformation.on_reply = self._replied
        self.events: list[Event] = []
        self.operations: list[list[str]] = []
        self.complaints: list[str] = []
        self.answers: list[tuple[int, str]] = []
        self._overtaken: threading.Thread | None = None
        self._twin: threading.Thread | None = None
        self._reached = threading.Event()
        self._released = threading.Event()
        self._armed: list[Fault] = []
        self.page_size = setting.page_size
        self._setting = setting
        self.release: Callable[[], None] | None = None
        self._patience = 0.0
        self.order(())

    def order(self, faults: tuple[Fault, ...]) -> None:
        """Order faults, in place of earlier ones."""
        self.faults = faults
        self.fired: set[Fault] = set()
        self._hits: Counter[Fault] = Counter()
        self.emulator.faults.clear()
        for fault in faults:
            if fault.mode in API_MODES:
                self.emulator.faults.add(
                    lambda _, fault=fault: self._strikes(fault),  # type: ignore[misc]  # bound now
                    API_MODES[fault.mode],
                    forever=True,
                )

    # Requests

    def request(
        self,
        kind: str,
        resource_type: str,
        properties: dict[str, Any],
        physical_id: str = "",
        old: dict[str, Any] | None = None,
    ) -> Event:
        """Send a request, and wait for what becomes of it."""
        number = len(self.events)
        body: dict[str, Any] = {
            "RequestType": kind,
            "ResponseURL": f"{self.cloudformation.url}/{number}?X-Amz-Signature=5ec12e7",
            "StackId": STACK,
            "RequestId": f"request-{number}",
            "ResourceType": resource_type,
            "LogicalResourceId": LOGICAL_ID,
            "ResourceProperties": _sent(properties),
        }
        if kind != "Create":
            body["PhysicalResourceId"] = physical_id
        if old is not None:
            body["OldResourceProperties"] = _sent(old)
        if self._setting.policy:
            body["ResourceProperties"] |= dict.fromkeys(POLICY_NAMES, self._setting.policy)
        event = Event(number, body)
        self.events.append(event)
        self.operations.append([])
        for fault in self.faults:
            if fault.mode is Mode.SLATE_FAILS and fault.event == number:
                self.fired.add(fault)
                self.emulator.states.fail_next("FailoverSlateConfiguration")
        self.deliver(event)
        for fault in self.faults:
            if fault.event == number and fault.mode is Mode.SEQUENTIAL:
                self.fired.add(fault)
                self.deliver(self.events[fault.again], duplicate=True)
            if fault.mode is Mode.OVERTAKEN and fault.resume == number:
                self._resume_overtaken()
        if event.reply is None or event.reply["Status"] == "FAILED":
            # The operator reads why, and ends what is in the way.
            self._free()
        return event

    def deliver(self, event: Event, *, duplicate: bool = False) -> None:
        """Deliver a request as Lambda does: once, and twice more if the handler fails."""
        if not duplicate and self._overtakes(event):
            return
        self._try(event, duplicate=duplicate)
        if not duplicate:
            self._end_twin()

    def _try(self, event: Event, *, duplicate: bool) -> None:
        for attempt in range(TRIES):
            try:
                self._invoke(Try(event, attempt, duplicate))
            except KilledError:
                event.killed += not duplicate
            except TimedOutError:
                continue
            except invocation.wire.UndeliveredError:
                # Lambda sees an error, and tries again.
                continue
            else:
                return

    def finish(self) -> None:
        """The stack is gone: now come the duplicates that were late, and what was overtaken."""
        for fault in self.faults:
            if fault.mode is Mode.LATE and fault.event < len(self.events):
                self.fired.add(fault)
                self.deliver(self.events[fault.event], duplicate=True)
        self._resume_overtaken()

    def _resume_overtaken(self) -> None:
        if self._overtaken is not None:
            self._released.set()
            self._overtaken.join(_SECONDS)

    def _free(self) -> None:
        if self.release is not None:
            self.release()
            self.release = None

    def slept(self, seconds: float) -> None:
        """Let what holds the resource end while the handler waits for it."""
        self._patience += seconds
        if self._setting.ends_after and self._patience >= self._setting.ends_after:
            self._free()

    def last_call(self, give_up: Callable[[], None]) -> None:
        """Keep what answers in the handler's place."""
        if self._trying is not None:
            self._trying.last_call = give_up

    @property
    def refuses(self) -> bool:
        """Whether the resource's policy is to refuse while something holds it."""
        return self._setting.policy == "FAIL"

    @property
    def unanswered(self) -> int:
        """How many requests have no reply although one could be given."""
        return sum(
            event.reply is None and event.killed < TRIES and not event.unanswerable
            for event in self.events
        )

    def _invoke(self, attempt: Try) -> None:
        outer = self._trying
        self._trying = attempt
        try:
            body = json.loads(json.dumps(attempt.event.body))
            invocation.index.handler(body, invocation.Context())
        finally:
            self._trying = outer
            self._armed = []

    @property
    def _trying(self) -> Try | None:
        found: Try | None = getattr(self._tries, "current", None)
        return found

    @_trying.setter
    def _trying(self, value: Try | None) -> None:
        self._tries.current = value

    def _overtakes(self, event: Event) -> bool:
        """Let a first delivery wait in the middle, and a second one be dealt with instead."""
        fault = next(
            (each for each in self.faults if each.mode is Mode.OVERTAKEN), Fault(Mode.LATE, -1)
        )
        if fault.event != event.number:
            return False

        def overtaken() -> None:
            try:
                self._invoke(Try(event, 0, duplicate=False))
            except invocation.wire.UndeliveredError:
                pass
            finally:
                self._reached.set()

        self._overtaken = threading.Thread(target=overtaken, daemon=True)
        self._overtaken.start()
        self._reached.wait(_SECONDS)
        self.deliver(event, duplicate=True)
        return True

    def _replied(self, body: dict[str, Any]) -> None:
        event = self.events[int(body["RequestId"].rpartition("-")[2])]
        self.answers.append((event.number, str(body["Status"])))
        for name in ("StackId", "LogicalResourceId"):
            if body[name] != event.body[name]:
                self.complaints.append(f"the reply has another {name}")
        if not body["PhysicalResourceId"]:
            self.complaints.append("the reply has no PhysicalResourceId")
        if event.reply is not None:
            return
        event.reply = body
        kind = event.body["RequestType"]
        if self.cloudformation.shown is None or not self.cloudformation.shown[0].startswith(
            kind.upper()
        ):
            return  # a clean-up: what is shown is the new resource
        ending = "COMPLETE" if body["Status"] == "SUCCESS" else "FAILED"
        self.cloudformation.shown = (f"{kind.upper()}_{ending}", body["PhysicalResourceId"])

    # Interference, at each call of the handler

    def before(self, operation: str) -> None:
        current = self._trying
        if current is None:
            return
        number, event = current.calls, current.event.number
        current.calls += 1
        if current.duplicate:
            self._halt(number, event)
        else:
            if current.attempt == 0:
                self.operations[event].append(operation)
            for fault in self.faults:
                if fault.mode is Mode.INTERLEAVED and fault.resume == number:
                    self._end_twin()
                if fault.event == event:
                    self._interfere(fault, current, number)
                    self._hang(fault, current, number, operation, Mode.HANGS_BEFORE)
        self._armed = [] if current.duplicate else self._arm(current, number, operation)

    def after(self, operation: str, *, ended: bool) -> None:  # noqa: ARG002 (a Watch has it)
        current = self._trying
        self._armed = []
        if current is None or current.duplicate:
            return
        for fault in self.faults:
            if (fault.event, fault.call) != (current.event.number, current.calls - 1):
                continue
            if fault.mode is Mode.KILLED_AFTER and current.attempt < fault.times:
                self.fired.add(fault)
                raise KilledError
            self._hang(fault, current, fault.call, operation, Mode.HANGS_AFTER)
            if fault.mode is Mode.TWIN_AFTER and fault not in self.fired:
                self.fired.add(fault)
                self.deliver(current.event, duplicate=True)

    def _interfere(self, fault: Fault, current: Try, number: int) -> None:
        if fault.call != number:
            return
        if fault.mode is Mode.KILLED_BEFORE and current.attempt < fault.times:
            self.fired.add(fault)
            raise KilledError
        if fault in self.fired:
            return
        if fault.mode is Mode.TWIN_BEFORE:
            self.fired.add(fault)
            self.deliver(current.event, duplicate=True)
        if fault.mode is Mode.DURING:
            self.fired.add(fault)
            self.deliver(self.events[fault.again], duplicate=True)
        if fault.mode is Mode.INTERLEAVED:
            self.fired.add(fault)
            self._interleave(current.event)
        if fault.mode is Mode.OVERTAKEN:
            self.fired.add(fault)
            self._reached.set()
            self._released.wait(_SECONDS)

    def _hang(self, fault: Fault, current: Try, number: int, operation: str, mode: Mode) -> None:
        """Let the last call answer, and then the time of the Lambda end."""
        if (fault.mode, fault.call) != (mode, number) or current.attempt >= fault.times:
            return
        if operation != invocation.REPLY:  # which has a time limit of its own
            self.fired.add(fault)
            current.last_call()
            raise TimedOutError

    def _interleave(self, event: Event) -> None:
        """Let a twin run to the call where it halts, or to its end."""

        def twin() -> None:
            try:
                self._try(event, duplicate=True)
            finally:
                self._reached.set()

        self._twin = threading.Thread(target=twin, daemon=True)
        self._twin.start()
        self._reached.wait(_SECONDS)

    def _end_twin(self) -> None:
        if self._twin is not None:
            self._released.set()
            self._twin.join(_SECONDS)
            self._twin = None

    def _halt(self, number: int, event: int) -> None:
        if self._twin is not threading.current_thread():
            return
        if any((fault.event, fault.halt) == (event, number) for fault in self.faults):
            self._reached.set()
            self._released.wait(_SECONDS)

    def _arm(self, current: Try, number: int, operation: str) -> list[Fault]:
        modes: tuple[Mode, ...] = tuple(API_MODES)
        if operation == invocation.REPLY:
            modes = PUT_MODES
        elif operation == "DescribeStackResource":  # what IVS refuses with is not CloudFormation's
            modes = tuple(mode for mode in API_MODES if mode not in MODELLED)
        return [
            fault
            for fault in self.faults
            if fault.event == current.event.number
            and fault.mode in modes
            and (
                number == fault.call
                or (fault.times > 1 and (number > fault.call or current.attempt > 0))
            )
        ]

    def _strikes(self, fault: Fault) -> bool:
        if fault not in self._armed or self._hits[fault] >= fault.times:
            return False
        self._hits[fault] += 1
        self.fired.add(fault)
        return True

    def _struck(self) -> Mode | None:
        for fault in self._armed:
            if self._strikes(fault):
                if fault.mode is Mode.PUT_REFUSED:
                    self.events[fault.event].unanswerable = True
                return fault.mode
        return None


def _sent(properties: dict[str, Any]) -> dict[str, Any]:
    """Say properties as CloudFormation does, which knows no numbers and booleans."""

    def text(value: object) -> object:
        if isinstance(value, dict):
            return {name: text(each) for name, each in value.items()}
        if isinstance(value, list):
            return [text(each) for each in value]
        return value if isinstance(value, str) else json.dumps(value)

    own = {name: text(value) for name, value in properties.items()}
    token = "arn:aws:lambda:us-east-1:123456789012:function:provider"  # noqa: S105 (no secret)
    return {"ServiceToken": token, "ConstructPath": "Live/It", **own}
