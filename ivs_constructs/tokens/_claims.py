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
    """What a token says. Checked when it is made, and unchangeable from then on.

    Attributes:
        names_key: Whether the token names the public key that it can be verified with.
    """

    __slots__ = ()

    names_key: ClassVar[bool] = True

    @property
    def key_region(self) -> str | None:
        """The Region that the public key must be of."""
        return None

    @abstractmethod
    def payload(self, now: datetime | None = None) -> dict[str, object]:
        """Tell the claims as they stand in the token, by their names there.

        Args:
            now: When the token is made, with time zone. Default: the present.
        """
