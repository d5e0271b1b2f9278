"""The warning about stream keys in plain text, which needs no IvsChecks."""

from __future__ import annotations

from collections.abc import Callable
from typing import cast

import aws_cdk as cdk
import pytest
from aws_cdk import aws_ivs, aws_lambda
from aws_cdk.assertions import Annotations, Match

import ivs_constructs as ivs


def warned(stack: cdk.Stack) -> list[tuple[str, str]]:
    found = Annotations.from_stack(stack).find_warning("*", Match.any_value())
    texts = [(each.id, str(each.entry.data)) for each in found]
    return [each for each in texts if "ivs-constructs:stream-key-exposed" in each[1]]


def shown_at(path: str) -> str:
    return (
        f"'{path}' shows the stream key in plain text, and anyone with it can broadcast; pass on "
        "the ARN of the secret that keeps it (secret.secret_arn) "
        "[ack: ivs-constructs:stream-key-exposed]"
    )


def key_in(stack: cdk.Stack) -> ivs.StreamKey:
    channel = ivs.Channel(stack, "Channel", authorized=False)
    return ivs.StreamKey(stack, "Key", channel=channel)


def read_raw(key: ivs.StreamKey) -> str:
    return cast("aws_ivs.CfnStreamKey", key.node.default_child).attr_value


def unwrapped(key: ivs.StreamKey) -> str:
    return key.secret.secret_value.unsafe_unwrap()


def to_an_output(stack: cdk.Stack, value: str) -> str:
    cdk.CfnOutput(stack, "Output", value=f"rtmps://example.com/app/{value}")
    return "Stack/Output"


def to_a_function(stack: cdk.Stack, value: str) -> str:
    aws_lambda.Function(
        stack,
        "Encoder",
        runtime=aws_lambda.Runtime.PYTHON_3_13,
        handler="index.handler",
        code=aws_lambda.Code.from_inline("def handler(event, context): ..."),
        environment={"KEY": value},
    )
    return "Stack/Encoder/Resource"


def to_another_stack(stack: cdk.Stack, value: str) -> str:
    other = cdk.Stack(cast("cdk.App", stack.node.root), "Other")
    cdk.CfnParameter(other, "Parameter")
    cdk.CfnResource(other, "Reader", type="Custom::Reader", properties={"Key": value})
    return "Stack/Exports/Output"


@pytest.mark.parametrize("read", [read_raw, unwrapped])
@pytest.mark.parametrize("show", [to_an_output, to_a_function])
def test_key_in_plain_text_warns(
    stack: cdk.Stack,
    read: Callable[[ivs.StreamKey], str],
    show: Callable[[cdk.Stack, str], str],
) -> None:
    path = show(stack, read(key_in(stack)))
    assert warned(stack) == [("/Stack/Key", shown_at(path))]


def test_export_to_another_stack_warns(stack: cdk.Stack) -> None:
    path = to_another_stack(stack, read_raw(key_in(stack)))
    [(where, text)] = warned(stack)
    assert where == "/Stack/Key"
    assert text.startswith(f"'{path}")


@pytest.mark.parametrize("where", ["another stack", "a nested stack"])
def test_secret_that_is_read_elsewhere_warns(stack: cdk.Stack, where: str) -> None:
    key = key_in(stack)
    app = cast("cdk.App", stack.node.root)
    other = cdk.Stack(app, "Other") if where == "another stack" else cdk.NestedStack(stack, "Other")
    cdk.CfnOutput(other, "Output", value=unwrapped(key))
    assert warned(stack) == [("/Stack/Key", shown_at(f"{other.node.path}/Output"))]


def test_key_of_an_ingest_configuration_warns(stack: cdk.Stack) -> None:
    ingest = ivs.IngestConfiguration(stack, "Ingest", ingest_protocol="RTMPS")
    cdk.CfnOutput(stack, "Output", value=ingest.secret.secret_value.unsafe_unwrap())
    assert warned(stack) == [("/Stack/Ingest", shown_at("Stack/Output"))]


def test_nothing_warns_of_what_shows_no_key(stack: cdk.Stack) -> None:
    key = key_in(stack)
    cdk.CfnOutput(stack, "Secret", value=key.secret.secret_arn)
    cdk.CfnOutput(stack, "Literal", value="Value")
    other = cdk.SecretValue.secrets_manager("other").unsafe_unwrap()
    cdk.CfnOutput(stack, "Other", value=other)
    to_a_function(stack, key.secret.secret_arn)
    ivs.Stage(stack, "Stage")  # whose function has no environment
    assert warned(stack) == []


def test_removed_key_warns_of_nothing(stack: cdk.Stack) -> None:
    key_in(stack)
    stack.node.try_remove_child("Key")
    other = cdk.SecretValue.secrets_manager("other").unsafe_unwrap()
    cdk.CfnOutput(stack, "Other", value=other)
    assert warned(stack) == []
