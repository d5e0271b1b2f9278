"""Reports where operations and members are covered, for a terminal and for the documentation."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace

from ivs_constructs._core.check import Check, did_you_mean
from ivs_constructs.operate._models import SERVICES
from tools.coverage.answers import Answer, Way
from tools.coverage.covered import Covered, Member

_SOURCE = "https://docs.aws.amazon.com/ivs/latest/LowLatencyAPIReference/API_Operations.html"

UNKNOWN = "UNKNOWN"

SIDES = {True: "in", False: "out"}


def choose(found: Sequence[Covered], names: Sequence[str], member: str | None) -> list[Covered]:
    """Select operations and members.

    Args:
        found: All of both APIs.
        names: APIs and operations; all if there are none.
        member: A part of operations' names or members' paths, in any spelling, even in the plural;
            None for all.

    Raises:
        InvalidPropertyError: If there is no such API, operation or member.
    """
    check = Check(_SOURCE)
    services = [name for name in names if name in SERVICES]
    operations = [name for name in names if name not in SERVICES]
    chosen = [each for each in found if each.service in services or not services]
    known = {each.name for each in chosen}
    for name in operations:
        if name not in known:
            of = f" of {' and '.join(services)}" if services else ""
            kinds = "an operation" if services else "an API or an operation"
            others = [each.service for each in found if each.name == name]
            advice = did_you_mean(name, [*SERVICES, *sorted(known)])
            is_part = any(_plain(name) in _plain(each.name) for each in chosen)
            if others:
                advice = f"; {others[0]} has it"
            elif is_part or (not advice and any(_holds(each, name) for each in chosen)):
                advice = f"; --member {name} finds it as a part of names"
            check.fail("name", "choice", f"name must be {kinds}{of}, got '{name}'{advice}")
    check.raise_for("coverage")
    chosen = [each for each in chosen if not operations or each.name in operations]
    if member is None:
        return chosen
    fitting = [_narrowed(each, member) for each in chosen if _holds(each, member)]
    if not fitting:
        words = {
            word.removesuffix("[]")
            for each in chosen
            for one in each.members
            for word in one.path.split(".")
        }
        check.fail(
            "member",
            "choice",
            f"member must be a part of the name of an operation or a member, got '{member}'"
            f"{did_you_mean(member, sorted(words | known))}",
        )
    check.raise_for("coverage")
    return fitting


def _holds(operation: Covered, text: str) -> bool:
    """Whether a text is in the name of an operation or one of its members."""
    names = (operation.name, *(one.path for one in operation.members))
    return any(_fits(text, name) for name in names)


def _narrowed(operation: Covered, text: str) -> Covered:
    """Keep the members with a text in their name, or all if only the operation has it."""
    members = tuple(one for one in operation.members if _fits(text, one.path))
    return replace(operation, members=members) if members else operation


def _fits(text: str, name: str) -> bool:
    """Whether a text, or its singular, is a part of a name."""
    wanted, plain = _plain(text), _plain(name)
    return wanted in plain or (len(wanted) > 1 and wanted.removesuffix("s") in plain)


def _plain(text: str) -> str:
    """A name without what differs between the API and Python."""
    return text.replace("_", "").replace("[]", "").lower()


def unknown(found: Sequence[Covered]) -> list[str]:
    """List what nothing covers."""
    names: list[str] = []
    for each in found:
        operation = f"{each.service} {each.name}"
        names += [] if each.answers else [operation]
        names += [
            f"{operation} {SIDES[one.is_input]} {one.path}"
            for one in each.members
            if not one.answers
        ]
    return names


def summary(found: Sequence[Covered]) -> str:
    """Sum up, by the kind of the best answer."""
    members = [one for each in found for one in each.members]
    lacking = len(unknown(found))
    total = len(found) + len(members)
    ways = Counter(one.answers[0].way for one in members if one.answers)
    by_way = ", ".join(f"{ways[way]} by {way}" for way in Way if ways[way])
    # Rounded down: 100 % is all.
    percent = 100 * (total - lacking) // max(1, total)
    return (
        f"{_amount(len(found), 'operation')}, {_amount(len(members), 'member')}: "
        f"{percent} % covered, {lacking} unknown{f' ({by_way})' if by_way else ''}"
    )


def _amount(count: int, noun: str) -> str:
    return f"{count} {noun}{'' if count == 1 else 's'}"


# For a terminal


def text(found: Sequence[Covered]) -> Iterator[str]:
    """Write a block for each operation, and the summary as the last line."""
    for each in found:
        yield f"{each.service} {each.name}"
        for way in Way:
            written = [plain_answer(answer) for answer in each.answers if answer.way is way]
            if written:
                yield f"  {label(way)}: {'; '.join(written)}"
        if not each.answers:
            yield f"  {UNKNOWN}"
        width = max((len(one.path) for one in each.members), default=0)
        for one in each.members:
            side = SIDES[one.is_input]
            yield f"  {side:3}  {one.path:{width}}  {told(one, plain_answer)}"
        yield ""
    lacking = unknown(found)
    if lacking:
        yield "Nothing covers:"
        yield from (f"  {name}" for name in lacking)
        yield ""
    yield summary(found)


def label(way: Way) -> str:
    """Name the kind of an answer to a whole operation."""
    return way.removesuffix(" argument")


def plain_answer(answer: Answer) -> str:
    """Write an answer as plain text."""
    return f"{answer.code}{f' ({answer.note})' if answer.note else ''}"


def told(member: Member, write: Callable[[Answer], str]) -> str:
    """Write the best answer to a member, and all others but `ApiCall`."""
    if not member.answers:
        return UNKNOWN
    best, *others = member.answers
    more = [write(each) for each in others if each.way is not Way.API_CALL]
    first = f"{Way.API_CALL} {write(best)}" if best.way is Way.API_CALL else write(best)
    return " or ".join([first, *more])
