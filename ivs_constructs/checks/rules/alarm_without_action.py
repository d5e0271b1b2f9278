"""Alarms that notify nobody."""

from __future__ import annotations

import json
from collections.abc import Iterator

from ivs_constructs.checks.assembly import Assembly, Resource, walk
from ivs_constructs.checks.rule import Rule, Spot, spot

_NAMESPACES = ("AWS/IVS", "AWS/IVSRealTime", "AWS/IVSChat")


def _find(assembly: Assembly) -> Iterator[Spot]:
    composite = json.dumps(
        [each.properties for each in assembly.resources("AWS::CloudWatch::CompositeAlarm")]
    )
    for alarm in assembly.resources("AWS::CloudWatch::Alarm"):
        actions = alarm.properties.get("AlarmActions")
        off = alarm.properties.get("ActionsEnabled") in (False, "false")
        # A composite alarm notifies for the alarms in it.
        if _on_ivs(alarm) and (off or not actions) and f'"{alarm.logical_id}"' not in composite:
            where = "ActionsEnabled" if off else "AlarmActions"
            yield spot(alarm, "Properties", where)


def _on_ivs(alarm: Resource) -> bool:
    return any(
        path[-1:] == ("Namespace",) and value in _NAMESPACES
        for path, value in walk(alarm.properties)
    )


RULE = Rule(
    id="AlarmWithoutAction",
    level="warning",
    summary="the alarm notifies nobody",
    reason="it only changes color on a page that nobody watches",
    fix="give it an action, such as an SNS topic",
    source="CloudWatch user guide, alarm actions",
    find=_find,
)
