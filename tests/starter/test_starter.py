"""What a newcomer does: from the wheel and an empty folder to an own stack with tests."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
# The environment's own programs, also when pytest was started by its path alone.
PROGRAMS = str(Path(sys.executable).parent)


def run(*command: str, cwd: Path, **variables: str) -> str:
    # Nothing of this project's environment: neither its Python path nor its Node.js.
    inherited = {
        name: value
        for name, value in os.environ.items()
        if name not in ("JSII_NODE", "PYTHONPATH", "VIRTUAL_ENV", "CDK_OUTDIR", "CDK_VALIDATION")
    }
    done = subprocess.run(
        command,
        cwd=cwd,
        env={**inherited, **variables},
        capture_output=True,
        text=True,
        check=False,
        timeout=300,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


@pytest.fixture(scope="module")
def environment(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A virtual environment with nothing but the wheel and its extras; its folder of programs."""
    # uv passes its own path to the programs it runs.
    uv = os.environ.get("UV") or shutil.which("uv")
    if uv is None:
        pytest.fail("uv builds the wheel and was not found; use: make starter-test", pytrace=False)
    folder = tmp_path_factory.mktemp("environment")
    run(uv, "build", "--quiet", "--wheel", "--out-dir", str(folder), cwd=ROOT)
    [wheel] = folder.glob("*.whl")
    run(uv, "venv", "--quiet", str(folder / "venv"), cwd=folder)
    python = folder / "venv" / "bin" / "python"
    run(uv, "pip", "install", "--quiet", "--python", str(python), f"{wheel}[node,test]", cwd=folder)
    return python.parent


def use(environment: Path, project: Path, *command: str) -> str:
    path = os.pathsep.join([str(environment), os.environ["PATH"]])
    return run(str(environment / command[0]), *command[1:], cwd=project, PATH=path)


@pytest.fixture(scope="module")
def generated(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What `cdk init --from-path` makes of the starter."""
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    [cli] = re.findall(r"^CDK_CLI := (\S+)$", makefile, re.MULTILINE)
    project = tmp_path_factory.mktemp("project") / "talks"
    project.mkdir()
    command = ("npx", "--yes", cli, "init", "--unstable=init", "--generate-only")
    run(
        *command,
        *("--from-path", str(ROOT / "starter")),
        cwd=project,
        PATH=os.pathsep.join([PROGRAMS, os.environ["PATH"]]),
        CDK_DISABLE_CLI_TELEMETRY="true",
    )
    return project


def test_starter_passes_its_tests(environment: Path, generated: Path) -> None:
    told = use(environment, generated, "python", "-m", "pytest", "-q", "-p", "no:cacheprovider")

    assert "4 passed" in told


def test_starter_synthesizes_without_findings(environment: Path, generated: Path) -> None:
    # With the AWS CDK's own validation and the checks of this library on.
    told = use(environment, generated, "python", "app.py")

    template = json.loads((generated / "cdk.out" / "Talks.template.json").read_text())
    assert "IvsChecks" not in told
    assert {"PlaybackUrl", "TokenIssuer"} <= template["Outputs"].keys()


def test_first_stack_of_the_page_works(environment: Path, tmp_path: Path) -> None:
    page = (ROOT / "docs" / "get-started.md").read_text(encoding="utf-8")
    for name, text in re.findall(r'^```\w+ title="(.+?)"\n(.*?)^```$', page, re.M | re.S):
        (tmp_path / name).write_text(text, encoding="utf-8")

    told = use(environment, tmp_path, "python", "-m", "pytest", "-q", "-p", "no:cacheprovider")
    use(environment, tmp_path, "python", "app.py")

    assert "2 passed" in told
    assert (tmp_path / "cdk.out" / "Talks.template.json").exists()
