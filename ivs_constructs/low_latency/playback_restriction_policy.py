"""In which countries and on which sites viewers can watch a channel."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import ClassVar

import jsii
from aws_cdk.interfaces.aws_ivs import (
    IPlaybackRestrictionPolicyRef,
    PlaybackRestrictionPolicyReference,
)
from constructs import Construct

from ivs_constructs import _specs as specs
from ivs_constructs._core.check import quoted
from ivs_constructs._core.draft import Draft
from ivs_constructs._core.resource import IvsResource
from ivs_constructs._core.rules import Form, Rule, Severity
from ivs_constructs.low_latency._countries import COUNTRIES, OFTEN_MISTAKEN
from ivs_constructs.tokens._origins import DEFAULT_PORTS, LARGEST_PORT, is_origin

_PARTS = re.compile(r"([^:/?#]+)://([^/?#]*)(.*)", re.DOTALL)


def _country_problem(code: str) -> str | None:
    if code in COUNTRIES:
        return None
    upper = code.strip().upper() if code.isascii() else code
    meant = OFTEN_MISTAKEN.get(upper, upper)
    parts = [part.strip() for part in upper.split(",")]
    if meant in COUNTRIES:
        advice = f"write '{meant}'"
    elif len(parts) > 1 and COUNTRIES.issuperset(parts):
        advice = f"write {', '.join(map(quoted, parts))}"
    else:
        advice = "write its two letters in the ISO 3166-1 list, such as 'DE' for Germany"
    return f"must hold ISO 3166-1 alpha-2 country codes, got {quoted(code)}; {advice}"


def _origin_problem(origin: str) -> str | None:
    if _is_origin(origin):
        return None
    start = f"must hold origins scheme://host[:port] as browsers send them, got {quoted(origin)}"
    if "*" in origin:
        return f"{start}; list each origin, because only playback tokens may have wildcards"
    parts = _PARTS.fullmatch(origin)
    if parts is None:
        host = f"https://{origin.partition('/')[0]}".lower()
        meant = host if _is_origin(host) else "https://example.com"
        return f"{start}; write the scheme and the host, such as '{meant}'"
    scheme, host, rest = parts.groups()
    bare = f"{scheme}://{host}"
    port = DEFAULT_PORTS.get(scheme.lower())
    meant = bare.lower().removesuffix(f":{port}" if port else "/")
    if not _is_origin(meant):
        if "@" not in meant and _is_origin(meant.rpartition(":")[0]):
            return f"{start}; write a port from 1 to {LARGEST_PORT}, or none"
        return f"{start}; write a host name in ASCII, without user or spaces"
    if rest:
        return f"{start}; drop what follows the host: '{meant}'"
    if bare != bare.lower():
        return f"{start}; write it in lower case: '{meant}'"
    return f"{start}; drop the default port: '{meant}'"


def _is_origin(text: str) -> bool:
    return is_origin(text, wildcards=False)


_RULES = (
    Rule(
        code="strict-origins",
        reads=("enable_strict_origin_enforcement", "allowed_origins"),
        violated=lambda v: v.enable_strict_origin_enforcement is True and not v.allowed_origins,
        message=(
            "enable_strict_origin_enforcement requires allowed_origins, got none; "
            "name the origins or drop it"
        ),
        source=specs.PLAYBACK_RESTRICTION_POLICY.source,
    ),
    Rule(
        code="restricts-nothing",
        reads=("restricts",),
        violated=lambda v: not v.restricts,
        message=(
            "neither allowed_countries nor allowed_origins is given, so the policy restricts "
            "nothing; name some, or drop the policy"
        ),
        source=specs.PLAYBACK_RESTRICTION_POLICY.source,
        severity=Severity.WARNING,
    ),
    Rule(
        code="all-countries",
        reads=("allowed_countries",),
        violated=lambda v: v.allowed_countries == [],
        message=(
            "allowed_countries is an empty list, which allows all countries; name some, or "
            "drop it if all are meant"
        ),
        source=specs.PLAYBACK_RESTRICTION_POLICY.source,
        severity=Severity.WARNING,
    ),
    Rule(
        code="all-origins",
        reads=("allowed_origins",),
        violated=lambda v: v.allowed_origins == [],
        message=(
            "allowed_origins is an empty list, which allows all origins; name some, or drop "
            "it if all are meant"
        ),
        source=specs.PLAYBACK_RESTRICTION_POLICY.source,
        severity=Severity.WARNING,
    ),
)

_FORMS = (
    Form(
        code="country",
        reads="allowed_countries",
        problem=_country_problem,
        source=specs.PLAYBACK_RESTRICTION_POLICY.source,
    ),
    Form(
        code="origin",
        reads="allowed_origins",
        problem=_origin_problem,
        source="https://developer.mozilla.org/en-US/docs/Web/HTTP/Reference/Headers/Origin",
    ),
)


class PlaybackRestrictionPolicyDraft(Draft["PlaybackRestrictionPolicy"]):
    """The draft of a PlaybackRestrictionPolicy."""

    spec = specs.PLAYBACK_RESTRICTION_POLICY
    rules = _RULES
    forms = _FORMS

    def prepare(self) -> None:
        """Find out whether the policy restricts anything."""
        names = ("allowed_countries", "allowed_origins")
        self.facts = {"restricts": any(self.given.get(name) is not None for name in names)}


@jsii.implements(IPlaybackRestrictionPolicyRef)
class PlaybackRestrictionPolicy(IvsResource):
    """In which countries and on which sites viewers can watch; for any number of channels.

    It restricts public and private channels alike and is no substitute for a private channel: the
    origin is whatever the viewer's program claims.

    Pass it to a channel as `playback_restriction_policy`.

    Args:
        scope: The construct to define this in, usually `self`.
        id: The id, unique within the scope.
        allowed_countries: ISO 3166-1 alpha-2 codes in upper case, such as DE and GB.
            Default: all countries (set by IVS).
        allowed_origins: Sites as browsers send them, such as `https://example.com`, each up to 128
            characters. Default: all origins (set by IVS).
        enable_strict_origin_enforcement: Whether requests without an origin are refused, and the
            origin is checked for every playlist; needs `allowed_origins`. Default: False (set
            by IVS).
        playback_restriction_policy_name: Name, up to 128 letters, digits, - and _. Default: none.
        tags: Tags, up to 50. `Tags.of(policy)` adds to them. Default: none.

    Raises:
        InvalidPropertyError: If Amazon IVS would refuse a property.

    Example:
        >>> policy = PlaybackRestrictionPolicy(
        ...     stack, "Restriction", allowed_countries=["DE", "FR"]
        ... )

    A change of any property updates the policy in place.

    See: https://docs.aws.amazon.com/ivs/latest/LowLatencyAPIReference/API_CreatePlaybackRestrictionPolicy.html
    """

    _draft = PlaybackRestrictionPolicyDraft
    _instead: ClassVar[Mapping[str, str]] = dict.fromkeys(
        ("channel", "channels"),
        "pass the policy to each channel as playback_restriction_policy",
    )

    def __init__(
        self,
        scope: Construct,
        id: str,
        *,
        allowed_countries: Sequence[str] | None = None,
        allowed_origins: Sequence[str] | None = None,
        enable_strict_origin_enforcement: bool | None = None,
        playback_restriction_policy_name: str | None = None,
        tags: Mapping[str, str] | None = None,
    ) -> None:
        """Define a PlaybackRestrictionPolicy. Its arguments are those listed for the class."""
        self._define(locals())

    @property
    def playback_restriction_policy_arn(self) -> str:
        """The policy's ARN (a token)."""
        return self._attribute("arn")

    @property
    @jsii.member(jsii_name="playbackRestrictionPolicyRef")
    def playback_restriction_policy_ref(self) -> PlaybackRestrictionPolicyReference:
        """The policy in the form that the AWS CDK's own types accept."""
        return PlaybackRestrictionPolicyReference(
            playback_restriction_policy_arn=self.playback_restriction_policy_arn
        )

    @classmethod
    def from_playback_restriction_policy_arn(
        cls, scope: Construct, id: str, playback_restriction_policy_arn: str
    ) -> PlaybackRestrictionPolicy:
        """Import a policy, with the Region and account that its ARN names.

        Args:
            scope: The construct to import it into, usually `self`.
            id: The id, unique within the scope.
            playback_restriction_policy_arn:
                `arn:<partition>:ivs:<region>:<account>:playback-restriction-policy/<id>`, or a
                token.

        Raises:
            InvalidPropertyError: If the ARN is not a policy's.
        """
        return PlaybackRestrictionPolicy._imported(scope, id, playback_restriction_policy_arn)
