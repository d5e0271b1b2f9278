"""What the AWS CDK knows about a bucket that Amazon IVS records to."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, cast

import aws_cdk as cdk

from ivs_constructs._core.arn_text import has_wildcard
from ivs_constructs._core.check import INSTANCE_ADVICE, Check, quoted
from ivs_constructs._core.rules import Rule
from ivs_constructs._core.stack_facts import StackFacts, concrete


class RecordingTarget:
    """A bucket that the user passed for recordings.

    Attributes:
        bucket: What the user passed, or None.
        s3: The bucket in its descriptor's form, None if there is none.
    """

    def __init__(self, check: Check, stack_facts: StackFacts, bucket: object) -> None:
        """Check a bucket."""
        self.bucket = bucket
        self._check = check
        self._stack_facts = stack_facts
        name = None if bucket is None else _name_of(check, bucket)
        self.s3 = None if name is None else {"bucket": name}

    def arn(self) -> str | None:
        """Return the bucket's ARN, which must name that bucket alone."""
        if self.s3 is None:
            return None
        bucket = cast("Any", self.bucket)
        # A bare reference of the AWS CDK and an L1 have it only in their reference.
        arn = getattr(bucket, "bucket_arn", None) or bucket.bucket_ref.bucket_arn
        if not isinstance(arn, str):
            return None
        if has_wildcard(arn):
            message = f"bucket must be one S3 bucket, got the ARN {quoted(arn)}; name one bucket"
            self._check.fail("bucket", "arn", message)
        return arn

    def place(self) -> dict[str, object]:
        """Give rules the bucket's place, if both that and the stack's place are known."""
        env = getattr(self.bucket, "env", None) if any(self._stack_facts.place) else None
        if env is None or self.s3 is None:
            return {}
        return {"bucket_region": concrete(env.region), "bucket_account": concrete(env.account)}

    def settings(self) -> dict[str, str]:
        """Give rules the bucket's settings; nothing for a RecordingBucket."""
        # The settings of a RecordingBucket are known, and asking takes longer.
        if self.s3 is None or getattr(type(self.bucket), "_is_for_recordings", False):
            return {}
        return settings_of(self.bucket)


def _name_of(check: Check, bucket: object) -> str | None:
    if isinstance(bucket, str):
        importer = "from_bucket_arn" if bucket.startswith("arn:") else "from_bucket_name"
        check.fail(
            "bucket",
            "type",
            f"bucket must be an S3 bucket, got the string {quoted(bucket)}; import it with "
            f"aws_s3.Bucket.{importer}(self, 'Imported', {quoted(bucket)})",
        )
        return None
    # An L2 has its name at hand, and asking for a reference takes longer. An L1's bucket_name is
    # the property it was given: using that would lose the order of creation.
    level1 = isinstance(bucket, cdk.CfnElement)
    name = None if level1 else getattr(bucket, "bucket_name", None)
    if not isinstance(name, str):
        name = getattr(getattr(bucket, "bucket_ref", None), "bucket_name", None)
    if isinstance(bucket, type) or not isinstance(name, str):
        got, advice = quoted(bucket), ""
        if isinstance(bucket, type):
            got, advice = f"the class {bucket.__name__}", INSTANCE_ADVICE
        check.fail("bucket", "type", f"bucket must be an S3 bucket, got {got}{advice}")
        return None
    return name


def settings_of(bucket: Any) -> dict[str, str]:  # noqa: ANN401 (any of the AWS CDK's buckets)
    """Read a bucket's object ownership and encryption, as far as they are known now.

    Args:
        bucket: A bucket, L2 or L1.

    Returns:
        `bucket_ownership` and `bucket_encryption` in CloudFormation's words; without those that are
        not set or known only at deploy time, and empty for an imported bucket.
    """
    level1 = bucket if isinstance(bucket, cdk.CfnElement) else bucket.node.default_child
    if not isinstance(level1, cdk.CfnResource):
        return {}
    # Not through the L1's attributes: newer versions of the AWS CDK keep the ownership of an L2's
    # bucket as a token, which jsii cannot hand out as the attribute's type.
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
    """Return the value at a path, in the first item of each list: S3 accepts one rule."""
    for name in path:
        if isinstance(value, list):
            value = cast("list[object]", value)[0] if value else None
        value = (
            cast("Mapping[str, object]", value).get(name) if isinstance(value, Mapping) else None
        )
    return value


def place_rules(source: str) -> tuple[Rule, ...]:
    """Return the rules on where a bucket must be."""
    return _place_rule("Region", "a", source), _place_rule("account", "an", source)


def _place_rule(noun: str, article: str, source: str) -> Rule:
    name = noun.lower()
    return Rule(
        code=f"bucket-{name}",
        blames="bucket",
        reads=(f"bucket_{name}", name),
        violated=lambda v: getattr(v, name) not in (None, getattr(v, f"bucket_{name}")),
        message=(
            f"bucket must be in the stack's {noun} {{{name}}}, got one in {{bucket_{name}}}; "
            f"Amazon IVS records within {article} {noun}, so use a bucket there"
        ),
        source=source,
    )
