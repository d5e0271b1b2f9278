"""One account in one Region: its resources, how lists show them, and what is live in it."""

from __future__ import annotations

import hashlib
import string
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from ivs_constructs.testing.emulator.backend.kinds import KINDS, QUOTAS, Kind, kind_of
from ivs_constructs.testing.emulator.backend.refusals import not_found, over_quota
from ivs_constructs.testing.emulator.clock import Clock
from ivs_constructs.testing.emulator.errors import EmulatorError
from ivs_constructs.testing.emulator.settings import check_count, meant

Params = dict[str, Any]
"""The members of a request or an answer."""

_ALPHABET = string.ascii_letters + string.digits

# Compositions in these states no longer hold other resources.
OVER = ("STOPPED", "FAILED")


class States:
    """How resources change state, and when.

    Attributes:
        polls: How many answers still show a transient state (CREATING, UPDATING, STARTING,
            STOPPING, or a stream that is being stopped); with 0, transient states are never
            visible.
        forget_stopped: Whether compositions disappear when they have stopped, instead of showing as
            STOPPED.
    """

    def __init__(self) -> None:
        self.polls = 1
        self.forget_stopped = False
        self._polls_of: dict[str, int] = {}
        self._failures: Counter[str] = Counter()

    def set_polls(self, type_name: str, polls: int) -> None:
        """Set `polls` for one type: one that has states, or `Stream`."""
        self._known(type_name, "Stream")
        check_count("polls", polls)
        self._polls_of[type_name] = polls

    def fail_next(self, type_name: str) -> None:
        """Let the next new resource of a type end in its failed state."""
        self._known(type_name)
        self._failures[type_name] += 1

    def polls_of(self, type_name: str) -> int:
        """Return how many answers still show a transient state of a type."""
        return self._polls_of.get(type_name, self.polls)

    def takes_failure(self, type_name: str) -> bool:
        """Return whether the resource being made should fail, and use that up."""
        if not self._failures[type_name]:
            return False
        self._failures[type_name] -= 1
        return True

    def _known(self, type_name: str, *more: str) -> None:
        known = [*(name for name, kind in KINDS.items() if kind.life), *more]
        if type_name not in known:
            raise EmulatorError(
                f"type must be one of {', '.join(known)}, got {type_name!r}"
                f"{meant(type_name, known)}"
            )


@dataclass(slots=True, eq=False)
class Record:
    """A resource.

    Attributes:
        kind: Its type.
        arn: Its ARN.
        data: Its members, as the Get operation returns them.
        sequence: Its place in lists.
        born: How often its type had been listed when it was made.
        died: How often its type had been listed when it was deleted.
        uses: ARNs that it refers to outside the members named by its type.
        becomes: Its next state, if its state is transient.
        polls_left: How many answers still show the transient state.
    """

    kind: Kind
    arn: str
    data: Params
    sequence: int
    born: int
    died: int = 0
    uses: frozenset[str] = frozenset()
    becomes: str | None = None
    polls_left: int = 0

    def refers_to(self, arn: str) -> bool:
        """Return whether this resource refers to another."""
        return arn in self.uses or any(
            self.data.get(member) == arn for member in self.kind.references
        )


@dataclass(slots=True, eq=False)
class Stream:
    """A live stream on a channel.

    Attributes:
        id: The stream's id.
        started: When it began.
        key: The stream key with which the encoder reconnects as long as it exists; None if the
            encoder does not reconnect.
        polls_left: How many answers still show it after it was stopped; None if it was not stopped.
        ended: When it ended; None if it is live.
    """

    id: str
    started: datetime
    key: str | None = None
    polls_left: int | None = None
    ended: datetime | None = None


@dataclass(slots=True, eq=False)
class Session:
    """The time from a stage's first participant to its last.

    Attributes:
        id: The session's id.
        started: When it began.
        ended: When it ended.
        participants: Who took part, by participant id.
    """

    id: str
    started: datetime
    ended: datetime | None = None
    participants: dict[str, Params] = field(default_factory=dict[str, Params])


class Account:
    """The whole state of the emulator.

    Attributes:
        region: The Region in the ARNs.
        id: The account in the ARNs.
        clock: Returns the time.
        states: How resources change state.
        quotas: How many resources of each type may exist.
        list_lag: How many lists do not yet show what was made or deleted.
        unverified: Whether the account is not verified yet.
        records: The resources, by ARN.
        streams: What is live, by channel ARN.
        sessions: The sessions of each stage, by stage ARN.
        tokens: The participant ids for which tokens were made, by stage ARN.
        started: What each idempotency token started: the request, and the composition's ARN.
    """

    def __init__(self, *, region: str, account: str, seed: int, clock: Clock) -> None:
        self.region = region
        self.id = account
        self.clock = clock
        self.states = States()
        self.quotas = dict(QUOTAS)
        self.list_lag = 0
        self.unverified = False
        self.records: dict[str, Record] = {}
        self.streams: dict[str, Stream] = {}
        self.past_streams: dict[str, list[Stream]] = {}
        self.sessions: dict[str, list[Session]] = {}
        self.tokens: dict[str, set[str]] = {}
        self.started: dict[str, tuple[str, str]] = {}
        self._seed = seed
        self._drawn: Counter[str] = Counter()
        self._sequence = 0
        self._listed: Counter[str] = Counter()
        self._ghosts: list[Record] = []

    def draw(self, purpose: str, length: int) -> str:
        """Draw letters and digits: the same ones for the same seed, purpose and turn."""
        self._drawn[purpose] += 1
        source = f"{self._seed}/{purpose}/{self._drawn[purpose]}".encode()
        return "".join(
            _ALPHABET[byte % len(_ALPHABET)] for byte in hashlib.shake_256(source).digest(length)
        )

    def of(self, type_name: str) -> Iterator[Record]:
        """Iterate over the resources of a type, oldest first."""
        return iter([each for each in self.records.values() if each.kind.name == type_name])

    def find(self, arn: str, type_name: str | None = None) -> Record:
        """Find a resource.

        Raises:
            Refusal: There is none.
        """
        record = self.records.get(arn)
        if record is None or type_name not in (None, record.kind.name):
            raise not_found(arn)
        return record

    def check_quota(self, name: str, used: int, what: str) -> None:
        """Refuse a resource beyond the quota."""
        limit = self.quotas[name]
        if limit is not None and used >= limit:
            raise over_quota(what, limit)

    def insert(self, kind: Kind, data: Params, resource_id: str | None = None) -> Record:
        """Store a new resource, which begins in its first state."""
        resource_id = resource_id or self.draw(kind.name, 12)
        arn = f"arn:aws:ivs:{self.region}:{self.id}:{kind.arn_type}/{resource_id}"
        self._sequence += 1
        record = Record(
            kind, arn, {"arn": arn, **data}, self._sequence, born=self._listed[kind.name]
        )
        self.records[arn] = record
        if kind.life is not None:
            failed = self.states.takes_failure(kind.name)
            record.data["state"] = kind.life.starting
            self.pass_to(record, kind.life.failed if failed else kind.life.ready)
        return record

    def remove(self, record: Record) -> None:
        """Remove a resource; lists may still show it for a while."""
        del self.records[record.arn]
        record.died = self._listed[record.kind.name]
        self._ghosts.append(record)

    def pass_to(self, record: Record, state: str) -> None:
        """Move a resource to another state, once it has been read often enough."""
        record.becomes = state
        record.polls_left = self.states.polls_of(record.kind.name)
        if record.polls_left == 0:
            self.arrive(record)

    def look(self, record: Record) -> Params:
        """Read a resource, which advances its transient states."""
        if record.becomes is not None:
            if record.polls_left == 0:
                self.arrive(record)
            else:
                record.polls_left -= 1
        return record.data

    def arrive(self, record: Record) -> None:
        """Finish a resource's change of state."""
        state, record.becomes = record.becomes, None
        record.data["state"] = state
        if record.kind.name != "Composition":
            return
        now = self.clock()
        for destination in record.data["destinations"]:
            destination["state"] = state
            destination["startTime" if state == "ACTIVE" else "endTime"] = now
        if state in OVER:
            record.data["endTime"] = now
            for arn in record.uses:
                self.streams.pop(arn, None)
            if state == "STOPPED" and self.states.forget_stopped:
                self.remove(record)

    def look_at_stream(self, channel_arn: str) -> Stream | None:
        """Read the live stream of a channel, which lets a stopped stream end."""
        stream = self.streams.get(channel_arn)
        if stream is None or stream.polls_left is None:
            return stream
        if stream.polls_left:
            stream.polls_left -= 1
            return stream
        self.end_stream(channel_arn)
        if stream.key in self.records:
            self.go_live(channel_arn, reconnects=True)
        return self.streams.get(channel_arn)

    def go_live(self, channel_arn: str, *, reconnects: bool = False) -> Stream:
        """Let an encoder connect to a channel."""
        keys = (each.arn for each in self.of("StreamKey") if each.refers_to(channel_arn))
        key = next(keys, None) if reconnects else None
        stream = Stream(f"st-{self.draw('Stream', 23)}", self.clock(), key)
        self.streams[channel_arn] = stream
        return stream

    def end_stream(self, channel_arn: str) -> None:
        """End the live stream of a channel."""
        stream = self.streams.pop(channel_arn)
        stream.ended = self.clock()
        self.past_streams.setdefault(channel_arn, []).append(stream)

    def stop_stream(self, channel_arn: str) -> None:
        """Stop the live stream of a channel, which ends once it has been read often enough."""
        stream = self.streams[channel_arn]
        stream.polls_left = self.states.polls_of("Stream")
        if stream.polls_left == 0:
            self.look_at_stream(channel_arn)

    def listing(self, kind: Kind, *, first_page: bool) -> list[Record]:
        """Return what a list shows, in a stable order and with its lag."""
        if first_page:
            self._listed[kind.name] += 1
        if not self.list_lag:
            self._ghosts.clear()
            return list(self.of(kind.name))
        self._ghosts = [
            each
            for each in self._ghosts
            if self._listed[each.kind.name] - each.died <= self.list_lag
        ]
        # What was made and deleted before any list could show it never appears.
        shown = [
            each
            for each in [*self.of(kind.name), *self._ghosts]
            if each.kind is kind and self._listed[kind.name] - each.born > self.list_lag
        ]
        return sorted(shown, key=lambda each: each.sequence)

    def holder(self, record: Record) -> Record | None:
        """Find a resource whose reference prevents another's deletion."""
        for type_name in record.kind.held_by:
            for other in self.of(type_name):
                if other.refers_to(record.arn) and self.look(other).get("state") not in OVER:
                    return other
        return None

    def check_references(self, kind: Kind, params: Params) -> None:
        """Refuse references to what does not exist."""
        for member, type_name in kind.references.items():
            if params.get(member):
                self.find(params[member], type_name)

    def session_of(self, stage_arn: str) -> Session | None:
        """Find the active session of a stage."""
        sessions = self.sessions.get(stage_arn, [])
        return sessions[-1] if sessions and sessions[-1].ended is None else None


def service_of(arn: str) -> str | None:
    """Find the service whose resource an ARN names."""
    kind = kind_of(arn)
    return kind.service if kind else None
