"""Measures what synthesis costs: this library, raw L1 types, and aws_cdk.aws_ivs_alpha.

Every run is a process of its own that defines the same resources and synthesizes them. The runs are
interleaved and the medians compared, because on a shared machine only ratios within one run mean
anything. The requests to Node.js, which are counted too, are exact.

There are two kinds of programs. In `parts`, each resource is written out, as users do: a bucket, a
recording configuration with thumbnails, a restriction policy, a channel, a stream key and a key
pair with a key of its own. In `bundles`, one construct makes them all, with a secret for the stream
key and a hardened bucket.

Usage: `python benchmarks/synth.py [--rounds N] [--only parts|bundles]`
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
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import aws_cdk as cdk

SIZES = (1, 50, 200)
"""Numbers of bundles."""
PER_STACK = 50
"""Bundles per stack: CloudFormation allows at most 500 resources in one."""
COUNTRIES, ORIGINS = ["DE", "FR"], ["https://example.com"]
FEW, MANY = 1, 100
"""Numbers of bundles that are written out; their difference shows what one more costs."""
THUMBNAIL_SECONDS = 30


def public_keys(count: int) -> list[str]:
    """Make a number of public keys, the same in each run."""
    # Not at the top: the measured processes do not need this.
    from cryptography.hazmat.primitives.asymmetric import ec
    from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

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
        attached: Whether the channels get their restriction policies, which takes a function in
            each stack; the other two cannot do that.
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
    """Define the same with aws_ivs_alpha, and with L1s where it lacks something."""
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
    """Define the same with L1s only."""
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


Write = Callable[["cdk.Stack", int, str], None]
"""Defines one bundle's parts in a stack, with a number in their ids and a public key."""


def write_ours() -> Write:
    """Load this library, and return how to write its parts."""
    from aws_cdk import Duration, aws_s3

    from ivs_constructs import (
        Channel,
        PlaybackKeyPair,
        PlaybackRestrictionPolicy,
        RecordingConfiguration,
        StreamKey,
        ThumbnailConfiguration,
    )

    def write(stack: cdk.Stack, index: int, key: str) -> None:
        recording = RecordingConfiguration(
            stack,
            f"Recording{index}",
            bucket=aws_s3.Bucket(stack, f"Bucket{index}"),
            thumbnail_configuration=ThumbnailConfiguration.interval(
                target_interval=Duration.seconds(THUMBNAIL_SECONDS)
            ),
        )
        PlaybackRestrictionPolicy(
            stack, f"Policy{index}", allowed_countries=COUNTRIES, allowed_origins=ORIGINS
        )
        channel = Channel(
            stack, f"Channel{index}", authorized=True, recording_configuration=recording
        )
        StreamKey(stack, f"StreamKey{index}", channel=channel)
        PlaybackKeyPair(stack, f"KeyPair{index}", public_key_material=key)

    return write


def write_l1() -> Write:
    """Load the L1s, and return how to write them."""
    from aws_cdk import aws_ivs, aws_s3

    def write(stack: cdk.Stack, index: int, key: str) -> None:
        bucket = aws_s3.CfnBucket(stack, f"Bucket{index}")
        recording = aws_ivs.CfnRecordingConfiguration(
            stack,
            f"Recording{index}",
            destination_configuration={"s3": {"bucketName": bucket.ref}},
            thumbnail_configuration={
                "recordingMode": "INTERVAL",
                "targetIntervalSeconds": THUMBNAIL_SECONDS,
            },
        )
        aws_ivs.CfnPlaybackRestrictionPolicy(
            stack, f"Policy{index}", allowed_countries=COUNTRIES, allowed_origins=ORIGINS
        )
        channel = aws_ivs.CfnChannel(
            stack,
            f"Channel{index}",
            name=f"Channel{index}",
            authorized=True,
            recording_configuration_arn=recording.attr_arn,
        )
        aws_ivs.CfnStreamKey(stack, f"StreamKey{index}", channel_arn=channel.attr_arn)
        aws_ivs.CfnPlaybackKeyPair(stack, f"KeyPair{index}", public_key_material=key)

    return write


def write_alpha() -> Write:
    """Load aws_ivs_alpha, and return how to write its parts, and the one that it lacks."""
    import aws_cdk.aws_ivs_alpha as alpha
    from aws_cdk import Duration, aws_ivs, aws_s3

    def write(stack: cdk.Stack, index: int, key: str) -> None:
        recording = alpha.RecordingConfiguration(
            stack,
            f"Recording{index}",
            bucket=aws_s3.Bucket(stack, f"Bucket{index}"),
            thumbnail_configuration=alpha.ThumbnailConfiguration.interval(
                None, None, Duration.seconds(THUMBNAIL_SECONDS)
            ),
        )
        aws_ivs.CfnPlaybackRestrictionPolicy(
            stack, f"Policy{index}", allowed_countries=COUNTRIES, allowed_origins=ORIGINS
        )
        channel = alpha.Channel(
            stack, f"Channel{index}", authorized=True, recording_configuration=recording
        )
        alpha.StreamKey(stack, f"StreamKey{index}", channel=channel)
        alpha.PlaybackKeyPair(stack, f"KeyPair{index}", public_key_material=key)

    return write


WRITERS: dict[str, Callable[[], Write]] = {
    "ivs_constructs": write_ours,
    "raw L1": write_l1,
    "aws_ivs_alpha": write_alpha,
}


def count_requests() -> list[int]:
    """Count jsii's requests to Node.js from now on; the result holds the number."""
    from jsii._kernel.providers.process import _NodeProcess

    seen = [0]
    # By name, because jsii does not export it.
    process: Any = _NodeProcess
    send = process.send

    def counted(*arguments: object) -> object:
        seen[0] += 1
        return send(*arguments)

    process.send = counted
    return seen


def write_parts(name: str, count: int, outdir: str) -> None:
    """Write the parts of the bundles, synthesize them, and print the costs as JSON.

    Args:
        name: The library.
        count: How many.
        outdir: Where the templates go; the keys are next to it.
    """
    keys = json.loads(Path(f"{outdir}.keys").read_text())
    seen = count_requests()
    import aws_cdk as cdk

    write = WRITERS[name]()
    app = cdk.App(outdir=outdir, analytics_reporting=False)
    asked = []
    for index in range(count):
        if index % PER_STACK == 0:
            stack = cdk.Stack(app, f"Stack{index}")
        before = seen[0]
        write(stack, index, keys[index])
        asked.append(seen[0] - before)
    defined = seen[0]
    app.synth()
    python_seconds = time.process_time()

    # Not at the top: users do not load it.
    import psutil  # type: ignore[import-untyped]  # no types

    nodes = psutil.Process().children(recursive=True)
    cost = {
        "asked_first": asked[0],
        "asked_more": asked[-1],
        "asked_at_synth": seen[0] - defined,
        "python_seconds": python_seconds,
        "node_seconds": sum(sum(each.cpu_times()[:2]) for each in nodes),
        "python_peak": peak(os.getpid()),
        "node_peak": sum(peak(each.pid) for each in nodes),
    }
    print(json.dumps(cost))


def peak(pid: int) -> float:
    """Return the peak memory of a process, in MiB; works on Linux."""
    status = Path(f"/proc/{pid}/status").read_text()
    [line] = [line for line in status.splitlines() if line.startswith("VmHWM:")]
    return int(line.split()[1]) / 1024


def run_parts(name: str, count: int, outdir: str) -> dict[str, float]:
    """Run a program of parts, and return its costs, including the wall time."""
    Path(f"{outdir}.keys").write_text(json.dumps(public_keys(count)))
    started = time.perf_counter()
    done = subprocess.run(
        [sys.executable, __file__, "--write", name, "--count", str(count), "--outdir", outdir],
        check=True,
        env={**os.environ, "CDK_VALIDATION": "false"},
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
    )
    wall = time.perf_counter() - started
    cost: dict[str, float] = json.loads(done.stdout)
    both = cost["python_seconds"] + cost["node_seconds"]
    return {**cost, "seconds": both, "wall": wall}


def measure_parts(rounds: int) -> dict[tuple[str, int], list[dict[str, float]]]:
    """Measure all costs, the programs of each round one after the other."""
    costs: dict[tuple[str, int], list[dict[str, float]]] = defaultdict(list)
    types: dict[str, dict[str, int]] = {}
    names = list(WRITERS)
    for number in range(rounds):
        for count in (FEW, MANY):
            first = number % len(names)
            for name in names[first:] + names[:first]:
                with tempfile.TemporaryDirectory() as folder:
                    outdir = f"{folder}/out"
                    costs[name, count].append(run_parts(name, count, outdir))
                    types[name] = resource_types(outdir)
        refuse_unlike(types)
    return costs


def report_parts(rounds: int) -> None:
    """Measure and print the tables of the programs that are written out."""
    costs = measure_parts(rounds)

    def middle(name: str, count: int, key: str) -> float:
        return statistics.median(each[key] for each in costs[name, count])

    def more(name: str, key: str) -> list[float]:
        # Per round, so that a slow phase of the machine affects both sides of the difference.
        ends = zip(costs[name, MANY], costs[name, FEW], strict=True)
        return [(many[key] - few[key]) / (MANY - FEW) for many, few in ends]

    def ratio(other: str, values: Callable[[str], list[float]], name: str) -> float:
        pairs = zip(values(name), values(other), strict=True)
        return statistics.median(mine / theirs for mine, theirs in pairs)

    def alone(name: str, key: str) -> list[float]:
        return [each[key] for each in costs[name, FEW]]

    print(f"One more bundle, written out in parts ({FEW} and {MANY}):\n")
    print(
        "| program | requests to Node | of the first | at synth | processor time | of Python "
        "| of Node | x aws_ivs_alpha | x raw L1 |"
    )
    print("|---|---|---|---|---|---|---|---|---|")
    for name in WRITERS:
        keys = ("seconds", "python_seconds", "node_seconds")
        times = " | ".join(f"{statistics.median(more(name, key)) * 1000:.2f} ms" for key in keys)
        ratios = " | ".join(
            f"{ratio(other, partial(more, key='seconds'), name):.2f}"
            for other in ("aws_ivs_alpha", "raw L1")
        )
        at_synth = statistics.median(more(name, "asked_at_synth"))
        print(
            f"| {name} | {middle(name, MANY, 'asked_more'):.0f} "
            f"| {middle(name, MANY, 'asked_first'):.0f} | {at_synth:.2f} | {times} | {ratios} |"
        )
    print("\nOne bundle alone, the whole program:\n")
    print(
        "| program | wall time | x raw L1 | processor time | x raw L1 | peak of Python "
        f"| of Node | of Python, {MANY} bundles | of Node |"
    )
    print("|---|---|---|---|---|---|---|---|---|")
    for name in WRITERS:
        times = " | ".join(
            f"{middle(name, FEW, key):.2f} s | {ratio('raw L1', partial(alone, key=key), name):.2f}"
            for key in ("wall", "seconds")
        )
        peaks = " | ".join(
            f"{middle(name, count, key):.0f} MiB"
            for count in (FEW, MANY)
            for key in ("python_peak", "node_peak")
        )
        print(f"| {name} | {times} | {peaks} |")
    print()


BUILDERS: dict[str, Callable[[int, str], None]] = {
    "ivs_constructs": build_ours,
    "raw L1": build_l1,
    "aws_ivs_alpha": build_alpha,
    "ivs_constructs, policies attached": partial(build_ours, attached=True),
}
ALIKE = ("ivs_constructs", "raw L1", "aws_ivs_alpha")
"""The programs that make the same resources."""


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
    """Reject a comparison of programs that do not make the same resources."""
    found = {}
    for name in ALIKE:
        with tempfile.TemporaryDirectory() as outdir:
            run([__file__, "--build", name, "--count", "2", "--outdir", outdir])
            found[name] = resource_types(outdir)
    refuse_unlike(found)


def refuse_unlike(found: dict[str, dict[str, int]]) -> None:
    """End the program unless all have the same resources."""
    if len({json.dumps(types) for types in found.values()}) != 1:
        raise SystemExit(f"the programs do not make the same resources: {found}")


def measure(rounds: int) -> dict[tuple[str, int], list[float]]:
    """Measure all times, the programs of each round one after the other."""
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


def report(rounds: int, only: str | None) -> None:
    """Measure and print the tables."""
    # Not at the top: the measured processes would pay for it. They all get the same Node.js.
    import ivs_constructs

    ivs_constructs.ensure_node()
    print(
        f"{rounds} interleaved rounds, medians; Python {platform.python_version()}, aws-cdk-lib "
        f"{version('aws-cdk-lib')}, {os.cpu_count()} cores, CDK_VALIDATION=false\n"
    )
    if only != "bundles":
        report_parts(rounds)
    if only != "parts":
        report_bundles(rounds)


def report_bundles(rounds: int) -> None:
    """Measure and print the table of the programs with one construct for everything."""
    check_equal()
    times = measure(rounds)
    middle = {key: statistics.median(values) for key, values in times.items()}
    print("| program | 1 bundle | 50 bundles | 200 bundles | one more bundle |")
    print("|---|---|---|---|---|")
    marginal = {}
    for name in BUILDERS:
        # Per round, so that a slow phase of the machine affects both sides of the difference.
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
    parser.add_argument("--only", choices=("parts", "bundles"), help="measure one kind of programs")
    parser.add_argument("--write", choices=WRITERS, help=argparse.SUPPRESS)
    parser.add_argument("--build", choices=BUILDERS, help=argparse.SUPPRESS)
    parser.add_argument("--count", type=int, default=1, help=argparse.SUPPRESS)
    parser.add_argument("--outdir", help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    if arguments.write:
        write_parts(arguments.write, arguments.count, arguments.outdir)
    elif arguments.build:
        BUILDERS[arguments.build](arguments.count, arguments.outdir)
    else:
        report(arguments.rounds, arguments.only)


if __name__ == "__main__":
    main()
