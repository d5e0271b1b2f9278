"""The rules over every example: all that they find is so, and nothing is found that is not."""

from __future__ import annotations

from pathlib import Path

import aws_cdk as cdk
import pytest
from aws_cdk import cloudformation_include

from app import cli_context, example_stacks
from ivs_constructs.checks.assembly import read_assembly
from ivs_constructs.checks.finding import find

PUBLIC = "the channel is public and leaves it to IVS to say so"
ALL_PLAYERS = "native players, which send no origin, may watch as well"

TRUE_FINDINGS = {
    "BroadcastStageToChannel": {"PublicByOmission": PUBLIC},
    "ChannelWithRestriction": {"OriginNotEnforced": ALL_PLAYERS, "PublicByOmission": PUBLIC},
    "Operations": {"PublicByOmission": PUBLIC},
    "PrivateRecordedChannel": {"OriginNotEnforced": ALL_PLAYERS},
    "PublicChannel": {"PublicByOmission": PUBLIC},
    "RecordedChannelExistingBucket": {"PublicByOmission": PUBLIC},
    "ScheduledAdBreak": {"PublicByOmission": PUBLIC},
}
EXAMPLES = {each.__name__: each for each in example_stacks()}

Found = dict[str, set[str]]


def found_in(directory: Path) -> Found:
    found: Found = {}
    for each in find(read_assembly([directory])):
        stack = each.path.partition("/")[0]
        found.setdefault(stack, set()).add(each.id.partition("::")[2])
    return found


@pytest.fixture(scope="module")
def directory(tmp_path_factory: pytest.TempPathFactory) -> Path:
    outdir = tmp_path_factory.mktemp("examples")
    # One app each: they are no parts of one system.
    for name, example in EXAMPLES.items():
        app = cdk.App(outdir=str(outdir / name), analytics_reporting=False, context=cli_context())
        example(app, name)
        app.synth()
    return outdir


@pytest.mark.parametrize("name", EXAMPLES)
def test_nothing_false_is_found(name: str, directory: Path) -> None:
    explained = {name: set(TRUE_FINDINGS[name])} if name in TRUE_FINDINGS else {}

    assert found_in(directory / name) == explained


@pytest.mark.parametrize("name", EXAMPLES)
def test_the_same_is_found_in_raw_types(name: str, directory: Path, tmp_path: Path) -> None:
    """The same template as L1 types of nobody's library, by way of cloudformation-include."""
    app = cdk.App(outdir=str(tmp_path), analytics_reporting=False)
    stack = cdk.Stack(
        app, name, synthesizer=cdk.DefaultStackSynthesizer(generate_bootstrap_version_rule=False)
    )
    cloudformation_include.CfnInclude(
        stack, "Raw", template_file=str(directory / name / f"{name}.template.json")
    )
    app.synth()

    assert found_in(tmp_path) == found_in(directory / name)


def test_table_names_examples() -> None:
    assert set(TRUE_FINDINGS) <= set(EXAMPLES)
