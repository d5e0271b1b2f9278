"""Resources that this library's provider realises, or CloudFormation's own type."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import aws_cdk as cdk
from constructs import Construct

from ivs_constructs._core.check import Check, enum_value, is_token, quoted
from ivs_constructs._core.render import render
from ivs_constructs._core.resource import IvsResource
from ivs_constructs._core.stack_facts import stack_facts_of
from ivs_constructs._specs import CustomResourceSpec, Prop
from ivs_constructs.enums import InUse, Provisioning
from ivs_constructs.errors import UnsupportedError

PROVISIONING = "ivs_constructs:provisioning"
"""Context key: the provisioning of all constructs that do not say it themselves."""

_KINDS = tuple(each.value for each in Provisioning)
_POLICIES = tuple(each.value for each in InUse)  # OnLive has the same


@dataclass(frozen=True, slots=True)
class Custom:
    """Marks a resource as realized by this library's provider.

    Attributes:
        policy: What to do when something holds it, None for the provider's default.
    """

    policy: str | None = None

    def define(
        self,
        spec: CustomResourceSpec,
        scope: Construct,
        values: dict[str, Any],
        target: str | None,
        *,
        id: str = "",
    ) -> cdk.CfnResource:
        """Make the custom resource below its construct, from properties that were checked.

        Args:
            spec: Its type.
            scope: The construct that it realizes.
            values: The properties, by the user's names.
            target: The ARN of another resource that the provider's role must name for it.
            id: The id below the construct. Default: one for each way of realization.
        """
        # Imported lazily: aws_lambda brings a dozen other modules, and most programs have no
        # custom resource.
        from ivs_constructs._provider.custom_resource import CustomResource

        properties = render(spec.props, values, lower=False)
        tags = {tag["key"]: tag["value"] for tag in properties.pop("Tags", ())}
        # CloudFormation refuses to change a resource's type: what can be realized in two ways
        # needs another logical id in each.
        return CustomResource(
            scope,
            id or ("Custom" if spec.cfn_type else "Resource"),
            spec=spec,
            properties=properties,
            tags=tags,
            policy=self.policy,
            target=target,
        )


class ProvisionedResource(IvsResource):
    """A resource that is a custom one by default, and CloudFormation's own if that is wanted."""

    def _define_either(
        self,
        scope: Construct,
        id: str,
        values: Mapping[str, Any],
        *,
        provisioning: object,
        in_use: object,
        custom_only: Mapping[str, object] | None = None,
        facts: Mapping[str, Any] | None = None,
        check: Check | None = None,
    ) -> None:
        """Check the properties, then define the resource as the provisioning says.

        Args:
            scope: The scope.
            id: The id.
            values: The properties, by the user's names.
            provisioning: What realises it, as given.
            in_use: What to do when something holds it, as given.
            custom_only: Properties that CloudFormation's type lacks; None where not given.
            facts: What else the rules read.
            check: What the constructor found wrong already.
        """
        stack_facts_of(self._spec.name, scope, id)
        check = check or Check(self._spec.source)
        lacking = {"in_use": in_use, **(custom_only or {})}
        custom = None
        if is_custom(check, scope, provisioning, lacking):
            custom = custom_by(check, "in_use", in_use)
        self._define(scope, id, values, facts=facts, check=check, custom=custom)

    def _custom_attribute(self, name: str, argument: str = "") -> str:
        """Return an attribute that CloudFormation's own type does not have.

        Args:
            name: The attribute.
            argument: What the import's method calls it, where it takes it.
        """
        if not self._is_custom and not self.is_imported:
            raise UnsupportedError(
                f"{name} of {self._spec.name} '{self.node.path}' requires provisioning CUSTOM, got "
                "CLOUDFORMATION, whose type has no such attribute; set "
                "provisioning=Provisioning.CUSTOM"
            )
        return self._attribute(name, argument)


def is_custom(
    check: Check, scope: Construct, provisioning: object, custom_only: Mapping[str, object]
) -> bool:
    """Decide whether a custom resource realises a construct.

    Args:
        check: Takes what is wrong.
        scope: The construct's scope, whose context decides where `provisioning` is None.
        provisioning: What the user gave.
        custom_only: The properties that CloudFormation's type lacks, by the user's names; None
            for those that were not given.
    """
    name, advice = "provisioning", "drop provisioning"
    if provisioning is None:
        name, advice = f"context {PROVISIONING}", "give provisioning=Provisioning.CUSTOM"
        provisioning = scope.node.try_get_context(PROVISIONING)
    if provisioning is None:
        return True
    before = len(check.failures)
    check.value(Prop(py=name, cfn="", api="", choices=_KINDS), provisioning)
    if len(check.failures) > before or enum_value(provisioning) == Provisioning.CUSTOM:
        return True
    for prop, value in custom_only.items():
        if value is not None:
            check.fail(
                prop,
                "custom-only",
                f"{prop} requires provisioning CUSTOM, got CLOUDFORMATION as {name}; drop {prop} "
                f"or {advice}",
            )
    return False


def custom_by(check: Check, name: str, policy: object) -> Custom:
    """Describe how a custom resource realises a construct.

    Args:
        check: Takes what is wrong.
        name: The parameter that took the policy.
        policy: What to do when something holds the resource, as the user gave it.
    """
    if policy is None:
        return Custom()
    if is_token(policy):
        check.fail(
            name,
            "token",
            f"{name} must be known at synth, got {quoted(policy)}; what the provider may do "
            f"depends on it, so write one of {', '.join(_POLICIES)}",
        )
        return Custom()
    return Custom(str(check.value(Prop(py=name, cfn="", api="", choices=_POLICIES), policy)))
