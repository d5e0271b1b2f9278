"""Measures the Lambda of the custom resources: its cold start, its memory and its size.

The cold start is compared with that of the smallest program that has an Amazon IVS client. Every
run is a process of its own, the programs are interleaved and the medians compared, because on a
shared machine only ratios within one run mean anything. Lambda compiles the handler in each cold
start:
the asset has no `__pycache__`, and nothing can be written there. The same handler, compiled
beforehand, shows what that costs.

Usage: `python -m benchmarks.handler [--rounds N]`
"""

from __future__ import annotations

import argparse
import compileall
import json
import os
import platform
import queue
import shutil
import statistics
import subprocess
import sys
import tempfile
import zipfile
from collections import defaultdict
from collections.abc import Mapping
from importlib.metadata import version
from pathlib import Path
from typing import Any

from ivs_constructs.testing.emulator import Emulator
from ivs_constructs.testing.emulator.server import Answer, Request, Server
from tests.amazon_s3 import AmazonS3

ASSET = Path(__file__).resolve().parents[1] / "ivs_constructs" / "_lambda"

STACK = (
    "arn:aws:cloudformation:us-east-1:123456789012:stack/Live/0f1e2d3c-0000-4000-8000-000000000000"
)
SECONDS = 60
"""What an invocation may take."""

# The peak is that of this program alone; getrusage would include what the process was before: a
# copy of its parent.
_RUNTIME = f"""
import json, re, sys
from ivs_handler import index

class Context:
    aws_request_id = "request"

    def get_remaining_time_in_millis(self):
        return {SECONDS * 1000}

for line in sys.stdin:
    index.handler(json.loads(line), Context())
with open("/proc/self/status") as status:
    print(re.search(r"VmHWM:\\s+(\\d+) kB", status.read())[1])
"""

_BOTO3 = "import boto3; boto3.client('ivs-realtime')"
_HANDLER = "from ivs_handler import clients, index; clients._client('ivs-realtime')"
_TIMED = "import time; started = time.perf_counter(); {}; print(time.perf_counter() - started)"

_IN_PROGRESS = (
    "<DescribeStackResourceResponse><DescribeStackResourceResult><StackResourceDetail>"
    "<ResourceStatus>{}_IN_PROGRESS</ResourceStatus>"
    "<PhysicalResourceId>{}</PhysicalResourceId>"
    "</StackResourceDetail></DescribeStackResourceResult></DescribeStackResourceResponse>"
)


def unpack(task: Path) -> Path:
    """Make the content of Lambda's `/var/task`: the asset as the AWS CDK uploads it."""
    return shutil.copytree(ASSET, task, ignore=shutil.ignore_patterns("__pycache__"))


def zipped_size(task: Path) -> int:
    """Return how many bytes are uploaded."""
    with tempfile.TemporaryFile() as file:
        with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
            for path in sorted(task.rglob("*")):
                archive.write(path, path.relative_to(task))
        return file.tell()


def settings(task: Path, *, models: bool = True) -> dict[str, str]:
    """Make the environment that Lambda runs the handler in.

    Args:
        task: The unpacked asset.
        models: Whether boto3 uses the models in the asset.
    """
    return {
        "AWS_ACCESS_KEY_ID": "emulator",
        "AWS_SECRET_ACCESS_KEY": "emulator",
        "AWS_DEFAULT_REGION": "us-east-1",
        "HOME": str(task),  # not this machine's settings
        "PYTHONPATH": str(task),
        "PYTHONDONTWRITEBYTECODE": "1",
        **({"AWS_DATA_PATH": str(task / "models")} if models else {}),
    }


def event(
    kind: str, type_: str, properties: Mapping[str, object], physical_id: str = ""
) -> dict[str, object]:
    """Make a request as CloudFormation sends it, for the one resource of its type."""
    request: dict[str, object] = {
        "RequestType": kind,
        "StackId": STACK,
        "RequestId": f"{kind}-{type_}",
        "ResourceType": f"Custom::IVS{type_}",
        "LogicalResourceId": type_,
        "ResourceProperties": {"ServiceToken": "function", **properties},
    }
    return {**request, "PhysicalResourceId": physical_id} if physical_id else request


class Function:
    """The handler in a process of its own, and the services it talks to.

    Args:
        emulator: Both APIs.
        environment: The environment, as `settings` makes it.
        python: The interpreter, of an environment with boto3.
    """

    def __init__(
        self, emulator: Emulator, environment: Mapping[str, str], python: str = sys.executable
    ) -> None:
        self._taken: queue.SimpleQueue[dict[str, Any]] = queue.SimpleQueue()
        self._cloudformation = Server(self._answer, "127.0.0.1", 0)
        self._folder = tempfile.TemporaryDirectory()
        self._replies = AmazonS3(self._cloudformation.url, Path(self._folder.name))
        led = self._replies.environment
        path = os.pathsep.join([environment["PYTHONPATH"], led["PYTHONPATH"]])
        self._process = subprocess.Popen(
            [python, "-c", _RUNTIME],
            env={
                **environment,
                **emulator.environment,
                **led,
                "PYTHONPATH": path,
                "AWS_ENDPOINT_URL_CLOUDFORMATION": self._cloudformation.url,
            },
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )

    def __enter__(self) -> Function:
        return self

    def __exit__(self, *_: object) -> None:
        self._process.kill()
        self._process.communicate()
        self._replies.stop()
        self._folder.cleanup()
        self._cloudformation.stop()

    def invoke(self, request: Mapping[str, object]) -> dict[str, Any]:
        """Let it handle a request, and return its reply."""
        kind, physical_id = request["RequestType"], request.get("PhysicalResourceId", "")
        self._shown = _IN_PROGRESS.format(str(kind).upper(), physical_id)
        addressed = {**request, "ResponseURL": f"{self._replies.url}/reply"}
        print(json.dumps(addressed), file=self._process.stdin, flush=True)
        return self._taken.get(timeout=SECONDS)

    def end(self) -> float:
        """Let it finish, and return its peak memory, in MiB."""
        output, _ = self._process.communicate(timeout=SECONDS)
        # The last line; those before it are the handler's log.
        return int(output.splitlines()[-1]) / 1024

    def _answer(self, request: Request) -> Answer:
        if request.method == "PUT":
            reply = json.loads(request.body)
            self._shown = self._shown.replace("IN_PROGRESS", "COMPLETE").replace(
                "<PhysicalResourceId></", f"<PhysicalResourceId>{reply['PhysicalResourceId']}</"
            )
            self._taken.put(reply)
            return Answer(200)
        # The handler asks whether CloudFormation is still waiting for it.
        return Answer(200, self._shown.encode())


def peak_memory(task: Path) -> float:
    """Create and delete a stage, and return the peak memory, in MiB."""
    with Emulator() as emulator, Function(emulator, settings(task)) as function:
        made = function.invoke(event("Create", "Stage", {}))
        gone = function.invoke(event("Delete", "Stage", {}, made["PhysicalResourceId"]))
        if {made["Status"], gone["Status"]} != {"SUCCESS"} or emulator.resources("Stage"):
            raise SystemExit(f"the handler did not do its work: {made}, {gone}")
        return function.end()


def seconds(program: str, environment: Mapping[str, str]) -> float:
    """Run a program in a process of its own, and return its time after Python's own start."""
    done = subprocess.run(
        [sys.executable, "-c", _TIMED.format(program)],
        env=environment,
        check=True,
        capture_output=True,
        text=True,
    )
    return float(done.stdout)


def measure(folder: Path, rounds: int) -> dict[str, float]:
    """Return the medians of all programs, in seconds."""
    task, compiled = unpack(folder / "task"), unpack(folder / "compiled")
    compileall.compile_dir(compiled, quiet=1)
    runs = {
        "boto3": (_BOTO3, settings(task, models=False)),
        "handler": (_HANDLER, settings(task)),
        "handler, compiled": (_HANDLER, settings(compiled)),
    }
    # Not measured; it compiles boto3, as in Lambda's runtime.
    seconds(_BOTO3, {**settings(task), "PYTHONDONTWRITEBYTECODE": ""})
    times: dict[str, list[float]] = defaultdict(list)
    for number in range(rounds):
        names = list(runs)
        for name in names[number % 3 :] + names[: number % 3]:
            times[name].append(seconds(*runs[name]))
    return {name: statistics.median(times[name]) for name in runs}


def report(rounds: int) -> None:
    """Measure and print the figures."""
    with tempfile.TemporaryDirectory() as folder:
        middle = measure(Path(folder), rounds)
        task = unpack(Path(folder) / "fresh")
        size, memory = zipped_size(task), peak_memory(task)
    print(
        f"{rounds} interleaved rounds, medians; Python {platform.python_version()}, boto3 "
        f"{version('boto3')}, {os.cpu_count()} cores\n"
    )
    print("| program | import and first client | ratio |")
    print("|---|---|---|")
    for name, value in middle.items():
        print(f"| {name} | {value * 1000:.0f} ms | {value / middle['boto3']:.2f} |")
    print(f"\nasset, zipped: {size / 1000:.1f} kB")
    print(f"peak memory of a Create and a Delete: {memory:.0f} MiB")


def main() -> None:
    """Read the command line."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--rounds", type=int, default=15, help="how often to measure (5 or more)")
    report(parser.parse_args().rounds)


if __name__ == "__main__":
    main()
