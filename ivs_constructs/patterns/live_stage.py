"""A stage with all that it mostly comes with."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, cast

from aws_cdk import Tags
from constructs import Construct

from ivs_constructs import _specs as specs
from ivs_constructs._core.check import Check, quoted
from ivs_constructs._core.key_material import check_signing_key
from ivs_constructs._core.render import create
from ivs_constructs._core.resource import examine, path_of, show_signature
from ivs_constructs._core.stack_facts import StackFacts, remember, stack_facts_of
from ivs_constructs._provider.provisioning import custom_by, is_custom
from ivs_constructs.enums import InUse, Provisioning
from ivs_constructs.errors import UnknownAttributeError, UnsupportedError
from ivs_constructs.low_latency.recording_configuration import destination
from ivs_constructs.patterns._bundle import Bundle
from ivs_constructs.realtime.composition._parts import (
    part_of,
)
from ivs_constructs.realtime.encoder_configuration import (
    EncoderConfiguration,
)
from ivs_constructs.realtime.public_key import PublicKey
from ivs_constructs.realtime.stage import Stage, custom_only
from ivs_constructs.realtime.storage_configuration import (
    StorageConfiguration,
    facts_of,
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

    from ivs_constructs.realtime.composition.composition_automation import CompositionAutomation
    from ivs_constructs.token_issuers.participant_token_issuer import ParticipantTokenIssuer
    from ivs_constructs.token_issuers.token_signing_key import TokenSigningKey


class LiveStage(Bundle):
    """A stage that is recorded, and broadcast to a channel, as far as that is asked for.

    With nothing but an id it is a stage and no more. Each part is an attribute; asking for one that
    was left out is an error that tells what to give.

    A composition is one picture of all participants. It starts when somebody publishes and ends by
    itself, see CompositionAutomation. `broadcast_to` sends it to a channel and `record_composition`
    to a bucket, while `record` keeps each participant apart; both recordings go to one bucket.

    Args:
        scope: The construct to define this in, usually `self`.
        id: The id below it.
        stage: A ready stage. Default: a new one.
        stage_name: See Stage.
        record: Whether participants are recorded: True, or an AutoParticipantRecording that says
            how and, with its storage configuration, where to. Default: False (set by this library).
        bucket: Where recordings of both kinds go.
            Default: a new RecordingBucket (set by this library).
        storage_configuration: A ready storage configuration instead. Default: a new one, or that of
            the AutoParticipantRecording (set by this library).
        encoder: How compositions are encoded, for the channel and for the recording: a Video, or a
            ready EncoderConfiguration. Default: no encoder configuration is made, unless
            compositions are recorded (set by this library); 1280 times 720 pixels, 30 frames and
            2500000 bits a second (set by IVS).
        compose: How compositions are laid out: a GridLayout, a PipLayout, or True for a grid as
            Amazon IVS makes it. Needs `broadcast_to` or `record_composition`.
            Default: a grid if one of these is given, else nothing is composed (set by this
            library).
        broadcast_to: The channel that compositions are broadcast to. It needs a stream key, as a
            LiveChannel has one, and must not be live. Default: they are not broadcast.
        record_composition: Whether compositions are recorded. Default: False (set by this library).
        token_issuer: Whether a ParticipantTokenIssuer is made, with a TokenSigningKey and a
            PublicKey of it: True, or ParticipantTokenLimits that say what its tokens may allow.
            Default: False (set by this library).
        signing_key: A ready TokenSigningKey for it. Default: a new one.
        in_use: See Stage; holds for all parts that are made here.
        provisioning: See Stage; holds for all parts that are made here.
        tags: Tags of all parts that are made here and of the compositions, up to 46.
            Default: none.

    Raises:
        InvalidPropertyError: If Amazon IVS would refuse a property of any part, or two arguments
            contradict each other.

    Example:
        >>> live = LiveChannel(stack, "Live", recording=False)
        >>> talk = LiveStage(
        ...     stack, "Talk", record=True, encoder=Video.hd_720p(), broadcast_to=live.channel
        ... )
        >>> endpoint = talk.stage.whip_endpoint

    See: https://docs.aws.amazon.com/ivs/latest/RealTimeUserGuide/what-is.html
    """

    def __init__(
        self,
        scope: Construct,
        id: str,
        *,
        stage: IStageRef | None = None,
        stage_name: str | None = None,
        record: bool | AutoParticipantRecording = False,
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
        stack_facts = stack_facts_of("LiveStage", scope, id)
        given: dict[str, Any] = {
            "stage": stage,
            "stage_name": stage_name,
            "record": record,
            "bucket": bucket,
            "storage_configuration": storage_configuration,
            "encoder": encoder,
            "compose": compose,
            "broadcast_to": broadcast_to,
            "record_composition": record_composition,
            "token_issuer": token_issuer,
            "signing_key": signing_key,
            "tags": tags,
        }
        # Looked at before the first part is made, so that nothing half-built stays behind.
        check = Check(specs.STAGE.source)
        _contradictions(check, stack_facts, given)
        _check_composing(check, given)
        _examine_parts(check, stack_facts, given)
        custom_only_given = {
            "in_use": in_use,
            **custom_only(record),
            # Tokens repeat the stage's endpoints, which CloudFormation's type does not tell.
            "token_issuer": True if _issues(given) and stage is None else None,
        }
        if is_custom(check, scope, provisioning, custom_only_given):
            custom_by(check, "in_use", in_use)
        check.raise_for("LiveStage", lambda: path_of(scope, id))

        create(Construct, self, scope, id)
        remember(self, stack_facts)
        ways: dict[str, Any] = {"in_use": in_use, "provisioning": provisioning}
        self._storage = self._storage_of(given, ways)
        recording: AutoParticipantRecording | None = None
        if isinstance(record, AutoParticipantRecording):
            recording = record
        elif record and self._storage is not None:
            recording = AutoParticipantRecording(storage_configuration=self._storage)
        self._stage: Stage
        if stage is None:
            self._stage = Stage(
                self,
                "Stage",
                stage_name=stage_name,
                auto_participant_recording=recording,
                **ways,
            )
        else:
            self._stage = self._with_arn(stage, specs.STAGE, Stage.from_stage_arn)
        self._encoder = self._encoder_of(given, ways)
        self._composition = self._composition_of(given) if _composes(given) else None
        self._signing_key: TokenSigningKey | None = None
        self._public_key: PublicKey | None = None
        self._token_issuer: ParticipantTokenIssuer | None = None
        if token_issuer:
            self._issue_tokens(signing_key, token_issuer)
        for tag, text in (tags or {}).items():
            Tags.of(self).add(tag, text)

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
                does not tell its bucket.
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
        """What starts the compositions; `composition.grant_stop` lets somebody stop them.

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
            UnknownAttributeError: If none was asked for.
        """
        return self._part("token_issuer", self._token_issuer, "token_issuer=True")

    @property
    def signing_key(self) -> TokenSigningKey:
        """The key in AWS KMS that signs participants' tokens.

        Raises:
            UnknownAttributeError: If no token issuer was asked for.
        """
        return self._part("signing_key", self._signing_key, "token_issuer=True")

    @property
    def public_key(self) -> PublicKey:
        """The public key by which Amazon IVS verifies participants' tokens.

        Raises:
            UnknownAttributeError: If no token issuer was asked for.
        """
        return self._part("public_key", self._public_key, "token_issuer=True")

    def _issue_tokens(
        self, ready: TokenSigningKey | None, limits: bool | ParticipantTokenLimits
    ) -> None:
        # Imported here because the modules of AWS KMS and AWS Lambda bring a dozen others.
        from ivs_constructs.token_issuers.participant_token_issuer import ParticipantTokenIssuer
        from ivs_constructs.token_issuers.token_signing_key import TokenSigningKey

        self._signing_key = ready or TokenSigningKey(self, "SigningKey")
        self._public_key = PublicKey(self, "PublicKey", signing_key=self._signing_key)
        self._token_issuer = ParticipantTokenIssuer(
            self,
            "TokenIssuer",
            signing_key=self._signing_key,
            public_key=self._public_key,
            stages=[self._stage],
            **({} if isinstance(limits, bool) else arguments_of(limits)),
        )

    def _storage_of(
        self, given: Mapping[str, Any], ways: Mapping[str, Any]
    ) -> StorageConfiguration | None:
        if _makes_storage(given):
            return StorageConfiguration(
                self, "StorageConfiguration", bucket=given["bucket"], **ways
            )
        _, ready = _ready_storage(given)
        if ready is None:
            return None
        return self._with_arn(
            ready,
            specs.STORAGE_CONFIGURATION,
            StorageConfiguration.from_storage_configuration_arn,
        )

    def _encoder_of(
        self, given: Mapping[str, Any], ways: Mapping[str, Any]
    ) -> EncoderConfiguration | None:
        encoder = given["encoder"]
        if isinstance(encoder, Video) or (encoder is None and given["record_composition"]):
            return EncoderConfiguration(self, "EncoderConfiguration", video=encoder, **ways)
        if encoder is None:
            return None
        return self._with_arn(
            encoder,
            specs.ENCODER_CONFIGURATION,
            EncoderConfiguration.from_encoder_configuration_arn,
        )

    def _composition_of(self, given: Mapping[str, Any]) -> CompositionAutomation:
        # Imported here because the modules of EventBridge and Step Functions bring others.
        from ivs_constructs.realtime.composition.composition_automation import CompositionAutomation

        # What was given rather than its import, which would not tell the video of an L1 type.
        encoder = None if isinstance(given["encoder"], Video) else given["encoder"]
        destinations: list[ChannelDestination | S3Destination] = []
        if given["broadcast_to"] is not None:
            destinations.append(
                ChannelDestination(
                    channel=given["broadcast_to"], encoder_configuration=encoder or self._encoder
                )
            )
        if given["record_composition"]:
            destinations.append(
                S3Destination(
                    storage_configuration=self.storage_configuration,
                    encoder_configuration=encoder or self.encoder_configuration,
                )
            )
        compose = given["compose"]
        return CompositionAutomation(
            self,
            "Composition",
            stage=self._stage,
            destinations=destinations,
            layout=None if isinstance(compose, bool) else compose,
            tags=given["tags"],
        )


show_signature(LiveStage)

_RECORDED = "record=True or record_composition=True"


def _composes(given: Mapping[str, Any]) -> bool:
    """Whether there is somewhere that compositions are to go."""
    return given["broadcast_to"] is not None or given["record_composition"] is not False


def _issues(given: Mapping[str, Any]) -> bool:
    """Whether tokens are to be issued."""
    issues = given["token_issuer"]
    return issues is True or isinstance(issues, ParticipantTokenLimits)


def _ready_storage(given: Mapping[str, Any]) -> tuple[str, Any]:
    """Return where a ready storage configuration was given, and that or None."""
    record = given["record"]
    if isinstance(record, AutoParticipantRecording):
        return "record.storage_configuration", record.storage_configuration
    return "storage_configuration", given["storage_configuration"]


def _makes_storage(given: Mapping[str, Any]) -> bool:
    """Whether a storage configuration is made here."""
    _, ready = _ready_storage(given)
    return ready is None and (given["record"] is True or given["record_composition"] is True)


def _examine_parts(check: Check, stack_facts: StackFacts, given: Mapping[str, Any]) -> None:
    """Judge what will be made here, and what was made before."""
    examine(Stage, stack_facts, check, {"stage_name": given["stage_name"]})
    if _makes_storage(given):
        to = destination(check, given["bucket"])
        facts = facts_of(given["bucket"], stack_facts) if to else None
        examine(StorageConfiguration, stack_facts, check, to or {"s3": None}, facts)
    ready = part_of(check, stack_facts, specs.STAGE, "stage", given["stage"])
    if ready.arn is not None and _issues(given):
        _check_endpoints(check, given["stage"])
    part_of(check, stack_facts, specs.STORAGE_CONFIGURATION, *_ready_storage(given))
    # One that is not composed with is only handed out.
    _check_encoder(check, stack_facts if _composes(given) else None, given["encoder"])
    part_of(check, stack_facts, specs.CHANNEL, "broadcast_to", given["broadcast_to"])
    if given["tags"] is not None:
        check.value(specs.CUSTOM_TAGS, given["tags"])


def _check_endpoints(check: Check, stage: object) -> None:
    """Refuse a ready stage for whose participants no token can be made."""
    try:
        _ = (cast("Stage", stage).events_endpoint, cast("Stage", stage).whip_endpoint)
    except (UnknownAttributeError, UnsupportedError) as error:
        check.fail(
            "stage", "endpoints", f"stage must tell its endpoints to a token issuer: {error}"
        )
    except AttributeError:
        check.fail(
            "stage",
            "endpoints",
            "stage must tell its endpoints to a token issuer, got "
            f"'{cast('Construct', stage).node.path}', which has none; import it by "
            "Stage.from_stage_attributes(self, 'Imported', ...)",
        )


def _check_encoder(check: Check, beside: StackFacts | None, encoder: object) -> None:
    """Judge an argument that is a Video or a ready part."""
    if isinstance(encoder, str) and not encoder.startswith("arn:"):
        check.fail(
            "encoder",
            "type",
            f"encoder must be a Video or an EncoderConfiguration, got {quoted(encoder)}",
        )
        encoder = None
    ready = None if isinstance(encoder, Video) else encoder
    part_of(check, beside, specs.ENCODER_CONFIGURATION, "encoder", ready)


def _check_composing(check: Check, given: Mapping[str, Any]) -> None:
    """Note what is wrong with the arguments about compositions."""
    compose, recorded = given["compose"], given["record_composition"]
    if not (compose is None or isinstance(compose, bool | GridLayout | PipLayout)):
        check.fail(
            "compose",
            "type",
            f"compose must be True, False, a GridLayout or a PipLayout, got {quoted(compose)}",
        )
    if not isinstance(recorded, bool):
        check.fail(
            "record_composition",
            "type",
            f"record_composition must be True or False, got {quoted(recorded)}",
        )
    if compose is False:
        for name, unset in (("broadcast_to", None), ("record_composition", False)):
            if given[name] is not unset:
                check.fail(
                    name,
                    "exclusive",
                    f"{name} has no use while compose is False; drop one of them",
                )
    elif compose is not None and not _composes(given):
        check.fail(
            "compose",
            "composition-nowhere",
            "compose requires somewhere that the composition goes, got nothing; give broadcast_to, "
            "record_composition=True, or both",
        )


def _contradictions(check: Check, stack_facts: StackFacts, given: Mapping[str, Any]) -> None:
    """Note the arguments that contradict each other."""
    record = given["record"]
    if not isinstance(record, bool | AutoParticipantRecording):
        check.fail(
            "record",
            "type",
            f"record must be True, False or an AutoParticipantRecording, got {quoted(record)}",
        )
    if given["stage"] is not None:
        for name, value, there in (
            ("stage_name", given["stage_name"], "stage_name"),
            ("record", record or None, "auto_participant_recording"),
        ):
            if value is not None:
                check.fail(
                    name,
                    "exclusive",
                    f"{name} cannot be combined with stage; give {there} to that Stage instead",
                )
    issues = given["token_issuer"]
    if not isinstance(issues, bool | ParticipantTokenLimits):
        check.fail(
            "token_issuer",
            "type",
            f"token_issuer must be True, False or ParticipantTokenLimits, got {quoted(issues)}",
        )
    if given["signing_key"] is not None:
        check_signing_key(check, given["signing_key"], stack_facts)
        if issues is False:
            check.fail(
                "signing_key",
                "exclusive",
                "signing_key has no use while token_issuer is False; set token_issuer=True",
            )
    for name in ("bucket", "storage_configuration"):
        if given[name] is None:
            continue
        if isinstance(record, AutoParticipantRecording):
            there = "record has its own storage_configuration; drop one of them"
        elif record is False and given["record_composition"] is False:
            there = f"nothing is recorded; set {_RECORDED}"
        else:
            continue
        check.fail(name, "exclusive", f"{name} has no use while {there}")
    if given["bucket"] is not None and given["storage_configuration"] is not None:
        check.fail(
            "bucket",
            "exclusive",
            "bucket cannot be combined with storage_configuration, which has one; drop one of them",
        )
