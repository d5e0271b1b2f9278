"""Finds event patterns that match no event of Amazon IVS.

Certain mistakes are errors: an event with another detail-type, a field that does not exist. An
unknown name causes a warning, because AWS adds events.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, cast

from ivs_constructs._core.check import Check, did_you_mean, is_token, quoted
from ivs_constructs._core.misnamed import snake_case
from ivs_constructs._core.rules import Advice, Severity
from ivs_constructs.operate._event_kinds import ALL, EventKind

_NAME_FIELDS = tuple(dict.fromkeys(kind.name_field for kind in ALL))
_ARNS = ("channel_arn", "arn")
_FIELDS = frozenset(name for kind in ALL for name in (kind.name_field, *kind.fields))
"""The fields that events have in their detail."""


def check_values(
    check: Check, kinds: Sequence[EventKind], more: Mapping[str, Any], detail: Mapping[str, Any]
) -> Iterator[Advice]:
    """Check the user's own pattern.

    Returns:
        Warnings.
    """
    advice: list[Advice] = []
    wanted = _texts(check, "detail_type", more.get("detail_type"))
    seen = [kind.detail_type for kind in kinds]
    for text in wanted:
        if text in seen:
            continue
        if any(text == kind.detail_type for kind in ALL):
            _never(check, f"have a detail_type of {', '.join(seen)}, got {quoted(text)}", "drop it")
        else:
            advice.append(_unknown("detail_type", text, seen))
    chosen = [kind for kind in kinds if kind.detail_type in wanted] or list(kinds)
    for field in detail:
        if field in _ARNS:
            _never(
                check,
                f"not look for detail.{field}, which no event has",
                "drop it, since this rule looks for the ARN in resources",
            )
        elif snake_case(field) != field and snake_case(field) in _FIELDS:
            _never(
                check,
                f"name fields as the events do, got detail.{field}",
                f"write detail.{snake_case(field)}",
            )
        elif field in _NAME_FIELDS:
            advice += _check_names(check, chosen, field, detail[field], known=not advice)
    return iter(advice)


def _check_names(
    check: Check, kinds: Sequence[EventKind], field: str, given: object, *, known: bool
) -> Iterator[Advice]:
    having = [kind for kind in kinds if kind.name_field == field]
    if not having:
        fields = ", ".join(dict.fromkeys(f"detail.{kind.name_field}" for kind in kinds))
        _never(
            check,
            f"look for {fields} in {_titles(kinds)}, got detail.{field}",
            f"write {fields}",
        )
        return
    names = list(dict.fromkeys(name for kind in having for name in kind.names))
    for text in _texts(check, f"detail.{field}", given):
        if text in names or not known:
            continue
        others = [kind for kind in ALL if text in kind.names]
        if others:
            _never(
                check,
                f"look for {', '.join(names)} in {_titles(kinds)}, got {quoted(text)}, which is of "
                f"{_titles(others)}",
                "drop it",
            )
        else:
            yield _unknown(f"detail.{field}", text, names)


def _texts(check: Check, field: str, given: object) -> list[str]:
    """The known strings of a field; other items are conditions, which may match anything."""
    if given is None or is_token(given):
        return []
    if not isinstance(given, list | tuple):
        advice = f"write [{quoted(given)}]" if isinstance(given, str) else "give a list"
        check.fail(
            "event_pattern",
            "type",
            f"event_pattern must have a list as {field}, got {quoted(given)}; {advice}",
        )
        return []
    items = cast("Sequence[object]", given)
    return [each for each in items if isinstance(each, str) and not is_token(each)]


def _titles(kinds: Sequence[EventKind]) -> str:
    return ", ".join(dict.fromkeys(kind.detail_type for kind in kinds))


def _never(check: Check, rule: str, advice: str) -> None:
    check.fail(
        "event_pattern", "never-matches", f"event_pattern must {rule}; this never matches, {advice}"
    )


def _unknown(field: str, text: str, known: Sequence[str]) -> Advice:
    return Advice(
        Severity.WARNING,
        "ivs-constructs:unknown-event",
        f"{field} {quoted(text)} is not known to this library, so this rule probably never matches"
        f"{did_you_mean(text, known)}",
    )
