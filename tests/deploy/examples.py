"""The life of every example: made, changed, replaced, rolled back, gone."""

from __future__ import annotations

import pkgutil
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, cast

import aws_cdk as cdk
from aws_cdk import aws_ivs

from tests.deploy import apps
from tests.deploy.apps import Variation
from tests.deploy.bench import Bench, Define
from tests.deploy.cloud import ACCOUNT, REGION
from tests.deploy.journeys import Journey, Steps
from tests.deploy.toolchain import ROOT

NOBODY = f"arn:aws:ivs:{REGION}:{ACCOUNT}:channel/nobodysChann"
"""A channel that does not exist."""


def setting(path: str, **properties: object) -> Variation:
    """Set properties of a resource of the stack, whatever the construct says."""

    def vary(stack: cdk.Stack) -> None:
        resource = _at(stack, path)
        for name, value in properties.items():
            resource.add_property_override(name.replace("__", "."), value)

    return vary


def renamed(path: str) -> Variation:
    """Give a resource another logical id, which makes it another resource."""
    name = f"Another{path.replace('/', '')}"
    return lambda stack: _at(stack, path).override_logical_id(name)


def tagged(stack: cdk.Stack) -> None:
    """Tag everything that takes tags."""
    cdk.Tags.of(stack).add("deploy-test", "changed")


def broken(stack: cdk.Stack) -> None:
    """Add what fails when all the rest is done: a key of a channel that does not exist."""
    others = [each for each in stack.node.find_all() if cdk.CfnResource.is_cfn_resource(each)]
    last = aws_ivs.CfnStreamKey(stack, "Broken", channel_arn=NOBODY)
    for other in others:
        last.node.add_dependency(other)


def _at(stack: cdk.Stack, path: str) -> cdk.CfnResource:
    found: Any = stack
    for name in path.split("/"):
        found = found.node.find_child(name)
    return cast("cdk.CfnResource", found)


@dataclass(frozen=True, slots=True, kw_only=True)
class Elsewhere:
    """What an example finds in the account.

    Attributes:
        given: Makes the example find it, as ids cannot be chosen.
        replace: Changes that replace resources by what else is there.
        undo: Takes it away again.
    """

    given: Variation
    replace: tuple[Variation, ...] = ()
    undo: Callable[[], object]


@dataclass(frozen=True, slots=True, kw_only=True)
class Life:
    """What happens to an example.

    Attributes:
        update: Changes that keep every resource what it is; tags are changed besides.
        replace: Changes that replace resources.
        replaced: The types in Amazon IVS of which another one must be there after that.
        prepare: Makes what the example finds in the account.
    """

    update: tuple[Variation, ...]
    replace: tuple[Variation, ...] = ()
    replaced: tuple[str, ...]
    prepare: Callable[[Bench], Elsewhere] | None = None


def _channels_elsewhere(bench: Bench) -> Elsewhere:
    """Make the channel that the example imports, and another one.

    They are without their keys: a channel has one at most.
    """
    ivs = bench.cloud.client("ivs")
    arns: list[str] = []
    for name in ("elsewhere", "elsewhere-2"):
        made = ivs.create_channel(name=name)
        ivs.delete_stream_key(arn=made["streamKey"]["arn"])
        arns.append(made["channel"]["arn"])
    first, second = (setting("Channel/StreamKey/Resource", ChannelArn=arn) for arn in arns)
    return Elsewhere(
        given=first,
        replace=(second,),
        undo=lambda: [ivs.delete_channel(arn=arn) for arn in arns],
    )


def _ads_elsewhere(bench: Bench) -> Elsewhere:
    """Make the ad configuration that the example imports."""
    ivs = bench.cloud.client("ivs")
    playback = f"arn:aws:mediatailor:{REGION}:{ACCOUNT}:playbackConfiguration/elsewhere"
    made = ivs.create_ad_configuration(
        mediaTailorPlaybackConfigurations=[{"playbackConfigurationArn": playback}]
    )
    arn = made["adConfiguration"]["arn"]
    return Elsewhere(
        given=setting("News/Associations/Resource", AdConfigurationArn=arn),
        undo=lambda: ivs.delete_ad_configuration(arn=arn),
    )


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
    "imported_channel": Life(
        update=(setting("Channel/StreamKey/Secret/Resource", Description="changed"),),
        replaced=("StreamKey",),
        prepare=_channels_elsewhere,
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
            renamed("IvsConstructs/TargetPolicy"),
            setting("IvsConstructs/TargetPolicy", PolicyName="another"),
        ),
        replaced=("Channel",),
        prepare=_ads_elsewhere,
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


def journey(name: str) -> Journey:
    """Make the journey of an example."""
    return Journey(name, lambda bench: _live(bench, name, LIVES[name]))


def _live(bench: Bench, name: str, life: Life) -> Steps:
    stack = "".join(word.capitalize() for word in name.split("_"))
    elsewhere = life.prepare(bench) if life.prepare else None
    given = [elsewhere.given] if elsewhere else []
    replace = [*life.replace, *(elsewhere.replace if elsewhere else ())]

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
    assert left == {f"stack {stack}"}

    yield "deploy"
    with bench.secrets_watched():
        bench.deploy(app())
    outputs = bench.outputs(stack)
    assert all(outputs.values()), outputs
    _check_secrets(bench, outputs)

    yield "no change"
    bench.unchanged(app())

    yield "update"
    old = {each.arn for each in bench.resources()}
    was = bench.state(stack)
    bench.deploy(app(tagged, *life.update))
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
    assert bench.state(stack) == was

    yield "destroy"
    bench.destroy(app(tagged, *life.update, *replace))
    assert bench.state() == before
    if elsewhere:
        elsewhere.undo()


def _check_secrets(bench: Bench, outputs: dict[str, str]) -> None:
    """See to it that each secret that is named in an output holds a key."""
    keys = {each.data["value"] for each in bench.resources("StreamKey")}
    keys |= {each.data["streamKey"] for each in bench.resources("IngestConfiguration")}
    for name, value in outputs.items():
        if name.endswith("Secret"):
            secret = bench.cloud.client("secretsmanager").get_secret_value(SecretId=value)
            assert secret["SecretString"] in keys
