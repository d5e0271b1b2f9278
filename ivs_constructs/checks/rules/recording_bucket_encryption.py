"""Real-time recording buckets with a key that IVS cannot use."""

from __future__ import annotations

from collections.abc import Iterator

from ivs_constructs.checks.assembly import Assembly, listed, walk
from ivs_constructs.checks.recording_buckets import recordings
from ivs_constructs.checks.rule import Rule, Spot, spot

_WITH_KMS = ("aws:kms", "aws:kms:dsse")


def _find(assembly: Assembly) -> Iterator[Spot]:
    seen: set[tuple[object, str]] = set()
    for recording in recordings(assembly):
        bucket = recording.bucket
        key = (bucket.stack.file, bucket.logical_id)
        used = [
            str(value)
            for path, value in walk(bucket.properties.get("BucketEncryption"))
            if path[-1:] == ("SSEAlgorithm",) and value in listed(list(_WITH_KMS))
        ]
        if recording.is_realtime and used and key not in seen:
            seen.add(key)
            yield spot(bucket, "Properties.BucketEncryption", detail=used[0])


RULE = Rule(
    id="RecordingBucketEncryption",
    level="error",
    summary="the bucket for a stage's recordings is encrypted with AWS KMS",
    reason="real-time recording can write only to buckets with SSE-S3",
    fix="encrypt the bucket with SSE-S3 (AES256)",
    source="IVS real-time guide, individual participant recording",
    find=_find,
)
