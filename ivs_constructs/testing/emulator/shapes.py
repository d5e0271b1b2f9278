"""The forms of values in the service models: compiled once, then used to check, select and mask.

botocore itself checks only types, required members and minimums. This checks everything in a model,
including maximums, patterns (of the whole value) and enums, in requests and answers.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, cast

MASK = "***"
"""Replaces values in logs that the model marks as sensitive."""

# Patterns that are wrong in the models: this one allows one letter for the resource type, so no ARN
# would pass the tag operations.
_MISTAKEN = {
    "arn:aws:ivs:[a-z0-9-]+:[0-9]+:[a-z-]/[a-zA-Z0-9-]+": (
        "arn:aws:ivs:[a-z0-9-]+:[0-9]+:[a-z-]+/[a-zA-Z0-9-]+"
    ),
}

# Unicode classes that Python's re lacks; they occur only inside [...].
_CLASSES = (
    (r"\p{L}", r"\w"),
    (r"\p{N}", r"\d"),
    (r"\p{Z}", " \u00a0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000"),
)

# Documented to be "" for channels of type BASIC and STANDARD, although the enum lacks that.
_BLANK_IN_ANSWERS = {"TranscodePreset"}


@dataclass(slots=True, eq=False)
class Form:
    """The form of a value in a model.

    Attributes:
        name: The shape's name in the model.
        kind: The model's type, such as `structure` or `string`.
        members: The members of a structure.
        required: Those members of a structure that must be given.
        item: The form of a list's items or a map's values.
        key: The form of a map's keys.
        minimum: Smallest number, length or count.
        maximum: Largest number, length or count.
        pattern: What a string must match as a whole.
        choices: The values of an enum.
        sensitive: Whether the value must never be logged.
        location: Where the value travels: `body`, `uri`, `querystring` or `header`.
    """

    name: str
    kind: str
    members: dict[str, Form] = field(default_factory=dict[str, "Form"])
    required: tuple[str, ...] = ()
    item: Form | None = None
    key: Form | None = None
    minimum: float | None = None
    maximum: float | None = None
    pattern: re.Pattern[str] | None = None
    choices: tuple[str, ...] = ()
    sensitive: bool = False
    location: str = "body"


def compile_form(shape: Any) -> Form:  # noqa: ANN401 (botocore ships no types)
    """Compile a botocore shape with everything in it."""
    facts: dict[str, Any] = shape.metadata
    form = Form(
        name=shape.name,
        kind=shape.type_name,
        minimum=facts.get("min"),
        maximum=facts.get("max"),
        pattern=_pattern(facts["pattern"]) if "pattern" in facts else None,
        choices=tuple(facts.get("enum", ())),
        sensitive=bool(facts.get("sensitive")),
        location=shape.serialization.get("location", "body"),
    )
    if form.kind == "structure":
        form.members = {name: compile_form(member) for name, member in shape.members.items()}
        form.required = tuple(shape.required_members)
    elif form.kind == "list":
        form.item = compile_form(shape.member)
    elif form.kind == "map":
        form.key, form.item = compile_form(shape.key), compile_form(shape.value)
    return form


def _pattern(text: str) -> re.Pattern[str]:
    text = _MISTAKEN.get(text, text)
    for theirs, ours in _CLASSES:
        text = text.replace(theirs, ours)
    return re.compile(text)


def problems(form: Form, value: object, *, answer: bool = False) -> list[str]:
    """Return what is wrong with a decoded value, without ever repeating it.

    Args:
        form: What the value should be.
        value: Decoded JSON.
        answer: Whether it is in an answer, where the documentation allows a little more.
    """
    found: list[str] = []
    _check(form, value, "", answer, found)
    return found


def _check(form: Form, value: object, path: str, answer: bool, found: list[str]) -> None:
    match form.kind:
        case "structure":
            _check_structure(form, value, path, answer, found)
        case "list":
            if not isinstance(value, list):
                found.append(f"{_shown(path)} must be a list")
                return
            items = cast("list[object]", value)
            _check_size(form, len(items), path, "items", found)
            for index, item in enumerate(items):
                _check(cast("Form", form.item), item, f"{path}[{index}]", answer, found)
        case "map":
            if not isinstance(value, dict):
                found.append(f"{_shown(path)} must be a map")
                return
            entries = cast("dict[str, object]", value)
            _check_size(form, len(entries), path, "entries", found)
            for key, item in entries.items():
                _check(cast("Form", form.key), key, f"a key of {path}", answer, found)
                _check(cast("Form", form.item), item, f"a value of {path}", answer, found)
        case "string":
            _check_string(form, value, path, answer, found)
        case "integer" | "long" | "float" | "double":
            _check_number(form, value, path, found)
        case "boolean":
            if not isinstance(value, bool):
                found.append(f"{path} must be true or false")
        case _:
            if not _is_time(value):
                found.append(f"{path} must be a time in ISO 8601")


def _check_structure(form: Form, value: object, path: str, answer: bool, found: list[str]) -> None:
    if not isinstance(value, dict):
        found.append(f"{_shown(path)} must be a structure")
        return
    given = cast("dict[str, object]", value)
    found += [f"{_join(path, name)} is required" for name in form.required if name not in given]
    for name, item in given.items():
        member = form.members.get(name)
        if member is None:
            found.append(f"{_join(path, name)} is unknown to {form.name}")
        else:
            _check(member, item, _join(path, name), answer, found)


def _check_string(form: Form, value: object, path: str, answer: bool, found: list[str]) -> None:
    if not isinstance(value, str):
        found.append(f"{path} must be a string")
        return
    _check_size(form, len(value), path, "characters", found)
    if form.pattern is not None and not form.pattern.fullmatch(value):
        found.append(f"{path} must match {form.pattern.pattern}")
    if form.choices and value not in form.choices:
        if answer and not value and form.name in _BLANK_IN_ANSWERS:
            return
        found.append(f"{path} must be one of {', '.join(form.choices)}")


def _check_number(form: Form, value: object, path: str, found: list[str]) -> None:
    whole = form.kind in ("integer", "long")
    if isinstance(value, bool) or not isinstance(value, int if whole else int | float):
        found.append(f"{path} must be a {'whole ' if whole else ''}number")
        return
    if form.minimum is not None and value < form.minimum:
        found.append(f"{path} must be at least {form.minimum}")
    if form.maximum is not None and value > form.maximum:
        found.append(f"{path} must be at most {form.maximum}")


def _check_size(form: Form, size: int, path: str, unit: str, found: list[str]) -> None:
    if form.minimum is not None and size < form.minimum:
        found.append(f"{path} must have at least {form.minimum} {unit}, got {size}")
    if form.maximum is not None and size > form.maximum:
        found.append(f"{path} must have at most {form.maximum} {unit}, got {size}")


def _is_time(value: object) -> bool:
    if not isinstance(value, str):
        return False
    try:
        datetime.fromisoformat(value)
    except ValueError:
        return False
    return True


def _join(path: str, name: str) -> str:
    return f"{path}.{name}" if path else name


def _shown(path: str) -> str:
    return path or "the body"


def without_nulls(value: object) -> object:
    """Drop members that are null, which count as omitted, as in the AWS SDKs."""
    if isinstance(value, dict):
        entries = cast("dict[str, object]", value)
        return {key: without_nulls(item) for key, item in entries.items() if item is not None}
    if isinstance(value, list):
        return [without_nulls(item) for item in cast("list[object]", value)]
    return value


def select(form: Form, value: object) -> object:
    """Select the members of a value that are in a form's body.

    Records hold a resource's whole state; this makes a summary, without members that the installed
    botocore is too old to know.
    """
    if isinstance(value, datetime):
        return value.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
    if form.kind == "structure" and isinstance(value, dict):
        source = cast("dict[str, object]", value)
        return {
            name: select(member, source[name])
            for name, member in form.members.items()
            if member.location == "body" and source.get(name) is not None
        }
    if form.kind == "list" and isinstance(value, list):
        item = cast("Form", form.item)
        return [select(item, each) for each in cast("list[object]", value)]
    return value


def mask(form: Form, value: object) -> object:
    """Copy a request's value for a log, without sensitive or unknown parts."""
    if form.sensitive:
        return MASK
    if form.kind == "structure" and isinstance(value, dict):
        return {
            name: mask(form.members[name], item) if name in form.members else MASK
            for name, item in cast("dict[str, object]", value).items()
        }
    if form.kind in ("list", "map"):
        item = cast("Form", form.item)
        if isinstance(value, list):
            return [mask(item, each) for each in cast("list[object]", value)]
        if isinstance(value, dict):
            entries = cast("dict[str, object]", value)
            return {key: mask(item, each) for key, each in entries.items()}
    return MASK if isinstance(value, list | dict) else value
