"""What goes wrong around the tests, said so that one knows what to do."""

from __future__ import annotations


class SetupError(Exception):
    """Something that the tests need is not there, or broke off; the message says what to do."""
