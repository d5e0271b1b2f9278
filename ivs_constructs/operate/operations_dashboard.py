"""An Amazon CloudWatch dashboard for channels and stages."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, cast

import aws_cdk as cdk
from aws_cdk import Duration, aws_cloudwatch
from constructs import Construct, IConstruct

from ivs_constructs import _specs as specs
from ivs_constructs._core.annotate import annotate
from ivs_constructs._core.arn import arn_of
from ivs_constructs._core.check import (
    Check,
    is_duration,
    is_generated_name,
    milliseconds_of,
    quoted,
    with_article,
)
from ivs_constructs._core.composite import Composite
from ivs_constructs._core.stack_facts import path_of, stack_facts_of
from ivs_constructs.operate._metrics import (
    CHANNEL,
    METRICS,
    STAGE,
    metric_of,
    place_of_metric,
)
from ivs_constructs.operate._parameter_text import rewriting_advice
from ivs_constructs.operate.recommended_alarms import RecommendedAlarms

if TYPE_CHECKING:
    from aws_cdk.interfaces.aws_ivs import IChannelRef, IStageRef

_SOURCE = "https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/cloudwatch_limits.html"

_COLUMNS = 24
"""Columns of a dashboard."""

_HEIGHT = 6
"""The height of a graph in rows."""

_WIDGETS = 500
"""The maximum number of widgets in a dashboard."""

_ALARMS = 100
"""The maximum number of alarms in a widget."""

_NAME = specs.Prop(
    py="dashboard_name",
    cfn="DashboardName",
    api="",
    minimum=1,
    maximum=255,
    pattern="[0-9A-Za-z_-]*",
    form="only letters, digits, - and _",
)
_INTERVAL = specs.Prop(
    py="default_interval",
    kind=specs.Kind.SECONDS,
    minimum=60,
    maximum=455 * 24 * 3600,
    noun="the interval",
)


@dataclass(frozen=True, slots=True)
class _Graph:
    """The content of one graph.

    Attributes:
        title: Its title.
        left: Metrics by their names in the legend.
        right: Metrics for an axis of their own.
    """

    title: str
    left: Mapping[str, str]
    right: Mapping[str, str] = field(default_factory=dict[str, str])


_OF_CHANNEL = (
    _Graph("Viewers", {"viewers": "ConcurrentViews"}),
    _Graph(
        "Ingest bitrate",
        {"total": "IngestBitrate", "video": "IngestVideoBitrate", "audio": "IngestAudioBitrate"},
    ),
    _Graph(
        "Framerate and keyframes",
        {"framerate": "IngestFramerate"},
        {"keyframe interval": "KeyframeInterval"},
    ),
    _Graph(
        "Time",
        {"came in": "LiveInputTime", "recorded": "RecordedTime"},
        {"watched": "LiveDeliveredTime"},
    ),
)
_OF_STAGE = (
    _Graph("Participants", {"publishers": "Publishers", "subscribers": "Subscribers"}),
    _Graph("Losses", {"packets lost": "DownloadPacketLoss", "frames dropped": "DroppedFrames"}),
    _Graph("Bitrate", {"publishing": "PublishBitrate", "subscribing": "SubscribeBitrate"}),
)
_OF_ALL_CHANNELS = (
    _Graph("All viewers", {"viewers": "ConcurrentViews"}),
    _Graph("All live channels", {"live channels": "ConcurrentStreams"}),
)
_OF_ALL_STAGES = (
    _Graph("All publishers", {"publishers": "ConcurrentPublishers"}),
    _Graph("All subscriptions", {"subscriptions": "ConcurrentSubscriptions"}),
)


class OperationsDashboard(Composite):
    """An Amazon CloudWatch dashboard: alarms, the account, then a row for each resource.

    The first row shows the state of the alarms, the second the metrics of the account in the Region
    of the channels and stages; with several Regions or accounts, each has a row. A channel's row
    shows viewers, bitrate, framerate with keyframe interval, and the time received, watched and
    recorded. A stage's row shows its participants, lost packets and frames, and the bitrates. A row
    begins with the path and the ARN of the resource.

    Args:
        scope: The construct to define this in, usually `self`.
        id: The id, unique within the scope.
        channels: The channels to show, any number. Default: none.
        stages: The stages to show, any number. Default: none.
        alarms: The alarms to show, each an alarm or a RecommendedAlarms. Default: none.
        dashboard_name: Name, up to 255 letters, digits, - and _.
            Default: a unique one (made by CloudFormation).
        default_interval: The time span that is shown initially, a Duration.
            Default: 3 hours (set by this library).

    Raises:
        InvalidPropertyError: If something is not a channel, stage or alarm, or a dashboard has no
            room for everything.

    Example:
        >>> dashboard = OperationsDashboard(stack, "Operations", channels=[channel])
        >>> name = dashboard.dashboard_name

    See: https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/CloudWatch_Dashboards.html
    """

    def __init__(
        self,
        scope: Construct,
        id: str,
        *,
        channels: Sequence[IChannelRef] | None = None,
        stages: Sequence[IStageRef] | None = None,
        alarms: Sequence[aws_cloudwatch.IAlarm | RecommendedAlarms] | None = None,
        dashboard_name: str | None = None,
        default_interval: Duration | None = None,
    ) -> None:
        """Define an OperationsDashboard. Its arguments are those listed for the class."""
        stack_facts = stack_facts_of("OperationsDashboard", scope, id)
        check = Check(_SOURCE)
        shown_channels = _with_arns(check, specs.CHANNEL, "channels", channels)
        shown_stages = _with_arns(check, specs.STAGE, "stages", stages)
        shown_alarms = _alarms(check, alarms)
        name = dashboard_name
        if not (name is None or is_generated_name(name)):
            name = check.value(_NAME, name)
        if is_duration(default_interval) and milliseconds_of(default_interval) is None:
            check.fail(
                "default_interval",
                "token",
                "default_interval must be known at synth, got a deploy-time value; write the "
                "Duration itself",
            )
        elif default_interval is not None:
            check.value(_INTERVAL, default_interval)
        shown = [each for each, _ in (*shown_channels, *shown_stages)]
        places = {} if check.failures else _places(cdk.Stack.of(scope), shown)
        _check_room(check, len(places), len(shown_channels), len(shown_stages), len(shown_alarms))
        check.raise_for("OperationsDashboard", lambda: path_of(scope, id))

        self._begin(scope, id, stack_facts)
        self._dashboard = aws_cloudwatch.Dashboard(
            self,
            "Dashboard",
            dashboard_name=name,
            default_interval=default_interval or Duration.hours(3),
        )
        self._dashboard.add_widgets(_text("# Amazon IVS", 1))
        for start in range(0, len(shown_alarms), _ALARMS):
            some = shown_alarms[start : start + _ALARMS]
            # Four alarms side by side, below a line with the title.
            height = 1 + math.ceil(len(some) / 4)
            self._dashboard.add_widgets(
                aws_cloudwatch.AlarmStatusWidget(
                    title="Alarms", alarms=some, width=_COLUMNS, height=height
                )
            )
        account = [
            *(_OF_ALL_CHANNELS if shown_channels or not shown_stages else ()),
            *(_OF_ALL_STAGES if shown_stages else ()),
        ]
        for place, resource in places.items():
            # Which account it is, if there are several.
            beside = f" ({', '.join(place)})" if len(places) > 1 and place else ""
            self._add_row(
                [replace(each, title=f"{each.title}{beside}") for each in account], resource, None
            )
        for channel, arn in shown_channels:
            self._dashboard.add_widgets(_text(f"## Channel {channel.node.path}\n`{arn}`", 2))
            self._add_row(_OF_CHANNEL, channel, (CHANNEL, arn))
        for stage, arn in shown_stages:
            self._dashboard.add_widgets(_text(f"## Stage {stage.node.path}\n`{arn}`", 2))
            self._add_row(_OF_STAGE, stage, (STAGE, arn))
        named = [("channels", arn) for _, arn in shown_channels]
        named += [("stages", arn) for _, arn in shown_stages]
        for warning in rewriting_advice(cdk.Stack.of(self), named)[:1]:
            annotate(self, warning)

    @property
    def dashboard(self) -> aws_cloudwatch.Dashboard:
        """The AWS CDK's dashboard, to which you can add your own widgets."""
        return self._dashboard

    @property
    def dashboard_name(self) -> str:
        """The dashboard's name (a token)."""
        return self._dashboard.dashboard_name

    def _add_row(
        self, graphs: Sequence[_Graph], scope: IConstruct, owner: tuple[str, str] | None
    ) -> None:
        """Add graphs side by side, as wide as the dashboard."""

        def metrics(names: Mapping[str, str]) -> list[aws_cloudwatch.IMetric]:
            # Data points of less than a minute are kept for 3 hours only.
            period = Duration.minutes(1)
            return [
                metric_of(scope, owner, name, options={"label": label, "period": period})
                for label, name in names.items()
            ]

        self._dashboard.add_widgets(
            *(
                aws_cloudwatch.GraphWidget(
                    title=graph.title,
                    left=metrics(graph.left),
                    left_y_axis=_axis(graph.left),
                    right=metrics(graph.right),
                    right_y_axis=_axis(graph.right),
                    width=_COLUMNS // len(graphs),
                    height=_HEIGHT,
                )
                for graph in graphs
            )
        )


def _places(own: cdk.Stack, resources: Sequence[IConstruct]) -> dict[tuple[str, ...], IConstruct]:
    """Find a resource in each Region and account, as far as known; its own stack if none is."""
    here = place_of_metric(own)
    found: dict[tuple[str, ...], IConstruct] = {}
    for each in resources or [own]:
        place = place_of_metric(each)
        # What is not known is here; the AWS CDK does not name what is.
        found.setdefault(tuple((place or here).values()), own if place in ({}, here) else each)
    return found


def _text(markdown: str, height: int) -> aws_cloudwatch.TextWidget:
    return aws_cloudwatch.TextWidget(markdown=markdown, width=_COLUMNS, height=height)


def _axis(metrics: Mapping[str, str]) -> aws_cloudwatch.YAxisProps | None:
    """Start at 0, so that a small change looks small, and name the unit that all metrics share."""
    units = {METRICS[name].unit for name in metrics.values()}
    label = "".join(units)
    return aws_cloudwatch.YAxisProps(min=0, label=label, show_units=False) if units else None


def _with_arns(
    check: Check, spec: specs.ResourceSpec, prop: str, resources: object
) -> list[tuple[Construct, str]]:
    """Pair resources with their ARNs."""
    if resources is None:
        return []
    if not isinstance(resources, list | tuple):
        advice = f"; write [{spec.noun}]" if arn_of(Check(""), spec, prop, resources) else ""
        check.fail(
            prop, "type", f"{prop} must be a list of {spec.name}s, got {quoted(resources)}{advice}"
        )
        return []
    pairs: dict[str, Construct] = {}
    repeated: set[str] = set()
    for index, resource in enumerate(cast("Sequence[Construct | None]", resources)):
        if resource is None:
            check.fail(prop, "type", f"{prop}[{index}] must be {with_article(spec.name)}, got None")
        else:
            arn = arn_of(check, spec, f"{prop}[{index}]", resource)
            if arn in pairs and arn not in repeated:
                repeated.add(arn)
                path = quoted(resource.node.path)
                message = f"{prop} must not repeat {path}; drop the duplicate"
                check.fail(prop, "duplicate", message)
            elif arn is not None:
                pairs[arn] = resource
    return [(resource, arn) for arn, resource in pairs.items()]


def _alarms(check: Check, alarms: object) -> list[aws_cloudwatch.IAlarm]:
    """Unpack the alarms of objects that have several."""
    if alarms is None:
        return []
    if not isinstance(alarms, list | tuple):
        single = isinstance(alarms, RecommendedAlarms) or hasattr(alarms, "alarm_arn")
        check.fail(
            "alarms",
            "type",
            f"alarms must be a list of alarms, got {quoted(alarms)}"
            f"{'; write [alarms]' if single else ''}",
        )
        return []
    found: list[aws_cloudwatch.IAlarm] = []
    for each in cast("Sequence[object]", alarms):
        if isinstance(each, RecommendedAlarms):
            found += each.alarms
        elif hasattr(each, "alarm_arn"):
            found.append(cast("aws_cloudwatch.IAlarm", each))
        else:
            check.fail(
                "alarms",
                "type",
                f"alarms must hold alarms of aws_cdk.aws_cloudwatch and RecommendedAlarms, got "
                f"{quoted(each)}",
            )
    return found


def _check_room(check: Check, places: int, channels: int, stages: int, alarms: int) -> None:
    account = len(_OF_ALL_CHANNELS) + len(_OF_ALL_STAGES)
    heads = 1 + math.ceil(alarms / _ALARMS) + account * places
    widgets = heads + channels * (1 + len(_OF_CHANNEL)) + stages * (1 + len(_OF_STAGE))
    if widgets > _WIDGETS:
        check.fail(
            "channels",
            "room",
            f"channels and stages must make at most {_WIDGETS} widgets, got {widgets} for "
            f"{channels} channels and {stages} stages; make several dashboards",
        )
