"""Measures a session of unit tests, with the kit and with L1s and the AWS CDK's own assertions.

Twenty tests, each of which defines a live channel (channel, stream key, secret, recording
configuration, hardened bucket), synthesizes it and asserts on it five times. A session is a process
of its own; nothing is shared between its tests, and the AWS CDK's own validation is off on both
sides. The sessions are interleaved and the medians compared, because on a shared machine only
ratios within one run mean anything.

Usage: `python benchmarks/kit.py [--rounds N]`
"""

from __future__ import annotations

import argparse
import json
import os
import statistics
import subprocess
import sys
import time
from collections import defaultdict

TESTS = 20


def test_with_kit(number: int) -> None:
    """One test with the kit."""
    import aws_cdk as cdk

    from ivs_constructs import LiveChannel
    from ivs_constructs.testing import synthesize

    class Talks(cdk.Stack):
        def __init__(self, scope: cdk.App, id: str) -> None:
            super().__init__(scope, id)
            LiveChannel(self, f"Live{number}", private=False, recording=True)

    talks = synthesize(Talks)
    talks.has("AWS::IVS::RecordingConfiguration", DestinationConfiguration={"S3": {}})
    talks.has("AWS::S3::Bucket", PublicAccessBlockConfiguration={"BlockPublicAcls": True})
    talks.has("AWS::SecretsManager::Secret")
    assert len(talks.resources("AWS::IVS::Channel")) == 1  # noqa: S101 (a test)
    talks.one("AWS::IVS::StreamKey")


def test_with_level1(number: int) -> None:
    """The same with L1s and `aws_cdk.assertions`."""
    import aws_cdk as cdk
    from aws_cdk import aws_ivs, aws_s3, aws_secretsmanager
    from aws_cdk.assertions import Template

    app = cdk.App(analytics_reporting=False)
    stack = cdk.Stack(app, "Talks")
    bucket = aws_s3.CfnBucket(
        stack,
        f"Bucket{number}",
        bucket_encryption=aws_s3.CfnBucket.BucketEncryptionProperty(
            server_side_encryption_configuration=[
                aws_s3.CfnBucket.ServerSideEncryptionRuleProperty(
                    server_side_encryption_by_default=(
                        aws_s3.CfnBucket.ServerSideEncryptionByDefaultProperty(
                            sse_algorithm="AES256"
                        )
                    )
                )
            ]
        ),
        ownership_controls=aws_s3.CfnBucket.OwnershipControlsProperty(
            rules=[
                aws_s3.CfnBucket.OwnershipControlsRuleProperty(
                    object_ownership="BucketOwnerEnforced"
                )
            ]
        ),
        public_access_block_configuration=(
            aws_s3.CfnBucket.PublicAccessBlockConfigurationProperty(
                block_public_acls=True,
                block_public_policy=True,
                ignore_public_acls=True,
                restrict_public_buckets=True,
            )
        ),
    )
    aws_s3.CfnBucketPolicy(
        stack,
        "BucketPolicy",
        bucket=bucket.ref,
        policy_document={
            "Version": "2012-10-17",
            "Statement": [
                {
                    "Effect": "Deny",
                    "Principal": {"AWS": "*"},
                    "Action": "s3:*",
                    "Resource": [bucket.attr_arn, f"{bucket.attr_arn}/*"],
                    "Condition": {"Bool": {"aws:SecureTransport": "false"}},
                }
            ],
        },
    )
    of = aws_ivs.CfnRecordingConfiguration
    recording = of(
        stack,
        "Recording",
        destination_configuration=of.DestinationConfigurationProperty(
            s3=of.S3DestinationConfigurationProperty(bucket_name=bucket.ref)
        ),
    )
    channel = aws_ivs.CfnChannel(stack, "Channel", recording_configuration_arn=recording.attr_arn)
    key = aws_ivs.CfnStreamKey(stack, "Key", channel_arn=channel.attr_arn)
    aws_secretsmanager.CfnSecret(stack, "Secret", secret_string=key.attr_value)

    template = Template.from_stack(stack)
    template.has_resource_properties(
        "AWS::IVS::RecordingConfiguration", {"DestinationConfiguration": {"S3": {}}}
    )
    template.has_resource_properties(
        "AWS::S3::Bucket", {"PublicAccessBlockConfiguration": {"BlockPublicAcls": True}}
    )
    template.has_resource("AWS::SecretsManager::Secret", {})
    template.resource_count_is("AWS::IVS::Channel", 1)
    assert len(template.find_resources("AWS::IVS::StreamKey")) == 1  # noqa: S101 (a test)


SIDES = {"kit": test_with_kit, "level 1": test_with_level1}


def session(side: str) -> None:
    """Run the tests, and print the time of all, and of all but the first."""
    import ivs_constructs

    ivs_constructs.ensure_node()
    started = time.perf_counter()
    SIDES[side](0)
    first = time.perf_counter()
    for number in range(1, TESTS):
        SIDES[side](number)
    done = time.perf_counter()
    print(json.dumps({"all": done - started, "after the first": done - first}))


def main() -> None:
    """Run the sessions in turn, and print the medians and their ratios."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--session", choices=SIDES, help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    if arguments.session:
        session(arguments.session)
        return

    times: defaultdict[tuple[str, str], list[float]] = defaultdict(list)
    for _ in range(arguments.rounds):
        for side in SIDES:
            done = subprocess.run(
                [sys.executable, __file__, "--session", side],
                env={**os.environ, "CDK_VALIDATION": "false"},
                stdout=subprocess.PIPE,
                stderr=subprocess.DEVNULL,
                text=True,
                check=True,
            )
            for part, seconds in json.loads(done.stdout).items():
                times[side, part].append(seconds)
    for part in ("all", "after the first"):
        kit, level1 = (statistics.median(times[side, part]) for side in SIDES)
        print(
            f"{TESTS} tests, {part}: kit {kit:.2f} s, level 1 {level1:.2f} s, "
            f"ratio {kit / level1:.2f}"
        )


if __name__ == "__main__":
    main()
