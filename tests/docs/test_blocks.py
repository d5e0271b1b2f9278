"""Every block of code on the pages: Python runs, the rest is parsed by its own language's tools."""

from __future__ import annotations

import importlib
import json
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import aws_cdk as cdk
import pytest
from aws_cdk import aws_iam, aws_lambda, aws_sns
from aws_cdk.assertions import Template
from aws_cdk.aws_ivs import CfnChannel

import ivs_constructs as ivs

ROOT = Path(__file__).resolve().parents[2]
PAGES = sorted((ROOT / "docs").glob("*.md")) + [
    ROOT / name for name in ("README.md", "SECURITY.md")
]

RUN_ELSEWHERE = {
    "README": "tests/contract/test_readme.py",
    "api-call": "tests/constructs/test_api_call.py",
    "emulator": "tests/unit/emulator/test_documentation.py",
    "security": "tests/constructs/test_security_page.py",
    "sign-in-to-picture": "tests/contract/test_sign_in_page.py",
    "test-your-stack": "tests/testing/test_page.py",
    "tokens": "tests/unit/tokens/test_documentation.py",
}
"""Pages whose Python is run, and looked at more closely, by a test of their own."""


@dataclass(frozen=True)
class Block:
    """One block of code.

    Attributes:
        page: The page's name.
        language: What it is written in.
        title: The file's name, where it shows one.
        text: The code.
        line: The line of the page that it begins on.
    """

    page: str
    language: str
    title: str
    text: str
    line: int


def blocks() -> Iterator[Block]:
    for path in PAGES:
        if not path.exists():
            continue
        text = path.read_text(encoding="utf-8")
        pattern = r'^( *)```(\w*)(?: title="([^"]*)")?\n(.*?)^ *```$'
        for found in re.finditer(pattern, text, re.MULTILINE | re.DOTALL):
            code = re.sub(rf"^{found[1]}", "", found[4], flags=re.MULTILINE)
            line = text[: found.start()].count("\n") + 1
            yield Block(path.stem, found[2], found[3] or "", code, line)


BLOCKS = tuple(blocks())


def written_in(*languages: str) -> list[Any]:
    return [
        pytest.param(each, id=f"{each.page}-{each.line}")
        for each in BLOCKS
        if each.language in languages
    ]


def test_every_block_says_its_language() -> None:
    known = {"python", "text", "console", "json", "typescript", "ts", "javascript", "mermaid"}

    assert {(each.page, each.line) for each in BLOCKS if each.language not in known} == set()
    for page, path in RUN_ELSEWHERE.items():
        if any(each.page == page for each in BLOCKS):
            assert f"{page}.md" in (ROOT / path).read_text(encoding="utf-8")


# Python


def given(stack: cdk.Stack, page: str) -> dict[str, Any]:
    """What a block on a page may use without having made it."""
    names: dict[str, Any] = {name: getattr(ivs, name) for name in ivs.__all__}
    if page == "migrating-from-aws-ivs-alpha":
        return {"self": stack}
    channel = ivs.Channel(stack, "Given")
    stage = ivs.Stage(stack, "GivenStage")

    def role(id: str) -> aws_iam.Role:
        return aws_iam.Role(stack, id, assumed_by=aws_iam.AccountRootPrincipal())

    crew = aws_sns.Topic(stack, "Crew")
    function = aws_lambda.Function(
        stack,
        "Function",
        runtime=aws_lambda.Runtime.PYTHON_3_13,
        handler="index.handler",
        code=aws_lambda.Code.from_inline("def handler(event, context): pass"),
    )
    from aws_cdk import aws_cloudwatch_actions, aws_events, aws_events_targets
    from aws_cdk import aws_stepfunctions as sfn

    names |= {
        "cdk": cdk,
        "Duration": cdk.Duration,
        "events": aws_events,
        "targets": aws_events_targets,
        "actions": aws_cloudwatch_actions,
        "self": stack,
        "app": stack.node.root,
        "arn": "arn:aws:ivs:us-east-1:123456789012:channel/AbCdEfGhIjKl",
        "channel": channel,
        "stage": stage,
        "cfn_channel": CfnChannel(stack, "Level1"),
        "policy": ivs.PlaybackRestrictionPolicy(stack, "GivenPolicy"),
        "automation": ivs.CompositionAutomation(
            stack,
            "Automation",
            stage=stage,
            destinations=[ivs.ChannelDestination(channel=channel)],
        ),
        "talk": ivs.LiveStage(stack, "GivenTalk", record_composition=True),
        "crew": crew,
        "transcribe": function,
        "function": function,
        "welcome": sfn.StateMachine(
            stack,
            "Welcome",
            definition_body=sfn.DefinitionBody.from_chainable(sfn.Pass(stack, "Pass")),
        ),
    }
    for each in ("backend", "janitor", "moderator", "scoreboard"):
        names[each] = role(each.capitalize())
    return names


RUN_HERE = sorted(
    {
        each.page
        for each in BLOCKS
        if each.language == "python"
        and each.page not in RUN_ELSEWHERE
        # Files of a program, which a test below runs as such.
        and not each.title.endswith(".py")
    }
)


@pytest.mark.parametrize("page", RUN_HERE)
def test_python_of_a_page_runs_from_top_to_bottom(page: str) -> None:
    app = cdk.App(analytics_reporting=False)
    stack = cdk.Stack(app, "Stack")
    names: dict[str, Any] = {}
    for block in BLOCKS:
        if block.page != page or block.language != "python" or block.title.endswith(".py"):
            continue
        if page == "migrating-from-aws-ivs-alpha":
            # "Before" and "after" define the same.
            stack = cdk.Stack(app, f"Stack{block.line}")
            names = {}
        names = names or given(stack, page)
        # So that an error names the page's line.
        source = "\n" * block.line + block.text
        exec(compile(source, f"docs/{page}.md", "exec"), names)  # noqa: S102 (the project's own pages)

    for each in stack.node.root.node.find_all():
        if isinstance(each, cdk.Stack):
            Template.from_stack(each)


def test_blocks_are_run_somewhere() -> None:
    python = {each.page for each in BLOCKS if each.language == "python"}
    files = {each.page for each in BLOCKS if each.title.endswith(".py")}

    assert python == {*RUN_HERE, *(python & RUN_ELSEWHERE.keys()), *files}
    assert files - RUN_ELSEWHERE.keys() == {"get-started", "private-channel"}


# Programs of several files


def write(page: str, folder: Path) -> None:
    for each in BLOCKS:
        if each.page == page and "." in each.title:
            (folder / each.title).write_text(each.text, encoding="utf-8")


def run(folder: Path, *arguments: str) -> str:
    done = subprocess.run(
        [sys.executable, *arguments],
        cwd=folder,
        env={**os.environ, "CDK_VALIDATION": "false"},
        capture_output=True,
        text=True,
        check=False,
        timeout=300,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def test_first_stack_is_tested_and_synthesized(tmp_path: Path) -> None:
    write("get-started", tmp_path)

    assert "2 passed" in run(tmp_path, "-m", "pytest", "-q", "-p", "no:cacheprovider")
    run(tmp_path, "app.py")

    template = json.loads((tmp_path / "cdk.out" / "Talks.template.json").read_text())
    assert {"PlaybackUrl", "IngestUrl", "StreamKeySecret"} <= template["Outputs"].keys()


def test_http_api_takes_the_viewer_from_the_jwt(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write("private-channel", tmp_path)
    monkeypatch.syspath_prepend(str(tmp_path))
    watch: Any = importlib.import_module("watch")
    stack = watch.Watch(
        cdk.App(), "Watch", issuer_url="https://users.example.com", audience="player"
    )

    template = Template.from_stack(stack)

    template.has_resource_properties("AWS::ApiGatewayV2::Route", {"AuthorizationType": "JWT"})
    functions = template.find_resources("AWS::Lambda::Function").values()
    [routes] = [
        json.loads(variables["TOKEN_ISSUER_HTTP"])
        for each in functions
        if "TOKEN_ISSUER_HTTP" in (variables := each["Properties"]["Environment"]["Variables"])
    ]
    assert [each["claim"] for each in routes.values()] == ["sub"]


def test_names_of_the_page_reach_the_template() -> None:
    [code] = [
        each.text
        for each in BLOCKS
        if each.page == "regions-and-names" and each.language == "python"
    ]
    stack = cdk.Stack(cdk.App(), "Stack")

    exec(code, {**{name: getattr(ivs, name) for name in ivs.__all__}, "self": stack})  # noqa: S102 (the project's own pages)

    found = Template.from_stack(stack).to_json()["Resources"].values()
    named = [each["Properties"].get("Name") for each in found if "IVS" in each["Type"]]
    assert sorted(named) == ["talk", "talk-720p", "talk-recordings", "talk-recordings"]


# Other languages


@pytest.mark.parametrize("block", written_in("json"))
def test_json_is_json(block: Block) -> None:
    json.loads(block.text)


@pytest.mark.parametrize("block", written_in("typescript", "ts", "javascript"))
def test_javascript_and_typescript_parse(block: Block, tmp_path: Path) -> None:
    # Node.js strips types since 22.18, and finds what is no TypeScript.
    file = tmp_path / f"block.{'mjs' if block.language == 'javascript' else 'mts'}"
    file.write_text(block.text, encoding="utf-8")
    node = os.environ.get("JSII_NODE") or shutil.which("node")
    assert node

    done = subprocess.run([node, "--check", str(file)], capture_output=True, text=True, check=False)

    assert done.returncode == 0, done.stderr


def commands(block: Block) -> str:
    """The commands of a console block: all of it, or what follows a prompt."""
    lines = block.text.splitlines()
    if any(line.startswith("$ ") for line in lines):
        return "\n".join(line[2:] for line in lines if line.startswith("$ "))
    return block.text


@pytest.mark.parametrize("block", written_in("console"))
def test_shell_is_clean(block: Block, tmp_path: Path) -> None:
    file = tmp_path / "block.sh"
    # Typed by a reader, who assigns the variables, has the environment, and sees where "cd" fails.
    head = "# shellcheck disable=SC1091,SC2154,SC2164\n"
    file.write_text(f"{head}{commands(block)}\n", encoding="utf-8")
    checker = shutil.which(
        "shellcheck", path=f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    )
    command = [checker, "--shell=bash", str(file)] if checker else ["bash", "-n", str(file)]

    done = subprocess.run(command, capture_output=True, text=True, check=False)

    assert done.returncode == 0, done.stdout + done.stderr


def test_every_warning_is_described() -> None:
    page = (ROOT / "docs" / "errors.md").read_text(encoding="utf-8")
    sources = [each.read_text(encoding="utf-8") for each in (ROOT / "ivs_constructs").rglob("*.py")]
    # In full, or as the code of a rule that only warns.
    written = {id for text in sources for id in re.findall(r'"ivs-constructs:([a-z-]+)"', text)}
    rules = {
        code
        for text in sources
        for code in re.findall(
            r'code="([a-z-]+)",(?:(?!code=).)*?severity=Severity\.(?:WARNING|INFO)', text, re.DOTALL
        )
    }
    tags = {"automation", "fleet", "id", "logical", "request", "stack"}

    assert len(written) > 20
    assert "insecure-ingest" in rules
    described = set(re.findall(r"`(?:ivs-constructs:)?([a-z-]+)`", page))
    assert (written | rules) - tags - described == set()


def test_every_make_target_that_is_named_exists() -> None:
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    targets = set(re.findall(r"^([a-z-]+):", makefile, re.MULTILINE))
    named = {
        target
        for path in (*PAGES, ROOT / "CONTRIBUTING.md")
        if path.exists()
        for target in re.findall(r"`make ([a-z-]+)", path.read_text(encoding="utf-8"))
    }

    assert named - targets == set()


def test_cli_is_pinned_everywhere() -> None:
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    [pinned] = re.findall(r"^CDK_CLI := (aws-cdk@\S+)$", makefile, re.MULTILINE)
    named = {
        found
        for path in PAGES
        if path.exists()
        for found in re.findall(r"aws-cdk@[\w.]+", path.read_text(encoding="utf-8"))
    }

    assert named == {pinned, "aws-cdk@latest"}
