"""Measures what synthesis costs: this library, raw L1 types, and aws_cdk.aws_ivs_alpha.

Every run is a process of its own that builds the same live channels (channel, stream key, secret,
recording configuration, hardened bucket, restriction policy, key pair) and synthesizes them. The
runs are interleaved and the medians compared, since only ratios of one run mean
anything on a shared machine.

Usage: `python benchmarks/synth.py [--rounds N]`
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import statistics
import subprocess
import sys
import tempfile
import time
from collections import defaultdict
from collections.abc import Callable
from functools import partial
from importlib.metadata import version
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

SIZES = (1, 50, 200)
"""Numbers of bundles."""
PER_STACK = 50
"""Bundles a stack: CloudFormation takes at most 500 resources in one."""
COUNTRIES, ORIGINS = ["DE", "FR"], ["https://example.com"]


def public_keys(count: int) -> list[str]:
    """Make as many public keys, the same in each run."""
    return [
        ec.derive_private_key(number, ec.SECP384R1())
        .public_key()
        .public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
        .decode()
        for number in range(1, count + 1)
    ]


def build_ours(count: int, outdir: str, *, attached: bool = False) -> None:
    """Define the bundles with this library and synthesize them.

    Args:
        count: How many.
        outdir: Where the templates go.
        attached: Whether the channels get their restriction policies, which neither of the others
            can do: a function in each stack does.
    """
    import aws_cdk as cdk

    from ivs_constructs import LiveChannel, PlaybackRestrictionPolicy

    keys = public_keys(count)
    app = cdk.App(outdir=outdir, analytics_reporting=False)
    for first in range(0, count, PER_STACK):
        stack = cdk.Stack(app, f"Stack{first}")
        for index in range(first, min(first + PER_STACK, count)):
            policy = PlaybackRestrictionPolicy(
                stack, f"Policy{index}", allowed_countries=COUNTRIES, allowed_origins=ORIGINS
            )
            LiveChannel(
                stack,
                f"Live{index}",
                public_key_material=keys[index],
                restriction_policy=policy if attached else None,
            )
    app.synth()


def build_alpha(count: int, outdir: str) -> None:
    """Define the same with aws_ivs_alpha, and by hand what it lacks."""
    import aws_cdk as cdk
    import aws_cdk.aws_ivs_alpha as alpha
    from aws_cdk import aws_ivs, aws_s3, aws_secretsmanager
    from constructs import Construct

    class Live(Construct):
        def __init__(self, scope: Construct, id: str, key_material: str) -> None:
            super().__init__(scope, id)
            bucket = aws_s3.Bucket(
                self,
                "Bucket",
                encryption=aws_s3.BucketEncryption.S3_MANAGED,
                object_ownership=aws_s3.ObjectOwnership.BUCKET_OWNER_ENFORCED,
                block_public_access=aws_s3.BlockPublicAccess.BLOCK_ALL,
                enforce_ssl=True,
                removal_policy=cdk.RemovalPolicy.RETAIN_ON_UPDATE_OR_DELETE,
                lifecycle_rules=[
                    aws_s3.LifecycleRule(
                        id="DropIncompleteUploads",
                        abort_incomplete_multipart_upload_after=cdk.Duration.days(7),
                    )
                ],
            )
            recording = alpha.RecordingConfiguration(self, "RecordingConfiguration", bucket=bucket)
            alpha.PlaybackKeyPair(self, "KeyPair", public_key_material=key_material)
            channel = alpha.Channel(
                self, "Channel", authorized=True, recording_configuration=recording
            )
            key = channel.add_stream_key("StreamKey")
            aws_secretsmanager.Secret(
                self,
                "Secret",
                description="Stream key of an Amazon IVS channel",
                secret_string_value=cdk.SecretValue.resource_attribute(key.stream_key_value),
            )
            aws_ivs.CfnPlaybackRestrictionPolicy(
                self,
                "RestrictionPolicy",
                allowed_countries=COUNTRIES,
                allowed_origins=ORIGINS,
            )

    keys = public_keys(count)
    app = cdk.App(outdir=outdir, analytics_reporting=False)
    for first in range(0, count, PER_STACK):
        stack = cdk.Stack(app, f"Stack{first}")
        for index in range(first, min(first + PER_STACK, count)):
            Live(stack, f"Live{index}", keys[index])
    app.synth()


def build_l1(count: int, outdir: str) -> None:
    """Define the same with CloudFormation's types alone."""
    import aws_cdk as cdk
    from aws_cdk import aws_ivs, aws_s3, aws_secretsmanager
    from constructs import Construct

    class Live(Construct):
        def __init__(self, scope: Construct, id: str, key_material: str) -> None:
            super().__init__(scope, id)
            bucket = aws_s3.CfnBucket(
                self,
                "Bucket",
                bucket_encryption={
                    "serverSideEncryptionConfiguration": [
                        {"serverSideEncryptionByDefault": {"sseAlgorithm": "AES256"}}
                    ]
                },
                ownership_controls={"rules": [{"objectOwnership": "BucketOwnerEnforced"}]},
                public_access_block_configuration={
                    "blockPublicAcls": True,
                    "blockPublicPolicy": True,
                    "ignorePublicAcls": True,
                    "restrictPublicBuckets": True,
                },
                lifecycle_configuration={
                    "rules": [
                        {
                            "id": "DropIncompleteUploads",
                            "status": "Enabled",
                            "abortIncompleteMultipartUpload": {"daysAfterInitiation": 7},
                        }
                    ]
                },
            )
            bucket.apply_removal_policy(cdk.RemovalPolicy.RETAIN_ON_UPDATE_OR_DELETE)
            aws_s3.CfnBucketPolicy(
                self,
                "BucketPolicy",
                bucket=bucket.ref,
                policy_document={
                    "Version": "2012-10-17",
                    "Statement": [
                        {
                            "Action": "s3:*",
                            "Condition": {"Bool": {"aws:SecureTransport": "false"}},
                            "Effect": "Deny",
                            "Principal": {"AWS": "*"},
                            "Resource": [bucket.attr_arn, f"{bucket.attr_arn}/*"],
                        }
                    ],
                },
            )
            recording = aws_ivs.CfnRecordingConfiguration(
                self,
                "RecordingConfiguration",
                destination_configuration={"s3": {"bucketName": bucket.ref}},
            )
            aws_ivs.CfnPlaybackKeyPair(self, "KeyPair", public_key_material=key_material)
            channel = aws_ivs.CfnChannel(
                self,
                "Channel",
                name=id,
                authorized=True,
                recording_configuration_arn=recording.attr_arn,
            )
            key = aws_ivs.CfnStreamKey(self, "StreamKey", channel_arn=channel.attr_arn)
            aws_secretsmanager.CfnSecret(
                self,
                "Secret",
                description="Stream key of an Amazon IVS channel",
                secret_string=key.attr_value,
            )
            aws_ivs.CfnPlaybackRestrictionPolicy(
                self,
                "RestrictionPolicy",
                allowed_countries=COUNTRIES,
                allowed_origins=ORIGINS,
            )

    keys = public_keys(count)
    app = cdk.App(outdir=outdir, analytics_reporting=False)
    for first in range(0, count, PER_STACK):
        stack = cdk.Stack(app, f"Stack{first}")
        for index in range(first, min(first + PER_STACK, count)):
            Live(stack, f"Live{index}", keys[index])
    app.synth()


BUILDERS: dict[str, Callable[[int, str], None]] = {
    "ivs_constructs": build_ours,
    "raw L1": build_l1,
    "aws_ivs_alpha": build_alpha,
    "ivs_constructs, policies attached": partial(build_ours, attached=True),
}
ALIKE = ("ivs_constructs", "raw L1", "aws_ivs_alpha")
"""Those that make the same resources."""


def run(arguments: list[str]) -> float:
    """Run a process to its end and return its wall time in seconds."""
    started = time.perf_counter()
    subprocess.run(
        [sys.executable, *arguments],
        check=True,
        env={**os.environ, "CDK_VALIDATION": "false"},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    return time.perf_counter() - started


def resource_types(outdir: str) -> dict[str, int]:
    """Count the resources of each type in the templates of a folder."""
    counts: dict[str, int] = defaultdict(int)
    for template in Path(outdir).glob("*.template.json"):
        for resource in json.loads(template.read_text())["Resources"].values():
            counts[resource["Type"]] += 1
    return dict(sorted(counts.items()))


def check_equal() -> None:
    """Refuse to compare programs that do not make the same resources."""
    found = {}
    for name in ALIKE:
        with tempfile.TemporaryDirectory() as outdir:
            run([__file__, "--build", name, "--count", "2", "--outdir", outdir])
            found[name] = resource_types(outdir)
    if len({json.dumps(types) for types in found.values()}) != 1:
        raise SystemExit(f"the programs do not make the same resources: {found}")


def measure(rounds: int) -> dict[tuple[str, int], list[float]]:
    """Take all times, the programs of each round one after the other."""
    times: dict[tuple[str, int], list[float]] = defaultdict(list)
    for number in range(rounds):
        for count in SIZES:
            names = list(BUILDERS)
            for name in names[number % len(names) :] + names[: number % len(names)]:
                with tempfile.TemporaryDirectory() as outdir:
                    arguments = ["--build", name, "--count", str(count), "--outdir", outdir]
                    times[name, count].append(run([__file__, *arguments]))
    return times


def measure_import(rounds: int) -> float:
    """Return what `import ivs_constructs` costs once aws_cdk is loaded, in milliseconds."""
    program = (
        "import aws_cdk, time; t = time.perf_counter(); import ivs_constructs; "
        "print((time.perf_counter() - t) * 1000)"
    )
    costs = [
        float(
            subprocess.run([sys.executable, "-c", program], check=True, capture_output=True).stdout
        )
        for _ in range(rounds)
    ]
    return statistics.median(costs)


def report(rounds: int) -> None:
    """Measure and print the tables."""
    check_equal()
    times = measure(rounds)
    middle = {key: statistics.median(values) for key, values in times.items()}
    print(
        f"{rounds} interleaved rounds, medians; Python {platform.python_version()}, aws-cdk-lib "
        f"{version('aws-cdk-lib')}, {os.cpu_count()} cores, CDK_VALIDATION=false\n"
    )
    print("| program | 1 bundle | 50 bundles | 200 bundles | one more bundle |")
    print("|---|---|---|---|---|")
    marginal = {}
    for name in BUILDERS:
        # Per round, so that what slows the machine for a while slows both ends of the difference.
        differences = [
            (large - small) / (SIZES[-1] - SIZES[0]) * 1000
            for large, small in zip(times[name, SIZES[-1]], times[name, SIZES[0]], strict=True)
        ]
        marginal[name] = statistics.median(differences)
        cells = " | ".join(f"{middle[name, count]:.2f} s" for count in SIZES)
        print(f"| {name} | {cells} | {marginal[name]:.2f} ms |")
    total = middle["ivs_constructs", 1] / middle["raw L1", 1]
    more = marginal["ivs_constructs"] / marginal["aws_ivs_alpha"]
    print(f"\none bundle, whole program: {total:.2f} x raw L1")
    print(f"one more bundle: {more:.2f} x aws_ivs_alpha")
    print(f"import ivs_constructs after aws_cdk: {measure_import(rounds):.1f} ms")


def main() -> None:
    """Read the command line."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--rounds", type=int, default=7, help="how often to measure (5 or more)")
    parser.add_argument("--build", choices=BUILDERS, help=argparse.SUPPRESS)
    parser.add_argument("--count", type=int, default=1, help=argparse.SUPPRESS)
    parser.add_argument("--outdir", help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    if arguments.build:
        BUILDERS[arguments.build](arguments.count, arguments.outdir)
    else:
        report(arguments.rounds)


if __name__ == "__main__":
    main()
