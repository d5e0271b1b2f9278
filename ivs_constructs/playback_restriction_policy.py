"""Where, and on which sites, a channel may be watched."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Protocol

import jsii
from aws_cdk import IResource
from aws_cdk.interfaces.aws_ivs import (
    IPlaybackRestrictionPolicyRef,
    PlaybackRestrictionPolicyReference,
)
from constructs import Construct

from ivs_constructs._base import IvsResource
from ivs_constructs._provider.asset.ivs_handler import specs


class IPlaybackRestrictionPolicy(IPlaybackRestrictionPolicyRef, IResource, Protocol):
    """A playback restriction policy, defined here or imported."""

    @property
    def playback_restriction_policy_arn(self) -> str:
        """The policy's ARN."""
        ...


@jsii.implements(IPlaybackRestrictionPolicyRef)
class PlaybackRestrictionPolicy(IvsResource):
    """Where, and on which sites, a channel may be watched; serves any number of channels.

    It restricts public and private channels alike and is no substitute for a private one: the
    origin is what the viewer's program says it is.

    Give it to a channel by `playback_restriction_policy`.

    Args:
        scope: The construct to define this in, mostly self.
        id: The id below it.
        allowed_countries: ISO 3166-1 alpha-2 codes in upper case, such as DE and GB.
            Default: all countries (set by IVS).
        allowed_origins: Sites as browsers name them, `https://example.com`, each up to 128
            characters. Default: all origins (set by IVS).
        enable_strict_origin_enforcement: Whether requests without an origin are refused, and the
            origin is looked at for every playlist; needs `allowed_origins`. Default: False (set
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

    _spec = specs.PLAYBACK_RESTRICTION_POLICY

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
        self._define(
            scope,
            id,
            {
                "playback_restriction_policy_name": playback_restriction_policy_name,
                "allowed_countries": allowed_countries,
                "allowed_origins": allowed_origins,
                "enable_strict_origin_enforcement": enable_strict_origin_enforcement,
                "tags": tags,
            },
        )

    @property
    def playback_restriction_policy_arn(self) -> str:
        """The policy's ARN (a token)."""
        return self._attribute("arn")

    @property
    @jsii.member(jsii_name="playbackRestrictionPolicyRef")
    def playback_restriction_policy_ref(self) -> PlaybackRestrictionPolicyReference:
        """The policy as the AWS CDK's own types take it."""
        return PlaybackRestrictionPolicyReference(
            playback_restriction_policy_arn=self.playback_restriction_policy_arn
        )

    @classmethod
    def from_playback_restriction_policy_arn(
        cls, scope: Construct, id: str, playback_restriction_policy_arn: str
    ) -> IPlaybackRestrictionPolicy:
        """Import a policy, with the Region and account that its ARN names.

        Args:
            scope: The construct to import it into, mostly self.
            id: The id below it.
            playback_restriction_policy_arn:
                `arn:<partition>:ivs:<region>:<account>:playback-restriction-policy/<id>`, or a
                token.

        Raises:
            InvalidPropertyError: If the ARN is not a policy's.
        """
        return _ImportedPlaybackRestrictionPolicy(scope, id, playback_restriction_policy_arn)


@jsii.implements(IPlaybackRestrictionPolicyRef)
class _ImportedPlaybackRestrictionPolicy(IvsResource):
    _spec = specs.PLAYBACK_RESTRICTION_POLICY

    def __init__(self, scope: Construct, id: str, playback_restriction_policy_arn: str) -> None:
        self._import(scope, id, playback_restriction_policy_arn)
        self._arn = playback_restriction_policy_arn

    @property
    def playback_restriction_policy_arn(self) -> str:
        return self._arn

    @property
    @jsii.member(jsii_name="playbackRestrictionPolicyRef")
    def playback_restriction_policy_ref(self) -> PlaybackRestrictionPolicyReference:
        return PlaybackRestrictionPolicyReference(playback_restriction_policy_arn=self._arn)
