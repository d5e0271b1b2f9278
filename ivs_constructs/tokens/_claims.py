"""What the claims of all kinds of token have in common."""

from __future__ import annotations

from abc import ABC, abstractmethod
from datetime import datetime, timedelta
from typing import ClassVar

VERSION = "1.0"
"""The version of participant and connection tokens."""

EVENTS_URL = "wss://global.events.live-video.net"
"""The only address that a connection token can have."""

TWELVE_HOURS = timedelta(hours=12)


class Claims(ABC):
    """What a token says. Checked when it is made, and immutable from then on.

    Attributes:
        names_key: Whether the token names the public key that verifies it.
    """

    __slots__ = ()

    names_key: ClassVar[bool] = True

    @property
    def key_region(self) -> str | None:
        """The Region that the public key must be in."""
        return None

    @abstractmethod
    def payload(self, now: datetime | None = None) -> dict[str, object]:
        """Return the claims as the token contains them, by their names there."""
