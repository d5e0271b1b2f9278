"""A channel with everything a live stream usually needs."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, cast

from aws_cdk import Tags
from constructs import Construct

from ivs_constructs import _specs as specs
from ivs_constructs._core.check import Check, quoted, with_article
from ivs_constructs._core.key_material import check_signing_key
from ivs_constructs._core.render import create
from ivs_constructs._core.resource import arn_of, examine, path_of, show_signature
from ivs_constructs._core.stack_facts import StackFacts, remember, stack_facts_of
from ivs_constructs.enums import ChannelType, ContainerFormat, LatencyMode, OnLive, Preset
from ivs_constructs.low_latency.channel import Channel, channel_properties
from ivs_constructs.low_latency.channel_associations import (
    ChannelAssociations,
    arns_of,
    check_on_live,
    facts_of,
    refuse_former,
)
from ivs_constructs.low_latency.failover_slate_configuration import FailoverSlateConfiguration
from ivs_constructs.low_latency.playback_key_pair import PlaybackKeyPair
from ivs_constructs.low_latency.playback_restriction_policy import (
    PlaybackRestrictionPolicy,
)
from ivs_constructs.low_latency.recording_configuration import (
    RecordingConfiguration,
    destination,
    place_of,
)
from ivs_constructs.low_latency.stream_key import StreamKey, former_key, keep_secret
from ivs_constructs.low_latency.values import MultitrackInputConfiguration
from ivs_constructs.patterns._bundle import Bundle
from ivs_constructs.token_issuers.values import PlaybackTokenLimits, arguments_of

if TYPE_CHECKING:
    from aws_cdk import aws_s3
    from aws_cdk.interfaces.aws_ivs import (
        IAdConfigurationRef,
        IPlaybackKeyPairRef,
        IPlaybackRestrictionPolicyRef,
        IRecordingConfigurationRef,
        IStreamKeyRef,
    )
    from aws_cdk.interfaces.aws_s3 import IBucketRef

    from ivs_constructs.token_issuers.playback_token_issuer import PlaybackTokenIssuer
    from ivs_constructs.token_issuers.token_signing_key import TokenSigningKey


class LiveChannel(Bundle):
    """A channel with stream key, recording, restriction policy and playback key pair.

    With nothing but an id it is a public channel that is recorded to a bucket of its own, and
    whose stream key is kept in AWS Secrets Manager. Each part can be left out, or given ready-made,
    and each is an attribute; asking for one that was left out is an error that tells what to give.

    Args:
        scope: The construct to define this in, usually `self`.
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
        private: Whether viewers need a playback token. True without any of the next three makes a
            TokenSigningKey and a PlaybackKeyPair of it. Default: True if a key is given, else
            False (set by this library).
        signing_key: A ready TokenSigningKey; makes a PlaybackKeyPair of it. Default: none.
        public_key_material: PEM text of the P-384 public key that verifies the tokens; makes a
            PlaybackKeyPair. Default: none.
        key_pair: A ready or imported key pair instead. Default: none.
        token_issuer: Whether a PlaybackTokenIssuer is made, which signs viewers' tokens with the
            signing key: True, or PlaybackTokenLimits that say what its tokens may allow.
            Default: False (set by this library).
        recording: Whether streams are recorded, or a ready RecordingConfiguration.
            Default: True (set by this library), unless `channel` is given.
        bucket: Where recordings go. Default: a new RecordingBucket (set by this library).
        allowed_countries: See PlaybackRestrictionPolicy.
        allowed_origins: See PlaybackRestrictionPolicy.
        enable_strict_origin_enforcement: See PlaybackRestrictionPolicy.
        restriction_policy: A ready policy instead. Default: none.
        ad_configuration: See Channel; also for a ready channel.
        failover_slate_configuration: See Channel; also for a ready channel.
        on_live: See Channel; also for a ready channel.
        stream_key: Whether a stream key is made, or a ready StreamKey. Default: True (set by this
            library).
        tags: Tags of all parts that are made here, up to 50. Default: none.

    Raises:
        InvalidPropertyError: If Amazon IVS would refuse a property of any part, or two arguments
            contradict each other. All that is wrong with the bundle is in one error.

    Example:
        >>> live = LiveChannel(stack, "Live", private=True, allowed_countries=["DE"])
        >>> live.stream_key.secret.grant_read(encoder_role)
        >>> live.signing_key.grant_sign(viewer_role)

    CloudFormation cannot give a channel its restriction policy, ad configuration and failover slate
    configuration, so where there is one, a custom resource does: see ChannelAssociations.

    See: https://docs.aws.amazon.com/ivs/latest/LowLatencyUserGuide/what-is.html
    """

    def __init__(
        self,
        scope: Construct,
        id: str,
        *,
        channel: Channel | None = None,
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
        signing_key: TokenSigningKey | None = None,
        public_key_material: str | None = None,
        key_pair: IPlaybackKeyPairRef | None = None,
        token_issuer: bool | PlaybackTokenLimits = False,
        recording: bool | IRecordingConfigurationRef | None = None,
        bucket: IBucketRef | None = None,
        allowed_countries: Sequence[str] | None = None,
        allowed_origins: Sequence[str] | None = None,
        enable_strict_origin_enforcement: bool | None = None,
        restriction_policy: IPlaybackRestrictionPolicyRef | None = None,
        ad_configuration: IAdConfigurationRef | None = None,
        failover_slate_configuration: FailoverSlateConfiguration | None = None,
        on_live: OnLive | str | None = None,
        stream_key: bool | IStreamKeyRef | None = None,
        tags: Mapping[str, str] | None = None,
    ) -> None:
        stack_facts = stack_facts_of("LiveChannel", scope, id)
        given: dict[str, Any] = {
            "channel": channel,
            "channel_name": channel_name,
            "type": type,
            "latency_mode": latency_mode,
            "preset": preset,
            "insecure_ingest": insecure_ingest,
            "container_format": container_format,
            "multitrack_input_configuration": multitrack_input_configuration,
            "private": private,
            "signing_key": signing_key,
            "public_key_material": public_key_material,
            "key_pair": key_pair,
            "token_issuer": token_issuer,
            "recording": recording,
            "bucket": bucket,
            "allowed_countries": allowed_countries,
            "allowed_origins": allowed_origins,
            "enable_strict_origin_enforcement": enable_strict_origin_enforcement,
            "restriction_policy": restriction_policy,
            "ad_configuration": ad_configuration,
            "failover_slate_configuration": failover_slate_configuration,
            "on_live": on_live,
            "stream_key": True if stream_key is None else stream_key,
            "tags": tags,
        }
        # All parts are looked at before the first is made: what is wrong comes in one error, and
        # nothing half-built stays behind.
        check = Check(specs.CHANNEL.source)
        _contradictions(check, given)
        _examine_parts(check, stack_facts, given)
        _examine_ready_parts(check, stack_facts, given)
        _examine_associations(check, stack_facts, given)
        if channel is not None:
            _examine_ready_channel(check, stack_facts, given)
        check.raise_for("LiveChannel", lambda: path_of(scope, id))

        create(Construct, self, scope, id)
        remember(self, stack_facts)
        self._recording = self._recording_of(given)
        self._signing_key = self._signing_key_of(given)
        self._key_pair = self._key_pair_of(given, stack_facts)
        self._restriction_policy = self._restriction_policy_of(given)
        self._channel = self._channel_of(given)
        self._stream_key = self._stream_key_of(given["stream_key"])
        self._token_issuer = self._token_issuer_of(token_issuer) if token_issuer else None
        for tag, text in (tags or {}).items():
            Tags.of(self).add(tag, text)

    def _recording_of(self, given: Mapping[str, Any]) -> RecordingConfiguration | None:
        if _records(given):
            return RecordingConfiguration(self, "RecordingConfiguration", bucket=given["bucket"])
        ready = given["recording"]
        if ready is None or isinstance(ready, bool):
            return None
        return self._with_arn(ready, specs.RECORDING_CONFIGURATION, RecordingConfiguration.from_arn)

    def _signing_key_of(self, given: Mapping[str, Any]) -> TokenSigningKey | None:
        ready: TokenSigningKey | None = given["signing_key"]
        if ready is not None or given["private"] is not True or _any(_some(given, _KEYS)):
            return ready
        # Imported here because the module of AWS KMS brings all of IAM's types with it.
        from ivs_constructs.token_issuers.token_signing_key import TokenSigningKey

        return TokenSigningKey(self, "SigningKey")

    def _key_pair_of(
        self, given: Mapping[str, Any], stack_facts: StackFacts
    ) -> PlaybackKeyPair | None:
        if self._signing_key is not None:
            return PlaybackKeyPair(self, "KeyPair", signing_key=self._signing_key)
        if given["public_key_material"] is not None:
            return PlaybackKeyPair(
                self, "KeyPair", public_key_material=given["public_key_material"]
            )
        if given["key_pair"] is None:
            return None
        # It may come from elsewhere, such as an L1 type of another app.
        stack_facts.registry.keyed_places[stack_facts.place].add(None)
        return self._with_arn(
            given["key_pair"], specs.PLAYBACK_KEY_PAIR, PlaybackKeyPair.from_playback_key_pair_arn
        )

    def _restriction_policy_of(self, given: Mapping[str, Any]) -> PlaybackRestrictionPolicy | None:
        restrictions = _some(given, _RESTRICTIONS)
        if _any(restrictions):
            return PlaybackRestrictionPolicy(self, "RestrictionPolicy", **restrictions)
        if given["restriction_policy"] is None:
            return None
        return self._with_arn(
            given["restriction_policy"],
            specs.PLAYBACK_RESTRICTION_POLICY,
            PlaybackRestrictionPolicy.from_playback_restriction_policy_arn,
        )

    def _channel_of(self, given: Mapping[str, Any]) -> Channel:
        """Return the channel, with what belongs to it."""
        associations: dict[str, Any] = {
            "playback_restriction_policy": self._restriction_policy,
            **_some(given, _ASSOCIATIONS),
        }
        channel: Channel | None = given["channel"]
        if channel is None:
            return Channel(
                self,
                "Channel",
                **_some(given, _CHANNEL_OPTIONS),
                authorized=True if _keyed(given) else given["private"],
                recording_configuration=self._recording,
                on_live=given["on_live"],
                **associations,
            )
        if _any(associations):
            ChannelAssociations(
                self, "Associations", channel=channel, on_live=given["on_live"], **associations
            )
        return channel

    def _stream_key_of(self, stream_key: object) -> StreamKey | None:
        if stream_key is True:
            made = StreamKey(self, "StreamKey", channel=self._channel)
            # A bundle without its secret would be of no use.
            keep_secret(made)
            return made
        if stream_key is False:
            return None
        return self._with_arn(stream_key, specs.STREAM_KEY, StreamKey.from_stream_key_arn)

    def _token_issuer_of(self, limits: bool | PlaybackTokenLimits) -> PlaybackTokenIssuer:
        # Imported here because the module of AWS Lambda brings a dozen others with it.
        from ivs_constructs.token_issuers.playback_token_issuer import PlaybackTokenIssuer

        return PlaybackTokenIssuer(
            self,
            "TokenIssuer",
            signing_key=self.signing_key,
            channels=[self._channel],
            **({} if isinstance(limits, bool) else arguments_of(limits)),
        )

    @property
    def channel(self) -> Channel:
        """The channel."""
        return self._channel

    @property
    def stream_key(self) -> StreamKey:
        """The stream key, made here or given; `stream_key.secret` holds its value.

        Raises:
            UnknownAttributeError: If the bundle was made with `stream_key=False`.
        """
        return self._part("stream_key", self._stream_key, "stream_key=True")

    @property
    def recording_configuration(self) -> RecordingConfiguration:
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
    def restriction_policy(self) -> PlaybackRestrictionPolicy:
        """Where, and on which sites, the channel may be watched.

        Raises:
            UnknownAttributeError: If that is not restricted.
        """
        return self._part(
            "restriction_policy", self._restriction_policy, "allowed_countries or allowed_origins"
        )

    @property
    def signing_key(self) -> TokenSigningKey:
        """The key in AWS KMS that signs viewers' tokens.

        Raises:
            UnknownAttributeError: If the channel is public, or its key is not in AWS KMS.
        """
        return self._part("signing_key", self._signing_key, "private=True")

    @property
    def token_issuer(self) -> PlaybackTokenIssuer:
        """The function that signs viewers' tokens.

        Raises:
            UnknownAttributeError: If none was asked for.
        """
        return self._part("token_issuer", self._token_issuer, "token_issuer=True")

    @property
    def key_pair(self) -> PlaybackKeyPair:
        """The key that verifies viewers' tokens.

        Raises:
            UnknownAttributeError: If the channel is public.
        """
        return self._part("key_pair", self._key_pair, "private=True")


_ISSUER = "define a PlaybackTokenIssuer with it, and leave out token_issuer"
show_signature(
    LiveChannel,
    instead={
        "authorized": "write private=True",
        "name": "did you mean 'channel_name'?",
        "max_lifetime": _ISSUER,
        "maximum_resolution": _ISSUER,
    },
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
_ASSOCIATIONS = ("ad_configuration", "failover_slate_configuration")
_KEYS = ("signing_key", "public_key_material", "key_pair")
_SWITCHES = ("recording", "stream_key")
"""Arguments that take True or False in place of a ready part."""
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
    ("signing_key", "key_pair", "give one of the two"),
    ("signing_key", "public_key_material", "give one of the two"),
)
"""Arguments that cannot be given together with a ready part, and what to do instead."""


def _some(given: Mapping[str, Any], names: Iterable[str]) -> dict[str, Any]:
    return {name: given[name] for name in names}


def _any(given: Mapping[str, Any]) -> bool:
    return any(value is not None for value in given.values())


def _records(given: Mapping[str, Any]) -> bool:
    """Whether a recording configuration is made here."""
    recording = given["recording"]
    return recording is True or (recording is None and given["channel"] is None)


def _keyed(given: Mapping[str, Any]) -> bool:
    """Whether viewers need a token of some key."""
    return given["private"] is True or _any(_some(given, _KEYS))


def _restricted(given: Mapping[str, Any]) -> bool:
    return _any(_some(given, (*_RESTRICTIONS, "restriction_policy")))


def _examine_parts(check: Check, stack_facts: StackFacts, given: Mapping[str, Any]) -> None:
    """Judge what will be made here."""
    if given["channel"] is None:
        properties = channel_properties(check, stack_facts, _some(given, _CHANNEL_OPTIONS))
        facts = _some(given, ("ad_configuration",))
        examine(Channel, stack_facts, check, properties, facts)
    if _records(given):
        properties = {"destination_configuration": destination(check, given["bucket"])}
        place = place_of(given["bucket"], stack_facts)
        examine(RecordingConfiguration, stack_facts, check, properties, place)
    restrictions = _some(given, _RESTRICTIONS)
    if _any(restrictions):
        examine(PlaybackRestrictionPolicy, stack_facts, check, restrictions)
    key = _some(given, ("public_key_material",))
    if _any(key):
        examine(PlaybackKeyPair, stack_facts, check, key)
    if given["tags"] is not None:
        check.value(specs.TAGS, given["tags"])


def _examine_ready_parts(check: Check, stack_facts: StackFacts, given: Mapping[str, Any]) -> None:
    """Judge what was made before, but for the channel."""
    if given["signing_key"] is not None:
        check_signing_key(check, given["signing_key"], stack_facts)
    for prop, spec in (
        ("key_pair", specs.PLAYBACK_KEY_PAIR),
        ("restriction_policy", specs.PLAYBACK_RESTRICTION_POLICY),
        ("recording", specs.RECORDING_CONFIGURATION),
        ("stream_key", specs.STREAM_KEY),
    ):
        part = given[prop]
        if prop not in _SWITCHES or _is_part(check, spec, prop, part):
            arn_of(check, spec, prop, part, beside=stack_facts)


def _examine_associations(check: Check, stack_facts: StackFacts, given: Mapping[str, Any]) -> None:
    """Judge what the channel, made here or ready, is to be associated with."""
    parts = _some(given, _ASSOCIATIONS)
    arns_of(check, stack_facts, parts)
    check_on_live(check, given["on_live"], associated=_any(parts) or _restricted(given))


def _examine_ready_channel(check: Check, stack_facts: StackFacts, given: Mapping[str, Any]) -> None:
    """Judge a channel that was made before, and what is wanted of it."""
    channel = given["channel"]
    arn = arn_of(check, specs.CHANNEL, "channel", channel, beside=stack_facts)
    if given["stream_key"] is True and arn is not None:
        former = former_key(stack_facts, channel, arn)
        if former is not None:
            check.fail(
                "channel",
                "one-key",
                f"channel has a stream key already, '{former.node.path}'; give that one as "
                "stream_key, Amazon IVS allows one for each channel",
            )
    parts = _some(given, _ASSOCIATIONS)
    if arn is not None and (_any(parts) or _restricted(given)):
        refuse_former(check, stack_facts, channel, arn)
        facts = facts_of(channel, parts["ad_configuration"])
        examine(ChannelAssociations, stack_facts, check, {"channel": arn}, facts)


def _is_part(check: Check, spec: specs.ResourceSpec, prop: str, given: object) -> bool:
    """Tell a ready part from True and False, and refuse a text or a bucket that is neither."""
    is_bucket = prop == "recording" and hasattr(type(given), "bucket_arn")
    if is_bucket or (isinstance(given, str) and not given.startswith("arn:")):
        got = with_article(type(given).__name__) if is_bucket else quoted(given)
        advice = "; give a bucket as bucket" if prop == "recording" else ""
        check.fail(
            prop,
            "type",
            f"{prop} must be True, False or {with_article(spec.name)}, got {got}{advice}",
        )
        return False
    return not isinstance(given, bool)


def _contradictions(check: Check, given: Mapping[str, Any]) -> None:
    """Note the arguments that contradict each other."""
    for name, other, remedy in _EXCLUSIVE:
        if given[name] is not None and given[other] is not None:
            check.fail(name, "exclusive", f"{name} cannot be combined with {other}; {remedy}")
    keys = [name for name in _KEYS if given[name] is not None]
    private, recording = given["private"], given["recording"]
    if private is not None and not isinstance(private, bool):
        check.fail("private", "type", f"private must be True or False, got {quoted(private)}")
    issues = given["token_issuer"]
    if not isinstance(issues, bool | PlaybackTokenLimits):
        check.fail(
            "token_issuer",
            "type",
            f"token_issuer must be True, False or PlaybackTokenLimits, got {quoted(issues)}",
        )
    elif issues and given["signing_key"] is None and (private is not True or keys):
        check.fail(
            "token_issuer",
            "issuer-without-key",
            "token_issuer requires a signing key in AWS KMS, got none; give private=True alone, or "
            "signing_key",
        )
    if private is False and keys:
        check.fail(
            "private",
            "public-with-key",
            f"private is False although {keys[0]} is given; drop one of them",
        )
    channel = given["channel"]
    if keys and isinstance(channel, Channel) and channel.authorized in (None, False):
        check.fail(
            "channel",
            "public-with-key",
            f"channel is public although {keys[0]} is given; give authorized=True to that Channel",
        )
    if given["bucket"] is not None and recording is not None and recording is not True:
        there = "recording is False" if recording is False else "a ready recording is given"
        check.fail("bucket", "exclusive", f"bucket has no use while {there}; drop one of them")
