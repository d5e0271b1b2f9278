"""Advises what to write instead of wrong arguments, wherever the whole library is installed.

The functions of token issuers do without it: they import from the modules beside this one.
"""

from __future__ import annotations

import functools
from collections.abc import Callable
from importlib import import_module
from types import FunctionType
from typing import Any, TypeVar, cast

_Found = TypeVar("_Found")


def advising(name: str, found: _Found) -> _Found:
    """Let what the package offers advise what to write instead of wrong arguments.

    Args:
        name: Its name.
        found: A class, or a function, which is wrapped; anything else stays as it is.
    """
    what: Any = found
    if isinstance(what, FunctionType):
        return cast("_Found", _wrapped(name, what, own=0))
    constructor: object = vars(what).get("__init__") if isinstance(what, type) else None
    if isinstance(constructor, FunctionType):
        what.__init__ = _wrapped(name, constructor, own=1)
    return found


def _wrapped(name: str, function: FunctionType, *, own: int) -> Callable[..., Any]:
    @functools.wraps(function)
    def call(*positional: object, **given: object) -> Any:  # noqa: ANN401 (what it returns)
        try:
            return function(*positional, **given)
        except TypeError as error:
            # Only the call itself: what is raised inside has another frame.
            if error.__traceback__ is None or error.__traceback__.tb_next is not None:
                raise
            failed = error
        try:
            names: Any = import_module("ivs_constructs._core.token_names")
        except ImportError:
            raise failed from None  # the package is shipped alone
        names.refuse(name, function, positional, given, own)
        raise failed

    return call
