"""The page "Test your stack": its snippets run, and its table is that of the rules."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

from ivs_constructs.checks.rules import RULES

PAGE = (Path(__file__).resolve().parents[2] / "docs" / "test-your-stack.md").read_text(
    encoding="utf-8"
)
FILES = dict(re.findall(r'```python title="([\w.]+)"\n(.*?)```', PAGE, re.DOTALL))


def run(folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    variables = {name: text for name, text in os.environ.items() if name != "CDK_VALIDATION"}
    return subprocess.run(
        [sys.executable, *arguments],
        cwd=folder,
        env=variables,
        capture_output=True,
        text=True,
        check=False,
        timeout=900,
    )


def write(folder: Path) -> None:
    for name, text in FILES.items():
        (folder / name).write_text(text, encoding="utf-8")


def test_every_snippet_has_a_file() -> None:
    assert len(FILES) == PAGE.count("```python") == 7


def test_snippets_pass_and_snapshots_hold(tmp_path: Path) -> None:
    write(tmp_path)
    pytest = ("-m", "pytest", "-p", "no:cacheprovider", "-q")

    written = run(tmp_path, *pytest, "test_snapshot.py", "--snapshot-update")
    again = run(tmp_path, *pytest)
    (tmp_path / "talks.py").write_text(FILES["talks.py"].replace('"LOW"', '"NORMAL"'))
    changed = run(tmp_path, *pytest, "test_snapshot.py")

    assert "1 snapshot generated" in written.stdout, written.stdout
    assert "6 passed" in again.stdout, again.stdout
    assert "1 failed" in changed.stdout, changed.stdout


def test_app_runs(tmp_path: Path) -> None:
    write(tmp_path)
    # What the page shows is all that it needs; the AWS CDK's validation would cost seconds.
    done = run(tmp_path, "-c", "import os; os.environ['CDK_VALIDATION'] = 'false'; import app")

    assert done.returncode == 0, done.stderr


def test_table_is_that_of_the_rules() -> None:
    assert re.findall(r"^\| `\w+` \| (?:error|warning|info) \|.*$", PAGE, re.MULTILINE) == [
        rule.row for rule in RULES
    ]
