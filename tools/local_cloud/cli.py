"""The unmodified AWS CDK CLI against the local cloud."""

from __future__ import annotations

import os
import shlex
import sys
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from tools.local_cloud import toolchain
from tools.local_cloud.cloud import ACCOUNT, REGION
from tools.local_cloud.failures import SetupError
from tools.local_cloud.processes import Group

_SECONDS = 180.0
_PAUSE = 0.1


@dataclass(frozen=True, slots=True)
class Done:
    """The result of a command.

    Attributes:
        status: Its exit status.
        output: What it printed.
        seconds: How long it took.
    """

    status: int
    output: str
    seconds: float


class Where(Protocol):
    """Where the CLI deploys to."""

    @property
    def folder(self) -> Path:
        """Where logs are kept."""
        ...

    def variables(self) -> dict[str, str]:
        """The environment that directs the CLI there."""
        ...

    def trouble(self) -> str:
        """Return why nothing can be deployed there anymore; empty if it can."""
        ...


class Cdk:
    """The CLI.

    Args:
        cloud: Where it deploys to.
        seconds: How long a command may take.
    """

    def __init__(self, cloud: Where, seconds: float = _SECONDS) -> None:
        self._cloud = cloud
        self._seconds = seconds
        # The CLI allocates a lot and soon ends, so its garbage is rarely worth collecting.
        self._command = [toolchain.node(), "--max-semi-space-size=64", str(toolchain.cli())]
        self._count = 0

    def bootstrap(self) -> Done:
        """Bootstrap the account."""
        return self.run("bootstrap", f"aws://{ACCOUNT}/{REGION}")

    def deploy(
        self, assembly: str, *stacks: str, succeeds: bool = True, change_set: bool = True
    ) -> Done:
        """Deploy stacks of a synthesized app.

        Args:
            assembly: The folder of the app's assembly.
            stacks: Which ones. Default: all.
            succeeds: Whether it must succeed, or must fail.
            change_set: Whether to go through a change set, as the CLI does by default. For that it
                loads a description of all resource types, about a second of processor time.
        """
        method = "change-set" if change_set else "direct"
        return self.run(
            *("deploy", "--app", assembly, "--require-approval", "never", "--progress", "events"),
            *("--asset-parallelism=true", f"--method={method}", *(stacks or ("--all",))),
            succeeds=succeeds,
        )

    def deploy_module(self, module: str) -> Done:
        """Deploy an app as a user does: the CLI runs it, in its repository, with its cdk.json."""
        # With the user's own home, where jsii unpacks the AWS CDK once, into a cache.
        app = shlex.join(["env", f"HOME={Path.home()}", sys.executable, "-m", module])
        output = str(self._cloud.folder / "cdk.out")
        return self.run(
            *("deploy", "--app", app, "--output", output, "--require-approval", "never"),
            *("--progress", "events", "--all"),
            folder=toolchain.ROOT,
        )

    def diff(self, assembly: str, *stacks: str) -> Done:
        """Compare stacks with what is deployed; fails if there is a difference."""
        return self.run("diff", "--app", assembly, "--fail", *stacks)

    def destroy(self, assembly: str, *stacks: str, succeeds: bool = True) -> Done:
        """Delete stacks."""
        return self.run(
            "destroy", "--app", assembly, "--force", *(stacks or ("--all",)), succeeds=succeeds
        )

    def run(self, *arguments: str, succeeds: bool = True, folder: Path | None = None) -> Done:
        """Run a command.

        Args:
            arguments: Its arguments.
            succeeds: Whether it must succeed, or must fail.
            folder: Where to run it. Default: a folder without files of the repository.

        Raises:
            SetupError: It takes too long, or the cloud ends in the meantime.
            AssertionError: It does not end as expected.
        """
        self._count += 1
        log = self._cloud.folder / f"cdk-{self._count}.log"
        begun = time.monotonic()
        command = [*self._command, *arguments, "--no-notices", "--no-color"]
        at = folder or self._folder()
        with Group(command, cwd=at, env=self._environment(), log=log) as group:
            while (status := group.wait(_PAUSE)) is None:
                if trouble := self._cloud.trouble():
                    raise SetupError(f"during cdk {arguments[0]}, {trouble}")
                if time.monotonic() - begun > self._seconds:
                    raise SetupError(
                        f"cdk {arguments[0]} was not done after {self._seconds:.0f} s and was "
                        f"ended; it printed:\n{_text(log)}"
                    )
        done = Done(status, _text(log), time.monotonic() - begun)
        assert (status == 0) == succeeds, (
            f"cdk {' '.join(arguments)} ended with status {status}:\n{_gist(done.output)}"
        )
        return done

    def _folder(self) -> Path:
        # Not the repository: its cdk.json would be read, and a cdk.context.json might be written.
        folder = self._cloud.folder / "cdk"
        folder.mkdir(exist_ok=True)
        return folder

    def _environment(self) -> dict[str, str]:
        return {
            **self._cloud.variables(),
            "PATH": toolchain.path(),
            "TMPDIR": str(self._folder()),
            "CI": "true",
            "CDK_DISABLE_CLI_TELEMETRY": "true",
            "CDK_DISABLE_VERSION_CHECK": "1",
            # The CLI is a large program: compiled once, it starts faster.
            "NODE_COMPILE_CACHE": str(self._cloud.folder / "compiled"),
            "CDK_VALIDATION": os.environ.get("CDK_VALIDATION", "false"),
        }


def _gist(output: str) -> str:
    """Omit the lines about what succeeded."""
    lines = output.splitlines()
    return "\n".join(each for each in lines if "_IN_PROG" not in each and "_COMPLET" not in each)


def _text(log: Path) -> str:
    return log.read_text(encoding="utf-8", errors="replace")
