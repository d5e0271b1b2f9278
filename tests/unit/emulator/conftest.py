"""One emulator for all tests, reset for each, and clients that do not retry."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import boto3  # type: ignore[import-untyped]  # no types
import pytest
from botocore.config import Config  # type: ignore[import-untyped]  # no types

from ivs_constructs.testing.emulator import Emulator, SteppingClock
from ivs_constructs.testing.emulator.models import load
from tests.public_keys import ANOTHER_P384, P384

# boto3 ships no types, and classes of conftest.py cannot be imported.
Untyped = Any


@pytest.fixture(scope="session")
def running() -> Iterator[Emulator]:
    with Emulator(clock=SteppingClock()) as emulator:
        yield emulator


@pytest.fixture(scope="session")
def clients(running: Emulator) -> Iterator[dict[str, Any]]:
    config = Config(retries={"total_max_attempts": 1}, read_timeout=10)
    made = {
        name: boto3.client(name, config=config, **running.client_options)
        for name in ("ivs", "ivs-realtime")
    }
    yield made
    for client in made.values():
        client.close()


@pytest.fixture
def emulator(running: Emulator) -> Iterator[Emulator]:
    running.reset()
    yield running
    assert running.mismatches == []


@pytest.fixture
def ivs(emulator: Emulator, clients: dict[str, Any]) -> Untyped:  # noqa: ARG001 (reset first)
    return clients["ivs"]


@pytest.fixture
def realtime(emulator: Emulator, clients: dict[str, Any]) -> Untyped:  # noqa: ARG001 (reset first)
    return clients["ivs-realtime"]


@pytest.fixture
def pem() -> str:
    return P384


@pytest.fixture
def another_pem() -> str:
    return ANOTHER_P384


class Resources:
    """Makes one resource of each type with as little as it takes."""

    def __init__(self, ivs: Untyped, realtime: Untyped) -> None:
        self._ivs = ivs
        self._realtime = realtime

    def channel(self, **more: object) -> str:
        return str(self._ivs.create_channel(**more)["channel"]["arn"])

    def recording_configuration(self) -> str:
        made = self._ivs.create_recording_configuration(
            destinationConfiguration={"s3": {"bucketName": "recordings"}}
        )
        return str(made["recordingConfiguration"]["arn"])

    def playback_restriction_policy(self) -> str:
        made = self._ivs.create_playback_restriction_policy()
        return str(made["playbackRestrictionPolicy"]["arn"])

    def ad_configuration(self) -> str:
        arn = "arn:aws:mediatailor:us-east-1:123456789012:playbackConfiguration/ads"
        made = self._ivs.create_ad_configuration(
            mediaTailorPlaybackConfigurations=[{"playbackConfigurationArn": arn}]
        )
        return str(made["adConfiguration"]["arn"])

    def failover_slate_configuration(self) -> str:
        made = self._ivs.create_failover_slate_configuration()
        return str(made["failoverSlateConfiguration"]["arn"])

    def stage(self, **more: object) -> str:
        return str(self._realtime.create_stage(**more)["stage"]["arn"])

    def encoder_configuration(self) -> str:
        return str(self._realtime.create_encoder_configuration()["encoderConfiguration"]["arn"])

    def storage_configuration(self) -> str:
        made = self._realtime.create_storage_configuration(s3={"bucketName": "compositions"})
        return str(made["storageConfiguration"]["arn"])

    def ingest_configuration(self, **more: object) -> str:
        made = self._realtime.create_ingest_configuration(ingestProtocol="RTMPS", **more)
        return str(made["ingestConfiguration"]["arn"])

    def composition(self, stage_arn: str, **more: object) -> str:
        made = self._realtime.start_composition(
            stageArn=stage_arn,
            **{"destinations": [self.s3_destination()], **more},
        )
        return str(made["composition"]["arn"])

    def s3_destination(self) -> dict[str, Any]:
        return {
            "s3": {
                "storageConfigurationArn": self.storage_configuration(),
                "encoderConfigurationArns": [self.encoder_configuration()],
            }
        }


@pytest.fixture
def make(ivs: Untyped, realtime: Untyped) -> Resources:
    return Resources(ivs, realtime)


class Refused:
    """Calls what must be refused, and gives the error's code, message and HTTP status."""

    def __call__(self, call: Untyped, **parameters: object) -> tuple[str, str, int]:
        from botocore.exceptions import (  # type: ignore[import-untyped]  # no types
            ClientError,
        )

        with pytest.raises(ClientError) as caught:
            call(**parameters)
        answer = caught.value.response
        message = answer.get("exceptionMessage", answer["Error"]["Message"])
        return answer["Error"]["Code"], message, answer["ResponseMetadata"]["HTTPStatusCode"]


@pytest.fixture
def refused() -> Refused:
    return Refused()


if "CreateFailoverSlateConfiguration" not in load().names():
    # An older botocore: the emulator serves what that knows, and these tests ask for all there is.
    collect_ignore_glob = ["test_*.py"]
