"""The playground as a person runs it: its output, how it ends, and that nothing is left behind."""

from __future__ import annotations

import fcntl
import os
import re
import signal
import socket
import struct
import subprocess
import sys
import termios
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import IO

import pytest

from tests.deploy import examples
from tests.deploy.processes import processes, wait_for
from tools.local_cloud import existing, playground
from tools.local_cloud.bench import Bench
from tools.local_cloud.playground import Playground
from tools.local_cloud.printing import Printer
from tools.local_cloud.toolchain import ROOT

_SECONDS = 900.0
_READY = "Ctrl-C ends it."
_ENDED = "It has ended; no process and no folder is left."
# Its example has a key that is already broken when it is made.
_FAILING = """
import sys
from tools.local_cloud.boot import begin
begin()
from tests.deploy import examples
from tools.local_cloud import apps, existing, playground
define = apps.define
apps.define = lambda *arguments: define(*arguments, examples.broken)
sys.exit(playground.main(["public_channel"]))
"""


class Run:
    """A playground in a process of its own.

    Args:
        folder: Where everything temporary goes.
        command: What Python is to run.
    """

    def __init__(self, folder: Path, *command: str) -> None:
        self.folder = folder
        self.printed: list[str] = []
        self.process = subprocess.Popen(
            [
                sys.executable,
                *(command or ("-m", "tools.local_cloud.playground", "public_channel")),
            ],
            cwd=ROOT,
            env={**os.environ, "TMPDIR": str(folder), "CDK_VALIDATION": "false"},
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            # A group of its own, as in a terminal.
            start_new_session=True,
        )
        self._errors: list[str] = []
        self._readers = [
            _reading(self.process.stdout, self.printed),
            _reading(self.process.stderr, self._errors),
        ]

    @property
    def text(self) -> str:
        return "".join(self.printed)

    @property
    def errors(self) -> str:
        return "".join(self._errors)

    def wait_for(self, text: str) -> None:
        end = time.monotonic() + _SECONDS
        while text not in self.text:
            assert self.process.poll() is None, self.text + self.errors
            assert time.monotonic() < end, self.text
            time.sleep(0.02)

    def signal(self, number: int) -> None:
        """Signal the group, as a terminal does."""
        os.killpg(self.process.pid, number)

    def end(self) -> int:
        status = self.process.wait(_SECONDS)
        for reader in self._readers:
            reader.join(_SECONDS)
        return status

    def kill_all(self) -> None:
        for each in processes(self.folder):
            os.kill(each, signal.SIGKILL)


def _reading(stream: IO[str] | None, into: list[str]) -> threading.Thread:
    assert stream is not None

    def read() -> None:
        with stream:
            into.extend(iter(stream.readline, ""))

    thread = threading.Thread(target=read)
    thread.start()
    return thread


@pytest.fixture
def start(tmp_path: Path) -> Iterator[Callable[..., Run]]:
    """Starts playgrounds, of which nothing may be left at the end."""
    folder = tmp_path / "temporary"
    folder.mkdir()
    runs: list[Run] = []

    def begin(*command: str) -> Run:
        runs.append(Run(folder, *command))
        return runs[-1]

    yield begin
    left = processes(folder)
    for each in runs:
        each.kill_all()
        each.end()
    assert left == {}
    assert list(folder.iterdir()) == []


def test_example_is_deployed_kept_and_ended(start: Callable[..., Run]) -> None:
    run = start()
    run.wait_for(_READY)

    # What happens is told while it does.
    for each in ("starting the cloud", "bootstrapping", "synthesizing", "deploying the stack"):
        assert re.search(rf"^ +\d+\.\d s  {each}", run.text, re.MULTILINE), each
    assert re.search(r"^ +\d+\.\d s  created +AWS::IVS::Channel +Channel\w+$", run.text, re.M)
    assert re.search(r"^  PlaybackUrl = https://\S+\.m3u8$", run.text, re.MULTILINE)
    assert re.search(r"^AWS::IVS::Channel +(\w+) +Channel\w+$", run.text, re.MULTILINE)
    # It is no terminal, so there is nothing in it but text, and nothing is cut.
    assert re.search(r"[\x00-\x08\x0b-\x1f\x7f…]", run.text) is None

    # What it advises works as it stands there.
    advice = run.text.partition("in another terminal:\n")[2].partition(_READY)[0]
    answer = _shell(advice)
    channel, key = answer.split()[0], answer.split()[-1]
    arn = re.search(r"arn:aws:ivs:us-east-1:123456789012:channel/(\w+)", answer)
    assert arn is not None
    assert channel == arn[0]
    assert re.search(rf"^AWS::IVS::Channel +{arn[1]} ", run.text, re.MULTILINE)
    stored = _shell(
        advice.partition("\n\n#")[0].rpartition("import boto3")[0]
        + "import boto3\n"
        + "ivs = boto3.client('ivs')\n"
        + f"[key] = ivs.list_stream_keys(channelArn='{channel}')['streamKeys']\n"
        + "print(ivs.get_stream_key(arn=key['arn'])['streamKey']['value'])\""
    ).strip()
    assert key == stored
    # The secret's value is where the advice leads, and not in what is printed.
    assert key not in run.text

    # Impatient people press twice.
    run.signal(signal.SIGINT)
    time.sleep(0.3)
    if run.process.poll() is None:
        run.signal(signal.SIGINT)

    assert run.end() == 0
    assert run.text.endswith(f"{_ENDED}\n")
    assert run.errors == ""


def _shell(script: str) -> str:
    done = subprocess.run(
        ["sh", "-eu", "-c", script], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


@pytest.mark.parametrize("moment", ["starting", "deploying"])
def test_it_ends_at_any_moment(start: Callable[..., Run], moment: str) -> None:
    run = start()
    run.wait_for(moment)
    time.sleep(0.4)

    run.signal(signal.SIGTERM)
    run.signal(signal.SIGINT)

    assert run.end() == 0
    assert run.text.endswith(f"{_ENDED}\n")
    assert run.errors == ""


def test_server_dies_while_the_example_is_kept(start: Callable[..., Run]) -> None:
    run = start()
    run.wait_for(_READY)

    os.kill(wait_for(run.folder, "tools.local_cloud.addon"), signal.SIGKILL)

    assert run.end() == 1
    message = "error: while public_channel was kept, MiniStack ended with status -9; the end of"
    assert run.errors.startswith(message)


def test_deployment_fails(start: Callable[..., Run]) -> None:
    run = start("-c", _FAILING)

    assert run.end() == 1
    title, reason, *rest = run.errors.splitlines()
    assert title == "error: public_channel could not be deployed:"
    assert reason.startswith("  - AWS::IVS::StreamKey Broken: ")
    assert examples.NOBODY in reason
    assert rest == []
    assert re.search(r"failed +AWS::IVS::StreamKey +Broken$", run.text, re.MULTILINE)


def test_port_is_taken(start: Callable[..., Run]) -> None:
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        port = other.getsockname()[1]
        run = start("-m", "tools.local_cloud.playground", "public_channel", "--port", str(port))

        assert run.end() == 1

    assert run.errors == (
        f"error: port {port} of 127.0.0.1 is in use by another program; end that program, or "
        "choose another port; 0 means any free port\n"
    )


def test_unknown_example_and_port(capsys: pytest.CaptureFixture[str]) -> None:
    assert playground.main(["private_record_channel", "--port", "65536"]) == 2

    every = ", ".join(examples.names())
    assert capsys.readouterr().err == (
        f"error: EXAMPLE must be one of {every}; got 'private_record_channel'; did you mean "
        "'private_recorded_channel'?\n"
        "error: PORT must be 0-65535, got '65536'\n"
    )


def test_no_example_lists_them(capsys: pytest.CaptureFixture[str]) -> None:
    assert playground.main([]) == 2

    assert capsys.readouterr().err == (
        f"error: EXAMPLE must be one of {', '.join(examples.names())}; got none\n"
    )


@pytest.mark.parametrize("name", ["imported_channel", "realtime_stage", "scheduled_ad_break"])
def test_example_finds_what_it_needs(bench: Bench, tmp_path: Path, name: str) -> None:
    with (tmp_path / "printed").open("w+", encoding="utf-8") as file:
        shown = Playground(bench, name, Printer(file), time.monotonic())
        shown.deploy()
        shown.show()
        file.seek(0)
        printed = file.read()

    finds = name in existing.PREPARATIONS
    assert ("making what the example expects in the account" in printed) == finds
    # By the ids of Amazon IVS, not by those that CloudFormation has of custom resources.
    for stage in bench.resources("Stage"):
        assert re.search(rf"^Custom::IVSStage +{stage.arn.rpartition('/')[2]} ", printed, re.M)
    assert bench.stack(shown.stack)["StackStatus"] == "CREATE_COMPLETE"
    bench.restart()


@pytest.mark.parametrize("width", [80, 100])
def test_lines_fit_a_terminal(width: int) -> None:
    logical_id = "LiveRecordingConfigurationBucketPolicyF6D068D8"
    row = ("AWS::IVS::PlaybackRestrictionPolicy", "x" * 60, logical_id)

    lines = _on_a_terminal(
        width, lambda printer: printer.table(("Type", "Id", "Logical id"), [row])
    )
    lines += _on_a_terminal(width, lambda printer: printer.row(("1.0 s", *row), (8, 37, 12)))

    assert len(lines) == 3
    assert max(map(len, lines)) <= width
    assert all("AWS::IVS::PlaybackRestrictionPolicy" in each for each in lines[1:])
    # The start and the end of a name identify it.
    assert re.search(r"  Live\w*…\w*68D8$", lines[1])


def _on_a_terminal(width: int, act: Callable[[Printer], object]) -> list[str]:
    reading, writing = os.openpty()
    fcntl.ioctl(writing, termios.TIOCSWINSZ, struct.pack("HHHH", 40, width, 0, 0))
    with open(writing, "w", encoding="utf-8") as terminal:  # noqa: PTH123 (it has no path)
        act(Printer(terminal))
        os.set_blocking(reading, False)
        printed = os.read(reading, 65_536)
    os.close(reading)
    return printed.decode().splitlines()
