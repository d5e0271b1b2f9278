import json
import runpy
from collections.abc import Callable
from functools import partial
from importlib import import_module
from pathlib import Path
from typing import Any

import aws_cdk as cdk
import pytest
from syrupy.assertion import SnapshotAssertion

EXAMPLES = Path(__file__).parents[2] / "examples"
NAMES = sorted(path.stem for path in EXAMPLES.glob("*.py") if path.stem != "__init__")

Render = Callable[[cdk.Stack], dict[str, Any]]


def test_examples_are_there() -> None:
    assert {"public_channel", "private_recorded_channel", "imported_channel"} < set(NAMES)


@pytest.mark.parametrize("name", NAMES)
def test_example_template(name: str, template: Render, snapshot_json: SnapshotAssertion) -> None:
    class_name = "".join(word.capitalize() for word in name.split("_"))
    stack_type = getattr(import_module(f"examples.{name}"), class_name)
    stack = stack_type(cdk.App(analytics_reporting=False), class_name)
    assert template(stack) == snapshot_json


@pytest.mark.parametrize("name", NAMES)
def test_example_runs_by_itself(name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    # Without the CDK CLI an app writes to a temporary folder that it does not tell.
    monkeypatch.setattr(cdk, "App", partial(cdk.App, outdir=str(tmp_path)))
    runpy.run_path(str(EXAMPLES / f"{name}.py"), run_name="__main__")
    (written,) = tmp_path.glob("*.template.json")
    assert json.loads(written.read_text())["Resources"]


def test_private_recorded_channel_holds_the_whole_bundle(template: Render) -> None:
    module = import_module("examples.private_recorded_channel")
    stack = module.PrivateRecordedChannel(cdk.App(), "Example")
    assert sorted(resource["Type"] for resource in template(stack)["Resources"].values()) == [
        "AWS::IAM::Policy",
        "AWS::IAM::Role",
        "AWS::IVS::Channel",
        "AWS::IVS::PlaybackKeyPair",
        "AWS::IVS::PlaybackRestrictionPolicy",
        "AWS::IVS::RecordingConfiguration",
        "AWS::IVS::StreamKey",
        "AWS::Lambda::Function",
        "AWS::Logs::LogGroup",
        "AWS::S3::Bucket",
        "AWS::S3::BucketPolicy",
        "AWS::SecretsManager::Secret",
        "Custom::IVSChannelAssociations",
    ]
