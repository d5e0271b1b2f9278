"""Makes what an example expects in the account, before it is deployed."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from tools.local_cloud.apps import Variation, setting
from tools.local_cloud.bench import Bench
from tools.local_cloud.cloud import ACCOUNT, REGION


@dataclass(frozen=True, slots=True, kw_only=True)
class Existing:
    """What exists before an example is deployed.

    Attributes:
        given: Points the example to it, because ids cannot be chosen.
        replace: Changes that replace resources by others that exist.
        undo: Removes it again.
    """

    given: Variation
    replace: tuple[Variation, ...] = ()
    undo: Callable[[], object]


def _channels(bench: Bench) -> Existing:
    """Make the channel that the example imports, and another one.

    They have no stream keys, because a channel has at most one.
    """
    ivs = bench.cloud.client("ivs")
    arns: list[str] = []
    for name in ("elsewhere", "elsewhere-2"):
        made = ivs.create_channel(name=name)
        ivs.delete_stream_key(arn=made["streamKey"]["arn"])
        arns.append(made["channel"]["arn"])
    first, second = (setting("Channel/StreamKey/Resource", ChannelArn=arn) for arn in arns)
    return Existing(
        given=first,
        replace=(second,),
        undo=lambda: [ivs.delete_channel(arn=arn) for arn in arns],
    )


def _ad_configuration(bench: Bench) -> Existing:
    """Make the ad configuration that the example imports."""
    ivs = bench.cloud.client("ivs")
    playback = f"arn:aws:mediatailor:{REGION}:{ACCOUNT}:playbackConfiguration/elsewhere"
    made = ivs.create_ad_configuration(
        mediaTailorPlaybackConfigurations=[{"playbackConfigurationArn": playback}]
    )
    arn = made["adConfiguration"]["arn"]
    return Existing(
        given=setting("News/Associations/Resource", AdConfigurationArn=arn),
        undo=lambda: ivs.delete_ad_configuration(arn=arn),
    )


PREPARATIONS: dict[str, Callable[[Bench], Existing]] = {
    "imported_channel": _channels,
    "scheduled_ad_break": _ad_configuration,
}
"""By example; the others only need an empty account."""
