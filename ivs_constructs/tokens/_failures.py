"""What every check does: collect failures, cut long values, tell deploy-time values apart."""

from __future__ import annotations

import struct
from collections.abc import Callable

from ivs_constructs.errors import Failure, InvalidPropertyError

LONGEST_SHOWN = 80
"""Longer values are cut in messages, in characters."""

_NUMBER_TOKEN = b"\xfb\xff"


def is_encoded_token(value: str | float) -> bool:
    """Whether a text or a number is how the AWS CDK writes what is known only at deploy time."""
    if isinstance(value, str):
        return "${Token[" in value or "#{Token[" in value
    # The AWS CDK marks an encoded number by its first two bytes.
    return struct.pack(">d", value)[:2] == _NUMBER_TOKEN


def shortened(text: str) -> str:
    """Cut a long text for a message."""
    return text if len(text) <= LONGEST_SHOWN else f"{text[:LONGEST_SHOWN]}…"


class Failures:
    """Collects what is wrong.

    Attributes:
        source: The page that the rules come from.
        failures: What was found so far.
    """

    # A check says itself in which order it is given these.
    __slots__ = ()
    source: str
    failures: list[Failure]

    def note(self, prop: str, code: str, message: str, source: str | None = None) -> None:
        """Note one invalid value."""
        found = Failure(property=prop, code=code, message=message, source=source or self.source)
        self.failures.append(found)

    def raise_for(self, subject: str, path: Callable[[], str] | None = None) -> None:
        """Raise one error with all failures, if there are any.

        Args:
            subject: The class or function that took the values.
            path: Tells the construct's path; asked only when there is something to report.
        """
        if self.failures:
            raise InvalidPropertyError(subject, path() if path else None, self.failures)
