"""Which modules of the AWS CDK a program loads that does not name them."""

import os
import subprocess
import sys

import pytest

PROGRAM = """
import sys
import aws_cdk as cdk
stack = cdk.Stack(cdk.App(), "Stack")
before = set(sys.modules)  # an old aws_cdk loads all of its modules by itself
from ivs_constructs import LiveChannel
LiveChannel(stack, "Live"{arguments})
{then}
print(*sys.modules.keys() - before)
"""
OWN = "aws_cdk.aws_ivs"
"""What the library is about; small, and loaded with it."""


@pytest.mark.parametrize("then", ["", "stack.node.root.synth()"], ids=["defined", "synthesized"])
@pytest.mark.parametrize("arguments", [""])
def test_no_module_is_loaded_that_the_program_did_not_name(arguments: str, then: str) -> None:
    done = subprocess.run(
        [sys.executable, "-W", "ignore", "-c", PROGRAM.format(arguments=arguments, then=then)],
        env={**os.environ, "CDK_VALIDATION": "false"},
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )

    assert done.returncode == 0, done.stderr
    loaded = set(done.stdout.split())
    assert "ivs_constructs.patterns.live_channel" in loaded
    services = {".".join(each.split(".")[:2]) for each in loaded if each.startswith("aws_cdk.aws_")}
    assert services <= {OWN}
