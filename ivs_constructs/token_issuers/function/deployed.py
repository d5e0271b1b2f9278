"""Reads the settings that were fixed at deployment, and checks them.

The construct checks what is known at synth; the rest is checked here by the same rules, and a
function with a wrong value issues no tokens.
"""

from __future__ import annotations

import json
import os
import re
from collections.abc import Mapping, Sequence
from functools import lru_cache
from typing import Any, TypeVar, cast

from ivs_constructs.enums import MaximumResolution
from ivs_constructs.token_issuers.function.http_api import unique
from ivs_constructs.token_issuers.function.issuing import SettingsError
from ivs_constructs.token_issuers.function.settings import (
    COUNT,
    LONGEST_LIFETIME,
    MOST_RESOURCES,
    VALUE,
    VARIABLE,
    ParticipantSettings,
    PlaybackSettings,
)
from ivs_constructs.tokens._check import is_arn
from ivs_constructs.tokens._origins import is_origin

_Settings = TypeVar("_Settings", PlaybackSettings, ParticipantSettings)

_KINDS: dict[str, type[PlaybackSettings] | type[ParticipantSettings]] = {
    each.construct: each for each in (PlaybackSettings, ParticipantSettings)
}
_ADDRESS = re.compile(r"[a-z]+://[^\s/]\S*")
_KEY = re.compile(r"arn:aws[a-z-]*:kms:[a-z0-9-]+:[0-9]+:key/[A-Za-z0-9-]+")
_SECONDS = re.compile(r"[1-9][0-9]{0,6}")


def settings_of(kind: type[_Settings]) -> _Settings:
    """Read the settings that were fixed at deployment."""
    values: list[str] = []
    while (value := os.environ.get(f"{VARIABLE}_{len(values) + 1}")) is not None:
        values.append(value)
    try:
        return cast("_Settings", _read(kind.construct, os.environ.get(VARIABLE, ""), tuple(values)))
    except (TypeError, ValueError, RecursionError):
        # Text from another writer could be anything, so it is not shown.
        advice = (
            f"; if it was, {VARIABLE}_1 to {VARIABLE}_{len(values)} hold a deploy-time value that "
            "is not allowed, such as a text that is no origin"
            if values
            else ""
        )
        raise SettingsError(
            f"environment variable {VARIABLE} must hold what {kind.construct} writes there; deploy "
            f"the function by that construct{advice}"
        ) from None


@lru_cache(maxsize=2)
def _read(
    construct: str, text: str, values: tuple[str, ...]
) -> PlaybackSettings | ParticipantSettings:
    kind = _KINDS[construct]
    data: object = json.loads(text, object_pairs_hook=unique)
    _demand(isinstance(data, dict))
    members = cast("dict[str, Any]", data)
    _demand(members.pop(COUNT, 0) == len(values))
    used: list[int] = []
    filled = cast("dict[str, Any]", _filled(members, values, used))
    _demand(sorted(used) == list(range(1, len(values) + 1)))
    seconds = str(filled.get("max_lifetime"))
    _demand(_SECONDS.fullmatch(seconds) and int(seconds) <= LONGEST_LIFETIME[kind])
    filled["max_lifetime"] = int(seconds)
    settings = kind(**filled)
    _demand(_KEY.fullmatch(settings.signing_key_arn))
    if isinstance(settings, PlaybackSettings):
        _judge_playback(settings)
    else:
        _judge_participant(settings)
    return settings


def _filled(node: object, values: Sequence[str], used: list[int]) -> object:
    """Put each deploy-time value in the place where the text names it."""
    if isinstance(node, dict):
        members = cast("dict[str, object]", node)
        if members.keys() == {VALUE}:
            number = members[VALUE]
            _demand(isinstance(number, int) and 1 <= number <= len(values))
            used.append(cast("int", number))
            return values[used[-1] - 1]
        return {name: _filled(each, values, used) for name, each in members.items()}
    if isinstance(node, list):
        return [_filled(each, values, used) for each in cast("list[object]", node)]
    return node


def _judge_playback(settings: PlaybackSettings) -> None:
    entries = cast("Sequence[Mapping[str, str]]", settings.channels)
    _judge_entries(entries, "channel", {"channel_arn"}, {"channel_arn", "playback_url"})
    flags = (settings.strict_origin_enforcement, settings.single_use, settings.require_viewer)
    _demand(all(type(each) is bool for each in flags))
    if settings.allowed_origins is not None:
        origins = cast("list[object]", settings.allowed_origins)
        _demand(type(origins) is list and origins)
        # With a comma in it, a value would be two origins in the token.
        _demand(all(isinstance(each, str) and is_origin(each) for each in origins))
    _demand(settings.maximum_resolution in (None, *MaximumResolution))


def _judge_participant(settings: ParticipantSettings) -> None:
    entries = cast("Sequence[Mapping[str, str]]", settings.stages)
    names = {"stage_arn", "events_url", "whip_url"}
    _judge_entries(entries, "stage", names, names)
    _demand(is_arn(settings.public_key_arn, "public-key"))


def _judge_entries(
    entries: Sequence[Mapping[str, str]], resource: str, required: set[str], allowed: set[str]
) -> None:
    _demand(isinstance(entries, list) and 1 <= len(entries) <= MOST_RESOURCES)
    for entry in entries:
        _demand(isinstance(entry, dict) and required <= entry.keys() <= allowed)
        _demand(is_arn(entry[f"{resource}_arn"], resource))
        addresses = [text for name, text in entry.items() if name.endswith("_url")]
        _demand(all(_ADDRESS.fullmatch(each) for each in addresses))


def _demand(fine: object) -> None:
    if not fine:
        raise ValueError("not what the construct writes")
