"""The programs on the page about back ends, run against the emulator."""

from __future__ import annotations

from collections.abc import Iterator
from importlib import import_module
from typing import Any

import pytest

from ivs_constructs.testing.emulator import Emulator
from tests.docs.test_blocks import BLOCKS

# boto3 ships no types.
boto3: Any = import_module("boto3")

TITLES = ("Broadcast a room", "List what is live")


@pytest.fixture
def emulator(monkeypatch: pytest.MonkeyPatch) -> Iterator[Emulator]:
    with Emulator() as started:
        options = started.client_options
        for name, value in {
            **started.environment,
            "AWS_DEFAULT_REGION": options["region_name"],
            "AWS_ACCESS_KEY_ID": options["aws_access_key_id"],
            "AWS_SECRET_ACCESS_KEY": options["aws_secret_access_key"],
        }.items():
            monkeypatch.setenv(name, value)
        _prepare(monkeypatch)
        yield started
        assert not started.mismatches


def _prepare(monkeypatch: pytest.MonkeyPatch) -> None:
    realtime = boto3.client("ivs-realtime")
    encoder = realtime.create_encoder_configuration()["encoderConfiguration"]["arn"]
    storage = realtime.create_storage_configuration(s3={"bucketName": "recordings"})
    monkeypatch.setenv("ENCODER_CONFIGURATION", encoder)
    monkeypatch.setenv("STORAGE_CONFIGURATION", storage["storageConfiguration"]["arn"])


@pytest.fixture
def programs() -> dict[str, Any]:
    names: dict[str, Any] = {}
    found = [each for each in BLOCKS if each.page == "back-ends" and each.title in TITLES]
    assert len(found) == len(TITLES)
    for block in found:
        exec(compile(block.text, "docs/back-ends.md", "exec"), names)  # noqa: S102 (the project's own page)
    return names


def test_repeated_broadcast_is_one_composition(
    emulator: Emulator, programs: dict[str, Any]
) -> None:
    stage = boto3.client("ivs-realtime").create_stage()["stage"]["arn"]
    emulator.start_publishing(stage)
    channel = boto3.client("ivs").create_channel()["channel"]["arn"]

    first = programs["broadcast"](stage, channel, "monday")

    assert programs["broadcast"](stage, channel, "monday") == first
    assert [each.arn for each in emulator.resources("Composition")] == [first]


def test_live_channels_are_listed(emulator: Emulator, programs: dict[str, Any]) -> None:
    ivs = boto3.client("ivs")
    live, _ = (ivs.create_channel()["channel"]["arn"] for _ in range(2))
    emulator.go_live(live)

    assert list(programs["viewers_of_live_channels"]()) == [live]
