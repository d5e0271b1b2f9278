"""Recordings that anyone can read."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, cast

from ivs_constructs.checks.assembly import Assembly, alternatives, listed, text_of
from ivs_constructs.checks.conditions import limits
from ivs_constructs.checks.recording_buckets import bucket_statements, recording_buckets
from ivs_constructs.checks.rule import Rule, Spot, spot

_LIMITS_WHO = frozenset(
    f"aws:{name}"
    for name in (
        "principalaccount",
        "principalarn",
        "principalorgid",
        "principalorgpaths",
        "sourceaccount",
        "sourcearn",
        "sourceip",
        "sourceorgid",
        "sourceorgpaths",
        "sourcevpc",
        "sourcevpce",
        "userid",
        "vpcsourceip",
    )
)
"""Condition keys with which a statement for everybody is not public.

See: https://docs.aws.amazon.com/AmazonS3/latest/userguide/access-control-block-public-access.html
"""


def _find(assembly: Assembly) -> Iterator[Spot]:
    for bucket in recording_buckets(assembly):
        control = bucket.properties.get("AccessControl")
        if control in ("PublicRead", "PublicReadWrite", "AuthenticatedRead"):
            yield spot(bucket, "Properties.AccessControl", detail=f"AccessControl {control}")
        for statement in bucket_statements(assembly, bucket):
            limited = limits(statement.get("Condition") or {}, _LIMITS_WHO.__contains__)
            if statement.get("Effect") == "Allow" and _is_everybody(statement) and not limited:
                yield spot(bucket, "", detail="its policy allows everybody")
                break


def _is_everybody(statement: Mapping[str, Any]) -> bool:
    if "NotPrincipal" in statement:
        return True
    return any(
        text_of(each) == "*"
        for principal in alternatives(statement.get("Principal"))
        for given in (principal, _member(principal, "AWS"))
        for several in alternatives(given)
        for one in listed(several)
        for each in alternatives(one)
    )


def _member(node: object, name: str) -> object:
    return cast("dict[str, object]", node).get(name) if isinstance(node, dict) else None


RULE = Rule(
    id="RecordingBucketPublic",
    level="error",
    summary="the recording bucket is public",
    reason="anyone could read the recordings of private channels",
    fix="block public access, and serve recordings with CloudFront",
    source="IVS user guide, record to S3; S3 user guide, block public access",
    find=_find,
)
