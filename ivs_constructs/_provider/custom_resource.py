"""A custom resource in the shape of the AWS CDK's own resource types."""

from __future__ import annotations

from typing import Any

import aws_cdk as cdk
import jsii
from constructs import Construct, IValidation

from ivs_constructs._core.check import Check
from ivs_constructs._core.stack_facts import node_of, own_path
from ivs_constructs._provider.permissions import Use
from ivs_constructs._provider.provider import SERVICE_SECONDS, Provider
from ivs_constructs._specs import CUSTOM_TAGS, CustomResourceSpec, Kind


@jsii.implements(cdk.ITaggableV2, IValidation)
class CustomResource(cdk.CfnResource):
    """One custom resource; `Tags.of` reaches it like any taggable CloudFormation resource.

    Args:
        scope: The construct that it realizes.
        id: The id, unique within the scope.
        spec: Its type.
        properties: Its properties, by CloudFormation's names.
        tags: The user's tags.
        policy: What to do when something uses it.
        target: The ARN of the resource that the provider's role must name for it.
    """

    def __init__(
        self,
        scope: Construct,
        id: str,
        *,
        spec: CustomResourceSpec,
        properties: dict[str, Any],
        tags: dict[str, str],
        policy: str | None = None,
        target: str | None = None,
    ) -> None:
        taggable = any(prop.kind is Kind.TAGS for prop in spec.props)
        self._tags = cdk.TagManager(
            cdk.TagType.KEY_VALUE if taggable else cdk.TagType.NOT_TAGGABLE,
            spec.custom_type,
            tags,
            tag_property_name="Tags",
        )
        provider = Provider.of(scope, spec)
        path = own_path(scope)
        common: dict[str, Any] = {
            "ServiceToken": provider.service_token,
            "ServiceTimeout": SERVICE_SECONDS,
            "ConstructPath": path,
        }
        if policy is not None:
            common[spec.policy] = policy
        super().__init__(scope, id, type=spec.custom_type, properties={**common, **properties})
        provider.admit(self, self._tags, f"{path}/{id}", Use(spec, policy or "FAIL"), target)
        self._subject = f"{spec.name} '{path}'"
        if taggable:
            node_of(scope).add_validation(self)

    def validate(self) -> list[str]:
        """Check the tags again at synth, when they include those of `Tags.of`."""
        check = Check("")
        check.value(CUSTOM_TAGS, self._tags.tag_values())
        return [f"{self._subject}: {each.message}" for each in check.failures]

    @property
    @jsii.member(jsii_name="cdkTagManager")
    def cdk_tag_manager(self) -> cdk.TagManager:
        """The tags, as the AWS CDK's aspects set them."""
        return self._tags
