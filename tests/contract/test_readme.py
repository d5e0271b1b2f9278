import os
import re
import runpy
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
README = (ROOT / "README.md").read_text()
RECIPES = (ROOT / "docs" / "recipes.md").read_text()
BLOCKS = re.findall(r"```(python|text)\n(.*?)```", README, re.DOTALL)


def run(program: str, folder: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-c", program],
        cwd=folder,
        env={**os.environ, "CDK_VALIDATION": "false", "PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        check=False,
    )


def test_first_example_prints_what_readme_shows(tmp_path: Path) -> None:
    (_, program), (_, output) = BLOCKS[0:2]
    done = run(program, tmp_path)
    assert done.returncode == 0, done.stderr
    assert done.stdout == output


def test_second_example_fails_as_readme_shows(tmp_path: Path) -> None:
    (_, program), (_, mistake), (_, output) = BLOCKS[0], BLOCKS[2], BLOCKS[3]
    before = program.split("cdk.CfnOutput")[0]
    done = run(f"{before}\n{mistake}", tmp_path)
    assert done.returncode == 1
    assert done.stderr.endswith(f"ivs_constructs.errors.{output}")


@pytest.mark.parametrize(
    "page", ["README.md", *sorted(p.name for p in (ROOT / "docs").glob("*.md"))]
)
def test_links_lead_to_files(page: str) -> None:
    path = ROOT / page if page == "README.md" else ROOT / "docs" / page
    # docs/index.md includes README.md by name.
    for target in re.findall(r"\]\(([^)#:]+)(?:#[^)]*)?\)", path.read_text()):
        assert (path.parent / target).exists(), f"{page} links to {target}"


@pytest.mark.parametrize("page", ["coverage", "limits"])
def test_generated_page_is_up_to_date(page: str) -> None:
    program = f"from tools.generate_{page} import page; print(page(), end='')"
    done = run(program, ROOT)
    assert done.returncode == 0, done.stderr
    assert done.stdout == (ROOT / "docs" / f"{page}.md").read_text(), "run: make docs"


def test_readme_tells_the_coverage() -> None:
    page = (ROOT / "docs" / "coverage.md").read_text()
    [told] = re.findall(r"^(\d+ operations, \d+ members: 100 % covered, 0 unknown) \(", page, re.M)
    assert told in README.replace("\n", " ")


def test_every_example_is_in_the_recipes() -> None:
    included = re.findall(r"^\[(\w+)\.py\]\(\.\./examples/\1\.py\)$", RECIPES, re.MULTILINE)
    assert sorted(included) == sorted(
        path.stem for path in (ROOT / "examples").glob("*.py") if path.stem != "__init__"
    )


@pytest.mark.parametrize(
    ("page", "texts"),
    [
        ("recipes", ["class PublicChannel(cdk.Stack):", "class ScheduledAdBreak(cdk.Stack):"]),
        ("compositions", ["class BroadcastStageToChannel(cdk.Stack):"]),
        ("operate", ["class Operations(cdk.Stack):"]),
        ("index", ["One line gives a live channel"]),
    ],
)
def test_site_shows_what_the_page_links_to(page: str, texts: list[str]) -> None:
    hook = runpy.run_path(str(ROOT / "docs" / "include.py"))["on_page_markdown"]
    shown = hook((ROOT / "docs" / f"{page}.md").read_text(), page=None)
    for path, section in re.findall(r'^--8<-- "([\w./]+?)(?::(\w+))?"$', shown, re.MULTILINE):
        text = (ROOT / path).read_text()
        if section:
            text = text.split(f"[start:{section}]")[1].split(f"[end:{section}]")[0]
        shown += text
    assert all(text in shown for text in texts)
    assert "](../examples/" not in shown
    assert "](../README" not in shown


def test_readme_and_home_name_every_page() -> None:
    pages = {path.name for path in (ROOT / "docs").glob("*.md")}
    home = (ROOT / "docs" / "index.md").read_text()
    assert set(re.findall(r"\]\(docs/([\w-]+\.md)\)", README)) == pages - {"index.md"}
    assert set(re.findall(r"\]\(([\w-]+\.md)\)", home)) == pages - {"index.md"}
    assert set(re.findall(r": ([\w-]+\.md)$", (ROOT / "mkdocs.yml").read_text(), re.M)) == pages


def test_readme_tells_the_speed() -> None:
    speed = README.split("## Speed")[1].split("\n## ")[0]
    assert "| ivs_constructs |" in speed
    assert "x aws_ivs_alpha" in speed
