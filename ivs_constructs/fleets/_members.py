"""The custom resource that represents a fleet's members in the template."""

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
    """Opens a fleet and empties it on stack deletion; carries the tags that `Tags.of` adds.

    Members are created at run time, so the functions must know their tags. `Tags.of` and the stack
    add tags only at synth, so the functions' settings are updated then.

    Args:
        scope: The fleet.
        id: The id, unique within the scope.
        properties: Its properties, by CloudFormation's names.
        tags: The user's tags for members.
        template: The other parameters of members: for creates, and for updates.
        deploy: Passes the members' tags to the functions.
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
        # The AWS CDK adds the tags to the resource, so a change of them causes an Update.
        super().__init__(scope, id, type=CUSTOM_TYPE, properties=dict(properties))
        self._path = scope.node.path
        # It has no children, so the visit loads no other construct's class.
        cdk.Aspects.of(self).add(self)
        node_of(scope).add_validation(self)

    def settle(self) -> list[str]:
        """Pass the members' tags to the functions, and return what is wrong with them."""
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
        """Update the tags; `validate` reports what is wrong."""
        self.settle()

    def validate(self) -> list[str]:
        """Update the tags again, since aspects can change them, and report what is wrong."""
        return self.settle()

    @property
    @jsii.member(jsii_name="cdkTagManager")
    def cdk_tag_manager(self) -> cdk.TagManager:
        """The tags, as set by the AWS CDK's aspects."""
        return self._tags
