"""Recording buckets in another Region."""

from __future__ import annotations

from collections.abc import Iterator

from ivs_constructs.checks.assembly import Assembly
from ivs_constructs.checks.recording_buckets import recordings
from ivs_constructs.checks.rule import Rule, Spot, spot


def _find(assembly: Assembly) -> Iterator[Spot]:
    for configuration, bucket in recordings(assembly):
        here, there = configuration.stack.region, bucket.stack.region
        if here and there and here != there:
            yield spot(configuration, "Properties", detail=f"{there}, not {here}")


RULE = Rule(
    id="RecordingBucketElsewhere",
    level="error",
    summary="the recording bucket is in another Region",
    reason="IVS records only to buckets in its Region; the configuration ends up as CREATE_FAILED",
    fix="make the bucket in the configuration's Region",
    source="IVS API, CreateRecordingConfiguration",
    find=_find,
)
