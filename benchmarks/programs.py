"""Measures whole programs, including imports: what people wait for.

Three private channels with everything that belongs to them (bucket, recording, signing key, key
pair, stream key, secret, and the function that reads the signing key's public half) are written
with this library, with an earlier version of it, and with L1s only. Also measured: what `from
ivs_constructs import LiveChannel` costs once aws_cdk is loaded, and whether the time per bundle
grows with the number of bundles.

Every run is a process of its own; they are interleaved, and the medians of the ratios within a
round are shown, because on a shared machine only ratios within one run mean anything.

Usage: `python benchmarks/programs.py [--rounds N] [--before COMMIT]`
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections import defaultdict
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
CHANNELS = 3
SIZES = (125, 250, 500, 1000)
CACHE = f"ivs-constructs-bytecode-{os.getpid()}"
PER_STACK = 50
"""Bundles per stack: CloudFormation allows at most 500 resources in one."""


def define_private() -> None:
    """Define the private channels with this library."""
    import aws_cdk as cdk

    from ivs_constructs import LiveChannel

    app = cdk.App(analytics_reporting=False)
    stack = cdk.Stack(app, "Stack")
    for number in range(CHANNELS):
        LiveChannel(stack, f"Live{number}", private=True)
    app.synth()


def define_level1() -> None:
    """Define the same with L1s."""
    import aws_cdk as cdk
    from aws_cdk import aws_iam, aws_ivs, aws_kms, aws_lambda, aws_logs, aws_s3, aws_secretsmanager

    app = cdk.App(analytics_reporting=False)
    stack = cdk.Stack(app, "Stack")
    logs = aws_logs.CfnLogGroup(stack, "Logs", retention_in_days=30)
    statements = [
        {
            "Sid": "Log",
            "Effect": "Allow",
            "Action": ["logs:CreateLogStream", "logs:PutLogEvents"],
            "Resource": logs.attr_arn,
        }
    ]
    role = aws_iam.CfnRole(
        stack,
        "Role",
        assume_role_policy_document={
            "Version": "2012-10-17",
            "Statement": [
                {
                    "Effect": "Allow",
                    "Action": "sts:AssumeRole",
                    "Principal": {"Service": "lambda.amazonaws.com"},
                }
            ],
        },
        policies=[
            {
                "policyName": "Own",
                "policyDocument": {"Version": "2012-10-17", "Statement": statements},
            }
        ],
    )
    function = aws_lambda.CfnFunction(
        stack,
        "Function",
        code={"s3Bucket": "assets", "s3Key": "function.zip"},
        handler="index.handler",
        logging_config={"logGroup": logs.ref},
        memory_size=256,
        role=role.attr_arn,
        runtime="python3.14",
        timeout=840,
    )
    keys: list[str] = []
    for number in range(CHANNELS):
        bucket = aws_s3.CfnBucket(
            stack,
            f"Bucket{number}",
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
        )
        bucket.apply_removal_policy(cdk.RemovalPolicy.RETAIN)
        aws_s3.CfnBucketPolicy(
            stack,
            f"BucketPolicy{number}",
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
            stack,
            f"Recording{number}",
            destination_configuration={"s3": {"bucketName": bucket.ref}},
        )
        key = aws_kms.CfnKey(
            stack,
            f"Key{number}",
            key_spec="ECC_NIST_P384",
            key_usage="SIGN_VERIFY",
            key_policy={
                "Version": "2012-10-17",
                "Statement": [
                    {
                        "Action": "kms:*",
                        "Effect": "Allow",
                        "Principal": {"AWS": f"arn:aws:iam::{cdk.Aws.ACCOUNT_ID}:root"},
                        "Resource": "*",
                    }
                ],
            },
        )
        keys.append(key.attr_arn)
        public = cdk.CfnResource(
            stack,
            f"PublicKey{number}",
            type="Custom::SigningKey",
            properties={"ServiceToken": function.attr_arn, "KeyArn": key.attr_arn},
        )
        aws_ivs.CfnPlaybackKeyPair(
            stack,
            f"KeyPair{number}",
            public_key_material=public.get_att("PublicKey").to_string(),
        )
        channel = aws_ivs.CfnChannel(
            stack,
            f"Channel{number}",
            authorized=True,
            recording_configuration_arn=recording.attr_arn,
        )
        stream_key = aws_ivs.CfnStreamKey(stack, f"StreamKey{number}", channel_arn=channel.attr_arn)
        aws_secretsmanager.CfnSecret(stack, f"Secret{number}", secret_string=stream_key.attr_value)
    aws_iam.CfnPolicy(
        stack,
        "Policy",
        policy_name="Keys",
        policy_document={
            "Version": "2012-10-17",
            "Statement": [{"Effect": "Allow", "Action": "kms:GetPublicKey", "Resource": keys}],
        },
        roles=[role.ref],
    )
    app.synth()


def define_import() -> float:
    """Import the bundle, and return the CPU time of that alone."""
    import aws_cdk as cdk

    cdk.App(analytics_reporting=False)
    started = time.process_time()
    from ivs_constructs import LiveChannel

    LiveChannel.__name__  # noqa: B018 (made when it is first read)
    return time.process_time() - started


def define_many(count: int) -> None:
    """Define many bundles."""
    import aws_cdk as cdk

    from ivs_constructs import LiveChannel

    app = cdk.App(analytics_reporting=False)
    for first in range(0, count, PER_STACK):
        stack = cdk.Stack(app, f"Stack{first}")
        for number in range(first, min(first + PER_STACK, count)):
            LiveChannel(stack, f"Live{number}")
    app.synth()


def peak(pid: int) -> float:
    """Return the peak memory of a process, in MiB; works on Linux."""
    status = Path(f"/proc/{pid}/status").read_text()
    [line] = [line for line in status.splitlines() if line.startswith("VmHWM:")]
    return int(line.split()[1]) / 1024


def play(program: str) -> None:
    """Run a program in this process, and print its costs as JSON."""
    import ivs_constructs

    ivs_constructs.ensure_node()
    imported = 0.0
    if program == "private":
        define_private()
    elif program == "level1":
        define_level1()
    elif program == "import":
        imported = define_import()
    else:
        define_many(int(program))
    python_seconds = time.process_time()
    # Not at the top: users do not load it.
    import psutil  # type: ignore[import-untyped]  # no types

    nodes = psutil.Process().children(recursive=True)
    cost = {
        "import_seconds": imported,
        "seconds": python_seconds + sum(sum(each.cpu_times()[:2]) for each in nodes),
        "python_peak": peak(os.getpid()),
        "node_peak": sum(peak(each.pid) for each in nodes),
    }
    print(json.dumps(cost))


def run(program: str, library: Path = ROOT) -> dict[str, float]:
    """Run a program in a process of its own, with the library in a folder."""
    started = time.perf_counter()
    done = subprocess.run(
        [sys.executable, __file__, "--play", program],
        check=True,
        # With bytecode, as users have it from the second run on.
        env={
            **os.environ,
            "CDK_VALIDATION": "false",
            "PYTHONPATH": str(library),
            "PYTHONDONTWRITEBYTECODE": "",
            "PYTHONPYCACHEPREFIX": f"{tempfile.gettempdir()}/{CACHE}",
        },
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
    )
    cost: dict[str, float] = json.loads(done.stdout)
    return {**cost, "wall": time.perf_counter() - started}


@contextmanager
def checked_out(commit: str) -> Iterator[Path]:
    """Put an earlier version of the library in a folder of its own."""
    with tempfile.TemporaryDirectory() as folder:
        archive = subprocess.run(
            ["git", "archive", commit, "ivs_constructs"], check=True, cwd=ROOT, capture_output=True
        )
        subprocess.run(["tar", "-x", "-C", folder], check=True, input=archive.stdout)
        yield Path(folder)


def report(rounds: int, before: str) -> None:
    """Measure and print the tables."""
    costs: dict[str, list[dict[str, float]]] = defaultdict(list)
    with checked_out(before) as earlier:
        programs = {
            "ivs_constructs": ("private", ROOT),
            f"ivs_constructs at {before}": ("private", earlier),
            "raw L1": ("level1", ROOT),
            "import": ("import", ROOT),
            f"import at {before}": ("import", earlier),
        }
        for program in programs.values():
            run(*program)
        for number in range(rounds):
            names = list(programs)
            for name in names[number % len(names) :] + names[: number % len(names)]:
                costs[name].append(run(*programs[name]))

    def ratio(key: str, other: str, name: str = "ivs_constructs") -> str:
        pairs = zip(costs[name], costs[other], strict=True)
        return f"{statistics.median(mine[key] / theirs[key] for mine, theirs in pairs):.2f}"

    print(f"{CHANNELS} private channels, the whole program; {rounds} interleaved rounds:\n")
    print("| program | wall time | processor time | peak of Python | of Node |")
    print("|---|---|---|---|---|")
    for name in list(programs)[:3]:
        wall, seconds, python, node = (
            statistics.median(each[key] for each in costs[name])
            for key in ("wall", "seconds", "python_peak", "node_peak")
        )
        print(f"| {name} | {wall:.2f} s | {seconds:.2f} s | {python:.0f} MiB | {node:.0f} MiB |")
    for other in (f"ivs_constructs at {before}", "raw L1"):
        told = ", ".join(
            f"{ratio(key, other)} x its {text}"
            for key, text in (
                ("wall", "wall time"),
                ("seconds", "processor time"),
                ("python_peak", "peak of Python"),
                ("node_peak", "peak of Node"),
            )
        )
        print(f"\n{other}: {told}")
    cost = statistics.median(each["import_seconds"] for each in costs["import"]) * 1000
    compared = ratio("import_seconds", f"import at {before}", "import")
    print(f"\nfrom ivs_constructs import LiveChannel: {cost:.0f} ms, {compared} x that at {before}")

    print("\n| bundles | processor time | of each more | peak of Node |\n|---|---|---|---|")
    previous, spent = 0, run("0")["seconds"]
    for size in SIZES:
        found = run(str(size))
        more = (found["seconds"] - spent) / (size - previous) * 1000
        print(
            f"| {size} | {found['seconds']:.1f} s | {more:.1f} ms | {found['node_peak']:.0f} MiB |"
        )
        previous, spent = size, found["seconds"]


def main() -> None:
    """Read the command line."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--before", default="53985d8", help="the commit to compare with")
    parser.add_argument("--play", help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    if arguments.play:
        play(arguments.play)
        return
    try:
        report(arguments.rounds, arguments.before)
    finally:
        shutil.rmtree(Path(tempfile.gettempdir(), CACHE), ignore_errors=True)


if __name__ == "__main__":
    main()
