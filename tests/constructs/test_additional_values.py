"""The way through for values that AWS adds to its enums."""

import json

import aws_cdk as cdk
import pytest
from aws_cdk.assertions import Annotations, Match, Template

import ivs_constructs as ivs

KEY = "ivs_constructs:additionalValues"
WARNING = (
    "type is ULTRA_HD, which this version of ivs-constructs does not know; the context "
    "ivs_constructs:additionalValues allows it, and no rule checks it "
    "[ack: ivs-constructs:additional-value]"
)


@pytest.mark.parametrize("values", [["ULTRA_HD", "VERTICAL"], "VERTICAL,ULTRA_HD"])
def test_value_in_the_context_passes_with_a_warning(values: object) -> None:
    stack = cdk.Stack(cdk.App(context={KEY: values}), "Stack")
    ivs.Channel(stack, "Channel", type="ULTRA_HD", preset="HIGHER_BANDWIDTH_DELIVERY")
    ivs.LiveChannel(stack, "Live", type="ULTRA_HD")

    template = Template.from_stack(stack)
    template.resource_properties_count_is("AWS::IVS::Channel", {"Type": "ULTRA_HD"}, 2)
    annotations = Annotations.from_stack(stack)
    annotations.has_warning("/Stack/Channel", WARNING)
    annotations.has_warning("/Stack/Live/Channel", WARNING)


def test_slip_of_the_pen_stays_an_error() -> None:
    stack = cdk.Stack(cdk.App(context={KEY: ["ULTRA_HD"]}), "Stack")
    with pytest.raises(ivs.InvalidPropertyError, match="got 'BASICK'; did you mean 'BASIC'"):
        ivs.Channel(stack, "Channel", type="BASICK")
    with pytest.raises(ivs.InvalidPropertyError, match="got 'ultra_hd'"):
        ivs.Channel(stack, "Channel", type="ultra_hd")


def test_known_value_in_the_context_needs_no_warning() -> None:
    stack = cdk.Stack(cdk.App(context={KEY: ["BASIC"]}), "Stack")
    ivs.Channel(stack, "Channel", type="BASIC")
    with pytest.raises(ivs.InvalidPropertyError, match="preset requires type"):
        ivs.Channel(stack, "Other", type="BASIC", preset="HIGHER_BANDWIDTH_DELIVERY")

    Annotations.from_stack(stack).has_no_warning("*", Match.any_value())


def test_choices_of_this_library_stay_closed() -> None:
    stack = cdk.Stack(cdk.App(context={KEY: ["SOON"]}), "Stack")
    for name in ("in_use", "provisioning"):
        with pytest.raises(ivs.InvalidPropertyError, match=f"{name} must be one of"):
            ivs.Stage(stack, "Stage", **{name: "SOON"})  # type: ignore[arg-type]  # the name is a text


def test_values_made_before_the_app_know_the_context_of_the_command_line(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    with pytest.raises(ivs.InvalidPropertyError):
        ivs.RenditionConfiguration.custom(["ULTRA_HD"])

    monkeypatch.setenv("CDK_CONTEXT_JSON", json.dumps({KEY: ["ULTRA_HD"]}))
    renditions = ivs.RenditionConfiguration.custom(["ULTRA_HD"])
    stack = cdk.Stack(cdk.App(), "Stack")
    ivs.RecordingConfiguration(stack, "Recording", rendition_configuration=renditions)

    Annotations.from_stack(stack).has_warning(
        "/Stack/Recording", Match.string_like_regexp("renditions is ULTRA_HD, which")
    )
