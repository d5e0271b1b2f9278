"""The pytest fixture, as users load it."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import boto3  # type: ignore[import-untyped]  # no types

if TYPE_CHECKING:
    from ivs_constructs.testing.emulator import Emulator

pytest_plugins = ["ivs_constructs.testing.pytest_plugin"]

ROOT = Path(__file__).resolve().parents[3]

MISMATCH = """
def test_mismatch(ivs_emulator):
    ivs_emulator._dispatcher.mismatches.append("planted")
"""


def test_every_client_talks_to_the_emulator(ivs_emulator: Emulator) -> None:
    session = boto3.session.Session()
    ivs, realtime = session.client("ivs"), session.client("ivs-realtime")
    ivs.create_channel(name="live")
    realtime.create_stage(name="talk")
    ivs.close()
    realtime.close()

    types = [each.type for each in ivs_emulator.resources()]
    assert types == ["Channel", "StreamKey", "Stage"]
    assert os.environ["AWS_ENDPOINT_URL_IVS_REALTIME"] == ivs_emulator.url


def test_environment_is_put_back() -> None:
    assert "AWS_ENDPOINT_URL_IVS" not in os.environ


def test_mismatch_fails_the_test(tmp_path: Path) -> None:
    (tmp_path / "test_user.py").write_text(MISMATCH, encoding="utf-8")
    plugin = "ivs_constructs.testing.pytest_plugin"
    done = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "-p", plugin, "-p", "no:cacheprovider", "."],
        cwd=tmp_path,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        check=False,
    )

    assert done.returncode == 1
    assert "1 passed, 1 error" in done.stdout
    assert "planted" in done.stdout
