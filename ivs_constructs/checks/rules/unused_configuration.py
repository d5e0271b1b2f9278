"""Recording and encoder configurations that nothing uses."""

from __future__ import annotations

from collections.abc import Iterator

from ivs_constructs.checks.assembly import Assembly, walk
from ivs_constructs.checks.rule import Rule, Spot, spot
from ivs_constructs.checks.types import ENCODERS, RECORDING_CONFIGURATION


def _find(assembly: Assembly) -> Iterator[Spot]:
    for configuration in assembly.resources(RECORDING_CONFIGURATION, *ENCODERS):
        name = configuration.logical_id
        # Whatever refers to it: another resource, an output, an export.
        used = any(
            _is_reference(node, name)
            for path, node in walk(configuration.stack.template)
            if path[:2] != ("Resources", name)
        )
        if not used:
            yield spot(configuration, "")


def _is_reference(node: object, name: str) -> bool:
    match node:
        case {"Ref": str(to)} | {"Fn::GetAtt": [str(to), str()]}:
            return to == name
        case {"Fn::GetAtt": str(text)}:
            return text.partition(".")[0] == name
        case str(text):
            return f"${{{name}}}" in text or f"${{{name}." in text
        case _:
            return False


RULE = Rule(
    id="UnusedConfiguration",
    level="warning",
    summary="nothing uses the configuration",
    reason="no channel or composition uses it, and it counts against a quota",
    fix="pass it to a channel or a composition, or remove it",
    source="IVS service quotas",
    find=_find,
)
