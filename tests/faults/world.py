"""The account, Lambda and CloudFormation's doors, on a virtual clock.

Deliveries overlap and calls are slow, the stack moves on while deliveries still run, the APIs have
their real quotas, and what lists and CloudFormation show is late. Threads hand over to each other
at each call and pause, so a run is the same for the same seed.

Not checked on AWS: a FAILED reply's physical id is adopted, and one is invented where there was no
reply; a rollback is an Update with the newest id; the first reply counts; a clean-up Delete is
tried three times, and meanwhile DescribeStackResource shows the new resource.
"""

from __future__ import annotations

import contextlib
import copy
import heapq
import itertools
import json
import math
import random
import threading
from collections import defaultdict, deque
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from types import SimpleNamespace
from typing import Any

import pytest

from ivs_constructs.testing.emulator.backend.account import Account
from ivs_constructs.testing.emulator.backend.operations import OPERATIONS
from ivs_constructs.testing.emulator.backend.refusals import Refusal
from tests.faults.faults import (
    AFTER,
    AMBIGUOUS,
    FOR_EVER,
    KILLS,
    REFUSALS,
    SOMETIMES,
    TRIES,
    Fault,
    Mode,
)
from tests.faults.handlers import clients, index, lifecycle, wire

STACK = "arn:aws:cloudformation:us-east-1:123456789012:stack/Live/0f1e2d3c-0000-4000-8000-00000000"
LAMBDA_SECONDS = 840.0
ANSWER_SECONDS = 900.0
"""How long CloudFormation waits for a reply."""
RETRY_SECONDS = 60.0
REQUEST_TAG = "ivs-constructs:request"
EPOCH = 1.8e9
"""When a run begins, in seconds since 1970."""


Turn = threading.Semaphore


class KilledError(BaseException):
    """The process of the handler dies."""


def _always() -> bool:
    return True


@dataclass(frozen=True, slots=True, kw_only=True)
class Weather:
    """What it is like in the cloud.

    Attributes:
        deliveries: How often each request is delivered, at most.
        spread: In how many seconds after the first one the others begin.
        seconds: How long a call takes, at least and at most.
        quotas: Whether the APIs allow a few calls a second only.
        foreign: How many calls a second others make of each operation.
        queued: For how many seconds Lambda keeps a request waiting, at most.
        cancelled: How likely CloudFormation waits no longer for an answer after some seconds.
        list_lag: How many seconds each item of a list is late, at most: both new and gone ones.
        read_lag: How many seconds late descriptions and tags are, at most: new, changed and gone.
        shown_lag: How many seconds what CloudFormation shows is late, at most.
        denied: For how many seconds everything is denied.
        never: What is denied for ever.
        unheard: For how many seconds no reply is taken.
        lost: How likely the answer to a create is lost after its effect.
        before: How likely a create fails before its effect without saying so.
        gone_is_denied: Whether IAM denies what is about something that is gone, and has no tags.
        kills: How likely a delivery dies, once at most, at some call.
        hung: How likely a call gets no answer, before or after its effect.
        burst: For how many seconds of each minute any call may fail, before or after its effect.
        skew: How many seconds Lambda's clock is ahead of CloudFormation's.
        foreigners: How many others' resources the account has of the type.
        moves_on: Whether the stack goes on at once, whatever still runs.
        adopts: Whether CloudFormation keeps the physical id of a FAILED Create.
        rolls_back: The physical id in an Update that rolls back a replacement: `new`, `old`, or
            `none` where there is no such Update.
        rights_end: Whether everything is denied as soon as the stack is gone.
    """

    deliveries: int = 1
    spread: float = 2.0
    seconds: tuple[float, float] = (0.1, 0.5)
    quotas: bool = False
    foreign: float = 2.0
    queued: float = 0.0
    cancelled: float = 0.0
    list_lag: float = 0.0
    read_lag: float = 0.0
    shown_lag: float = 0.0
    denied: float = 0.0
    never: frozenset[str] = frozenset()
    unheard: float = 0.0
    lost: float = 0.0
    before: float = 0.0
    gone_is_denied: bool = False
    kills: float = 0.0
    hung: float = 0.0
    burst: float = 0.0
    skew: float = 0.0
    foreigners: int = 0
    moves_on: bool = True
    adopts: bool = True
    rolls_back: str = "new"
    rights_end: bool = False


class Scheduler:
    """Lets one thread run at a time, in the order of a virtual clock."""

    def __init__(self) -> None:
        self.now = 0.0
        self._order = itertools.count()
        self._waiting: list[tuple[float, int, float, Callable[[], object], Turn]] = []
        self._idle = threading.Semaphore(0)
        self.crashes: list[BaseException] = []

    def start(self, act: Callable[[], object], delay: float = 0.0) -> None:
        """Begin something in a thread of its own."""
        turn = threading.Semaphore(0)

        def run() -> None:
            turn.acquire()
            try:
                act()
            except BaseException as error:
                self.crashes.append(error)
            self._idle.release()

        threading.Thread(target=run, daemon=True).start()
        self._queue(self.now + delay, 0.0, _always, turn)

    def sleep(self, seconds: float) -> None:
        """Let others run until the time has come."""
        turn = threading.Semaphore(0)
        self._queue(self.now + max(seconds, 0.0), 0.0, _always, turn)
        self._idle.release()
        turn.acquire()

    def until(self, ready: Callable[[], object], every: float, at_most: float = math.inf) -> None:
        """Let others run until something has happened, looked at every so many seconds."""
        end = self.now + at_most
        if not ready() and at_most > 0:
            turn = threading.Semaphore(0)
            self._queue(self.now + every, every, lambda: self.now >= end or ready(), turn)
            self._idle.release()
            turn.acquire()

    def _queue(self, at: float, every: float, ready: Callable[[], object], turn: Turn) -> None:
        heapq.heappush(self._waiting, (at, next(self._order), every, ready, turn))

    def monotonic(self) -> float:
        """Tell the time."""
        return self.now

    def run(self) -> None:
        """Run until nothing waits any more."""
        while self._waiting:
            self.now, _, every, ready, turn = heapq.heappop(self._waiting)
            # To look costs no change of threads; most runs mostly wait.
            if ready():
                turn.release()
                self._idle.acquire()
            else:
                self._queue(self.now + every, every, ready, turn)


@dataclass(slots=True)
class Request:
    """A request, its first reply, and what becomes of its deliveries.

    Attributes:
        number: Its number in the run.
        body: What Lambda is given.
        reply: The first reply.
        running: How many of its deliveries still run.
        killed: Whether the weather has killed one of them.
        dead: How many tries of the first delivery died without a word.
        unheard: Whether no reply to it is taken.
        cancelled: Whether CloudFormation waits for it no longer.
        begun: When it was sent.
        died: How long after that a try of it has died, the last time.
    """

    number: int
    body: dict[str, Any]
    reply: dict[str, Any] | None = None
    running: int = 0
    killed: bool = False
    dead: int = 0
    unheard: bool = False
    cancelled: bool = False
    begun: float = 0.0
    died: float = 0.0


@dataclass(slots=True)
class Try:
    """One try of one delivery.

    Attributes:
        request: The request.
        attempt: How many tries came before.
        first: Whether it is of the first delivery, which faults hit.
        calls: How many calls it has made.
        end: When Lambda ends it.
        begun: When it began.
        was_told: Whether CloudFormation has shown it something that came after its request.
        dead: Whether its process has died, so that it makes no more calls.
    """

    request: Request
    attempt: int = 0
    first: bool = False
    calls: int = 0
    end: float = math.inf
    begun: float = 0.0
    was_told: bool = False
    dead: bool = False


@dataclass(slots=True)
class Resource:
    """What CloudFormation believes of a resource.

    Attributes:
        name: The logical id.
        physical_id: The newest physical id.
        arn: The ARN that others see.
        properties: The properties that it has.
        settled: Whether its last change succeeded, so that what it must be like is known.
        vanished: Whether somebody has deleted it by hand.
        unsure: Whether more of it may be left until it goes.
        shown: What was shown of it, with the time since when.
    """

    name: str
    physical_id: str = ""
    arn: str = ""
    settled: bool = True
    vanished: bool = False
    unsure: bool = False
    properties: dict[str, Any] = field(default_factory=dict[str, Any])
    shown: list[tuple[float, str, str]] = field(default_factory=list[tuple[float, str, str]])


@dataclass(slots=True)
class Result:
    """How a run ended.

    Attributes:
        failed: The reasons of requests that failed.
        leaked: What is left when the stack is gone.
        lost: What the stack believes in although it is gone.
        extra: What there is more than the stack believes, at rest.
        wrong: What has other members than the stack believes.
        touched: What of others' was touched.
        unanswered: How many requests got no reply.
        seconds: How long each operation of the stack took.
        calls: How many calls each request made, by kind of request.
        operations: The calls of the first try of each request.
        unfired: How many faults found nothing to hit.
        excuses: Why no handler could have done better, by what is excused by it.
    """

    failed: list[str] = field(default_factory=list[str])
    leaked: list[str] = field(default_factory=list[str])
    lost: list[str] = field(default_factory=list[str])
    extra: list[str] = field(default_factory=list[str])
    wrong: list[str] = field(default_factory=list[str])
    touched: list[str] = field(default_factory=list[str])
    unanswered: int = 0
    seconds: dict[str, float] = field(default_factory=dict[str, float])
    calls: dict[str, int] = field(default_factory=lambda: defaultdict[str, int](int))
    operations: list[list[str]] = field(default_factory=list[list[str]])
    unfired: int = 0
    excuses: dict[str, str] = field(default_factory=dict[str, str])

    @property
    def clean(self) -> bool:
        """Whether the account is as the stack believes; a request may have failed honestly."""
        return not self._found

    @property
    def apart(self) -> str:
        """Why no handler could have done better; empty if one could."""
        reasons = [self.excuses.get(kind, "") for kind in self._found]
        return reasons[0] if reasons and all(reasons) else ""

    @property
    def _found(self) -> list[str]:
        kinds = ("leaked", "extra", "lost", "wrong", "touched", "unanswered")
        return [kind for kind in kinds if getattr(self, kind)]


class World:
    """The account, CloudFormation, Lambda and what goes wrong in them."""

    def __init__(self, weather: Weather, seed: int, faults: tuple[Fault, ...] = ()) -> None:
        self.faults = faults
        self.fired: set[Fault] = set()
        self.scheduler = Scheduler()
        self.weather = weather
        self.result = Result()
        self.account = Account(
            region="us-east-1", account="123456789012", seed=seed, clock=lambda: datetime.now(UTC)
        )
        self.account.quotas.update(dict.fromkeys(self.account.quotas))
        self.random = random.Random(seed)  # noqa: S311 (no secret)
        self.resources: dict[str, Resource] = {}
        self.stack_gone = False
        self._born: dict[str, float] = {}
        self._died: list[tuple[float, str, dict[str, Any]]] = []
        self._past: dict[str, list[tuple[float, dict[str, Any]]]] = defaultdict(list)
        self._gone: dict[str, tuple[float, Any]] = {}
        self._recent: dict[str, deque[float]] = defaultdict(deque)
        self.requests: list[Request] = []
        self._current = threading.local()
        self._deliveries = itertools.count()

    # Calls of the handler

    def call(self, _: str, operation: str, parameters: dict[str, Any]) -> dict[str, Any]:
        """Answer a call."""
        weather = self.weather
        trying: Try = self._current.trying
        current = trying.request
        self._end_in_time(trying)
        if trying.dead:
            raise KilledError
        self.result.calls[current.body["RequestType"]] += 1
        number = self._count(operation)
        low, high = weather.seconds
        slow = self.random.uniform(low, high)
        part = self.random.random()
        if not current.killed and self.random.random() < weather.kills / 5:
            current.killed = trying.dead = True
            self.scheduler.sleep(slow * part)
            raise KilledError
        self.scheduler.sleep(slow * part)
        after = self._strike(trying, number, operation)
        if self._over_quota(operation):
            self._refuse(operation, "ThrottlingException", 429)
        ended = weather.rights_end and self.stack_gone
        if operation in weather.never or self.scheduler.now < weather.denied or ended:
            self._refuse(operation, "AccessDeniedException", 403)
        about = parameters.get("arn") or parameters.get("resourceArn")
        by_tag = weather.gone_is_denied and operation != "ListTagsForResource"
        if by_tag and about and about not in self.account.records:
            self._refuse(operation, "AccessDeniedException", 403)
        creates = operation.startswith("Create")
        hangs = bool(weather.hung) and self.random.random() < weather.hung
        if hangs and self.random.random() < 0.5:
            self._fail(Mode.TIMEOUT_BEFORE, operation)
        failing = self.scheduler.now % 60 < weather.burst
        before = weather.before if creates else 0.0
        if self.random.random() < max(before, 0.5 * failing):
            self._refuse(operation, "InternalServerException", 500)
        if operation == "DescribeStackResource":
            answer = self._describe(parameters)
        else:
            answer = self._operate(operation, parameters)
        self.scheduler.sleep(slow * (1 - part))
        if hangs:
            after = Mode.TIMEOUT_AFTER
        if after is not None:
            self._fail(after, operation)
        lost = weather.lost if creates else 0.0
        if self.random.random() < max(lost, 0.5 * failing):
            self._refuse(operation, "InternalServerException", 500)
        self._end_in_time(trying)
        return answer

    def _die(self, request: Request) -> None:
        self._current.trying.dead = True
        request.dead += 1
        request.died = self.scheduler.now - request.begun

    def _end_in_time(self, trying: Try) -> None:
        if self.scheduler.now >= trying.end:
            self._die(trying.request)
            raise KilledError

    # Faults at one call

    def _count(self, operation: str) -> int:
        """Tell the number of a call in its try; without a try it is none."""
        trying: Try = self._current.trying
        number = trying.calls
        trying.calls += 1
        if trying.first and trying.attempt == 0:
            self.result.operations[trying.request.number].append(operation)
        return number

    def _hits(self, trying: Try, number: int) -> list[Fault]:
        """List the faults that are meant for a call."""
        if not trying.first:
            return []
        return [
            fault
            for fault in self.faults
            if fault.request == trying.request.number and _hits(fault, number, trying.attempt)
        ]

    def _strike(self, trying: Try, number: int, operation: str) -> Mode | None:
        """Let go wrong what is to go wrong before a call; tells what is to do so after it."""
        after: Mode | None = None
        for fault in self._hits(trying, number):
            mode = fault.mode
            if fault.times in (FOR_EVER, TRIES) and trying.request.reply is not None:
                kinds = ["extra"]
                if trying.request.body["ResourceType"].endswith("IngestConfiguration"):
                    kinds.append("leaked")
                self.excuse("a delivery that lost is denied every call", *kinds)
            if mode in AFTER:
                self.fired.add(fault)
                after = mode
            elif mode in REFUSALS:
                if mode not in SOMETIMES or operation != "DescribeStackResource":
                    self.fired.add(fault)
                    self._refuse(operation, *REFUSALS[mode])
            elif mode is Mode.HUNG_BEFORE:
                self.fired.add(fault)
                self._hang(trying)
            elif mode in AMBIGUOUS or mode is Mode.KILLED_BEFORE:
                self.fired.add(fault)
                self._fail(mode, operation)
            elif mode is Mode.TWIN:
                self.fired.add(fault)
                self._start(trying.request)
            elif mode is Mode.PAUSED:
                self.fired.add(fault)
                self._start(trying.request)
                self._wait_until_moved_on(fault)
                fails = Mode.TIMEOUT_BEFORE in [each.mode for each in self._hits(trying, number)]
                if operation.startswith(("Update", "Tag", "Untag")) and not fails:
                    reason = "a write is under way during a whole later operation"
                    self.excuse(reason, "wrong", "leaked")
        return after

    def _wait_until_moved_on(self, fault: Fault) -> None:
        """Wait in the middle of a call, until a later request has been answered, or all have."""

        def moved_on() -> bool:
            later = self.requests[fault.later] if 0 < fault.later < len(self.requests) else None
            return self.stack_gone or (later is not None and later.reply is not None)

        self.scheduler.until(moved_on, 0.5, LAMBDA_SECONDS - 60)

    def _hang(self, trying: Try) -> None:
        self.scheduler.sleep(trying.end - self.scheduler.now)
        self._end_in_time(trying)

    def excuse(self, reason: str, *kinds: str) -> None:
        """Note what no handler could prevent."""
        self.result.excuses.update(dict.fromkeys(kinds, reason))

    def _fail(self, mode: Mode, operation: str) -> None:
        if mode is Mode.HUNG_AFTER:
            self._hang(self._current.trying)
        if mode in KILLS:
            self._die(self._current.trying.request)
            raise KilledError
        code, seconds = AMBIGUOUS[mode]
        self.scheduler.sleep(seconds)
        if code:
            self._refuse(operation, code, 500)
        # As botocore's own, by its name: nothing of it is looked at.
        reset = type("ConnectionClosedError", (Exception,), {})()
        raise clients._judge(operation, reset, sent=True)

    def _operate(self, operation: str, parameters: dict[str, Any]) -> dict[str, Any]:
        self._set_apart(operation, parameters)
        given = {**parameters, "maxResults": 100} if operation.startswith("List") else parameters
        if operation == "ListTagsForResource":
            given = parameters
        if self.weather.list_lag and operation.startswith("Delete"):
            self._bury(f"List{operation.removeprefix('Delete')}s", parameters["arn"])
        record = self.account.records.get(parameters.get("arn", ""))
        try:
            answer = self._read(operation, given)
        except Refusal as refusal:
            status = {"ResourceNotFoundException": 404, "ConflictException": 409}
            self._refuse(operation, refusal.code, status.get(refusal.code, 400))
        if operation.startswith("Delete"):
            self._gone[parameters["arn"]] = (self.scheduler.now, record)
        self.remember()
        if operation.startswith("List") and operation != "ListTagsForResource":
            [member] = [name for name in answer if name != "nextToken"]
            listed = [
                each for each in answer[member] if self._born.get(each["arn"], 0.0) <= self._ago()
            ]
            if "nextToken" not in parameters:
                listed += [
                    each
                    for at, list_, each in self._died
                    if list_ == operation and at > self._ago()
                ]
            answer[member] = listed
        return answer

    def remember(self) -> None:
        """Keep the account's present state, for what is shown late."""
        now = self.scheduler.now
        for arn, record in self.account.records.items():
            self._born.setdefault(arn, now)
            past = self._past[arn]
            if self.weather.read_lag and (not past or past[-1][1] != record.data):
                past.append((now, copy.deepcopy(record.data)))

    def _ago(self) -> float:
        return self.scheduler.now - self.random.uniform(0, self.weather.list_lag)

    def _bury(self, operation: str, arn: str) -> None:
        """Keep for a while in lists what is about to be deleted."""
        if arn in self.account.records:
            listed = OPERATIONS[operation](self.account, {"maxResults": 100})
            [items] = [each for each in listed.values() if isinstance(each, list)]
            found = [copy.deepcopy(each) for each in items if each["arn"] == arn]
            self._died += [(self.scheduler.now, operation, each) for each in found]

    def _read(self, operation: str, given: dict[str, Any]) -> dict[str, Any]:
        """Operate; what is only described may be shown as it was a while ago."""
        arn = given.get("arn") or given.get("resourceArn") or ""
        records = self.account.records
        record = records.get(arn)
        reads = self.weather.read_lag and operation.startswith(("Get", "ListTags"))
        if not reads or not (record or arn in self._gone):
            return copy.deepcopy(OPERATIONS[operation](self.account, copy.deepcopy(given)))
        until = self.scheduler.now - self.random.uniform(0, self.weather.read_lag)
        if record is None:
            # What was deleted is still described for a while.
            died, record = self._gone[arn]
            try:
                if until < died:
                    records[arn] = record
                return copy.deepcopy(OPERATIONS[operation](self.account, copy.deepcopy(given)))
            finally:
                records.pop(arn, None)
        past = [data for at, data in self._past[arn] if at <= until]
        if not past and self._born.get(arn, 0.0) > until:
            self._refuse(operation, "ResourceNotFoundException", 404)
        now = record.data
        if past:
            # The emulator counts by itself how long a state is shown.
            record.data = past[-1] | {name: now[name] for name in ("state",) if name in now}
        try:
            return copy.deepcopy(OPERATIONS[operation](self.account, copy.deepcopy(given)))
        finally:
            if "state" in now:
                now["state"] = record.data["state"]
            record.data = now

    def _set_apart(self, operation: str, parameters: dict[str, Any]) -> None:
        """Note a write that no handler can tell from one that is in order.

        Neither API has conditional writes, and a channel is not the stack's: it bears no tag that
        names the requests.
        """
        request = self._current.trying.request
        if operation == "TagResource":
            arn = parameters["resourceArn"]
            tags = self.account.records[arn].data["tags"] if arn in self.account.records else {}
            noted = parameters["tags"].get(REQUEST_TAG, "").split()
            lost = {*tags.get(REQUEST_TAG, "").split()} - {*noted}
            if self.weather.read_lag and noted and lost:
                self.excuse("a late description hides earlier requests", "wrong")
        if operation != "UpdateChannel":
            return
        trying: Try = self._current.trying
        kind = request.body["RequestType"]
        later = self.requests[request.number + 1 :]
        if trying.was_told:
            return  # it could have known
        if kind == "Update" and "Update" in [each.body["RequestType"] for each in later]:
            self.excuse("an update of a channel is written during the next one", "wrong", "leaked")
        if kind == "Delete" and later and self.weather.shown_lag:
            self.excuse("a channel is cleared before the next request is shown", "wrong")
        channel = self.account.records[parameters["arn"]].data
        free = all(channel.get(name) in (None, "", value) for name, value in parameters.items())
        if kind != "Delete" and later and self.weather.shown_lag and free:
            reason = "a channel is set again before the end of the request is shown"
            self.excuse(reason, "wrong", "leaked")

    def _over_quota(self, operation: str) -> bool:
        if not self.weather.quotas:
            return False
        limit = 10.0 if "Tag" in operation else 5.0
        recent = self._recent[operation]
        while recent and recent[0] <= self.scheduler.now - 1.0:
            recent.popleft()
        if len(recent) >= limit - self.weather.foreign:
            return True
        recent.append(self.scheduler.now)
        return False

    def _refuse(self, operation: str, code: str, status: int) -> None:
        client_error = clients._exceptions.ClientError(
            {
                "Error": {"Code": code, "Message": "so"},
                "ResponseMetadata": {"HTTPStatusCode": status},
            },
            operation,
        )
        raise clients._judge(operation, client_error, sent=True)

    def _describe(self, parameters: dict[str, Any]) -> dict[str, Any]:
        resource = self.resources.get(parameters["LogicalResourceId"])
        at = self.scheduler.now - self.random.uniform(0, self.weather.shown_lag)
        seen = [each for each in (resource.shown if resource else []) if each[0] <= at]
        if not seen or seen[-1][1] == "GONE":
            self._refuse("DescribeStackResource", "ValidationError", 400)
        began, status, physical_id = seen[-1]
        trying: Try = self._current.trying
        kind = trying.request.body["RequestType"]
        trying.was_told |= began > trying.begun + 2 or (
            kind == "Create" and not status.startswith("CREATE")
        )
        return {
            "StackResourceDetail": {
                "ResourceStatus": status,
                "PhysicalResourceId": physical_id,
                "LastUpdatedTimestamp": datetime.fromtimestamp(EPOCH + began, UTC),
            }
        }

    def put(self, _: str, body: bytes) -> str:
        """Take a reply: the first one counts."""
        if self._current.trying.dead:
            raise KilledError
        self.scheduler.sleep(self.random.uniform(0.05, 0.5))
        if self.scheduler.now < self.weather.unheard:
            return "HTTP status 503"
        reply = json.loads(body)
        request = self.requests[int(reply["RequestId"].rpartition("-")[2])]
        trying: Try = self._current.trying
        problem = ""
        for fault in self._hits(trying, self._count("reply")):
            if fault.mode in KILLS:
                self.fired.add(fault)
                if fault.mode is Mode.KILLED_AFTER:
                    self._take(request, reply)
                self._die(request)
                raise KilledError
            if fault.mode is Mode.REPLY_REFUSED:
                self.fired.add(fault)
                request.unheard = True
            elif fault.mode in (Mode.REPLY_LOST, Mode.REPLY_TAKEN):
                self.fired.add(fault)
                if fault.mode is Mode.REPLY_TAKEN:
                    self._take(request, reply)
                problem = "RemoteDisconnected"
        if request.unheard:
            return "HTTP status 403"
        if not problem:
            self._take(request, reply)
        return problem

    def _take(self, request: Request, reply: dict[str, Any]) -> None:
        if request.reply is None and not request.cancelled and len(json.dumps(reply)) <= 4096:
            request.reply = reply

    # Deliveries

    def ask(self, kind: str, resource: Resource, type_: str, **more: Any) -> Request:  # noqa: ANN401 (any value)
        """Send a request, and wait for its first reply."""
        number = len(self.requests)
        body = {
            "RequestType": kind,
            "ResponseURL": "https://x.s3.amazonaws.com/reply",
            "StackId": STACK,
            "RequestId": f"request-{number}",
            "ResourceType": type_,
            "LogicalResourceId": resource.name,
            **more,
        }
        for name in ("ResourceProperties", "OldResourceProperties"):
            if name in more:
                body[name] = {**more[name], "ServiceTimeout": f"{ANSWER_SECONDS:.0f}"}
        request = Request(number, body, begun=self.scheduler.now)
        self.requests.append(request)
        self.result.operations.append([])
        for turn in range(self.random.randint(1, self.weather.deliveries)):
            delay = self.random.uniform(0, self.weather.spread if turn else self.weather.queued)
            self._start(request, delay, first=not turn)
        self._deliver_again(number)
        patience = ANSWER_SECONDS
        if kind != "Delete" and self.random.random() < self.weather.cancelled:
            patience = self.random.uniform(0.5, 20)
        self.scheduler.until(lambda: request.reply is not None, 0.2, patience)
        request.cancelled = request.reply is None
        if request.reply is None:
            # Another try would come too late.
            dead = request.dead >= TRIES or request.died > ANSWER_SECONDS - 2 * RETRY_SECONDS
            given_up = patience < ANSWER_SECONDS
            ever = [each for each in self.faults if each.times == FOR_EVER]
            if request.dead and number in [each.request for each in ever]:
                self.excuse(
                    "a late try that is denied every call cannot tell the time left",
                    "unanswered",
                )
            self.result.unanswered += not (dead or request.unheard or given_up)
        elif request.reply["Status"] == "FAILED":
            self.result.failed.append(f"{kind}: {request.reply['Reason']}")
        return request

    def _deliver_again(self, number: int) -> None:
        for fault in self.faults:
            if fault.mode is Mode.AGAIN and fault.later == number:
                self.fired.add(fault)
                self._start(self.requests[fault.request], fault.call * 0.7)

    def end(self) -> None:
        """The stack is gone: now comes what was to come after all."""
        self.stack_gone = True
        for fault in self.faults:
            if fault.mode is Mode.AGAIN and fault.later < 0 and fault.request < len(self.requests):
                self.fired.add(fault)
                self._start(self.requests[fault.request])
        self.quiet()
        self.result.unfired = len(set(self.faults) - self.fired)

    def _start(self, request: Request, delay: float = 0.0, *, first: bool = False) -> None:
        request.running += 1
        self.scheduler.start(lambda: self._deliver(request, first=first), delay)

    def _deliver(self, request: Request, *, first: bool) -> None:
        delivery = f"delivery-{next(self._deliveries)}"
        try:
            for attempt in range(TRIES):
                end = self.scheduler.now + LAMBDA_SECONDS
                self._current.trying = Try(
                    request, attempt, first, end=end, begun=self.scheduler.now
                )
                context = SimpleNamespace(
                    aws_request_id=delivery,
                    get_remaining_time_in_millis=lambda end=end: int(
                        (end - self.scheduler.now) * 1000
                    ),
                )
                try:
                    index.handler(copy.deepcopy(request.body), context)
                except (KilledError, wire.UndeliveredError):
                    self.scheduler.sleep(RETRY_SECONDS)
                else:
                    return
        finally:
            request.running -= 1

    def quiet(self) -> None:
        """Wait until no delivery runs any more."""
        self.scheduler.until(
            lambda: not any(request.running for request in self.requests), every=5.0
        )

    def show(self, resource: Resource, status: str) -> None:
        """Let CloudFormation show another state from now on."""
        own = resource.physical_id.startswith("ivsc1-") or self.weather.adopts
        resource.shown.append((self.scheduler.now, status, resource.physical_id if own else ""))


def _hits(fault: Fault, number: int, attempt: int) -> bool:
    if fault.mode in KILLS:
        return fault.call == number and attempt < fault.times
    if fault.times == 1:
        return fault.call == number and attempt == 0
    return number >= fault.call or attempt > 0


def wired(patch: pytest.MonkeyPatch, world: World) -> None:
    """Lead the handler to the world; the patch takes it back."""
    scheduler = world.scheduler

    class Lock:
        held = False

        def __enter__(self) -> None:
            while self.held:
                scheduler.sleep(0.1)
            self.held = True

        def __exit__(self, *_: object) -> None:
            self.held = False

    class Timer:
        daemon = False

        def __init__(self, seconds: float, function: Callable[..., None], args: Any) -> None:  # noqa: ANN401 (any value)
            self._seconds, self._act, self._args = seconds, function, args
            self._over = False

        def start(self) -> None:
            trying = world._current.trying

            def ring() -> None:
                world._current.trying = trying
                with contextlib.suppress(KilledError):
                    if not self._over:
                        self._act(*self._args)

            scheduler.start(ring, self._seconds)

        def cancel(self) -> None:
            self._over = True

    time = SimpleNamespace(
        monotonic=scheduler.monotonic,
        sleep=scheduler.sleep,
        time=lambda: EPOCH + scheduler.now + world.weather.skew,
    )
    patch.setattr(lifecycle, "time", time)
    patch.setattr(index, "threading", SimpleNamespace(Lock=Lock, Timer=Timer))
    patch.setattr(index, "Clients", lambda _: SimpleNamespace(call=world.call))
    patch.setattr(wire, "time", time)
    patch.setattr(wire, "_put", world.put)
    patch.setattr(wire, "print", lambda *_, **__: None, raising=False)
