"""What the bundles share."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar, cast

from constructs import Construct

from ivs_constructs._base import arn_of
from ivs_constructs._provider.asset.ivs_handler.specs import ResourceSpec
from ivs_constructs._validation import Check
from ivs_constructs.errors import UnknownAttributeError

_Part = TypeVar("_Part")


class Bundle(Construct):
    """Several resources that mostly come together, each reachable as an attribute."""

    def __repr__(self) -> str:
        """Name the class and the construct's path."""
        return f"<ivs_constructs.{type(self).__name__} '{self.node.path}'>"

    def _with_arn(
        self,
        part: object,
        spec: ResourceSpec,
        importer: Callable[[Construct, str, str], _Part],
    ) -> _Part:
        """Return a ready part as one of this library; an L1 type is imported by its ARN."""
        if hasattr(part, f"{spec.noun}_arn"):
            return cast("_Part", part)
        arn = arn_of(Check(spec.source), spec, spec.noun, part)
        return importer(self, f"{spec.name}Import", str(arn))

    def _part(self, name: str, part: _Part | None, remedy: str) -> _Part:
        """Return a part of the bundle.

        Raises:
            UnknownAttributeError: If it was left out.
        """
        if part is None:
            raise UnknownAttributeError(
                f"{type(self).__name__} '{self.node.path}' has no {name}; give it {remedy}"
            )
        return part
