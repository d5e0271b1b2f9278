"""What stands in a terminal, or in a file where it is sent to one."""

from __future__ import annotations

import os
import shutil
from collections.abc import Sequence
from typing import TextIO

_LEAST = 12
"""How far a column is cut at most."""

_GAP = 2


class Printer:
    """Prints lines that fit: what is too long for a terminal is cut in its middle.

    In a file nothing is cut.

    Args:
        out: Where it prints.
    """

    def __init__(self, out: TextIO) -> None:
        self._out = out
        self._width = 0
        if out.isatty():
            # Of this very terminal, so that a pipe elsewhere does not matter.
            self._width = shutil.get_terminal_size().columns
            self._width = os.get_terminal_size(out.fileno()).columns or self._width

    @property
    def is_terminal(self) -> bool:
        """Whether somebody looks on."""
        return self._width > 0

    def line(self, text: str = "") -> None:
        """Print a line as it is."""
        print(text, file=self._out, flush=True)

    def row(self, cells: Sequence[str], widths: Sequence[int]) -> None:
        """Print cells in columns; the last one takes what is left of the line."""
        used = sum(widths) + _GAP * len(widths)
        last = max(self._width - used, _LEAST) if self._width else len(cells[-1])
        padded = [
            f"{short(cell, width):<{width}}" for cell, width in zip(cells, widths, strict=False)
        ]
        self.line((" " * _GAP).join([*padded, short(cells[-1], last)]).rstrip())

    def table(self, heads: Sequence[str], rows: Sequence[Sequence[str]]) -> None:
        """Print a table, each column as wide as it has to be."""
        widths = [max(map(len, column)) for column in zip(heads, *rows, strict=True)]
        while self._width and sum(widths) + _GAP * (len(widths) - 1) > self._width:
            # The first column says what it is, and is cut last.
            widest = max(range(1, len(widths)), key=lambda each: widths[each])
            if widths[widest] <= _LEAST:
                break
            widths[widest] -= 1
        for row in (heads, *rows):
            cells = [
                f"{short(cell, width):<{width}}" for cell, width in zip(row, widths, strict=True)
            ]
            self.line((" " * _GAP).join(cells).rstrip())


def short(text: str, width: int) -> str:
    """Cut a text in its middle: what it begins and ends with tells most of a name."""
    if len(text) <= width:
        return text
    end = (width - 1) // 2
    return f"{text[: width - 1 - end]}…{text[len(text) - end :]}"
