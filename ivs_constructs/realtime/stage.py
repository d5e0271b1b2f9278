"""A stage: a room in which participants see and hear each other in real time."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, ClassVar

import jsii
from aws_cdk.interfaces.aws_ivs import IStageRef, StageReference
from constructs import Construct

from ivs_constructs import _specs as specs
from ivs_constructs._core.arn import arn_of, id_from_arn
from ivs_constructs._core.check import enum_value, quoted
from ivs_constructs._provider.provisioning import ProvisionedDraft, ProvisionedResource
from ivs_constructs.enums import InUse, MediaType, Provisioning
from ivs_constructs.operate._event_methods import StageEventMethods
from ivs_constructs.operate._metric_methods import StageMetricMethods
from ivs_constructs.realtime.values import AutoParticipantRecording

if TYPE_CHECKING:
    from ivs_constructs.operate.grants import StageGrants


class StageDraft(ProvisionedDraft["Stage"]):
    """The draft of a Stage."""

    spec = specs.STAGE

    def prepare(self) -> None:
        """Convert the recording's settings to the descriptor's form."""
        self._prepare_recording()
        super().prepare()

    def _prepare_recording(self) -> None:
        name = specs.AUTO_PARTICIPANT_RECORDING.py
        recording: object = self.given[name]
        if recording is None:
            return
        self.values[name] = None
        if not isinstance(recording, AutoParticipantRecording):
            advice = ""
            if recording is True or hasattr(type(recording), "storage_configuration_arn"):
                advice = "; write AutoParticipantRecording(storage_configuration=...)"
            self.check.fail(
                name,
                "type",
                f"{name} must be an AutoParticipantRecording, got {quoted(recording)}{advice}",
            )
            return
        segment = recording.target_segment_duration
        self.values[name] = {
            "storage_configuration": arn_of(
                self.check,
                specs.STORAGE_CONFIGURATION,
                "storage_configuration",
                recording.storage_configuration,
                beside=self.stack_facts,
            ),
            "media_types": recording.media_types,
            "thumbnail_configuration": recording.thumbnail_configuration,
            "recording_reconnect_window": recording.recording_reconnect_window,
            "hls_configuration": None if segment is None else {"target_segment_duration": segment},
            "record_participant_replicas": recording.record_participant_replicas,
        }

    def custom_only(self) -> Mapping[str, object]:
        """Return the requested recording settings that CloudFormation's type lacks."""
        recording = self.given[specs.AUTO_PARTICIPANT_RECORDING.py]
        if not isinstance(recording, AutoParticipantRecording):
            return {}
        types = [enum_value(each) for each in recording.media_types or ()]
        return {
            "record_participant_replicas": recording.record_participant_replicas,
            "media_types [NONE]": True if MediaType.NONE in types else None,
        }


@jsii.implements(IStageRef)
class Stage(ProvisionedResource, StageEventMethods, StageMetricMethods):
    """A room in which up to 12 participants publish and many more watch, in real time.

    Participants join with a token, which your application makes at run time; a stage needs no other
    resource.

    Args:
        scope: The construct to define this in, usually `self`.
        id: The id, unique within the scope.
        stage_name: Name, up to 128 letters, digits, - and _. Need not be unique. Default: none.
        auto_participant_recording: How participants are recorded. Default: not at all (set by IVS).
        in_use: What a deployment does when it has to delete or change the stage while participants
            are in it or a composition uses it, an InUse.
            Default: FAIL (set by this library).
        provisioning: What realizes the stage, a Provisioning. CloudFormation's own type has no
            endpoint attributes. Default: the context `ivs_constructs:provisioning`, else CUSTOM
            (set by this library).
        tags: Tags, up to 46. `Tags.of(stage)` adds to them. Default: none.

    Raises:
        InvalidPropertyError: If Amazon IVS would refuse a property, or asks CloudFormation's own
            type for what only a custom resource can do.

    Example:
        >>> stage = Stage(stack, "Stage", stage_name="talk")
        >>> endpoint = stage.whip_endpoint

    A change of any property updates the stage in place. Deleting a stage disconnects everybody, so
    it fails while somebody is in it, unless `in_use` says otherwise.

    See: https://docs.aws.amazon.com/ivs/latest/RealTimeUserGuide/what-is.html
    """

    _draft = StageDraft
    _instead: ClassVar[Mapping[str, str]] = {
        "env": "a group of stacks, as in a pipeline, is an aws_cdk.Stage",
        "permissions_boundary": "a group of stacks, as in a pipeline, is an aws_cdk.Stage",
        "participant_token_configurations": "define a LiveStage with token_issuer=True",
        "token_issuer": "define a LiveStage, or a ParticipantTokenIssuer for this stage",
        "recording": "write auto_participant_recording=AutoParticipantRecording(...)",
    }

    def __init__(
        self,
        scope: Construct,
        id: str,
        *,
        stage_name: str | None = None,
        auto_participant_recording: AutoParticipantRecording | None = None,
        in_use: InUse | str | None = None,
        provisioning: Provisioning | str | None = None,
        tags: Mapping[str, str] | None = None,
    ) -> None:
        """Define a Stage. Its arguments are those listed for the class."""
        self._define(locals())

    @property
    def stage_id(self) -> str:
        """What follows `stage/` in the ARN (a token unless imported)."""
        return id_from_arn(self.stage_arn)

    @property
    def events_endpoint(self) -> str:
        """Where clients exchange events; a claim of self-signed participant tokens."""
        return self._custom_attribute("events_endpoint")

    @property
    def whip_endpoint(self) -> str:
        """Where clients publish by WHIP; a claim of self-signed participant tokens."""
        return self._custom_attribute("whip_endpoint")

    @property
    def rtmp_endpoint(self) -> str:
        """Where encoders publish by RTMP, without encryption."""
        return self._custom_attribute("rtmp_endpoint")

    @property
    def rtmps_endpoint(self) -> str:
        """Where encoders publish by RTMPS."""
        return self._custom_attribute("rtmps_endpoint")

    @property
    @jsii.member(jsii_name="stageRef")
    def stage_ref(self) -> StageReference:
        """The stage in the form that the AWS CDK's own types accept."""
        return StageReference(stage_arn=self.stage_arn)

    @property
    def grants(self) -> StageGrants:
        """Grants for this stage."""
        # Imported here because most programs grant nothing on it.
        from ivs_constructs.operate.grants import StageGrants

        return StageGrants.from_stage(self)

    @property
    def is_recorded(self) -> bool:
        """Whether participants are recorded, as given; recorded compositions do not count."""
        return self._value("auto_participant_recording") is not None

    @property
    def stage_arn(self) -> str:
        """The stage's ARN (a token unless imported)."""
        return self._attribute("arn")

    @property
    def active_session_id(self) -> str:
        """The session that was active at the last deployment; usually empty (a token)."""
        return self._attribute("active_session_id")

    @classmethod
    def from_stage_arn(cls, scope: Construct, id: str, stage_arn: str) -> Stage:
        """Import a stage, with the Region and account that its ARN names.

        Args:
            scope: The construct to import it into, usually `self`.
            id: The id, unique within the scope.
            stage_arn: `arn:<partition>:ivs:<region>:<account>:stage/<id>`, or a token.

        Raises:
            InvalidPropertyError: If the ARN is not a stage's.
        """
        return Stage.from_stage_attributes(scope, id, stage_arn=stage_arn)

    @classmethod
    def from_stage_attributes(
        cls,
        scope: Construct,
        id: str,
        *,
        stage_arn: str,
        events_endpoint: str | None = None,
        whip_endpoint: str | None = None,
        rtmp_endpoint: str | None = None,
        rtmps_endpoint: str | None = None,
    ) -> Stage:
        """Import a stage together with the endpoints that its ARN does not contain.

        Args:
            scope: The construct to import it into, usually `self`.
            id: The id, unique within the scope.
            stage_arn: `arn:<partition>:ivs:<region>:<account>:stage/<id>`, or a token.
            events_endpoint: Where clients exchange events. Default: unknown; reading it is an
                error. The same applies below.
            whip_endpoint: Where clients publish by WHIP. Default: unknown.
            rtmp_endpoint: Where encoders publish by RTMP. Default: unknown.
            rtmps_endpoint: Where encoders publish by RTMPS. Default: unknown.

        Raises:
            InvalidPropertyError: If the ARN is not a stage's.
        """
        return Stage._imported(
            scope,
            id,
            stage_arn,
            events_endpoint=events_endpoint,
            whip_endpoint=whip_endpoint,
            rtmp_endpoint=rtmp_endpoint,
            rtmps_endpoint=rtmps_endpoint,
        )
