"""The page about the emulator: its examples run, and its lists are complete."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from ivs_constructs.testing.emulator import Emulator
from ivs_constructs.testing.emulator.backend.operations import OPERATIONS
from ivs_constructs.testing.emulator.models import load

if TYPE_CHECKING:
    from collections.abc import Callable

pytest_plugins = ["ivs_constructs.testing.pytest_plugin"]

PAGE = (Path(__file__).resolve().parents[3] / "docs" / "emulator.md").read_text(encoding="utf-8")
EXAMPLES = re.findall(r"```python\n(.*?)```", PAGE, re.DOTALL)


@pytest.mark.parametrize("example", EXAMPLES, ids=range(len(EXAMPLES)))
# The examples do not close their clients, as nobody does in tests.
@pytest.mark.filterwarnings("ignore::ResourceWarning")
@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")
def test_example_runs(ivs_emulator: Emulator, example: str) -> None:
    names: dict[str, Any] = {}
    exec(compile(example, "docs/emulator.md", "exec"), names)  # noqa: S102 (the project's own page)
    tests: list[Callable[[Emulator], None]] = [
        each for name, each in names.items() if name.startswith("test_")
    ]
    for test in tests:
        test(ivs_emulator)


def test_examples_are_found() -> None:
    assert len(EXAMPLES) == 4
    assert sum("def test_" in each for each in EXAMPLES) == 2


def test_client_made_on_import_is_replaced_as_the_page_says(tmp_path: Path) -> None:
    files = dict(re.findall(r'```python title="([\w.]+)"\n(.*?)```', PAGE, re.DOTALL))
    assert files.keys() == {"talks.py", "test_talks.py", "conftest.py"}
    for name, text in files.items():
        (tmp_path / name).write_text(text, encoding="utf-8")
    forgets = (
        "import talks\n\n\ndef test_it(ivs_emulator):\n    talks.handler({'title': 'x'}, None)\n"
    )
    (tmp_path / "test_forgets.py").write_text(forgets, encoding="utf-8")

    done = subprocess.run(
        [sys.executable, "-m", "pytest", "-p", "no:cacheprovider", "-q"],
        cwd=tmp_path,
        # Nothing may reach AWS: the proxy is a port where nobody listens.
        env={**os.environ, "HTTPS_PROXY": "http://127.0.0.1:9", "NO_PROXY": "127.0.0.1"},
        capture_output=True,
        text=True,
        check=False,
        timeout=300,
    )

    assert "1 failed, 1 passed" in done.stdout, done.stdout
    assert "FAILED test_forgets.py::test_it" in done.stdout
    assert "ProxyConnectionError" in done.stdout
    assert "https://ivs.eu-west-1." in done.stdout


def test_page_names_what_is_not_emulated() -> None:
    listed = re.search(r"These operations return 501 `\w+`: ([\w,\s]+)\.", PAGE)
    assert listed is not None
    assert set(re.split(r",\s+", listed[1])) == load().names() - OPERATIONS.keys()


def test_page_names_real_controls() -> None:
    table = PAGE.partition("## What tests control")[2].partition("\n## ")[0]
    names = re.findall(r"`([a-z_.]+)[(`]", "\n".join(re.findall(r"^\| (.*?) \|", table, re.M)))
    emulator = Emulator()
    for name in names:
        found: object = emulator
        for part in name.split("."):
            found = getattr(found, part)
    assert len(names) >= 12
