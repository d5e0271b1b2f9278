"""As much of EventBridge as the rule uses: patterns of exact values, and input transformers."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from typing import Any


def stage_update(stage_arn: str, session: str, participant: str, name: str) -> dict[str, Any]:
    """Write an event of a stage.

    See: https://docs.aws.amazon.com/ivs/latest/RealTimeUserGuide/eventbridge.html
    """
    return {
        "version": "0",
        "id": f"event-of-{participant}",
        "detail-type": "IVS Stage Update",
        "source": "aws.ivs",
        "account": "123456789012",
        "time": "2026-11-21T20:15:00Z",
        "region": "us-east-1",
        "resources": [stage_arn],
        "detail": {
            "session_id": session,
            "event_name": name,
            "event_time": "2026-11-21T20:15:00Z",
            "user_id": "a person's name",
            "participant_id": participant,
        },
    }


def matches(pattern: Mapping[str, Any], event: Mapping[str, Any]) -> bool:
    """Whether a rule's pattern matches an event."""
    for name, wanted in pattern.items():
        found = event.get(name)
        if isinstance(wanted, Mapping):
            if not isinstance(found, Mapping) or not matches(wanted, found):
                return False
        elif not {*wanted} & {*(found if isinstance(found, list) else [found])}:
            return False
    return True


def transformed(target: Mapping[str, Any], event: Mapping[str, Any]) -> object:
    """What a rule's target gets of an event."""
    transformer = target["InputTransformer"]
    text = transformer["InputTemplate"]
    for name, path in transformer["InputPathsMap"].items():
        value: Any = event
        for part in path.removeprefix("$.").split("."):
            value = value[part]
        text = text.replace(f"<{name}>", json.dumps(value))
    assert not re.search(r"<[\w-]+>", text)
    return json.loads(text)
