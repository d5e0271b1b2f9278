"""What the test process passes to the server, and what the server reports back."""

from __future__ import annotations

import json
import threading
from dataclasses import dataclass
from pathlib import Path
from typing import Any


@dataclass(frozen=True, slots=True)
class Settings:
    """The places of things.

    Attributes:
        emulator: The address of the IVS emulator.
        schemas: A file with the CloudFormation schemas of all `AWS::IVS::*` types.
        models: The folder with the API models.
        record: The file that records everything that happens, one JSON object per line.
    """

    emulator: str
    schemas: str
    models: str
    record: str

    @classmethod
    def read(cls, path: Path) -> Settings:
        """Read the settings that the test process has written."""
        return cls(**json.loads(path.read_text(encoding="utf-8")))


class Record:
    """Records what happens, for the tests."""

    def __init__(self, path: str) -> None:
        self._path = Path(path)
        self._lock = threading.Lock()

    def note(self, kind: str, **fields: Any) -> None:  # noqa: ANN401 (JSON-like)
        """Append a line."""
        line = json.dumps({"kind": kind, **fields}, default=str)
        with self._lock, self._path.open("a", encoding="utf-8") as file:
            file.write(f"{line}\n")
