"""The errors that the services return."""

from __future__ import annotations


class Refusal(Exception):  # noqa: N818 (no error of this program: a regular answer)
    """An error that a service returns instead of a result.

    Attributes:
        code: The error's code, such as `ConflictException`.
    """

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code


def conflict(message: str) -> Refusal:
    """Make a 409."""
    return Refusal("ConflictException", message)


def invalid(message: str) -> Refusal:
    """Make a 400."""
    return Refusal("ValidationException", message)


def not_found(arn: str) -> Refusal:
    """Make a 404."""
    return Refusal("ResourceNotFoundException", f"Resource {arn} not found")


def over_quota(what: str, limit: int) -> Refusal:
    """Make a 402."""
    return Refusal("ServiceQuotaExceededException", f"The quota of {limit} {what} is used up")


def not_broadcasting(channel_arn: str) -> Refusal:
    """Make the 404 of a channel that is not live."""
    return Refusal("ChannelNotBroadcasting", f"Channel {channel_arn} is not live")
