"""Members of enums are the strings that Amazon IVS takes."""

from __future__ import annotations

from enum import StrEnum

import pytest

from ivs_constructs import (
    ChannelType,
    ContainerFormat,
    LatencyMode,
    MaximumResolution,
    Policy,
    Preset,
    RecordingMode,
    RenditionSelection,
    Resolution,
    Storage,
)


@pytest.mark.parametrize(
    ("choices", "names"),
    [
        (ChannelType, {"BASIC", "STANDARD", "ADVANCED_SD", "ADVANCED_HD"}),
        (LatencyMode, {"LOW", "NORMAL"}),
        (Preset, {"HIGHER_BANDWIDTH_DELIVERY", "CONSTRAINED_BANDWIDTH_DELIVERY"}),
        (ContainerFormat, {"TS", "FRAGMENTED_MP4"}),
        (MaximumResolution, {"FULL_HD", "HD", "SD"}),
        (Policy, {"ALLOW", "REQUIRE"}),
        (RecordingMode, {"INTERVAL", "DISABLED"}),
        (RenditionSelection, {"ALL", "NONE", "CUSTOM"}),
        (Resolution, {"FULL_HD", "HD", "SD", "LOWEST_RESOLUTION"}),
        (Storage, {"SEQUENTIAL", "LATEST"}),
    ],
)
def test_enum_members_are_their_own_strings(choices: type[StrEnum], names: set[str]) -> None:
    assert set(choices.__members__) == names
    assert all(member == name == str(member) for name, member in choices.__members__.items())
