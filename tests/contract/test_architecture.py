"""Who may import whom, read from the source."""

from __future__ import annotations

import ast
import re
import subprocess
import sys
from dataclasses import dataclass
from importlib.util import resolve_name
from pathlib import Path

import pytest

import ivs_constructs

ROOT = Path(__file__).resolve().parents[2]
PACKAGE = "ivs_constructs"
ASSET = f"{PACKAGE}._lambda"
SPECS = f"{ASSET}.ivs_handler.specs"
PATTERNS = f"{PACKAGE}.patterns"

STANDARD_LIBRARY = set(sys.stdlib_module_names)
CDK = {"aws_cdk", "constructs", "jsii"}

# The rooms of the house, each with those that it may import from: the rooms below it.
ROOMS: dict[str, set[str]] = {
    "errors": set(),
    "enums": set(),
    "_lambda": set(),
    "_specs": {"_lambda"},
    "tokens": {"enums", "errors"},
    "_core": {"_specs", "enums", "errors", "tokens"},
    "operate": {"_core", "_specs", "errors"},
    "_provider": {"_core", "_specs", "enums", "errors"},
    "token_issuers": {"_core", "_provider", "_specs", "enums", "errors", "tokens"},
    "low_latency": {
        *("_core", "_provider", "_specs", "enums", "errors", "operate", "token_issuers", "tokens")
    },
    "realtime": {
        *("_core", "_provider", "_specs", "enums", "errors", "low_latency", "operate"),
        *("token_issuers", "tokens"),
    },
    "fleets": {
        *("_core", "_provider", "_specs", "enums", "errors", "low_latency", "operate"),
        *("realtime", "token_issuers", "tokens"),
    },
    "patterns": {
        *(
            "_core",
            "_provider",
            "_specs",
            "enums",
            "errors",
            "low_latency",
            "realtime",
            "token_issuers",
        )
    },
    "checks": {"errors"},
    "testing": {"_core", "checks", "low_latency"},
}
DOORS = {"__init__", "enums", "errors", "_specs"}
"""The modules that stand at the top."""

# Checked and used without the AWS CDK.
WITHOUT_CDK = tuple(
    f"{PACKAGE}.{name}"
    for name in (
        "_core.check",
        "_core.node",
        "_core.rules",
        "_specs",
        "enums",
        "errors",
        "low_latency._countries",
        "low_latency.values",
        "operate.permissions",
        "realtime.values",
        "tokens",
        "tokens._pem",
    )
)

CATCH_ALL = {"base", "common", "helper", "helpers", "manager", "misc", "tools", "util", "utils"}


@dataclass(frozen=True)
class Import:
    """One name that a module imports.

    Attributes:
        module: The module that it comes from, absolute.
        name: The name, None where the module itself is imported.
        relative: Whether it is written with leading dots.
        for_types: Whether only type checkers see it.
    """

    module: str
    name: str | None
    relative: bool
    for_types: bool

    @property
    def top(self) -> str:
        return self.module.partition(".")[0]


def module_name(path: Path) -> str:
    parts = path.relative_to(ROOT).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


FILES = {module_name(path): path for path in sorted((ROOT / PACKAGE).rglob("*.py"))}
USERS = [ROOT / "app.py", *sorted((ROOT / "examples").glob("*.py"))]


def imports_in(source: str, package: str = "") -> list[Import]:
    tree = ast.parse(source)
    nodes = list(ast.walk(tree))
    for_types = {
        inner
        for node in nodes
        if isinstance(node, ast.If) and ast.unparse(node.test) == "TYPE_CHECKING"
        for statement in node.body
        for inner in ast.walk(statement)
    }
    found = []
    for node in nodes:
        hidden = node in for_types
        if isinstance(node, ast.Import):
            found += [Import(alias.name, None, False, hidden) for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            dots = "." * node.level
            origin = resolve_name(f"{dots}{node.module or ''}", package)
            found += [Import(origin, alias.name, bool(dots), hidden) for alias in node.names]
    return found


def imports_of(module: str) -> list[Import]:
    path = FILES[module]
    package = module if path.name == "__init__.py" else module.rpartition(".")[0]
    return imports_in(path.read_text(encoding="utf-8"), package)


def targets(module: str, *, types_too: bool = False) -> set[str]:
    """The modules of this package that a module imports, apart from the packages around them."""
    found = set()
    for each in imports_of(module):
        if types_too or not each.for_types:
            inside = f"{each.module}.{each.name}"
            found.add(inside if inside in FILES else each.module)
    return found & FILES.keys()


def reachable(module: str) -> set[str]:
    """A module and all of this package that it loads."""
    seen = {module}
    waiting = [module]
    while waiting:
        fresh = targets(waiting.pop()) - seen
        seen |= fresh
        waiting += fresh
    return seen


def foreign(module: str, *, types_too: bool = False) -> set[str]:
    """The top-level packages, other than this one, that a module imports."""
    found = {each.top for each in imports_of(module) if types_too or not each.for_types}
    return found - {PACKAGE}


def is_private(module: str) -> bool:
    return any(re.match(r"_[^_]", part) for part in module.split("."))


def room(module: str) -> str:
    """The folder, or the module at the top, that a module is in."""
    return module.removeprefix(PACKAGE).lstrip(".").partition(".")[0]


CONSTRUCTS = {
    module
    for module in FILES
    if not is_private(module)
    and room(module) not in ("checks", "operate", "testing")
    and foreign(module) & CDK
}


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ("import a.b", {("a.b", None, False)}),
        ("from a import b as c, d", {("a", "b", False), ("a", "d", False)}),
        (
            "if TYPE_CHECKING:\n  import a\nelse:\n  import b",
            {("a", None, True), ("b", None, False)},
        ),
        (
            "def f():\n  try:\n    import a\n  except E:\n    import b",
            {("a", None, False), ("b", None, False)},
        ),
        ("from . import a", {("p.q", "a", False)}),
        ("from .a import b", {("p.q.a", "b", False)}),
        ("from ..a import b", {("p.a", "b", False)}),
    ],
)
def test_imports_are_read(source: str, expected: set[tuple[str, str | None, bool]]) -> None:
    found = imports_in(source, "p.q")

    assert {(each.module, each.name, each.for_types) for each in found} == expected


def test_modules_are_found() -> None:
    assert {f"{SPECS}.prop", f"{PATTERNS}.live_channel", *WITHOUT_CDK} <= FILES.keys()
    assert f"{PACKAGE}.low_latency.channel" in CONSTRUCTS
    assert PACKAGE not in CONSTRUCTS


@pytest.mark.parametrize("module", [each for each in FILES if each.startswith(SPECS)])
def test_specs_import_the_standard_library_only(module: str) -> None:
    assert foreign(module, types_too=True) <= STANDARD_LIBRARY
    assert all(each.startswith(SPECS) for each in targets(module, types_too=True))


@pytest.mark.parametrize("module", [module for module in FILES if module.startswith(ASSET)])
def test_asset_imports_what_lambda_has(module: str) -> None:
    # In Lambda there is no package ivs_constructs around the handler: only relative imports work.
    absolute = {each.top for each in imports_of(module) if not each.relative}
    inside = {each.module for each in imports_of(module) if each.relative}

    assert absolute <= STANDARD_LIBRARY | {"boto3", "botocore"}
    assert all(each.startswith(ASSET) for each in inside)


def test_specs_are_found_from_the_root_of_the_asset() -> None:
    # As in Lambda, where this package is not installed.
    root = FILES[ASSET].parent
    code = "import sys; from ivs_handler import specs; print(*sys.modules)"
    done = subprocess.run(
        [sys.executable, "-S", "-c", code],
        env={"PYTHONPATH": str(root)},
        capture_output=True,
        text=True,
        check=False,
        timeout=900,
    )

    assert done.returncode == 0, done.stderr
    loaded = {name.partition(".")[0] for name in done.stdout.split()}
    assert loaded <= STANDARD_LIBRARY | {"__main__", "ivs_handler"}


@pytest.mark.parametrize("module", FILES)
def test_patterns_are_imported_by_the_front_door_only(module: str) -> None:
    if module != PACKAGE and not module.startswith(PATTERNS):
        imported = targets(module, types_too=True)
        assert [each for each in imported if each.startswith(PATTERNS)] == []


def test_every_room_has_its_arrows() -> None:
    assert {room(module) for module in FILES if module != PACKAGE} == ROOMS.keys()
    at_the_top = {path.stem for path in (ROOT / PACKAGE).glob("*.py")}
    assert at_the_top == DOORS


@pytest.mark.parametrize("module", [module for module in FILES if module != PACKAGE])
def test_arrows_between_rooms_run_downwards(module: str) -> None:
    found = {room(each) for each in targets(module, types_too=True)}

    assert found - {room(module)} <= ROOMS[room(module)]


def test_rooms_form_no_circle() -> None:
    done: set[str] = set()
    while ready := {each for each in ROOMS.keys() - done if ROOMS[each] <= done}:
        done |= ready

    assert ROOMS.keys() - done == set()


@pytest.mark.parametrize("module", FILES)
def test_descriptors_have_one_way_in(module: str) -> None:
    if room(module) not in ("_lambda", "_specs"):
        found = targets(module, types_too=True)

        assert [each for each in found if each.startswith(ASSET)] == []


@pytest.mark.parametrize("module", [PACKAGE, *WITHOUT_CDK])
def test_module_loads_no_cdk(module: str) -> None:
    loaded = {each: foreign(each) & (CDK | {"boto3", "botocore"}) for each in reachable(module)}

    assert {each: names for each, names in loaded.items() if names} == {}
    assert reachable(module).isdisjoint(CONSTRUCTS)


@pytest.mark.parametrize("module", sorted(CONSTRUCTS))
def test_constructs_leave_the_rendering_to_the_base(module: str) -> None:
    # The L1 types are made in one place only, from the descriptors.
    level1 = [
        each for each in imports_of(module) if (each.module, each.name) == ("aws_cdk", "aws_ivs")
    ]

    assert level1 == []


def test_no_module_imports_itself_in_a_circle() -> None:
    # The front door names all modules for type checkers; nothing is said about it here.
    graph = {module: targets(module, types_too=True) for module in FILES if module != PACKAGE}

    done: set[str] = set()
    while ready := {module for module in graph.keys() - done if graph[module] - {PACKAGE} <= done}:
        done |= ready

    assert sorted(graph.keys() - done) == []


def test_nothing_imports_the_front_door() -> None:
    # It would find names that are not there yet.
    assert [module for module in FILES if PACKAGE in targets(module)] == []


@pytest.mark.parametrize("path", USERS, ids=lambda path: path.name)
def test_users_take_public_names_only(path: Path) -> None:
    source = path.read_text(encoding="utf-8")
    ours = [each for each in imports_in(source) if each.top == PACKAGE]
    attributes = {
        node.attr
        for node in ast.walk(ast.parse(source))
        if isinstance(node, ast.Attribute)
        if isinstance(node.value, ast.Name) and node.value.id == PACKAGE
    }

    assert {each.module for each in ours} <= {PACKAGE}
    names = {each.name for each in ours if each.name is not None}
    assert names | attributes <= set(ivs_constructs.__all__)


@pytest.mark.parametrize("module", FILES)
def test_module_has_a_telling_name(module: str) -> None:
    words = {word for part in module.split(".") for word in part.split("_")}

    assert words.isdisjoint(CATCH_ALL)


@pytest.mark.parametrize("module", sorted(CONSTRUCTS))
def test_module_is_called_like_its_construct(module: str) -> None:
    tree = ast.parse(FILES[module].read_text(encoding="utf-8"))
    classes = {node.name for node in tree.body if isinstance(node, ast.ClassDef)}
    snake = {re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", name).lower() for name in classes}

    assert module.rpartition(".")[2] in snake


@pytest.mark.parametrize("module", FILES)
def test_module_says_what_it_is_for(module: str) -> None:
    assert ast.get_docstring(ast.parse(FILES[module].read_text(encoding="utf-8")))
