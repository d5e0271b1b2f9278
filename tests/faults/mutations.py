"""The handler's defences, each of which can be switched off: the bench must notice."""

from __future__ import annotations

import sys
import uuid
from collections.abc import Callable, Mapping
from functools import wraps
from typing import Any

import pytest

from tests.faults import invocation
from tests.faults.invocation import clients, lifecycle, wire

Patch = pytest.MonkeyPatch


def _adopt_by_tag(patch: Patch) -> None:
    """Create without looking for what an earlier try made."""
    ensure, look = lifecycle._ensure, lifecycle._look

    def blind(job: Any, new_id: str, wanted: Any) -> Any:  # noqa: ANN401 (the handler's)
        looks = 0

        def blind_at_first(*given: Any) -> Any:  # noqa: ANN401 (the handler's)
            nonlocal looks
            looks += 1
            return [] if looks == 1 and job.request.kind == "Create" else look(*given)

        with pytest.MonkeyPatch.context() as inner:
            inner.setattr(lifecycle, "_look", blind_at_first)
            return ensure(job, new_id, wanted)

    patch.setattr(lifecycle, "_ensure", blind)


def _single_attempt_on_create(patch: Patch) -> None:
    """Let the SDK send creates again."""
    client = clients._client
    patch.setattr(clients, "_client", lambda service, **_: client(service, once=False))


def _look_again_after_doubt(patch: Patch) -> None:
    """Send a create again without having looked what became of the first one."""
    create = lifecycle._create

    def stubborn(*given: Any) -> Any:  # noqa: ANN401 (the handler's)
        for _ in range(lifecycle.ROUNDS):
            try:
                return create(*given)
            except clients.ApiError as error:
                if not error.ambiguous:
                    raise
        return create(*given)

    patch.setattr(lifecycle, "_create", stubborn)


def _stale_guard(patch: Patch) -> None:
    """Believe that CloudFormation always waits."""
    patch.setattr(lifecycle, "_waits", lambda *_: True)


def _stale_guard_of_early_delete(patch: Patch) -> None:
    """Delete what is being made again, as long as CloudFormation has not heard of it."""
    patch.setattr(lifecycle, "_MAKING", set())


def _stale_guard_of_unknown_delete(patch: Patch) -> None:
    """Delete all of a resource that lives again, for an id that CloudFormation once invented."""
    lives_again = lifecycle._lives_again

    def narrow(job: Any, shown: Any) -> bool:  # noqa: ANN401 (the handler's)
        known = lifecycle._OWN_ID.fullmatch(job.request.physical_id)
        return bool(known) and lives_again(job, shown)

    patch.setattr(lifecycle, "_lives_again", narrow)


def _stale_guard_of_delete(patch: Patch) -> None:
    """Delete whatever is asked for, also what is in use again."""
    patch.setattr(lifecycle, "_lives_again", lambda *_: False)


def _guard_of_a_late_sweep(patch: Patch) -> None:
    """Delete what is listed without looking whether it is of a later life."""
    sweep = lifecycle._sweep

    def careless(*given: Any) -> None:  # noqa: ANN401 (the handler's)
        with pytest.MonkeyPatch.context() as inner:
            inner.setattr(lifecycle, "_guard", lambda _: None)
            sweep(*given)

    patch.setattr(lifecycle, "_sweep", careless)


def _sweep_on_delete(patch: Patch) -> None:
    """Delete one resource only, as if there could be no other."""
    find = lifecycle._find

    def one(job: Any, known: str | None) -> list[str]:  # noqa: ANN401 (the handler's)
        found = find(job, known)
        return found[:1] if known is not None else []

    patch.setattr(lifecycle, "_find", one)


def _sweep_of_old_orphan(patch: Patch) -> None:
    """Forget in an Update what a replacement made whose reply was lost."""
    sweep = lifecycle._sweep

    def only_deletes(job: Any, *given: Any) -> None:  # noqa: ANN401 (the handler's)
        if job.request.kind == "Delete":
            sweep(job, *given)

    patch.setattr(lifecycle, "_sweep", only_deletes)


def _twin_removal(patch: Patch) -> None:
    """Keep all twins."""
    patch.setattr(lifecycle, "_keep_one", lambda _, found: found[0])


def _look_for_twins(patch: Patch) -> None:
    """Do not look for twins after a create."""
    patch.setattr(lifecycle, "_with_twins", lambda _, __, made: [made])


def _smallest_arn(patch: Patch) -> None:
    """Of twins let every duplicate keep its own."""

    def newest(job: Any, found: list[Any]) -> Any:  # noqa: ANN401 (the handler's)
        kept, *twins = found
        for twin in twins:
            lifecycle._remove(job, twin["arn"])
        return kept

    patch.setattr(lifecycle, "_keep_one", newest)


def _status_of_reply(patch: Patch) -> None:
    """Take every answer to the reply for a success."""
    put = wire._put

    def careless(url: str, body: bytes) -> str:
        problem = put(url, body)
        return "" if problem.startswith("HTTP status") else problem

    patch.setattr(wire, "_put", careless)


def _error_when_undelivered(patch: Patch) -> None:
    """Let a request whose reply was not delivered end without an error, after one attempt."""

    def resigned(url: str, body: bytes, seconds: float) -> None:  # noqa: ARG001 (as deliver has)
        wire._put(url, body)

    patch.setattr(wire, "deliver", resigned)


def _same_id_on_failed(patch: Patch) -> None:
    """Answer FAILED with an id of its own, as a log stream's name is."""
    patch.setattr(lifecycle, "id_of_failure", lambda *_: f"2026/11/21/[$LATEST]{uuid.uuid4().hex}")


def _sweep_by_tags_of_unknown_id(patch: Patch) -> None:
    """Delete nothing where CloudFormation invented the id."""
    find = lifecycle._find
    patch.setattr(lifecycle, "_find", lambda job, known: [] if known is None else find(job, known))


def _deterministic_id(patch: Patch) -> None:
    """Give a resource another id in each request."""
    patch.setattr(lifecycle, "physical_id", lambda *_: f"ivsc1-{uuid.uuid4().hex[:24]}")


def _stack_tag(patch: Patch) -> None:
    """Take for the stack's own what has the same logical id, whichever stack it is of."""
    tags_of = lifecycle._tags_of

    def everybodys(job: Any, summary: Any) -> dict[str, str]:  # noqa: ANN401 (the handler's)
        tags: dict[str, str] = tags_of(job, summary)
        if lifecycle.STACK_TAG in tags:
            tags = {**tags, lifecycle.STACK_TAG: job.request.stack_id}
        return tags

    patch.setattr(lifecycle, "_tags_of", everybodys)


def _logical_tag(patch: Patch) -> None:
    """Take for the resource's own what is of the same stack."""
    tags_of = lifecycle._tags_of

    def stacks(job: Any, summary: Any) -> dict[str, str]:  # noqa: ANN401 (the handler's)
        tags: dict[str, str] = tags_of(job, summary)
        if lifecycle.LOGICAL_TAG in tags:
            tags = {**tags, lifecycle.LOGICAL_TAG: job.request.logical_id}
        return tags

    patch.setattr(lifecycle, "_tags_of", stacks)


def _gone_is_deleted(patch: Patch) -> None:
    """Fail to delete what is gone already."""
    patch.setattr(lifecycle, "NOT_FOUND", "NoSuchCode")


def _answer_to_unforeseen(patch: Patch) -> None:
    """Leave errors of the APIs to Lambda instead of answering FAILED."""
    patch.setattr(invocation.index, "_EXPECTED", ())
    work = invocation.index._work

    @wraps(work)
    def silent(*given: Any) -> Any:  # noqa: ANN401 (the handler's)
        body, outcome = work(*given)
        if outcome == "FAILED":
            raise wire.UndeliveredError
        return body, outcome

    patch.setattr(invocation.index, "_work", silent)


def _convergence(patch: Patch) -> None:
    """Do not change what exists."""
    patch.setattr(lifecycle, "_converge", lambda _, description, __: description)


def _take_back(patch: Patch) -> None:
    """Leave on a channel what was set."""
    patch.setattr(lifecycle, "_taken_back", lambda *_: {})


def _take_back_own(patch: Patch) -> None:
    """Clear all associations of a channel, whoever set them."""

    def all_of_them(channel: Mapping[str, Any], before: Mapping[str, Any]) -> dict[str, str]:
        names = [name for name in channel if name.endswith("ConfigurationArn")]
        return dict.fromkeys(names, "") if before else {}

    patch.setattr(lifecycle, "_taken_back", all_of_them)


def _refuse_what_was_rolled_back(patch: Patch) -> None:
    """Forget which requests worked on a resource before this one."""
    patch.setattr(lifecycle, "_requests", lambda job, _: job.request.request_id)


def _never_given_up(patch: Patch, by: str) -> None:
    """Let one function believe that CloudFormation always has use for an id."""
    given_up = lifecycle._given_up

    def believing(*given: Any) -> Any:  # noqa: ANN401 (the handler's)
        return sys._getframe(1).f_code.co_name != by and given_up(*given)

    patch.setattr(lifecycle, "_given_up", believing)


def _remove_what_was_created_too_late(patch: Patch) -> None:
    """Keep what was created although CloudFormation has given it up."""
    _never_given_up(patch, by="_with_twins")


def _remove_what_another_was_answered_with(patch: Patch) -> None:
    """Keep what was created although a duplicate was answered before, with its own."""
    patch.setattr(lifecycle, "_answered_with_another", lambda *_: False)


def _undo_what_was_set_too_late(patch: Patch) -> None:
    """Leave on a channel what was set although CloudFormation has given it up."""
    _never_given_up(patch, by="_associate")


def _grace_for_permissions(patch: Patch) -> None:
    """Take for refused for ever what is not permitted yet."""
    patch.setattr(lifecycle, "GRACE_SECONDS", 0)


def _patience_with_conflicts(patch: Patch) -> None:
    """Take for lasting every conflict that nothing explains."""
    patch.setattr(lifecycle, "PATIENCE", 0)


def _all_pages(patch: Patch) -> None:
    """Read the first page of a list only."""

    def first_page(
        job: Any,  # noqa: ANN401 (the handler's)
        operation: str,
        member: str,
        parameters: dict[str, Any],
        **service: str,
    ) -> Any:  # noqa: ANN401 (the handler's)
        return job.call(operation, parameters, **service)[member]

    patch.setattr(lifecycle.Job, "items", first_page)


def _look_more_than_once(patch: Patch) -> None:
    """Believe the first list that is asked for."""
    patch.setattr(lifecycle, "LOOKS", 1)


def _stop_of_holders(patch: Patch) -> None:
    """Leave running what holds a resource in use, whatever the policy says."""
    patch.setattr(lifecycle, "_stop", lambda *_: None)


def _last_call(patch: Patch) -> None:
    """Let a call that hangs take the reply with it."""
    patch.setattr(invocation.index, "_give_up", lambda *_: None)


MUTATIONS: dict[str, Callable[[Patch], None]] = {
    mutation.__name__.strip("_").replace("_", " "): mutation
    for mutation in (
        _adopt_by_tag,
        _single_attempt_on_create,
        _look_again_after_doubt,
        _stale_guard,
        _stale_guard_of_delete,
        _stale_guard_of_early_delete,
        _stale_guard_of_unknown_delete,
        _guard_of_a_late_sweep,
        _sweep_on_delete,
        _sweep_of_old_orphan,
        _sweep_by_tags_of_unknown_id,
        _twin_removal,
        _look_for_twins,
        _smallest_arn,
        _status_of_reply,
        _error_when_undelivered,
        _same_id_on_failed,
        _deterministic_id,
        _stack_tag,
        _logical_tag,
        _gone_is_deleted,
        _answer_to_unforeseen,
        _convergence,
        _take_back,
        _take_back_own,
        _refuse_what_was_rolled_back,
        _remove_what_was_created_too_late,
        _remove_what_another_was_answered_with,
        _undo_what_was_set_too_late,
        _grace_for_permissions,
        _patience_with_conflicts,
        _all_pages,
        _look_more_than_once,
        _stop_of_holders,
        _last_call,
    )
}
