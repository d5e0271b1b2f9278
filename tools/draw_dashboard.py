"""Draws docs/images/operations-dashboard.svg: ``python -m tools.draw_dashboard``.

The widgets, their places and the alarms' states come from the template of `examples/operations.py`;
the curves are made up: an evening's show whose stream has just failed.
"""

from __future__ import annotations

import json
import math
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any
from xml.sax.saxutils import escape

ROOT = Path(__file__).resolve().parents[1]
TARGET = Path(__file__).with_name("images") / "operations-dashboard.svg"

CELL_WIDTH, CELL_HEIGHT = 52, 34
"""Pixels of a cell of the dashboard's grid, which has 24 columns."""

GAP = 8
MINUTES = 180
LOST = 175
"""The minutes shown, and the minute after which the stream is lost."""

COLORS = ("#1f77b4", "#d95f0e", "#2a9d4a")
INK, FAINT, GRID, PAPER, BACK = "#16191f", "#5f6b7a", "#e4e8ec", "#ffffff", "#f2f3f3"

Curve = Callable[[int], float | None]


def live(minute: int) -> bool:
    """Whether the stream arrives."""
    return 30 <= minute < LOST


def wave(minute: int, size: float, seed: int) -> float:
    """Noise that makes a curve look measured; the same in each run."""
    return size * (math.sin(minute / 3.1 + seed) + math.sin(minute / 1.3 + 2 * seed)) / 2


def show(level: float, noise: float, seed: int = 1) -> Curve:
    """About constant throughout the show."""
    return lambda minute: level + wave(minute, noise, seed) if live(minute) else None


def crowd(most: float, seed: int = 1) -> Curve:
    """Rises within half an hour."""

    def at(minute: int) -> float | None:
        if not live(minute):
            return None
        return most * (1 - math.exp((30 - minute) / 18)) + abs(wave(minute, most / 40, seed))

    return at


def steps(*counts: tuple[int, float]) -> Curve:
    """Steps, each from a certain minute on."""

    def at(minute: int) -> float | None:
        known = [count for start, count in counts if minute >= start]
        return known[-1] if known else None

    return at


def worse_at(level: float, noise: float, peak: float, when: int) -> Curve:
    """Small, except for one bad spell."""

    def at(minute: int) -> float | None:
        if minute < 24:
            return None
        spell = peak * math.exp(-(((minute - when) / 4) ** 2))
        return max(0, level + wave(minute, noise, 2)) + spell

    return at


SAMPLES: Mapping[str, Curve] = {
    "ConcurrentViews": crowd(8_400),
    "ConcurrentStreams": lambda minute: float(live(minute)),
    "ConcurrentPublishers": steps((0, 0), (24, 3), (52, 4), (118, 3)),
    "ConcurrentSubscriptions": steps((0, 0), (24, 6), (52, 12), (118, 6)),
    "IngestBitrate": show(4_650_000, 180_000),
    "IngestVideoBitrate": show(4_490_000, 180_000),
    "IngestAudioBitrate": show(160_000, 2_000),
    "IngestFramerate": show(30, 0.4),
    "KeyframeInterval": show(2, 0.02, 3),
    "LiveInputTime": show(60, 0),
    "RecordedTime": show(56, 0),
    "LiveDeliveredTime": crowd(8_400 * 60),
    "Publishers": steps((24, 3), (52, 4), (118, 3)),
    "Subscribers": steps((24, 5), (40, 7), (52, 9), (118, 8)),
    "DownloadPacketLoss": worse_at(0.4, 0.3, 3.6, 88),
    "DroppedFrames": worse_at(0.8, 0.4, 2.2, 90),
    "PublishBitrate": lambda minute: 2_100_000 + wave(minute, 150_000, 1) if minute >= 24 else None,
    "SubscribeBitrate": lambda minute: (
        1_900_000 + wave(minute, 180_000, 2) if minute >= 24 else None
    ),
}
"""A curve for each metric of the dashboard."""

IN_ALARM = "IngestStarvation"
"""The end of the name of the alarm that is shown in alarm."""


def template() -> dict[str, Any]:
    """The template of the example."""
    sys.path.insert(0, str(ROOT))
    import ivs_constructs

    ivs_constructs.ensure_node()
    import aws_cdk as cdk
    from aws_cdk.assertions import Template

    from examples.operations import Operations

    stack = Operations(cdk.App(analytics_reporting=False), "Operations")
    return dict(Template.from_stack(stack).to_json())


def body_of(found: Mapping[str, Any]) -> dict[str, Any]:
    """The dashboard's body, with references replaced by sample values."""
    [dashboard] = [
        each for each in found["Resources"].values() if each["Type"] == "AWS::CloudWatch::Dashboard"
    ]
    parts = dashboard["Properties"]["DashboardBody"]["Fn::Join"][1]
    text = "".join(part if isinstance(part, str) else written(part) for part in parts)
    body: dict[str, Any] = json.loads(text)
    return body


def written(reference: Mapping[str, Any]) -> str:
    """Write a reference as text: a sample for an ARN, the name for everything else."""
    match reference:
        case {"Fn::GetAtt": [str(name), "Arn"]}:
            kind = "stage" if "Backstage" in name else "channel"
            sample = f"arn:aws:ivs:eu-west-1:123456789012:{kind}/AbCdEfGhIjKl"
            return sample if kind == "stage" or name.startswith("Show") else name
        case {"Ref": "AWS::Region"}:
            return "eu-west-1"
        case _:
            return "AbCdEfGhIjKl"


def alarm_names(found: Mapping[str, Any]) -> dict[str, str]:
    """The start of each alarm's name, by its logical id, which ends with a hash."""
    return {
        logical_id: logical_id[:-8]
        for logical_id, each in found["Resources"].items()
        if each["Type"] == "AWS::CloudWatch::Alarm"
    }


# Drawing


def text(
    x: float, y: float, words: str, *, size: int = 11, color: str = INK, anchor: str = "start",
    weight: str = "normal",
) -> str:  # fmt: skip
    """One line of text."""
    return (
        f'<text x="{x:g}" y="{y:g}" font-size="{size}" fill="{color}" text-anchor="{anchor}" '
        f'font-weight="{weight}">{escape(words)}</text>'
    )


def nice(top: float) -> float:
    """The next round number."""
    if top <= 0:
        return 1
    power = 10.0 ** math.floor(math.log10(top))
    return next(step * power for step in (1, 2, 2.5, 5, 10) if step * power >= top)


def short(value: float) -> str:
    """Format a number for an axis."""
    for size, letter in ((1e6, "M"), (1e3, "k")):
        if value >= size:
            return f"{value / size:g}{letter}"
    return f"{value:g}"


def graph(
    x: float, y: float, width: float, height: float, facts: Mapping[str, Any]
) -> Iterator[str]:
    """A graph with one or two axes, its units and a legend."""
    yield text(x + 10, y + 18, facts["title"], size=12, weight="bold")
    left, right = x + 44, x + width - (52 if "right" in facts["yAxis"] else 24)
    top, bottom = y + 44, y + height - 40
    drawn = list(curves(facts["metrics"]))
    for side, at, anchor in (("left", left - 6, "end"), ("right", right + 6, "start")):
        if side not in facts["yAxis"]:
            continue
        ceiling = nice(
            max((p for _, axis, c in drawn if axis == side for p in points(c)), default=1)
        )
        unit = facts["yAxis"][side]["label"]
        yield text(at, top - 8, unit, size=9, color=FAINT, anchor=anchor)
        for part in (0, 0.5, 1):
            height_of = bottom - part * (bottom - top)
            yield text(at, height_of + 3, short(ceiling * part), size=9, color=FAINT, anchor=anchor)
            if side == "left":
                yield f'<path d="M{left:g} {height_of:g}H{right:g}" stroke="{GRID}"/>'
        for index, (_, axis, curve) in enumerate(drawn):
            if axis == side:
                line = path(curve, left, right, top, bottom, ceiling)
                yield (
                    f'<path d="{line}" fill="none" stroke="{COLORS[index]}" stroke-width="1.6" '
                    'stroke-linejoin="round"/>'
                )
    for minute in range(0, MINUTES + 1, 60):
        at = left + minute / MINUTES * (right - left)
        yield text(at, bottom + 14, f"{18 + minute // 60}:00", size=9, color=FAINT, anchor="middle")
    at = x + 12.0
    for index, (label, _, _) in enumerate(drawn):
        yield (
            f'<rect x="{at:g}" y="{y + height - 16:g}" width="8" height="8" '
            f'fill="{COLORS[index]}"/>'
        )
        yield text(at + 12, y + height - 8, label, size=10)
        at += 24 + 5.6 * len(label)


def curves(metrics: Sequence[Sequence[Any]]) -> Iterator[tuple[str, str, Curve]]:
    """The name, axis and curve of each of a graph's lines."""
    for metric in metrics:
        options = metric[-1]
        yield options["label"], options.get("yAxis", "left"), SAMPLES[metric[1]]


def points(curve: Curve) -> list[float]:
    """All values of a curve."""
    return [value for minute in range(MINUTES) if (value := curve(minute)) is not None]


def path(curve: Curve, left: float, right: float, top: float, bottom: float, ceiling: float) -> str:
    """A line with gaps where there are no data points."""
    words, pen = [], "M"
    for minute in range(MINUTES):
        value = curve(minute)
        if value is None:
            pen = "M"
            continue
        x = left + minute / MINUTES * (right - left)
        y = bottom - value / ceiling * (bottom - top)
        words.append(f"{pen}{x:.1f} {y:.1f}")
        pen = "L"
    return "".join(words)


def states(x: float, y: float, width: float, names: Sequence[str]) -> Iterator[str]:
    """The alarms, each with its state."""
    yield text(x + 10, y + 18, "Alarms", size=12, weight="bold")
    across = 4
    box = (width - 20 - (across - 1) * GAP) / across
    for index, name in enumerate(names):
        at = x + 10 + index % across * (box + GAP)
        down = y + 28 + index // across * (CELL_HEIGHT - 2)
        gone_off = name.endswith(IN_ALARM)
        color, state = ("#d13212", "In alarm") if gone_off else ("#1d8102", "OK")
        yield (
            f'<rect x="{at:g}" y="{down:g}" width="{box:g}" height="26" rx="3" fill="{PAPER}" '
            f'stroke="{color if gone_off else GRID}"/>'
        )
        yield f'<circle cx="{at + 13:g}" cy="{down + 13:g}" r="5" fill="{color}"/>'
        yield text(at + 25, down + 17, name)
        yield text(at + box - 10, down + 17, state, size=10, color=color, anchor="end")


def heading(x: float, y: float, height: float, markdown: str) -> Iterator[str]:
    """A text of one or two lines."""
    first, _, second = markdown.partition("\n")
    size = 17 if first.startswith("# ") else 14
    yield text(x + 10, y + (height + 10) / 2 if not second else y + 26, first.lstrip("# "),
               size=size, weight="bold")  # fmt: skip
    if second:
        yield text(x + 10, y + 46, second.strip("`"), color=FAINT)


def picture() -> str:
    """The whole dashboard."""
    found = template()
    widgets = body_of(found)["widgets"]
    names = alarm_names(found)
    parts: list[str] = []
    for widget in widgets:
        x, y = widget["x"] * CELL_WIDTH + GAP, widget["y"] * CELL_HEIGHT + GAP
        width, height = widget["width"] * CELL_WIDTH - GAP, widget["height"] * CELL_HEIGHT - GAP
        facts = widget["properties"]
        parts.append(
            f'<rect x="{x}" y="{y}" width="{width}" height="{height}" rx="4" fill="{PAPER}"/>'
        )
        match widget["type"]:
            case "text":
                parts += heading(x, y, height, facts["markdown"])
            case "alarm":
                parts += states(x, y, width, [names[each] for each in facts["alarms"]])
            case _:
                parts += graph(x, y, width, height, facts)
    wide = 24 * CELL_WIDTH + GAP
    high = max(each["y"] + each["height"] for each in widgets) * CELL_HEIGHT + GAP
    lines = "\n".join(parts)
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {wide} {high}" role="img" '
        'font-family="Helvetica, Arial, sans-serif">\n'
        "<title>The dashboard of examples/operations.py, with made-up data</title>\n"
        f'<rect width="{wide}" height="{high}" fill="{BACK}"/>\n{lines}\n</svg>\n'
    )


if __name__ == "__main__":
    TARGET.write_text(picture(), encoding="utf-8")
