"""What a route of a TokenApi can lead to."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

from ivs_constructs.token_issuers.function.settings import RouteSettings

if TYPE_CHECKING:
    from ivs_constructs._core.check import Check


class RouteTarget(Protocol):
    """What a route can lead to: a construct whose function understands an HTTP API's event.

    Token issuers are route targets, and so can be anything else that issues tokens.
    """

    def check_route(self, check: Check, key: str, route: RouteSettings) -> None:
        """Record why the route cannot be served, if it cannot."""
        ...

    def serve_route(self, key: str, route: RouteSettings) -> str:
        """Let the function answer the route, and return the ARN to invoke."""
        ...
