"""Amazon CloudWatch metrics for a channel, a stage or the whole account.

`Channel` and `Stage` have the same methods. The facades here are for resources that other libraries
define: L1s and constructs of `aws_cdk.aws_ivs_alpha`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Unpack

from constructs import Construct

from ivs_constructs.operate._facades import ChannelFacade, Facade, StageFacade
from ivs_constructs.operate._metric_methods import (
    ChannelMetricMethods,
    MetricMethods,
    MetricOptions,
    StageMetricMethods,
)

if TYPE_CHECKING:
    from aws_cdk import aws_cloudwatch


class Metrics(Facade, MetricMethods):
    """The base of the metrics for a channel, a stage and the account.

    Args:
        scope: A construct in the Region and account of the metrics, usually `self`.

    Raises:
        InvalidScopeError: If the scope is not a construct inside a stack.

    See: https://docs.aws.amazon.com/ivs/latest/LowLatencyUserGuide/stream-health.html
    """

    _source = "https://docs.aws.amazon.com/ivs/latest/LowLatencyUserGuide/stream-health.html"

    def _metrics_scope(self) -> Construct:
        return self._scope


class ChannelMetrics(ChannelFacade, ChannelMetricMethods, Metrics):
    """Metrics of a channel that another library defines.

    A `Channel` of this library has the same methods. There are data points only while the
    channel is live: alarms should treat missing data as not breaching.

    Args:
        scope: A construct in the channel's Region and account, usually `self`.
        channel_arn: The channel's ARN, or a token. If you have the channel itself, use
            `from_channel`.

    Raises:
        InvalidPropertyError: If the ARN is not a channel's.
        InvalidScopeError: If the scope is not a construct inside a stack.

    Example:
        >>> viewers = ChannelMetrics.from_channel(channel).metric_concurrent_views()

    See: https://docs.aws.amazon.com/ivs/latest/LowLatencyUserGuide/stream-health.html
    """


class StageMetrics(StageFacade, StageMetricMethods, Metrics):
    """Metrics of a stage that another library defines.

    A `Stage` of this library has the same methods.

    Args:
        scope: A construct in the stage's Region and account, usually `self`.
        stage_arn: The stage's ARN, or a token. If you have the stage itself, use
            `from_stage`.

    Raises:
        InvalidPropertyError: If the ARN is not a stage's.
        InvalidScopeError: If the scope is not a construct inside a stack.

    Example:
        >>> stage = Stage(stack, "MeasuredStage")
        >>> publishers = StageMetrics.from_stage(stage).metric_publishers()

    See: https://docs.aws.amazon.com/ivs/latest/RealTimeUserGuide/stage-health.html
    """


class AccountMetrics(Metrics):
    """Metrics of the whole account in a stack's Region.

    Args:
        scope: A construct in that stack, usually `self`.

    Raises:
        InvalidScopeError: If the scope is not a construct inside a stack.

    Example:
        >>> viewers = AccountMetrics(stack).metric_concurrent_views()
        >>> views = AccountMetrics(stack).metric("ConcurrentViews", statistic="Average")

    See: https://docs.aws.amazon.com/ivs/latest/LowLatencyUserGuide/stream-health.html
    """

    def metric_concurrent_views(self, **options: Unpack[MetricOptions]) -> aws_cloudwatch.Metric:
        """Make the metric ConcurrentViews: the number of viewers of all channels.

        Default: Maximum over 60 seconds. See `metric`.
        """
        return self._metric("ConcurrentViews", **options)

    def metric_concurrent_streams(self, **options: Unpack[MetricOptions]) -> aws_cloudwatch.Metric:
        """Make the metric ConcurrentStreams: the number of live channels.

        Also published by `Health`. Default: Maximum over 60 seconds. See `metric`.
        """
        return self._metric("ConcurrentStreams", **options)

    def metric_concurrent_publishers(
        self, **options: Unpack[MetricOptions]
    ) -> aws_cloudwatch.Metric:
        """Make the metric ConcurrentPublishers: the number of publishers of all stages.

        Default: Maximum over 60 seconds. See `metric`.
        """
        return self._metric("ConcurrentPublishers", **options)

    def metric_concurrent_subscriptions(
        self, **options: Unpack[MetricOptions]
    ) -> aws_cloudwatch.Metric:
        """Make the metric ConcurrentSubscriptions: the number of subscriptions of all stages.

        Default: Maximum over 60 seconds. See `metric`.
        """
        return self._metric("ConcurrentSubscriptions", **options)
