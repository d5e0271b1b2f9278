"""What goes wrong around a deployment ends with a message, and with nothing left behind."""

from __future__ import annotations

import json
import os
import re
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.deploy.workers import run_all
from tools.local_cloud import toolchain
from tools.local_cloud.bench import Bench
from tools.local_cloud.cli import Cdk
from tools.local_cloud.cloud import Cloud
from tools.local_cloud.failures import SetupError
from tools.local_cloud.processes import Group, is_alive

_SECONDS = 900.0


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """Where everything temporary goes; it must be empty in the end."""
    temporary = tmp_path / "temporary"
    temporary.mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(temporary))
    yield temporary
    assert list(temporary.iterdir()) == []


@pytest.fixture
def cloud() -> Iterator[Cloud]:
    with Cloud() as started:
        yield started
        group = started.server.id
    assert not is_alive(group)


def test_state_is_in_the_folder_of_the_run(cloud: Cloud) -> None:
    # MiniStack's own defaults are below /tmp, whatever TMPDIR says, and stay there.
    cloud.client("cognito-idp").create_user_pool(PoolName="pool")

    assert list((cloud.folder / "tmp" / "state").glob("cognito-*"))


def test_port_is_taken() -> None:
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        port = other.getsockname()[1]

        with pytest.raises(SetupError, match=f"port {port} of 127.0.0.1 is in use"):
            Cloud(port).start()


def test_no_node() -> None:
    with pytest.raises(SetupError, match=r"no Node\.js on PATH"):
        toolchain.node("")


def test_no_uv(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("UV", raising=False)
    monkeypatch.setenv("PATH", "")
    monkeypatch.setattr(toolchain, "PROGRAMS", str(tmp_path))
    monkeypatch.setattr(toolchain, "TOOLS", tmp_path)

    with pytest.raises(SetupError, match="uv, which installs MiniStack, was not found"):
        toolchain.ministack()


@pytest.mark.parametrize("version", ["3.0.0", "2.1000.0"])
def test_wrong_version_of_the_cli(tmp_path: Path, version: str) -> None:
    package = tmp_path / "cli" / "node_modules" / "aws-cdk"
    package.mkdir(parents=True)
    (package / "package.json").write_text(json.dumps({"version": version}))

    with pytest.raises(SetupError, match=rf"is {version}, but the Makefile pins 2\.\d+\.\d+"):
        toolchain.cli(tmp_path / "cli")


def test_no_cli(tmp_path: Path) -> None:
    with pytest.raises(SetupError, match="there is no AWS CDK CLI"):
        toolchain.cli(tmp_path)


def test_broken_installation_leaves_no_half_of_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    tools = tmp_path / "tools"
    monkeypatch.setattr(toolchain, "TOOLS", tools)
    monkeypatch.setattr(toolchain, "REQUIREMENTS", tmp_path / "requirements.txt")
    (tmp_path / "requirements.txt").write_text("not a requirement\n")

    with pytest.raises(SetupError, match="could not be installed"):
        toolchain.ministack()

    assert list(tools.iterdir()) == []
    told = capsys.readouterr().err
    assert re.fullmatch(r"installing ministack-\w+ into \.tools/, which is done once\n", told)


def test_server_does_not_start(monkeypatch: pytest.MonkeyPatch) -> None:
    # A Python without MiniStack.
    monkeypatch.setattr(toolchain, "ministack", lambda: Path(sys.executable))

    with pytest.raises(SetupError, match=r"(?s)MiniStack ended with status 1; .*ministack"):
        Cloud().start()


def test_server_dies_during_a_deployment(cloud: Cloud) -> None:
    cdk = Cdk(cloud)
    timer = threading.Timer(0.5, os.kill, (cloud.server.id, signal.SIGKILL))
    timer.start()

    with pytest.raises(SetupError, match="during cdk bootstrap, MiniStack ended with status -9"):
        cdk.bootstrap()

    timer.join()


def test_command_takes_too_long(cloud: Cloud) -> None:
    with pytest.raises(SetupError, match="cdk bootstrap was not done after 0 s and was ended"):
        Cdk(cloud, seconds=0.3).bootstrap()


def test_bench_that_cannot_begin_leaves_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Cdk, "bootstrap", lambda _: pytest.fail("as told"))
    bench = Bench()

    with pytest.raises(pytest.fail.Exception, match="as told"):
        bench.start()

    assert not is_alive(bench.cloud.server.id)


def test_all_takes_too_long() -> None:
    with pytest.raises(SetupError, match="not done after 3 s, and was ended"):
        list(run_all(["public_channel", "realtime_stage"], workers=2, seconds=3.0))


def test_worker_has_an_unknown_task() -> None:
    # It ends with an exception of its own, which it prints.
    with pytest.raises(SetupError, match="went through 'nothing' ended in the middle of it"):
        list(run_all(["nothing"], workers=1, seconds=_SECONDS))


def test_signals_in_a_row_end_a_program_once() -> None:
    # The sender is started while signals wait: else one of them could come before it is known, and
    # nobody would end it.
    program = (
        "import os, signal, subprocess\n"
        "from tools.local_cloud.signals import Ended, ending\n"
        "signal.pthread_sigmask(signal.SIG_BLOCK, [signal.SIGTERM])\n"
        "many = f'while kill -TERM {os.getpid()}; do :; done'\n"
        "sender = subprocess.Popen(['sh', '-c', many])\n"
        "for number in range(200):\n"
        "    try:\n"
        "        with ending():\n"
        "            signal.pthread_sigmask(signal.SIG_UNBLOCK, [signal.SIGTERM])\n"
        "            while True: pass\n"
        "    except Ended:\n"
        "        print(number, flush=True)\n"
        "sender.kill()\n"
    )
    command = [sys.executable, "-c", program]
    done = subprocess.run(
        command, cwd=toolchain.ROOT, capture_output=True, text=True, check=True, timeout=_SECONDS
    )

    assert done.stdout.split() == [str(number) for number in range(200)]


def test_server_ends_with_the_tests(folder: Path) -> None:
    # Killed, the process that started the server has no time for anything.
    program = (
        "import tempfile, sys; tempfile.tempdir = sys.argv[1]\n"
        "from tools.local_cloud.cloud import Cloud\n"
        "cloud = Cloud(); cloud.start()\n"
        "print(cloud.server.id, flush=True); sys.stdin.read()\n"
    )
    with subprocess.Popen(
        [sys.executable, "-c", program, str(folder)],
        cwd=toolchain.ROOT,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    ) as tests:
        assert tests.stdout
        server = int(tests.stdout.readline())
        assert is_alive(server)
        tests.kill()

    end = time.monotonic() + _SECONDS
    while is_alive(server) and time.monotonic() < end:
        time.sleep(0.1)
    assert not is_alive(server)
    # Its folder is what nobody could take away.
    subprocess.run(["rm", "-r", *folder.iterdir()], check=True)


def test_group_ends_with_all_that_it_started(tmp_path: Path) -> None:
    # The shell ends at once; the process it leaves behind ignores SIGTERM.
    script = "trap '' TERM; sleep 600 & sleep 600 &"
    environment = {"PATH": toolchain.path()}
    command = ["/bin/sh", "-c", script]

    with Group(command, cwd=tmp_path, env=environment, log=tmp_path / "log") as group:
        assert group.wait(_SECONDS) == 0
        assert group.alive()

    assert not is_alive(group.id)
