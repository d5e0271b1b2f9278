"""Which modules of the AWS CDK a program loads that does not name them."""

import json
import os
import subprocess
import sys
from typing import Any

import pytest

PROGRAM = """
import json, sys
import aws_cdk as cdk
{named}
app = cdk.App()
stack = cdk.Stack(app, "Stack")
before = set(sys.modules)  # an old aws_cdk loads all of its modules by itself
from ivs_constructs import LiveChannel
live = LiveChannel(stack, "Live"{arguments})
{then}
print(json.dumps({said}))
"""
LOADED = "sorted(sys.modules.keys() - before)"
TEMPLATE = "app.synth().get_stack_by_name('Stack').template"
NAMED = (
    "from aws_cdk import "
    "aws_iam, aws_kms, aws_lambda, aws_logs, aws_s3, aws_s3_assets, aws_secretsmanager"
)
OWN = "aws_cdk.aws_ivs"
"""What the library is about; small, and loaded with it."""

PRIVATE = ", private=True, allowed_countries=['DE']"


def said_by(said: str, *, arguments: str = "", named: str = "", then: str = "") -> Any:  # noqa: ANN401 (JSON)
    program = PROGRAM.format(arguments=arguments, named=named, then=then, said=said)
    done = subprocess.run(
        [sys.executable, "-W", "ignore", "-c", program],
        env={**os.environ, "CDK_VALIDATION": "false"},
        capture_output=True,
        text=True,
        check=False,
        timeout=900,
    )
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


@pytest.mark.parametrize("then", ["", "app.synth()"], ids=["defined", "synthesized"])
@pytest.mark.parametrize("arguments", ["", PRIVATE], ids=["public", "private"])
def test_no_module_is_loaded_that_the_program_did_not_name(arguments: str, then: str) -> None:
    loaded = said_by(LOADED, arguments=arguments, then=then)

    assert "ivs_constructs.patterns.live_channel" in loaded
    services = {".".join(each.split(".")[:2]) for each in loaded if each.startswith("aws_cdk.aws_")}
    assert services <= {OWN}


@pytest.mark.parametrize("arguments", ["", PRIVATE], ids=["public", "private"])
def test_template_is_the_same_whatever_the_program_names(arguments: str) -> None:
    template = said_by(TEMPLATE, arguments=arguments)

    assert "AWS::SecretsManager::Secret" in {
        each["Type"] for each in template["Resources"].values()
    }
    assert json.dumps(template) == json.dumps(said_by(TEMPLATE, arguments=arguments, named=NAMED))


def test_who_reads_an_attribute_gets_a_typed_object() -> None:
    read = (
        "from aws_cdk import aws_iam, aws_kms, aws_s3\n"
        "role = aws_iam.Role(stack, 'R', assumed_by=aws_iam.AccountRootPrincipal())\n"
        "for each in (live.bucket, live.stream_key.secret): each.grant_read(role)\n"
        "live.signing_key.grant_sign(role)\n"
        "met = [live.bucket, live.stream_key.secret, live.signing_key.key]\n"
        "parts = stack.node.find_child('IvsConstructs').node.children\n"
        "again = stack.node.find_all()\n"
    )
    names = "[[type(each).__name__ for each in (*met, *parts)], all(each in again for each in met)]"
    said = said_by(names, arguments=PRIVATE, then=read)

    expected = ["RecordingBucket", "Secret", "Key"]
    expected += ["CfnLogGroup", "CfnRole", "Asset", "CfnFunction", "CfnPolicy"]
    assert sorted(said[0]) == sorted(expected)
    assert said[1] is True


def test_aspect_meets_typed_objects() -> None:
    visit = (
        "import jsii\n"
        "@jsii.implements(cdk.IAspect)\n"
        "class Visitor:\n"
        "    seen = set()\n"
        "    def visit(self, node): self.seen.add(type(node).__module__ + type(node).__name__)\n"
        "cdk.Aspects.of(app).add(Visitor())\n"
        "app.synth()\n"
    )
    seen = said_by("sorted(Visitor.seen)", arguments=PRIVATE, then=visit)

    assert {"aws_cdk.aws_secretsmanagerSecret", "aws_cdk.aws_kmsKey", "aws_cdk.aws_iamCfnRole"} <= {
        *seen
    }
    assert "ivs_constructs.low_latency.recording_bucketRecordingBucket" in seen
    assert [each for each in seen if "by_name" in each] == []
