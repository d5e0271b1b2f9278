"""How a channel's streams are recorded to Amazon S3."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cached_property
from typing import TYPE_CHECKING, ClassVar, cast

import jsii
from aws_cdk import CfnElement, Duration, Stack
from aws_cdk.interfaces.aws_ivs import (
    IRecordingConfigurationRef,
    RecordingConfigurationReference,
)
from constructs import Construct

from ivs_constructs import _specs as specs
from ivs_constructs._core.arn import id_from_arn
from ivs_constructs._core.by_name import attribute_of, typed
from ivs_constructs._core.check import Check
from ivs_constructs._core.draft import Draft
from ivs_constructs._core.recording_target import RecordingTarget, place_rules
from ivs_constructs._core.resource import IvsResource
from ivs_constructs._core.rules import Rule, Severity
from ivs_constructs._core.stack_facts import path_of, stack_facts_of
from ivs_constructs._specs import Prop

if TYPE_CHECKING:
    from aws_cdk import aws_s3
    from aws_cdk.interfaces.aws_s3 import IBucketRef

    from ivs_constructs.low_latency.values import RenditionConfiguration, ThumbnailConfiguration
    from ivs_constructs.operate.grants import RecordingConfigurationGrants


_RULES = (
    *place_rules(specs.RECORDING_CONFIGURATION.source),
    Rule(
        code="records-nothing",
        reads=("rendition_configuration", "thumbnail_configuration"),
        violated=lambda v: (
            v.rendition_configuration == {"rendition_selection": "NONE"}
            and v.thumbnail_configuration == {"recording_mode": "DISABLED"}
        ),
        message=(
            "neither renditions nor thumbnails are recorded, so streams leave nothing in the "
            "bucket; drop one of the two, or do not record the channel"
        ),
        source=specs.RECORDING_CONFIGURATION.source,
        severity=Severity.WARNING,
    ),
)


class RecordingConfigurationDraft(Draft["RecordingConfiguration"]):
    """The draft of a RecordingConfiguration."""

    spec = specs.RECORDING_CONFIGURATION
    rules = _RULES

    def prepare(self) -> None:
        """Convert the bucket to the descriptor's form."""
        target = RecordingTarget(self.check, self.stack_facts, self.given.get("bucket"))
        self.values["destination_configuration"] = target.s3 and {"s3": target.s3}
        self.facts = target.place()


@jsii.implements(IRecordingConfigurationRef)
class RecordingConfiguration(IvsResource):
    """How streams are recorded to Amazon S3; for any number of channels.

    Args:
        scope: The construct to define this in, usually `self`.
        id: The id, unique within the scope.
        bucket: Where recordings go; must be in the same Region and account.
            Default: a new RecordingBucket as the child `Bucket` (set by this library).
        recording_configuration_name: Name, up to 128 letters, digits, - and _. Default: none.
        recording_reconnect_window: How long after an interruption a stream continues the same
            recording, 0-300 whole seconds. Default: 0 seconds, no merging (set by IVS).
        rendition_configuration: Which renditions are recorded. Default: all (set by IVS).
        thumbnail_configuration: Whether and how thumbnails are made.
            Default: one every 60 seconds (set by IVS).
        tags: Tags, up to 50. `Tags.of(configuration)` adds to them. Default: none.

    Raises:
        InvalidPropertyError: If Amazon IVS would refuse a property.

    Example:
        >>> recording = RecordingConfiguration(
        ...     stack, "Recording", rendition_configuration=RenditionConfiguration.all()
        ... )
        >>> channel = Channel(stack, "Channel", recording_configuration=recording)

    A change of any property but the tags replaces the recording configuration; Amazon IVS deletes
    the old one only once no channel uses it anymore.

    See: https://docs.aws.amazon.com/ivs/latest/LowLatencyUserGuide/record-to-s3.html
    """

    _draft = RecordingConfigurationDraft
    _instead: ClassVar[Mapping[str, str]] = {
        "destination_configuration": "write bucket=...",
        "destinationConfiguration": "write bucket=...",
        "s3": "write bucket=...",
    }

    def __init__(
        self,
        scope: Construct,
        id: str,
        *,
        bucket: IBucketRef | None = None,
        recording_configuration_name: str | None = None,
        recording_reconnect_window: Duration | None = None,
        rendition_configuration: RenditionConfiguration | None = None,
        thumbnail_configuration: ThumbnailConfiguration | None = None,
        tags: Mapping[str, str] | None = None,
    ) -> None:
        """Define a RecordingConfiguration. Its arguments are those listed for the class."""
        self._define(locals())

    def _fill_defaults(self, draft: RecordingConfigurationDraft) -> None:
        self._bucket = draft.given.get("bucket")
        if self._bucket is None:
            # Imported here because it is for those who give no bucket.
            from ivs_constructs.low_latency._default_bucket import default_bucket

            made = default_bucket(self)
            self._bucket = made
            name = attribute_of(made, "bucketName")
            draft.wire["destination_configuration"] = {"s3": {"bucket": name}}

    @cached_property
    def bucket(self) -> aws_s3.IBucket:
        """Where recordings go: the bucket given, or the RecordingBucket made here.

        Raises:
            UnknownAttributeError: If this is imported: its ARN does not contain the bucket.
        """
        if self.is_imported:
            raise self._unknown("bucket")
        if isinstance(self._bucket, CfnElement):
            from aws_cdk import aws_s3

            return aws_s3.Bucket.from_cfn_bucket(cast("aws_s3.CfnBucket", self._bucket))
        return cast("aws_s3.IBucket", typed(self._bucket))

    @property
    def rendition_configuration(self) -> RenditionConfiguration | None:
        """Which renditions are recorded, as given."""
        return cast("RenditionConfiguration | None", self._value("rendition_configuration"))

    @property
    def thumbnail_configuration(self) -> ThumbnailConfiguration | None:
        """Whether and how thumbnails are made, as given."""
        return cast("ThumbnailConfiguration | None", self._value("thumbnail_configuration"))

    @property
    def recording_configuration_arn(self) -> str:
        """The recording configuration's ARN (a token)."""
        return self._attribute("arn")

    @property
    def recording_configuration_id(self) -> str:
        """What follows `recording-configuration/` in the ARN (a token)."""
        return self._attributes.get("resource_id") or id_from_arn(self.recording_configuration_arn)

    @property
    @jsii.member(jsii_name="recordingConfigurationRef")
    def recording_configuration_ref(self) -> RecordingConfigurationReference:
        """The recording configuration in the form that the AWS CDK's own types accept."""
        return RecordingConfigurationReference(
            recording_configuration_arn=self.recording_configuration_arn
        )

    @property
    def grants(self) -> RecordingConfigurationGrants:
        """Grants for this recording configuration."""
        # Imported here because most programs grant nothing on it.
        from ivs_constructs.operate.grants import RecordingConfigurationGrants

        return RecordingConfigurationGrants.from_recording_configuration(self)

    @classmethod
    def from_arn(
        cls, scope: Construct, id: str, recording_configuration_arn: str
    ) -> RecordingConfiguration:
        """Import a recording configuration, with the Region and account that its ARN names.

        Args:
            scope: The construct to import it into, usually `self`.
            id: The id, unique within the scope.
            recording_configuration_arn:
                `arn:<partition>:ivs:<region>:<account>:recording-configuration/<id>`, or a token.

        Raises:
            InvalidPropertyError: If the ARN is not a recording configuration's.
        """
        return RecordingConfiguration._imported(scope, id, recording_configuration_arn)

    @classmethod
    def from_recording_configuration_id(
        cls, scope: Construct, id: str, recording_configuration_id: str
    ) -> RecordingConfiguration:
        """Import a recording configuration in the stack's own Region and account.

        Args:
            scope: The construct to import it into, usually `self`.
            id: The id, unique within the scope.
            recording_configuration_id: What follows `recording-configuration/` in its ARN.

        Raises:
            InvalidPropertyError: If the id has characters other than letters, digits and -.
        """
        stack_facts_of(cls._spec.name, scope, id)
        check = Check(cls._spec.source)
        check.value(_ID, recording_configuration_id)
        check.raise_for(cls._spec.name, lambda: path_of(scope, id))
        arn = Stack.of(scope).format_arn(
            service="ivs",
            resource=cls._spec.arn_type,
            resource_name=recording_configuration_id,
        )
        return RecordingConfiguration._imported(
            scope, id, arn, resource_id=recording_configuration_id
        )


_ID = Prop(
    py="recording_configuration_id",
    cfn="",
    api="",
    minimum=1,
    pattern="[a-zA-Z0-9-]*",
    form="only letters, digits and -",
)


IRecordingConfiguration = RecordingConfiguration
"""What aws_ivs_alpha calls it in annotations; defined and imported ones are one class here."""
