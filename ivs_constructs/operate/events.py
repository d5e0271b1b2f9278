"""Rules of Amazon EventBridge for what happens to a channel, a stage or the whole account.

The methods are made from a table, so that all take the same options as those of the AWS CDK.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, ClassVar, Protocol, cast

from constructs import Construct

from ivs_constructs._core.stack_facts import surroundings_of
from ivs_constructs.operate._event_kinds import (
    AD_BREAK,
    COMPOSITION,
    HEALTH,
    LIMIT,
    PARTICIPANT_RECORDING,
    RECORDING,
    STAGE,
    STREAM,
    EventKind,
)
from ivs_constructs.operate._events import EventFilter, define_rule
from ivs_constructs.operate._mixins import name_methods

if TYPE_CHECKING:
    from aws_cdk import aws_events

# How every method describes what it takes.
_OPTIONS = """Args:
    id: The rule's id below this.
    target: What is started by the event. Default: nothing; use `add_target` of the rule.
    description: What the rule is for. Default: none.
    rule_name: The rule's name. Default: a unique one (made by CloudFormation).
    event_pattern: What else an event must match, an EventPattern. Default: nothing.
    cross_stack_scope: Where to define the rule, for a target in another stack.
        Default: here (set by this library).

Raises:
    InvalidPropertyError: If the event pattern sets what this rule looks for itself, or the target
        is none.
"""


_DETAIL = """Of an event's detail AWS documents, though not every event has all: {}.

"""


class _OnEvent(Protocol):
    """A method that defines a rule, as it is called."""

    def __call__(
        self,
        id: str,
        *,
        target: aws_events.IRuleTarget | None = None,
        description: str | None = None,
        rule_name: str | None = None,
        event_pattern: aws_events.EventPattern | Mapping[str, Any] | None = None,
        cross_stack_scope: Construct | None = None,
    ) -> aws_events.Rule: ...


class _Method(Protocol):
    """A method that defines a rule, as it stands in a class."""

    def __get__(self, owner: object, cls: type | None = None, /) -> _OnEvent: ...


def _on(doc: str, kind: EventKind | None = None, *names: str) -> _Method:
    """Make a method that defines a rule.

    Args:
        doc: What the rule matches.
        kind: The detail-type; None for any.
        names: What happened; anything of that detail-type if there are none.
    """

    def on(
        self: Events,
        id: str,
        *,
        target: aws_events.IRuleTarget | None = None,
        description: str | None = None,
        rule_name: str | None = None,
        event_pattern: aws_events.EventPattern | Mapping[str, Any] | None = None,
        cross_stack_scope: Construct | None = None,
    ) -> aws_events.Rule:
        # A method of that class, only written outside of it.
        return self._define_rule(  # pyright: ignore[reportPrivateUsage] (its own, made below)
            id,
            kind,
            names,
            event_pattern,
            {
                "targets": None if target is None else [target],
                "description": description,
                "rule_name": rule_name,
                "cross_stack_scope": cross_stack_scope,
            },
        )

    detail = "" if kind is None else _DETAIL.format(", ".join(f"`{each}`" for each in kind.fields))
    on.__doc__ = f"Define a rule for {doc}.\n\n{detail}{_OPTIONS}"
    return cast("_Method", on)


class Events(Protocol):
    """What there is for all that events can be about."""

    on_event: ClassVar[_Method] = _on("all events about this")

    def _events_scope(self) -> Construct:
        """Tell where rules are defined unless the user says otherwise."""
        return cast("Construct", self)

    def _events_arn(self) -> str | None:
        """Tell the ARN that events must name; None for any."""
        ...

    def _define_rule(
        self,
        id: str,
        kind: EventKind | None,
        names: tuple[str, ...],
        event_pattern: object,
        options: Mapping[str, Any],
    ) -> aws_events.Rule:
        events = EventFilter(self._events_arn(), kind, names)
        return define_rule(self._events_scope(), id, events, event_pattern, options)


class ChannelEvents(Events, Protocol):
    """Rules for what happens to a channel; `Channel` and imported channels have them."""

    on_stream_state_change: ClassVar[_Method] = _on("all that happens to streams", STREAM)
    on_session_created: ClassVar[_Method] = _on(
        "the start of a stream session", STREAM, "Session Created"
    )
    on_session_ended: ClassVar[_Method] = _on(
        "the end of a stream session", STREAM, "Session Ended"
    )
    on_stream_start: ClassVar[_Method] = _on("a stream that goes live", STREAM, "Stream Start")
    on_stream_end: ClassVar[_Method] = _on("a stream that ends", STREAM, "Stream End")
    on_stream_failure: ClassVar[_Method] = _on(
        "a stream that is refused or fails; `reason` in the detail says why",
        STREAM,
        "Stream Failure",
    )
    on_stream_takeover: ClassVar[_Method] = _on(
        "a stream that another encoder takes over", STREAM, "Stream Takeover"
    )
    on_stream_takeover_failure: ClassVar[_Method] = _on(
        "an encoder that fails to take over the stream", STREAM, "Stream Takeover Failure"
    )

    on_stream_health_change: ClassVar[_Method] = _on("any change of a stream's health", HEALTH)
    on_starvation_start: ClassVar[_Method] = _on(
        "a live stream that gets too little or no data from its encoder", HEALTH, "Starvation Start"
    )
    on_starvation_end: ClassVar[_Method] = _on(
        "a stream that gets enough data again", HEALTH, "Starvation End"
    )

    on_limit_breach: ClassVar[_Method] = _on(
        "any limit that a stream of this channel exceeds; those of the whole account are in "
        "`AccountEvents`",
        LIMIT,
    )
    on_ingest_bitrate_limit_breach: ClassVar[_Method] = _on(
        "a stream with a higher bitrate than the channel's type allows", LIMIT, "Ingest Bitrate"
    )
    on_ingest_resolution_limit_breach: ClassVar[_Method] = _on(
        "a stream with a higher resolution than the channel's type allows",
        LIMIT,
        "Ingest Resolution",
    )

    on_recording_state_change: ClassVar[_Method] = _on("all that happens to recordings", RECORDING)
    on_recording_start: ClassVar[_Method] = _on(
        "a recording that starts", RECORDING, "Recording Start"
    )
    on_recording_end: ClassVar[_Method] = _on(
        "a recording that is complete; the detail says where it lies", RECORDING, "Recording End"
    )
    on_recording_start_failure: ClassVar[_Method] = _on(
        "a recording that does not start", RECORDING, "Recording Start Failure"
    )
    on_recording_end_failure: ClassVar[_Method] = _on(
        "a recording that ends with an error", RECORDING, "Recording End Failure"
    )

    on_ad_break_inserted: ClassVar[_Method] = _on(
        "an ad break that is put into the stream", AD_BREAK, "Ad Break Inserted"
    )

    @property
    def channel_arn(self) -> str:
        """The channel's ARN."""
        ...

    def _events_arn(self) -> str:
        return self.channel_arn


class StageEvents(Events, Protocol):
    """Rules for what happens to a stage; `Stage` and imported stages have them.

    Compositions are resources of their own, so that `on_event` leaves their events out.
    """

    on_stage_update: ClassVar[_Method] = _on("all that participants do", STAGE)
    on_participant_published: ClassVar[_Method] = _on(
        "a participant who begins to publish", STAGE, "Participant Published"
    )
    on_participant_unpublished: ClassVar[_Method] = _on(
        "a participant who ceases to publish", STAGE, "Participant Unpublished"
    )
    on_participant_publish_error: ClassVar[_Method] = _on(
        "a participant who fails to publish", STAGE, "Participant Publish Error"
    )

    on_participant_recording_state_change: ClassVar[_Method] = _on(
        "all that happens to participants' recordings", PARTICIPANT_RECORDING
    )
    on_participant_recording_start: ClassVar[_Method] = _on(
        "a participant's recording that starts", PARTICIPANT_RECORDING, "Recording Start"
    )
    on_participant_recording_end: ClassVar[_Method] = _on(
        "a participant's recording that is complete; the detail says where it lies",
        PARTICIPANT_RECORDING,
        "Recording End",
    )
    on_participant_recording_start_failure: ClassVar[_Method] = _on(
        "a participant's recording that does not start",
        PARTICIPANT_RECORDING,
        "Recording Start Failure",
    )
    on_participant_recording_end_failure: ClassVar[_Method] = _on(
        "a participant's recording that ends with an error",
        PARTICIPANT_RECORDING,
        "Recording End Failure",
    )

    on_composition_state_change: ClassVar[_Method] = _on(
        "all that happens to compositions of this stage", COMPOSITION
    )
    on_composition_session_start: ClassVar[_Method] = _on(
        "a composition that gets media and makes video", COMPOSITION, "Session Start"
    )
    on_composition_session_end: ClassVar[_Method] = _on(
        "a composition that is complete", COMPOSITION, "Session End"
    )
    on_composition_session_failure: ClassVar[_Method] = _on(
        "a composition that fails", COMPOSITION, "Session Failure"
    )
    on_composition_destination_start: ClassVar[_Method] = _on(
        "a composition's output that starts", COMPOSITION, "Destination Start"
    )
    on_composition_destination_end: ClassVar[_Method] = _on(
        "a composition's output that is complete", COMPOSITION, "Destination End"
    )
    on_composition_destination_failure: ClassVar[_Method] = _on(
        "a composition's output that fails", COMPOSITION, "Destination Failure"
    )
    on_composition_destination_reconnecting: ClassVar[_Method] = _on(
        "a composition's output that is interrupted", COMPOSITION, "Destination Reconnecting"
    )

    @property
    def stage_arn(self) -> str:
        """The stage's ARN."""
        ...

    def _events_arn(self) -> str:
        return self.stage_arn


class AccountEvents(Events):
    """Rules for what concerns the whole account in the stack's Region.

    Breaches of the limits on concurrent broadcasts and viewers name no resource: a rule of a
    channel never matches them.

    Args:
        scope: The construct to define rules in, mostly self.

    Raises:
        InvalidScopeError: If the scope is no construct inside a stack.

    Example:
        >>> rule = AccountEvents(stack).on_concurrent_viewers_limit_breach("TooManyViewers")

    See: https://docs.aws.amazon.com/ivs/latest/LowLatencyUserGuide/eventbridge.html
    """

    on_concurrent_broadcasts_limit_breach: ClassVar[_Method] = _on(
        "more channels live at once than the account may have", LIMIT, "Concurrent Broadcasts"
    )
    on_concurrent_viewers_limit_breach: ClassVar[_Method] = _on(
        "more viewers at once than the account may have", LIMIT, "Concurrent Viewers"
    )

    def __init__(self, scope: Construct) -> None:
        surroundings_of("AccountEvents", scope, "Rule")
        self._scope = scope

    def __repr__(self) -> str:
        """Name the class and the path of the scope."""
        return f"<ivs_constructs.AccountEvents of '{self._scope.node.path}'>"

    def _events_scope(self) -> Construct:
        return self._scope

    def _events_arn(self) -> None:
        return None


name_methods(Events, ChannelEvents, StageEvents, AccountEvents)
