"""Warns of stream keys in plain text: in outputs and exports, and in environments of functions.

The checks of templates find more ways out; this sees what a program writes most often, and is
always on.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from functools import partial
from typing import TYPE_CHECKING, cast

import jsii
from constructs import Construct

from ivs_constructs._core.annotate import annotate
from ivs_constructs._core.at_synth import at_synth
from ivs_constructs._core.by_name import Reference, attribute_of, key_of, reference
from ivs_constructs._core.rules import Advice, Severity
from ivs_constructs._core.tree import all_in

if TYPE_CHECKING:
    from aws_cdk import Stage

    from ivs_constructs._core.stack_facts import StackFacts

READERS: dict[str, tuple[Callable[[object, str], object], str]] = {
    "aws-cdk-lib.CfnOutput": (attribute_of, "value"),
    "aws-cdk-lib.aws_lambda.CfnFunction": (reference, "environment"),
}
"""Where a key can be read: by type, what reads which attribute."""

# What a value that contains a key has in it: an attribute of its resource, or a secret's content.
_SECRET = "{{resolve:secretsmanager:"  # noqa: S105 (a reference, no secret)
_TRACES = ('"Value"]', '"StreamKey"]', _SECRET)


def watch_stream_key(key: Construct, stack_facts: StackFacts, value: Callable[[], str]) -> None:
    """Warn if the finished app shows a stream key in plain text.

    Args:
        key: The resource that has the key. The secret that keeps it is its `_secret`, once defined.
        stack_facts: The facts of its stack.
        value: Reads its attribute with the key (a token).
    """
    registry, stage = stack_facts.registry, stack_facts.stage
    if stage not in registry.secret_values:
        registry.secret_values[stage] = []
        at_synth(stage, partial(_warn_if_shown, stage, registry.secret_values[stage]))
    registry.secret_values[stage].append((key, value))


def _warn_if_shown(stage: Stage, keys: list[tuple[Construct, Callable[[], str]]]) -> None:
    everything = all_in(stage)
    shown = [
        (each, text)
        for each in everything
        if each.type in READERS and any(trace in (text := _written(each)) for trace in _TRACES)
    ]
    there = {each.key for each in everything} if shown else set[str]()
    for key, value in keys:
        if key_of(key) not in there:
            continue
        secret = vars(key).get("_secret")
        named = [value(), *([] if secret is None else [attribute_of(secret, "secretArn")])]
        for reader, text in shown:
            # In the stack that shows it: elsewhere the same value is an import or a parameter.
            whole, *arns = (json.dumps(each) for each in _resolved(reader, named))
            if whole in text or any(f'{_SECRET}", {arn}' in text for arn in arns):
                annotate(key, _advice(attribute_of(reference(reader, "node"), "path")))


def _written(reader: Reference) -> str:
    """Return what CloudFormation gets, as JSON."""
    read, name = READERS[reader.type]
    return json.dumps(_resolved(reader, [read(reader, name)]))


def _resolved(reader: Reference, values: Sequence[object]) -> list[object]:
    """Return values as CloudFormation gets them in the stack of a construct."""
    resolve = cast("Callable[..., list[object]]", jsii.invoke)  # pyright: ignore[reportUnknownMemberType] (see render)
    return resolve(reference(reader, "stack"), "resolve", [[*values]])


def _advice(path: str) -> Advice:
    return Advice(
        Severity.WARNING,
        "ivs-constructs:stream-key-exposed",
        f"'{path}' shows the stream key in plain text, and anyone with it can broadcast; pass on "
        "the ARN of the secret that keeps it (secret.secret_arn)",
    )
