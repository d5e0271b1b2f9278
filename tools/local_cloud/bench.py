"""A local cloud with a CLI, and queries about its state."""

from __future__ import annotations

import itertools
import json
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from importlib import import_module
from typing import Any

import aws_cdk as cdk

from ivs_constructs.testing.emulator import Resource
from tools.local_cloud import apps, toolchain
from tools.local_cloud.cli import Cdk, Done
from tools.local_cloud.cloud import ACCOUNT, REGION, Cloud

_psutil: Any = import_module("psutil")

_WORKER = "_worker.py"
_KINDS = ("request", "call", "denied", "gone", "crash")
_LAST_SECONDS = 5.0
_EXECUTION_SECONDS = 60.0
_FILL_SECONDS = 60.0
_PAUSE = 0.1
_REQUESTS = "ivs-constructs:request"
"""The tag with the handler's request history, which changes without a change of the resource."""

_LISTED = (
    ("stack", "cloudformation", "describe_stacks", "Stacks", "StackName"),
    ("function", "lambda", "list_functions", "Functions", "FunctionName"),
    ("role", "iam", "list_roles", "Roles", "RoleName"),
    ("log group", "logs", "describe_log_groups", "logGroups", "logGroupName"),
    ("secret", "secretsmanager", "list_secrets", "SecretList", "Name"),
    ("bucket", "s3", "list_buckets", "Buckets", "Name"),
    ("rule", "events", "list_rules", "Rules", "Name"),
    ("schedule", "scheduler", "list_schedules", "Schedules", "Name"),
    ("state machine", "stepfunctions", "list_state_machines", "stateMachines", "name"),
    ("alarm", "cloudwatch", "describe_alarms", "MetricAlarms", "AlarmName"),
    ("dashboard", "cloudwatch", "list_dashboards", "DashboardEntries", "DashboardName"),
)
"""What the cloud may hold: a noun, and the call that lists it with where the names are."""

Define = Callable[[cdk.App], object]
Context = dict[str, object]


class Bench:
    """A cloud that is ready for deployments.

    Args:
        cloud: The cloud. Default: one on a free port.
        tell: Called with each step while the bench starts.

    Attributes:
        cloud: The cloud.
        cdk: The CLI.
    """

    def __init__(
        self, cloud: Cloud | None = None, tell: Callable[[str], object] = lambda _: None
    ) -> None:
        self.cloud = cloud or Cloud()
        self._tell = tell
        self._assemblies = itertools.count()

    def __enter__(self) -> Bench:
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.cloud.stop()

    def start(self) -> None:
        """Start the cloud and bootstrap its account."""
        self._tell("starting the cloud")
        self.cloud.start()
        try:
            self.cdk = Cdk(self.cloud)
            self._tell(f"bootstrapping account {ACCOUNT} in {REGION}")
            self.cdk.bootstrap()
            self._before = self.inventory()
            self.begin()
        except BaseException:
            self.cloud.stop()
            raise

    def restart(self) -> None:
        """Start over: what an aborted scenario left must not affect the next one."""
        self.cloud.stop()
        self.cloud = Cloud()
        self.start()

    # Deployments

    def assembly(self, define: Define, context: Context | None = None) -> str:
        """Synthesize an app, and return the folder of its assembly."""
        folder = self.cloud.folder / f"assembly-{next(self._assemblies)}"
        assembly = apps.synthesize(folder, define, context)
        templates = (each.read_text(encoding="utf-8") for each in folder.rglob("*.template.json"))
        if any("nodejs" in text for text in templates):
            toolchain.javascript_sdk()
        return assembly

    def deploy(
        self,
        define: Define,
        *,
        succeeds: bool = True,
        context: Context | None = None,
        change_set: bool = False,
    ) -> Done:
        """Deploy all stacks of an app."""
        assembly = self.assembly(define, context)
        return self.cdk.deploy(assembly, succeeds=succeeds, change_set=change_set)

    def unchanged(self, define: Define) -> None:
        """Ensure that `cdk diff` shows no changes."""
        self.cdk.diff(self.assembly(define))

    def destroy(self, define: Define, *, succeeds: bool = True) -> Done:
        """Destroy all stacks of an app."""
        return self.cdk.destroy(self.assembly(define), succeeds=succeeds)

    # Actions

    def invoke(self, function: str, request: dict[str, Any]) -> dict[str, Any]:
        """Invoke a function as its caller does, and return its answer."""
        payload = json.dumps(request).encode()
        answer = self.cloud.client("lambda").invoke(FunctionName=function, Payload=payload)
        text = answer["Payload"].read()
        assert "FunctionError" not in answer, text
        returned: dict[str, Any] = json.loads(text)
        return returned

    def put_events(self, *entries: dict[str, Any]) -> None:
        """Put events on the default bus, as the service in their source."""
        answer = self.cloud.client("events").put_events(Entries=list(entries))
        assert answer["FailedEntryCount"] == 0, answer

    def executions(self, number: int) -> list[dict[str, Any]]:
        """Describe the executions of all state machines, once a number of them have ended."""
        client = self.cloud.client("stepfunctions")
        end = time.monotonic() + _EXECUTION_SECONDS
        while True:
            found = [
                client.describe_execution(executionArn=execution["executionArn"])
                for machine in client.list_state_machines()["stateMachines"]
                for execution in client.list_executions(stateMachineArn=machine["stateMachineArn"])[
                    "executions"
                ]
            ]
            ended = [each for each in found if each["status"] != "RUNNING"]
            if len(ended) >= number:
                return found
            assert time.monotonic() < end, f"not {number} executions ended: {found}"
            time.sleep(_PAUSE)

    def logs(self) -> str:
        """Read the logs of everything that runs in the cloud."""
        client = self.cloud.client("logs")
        groups = client.describe_log_groups()["logGroups"]
        return "\n".join(
            event["message"]
            for group in groups
            for event in client.filter_log_events(logGroupName=group["logGroupName"])["events"]
        )

    # Queries

    def resources(self, *types: str) -> list[Resource]:
        """List what exists in Amazon IVS, of some types or all."""
        found = self.cloud.emulator.resources()
        return [each for each in found if not types or each.type in types]

    def wait_for(self, type_name: str, names: list[str]) -> None:
        """Wait until the resources of a type have these names, in any order.

        A fleet goes on making members after it has answered CloudFormation.
        """
        end = time.monotonic() + _FILL_SECONDS
        while (found := sorted(each.data["name"] for each in self.resources(type_name))) != names:
            assert time.monotonic() < end, f"{type_name}s are named {found}, not {names}"
            time.sleep(_PAUSE)

    def only(self, type_name: str) -> Resource:
        """Find the one resource of a type."""
        [found] = self.resources(type_name)
        return found

    def arns(self, type_name: str) -> set[str]:
        """List the ARNs of a type."""
        return {each.arn for each in self.resources(type_name)}

    def begin(self) -> None:
        """Clear the record."""
        self._marks = {kind: len(self.cloud.record(kind)) for kind in _KINDS}
        self._forgiven: list[dict[str, Any]] = []

    def record(self, kind: str) -> list[dict[str, Any]]:
        """Read the records of a kind, oldest first."""
        return self.cloud.record(kind)[self._marks[kind] :]

    def requests(self, stack: str) -> list[tuple[str, str]]:
        """List what CloudFormation sent to the function: kind and type, oldest first."""
        return [
            (each["event"]["RequestType"], each["event"]["ResourceType"])
            for each in self.record("request")
            if each["stack"] == stack
        ]

    def calls(self, operation: str) -> int:
        """Count the calls of an operation by a function."""
        return sum(each["operation"] == operation for each in self.record("call"))

    def stack(self, name: str) -> dict[str, Any]:
        """Describe a stack."""
        answer = self.cloud.client("cloudformation").describe_stacks(StackName=name)
        [found] = answer["Stacks"]
        stack: dict[str, Any] = found
        return stack

    def outputs(self, name: str) -> dict[str, str]:
        """Read a stack's outputs."""
        return {
            each["OutputKey"]: each["OutputValue"] for each in self.stack(name).get("Outputs", [])
        }

    def failures(self, name: str) -> dict[str, str]:
        """List what failed in a stack, by logical id, with CloudFormation's reason."""
        return {
            each["LogicalResourceId"]: each.get("ResourceStatusReason", "")
            for each in self._events(name)
            if each["ResourceStatus"].endswith("_FAILED") and each["LogicalResourceId"] != name
        }

    def reasons(self, name: str) -> str:
        """Collect CloudFormation's reasons for failures in a stack."""
        return "\n".join(self.failures(name).values())

    def state(self, *stacks: str) -> dict[str, Any]:
        """Record a stack's whole state: its resources, outputs and template, and IVS."""
        cloudformation = self.cloud.client("cloudformation")
        found: dict[str, Any] = {"ivs": [_lasting(each) for each in self.resources()]}
        for name in stacks:
            resources = cloudformation.describe_stack_resources(StackName=name)["StackResources"]
            found[name] = {
                "resources": sorted(
                    (each["LogicalResourceId"], each["PhysicalResourceId"]) for each in resources
                ),
                "outputs": self.outputs(name),
                "template": cloudformation.get_template(StackName=name)["TemplateBody"],
                "policies": [
                    self._policies(each["PhysicalResourceId"])
                    for each in resources
                    if each["ResourceType"] == "AWS::IAM::Role"
                ],
            }
        return found

    def inventory(self) -> set[str]:
        """List everything in the cloud."""
        client = self.cloud.client
        keys = client("kms").list_keys()["Keys"]
        return {
            *(f"IVS {each.arn}" for each in self.resources()),
            *(
                f"{noun} {each[name]}"
                for noun, service, operation, member, name in _LISTED
                for each in getattr(client(service), operation)()[member]
            ),
            *(
                f"key {each['KeyId']}"
                for each in keys
                if client("kms").describe_key(KeyId=each["KeyId"])["KeyMetadata"]["Enabled"]
            ),
            *(f"process {each}" for each in self._workers()),
        }

    def left(self) -> list[str]:
        """List what was not there at the beginning."""
        # Processes end shortly after their function is deleted.
        end = time.monotonic() + _LAST_SECONDS
        while True:
            found = self.inventory() - self._before
            ending = all(each.startswith("process ") for each in found)
            if not found or not ending or time.monotonic() > end:
                return sorted(found)
            time.sleep(_PAUSE)

    def take_retained(self) -> list[str]:
        """Delete the resources that templates retain, and return them."""
        ids = self._retained()
        found = [each for each in self.inventory() - self._before if each.partition(" ")[2] in ids]
        for each in found:
            kind, _, name = each.partition(" ")
            if kind == "bucket":
                self.cloud.client("s3").delete_bucket(Bucket=name)
            elif kind == "key":
                self.cloud.client("kms").schedule_key_deletion(KeyId=name, PendingWindowInDays=7)
            else:
                raise AssertionError(f"no idea how to delete {each}")
        return sorted(found)

    def _retained(self) -> set[str]:
        """List what CloudFormation retained instead of deleting."""
        cloudformation = self.cloud.client("cloudformation")
        return {
            event["PhysicalResourceId"]
            for stack in cloudformation.list_stacks()["StackSummaries"]
            for event in self._events(stack["StackId"])
            if event["ResourceStatus"] == "DELETE_SKIPPED"
        }

    def _events(self, stack: str) -> list[dict[str, Any]]:
        """List what happened to a stack."""
        pages = self.cloud.client("cloudformation").get_paginator("describe_stack_events")
        return [each for page in pages.paginate(StackName=stack) for each in page["StackEvents"]]

    def check(self) -> None:
        """Ensure that nothing happened behind the tests' back."""
        # A condition on tags also denies deleted resources; callers have to expect that.
        gone = {(each["action"], each["on"]) for each in self.record("gone")}
        denied = [
            each
            for each in self.record("denied")
            if each not in self._forgiven
            and not (each["action"].startswith("ivs:Get") and (each["action"], each["on"]) in gone)
        ]
        assert denied == [], f"refused by IAM: {denied}"
        crashed = self.record("crash")
        assert crashed == [], f"functions that ended with an error: {crashed}"
        assert self.cloud.emulator.mismatches == []
        assert self._not_deleted() == []

    def _not_deleted(self) -> list[tuple[str, ...]]:
        """List the custom resources whose last request was not a Delete, by all ids.

        Those that CloudFormation retained get none.
        """
        last: dict[tuple[str, ...], str] = {}
        for each in self.record("request"):
            event, answer = each["event"], each["answer"]
            ids = (each["stack"], event["LogicalResourceId"], answer.get("PhysicalResourceId", ""))
            last[ids] = event["RequestType"]
        found = [ids for ids, kind in last.items() if kind != "Delete"]
        retained = self._retained() if found else set()
        return [ids for ids in found if ids[-1] not in retained]

    def forgive(self, denied: list[dict[str, Any]]) -> None:
        """Expect certain refusals; any other refusal fails the scenario."""
        self._forgiven += denied

    @contextmanager
    def secrets_watched(self) -> Iterator[None]:
        """Ensure that no stream key is printed, logged or put into a template in the meantime."""
        yield
        secrets = {each.data["value"] for each in self.resources("StreamKey")}
        for path in self.cloud.folder.rglob("*"):
            if path.suffix in {".log", ".json", ".jsonl"} and path.is_file():
                text = path.read_text(encoding="utf-8", errors="replace")
                assert not any(each in text for each in secrets), f"a stream key is in {path.name}"

    def _policies(self, role: str) -> dict[str, Any]:
        iam = self.cloud.client("iam")
        names = iam.list_role_policies(RoleName=role)["PolicyNames"]
        return {
            name: iam.get_role_policy(RoleName=role, PolicyName=name)["PolicyDocument"]
            for name in names
        }

    def _workers(self) -> list[str]:
        """List the processes of functions."""
        found: list[str] = []
        for process in _psutil.Process(self.cloud.server.id).children(recursive=True):
            # One that ends in the meantime does not count.
            with suppress(_psutil.NoSuchProcess):
                if any(_WORKER in each for each in process.cmdline()):
                    found.append(str(process.pid))
        return found


def _lasting(resource: Resource) -> dict[str, Any]:
    """Copy the part of a resource that must be the same after a rollback."""
    data = {name: value for name, value in resource.data.items() if name != "tags"}
    tags = {name: value for name, value in resource.tags.items() if name != _REQUESTS}
    # Compared as text, so that a difference is shown as one.
    return {"type": resource.type, "tags": tags, "data": json.dumps(data, default=str, indent=1)}
