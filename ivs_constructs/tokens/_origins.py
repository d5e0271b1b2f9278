"""Checks the origins in playback tokens and restriction policies."""

from __future__ import annotations

import re

from ivs_constructs.tokens._check import quoted

ALL = "*"
"""Means every origin in AWS's own examples; omitting the claim means the same."""

LARGEST_PORT = 65_535

_LABEL = r"(?!-)[a-z0-9_-]+(?<!-)"
_ORIGIN = re.compile(
    r"(?P<scheme>[a-z][a-z0-9+.-]*)://"
    rf"(?P<host>\*|(?:\*\.)?{_LABEL}(?:\.{_LABEL})*|\[[0-9a-f:.]+\])"
    r"(?::(?P<port>[1-9][0-9]{0,4}))?"
)
DEFAULT_PORTS = {"http": "80", "https": "443"}


def origin_problem(origin: str) -> str | None:
    """Return what is wrong with an origin, as the end of a sentence, or None."""
    if is_origin(origin):
        return None
    start = f"must hold origins scheme://host[:port] as browsers send them, got {quoted(origin)}"
    meant = _meant(origin)
    if is_origin(meant):
        return f"{start}; write '{meant}'"
    if "*" in origin:
        return f"{start}; a wildcard can only be the host's first label: 'https://*.example.com'"
    return f"{start}; write one such as 'https://example.com'"


def is_origin(text: str, *, wildcards: bool = True) -> bool:
    """Whether a browser would send this string as the origin of a page.

    Args:
        text: The string.
        wildcards: Whether `*` may stand for every origin, and for a host's first label.
    """
    if "*" in text and not wildcards:
        return False
    # A page without an origin of its own makes browsers send the word null.
    if text in (ALL, "null"):
        return True
    origin = _ORIGIN.fullmatch(text)
    if origin is None or not _is_host(origin["host"]):
        return False
    port = origin["port"]
    # Browsers leave the default port out, so an origin with it would match no request.
    return port is None or (
        int(port) <= LARGEST_PORT and port != DEFAULT_PORTS.get(origin["scheme"])
    )


def _is_host(host: str) -> bool:
    # For browsers, a host that ends with a number is an address.
    if host[0] != "[" and not re.search(r"(^|\.)([0-9]+|0x[0-9a-f]*)$", host):
        return True
    from ipaddress import IPv4Address, IPv6Address

    text = host.strip("[]")
    try:
        address = IPv4Address(text) if text == host else IPv6Address(text)
    except ValueError:
        return False
    # Versions of Python write the latter in two ways.
    return str(address) == text or getattr(address, "ipv4_mapped", None) is not None


def _meant(text: str) -> str:
    """Remove what an origin does not have: capitals, path, default port."""
    scheme, separator, rest = text.lower().rpartition("://")
    if not separator:
        scheme = "https"
    host = re.split(r"[/?#]", rest, maxsplit=1)[0]
    default = f":{DEFAULT_PORTS[scheme]}" if scheme in DEFAULT_PORTS else "/"
    return f"{scheme}://{host.removesuffix(default)}"
