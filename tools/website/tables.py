"""Makes the tables of built pages readable at any width.

A column is as narrow as its longest word, and a name such as `HIGHER_BANDWIDTH_DELIVERY` counts as
one. So names may break between their parts and nowhere else, and an amount stays with its unit.
Narrow screens show each row as a list; each cell then has the heading of its column next to it.
"""

from __future__ import annotations

import re

_TABLE = re.compile(r"<table>.*?</table>", re.DOTALL)
_HEADING = re.compile(r"<th[^>]*>(.*?)</th>", re.DOTALL)
_ROW = re.compile(r"<tr>.*?</tr>", re.DOTALL)
_CELL = re.compile(r"<td( [^>]*)?>")
_AMOUNT = re.compile(r"<td>([\d.,]+) (\S+)</td>")
_CODE = re.compile(r"(<code>)([^<]*)(</code>)")
_BETWEEN_PARTS = re.compile(r"(?<=[_./:,=(|])(?=[^\s)])|(?<=[a-z])(?=[A-Z])")


def readable(page: str) -> str:
    """Prepare the tables of a page.

    Args:
        page: The page's HTML.

    Returns:
        The page, with labels and possible line breaks in its tables.
    """
    return _TABLE.sub(lambda found: _table(found[0]), page)


def _table(table: str) -> str:
    headings = [re.sub(r"<[^>]+>", "", each).strip() for each in _HEADING.findall(table)]
    table = _CODE.sub(lambda found: found[1] + breakable(found[2]) + found[3], table)
    table = _AMOUNT.sub(r"<td>\1&nbsp;\2</td>", table)
    return _ROW.sub(lambda found: _labeled(found[0], headings), table)


def _labeled(row: str, headings: list[str]) -> str:
    # The first cell says what the row is about, and a description needs no label.
    places = iter(
        ["", *("" if each in ("What it is", "Meaning") else each for each in headings[1:])]
    )

    def cell(found: re.Match[str]) -> str:
        label = next(places, "")
        return f'<td{found[1] or ""} data-label="{label}">' if label else found[0]

    return _CELL.sub(cell, row)


def breakable(code: str) -> str:
    """Allow line breaks between the parts of names.

    Args:
        code: The text of a code element, as HTML.

    Returns:
        The text with `<wbr>` elements.
    """
    return _BETWEEN_PARTS.sub("<wbr>", code)
