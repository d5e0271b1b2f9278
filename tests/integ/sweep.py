"""What runs left behind: found by its tag, and deleted by nothing else."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from importlib import import_module
from typing import Any

from tests.integ.target import TAG, Account

EVERY = "all"
"""Matches every run."""

_ClientError: type[Exception] = import_module("botocore.exceptions").ClientError
_GONE = ("NotFound", "NoSuch", "NonExistent", "DoesNotExist", "does not exist")

# In the order in which they can go: what refers to others first.
_IVS = {
    "composition": ("ivs-realtime", "compositions", "stop_composition"),
    "ingest-configuration": (
        "ivs-realtime",
        "ingest_configurations",
        "delete_ingest_configuration",
    ),
    "stage": ("ivs-realtime", "stages", "delete_stage"),
    "encoder-configuration": (
        "ivs-realtime",
        "encoder_configurations",
        "delete_encoder_configuration",
    ),
    "storage-configuration": (
        "ivs-realtime",
        "storage_configurations",
        "delete_storage_configuration",
    ),
    "public-key": ("ivs-realtime", "public_keys", "delete_public_key"),
    "channel": ("ivs", "channels", "delete_channel"),
    "playback-key": ("ivs", "playback_key_pairs", "delete_playback_key_pair"),
    "playback-restriction-policy": (
        "ivs",
        "playback_restriction_policies",
        "delete_playback_restriction_policy",
    ),
    "failover-slate-configuration": (
        "ivs",
        "failover_slate_configurations",
        "delete_failover_slate_configuration",
    ),
}
"""Of each type: client, what is listed, and what deletes one."""

# What else a run makes. A log group and a function are their stack's, which goes first.
_ORDER = ("cloudformation", *_IVS, "lambda", "logs", "secretsmanager", "events", "sqs", "s3", "kms")


@dataclass(frozen=True, slots=True)
class Item:
    """Something with the tag.

    Attributes:
        kind: The type in Amazon IVS, or the service.
        arn: Its ARN.
        run: The run that made it.
    """

    kind: str
    arn: str
    run: str

    @property
    def is_stack(self) -> bool:
        """Whether other things go with it."""
        return self.kind == "cloudformation"


def find(account: Account, run: str = EVERY) -> list[Item]:
    """List what a run made and what is still there, in the order in which it can go."""
    found = {each.arn: each for each in _all(account) if run in (EVERY, each.run)}
    return sorted(found.values(), key=lambda each: (_rank(each.kind), each.arn))


def delete(
    account: Account, items: Iterable[Item], tell: Callable[[str], object]
) -> tuple[list[Item], list[Item]]:
    """Delete things.

    Returns:
        What was there and is deleted now, and what could not be deleted.
    """
    gone: list[Item] = []
    kept: list[Item] = []
    for item in items:
        act = _DELETE.get(item.kind) or (_delete_ivs if item.kind in _IVS else None)
        if act is None:
            tell(f"nothing here knows how to delete {item.arn}: do it by hand")
            kept.append(item)
            continue
        try:
            act(account, item.arn, item.kind)
            gone.append(item)
        except (_ClientError, _WaiterError) as error:
            if not any(each in str(error) for each in _GONE):
                tell(f"{item.arn} could not be deleted: {error}")
                kept.append(item)
    return gone, kept


def empty(account: Account, bucket: str) -> None:
    """Delete what is in a bucket."""
    client = account.client("s3")
    for page in client.get_paginator("list_object_versions").paginate(Bucket=bucket):
        objects = [
            {"Key": each["Key"], "VersionId": each["VersionId"]}
            for kind in ("Versions", "DeleteMarkers")
            for each in page.get(kind, [])
        ]
        if objects:
            client.delete_objects(Bucket=bucket, Delete={"Objects": objects, "Quiet": True})


def _rank(kind: str) -> int:
    return _ORDER.index(kind) if kind in _ORDER else len(_ORDER)


def _all(account: Account) -> Iterator[Item]:
    """List everything with the tag, some of it twice."""
    for page in account.client("cloudformation").get_paginator("describe_stacks").paginate():
        for stack in page["Stacks"]:
            tags = {each["Key"]: each["Value"] for each in stack.get("Tags", [])}
            # A nested stack goes with its parent.
            if TAG in tags and "ParentId" not in stack:
                yield Item("cloudformation", stack["StackId"], tags[TAG])
    for kind, (service, what, _) in _IVS.items():
        yield from _listed(account.client(service), kind, what)
    pages = account.client("resourcegroupstaggingapi").get_paginator("get_resources")
    for page in pages.paginate(TagFilters=[{"Key": TAG}]):
        for each in page["ResourceTagMappingList"]:
            tags = {tag["Key"]: tag["Value"] for tag in each["Tags"]}
            # Asked for by the tag, and looked at all the same: what follows deletes.
            kind = _kind(each["ResourceARN"])
            if TAG in tags and kind and not _is_going(account, kind, each["ResourceARN"]):
                yield Item(kind, each["ResourceARN"], tags[TAG])


def _listed(client: Any, kind: str, what: str) -> Iterator[Item]:  # noqa: ANN401 (boto3 ships no types)
    token: dict[str, str] = {}
    while True:
        answer = getattr(client, f"list_{what}")(**token)
        [summaries] = [value for value in answer.values() if isinstance(value, list)]
        for each in summaries:
            over = kind == "composition" and each["state"] in ("STOPPED", "FAILED")
            if not over and TAG in (each.get("tags") or {}):
                yield Item(kind, each["arn"], each["tags"][TAG])
        if "nextToken" not in answer:
            return
        token = {"nextToken": answer["nextToken"]}


def _kind(arn: str) -> str:
    """Tell the kind from an ARN; empty for what goes with something else."""
    _, _, service, _, _, own = arn.split(":", 5)
    if service != "ivs":
        return "" if service == "cloudformation" else service
    kind = own.partition("/")[0]
    # A key goes with its channel, and a recording configuration by what the API lists.
    return "" if kind == "stream-key" else kind


def _is_going(account: Account, kind: str, arn: str) -> bool:
    """Whether it is deleted already, and shown until its time has come."""
    if kind != "kms":
        return False
    metadata = account.client("kms").describe_key(KeyId=arn)["KeyMetadata"]
    return bool(metadata["KeyState"] == "PendingDeletion")


def _delete_stack(account: Account, arn: str, _kind: str) -> None:
    client = account.client("cloudformation")
    resources = client.describe_stack_resources(StackName=arn)["StackResources"]
    for each in resources:
        if (
            each["ResourceType"] == "AWS::S3::Bucket"
            and each["ResourceStatus"] != "DELETE_COMPLETE"
        ):
            empty(account, each["PhysicalResourceId"])
    client.delete_stack(StackName=arn)
    client.get_waiter("stack_delete_complete").wait(StackName=arn)


def _delete_ivs(account: Account, arn: str, kind: str) -> None:
    service, _, operation = _IVS[kind]
    getattr(account.client(service), operation)(arn=arn)


def _delete_bucket(account: Account, arn: str, _kind: str) -> None:
    bucket = arn.rpartition(":")[2]
    empty(account, bucket)
    account.client("s3").delete_bucket(Bucket=bucket)


def _delete_key(account: Account, arn: str, _kind: str) -> None:
    account.client("kms").schedule_key_deletion(KeyId=arn, PendingWindowInDays=7)


def _delete_log_group(account: Account, arn: str, _kind: str) -> None:
    name = arn.split(":log-group:")[1].removesuffix(":*")
    account.client("logs").delete_log_group(logGroupName=name)


def _delete_secret(account: Account, arn: str, _kind: str) -> None:
    account.client("secretsmanager").delete_secret(SecretId=arn, ForceDeleteWithoutRecovery=True)


def _delete_function(account: Account, arn: str, _kind: str) -> None:
    account.client("lambda").delete_function(FunctionName=arn)


def _delete_queue(account: Account, arn: str, _kind: str) -> None:
    client = account.client("sqs")
    url = client.get_queue_url(QueueName=arn.rpartition(":")[2])["QueueUrl"]
    client.delete_queue(QueueUrl=url)


def _delete_rule(account: Account, arn: str, _kind: str) -> None:
    client = account.client("events")
    name = arn.partition(":rule/")[2]
    targets = client.list_targets_by_rule(Rule=name)["Targets"]
    if targets:
        client.remove_targets(Rule=name, Ids=[each["Id"] for each in targets])
    client.delete_rule(Name=name)


_DELETE: dict[str, Callable[[Account, str, str], None]] = {
    "cloudformation": _delete_stack,
    "events": _delete_rule,
    "kms": _delete_key,
    "lambda": _delete_function,
    "logs": _delete_log_group,
    "s3": _delete_bucket,
    "secretsmanager": _delete_secret,
    "sqs": _delete_queue,
}
_WaiterError: type[Exception] = import_module("botocore.exceptions").WaiterError
