"""What happens to a resource from its creation to its end.

Nothing here is kept between requests. What exists is found by its tags, whoever made it and
whatever became of the answer; so every step can be repeated, interrupted and doubled.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Protocol, cast

from .clients import CONFLICT, NOT_FOUND, ApiError
from .signing_key import pem_of
from .specs.prop import OWN_TAGS, CustomResourceSpec, Holder, Kind, Prop
from .wire import InvalidError, Request, Wanted, decode, policy

STACK_TAG = f"{OWN_TAGS}stack"
LOGICAL_TAG = f"{OWN_TAGS}logical"
ID_TAG = f"{OWN_TAGS}id"
REQUEST_TAG = f"{OWN_TAGS}request"

_OWN_ID = re.compile(r"ivsc1-[0-9a-f]{24}")

FIRST_PAUSE = 1.0
LONGEST_PAUSE = 8.0
"""Pauses double from the first to the longest, in seconds."""

ROUNDS = 6
"""How often a create is tried whose answers leave open what happened."""

LOOKS = 3
"""How often lists are asked for what they may not show yet."""

PATIENCE = 3
"""How often a conflict is met again that nothing explains."""

CREATE_SECONDS = 25
"""No create begins with less time left, so that none is under way when the request ends."""

GRACE_SECONDS = 45
"""How long, from the start of a request, calls may be denied: a deployment makes the role's
policy right before the resources that need it, and IAM takes its time to spread it."""

LONGEST_TAG = 256
"""How long a tag's value may be; six ids of requests fit into one."""

# The states in which CloudFormation waits for the answer to a request. A rollback updates.
_IN_PROGRESS = {
    "Create": {"CREATE_IN_PROGRESS"},
    "Update": {"UPDATE_IN_PROGRESS", "UPDATE_ROLLBACK_IN_PROGRESS", "ROLLBACK_IN_PROGRESS"},
}
_MAKING = {"CREATE_IN_PROGRESS", "UPDATE_IN_PROGRESS"}


class FailedError(Exception):
    """What was asked for cannot be done; the message says why and what helps."""


class StaleError(FailedError):
    """The request was dealt with before; nothing was done."""


class Caller(Protocol):
    """The APIs."""

    def call(
        self, service: str, operation: str, parameters: dict[str, Any], *, once: bool = False
    ) -> dict[str, Any]:
        """Call an operation; `once`: without ever sending it again."""
        ...


class Clock(Protocol):
    """The time that is left for a request."""

    def remaining(self) -> float:
        """Tell how many seconds are left."""
        ...

    def sleep(self, seconds: float) -> None:
        """Wait."""
        ...


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a request led to: the physical id, and the attributes."""

    physical_id: str
    data: dict[str, str]


@dataclass(frozen=True, slots=True)
class Job:
    """One request with everything needed to handle it.

    Attributes:
        spec: The type's descriptor.
        request: The request.
        clients: The APIs.
        clock: The time that is left.
        patient_until: With how much time left a call that is denied is not repeated any more.
    """

    spec: CustomResourceSpec
    request: Request
    clients: Caller
    clock: Clock
    patient_until: float

    @property
    def policy(self) -> str:
        """What to do when something is in use."""
        return policy(self.spec, self.request)

    def call(
        self, operation: str, parameters: dict[str, Any], *, service: str = "", once: bool = False
    ) -> dict[str, Any]:
        """Call an operation of the type's API, unless the time is over.

        A denied call had no effect, so that even a create may be repeated. So may what only reads
        when it meets a conflict: nothing of the resource's can explain that.
        """
        needed = CREATE_SECONDS if once else 0
        turn = 0
        while True:
            if self.clock.remaining() <= needed:
                raise FailedError(f"{'not enough' if once else 'no'} time was left for {operation}")
            try:
                return self.clients.call(
                    service or self.spec.service, operation, parameters, once=once
                )
            except ApiError as error:
                reads = operation.startswith(("Get", "List"))
                if not (error.denied or (reads and error.code == CONFLICT)):
                    raise
                seconds = _pause_of(turn)
                if self.clock.remaining() - seconds < max(self.patient_until, needed):
                    if not error.denied:
                        raise
                    raise FailedError(
                        f"{error}; the role of this resource's provider lacks a permission that "
                        f"{operation} needs"
                    ) from None
            self.clock.sleep(seconds)
            turn += 1

    def items(
        self, operation: str, member: str, parameters: dict[str, Any], *, service: str = ""
    ) -> Iterator[dict[str, Any]]:
        """Go through all pages of a list."""
        token: dict[str, Any] = {}
        while True:
            page = self.call(operation, {**parameters, **token}, service=service)
            yield from page[member]
            if not page.get("nextToken"):
                return
            token = {"nextToken": page["nextToken"]}

    def pause(self, turn: int, what: str) -> None:
        """Wait before the next turn, unless the time would be over then."""
        seconds = _pause_of(turn)
        if self.clock.remaining() <= seconds:
            raise FailedError(f"the time ran out: {what}")
        self.clock.sleep(seconds)


def _pause_of(turn: int) -> float:
    return min(FIRST_PAUSE * 2.0**turn, LONGEST_PAUSE)


def run(spec: CustomResourceSpec, request: Request, clients: Caller, clock: Clock) -> Outcome:
    """Do what a request asks for.

    Raises:
        InvalidError: The properties are wrong.
        FailedError: It cannot be done.
        ApiError: A call was refused.
    """
    patient_until = max(clock.remaining() - GRACE_SECONDS, 0.0)
    job = Job(spec, request, clients, clock, patient_until)
    if not spec.delete:
        return _look_up(job)
    if request.kind == "Delete":
        return _delete(job)
    wanted = decode(spec, request.properties, request.construct)
    return _make(job, wanted)


# Identity


def physical_id(
    spec: CustomResourceSpec | None, request: Request, properties: Mapping[str, object]
) -> str:
    """Derive the physical id from the place in the stack and what cannot change.

    The same resource always has the same id, so a retry finds what the first try made, another
    immutable property makes another resource, and a rollback finds the first one again.
    """
    immutable: Mapping[str, object] = properties
    if spec is not None:
        try:
            members = decode(spec, properties, "").members
            immutable = {
                prop.api: members[prop.api] for prop in spec.immutable if prop.api in members
            }
        except InvalidError:
            # Such a resource is never made; its id must only be the same every time.
            pass
    canonical = json.dumps(immutable, sort_keys=True, separators=(",", ":"))
    text = "|".join((request.stack_id, request.logical_id, canonical))
    return f"ivsc1-{hashlib.sha256(text.encode()).hexdigest()[:24]}"


def id_of_failure(spec: CustomResourceSpec | None, request: Request) -> str:
    """Tell the id of a FAILED reply: what exists keeps its id, so that it is not given up."""
    return request.physical_id or physical_id(spec, request, request.properties)


# What is only read


def _look_up(job: Job) -> Outcome:
    """Tell what another service has; nothing is made, so there is nothing to delete."""
    request, spec = job.request, job.spec
    if request.kind == "Delete":
        return Outcome(id_of_failure(spec, request), {})
    wanted = decode(spec, request.properties, request.construct)
    answer = job.call(spec.read, wanted.members)
    try:
        data = {"PublicKey": pem_of(answer)}
    except ValueError as error:
        raise FailedError(str(error)) from None
    return Outcome(physical_id(spec, request, request.properties), data)


# Create and Update


def _make(job: Job, wanted: Wanted) -> Outcome:
    """Make it so, from the properties alone: whether it is new, changed or rolled back."""
    request, spec = job.request, job.spec
    new_id = physical_id(spec, request, request.properties)
    if spec.patch:
        description = _associate(job, new_id, wanted)
    else:
        description = _converge(job, _ensure(job, new_id, wanted), wanted)
    old = request.old_properties
    if old is not None:
        # A replacement whose answer was lost: CloudFormation does not know that it exists.
        orphan_id = physical_id(spec, request, old)
        if orphan_id not in (new_id, request.physical_id):
            _sweep(job, orphan_id, old)
    return Outcome(new_id, _outputs(spec, description))


def _ensure(job: Job, new_id: str, wanted: Wanted) -> dict[str, Any]:
    """See to it that exactly one resource has the id."""
    doubt: ApiError | None = None
    turn = 0
    while True:
        found = _look(job, new_id, LOOKS if doubt else 1)
        _guard(job)
        if found:
            return _settle(job, _keep_one(job, found))
        if turn == ROUNDS:
            raise FailedError(f"{doubt}; tried {ROUNDS} times")
        try:
            made = _create(job, new_id, wanted)
        except ApiError as error:
            if not error.ambiguous:
                raise
            # It may have been made: never send it again without having looked.
            doubt = error
            job.pause(turn, str(error))
            turn += 1
        else:
            return _settle(job, _keep_one(job, _with_twins(job, new_id, made)))


def _create(job: Job, new_id: str, wanted: Wanted) -> dict[str, Any]:
    request, spec = job.request, job.spec
    tags = {
        **wanted.tags,
        STACK_TAG: request.stack_id,
        LOGICAL_TAG: request.logical_id,
        ID_TAG: new_id,
        REQUEST_TAG: request.request_id,
    }
    return cast(
        "dict[str, Any]",
        job.call(spec.create, {**wanted.members, "tags": tags}, once=True)[spec.output],
    )


def _with_twins(job: Job, new_id: str, made: dict[str, Any]) -> list[dict[str, Any]]:
    """Look for what a duplicate of this request made meanwhile, and whether it was answered."""
    twins = _twins(job, new_id, made)
    if twins:
        # A duplicate that saw nothing of this one may be about to answer.
        job.pause(0, "a duplicate of this request is at work")
    shown = _shown(job)
    if _waits(job, shown):
        return [made, *(_twins(job, new_id, made) if twins else [])]
    # The duplicate was answered before, with its own. Had it seen ours and kept that, it would
    # have deleted its own before. Or the stack has moved on: nobody will ever delete ours.
    if _given_up(shown, new_id) or _answered_with_another(job, new_id, made):
        _remove(job, made["arn"])
        raise _stale(job)
    return [made]


def _twins(job: Job, new_id: str, made: dict[str, Any]) -> list[dict[str, Any]]:
    return [each for each in _look(job, new_id, 1) if each["arn"] != made["arn"]]


def _answered_with_another(job: Job, new_id: str, made: dict[str, Any]) -> bool:
    for turn in range(LOOKS):
        if turn:
            job.pause(turn - 1, "looking for what a duplicate of this request has created")
        if _twins(job, new_id, made):
            return True
    return False


def _keep_one(job: Job, found: list[dict[str, Any]]) -> dict[str, Any]:
    """Of twins keep the one with the smallest ARN, as every duplicate of this request does."""
    kept, *twins = sorted(found, key=lambda each: str(each["arn"]))
    for twin in twins:
        _remove(job, twin["arn"])
    return kept


def _settle(job: Job, description: dict[str, Any]) -> dict[str, Any]:
    """Wait until a resource is in a state that lasts."""
    spec = job.spec
    arn, turn = description["arn"], 0
    while description.get("state") in spec.pending:
        job.pause(turn, f"{spec.name} {arn} is still {description['state']}")
        turn += 1
        description = _existing(job, arn)
    if spec.failed and description["state"] == spec.failed:
        _remove(job, arn)
        raise FailedError(
            f"{spec.name} {arn} became {spec.failed}: Amazon IVS accepted it but could not make "
            "it; it was deleted again"
        )
    return description


def _converge(job: Job, description: dict[str, Any], wanted: Wanted) -> dict[str, Any]:
    """Give a resource the members and tags that are wanted, and no others."""
    arn = description["arn"]
    have: dict[str, str] = description.get("tags") or {}
    requests = _requests(job, have)
    _add_tags(job, arn, have, {**wanted.tags, REQUEST_TAG: requests})
    if job.spec.update is not None and _changes(job.spec, description, wanted):

        def update() -> None:
            # Anew each time: to free a resource may change it.
            changes = _changes(job.spec, _existing(job, arn), wanted)
            # It may have taken long to get here.
            _guard(job)
            job.call(cast("str", job.spec.update), {"arn": arn, **changes})

        _when_free(job, arn, update)
        description = _settle(job, _existing(job, arn))
    _drop_tags(job, arn, have, wanted.tags)
    return description


def _requests(job: Job, tags: dict[str, str]) -> str:
    """List the requests that worked on a resource, this one first.

    A rollback is an Update as well: CloudFormation shows the same while it waits for either. That
    another one came after this one tells a duplicate of what is being rolled back. A Create is
    rolled back by a Delete; a duplicate from an earlier life must not hinder it.
    """
    own = job.request.request_id
    former = tags.get(REQUEST_TAG, "").split()
    if job.request.kind == "Update" and own in former[1:]:
        raise _stale(job)
    requests = [own, *(each for each in former if each != own)]
    while len(" ".join(requests)) > LONGEST_TAG:
        requests.pop()
    return " ".join(requests)


def _changes(
    spec: CustomResourceSpec, description: dict[str, Any], wanted: Wanted
) -> dict[str, Any]:
    changes: dict[str, Any] = {}
    for prop in spec.mutable:
        target = _target(prop, wanted.members.get(prop.api))
        have = description.get(prop.api, _target(prop, None))
        if target is not None and not _covers(have, target):
            changes[prop.api] = target
    return changes


def _target(prop: Prop, value: Any) -> Any:  # noqa: ANN401 (JSON-like)
    """Say what to send for a value, in full: what is not wanted any more must be cleared."""
    if value is None:
        return prop.cleared
    if prop.kind is Kind.STRUCT:
        members = {member.api: _target(member, value.get(member.api)) for member in prop.members}
        return {name: target for name, target in members.items() if target is not None}
    return value


def _covers(have: Any, target: Any) -> bool:  # noqa: ANN401 (JSON-like)
    """Whether a description has all that is wanted; what it says besides does not matter."""
    if isinstance(target, dict):
        wanted = cast("dict[str, Any]", target)
        members: dict[str, Any] = have or {}
        return all(_covers(members.get(name), value) for name, value in wanted.items())
    return bool(have == target)


def _add_tags(job: Job, arn: str, have: dict[str, str], wanted: dict[str, str]) -> None:
    missing = {key: value for key, value in wanted.items() if have.get(key) != value}
    if missing:
        _guard(job)
        job.call("TagResource", {"resourceArn": arn, "tags": missing})


def _drop_tags(job: Job, arn: str, have: dict[str, str], wanted: dict[str, str]) -> None:
    """Remove the user's former tags; those of AWS and of this library are nobody's business."""
    surplus = [key for key in have if key not in wanted and not key.startswith(("aws:", OWN_TAGS))]
    if surplus:
        _guard(job)
        job.call("UntagResource", {"resourceArn": arn, "tagKeys": surplus})


def _outputs(spec: CustomResourceSpec, description: dict[str, Any]) -> dict[str, str]:
    """Collect the attributes; one that is not there yet must still be there for Fn::GetAtt."""
    outputs: dict[str, str] = {}
    for name, path in spec.outputs.items():
        *outer, last = path.split(".")
        members = description
        for part in outer:
            members = cast("dict[str, Any]", members.get(part) or {})
        outputs[name] = str(members.get(last) or "")
    return outputs


# Delete


def _delete(job: Job) -> Outcome:
    request = job.request
    _guard(job)
    _sweep(job, request.physical_id, request.properties)
    return Outcome(id_of_failure(job.spec, request), {})


def _sweep(job: Job, old_id: str, properties: Mapping[str, object]) -> None:
    """Remove all that has an id; if it is not of our making, all of the logical resource."""
    if job.spec.patch:
        _dissociate(job, properties)
        return
    known = old_id if _OWN_ID.fullmatch(old_id) else None
    gone: set[str] = set()
    for turn in range(LOOKS):
        fresh = [arn for arn in _find(job, known) if arn not in gone]
        if fresh:
            # What is listed now may be of a later life.
            _guard(job)
        for arn in fresh:
            _remove(job, arn)
        if gone and not fresh:
            return
        gone.update(fresh)
        if not fresh and turn < LOOKS - 1:
            # What was made a moment ago may not be listed yet.
            job.pause(turn, "looking for what is to be deleted")


def _remove(job: Job, arn: str) -> None:
    """Delete one resource; gone already is just as good."""
    spec = job.spec
    parameters: dict[str, Any] = {"arn": arn}
    if spec.force and job.policy == "STOP":
        parameters[spec.force] = True
    try:
        _when_free(job, arn, lambda: job.call(spec.delete, parameters), deleting=True)
    except ApiError as error:
        if error.code != NOT_FOUND:
            raise


# Finding


def _find(job: Job, known: str | None) -> list[str]:
    """List the ARNs of what this logical resource has, with one id or with any."""
    spec, request = job.spec, job.request
    found: dict[str, str] = {}
    for summary in job.items(spec.list, spec.summaries, {}):
        tags = _tags_of(job, summary)
        # Both must match: nothing else is ever touched.
        if tags.get(STACK_TAG) == request.stack_id and tags.get(LOGICAL_TAG) == request.logical_id:
            found[summary["arn"]] = tags.get(ID_TAG, "")
    if known is None:
        return list(found)
    matching = [arn for arn, tag in found.items() if tag == known]
    edited = [arn for arn, tag in found.items() if not _OWN_ID.fullmatch(tag)]
    if edited and not matching:
        raise FailedError(
            f"the tag {ID_TAG} of {edited[0]} was removed or edited; set it to {known} again if "
            f"that is the resource meant here, otherwise remove the tag {STACK_TAG} from it"
        )
    return matching


def _tags_of(job: Job, summary: dict[str, Any]) -> dict[str, str]:
    if job.spec.summaries_have_tags:
        return summary.get("tags") or {}
    try:
        answer = job.call("ListTagsForResource", {"resourceArn": summary["arn"]})
    except ApiError as error:
        if error.code != NOT_FOUND:
            raise
        return {}
    return cast("dict[str, str]", answer["tags"])


def _look(job: Job, new_id: str, times: int) -> list[dict[str, Any]]:
    """Describe what has an id; a list may show it late, and may still show what is gone."""
    for turn in range(times):
        if turn:
            job.pause(turn - 1, "looking for what may have been created")
        descriptions = [_describe(job, arn) for arn in _find(job, new_id)]
        found = [each for each in descriptions if each is not None]
        if found:
            return found
    return []


def _describe(job: Job, arn: str) -> dict[str, Any] | None:
    try:
        answer = job.call(job.spec.read, {"arn": arn})
    except ApiError as error:
        if error.code != NOT_FOUND:
            raise
        return None
    return cast("dict[str, Any]", answer[job.spec.output])


def _existing(job: Job, arn: str) -> dict[str, Any]:
    description = _describe(job, arn)
    if description is None:
        raise FailedError(f"{job.spec.name} {arn} was deleted by somebody else")
    return description


# The guard against stale and doubled requests


def _guard(job: Job) -> None:
    """Refuse a request that CloudFormation does not wait for, if it can be asked."""
    shown = _shown(job)
    if job.request.kind == "Delete":
        late = _lives_again(job, shown or {})
    else:
        late = not _waits(job, shown)
    if late:
        raise _stale(job)


def _stale(job: Job) -> StaleError:
    return StaleError(
        f"this {job.request.kind} was dealt with before, CloudFormation does not wait for it any "
        "more; nothing was changed"
    )


def _waits(job: Job, shown: dict[str, Any] | None) -> bool:
    """Whether CloudFormation waits for this kind of request; yes if it does not say."""
    return shown is None or shown.get("ResourceStatus") in _IN_PROGRESS[job.request.kind]


def _lives_again(job: Job, shown: dict[str, Any]) -> bool:
    """Whether what is to be deleted is in use again, or may be about to be.

    Then the Delete was dealt with in an earlier life of it. What an Update replaced is deleted when
    the Update is over. An id that CloudFormation invented stands for all that the logical resource
    has.
    """
    status = str(shown.get("ResourceStatus"))
    current, old = str(shown.get("PhysicalResourceId")), job.request.physical_id
    meant = current == old or (_OWN_ID.fullmatch(current) and not _OWN_ID.fullmatch(old))
    return status in _MAKING or bool(meant and not status.startswith("DELETE_"))


def _given_up(shown: dict[str, Any] | None, new_id: str) -> bool:
    """Whether CloudFormation, which does not wait any more, has no use for an id either."""
    found = shown or {}
    deleted = str(found.get("ResourceStatus")).startswith("DELETE_")
    return deleted or found.get("PhysicalResourceId") != new_id


def _shown(job: Job) -> dict[str, Any] | None:
    """Ask what CloudFormation shows of the resource; empty: nothing, None: it does not say."""
    parameters = {
        "StackName": job.request.stack_id,
        "LogicalResourceId": job.request.logical_id,
    }
    try:
        answer = job.call("DescribeStackResource", parameters, service="cloudformation")
    except ApiError as error:
        # A failure says nothing; this code says that there is no such thing.
        return {} if error.code == "ValidationError" else None
    return cast("dict[str, Any]", answer["StackResourceDetail"])


# What is in use


def _when_free(job: Job, arn: str, act: Callable[[], object], *, deleting: bool = False) -> None:
    """Do what is refused while something is in use, as the policy says."""
    turn = 0
    while True:
        problem = f"{job.spec.name} {arn} is in use"
        held = _holding(job, arn, deleting) if deleting and job.spec.deletes_in_use else []
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
        for holder, holding in held:
            problem += f"; held by {holder.noun} {holding['arn']}: {holder.advice}"
        if job.policy == "FAIL" and (held or turn >= PATIENCE):
            raise FailedError(problem)
        if job.policy == "STOP":
            for holder, holding in held:
                _stop(job, holder, holding)
        job.pause(turn, problem)
        turn += 1


def _holding(job: Job, arn: str, deleting: bool) -> list[tuple[Holder, dict[str, Any]]]:
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
            description = _describe(job, arn) or {}
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
    try:
        return job.call(holder.read, {holder.read_with: arn}, service=holder.service)
    except ApiError as error:
        if error.code not in (NOT_FOUND, holder.idle):
            raise
        return {}


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
    try:
        job.call(holder.stop, parameters, service=holder.service)
    except ApiError as error:
        # It has stopped by itself, or is about to.
        if error.code not in (NOT_FOUND, CONFLICT, holder.idle):
            raise


# Members set on a resource that somebody else made


def _associate(job: Job, new_id: str, wanted: Wanted) -> dict[str, Any]:
    """Set the members that are wanted, and take back those that are so no longer."""
    arn = wanted.members["arn"]
    before = _decoded(job.spec, job.request.old_properties or {})
    if before.get("arn") != arn:
        before = {}
    overwritten: dict[str, str] = {}

    def update() -> None:
        channel = _describe(job, arn)
        if channel is None:
            raise FailedError(f"channel {arn} does not exist")
        own = _taken_back(channel, before)
        goal: dict[str, str] = {**own, **wanted.members}
        _guard(job)
        if not _covers(channel, goal):
            for name in goal.keys() - {"arn"}:
                overwritten[name] = "" if name in own else str(channel.get(name) or "")
            job.call(job.spec.create, goal)

    _when_free(job, arn, update)
    if overwritten:
        shown = _shown(job)
        if not _waits(job, shown) and _given_up(shown, new_id):
            # A duplicate was answered before, and what it set was taken back since.
            _when_free(job, arn, lambda: job.call(job.spec.create, {"arn": arn, **overwritten}))
            raise _stale(job)
    return wanted.members


def _dissociate(job: Job, properties: Mapping[str, object]) -> None:
    """Take back what was set; a channel that is gone has nothing of it any more."""
    before = _decoded(job.spec, properties)
    if not before:
        return
    arn = before["arn"]

    def update() -> None:
        changes = _taken_back(_describe(job, arn) or {}, before)
        if changes:
            _guard(job)
            job.call(job.spec.delete, {"arn": arn, **changes})

    try:
        _when_free(job, arn, update)
    except ApiError as error:
        if error.code != NOT_FOUND:
            raise


def _taken_back(channel: dict[str, Any], before: dict[str, Any]) -> dict[str, str]:
    """Clear the members that still are as they were set here; others somebody else has set."""
    return {
        name: ""
        for name, value in before.items()
        if name != "arn" and value and channel.get(name) == value
    }


def _decoded(spec: CustomResourceSpec, properties: Mapping[str, object]) -> dict[str, Any]:
    """Decode members; with properties that cannot be decoded nothing was ever set."""
    try:
        return decode(spec, properties, "").members
    except InvalidError:
        return {}
