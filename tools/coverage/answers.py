"""The answers to the question of where something is covered."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Way(StrEnum):
    """A kind of answer; the first in this order is the best."""

    ARGUMENT = "construct argument"
    CUSTOM = "custom resource"
    ATTRIBUTE = "attribute"
    TOKEN = "token"  # noqa: S105 (a word, no secret)
    EVENT = "event"
    GRANT = "grant"
    API_CALL = "ApiCall"


@dataclass(frozen=True, slots=True)
class Answer:
    """Where something is covered.

    Attributes:
        way: What kind of answer it is.
        code: What to write.
        note: A remark.
    """

    way: Way
    code: str
    note: str = ""
