"""The checks of the packages."""

from __future__ import annotations

import os
import re
import subprocess
import sys
import tarfile
import tempfile
import zipfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from email.parser import HeaderParser
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
DIST = ROOT / "dist"

MOST_BYTES = 1_500_000
"""The limit of a package's size: it is code and text, so anything larger is a mistake."""

PROGRAM = """
import aws_cdk as cdk
from ivs_constructs import LiveChannel, LiveStage

app = cdk.App(outdir="cdk.out")
stack = cdk.Stack(app, "Talks")
live = LiveChannel(stack, "Live", private=True, token_issuer=True, allowed_countries=["DE"])
LiveStage(stack, "Talk", record=True, broadcast_to=live.channel, token_issuer=True)
app.synth()
print(len(app.synth().get_stack_by_name("Talks").template["Resources"]))
"""


@dataclass(frozen=True)
class Packages:
    """The packages to release.

    Attributes:
        wheel: The wheel.
        sdist: The sdist.
    """

    wheel: Path
    sdist: Path

    @classmethod
    def of_dist(cls) -> Packages:
        """The packages in dist/."""
        [wheel], [sdist] = DIST.glob("*.whl"), DIST.glob("*.tar.gz")
        return cls(wheel, sdist)

    @property
    def version(self) -> str:
        """Their version."""
        return self.wheel.name.split("-")[1]


def run(*command: str, cwd: Path = ROOT) -> str:
    """Run a program, and return its output and, if it failed, its errors."""
    free = {
        name: value
        for name, value in os.environ.items()
        if name not in ("PYTHONPATH", "VIRTUAL_ENV")
    }
    done = subprocess.run(  # noqa: S603 (a fixed command)
        command,
        cwd=cwd,
        env={**free, "CDK_VALIDATION": "false"},
        capture_output=True,
        text=True,
        check=False,
    )
    return done.stdout if done.returncode == 0 else f"FAILED {done.stdout}{done.stderr}"


def content(packages: Packages) -> Iterator[str]:
    """Check the packages' content."""
    with zipfile.ZipFile(packages.wheel) as archive:
        names = archive.namelist()
    tops = {each.split("/")[0] for each in names}
    information = f"ivs_constructs-{packages.version}.dist-info"
    if tops != {"ivs_constructs", information}:
        yield f"the wheel holds {', '.join(sorted(tops))}"
    for name in ("LICENSE", "NOTICE"):
        if f"{information}/licenses/{name}" not in names:
            yield f"the wheel has no {name}"
    if "ivs_constructs/py.typed" not in names:
        yield "the wheel has no py.typed, so type checkers ignore its types"
    with tarfile.open(packages.sdist) as archive:
        held = {each.split("/", 1)[1] for each in archive.getnames() if "/" in each}
    yield from (
        f"the sdist has no {name}"
        for name in (
            "tests/conftest.py",
            "Makefile",
            "uv.lock",
            "NOTICE",
            "starter/python/cdk.json",
        )
        if name not in held
    )
    for path in (packages.wheel, packages.sdist):
        size = path.stat().st_size
        print(f"  {path.name}: {size:,} bytes")
        if path is packages.wheel and size > MOST_BYTES:
            yield f"{path.name} has {size:,} bytes, more than {MOST_BYTES:,}"


def metadata(packages: Packages) -> Iterator[str]:
    """Check the packages' metadata, as PyPI does."""
    for tool, *options in (("twine", "check", "--strict"), ("check_wheel_contents",)):
        paths = [packages.wheel] if tool != "twine" else [packages.wheel, packages.sdist]
        told = run(sys.executable, "-m", tool, *options, *map(str, paths))
        if told.startswith("FAILED"):
            yield f"{tool}: {told}"


def _headers(wheel: Path) -> dict[str, list[str]]:
    with zipfile.ZipFile(wheel) as archive:
        [name] = [each for each in archive.namelist() if each.endswith(".dist-info/METADATA")]
        found = HeaderParser().parsestr(archive.read(name).decode())
    return {key: found.get_all(key, []) for key in found}


def rebuilt(packages: Packages) -> Iterator[str]:
    """Check that the sdist builds the same wheel, without git."""
    with tempfile.TemporaryDirectory() as folder:
        told = run(uv(), "build", "--quiet", "--wheel", "--out-dir", folder, str(packages.sdist))
        if told.startswith("FAILED"):
            yield f"the sdist does not build: {told}"
            return
        [again] = Path(folder).glob("*.whl")
        if again.name != packages.wheel.name:
            yield f"the sdist builds {again.name}, not {packages.wheel.name}"
            return
        with zipfile.ZipFile(again) as one, zipfile.ZipFile(packages.wheel) as other:
            if sorted(one.namelist()) != sorted(other.namelist()):
                yield "the sdist builds a wheel with other files"


def uv() -> str:
    """The program uv, which passes its own path to what it runs."""
    return os.environ.get("UV") or "uv"


def works_elsewhere(packages: Packages) -> Iterator[str]:
    """Check that the wheel works in an environment of its own, outside the repository."""
    with tempfile.TemporaryDirectory() as temporary:
        folder = Path(temporary)
        python = str(folder / "venv" / ("Scripts" if os.name == "nt" else "bin") / "python")
        for command in (
            [uv(), "venv", "--quiet", str(folder / "venv")],
            [uv(), "pip", "install", "--quiet", "--python", python, f"{packages.wheel}[node]"],
        ):
            told = run(*command, cwd=folder)
            if told.startswith("FAILED"):
                yield told
                return
        (folder / "app.py").write_text(PROGRAM, encoding="utf-8")
        told = run(python, "app.py", cwd=folder)
        if told.startswith("FAILED") or int(told) < 20:
            yield f"a program that uses the wheel fails: {told}"
        told = run(
            python, "-c", "import ivs_constructs; print(ivs_constructs.__version__)", cwd=folder
        )
        if told.strip() != packages.version:
            yield f"the installed package says that it is {told}"
        sbom(python)


def sbom(python: str) -> None:
    """Write an SBOM of an installation in the CycloneDX format."""
    told = run(
        *(sys.executable, "-m", "cyclonedx_py", "environment", "--pyproject"),
        *(str(ROOT / "pyproject.toml"), "--output-file", str(DIST / "sbom.cdx.json"), python),
    )
    if told.startswith("FAILED"):
        print(told)


def before_a_release(packages: Packages) -> Iterator[str]:
    """Check what has to be done before a release."""
    headers = _headers(packages.wheel)
    for key in ("Author-email", "Project-URL"):
        for value in headers.get(key, [""]):
            if not value or re.search(r"placeholder|\.invalid", value, re.IGNORECASE):
                yield f"{key} is a placeholder: {value or 'missing'}; see pyproject.toml"
    if not re.fullmatch(r"\d+\.\d+\.\d+((a|b|rc)\d+)?", packages.version):
        yield f"{packages.version} is not a release version: tag the commit, as in git tag v0.1.0"
    elif f"## {packages.version} " not in (ROOT / "CHANGELOG.md").read_text(encoding="utf-8"):
        yield f'CHANGELOG.md has no {packages.version}: make changelog ARGS="--version …"'
    if fragments():
        yield f"{len(fragments())} fragments in changelog.d are not in CHANGELOG.md"


def fragments() -> Sequence[Path]:
    """The changes that are not in CHANGELOG.md."""
    return [each for each in (ROOT / "changelog.d").glob("*.*.md") if each.name[0] != "_"]


def write_notes(packages: Packages) -> None:
    """Write this version's section of CHANGELOG.md, for the release's page."""
    text = (ROOT / "CHANGELOG.md").read_text(encoding="utf-8")
    found = re.search(
        rf"^## {re.escape(packages.version)} .*?\n(.*?)(?=^## |\Z)", text, re.M | re.S
    )
    (DIST / "notes.md").write_text(found[1].strip() + "\n" if found else "", encoding="utf-8")
