"""Countries and origins of playback restriction policies, without the AWS CDK."""

from __future__ import annotations

import re

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from ivs_constructs._core.check import quoted
from ivs_constructs.low_latency._countries import COUNTRIES, OFTEN_MISTAKEN
from ivs_constructs.low_latency.playback_restriction_policy import _country_problem, _origin_problem


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


@given(st.text(max_size=3))
def test_country_accepts_exactly_the_list(code: str) -> None:
    assert (_country_problem(code) is None) == (code in COUNTRIES)


labels = st.from_regex(r"[a-z0-9]([a-z0-9-]{0,8}[a-z0-9])?", fullmatch=True)

hosts = (
    st.lists(labels, min_size=1, max_size=4)
    .map(".".join)
    .filter(lambda host: not re.search(r"(^|\.)([0-9]+|0x[0-9a-f]*)$", host))
    | st.ip_addresses(v=4).map(str)
    | st.ip_addresses(v=6).map(lambda address: f"[{address}]")
)

ports = st.none() | st.integers(1, 65535).filter(lambda port: port not in (80, 443))
schemes = st.sampled_from(["http", "https", "chrome-extension", "capacitor", "ionic"])


def serialized(scheme: str, host: str, port: int | None) -> str:
    return f"{scheme}://{host}" + ("" if port is None else f":{port}")


origins = st.builds(serialized, schemes, hosts, ports)


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


@given(origins, st.sampled_from(["/", "/path", "?", "?q=1", "#", "#top", "/?q#top"]))
def test_origin_advises_to_drop_what_follows(origin: str, rest: str) -> None:
    assert _origin_problem(origin + rest) == (
        f"must hold origins scheme://host[:port] as browsers send them, got {quoted(origin + rest)}"
        f"; drop what follows the host: '{origin}'"
    )


@given(origins)
def test_origin_advises_lower_case(origin: str) -> None:
    shouted = origin.upper()
    problem = _origin_problem(shouted)

    assert problem is not None
    assert problem.endswith(f": '{origin}'")


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
