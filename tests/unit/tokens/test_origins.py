"""The form of origins in playback tokens."""

from __future__ import annotations

import re

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from ivs_constructs.errors import InvalidPropertyError
from ivs_constructs.tokens import PlaybackClaims

CHANNEL = "arn:aws:ivs:eu-west-1:123456789012:channel/AbCdEfGh1234"
START = (
    "PlaybackClaims has 1 invalid property:\n  - access_control_allow_origin must hold origins "
    "scheme://host[:port] as browsers send them, got "
)


def problem(origin: str) -> str | None:
    try:
        PlaybackClaims(channel_arn=CHANNEL, access_control_allow_origin=[origin])
    except InvalidPropertyError as error:
        return str(error)
    return None


@pytest.mark.parametrize(
    "origin",
    [
        "https://example.com",
        "http://localhost",
        "http://localhost:1",
        "https://example.com:65535",
        "https://a-b_c.example",
        "https://203.0.113.7:8443",
        "https://[2001:db8::1]:8443",
        "https://[::ffff:102:304]",
        "https://203.0.113.7.example",
        "https://0x7f.0.example",
        "capacitor://localhost",
        "chrome-extension://abcdefghijklmnop",
        "https://*.example.com",
        "https://*.example.com:8443",
        "https://*",
        "*",
        "null",
        f"https://{'a' * 300}.example",
    ],
)
def test_origin_is_accepted(origin: str) -> None:
    assert problem(origin) is None


@pytest.mark.parametrize(
    ("origin", "meant"),
    [
        ("https://example.com/", "https://example.com"),
        ("https://example.com/live?a=b", "https://example.com"),
        ("https://example.com?a=b", "https://example.com"),
        ("https://example.com#top", "https://example.com"),
        ("HTTPS://Example.com", "https://example.com"),
        ("https://example.com:443", "https://example.com"),
        ("http://example.com:80", "http://example.com"),
        ("example.com", "https://example.com"),
        ("*.example.com", "https://*.example.com"),
        ("https://*.Example.com/", "https://*.example.com"),
        ("capacitor://localhost/", "capacitor://localhost"),
    ],
)
def test_fails_when_origin_has_too_much_or_too_little(origin: str, meant: str) -> None:
    assert problem(origin) == f"{START}{origin!r}; write '{meant}'"


@pytest.mark.parametrize(
    "origin",
    [
        "https://example.*",
        "https://www.*.example.com",
        "https://*example.com",
        "https://*.*.example.com",
        "*://example.com",
        "https://example.com:*",
        "https://*.1.2.3.4",
    ],
)
def test_fails_when_wildcard_is_elsewhere(origin: str) -> None:
    assert problem(origin) == (
        f"{START}{origin!r}; a wildcard can only be the host's first label: 'https://*.example.com'"
    )


@pytest.mark.parametrize(
    "origin",
    [
        "",
        "https://",
        "://example.com",
        "https://-example.com",
        "https://example-.com",
        "https://example..com",
        "https://.example.com",
        "https://user@example.com",
        "https://exa mple.com",
        "https://example.com\n",
        "https://exämple.com",
        "https://example.com:0",
        "https://example.com:65536",
        "https://example.com:",
        "https://example.com,https://example.org",
        "9p://example.com",
        "https://1.2.3.999",
        "https://1.2.3",
        "https://1.2.3.04",
        "https://2130706433",
        "https://0x7f.1",
        "https://example.0x",
        "https://[:::]",
        "https://[1.2.3.4]",
        "https://[2001:db8:0:0:0:0:0:1]",
    ],
)
def test_fails_when_text_is_no_origin(origin: str) -> None:
    assert problem(origin) == f"{START}{origin!r}; write one such as 'https://example.com'"


labels = st.from_regex(r"[a-z0-9_]([a-z0-9_-]{0,10}[a-z0-9_])?", fullmatch=True)
hosts = (
    st.lists(labels, min_size=1, max_size=4)
    .map(".".join)
    .filter(lambda host: not re.search(r"(^|\.)([0-9]+|0x[0-9a-f]*)$", host))
)


@settings(derandomize=True, database=None, deadline=None)
@given(st.sampled_from(["http", "https"]), hosts, st.integers(1, 65535), st.booleans())
@example("https", "example.com", 80, True)
def test_well_formed_origins_are_accepted(
    scheme: str, host: str, port: int, wildcard: bool
) -> None:
    origin = f"{scheme}://{'*.' if wildcard else ''}{host}:{port}"
    default = {"http": 80, "https": 443}[scheme]

    assert (problem(origin) is None) == (port != default)


@settings(derandomize=True, database=None, deadline=None)
@given(st.text() | st.text("htps:/*.a-Z0,@[] ", max_size=30))
def test_advice_is_followed_to_an_origin(text: str) -> None:
    message = problem(text)
    if message is not None and "; write '" in message:
        assert problem(message.rpartition("; write '")[2].removesuffix("'")) is None
