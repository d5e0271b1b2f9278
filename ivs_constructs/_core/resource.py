"""The base of all resources in this library."""

from __future__ import annotations

from collections.abc import Mapping
from inspect import Signature, signature
from typing import TYPE_CHECKING, Any, ClassVar, Self, cast

import aws_cdk as cdk
import jsii
from constructs import Construct

from ivs_constructs._core.annotate import annotate
from ivs_constructs._core.arn import check_arn, check_one
from ivs_constructs._core.by_name import attribute_of, define_by_name
from ivs_constructs._core.check import INSTANCE_ADVICE, Check, is_token, quoted, with_article
from ivs_constructs._core.draft import Draft, own_arguments
from ivs_constructs._core.misnamed import (
    Advising,
    UnknownNameError,
    advise_arguments,
    advise_factories,
)
from ivs_constructs._core.quotas import count
from ivs_constructs._core.render import create, level1_name, render
from ivs_constructs._core.stack_facts import StackFacts, node_of, path_of, remember, stack_facts_of
from ivs_constructs._specs import CustomResourceSpec, ResourceSpec
from ivs_constructs.errors import UnknownAttributeError


class _AdvisingClass(jsii.JSIIAbstractClass):
    """Advises what to write instead of an import's method that does not exist."""

    if not TYPE_CHECKING:

        def __getattr__(self, name: str) -> object:
            raise UnknownNameError(self, name)


class IvsResource(Advising, cdk.Resource, metaclass=_AdvisingClass):
    """A resource of Amazon IVS, defined here or imported."""

    _draft: ClassVar[type[Draft[Any]]]
    _spec: ClassVar[ResourceSpec]
    # Advice for arguments that this class lacks and similar classes have.
    _instead: ClassVar[Mapping[str, str]] = {}
    _stack_facts: StackFacts
    _resource: cdk.CfnResource
    _attributes: dict[str, str]
    _values: Mapping[str, Any]
    _is_custom: bool = False
    _imports: bool = False

    def __init_subclass__(cls) -> None:
        """Show the constructor's own arguments in help, which jsii's metaclass hides."""
        super().__init_subclass__()
        if "_draft" in vars(cls):
            cls._spec = cls._draft.spec
            cls._draft.construct = cls
        show_signature(cls, instead={**_ON_ANY_RESOURCE, **cls._instead})
        advise_factories(cls)

    @property
    def is_imported(self) -> bool:
        """Whether this is an import of a resource that is defined elsewhere."""
        return self._imports

    def _attribute(self, name: str, argument: str = "") -> str:
        """Return an attribute of the resource, asking the AWS CDK only once.

        Args:
            name: The attribute.
            argument: Its name in the import's method, if that accepts it.

        Raises:
            UnknownAttributeError: If it was not passed to the import.
        """
        known = self._attributes.get(name)
        if known is None:
            if self.is_imported:
                raise self._unknown(argument or name, bool(argument))
            cfn = "".join(word.capitalize() for word in name.split("_"))
            if self._is_custom:
                known = self._resource.get_att(cfn).to_string()
            else:
                known = attribute_of(self._resource, f"attr{cfn}")
            self._attributes[name] = known
        return known

    def _value(self, name: str) -> Any:  # noqa: ANN401 (whatever the user gave)
        """Return a property as the user passed it.

        Raises:
            UnknownAttributeError: If the resource is imported: its ARN does not contain it.
        """
        if self.is_imported:
            raise self._unknown(name)
        return self._values.get(name)

    def _unknown(self, name: str, importable: bool = False) -> UnknownAttributeError:
        """Make the error for an attribute that an import does not know.

        Args:
            name: What was asked for.
            importable: Whether another method of the class imports it.
        """
        subject = self._spec.name
        start = f"{name} of the imported {subject} '{self.node.path}' is unknown"
        if not importable:
            return UnknownAttributeError(f"{start}; its ARN does not contain it")
        importer = f"{subject}.from_{self._spec.noun}_attributes"
        return UnknownAttributeError(f"{start}; pass it to {importer}(..., {name}=...)")

    def __repr__(self) -> str:
        """Name the class and the construct's path."""
        name = type(self).__name__
        path = f" '{self.node.path}'" if hasattr(self, "__jsii_ref__") else ""
        return f"<ivs_constructs.{name}{path}>"

    def _define(self, arguments: Mapping[str, Any]) -> None:
        """Draft the construct, then make it.

        Nothing is made before everything is checked, so an error leaves no half-built construct.

        Args:
            arguments: The constructor's arguments by name: its `locals()`, so that none is
                forgotten.

        Raises:
            InvalidPropertyError: If Amazon IVS would refuse a property.
            InvalidScopeError: If the scope or the id is invalid.
            UnsupportedError: If the installed aws-cdk-lib lacks the type.
        """
        scope, id, given = own_arguments(arguments)
        draft = self._draft(scope, id, given)
        draft.raise_failures(scope, id)
        self._make(scope, id, draft)

    def _make(self, scope: Construct, id: str, draft: Draft[Any]) -> None:
        """Make the construct and what realizes it from a draft without failures."""
        spec, realization = draft.spec, draft.realization
        level1 = None if realization else level1_name(spec)
        create(cdk.Resource, self, scope, id)
        draft.settle(self)
        self._stack_facts = draft.stack_facts
        self._attributes = {}
        self._values = draft.values
        remember(self, draft.stack_facts, (scope, id))
        self._fill_defaults(draft)
        if level1 is not None:
            properties = render(spec.props, draft.wire)
            self._resource = define_by_name(cdk.CfnResource, level1, self, "Resource", properties)
        elif realization is not None:
            self._is_custom = True
            self._resource = realization.define(
                cast("CustomResourceSpec", spec), self, draft.wire, self._target()
            )
            node_of(self).default_child = self._resource
        for item in (*draft.advice, *count(spec, draft.stack_facts, self)):
            annotate(self, item)
        self._finish(draft)

    def _fill_defaults(self, draft: Any) -> None:  # noqa: ANN401 (the draft of the class)
        """Fill in what needs the construct to exist; called before the resource is made."""

    def _finish(self, draft: Any) -> None:  # noqa: ANN401 (the draft of the class)
        """Make what belongs to the resource, and register it for the rules of others."""

    def _target(self) -> str | None:
        """Return the ARN of another resource that the provider's role must name for this one.

        Called after `_fill_defaults`, and only for custom resources.
        """
        return None

    @classmethod
    def _imported(cls, scope: Construct, id: str, arn: str, **attributes: str | None) -> Self:
        """Import an existing resource, with its own Region and account.

        The constructor does not run, because it has no arguments here.

        Args:
            scope: The scope.
            id: The id.
            arn: The resource's ARN.
            attributes: What else is known about it; None for what is not.

        Raises:
            InvalidPropertyError: If the ARN does not have this type.
            InvalidScopeError: If the scope or the id is invalid.
        """
        spec = cls._spec
        stack_facts = stack_facts_of(spec.name, scope, id)
        check = Check(spec.source)
        if id.startswith("arn:") and not is_token(arn) and not str(arn).startswith("arn:"):
            check.fail(
                "id",
                "swapped",
                f"id and {spec.noun}_arn are swapped, got {quoted(id)} as id; write the id first",
            )
            check.raise_for(spec.name, lambda: path_of(scope, id))
        prop = f"{spec.noun}_arn"
        check_arn(check, spec, prop, arn)
        stack = stack_facts.own_stack()
        if not check.failures and stack is not None:
            check_one(check, prop, arn, stack)
        check.raise_for(spec.name, lambda: path_of(scope, id))
        props = {} if is_token(arn) else {"environmentFromArn": arn}
        made = cls.__new__(cls)
        create(cdk.Resource, made, scope, id, props)
        made._imports = True
        made._stack_facts = stack_facts
        known = {"arn": arn, **attributes}
        made._attributes = {name: text for name, text in known.items() if text is not None}
        return made


_ON_ANY_RESOURCE = {"removal_policy": "call apply_removal_policy(...) on it"}
"""Advice for arguments that other constructs of the AWS CDK take."""


class _OwnSignature:
    """What `inspect.signature` tells of a class: made when it asks, which few programs do."""

    def __get__(self, made: object, cls: type[Any]) -> Signature:
        found = signature(cls.__init__)
        return found.replace(parameters=list(found.parameters.values())[1:])


def show_signature(cls: type, *, instead: Mapping[str, str] | None = None) -> None:
    """Show a class's own arguments to `inspect.signature`, and suggest one after a typo.

    Args:
        cls: The class.
        instead: Advice for arguments that this class lacks and similar classes have.
    """
    if "__init__" not in vars(cls):
        return
    setattr(cls, "__signature__", _OwnSignature())  # noqa: B010 (`type` has no such attribute)
    advise_arguments(cls, instead=instead)


def check_removal_policy(check: Check, given: object) -> bool:
    """Check what happens to a bucket or key that leaves the stack; return whether it is valid."""
    if not isinstance(given, cdk.RemovalPolicy):
        message = f"removal_policy must be a RemovalPolicy of aws_cdk, got {quoted(given)}"
        check.fail("removal_policy", "type", f"{message}; {_REMOVAL}")
    elif given is cdk.RemovalPolicy.SNAPSHOT:
        message = "removal_policy must not be SNAPSHOT, which CloudFormation has for databases only"
        check.fail("removal_policy", "snapshot", f"{message}; {_REMOVAL}")
    else:
        return True
    return False


_REMOVAL = "write RemovalPolicy.DESTROY or RemovalPolicy.RETAIN"


def check_member(
    check: Check, prop: str, member: str, expected: str, given: object, advice: str = ""
) -> None:
    """Check an object of the AWS CDK by a member that its kind has."""
    if isinstance(given, type):
        got, advice = f"the class {given.__name__}", INSTANCE_ADVICE
    elif has_member(given, member):
        return
    else:
        # An object of the AWS CDK prints only its address; an import's class is a proxy.
        name = type(given).__name__.removeprefix("_").removesuffix("Proxy")
        got = with_article(name) if hasattr(given, "__jsii_ref__") else quoted(given)
    check.fail(prop, "type", f"{prop} must be {expected}, got {got}{advice}")


def has_member(given: object, member: str) -> bool:
    """Whether an object has a member, without asking Node for its value if possible."""
    return hasattr(type(given), member) or hasattr(given, member)
