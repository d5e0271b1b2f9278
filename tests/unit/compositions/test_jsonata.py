"""The interpreter itself. The expected values are those of the reference implementation, 2.0.6."""

from __future__ import annotations

from typing import Any

import pytest

from tests.unit.compositions.jsonata import JsonataError, evaluate

SHELF = {
    "shelf": {
        "books": [
            {"title": "A", "pages": 100, "marks": {"a:b": "x"}},
            {"title": "B", "pages": 200, "marks": {}},
            {"title": "C", "pages": 200, "marks": {"a:b": "x"}},
        ],
        "owner": "me",
        "empty": [],
        "one": [{"title": "D"}],
    },
    "n": 3,
    "x": "x",
}


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("$shelf.owner", "me"),
        ("$shelf.owner.nothing", None),
        ("$shelf.books.title", ["A", "B", "C"]),
        ("$shelf.one.title", "D"),
        ("$shelf.empty.title", None),
        ("$shelf.books[pages = 100].title", "A"),
        ("$shelf.books[pages = 200].title", ["B", "C"]),
        ("$shelf.books[pages = 300].title", None),
        ("$shelf.books[title in ['A', 'B'] and marks.`a:b` = $x].title", "A"),
        ("$shelf.one[title = 'D'].title", "D"),
        ("$exists($shelf.books[pages = 300])", False),
        ("$exists($shelf.books[pages = 200])", True),
        ("$exists($shelf.nothing[pages = 200])", False),
        ("$shelf.nothing = 'me'", False),
        ("$shelf.nothing = $shelf.nothing", False),
        ("$n = '3'", False),
        ("$n = 3", True),
        ("$n < 4", True),
        ("$n < 3", False),
        ("$n + 1", 4),
        ("$x & ' ' & $string($n)", "x 3"),
        ("'x' in ['x', 'y']", True),
        ("$shelf.nothing in ['x', 'y']", False),
        ("($n + 1) + 2", 6),
        ("$n = 3 and $x = 'y'", False),
    ],
)
def test_values(text: str, expected: object) -> None:
    assert evaluate(text, SHELF) == expected


@pytest.mark.parametrize(
    ("algorithm", "expected"),
    [
        ("SHA-256", "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"),
        ("MD5", "900150983cd24fb0d6963f7d28e17f72"),
    ],
)
def test_hash(algorithm: str, expected: str) -> None:
    assert evaluate(f"$hash('abc', '{algorithm}')", {}) == expected


@pytest.mark.parametrize("text", ["$n +", "$nobody", "$n ? 1 : 2", "$n.'x'", "(1, 2", "1 2", "]"])
def test_what_is_not_known_is_an_error(text: str) -> None:
    variables: dict[str, Any] = {"n": 1}
    with pytest.raises(JsonataError):
        evaluate(text, variables)
