"""Each rule: what trips it, what does not, and what has been acknowledged."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import aws_cdk as cdk
import pytest

import ivs_constructs as ivs
from ivs_constructs.checks import IvsChecks
from ivs_constructs.checks.assembly import read_assembly
from ivs_constructs.checks.finding import find
from ivs_constructs.checks.rules import RULES
from ivs_constructs.errors import UnsupportedError
from tests.checks.templates import CASES, Case, channel, function
from tests.programs import printed_by

ENV = cdk.Environment(region="eu-west-1", account="111122223333")
LEVELS = {rule.id: rule.level for rule in RULES}

each_case = pytest.mark.parametrize("case", CASES, ids=lambda case: str(case.rule))


@pytest.fixture
def app(tmp_path: Path) -> cdk.App:
    app = cdk.App(outdir=str(tmp_path), analytics_reporting=False)
    cdk.Validations.of(app).add_plugins(IvsChecks())
    return app


@pytest.fixture
def stack(app: cdk.App) -> cdk.Stack:
    return cdk.Stack(app, "Stack", env=ENV)


def reported(app: cdk.App) -> list[tuple[str, str]]:
    """What the AWS CDK reports after acknowledgements: rules and construct paths."""
    file = Path(app.outdir, "validation-report.json")
    report = json.loads(file.read_text(encoding="utf-8"))
    return [
        (violation["ruleName"], construct["constructPath"])
        for plugin in report["pluginReports"]
        if plugin["pluginName"] == "IvsChecks"
        for violation in plugin["violations"]
        for construct in violation["violatingConstructs"]
    ]


def test_every_rule_has_a_case() -> None:
    assert {case.rule for case in CASES} == LEVELS.keys()
    assert len(LEVELS) == len(RULES)
    assert IvsChecks().rule_ids == [*LEVELS, "UnknownAcknowledgement"]


@each_case
def test_template_trips_the_rule(case: Case, app: cdk.App, stack: cdk.Stack) -> None:
    case.trips(stack)

    if LEVELS[case.rule] == "error":
        with pytest.raises(RuntimeError, match="ValidationFailed"):
            app.synth()
    else:
        app.synth()

    assert {rule for rule, _ in reported(app)} == {case.rule}
    assert all(path.startswith("Stack/") for _, path in reported(app))


@each_case
def test_template_passes_the_rule(case: Case, app: cdk.App, stack: cdk.Stack) -> None:
    case.passes(stack)

    app.synth()

    assert case.rule not in {rule for rule, _ in reported(app)}


@each_case
def test_acknowledged_finding_is_gone(case: Case, app: cdk.App, stack: cdk.Stack) -> None:
    case.trips(stack)
    cdk.Validations.of(stack).acknowledge(
        cdk.Acknowledgment(id=f"IvsChecks::{case.rule}", reason="as agreed")
    )

    app.synth()

    assert reported(app) == []


def test_one_construct_is_acknowledged(app: cdk.App, stack: cdk.Stack) -> None:
    first = channel(stack, insecure_ingest=True)
    other = channel(cdk.Stack(app, "Other"), insecure_ingest=True)
    cdk.Validations.of(first).acknowledge(
        cdk.Acknowledgment(id="IvsChecks::InsecureIngest", reason="own network")
    )

    app.synth()

    assert reported(app) == [("InsecureIngest", other.node.path)]


def test_error_that_is_left_ends_the_synthesis(app: cdk.App, stack: cdk.Stack) -> None:
    made = channel(stack, insecure_ingest=True)
    cdk.CfnOutput(stack, "Key", value="sk_eu-west-1_AbCdEfGh")
    cdk.Validations.of(made).acknowledge(
        cdk.Acknowledgment(id="IvsChecks::InsecureIngest", reason="own network")
    )

    with pytest.raises(RuntimeError, match="ValidationFailed"):
        app.synth()

    assert reported(app) == [("StreamKeyExposed", "Stack/Key")]


@pytest.mark.parametrize("kind", ["nested", "stage"])
def test_inner_stacks_are_judged(kind: str, app: cdk.App, stack: cdk.Stack) -> None:
    if kind == "nested":
        inner: cdk.Stack = cdk.NestedStack(stack, "Inner")
    else:
        inner = cdk.Stack(cdk.Stage(app, "Stage"), "Inner")
    made = channel(inner, insecure_ingest=True)

    app.synth()

    assert reported(app) == [("InsecureIngest", made.node.path)]


def test_use_in_another_stack_is_seen(app: cdk.App, stack: cdk.Stack) -> None:
    key = cdk.aws_ivs.CfnStreamKey(stack, "Key", channel_arn=channel(stack).attr_arn)
    other = cdk.Stack(app, "Other", env=ENV)
    cdk.aws_secretsmanager.CfnSecret(other, "Secret", secret_string=key.attr_value)

    # An export is in the clear, whatever the other stack does with it.
    with pytest.raises(RuntimeError, match="ValidationFailed"):
        app.synth()

    assert {rule for rule, _ in reported(app)} == {"StreamKeyExposed"}


def test_secret_of_a_key_is_recognized_in_another_stack(app: cdk.App, stack: cdk.Stack) -> None:
    key = ivs.StreamKey(stack, "StreamKey", channel=channel(stack))
    middle = cdk.NestedStack(stack, "Middle")
    value = key.secret.secret_value.unsafe_unwrap()
    function(cdk.NestedStack(middle, "Inner"), value)
    function(cdk.Stack(app, "Other", env=ENV), value)

    with pytest.raises(RuntimeError, match="ValidationFailed"):
        app.synth()

    assert reported(app) == [
        ("StreamKeyExposed", "Stack/Middle/Inner/Function"),
        ("StreamKeyExposed", "Other/Function"),
    ]


def test_public_live_channel_says_so(app: cdk.App, stack: cdk.Stack) -> None:
    ivs.LiveChannel(stack, "Said", private=False, recording=False)

    app.synth()

    assert reported(app) == []
    template = app.synth().get_stack_by_name("Stack").template
    [made] = [
        each for each in template["Resources"].values() if each["Type"] == "AWS::IVS::Channel"
    ]
    assert made["Properties"]["Authorized"] is False


@pytest.mark.parametrize(
    ("id", "told"),
    [
        (
            "IvsChecks::InsecureIngset",
            "there is no rule IvsChecks::InsecureIngset; did you mean 'IvsChecks::InsecureIngest'?",
        ),
        ("IvsChecks::Nonsense", "there is no rule IvsChecks::Nonsense"),
    ],
)
@pytest.mark.parametrize("on", ["construct", "app"])
def test_misspelt_acknowledgement_is_told(
    id: str, told: str, on: str, app: cdk.App, stack: cdk.Stack
) -> None:
    made = channel(stack, insecure_ingest=True)
    cdk.Validations.of(made if on == "construct" else app).acknowledge(
        cdk.Acknowledgment(id=id, reason="own network")
    )

    app.synth()

    assert sorted(reported(app)) == sorted(
        [
            ("InsecureIngest", made.node.path),
            ("UnknownAcknowledgement", made.node.path if on == "construct" else ""),
        ]
    )
    report = (Path(app.outdir) / "validation-report.json").read_text(encoding="utf-8")
    assert told in report


def test_acknowledgements_of_others_are_left_alone(app: cdk.App, stack: cdk.Stack) -> None:
    for id in ("AwsSolutions-S1", "Other::Rule", "IvsChecks::InsecureIngest"):
        cdk.Validations.of(stack).acknowledge(cdk.Acknowledgment(id=id, reason="as agreed"))

    app.synth()

    assert reported(app) == []


def test_stacks_without_a_known_place_are_counted_alone(tmp_path: Path) -> None:
    app = cdk.App(outdir=str(tmp_path), analytics_reporting=False)
    for name in ("A", "B"):
        of = cdk.Stack(app, name)
        pem = cdk.CfnParameter(of, "Pem").value_as_string
        for number in range(2):
            cdk.aws_ivs.CfnPublicKey(of, f"Key{number}", public_key_material=pem)
    app.synth()

    assert list(find(read_assembly([tmp_path]))) == []


def test_what_for_each_makes_is_judged(tmp_path: Path) -> None:
    app = cdk.App(outdir=str(tmp_path), analytics_reporting=False)
    stack = cdk.Stack(app, "Stack")
    stack.add_transform("AWS::LanguageExtensions")
    many = {"Channel${Id}": {"Type": "AWS::IVS::Channel", "Properties": {"Authorized": True}}}
    loop = {"Fn::ForEach::Channels": ["Id", ["A", "B"], many]}
    app.synth()
    file = tmp_path / "Stack.template.json"
    template = json.loads(file.read_text(encoding="utf-8"))
    file.write_text(json.dumps({**template, "Resources": loop, "Outputs": loop}), encoding="utf-8")

    assert [each.id for each in find(read_assembly([tmp_path]))] == ["IvsChecks::PrivateWithoutKey"]


def test_older_cdk_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delattr(cdk, "Validations")

    with pytest.raises(UnsupportedError, match=r"aws-cdk-lib 2\.250 or newer"):
        IvsChecks()


def test_class_says_that_an_instance_is_needed(app: cdk.App) -> None:
    slip: Any = IvsChecks
    for register in (
        lambda: cdk.Validations.of(app).add_plugins(slip),
        lambda: cdk.App(policy_validation_beta1=[slip]),
    ):
        with pytest.raises(TypeError, match=r"got the class IvsChecks; write .*add_plugins\(IvsCh"):
            register()


def test_aspect_says_how_to_register_it(stack: cdk.Stack) -> None:
    cdk.Aspects.of(stack).add(IvsChecks())
    with pytest.raises(RuntimeError, match="not an aspect; write cdk"):
        cdk.Stage.of(stack).synth()  # type: ignore[union-attr]  # every stack is in one
    with pytest.raises(UnsupportedError, match="not an aspect"):
        IvsChecks().visit(stack)


def test_rules_are_written_down() -> None:
    for rule in RULES:
        assert all((rule.summary, rule.reason, rule.fix, rule.source))
        assert not rule.fix.endswith(".")
        assert not rule.summary.endswith(".")


def test_rules_run_without_node() -> None:
    code = "import sys, ivs_constructs.checks.rules; print('jsii' in sys.modules)"

    assert printed_by(code) == "False\n"
