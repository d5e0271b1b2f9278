"""The handler's defences, each of which can be switched off: the bench must notice."""

from __future__ import annotations

import contextlib
import uuid
from collections.abc import Callable, Mapping
from functools import wraps
from typing import Any

import pytest

from tests.faults.handlers import clients, index, lifecycle, wire

Patch = pytest.MonkeyPatch


def _stale_guard(patch: Patch) -> None:
    """Believe that CloudFormation always waits."""
    patch.setattr(lifecycle, "_waits", lambda *_: True)


def _status_of_reply(patch: Patch) -> None:
    """Take every answer to the reply for a success."""
    deliver = wire.deliver

    def careless(url: str, body: bytes, seconds: float) -> None:
        if not wire._put(url, body).startswith("HTTP status"):
            deliver(url, body, seconds)

    patch.setattr(wire, "deliver", careless)


def _error_when_undelivered(patch: Patch) -> None:
    """Let a request whose reply was not delivered end without an error, after one attempt."""

    def resigned(url: str, body: bytes, seconds: float) -> None:  # noqa: ARG001 (as deliver has)
        wire._put(url, body)

    patch.setattr(wire, "deliver", resigned)


def _stack_tag(patch: Patch) -> None:
    """Take for the stack's own what has the same logical id, whichever stack it is of."""
    tags_of = lifecycle._tags_of

    def everybodys(job: Any, *given: Any) -> dict[str, str] | None:  # noqa: ANN401 (the handler's)
        tags: dict[str, str] | None = tags_of(job, *given)
        if tags and lifecycle.STACK_TAG in tags:
            tags = {**tags, lifecycle.STACK_TAG: job.request.stack_id}
        return tags

    patch.setattr(lifecycle, "_tags_of", everybodys)


def _logical_tag(patch: Patch) -> None:
    """Take for the resource's own what is of the same stack."""
    tags_of = lifecycle._tags_of

    def stacks(job: Any, *given: Any) -> dict[str, str] | None:  # noqa: ANN401 (the handler's)
        tags: dict[str, str] | None = tags_of(job, *given)
        if tags and lifecycle.LOGICAL_TAG in tags:
            tags = {**tags, lifecycle.LOGICAL_TAG: job.request.logical_id}
        return tags

    patch.setattr(lifecycle, "_tags_of", stacks)


def _gone_is_deleted(patch: Patch) -> None:
    """Fail to delete what is gone already."""
    patch.setattr(lifecycle, "NOT_FOUND", "NoSuchCode")


def _answer_to_unforeseen(patch: Patch) -> None:
    """Leave errors of the APIs to Lambda instead of answering FAILED."""
    patch.setattr(index, "_EXPECTED", ())
    work = index._work

    @wraps(work)
    def silent(*given: Any) -> Any:  # noqa: ANN401 (the handler's)
        body, outcome = work(*given)
        if outcome == "FAILED":
            raise wire.UndeliveredError("switched off")
        return body, outcome

    patch.setattr(index, "_work", silent)


def _convergence(patch: Patch) -> None:
    """Do not change what exists."""

    def unchanged(job: Any, description: dict[str, Any], _: Any) -> dict[str, Any]:  # noqa: ANN401 (the handler's)
        job.arn = description["arn"]
        return description

    patch.setattr(lifecycle, "_converge", unchanged)


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


def _adopt_what_an_earlier_try_made(patch: Patch) -> None:
    """Create without looking for what an earlier try made."""
    patch.setattr(lifecycle, "_made", lambda *_: [])


def _take_back_what_lost(patch: Patch) -> None:
    """Keep what was made although CloudFormation has taken another reply."""
    patch.setattr(lifecycle, "confirm", lambda *_, **__: None)


def _sweep_by_tags(patch: Patch) -> None:
    """Delete nothing but what the physical id names."""
    patch.setattr(lifecycle, "_sweep", lambda *_: None)


def _sweep_of_old_orphan(patch: Patch) -> None:
    """Forget in an Update what a replacement made whose reply was lost."""
    patch.setattr(lifecycle, "_drop_orphan", lambda *_: None)


def _same_id_on_failed(patch: Patch) -> None:
    """Answer FAILED with an id of its own, as a log stream's name is."""
    patch.setattr(lifecycle, "failed_id", lambda *_: f"2026/11/21/[$LATEST]{uuid.uuid4().hex}")


def _return_to_what_was_replaced(patch: Patch) -> None:
    """Make another resource in a rollback, in place of the one that is there still."""
    patch.setattr(lifecycle, "_former", lambda *_: ("", ""))


def _wait_when_throttled(patch: Patch) -> None:
    """Take for an answer that there were too many calls."""
    patch.setattr(clients, "_THROTTLED_CODES", set())
    patch.setattr(clients, "_TOO_MANY", 0)


def _look_for_what_iam_denies(patch: Patch) -> None:
    """Believe IAM that something is denied, though it is only gone."""
    patch.setattr(lifecycle.Job, "_tell_gone", lambda *_: None)


def _take_back_what_a_killed_try_made(patch: Patch) -> None:
    """Forget after a kill what was made before."""
    patch.setattr(lifecycle, "_own", lambda *_: "")


def _patience_with_late_views(patch: Patch) -> None:
    """Take every view for today's."""
    patch.setattr(lifecycle, "LAG_SECONDS", 0)


def _remember_the_newest_view(patch: Patch) -> None:
    """Take what CloudFormation showed last for the newest, though views are late by turns."""

    def last(*given: Any, key: Any = None) -> Any:  # noqa: ANN401 (as the built-in one)
        return given[0] if key else max(*given)

    patch.setattr(lifecycle, "max", last, raising=False)


def _end_before_cloudformation_does(patch: Patch) -> None:
    """Take the whole time for a delivery, however long it waited in line."""
    patch.setattr(lifecycle, "timeout", lambda _: 10**6)


def _patience_with_late_descriptions(patch: Patch) -> None:
    """Take for gone what is not described yet."""
    describe = lifecycle._describe
    patch.setattr(lifecycle, "_describe", lambda job, arn, **_: describe(job, arn, late=False))


def _send_what_may_be_described_late(patch: Patch) -> None:
    """Believe a description that shows what is wanted."""
    changes = lifecycle._changes

    def shown(spec: Any, description: Any, _: Any, wanted: Any) -> Any:  # noqa: ANN401 (the handler's)
        return changes(spec, description, wanted, wanted)

    patch.setattr(lifecycle, "_changes", shown)


def _ask_before_a_change_is_sent_again(patch: Patch) -> None:
    """Send a change again without asking whether CloudFormation still waits."""
    patch.setattr(lifecycle, "_OVERWRITES", ())


def _make_what_is_gone_but_described(patch: Patch) -> None:
    """Believe a description of what is gone."""
    patch.setattr(lifecycle, "suppress", lambda *_: contextlib.nullcontext())


def _ask_again_for_tags_that_are_late(patch: Patch) -> None:
    """Treat what has no tags yet as untagged."""
    tags_of = lifecycle._tags_of
    patch.setattr(lifecycle, "_tags_of", lambda *given: tags_of(*given) or {})


def _take_back_what_an_earlier_try_made(patch: Patch) -> None:
    """Answer with what an earlier try created, without looking whether that was taken."""

    def adopted(job: Any, description: Any) -> Any:  # noqa: ANN401 (the handler's)
        job.shown_by = job.age + lifecycle.LAG_SECONDS
        if lifecycle._made_at(description) >= job.begun - 0.1:
            job.made = description["arn"]
        return description

    patch.setattr(lifecycle, "_adopted", adopted)


def _patience_with_what_is_new(patch: Patch) -> None:
    """Expect that what has just been created is described everywhere."""

    def adopted(job: Any, description: Any) -> Any:  # noqa: ANN401 (the handler's)
        if job.nonce in lifecycle._words(description):
            job.made = description["arn"]
        return description

    patch.setattr(lifecycle, "_adopted", adopted)


def _wait_until_a_channel_shows_what_was_set(patch: Patch) -> None:
    """Believe a channel that shows nothing of it."""
    patch.setattr(lifecycle, "_channel", lambda job, arn, *_: lifecycle._describe(job, arn))


MUTATIONS: dict[str, Callable[[Patch], None]] = {
    mutation.__name__.strip("_").replace("_", " "): mutation
    for mutation in (
        _adopt_what_an_earlier_try_made,
        _wait_when_throttled,
        _look_for_what_iam_denies,
        _take_back_what_a_killed_try_made,
        _patience_with_late_views,
        _take_back_what_lost,
        _sweep_by_tags,
        _sweep_of_old_orphan,
        _same_id_on_failed,
        _return_to_what_was_replaced,
        _stale_guard,
        _status_of_reply,
        _error_when_undelivered,
        _stack_tag,
        _logical_tag,
        _gone_is_deleted,
        _answer_to_unforeseen,
        _convergence,
        _take_back,
        _take_back_own,
        _refuse_what_was_rolled_back,
        _grace_for_permissions,
        _patience_with_conflicts,
        _all_pages,
        _remember_the_newest_view,
        _end_before_cloudformation_does,
        _patience_with_late_descriptions,
        _send_what_may_be_described_late,
        _ask_before_a_change_is_sent_again,
        _make_what_is_gone_but_described,
        _ask_again_for_tags_that_are_late,
        _take_back_what_an_earlier_try_made,
        _patience_with_what_is_new,
        _wait_until_a_channel_shows_what_was_set,
    )
}
