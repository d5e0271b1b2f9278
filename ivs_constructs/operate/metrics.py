"""Metrics of Amazon CloudWatch for a channel, a stage or the whole account.

The methods are made from a table, so that all take the same options as those of the AWS CDK.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, ClassVar, Protocol, cast

from constructs import Construct

from ivs_constructs._core.stack_facts import surroundings_of
from ivs_constructs.operate._metrics import CHANNEL, METRICS, STAGE, is_of_alarms, metric_of
from ivs_constructs.operate._mixins import name_methods

if TYPE_CHECKING:
    from aws_cdk import Duration, aws_cloudwatch

# How every method describes what it takes.
_OPTIONS = """    statistic: How data points of a period become one. Default: {statistic}.
    period: How long a period is. Default: {period}.
    dimensions_map: Dimensions besides the resource. Default: none.
    label: What a graph calls it. Default: the metric's name.
    color: Its color in a graph, as `#0073bb`. Default: one that the graph chooses.
    unit: Only data points with this unit. Default: all (set by CloudWatch).
    account: The account that it is from. Default: the resource's (set by this library).
    region: The Region that it is from. Default: the resource's (set by this library).
    id: Its id in a metric math expression. Default: one made by the AWS CDK.
    visible: Whether a graph shows it. Default: True (set by the AWS CDK).

Raises:
    InvalidPropertyError: If there is no such metric, dimension or statistic.
"""


_OF_GRAPHS = ", which is for graphs;\n        give 10, 30 or a multiple of 60 for an alarm"


class _MetricMethod(Protocol):
    """A method that makes one metric, as it is called."""

    def __call__(
        self,
        *,
        statistic: str | None = None,
        period: Duration | None = None,
        dimensions_map: Mapping[str, str] | None = None,
        label: str | None = None,
        color: str | None = None,
        unit: aws_cloudwatch.Unit | None = None,
        account: str | None = None,
        region: str | None = None,
        id: str | None = None,
        visible: bool | None = None,
    ) -> aws_cloudwatch.Metric: ...


class _Method(Protocol):
    """A method that makes one metric, as it stands in a class."""

    def __get__(self, owner: object, cls: type | None = None, /) -> _MetricMethod: ...


def _metric(name: str, doc: str) -> _Method:
    """Make a method that makes one metric.

    Args:
        name: The metric's name.
        doc: What it tells.
    """

    def metric(
        self: Metrics,
        *,
        statistic: str | None = None,
        period: Duration | None = None,
        dimensions_map: Mapping[str, str] | None = None,
        label: str | None = None,
        color: str | None = None,
        unit: aws_cloudwatch.Unit | None = None,
        account: str | None = None,
        region: str | None = None,
        id: str | None = None,
        visible: bool | None = None,
    ) -> aws_cloudwatch.Metric:
        return self.metric(
            name,
            statistic=statistic,
            period=period,
            dimensions_map=dimensions_map,
            label=label,
            color=color,
            unit=unit,
            account=account,
            region=region,
            id=id,
            visible=visible,
        )

    facts = METRICS[name]
    of_graphs = "" if is_of_alarms(facts.period) else _OF_GRAPHS
    period = f"{facts.period} seconds{of_graphs}"
    told = _OPTIONS.format(statistic=facts.statistic, period=period)
    metric.__doc__ = f"Make the metric {name}: {doc}, in {facts.unit}.\n\nArgs:\n{told}"
    return cast("_Method", metric)


class Metrics(Protocol):
    """What there is for all that has metrics."""

    def _metrics_scope(self) -> Construct:
        """Tell the construct whose Region and account metrics are from."""
        return cast("Construct", self)

    def _metrics_of(self) -> tuple[str, str] | None:
        """Tell the dimension that names the resource, and its ARN; None for the account."""
        ...

    def metric(
        self,
        metric_name: str,
        *,
        statistic: str | None = None,
        period: Duration | None = None,
        dimensions_map: Mapping[str, str] | None = None,
        label: str | None = None,
        color: str | None = None,
        unit: aws_cloudwatch.Unit | None = None,
        account: str | None = None,
        region: str | None = None,
        id: str | None = None,
        visible: bool | None = None,
    ) -> aws_cloudwatch.Metric:
        """Make a metric by its official name.

        Args:
            metric_name: The metric's name, such as `IngestFramerate`.
            statistic: How data points of a period become one. Default: what suits the metric, such
                as Maximum for viewers and Sum for hours (set by this library).
            period: How long a period is. Default: 5 seconds for metrics of high resolution,
                1 minute for others (set by this library). An alarm takes 10, 30 or a multiple
                of 60 seconds.
            dimensions_map: Dimensions besides the resource, such as `{"Track": "video0"}`.
                Default: none.
            label: What a graph calls it. Default: the metric's name.
            color: Its color in a graph, as `#0073bb`. Default: one that the graph chooses.
            unit: Only data points with this unit. Default: all (set by CloudWatch).
            account: The account that it is from. Default: the resource's (set by this library).
            region: The Region that it is from. Default: the resource's (set by this library).
            id: Its id in a metric math expression. Default: one made by the AWS CDK.
            visible: Whether a graph shows it. Default: True (set by the AWS CDK).

        Raises:
            InvalidPropertyError: If there is no such metric, dimension or statistic.
        """
        return metric_of(
            self._metrics_scope(),
            self._metrics_of(),
            metric_name,
            dimensions_map=dimensions_map,
            options={
                "statistic": statistic,
                "period": period,
                "label": label,
                "color": color,
                "unit": unit,
                "account": account,
                "region": region,
                "id": id,
                "visible": visible,
            },
        )


class ChannelMetrics(Metrics, Protocol):
    """Metrics of a channel; `Channel` and imported channels have them.

    There are data points only while the channel is live: let alarms take missing ones for good.
    """

    metric_concurrent_views: ClassVar[_Method] = _metric(
        "ConcurrentViews", "how many viewers there are"
    )
    metric_ingest_bitrate: ClassVar[_Method] = _metric("IngestBitrate", "the bitrate that comes in")
    metric_ingest_video_bitrate: ClassVar[_Method] = _metric(
        "IngestVideoBitrate", "the bitrate of video that comes in, also by `Track`"
    )
    metric_ingest_audio_bitrate: ClassVar[_Method] = _metric(
        "IngestAudioBitrate", "the bitrate of audio that comes in, also by `Track`"
    )
    metric_ingest_framerate: ClassVar[_Method] = _metric(
        "IngestFramerate", "how many frames come in, also by `Track`"
    )
    metric_keyframe_interval: ClassVar[_Method] = _metric(
        "KeyframeInterval", "the time between keyframes, also by `Track`"
    )
    metric_live_delivered_time: ClassVar[_Method] = _metric(
        "LiveDeliveredTime", "the time that was watched, also by `ViewerCountryCode`"
    )
    metric_live_input_time: ClassVar[_Method] = _metric("LiveInputTime", "the time that came in")
    metric_recorded_time: ClassVar[_Method] = _metric("RecordedTime", "the time that was recorded")

    @property
    def channel_arn(self) -> str:
        """The channel's ARN."""
        ...

    def _metrics_of(self) -> tuple[str, str]:
        return CHANNEL, self.channel_arn


class StageMetrics(Metrics, Protocol):
    """Metrics of a stage; `Stage` and imported stages have them."""

    metric_publishers: ClassVar[_Method] = _metric("Publishers", "how many participants publish")
    metric_subscribers: ClassVar[_Method] = _metric("Subscribers", "how many participants watch")
    metric_download_packet_loss: ClassVar[_Method] = _metric(
        "DownloadPacketLoss", "which part of the packets to subscribers is lost"
    )
    metric_dropped_frames: ClassVar[_Method] = _metric(
        "DroppedFrames", "which part of the frames subscribers do not show"
    )
    metric_publish_bitrate: ClassVar[_Method] = _metric(
        "PublishBitrate", "the bitrate of publishers"
    )
    metric_subscribe_bitrate: ClassVar[_Method] = _metric(
        "SubscribeBitrate", "the bitrate of subscribers"
    )
    metric_publish_framerate: ClassVar[_Method] = _metric(
        "PublishFramerate",
        "how many frames a `Participant` sends by RTMP; there is none for the whole stage",
    )
    metric_publish_resolution: ClassVar[_Method] = _metric(
        "PublishResolution",
        "the shorter side of a picture, for a `Participant`, `SimulcastLayer` and `MediaType`",
    )

    @property
    def stage_arn(self) -> str:
        """The stage's ARN."""
        ...

    def _metrics_of(self) -> tuple[str, str]:
        return STAGE, self.stage_arn


class AccountMetrics(Metrics):
    """Metrics of the whole account in a stack's Region.

    Args:
        scope: A construct in that stack, mostly self.

    Raises:
        InvalidScopeError: If the scope is no construct inside a stack.

    Example:
        >>> viewers = AccountMetrics(stack).metric_concurrent_views()
        >>> views = AccountMetrics(stack).metric("ConcurrentViews", statistic="Average")

    See: https://docs.aws.amazon.com/ivs/latest/LowLatencyUserGuide/stream-health.html
    """

    metric_concurrent_views: ClassVar[_Method] = _metric(
        "ConcurrentViews", "how many viewers all channels have"
    )
    metric_concurrent_streams: ClassVar[_Method] = _metric(
        "ConcurrentStreams", "how many channels are live, also by `Health`"
    )
    metric_concurrent_publishers: ClassVar[_Method] = _metric(
        "ConcurrentPublishers", "how many participants publish to all stages"
    )
    metric_concurrent_subscriptions: ClassVar[_Method] = _metric(
        "ConcurrentSubscriptions", "how many subscriptions all stages have"
    )

    def __init__(self, scope: Construct) -> None:
        surroundings_of("AccountMetrics", scope, "Metrics")
        self._scope = scope

    def __repr__(self) -> str:
        """Name the class and the path of the scope."""
        return f"<ivs_constructs.AccountMetrics of '{self._scope.node.path}'>"

    def _metrics_scope(self) -> Construct:
        return self._scope

    def _metrics_of(self) -> None:
        return None


name_methods(ChannelMetrics, StageMetrics, AccountMetrics)
