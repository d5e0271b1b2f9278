"""Constructs of a company's own, built on those of this library."""

from collections.abc import Mapping
from typing import Any

import aws_cdk as cdk
from constructs import Construct

from ivs_constructs import (
    Channel,
    ChannelType,
    LiveChannel,
    RecordingBucket,
    RecordingConfiguration,
    StreamKey,
)


class HouseChannel(Channel):
    """A channel with the company's settings."""

    def __init__(self, scope: Construct, id: str, *, team: str) -> None:
        super().__init__(scope, id, type=ChannelType.BASIC, tags={"team": team})
        self.key = self.add_stream_key("Key")

    @property
    def address(self) -> str:
        """Where encoders send to."""
        return self.ingest_url


class CarefulChannel(Channel):
    """Overrides what a channel does."""

    def add_stream_key(self, id: str, *, tags: Mapping[str, str] | None = None) -> StreamKey:
        """Define a key, always with the company's tag."""
        return super().add_stream_key(id, tags={**(tags or {}), "owner": "studio"})


class HouseBucket(RecordingBucket):
    """A bucket that forgets after a month."""

    def __init__(self, scope: Construct, id: str) -> None:
        super().__init__(scope, id, expiration=cdk.Duration.days(30))


class HouseLive(LiveChannel):
    """The bundle, never recorded."""

    def __init__(self, scope: Construct, id: str, **settings: Any) -> None:  # noqa: ANN401 (passed on)
        super().__init__(scope, id, recording=False, **settings)


class House(cdk.Stack):
    """Uses them."""

    def __init__(self, scope: Construct, id: str) -> None:
        super().__init__(scope, id)
        channel: Channel = HouseChannel(self, "Channel", team="video")
        CarefulChannel(self, "Careful").add_stream_key("Key", tags={"team": "video"})
        recording = RecordingConfiguration(self, "Recording", bucket=HouseBucket(self, "Bucket"))
        Channel(self, "Recorded", recording_configuration=recording)
        HouseLive(self, "Live", latency_mode="NORMAL")
        cdk.CfnOutput(self, "Arn", value=channel.channel_arn)
