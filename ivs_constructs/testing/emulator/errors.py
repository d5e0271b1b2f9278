"""What can go wrong with the emulator itself, as opposed to what it answers."""

from __future__ import annotations


class EmulatorError(ValueError):
    """The emulator was asked for something that it cannot do."""
