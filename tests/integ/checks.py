"""What only a real account can show, one check for each."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import partial
from importlib import import_module
from typing import Any

import aws_cdk as cdk
from aws_cdk import aws_events, aws_events_targets, aws_sqs
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

import ivs_constructs as ivs
from ivs_constructs._core.rules import REGIONS
from ivs_constructs.tokens import KmsSigner, ParticipantClaims, PlaybackClaims, sign
from tests.integ import timing
from tests.integ.outside import patiently
from tests.integ.run import Run

_ClientError: Any = import_module("botocore.exceptions").ClientError

_TYPES = (
    *("AdConfiguration", "Channel", "EncoderConfiguration", "IngestConfiguration"),
    *("PlaybackKeyPair", "PlaybackRestrictionPolicy", "PublicKey", "RecordingConfiguration"),
    *("Stage", "StorageConfiguration", "StreamKey"),
)
_IMPORTS = {
    "ivs": ("import_playback_key_pair", "keyPair", "delete_playback_key_pair"),
    "ivs-realtime": ("import_public_key", "publicKey", "delete_public_key"),
}
_WITHOUT_ADS = {"ap-northeast-1", "ap-northeast-2", "eu-west-1"}
"""Where this library says that CloudFormation has no type for ad configurations."""

_LATE_SECONDS = 10
"""How late the handler of the custom resources takes lists to be, at most."""

_NOTHING = "no charge"
_MINUTES = "input, delivery or participant time of a few minutes: cents"
_FUNCTION = "a function's runs, a KMS key's signatures, a secret: cents"


_PAUSE = 0.5
"""Seconds between two questions: leaves room in the quota for those who have to ask."""

_LAG = 10.0
"""Seconds that CloudFormation's answer may be old, for which the function asks again."""

_LATE = 15.0
"""Seconds that a list may lag, for which the function looks again after a lost answer."""

_MOST_LATE = 60.0
_TIMES = 5
_BURST_SECONDS = 8.0
_THROTTLED = {"Throttling", "ThrottlingException", "TooManyRequestsException"}


@dataclass(frozen=True, slots=True)
class Check:
    """Something that the emulator cannot show.

    Attributes:
        name: Its name.
        establishes: What is known when it has passed.
        costs: What costs money.
        act: Does it.
        broadcasts: Whether it takes an encoder.
    """

    name: str
    establishes: str
    costs: str
    act: Callable[[Run], None]
    broadcasts: bool = False


# Without making anything


def _quotas(run: Run) -> None:
    client = run.account.client("service-quotas")
    found: dict[str, float] = {}
    token: dict[str, str] = {}
    while True:
        answer = client.list_service_quotas(ServiceCode="ivs", **token)
        found |= {each["QuotaName"]: each["Value"] for each in answer["Quotas"]}
        if "NextToken" not in answer:
            break
        token = {"NextToken": answer["NextToken"]}
    for name in sorted(found):
        run.note(f"{name}: {found[name]:g}")
    keys = {value for name, value in found.items() if "public key" in name.lower()}
    run.holds(keys == {3.0}, f"an account has 3 public keys in a Region, got {sorted(keys)}")


def _types(run: Run) -> None:
    missing: dict[str, set[str]] = {}
    for region in REGIONS:
        client = run.account.client("cloudformation", region)
        for name in _TYPES:
            try:
                client.describe_type(Type="RESOURCE", TypeName=f"AWS::IVS::{name}")
            except _ClientError as error:
                if error.response["Error"]["Code"] != "TypeNotFoundException":
                    raise
                missing.setdefault(name, set()).add(region)
    for name, regions in missing.items():
        run.note(f"AWS::IVS::{name} is missing in {', '.join(sorted(regions))}")
    run.holds(
        missing == {"AdConfiguration": _WITHOUT_ADS},
        f"every type is in every home Region, but ad configurations in {sorted(_WITHOUT_ADS)}",
    )


# What the handler of the custom resources relies on


def _lists(run: Run) -> None:
    client = run.account.client("ivs-realtime")
    slowest = 0.0
    for _ in range(3):
        arn = client.create_stage(name="late", tags=run.tags)["stage"]["arn"]
        run.finally_do(partial(_delete_stage, client, arn))
        begun = datetime.now(UTC)
        for _ in patiently(60, 0.2):
            pages = client.get_paginator("list_stages").paginate()
            if any(each["arn"] == arn for page in pages for each in page["stages"]):
                break
        slowest = max(slowest, (datetime.now(UTC) - begun).total_seconds())
    run.note(f"a list showed a new stage after {slowest:.1f} s at most")
    run.holds(slowest <= _LATE_SECONDS, f"lists are at most {_LATE_SECONDS} s late")


def _shown(run: Run) -> None:
    def fill(width: int) -> Callable[[cdk.Stack], None]:
        def define(stack: cdk.Stack) -> None:
            encoder = ivs.EncoderConfiguration(stack, "Encoder", video=ivs.Video(width=width))
            cdk.CfnOutput(stack, "EncoderArn", value=encoder.encoder_configuration_arn)

        return define

    first = run.deploy(fill(1280))
    seen: list[tuple[str, str, datetime, datetime]] = []
    over = threading.Event()
    watcher = threading.Thread(target=_watch, args=(run, seen, over))
    watcher.start()
    second = run.deploy(fill(640))
    over.set()
    watcher.join()
    old, new = (each["EncoderArn"].rpartition("/")[2] for each in (first, second))
    for status, physical_id, since, at in seen:
        run.note(f"{at:%H:%M:%S}: {status} since {since:%H:%M:%S}, {physical_id}")
    going = [status for status, *_ in seen if status.startswith("DELETE_")]
    run.holds(going == [], "the clean-up of what was replaced is not shown as its deletion")
    ends = [each for each in seen if each[1].endswith(new)]
    run.holds(
        bool(ends) and not any(each[1].endswith(old) for each in seen[seen.index(ends[0]) :]),
        "once it is shown, the new physical id stays",
    )
    run.holds(
        all(since <= at + timedelta(seconds=2) for _, _, since, at in seen),
        "the clocks of CloudFormation and of this machine are less than 2 s apart",
    )


def _watch(
    run: Run, seen: list[tuple[str, str, datetime, datetime]], over: threading.Event
) -> None:
    client = run.account.client("cloudformation")
    resources = client.describe_stack_resources(StackName=run.stack_name)["StackResources"]
    [name] = [
        each["LogicalResourceId"]
        for each in resources
        if each["ResourceType"] == "Custom::IVSEncoderConfiguration"
    ]
    while not over.wait(0.5):
        detail = client.describe_stack_resource(StackName=run.stack_name, LogicalResourceId=name)[
            "StackResourceDetail"
        ]
        now = (detail["ResourceStatus"], detail.get("PhysicalResourceId", ""))
        if not seen or seen[-1][:2] != now:
            seen.append((*now, detail["LastUpdatedTimestamp"], datetime.now(UTC)))


def _delete_stage(client: Any, arn: str) -> None:  # noqa: ANN401 (boto3 ships no types)
    client.delete_stage(arn=arn)


# Resources and their permissions


def _role(run: Run) -> None:
    def fill(name: str) -> Callable[[cdk.Stack], None]:
        def define(stack: cdk.Stack) -> None:
            policy = ivs.PlaybackRestrictionPolicy(stack, "Policy", allowed_countries=["DE"])
            slate = ivs.FailoverSlateConfiguration(stack, "Slate")
            channel = ivs.Channel(
                stack,
                "Channel",
                playback_restriction_policy=policy,
                failover_slate_configuration=slate,
            )
            stage = ivs.Stage(stack, "Stage", stage_name=name)
            ivs.EncoderConfiguration(stack, "Encoder")
            ivs.StorageConfiguration(stack, "Storage")
            ivs.IngestConfiguration(stack, "Studio", stage=stage, attributes={"place": "studio"})
            ivs.PublicKey(stack, "Key", signing_key=ivs.TokenSigningKey(stack, "SigningKey"))
            cdk.CfnOutput(stack, "StageArn", value=stage.stage_arn)
            cdk.CfnOutput(stack, "ChannelArn", value=channel.channel_arn)

        return define

    made = run.deploy(fill("one"))
    changed = run.deploy(fill("two"))
    run.holds(made == changed, "an update in place keeps the ARNs")
    stage = run.account.client("ivs-realtime").get_stage(arn=made["StageArn"])["stage"]
    run.holds(stage["name"] == "two", "the function's update reached the stage")
    for name, service in (("Stage", "ivs-realtime"), ("Channel", "ivs")):
        client = run.account.client(service)
        tags = client.list_tags_for_resource(resourceArn=made[f"{name}Arn"])["tags"]
        run.note(f"tags of the {name.lower()}: {', '.join(sorted(tags))}")
    run.destroy()
    gone = run.account.client("ivs-realtime")
    try:
        gone.get_stage(arn=made["StageArn"])
        left = True
    except gone.exceptions.ResourceNotFoundException:
        left = False
    run.holds(not left, "the function may delete its own resources")


def _associations(run: Run) -> None:
    def fill(latency: str) -> Callable[[cdk.Stack], None]:
        def define(stack: cdk.Stack) -> None:
            policy = ivs.PlaybackRestrictionPolicy(stack, "Policy", allowed_countries=["DE"])
            slate = ivs.FailoverSlateConfiguration(stack, "Slate")
            channel = ivs.Channel(
                stack,
                "Channel",
                latency_mode=latency,
                playback_restriction_policy=policy,
                failover_slate_configuration=slate,
            )
            cdk.CfnOutput(stack, "ChannelArn", value=channel.channel_arn)

        return define

    arn = run.deploy(fill("LOW"))["ChannelArn"]
    client = run.account.client("ivs")
    before = client.get_channel(arn=arn)["channel"]
    run.deploy(fill("NORMAL"))
    after = client.get_channel(arn=arn)["channel"]
    run.holds(after["latencyMode"] == "NORMAL", "CloudFormation updated the channel")
    for name in ("playbackRestrictionPolicyArn", "failoverSlateConfigurationArn"):
        run.holds(
            bool(before[name]) and after[name] == before[name],
            f"{name} is the same after CloudFormation updated the channel",
        )


def _same_key(run: Run) -> None:
    key = ec.generate_private_key(ec.SECP384R1()).public_key()
    material = key.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo).decode()
    for service, (operation, member, undo) in _IMPORTS.items():
        client = run.account.client(service)
        codes = []
        for _ in range(2):
            try:
                answer = getattr(client, operation)(publicKeyMaterial=material, tags=run.tags)
            except _ClientError as error:
                codes.append(error.response["Error"]["Code"])
            else:
                codes.append("")
                run.finally_do(partial(getattr(client, undo), arn=answer[member]["arn"]))
        run.holds(
            codes == ["", "ConflictException"],
            f"{operation} of a key that is known answers ConflictException, got {codes}",
        )


# How late and how many answers are


def _shown_by_cloudformation(run: Run) -> None:
    def fill(state: str) -> Callable[[cdk.Stack], None]:
        def define(stack: cdk.Stack) -> None:
            stage = ivs.Stage(stack, "Stage", stage_name="two" if state != "made" else "one")
            encoder = ivs.EncoderConfiguration(
                stack, "Encoder", encoder_configuration_name=state if state == "new" else "old"
            )
            for each in (stage, encoder):
                level1: Any = each.node.default_child
                level1.override_logical_id(each.node.id)

        return define

    client = run.account.client("cloudformation")
    stack_ids: list[str] = []

    def ask(logical_id: str) -> str:
        # As the function asks; the stack's id is known as soon as there is one.
        name = stack_ids[0] if stack_ids else run.stack_name
        answer = client.describe_stack_resource(StackName=name, LogicalResourceId=logical_id)
        detail = answer["StackResourceDetail"]
        stack_ids[:] = [detail["StackId"]]
        return f"{detail['ResourceStatus']} {detail.get('PhysicalResourceId', '')}"

    for name, logical_id, act in (
        ("a create", "Stage", lambda: run.deploy(fill("made"))),
        ("an update in place", "Stage", lambda: run.deploy(fill("changed"))),
        ("a replacement", "Encoder", lambda: run.deploy(fill("new"))),
        ("a delete", "Stage", run.destroy),
    ):
        begun = time.time()
        with timing.watching(partial(ask, logical_id), _PAUSE) as seen:
            act()
        pages = client.get_paginator("describe_stack_events")
        events = [
            each
            for page in pages.paginate(StackName=stack_ids[0])
            for each in page["StackEvents"]
            if each["Timestamp"].timestamp() >= begun
        ]
        changes = timing.changes_of(events, logical_id)
        statuses = [timing.Seen(each.asked, each.state.partition(" ")[0]) for each in seen]
        # What was so before is an outdated answer as well.
        before = [timing.Change(0, statuses[0].state)] if statuses else []
        lag = timing.latest_lag(statuses, [*before, *changes])
        run.note(f"{name}: shown in turn {list(dict.fromkeys(each.state for each in seen))}")
        run.note(f"{name}: DescribeStackResource was up to {lag:.1f} s behind the events")
        run.holds(
            lag <= _LAG,
            f"during {name} DescribeStackResource lags {_LAG:g} s at most, got {lag:.1f}",
        )


def _late_lists(run: Run) -> None:
    realtime = run.account.client("ivs-realtime")
    waits: dict[str, list[float]] = {}

    def note(what: str, look: Callable[[], bool]) -> None:
        took = timing.seconds_until(look, _MOST_LATE, _PAUSE)
        waits.setdefault(what, []).append(_MOST_LATE if took is None else took)

    for kind, plural in (("stage", "stages"), ("encoder_configuration", "encoderConfigurations")):
        for _ in range(_TIMES):
            made = getattr(realtime, f"create_{kind}")(tags=run.tags)
            arn = made[plural.removesuffix("s")]["arn"]
            run.finally_do(partial(_delete_if_there, realtime, kind, arn))
            tags = partial(_listed_tags, getattr(realtime, f"list_{kind}s"), plural, arn)
            note(f"the list of {plural} shows what was made", partial(_is_there, tags))
            note(f"the list of {plural} shows its tags", partial(_has_tags, tags, run.tags))
            getattr(realtime, f"delete_{kind}")(arn=arn)
            note(f"the list of {plural} drops what was deleted", partial(_is_gone, tags))
    for what, seconds in waits.items():
        run.note(f"{what} after {', '.join(f'{each:.1f}' for each in seconds)} s")
        latest = max(seconds)
        run.holds(latest <= _LATE, f"{what} within {_LATE:g} s, got {latest:.1f}")


_Tags = Callable[[], dict[str, str] | None]


def _listed_tags(list_page: Any, plural: str, arn: str) -> dict[str, str] | None:  # noqa: ANN401 (boto3 ships no types)
    """Read a resource's tags from a list; None if it is not there."""
    token: dict[str, str] = {}
    while True:
        page = list_page(maxResults=100, **token)
        for each in page[plural]:
            if each["arn"] == arn:
                tags: dict[str, str] = each.get("tags", {})
                return tags
        if not page.get("nextToken"):
            return None
        token = {"nextToken": page["nextToken"]}


def _is_there(tags: _Tags) -> bool:
    return tags() is not None


def _is_gone(tags: _Tags) -> bool:
    return tags() is None


def _has_tags(tags: _Tags, wanted: Mapping[str, str]) -> bool:
    return wanted.items() <= (tags() or {}).items()


def _throttling(run: Run) -> None:
    realtime = run.account.client("ivs-realtime", retries=False)
    cloudformation = run.account.client("cloudformation", retries=False)
    arn = realtime.create_stage(tags=run.tags)["stage"]["arn"]
    run.finally_do(partial(_delete_if_there, run.account.client("ivs-realtime"), "stage", arn))
    tools = {"StackName": "CDKToolkit", "LogicalResourceId": "StagingBucket"}
    calls: dict[str, Callable[[], object]] = {
        "GetStage": partial(realtime.get_stage, arn=arn),
        "ListStages": realtime.list_stages,
        "ListTagsForResource": partial(realtime.list_tags_for_resource, resourceArn=arn),
        "DescribeStackResource": partial(cloudformation.describe_stack_resource, **tools),
    }
    codes: set[str] = set()
    for name, call in calls.items():
        found = timing.burst(call, _BURST_SECONDS, _code_of)
        codes |= found.refused.keys()
        run.note(f"{name}: {found.rate:.1f} a second answered, refused {found.refused}")
    run.holds(codes <= _THROTTLED, f"too many calls are refused as throttled, got {sorted(codes)}")


def _code_of(error: Exception) -> str:
    if not isinstance(error, _ClientError):
        raise error
    code: str = error.response["Error"]["Code"]
    return code


def _delete_if_there(client: Any, kind: str, arn: str) -> None:  # noqa: ANN401 (boto3 ships no types)
    try:
        getattr(client, f"delete_{kind}")(arn=arn)
    except client.exceptions.ResourceNotFoundException:
        return


# Buckets


def _bucket_policy(run: Run) -> None:
    principal = f"ivs-composite.{run.account.target.region}.amazonaws.com"
    s3, realtime = run.account.client("s3"), run.account.client("ivs-realtime")
    for name, sids in (("bare", set[str]()), ("tls", {"OwnersRule"})):
        bucket = run.bucket(name)
        if sids:
            s3.put_bucket_policy(Bucket=bucket, Policy=json.dumps(_tls_only(bucket)))
        arn = _storage(run, bucket)
        during = _statements(s3, bucket)
        run.note(f"{name} bucket, with a storage configuration: {json.dumps(during)}")
        run.holds(
            principal in json.dumps(during),
            f"CreateStorageConfiguration lets {principal} write to the {name} bucket",
        )
        run.holds(sids <= _sids(during), f"the {name} bucket keeps its own statements")
        realtime.delete_storage_configuration(arn=arn)
        after = _statements(s3, bucket)
        run.note(f"{name} bucket, after its deletion: {json.dumps(after)}")
        run.holds(sids <= _sids(after), f"the {name} bucket keeps them after the deletion")


def _library_bucket(run: Run) -> None:
    def fill(more: bool) -> Callable[[cdk.Stack], None]:
        def define(stack: cdk.Stack) -> None:
            storage = ivs.StorageConfiguration(stack, "Storage")
            if more:
                statement = {
                    "Sid": "OwnersRule",
                    "Effect": "Deny",
                    "Principal": "*",
                    "Action": "s3:DeleteBucket",
                    "Resource": storage.bucket.bucket_arn,
                    "Condition": {"StringEquals": {"aws:PrincipalTag/nobody": "nobody"}},
                }
                storage.bucket.add_to_resource_policy(
                    cdk.aws_iam.PolicyStatement.from_json(statement)
                )
            cdk.CfnOutput(stack, "BucketName", value=storage.bucket.bucket_name)

        return define

    s3 = run.account.client("s3")
    bucket = run.deploy(fill(more=False))["BucketName"]
    run.note(f"after the first deployment: {json.dumps(_statements(s3, bucket))}")
    run.deploy(fill(more=True))
    after = _statements(s3, bucket)
    run.note(f"after CloudFormation wrote the policy anew: {json.dumps(after)}")
    run.holds(
        {"IvsCompositeWrite", "OwnersRule"} <= _sids(after),
        "Amazon IVS may still write after CloudFormation wrote the bucket's policy anew",
    )


# Tokens


def _playback_token(run: Run) -> None:
    def fill(stack: cdk.Stack) -> None:
        signing_key = ivs.TokenSigningKey(stack, "SigningKey")
        ivs.PlaybackKeyPair(stack, "KeyPair", signing_key=signing_key)
        channel = _channel(stack, authorized=True)
        cdk.CfnOutput(stack, "PlaybackUrl", value=channel.playback_url)
        cdk.CfnOutput(stack, "SigningKeyArn", value=signing_key.key_arn)

    made = run.deploy(fill)
    claims = PlaybackClaims(channel_arn=made["ChannelArn"])
    signer = KmsSigner(made["SigningKeyArn"], run.account.client("kms"))
    with _live(run, made):
        good = f"{made['PlaybackUrl']}?token={sign(claims, signer)}"
        for _ in patiently(60, 5):
            if (seen := run.outside.watch(good)) == 200:
                break
        run.holds(seen == 200, f"a token signed by AWS KMS plays, got status {seen}")
        foreign = f"{made['PlaybackUrl']}?token={sign(claims, _stranger)}"
        refused = {
            "a stranger's": run.outside.watch(foreign),
            "none": run.outside.watch(made["PlaybackUrl"]),
        }
        run.note(f"status with another token: {refused}")
        run.holds(200 not in refused.values(), "no other token plays")


def _participant_token(run: Run) -> None:
    def fill(stack: cdk.Stack) -> None:
        stage = ivs.Stage(stack, "Stage")
        signing_key = ivs.TokenSigningKey(stack, "SigningKey")
        public_key = ivs.PublicKey(stack, "PublicKey", signing_key=signing_key)
        cdk.CfnOutput(stack, "StageArn", value=stage.stage_arn)
        cdk.CfnOutput(stack, "EventsUrl", value=stage.events_endpoint)
        cdk.CfnOutput(stack, "WhipUrl", value=stage.whip_endpoint)
        cdk.CfnOutput(stack, "SigningKeyArn", value=signing_key.key_arn)
        cdk.CfnOutput(stack, "PublicKeyArn", value=public_key.public_key_arn)

    made = run.deploy(fill)
    claims = ParticipantClaims(
        stage_arn=made["StageArn"],
        events_url=made["EventsUrl"],
        whip_url=made["WhipUrl"],
        expires_in=timedelta(minutes=10),
    )
    client = run.account.client("ivs-realtime")
    theirs = client.create_participant_token(stageArn=made["StageArn"], capabilities=["PUBLISH"])
    signer = KmsSigner(made["SigningKeyArn"], run.account.client("kms"))
    tokens = {
        "by Amazon IVS": theirs["participantToken"]["token"],
        "by AWS KMS": sign(claims, signer, public_key_arn=made["PublicKeyArn"]),
        "by a stranger": sign(claims, _stranger, public_key_arn=made["PublicKeyArn"]),
    }
    seen = {name: run.outside.publish(made["WhipUrl"], token) for name, token in tokens.items()}
    run.note(f"status with a token made {seen}")
    if seen["by Amazon IVS"] not in (200, 201):
        raise RuntimeError(f"the offer itself was refused, so it shows nothing of tokens: {seen}")
    run.holds(seen["by AWS KMS"] == seen["by Amazon IVS"], "a token signed by AWS KMS is accepted")
    run.holds(seen["by a stranger"] not in (200, 201), "no other one is")


# What is measured and told


def _metrics(run: Run) -> None:
    made = run.deploy(_channel)
    client = run.account.client("cloudwatch")
    own = made["ChannelArn"].rpartition("/")[2]
    begun = datetime.now(UTC)
    with _live(run, made):
        for _ in patiently(600, 15):
            points = {
                name: _points(client, value, begun)
                for name, value in (("id", own), ("ARN", made["ChannelArn"]))
            }
            if any(points.values()):
                break
    run.note(f"data points of IngestBitrate by the channel's {points}")
    health = {
        value["Value"]
        for metric in client.list_metrics(Namespace="AWS/IVS", MetricName="ConcurrentStreams")[
            "Metrics"
        ]
        for value in metric["Dimensions"]
        if value["Name"] == "Health"
    }
    run.note(f"values of the dimension Health so far: {sorted(health)}")
    run.holds(points["id"] > 0, "the dimension Channel of AWS/IVS is the channel's id")
    run.holds(points["ARN"] == 0, "it is not the ARN")


def _composition(run: Run) -> None:
    def fill(stack: cdk.Stack) -> None:
        stage = ivs.Stage(stack, "Stage")
        studio = ivs.IngestConfiguration(stack, "Studio", stage=stage)
        encoder = ivs.EncoderConfiguration(stack, "Encoder")
        storage = ivs.StorageConfiguration(stack, "Storage")
        queue = aws_sqs.Queue(stack, "Queue", enforce_ssl=True)
        aws_events.Rule(
            stack,
            "Rule",
            event_pattern=aws_events.EventPattern(source=["aws.ivs"]),
            targets=[aws_events_targets.SqsQueue(queue)],
        )
        cdk.CfnOutput(stack, "StageArn", value=stage.stage_arn)
        cdk.CfnOutput(stack, "IngestUrl", value=stage.rtmps_endpoint)
        cdk.CfnOutput(stack, "SecretArn", value=studio.secret.secret_arn)
        cdk.CfnOutput(stack, "EncoderArn", value=encoder.encoder_configuration_arn)
        cdk.CfnOutput(stack, "StorageArn", value=storage.storage_configuration_arn)
        cdk.CfnOutput(stack, "QueueUrl", value=queue.queue_url)

    made = run.deploy(fill)
    realtime = run.account.client("ivs-realtime")
    storages = [made["StorageArn"]]
    try:
        storages.append(_storage(run, run.bucket("kms", encrypted=True)))
    except realtime.exceptions.ValidationException as error:
        run.note(f"no storage configuration for a bucket with SSE-KMS: {error}")
    with run.outside.broadcast(made["IngestUrl"], run.secret(made["SecretArn"])):
        for _ in patiently(90, 3):
            if realtime.get_stage(arn=made["StageArn"])["stage"].get("activeSessionId"):
                break
        arn = _compose(run, made, storages)
        for _ in patiently(180, 5):
            shown = realtime.get_composition(arn=arn)["composition"]
            if all(each["state"] not in ("STARTING",) for each in shown["destinations"]):
                break
        states = [each["state"] for each in shown["destinations"]]
        realtime.stop_composition(arn=arn)
    run.note(f"destinations with SSE-S3 and SSE-KMS: {states}")
    run.holds(states[0] == "ACTIVE", "a composition records to a bucket with SSE-S3")
    run.holds(states[1:] != ["ACTIVE"], "none does to a bucket with SSE-KMS")
    events = _events(run, made["QueueUrl"], arn)
    for kind in sorted({each["detail-type"] for each in events}):
        fields = {name for each in events if each["detail-type"] == kind for name in each["detail"]}
        run.note(f"{kind}: {', '.join(sorted(fields))}")
    ours = [each for each in events if each["detail-type"] == "IVS Composition State Change"]
    run.holds(bool(ours), "events of the composition come")
    run.holds(
        all(each["detail"].get("stage_arn") == made["StageArn"] for each in ours),
        "each has the stage's ARN in detail.stage_arn",
    )
    updates = [each for each in events if each["detail-type"] == "IVS Stage Update"]
    run.holds(
        bool(updates) and all(each["resources"] == [made["StageArn"]] for each in updates),
        "updates of the stage have its ARN as the only resource",
    )


CHECKS = (
    Check("lists", "how late lists of what was just made are", _NOTHING, _lists),
    Check(
        "shown",
        "what CloudFormation shows of a custom resource while it is replaced and cleaned up",
        _FUNCTION,
        _shown,
    ),
    Check(
        "quotas",
        "the quotas of the account by name; 3 public keys",
        _NOTHING,
        _quotas,
    ),
    Check(
        "types in Regions",
        "which AWS::IVS types CloudFormation has where; that ad configurations lack in 3 Regions",
        _NOTHING,
        _types,
    ),
    Check(
        "provider role",
        "conditions on tags suffice for the function's role, on create, update and delete; which "
        "tags CloudFormation itself puts on resources",
        _FUNCTION,
        _role,
    ),
    Check(
        "associations survive",
        "policy and slate stay when CloudFormation updates the channel",
        _FUNCTION,
        _associations,
    ),
    Check(
        "CloudFormation's view",
        "how far DescribeStackResource is behind the events, and what it shows while a replaced "
        "resource is cleaned up",
        _FUNCTION,
        _shown_by_cloudformation,
    ),
    Check(
        "late lists",
        "how long the lists lag after a create, a tag and a delete",
        _NOTHING,
        _late_lists,
    ),
    Check(
        "throttling",
        "how many calls a second are answered, and how others are refused; uses up the account's "
        "quota for half a minute",
        _NOTHING,
        _throttling,
    ),
    Check(
        "same key again",
        "importing a key that is known answers ConflictException, in both APIs",
        _NOTHING,
        _same_key,
    ),
    Check(
        "bucket policy",
        "what creating and deleting a storage configuration does to the bucket's policy",
        _NOTHING,
        _bucket_policy,
    ),
    Check(
        "policy written anew",
        "this library's statement stays when CloudFormation writes the bucket's policy anew",
        _FUNCTION,
        _library_bucket,
    ),
    Check(
        "participant token",
        "a stage accepts a token that AWS KMS signed",
        f"{_FUNCTION}; participant time of a minute",
        _participant_token,
    ),
    Check(
        "playback token",
        "a private channel accepts a token that AWS KMS signed",
        f"{_FUNCTION}; {_MINUTES}",
        _playback_token,
        broadcasts=True,
    ),
    Check(
        "channel metrics",
        "whether the dimension Channel is the id or the ARN; values of the dimension Health",
        f"a secret; {_MINUTES} (up to 10)",
        _metrics,
        broadcasts=True,
    ),
    Check(
        "composition",
        "fields of its events and of the stage's; whether its recordings need SSE-S3",
        f"{_FUNCTION}; composition and {_MINUTES}",
        _composition,
        broadcasts=True,
    ),
)
"""Every check, the cheap ones first."""


def _channel(stack: cdk.Stack, *, authorized: bool = False) -> ivs.Channel:
    """Define a channel that can be broadcast to."""
    channel = ivs.Channel(stack, "Channel", authorized=authorized)
    key = channel.add_stream_key("StreamKey")
    cdk.CfnOutput(stack, "ChannelArn", value=channel.channel_arn)
    cdk.CfnOutput(stack, "IngestUrl", value=channel.ingest_url)
    cdk.CfnOutput(stack, "SecretArn", value=key.secret.secret_arn)
    return channel


@contextmanager
def _live(run: Run, made: dict[str, str]) -> Iterator[None]:
    """Broadcast to a channel meanwhile."""
    client = run.account.client("ivs")
    with run.outside.broadcast(made["IngestUrl"], run.secret(made["SecretArn"])):
        for _ in patiently(90, 3):
            try:
                if client.get_stream(channelArn=made["ChannelArn"])["stream"]["state"] == "LIVE":
                    break
            except client.exceptions.ChannelNotBroadcasting:
                continue
        else:
            raise RuntimeError(f"{made['ChannelArn']} did not go live")
        yield


def _stranger(message: bytes) -> bytes:
    """Sign as somebody of whom Amazon IVS knows nothing."""
    key = ec.generate_private_key(ec.SECP384R1())
    return key.sign(message, ec.ECDSA(hashes.SHA384()))


def _storage(run: Run, bucket: str) -> str:
    """Make a storage configuration; it is deleted at the end."""
    client = run.account.client("ivs-realtime")
    made = client.create_storage_configuration(s3={"bucketName": bucket}, tags=run.tags)
    arn: str = made["storageConfiguration"]["arn"]

    def undo() -> None:
        try:
            client.delete_storage_configuration(arn=arn)
        except client.exceptions.ResourceNotFoundException:
            return

    run.finally_do(undo)
    return arn


def _compose(run: Run, made: dict[str, str], storages: list[str]) -> str:
    """Compose a stage to buckets."""
    client = run.account.client("ivs-realtime")
    destinations = [
        {"s3": {"storageConfigurationArn": each, "encoderConfigurationArns": [made["EncoderArn"]]}}
        for each in storages
    ]
    started = client.start_composition(
        stageArn=made["StageArn"], destinations=destinations, tags=run.tags
    )
    arn: str = started["composition"]["arn"]

    def undo() -> None:
        try:
            client.stop_composition(arn=arn)
        except (client.exceptions.ConflictException, client.exceptions.ResourceNotFoundException):
            # It has stopped, as it must have.
            return

    run.finally_do(undo)
    return arn


def _events(run: Run, queue: str, composition: str) -> list[dict[str, Any]]:
    """Take events from a queue until the composition's end has come."""
    client = run.account.client("sqs")
    found: list[dict[str, Any]] = []
    for _ in patiently(120, 1):
        answer = client.receive_message(QueueUrl=queue, MaxNumberOfMessages=10, WaitTimeSeconds=5)
        for each in answer.get("Messages", []):
            found.append(json.loads(each["Body"]))
            client.delete_message(QueueUrl=queue, ReceiptHandle=each["ReceiptHandle"])
        if any(
            each["resources"] == [composition] and each["detail"].get("event_name") == "Session End"
            for each in found
        ):
            break
    return found


def _points(client: Any, channel: str, begun: datetime) -> int:  # noqa: ANN401 (boto3 ships no types)
    answer = client.get_metric_statistics(
        Namespace="AWS/IVS",
        MetricName="IngestBitrate",
        Dimensions=[{"Name": "Channel", "Value": channel}],
        StartTime=begun - timedelta(minutes=1),
        EndTime=datetime.now(UTC) + timedelta(minutes=1),
        Period=60,
        Statistics=["Average"],
    )
    return len(answer["Datapoints"])


def _tls_only(bucket: str) -> dict[str, Any]:
    statement = {
        "Sid": "OwnersRule",
        "Effect": "Deny",
        "Principal": "*",
        "Action": "s3:*",
        "Resource": [f"arn:aws:s3:::{bucket}", f"arn:aws:s3:::{bucket}/*"],
        "Condition": {"Bool": {"aws:SecureTransport": "false"}},
    }
    return {"Version": "2012-10-17", "Statement": [statement]}


def _statements(client: Any, bucket: str) -> list[dict[str, Any]]:  # noqa: ANN401 (boto3 ships no types)
    try:
        text = client.get_bucket_policy(Bucket=bucket)["Policy"]
    except _ClientError as error:
        if error.response["Error"]["Code"] != "NoSuchBucketPolicy":
            raise
        return []
    statements: list[dict[str, Any]] = json.loads(text)["Statement"]
    return statements


def _sids(statements: list[dict[str, Any]]) -> set[str]:
    return {each["Sid"] for each in statements if "Sid" in each}
