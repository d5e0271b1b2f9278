"""Synthesizes every example: ``python app.py``, or the CDK CLI through cdk.json."""

from __future__ import annotations

import importlib
import json
import os
import pkgutil
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

import ivs_constructs

if TYPE_CHECKING:
    from collections.abc import Iterator

    import aws_cdk as cdk

ROOT = Path(__file__).resolve().parent


def cli_context() -> dict[str, Any] | None:
    """The context of cdk.json, which only the CDK CLI passes on automatically."""
    if "CDK_CONTEXT_JSON" in os.environ:
        return None
    context: dict[str, Any] = json.loads((ROOT / "cdk.json").read_text())["context"]
    return context


def example_stacks() -> Iterator[type[cdk.Stack]]:
    """The stack of each module in examples/, sorted: public_channel.py has PublicChannel."""
    for module in sorted(each.name for each in pkgutil.iter_modules([str(ROOT / "examples")])):
        class_name = "".join(word.capitalize() for word in module.split("_"))
        yield getattr(importlib.import_module(f"examples.{module}"), class_name)


def main() -> int:
    """Write the templates, and print the path, size and time of each.

    Returns:
        The exit status: 1 if there is no Node.js to run the AWS CDK with.
    """
    try:
        ivs_constructs.ensure_node()
    except ivs_constructs.MissingNodeError as error:
        print(error, file=sys.stderr)
        return 1

    # Not at the top: this import starts Node.
    import aws_cdk as cdk

    stack_types = list(example_stacks())
    started = time.perf_counter()
    # The CLI sets CDK_OUTDIR. Without an outdir the CDK would write to a random temporary folder.
    outdir = os.environ.get("CDK_OUTDIR", "cdk.out")
    # No analytics resource, as in cdk.json: the templates are the same with and without the CLI.
    app = cdk.App(outdir=outdir, analytics_reporting=False, context=cli_context())

    seconds: dict[cdk.Stack, float] = {}
    for stack_type in stack_types:
        before = time.perf_counter()
        stack = stack_type(app, stack_type.__name__)
        seconds[stack] = time.perf_counter() - before

    app.synth()
    total = time.perf_counter() - started

    for stack, spent in seconds.items():
        template = Path(app.outdir, stack.template_file)
        count = len(json.loads(template.read_text()).get("Resources", {}))
        noun = "resource" if count == 1 else "resources"
        print(f"{os.path.relpath(template)}: {count} {noun}, {spent:.2f} s")
    print(f"{len(seconds)} stacks synthesized in {total:.2f} s")
    return 0


if __name__ == "__main__":
    sys.exit(main())
