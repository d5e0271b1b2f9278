"""Stream keys where people can read them."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from itertools import pairwise
from typing import cast

from ivs_constructs.checks.assembly import (
    Assembly,
    Json,
    Resource,
    StackTemplate,
    walk,
)
from ivs_constructs.checks.rule import Rule, Spot
from ivs_constructs.checks.types import INGEST_CONFIGURATIONS, STREAM_KEY

_SECRET = "AWS::SecretsManager::Secret"  # noqa: S105 (a type, no secret)
_DYNAMIC = "{{resolve:secretsmanager:"
_NAME = re.compile(r"\{\{resolve:secretsmanager:(arn(?::[^:}]*){6}|[^:}$]+)")
_VARIABLE = re.compile(r"\{\{resolve:secretsmanager:\$\{([^}!]+)\}")
_LITERAL = re.compile(r"(?<![A-Za-z0-9])sk_[a-z]{2}-[a-z]+-\d_\w+")


def _find(assembly: Assembly) -> Iterator[Spot]:
    holders = [each for stack in assembly.stacks for each in _secrets_with_keys(stack)]
    for stack in assembly.stacks:
        keys = _keys(stack)
        for path, node in walk(stack.template):
            exposed = _is_key(node, keys) or any(
                _is_one_of(assembly, stack, each, holders) for each in _secrets_read(node)
            )
            if exposed and not _is_kept(stack, path):
                section, name, *rest = (*path, "", "")
                resource = section == "Resources"
                location = ".".join(part for part in (rest if resource else path) if part)
                yield Spot(stack, name, location, "" if resource else f"in {section}")


def _keys(stack: StackTemplate) -> dict[str, str]:
    """The attributes that are stream keys, by the logical ids of their resources."""
    keys = {each.logical_id: "Value" for each in stack.resources(STREAM_KEY)}
    keys |= {each.logical_id: "StreamKey" for each in stack.resources(*INGEST_CONFIGURATIONS)}
    # The AWS CDK's custom resource that calls an API, and makes the answer its attributes.
    called = (each for each in stack.resources() if each.type.startswith(_CUSTOM))
    return keys | {
        each.logical_id: _ANSWERED
        for each in called
        if _CALLS.search(json.dumps([each.properties.get("Create"), each.properties.get("Update")]))
    }


_CUSTOM = ("Custom::", "AWS::CloudFormation::CustomResource")
_CALLS = re.compile(r"(?:get|create)StreamKey|createChannel", re.IGNORECASE)
_ANSWERED = "streamKey.value"


def _secrets_with_keys(stack: StackTemplate) -> Iterator[Resource]:
    """The secrets that hold a key; a reference to a secret's value exposes the key as well."""
    keys = _keys(stack)
    for secret in stack.resources(_SECRET):
        if any(_is_key(node, keys) for _, node in walk(secret.properties.get("SecretString"))):
            yield secret


def _secrets_read(node: object) -> Iterator[object]:
    """What dynamic references in a text name, as from `unsafe_unwrap`: references, or names."""
    match node:
        case str(text):
            yield from _NAME.findall(text)
        case {"Fn::Join": [str(), list() as parts]}:  # pyright: ignore[reportUnknownVariableType] (JSON)
            for before, after in pairwise(cast("list[object]", parts)):
                if isinstance(before, str) and before.endswith(_DYNAMIC):
                    yield after
        case {"Fn::Sub": str(text)}:
            yield from ({"Ref": name} for name in _VARIABLE.findall(text))
        case {"Fn::Sub": [str(text), dict() as given]}:  # pyright: ignore[reportUnknownVariableType] (JSON)
            for name in _VARIABLE.findall(text):
                yield cast("Json", given).get(name, {"Ref": name})
        case _:
            return


def _is_one_of(
    assembly: Assembly, stack: StackTemplate, named: object, secrets: list[Resource]
) -> bool:
    if isinstance(named, str):
        return any(_has_name(each, named) for each in secrets)
    # The name of a secret is a part of its ARN.
    targets = [assembly.target(stack, node) for _, node in walk(named)]
    meant = [(each.stack.file, each.logical_id) for each in targets if each is not None]
    return any((each.stack.file, each.logical_id) in meant for each in secrets)


def _has_name(secret: Resource, named: str) -> bool:
    name = secret.properties.get("Name")
    return isinstance(name, str) and (named == name or f":secret:{name}" in named)


def _is_key(node: object, keys: dict[str, str]) -> bool:
    match node:
        case {"Fn::GetAtt": [str(name), str(attribute)]}:
            return keys.get(name) == attribute
        case {"Fn::GetAtt": str(text)}:
            name, _, attribute = text.partition(".")
            return keys.get(name) == attribute
        case str(text):
            used = [f"${{{name}.{attribute}}}" for name, attribute in keys.items()]
            return any(each in text for each in used) or bool(_LITERAL.search(text))
        case _:
            return False


def _is_kept(stack: StackTemplate, path: tuple[str, ...]) -> bool:
    """Whether it goes into a secret, which is what secrets are for."""
    match path:
        case ("Resources", name, "Properties", "SecretString", *_):
            return bool(stack.template["Resources"][name].get("Type") == _SECRET)
        case _:
            return False


RULE = Rule(
    id="StreamKeyExposed",
    level="error",
    summary="a stream key can be read in plain text",
    reason="anyone with it can broadcast; outputs, exports, environments, parameters are readable",
    fix="put it in a Secrets Manager secret, as StreamKey does, and pass on the secret's ARN",
    source="IVS user guide, stream keys",
    find=_find,
)
