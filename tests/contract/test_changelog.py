"""Changelog fragments: a release can collect them."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
FOLDER = ROOT / "changelog.d"
CONFIGURATION = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
TOWNCRIER = CONFIGURATION["tool"]["towncrier"]
FRAGMENTS = sorted(path for path in FOLDER.iterdir() if path.name not in TOWNCRIER["ignore"])
TYPES = ["added", "changed", "fixed", "removed", "security"]


def test_types_are_those_that_readers_are_told() -> None:
    told = (FOLDER / "README.md").read_text(encoding="utf-8")

    assert [each["directory"] for each in TOWNCRIER["type"]] == TYPES
    assert [each for each in TYPES if f"`{each}`" not in told] == []


@pytest.mark.parametrize("path", FRAGMENTS, ids=lambda path: path.name)
def test_fragment_is_one_that_a_release_collects(path: Path) -> None:
    text = path.read_text(encoding="utf-8")

    assert re.fullmatch(rf"[a-z0-9-]+\.({'|'.join(TYPES)})\.md", path.name)
    assert text.strip()
    # What a list's entry cannot hold.
    assert not re.search(r"^(#|- )", text, re.MULTILINE)


def test_changelog_has_a_place_for_them() -> None:
    text = (ROOT / "CHANGELOG.md").read_text(encoding="utf-8")

    assert text.count("<!-- towncrier release notes start -->") == 1
