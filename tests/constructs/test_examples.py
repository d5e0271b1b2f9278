import json
import runpy
import tomllib
from collections.abc import Callable
from functools import partial
from importlib import import_module
from importlib.metadata import version
from pathlib import Path
from typing import Any

import aws_cdk as cdk
import pytest
from syrupy.assertion import SnapshotAssertion

import ivs_constructs

ROOT = Path(__file__).parents[2]
EXAMPLES = ROOT / "examples"
SNAPSHOTS = ROOT / "tests" / "snapshots" / "test_examples"
NAMES = sorted(path.stem for path in EXAMPLES.glob("*.py") if path.stem != "__init__")

LOCK = tomllib.loads((ROOT / "uv.lock").read_text(encoding="utf-8"))
IS_LOCKED = version("aws-cdk-lib") in {
    each["version"] for each in LOCK["package"] if each["name"] == "aws-cdk-lib"
}
"""Whether the installed aws-cdk-lib is the one that snapshots are made with."""

Render = Callable[[cdk.Stack], dict[str, Any]]


def test_examples_are_there() -> None:
    assert {"public_channel", "private_recorded_channel", "imported_channel"} < set(NAMES)


@pytest.mark.parametrize("name", NAMES)
def test_example_template(name: str, template: Render, snapshot_json: SnapshotAssertion) -> None:
    class_name = "".join(word.capitalize() for word in name.split("_"))
    stack_type = getattr(import_module(f"examples.{name}"), class_name)
    stack = stack_type(cdk.App(analytics_reporting=False), class_name)
    found = template(stack)
    # The AWS CDK's own constructs change: an old one gives its roles other conditions.
    if IS_LOCKED:
        assert found == snapshot_json
    else:
        path = SNAPSHOTS / f"test_example_template[{name}].json"
        assert found["Resources"].keys() == json.loads(path.read_text())["Resources"].keys()


@pytest.mark.parametrize("name", NAMES)
def test_example_runs_by_itself(name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    # Without the CDK CLI an app writes to a temporary folder that it does not tell.
    monkeypatch.setattr(cdk, "App", partial(cdk.App, outdir=str(tmp_path)))
    runpy.run_path(str(EXAMPLES / f"{name}.py"), run_name="__main__")
    (written,) = tmp_path.glob("*.template.json")
    assert json.loads(written.read_text())["Resources"]


def test_recipe_gives_names(stack: cdk.Stack, template: Render) -> None:
    page = (ROOT / "docs" / "recipes.md").read_text(encoding="utf-8")
    code = page.partition("\n## Names\n")[2].split("```python\n")[1].split("```")[0]
    names = {name: getattr(ivs_constructs, name) for name in ivs_constructs.__all__}

    exec(code, {**names, "self": stack})  # noqa: S102 (the project's own documentation)

    found = template(stack)["Resources"].values()
    given = [each["Properties"].get("Name") for each in found if "IVS" in each["Type"]]
    assert sorted(given) == ["talk", "talk-720p", "talk-recordings", "talk-recordings"]


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
