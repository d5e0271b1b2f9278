"""Alarms for streams, recordings and stages that are in trouble."""

from __future__ import annotations

import math
import sys
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, ClassVar, Protocol

from aws_cdk import Duration, aws_cloudwatch
from constructs import Construct

from ivs_constructs import _specs as specs
from ivs_constructs._core.annotate import annotate
from ivs_constructs._core.arn import arn_of
from ivs_constructs._core.check import Check, is_token, quoted
from ivs_constructs._core.composite import Composite
from ivs_constructs._core.resource import check_member, has_member
from ivs_constructs._core.rules import LEAST_BITRATE, Advice, Severity
from ivs_constructs._core.stack_facts import (
    StackFacts,
    concrete,
    path_of,
    recalled,
    stack_facts_of,
)
from ivs_constructs.operate._event_kinds import (
    COMPOSITION,
    HEALTH,
    PARTICIPANT_RECORDING,
    RECORDING,
)
from ivs_constructs.operate._events import EventFilter, define_rule
from ivs_constructs.operate._metrics import CHANNEL, STAGE, metric_of

if TYPE_CHECKING:
    from aws_cdk import aws_stepfunctions
    from aws_cdk.interfaces.aws_ivs import IChannelRef, IStageRef
    from constructs import Node

_SOURCE = "https://docs.aws.amazon.com/ivs/latest/LowLatencyUserGuide/stream-health.html"

_FAILURES = ("Recording Start Failure", "Recording End Failure")
_COMPOSITION_FAILURES = ("Session Failure", "Destination Failure")

# This library's choices, on the conservative side: ordinary streams have more bits and frames even
# in the smallest rendition, and viewers of a stage notice losses of this size.
_DEFAULTS = {
    "minimum_ingest_bitrate": 300_000,
    "minimum_ingest_framerate": 15,
    "maximum_packet_loss": 5,
    "near_limit": 80,
}

_LEAST_LOSS = 0.1
"""Percent, this library's choice: every network loses more, so the value is probably a fraction."""

_ACCOUNT_LIMITS = {
    "concurrent_views_limit": ("ConcurrentViews", "viewers of all channels"),
    "concurrent_streams_limit": ("ConcurrentStreams", "channels that are live"),
    "concurrent_publishers_limit": ("ConcurrentPublishers", "publishers of all stages"),
    "concurrent_subscriptions_limit": ("ConcurrentSubscriptions", "subscriptions of all stages"),
}
"""The metric for each limit of the account, and what it counts."""

_ALL = 100
"""The whole, in percent."""

_RANGES: Mapping[str, tuple[int, int | None, str]] = {
    "minimum_ingest_bitrate": (1, None, " bit/s"),
    "minimum_ingest_framerate": (1, None, " frames/s"),
    "maximum_packet_loss": (0, _ALL, " percent"),
    "near_limit": (1, _ALL, " percent"),
    **dict.fromkeys(_ACCOUNT_LIMITS, (1, None, "")),
}
"""The minimum and maximum of each number, and its unit."""

_WATCHED = {
    "minimum_ingest_bitrate": "channel",
    "minimum_ingest_framerate": "channel",
    "maximum_packet_loss": "stage",
}
"""What must be watched for each threshold to have an effect."""

_PUBLISHERS = 12
"""The quota of participants who publish to a stage at once, which cannot be raised.

See: https://docs.aws.amazon.com/ivs/latest/RealTimeUserGuide/service-quotas.html
"""

_OLD_ORPHAN = 3600
"""Seconds, this library's choice: by then, a dozen runs have tried to delete it."""

_ACTIONS = "actions of aws_cdk.aws_cloudwatch_actions"

_ABOVE = aws_cloudwatch.ComparisonOperator.GREATER_THAN_THRESHOLD
_AT_LEAST = aws_cloudwatch.ComparisonOperator.GREATER_THAN_OR_EQUAL_TO_THRESHOLD
_BELOW = aws_cloudwatch.ComparisonOperator.LESS_THAN_THRESHOLD


class _Automation(Protocol):
    """What alarms read from a CompositionAutomation."""

    @property
    def node(self) -> Node: ...

    @property
    def stage(self) -> IStageRef: ...

    @property
    def state_machine(self) -> aws_stepfunctions.StateMachine: ...


class _Fleet(Protocol):
    """What alarms read from a fleet."""

    @property
    def node(self) -> Node: ...

    def metric_fullness(self) -> aws_cloudwatch.Metric: ...

    def metric_failures(self) -> aws_cloudwatch.Metric: ...

    def metric_oldest_orphan(self) -> aws_cloudwatch.Metric: ...


class RecommendedAlarms(Composite):
    """Amazon CloudWatch alarms for a channel, a stage, compositions, or the account's limits.

    | For | The child | Is in alarm when |
    |---|---|---|
    | a channel | `IngestStarvation` | a live stream gets too little data (from an event) |
    | | `LowIngestBitrate` | the bitrate was too low for 3 minutes |
    | | `LowIngestFramerate` | the framerate was too low for 3 minutes |
    | | `RecordingFailure` | a recording did not start or ended with an error (from an event) |
    | a stage | `PacketLoss` | subscribers lose too many packets in 3 of 5 minutes |
    | | `Publishers` | the stage has nearly all the publishers it can have |
    | | `ParticipantRecordingFailure` | as `RecordingFailure`, for participants |
    | compositions | `CompositionNotStarted` | the state machine that starts them failed |
    | | `CompositionFailure` | a composition or one of its outputs failed (from an event) |
    | a fleet | `FleetFullness` | the fleet has nearly as many members as it can have |
    | | `FleetFailures` | the runs that maintain it fail three times in a row |
    | | `FleetOrphans` | a member has no key and could not be deleted for an hour |
    | the account | `ConcurrentViews` and its like | usage comes close to a limit |

    A channel that is not live and an empty stage have no data points, which does not trigger an
    alarm. A channel or stage that is defined without recording gets no alarm for recordings.

    Args:
        scope: The construct to define this in, usually `self`.
        id: The id, unique within the scope.
        channel: The channel to watch. Default: none.
        stage: The stage to watch; its compositions are watched by the next. Default: none.
        composition: The CompositionAutomation to watch, such as `composition` of a LiveStage.
            Default: none.
        fleet: The StageFleet or ChannelFleet to watch. Default: none.
        minimum_ingest_bitrate: Bits per second that the channel's stream should have, at least 1.
            Default: 300 000 (set by this library).
        minimum_ingest_framerate: Frames per second that it should have, at least 1.
            Default: 15 (set by this library).
        maximum_packet_loss: Average packet loss that is acceptable on the way to the stage's
            subscribers, 0-100 percent. Default: 5 (set by this library).
        concurrent_views_limit: Concurrent viewers that the account allows for all channels in this
            Region. Default: no alarm.
        concurrent_streams_limit: Concurrent broadcasts that the account allows. Default: no alarm.
        concurrent_publishers_limit: Concurrent publishers that the account allows for all stages.
            Default: no alarm.
        concurrent_subscriptions_limit: Concurrent subscriptions that the account allows for all
            stages. Default: no alarm.
        near_limit: The percentage of a limit at which its alarm goes off, 1-100 percent.
            Default: 80 (set by this library).

    Raises:
        InvalidPropertyError: If there is nothing to watch, or a property is not allowed.

    Example:
        >>> alarms = RecommendedAlarms(stack, "Alarms", channel=channel)
        >>> names = [alarm.node.id for alarm in alarms.alarms]

    Account limits are shared: pass them to only one RecommendedAlarms.

    See: https://docs.aws.amazon.com/ivs/latest/LowLatencyUserGuide/stream-health.html
    """

    _instead: ClassVar[Mapping[str, str]] = dict.fromkeys(
        ("action", "actions", "alarm_action", "alarm_actions", "alarm_topic", "topic"),
        "call add_alarm_action(actions.SnsAction(...)) on it",
    )

    def __init__(
        self,
        scope: Construct,
        id: str,
        *,
        channel: IChannelRef | None = None,
        stage: IStageRef | None = None,
        composition: _Automation | None = None,
        fleet: _Fleet | None = None,
        minimum_ingest_bitrate: float | None = None,
        minimum_ingest_framerate: float | None = None,
        maximum_packet_loss: float | None = None,
        concurrent_views_limit: int | None = None,
        concurrent_streams_limit: int | None = None,
        concurrent_publishers_limit: int | None = None,
        concurrent_subscriptions_limit: int | None = None,
        near_limit: float | None = None,
    ) -> None:
        """Define a RecommendedAlarms. Its arguments are those listed for the class."""
        stack_facts = stack_facts_of("RecommendedAlarms", scope, id)
        check = Check(_SOURCE)
        channel_arn = arn_of(check, specs.CHANNEL, "channel", channel)
        stage_arn = arn_of(check, specs.STAGE, "stage", stage)
        composed_arn = _composed_arn(check, composition)
        if channel_arn is not None:
            _check_place(check, stack_facts, "channel", channel)
        if stage_arn is not None:
            _check_place(check, stack_facts, "stage", stage)
        if composed_arn is not None:
            machine = getattr(composition, "state_machine", None)
            _check_place(check, stack_facts, "composition", machine)
        limits = {
            "concurrent_views_limit": concurrent_views_limit,
            "concurrent_streams_limit": concurrent_streams_limit,
            "concurrent_publishers_limit": concurrent_publishers_limit,
            "concurrent_subscriptions_limit": concurrent_subscriptions_limit,
        }
        given = {
            "minimum_ingest_bitrate": minimum_ingest_bitrate,
            "minimum_ingest_framerate": minimum_ingest_framerate,
            "maximum_packet_loss": maximum_packet_loss,
            **limits,
            "near_limit": near_limit,
        }
        numbers = {prop: value for prop, value in given.items() if value is not None}
        _check_numbers(check, numbers)
        if not (fleet is None or has_member(fleet, "metric_oldest_orphan")):
            message = f"fleet must be a StageFleet or ChannelFleet, got {quoted(fleet)}"
            check.fail("fleet", "type", message)
        _check_place(check, stack_facts, "fleet", fleet)
        watched = {"channel": channel, "stage": stage, "composition": composition, "fleet": fleet}
        _check_use(check, numbers, watched)
        check.raise_for("RecommendedAlarms", lambda: path_of(scope, id))

        self._begin(scope, id, stack_facts)
        self._alarms: list[aws_cloudwatch.Alarm] = []
        settings = {**_DEFAULTS, **numbers}
        for item in _unit_advice(numbers):
            annotate(self, item)
        if channel is not None and channel_arn is not None:
            self._watch_channel(channel, channel_arn, settings)
        if stage is not None and stage_arn is not None:
            self._watch_stage(stage, stage_arn, settings)
        if composition is not None and composed_arn is not None:
            self._watch_composition(composition, composed_arn)
        if fleet is not None:
            self._watch_fleet(fleet, settings)
        for prop, limit in limits.items():
            if limit is not None:
                name, counted = _ACCOUNT_LIMITS[prop]
                self._alarm(
                    name,
                    metric_of(self, None, name),
                    _AT_LEAST,
                    _near(limit, settings),
                    f"The {counted} come near the account's limit of {limit}. "
                    "Request a quota increase in time.",
                    periods=1,
                )

    @property
    def alarms(self) -> tuple[aws_cloudwatch.Alarm, ...]:
        """All alarms, in the order of the table."""
        return tuple(self._alarms)

    def add_alarm_action(self, *actions: aws_cloudwatch.IAlarmAction) -> None:
        """Set what happens when any of the alarms goes off.

        Args:
            actions: The actions, such as an `SnsAction` of `aws_cdk.aws_cloudwatch_actions`.

        Raises:
            InvalidPropertyError: If one is not an action.
        """
        check = Check(_SOURCE)
        for action in actions:
            check_member(check, "actions", "bind", _ACTIONS, action, _action_advice(action))
        check.raise_for("RecommendedAlarms", lambda: self.node.path)
        for alarm in self._alarms:
            alarm.add_alarm_action(*actions)

    def _watch_channel(self, channel: IChannelRef, arn: str, settings: Mapping[str, float]) -> None:
        path = channel.node.path
        self._alarm_on_event(
            "IngestStarvation",
            EventFilter(arn, HEALTH, ("Starvation Start",)),
            f"The stream of {path} gets too little data. Look at the encoder and its network.",
        )
        for id, name, prop in (
            ("LowIngestBitrate", "IngestBitrate", "minimum_ingest_bitrate"),
            ("LowIngestFramerate", "IngestFramerate", "minimum_ingest_framerate"),
        ):
            self._alarm(
                id,
                metric_of(channel, (CHANNEL, arn), name, options={"period": Duration.minutes(1)}),
                _BELOW,
                settings[prop],
                f"The {name} of {path} is low while it is live. "
                "Look at the encoder's settings and its network.",
            )
        if _may_record(channel):
            self._alarm_on_event(
                "RecordingFailure",
                EventFilter(arn, RECORDING, _FAILURES),
                f"A recording of {path} failed. Look at the recording configuration's state and at "
                "the bucket and its policy.",
            )

    def _watch_stage(self, stage: IStageRef, arn: str, settings: Mapping[str, float]) -> None:
        path = stage.node.path
        self._alarm(
            "PacketLoss",
            metric_of(stage, (STAGE, arn), "DownloadPacketLoss"),
            _ABOVE,
            settings["maximum_packet_loss"],
            f"Subscribers of {path} lose packets. Look at the metric by Platform and by "
            "SubscriberCountryCode.",
            periods=5,
        )
        self._alarm(
            "Publishers",
            metric_of(stage, (STAGE, arn), "Publishers"),
            _AT_LEAST,
            _near(_PUBLISHERS, settings),
            f"{path} comes near {_PUBLISHERS} publishers, which is the most a stage can have.",
            periods=1,
        )
        if _may_record(stage):
            self._alarm_on_event(
                "ParticipantRecordingFailure",
                EventFilter(arn, PARTICIPANT_RECORDING, _FAILURES),
                f"A participant's recording of {path} failed. Look at the storage configuration's "
                "bucket and its policy.",
            )

    def _watch_composition(self, composition: _Automation, stage_arn: str) -> None:
        path = composition.node.path
        metric = aws_cloudwatch.Metric(
            namespace="AWS/States",
            metric_name="ExecutionsFailed",
            dimensions_map={"StateMachineArn": composition.state_machine.state_machine_arn},
            statistic="Sum",
            period=Duration.minutes(1),
        )
        self._alarm(
            "CompositionNotStarted",
            metric,
            _AT_LEAST,
            1,
            f"{path} could not start a composition. Look at its log group, and whether the channel "
            "is live or lacks a stream key.",
            periods=1,
        )
        self._alarm_on_event(
            "CompositionFailure",
            EventFilter(stage_arn, COMPOSITION, _COMPOSITION_FAILURES),
            f"A composition of {path}, or an output of it, failed. Look at the channel and its "
            "stream key, and at the storage configuration's bucket and its policy.",
        )

    def _watch_fleet(self, fleet: _Fleet, settings: Mapping[str, float]) -> None:
        path = fleet.node.path
        self._alarm(
            "FleetFullness",
            fleet.metric_fullness(),
            _AT_LEAST,
            settings["near_limit"],
            f"{path} comes near its max_size. Raise it, or look for members that nobody releases.",
            periods=1,
        )
        self._alarm(
            "FleetFailures",
            fleet.metric_failures(),
            _AT_LEAST,
            1,
            f"Members of {path} could not be tended. Look at the log of its tending function.",
        )
        self._alarm(
            "FleetOrphans",
            fleet.metric_oldest_orphan(),
            _AT_LEAST,
            _OLD_ORPHAN,
            f"A member of {path} belongs to nobody and could not be deleted for an hour. Look at "
            "the log of its tending function.",
            periods=1,
        )

    def _alarm_on_event(self, id: str, events: EventFilter, description: str) -> None:
        """Define a rule without a target, and an alarm on the events that it matches.

        There is no metric for these events.
        """
        rule = define_rule(self, f"{id}Rule", events, {"description": description})
        metric = aws_cloudwatch.Metric(
            namespace="AWS/Events",
            metric_name="MatchedEvents",
            dimensions_map={"RuleName": rule.rule_name},
            statistic="Sum",
            period=Duration.minutes(1),
        )
        self._alarm(id, metric, _AT_LEAST, 1, description, periods=1)

    def _alarm(
        self,
        id: str,
        metric: aws_cloudwatch.Metric,
        operator: aws_cloudwatch.ComparisonOperator,
        threshold: float,
        description: str,
        *,
        periods: int = 3,
    ) -> None:
        self._alarms.append(
            aws_cloudwatch.Alarm(
                self,
                id,
                metric=metric,
                comparison_operator=operator,
                threshold=threshold,
                evaluation_periods=periods,
                datapoints_to_alarm=min(periods, 3),
                alarm_description=description,
                # There are no data points while nothing is live.
                treat_missing_data=aws_cloudwatch.TreatMissingData.NOT_BREACHING,
            )
        )


def _action_advice(given: object) -> str:
    """Advise the action for an object that is not one."""
    for member, wrapper in (("topic_arn", "SnsAction"), ("function_arn", "LambdaAction")):
        if has_member(given, member):
            return f"; write actions.{wrapper}(...) around it"
    return ""


def _near(limit: int, settings: Mapping[str, float]) -> int:
    """Return the count at which a limit's alarm goes off."""
    return math.ceil(limit * settings["near_limit"] / 100)


def _composed_arn(check: Check, composition: object) -> str | None:
    """Return the ARN of the stage that is composed."""
    if composition is None:
        return None
    if not hasattr(composition, "state_machine"):
        advice = ""
        if hasattr(type(composition), "composition"):
            advice = "; pass its attribute composition"
        check.fail(
            "composition",
            "type",
            f"composition must be a CompositionAutomation, got {quoted(composition)}{advice}",
        )
        return None
    return arn_of(check, specs.STAGE, "composition.stage", getattr(composition, "stage", None))


def _may_record(resource: object) -> bool:
    """Whether a channel or stage may have recordings, as far as its definition here shows."""
    return getattr(resource, "is_recorded", None) is not False


def _check_place(check: Check, stack_facts: StackFacts, prop: str, resource: object) -> None:
    """Reject an import from elsewhere: alarms and rules see only their own Region and account."""
    env = getattr(resource, "env", None)
    facts = recalled(resource)
    if env is not None:
        there = (concrete(env.region), concrete(env.account))
    elif facts is not None:
        there = facts.place
    else:
        return
    for one, other in zip(there, stack_facts.place, strict=True):
        if one is not None and other is not None and one != other:
            check.fail(
                prop,
                "place",
                f"{prop} must be in the alarms' Region and account, got one in {one} for a stack "
                f"in {other}; define the alarms in a stack in {one}",
            )


def _unit_advice(numbers: Mapping[str, float]) -> Iterator[Advice]:
    """Warn about values that are surely meant in another unit."""
    bitrate = numbers.get("minimum_ingest_bitrate")
    if bitrate is not None and not is_token(bitrate) and bitrate < LEAST_BITRATE:
        yield Advice(
            Severity.WARNING,
            "ivs-constructs:bitrate-unit",
            f"minimum_ingest_bitrate is {bitrate} bits a second, which every stream has, so "
            "LowIngestBitrate never goes off; write bits a second, such as 300000",
        )
    loss = numbers.get("maximum_packet_loss")
    if loss is not None and not is_token(loss) and 0 < loss < _LEAST_LOSS:
        yield Advice(
            Severity.WARNING,
            "ivs-constructs:packet-loss-unit",
            f"maximum_packet_loss is {loss} percent, which hardly any network achieves; if "
            f"{loss * 100:g} percent are meant, write {loss * 100:g}",
        )


def _check_numbers(check: Check, given: Mapping[str, object]) -> None:
    for prop, value in given.items():
        minimum, maximum, unit = _RANGES[prop]
        whole = prop in _ACCOUNT_LIMITS
        if is_token(value):
            if not isinstance(value, float):
                advice = "; pass its attribute value_as_number"
                if not has_member(value, "value_as_number"):
                    advice = "; write Token.as_number(...) around it"
                check.fail(prop, "type", f"{prop} must be a number, got {quoted(value)}{advice}")
            elif whole or prop == "near_limit":
                check.fail(
                    prop,
                    "token",
                    f"{prop} must be known at synth, because a threshold is computed from it, got "
                    f"{quoted(value)}; write the number",
                )
        elif not isinstance(value, int if whole else (int, float)) or isinstance(value, bool):
            check.value(specs.Prop(py=prop, kind=specs.Kind.INTEGER, fractional=not whole), value)
        elif not minimum <= value <= (maximum or sys.maxsize):
            allowed = f"at least {minimum}" if maximum is None else f"{minimum}-{maximum}"
            advice = f"{'lower' if value > minimum else 'raise'} it"
            if maximum == _ALL and 0 < value < 1:
                advice = f"write {value * _ALL:g}"
            check.fail(
                prop,
                "range",
                f"{prop} must be {allowed}{unit}, got {value}{unit}; {advice}",
            )


def _check_use(check: Check, numbers: Mapping[str, object], watched: Mapping[str, object]) -> None:
    """Reject what has no effect: nothing to watch, and thresholds for what is not watched."""
    used = {prop: watched[_WATCHED[prop]] for prop in numbers if prop in _WATCHED}
    for prop, resource in used.items():
        if resource is None:
            there = _WATCHED[prop]
            check.fail(prop, "no-use", f"{prop} has no effect without a {there}; pass {there}")
    limited = any(prop in _ACCOUNT_LIMITS for prop in numbers)
    if not limited and all(resource is None for resource in watched.values()):
        check.fail(
            "channel",
            "required",
            "channel, stage, composition, fleet or a limit of the account is required, because "
            "there is nothing to watch; pass one",
        )
    elif "near_limit" in numbers and not limited and watched["stage"] is watched["fleet"] is None:
        check.fail(
            "near_limit",
            "no-use",
            "near_limit has no effect without a limit; pass a limit of the account, such as "
            "concurrent_views_limit, or a stage or fleet",
        )
