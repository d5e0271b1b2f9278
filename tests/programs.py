"""Programs in an interpreter of their own, for what only a fresh one can show."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[1]


def printed_by(code: str, *options: str) -> str:
    """What a fresh interpreter prints for a program."""
    done = subprocess.run(
        [sys.executable, *options, "-c", code],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
        timeout=900,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


def loaded_by(code: str) -> set[str]:
    """The modules that a program loads besides those of aws_cdk, whose old versions load all."""
    printed = printed_by(
        "import sys, ivs_constructs; ivs_constructs.ensure_node()\n"
        "import aws_cdk; before = set(sys.modules)\n"
        f"{code}\n"
        "print(*sys.modules.keys() - before)"
    )
    return set(printed.split())
