"""Amazon EventBridge rules for events of a channel, a stage or the whole account.

`Channel` and `Stage` have the same methods. The facades here are for resources that other libraries
define: L1s and constructs of `aws_cdk.aws_ivs_alpha`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Unpack

from constructs import Construct

from ivs_constructs.operate._event_kinds import ALL, LIMIT
from ivs_constructs.operate._event_methods import (
    ChannelEventMethods,
    EventMethods,
    RuleOptions,
    StageEventMethods,
)
from ivs_constructs.operate._facades import ChannelFacade, Facade, StageFacade

if TYPE_CHECKING:
    from aws_cdk import aws_events


class Events(Facade, EventMethods):
    """The base of the rules for a channel, a stage and the account.

    Args:
        scope: The construct to define rules in, usually `self`.

    Raises:
        InvalidScopeError: If the scope is not a construct inside a stack.

    See: https://docs.aws.amazon.com/eventbridge/latest/ref/events-ref-ivs.html
    """

    _source = "https://docs.aws.amazon.com/eventbridge/latest/ref/events-ref-ivs.html"

    def _events_scope(self) -> Construct:
        return self._scope


class ChannelEvents(ChannelFacade, ChannelEventMethods, Events):
    """EventBridge rules for a channel that another library defines.

    A `Channel` of this library has the same methods.

    Args:
        scope: The construct to define rules in, usually `self`.
        channel_arn: The channel's ARN, or a token. If you have the channel itself, use
            `from_channel`.

    Raises:
        InvalidPropertyError: If the ARN is not a channel's.
        InvalidScopeError: If the scope is not a construct inside a stack.

    Example:
        >>> rule = ChannelEvents.from_channel(channel).on_stream_start("FacadeStarted")

    See: https://docs.aws.amazon.com/ivs/latest/LowLatencyUserGuide/eventbridge.html
    """


class StageEvents(StageFacade, StageEventMethods, Events):
    """EventBridge rules for a stage that another library defines.

    A `Stage` of this library has the same methods. Compositions are resources of their own,
    so `on_event` does not include their events.

    Args:
        scope: The construct to define rules in, usually `self`.
        stage_arn: The stage's ARN, or a token. If you have the stage itself, use
            `from_stage`.

    Raises:
        InvalidPropertyError: If the ARN is not a stage's.
        InvalidScopeError: If the scope is not a construct inside a stack.

    Example:
        >>> stage = Stage(stack, "WatchedStage")
        >>> rule = StageEvents.from_stage(stage).on_participant_published("Joined")

    See: https://docs.aws.amazon.com/ivs/latest/RealTimeUserGuide/eventbridge.html
    """


class AccountEvents(ChannelEventMethods, StageEventMethods, Events):
    """EventBridge rules for any channel or stage in the stack's Region, and for the account.

    They also cover channels and stages that an application makes at run time: the event names the
    resource in `resources`. Breaches of the limits on concurrent broadcasts and viewers name no
    resource, so a channel's rule never matches them.

    Args:
        scope: The construct to define rules in, usually `self`.

    Raises:
        InvalidScopeError: If the scope is not a construct inside a stack.

    Example:
        >>> rule = AccountEvents(stack).on_concurrent_viewers_limit_breach("TooManyViewers")

    See: https://docs.aws.amazon.com/ivs/latest/LowLatencyUserGuide/eventbridge.html
    """

    _kinds = ALL

    def _events_arn(self) -> None:
        return None

    def on_concurrent_broadcasts_limit_breach(
        self, id: str, **options: Unpack[RuleOptions]
    ) -> aws_events.Rule:
        """Define a rule for more concurrent broadcasts than the account allows.

        See `on_limit_breach`.
        """
        return self._rule(id, LIMIT, "Concurrent Broadcasts", **options)

    def on_concurrent_viewers_limit_breach(
        self, id: str, **options: Unpack[RuleOptions]
    ) -> aws_events.Rule:
        """Define a rule for more concurrent viewers than the account allows.

        See `on_limit_breach`.
        """
        return self._rule(id, LIMIT, "Concurrent Viewers", **options)
