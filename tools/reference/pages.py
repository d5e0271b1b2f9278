"""Writes a page for each construct, and one for each family of other names."""

from __future__ import annotations

import ast
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from itertools import compress

import griffe

from ivs_constructs import _specs as specs
from tools.generate_limits import allowed, permissions_of
from tools.reference import api

DESCRIPTORS: Mapping[str, specs.ResourceSpec | specs.CustomResourceSpec] = {
    each.name: each for each in (*specs.CUSTOM_RESOURCES, *specs.RESOURCES)
}
"""The descriptors by the name of their construct; CloudFormation's own type if there is one."""

_PARTS_OF = {
    "Channel": ("ChannelAssociations",),
    "LiveChannel": (
        "Channel",
        "ChannelAssociations",
        "PlaybackRestrictionPolicy",
        "PlaybackKeyPair",
    ),
    "LiveStage": ("Stage",),
}
"""The constructs whose limits apply to a bundle's arguments of the same name."""


@dataclass(frozen=True)
class Family:
    """The page of names that are not constructs.

    Attributes:
        file: The page's name without its ending.
        title: Its heading.
        intro: Its introduction.
        holds: Whether a name is on it.
    """

    file: str
    title: str
    intro: str
    holds: Callable[[api.Name], bool]


FAMILIES = (
    Family(
        "grants",
        "Grants",
        "Least-privilege grants for a channel, a stage and their parts. A construct of this "
        "library has them as its attribute `grants`; for an L1 or another library's construct, "
        "use the facade's `from_…` method.",
        lambda each: each.kind == "grants",
    ),
    Family(
        "events",
        "Events",
        "Amazon EventBridge rules. `Channel` and `Stage` have these methods themselves; for an L1 "
        "or another library's construct, use the facade.",
        lambda each: each.kind == "events",
    ),
    Family(
        "metrics",
        "Metrics",
        "Amazon CloudWatch metrics. `Channel` and `Stage` have these methods themselves; for an "
        "L1 or another library's construct, use the facade.",
        lambda each: each.kind == "metrics",
    ),
    Family(
        "values",
        "Values",
        "Immutable groups of settings for constructs. Each is checked when it is made.",
        lambda each: ".values." in each.object.path,
    ),
    Family(
        "enums",
        "Enums",
        "Wherever an argument takes one of these, it also takes the plain string.",
        lambda each: each.package == "ivs_constructs" and each.kind == "enum",
    ),
    Family(
        "errors",
        "Error classes",
        "What each error and warning means, and what to do: [Errors and warnings](../errors.md).",
        lambda each: each.kind == "error" or each.name == "Failure",
    ),
    Family(
        "tokens",
        "ivs_constructs.tokens",
        "Claims, signing and verification. Needs only Python's standard library, and boto3 to "
        "sign in AWS KMS. How to use it: [Tokens](../tokens.md).",
        lambda each: each.package == "ivs_constructs.tokens",
    ),
    Family(
        "testing",
        "ivs_constructs.testing",
        "Unit tests of a stack's template: [Test your stack](../test-your-stack.md).",
        lambda each: each.package == "ivs_constructs.testing",
    ),
    Family(
        "emulator",
        "ivs_constructs.testing.emulator",
        "Both Amazon IVS APIs on your own machine: [Emulator](../emulator.md).",
        lambda each: each.package == "ivs_constructs.testing.emulator",
    ),
    Family(
        "checks",
        "ivs_constructs.checks",
        "Rules for any template: [Test your stack](../test-your-stack.md#checks-for-any-template).",
        lambda each: each.package == "ivs_constructs.checks",
    ),
    Family(
        "other",
        "Other names",
        "Everything else that `ivs_constructs` exports.",
        lambda _: True,
    ),
)


def kebab(name: str) -> str:
    """The file name for a class: `RecordingBucket` becomes `recording-bucket`."""
    return re.sub(r"(?<!^)(?=[A-Z][a-z])|(?<=[a-z])(?=[A-Z])", "-", name).lower()


def family_of(name: api.Name) -> Family:
    """The family whose page a name is on."""
    return next(each for each in FAMILIES if each.holds(name))


@cache
def place_of(name: api.Name) -> str:
    """The place where a name is described, as a link within the reference."""
    if name.kind == "construct" or name.name == "ApiCall":
        return f"{kebab(name.name)}.md"
    return f"{family_of(name).file}.md#{name.name.lower()}"


@cache
def _linked() -> re.Pattern[str]:
    # Words such as "Channel" and "Video" are ordinary English without the backticks.
    known = sorted((each for each in api.by_name() if re.match(r"[A-Z]", each)), key=len)
    certain = [each for each in known if len(re.findall("[A-Z]", each)) > 1]
    return re.compile(
        rf"`({'|'.join(reversed(known))})`|(?<![\w.`\[/(-])({'|'.join(reversed(certain))})(?![\w(`])"
    )


def linked(text: str) -> str:
    """Turn public names in a text into links to their descriptions."""

    def link(found: re.Match[str]) -> str:
        name = found[1] or found[2]
        return f"[`{name}`]({place_of(api.by_name()[name])})"

    return _linked().sub(link, text)


def cell(text: str) -> str:
    """A text as a table's cell."""
    return linked(api.flat(text)).replace("|", "\\|")


def code(annotation: str) -> str:
    """A type as a table's cell, where a "|" would end it."""
    return f"`{annotation.removesuffix(' | None')}`".replace(" | ", " or ") if annotation else ""


def props_of(name: str) -> dict[str, specs.Prop]:
    """The descriptors of a construct's arguments, by the arguments' names."""
    found: dict[str, specs.Prop] = {}
    for part in reversed((name, *_PARTS_OF.get(name, ()))):
        spec = DESCRIPTORS.get(part)
        for prop in spec.props if spec else ():
            # A structure that the construct makes: the user sees only its members.
            grouped = prop.kind is specs.Kind.STRUCT and not prop.value_class
            for each in prop.members if grouped and prop.members else (prop,):
                found[each.py] = each
            found.setdefault(prop.py, prop)
    return found


def members_of(annotation: str) -> str:
    """The members of the enum that a type names, or nothing."""
    for word in re.findall(r"\w+", annotation):
        name = api.by_name().get(word)
        if name is not None and name.kind == "enum":
            members = name.object.members
            return " ".join(f"`{each}`" for each in members if each.isupper())
    return ""


def replacing(name: str) -> set[str]:
    """The arguments whose change replaces the resource."""
    spec = DESCRIPTORS.get(name)
    immutable = getattr(spec, "immutable", ()) if spec else ()
    found: set[str] = set()
    for prop in spec.props if spec else ():
        if prop.replaces or prop in immutable:
            found |= {prop.py, *(each.py for each in prop.members)}
    return found


def see(text: str, argument: str) -> str:
    """Replace "See Channel." by the text there."""
    found = re.fullmatch(r"See (\w+)(?:; (also .*?))?\.?", text)
    if not found or found[1] not in api.by_name():
        return text
    there = api.described(api.by_name()[found[1]].object).get(argument, "")
    return f"{there} {found[2][0].upper()}{found[2][1:]}." if found[2] else there


def construct_arguments(name: api.Name, cls: griffe.Class) -> Iterator[str]:
    """The table of a construct's arguments."""
    function = api.constructor(cls)
    if function is None:
        return
    told = {key: see(text, key) for key, text in api.described(cls).items()}
    props, replaced = props_of(name.name), replacing(name.name)
    described = name.name in DESCRIPTORS
    given = list(api.arguments(function, told))
    limits = {each.name: limits_of(each, props.get(each.name)) for each in given}
    columns = ["Argument", "What it is", "Allowed", "Default", "On change"]
    shown = [True, True, any(limits.values()), True, described]
    yield "## Arguments"
    yield ""
    yield f"| {' | '.join(compress(columns, shown))} |"
    yield f"|{'---|' * sum(shown)}"
    for each in given:
        prop = props.get(each.name)
        default = "**required**" if each.required else each.default or (prop and prop.default) or ""
        change = "replaces" if each.name in replaced else "in place" if prop else ""
        row = [
            f"`{each.name}`<br>{code(each.annotation)}",
            cell(each.text),
            limits[each.name],
            cell(default),
            change,
        ]
        yield f"| {' | '.join(compress(row, shown))} |"
    yield ""


def limits_of(argument: api.Argument, prop: specs.Prop | None) -> str:
    """What an argument allows, beyond what its type says already."""
    limits = allowed(prop) if prop else members_of(argument.annotation)
    return "" if limits in ("True or False", "see its members") else limits


def plain_arguments(told: Sequence[api.Argument]) -> Iterator[str]:
    """The table of a function's arguments or a value's fields."""
    if not told:
        return
    yield "| Argument | What it is | Default |"
    yield "|---|---|---|"
    for each in told:
        default = "**required**" if each.required else each.default
        yield f"| `{each.name}`<br>{code(each.annotation)} | {cell(each.text)} | {cell(default)} |"
    yield ""


def texts(of: griffe.Object) -> Sequence[str]:
    """The paragraphs of a docstring, without its sections and the link to AWS."""
    found = []
    for section in api.sections(of):
        if section.kind.value == "text":
            found.append(re.sub(r"\n*^See: \S+$", "", section.value, flags=re.MULTILINE).strip())
    return [each for each in found if each]


def example(of: griffe.Object) -> str:
    """The docstring's example as a program, or nothing."""
    source = of.docstring.value if of.docstring else ""
    lines = re.findall(r"^ *(?:>>>|\.\.\.)(?: (.*)|)$", source, re.MULTILINE)
    return "\n".join(lines)


def imports_of(program: str, name: api.Name) -> str:
    """The import of what a program names."""
    used = {node.id for node in ast.walk(ast.parse(program)) if isinstance(node, ast.Name)}
    exported = {each.name for each in api.names() if each.package == name.package}
    own = sorted((used & exported) | {name.name})
    line = f"from {name.package} import {', '.join(own)}"
    if len(line) > 88:
        listed = ",\n    ".join(own)
        line = f"from {name.package} import (\n    {listed},\n)"
    return ("import aws_cdk as cdk\n" if "cdk" in used else "") + line


def source_link(of: griffe.Object) -> Iterator[str]:
    """The link to the page of AWS that a docstring names."""
    docstring = of.docstring.value if of.docstring else ""
    for url in re.findall(r"^See: (\S+)$", docstring, re.MULTILINE):
        yield f"AWS documentation: <{url}>"
        yield ""


def raises(of: griffe.Object) -> Iterator[str]:
    """The errors that a function raises."""
    for section in api.sections(of):
        if section.kind.value == "raises":
            for each in section.value:
                yield f"- {linked(f'`{each.annotation}`')}: {linked(api.flat(each.description))}"
            yield ""


def signature(name: str, function: griffe.Function) -> str:
    """A function's signature, on several lines if necessary."""
    parts: list[str] = []
    starred = False
    for each in function.parameters:
        if each.name in ("self", "cls"):
            continue
        kind = each.kind.value if each.kind else ""
        if kind == "keyword-only" and not starred:
            parts.append("*")
            starred = True
        stars = {"variadic positional": "*", "variadic keyword": "**"}.get(kind, "")
        starred = starred or stars == "*"
        default = f" = {each.default}" if each.default is not None and not stars else ""
        typed = f": {each.annotation}" if each.annotation else ""
        if kind == "variadic keyword" and "Unpack" in typed:
            parts.append("**options")
            continue
        parts.append(f"{stars}{each.name}{typed}{default}")
    returned = f" -> {function.returns}" if function.returns else ""
    line = f"{name}({', '.join(parts)}){returned}"
    if len(line) <= 88:
        return line
    listed = ",\n    ".join(parts)
    return f"{name}(\n    {listed},\n){returned}"


def is_property(member: griffe.Object) -> bool:
    """Whether a member is read instead of called."""
    return isinstance(member, griffe.Attribute) or "property" in member.labels


def first_line(of: griffe.Object) -> str:
    """A docstring's first sentence."""
    return cell(of.docstring.value.split("\n\n")[0]) if of.docstring else ""


def type_of(member: griffe.Object) -> str:
    """The type of an attribute or property."""
    annotation = getattr(member, "annotation", None) or getattr(member, "returns", None)
    return code(str(annotation)) if annotation else ""


def attributes(members: Mapping[str, griffe.Object], level: str = "##") -> Iterator[str]:
    """The table of attributes."""
    read = {name: each for name, each in members.items() if is_property(each)}
    if not read:
        return
    yield f"{level} Attributes"
    yield ""
    yield "| Attribute | What it is |"
    yield "|---|---|"
    for name, each in sorted(read.items()):
        yield f"| `{name}`<br>{type_of(each)} | {first_line(each)} |"
    yield ""


_SERIES = {"on_": "Events", "metric": "Metrics"}
"""Series of methods that are described in one line each."""


def methods(members: Mapping[str, griffe.Object], level: str = "##") -> Iterator[str]:
    """The methods: one section each, and tables of the events and metrics."""
    called = {
        name: each
        for name, each in members.items()
        if isinstance(each, griffe.Function)
        and not is_property(each)
        # TokenApi calls these, not users.
        and "required by RouteTarget" not in first_line(each)
    }
    series: dict[str, list[str]] = {}
    detailed: list[str] = []
    for name in called:
        start = next((start for start in _SERIES if name.startswith(start)), "")
        (series.setdefault(start, []) if start else detailed).append(name)
    if detailed:
        yield f"{level} Methods"
        yield ""
    for name in sorted(detailed, key=lambda each: (not each.startswith("from_"), each)):
        function = called[name]
        if not isinstance(function, griffe.Function):
            continue
        yield f"{level}# {name}"
        yield ""
        yield "```python"
        yield signature(name, function)
        yield "```"
        yield ""
        for text in texts(function):
            yield linked(text)
            yield ""
        yield from plain_arguments(
            [each for each in api.arguments(function, api.described(function)) if each.text]
        )
        yield from raises(function)
    for start, listed in series.items():
        heading = _SERIES[start]
        page = heading.lower()
        told = f"[Monitor](../operate.md#{page})"
        yield f"{level} {heading}"
        yield ""
        yield f"All accept the options of the AWS CDK's own methods; see {told}."
        yield ""
        yield f"| Method | {heading[:-1]} |"
        yield "|---|---|"
        for name in listed:
            yield f"| `{name}` | {first_line(called[name])} |"
        yield ""


def permissions(name: api.Name) -> Iterator[str]:
    """The permissions that a deployment needs."""
    parts = list(permissions_of(name.name))
    if not parts and name.name in _PARTS_OF:
        parts = ["The permissions for its parts: see their pages.", ""]
    if parts:
        yield "## Permissions"
        yield ""
        yield from parts


def construct_page(name: api.Name, picture: str) -> str:
    """The page of one construct."""
    cls = name.object
    if not isinstance(cls, griffe.Class):
        raise TypeError(f"{name.name} is not a class")
    paragraphs = texts(cls)
    lines = [f"# {name.name}", "", *(f"{linked(each)}\n" for each in paragraphs[:1])]
    program = example(cls)
    if program:
        lines += ["```python", imports_of(program, name), "", program, "```", ""]
    lines += [f"{linked(each)}\n" for each in paragraphs[1:]]
    lines += source_link(cls)
    if picture:
        lines += [
            "## What it makes",
            "",
            "The example above makes these resources; an arrow is a reference:",
            "",
            f"![Resources of the example]({picture})",
            "",
        ]
    lines += construct_arguments(name, cls)
    errors = list(raises(cls))
    if errors:
        lines += ["## Errors", "", *errors]
    members = api.public_members(cls)
    lines += attributes(members)
    lines += [
        "From the AWS CDK come `node`, `stack`, `env` and `apply_removal_policy()` of "
        "every resource."
        if name.name in DESCRIPTORS
        else "",
        "",
    ]
    lines += methods(members)
    lines += permissions(name)
    return "\n".join(lines).rstrip() + "\n"


def entry(name: api.Name) -> Iterator[str]:
    """The section on one name on a family's page."""
    yield f"## {name.name}"
    yield ""
    of = name.object
    paragraphs = [re.sub(r"^(\s*)#+ ", r"\1", each) for each in texts(of)]
    yield from (f"{linked(each)}\n" for each in paragraphs[:1])
    program = example(of)
    if program:
        yield from ("```python", imports_of(program, name), "", program, "```", "")
    yield from (f"{linked(each)}\n" for each in paragraphs[1:])
    if isinstance(of, griffe.Function):
        yield from ("```python", signature(name.name, of), "```", "")
        yield from plain_arguments(list(api.arguments(of, api.described(of))))
        yield from raises(of)
    elif isinstance(of, griffe.Class) and name.kind == "enum":
        yield "| Member | Meaning |"
        yield "|---|---|"
        for member, each in of.members.items():
            if isinstance(each, griffe.Attribute) and each.docstring:
                yield f"| `{member}` | {first_line(each)} |"
        yield ""
    elif isinstance(of, griffe.Class):
        held = list(api.fields(of))
        function = api.constructor(of)
        if not held and function is not None:
            held = list(api.arguments(function, api.described(of)))
        yield from plain_arguments(held)
        yield from raises(of)
        members = {
            key: each
            for key, each in api.public_members(of).items()
            if key not in {field.name for field in held}
        }
        yield from attributes(members, "###")
        yield from methods(members, "###")
    yield from source_link(of)


def family_page(family: Family, members: Sequence[api.Name]) -> str:
    """The page of a family."""
    lines = [f"# {family.title}", "", linked(family.intro), ""]
    for name in members:
        lines += entry(name)
    return "\n".join(lines).rstrip() + "\n"


def index(pages: Mapping[str, Sequence[api.Name]]) -> str:
    """The page that lists every public name."""
    lines = [
        "# Reference",
        "",
        "Every public name, from the docstrings and from the limits that the library checks.",
        "",
        "All constructs take `(scope, id, *, …)`. Those for one resource render a native "
        "CloudFormation type or a custom resource as the child `Resource` "
        "(`node.default_child` is the L1) and follow `apply_removal_policy(…)`. Add tags with "
        "`Tags.of(…)`; all but `RecordingBucket` and `ChannelAssociations` also take `tags=`. "
        "Wherever a channel, recording configuration or bucket is wanted, you can pass an L2, an "
        "L1 or an import.",
        "",
        "| Name | What it is |",
        "|---|---|",
    ]
    for held in pages.values():
        for name in held:
            lines.append(f"| [`{name.name}`]({place_of(name)}) | {summary(name)} |")
    return "\n".join(lines) + "\n"


def summary(name: api.Name) -> str:
    """A line about a name."""
    if name.object.docstring:
        return cell(name.object.docstring.value.split("\n\n")[0])
    return "An interface that constructs of the AWS CDK and of this library share."


def pages(pictures: Mapping[str, str] | None = None) -> dict[str, tuple[str, str]]:
    """All pages of the reference: title and text by file name."""
    on: dict[str, list[api.Name]] = {}
    for name in api.names():
        on.setdefault(place_of(name).partition("#")[0], []).append(name)
    titles = {f"{each.file}.md": each for each in FAMILIES}
    made = {"index.md": ("Overview", index(on))}
    constructs = {file: held for file, held in on.items() if file not in titles}
    for file, [name] in sorted(constructs.items(), key=lambda each: each[1][0].name):
        made[file] = (name.name, construct_page(name, (pictures or {}).get(name.name, "")))
    for file, family in titles.items():
        if file in on:
            made[file] = (family.title, family_page(family, on[file]))
    return made
