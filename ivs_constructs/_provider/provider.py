"""The function that realizes a stack's custom resources, with its role and policies."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import aws_cdk as cdk
import jsii
from constructs import Construct, IValidation

from ivs_constructs._core.annotate import annotate
from ivs_constructs._core.by_name import (
    Reference,
    attribute_of,
    call,
    key_of,
    member_by_name,
    put,
    reference,
)
from ivs_constructs._core.function_settings import settings_for
from ivs_constructs._core.functions import (
    WITH_ASSETS,
    Function,
    code_in,
    define_function,
    policy_name,
)
from ivs_constructs._core.policies import define_managed_policy, define_policy, level1_of
from ivs_constructs._core.shared_conditions import settle_conditions
from ivs_constructs._core.stack_facts import stack_facts_of, stack_of
from ivs_constructs._core.stack_tags import STACK_TAG_PRIORITY, tags_of_stack
from ivs_constructs._core.statements import OWN_STACK
from ivs_constructs._core.tree import all_in
from ivs_constructs._provider.network import connect
from ivs_constructs._provider.permissions import ALL_REASONS, Use
from ivs_constructs._provider.policy_plan import Need, Policy, TooMuchError, plan
from ivs_constructs._specs import CustomResourceSpec
from ivs_constructs.errors import UnsupportedError

ASSET = Path(__file__).parents[1] / "_lambda"

FUNCTION_SECONDS = 840
"""How long one request may take, below Lambda's limit of 900 seconds."""

SERVICE_SECONDS = 900
"""How long CloudFormation waits for an answer: longer than the function may run, and much shorter
than CloudFormation's own hour, so that a deployment without an answer fails soon."""

_CHILD = "IvsConstructs"
_ATTRIBUTE = "_ivs_constructs_provider"
"""The stack's attribute that keeps its provider."""

_MARKS = "aws:cdk:is-custom-resource-handler"
"""The marks by which the AWS CDK's `CustomResourceConfig` finds functions and log groups."""

# Newer versions of aws-cdk-lib deprecate the old name; older ones have no other.
_ADD_DEPENDENCY = (
    "addResourceDependency"
    if hasattr(cdk.CfnResource, "add_resource_dependency")
    else "addDependency"
)
_REMOVE_DEPENDENCY = _ADD_DEPENDENCY.replace("add", "remove")


@dataclass(slots=True, eq=False)
class _Customer:
    """A custom resource, and what it needs.

    Attributes:
        resource: The resource.
        tags: Its tags.
        need: What it needs.
        is_tagged: Whether it already has the stack's tags.
    """

    resource: cdk.CfnResource
    tags: cdk.TagManager
    need: Need
    is_tagged: bool = False


@jsii.implements(cdk.IAspect, IValidation)
class Provider(Construct):
    """One function, role and log group for all custom resources of a stack.

    What the custom resources need is allowed by separate policies. They are made at synth, from
    what is in the tree by then, as planned by `policy_plan`.

    Args:
        stack: The stack.
        settings: The settings of the function.
    """

    def __init__(self, stack: cdk.Stack, settings: dict[str, Any]) -> None:
        super().__init__(stack, _CHILD)
        self._stack = stack
        made = _define_function(self, settings)
        self._function = made
        self.service_token = attribute_of(made.function, "functionArn")
        """The function that CloudFormation sends its requests to."""
        self._customers: dict[str, _Customer] = {}
        self._policies: dict[str, Reference | None] = {}
        self._depending: set[tuple[str, str]] = set()
        self._conditions: dict[str, Reference] = {}
        # An aspect also visits children, and each visit loads the child's class. So it sits on a
        # construct without children, and the policies go into the next one, where other aspects
        # still visit them.
        synthesis = Construct(self, "Synthesis")
        self._place = Construct(self, "Policies")
        cdk.Aspects.of(synthesis).add(self)
        call(reference(self, "node"), "addValidation", self)

    @classmethod
    def of(cls, scope: Construct, spec: CustomResourceSpec) -> Provider:
        """Return the provider of a construct's stack, making it when it is first needed.

        Raises:
            UnsupportedError: If the stack cannot have assets, and so no function.
        """
        stack = stack_of(scope)
        provider: Provider | None = vars(stack).get(_ATTRIBUTE)
        if provider is None:
            try:
                provider = cls(stack, settings_for(stack))
            except UnsupportedError:
                raise _without_assets(scope, spec, stack) from None
            vars(stack)[_ATTRIBUTE] = provider
        return provider

    def admit(
        self,
        resource: cdk.CfnResource,
        tags: cdk.TagManager,
        path: str,
        use: Use,
        target: str | None,
    ) -> None:
        """Record the needs of a custom resource, which are allowed at synth.

        Args:
            resource: The custom resource.
            tags: Its tags.
            path: Its path.
            use: Its type, and what to do when something uses it.
            target: The ARN of the resource that must be named for it, None if there is none.
        """
        need = Need(path, use, target)
        self._customers[key_of(resource)] = _Customer(resource, tags, need)

    def visit(self, node: object) -> None:  # noqa: ARG002 (it is always the same one)
        """Make the policies, in time for other aspects to see them."""
        # `validate` reports what does not fit, once.
        self._settle()

    def validate(self) -> list[str]:
        """Check the needs again, which aspects may have changed, and return the failures."""
        return self._settle()

    def _settle(self) -> list[str]:
        """Update tags, policies and dependencies to the current needs; return what does not fit."""
        present = self._present()
        self._copy_tags(present)
        try:
            planned = plan(
                [each.need for each in present], may_be_managed=self._function.has_own_role
            )
        except TooMuchError as error:
            return [
                f"the {len(present)} custom resources of stack '{self._stack.node.path}' need "
                f"{error}; move some of them to another stack"
            ]
        wanted = {each.id: each for each in planned}
        resources = {each.need.path: each.resource for each in present}
        for id in self._policies.keys() - wanted.keys():
            self._take_away(id, resources)
        for id, policy in wanted.items():
            if id not in self._policies:
                self._policies[id] = self._make(policy)
            self._depend(id, {path: resources[path] for path in policy.paths})
        return []

    def _present(self) -> list[_Customer]:
        """Return what is in the tree, with the conditions that govern it."""
        tree = all_in(self._stack)
        keys = {each.key for each in tree}
        known = [each for key, each in self._customers.items() if key in keys]
        self._refer(known)
        if any(each.type == "aws-cdk-lib.CfnCondition" for each in tree):
            facts = stack_facts_of(_CHILD, self._stack, _CHILD)
            settle_conditions(facts.registry.conditional_parts.get(facts.stage, ()))
            for each in known:
                each.need = replace(each.need, condition=self._condition_of(each.resource))
        return known

    def _refer(self, customers: list[_Customer]) -> None:
        """Record what targets refer to; deploy-time values are numbered in order."""
        targets = {each.need.path: each.need.target for each in customers if each.need.target}
        # All at once, because it is a round trip to Node. Logical ids may have changed since the
        # last time.
        resolved: dict[str, object] = self._stack.resolve(targets) if targets else {}
        for each in customers:
            if each.need.path in resolved:
                referred = json.dumps(resolved[each.need.path], sort_keys=True)
                each.need = replace(each.need, referred=referred)

    def _condition_of(self, resource: cdk.CfnResource) -> str:
        condition = reference(reference(resource, "cfnOptions"), "condition")
        if condition is None:
            return ""
        path = attribute_of(reference(condition, "node"), "path")
        self._conditions[path] = condition
        return path

    def _copy_tags(self, customers: list[_Customer]) -> None:
        """Give new resources the stack's tags, as CloudFormation does for its own types."""
        new = [each for each in customers if not each.is_tagged]
        tags = tags_of_stack(self._stack) if new else {}
        for each in new:
            each.is_tagged = True
            for key, value in tags.items():
                each.tags.set_tag(key, value, STACK_TAG_PRIORITY)

    def _make(self, policy: Policy) -> Reference | None:
        made = self._function
        if policy.managed:
            construct = define_managed_policy(
                self._place, policy.id, made.role, policy.statements, ALL_REASONS
            )
        else:
            name = None if made.has_own_role else policy_name(self, policy.id)
            construct = define_policy(
                self._place, policy.id, made.role, policy.statements, ALL_REASONS, name=name
            )
        level1 = level1_of(construct)
        if level1 is not None and policy.condition:
            put(reference(level1, "cfnOptions"), "condition", self._conditions[policy.condition])
        return level1

    def _take_away(self, id: str, resources: Mapping[str, cdk.CfnResource]) -> None:
        """Remove a policy that a change by an aspect has replaced."""
        level1 = self._policies.pop(id)
        for path in [path for path, other in self._depending if other == id]:
            self._depending.discard((path, id))
            if path in resources:
                call(resources[path], _REMOVE_DEPENDENCY, level1)
        self._place.node.try_remove_child(id)

    def _depend(self, id: str, resources: Mapping[str, cdk.CfnResource]) -> None:
        level1 = self._policies[id]
        if level1 is None:
            return
        for path, resource in resources.items():
            if (path, id) not in self._depending:
                self._depending.add((path, id))
                call(resource, _ADD_DEPENDENCY, level1)


def _define_function(provider: Provider, settings: Mapping[str, Any]) -> Function:
    made = define_function(
        provider,
        settings,
        description="Realizes the custom resources of ivs-constructs in this stack",
        role_description="What the custom resources of ivs-constructs in this stack may do",
        # Files that Python leaves there must not change the asset's hash.
        code=code_in(ASSET, ["__pycache__", "*.pyc"]),
        handler="ivs_handler.index.handler",
        seconds=FUNCTION_SECONDS,
        # The runtime's own boto3 may be older than what the handler calls.
        environment={"AWS_DATA_PATH": "/var/task/models"},
        statements=[OWN_STACK],
        reasons={},
        role=settings.get("provider_role"),
    )
    node = reference(made.function, "node")
    call(node, "addMetadata", f"{_MARKS}-singleton", True)
    family = member_by_name("aws_lambda.RuntimeFamily", "PYTHON")
    call(node, "addMetadata", f"{_MARKS}-runtime-family", family)
    call(reference(made.log_group, "node"), "addMetadata", f"{_MARKS}-logGroup", True)
    if made.is_in_vpc:
        advice = connect(made.function)
        if advice is not None:
            annotate(provider, advice)
    return made


def _without_assets(
    scope: Construct, spec: CustomResourceSpec, stack: cdk.Stack
) -> UnsupportedError:
    """Say what to do in a stack that cannot have assets."""
    advice = WITH_ASSETS
    if spec.cfn_type and not spec.patch:
        advice = f"set provisioning=Provisioning.CLOUDFORMATION, or {advice}"
    else:
        advice = f"CloudFormation has no type that could replace it, so {advice}"
    return UnsupportedError(
        f"{spec.name} '{scope.node.path}' needs a function, whose code is an asset, and stack "
        f"'{stack.node.path}' cannot have assets; {advice}"
    )
