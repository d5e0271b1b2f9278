"""Apps to deploy: the examples, and variations of them."""

from __future__ import annotations

import importlib
from collections.abc import Callable
from pathlib import Path
from typing import Any, cast

import aws_cdk as cdk

import app as entry

Variation = Callable[[cdk.Stack], object]
"""Changes a defined stack."""


def example(name: str) -> Callable[[cdk.App, str], cdk.Stack]:
    """Find an example's stack: public_channel.py has PublicChannel."""
    class_name = "".join(word.capitalize() for word in name.split("_"))
    found: Callable[[cdk.App, str], cdk.Stack] = getattr(
        importlib.import_module(f"examples.{name}"), class_name
    )
    return found


def synthesize(
    folder: Path,
    define: Callable[[cdk.App], object],
    context: dict[str, object] | None = None,
) -> str:
    """Write an app's assembly, with the project's feature flags, and return its folder."""
    app = cdk.App(
        outdir=str(folder),
        analytics_reporting=False,
        context={**(entry.cli_context() or {}), **(context or {})},
    )
    define(app)
    app.synth()
    return str(folder)


def define(name: str, stack_name: str, *variations: Variation) -> Callable[[cdk.App], cdk.Stack]:
    """Define an example's stack with variations."""

    def make(app: cdk.App) -> cdk.Stack:
        stack = example(name)(app, stack_name)
        for vary in variations:
            vary(stack)
        return stack

    return make


def setting(path: str, **properties: object) -> Variation:
    """Override properties of a resource in the stack."""

    def vary(stack: cdk.Stack) -> None:
        resource = at(stack, path)
        for name, value in properties.items():
            resource.add_property_override(name.replace("__", "."), value)

    return vary


def at(stack: cdk.Stack, path: str) -> cdk.CfnResource:
    """Find the resource at a path below a stack."""
    found: Any = stack
    for name in path.split("/"):
        found = found.node.find_child(name)
    return cast("cdk.CfnResource", found)
