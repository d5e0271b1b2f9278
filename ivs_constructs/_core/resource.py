"""What all constructs of this library share."""

from __future__ import annotations

import functools
import inspect
import re
from collections.abc import Callable, Mapping, Sequence
from typing import Any, ClassVar, Self, cast

import aws_cdk as cdk
from constructs import Construct

from ivs_constructs._core.annotate import annotate
from ivs_constructs._core.check import Check, did_you_mean, is_token, quoted, with_article
from ivs_constructs._core.render import (
    Realization,
    create,
    define,
    level1_type,
    render,
)
from ivs_constructs._core.rules import Advice, Form, Rule, judge
from ivs_constructs._core.stack_facts import (
    StackFacts,
    concrete,
    recall,
    remember,
    stack_facts_of,
)
from ivs_constructs._specs import CustomResourceSpec, ResourceSpec
from ivs_constructs.errors import UnknownAttributeError

ARN_PARTS = 6
"""Parts of an ARN between its first five colons."""


class IvsResource(cdk.Resource):
    """A resource of Amazon IVS, defined here or imported."""

    _spec: ClassVar[ResourceSpec]
    _rules: ClassVar[tuple[Rule, ...]] = ()
    _forms: ClassVar[tuple[Form, ...]] = ()
    # What to do instead of arguments that the class lacks but its like have.
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
        show_signature(cls, instead=cls._instead)

    @property
    def is_imported(self) -> bool:
        """Whether this stands for a resource that is defined elsewhere."""
        return self._imports

    def _attribute(self, name: str, argument: str = "") -> str:
        """Return an attribute of the resource, asking the AWS CDK for it only once.

        Args:
            name: The attribute.
            argument: What the import's method calls it, where it takes it.

        Raises:
            UnknownAttributeError: If the import was not given it.
        """
        known = self._attributes.get(name)
        if known is None:
            if self.is_imported:
                raise self._unknown(argument or name, bool(argument))
            if self._is_custom:
                cfn = "".join(word.capitalize() for word in name.split("_"))
                known = self._resource.get_att(cfn).to_string()
            else:
                known = str(getattr(self._resource, f"attr_{name}"))
            self._attributes[name] = known
        return known

    def _value(self, name: str) -> Any:  # noqa: ANN401 (whatever the user gave)
        """Return a property as the user gave it.

        Raises:
            UnknownAttributeError: If the resource is imported: an ARN does not tell it.
        """
        if self.is_imported:
            raise self._unknown(name)
        return self._values.get(name)

    def _unknown(self, name: str, importable: bool = False) -> UnknownAttributeError:
        """Make the error for what an import does not tell.

        Args:
            name: What was asked for.
            importable: Whether another method of the class imports it.
        """
        subject = self._spec.name
        start = f"{name} of the imported {subject} '{self.node.path}' is unknown"
        if not importable:
            return UnknownAttributeError(f"{start}; its ARN does not tell it")
        importer = f"{subject}.from_{self._spec.noun}_attributes"
        return UnknownAttributeError(f"{start}; give it to {importer}(..., {name}=...)")

    def __repr__(self) -> str:
        """Name the class and the construct's path."""
        name = type(self).__name__
        path = f" '{self.node.path}'" if hasattr(self, "__jsii_ref__") else ""
        return f"<ivs_constructs.{name}{path}>"

    def _define(
        self,
        scope: Construct,
        id: str,
        values: Mapping[str, Any],
        *,
        facts: Mapping[str, Any] | None = None,
        check: Check | None = None,
        custom: Realization | None = None,
    ) -> None:
        """Check the properties, then define the resource and what realises it.

        Nothing is made before everything was checked, so an error leaves no half-built construct.

        Args:
            scope: The scope.
            id: The id.
            values: The properties, by the user's names.
            facts: What else the rules read.
            check: What the constructor found wrong already.
            custom: How a custom resource realises it; None for CloudFormation's own type.

        Raises:
            InvalidPropertyError: If Amazon IVS would refuse a property.
            InvalidScopeError: If the scope or the id is invalid.
            UnsupportedError: If the installed aws-cdk-lib has no such type.
        """
        spec = self._spec
        stack_facts = stack_facts_of(spec.name, scope, id)
        check = check or Check(spec.source)
        wire, advice = examine(type(self), stack_facts, check, values, facts)
        check.raise_for(spec.name, lambda: path_of(scope, id))
        level1 = None if custom else level1_type(spec)
        create(cdk.Resource, self, scope, id)
        self._stack_facts = stack_facts
        self._attributes = {}
        self._values = values
        remember(self, stack_facts)
        self._fill_defaults(wire)
        if level1 is not None:
            self._resource = define(level1, self, "Resource", render(spec.props, wire))
        elif custom is not None:
            self._is_custom = True
            self._resource = custom.define(
                cast("CustomResourceSpec", spec), self, wire, self._target()
            )
            self.node.default_child = self._resource
        for item in advice:
            annotate(self, item)

    def _fill_defaults(self, wire: dict[str, Any]) -> None:
        """Supply what needs the construct to exist; called between the check and the L1 type."""

    def _target(self) -> str | None:
        """Tell the ARN of another resource that the provider's role must name for this one.

        Asked for after `_fill_defaults`, and only of custom resources.
        """
        return None

    @classmethod
    def _imported(cls, scope: Construct, id: str, arn: str, **attributes: str | None) -> Self:
        """Make a stand-in for a resource that exists already, in the Region and account it is in.

        The constructor does not run: there are no arguments for it.

        Args:
            scope: The scope.
            id: The id.
            arn: The resource's ARN.
            attributes: What else is known of it; None for what is not.

        Raises:
            InvalidPropertyError: If the ARN is not one of this type.
            InvalidScopeError: If the scope or the id is invalid.
        """
        spec = cls._spec
        stack_facts = stack_facts_of(spec.name, scope, id)
        check = Check(spec.source)
        check_arn(check, spec, f"{spec.noun}_arn", arn)
        check.raise_for(spec.name, lambda: path_of(scope, id))
        props = {} if is_token(arn) else {"environmentFromArn": arn}
        made = cls.__new__(cls)
        create(cdk.Resource, made, scope, id, props)
        made._imports = True
        made._stack_facts = stack_facts
        known = {"arn": arn, **attributes}
        made._attributes = {name: text for name, text in known.items() if text is not None}
        return made


def show_signature(cls: type, *, instead: Mapping[str, str] | None = None) -> None:
    """Have a class tell its constructor's arguments: to `inspect.signature`, and after a slip.

    Args:
        cls: The class.
        instead: What to do instead of arguments that the class lacks but its like have.
    """
    constructor = vars(cls).get("__init__")
    if constructor is None:
        return
    signature = inspect.signature(constructor)
    own = list(signature.parameters.values())[1:]
    without_self = signature.replace(parameters=own)
    setattr(cls, "__signature__", without_self)  # noqa: B010 (`type` has no such attribute)
    if not any(each.kind is each.VAR_KEYWORD for each in own):
        names = [each.name for each in own]
        setattr(cls, "__init__", _advising(constructor, names, instead or {}))  # noqa: B010 (mypy)


def _advising(
    constructor: Callable[..., None], names: Sequence[str], instead: Mapping[str, str]
) -> Callable[..., None]:
    """Have a constructor name the argument that was meant by one that it lacks."""

    @functools.wraps(constructor)
    def construct(self: object, *positional: object, **given: object) -> None:
        for name in given:
            if name not in names:
                longer = [each for each in names if each.endswith(f"_{name}")]
                advice = (
                    f"; {instead[name]}" if name in instead else did_you_mean(name, longer or names)
                )
                raise TypeError(
                    f"{constructor.__qualname__}() got an unexpected keyword argument '{name}'"
                    f"{advice}"
                )
        constructor(self, *positional, **given)

    return construct


def examine(
    cls: type[IvsResource],
    stack_facts: StackFacts,
    check: Check,
    values: Mapping[str, Any],
    facts: Mapping[str, Any] | None = None,
) -> tuple[dict[str, Any], list[Advice]]:
    """Hold properties against their descriptors and rules.

    Args:
        cls: The construct.
        stack_facts: What holds for the stack.
        check: Takes what is wrong.
        values: The properties, by the user's names.
        facts: What else the rules read.

    Returns:
        The properties as CloudFormation takes them, and the warnings and notes.
    """
    spec, rules, forms = cls._spec, cls._rules, cls._forms  # pyright: ignore[reportPrivateUsage] (of this module)
    wire = check.properties(spec.props, values)
    known = {**stack_facts.facts, **(facts or {})}
    advice = judge(spec, check, wire, known, rules=rules, forms=forms)
    return wire, advice


def path_of(scope: Construct, id: str) -> str:
    """Return the path that a construct has or would have."""
    return f"{scope.node.path}/{id}".lstrip("/")


def check_arn(check: Check, spec: ResourceSpec, prop: str, arn: object) -> None:
    """Judge the form of an ARN which the user wrote, as far as it is known now."""
    form = f"arn:<partition>:ivs:<region>:<account>:{spec.arn_type}/<id>"
    if is_token(arn):
        # An ARN made for the stack it is in is known but for partition, Region and account.
        parts = arn.split(":", 5) if isinstance(arn, str) else []
        kind = parts[5].partition("/")[0] if len(parts) == ARN_PARTS else spec.arn_type
        service = parts[2] if len(parts) == ARN_PARTS else "ivs"
        known = (is_token(service) or service == "ivs", is_token(kind) or kind == spec.arn_type)
        fits = all(known)
    else:
        pattern = rf"arn:aws[a-z-]*:ivs:[a-z0-9-]+:[0-9]+:{spec.arn_type}/[a-zA-Z0-9-]+"
        fits = isinstance(arn, str) and re.fullmatch(pattern, arn) is not None
    if not fits:
        check.fail(prop, "arn", f"{prop} must be {form}, got {quoted(arn)}")


GRANTEE = "grant_principal"
"""What tells somebody whom the AWS CDK can allow something, an IGrantable."""


def check_grantee(check: Check, grantee: object) -> None:
    """Reject an unusable grantee before jsii fails obscurely."""
    advice = ""
    if isinstance(grantee, str) and not is_token(grantee):
        if grantee.endswith(".amazonaws.com"):
            advice = f"; write aws_iam.ServicePrincipal({quoted(grantee)})"
        else:
            name = "arn" if grantee.startswith("arn:") else "name"
            advice = (
                f"; import it by aws_iam.Role.from_role_{name}(self, 'Imported', {quoted(grantee)})"
            )
    expected = "a role, a function or another IGrantable of aws_cdk.aws_iam"
    check_member(check, "grantee", GRANTEE, expected, grantee, advice)


def check_member(
    check: Check, prop: str, member: str, expected: str, given: object, advice: str = ""
) -> None:
    """Judge an object of the AWS CDK by a member that its kind has.

    Args:
        check: Takes what is wrong.
        prop: The argument.
        member: The member.
        expected: What objects with that member are called.
        given: What the user gave.
        advice: What to write instead.
    """
    if isinstance(given, type):
        got, advice = f"the class {given.__name__}", "; make one of it and give that"
    elif has_member(given, member):
        return
    else:
        # An object of the AWS CDK has no text but its address; an import's class is a proxy.
        name = type(given).__name__.removeprefix("_").removesuffix("Proxy")
        got = with_article(name) if hasattr(given, "__jsii_ref__") else quoted(given)
    check.fail(prop, "type", f"{prop} must be {expected}, got {got}{advice}")


def has_member(given: object, member: str) -> bool:
    """Whether an object has a member, without asking Node for its value where that can be."""
    return hasattr(type(given), member) or hasattr(given, member)


def id_from_arn(arn: str) -> str:
    """Return what follows the slash of an ARN, at deploy time if the ARN is known only then."""
    if is_token(arn):
        return cdk.Fn.select(1, cdk.Fn.split("/", arn))
    return arn.rpartition("/")[2]


def identity_of(stack_facts: StackFacts, resource: object, arn: str | None) -> object:
    """What tells a resource from others of the app.

    The ARN does, unless it is an import's text with deploy-time parts such as the Region: that is
    another resource in each stack.
    """
    imported = isinstance(resource, IvsResource) and resource.is_imported
    return (arn, stack_facts) if imported and is_token(arn) else arn


def arn_of(
    check: Check,
    spec: ResourceSpec,
    prop: str,
    resource: object,
    *,
    beside: StackFacts | None = None,
) -> str | None:
    """Return the ARN of a resource given by the user, whichever library defined it.

    None stays None. Takes what has the AWS CDK's reference interface (`channel_ref`), as the
    constructs of this library and the L1 types have, or else the ARN as an attribute
    (`channel_arn`), as the types of `aws_cdk.aws_ivs_alpha` have.

    Args:
        check: Takes what is wrong.
        spec: The type that it must be of.
        prop: The argument that it was given as.
        resource: What the user gave.
        beside: The stack whose Region and account it must be in, as those of Amazon IVS know each
            other within these only. None where it may be anywhere, as in a policy.
    """
    attribute = f"{spec.noun}_arn"
    if resource is None:
        return None
    if isinstance(resource, str):
        importer = f"{spec.name}.{spec.importer or f'from_{attribute}'}"
        check.fail(
            prop,
            "type",
            f"{prop} must be {with_article(spec.name)}, got the string {quoted(resource)}; import "
            f"it by {importer}(self, 'Imported', ...)",
        )
        return None
    reference = getattr(resource, f"{spec.noun}_ref", None)
    if reference is None and not isinstance(resource, cdk.CfnElement):
        # An L1 type's attribute of that name is a property it was given, such as a stream key's
        # channel_arn: not what it is.
        reference = resource
    arn = getattr(reference, attribute, None)
    if not isinstance(arn, str):
        got, advice = quoted(resource), ""
        if isinstance(resource, type):
            got, advice = f"the class {resource.__name__}", "; make one of it and give that"
        elif hasattr(type(resource), spec.noun):
            advice = f"; give its attribute {spec.noun}"
        check.fail(prop, "type", f"{prop} must be {with_article(spec.name)}, got {got}{advice}")
        return None
    if beside is not None and any(beside.place):
        check_place(check, beside, prop, _place(resource, arn))
    return arn


def check_place(
    check: Check,
    beside: StackFacts,
    prop: str,
    place: tuple[str | None, str | None],
    reason: str = "Amazon IVS connects what is in one",
) -> None:
    """Judge where something is that must be in the Region and account of a stack.

    Args:
        check: Takes what is wrong.
        beside: What holds for the stack.
        prop: The argument.
        place: Region and account, None where they are not known.
        reason: Why it must be there, up to the word Region or account.
    """
    for noun, wanted, found in zip(("Region", "account"), beside.place, place, strict=True):
        if wanted is not None and found is not None and found != wanted:
            check.fail(
                prop,
                f"other-{noun.lower()}",
                f"{prop} must be in the stack's {noun} {wanted}, got one in {found}; {reason} "
                f"{noun}, so take what is there",
            )


def _place(resource: object, arn: str) -> tuple[str | None, str | None]:
    """Return the Region and account of a resource, None where they are not known."""
    parts = arn.split(":", ARN_PARTS - 1)
    if len(parts) == ARN_PARTS:
        return concrete(parts[3]), concrete(parts[4])
    if isinstance(resource, IvsResource):
        # An import whose ARN is not known may be of any place.
        return (None, None) if resource.is_imported else recall(resource).place
    # Asked of others only, as it is a round trip to Node.
    env = getattr(resource, "env", None)
    return (None, None) if env is None else (concrete(env.region), concrete(env.account))
