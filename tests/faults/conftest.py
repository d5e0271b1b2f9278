"""One engine for all tests of this directory; they run after each other."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.faults.engine import Engine


@pytest.fixture(scope="package")
def engine() -> Iterator[Engine]:
    with Engine() as started:
        yield started
