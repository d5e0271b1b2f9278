"""Reads the literal text in what CloudFormation puts together at deploy time."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from itertools import islice, product
from typing import Any, cast

LATER = "\0"
"""Stands for a part of a text that is known only at deploy time."""

_MOST = 64
"""The most texts that are read from one value: each condition in it doubles their number."""

_DYNAMIC_REFERENCE = re.compile(r"\{\{resolve:[^}]*\}\}")
_VARIABLE = re.compile(r"\$\{(!?)([^}]*)\}")


Named = Callable[[str], Iterable[str]]
"""Returns the texts that a parameter of the template may have, by its logical id."""


def readings(value: object, named: Named | None = None) -> list[str]:
    """Return the texts that a value may turn out to be, with `LATER` for each part known later.

    Args:
        value: A value as in a template: literal, or an intrinsic function such as `Fn::Join`.
        named: Returns what is known about a parameter, whose value is known later all the same.
    """
    return list(islice(dict.fromkeys(_Reader(named or _nothing).read(value)), _MOST))


def _nothing(_: str) -> Iterable[str]:
    return ()


class _Reader:
    def __init__(self, named: Named) -> None:
        self._named = named

    def read(self, value: object) -> Iterator[str]:
        if isinstance(value, str):
            yield _DYNAMIC_REFERENCE.sub(LATER, value)
            return
        if not isinstance(value, Mapping) or len(cast("Mapping[str, object]", value)) != 1:
            yield LATER
            return
        [(name, given)] = cast("Mapping[str, Any]", value).items()
        match name, given:
            case "Ref", str(parameter):
                yield LATER
                yield from self._named(parameter)
            case "Fn::Join", [str(between), [*parts]]:
                yield from map(between.join, self._combined(parts))
            case "Fn::Sub", str(text):
                yield from self._substituted(text, {})
            case "Fn::Sub", [str(text), dict() as variables]:  # pyright: ignore[reportUnknownVariableType] (JSON)
                yield from self._substituted(text, cast("dict[str, object]", variables))
            case "Fn::If", [_, one, other]:
                yield from self.read(one)
                yield from self.read(other)
            case "Fn::Select", [index, [*options]]:
                known = str(index).isdecimal() and int(index) < len(options)
                for each in [options[int(index)]] if known else options:
                    yield from self.read(each)
            case "Fn::Select", [_, {"Ref": str(parameter)}]:
                yield LATER
                for text in self._named(parameter):
                    yield from (each.strip() for each in text.split(","))
            case _:
                yield LATER

    def _substituted(self, text: str, variables: Mapping[str, object]) -> Iterator[str]:
        pieces: list[object] = []
        end = 0
        for found in _VARIABLE.finditer(text):
            escaped, name = found.groups()
            known = f"${{{name}}}" if escaped else variables.get(name, {"Ref": name})
            pieces += [text[end : found.start()], known]
            end = found.end()
        yield from map("".join, self._combined([*pieces, text[end:]]))

    def _combined(self, parts: list[object]) -> Iterator[tuple[str, ...]]:
        return islice(product(*(readings(each, self._named) for each in parts)), _MOST)
