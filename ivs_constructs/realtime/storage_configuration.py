"""Where compositions and participants of a stage are recorded."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cached_property
from typing import TYPE_CHECKING, ClassVar, cast

import jsii
from aws_cdk import CfnElement, Stack
from aws_cdk.interfaces.aws_ivs import IStorageConfigurationRef, StorageConfigurationReference
from constructs import Construct

from ivs_constructs import _specs as specs
from ivs_constructs._core.annotate import annotate
from ivs_constructs._core.arn import id_from_arn
from ivs_constructs._core.by_name import (
    Reference,
    attribute_of,
    call,
    reference,
    static_call,
    typed,
)
from ivs_constructs._core.recording_target import RecordingTarget, place_rules
from ivs_constructs._core.rules import REALTIME_GUIDE, Advice, Rule, Severity
from ivs_constructs._core.stack_facts import node_of
from ivs_constructs._provider.provisioning import ProvisionedDraft, ProvisionedResource
from ivs_constructs.enums import InUse, Provisioning
from ivs_constructs.low_latency._default_bucket import default_bucket

if TYPE_CHECKING:
    from aws_cdk import aws_s3
    from aws_cdk.interfaces.aws_s3 import IBucketRef


_RULES = (
    *place_rules(specs.STORAGE_CONFIGURATION.source),
    Rule(
        code="bucket-ownership",
        blames="bucket",
        reads=("bucket_ownership",),
        violated=lambda v: v.bucket_ownership == "ObjectWriter",
        message=(
            "bucket must own the objects in it, got one with object ownership "
            "{bucket_ownership}; define it with "
            "object_ownership=aws_s3.ObjectOwnership.BUCKET_OWNER_ENFORCED, or use a "
            "RecordingBucket"
        ),
        source=f"{REALTIME_GUIDE}/rt-composite-recording.html",
    ),
    Rule(
        code="bucket-encryption",
        blames="bucket",
        reads=("bucket_encryption",),
        violated=lambda v: v.bucket_encryption != "AES256",
        message=(
            "bucket must be encrypted with SSE-S3 for real-time recordings, got one with "
            "{bucket_encryption}; define it with "
            "encryption=aws_s3.BucketEncryption.S3_MANAGED and without encryption_key, or use a "
            "RecordingBucket"
        ),
        source=f"{REALTIME_GUIDE}/rt-individual-participant-recording.html",
    ),
)


class StorageConfigurationDraft(ProvisionedDraft["StorageConfiguration"]):
    """The draft of a StorageConfiguration."""

    spec = specs.STORAGE_CONFIGURATION
    rules = _RULES

    def prepare(self) -> None:
        """Convert the bucket to the descriptor's form."""
        target = RecordingTarget(self.check, self.stack_facts, self.given.get("bucket"))
        self.values["s3"] = target.s3
        self.bucket_arn = target.arn()
        if target.s3:
            self.facts = {**target.place(), **target.settings()}
        super().prepare()


@jsii.implements(IStorageConfigurationRef)
class StorageConfiguration(ProvisionedResource):
    """Where compositions and participants of a stage are recorded; serves any number of stages.

    Amazon IVS writes as `ivs-composite.<region>.amazonaws.com`. The statement that allows this is
    added to the bucket's policy, and the storage configuration waits for it.

    Args:
        scope: The construct to define this in, usually `self`.
        id: The id, unique within the scope.
        bucket: Where recordings go. Must be in the same Region and account, encrypted with SSE-S3,
            and own the objects in it. The policy of an imported bucket cannot be changed here: a
            warning says what it must allow. An L1 bucket gets a policy, so it must have none.
            Default: a new RecordingBucket as the child `Bucket` (set by this library).
        storage_configuration_name: Name, up to 128 letters, digits, - and _. Default: none.
        in_use: What a deployment does when it has to delete this while a composition uses it, an
            InUse. Default: FAIL (set by this library).
        provisioning: What realizes this, a Provisioning. Default: the context
            `ivs_constructs:provisioning`, else CUSTOM (set by this library).
        tags: Tags, up to 46. `Tags.of(configuration)` adds to them. Default: none.

    Raises:
        InvalidPropertyError: If Amazon IVS would refuse a property or could not write to the
            bucket, or asks CloudFormation's own type for what only a custom resource can do.

    Example:
        >>> storage = StorageConfiguration(stack, "Storage")
        >>> recording = AutoParticipantRecording(storage_configuration=storage)
        >>> stage = Stage(stack, "Stage", auto_participant_recording=recording)

    A change of any property but the tags replaces the storage configuration.

    See: https://docs.aws.amazon.com/ivs/latest/RealTimeUserGuide/rt-composite-recording.html
    """

    _draft = StorageConfigurationDraft
    _instead: ClassVar[Mapping[str, str]] = {"s3": "write bucket=..."}

    def __init__(
        self,
        scope: Construct,
        id: str,
        *,
        bucket: IBucketRef | None = None,
        storage_configuration_name: str | None = None,
        in_use: InUse | str | None = None,
        provisioning: Provisioning | str | None = None,
        tags: Mapping[str, str] | None = None,
    ) -> None:
        """Define a StorageConfiguration. Its arguments are those listed for the class."""
        self._define(locals())

    def _fill_defaults(self, draft: StorageConfigurationDraft) -> None:
        self._bucket = draft.given.get("bucket")
        self._bucket_arn = draft.bucket_arn
        if self._bucket is None:
            made = default_bucket(self)
            self._bucket = made
            self._bucket_arn = attribute_of(made, "bucketArn")
            draft.wire["s3"] = {"bucket": attribute_of(made, "bucketName")}

    def _finish(self, draft: StorageConfigurationDraft) -> None:
        made_here = draft.given.get("bucket") is None
        bucket = cast("Construct", self._bucket if made_here else self.bucket)
        if made_here or hasattr(bucket, "add_to_resource_policy"):
            # The same statement is added for each user of a bucket; the AWS CDK writes it once.
            added = call(bucket, "addToResourcePolicy", _write_statement(bucket))
            policy = reference(added, "policyDependable")
            if policy is not None:
                # This is made once Amazon IVS may write.
                call(node_of(self._resource), "addDependency", policy)
                return
        annotate(self, _imported_advice(draft.stack_facts.region))

    def _target(self) -> str | None:
        return self._bucket_arn

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
    def storage_configuration_arn(self) -> str:
        """The storage configuration's ARN (a token)."""
        return self._attribute("arn")

    @property
    def storage_configuration_id(self) -> str:
        """What follows `storage-configuration/` in the ARN (a token)."""
        return id_from_arn(self.storage_configuration_arn)

    @property
    @jsii.member(jsii_name="storageConfigurationRef")
    def storage_configuration_ref(self) -> StorageConfigurationReference:
        """The storage configuration in the form that the AWS CDK's own types accept."""
        return StorageConfigurationReference(
            storage_configuration_arn=self.storage_configuration_arn
        )

    @classmethod
    def from_storage_configuration_arn(
        cls, scope: Construct, id: str, storage_configuration_arn: str
    ) -> StorageConfiguration:
        """Import a storage configuration, with the Region and account that its ARN names.

        Args:
            scope: The construct to import it into, usually `self`.
            id: The id, unique within the scope.
            storage_configuration_arn:
                `arn:<partition>:ivs:<region>:<account>:storage-configuration/<id>`, or a token.

        Raises:
            InvalidPropertyError: If the ARN is not a storage configuration's.
        """
        return StorageConfiguration._imported(scope, id, storage_configuration_arn)


def _write_statement(bucket: Construct) -> Reference:
    """Write what Amazon IVS itself adds to a bucket's policy, under an Sid of our own.

    Recordings fail once its own statement is lost, which happens when CloudFormation rewrites the
    policy.
    """
    # The bucket's own stack, so that it is the same statement whoever adds it.
    principal = _principal(Stack.of(bucket).region)
    return static_call(
        "aws_iam.PolicyStatement",
        "fromJson",
        {
            "Sid": "IvsCompositeWrite",
            "Effect": "Allow",
            "Principal": {"Service": principal},
            "Action": ["s3:PutObject", "s3:PutObjectAcl"],
            "Resource": f"{attribute_of(bucket, 'bucketArn')}/*",
            "Condition": {
                "StringEquals": {"s3:x-amz-acl": "bucket-owner-full-control"},
                # Whether Amazon IVS sends it is not documented. If it does, no other account's
                # recordings get in.
                "StringEqualsIfExists": {"aws:SourceAccount": Stack.of(bucket).account},
                "Bool": {"aws:SecureTransport": "true"},
            },
        },
    )


def _principal(region: str) -> str:
    return f"ivs-composite.{region}.amazonaws.com"


def _imported_advice(region: str | None) -> Advice:
    return Advice(
        Severity.WARNING,
        "ivs-constructs:imported-bucket-policy",
        "the bucket is imported, so its policy cannot be changed here, and recordings fail if it "
        f"does not let Amazon IVS write; let the policy allow {_principal(region or '<region>')} "
        "the actions s3:PutObject and s3:PutObjectAcl on <bucket ARN>/*, under the conditions "
        "StringEquals s3:x-amz-acl bucket-owner-full-control and Bool aws:SecureTransport true",
    )
