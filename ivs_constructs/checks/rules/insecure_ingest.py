"""Ingest without encryption."""

from __future__ import annotations

from collections.abc import Iterator

from ivs_constructs.checks.assembly import Assembly, alternatives
from ivs_constructs.checks.rule import Rule, Spot, spot
from ivs_constructs.checks.types import CHANNEL, INGEST_CONFIGURATIONS


def _find(assembly: Assembly) -> Iterator[Spot]:
    for resource in assembly.resources(CHANNEL, *INGEST_CONFIGURATIONS):
        given = alternatives(resource.properties.get("InsecureIngest"))
        if any(each in (True, "true") for each in given):
            yield spot(resource, "Properties", "InsecureIngest")


RULE = Rule(
    id="InsecureIngest",
    level="warning",
    summary="ingest is not encrypted",
    reason="stream key and video cross the network unencrypted",
    fix="drop InsecureIngest, and broadcast over RTMPS",
    source="IVS API, CreateChannel: insecureIngest",
    find=_find,
)
