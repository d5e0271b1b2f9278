"""Failures around the tests, with messages that say what to do."""

from __future__ import annotations


class SetupError(Exception):
    """Something that the tests need is missing, or has ended; the message says what to do."""
