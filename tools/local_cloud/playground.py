"""Deploy an example to a cloud on this machine, without an AWS account.

It runs until Ctrl-C, and leaves nothing behind.
"""

from __future__ import annotations

import argparse
import pkgutil
import shlex
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ivs_constructs._core.check import did_you_mean
from tools.local_cloud import toolchain
from tools.local_cloud.boot import begin
from tools.local_cloud.failures import SetupError
from tools.local_cloud.printing import Printer
from tools.local_cloud.signals import Ended, ending

if TYPE_CHECKING:
    from ivs_constructs.testing.emulator import Resource
    from tools.local_cloud.apps import Variation
    from tools.local_cloud.bench import Bench
    from tools.local_cloud.cloud import Cloud

# By name: it ships no types.
_errors: Any = import_module("botocore.exceptions")

_PAUSE = 0.3
_LAST_PORT = 65_535
_TYPE_WIDTH = 37
_PHYSICAL_ID = "ivs-constructs:id"
"""The tag that marks what the handler made."""

_STATES = {
    "CREATE_IN_PROGRESS": "creating",
    "CREATE_COMPLETE": "created",
    "CREATE_FAILED": "failed",
    "DELETE_IN_PROGRESS": "deleting",
    "DELETE_COMPLETE": "deleted",
    "DELETE_SKIPPED": "kept",
    "ROLLBACK_IN_PROGRESS": "rolling back",
    "ROLLBACK_COMPLETE": "rolled back",
}


class DeploymentError(Exception):
    """An example could not be deployed; the message has CloudFormation's reasons."""


def names() -> list[str]:
    """List the examples, without loading one: that would start Node."""
    return sorted(each.name for each in pkgutil.iter_modules([str(toolchain.ROOT / "examples")]))


class Playground:
    """A deployed example that can be explored.

    Args:
        bench: The cloud, started.
        name: The example.
        printer: Prints what happens.
        begun: When everything began, from `time.monotonic`.
    """

    def __init__(self, bench: Bench, name: str, printer: Printer, begun: float) -> None:
        self._bench = bench
        self._name = name
        self._printer = printer
        self._begun = begun
        self.stack = "".join(word.capitalize() for word in name.split("_"))

    def deploy(self, *variations: Variation) -> None:
        """Deploy the example, with what it expects in the account, and print the progress.

        Raises:
            DeploymentError: It failed.
        """
        from tools.local_cloud import apps, existing

        prepare = existing.PREPARATIONS.get(self._name)
        if prepare:
            tell(self._printer, self._begun, "making what the example expects in the account")
            variations = (prepare(self._bench).given, *variations)
        tell(self._printer, self._begun, f"synthesizing examples/{self._name}.py")
        assembly = self._bench.assembly(apps.define(self._name, self.stack, *variations))
        tell(self._printer, self._begun, f"deploying the stack {self.stack}")
        try:
            with self._watched():
                self._bench.cdk.deploy(assembly)
        except AssertionError as error:
            raise DeploymentError(self._reasons() or str(error)) from None

    def show(self) -> None:
        """Print the outputs, the resources, and how to call the APIs."""
        say = self._printer.line
        say()
        say("Outputs")
        for name, value in self._bench.outputs(self.stack).items():
            say(f"  {name} = {value}")
        say()
        made = self._made()
        self._printer.table(("Type", "Id", "Logical id"), made)
        say()
        say("To use it with boto3 or the AWS CLI, in another terminal:")
        say()
        for line in self._instructions(made):
            say(line)
        say()

    def wait(self) -> None:
        """Keep it running.

        Raises:
            SetupError: The cloud ended.
        """
        while not (trouble := self._bench.cloud.trouble()):
            time.sleep(_PAUSE)
        raise SetupError(f"while {self._name} was kept, {trouble}")

    @contextmanager
    def _watched(self) -> Iterator[None]:
        """Print CloudFormation's events of the stack in the meantime."""
        done = threading.Event()
        seen: set[str] = set()

        def watch() -> None:
            while not done.wait(_PAUSE):
                self._print_events(seen)

        thread = threading.Thread(target=watch, daemon=True)
        thread.start()
        try:
            yield
        finally:
            done.set()
            thread.join()
        self._print_events(seen)

    def _print_events(self, seen: set[str]) -> None:
        new = [each for each in self._events() if each["EventId"] not in seen]
        seen |= {each["EventId"] for each in new}
        # Only the latest state of each resource is printed.
        latest = {each["LogicalResourceId"]: each for each in new}
        for event in new:
            state = event["ResourceStatus"]
            if state.endswith("_IN_PROGRESS") and event is not latest[event["LogicalResourceId"]]:
                continue
            self._printer.row(
                (
                    f"{time.monotonic() - self._begun:6.1f} s",
                    _STATES.get(state, state),
                    event["ResourceType"],
                    event["LogicalResourceId"],
                ),
                (8, 12, _TYPE_WIDTH),
            )

    def _events(self) -> list[dict[str, Any]]:
        """List the events of the stack's resources so far, oldest first."""
        client = self._bench.cloud.client("cloudformation")
        try:
            events = client.describe_stack_events(StackName=self.stack)["StackEvents"]
        except (_errors.BotoCoreError, _errors.ClientError):
            # There is no stack yet, or no cloud anymore, which is reported elsewhere.
            return []
        return [each for each in reversed(events) if each["LogicalResourceId"] != self.stack]

    def _reasons(self) -> str:
        return "\n".join(
            f"  - {each['ResourceType']} {each['LogicalResourceId']}: "
            f"{each.get('ResourceStatusReason', 'no reason given')}"
            for each in self._events()
            if each["ResourceStatus"].endswith("_FAILED")
        )

    def _made(self) -> list[tuple[str, str, str]]:
        """List what exists: type, id and logical id; Amazon IVS first."""
        client = self._bench.cloud.client("cloudformation")
        found = client.describe_stack_resources(StackName=self.stack)["StackResources"]
        custom = {
            each.tags.get(_PHYSICAL_ID): each.arn for each in self._bench.cloud.emulator.resources()
        }
        rows = [
            (
                each["ResourceType"],
                _own_part(custom.get(each["PhysicalResourceId"], each["PhysicalResourceId"])),
                each["LogicalResourceId"],
            )
            for each in found
        ]
        return sorted(rows, key=lambda row: ("IVS" not in row[0], row))

    def _instructions(self, made: list[tuple[str, str, str]]) -> Iterator[str]:
        cloud = self._bench.cloud
        from tools.local_cloud.cloud import REGION

        yield f"export AWS_ENDPOINT_URL={cloud.url} AWS_DEFAULT_REGION={REGION}"
        yield "export " + " ".join(f"{name}={value}" for name, value in cloud.credentials.items())
        yield "unset AWS_PROFILE AWS_SESSION_TOKEN"
        client, operation, member = _list(cloud.emulator.resources())
        yield f'{_python()} -c "import boto3'
        yield f"for each in boto3.client('{client}').{operation}()['{member}']:"
        yield "    print(each['arn'], each.get('name'))\""
        for kind, name, _ in made:
            if kind == "AWS::SecretsManager::Secret":
                yield ""
                yield f"# the value of {name}:"
                yield f'{_python()} -c "import boto3'
                yield "secrets = boto3.client('secretsmanager')"
                yield f"held = secrets.get_secret_value(SecretId='{name}')"
                yield "print(held['SecretString'])\""


def tell(printer: Printer, begun: float, text: str) -> None:
    """Print the next step."""
    printer.line(f"{time.monotonic() - begun:6.1f} s  {text}")


def _own_part(physical_id: str) -> str:
    """Extract a resource's name or id from its ARN."""
    if not physical_id.startswith("arn:"):
        return physical_id
    own = physical_id.split(":", 5)[5]
    if own.startswith("secret:"):
        # Secrets Manager appends six letters to the name.
        return own.removeprefix("secret:").rpartition("-")[0]
    return own.split("/", 1)[-1]


def _list(resources: list[Resource]) -> tuple[str, str, str]:
    """Choose a list operation that returns something: client, operation, member of the answer."""
    if any(each.type == "Channel" for each in resources):
        return "ivs", "list_channels", "channels"
    return "ivs-realtime", "list_stages", "stages"


def _python() -> str:
    """Return the Python with boto3, as one would type it here."""
    program = Path(sys.executable)
    if program.is_relative_to(Path.cwd()):
        program = program.relative_to(Path.cwd())
    return shlex.quote(str(program))


def run(name: str, port: int, printer: Printer) -> int:
    """Deploy an example, keep it until the user ends it, and return the exit status."""
    begun = time.monotonic()
    problem: Exception | None = None
    cloud: Cloud | None = None
    with ending() as wanted:
        try:
            tell(printer, begun, "loading the AWS CDK")
            # Not at the top: this import starts Node.
            from tools.local_cloud.bench import Bench
            from tools.local_cloud.cloud import Cloud

            # The first time, they report that they are being installed.
            toolchain.cli()
            toolchain.ministack()
            cloud = Cloud(port)
            bench = Bench(cloud, lambda text: tell(printer, begun, text))
            bench.start()
            playground = Playground(bench, name, printer, begun)
            playground.deploy()
            playground.show()
            printer.line("Ctrl-C ends it.")
            playground.wait()
        except Ended:
            pass
        except Exception as error:
            # What fails while the user ends it is not a failure.
            problem = None if wanted() else error
        finally:
            if cloud is not None:
                cloud.stop()
        left = cloud.left() if cloud is not None else []
    if problem is not None:
        if not isinstance(problem, (SetupError, DeploymentError)):
            raise problem
        what = f"{name} could not be deployed:\n" if isinstance(problem, DeploymentError) else ""
        print(f"error: {what}{problem}", file=sys.stderr)
    if left:
        print(f"error: left behind: {', '.join(left)}", file=sys.stderr)
        return 1
    # Below the terminal's echo of Ctrl-C.
    start = "\n" if printer.is_terminal and problem is None else ""
    printer.line(f"{start}It has ended; no process and no folder is left.")
    return 1 if problem else 0


def main(arguments: list[str] | None = None) -> int:
    """Run the command; returns 1 if it fails, 2 for invalid arguments."""
    parser = argparse.ArgumentParser(
        prog="python -m tools.local_cloud.playground", description=__doc__
    )
    every = names()
    parser.add_argument("name", nargs="?", default="", help=f"one of {', '.join(every)}")
    parser.add_argument("--port", default="0", help="the port to listen on; default: any free port")
    options = parser.parse_args(arguments)
    problems = []
    if options.name not in every:
        got = (
            f"got '{options.name}'{did_you_mean(options.name, every)}"
            if options.name
            else "got none"
        )
        problems.append(f"EXAMPLE must be one of {', '.join(every)}; {got}")
    if not (options.port.isdecimal() and int(options.port) <= _LAST_PORT):
        problems.append(f"PORT must be 0-{_LAST_PORT}, got '{options.port}'")
    if problems:
        print("\n".join(f"error: {each}" for each in problems), file=sys.stderr)
        return 2
    return run(options.name, int(options.port), Printer(sys.stdout))


if __name__ == "__main__":
    begin()
    sys.exit(main())
