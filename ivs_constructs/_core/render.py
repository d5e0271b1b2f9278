"""Renders checked properties as CloudFormation's own resource type or as a custom resource."""

from __future__ import annotations

from typing import Any, Protocol

import aws_cdk as cdk
import jsii
from aws_cdk.interfaces import aws_ivs as references
from constructs import Construct

from ivs_constructs._core.check import is_token
from ivs_constructs._core.source_lines import hide_frames
from ivs_constructs._specs import CustomResourceSpec, Kind, Prop, ResourceSpec
from ivs_constructs.errors import InvalidScopeError, UnsupportedError

# Everything made here goes to the AWS CDK through this module.
hide_frames()

TAKEN = "There is already a Construct with name"
"""The start of the constructs library's message about a repeated id."""


def level1_name(spec: ResourceSpec) -> str:
    """Return the name of the AWS CDK's class for a resource's CloudFormation type.

    Raises:
        UnsupportedError: If the installed aws-cdk-lib has none.
    """
    noun = spec.cfn_type.rpartition("::")[2]
    # Each L1 type has such an interface, in a module that is loaded anyway.
    if not hasattr(references, f"I{noun}Ref"):
        raise UnsupportedError(
            f"{spec.name} needs a newer aws-cdk-lib, one that has aws_ivs.Cfn{noun} (2.274.0 or "
            "later); upgrade with: pip install --upgrade aws-cdk-lib"
        )
    return f"aws_ivs.Cfn{noun}"


def create(
    cls: type[object],
    made: object,
    scope: Construct,
    id: str,
    properties: dict[str, Any] | None = None,
) -> None:
    """Make the AWS CDK's side of a Python object: the last step of every generated constructor.

    Raises:
        InvalidScopeError: If the scope already has a construct with that id.
    """
    arguments: list[Any] = [scope, id] if properties is None else [scope, id, properties]
    try:
        jsii.create(  # pyright: ignore[reportUnknownMemberType] (jsii writes Type without argument)
            cls, made, arguments
        )
    except RuntimeError as error:  # how jsii reports any error in JavaScript
        if TAKEN not in str(error):
            raise
        raise InvalidScopeError(
            f"{type(made).__name__}: '{scope.node.path}' already has a construct with the id "
            f"'{id}'; choose another id"
        ) from None


class Realization(Protocol):
    """What realizes a resource instead of CloudFormation's own type."""

    def define(
        self, spec: CustomResourceSpec, scope: Construct, values: dict[str, Any], target: str | None
    ) -> cdk.CfnResource:
        """Make it below its construct, from checked properties.

        Args:
            spec: Its type.
            scope: The construct that it realizes.
            values: The properties, by the user's names.
            target: The ARN of another resource that the provider's role must name for it.
        """
        ...


def render(
    props: tuple[Prop, ...], values: dict[str, Any], *, lower: bool = True
) -> dict[str, Any]:
    """Rename members as in CloudFormation, or in lower camel case as in the AWS CDK."""
    rendered: dict[str, Any] = {}
    for prop in props:
        value = values.get(prop.py)
        if value is not None:
            name = _camel(prop.cfn) if lower else prop.cfn
            rendered[name] = _render_value(prop, value, lower)
    return rendered


def _render_value(prop: Prop, value: Any, lower: bool) -> Any:  # noqa: ANN401 (JSON-like, by kind)
    if is_token(value):
        return value
    if prop.kind is Kind.STRUCT and prop.members:
        members = render(prop.members, value, lower=lower)
        nested = _camel(prop.nested) if lower else prop.nested
        return {nested: members} if nested else members
    if prop.kind is Kind.LIST and prop.item is not None:
        return [_render_value(prop.item, item, lower) for item in value]
    return value


def _camel(name: str) -> str:
    return name[:1].lower() + name[1:]
