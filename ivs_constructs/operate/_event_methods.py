"""The methods that define rules, for constructs and for the facades in `events`."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, TypedDict, Unpack, cast

from constructs import Construct

from ivs_constructs._core.misnamed import Advising
from ivs_constructs.operate._event_kinds import (
    AD_BREAK,
    ALL,
    COMPOSITION,
    HEALTH,
    LIMIT,
    OF_CHANNELS,
    OF_STAGES,
    PARTICIPANT_RECORDING,
    RECORDING,
    STAGE,
    STREAM,
    EventKind,
)

if TYPE_CHECKING:
    from aws_cdk import aws_events


class RuleOptions(TypedDict, total=False):
    """Options of every method that defines a rule, as in the AWS CDK.

    Attributes:
        target: What the event starts. Default: nothing; use the rule's `add_target`.
        description: What the rule is for. Default: none.
        rule_name: The rule's name. Default: a unique one (made by CloudFormation).
        event_pattern: An EventPattern that events must also match. Default: none.
        cross_stack_scope: Where to define the rule, for a target in another stack.
            Default: here (set by this library).
    """

    target: aws_events.IRuleTarget | None
    description: str | None
    rule_name: str | None
    event_pattern: aws_events.EventPattern | Mapping[str, Any] | None
    cross_stack_scope: Construct | None


class EventMethods(Advising):
    """Methods for everything that has events."""

    _kinds: tuple[EventKind, ...] = ALL

    def on_event(
        self,
        id: str,
        *,
        target: aws_events.IRuleTarget | None = None,
        description: str | None = None,
        rule_name: str | None = None,
        event_pattern: aws_events.EventPattern | Mapping[str, Any] | None = None,
        cross_stack_scope: Construct | None = None,
    ) -> aws_events.Rule:
        """Define a rule for every event about this resource.

        Args:
            id: The rule's id below this.
            target: What the event starts. Default: nothing; use the rule's `add_target`.
            description: What the rule is for. Default: none.
            rule_name: The rule's name. Default: a unique one (made by CloudFormation).
            event_pattern: An EventPattern that events must also match. Default: none.
            cross_stack_scope: Where to define the rule, for a target in another stack.
                Default: here (set by this library).

        Raises:
            InvalidPropertyError: If the event pattern sets a field that this rule already matches
                or can never match, or the target is not a target.
        """
        return self._rule(
            id,
            target=target,
            description=description,
            rule_name=rule_name,
            event_pattern=event_pattern,
            cross_stack_scope=cross_stack_scope,
        )

    def _rule(
        self,
        id: str,
        kind: EventKind | None = None,
        *names: str,
        **options: Unpack[RuleOptions],
    ) -> aws_events.Rule:
        """Define a rule.

        Args:
            id: Its id.
            kind: The detail-type; None for any.
            names: What happened; empty for anything with that detail-type.
            options: The other options of `on_event`.
        """
        # Imported here because most channels and stages have no rule.
        from ivs_constructs.operate._events import EventFilter, define_rule
        from ivs_constructs.operate._facades import refuse_unknown

        refuse_unknown(options, RuleOptions.__annotations__)
        given = dict(options)
        target, pattern = given.pop("target", None), given.pop("event_pattern", None)
        return define_rule(
            self._events_scope(),
            id,
            EventFilter(self._events_arn(), kind, names, self._kinds),
            {"targets": None if target is None else [target], **given},
            pattern,
        )

    def _events_scope(self) -> Construct:
        """Return where rules are defined by default."""
        return cast("Construct", self)

    def _events_arn(self) -> str | None:
        """Return the ARN that events must name; None for any."""
        return None


class ChannelEventMethods(EventMethods):
    """Rules for what happens to a channel."""

    _kinds: tuple[EventKind, ...] = OF_CHANNELS

    def _events_arn(self) -> str | None:
        # The class that inherits these methods.
        return cast("str", cast("Any", self).channel_arn)

    def on_stream_state_change(self, id: str, **options: Unpack[RuleOptions]) -> aws_events.Rule:
        """Define a rule for all events of streams.

        AWS documents these fields of the detail, though not every event has all of them:
        `channel_name`, `stream_id`, `code`, `reason`.

        The arguments are those of `on_event`.
        """
        return self._rule(id, STREAM, **options)

    def on_session_created(self, id: str, **options: Unpack[RuleOptions]) -> aws_events.Rule:
        """Define a rule for the start of a stream session. See `on_stream_state_change`."""
        return self._rule(id, STREAM, "Session Created", **options)

    def on_session_ended(self, id: str, **options: Unpack[RuleOptions]) -> aws_events.Rule:
        """Define a rule for the end of a stream session. See `on_stream_state_change`."""
        return self._rule(id, STREAM, "Session Ended", **options)

    def on_stream_start(self, id: str, **options: Unpack[RuleOptions]) -> aws_events.Rule:
        """Define a rule for a stream that goes live. See `on_stream_state_change`."""
        return self._rule(id, STREAM, "Stream Start", **options)

    def on_stream_end(self, id: str, **options: Unpack[RuleOptions]) -> aws_events.Rule:
        """Define a rule for a stream that ends. See `on_stream_state_change`."""
        return self._rule(id, STREAM, "Stream End", **options)

    def on_stream_failure(self, id: str, **options: Unpack[RuleOptions]) -> aws_events.Rule:
        """Define a rule for a stream that is refused or fails; `reason` in the detail says why.

        See `on_stream_state_change`.
        """
        return self._rule(id, STREAM, "Stream Failure", **options)

    def on_stream_takeover(self, id: str, **options: Unpack[RuleOptions]) -> aws_events.Rule:
        """Define a rule for a stream that another encoder takes over.

        See `on_stream_state_change`.
        """
        return self._rule(id, STREAM, "Stream Takeover", **options)

    def on_stream_takeover_failure(
        self, id: str, **options: Unpack[RuleOptions]
    ) -> aws_events.Rule:
        """Define a rule for an encoder that fails to take over the stream.

        See `on_stream_state_change`.
        """
        return self._rule(id, STREAM, "Stream Takeover Failure", **options)

    def on_stream_health_change(self, id: str, **options: Unpack[RuleOptions]) -> aws_events.Rule:
        """Define a rule for any change of a stream's health.

        AWS documents these fields of the detail, though not every event has all of them:
        `channel_name`, `stream_id`.

        The arguments are those of `on_event`.
        """
        return self._rule(id, HEALTH, **options)

    def on_starvation_start(self, id: str, **options: Unpack[RuleOptions]) -> aws_events.Rule:
        """Define a rule for a live stream that gets too little or no data from its encoder.

        See `on_stream_health_change`.
        """
        return self._rule(id, HEALTH, "Starvation Start", **options)

    def on_starvation_end(self, id: str, **options: Unpack[RuleOptions]) -> aws_events.Rule:
        """Define a rule for a stream that gets enough data again. See `on_stream_health_change`."""
        return self._rule(id, HEALTH, "Starvation End", **options)

    def on_limit_breach(self, id: str, **options: Unpack[RuleOptions]) -> aws_events.Rule:
        """Define a rule for any limit that a stream of this channel exceeds.

        Limits of the whole account are in `AccountEvents`.

        AWS documents these fields of the detail, though not every event has all of them:
        `channel_name`, `stream_id`, `limit_value`, `exceeded_by`, `limit_unit`.

        The arguments are those of `on_event`.
        """
        return self._rule(id, LIMIT, **options)

    def on_ingest_bitrate_limit_breach(
        self, id: str, **options: Unpack[RuleOptions]
    ) -> aws_events.Rule:
        """Define a rule for a stream with a higher bitrate than the channel's type allows.

        See `on_limit_breach`.
        """
        return self._rule(id, LIMIT, "Ingest Bitrate", **options)

    def on_ingest_resolution_limit_breach(
        self, id: str, **options: Unpack[RuleOptions]
    ) -> aws_events.Rule:
        """Define a rule for a stream with a higher resolution than the channel's type allows.

        See `on_limit_breach`.
        """
        return self._rule(id, LIMIT, "Ingest Resolution", **options)

    def on_recording_state_change(self, id: str, **options: Unpack[RuleOptions]) -> aws_events.Rule:
        """Define a rule for all events of recordings.

        AWS documents these fields of the detail, though not every event has all of them:
        `channel_name`, `stream_id`, `recording_status_reason`, `recording_s3_bucket_name`,
        `recording_s3_key_prefix`, `recording_duration_ms`, `recording_session_id`,
        `recording_session_stream_ids`.

        The arguments are those of `on_event`.
        """
        return self._rule(id, RECORDING, **options)

    def on_recording_start(self, id: str, **options: Unpack[RuleOptions]) -> aws_events.Rule:
        """Define a rule for a recording that starts. See `on_recording_state_change`."""
        return self._rule(id, RECORDING, "Recording Start", **options)

    def on_recording_end(self, id: str, **options: Unpack[RuleOptions]) -> aws_events.Rule:
        """Define a rule for a recording that is complete; the detail says where it is.

        See `on_recording_state_change`.
        """
        return self._rule(id, RECORDING, "Recording End", **options)

    def on_recording_start_failure(
        self, id: str, **options: Unpack[RuleOptions]
    ) -> aws_events.Rule:
        """Define a rule for a recording that does not start. See `on_recording_state_change`."""
        return self._rule(id, RECORDING, "Recording Start Failure", **options)

    def on_recording_end_failure(self, id: str, **options: Unpack[RuleOptions]) -> aws_events.Rule:
        """Define a rule for a recording that ends with an error.

        See `on_recording_state_change`.
        """
        return self._rule(id, RECORDING, "Recording End Failure", **options)

    def on_ad_break_inserted(self, id: str, **options: Unpack[RuleOptions]) -> aws_events.Rule:
        """Define a rule for an ad break that is inserted into the stream.

        AWS documents these fields of the detail, though not every event has all of them:
        `channel_name`, `stream_id`, `ad_break_id`, `duration_seconds`, `target_start_time`.

        The arguments are those of `on_event`.
        """
        return self._rule(id, AD_BREAK, "Ad Break Inserted", **options)


class StageEventMethods(EventMethods):
    """Rules for what happens to a stage.

    Compositions are resources of their own, so `on_event` does not include their events.
    """

    _kinds: tuple[EventKind, ...] = OF_STAGES

    def _events_arn(self) -> str | None:
        # The class that inherits these methods.
        return cast("str", cast("Any", self).stage_arn)

    def on_stage_update(self, id: str, **options: Unpack[RuleOptions]) -> aws_events.Rule:
        """Define a rule for all events of participants.

        AWS documents these fields of the detail, though not every event has all of them:
        `session_id`, `event_time`, `user_id`, `participant_id`.

        The arguments are those of `on_event`.
        """
        return self._rule(id, STAGE, **options)

    def on_participant_published(self, id: str, **options: Unpack[RuleOptions]) -> aws_events.Rule:
        """Define a rule for a participant who starts publishing. See `on_stage_update`."""
        return self._rule(id, STAGE, "Participant Published", **options)

    def on_participant_unpublished(
        self, id: str, **options: Unpack[RuleOptions]
    ) -> aws_events.Rule:
        """Define a rule for a participant who stops publishing. See `on_stage_update`."""
        return self._rule(id, STAGE, "Participant Unpublished", **options)

    def on_participant_publish_error(
        self, id: str, **options: Unpack[RuleOptions]
    ) -> aws_events.Rule:
        """Define a rule for a participant who fails to publish. See `on_stage_update`."""
        return self._rule(id, STAGE, "Participant Publish Error", **options)

    def on_participant_recording_state_change(
        self, id: str, **options: Unpack[RuleOptions]
    ) -> aws_events.Rule:
        """Define a rule for all events of participants' recordings.

        AWS documents these fields of the detail, though not every event has all of them:
        `session_id`, `participant_id`, `recording_s3_bucket_name`, `recording_s3_key_prefix`.

        The arguments are those of `on_event`.
        """
        return self._rule(id, PARTICIPANT_RECORDING, **options)

    def on_participant_recording_start(
        self, id: str, **options: Unpack[RuleOptions]
    ) -> aws_events.Rule:
        """Define a rule for a participant's recording that starts.

        See `on_participant_recording_state_change`.
        """
        return self._rule(id, PARTICIPANT_RECORDING, "Recording Start", **options)

    def on_participant_recording_end(
        self, id: str, **options: Unpack[RuleOptions]
    ) -> aws_events.Rule:
        """Define a rule for a participant's recording that is complete.

        The detail says where it is. See `on_participant_recording_state_change`.
        """
        return self._rule(id, PARTICIPANT_RECORDING, "Recording End", **options)

    def on_participant_recording_start_failure(
        self, id: str, **options: Unpack[RuleOptions]
    ) -> aws_events.Rule:
        """Define a rule for a participant's recording that does not start.

        See `on_participant_recording_state_change`.
        """
        return self._rule(id, PARTICIPANT_RECORDING, "Recording Start Failure", **options)

    def on_participant_recording_end_failure(
        self, id: str, **options: Unpack[RuleOptions]
    ) -> aws_events.Rule:
        """Define a rule for a participant's recording that ends with an error.

        See `on_participant_recording_state_change`.
        """
        return self._rule(id, PARTICIPANT_RECORDING, "Recording End Failure", **options)

    def on_composition_state_change(
        self, id: str, **options: Unpack[RuleOptions]
    ) -> aws_events.Rule:
        """Define a rule for all events of compositions of this stage.

        AWS documents one more field of the detail: `stage_arn`.

        The arguments are those of `on_event`.
        """
        return self._rule(id, COMPOSITION, **options)

    def on_composition_session_start(
        self, id: str, **options: Unpack[RuleOptions]
    ) -> aws_events.Rule:
        """Define a rule for a composition that receives media and produces video.

        See `on_composition_state_change`.
        """
        return self._rule(id, COMPOSITION, "Session Start", **options)

    def on_composition_session_end(
        self, id: str, **options: Unpack[RuleOptions]
    ) -> aws_events.Rule:
        """Define a rule for a composition that is complete.

        See `on_composition_state_change`.
        """
        return self._rule(id, COMPOSITION, "Session End", **options)

    def on_composition_session_failure(
        self, id: str, **options: Unpack[RuleOptions]
    ) -> aws_events.Rule:
        """Define a rule for a composition that fails.

        See `on_composition_state_change`.
        """
        return self._rule(id, COMPOSITION, "Session Failure", **options)

    def on_composition_destination_start(
        self, id: str, **options: Unpack[RuleOptions]
    ) -> aws_events.Rule:
        """Define a rule for a composition's output that starts.

        See `on_composition_state_change`.
        """
        return self._rule(id, COMPOSITION, "Destination Start", **options)

    def on_composition_destination_end(
        self, id: str, **options: Unpack[RuleOptions]
    ) -> aws_events.Rule:
        """Define a rule for a composition's output that is complete.

        See `on_composition_state_change`.
        """
        return self._rule(id, COMPOSITION, "Destination End", **options)

    def on_composition_destination_failure(
        self, id: str, **options: Unpack[RuleOptions]
    ) -> aws_events.Rule:
        """Define a rule for a composition's output that fails.

        See `on_composition_state_change`.
        """
        return self._rule(id, COMPOSITION, "Destination Failure", **options)

    def on_composition_destination_reconnecting(
        self, id: str, **options: Unpack[RuleOptions]
    ) -> aws_events.Rule:
        """Define a rule for a composition's output that is interrupted.

        See `on_composition_state_change`.
        """
        return self._rule(id, COMPOSITION, "Destination Reconnecting", **options)


def _of_others(others: type, own: type) -> dict[str, str]:
    """Say which resources have the events that these have not."""
    noun = "a stage" if others is StageEventMethods else "a channel"
    return {
        name: f"that is an event of {noun}"
        for name in vars(others)
        if name.startswith("on_") and not hasattr(own, name)
    }


# pyright: ignore below, since both are classes of this module.
_OF_STAGES = _of_others(StageEventMethods, ChannelEventMethods)
ChannelEventMethods._attributes_instead = _OF_STAGES  # pyright: ignore[reportPrivateUsage]
StageEventMethods._attributes_instead = {  # pyright: ignore[reportPrivateUsage]
    **_of_others(ChannelEventMethods, StageEventMethods),
    **dict.fromkeys(
        ("on_participant_joined", "on_participant_left", "on_participant_connected"),
        "Amazon IVS sends events about publishers only: on_participant_published and _unpublished",
    ),
}
