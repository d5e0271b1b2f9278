"""What a recording bucket refuses."""

from __future__ import annotations

import aws_cdk as cdk
import pytest

from ivs_constructs import (
    RecordingBucket,
)
from tests.constructs.deploy_time import number_token, text_token
from tests.constructs.refusals import GUIDE, defined, found, refused, report


@pytest.mark.parametrize(
    ("name", "message", "code"),
    [
        ("ab", "must have at least 3 characters, got 2 characters; lengthen it", "length"),
        ("a" * 64, "must have at most 63 characters, got 64 characters; shorten it by 1", "length"),
        (
            "My_bucket",
            "must have only lower-case letters, digits, - and ., got 'My_bucket'; write "
            "'my-bucket'",
            "pattern",
        ),
        (5, "must be a string, got 5 (int); write '5'", "type"),
    ],
)
def test_bucket_refuses_a_name(stack: cdk.Stack, name: object, message: str, code: str) -> None:
    error = refused(RecordingBucket, stack, bucket_name=name)

    assert found(error) == [("bucket_name", code)]
    assert error.failures[0].source == f"{GUIDE}/record-to-s3.html"
    assert str(error) == report("RecordingBucket", f"bucket_name {message}")


@pytest.mark.parametrize("name", ["-abc", "abc-", ".abc", "a..b", "a.-b", "192.168.1.1"])
def test_bucket_refuses_a_name_that_s3_refuses(stack: cdk.Stack, name: str) -> None:
    error = refused(RecordingBucket, stack, bucket_name=name)

    assert str(error) == report(
        "RecordingBucket",
        "bucket_name must begin and end with a letter or digit, have no . next to . or -, and not "
        f"look like an IP address, got '{name}'; use other characters there",
    )
    assert found(error) == [("bucket_name", "bucket-name")]


@pytest.mark.parametrize("name", ["abc", "a" * 63, "my.bucket-1"])
def test_bucket_accepts_a_name(stack: cdk.Stack, name: str) -> None:
    defined(RecordingBucket, stack, bucket_name=name)


def test_bucket_leaves_a_name_known_at_deploy_time_unjudged(stack: cdk.Stack) -> None:
    defined(RecordingBucket, stack, bucket_name=text_token(stack))


def test_bucket_refuses_a_prefix_of_logs_without_a_bucket_for_them(stack: cdk.Stack) -> None:
    error = refused(RecordingBucket, stack, server_access_logs_prefix="x y")

    assert str(error) == report(
        "RecordingBucket",
        "server_access_logs_prefix has no effect without server_access_logs_bucket; pass "
        "server_access_logs_bucket",
    )


@pytest.mark.parametrize("policy", [cdk.RemovalPolicy.RETAIN, None])
def test_bucket_refuses_to_empty_what_is_kept(
    stack: cdk.Stack, policy: cdk.RemovalPolicy | None
) -> None:
    error = refused(RecordingBucket, stack, auto_delete_objects=True, removal_policy=policy)

    got = "RETAIN_ON_UPDATE_OR_DELETE (the default)" if policy is None else policy.name
    assert str(error) == report(
        "RecordingBucket",
        f"auto_delete_objects requires removal_policy RemovalPolicy.DESTROY, got {got}; drop "
        "auto_delete_objects or set removal_policy",
    )
    assert found(error) == [("auto_delete_objects", "bucket-kept")]


@pytest.mark.parametrize(
    ("prop", "value"),
    [
        ("expiration", 30),
        ("expiration", "30 days"),
        ("expiration", cdk.Duration.hours(5)),
        ("expiration", cdk.Duration.days(0)),
        ("removal_policy", "destroy"),
        ("removal_policy", cdk.RemovalPolicy.SNAPSHOT),
        ("auto_delete_objects", "yes"),
        ("server_access_logs_bucket", "logs"),
        ("server_access_logs_prefix", 5),
    ],
)
def test_bucket_refuses_another_thing(stack: cdk.Stack, prop: str, value: object) -> None:
    error = refused(RecordingBucket, stack, **{prop: value})

    assert [name for name, _ in found(error)] == [prop]
    assert error.failures[0].message.startswith((f"{prop} must be ", f"{prop} must not be "))


EXPIRATION = "expiration must be a Duration of whole days, at least one"


@pytest.mark.parametrize(
    ("value", "tail", "code"),
    [
        (30, "30 (int); write Duration.days(30)", "type"),
        (True, "True (bool)", "type"),
        (cdk.Duration.days(0), "0 hours; round it up", "range"),
        (cdk.Duration.hours(23), "23 hours; round it up", "range"),
        (cdk.Duration.hours(25), "25 hours; round it up", "range"),
    ],
    ids=["number", "flag", "0 days", "23 hours", "25 hours"],
)
def test_bucket_refuses_an_expiration(
    stack: cdk.Stack, value: object, tail: str, code: str
) -> None:
    error = refused(RecordingBucket, stack, expiration=value)

    assert str(error) == report("RecordingBucket", f"{EXPIRATION}, got {tail}")
    assert found(error) == [("expiration", code)]


@pytest.mark.parametrize(
    "expiration",
    [cdk.Duration.days(1), cdk.Duration.hours(48), cdk.Duration.minutes(1440), None],
    ids=["1 day", "48 hours", "1440 minutes", "none"],
)
def test_bucket_accepts_an_expiration(stack: cdk.Stack, expiration: cdk.Duration | None) -> None:
    defined(RecordingBucket, stack, expiration=expiration)


def test_bucket_leaves_an_expiration_known_at_deploy_time_unjudged(stack: cdk.Stack) -> None:
    defined(RecordingBucket, stack, expiration=cdk.Duration.days(number_token(stack)))


def test_bucket_refuses_an_expiration_by_a_token_in_another_unit(stack: cdk.Stack) -> None:
    # The AWS CDK refuses it as well, but at synth and without a name.
    error = refused(RecordingBucket, stack, expiration=cdk.Duration.hours(number_token(stack)))

    assert [prop for prop, _ in found(error)] == ["expiration"]
    assert "Duration.days" in error.failures[0].message
