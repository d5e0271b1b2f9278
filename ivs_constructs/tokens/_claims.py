"""What the claims of all kinds of token have in common."""

from __future__ import annotations

from abc import ABC, abstractmethod
from datetime import datetime, timedelta

VERSION = "1.0"
"""The version of participant and connection tokens."""

TWELVE_HOURS = timedelta(hours=12)


class Claims(ABC):
    """What a token says. Checked when it is made, and unchangeable from then on."""

    __slots__ = ()

    @abstractmethod
    def payload(self, now: datetime | None = None) -> dict[str, object]:
        """Tell the claims as they stand in the token, by their names there.

        Args:
            now: When the token is made, with time zone. Default: the present.
        """
