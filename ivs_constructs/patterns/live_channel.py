"""A channel with all that it mostly comes with."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, TypeVar, cast

from aws_cdk import Tags
from constructs import Construct

from ivs_constructs._annotate import annotate
from ivs_constructs._base import arn_of, examine, path_of, show_signature
from ivs_constructs._environment import pass_on, surroundings_of
from ivs_constructs._provider.asset.ivs_handler import specs
from ivs_constructs._realize import create
from ivs_constructs._rules import Advice, Severity
from ivs_constructs._validation import Check, shown
from ivs_constructs.channel import Channel, IChannel, channel_properties
from ivs_constructs.enums import ChannelType, ContainerFormat, LatencyMode, Preset
from ivs_constructs.errors import UnknownAttributeError
from ivs_constructs.playback_key_pair import IPlaybackKeyPair, PlaybackKeyPair
from ivs_constructs.playback_restriction_policy import (
    IPlaybackRestrictionPolicy,
    PlaybackRestrictionPolicy,
)
from ivs_constructs.recording_configuration import (
    IRecordingConfiguration,
    RecordingConfiguration,
    destination,
    place_of,
)
from ivs_constructs.stream_key import IStreamKey, StreamKey, former_key
from ivs_constructs.values import MultitrackInputConfiguration

if TYPE_CHECKING:
    from aws_cdk import aws_s3
    from aws_cdk.interfaces.aws_ivs import (
        IPlaybackKeyPairRef,
        IPlaybackRestrictionPolicyRef,
        IRecordingConfigurationRef,
        IStreamKeyRef,
    )
    from aws_cdk.interfaces.aws_s3 import IBucketRef

_Part = TypeVar("_Part")


class LiveChannel(Construct):
    """A channel with stream key, recording, restriction policy and playback key pair.

    With nothing but an id it is a public channel that is recorded to a bucket of its own, and
    whose stream key is kept in AWS Secrets Manager. Each part can be left out, or given ready-made,
    and each is an attribute; asking for one that was left out is an error that tells what to give.

    Args:
        scope: The construct to define this in, mostly self.
        id: The id below it.
        channel: A ready channel. Default: a new one from the next seven arguments, which mean
            what they mean for Channel.
        channel_name: See Channel.
        type: See Channel.
        latency_mode: See Channel.
        preset: See Channel.
        insecure_ingest: See Channel.
        container_format: See Channel.
        multitrack_input_configuration: See Channel.
        private: Whether viewers need a playback token. Default: True if a key is given, else
            False (set by this library).
        public_key_material: PEM text of the P-384 public key that verifies the tokens; makes a
            PlaybackKeyPair. Default: none.
        key_pair: A ready or imported key pair instead. Default: none.
        recording: Whether streams are recorded, or a ready RecordingConfiguration.
            Default: True (set by this library), unless `channel` is given.
        bucket: Where recordings go. Default: a new RecordingBucket (set by this library).
        allowed_countries: See PlaybackRestrictionPolicy.
        allowed_origins: See PlaybackRestrictionPolicy.
        enable_strict_origin_enforcement: See PlaybackRestrictionPolicy.
        restriction_policy: A ready policy instead. Default: none.
        stream_key: Whether a stream key is made, or a ready StreamKey. Default: True (set by this
            library).
        tags: Tags of all parts that are made here, up to 50. Default: none.

    Raises:
        InvalidPropertyError: If Amazon IVS would refuse a property of any part, or two arguments
            contradict each other. All that is wrong with the bundle is in one error.

    Example:
        >>> live = LiveChannel(stack, "Live", allowed_countries=["DE"], public_key_material=pem)
        >>> live.stream_key.secret.grant_read(encoder_role)

    CloudFormation cannot attach a restriction policy to a channel. The bundle makes the policy and
    warns that it is not attached yet (`ivs-constructs:restriction-policy-not-attached`).

    See: https://docs.aws.amazon.com/ivs/latest/LowLatencyUserGuide/what-is.html
    """

    def __init__(
        self,
        scope: Construct,
        id: str,
        *,
        channel: IChannel | None = None,
        channel_name: str | None = None,
        type: ChannelType | str | None = None,
        latency_mode: LatencyMode | str | None = None,
        preset: Preset | str | None = None,
        insecure_ingest: bool | None = None,
        container_format: ContainerFormat | str | None = None,
        multitrack_input_configuration: MultitrackInputConfiguration
        | Mapping[str, Any]
        | None = None,
        private: bool | None = None,
        public_key_material: str | None = None,
        key_pair: IPlaybackKeyPairRef | None = None,
        recording: bool | IRecordingConfigurationRef | None = None,
        bucket: IBucketRef | None = None,
        allowed_countries: Sequence[str] | None = None,
        allowed_origins: Sequence[str] | None = None,
        enable_strict_origin_enforcement: bool | None = None,
        restriction_policy: IPlaybackRestrictionPolicyRef | None = None,
        stream_key: bool | IStreamKeyRef = True,
        tags: Mapping[str, str] | None = None,
    ) -> None:
        surroundings = surroundings_of("LiveChannel", scope, id)
        check = Check(specs.CHANNEL.source)
        channel_options: dict[str, Any] = {
            "channel_name": channel_name,
            "type": type,
            "latency_mode": latency_mode,
            "preset": preset,
            "insecure_ingest": insecure_ingest,
            "container_format": container_format,
            "multitrack_input_configuration": multitrack_input_configuration,
        }
        restrictions: dict[str, Any] = {
            "allowed_countries": allowed_countries,
            "allowed_origins": allowed_origins,
            "enable_strict_origin_enforcement": enable_strict_origin_enforcement,
        }
        restricted = any(value is not None for value in restrictions.values())
        keyed = public_key_material is not None or key_pair is not None
        records = recording is True or (recording is None and channel is None)
        _contradictions(
            check,
            {
                **channel_options,
                **restrictions,
                "channel": channel,
                "private": private,
                "public_key_material": public_key_material,
                "key_pair": key_pair,
                "recording": recording,
                "bucket": bucket,
                "restriction_policy": restriction_policy,
            },
        )
        # All parts are looked at before the first is made: what is wrong comes in one error, and
        # nothing half-built stays behind.
        if channel is None:
            examine(specs.CHANNEL, surroundings, check, channel_properties(check, channel_options))
        if records:
            properties = {"destination_configuration": destination(check, bucket)}
            place = place_of(bucket, surroundings)
            examine(specs.RECORDING_CONFIGURATION, surroundings, check, properties, place)
        if restricted:
            examine(specs.PLAYBACK_RESTRICTION_POLICY, surroundings, check, restrictions)
        if public_key_material is not None:
            key = {"public_key_material": public_key_material}
            examine(specs.PLAYBACK_KEY_PAIR, surroundings, check, key)
        arn_of(check, specs.PLAYBACK_KEY_PAIR, "key_pair", key_pair)
        arn_of(check, specs.PLAYBACK_RESTRICTION_POLICY, "restriction_policy", restriction_policy)
        _switch_or_part(check, specs.RECORDING_CONFIGURATION, "recording", recording)
        _switch_or_part(check, specs.STREAM_KEY, "stream_key", stream_key)
        arn = arn_of(check, specs.CHANNEL, "channel", channel)
        if stream_key is True and arn is not None:
            former = former_key(surroundings, channel, arn)
            if former is not None:
                check.fail(
                    "channel",
                    "one-key",
                    f"channel has a stream key already, '{former.node.path}'; give that one as "
                    "stream_key, Amazon IVS allows one for each channel",
                )
        if tags is not None:
            check.value(specs.TAGS, tags)
        check.raise_for("LiveChannel", lambda: path_of(scope, id))

        create(Construct, self, scope, id)
        pass_on(self, surroundings)
        self._recording: IRecordingConfiguration | None = None
        if records:
            self._recording = RecordingConfiguration(self, "RecordingConfiguration", bucket=bucket)
        elif recording is not None and not isinstance(recording, bool):
            self._recording = self._with_arn(
                recording, specs.RECORDING_CONFIGURATION, RecordingConfiguration.from_arn
            )
        self._key_pair: IPlaybackKeyPair | None = None
        if key_pair is not None:
            # It may come from elsewhere, such as an L1 type of another app.
            surroundings.inventory.keyed_places.add(surroundings.place)
            self._key_pair = self._with_arn(
                key_pair, specs.PLAYBACK_KEY_PAIR, PlaybackKeyPair.from_playback_key_pair_arn
            )
        if public_key_material is not None:
            self._key_pair = PlaybackKeyPair(
                self, "KeyPair", public_key_material=public_key_material
            )
        self._channel = channel or Channel(
            self,
            "Channel",
            **channel_options,
            authorized=True if keyed else None,
            recording_configuration=self._recording,
        )
        self._stream_key: IStreamKey | None = None
        if stream_key is True:
            made = StreamKey(self, "StreamKey", channel=self._channel)
            # Read so that it is defined: a bundle without its secret would be of no use.
            _ = made.secret
            self._stream_key = made
        elif not isinstance(stream_key, bool):
            self._stream_key = self._with_arn(
                stream_key, specs.STREAM_KEY, StreamKey.from_stream_key_arn
            )
        self._restriction_policy: IPlaybackRestrictionPolicy | None = None
        if restriction_policy is not None:
            self._restriction_policy = self._with_arn(
                restriction_policy,
                specs.PLAYBACK_RESTRICTION_POLICY,
                PlaybackRestrictionPolicy.from_playback_restriction_policy_arn,
            )
        if restricted:
            self._restriction_policy = PlaybackRestrictionPolicy(
                self, "RestrictionPolicy", **restrictions
            )
        if self._restriction_policy is not None:
            annotate(self, _NOT_ATTACHED)
        for tag, text in (tags or {}).items():
            Tags.of(self).add(tag, text)

    @property
    def channel(self) -> IChannel:
        """The channel."""
        return self._channel

    @property
    def stream_key(self) -> StreamKey:
        """The stream key, made here or given; `stream_key.secret` holds its value.

        Raises:
            UnknownAttributeError: If the bundle was made with `stream_key=False`.
        """
        return cast("StreamKey", self._part("stream_key", self._stream_key, "stream_key=True"))

    @property
    def recording_configuration(self) -> IRecordingConfiguration:
        """How streams are recorded.

        Raises:
            UnknownAttributeError: If they are not.
        """
        return self._part("recording_configuration", self._recording, "recording=True")

    @property
    def bucket(self) -> aws_s3.IBucket:
        """Where recordings go: the RecordingBucket made here, or what was given as `bucket`.

        Raises:
            UnknownAttributeError: If streams are not recorded, or an imported recording
                configuration does not tell its bucket.
        """
        bucket = getattr(self._recording, "bucket", None)
        return cast("aws_s3.IBucket", self._part("bucket", bucket, "recording=True"))

    @property
    def restriction_policy(self) -> IPlaybackRestrictionPolicy:
        """Where, and on which sites, the channel may be watched.

        Raises:
            UnknownAttributeError: If that is not restricted.
        """
        return self._part(
            "restriction_policy", self._restriction_policy, "allowed_countries or allowed_origins"
        )

    @property
    def key_pair(self) -> IPlaybackKeyPair:
        """The key that verifies viewers' tokens.

        Raises:
            UnknownAttributeError: If the channel is public.
        """
        return self._part("key_pair", self._key_pair, "public_key_material or key_pair")

    def __repr__(self) -> str:
        """Name the class and the construct's path."""
        return f"<ivs_constructs.{type(self).__name__} '{self.node.path}'>"

    def _with_arn(
        self,
        part: object,
        spec: specs.ResourceSpec,
        importer: Callable[[Construct, str, str], _Part],
    ) -> _Part:
        """Return a ready part as one of this library; an L1 type is imported by its ARN."""
        if hasattr(part, f"{spec.noun}_arn"):
            return cast("_Part", part)
        arn = arn_of(Check(spec.source), spec, spec.noun, part)
        return importer(self, f"{spec.name}Import", str(arn))

    def _part(self, name: str, part: _Part | None, remedy: str) -> _Part:
        if part is None:
            raise UnknownAttributeError(
                f"LiveChannel '{self.node.path}' has no {name}; give it {remedy}"
            )
        return part


show_signature(LiveChannel)

_NOT_ATTACHED = Advice(
    Severity.WARNING,
    "ivs-constructs:restriction-policy-not-attached",
    "the restriction policy is defined but not attached to the channel: CloudFormation cannot do "
    "that, and this version has no association resource yet; attach it by: aws ivs update-channel "
    "--arn <channel ARN> --playback-restriction-policy-arn <policy ARN>",
)

_CHANNEL_OPTIONS = (
    "channel_name",
    "type",
    "latency_mode",
    "preset",
    "insecure_ingest",
    "container_format",
    "multitrack_input_configuration",
)
_RESTRICTIONS = ("allowed_countries", "allowed_origins", "enable_strict_origin_enforcement")
_RECORDING = "give recording_configuration to that Channel instead"

_EXCLUSIVE = (
    *((name, "channel", f"give {name} to that Channel instead") for name in _CHANNEL_OPTIONS),
    ("private", "channel", "give authorized to that Channel instead"),
    ("recording", "channel", _RECORDING),
    ("bucket", "channel", _RECORDING),
    *(
        (name, "restriction_policy", f"give {name} to that policy instead")
        for name in _RESTRICTIONS
    ),
    ("public_key_material", "key_pair", "give one of the two"),
)
"""Arguments that cannot be given together with a ready part, and what to do instead."""


def _switch_or_part(check: Check, spec: specs.ResourceSpec, prop: str, given: object) -> None:
    """Judge an argument that is True, False or a ready part."""
    if isinstance(given, bool):
        return
    if isinstance(given, str) and not given.startswith("arn:"):
        check.fail(prop, "type", f"{prop} must be True, False or a {spec.name}, got {shown(given)}")
    else:
        arn_of(check, spec, prop, given)


def _contradictions(check: Check, given: Mapping[str, Any]) -> None:
    """Note the arguments that contradict each other."""
    for name, other, remedy in _EXCLUSIVE:
        if given[name] is not None and given[other] is not None:
            check.fail(name, "exclusive", f"{name} cannot be combined with {other}; {remedy}")
    keyed = given["public_key_material"] is not None or given["key_pair"] is not None
    private, recording = given["private"], given["recording"]
    if private is not None and not isinstance(private, bool):
        check.fail("private", "type", f"private must be True or False, got {shown(private)}")
    elif private is True and not keyed:
        check.fail(
            "private",
            "private-without-key",
            "private requires public_key_material or key_pair, got neither; give the public key "
            "of the key pair that signs viewers' tokens",
        )
    elif private is False and keyed:
        check.fail(
            "private",
            "public-with-key",
            "private is False although public_key_material or key_pair is given; drop one of them",
        )
    channel = given["channel"]
    if keyed and isinstance(channel, Channel) and channel.authorized in (None, False):
        check.fail(
            "channel",
            "public-with-key",
            "channel is public although public_key_material or key_pair is given; give "
            "authorized=True to that Channel",
        )
    if given["bucket"] is not None and recording is not None and recording is not True:
        there = "recording is False" if recording is False else "a ready recording is given"
        check.fail("bucket", "exclusive", f"bucket has no use while {there}; drop one of them")
