"""Reports what is new in the installed botocore, and tests with the installed packages.

The report goes to .newest/report.md, as the text of an issue: ``python -m tools.newest``.
"""

from __future__ import annotations

import os
import subprocess
import sys
from importlib.metadata import version
from pathlib import Path

from tools.coverage.covered import coverage
from tools.coverage.report import unknown
from tools.write_models import installed

ROOT = Path(__file__).resolve().parents[1]
REPORT = ROOT / ".newest" / "report.md"
TESTS = (
    "tests/contract/test_service_models.py",
    "tests/contract/test_specs.py",
    "tests/constructs",
)


def run(*arguments: str) -> tuple[int, str]:
    """Run a program with this Python, and return its status and output."""
    done = subprocess.run(  # noqa: S603 (a fixed command)
        [sys.executable, *arguments],
        cwd=ROOT,
        env={**os.environ, "CDK_VALIDATION": "false"},
        capture_output=True,
        text=True,
        check=False,
    )
    return done.returncode, done.stdout + done.stderr


def main() -> int:
    """Write the report.

    Returns:
        The exit status: 1 if something is new or fails.
    """
    models = {name: model for name, versions in installed().items() for model in versions.values()}
    new = unknown(coverage(models))
    failed, tested = run("-m", "pytest", "-q", "-p", "no:cacheprovider", *TESTS)
    found = [line for line in tested.splitlines() if line.startswith(("FAILED", "ERROR"))]
    packages = ", ".join(f"{each} {version(each)}" for each in ("botocore", "aws-cdk-lib"))
    lines = [f"With {packages}:", ""]
    if new:
        lines += ["**New members that are covered nowhere**", "", "```", *new, "```", ""]
    if failed:
        lines += [
            "**Tests that fail**",
            "",
            "```",
            *(found or tested.splitlines()[-20:]),
            "```",
            "",
        ]
    if not new and not failed:
        lines.append("Nothing is new, and the tests pass.")
    REPORT.parent.mkdir(exist_ok=True)
    REPORT.write_text("\n".join(lines) + "\n", encoding="utf-8")
    print(REPORT.read_text(encoding="utf-8"))
    return int(bool(new or failed))


if __name__ == "__main__":
    sys.exit(main())
