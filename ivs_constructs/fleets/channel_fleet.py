"""A fleet of channels: live channels that an application creates at run time."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, ClassVar, Literal

from constructs import Construct

from ivs_constructs import _specs as specs
from ivs_constructs._core.check import Check
from ivs_constructs._core.draft import own_arguments
from ivs_constructs._core.key_material import check_signing_key
from ivs_constructs._core.signing_keys import expect_playback_key
from ivs_constructs._core.stack_facts import path_of, stack_facts_of
from ivs_constructs.enums import (
    ChannelType,
    ContainerFormat,
    InUse,
    LatencyMode,
    MaximumResolution,
    Preset,
)
from ivs_constructs.fleets._fleet import Fleet, Options, Plan
from ivs_constructs.fleets._issuer import check_issuer
from ivs_constructs.fleets._template import check_literal, parameters
from ivs_constructs.low_latency.channel import ChannelDraft
from ivs_constructs.low_latency.values import MultitrackInputConfiguration
from ivs_constructs.token_issuers._limits import MOST_WITH_VIEWER, lifetime_of, viewing_limits
from ivs_constructs.tokens._playback import LONGEST_WITH_VIEWER

if TYPE_CHECKING:
    from aws_cdk import Duration, RemovalPolicy, aws_logs
    from aws_cdk.interfaces.aws_ivs import (
        IAdConfigurationRef,
        IPlaybackRestrictionPolicyRef,
        IRecordingConfigurationRef,
    )

    from ivs_constructs.low_latency.failover_slate_configuration import FailoverSlateConfiguration
    from ivs_constructs.token_issuers.token_signing_key import TokenSigningKey

VERBS = ("acquire", "get", "touch", "release", "list", "stream_key", "reset_stream_key")

_OF_TOKENS = (
    *("signing_key", "token_max_lifetime"),
    *("allowed_origins", "enable_strict_origin_enforcement", "maximum_resolution"),
)
"""The arguments about tokens."""

_CLEARED: Mapping[str, Any] = {
    "name": "",
    "type": "STANDARD",
    "latencyMode": "LOW",
    "preset": "",
    "authorized": False,
    "insecureIngest": False,
    "containerFormat": "TS",
    "recordingConfigurationArn": "",
    "playbackRestrictionPolicyArn": "",
    "adConfigurationArn": "",
    "failoverSlateConfigurationArn": "",
}
"""The values that an update sends to clear properties.

See: https://docs.aws.amazon.com/ivs/latest/LowLatencyAPIReference/API_UpdateChannel.html
"""

_ASSOCIATED = {
    "playback_restriction_policy": "playbackRestrictionPolicyArn",
    "ad_configuration": "adConfigurationArn",
    "failover_slate_configuration": "failoverSlateConfigurationArn",
}


_POLICY = "write playback_restriction_policy=PlaybackRestrictionPolicy(self, 'Policy', {}=[...])"


class ChannelFleet(Fleet):
    """Channels that your application creates at run time, one per key, owned by the stack.

    A key is what your application calls the channel, such as a customer's id. `acquire` returns the
    channel of a key and creates it if there is none. Until `release`, every answer for that key
    names the same channel, despite failures and concurrent requests. Idle channels are deleted;
    deleting the stack deletes all channels.

    Args:
        scope: The construct to define this in, usually `self`.
        id: The id, unique within the scope.
        max_size: The maximum number of channels, including ready ones, 1-100 000.
        idle_after: How long a channel must go without a request, a stream or a valid token of the
            fleet before it is deleted, 10 minutes to 60 days. Default: 2 hours (set by this
            library).
        ready: How many channels to create in advance, so that `acquire` need not wait for Amazon
            IVS, 0-50. Default: 0 (set by this library).
        in_use: What deleting the stack does about live channels, an InUse; STOP deletes their
            stream keys first, because encoders reconnect otherwise.
            Default: FAIL (set by this library).
        removal_policy: DESTROY, or RETAIN to keep the channels, the table, and the resources that
            the channels use. Default: DESTROY (set by this library).
        channel_name: The name of each channel, up to 128 letters, digits, - and _. Default: none.
        type: How the input is processed, a ChannelType. Default: STANDARD (set by IVS).
        latency_mode: A LatencyMode. Default: LOW (set by IVS).
        preset: A Preset, for ADVANCED_SD and ADVANCED_HD only.
            Default: HIGHER_BANDWIDTH_DELIVERY for these two (set by IVS).
        authorized: Whether viewers need a playback token. Default: False (set by IVS).
        insecure_ingest: Whether encoders may send RTMP without encryption, and SRT without a
            passphrase. Default: False (set by IVS).
        container_format: A ContainerFormat. Default: FRAGMENTED_MP4 with multitrack input (set by
            this library), TS otherwise (set by IVS).
        multitrack_input_configuration: Lets an encoder send several tracks; for STANDARD only.
            Default: no multitrack input (set by IVS).
        recording_configuration: How streams are recorded. Default: no recording (set by IVS).
        playback_restriction_policy: The countries and sites where the channels can be watched.
            Default: everywhere (set by IVS).
        ad_configuration: The ads inserted into streams; requires the container format TS.
            Default: none (set by IVS).
        failover_slate_configuration: What viewers see while a broadcast is interrupted.
            Default: no slate (set by IVS).
        tags: Tags of each channel, up to 46. Default: none.
        token_issuer: Whether the fleet has the verb `token`, which signs playback tokens for any of
            its channels; requires `authorized`. Default: False (set by this library).
        signing_key: The signing key; its public half must be a PlaybackKeyPair in the same account
            and Region. Default: a new key with a PlaybackKeyPair (by this library).
        token_max_lifetime: The maximum time in which a token can start playback, 1 second to 10
            minutes. Default: 10 minutes (set by this library).
        allowed_origins: The sites that every token is limited to. Default: all sites (set by IVS).
        enable_strict_origin_enforcement: Whether every token enforces its origin on each request.
            Default: False (set by IVS).
        maximum_resolution: The maximum resolution for viewers. Default: no limit.
        log_retention: How long the functions' logs are kept. Default: one month (set by this
            library).

    Raises:
        InvalidPropertyError: If a property is invalid, or Amazon IVS would refuse the template.
        InvalidScopeError: If the scope or the id is invalid.

    Example:
        >>> creators = ChannelFleet(stack, "Creators", max_size=500, type="BASIC")
        >>> grant = creators.grants.stream_key(backend_role)

    A deployment applies a changed template to offline channels at once, and to live ones as soon as
    their streams end. A changed recording configuration is replaced, and CloudFormation cannot
    delete the old one while a live channel uses it.

    See: https://docs.aws.amazon.com/ivs/latest/LowLatencyUserGuide/getting-started-create-channel.html
    """

    _instead: ClassVar[Mapping[str, str]] = {
        "private": "write authorized=True",
        "allowed_countries": _POLICY.format("allowed_countries"),
        "restriction_policy": "did you mean 'playback_restriction_policy'?",
        "recording": "write recording_configuration=RecordingConfiguration(self, 'Recording')",
        "stream_key": "each channel has one: read it with the verb stream_key",
    }

    _signing_key: TokenSigningKey | None = None

    def __init__(
        self,
        scope: Construct,
        id: str,
        *,
        max_size: int,
        idle_after: Duration | None = None,
        ready: int | None = None,
        in_use: InUse | str | None = None,
        removal_policy: RemovalPolicy | None = None,
        channel_name: str | None = None,
        type: ChannelType | str | None = None,
        latency_mode: LatencyMode | str | None = None,
        preset: Preset | str | None = None,
        authorized: bool | None = None,
        insecure_ingest: bool | None = None,
        container_format: ContainerFormat | str | None = None,
        multitrack_input_configuration: MultitrackInputConfiguration
        | Mapping[str, Any]
        | None = None,
        recording_configuration: IRecordingConfigurationRef | None = None,
        playback_restriction_policy: IPlaybackRestrictionPolicyRef | None = None,
        ad_configuration: IAdConfigurationRef | None = None,
        failover_slate_configuration: FailoverSlateConfiguration | None = None,
        tags: Mapping[str, str] | None = None,
        token_issuer: bool | None = None,
        signing_key: TokenSigningKey | None = None,
        token_max_lifetime: Duration | None = None,
        allowed_origins: Sequence[str] | None = None,
        enable_strict_origin_enforcement: bool | None = None,
        maximum_resolution: MaximumResolution | str | None = None,
        log_retention: aws_logs.RetentionDays | None = None,
    ) -> None:
        """Define a ChannelFleet. Its arguments are those listed for the class."""
        _, _, given = own_arguments(locals())
        facts = stack_facts_of("ChannelFleet", scope, id)
        check = Check(specs.CHANNEL.source)
        options = Options.among(given)
        advice = options.check(check, "channel")
        # These two are the fleet's own.
        of_channels = {**given, "in_use": None, "tags": None}
        plan = _plan(ChannelDraft(scope, id, of_channels, check=check), tags)
        plan.advice += advice
        signs = check_issuer(check, given, _OF_TOKENS)
        if signs and authorized is not True:
            check.fail(
                "token_issuer",
                "public-channel",
                "token_issuer requires authorized=True, as other channels play without a token; "
                "set authorized=True or drop token_issuer",
            )
        seconds = lifetime_of(
            check, "token_max_lifetime", token_max_lifetime, LONGEST_WITH_VIEWER, MOST_WITH_VIEWER
        )
        limits = viewing_limits(
            check, allowed_origins, enable_strict_origin_enforcement, maximum_resolution
        )
        if signing_key is not None:
            check_signing_key(check, signing_key, beside=facts)
        check.raise_for("ChannelFleet", lambda: path_of(scope, id))
        self._define(scope, id, facts, "channel", plan, options)
        issuer: dict[str, Any] | None = None
        if signs:
            issuer = {
                "signing_key_arn": self._key(signing_key),
                "max_lifetime": seconds,
                **limits,
            }
        self._complete(issuer, (*VERBS, *(["token"] if signs else [])))
        if authorized is True:
            expect_playback_key(self, facts)

    @property
    def member_type(self) -> Literal["channel"]:
        """The type of the members."""
        return "channel"

    @property
    def signing_key(self) -> TokenSigningKey:
        """The key that signs the tokens, for other fleets, channels and issuers that share it.

        Raises:
            UnknownAttributeError: If the fleet issues no tokens.
        """
        return self._with_issuer("signing_key", self._signing_key)

    def _key(self, signing_key: TokenSigningKey | None) -> str:
        self._signing_key = signing_key
        if signing_key is not None:
            return signing_key.key_arn
        # Imported lazily: most fleets have none.
        from ivs_constructs.low_latency.playback_key_pair import PlaybackKeyPair
        from ivs_constructs.token_issuers.token_signing_key import TokenSigningKey

        made = self._signing_key = TokenSigningKey(self, "SigningKey")
        PlaybackKeyPair(self, "PlaybackKeyPair", signing_key=made)
        return made.key_arn


def _plan(draft: ChannelDraft, tags: object) -> Plan:
    arns = {} if draft.associations is None else draft.associations.wire
    create = {
        **parameters(specs.CHANNEL.props, draft.wire),
        **{member: arns[name] for name, member in _ASSOCIATED.items() if name in arns},
    }
    update = {**_CLEARED, **create}
    if "multitrackInputConfiguration" not in create:
        update["multitrackInputConfiguration"] = {"enabled": False}
    # Amazon IVS allows 50; the fleet itself uses four.
    given = None if tags is None else draft.check.value(specs.CUSTOM_TAGS, tags)
    named = (draft.given[name] for name in ("recording_configuration", *_ASSOCIATED))
    plan = Plan(
        create=create,
        update=update,
        tags={each["key"]: each["value"] for each in given or ()},
        named=tuple(each for each in named if each is not None),
        advice=draft.advice,
    )
    check_literal(draft.check, plan.create, plan.update, plan.tags)
    return plan
