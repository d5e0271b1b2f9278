"""The programs that a test has started, directly or through one another."""

from __future__ import annotations

import time
from pathlib import Path

_SECONDS = 900.0
_PAUSE = 0.05


def processes(folder: Path) -> dict[int, str]:
    """List programs that were told to put what is temporary into a folder, or below it.

    Their environment says so, in whatever group or session they are. (Linux alone shows it.)
    """
    found: dict[int, str] = {}
    for path in Path("/proc").glob("[0-9]*"):
        try:
            if str(folder).encode() in (path / "environ").read_bytes():
                command = (path / "cmdline").read_bytes().replace(b"\0", b" ").decode()
                found[int(path.name)] = command
        except OSError:
            # It has ended meanwhile, or is somebody else's.
            continue
    return found


def wait_for(folder: Path, *words: str) -> int:
    """Wait until a program with these words in its command runs; answers its id."""
    end = time.monotonic() + _SECONDS
    while time.monotonic() < end:
        for pid, command in processes(folder).items():
            if all(each in command for each in words):
                return pid
        time.sleep(_PAUSE)
    raise AssertionError(f"no program with {words}: {processes(folder)}")
