"""A double of both APIs of Amazon IVS, as far as fleets use them: quotas, lists that lag, what is
live, and who touched what."""

from __future__ import annotations

import itertools
import re
from collections import defaultdict, deque
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from ivs_constructs.fleets.function.settings import FLEET_TAG
from ivs_constructs.fleets.function.steps import Call, CallError

PREFIX = "arn:aws:ivs:eu-west-1:123456789012"

CALLS_A_SECOND = 5


@dataclass
class Made:
    """A stage, channel or stream key."""

    arn: str
    tags: dict[str, str]
    data: dict[str, Any]
    made: float
    gone: float | None = None
    live: bool = False
    began: float = 0
    ended: float = 0
    key: str = ""
    touched: list[str] = field(default_factory=list)

    def shown_live(self, then: float) -> bool:
        """Whether it was live at a time."""
        return self.began <= then if self.live else self.began <= then < self.ended


class Ivs:
    """One account in one Region.

    Args:
        now: Tells the time.
        lag: How many seconds lists show what is made or deleted too late.
        quota: How many stages, or channels, there may be.
        others: How many calls a second of each operation other programs take.
    """

    def __init__(
        self, now: Callable[[], float], lag: float = 10, quota: int = 1000, others: int = 0
    ) -> None:
        self._now = now
        self.lag = lag
        self.quota = quota
        self._others = others
        self.made: dict[str, Made] = {}
        self.calls = 0
        self.refused = 0
        self._ids = itertools.count(1)
        self._times: dict[str, deque[float]] = defaultdict(deque)

    def there(self, arn: str) -> Made | None:
        found = self.made.get(arn)
        return found if found is not None and found.gone is None else None

    def own(self, fleet: str) -> list[Made]:
        return [
            each
            for each in self.made.values()
            if each.gone is None
            and each.tags.get(FLEET_TAG) == fleet
            and "stream-key" not in each.arn
        ]

    def keys_of(self, arn: str) -> list[Made]:
        """All stream keys that a channel has had."""
        return [each for each in self.made.values() if each.data.get("channel") == arn]

    def make(self, kind: str, tags: dict[str, str], **data: object) -> Made:
        arn = f"{PREFIX}:{kind}/{next(self._ids):012d}"
        made = self.made[arn] = Made(arn, dict(tags), data, self._now())
        if kind == "channel":
            made.key = self.make("stream-key", {}, channel=arn).arn
        return made

    def serve(self, call: Call) -> dict[str, Any]:
        """Let a call take effect."""
        self.calls += 1
        self._throttle(call)
        answer: dict[str, Any] = getattr(self, f"_on_{_snake(call.operation)}")(
            call, **{_snake(name): each for name, each in call.parameters.items()}
        )
        return answer

    def _throttle(self, call: Call) -> None:
        times, now = self._times[call.operation], self._now()
        while times and times[0] <= now - 1:
            times.popleft()
        limit = (10 if "Tag" in call.operation else CALLS_A_SECOND) - self._others
        if len(times) >= limit:
            self.refused += 1
            raise CallError(call.operation, "ThrottlingException", throttled=True)
        times.append(now)

    def _find(self, call: Call, arn: str) -> Made:
        found = self.there(arn)
        if found is None:
            raise CallError(call.operation, "ResourceNotFoundException")
        return found

    def _create(self, call: Call, kind: str, tags: dict[str, str], data: dict[str, Any]) -> Made:
        there = sum(1 for each in self.made.values() if f":{kind}/" in each.arn and not each.gone)
        if there >= self.quota:
            raise CallError(call.operation, "ServiceQuotaExceededException")
        return self.make(kind, tags, **data)

    def _on_create_stage(self, call: Call, tags: dict[str, str], **data: object) -> dict[str, Any]:
        made = self._create(call, "stage", tags, data)
        endpoints = {"events": "wss://events", "whip": f"https://{made.arn[-12:]}.whip"}
        return {"stage": {"arn": made.arn, "endpoints": endpoints}}

    def _on_create_channel(
        self, call: Call, tags: dict[str, str], **data: object
    ) -> dict[str, Any]:
        made = self._create(call, "channel", tags, data)
        channel = {"arn": made.arn, "playbackUrl": "https://p", "ingestEndpoint": "ingest"}
        return {"channel": channel, "streamKey": {"arn": made.key, "value": f"sk_{made.key}"}}

    def _update(self, call: Call, arn: str, data: dict[str, Any]) -> None:
        made = self._find(call, arn)
        made.touched.append(call.operation)
        if made.live and ":channel/" in arn:
            raise CallError(call.operation, "ConflictException")
        made.data.update(data)

    def _on_update_stage(self, call: Call, arn: str, **data: object) -> dict[str, Any]:
        self._update(call, arn, data)
        return {}

    _on_update_channel = _on_update_stage

    def _on_delete_stage(self, call: Call, arn: str) -> dict[str, Any]:
        made = self._find(call, arn)
        made.touched.append(call.operation)
        made.gone = self._now()
        return {}

    def _on_delete_channel(self, call: Call, arn: str) -> dict[str, Any]:
        made = self._find(call, arn)
        made.touched.append(call.operation)
        if made.live:
            raise CallError(call.operation, "ConflictException")
        made.gone = self._now()
        if made.key and self.there(made.key):
            self.made[made.key].gone = self._now()
        return {}

    def _on_delete_stream_key(self, call: Call, arn: str) -> dict[str, Any]:
        self._find(call, arn).gone = self._now()
        return {}

    def _on_get_stage(self, call: Call, arn: str) -> dict[str, Any]:
        made = self._find(call, arn)
        return {"stage": {"arn": arn, **({"activeSessionId": "st-1"} if made.live else {})}}

    def _on_list_stage_sessions(self, _: Call, stage_arn: str) -> dict[str, Any]:
        return {"stageSessions": self._sessions(stage_arn)}

    def _on_list_stream_sessions(self, _: Call, channel_arn: str) -> dict[str, Any]:
        return {"streamSessions": self._sessions(channel_arn)}

    def _sessions(self, arn: str) -> list[dict[str, Any]]:
        made = self.there(arn)
        if made is None or not made.ended:
            return []
        return [{"endTime": datetime.fromtimestamp(made.ended, UTC)}]

    def _on_get_stream(self, call: Call, channel_arn: str) -> dict[str, Any]:
        if not self._find(call, channel_arn).live:
            raise CallError(call.operation, "ChannelNotBroadcasting")
        return {"stream": {"channelArn": channel_arn, "state": "LIVE"}}

    def _on_stop_stream(self, call: Call, channel_arn: str) -> dict[str, Any]:
        made = self._find(call, channel_arn)
        made.touched.append(call.operation)
        if not made.live:
            raise CallError(call.operation, "ChannelNotBroadcasting")
        # An encoder that still has a key is back at once.
        made.live = bool(self.there(made.key))
        made.ended = self._now()
        return {}

    def _on_list_stream_keys(self, call: Call, channel_arn: str) -> dict[str, Any]:
        made = self._find(call, channel_arn)
        return {"streamKeys": [{"arn": made.key}] if self.there(made.key) else []}

    def _on_get_stream_key(self, call: Call, arn: str) -> dict[str, Any]:
        self._find(call, arn)
        return {"streamKey": {"arn": arn, "value": f"sk_{arn}"}}

    def _on_create_stream_key(
        self, call: Call, channel_arn: str, tags: dict[str, str]
    ) -> dict[str, Any]:
        made = self._find(call, channel_arn)
        if self.there(made.key):
            raise CallError(call.operation, "ServiceQuotaExceededException")
        made.key = self.make("stream-key", tags, channel=channel_arn).arn
        return {"streamKey": {"arn": made.key, "value": f"sk_{made.key}"}}

    def _on_tag_resource(
        self, call: Call, resource_arn: str, tags: dict[str, str]
    ) -> dict[str, Any]:
        made = self._find(call, resource_arn)
        made.touched.append(call.operation)
        made.tags.update(tags)
        return {}

    def _listed(
        self, kind: str, parameters: dict[str, object], wanted: Callable[[Made], bool]
    ) -> tuple[list[Made], dict[str, Any]]:
        now, begin = self._now(), int(str(parameters.get("next_token", 0)))
        shown = [
            each
            for each in self.made.values()
            if f":{kind}/" in each.arn
            and each.made <= now - self.lag
            and (each.gone is None or each.gone > now - self.lag)
            and wanted(each)
        ]
        end = begin + int(str(parameters["max_results"]))
        return shown[begin:end], {"nextToken": str(end)} if end < len(shown) else {}

    def _session(self, made: Made) -> dict[str, str]:
        return {"activeSessionId": "st-1"} if made.shown_live(self._now() - self.lag) else {}

    def go_live(self, arn: str) -> None:
        made = self.made[arn]
        made.live, made.began = made.gone is None, self._now()

    def end(self, arn: str) -> None:
        made = self.made[arn]
        made.live, made.ended = False, self._now()

    def _on_list_stages(self, _: Call, **parameters: object) -> dict[str, Any]:
        page, more = self._listed("stage", parameters, lambda _: True)
        stages = [
            {"arn": each.arn, "tags": dict(each.tags), **self._session(each)} for each in page
        ]
        return {"stages": stages, **more}

    def _on_list_channels(self, _: Call, **parameters: object) -> dict[str, Any]:
        page, more = self._listed("channel", parameters, lambda _: True)
        return {"channels": [{"arn": each.arn, "tags": dict(each.tags)} for each in page], **more}

    def _on_list_streams(self, _: Call, **parameters: object) -> dict[str, Any]:
        page, more = self._listed(
            "channel", parameters, lambda each: each.shown_live(self._now() - self.lag)
        )
        return {"streams": [{"channelArn": each.arn} for each in page], **more}


def _snake(name: str) -> str:
    return re.sub(r"(?<!^)(?=[A-Z])", "_", name).lower()
