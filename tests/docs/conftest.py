"""The site, built once for all tests that look at it."""

from __future__ import annotations

from pathlib import Path

import pytest

from tools.website.build import build


@pytest.fixture(scope="session")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder that `make docs` fills."""
    folder = tmp_path_factory.mktemp("website") / "site"
    assert build(folder) == 0
    return folder
