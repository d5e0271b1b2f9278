"""Reading the service models, older ones too."""

from __future__ import annotations

import gzip
import json
from pathlib import Path
from typing import Any

import boto3  # type: ignore[import-untyped]  # no types
import botocore  # type: ignore[import-untyped]  # no types
import pytest

from ivs_constructs.testing.emulator import Emulator
from ivs_constructs.testing.emulator import emulator as module
from ivs_constructs.testing.emulator.models import Models, load

VERSION = "2020-07-14"


def test_models_are_read_once() -> None:
    assert load() is load()


def test_statuses_are_the_modelled_ones() -> None:
    errors = load().errors

    assert errors["ServiceQuotaExceededException"] == 402
    assert errors["PendingVerification"] == errors["AccessDeniedException"] == 403
    assert errors["ChannelNotBroadcasting"] == errors["ResourceNotFoundException"] == 404
    assert errors["ConflictException"] == 409
    assert errors["ThrottlingException"] == 429
    assert errors["InternalServerException"] == 500


def test_older_models_are_served_as_far_as_they_go(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    data = Path(botocore.__file__).parent / "data" / "ivs" / VERSION / "service-2.json.gz"
    model: dict[str, Any] = json.loads(gzip.decompress(data.read_bytes()))
    for name in [each for each in model["operations"] if "FailoverSlate" in each]:
        del model["operations"][name]
    for name in ("Channel", "ChannelSummary", "CreateChannelRequest"):
        del model["shapes"][name]["members"]["failoverSlateConfigurationArn"]
    folder = tmp_path / "ivs" / VERSION
    folder.mkdir(parents=True)
    (folder / "service-2.json").write_text(json.dumps(model), encoding="utf-8")
    monkeypatch.setenv("AWS_DATA_PATH", str(tmp_path))
    older = Models()
    monkeypatch.setattr(module, "load", lambda: older)

    with Emulator() as emulator:
        session = boto3.session.Session()
        client = session.client("ivs", **emulator.client_options)
        channel = client.create_channel(name="live")["channel"]
        assert "failoverSlateConfigurationArn" not in channel
        assert client.list_channels()["channels"][0]["arn"] == channel["arn"]
        client.close()
        assert emulator.mismatches == []
    assert len(load().names() - older.names()) == 5
