"""Compositions that start automatically whenever somebody publishes to a stage."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from functools import partial
from typing import TYPE_CHECKING, Any, cast

import aws_cdk as cdk
from aws_cdk import Aws
from constructs import Construct

from ivs_constructs import _specs as specs
from ivs_constructs._core import statements
from ivs_constructs._core.annotate import annotate
from ivs_constructs._core.arn import Ready, arn_of
from ivs_constructs._core.at_synth import at_synth
from ivs_constructs._core.by_name import (
    attribute_of,
    call,
    define_by_name,
    member_by_name,
    static_call,
    static_text,
    typed,
    value_by_name,
)
from ivs_constructs._core.check import (
    Check,
    enum_value,
    is_concrete,
    is_token,
    quoted,
    with_article,
)
from ivs_constructs._core.composite import Composite
from ivs_constructs._core.draft import Draft, Pending, given_to
from ivs_constructs._core.function_settings import settings_for
from ivs_constructs._core.functions import define_log_group
from ivs_constructs._core.policies import define_policy, define_role
from ivs_constructs._core.render import render
from ivs_constructs._core.rules import Advice, Severity
from ivs_constructs._core.stack_facts import StackFacts
from ivs_constructs._core.statements import Statement
from ivs_constructs._core.tree import all_in, app_of
from ivs_constructs._specs import ResourceSpec
from ivs_constructs.low_latency.stream_key import former_key
from ivs_constructs.operate.grants import CompositionGrants
from ivs_constructs.realtime.composition._interpreted import Interpreted
from ivs_constructs.realtime.composition._parts import part_arn
from ivs_constructs.realtime.composition._states import AUTOMATION_TAG, definition
from ivs_constructs.realtime.values import ChannelDestination, GridLayout, PipLayout, S3Destination

if TYPE_CHECKING:
    from aws_cdk import aws_events, aws_logs, aws_stepfunctions
    from aws_cdk.interfaces.aws_ivs import IStageRef

EVENT_SECONDS = 300
"""How long EventBridge tries to start the state machine; later, the start would be of no use."""

BASIC_BITRATES = {480: 1_500_000, 1080: 3_500_000}
"""Bits per second that a BASIC channel accepts, by the picture's height.

See: https://docs.aws.amazon.com/ivs/latest/LowLatencyUserGuide/channel-types.html
"""

# Amazon IVS's defaults for what an encoder configuration leaves out.
_DEFAULT_VIDEO = {"width": 1280, "height": 720, "bitrate": 2_500_000}

_UNKNOWN = object()

_OWN_ACCOUNT = {"StringEquals": {"aws:SourceAccount": Aws.ACCOUNT_ID}}
"""A service may assume the roles only on behalf of this account.

See: https://docs.aws.amazon.com/eventbridge/latest/userguide/cross-service-confused-deputy-prevention.html
"""

REASONS = {
    "DeliverLogs": "IAM has no resource type for log delivery",
    "Traces": statements.REASONS["Traces"],
    "TagCompositions": "compositions come and go at run time, so no ARN is known; only what gets "
    f"the tag {AUTOMATION_TAG} with this state machine's ARN can be tagged",
}
"""Why a statement names no single resource."""


class CompositionAutomationDraft(Draft["CompositionAutomation"]):
    """The draft of a CompositionAutomation."""

    spec = specs.COMPOSITION
    subject = "CompositionAutomation"

    def __init__(
        self, scope: Construct, id: str, given: Mapping[str, Any], *, check: Check | None = None
    ) -> None:
        """Check the arguments, and find what is legal but risky."""
        self._arns: list[str] = []
        super().__init__(scope, id, given, check=check)
        if not self.check.failures:
            self.advice += _risks(given["layout"], given["destinations"])

    def prepare(self) -> None:
        """Convert the arguments to the descriptor's form."""
        self.values["stage"] = self._arn("stage", specs.STAGE, self.given["stage"])
        self.values["layout"] = _layout(self.check, self.given["layout"])
        self.values["destinations"] = self._destinations(self.given["destinations"])

    def stage(self) -> IStageRef:
        """Return the stage, as given or as made."""
        return cast("IStageRef", _thing(self.given["stage"]))

    def channels(self) -> list[object]:
        """Return the channels to broadcast to, as given or as made."""
        destinations: Sequence[object] = self.given["destinations"]
        return [
            _thing(each.channel) for each in destinations if isinstance(each, ChannelDestination)
        ]

    def arns(self) -> list[str]:
        """Return the ARNs of all named resources, once they are made."""
        return [each.tell() if isinstance(each, Pending) else each for each in self._arns]

    def _arn(self, label: str, spec: ResourceSpec, given: object) -> str | None:
        """Record a resource and return its ARN, or None if it is not a valid one."""
        if given is None:
            self.check.fail(label, "type", f"{label} must be {with_article(spec.name)}, got None")
        arn = part_arn(self.check, self.stack_facts, spec, label, given)
        if arn is not None:
            self._arns.append(arn)
        return arn

    def _destinations(self, given: object) -> list[dict[str, Any]] | None:
        """Convert the destinations to their descriptor's form."""
        if isinstance(given, str) or not isinstance(given, list | tuple):
            single = isinstance(given, ChannelDestination | S3Destination)
            self.check.fail(
                "destinations",
                "type",
                "destinations must be a list of ChannelDestination and S3Destination, got "
                + (f"a single {type(given).__name__}; put it in [ ]" if single else quoted(given)),
            )
            return None
        wire: list[dict[str, Any]] = []
        for index, each in enumerate(cast("Sequence[object]", given)):
            label = f"destinations[{index}]"
            if isinstance(each, ChannelDestination):
                wire.append({"name": each.name, "channel": self._channel(label, each)})
            elif isinstance(each, S3Destination):
                wire.append({"name": each.name, "s3": self._s3(label, each)})
            else:
                advice = (
                    "; write ChannelDestination(channel=...)"
                    if hasattr(each, "channel_ref")
                    else ""
                )
                self.check.fail(
                    "destinations",
                    "type",
                    f"{label} must be a ChannelDestination or an S3Destination, got {quoted(each)}"
                    f"{advice}",
                )
        for kind in ("channel", "s3"):
            number = sum(kind in each for each in wire)
            if number > 1:
                self.check.fail(
                    "destinations",
                    "same-kind",
                    f"destinations must have at most one {_CLASSES[kind].__name__}, got {number}; "
                    f"drop {number - 1}, or define another CompositionAutomation for it",
                    f"{specs.REALTIME_API}/API_Composition.html",
                )
        # The failure is already recorded; no need to check the rest.
        return (
            None if any(each.property == "destinations" for each in self.check.failures) else wire
        )

    def _channel(self, label: str, given: ChannelDestination) -> dict[str, Any]:
        encoder = given.encoder_configuration
        return {
            "channel": self._arn(f"{label}.channel", specs.CHANNEL, given.channel),
            "encoder_configuration": None
            if encoder is None
            else self._arn(f"{label}.encoder_configuration", specs.ENCODER_CONFIGURATION, encoder),
        }

    def _s3(self, label: str, given: S3Destination) -> dict[str, Any]:
        storage = self._arn(
            f"{label}.storage_configuration",
            specs.STORAGE_CONFIGURATION,
            given.storage_configuration,
        )
        encoder = self._arn(
            f"{label}.encoder_configuration",
            specs.ENCODER_CONFIGURATION,
            given.encoder_configuration,
        )
        segment, thumbnails = given.target_segment_duration, given.thumbnail_configuration
        recording = {
            "hls_configuration": None if segment is None else {"target_segment_duration": segment},
            "recording_format": given.recording_format,
        }
        return {
            "storage_configuration": storage,
            "encoder_configurations": [encoder],
            "recording_configuration": recording if any(recording.values()) else None,
            "thumbnail_configurations": None if thumbnails is None else [thumbnails],
        }


class CompositionAutomation(Composite):
    """Starts a composition whenever someone publishes to a stage and none is running.

    An EventBridge rule sees that a participant has published, and a Step Functions state machine
    starts the composition; no code of yours runs. However many participants there are and however
    often an event arrives, only one composition runs. Amazon IVS stops it one minute after the last
    publisher has left, so the automation never has to.

    Args:
        scope: The construct to define this in, usually `self`.
        id: The id, unique within the scope.
        stage: The stage; in the stack's account and Region, like everything in the destinations.
        destinations: Where compositions are sent: a ChannelDestination, an S3Destination, or one of
            each.
        layout: How the picture is arranged: a GridLayout or a PipLayout.
            Default: a grid (set by IVS).
        tags: Tags of the compositions, up to 49. `Tags.of(automation)` adds to the rule, the state
            machine, the roles and the log group only. Default: none.

    Raises:
        InvalidPropertyError: If Amazon IVS would refuse the composition.

    Example:
        >>> stage = Stage(stack, "Stage")
        >>> automation = CompositionAutomation(
        ...     stack, "Composition", stage=stage, layout=GridLayout(),
        ...     destinations=[ChannelDestination(channel=channel)],
        ... )

    The state machine's role may start compositions of this stage with these resources, tag and list
    them, and read the stage. Its input is only the session's id: nothing about participants reaches
    Step Functions. Failed executions are logged, without their data.

    See: https://docs.aws.amazon.com/ivs/latest/RealTimeUserGuide/server-side-composition.html
    """

    def __init__(
        self,
        scope: Construct,
        id: str,
        *,
        stage: IStageRef,
        destinations: Sequence[ChannelDestination | S3Destination],
        layout: GridLayout | PipLayout | None = None,
        tags: Mapping[str, str] | None = None,
    ) -> None:
        """Define a CompositionAutomation. Its arguments are those listed for the class."""
        given = {"stage": stage, "destinations": destinations, "layout": layout, "tags": tags}
        draft = CompositionAutomationDraft(scope, id, given)
        draft.raise_failures(scope, id)
        self._make(scope, id, draft)

    def _make(self, scope: Construct, id: str, draft: CompositionAutomationDraft) -> None:
        """Make what starts the compositions from a draft without failures."""
        self._begin(scope, id, draft.stack_facts)
        draft.settle(self)
        self._stage = draft.stage()
        self._stage_arn = str(draft.wire["stage"])
        settings = settings_for(self)
        self._log_group = self._make_log_group(settings)
        traced = settings.get("tracing", True)
        self._state_machine = self._make_state_machine(_request(draft.wire), draft.arns(), traced)
        self._rule = self._make_rule()
        for item in draft.advice:
            annotate(self, item)
        for channel in draft.channels():
            at_synth(self, partial(_warn_without_key, self, draft.stack_facts, channel))

    @property
    def stage(self) -> IStageRef:
        """The stage, as given."""
        return self._stage

    @property
    def state_machine(self) -> aws_stepfunctions.StateMachine:
        """The state machine that starts the compositions; its metrics show failures."""
        machine: aws_stepfunctions.StateMachine = typed(self._state_machine)
        return machine

    @property
    def rule(self) -> aws_events.Rule:
        """Fires when a participant publishes; while it is disabled, no composition starts."""
        rule: aws_events.Rule = typed(self._rule)
        return rule

    @property
    def log_group(self) -> aws_logs.LogGroup:
        """Where failed executions are logged, for 30 days unless FunctionSettings say otherwise."""
        log_group: aws_logs.LogGroup = typed(self._log_group)
        return log_group

    @property
    def grants(self) -> CompositionGrants:
        """Grants for the compositions that are started here.

        `grants.stop` allows the grantee to find and stop them, and no others. To find them, call
        ListCompositions with the stage's ARN and look for the tag `ivs-constructs:automation` with
        the state machine's ARN. The next participant who publishes starts a new composition, unless
        you disable the rule first.
        """
        own = {AUTOMATION_TAG: self._state_machine_arn}
        return CompositionGrants.from_stage(self._stage, tags=own)

    @property
    def _state_machine_arn(self) -> str:
        return attribute_of(self._state_machine, "stateMachineArn")

    def _make_log_group(self, settings: Mapping[str, Any]) -> cdk.Resource:
        # With this prefix, a log group needs no entry of its own in the account's resource policy
        # for log delivery, which has little room. The stack's id makes the name unique.
        name = cdk.Names.unique_resource_name(self, max_length=128, allowed_special_characters="-_")
        stack_id = cdk.Fn.select(2, cdk.Fn.split("/", Aws.STACK_ID))
        return define_log_group(self, settings, name=f"/aws/vendedlogs/states/{name}-{stack_id}")

    def _make_state_machine(
        self, request: dict[str, Any], arns: Sequence[str], traced: bool
    ) -> cdk.Resource:
        self._role = define_role(
            self,
            "Role",
            service="states.amazonaws.com",
            conditions=_OWN_ACCOUNT,
            description="Starts compositions of one stage",
            statements={
                "Compositions": [
                    each
                    for each in _statements(self._stage_arn, arns)
                    if traced or each["Sid"] != "Traces"
                ]
            },
            reasons=REASONS,
        )
        values = Interpreted()
        states = definition(Aws.PARTITION, values.data(self._stage_arn), values.data(request))
        return define_by_name(
            cdk.Resource,
            "aws_stepfunctions.StateMachine",
            self,
            "StateMachine",
            {
                "definitionBody": static_call(
                    "aws_stepfunctions.DefinitionBody", "fromString", values.json(states)
                ),
                "stateMachineType": member_by_name("aws_stepfunctions.StateMachineType", "EXPRESS"),
                # The statements already contain what logs and traces need, with reasons.
                "role": call(self._role, "withoutPolicyUpdates"),
                "logs": {
                    "destination": self._log_group,
                    "level": member_by_name("aws_stepfunctions.LogLevel", "ERROR"),
                    "includeExecutionData": False,
                },
                "tracingEnabled": traced,
            },
        )

    def _make_rule(self) -> cdk.Resource:
        arn = self._state_machine_arn
        # A separate policy: the state machine needs its role, and this policy needs the state
        # machine.
        tagging = define_policy(self, "Tagging", self._role, [_tagging(arn)], REASONS)
        role = define_role(
            self,
            "EventsRole",
            service="events.amazonaws.com",
            conditions=_OWN_ACCOUNT,
            description="Lets EventBridge start one state machine",
            statements={"Start": [_allow("Start", ["states:StartExecution"], [arn])]},
            reasons={},
        )
        # Only the session: nothing about the participant is passed on.
        session = static_text("aws_events.EventField", "fromPath", "$.detail.session_id")
        target = value_by_name(
            "aws_events_targets.SfnStateMachine",
            self._state_machine,
            {
                "input": static_call(
                    "aws_events.RuleTargetInput", "fromObject", {"session_id": session}
                ),
                "maxEventAge": cdk.Duration.seconds(EVENT_SECONDS),
                # Its statement is written above.
                "role": call(role, "withoutPolicyUpdates"),
            },
        )
        rule = define_by_name(
            cdk.Resource,
            "aws_events.Rule",
            self,
            "Rule",
            {
                "description": "A participant has published to the stage",
                "eventPattern": {
                    "source": ["aws.ivs"],
                    "detailType": ["IVS Stage Update"],
                    "resources": [self._stage_arn],
                    "detail": {"event_name": ["Participant Published"]},
                },
                "targets": [target],
            },
        )
        # Nothing starts before the role may tag what it starts.
        rule.node.add_dependency(tagging)
        return rule


CompositionAutomationDraft.construct = CompositionAutomation
# What is given


def _layout(check: Check, layout: object) -> dict[str, object] | None:
    if layout is None:
        return None
    if isinstance(layout, GridLayout):
        return {specs.GRID_LAYOUT.py: layout}
    if isinstance(layout, PipLayout):
        return {specs.PIP_LAYOUT.py: layout}
    check.fail(
        "layout",
        "type",
        f"layout must be a GridLayout or a PipLayout, got {quoted(layout)}; write GridLayout(...) "
        "or PipLayout(...)",
    )
    return None


_CLASSES = {"channel": ChannelDestination, "s3": S3Destination}


def _thing(given: object) -> object:
    """Return the resource itself if a bundle passed one that it has already checked."""
    if isinstance(given, Ready):
        return given.resource
    return cast("object", cast("Any", given).made) if isinstance(given, Draft) else given


# What is legal but risky


def _risks(
    layout: object, destinations: Sequence[ChannelDestination | S3Destination]
) -> list[Advice]:
    found: list[Advice] = []
    for each in destinations:
        video = _video(each.encoder_configuration)
        if video is None:
            continue
        if isinstance(each, ChannelDestination):
            found += _too_much_for_basic(each.channel, video)
        if isinstance(layout, PipLayout):
            found += _larger_than_the_picture(layout, video)
    return found


def _video(encoder: object) -> dict[str, float] | None:
    """Return the video of an encoder, None if it is not known."""
    video = given_to(encoder, "video", unknown=_UNKNOWN)
    if video is _UNKNOWN or is_token(video):
        return None
    found = {
        name: float(getattr(video, name, None) or default)
        for name, default in _DEFAULT_VIDEO.items()
    }
    return found if is_concrete(found) else None


def _too_much_for_basic(channel: object, video: Mapping[str, float]) -> Iterator[Advice]:
    if enum_value(given_to(channel, "type")) != "BASIC":
        return
    height = min(video["width"], video["height"])
    allowed = next((rate for pixels, rate in BASIC_BITRATES.items() if height <= pixels), 0)
    if video["bitrate"] > allowed:
        yield Advice(
            Severity.WARNING,
            "ivs-constructs:composition-above-basic",
            f"the composition has {video['bitrate']:.0f} bits a second, and a channel of type "
            f"BASIC accepts {allowed} for a picture of this size, so the broadcast will probably "
            "end at once; lower the encoder's bitrate, or use a channel of type STANDARD",
        )


def _larger_than_the_picture(layout: PipLayout, video: Mapping[str, float]) -> Iterator[Advice]:
    for name, side in (("pip_width", "width"), ("pip_height", "height")):
        pixels = getattr(layout, name)
        if pixels is not None and is_concrete(pixels) and pixels > video[side]:
            yield Advice(
                Severity.WARNING,
                "ivs-constructs:pip-larger-than-picture",
                f"{name} is {pixels} pixels, and the picture has a {side} of {video[side]:.0f}; "
                "make the window smaller",
            )


def _warn_without_key(automation: Construct, stack_facts: StackFacts, channel: object) -> None:
    """Warn if a channel to broadcast to has no stream key, which may be defined later."""
    arn = arn_of(Check(specs.CHANNEL.source), specs.CHANNEL, "channel", channel)
    # Nothing is known about channels from elsewhere.
    if not is_token(arn) or getattr(channel, "is_imported", False):
        return
    if former_key(stack_facts, channel, arn) is not None:
        return
    # It may be an L1 or from aws_ivs_alpha. An L1 also has its channel's ARN as Fn::GetAtt, whose
    # text differs from the reference's.
    names = {arn, getattr(channel, "attr_arn", arn)}
    keys = all_in(app_of(automation), "aws_ivs.CfnStreamKey")
    if not any(attribute_of(each, "channelArn") in names for each in keys):
        annotate(automation, _WITHOUT_STREAM_KEY)


_WITHOUT_STREAM_KEY = Advice(
    Severity.WARNING,
    "ivs-constructs:composition-without-stream-key",
    "the channel has no stream key in this app, and Amazon IVS cannot broadcast a composition to a "
    "channel without one; define it with channel.add_stream_key(...)",
)


# What is allowed


def _statements(stage_arn: str, arns: Sequence[str]) -> list[Statement]:
    """Write what the state machine's role may do.

    See: https://docs.aws.amazon.com/step-functions/latest/dg/cw-logs.html
    """
    return [
        _allow("StartCompositions", ["ivs:StartComposition"], list(dict.fromkeys(arns))),
        _allow("LookAtStage", ["ivs:GetStage", "ivs:ListCompositions"], [stage_arn]),
        _allow(
            "DeliverLogs",
            [
                "logs:CreateLogDelivery",
                "logs:DeleteLogDelivery",
                "logs:DescribeLogGroups",
                "logs:DescribeResourcePolicies",
                "logs:GetLogDelivery",
                "logs:ListLogDeliveries",
                "logs:PutResourcePolicy",
                "logs:UpdateLogDelivery",
            ],
            ["*"],
        ),
        _allow(
            "Traces",
            [
                "xray:GetSamplingRules",
                "xray:GetSamplingTargets",
                "xray:PutTelemetryRecords",
                "xray:PutTraceSegments",
            ],
            ["*"],
        ),
    ]


def _tagging(machine_arn: str) -> Statement:
    """Let the state machine tag its own compositions.

    With another tag value, compositions would come under another automation's grants.
    """
    return {
        **_allow("TagCompositions", ["ivs:TagResource"], [statements.own_account("composition/*")]),
        "Condition": {"StringEquals": {f"aws:RequestTag/{AUTOMATION_TAG}": machine_arn}},
    }


def _allow(sid: str, actions: list[str], resources: Sequence[object]) -> Statement:
    return {"Sid": sid, "Effect": "Allow", "Action": actions, "Resource": list(resources)}


# What is made


def _request(wire: dict[str, Any]) -> dict[str, Any]:
    """Write the parameters of StartComposition as Step Functions takes them."""
    tags = {tag["key"]: tag["value"] for tag in wire.pop("tags", ())}
    request = render(specs.COMPOSITION.props, wire, lower=False)
    return {**request, "Tags": tags} if tags else request
