"""Values, enums, errors and the checks beneath them, all without the AWS CDK."""

from __future__ import annotations

import struct
from collections.abc import Callable
from dataclasses import dataclass
from enum import Enum, StrEnum
from pathlib import Path
from typing import Any

import pytest
from hypothesis import assume, example, given, settings
from hypothesis import strategies as st

from ivs_constructs import (
    ChannelType,
    ContainerFormat,
    Failure,
    InvalidPropertyError,
    InvalidScopeError,
    IvsConstructsError,
    LatencyMode,
    MaximumResolution,
    MissingNodeError,
    MultitrackInputConfiguration,
    Policy,
    PostRollConfiguration,
    Preset,
    RecordingMode,
    RenditionConfiguration,
    RenditionSelection,
    Resolution,
    SecretAttributeError,
    Storage,
    ThumbnailConfiguration,
    UnknownAttributeError,
    UnsupportedError,
)
from ivs_constructs import _specs as specs
from ivs_constructs._core.check import Check, did_you_mean, is_concrete, is_token, quoted
from ivs_constructs._specs import Kind, Prop
from ivs_constructs.low_latency._countries import COUNTRIES, OFTEN_MISTAKEN
from ivs_constructs.low_latency.playback_restriction_policy import _country_problem, _origin_problem

# What the AWS CDK makes of a deploy-time value, as a text, as a list and as a number.
TEXT = "${Token[TOKEN.12]}"
LIST = ["#{Token[TOKEN.12]}"]
NUMBER: float = struct.unpack(">d", bytes.fromhex("fbff00000000000c"))[0]

SOURCE = "https://example.com/limits"

repeatable = settings(derandomize=True, database=None, deadline=None)


class Resolvable:
    """Stands for the AWS CDK's IResolvable."""

    __jsii_ifaces__: tuple[type, ...] = ()
    creation_stack: tuple[str, ...] = ()

    def resolve(self, context: object) -> object:
        return context


class Duration:
    """Stands for aws_cdk.Duration, which cannot be negative."""

    __jsii_type__ = "aws-cdk-lib.Duration"

    def __init__(self, milliseconds: float, *, token: bool = False, unit: str = "seconds") -> None:
        self._milliseconds = milliseconds
        self._token = token
        self._unit = unit

    def unit_label(self) -> str:
        return self._unit

    def to_milliseconds(self, *, integral: bool = True) -> float:
        # As the AWS CDK does: only one that was made of milliseconds keeps its token.
        if self._token and self._unit != "millis":
            raise RuntimeError("cannot be converted")
        if integral and self._milliseconds % 1:
            raise RuntimeError("no whole number")
        return NUMBER if self._token else self._milliseconds

    def to_seconds(self) -> float:
        return NUMBER if self._token else self._milliseconds / 1000


def check_of(prop: Prop, value: object) -> tuple[Any, list[Failure]]:
    check = Check(source=SOURCE, failures=[])
    return check.value(prop, value), check.failures


def only(failures: list[Failure]) -> Failure:
    [failure] = failures
    return failure


def failure(message: str, code: str, prop: str = "size") -> Failure:
    return Failure(property=prop, code=code, message=message, source=SOURCE)


def refused(make: Callable[[], object]) -> InvalidPropertyError:
    with pytest.raises(InvalidPropertyError) as caught:
        make()
    return caught.value


# is_token, is_concrete


@pytest.mark.parametrize(
    "value",
    [
        TEXT,
        f"arn:aws:ivs:{TEXT}:123456789012:channel/abc",
        f"{TEXT}{TEXT}",
        "${Token[AWS.Region.4]}",
        "#{Token[TOKEN.12]}",
        LIST,
        tuple(LIST),
        NUMBER,
        -1.8881545897087615e289,
        Resolvable(),
    ],
)
def test_is_token_sees_every_encoding(value: object) -> None:
    assert is_token(value)
    assert not is_concrete(value)


@pytest.mark.parametrize(
    "value",
    [
        None,
        True,
        0,
        -1,
        10**400,
        0.0,
        1.5,
        -1e289,
        float("inf"),
        float("-inf"),
        float("nan"),
        "",
        "${Token",
        "Token[TOKEN.1]",
        "${AWS::Region}",
        [],
        [TEXT, "DE"],
        ["DE"],
        [1],
        {},
        object(),
        Path("public.pem"),
    ],
)
def test_is_token_leaves_ordinary_values_alone(value: object) -> None:
    assert not is_token(value)


@repeatable
@given(st.text())
@example("${Token")
@example("$Token[TOKEN.1]")
def test_is_token_never_misjudges_ordinary_text(text: str) -> None:
    assume("{Token[" not in text)

    assert not is_token(text)
    assert not is_token([text])
    assert not is_token([text, text])


@repeatable
@given(st.floats(-1e280, 1e280) | st.integers().map(float) | st.floats(min_value=0))
def test_is_token_never_misjudges_an_ordinary_number(number: float) -> None:
    assert not is_token(number)


@repeatable
@given(st.integers(0, 2**48 - 1))
def test_is_token_sees_every_encoded_number(index: int) -> None:
    # The AWS CDK keeps the index of a token in the six bytes that follow its mark.
    assert is_token(struct.unpack(">d", b"\xfb\xff" + index.to_bytes(6))[0])


@repeatable
@given(st.text(), st.text(), st.integers(0))
def test_is_token_sees_a_token_anywhere_in_a_text(before: str, after: str, index: int) -> None:
    assert is_token(f"{before}${{Token[TOKEN.{index}]}}{after}")


@repeatable
@given(st.lists(st.text().filter(lambda text: "{Token[" not in text)))
def test_is_token_never_misjudges_a_list(texts: list[str]) -> None:
    assert not is_token(texts)
    assert is_concrete(texts)


@pytest.mark.parametrize(
    "value",
    [
        ["DE", TEXT],
        ("DE", TEXT),
        {"team": TEXT},
        {TEXT: "video"},
        {"deep": [{"er": TEXT}]},
        RenditionConfiguration(TEXT),
        MultitrackInputConfiguration(maximum_resolution=TEXT, policy="ALLOW"),
        Duration(0, token=True),
        [Duration(0, token=True)],
    ],
)
def test_is_concrete_sees_a_token_inside(value: object) -> None:
    assert not is_token(value)
    assert not is_concrete(value)


@pytest.mark.parametrize(
    "value",
    [
        ["DE"],
        {"team": "video"},
        RenditionConfiguration.all(),
        Duration(1000),
        None,
        True,
        Resolution.HD,
    ],
)
def test_is_concrete_accepts_what_is_known(value: object) -> None:
    assert is_concrete(value)


# shown, nearest


class Colour(StrEnum):
    RED = "RED"


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("a b", "'a b'"),
        ("", "''"),
        ("it's", '"it\'s"'),
        ("\n", r"'\n'"),
        (None, "None"),
        (True, "True (bool)"),
        (5, "5 (int)"),
        ([1], "[1] (list)"),
        ({"a": 1}, "{'a': 1} (dict)"),
        ("x" * 78, "'" + "x" * 78 + "'"),
        ("x" * 79, "'" + "x" * 79 + "…"),
        (Colour.RED, "'RED'"),
    ],
)
def test_shown_writes_a_value(value: object, expected: str) -> None:
    assert quoted(value) == expected


def test_shown_cuts_what_is_long() -> None:
    assert len(quoted(["x" * 1000])) < 100


@pytest.mark.parametrize(
    ("word", "expected"),
    [
        ("STANDRD", "; did you mean 'STANDARD'?"),
        ("standard", "; did you mean 'STANDARD'?"),
        ("basic", "; did you mean 'BASIC'?"),
        ("", ""),
        ("GOLD", ""),
    ],
)
def test_nearest_advises_what_was_meant(word: str, expected: str) -> None:
    assert did_you_mean(word, ("BASIC", "STANDARD")) == expected


# Check: one kind after the other

NAME = Prop(
    py="size",
    cfn="",
    api="",
    minimum=2,
    maximum=4,
    pattern="[a-z]*",
    form="only small letters",
)


@pytest.mark.parametrize("word", ["ab", "abc", "abcd", TEXT])
def test_check_accepts_a_text(word: str) -> None:
    assert check_of(NAME, word) == (word, [])


@pytest.mark.parametrize(
    ("word", "message", "code"),
    [
        ("", "size must have at least 2 characters, got 0 characters; lengthen it", "length"),
        ("a", "size must have at least 2 characters, got 1 character; lengthen it", "length"),
        (
            "abcde",
            "size must have at most 4 characters, got 5 characters; shorten it by 1",
            "length",
        ),
        ("aBcB", "size must have only small letters, got 'aBcB'; write 'abcb'", "pattern"),
        ("a\n", r"size must have only small letters, got 'a\n'; drop '\n'", "pattern"),
        ("äé", "size must have only small letters, got 'äé'; drop 'äé'", "pattern"),
        (5, "size must be a string, got 5 (int); write '5'", "type"),
        (True, "size must be a string, got True (bool); write 'true'", "type"),
        (1.5, "size must be a string, got 1.5 (float)", "type"),
        (b"ab", "size must be a string, got b'ab' (bytes); pass its text with .decode()", "type"),
        (["ab"], "size must be a string, got ['ab'] (list)", "type"),
    ],
)
def test_check_refuses_a_text(word: object, message: str, code: str) -> None:
    assert only(check_of(NAME, word)[1]) == failure(message, code)


def test_check_refuses_a_path() -> None:
    # Path has a method `resolve`, as the AWS CDK's tokens have.
    [found] = check_of(NAME, Path("public.pem"))[1]

    assert found.code == "type"
    assert found.message.startswith(f"size must be a string, got {quoted(Path('public.pem'))}")


def test_check_reports_characters_and_length_together() -> None:
    messages = [found.message for found in check_of(NAME, "A" * 5)[1]]

    assert messages == [
        "size must have only small letters, got 'AAAAA'; write 'aaaaa'",
        "size must have at most 4 characters, got 5 characters; shorten it by 1",
    ]


CHOICE = Prop(py="size", cfn="", api="", choices=("SMALL", "LARGE"))


class Size(StrEnum):
    SMALL = "SMALL"


class ForeignSize(Enum):
    LARGE = "LARGE"


@pytest.mark.parametrize(
    ("value", "wire"),
    [("SMALL", "SMALL"), (Size.SMALL, "SMALL"), (ForeignSize.LARGE, "LARGE"), (TEXT, TEXT)],
)
def test_check_accepts_a_choice(value: object, wire: str) -> None:
    converted, failures = check_of(CHOICE, value)

    assert (type(converted), converted, failures) == (str, wire, [])


@pytest.mark.parametrize(
    ("value", "tail"),
    [
        ("small", "'small'; did you mean 'SMALL'?"),
        ("LARG", "'LARG'; did you mean 'LARGE'?"),
        ("GOLD", "'GOLD'"),
        ("", "''"),
        (Resolution.HD, "'HD'"),
        (None, "None"),
        (1, "1 (int)"),
        (["SMALL"], "['SMALL'] (list)"),
        ({"SMALL"}, "{'SMALL'} (set)"),
    ],
)
def test_check_refuses_another_choice(value: object, tail: str) -> None:
    assert only(check_of(CHOICE, value)[1]) == failure(
        f"size must be one of SMALL, LARGE, got {tail}", "choice"
    )


COUNT = Prop(py="size", cfn="", api="", kind=Kind.INTEGER, minimum=2, maximum=4)


@pytest.mark.parametrize("number", [2, 3, 4, NUMBER])
def test_check_accepts_a_whole_number(number: float) -> None:
    assert check_of(COUNT, number) == (number, [])


@pytest.mark.parametrize(
    ("number", "message", "code"),
    [
        (1, "size must be 2-4, got 1; raise it", "range"),
        (5, "size must be 2-4, got 5; lower it", "range"),
        (-(10**30), f"size must be 2-4, got -1{'0' * 30}; raise it", "range"),
        (2.0, "size must be a whole number, got 2.0 (float); write 2", "type"),
        (True, "size must be a whole number, got True (bool)", "type"),
        ("3", "size must be a whole number, got '3'; write 3", "type"),
    ],
)
def test_check_refuses_a_number(number: object, message: str, code: str) -> None:
    assert only(check_of(COUNT, number)[1]) == failure(message, code)


WINDOW = Prop(
    py="size", cfn="", api="", kind=Kind.SECONDS, minimum=1, maximum=60, noun="the interval"
)


@pytest.mark.parametrize("seconds", [1, 2, 59, 60])
def test_check_accepts_a_duration(seconds: int) -> None:
    converted, failures = check_of(WINDOW, Duration(seconds * 1000.0))

    assert (type(converted), converted, failures) == (int, seconds, [])


def test_check_accepts_a_duration_known_at_deploy_time() -> None:
    assert check_of(WINDOW, Duration(0, token=True)) == (NUMBER, [])


@pytest.mark.parametrize(
    ("value", "message", "code"),
    [
        (
            Duration(0),
            "size must be 1-60 seconds, got 0 seconds; lengthen the interval",
            "range",
        ),
        (
            Duration(61000),
            "size must be 1-60 seconds, got 61 seconds; shorten the interval",
            "range",
        ),
        (
            Duration(1500),
            "size must be a whole number of seconds, got 1500 milliseconds; round it",
            "whole-seconds",
        ),
        (
            Duration(0, token=True, unit="minutes"),
            "size comes from a deploy-time value and must be made by Duration.seconds, got "
            "minutes; CloudFormation cannot convert units",
            "token-unit",
        ),
        (
            30,
            "size must be a Duration of aws_cdk, got 30 (int); write Duration.seconds(30)",
            "type",
        ),
        (
            1.5,
            "size must be a Duration of aws_cdk, got 1.5 (float); write Duration.seconds(1.5)",
            "type",
        ),
        (True, "size must be a Duration of aws_cdk, got True (bool)", "type"),
        ("30", "size must be a Duration of aws_cdk, got '30'; write Duration.seconds(30)", "type"),
    ],
)
def test_check_refuses_a_duration(value: object, message: str, code: str) -> None:
    assert only(check_of(WINDOW, value)[1]) == failure(message, code)


FLAG = Prop(py="size", cfn="", api="", kind=Kind.BOOLEAN)


@pytest.mark.parametrize("value", [True, False])
def test_check_accepts_a_flag(*, value: bool) -> None:
    assert check_of(FLAG, value) == (value, [])


def test_check_accepts_a_flag_known_at_deploy_time() -> None:
    token = Resolvable()

    assert check_of(FLAG, token) == (token, [])


@pytest.mark.parametrize(
    ("value", "tail"),
    [
        (1, "1 (int); write True"),
        (0, "0 (int); write False"),
        ("true", "'true'; write True"),
        ("off", "'off'; write False"),
        ("", "''"),
        ([], "[] (list)"),
    ],
)
def test_check_refuses_a_flag(value: object, tail: str) -> None:
    assert only(check_of(FLAG, value)[1]) == failure(
        f"size must be True or False, got {tail}", "type"
    )


COLOURS = Prop(
    py="size",
    cfn="",
    api="",
    kind=Kind.LIST,
    minimum=1,
    maximum=3,
    unique=True,
    item=Prop(py="size", cfn="", api="", choices=("RED", "BLUE", "GREEN", "WHITE")),
)


@pytest.mark.parametrize(
    ("value", "wire"),
    [
        (["RED"], ["RED"]),
        (("RED", "BLUE"), ["RED", "BLUE"]),
        (["RED", "BLUE", "GREEN"], ["RED", "BLUE", "GREEN"]),
        (frozenset({Colour.RED}), ["RED"]),
        (["RED", TEXT], ["RED", TEXT]),
        ([TEXT, TEXT], [TEXT, TEXT]),
        (LIST, LIST),
        (tuple(LIST), LIST),
    ],
)
def test_check_accepts_a_list(value: object, wire: list[str]) -> None:
    assert check_of(COLOURS, value) == (wire, [])


def test_check_puts_a_set_in_an_order_of_its_own() -> None:
    # A set's order differs from run to run, and the template must not.
    letters = [chr(code) for code in range(ord("A"), ord("Z") + 1)]
    prop = Prop(py="size", cfn="", api="", kind=Kind.LIST, item=Prop(py="size", cfn="", api=""))

    assert check_of(prop, set(letters)) == (letters, [])


@pytest.mark.parametrize(
    ("value", "message", "code"),
    [
        ([], "size must have at least 1 item, got none; add one", "items"),
        (
            ["RED", "BLUE", "GREEN", "WHITE"],
            "size must have at most 3 items, got 4; drop 1",
            "items",
        ),
        (
            ["RED", "RED"],
            "size must not repeat RED, got it 2 times; drop the duplicate",
            "duplicate",
        ),
        (
            ["RED", Colour.RED, "RED"],
            "size must not repeat RED, got it 3 times; drop the duplicate",
            "duplicate",
        ),
        ("RED", "size must be a list, got 'RED'; write ['RED']", "type"),
        (Colour.RED, "size must be a list, got 'RED'; write ['RED']", "type"),
        ({"RED": 1}, "size must be a list, got {'RED': 1} (dict)", "type"),
        (5, "size must be a list, got 5 (int)", "type"),
        (
            range(2),
            "size must be a list, got range(0, 2) (range); write list(...) around it",
            "type",
        ),
        (
            ["PINK"],
            "size must be one of RED, BLUE, GREEN, WHITE, got 'PINK'",
            "choice",
        ),
    ],
)
def test_check_refuses_a_list(value: object, message: str, code: str) -> None:
    assert only(check_of(COLOURS, value)[1]) == failure(message, code)


def test_check_refuses_a_generator() -> None:
    found = only(check_of(COLOURS, (colour for colour in ["RED"]))[1])

    assert found.message.startswith("size must be a list, got <generator object ")


def test_check_reports_all_duplicates_in_order() -> None:
    messages = [found.message for found in check_of(COLOURS, ["RED", "BLUE"] * 2)[1]]

    assert messages == [
        "size must have at most 3 items, got 4; drop 1",
        "size must not repeat BLUE, got it 2 times; drop the duplicate",
        "size must not repeat RED, got it 2 times; drop the duplicate",
    ]


@pytest.mark.parametrize(
    "tags",
    [
        {},
        {"k": ""},
        {"k" * 128: "v" * 256},
        {f"key{n}": "value" for n in range(50)},
        {"_ .:/=+-@": "Größe 5 ー Ⅷ \u00a0"},
        {"k": TEXT},
        {TEXT: "v" * 256},
        {"laws:": "x"},
    ],
)
def test_check_accepts_tags(tags: dict[str, str]) -> None:
    wire = [{"key": key, "value": value} for key, value in tags.items()]

    assert check_of(specs.TAGS, tags) == (wire, [])


CHARACTERS = "tags must hold only letters, digits, spaces and _ . : / = + - @, got"


@pytest.mark.parametrize(
    ("tags", "message", "code"),
    [
        (
            {f"key{n}": "value" for n in range(51)},
            "tags must have at most 50 entries, got 51; drop 1",
            "items",
        ),
        (
            {"": "v"},
            "tags must have a key of 1-128 characters, got 0 characters as key; lengthen it",
            "length",
        ),
        (
            {"k" * 129: "v"},
            "tags must have a key of 1-128 characters, got 129 characters as key; shorten it",
            "length",
        ),
        (
            {"k": "v" * 257},
            "tags must have a value of 0-256 characters, got 257 characters as value of 'k'; "
            "shorten it",
            "length",
        ),
        (
            {"aws:k": "v"},
            "tags must not have keys that start with aws:, got 'aws:k'; rename it",
            "tag-prefix",
        ),
        (
            {"AWS:k": "v"},
            "tags must not have keys that start with aws:, got 'AWS:k'; rename it",
            "tag-prefix",
        ),
        ({"a!b?a!": "v"}, f"{CHARACTERS} '!?' in key; drop it", "pattern"),
        ({"k": "a*b"}, f"{CHARACTERS} '*' in value of 'k'; drop it", "pattern"),
        ({"k": "a\tb"}, rf"{CHARACTERS} '\t' in value of 'k'; drop it", "pattern"),
        ({"k": "👍"}, f"{CHARACTERS} '👍' in value of 'k'; drop it", "pattern"),
        ({5: "v"}, "tags must hold strings, got 5 (int) as key; write '5'", "type"),
        ({"k": 5}, "tags must hold strings, got 5 (int) as value of 'k'; write '5'", "type"),
        ({"k": None}, "tags must hold strings, got None as value of 'k'; write a str", "type"),
        (
            [{"Key": "k", "Value": "v"}],
            "tags must be a dict of strings, such as {'team': 'video'}, got "
            "[{'Key': 'k', 'Value': 'v'}] (list); write {'k': 'v'}",
            "type",
        ),
        (
            "team=video",
            "tags must be a dict of strings, such as {'team': 'video'}, got 'team=video'",
            "type",
        ),
    ],
)
def test_check_refuses_tags(tags: object, message: str, code: str) -> None:
    assert only(check_of(specs.TAGS, tags)[1]) == failure(message, code, "tags")


STRUCT = Prop(
    py="size_of_box",
    cfn="",
    api="",
    kind=Kind.STRUCT,
    value_class="SizeOfBox",
    members=(
        Prop(py="size", cfn="", api="", kind=Kind.INTEGER, required=True, minimum=1, maximum=9),
        Prop(py="name", cfn="", api="", required=True, default="box (set by this library)"),
    ),
)


@dataclass
class SizeOfBox:
    size: object = None
    name: object = None


def test_check_accepts_a_structure() -> None:
    assert check_of(STRUCT, SizeOfBox(5)) == ({"size": 5}, [])


def test_check_asks_for_what_is_required() -> None:
    assert only(check_of(STRUCT, SizeOfBox())[1]) == failure(
        "size is required; give a value", "required"
    )


def test_check_leaves_out_what_was_refused() -> None:
    wire, failures = check_of(STRUCT, SizeOfBox(10, "x"))

    assert wire == {"name": "x"}
    assert only(failures) == failure("size must be 1-9, got 10; lower it", "range")


@pytest.mark.parametrize(
    ("value", "tail"),
    [
        (5, "5 (int)"),
        ("box", "'box'"),
        ([1], "[1] (list)"),
        ({"size": 5}, "{'size': 5} (dict); write SizeOfBox(...)"),
        (SizeOfBox, f"{SizeOfBox!r} (type); make an instance of it and pass that"),
    ],
)
def test_check_refuses_another_thing_than_a_structure(value: object, tail: str) -> None:
    assert only(check_of(STRUCT, value)[1]) == failure(
        f"size_of_box must be a SizeOfBox, got {tail}", "type", "size_of_box"
    )


def test_check_asks_once_for_a_property_that_was_refused_already() -> None:
    check = Check(source=SOURCE, failures=[])
    check.fail("size", "type", "size must be a thing, got 'x'")

    check.properties(STRUCT.members, {})

    assert [found.code for found in check.failures] == ["type"]


def test_check_raises_nothing_when_nothing_was_found() -> None:
    def path() -> str:
        raise AssertionError("the path is asked for only when there is something to report")

    Check(source=SOURCE, failures=[]).raise_for("Channel", path)


def test_check_raises_one_error_with_all_failures() -> None:
    check = Check(source=SOURCE, failures=[])
    check.fail("one", "first", "one must be 1, got 2")
    check.fail("two", "second", "two must be 2, got 1", "https://example.com/other")

    error = refused(lambda: check.raise_for("Channel", lambda: "App/Live/Channel"))

    assert str(error) == (
        "Channel 'App/Live/Channel' has 2 invalid properties:\n"
        "  - one must be 1, got 2\n"
        "  - two must be 2, got 1"
    )
    assert (error.subject, error.path) == ("Channel", "App/Live/Channel")
    assert error.failures == (
        failure("one must be 1, got 2", "first", "one"),
        Failure(
            property="two",
            code="second",
            message="two must be 2, got 1",
            source="https://example.com/other",
        ),
    )


def test_check_raises_without_a_path() -> None:
    check = Check(source=SOURCE, failures=[])
    check.fail("one", "first", "one must be 1, got 2")

    error = refused(lambda: check.raise_for("Channel"))

    assert error.path is None
    assert str(error) == "Channel has 1 invalid property:\n  - one must be 1, got 2"


# errors


@pytest.mark.parametrize(
    ("error", "code", "bases"),
    [
        (IvsConstructsError, "Error", (ValueError,)),
        (InvalidPropertyError, "InvalidProperty", (IvsConstructsError,)),
        (InvalidScopeError, "InvalidScope", (IvsConstructsError, TypeError)),
        (UnsupportedError, "Unsupported", (IvsConstructsError,)),
        (SecretAttributeError, "SecretAttribute", (IvsConstructsError, AttributeError)),
        (UnknownAttributeError, "UnknownAttribute", (IvsConstructsError, AttributeError)),
        (MissingNodeError, "MissingNode", (IvsConstructsError,)),
    ],
)
def test_error_has_its_code_and_bases(
    error: type[IvsConstructsError], code: str, bases: tuple[type[Exception], ...]
) -> None:
    assert error.code == code
    assert error.__bases__ == bases


# enums


@pytest.mark.parametrize(
    ("choices", "names"),
    [
        (ChannelType, {"BASIC", "STANDARD", "ADVANCED_SD", "ADVANCED_HD"}),
        (LatencyMode, {"LOW", "NORMAL"}),
        (Preset, {"HIGHER_BANDWIDTH_DELIVERY", "CONSTRAINED_BANDWIDTH_DELIVERY"}),
        (ContainerFormat, {"TS", "FRAGMENTED_MP4"}),
        (MaximumResolution, {"FULL_HD", "HD", "SD"}),
        (Policy, {"ALLOW", "REQUIRE"}),
        (RecordingMode, {"INTERVAL", "DISABLED"}),
        (RenditionSelection, {"ALL", "NONE", "CUSTOM"}),
        (Resolution, {"FULL_HD", "HD", "SD", "LOWEST_RESOLUTION"}),
        (Storage, {"SEQUENTIAL", "LATEST"}),
    ],
)
def test_enum_members_are_their_own_strings(choices: type[StrEnum], names: set[str]) -> None:
    assert set(choices.__members__) == names
    assert all(member == name == str(member) for name, member in choices.__members__.items())


# values


@pytest.mark.parametrize("resolution", [*MaximumResolution, "SD", "HD", "FULL_HD", TEXT])
@pytest.mark.parametrize("policy", [*Policy, "ALLOW", TEXT])
def test_multitrack_accepts_every_choice(resolution: str, policy: str) -> None:
    tracks = MultitrackInputConfiguration(maximum_resolution=resolution, policy=policy)

    assert (tracks.maximum_resolution, tracks.policy, tracks.enabled) == (resolution, policy, True)


def test_multitrack_accepts_nothing_else_while_off() -> None:
    assert MultitrackInputConfiguration(enabled=False).policy is None


def test_multitrack_leaves_a_token_unjudged() -> None:
    token: Any = Resolvable()

    assert MultitrackInputConfiguration(enabled=token).enabled is token


MISSING_RESOLUTION = (
    "maximum_resolution is required while multitrack input is enabled, got None; pass one of "
    "SD, HD, FULL_HD"
)
MISSING_POLICY = (
    "policy is required while multitrack input is enabled, got None; pass one of ALLOW, REQUIRE"
)


@pytest.mark.parametrize(
    ("settings_", "messages", "codes"),
    [
        ({}, [MISSING_RESOLUTION, MISSING_POLICY], ["multitrack-missing"] * 2),
        ({"policy": "ALLOW"}, [MISSING_RESOLUTION], ["multitrack-missing"]),
        ({"maximum_resolution": "HD"}, [MISSING_POLICY], ["multitrack-missing"]),
        (
            {"maximum_resolution": "LOWEST_RESOLUTION", "policy": "allow"},
            [
                "maximum_resolution must be one of SD, HD, FULL_HD, got 'LOWEST_RESOLUTION'",
                "policy must be one of ALLOW, REQUIRE, got 'allow'; did you mean 'ALLOW'?",
            ],
            ["choice", "choice"],
        ),
        (
            {"enabled": "yes"},
            ["enabled must be True or False, got 'yes'; write True"],
            ["type"],
        ),
        ({"enabled": 1}, ["enabled must be True or False, got 1 (int); write True"], ["type"]),
    ],
)
def test_multitrack_refuses(
    settings_: dict[str, Any], messages: list[str], codes: list[str]
) -> None:
    error = refused(lambda: MultitrackInputConfiguration(**settings_))

    count = "1 invalid property" if len(messages) == 1 else f"{len(messages)} invalid properties"
    lines = "".join(f"\n  - {message}" for message in messages)
    assert str(error) == f"MultitrackInputConfiguration has {count}:{lines}"
    assert [found.code for found in error.failures] == codes
    assert {found.source for found in error.failures} == {specs.CHANNEL.source}


def test_multitrack_does_not_take_none_for_off() -> None:
    nothing: Any = None

    with pytest.raises(InvalidPropertyError):
        MultitrackInputConfiguration(enabled=nothing)


@pytest.mark.parametrize(
    ("configuration", "selection", "renditions"),
    [
        (RenditionConfiguration.all(), "ALL", None),
        (RenditionConfiguration.none(), "NONE", None),
        (RenditionConfiguration.custom(["HD"]), "CUSTOM", ["HD"]),
        (RenditionConfiguration.custom(list(Resolution)), "CUSTOM", list(Resolution)),
        (RenditionConfiguration.custom(("SD", Resolution.HD)), "CUSTOM", ("SD", Resolution.HD)),
        (RenditionConfiguration.custom(LIST), "CUSTOM", LIST),
        (RenditionConfiguration.custom([TEXT, TEXT]), "CUSTOM", [TEXT, TEXT]),
        (RenditionConfiguration(TEXT, ["HD"]), TEXT, ["HD"]),
        (RenditionConfiguration(TEXT), TEXT, None),
    ],
)
def test_renditions_accept(
    configuration: RenditionConfiguration, selection: str, renditions: object
) -> None:
    assert configuration.rendition_selection == selection
    assert configuration.renditions == renditions


NO_RENDITIONS = (
    "renditions must name at least one of FULL_HD, HD, SD, LOWEST_RESOLUTION, got none; name one, "
    "or use RenditionConfiguration.none() to record no video"
)


def unused_renditions(selection: str) -> str:
    return (
        f"renditions requires rendition_selection CUSTOM, got {selection}; use "
        "RenditionConfiguration.custom(...) or drop renditions"
    )


@pytest.mark.parametrize(
    ("selection", "renditions", "messages", "codes"),
    [
        ("CUSTOM", None, [NO_RENDITIONS], ["renditions-missing"]),
        ("CUSTOM", [], [NO_RENDITIONS], ["renditions-missing"]),
        ("CUSTOM", (), [NO_RENDITIONS], ["renditions-missing"]),
        ("ALL", ["HD"], [unused_renditions("ALL")], ["renditions-unused"]),
        ("NONE", [], [unused_renditions("NONE")], ["renditions-unused"]),
        (
            RenditionSelection.NONE,
            LIST,
            [unused_renditions("NONE")],
            ["renditions-unused"],
        ),
        (
            "custom",
            ["HD"],
            [
                "rendition_selection must be one of ALL, NONE, CUSTOM, got 'custom'; did you "
                "mean 'CUSTOM'?"
            ],
            ["choice"],
        ),
        (
            "CUSTOM",
            ["HD", "4K"],
            ["renditions must be one of SD, HD, FULL_HD, LOWEST_RESOLUTION, got '4K'"],
            ["choice"],
        ),
        (
            "CUSTOM",
            ["HD", Resolution.HD],
            ["renditions must not repeat HD, got it 2 times; drop the duplicate"],
            ["duplicate"],
        ),
        (
            "CUSTOM",
            [*Resolution, "SD"],
            [
                "renditions must have at most 4 items, got 5; drop 1",
                "renditions must not repeat SD, got it 2 times; drop the duplicate",
            ],
            ["items", "duplicate"],
        ),
        ("CUSTOM", "HD", ["renditions must be a list, got 'HD'; write ['HD']"], ["type"]),
        (
            "CUSTOM",
            Resolution.HD,
            ["renditions must be a list, got 'HD'; write ['HD']"],
            ["type"],
        ),
    ],
)
def test_renditions_refuse(
    selection: str, renditions: object, messages: list[str], codes: list[str]
) -> None:
    given: Any = renditions

    error = refused(lambda: RenditionConfiguration(selection, given))

    count = "1 invalid property" if len(messages) == 1 else f"{len(messages)} invalid properties"
    lines = "".join(f"\n  - {message}" for message in messages)
    assert str(error) == f"RenditionConfiguration has {count}:{lines}"
    assert [found.code for found in error.failures] == codes
    assert {found.source for found in error.failures} == {specs.RECORDING_CONFIGURATION.source}


def test_renditions_keep_a_set_in_an_order_of_their_own() -> None:
    given: Any = {"SD", "HD", "FULL_HD", "LOWEST_RESOLUTION"}

    renditions = RenditionConfiguration.custom(given).renditions

    assert renditions == ("FULL_HD", "HD", "LOWEST_RESOLUTION", "SD")


@pytest.mark.parametrize(
    ("configuration", "mode", "storage"),
    [
        (ThumbnailConfiguration(), None, None),
        (ThumbnailConfiguration.interval(), "INTERVAL", None),
        (ThumbnailConfiguration.disable(), "DISABLED", None),
        (ThumbnailConfiguration.interval("HD", ["LATEST"]), "INTERVAL", ["LATEST"]),
        (ThumbnailConfiguration.interval(storage=list(Storage)), "INTERVAL", list(Storage)),
        (ThumbnailConfiguration.interval(storage=[]), "INTERVAL", []),
        (ThumbnailConfiguration.interval(storage=LIST), "INTERVAL", LIST),
        (ThumbnailConfiguration(TEXT, TEXT, ["LATEST"]), TEXT, ["LATEST"]),
    ],
)
def test_thumbnails_accept(
    configuration: ThumbnailConfiguration, mode: str | None, storage: object
) -> None:
    assert configuration.recording_mode == mode
    assert configuration.storage == storage


@pytest.mark.parametrize("seconds", [1, 59, 60])
def test_thumbnails_accept_an_interval(seconds: int) -> None:
    interval: Any = Duration(seconds * 1000)

    thumbnails = ThumbnailConfiguration.interval(target_interval=interval)

    assert thumbnails.target_interval is interval


def disabled(name: str) -> str:
    return (
        f"{name} requires recording_mode INTERVAL, got DISABLED; use "
        f"ThumbnailConfiguration.interval(...) or drop {name}"
    )


@pytest.mark.parametrize(
    ("values", "messages", "codes"),
    [
        (
            {"recording_mode": "OFF"},
            ["recording_mode must be one of DISABLED, INTERVAL, got 'OFF'"],
            ["choice"],
        ),
        (
            {"resolution": "hd"},
            [
                "resolution must be one of SD, HD, FULL_HD, LOWEST_RESOLUTION, got 'hd'; did you "
                "mean 'HD'?"
            ],
            ["choice"],
        ),
        (
            {"storage": ["LATEST", "SEQUENTIAL", "LATEST"]},
            [
                "storage must have at most 2 items, got 3; drop 1",
                "storage must not repeat LATEST, got it 2 times; drop the duplicate",
            ],
            ["items", "duplicate"],
        ),
        (
            {"storage": ["ALL"]},
            ["storage must be one of SEQUENTIAL, LATEST, got 'ALL'"],
            ["choice"],
        ),
        (
            {"storage": "LATEST"},
            ["storage must be a list, got 'LATEST'; write ['LATEST']"],
            ["type"],
        ),
        (
            {"storage": Storage.LATEST},
            ["storage must be a list, got 'LATEST'; write ['LATEST']"],
            ["type"],
        ),
        (
            {"target_interval": 10},
            [
                "target_interval must be a Duration of aws_cdk, got 10 (int); write "
                "Duration.seconds(10)"
            ],
            ["type"],
        ),
        (
            {"target_interval": Duration(0)},
            ["target_interval must be 1-60 seconds, got 0 seconds; lengthen the interval"],
            ["range"],
        ),
        (
            {"target_interval": Duration(61000)},
            ["target_interval must be 1-60 seconds, got 61 seconds; shorten the interval"],
            ["range"],
        ),
        (
            {
                "recording_mode": RecordingMode.DISABLED,
                "resolution": "HD",
                "storage": ["LATEST"],
                "target_interval": Duration(1000),
            },
            [disabled("resolution"), disabled("storage"), disabled("target_interval")],
            ["thumbnails-disabled"] * 3,
        ),
        (
            {"recording_mode": "DISABLED", "storage": []},
            [disabled("storage")],
            ["thumbnails-disabled"],
        ),
    ],
)
def test_thumbnails_refuse(values: dict[str, Any], messages: list[str], codes: list[str]) -> None:
    error = refused(lambda: ThumbnailConfiguration(**values))

    count = "1 invalid property" if len(messages) == 1 else f"{len(messages)} invalid properties"
    lines = "".join(f"\n  - {message}" for message in messages)
    assert str(error) == f"ThumbnailConfiguration has {count}:{lines}"
    assert [found.code for found in error.failures] == codes


@pytest.mark.parametrize("seconds", [1, 299, 300])
def test_post_roll_accepts_a_duration(seconds: int) -> None:
    duration: Any = Duration(seconds * 1000)

    assert PostRollConfiguration(duration=duration).enabled is True


@pytest.mark.parametrize(
    ("values", "message", "code"),
    [
        (
            {"duration": Duration(0)},
            "duration must be 1-300 seconds, got 0 seconds; lengthen the post-roll",
            "range",
        ),
        (
            {"duration": Duration(301000)},
            "duration must be 1-300 seconds, got 301 seconds; shorten the post-roll",
            "range",
        ),
        (
            {"duration": 30},
            "duration must be a Duration of aws_cdk, got 30 (int); write Duration.seconds(30)",
            "type",
        ),
        ({"duration": None}, "duration must be a Duration of aws_cdk, got None", "type"),
        (
            {"duration": Duration(1000), "enabled": "no"},
            "enabled must be True or False, got 'no'; write False",
            "type",
        ),
    ],
)
def test_post_roll_refuses(values: dict[str, Any], message: str, code: str) -> None:
    error = refused(lambda: PostRollConfiguration(**values))

    assert str(error) == f"PostRollConfiguration has 1 invalid property:\n  - {message}"
    assert error.failures[0].code == code
    assert error.failures[0].source == specs.AD_CONFIGURATION.source


def test_post_roll_refuses_none_for_enabled() -> None:
    nothing: Any = None
    duration: Any = Duration(1000)

    with pytest.raises(InvalidPropertyError):
        PostRollConfiguration(duration=duration, enabled=nothing)


@pytest.mark.parametrize(
    ("make", "name"),
    [
        (lambda: MultitrackInputConfiguration(maximum="HD"), "maximum"),  # type: ignore[call-arg]  # the point
        (lambda: ThumbnailConfiguration(targetInterval=1), "targetInterval"),  # type: ignore[call-arg]  # the point
        (lambda: PostRollConfiguration(), "duration"),  # type: ignore[call-arg]  # the point
    ],
)
def test_values_name_a_keyword_that_does_not_fit(make: Callable[[], object], name: str) -> None:
    with pytest.raises(TypeError, match=f"'{name}'"):
        make()


# countries and origins


@pytest.mark.parametrize("code", sorted(COUNTRIES))
def test_country_is_accepted(code: str) -> None:
    assert _country_problem(code) is None


def country(code: str, advice: str) -> str:
    return f"must hold ISO 3166-1 alpha-2 country codes, got {quoted(code)}; {advice}"


@pytest.mark.parametrize(
    ("code", "meant"), [*OFTEN_MISTAKEN.items(), ("uk", "GB"), ("de", "DE"), ("Fr", "FR")]
)
def test_country_names_the_code_that_was_meant(code: str, meant: str) -> None:
    assert _country_problem(code) == country(code, f"write '{meant}'")


@pytest.mark.parametrize("code", ["", "D", "ZZ", "XK", "EU", "AN", "DEU", "Germany", "D E", "ß"])
def test_country_refuses_what_is_not_assigned(code: str) -> None:
    assert _country_problem(code) == country(
        code, "write its two letters in the ISO 3166-1 list, such as 'DE' for Germany"
    )


@repeatable
@given(st.text(max_size=3))
def test_country_accepts_exactly_the_list(code: str) -> None:
    assert (_country_problem(code) is None) == (code in COUNTRIES)


labels = st.from_regex(r"[a-z0-9]([a-z0-9-]{0,8}[a-z0-9])?", fullmatch=True)
hosts = (
    st.lists(labels, min_size=1, max_size=4).map(".".join)
    | st.ip_addresses(v=4).map(str)
    | st.ip_addresses(v=6).map(lambda address: f"[{address}]")
)
ports = st.none() | st.integers(1, 65535).filter(lambda port: port not in (80, 443))
schemes = st.sampled_from(["http", "https", "chrome-extension", "capacitor", "ionic"])


def serialized(scheme: str, host: str, port: int | None) -> str:
    return f"{scheme}://{host}" + ("" if port is None else f":{port}")


origins = st.builds(serialized, schemes, hosts, ports)


@repeatable
@given(origins)
@example("null")
@example("http://localhost:3000")
@example("https://xn--mnchen-3ya.de")
@example("https://my_host")
@example("http://example.com:443")
@example("https://example.com:80")
@example("https://[2001:db8::1]:8443")
@example("https://[::ffff:192.0.2.1]")
def test_origin_accepts_what_browsers_send(origin: str) -> None:
    assert _origin_problem(origin) is None


@repeatable
@given(origins, st.sampled_from(["/", "/path", "?", "?q=1", "#", "#top", "/?q#top"]))
def test_origin_advises_to_drop_what_follows(origin: str, rest: str) -> None:
    assert _origin_problem(origin + rest) == (
        f"must hold origins scheme://host[:port] as browsers send them, got {quoted(origin + rest)}"
        f"; drop what follows the host: '{origin}'"
    )


@repeatable
@given(origins)
def test_origin_advises_lower_case(origin: str) -> None:
    shouted = origin.upper()
    problem = _origin_problem(shouted)

    assert problem is not None
    assert problem.endswith(f": '{origin}'")


@repeatable
@given(st.text(max_size=40))
@example("https:/example.com")
@example("https:example.com")
@example("https://")
@example("//example.com")
@example("https:\\\\example.com")
@example("'https://example.com'")
@example("https//example.com")
@example("www.Example.com")
@example("NULL")
@example("https://EXAMPLE.com:443")
@example("https://MÜNCHEN.de")
@example("https://example.com:443/")
@example("https://a@b:443")
@example("https://example.com,https://example.org")
@example("javascript:alert(1)")
@example("file:///index.html")
def test_origin_gives_advice_that_is_accepted_verbatim(text: str) -> None:
    problem = _origin_problem(text)
    if problem is None:
        return
    _, _, advice = problem.rpartition("; ")
    if advice.endswith("'"):
        _, _, quoted = advice.partition("'")
        assert _origin_problem(quoted.removesuffix("'")) is None


ORIGIN = "must hold origins scheme://host[:port] as browsers send them, got"
WRITE = "write the scheme and the host, such as"


@pytest.mark.parametrize(
    ("origin", "advice"),
    [
        ("example.com", f"{WRITE} 'https://example.com'"),
        ("Example.org/live", f"{WRITE} 'https://example.org'"),
        ("example.com:8443", f"{WRITE} 'https://example.com:8443'"),
        ("localhost", f"{WRITE} 'https://localhost'"),
        ("", f"{WRITE} 'https://example.com'"),
        ("HTTPS://Example.com/x", "drop what follows the host: 'https://example.com'"),
        ("https://example.com\n", "write a host name in ASCII, without user or spaces"),
        ("https://Example.com", "write it in lower case: 'https://example.com'"),
        ("HTTPS://example.com", "write it in lower case: 'https://example.com'"),
        ("https://[FE80::1]", "write it in lower case: 'https://[fe80::1]'"),
        ("https://example.com:443", "drop the default port: 'https://example.com'"),
        ("http://example.com:80", "drop the default port: 'http://example.com'"),
        ("https://[::1]:443", "drop the default port: 'https://[::1]'"),
        ("*", "list each origin, because only playback tokens may have wildcards"),
        (
            "https://*.example.com",
            "list each origin, because only playback tokens may have wildcards",
        ),
        (
            "https://user:word@example.com",
            "write a host name in ASCII, without user or spaces",
        ),
        ("https://münchen.de", "write a host name in ASCII, without user or spaces"),
        ("https://example .com", "write a host name in ASCII, without user or spaces"),
    ],
)
def test_origin_refuses(origin: str, advice: str) -> None:
    assert _origin_problem(origin) == f"{ORIGIN} {quoted(origin)}; {advice}"


@pytest.mark.parametrize(
    "origin",
    [
        "https://example.com:65536",
        "https://example.com:99999",
        "https://example.com:port",
        "https://example.com:",
        "https://example.com:0443",
    ],
)
def test_origin_speaks_of_the_port_that_is_wrong(origin: str) -> None:
    problem = _origin_problem(origin)

    assert problem is not None
    assert "port" in problem.rpartition("; ")[2]


@pytest.mark.parametrize(
    "origin",
    [
        "NULL",
        "https://[::1",
        "//example.com",
        "https:/example.com",
        "https://",
        "file:///",
        " https://example.com",
        "https://example.com ",
        "https://example.com:",
        "https://example.com:0443",
        "https://exam\nple.com",
        "https://..",
        "https://a@b",
        "https://example.com,https://example.org",
    ],
)
def test_origin_refuses_what_no_browser_sends(origin: str) -> None:
    assert _origin_problem(origin) is not None
