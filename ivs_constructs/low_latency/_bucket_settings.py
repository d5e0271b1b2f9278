"""The settings of every RecordingBucket, written without loading the module of Amazon S3."""

from __future__ import annotations

from functools import cache
from typing import Any

from aws_cdk import Duration, RemovalPolicy

from ivs_constructs._core.by_name import member_by_name, value_by_name

KEPT = RemovalPolicy.RETAIN_ON_UPDATE_OR_DELETE
"""A deployment never loses recordings, and one that fails leaves no new bucket behind."""


def bucket_settings(
    removal_policy: RemovalPolicy, lifecycle_rules: list[dict[str, Any]]
) -> dict[str, Any]:
    """Return the properties of every RecordingBucket, in the AWS CDK's own spelling.

    Args:
        removal_policy: What happens to the bucket when it leaves the stack.
        lifecycle_rules: What happens to its objects.
    """
    return {
        "removalPolicy": removal_policy,
        "encryption": member_by_name("aws_s3.BucketEncryption", "S3_MANAGED"),
        "objectOwnership": member_by_name("aws_s3.ObjectOwnership", "BUCKET_OWNER_ENFORCED"),
        "blockPublicAccess": _block_all(),
        "enforceSSL": True,
        "lifecycleRules": lifecycle_rules,
    }


def drop_incomplete_uploads() -> dict[str, Any]:
    """Return the lifecycle rule for incomplete uploads."""
    return {"id": "DropIncompleteUploads", "abortIncompleteMultipartUploadAfter": _week()}


@cache
def _block_all() -> object:
    # The same as aws_s3.BlockPublicAccess.BLOCK_ALL; reading that would load the module.
    names = ("blockPublicAcls", "blockPublicPolicy", "ignorePublicAcls", "restrictPublicBuckets")
    return value_by_name("aws_s3.BlockPublicAccess", dict.fromkeys(names, True))


@cache
def _week() -> Duration:
    return Duration.days(7)
