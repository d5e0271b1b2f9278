"""Each error has its code and its base classes."""

from __future__ import annotations

import pytest

from ivs_constructs import (
    InvalidPropertyError,
    InvalidScopeError,
    IvsConstructsError,
    MissingNodeError,
    SecretAttributeError,
    UnknownAttributeError,
    UnsupportedError,
)


@pytest.mark.parametrize(
    ("error", "code", "bases"),
    [
        (IvsConstructsError, "Error", (ValueError,)),
        (InvalidPropertyError, "InvalidProperty", (IvsConstructsError,)),
        (InvalidScopeError, "InvalidScope", (IvsConstructsError, TypeError)),
        (UnsupportedError, "Unsupported", (IvsConstructsError,)),
        (SecretAttributeError, "SecretAttribute", (IvsConstructsError, AttributeError)),
        (UnknownAttributeError, "UnknownAttribute", (IvsConstructsError, AttributeError)),
        (MissingNodeError, "MissingNode", (IvsConstructsError,)),
    ],
)
def test_error_has_its_code_and_bases(
    error: type[IvsConstructsError], code: str, bases: tuple[type[Exception], ...]
) -> None:
    assert error.code == code
    assert error.__bases__ == bases
