"""Rules: what they match, and what they do not, shown by events as Amazon IVS sends them."""

from __future__ import annotations

import inspect
import re
from collections.abc import Callable, Mapping
from typing import Any, cast

import aws_cdk as cdk
import pytest
from aws_cdk import aws_events, aws_events_targets, aws_ivs, aws_ivs_alpha, aws_sns, aws_sqs
from aws_cdk.assertions import Annotations, Match
from constructs import Construct

from ivs_constructs import (
    ApiCall,
    Channel,
    InvalidPropertyError,
    InvalidScopeError,
    RecordingConfiguration,
    Stage,
)
from ivs_constructs.operate import _event_kinds
from ivs_constructs.operate._event_methods import RuleOptions
from ivs_constructs.operate.events import AccountEvents, ChannelEvents, Events, StageEvents
from ivs_constructs.testing import synthesize
from tests.constructs.templates import of_type
from tests.programs import loaded_by

PLACE = "arn:aws:ivs:us-west-2:123456789012"
CHANNEL = f"{PLACE}:channel/AbCdef1G2hij"
STAGE = f"{PLACE}:stage/AbCdef1G2hij"
COMPOSITION = f"{PLACE}:composition/AbCdef1G2hij"

STREAM = "IVS Stream State Change"
HEALTH = "IVS Stream Health Change"
LIMIT = "IVS Limit Breach"
RECORDING = "IVS Recording State Change"
AD_BREAK = "IVS Ad Break State Change"
UPDATE = "IVS Stage Update"
PARTICIPANT = "IVS Participant Recording State Change"
COMPOSED = "IVS Composition State Change"


def event(detail_type: str, resource: str | None, **detail: object) -> dict[str, Any]:
    """An event as EventBridge hands it to targets."""
    return {
        "version": "0",
        "id": "01234567-0123-0123-0123-012345678901",
        "detail-type": detail_type,
        "source": "aws.ivs",
        "account": "123456789012",
        "time": "2026-11-21T20:15:00Z",
        "region": "us-west-2",
        "resources": [] if resource is None else [resource],
        "detail": detail,
    }


def of_stream(name: str, **more: object) -> dict[str, Any]:
    return event(
        STREAM, CHANNEL, event_name=name, channel_name="Show", stream_id="st_1AbCd2EfGhI3j", **more
    )


def of_recording(name: str) -> dict[str, Any]:
    return event(
        RECORDING,
        CHANNEL,
        recording_status=name,
        recording_status_reason="",
        recording_s3_bucket_name="recordings",
        recording_s3_key_prefix="ivs/v1/123456789012/AbCdef1G2hij",
        recording_duration_ms=99370264,
        recording_session_id="a6RfV23ES97iyfoQ",
        recording_session_stream_ids=["st_254sopYUvi6F78ghpO9vn0A"],
        channel_name="Show",
        stream_id="st_1AbCd2EfGhI3j",
    )


def of_limit(name: str, resource: str | None) -> dict[str, Any]:
    return event(LIMIT, resource, limit_name=name, limit_value=8500, exceeded_by=9600)


def of_stage(name: str) -> dict[str, Any]:
    return event(
        UPDATE,
        STAGE,
        event_name=name,
        event_time="2026-11-21T20:15:00Z",
        session_id="st-1AbCd2EfGhI3j",
        user_id="host",
        participant_id="xYz1c2d3e4f",
    )


def of_participant_recording(name: str) -> dict[str, Any]:
    return event(
        PARTICIPANT,
        STAGE,
        event_name=name,
        session_id="st-1AbCd2EfGhI3j",
        participant_id="xYz1c2d3e4f",
        recording_s3_bucket_name="recordings",
        recording_s3_key_prefix="AbCdef1G2hij/st-1AbCd2EfGhI3j/xYz1c2d3e4f",
    )


def of_composition(name: str) -> dict[str, Any]:
    return event(COMPOSED, COMPOSITION, event_name=name, stage_arn=STAGE)


EVENTS: dict[str, dict[str, Any]] = {
    "on_session_created": of_stream("Session Created"),
    "on_session_ended": of_stream("Session Ended"),
    "on_stream_start": of_stream("Stream Start"),
    "on_stream_end": of_stream("Stream End"),
    "on_stream_failure": of_stream("Stream Failure", reason="StreamTakeoverInvalidPriority"),
    "on_stream_takeover": of_stream("Stream Takeover"),
    "on_stream_takeover_failure": of_stream("Stream Takeover Failure"),
    "on_starvation_start": event(HEALTH, CHANNEL, event_name="Starvation Start"),
    "on_starvation_end": event(HEALTH, CHANNEL, event_name="Starvation End"),
    "on_ingest_bitrate_limit_breach": of_limit("Ingest Bitrate", CHANNEL),
    "on_ingest_resolution_limit_breach": of_limit("Ingest Resolution", CHANNEL),
    "on_recording_start": of_recording("Recording Start"),
    "on_recording_end": of_recording("Recording End"),
    "on_recording_start_failure": of_recording("Recording Start Failure"),
    "on_recording_end_failure": of_recording("Recording End Failure"),
    "on_ad_break_inserted": event(
        AD_BREAK, CHANNEL, event_name="Ad Break Inserted", ad_break_id="AbCdEfGhIjKl"
    ),
    "on_participant_published": of_stage("Participant Published"),
    "on_participant_unpublished": of_stage("Participant Unpublished"),
    "on_participant_publish_error": of_stage("Participant Publish Error"),
    "on_participant_recording_start": of_participant_recording("Recording Start"),
    "on_participant_recording_end": of_participant_recording("Recording End"),
    "on_participant_recording_start_failure": of_participant_recording("Recording Start Failure"),
    "on_participant_recording_end_failure": of_participant_recording("Recording End Failure"),
    "on_composition_session_start": of_composition("Session Start"),
    "on_composition_session_end": of_composition("Session End"),
    "on_composition_session_failure": of_composition("Session Failure"),
    "on_composition_destination_start": of_composition("Destination Start"),
    "on_composition_destination_end": of_composition("Destination End"),
    "on_composition_destination_failure": of_composition("Destination Failure"),
    "on_composition_destination_reconnecting": of_composition("Destination Reconnecting"),
    "on_concurrent_broadcasts_limit_breach": of_limit("Concurrent Broadcasts", None),
    "on_concurrent_viewers_limit_breach": of_limit("Concurrent Viewers", None),
}
"""One event for each method, which no other of these methods matches."""

SEVERAL: dict[str, Callable[[Mapping[str, Any]], bool]] = {
    "on_stream_state_change": lambda each: each["detail-type"] == STREAM,
    "on_stream_health_change": lambda each: each["detail-type"] == HEALTH,
    "on_limit_breach": lambda each: each["detail-type"] == LIMIT and bool(each["resources"]),
    "on_recording_state_change": lambda each: each["detail-type"] == RECORDING,
    "on_stage_update": lambda each: each["detail-type"] == UPDATE,
    "on_participant_recording_state_change": lambda each: each["detail-type"] == PARTICIPANT,
    "on_composition_state_change": lambda each: each["detail-type"] == COMPOSED,
}
"""Which of all events the methods match that are for several."""


def matches(pattern: Mapping[str, Any], given: Mapping[str, Any]) -> bool:
    """Whether EventBridge takes an event, as far as lists of exact values and numbers go."""
    for field, wanted in pattern.items():
        value = given.get(field)
        if isinstance(wanted, Mapping):
            if not isinstance(value, Mapping) or not matches(wanted, value):
                return False
            continue
        values = value if isinstance(value, list) else [value]
        if field not in given or not any(fits(one, each) for one in wanted for each in values):
            return False
    return True


def fits(wanted: object, value: Any) -> bool:  # noqa: ANN401 (JSON)
    if isinstance(wanted, Mapping):
        sign, bound = wanted["numeric"]
        assert sign == ">"
        return bool(value > bound)
    return bool(wanted == value)


@pytest.mark.parametrize(
    ("pattern", "expected"),
    [
        ({"source": ["aws.ivs"]}, True),
        ({"source": ["aws.s3", "aws.ivs"]}, True),
        ({"source": ["aws.s3"]}, False),
        ({"resources": [CHANNEL]}, True),
        ({"resources": [STAGE]}, False),
        ({"detail": {"event_name": ["Stream End"]}}, True),
        ({"detail": {"event_name": ["Stream Start"]}}, False),
        # The mistake that this library is there to avoid.
        ({"detail": {"channel_arn": [CHANNEL]}}, False),
        ({"nothing": {"x": ["y"]}}, False),
    ],
)
def test_the_matcher_matches(pattern: dict[str, Any], expected: bool) -> None:
    assert matches(pattern, of_stream("Stream End")) == expected


@pytest.fixture
def channel(stack: cdk.Stack) -> Channel:
    imported: Any = Channel.from_channel_arn(stack, "Channel", CHANNEL)
    return imported  # type: ignore[no-any-return]  # has the same methods


@pytest.fixture
def owners(stack: cdk.Stack, channel: Channel) -> dict[type[Any], Any]:
    return {
        ChannelEvents: channel,
        StageEvents: Stage.from_stage_arn(stack, "Stage", STAGE),
        AccountEvents: AccountEvents(stack),
    }


def pattern_of(rule: aws_events.Rule) -> dict[str, Any]:
    template = synthesize(cdk.Stack.of(rule))
    found = template.one("AWS::Events::Rule").definition
    pattern: dict[str, Any] = found["Properties"]["EventPattern"]
    return pattern


def home_of(method: str) -> type[Any]:
    # The account has the methods of channels and stages besides its own.
    return next(each for each in METHODS if method in methods_of(each))


def methods_of(cls: type) -> set[str]:
    return {name for name in dir(cls) if name.startswith("on_")} - {"on_event"}


METHODS: tuple[type[Any], ...] = (ChannelEvents, StageEvents, AccountEvents)
"""The facades, whose methods constructs have too."""


# Which events


@pytest.mark.parametrize("method", EVENTS)
def test_method_matches_its_event_only(method: str, owners: dict[type[Any], Any]) -> None:
    rule = getattr(owners[home_of(method)], method)("Rule")

    assert isinstance(rule, aws_events.Rule)
    pattern = pattern_of(rule)
    assert [name for name, each in EVENTS.items() if matches(pattern, each)] == [method]


@pytest.mark.parametrize("method", SEVERAL)
def test_method_for_several_matches_them_only(method: str, owners: dict[type[Any], Any]) -> None:
    rule = getattr(owners[home_of(method)], method)("Rule")

    pattern = pattern_of(rule)
    matched = [name for name, each in EVENTS.items() if matches(pattern, each)]
    expected = [name for name, each in EVENTS.items() if SEVERAL[method](each)]
    assert expected
    # Breaches of the account's limits name no channel.
    assert matched == expected


KINDS = {
    each.detail_type: each
    for each in vars(_event_kinds).values()
    if isinstance(each, _event_kinds.EventKind)
}


@pytest.mark.parametrize("method", EVENTS)
def test_detail_is_described(method: str) -> None:
    kind = KINDS[EVENTS[method]["detail-type"]]

    assert EVENTS[method]["detail"].keys() <= {kind.name_field, *kind.fields}
    text = str(getattr(home_of(method), method).__doc__)
    # The method for all events of a kind describes their detail, and the others refer to it.
    if whole := re.search(r"See `(on_\w+)`\.$", text, re.MULTILINE):
        assert SEVERAL[whole[1]]({**EVENTS[method], "resources": [CHANNEL]})
        text = str(getattr(home_of(method), whole[1]).__doc__)
    assert all(f"`{field}`" in text for field in kind.fields)


def test_every_method_is_tested() -> None:
    methods = methods_of(ChannelEvents) | methods_of(StageEvents) | methods_of(AccountEvents)

    assert methods == EVENTS.keys() | SEVERAL.keys()
    assert methods == methods_of(AccountEvents)
    assert methods_of(Events) == set()
    assert methods_of(Channel) == methods_of(ChannelEvents)
    assert methods_of(Stage) == methods_of(StageEvents)


@pytest.mark.parametrize(
    ("owner", "resource"), [(ChannelEvents, CHANNEL), (StageEvents, STAGE), (AccountEvents, None)]
)
def test_on_event_matches_all_about_the_resource(
    owner: type[Any], resource: str | None, owners: dict[type[Any], Any]
) -> None:
    pattern = pattern_of(owners[owner].on_event("Rule"))

    matched = [name for name, each in EVENTS.items() if matches(pattern, each)]
    named = [name for name, each in EVENTS.items() if resource in (None, *each["resources"])]
    assert matched == named


@pytest.mark.parametrize("method", ["on_event", "on_stream_end", "on_recording_state_change"])
def test_events_of_another_channel_do_not_match(method: str, channel: Channel) -> None:
    pattern = pattern_of(getattr(channel, method)("Rule"))

    others = [
        {**each, "resources": [f"{CHANNEL}X"]} for each in EVENTS.values() if each["resources"]
    ]
    assert not any(matches(pattern, each) for each in others)


def test_compositions_of_another_stage_do_not_match(owners: dict[type[Any], Any]) -> None:
    pattern = pattern_of(owners[StageEvents].on_composition_session_end("Rule"))

    ended = of_composition("Session End")
    assert matches(pattern, ended)
    ended["detail"]["stage_arn"] = f"{STAGE}X"
    assert not matches(pattern, ended)


def test_events_of_another_source_do_not_match(stack: cdk.Stack) -> None:
    pattern = pattern_of(AccountEvents(stack).on_event("Rule"))

    assert not matches(pattern, {**of_stream("Stream End"), "source": "my.app"})


def test_resource_of_the_stack_is_named_by_reference(stack: cdk.Stack) -> None:
    Channel(stack, "Channel").on_stream_start("Rule")

    assert of_type(synthesize(stack), "AWS::Events::Rule") == {
        "ChannelRule25FA7ADB": {
            "Type": "AWS::Events::Rule",
            "Properties": {
                "EventPattern": {
                    "source": ["aws.ivs"],
                    "detail-type": ["IVS Stream State Change"],
                    "resources": [{"Fn::GetAtt": ["Channel4048F119", "Arn"]}],
                    "detail": {"event_name": ["Stream Start"]},
                },
                "State": "ENABLED",
            },
        }
    }


# Options


def test_options_reach_the_rule(stack: cdk.Stack, channel: Channel) -> None:
    topic = aws_sns.Topic(stack, "Topic")

    channel.on_stream_start(
        "Started",
        target=aws_events_targets.SnsTopic(topic),
        description="The show begins",
        rule_name="started",
    )

    rule = synthesize(stack).one("AWS::Events::Rule").definition
    properties = rule["Properties"]
    assert properties["Targets"] == [{"Arn": {"Ref": "TopicBFC7AF6E"}, "Id": "Target0"}]
    assert (properties["Description"], properties["Name"]) == ("The show begins", "started")


@pytest.mark.parametrize(
    ("make", "got"),
    [
        (
            lambda stack: aws_sns.Topic(stack, "Topic"),
            "a Topic; write targets.SnsTopic(...) around it",
        ),
        (
            lambda stack: aws_sns.Topic.from_topic_arn(
                stack, "Imported", "arn:aws:sns:us-west-2:123456789012:topic"
            ),
            "a TopicBase; write targets.SnsTopic(...) around it",
        ),
        (
            lambda stack: aws_sqs.Queue(stack, "Queue"),
            "a Queue; write targets.SqsQueue(...) around it",
        ),
        (
            lambda _: ApiCall("ivs", "StopStream", channel_arn=CHANNEL),
            "<ivs_constructs.ApiCall ivs StopStream> (ApiCall); put its as_state(...) into a state "
            "machine and write targets.SfnStateMachine(...) around that",
        ),
        (lambda _: "topic", "'topic'"),
    ],
)
def test_fails_when_the_target_is_none(
    make: Callable[[cdk.Stack], Any], got: str, stack: cdk.Stack, channel: Channel
) -> None:
    with pytest.raises(InvalidPropertyError) as caught:
        channel.on_stream_start("Started", target=make(stack))

    assert str(caught.value) == (
        f"Rule '{channel.node.path}/Started' has 1 invalid property:\n"
        f"  - target must be a target of aws_cdk.aws_events_targets, got {got}"
    )
    assert channel.node.try_find_child("Started") is None


def test_targets_can_be_added_later(stack: cdk.Stack, channel: Channel) -> None:
    rule = channel.on_stream_start("Started")

    rule.add_target(aws_events_targets.SnsTopic(aws_sns.Topic(stack, "Topic")))

    found = synthesize(stack).one("AWS::Events::Rule").definition
    assert len(found["Properties"]["Targets"]) == 1


def test_rule_is_defined_where_the_target_is(app: cdk.App, channel: Channel) -> None:
    other = cdk.Stack(app, "Other")

    rule = channel.on_stream_start("Started", cross_stack_scope=other)

    assert cdk.Stack.of(rule) is other


@pytest.mark.parametrize("as_value", [True, False])
def test_event_pattern_narrows_the_rule(as_value: bool, channel: Channel) -> None:
    more: dict[str, Any] = {"detail": {"recording_duration_ms": [{"numeric": [">", 60_000]}]}}
    given = aws_events.EventPattern(**more) if as_value else more

    pattern = pattern_of(channel.on_recording_end("Long", event_pattern=given))

    ended = of_recording("Recording End")
    assert matches(pattern, ended)
    ended["detail"]["recording_duration_ms"] = 1
    assert not matches(pattern, ended)
    assert not matches(pattern, of_recording("Recording Start"))


def test_event_pattern_gives_on_event_a_detail_type(channel: Channel) -> None:
    legacy = "IVS Publisher Recording State Change"
    rule = channel.on_event(
        "Rule", event_pattern={"detail_type": [legacy], "detail": {"stream_id": ["st_1"]}}
    )

    assert pattern_of(rule) == {
        "source": ["aws.ivs"],
        "resources": [CHANNEL],
        "detail-type": [legacy],
        "detail": {"stream_id": ["st_1"]},
    }


KEYS = "account, detail, detail_type, id, region, resources, source, time, version"


def taken(field: str) -> str:
    return (
        f"event_pattern must not set {field}, which this rule already matches; drop it, or use "
        "another of the methods that begin with on_"
    )


@pytest.mark.parametrize(
    ("given", "messages"),
    [
        ({"source": ["my.app"]}, [taken("source")]),
        (aws_events.EventPattern(resources=["x"]), [taken("resources")]),
        (
            {"detail_type": ["x"], "detail": {"recording_status": ["x"]}},
            [taken("detail_type"), taken("detail.recording_status")],
        ),
        (
            {"detail-type": ["x"]},
            [
                f"event_pattern must have the keys {KEYS}, got 'detail-type'; "
                "did you mean 'detail_type'?"
            ],
        ),
        ({"detail": ["x"]}, ["event_pattern must have a dict as detail, got ['x'] (list)"]),
        ("x", ["event_pattern must be an EventPattern of aws_cdk.aws_events, got 'x'"]),
    ],
)
def test_fails_when_the_event_pattern_would_widen_the_rule(
    given: Any,  # noqa: ANN401 (also what types forbid)
    messages: list[str],
    channel: Channel,
) -> None:
    with pytest.raises(InvalidPropertyError) as caught:
        channel.on_recording_end("Rule", event_pattern=given)

    assert [each.message for each in caught.value.failures] == messages
    assert str(caught.value).startswith("Rule 'Stack/Channel/Rule' has ")
    assert channel.node.try_find_child("Rule") is None


# Where


@pytest.mark.parametrize(
    ("region", "account", "there"),
    [("us-west-2", "123456789012", None), ("us-east-1", "123456789012", "us-west-2"),
     ("us-west-2", "210987654321", "123456789012"), (None, None, None)],
)  # fmt: skip
def test_rule_in_another_place_warns(
    region: str | None, account: str | None, there: str | None, app: cdk.App
) -> None:
    env = cdk.Environment(region=region, account=account)
    stack = cdk.Stack(app, "Elsewhere", env=env)

    rule = Channel.from_channel_arn(stack, "Channel", CHANNEL).on_stream_start("Started")

    told = [str(each.data) for each in rule.node.metadata if each.type == "aws:cdk:warning"]
    here = region if region != there and there == "us-west-2" else account
    expected = (
        f"events from {there} do not reach {here}, where this rule is, unless they are "
        f"forwarded; define the rule in a stack in {there}"
    )
    assert [each.partition(" [ack")[0] for each in told] == ([expected] if there else [])


def test_account_events_need_a_scope_in_a_stack(app: cdk.App) -> None:
    with pytest.raises(InvalidScopeError):
        AccountEvents(app)


def test_account_events_are_printed_with_their_scope(stack: cdk.Stack) -> None:
    assert repr(AccountEvents(stack)) == "<ivs_constructs.AccountEvents of 'Stack'>"


# Documentation


OPTIONS = ["target", "description", "rule_name", "event_pattern", "cross_stack_scope"]


@pytest.mark.parametrize("method", [*EVENTS, *SEVERAL])
def test_method_tells_what_it_takes(method: str) -> None:
    function = getattr(home_of(method), method)

    assert list(inspect.signature(function).parameters) == ["self", "id", "options"]
    text = str(function.__doc__)
    assert text.startswith("Define a rule for ")
    if method in SEVERAL or method == "on_ad_break_inserted":
        assert "The arguments are those of `on_event`." in text


def test_all_methods_take_what_on_event_takes() -> None:
    assert list(inspect.signature(Events.on_event).parameters) == ["self", "id", *OPTIONS]
    assert list(RuleOptions.__annotations__) == OPTIONS


def test_fails_when_there_is_no_such_option(channel: Channel) -> None:
    misspelt: dict[str, Any] = {"taget": None}

    with pytest.raises(TypeError, match="unexpected keyword argument 'taget'"):
        channel.on_stream_start("Rule", **misspelt)
    assert channel.node.try_find_child("Rule") is None


# Facades


class HouseChannel(Channel):
    """A class of the user's."""


CHANNELS: dict[str, Callable[[Construct], Any]] = {
    "a channel": lambda scope: Channel(scope, "It"),
    "an own class": lambda scope: HouseChannel(scope, "It"),
    "an L1": lambda scope: aws_ivs.CfnChannel(scope, "It"),
    "an import": lambda scope: Channel.from_channel_arn(scope, "It", CHANNEL),
    "one of aws_ivs_alpha": lambda scope: aws_ivs_alpha.Channel(scope, "It"),
    "an import of aws_ivs_alpha": lambda scope: aws_ivs_alpha.Channel.from_channel_arn(
        scope, "It", CHANNEL
    ),
}
STAGES: dict[str, Callable[[Construct], Any]] = {
    "a stage": lambda scope: Stage(scope, "It"),
    "an L1": lambda scope: aws_ivs.CfnStage(scope, "It"),
    "an import": lambda scope: Stage.from_stage_arn(scope, "It", STAGE),
}


@pytest.mark.parametrize("kind", CHANNELS)
def test_facade_takes_a_channel(kind: str, stack: cdk.Stack) -> None:
    channel = CHANNELS[kind](stack)
    facade = ChannelEvents.from_channel(channel)

    rule = facade.on_stream_start("Started")

    assert rule.node.path == "Stack/It/Started"
    arn = stack.resolve(facade.channel_arn)
    assert arn == CHANNEL if "import" in kind else list(arn) in (["Fn::GetAtt"], ["Ref"])
    assert pattern_of(rule) == {
        "source": ["aws.ivs"],
        "detail-type": [STREAM],
        "resources": [arn],
        "detail": {"event_name": ["Stream Start"]},
    }


@pytest.mark.parametrize("kind", STAGES)
def test_facade_takes_a_stage(kind: str, stack: cdk.Stack) -> None:
    facade = StageEvents.from_stage(STAGES[kind](stack))

    rule = facade.on_composition_session_end("Ended")

    assert rule.node.path == "Stack/It/Ended"
    arn = stack.resolve(facade.stage_arn)
    assert pattern_of(rule)["detail"] == {"event_name": ["Session End"], "stage_arn": [arn]}


def test_facade_defines_the_same_as_the_channel_itself() -> None:
    ours, theirs = (cdk.Stack(cdk.App(), "Same") for _ in range(2))

    Channel(ours, "Channel").on_recording_end("Ended", description="over")
    ChannelEvents.from_channel(Channel(theirs, "Channel")).on_recording_end(
        "Ended", description="over"
    )

    assert synthesize(ours).template == synthesize(theirs).template


def test_facade_of_an_import_from_another_place_warns(app: cdk.App) -> None:
    stack = cdk.Stack(app, "Far", env=cdk.Environment(region="eu-west-1", account="123456789012"))
    channel = Channel.from_channel_arn(stack, "Channel", CHANNEL)

    rule = ChannelEvents.from_channel(channel).on_stream_start("Started")

    [warning] = [str(each.data) for each in rule.node.metadata if each.type == "aws:cdk:warning"]
    assert warning.startswith("events from us-west-2 do not reach eu-west-1")


def test_facade_defines_rules_elsewhere_when_told(app: cdk.App, stack: cdk.Stack) -> None:
    other = cdk.Stack(app, "Other")
    facade = ChannelEvents.from_channel(aws_ivs.CfnChannel(stack, "Channel"))

    rule = facade.on_stream_end("Ended", cross_stack_scope=other)

    assert cdk.Stack.of(rule) is other


def test_facade_takes_an_arn_and_a_place_for_rules(stack: cdk.Stack) -> None:
    rule = ChannelEvents(stack, CHANNEL).on_event("All")

    assert rule.node.path == "Stack/All"
    assert pattern_of(rule) == {"source": ["aws.ivs"], "resources": [CHANNEL]}
    assert repr(StageEvents(stack, STAGE)) == "<ivs_constructs.StageEvents of 'Stack'>"


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (
            lambda stack: ChannelEvents.from_channel(cast("Any", Stage(stack, "Stage"))),
            "channel must be a Channel, got ",
        ),
        (
            lambda _: StageEvents.from_stage(cast("Any", None)),
            "stage is required; give a value",
        ),
        (
            lambda stack: ChannelEvents(stack, STAGE),
            "channel_arn must be arn:<partition>:ivs:<region>:<account>:channel/<id>, got ",
        ),
        (
            lambda stack: StageEvents(stack, CHANNEL),
            "stage_arn must be arn:<partition>:ivs:<region>:<account>:stage/<id>, got ",
        ),
    ],
)
def test_facade_refuses_what_it_is_not_for(
    make: Callable[[Any], Any], message: str, stack: cdk.Stack
) -> None:
    with pytest.raises(InvalidPropertyError) as caught:
        make(stack)

    [failure] = caught.value.failures
    assert failure.message.startswith(message)


# What it costs


def test_constructs_load_no_module_for_rules() -> None:
    loaded = loaded_by("from ivs_constructs import Channel, Stage, StreamKey")

    assert "ivs_constructs.operate._event_methods" in loaded
    assert "ivs_constructs.operate.events" not in loaded
    large = {"aws_cloudwatch", "aws_events", "aws_iam"}
    assert loaded.isdisjoint(f"aws_cdk.{name}" for name in large)
    assert "ivs_constructs.operate.grants" not in loaded


def test_misspelt_option_of_a_rule_is_told(stack: cdk.Stack) -> None:
    options: Any = {"targett": None}
    with pytest.raises(TypeError, match=r"'targett'; did you mean 'target'\?"):
        Channel(stack, "Channel").on_stream_start("Rule", **options)


# Patterns that match nothing


NEVER: dict[str, tuple[dict[str, Any], str]] = {
    "detail type of others": (
        {"detail_type": ["IVS Stage Update"]},
        "event_pattern must have a detail_type of IVS Stream State Change, IVS Stream Health "
        "Change, IVS Limit Breach, IVS Recording State Change, IVS Ad Break State Change, got "
        "'IVS Stage Update'; this never matches, drop it",
    ),
    "event of others": (
        {
            "detail_type": ["IVS Stream State Change"],
            "detail": {"event_name": ["Starvation Start"]},
        },
        "event_pattern must look for Session Created, Session Ended, Stream Start, Stream End, "
        "Stream Failure, Stream Takeover, Stream Takeover Failure in IVS Stream State Change, got "
        "'Starvation Start', which is of IVS Stream Health Change; this never matches, drop it",
    ),
    "event of a stage": (
        {"detail_type": ["IVS Ad Break State Change"], "detail": {"event_name": ["Session Start"]}},
        "event_pattern must look for Ad Break Inserted in IVS Ad Break State Change, got "
        "'Session Start', which is of IVS Composition State Change; this never matches, drop it",
    ),
    "field of others": (
        {"detail_type": ["IVS Limit Breach"], "detail": {"event_name": ["Ingest Bitrate"]}},
        "event_pattern must look for detail.limit_name in IVS Limit Breach, got detail.event_name; "
        "this never matches, write detail.limit_name",
    ),
    "ARN in the detail": (
        {"detail": {"channel_arn": ["arn:aws:ivs:us-west-2:1:channel/a"]}},
        "event_pattern must not look for detail.channel_arn, which no event has; this never "
        "matches, drop it, since this rule looks for the ARN in resources",
    ),
    "no list": (
        {"detail_type": "IVS Stream State Change"},
        "event_pattern must have a list as detail_type, got 'IVS Stream State Change'; write "
        "['IVS Stream State Change']",
    ),
}


@pytest.mark.parametrize("name", NEVER)
def test_pattern_that_never_matches_is_refused(stack: cdk.Stack, name: str) -> None:
    pattern, message = NEVER[name]
    channel = Channel(stack, "Never")

    with pytest.raises(InvalidPropertyError) as caught:
        channel.on_event("Rule", event_pattern=pattern)

    assert str(caught.value).splitlines()[1:] == [f"  - {message}"]
    assert channel.node.try_find_child("Rule") is None


def test_methods_of_one_kind_refuse_fields_of_others(stack: cdk.Stack) -> None:
    channel = Channel(stack, "Never")

    with pytest.raises(InvalidPropertyError, match=r"look for detail\.limit_name in IVS Limit"):
        channel.on_limit_breach("Rule", event_pattern={"detail": {"event_name": ["x"]}})


UNKNOWN: dict[str, tuple[dict[str, Any], str]] = {
    "detail type": (
        {"detail_type": ["IVS Stage Updated"]},
        "detail_type 'IVS Stage Updated' is not known to this library, so this rule probably never "
        "matches; did you mean 'IVS Stage Update'?",
    ),
    "event": (
        {"detail": {"event_name": ["Participant Publishd"]}},
        "detail.event_name 'Participant Publishd' is not known to this library, so this rule "
        "probably never matches; did you mean 'Participant Published'?",
    ),
    "both": (
        {"detail_type": ["IVS Something New"], "detail": {"event_name": ["Stream Start"]}},
        "detail_type 'IVS Something New' is not known to this library, so this rule probably never "
        "matches",
    ),
}


@pytest.mark.parametrize("name", UNKNOWN)
def test_event_that_is_not_known_gets_a_warning(stack: cdk.Stack, name: str) -> None:
    pattern, text = UNKNOWN[name]
    Stage(stack, "Stage").on_event("Rule", event_pattern=pattern)

    [warning] = Annotations.from_stack(stack).find_warning("*", Match.any_value())
    assert warning.entry.data == f"{text} [ack: ivs-constructs:unknown-event]"


@pytest.mark.parametrize(
    "pattern",
    [
        {"detail_type": ["IVS Stream State Change"], "detail": {"event_name": ["Stream Start"]}},
        {"detail": {"event_name": [{"prefix": "Stream"}], "stream_id": ["st-1"]}},
        {"detail_type": aws_events.Match.prefix("IVS")},
        {"detail": {"limit_name": ["Ingest Bitrate"]}},
        {"detail": {"recording_status": ["Recording End"]}},
        {"region": ["us-west-2"], "account": ["123456789012"]},
    ],
)
def test_pattern_that_may_match_passes(stack: cdk.Stack, pattern: dict[str, Any]) -> None:
    Channel(stack, "Channel").on_event("Rule", event_pattern=pattern)

    assert not Annotations.from_stack(stack).find_warning("*", Match.any_value())


def test_account_sees_events_of_all(stack: cdk.Stack) -> None:
    pattern = {
        "detail_type": ["IVS Composition State Change", "IVS Stream State Change"],
        "detail": {"event_name": ["Session End", "Stream End"]},
    }
    AccountEvents(stack).on_event("Rule", event_pattern=pattern)

    assert not Annotations.from_stack(stack).find_warning("*", Match.any_value())


def test_rule_for_recordings_of_what_is_not_recorded_gets_a_warning(stack: cdk.Stack) -> None:
    Channel(stack, "Channel").on_recording_end("Ended")
    Stage(stack, "Stage").on_participant_recording_end("Ended")

    found = Annotations.from_stack(stack).find_warning("*", Match.any_value())
    assert {each.id: each.entry.data for each in found} == {
        "/Stack/Channel/Ended": "the channel is not recorded, so this rule never matches; pass it "
        "recording_configuration [ack: ivs-constructs:recording-events-without-recording]",
        "/Stack/Stage/Ended": "the stage is not recorded, so this rule never matches; pass it "
        "auto_participant_recording [ack: ivs-constructs:recording-events-without-recording]",
    }


def test_recorded_and_imported_ones_get_none(stack: cdk.Stack) -> None:
    recorded = Channel(
        stack, "Recorded", recording_configuration=RecordingConfiguration(stack, "Recording")
    )
    arn = "arn:aws:ivs:us-west-2:123456789012:channel/AbCd"
    for channel in (recorded, Channel.from_channel_arn(stack, "Imported", arn)):
        channel.on_recording_end("Ended")

    found = Annotations.from_stack(stack).find_warning("*", Match.any_value())
    assert [each for each in found if "recording-events" in str(each.entry.data)] == []
