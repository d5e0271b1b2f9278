"""The diagrams: what they say is drawn, and what is not understood is an error."""

from __future__ import annotations

import re
from itertools import pairwise

import pytest

from tools.website.diagrams import draw

SEQUENCE = """
sequenceDiagram
  participant A
  participant B as Amazon IVS
  A->>B: asks
  Note over A,B: first<br/>second
  B-->>A: answers
"""
FLOW = """
flowchart LR
  A[Begins] --> B{Is it on?}
  B -- yes --> C["Goes on: again"]
"""
STATES = """
stateDiagram-v2
  [*] --> Made: acquire
  Made --> Made: get
  Made --> Gone: release
  Made --> [*]: dies
  Gone --> [*]
"""


@pytest.mark.parametrize(
    ("source", "texts"),
    [
        (SEQUENCE, ["A", "Amazon IVS", "asks", "answers", "first", "second"]),
        (FLOW, ["Begins", "Is it on?", "yes", "Goes on: again"]),
        (STATES, ["start", "end", "Made", "stays: get", "acquire", "release", "or: dies"]),
    ],
)
def test_everything_is_drawn(source: str, texts: list[str]) -> None:
    svg = draw(source)

    assert svg.startswith("<svg")
    assert [each for each in texts if f">{each}</text>" not in svg] == []


def test_participants_do_not_overlap() -> None:
    names = {"A": "Page", "B": "an identity provider such as Amazon Cognito", "C": "Amazon IVS"}
    lines = [f"participant {key} as {name}" for key, name in names.items()]
    svg = draw("\n".join(["sequenceDiagram", *lines]))

    boxes = re.findall(r'<rect x="([\d.]+)" y="10" width="([\d.]+)"', svg)
    ends = [(float(x), float(x) + float(width)) for x, width in boxes]

    assert len(ends) == len(names)
    assert all(left[1] < right[0] for left, right in pairwise(ends))


@pytest.mark.parametrize(
    "source",
    [
        "pie title Pets",
        "sequenceDiagram\n  loop every minute",
        "flowchart LR\n  A((circle)) --> B",
        "stateDiagram-v2\n  state fork_state <<fork>>",
    ],
)
def test_what_is_unknown_is_an_error(source: str) -> None:
    with pytest.raises(ValueError, match=r"unknown"):
        draw(source)
