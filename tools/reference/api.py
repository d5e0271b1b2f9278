"""The package's public API, read from its source without importing it."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache, cached_property
from pathlib import Path

import griffe

ROOT = Path(__file__).resolve().parents[2]

PACKAGES = (
    "ivs_constructs",
    "ivs_constructs.tokens",
    "ivs_constructs.testing",
    "ivs_constructs.testing.emulator",
    "ivs_constructs.checks",
)
"""The packages whose `__all__` is public."""

_CONSTRUCTS = ("Construct", "Resource", "Bucket")
"""The AWS CDK's base classes of constructs."""


@dataclass(frozen=True)
class Argument:
    """One argument of a function or class.

    Attributes:
        name: Its name.
        annotation: Its type, as written.
        text: What it is, without the sentence about the default.
        default: The default in words, with who sets it; empty if it is required.
        required: Whether a caller has to pass it.
    """

    name: str
    annotation: str
    text: str
    default: str
    required: bool


@dataclass(frozen=True)
class Name:
    """One public name.

    Attributes:
        name: The name.
        package: The package that exports it.
        object: Its definition.
    """

    name: str
    package: str
    object: griffe.Object

    @cached_property
    def kind(self) -> str:
        """Its kind: construct, error, enum, facade, alias, function or class."""
        if not isinstance(self.object, griffe.Class):
            return "function" if isinstance(self.object, griffe.Function) else "alias"
        bases = {base.rpartition(".")[2] for base in all_bases(self.object)}
        if bases & set(_CONSTRUCTS):
            return "construct"
        if bases & {"ValueError", "Exception", "TypeError", "AttributeError"}:
            return "error"
        if bases & {"StrEnum", "Enum"}:
            return "enum"
        family = re.search(r"(Grants|Events|Metrics)$", self.name)
        if self.package == "ivs_constructs" and family:
            return family[1].lower()
        return "class"

    @property
    def docstring(self) -> str:
        """Its docstring, or nothing."""
        return self.object.docstring.value if self.object.docstring else ""


def all_bases(cls: griffe.Class) -> Iterator[str]:
    """The names of a class's bases, including indirect ones in this package."""
    for each in (cls, *cls.mro()):
        yield from (str(base) for base in each.bases)


@cache
def package() -> griffe.Module:
    """The package's source."""
    loaded = griffe.load("ivs_constructs", search_paths=[str(ROOT)], resolve_aliases=True)
    if not isinstance(loaded, griffe.Module):
        raise TypeError("ivs_constructs is not a package")
    return loaded


@cache
def names() -> Sequence[Name]:
    """All public names, package by package."""
    found = []
    for path in PACKAGES:
        module = package()[path.partition(".")[2]] if "." in path else package()
        for export in module.exports or ():
            name = export if isinstance(export, str) else export.name
            member = module[name]
            target = member.final_target if isinstance(member, griffe.Alias) else member
            found.append(Name(name, path, target))
    return tuple(found)


@cache
def by_name() -> Mapping[str, Name]:
    """Public names; those of the front door come first."""
    return {each.name: each for each in reversed(names())}


def constructor(cls: griffe.Class) -> griffe.Function | None:
    """The constructor of a class, possibly inherited within this package."""
    found = cls.all_members.get("__init__")
    target = found.final_target if isinstance(found, griffe.Alias) else found
    return target if isinstance(target, griffe.Function) else None


def sections(of: griffe.Object) -> Sequence[griffe.DocstringSection]:
    """A docstring's parts."""
    return of.docstring.parse("google", warnings=False) if of.docstring else ()


_DEFAULT = re.compile(r"\s*\bDefault: (.*?)\.?\s*$", re.DOTALL)


def described(of: griffe.Object, kind: str = "parameters") -> dict[str, str]:
    """A docstring's text on each argument (`parameters`) or field (`attributes`)."""
    told: dict[str, str] = {}
    for section in sections(of):
        if section.kind.value == kind:
            told.update({each.name: flat(each.description) for each in section.value})
    return told


def flat(text: str) -> str:
    """A paragraph on one line."""
    return re.sub(r"\s*\n\s*", " ", text.strip())


def split_default(text: str) -> tuple[str, str]:
    """Separate an argument's description from its default."""
    found = _DEFAULT.search(text)
    return (text[: found.start()], found[1]) if found else (text, "")


def arguments(function: griffe.Function, told: Mapping[str, str]) -> Iterator[Argument]:
    """The arguments of a function, with their text in a docstring."""
    for parameter in function.parameters:
        if parameter.name in ("self", "cls"):
            continue
        text, default = split_default(told.get(parameter.name.lstrip("*"), ""))
        yield Argument(
            parameter.name,
            str(parameter.annotation or ""),
            text,
            default or ("" if parameter.default in (None, "None") else f"`{parameter.default}`"),
            parameter.required,
        )


def fields(cls: griffe.Class) -> Iterator[Argument]:
    """The fields of a dataclass or a TypedDict."""
    told = described(cls, "attributes")
    for name, member in cls.members.items():
        if isinstance(member, griffe.Attribute) and not name.startswith("_") and name in told:
            text, default = split_default(told[name])
            written = str(member.value) if member.value is not None else ""
            yield Argument(
                name,
                str(member.annotation or ""),
                text,
                default or ("" if written in ("", "None") else f"`{written}`"),
                not written,
            )


def public_members(cls: griffe.Class) -> dict[str, griffe.Object]:
    """The members of a class, including those inherited within this package."""
    found: dict[str, griffe.Object] = {}
    for name, member in cls.all_members.items():
        target = member.final_target if isinstance(member, griffe.Alias) else member
        if not name.startswith("_") and isinstance(target, griffe.Function | griffe.Attribute):
            found[name] = target
    return found
