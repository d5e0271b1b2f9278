"""Writes docs/coverage.md from the models of the APIs: ``python -m tools.generate_coverage``."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from ivs_constructs.operate._models import SERVICES
from tools.coverage.answers import Answer, Way
from tools.coverage.covered import Covered, coverage
from tools.coverage.report import SIDES, label, summary, told
from tools.write_models import installed

TARGET = Path(__file__).parents[1] / "docs" / "coverage.md"

INTRODUCTION = """\
# API coverage

This page shows where the library covers each operation of both APIs, and each member of its request
(in) and response (out). `python -m tools.generate_coverage` writes it, and a test compares it. To
see a part of it in a terminal:

```console
python -m tools.coverage ivs-realtime CreateStage
python -m tools.coverage --member srt
```

Operations and members are those of the installed botocore. The exit status is 1 if something is
covered nowhere, as can happen after an upgrade of boto3.

| Answer | Meaning |
|---|---|
| `Stage(stage_name=...)` | an argument of a construct |
| `Stage.stage_arn` | an attribute of a construct |
| `Stage.grants.read` | a grantee may call the operation, for example to read a secret |
| `Stage.on_stage_update` | an event reports it, in the named field of its detail |
| `tokens.ParticipantClaims(user_id=...)` | a claim of a token that you sign |
| ApiCall `user_id=...` | a parameter of [`ApiCall`](api-call.md); each one was tried |
| ApiCall `$.Stage.Name` | its place in the response that `ApiCall(...).as_state` gets |

Operations show every answer besides `ApiCall`, which covers all of them. Members show the best one
only.
"""


def marked(answer: Answer) -> str:
    """Write an answer in Markdown."""
    return f"`{answer.code}`{f' ({answer.note})' if answer.note else ''}"


def section(covered: Covered) -> Iterator[str]:
    """The page's part on one operation, which opens on a click."""
    owners = [each.code for each in covered.answers if each.way is not Way.API_CALL]
    hint = f": {', '.join(owners[:3])}" if owners else ""
    yield '<details markdown="1">'
    yield f"<summary><b>{covered.name}</b>{hint}</summary>"
    yield ""
    for way in Way:
        answers = [marked(each) for each in covered.answers if each.way is way]
        if answers:
            yield f"- {label(way)}: {', '.join(answers)}"
    if covered.members:
        yield ""
        yield "| | Member | Covered by |"
        yield "|---|---|---|"
        for member in covered.members:
            yield f"| {SIDES[member.is_input]} | `{member.path}` | {told(member, marked)} |"
    yield ""
    yield "</details>"
    yield ""


def page() -> str:
    """The whole page."""
    models = {name: model for name, versions in installed().items() for model in versions.values()}
    found = coverage(models)
    lines = [INTRODUCTION, f"{summary(found)}.", ""]
    for service in SERVICES:
        lines += [f"## {service}", ""]
        for covered in found:
            if covered.service == service:
                lines.extend(section(covered))
    return "\n".join(lines).rstrip() + "\n"


if __name__ == "__main__":
    TARGET.write_text(page())
