"""Every example's template under the eyes of cfn-lint, cdk-nag, the AWS CDK and a few of our own.

What they find and we accept stands in a table with the reason. The tables are exact: a finding that
is gone has to go from its table as well.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import pytest
from cfnlint.api import ManualArgs, lint_by_config  # type: ignore[import-untyped]  # no types

import ivs_constructs
from app import cli_context, example_stacks
from tests.contract.conftest import AppRun

if TYPE_CHECKING:
    from collections.abc import Iterator

    import aws_cdk as cdk

ROOT = Path(__file__).resolve().parents[2]
EXAMPLES = sorted(
    "".join(word.capitalize() for word in path.stem.split("_"))
    for path in (ROOT / "examples").glob("[!_]*.py")
)

JOIN = "the AWS CDK writes every text with a token in it as Fn::Join"
NEW_ACTIONS = "cfn-lint does not know the actions on failover slate configurations yet"
ROTATION = (
    "Amazon IVS makes the value, so Secrets Manager cannot rotate it; another value comes with "
    "another StreamKey"
)
ACCESS_LOGS = "logs need a second bucket; RecordingBucket takes one as server_access_logs_bucket"

ROLE_FIRST = "the AWS CDK has each state machine depend on all that its role consists of"
FUNCTIONS_ROLE = "the AWS CDK has each function depend on all that its role consists of"
ERRORS_ALONE = "failed executions alone are logged, and none of their data"
ON_EVERYTHING = "it needs a statement on everything; the execution history tells what happened"
FAILED_CALLS = "the queue is itself where failed calls go"

CFN_LINT = {
    "BroadcastStageToChannel": {"I1022": JOIN, "W3005": ROLE_FIRST},
    "ChannelWithRestriction": {"I1022": JOIN, "W3037": NEW_ACTIONS, "W3005": FUNCTIONS_ROLE},
    "CreatorChannels": {"I1022": JOIN, "W3005": FUNCTIONS_ROLE},
    "MeetingRooms": {"I1022": JOIN, "W3005": FUNCTIONS_ROLE},
    "ModeratedChannel": {"I1022": JOIN, "W3005": ROLE_FIRST},
    "Operations": {"I1022": JOIN, "W3005": FUNCTIONS_ROLE},
    "PrivateChannelWithTokenIssuer": {"I1022": JOIN, "W3005": FUNCTIONS_ROLE},
    "PrivateRecordedChannel": {"I1022": JOIN, "W3005": FUNCTIONS_ROLE},
    "PublicChannel": {"I1022": JOIN},
    "RealtimeStage": {"W3005": FUNCTIONS_ROLE},
    "ScheduledAdBreak": {"I1022": JOIN, "W3005": FUNCTIONS_ROLE},
    "StageRecordedToS3": {"I1022": JOIN, "W3005": FUNCTIONS_ROLE},
    "StageWithTokenIssuer": {"I1022": JOIN, "W3005": FUNCTIONS_ROLE},
}
NAG = {
    "BroadcastStageToChannel": {
        "AwsSolutions-S1": ACCESS_LOGS,
        "AwsSolutions-SF1": ERRORS_ALONE,
        "AwsSolutions-SMG4": ROTATION,
    },
    "ChannelWithRestriction": {"AwsSolutions-SMG4": ROTATION},
    "CreatorChannels": {
        "AwsSolutions-S1": ACCESS_LOGS,
    },
    "ImportedChannel": {"AwsSolutions-SMG4": ROTATION},
    "MeetingRooms": {
        "AwsSolutions-S1": ACCESS_LOGS,
    },
    "ModeratedChannel": {"AwsSolutions-SF1": ON_EVERYTHING, "AwsSolutions-SF2": ON_EVERYTHING},
    "PrivateChannelWithTokenIssuer": {"AwsSolutions-SMG4": ROTATION},
    "PrivateRecordedChannel": {"AwsSolutions-S1": ACCESS_LOGS, "AwsSolutions-SMG4": ROTATION},
    "PublicChannel": {"AwsSolutions-SMG4": ROTATION},
    "RealtimeStage": {"AwsSolutions-SMG4": ROTATION},
    "ScheduledAdBreak": {"AwsSolutions-SQS3": FAILED_CALLS},
    "StageRecordedToS3": {"AwsSolutions-S1": ACCESS_LOGS},
}
VALIDATION: dict[str, dict[str, str]] = {
    "PrivateRecordedChannel": {
        "Annotation::ivs-constructs:playback-key-quota": "all examples are in one app here, and "
        "have more keys together than an account usually may",
    },
}

each_example = pytest.mark.parametrize("example", EXAMPLES)


class Synthesized(NamedTuple):
    """All examples in one app."""

    stacks: dict[str, cdk.Stack]
    files: dict[str, Path]
    templates: dict[str, dict[str, Any]]


@pytest.fixture(scope="module")
def synthesized(tmp_path_factory: pytest.TempPathFactory) -> Synthesized:
    ivs_constructs.ensure_node()
    import aws_cdk as cdk

    outdir = tmp_path_factory.mktemp("templates")
    app = cdk.App(outdir=str(outdir), analytics_reporting=False, context=cli_context())
    stacks = {each.__name__: each(app, each.__name__) for each in example_stacks()}
    app.synth()
    files = {name: outdir / stack.template_file for name, stack in stacks.items()}
    templates = {name: json.loads(path.read_text(encoding="utf-8")) for name, path in files.items()}
    return Synthesized(stacks, files, templates)


@pytest.fixture
def template(example: str, synthesized: Synthesized) -> dict[str, Any]:
    return synthesized.templates[example]


@pytest.fixture(scope="module")
def validation_report(app_run: AppRun) -> dict[str, set[str]]:
    """What the AWS CDK's own validation finds, by example."""
    path = app_run.outdir / "validation-report.json"
    report = json.loads(path.read_text(encoding="utf-8")) if path.is_file() else {}
    found: dict[str, set[str]] = {}
    for plugin in report.get("pluginReports", ()):
        for violation in plugin["violations"]:
            for construct in violation["violatingConstructs"]:
                stack = construct["constructPath"].partition("/")[0]
                found.setdefault(stack, set()).add(violation["ruleName"])
    told = re.findall(r"Acknowledge with '([^']+)'", app_run.stderr)
    assert set(told) == {rule for rules in found.values() for rule in rules}
    return found


# Walking a template


def walk(node: object, path: tuple[str, ...] = ()) -> Iterator[tuple[tuple[str, ...], Any]]:
    """Every part of a template with the way to it."""
    yield path, node
    if isinstance(node, Mapping):
        for name, value in node.items():
            yield from walk(value, (*path, str(name)))
    if isinstance(node, list):
        for index, value in enumerate(node):
            yield from walk(value, (*path, str(index)))


def resources(template: Mapping[str, Any], cfn_type: str) -> dict[str, Any]:
    found = template.get("Resources", {})
    return {name: each for name, each in found.items() if each["Type"] == cfn_type}


def key_values_taken(template: Mapping[str, Any]) -> list[tuple[str, ...]]:
    """The ways to everything that takes the value of a stream key."""
    keys = resources(template, "AWS::IVS::StreamKey")
    wanted = [
        *({"Fn::GetAtt": [key, "Value"]} for key in keys),
        *({"Fn::GetAtt": f"{key}.Value"} for key in keys),
    ]
    in_text = [f"${{{key}.Value}}" for key in keys]
    return [
        path
        for path, node in walk(template)
        if node in wanted or (isinstance(node, str) and any(text in node for text in in_text))
    ]


def leaks(template: Mapping[str, Any]) -> list[str]:
    """Where a template has a secret in the clear, or hands one to what does not keep it."""
    found = [
        "/".join(path)
        for path, node in walk(template)
        for text in (*path[-1:], node)
        if isinstance(text, str) and re.search(r"PRIVATE KEY|(?<![A-Za-z])sk_", text)
    ]
    secrets = resources(template, "AWS::SecretsManager::Secret")
    for path in key_values_taken(template):
        kept = path[0] == "Resources" and path[1] in secrets
        if not (kept and path[2:] == ("Properties", "SecretString")):
            found.append("/".join(path))
    return found


def too_open(template: Mapping[str, Any]) -> list[str]:
    """The IAM statements that allow something by a wildcard and give no reason for it."""
    found = []
    for path, node in walk(template):
        # In a key's own policy * is that key.
        own = "KeyPolicy" in path
        if isinstance(node, Mapping) and node.get("Effect") == "Allow" and not own:
            reason = _reasons(template, path).get(node.get("Sid", ""))
            if _has_wildcard(node) and not reason:
                found.append("/".join(path))
    return found


def _has_wildcard(statement: Mapping[str, Any]) -> bool:
    """Whether a statement uses a wildcard in its actions or resources."""
    if "NotResource" in statement or "NotAction" in statement:
        return True
    on = statement.get("Resource", [])
    return "*" in json.dumps(statement.get("Action", [])) or any(
        # What is in a bucket that is named is named as well.
        "*" in json.dumps(each) and not _in_bucket(each)
        for each in (on if isinstance(on, list) else [on])
    )


def _in_bucket(resource: object) -> bool:
    match resource:
        case {"Fn::Join": ["", [{"Fn::GetAtt": [_, "Arn"]}, "/*"]]}:
            return True
        case _:
            return False


def _reasons(template: Mapping[str, Any], path: tuple[str, ...]) -> Mapping[str, str]:
    """What a resource's metadata says about its statements, by their Sid."""
    around = template.get(path[0], {}).get(path[1], {})
    reasons: Mapping[str, str] = around.get("Metadata", {}).get("ivs-constructs", {})
    return reasons


def bucket_problems(template: Mapping[str, Any]) -> list[str]:
    """What a recording bucket should have and does not."""
    return [
        f"{name}: {problem}"
        for name, bucket in resources(template, "AWS::S3::Bucket").items()
        for problem, right in {
            "encryption": _encrypted(bucket["Properties"]),
            "ownership": bucket["Properties"].get("OwnershipControls")
            == {"Rules": [{"ObjectOwnership": "BucketOwnerEnforced"}]},
            "public access": bucket["Properties"].get("PublicAccessBlockConfiguration")
            == {
                "BlockPublicAcls": True,
                "BlockPublicPolicy": True,
                "IgnorePublicAcls": True,
                "RestrictPublicBuckets": True,
            },
            "TLS": any(statement == _tls_only(name) for statement in _statements(template, name)),
            "removal": bucket.get("DeletionPolicy") == "RetainExceptOnCreate"
            and bucket.get("UpdateReplacePolicy") == "Retain",
        }.items()
        if not right
    ]


def _encrypted(properties: Mapping[str, Any]) -> bool:
    by_default = {"ServerSideEncryptionByDefault": {"SSEAlgorithm": "AES256"}}
    rules = properties.get("BucketEncryption", {}).get("ServerSideEncryptionConfiguration")
    return bool(rules == [by_default])


def _statements(template: Mapping[str, Any], bucket: str) -> list[Any]:
    return [
        statement
        for policy in resources(template, "AWS::S3::BucketPolicy").values()
        if policy["Properties"]["Bucket"] == {"Ref": bucket}
        for statement in policy["Properties"]["PolicyDocument"]["Statement"]
    ]


def _tls_only(bucket: str) -> dict[str, Any]:
    arn = {"Fn::GetAtt": [bucket, "Arn"]}
    return {
        "Action": "s3:*",
        "Condition": {"Bool": {"aws:SecureTransport": "false"}},
        "Effect": "Deny",
        "Principal": {"AWS": "*"},
        "Resource": [arn, {"Fn::Join": ["", [arn, "/*"]]}],
    }


# The examples


def test_tables_name_examples() -> None:
    for table in (CFN_LINT, NAG, VALIDATION):
        assert set(table) <= set(EXAMPLES)
        assert all(reason for entries in table.values() for reason in entries.values())


def test_every_example_is_scanned(synthesized: Synthesized) -> None:
    assert sorted(synthesized.templates) == EXAMPLES
    assert all(template["Resources"] for template in synthesized.templates.values())


@pytest.fixture(scope="module")
def lint(synthesized: Synthesized) -> dict[str, list[Any]]:
    """What cfn-lint finds, by example: all at once, because it loads its rules each time."""
    names = {str(path): name for name, path in synthesized.files.items()}
    settings = ManualArgs(templates=list(names), regions=["us-east-1"], include_checks=["I"])
    found: dict[str, list[Any]] = {name: [] for name in synthesized.files}
    for match in lint_by_config(settings):
        found[names[match.filename]].append(match)
    return found


@each_example
def test_cfn_lint_finds_nothing_unexplained(example: str, lint: dict[str, list[Any]]) -> None:
    found = lint[example]

    explained = CFN_LINT.get(example, {})
    assert [str(match) for match in found if match.rule.id not in explained] == []
    assert {match.rule.id for match in found} == explained.keys()


@each_example
def test_nag_finds_nothing_unexplained(example: str, synthesized: Synthesized) -> None:
    import cdk_nag

    found = cdk_nag.AwsSolutionsChecks().validate_scope(synthesized.stacks[example])

    assert {each.rule_name for each in found.violations} == NAG.get(example, {}).keys()


@each_example
def test_cdk_validation_finds_nothing_unexplained(
    example: str, validation_report: dict[str, set[str]]
) -> None:
    assert validation_report.get(example, set()) == VALIDATION.get(example, {}).keys()


def test_cdk_validation_finds_nothing_outside_of_the_examples(
    validation_report: dict[str, set[str]],
) -> None:
    assert validation_report.keys() <= set(EXAMPLES)


@each_example
def test_template_has_no_secret(template: dict[str, Any]) -> None:
    assert leaks(template) == []


def test_stream_key_values_reach_secrets(synthesized: Synthesized) -> None:
    # Else the search for them would find nothing because it does not see them.
    taken = {name: key_values_taken(each) for name, each in synthesized.templates.items()}

    assert len(taken["PublicChannel"]) == 1
    assert len(taken["PrivateRecordedChannel"]) == 1


@each_example
def test_buckets_are_hardened(template: dict[str, Any]) -> None:
    assert bucket_problems(template) == []


def test_a_bucket_is_scanned(synthesized: Synthesized) -> None:
    assert resources(synthesized.templates["PrivateRecordedChannel"], "AWS::S3::Bucket")


@each_example
def test_each_wildcard_has_its_reason(template: dict[str, Any]) -> None:
    assert too_open(template) == []


def test_wildcards_are_scanned(synthesized: Synthesized) -> None:
    # Without the reasons they would be found, so that it is the reasons that let them pass.
    bare = json.loads(json.dumps(synthesized.templates["BroadcastStageToChannel"]))
    for resource in bare["Resources"].values():
        resource.get("Metadata", {}).pop("ivs-constructs", None)

    where = {path.split("/")[1] for path in too_open(bare)}
    assert {bare["Resources"][name]["Type"] for name in where} == {
        "AWS::IAM::Policy",
        "AWS::IAM::Role",
    }


# The scanners see what they should


def with_key(**consumer: object) -> dict[str, Any]:
    return {
        "Resources": {
            "Key": {"Type": "AWS::IVS::StreamKey", "Properties": {"ChannelArn": "arn"}},
            "Secret": {"Type": "AWS::SecretsManager::Secret", "Properties": consumer},
        }
    }


GET_VALUE = {"Fn::GetAtt": ["Key", "Value"]}


@pytest.mark.parametrize(
    ("template", "where"),
    [
        ({"Outputs": {"A": {"Value": "-----BEGIN EC PRIVATE KEY-----"}}}, "Outputs/A/Value"),
        ({"Metadata": ["x sk_us-east-1_AbCd"]}, "Metadata/0"),
        ({"Mappings": {"sk_us": {}}}, "Mappings/sk_us"),
        (with_key(Description=GET_VALUE), "Resources/Secret/Properties/Description"),
        (with_key(Tags=[{"Value": {"Fn::Join": ["", ["x", GET_VALUE]]}}]),
         "Resources/Secret/Properties/Tags/0/Value/Fn::Join/1/1"),
        ({**with_key(), "Outputs": {"A": {"Value": GET_VALUE}}}, "Outputs/A/Value"),
        ({**with_key(), "Outputs": {"A": {"Value": {"Fn::Sub": "x${Key.Value}"}}}},
         "Outputs/A/Value/Fn::Sub"),
        ({**with_key(), "Outputs": {"A": {"Value": {"Fn::GetAtt": "Key.Value"}}}},
         "Outputs/A/Value"),
    ],
)  # fmt: skip
def test_planted_secret_is_seen(template: dict[str, Any], where: str) -> None:
    assert leaks(template) == [where]


def test_secret_that_keeps_the_value_is_no_leak() -> None:
    assert leaks(with_key(SecretString=GET_VALUE, Description="task_1")) == []


@pytest.mark.parametrize(
    ("statement", "open_"),
    [
        ({"Effect": "Allow", "Action": "ivs:*", "Resource": "*"}, True),
        ({"Effect": "Allow", "Action": "ivs:*", "Resource": ["arn", "*"]}, True),
        ({"Effect": "Allow", "Action": "ivs:*", "NotResource": "arn"}, True),
        ({"Effect": "Allow", "Action": "ivs:*", "Resource": "arn"}, True),
        ({"Effect": "Allow", "NotAction": "ivs:GetStage", "Resource": "arn"}, True),
        ({"Effect": "Allow", "Action": "ivs:GetStage", "Resource": ["arn:aws:ivs:*"]}, True),
        ({"Effect": "Allow", "Action": "ivs:GetStage",
          "Resource": {"Fn::Sub": "arn:${AWS::Partition}:ivs:::stage/*"}}, True),
        ({"Effect": "Allow", "Action": "s3:PutObject",
          "Resource": {"Fn::Join": ["", ["arn:aws:s3:::", "*"]]}}, True),
        ({"Effect": "Allow", "Action": "s3:PutObject",
          "Resource": {"Fn::Join": ["", [{"Fn::GetAtt": ["B", "Arn"]}, "/*"]]}}, False),
        ({"Effect": "Allow", "Action": ["ivs:GetStage"], "Resource": ["arn", "arn"]}, False),
        ({"Effect": "Allow", "Action": "sts:AssumeRole", "Principal": "*"}, False),
        ({"Effect": "Deny", "Action": "*", "Resource": "*"}, False),
    ],
)  # fmt: skip
def test_open_statement_is_seen(statement: dict[str, Any], open_: bool) -> None:
    template = {"Resources": {"R": {"Properties": {"PolicyDocument": {"Statement": [statement]}}}}}

    assert bool(too_open(template)) == open_


def test_policy_of_a_key_is_about_that_key() -> None:
    statement = {"Effect": "Allow", "Action": "kms:*", "Resource": "*"}
    properties = {"KeyPolicy": {"Statement": [statement]}}

    assert too_open({"Resources": {"Key": {"Properties": properties}}}) == []


@pytest.mark.parametrize(("sid", "open_"), [("Lists", False), ("Other", True), ("Empty", True)])
def test_open_statement_with_a_reason_is_accepted(sid: str, open_: bool) -> None:
    statement = {"Sid": sid, "Effect": "Allow", "Action": "ivs:ListPublicKeys", "Resource": "*"}
    template = {
        "Resources": {
            "R": {
                "Properties": {"PolicyDocument": {"Statement": [statement]}},
                "Metadata": {
                    "ivs-constructs": {"Lists": "IAM knows no resource for this list", "Empty": ""}
                },
            }
        }
    }

    assert bool(too_open(template)) == open_


def test_unhardened_bucket_is_seen() -> None:
    template = {"Resources": {"B": {"Type": "AWS::S3::Bucket", "Properties": {}}}}

    assert bucket_problems(template) == [
        "B: encryption",
        "B: ownership",
        "B: public access",
        "B: TLS",
        "B: removal",
    ]
