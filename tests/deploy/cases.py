"""Cases that no example has."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any, cast

import aws_cdk as cdk
import jsii
from aws_cdk import aws_iam, aws_ivschat
from constructs import IConstruct

import ivs_constructs as ivs
from ivs_constructs.testing.emulator import Refuse
from ivs_constructs.tokens import KmsSigner, PlaybackClaims, sign, verify
from tests.deploy.examples import NOBODY
from tests.deploy.scenarios import Scenario, Steps
from tools.local_cloud import apps
from tools.local_cloud.apps import setting
from tools.local_cloud.bench import Bench, Context, Define
from tools.local_cloud.cloud import ACCOUNT, REGION

STACK = "Special"
_SOON = 2.0
"""When somebody ends what a deployment waits for, in seconds."""

Fill = Callable[[cdk.Stack], object]


def one(fill: Fill, name: str = STACK) -> Define:
    """Define an app of one stack."""

    def define(app: cdk.App) -> None:
        fill(cdk.Stack(app, name))

    return define


def soon(act: Callable[[], object]) -> threading.Timer:
    """Do something while a deployment is under way."""
    timer = threading.Timer(_SOON, act)
    timer.start()
    return timer


# A channel that is live


def _restricted(stack: cdk.Stack, in_use: str, country: str) -> None:
    policies = {
        each: ivs.PlaybackRestrictionPolicy(stack, f"Only{each}", allowed_countries=[each])
        for each in ("DE", "FR")
    }
    ivs.Channel(stack, "Channel", playback_restriction_policy=policies[country], in_use=in_use)


def _live(bench: Bench, in_use: str) -> Steps:
    def app(country: str) -> Define:
        return one(lambda stack: _restricted(stack, in_use, country))

    def associated() -> object:
        arn = bench.only("Channel").data["playbackRestrictionPolicyArn"]
        found = bench.resources("PlaybackRestrictionPolicy")
        return next(each.data["allowedCountries"] for each in found if each.arn == arn)

    yield "deploy"
    bench.deploy(app("DE"))
    assert associated() == ["DE"]
    channel = bench.only("Channel").arn
    emulator = bench.cloud.emulator
    emulator.go_live(channel)
    was = bench.state(STACK)

    yield "change while live"
    if in_use == "FAIL":
        bench.deploy(app("FR"), succeeds=False)
        assert channel in bench.reasons(STACK)
        assert "live" in bench.reasons(STACK)
        assert bench.state(STACK) == was
        emulator.end_stream(channel)
    elif in_use == "WAIT":
        timer = soon(lambda: emulator.end_stream(channel))
        bench.deploy(app("FR"))
        timer.join()
        assert bench.calls("StopStream") == 0
        assert associated() == ["FR"]
    else:
        bench.deploy(app("FR"))
        assert bench.calls("StopStream") == 1
        assert associated() == ["FR"]

    yield "destroy"
    bench.destroy(app("FR"))


# An encoder configuration that a composition uses


def _composed(stack: cdk.Stack, in_use: str) -> None:
    stage = ivs.Stage(stack, "Stage", in_use=in_use)
    encoder = ivs.EncoderConfiguration(stack, "Encoder", in_use=in_use)
    channel = ivs.Channel(stack, "Channel")
    cdk.CfnOutput(stack, "StageArn", value=stage.stage_arn)
    cdk.CfnOutput(stack, "EncoderArn", value=encoder.encoder_configuration_arn)
    cdk.CfnOutput(stack, "ChannelArn", value=channel.channel_arn)


def _in_use(bench: Bench, in_use: str) -> Steps:
    app = one(lambda stack: _composed(stack, in_use))

    yield "deploy"
    bench.deploy(app)
    outputs = bench.outputs(STACK)
    destination = {
        "channelArn": outputs["ChannelArn"],
        "encoderConfigurationArn": outputs["EncoderArn"],
    }
    started = bench.cloud.client("ivs-realtime").start_composition(
        stageArn=outputs["StageArn"], destinations=[{"channel": destination}]
    )
    composition = started["composition"]["arn"]
    emulator = bench.cloud.emulator

    yield "destroy in use"
    if in_use == "FAIL":
        bench.destroy(app, succeeds=False)
        assert composition in bench.reasons(STACK)
        assert bench.calls("StopComposition") == 0
        emulator.end_composition(composition)
        yield "destroy again"
        bench.destroy(app)
    elif in_use == "WAIT":
        timer = soon(lambda: emulator.end_composition(composition))
        bench.destroy(app)
        timer.join()
        assert bench.calls("StopComposition") == 0
    else:
        bench.destroy(app)
        assert bench.calls("StopComposition") >= 1
    # What has stopped is shown for a while; it is no resource of the stack.
    [shown] = bench.resources("Composition")
    assert shown.data["state"] == "STOPPED"
    bench.cloud.emulator.reset()


# Two stacks


def _two_stacks(bench: Bench) -> Steps:
    def app(*names: str, changed: str = "") -> Define:
        def define(app: cdk.App) -> None:
            for name in names:
                vary = [setting("Stage/Custom", Name="changed")] if name == changed else []
                apps.define("realtime_stage", name, *vary)(app)

        return define

    def of(name: str) -> dict[str, Any]:
        stages = bench.resources("Stage")
        mine = [each for each in stages if f"/{name}/" in each.tags["ivs-constructs:stack"]]
        return {"arns": [each.arn for each in mine], "names": [each.data["name"] for each in mine]}

    yield "deploy both"
    bench.deploy(app("Left", "Right"))
    left, right = of("Left"), of("Right")
    assert len(left["arns"]) == len(right["arns"]) == 1

    yield "update one"
    bench.deploy(app("Left", "Right", changed="Left"))
    assert of("Left") == {**left, "names": ["changed"]}
    assert of("Right") == right

    yield "destroy one"
    bench.destroy(app("Left"))
    assert of("Left")["arns"] == []
    assert of("Right") == right
    bench.unchanged(app("Right"))

    yield "destroy the other"
    bench.destroy(app("Right"))


# A type that leaves a stack


def _last_stage(bench: Bench) -> Steps:
    def app(*, stage: bool) -> Define:
        def fill(stack: cdk.Stack) -> None:
            ivs.EncoderConfiguration(stack, "Encoder")
            if stage:
                ivs.Stage(stack, "Stage")

        return one(fill)

    yield "deploy"
    bench.deploy(app(stage=True))
    encoder = bench.only("EncoderConfiguration").arn

    yield "remove the stage"
    bench.deploy(app(stage=False))
    assert bench.resources("Stage") == []
    assert bench.only("EncoderConfiguration").arn == encoder

    yield "add it again"
    bench.deploy(app(stage=True))
    bench.only("Stage")

    yield "destroy"
    bench.destroy(app(stage=True))


def _moved_associations(bench: Bench) -> Steps:
    def app(name: str) -> Define:
        def fill(stack: cdk.Stack) -> None:
            channels = {each: ivs.Channel(stack, each) for each in ("One", "Two")}
            policy = ivs.PlaybackRestrictionPolicy(stack, "Policy", allowed_countries=["DE"])
            ivs.ChannelAssociations(
                stack,
                "Associations",
                channel=channels[name],
                playback_restriction_policy=policy,
            )

        return one(fill)

    def restricted() -> list[bool]:
        return [
            bool(each.data["playbackRestrictionPolicyArn"]) for each in bench.resources("Channel")
        ]

    yield "deploy"
    bench.deploy(app("One"))
    assert sorted(restricted()) == [False, True]
    was = restricted()

    yield "move to another channel"
    bench.deploy(app("Two"))
    assert restricted() == [not each for each in was]

    yield "destroy"
    bench.destroy(app("Two"))


# How resources are realised


def _provisioning(bench: Bench) -> Steps:
    def fill(stack: cdk.Stack) -> None:
        stage = ivs.Stage(stack, "Stage", stage_name="talk")
        ivs.EncoderConfiguration(stack, "Encoder")
        ivs.IngestConfiguration(stack, "Studio", stage=stage)

    app = one(fill)
    native: Context = {"ivs_constructs:provisioning": "CLOUDFORMATION"}

    def arns() -> set[str]:
        return bench.arns("Stage") | bench.arns("EncoderConfiguration")

    yield "deploy custom"
    bench.deploy(app)
    custom = arns()
    studio = bench.only("IngestConfiguration").arn

    yield "switch to native"
    bench.deploy(app, context=native)
    assert len(arns()) == 2
    assert arns().isdisjoint(custom)
    switched = arns()
    assert bench.only("IngestConfiguration").arn == studio
    assert bench.only("IngestConfiguration").data["stageArn"] == bench.only("Stage").arn
    assert not [each for each in bench.left() if each.startswith("function")]

    yield "switch back"
    bench.deploy(app)
    assert len(arns()) == 2
    assert arns().isdisjoint(custom | switched)

    yield "destroy"
    bench.destroy(app)


# What the function is refused


def _refused(bench: Bench) -> Steps:
    app = partial(apps.define, "realtime_stage", STACK)
    faults = bench.cloud.emulator.faults

    yield "create refused"
    faults.add("CreateStage", Refuse("ServiceQuotaExceededException", "too many", 402))
    bench.deploy(app(), succeeds=False)
    assert bench.requests(STACK) == [("Create", "Custom::IVSStage"), ("Delete", "Custom::IVSStage")]
    assert bench.resources() == []
    faults.clear()

    yield "deploy after that"
    bench.deploy(app())
    was = bench.state(STACK)

    yield "update refused"
    faults.add("UpdateStage", Refuse("ValidationException", "no", 400))
    bench.deploy(app(setting("Stage/Custom", Name="other")), succeeds=False)
    faults.clear()
    assert bench.state(STACK) == was

    yield "destroy"
    bench.destroy(app())


def _fleet_rolled_back(bench: Bench) -> Steps:
    """A fleet that was opened, and has made members ahead, goes with the stack that failed."""
    faults = bench.cloud.emulator.faults

    def fill(stack: cdk.Stack) -> None:
        rooms = ivs.StageFleet(stack, "Rooms", max_size=5, ready=2, token_issuer=True)
        encoder = ivs.EncoderConfiguration(stack, "Encoder")
        encoder.node.add_dependency(rooms)

    yield "deployment fails after the fleet was made"
    faults.add(
        "CreateEncoderConfiguration", Refuse("ServiceQuotaExceededException", "too many", 402)
    )
    bench.deploy(one(fill), succeeds=False)
    assert ("Delete", "Custom::IVSFleet") in bench.requests(STACK)
    assert bench.resources() == []
    tables = bench.cloud.client("dynamodb").list_tables()["TableNames"]
    assert tables == []
    faults.clear()

    yield "deploy after that"
    bench.deploy(one(fill))
    was = bench.state(STACK)[STACK]
    bench.wait_for("Stage", ["", ""])

    yield "update fails after the fleet was changed"

    def change(stack: cdk.Stack) -> None:
        rooms = ivs.StageFleet(
            stack, "Rooms", max_size=5, ready=2, token_issuer=True, stage_name="other"
        )
        encoder = ivs.EncoderConfiguration(stack, "Encoder", encoder_configuration_name="other")
        encoder.node.add_dependency(rooms)

    faults.add(
        "CreateEncoderConfiguration", Refuse("ServiceQuotaExceededException", "too many", 402)
    )
    bench.deploy(one(change), succeeds=False)
    faults.clear()
    assert bench.state(STACK)[STACK] == was
    # Members made ahead are replaced when the template changes, and again when it changes back.
    bench.wait_for("Stage", ["", ""])

    yield "destroy"
    bench.destroy(one(fill))
    assert bench.resources() == []


@jsii.implements(cdk.IAspect)
class _Without:
    """Takes an action out of what the provider's role may do, where the policies are made."""

    def __init__(self, action: str) -> None:
        self._action = action

    def visit(self, node: IConstruct) -> None:
        if not isinstance(node, aws_iam.CfnPolicy):
            return
        document: Any = cdk.Stack.of(node).resolve(node.policy_document)
        for statement in document["Statement"]:
            actions = statement["Action"]
            if isinstance(actions, list):
                statement["Action"] = [each for each in actions if each != self._action]
        node.policy_document = document


def _without(action: str) -> Callable[[cdk.Stack], None]:
    def vary(stack: cdk.Stack) -> None:
        cdk.Aspects.of(stack).add(cast("cdk.IAspect", _Without(action)))
        # A short time, so that the function gives up soon.
        setting("Stage/Custom", ServiceTimeout=14)(stack)

    return vary


def _permission(bench: Bench) -> Steps:
    app = partial(apps.define, "realtime_stage", STACK)
    changed = setting("Stage/Custom", Name="other")

    yield "deploy"
    bench.deploy(app())
    was = bench.resources("Stage")[0].data["name"]

    yield "update without permission"
    bench.deploy(app(_without("ivs:UpdateStage"), changed), succeeds=False)
    assert "lacks a permission that UpdateStage needs" in bench.reasons(STACK)
    denied = bench.record("denied")
    assert {each["action"] for each in denied} == {"ivs:UpdateStage"}
    assert bench.resources("Stage")[0].data["name"] == was
    bench.forgive(denied)

    yield "update with it"
    bench.deploy(app(changed))
    assert bench.resources("Stage")[0].data["name"] == "other"

    yield "destroy"
    bench.destroy(app())


# Keys


def _signing_key(bench: Bench) -> Steps:
    def fill(stack: cdk.Stack) -> None:
        key = ivs.TokenSigningKey(stack, "Key")
        ivs.PublicKey(stack, "PublicKey", signing_key=key)
        ivs.PlaybackKeyPair(stack, "KeyPair", signing_key=key)
        cdk.CfnOutput(stack, "KeyArn", value=key.key.key_arn)

    app = one(fill)

    yield "deploy"
    bench.deploy(app)
    bench.unchanged(app)

    yield "tokens"
    public = bench.only("PublicKey")
    kms = bench.cloud.client("kms")
    claims = PlaybackClaims(channel_arn=NOBODY)
    token = sign(claims, KmsSigner(bench.outputs(STACK)["KeyArn"], kms))
    verified = verify(token, public.data["publicKeyMaterial"], PlaybackClaims)
    assert verified.channel_arn == claims.channel_arn
    assert bench.only("PlaybackKeyPair").data["fingerprint"] == public.data["fingerprint"]

    yield "destroy"
    bench.destroy(app)


# What the AWS CDK's own functions do


def _emptied_bucket(bench: Bench) -> Steps:
    def fill(stack: cdk.Stack) -> None:
        bucket = ivs.RecordingBucket(
            stack, "Bucket", removal_policy=cdk.RemovalPolicy.DESTROY, auto_delete_objects=True
        )
        ivs.Channel(
            stack,
            "Channel",
            recording_configuration=ivs.RecordingConfiguration(stack, "Recording", bucket=bucket),
        )
        cdk.CfnOutput(stack, "BucketName", value=bucket.bucket_name)

    app = one(fill)

    yield "deploy"
    bench.deploy(app)
    name = bench.outputs(STACK)["BucketName"]
    bench.cloud.client("s3").put_object(Bucket=name, Key="ivs/v1/recording", Body=b"seen")

    yield "destroy"
    bench.destroy(app)
    assert name not in str(bench.cloud.client("s3").list_buckets()["Buckets"])
    # Lambda made it for the AWS CDK's function, so no stack deletes it, also not in AWS.
    logs = bench.cloud.client("logs")
    for group in logs.describe_log_groups(logGroupNamePrefix=f"/aws/lambda/{STACK}-")["logGroups"]:
        logs.delete_log_group(logGroupName=group["logGroupName"])


# What applications do beside it


def _lists(bench: Bench) -> Steps:
    operations = (
        "ListChannels",
        "ListPlaybackKeyPairs",
        "ListRecordingConfigurations",
        "ListStreams",
    )

    def fill(stack: cdk.Stack) -> None:
        role = aws_iam.Role(stack, "Role", assumed_by=aws_iam.AccountRootPrincipal())
        for operation in operations:
            ivs.ApiCall("ivs", operation).grant(role)
        cdk.CfnOutput(stack, "RoleArn", value=role.role_arn)

    app = one(fill)

    yield "deploy"
    bench.deploy(app)

    yield "lists"
    role = bench.outputs(STACK)["RoleArn"]
    session = bench.cloud.client("sts").assume_role(RoleArn=role, RoleSessionName="lists")
    client = bench.cloud.client("ivs", session["Credentials"])
    client.list_channels()
    client.list_playback_key_pairs()
    client.list_recording_configurations()
    client.list_streams()

    yield "destroy"
    bench.destroy(app)


def _chat(bench: Bench) -> Steps:
    def fill(stack: cdk.Stack, length: int = 200) -> None:
        ivs.Channel(stack, "Channel")
        room = aws_ivschat.CfnRoom(stack, "Room", maximum_message_length=length)
        cdk.CfnOutput(stack, "RoomArn", value=room.attr_arn)

    yield "deploy"
    bench.deploy(one(fill))
    arn = bench.outputs(STACK)["RoomArn"]
    assert arn.startswith(f"arn:aws:ivschat:{REGION}:{ACCOUNT}:room/")

    yield "update"
    bench.deploy(one(partial(fill, length=300)))
    assert bench.outputs(STACK)["RoomArn"] == arn

    yield "invalid"
    refused = bench.deploy(one(partial(fill, length=100_000)), succeeds=False)
    assert "Properties validation failed for AWS::IVSChat::Room" in refused.output

    yield "destroy"
    bench.destroy(one(fill))


# All of it in short


def _short(bench: Bench) -> Steps:
    app = partial(apps.define, "realtime_stage", "RealtimeStage")

    yield "deploy"
    bench.cdk.deploy_module("examples.realtime_stage")
    stage = bench.only("Stage").arn
    # What the tests synthesize by themselves is what the CLI got.
    bench.unchanged(app())

    yield "update"
    bench.deploy(app(setting("Stage/Custom", Name="talk-2")))
    assert bench.only("Stage").arn == stage
    assert bench.only("Stage").data["name"] == "talk-2"

    yield "destroy"
    bench.destroy(app())


SHORT = Scenario("realtime_stage, in short", _short)

# A stage that moves from a custom resource to CloudFormation's own type, with a channel


def _taken_over(bench: Bench) -> Steps:
    def app(provisioning: str) -> Define:
        def fill(stack: cdk.Stack) -> None:
            ivs.Stage(stack, "Stage", stage_name="talk", provisioning=provisioning)
            ivs.Channel(stack, "Channel", channel_name="talk")
            # So that the function stays.
            ivs.EncoderConfiguration(stack, "Encoder")

        return one(fill)

    def arns() -> set[str]:
        return bench.arns("Stage") | bench.arns("Channel")

    def types() -> set[str]:
        cloudformation = bench.cloud.client("cloudformation")
        found = cloudformation.describe_stack_resources(StackName=STACK)["StackResources"]
        return {each["ResourceType"] for each in found}

    yield "deploy"
    custom = bench.assembly(app("CUSTOM"))
    bench.cdk.deploy(custom)
    before = arns()

    yield "orphan"
    paths = (f"{STACK}/Stage", f"{STACK}/Channel")
    bench.cdk.run("orphan", "--app", custom, "--unstable=orphan", "--yes", *paths)
    assert arns() == before
    assert types().isdisjoint({"Custom::IVSStage", "AWS::IVS::Channel"})

    yield "import"
    native = bench.assembly(app("CLOUDFORMATION"))
    template = json.loads(Path(native, f"{STACK}.template.json").read_text(encoding="utf-8"))
    mapping = {
        name: {"Arn": bench.only(each["Type"].rpartition("::")[2]).arn}
        for name, each in template["Resources"].items()
        if each["Type"] in ("AWS::IVS::Stage", "AWS::IVS::Channel")
    }
    written = Path(native, "mapping.json")
    written.write_text(json.dumps(mapping), encoding="utf-8")
    # The policy of the custom stage is still there: the next deployment removes it.
    bench.cdk.run(
        *("import", "--app", native, "--force", "--resource-mapping", str(written), STACK)
    )
    bench.cdk.deploy(native)
    assert arns() == before
    assert types() >= {"AWS::IVS::Stage", "AWS::IVS::Channel"}

    yield "drift"
    drift = ("drift", "--app", native, "--fail", STACK)
    bench.cdk.run(*drift)
    bench.cloud.client("ivs").update_channel(arn=bench.only("Channel").arn, name="other")
    found = bench.cdk.run(*drift, succeeds=False).output
    assert "1 resource has drifted" in found
    assert "/Name" in found

    yield "destroy"
    bench.cdk.destroy(native)


SCENARIOS = (
    SHORT,
    *(Scenario(f"live, InUse.{each}", partial(_live, in_use=each)) for each in ivs.InUse),
    *(Scenario(f"composed, InUse.{each}", partial(_in_use, in_use=each)) for each in ivs.InUse),
    Scenario("two stacks", _two_stacks),
    Scenario("last stage leaves", _last_stage),
    Scenario("associations move", _moved_associations),
    Scenario("provisioning switches", _provisioning),
    Scenario("taken over", _taken_over),
    Scenario("Amazon IVS refuses", _refused),
    Scenario("fleet rolled back", _fleet_rolled_back),
    Scenario("permission missing", _permission),
    Scenario("signing key", _signing_key),
    Scenario("bucket emptied", _emptied_bucket),
    Scenario("lists allowed", _lists),
    Scenario("chat beside a channel", _chat),
)
"""Every case."""
