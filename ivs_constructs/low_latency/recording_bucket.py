"""A bucket for recordings that passes a security review."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import Any

from aws_cdk import Duration, RemovalPolicy, aws_s3
from constructs import Construct

from ivs_constructs import _specs as specs
from ivs_constructs._core.arn import check_place, place_of
from ivs_constructs._core.check import Check, is_duration, is_generated_name, is_token, quoted
from ivs_constructs._core.render import create
from ivs_constructs._core.resource import check_removal_policy, show_signature
from ivs_constructs._core.stack_facts import path_of, remember, stack_facts_of
from ivs_constructs._specs import Kind, Prop
from ivs_constructs.low_latency._bucket_settings import (
    KEPT,
    bucket_settings,
    drop_incomplete_uploads,
)

_SOURCE = "https://docs.aws.amazon.com/ivs/latest/LowLatencyUserGuide/record-to-s3.html"
_NAMING = "https://docs.aws.amazon.com/AmazonS3/latest/userguide/bucketnamingrules.html"
_BUCKET_NAME = replace(specs.BUCKET, py="bucket_name")
_PREFIX = Prop(py="server_access_logs_prefix")
_AUTO_DELETE = Prop(py="auto_delete_objects", kind=Kind.BOOLEAN)
_IP_ADDRESS = re.compile(r"[0-9]+(\.[0-9]+){3}")
HOURS_A_DAY = 24


class RecordingBucket(aws_s3.Bucket):
    """An S3 bucket for recordings: an `aws_s3.Bucket` with secure settings.

    Encrypted with SSE-S3 (Amazon IVS writes real-time recordings to no other), owned by the account
    (no ACLs), not public, reachable over TLS only, and retained when the stack is deleted. If its
    first deployment fails, it is removed again, because nothing can be in it yet.

    Args:
        scope: The construct to define this in, usually `self`.
        id: The id, unique within the scope.
        bucket_name: Name. Default: one made by CloudFormation.
        removal_policy: What happens to the bucket when it leaves the stack.
            Default: RETAIN_ON_UPDATE_OR_DELETE (set by this library): a deployment never loses
            recordings, and one that fails leaves no new bucket behind.
        auto_delete_objects: Whether the recordings are deleted with the bucket; needs
            `removal_policy=RemovalPolicy.DESTROY` and adds a function that does it. Default: False.
        expiration: Age at which recordings are deleted, whole days. Default: never.
        server_access_logs_bucket: Where requests are logged. Default: nowhere.
        server_access_logs_prefix: Prefix of the logs in that bucket. Default: none.

    Raises:
        InvalidPropertyError: If `auto_delete_objects` is set for a bucket that is retained, or
            another property is invalid.
        InvalidScopeError: If the scope or the id is invalid.

    Example:
        >>> bucket = RecordingBucket(stack, "Recordings", expiration=cdk.Duration.days(90))

    A change of `bucket_name` replaces the bucket; everything else is updated in place.

    See: https://docs.aws.amazon.com/ivs/latest/LowLatencyUserGuide/record-to-s3.html
    """

    # Rules need not ask the AWS CDK about its settings.
    _is_for_recordings = True

    def __init__(
        self,
        scope: Construct,
        id: str,
        *,
        bucket_name: str | None = None,
        removal_policy: RemovalPolicy | None = None,
        auto_delete_objects: bool = False,
        expiration: Duration | None = None,
        server_access_logs_bucket: aws_s3.IBucket | None = None,
        server_access_logs_prefix: str | None = None,
    ) -> None:
        """Define a RecordingBucket. Its arguments are those listed for the class."""
        stack_facts = stack_facts_of("RecordingBucket", scope, id)
        check = Check(_SOURCE)
        name = None if bucket_name is None else _checked_name(check, bucket_name)
        default = " (the default)" if removal_policy is None else ""
        if removal_policy is None:
            removal_policy = KEPT
        removed = check_removal_policy(check, removal_policy)
        if removed and auto_delete_objects is True and removal_policy is not RemovalPolicy.DESTROY:
            check.fail(
                "auto_delete_objects",
                "bucket-kept",
                "auto_delete_objects requires removal_policy RemovalPolicy.DESTROY, got "
                f"{removal_policy.name}{default}; drop auto_delete_objects or set removal_policy",
            )
        if is_token(auto_delete_objects):
            check.fail(
                "auto_delete_objects",
                "token",
                "auto_delete_objects must be known at synth, got "
                f"{quoted(auto_delete_objects)}; write True or False",
            )
        else:
            check.value(_AUTO_DELETE, auto_delete_objects)
        _check_expiration(check, expiration)
        if server_access_logs_prefix is not None:
            prefix = check.value(_PREFIX, server_access_logs_prefix)
            if server_access_logs_bucket is None and prefix is not None:
                # The AWS CDK would log to the bucket itself, which needs ACLs.
                check.fail(
                    "server_access_logs_prefix",
                    "no-use",
                    "server_access_logs_prefix has no effect without server_access_logs_bucket; "
                    "pass server_access_logs_bucket",
                )
        if server_access_logs_bucket is not None and not hasattr(
            server_access_logs_bucket, "bucket_arn"
        ):
            check.fail(
                "server_access_logs_bucket",
                "type",
                "server_access_logs_bucket must be an S3 bucket, got "
                f"{quoted(server_access_logs_bucket)}",
            )
        elif server_access_logs_bucket is not None and any(stack_facts.place):
            place = place_of(server_access_logs_bucket, "")
            check_place(
                check,
                stack_facts,
                "server_access_logs_bucket",
                place,
                because="Amazon S3 logs within one",
            )
        check.raise_for("RecordingBucket", lambda: path_of(scope, id))
        rules = [drop_incomplete_uploads()]
        if expiration is not None:
            rules.append({"id": "ExpireRecordings", "expiration": expiration})
        properties: dict[str, Any] = {
            **bucket_settings(removal_policy, rules),
            "bucketName": name,
            "autoDeleteObjects": auto_delete_objects or None,
            "serverAccessLogsBucket": server_access_logs_bucket,
            "serverAccessLogsPrefix": server_access_logs_prefix,
        }
        set_properties = {name: value for name, value in properties.items() if value is not None}
        create(aws_s3.Bucket, self, scope, id, set_properties)
        remember(self, stack_facts)

    def __repr__(self) -> str:
        """Name the class and the construct's path."""
        return f"<ivs_constructs.{type(self).__name__} '{self.node.path}'>"


def _checked_name(check: Check, given: object) -> str | None:
    if is_generated_name(given):
        return given
    before = len(check.failures)
    name: str | None = check.value(_BUCKET_NAME, given)
    if len(check.failures) == before and name is not None and not is_token(name):
        ends = name[0] + name[-1]
        if not ends.isalnum() or re.search(r"[.-]\.|\.-", name) or _IP_ADDRESS.fullmatch(name):
            check.fail(
                "bucket_name",
                "bucket-name",
                "bucket_name must begin and end with a letter or digit, have no . next to . or -, "
                f"and not look like an IP address, got {quoted(name)}; use other characters there",
                _NAMING,
            )
    return name


def _check_expiration(check: Check, expiration: object) -> None:
    if expiration is None:
        return
    rule = "expiration must be a Duration of whole days, at least one"
    if not is_duration(expiration):
        days = (
            re.match(r"[0-9]{1,6}", str(expiration)) if isinstance(expiration, int | str) else None
        )
        advice = f"; write Duration.days({days[0]})" if days else ""
        check.fail("expiration", "type", f"{rule}, got {quoted(expiration)}{advice}")
    elif expiration.is_unresolved():
        if expiration.unit_label() != "days":
            check.fail(
                "expiration",
                "token-unit",
                "expiration comes from a deploy-time value and must be made by Duration.days, got "
                f"{expiration.unit_label()}; CloudFormation cannot convert units",
            )
    else:
        hours = expiration.to_hours(integral=False)
        if hours < HOURS_A_DAY or hours % HOURS_A_DAY:
            check.fail("expiration", "range", f"{rule}, got {hours:.15g} hours; round it up")


_OWN_BUCKET = "define an aws_s3.Bucket with it, and pass that where a bucket is asked for"
show_signature(
    RecordingBucket,
    instead={
        "lifecycle_rules": "call add_lifecycle_rule(...) on it; expiration deletes recordings",
        "cors": "call add_cors_rule(...) on it",
        "metrics": "call add_metric(...) on it",
        "inventories": "call add_inventory(...) on it",
        "encryption": "drop it: Amazon S3 encrypts it (SSE-S3), which stages require",
        "encryption_key": "drop it: Amazon S3 encrypts it (SSE-S3), which stages require",
        **dict.fromkeys(
            ("block_public_access", "enforce_ssl", "object_ownership", "public_read_access"),
            "drop it: the bucket is private, and answers only requests with TLS",
        ),
        **dict.fromkeys(
            (
                *("versioned", "event_bridge_enabled", "intelligent_tiering_configurations"),
                *("object_lock_enabled", "transfer_acceleration", "replication_rules"),
                *("website_index_document", "minimum_tls_version"),
            ),
            _OWN_BUCKET,
        ),
    },
)
