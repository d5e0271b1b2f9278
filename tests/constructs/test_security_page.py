"""The page for security reviews: what it tells of roles and logs is so, and its programs run."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import aws_cdk as cdk
import pytest
from aws_cdk import aws_lambda, aws_stepfunctions

from ivs_constructs import LiveChannel, LiveStage
from ivs_constructs._core import statements as of_functions
from ivs_constructs._provider import permissions
from ivs_constructs.realtime.composition import composition_automation

Render = Callable[[cdk.Stack], dict[str, Any]]

PAGE = (Path(__file__).parents[2] / "docs" / "security.md").read_text(encoding="utf-8")


@pytest.fixture
def talk(stack: cdk.Stack) -> LiveStage:
    """The stage of a stack that has every kind of role."""
    live = LiveChannel(
        stack, "Live", private=True, token_issuer=True, allowed_countries=["DE"], on_live="STOP"
    )
    return LiveStage(
        stack,
        "Talk",
        record=True,
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


def of_type(template: dict[str, Any], cfn_type: str) -> list[dict[str, Any]]:
    return [each for each in template["Resources"].values() if each["Type"] == cfn_type]


def statements(template: dict[str, Any]) -> Iterator[dict[str, Any]]:
    for policy in of_type(template, "AWS::IAM::Policy"):
        yield from policy["Properties"]["PolicyDocument"]["Statement"]
    for role in of_type(template, "AWS::IAM::Role"):
        for policy in role["Properties"].get("Policies", ()):
            yield from policy["PolicyDocument"]["Statement"]


@pytest.mark.usefixtures("talk")
def test_page_tells_every_wildcard(stack: cdk.Stack, template: Render) -> None:
    rendered = template(stack)
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
def test_page_tells_every_service(stack: cdk.Stack, template: Render) -> None:
    rendered = template(stack)
    table = part("Services that are let in")
    listed = dict(re.findall(r"^\| `([\w.]+)amazonaws\.com` \| .* \| (.*) \|$", table, re.M))

    found = {}
    for role in of_type(rendered, "AWS::IAM::Role"):
        for each in role["Properties"]["AssumeRolePolicyDocument"]["Statement"]:
            service = each["Principal"]["Service"].removesuffix("amazonaws.com")
            found[service] = "aws:SourceAccount" in str(each.get("Condition"))

    assert found == {"lambda.": False, "states.": True, "events.": False}
    assert found == {name: "`aws:SourceAccount`" in told for name, told in listed.items()}


def test_condition_of_the_page(stack: cdk.Stack, talk: LiveStage, template: Render) -> None:
    names = {"automation": talk.composition, "cdk": cdk}

    exec(program("Condition"), names)  # noqa: S102 (the project's own documentation)

    [trust] = [
        each
        for role in of_type(template(stack), "AWS::IAM::Role")
        for each in role["Properties"]["AssumeRolePolicyDocument"]["Statement"]
        if each["Principal"]["Service"] == "events.amazonaws.com"
    ]
    assert trust["Condition"] == {"StringEquals": {"aws:SourceAccount": {"Ref": "AWS::AccountId"}}}


@pytest.mark.usefixtures("talk")
@pytest.mark.parametrize("off", [False, True])
def test_tracing_is_on_until_the_page_turns_it_off(
    stack: cdk.Stack, template: Render, off: bool
) -> None:
    names = {
        "stack": stack,
        "aws_lambda": aws_lambda,
        "aws_stepfunctions": aws_stepfunctions,
    }

    if off:
        exec(program("No tracing"), names)  # noqa: S102 (the project's own documentation)

    rendered = template(stack)
    traced = [
        "TracingConfig" in each["Properties"] or "TracingConfiguration" in each["Properties"]
        for kind in ("AWS::Lambda::Function", "AWS::StepFunctions::StateMachine")
        for each in of_type(rendered, kind)
    ]
    assert traced == [not off] * 4


@pytest.mark.usefixtures("talk")
def test_page_tells_what_is_kept(stack: cdk.Stack, template: Render) -> None:
    rendered = template(stack)
    kept = {
        each["Type"]
        for each in rendered["Resources"].values()
        if "Retain" in each.get("DeletionPolicy", "")
    }
    assert kept == {"AWS::S3::Bucket", "AWS::KMS::Key"}
    groups = of_type(rendered, "AWS::Logs::LogGroup")
    assert [each["Properties"]["RetentionInDays"] for each in groups] == [30] * 4
