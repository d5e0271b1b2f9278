"""Recommended alarms: what they watch, from when on, and what is refused."""

from __future__ import annotations

from typing import Any

import aws_cdk as cdk
import pytest
from aws_cdk import aws_cloudwatch_actions, aws_ivs, aws_sns
from aws_cdk.assertions import Annotations, Match
from syrupy.assertion import SnapshotAssertion

from ivs_constructs import (
    AutoParticipantRecording,
    Channel,
    ChannelDestination,
    CompositionAutomation,
    InvalidPropertyError,
    InvalidScopeError,
    LiveChannel,
    LiveStage,
    RecordingConfiguration,
    Stage,
    StageFleet,
    StorageConfiguration,
)
from ivs_constructs.operate.recommended_alarms import RecommendedAlarms
from ivs_constructs.testing import synthesize
from tests.constructs.templates import of_type

CHANNEL = "arn:aws:ivs:us-west-2:123456789012:channel/AbCd"
STAGE = "arn:aws:ivs:us-west-2:123456789012:stage/AbCd"


OF_CHANNEL = ["IngestStarvation", "LowIngestBitrate", "LowIngestFramerate", "RecordingFailure"]
OF_STAGE = ["PacketLoss", "Publishers", "ParticipantRecordingFailure"]
OF_COMPOSITION = ["CompositionNotStarted", "CompositionFailure"]


def alarms_of(stack: cdk.Stack, id: str = "Alarms") -> dict[str, dict[str, Any]]:
    """The properties of alarms by the child's id."""
    found = of_type(synthesize(stack), "AWS::CloudWatch::Alarm")
    return {
        name.removeprefix(id)[:-8]: each["Properties"]
        for name, each in found.items()
        if name.startswith(id)
    }


def recorded_channel(stack: cdk.Stack) -> Channel:
    recording = RecordingConfiguration(stack, "Recording")
    return Channel(stack, "Channel", recording_configuration=recording)


def recorded_stage(stack: cdk.Stack) -> Stage:
    storage = StorageConfiguration(stack, "Storage")
    recording = AutoParticipantRecording(storage_configuration=storage)
    return Stage(stack, "Stage", auto_participant_recording=recording)


def rules_of(stack: cdk.Stack) -> dict[str, dict[str, Any]]:
    found = of_type(synthesize(stack), "AWS::Events::Rule")
    return {name: each["Properties"] for name, each in found.items()}


def test_alarms_of_channel_stage_and_account(
    stack: cdk.Stack, snapshot_json: SnapshotAssertion
) -> None:
    RecommendedAlarms(
        stack,
        "Alarms",
        channel=Channel.from_channel_arn(stack, "Channel", CHANNEL),
        stage=Stage.from_stage_arn(stack, "Stage", STAGE),
        concurrent_views_limit=15_000,
        concurrent_streams_limit=100,
        concurrent_publishers_limit=1000,
        concurrent_subscriptions_limit=20_000,
    )

    assert synthesize(stack) == snapshot_json


def test_alarms_are_listed_in_order(stack: cdk.Stack) -> None:
    made = RecommendedAlarms(
        stack,
        "Alarms",
        channel=recorded_channel(stack),
        stage=recorded_stage(stack),
        concurrent_views_limit=1,
    )

    names = [each.node.id for each in made.alarms]
    assert names == [*OF_CHANNEL, *OF_STAGE, "ConcurrentViews"]
    assert names == list(alarms_of(stack))


def test_missing_data_is_no_alarm(stack: cdk.Stack) -> None:
    RecommendedAlarms(stack, "Alarms", channel=recorded_channel(stack), stage=recorded_stage(stack))

    found = alarms_of(stack)
    assert len(found) == len(OF_CHANNEL) + len(OF_STAGE)
    assert {each["TreatMissingData"] for each in found.values()} == {"notBreaching"}


def test_periods_are_what_alarms_may_have(stack: cdk.Stack) -> None:
    # The metrics of high resolution have 5 seconds by default, which CloudWatch refuses here.
    RecommendedAlarms(stack, "Alarms", channel=recorded_channel(stack), stage=recorded_stage(stack))

    assert {each["Period"] for each in alarms_of(stack).values()} == {60}


@pytest.mark.parametrize(
    ("alarm", "operator", "threshold", "periods", "breaching"),
    [
        ("IngestStarvation", "GreaterThanOrEqualToThreshold", 1, 1, 1),
        ("LowIngestBitrate", "LessThanThreshold", 300_000, 3, 3),
        ("LowIngestFramerate", "LessThanThreshold", 15, 3, 3),
        ("RecordingFailure", "GreaterThanOrEqualToThreshold", 1, 1, 1),
        ("PacketLoss", "GreaterThanThreshold", 5, 5, 3),
        ("Publishers", "GreaterThanOrEqualToThreshold", 10, 1, 1),
        ("ParticipantRecordingFailure", "GreaterThanOrEqualToThreshold", 1, 1, 1),
        ("ConcurrentViews", "GreaterThanOrEqualToThreshold", 81, 1, 1),
    ],
)
def test_alarm_goes_off_when(
    alarm: str, operator: str, threshold: int, periods: int, breaching: int, stack: cdk.Stack
) -> None:
    RecommendedAlarms(
        stack,
        "Alarms",
        channel=recorded_channel(stack),
        stage=recorded_stage(stack),
        concurrent_views_limit=101,
    )

    found = alarms_of(stack)[alarm]
    assert found["ComparisonOperator"] == operator
    assert found["Threshold"] == threshold
    assert (found["EvaluationPeriods"], found["DatapointsToAlarm"]) == (periods, breaching)


@pytest.mark.parametrize(
    ("alarm", "pattern"),
    [
        (
            "IngestStarvation",
            {
                "source": ["aws.ivs"],
                "resources": [CHANNEL],
                "detail-type": ["IVS Stream Health Change"],
                "detail": {"event_name": ["Starvation Start"]},
            },
        ),
        (
            "RecordingFailure",
            {
                "source": ["aws.ivs"],
                "resources": [CHANNEL],
                "detail-type": ["IVS Recording State Change"],
                "detail": {
                    "recording_status": ["Recording Start Failure", "Recording End Failure"]
                },
            },
        ),
        (
            "ParticipantRecordingFailure",
            {
                "source": ["aws.ivs"],
                "resources": [STAGE],
                "detail-type": ["IVS Participant Recording State Change"],
                "detail": {"event_name": ["Recording Start Failure", "Recording End Failure"]},
            },
        ),
    ],
)
def test_alarm_on_events_counts_what_its_rule_matches(
    alarm: str, pattern: dict[str, Any], stack: cdk.Stack
) -> None:
    RecommendedAlarms(
        stack,
        "Alarms",
        channel=Channel.from_channel_arn(stack, "Channel", CHANNEL),
        stage=Stage.from_stage_arn(stack, "Stage", STAGE),
    )

    found = alarms_of(stack)[alarm]
    assert (found["Namespace"], found["MetricName"]) == ("AWS/Events", "MatchedEvents")
    assert found["Statistic"] == "Sum"
    [dimension] = found["Dimensions"]
    assert dimension["Name"] == "RuleName"
    assert rules_of(stack)[dimension["Value"]["Ref"]]["EventPattern"] == pattern


def test_thresholds_can_be_set(stack: cdk.Stack) -> None:
    RecommendedAlarms(
        stack,
        "Alarms",
        channel=recorded_channel(stack),
        stage=recorded_stage(stack),
        minimum_ingest_bitrate=2_000_000,
        minimum_ingest_framerate=24.5,
        maximum_packet_loss=0,
        concurrent_streams_limit=10,
        near_limit=50,
    )

    found = {name: each["Threshold"] for name, each in alarms_of(stack).items()}
    assert found["LowIngestBitrate"] == 2_000_000
    assert found["LowIngestFramerate"] == 24.5
    assert found["PacketLoss"] == 0
    assert (found["ConcurrentStreams"], found["Publishers"]) == (5, 6)


def test_thresholds_in_another_unit_are_told(stack: cdk.Stack) -> None:
    RecommendedAlarms(
        stack,
        "Alarms",
        channel=Channel(stack, "Channel"),
        stage=Stage(stack, "Stage"),
        minimum_ingest_bitrate=1.5,
        maximum_packet_loss=0.05,
    )

    told = Annotations.from_stack(stack)
    told.has_warning(
        "/Stack/Alarms",
        "minimum_ingest_bitrate is 1.5 bits a second, which every stream has, so LowIngestBitrate "
        "never goes off; write bits a second, such as 300000 [ack: ivs-constructs:bitrate-unit]",
    )
    told.has_warning(
        "/Stack/Alarms",
        "maximum_packet_loss is 0.05 percent, which hardly any network achieves; if 5 percent are "
        "meant, write 5 [ack: ivs-constructs:packet-loss-unit]",
    )


@pytest.mark.parametrize(
    ("bitrate", "loss"),
    [
        (10_000, 0.1),
        (None, 0),
        (cdk.Token.as_number(cdk.Fn.ref("Rate")), cdk.Token.as_number(cdk.Fn.ref("Loss"))),
    ],
)
def test_thresholds_that_may_be_meant(stack: cdk.Stack, bitrate: float | None, loss: float) -> None:
    RecommendedAlarms(
        stack,
        "Alarms",
        channel=Channel(stack, "Channel"),
        stage=Stage(stack, "Stage"),
        minimum_ingest_bitrate=bitrate,
        maximum_packet_loss=loss,
    )

    assert Annotations.from_stack(stack).find_warning("*", Match.any_value()) == []


def test_threshold_may_be_a_token(stack: cdk.Stack) -> None:
    least = cdk.CfnParameter(stack, "Least", type="Number").value_as_number

    RecommendedAlarms(
        stack, "Alarms", channel=recorded_channel(stack), minimum_ingest_bitrate=least
    )

    assert alarms_of(stack)["LowIngestBitrate"]["Threshold"] == {"Ref": "Least"}


def test_level_1_types_are_watched(stack: cdk.Stack) -> None:
    RecommendedAlarms(
        stack,
        "Alarms",
        channel=aws_ivs.CfnChannel(stack, "Channel"),
        stage=aws_ivs.CfnStage(stack, "Stage"),
    )

    found = alarms_of(stack)
    assert list(found) == [*OF_CHANNEL, *OF_STAGE]
    identity = {"Fn::Select": [1, {"Fn::Split": ["/", {"Ref": "Channel"}]}]}
    assert found["LowIngestBitrate"]["Dimensions"] == [{"Name": "Channel", "Value": identity}]


def test_no_alarm_on_recordings_that_cannot_happen(stack: cdk.Stack) -> None:
    live = LiveChannel(stack, "Live", recording=False)
    talk = LiveStage(stack, "Talk", broadcast_to=live.channel, record_composition=True)

    made = RecommendedAlarms(stack, "Alarms", channel=live.channel, stage=talk.stage)

    names = [each.node.id for each in made.alarms]
    assert names == [*OF_CHANNEL[:-1], *OF_STAGE[:-1]]
    assert not [name for name in rules_of(stack) if "RecordingFailure" in name]


def test_composition_is_watched(stack: cdk.Stack) -> None:
    live = LiveChannel(stack, "Live", recording=False)
    talk = LiveStage(stack, "Talk", broadcast_to=live.channel, record_composition=True)

    made = RecommendedAlarms(stack, "Alarms", composition=talk.composition)

    assert [each.node.id for each in made.alarms] == OF_COMPOSITION
    found = alarms_of(stack)
    started = found["CompositionNotStarted"]
    assert (started["Namespace"], started["MetricName"]) == ("AWS/States", "ExecutionsFailed")
    machine = stack.resolve(talk.composition.state_machine.state_machine_arn)
    assert started["Dimensions"] == [{"Name": "StateMachineArn", "Value": machine}]
    assert {
        (each["Statistic"], each["Period"], each["Threshold"], each["ComparisonOperator"])
        for each in found.values()
    } == {("Sum", 60, 1, "GreaterThanOrEqualToThreshold")}
    [dimension] = found["CompositionFailure"]["Dimensions"]
    assert rules_of(stack)[dimension["Value"]["Ref"]]["EventPattern"] == {
        "source": ["aws.ivs"],
        "detail-type": ["IVS Composition State Change"],
        "detail": {
            "event_name": ["Session Failure", "Destination Failure"],
            "stage_arn": [stack.resolve(talk.stage.stage_arn)],
        },
    }
    assert {each["AlarmDescription"] for each in found.values()} == {
        "Stack/Talk/Composition could not start a composition. Look at its log group, and whether "
        "the channel is live or lacks a stream key.",
        "A composition of Stack/Talk/Composition, or an output of it, failed. Look at the channel "
        "and its stream key, and at the storage configuration's bucket and its policy.",
    }


def test_fails_when_the_composition_is_none(stack: cdk.Stack) -> None:
    live = LiveChannel(stack, "Live", recording=False)
    talk = LiveStage(stack, "Talk", broadcast_to=live.channel)
    wrong: list[tuple[Any, str]] = [
        (
            talk,
            "composition must be a CompositionAutomation, got <ivs_constructs.LiveStage "
            "'Stack/Talk'> (LiveStage); pass its attribute composition",
        ),
        (
            talk.stage,
            "composition must be a CompositionAutomation, got <ivs_constructs.Stage "
            "'Stack/Talk/Stage'> (Stage)",
        ),
    ]

    for given, message in wrong:
        with pytest.raises(InvalidPropertyError) as caught:
            RecommendedAlarms(stack, "Alarms", composition=given)
        assert [each.message for each in caught.value.failures] == [message]


def test_fails_when_the_composition_is_elsewhere(app: cdk.App) -> None:
    there = cdk.Stack(app, "There", env=cdk.Environment(region="us-west-2"))
    here = cdk.Stack(app, "Here", env=cdk.Environment(region="eu-west-1"))
    composition = CompositionAutomation(
        there,
        "Composition",
        stage=Stage(there, "Stage"),
        destinations=[ChannelDestination(channel=Channel(there, "Channel"))],
    )

    with pytest.raises(InvalidPropertyError) as caught:
        RecommendedAlarms(here, "Alarms", composition=composition)

    [failure] = caught.value.failures
    assert failure.message == (
        "composition must be in the alarms' Region and account, got one in us-west-2 for a stack "
        "in eu-west-1; define the alarms in a stack in us-west-2"
    )


def test_actions_reach_all_alarms(stack: cdk.Stack) -> None:
    topic = aws_sns.Topic(stack, "Topic")
    made = RecommendedAlarms(stack, "Alarms", channel=recorded_channel(stack))

    made.add_alarm_action(aws_cloudwatch_actions.SnsAction(topic))

    actions = [each["AlarmActions"] for each in alarms_of(stack).values()]
    assert actions == [[{"Ref": "TopicBFC7AF6E"}]] * len(OF_CHANNEL)


def test_fails_when_an_action_is_none(stack: cdk.Stack) -> None:
    made = RecommendedAlarms(stack, "Alarms", concurrent_views_limit=1)
    topic: Any = aws_sns.Topic(stack, "Topic")
    nothing: Any = "topic"

    with pytest.raises(InvalidPropertyError) as caught:
        made.add_alarm_action(topic, nothing)

    assert str(caught.value) == (
        "RecommendedAlarms 'Stack/Alarms' has 2 invalid properties:\n"
        "  - actions must be actions of aws_cdk.aws_cloudwatch_actions, got a Topic; write "
        "actions.SnsAction(...) around it\n"
        "  - actions must be actions of aws_cdk.aws_cloudwatch_actions, got 'topic'"
    )


def test_descriptions_say_what_to_look_at(stack: cdk.Stack) -> None:
    RecommendedAlarms(stack, "Alarms", channel=Channel(stack, "Show"), concurrent_views_limit=100)

    told = {name: each["AlarmDescription"] for name, each in alarms_of(stack).items()}
    assert told["IngestStarvation"] == (
        "The stream of Stack/Show gets too little data. Look at the encoder and its network."
    )
    assert told["ConcurrentViews"] == (
        "The viewers of all channels come near the account's limit of 100. Request a quota "
        "increase in time."
    )


def test_alarms_are_printed_with_their_path(stack: cdk.Stack) -> None:
    made = RecommendedAlarms(stack, "Alarms", concurrent_views_limit=1)

    assert repr(made) == "<ivs_constructs.RecommendedAlarms 'Stack/Alarms'>"


# Bad input


@pytest.mark.parametrize(
    ("given", "messages"),
    [
        (
            {},
            [
                "channel, stage, composition, fleet or a limit of the account is required, because "
                "there is nothing to watch; pass one"
            ],
        ),
        (
            {"near_limit": 50},
            [
                "channel, stage, composition, fleet or a limit of the account is required, because "
                "there is nothing to watch; pass one"
            ],
        ),
        (
            {"channel": "arn"},
            [
                "channel must be a Channel, got the string 'arn'; import it with "
                "Channel.from_channel_arn(self, 'Imported', ...)"
            ],
        ),
        (
            {"concurrent_views_limit": 1, "minimum_ingest_bitrate": 1, "maximum_packet_loss": 1},
            [
                "minimum_ingest_bitrate has no effect without a channel; pass channel",
                "maximum_packet_loss has no effect without a stage; pass stage",
            ],
        ),
        (
            {"concurrent_views_limit": 0},
            ["concurrent_views_limit must be at least 1, got 0; raise it"],
        ),
        (
            {"concurrent_views_limit": 1.5},
            ["concurrent_views_limit must be a whole number, got 1.5 (float); round it"],
        ),
        (
            {"concurrent_views_limit": 1, "near_limit": 0},
            ["near_limit must be 1-100 percent, got 0 percent; raise it"],
        ),
        (
            {"concurrent_views_limit": 1, "near_limit": 0.8},
            ["near_limit must be 1-100 percent, got 0.8 percent; write 80"],
        ),
        (
            {"concurrent_views_limit": 1, "near_limit": 101},
            ["near_limit must be 1-100 percent, got 101 percent; lower it"],
        ),
        (
            {"concurrent_views_limit": 1, "near_limit": True},
            ["near_limit must be a number, got True (bool)"],
        ),
    ],
)
def test_fails_with_the_whole_message(
    given: dict[str, Any], messages: list[str], stack: cdk.Stack
) -> None:
    with pytest.raises(InvalidPropertyError) as caught:
        RecommendedAlarms(stack, "Alarms", **given)

    assert [each.message for each in caught.value.failures] == messages
    assert str(caught.value).startswith("RecommendedAlarms 'Stack/Alarms' has ")
    assert stack.node.try_find_child("Alarms") is None


@pytest.mark.parametrize(
    ("prop", "value", "message"),
    [
        ("minimum_ingest_bitrate", 0, "must be at least 1 bit/s, got 0 bit/s; raise it"),
        ("minimum_ingest_bitrate", "1", "must be a number, got '1'; write 1"),
        (
            "minimum_ingest_bitrate",
            float("inf"),
            "must be at least 1 bit/s, got inf bit/s; lower it",
        ),
        (
            "minimum_ingest_framerate",
            0.5,
            "must be at least 1 frames/s, got 0.5 frames/s; raise it",
        ),
        ("maximum_packet_loss", -1, "must be 0-100 percent, got -1 percent; raise it"),
        ("maximum_packet_loss", 100.5, "must be 0-100 percent, got 100.5 percent; lower it"),
        (
            "maximum_packet_loss",
            float("nan"),
            "must be 0-100 percent, got nan percent; raise it",
        ),
    ],
)
def test_fails_when_a_threshold_is_out_of_range(
    prop: str, value: object, message: str, stack: cdk.Stack
) -> None:
    given: dict[str, Any] = {prop: value}

    with pytest.raises(InvalidPropertyError) as caught:
        RecommendedAlarms(
            stack,
            "Alarms",
            channel=recorded_channel(stack),
            stage=recorded_stage(stack),
            **given,
        )

    assert [each.message for each in caught.value.failures] == [f"{prop} {message}"]


@pytest.mark.parametrize(
    ("prop", "value", "alarm", "threshold"),
    [
        ("minimum_ingest_bitrate", 1, "LowIngestBitrate", 1),
        ("minimum_ingest_framerate", 1, "LowIngestFramerate", 1),
        ("maximum_packet_loss", 0, "PacketLoss", 0),
        ("maximum_packet_loss", 100, "PacketLoss", 100),
        ("near_limit", 1, "Publishers", 1),
        ("near_limit", 100, "Publishers", 12),
        ("concurrent_streams_limit", 1, "ConcurrentStreams", 1),
    ],
)
def test_threshold_may_be_at_the_end_of_its_range(
    prop: str, value: float, alarm: str, threshold: float, stack: cdk.Stack
) -> None:
    given: dict[str, Any] = {prop: value}

    RecommendedAlarms(
        stack, "Alarms", channel=recorded_channel(stack), stage=recorded_stage(stack), **given
    )

    assert alarms_of(stack)[alarm]["Threshold"] == threshold


@pytest.mark.parametrize("prop", ["concurrent_views_limit", "near_limit"])
def test_fails_when_a_threshold_cannot_be_computed(prop: str, stack: cdk.Stack) -> None:
    given: dict[str, Any] = {
        "concurrent_views_limit": 1,
        prop: cdk.CfnParameter(stack, "Number", type="Number").value_as_number,
    }

    with pytest.raises(InvalidPropertyError) as caught:
        RecommendedAlarms(stack, "Alarms", **given)

    [failure] = caught.value.failures
    assert failure.message == (
        f"{prop} must be known at synth, because a threshold is computed from it, got a "
        "deploy-time value (float); write the number"
    )


@pytest.mark.parametrize(
    ("region", "account", "there", "here"),
    [
        ("eu-west-1", "123456789012", "us-west-2", "eu-west-1"),
        ("us-west-2", "210987654321", "123456789012", "210987654321"),
    ],
)
def test_fails_when_the_resource_is_elsewhere(
    region: str, account: str, there: str, here: str, app: cdk.App
) -> None:
    stack = cdk.Stack(app, "Here", env=cdk.Environment(region=region, account=account))

    with pytest.raises(InvalidPropertyError) as caught:
        RecommendedAlarms(
            stack, "Alarms", channel=Channel.from_channel_arn(stack, "Channel", CHANNEL)
        )

    [failure] = caught.value.failures
    assert failure.message == (
        f"channel must be in the alarms' Region and account, got one in {there} for a stack in "
        f"{here}; define the alarms in a stack in {there}"
    )


def test_fails_when_the_fleet_is_elsewhere(app: cdk.App) -> None:
    here, there = (
        cdk.Stack(app, region, env=cdk.Environment(region=region))
        for region in ("us-east-1", "eu-west-1")
    )
    fleet = StageFleet(there, "Rooms", max_size=2)

    with pytest.raises(InvalidPropertyError) as caught:
        RecommendedAlarms(here, "Alarms", fleet=fleet)
    with pytest.raises(RuntimeError, match="Cannot create an Alarm in region 'us-east-1'"):
        fleet.metric_size().create_alarm(here, "Size", evaluation_periods=1, threshold=1)

    [failure] = caught.value.failures
    assert failure.message == (
        "fleet must be in the alarms' Region and account, got one in eu-west-1 for a stack in "
        "us-east-1; define the alarms in a stack in eu-west-1"
    )


def test_fails_outside_of_a_stack(app: cdk.App) -> None:
    with pytest.raises(InvalidScopeError):
        RecommendedAlarms(app, "Alarms", concurrent_views_limit=1)
