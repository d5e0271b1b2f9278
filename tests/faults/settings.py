"""Under which circumstances a stack lives, besides what goes wrong."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Setting:
    """Circumstances.

    Attributes:
        name: What they are called.
        list_lag: How many lists do not yet show what was made or deleted.
        page_size: How many items the pages of lists have; None: as many as the API gives.
        policy: What to do while something holds the resource; empty: nothing ever holds it.
        ends_after: For how many seconds of waiting it is held; 0: until an operator ends it,
            because a request failed.
    """

    name: str
    list_lag: int = 0
    page_size: int | None = None
    policy: str = ""
    ends_after: float = 0.0


PLAIN = Setting(name="")
LAGGING = Setting(name="lists lag", list_lag=1)
PAGED = Setting(name="lists of one item a page", page_size=1)
HELD = (
    Setting(name="in use, FAIL", policy="FAIL"),
    Setting(name="in use, WAIT", policy="WAIT", ends_after=20.0),
    Setting(name="in use, STOP", policy="STOP"),
)
