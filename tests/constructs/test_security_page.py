"""The page for security reviews: its claims about roles and logs are true, and its programs run."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Any

import aws_cdk as cdk
import pytest

from ivs_constructs import FunctionSettings, LiveChannel, LiveStage
from ivs_constructs._core import statements as of_functions
from ivs_constructs._provider import permissions
from ivs_constructs.realtime.composition import composition_automation
from ivs_constructs.realtime.composition._states import AUTOMATION_TAG
from ivs_constructs.testing import Synthesized, synthesize

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs" / "security.md").read_text(encoding="utf-8")


@pytest.fixture
def talk(stack: cdk.Stack) -> LiveStage:
    """The stage of a stack that has every kind of role."""
    return define_talk(stack)


def define_talk(stack: cdk.Stack) -> LiveStage:
    live = LiveChannel(
        stack, "Live", private=True, token_issuer=True, allowed_countries=["DE"], in_use="STOP"
    )
    return LiveStage(
        stack,
        "Talk",
        recording=True,
        broadcast_to=live.channel,
        record_composition=True,
        token_issuer=True,
        in_use="STOP",
    )


def part(heading: str) -> str:
    return PAGE.partition(f"\n## {heading}\n")[2].partition("\n## ")[0]


def program(title: str) -> str:
    [found] = re.findall(rf'^```python title="{title}"\n(.*?)^```$', PAGE, re.M | re.S)
    return str(found)


def statements(made: Synthesized) -> Iterator[dict[str, Any]]:
    for policy in made.resources("AWS::IAM::Policy"):
        yield from policy.properties["PolicyDocument"]["Statement"]
    for role in made.resources("AWS::IAM::Role"):
        for policy in role.properties.get("Policies", ()):
            yield from policy["PolicyDocument"]["Statement"]


@pytest.mark.usefixtures("talk")
def test_page_tells_every_wildcard(stack: cdk.Stack) -> None:
    rendered = synthesize(stack)
    listed = set(re.findall(r"^\| `(\w+)` \|", part("Wildcards"), re.MULTILINE))

    wild = {each["Sid"] for each in statements(rendered) if "*" in str(each["Resource"])}

    assert wild
    assert wild <= listed
    assert listed == {
        *permissions.REASONS,
        *of_functions.REASONS,
        *permissions.FOR_THE_SERVICE,
        *composition_automation.REASONS,
        "OwnStack",
    }


@pytest.mark.usefixtures("talk")
def test_page_tells_every_service(stack: cdk.Stack) -> None:
    rendered = synthesize(stack)
    table = part("Services with access")
    listed = dict(re.findall(r"^\| `([\w.]+)amazonaws\.com` \| .* \| (.*) \|$", table, re.M))

    found = {}
    for role in rendered.resources("AWS::IAM::Role"):
        for each in role.properties["AssumeRolePolicyDocument"]["Statement"]:
            service = each["Principal"]["Service"].removesuffix("amazonaws.com")
            found[service] = "aws:SourceAccount" in str(each.get("Condition"))

    assert found == {"lambda.": False, "states.": True, "events.": True}
    assert found == {name: "`aws:SourceAccount`" in told for name, told in listed.items()}


def test_page_names_tests_that_are_there() -> None:
    named = re.findall(r"`(\w+/[\w/]*test_\w+\.py)`", part("Threat model"))

    assert len(named) > 10
    for each in named:
        assert (ROOT / "tests" / each).is_file(), each


def test_page_names_every_actor() -> None:
    actors = re.findall(r"^\| (.*?) \|.*\| `", part("Threat model"), re.MULTILINE)
    told = " ".join(actors)

    for actor in (
        "author of a template",
        "other stacks",
        "lambda:InvokeFunction",
        "ivs:TagResource",
        "writer of a parameter",
        "viewer",
        "web page",
        "dependency",
    ):
        assert actor in told


def test_service_control_policy_of_the_page_denies_our_tags() -> None:
    [text] = re.findall(r'^```json title="Service control policy"\n(.*?)^```$', PAGE, re.M | re.S)
    [statement] = json.loads(text)["Statement"]

    [pattern] = statement["Condition"]["ForAnyValue:StringLike"]["aws:TagKeys"]
    for tag in (permissions.STACK_TAG, AUTOMATION_TAG):
        assert fnmatchcase(tag, pattern)
    roles = statement["Condition"]["ArnNotLike"]["aws:PrincipalArn"]
    own = "arn:aws:iam::123456789012:role/Talk-IvsConstructsRole-AbCd"
    assert any(fnmatchcase(own, each) for each in roles)
    assert not any(fnmatchcase("arn:aws:iam::123456789012:role/Admin", each) for each in roles)


def test_policy_says_how_to_report_and_what_is_supported() -> None:
    policy = (ROOT / "SECURITY.md").read_text(encoding="utf-8")

    assert "## Report a vulnerability" in policy
    assert "## Supported versions" in policy
    # The address is a placeholder until there is one, and says so.
    assert "example.com" not in policy or "Placeholder" in policy


@pytest.mark.parametrize("off", [False, True])
def test_tracing_is_on_until_the_page_turns_it_off(stack: cdk.Stack, off: bool) -> None:
    if off:
        names = {"stack": stack, "FunctionSettings": FunctionSettings}
        exec(program("No tracing"), names)  # noqa: S102 (the project's own documentation)
    define_talk(stack)

    rendered = synthesize(stack)
    traced = [
        each.properties.get("TracingConfig", {}).get("Mode") == "Active"
        or each.properties.get("TracingConfiguration", {}).get("Enabled", False)
        for kind in ("AWS::Lambda::Function", "AWS::StepFunctions::StateMachine")
        for each in rendered.resources(kind)
    ]
    assert traced == [not off] * 4
    assert any(each["Sid"] == "Traces" for each in statements(rendered)) is not off


@pytest.mark.usefixtures("talk")
def test_page_tells_what_is_kept(stack: cdk.Stack) -> None:
    rendered = synthesize(stack)
    kept = {
        each["Type"]
        for each in rendered.template["Resources"].values()
        if "Retain" in each.get("DeletionPolicy", "")
    }
    assert kept == {"AWS::S3::Bucket", "AWS::KMS::Key"}
    groups = rendered.resources("AWS::Logs::LogGroup")
    assert [each.properties["RetentionInDays"] for each in groups] == [30] * 4
