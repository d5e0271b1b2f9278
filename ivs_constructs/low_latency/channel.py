"""A live channel: one broadcaster, and any number of viewers a few seconds behind."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import fields
from typing import TYPE_CHECKING, Any, ClassVar, cast

import jsii
from aws_cdk import Names
from aws_cdk.interfaces.aws_ivs import ChannelReference, IChannelRef
from constructs import Construct

from ivs_constructs import _specs as specs
from ivs_constructs._core.arn import id_from_arn
from ivs_constructs._core.check import Check, closest, did_you_mean, enum_value, is_token, quoted
from ivs_constructs._core.draft import Draft, given_to
from ivs_constructs._core.resource import IvsResource
from ivs_constructs._core.rules import GUIDE, Rule, Severity
from ivs_constructs.errors import InvalidPropertyError
from ivs_constructs.low_latency.stream_key import StreamKey
from ivs_constructs.operate._event_methods import ChannelEventMethods
from ivs_constructs.operate._metric_methods import ChannelMetricMethods

if TYPE_CHECKING:
    from aws_cdk.interfaces.aws_ivs import (
        IAdConfigurationRef,
        IPlaybackRestrictionPolicyRef,
        IRecordingConfigurationRef,
    )

    from ivs_constructs.enums import ChannelType, ContainerFormat, InUse, LatencyMode, Preset
    from ivs_constructs.low_latency.channel_associations import ChannelAssociationsDraft
    from ivs_constructs.low_latency.failover_slate_configuration import FailoverSlateConfiguration
    from ivs_constructs.low_latency.values import MultitrackInputConfiguration
    from ivs_constructs.operate.grants import ChannelGrants


_ASSOCIATED = tuple(prop.py for prop in specs.CHANNEL_ASSOCIATIONS.props if prop.py != "channel")
"""What a channel can be associated with, by the parameters that take it."""

_ADVANCED = ("ADVANCED_SD", "ADVANCED_HD")


def _has_multitrack(configuration: Mapping[str, Any] | None) -> bool:
    return configuration is not None and configuration.get("enabled", True) is True


_RULES = (
    Rule(
        code="preset-type",
        reads=("preset", "type"),
        violated=lambda v: v.preset != "" and v.type not in _ADVANCED,
        message=(
            "preset requires type ADVANCED_SD or ADVANCED_HD, got {type}; "
            "drop preset or change type"
        ),
        source=specs.CHANNEL.source,
    ),
    Rule(
        code="multitrack-type",
        reads=("multitrack_input_configuration", "type"),
        violated=lambda v: (
            _has_multitrack(v.multitrack_input_configuration) and v.type not in (None, "STANDARD")
        ),
        message=(
            "multitrack_input_configuration requires type STANDARD, got {type}; "
            "drop multitrack_input_configuration or change type"
        ),
        source=f"{GUIDE}/multitrack-video.html",
    ),
    Rule(
        code="multitrack-container",
        reads=("multitrack_input_configuration", "container_format"),
        violated=lambda v: (
            _has_multitrack(v.multitrack_input_configuration) and v.container_format == "TS"
        ),
        message=(
            "multitrack_input_configuration requires container_format FRAGMENTED_MP4, got "
            "{container_format}; drop container_format"
        ),
        source=f"{GUIDE}/multitrack-video.html",
    ),
    Rule(
        code="ads-container",
        reads=("ad_configuration", "container_format"),
        violated=lambda v: v.container_format == "FRAGMENTED_MP4",
        message=(
            "ad_configuration requires container_format TS, got {container_format}; "
            "drop ad_configuration, or container_format and multitrack_input_configuration"
        ),
        source=f"{GUIDE}/server-side-ad-insertion.html",
    ),
    Rule(
        code="insecure-ingest",
        reads=("insecure_ingest",),
        violated=lambda v: v.insecure_ingest is True,
        message=(
            "insecure_ingest opens RTMP without encryption and SRT without a passphrase; "
            "drop it unless an encoder cannot do RTMPS"
        ),
        source=specs.CHANNEL.source,
        severity=Severity.WARNING,
    ),
    Rule(
        code="renditions-ignored",
        reads=("type", "recorded_renditions"),
        violated=lambda v: v.type == "BASIC" and v.recorded_renditions == "CUSTOM",
        message=(
            "a channel of type BASIC has one rendition, so the recording configuration's "
            "RenditionConfiguration.custom has no effect; drop it or change type"
        ),
        source=f"{GUIDE}/record-to-s3.html",
        severity=Severity.WARNING,
    ),
    Rule(
        code="thumbnails-not-guaranteed",
        reads=("recorded_thumbnails", "type", "multitrack_input_configuration"),
        violated=lambda v: (
            v.recorded_thumbnails == "INTERVAL"
            and (v.type == "BASIC" or _has_multitrack(v.multitrack_input_configuration))
        ),
        message=(
            "thumbnails at the recording configuration's interval are not guaranteed for a "
            "channel of type BASIC or with multitrack input"
        ),
        source=f"{GUIDE}/record-to-s3.html",
        severity=Severity.INFO,
    ),
)


class ChannelDraft(Draft["Channel"]):
    """The draft of a Channel and its associations."""

    spec = specs.CHANNEL
    rules = _RULES

    def prepare(self) -> None:
        """Convert the arguments to the descriptor's form."""
        self.associations = self._associations()
        self.connect("recording_configuration", specs.RECORDING_CONFIGURATION)
        tracks = _multitrack(self.check, self.given.get("multitrack_input_configuration"))
        self.values["multitrack_input_configuration"] = tracks
        if self.given.get("container_format") is None and tracks and tracks.enabled is True:
            self.values["container_format"] = "FRAGMENTED_MP4"
        self.facts = {
            "ad_configuration": self.given.get("ad_configuration"),
            **_recorded(self.given.get("recording_configuration")),
        }

    def _associations(self) -> ChannelAssociationsDraft | None:
        parts = {name: self.given.get(name) for name in (*_ASSOCIATED, "in_use")}
        if not self.is_associated(parts):
            self.refuse_in_use(self.check, parts["in_use"])
            return None
        # Imported here because only these channels need what makes custom resources.
        from ivs_constructs.low_latency.channel_associations import ChannelAssociationsDraft

        given = {"channel": self, **parts}
        return ChannelAssociationsDraft(self.scope, "Associations", given, check=self.check)

    @staticmethod
    def is_associated(given: Mapping[str, object]) -> bool:
        """Whether something that a channel is associated with is among some arguments."""
        return any(given.get(name) is not None for name in _ASSOCIATED)

    @staticmethod
    def refuse_in_use(check: Check, in_use: object) -> None:
        """Reject `in_use` if there are no associations."""
        if in_use is not None:
            check.fail(
                "in_use",
                "on-live-without-association",
                "in_use is for a restriction policy, ad configuration or failover slate "
                "configuration that changes while the channel is live, got none of them; drop "
                "in_use",
                specs.CHANNEL_ASSOCIATIONS.source,
            )


@jsii.implements(IChannelRef)
class Channel(IvsResource, ChannelEventMethods, ChannelMetricMethods):
    """A live channel: one broadcaster, and any number of viewers a few seconds behind.

    To broadcast, you also need a stream key: see `add_stream_key`.

    Args:
        scope: The construct to define this in, usually `self`.
        id: The id, unique within the scope.
        channel_name: Name, up to 128 letters, digits, - and _. Need not be unique.
            Default: a unique name made from the path (set by this library).
        type: How the input is processed: a ChannelType. Default: STANDARD (set by IVS).
        latency_mode: A LatencyMode. Default: LOW (set by IVS).
        preset: A Preset, for ADVANCED_SD and ADVANCED_HD only.
            Default: HIGHER_BANDWIDTH_DELIVERY for these two (set by IVS).
        authorized: Whether viewers need a playback token. If so, a PlaybackKeyPair must exist in
            the same account and Region. Default: False (set by IVS).
        insecure_ingest: Whether encoders may send RTMP without encryption, and SRT without a
            passphrase. Default: False (set by IVS).
        container_format: A ContainerFormat. Default: FRAGMENTED_MP4 with multitrack input (set by
            this library), TS otherwise (set by IVS).
        multitrack_input_configuration: Lets an encoder send several tracks; only for STANDARD.
            Default: no multitrack input (set by IVS).
        recording_configuration: How streams are recorded. Default: not at all (set by IVS).
        playback_restriction_policy: In which countries and on which sites viewers can watch the
            channel. Default: everywhere (set by IVS).
        ad_configuration: Which ads are inserted into the stream; requires the container format TS.
            Default: none (set by IVS).
        failover_slate_configuration: What viewers see while a broadcast is interrupted.
            Default: no slate (set by IVS).
        in_use: What a deployment does if it has to change one of these three while the channel is
            live: an InUse. Default: FAIL (set by this library).
        tags: Tags, up to 50. `Tags.of(channel)` adds to them. Default: none.

    Raises:
        InvalidPropertyError: If Amazon IVS would refuse a property.

    Example:
        >>> channel = Channel(stack, "Channel", type=ChannelType.BASIC)
        >>> key = channel.add_stream_key("StreamKey")

    A change of any property updates the channel in place; Amazon IVS refuses it while the channel
    is live.

    CloudFormation has no property for `playback_restriction_policy`, `ad_configuration` and
    `failover_slate_configuration`. If you pass one, the child `Associations`, a
    ChannelAssociations, sets it with a custom resource once the channel exists.

    See: https://docs.aws.amazon.com/ivs/latest/LowLatencyUserGuide/getting-started-create-channel.html
    """

    _draft = ChannelDraft
    _instead: ClassVar[Mapping[str, str]] = {
        **dict.fromkeys(("private", "is_private"), "write authorized=True"),
        "allowed_countries": "write playback_restriction_policy=PlaybackRestrictionPolicy(...)",
        "allowed_origins": "write playback_restriction_policy=PlaybackRestrictionPolicy(...)",
        "bucket": "write recording_configuration=RecordingConfiguration(self, 'R', bucket=...)",
        "srt": "a channel takes SRT without an argument; insecure_ingest is about its passphrase",
        "stream_key": "call add_stream_key('Key') on it",
    }

    def __init__(
        self,
        scope: Construct,
        id: str,
        *,
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
        in_use: InUse | str | None = None,
        tags: Mapping[str, str] | None = None,
    ) -> None:
        """Define a Channel. Its arguments are those listed for the class."""
        self._define(locals())

    def _fill_defaults(self, draft: ChannelDraft) -> None:
        if "channel_name" not in draft.wire:
            draft.wire["channel_name"] = Names.unique_resource_name(
                self, max_length=128, allowed_special_characters="-_"
            )
        self._values = {**draft.values, **draft.wire}

    def _finish(self, draft: ChannelDraft) -> None:
        if draft.associations is not None:
            draft.associations.make(self, "Associations")
        if draft.given.get("authorized") is True:
            # Imported here because public channels need no key.
            from ivs_constructs._core.signing_keys import expect_playback_key

            expect_playback_key(self, draft.stack_facts)

    @property
    def channel_id(self) -> str:
        """The part of the ARN after `channel/` (a token unless imported)."""
        return id_from_arn(self.channel_arn)

    @property
    def playback_url(self) -> str:
        """Short for `channel_playback_url`."""
        return self.channel_playback_url

    @property
    def ingest_endpoint(self) -> str:
        """Short for `channel_ingest_endpoint`."""
        return self.channel_ingest_endpoint

    @property
    def ingest_url(self) -> str:
        """Server address for encoders (RTMPS), without the stream key."""
        return f"rtmps://{self.channel_ingest_endpoint}:443/app/"

    @property
    @jsii.member(jsii_name="channelRef")
    def channel_ref(self) -> ChannelReference:
        """The channel in the form that the AWS CDK's own types accept."""
        return ChannelReference(channel_arn=self.channel_arn)

    def add_stream_key(self, id: str, *, tags: Mapping[str, str] | None = None) -> StreamKey:
        """Define the stream key that an encoder needs to broadcast to this channel.

        Args:
            id: The key's id below this channel.
            tags: Tags of the key. Default: none.

        Raises:
            InvalidPropertyError: If the channel already has a key; Amazon IVS allows one.
        """
        return StreamKey(self, id, channel=self, tags=tags)

    @property
    def grants(self) -> ChannelGrants:
        """Grants for this channel."""
        # Imported here because most programs grant nothing on it.
        from ivs_constructs.operate.grants import ChannelGrants

        return ChannelGrants.from_channel(self)

    @property
    def channel_arn(self) -> str:
        """The channel's ARN (a token unless imported)."""
        return self._attribute("arn")

    @property
    def channel_name(self) -> str:
        """The channel's name, as given or as this library made it."""
        return str(self._value("channel_name"))

    @property
    def type(self) -> str | None:
        """How the input is processed, as given."""
        return cast("str | None", self._value("type"))

    @property
    def container_format(self) -> str | None:
        """How the video is packaged, as given or as multitrack input needs it."""
        return cast("str | None", self._value("container_format"))

    @property
    def authorized(self) -> bool | None:
        """Whether viewers need a playback token, as given."""
        return cast("bool | None", self._value("authorized"))

    @property
    def is_recorded(self) -> bool:
        """Whether streams are recorded, as given."""
        return self._value("recording_configuration") is not None

    @property
    def channel_playback_url(self) -> str:
        """The URL that players load, an HLS playlist (a token)."""
        return self._attribute("playback_url", "channel_playback_url")

    @property
    def channel_ingest_endpoint(self) -> str:
        """Host that encoders broadcast to (a token)."""
        return self._attribute("ingest_endpoint", "channel_ingest_endpoint")

    @classmethod
    def from_channel_arn(cls, scope: Construct, id: str, channel_arn: str) -> Channel:
        """Import a channel, with the Region and account that its ARN names.

        Args:
            scope: The construct to import it into, usually `self`.
            id: The id, unique within the scope.
            channel_arn: `arn:<partition>:ivs:<region>:<account>:channel/<id>`, or a token.

        Raises:
            InvalidPropertyError: If the ARN is not a channel's.
        """
        return Channel.from_channel_attributes(scope, id, channel_arn=channel_arn)

    @classmethod
    def from_channel_attributes(
        cls,
        scope: Construct,
        id: str,
        *,
        channel_arn: str,
        channel_playback_url: str | None = None,
        channel_ingest_endpoint: str | None = None,
    ) -> Channel:
        """Import a channel together with the addresses that its ARN does not contain.

        Args:
            scope: The construct to import it into, usually `self`.
            id: The id, unique within the scope.
            channel_arn: `arn:<partition>:ivs:<region>:<account>:channel/<id>`, or a token.
            channel_playback_url: The URL that players load. Default: unknown; reading it is an
                error.
            channel_ingest_endpoint: Host that encoders broadcast to. Default: unknown; reading it
                is an error.

        Raises:
            InvalidPropertyError: If the ARN is not a channel's.
        """
        return Channel._imported(
            scope,
            id,
            channel_arn,
            playback_url=channel_playback_url,
            ingest_endpoint=channel_ingest_endpoint,
        )


def _recorded(recording_configuration: object) -> dict[str, object]:
    """What the rules for a channel read from its recording configuration, as far as it is known."""
    renditions = given_to(recording_configuration, "rendition_configuration")
    thumbnails = given_to(recording_configuration, "thumbnail_configuration")
    mode = None
    if thumbnails is not None and not is_token(thumbnails):
        mode = thumbnails.recording_mode or "INTERVAL"
    return {
        "recorded_renditions": enum_value(getattr(renditions, "rendition_selection", None)),
        "recorded_thumbnails": enum_value(mode),
    }


def _multitrack(check: Check, value: object) -> MultitrackInputConfiguration | None:
    """Accept the settings as this library's value, a dict, or aws_ivs_alpha's value."""
    if value is None:
        return None
    # Imported here because few channels have it.
    from ivs_constructs.low_latency.values import MultitrackInputConfiguration

    if isinstance(value, MultitrackInputConfiguration):
        return value
    prop = "multitrack_input_configuration"
    names = tuple(each.name for each in fields(MultitrackInputConfiguration))
    settings: dict[str, Any]
    if isinstance(value, Mapping):
        settings = {}
        for name, setting in cast("Mapping[object, Any]", value).items():
            if name in names:
                settings[str(name)] = setting
                continue
            check.fail(
                prop,
                "unknown-key",
                f"{prop} must have the keys {', '.join(names)}, got {quoted(name)}"
                f"{did_you_mean(name, names)}",
            )
            # The intended key is not reported as missing as well.
            meant = closest(name, names)
            if meant is not None:
                settings[meant] = setting
    elif type(value).__name__ == "MultitrackInputConfiguration":
        settings = {name: getattr(value, name, True) for name in names}
    else:
        check.fail(
            prop, "type", f"{prop} must be a MultitrackInputConfiguration, got {quoted(value)}"
        )
        return None
    try:
        return MultitrackInputConfiguration(**settings)
    except InvalidPropertyError as error:
        check.failures.extend(error.failures)
        return None


IChannel = Channel
"""What aws_ivs_alpha calls it in annotations; defined and imported ones are one class here."""
