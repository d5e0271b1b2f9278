"""A stage with all that it mostly comes with."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, cast

from aws_cdk import Tags
from constructs import Construct

from ivs_constructs._base import arn_of, examine, path_of, show_signature
from ivs_constructs._environment import pass_on, surroundings_of
from ivs_constructs._key_material import check_signing_key
from ivs_constructs._provider.asset.ivs_handler import specs
from ivs_constructs._provisioning import custom_by, is_custom
from ivs_constructs._realize import create
from ivs_constructs._validation import Check, shown
from ivs_constructs.enums import InUse, Provisioning
from ivs_constructs.patterns._bundle import Bundle
from ivs_constructs.realtime.encoder_configuration import (
    EncoderConfiguration,
    IEncoderConfiguration,
)
from ivs_constructs.realtime.public_key import PublicKey
from ivs_constructs.realtime.stage import IStage, Stage
from ivs_constructs.realtime.storage_configuration import (
    IStorageConfiguration,
    StorageConfiguration,
    facts_of,
)
from ivs_constructs.recording_configuration import destination
from ivs_constructs.values import AutoParticipantRecording, Video

if TYPE_CHECKING:
    from aws_cdk import aws_s3
    from aws_cdk.interfaces.aws_ivs import (
        IEncoderConfigurationRef,
        IStageRef,
        IStorageConfigurationRef,
    )
    from aws_cdk.interfaces.aws_s3 import IBucketRef

    from ivs_constructs.tokens.participant_token_issuer import ParticipantTokenIssuer
    from ivs_constructs.tokens.token_signing_key import TokenSigningKey


class LiveStage(Bundle):
    """A stage with the recording of its participants and an encoder for its compositions.

    With nothing but an id it is a stage and no more. Each part is an attribute; asking for one that
    was left out is an error that tells what to give.

    Args:
        scope: The construct to define this in, mostly self.
        id: The id below it.
        stage: A ready stage. Default: a new one.
        stage_name: See Stage.
        record: Whether participants are recorded: True, or an AutoParticipantRecording that says
            how and, with its storage configuration, where to. Default: False (set by this library).
        bucket: Where recordings go. Default: a new RecordingBucket (set by this library).
        storage_configuration: A ready storage configuration instead. Default: a new one.
        encoder: How compositions are encoded: a Video, or a ready EncoderConfiguration.
            Default: no encoder configuration is made (set by this library).
        token_issuer: Whether a ParticipantTokenIssuer is made, with a TokenSigningKey and a
            PublicKey of it. Default: False (set by this library).
        signing_key: A ready TokenSigningKey for it. Default: a new one.
        in_use: See Stage; holds for all parts that are made here.
        provisioning: See Stage; holds for all parts that are made here.
        tags: Tags of all parts that are made here, up to 46. Default: none.

    Raises:
        InvalidPropertyError: If Amazon IVS would refuse a property of any part, or two arguments
            contradict each other.

    Example:
        >>> talk = LiveStage(stack, "Talk", record=True, encoder=Video.hd_720p())
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
        token_issuer: bool = False,
        signing_key: TokenSigningKey | None = None,
        in_use: InUse | str | None = None,
        provisioning: Provisioning | str | None = None,
        tags: Mapping[str, str] | None = None,
    ) -> None:
        surroundings = surroundings_of("LiveStage", scope, id)
        check = Check(specs.STAGE.source)
        _contradictions(
            check,
            {
                "stage": stage,
                "stage_name": stage_name,
                "record": record,
                "bucket": bucket,
                "storage_configuration": storage_configuration,
                "token_issuer": token_issuer,
                "signing_key": signing_key,
            },
        )
        # Looked at before the first part is made, so that nothing half-built stays behind.
        examine(specs.STAGE, surroundings, check, {"stage_name": stage_name})
        arn_of(check, specs.STAGE, "stage", stage)
        storage_spec = specs.STORAGE_CONFIGURATION
        arn_of(check, storage_spec, "storage_configuration", storage_configuration)
        if record is True and storage_configuration is None:
            to = destination(check, bucket)
            facts = facts_of(bucket, surroundings) if to else None
            examine(storage_spec, surroundings, check, to or {"s3": None}, facts)
        _video_or_part(check, encoder)
        if tags is not None:
            check.value(specs.CUSTOM_TAGS, tags)
        if is_custom(check, scope, provisioning, {"in_use": in_use}):
            custom_by(check, "in_use", in_use)
        check.raise_for("LiveStage", lambda: path_of(scope, id))

        create(Construct, self, scope, id)
        pass_on(self, surroundings)
        ways: dict[str, Any] = {"in_use": in_use, "provisioning": provisioning}
        self._storage: IStorageConfiguration | None = None
        recording: AutoParticipantRecording | None = None
        if isinstance(record, AutoParticipantRecording):
            self._storage = self._storage_of(record.storage_configuration)
            recording = record
        elif record:
            self._storage = (
                StorageConfiguration(self, "StorageConfiguration", bucket=bucket, **ways)
                if storage_configuration is None
                else self._storage_of(storage_configuration)
            )
            recording = AutoParticipantRecording(storage_configuration=self._storage)
        self._stage: IStage
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
        self._encoder: IEncoderConfiguration | None = None
        if isinstance(encoder, Video):
            self._encoder = EncoderConfiguration(
                self, "EncoderConfiguration", video=encoder, **ways
            )
        elif encoder is not None:
            self._encoder = self._with_arn(
                encoder,
                specs.ENCODER_CONFIGURATION,
                EncoderConfiguration.from_encoder_configuration_arn,
            )
        self._signing_key: TokenSigningKey | None = None
        self._public_key: PublicKey | None = None
        self._token_issuer: ParticipantTokenIssuer | None = None
        if token_issuer:
            self._issue_tokens(signing_key)
        for tag, text in (tags or {}).items():
            Tags.of(self).add(tag, text)

    @property
    def stage(self) -> IStage:
        """The stage."""
        return self._stage

    @property
    def storage_configuration(self) -> IStorageConfiguration:
        """Where recordings go.

        Raises:
            UnknownAttributeError: If nothing is recorded.
        """
        return self._part("storage_configuration", self._storage, "record=True")

    @property
    def bucket(self) -> aws_s3.IBucket:
        """The bucket where recordings go: the RecordingBucket made here, or what was given.

        Raises:
            UnknownAttributeError: If nothing is recorded, or an imported storage configuration
                does not tell its bucket.
        """
        bucket = getattr(self._storage, "bucket", None)
        return cast("aws_s3.IBucket", self._part("bucket", bucket, "record=True"))

    @property
    def encoder_configuration(self) -> IEncoderConfiguration:
        """How compositions are encoded.

        Raises:
            UnknownAttributeError: If no encoder was given.
        """
        return self._part("encoder_configuration", self._encoder, "encoder=Video.hd_720p()")

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

    def _issue_tokens(self, ready: TokenSigningKey | None) -> None:
        # Imported here because the modules of AWS KMS and AWS Lambda bring a dozen others.
        from ivs_constructs.tokens.participant_token_issuer import ParticipantTokenIssuer
        from ivs_constructs.tokens.token_signing_key import TokenSigningKey

        self._signing_key = ready or TokenSigningKey(self, "SigningKey")
        self._public_key = PublicKey(self, "PublicKey", signing_key=self._signing_key)
        self._token_issuer = ParticipantTokenIssuer(
            self,
            "TokenIssuer",
            signing_key=self._signing_key,
            public_key=self._public_key,
            stages=[self._stage],
        )

    def _storage_of(self, ready: object) -> IStorageConfiguration:
        return self._with_arn(
            ready,
            specs.STORAGE_CONFIGURATION,
            StorageConfiguration.from_storage_configuration_arn,
        )


show_signature(LiveStage)


def _video_or_part(check: Check, encoder: object) -> None:
    """Judge an argument that is a Video or a ready part."""
    if isinstance(encoder, str) and not encoder.startswith("arn:"):
        check.fail(
            "encoder",
            "type",
            f"encoder must be a Video or an EncoderConfiguration, got {shown(encoder)}",
        )
    elif not isinstance(encoder, Video):
        arn_of(check, specs.ENCODER_CONFIGURATION, "encoder", encoder)


def _contradictions(check: Check, given: Mapping[str, Any]) -> None:
    """Note the arguments that contradict each other."""
    record = given["record"]
    if not isinstance(record, bool | AutoParticipantRecording):
        check.fail(
            "record",
            "type",
            f"record must be True, False or an AutoParticipantRecording, got {shown(record)}",
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
    if not isinstance(issues, bool):
        check.fail(
            "token_issuer", "type", f"token_issuer must be True or False, got {shown(issues)}"
        )
    if given["signing_key"] is not None:
        check_signing_key(check, given["signing_key"])
        if issues is False:
            check.fail(
                "signing_key",
                "exclusive",
                "signing_key has no use while token_issuer is False; set token_issuer=True",
            )
    for name in ("bucket", "storage_configuration"):
        if given[name] is not None and record is not True:
            there = (
                "record is False; set record=True"
                if record is False
                else "record has its own storage_configuration; drop one of them"
            )
            check.fail(name, "exclusive", f"{name} has no use while {there}")
    if given["bucket"] is not None and given["storage_configuration"] is not None:
        check.fail(
            "bucket",
            "exclusive",
            "bucket cannot be combined with storage_configuration, which has one; drop one of them",
        )
