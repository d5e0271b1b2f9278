"""One local cloud for all tests of this directory; they run after each other."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tools.local_cloud.bench import Bench


@pytest.fixture(scope="package")
def bench() -> Iterator[Bench]:
    with Bench() as started:
        yield started
