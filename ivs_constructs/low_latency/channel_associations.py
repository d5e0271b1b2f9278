"""What a channel is associated with and CloudFormation's channel type has no property for."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from typing import TYPE_CHECKING

from constructs import Construct

from ivs_constructs import _specs as specs
from ivs_constructs._core.check import Check
from ivs_constructs._core.resource import IvsResource, arn_of, identity_of
from ivs_constructs._core.rules import GUIDE, Rule
from ivs_constructs._core.stack_facts import StackFacts, stack_facts_of
from ivs_constructs._provider.provisioning import custom_by
from ivs_constructs.enums import OnLive
from ivs_constructs.low_latency.failover_slate_configuration import FailoverSlateConfiguration

if TYPE_CHECKING:
    import aws_cdk as cdk
    from aws_cdk.interfaces.aws_ivs import (
        IAdConfigurationRef,
        IChannelRef,
        IPlaybackRestrictionPolicyRef,
    )

_PARTS = {
    "playback_restriction_policy": specs.PLAYBACK_RESTRICTION_POLICY,
    "ad_configuration": specs.AD_CONFIGURATION,
    "failover_slate_configuration": specs.FAILOVER_SLATE_CONFIGURATION,
}
"""What a channel can be associated with, by the parameters that take it."""


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


class ChannelAssociations(IvsResource):
    """Gives a channel a restriction policy, an ad configuration or a failover slate configuration.

    CloudFormation's channel type has no property for these three, so a custom resource sets them.
    A `Channel` takes them as arguments of its own. This construct is for channels that are
    imported, L1 types or of `aws_cdk.aws_ivs_alpha`.

    What is set elsewhere, such as in the console, is left alone, and so is what is not given here.
    A deletion clears what was set here, but only where the channel still has it. A channel that is
    kept when the stack goes loses it as well, unless `apply_removal_policy` keeps this too.

    Args:
        scope: The construct to define this in, usually `self`.
        id: The id below it.
        channel: The channel, in the stack's Region and account.
        playback_restriction_policy: Where, and on which sites, the channel may be watched.
            Default: not set here.
        ad_configuration: Which ads are put into the stream; needs the container format TS.
            Default: not set here.
        failover_slate_configuration: What viewers see while a broadcast is interrupted.
            Default: not set here.
        on_live: What a deployment does when it has to change this while the channel is live, an
            OnLive. Default: FAIL (set by this library).

    Raises:
        InvalidPropertyError: If none of the three is given, or the channel has associations from
            elsewhere in the app, or Amazon IVS would refuse one.

    Example:
        >>> channel = Channel.from_channel_arn(
        ...     stack, "Found", "arn:aws:ivs:us-east-1:123456789012:channel/AbCdEfGhIjKl"
        ... )
        >>> policy = PlaybackRestrictionPolicy(stack, "Policy", allowed_countries=["DE"])
        >>> associations = ChannelAssociations(
        ...     stack, "Associations", channel=channel, playback_restriction_policy=policy
        ... )

    A change of the channel clears what was set on the old one; all else changes in place, also
    when the construct gets another id or moves within its stack.

    See: https://docs.aws.amazon.com/ivs/latest/LowLatencyAPIReference/API_UpdateChannel.html
    """

    _spec = specs.CHANNEL_ASSOCIATIONS
    _rules = _RULES

    def __init__(
        self,
        scope: Construct,
        id: str,
        *,
        channel: IChannelRef,
        playback_restriction_policy: IPlaybackRestrictionPolicyRef | None = None,
        ad_configuration: IAdConfigurationRef | None = None,
        failover_slate_configuration: FailoverSlateConfiguration | None = None,
        on_live: OnLive | str | None = None,
    ) -> None:
        stack_facts = stack_facts_of(self._spec.name, scope, id)
        check = Check(self._spec.source)
        parts: dict[str, object] = {
            "playback_restriction_policy": playback_restriction_policy,
            "ad_configuration": ad_configuration,
            "failover_slate_configuration": failover_slate_configuration,
        }
        given = [name for name, part in parts.items() if part is not None]
        if not given:
            check.fail(
                "playback_restriction_policy",
                "no-association",
                f"one of {', '.join(parts)} is required, got none; give at least one",
            )
        arn = arn_of(check, specs.CHANNEL, "channel", channel, beside=stack_facts)
        refuse_former(check, stack_facts, channel, arn)
        self._channel_arn = arn
        self._define(
            scope,
            id,
            {"channel": arn, **arns_of(check, stack_facts, parts)},
            facts=facts_of(channel, ad_configuration),
            check=check,
            custom=custom_by(check, "on_live", on_live),
        )
        # Whatever the construct is called, it is the same to CloudFormation: it would make the new
        # one before it deletes the old one, and that clears what both have set.
        self._resource.override_logical_id(_logical_id(self.stack, arn))
        stack_facts.registry.associations[identity_of(stack_facts, channel, arn)] = self

    def _target(self) -> str | None:
        return self._channel_arn


def _logical_id(stack: cdk.Stack, channel_arn: str | None) -> str:
    channel = json.dumps(stack.resolve(channel_arn), sort_keys=True)
    return f"IvsChannelAssociations{hashlib.sha256(channel.encode()).hexdigest()[:8].upper()}"


def arns_of(
    check: Check, stack_facts: StackFacts, parts: Mapping[str, object]
) -> dict[str, str | None]:
    """Return the ARNs of what is to be associated, by the names of the parameters.

    Args:
        check: Takes what is wrong.
        stack_facts: What holds for the stack.
        parts: What the user gave; None where nothing.
    """
    return {
        name: arn_of(check, _PARTS[name], name, part, beside=stack_facts)
        for name, part in parts.items()
        if part is not None
    }


def check_on_live(check: Check, on_live: object, *, associated: bool) -> None:
    """Judge what is to happen when a channel is live, before the associations are made.

    Args:
        check: Takes what is wrong.
        on_live: What the user gave.
        associated: Whether there will be any association.
    """
    custom_by(check, "on_live", on_live)
    if on_live is not None and not associated:
        check.fail(
            "on_live",
            "on-live-without-association",
            "on_live is for a restriction policy, ad configuration or failover slate configuration "
            "that changes while the channel is live, got none of them; drop on_live",
            specs.CHANNEL_ASSOCIATIONS.source,
        )


def facts_of(channel: object, ad_configuration: object) -> dict[str, object]:
    """Return what the rules read of a channel that is to be associated.

    Args:
        channel: The channel as the user gave it.
        ad_configuration: What the user gave.
    """
    if ad_configuration is None:
        return {}
    # Known of a Channel that is defined here and of the L1 type.
    return {"ads_container": getattr(channel, "container_format", None)}


def refuse_former(check: Check, stack_facts: StackFacts, channel: object, arn: str | None) -> None:
    """Refuse a second one for a channel.

    Args:
        check: Takes what is wrong.
        stack_facts: What holds for the stack.
        channel: The channel as the user gave it.
        arn: Its ARN.
    """
    former = stack_facts.registry.associations.get(identity_of(stack_facts, channel, arn))
    if former is not None:
        check.fail(
            "channel",
            "one-association",
            f"channel has its associations from '{former.node.path}' already; give all of them "
            "there",
        )
