"""Drafts: the checked arguments of a construct, before anything is made."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, ClassVar, Generic, TypeVar, cast

import aws_cdk as cdk
from constructs import Construct

from ivs_constructs._core.arn import Judged, Ready, arn_of
from ivs_constructs._core.check import Check
from ivs_constructs._core.render import Realization
from ivs_constructs._core.rules import Advice, Form, Rule, judge, unknown_value
from ivs_constructs._core.stack_facts import path_of, stack_facts_of
from ivs_constructs._specs import ResourceSpec

_Made = TypeVar("_Made")


class Pending(str):
    """A string that is known once another part is made; checks treat it as a token."""

    __slots__ = ("tell",)
    tell: Callable[[], str]

    def __new__(cls, tell: Callable[[], str]) -> Pending:
        """Act as a placeholder for what `tell` returns once the parts it needs are made."""
        made = super().__new__(cls, "${Token[Pending]}")
        made.tell = tell
        return made


def own_arguments(arguments: Mapping[str, Any]) -> tuple[Construct, str, dict[str, Any]]:
    """Split what a constructor was called with into scope, id and its own arguments."""
    given = {name: value for name, value in arguments.items() if name != "self"}
    return given.pop("scope"), given.pop("id"), given


class Draft(Judged, Generic[_Made]):
    """The checked arguments of one construct.

    Making a draft queries the AWS CDK only about the arguments. Each construct has a subclass that
    knows its rules; a bundle drafts its parts into one check, raises once, and makes the parts from
    the drafts.

    Attributes:
        check: The failures.
        given: The arguments by name.
        values: The properties by name: the arguments in the descriptor's form.
        facts: What else the rules read.
        wire: The properties that are set and valid, in CloudFormation's form.
        advice: Warnings and notes: what is legal but risky.
        realization: How a custom resource realizes it; None for CloudFormation's own type.
    """

    spec: ClassVar[ResourceSpec]
    rules: ClassVar[tuple[Rule, ...]] = ()
    forms: ClassVar[tuple[Form, ...]] = ()
    subject: ClassVar[str] = ""
    """The construct's class, if its name differs from the resource's."""
    construct: ClassVar[type[Any]]
    """The construct's class, which registers itself when it is defined."""

    def __init__(
        self, scope: Construct, id: str, given: Mapping[str, Any], *, check: Check | None = None
    ) -> None:
        """Check the arguments.

        Args:
            scope: The scope of the construct, or of its bundle.
            id: The id of the construct, or of its bundle.
            given: The arguments by name.
            check: Collects the failures. Default: a new one.

        Raises:
            InvalidScopeError: If the scope or the id is invalid.
        """
        self.scope = scope
        self.stack_facts = stack_facts_of(self.subject or self.spec.name, scope, id)
        self.check = check or Check(self.spec.source)
        self.check.more_values = self.stack_facts.more_values
        self.check.unknown = {}
        self.given = given
        self.values: dict[str, Any] = dict(given)
        self.facts: dict[str, Any] = {}
        self.realization: Realization | None = None
        self._made: _Made | None = None
        self.prepare()
        self.wire = self.check.properties(self.spec.props, self.values)
        known = {**self.stack_facts.facts, **self.facts}
        self.advice: list[Advice] = judge(
            self.spec, self.check, self.wire, known, rules=self.rules, forms=self.forms
        )
        self.advice += [unknown_value(*each) for each in self.check.unknown.items()]

    def prepare(self) -> None:
        """Convert the arguments to the descriptor's form, and add what else the rules read."""

    def connect(self, prop: str, spec: ResourceSpec) -> None:
        """Replace a resource that the user passed by its ARN.

        Args:
            prop: The argument, and the property.
            spec: The type that it must have.
        """
        given = self.given.get(prop)
        self.values[prop] = arn_of(self.check, spec, prop, given, beside=self.stack_facts)

    def make(self, scope: Construct, id: str) -> _Made:
        """Make the construct as a part of a bundle."""
        made: Any = object.__new__(self.construct)
        made._make(scope, id, self)  # pyright: ignore[reportPrivateUsage] (the other half of this)
        return cast("_Made", made)

    def settle(self, made: _Made) -> None:
        """Record what was made, and resolve what was waiting for the parts made by now."""
        self._made = made
        self.values = _settled(self.values)
        self.wire = _settled(self.wire)

    def raise_failures(self, scope: Construct, id: str) -> None:
        """Raise one error with all failures, if there are any."""
        self.check.raise_for(self.subject or self.spec.name, lambda: path_of(scope, id))

    @property
    def made(self) -> _Made:
        """What was made from this; None before that."""
        return cast("_Made", self._made)

    @property
    def arn(self) -> str:
        """The ARN of what will be made."""
        return Pending(lambda: str(getattr(self.made, f"{self.spec.noun}_arn")))


def _settled(value: Any) -> Any:  # noqa: ANN401 (JSON-like)
    if isinstance(value, Pending):
        return value.tell()
    if type(value) is dict:
        known = cast("dict[str, Any]", value)
        return {name: _settled(each) for name, each in known.items()}
    if type(value) is list:
        return [_settled(each) for each in cast("Any", value)]
    return value


def given_to(resource: object, name: str, unknown: object = None) -> Any:  # noqa: ANN401 (any value)
    """Return a property as it was given to a resource, whichever library defines it.

    Args:
        resource: A resource as the user passed it, or a draft.
        name: The property.
        unknown: Returned if the resource does not know it, such as an import.
    """
    if isinstance(resource, Ready):
        resource = resource.resource
    if isinstance(resource, Draft):
        return resource.values.get(name)
    if isinstance(resource, type):
        return unknown
    if hasattr(resource, "_values"):
        return cast("Any", resource)._values.get(name)
    if not isinstance(resource, cdk.CfnElement):
        # The types of aws_ivs_alpha expose little, but contain an L1.
        node = getattr(resource, "node", None)
        resource = None if node is None else node.default_child
    try:
        return getattr(resource, name, unknown)
    except KeyError:
        # jsii 1.119 cannot name a token that stands for a structure of an L1.
        return unknown
