"""Defines Amazon EventBridge rules for the events of Amazon IVS."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any, NamedTuple, cast

import aws_cdk as cdk
from constructs import Construct

from ivs_constructs._core.annotate import annotate
from ivs_constructs._core.check import Check, did_you_mean, is_token, quoted
from ivs_constructs._core.resource import check_member, has_member
from ivs_constructs._core.rules import Advice, Severity
from ivs_constructs._core.stack_facts import path_of
from ivs_constructs.operate._event_kinds import ALL, PARTICIPANT_RECORDING, RECORDING, EventKind
from ivs_constructs.operate._never_matching import check_values

if TYPE_CHECKING:
    from aws_cdk import aws_events

_SOURCE = "https://docs.aws.amazon.com/eventbridge/latest/ref/events-ref-ivs.html"

_PATTERN_KEYS = (
    "account",
    "detail",
    "detail_type",
    "id",
    "region",
    "resources",
    "source",
    "time",
    "version",
)
"""The keys of the AWS CDK's EventPattern."""


_TARGETS = "a target of aws_cdk.aws_events_targets"
_WRAPPERS = {
    "topic_arn": "SnsTopic",
    "function_arn": "LambdaFunction",
    "queue_arn": "SqsQueue",
    "state_machine_arn": "SfnStateMachine",
    "event_bus_arn": "EventBus",
    "log_group_arn": "CloudWatchLogGroup",
    "stream_arn": "KinesisStream",
}
"""The usual target for an object, by one of the object's members."""


class EventFilter(NamedTuple):
    """The events that a rule is for.

    Attributes:
        arn: The ARN that they name; None for any.
        kind: Their detail-type; None for any.
        names: What happened; empty for anything with that detail-type.
        kinds: The possible detail-types for the rule's resource.
    """

    arn: str | None
    kind: EventKind | None = None
    names: tuple[str, ...] = ()
    kinds: tuple[EventKind, ...] = ALL

    def pattern(self) -> dict[str, Any]:
        """Write it in the form of the AWS CDK's EventPattern."""
        pattern: dict[str, Any] = {"source": ["aws.ivs"]}
        detail: dict[str, list[str]] = {}
        arn_field = self.kind and self.kind.arn_field
        if self.kind is not None:
            pattern["detail_type"] = [self.kind.detail_type]
            if self.names:
                detail[self.kind.name_field] = list(self.names)
        if self.arn is not None and arn_field:
            detail[arn_field] = [self.arn]
        elif self.arn is not None:
            pattern["resources"] = [self.arn]
        return {**pattern, "detail": detail} if detail else pattern


def define_rule(
    scope: Construct,
    id: str,
    events: EventFilter,
    options: Mapping[str, Any],
    event_pattern: object = None,
) -> aws_events.Rule:
    """Define a rule for events of Amazon IVS.

    Args:
        scope: Where to define it.
        id: Its id.
        events: Which events it is for.
        options: Further arguments of the AWS CDK's Rule.
        event_pattern: What else they must match, as the user passed it.

    Raises:
        InvalidPropertyError: If the event pattern sets a field that the rule already matches, which
            would widen the rule, because EventBridge accepts any of a field's values; if it can
            never match; or if the target is not a target.
    """
    # Imported here because aws_events is slow to load.
    from aws_cdk import aws_events

    check = Check(_SOURCE)
    if not isinstance(cast("object", id), str) or not id:
        check.fail(
            "id",
            "type",
            f"id must be a non-empty string, got {quoted(id)}; write the id first, then target=...",
        )
        check.raise_for("Rule")
    for target in options.get("targets") or ():
        check_member(check, "target", "bind", _TARGETS, target, _target_advice(target))
    pattern = events.pattern()
    more = _more(check, event_pattern)
    detail = more.pop("detail", {})
    own_detail = pattern.get("detail", {})
    taken = [key for key in pattern if key in more]
    taken += [f"detail.{field}" for field in own_detail if field in detail]
    for field in taken:
        check.fail(
            "event_pattern",
            "taken",
            f"event_pattern must not set {field}, which this rule already matches; drop it, or use "
            "another of the methods that begin with on_",
        )
    kinds = events.kinds if events.kind is None else (events.kind,)
    advice = [*check_values(check, kinds, more, detail), *_without_recording(scope, events.kind)]
    check.raise_for("Rule", lambda: path_of(scope, id))
    if detail:
        pattern["detail"] = {**detail, **own_detail}
    rule = aws_events.Rule(
        scope, id, event_pattern=aws_events.EventPattern(**{**more, **pattern}), **options
    )
    elsewhere = _elsewhere(scope)
    for each in (*advice, *([elsewhere] if elsewhere else ())):
        annotate(rule, each)
    return rule


def _without_recording(scope: Construct, kind: EventKind | None) -> Iterator[Advice]:
    """Warn about a rule for recordings of a resource that is defined without recording."""
    if kind in (RECORDING, PARTICIPANT_RECORDING) and getattr(scope, "is_recorded", None) is False:
        noun, settings = (
            ("channel", "recording_configuration")
            if kind is RECORDING
            else ("stage", "auto_participant_recording")
        )
        yield Advice(
            Severity.WARNING,
            "ivs-constructs:recording-events-without-recording",
            f"the {noun} is not recorded, so this rule never matches; pass it {settings}",
        )


def _target_advice(given: object) -> str:
    """Advise the target for an object that is not one."""
    if hasattr(given, "as_state"):
        return (
            "; put its as_state(...) into a state machine and write targets.SfnStateMachine(...) "
            "around that"
        )
    if isinstance(given, str) and given.startswith("arn:"):
        return "; import the resource, and write the target of aws_events_targets around it"
    wrapper = next((name for member, name in _WRAPPERS.items() if has_member(given, member)), None)
    return f"; write targets.{wrapper}(...) around it" if wrapper else ""


def _more(check: Check, event_pattern: object) -> dict[str, Any]:
    """Read the user's pattern, either the AWS CDK's EventPattern or a dict with its names."""
    if event_pattern is None:
        return {}
    if isinstance(event_pattern, Mapping):
        given = dict(cast("Mapping[object, Any]", event_pattern))
        for key in given.keys() - set(_PATTERN_KEYS):
            check.fail(
                "event_pattern",
                "unknown-key",
                f"event_pattern must have the keys {', '.join(_PATTERN_KEYS)}, got {quoted(key)}"
                f"{did_you_mean(str(key), _PATTERN_KEYS)}",
            )
    elif getattr(type(event_pattern), "__jsii_type__", "") == "aws-cdk-lib.aws_events.EventPattern":
        given = {key: getattr(event_pattern, key) for key in _PATTERN_KEYS}
    else:
        check.fail(
            "event_pattern",
            "type",
            f"event_pattern must be an EventPattern of aws_cdk.aws_events, got "
            f"{quoted(event_pattern)}",
        )
        return {}
    if not isinstance(given.get("detail") or {}, Mapping):
        check.fail(
            "event_pattern",
            "type",
            f"event_pattern must have a dict as detail, got {quoted(given.pop('detail'))}",
        )
    return {str(key): value for key, value in given.items() if value is not None}


def _elsewhere(scope: Construct) -> Advice | None:
    """Warn about an import whose events do not reach the rule's Region and account."""
    if not isinstance(scope, cdk.Resource):
        return None
    there, here = scope.env, scope.stack
    for one, other in ((there.region, here.region), (there.account, here.account)):
        if one != other and not is_token(one) and not is_token(other):
            return Advice(
                Severity.WARNING,
                "ivs-constructs:rule-elsewhere",
                f"events from {one} do not reach {other}, where this rule is, unless they are "
                f"forwarded; define the rule in a stack in {one}",
            )
    return None
