"""What the AWS CDK knows of a bucket that Amazon IVS is to record to."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, cast

import aws_cdk as cdk

from ivs_constructs._core.rules import Rule


def settings_of(bucket: Any) -> dict[str, str]:  # noqa: ANN401 (any of the AWS CDK's buckets)
    """Read a bucket's object ownership and encryption, as far as they are known now.

    Args:
        bucket: A bucket, L2 or L1.

    Returns:
        `bucket_ownership` and `bucket_encryption` in CloudFormation's words; none of them for an
        imported bucket, for what was not set and for what is known only at deploy time.
    """
    level1 = bucket if isinstance(bucket, cdk.CfnElement) else bucket.node.default_child
    if not isinstance(level1, cdk.CfnResource):
        return {}
    # Not by the L1's attributes: newer versions of the AWS CDK keep the ownership of an L2's bucket
    # as a token, which jsii cannot hand out as the attribute's type.
    properties = level1._cfn_properties  # pyright: ignore[reportPrivateUsage] (protected in jsii)
    names = ("ownershipControls", "bucketEncryption")
    known = cdk.Stack.of(level1).resolve({name: properties.get(name) for name in names})
    found = {
        "bucket_ownership": _first(known, "ownershipControls", "rules", "objectOwnership"),
        "bucket_encryption": _first(
            known,
            "bucketEncryption",
            "serverSideEncryptionConfiguration",
            "serverSideEncryptionByDefault",
            "sseAlgorithm",
        ),
    }
    # What is known only at deploy time was resolved to an expression of CloudFormation.
    return {name: value for name, value in found.items() if isinstance(value, str)}


def _first(value: object, *path: str) -> object:
    """Return what stands at a path, in the first item of each list: S3 takes one rule."""
    for name in path:
        if isinstance(value, list):
            value = cast("list[object]", value)[0] if value else None
        value = (
            cast("Mapping[str, object]", value).get(name) if isinstance(value, Mapping) else None
        )
    return value


def place_rules(source: str) -> tuple[Rule, ...]:
    """Return the rules on where a bucket must be."""
    return (
        Rule(
            code="bucket-region",
            blames="bucket",
            reads=("bucket_region", "region"),
            violated=lambda v: v.region not in (None, v.bucket_region),
            message=(
                "bucket must be in the stack's Region {region}, got one in {bucket_region}; "
                "Amazon IVS records within a Region, so take a bucket there"
            ),
            source=source,
        ),
        Rule(
            code="bucket-account",
            blames="bucket",
            reads=("bucket_account", "account"),
            violated=lambda v: v.account not in (None, v.bucket_account),
            message=(
                "bucket must be in the stack's account {account}, got one in {bucket_account}; "
                "Amazon IVS records within an account, so take a bucket there"
            ),
            source=source,
        ),
    )
