"""Draws the pages' Mermaid diagrams as SVG, so that the site needs no script from the network.

It supports the part of Mermaid that the pages use: sequence diagrams with participants, messages
and notes, flowcharts with boxes, questions and arrows, and state diagrams.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from xml.sax.saxutils import escape

FONT = "system-ui, 'Segoe UI', 'DejaVu Sans', sans-serif"
INK, LINE, PAPER, BOX, NOTE = "#0f172a", "#64748b", "#ffffff", "#f1f5f9", "#fef9c3"
CHARACTER = 7.2
"""The average width of a character in pixels, rounded up."""

STEP = 44
"""Pixels from one message to the next."""


def draw(source: str) -> str:
    """Draw a diagram.

    Returns:
        The SVG.

    Raises:
        ValueError: If the diagram uses something that is not supported here.
    """
    lines = [line.strip() for line in source.strip().splitlines()]
    if lines[0] == "sequenceDiagram":
        return _sequence(lines[1:])
    if found := re.fullmatch(r"flowchart (LR|TD)", lines[0]):
        return _flowchart(lines[1:], across=found[1] == "LR")
    if lines[0] == "stateDiagram-v2":
        return _flowchart(_transitions(lines[1:]), across=False)
    raise ValueError(f"a diagram of an unknown kind: {lines[0]!r}")


def _svg(width: float, height: float, parts: Sequence[str]) -> str:
    start = (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width:g} {height:g}" '
        f'width="{width:g}" height="{height:g}" role="img" font-family="{FONT}" font-size="13">'
        '<defs><marker id="tip" viewBox="0 0 8 8" refX="8" refY="4" markerWidth="8" '
        f'markerHeight="8" orient="auto"><path d="M0 0L8 4L0 8z" fill="{LINE}"/></marker></defs>'
        f'<rect width="{width:g}" height="{height:g}" rx="6" fill="{PAPER}"/>'
    )
    return "\n".join([start, *parts, "</svg>"]) + "\n"


def _text(x: float, y: float, text: str, *, on_line: bool = False) -> str:
    lines = re.split(r"<br */?>", text)
    halo = f' stroke="{PAPER}" stroke-width="5" paint-order="stroke"' if on_line else ""
    top = y - (len(lines) - 1) * 8
    return "".join(
        f'<text x="{x:g}" y="{top + 16 * row:g}" text-anchor="middle" fill="{INK}"{halo}>'
        f"{escape(line.strip())}</text>"
        for row, line in enumerate(lines)
    )


def _box(x: float, y: float, width: float, height: float, text: str, fill: str = BOX) -> str:
    return (
        f'<rect x="{x:g}" y="{y:g}" width="{width:g}" height="{height:g}" rx="5" fill="{fill}" '
        f'stroke="{LINE}"/>{_text(x + width / 2, y + height / 2 + 4.5, text)}'
    )


def _arrow(path: str, *, dashed: bool = False) -> str:
    dashes = ' stroke-dasharray="5 4"' if dashed else ""
    return f'<path d="{path}" fill="none" stroke="{LINE}"{dashes} marker-end="url(#tip)"/>'


def _longest(text: str) -> float:
    return max(map(len, re.split(r"<br */?>", text))) * CHARACTER


def _sequence(lines: Sequence[str]) -> str:
    labels: dict[str, str] = {}
    steps: list[tuple[str, str, str, str]] = []
    for line in lines:
        if found := re.fullmatch(r"participant (\w+)(?: as (.+))?", line):
            labels[found[1]] = found[2] or found[1]
        elif found := re.fullmatch(r"(\w+)(--?>>)(\w+): (.+)", line):
            steps.append((found[2], found[1], found[3], found[4]))
        elif found := re.fullmatch(r"Note over (\w+)(?:,(\w+))?: (.+)", line):
            steps.append(("note", found[1], found[2] or found[1], found[3]))
        elif line:
            raise ValueError(f"an unknown line of a sequence diagram: {line!r}")
    order = {name: place for place, name in enumerate(labels)}
    wide = {name: max(_longest(label) + 20, 70) for name, label in labels.items()}
    gaps = [max(120.0, (wide[left] + wide[right]) / 2 + 16) for left, right in pairwise(labels)]
    for kind, start, end, text in steps:
        low, high = sorted((order[start], order[end]))
        if kind != "note" and high > low:
            gaps[high - 1] += max(0, _longest(text) + 24 - sum(gaps[low:high]))
    first, last = (
        max(_longest(labels[name]), 60) / 2 + 20
        for name in (min(order, key=order.__getitem__), max(order, key=order.__getitem__))
    )
    at = [first]
    for gap in gaps:
        at.append(at[-1] + gap)
    notes = [
        (at[order[start]] + at[order[end]]) / 2 + _longest(text) / 2 + 24
        for kind, start, end, text in steps
        if kind == "note"
    ]
    width = max([at[-1] + last, *notes])
    height = 70 + STEP * len(steps)
    parts = [
        f'<path d="M{x:g} 44V{height - 12:g}" stroke="{LINE}" stroke-dasharray="2 4"/>' for x in at
    ]
    for name, label in labels.items():
        parts.append(_box(at[order[name]] - wide[name] / 2, 10, wide[name], 34, label))
    for row, (kind, start, end, text) in enumerate(steps):
        y = 84 + STEP * row
        x1, x2 = at[order[start]], at[order[end]]
        if kind == "note":
            width_of_note = max(_longest(text) + 20, abs(x2 - x1) + 60)
            tall = 20 + 16 * len(re.split(r"<br */?>", text))
            left = (x1 + x2) / 2 - width_of_note / 2
            parts.append(_box(left, y - tall / 2 - 4, width_of_note, tall - 6, text, NOTE))
        else:
            parts.append(_text((x1 + x2) / 2, y - 7, text, on_line=True))
            parts.append(
                _arrow(f"M{x1:g} {y}H{x2 + (-4 if x2 > x1 else 4):g}", dashed="--" in kind)
            )
    return _svg(width, height, parts)


@dataclass
class _Node:
    """A box of a flowchart."""

    label: str
    asks: bool = False
    level: int = 0
    to: list[tuple[str, str]] = field(default_factory=list)


_NODE = r'(\w+)(?:\["?(.+?)"?\]|\{"?(.+?)"?\})?'


def _flowchart(lines: Sequence[str], *, across: bool) -> str:
    nodes: dict[str, _Node] = {}

    def node(text: str) -> str:
        found = re.fullmatch(_NODE, text.strip())
        if not found:
            raise ValueError(f"an unknown part of a flowchart: {text!r}")
        known = nodes.setdefault(found[1], _Node(found[1]))
        if found[2] or found[3]:
            known.label, known.asks = found[2] or found[3], bool(found[3])
        return found[1]

    for line in filter(None, lines):
        parts = re.split(r"\s*--(?:\s*([^->]+?)\s*--)?>\s*", line)
        for start, label, end in zip(parts[0::2], parts[1::2], parts[2::2], strict=False):
            nodes[node(start)].to.append((node(end), label or ""))
    for _ in nodes:
        for each in nodes.values():
            for end, _label in each.to:
                nodes[end].level = max(nodes[end].level, min(each.level + 1, len(nodes)))
    return _laid_out(nodes, across=across)


def _transitions(lines: Sequence[str]) -> list[str]:
    """Write a state diagram as a flowchart."""
    written = []
    stays: dict[str, str] = {}
    for line in filter(None, lines):
        found = re.fullmatch(r"(\[\*\]|\w+) --> (\[\*\]|\w+)(?:: (.+))?", line)
        if not found:
            raise ValueError(f"an unknown line of a diagram of states: {line!r}")
        if found[1] == found[2]:
            stays[found[1]] = f"{found[1]}[{found[1]}<br/>stays: {found[3]}]"
            continue
        start = "Start[start]" if found[1] == "[*]" else found[1]
        end = "End[end]" if found[2] == "[*]" else found[2]
        label = f"-- {found[3].replace('-', ' ')} --" if found[3] else "--"
        written.append(f"{start} {label}> {end}")
    return [re.sub(r"\w+$", lambda end: stays.get(end[0], end[0]), each) for each in written]


def _laid_out(nodes: dict[str, _Node], *, across: bool) -> str:
    for each in nodes.values():
        for index, (end, label) in enumerate(each.to):
            if label and nodes[end].level > each.level + 1:
                # Next to an arrow that passes other boxes, it would be hidden.
                each.label += f"<br/>or: {label}"
                each.to[index] = (end, "")
    levels: list[list[str]] = []
    for depth in range(max(each.level for each in nodes.values()) + 1):
        levels.append([name for name, each in nodes.items() if each.level == depth])
    size = {
        name: (
            max(_longest(each.label) + 24, 80),
            24.0 + 16 * len(re.split("<br */?>", each.label)),
        )
        for name, each in nodes.items()
    }
    at: dict[str, tuple[float, float]] = {}
    labels = [_longest(label) for each in nodes.values() for _, label in each.to]
    gap = 24 if across else max(24, *labels)
    along, widest = 10.0, 0.0
    lengths = [sum(size[name][int(across)] + gap for name in level) - gap for level in levels]
    for level, length in zip(levels, lengths, strict=True):
        place = 10 + (max(lengths) - length) / 2
        for name in level:
            at[name] = (along, place) if across else (place, along)
            place += size[name][int(across)] + gap
        widest = max(widest, place)
        thick = max(size[name][int(not across)] for name in level)
        along += thick + (70 if across else 42)
    along -= (70 if across else 42) - 10
    total = max(lengths) + 20
    parts = []
    for name, each in nodes.items():
        (x1, y1), (w1, h1) = at[name], size[name]
        for end, label in each.to:
            (x2, y2), (w2, h2) = at[end], size[end]
            if across:
                a, b = (x1 + w1, y1 + h1 / 2), (x2 - 2, y2 + h2 / 2)
                middle = (a[0] + b[0]) / 2
                path = (
                    f"M{a[0]:g} {a[1]:g}C{middle:g} {a[1]:g} {middle:g} {b[1]:g} {b[0]:g} {b[1]:g}"
                )
            else:
                a, b = (x1 + w1 / 2, y1 + h1), (x2 + w2 / 2, y2 - 2)
                curve = f"{a[0]:g} {a[1] + 24:g} {b[0]:g} {b[1] - 24:g}"
                path = f"M{a[0]:g} {a[1]:g}C{curve} {b[0]:g} {b[1]:g}"
            parts.append(_arrow(path))
            if label:
                # Where arrows are apart: closer to the row with more boxes.
                many = len(levels[nodes[end].level]) > len(levels[each.level])
                near = 0.5 if across else 0.7 if many else 0.3
                x, y = (a[0] + (b[0] - a[0]) * near, a[1] + (b[1] - a[1]) * near)
                parts.append(_text(x, y - (5 if across else -3), label, on_line=True))
    for name, each in nodes.items():
        parts.append(_box(*at[name], *size[name], each.label, NOTE if each.asks else BOX))
    return _svg(along, total, parts) if across else _svg(total, along, parts)
