"""Prints to a terminal or a file."""

from __future__ import annotations

import os
import shutil
from collections.abc import Sequence
from typing import TextIO

_LEAST = 12
"""The minimum width of a shortened column."""

_GAP = 2


class Printer:
    """Prints lines that fit: text too long for a terminal is shortened in the middle.

    In a file, nothing is shortened.

    Args:
        out: The output.
    """

    def __init__(self, out: TextIO) -> None:
        self._out = out
        self._width = 0
        if out.isatty():
            # The size of this terminal, so that a pipe elsewhere does not matter.
            self._width = shutil.get_terminal_size().columns
            self._width = os.get_terminal_size(out.fileno()).columns or self._width

    @property
    def is_terminal(self) -> bool:
        """Whether the output is a terminal."""
        return self._width > 0

    def line(self, text: str = "") -> None:
        """Print a line as it is."""
        print(text, file=self._out, flush=True)

    def row(self, cells: Sequence[str], widths: Sequence[int]) -> None:
        """Print cells in columns; the last one gets the rest of the line."""
        used = sum(widths) + _GAP * len(widths)
        last = max(self._width - used, _LEAST) if self._width else len(cells[-1])
        padded = [
            f"{short(cell, width):<{width}}" for cell, width in zip(cells, widths, strict=False)
        ]
        self.line((" " * _GAP).join([*padded, short(cells[-1], last)]).rstrip())

    def table(self, heads: Sequence[str], rows: Sequence[Sequence[str]]) -> None:
        """Print a table, each column as wide as necessary."""
        widths = [max(map(len, column)) for column in zip(heads, *rows, strict=True)]
        while self._width and sum(widths) + _GAP * (len(widths) - 1) > self._width:
            # The first column is the most important, so it is shortened last.
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
    """Shorten a text in the middle, because the start and end of a name say the most."""
    if len(text) <= width:
        return text
    end = (width - 1) // 2
    return f"{text[: width - 1 - end]}…{text[len(text) - end :]}"
