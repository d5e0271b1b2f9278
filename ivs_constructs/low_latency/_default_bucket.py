"""The bucket that a recording configuration makes for itself."""

from __future__ import annotations

from aws_cdk import Resource
from constructs import Construct

from ivs_constructs._core.by_name import define_by_name
from ivs_constructs._core.stack_facts import remember, stack_facts_of
from ivs_constructs.low_latency._bucket_settings import (
    KEPT,
    bucket_settings,
    drop_incomplete_uploads,
)


def default_bucket(scope: Construct) -> Resource:
    """Make a RecordingBucket with defaults as the child `Bucket`.

    The module of Amazon S3 is loaded only when the program uses the bucket.

    Args:
        scope: The construct that records to it, whose scope is already checked.
    """
    made = define_by_name(
        Resource,
        "aws_s3.Bucket",
        scope,
        "Bucket",
        bucket_settings(KEPT, [drop_incomplete_uploads()]),
        true_class=_recording_bucket,
    )
    remember(made, stack_facts_of("RecordingBucket", scope, "Bucket"))
    return made


def _recording_bucket() -> type[object]:
    from ivs_constructs.low_latency.recording_bucket import RecordingBucket

    return RecordingBucket
