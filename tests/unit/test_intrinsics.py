"""The literal text in intrinsic functions."""

from __future__ import annotations

import pytest

from ivs_constructs._core.intrinsics import readings

REF = {"Ref": "P"}


@pytest.mark.parametrize(
    ("value", "texts"),
    [
        ("a*", ["a*"]),
        ("a-{{resolve:ssm:/*}}", ["a-\0"]),
        (REF, ["\0"]),
        (7, ["\0"]),
        ({}, ["\0"]),
        ({"Fn::Join": [":", ["a", REF, "*"]]}, ["a:\0:*"]),
        ({"Fn::Join": ["", {"Fn::Split": [",", REF]}]}, ["\0"]),
        ({"Fn::Sub": "a/${P}/${!P}/*"}, ["a/\0/${P}/*"]),
        ({"Fn::Sub": ["${x}${y}", {"x": {"Fn::Join": ["", ["a", "*"]]}}]}, ["a*\0"]),
        ({"Fn::If": ["C", "*", {"Fn::If": ["D", "a", REF]}]}, ["*", "a", "\0"]),
        ({"Fn::Join": ["", ["a", {"Fn::If": ["C", "*", "b"]}]]}, ["a*", "ab"]),
        ({"Fn::Select": [1, ["*", "b"]]}, ["b"]),
        ({"Fn::Select": ["0", ["*", "b"]]}, ["*"]),
        ({"Fn::Select": [REF, ["*", "b"]]}, ["*", "b"]),
        ({"Fn::Select": [0, {"Fn::Split": [",", REF]}]}, ["\0"]),
        ({"Fn::ImportValue": "*"}, ["\0"]),
    ],
)
def test_what_a_value_may_turn_out_to_be(value: object, texts: list[str]) -> None:
    assert readings(value) == texts


@pytest.mark.parametrize(
    ("value", "texts"),
    [
        (REF, ["\0", "*"]),
        ({"Ref": "Other"}, ["\0"]),
        ({"Fn::Sub": "a/${P}"}, ["a/\0", "a/*"]),
        ({"Fn::Join": ["", ["a", REF]]}, ["a\0", "a*"]),
        ({"Fn::Select": [1, REF]}, ["\0", "*"]),
        ({"Fn::Select": [1, {"Ref": "List"}]}, ["\0", "a", "b?"]),
    ],
)
def test_what_a_parameter_names_is_one_of_them(value: object, texts: list[str]) -> None:
    known = {"P": ["*"], "List": ["a, b?"]}
    assert readings(value, lambda name: known.get(name, [])) == texts


def test_number_of_readings_is_bounded() -> None:
    either = {"Fn::If": ["C", "a", "*"]}
    assert len(readings({"Fn::Join": ["", [either] * 40]})) == 64
