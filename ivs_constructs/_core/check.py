"""Checks values against their descriptors and converts them to CloudFormation's form.

Values that are known only at deploy time (tokens) are not checked, wherever they appear.
"""

from __future__ import annotations

import functools
import json
import os
import re
import sys
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import fields, is_dataclass
from datetime import timedelta
from enum import Enum
from typing import TYPE_CHECKING, Any, SupportsInt, TypeGuard, cast

from ivs_constructs._specs import (
    OWN_TAGS,
    TAG_KEY,
    TAG_VALUE,
    Kind,
    Prop,
    ResourceSpec,
)
from ivs_constructs.errors import Failure
from ivs_constructs.tokens._failures import Failures, is_encoded_token, shortened

if TYPE_CHECKING:
    import aws_cdk as cdk
    from _typeshed import DataclassInstance

# No other characters, so that a search takes linear time.
TOKEN = re.compile(r"[$#]\{Token\[[a-zA-Z0-9:._-]*\]\}")
"""A token of the AWS CDK in a string, which may be a part of the string or all of it."""

TO_BE_LOOKED_UP = "dummy-value-for-"
"""Marks the placeholder that `value_from_lookup` returns until the CDK CLI has looked up the value.

The CLI looks values up only after a synthesis that succeeded with the placeholders.
"""

DYNAMIC_REFERENCE = "{{resolve:"
"""Starts a text that CloudFormation replaces with the value of a parameter or secret."""


def is_token(value: object) -> bool:
    """Whether a value itself, apart from its parts, is not known yet, mostly until deploy time.

    Recognizes the AWS CDK's encodings in strings, numbers and lists without asking Node, which a
    call for every property of every construct would make slow.
    """
    if isinstance(value, str):
        return is_encoded_token(value) or TO_BE_LOOKED_UP in value or DYNAMIC_REFERENCE in value
    if isinstance(value, float):
        return is_encoded_token(value)
    if isinstance(value, list | tuple):
        items = cast("Sequence[object]", value)
        return len(items) == 1 and isinstance(items[0], str) and "#{Token[" in items[0]
    return is_token_object(value)


def is_token_object(value: object) -> bool:
    """Whether a value is an AWS CDK token that is not encoded as a string, number or list."""
    # Paths and stacks can be resolved as well; only tokens know where they were created.
    return hasattr(value, "resolve") and (
        hasattr(type(value), "creation_stack") or type(value).__name__ == "InterfaceDynamicProxy"
    )


def _stands_for(prop: Prop, value: object) -> bool:
    """Whether a value is a token in the encoding that the AWS CDK accepts for the property."""
    if not is_token(value):
        return False
    match prop.kind:
        case Kind.STRING:
            return isinstance(value, str)
        case Kind.INTEGER:
            return isinstance(value, float) or is_token_object(value)
        case Kind.LIST:
            objects = prop.item is not None and prop.item.kind is Kind.STRUCT
            return isinstance(value, list | tuple) or (objects and is_token_object(value))
        case Kind.BOOLEAN | Kind.STRUCT:
            return is_token_object(value)
        case Kind.SECONDS | Kind.TAGS:
            return False


@functools.cache
def generated_name() -> str:
    """Return what the AWS CDK replaces with a name where another stack needs one."""
    # Not imported: values are checked in programs without the AWS CDK, too.
    return cast("str", sys.modules["aws_cdk"].PhysicalName.GENERATE_IF_NEEDED)


def is_generated_name(value: object) -> TypeGuard[str]:
    """Whether a value is what the AWS CDK replaces with a name where another stack needs one."""
    is_text_token = isinstance(value, str) and "Token[TOKEN." in value
    return is_text_token and "aws_cdk" in sys.modules and value == generated_name()


def is_concrete(value: object) -> bool:
    """Whether a value and everything in it is known now."""
    if is_token(value):
        return False
    if is_duration(value):
        return milliseconds_of(value) is not None
    if isinstance(value, Mapping):
        items = cast("Mapping[object, object]", value)
        return all(is_concrete(part) for pair in items.items() for part in pair)
    if isinstance(value, list | tuple):
        return all(is_concrete(item) for item in cast("Sequence[object]", value))
    if is_dataclass(value):
        return all(is_concrete(getattr(value, field.name)) for field in fields(value))
    return True


def is_duration(value: object) -> TypeGuard[cdk.Duration]:
    """Whether a value is a Duration of the AWS CDK."""
    # By its jsii name, so that values can be checked where aws_cdk was never imported.
    return getattr(type(value), "__jsii_type__", None) == "aws-cdk-lib.Duration"


_MILLISECONDS = "_ivs_constructs_milliseconds"


def milliseconds_of(duration: cdk.Duration) -> float | None:
    """Return the length of a Duration, None where it is known only at deploy time."""
    # Each question is a round trip to Node, so the answer is kept with the object.
    kept = vars(duration)
    if _MILLISECONDS not in kept:
        try:
            found = duration.to_milliseconds(integral=False)
        except RuntimeError:  # what is known only at deploy time cannot be converted
            found = None
        kept[_MILLISECONDS] = None if found is None or is_token(found) else found
    return cast("float | None", kept[_MILLISECONDS])


def enum_value(value: object) -> object:
    """The value of an enum member, including those of aws_ivs_alpha, which are not strings."""
    return cast("object", value.value) if isinstance(value, Enum) else value


def with_article(noun: str) -> str:
    """Write a noun with its article, for a message."""
    return f"{'an' if noun[0] in 'AEIOaeio' else 'a'} {noun}"


def quoted(value: object) -> str:
    """Write a value for a message: strings in quotes, others with their type, long ones cut."""
    if value is None:
        return "None"
    if is_token(value) and not (isinstance(value, str) and not TOKEN.fullmatch(value)):
        kind = type(value).__name__
        return f"a deploy-time value ({'object' if is_token_object(value) else kind})"
    value = enum_value(value)
    if type(value).__repr__ is object.__repr__:
        return with_article(type(value).__name__)
    text = shortened(repr(value))
    return text if isinstance(value, str) else f"{text} ({type(value).__name__})"


INSTANCE_ADVICE = "; make an instance of it and pass that"
"""What to do when a class was passed instead of an object."""

_SYNONYMS = {
    **{"1080p": "FULL_HD", "720p": "HD", "480p": "SD"},
    **{"fmp4": "FRAGMENTED_MP4", "mp4": "FRAGMENTED_MP4", "cmaf": "FRAGMENTED_MP4"},
    **{"mpeg-ts": "TS", "mpegts": "TS", "hls": "TS"},
    **{"16:9": "VIDEO", "1:1": "SQUARE", "3:4": "PORTRAIT", "9:16": "PORTRAIT"},
    **{"stretch": "FILL", "crop": "COVER", "letterbox": "CONTAIN"},
    **{"native": "CLOUDFORMATION", "read": "SUBSCRIBE", "write": "PUBLISH"},
}
"""What people call values of the API."""


def closest(word: object, choices: Iterable[str]) -> str | None:
    """Return the choice that was probably meant, None if there is none."""
    if not isinstance(word, str):
        return None
    # Imported here because only a mistake needs it.
    import difflib

    upper = {choice.upper(): choice for choice in choices}
    synonym = _SYNONYMS.get(word.lower(), "")
    word = synonym if synonym in upper else word
    close = difflib.get_close_matches(word.upper(), upper, n=1, cutoff=0.5)
    return upper[close[0]] if close else None


def did_you_mean(word: object, choices: Iterable[str]) -> str:
    """Suggest the choice that was probably meant, or nothing."""
    meant = closest(word, choices)
    return "" if meant is None else f"; did you mean '{meant}'?"


def bool_advice(value: object) -> str:
    """Suggest True or False for a string or number that means one of them."""
    if is_token(value):
        return ""
    word = str(value).lower()
    meant = True if word in _YES else False if word in _NO else None
    return "" if meant is None else f"; write {meant}"


_YES = ("true", "yes", "on", "1", "enabled", "enable", "always")
_NO = ("false", "no", "off", "0", "disabled", "disable", "never")

ADDITIONAL_VALUES = "ivs_constructs:additionalValues"
"""Context key: additional enum values to accept, for the day AWS adds one."""


def listed(context: object) -> tuple[str, ...]:
    """Read names from a context value: a list, or a comma-separated string."""
    if isinstance(context, str):
        return tuple(name.strip() for name in context.split(","))
    if isinstance(context, list):
        return tuple(str(name) for name in cast("list[object]", context))
    return ()


def additional_values() -> frozenset[str]:
    """Return the values that the context on the AWS CDK's command line allows.

    Values such as Video are made before their app is known, so context set in the program does not
    reach them.
    """
    context = os.environ.get("CDK_CONTEXT_JSON", "")
    if ADDITIONAL_VALUES not in context:
        return frozenset()
    return frozenset(listed(json.loads(context).get(ADDITIONAL_VALUES)))


class Check(Failures):
    """Collects the failures of one construct's or value's properties.

    Attributes:
        more_values: Enum values that the user allows in addition to the known ones.
        unknown: The ones that were used, by property.
    """

    def __init__(self, source: str) -> None:
        """Begin with nothing wrong."""
        self.source = source
        self.failures: list[Failure] = []
        self.more_values = additional_values()
        self.unknown: dict[str, str] = {}

    def fail(self, prop: str, code: str, message: str, source: str | None = None) -> None:
        """Record one invalid property."""
        self.note(prop, code, message, source)

    def made_value(self, props: Iterable[Prop], value: DataclassInstance) -> None:
        """Check a value of this library, in which None is allowed only where it is the default."""
        defaults = {each.name: each.default for each in fields(value)}
        for prop in props:
            given: object = getattr(value, prop.py)
            if given is not None or defaults[prop.py] is not None:
                self.value(prop, given)

    def properties(self, props: Iterable[Prop], values: object) -> dict[str, Any]:
        """Check values, given as a mapping or as an object with attributes.

        Returns:
            The values that are set and valid, by the user's names, in CloudFormation's form.
        """
        wire: dict[str, Any] = {}
        for prop in props:
            value = _member(values, prop.py)
            if value is None:
                reported = any(prop.py == known.property for known in self.failures)
                if prop.required and not prop.default and not reported:
                    self.fail(prop.py, "required", f"{prop.py} is required; give a value")
                continue
            before = len(self.failures)
            converted = self.value(prop, value)
            if len(self.failures) == before:
                wire[prop.py] = converted
        return wire

    def value(self, prop: Prop, value: object) -> Any:  # noqa: ANN401 (JSON-like, by kind)
        """Check one value and convert it to CloudFormation's form."""
        if is_generated_name(value):
            self.fail(
                prop.py,
                "generated-name",
                f"{prop.py} must not be PhysicalName.GENERATE_IF_NEEDED, because no ARN of Amazon "
                "IVS contains a name; omit it, or write a name",
            )
            return None
        if _stands_for(prop, value):
            return list(cast("tuple[str]", value)) if isinstance(value, tuple) else value
        match prop.kind:
            case Kind.STRING:
                return self._string(prop, value)
            case Kind.INTEGER:
                return self._integer(prop, value)
            case Kind.SECONDS:
                return self._seconds(prop, value)
            case Kind.BOOLEAN:
                if isinstance(value, bool):
                    return value
                return self._wrong_type(prop, "True or False", value, bool_advice(value))
            case Kind.LIST:
                return self._list(prop, value)
            case Kind.STRUCT:
                return self._struct(prop, value)
            case Kind.TAGS:
                return self._tags(prop, value)

    def _wrong_type(
        self, prop: Prop, expected: str, value: object, advice: str = "", *, item: bool = False
    ) -> None:
        got = f"a value of type {type(value).__name__}" if prop.confidential else quoted(value)
        verb = "hold" if item else "be"
        advice = advice or _token_advice(prop, value)
        self.fail(prop.py, "type", f"{prop.py} must {verb} {expected}, got {got}{advice}")

    def _string(self, prop: Prop, value: object, *, item: bool = False) -> str | None:
        word = enum_value(value)
        verb = "hold" if item else "have"
        if prop.choices:
            listed = ", ".join(prop.choices)
            if is_token(word):
                self._wrong_type(prop, f"one of {listed}", word)
            elif isinstance(word, str) and word in self.more_values and not prop.closed:
                if word not in prop.choices:
                    self.unknown[prop.py] = word
            elif prop.may_be_empty and isinstance(word, str) and not word:
                pass
            elif not isinstance(word, str) or word not in prop.choices:
                advice = did_you_mean(word, prop.choices)
                self.fail(
                    prop.py,
                    "choice",
                    f"{prop.py} must be one of {listed}, got {quoted(word)}{advice}",
                )
            return str(word)
        if not isinstance(word, str):
            expected = "strings" if item else "a string"
            advice = "" if prop.confidential and isinstance(word, int) else _text_advice(word)
            self._wrong_type(prop, expected, word, advice, item=item)
            return None
        if prop.pattern is not None and not re.fullmatch(prop.pattern, word):
            self.fail(prop.py, "pattern", _pattern_message(prop, word))
        length, plural = len(word), "" if len(word) == 1 else "s"
        # For a list, the message has to say which item it is.
        got = f"{length} character{plural}{f' in {quoted(word)}' if item else ''}"
        of = "texts of " if item else ""
        if prop.maximum is not None and length > prop.maximum and not prop.judged_by_rule:
            self.fail(
                prop.py,
                "length",
                f"{prop.py} must {verb} {of}at most {prop.maximum} characters, got {got}; "
                f"shorten it by {length - prop.maximum}",
            )
        if prop.minimum is not None and length < prop.minimum and not prop.judged_by_rule:
            self.fail(
                prop.py,
                "length",
                f"{prop.py} must {verb} {of}at least {prop.minimum} characters, got {got}; "
                "lengthen it",
            )
        return str(word)

    def _integer(self, prop: Prop, value: object, unit: str = "") -> int | float | None:
        numbers = (int, float) if prop.fractional else int
        if not isinstance(value, numbers) or isinstance(value, bool):
            expected = "a number" if prop.fractional else "a whole number"
            self._wrong_type(prop, expected, value, _number_advice(value, prop))
            return None
        if prop.minimum is not None and prop.maximum is not None:
            allowed = f"{prop.py} must be {prop.minimum}-{prop.maximum}{unit}, got {value}{unit}"
            shorten, lengthen = ("shorten", "lengthen") if unit else ("lower", "raise")
            if value > prop.maximum:
                self.fail(prop.py, "range", f"{allowed}; {shorten} {prop.noun}")
            elif not value >= prop.minimum:  # NaN is not smaller either
                self.fail(prop.py, "range", f"{allowed}; {lengthen} {prop.noun}")
        return value

    def _seconds(self, prop: Prop, value: object) -> int | float | None:
        if not is_duration(value):
            advice = ""
            if is_token(value) and not isinstance(value, str):
                advice = "; write Duration.seconds(...) around it"
            elif type(value) in (int, float):
                advice = f"; write Duration.seconds({value})"
            elif isinstance(value, timedelta):
                advice = f"; write Duration.seconds({value.total_seconds():.15g})"
            elif isinstance(value, str):
                advice = _duration_advice(value)
            self._wrong_type(prop, "a Duration of aws_cdk", value, advice)
            return None
        milliseconds = milliseconds_of(value)
        if milliseconds is None:
            if value.unit_label() != "seconds":
                self.fail(
                    prop.py,
                    "token-unit",
                    f"{prop.py} comes from a deploy-time value and must be made by "
                    f"Duration.seconds, got {value.unit_label()}; CloudFormation cannot convert "
                    "units",
                )
                return None
            return value.to_seconds()
        if milliseconds % 1000:
            self.fail(
                prop.py,
                "whole-seconds",
                f"{prop.py} must be a whole number of seconds, got "
                f"{milliseconds:.15g} milliseconds; round it",
            )
            return None
        return self._integer(prop, int(milliseconds // 1000), " seconds")

    def _list(self, prop: Prop, value: object) -> list[Any] | None:
        if isinstance(value, str) or not isinstance(value, list | tuple | set | frozenset):
            self._wrong_type(prop, "a list", value, _list_advice(value))
            return None
        items = list(cast("Iterable[object]", value))
        if isinstance(value, set | frozenset):
            items.sort(key=str)  # the order of a set changes from run to run; a template must not
        wire = [self._item(cast("Prop", prop.item), item) for item in items]
        if prop.maximum is not None and len(items) > prop.maximum:
            noun = "item" if prop.maximum == 1 else "items"
            self.fail(
                prop.py,
                "items",
                f"{prop.py} must have at most {prop.maximum} {noun}, got {len(items)}; "
                f"drop {len(items) - prop.maximum}",
            )
        if prop.minimum is not None and len(items) < prop.minimum:
            self.fail(
                prop.py,
                "items",
                f"{prop.py} must have at least {prop.minimum} item, got none; add one",
            )
        if prop.unique:
            known = [item for item in wire if isinstance(item, str) and not is_token(item)]
            for item in sorted({item for item in known if known.count(item) > 1}):
                self.fail(
                    prop.py,
                    "duplicate",
                    f"{prop.py} must not repeat {item}, got it {known.count(item)} times; "
                    "drop the duplicate",
                )
        return wire

    def _item(self, prop: Prop, item: object) -> Any:  # noqa: ANN401 (JSON-like, by kind)
        if prop.kind is Kind.STRING and not _stands_for(prop, item):
            return self._string(prop, item, item=True)
        return self.value(prop, item)

    def _struct(self, prop: Prop, value: object) -> dict[str, Any] | None:
        if prop.item is not None:
            return self._texts(prop, prop.item, value)
        # By name, so that the value of the same name from aws_ivs_alpha works as well.
        fits = (
            prop.value_class in (c.__name__ for c in type(value).__mro__)
            if prop.value_class
            else isinstance(value, Mapping)
        )
        if not fits:
            advice = _value_advice(prop.value_class, value)
            self._wrong_type(prop, f"a {prop.value_class}", value, advice)
            return None
        return self.properties(prop.members, value)

    def _texts(self, prop: Prop, item: Prop, value: object) -> dict[str, Any] | None:
        """Check strings under names of the user's choice."""
        if not isinstance(value, Mapping):
            self._wrong_type(prop, "a dict of strings, such as {'role': 'host'}", value)
            return None
        texts = cast("Mapping[object, object]", value)
        for name in texts:
            if not isinstance(name, str):
                self._wrong_type(prop, "strings", name, item=True)
        return {str(name): self._item(item, text) for name, text in texts.items()}

    def _tags(self, prop: Prop, value: object) -> list[dict[str, str]] | None:
        if not isinstance(value, Mapping):
            expected = "a dict of strings, such as {'team': 'video'}"
            self._wrong_type(prop, expected, value, _tags_advice(value))
            return None
        tags = cast("Mapping[object, object]", value)
        if prop.maximum is not None and len(tags) > prop.maximum:
            self.fail(
                prop.py,
                "items",
                f"tags must have at most {prop.maximum} entries, got {len(tags)}; "
                f"drop {len(tags) - prop.maximum}",
            )
        for key, text in tags.items():
            self._tag("key", TAG_KEY, key)
            self._tag(f"value of {quoted(key)}", TAG_VALUE, text)
            # Whose a resource is, and what deletes it, is read from these.
            if _begins(key, OWN_TAGS):
                self.fail(
                    "tags",
                    "tag-prefix",
                    f"tags must not have keys that start with {OWN_TAGS}, which are reserved for "
                    f"this library, got {quoted(key)}; rename it",
                )
            if _begins(key, "aws:"):
                self.fail(
                    "tags",
                    "tag-prefix",
                    f"tags must not have keys that start with aws:, got {quoted(key)}; rename it",
                )
        return [{"key": str(key), "value": str(text)} for key, text in tags.items()]

    def _tag(self, what: str, prop: Prop, text: object) -> None:
        if is_token(text):
            return
        if not isinstance(text, str):
            self.fail(
                "tags",
                "type",
                f"tags must hold strings, got {quoted(text)} as {what}"
                f"{_text_advice(text) or '; write a str'}",
            )
            return
        minimum, maximum = prop.minimum or 0, prop.maximum or 0
        if not minimum <= len(text) <= maximum:
            self.fail(
                "tags",
                "length",
                f"tags must have a {prop.py} of {minimum}-{maximum} characters, got {len(text)} "
                f"characters as {what}; {'shorten' if len(text) > maximum else 'lengthen'} it",
            )
        wrong = sorted({character for character in text if not _is_tag_character(character)})
        if wrong:
            self.fail(
                "tags",
                "pattern",
                "tags must hold only letters, digits, spaces and _ . : / = + - @, got "
                f"{quoted(''.join(wrong))} in {what}; drop it",
            )


def check_members(value: DataclassInstance, prop: Prop, resource: ResourceSpec) -> Check:
    """Check a value of this library against the members of its descriptor."""
    check = Check(resource.source)
    check.made_value(prop.members, value)
    return check


def _token_advice(prop: Prop, value: object) -> str:
    """Say how to convert a token of another encoding to one that the AWS CDK accepts."""
    if not is_token(value):
        return ""
    if prop.kind is Kind.BOOLEAN:
        return "; pass the token itself, such as the attribute value of a CfnParameter"
    if prop.kind is Kind.INTEGER and isinstance(value, str):
        return "; write Token.as_number(...) around it"
    wanted = {Kind.STRING: "value_as_string", Kind.LIST: "value_as_list"}.get(prop.kind, "")
    # By attribute, so that values can be checked where aws_cdk was never imported.
    return f"; pass its attribute {wanted}" if wanted and hasattr(type(value), wanted) else ""


_FEWEST_BITS = 1_000
"""A bitrate below this is in megabits."""

_UNITS = {"s": "seconds", "m": "minutes", "h": "hours", "d": "days"}
"""The methods of Duration, by how their names begin."""


def _duration_advice(text: str) -> str:
    """Suggest the Duration that a text such as `90`, `2m`, `PT2M` or `30 days` was meant to be."""
    found = re.fullmatch(r"P?T?\s*([0-9]{1,9})\s*([a-z]*)", text.strip(), re.IGNORECASE)
    unit = found and _UNITS.get((found[2] or "s")[0].lower())
    if not found or not unit:
        return "; write one such as Duration.minutes(2)"
    return f"; write Duration.{unit}({int(found[1])})"


def _number_advice(value: object, prop: Prop) -> str:
    """Suggest the whole number that a string or float was meant to be."""
    megabits = value if isinstance(value, float) and not is_token(value) else 0
    if prop.py == "bitrate" and 0 < megabits < _FEWEST_BITS:
        return f"; it is in bits a second, write {int(megabits * 1_000_000)}"
    if isinstance(value, str) and re.fullmatch(r"[0-9]{1,9}", value):
        return f"; write {int(value)}"
    if isinstance(value, float) and not is_token(value):
        return f"; write {int(value)}" if value.is_integer() else "; round it"
    if not isinstance(value, bool) and hasattr(type(value), "__int__"):
        # A Decimal, or a number of another library.
        return f"; write {int(cast('SupportsInt', value))}" if _is_whole(value) else "; round it"
    return ""


def _is_whole(value: object) -> bool:
    whole: object = value == int(cast("SupportsInt", value))
    return whole is True


def _text_advice(value: object) -> str:
    """Say how to convert a value of another type to a string."""
    if isinstance(value, bytes):
        return "; pass its text with .decode()"
    if hasattr(value, "read_text"):
        return "; pass its content with .read_text()"
    if isinstance(value, int):
        return f"; write {quoted(str(value).lower())}"
    return ""


def _tags_advice(value: object) -> str:
    """Suggest the dict that a list of keys and values was meant to be."""
    if not isinstance(value, list | tuple):
        return ""
    tags: dict[str, str] = {}
    for each in cast("Sequence[object]", value):
        if isinstance(each, Mapping):
            pair = cast("Mapping[object, object]", each)
            key, text = (pair.get(n, pair.get(n.lower())) for n in ("Key", "Value"))
        else:
            # A CfnTag of the AWS CDK.
            key, text = (getattr(each, name, None) for name in ("key", "value"))
        if not isinstance(key, str) or not isinstance(text, str):
            return ""
        tags[key] = text
    return f"; write {shortened(repr(tags))}" if tags else ""


def _value_advice(name: str, value: object) -> str:
    """Say how to make a value of this library."""
    if isinstance(value, type):
        return INSTANCE_ADVICE
    if callable(value):
        return "; call it, with parentheses"
    if name in _FACTORIES:
        return f"; write {name}.{_FACTORIES[name]}"
    return f"; write {name}(...)"


_FACTORIES = {
    "RenditionConfiguration": "all(), .none() or .custom([...])",
    "ThumbnailConfiguration": "interval(...) or .disable()",
    "ParticipantThumbnailConfiguration": "interval(...) or .disable()",
}
"""How to make the values whose settings depend on a mode."""


def _list_advice(value: object) -> str:
    """Suggest the list that another value was meant to be."""
    if isinstance(value, Iterable) and not isinstance(value, str | bytes | Mapping):
        return "; write list(...) around it"
    if not isinstance(value, str):
        return ""
    if is_token(value):
        return "; put it in [ ]"
    parts = [part.strip() for part in value.split(",") if part.strip()]
    written = [quoted(part) for part in parts] if len(parts) > 1 else [quoted(value)]
    return f"; write [{', '.join(written)}]"


def _begins(key: object, prefix: str) -> bool:
    """Whether a tag's key has a prefix; IAM ignores case there."""
    return isinstance(key, str) and key.casefold().startswith(prefix)


def _member(values: object, name: str) -> object:
    if isinstance(values, Mapping):
        return cast("Mapping[str, object]", values).get(name)
    return getattr(values, name)


def _pattern_message(prop: Prop, word: str) -> str:
    message = f"{prop.py} must have {prop.form}, got {quoted(word)}"
    # A character class shows which ones are wrong; a whole pattern does not.
    character = re.fullmatch(r"(\[[^\]]+\])[*+]", prop.pattern or "")
    if character is None:
        return message
    wrong = "".join(dict.fromkeys(c for c in word if not re.fullmatch(character[1], c)))
    if wrong != wrong.lower() and re.fullmatch(f"(?:{character[1]}|_)+", word.lower()):
        return f"{message}; write {quoted(word.lower().replace('_', '-'))}"
    return f"{message}; drop {quoted(wrong)}"


def _is_tag_character(character: str) -> bool:
    # Imported here because few resources have tags.
    import unicodedata

    return character in "_.:/=+-@" or unicodedata.category(character)[0] in "LZN"
