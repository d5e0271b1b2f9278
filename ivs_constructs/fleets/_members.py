"""The custom resource that stands for a fleet's members in the template."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import aws_cdk as cdk
import jsii
from constructs import Construct, IValidation

from ivs_constructs._core.check import Check
from ivs_constructs._core.stack_facts import node_of
from ivs_constructs._core.stack_tags import STACK_TAG_PRIORITY, tags_of_stack
from ivs_constructs._specs import CUSTOM_TAGS
from ivs_constructs.fleets._template import check_literal

CUSTOM_TYPE = "Custom::IVSFleet"


@jsii.implements(cdk.ITaggableV2, cdk.IAspect, IValidation)
class FleetMembers(cdk.CfnResource):
    """Opens a fleet, and empties it when the stack goes; `Tags.of` reaches the members by it.

    Members are made at run time, so the functions have to know their tags. What `Tags.of` and the
    stack add is known only at synth: then the functions are told once more.

    Args:
        scope: The fleet.
        id: The id below it.
        properties: Its properties, by CloudFormation's names.
        tags: The user's tags of members.
        template: What else members are made from: by creates, and by updates.
        deploy: Tells the functions which tags members get.
    """

    def __init__(
        self,
        scope: Construct,
        id: str,
        *,
        properties: Mapping[str, Any],
        tags: Mapping[str, str],
        template: tuple[object, object],
        deploy: Callable[[Mapping[str, str]], None],
    ) -> None:
        self._tags = cdk.TagManager(
            cdk.TagType.KEY_VALUE, CUSTOM_TYPE, dict(tags), tag_property_name="TemplateTags"
        )
        self._template = template
        self._deploy = deploy
        self._known: Mapping[str, str] | None = None
        # The AWS CDK itself adds the tags, so that a change of them becomes an Update.
        super().__init__(scope, id, type=CUSTOM_TYPE, properties=dict(properties))
        self._path = scope.node.path
        # There is nothing below, so that no other construct's class is loaded for the visit.
        cdk.Aspects.of(self).add(self)
        node_of(scope).add_validation(self)

    def settle(self) -> list[str]:
        """Tell the functions which tags members get; return what is wrong."""
        for key, value in tags_of_stack(cdk.Stack.of(self)).items():
            self._tags.set_tag(key, value, STACK_TAG_PRIORITY)
        tags = self._tags.tag_values()
        if tags != self._known:
            self._known = tags
            self._deploy(tags)
        check = Check("")
        check.value(CUSTOM_TAGS, tags)
        check_literal(check, self._template[0], self._template[1], tags)
        return [f"members of '{self._path}': {each.message}" for each in check.failures]

    def visit(self, node: object) -> None:  # noqa: ARG002 (it is always the same one)
        """Bring the tags to what they are now; what is wrong is told by `validate`."""
        self.settle()

    def validate(self) -> list[str]:
        """Look once more at the tags, which aspects may have changed; tell what is wrong."""
        return self.settle()

    @property
    @jsii.member(jsii_name="cdkTagManager")
    def cdk_tag_manager(self) -> cdk.TagManager:
        """The tags, as the AWS CDK's aspects set them."""
        return self._tags
