"""Puts programs and the README into the site where the pages link to them.

MkDocs calls this for each page. A line that is nothing but a link to a program of `examples/`, or
to the README, is for those who read the page where it lies; on the site it becomes the text itself.
"""

from __future__ import annotations

import re

_EXAMPLE = re.compile(r"^\[(\w+\.py)\]\(\.\./examples/\1\)$", re.MULTILINE)
_README = re.compile(r"^\[README\]\(\.\./README\.md\)$", re.MULTILINE)


def on_page_markdown(markdown: str, **_: object) -> str:
    """Replace such lines by what pymdownx.snippets includes.

    Args:
        markdown: The page's text.

    Returns:
        The text with the includes.
    """
    markdown = _EXAMPLE.sub(r'```python\n--8<-- "examples/\1"\n```', markdown)
    return _README.sub('--8<-- "README.md:intro"', markdown)
