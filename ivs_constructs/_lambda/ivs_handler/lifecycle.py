"""Creates, updates and deletes resources.

The physical id names the resource itself. CloudFormation accepts the first reply to a request, so
only one of several deliveries created the resource that counts; every other one sees that, and
deletes what it created. docs/decisions/custom-resource-handler.md explains why this is safe.
"""

from __future__ import annotations

import hashlib
import json
import random
import re
import time
from collections.abc import Callable, Collection, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any, cast

from .clients import CONFLICT, NOT_FOUND, ApiError, Clients
from .signing_key import pem_of
from .specs.prop import OWN_TAGS, CustomResourceSpec, Holder, Kind, Prop
from .wire import POLICIES, InvalidError, Request, Wanted, decode, timeout

STACK_TAG = f"{OWN_TAGS}stack"
LOGICAL_TAG = f"{OWN_TAGS}logical"
ID_TAG = f"{OWN_TAGS}id"
"""The mark of the immutable properties, the creator, the time, and the replaced resource."""
REQUEST_TAG = f"{OWN_TAGS}request"
"""The requests that worked on it, the latest first."""

_OWN_ID = re.compile(r"(ivsc1-[0-9a-f]{24})(?::([a-zA-Z0-9-]+))?")

FIRST_PAUSE = 1.0
LONGEST_PAUSE = 8.0
"""Pauses double from the first value to the second, in seconds."""

ROUNDS = 6
"""How often to try a create whose outcome is unknown."""

PATIENCE = 4
"""How often to retry an unexplained failure."""

CONFIRM_SECONDS = 31
"""Time reserved after the reply to check which delivery's resource the stack owns."""

LAG_SECONDS = 15
"""After this time, lists and CloudFormation show every change."""

CREATE_SECONDS = 25
"""No create begins with less time left, so that none is under way when the request ends."""

REPLY_MARGIN = 20
"""How long before CloudFormation's timeout the work ends, to leave time for the reply."""

LEAST_SECONDS = 60
"""The minimum time for a delivery, since CloudFormation may show a past state."""

SKEW_SECONDS = 2
"""The maximum clock difference between Lambda and CloudFormation."""

GRACE_SECONDS = 90
"""How long to retry denied calls, from the start of a request: a deployment creates the role's
policy right before the resources, and IAM takes time to propagate it."""

MOST_TAGS = 50
"""The maximum number of tags per resource."""

LONGEST_TAG = 256
"""The maximum length of a tag's value; six request ids fit into one."""

# The states in which CloudFormation waits for a reply. A rollback updates.
_IN_PROGRESS = {
    "Create": {"CREATE_IN_PROGRESS"},
    "Update": {"UPDATE_IN_PROGRESS", "UPDATE_ROLLBACK_IN_PROGRESS", "ROLLBACK_IN_PROGRESS"},
}
_MAKING = {"CREATE_IN_PROGRESS", "UPDATE_IN_PROGRESS"}


_OVERWRITES = ("Update", "Tag", "Untag")
"""Calls that a late retry must not repeat: another request may have made a change since."""


class FailedError(Exception):
    """The request failed; the message says why and how to fix it."""


class StaleError(FailedError):
    """The request was handled before; nothing was done."""


class GoneError(FailedError):
    """A resource no longer exists, although a description still showed it."""


class Clock:
    """Counts down the time for a request."""

    def __init__(self, seconds: float) -> None:
        self._latest = self._end = time.monotonic() + seconds

    def now(self) -> float:
        """Return the time, in seconds since 1970."""
        return time.time()

    def remaining(self) -> float:
        """Return how many seconds are left."""
        return self._end - time.monotonic()

    def sleep(self, seconds: float) -> None:
        """Wait."""
        time.sleep(seconds)

    def limit(self, seconds: float) -> None:
        """Reduce the time left to this many seconds, if it is longer."""
        self._end = min(self._latest, time.monotonic() + seconds)


@dataclass(frozen=True, slots=True)
class Outcome:
    """The result of a request: the physical id and the attributes."""

    physical_id: str
    data: dict[str, str]


@dataclass(slots=True)
class Job:
    """One delivery of a request, and everything needed to handle it.

    Attributes:
        nonce: Marks what this delivery creates, in all its tries; duplicates have other nonces.
        arn: The resource of a Create or Update, once known.
        made: The same if this delivery created it; for members set on a channel, its mark.
        begun: When this delivery began.
        newest: The newest state that CloudFormation has shown for the resource.
        asked: The age at which CloudFormation last showed that it waits.
        answered: Whether the reply was sent, so that CloudFormation no longer waits for one.
        shown_by: The age from which descriptions are up to date.
        others: ARNs whose tags belong to another owner.
    """

    spec: CustomResourceSpec
    request: Request
    clients: Clients
    clock: Clock
    nonce: str
    arn: str = ""
    made: str = ""
    begun: float = 0.0
    newest: dict[str, Any] = field(default_factory=dict[str, Any])
    asked: float = 0.0
    answered: bool = False
    shown_by: float = LAG_SECONDS
    others: set[str] = field(default_factory=set[str])

    def __post_init__(self) -> None:
        self.begun = self.clock.now()

    @property
    def age(self) -> float:
        """How many seconds ago this delivery began."""
        return self.clock.now() - self.begun

    @property
    def policy(self) -> str:
        """What to do when something is in use; by default the careful choice."""
        given = self.request.properties.get(self.spec.policy)
        return given if isinstance(given, str) and given in POLICIES else POLICIES[0]

    @property
    def own_tags(self) -> dict[str, str]:
        """The tags that assign a resource to this logical one."""
        return {STACK_TAG: self.request.stack_id, LOGICAL_TAG: self.request.logical_id}

    def call(
        self, operation: str, parameters: dict[str, Any], *, service: str = "", once: bool = False
    ) -> dict[str, Any]:
        """Call an operation of the type's API, and retry it while that can help.

        Args:
            operation: The operation.
            parameters: Its parameters.
            service: The API; by default the type's own.
            once: Whether it must not take effect twice; it is retried only if it had no effect.
        """
        needed = CREATE_SECONDS if once else 0
        reads = operation.startswith(("Get", "List"))
        overwrites = operation.startswith(_OVERWRITES)
        since = self.age
        turn = 0
        while True:
            if once or (turn and overwrites):
                _guard_again(self)
            if self.clock.remaining() <= needed:
                raise FailedError(f"{'not enough' if once else 'no'} time was left for {operation}")
            seconds = _pause_of(turn)
            try:
                return self.clients.call(service or self.spec.service, operation, parameters)
            except ApiError as error:
                # Callers with another policy for conflicts handle them.
                passing = error.code == CONFLICT and (reads or once) and turn < PATIENCE
                again = (
                    error.throttled
                    or passing
                    or (error.denied and self.age + seconds <= GRACE_SECONDS)
                    or (
                        error.ambiguous and not once and self.age - since + seconds <= GRACE_SECONDS
                    )
                )
                again = again and self.clock.remaining() - seconds > needed
                if error.denied and (not again or self.age - since >= LAG_SECONDS):
                    self._tell_gone(operation, parameters)
                if not again:
                    raise
            self.clock.sleep(seconds)
            turn += 1

    def find(
        self,
        operation: str,
        parameters: dict[str, Any],
        *,
        service: str = "",
        missing: Collection[str] = (NOT_FOUND,),
    ) -> dict[str, Any] | None:
        """Call an operation; return None if what it is about does not exist."""
        try:
            return self.call(operation, parameters, service=service)
        except ApiError as error:
            if error.code not in missing:
                raise
            return None

    def _tell_gone(self, operation: str, parameters: dict[str, Any]) -> None:
        """Raise NOT_FOUND for a missing resource: IAM denies access to it, as it has no tags."""
        arn = str(parameters.get("arn"))
        if self.spec.list and f":{self.spec.arn_type}/" in arn:
            listed = self.items(self.spec.list, self.spec.summaries, {})
            if arn not in {each["arn"] for each in listed}:
                raise ApiError(operation, NOT_FOUND, f"{arn} is not listed", ambiguous=False)

    def items(
        self, operation: str, member: str, parameters: dict[str, Any], *, service: str = ""
    ) -> Iterator[dict[str, Any]]:
        """Yield the items of all pages of a list."""
        token: dict[str, Any] = {}
        while True:
            page = self.call(operation, {**parameters, **token}, service=service)
            yield from page[member]
            if not page.get("nextToken"):
                return
            token = {"nextToken": page["nextToken"]}

    def pause(self, turn: int, what: str, until: float = 0.0) -> int:
        """Wait, at most until an age, and return the next turn; fail if there is no time left."""
        seconds = _pause_of(turn)
        if self.age < until:
            seconds = min(seconds, until - self.age + 0.01)
        if self.clock.remaining() <= seconds:
            raise FailedError(f"the time ran out: {what}")
        self.clock.sleep(seconds)
        return turn + 1


def _pause_of(turn: int) -> float:
    # Jitter: thirty resources of one stack are throttled at once.
    longest = min(FIRST_PAUSE * 2.0 ** min(turn, 9), LONGEST_PAUSE)
    return longest * random.uniform(0.5, 1.0)  # noqa: S311 (no secret)


def run(job: Job) -> Outcome:
    """Handle a request; raises an InvalidError, a FailedError or an ApiError on failure."""
    spec, request = job.spec, job.request
    if request.kind == "Delete":
        if spec.delete:
            _delete(job)
        return Outcome(failed_id(spec, request), {})
    wanted = decode(spec, request.properties, request.construct)
    mark = mark_of(spec, request, request.properties)
    if not spec.delete:
        return Outcome(mark, _looked_up(job, wanted))
    description = _associate(job, mark, wanted) if spec.patch else _make(job, mark, wanted)
    return Outcome(_id(mark, job.arn), _outputs(spec, description))


# Identity


def mark_of(
    spec: CustomResourceSpec | None, request: Request, properties: Mapping[str, object]
) -> str:
    """Derive a mark from the place in the stack and the immutable properties.

    A change of these creates another resource, and a rollback recognizes the first one.
    """
    immutable: Mapping[str, object] = properties
    if spec is not None:
        try:
            members = decode(spec, properties, "").members
            immutable = {
                prop.api: members[prop.api] for prop in spec.immutable if prop.api in members
            }
        except InvalidError:
            # Such a resource is never created; its mark must only be stable.
            pass
    canonical = json.dumps(immutable, sort_keys=True, separators=(",", ":"))
    text = "|".join((request.stack_id, request.logical_id, canonical))
    return f"ivsc1-{hashlib.sha256(text.encode(errors='replace')).hexdigest()[:24]}"


def _id(mark: str, arn: str) -> str:
    return f"{mark}:{arn.rpartition('/')[2]}" if arn else mark


def _parts(job: Job, physical_id: str) -> tuple[str, str]:
    """Split a physical id into mark and ARN; CloudFormation's own ids have neither."""
    found = _OWN_ID.fullmatch(physical_id)
    if not found:
        return "", ""
    mark, own = found.groups()
    if not own:
        return mark, ""
    stack = job.request.stack_id.split(":")
    place = ":".join((*stack[:2], "ivs", *stack[3:5]))
    return mark, f"{place}:{job.spec.arn_type}/{own}"


def failed_id(spec: CustomResourceSpec | None, request: Request, arn: str = "") -> str:
    """Return the id for a FAILED reply: an existing resource keeps its id, so that it stays."""
    if request.physical_id:
        return request.physical_id
    try:
        return _id(mark_of(spec, request, request.properties), arn)
    except (RecursionError, ValueError):
        # Unencodable properties never created anything; the id must only be stable.
        return _id(mark_of(None, request, {}), "")


# Read-only types


def _looked_up(job: Job, wanted: Wanted) -> dict[str, str]:
    """Read from another service; nothing is created, so there is nothing to delete."""
    answer = job.call(job.spec.read, wanted.members)
    try:
        return {"PublicKey": pem_of(answer)}
    except ValueError as error:
        raise FailedError(str(error)) from None


# Create and Update


def _make(job: Job, mark: str, wanted: Wanted) -> dict[str, Any]:
    """Create, update or roll back to what the properties say."""
    try:
        _guard(job)
    except StaleError:
        # An earlier try can end before it sees that its reply was not the first one.
        job.made = _own(job, mark)
        raise
    known, arn = _parts(job, job.request.physical_id)
    found = _describe(job, arn) if arn else None
    if found is not None and known != mark:
        # A rollback returns to the replaced resource, if it still exists.
        known, arn = _former(job, found)
        former = _describe(job, arn, late=False) if arn and known == mark else None
        if former is None:
            # A try after the next request then finds that request recorded, too.
            _check_owned(job, found)
            with suppress(GoneError):
                _note(job, found, {})
        found = former
    _drop_orphan(job, mark, found or {})
    if found is not None:
        _check_owned(job, found)
        # A late description can show what no longer exists.
        with suppress(GoneError):
            return _converge(job, found, wanted)
    return _converge(job, _ensure(job, mark, wanted), wanted)


def _ensure(job: Job, mark: str, wanted: Wanted) -> dict[str, Any]:
    """Make sure that this request's resource exists.

    An earlier try or a duplicate may have created it; either is as good as a new one.
    """
    found = _made(job, mark)
    if found:
        return _adopted(job, found[0])
    doubt = ""
    for _ in range(ROUNDS):
        try:
            made = _create(job, mark, wanted)
        except ApiError as error:
            if not error.ambiguous:
                raise
            doubt = str(error)
        else:
            return _adopted(job, made)
        # It may exist: never send it again before a list would show it.
        shown = _shown_late(job, mark)
        if shown is not None:
            return shown
        _guard(job)
    raise FailedError(f"{doubt}; tried {ROUNDS} times")


def _adopted(job: Job, description: dict[str, Any]) -> dict[str, Any]:
    """Remember that a resource is new, and whether this delivery created it."""
    job.shown_by = job.age + LAG_SECONDS
    if job.nonce in _words(description):
        job.made = description["arn"]
    return description


def _create(job: Job, mark: str, wanted: Wanted) -> dict[str, Any]:
    request, spec = job.request, job.spec
    tags = {
        **wanted.tags,
        **job.own_tags,
        ID_TAG: f"{mark} {job.nonce} {job.clock.now():.1f} {request.physical_id}".rstrip(),
        REQUEST_TAG: request.request_id,
    }
    return cast(
        "dict[str, Any]",
        job.call(spec.create, {**wanted.members, "tags": tags}, once=True)[spec.output],
    )


def _made(job: Job, mark: str) -> list[dict[str, Any]]:
    """Describe what deliveries of this request created; what this one created comes first."""
    own = sorted(
        arn
        for arn, tags in _owned(job).items()
        if tags.get(ID_TAG, "").split(" ")[0] == mark
        and job.request.request_id in _noted({"tags": tags})
    )
    described = [_describe(job, arn, late=False) for arn in own]
    found = [each for each in described if each is not None]
    return sorted(found, key=lambda each: job.nonce not in _words(each))


def _own(job: Job, mark: str) -> str:
    """Return the ARN that this delivery created, unless its tags were copied."""
    own = [each["arn"] for each in _made(job, mark) if job.nonce in _words(each)]
    return own[0] if len(own) == 1 else ""


def _shown_late(job: Job, mark: str) -> dict[str, Any] | None:
    """Look for the result of a create with an unknown outcome, until lists show it."""
    until = job.age + LAG_SECONDS
    turn = 0
    while True:
        late = job.age >= until
        found = _made(job, mark)
        if late or (found and job.nonce in _words(found[0])):
            return _adopted(job, found[0]) if found else None
        turn = job.pause(turn, "looking for what may have been created", until)


def _former(job: Job, description: Mapping[str, Any]) -> tuple[str, str]:
    return _parts(job, (*_words(description), *[""] * 4)[3])


def _words(description: Mapping[str, Any]) -> list[str]:
    tags: dict[str, str] = description.get("tags") or {}
    return tags.get(ID_TAG, "").split(" ")


def _settle(job: Job, description: dict[str, Any]) -> dict[str, Any]:
    """Wait until a resource reaches a stable state."""
    spec = job.spec
    arn, turn = description["arn"], 0
    while description.get("state") in spec.pending:
        turn = job.pause(turn, f"{spec.name} {arn} is still {description['state']}")
        description = _existing(job, arn)
    if spec.failed and description["state"] == spec.failed:
        # The reply contains its id, so that CloudFormation deletes it.
        raise FailedError(
            f"{spec.name} {arn} became {spec.failed}: Amazon IVS accepted it but could not make it"
        )
    return description


def _converge(job: Job, description: dict[str, Any], wanted: Wanted) -> dict[str, Any]:
    """Give a resource exactly the wanted members and tags."""
    job.arn = arn = description["arn"]
    description = _settle(job, description)
    old = job.request.old_properties
    # The description may be late: the Update's own changes are always sent, once.
    new = old is not None and job.request.request_id not in _noted(description)
    before = _decoded(job.spec, old) if new else wanted
    have: dict[str, str] = description.get("tags") or {}
    tags = {
        key: value
        for key, value in wanted.tags.items()
        if {have.get(key), before.tags.get(key)} != {value}
    }
    # The user's former tags; those of AWS and of this library stay.
    surplus = [
        key
        for key in {**have, **before.tags}
        if key not in wanted.tags and not key.startswith(("aws:", OWN_TAGS))
    ]
    if job.request.kind == "Create" and (surplus or tags):
        # It differs from its creation: it has, or had, another owner.
        _guard(job)
    # The record comes first: a duplicate of the previous Update may be looking. But a resource with
    # the maximum number of tags accepts new ones only after the old ones are removed.
    full = len({REQUEST_TAG, *have, *wanted.tags}) > MOST_TAGS
    _note(job, description, {} if full else tags)
    if surplus:
        job.call("UntagResource", {"resourceArn": arn, "tagKeys": surplus})
    if full:
        _note(job, description, tags)
    if job.spec.update is None or not _changes(job.spec, description, before, wanted):
        return description

    def update() -> None:
        nonlocal description
        # Each time: freeing a resource may change it, and another request may have come.
        fresh = _existing(job, arn)
        _requests(job, fresh.get("tags") or {})
        _guard_again(job)
        changes = _changes(job.spec, fresh, before, wanted)
        if changes:
            answer = job.call(cast("str", job.spec.update), {"arn": arn, **changes})
            fresh = answer[job.spec.output]
        description = fresh

    _when_free(job, arn, update)
    return _settle(job, description)


def _note(job: Job, description: dict[str, Any], tags: dict[str, str]) -> None:
    """Set tags, including the record of the requests that worked on a resource."""
    have: dict[str, str] = description.get("tags") or {}
    requests = _requests(job, have)
    if have.get(REQUEST_TAG) != requests:
        tags = {**tags, REQUEST_TAG: requests}
    arn = description["arn"]
    if tags and job.find("TagResource", {"resourceArn": arn, "tags": tags}) is None:
        raise _gone(job, arn)


def _requests(job: Job, tags: dict[str, str]) -> str:
    """List the requests that worked on a resource, this one first.

    CloudFormation shows the same state while it waits for an Update or a rollback. A later request
    in the list identifies a duplicate of the Update that is being rolled back.
    """
    own = job.request.request_id
    former = _noted({"tags": tags})
    if own in former[1:]:
        raise _stale(job)
    requests = [own, *(each for each in former if each != own)]
    while len(" ".join(requests)) > LONGEST_TAG:
        requests.pop()
    return " ".join(requests)


def _noted(description: Mapping[str, Any]) -> list[str]:
    tags: dict[str, str] = description.get("tags") or {}
    return tags.get(REQUEST_TAG, "").split()


def _changes(
    spec: CustomResourceSpec, description: dict[str, Any], before: Wanted, wanted: Wanted
) -> dict[str, Any]:
    """Return the members to send: those that the description or the former properties lack."""
    changes: dict[str, Any] = {}
    for prop in spec.mutable:
        target = _target(prop, wanted.members.get(prop.api))
        former = _target(prop, before.members.get(prop.api))
        have = description.get(prop.api, _target(prop, None))
        if target is not None and not (_covers(have, target) and _covers(former, target)):
            changes[prop.api] = target
    return changes


def _target(prop: Prop, value: Any) -> Any:  # noqa: ANN401 (JSON-like)
    """Return the complete value to send: omitted members must be cleared."""
    if value is None:
        return prop.cleared
    if prop.kind is Kind.STRUCT:
        members = {member.api: _target(member, value.get(member.api)) for member in prop.members}
        return {name: target for name, target in members.items() if target is not None}
    return value


def _covers(have: Any, target: Any) -> bool:  # noqa: ANN401 (JSON-like)
    """Whether a description contains everything wanted; other members do not matter."""
    if isinstance(target, dict):
        wanted = cast("dict[str, Any]", target)
        members: dict[str, Any] = have or {}
        return all(_covers(members.get(name), value) for name, value in wanted.items())
    return bool(have == target)


def _outputs(spec: CustomResourceSpec, description: dict[str, Any]) -> dict[str, str]:
    """Collect the attributes; Fn::GetAtt needs even those without a value yet."""
    outputs: dict[str, str] = {}
    for name, path in spec.outputs.items():
        *outer, last = path.split(".")
        members = description
        for part in outer:
            members = cast("dict[str, Any]", members.get(part) or {})
        outputs[name] = str(members.get(last) or "")
    return outputs


def _drop_orphan(job: Job, mark: str, description: dict[str, Any]) -> None:
    """Delete a replacement that CloudFormation does not know, since no reply came in time.

    A duplicate finds its request recorded, and spares what was created since then. So does a
    skipped rollback: the next one may need what was replaced.
    """
    if _is_orphaned(job, mark) and _noted(description)[:1] != [job.request.request_id]:
        old = mark_of(job.spec, job.request, job.request.old_properties or {})
        spared = {_former(job, description)[1]}
        _sweep(job, lambda tags: tags[ID_TAG].startswith(old), spared, LAG_SECONDS)


def _is_orphaned(job: Job, mark: str) -> bool:
    """Whether the resource was replaced without CloudFormation's knowledge."""
    old = job.request.old_properties
    known = (mark, _parts(job, job.request.physical_id)[0])
    return old is not None and mark_of(job.spec, job.request, old) not in known


def confirm(job: Job, *, answered: bool) -> None:
    """After the reply, delete what was created if CloudFormation accepted another one.

    If CloudFormation shows this resource, or its replacement, that counts at once; anything else
    only after a while, and if it exists, because CloudFormation may show a past state.
    """
    sure = job.age + LAG_SECONDS
    job.answered = True
    turn = 1
    while job.made and job.clock.remaining() > LONGEST_PAUSE:
        turn = job.pause(turn, "asking whose reply was taken", sure)
        certain = job.age >= sure
        shown = _shown(job)
        if shown is None:
            return
        current = _parts(job, str(shown.get("PhysicalResourceId")))[not job.spec.patch]
        if job.spec.patch and _is_going(shown):
            current = ""
        updated = not job.spec.patch and str(shown.get("ResourceStatus")).startswith("UPDATE_")
        other = _describe(job, current) if updated and current not in ("", job.made) else None
        if job.made in (current, _former(job, other or {})[1]):
            return
        if certain and _waits(job, shown):
            if not answered:
                return  # another try will answer with it
        elif certain and (other or not (updated and current)):
            if job.spec.patch:
                _dissociate(job, job.request.properties)
            else:
                _remove(job, job.made)
            return


def _is_going(shown: Mapping[str, Any]) -> bool:
    return str(shown.get("ResourceStatus")).startswith("DELETE_")


# Delete


def _delete(job: Job) -> None:
    spec, request = job.spec, job.request
    mark, arn = _parts(job, request.physical_id)
    if spec.patch:
        # The members may have been set again, which CloudFormation shows late.
        whole = _is_whole(job) or _is_whole(job, certain=True)
        # After a skipped rollback, CloudFormation has the properties of another one.
        if whole or mark in ("", mark_of(spec, request, request.properties)):
            _dissociate(job, request.properties)
        return
    found = _describe(job, arn) if arn else None
    if found:
        _check_owned(job, found)
    whole = _is_whole(job, _made_at(found) if found else job.begun)
    if whole:
        # Delete all that both tags name; the one that names the others goes last.
        former = _former(job, found or {})[1]
        gone = {arn, ""}
        _sweep(job, lambda _: True, gone, 0 if arn else LAG_SECONDS, former)
        if former not in gone and found and job.begun < _made_at(found) + LAG_SECONDS:
            # If this one is listed late, one from shortly before may be, too.
            other = _describe(job, former, late=False)
            if other:
                _check_owned(job, other)
                _remove(job, former, other)
    elif whole is None and not arn:
        _sweep(job, lambda tags: tags[ID_TAG].startswith(mark), set(), LAG_SECONDS)
    if found:
        _remove(job, arn, found)


def _is_whole(job: Job, since: float = 0.0, *, certain: bool = False) -> bool | None:
    """Whether the logical resource is deleted, or only a replaced one; None if unknown.

    A state from before `since`, when the resource was created, is out of date. Raises a StaleError
    if it is in use again, or may soon be.
    """
    own = bool(_parts(job, job.request.physical_id)[1]) or job.spec.patch
    turn = 0
    while True:
        shown = _shown(job)
        if shown is None:
            return None
        # CloudFormation need not show an id of its own.
        same = shown.get("PhysicalResourceId") in (None, "", job.request.physical_id)
        soon = job.age < LAG_SECONDS
        if same and _is_going(shown) and not (certain and soon):
            return True
        late = not shown or same or shown.get("ResourceStatus") in _MAKING
        if own and not late and not certain and not (soon and 0 < _begun(shown) < since):
            return False
        if not soon:
            # A deleted stack has no resources; but a channel is not the stack's.
            if late and (shown or job.spec.patch):
                raise _stale(job)
            return not shown
        turn = job.pause(turn, "waiting for CloudFormation to show what it deletes", LAG_SECONDS)


def _sweep(
    job: Job,
    meant: Callable[[dict[str, str]], bool],
    gone: set[str],
    silence: float,
    former: str = "",
) -> None:
    """Delete the resources that both tags name and `meant` accepts, except those in `gone`.

    Lists must show nothing for `silence` seconds before they are trusted. The former one is always
    checked, even if it looks different.
    """
    until = job.age + silence
    first = len(gone)
    turn = 0
    whole = job.request.kind == "Delete"
    while True:
        late = job.age >= until
        found = {
            arn: _made_at({"tags": tags}) - job.begun
            for arn, tags in _owned(job, gone, former).items()
            if meant(tags)
        }
        # Newer ones belong to a later life, unless CloudFormation still shows the deletion of
        # this one even afterwards.
        fresh = [
            arn
            for arn, since in found.items()
            if since <= 0 or (whole and job.age >= since + LAG_SECONDS)
        ]
        if fresh and not whole:
            _guard(job)
        elif fresh and _is_whole(job, certain=True) is False:
            raise _stale(job)
        for arn in fresh:
            _remove(job, arn)
        gone.update(fresh)
        if not fresh and not (whole and found) and (len(gone) > first or late):
            return
        turn = job.pause(turn, "looking for what is to be deleted", until)


def _made_at(description: Mapping[str, Any]) -> float:
    """Return when it was created; 0 if its tag was edited."""
    try:
        return float(_words(description)[2])
    except (IndexError, ValueError):
        return 0.0


def _remove(job: Job, arn: str, description: dict[str, Any] | None = None) -> None:
    """Delete one resource, if it still exists."""
    spec = job.spec
    parameters: dict[str, Any] = {"arn": arn}
    if spec.force and job.policy == "STOP":
        parameters[spec.force] = True
    _when_free(job, arn, lambda: job.find(spec.delete, parameters), description, deleting=True)


# Finding


def _owned(job: Job, known: Collection[str] = (), former: str = "") -> dict[str, dict[str, str]]:
    """List this logical resource's other resources, with their tags: both tags must match."""
    found: dict[str, dict[str, str]] = {}
    for summary in job.items(job.spec.list, job.spec.summaries, {}):
        if summary["arn"] not in known:
            tags = _tags_of(job, summary, former)
            if tags is None:
                continue
            if job.own_tags.items() <= tags.items():
                found[summary["arn"]] = {ID_TAG: "", **tags}
            else:
                job.others.add(summary["arn"])
    return found


def _tags_of(job: Job, summary: dict[str, Any], former: str) -> dict[str, str] | None:
    """Return the tags of a listed resource; None if it is gone, or not yet known everywhere."""
    if job.spec.summaries_have_tags:
        return summary.get("tags") or {}
    arn = summary["arn"]
    if arn in job.others or (arn != former and not _looks_alike(job, summary)):
        # No need to request the tags of what looks different.
        return {}
    answer = job.find("ListTagsForResource", {"resourceArn": arn})
    return None if answer is None else answer["tags"]


def _looks_alike(job: Job, summary: dict[str, Any]) -> bool:
    names = [prop.api for prop in job.spec.props if prop.kind is Kind.STRING]
    return any(
        all((summary.get(name) or "") == (version.get(name) or "") for name in names)
        for properties in (job.request.properties, job.request.old_properties)
        if (version := _decoded(job.spec, properties).members)
    )


def _check_owned(job: Job, description: dict[str, Any]) -> None:
    """Refuse to touch a resource whose tags do not assign it to this logical resource."""
    tags: dict[str, str] = description.get("tags") or {}
    own = job.own_tags
    if not own.items() <= tags.items():
        raise FailedError(
            f"{job.spec.name} {description['arn']} does not have the tags "
            f"{' and '.join(f'{key}={value}' for key, value in own.items())}: it belongs to "
            "something else, or they were edited; set them again if it is the resource meant here"
        )


def _describe(job: Job, arn: str, *, late: bool = True) -> dict[str, Any] | None:
    """Describe a resource; None if it does not exist, after waiting for late descriptions."""
    turn = 0
    while True:
        answer = job.find(job.spec.read, {"arn": arn})
        if answer is not None:
            return cast("dict[str, Any]", answer[job.spec.output])
        if not late or job.age >= job.shown_by:
            return None
        turn = job.pause(turn, f"looking for {arn}", job.shown_by)


def _existing(job: Job, arn: str) -> dict[str, Any]:
    description = _describe(job, arn)
    if description is None:
        raise FailedError(str(_gone(job, arn)))
    return description


def _gone(job: Job, arn: str) -> GoneError:
    return GoneError(f"{job.spec.name} {arn} was deleted by somebody else")


# The guard against stale and duplicate requests


def _guard(job: Job) -> None:
    """Reject a request that CloudFormation does not wait for, if it can be asked."""
    if job.answered:
        return
    if job.request.kind == "Delete":
        _is_whole(job)
        job.asked = job.age
        return
    turn = 0
    while True:
        shown = _shown(job)
        if shown is None or _waits(job, shown):
            job.asked = job.age
            return
        if job.age >= LAG_SECONDS or _begun(shown) > job.begun + SKEW_SECONDS:
            raise _stale(job)
        turn = job.pause(turn, "waiting for CloudFormation to show what it waits for", LAG_SECONDS)


def _guard_again(job: Job) -> None:
    """Ask again, unless it was just done."""
    if job.age - job.asked >= LONGEST_PAUSE:
        _guard(job)


def _stale(job: Job) -> StaleError:
    return StaleError(
        f"this {job.request.kind} was dealt with before, CloudFormation does not wait for it any "
        "more; nothing was changed"
    )


def _waits(job: Job, shown: dict[str, Any] | None) -> bool:
    """Whether CloudFormation waits for this kind of request; yes if it does not say.

    An operation begins before its request is sent: one that began later is another one.
    """
    return shown is None or (
        shown.get("ResourceStatus") in _IN_PROGRESS[job.request.kind]
        and _begun(shown) <= job.begun + SKEW_SECONDS
    )


def _begun(shown: dict[str, Any]) -> float:
    time = shown.get("LastUpdatedTimestamp")
    return time.timestamp() if time else 0.0


def _shown(job: Job) -> dict[str, Any] | None:
    """Return what CloudFormation shows for the resource; empty: nothing, None: unknown."""
    parameters = {
        "StackName": job.request.stack_id,
        "LogicalResourceId": job.request.logical_id,
    }
    try:
        answer = job.call("DescribeStackResource", parameters, service="cloudformation")
    except ApiError as error:
        # A failure says nothing; this code says that it does not exist.
        return {} if error.code == "ValidationError" else None
    # A later answer may be older than an earlier one.
    job.newest = max(answer["StackResourceDetail"], job.newest, key=_begun)
    if _begun(job.newest) and str(job.newest.get("ResourceStatus")).endswith("_IN_PROGRESS"):
        # This delivery may be late, or a late retry.
        until = _begun(job.newest) + timeout(job.request) - REPLY_MARGIN
        job.clock.limit(max(until, job.begun + LEAST_SECONDS) - job.clock.now())
    return job.newest


# Resources in use


def _when_free(
    job: Job,
    arn: str,
    act: Callable[[], object],
    description: dict[str, Any] | None = None,
    *,
    deleting: bool = False,
) -> None:
    """Do what is rejected while the resource is in use, according to the policy."""
    turn = 0
    while True:
        problem = f"{job.spec.name} {arn} is in use"
        ask = deleting and job.spec.deletes_in_use
        held = _holding(job, arn, deleting, description) if ask else []
        description = None
        if not held:
            try:
                act()
            except ApiError as error:
                if error.code != CONFLICT:
                    raise
                problem = str(error)
                held = _holding(job, arn, deleting)
            else:
                return
        # What is about to end only takes waiting.
        lasting = [each for each in held if each[1].get("state") not in each[0].passing]
        for holder, holding in lasting:
            problem += f"; held by {holder.noun} {holding['arn']}: {holder.advice}"
        if job.policy == "FAIL" and (lasting or (not held and turn >= PATIENCE)):
            raise FailedError(problem)
        if job.policy == "STOP":
            for holder, holding in lasting:
                _stop(job, holder, holding)
        turn = job.pause(turn, problem)


def _holding(
    job: Job, arn: str, deleting: bool, description: dict[str, Any] | None = None
) -> list[tuple[Holder, dict[str, Any]]]:
    """Find what keeps a resource in use."""
    found: list[tuple[Holder, dict[str, Any]]] = []
    for holder in job.spec.holders:
        if deleting and holder.ends_with_deletion and job.policy == "STOP":
            continue
        if holder.list:
            holding = _listed(job, holder, arn)
        elif holder.read:
            holding = [{"arn": arn}] if _read(job, holder, arn) else []
        else:
            member, value = holder.condition
            description = description or _describe(job, arn) or {}
            shown = description.get(member)
            holding = [description] if shown and value in ("", shown) else []
        found += [(holder, each) for each in holding]
    return found


def _listed(job: Job, holder: Holder, arn: str) -> list[dict[str, Any]]:
    filters = {holder.filter: arn} if holder.filter else {}
    listed = job.items(holder.list, holder.member, filters, service=holder.service)
    running = [each for each in listed if each.get("state") not in holder.over]
    if not holder.read:
        return running
    return [each for each in running if _mentions(_read(job, holder, each["arn"]), arn)]


def _read(job: Job, holder: Holder, arn: str) -> dict[str, Any]:
    """Describe a holder; empty if it is gone."""
    parameters = {holder.read_with: arn}
    missing = (NOT_FOUND, holder.idle)
    return job.find(holder.read, parameters, service=holder.service, missing=missing) or {}


def _mentions(value: object, arn: str) -> bool:
    if isinstance(value, dict):
        return any(_mentions(each, arn) for each in cast("dict[str, object]", value).values())
    if isinstance(value, list):
        return any(_mentions(each, arn) for each in cast("list[object]", value))
    return value == arn


def _stop(job: Job, holder: Holder, holding: dict[str, Any]) -> None:
    if not holder.stop:
        return
    parameters = {name: holding[member] for name, member in holder.stop_with.items()}
    # It may have stopped already, or be about to.
    missing = (NOT_FOUND, CONFLICT, holder.idle)
    job.find(holder.stop, parameters, service=holder.service, missing=missing)


# Members set on a channel that this resource does not own


def _associate(job: Job, mark: str, wanted: Wanted) -> dict[str, Any]:
    """Set the wanted members, and clear those that are no longer wanted."""
    arn = wanted.members["arn"]
    before = _decoded(job.spec, job.request.old_properties).members
    if before.get("arn") != arn:
        before = {"arn": arn}

    def update() -> None:
        channel = _channel(job, arn, {**dict.fromkeys(wanted.members, ""), **before})
        if channel is None:
            raise FailedError(f"channel {arn} does not exist")
        goal = {**_taken_back(channel, before), **wanted.members}
        goal = {name: value for name, value in goal.items() if (channel.get(name) or "") != value}
        if goal:
            _guard(job)
            job.made = mark
            job.call(job.spec.create, {"arn": arn, **goal})

    _when_free(job, arn, update)
    if _is_orphaned(job, mark):
        _dissociate(job, job.request.old_properties)
    return wanted.members


def _channel(job: Job, arn: str, expected: Mapping[str, str]) -> dict[str, Any] | None:
    """Describe a channel; read it again for a while if it shows something unexpected.

    Its description may be late. Otherwise, something else set the members, or a later request did,
    which CloudFormation shows by then.
    """
    turn = 0
    while True:
        channel = _describe(job, arn)
        if channel is None or job.age >= LAG_SECONDS:
            return channel
        if all((channel.get(name) or "") == value for name, value in expected.items()):
            return channel
        turn = job.pause(turn, f"looking at {arn}", LAG_SECONDS)


def _dissociate(job: Job, properties: Mapping[str, object] | None) -> None:
    """Clear what was set, if the channel still exists."""
    before = _decoded(job.spec, properties).members
    if not before:
        return
    arn = before["arn"]

    def update() -> None:
        changes = _taken_back(_channel(job, arn, before) or {}, before)
        if changes:
            _guard(job)
            job.find(job.spec.delete, {"arn": arn, **changes})

    _when_free(job, arn, update)


def _taken_back(channel: dict[str, Any], before: dict[str, Any]) -> dict[str, str]:
    """Clear the members that still have the values set here; others have another owner."""
    return {
        name: ""
        for name, value in before.items()
        if name != "arn" and value and channel.get(name) == value
    }


def _decoded(spec: CustomResourceSpec, properties: Mapping[str, object] | None) -> Wanted:
    """Decode properties; those that cannot be decoded never set anything."""
    try:
        return decode(spec, properties or {}, "")
    except InvalidError:
        return Wanted({}, {})
