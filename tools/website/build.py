"""Prepares the pages of the site, and runs zensical to build it.

The pages in docs/ are written for reading in the repository: a program is a link to `examples/`, a
diagram is Mermaid code. On the site, the link becomes the program and the diagram a picture, and
there is a reference.
"""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
import tempfile
from importlib.metadata import version
from pathlib import Path

from tools.reference.pages import FAMILIES, pages
from tools.website.diagrams import draw
from tools.website.tables import readable

ROOT = Path(__file__).resolve().parents[2]

_EXAMPLE = re.compile(r"^\[(\w+\.py)\]\(\.\./examples/\1\)$", re.MULTILINE)
_MERMAID = re.compile(r"^```mermaid\n(.*?)^```$", re.MULTILINE | re.DOTALL)
_OUTSIDE = re.compile(r"\]\(\.\./([\w./-]+?)((?:#[\w-]+)?)\)")
_TITLE = re.compile(r"^# (.+)$", re.MULTILINE)

AT_THE_ROOT = {
    "CHANGELOG.md": "changelog.md",
    "CONTRIBUTING.md": "contributing.md",
    "CODE_OF_CONDUCT.md": "code-of-conduct.md",
    "SECURITY.md": "security-policy.md",
}
"""Files at the repository's root that are also pages of the site."""


def shown(text: str, name: str, images: Path) -> str:
    """Put programs and pictures into a page.

    Args:
        text: The page in docs/.
        name: Its file name without the extension.
        images: The folder for pictures, `images` next to the page.

    Returns:
        The page as the site shows it.
    """

    def program(found: re.Match[str]) -> str:
        source = (ROOT / "examples" / found[1]).read_text(encoding="utf-8")
        return f'```python title="examples/{found[1]}"\n{source}```'

    def picture(found: re.Match[str]) -> str:
        # From the heading above, for readers who do not see the picture.
        headings = re.findall(r"^#+ (.+)$", text[: found.start()], re.MULTILINE)
        target = images / f"{name}-{len(list(images.glob(f'{name}-*.svg'))) + 1}.svg"
        target.write_text(draw(found[1]), encoding="utf-8")
        return f"![Diagram: {headings[-1]}](images/{target.name})"

    def outside(found: re.Match[str]) -> str:
        if found[1] in AT_THE_ROOT:
            return f"]({AT_THE_ROOT[found[1]]}{found[2]})"
        return found[0]

    text = _EXAMPLE.sub(program, text)
    text = _MERMAID.sub(picture, text)
    return _OUTSIDE.sub(outside, text)


def lay_out(folder: Path, *, pictured: bool) -> list[tuple[str, str]]:
    """Write the pages of the site.

    Args:
        folder: Where to.
        pictured: Whether to draw what each construct makes.

    Returns:
        The pages of the reference: title and file.
    """
    shutil.copytree(ROOT / "docs", folder, ignore=shutil.ignore_patterns("reference", "*.py"))
    images = folder / "images"
    images.mkdir(exist_ok=True)
    for source, target in AT_THE_ROOT.items():
        if (ROOT / source).exists():
            text = (ROOT / source).read_text(encoding="utf-8")
            # Relative to the root: pages are in docs/, and other files are not on the site.
            text = re.sub(r"\]\(docs/", "](", text)
            text = re.sub(r"\[([^\]]+)\]\((?!https?:|#)(?![\w-]+\.md)[^)]*\)", r"\1", text)
            for other, place in AT_THE_ROOT.items():
                if (ROOT / other).exists():
                    text = text.replace(f"]({other}", f"]({place}")
                else:
                    text = text.replace(f"[{other}]({other})", other)
            text = re.sub(r"\[([^\]]+)\]\(README\.md[^)]*\)", r"\1", text)
            (folder / target).write_text(text, encoding="utf-8")
    for page in folder.rglob("*.md"):
        page.write_text(
            shown(page.read_text(encoding="utf-8"), page.stem, images), encoding="utf-8"
        )
    reference = folder / "reference"
    (reference / "images").mkdir(parents=True)
    drawn: dict[str, str] = {}
    if pictured:
        from tools.reference.pictures import pictures

        for name, svg in pictures().items():
            (reference / "images" / f"{name}.svg").write_text(svg, encoding="utf-8")
            drawn[name] = f"images/{name}.svg"
    made = pages(drawn)
    for file, (_, text) in made.items():
        (reference / file).write_text(text, encoding="utf-8")
    return [(title, f"reference/{file}") for file, (title, _) in made.items()]


def configuration(reference: list[tuple[str, str]], folder: Path) -> str:
    """Complete zensical.toml.

    Returns:
        The text of the file that zensical reads.
    """
    text = (ROOT / "zensical.toml").read_text(encoding="utf-8")
    text = text.replace('    "reference/",', "\n".join(grouped(reference)))
    # Pages that another change adds may not exist yet.
    for line in re.findall(r'^ *\{ ".+" = "[\w/.-]+\.md" \},$', text, re.MULTILINE):
        if not (folder / line.split('"')[3]).exists():
            text = text.replace(f"{line}\n", "")
    decisions = sorted((folder / "decisions").glob("*.md"))
    listed = "\n".join(
        f'    {{ "Decision: {each.stem.replace("-", " ")}" = "decisions/{each.name}" }},'
        for each in decisions
    )
    text = text.replace('    "decisions/",', listed)
    return text.replace("{version}", version("ivs-constructs"))


def grouped(reference: list[tuple[str, str]]) -> list[str]:
    """The lines of the navigation for the reference: the index, constructs, and other names.

    Args:
        reference: The pages of the reference: title and file.

    Returns:
        Lines of TOML.
    """
    others = {f"reference/{each.file}.md" for each in FAMILIES}
    first, *rest = [
        (f'{{ "{title.removeprefix("ivs_constructs.")}" = "{file}" }},', file)
        for title, file in reference
    ]
    return [
        f"    {first[0]}",
        '    { "Constructs" = [',
        *(f"      {line}" for line, file in rest if file not in others),
        "    ] },",
        '    { "Values, facades, modules" = [',
        *(f"      {line}" for line, file in rest if file in others),
        "    ] },",
    ]


def for_language_models(folder: Path) -> str:
    """The text of llms.txt: every page with its first sentence.

    Returns:
        The text. See https://llmstxt.org.
    """
    lines = [
        "# ivs-constructs",
        "",
        "> AWS CDK constructs in pure Python for Amazon Interactive Video Service (IVS).",
        "",
    ]
    pages_by_part = {
        "Guides": sorted(folder.glob("*.md")),
        "Reference": sorted((folder / "reference").glob("*.md")),
        "Decisions": sorted((folder / "decisions").glob("*.md")),
    }
    for part, files in pages_by_part.items():
        if files:
            lines += [f"## {part}", ""]
        for file in files:
            text = file.read_text(encoding="utf-8")
            title = found[1] if (found := _TITLE.search(text)) else file.stem
            place = file.relative_to(folder).as_posix()
            lines.append(f"- [{title}]({place}): {first_sentence(text)}")
        lines.append("")
    return "\n".join(lines).rstrip() + "\n"


def first_sentence(text: str) -> str:
    """The beginning of a page, below its heading.

    Returns:
        The first sentence of its first paragraph, without links.
    """
    text = re.sub(r"^```.*?^```$", "", text, flags=re.MULTILINE | re.DOTALL)
    paragraphs = [each.strip() for each in text.split("\n\n")]
    plain = next(each for each in paragraphs if each and not re.match(r"[#|!<\-*]", each))
    plain = re.sub(r"\s+", " ", re.sub(r"\[([^\]]+)\]\([^)]*\)", r"\1", plain))
    return re.split(r"(?<=[.:]) (?=[A-Z`])", plain)[0].removesuffix(":")


def build(site: Path, *, pictured: bool = True) -> int:
    """Build the site.

    Args:
        site: The target folder, which is replaced.
        pictured: Whether to draw what each construct makes.

    Returns:
        The exit status of zensical.
    """
    with tempfile.TemporaryDirectory(prefix="ivs-constructs-docs-") as temporary:
        work = Path(temporary).resolve()
        folder = work / "docs"
        reference = lay_out(folder, pictured=pictured)
        (work / "zensical.toml").write_text(configuration(reference, folder))
        command = [sys.executable, "-m", "zensical", "build", "--strict"]
        done = subprocess.run([*command, "-f", "zensical.toml"], cwd=work, check=False)  # noqa: S603 (a fixed command)
        if done.returncode:
            return done.returncode
        for page in (work / "site").rglob("*.html"):
            page.write_text(readable(page.read_text(encoding="utf-8")), encoding="utf-8")
        # What llms.txt links to.
        for page in folder.rglob("*.md"):
            shutil.copy(page, work / "site" / page.relative_to(folder))
        (work / "site" / "llms.txt").write_text(for_language_models(folder), encoding="utf-8")
        shutil.rmtree(site, ignore_errors=True)
        shutil.copytree(work / "site", site)
    return 0
