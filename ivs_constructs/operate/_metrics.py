"""The metrics that Amazon IVS publishes to Amazon CloudWatch, with their dimensions.

See: https://docs.aws.amazon.com/ivs/latest/LowLatencyUserGuide/stream-health.html
See: https://docs.aws.amazon.com/ivs/latest/RealTimeUserGuide/stage-health.html
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import timedelta
from functools import cache, partial
from typing import TYPE_CHECKING, Any, NamedTuple, NoReturn, cast

import aws_cdk as cdk
from constructs import Construct, IConstruct

from ivs_constructs._core.arn import id_from_arn
from ivs_constructs._core.at_synth import at_synth
from ivs_constructs._core.check import Check, did_you_mean, is_duration, is_token, quoted
from ivs_constructs._core.stack_facts import path_of, stack_facts_of
from ivs_constructs._core.tree import all_in, as_construct
from ivs_constructs.errors import Failure, InvalidPropertyError

if TYPE_CHECKING:
    from aws_cdk import aws_cloudwatch

CHANNEL = "Channel"
STAGE = "Stage"

_PAGES = {
    "AWS/IVS": "https://docs.aws.amazon.com/ivs/latest/LowLatencyUserGuide/stream-health.html",
    "AWS/IVSRealTime": "https://docs.aws.amazon.com/ivs/latest/RealTimeUserGuide/stage-health.html",
}
_HOMES = {CHANNEL: "ChannelMetrics", STAGE: "StageMetrics", None: "AccountMetrics"}

# All statistics of gauges, according to AWS. The AWS CDK also accepts short forms, in any case.
_GAUGE = ("Average", "Maximum", "Minimum")
_SHORT = {"avg": "average", "max": "maximum", "min": "minimum"}
_ALONE: tuple[str, ...] = ()

_ALARM_SOURCE = (
    "https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_PutMetricAlarm.html"
)
_MINUTE = 60
_SHORT_OF_ALARMS = (10, 20, 30)
"""The periods below a minute, in seconds, that an alarm may have; the AWS CDK lacks 20 so far."""


class PublishedMetric(NamedTuple):
    """One metric.

    Attributes:
        namespace: Its namespace.
        dimensions: The sets of dimensions that it is published with.
        statistic: The default statistic.
        unit: Its unit, as text for an axis. No metric sets it: without a unit CloudWatch returns
            every data point, with a unit only those published with exactly that one.
        gauge: Whether it has only the statistics of a gauge.
        period: Seconds between data points; 5 for high-resolution metrics.
    """

    namespace: str
    dimensions: Sequence[tuple[str, ...]]
    statistic: str
    unit: str
    gauge: bool = False
    period: int = 60


def _low_latency(
    statistic: str,
    unit: str,
    *dimensions: tuple[str, ...],
    gauge: bool = False,
    period: int = 60,
) -> PublishedMetric:
    return PublishedMetric(
        namespace="AWS/IVS",
        dimensions=dimensions,
        statistic=statistic,
        unit=unit,
        gauge=gauge,
        period=period,
    )


def _real_time(statistic: str, unit: str, *dimensions: tuple[str, ...]) -> PublishedMetric:
    return PublishedMetric(
        namespace="AWS/IVSRealTime",
        dimensions=dimensions,
        statistic=statistic,
        unit=unit,
        gauge=True,
    )


_OF_CLIENTS = (
    _ALONE,
    ("Platform",),
    ("Platform", "SDKVersion"),
    ("SubscriberCountryCode",),
    (STAGE,),
    (STAGE, "Platform"),
    (STAGE, "Platform", "SDKVersion"),
    (STAGE, "SubscriberCountryCode"),
)
_OF_LAYERS = (STAGE, "Participant", "SimulcastLayer", "MediaType")

METRICS: Mapping[str, PublishedMetric] = {
    "ConcurrentViews": _low_latency("Maximum", "Count", _ALONE, (CHANNEL,), gauge=True),
    "ConcurrentStreams": _low_latency("Maximum", "Count", _ALONE, ("Health",)),
    "IngestBitrate": _low_latency("Average", "bit/s", _ALONE, (CHANNEL,), period=5),
    "IngestVideoBitrate": _low_latency(
        "Average", "bit/s", (CHANNEL,), (CHANNEL, "Track"), period=5
    ),
    "IngestAudioBitrate": _low_latency(
        "Average", "bit/s", (CHANNEL,), (CHANNEL, "Track"), period=5
    ),
    "IngestFramerate": _low_latency(
        "Average", "Count/s", _ALONE, (CHANNEL,), (CHANNEL, "Track"), period=5
    ),
    "KeyframeInterval": _low_latency("Average", "s", (CHANNEL,), (CHANNEL, "Track"), period=5),
    "LiveDeliveredTime": _low_latency(
        "Sum", "s", _ALONE, (CHANNEL,), (CHANNEL, "ViewerCountryCode")
    ),
    "LiveInputTime": _low_latency("Sum", "s", _ALONE, (CHANNEL,)),
    "RecordedTime": _low_latency("Sum", "s", _ALONE, (CHANNEL,)),
    "ConcurrentPublishers": _real_time("Maximum", "Count", _ALONE),
    "ConcurrentSubscriptions": _real_time("Maximum", "Count", _ALONE),
    "Publishers": _real_time("Maximum", "Count", (STAGE,)),
    "Subscribers": _real_time("Maximum", "Count", (STAGE,)),
    "DownloadPacketLoss": _real_time("Average", "Percent", *_OF_CLIENTS, (STAGE, "Participant")),
    "DroppedFrames": _real_time("Average", "Percent", *_OF_CLIENTS, (STAGE, "Participant")),
    "PublishBitrate": _real_time("Average", "bit/s", _ALONE, ("Platform",), (STAGE,), _OF_LAYERS),
    "SubscribeBitrate": _real_time(
        "Average", "bit/s", *_OF_CLIENTS, (STAGE, "Participant", "MediaType")
    ),
    # Published for participants that use RTMP.
    "PublishFramerate": _real_time("Average", "Count/s", (STAGE, "Participant"), _OF_LAYERS),
    "PublishResolution": _real_time("Average", "Count", _OF_LAYERS),
}
"""By their official names."""


def metric_of(
    scope: IConstruct,
    owner: tuple[str, str] | None,
    metric_name: str,
    *,
    dimensions_map: Mapping[str, str] | None = None,
    options: Mapping[str, Any] | None = None,
) -> aws_cloudwatch.Metric:
    """Make a metric of a channel, a stage or the account.

    Args:
        scope: The construct whose Region and account it is from.
        owner: The dimension that names the resource, and the resource's ARN; None for the account.
        metric_name: Its name.
        dimensions_map: Further dimensions.
        options: Further arguments of the AWS CDK's Metric.

    Raises:
        InvalidPropertyError: If there is no such metric with these dimensions or this statistic.
    """
    # Imported here because aws_cloudwatch is slow to load.
    from aws_cdk import aws_cloudwatch

    dimension = owner[0] if owner else None
    subject = dimension or _HOMES[None]
    check = Check(_PAGES["AWS/IVSRealTime" if dimension == STAGE else "AWS/IVS"])
    published = METRICS.get(metric_name) if isinstance(cast("object", metric_name), str) else None
    if published is None or not _sets(published, dimension):
        _fail_name(check, dimension, metric_name)
        check.raise_for(subject, lambda: scope.node.path)
    published = cast("PublishedMetric", published)
    more = dict(dimensions_map or {})
    _check_dimensions(check, metric_name, _sets(published, dimension), more)
    given = {name: value for name, value in (options or {}).items() if value is not None}
    _check_period(check, given.get("period"))
    statistic = given.get("statistic", published.statistic)
    if published.gauge and not _is_of_gauge(statistic):
        check.fail(
            "statistic",
            "choice",
            f"statistic of {metric_name} must be one of {', '.join(_GAUGE)}, got "
            f"{quoted(statistic)}",
        )
    check.raise_for(subject, lambda: scope.node.path)
    own = {owner[0]: id_from_arn(owner[1])} if owner else {}
    properties: dict[str, Any] = {
        "statistic": statistic,
        "period": cdk.Duration.seconds(published.period),
        **place_of_metric(scope),
        **given,
    }
    seconds = properties["period"].to_seconds()
    fits = is_of_alarms(seconds)
    metric = (aws_cloudwatch.Metric if fits else _metric_of_graphs())(
        namespace=published.namespace,
        metric_name=metric_name,
        dimensions_map={**own, **more} or None,
        **properties,
    )
    if not fits:
        _watch_alarms(scope)
    return metric


@cache
def _metric_of_graphs() -> type[aws_cloudwatch.Metric]:
    """The class of metrics with a period that no alarm may have."""
    from aws_cdk import aws_cloudwatch

    class MetricOfGraphs(aws_cloudwatch.Metric):
        def create_alarm(
            self,
            scope: Construct,
            id: str,
            **_: Any,  # noqa: ANN401 (as the AWS CDK has them)
        ) -> NoReturn:
            raise _period_error(path_of(scope, id), self.metric_name, self.period.to_seconds())

    return MetricOfGraphs


def is_of_alarms(seconds: float) -> bool:
    """Whether CloudWatch accepts a period in an alarm."""
    return seconds in _SHORT_OF_ALARMS or seconds % _MINUTE == 0


def _watch_alarms(scope: IConstruct) -> None:
    """Reject alarms at synth whose metric has a period that only graphs may have.

    The AWS CDK accepts any metric's period in an alarm, however that is made.
    """
    stack_facts = stack_facts_of("Metric", scope, "Metric")
    watched, stage = stack_facts.registry.alarms_watched, stack_facts.stage
    if stage not in watched:
        watched.add(stage)
        at_synth(stage, partial(_check_alarms, stage, set()))


def _check_alarms(stage: cdk.Stage, refused: set[str]) -> None:
    """Reject the alarms on Amazon IVS metrics that CloudWatch would refuse."""
    for found in all_in(stage, "aws_cloudwatch.CfnAlarm"):
        each = cast("aws_cloudwatch.CfnAlarm", as_construct(found))
        path = each.node.path.removesuffix("/Resource")
        if path in refused:
            continue
        for name, seconds in _periods(each):
            if not is_of_alarms(seconds):
                # The AWS CDK validates children later, and names them in the error.
                refused.add(path)
                error = str(_period_error(path, name, seconds))
                at_synth(each, partial(list[str], (error,)))


def _periods(alarm: aws_cloudwatch.CfnAlarm) -> Iterator[tuple[str, float]]:
    """The Amazon IVS metrics that an alarm reads, with the period of each in seconds."""
    if alarm.namespace in _PAGES and alarm.period is not None:
        yield str(alarm.metric_name), alarm.period
    # Metrics with a label or in an expression are in a list.
    for each in cdk.Stack.of(alarm).resolve(alarm.metrics) or ():
        stat = each.get("metricStat")
        if stat is not None and stat["metric"].get("namespace") in _PAGES:
            yield stat["metric"]["metricName"], stat["period"]


def _period_error(path: str, metric_name: str, seconds: float) -> InvalidPropertyError:
    message = (
        f"period of {metric_name} must be 10, 30 or a multiple of 60 seconds in an alarm, got "
        f"{seconds:g} seconds; pass period=Duration.minutes(1) to the metric"
    )
    failure = Failure(property="period", code="alarm-period", message=message, source=_ALARM_SOURCE)
    return InvalidPropertyError("Alarm", path, [failure])


def _is_of_gauge(statistic: object) -> bool:
    word = str(statistic).lower()
    return _SHORT.get(word, word).capitalize() in _GAUGE


def _check_period(check: Check, period: object) -> None:
    if period is None or is_duration(period):
        return
    seconds = period.total_seconds() if isinstance(period, timedelta) else period
    advice = ""
    if isinstance(seconds, int | float) and not isinstance(seconds, bool):
        advice = f"; write Duration.seconds({seconds:g})"
    check.fail(
        "period", "type", f"period must be a Duration of aws_cdk, got {quoted(period)}{advice}"
    )


def _sets(published: PublishedMetric, dimension: str | None) -> list[tuple[str, ...]]:
    """The sets of dimensions in addition to the resource's own; empty if unpublished."""
    if dimension is None:
        return [each for each in published.dimensions if not {CHANNEL, STAGE} & set(each)]
    return [each[1:] for each in published.dimensions if each[:1] == (dimension,)]


def _fail_name(check: Check, dimension: str | None, name: object) -> None:
    known = [each for each, published in METRICS.items() if _sets(published, dimension)]
    if isinstance(name, str) and name in METRICS:
        homes = [home for other, home in _HOMES.items() if _sets(METRICS[name], other)]
        advice = f"; {' and '.join(homes)} {'has' if len(homes) == 1 else 'have'} it"
    else:
        advice = did_you_mean(name, known)
    check.fail(
        "metric_name",
        "choice",
        f"metric_name must be one of {', '.join(known)}, got {quoted(name)}{advice}",
    )


def _check_dimensions(
    check: Check, metric_name: str, sets: Sequence[tuple[str, ...]], given: Mapping[str, object]
) -> None:
    if set(given) not in [set(each) for each in sets]:
        known = [name for each in sets for name in each]
        wrong = [name for name in given if name not in known]
        allowed = " or ".join(" + ".join(each) or "nothing" for each in sets)
        check.fail(
            "dimensions_map",
            "choice",
            f"dimensions_map of {metric_name} must hold {allowed}, got "
            f"{' + '.join(given) or 'nothing'}{did_you_mean(wrong[0], known) if wrong else ''}",
        )
    for name, value in given.items():
        if not isinstance(value, str) or not value:
            check.fail(
                "dimensions_map",
                "type",
                f"dimensions_map must hold strings, got {quoted(value)} as {name}",
            )


def place_of_metric(scope: IConstruct) -> dict[str, str]:
    """Set a metric's Region and account to its resource's, even an import's, if known.

    If the metric is used elsewhere, a graph then reads it from there and an alarm is rejected.
    """
    place = getattr(scope, "env", None) or cdk.Stack.of(scope)
    facts = {"stack_region": place.region, "stack_account": place.account}
    return {name: each for name, each in facts.items() if not is_token(each)}
