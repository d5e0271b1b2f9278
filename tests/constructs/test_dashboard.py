"""The operations dashboard: its rows, what they show, and the picture of it in the docs."""

from __future__ import annotations

import json
import runpy
from datetime import timedelta
from pathlib import Path
from typing import Any

import aws_cdk as cdk
import pytest
from aws_cdk import aws_cloudwatch, aws_ivs
from syrupy.assertion import SnapshotAssertion

from ivs_constructs import Channel, InvalidPropertyError, InvalidScopeError, Stage
from ivs_constructs.operate.operations_dashboard import OperationsDashboard
from ivs_constructs.operate.recommended_alarms import RecommendedAlarms

ROOT = Path(__file__).resolve().parents[2]
PLACE = "arn:aws:ivs:us-west-2:123456789012"

Row = list[tuple[str, int]]


@pytest.fixture
def stack(app: cdk.App) -> cdk.Stack:
    """A stack whose Region is known, so that bodies are texts without references."""
    env = cdk.Environment(region="us-west-2", account="123456789012")
    return cdk.Stack(app, "Stack", env=env)


def channel(stack: cdk.Stack, id: str) -> Any:  # noqa: ANN401 (an import)
    return Channel.from_channel_arn(stack, id, f"{PLACE}:channel/{id}")


def stage(stack: cdk.Stack, id: str) -> Any:  # noqa: ANN401 (an import)
    return Stage.from_stage_arn(stack, id, f"{PLACE}:stage/{id}")


def widgets(stack: cdk.Stack, dashboard: OperationsDashboard) -> list[dict[str, Any]]:
    resource: Any = dashboard.dashboard.node.default_child
    body = stack.resolve(resource.dashboard_body)
    if isinstance(body, dict):
        body = "".join(each if isinstance(each, str) else "token" for each in body["Fn::Join"][1])
    found: list[dict[str, Any]] = json.loads(body)["widgets"]
    return found


def rows(found: list[dict[str, Any]]) -> list[Row]:
    """Titles and widths of the widgets of each row."""
    by_row: dict[int, Row] = {}
    for each in found:
        facts = each["properties"]
        title = facts.get("title") or facts["markdown"].partition("\n")[0]
        by_row.setdefault(each["y"], []).append((title, each["width"]))
    return list(by_row.values())


ALL_CHANNELS = ["All viewers", "All live channels"]
ALL_STAGES = ["All publishers", "All subscriptions"]
OF_CHANNEL = [
    ("Viewers", 6),
    ("Ingest bitrate", 6),
    ("Framerate and keyframes", 6),
    ("Time", 6),
]
OF_STAGE = [("Participants", 8), ("Losses", 8), ("Bitrate", 8)]


def test_dashboard_of_a_channel_and_a_stage(
    stack: cdk.Stack, snapshot_json: SnapshotAssertion
) -> None:
    made = OperationsDashboard(
        stack, "Dashboard", channels=[channel(stack, "Show")], stages=[stage(stack, "Talk")]
    )

    assert widgets(stack, made) == snapshot_json


def test_rows_are_laid_out_to_be_read(stack: cdk.Stack) -> None:
    show, talk = channel(stack, "Show"), stage(stack, "Talk")
    alarms = RecommendedAlarms(stack, "Alarms", channel=show)

    made = OperationsDashboard(
        stack,
        "Dashboard",
        channels=[show, channel(stack, "Second")],
        stages=[talk],
        alarms=[alarms],
    )

    assert rows(widgets(stack, made)) == [
        [("# Amazon IVS", 24)],
        [("Alarms", 24)],
        [(title, 6) for title in (*ALL_CHANNELS, *ALL_STAGES)],
        [("## Channel Stack/Show", 24)],
        OF_CHANNEL,
        [("## Channel Stack/Second", 24)],
        OF_CHANNEL,
        [("## Stage Stack/Talk", 24)],
        OF_STAGE,
    ]


@pytest.mark.parametrize(
    ("channels", "stages", "account"),
    [
        (0, 0, [(title, 12) for title in ALL_CHANNELS]),
        (1, 0, [(title, 12) for title in ALL_CHANNELS]),
        (0, 1, [(title, 12) for title in ALL_STAGES]),
        (1, 1, [(title, 6) for title in (*ALL_CHANNELS, *ALL_STAGES)]),
    ],
)
def test_account_is_shown_for_what_there_is(
    channels: int, stages: int, account: Row, stack: cdk.Stack
) -> None:
    made = OperationsDashboard(
        stack,
        "Dashboard",
        channels=[channel(stack, f"C{index}") for index in range(channels)],
        stages=[stage(stack, f"S{index}") for index in range(stages)],
    )

    assert rows(widgets(stack, made))[1] == account


def test_widgets_do_not_overlap(stack: cdk.Stack) -> None:
    made = OperationsDashboard(
        stack,
        "Dashboard",
        channels=[channel(stack, "Show")],
        stages=[stage(stack, "Talk")],
        alarms=[RecommendedAlarms(stack, "Alarms", concurrent_views_limit=1)],
    )

    cells = [
        (x, y)
        for each in widgets(stack, made)
        for x in range(each["x"], each["x"] + each["width"])
        for y in range(each["y"], each["y"] + each["height"])
    ]
    assert len(cells) == len(set(cells))
    assert {x for x, _ in cells} == set(range(24))
    # Full from the first row to the last.
    assert len(cells) == 24 * (1 + max(y for _, y in cells))


def test_graphs_show_the_resource(stack: cdk.Stack) -> None:
    made = OperationsDashboard(stack, "Dashboard", channels=[channel(stack, "Show")])

    shown = [
        metric[:4]
        for each in widgets(stack, made)
        for metric in each["properties"].get("metrics", ())
        if len(metric) > 3
    ]
    assert shown == [
        ["AWS/IVS", name, "Channel", "Show"]
        for name in (
            "ConcurrentViews",
            "IngestBitrate",
            "IngestVideoBitrate",
            "IngestAudioBitrate",
            "IngestFramerate",
            "KeyframeInterval",
            "LiveInputTime",
            "RecordedTime",
            "LiveDeliveredTime",
        )
    ]


def test_every_graph_names_its_unit_and_begins_at_nothing(stack: cdk.Stack) -> None:
    made = OperationsDashboard(
        stack, "Dashboard", channels=[channel(stack, "Show")], stages=[stage(stack, "Talk")]
    )

    axes = {
        (each["properties"]["title"], side): (axis["label"], axis["min"])
        for each in widgets(stack, made)
        for side, axis in each["properties"].get("yAxis", {}).items()
    }
    assert axes["Ingest bitrate", "left"] == ("bit/s", 0)
    assert axes["Framerate and keyframes", "left"] == ("Count/s", 0)
    assert axes["Framerate and keyframes", "right"] == ("s", 0)
    assert axes["Losses", "left"] == ("Percent", 0)
    assert ("Losses", "right") not in axes
    assert all(label and least == 0 for label, least in axes.values())


def test_graphs_last_longer_than_high_resolution(stack: cdk.Stack) -> None:
    made = OperationsDashboard(stack, "Dashboard", channels=[channel(stack, "Show")])

    periods = {
        metric[-1]["period"]
        for each in widgets(stack, made)
        for metric in each["properties"].get("metrics", ())
    }
    assert periods == {60}


def test_level_1_types_are_shown(stack: cdk.Stack) -> None:
    made = OperationsDashboard(
        stack,
        "Dashboard",
        channels=[aws_ivs.CfnChannel(stack, "Show")],
        stages=(aws_ivs.CfnStage(stack, "Talk"),),
    )

    assert [row[0][0] for row in rows(widgets(stack, made))][2::2] == [
        "## Channel Stack/Show",
        "## Stage Stack/Talk",
    ]


def test_resource_elsewhere_is_looked_for_there(stack: cdk.Stack) -> None:
    away = Channel.from_channel_arn(
        stack, "Away", "arn:aws:ivs:eu-west-1:123456789012:channel/Away"
    )

    made = OperationsDashboard(stack, "Dashboard", channels=[away])

    shown = {each["properties"].get("title"): each["properties"] for each in widgets(stack, made)}
    for title in ("Viewers", "All viewers"):
        assert shown[title]["metrics"][0][-1]["region"] == "eu-west-1"


def test_each_region_and_account_has_its_row(stack: cdk.Stack) -> None:
    away = Channel.from_channel_arn(
        stack, "Away", "arn:aws:ivs:eu-west-1:210987654321:channel/Away"
    )

    made = OperationsDashboard(stack, "Dashboard", channels=[channel(stack, "Show"), away])

    found = [row for row in rows(widgets(stack, made)) if row[0][0].startswith("All")]
    assert [[title for title, _ in row] for row in found] == [
        [f"{title} (us-west-2, 123456789012)" for title in ALL_CHANNELS],
        [f"{title} (eu-west-1, 210987654321)" for title in ALL_CHANNELS],
    ]


def test_alarms_of_all_sorts_are_shown(stack: cdk.Stack) -> None:
    metric = aws_cloudwatch.Metric(namespace="My", metric_name="Own")
    own = metric.create_alarm(stack, "Own", evaluation_periods=1, threshold=1)
    recommended = RecommendedAlarms(stack, "Alarms", concurrent_views_limit=1)

    made = OperationsDashboard(stack, "Dashboard", alarms=[own, recommended])

    [states] = [each for each in widgets(stack, made) if each["type"] == "alarm"]
    assert len(states["properties"]["alarms"]) == 2


def test_many_alarms_take_several_widgets(stack: cdk.Stack) -> None:
    alarm = aws_cloudwatch.Alarm.from_alarm_arn(
        stack, "Alarm", "arn:aws:cloudwatch:us-west-2:123456789012:alarm:a"
    )

    made = OperationsDashboard(stack, "Dashboard", alarms=[alarm] * 101)

    states = [each for each in widgets(stack, made) if each["type"] == "alarm"]
    assert [len(each["properties"]["alarms"]) for each in states] == [100, 1]
    assert [each["height"] for each in states] == [26, 2]


def test_name_and_interval_can_be_set(stack: cdk.Stack) -> None:
    made = OperationsDashboard(
        stack, "Dashboard", dashboard_name="ops_1", default_interval=cdk.Duration.hours(12)
    )

    resource: Any = made.dashboard.node.default_child
    assert resource.dashboard_name == "ops_1"
    assert '"start":"-PT12H"' in str(stack.resolve(resource.dashboard_body))
    assert isinstance(made.dashboard_name, str)
    assert repr(made) == "<ivs_constructs.OperationsDashboard 'Stack/Dashboard'>"


# Bad input


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ({"channels": 5}, "channels must be a list of Channels, got 5 (int)"),
        ({"channels": [None]}, "channels[0] must be a Channel, got None"),
        (
            {"stages": ["x"]},
            "stages[0] must be a Stage, got the string 'x'; import it with "
            "Stage.from_stage_arn(self, 'Imported', ...)",
        ),
        ({"alarms": "x"}, "alarms must be a list of alarms, got 'x'"),
        (
            {"alarms": ["x"]},
            "alarms must hold alarms of aws_cdk.aws_cloudwatch and RecommendedAlarms, got 'x'",
        ),
        (
            {"dashboard_name": "a b"},
            "dashboard_name must have only letters, digits, - and _, got 'a b'; drop ' '",
        ),
        (
            {"default_interval": 3},
            "default_interval must be a Duration of aws_cdk, got 3 (int); "
            "write Duration.seconds(3)",
        ),
        (
            {"default_interval": timedelta(hours=1)},
            "default_interval must be a Duration of aws_cdk, got datetime.timedelta(seconds=3600) "
            "(timedelta); write Duration.seconds(3600)",
        ),
    ],
)
def test_fails_with_the_whole_message(
    given: dict[str, Any], message: str, stack: cdk.Stack
) -> None:
    with pytest.raises(InvalidPropertyError) as caught:
        OperationsDashboard(stack, "Dashboard", **given)

    assert str(caught.value) == (
        f"OperationsDashboard 'Stack/Dashboard' has 1 invalid property:\n  - {message}"
    )
    assert stack.node.try_find_child("Dashboard") is None


def test_fails_when_there_is_no_room(stack: cdk.Stack) -> None:
    arn = "arn:aws:ivs:us-east-1:123456789012:channel/AbC"
    shows = [Channel.from_channel_arn(stack, f"It{n}", f"{arn}{n}") for n in range(100)]

    # 5 widgets each, and 5 for all.
    OperationsDashboard(stack, "Full", channels=shows[:99])
    with pytest.raises(InvalidPropertyError) as caught:
        OperationsDashboard(stack, "Dashboard", channels=shows)

    [failure] = caught.value.failures
    assert failure.message == (
        "channels and stages must make at most 500 widgets, got 505 for 100 channels and 0 stages; "
        "make several dashboards"
    )


def test_fails_outside_of_a_stack(app: cdk.App) -> None:
    with pytest.raises(InvalidScopeError):
        OperationsDashboard(app, "Dashboard")


# The picture


def test_picture_in_the_docs_shows_the_dashboard_as_it_is() -> None:
    drawn = runpy.run_path(str(ROOT / "tools" / "draw_dashboard.py"))["picture"]()

    kept = (ROOT / "docs" / "images" / "operations-dashboard.svg").read_text(encoding="utf-8")
    assert drawn == kept


def test_single_channel_or_alarms_are_put_in_a_list(stack: cdk.Stack) -> None:
    channel: Any = Channel(stack, "Channel")
    alarms: Any = RecommendedAlarms(stack, "Alarms", concurrent_views_limit=1)

    with pytest.raises(InvalidPropertyError) as caught:
        OperationsDashboard(stack, "Dashboard", channels=channel, alarms=alarms)

    assert [each.message for each in caught.value.failures] == [
        "channels must be a list of Channels, got <ivs_constructs.Channel 'Stack/Channel'> "
        "(Channel); write [channel]",
        "alarms must be a list of alarms, got <ivs_constructs.RecommendedAlarms 'Stack/Alarms'> "
        "(RecommendedAlarms); write [alarms]",
    ]
