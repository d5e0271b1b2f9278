"""`python app.py`, run once for all tests that look at what comes of it."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from typing import NamedTuple

import pytest

ROOT = Path(__file__).resolve().parents[2]


class AppRun(NamedTuple):
    """A run of `python app.py`, with the AWS CDK's own validation.

    Attributes:
        outdir: The folder with the templates and the validation report.
        stdout: The report on each example.
        stderr: Warnings of the AWS CDK.
    """

    outdir: Path
    stdout: str
    stderr: str


@pytest.fixture(scope="session")
def app_run(tmp_path_factory: pytest.TempPathFactory) -> AppRun:
    """Synthesize all examples in a process of their own; the app has to succeed."""
    folder = tmp_path_factory.mktemp("app")
    inherited = {
        name: value
        for name, value in os.environ.items()
        if name not in {"CDK_OUTDIR", "CDK_CONTEXT_JSON", "CDK_VALIDATION"}
    }
    done = subprocess.run(
        [sys.executable, str(ROOT / "app.py")],
        # From another folder than the repository's: the context of cdk.json has to be found anyway.
        cwd=folder,
        env={**inherited, "CDK_OUTDIR": "templates"},
        capture_output=True,
        text=True,
        check=False,
        timeout=900,
    )
    assert done.returncode == 0, done.stderr
    return AppRun(folder / "templates", done.stdout, done.stderr)
