"""What is committed names the public package index only, whatever index wrote the lock file."""

from __future__ import annotations

import os
import re
import tomllib
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from collections.abc import Iterator

ROOT = Path(__file__).resolve().parents[2]
INDEX = "https://pypi.org/simple"
HOSTS = {"https://pypi.org", "https://files.pythonhosted.org"}

# Environments, caches and output: nobody commits them, and they may name any host.
UNTRACKED = {"cdk.out", "dist", "htmlcov", "node_modules", "site", "__pycache__"}
HIDDEN_BUT_TRACKED = {".ci", ".github"}

# A package index being set, as pip, uv, PDM and npm spell it, with the address it is set to.
INDEX_SETTING = re.compile(
    r"""(?:index[-_]url|find[-_]links|registry)  # the option
        ["']?\ *[=:\ ]\ *["'\[]*                 # its assignment
        ([a-z+]+://[^\s"'`]+|/[^\s"'`]+)         # an address or a path
    """,
    re.VERBOSE | re.IGNORECASE,
)


def tracked_files() -> Iterator[Path]:
    """By walking, not from git: the tests also run from an unpacked sdist."""
    for folder, subfolders, names in os.walk(ROOT):
        subfolders[:] = [
            name
            for name in subfolders
            if name in HIDDEN_BUT_TRACKED or not (name in UNTRACKED or name.startswith("."))
        ]
        yield from (Path(folder, name) for name in names)


def other_indexes(text: str) -> list[str]:
    return [index for index in INDEX_SETTING.findall(text) if not index.startswith(INDEX)]


def test_lock_names_only_public_hosts() -> None:
    hosts = set(re.findall(r"[a-z+]+://[^/\s\"']+", (ROOT / "uv.lock").read_text()))

    assert hosts == HOSTS


def test_lock_names_no_local_path() -> None:
    lock = tomllib.loads((ROOT / "uv.lock").read_text())

    sources = {
        package["name"]: package["source"]
        for package in lock["package"]
        if package["source"] != {"registry": INDEX}
    }

    assert sources == {"ivs-constructs": {"editable": "."}}


def test_no_file_names_another_index() -> None:
    found = {}
    for path in tracked_files():
        try:
            indexes = other_indexes(path.read_text(encoding="utf-8"))
        except UnicodeDecodeError:
            continue  # not a text file
        if indexes:
            found[str(path.relative_to(ROOT))] = indexes

    assert found == {}


@pytest.mark.parametrize("option", ["index-url", "INDEX_URL", "find-links", "registry"])
@pytest.mark.parametrize("assignment", ['{}="{}"', "--{} {}", "{} = {}", '"{}": "{}"', "{}=['{}']"])
@pytest.mark.parametrize("address", ["https://mirror.example/simple", "/srv/wheels"])
def test_another_index_is_seen(option: str, assignment: str, address: str) -> None:
    assert other_indexes(assignment.format(option, address)) == [address]
