"""Resources that are realized by this library's provider or by CloudFormation's own type."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, ClassVar, TypeVar

import aws_cdk as cdk
from constructs import Construct

from ivs_constructs._core.check import enum_value, is_token, quoted
from ivs_constructs._core.draft import Draft
from ivs_constructs._core.render import render
from ivs_constructs._core.resource import IvsResource
from ivs_constructs._core.stack_facts import context_of
from ivs_constructs._specs import CustomResourceSpec, Prop
from ivs_constructs.enums import InUse, Provisioning
from ivs_constructs.errors import UnsupportedError

PROVISIONING = "ivs_constructs:provisioning"
"""Context key: the provisioning of all constructs that do not set it themselves."""

_KINDS = tuple(each.value for each in Provisioning)
_Made = TypeVar("_Made")


@dataclass(frozen=True, slots=True)
class Custom:
    """Marks a resource as realized by this library's provider.

    Attributes:
        policy: What to do when something uses it, None for the provider's default.
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
        """Make the custom resource below its construct, from checked properties.

        Args:
            spec: Its type.
            scope: The construct that it realizes.
            values: The properties, by the user's names.
            target: The ARN of another resource that the provider's role must name for it.
            id: The id below the construct. Default: a different id for each way to realize it.
        """
        # Imported here because most programs have no custom resources.
        from ivs_constructs._provider.custom_resource import CustomResource

        properties = render(spec.props, values, lower=False)
        tags = {tag["key"]: tag["value"] for tag in properties.pop("Tags", ())}
        # CloudFormation refuses to change a resource's type, so each way to realize a resource
        # needs its own logical id.
        return CustomResource(
            scope,
            id or ("Custom" if spec.cfn_type else "Resource"),
            spec=spec,
            properties=properties,
            tags=tags,
            policy=self.policy,
            target=target,
        )


class CustomDraft(Draft[_Made]):
    """The draft of a custom resource; `in_use` says what to do when something uses it."""

    policies: ClassVar[tuple[str, ...]] = tuple(each.value for each in InUse)
    """The values that `in_use` may have."""

    def realize_custom(self) -> None:
        """Check `in_use`, and let a custom resource realize this."""
        policy = self.given.get("in_use")
        self.realization = Custom()
        if policy is None:
            return
        if is_token(policy):
            self.check.fail(
                "in_use",
                "token",
                f"in_use must be known at synth, got {quoted(policy)}, because the provider's "
                f"permissions depend on it; write one of {', '.join(self.policies)}",
            )
            return
        choice = Prop(py="in_use", choices=self.policies, closed=True)
        self.realization = Custom(str(self.check.value(choice, policy)))


class ProvisionedDraft(CustomDraft[_Made]):
    """The draft of a custom resource, or of CloudFormation's own type if the user wants that."""

    def prepare(self) -> None:
        """Decide what realizes this."""
        if self._is_custom():
            self.realize_custom()

    def custom_only(self) -> Mapping[str, object]:
        """Return the values that CloudFormation's type lacks, by argument; None if not given."""
        return {}

    def _is_custom(self) -> bool:
        provisioning = self.given.get("provisioning")
        name, advice = "provisioning", "drop provisioning"
        if provisioning is None:
            name, advice = f"context {PROVISIONING}", "give provisioning=Provisioning.CUSTOM"
            provisioning = context_of(self.scope, PROVISIONING)
        if provisioning is None:
            return True
        before = len(self.check.failures)
        choice = Prop(py=name, choices=_KINDS, closed=True)
        self.check.value(choice, provisioning)
        wrong = len(self.check.failures) > before
        if wrong or enum_value(provisioning) == Provisioning.CUSTOM:
            return True
        for prop, value in {"in_use": self.given.get("in_use"), **self.custom_only()}.items():
            if value is not None:
                self.check.fail(
                    prop,
                    "custom-only",
                    f"{prop} requires provisioning CUSTOM, got CLOUDFORMATION as {name}; drop "
                    f"{prop} or {advice}",
                )
        return False


class ProvisionedResource(IvsResource):
    """A custom resource by default, or CloudFormation's own type if the user wants that."""

    def _custom_attribute(self, name: str) -> str:
        """Return an attribute that CloudFormation's own type does not have.

        Args:
            name: The attribute, which the import's method accepts under the same name.
        """
        if not self._is_custom and not self.is_imported:
            raise UnsupportedError(
                f"{name} of {self._spec.name} '{self.node.path}' requires provisioning CUSTOM, got "
                "CLOUDFORMATION, whose type has no such attribute; set "
                "provisioning=Provisioning.CUSTOM"
            )
        return self._attribute(name, name)
