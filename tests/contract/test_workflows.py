"""What the jobs on GitHub may do."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

FOLDER = Path(__file__).parents[2] / ".github/workflows"
_JOB = re.compile(r"^  (\w+):\n((?:(?:    .*)?\n)+)", re.MULTILINE)
_WRITES = re.compile(r"^ +([a-z-]+): write\b", re.MULTILINE)


def jobs() -> list[tuple[str, str]]:
    return [
        (f"{file.stem} {name}", text)
        for file in sorted(FOLDER.glob("*.yml"))
        for name, text in _JOB.findall(file.read_text(encoding="utf-8").partition("\njobs:\n")[2])
    ]


def test_all_jobs_are_read() -> None:
    names = {name for name, _ in jobs()}

    assert {"ci gate", "docs build", "nightly newest", "nightly report"} <= names
    assert {"release build", "release attest", "release publish", "release announce"} <= names


@pytest.mark.parametrize(("name", "text"), jobs(), ids=[name for name, _ in jobs()])
def test_no_job_runs_packages_with_a_token_that_writes(name: str, text: str) -> None:
    """Tests and builds run other people's packages, which could use the job's token."""
    runs = re.search(r"(run:|^ +)\s*(make|uv|python|npm|npx) ", text, re.MULTILINE) is not None

    assert not (runs and _WRITES.findall(text)), name
    assert "permissions:" in text, name
