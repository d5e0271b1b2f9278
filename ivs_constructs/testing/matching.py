"""Compares a test's expectation with a template, and reports the differences briefly."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import cast

_LINES = 8
_WIDTH = 160


def differences(expected: object, found: object, where: str = "") -> Iterator[str]:
    """The differences from the expectation, one per line.

    A mapping may contain more than expected; a list must be equal, item by item.
    """
    if _both(Mapping, expected, found):
        there = cast("Mapping[str, object]", found)
        for name, value in cast("Mapping[str, object]", expected).items():
            inner = f"{where}.{name}" if where else name
            if name in there:
                yield from differences(value, there[name], inner)
            else:
                yield f"{inner}: expected {_shown(value)}, is not set"
    elif _both(list, expected, found) and len(_list(expected)) == len(_list(found)):
        for index, (value, entry) in enumerate(zip(_list(expected), _list(found), strict=True)):
            yield from differences(value, entry, f"{where}[{index}]")
    elif not _equal(expected, found):
        yield f"{where}: expected {_shown(expected)}, found {_shown(found)}"


def _equal(expected: object, found: object) -> bool:
    # True == 1 in Python, but not in a template.
    if isinstance(expected, bool | int | float) and isinstance(expected, bool) != isinstance(
        found, bool
    ):
        return False
    return bool(expected == found)


def _both(kind: type, *values: object) -> bool:
    return all(isinstance(value, kind) for value in values)


def _list(value: object) -> list[object]:
    return cast("list[object]", value)


def told(lines: list[str], indent: str = "    ") -> list[str]:
    """The first lines, as many as are readable."""
    shown = [f"{indent}{line}" for line in lines[:_LINES]]
    rest = len(lines) - _LINES
    return [*shown, f"{indent}and {rest} more"] if rest > 0 else shown


def _shown(value: object) -> str:
    text = json.dumps(value, default=repr)
    return text if len(text) <= _WIDTH else f"{text[: _WIDTH - 1]}…"
