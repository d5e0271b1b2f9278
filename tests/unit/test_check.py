"""The checks of single values, without the AWS CDK."""

from __future__ import annotations

import struct
from dataclasses import dataclass
from enum import Enum, StrEnum
from pathlib import Path
from typing import Any

import pytest
from hypothesis import assume, example, given
from hypothesis import strategies as st

from ivs_constructs import (
    Failure,
    MultitrackInputConfiguration,
    RenditionConfiguration,
    Resolution,
)
from ivs_constructs import _specs as specs
from ivs_constructs._core.check import Check, did_you_mean, is_concrete, is_token, quoted
from ivs_constructs._specs import Kind, Prop
from tests.unit.deploy_time import LIST, NUMBER, TEXT, Duration, Resolvable
from tests.unit.refusals import refused

SOURCE = "https://example.com/limits"


def check_of(prop: Prop, value: object) -> tuple[Any, list[Failure]]:
    check = Check(SOURCE)
    return check.value(prop, value), check.failures


def only(failures: list[Failure]) -> Failure:
    [failure] = failures
    return failure


def failure(message: str, code: str, prop: str = "size") -> Failure:
    return Failure(property=prop, code=code, message=message, source=SOURCE)


@pytest.mark.parametrize(
    "value",
    [
        TEXT,
        f"arn:aws:ivs:{TEXT}:123456789012:channel/abc",
        f"{TEXT}{TEXT}",
        "${Token[AWS.Region.4]}",
        "#{Token[TOKEN.12]}",
        "dummy-value-for-/live/name",
        "https://dummy-value-for-/live/host",
        "{{resolve:ssm:/live/name}}",
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


@given(st.text())
@example("${Token")
@example("$Token[TOKEN.1]")
def test_is_token_never_misjudges_ordinary_text(text: str) -> None:
    assume("{Token[" not in text)

    assert not is_token(text)
    assert not is_token([text])
    assert not is_token([text, text])


@given(st.floats(-1e280, 1e280) | st.integers().map(float) | st.floats(min_value=0))
def test_is_token_never_misjudges_an_ordinary_number(number: float) -> None:
    assert not is_token(number)


@given(st.integers(0, 2**48 - 1))
def test_is_token_sees_every_encoded_number(index: int) -> None:
    # The AWS CDK keeps the index of a token in the six bytes that follow its mark.
    assert is_token(struct.unpack(">d", b"\xfb\xff" + index.to_bytes(6))[0])


@given(st.text(), st.text(), st.integers(0))
def test_is_token_sees_a_token_anywhere_in_a_text(before: str, after: str, index: int) -> None:
    assert is_token(f"{before}${{Token[TOKEN.{index}]}}{after}")


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
        (5, "5 (int); write SizeOfBox(...)"),
        ("box", "'box'; write SizeOfBox(...)"),
        ([1], "[1] (list); write SizeOfBox(...)"),
        ({"size": 5}, "{'size': 5} (dict); write SizeOfBox(...)"),
        (SizeOfBox, f"{SizeOfBox!r} (type); make an instance of it and pass that"),
    ],
)
def test_check_refuses_another_thing_than_a_structure(value: object, tail: str) -> None:
    assert only(check_of(STRUCT, value)[1]) == failure(
        f"size_of_box must be a SizeOfBox, got {tail}", "type", "size_of_box"
    )


def test_check_asks_once_for_a_property_that_was_refused_already() -> None:
    check = Check(SOURCE)
    check.fail("size", "type", "size must be a thing, got 'x'")

    check.properties(STRUCT.members, {})

    assert [found.code for found in check.failures] == ["type"]


def test_check_raises_nothing_when_nothing_was_found() -> None:
    def path() -> str:
        raise AssertionError("the path is asked for only when there is something to report")

    Check(SOURCE).raise_for("Channel", path)


def test_check_raises_one_error_with_all_failures() -> None:
    check = Check(SOURCE)
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
    check = Check(SOURCE)
    check.fail("one", "first", "one must be 1, got 2")

    error = refused(lambda: check.raise_for("Channel"))

    assert error.path is None
    assert str(error) == "Channel has 1 invalid property:\n  - one must be 1, got 2"
