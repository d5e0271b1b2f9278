"""Keeps this library's frames out of the traces that show where a resource was defined.

With `JSII_HOST_STACK_TRACES=1` jsii sends Python's stack along with each request, and the AWS CDK
keeps it for tools such as `cdk lsp`. It drops the first frame, which is jsii's caller, and takes
the next one as the user's. Here that would be a line of this library. jsii has no public way to
exclude files, so this replaces the one function that captures stacks.
"""

from __future__ import annotations

import functools
import os
from collections.abc import Callable
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path
from typing import Any, TypeAlias, cast

_Capture: TypeAlias = Callable[[], list[list[Any]]]

_PACKAGES = ("ivs_constructs", "aws_cdk", "constructs")


def hide_frames() -> bool:
    """Leave out the files of this library and of the AWS CDK, if traces are asked for.

    Returns:
        Whether they are left out; with an older or newer jsii the traces stay as they are.
    """
    try:
        private: Any = import_module("jsii._kernel.providers.process")
        enabled: bool = private._stack_traces_enabled()
        capture: _Capture = private.capture_stack_trace
    except (ImportError, AttributeError):
        return False
    if not enabled or hasattr(capture, "hides"):
        return enabled
    own = _own_folders()

    def capture_stack_trace() -> list[list[Any]]:
        frames = capture()
        # The first stays, because the AWS CDK drops it whatever it is.
        return [*frames[:1], *(each for each in frames[1:] if not each[0].startswith(own))]

    cast("Any", capture_stack_trace).hides = own
    private.capture_stack_trace = capture_stack_trace
    return True


def _own_folders() -> tuple[str, ...]:
    """Return the path prefixes of files that are not part of the user's program."""
    specs = [find_spec(name) for name in _PACKAGES]
    folders = [folder for spec in specs if spec for folder in spec.submodule_search_locations or ()]
    # A cached property calls its function through functools.
    return (*(f"{Path(folder).absolute()}{os.sep}" for folder in folders), functools.__file__)
