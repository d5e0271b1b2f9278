"""Compositions that start by themselves: whenever somebody publishes to a stage."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any, cast

import aws_cdk as cdk
import jsii
from aws_cdk import Aws, aws_events, aws_iam, aws_logs, aws_stepfunctions
from constructs import Construct, IValidation

from ivs_constructs import _specs as specs
from ivs_constructs._core.annotate import annotate
from ivs_constructs._core.check import (
    Check,
    enum_value,
    is_concrete,
    is_token,
    quoted,
    with_article,
)
from ivs_constructs._core.render import create, render
from ivs_constructs._core.resource import arn_of, path_of, show_signature
from ivs_constructs._core.rules import Advice, Severity, judge
from ivs_constructs._core.stack_facts import StackFacts, remember, stack_facts_of
from ivs_constructs._specs import ResourceSpec
from ivs_constructs.low_latency.stream_key import former_key
from ivs_constructs.operate.grants import CompositionGrants
from ivs_constructs.realtime.composition._parts import (
    Part,
    part_of,
)
from ivs_constructs.realtime.composition._states import AUTOMATION_TAG, definition
from ivs_constructs.realtime.values import ChannelDestination, GridLayout, PipLayout, S3Destination

if TYPE_CHECKING:
    from aws_cdk.interfaces.aws_events import IRuleRef
    from aws_cdk.interfaces.aws_ivs import IStageRef

LOG_DAYS = aws_logs.RetentionDays.ONE_MONTH

EVENT_SECONDS = 300
"""How long EventBridge tries to start the state machine; a talk does not wait longer."""

BASIC_BITRATES = {480: 1_500_000, 1080: 3_500_000}
"""Bits a second that a BASIC channel takes, by the picture's height.

See: https://docs.aws.amazon.com/ivs/latest/LowLatencyUserGuide/channel-types.html
"""

# By Amazon IVS, where an encoder configuration leaves something out.
_DEFAULT_VIDEO = {"width": 1280, "height": 720, "bitrate": 2_500_000}

REASONS = {
    "DeliverLogs": "IAM knows no resource for the delivery of logs",
    "Traces": "IAM knows no resource for the traces of AWS X-Ray",
    "TagCompositions": "compositions come and go at run time, so no ARN is known; only what gets "
    f"the tag {AUTOMATION_TAG} can be tagged",
}
"""Why a statement names no single resource."""


class CompositionAutomation(Construct):
    """Starts a composition whenever somebody publishes to a stage and none is running.

    A rule of EventBridge sees that a participant has published, and a state machine of Step
    Functions starts the composition; there is no code to run. However many participants there are,
    and however often an event comes, one composition runs. Amazon IVS stops it by itself a minute
    after the last publisher has left, which is why nothing here does.

    Args:
        scope: The construct to define this in, usually `self`.
        id: The id below it.
        stage: The stage; in the stack's account and Region, as all that the destinations name.
        destinations: Where compositions go: a ChannelDestination, an S3Destination, or one of each.
        layout: How the picture is made up, a GridLayout or a PipLayout.
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
    them, and look at the stage. Its input is the session's id alone: nothing about participants
    reaches Step Functions. Failed executions are logged, without their data.

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
        subject = type(self).__name__
        stack_facts = stack_facts_of(subject, scope, id)
        check = Check(specs.COMPOSITION.source)
        named = _Named(check, stack_facts)
        values = {
            "stage": named.arn("stage", specs.STAGE, stage),
            "layout": _layout(check, layout),
            "destinations": _destinations(check, named, destinations),
            "tags": tags,
        }
        wire = check.properties(specs.COMPOSITION.props, values)
        advice = judge(specs.COMPOSITION, check, wire, stack_facts.facts)
        check.raise_for(subject, lambda: path_of(scope, id))

        create(Construct, self, scope, id)
        remember(self, stack_facts)
        self._stage = stage
        self._stage_arn = str(wire["stage"])
        self._log_group = self._make_log_group()
        self._state_machine = self._make_state_machine(
            _request(wire), [str(each.arn) for each in named.parts]
        )
        self._rule = self._make_rule()
        for item in (*advice, *_risks(layout, destinations)):
            annotate(self, item)
        for destination in destinations:
            if isinstance(destination, ChannelDestination):
                self.node.add_validation(_StreamKeyWatch(self, stack_facts, destination.channel))

    @property
    def stage(self) -> IStageRef:
        """The stage, as given."""
        return self._stage

    @property
    def state_machine(self) -> aws_stepfunctions.StateMachine:
        """What starts the compositions; its metrics tell when that fails."""
        return self._state_machine

    @property
    def rule(self) -> aws_events.Rule:
        """What sees that a participant has published; disabled, no composition starts."""
        return self._rule

    @property
    def log_group(self) -> aws_logs.LogGroup:
        """Where failed executions are told, for 30 days."""
        return self._log_group

    @property
    def grants(self) -> CompositionGrants:
        """Grants for the compositions that are started here."""
        own = {AUTOMATION_TAG: self._state_machine.state_machine_arn}
        return CompositionGrants(self._stage_arn, tags=own)

    def grant_stop(self, grantee: aws_iam.IGrantable) -> aws_iam.Grant:
        """Allow someone to find and stop the compositions that are started here.

        They are found by ListCompositions with the stage's ARN, and have the tag
        `ivs-constructs:automation` with the state machine's ARN; no others can be stopped. The next
        participant who publishes starts a composition again, unless the rule is disabled before.

        Args:
            grantee: Who is to stop compositions.
        """
        return self.grants.stop(grantee)

    def __repr__(self) -> str:
        """Name the class and the construct's path."""
        return f"<ivs_constructs.{type(self).__name__} '{self.node.path}'>"

    def _make_log_group(self) -> aws_logs.LogGroup:
        # With this prefix a log group needs no entry of its own in the account's policy for log
        # delivery, which has room for few. The stack's id makes the name unique.
        name = cdk.Names.unique_resource_name(self, max_length=128, allowed_special_characters="-_")
        stack_id = cdk.Fn.select(2, cdk.Fn.split("/", Aws.STACK_ID))
        return aws_logs.LogGroup(
            self,
            "LogGroup",
            log_group_name=f"/aws/vendedlogs/states/{name}-{stack_id}",
            retention=LOG_DAYS,
            removal_policy=cdk.RemovalPolicy.DESTROY,
        )

    def _make_state_machine(
        self, request: dict[str, Any], arns: Sequence[str]
    ) -> aws_stepfunctions.StateMachine:
        statements = _statements(self._stage_arn, arns)
        role = aws_iam.Role(
            self,
            "Role",
            description="Starts compositions of one stage",
            assumed_by=_service(
                "states.amazonaws.com",
                {"StringEquals": {"aws:SourceAccount": Aws.ACCOUNT_ID}},
            ),
            inline_policies={"Compositions": _document(statements)},
        )
        _explain(role, statements)
        states = definition(Aws.PARTITION, self._stage_arn, request)
        return aws_stepfunctions.StateMachine(
            self,
            "StateMachine",
            definition_body=aws_stepfunctions.DefinitionBody.from_string(
                cdk.Stack.of(self).to_json_string(states)
            ),
            state_machine_type=aws_stepfunctions.StateMachineType.EXPRESS,
            # What logs and traces need is among the statements, with reasons.
            role=role.without_policy_updates(),
            logs=aws_stepfunctions.LogOptions(
                destination=self._log_group,
                level=aws_stepfunctions.LogLevel.ERROR,
                include_execution_data=False,
            ),
            tracing_enabled=True,
        )

    def _make_rule(self) -> aws_events.Rule:
        arn = self._state_machine.state_machine_arn
        role = aws_iam.Role(
            self,
            "EventsRole",
            description="Lets EventBridge start one state machine",
            assumed_by=_service("events.amazonaws.com"),
            inline_policies={
                "Start": _document([_allow("Start", ["states:StartExecution"], [arn])])
            },
        )
        return aws_events.Rule(
            self,
            "Rule",
            description="A participant has published to the stage",
            event_pattern=aws_events.EventPattern(
                source=["aws.ivs"],
                detail_type=["IVS Stage Update"],
                resources=[self._stage_arn],
                detail={"event_name": ["Participant Published"]},
            ),
            targets=[_StateMachineTarget(arn, cast("aws_iam.IRole", role))],
        )


show_signature(CompositionAutomation)


# What is given


class _Named:
    """The resources that the composition names."""

    def __init__(self, check: Check, stack_facts: StackFacts) -> None:
        self._check = check
        self._stack_facts = stack_facts
        self.parts: list[Part] = []

    def arn(self, label: str, spec: ResourceSpec, given: object) -> str | None:
        """Note a resource and return its ARN, or None where it is none."""
        if given is None:
            self._check.fail(label, "type", f"{label} must be {with_article(spec.name)}, got None")
        part = part_of(self._check, self._stack_facts, spec, label, given)
        if part.arn is not None:
            self.parts.append(part)
        return part.arn


def _layout(check: Check, layout: object) -> dict[str, object] | None:
    if layout is None:
        return None
    if isinstance(layout, GridLayout):
        return {specs.GRID_LAYOUT.py: layout}
    if isinstance(layout, PipLayout):
        return {specs.PIP_LAYOUT.py: layout}
    check.fail(
        "layout", "type", f"layout must be a GridLayout or a PipLayout, got {quoted(layout)}"
    )
    return None


def _destinations(check: Check, named: _Named, given: object) -> list[dict[str, Any]] | None:
    """Bring the destinations into the form that their descriptor has."""
    if isinstance(given, str) or not isinstance(given, list | tuple):
        single = isinstance(given, ChannelDestination | S3Destination)
        check.fail(
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
            wire.append({"name": each.name, "channel": _channel(named, label, each)})
        elif isinstance(each, S3Destination):
            wire.append({"name": each.name, "s3": _s3(named, label, each)})
        else:
            advice = (
                "; write ChannelDestination(channel=...)" if hasattr(each, "channel_ref") else ""
            )
            check.fail(
                "destinations",
                "type",
                f"{label} must be a ChannelDestination or an S3Destination, got {quoted(each)}"
                f"{advice}",
            )
    for kind in ("channel", "s3"):
        number = sum(kind in each for each in wire)
        if number > 1:
            check.fail(
                "destinations",
                "same-kind",
                f"destinations must have at most one {_CLASSES[kind].__name__}, got {number}; drop "
                f"{number - 1}, or define another CompositionAutomation for it",
                f"{specs.REALTIME_API}/API_Composition.html",
            )
    # What is wrong is said already; no need to look at the rest.
    return None if any(each.property == "destinations" for each in check.failures) else wire


_CLASSES = {"channel": ChannelDestination, "s3": S3Destination}


def _channel(named: _Named, label: str, given: ChannelDestination) -> dict[str, Any]:
    encoder = given.encoder_configuration
    return {
        "channel": named.arn(f"{label}.channel", specs.CHANNEL, given.channel),
        "encoder_configuration": encoder
        and named.arn(f"{label}.encoder_configuration", specs.ENCODER_CONFIGURATION, encoder),
    }


def _s3(named: _Named, label: str, given: S3Destination) -> dict[str, Any]:
    storage = named.arn(
        f"{label}.storage_configuration", specs.STORAGE_CONFIGURATION, given.storage_configuration
    )
    encoder = named.arn(
        f"{label}.encoder_configuration", specs.ENCODER_CONFIGURATION, given.encoder_configuration
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
    """Return what an encoder makes, None where that is not known."""
    try:
        video: object = cast("Any", encoder).video
    except AttributeError:  # an import or a bare reference
        return None
    except KeyError:  # jsii 1.119 has no name for a token that stands for an L1 type's structure
        return None
    if is_token(video):
        return None
    found = {
        name: float(getattr(video, name, None) or default)
        for name, default in _DEFAULT_VIDEO.items()
    }
    return found if is_concrete(found) else None


def _too_much_for_basic(channel: object, video: Mapping[str, float]) -> Iterator[Advice]:
    if enum_value(getattr(channel, "type", None)) != "BASIC":
        return
    height = min(video["width"], video["height"])
    allowed = next((rate for pixels, rate in BASIC_BITRATES.items() if height <= pixels), 0)
    if video["bitrate"] > allowed:
        yield Advice(
            Severity.WARNING,
            "ivs-constructs:composition-above-basic",
            f"the composition has {video['bitrate']:.0f} bits a second, and a channel of type "
            f"BASIC takes {allowed} of a picture of this size, so the broadcast will probably end "
            "at once; lower the encoder's bitrate, or take a channel of type STANDARD",
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


@jsii.implements(IValidation)
class _StreamKeyWatch:
    """Asked once per synth, when a channel's stream key may have been defined."""

    def __init__(self, automation: Construct, stack_facts: StackFacts, channel: object) -> None:
        self._automation = automation
        self._stack_facts = stack_facts
        self._channel = channel

    def validate(self) -> list[str]:
        """Put the warning; there is never an error to report."""
        arn = arn_of(Check(specs.CHANNEL.source), specs.CHANNEL, "channel", self._channel)
        # Of channels that are made elsewhere nothing is known.
        made_here = is_token(arn) and not getattr(self._channel, "is_imported", False)
        # The second question looks through the whole app.
        if (
            made_here
            and former_key(self._stack_facts, self._channel, arn) is None
            and not self._has_another_key(arn)
        ):
            annotate(self._automation, _WITHOUT_STREAM_KEY)
        return []

    def _has_another_key(self, arn: str | None) -> bool:
        """Whether the app has a stream key of the channel as an L1 type or of aws_ivs_alpha."""
        # An L1 type has its ARN as Fn::GetAtt besides, which is another text than the reference.
        names = {arn, getattr(self._channel, "attr_arn", arn)}
        return any(
            type(each).__name__ == "CfnStreamKey" and getattr(each, "channel_arn", None) in names
            for each in self._automation.node.root.node.find_all()
        )


_WITHOUT_STREAM_KEY = Advice(
    Severity.WARNING,
    "ivs-constructs:composition-without-stream-key",
    "the channel has no stream key in this app, and Amazon IVS broadcasts a composition to no "
    "channel without one; define it by channel.add_stream_key(...)",
)


# What is allowed

_ALL_COMPOSITIONS = f"arn:{Aws.PARTITION}:ivs:{Aws.REGION}:{Aws.ACCOUNT_ID}:composition/*"


def _statements(stage_arn: str, arns: Sequence[str]) -> list[dict[str, Any]]:
    """Write what the state machine's role may do.

    See: https://docs.aws.amazon.com/step-functions/latest/dg/cw-logs.html
    """
    tag_is_given = {"Null": {f"aws:RequestTag/{AUTOMATION_TAG}": "false"}}
    return [
        _allow("StartCompositions", ["ivs:StartComposition"], list(dict.fromkeys(arns))),
        _allow("LookAtStage", ["ivs:GetStage", "ivs:ListCompositions"], [stage_arn]),
        {
            **_allow("TagCompositions", ["ivs:TagResource"], [_ALL_COMPOSITIONS]),
            "Condition": tag_is_given,
        },
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


def _allow(sid: str, actions: list[str], resources: list[str]) -> dict[str, Any]:
    return {"Sid": sid, "Effect": "Allow", "Action": actions, "Resource": resources}


def _service(name: str, conditions: Mapping[str, Any] | None = None) -> aws_iam.IPrincipal:
    return cast("aws_iam.IPrincipal", aws_iam.ServicePrincipal(name, conditions=conditions))


def _document(statements: list[dict[str, Any]]) -> aws_iam.PolicyDocument:
    return aws_iam.PolicyDocument(
        statements=[aws_iam.PolicyStatement.from_json(each) for each in statements]
    )


def _explain(role: aws_iam.Role, statements: list[dict[str, Any]]) -> None:
    """Give the reason of each wildcard, to who reads the template and to cdk-nag."""
    open_ones = [each for each in statements if each["Sid"] in REASONS]
    resource = cast("cdk.CfnResource", role.node.default_child)
    resource.add_metadata(
        "ivs-constructs", {each["Sid"]: REASONS[each["Sid"]] for each in open_ones}
    )
    if hasattr(cdk, "Validations"):  # aws-cdk-lib has it since 2.250
        found = {
            _finding(on): REASONS[each["Sid"]] for each in open_ones for on in each["Resource"]
        }
        cdk.Validations.of(resource).acknowledge(
            *(cdk.Acknowledgment(id=id, reason=reason) for id, reason in found.items())
        )


def _finding(resource: str) -> str:
    """Name what cdk-nag finds in a statement that allows something on a wildcard."""
    text = resource
    for token, shown_as in (
        (Aws.PARTITION, "<AWS::Partition>"),
        (Aws.REGION, "<AWS::Region>"),
        (Aws.ACCOUNT_ID, "<AWS::AccountId>"),
    ):
        text = text.replace(token, shown_as)
    return f"AwsSolutions-IAM5[Resource::{text}]"


# What is made


def _request(wire: dict[str, Any]) -> dict[str, Any]:
    """Write the parameters of StartComposition as Step Functions takes them."""
    tags = {tag["key"]: tag["value"] for tag in wire.pop("tags", ())}
    request = render(specs.COMPOSITION.props, wire, lower=False)
    return {**request, "Tags": tags} if tags else request


@jsii.implements(aws_events.IRuleTarget)
class _StateMachineTarget:
    """A state machine as a rule's target; the AWS CDK's own takes seconds to import."""

    def __init__(self, arn: str, role: aws_iam.IRole) -> None:
        self._arn = arn
        self._role = role

    def bind(
        self,
        rule: IRuleRef,  # noqa: ARG002 (the AWS CDK's interface has it)
        id: str | None = None,  # noqa: ARG002 (the same)
    ) -> aws_events.RuleTargetConfig:
        """Describe the target."""
        session = aws_events.EventField.from_path("$.detail.session_id")
        return aws_events.RuleTargetConfig(
            arn=self._arn,
            role=self._role,
            # The session alone: nothing about the participant goes on.
            input=aws_events.RuleTargetInput.from_object({"session_id": session}),
            retry_policy=aws_events.CfnRule.RetryPolicyProperty(
                maximum_event_age_in_seconds=EVENT_SECONDS
            ),
        )
