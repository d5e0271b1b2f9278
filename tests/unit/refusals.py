"""The error of a call that refuses its values."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from ivs_constructs import InvalidPropertyError


def refused(make: Callable[[], object]) -> InvalidPropertyError:
    with pytest.raises(InvalidPropertyError) as caught:
        make()
    return caught.value
