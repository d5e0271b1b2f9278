"""The methods that make metrics, for constructs and for the facades in `metrics`."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, TypedDict, Unpack, cast

from constructs import Construct

from ivs_constructs._core.misnamed import Advising

if TYPE_CHECKING:
    from aws_cdk import Duration, aws_cloudwatch


class MetricOptions(TypedDict, total=False):
    """Options of every method that makes a metric, as in the AWS CDK.

    Attributes:
        statistic: How CloudWatch combines the data points of a period. Default: the usual one for
            the metric.
        period: Length of a period. Default: the interval at which the metric is published.
        dimensions_map: Dimensions in addition to the resource. Default: none.
        label: Its name in a graph. Default: the metric's name.
        color: Its color in a graph, such as `#0073bb`. Default: chosen by the graph.
        unit: Only data points with this unit. Default: all (set by CloudWatch).
        account: The account it comes from. Default: the resource's (set by this library).
        region: The Region it comes from. Default: the resource's (set by this library).
        id: Its id in a metric math expression. Default: one made by the AWS CDK.
        visible: Whether a graph shows it. Default: True (set by the AWS CDK).
    """

    statistic: str | None
    period: Duration | None
    dimensions_map: Mapping[str, str] | None
    label: str | None
    color: str | None
    unit: aws_cloudwatch.Unit | None
    account: str | None
    region: str | None
    id: str | None
    visible: bool | None


class MetricMethods(Advising):
    """Methods for everything that has metrics."""

    def _metrics_scope(self) -> Construct:
        """Return the construct whose Region and account the metrics come from."""
        return cast("Construct", self)

    def _metrics_of(self) -> tuple[str, str] | None:
        """Return the dimension of the resource and its ARN; None for the account."""
        return None

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
            statistic: How CloudWatch combines the data points of a period. Default: the usual one
                for the metric, such as Maximum for viewers and Sum for hours (set by this library).
            period: Length of a period. Default: 5 seconds for high-resolution metrics, 1 minute for
                others (set by this library). An alarm accepts 10, 30 or a multiple of 60 seconds.
            dimensions_map: Dimensions in addition to the resource, such as `{"Track": "video0"}`.
                Default: none.
            label: Its name in a graph. Default: the metric's name.
            color: Its color in a graph, such as `#0073bb`. Default: chosen by the graph.
            unit: Only data points with this unit. Default: all (set by CloudWatch).
            account: The account it comes from. Default: the resource's (set by this library).
            region: The Region it comes from. Default: the resource's (set by this library).
            id: Its id in a metric math expression. Default: one made by the AWS CDK.
            visible: Whether a graph shows it. Default: True (set by the AWS CDK).

        Raises:
            InvalidPropertyError: If there is no such metric, dimension or statistic.
        """
        # Imported here because most channels and stages are asked for no metric.
        from ivs_constructs.operate._metrics import metric_of

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

    def _metric(self, name: str, **options: Unpack[MetricOptions]) -> aws_cloudwatch.Metric:
        """Make the metric for a method named after it."""
        from ivs_constructs.operate._facades import refuse_unknown

        refuse_unknown(options, MetricOptions.__annotations__)
        return self.metric(name, **options)


class ChannelMetricMethods(MetricMethods):
    """Metrics of a channel.

    There are data points only while the channel is live. Alarms should treat missing data as not
    breaching.
    """

    def _metrics_of(self) -> tuple[str, str]:
        # The class that inherits these methods.
        return "Channel", cast("str", cast("Any", self).channel_arn)

    def metric_concurrent_views(self, **options: Unpack[MetricOptions]) -> aws_cloudwatch.Metric:
        """Make the metric ConcurrentViews: the number of viewers.

        Default: Maximum over 60 seconds. See `metric`.
        """
        return self._metric("ConcurrentViews", **options)

    def metric_ingest_bitrate(self, **options: Unpack[MetricOptions]) -> aws_cloudwatch.Metric:
        """Make the metric IngestBitrate: the incoming bitrate, in bit/s.

        Default: Average over 5 seconds; an alarm needs a `period` of 10, 30 or a multiple of 60
        seconds. See `metric`.
        """
        return self._metric("IngestBitrate", **options)

    def metric_ingest_video_bitrate(
        self, **options: Unpack[MetricOptions]
    ) -> aws_cloudwatch.Metric:
        """Make the metric IngestVideoBitrate: the incoming video bitrate, in bit/s.

        Also published by `Track`. Default: Average over 5 seconds; an alarm needs a `period` of 10,
        30 or a multiple of 60 seconds. See `metric`.
        """
        return self._metric("IngestVideoBitrate", **options)

    def metric_ingest_audio_bitrate(
        self, **options: Unpack[MetricOptions]
    ) -> aws_cloudwatch.Metric:
        """Make the metric IngestAudioBitrate: the incoming audio bitrate, in bit/s.

        Also published by `Track`. Default: Average over 5 seconds; an alarm needs a `period` of 10,
        30 or a multiple of 60 seconds. See `metric`.
        """
        return self._metric("IngestAudioBitrate", **options)

    def metric_ingest_framerate(self, **options: Unpack[MetricOptions]) -> aws_cloudwatch.Metric:
        """Make the metric IngestFramerate: the incoming frame rate, in frames per second.

        Also published by `Track`. Default: Average over 5 seconds; an alarm needs a `period` of 10,
        30 or a multiple of 60 seconds. See `metric`.
        """
        return self._metric("IngestFramerate", **options)

    def metric_keyframe_interval(self, **options: Unpack[MetricOptions]) -> aws_cloudwatch.Metric:
        """Make the metric KeyframeInterval: the time between keyframes, in seconds.

        Also published by `Track`. Default: Average over 5 seconds; an alarm needs a `period` of 10,
        30 or a multiple of 60 seconds. See `metric`.
        """
        return self._metric("KeyframeInterval", **options)

    def metric_live_delivered_time(self, **options: Unpack[MetricOptions]) -> aws_cloudwatch.Metric:
        """Make the metric LiveDeliveredTime: the time watched, in seconds.

        Also published by `ViewerCountryCode`. Default: Sum over 60 seconds. See `metric`.
        """
        return self._metric("LiveDeliveredTime", **options)

    def metric_live_input_time(self, **options: Unpack[MetricOptions]) -> aws_cloudwatch.Metric:
        """Make the metric LiveInputTime: the time broadcast, in seconds.

        Default: Sum over 60 seconds. See `metric`.
        """
        return self._metric("LiveInputTime", **options)

    def metric_recorded_time(self, **options: Unpack[MetricOptions]) -> aws_cloudwatch.Metric:
        """Make the metric RecordedTime: the time recorded, in seconds.

        Default: Sum over 60 seconds. See `metric`.
        """
        return self._metric("RecordedTime", **options)


class StageMetricMethods(MetricMethods):
    """Metrics of a stage."""

    def _metrics_of(self) -> tuple[str, str]:
        # The class that inherits these methods.
        return "Stage", cast("str", cast("Any", self).stage_arn)

    def metric_publishers(self, **options: Unpack[MetricOptions]) -> aws_cloudwatch.Metric:
        """Make the metric Publishers: the number of participants who publish.

        Default: Maximum over 60 seconds. See `metric`.
        """
        return self._metric("Publishers", **options)

    def metric_subscribers(self, **options: Unpack[MetricOptions]) -> aws_cloudwatch.Metric:
        """Make the metric Subscribers: the number of participants who watch.

        Default: Maximum over 60 seconds. See `metric`.
        """
        return self._metric("Subscribers", **options)

    def metric_download_packet_loss(
        self, **options: Unpack[MetricOptions]
    ) -> aws_cloudwatch.Metric:
        """Make the metric DownloadPacketLoss: packets lost on the way to subscribers, in percent.

        Default: Average over 60 seconds. See `metric`.
        """
        return self._metric("DownloadPacketLoss", **options)

    def metric_dropped_frames(self, **options: Unpack[MetricOptions]) -> aws_cloudwatch.Metric:
        """Make the metric DroppedFrames: frames that subscribers drop, in percent.

        Default: Average over 60 seconds. See `metric`.
        """
        return self._metric("DroppedFrames", **options)

    def metric_publish_bitrate(self, **options: Unpack[MetricOptions]) -> aws_cloudwatch.Metric:
        """Make the metric PublishBitrate: the bitrate of publishers, in bit/s.

        Default: Average over 60 seconds. See `metric`.
        """
        return self._metric("PublishBitrate", **options)

    def metric_subscribe_bitrate(self, **options: Unpack[MetricOptions]) -> aws_cloudwatch.Metric:
        """Make the metric SubscribeBitrate: the bitrate of subscribers, in bit/s.

        Default: Average over 60 seconds. See `metric`.
        """
        return self._metric("SubscribeBitrate", **options)

    def metric_publish_framerate(self, **options: Unpack[MetricOptions]) -> aws_cloudwatch.Metric:
        """Make the metric PublishFramerate: a `Participant`'s RTMP frame rate, in frames/s.

        It needs at least the dimension `Participant`; there is none for the whole stage. Default:
        Average over 60 seconds. See `metric`.
        """
        return self._metric("PublishFramerate", **options)

    def metric_publish_resolution(self, **options: Unpack[MetricOptions]) -> aws_cloudwatch.Metric:
        """Make the metric PublishResolution: the shorter side of the picture, in pixels.

        It needs the dimensions `Participant`, `SimulcastLayer` and `MediaType`. Default: Average
        over 60 seconds. See `metric`.
        """
        return self._metric("PublishResolution", **options)
