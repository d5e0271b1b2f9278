"""A channel with everything a live stream usually needs."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, ClassVar, cast

from constructs import Construct

from ivs_constructs import _specs as specs
from ivs_constructs._core.arn import Ready, arn_of
from ivs_constructs._core.check import Check, bool_advice, quoted, with_article
from ivs_constructs.low_latency.channel import Channel, ChannelDraft
from ivs_constructs.low_latency.recording_configuration import (
    RecordingConfiguration,
    RecordingConfigurationDraft,
)
from ivs_constructs.low_latency.stream_key import StreamKey, StreamKeyDraft
from ivs_constructs.patterns._bundle import Bundle, BundleDraft

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

    from ivs_constructs._core.key_material import SigningKeyToCome
    from ivs_constructs.enums import ChannelType, ContainerFormat, InUse, LatencyMode, Preset
    from ivs_constructs.low_latency.channel_associations import ChannelAssociationsDraft
    from ivs_constructs.low_latency.failover_slate_configuration import FailoverSlateConfiguration
    from ivs_constructs.low_latency.playback_key_pair import PlaybackKeyPair, PlaybackKeyPairDraft
    from ivs_constructs.low_latency.playback_restriction_policy import (
        PlaybackRestrictionPolicy,
        PlaybackRestrictionPolicyDraft,
    )
    from ivs_constructs.low_latency.values import MultitrackInputConfiguration
    from ivs_constructs.token_issuers.playback_token_issuer import PlaybackTokenIssuer
    from ivs_constructs.token_issuers.token_signing_key import TokenSigningKey
    from ivs_constructs.token_issuers.values import PlaybackTokenLimits


class LiveChannel(Bundle):
    """A channel with stream key, recording, restriction policy and playback key pair.

    With only an id it is a public channel that is recorded to its own bucket and whose stream key
    is in AWS Secrets Manager. You can omit each part or pass it ready-made. Each part is an
    attribute; reading one that was omitted is an error that says what to pass.

    Args:
        scope: The construct to define this in, usually `self`.
        id: The id, unique within the scope.
        channel: An existing channel. Default: a new one from the next seven arguments, which are
            those of Channel.
        channel_name: See Channel.
        type: See Channel.
        latency_mode: See Channel.
        preset: See Channel.
        insecure_ingest: See Channel.
        container_format: See Channel.
        multitrack_input_configuration: See Channel.
        private: Whether viewers need a playback token. True without any of the next three makes a
            TokenSigningKey and its PlaybackKeyPair. Default: True if a key is given, else
            False (set by this library).
        signing_key: An existing TokenSigningKey; its PlaybackKeyPair is made here. Default: none.
        public_key_material: PEM text of the P-384 public key that verifies the tokens; makes a
            PlaybackKeyPair. Default: none.
        key_pair: An existing or imported key pair instead. Default: none.
        token_issuer: Whether to make a PlaybackTokenIssuer, which signs viewers' tokens with the
            signing key: True, or PlaybackTokenLimits that say what its tokens may allow.
            Default: False (set by this library).
        recording: Whether to record streams, or an existing RecordingConfiguration.
            Default: True (set by this library), unless `channel` is given.
        bucket: Where recordings go. Default: a new RecordingBucket (set by this library).
        allowed_countries: See PlaybackRestrictionPolicy.
        allowed_origins: See PlaybackRestrictionPolicy.
        enable_strict_origin_enforcement: See PlaybackRestrictionPolicy.
        restriction_policy: An existing policy instead. Default: none.
        ad_configuration: See Channel; also for an existing channel.
        failover_slate_configuration: See Channel; also for an existing channel.
        in_use: See Channel; also for an existing channel.
        stream_key: Whether to make a stream key, or an existing StreamKey. Default: True (set by
            this library).
        tags: Tags of all parts that are made here, up to 50. Default: none.

    Raises:
        InvalidPropertyError: If Amazon IVS would refuse a property of any part, or two arguments
            contradict each other. One error lists all failures of the bundle.

    Example:
        >>> live = LiveChannel(stack, "Live", private=True, allowed_countries=["DE"])
        >>> live.stream_key.secret.grant_read(encoder_role)
        >>> live.signing_key.grant_sign(viewer_role)

    CloudFormation cannot set a channel's restriction policy, ad configuration or failover slate
    configuration, so a custom resource does: see ChannelAssociations.

    See: https://docs.aws.amazon.com/ivs/latest/LowLatencyUserGuide/what-is.html
    """

    _instead: ClassVar[Mapping[str, str]] = {
        "authorized": "write private=True",
        "name": "did you mean 'channel_name'?",
        **dict.fromkeys(
            ("max_lifetime", "maximum_resolution"),
            "define a PlaybackTokenIssuer with it, and leave out token_issuer",
        ),
    }

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
        in_use: InUse | str | None = None,
        stream_key: bool | IStreamKeyRef | None = None,
        tags: Mapping[str, str] | None = None,
    ) -> None:
        """Define a LiveChannel. Its arguments are those listed for the class."""
        self._define(_LiveChannelDraft, locals())

    def _make(self, draft: _LiveChannelDraft) -> None:
        """Make the parts, each after the ones it refers to."""
        self._recording = self._made(
            draft.recording, "RecordingConfiguration", RecordingConfiguration.from_arn
        )
        self._signing_key = self._signing_key_of(draft)
        self._key_pair = self._key_pair_of(draft)
        self._restriction_policy = self._restriction_policy_of(draft)
        self._channel = cast(
            "Channel", self._made(draft.channel, "Channel", Channel.from_channel_arn)
        )
        if draft.associations is not None:
            draft.associations.make(self, "Associations")
        self._stream_key = self._made(draft.stream_key, "StreamKey", StreamKey.from_stream_key_arn)
        self._token_issuer = self._token_issuer_of(draft)

    def _key_pair_of(self, draft: _LiveChannelDraft) -> PlaybackKeyPair | None:
        if draft.key_pair is None:
            return None
        # Imported here, as in the draft, because public channels need nothing of this.
        from ivs_constructs._core.signing_keys import note_foreign_playback_key
        from ivs_constructs.low_latency.playback_key_pair import PlaybackKeyPair

        if isinstance(draft.key_pair, Ready):
            # It may come from elsewhere, such as an L1 of another app.
            note_foreign_playback_key(self, draft.stack_facts)
        importer = PlaybackKeyPair.from_playback_key_pair_arn
        return self._made(draft.key_pair, "KeyPair", importer)

    def _restriction_policy_of(self, draft: _LiveChannelDraft) -> PlaybackRestrictionPolicy | None:
        if draft.restriction_policy is None:
            return None
        # Imported here, as in the draft, because most channels are not restricted.
        from ivs_constructs.low_latency.playback_restriction_policy import PlaybackRestrictionPolicy

        importer = PlaybackRestrictionPolicy.from_playback_restriction_policy_arn
        return self._made(draft.restriction_policy, "RestrictionPolicy", importer)

    def _signing_key_of(self, draft: _LiveChannelDraft) -> TokenSigningKey | None:
        if draft.signing_key is None:
            ready: TokenSigningKey | None = draft.given["signing_key"]
            return ready
        # Imported here because most channels need no key from AWS KMS.
        from ivs_constructs.token_issuers.token_signing_key import TokenSigningKey

        made = draft.signing_key.made = TokenSigningKey(self, "SigningKey")
        return made

    def _token_issuer_of(self, draft: _LiveChannelDraft) -> PlaybackTokenIssuer | None:
        limits: bool | PlaybackTokenLimits = draft.given["token_issuer"]
        if limits is False:
            return None
        # Imported here because most channels have no issuer.
        from ivs_constructs.token_issuers.playback_token_issuer import PlaybackTokenIssuer
        from ivs_constructs.token_issuers.values import arguments_of

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
            UnknownAttributeError: If they are not recorded.
        """
        return self._part("recording_configuration", self._recording, "recording=True")

    @property
    def bucket(self) -> aws_s3.IBucket:
        """Where recordings go: the RecordingBucket made here, or what was given as `bucket`.

        Raises:
            UnknownAttributeError: If streams are not recorded, or an imported recording
                configuration does not say which bucket it uses.
        """
        bucket = getattr(self._recording, "bucket", None)
        return cast("aws_s3.IBucket", self._part("bucket", bucket, "recording=True"))

    @property
    def restriction_policy(self) -> PlaybackRestrictionPolicy:
        """In which countries and on which sites viewers can watch the channel.

        Raises:
            UnknownAttributeError: If the channel is not restricted.
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
            UnknownAttributeError: If no token issuer was requested.
        """
        return self._part("token_issuer", self._token_issuer, "token_issuer=True")

    @property
    def key_pair(self) -> PlaybackKeyPair:
        """The key that verifies viewers' tokens.

        Raises:
            UnknownAttributeError: If the channel is public.
        """
        return self._part("key_pair", self._key_pair, "private=True")


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
_RECORDING = "pass recording_configuration to that Channel instead"

_EXCLUSIVE = (
    *((name, "channel", f"pass {name} to that Channel instead") for name in _CHANNEL_OPTIONS),
    ("private", "channel", "pass authorized to that Channel instead"),
    ("recording", "channel", _RECORDING),
    ("bucket", "channel", _RECORDING),
    *(
        (name, "restriction_policy", f"pass {name} to that policy instead")
        for name in _RESTRICTIONS
    ),
    ("public_key_material", "key_pair", "pass one of the two"),
    ("signing_key", "key_pair", "pass one of the two"),
    ("signing_key", "public_key_material", "pass one of the two"),
)
"""Arguments that cannot be combined with an existing part, and what to do instead."""


def _some(given: Mapping[str, Any], names: Iterable[str]) -> dict[str, Any]:
    return {name: given[name] for name in names}


def _any(given: Mapping[str, Any]) -> bool:
    return any(value is not None for value in given.values())


def _records(given: Mapping[str, Any]) -> bool:
    """Whether a recording configuration is made here."""
    recording = given["recording"]
    return recording is True or (recording is None and given["channel"] is None)


def _authorized(given: Mapping[str, Any]) -> bool | None:
    """Whether viewers need a token of some key, None if the user does not say."""
    if given["private"] is True or _any(_some(given, _KEYS)):
        return True
    return False if given["private"] is False else None


class _LiveChannelDraft(BundleDraft):
    """The draft of a LiveChannel."""

    subject = "LiveChannel"
    source = specs.CHANNEL.source

    def prepare(self) -> None:
        """Check the existing parts, and draft the new ones."""
        _contradictions(self.check, self.given)
        self.signing_key: SigningKeyToCome | None = None
        first = len(self.check.failures)
        self.recording = self._recording()
        self.restriction_policy = self._restriction_policy()
        self.key_pair = self._key_pair()
        self.associations: ChannelAssociationsDraft | None = None
        of_parts = self.check.failures[first:]
        self.channel = self._channel()
        # The channel refers to its parts, so they come first; in the message the channel comes
        # first.
        self.check.failures[first:] = [*self.check.failures[first + len(of_parts) :], *of_parts]
        self.stream_key = self._stream_key()
        if self.given["tags"] is not None:
            self.check.value(specs.TAGS, self.given["tags"])

    def _ready(self, prop: str, spec: specs.ResourceSpec) -> Ready | None:
        """Check the existing parts."""
        part = self.given[prop]
        arn = arn_of(self.check, spec, prop, part, beside=self.stack_facts)
        return None if arn is None else Ready(part, arn)

    def _recording(self) -> RecordingConfigurationDraft | Ready | None:
        given = self.given
        if _records(given):
            return self.draft(RecordingConfigurationDraft, {"bucket": given["bucket"]})
        if _is_part(self.check, specs.RECORDING_CONFIGURATION, "recording", given["recording"]):
            return self._ready("recording", specs.RECORDING_CONFIGURATION)
        return None

    def _restriction_policy(self) -> PlaybackRestrictionPolicyDraft | Ready | None:
        restrictions = _some(self.given, _RESTRICTIONS)
        ready = self._ready("restriction_policy", specs.PLAYBACK_RESTRICTION_POLICY)
        if _any(restrictions):
            from ivs_constructs.low_latency.playback_restriction_policy import (
                PlaybackRestrictionPolicyDraft,
            )

            return self.draft(PlaybackRestrictionPolicyDraft, restrictions)
        return ready

    def _key_pair(self) -> PlaybackKeyPairDraft | Ready | None:
        ready = self._ready("key_pair", specs.PLAYBACK_KEY_PAIR)
        keys = _some(self.given, ("signing_key", "public_key_material"))
        if keys["signing_key"] is not None:
            keys["public_key_material"] = None  # already reported as given twice
        if not _any(keys) and self.given["key_pair"] is None and self.given["private"] is True:
            from ivs_constructs._core.key_material import SigningKeyToCome

            keys["signing_key"] = self.signing_key = SigningKeyToCome()
        if _any(keys):
            from ivs_constructs.low_latency.playback_key_pair import PlaybackKeyPairDraft

            return self.draft(PlaybackKeyPairDraft, keys)
        return ready

    def _channel(self) -> ChannelDraft | Ready | None:
        given = self.given
        parts = {
            "playback_restriction_policy": self.restriction_policy,
            **_some(given, (*_ASSOCIATIONS, "in_use")),
        }
        if given["channel"] is None:
            options = {
                **_some(given, _CHANNEL_OPTIONS),
                **parts,
                "authorized": _authorized(given),
                "recording_configuration": self.recording,
            }
            return self.draft(ChannelDraft, options)
        ready = self._ready("channel", specs.CHANNEL)
        if ChannelDraft.is_associated(parts):
            # Imported here because only these bundles need what makes custom resources.
            from ivs_constructs.low_latency.channel_associations import ChannelAssociationsDraft

            associations = {"channel": ready or given["channel"], **parts}
            self.associations = self.draft(ChannelAssociationsDraft, associations)
        else:
            ChannelDraft.refuse_in_use(self.check, parts["in_use"])
        return ready

    def _stream_key(self) -> StreamKeyDraft | Ready | None:
        given = self.given["stream_key"]
        ready = True if given is None else given
        if ready is True and self.channel is not None:
            return self.draft(_StreamKeyDraft, {"channel": self.channel})
        if _is_part(self.check, specs.STREAM_KEY, "stream_key", ready):
            return self._ready("stream_key", specs.STREAM_KEY)
        return None


class _StreamKeyDraft(StreamKeyDraft):
    instead = "pass that one as stream_key"
    # A bundle without its secret would be useless.
    keeps_secret = True


def _is_part(check: Check, spec: specs.ResourceSpec, prop: str, given: object) -> bool:
    """Distinguish an existing part from True and False, and reject a string or bucket."""
    is_bucket = prop == "recording" and hasattr(type(given), "bucket_arn")
    if is_bucket or (isinstance(given, str) and not given.startswith("arn:")):
        got = with_article(type(given).__name__) if is_bucket else quoted(given)
        advice = bool_advice(given) if isinstance(given, str) else ""
        if not advice and prop == "recording":
            advice = "; pass a bucket as bucket"
        check.fail(
            prop,
            "type",
            f"{prop} must be True, False or {with_article(spec.name)}, got {got}{advice}",
        )
        return False
    return not isinstance(given, bool | None)


def _are_limits(given: object) -> bool:
    # Imported here because it brings all that tokens are checked with.
    from ivs_constructs.token_issuers.values import PlaybackTokenLimits

    return isinstance(given, PlaybackTokenLimits)


def _contradictions(check: Check, given: Mapping[str, Any]) -> None:
    """Record the arguments that contradict each other."""
    for name, other, remedy in _EXCLUSIVE:
        if given[name] is not None and given[other] is not None:
            check.fail(name, "exclusive", f"{name} cannot be combined with {other}; {remedy}")
    keys = [name for name in _KEYS if given[name] is not None]
    private, recording = given["private"], given["recording"]
    if private is not None and not isinstance(private, bool):
        message = f"private must be True or False, got {quoted(private)}{bool_advice(private)}"
        check.fail("private", "type", message)
    issues = given["token_issuer"]
    if not isinstance(issues, bool) and not _are_limits(issues):
        check.fail(
            "token_issuer",
            "type",
            f"token_issuer must be True, False or PlaybackTokenLimits, got {quoted(issues)}; "
            "write True, or PlaybackTokenLimits(...)",
        )
    elif issues and given["signing_key"] is None and (private is not True or keys):
        check.fail(
            "token_issuer",
            "issuer-without-key",
            "token_issuer requires a signing key in AWS KMS, got none; pass private=True alone, or "
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
            f"channel is public although {keys[0]} is given; pass authorized=True to that Channel",
        )
    if given["bucket"] is not None and recording is not None and recording is not True:
        there = "recording is False" if recording is False else "an existing recording is given"
        check.fail("bucket", "exclusive", f"bucket has no effect while {there}; drop one of them")
