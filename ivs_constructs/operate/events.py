"""Rules of Amazon EventBridge for what happens to a channel, a stage or the whole account.

`Channel` and `Stage` have the same methods themselves. The facades here are for those that other
libraries define: L1 types and constructs of `aws_cdk.aws_ivs_alpha`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Unpack

from constructs import Construct

from ivs_constructs import _specs as specs
from ivs_constructs._core.stack_facts import stack_facts_of
from ivs_constructs.operate._event_kinds import LIMIT
from ivs_constructs.operate._event_methods import (
    ChannelEventMethods,
    EventMethods,
    RuleOptions,
    StageEventMethods,
)
from ivs_constructs.operate._facades import checked_arn, construct_with_arn

if TYPE_CHECKING:
    from aws_cdk import aws_events
    from aws_cdk.interfaces.aws_ivs import IChannelRef, IStageRef

_SOURCE = "https://docs.aws.amazon.com/eventbridge/latest/ref/events-ref-ivs.html"


class Events(EventMethods):
    """What the rules for a channel, a stage and the account share.

    Args:
        scope: The construct to define rules in, usually `self`.

    Raises:
        InvalidScopeError: If the scope is no construct inside a stack.

    See: https://docs.aws.amazon.com/eventbridge/latest/ref/events-ref-ivs.html
    """

    def __init__(self, scope: Construct) -> None:
        stack_facts_of(type(self).__name__, scope, "Rule")
        self._scope = scope

    def __repr__(self) -> str:
        """Name the class and the path of the scope."""
        return f"<ivs_constructs.{type(self).__name__} of '{self._scope.node.path}'>"

    def _events_scope(self) -> Construct:
        return self._scope


class ChannelEvents(ChannelEventMethods, Events):
    """Rules for what happens to a channel that another library defines.

    A `Channel` of this library has the same methods itself.

    Args:
        scope: The construct to define rules in, usually `self`.
        channel_arn: The channel's ARN, or a token. Mostly the channel itself is at hand: take
            `from_channel`.

    Raises:
        InvalidPropertyError: If the ARN is not a channel's.
        InvalidScopeError: If the scope is no construct inside a stack.

    Example:
        >>> rule = ChannelEvents.from_channel(channel).on_stream_start("FacadeStarted")

    See: https://docs.aws.amazon.com/ivs/latest/LowLatencyUserGuide/eventbridge.html
    """

    def __init__(self, scope: Construct, channel_arn: str) -> None:
        super().__init__(scope)
        self._channel_arn = checked_arn(
            type(self), specs.CHANNEL, _SOURCE, "channel_arn", channel_arn
        )

    @classmethod
    def from_channel(cls, channel: IChannelRef) -> ChannelEvents:
        """Take a channel: one of this library, an L1 type, an import.

        Rules are defined below it unless they are told a `cross_stack_scope`.

        Args:
            channel: The channel.

        Raises:
            InvalidPropertyError: If it is something else.
        """
        return cls(*construct_with_arn(cls, specs.CHANNEL, _SOURCE, channel))

    @property
    def channel_arn(self) -> str:
        """The channel's ARN."""
        return self._channel_arn


class StageEvents(StageEventMethods, Events):
    """Rules for what happens to a stage that another library defines.

    A `Stage` of this library has the same methods itself. Compositions are resources of their own,
    so that `on_event` leaves their events out.

    Args:
        scope: The construct to define rules in, usually `self`.
        stage_arn: The stage's ARN, or a token. Mostly the stage itself is at hand: take
            `from_stage`.

    Raises:
        InvalidPropertyError: If the ARN is not a stage's.
        InvalidScopeError: If the scope is no construct inside a stack.

    Example:
        >>> stage = Stage(stack, "WatchedStage")
        >>> rule = StageEvents.from_stage(stage).on_participant_published("Joined")

    See: https://docs.aws.amazon.com/ivs/latest/RealTimeUserGuide/eventbridge.html
    """

    def __init__(self, scope: Construct, stage_arn: str) -> None:
        super().__init__(scope)
        self._stage_arn = checked_arn(type(self), specs.STAGE, _SOURCE, "stage_arn", stage_arn)

    @classmethod
    def from_stage(cls, stage: IStageRef) -> StageEvents:
        """Take a stage: one of this library, an L1 type, an import.

        Rules are defined below it unless they are told a `cross_stack_scope`.

        Args:
            stage: The stage.

        Raises:
            InvalidPropertyError: If it is something else.
        """
        return cls(*construct_with_arn(cls, specs.STAGE, _SOURCE, stage))

    @property
    def stage_arn(self) -> str:
        """The stage's ARN."""
        return self._stage_arn


class AccountEvents(Events):
    """Rules for what concerns the whole account in the stack's Region.

    Breaches of the limits on concurrent broadcasts and viewers name no resource: a rule of a
    channel never matches them.

    Args:
        scope: The construct to define rules in, usually `self`.

    Raises:
        InvalidScopeError: If the scope is no construct inside a stack.

    Example:
        >>> rule = AccountEvents(stack).on_concurrent_viewers_limit_breach("TooManyViewers")

    See: https://docs.aws.amazon.com/ivs/latest/LowLatencyUserGuide/eventbridge.html
    """

    def on_concurrent_broadcasts_limit_breach(
        self, id: str, **options: Unpack[RuleOptions]
    ) -> aws_events.Rule:
        """Define a rule for more channels live at once than the account may have.

        AWS documents these fields of the detail, though not every event has all of them:
        `channel_name`, `stream_id`, `limit_value`, `exceeded_by`, `limit_unit`.

        Args:
            id: The rule's id below this.
            options: `target`, `description`, `rule_name`, `event_pattern` and `cross_stack_scope`,
                as described at `on_event`.

        Raises:
            InvalidPropertyError: If the event pattern sets what this rule looks for itself, or the
                target is none.
        """
        return self._rule(id, LIMIT, "Concurrent Broadcasts", **options)

    def on_concurrent_viewers_limit_breach(
        self, id: str, **options: Unpack[RuleOptions]
    ) -> aws_events.Rule:
        """Define a rule for more viewers at once than the account may have.

        AWS documents these fields of the detail, though not every event has all of them:
        `channel_name`, `stream_id`, `limit_value`, `exceeded_by`, `limit_unit`.

        Args:
            id: The rule's id below this.
            options: `target`, `description`, `rule_name`, `event_pattern` and `cross_stack_scope`,
                as described at `on_event`.

        Raises:
            InvalidPropertyError: If the event pattern sets what this rule looks for itself, or the
                target is none.
        """
        return self._rule(id, LIMIT, "Concurrent Viewers", **options)
