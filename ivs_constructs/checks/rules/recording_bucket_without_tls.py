"""Recording buckets that answer without TLS."""

from __future__ import annotations

from collections.abc import Iterator

from ivs_constructs.checks.assembly import Assembly, listed, walk
from ivs_constructs.checks.recording_buckets import bucket_statements, recording_buckets
from ivs_constructs.checks.rule import Rule, Spot, spot


def _find(assembly: Assembly) -> Iterator[Spot]:
    for bucket in recording_buckets(assembly):
        refused = any(
            statement.get("Effect") == "Deny" and _is_without_tls(statement.get("Condition"))
            for statement in bucket_statements(assembly, bucket)
        )
        if not refused:
            yield spot(bucket, "")


def _is_without_tls(condition: object) -> bool:
    return any(
        path[-1:] and path[-1].lower() == "aws:securetransport" and "false" in _words(value)
        for path, value in walk(condition)
    )


def _words(value: object) -> list[str]:
    return [str(each).lower() for each in listed(value)]


RULE = Rule(
    id="RecordingBucketWithoutTls",
    level="warning",
    summary="the recording bucket answers requests without TLS",
    reason="recordings can cross the network unencrypted",
    fix="deny requests where aws:SecureTransport is false, as enforce_ssl=True does",
    source="AWS Foundational Security Best Practices, S3.5",
    find=_find,
)
