"""Ids of viewers and participants from their names in the sign-in."""

from __future__ import annotations

import base64
import hashlib

from ivs_constructs.tokens._check import Check

_SOURCE = "https://docs.aws.amazon.com/ivs/latest/LowLatencyUserGuide/private-channels-generate-tokens.html"

LONGEST_VIEWER_ID = 40
LONGEST_USER_ID = 128

_PREFIX = "sha256_"
"""The prefix of every hashed id. A name with this prefix is hashed too, so that no two ids
collide."""


def viewer_id_of(name: str) -> str:
    """Return the viewer id for a name of any length, such as a sign-in's claim.

    That is the name itself, up to 40 characters; a longer one is hashed. `TokenApi` uses this
    function, so call it for the id when you revoke a viewer's session.

    Args:
        name: The name, at least one character.

    Raises:
        InvalidPropertyError: If it is not a string, or an empty one.

    Example:
        >>> viewer_id = viewer_id_of("4f1c2a")
    """
    return _id_of(name, LONGEST_VIEWER_ID, "viewer_id_of")


def user_id_of(name: str) -> str:
    """Return the user id for a name of any length; a name over 128 characters is hashed.

    Args:
        name: The name, at least one character.

    Raises:
        InvalidPropertyError: If it is not a string, or an empty one.

    Example:
        >>> user_id = user_id_of("4f1c2a")
    """
    return _id_of(name, LONGEST_USER_ID, "user_id_of")


def _id_of(name: str, longest: int, subject: str) -> str:
    check = Check(subject, _SOURCE)
    check.text("name", name, minimum=1)
    check.raise_failures()
    if len(name) <= longest and not name.startswith(_PREFIX):
        return name
    digest = base64.urlsafe_b64encode(hashlib.sha256(name.encode()).digest()).decode()
    return f"{_PREFIX}{digest}"[:LONGEST_VIEWER_ID]
