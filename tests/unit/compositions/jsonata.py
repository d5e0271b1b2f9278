"""As much of JSONata as the state machine uses: paths, filters, comparisons, three functions.

What is undefined is None, as null does not occur. See: https://docs.jsonata.org
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

_TOKEN = re.compile(
    r"\s*(?:(?P<number>\d+)|'(?P<string>[^']*)'|`(?P<quoted>[^`]*)`|(?P<name>\$?[A-Za-z_]\w*)"
    r"|(?P<sign>[][().,=<&+]))"
)

Value = Any
Evaluate = Callable[["Scope"], Value]


class JsonataError(Exception):
    """The expression is wrong, or not of the part that is known here."""


@dataclass(frozen=True)
class Scope:
    """What names stand for.

    Attributes:
        variables: By their names without `$`.
        item: What a path without `$` begins at.
    """

    variables: Mapping[str, Value]
    item: Value = None


def evaluate(text: str, variables: Mapping[str, Value]) -> Value:
    """Evaluate an expression."""
    return _Parser(text).whole()(Scope(variables))


def _tokens(text: str) -> list[tuple[str, str]]:
    found = []
    at = 0
    while at < len(text.rstrip()):
        match = _TOKEN.match(text, at)
        if match is None:
            raise JsonataError(f"cannot read {text[at:]!r}")
        kind = str(match.lastgroup)
        found.append((kind, match[kind]))
        at = match.end()
    return found


def _hash(text: str, algorithm: str) -> str:
    # A function of Step Functions, with algorithms called as States.Hash has them.
    return hashlib.new(algorithm.replace("-", ""), text.encode()).hexdigest()


def _string(value: Value) -> str:
    return value if isinstance(value, str) else str(value)


_FUNCTIONS: Mapping[str, Callable[..., Value]] = {
    "$exists": lambda value: value is not None,
    "$hash": _hash,
    "$string": _string,
}


def _step(value: Value, name: str) -> Value:
    """Go into a member; of a list, into that of each item, and a list of one is its item."""
    if isinstance(value, list):
        return _sequence([found for each in value if (found := _step(each, name)) is not None])
    return value.get(name) if isinstance(value, dict) else None


def _sequence(items: list[Value]) -> Value:
    return items[0] if len(items) == 1 else items or None


def _equal(left: Value, right: Value) -> bool:
    # What is undefined equals nothing, not even itself.
    return left is not None and right is not None and type(left) is type(right) and left == right


class _Parser:
    """Recursive descent, from the weakest operator to the strongest."""

    def __init__(self, text: str) -> None:
        self._tokens = _tokens(text)
        self._at = 0

    def whole(self) -> Evaluate:
        found = self._and()
        if self._at < len(self._tokens):
            raise JsonataError(f"did not expect {self._tokens[self._at]}")
        return found

    def _peek(self) -> tuple[str, str]:
        return self._tokens[self._at] if self._at < len(self._tokens) else ("end", "")

    def _take(self, *wanted: tuple[str, str]) -> str | None:
        if self._peek() not in wanted:
            return None
        self._at += 1
        return self._tokens[self._at - 1][1]

    def _expect(self, sign: str) -> None:
        if self._take(("sign", sign)) is None:
            raise JsonataError(f"expected {sign}, found {self._peek()}")

    def _and(self) -> Evaluate:
        left = self._comparison()
        while self._take(("name", "and")):
            left = self._both(left, self._comparison())
        return left

    @staticmethod
    def _both(left: Evaluate, right: Evaluate) -> Evaluate:
        return lambda scope: bool(left(scope)) and bool(right(scope))

    def _comparison(self) -> Evaluate:
        left = self._sum()
        operator = self._take(("sign", "="), ("sign", "<"), ("name", "in"))
        if operator is None:
            return left
        right = self._sum()
        match operator:
            case "=":
                return lambda scope: _equal(left(scope), right(scope))
            case "<":
                return lambda scope: left(scope) < right(scope)
            case _:
                return lambda scope: any(_equal(left(scope), each) for each in right(scope))

    def _sum(self) -> Evaluate:
        left = self._path()
        while operator := self._take(("sign", "&"), ("sign", "+")):
            left = self._combined(operator, left, self._path())
        return left

    @staticmethod
    def _combined(operator: str, left: Evaluate, right: Evaluate) -> Evaluate:
        if operator == "&":
            return lambda scope: _string(left(scope)) + _string(right(scope))
        return lambda scope: left(scope) + right(scope)

    def _path(self) -> Evaluate:
        found = self._primary()
        while True:
            if self._take(("sign", ".")):
                kind, name = self._peek()
                if kind not in ("name", "quoted"):
                    raise JsonataError(f"expected a name, found {name!r}")
                self._at += 1
                found = self._inside(found, name)
            elif self._take(("sign", "[")):
                found = self._filtered(found, self._and())
                self._expect("]")
            else:
                return found

    @staticmethod
    def _inside(whole: Evaluate, name: str) -> Evaluate:
        return lambda scope: _step(whole(scope), name)

    @staticmethod
    def _filtered(whole: Evaluate, condition: Evaluate) -> Evaluate:
        def run(scope: Scope) -> Value:
            items = whole(scope)
            listed = items if isinstance(items, list) else [] if items is None else [items]
            return _sequence([each for each in listed if condition(Scope(scope.variables, each))])

        return run

    def _primary(self) -> Evaluate:
        kind, text = self._peek()
        self._at += 1
        if kind == "number":
            return lambda _: int(text)
        if kind == "string":
            return lambda _: text
        if kind == "quoted" or (kind == "name" and not text.startswith("$")):
            return lambda scope: _step(scope.item, text)
        if kind == "name":
            return self._call(text) if text in _FUNCTIONS else self._variable(text[1:])
        if text in ("[", "("):
            parts = self._list("]" if text == "[" else ")")
            if text == "(":
                [inner] = parts
                return inner
            return lambda scope: [part(scope) for part in parts]
        raise JsonataError(f"did not expect {text!r}")

    @staticmethod
    def _variable(name: str) -> Evaluate:
        def run(scope: Scope) -> Value:
            if name not in scope.variables:
                raise JsonataError(f"there is no ${name}")
            return scope.variables[name]

        return run

    def _call(self, name: str) -> Evaluate:
        self._expect("(")
        arguments = self._list(")")
        return lambda scope: _FUNCTIONS[name](*(each(scope) for each in arguments))

    def _list(self, closing: str) -> list[Evaluate]:
        found = [self._and()]
        while self._take(("sign", ",")):
            found.append(self._and())
        self._expect(closing)
        return found
