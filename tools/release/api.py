"""The API's breaking changes since the last release."""

from __future__ import annotations

import subprocess
from collections.abc import Iterator

import griffe

from tools.release.checks import ROOT, Packages


def last_tag() -> str:
    """The tag of the last release before this commit, or nothing."""
    done = subprocess.run(
        ["git", "describe", "--tags", "--abbrev=0", "--match", "v*", "HEAD^"],  # noqa: S607 (git of the PATH)
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    return done.stdout.strip()


def breakages(packages: Packages) -> Iterator[str]:
    """What a program that works with the last release can no longer do.

    Args:
        packages: The packages to release; a new major version may break things.

    Yields:
        A sentence for each breakage.
    """
    tag = last_tag()
    if not tag:
        print("API              no release to compare with")
        return
    old = griffe.load_git("ivs_constructs", ref=tag, repo=ROOT, search_paths=["."])
    new = griffe.load("ivs_constructs", search_paths=[str(ROOT)])
    found = [
        each.explain(griffe.ExplanationStyle.ONE_LINE)
        for each in griffe.find_breaking_changes(old, new)
    ]
    print(f"API              {len(found)} breaking changes since {tag}")
    for each in found:
        print(f"  {each}")
    major = tag.removeprefix("v").partition(".")[0]
    # Before 1.0 a minor version may break; SemVer promises nothing there.
    if found and major != "0" and packages.version.partition(".")[0] == major:
        yield f"the API broke since {tag}: release a new major version, or fix it"
