"""mypy and pyright, run once each: over the project, and over right and wrong uses of it."""

from __future__ import annotations

import inspect
import json
import os
import re
import subprocess
import sys
from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import pytest

import ivs_constructs

if TYPE_CHECKING:
    import aws_cdk as cdk

HERE = Path(__file__).parent
ROOT = HERE.parents[1]
# The environment's own programs, also when pytest was started by its path alone.
PROGRAMS = Path(sys.executable).parent
# What mypy has to accept, all of it; pyright has to accept the package.
PROJECT = ("ivs_constructs", "tests", "tools", "examples", "benchmarks", "app.py")
PACKAGE = "ivs_constructs"
PROGRAMS_OF_USERS = sorted(set(HERE.glob("*.py")) - {Path(__file__)})
PUBLIC_KEY = (HERE / "public_key.pem").read_text(encoding="utf-8")

# In a text file so that no checker, linter or test run takes it for code of this project.
WRONG_USES = (HERE / "wrong_uses.py.txt").read_text(encoding="utf-8")
MARKED = {
    number: found[1]
    for number, line in enumerate(WRONG_USES.splitlines(), start=1)
    if (found := re.search(r"# E: ([a-z-]+)$", line))
}


class Report(NamedTuple):
    """What a type checker says of the project, of the right programs and of the wrong one."""

    project: list[str]
    right: list[str]
    wrong: dict[int, set[str]]
    failure: str = ""


def of(report: Report) -> Report:
    """Use a report, unless there is none: why is told once, by the test that asks for it."""
    if report.failure:
        pytest.skip("the type checker itself failed")
    return report


def run(*command: str, **variables: str) -> str:
    path = os.pathsep.join([str(PROGRAMS), os.environ["PATH"]])
    done = subprocess.run(
        command,
        cwd=ROOT,
        env={**os.environ, "PATH": path, **variables},
        capture_output=True,
        text=True,
        check=False,
    )
    # 0: nothing found, 1: something found; all else is a failure of the checker itself.
    if done.returncode not in (0, 1):
        raise CheckerError(done.stdout + done.stderr)
    return done.stdout


class CheckerError(Exception):
    """A type checker could not do its work."""


@pytest.fixture(scope="module")
def wrong_uses(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("typing") / "wrong_uses.py"
    path.write_text(WRONG_USES, encoding="utf-8")
    return path


def is_of_users(path: str) -> bool:
    return (ROOT / path).resolve() in PROGRAMS_OF_USERS


@pytest.fixture(scope="module")
def mypy(wrong_uses: Path) -> Report:
    # The folder is a root of modules, else mypy looks for one above it.
    variables = {"MYPYPATH": str(wrong_uses.parent)}
    try:
        printed = run("mypy", "--strict", *PROJECT, str(wrong_uses), **variables)
    except CheckerError as error:
        return Report([], [], {}, str(error))
    report = Report([], [], {})
    for line in printed.splitlines():
        found = re.fullmatch(r"(.+?):(\d+): error: .* \[([a-z-]+)\]", line)
        if found and Path(found[1]).name == wrong_uses.name:
            report.wrong.setdefault(int(found[2]), set()).add(found[3])
        elif found and is_of_users(found[1]):
            report.right.append(line)
        elif ": error: " in line:
            report.project.append(line)
    return report


@pytest.fixture(scope="module")
def pyright(wrong_uses: Path) -> Report:
    paths = [PACKAGE, *map(str, PROGRAMS_OF_USERS), str(wrong_uses)]
    # As strict as pyproject.toml makes it for the package.
    try:
        printed = run("pyright", "--outputjson", *paths)
    except CheckerError as error:
        return Report([], [], {}, str(error))
    report = Report([], [], {})
    for each in json.loads(printed)["generalDiagnostics"]:
        number = each["range"]["start"]["line"] + 1
        told = f"{each['file']}:{number}: {each['message']}"
        if Path(each["file"]).name == wrong_uses.name:
            report.wrong.setdefault(number, set()).add(each.get("rule", "syntax"))
        elif is_of_users(each["file"]):
            report.right.append(told)
        else:
            report.project.append(told)
    return report


def test_programs_and_marks_are_found() -> None:
    assert {path.stem for path in PROGRAMS_OF_USERS} == {
        "alpha_style",
        "bundle",
        "level1",
        "public_channel",
        "realtime",
        "subclass",
    }
    assert len(MARKED) == WRONG_USES.count("# E:")


def test_checkers_do_their_work(mypy: Report, pyright: Report) -> None:
    assert (mypy.failure, pyright.failure) == ("", "")


def test_mypy_accepts_the_project(mypy: Report) -> None:
    assert not of(mypy).project, "\n".join(of(mypy).project)


def test_pyright_accepts_the_package(pyright: Report) -> None:
    assert not of(pyright).project, "\n".join(of(pyright).project)


def test_mypy_accepts_what_is_right(mypy: Report) -> None:
    assert of(mypy).right == []


def test_pyright_accepts_what_is_right(pyright: Report) -> None:
    assert of(pyright).right == []


@pytest.mark.parametrize("number", MARKED, ids=lambda number: f"line {number}")
def test_mypy_refuses_what_is_wrong(number: int, mypy: Report) -> None:
    assert of(mypy).wrong.get(number) == {MARKED[number]}, WRONG_USES.splitlines()[number - 1]


@pytest.mark.parametrize("number", MARKED, ids=lambda number: f"line {number}")
def test_pyright_refuses_what_is_wrong(number: int, pyright: Report) -> None:
    assert number in of(pyright).wrong, WRONG_USES.splitlines()[number - 1]


def test_nothing_else_is_refused(mypy: Report, pyright: Report) -> None:
    assert of(mypy).wrong.keys() <= MARKED.keys()
    assert of(pyright).wrong.keys() <= MARKED.keys()


def stacks_in(path: Path) -> list[type[cdk.Stack]]:
    import aws_cdk as cdk

    spec = spec_from_file_location(path.stem, path)
    assert spec
    assert spec.loader
    module = module_from_spec(spec)
    spec.loader.exec_module(module)
    return [
        each
        for _, each in inspect.getmembers(module, inspect.isclass)
        if issubclass(each, cdk.Stack) and each.__module__ == path.stem
    ]


@pytest.mark.parametrize("path", PROGRAMS_OF_USERS, ids=lambda path: path.stem)
def test_what_the_checkers_accept_synthesizes(path: Path) -> None:
    ivs_constructs.ensure_node()
    import aws_cdk as cdk

    app = cdk.App(analytics_reporting=False)
    types = stacks_in(path)
    for each in types:
        keyed = "public_key" in inspect.signature(each.__init__).parameters
        more: dict[str, Any] = {"public_key": PUBLIC_KEY} if keyed else {}
        each(app, each.__name__, **more)
    assembly = app.synth()

    assert types
    assert all(stack.template["Resources"] for stack in assembly.stacks)
