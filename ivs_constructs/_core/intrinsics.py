"""Reads the literal text in what CloudFormation puts together at deploy time."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from itertools import islice, product
from typing import Any, cast

LATER = "\0"
"""Stands for a part of a text that is known only at deploy time."""

_MOST = 64
"""The most texts that are read from one value: each condition in it doubles their number."""

_DYNAMIC_REFERENCE = re.compile(r"\{\{resolve:[^}]*\}\}")
_VARIABLE = re.compile(r"\$\{(!?)([^}]*)\}")


def readings(value: object) -> list[str]:
    """Return the texts that a value may turn out to be, with `LATER` for each part known later.

    Args:
        value: A value as in a template: literal, or an intrinsic function such as `Fn::Join`.
    """
    return list(islice(dict.fromkeys(_readings(value)), _MOST))


def _readings(value: object) -> Iterator[str]:
    if isinstance(value, str):
        yield _DYNAMIC_REFERENCE.sub(LATER, value)
        return
    if not isinstance(value, Mapping) or len(cast("Mapping[str, object]", value)) != 1:
        yield LATER
        return
    [(name, given)] = cast("Mapping[str, Any]", value).items()
    match name, given:
        case "Fn::Join", [str(between), [*parts]]:
            yield from map(between.join, _combined(parts))
        case "Fn::Sub", str(text):
            yield from _substituted(text, {})
        case "Fn::Sub", [str(text), dict() as variables]:  # pyright: ignore[reportUnknownVariableType] (JSON)
            yield from _substituted(text, cast("dict[str, object]", variables))
        case "Fn::If", [_, one, other]:
            yield from _readings(one)
            yield from _readings(other)
        case "Fn::Select", [index, [*options]]:
            known = str(index).isdecimal() and int(index) < len(options)
            for each in [options[int(index)]] if known else options:
                yield from _readings(each)
        case _:
            yield LATER


def _substituted(text: str, variables: Mapping[str, object]) -> Iterator[str]:
    pieces: list[object] = []
    end = 0
    for found in _VARIABLE.finditer(text):
        escaped, name = found.groups()
        known = f"${{{name}}}" if escaped else variables.get(name, {})
        pieces += [text[end : found.start()], known]
        end = found.end()
    yield from map("".join, _combined([*pieces, text[end:]]))


def _combined(parts: list[object]) -> Iterator[tuple[str, ...]]:
    return islice(product(*(readings(each) for each in parts)), _MOST)
