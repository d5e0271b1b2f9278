"""Tags that this library keeps for itself."""

from __future__ import annotations

from collections.abc import Iterator
from typing import cast

from ivs_constructs.checks.assembly import Assembly, Json, alternatives, listed, text_of
from ivs_constructs.checks.rule import Rule, Spot, spot

_RESERVED = "ivs-constructs:"
_TYPES = ("AWS::IVS::", "Custom::IVS")


def _find(assembly: Assembly) -> Iterator[Spot]:
    for resource in assembly.resources():
        if not resource.type.startswith(_TYPES):
            continue
        given = [
            key for each in alternatives(resource.properties.get("Tags")) for key in _keys(each)
        ]
        # IAM ignores case there.
        reserved = [key for key in given if key.casefold().startswith(_RESERVED)]
        if reserved:
            yield spot(resource, "Properties.Tags", detail=reserved[0])


def _keys(tags: object) -> Iterator[str]:
    for several in listed(tags):
        for tag in alternatives(several):
            if isinstance(tag, dict):
                yield text_of(cast("Json", tag).get("Key", ""))


RULE = Rule(
    id="ReservedTag",
    level="error",
    summary=f"a tag starts with {_RESERVED}",
    reason="these tags tell fleets and custom resources what is theirs to change and delete",
    fix="give the tag another key",
    source="Security, tags are the authority",
    find=_find,
)
