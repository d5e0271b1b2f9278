"""The built site: no dead link, no code cut off, nothing from the network, everything described."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
import tomllib
from html.parser import HTMLParser
from importlib.metadata import version
from itertools import pairwise
from pathlib import Path
from urllib.parse import unquote, urlsplit

import pytest

from tools.reference import api
from tools.reference.pages import place_of

ROOT = Path(__file__).resolve().parents[2]
CHROMIUM = next(filter(None, map(shutil.which, ("chromium", "google-chrome", "chrome"))), None)


class Page(HTMLParser):
    """What a page links to, loads and can be linked to."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.links: list[str] = []
        self.loaded: list[str] = []
        self.anchors: set[str] = set()
        self.headings: list[str] = []
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        self.anchors |= {given[name] for name in ("id", "name") if name in given}
        if tag == "a" and "href" in given:
            self.links.append(given["href"])
        elif tag in ("script", "img", "iframe") and "src" in given:
            self.loaded.append(given["src"])
        elif tag == "link" and given.get("rel") in ("stylesheet", "icon", "preconnect"):
            self.loaded.append(given["href"])
        if re.fullmatch("h[1-6]", tag):
            self.headings.append(tag)


@pytest.fixture(scope="module")
def pages(site: Path) -> dict[Path, Page]:
    return {
        path: Page(path.read_text(encoding="utf-8"))
        for path in site.rglob("*.html")
        # Without an address of the site its links are those of a server's root.
        if path.name != "404.html"
    }


def test_no_link_is_dead(pages: dict[Path, Page]) -> None:
    dead = []
    for path, page in pages.items():
        for link in (*page.links, *page.loaded):
            parts = urlsplit(link)
            if parts.scheme or parts.netloc:
                continue
            target = (path.parent / unquote(parts.path)).resolve() if parts.path else path
            anchors = pages[target].anchors if target in pages else set()
            if not target.is_file() or (parts.fragment and unquote(parts.fragment) not in anchors):
                dead.append(f"{path.name}: {link}")

    assert dead == []


def test_nothing_comes_from_the_network(site: Path, pages: dict[Path, Page]) -> None:
    loaded = {each for page in pages.values() for each in page.loaded}
    styles = "".join(path.read_text(encoding="utf-8") for path in site.rglob("*.css"))

    assert loaded
    assert [each for each in loaded if urlsplit(each).netloc] == []
    assert re.findall(r"(?:@import|url\()[\"' ]*(?:https?:)?//[^)\"']*", styles) == []


def test_each_page_has_one_title_and_no_gap_between_headings(pages: dict[Path, Page]) -> None:
    wrong = {}
    for path, page in pages.items():
        levels = [int(each[1]) for each in page.headings]
        jumps = [pair for pair in pairwise(levels) if pair[1] > pair[0] + 1]
        if levels.count(1) != 1 or jumps:
            wrong[path.name] = levels

    assert wrong == {}


def test_page_tells_the_version_and_leads_on(site: Path) -> None:
    text = (site / "public-channel.html").read_text(encoding="utf-8")

    assert f"ivs-constructs {version('ivs-constructs')}" in text
    assert 'rel="prev"' in text or "md-footer__link--prev" in text
    assert 'rel="next"' in text or "md-footer__link--next" in text


def test_search_finds_words(site: Path) -> None:
    index = json.loads((site / "search.json").read_text(encoding="utf-8"))
    text = json.dumps(index).lower()

    # Loaded as a script from disk, where browsers refuse to fetch.
    assert (site / "search.js").exists()
    for word in ("revoke", "rotate", "import", "whip", "obs", "cloudfront", "snapshot"):
        assert word in text


def test_every_page_is_in_the_navigation(site: Path) -> None:
    navigation = (ROOT / "zensical.toml").read_text(encoding="utf-8")
    listed = set(re.findall(r'= "([\w-]+\.md)"', navigation))
    there = {path.name for path in (ROOT / "docs").glob("*.md")}

    assert there - listed == set()
    assert tomllib.loads(navigation)["project"]["use_directory_urls"] is False
    told = (site / "llms.txt").read_text(encoding="utf-8")
    linked = set(re.findall(r"\]\(([\w/.-]+)\)", told))
    assert {path.relative_to(site).as_posix() for path in site.rglob("*.md")} == linked


# The reference


def test_every_public_name_has_a_place(site: Path, pages: dict[Path, Page]) -> None:
    missing = []
    for name in api.names():
        file, _, anchor = place_of(name).partition("#")
        path = site / "reference" / file.replace(".md", ".html")
        if path not in pages or (anchor and anchor not in pages[path].anchors):
            missing.append(name.name)

    assert missing == []


@pytest.mark.parametrize(
    ("page", "names"),
    [
        ("channel", ["add_stream_key", "grants", "on_stream_start", "metric_concurrent_views"]),
        ("stage", ["whip_endpoint", "on_participant_published", "from_stage_attributes"]),
        ("playback-token-issuer", ["grant_invoke", "function"]),
        ("ingest-configuration", ["secret"]),
    ],
)
def test_inherited_members_are_described(site: Path, page: str, names: list[str]) -> None:
    text = (site / "reference" / f"{page}.md").read_text(encoding="utf-8")

    assert [each for each in names if f"`{each}`" not in text and f"### {each}" not in text] == []


def test_arguments_have_limits_defaults_and_changes(site: Path) -> None:
    text = (site / "reference" / "recording-configuration.md").read_text(encoding="utf-8")
    [row] = [
        line for line in text.splitlines() if line.startswith("| `recording_reconnect_window`")
    ]

    assert re.search(r"\| 0-300 seconds \| .*set by IVS.* \| replaces \|$", row)


def test_every_construct_has_an_example_and_a_picture(site: Path) -> None:
    for name in api.names():
        if name.kind == "construct":
            text = (site / "reference" / place_of(name)).read_text(encoding="utf-8")
            [picture] = re.findall(r"^!\[Resources of the example\]\((\S+)\)$", text, re.MULTILINE)
            svg = (site / "reference" / picture).read_text(encoding="utf-8")
            assert "```python\n" in text
            assert ">>>" not in text
            assert "<rect" in svg
            assert "http" not in svg.replace("http://www.w3.org/2000/svg", "")


# How it looks


def test_code_is_wrapped(site: Path) -> None:
    styles = (site / "stylesheets" / "site.css").read_text(encoding="utf-8")
    rule = re.search(r"pre > code \{([^}]*)\}", styles)

    assert rule
    assert "white-space: pre-wrap" in rule[1]
    assert "overflow-wrap: anywhere" in rule[1]


# One frame shows each page in both widths, then searches. There is no driver to depend on.
MEASURE = """
<!doctype html><body><script>
const pages = PAGES, found = [];
const later = (milliseconds) => new Promise((done) => setTimeout(done, milliseconds));
const elements = (root) => [...root.querySelectorAll("*")].flatMap(
  (each) => [each, ...(each.shadowRoot ? elements(each.shadowRoot) : [])]
);
(async () => {
  const frame = document.createElement("iframe");
  frame.style.cssText = "height:900px;border:0";
  document.body.append(frame);
  for (const page of pages) {
    await new Promise((done) => { frame.onload = done; frame.src = page; });
    const inside = frame.contentDocument;
    const seen = inside.querySelectorAll("pre > code");
    const tables = inside.querySelectorAll(".md-typeset table:not([class])");
    found.push(`seen ${seen.length}`);
    for (const width of [1280, 390]) {
      frame.style.width = `${width}px`;
      for (const code of seen) {
        const box = code.closest("pre");
        if (code.scrollWidth > code.clientWidth + 1 || box.scrollWidth > box.clientWidth + 1)
          found.push(`cut ${width} ${page} ${code.textContent.slice(0, 60)}`);
      }
      for (const table of tables) {
        const box = table.closest(".md-typeset__scrollwrap") || table;
        if (box.scrollWidth > box.clientWidth + 1)
          found.push(`cut ${width} ${page} table ${table.textContent.trim().slice(0, 60)}`);
      }
      const all = inside.documentElement;
      if (all.scrollWidth > width + 1) found.push(`wide ${width} ${page} ${all.scrollWidth}`);
    }
  }
  const inside = frame.contentDocument;
  inside.querySelector(".md-search__button").click();
  await later(2000);
  const input = elements(inside).find((each) => each.matches("input[type=text]"));
  input.value = "whip";
  input.dispatchEvent(new frame.contentWindow.Event("input", { bubbles: true, composed: true }));
  await later(4000);
  const marks = elements(inside).filter((each) => each.tagName === "MARK");
  found.push(...marks.map((each) => `found ${each.parentElement.textContent.slice(0, 60)}`));
  document.body.textContent = found.join("\\n") + "\\nmeasured";
})();
</script></body>
"""


@pytest.mark.skipif(CHROMIUM is None, reason="needs Chromium; the rule that wraps is tested above")
def test_browser_cuts_off_nothing_and_searches(
    site: Path, pages: dict[Path, Page], tmp_path: Path
) -> None:
    assert CHROMIUM
    harness = site / "measure.html"
    # Every guide, and of the generated pages those with the longest lines.
    shown = [each for each in pages if each.parent == site and each.name != "coverage.html"]
    shown += [site / "reference" / f"{each}.html" for each in ("channel", "live-stage", "values")]
    harness.write_text(MEASURE.replace("PAGES", json.dumps([each.as_uri() for each in shown])))

    done = subprocess.run(
        [
            CHROMIUM,
            "--headless",
            "--no-sandbox",
            "--disable-gpu",
            "--allow-file-access-from-files",
            f"--user-data-dir={tmp_path}",
            "--virtual-time-budget=120000",
            "--dump-dom",
            harness.as_uri(),
        ],
        capture_output=True,
        text=True,
        check=True,
        timeout=180,
    )
    harness.unlink()
    told = re.sub(r"</?(?:html|head|body)>", "\n", done.stdout).splitlines()

    assert "measured" in told, done.stdout[-2000:]
    assert sum(int(each.split()[1]) for each in told if each.startswith("seen ")) > 100
    assert [each for each in told if each.startswith(("cut ", "wide "))] == []
    assert any("WHIP" in each for each in told if each.startswith("found "))
