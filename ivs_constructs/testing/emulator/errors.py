"""Errors of the emulator itself, as opposed to those it returns."""

from __future__ import annotations


class EmulatorError(ValueError):
    """The emulator cannot do what was asked."""
