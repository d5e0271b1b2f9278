"""Recording buckets that answer without TLS."""

from __future__ import annotations

import json
from collections.abc import Iterator

from ivs_constructs.checks.assembly import Assembly
from ivs_constructs.checks.recording_buckets import bucket_statements, recording_buckets
from ivs_constructs.checks.rule import Rule, Spot, spot


def _find(assembly: Assembly) -> Iterator[Spot]:
    for bucket in recording_buckets(assembly):
        refused = any(
            statement.get("Effect") == "Deny"
            and "aws:securetransport" in json.dumps(statement.get("Condition", {})).lower()
            for statement in bucket_statements(assembly, bucket)
        )
        if not refused:
            yield spot(bucket, "")


RULE = Rule(
    id="RecordingBucketWithoutTls",
    level="warning",
    summary="the recording bucket answers requests without TLS",
    reason="recordings can cross the network unencrypted",
    fix="deny requests where aws:SecureTransport is false, as enforce_ssl=True does",
    source="AWS Foundational Security Best Practices, S3.5",
    find=_find,
)
