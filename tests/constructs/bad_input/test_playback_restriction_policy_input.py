"""What a playback restriction policy refuses."""

from __future__ import annotations

import aws_cdk as cdk
import pytest

from ivs_constructs import (
    PlaybackRestrictionPolicy,
)
from tests.constructs.deploy_time import list_token, object_token, text_token
from tests.constructs.refusals import API, defined, found, refused, rendered, report

TWO_LETTERS = "write its two letters in the ISO 3166-1 list, such as 'DE' for Germany"
COUNTRIES = "allowed_countries must hold ISO 3166-1 alpha-2 country codes, got"
ORIGINS = "allowed_origins must hold origins scheme://host[:port] as browsers send them, got"
WRITE = "write the scheme and the host, such as"
POLICY_SOURCE = f"{API}/API_CreatePlaybackRestrictionPolicy.html"


@pytest.mark.parametrize(
    ("countries", "messages"),
    [
        (["de"], [f"{COUNTRIES} 'de'; write 'DE'"]),
        (["DE", "UK"], [f"{COUNTRIES} 'UK'; write 'GB'"]),
        (
            ["ZZ", "el", "FR"],
            [
                f"{COUNTRIES} 'ZZ'; {TWO_LETTERS}",
                f"{COUNTRIES} 'el'; write 'GR'",
            ],
        ),
        # Shortening these by so many characters would make them other countries.
        (["Germany"], [f"{COUNTRIES} 'Germany'; {TWO_LETTERS}"]),
        (["DEU"], [f"{COUNTRIES} 'DEU'; {TWO_LETTERS}"]),
        (["D"], [f"{COUNTRIES} 'D'; {TWO_LETTERS}"]),
        ([""], [f"{COUNTRIES} ''; {TWO_LETTERS}"]),
        (["DE,FR"], [f"{COUNTRIES} 'DE,FR'; write 'DE', 'FR'"]),
    ],
)
def test_policy_refuses_countries(
    stack: cdk.Stack, countries: list[str], messages: list[str]
) -> None:
    error = refused(PlaybackRestrictionPolicy, stack, allowed_countries=countries)

    assert str(error) == report("PlaybackRestrictionPolicy", *messages)
    assert set(found(error)) == {("allowed_countries", "country")}
    assert error.failures[0].source == POLICY_SOURCE


@pytest.mark.parametrize(
    ("origins", "messages"),
    [
        (
            ["https://example.com/"],
            [
                f"{ORIGINS} 'https://example.com/'; drop what follows the host: "
                "'https://example.com'"
            ],
        ),
        (
            ["https://example.com", "*", "example.org"],
            [
                f"{ORIGINS} '*'; list each origin, because only playback tokens may have wildcards",
                f"{ORIGINS} 'example.org'; {WRITE} 'https://example.org'",
            ],
        ),
        ([""], [f"{ORIGINS} ''; {WRITE} 'https://example.com'"]),
    ],
)
def test_policy_refuses_origins(stack: cdk.Stack, origins: list[str], messages: list[str]) -> None:
    error = refused(PlaybackRestrictionPolicy, stack, allowed_origins=origins)

    assert str(error) == report("PlaybackRestrictionPolicy", *messages)
    assert set(found(error)) == {("allowed_origins", "origin")}
    assert error.failures[0].source == (
        "https://developer.mozilla.org/en-US/docs/Web/HTTP/Reference/Headers/Origin"
    )


def origin_of(length: int) -> str:
    return f"https://{'b' * (length - len('https://.com'))}.com"


@pytest.mark.parametrize("length", [127, 128])
def test_policy_accepts_a_long_origin(stack: cdk.Stack, length: int) -> None:
    defined(PlaybackRestrictionPolicy, stack, allowed_origins=[origin_of(length)])


def test_policy_tells_which_origin_is_too_long(stack: cdk.Stack) -> None:
    error = refused(
        PlaybackRestrictionPolicy,
        stack,
        allowed_origins=["https://example.com", origin_of(129), "https://example.org"],
    )

    assert found(error) == [("allowed_origins", "length")]
    message = error.failures[0].message
    assert message.startswith("allowed_origins must ")
    assert "at most 128 characters, got 129 characters" in message
    assert "'https://bbbb" in message


@pytest.mark.parametrize("prop", ["allowed_countries", "allowed_origins"])
@pytest.mark.parametrize(
    ("value", "message"),
    [
        ("DE", "must be a list, got 'DE'; write ['DE']"),
        ("DE, FR,", "must be a list, got 'DE, FR,'; write ['DE', 'FR']"),
        (cdk.Fn.ref("DE"), "must be a list, got a deploy-time value (str); put it in [ ]"),
        (5, "must be a list, got 5 (int)"),
        ({"DE": 1}, "must be a list, got {'DE': 1} (dict)"),
        (True, "must be a list, got True (bool)"),
    ],
)
def test_policy_refuses_what_is_no_list(
    stack: cdk.Stack, prop: str, value: object, message: str
) -> None:
    error = refused(PlaybackRestrictionPolicy, stack, **{prop: value})

    assert str(error) == report("PlaybackRestrictionPolicy", f"{prop} {message}")
    assert found(error) == [(prop, "type")]


def test_policy_refuses_a_generator(stack: cdk.Stack) -> None:
    error = refused(PlaybackRestrictionPolicy, stack, allowed_countries=(code for code in ["DE"]))

    assert found(error) == [("allowed_countries", "type")]


@pytest.mark.parametrize("prop", ["allowed_countries", "allowed_origins"])
@pytest.mark.parametrize(
    ("item", "got"), [(5, "5 (int); write '5'"), (None, "None"), (["DE"], "['DE'] (list)")]
)
def test_policy_refuses_items_that_are_no_texts(
    stack: cdk.Stack, prop: str, item: object, got: str
) -> None:
    error = refused(PlaybackRestrictionPolicy, stack, **{prop: [item]})

    assert found(error) == [(prop, "type")]
    message = error.failures[0].message
    assert message.endswith(f", got {got}")
    # The list itself must not become a text.
    assert message != f"{prop} must be a string, got {got}"


@pytest.mark.parametrize(
    ("prop", "items", "repeated", "count"),
    [
        ("allowed_countries", ["DE", "FR", "DE"], "DE", 2),
        ("allowed_countries", ("FR", "FR", "FR"), "FR", 3),
        ("allowed_origins", ["https://a.example"] * 2, "https://a.example", 2),
    ],
)
def test_policy_refuses_duplicates(
    stack: cdk.Stack, prop: str, items: object, repeated: str, count: int
) -> None:
    error = refused(PlaybackRestrictionPolicy, stack, **{prop: items})

    assert str(error) == report(
        "PlaybackRestrictionPolicy",
        f"{prop} must not repeat {repeated}, got it {count} times; drop the duplicate",
    )
    assert found(error) == [(prop, "duplicate")]


@pytest.mark.parametrize("origins", [None, []])
def test_policy_refuses_strictness_without_origins(
    stack: cdk.Stack, origins: list[str] | None
) -> None:
    error = refused(
        PlaybackRestrictionPolicy,
        stack,
        enable_strict_origin_enforcement=True,
        allowed_origins=origins,
    )

    assert str(error) == report(
        "PlaybackRestrictionPolicy",
        "enable_strict_origin_enforcement requires allowed_origins, got none; name the origins or "
        "drop it",
    )
    assert found(error) == [("enable_strict_origin_enforcement", "strict-origins")]
    assert error.failures[0].source == POLICY_SOURCE


@pytest.mark.parametrize(
    "options",
    [
        {"enable_strict_origin_enforcement": False},
        {"enable_strict_origin_enforcement": True, "allowed_origins": ["null"]},
        {"allowed_countries": [], "allowed_origins": []},
        {"allowed_countries": ("DE", "FR")},
    ],
)
def test_policy_accepts(stack: cdk.Stack, options: dict[str, object]) -> None:
    defined(PlaybackRestrictionPolicy, stack, **options)


def test_policy_leaves_tokens_unjudged(stack: cdk.Stack) -> None:
    text, items, flag = text_token(stack), list_token(stack), object_token(stack)
    make = PlaybackRestrictionPolicy

    make(stack, "One", allowed_countries=items, allowed_origins=cdk.Fn.split(",", text))
    make(stack, "Two", allowed_countries=["DE", text, text], allowed_origins=[text, text])
    make(stack, "Three", allowed_origins=items, enable_strict_origin_enforcement=True)
    make(stack, "Four", allowed_origins=[text], enable_strict_origin_enforcement=True)
    make(stack, "Five", enable_strict_origin_enforcement=flag)  # type: ignore[arg-type]  # the AWS CDK takes it
    make(stack, "Six", allowed_countries=tuple(items))


def test_policy_renders_a_set_in_an_order_of_its_own(stack: cdk.Stack) -> None:
    # Texts are hashed anew in each run: the template must not change with that.
    countries = ["AT", "CH", "DE", "ES", "FR", "GB", "IT", "JP", "KR", "US"]

    defined(
        PlaybackRestrictionPolicy,
        stack,
        allowed_countries=set(countries),
        allowed_origins=[f"https://{'a' * 63}.example", "https://[::1]:8443", "null"],
        enable_strict_origin_enforcement=True,
    )

    assert rendered(stack, "AWS::IVS::PlaybackRestrictionPolicy") == {
        "AllowedCountries": countries,
        "AllowedOrigins": [f"https://{'a' * 63}.example", "https://[::1]:8443", "null"],
        "EnableStrictOriginEnforcement": True,
    }
