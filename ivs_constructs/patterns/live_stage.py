"""A stage with everything it usually needs."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, Any, ClassVar, TypeVar, cast

from constructs import Construct

from ivs_constructs import _specs as specs
from ivs_constructs._core.arn import Ready
from ivs_constructs._core.check import Check, bool_advice, quoted
from ivs_constructs._core.draft import Draft
from ivs_constructs._core.key_material import SigningKeyToCome, check_signing_key
from ivs_constructs._core.stack_facts import StackFacts
from ivs_constructs._specs import ResourceSpec
from ivs_constructs.enums import InUse, Provisioning
from ivs_constructs.errors import UnknownAttributeError, UnsupportedError
from ivs_constructs.patterns._bundle import Bundle, BundleDraft
from ivs_constructs.realtime.composition._parts import part_arn
from ivs_constructs.realtime.encoder_configuration import (
    EncoderConfiguration,
    EncoderConfigurationDraft,
)
from ivs_constructs.realtime.public_key import PublicKey, PublicKeyDraft
from ivs_constructs.realtime.stage import Stage, StageDraft
from ivs_constructs.realtime.storage_configuration import (
    StorageConfiguration,
    StorageConfigurationDraft,
)
from ivs_constructs.realtime.values import (
    AutoParticipantRecording,
    ChannelDestination,
    GridLayout,
    PipLayout,
    S3Destination,
    Video,
)
from ivs_constructs.token_issuers.values import ParticipantTokenLimits, arguments_of

if TYPE_CHECKING:
    from aws_cdk import aws_s3
    from aws_cdk.interfaces.aws_ivs import (
        IChannelRef,
        IEncoderConfigurationRef,
        IStageRef,
        IStorageConfigurationRef,
    )
    from aws_cdk.interfaces.aws_s3 import IBucketRef

    from ivs_constructs.realtime.composition.composition_automation import (
        CompositionAutomation,
        CompositionAutomationDraft,
    )
    from ivs_constructs.token_issuers.participant_token_issuer import ParticipantTokenIssuer
    from ivs_constructs.token_issuers.token_signing_key import TokenSigningKey

_Draft = TypeVar("_Draft", bound=Draft[Any])


class LiveStage(Bundle):
    """A stage with optional recording and broadcast to a channel.

    With only an id it is just a stage. Each part is an attribute; reading one that was omitted is
    an error that says what to pass.

    A composition is one picture of all participants. It starts when somebody publishes and ends by
    itself: see CompositionAutomation. `broadcast_to` sends it to a channel and `record_composition`
    to a bucket, while `recording` records each participant separately; both kinds of recording go
    to the same bucket.

    Args:
        scope: The construct to define this in, usually `self`.
        id: The id, unique within the scope.
        stage: An existing stage. Default: a new one.
        stage_name: See Stage.
        recording: Whether participants are recorded: True, or an AutoParticipantRecording that says
            how and, with its storage configuration, where. Default: False (set by this library).
        bucket: Where recordings of both kinds go.
            Default: a new RecordingBucket (set by this library).
        storage_configuration: An existing storage configuration instead. Default: a new one, or
            that of the AutoParticipantRecording (set by this library).
        encoder: How compositions are encoded, for the channel and for the recording: a Video, or an
            existing EncoderConfiguration. Default: no encoder configuration is made, unless
            compositions are recorded (set by this library); 1280 times 720 pixels, 30 frames and
            2500000 bits a second (set by IVS).
        compose: How compositions are laid out: a GridLayout, a PipLayout, or True for Amazon IVS's
            default grid. Needs `broadcast_to` or `record_composition`.
            Default: a grid if one of these is given, else nothing is composed (set by this
            library).
        broadcast_to: The channel that compositions are broadcast to. It needs a stream key, which a
            LiveChannel has, and must not be live. Default: they are not broadcast.
        record_composition: Whether compositions are recorded. Default: False (set by this library).
        token_issuer: Whether to make a ParticipantTokenIssuer, with a TokenSigningKey and its
            PublicKey: True, or ParticipantTokenLimits that say what its tokens may allow.
            Default: False (set by this library).
        signing_key: An existing TokenSigningKey for it. Default: a new one.
        in_use: See Stage; applies to all parts that are made here.
        provisioning: See Stage; applies to all parts that are made here.
        tags: Tags of all parts that are made here and of the compositions, up to 46.
            Default: none.

    Raises:
        InvalidPropertyError: If Amazon IVS would refuse a property of any part, or two arguments
            contradict each other.

    Example:
        >>> live = LiveChannel(stack, "Live", recording=False)
        >>> talk = LiveStage(
        ...     stack, "Talk", recording=True, encoder=Video.hd_720p(), broadcast_to=live.channel
        ... )
        >>> endpoint = talk.stage.whip_endpoint

    See: https://docs.aws.amazon.com/ivs/latest/RealTimeUserGuide/what-is.html
    """

    _instead: ClassVar[Mapping[str, str]] = {
        "record": "did you mean 'recording'?",
        "auto_participant_recording": "did you mean 'recording'?",
        "layout": "write compose=GridLayout(...) or compose=PipLayout(...)",
        "capabilities": "write token_issuer=ParticipantTokenLimits(capabilities=[...])",
        "channel": "did you mean 'broadcast_to'?",
    }

    def __init__(
        self,
        scope: Construct,
        id: str,
        *,
        stage: IStageRef | None = None,
        stage_name: str | None = None,
        recording: bool | AutoParticipantRecording = False,
        bucket: IBucketRef | None = None,
        storage_configuration: IStorageConfigurationRef | None = None,
        encoder: Video | IEncoderConfigurationRef | None = None,
        compose: bool | GridLayout | PipLayout | None = None,
        broadcast_to: IChannelRef | None = None,
        record_composition: bool = False,
        token_issuer: bool | ParticipantTokenLimits = False,
        signing_key: TokenSigningKey | None = None,
        in_use: InUse | str | None = None,
        provisioning: Provisioning | str | None = None,
        tags: Mapping[str, str] | None = None,
    ) -> None:
        """Define a LiveStage. Its arguments are those listed for the class."""
        self._define(_LiveStageDraft, locals())

    def _make(self, draft: _LiveStageDraft) -> None:
        """Make the parts, each after the ones it refers to."""
        self._storage = self._made(
            draft.storage,
            "StorageConfiguration",
            StorageConfiguration.from_storage_configuration_arn,
        )
        self._stage = cast("Stage", self._made(draft.stage, "Stage", Stage.from_stage_arn))
        self._encoder = self._made(
            draft.encoder,
            "EncoderConfiguration",
            EncoderConfiguration.from_encoder_configuration_arn,
        )
        self._composition: CompositionAutomation | None = None
        if draft.composition is not None:
            self._composition = draft.composition.make(self, "Composition")
        self._signing_key: TokenSigningKey | None = None
        self._public_key: PublicKey | None = None
        self._token_issuer: ParticipantTokenIssuer | None = None
        if draft.public_key is not None:
            self._issue_tokens(draft, draft.public_key)

    @property
    def stage(self) -> Stage:
        """The stage."""
        return self._stage

    @property
    def storage_configuration(self) -> StorageConfiguration:
        """Where recordings go.

        Raises:
            UnknownAttributeError: If nothing is recorded.
        """
        return self._part("storage_configuration", self._storage, _RECORDED)

    @property
    def bucket(self) -> aws_s3.IBucket:
        """The bucket where recordings go: the RecordingBucket made here, or what was given.

        Raises:
            UnknownAttributeError: If nothing is recorded, or an imported storage configuration
                does not say which bucket it uses.
        """
        bucket = getattr(self._storage, "bucket", None)
        return cast("aws_s3.IBucket", self._part("bucket", bucket, _RECORDED))

    @property
    def encoder_configuration(self) -> EncoderConfiguration:
        """How compositions are encoded.

        Raises:
            UnknownAttributeError: If no encoder was given, and no composition is recorded.
        """
        return self._part("encoder_configuration", self._encoder, "encoder=Video.hd_720p()")

    @property
    def composition(self) -> CompositionAutomation:
        """What starts the compositions; `composition.grants.stop` allows a grantee to stop them.

        Raises:
            UnknownAttributeError: If nothing is composed.
        """
        return self._part(
            "composition", self._composition, "broadcast_to or record_composition=True"
        )

    @property
    def token_issuer(self) -> ParticipantTokenIssuer:
        """The function that signs participants' tokens.

        Raises:
            UnknownAttributeError: If no token issuer was requested.
        """
        return self._part("token_issuer", self._token_issuer, "token_issuer=True")

    @property
    def signing_key(self) -> TokenSigningKey:
        """The key in AWS KMS that signs participants' tokens.

        Raises:
            UnknownAttributeError: If no token issuer was requested.
        """
        return self._part("signing_key", self._signing_key, "token_issuer=True")

    @property
    def public_key(self) -> PublicKey:
        """The public key with which Amazon IVS verifies participants' tokens.

        Raises:
            UnknownAttributeError: If no token issuer was requested.
        """
        return self._part("public_key", self._public_key, "token_issuer=True")

    def _issue_tokens(self, draft: _LiveStageDraft, public_key: PublicKeyDraft) -> None:
        # Imported here because most stages have no issuer.
        from ivs_constructs.token_issuers.participant_token_issuer import ParticipantTokenIssuer
        from ivs_constructs.token_issuers.token_signing_key import TokenSigningKey

        signing_key: TokenSigningKey | None = draft.given["signing_key"]
        if draft.signing_key is not None:
            signing_key = draft.signing_key.made = TokenSigningKey(self, "SigningKey")
        self._signing_key = signing_key
        self._public_key = public_key.make(self, "PublicKey")
        limits: bool | ParticipantTokenLimits = draft.given["token_issuer"]
        self._token_issuer = ParticipantTokenIssuer(
            self,
            "TokenIssuer",
            signing_key=self.signing_key,
            public_key=self._public_key,
            stages=[self._stage],
            **({} if isinstance(limits, bool) else arguments_of(limits)),
        )


def _issues(given: Mapping[str, Any]) -> bool:
    """Whether tokens are to be issued."""
    issues = given["token_issuer"]
    return issues is True or isinstance(issues, ParticipantTokenLimits)


_RECORDED = "recording=True or record_composition=True"


def _composes(given: Mapping[str, Any]) -> bool:
    """Whether compositions have a destination."""
    return given["broadcast_to"] is not None or given["record_composition"] is not False


class _LiveStageDraft(BundleDraft):
    """The draft of a LiveStage."""

    subject = "LiveStage"
    source = specs.STAGE.source

    def prepare(self) -> None:
        """Check the existing parts, and draft the new ones."""
        given = self.given
        _contradictions(self.check, self.stack_facts, given)
        _check_composing(self.check, given)
        ready = self._ready(specs.STAGE, "stage", given["stage"])
        if ready is not None and _issues(given):
            _check_endpoints(self.check, ready.resource)
        self.storage = self._storage()
        self.stage = ready or self._stage()
        self.encoder = self._encoder()
        self.signing_key: SigningKeyToCome | None = None
        self.public_key = self._public_key() if _issues(given) else None
        if given["tags"] is not None:
            self.check.value(specs.CUSTOM_TAGS, given["tags"])
        self.composition = self._composition() if _composes(given) else None

    def _provisioned(self, cls: type[_Draft], given: Mapping[str, Any]) -> _Draft:
        ways = {name: self.given[name] for name in ("in_use", "provisioning")}
        return self.draft(cls, {**given, **ways})

    def _ready(
        self, spec: ResourceSpec, label: str, part: object, *, anywhere: bool = False
    ) -> Ready | None:
        """Check the existing parts."""
        beside = None if anywhere else self.stack_facts
        arn = part_arn(self.check, beside, spec, label, part)
        return None if arn is None else Ready(part, arn)

    def _storage(self) -> StorageConfigurationDraft | Ready | None:
        given = self.given
        record, label = given["recording"], "storage_configuration"
        ready = given[label]
        if isinstance(record, AutoParticipantRecording):
            label, ready = f"recording.{label}", record.storage_configuration
        if ready is None and (record is True or given["record_composition"] is True):
            return self._provisioned(StorageConfigurationDraft, {"bucket": given["bucket"]})
        return self._ready(specs.STORAGE_CONFIGURATION, label, ready)

    def _stage(self) -> StageDraft | None:
        given = self.given
        if given["stage"] is not None:
            return None  # already reported
        record: object = given["recording"]
        recording: AutoParticipantRecording | None = None
        if self.storage is not None and isinstance(record, AutoParticipantRecording):
            recording = replace(record, storage_configuration=cast("Any", self.storage))
        elif self.storage is not None and record is True:
            recording = AutoParticipantRecording(storage_configuration=cast("Any", self.storage))
        cls = _SpeakingStageDraft if _issues(given) else StageDraft
        options = {"stage_name": given["stage_name"], "auto_participant_recording": recording}
        return self._provisioned(cls, options)

    def _encoder(self) -> EncoderConfigurationDraft | Ready | None:
        given = self.given["encoder"]
        if isinstance(given, Video) or (given is None and self.given["record_composition"] is True):
            return self._provisioned(EncoderConfigurationDraft, {"video": given})
        text = isinstance(given, str) and not given.startswith("arn:")
        if text or issubclass(type(given), dict):
            self.check.fail(
                "encoder",
                "type",
                f"encoder must be a Video or an EncoderConfiguration, got {quoted(given)}; write "
                "Video.hd_720p() or Video(width=..., height=...)",
            )
            return None
        # Without a composition, the encoder is only an attribute.
        anywhere = not _composes(self.given)
        return self._ready(specs.ENCODER_CONFIGURATION, "encoder", given, anywhere=anywhere)

    def _public_key(self) -> PublicKeyDraft:
        key = self.given["signing_key"]
        if key is None:
            key = self.signing_key = SigningKeyToCome()
        return self.draft(PublicKeyDraft, {"signing_key": key})

    def _composition(self) -> CompositionAutomationDraft | None:
        # Imported here because most stages are not composed.
        from ivs_constructs.realtime.composition.composition_automation import (
            CompositionAutomationDraft,
        )

        channel = self._ready(specs.CHANNEL, "broadcast_to", self.given["broadcast_to"])
        if self.check.failures:
            return None  # it could only repeat the failures of its parts
        destinations: list[ChannelDestination | S3Destination] = []
        encoder = cast("Any", self.encoder)
        if channel is not None:
            destinations.append(
                ChannelDestination(channel=cast("Any", channel), encoder_configuration=encoder)
            )
        if self.given["record_composition"]:
            storage = cast("Any", self.storage)
            destinations.append(
                S3Destination(storage_configuration=storage, encoder_configuration=encoder)
            )
        compose = self.given["compose"]
        given = {
            "stage": self.stage,
            "destinations": destinations,
            "layout": None if isinstance(compose, bool) else compose,
            "tags": self.given["tags"],
        }
        return self.draft(CompositionAutomationDraft, given)


class _SpeakingStageDraft(StageDraft):
    """A stage whose participants get tokens here."""

    def custom_only(self) -> Mapping[str, object]:
        # Tokens repeat the stage's endpoints, which CloudFormation's type does not expose.
        return {**super().custom_only(), "token_issuer": True}


def _check_endpoints(check: Check, stage: object) -> None:
    """Reject an existing stage whose participants cannot get tokens."""
    try:
        _ = (cast("Stage", stage).events_endpoint, cast("Stage", stage).whip_endpoint)
    except (UnknownAttributeError, UnsupportedError) as error:
        check.fail("stage", "endpoints", f"stage must have endpoints for a token issuer: {error}")
    except AttributeError:
        check.fail(
            "stage",
            "endpoints",
            "stage must have endpoints for a token issuer, got "
            f"'{cast('Construct', stage).node.path}', which has none; import it with "
            "Stage.from_stage_attributes(self, 'Imported', ...)",
        )


def _recording_advice(given: object) -> str:
    """Say how to pass what people take for a recording."""
    if hasattr(type(given), "storage_configuration_arn"):
        return "; write recording=True and storage_configuration=..."
    return "; write True"


def _bucket_advice(given: object) -> str:
    return "; write True, and pass it as bucket" if hasattr(type(given), "bucket_arn") else ""


def _check_composing(check: Check, given: Mapping[str, Any]) -> None:
    """Record the failures of the arguments about compositions."""
    compose, recorded = given["compose"], given["record_composition"]
    if not (compose is None or isinstance(compose, bool | GridLayout | PipLayout)):
        check.fail(
            "compose",
            "type",
            f"compose must be True, False, a GridLayout or a PipLayout, got {quoted(compose)}; "
            "write GridLayout() or PipLayout()",
        )
    if not isinstance(recorded, bool):
        check.fail(
            "record_composition",
            "type",
            f"record_composition must be True or False, got {quoted(recorded)}"
            f"{bool_advice(recorded) or _bucket_advice(recorded)}",
        )
    if compose is False:
        for name, unset in (("broadcast_to", None), ("record_composition", False)):
            if given[name] is not unset:
                check.fail(
                    name,
                    "exclusive",
                    f"{name} has no effect while compose is False; drop one of them",
                )
    elif compose is not None and not _composes(given):
        check.fail(
            "compose",
            "composition-nowhere",
            "compose requires a destination, got none; pass broadcast_to, "
            "record_composition=True, or both",
        )


def _check_tokens(check: Check, stack_facts: StackFacts, given: Mapping[str, Any]) -> None:
    """Record the failures of the arguments about tokens."""
    issues = given["token_issuer"]
    if not isinstance(issues, bool | ParticipantTokenLimits):
        check.fail(
            "token_issuer",
            "type",
            f"token_issuer must be True, False or ParticipantTokenLimits, got {quoted(issues)}; "
            "write True, or ParticipantTokenLimits(...)",
        )
    if given["signing_key"] is not None:
        if not _issues(given):  # otherwise the public key's draft does
            check_signing_key(check, given["signing_key"], stack_facts)
        if issues is False:
            check.fail(
                "signing_key",
                "exclusive",
                "signing_key has no effect while token_issuer is False; set token_issuer=True",
            )


def _contradictions(check: Check, stack_facts: StackFacts, given: Mapping[str, Any]) -> None:
    """Record the arguments that contradict each other."""
    record = given["recording"]
    if not isinstance(record, bool | AutoParticipantRecording):
        is_bucket = hasattr(record, "bucket_arn")
        advice = "; pass a bucket as bucket" if is_bucket else bool_advice(record)
        check.fail(
            "recording",
            "type",
            f"recording must be True, False or an AutoParticipantRecording, got {quoted(record)}"
            f"{advice or _recording_advice(record)}",
        )
    if given["stage"] is not None:
        for name, value, there in (
            ("stage_name", given["stage_name"], "stage_name"),
            ("recording", record or None, "auto_participant_recording"),
        ):
            if value is not None:
                check.fail(
                    name,
                    "exclusive",
                    f"{name} cannot be combined with stage; pass {there} to that Stage instead",
                )
    _check_tokens(check, stack_facts, given)
    for name in ("bucket", "storage_configuration"):
        if given[name] is None:
            continue
        if isinstance(record, AutoParticipantRecording):
            there = "recording has its own storage_configuration; drop one of them"
        elif record is False and given["record_composition"] is False:
            there = f"nothing is recorded; set {_RECORDED}"
        else:
            continue
        check.fail(name, "exclusive", f"{name} has no effect while {there}")
    if given["bucket"] is not None and given["storage_configuration"] is not None:
        check.fail(
            "bucket",
            "exclusive",
            "bucket cannot be combined with storage_configuration, which has one; drop one of them",
        )
