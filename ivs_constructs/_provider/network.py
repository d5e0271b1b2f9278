"""Checks that a function in a VPC can reach the APIs that it calls."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, cast

import aws_cdk as cdk

from ivs_constructs._core.by_name import typed
from ivs_constructs._core.rules import Advice, Severity


def connect(function: cdk.Resource) -> Advice | None:
    """Make a function depend on the routes of its subnets, and check the subnets.

    Custom resources are made after the function and deleted before it. Without its routes, the
    function could reach nothing, and each request would time out after 15 minutes.

    Returns:
        The warning; None if there may be egress, as far as is known.
    """
    # A program with a VPC has loaded these classes anyway.
    level1 = typed(function).node.default_child
    stack = cdk.Stack.of(function)
    config: Any = stack.resolve(getattr(level1, "vpc_config", None)) or {}
    inside = [str(each) for each in config.get("subnetIds", ())]
    isolated: list[str] = []
    for is_isolated, subnet in _subnets(function):
        if str(stack.resolve(subnet.subnet_id)) in inside:
            function.node.add_dependency(subnet.internet_connectivity_established)
            if is_isolated:
                isolated.append(str(subnet.node.path))
    if not isolated:
        return None
    return Advice(
        Severity.WARNING,
        "ivs-constructs:function-without-network",
        f"the function behind the custom resources runs in the isolated subnet '{isolated[0]}', "
        "which has no route to the APIs of CloudFormation and Amazon IVS: deployments would wait "
        "for 15 minutes and fail; choose subnets with a NAT gateway, with "
        "FunctionSettings.of(stack).set(vpc=..., vpc_subnets=SubnetSelection("
        "subnet_type=SubnetType.PRIVATE_WITH_EGRESS)), or do not run the function in the VPC",
    )


def _subnets(function: cdk.Resource) -> Iterator[tuple[bool, Any]]:
    root = cast("Any", function.node.root)
    for each in root.node.find_all():
        for kind in ("isolated", "private", "public"):
            for subnet in getattr(each, f"{kind}_subnets", None) or ():
                yield kind == "isolated", subnet
