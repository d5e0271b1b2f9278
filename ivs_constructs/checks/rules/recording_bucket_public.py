"""Recordings that anyone can read."""

from __future__ import annotations

from collections.abc import Iterator

from ivs_constructs.checks.assembly import Assembly
from ivs_constructs.checks.recording_buckets import bucket_statements, recording_buckets
from ivs_constructs.checks.rule import Rule, Spot, spot


def _find(assembly: Assembly) -> Iterator[Spot]:
    for bucket in recording_buckets(assembly):
        control = bucket.properties.get("AccessControl")
        if control in ("PublicRead", "PublicReadWrite", "AuthenticatedRead"):
            yield spot(bucket, "Properties.AccessControl", detail=f"AccessControl {control}")
        for statement in bucket_statements(assembly, bucket):
            everybody = statement.get("Principal") in ("*", {"AWS": "*"}, {"AWS": ["*"]})
            if everybody and statement.get("Effect") == "Allow" and not statement.get("Condition"):
                yield spot(bucket, "", detail="its policy allows everybody")
                break


RULE = Rule(
    id="RecordingBucketPublic",
    level="error",
    summary="the recording bucket is public",
    reason="anyone could read the recordings of private channels",
    fix="block public access, and serve recordings with CloudFront",
    source="IVS user guide, record to S3; S3 user guide, block public access",
    find=_find,
)
