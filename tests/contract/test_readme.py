"""README.md: short, its examples do what they show, and its links lead somewhere."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
README = (ROOT / "README.md").read_text(encoding="utf-8")
BLOCKS = re.findall(r"```(python|text)\n(.*?)```", README, re.DOTALL)
PAGES = sorted(path.name for path in (ROOT / "docs").glob("*.md"))

WRITTEN_AT_THE_ROOT = ("README.md", "CHANGELOG.md", "CONTRIBUTING.md", "SECURITY.md")


def run(program: str, folder: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-c", program],
        cwd=folder,
        env={**os.environ, "CDK_VALIDATION": "false", "PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        check=False,
    )


def test_readme_is_short() -> None:
    assert len(README.split()) <= 1000


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


@pytest.mark.parametrize("page", [*WRITTEN_AT_THE_ROOT, *(f"docs/{page}" for page in PAGES)])
def test_links_lead_to_files(page: str) -> None:
    path = ROOT / page
    if not path.exists():
        pytest.skip("not written")
    for target in re.findall(r"\]\(([^)#:]+)(?:#[^)]*)?\)", path.read_text(encoding="utf-8")):
        assert (path.parent / target).exists(), f"{page} links to {target}"


@pytest.mark.parametrize("page", ["coverage", "limits"])
def test_generated_page_is_up_to_date(page: str) -> None:
    program = f"from tools.generate_{page} import page; print(page(), end='')"
    done = run(program, ROOT)
    assert done.returncode == 0, done.stderr
    assert done.stdout == (ROOT / "docs" / f"{page}.md").read_text(encoding="utf-8"), (
        "run: make docs"
    )


def test_every_example_is_in_readme_and_on_a_page() -> None:
    there = {path.name for path in (ROOT / "examples").glob("*.py")} - {"__init__.py"}
    text = "".join((ROOT / "docs" / page).read_text(encoding="utf-8") for page in PAGES)

    assert set(re.findall(r"\]\(examples/(\w+\.py)\)", README)) == there
    assert set(re.findall(r"^\[(\w+\.py)\]\(\.\./examples/\1\)$", text, re.MULTILINE)) == there


def test_readme_and_home_name_every_page() -> None:
    home = (ROOT / "docs" / "index.md").read_text(encoding="utf-8")

    assert set(re.findall(r"\]\(docs/([\w-]+\.md)\)", README)) == {*PAGES} - {"index.md"}
    assert set(re.findall(r"\]\(([\w-]+\.md)(?:#[\w-]+)?\)", home)) == {*PAGES} - {"index.md"}


@pytest.mark.parametrize("page", ["benchmarks", "reliability"])
def test_figures_name_the_command_that_measured_them(page: str) -> None:
    text = (ROOT / "docs" / f"{page}.md").read_text(encoding="utf-8")
    measured = re.findall(r"<!-- figures: (.+?) -->\n(.*?)<!-- end of figures -->", text, re.DOTALL)
    outside = re.sub(r"<!-- figures:.*?<!-- end of figures -->", "", text, flags=re.DOTALL)

    assert measured
    for command, figures in measured:
        assert re.search(r"\d", figures)
        assert re.fullmatch(r"make [a-z-]+|python -m [\w.]+|python [\w/]+\.py", command)
    # README has none, so that a new measurement changes one place.
    assert re.search(r"\d+ ms|\d+\.\d+ s\b", README) is None
    assert re.search(r"\| \d+\.\d+ s", outside) is None
