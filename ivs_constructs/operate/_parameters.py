"""Checks the parameters of an API call against the API's model.

Values that are known only later are not checked: AWS CDK tokens, which include the paths of Step
Functions, JSONata expressions, and the attributes that EventBridge Scheduler fills in.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, cast

from ivs_constructs._core.arn_text import ARN_PARTS, may_be_arn
from ivs_constructs._core.check import (
    TOKEN,
    Check,
    closest,
    did_you_mean,
    enum_value,
    is_duration,
    is_token,
    quoted,
    with_article,
)
from ivs_constructs._core.misnamed import snake_case
from ivs_constructs.operate._models import TYPES, Operation, Shape
from ivs_constructs.operate._own_values import structure_of

_SCHEDULER_ATTRIBUTE = re.compile(r"<aws\.scheduler\.[a-z-]+>")
_ARN = re.compile(r"arn:aws:(?P<service>[a-z]+):[^:]+:[^:]+:(?P<type>[A-Za-z-]+|\[a-z-\])/")

# Python has no \p{…}; \w is letters, numbers and _, and these are all Unicode spaces.
_LETTERS_SPACES_NUMBERS = r"\p{L}\p{Z}\p{N}"
_SPACES = " \xa0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000"


@dataclass(frozen=True, slots=True)
class NamedArn:
    """An Amazon IVS ARN in the parameters, known or not.

    Attributes:
        types: The types of resources that it may name.
        arn: The ARN; None if not even its place is known.
        resource: What has the ARN; None if only the ARN was passed.
        prop: The parameter, if its value is a token that the user wrote as the ARN.
    """

    types: Sequence[str]
    arn: str | None
    resource: object = field(default=None, compare=False)
    prop: str = field(default="", compare=False)


@dataclass(slots=True)
class Parameters:
    """Converts parameters to the form of Step Functions and EventBridge Scheduler.

    Both write the names of an API in PascalCase, whatever the API itself does.

    Attributes:
        operation: Their operation.
        check: Collects the failures.
        arns: The ARNs that were found.
        missing: Required parameters that were not given.
    """

    operation: Operation
    check: Check
    arns: list[NamedArn] = field(default_factory=list[NamedArn])
    missing: list[str] = field(default_factory=list[str])

    def read(self, given: Mapping[str, object]) -> dict[str, Any]:
        """Check all parameters of the call."""
        return self._structure(self.operation.input, "", given)

    def _structure(self, shape: Shape, path: str, given: Mapping[str, object]) -> dict[str, Any]:
        members = shape.members
        by_name = {name: each for each in members for name in (each, snake_case(each))}
        wire: dict[str, Any] = {}
        seen: dict[str, str] = {}
        meant_members: set[str] = set()
        for name, value in given.items():
            member = by_name.get(name)
            if member is None:
                allowed = [snake_case(each) for each in members]
                self._fail_unknown(path, name, allowed)
                intended = closest(name, allowed)
                if intended is not None:
                    meant_members.add(by_name[intended])
            elif member in seen:
                inner = _inside(path, name)
                first = seen[member]
                self.check.fail(inner, "duplicate", f"{inner} is {first} again; drop one of them")
            elif value is not None:
                seen[member] = name
                wire[pascal_case(member)] = self._value(members[member], _inside(path, name), value)
        for member in shape.required:
            # What was meant is not reported as missing as well.
            if member in seen or member in meant_members:
                continue
            inner = _inside(path, snake_case(member))
            if path == "":
                self.missing.append(inner)
            else:
                self.check.fail(inner, "required", f"{inner} is required; give a value")
        return wire

    def _fail_unknown(self, path: str, name: object, allowed: Sequence[str]) -> None:
        inner = _inside(path, name if isinstance(name, str) else repr(name))
        place = f"member of {path}" if path else f"parameter of {self.operation.name}"
        self.check.fail(
            inner,
            "unknown",
            f"{inner} is not a {place}, which has {', '.join(allowed)}"
            f"{did_you_mean(name, allowed)}",
        )

    def _value(self, shape: Shape, path: str, value: object) -> object:
        value = enum_value(value)
        if is_known_later(value):
            self._note_arns(shape, path, value)
            return value
        match shape.type:
            case "structure":
                given = structure_of(value, {snake_case(name): 0 for name in shape.members})
                if not isinstance(given, Mapping):
                    return self._wrong_type(shape, path, "a dict", value)
                return self._structure(shape, path, cast("Mapping[str, object]", given))
            case "list":
                return self._list(shape, path, value)
            case "map":
                return self._map(shape, path, value)
            case "string":
                return self._string(shape, path, value)
            case "boolean":
                if not isinstance(value, bool):
                    return self._wrong_type(shape, path, "True or False", value)
                return value
            case "timestamp":
                return self._timestamp(shape, path, value)
            case _:
                return self._number(shape, path, value)

    def _list(self, shape: Shape, path: str, value: object) -> object:
        if not isinstance(value, list | tuple):
            advice = f"; write [{quoted(value)}]" if isinstance(value, str) else ""
            return self._wrong_type(shape, path, "a list", value, advice)
        items = cast("Sequence[object]", value)
        self._count(shape, path, len(items), "items")
        item = shape.part("member")
        return [self._value(item, f"{path}[{index}]", each) for index, each in enumerate(items)]

    def _map(self, shape: Shape, path: str, value: object) -> object:
        if not isinstance(value, Mapping):
            return self._wrong_type(shape, path, "a dict of strings", value)
        entries = cast("Mapping[object, object]", value)
        for name in entries:
            if isinstance(name, str) and name.endswith(".$"):
                self.check.fail(
                    path,
                    "path-key",
                    f"{path} must not have keys that end with .$, whose values Step Functions "
                    f"evaluates, got {quoted(name)}; rename it, and mark a path as "
                    "sfn.JsonPath.string_at(...)",
                )
        self._count(shape, path, len(entries), "entries")
        key, part = shape.part("key"), shape.part("value")
        # The names are the user's own, so they keep their case.
        return {
            self._value(key, f"key of {path}", name): self._value(part, f"{path}[{name!r}]", each)
            for name, each in entries.items()
        }

    def _string(self, shape: Shape, path: str, value: object) -> object:
        arn = _ARN.search(shape.facts.get("pattern", ""))
        if arn is not None:
            return self._arn(shape, path, value, arn)
        if "enum" in shape.facts:
            choices: list[str] = shape.facts["enum"]
            if not isinstance(value, str) or value not in choices:
                self.check.fail(
                    path,
                    "choice",
                    f"{path} must be one of {', '.join(choices)}, got {quoted(value)}"
                    f"{did_you_mean(value, choices)}",
                )
            return value
        if not isinstance(value, str):
            return self._wrong_type(shape, path, "a string", value)
        fits = self._count(shape, path, len(value), "characters")
        pattern = shape.facts.get("pattern")
        # An empty required string is one mistake, not two.
        form = pattern and pattern.replace(_LETTERS_SPACES_NUMBERS, rf"\w{_SPACES}")
        if form is not None and (fits or value) and not re.fullmatch(form, value):
            self.check.fail(
                path,
                "pattern",
                f"{path} must match {pattern}, got {quoted(value)}{_path_advice(value)}",
            )
        return str(value)

    def _arn(self, shape: Shape, path: str, value: object, form: re.Match[str]) -> object:
        types = _types(form)
        arn = value if isinstance(value, str) else _arn_of(value, types)
        may_be_empty = shape.facts["pattern"].startswith("^$|")
        if may_be_empty and arn == "":
            return ""
        service = form["service"]
        if arn is None or not (is_known_later(arn) or _is_arn(arn, service, types)):
            return self._wrong_arn(path, service, types, value)
        if service == "ivs":
            self.arns.append(NamedArn(types, arn, value))
        return arn

    def _wrong_arn(self, path: str, service: str, types: Sequence[str], value: object) -> object:
        kind = types[0] if len(types) == 1 else "<type>"
        written = f"arn:<partition>:{service}:<region>:<account>:{kind}/<id>"
        advice = _path_advice(value) or _arn_advice(value, service, kind)
        self.check.fail(path, "arn", f"{path} must be {written}, got {quoted(value)}{advice}")
        return value

    def _note_arns(self, shape: Shape, path: str, value: object) -> None:
        """Record which ARNs a value may turn out to be."""
        for inner, leaf in shape.leaves():
            form = _ARN.search(leaf.facts.get("pattern", ""))
            if form is None or form["service"] != "ivs":
                continue
            itself = value if inner == "" and isinstance(value, str) else None
            # Deploy-time parts are not judged, but the text around them is.
            if itself is not None and TOKEN.search(itself) and not may_be_arn(itself, _types(form)):
                self._wrong_arn(path, "ivs", _types(form), value)
                continue
            self.arns.append(NamedArn(_types(form), itself, prop=path))

    def _number(self, shape: Shape, path: str, value: object) -> object:
        fractional = shape.type in ("float", "double")
        if isinstance(value, bool) or not isinstance(value, int | float if fractional else int):
            expected = "a number" if fractional else "a whole number"
            return self._wrong_type(shape, path, expected, value)
        minimum, maximum = shape.facts.get("min"), shape.facts.get("max")
        allowed = f"at least {minimum}" if maximum is None else f"{minimum}-{maximum}"
        # NaN is neither less nor more.
        if maximum is not None and not value <= maximum:
            self.check.fail(path, "range", f"{path} must be {allowed}, got {value}; lower it")
        elif minimum is not None and not value >= minimum:
            self.check.fail(path, "range", f"{path} must be {allowed}, got {value}; raise it")
        return value

    def _timestamp(self, shape: Shape, path: str, value: object) -> object:
        moment = value
        if isinstance(value, str):
            try:
                moment = datetime.fromisoformat(value)
            except ValueError:
                moment = None
        if not isinstance(moment, datetime):
            expected = "a datetime, or its text such as '2026-11-21T20:15:00Z'"
            return self._wrong_type(shape, path, expected, value)
        if moment.tzinfo is None:
            self.check.fail(
                path,
                "time-zone",
                f"{path} must have a time zone, got {quoted(str(value))}; add one, such as +00:00",
            )
            return value
        return moment.astimezone(UTC).isoformat().replace("+00:00", "Z")

    def _count(self, shape: Shape, path: str, count: int, what: str) -> bool:
        minimum, maximum = shape.facts.get("min"), shape.facts.get("max")
        code = "length" if what == "characters" else "items"
        if maximum is not None and count > maximum:
            advice = f"drop {count - maximum}"
            limit = f"at most {_amount(maximum, what)}"
        elif minimum is not None and count < minimum:
            advice = f"add {minimum - count}"
            limit = f"at least {_amount(minimum, what)}"
        else:
            return True
        self.check.fail(path, code, f"{path} must have {limit}, got {count}; {advice}")
        return False

    def _wrong_type(
        self, shape: Shape, path: str, expected: str, value: object, advice: str = ""
    ) -> object:
        kind = f"a value of type {type(value).__name__}"
        if expected == "a string" and issubclass(type(value), dict):
            advice = advice or "; write json.dumps(...) around it"
        elif expected == "a whole number" and is_duration(value):
            advice = advice or f"; write the number, in the unit of the API's {path}"
        got = kind if shape.facts.get("sensitive") else quoted(value)
        self.check.fail(path, "type", f"{path} must be {expected}, got {got}{advice}")
        return value


def pascal_case(name: str) -> str:
    """Convert an API name to the form of Step Functions and EventBridge Scheduler."""
    return name[0].upper() + name[1:]


def is_known_later(value: object) -> bool:
    """Whether a value itself, apart from its parts, is known only at deploy time or run time."""
    return is_token(value) or is_expression(value) or scheduler_attribute(value) is not None


def is_expression(value: object) -> bool:
    """Whether a value is a JSONata expression for a state machine."""
    return isinstance(value, str) and value.startswith("{%") and value.endswith("%}")


def scheduler_attribute(value: object) -> str | None:
    """Return the attribute in a string that EventBridge Scheduler fills in, if any."""
    found = _SCHEDULER_ATTRIBUTE.search(value) if isinstance(value, str) else None
    return found[0] if found else None


def _amount(count: int, what: str) -> str:
    return f"{count} {what.removesuffix('s') if count == 1 else what}"


def _inside(path: str, name: str) -> str:
    return f"{path}.{name}" if path else name


def _path_advice(value: object) -> str:
    # The AWS CDK treats a path of Step Functions as plain text unless it is marked.
    is_path = isinstance(value, str) and value.startswith("$")
    return f"; write sfn.JsonPath.string_at({value!r})" if is_path else ""


def _arn_advice(value: object, service: str, kind: str) -> str:
    """Say what to pass instead of something that has no ARN of this type."""
    if hasattr(type(value), "member_type"):
        return "; leave it out of a grant, which is then for all of them, or pass a path"
    if hasattr(type(value), "attr_arn") or hasattr(type(value), "node"):
        return f"; pass {with_article(kind.replace('-', ' '))}"
    if isinstance(value, str) and value.startswith("arn:"):
        parts = value.split(":", ARN_PARTS - 1)
        if len(parts) < ARN_PARTS:
            return ""
        if parts[2] != service:
            return f"; that is an ARN of the service {parts[2]}, not of {service}"
        other = parts[-1].partition("/")[0]
        return f"; that is {with_article(other.replace('-', ' '))}" if other != kind else ""
    only_id = isinstance(value, str) and re.fullmatch(r"[a-zA-Z0-9-]+", value) is not None
    return "; that is only the id, write the whole ARN" if only_id and service == "ivs" else ""


def _types(form: re.Match[str]) -> Sequence[str]:
    # The model's own pattern for any type matches no ARN at all.
    return TYPES if form["type"] == "[a-z-]" else (form["type"],)


def _is_arn(text: str, service: str, types: Sequence[str]) -> bool:
    kinds = "|".join(types)
    form = rf"arn:aws[a-z-]*:{service}:[a-z0-9-]+:[0-9]+:(?:{kinds})/[a-zA-Z0-9-]+"
    return re.fullmatch(form, text) is not None


def _arn_of(resource: object, types: Sequence[str]) -> str | None:
    """Return the ARN of a construct that has the AWS CDK's reference interface."""
    for kind in types:
        # The one type whose name differs from that of its constructs.
        noun = "playback_key_pair" if kind == "playback-key" else snake_case(kind)
        arn = getattr(getattr(resource, f"{noun}_ref", None), f"{noun}_arn", None)
        if isinstance(arn, str):
            return arn
    return None
