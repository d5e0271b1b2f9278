"""The target of a TokenApi's route."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

from ivs_constructs.token_issuers.function.settings import RouteSettings

if TYPE_CHECKING:
    from ivs_constructs._core.check import Check


class RouteTarget(Protocol):
    """The target of a route: a construct whose function understands an HTTP API's event.

    Token issuers are route targets, and so can be any other construct that issues tokens.
    """

    def check_route(self, check: Check, key: str, route: RouteSettings) -> None:
        """Report why the function cannot serve the route, if it cannot."""
        ...

    def serve_route(self, key: str, route: RouteSettings) -> str:
        """Connect the function to the route, and return the ARN to invoke."""
        ...
