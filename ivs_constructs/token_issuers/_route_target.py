"""What can stand behind a route of a TokenApi."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

from ivs_constructs.token_issuers.function.settings import RouteSettings

if TYPE_CHECKING:
    from ivs_constructs._core.check import Check


class RouteTarget(Protocol):
    """What can stand behind a route: a construct whose function understands an HTTP API's event.

    Token issuers are, and whatever else issues tokens can be.
    """

    def check_route(self, check: Check, key: str, route: RouteSettings) -> None:
        """Note why the route cannot be served, if it cannot."""
        ...

    def serve_route(self, key: str, route: RouteSettings) -> str:
        """Have the function answer the route, and return the ARN to invoke."""
        ...
