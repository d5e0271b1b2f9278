"""Associations of a channel that CloudFormation's channel type has no property for."""

from __future__ import annotations

import hashlib
import json
from typing import TYPE_CHECKING

from constructs import Construct

from ivs_constructs import _specs as specs
from ivs_constructs._core.arn import identity_of
from ivs_constructs._core.check import enum_value
from ivs_constructs._core.draft import Draft, given_to
from ivs_constructs._core.resource import IvsResource
from ivs_constructs._core.rules import GUIDE, Rule
from ivs_constructs._core.shared_conditions import share_condition
from ivs_constructs._core.tree import living
from ivs_constructs._provider.provisioning import CustomDraft
from ivs_constructs.enums import InUse
from ivs_constructs.low_latency.failover_slate_configuration import FailoverSlateConfiguration

if TYPE_CHECKING:
    import aws_cdk as cdk
    from aws_cdk.interfaces.aws_ivs import (
        IAdConfigurationRef,
        IChannelRef,
        IPlaybackRestrictionPolicyRef,
    )

ASSOCIATIONS = {
    "playback_restriction_policy": specs.PLAYBACK_RESTRICTION_POLICY,
    "ad_configuration": specs.AD_CONFIGURATION,
    "failover_slate_configuration": specs.FAILOVER_SLATE_CONFIGURATION,
}
"""The resource types that a channel can be associated with, by parameter."""


_RULES = (
    Rule(
        code="ads-container",
        blames="ad_configuration",
        reads=("ads_container",),
        violated=lambda v: v.ads_container == "FRAGMENTED_MP4",
        message=(
            "ad_configuration requires a channel of container_format TS, got {ads_container}; "
            "drop ad_configuration, or the channel's container_format and "
            "multitrack_input_configuration"
        ),
        source=f"{GUIDE}/server-side-ad-insertion.html",
    ),
)


class ChannelAssociationsDraft(CustomDraft["ChannelAssociations"]):
    """The draft of a ChannelAssociations."""

    spec = specs.CHANNEL_ASSOCIATIONS
    rules = _RULES

    def prepare(self) -> None:
        """Replace resources by ARNs, and reject second associations."""
        if all(self.given.get(part) is None for part in ASSOCIATIONS):
            self.check.fail(
                "playback_restriction_policy",
                "no-association",
                f"one of {', '.join(ASSOCIATIONS)} is required, got none; pass at least one",
            )
        self.connect("channel", specs.CHANNEL)
        channel, arn = self.given["channel"], self.values["channel"]
        former = self.stack_facts.registry.associations.get(
            identity_of(self.stack_facts, channel, arn)
        )
        if former is not None and living([former]):
            self.check.fail(
                "channel",
                "one-association",
                f"channel already has its associations from '{former.node.path}'; pass all of them "
                "there",
            )
        for part, spec in ASSOCIATIONS.items():
            self.connect(part, spec)
        # The draft of a channel checks that itself.
        if self.given.get("ad_configuration") is not None and not isinstance(channel, Draft):
            self.facts = {"ads_container": enum_value(given_to(channel, "container_format"))}
        self.realize_custom()


class ChannelAssociations(IvsResource):
    """Gives a channel a restriction policy, an ad configuration or a failover slate configuration.

    CloudFormation's channel type has no property for these three, so a custom resource sets them.
    A `Channel` takes them as arguments of its own. This construct is for channels that are
    imported, are L1s or come from `aws_cdk.aws_ivs_alpha`.

    Associations that are set elsewhere, such as in the console, or not passed here are left alone.
    Deleting this construct clears what it set, but only if the channel still has it. A channel that
    outlives the stack loses its associations too, unless `apply_removal_policy` retains this
    construct as well.

    Args:
        scope: The construct to define this in, usually `self`.
        id: The id, unique within the scope.
        channel: The channel, in the stack's Region and account.
        playback_restriction_policy: In which countries and on which sites viewers can watch the
            channel. Default: not set here.
        ad_configuration: Which ads are inserted into the stream; requires the container format TS.
            Default: not set here.
        failover_slate_configuration: What viewers see while a broadcast is interrupted.
            Default: not set here.
        in_use: What a deployment does when it has to change this while the channel is live, an
            InUse. Default: FAIL (set by this library).

    Raises:
        InvalidPropertyError: If none of the three is given, the channel has associations from
            elsewhere in the app, or Amazon IVS would refuse one.

    Example:
        >>> channel = Channel.from_channel_arn(
        ...     stack, "Found", "arn:aws:ivs:us-east-1:123456789012:channel/AbCdEfGhIjKl"
        ... )
        >>> policy = PlaybackRestrictionPolicy(stack, "Policy", allowed_countries=["DE"])
        >>> associations = ChannelAssociations(
        ...     stack, "Associations", channel=channel, playback_restriction_policy=policy
        ... )

    Changing the channel clears what was set on the old one. Everything else is updated in place,
    even if the construct gets another id or moves within its stack.

    See: https://docs.aws.amazon.com/ivs/latest/LowLatencyAPIReference/API_UpdateChannel.html
    """

    _draft = ChannelAssociationsDraft

    def __init__(
        self,
        scope: Construct,
        id: str,
        *,
        channel: IChannelRef,
        playback_restriction_policy: IPlaybackRestrictionPolicyRef | None = None,
        ad_configuration: IAdConfigurationRef | None = None,
        failover_slate_configuration: FailoverSlateConfiguration | None = None,
        in_use: InUse | str | None = None,
    ) -> None:
        """Define a ChannelAssociations. Its arguments are those listed for the class."""
        self._define(locals())

    def _finish(self, draft: ChannelAssociationsDraft) -> None:
        arn = draft.values["channel"]
        # CloudFormation sees the same resource whatever the construct's id. Otherwise it would make
        # the new one before it deletes the old one, which clears what both have set.
        self._resource.override_logical_id(_logical_id(self.stack, arn))
        channel = identity_of(draft.stack_facts, draft.given["channel"], arn)
        draft.stack_facts.registry.associations[channel] = self
        share_condition(draft.stack_facts, self, draft.given["channel"])

    def _target(self) -> str:
        return str(self._values["channel"])


def _logical_id(stack: cdk.Stack, channel_arn: str | None) -> str:
    channel = json.dumps(stack.resolve(channel_arn), sort_keys=True)
    return f"IvsChannelAssociations{hashlib.sha256(channel.encode()).hexdigest()[:8].upper()}"
