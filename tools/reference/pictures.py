"""Draws what a construct's example makes, from its synthesized template."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from xml.sax.saxutils import escape

from tools.reference import api, pages

if TYPE_CHECKING:
    import aws_cdk as cdk

WIDTH, HEIGHT = 248, 44
"""Pixels of a resource's box."""

GAP_X, GAP_Y = 16, 40
"""Pixels between boxes."""

ABREAST = 3
"""Boxes in a row: as many as fit next to the navigation without scaling."""

MARGIN = 8
FONT = "system-ui, 'Segoe UI', 'DejaVu Sans', sans-serif"
OWN, AROUND, ELSEWHERE = ("#fff1e6", "#c2410c"), ("#f1f5f9", "#475569"), ("#ffffff", "#94a3b8")
"""Fill and stroke of Amazon IVS, other services, and resources passed to the example."""


@dataclass(frozen=True)
class Box:
    """One resource in a picture.

    Attributes:
        id: Its logical id.
        type: Its CloudFormation type.
        label: The construct's path.
    """

    id: str
    type: str
    label: str

    @property
    def colors(self) -> tuple[str, str]:
        """Fill and stroke."""
        if not self.type:
            return ELSEWHERE
        return OWN if "IVS" in self.type else AROUND


def references(value: object, known: Mapping[str, object]) -> Iterator[str]:
    """The logical ids that a part of a template refers to."""
    if isinstance(value, dict):
        for key, inner in value.items():
            if key == "Ref" and inner in known:
                yield str(inner)
            elif key == "Fn::GetAtt" and inner[0] in known:
                yield str(inner[0])
            elif key == "DependsOn":
                yield from (each for each in ([inner] if isinstance(inner, str) else inner))
            elif key == "Fn::ImportValue":
                yield str(inner)
            elif key == "Fn::Sub":
                text = inner if isinstance(inner, str) else inner[0]
                yield from (each for each in re.findall(r"\$\{(\w+)", text) if each in known)
            else:
                yield from references(inner, known)
    elif isinstance(value, list):
        for inner in value:
            yield from references(inner, known)


def label_of(definition: Mapping[str, Any], logical_id: str) -> str:
    """A resource's path below its stack, without the parts that the AWS CDK adds."""
    path = str(definition.get("Metadata", {}).get("aws:cdk:path", logical_id))
    parts = [each for each in path.split("/")[1:] if each not in ("Resource", "Default", "Custom")]
    return "/".join(parts) or logical_id


def graph(template: Mapping[str, Any]) -> tuple[list[Box], set[tuple[str, str]]]:
    """The boxes of a template, and the references between them."""
    resources: Mapping[str, Any] = template.get("Resources", {})
    boxes = [Box(key, each["Type"], label_of(each, key)) for key, each in resources.items()]
    arrows: set[tuple[str, str]] = set()
    for key, each in resources.items():
        content = {name: part for name, part in each.items() if name != "Metadata"}
        arrows |= {(key, to) for to in references(content, resources) if to != key}
    for given in sorted({to for _, to in arrows if to not in resources}):
        name = re.sub(
            r"^.*?:ExportsOutput(?:Ref|FnGetAtt)|Arn[0-9A-F]{8}$|[0-9A-F]{8}.*$", "", given
        )
        boxes.append(Box(given, "", f"{name} (given)"))
    return boxes, arrows


def rows_of(boxes: Sequence[Box], arrows: set[tuple[str, str]]) -> list[list[Box]]:
    """The boxes in rows, each above those it refers to."""
    depth = {box.id: 0 for box in boxes}
    for _ in boxes:
        for source, target in arrows:
            if depth[target] < depth[source] + 1 <= len(boxes):
                depth[target] = depth[source] + 1
    found: list[list[Box]] = []
    for level in range(max(depth.values()) + 1):
        row = [box for box in boxes if depth[box.id] == level]
        if found:
            row.sort(key=lambda box: _under(box, found[-1], arrows))
        found.extend(row[start : start + ABREAST] for start in range(0, len(row), ABREAST))
    return found


def _under(box: Box, row: Sequence[Box], arrows: set[tuple[str, str]]) -> float:
    """The best place for a box below a row: in the middle of what refers to it."""
    above = [place for place, each in enumerate(row) if (each.id, box.id) in arrows]
    return sum(above) / len(above) if above else len(row)


def shortened(text: str, most: int) -> str:
    """A text that fits."""
    return text if len(text) <= most else f"{text[: most - 1]}…"


def draw(title: str, template: Mapping[str, Any]) -> str:
    """The picture of a template as SVG."""
    boxes, arrows = graph(template)
    rows = rows_of(boxes, arrows)
    height = len(rows) * (HEIGHT + GAP_Y) - GAP_Y + 2 * MARGIN
    width = max(map(len, rows)) * (WIDTH + GAP_X) - GAP_X + 2 * MARGIN
    at: dict[str, tuple[float, float]] = {}
    for level, row in enumerate(rows):
        left = (width - len(row) * (WIDTH + GAP_X) + GAP_X) / 2
        for place, box in enumerate(row):
            at[box.id] = (left + place * (WIDTH + GAP_X), MARGIN + level * (HEIGHT + GAP_Y))
    lines = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height:g}" '
        f'width="{width}" height="{height:g}" role="img" font-family="{FONT}">',
        f"<title>{escape(title)}</title>",
        '<defs><marker id="tip" viewBox="0 0 8 8" refX="8" refY="4" markerWidth="7" '
        'markerHeight="7" orient="auto"><path d="M0 0L8 4L0 8z" fill="#64748b"/></marker></defs>',
        f'<rect width="{width}" height="{height:g}" fill="#ffffff" rx="6"/>',
    ]
    for source, target in sorted(arrows):
        (x1, y1), (x2, y2) = at[source], at[target]
        start, end = (x1 + WIDTH / 2, y1 + HEIGHT), (x2 + WIDTH / 2, y2)
        middle = start[1] + GAP_Y / 2
        before = end[1] - GAP_Y / 2
        lines.append(
            f'<path d="M{start[0]:g} {start[1]:g}C{start[0]:g} {middle:g} {end[0]:g} {before:g} '
            f'{end[0]:g} {end[1]:g}" fill="none" stroke="#64748b" marker-end="url(#tip)"/>'
        )
    for box in boxes:
        x, y = at[box.id]
        fill, stroke = box.colors
        lines.append(
            f'<rect x="{x:g}" y="{y:g}" width="{WIDTH}" height="{HEIGHT}" rx="6" fill="{fill}" '
            f'stroke="{stroke}"/>'
        )
        first = box.type.removeprefix("AWS::") or "given to the example"
        lines.append(
            f'<text x="{x + 10:g}" y="{y + 18:g}" font-size="12" font-weight="600" '
            f'fill="#0f172a">{escape(shortened(first, 33))}</text>'
            f'<text x="{x + 10:g}" y="{y + 34:g}" font-size="11" '
            f'fill="#334155">{escape(shortened(box.label, 37))}</text>'
        )
    return "\n".join([*lines, "</svg>"]) + "\n"


def surroundings(app: cdk.App) -> tuple[cdk.Stack, dict[str, object]]:
    """A stack for an example, with the names that examples may use without making them."""
    import aws_cdk
    from aws_cdk import aws_iam

    import ivs_constructs

    env = aws_cdk.Environment(region="us-east-1", account="123456789012")
    given = aws_cdk.Stack(app, "Given", env=env)
    stack = aws_cdk.Stack(app, "Example", env=env)

    def role(id: str) -> aws_iam.IRole:
        return aws_iam.Role.from_role_arn(
            stack, f"{id}Role", f"arn:aws:iam::123456789012:role/{id.lower()}"
        )

    names: dict[str, object] = {
        name.name: getattr(ivs_constructs, name.name)
        for name in api.names()
        if name.package == "ivs_constructs"
    }
    names |= {
        "cdk": aws_cdk,
        "stack": stack,
        "channel": ivs_constructs.Channel(given, "Channel"),
        "storage": ivs_constructs.StorageConfiguration(given, "Storage"),
        "encoder_role": role("Encoder"),
        "backend_role": role("Backend"),
        "viewer_role": role("Viewer"),
    }
    return stack, names


def templates(wanted: Sequence[api.Name]) -> Iterator[tuple[api.Name, Mapping[str, Any]]]:
    """The synthesized template of each name's example."""
    import ivs_constructs

    ivs_constructs.ensure_node()
    import aws_cdk

    for name in wanted:
        app = aws_cdk.App(
            analytics_reporting=False,
            context={"aws:cdk:enable-path-metadata": True, "@aws-cdk/core:validation": False},
        )
        stack, names = surroundings(app)
        exec(pages.example(name.object), names)  # noqa: S102 (the docstring's own example)
        path = app.synth().get_stack_by_name(stack.stack_name).template_full_path
        with open(path, encoding="utf-8") as file:  # noqa: PTH123 (the CDK tells a text)
            yield name, json.load(file)


def pictures() -> dict[str, str]:
    """A picture for each construct whose example makes something: SVG by the construct's name."""
    wanted = [
        each for each in api.names() if each.kind == "construct" and pages.example(each.object)
    ]
    return {
        name.name: draw(f"What the example of {name.name} makes", template)
        for name, template in templates(wanted)
        if template.get("Resources")
    }
