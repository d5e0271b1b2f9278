import json
import runpy
import tomllib
from fnmatch import fnmatchcase
from functools import partial
from importlib import import_module
from importlib.metadata import version
from pathlib import Path
from typing import Any

import aws_cdk as cdk
import pytest
from syrupy.assertion import SnapshotAssertion

from ivs_constructs.testing import synthesize

ROOT = Path(__file__).parents[2]
EXAMPLES = ROOT / "examples"
SNAPSHOTS = ROOT / "tests" / "snapshots" / "test_examples"
NAMES = sorted(path.stem for path in EXAMPLES.glob("*.py") if path.stem != "__init__")

LOCK = tomllib.loads((ROOT / "uv.lock").read_text(encoding="utf-8"))
IS_LOCKED = version("aws-cdk-lib") in {
    each["version"] for each in LOCK["package"] if each["name"] == "aws-cdk-lib"
}
"""Whether the installed aws-cdk-lib is the one that snapshots are made with."""


def test_examples_are_there() -> None:
    assert {"public_channel", "private_recorded_channel", "imported_channel"} < set(NAMES)


@pytest.mark.parametrize("name", NAMES)
def test_example_template(name: str, snapshot_json: SnapshotAssertion) -> None:
    class_name = "".join(word.capitalize() for word in name.split("_"))
    stack_type = getattr(import_module(f"examples.{name}"), class_name)
    stack = stack_type(cdk.App(analytics_reporting=False), class_name)
    found = synthesize(stack)
    # The AWS CDK's own constructs change: an old one gives its roles other conditions.
    if IS_LOCKED:
        assert found == snapshot_json
    else:
        path = SNAPSHOTS / f"test_example_template[{name}].json"
        assert (
            found.template["Resources"].keys() == json.loads(path.read_text())["Resources"].keys()
        )


@pytest.mark.parametrize("name", NAMES)
def test_example_runs_by_itself(name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    # Without the CDK CLI an app writes to a temporary folder that it does not tell.
    monkeypatch.setattr(cdk, "App", partial(cdk.App, outdir=str(tmp_path)))
    runpy.run_path(str(EXAMPLES / f"{name}.py"), run_name="__main__")
    (written,) = tmp_path.glob("*.template.json")
    assert json.loads(written.read_text())["Resources"]


def test_private_recorded_channel_holds_the_whole_bundle() -> None:
    module = import_module("examples.private_recorded_channel")
    stack = module.PrivateRecordedChannel(cdk.App(), "Example")
    assert sorted(
        resource["Type"] for resource in synthesize(stack).template["Resources"].values()
    ) == [
        "AWS::IAM::Policy",
        "AWS::IAM::Role",
        "AWS::IVS::Channel",
        "AWS::IVS::PlaybackKeyPair",
        "AWS::IVS::PlaybackRestrictionPolicy",
        "AWS::IVS::RecordingConfiguration",
        "AWS::IVS::StreamKey",
        "AWS::KMS::Key",
        "AWS::Lambda::Function",
        "AWS::Logs::LogGroup",
        "AWS::S3::Bucket",
        "AWS::S3::BucketPolicy",
        "AWS::SecretsManager::Secret",
        "Custom::IVSChannelAssociations",
        "Custom::IVSSigningKey",
    ]


def lets_in(policy: dict[str, Any], service: str, action: str, account: str | None) -> bool:
    """Whether a resource's policy lets a service do something, as IAM evaluates it.

    Args:
        policy: The policy.
        service: The service that asks.
        action: What it wants to do.
        account: The account on whose behalf it asks; None where it does not say.
    """
    allowed = False
    for statement in policy["Statement"]:
        principal = statement["Principal"]
        services = principal if principal == "*" else principal.get("Service", ())
        actions = statement["Action"]
        applies = services == "*" or service in listed(services)
        applies &= any(fnmatchcase(action, pattern) for pattern in listed(actions))
        for operator, keys in statement.get("Condition", {}).items():
            for key, wanted in keys.items():
                if key == "aws:SecureTransport":
                    applies &= (operator, wanted) == ("Bool", "true")
                else:
                    assert (key, wanted) == ("aws:SourceAccount", {"Ref": "AWS::AccountId"})
                    unsaid = account is None and operator == "StringEqualsIfExists"
                    applies &= unsaid or account == "own"
        if applies and statement["Effect"] == "Deny":
            return False
        allowed |= applies
    return allowed


def listed(value: Any) -> list[Any]:  # noqa: ANN401 (JSON)
    return value if isinstance(value, list) else [value]


@pytest.mark.parametrize("name", NAMES)
def test_alarms_and_rules_may_publish_and_nobody_elses(name: str) -> None:
    class_name = "".join(word.capitalize() for word in name.split("_"))
    stack_type = getattr(import_module(f"examples.{name}"), class_name)
    found = synthesize(stack_type).template["Resources"]
    policies = {
        topic["Ref"]: each["Properties"]["PolicyDocument"]
        for each in found.values()
        if each["Type"] == "AWS::SNS::TopicPolicy"
        for topic in each["Properties"]["Topics"]
    }
    told = [
        ("cloudwatch.amazonaws.com", action["Ref"])
        for each in found.values()
        if each["Type"] == "AWS::CloudWatch::Alarm"
        for action in each["Properties"].get("AlarmActions", ())
    ]
    told += [
        ("events.amazonaws.com", target["Arn"]["Ref"])
        for each in found.values()
        if each["Type"] == "AWS::Events::Rule"
        for target in each["Properties"].get("Targets", ())
        if target["Arn"].get("Ref") in policies
    ]

    assert bool(told) == (name == "operations")
    for service, topic in told:
        policy = policies[topic]
        assert lets_in(policy, service, "sns:Publish", "own")
        assert not lets_in(policy, service, "sns:Publish", "other")
        assert not lets_in(policy, service, "sns:Publish", None)
        key = found[topic]["Properties"]["KmsMasterKeyId"]["Fn::GetAtt"][0]
        for action in ("kms:Decrypt", "kms:GenerateDataKey"):
            assert lets_in(found[key]["Properties"]["KeyPolicy"], service, action, "own")
            assert lets_in(found[key]["Properties"]["KeyPolicy"], service, action, None)
            assert not lets_in(found[key]["Properties"]["KeyPolicy"], service, action, "other")


def test_examples_hold_no_key() -> None:
    """Whoever has the private half of a committed key could watch every private channel."""
    for path in EXAMPLES.iterdir():
        if path.is_file():
            assert "-----BEGIN" not in path.read_text(encoding="utf-8"), path
