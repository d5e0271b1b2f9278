"""The base of the constructs that define several resources and are none themselves."""

from __future__ import annotations

from collections.abc import Mapping
from typing import ClassVar

from constructs import Construct

from ivs_constructs._core.misnamed import Advising
from ivs_constructs._core.render import create
from ivs_constructs._core.resource import show_signature
from ivs_constructs._core.stack_facts import StackFacts, remember


class Composite(Advising, Construct):
    """A construct that defines several resources and is none itself."""

    # Advice for arguments that this class lacks and similar classes have.
    _instead: ClassVar[Mapping[str, str]] = {}

    def __init_subclass__(cls) -> None:
        """Show the constructor's own arguments in help, which jsii's metaclass hides."""
        super().__init_subclass__()
        show_signature(cls, instead=cls._instead)

    def __repr__(self) -> str:
        """Name the class and the construct's path."""
        return f"<ivs_constructs.{type(self).__name__} '{self.node.path}'>"

    def _begin(self, scope: Construct, id: str, stack_facts: StackFacts) -> None:
        """Make the construct itself, once its arguments are checked."""
        create(Construct, self, scope, id)
        remember(self, stack_facts, (scope, id))
