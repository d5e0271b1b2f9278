"""Stream keys where people can read them."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import cast

from ivs_constructs.checks.assembly import Assembly, Json, StackTemplate, text_of, walk
from ivs_constructs.checks.rule import Rule, Spot
from ivs_constructs.checks.types import INGEST_CONFIGURATIONS, STREAM_KEY

_SECRET = "AWS::SecretsManager::Secret"  # noqa: S105 (a type, no secret)
_DYNAMIC = "{{resolve:secretsmanager:"
_LITERAL = re.compile(r"(?<![A-Za-z0-9])sk_[a-z]{2}-[a-z]+-\d_\w+")


def _find(assembly: Assembly) -> Iterator[Spot]:
    for stack in assembly.stacks:
        keys = {each.logical_id: "Value" for each in stack.resources(STREAM_KEY)}
        keys |= {each.logical_id: "StreamKey" for each in stack.resources(*INGEST_CONFIGURATIONS)}
        secrets = _secrets_with(stack, keys)
        for path, node in walk(stack.template):
            exposed = _is_key(node, keys) or _reads_secret(node, secrets)
            if exposed and not _is_kept(stack, path):
                section, name, *rest = (*path, "", "")
                resource = section == "Resources"
                location = ".".join(part for part in (rest if resource else path) if part)
                yield Spot(stack, name, location, "" if resource else f"in {section}")


def _secrets_with(stack: StackTemplate, keys: dict[str, str]) -> set[str]:
    """The secrets that hold a key; a reference to a secret's value exposes the key as well."""
    return {
        secret.logical_id
        for secret in stack.resources(_SECRET)
        for _, node in walk(secret.properties.get("SecretString"))
        if _is_key(node, keys)
    }


def _reads_secret(node: object, secrets: set[str]) -> bool:
    """Whether a string has a dynamic reference to a secret's value, as from `unsafe_unwrap`."""
    if not isinstance(node, dict) or not cast("Json", node).keys() & {"Fn::Join", "Fn::Sub"}:
        return False
    # With values of its own, Fn::Sub is a list.
    text = text_of(cast("Json", node)).replace('"', "")
    return any(f"{_DYNAMIC}${{{name}}}" in text for name in secrets)


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
