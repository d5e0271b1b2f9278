"""The base of the bundles."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import TYPE_CHECKING, Any, ClassVar, TypeVar, cast

from aws_cdk import Tags
from constructs import Construct

from ivs_constructs._core.arn import Ready
from ivs_constructs._core.check import Check
from ivs_constructs._core.composite import Composite
from ivs_constructs._core.draft import Draft, own_arguments
from ivs_constructs._core.misnamed import UnknownNameError
from ivs_constructs._core.stack_facts import path_of, stack_facts_of
from ivs_constructs._specs import ResourceSpec
from ivs_constructs.errors import UnknownAttributeError

_Part = TypeVar("_Part")
_Draft = TypeVar("_Draft", bound=Draft[Any])


class BundleDraft:
    """The checked arguments of a bundle: drafts of its new parts, and the existing parts.

    All parts share one check: all failures come in one error, and nothing half-built stays behind.
    """

    subject: ClassVar[str]
    """The bundle's class."""
    source: ClassVar[str]
    """The page with the limits of its main part."""

    def __init__(self, scope: Construct, id: str, given: Mapping[str, Any]) -> None:
        """Check the arguments; raises an InvalidScopeError if the scope or the id is invalid."""
        self.scope, self.id, self.given = scope, id, given
        self.stack_facts = stack_facts_of(self.subject, scope, id)
        self.check = Check(self.source)
        self.prepare()

    def prepare(self) -> None:
        """Check the existing parts, and draft the new ones."""

    def draft(self, cls: type[_Draft], given: Mapping[str, Any]) -> _Draft:
        """Draft a new part."""
        return cls(self.scope, self.id, given, check=self.check)


_BundleDraft = TypeVar("_BundleDraft", bound=BundleDraft)


class Bundle(Composite):
    """Several resources that usually go together, each available as an attribute."""

    if not TYPE_CHECKING:
        # Type checkers would accept any attribute.

        def __getattr__(self, name: str) -> object:
            """Name the part that has what the bundle lacks; called only for what it lacks."""
            cls = type(self)
            own = getattr(cls, name, None)
            if isinstance(own, property):
                # Python also calls this after the property itself has raised.
                return own.fget(self)
            if not name.startswith("_"):
                for part, found in _parts_of(self):
                    # Checks the class, because reading some attributes defines something.
                    if hasattr(type(found), name):
                        raise UnknownAttributeError(
                            f"{cls.__name__} '{self.node.path}' has no {name}; use {part}.{name}"
                        )
            raise UnknownNameError(self, name)

    def _define(self, draft_class: type[_BundleDraft], arguments: Mapping[str, Any]) -> None:
        """Draft the bundle, then make it.

        Args:
            draft_class: The class of its draft.
            arguments: The constructor's arguments by name: its `locals()`.

        Raises:
            InvalidPropertyError: If an argument, or a part made from it, is invalid.
            InvalidScopeError: If the scope or the id is invalid.
        """
        scope, id, given = own_arguments(arguments)
        draft = draft_class(scope, id, given)
        draft.check.raise_for(draft.subject, lambda: path_of(scope, id))
        self._begin(scope, id, draft.stack_facts)
        self._make(draft)
        tags: Mapping[str, str] = given["tags"] or {}
        for tag, text in tags.items():
            Tags.of(self).add(tag, text)

    def _make(self, draft: Any) -> None:  # noqa: ANN401 (the draft of the class)
        """Make the parts, each after the ones it refers to."""

    def _made(
        self,
        part: Draft[_Part] | Ready | None,
        id: str,
        importer: Callable[[Construct, str, str], _Part],
    ) -> _Part | None:
        """Make a part from its draft, or return an existing one as a construct of this library.

        Args:
            part: The draft, what the user passed, or None.
            id: The id of the new construct.
            importer: Imports an L1 or a construct of another library by its ARN.
        """
        if part is None:
            return None
        if isinstance(part, Draft):
            return part.make(self, id)
        spec: ResourceSpec = cast("Any", importer).__self__._spec
        if hasattr(part.resource, f"{spec.noun}_arn"):
            return cast("_Part", part.resource)
        return importer(self, f"{spec.name}Import", part.arn)

    def _part(self, name: str, part: _Part | None, remedy: str) -> _Part:
        """Return a part of the bundle.

        Raises:
            UnknownAttributeError: If it was omitted.
        """
        if part is None:
            raise UnknownAttributeError(
                f"{type(self).__name__} '{self.node.path}' has no {name}; pass it {remedy}"
            )
        return part


def _parts_of(bundle: Bundle) -> Iterator[tuple[str, object]]:
    """The parts that a bundle has, by their names, the main one first."""
    for cls in type(bundle).__mro__:
        if not issubclass(cls, Bundle):
            continue
        for name, each in vars(cls).items():
            if isinstance(each, property):
                try:
                    yield name, getattr(bundle, name)
                except AttributeError:
                    continue  # omitted
