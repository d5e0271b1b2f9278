"""Metrics: their names, dimensions, statistics and periods."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from typing import Any, cast

import aws_cdk as cdk
import pytest
from aws_cdk import aws_cloudwatch, aws_ivs, aws_ivs_alpha
from constructs import Construct

from ivs_constructs import Channel, InvalidPropertyError, InvalidScopeError, Stage
from ivs_constructs.operate._metric_methods import MetricOptions
from ivs_constructs.operate._metrics import METRICS
from ivs_constructs.operate.metrics import AccountMetrics, ChannelMetrics, Metrics, StageMetrics
from ivs_constructs.testing import synthesize
from tests.constructs.templates import of_type

PLACE = "arn:aws:ivs:us-west-2:123456789012"

# As the pages stream-health and stage-health of AWS's guides have them: namespace, own dimension,
# statistic, seconds.
EXPECTED: dict[str, tuple[str, str, str, int]] = {
    "ChannelMetrics.metric_concurrent_views": ("AWS/IVS", "ConcurrentViews", "Maximum", 60),
    "ChannelMetrics.metric_ingest_bitrate": ("AWS/IVS", "IngestBitrate", "Average", 5),
    "ChannelMetrics.metric_ingest_video_bitrate": ("AWS/IVS", "IngestVideoBitrate", "Average", 5),
    "ChannelMetrics.metric_ingest_audio_bitrate": ("AWS/IVS", "IngestAudioBitrate", "Average", 5),
    "ChannelMetrics.metric_ingest_framerate": ("AWS/IVS", "IngestFramerate", "Average", 5),
    "ChannelMetrics.metric_keyframe_interval": ("AWS/IVS", "KeyframeInterval", "Average", 5),
    "ChannelMetrics.metric_live_delivered_time": ("AWS/IVS", "LiveDeliveredTime", "Sum", 60),
    "ChannelMetrics.metric_live_input_time": ("AWS/IVS", "LiveInputTime", "Sum", 60),
    "ChannelMetrics.metric_recorded_time": ("AWS/IVS", "RecordedTime", "Sum", 60),
    "StageMetrics.metric_publishers": ("AWS/IVSRealTime", "Publishers", "Maximum", 60),
    "StageMetrics.metric_subscribers": ("AWS/IVSRealTime", "Subscribers", "Maximum", 60),
    "StageMetrics.metric_download_packet_loss": (
        "AWS/IVSRealTime",
        "DownloadPacketLoss",
        "Average",
        60,
    ),
    "StageMetrics.metric_dropped_frames": ("AWS/IVSRealTime", "DroppedFrames", "Average", 60),
    "StageMetrics.metric_publish_bitrate": ("AWS/IVSRealTime", "PublishBitrate", "Average", 60),
    "StageMetrics.metric_subscribe_bitrate": (
        "AWS/IVSRealTime",
        "SubscribeBitrate",
        "Average",
        60,
    ),
    "StageMetrics.metric_publish_framerate": (
        "AWS/IVSRealTime",
        "PublishFramerate",
        "Average",
        60,
    ),
    "StageMetrics.metric_publish_resolution": (
        "AWS/IVSRealTime",
        "PublishResolution",
        "Average",
        60,
    ),
    "AccountMetrics.metric_concurrent_views": ("AWS/IVS", "ConcurrentViews", "Maximum", 60),
    "AccountMetrics.metric_concurrent_streams": ("AWS/IVS", "ConcurrentStreams", "Maximum", 60),
    "AccountMetrics.metric_concurrent_publishers": (
        "AWS/IVSRealTime",
        "ConcurrentPublishers",
        "Maximum",
        60,
    ),
    "AccountMetrics.metric_concurrent_subscriptions": (
        "AWS/IVSRealTime",
        "ConcurrentSubscriptions",
        "Maximum",
        60,
    ),
}

# Published only for what the user has to name.
PARTICIPANT = {"Participant": "xYz1c2d3e4f"}
NEEDED: dict[str, dict[str, str]] = {
    "PublishFramerate": PARTICIPANT,
    "PublishResolution": {**PARTICIPANT, "SimulcastLayer": "hi", "MediaType": "Video"},
}


@pytest.fixture
def owners(stack: cdk.Stack) -> dict[str, Any]:
    return {
        "ChannelMetrics": Channel.from_channel_arn(stack, "Channel", f"{PLACE}:channel/AbCd"),
        "StageMetrics": Stage.from_stage_arn(stack, "Stage", f"{PLACE}:stage/AbCd"),
        "AccountMetrics": AccountMetrics(stack),
    }


OWN = {
    "ChannelMetrics": {"Channel": "AbCd"},
    "StageMetrics": {"Stage": "AbCd"},
    "AccountMetrics": {},
}


@pytest.mark.parametrize("method", EXPECTED)
def test_typed_metric(method: str, owners: dict[str, Any]) -> None:
    home, _, name = method.partition(".")
    namespace, official, statistic, seconds = EXPECTED[method]
    needed = NEEDED.get(official, {})

    metric = getattr(owners[home], name)(dimensions_map=needed)

    assert isinstance(metric, aws_cloudwatch.Metric)
    assert (metric.namespace, metric.metric_name) == (namespace, official)
    assert metric.statistic == statistic
    assert metric.period.to_seconds() == seconds
    assert (metric.dimensions or {}) == {**OWN[home], **needed}


def test_every_typed_metric_is_tested() -> None:
    methods = {
        f"{cls.__name__}.{name}"
        for cls in (ChannelMetrics, StageMetrics, AccountMetrics)
        for name in dir(cls)
        if name.startswith("metric_")
    }

    assert methods == EXPECTED.keys()


# Unit and sets of dimensions, as the pages have them; `-` means no dimension.
CLIENTS = (
    "-; Platform; Platform,SDKVersion; Stage; Stage,Platform; Stage,Platform,SDKVersion; "
    "Stage,SubscriberCountryCode; SubscriberCountryCode"
)
LAYERS = "Stage,Participant,SimulcastLayer,MediaType"
PAGES: dict[str, tuple[str, str]] = {
    "ConcurrentViews": ("Count", "-; Channel"),
    "ConcurrentStreams": ("Count", "-; Health"),
    "IngestBitrate": ("bit/s", "-; Channel"),
    "IngestVideoBitrate": ("bit/s", "Channel; Channel,Track"),
    "IngestAudioBitrate": ("bit/s", "Channel; Channel,Track"),
    "IngestFramerate": ("Count/s", "-; Channel; Channel,Track"),
    "KeyframeInterval": ("s", "Channel; Channel,Track"),
    "LiveDeliveredTime": ("s", "-; Channel; Channel,ViewerCountryCode"),
    "LiveInputTime": ("s", "-; Channel"),
    "RecordedTime": ("s", "-; Channel"),
    "ConcurrentPublishers": ("Count", "-"),
    "ConcurrentSubscriptions": ("Count", "-"),
    "Publishers": ("Count", "Stage"),
    "Subscribers": ("Count", "Stage"),
    "DownloadPacketLoss": ("Percent", f"{CLIENTS}; Stage,Participant"),
    "DroppedFrames": ("Percent", f"{CLIENTS}; Stage,Participant"),
    "PublishBitrate": ("bit/s", f"-; Platform; Stage; {LAYERS}"),
    "SubscribeBitrate": ("bit/s", f"{CLIENTS}; Stage,Participant,MediaType"),
    "PublishFramerate": ("Count/s", f"Stage,Participant; {LAYERS}"),
    "PublishResolution": ("Count", LAYERS),
}


def sets_of(text: str) -> list[list[str]]:
    return [each.split(",") if each != "-" else [] for each in text.split("; ")]


@pytest.mark.parametrize("name", PAGES)
def test_every_set_of_dimensions_can_be_asked_for(name: str, owners: dict[str, Any]) -> None:
    unit, sets = PAGES[name]
    homes = {"Channel": "ChannelMetrics", "Stage": "StageMetrics"}

    for dimensions in sets_of(sets):
        home = homes.get(dimensions[0] if dimensions else "", "AccountMetrics")
        given = {each: "x" for each in dimensions if each not in homes}
        metric = owners[home].metric(name, dimensions_map=given)
        assert (metric.dimensions or {}) == {**OWN[home], **given}
    assert METRICS[name].unit == unit


def test_no_other_set_of_dimensions_can_be_asked_for() -> None:
    theirs = {
        name: sorted(sorted(each) for each in sets_of(sets)) for name, (_, sets) in PAGES.items()
    }

    assert theirs == {
        name: sorted(sorted(each) for each in published.dimensions)
        for name, published in METRICS.items()
    }


def test_every_published_metric_has_a_method() -> None:
    assert METRICS.keys() == {name for _, name, _, _ in EXPECTED.values()}


def test_id_of_a_resource_of_the_stack_is_split_off_at_deploy_time(stack: cdk.Stack) -> None:
    metric = Channel(stack, "Channel").metric_concurrent_views()

    arn = {"Fn::GetAtt": ["Channel4048F119", "Arn"]}
    assert stack.resolve(metric.dimensions) == {
        "Channel": {"Fn::Select": [1, {"Fn::Split": ["/", arn]}]}
    }


def test_options_reach_the_metric(owners: dict[str, Any]) -> None:
    metric = owners["ChannelMetrics"].metric_ingest_bitrate(
        statistic="p90",
        period=cdk.Duration.minutes(5),
        label="in",
        color="#0073bb",
        unit=aws_cloudwatch.Unit.BITS_PER_SECOND,
        account="210987654321",
        region="eu-west-1",
        id="m1",
        visible=False,
    )

    assert metric.period.to_minutes() == 5
    assert (metric.statistic, metric.label, metric.color) == ("p90", "in", "#0073bb")
    assert (metric.account, metric.region) == ("210987654321", "eu-west-1")
    assert metric.unit is aws_cloudwatch.Unit.BITS_PER_SECOND


def test_unit_is_left_to_cloudwatch(owners: dict[str, Any]) -> None:
    assert owners["ChannelMetrics"].metric_concurrent_views().unit is None


@pytest.mark.parametrize(
    ("statistic", "official"),
    [("Average", "Average"), ("max", "Maximum"), ("MINIMUM", "Minimum"), ("avg", "Average")],
)
def test_gauge_takes_its_statistics(statistic: str, official: str, owners: dict[str, Any]) -> None:
    metric = owners["StageMetrics"].metric_publishers(statistic=statistic)

    assert metric.statistic == official


@pytest.mark.parametrize(
    ("home", "name", "dimensions"),
    [
        ("ChannelMetrics", "IngestFramerate", {"Track": "video0"}),
        ("ChannelMetrics", "LiveDeliveredTime", {"ViewerCountryCode": "DE"}),
        ("StageMetrics", "DownloadPacketLoss", {"SDKVersion": "1.2", "Platform": "Web"}),
        ("StageMetrics", "SubscribeBitrate", {**PARTICIPANT, "MediaType": "Audio"}),
        ("AccountMetrics", "ConcurrentStreams", {"Health": "anything"}),
        ("AccountMetrics", "DroppedFrames", {"SubscriberCountryCode": "DE"}),
    ],
)
def test_metric_takes_further_dimensions(
    home: str, name: str, dimensions: dict[str, str], owners: dict[str, Any]
) -> None:
    metric = owners[home].metric(name, dimensions_map=dimensions)

    assert metric.dimensions == {**OWN[home], **dimensions}


def test_token_is_a_dimension(owners: dict[str, Any]) -> None:
    track = cdk.Fn.import_value("Track")

    assert owners["ChannelMetrics"].metric_ingest_framerate(dimensions_map={"Track": track})


# Places


def rendered(stack: cdk.Stack, metric: aws_cloudwatch.Metric) -> tuple[str | None, str | None]:
    """Region and account that a graph of the stack asks for."""
    widget = aws_cloudwatch.GraphWidget(left=[metric])
    [[*_, options]] = stack.resolve(widget.to_json())[0]["properties"]["metrics"]
    return options.get("region"), options.get("accountId")


def test_graph_elsewhere_asks_in_the_place_of_the_resource(app: cdk.App) -> None:
    there = cdk.Stack(app, "There", env=cdk.Environment(region="us-west-2", account="123456789012"))
    here = cdk.Stack(app, "Here", env=cdk.Environment(region="eu-west-1", account="123456789012"))
    imported = Channel.from_channel_arn(here, "Imported", f"{PLACE}:channel/AbCd")

    for metric in (
        Channel(there, "Channel").metric_concurrent_views(),
        imported.metric_concurrent_views(),
        AccountMetrics(there).metric_concurrent_views(),
    ):
        assert rendered(here, metric)[0] == "us-west-2"


def test_alarm_elsewhere_is_refused(app: cdk.App) -> None:
    here = cdk.Stack(app, "Here", env=cdk.Environment(region="eu-west-1", account="123456789012"))
    metric = Channel.from_channel_arn(here, "C", f"{PLACE}:channel/AbCd").metric_concurrent_views()

    with pytest.raises(RuntimeError, match="us-west-2"):
        metric.create_alarm(here, "Alarm", evaluation_periods=1, threshold=1)


# Alarms


def alarm_error(path: str, seconds: int = 5) -> str:
    return (
        f"Alarm '{path}' has 1 invalid property:\n"
        "  - period of IngestBitrate must be 10, 30 or a multiple of 60 seconds in an alarm, "
        f"got {seconds} seconds; pass period=Duration.minutes(1) to the metric"
    )


def test_alarm_on_the_period_of_graphs_is_refused(stack: cdk.Stack) -> None:
    # Whichever way it is made, for the AWS CDK takes it in all of them.
    metric = Channel(stack, "Channel").metric_ingest_bitrate()
    options: dict[str, Any] = {"evaluation_periods": 3, "threshold": 1}
    aws_cloudwatch.Alarm(stack, "Construct", metric=metric, **options)
    metric.with_(label="bitrate").create_alarm(stack, "Labelled", **options)
    aws_cloudwatch.MathExpression(
        expression="m / 1000", using_metrics={"m": metric}, period=cdk.Duration.seconds(5)
    ).create_alarm(stack, "Computed", **options)

    with pytest.raises(RuntimeError) as caught:
        synthesize(stack)

    for id in ("Construct", "Labelled", "Computed"):
        # The AWS CDK names the construct before the error.
        assert f"[Stack/{id}/Resource] {alarm_error(f'Stack/{id}')}" in str(caught.value)
    assert str(caught.value).count("Alarm '") == 3


def test_alarm_of_a_metric_is_refused_where_it_is_made(stack: cdk.Stack) -> None:
    metric = Channel(stack, "Channel").metric_ingest_bitrate()

    with pytest.raises(InvalidPropertyError) as caught:
        metric.create_alarm(stack, "Alarm", evaluation_periods=3, threshold=1)

    assert str(caught.value) == alarm_error("Stack/Alarm")
    assert stack.node.try_find_child("Alarm") is None


def test_alarm_is_refused_again_when_an_app_is_synthesized_again(app: cdk.App) -> None:
    stack = cdk.Stack(app, "Again")
    aws_cloudwatch.Alarm(
        stack,
        "Alarm",
        metric=Channel(stack, "Channel").metric_ingest_bitrate(),
        evaluation_periods=3,
        threshold=1,
    )
    for _ in range(2):
        with pytest.raises(RuntimeError) as caught:
            app.synth(force=True)
        assert str(caught.value).count("Alarm '") == 1


@pytest.mark.parametrize("seconds", [10, 30, 60, 120])
def test_alarm_has_a_period_of_alarms(seconds: int, stack: cdk.Stack) -> None:
    channel = Channel(stack, "Channel")
    # A graph of the same channel may have any.
    aws_cloudwatch.Dashboard(stack, "Dashboard").add_widgets(
        aws_cloudwatch.GraphWidget(left=[channel.metric_ingest_bitrate()])
    )

    channel.metric_ingest_bitrate(period=cdk.Duration.seconds(seconds)).create_alarm(
        stack, "Alarm", evaluation_periods=3, threshold=1
    )

    alarm = synthesize(stack).one("AWS::CloudWatch::Alarm").definition
    assert alarm["Properties"]["Period"] == seconds


def test_alarm_on_a_period_that_the_user_chose_is_refused(stack: cdk.Stack) -> None:
    metric = Channel(stack, "Channel").metric_ingest_bitrate(period=cdk.Duration.seconds(1))

    with pytest.raises(InvalidPropertyError) as caught:
        metric.create_alarm(stack, "Alarm", evaluation_periods=3, threshold=1)

    assert str(caught.value) == alarm_error("Stack/Alarm", 1)


def test_alarms_of_others_are_let_alone(stack: cdk.Stack) -> None:
    Channel(stack, "Channel").metric_ingest_bitrate()
    aws_cloudwatch.Metric(
        namespace="Mine", metric_name="Bitrate", period=cdk.Duration.seconds(5)
    ).create_alarm(stack, "Alarm", evaluation_periods=3, threshold=1)

    assert of_type(synthesize(stack), "AWS::CloudWatch::Alarm")


# Bad input

OF_CHANNEL = (
    "ConcurrentViews, IngestBitrate, IngestVideoBitrate, IngestAudioBitrate, IngestFramerate, "
    "KeyframeInterval, LiveDeliveredTime, LiveInputTime, RecordedTime"
)


@pytest.mark.parametrize(
    ("home", "given", "message"),
    [
        (
            "ChannelMetrics",
            {"metric_name": "ConcurentViews"},
            f"metric_name must be one of {OF_CHANNEL}, got 'ConcurentViews'; did you mean "
            "'ConcurrentViews'?",
        ),
        (
            "ChannelMetrics",
            {"metric_name": "ConcurrentStreams"},
            f"metric_name must be one of {OF_CHANNEL}, got 'ConcurrentStreams'; AccountMetrics "
            "has it",
        ),
        (
            "ChannelMetrics",
            {"metric_name": "DroppedFrames"},
            f"metric_name must be one of {OF_CHANNEL}, got 'DroppedFrames'; StageMetrics and "
            "AccountMetrics have it",
        ),
        (
            "ChannelMetrics",
            {"metric_name": 5},
            f"metric_name must be one of {OF_CHANNEL}, got 5 (int)",
        ),
        (
            "AccountMetrics",
            {"metric_name": "Publishers"},
            "metric_name must be one of ConcurrentViews, ConcurrentStreams, IngestBitrate, "
            "IngestFramerate, LiveDeliveredTime, LiveInputTime, RecordedTime, "
            "ConcurrentPublishers, ConcurrentSubscriptions, DownloadPacketLoss, DroppedFrames, "
            "PublishBitrate, SubscribeBitrate, got 'Publishers'; StageMetrics has it",
        ),
        (
            "ChannelMetrics",
            {"metric_name": "IngestFramerate", "dimensions_map": {"track": "video0"}},
            "dimensions_map of IngestFramerate must hold nothing or Track, got track; did you mean "
            "'Track'?",
        ),
        (
            "ChannelMetrics",
            {"metric_name": "ConcurrentViews", "dimensions_map": {"Channel": "AbCd"}},
            "dimensions_map of ConcurrentViews must hold nothing, got Channel",
        ),
        (
            "StageMetrics",
            {"metric_name": "PublishFramerate"},
            "dimensions_map of PublishFramerate must hold Participant or Participant + "
            "SimulcastLayer + MediaType, got nothing",
        ),
        (
            "StageMetrics",
            {"metric_name": "SubscribeBitrate", "dimensions_map": {"MediaType": "Audio"}},
            "dimensions_map of SubscribeBitrate must hold nothing or Platform or Platform + "
            "SDKVersion or SubscriberCountryCode or Participant + MediaType, got MediaType",
        ),
        (
            "ChannelMetrics",
            {"metric_name": "IngestFramerate", "dimensions_map": {"Track": 0}},
            "dimensions_map must hold strings, got 0 (int) as Track",
        ),
        (
            "StageMetrics",
            {"metric_name": "Publishers", "statistic": "Sum"},
            "statistic of Publishers must be one of Average, Maximum, Minimum, got 'Sum'",
        ),
        (
            "ChannelMetrics",
            {"metric_name": "ConcurrentViews", "statistic": "p90"},
            "statistic of ConcurrentViews must be one of Average, Maximum, Minimum, got 'p90'",
        ),
    ],
)
def test_fails_when_there_is_no_such_metric(
    home: str, given: dict[str, Any], message: str, owners: dict[str, Any]
) -> None:
    subjects = {
        "ChannelMetrics": "Channel 'Stack/Channel'",
        "StageMetrics": "Stage 'Stack/Stage'",
        "AccountMetrics": "AccountMetrics 'Stack'",
    }

    with pytest.raises(InvalidPropertyError) as caught:
        owners[home].metric(**given)

    assert str(caught.value) == f"{subjects[home]} has 1 invalid property:\n  - {message}"


def test_account_metrics_need_a_scope_in_a_stack(app: cdk.App) -> None:
    with pytest.raises(InvalidScopeError):
        AccountMetrics(app)


def test_account_metrics_are_printed_with_their_scope(stack: cdk.Stack) -> None:
    assert repr(AccountMetrics(stack)) == "<ivs_constructs.AccountMetrics of 'Stack'>"


# Documentation


@pytest.mark.parametrize("method", EXPECTED)
def test_method_tells_what_it_takes(method: str) -> None:
    home, _, name = method.partition(".")
    cls = {"ChannelMetrics": ChannelMetrics, "StageMetrics": StageMetrics}.get(home, AccountMetrics)
    function = getattr(cls, name)
    _, official, statistic, seconds = EXPECTED[method]

    assert list(inspect.signature(function).parameters) == ["self", "options"]
    text = " ".join(str(function.__doc__).split())
    assert text.startswith(f"Make the metric {official}: ")
    unit = METRICS[official].unit
    first = str(function.__doc__).partition("\n")[0]
    assert any(words in first for words in UNITS.get(unit, (f", in {unit}.",)))
    assert f"Default: {statistic} over {seconds} seconds{'; an' if seconds == 5 else '.'}" in text
    assert text.endswith("See `metric`.")


UNITS = {
    "Count": (": the number of ", ", in pixels.", ", in Count."),
    "Count/s": (", in frames per second.", ", in frames/s."),
    "Percent": (", in percent.",),
    "s": (", in seconds.",),
}
"""How the units of Amazon CloudWatch read in a sentence."""


def test_all_methods_take_what_metric_takes() -> None:
    taken = [*inspect.signature(Metrics.metric).parameters]

    assert taken == ["self", "metric_name", *MetricOptions.__annotations__]


def test_constructs_have_the_methods_of_the_facades() -> None:
    for construct, facade in ((Channel, ChannelMetrics), (Stage, StageMetrics)):
        assert {each for each in dir(construct) if each.startswith("metric")} == {
            each for each in dir(facade) if each.startswith("metric")
        }


# Facades


class HouseChannel(Channel):
    """A class of the user's."""


CHANNELS: dict[str, Callable[[Construct], Any]] = {
    "a channel": lambda scope: Channel(scope, "It"),
    "an own class": lambda scope: HouseChannel(scope, "It"),
    "an L1": lambda scope: aws_ivs.CfnChannel(scope, "It"),
    "an import": lambda scope: Channel.from_channel_arn(scope, "It", f"{PLACE}:channel/AbCd"),
    "one of aws_ivs_alpha": lambda scope: aws_ivs_alpha.Channel(scope, "It"),
    "an import of aws_ivs_alpha": lambda scope: aws_ivs_alpha.Channel.from_channel_arn(
        scope, "It", f"{PLACE}:channel/AbCd"
    ),
}
STAGES: dict[str, Callable[[Construct], Any]] = {
    "a stage": lambda scope: Stage(scope, "It"),
    "an L1": lambda scope: aws_ivs.CfnStage(scope, "It"),
    "an import": lambda scope: Stage.from_stage_arn(scope, "It", f"{PLACE}:stage/AbCd"),
}


def id_of(stack: cdk.Stack, arn: str) -> object:
    """The id in an ARN, as a dimension names it."""
    known = stack.resolve(arn)
    if isinstance(known, str):
        return known.rpartition("/")[2]
    return {"Fn::Select": [1, {"Fn::Split": ["/", known]}]}


@pytest.mark.parametrize("kind", CHANNELS)
def test_facade_takes_a_channel(kind: str, stack: cdk.Stack) -> None:
    facade = ChannelMetrics.from_channel(CHANNELS[kind](stack))

    metric = facade.metric_ingest_framerate(dimensions_map={"Track": "video0"})

    assert (metric.namespace, metric.metric_name) == ("AWS/IVS", "IngestFramerate")
    assert stack.resolve(metric.dimensions) == {
        "Channel": id_of(stack, facade.channel_arn),
        "Track": "video0",
    }


@pytest.mark.parametrize("kind", STAGES)
def test_facade_takes_a_stage(kind: str, stack: cdk.Stack) -> None:
    facade = StageMetrics.from_stage(STAGES[kind](stack))

    metric = facade.metric_publishers()

    assert (metric.namespace, metric.metric_name) == ("AWS/IVSRealTime", "Publishers")
    assert stack.resolve(metric.dimensions) == {"Stage": id_of(stack, facade.stage_arn)}


def test_facade_of_an_import_looks_where_that_is(app: cdk.App) -> None:
    here = cdk.Stack(app, "Here", env=cdk.Environment(region="eu-west-1", account="210987654321"))
    channel = Channel.from_channel_arn(here, "Channel", f"{PLACE}:channel/AbCd")

    metric = ChannelMetrics.from_channel(channel).metric_concurrent_views()

    # Another place than the stack's is told to graphs.
    assert (metric.region, metric.account) == ("us-west-2", "123456789012")


def test_facade_takes_an_arn(stack: cdk.Stack) -> None:
    metric = ChannelMetrics(stack, f"{PLACE}:channel/AbCd").metric_recorded_time()

    assert metric.dimensions == {"Channel": "AbCd"}
    facade = StageMetrics(stack, f"{PLACE}:stage/AbCd")
    assert repr(facade) == "<ivs_constructs.StageMetrics of 'Stack'>"


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (
            lambda stack: ChannelMetrics.from_channel(cast("Any", Stage(stack, "Stage"))),
            "channel must be a Channel, got ",
        ),
        (
            lambda _: StageMetrics.from_stage(cast("Any", None)),
            "stage is required; give a value",
        ),
        (
            lambda stack: ChannelMetrics(stack, f"{PLACE}:stage/AbCd"),
            "channel_arn must be arn:<partition>:ivs:<region>:<account>:channel/<id>, got ",
        ),
        (
            lambda stack: StageMetrics(stack, "AbCd"),
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


def test_misspelt_option_of_a_metric_is_told(stack: cdk.Stack) -> None:
    options: Any = {"perod": None}
    with pytest.raises(TypeError, match=r"'perod'; did you mean 'period'\?"):
        Channel(stack, "Channel").metric_concurrent_views(**options)
