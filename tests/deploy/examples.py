"""The life of every example: made, changed, replaced, rolled back, gone."""

from __future__ import annotations

import pkgutil
from dataclasses import dataclass

import aws_cdk as cdk
from aws_cdk import aws_ivs

from tests.deploy.scenarios import Scenario, Steps
from tools.local_cloud import apps, existing
from tools.local_cloud.apps import Variation, at, setting
from tools.local_cloud.bench import Bench, Define
from tools.local_cloud.cloud import ACCOUNT, REGION
from tools.local_cloud.toolchain import ROOT

NOBODY = f"arn:aws:ivs:{REGION}:{ACCOUNT}:channel/nobodysChann"
"""A channel that does not exist."""


def renamed(path: str) -> Variation:
    """Give a resource another logical id, which makes it another resource."""
    name = f"Another{path.replace('/', '')}"
    return lambda stack: at(stack, path).override_logical_id(name)


def tagged(stack: cdk.Stack) -> None:
    """Tag everything that takes tags."""
    cdk.Tags.of(stack).add("deploy-test", "changed")


def broken(stack: cdk.Stack) -> None:
    """Add what fails when all the rest is done: a key of a channel that does not exist."""
    others = [each for each in stack.node.find_all() if cdk.CfnResource.is_cfn_resource(each)]
    last = aws_ivs.CfnStreamKey(stack, "Broken", channel_arn=NOBODY)
    for other in others:
        last.node.add_dependency(other)


@dataclass(frozen=True, slots=True, kw_only=True)
class Life:
    """What happens to an example.

    Attributes:
        update: Changes that replace no resource; tags change as well.
        replace: Changes that replace resources.
        replaced: The types in Amazon IVS of which another one must be there after that.
    """

    update: tuple[Variation, ...]
    replace: tuple[Variation, ...] = ()
    replaced: tuple[str, ...]


LIVES = {
    "broadcast_stage_to_channel": Life(
        update=(setting("Talk/Stage/Custom", Name="talk-2"),),
        replace=(setting("Talk/EncoderConfiguration/Custom", Video__Bitrate=2_000_000),),
        replaced=("EncoderConfiguration",),
    ),
    "channel_with_restriction": Life(
        update=(
            setting("Restriction/Resource", AllowedCountries=["DE"]),
            setting("Slate/Resource", ActivationThresholdSeconds=4),
        ),
        replace=(renamed("Restriction/Resource"), renamed("Slate/Resource")),
        replaced=("PlaybackRestrictionPolicy", "FailoverSlateConfiguration"),
    ),
    "creator_channels": Life(
        update=(setting("Creators/Schedule", Description="changed"),),
        replace=(setting("Recording/Resource", Name="another"),),
        replaced=("RecordingConfiguration",),
    ),
    "imported_channel": Life(
        update=(setting("Channel/StreamKey/Secret/Resource", Description="changed"),),
        replaced=("StreamKey",),
    ),
    "meeting_rooms": Life(
        update=(setting("Rooms/Schedule", Description="changed"),),
        replace=(renamed("Rooms/SigningKey/Key/Resource"),),
        replaced=("PublicKey",),
    ),
    "moderated_channel": Life(
        update=(setting("Channel/Resource", LatencyMode="NORMAL"),),
        replace=(renamed("Channel/Resource"),),
        replaced=("Channel",),
    ),
    "operations": Life(
        update=(setting("Show/Resource", LatencyMode="NORMAL"),),
        replace=(renamed("Show/Resource"), renamed("Backstage/Custom")),
        replaced=("Channel", "Stage"),
    ),
    "private_channel_with_token_issuer": Life(
        update=(setting("Live/Channel/Resource", LatencyMode="NORMAL"),),
        # Another key in AWS KMS has another public half.
        replace=(renamed("Live/SigningKey/Key/Resource"),),
        replaced=("PlaybackKeyPair",),
    ),
    "private_recorded_channel": Life(
        update=(
            setting("Live/Channel/Resource", LatencyMode="NORMAL"),
            setting("Live/RestrictionPolicy/Resource", AllowedCountries=["DE"]),
        ),
        replace=(setting("Live/RecordingConfiguration/Resource", Name="another"),),
        replaced=("RecordingConfiguration",),
    ),
    "public_channel": Life(
        update=(setting("Channel/Resource", LatencyMode="NORMAL"),),
        # The key refers to the channel, so it is replaced with it.
        replace=(renamed("Channel/Resource"),),
        replaced=("Channel", "StreamKey"),
    ),
    "realtime_stage": Life(
        update=(setting("Stage/Custom", Name="talk-2"),),
        replace=(setting("Studio/Resource", UserId="another"),),
        replaced=("IngestConfiguration",),
    ),
    "recorded_channel_existing_bucket": Life(
        update=(setting("Channel/Resource", LatencyMode="NORMAL"),),
        replace=(setting("Recording/Resource", Name="another"),),
        replaced=("RecordingConfiguration",),
    ),
    "scheduled_ad_break": Life(
        update=(setting("News/Resource", LatencyMode="NORMAL"),),
        # All that has another id when the channel's construct is called otherwise.
        replace=(
            renamed("News/Resource"),
            renamed("News/Associations/Resource"),
        ),
        replaced=("Channel",),
    ),
    "stage_recorded_to_s3": Life(
        update=(setting("Talk/Stage/Custom", Name="talk-2"),),
        replace=(setting("Talk/EncoderConfiguration/Custom", Video__Bitrate=2_000_000),),
        replaced=("EncoderConfiguration",),
    ),
    "stage_with_token_issuer": Life(
        update=(setting("Stage/Custom", Name="talk-2"),),
        replace=(renamed("SigningKey/Key/Resource"),),
        replaced=("PublicKey",),
    ),
}
"""Every example."""


def names() -> list[str]:
    """List the examples."""
    return sorted(each.name for each in pkgutil.iter_modules([str(ROOT / "examples")]))


def scenario(name: str) -> Scenario:
    """Make the scenario of an example."""
    return Scenario(name, lambda bench: _live(bench, name, LIVES[name]))


def _live(bench: Bench, name: str, life: Life) -> Steps:
    stack = "".join(word.capitalize() for word in name.split("_"))
    prepare = existing.PREPARATIONS.get(name)
    found = prepare(bench) if prepare else None
    given = [found.given] if found else []
    replace = [*life.replace, *(found.replace if found else ())]

    def app(*variations: Variation) -> Define:
        return apps.define(name, stack, *given, *variations)

    before = bench.state()
    there = bench.inventory()

    yield "failing create"
    bench.deploy(app(broken), succeeds=False)
    assert bench.stack(stack)["StackStatus"] == "ROLLBACK_COMPLETE"
    assert bench.failures(stack).keys() == {"Broken"}
    assert bench.state() == before
    # Buckets and keys are retained from then on when there can be something in them.
    left = {each for each in bench.inventory() - there if not each.startswith("process ")}
    assert left == {f"stack {stack}"}, left

    yield "deploy"
    with bench.secrets_watched():
        bench.deploy(app(), change_set=True)
    outputs = bench.outputs(stack)
    assert all(outputs.values()), outputs
    _check_secrets(bench, outputs)

    yield "no change"
    bench.unchanged(app())

    yield "update"
    old = {each.arn for each in bench.resources()}
    was = bench.state(stack)
    bench.deploy(app(tagged, *life.update), change_set=True)
    assert {each.arn for each in bench.resources()} == old
    assert bench.state(stack) != was

    yield "replacement"
    arns = {each: bench.arns(each) for each in life.replaced}
    bench.deploy(app(tagged, *life.update, *replace))
    assert len(bench.resources()) == len(old)
    for each in life.replaced:
        assert bench.arns(each).isdisjoint(arns[each]), each

    yield "rolled back"
    # Back to the beginning, and then something fails: all of it changes twice.
    was = bench.state(stack)
    bench.deploy(app(broken), succeeds=False)
    assert bench.stack(stack)["StackStatus"] == "UPDATE_ROLLBACK_COMPLETE"
    assert bench.failures(stack).keys() == {"Broken"}
    now = bench.state(stack)
    assert now["ivs"] == was["ivs"], [
        each
        for each in (*was["ivs"], *now["ivs"])
        if each not in was["ivs"] or each not in now["ivs"]
    ]
    assert now == was

    yield "destroy"
    bench.destroy(app(tagged, *life.update, *replace))
    assert bench.state() == before
    if found:
        found.undo()


def _check_secrets(bench: Bench, outputs: dict[str, str]) -> None:
    """See to it that each secret that is named in an output holds a key."""
    keys = {each.data["value"] for each in bench.resources("StreamKey")}
    keys |= {each.data["streamKey"] for each in bench.resources("IngestConfiguration")}
    for name, value in outputs.items():
        if name.endswith("Secret"):
            secret = bench.cloud.client("secretsmanager").get_secret_value(SecretId=value)
            assert secret["SecretString"] in keys
