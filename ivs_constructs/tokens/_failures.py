"""What every check does: collect failures, shorten long values, recognize deploy-time values."""

from __future__ import annotations

import re
import struct
from collections.abc import Callable

from ivs_constructs.errors import Failure, InvalidPropertyError

LONGEST_SHOWN = 80
"""Values with more characters are shortened in messages."""

_NUMBER_TOKEN = b"\xfb\xff"


def is_encoded_token(value: str | float) -> bool:
    """Whether a string or number is the AWS CDK's encoding of a deploy-time value."""
    if isinstance(value, str):
        return "${Token[" in value or "#{Token[" in value
    # The AWS CDK marks an encoded number by its first two bytes.
    return struct.pack(">d", value)[:2] == _NUMBER_TOKEN


_SECRET = re.compile(
    r"sk_[a-z]{2}-[a-z-]{1,24}-[0-9]_\w+|-----BEGIN [A-Z ]{0,16}PRIVATE KEY[^'\"]*"
)
"""Stream keys and private keys, which people pass by mistake; messages end up in logs."""


def shortened(text: str) -> str:
    """Shorten a long text for a message, and leave out secrets in it."""
    text = _SECRET.sub("<secret>", text)
    return text if len(text) <= LONGEST_SHOWN else f"{text[:LONGEST_SHOWN]}…"


class Failures:
    """Collects failures.

    Attributes:
        source: The page that the rules come from.
        failures: The failures so far.
    """

    # Each check has its own argument order.
    __slots__ = ()
    source: str
    failures: list[Failure]

    def note(self, prop: str, code: str, message: str, source: str | None = None) -> None:
        """Record one invalid value."""
        found = Failure(property=prop, code=code, message=message, source=source or self.source)
        self.failures.append(found)

    def raise_for(self, subject: str, path: Callable[[], str] | None = None) -> None:
        """Raise one error with all failures, if there are any."""
        if self.failures:
            raise InvalidPropertyError(subject, path() if path else None, self.failures)
