"""A bucket for recordings that passes a security review."""

from __future__ import annotations

from dataclasses import replace
from functools import cache
from typing import Any

from aws_cdk import Duration, RemovalPolicy, aws_s3
from constructs import Construct

from ivs_constructs._base import path_of
from ivs_constructs._environment import pass_on, surroundings_of
from ivs_constructs._provider.asset.ivs_handler import specs
from ivs_constructs._realize import create
from ivs_constructs._validation import Check

_SOURCE = "https://docs.aws.amazon.com/ivs/latest/LowLatencyUserGuide/record-to-s3.html"
_BUCKET_NAME = replace(specs.BUCKET, py="bucket_name")


class RecordingBucket(aws_s3.Bucket):
    """An S3 bucket for recordings: a `aws_s3.Bucket` whose settings are fixed where it matters.

    Encrypted with SSE-S3 (Amazon IVS writes real-time recordings to no other), owned by the
    account (no ACLs), closed to the public, reachable by TLS only, and kept when the stack goes.

    Args:
        scope: The construct to define this in, mostly self.
        id: The id below it.
        bucket_name: Name. Default: one made by CloudFormation.
        removal_policy: What happens to the bucket when it leaves the stack.
            Default: RETAIN (set by this library): recordings are not lost by a deploy.
        auto_delete_objects: Whether the recordings are deleted with the bucket; needs
            `removal_policy=RemovalPolicy.DESTROY` and adds a function that does it. Default: False.
        expiration: Age at which recordings are deleted, whole days. Default: never.
        server_access_logs_bucket: Where requests are logged. Default: they are not.
        server_access_logs_prefix: Prefix of the logs. Default: none.

    Raises:
        InvalidPropertyError: If `auto_delete_objects` is asked for a bucket that is kept.
        InvalidScopeError: If the scope or the id is no good.

    Example:
        >>> bucket = RecordingBucket(stack, "Recordings", expiration=cdk.Duration.days(90))

    A change of `bucket_name` replaces the bucket; all else is changed in place.

    See: https://docs.aws.amazon.com/ivs/latest/LowLatencyUserGuide/record-to-s3.html
    """

    def __init__(
        self,
        scope: Construct,
        id: str,
        *,
        bucket_name: str | None = None,
        removal_policy: RemovalPolicy = RemovalPolicy.RETAIN,
        auto_delete_objects: bool = False,
        expiration: Duration | None = None,
        server_access_logs_bucket: aws_s3.IBucket | None = None,
        server_access_logs_prefix: str | None = None,
    ) -> None:
        surroundings = surroundings_of("RecordingBucket", scope, id)
        check = Check(source=_SOURCE, failures=[])
        if bucket_name is not None:
            check.value(_BUCKET_NAME, bucket_name)
        if auto_delete_objects and removal_policy is not RemovalPolicy.DESTROY:
            check.fail(
                "auto_delete_objects",
                "bucket-kept",
                "auto_delete_objects requires removal_policy RemovalPolicy.DESTROY, got "
                f"{removal_policy.name}; drop auto_delete_objects or set removal_policy",
            )
        check.raise_for("RecordingBucket", lambda: path_of(scope, id))
        rules: list[dict[str, Any]] = [
            {"id": "DropIncompleteUploads", "abortIncompleteMultipartUploadAfter": _days(7)}
        ]
        if expiration is not None:
            rules.append({"id": "ExpireRecordings", "expiration": expiration})
        properties = {
            "bucketName": bucket_name,
            "removalPolicy": removal_policy,
            "autoDeleteObjects": auto_delete_objects or None,
            "encryption": aws_s3.BucketEncryption.S3_MANAGED,
            "objectOwnership": aws_s3.ObjectOwnership.BUCKET_OWNER_ENFORCED,
            "blockPublicAccess": _block_all(),
            "enforceSSL": True,
            "lifecycleRules": rules,
            "serverAccessLogsBucket": server_access_logs_bucket,
            "serverAccessLogsPrefix": server_access_logs_prefix,
        }
        set_properties = {name: value for name, value in properties.items() if value is not None}
        create(aws_s3.Bucket, self, scope, id, set_properties)
        pass_on(self, surroundings)


@cache
def _block_all() -> aws_s3.BlockPublicAccess:
    return aws_s3.BlockPublicAccess.BLOCK_ALL


@cache
def _days(count: int) -> Duration:
    return Duration.days(count)
